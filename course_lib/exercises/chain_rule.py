"""What notebook 1 asks: slopes, the chain rule, four partial derivatives, and sums over paths."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.exercises import ENGINE, Aspect, Case, Exercise, WrongForm
from course_lib.exercises.draws import array, number, shuffled
from course_lib.exercises.drivers import form_of, keeping, named, several
from course_lib.plain import NotPlain, to_plain

# 1.1 The slope of a wiggle -------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "x ** 2": lambda x: x**2,
    "sin(x)": np.sin,
    "1 / x": lambda x: 1 / x,
    "exp(-x)": lambda x: np.exp(-x),
}


def _ask_wiggle(answer: Any, f: str, x: float, h: float) -> Any:
    return answer(FUNCTIONS[f], x, h)


def _small_steps(rng: np.random.Generator) -> list[Case]:
    # Two functions rise and two fall. With so small a step, every honest slope is within 1 %.
    return [Case({"f": f, "x": number(rng, 0.6, 1.2), "h": float(rng.integers(5, 11)) / 10000}) for f in FUNCTIONS]


def _large_steps(rng: np.random.Generator) -> list[Case]:
    # With so large a step, a slope taken to the other side, or over another step, is a different number.
    steps = [Case({"f": f, "x": number(rng, 0.6, 1.2), "h": number(rng, 0.2, 0.4)}) for f in FUNCTIONS]
    below = Case({"f": "sin(x)", "x": -number(rng, 0.6, 1.2), "h": number(rng, 0.2, 0.4)})
    backward = Case({"f": "exp(-x)", "x": number(rng, 0.6, 1.2), "h": -number(rng, 0.2, 0.4)})
    another_f = Case({**steps[0].inputs, "f": "sin(x)"})  # at the very point where x ** 2 was asked
    whole = Case({"f": "exp(-x)", "x": int(rng.integers(-2, 0)), "h": 1})
    at_zero = Case({"f": "exp(-x)", "x": 0.0, "h": number(rng, 0.2, 0.4)})
    steep = Case({"f": "x ** 2", "x": number(rng, 3, 4), "h": number(rng, 0.2, 0.4)})
    return [*steps, another_f, below, backward, whole, at_zero, steep]


WIGGLE = Exercise(
    id="wiggle",
    number="1.1",
    title="The slope of a wiggle",
    answers=("wiggle",),
    driver=_ask_wiggle,
    closed=ENGINE,
    aspects=(
        Aspect("slope", "the slope over a small step, where f rises and where f falls", 2, _small_steps, rtol=1e-2),
        Aspect("forward", "exactly the step from x to x + h", 2, _large_steps),
    ),
)

# 1.2 The chain rule by hand ------------------------------------------------------------------------------------------


def _numbers_on_both_sides(rng: np.random.Generator) -> list[Case]:
    # At 40 the curve turns so fast that a small step is no derivative any more.
    ranges = [(0.4, 0.6), (1.0, 1.2), (1.35, 1.6), (-1.3, -1.0), (40, 60)]
    return [*(Case({"x": number(rng, low, high)}) for low, high in ranges), Case({"x": 0.0})]


def _arrays(rng: np.random.Generator) -> list[Case]:
    fractions = [Case({"x": array(rng, 0.4, 1.6, shape)}) for shape in [(5,), (2, 3), (3, 1), (3, 3), (2, 1, 3), (24,)]]
    turned = Case({"x": fractions[1].inputs["x"].reshape(3, 2)})  # the same numbers in another shape
    whole = Case({"x": rng.permutation([-2, -1, 1, 2, 2])})
    return [*fractions, whole, Case({"x": np.array([[0.0, 1.25]])}), turned]


COS_X2 = Exercise(
    id="cos-x2",
    number="1.2",
    title="The derivative of cos(x²)",
    answers=("d_cos_x2",),
    closed=ENGINE,
    aspects=(
        Aspect("number", "the derivative at one number x", 2, _numbers_on_both_sides),
        Aspect("array", "a whole array of x at once", 1, _arrays),
    ),
)

# 1.3 Let SymPy differentiate -----------------------------------------------------------------------------------------


def _sympy_names(names: Iterable[str]) -> dict[str, Any]:
    import sympy

    return {name: sympy.Symbol(name) for name in names}


@cache
def _expression(text: str, names: tuple[str, ...]) -> Any:
    """SymPy takes as long to read an expression as to differentiate it, and the same one is asked many times."""
    import sympy

    return sympy.sympify(text, locals=_sympy_names(names))


def _ask_symbolic(answer: Any, expr: str, variables: list[str], values: dict[str, float]) -> list[float]:
    """The student's derivatives as numbers: expressions are compared by their values at one point."""
    import sympy

    symbols = _sympy_names(values)
    ask = keeping(answer.symbolic_gradient, "expr", "variables")
    given = ask(_expression(expr, tuple(values)), [symbols[name] for name in variables])
    if given is None or isinstance(given, (dict, str)):
        raise WrongForm(f"symbolic_gradient should give a list of expressions. It gives {form_of(given)}.")
    parts = list(given) if hasattr(given, "__iter__") else [given]
    if any(isinstance(part, (list, tuple)) for part in parts):
        raise WrongForm("symbolic_gradient should give a list of expressions. Yours is a list of lists.")
    if any(isinstance(part, str) for part in parts):
        raise WrongForm("symbolic_gradient should give a list of expressions. Yours are texts.")
    point = {symbols[name]: value for name, value in values.items()}
    return [float(sympy.sympify(part).subs(point)) for part in parts]


