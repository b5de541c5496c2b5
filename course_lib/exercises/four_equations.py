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
from course_lib.exercises.drivers import form_of, named, several

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


def whole_numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Whole numbers from -3 to 3, each of them about as often as the others."""
    return rng.permutation(np.resize(np.arange(-3, 4), int(np.prod(shape)))).reshape(shape)


# Gradients of costs that no exercise asks for: an answer must use the one it is given.
COSTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "fourth power": lambda a, y: (a - y) ** 3,
    "log cosh": lambda a, y: np.tanh(a - y),
}


def _one_of(cases: Callable[..., Case], sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    """One case for each of the networks, with m examples."""
    return lambda rng: [cases(rng, each, m) for each in sizes]


def _with_a_flat_place(rng: np.random.Generator, z: np.ndarray) -> np.ndarray:
    """Where there are several examples, one entry is far out: the slope of the sigmoid is 1e-7 there, and no floor."""
    if z.shape[1] > 1:
        z.flat[rng.integers(z.size)] = rng.choice([-1, 1]) * rng.uniform(14, 16)
    return z


# In square layers no shape gives a mistake away, not even when examples and neurons are as many. There are six layers.
RAGGED = [[3, 4, 2], [2, 4, 3, 5]]
SQUARE = [[3, 3, 3, 3, 3, 3, 3]]

# 4.1 The sigmoid and its slope ---------------------------------------------------------------------------------------


def _ask_far_out(answer: Any, z: np.ndarray) -> dict[str, Any]:
    """Both functions, and how often NumPy warned: `ask` silences warnings, so they are let through here."""
    with warnings.catch_warnings(record=True) as heard, np.errstate(over="warn", divide="warn", invalid="warn"):
        warnings.simplefilter("always")
        values = {"sigmoid": answer.sigmoid(z), "sigmoid_prime": answer.sigmoid_prime(z)}
    return {**values, "kinds of warnings": len({str(each.message) for each in heard})}


def _some_z(rng: np.random.Generator) -> list[Case]:
    """At last the number 0, and the numbers of a matrix in another shape."""
    drawn = [signed(rng, *shape) * 2 for shape in [(4,), (3, 2), (3, 1), (3, 3), (2, 1, 3)]]
    return [Case({"z": z}) for z in [*drawn, rng.uniform(0.5, 2), 0.0, drawn[1].reshape(2, 3)]]


def _whole_z(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": rng.permutation([-3, -1, 0, 1, 2])})]


def _fractions_and_whole(rng: np.random.Generator) -> list[Case]:
    return [*_some_z(rng), *_whole_z(rng)]


def _far_out(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": rng.permutation([-1000.0, -40.0, -1.0, 0.5, 40.0, 1000.0])})]


SIGMOID = Exercise(
    id="sigmoid",
    number="4.1",
    title="The sigmoid and its slope",
    answers=("sigmoid", "sigmoid_prime"),
    closed=(*ENGINE, "graphs.OPERATIONS"),
    aspects=(
        Aspect("values", "sigmoid: numbers and arrays", 1, _some_z, driver=named("sigmoid")),
        Aspect("slope", "sigmoid_prime: numbers and arrays", 1, _fractions_and_whole, driver=named("sigmoid_prime")),
        Aspect("whole", "sigmoid: an array of whole numbers", 1, _whole_z, driver=named("sigmoid")),
        Aspect("far", "both: finite and without a warning at ±1000", 1, _far_out, driver=_ask_far_out),
    ),
)

# 4.2 The forward pass ------------------------------------------------------------------------------------------------


def _two_lists(given: Any, function: str, names: tuple[str, str], layers: int) -> tuple[Any, Any]:
    """The two lists that a function gives, with one item for each layer from 0 on.

    Raises:
        WrongForm: when they are something else; the message says which list, and what is missing in it.
    """
    for name, each in several(given, function, names, "lists").items():
        if not isinstance(each, (tuple, list)):
            raise WrongForm(f"{function} should give two lists, {names[0]} and {names[1]}; {name} is {form_of(each)}.")
        if len(each) != layers + 1:
            raise WrongForm(f"{name} has {len(each)} items. With layers 0 to {layers} it needs {layers + 1}.")
    return given[0], given[1]


def _too_short(given: Any, X: np.ndarray, layers: int) -> str:
    """Which end is missing in lists with one item too few: the first item tells."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        return ""
    short = {
        name: each[0]
        for name, each in zip("za", given, strict=True)
        if isinstance(each, (tuple, list)) and len(each) == layers > 0
    }
    if isinstance(short.get("z"), np.ndarray):
        return "z starts with layer 1. Put None in front, for layer 0."
    if "a" in short and not np.array_equal(short["a"], X):
        return "a starts with layer 1. Put the input X in front, for layer 0."
    if len(short) == 2:
        return f"The last layer is missing: z and a end with layer {layers - 1}, and w with {layers}."
    return ""


