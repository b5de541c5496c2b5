"""The kinds of small changes of one node of a syntax tree, each with its sentence.

Each function here takes a node and gives pairs: a sentence, and what makes the changed node of such a node.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.build.near import sentences as say

Change = tuple[str, Callable[..., ast.AST]]

OPERATORS = {
    (ast.Add, ast.Sub): say.SIGN,
    (ast.Sub, ast.Add): say.SIGN,
    (ast.Mult, ast.Add): say.ADDED,
    (ast.Add, ast.Mult): say.MULTIPLIED,
    (ast.Mult, ast.Div): say.DIVIDED,
    (ast.Div, ast.Mult): say.NOT_DIVIDED,
    (ast.MatMult, ast.Mult): say.ELEMENTWISE,
}
FUNCTIONS = {
    "sum": ("mean", say.MEAN),
    "mean": ("sum", say.SUM),
    "sin": ("cos", say.FUNCTION),
    "cos": ("sin", say.FUNCTION),
    "max": ("min", say.FUNCTION),
    "min": ("max", say.FUNCTION),
    "maximum": ("minimum", say.FUNCTION),
    "minimum": ("maximum", say.FUNCTION),
    "argmax": ("argmin", say.FUNCTION),
    "argmin": ("argmax", say.FUNCTION),
    "floor": ("ceil", say.FUNCTION),
    "ceil": ("floor", say.FUNCTION),
    "log": ("log2", say.FUNCTION),
    "exp": ("log", say.FUNCTION),
    "std": ("var", say.FUNCTION),
    "var": ("std", say.FUNCTION),
    "all": ("any", say.QUANTIFIER),
    "any": ("all", say.QUANTIFIER),
}
COMPARISONS = {
    ast.Lt: ((ast.LtE, say.BOUNDARY), (ast.Gt, say.COMPARISON)),
    ast.LtE: ((ast.Lt, say.BOUNDARY), (ast.GtE, say.COMPARISON)),
    ast.Gt: ((ast.GtE, say.BOUNDARY), (ast.Lt, say.COMPARISON)),
    ast.GtE: ((ast.Gt, say.BOUNDARY), (ast.LtE, say.COMPARISON)),
    ast.Eq: ((ast.NotEq, say.COMPARISON),),
    ast.NotEq: ((ast.Eq, say.COMPARISON),),
}
# Of Python itself, by their names alone.
BUILTINS = {
    "max": ("min", say.FUNCTION),
    "min": ("max", say.FUNCTION),
    "all": ("any", say.QUANTIFIER),
    "any": ("all", say.QUANTIFIER),
}
DROPPED = {
    ast.Mult: say.FACTOR,
    ast.Add: say.TERM,
    ast.Sub: say.TERM,
    ast.Div: say.DIVISION,
    ast.Pow: say.POWER,
    ast.MatMult: say.FACTOR,
}


def of_node(node: ast.AST, tree: ast.Module) -> Iterator[Change]:
    """What one slip makes of it: another operator, a part left out, another name or number in its place."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield say.SIGN, lambda n: n.operand
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield say.TRANSPOSE, lambda n: n.value
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from _of_number(node, say.INDEX if _is_index(node, tree) else say.NUMBER)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _of_name(node, tree)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for new, sentence in COMPARISONS.get(type(node.ops[0]), ()):
            yield sentence, lambda n, new=new: _set(n, ops=[new()])
    elif isinstance(node, ast.AugAssign):
        yield say.OVERWRITES, lambda n: ast.Assign([n.target], n.value)
    elif isinstance(node, ast.comprehension):
        yield from _of_loop(node)
    elif isinstance(node, (ast.If, ast.IfExp)):
        for value in (True, False):
            yield say.BRANCH, lambda n, value=value: _set(n, test=ast.Constant(value))
    elif isinstance(node, (ast.FunctionDef, ast.For, ast.While)):
        yield from _of_loop(node) if isinstance(node, ast.For) else ()
        for place, statement in enumerate(node.body):
            if len(node.body) > 1 and not isinstance(statement, (ast.Return, ast.Expr)):
                yield say.STEP, lambda n, place=place: _set(n, body=n.body[:place] + n.body[place + 1 :])