def _ask_gradient_at(answer: Any, expr: str, variables: list[str], values: dict[str, float]) -> Any:
    symbols = _sympy_names(values)
    point = {symbols[name]: value for name, value in values.items()}
    ask = keeping(answer.gradient_at, "expr", "variables", "values")
    given = ask(_expression(expr, tuple(values)), [symbols[name] for name in variables], point)
    if isinstance(given, dict):
        raise WrongForm(f"gradient_at should give a list of numbers. It gives {form_of(given)}.")
    return list(given) if hasattr(given, "__iter__") and not isinstance(given, np.ndarray) else given


def _expressions(rng: np.random.Generator) -> list[Case]:
    # The variables are asked in an order that is not the alphabet's. One expression lacks one of them, one has eight.
    asked = [
        ("w2*(w1*x + b1) + b2", ["w1", "b1", "w2", "x"], ["b1", "b2", "w1", "w2", "x"]),
        ("z*sin(x*y) + x**2*y", ["z", "x", "y"], ["x", "y", "z"]),
        ("exp(q*r)*p**2", ["r", "p"], ["p", "q", "r"]),
        ("3*u**2 - u*v", ["v", "t", "u"], ["t", "u", "v"]),
        ("a*b + c*d**2 + f*g*h + k", ["h", "c", "k", "a", "g", "d", "b", "f"], list("abcdfghk")),
    ]
    cases = [
        Case({"expr": expr, "variables": variables, "values": {name: number(rng, 0.5, 1.5) for name in names}})
        for expr, variables, names in asked
    ]
    return [*cases, Case({**cases[0].inputs, "expr": "(w2*x + b2)*(w1 - b1)"})]  # another one at the same point


SYMBOLIC = Exercise(
    id="symbolic-gradient",
    number="1.3",
    title="Let SymPy differentiate",
    answers=("symbolic_gradient", "gradient_at"),
    closed=ENGINE,
    aspects=(
        Aspect("expressions", "symbolic_gradient: one derivative a variable", 2, _expressions, driver=_ask_symbolic),
        Aspect("numbers", "gradient_at: the derivatives as numbers", 2, _expressions, driver=_ask_gradient_at),
    ),
)

# 1.4 Forward through the chain ---------------------------------------------------------------------------------------

PARAMETERS = ("w1", "b1", "w2", "b2")


