"""Small changes of an answer's text: the general ones of cosmic-ray, and those that people make in this field."""

from __future__ import annotations

import ast
import builtins
import copy
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator, operator_names

# Of cosmic-ray's operators: a variable put in by chance is no mistake that people make, messages are not graded, and
# `is` for `==` is right or wrong by how Python keeps small things.
NOT_TAKEN = ("Variable", "Exception", "Decorator", "_Is", "NotEq_Lt", "NotEq_Gt")
# Sizes are never below 1, so nothing is asked below it.
OF_A_SIZE = ("Eq_LtE", "Gt_NotEq", "LtE_Eq", "NotEq_Gt", "Lt_NotEq", "Eq_GtE", "GtE_Eq")
SIZES = ("len(", ".shape", "ndim", ".size", "length", "size ")


@dataclass(frozen=True)
class Change:
    """One mutant: what was done, and the whole text of the answer with it."""

    kind: str
    text: str


def plain_text(source: str) -> str:
    """The answer in one layout, without what no mutant of it could change: docstrings, annotations, strict=True."""
    return ast.unparse(_Plain().visit(ast.parse(source)))


class _Plain(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def _without_docstring(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.keywords = [each for each in node.keywords if each.arg != "strict"]
        return node


def changes_of(text: str) -> Iterator[Change]:
    """Every mutant of a plain text, each text once."""
    seen = {text}
    for change in (*_of_the_field(text), *_general(text)):
        if change.text not in seen:
            seen.add(change.text)
            yield change


def _general(text: str) -> Iterator[Change]:
    tree = parso.parse(text)
    nodes = list(ast_nodes(tree))
    kept = pickle.dumps(tree)  # to read this is much faster than to parse the text again for each of its mutants
    for name in sorted(operator_names()):
        if any(part in name for part in NOT_TAKEN):
            continue
        operator = get_operator(name)()
        for occurrence in range(sum(1 for node in nodes for _ in operator.mutation_positions(node))):
            mutated = _mutated(text, pickle.loads(kept), operator, occurrence)
            if not (name.endswith(OF_A_SIZE) and _is_of_a_size(text, mutated)):
                yield Change(name.split("/")[-1], mutated)


def _is_of_a_size(text: str, mutated: str) -> bool:
    changed = [one for one, other in zip(text.splitlines(), mutated.splitlines(), strict=False) if one != other]
    return any(word in line or "'" in line for line in changed for word in SIZES)


def _mutated(text: str, tree: Any, operator: Any, occurrence: int) -> str:
    mutated = MutationVisitor(occurrence, operator).walk(tree).get_code()
    try:
        return ast.unparse(ast.parse(mutated))
    except SyntaxError:  # some operators fit the words and not the grammar
        return text


def _of_the_field(text: str) -> Iterator[Change]:
    tree = ast.parse(text)
    yield from _shapes_of_others(tree)
    yield from _other_names(tree)
    for parent in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(parent)):
            if isinstance(value, ast.AST):
                for kind, other in _expressions(value, parent):
                    setattr(parent, field, other)
                    yield Change(kind, _written(tree))
                setattr(parent, field, value)
            elif isinstance(value, list):
                yield from _in_a_list(tree, parent, field, value)


def _shapes_of_others(tree: ast.AST) -> Iterator[Change]:
    """The shape of one thing that a function is given, where that of another is meant."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        names = [each.arg for each in function.args.args if each.arg != "self"]
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr in ("shape", "size") and isinstance(node.value, ast.Name):
                own = node.value
                for name in names:
                    node.value = ast.Name(name, ast.Load())
                    yield Change("the shape of another", _written(tree))
                node.value = own


def _other_names(tree: ast.AST) -> Iterator[Change]:
    """One thing for another that is at hand: z for a, dw for db, w1 for w2. Where only a size is asked, see above."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        given = {each.arg for each in function.args.args} - {"self"}
        measured = {id(part) for node in ast.walk(function) if _is_measure(node) for part in ast.walk(node)}
        used = [node for node in ast.walk(function) if isinstance(node, ast.Name) and id(node) not in measured]
        made = {node.id for node in used if isinstance(node.ctx, ast.Store)}
        for node in used:
            name = node.id
            if isinstance(node.ctx, ast.Store) or name not in given | made:
                continue
            for other in sorted(given | made):
                if (name in given and other in given) or _alike(name, other):
                    node.id = other
                    yield Change("another name", _written(tree))
            node.id = name


def _is_measure(node: ast.AST) -> bool:
    """Whether this is len(…) or ….shape: things of one layer, or of the same examples, often are as many."""
    return _name_of(node) == "len" or (isinstance(node, ast.Attribute) and node.attr in ("shape", "size"))


def _alike(name: str, other: str) -> bool:
    """Whether two names differ in one letter or number."""
    return len(name) == len(other) and sum(one != two for one, two in zip(name, other, strict=True)) == 1


def _in_a_list(tree: ast.AST, parent: ast.AST, field: str, value: list) -> Iterator[Change]:
    for index, each in enumerate(value):
        if not isinstance(each, ast.AST):
            continue
        others = _statements(each) if isinstance(each, ast.stmt) else ((k, [o]) for k, o in _expressions(each, parent))
        for kind, some in others:
            setattr(parent, field, [*value[:index], *some, *value[index + 1 :]])
            yield Change(kind, _written(tree))
        if isinstance(each, (ast.For, ast.While)) and isinstance(value[-1], ast.Return):
            sooner = _with(each, body=[*each.body, value[-1]])
            setattr(parent, field, [*value[:index], sooner, *value[index + 1 :]])
            yield Change("an early return", _written(tree))
    setattr(parent, field, value)


def _written(tree: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))


