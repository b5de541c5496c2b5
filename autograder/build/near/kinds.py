"""Near misses: the reference with one small change, made by rule, and a sentence for each kind of change.

A wrong answer that is no known mistake often gives just what such a change would give. The sentence then names the kind
of slip and not its place, so it gives no answer away. Of each near miss only one number an aspect is kept.
"""

from __future__ import annotations

import ast
import copy
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from course_lib.asking import Outcome, ask, observed
from course_lib.exercises import Aspect, Case, Exercise
from course_lib.known import Near, near_aspects
from course_lib.prints import fingerprint, same_print

MOST = 250  # near misses that are kept of one exercise
MOST_LINES = 30_000  # that one may run for an aspect: a change can make a loop that never ends
FILE = "<near miss>"

SIGN = "A plus or a minus in one place is the wrong one."
FACTOR = "A factor is missing in one place: look at what is multiplied."
TERM = "A term is missing in one place: look at what is added or subtracted."
DIVISION = "Something should be divided in one place, and is not."
ADDED = "In one place you add where numbers should be multiplied."
MULTIPLIED = "In one place you multiply where numbers should be added."
DIVIDED = "In one place you divide where numbers should be multiplied."
NOT_DIVIDED = "In one place you multiply where numbers should be divided."
ELEMENTWISE = "In one place you multiply entry by entry where a matrix product belongs."
POWER = "A power is wrong or missing in one place."
NUMBER = "A number in your formula is wrong: look at each constant."
INDEX = "An index is off by one."
SIZE = "A size is taken along the wrong axis: what do rows and columns count?"
LOOP = "A loop begins too late, or ends too early or too late."
NAME = "In one place one quantity stands where another one belongs."
USED = "In one place `{}` stands where something else belongs."
EXCHANGED = "`{}` and `{}` are exchanged."
MEAN = "You take a mean where a sum belongs."
SUM = "You take a sum where a mean belongs."
FUNCTION = "In one place a function is the wrong one, such as a sine for a cosine or a maximum for a minimum."
QUANTIFIER = "One is enough for you where all must, or all must where one is enough: look at `any` and `all`."
DIVISOR = "You divide by a sum, a difference or a product where one quantity alone belongs."
EARLIER = "It gives what a mistake in an earlier exercise leads to."
DOUBLED = "In one place a number is doubled that should be squared."
LEFT_OUT = "A function is left out: what goes into it is used in place of what comes out of it."
TRANSPOSE = "A transpose is missing in one place."
TURNED = "In one place something is transposed that should not be."
COMPARISON = "A comparison is the wrong way round."
BOUNDARY = "A comparison is right but for equality: what should happen when both sides are equal?"
OVERWRITES = "What should be added to a sum takes its place: look at += and =."
STEP = "One step is left out."
AXES = "It is taken along rows where it should go along columns, or the other way round."
AXIS = "An axis is not given, or is the wrong one."
PARENTHESES = "Parentheses are missing or in the wrong place: what comes first?"
ORDER = "Two steps are in the wrong order, such as a square and a mean."
TWICE = "In one place a value goes through a function once too often."
SOME = "Only the first items count, where all should."
FIRST = "Only the first item counts, where all should."
LAST = "Only the last item counts, where all should."
ALL_BUT = "The first or the last item is left out."
SIZE_ALONE = "In one place a sign is lost: a size is taken where the number itself belongs."
BRANCH = "One branch of a condition is always taken, or never."