def _parameters(rng: np.random.Generator) -> dict[str, float]:
    """Four weights and biases of size about 1, no two of them nearly equal."""
    values = [number(rng, middle - 0.05, middle + 0.05) for middle in rng.permutation([0.7, 1.1, -0.9, 1.4])]
    return dict(zip(PARAMETERS, values, strict=True))


def _ask_forward(answer: Any, **inputs: Any) -> dict[str, Any]:
    return several(answer.forward(*inputs.values()), "forward", ("h", "g"))


def _forward_cases(rng: np.random.Generator) -> list[Case]:
    whole = {"x": 3, "w1": 2, "b1": -1, "w2": 4, "b2": -5}
    return [
        Case({"x": number(rng, 1.5, 2.5), **_parameters(rng)}),
        Case(whole),
        Case({"x": array(rng, -2, 2, 4), **_parameters(rng)}),
        Case({"x": rng.permutation([-2, 1, 3, 3]), **_parameters(rng)}),
        Case({"x": 0.0, **_parameters(rng), "w2": 0.0}),
        Case({"x": number(rng, 1.5, 2.5), **_parameters(rng), "w1": 0.0, "b1": 0.0, "b2": 0.0}),
    ]


def _mse_cases(rng: np.random.Generator) -> list[Case]:
    y = rng.permutation([0, 1, 1, 2])
    g = y + rng.permutation([1, 1, -2, 3])
    fractions = [Case({"y": array(rng, -1, 1, n), "g": array(rng, -1, 1, n)}) for n in (3, 24)]
    wholes = [Case({"y": y, "g": g}), Case({"y": y, "g": g + 0.5}), Case({"y": y + 0.25, "g": g})]
    one = Case({"y": array(rng, -1, 0, 1), "g": array(rng, 1, 2, 1)})
    close = Case({"y": y.astype(float), "g": y + 0.004 * (g - y)})
    return [*fractions, *wholes, one, close]


def _mean_factor_cases(rng: np.random.Generator) -> list[Case]:
    return [Case({"n": n}) for n in rng.permutation([3, 10, 250]).tolist()]


FORWARD = Exercise(
    id="chain-forward",
    number="1.4",
    title="Forward through the chain",
    answers=("forward", "mse", "mean_factor"),
    closed=ENGINE,
    aspects=(
        Aspect("forward", "forward: h and g, for numbers and for arrays", 2, _forward_cases, driver=_ask_forward),
        Aspect("mse", "mse: the mean of the squared errors", 2, _mse_cases, driver=named("mse")),
        Aspect("factor", "mean_factor: from a sum to a mean", 1, _mean_factor_cases, driver=named("mean_factor")),
    ),
)

# 1.5 The four partial derivatives ------------------------------------------------------------------------------------


def _ask_partials(answer: Any, **inputs: Any) -> dict[str, Any]:
    names = [f"d{parameter}" for parameter in PARAMETERS]
    given = several(answer(*inputs.values()), "loss_gradient", names, "numbers")
    readable = {name: _plain_or_none(value) for name, value in given.items()}
    return given if all(value is None for value in readable.values()) else readable


def _plain_or_none(value: Any) -> Any:
    """One that cannot be read costs no other its points."""
    try:
        return to_plain(value)
    except NotPlain:
        return None


def _partial(name: str) -> Aspect:
    """One of the four, which are asked for together."""
    first = PARAMETERS[0]
    return Aspect(
        name,
        f"∂C/∂{name}",
        2,
        _batches,
        observe=lambda case, value: value[f"d{name}"],
        of=None if name == first else first,
    )


