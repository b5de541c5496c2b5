"""Every small change of a piece of code, one at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.build.near import sentences as say
from autograder.build.near.kinds import Change, of_divisor, of_functions, of_node, of_sides


def changes(source: str, answers: tuple[str, ...], functions: Sequence[str]) -> Iterator[tuple[str, ast.Module]]:
    """Every small change of a piece of code, with the sentence for its kind.

    functions: names of functions of the notebook that it might call.
    """
    tree = ast.parse(source)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        arguments = [each.arg for each in function.args.args if each.arg != "self"]
        for one, other in [(a, b) for a in arguments for b in arguments if a < b]:
            if function.name in answers:
                yield say.EXCHANGED.format(one, other), _exchanged(tree, function, one, other)
    indices = _indices(tree)
    for sentence, own in _everywhere(tree):
        yield sentence, ast.fix_missing_locations(own)
    nodes = list(ast.walk(tree))
    kinds: list[Callable[[ast.AST], Iterator[Change]]] = [
        lambda node: of_node(node, tree),
        lambda node: of_functions(node, functions),
        lambda node: of_divisor(node, tree),
        lambda node: of_sides(node, functions),  # rarer, so these come last
    ]
    for kind in kinds:
        for place, node in enumerate(nodes):
            for sentence, change in kind(node):
                own = copy.deepcopy(tree)
                twin = next(each for number, each in enumerate(ast.walk(own)) if number == place)
                new = change(twin)
                if new is not twin:
                    own = _Replace(twin, new).visit(own)
                yield indices.get(id(node), sentence), ast.fix_missing_locations(own)


def _everywhere(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """One habit in all places: rows taken for columns in every sum, mean and maximum."""
    own = copy.deepcopy(tree)
    axes = [node for node in ast.walk(own) if isinstance(node, ast.keyword) and node.arg == "axis"]
    for each in axes:
        if isinstance(each.value, ast.Constant) and each.value.value in (0, 1):
            each.value = ast.Constant(1 - each.value.value)
    if len(axes) > 1:
        yield say.AXES, own


def _indices(tree: ast.Module) -> dict[int, str]:
    """What is said of a wrong number or operator inside the brackets of a[l + 1] and x.shape[1]."""
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            sentence = say.SIZE if isinstance(node.value, ast.Attribute) and node.value.attr == "shape" else say.INDEX
            inside = [each for each in ast.walk(node.slice) if isinstance(each, (ast.BinOp, ast.Constant))]
            found |= {id(each): sentence for each in inside if not isinstance(getattr(each, "value", 0), str)}
    return found


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _exchanged(tree: ast.Module, function: ast.FunctionDef, one: str, other: str) -> ast.Module:
    """Both names exchanged wherever the function reads them."""
    own = copy.deepcopy(tree)
    twin = next(n for n in ast.walk(own) if isinstance(n, ast.FunctionDef) and n.name == function.name)
    for node in ast.walk(twin):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in (one, other):
            node.id = other if node.id == one else one
    return own
