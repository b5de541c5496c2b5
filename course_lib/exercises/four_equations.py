"""What notebook 4 asks: the four equations of backpropagation, the whole algorithm, and what it rests on.

Lists of a network start with None, so that w[l], b[l], z[l] and delta[l] belong to layer l as in the text.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.exercises import ENGINE, Aspect, Case, Exercise, WrongForm
from course_lib.exercises.drivers import named

# Shared data ---------------------------------------------------------------------------------------------------------


def signed(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of size about 1, positive and negative, none of them near 0."""
    return rng.uniform(0.5, 1.5, shape) * np.where(rng.random(shape) < 0.5, -1, 1)


def activations(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.uniform(0.15, 0.85, shape)


def _columns(rng: np.random.Generator, sizes: list[int], m: int) -> list:
    """One array (n_l, m) for each layer from 1 on."""
    return [None] + [signed(rng, n, m) for n in sizes[1:]]


def _weights(rng: np.random.Generator, sizes: list[int]) -> list:
    return [None] + [signed(rng, n, before) for before, n in pairwise(sizes)]


def network(rng: np.random.Generator, sizes: list[int], m: int) -> dict[str, Any]:
    """Weights and biases, and m examples with their targets."""
    biases = [None] + [signed(rng, n, 1) for n in sizes[1:]]
    return {"w": _weights(rng, sizes), "b": biases, "X": signed(rng, sizes[0], m), "Y": signed(rng, sizes[-1], m)}


# Gradients of costs that no exercise asks for: an answer must use the one it is given.
COSTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "fourth power": lambda a, y: (a - y) ** 3,
    "log cosh": lambda a, y: np.tanh(a - y),
}