def _batches(rng: np.random.Generator) -> list[Case]:
    fractions = [Case({"x": array(rng, -2, 2, n), "y": array(rng, -1, 1, n), **_parameters(rng)}) for n in (3, 5)]
    x, y = rng.permutation([-2, 1, 1, 3]), rng.permutation([-1, 0, 1, 1])
    whole = {"w1": 2, "b1": int(rng.choice([-1, 1])), "w2": 3, "b2": 2}
    half_whole = [Case({"x": x, "y": y + 0.25, **_parameters(rng)}), Case({"x": x + 0.25, "y": y, **_parameters(rng)})]
    wholes = [Case({"x": x, "y": y, **_parameters(rng)}), Case({"x": x, "y": y, **whole})]
    one = Case({"x": array(rng, 1, 2, 1), "y": array(rng, -1, 0, 1), **_parameters(rng)})
    zeros = Case({"x": np.array([0.0, 1.5, 0.0]), "y": array(rng, -1, 1, 3), **_parameters(rng), "b1": 0.0})
    level = Case({"x": array(rng, -2, 2, 8), "y": array(rng, -1, 1, 8), **_parameters(rng)})
    level.inputs.update(w1=0.0, w2=0.0, b2=0.0)
    return [*fractions, *half_whole, *wholes, one, zeros, level]


LOSS_GRADIENT = Exercise(
    id="chain-gradient",
    number="1.5",
    title="The four partial derivatives",
    answers=("loss_gradient",),
    closed=ENGINE,
    driver=_ask_partials,
    aspects=tuple(map(_partial, PARAMETERS)),
)

# 1.6 Who feels the wiggle? -------------------------------------------------------------------------------------------

CHAIN = [("w1", "h"), ("x", "h"), ("b1", "h"), ("w2", "g"), ("h", "g"), ("b2", "g"), ("g", "C"), ("y", "C")]


def _ask_partials_of_h(answer: Any, **inputs: float) -> list:
    names = ("by b1", "by b2", "by w1", "by w2")
    return list(several(answer.partials_of_h(*inputs.values()), "partials_of_h", names, "numbers").values())


def _ask_which_are_zero(answer: Any, **inputs: float) -> list[bool]:
    return [bool(partial == 0) for partial in _ask_partials_of_h(answer, **inputs)]


def _ask_affected(answer: Any, edges: list[tuple[str, str]], node: str) -> list[str]:
    given = answer.affected(edges, node)
    if isinstance(given, np.ndarray) and given.ndim == 1:
        given = given.tolist()
    if not isinstance(given, (set, frozenset, list, tuple)) and given != {}:  # {} is meant as the empty set
        raise WrongForm(f"affected should give a set of names. It gives {form_of(given)}.")
    return sorted(set(given))


def _accept_nodes(case: Case, value: list[str], expected: list[str]) -> str | None:
    extra, missing = set(value) - set(expected), set(expected) - set(value)
    if case.inputs["node"] in extra:
        return "The set holds the node itself. Name only the nodes that come after it."
    if extra and missing:
        return "The set holds nodes that do not change, and some that do change are not in it."
    if extra:
        return "The set holds nodes that do not change."
    if missing:
        return "Some nodes that change are not in the set."
    return None


def _points_on_the_chain(rng: np.random.Generator) -> list[Case]:
    return [Case({"x": size * float(rng.uniform(1.6, 2.4)), **_parameters(rng)}) for size in (1, -1, 4)]


def _nodes_of_the_chain(rng: np.random.Generator) -> list[Case]:
    return shuffled(rng, [Case({"edges": CHAIN, "node": node}) for node in ("w1", "h", "b2", "g")])


def _other_graphs(rng: np.random.Generator) -> list[Case]:
    return [*(_other_graph(rng) for _ in range(3)), _long_way(rng)]


def _long_way(rng: np.random.Generator) -> Case:
    """Sixteen steps, listed from the last: a few walks over the list are not enough. One edge leads in from aside."""
    aside, *way = rng.permutation(list("abcdefghijklmnopqr")).tolist()
    steps = list(pairwise(way))
    return Case({"edges": [*steps[::-1], (aside, way[8])], "node": way[0]})


