"""What notebook 6 asks: measured slopes, the best step, a gradient checker, and what a gradient costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.autodiff import Tensor
from course_lib.exercises import ENGINE, Aspect, Case, Exercise, WrongForm
from course_lib.exercises.draws import array, number, shuffled
from course_lib.exercises.drivers import named
from course_lib.gradcheck import gradient_check, numerical_gradient
from course_lib.plain import own_copy

# Functions of an array of any shape. Every entry has its own slope, and neighbors feel each other. They take complex
# numbers too.


def _waves(theta: np.ndarray) -> Any:
    t = np.ravel(theta)
    return np.sum(np.sin((0.8 + 0.3 * np.arange(t.size)) * t)) + 0.5 * np.sum(t[1:] * t[:-1])


def _powers(theta: np.ndarray) -> Any:
    t = np.ravel(theta)
    return np.sum((0.5 + 0.2 * np.arange(t.size)) * t**3) - 0.7 * np.sum(t[1:] * t[:-1] ** 2)


def _bumps(theta: np.ndarray) -> Any:
    t = np.ravel(theta)
    return np.sum(np.exp(-t) / (0.6 + 0.1 * np.arange(t.size))) + np.prod(np.cos(0.5 * t))


FUNCTIONS: dict[str, Callable[[np.ndarray], Any]] = {"waves": _waves, "powers": _powers, "bumps": _bumps}


# 6.1 The numerical gradient ------------------------------------------------------------------------------------------


def _of_shape(f: Callable[[Any], Any], shape: tuple[int, ...]) -> Callable[[Any], Any]:
    """f, which takes arrays of that shape, theta's, and no others."""

    def checked(t: Any) -> Any:
        if np.shape(t) != shape:
            raise WrongForm(f"You call f with an array of shape {np.shape(t)}; theta has shape {shape}.")
        return f(t)

    return checked


def _ask_gradient(answer: Any, f: str, theta: np.ndarray, h: float) -> Any:
    return answer(_of_shape(FUNCTIONS[f], theta.shape), theta, h)


def _ask_what_moved(answer: Any, f: str, theta: np.ndarray, h: float) -> dict[str, Any]:
    """The slopes, and the caller's theta as it is afterwards."""
    slopes = answer(FUNCTIONS[f], theta, h)
    return {"slopes": slopes, "theta": theta}


def _see_what_moved(case: Case, value: dict[str, Any]) -> dict[str, Any]:
    """How many entries are not what they were, to the last bit; and whether the slopes were measured.

    They need not be right: a sign or a factor is another aspect's, as is a theta of several axes.
    """
    before, slopes = case.inputs["theta"], np.ravel(np.asarray(value["slopes"], float))
    moved = int(np.sum(np.asarray(value["theta"]) != before))
    measured = before.ndim > 1 or _in_proportion(slopes, _slopes_of(case.inputs["f"], before))
    return {"entries of theta that changed": moved, "measured": measured}


def _slopes_of(f: str, theta: np.ndarray) -> np.ndarray:
    """By a complex step along each entry of a vector."""
    return np.array([FUNCTIONS[f](theta + step).imag for step in 1e-30j * np.eye(theta.size)]) / 1e-30