# Expressions ---------------------------------------------------------------------------------------------------------

OTHER_NAMES = {
    "sum": ("mean", "prod", "max"), "mean": ("sum", "median"), "max": ("min", "sum"), "min": ("max",),
    "argmax": ("argmin",), "argmin": ("argmax",), "maximum": ("minimum", "add"), "minimum": ("maximum",),
    "exp": ("expm1",), "log": ("log1p", "log2"), "outer": ("inner",), "dot": ("multiply",),
    "ones": ("zeros",), "ones_like": ("zeros_like",), "floor": ("ceil",),
    "ceil": ("floor", "round"), "std": ("var",), "var": ("std",), "permutation": ("arange",), "sin": ("cos",),
    "cos": ("sin",), "append": ("extend",), "any": ("all",), "all": ("any",), "hstack": ("vstack",),
    "vstack": ("hstack",), "row": ("column",), "uniform": ("normal",), "normal": ("uniform",), "pop": ("index",),
    "union": ("intersection",), "update": ("difference_update",),
}  # fmt: skip
WRAPPERS = ("abs", "sorted", "reversed", "set", "round", "sqrt", "square", "exp", "log", "sign", "ravel",
            "flatten", "atleast_1d", "squeeze", "permutation", "clip", "maximum", "minimum", "negative")  # fmt: skip
COPIES = ("copy", "deepcopy", "list", "dict", "array")  # of what is returned: no matter
EITHER_WAY = ("add", "multiply", "maximum", "minimum", "hypot", "zip", "isclose", "allclose", "array_equal")


def _expressions(node: ast.AST, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    change = EXPRESSIONS.get(type(node))
    if change:
        yield from change(node, parent)


def _name_of(node: ast.AST) -> str:
    """The name of the function that is called: "sum" in np.sum(x), x.sum() and sum(x)."""
    function = getattr(node, "func", None)
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _calls(node: ast.Call, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    name = _name_of(node)
    for other in OTHER_NAMES.get(name, ()):
        yield "another function", _with(node, func=_renamed(node.func, other))
    if node.args and (name in WRAPPERS or (name in COPIES and not isinstance(parent, ast.Return))):
        yield "a call left out", node.args[0]
    if isinstance(node.func, ast.Name) and isinstance(parent, ast.BinOp) and not hasattr(builtins, name):
        yield "a floor", ast.parse(f"np.maximum({ast.unparse(node)}, 0.1)", mode="eval").body
    if name in ("copy", "astype", "ravel", "mean", "sum") and isinstance(node.func, ast.Attribute):
        yield "a call left out", node.func.value
    for index, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:index], *node.keywords[index + 1 :]]
        yield "an option left out", _with(node, keywords=rest)
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, int):
            turned = ast.keyword("axis", ast.Constant(1 - keyword.value.value))
            yield "another axis", _with(node, keywords=[*rest, turned])
    if name == "range" and len(node.args) == 1:
        yield "the first left out", _with(node, args=[ast.Constant(1), node.args[0]])
        yield "the last left out", _with(node, args=[_minus_one(node.args[0])])
    if len(node.args) == 2 and name not in EITHER_WAY:
        yield "arguments swapped", _with(node, args=node.args[::-1])