def of_functions(node: ast.AST, functions: Sequence[str]) -> Iterator[Change]:
    """Another function of the notebook in its place, or one of them once too often."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        for name in functions:
            if isinstance(node.func, ast.Name) and node.func.id != name:
                yield say.FUNCTION, lambda n, name=name: _set(n, func=ast.Name(name, ast.Load()))
            yield say.TWICE, lambda n, name=name: _set(n, args=[ast.Call(ast.Name(name, ast.Load()), n.args, [])])


def of_sides(node: ast.AST, functions: Sequence[str]) -> Iterator[Change]:
    """One side of a product by its size alone, squared, or through a function of the notebook."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult)):
        for side in ("left", "right"):
            for name in functions:
                yield say.TWICE, lambda n, side=side, name=name: _set(n, **{side: _called(name, getattr(n, side))})
            yield say.SIZE_ALONE, lambda n, side=side: _set(n, **{side: _called("abs", getattr(n, side))})
            squared = lambda n, side=side: _set(n, **{side: ast.BinOp(getattr(n, side), ast.Pow(), ast.Constant(2))})  # noqa: E731
            yield say.POWER, squared


def _called(name: str, inside: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [inside], [])


def _of_loop(node: ast.For | ast.comprehension) -> Iterator[Change]:
    for sentence, start, end in (
        (say.FIRST, None, 1),
        (say.LAST, -1, None),
        (say.ALL_BUT, 1, None),
        (say.ALL_BUT, None, -1),
    ):
        part = ast.Slice(*(None if each is None else ast.Constant(each) for each in (start, end)))
        yield sentence, lambda n, part=part: _set(n, iter=_part(n.iter, part))


def _part(items: ast.expr, part: ast.Slice) -> ast.Subscript:
    return ast.Subscript(ast.Call(ast.Name("list", ast.Load()), [items], []), part, ast.Load())


def _regrouped(node: ast.BinOp) -> Iterator[Change]:
    """(a - b) / c as a - b / c, and w * x + b as w * (x + b)."""
    if isinstance(node.left, ast.BinOp):
        yield say.PARENTHESES, lambda n: ast.BinOp(n.left.left, n.left.op, ast.BinOp(n.left.right, n.op, n.right))
    if isinstance(node.right, ast.BinOp):
        yield say.PARENTHESES, lambda n: ast.BinOp(ast.BinOp(n.left, n.op, n.right.left), n.right.op, n.right.right)
    if isinstance(node.op, ast.Pow) and isinstance(node.left, ast.BinOp):
        yield say.ORDER, lambda n: ast.BinOp(_power(n.left.left, n), n.left.op, _power(n.left.right, n))
    if isinstance(node.op, ast.Pow):
        yield say.POWER, lambda n: ast.Call(ast.Name("abs", ast.Load()), [n.left], [])


def _power(base: ast.expr, like: ast.BinOp) -> ast.BinOp:
    return ast.BinOp(base, ast.Pow(), like.right)


def _of_operation(node: ast.BinOp) -> Iterator[Change]:
    for (old, new), sentence in OPERATORS.items():
        if isinstance(node.op, old):
            yield sentence, lambda n, new=new: _set(n, op=new())
    yield from _regrouped(node)
    dropped = DROPPED.get(type(node.op))
    if dropped:
        yield dropped, lambda n: n.left
    if isinstance(node.op, (ast.Mult, ast.Add, ast.Sub, ast.MatMult)):
        yield dropped or say.TERM, lambda n: n.right
    if _is_square(node):
        yield say.DOUBLED, lambda n: ast.BinOp(ast.Constant(2), ast.Mult(), n.left)
    if isinstance(node.op, ast.Sub):
        yield say.TERM, lambda n: ast.UnaryOp(ast.USub(), n.right)
        yield say.DIFFERENCE, lambda n: ast.BinOp(n.right, n.op, n.left)
    if isinstance(node.op, ast.Div):
        yield say.FRACTION, lambda n: ast.BinOp(n.right, n.op, n.left)
    if isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):
            yield (
                say.TURNED,
                lambda n, side=side: _set(n, **{side: ast.Attribute(getattr(n, side), "T", ast.Load())}),
            )
        yield say.SIDES, lambda n: ast.BinOp(n.right, n.op, n.left)