def _in_proportion(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether most entries of two vectors have nearly the same ratio."""
    with np.errstate(all="ignore"):
        ratio = one / other
        return bool(np.mean(abs(ratio / np.median(ratio) - 1) < 0.1) > 2 / 3)


def _accept_unmoved(case: Case, value: dict[str, Any], expected: Any) -> str | None:
    moved, size = value["entries of theta that changed"], case.inputs["theta"].size
    if moved:
        return (
            f"{moved} of {size} entries of theta are not what they were. "
            "To add h and to take it away again does not bring every number back: keep the old number, or move a copy."
        )
    if value["measured"]:
        return None
    return "theta stays as it was, but the slopes are not measured: it counts when each one was."


def _measured(shapes: Sequence[tuple[int, ...]], low: float) -> Callable[..., list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        made = []
        for f, shape in zip(FUNCTIONS, shapes, strict=False):
            theta = np.asarray(array(rng, 0.4, 1.2, shape))
            made.append(Case({"f": f, "theta": theta, "h": low * float(rng.integers(11, 30)) / 10}))
        return made

    return cases


def _ask_of_any_shape(answer: Any, f: str, theta: np.ndarray, h: float, beside: str = "") -> Any:
    """The slopes; or, beside those of the same numbers in one row, whether they are the same.

    Where small steps give others already, other cases show it, and show it better.
    """
    if not beside:
        return _ask_gradient(answer, f, theta, h)
    if _as_in_one_row(answer, f, theta, 1e-5, 1e-3) and not _as_in_one_row(answer, f, theta, h, 1e-6):
        raise WrongForm(
            "With large steps, an array of several axes gets other slopes than the same numbers in one row."
        )
    return "the same"


def _as_in_one_row(answer: Any, f: str, theta: np.ndarray, h: float, rtol: float) -> bool:
    def of_a_row(t: Any) -> Any:
        return FUNCTIONS[f](np.reshape(t, theta.shape))

    given = np.asarray(_ask_gradient(answer, f, theta.copy(), h))
    in_a_row = np.asarray(answer(_of_shape(of_a_row, (theta.size,)), theta.ravel().copy(), h))
    return given.size == in_a_row.size and np.allclose(given.ravel(), in_a_row.ravel(), rtol=rtol)


def _of_any_shape(rng: np.random.Generator) -> list[Case]:
    """Also a single number without an axis; at last three axes beside one, with far steps, of which another aspect asks
    with one axis."""
    near = [*_measured([(2, 3), (3, 1, 2), (3, 3)], 1e-5)(rng), *_measured([(2, 1, 3, 2), ()], 1e-5)(rng)]
    far = {"f": "waves", "theta": array(rng, 0.4, 1.2, (2, 2, 2)), "h": number(rng, 0.1, 0.3)}
    return [*near, Case({**far, "beside": "the same numbers in one row"})]


def _many_sizes(rng: np.random.Generator) -> list[Case]:
    """Entries of many sizes: adding h and taking it away again brings some of them back a little wrong, for any h."""
    return [
        Case({"f": "waves", "theta": 10 ** rng.uniform(-1.5, 0.5, shape), "h": rng.uniform(1e-5, 2e-5)})
        for shape in [(30,), (5, 6)]
    ]


def _whole_numbers(rng: np.random.Generator) -> list[Case]:
    return [Case({"f": f, "theta": rng.permutation([1, -2, -2, -1]), "h": rng.uniform(1e-5, 2e-5)}) for f in FUNCTIONS]


NUMERICAL = Exercise(
    id="numerical-gradient",
    number="6.1",
    title="The numerical gradient",
    answers=("numerical_gradient",),
    driver=_ask_gradient,
    keeps="restored",
    closed=ENGINE,
    aspects=(
        Aspect("small", "the slopes over a small step", 2, _measured([(3,), (5,), (4,)], 1e-5), 1e-3, 1e-3),
        Aspect("central", "exactly one h to each side", 2, _measured([(3,), (5,), (4,)], 0.1)),
        Aspect("matrix", "theta of any shape", 1, _of_any_shape, 1e-3, 1e-3, driver=_ask_of_any_shape),
        Aspect(
            "restored",
            "theta stays as it was, to the last bit",
            2,
            _many_sizes,
            driver=_ask_what_moved,
            observe=_see_what_moved,
            accept=_accept_unmoved,
        ),
        Aspect("integers", "theta may hold whole numbers", 1, _whole_numbers, 1e-3, 1e-3),
    ),
)

# 6.2 The relative error ----------------------------------------------------------------------------------------------


def _some_numbers(rng: np.random.Generator) -> list[Case]:
    # a larger, b larger, signs that differ, both negative: each once. And whole numbers.
    pairs = np.array([(3.0, 2.0), (1.0, 2.5), (1.5, -0.5), (-2.0, -1.2)]) * array(rng, 0.9, 1.2, (4, 2))
    whole = (3, int(rng.choice([2, -2])))
    return [Case({"a": a, "b": b}) for a, b in shuffled(rng, [*pairs.tolist(), whole])]


def _some_arrays(rng: np.random.Generator) -> list[Case]:
    small, large = array(rng, 0.5, 1, (2, 3)), array(rng, 1.2, 2, (2, 3)) * np.array([1, -1, 1])
    one_row = Case({"a": large[:1], "b": small[:1]})
    whole = Case({"a": np.array([1, 2, 1, -4]), "b": np.array([3, 2, 3, int(rng.integers(-3, 3))])})
    square = Case({"a": small[:, 1:], "b": large[:, 1:]})
    return [Case({"a": small, "b": large}), Case({"a": large[0], "b": small[0]}), one_row, square, whole]


def _zeros(rng: np.random.Generator) -> list[Case]:
    v = float(array(rng, 1.2, 2, ()))  # so large that something tiny below the fraction line does not show here
    a, b = rng.permutation([(0.0, 0.0), (v, 0.0), (0.0, v), (v, v)]).T
    return [Case({"a": 0.0, "b": 0.0}), Case({"a": a.copy(), "b": b.copy()})]


def _scales(rng: np.random.Generator) -> list[Case]:
    return [Case({"a": array(rng, 1, 1.4, 3) * s, "b": array(rng, 1.6, 2, 3) * s}) for s in (1e-28, 1e-30, 1e12)]


RELATIVE_ERROR = Exercise(
    id="relative-error",
    number="6.2",
    title="The relative error",
    answers=("relative_error",),
    closed=("gradcheck",),
    aspects=(
        Aspect("numbers", "two numbers", 2, _some_numbers),
        Aspect("arrays", "two arrays, entry by entry", 1, _some_arrays),
        Aspect("zero", "zeros: 0 and 0 are equal", 1, _zeros),
        Aspect("scale", "tiny and huge numbers", 1, _scales),
    ),
)

# 6.3 The best step ---------------------------------------------------------------------------------------------------


def _near_the_bottom(case: Case, value: Any, expected: Any) -> str | None:
    """The bottom of the U is flat, so any step within a factor of 3 is as good."""
    step, best = float(value), float(expected)
    if not step > 0:
        return "A step is a positive number."
    if step > 3 * best:
        return "The step is too long: truncation is larger than it needs to be."
    if step < best / 3:
        return "The step is too short: round-off is larger than it needs to be."
    return None


def _orders(rng: np.random.Generator) -> list[Case]:
    return _all_orders(rng, 2.2e-16)


def _coarse_floats(rng: np.random.Generator) -> list[Case]:
    return _all_orders(rng, 1.2e-7)


def _all_orders(rng: np.random.Generator, eps: float) -> list[Case]:
    orders = shuffled(rng, (1, 2, 4))
    return [Case({"order": order, "eps": eps * float(rng.uniform(0.9, 1.1))}) for order in orders]


def _power_law(rng: np.random.Generator, order: float, rough: float) -> dict[str, Any]:
    # Steps in no order and not evenly spaced on a log scale; a factor in front that is not 1.
    hs = rng.permutation(np.array([0.4, 0.1, 0.03, 0.004, 0.0005]) * rng.uniform(0.8, 1.2, 5))
    return {"errors": rng.uniform(3, 8) * hs**order * np.exp(rough * rng.normal(size=5)), "hs": hs}


def _clean(rng: np.random.Generator) -> list[Case]:
    """And two points alone, and eight."""
    cases = [Case(_power_law(rng, order, rough=0)) for order in shuffled(rng, (1, 2, 4))]
    two = {name: each[:2] for name, each in _power_law(rng, 2, rough=0).items()}
    hs = rng.permutation(np.geomspace(0.05, 0.8, 8))
    return [*cases, Case(two), Case({"errors": rng.uniform(3, 8) * hs**6, "hs": hs})]


def _rough(rng: np.random.Generator) -> list[Case]:
    """And one with a step that was measured twice, and with errors in whole numbers."""
    twice, whole = (_power_law(rng, order, rough=0.3) for order in (2, 1))
    twice = {name: np.r_[each, each[0]] for name, each in twice.items()}
    whole["errors"] = np.rint(3e4 * whole["errors"]).astype(int)
    return [Case(_power_law(rng, 1, rough=0.3)), Case(twice), Case(whole)]


def _signed(rng: np.random.Generator) -> list[Case]:
    given = _power_law(rng, 2, rough=0.3)
    return [Case({**given, "errors": given["errors"] * np.array([1, -1, -1, 1, -1])})]


BEST_STEP = Exercise(
    id="best-step",
    number="6.3",
    title="The best step",
    answers=("best_step", "convergence_order"),
    closed=("gradcheck",),
    aspects=(
        Aspect("double", "best_step: with 16 digits", 1, _orders, driver=named("best_step"), accept=_near_the_bottom),
        Aspect(
            "single", "best_step: with 7 digits", 1, _coarse_floats, driver=named("best_step"), accept=_near_the_bottom
        ),
        Aspect("clean", "convergence_order: a perfect power of h", 2, _clean, driver=named("convergence_order")),
        Aspect("rough", "convergence_order: rough measurements", 1, _rough, driver=named("convergence_order")),
        Aspect("signed", "convergence_order: errors of both signs", 1, _signed, driver=named("convergence_order")),
    ),
)

# 6.4 The checker -----------------------------------------------------------------------------------------------------
# A case describes a small model, by data, and claims a gradient of it, as numbers: nothing in it says whether the claim
# is right. The driver builds the cost and asks the checker. It knows the right gradient as little as the checker does:
# an answer can look into what it is given, and into the driver. Where a claim is asked for at another place, it changes
# on the way as measured slopes do. To make a case, the right gradient comes from the engine.


def _logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


WITH_NUMPY: dict[str, Callable] = {"sigmoid": _logistic, "relu": lambda z: np.maximum(z, 0)}
WITH_TENSORS: dict[str, Callable] = {"sigmoid": lambda z: z.sigmoid(), "relu": lambda z: z.relu()}


def _layer_cost(theta: Any, sigma: Callable, X: np.ndarray, Y: np.ndarray) -> Any:
    """The cost of a layer with these weights: 1 + 5 * mean of |a - y|^2."""
    a = sigma(theta.reshape(Y.shape[0], X.shape[0]) @ X)
    return 1 + ((a - Y) ** 2).sum() * (5 / Y.shape[1])


def _with_bug(model: dict[str, Any], bug: str, where: Any, amount: Any) -> np.ndarray:
    """The gradient at theta as a function with this bug would give it."""
    theta, X, Y = model["theta"], model["X"], model["Y"]
    wrong = _gradient_of(model)
    if bug == "sum":
        wrong *= Y.shape[1]
    elif bug == "transpose":
        wrong = wrong.T.copy()
    elif bug == "prime at a":
        a = _logistic(theta @ X)
        slope = _logistic(a) * (1 - _logistic(a))
        wrong = 10 / Y.shape[1] * (a - Y) * slope @ X.T
    elif bug == "factor":
        for place, by in zip(where, amount, strict=True):
            wrong[tuple(place)] *= by
    elif bug == "value":
        for place, value in zip(where, amount, strict=True):
            wrong[tuple(place)] = value
    return wrong


def _ask_place(answer: Any, kind: str, theta: np.ndarray, X: np.ndarray, Y: np.ndarray, claim: np.ndarray) -> Any:
    def cost(at: Any) -> float:
        return float(_layer_cost(np.array(at, float), WITH_NUMPY[kind], X, Y))

    def claimed(at: Any) -> Any:
        if np.array_equal(at, theta):
            return claim.copy()
        there, here = (numerical_gradient(cost, each) for each in (np.reshape(at, theta.shape), theta))
        return claim + (there - here)

    given = answer(_of_shape(cost, theta.shape), claimed, theta)
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise WrongForm("gradient_check should give two things: True or False, and the index of the worst coordinate.")
    ok = bool(given[0])
    return {"right": ok, "worst": None if ok or given[1] is None else np.atleast_1d(given[1])}


def _ask_verdict(answer: Any, **inputs: Any) -> Any:
    """Without the place: several coordinates may be equally bad, and round-off says which of them is the worst."""
    return {"right": _ask_place(answer, **inputs)["right"]}


def _accept_verdict(case: Case, value: Any, expected: Any) -> str | None:
    if value["right"] == expected["right"]:
        return None
    return "You accept a wrong gradient." if value["right"] else "You reject a right gradient."


def _accept_verdict_and_place(case: Case, value: Any, expected: Any) -> str | None:
    sentence = _accept_verdict(case, value, expected)
    if sentence or expected["right"]:
        return sentence
    if value["worst"] is None:
        return "You name no coordinate."
    if np.shape(value["worst"]) != np.shape(expected["worst"]):
        return f"The index has {np.size(value['worst'])} numbers; theta has {np.size(expected['worst'])} axes."
    return None if np.array_equal(value["worst"], expected["worst"]) else "You name another coordinate than the worst."


def _layer(rng: np.random.Generator, rows: int, columns: int, m: int = 4) -> dict[str, Any]:
    """A sigmoid layer with gradients of size about 1: the targets are far from what it gives."""
    X = rng.uniform(0.5, 1.5, (columns, m)) * rng.choice([-1, 1], (columns, 1))
    theta = rng.uniform(-0.6, 0.6, (rows, columns))
    return {"kind": "sigmoid", "theta": theta, "X": X, "Y": rng.uniform(-1.5, -0.5, (rows, m))}


def _gradient_of(model: dict[str, Any]) -> np.ndarray:
    theta = Tensor(model["theta"])
    _layer_cost(theta, WITH_TENSORS[model["kind"]], model["X"], model["Y"]).backward()
    return theta.grad.copy()


def _steepest(model: dict[str, Any]) -> list[int]:
    gradient = np.abs(_gradient_of(model))
    return [int(i) for i in np.unravel_index(np.argmax(gradient), gradient.shape)]


def _asked(model: dict[str, Any], bug: str = "none", where: Any = (), amount: Any = ()) -> Case:
    return Case({**model, "claim": _with_bug(model, bug, where, amount)})


def _two_layers(rng: np.random.Generator, rows: int, columns: int) -> list[dict[str, Any]]:
    return [_layer(rng, rows, columns) for _ in range(2)]


def _beside(rng: np.random.Generator, model: dict[str, Any], *bug: Any) -> list[Case]:
    """The right claim and the wrong one, in an order that is drawn: nobody can know which of them is which."""
    return shuffled(rng, [_asked(model), _asked(model, *bug)])


def _right_and_wrong(bug: str) -> Callable[[np.random.Generator], list[Case]]:
    """Each claim stands beside the right one, so that a checker which says the same every time gets nothing."""

    def cases(rng: np.random.Generator) -> list[Case]:
        return [each for model in _two_layers(rng, 3, 3) for each in _beside(rng, model, bug)]

    return cases


def _prime_at_a(rng: np.random.Generator) -> list[Case]:
    """Every z is above 1, where σ′(a) is larger than σ′(z): the bug shows in every entry."""
    above = [{"theta": rng.uniform(0.6, 1.2, (3, 3)), "X": rng.uniform(0.8, 1.5, (3, 4))} for _ in range(2)]
    models = [model | each for model, each in zip(_two_layers(rng, 3, 3), above, strict=True)]
    return [each for model in models for each in _beside(rng, model, "prime at a")]


def _one_entry(by: float) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        models = _two_layers(rng, 4, 5)  # many entries: a mean over them would hide the one
        return [each for model in models for each in _beside(rng, model, "factor", [_steepest(model)], [by])]

    return cases


def _at_the_bottom(rng: np.random.Generator) -> list[Case]:
    """The layer hits its targets to ten digits, or its inputs are tiny: a measured slope is mostly round-off.

    And wrong claims: of slopes below 0.01 one is 5 % too large; of slopes near 0.00001 one is 3 % too large, or has the
    other sign. These differences are small, but no round-off.
    """
    model = _layer(rng, 2, 3)
    model["Y"] = _logistic(model["theta"] @ model["X"]) + 1e-10 * rng.choice([-1, 1])
    place = [int(rng.integers(2)), int(rng.integers(3))]
    small = _layer(rng, 2, 3)
    small["X"] *= 0.0002
    tiny, none = _nearly_flat(rng, 3e-5), _nearly_flat(rng, 2e-9, 4, 5)
    wrong = [_asked(model, "value", [place], [0.01]), _asked(small, "factor", [place], [1.05])]
    wrong += [_asked(tiny, "factor", [place], [by]) for by in (1.03, -1)]
    steep = _layer(rng, 2, 3)
    wrong += [_asked(steep, "factor", [_steepest(steep)], [by]) for by in (0, 2)]  # flat, and twice as steep
    right = [_asked(each) for each in (model, small, tiny, none)]
    return shuffled(rng, [*right, *wrong])


def _nearly_flat(rng: np.random.Generator, size: float, rows: int = 2, columns: int = 3) -> dict[str, Any]:
    """A layer near its targets with inputs of this size: slopes of about a third of it, all of a kind, and no bend."""
    model = _layer(rng, rows, columns)
    model["X"] *= size
    model["Y"] = _logistic(model["theta"] @ model["X"]) + rng.uniform(0.08, 0.12, model["Y"].shape)
    return model


def _two_wrong(rng: np.random.Generator) -> list[Case]:
    """A steep slope that is 3 % off, and a flat one with half its value: the second difference is smaller but worse.

    In three matrices, in a vector, and in an array of three axes.
    """
    matrices = [_two_wrong_in(rng, rows, columns) for rows, columns in [(2, 3), (3, 2), (8, 2)]]
    return [*matrices, _two_wrong_in(rng, 1, 5, (5,)), _two_wrong_in(rng, 2, 3, (2, 1, 3))]


def _two_wrong_in(rng: np.random.Generator, rows: int, columns: int, shape: tuple[int, ...] | None = None) -> Case:
    """theta gets the shape, if one is given."""
    model = _layer(rng, rows, columns)
    column = int(rng.integers(columns - 1)) + 1  # not the first
    model["X"][column] *= 0.01  # a small input makes small slopes in this column
    row = int(rng.integers(rows))
    shape = shape or (rows, columns)
    model["theta"] = model["theta"].reshape(shape)
    flat = [int(i) for i in np.unravel_index(row * columns + column, shape)]
    return _asked(model, "factor", [_steepest(model), flat], [1.03, 0.5])


def _corner(rng: np.random.Generator) -> dict[str, Any]:
    """A ReLU layer. The first row of weights is zero, so every z of it sits on the corner; the other row is far off."""
    theta = np.vstack([np.zeros(3), rng.uniform(0.4, 1.0, 3)])
    return {
        "kind": "relu",
        "theta": theta,
        "X": rng.uniform(0.5, 1.5, (3, 4)),
        "Y": np.vstack([rng.uniform(0.3, 1.0, 4), rng.uniform(-1.5, -0.5, 4)]),
    }


def _slopes_to_the_right(model: dict[str, Any]) -> np.ndarray:
    """The slopes of the first row to the right of the corner. To its left they are zero."""
    return -10 / model["Y"].shape[1] * (model["X"] @ model["Y"][0])


def _on_a_corner(rng: np.random.Generator) -> list[Case]:
    """With relu'(0) = 0, with relu'(0) = 1, and with something between; and a wrong claim far from the corner."""
    model = _corner(rng)
    right, row = _slopes_to_the_right(model), [[0, k] for k in range(3)]
    between = [_asked(model, "value", row, (share * right).tolist()) for share in (1.0, 0.4)]
    return shuffled(rng, [_asked(model), *between, _asked(model, "factor", [[1, int(rng.integers(3))]], [0.7])])


def _wrong_near_a_corner(rng: np.random.Generator) -> list[Case]:
    """A claim at the corner that is not between the two slopes; and a wrong claim elsewhere."""
    model, k = _corner(rng), int(rng.integers(3))
    right = float(_slopes_to_the_right(model)[k])
    at_the_corner = [_asked(model, "value", [[0, k]], [share * right]) for share in (-1.0, -0.2, 1.2)]
    return [_asked(model), *at_the_corner, _asked(model, "factor", [[1, k]], [0.7])]


CHECKER = Exercise(
    id="gradient-check",
    number="6.4",
    title="The checker",
    answers=("gradient_check",),
    driver=_ask_verdict,
    closed=("gradcheck.gradient_check", "gradcheck.direction_check", "autodiff"),
    uses=("numerical-gradient", "relative-error"),
    internal=("kind", "X", "Y", "claim"),
    aspects=(
        Aspect("sum", "bug 1: a sum in place of the mean", 1, _right_and_wrong("sum"), accept=_accept_verdict),
        Aspect("transpose", "bug 2: the transposed gradient", 1, _right_and_wrong("transpose"), accept=_accept_verdict),
        Aspect("prime", "bug 3: σ′(a) in place of σ′(z)", 1, _prime_at_a, accept=_accept_verdict),
        Aspect("sign", "bug 4: one sign flipped", 1, _one_entry(-1.0), accept=_accept_verdict),
        Aspect("permille", "bug 5: one entry 0.1 % too large", 1, _one_entry(1.001), accept=_accept_verdict),
        Aspect("nan", "bug 6: one entry is not a number", 1, _one_entry(math.nan), accept=_accept_verdict),
        Aspect("worst", "the worst coordinate", 2, _two_wrong, driver=_ask_place, accept=_accept_verdict_and_place),
        Aspect("flat", "slopes of zero, and small ones", 1, _at_the_bottom, accept=_accept_verdict),
        Aspect("corner", "right gradients on a corner", 2, _on_a_corner, accept=_accept_verdict),
        Aspect(
            "beside",
            "wrong gradients near a corner",
            1,
            _wrong_near_a_corner,
            driver=_ask_place,
            accept=_accept_verdict_and_place,
        ),
    ),
)

# 6.5 Count the cost --------------------------------------------------------------------------------------------------

SCHEMES = ("forward", "central", "complex", "backprop")


def _ask_flops(index: int) -> Callable[..., Any]:
    def ask(answer: Any, sizes: list[int], m: int) -> Any:
        given = answer.flops(sizes, m)
        if not isinstance(given, (tuple, list, np.ndarray)) or len(given) != 2:
            raise WrongForm("flops should give two numbers: of the forward pass, of the backward pass.")
        return given[index]

    return ask


def _schemes(rng: np.random.Generator) -> list[Case]:
    return [Case({"n_weights": int(rng.integers(10, 5000)), "scheme": scheme}) for scheme in SCHEMES]


def _networks(rng: np.random.Generator) -> list[Case]:
    # No two sizes are equal: a product of the wrong two is another number.
    return [
        Case({"sizes": rng.permutation(range(3, 30))[:count].tolist(), "m": int(rng.integers(2, 40))})
        for count in (2, 3, 5, 8)
    ] + [Case({"sizes": [1000, 1000, 10], "m": int(rng.integers(2, 40))})]


COST = Exercise(
    id="count-cost",
    number="6.5",
    title="Count the cost",
    answers=("forward_passes", "flops"),
    closed=("counting",),
    aspects=(
        Aspect("passes", "forward_passes: every scheme", 2, _schemes, atol=0.0, driver=named("forward_passes")),
        Aspect("forward", "flops: the forward pass", 2, _networks, rtol=0.0, atol=0.5, driver=_ask_flops(0)),
        Aspect("backward", "flops: the backward pass", 2, _networks, rtol=0.0, atol=0.5, driver=_ask_flops(1)),
    ),
)

# 6.6 and 6.7 Find three bugs with your checker ------------------------------------------------------------------------


ENTRIES = {"first entry": 0, "middle entry": 0.5, "last entry": 1}  # which one is wrong, as a share of the way


def _network_cost(parameters: dict[str, Any], sigmoid: Callable, X: np.ndarray, Y: np.ndarray) -> Any:
    a = X
    for layer in range(1, len(parameters) // 2 + 1):
        a = sigmoid(parameters[f"w{layer}"] @ a + parameters[f"b{layer}"])
    return ((a - Y) ** 2).sum() * (0.5 / Y.shape[1])


def _right_gradients(parameters: Any, X: np.ndarray, Y: np.ndarray) -> dict[str, np.ndarray]:
    tensors = {name: Tensor(value) for name, value in parameters.items()}
    _network_cost(tensors, WITH_TENSORS["sigmoid"], X, Y).backward()
    return {name: tensor.grad.copy() for name, tensor in tensors.items()}


def _ask_wrong_parameters(answer: Any, parameters: Any, X: np.ndarray, Y: np.ndarray, claims: Any) -> list[str]:
    """claims: gradients at `parameters`, of which some are wrong. Nothing says which, as in 6.4."""

    def cost(p: Any) -> float:
        return float(_network_cost({name: np.array(p[name], float) for name in p}, _logistic, X, Y))

    def cost_of_list(arrays: list) -> float:
        return cost(dict(zip(parameters, arrays, strict=True)))

    def backprop(p: Any) -> dict[str, np.ndarray]:
        here, there = list(parameters.values()), [np.array(p[name], float) for name in parameters]
        if all(map(np.array_equal, here, there)):
            return own_copy(claims)
        slopes = zip(*(numerical_gradient(cost_of_list, each) for each in (there, here)), strict=True)
        return {name: claims[name] + (after - before) for name, (after, before) in zip(claims, slopes, strict=True)}

    def checker(f: Any, grad: Any, theta: Any) -> tuple:
        """Ours, so that a slip in the student's own checker is not counted twice. As strict as theirs may be."""
        if not callable(f) or not callable(grad):
            raise WrongForm("checker wants two functions of theta, the cost and the gradient, and then theta.")
        if not isinstance(theta, np.ndarray) or np.shape(grad(theta)) != theta.shape:
            raise WrongForm("checker wants a gradient with the shape of theta, and theta is one array.")
        if np.ndim(f(theta)) != 0:
            raise WrongForm("checker wants a cost that is one number.")
        found = gradient_check(f, grad, theta)
        f(theta + 0.1)  # a checker may end with any question: what it asks is no news for the parameters
        return found.ok, found.worst

    given = answer(checker, cost, backprop, parameters)
    if not isinstance(given, (set, frozenset, list, tuple)) or not all(isinstance(name, str) for name in given):
        raise WrongForm("wrong_parameters should give a list of names.")
    return sorted(set(given))


def _accept_names(case: Case, value: list[str], expected: list[str]) -> str | None:
    if set(value) - set(case.inputs["parameters"]):
        return "Some names in your list are no parameters of the network."
    extra, missing = set(value) - set(expected), set(expected) - set(value)
    if extra and missing:
        return "Your list names parameters with a right gradient and misses some with a wrong one."
    if extra:
        return "Your list names parameters whose gradient is right."
    return "A parameter with a wrong gradient is not in your list." if missing else None


def _net(rng: np.random.Generator, sizes: Sequence[int], m: int = 5) -> dict[str, Any]:
    """A small network whose slopes are not tiny: weights of size 1, and targets that it does not reach."""
    parameters = {}
    for layer, (before, after) in enumerate(pairwise(sizes), start=1):
        parameters[f"w{layer}"] = rng.uniform(0.4, 1.2, (after, before)) * rng.choice([-1, 1], (after, before))
        parameters[f"b{layer}"] = rng.uniform(-0.5, 0.5, (after, 1))
    return {
        "parameters": parameters,
        "X": rng.uniform(-1, 1, (sizes[0], m)),
        "Y": rng.uniform(1.5, 2.5, (sizes[-1], m)),
    }


def _planted(*plans: Sequence[tuple[str, str]]) -> Callable[[np.random.Generator], list[Case]]:
    """A network for each plan, in an order that is drawn, with gradients that are wrong as the plan says."""

    def cases(rng: np.random.Generator) -> list[Case]:
        return shuffled(rng, [_with_bugs(_net(rng, _sizes_for(plan)), plan) for plan in plans])

    return cases


def _several_wrong(rng: np.random.Generator) -> list[Case]:
    """At last one network twice, with other gradients that are wrong."""
    planted = _planted(
        [("b1", "sum"), ("w2", "sign"), ("b2", "sum")],
        [],
        [("w1", "sign"), ("b3", "sum")],
        [("w1", "sum"), ("b1", "sign"), ("w2", "sum"), ("b2", "sign")],
        [("w3", "sign"), ("b1", "sum")],
        [("b4", "sum"), ("w1", "sign")],
    )
    net = _net(rng, (3, 4, 2))
    return [*planted(rng), *(_with_bugs(net, plan) for plan in ([("b1", "sum")], [("w1", "sign"), ("b2", "sum")]))]


def _sizes_for(plan: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """Just the layers with which something is wrong, but two at least. Where they are four, two are of one shape."""
    layers = max([2, *(int(name[1:]) for name, _ in plan)])
    return {2: (3, 4, 2), 3: (3, 4, 3, 2), 4: (3, 3, 3, 2, 2)}[layers]


def _with_bugs(net: dict[str, Any], plan: Sequence[tuple[str, str]]) -> Case:
    claims = _right_gradients(**net)
    for name, bug in plan:
        if bug in ENTRIES:
            claims[name].flat[int(ENTRIES[bug] * (claims[name].size - 1))] *= -1
        else:
            claims[name] *= {"sign": -1, "sum": net["Y"].shape[1]}[bug]
    return Case({**net, "claims": claims})


def _ask_part(*names: str) -> Callable[..., Any]:
    def ask(answer: Any, parameters: Any, X: np.ndarray, Y: np.ndarray) -> dict[str, Any]:
        asked = set(parameters)
        given = answer(parameters, X, Y)
        if not isinstance(given, dict) or set(given) != asked:
            raise WrongForm("fixed_backprop should give a dict with one gradient for each parameter.")
        return {name: given[name] for name in names}

    return ask


def _two_hidden_layers(rng: np.random.Generator) -> list[Case]:
    """Outputs are to be large, and positive and negative in turn. Once as many examples as inputs, once as outputs.

    At last more of all than one writes out by hand.
    """
    nets = [*(_net(rng, (4, 3, 3, 2), m) for m in (5, 4, 2)), _net(rng, (8, 3, 3, 7), 9)]
    return [Case({**net, "Y": net["Y"] * np.resize([1, -1], (len(net["Y"]), 1))}) for net in nets]


def _ask_proportions(answer: Any, **inputs: Any) -> dict[str, Any]:
    """All gradients, divided by the length of all of them together: one factor for all does not matter."""
    gradients = _ask_part(*inputs["parameters"])(answer, **inputs)
    length = np.sqrt(sum(np.sum(np.square(each)) for each in gradients.values()))
    return {name: np.asarray(each) / length for name, each in gradients.items()}


def _one_example(rng: np.random.Generator) -> list[Case]:
    """One example and one output: a factor that is forgotten at the output is the same everywhere."""
    return [Case(_net(rng, (4, 3, 3, 1), 1)) for _ in range(2)]


WRONG_PARAMETERS = Exercise(
    id="wrong-parameters",
    number="6.6",
    title="Which parameters are wrong?",
    answers=("wrong_parameters",),
    driver=_ask_wrong_parameters,
    closed=("autodiff",),
    internal=("claims",),
    aspects=(
        Aspect(
            "one",
            "one parameter is wrong",
            2,
            _planted([("w2", "sign")], [("b1", "sum")], [("w1", "sum")], [("b2", "sign")]),
            accept=_accept_names,
        ),
        Aspect(
            "several",
            "several are wrong, or none",
            1,
            _several_wrong,
            accept=_accept_names,
        ),
        Aspect(
            "entry",
            "only one entry of a matrix is wrong",
            1,
            _planted([("w1", "middle entry")], [("w2", "first entry")], [("w1", "last entry")]),
            accept=_accept_names,
        ),
    ),
)

CHECKER_BUGS = Exercise(
    id="checker-bugs",
    number="6.7",
    title="Find three bugs with your checker",
    answers=("fixed_backprop",),
    closed=("network", "autodiff", "gradcheck"),
    aspects=(
        Aspect("last", "w3 and b3", 1, _two_hidden_layers, driver=_ask_part("w3", "b3")),
        Aspect("middle", "w2 and b2", 1, _two_hidden_layers, driver=_ask_part("w2", "b2")),
        Aspect("first", "w1 and b1", 1, _two_hidden_layers, driver=_ask_part("w1", "b1")),
        Aspect("proportions", "one example: all gradients, up to one factor", 2, _one_example, driver=_ask_proportions),
    ),
)

# 6.8 Bonus: predict what you cannot wait for -------------------------------------------------------------------------


def _ask_extrapolate(part: str) -> Callable[..., Any]:
    def ask(answer: Any, weights: Any, seconds: Any, n: int) -> Any:
        given = answer(weights, seconds, n)
        if not isinstance(given, (tuple, list, np.ndarray)) or len(given) != 2:
            raise WrongForm("extrapolate should give two numbers: the exponent, and the seconds for n weights.")
        named = {"exponent": given[0], "seconds": given[1]}
        return named if part == "both" else named[part]

    return ask


def _timings(rng: np.random.Generator) -> list[Case]:
    """And two networks alone."""
    two = _timing(rng, 1.6, 0)
    two.inputs.update({name: two.inputs[name][1:3] for name in ("weights", "seconds")})
    return [*(_timing(rng, exponent, 0) for exponent in (1.2, 2.0)), two]


def _rough_timings(rng: np.random.Generator) -> list[Case]:
    """And one in whole seconds, with a network that was measured twice, for a smaller network than all of them.

    In the second there are ten networks.
    """
    whole = _timing(rng, 1.2, 0.2)
    weights, seconds = whole.inputs["weights"], np.rint(1000 * whole.inputs["seconds"]).astype(int)
    whole.inputs.update(
        weights=np.r_[weights, weights[0]], seconds=np.r_[seconds, seconds[0]], n=int(rng.integers(2, 9))
    )
    few, many, more = (_timing(rng, exponent, 0.2) for exponent in (1.2, 2.0, 2.0))
    many.inputs.update({name: np.r_[many.inputs[name], 3 * more.inputs[name]] for name in ("weights", "seconds")})
    return [few, many, whole]


def _timing(rng: np.random.Generator, exponent: float, rough: float) -> Case:
    weights = np.array([200, 1000, 3000, 20000, 60000]) + rng.integers(0, 100, 5)
    exponent += rng.uniform(-0.1, 0.1)
    seconds = rng.uniform(2, 4) * (weights / 20000) ** exponent * np.exp(rough * rng.normal(size=5))
    return Case({"weights": weights, "seconds": seconds, "n": int(rng.integers(900_000, 1_100_000))})


EXTRAPOLATE = Exercise(
    id="extrapolate",
    number="6.8",
    title="Bonus: predict what you cannot wait for",
    answers=("extrapolate",),
    aspects=(
        Aspect("exponent", "the exponent", 2, _timings, driver=_ask_extrapolate("exponent")),
        Aspect("seconds", "the seconds for n weights", 2, _timings, driver=_ask_extrapolate("seconds")),
        Aspect("rough", "both, from rough timings", 1, _rough_timings, 1e-6, driver=_ask_extrapolate("both")),
    ),
)

# 6.9 Bonus: the complex step -----------------------------------------------------------------------------------------


def _tiny_steps(rng: np.random.Generator) -> list[Case]:
    steps = [10.0**-power for power in rng.integers(20, 30, len(FUNCTIONS)).tolist()]
    return [Case({"f": f, "theta": array(rng, 0.4, 1.2, 4), "h": h}) for f, h in zip(FUNCTIONS, steps, strict=True)]


def _steps_of_any_shape(rng: np.random.Generator) -> list[Case]:
    twice = Case({"f": "waves", "theta": rng.permutation([1.0, 2.0, 2.0, -1.0]), "h": 0.1})
    many = Case({"f": "waves", "theta": array(rng, 0.4, 1.2, 8), "h": 0.1})
    return [*_measured([(3,), (3, 3), (1, 4)], 0.1)(rng), twice, many]


COMPLEX_STEP = Exercise(
    id="complex-step",
    number="6.9",
    title="Bonus: the complex step",
    answers=("complex_step",),
    driver=_ask_gradient,
    closed=("gradcheck", "autodiff"),
    aspects=(
        Aspect("step", "exactly the step h, theta of any shape", 1, _steps_of_any_shape),
        Aspect("tiny", "tiny steps: right to twelve digits", 1, _tiny_steps, 1e-12, 1e-12),
    ),
)

EXERCISES = (
    NUMERICAL,
    RELATIVE_ERROR,
    BEST_STEP,
    CHECKER,
    COST,
    WRONG_PARAMETERS,
    CHECKER_BUGS,
    EXTRAPOLATE,
    COMPLEX_STEP,
)