def _other_graph(rng: np.random.Generator) -> Case:
    """A graph with nodes before the asked one, beside it, and up to four steps after it, and two paths that meet again.

    Its names say nothing, and its last edge is listed first: one walk over the list is not enough. Two ways end in
    nothing, one of them after a step that no other way takes.
    """
    names = rng.permutation(list("abcdefgkmnp")).tolist()
    before, beside, node, first, second, meet, late, end, stop, alone, last = names
    edges = [(late, end), (meet, late), (first, meet), (node, stop), (node, first), (beside, second), (second, meet)]
    edges += [(before, beside), (before, node), (alone, last), (node, alone), (node, second)]
    if rng.random() < 0.5:
        edges = [*edges[1:-2], (node, second), (node, alone), (late, end)]
    return Case({"edges": edges, "node": node})


def _nodes_at_the_end(rng: np.random.Generator) -> list[Case]:
    """And one that is a step before it, so that nothing is not the answer to everything."""
    small = [("p", "q"), ("r", "q")]
    ends = [Case({"edges": CHAIN, "node": "C"}), Case({"edges": small, "node": "q"})]
    return shuffled(rng, [*ends, Case({"edges": small, "node": str(rng.choice(["p", "r"]))})])


AFFECTED = Exercise(
    id="affected",
    number="1.6",
    title="Who feels the wiggle",
    answers=("partials_of_h", "affected"),
    closed=ENGINE,
    aspects=(
        Aspect("zeros", "partials_of_h: which are zero", 1, _points_on_the_chain, driver=_ask_which_are_zero),
        Aspect("values", "partials_of_h: the values", 1, _points_on_the_chain, driver=_ask_partials_of_h),
        Aspect("chain", "affected: our chain", 1, _nodes_of_the_chain, driver=_ask_affected, accept=_accept_nodes),
        Aspect("graph", "affected: any graph", 2, _other_graphs, driver=_ask_affected, accept=_accept_nodes),
        Aspect("end", "affected: the end of a graph", 1, _nodes_at_the_end, driver=_ask_affected, accept=_accept_nodes),
    ),
)

# 1.7 Sum over paths --------------------------------------------------------------------------------------------------


def _ask_product_paths(answer: Any, **inputs: float) -> list[float]:
    """What each path brings, sorted: neither the order of the paths nor that of their factors matters."""
    paths = answer.product_paths(*inputs.values())
    if not isinstance(paths, (list, tuple, np.ndarray)) or not all(np.ndim(path) == 1 for path in paths):
        raise WrongForm("product_paths should give a list of paths, and each path is a list of numbers.")
    return sorted(float(math.prod(path)) for path in paths)


def _factor(rng: np.random.Generator) -> float:
    return number(rng, 0.6, 1.8) * float(rng.choice([-1, 1]))


def _paths_of(lengths: list[int]) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case({"paths": [[_factor(rng) for _ in range(n)] for n in lengths]}) for _ in range(2)]

    return cases


def _none_or_one(rng: np.random.Generator) -> list[Case]:
    """No path at all; beside it one path of one step, so that 0 is not the answer to everything."""
    return shuffled(rng, [*_paths_of([])(rng), _paths_of([1])(rng)[0]])


def _many_paths(rng: np.random.Generator) -> list[Case]:
    """Paths of different length; one occurs twice, and on one the same number stands twice.

    Then two paths that bring the same along other numbers, one with a 0 on it, and more than one writes out by hand.
    """
    cases = _paths_of([3, 1, 6])(rng)
    paths = cases[1].inputs["paths"]
    paths[2][1] = paths[2][0]
    paths.append(list(paths[0]))
    few = [Case({"paths": [[-2, 1.5, 2], [1]]}), Case({"paths": [[1.5, 2], [3], [0.5, 0.0]]})]
    return [*cases, *few, _paths_of([2, 1, 3, 8, 1, 2, 2, 1])(rng)[0]]


def _products(rng: np.random.Generator) -> list[Case]:
    """Also with large factors, and with each of the four being 0 once."""
    drawn = [{name: _factor(rng) for name in ("u", "v", "du", "dv")} for _ in range(5)]
    drawn[2].update(u=0.0, du=0.0)
    drawn[3].update(v=0.0, u=-number(rng, 6, 8))
    drawn[4].update(dv=0.0)
    return [Case(each) for each in drawn]