def _is_square(node: ast.BinOp) -> bool:
    """Whether it is x * x or x ** 2."""
    if isinstance(node.op, ast.Mult):
        return ast.dump(node.left) == ast.dump(node.right)
    return isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in FUNCTIONS and isinstance(node.func, ast.Attribute):
        new, sentence = FUNCTIONS[name]
        yield sentence, lambda n: _set(n, func=ast.Attribute(n.func.value, new, ast.Load()))
    elif name in BUILTINS:
        other_name, sentence = BUILTINS[name]
        yield sentence, lambda n: _set(n, func=ast.Name(other_name, ast.Load()))
    inside = node.args[0] if len(node.args) == 1 else getattr(node.func, "value", None)
    if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Pow):
        yield say.ORDER, _power_outside
    if isinstance(inside, ast.Call) and len(node.args) == len(inside.args) == 1 and not node.keywords:
        yield say.ORDER, lambda n: _set(n.args[0], args=[_set(copy.copy(n), args=n.args[0].args)])
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield say.LEFT_OUT, lambda n: n.args[0]
    if isinstance(node.func, ast.Attribute) and not node.args:
        yield say.LEFT_OUT, lambda n: n.func.value
    if any(keyword.arg in ("axis", "keepdims") for keyword in node.keywords):
        yield say.AXIS, lambda n: _set(n, keywords=[k for k in n.keywords if k.arg != "axis"])
        for keyword in node.keywords:
            if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
                other = ast.Constant(1 - keyword.value.value if keyword.value.value in (0, 1) else 0)
                yield say.AXIS, lambda n, other=other: _set(n, keywords=[_axis(k, other) for k in n.keywords])
    if name in ("range", "reversed") and node.args:
        for by in (1, -1):
            yield say.LOOP, lambda n, by=by: _set(n, args=[*n.args[:-1], _plus(n.args[-1], by)])


def _power_outside(node: ast.Call) -> ast.BinOp:
    """mean(x ** 2) as mean(x) ** 2, and (x ** 2).mean() as x.mean() ** 2."""
    power: Any
    if len(node.args) == 1:
        power = node.args[0]
        node.args = [power.left]
    else:
        method: Any = node.func
        power = method.value
        method.value = power.left
    return ast.BinOp(node, ast.Pow(), power.right)


def _axis(keyword: ast.keyword, other: ast.Constant) -> ast.keyword:
    return ast.keyword(keyword.arg, other) if keyword.arg == "axis" else keyword


def _is_index(node: ast.Constant, tree: ast.Module) -> bool:
    indexes = [each.slice for each in ast.walk(tree) if isinstance(each, ast.Subscript)]
    return any(node is part for index in indexes for part in ast.walk(index))


def _of_number(node: ast.Constant, sentence: str) -> Iterator[Change]:
    for by in (1, -1):
        yield sentence, lambda n, by=by: ast.Constant(n.value + by)
    if node.value and sentence == say.NUMBER:
        yield say.NUMBER, lambda n: ast.Constant(n.value * 2)
        yield say.NUMBER, lambda n: ast.Constant(n.value / 2)


def _of_name(node: ast.Name, tree: ast.Module) -> Iterator[Change]:
    """Another quantity of the same function in its place."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and node in list(ast.walk(function)):
            arguments = [each.arg for each in function.args.args if each.arg != "self"]
            stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            for other in sorted({*arguments, *stored} - {node.id}):
                sentence = say.USED.format(other) if other in arguments else say.NAME
                yield sentence, lambda n, other=other: ast.Name(other, ast.Load())


def of_divisor(node: ast.AST, tree: ast.Module) -> Iterator[Change]:
    """Another argument added to what is divided by, or taken from it, or multiplied with it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Name):
        for function in [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]:
            if node in list(ast.walk(function)):
                for other in sorted({each.arg for each in function.args.args} - {"self", node.right.id}):
                    for by in (ast.Add, ast.Sub, ast.Mult):
                        yield say.DIVISOR, lambda n, other=other, by=by: _set(n, right=_with(n.right, by, other))


def _with(node: ast.expr, by: type[ast.operator], other: str) -> ast.BinOp:
    return ast.BinOp(node, by(), ast.Name(other, ast.Load()))


def _plus(node: ast.expr, by: int) -> ast.BinOp:
    return ast.BinOp(node, ast.Add(), ast.Constant(by))


def _set(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node