def _one_of(cases: Callable[..., Case], sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    """One case for each of the networks, with m examples."""
    return lambda rng: [cases(rng, each, m) for each in sizes]


# In square layers no shape gives a mistake away, not even when examples and neurons are as many.
RAGGED = [[3, 4, 2], [2, 4, 3, 5]]
SQUARE = [[3, 3, 3, 3, 3]]

# 4.1 The sigmoid and its slope ---------------------------------------------------------------------------------------


def _ask_far_out(answer: Any, z: np.ndarray) -> dict[str, Any]:
    """Both functions, and how often NumPy warned: `ask` silences warnings, so they are let through here."""
    with warnings.catch_warnings(record=True) as heard, np.errstate(over="warn", divide="warn", invalid="warn"):
        warnings.simplefilter("always")
        values = {"sigmoid": answer.sigmoid(z), "sigmoid_prime": answer.sigmoid_prime(z)}
    return {**values, "kinds of warnings": len({str(each.message) for each in heard})}


def _some_z(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": signed(rng, *shape) * 2}) for shape in [(4,), (3, 2)]] + [Case({"z": rng.uniform(0.5, 2)})]


def _whole_z(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": rng.permutation([-3, -1, 0, 1, 2])})]


def _far_out(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": rng.permutation([-1000.0, -40.0, -1.0, 0.5, 40.0, 1000.0])})]


SIGMOID = Exercise(
    id="sigmoid",
    number="4.1",
    title="The sigmoid and its slope",
    answers=("sigmoid", "sigmoid_prime"),
    closed=ENGINE,
    aspects=(
        Aspect("values", "sigmoid: numbers and arrays", 1, _some_z, driver=named("sigmoid")),
        Aspect("slope", "sigmoid_prime: numbers and arrays", 1, _some_z, driver=named("sigmoid_prime")),
        Aspect("whole", "sigmoid: an array of whole numbers", 1, _whole_z, driver=named("sigmoid")),
        Aspect("far", "both: finite and without a warning at ±1000", 1, _far_out, driver=_ask_far_out),
    ),
)

# 4.2 The forward pass ------------------------------------------------------------------------------------------------


def _two_lists(given: Any, function: str, names: str, layers: int) -> tuple[Any, Any]:
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise WrongForm(f"{function} should give two lists: {names}")
    for each in given:
        if not isinstance(each, (tuple, list)) or len(each) != layers + 1:
            raise WrongForm(f"{function} should give two lists, {names}, with {layers + 1} items: layers 0 to {layers}")
    return given[0], given[1]


def _ask_feedforward(answer: Any, w: list, b: list, X: np.ndarray) -> dict[str, Any]:
    layers = len(w) - 1
    z, a = _two_lists(answer(w, b, X), "feedforward", "z and a", layers)
    values = {"a[0]": a[0]}
    for layer in range(1, layers + 1):
        values |= {f"z[{layer}]": z[layer], f"a[{layer}]": a[layer]}
    return values


def _forward_case(rng: np.random.Generator, sizes: list[int], m: int) -> Case:
    drawn = network(rng, sizes, m)
    return Case({name: drawn[name] for name in ("w", "b", "X")})


FEEDFORWARD = Exercise(
    id="feedforward",
    number="4.2",
    title="The forward pass",
    answers=("feedforward",),
    driver=_ask_feedforward,
    closed=ENGINE,
    uses=("sigmoid",),
    aspects=(
        Aspect("one", "one example", 1, _one_of(_forward_case, RAGGED, 1)),
        Aspect("batch", "a whole mini-batch", 1, _one_of(_forward_case, RAGGED[1:], 6)),
        Aspect("square", "layers of equal size: no shape betrays a mistake", 1, _one_of(_forward_case, SQUARE, 3)),
    ),
)

# 4.3 BP1: the error at the output ------------------------------------------------------------------------------------


def _ask_bp1(answer: Any, z: list, a: list, y: np.ndarray, cost: str) -> Any:
    return answer.bp1(z, a, y, COSTS[cost])


def _outputs(rng: np.random.Generator) -> list[Case]:
    some = [Case({"a": activations(rng, n, m), "y": signed(rng, n, m)}) for n, m in [(3, 1), (2, 5)]]
    return [*some, Case({"a": activations(rng, 5, 4), "y": np.eye(5, dtype=int)[:, rng.permutation(5)[:4]]})]


def _bp1_cases(sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        cases = [_bp1_case(rng, each, m, cost) for each in sizes for cost in COSTS]
        labels = _bp1_case(rng, sizes[0], m, "log cosh")
        labels.inputs["y"] = np.rint(labels.inputs["y"]).astype(int)
        return [*cases, labels]

    return cases


def _bp1_case(rng: np.random.Generator, sizes: list[int], m: int, cost: str) -> Case:
    z = [None] + [2 * each for each in _columns(rng, sizes, m)[1:]]  # σ′ from 0.2 down to 0.05
    a = [signed(rng, sizes[0], m)] + [1 / (1 + np.exp(-each)) for each in z[1:]]
    return Case({"z": z, "a": a, "y": signed(rng, sizes[-1], m), "cost": cost})


BP1 = Exercise(
    id="bp1",
    number="4.3",
    title="BP1: the error at the output",
    answers=("nabla_quadratic", "bp1"),
    driver=_ask_bp1,
    closed=ENGINE,
    uses=("sigmoid",),
    aspects=(
        Aspect(
            "nabla", "nabla_quadratic: the gradient of the quadratic cost", 1, _outputs, driver=named("nabla_quadratic")
        ),
        Aspect("one", "bp1: one example, two costs", 1, _bp1_cases([[3, 4, 2]], 1)),
        Aspect("batch", "bp1: a whole mini-batch", 1, _bp1_cases([[2, 5, 4, 3]], 6)),
        Aspect("square", "bp1: layers of equal size", 1, _bp1_cases([[3, 3, 3, 3]], 3)),
    ),
)

# 4.4 BP2: one layer back ---------------------------------------------------------------------------------------------


def _bp2_case(rng: np.random.Generator, sizes: list[int], m: int) -> Case:
    """Layer 1 of a short network, layer 2 of a longer one. The errors of the layers from l down are not known yet."""
    layer = (len(sizes) - 1) // 2
    delta = [None] * (layer + 1) + [3 * signed(rng, n, m) for n in sizes[layer + 1 :]]
    return Case(
        {
            "l": layer,
            "w": _weights(rng, sizes),
            "z": [None] + [2 * each for each in _columns(rng, sizes, m)[1:]],
            "delta": delta,
        }
    )


BP2 = Exercise(
    id="bp2",
    number="4.4",
    title="BP2: the error one layer back",
    answers=("bp2",),
    closed=ENGINE,
    uses=("sigmoid",),
    aspects=(
        Aspect("one", "one example", 1, _one_of(_bp2_case, [[3, 4, 2], [2, 5, 3, 4, 2]], 1)),
        Aspect("batch", "a whole mini-batch", 1, _one_of(_bp2_case, [[3, 5, 2], [3, 2, 5, 3, 4]], 6)),
        Aspect("square", "layers of equal size: no shape betrays a mistake", 2, _one_of(_bp2_case, SQUARE, 3)),
    ),
)

# 4.5 BP3 and 4.6 BP4: from the error to the gradients ----------------------------------------------------------------


def _bp3_cases(sizes: list[int], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case({"l": layer, "delta": _columns(rng, sizes, m)}) for layer in (1, 2, 3)]

    return cases


BP3 = Exercise(
    id="bp3",
    number="4.5",
    title="BP3: the gradient of the biases",
    answers=("bp3",),
    closed=ENGINE,
    aspects=(
        Aspect("one", "one example", 1, _bp3_cases([3, 4, 2, 5], 1)),
        Aspect("batch", "a whole mini-batch", 2, _bp3_cases([2, 5, 3, 4], 6)),
    ),
)


def _bp4_cases(sizes: list[int], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [
            Case({"l": layer, "delta": _columns(rng, sizes, m), "a": [activations(rng, n, m) for n in sizes]})
            for layer in (1, 2, 3)
        ]

    return cases


BP4 = Exercise(
    id="bp4",
    number="4.6",
    title="BP4: the gradient of the weights",
    answers=("bp4",),
    closed=ENGINE,
    aspects=(
        Aspect("one", "one example", 1, _bp4_cases([3, 4, 2, 5], 1)),
        Aspect("batch", "a whole mini-batch", 2, _bp4_cases([2, 5, 3, 4], 6)),
        Aspect("square", "layers of equal size", 1, _bp4_cases([4, 4, 4, 4], 4)),
    ),
)

# 4.7 The whole algorithm, one example --------------------------------------------------------------------------------


def gradients(given: Any, function: str, layers: list[int], total: int) -> dict[str, Any]:
    """The gradients of some layers by name, from the output back: the first wrong one is where to look."""
    dw, db = _two_lists(given, function, "dw and db", total)
    values = {}
    for layer in reversed(layers):
        values |= {f"db[{layer}]": db[layer], f"dw[{layer}]": dw[layer]}
    return values


def _ask_one(layers: Callable[[int], list[int]]) -> Callable[..., Any]:
    def ask(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
        total = len(w) - 1
        return gradients(answer(w, b, X, Y, COSTS[cost]), "backprop_one", layers(total), total)

    return ask


def networks(sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    """Two cases, each with another cost: of two networks, or of one network twice."""

    def cases(rng: np.random.Generator) -> list[Case]:
        pairs = zip([sizes[0], sizes[-1]], COSTS, strict=True)
        return [Case({**network(rng, each, m), "cost": cost}) for each, cost in pairs]

    return cases


def every_layer(total: int) -> list[int]:
    return list(range(1, total + 1))


BACKPROP_ONE = Exercise(
    id="backprop-one",
    number="4.7",
    title="The whole algorithm, for one example",
    answers=("backprop_one",),
    driver=_ask_one(every_layer),
    closed=ENGINE,
    uses=("sigmoid", "feedforward", "bp1", "bp2", "bp3", "bp4"),
    aspects=(
        Aspect("output", "the output layer", 1, networks([[3, 4, 2]], 1), driver=_ask_one(lambda total: [total])),
        Aspect("hidden", "one hidden layer", 1, networks([[3, 4, 2]], 1), driver=_ask_one(lambda total: [1])),
        Aspect("deep", "four layers", 2, networks([[2, 5, 3, 4, 2]], 1)),
        Aspect("single", "no hidden layer at all", 1, networks([[4, 3]], 1)),
    ),
)

EXERCISES = (SIGMOID, FEEDFORWARD, BP1, BP2, BP3, BP4, BACKPROP_ONE)