OPERATORS = {
    (ast.Add, ast.Sub): SIGN,
    (ast.Sub, ast.Add): SIGN,
    (ast.Mult, ast.Add): ADDED,
    (ast.Add, ast.Mult): MULTIPLIED,
    (ast.Mult, ast.Div): DIVIDED,
    (ast.Div, ast.Mult): NOT_DIVIDED,
    (ast.MatMult, ast.Mult): ELEMENTWISE,
}
FUNCTIONS = {
    "sum": ("mean", MEAN),
    "mean": ("sum", SUM),
    "sin": ("cos", FUNCTION),
    "cos": ("sin", FUNCTION),
    "max": ("min", FUNCTION),
    "min": ("max", FUNCTION),
    "maximum": ("minimum", FUNCTION),
    "minimum": ("maximum", FUNCTION),
    "argmax": ("argmin", FUNCTION),
    "argmin": ("argmax", FUNCTION),
    "floor": ("ceil", FUNCTION),
    "ceil": ("floor", FUNCTION),
    "log": ("log2", FUNCTION),
    "exp": ("log", FUNCTION),
    "std": ("var", FUNCTION),
    "var": ("std", FUNCTION),
    "all": ("any", QUANTIFIER),
    "any": ("all", QUANTIFIER),
}
COMPARISONS = {
    ast.Lt: ((ast.LtE, BOUNDARY), (ast.Gt, COMPARISON)),
    ast.LtE: ((ast.Lt, BOUNDARY), (ast.GtE, COMPARISON)),
    ast.Gt: ((ast.GtE, BOUNDARY), (ast.Lt, COMPARISON)),
    ast.GtE: ((ast.Gt, BOUNDARY), (ast.LtE, COMPARISON)),
    ast.Eq: ((ast.NotEq, COMPARISON),),
    ast.NotEq: ((ast.Eq, COMPARISON),),
}
# Of Python itself, by their names alone.
BUILTINS = {
    "max": ("min", FUNCTION),
    "min": ("max", FUNCTION),
    "all": ("any", QUANTIFIER),
    "any": ("all", QUANTIFIER),
}
DROPPED = {ast.Mult: FACTOR, ast.Add: TERM, ast.Sub: TERM, ast.Div: DIVISION, ast.Pow: POWER, ast.MatMult: FACTOR}


def near_misses(
    exercise: Exercise,
    cases: Mapping[str, Sequence[Case]],
    names: dict[str, Any],
    source: str,
    right: Mapping[str, Sequence[Outcome]],
    earlier: Sequence[str] = (),
) -> list[Near]:
    """The near misses of an exercise that lose something, each with what it gives, in numbers.

    names: what the notebook has defined; source: the reference answer; right: its outcomes; earlier: names of the
        answers before it.
    """
    if exercise.quiz or not exercise.ask_public:
        return []
    expected = {aspect.name: fingerprint(right[aspect.name]) for aspect in near_aspects(exercise)}
    aspects = [exercise.aspect(name) for name, number in expected.items() if number is not None]  # not texts
    found: dict[tuple, Near] = {}
    functions = sorted(name for name in earlier if name not in exercise.answers and _takes_one(names.get(name)))
    for sentence, tree in changes(source, exercise.answers, functions):
        if len(found) == MOST:
            break
        answer = _answer(exercise, names, tree)
        if answer is None:
            continue
        with _unheard():
            prints = _prints(exercise, aspects, cases, answer)
        prints = {name: number for name, number in prints.items() if not same_print(number, expected[name])}
        if prints:
            found.setdefault(_rounded(prints), Near(sentence, prints))
    reference = _Reference(
        exercise, aspects, cases, exercise.bundle(*(names[name] for name in exercise.answers)), right
    )
    for near in (*_of_a_part(reference), *_of_other_inputs(reference)):
        found.setdefault(_rounded(near.prints), near)
    return list(found.values())


def _rounded(prints: Mapping[str, float]) -> tuple:
    """By what near misses are told apart: of those that give the same numbers, the first is kept."""
    return tuple((name, f"{value:.5g}") for name, value in prints.items())