def _ask_feedforward(answer: Any, w: list, b: list, X: np.ndarray) -> dict[str, Any]:
    layers = len(w) - 1
    given = answer(w, b, X)
    if sentence := _too_short(given, X, layers):
        raise WrongForm(sentence)
    z, a = _two_lists(given, "feedforward", ("z", "a"), layers)
    values = {"a[0]": a[0]}
    for layer in range(1, layers + 1):
        values |= {f"z[{layer}]": z[layer], f"a[{layer}]": a[layer]}
    return values


def _forward_case(rng: np.random.Generator, sizes: list[int], m: int) -> Case:
    drawn = network(rng, sizes, m)
    return Case({name: drawn[name] for name in ("w", "b", "X")})


def _some_batches(rng: np.random.Generator) -> list[Case]:
    """The second with inputs that are whole numbers, and with more inputs than neurons. Seven examples, inputs and
    outputs once each."""
    whole = _forward_case(rng, [7, 3, 2], 4)
    whole.inputs["X"] = whole_numbers(rng, 7, 4)
    return [_forward_case(rng, RAGGED[1], 7), whole, _forward_case(rng, [3, 1, 7], 2)]


FEEDFORWARD = Exercise(
    id="feedforward",
    number="4.2",
    title="The forward pass",
    answers=("feedforward",),
    driver=_ask_feedforward,
    closed=ENGINE,
    uses=("sigmoid",),
    aspects=(
        Aspect("one", "one example", 1, _one_of(_forward_case, [*RAGGED, [4, 3], [3, 1]], 1)),
        Aspect("batch", "a whole mini-batch", 1, _some_batches),
        Aspect("square", "layers of equal size: no shape betrays a mistake", 1, _one_of(_forward_case, SQUARE, 3)),
    ),
)

# 4.3 BP1: the error at the output ------------------------------------------------------------------------------------


def _ask_bp1(answer: Any, z: list, a: list, y: np.ndarray, cost: str) -> Any:
    return answer.bp1(z, a, y, COSTS[cost])


def _outputs(rng: np.random.Generator) -> list[Case]:
    some = [Case({"a": activations(rng, n, m), "y": signed(rng, n, m)}) for n, m in [(3, 1), (2, 7), (3, 3)]]
    labels = Case({"a": activations(rng, 5, 4), "y": np.eye(5, dtype=int)[:, rng.permutation(5)[:4]]})
    return [*some, labels, Case({"a": activations(rng, 7, 2), "y": 6 * signed(rng, 7, 2)})]