def _renamed(function: ast.expr, name: str) -> ast.expr:
    return _with(function, attr=name) if isinstance(function, ast.Attribute) else ast.Name(name, ast.Load())


def _with(node: Any, **fields: Any) -> Any:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _minus_one(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _plus_one(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def _attributes(node: ast.Attribute, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if node.attr == "T":
        yield "a transpose left out", node.value
    if node.attr == "size":
        yield "a shape for a size", _subscript(_with(node, attr="shape"), ast.Constant(0))


def _subscript(value: ast.expr, index: ast.expr) -> ast.expr:
    return ast.Subscript(value, index, ast.Load())


def _operations(node: ast.BinOp, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield "the left alone", node.left
    yield "the right alone", node.right
    if isinstance(node.op, ast.MatMult) and not _is_transpose(node.left) and not _is_transpose(node.right):
        yield "one transpose more", _with(node, left=ast.Attribute(node.left, "T", ast.Load()))
        yield "one transpose more", _with(node, right=ast.Attribute(node.right, "T", ast.Load()))
    if isinstance(node.op, ast.MatMult):
        yield "* for @", _with(node, op=ast.Mult())
    if isinstance(node.op, ast.Mult) and not any(isinstance(side, ast.Constant) for side in (node.left, node.right)):
        yield "@ for *", _with(node, op=ast.MatMult())
    sided = isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod))
    if sided and not _without_sign(parent):
        yield "the two sides swapped", _with(node, left=node.right, right=node.left)


def _is_transpose(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"


def _without_sign(parent: ast.AST) -> bool:
    """Whether the sign of what stands in here is lost: in abs(…), and in (…)**2."""
    squared = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) and ast.unparse(parent.right) == "2"
    return squared or _name_of(parent) in ("abs", "square", "norm")


def _comparisons(node: ast.Compare, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield "always true", ast.Constant(True)
    yield "never true", ast.Constant(False)


def _conditions(node: ast.IfExp, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield "one branch only", node.body
    yield "one branch only", node.orelse


def _indices(node: ast.Subscript, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.slice, ast.Slice):
        piece = node.slice
        yield "not a part, all", node.value
        if piece.lower and piece.upper:
            yield "no first bound", _with(node, slice=_with(piece, lower=None))
            yield "no last bound", _with(node, slice=_with(piece, upper=None))
        if piece.upper:
            yield "a bound off by one", _with(node, slice=_with(piece, upper=_minus_one(piece.upper)))
        if piece.lower:
            yield "a bound off by one", _with(node, slice=_with(piece, lower=_plus_one(piece.lower)))
    elif isinstance(node.ctx, ast.Load) and not isinstance(node.slice, (ast.Tuple, ast.Constant, ast.UnaryOp)):
        yield "an index off by one", _with(node, slice=_minus_one(node.slice))
        yield "an index off by one", _with(node, slice=_plus_one(node.slice))


def _unaries(node: ast.UnaryOp, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield "a sign left out", node.operand


def _comprehensions(node: Any, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    first, *rest = node.generators
    for kind, items in _fewer(first.iter, ordered=isinstance(node, ast.ListComp)):
        yield kind, _with(node, generators=[_with(first, iter=items), *rest])
    if first.ifs:
        yield "no condition", _with(node, generators=[_with(first, ifs=[]), *rest])


def _fewer(items: ast.expr, ordered: bool) -> Iterator[tuple[str, ast.expr]]:
    """The items of a loop: only some of them, in another order where that matters, or each once."""
    written = ast.unparse(items)
    some = {
        "only the first": "list({})[:1]",
        "the first left out": "list({})[1:]",
        "only the last": "list({})[-1:]",
        "the last left out": "list({})[:-1]",
    }
    if isinstance(items, (ast.Name, ast.Subscript)):
        some["each once"] = "list(dict.fromkeys({}))"
        if ordered:
            some |= {"backward": "list({})[::-1]", "sorted": "sorted({})"}
    for kind, form in some.items():
        yield kind, ast.parse(form.format(written), mode="eval").body


def _tuples(node: ast.Tuple, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.ctx, ast.Load):
        for i in range(len(node.elts) - 1):
            swapped = [*node.elts[:i], node.elts[i + 1], node.elts[i], *node.elts[i + 2 :]]
            yield "two results swapped", _with(node, elts=swapped)


def _lists(node: ast.List, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.ctx, ast.Load) and node.elts:
        yield "an item left out", _with(node, elts=node.elts[1:])
        yield "an item left out", _with(node, elts=node.elts[:-1])


def _truths(node: ast.BoolOp, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for i in range(len(node.values)):
        rest = [*node.values[:i], *node.values[i + 1 :]]
        yield "one condition left out", rest[0] if len(rest) == 1 else _with(node, values=rest)


EXPRESSIONS: dict[type, Callable[[Any, ast.AST], Iterator[tuple[str, ast.AST]]]] = {
    ast.Call: _calls,
    ast.Attribute: _attributes,
    ast.BinOp: _operations,
    ast.BoolOp: _truths,
    ast.Compare: _comparisons,
    ast.DictComp: _comprehensions,
    ast.GeneratorExp: _comprehensions,
    ast.IfExp: _conditions,
    ast.List: _lists,
    ast.ListComp: _comprehensions,
    ast.SetComp: _comprehensions,
    ast.Subscript: _indices,
    ast.Tuple: _tuples,
    ast.UnaryOp: _unaries,
}


# Statements ----------------------------------------------------------------------------------------------------------


OPPOSITE: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


def _statements(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    if isinstance(node, ast.FunctionDef):
        yield from _made_once(node)
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Return, ast.Raise)):
        return
    yield "a statement left out", [ast.Pass()]
    if isinstance(node, ast.AugAssign):
        yield "= for +=", [ast.Assign([node.target], node.value)]
        if type(node.op) in OPPOSITE:
            yield "-= for +=", [_with(node, op=OPPOSITE[type(node.op)]())]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        yield "+= for =", [ast.AugAssign(node.targets[0], ast.Add(), node.value)]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        yield from _in_place(node.targets[0], node.value)
    if isinstance(node, ast.For):
        only_adds = all(isinstance(each, ast.AugAssign) for each in node.body)
        for kind, items in _fewer(node.iter, ordered=not only_adds):
            yield kind, [_with(node, iter=items)]
    if isinstance(node, (ast.For, ast.While)):
        yield "an early break", [_with(node, body=[*node.body, ast.Break()])]
        yield "one statement out of the loop", [_with(node, body=node.body[:-1] or [ast.Pass()]), node.body[-1]]
    if isinstance(node, ast.If):
        yield "one branch only", node.body
        yield "one branch only", node.orelse or [ast.Pass()]


def _made_once(function: ast.FunctionDef) -> Iterator[tuple[str, list[ast.stmt]]]:
    """A list, dict or set that every call makes anew, as a default value: all calls then share it."""
    for index, each in enumerate(function.body):
        if not isinstance(each, ast.Assign) or not isinstance(each.targets[0], ast.Name) or not _is_fresh(each.value):
            continue
        given = function.args
        args = _with(given, args=[*given.args, ast.arg(each.targets[0].id)], defaults=[*given.defaults, each.value])
        rest = [*function.body[:index], *function.body[index + 1 :]]
        yield "made once for all calls", [_with(function, args=args, body=rest or [ast.Pass()])]


def _is_fresh(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return _name_of(value) in ("list", "dict", "set") and not value.args
    parts = value.elts if isinstance(value, ast.List) else value.values if isinstance(value, ast.Dict) else None
    return parts is not None and all(isinstance(part, ast.Constant) for part in parts)


def _in_place(target: ast.expr, value: ast.BinOp) -> Iterator[tuple[str, list[ast.stmt]]]:
    """x += 1 for x = x + 1, and the like."""
    if isinstance(target, (ast.Name, ast.Attribute, ast.Subscript)) and ast.unparse(target) == ast.unparse(value.left):
        yield "in place", [ast.AugAssign(target, value.op, value.right)]