TOTAL_DERIVATIVE = Exercise(
    id="sum-over-paths",
    number="1.7",
    title="Sum over paths",
    answers=("total_derivative", "product_paths"),
    closed=ENGINE,
    aspects=(
        Aspect(
            "two", "total_derivative: two paths of two steps", 1, _paths_of([2, 2]), driver=named("total_derivative")
        ),
        Aspect(
            "many",
            "total_derivative: paths of different length",
            1,
            _many_paths,
            driver=named("total_derivative"),
        ),
        Aspect("none", "total_derivative: no path at all", 1, _none_or_one, driver=named("total_derivative")),
        Aspect("product", "product_paths: the two paths of u · v", 2, _products, driver=_ask_product_paths),
    ),
)

# 1.8 What a gradient predicts ----------------------------------------------------------------------------------------


def _one_weight_moves(rng: np.random.Generator) -> list[Case]:
    """The cost rises once, and falls once."""
    cases = [_step(rng, n, moving=[n - 2]) for n in (4, 6)]
    for sign, case in zip((1, -1), cases, strict=True):
        case.inputs["step"] = sign * np.sign(case.inputs["gradient"]) * np.abs(case.inputs["step"])
    return cases


def _all_weights_move(rng: np.random.Generator) -> list[Case]:
    whole = rng.permutation([-3, -2, 1, 1, 4])
    halves = rng.permutation([-1.5, 0.5, 0.75, 0.75, 2.25])
    mixed = [Case({"gradient": whole, "step": halves}), Case({"gradient": halves, "step": whole})]
    far = Case({"gradient": np.array([3.0, -2.0, 1.5]), "step": rng.uniform([0.5, -0.4, 1], [0.7, -0.3, 1.2])})
    with_zeros = Case({"gradient": np.array([0.0, -1.5, 0.25]), "step": np.array([0.5, 0.0, -2.0])})
    many = _step(rng, 9, moving=list(range(9)))
    many.inputs["step"] = 3 * np.sign(many.inputs["gradient"]) * np.abs(many.inputs["step"])
    return [_step(rng, n, moving=list(range(n))) for n in (3, 5, 1)] + [*mixed, far, with_zeros, many]


def _step(rng: np.random.Generator, n: int, moving: list[int]) -> Case:
    gradient = np.array([_factor(rng) for _ in range(n)])
    step = np.zeros(n)
    step[moving] = [_factor(rng) for _ in moving]
    return Case({"gradient": gradient, "step": step})


def _magnitudes(rng: np.random.Generator) -> list[Case]:
    # The largest magnitude is once negative, once positive, and once the last of all.
    within = [Case({"gradient": _with_peak(rng, sign, int(rng.integers(1, 4)))}) for sign in (-1, 1)]
    ends = [Case({"gradient": _with_peak(rng, -1, place)}) for place in (4, 0)]
    close = rng.permutation([-1.2, 0.3, 1.1, -1.8])  # all of one size, but for the decimals
    whole = [np.insert(rng.permutation([-2, 1, 1, 2]), place, -3) for place in (2, 4)]
    nearly = rng.permutation([-1.31, 1.3, 1.27, 0.0])
    one = np.array([-1.5])
    many = np.array([*rng.permutation([-1.6, -0.3, 0.7, 1.5, 0.2, -1.1, 1.2]), -number(rng, 2, 3), 0.5])
    return [*within, *ends, *(Case({"gradient": each}) for each in (close, *whole, nearly, one, many))]


def _with_peak(rng: np.random.Generator, sign: int, place: int) -> np.ndarray:
    smaller = rng.permutation([-1.6, -0.3, 0.7, 1.5])
    return np.insert(smaller, place, sign * number(rng, 2.0, 3.0))