def _bp1_cases(sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        cases = [_bp1_case(rng, each, m, cost) for each in sizes for cost in COSTS]
        labels = _bp1_case(rng, sizes[0], m, "log cosh")
        labels.inputs["y"] = np.rint(labels.inputs["y"]).astype(int)
        return [*cases, labels]

    return cases


def _bp1_batches(rng: np.random.Generator) -> list[Case]:
    """At last a network of seven layers with many outputs, far from their targets."""
    large = _bp1_case(rng, [2, 3, 2, 3, 2, 3, 2, 7], 2, "fourth power")
    large.inputs["y"] = 4 * large.inputs["y"]
    return [*_bp1_cases([[2, 3, 4, 5], [4, 3], [3, 1]], 7)(rng), large]


def _bp1_case(rng: np.random.Generator, sizes: list[int], m: int, cost: str) -> Case:
    z = [None] + [2 * each for each in _columns(rng, sizes, m)[1:]]  # σ′ from 0.2 down to 0.05
    z[-1] = _with_a_flat_place(rng, z[-1])
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
        Aspect("one", "bp1: one example, two costs", 1, _bp1_cases([[3, 4, 2], [3, 4, 1]], 1)),
        Aspect("batch", "bp1: a whole mini-batch", 1, _bp1_batches),
        Aspect("square", "bp1: layers of equal size", 1, _bp1_cases([[3, 3, 3, 3]], 3)),
    ),
)

# 4.4 BP2: one layer back ---------------------------------------------------------------------------------------------


def _bp2_case(rng: np.random.Generator, sizes: list[int], m: int) -> Case:
    """Layer 1 of a short network, layer 2 of a longer one. The errors of the layers from l down are not known yet."""
    layer = (len(sizes) - 1) // 2
    delta = [None] * (layer + 1) + [3 * signed(rng, n, m) for n in sizes[layer + 1 :]]
    z = [None] + [2 * each for each in _columns(rng, sizes, m)[1:]]
    z[layer] = _with_a_flat_place(rng, z[layer])
    return Case({"l": layer, "w": _weights(rng, sizes), "z": z, "delta": delta})


def _bp2_batches(rng: np.random.Generator) -> list[Case]:
    """At last layer 6 of a network of twelve, with large errors behind it."""
    large = _bp2_case(rng, [2, 3, 2, 3, 2, 3, 7, 8, 2, 3, 2, 3, 2], 2)
    large.inputs["delta"] = [None if each is None else 10 * each for each in large.inputs["delta"]]
    return [*_one_of(_bp2_case, [[3, 5, 2], [3, 2, 5, 3, 4], [3, 1, 4], [2, 3, 1]], 7)(rng), large]


BP2 = Exercise(
    id="bp2",
    number="4.4",
    title="BP2: the error one layer back",
    answers=("bp2",),
    closed=ENGINE,
    uses=("sigmoid",),
    aspects=(
        Aspect("one", "one example", 1, _one_of(_bp2_case, [[3, 4, 2], [2, 5, 3, 4, 2], [3, 1, 1]], 1)),
        Aspect("batch", "a whole mini-batch", 1, _bp2_batches),
        Aspect("square", "layers of equal size: no shape betrays a mistake", 2, _one_of(_bp2_case, SQUARE, 3)),
    ),
)

# 4.5 BP3 and 4.6 BP4: from the error to the gradients ----------------------------------------------------------------


def _bp3_cases(sizes: list[int], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case({"l": layer, "delta": _columns(rng, sizes, m)}) for layer in (1, 2, 3)]

    return cases


def _several_examples(rng: np.random.Generator) -> list[Case]:
    """Once with as many examples as neurons, and once with one neuron; at last the seventh layer, with large errors."""
    large = [None, *(10 * each for each in _columns(rng, [2, 3, 2, 3, 2, 3, 2, 8, 2], 9)[1:])]
    return [
        *_bp3_cases([2, 5, 3, 4], 6)(rng),
        *_bp3_cases([3, 4, 4, 5], 4)(rng)[1:2],
        *_bp3_cases([3, 1, 4, 5], 4)(rng)[:1],
        Case({"l": 7, "delta": large}),
    ]