def _takes_one(function: Any) -> bool:
    """Whether it can be called with one value: any other would only stop."""
    try:
        inspect.signature(function).bind(0)
    except (TypeError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class _Reference:
    """The reference answer, the cases of the aspects in which it is looked at, and what is right in them."""

    exercise: Exercise
    aspects: Sequence[Aspect]
    cases: Mapping[str, Sequence[Case]]
    answer: Any
    right: Mapping[str, Sequence[Outcome]]

    def all_inputs(self) -> list[Mapping[str, Any]]:
        """The inputs of every case."""
        return [case.inputs for aspect in self.aspects for case in self.cases[aspect.name]]

    def with_inputs(self, sentence: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Iterator[Near]:
        """What it gives when the inputs are changed; and the same for one result alone."""
        given = {}
        with _unheard():
            for aspect in self.aspects:
                changed = [replace(case, inputs=change(case.inputs)) for case in self.cases[aspect.name]]
                given[aspect.name] = _given(self.exercise, aspect, changed, self.answer)
        given = {name: outcomes for name, outcomes in given.items() if outcomes}
        for outcomes in [given, *_one_result(given, self.right)]:
            lost = _lost(outcomes, self.right)
            if lost:
                yield Near(sentence, lost)


# Parts of what is given: the first example alone, all layers but the last, …
PARTS = [
    (FIRST, slice(None, 1)),
    (LAST, slice(-1, None)),
    (SOME, slice(None, 2)),
    (ALL_BUT, slice(None, -1)),
    (ALL_BUT, slice(1, None)),
]


def _of_a_part(reference: _Reference) -> Iterator[Near]:
    """What the reference gives for a part of the examples, or of the items of its lists; and for one result alone."""
    batches = _beside_each_other(reference.all_inputs())
    cuts: list[Callable[..., dict[str, Any]]] = [*(partial(_columns, names=names) for names in batches), _items]
    for sentence, part in PARTS:
        for cut in cuts:
            yield from reference.with_inputs(sentence, partial(cut, part=part))


def _lost(given: Mapping[str, Sequence[Outcome]], right: Mapping[str, Sequence[Outcome]]) -> dict[str, float]:
    """The fingerprints of the aspects in which something else is given than what is right."""
    prints = {name: fingerprint(each) for name, each in given.items()}
    known = {name: number for name, number in prints.items() if number is not None}
    return {name: number for name, number in known.items() if not same_print(number, fingerprint(right[name]))}


# What may happen to an input before it is used.
OTHER_INPUTS: list[tuple[str, Callable[[np.ndarray], Any]]] = [
    ("twice as large", lambda x: 2 * x),
    ("half as large", lambda x: x / 2),
    ("with the other sign", lambda x: -x),
    ("without its signs", np.abs),
    ("squared", np.square),
    ("that is 0 everywhere", lambda x: 0 * x),
    ("that is 1 everywhere", lambda x: 0 * x + 1),
    ("with its mean in every place", lambda x: np.full(np.shape(x), np.mean(x))),
    ("without its decimals", np.trunc),
    ("in reverse order", lambda x: x[::-1]),
]


def _of_other_inputs(reference: _Reference) -> Iterator[Near]:
    """What the reference gives for inputs to which something has happened, one of them at a time."""
    names = dict.fromkeys(name for inputs in reference.all_inputs() for name in inputs)
    for name in (each for each in names if each not in reference.exercise.internal):
        for words, change in OTHER_INPUTS:
            sentence = f"It is right for another `{name}`, one {words}. Is `{name}` changed on the way, or not used?"
            yield from reference.with_inputs(sentence, partial(_with_another, name=name, change=change))


def _with_another(inputs: Mapping[str, Any], name: str, change: Callable[[np.ndarray], Any]) -> dict[str, Any]:
    return {**inputs, name: _changed(inputs[name], change)} if name in inputs else dict(inputs)


def _changed(value: Any, change: Callable[[np.ndarray], Any]) -> Any:
    """A number that is not whole, an array, or each array of a list, changed. Everything else stays."""
    if isinstance(value, list) and any(isinstance(each, np.ndarray) for each in value):
        return [_changed(each, change) for each in value]
    if isinstance(value, np.ndarray) and value.ndim:
        return change(value)
    return float(change(np.array([value]))[0]) if isinstance(value, float) else value


def of_earlier(
    sentence: str, given: Mapping[str, Sequence[Outcome]], key: Mapping[str, Sequence[Outcome]]
) -> list[Near]:
    """The near miss that is a known mistake of an earlier exercise, written out again in this one."""
    lost = _lost({name: each for name, each in given.items() if not any(o.error or o.broken for o in each)}, key)
    return [Near(f"{EARLIER} {sentence}", lost)] if lost else []


def _beside_each_other(inputs: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """Names of arrays whose last axis has one length in every case: the examples stand along it. The largest groups."""
    names = [name for name, value in inputs[0].items() if isinstance(value, np.ndarray)] if inputs else []

    def alike(one: str, other: str) -> bool:
        return all(_last_axis(each.get(one)) == _last_axis(each.get(other)) for each in inputs)

    groups = [{other for other in names if alike(one, other)} for one in names]
    most = max(map(len, groups), default=0)
    return [group for place, group in enumerate(groups) if len(group) == most and group not in groups[:place]]


def _last_axis(value: Any) -> int:
    return value.shape[-1] if isinstance(value, np.ndarray) and value.ndim else 0


def _columns(inputs: Mapping[str, Any], part: slice, names: set[str]) -> dict[str, Any]:
    """The inputs with a part of the examples."""
    return {name: value[..., part] if name in names and _last_axis(value) else value for name, value in inputs.items()}


def _items(inputs: Mapping[str, Any], part: slice) -> dict[str, Any]:
    """The inputs with a part of each list."""
    return {name: value[part] if isinstance(value, list) else value for name, value in inputs.items()}


def _one_result(
    given: Mapping[str, Sequence[Outcome]], right: Mapping[str, Sequence[Outcome]]
) -> Iterator[dict[str, list[Outcome]]]:
    """The same with one named result alone, while the others are right. An aspect may ask for it by its name."""
    dicts = {name: each for name, each in given.items() if all(isinstance(o.value, dict) for o in each)}
    for key in dict.fromkeys(key for each in dicts.values() for outcome in each for key in outcome.value):
        alone = {name: list(each) for name, each in given.items() if name == key and name not in dicts}
        yield alone | {name: _with_one(key, right[name], each) for name, each in dicts.items()}


def _with_one(key: str, right: Sequence[Outcome], given: Sequence[Outcome]) -> list[Outcome]:
    return [
        replace(good, value={**good.value, key: cut.value[key]}) if key in cut.value else good
        for good, cut in zip(right, given, strict=True)
    ]


def _given(exercise: Exercise, aspect: Aspect, cases: Sequence[Case], answer: Any) -> list[Outcome]:
    """What an answer gives in all cases of an aspect; nothing when it fails in one of them."""
    given = [ask(exercise, aspect, answer, case.inputs) for case in cases]
    given = observed(aspect, cases, given)
    return [] if any(outcome.error or outcome.broken for outcome in given) else given


def _prints(
    exercise: Exercise, aspects: Sequence[Aspect], cases: Mapping[str, Sequence[Case]], answer: Any
) -> dict[str, float]:
    """What an answer gives, by aspect, in one number each; nothing when one of its cases fails."""
    found = {}
    for aspect in aspects:
        given = []
        for case in cases[aspect.name]:
            with _a_few_lines():  # for each case anew: Python stops looking at lines after an error
                given.append(ask(exercise, aspect, answer, case.inputs))
            if given[-1].error or given[-1].broken:
                return {}
        number = fingerprint(observed(aspect, cases[aspect.name], given))
        if number is None:
            return {}
        found[aspect.name] = number
    return found


def _answer(exercise: Exercise, names: dict[str, Any], tree: ast.Module) -> Any:
    own = dict(names)
    try:
        with _a_few_lines():
            exec(compile(tree, FILE, "exec"), own)
        return exercise.bundle(*(own[name] for name in exercise.answers))
    except Exception:  # a change may make code that means nothing; then it is no near miss
        return None


@contextmanager
def _unheard() -> Iterator[None]:
    """A change may hand NaN to LAPACK, which says so on the standard output of the process, past Python."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _a_few_lines() -> Iterator[None]:
    """Stop a near miss that runs for too many lines, however fast the machine is."""
    left = MOST_LINES

    def lines(frame: Any, event: str, arg: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left < 0:
            raise TimeoutError("a near miss that does not end")
        return lines

    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: lines if frame.f_code.co_filename == FILE else None)
    try:
        yield
    finally:
        sys.settrace(before)


def changes(source: str, answers: tuple[str, ...], functions: Sequence[str]) -> Iterator[tuple[str, ast.Module]]:
    """Every small change of a piece of code, with the sentence for its kind.

    functions: names of functions of the notebook that it might call.
    """
    tree = ast.parse(source)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        arguments = [each.arg for each in function.args.args if each.arg != "self"]
        for one, other in [(a, b) for a in arguments for b in arguments if a < b]:
            if function.name in answers:
                yield EXCHANGED.format(one, other), _exchanged(tree, function, one, other)
    indices = _indices(tree)
    for sentence, own in _everywhere(tree):
        yield sentence, ast.fix_missing_locations(own)
    nodes = list(ast.walk(tree))
    kinds: list[Callable[[ast.AST], Iterator[Change]]] = [
        lambda node: _of_node(node, tree),
        lambda node: _of_functions(node, functions),
        lambda node: _of_divisor(node, tree),
        lambda node: _of_sides(node, functions),  # rarer, so these come last
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
        yield AXES, own


def _indices(tree: ast.Module) -> dict[int, str]:
    """What is said of a wrong number or operator inside the brackets of a[l + 1] and x.shape[1]."""
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            sentence = SIZE if isinstance(node.value, ast.Attribute) and node.value.attr == "shape" else INDEX
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


Change = tuple[str, Callable[..., ast.AST]]


def _of_node(node: ast.AST, tree: ast.Module) -> Iterator[Change]:
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield SIGN, lambda n: n.operand
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield TRANSPOSE, lambda n: n.value
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from _of_number(node, INDEX if _is_index(node, tree) else NUMBER)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _of_name(node, tree)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for new, sentence in COMPARISONS.get(type(node.ops[0]), ()):
            yield sentence, lambda n, new=new: _set(n, ops=[new()])
    elif isinstance(node, ast.AugAssign):
        yield OVERWRITES, lambda n: ast.Assign([n.target], n.value)
    elif isinstance(node, ast.comprehension):
        yield from _of_loop(node)
    elif isinstance(node, (ast.If, ast.IfExp)):
        for value in (True, False):
            yield BRANCH, lambda n, value=value: _set(n, test=ast.Constant(value))
    elif isinstance(node, (ast.FunctionDef, ast.For, ast.While)):
        yield from _of_loop(node) if isinstance(node, ast.For) else ()
        for place, statement in enumerate(node.body):
            if len(node.body) > 1 and not isinstance(statement, (ast.Return, ast.Expr)):
                yield STEP, lambda n, place=place: _set(n, body=n.body[:place] + n.body[place + 1 :])


def _of_functions(node: ast.AST, functions: Sequence[str]) -> Iterator[Change]:
    """Another function of the notebook in its place, or one of them once too often."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        for name in functions:
            if isinstance(node.func, ast.Name) and node.func.id != name:
                yield FUNCTION, lambda n, name=name: _set(n, func=ast.Name(name, ast.Load()))
            yield TWICE, lambda n, name=name: _set(n, args=[ast.Call(ast.Name(name, ast.Load()), n.args, [])])


def _of_sides(node: ast.AST, functions: Sequence[str]) -> Iterator[Change]:
    """One side of a product by its size alone, squared, or through a function of the notebook."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult)):
        for side in ("left", "right"):
            for name in functions:
                yield TWICE, lambda n, side=side, name=name: _set(n, **{side: _called(name, getattr(n, side))})
            yield SIZE_ALONE, lambda n, side=side: _set(n, **{side: _called("abs", getattr(n, side))})
            squared = lambda n, side=side: _set(n, **{side: ast.BinOp(getattr(n, side), ast.Pow(), ast.Constant(2))})  # noqa: E731
            yield POWER, squared


def _called(name: str, inside: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [inside], [])


def _of_loop(node: ast.For | ast.comprehension) -> Iterator[Change]:
    for sentence, start, end in ((FIRST, None, 1), (LAST, -1, None), (ALL_BUT, 1, None), (ALL_BUT, None, -1)):
        part = ast.Slice(*(None if each is None else ast.Constant(each) for each in (start, end)))
        yield sentence, lambda n, part=part: _set(n, iter=_part(n.iter, part))


def _part(items: ast.expr, part: ast.Slice) -> ast.Subscript:
    return ast.Subscript(ast.Call(ast.Name("list", ast.Load()), [items], []), part, ast.Load())


def _regrouped(node: ast.BinOp) -> Iterator[Change]:
    """(a - b) / c as a - b / c, and w * x + b as w * (x + b)."""
    if isinstance(node.left, ast.BinOp):
        yield PARENTHESES, lambda n: ast.BinOp(n.left.left, n.left.op, ast.BinOp(n.left.right, n.op, n.right))
    if isinstance(node.right, ast.BinOp):
        yield PARENTHESES, lambda n: ast.BinOp(ast.BinOp(n.left, n.op, n.right.left), n.right.op, n.right.right)
    if isinstance(node.op, ast.Pow) and isinstance(node.left, ast.BinOp):
        yield ORDER, lambda n: ast.BinOp(_power(n.left.left, n), n.left.op, _power(n.left.right, n))
    if isinstance(node.op, ast.Pow):
        yield POWER, lambda n: ast.Call(ast.Name("abs", ast.Load()), [n.left], [])


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
        yield dropped or TERM, lambda n: n.right
    if _is_square(node):
        yield DOUBLED, lambda n: ast.BinOp(ast.Constant(2), ast.Mult(), n.left)
    if isinstance(node.op, ast.Sub):
        yield TERM, lambda n: ast.UnaryOp(ast.USub(), n.right)
        yield "A difference is the wrong way round.", lambda n: ast.BinOp(n.right, n.op, n.left)
    if isinstance(node.op, ast.Div):
        yield "A fraction is upside down.", lambda n: ast.BinOp(n.right, n.op, n.left)
    if isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):
            yield (
                TURNED,
                lambda n, side=side: _set(n, **{side: ast.Attribute(getattr(n, side), "T", ast.Load())}),
            )
        yield "The two sides of a matrix product are exchanged.", lambda n: ast.BinOp(n.right, n.op, n.left)


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
        yield ORDER, _power_outside
    if isinstance(inside, ast.Call) and len(node.args) == len(inside.args) == 1 and not node.keywords:
        yield ORDER, lambda n: _set(n.args[0], args=[_set(copy.copy(n), args=n.args[0].args)])
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield LEFT_OUT, lambda n: n.args[0]
    if isinstance(node.func, ast.Attribute) and not node.args:
        yield LEFT_OUT, lambda n: n.func.value
    if any(keyword.arg in ("axis", "keepdims") for keyword in node.keywords):
        yield AXIS, lambda n: _set(n, keywords=[k for k in n.keywords if k.arg != "axis"])
        for keyword in node.keywords:
            if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
                other = ast.Constant(1 - keyword.value.value if keyword.value.value in (0, 1) else 0)
                yield AXIS, lambda n, other=other: _set(n, keywords=[_axis(k, other) for k in n.keywords])
    if name in ("range", "reversed") and node.args:
        for by in (1, -1):
            yield LOOP, lambda n, by=by: _set(n, args=[*n.args[:-1], _plus(n.args[-1], by)])


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
    if node.value and sentence == NUMBER:
        yield NUMBER, lambda n: ast.Constant(n.value * 2)
        yield NUMBER, lambda n: ast.Constant(n.value / 2)


def _of_name(node: ast.Name, tree: ast.Module) -> Iterator[Change]:
    """Another quantity of the same function in its place."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and node in list(ast.walk(function)):
            arguments = [each.arg for each in function.args.args if each.arg != "self"]
            stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            for other in sorted({*arguments, *stored} - {node.id}):
                sentence = USED.format(other) if other in arguments else NAME
                yield sentence, lambda n, other=other: ast.Name(other, ast.Load())


def _of_divisor(node: ast.AST, tree: ast.Module) -> Iterator[Change]:
    """Another argument added to what is divided by, or taken from it, or multiplied with it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Name):
        for function in [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]:
            if node in list(ast.walk(function)):
                for other in sorted({each.arg for each in function.args.args} - {"self", node.right.id}):
                    for by in (ast.Add, ast.Sub, ast.Mult):
                        yield DIVISOR, lambda n, other=other, by=by: _set(n, right=_with(n.right, by, other))


def _with(node: ast.expr, by: type[ast.operator], other: str) -> ast.BinOp:
    return ast.BinOp(node, by(), ast.Name(other, ast.Load()))


def _plus(node: ast.expr, by: int) -> ast.BinOp:
    return ast.BinOp(node, ast.Add(), ast.Constant(by))


def _set(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node