def _ties(rng: np.random.Generator) -> list[Case]:
    """The first of the largest comes after one, two or three smaller ones. No entry is an index.

    The equal ones have both signs, or one of them.
    """
    top, before = float(rng.integers(2, 6)) + 0.5, rng.permutation([0.2, -0.4, 0.7])
    ends = [[0.5, -top, 1.0, top], [-1.0, top, 0.5, -top, top], [0.5, -top, -top, 1.0], [0.5, top, 1.0, top]]
    return [Case({"gradient": np.array([*before[: rng.integers(3)], *end])}) for end in ends]


PREDICT = Exercise(
    id="predict-change",
    number="1.8",
    title="What a gradient predicts",
    answers=("predict_change", "most_sensitive"),
    closed=ENGINE,
    aspects=(
        Aspect("one", "predict_change: one weight moves", 1, _one_weight_moves, driver=named("predict_change")),
        Aspect("several", "predict_change: all weights move", 1, _all_weights_move, driver=named("predict_change")),
        Aspect("magnitude", "most_sensitive: the largest magnitude", 2, _magnitudes, driver=named("most_sensitive")),
        Aspect("ties", "most_sensitive: the first of several", 1, _ties, driver=named("most_sensitive")),
    ),
)

# 1.9 Find the bugs ---------------------------------------------------------------------------------------------------


def _component(index: int) -> Callable[..., Any]:
    def ask(answer: Any, **inputs: Any) -> Any:
        given = several(answer(*inputs.values()), "fixed_gradient", ("dw", "db"), "numbers")
        return list(given.values())[index]

    return ask


def _small_batches(rng: np.random.Generator) -> list[Case]:
    return [
        Case(
            {
                "x": array(rng, 0.5, 2.0, n),
                "y": array(rng, -1, 1, n),
                "w": number(rng, 0.4, 0.8),
                "b": number(rng, 0.2, 0.5),
            }
        )
        for n in (3, 5)
    ]


def _more_batches(rng: np.random.Generator) -> list[Case]:
    """Also with whole numbers, with numbers on both sides of 0, with two equal ones, and with w and b being 0."""
    x, y = rng.permutation([-2, 1, 2, 2]), rng.permutation([-1, 0, 1, 1])
    w, b = -number(rng, 0.4, 0.8), number(rng, 0.2, 0.5)
    whole = {"x": x, "y": y, "w": -1, "b": 2}
    zeros = {"x": array(rng, -2, 2, 8), "y": array(rng, -1, 1, 8), "w": 0.0, "b": 0.0}
    return [
        *_small_batches(rng),
        Case({"x": x, "y": y + 0.25, "w": w, "b": b}),
        Case({"x": x + 0.25, "y": y, "w": w, "b": b}),
        Case(whole),
        Case(zeros),
    ]


def _one_example(h: float) -> Callable[[np.random.Generator], list[Case]]:
    """One example with this h. At h = π the sine is 0, so nothing goes straight to g; at π/4 it is the cosine too."""

    def cases(rng: np.random.Generator) -> list[Case]:
        x, w, y = number(rng, 0.5, 2.0), number(rng, 0.4, 0.8), number(rng, -1, 1)
        return [Case({"x": np.array([x]), "y": np.array([y]), "w": w, "b": h - w * x})]

    return cases


def _both_components(answer: Any, **inputs: Any) -> list:
    return [_component(index)(answer, **inputs) for index in (0, 1)]


BUGS = Exercise(
    id="chain-bugs",
    number="1.9",
    title="Find three bugs",
    answers=("fixed_gradient",),
    closed=ENGINE,
    aspects=(
        Aspect("dw", "∂C/∂w", 1, _more_batches, driver=_component(0)),
        Aspect("db", "∂C/∂b", 1, _more_batches, driver=_component(1)),
        Aspect("through", "one example, where s = 0", 1, _one_example(math.pi), driver=_both_components),
        Aspect("straight", "one example, where sin h = cos h", 1, _one_example(math.pi / 4), driver=_both_components),
    ),
)

EXERCISES = (
    WIGGLE,
    COS_X2,
    SYMBOLIC,
    FORWARD,
    LOSS_GRADIENT,
    AFFECTED,
    TOTAL_DERIVATIVE,
    PREDICT,
    BUGS,
)