BP3 = Exercise(
    id="bp3",
    number="4.5",
    title="BP3: the gradient of the biases",
    answers=("bp3",),
    closed=ENGINE,
    aspects=(
        Aspect("one", "one example", 1, _bp3_cases([3, 4, 2, 5], 1)),
        Aspect("batch", "a whole mini-batch", 2, _several_examples),
    ),
)


def _bp4_cases(sizes: list[int], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [
            Case({"l": layer, "delta": _columns(rng, sizes, m), "a": [activations(rng, n, m) for n in sizes]})
            for layer in (1, 2, 3)
        ]

    return cases


def _layers_of_all_sizes(rng: np.random.Generator) -> list[Case]:
    """Also with layers of one neuron; at last the seventh layer of a network, with large errors."""
    sizes = [2, 3, 2, 3, 2, 3, 7, 7, 2]
    delta = [None, *(30 * each for each in _columns(rng, sizes, 9)[1:])]
    large = Case({"l": 7, "delta": delta, "a": [activations(rng, n, 9) for n in sizes]})
    return [*_bp4_cases([2, 5, 3, 4], 6)(rng), *_bp4_cases([2, 1, 3, 1], 6)(rng), large]


BP4 = Exercise(
    id="bp4",
    number="4.6",
    title="BP4: the gradient of the weights",
    answers=("bp4",),
    closed=ENGINE,
    aspects=(
        Aspect("one", "one example", 1, _bp4_cases([3, 4, 2, 5], 1)),
        Aspect("batch", "a whole mini-batch", 2, _layers_of_all_sizes),
        Aspect("square", "layers of equal size", 1, _bp4_cases([4, 4, 4, 4], 4)),
    ),
)

# 4.7 The whole algorithm, one example --------------------------------------------------------------------------------


def _starts_with_layer_1(each: Any, total: int) -> bool:
    return isinstance(each, (tuple, list)) and len(each) == total and each[0] is not None


def gradients(given: Any, function: str, layers: list[int], total: int) -> dict[str, Any]:
    """The gradients of some layers by name, from the output back: the first wrong one is where to look.

    Raises:
        WrongForm: for anything but two lists with one item for each layer, None for layer 0.
    """
    if isinstance(given, (tuple, list)) and len(given) == 2:
        short = [name for name, each in zip(("dw", "db"), given, strict=True) if _starts_with_layer_1(each, total)]
        if short:
            raise WrongForm(f"{' and '.join(short)} should start with None for layer 0, so that item l is of layer l.")
    dw, db = _two_lists(given, function, ("dw", "db"), total)
    values: dict[str, Any] = {}
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


def whole_data(rng: np.random.Generator, sizes: list[int], m: int) -> Case:
    """A network with inputs and targets that are whole numbers, for the cost of the fourth power."""
    drawn = network(rng, sizes, m)
    X, Y = whole_numbers(rng, sizes[0], m), whole_numbers(rng, sizes[-1], m)
    return Case({**drawn, "X": X, "Y": Y, "cost": "fourth power"})


def _deep_networks(rng: np.random.Generator) -> list[Case]:
    """Once with whole numbers, once with layers of equal size, once with layers of one neuron, and once with many."""
    square = Case({**network(rng, SQUARE[0], 1), "cost": "log cosh"})
    narrow = Case({**network(rng, [2, 3, 1, 1, 2], 1), "cost": "log cosh"})
    wide = Case({**network(rng, [7, 1, 7], 1), "cost": "log cosh"})
    return [*networks([[2, 5, 3, 4, 2]], 1)(rng), whole_data(rng, [3, 2, 4, 3, 5], 1), square, narrow, wide]


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
        Aspect("deep", "four layers", 2, _deep_networks),
        Aspect("single", "no hidden layer at all", 1, networks([[4, 3]], 1)),
    ),
)

EXERCISES = (SIGMOID, FEEDFORWARD, BP1, BP2, BP3, BP4, BACKPROP_ONE)
