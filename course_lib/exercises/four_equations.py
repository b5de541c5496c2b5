"""What notebook 4 asks: the four equations of backpropagation, the whole algorithm, and what it rests on.

Lists of a network start with None, so that w[l], b[l], z[l] and delta[l] belong to layer l as in the text.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.exercises import Aspect, Case, Exercise, WrongForm

# Shared data ---------------------------------------------------------------------------------------------------------


def _values(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of size about 1, positive and negative, none of them near 0."""
    return rng.uniform(0.5, 1.5, shape) * np.where(rng.random(shape) < 0.5, -1, 1)


def _activations(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.uniform(0.15, 0.85, shape)


def _columns(rng: np.random.Generator, sizes: list[int], m: int) -> list:
    """One array (n_l, m) for each layer from 1 on."""
    return [None] + [_values(rng, n, m) for n in sizes[1:]]


def _weights(rng: np.random.Generator, sizes: list[int]) -> list:
    return [None] + [_values(rng, n, before) for before, n in pairwise(sizes)]


def _network(rng: np.random.Generator, sizes: list[int], m: int) -> dict[str, Any]:
    """Weights and biases, and m examples with their targets."""
    biases = [None] + [_values(rng, n, 1) for n in sizes[1:]]
    return {"w": _weights(rng, sizes), "b": biases, "X": _values(rng, sizes[0], m), "Y": _values(rng, sizes[-1], m)}


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


def _ask_sigmoid(answer: Any, z: Any) -> Any:
    return answer.sigmoid(z)


def _ask_sigmoid_prime(answer: Any, z: Any) -> Any:
    return answer.sigmoid_prime(z)


def _ask_far_out(answer: Any, z: np.ndarray) -> dict[str, Any]:
    """Both functions, and how often NumPy warned: `ask` silences warnings, so they are let through here."""
    with warnings.catch_warnings(record=True) as heard, np.errstate(over="warn", divide="warn", invalid="warn"):
        warnings.simplefilter("always")
        values = {"sigmoid": answer.sigmoid(z), "sigmoid_prime": answer.sigmoid_prime(z)}
    return {**values, "kinds of warnings": len({str(each.message) for each in heard})}


def _some_z(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": _values(rng, *shape) * 2}) for shape in [(4,), (3, 2)]] + [Case({"z": rng.uniform(0.5, 2)})]


def _whole_z(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": rng.permutation([-3, -1, 0, 1, 2])})]


def _far_out(rng: np.random.Generator) -> list[Case]:
    return [Case({"z": rng.permutation([-1000.0, -40.0, -1.0, 0.5, 40.0, 1000.0])})]


SIGMOID = Exercise(
    id="sigmoid",
    number="4.1",
    title="The sigmoid and its slope",
    answers=("sigmoid", "sigmoid_prime"),
    aspects=(
        Aspect("values", "sigmoid: numbers and arrays", 1, _some_z, driver=_ask_sigmoid),
        Aspect("slope", "sigmoid_prime: numbers and arrays", 1, _some_z, driver=_ask_sigmoid_prime),
        Aspect("whole", "sigmoid: an array of whole numbers", 1, _whole_z, driver=_ask_sigmoid),
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
    network = _network(rng, sizes, m)
    return Case({name: network[name] for name in ("w", "b", "X")})


FEEDFORWARD = Exercise(
    id="feedforward",
    number="4.2",
    title="The forward pass",
    answers=("feedforward",),
    driver=_ask_feedforward,
    aspects=(
        Aspect("one", "one example", 1, _one_of(_forward_case, RAGGED, 1)),
        Aspect("batch", "a whole mini-batch", 1, _one_of(_forward_case, RAGGED[1:], 6)),
        Aspect("square", "layers of equal size: no shape betrays a mistake", 1, _one_of(_forward_case, SQUARE, 3)),
    ),
)

# 4.3 BP1: the error at the output ------------------------------------------------------------------------------------


def _ask_nabla(answer: Any, a: np.ndarray, y: np.ndarray) -> Any:
    return answer.nabla_quadratic(a, y)


def _ask_bp1(answer: Any, z: list, a: list, y: np.ndarray, cost: str) -> Any:
    return answer.bp1(z, a, y, COSTS[cost])


def _outputs(rng: np.random.Generator) -> list[Case]:
    return [Case({"a": _activations(rng, n, m), "y": _values(rng, n, m)}) for n, m in [(3, 1), (2, 5)]]


def _bp1_cases(sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [_bp1_case(rng, each, m, cost) for each in sizes for cost in COSTS]

    return cases


def _bp1_case(rng: np.random.Generator, sizes: list[int], m: int, cost: str) -> Case:
    z = _columns(rng, sizes, m)
    a = [_values(rng, sizes[0], m)] + [1 / (1 + np.exp(-each)) for each in z[1:]]
    return Case({"z": z, "a": a, "y": _values(rng, sizes[-1], m), "cost": cost})


BP1 = Exercise(
    id="bp1",
    number="4.3",
    title="BP1: the error at the output",
    answers=("nabla_quadratic", "bp1"),
    driver=_ask_bp1,
    aspects=(
        Aspect("nabla", "nabla_quadratic: the gradient of the quadratic cost", 1, _outputs, driver=_ask_nabla),
        Aspect("one", "bp1: one example, two costs", 1, _bp1_cases([[3, 4, 2]], 1)),
        Aspect("batch", "bp1: a whole mini-batch", 1, _bp1_cases([[2, 5, 4, 3]], 6)),
        Aspect("square", "bp1: layers of equal size", 1, _bp1_cases([[3, 3, 3, 3]], 3)),
    ),
)

# 4.4 BP2: one layer back ---------------------------------------------------------------------------------------------


def _bp2_case(rng: np.random.Generator, sizes: list[int], m: int) -> Case:
    """Layer 1 of a short network, layer 2 of a longer one. The errors of the layers from l down are not known yet."""
    layer = (len(sizes) - 1) // 2
    delta = [None] * (layer + 1) + [_values(rng, n, m) for n in sizes[layer + 1 :]]
    return Case({"l": layer, "w": _weights(rng, sizes), "z": _columns(rng, sizes, m), "delta": delta})


BP2 = Exercise(
    id="bp2",
    number="4.4",
    title="BP2: the error one layer back",
    answers=("bp2",),
    aspects=(
        Aspect("one", "one example", 1, _one_of(_bp2_case, [[3, 4, 2], [2, 5, 3, 4, 2]], 1)),
        Aspect("batch", "a whole mini-batch", 1, _one_of(_bp2_case, [[3, 5, 2], [3, 2, 5, 3, 4]], 6)),
        Aspect("square", "layers of equal size: no shape betrays a mistake", 2, _one_of(_bp2_case, SQUARE, 3)),
    ),
)

# 4.5 BP3 and 4.6 BP4: from the error to the gradients ----------------------------------------------------------------


def _bp3_cases(sizes: list[int], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case({"l": layer, "delta": _columns(rng, sizes, m)}) for layer in (1, 2)]

    return cases


BP3 = Exercise(
    id="bp3",
    number="4.5",
    title="BP3: the gradient of the biases",
    answers=("bp3",),
    aspects=(
        Aspect("one", "one example", 1, _bp3_cases([3, 4, 2, 5], 1)),
        Aspect("batch", "a whole mini-batch", 2, _bp3_cases([2, 5, 3, 4], 6)),
    ),
)


def _bp4_cases(sizes: list[int], m: int) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [
            Case({"l": layer, "delta": _columns(rng, sizes, m), "a": [_activations(rng, n, m) for n in sizes]})
            for layer in (1, 2)
        ]

    return cases


BP4 = Exercise(
    id="bp4",
    number="4.6",
    title="BP4: the gradient of the weights",
    answers=("bp4",),
    aspects=(
        Aspect("one", "one example", 1, _bp4_cases([3, 4, 2, 5], 1)),
        Aspect("batch", "a whole mini-batch", 2, _bp4_cases([2, 5, 3, 4], 6)),
        Aspect("square", "layers of equal size", 1, _bp4_cases([4, 4, 4, 4], 4)),
    ),
)

# 4.7 The whole algorithm, one example --------------------------------------------------------------------------------


def _gradients(given: Any, function: str, layers: list[int], total: int) -> dict[str, Any]:
    """The gradients of some layers by name, from the output back: the first wrong one is where to look."""
    dw, db = _two_lists(given, function, "dw and db", total)
    values = {}
    for layer in reversed(layers):
        values |= {f"db[{layer}]": db[layer], f"dw[{layer}]": dw[layer]}
    return values


def _ask_one(layers: Callable[[int], list[int]]) -> Callable[..., Any]:
    def ask(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
        total = len(w) - 1
        return _gradients(answer(w, b, X, Y, COSTS[cost]), "backprop_one", layers(total), total)

    return ask


def _networks(sizes: list[list[int]], m: int) -> Callable[[np.random.Generator], list[Case]]:
    """Two cases, each with another cost: of two networks, or of one network twice."""

    def cases(rng: np.random.Generator) -> list[Case]:
        pairs = zip([sizes[0], sizes[-1]], COSTS, strict=True)
        return [Case({**_network(rng, each, m), "cost": cost}) for each, cost in pairs]

    return cases


def _every_layer(total: int) -> list[int]:
    return list(range(1, total + 1))


BACKPROP_ONE = Exercise(
    id="backprop-one",
    number="4.7",
    title="The whole algorithm, for one example",
    answers=("backprop_one",),
    driver=_ask_one(_every_layer),
    aspects=(
        Aspect("output", "the output layer", 1, _networks([[3, 4, 2]], 1), driver=_ask_one(lambda total: [total])),
        Aspect("hidden", "one hidden layer", 1, _networks([[3, 4, 2]], 1), driver=_ask_one(lambda total: [1])),
        Aspect("deep", "four layers", 2, _networks([[2, 5, 3, 4, 2]], 1)),
        Aspect("single", "no hidden layer at all", 1, _networks([[4, 3]], 1)),
    ),
)

# 4.8 The whole mini-batch at once ------------------------------------------------------------------------------------


def _ask_loop(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
    total = len(w) - 1
    return _gradients(answer.backprop_loop(w, b, X, Y, COSTS[cost]), "backprop_loop", _every_layer(total), total)


def _ask_batch(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
    total = len(w) - 1
    return _gradients(answer.backprop(w, b, X, Y, COSTS[cost]), "backprop", _every_layer(total), total)


def _ask_work(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> int:
    """How much more often the cost's gradient is asked for when there is one example more: a loop asks for each."""

    def calls(m: int) -> int:
        asked = []
        answer.backprop(w, b, X[:, :m], Y[:, :m], lambda a, y: asked.append(1) or COSTS[cost](a, y))
        return len(asked)

    return calls(X.shape[1]) - calls(X.shape[1] - 1)


BACKPROP = Exercise(
    id="backprop",
    number="4.8",
    title="A whole mini-batch at once",
    answers=("backprop_loop", "backprop"),
    aspects=(
        Aspect("loop", "backprop_loop: the mean over the columns", 2, _networks([[3, 4, 2]], 6), driver=_ask_loop),
        Aspect("batch", "backprop: the same for the whole batch", 2, _networks(RAGGED, 6), driver=_ask_batch),
        Aspect("one", "backprop: a batch of one", 1, _networks([[3, 4, 2]], 1), driver=_ask_batch),
        Aspect("work", "backprop: no loop over the examples (advice)", 0, _networks([[3, 4, 2]], 6), driver=_ask_work),
    ),
)

# 4.9 Cross-entropy ---------------------------------------------------------------------------------------------------


def _ask_nabla_cross_entropy(answer: Any, a: np.ndarray, y: np.ndarray) -> Any:
    return answer.nabla_cross_entropy(a, y)


def _ask_delta_cross_entropy(answer: Any, a: np.ndarray, y: np.ndarray) -> Any:
    return answer.delta_cross_entropy(a, y)


def _probabilities(rng: np.random.Generator) -> list[Case]:
    soft = [Case({"a": _activations(rng, n, m), "y": rng.uniform(0.1, 0.9, (n, m))}) for n, m in [(3, 1), (2, 5)]]
    return [*soft, Case({"a": _activations(rng, 3, 4), "y": (rng.random((3, 4)) < 0.5).astype(float)})]


def _saturated(rng: np.random.Generator) -> list[Case]:
    a = rng.permutation([0.0, 1.0, 1.0, 0.0, 0.3]).reshape(5, 1)
    return [Case({"a": a, "y": 1.0 - np.round(a)}), Case({"a": a, "y": np.round(a)})]


CROSS_ENTROPY = Exercise(
    id="cross-entropy-delta",
    number="4.9",
    title="Cross-entropy drops σ′",
    answers=("nabla_cross_entropy", "delta_cross_entropy"),
    aspects=(
        Aspect("nabla", "nabla_cross_entropy", 2, _probabilities, driver=_ask_nabla_cross_entropy),
        Aspect("delta", "delta_cross_entropy", 2, _probabilities, driver=_ask_delta_cross_entropy),
        Aspect(
            "saturated",
            "delta_cross_entropy: outputs of exactly 0 and 1",
            1,
            _saturated,
            driver=_ask_delta_cross_entropy,
        ),
    ),
)

# 4.10 Three levers ---------------------------------------------------------------------------------------------------


def _ask_lever(index: int) -> Callable[..., Any]:
    def ask(answer: Any, w: np.ndarray, b: float, a: np.ndarray, y: float) -> Any:
        given = answer.levers(w, b, a, y)
        if not isinstance(given, (tuple, list)) or len(given) != 3:
            raise WrongForm("levers should give three things: db, dw, da")
        return given[index]

    return ask


def _ask_best_move(answer: Any, db: float, dw: np.ndarray, da: np.ndarray) -> Any:
    given = answer.best_move(db, dw, da)
    if not isinstance(given, (tuple, list)) or len(given) != 3:
        raise WrongForm('best_move should give three things, such as ("w", 2, -1)')
    return list(given)


def _neurons(rng: np.random.Generator) -> list[Case]:
    """A neuron with a prediction of some thousands, once too high and once too low."""
    cases = []
    for miss in (2000, -1500):
        w, a, b = _values(rng, 3) * 2000, rng.uniform(0.5, 4, 3), rng.uniform(500, 2000)
        cases.append(Case({"w": w, "b": b, "a": a, "y": float(w @ a + b - miss * rng.uniform(0.8, 1.2))}))
    return cases


def _slopes(rng: np.random.Generator) -> list[Case]:
    """The bias, a weight and an activation win in turn, with both signs; the largest signed number is another one."""
    cases = []
    for winner in ("b", "w", "a"):
        for sign in (1, -1):
            slopes = {"b": _values(rng, 1), "w": _values(rng, 4), "a": _values(rng, 4)}
            place = int(rng.integers(1, 3)) if winner != "b" else 0
            slopes[winner][place] = sign * rng.uniform(2.5, 3.5)
            other = "a" if winner == "w" else "w"
            slopes[other][3] = -sign * rng.uniform(1.8, 2.2)
            cases.append(Case({"db": float(slopes["b"][0]), "dw": slopes["w"], "da": slopes["a"]}))
    return cases


LEVERS = Exercise(
    id="levers",
    number="4.10",
    title="Three levers",
    answers=("levers", "best_move"),
    aspects=(
        Aspect("bias", "levers: the slope by the bias", 1, _neurons, driver=_ask_lever(0)),
        Aspect("weights", "levers: the slopes by the weights", 1, _neurons, driver=_ask_lever(1)),
        Aspect("activations", "levers: the slopes by the activations", 1, _neurons, driver=_ask_lever(2)),
        Aspect("best", "best_move: which lever, and which way", 2, _slopes, driver=_ask_best_move),
    ),
)

# 4.11 Two assumptions ------------------------------------------------------------------------------------------------


def _ask_quiz(answer: Any, cost: str) -> list[int]:
    given = answer(cost)
    if not isinstance(given, (set, frozenset, list, tuple, np.ndarray)) and given != {}:  # {} is meant as the empty set
        raise WrongForm("broken_assumptions should give a set: set(), {1}, {2} or {1, 2}")
    return sorted(int(number) for number in set(given))


TESTS = {
    1: "Work out this cost for a batch of one example, and for another batch of one. Is the mean of the two always the "
    "cost of both together?",
    2: "Suppose you see only the outputs a[L] and the targets y, and the network is hidden. Can you find this cost?",
}


def _accept_numbers(case: Case, value: list[int], expected: list[int]) -> str | None:
    wrong = set(value) ^ set(expected)
    if wrong - {1, 2}:
        return "There are two assumptions, 1 and 2. Give a set of their numbers."
    if wrong:
        return f"Cost {case.inputs['cost']}: think about assumption {min(wrong)} again. {TESTS[min(wrong)]}"
    return None


def _quiz(*costs: str) -> Callable[[np.random.Generator], list[Case]]:
    return lambda rng: [Case({"cost": cost}) for cost in costs]


ASSUMPTIONS = Exercise(
    id="assumptions",
    number="4.11",
    title="Which costs can be used?",
    answers=("broken_assumptions",),
    driver=_ask_quiz,
    quiz=True,
    aspects=(
        Aspect("usual", "costs A and B", 1, _quiz("A", "B"), accept=_accept_numbers),
        Aspect("examples", "costs C and D", 1, _quiz("C", "D"), accept=_accept_numbers),
        Aspect("outputs", "costs E and F", 1, _quiz("E", "F"), accept=_accept_numbers),
        Aspect("tricky", "costs G and H", 1, _quiz("G", "H"), accept=_accept_numbers),
    ),
)

# 4.12 Find the bugs --------------------------------------------------------------------------------------------------


def _ask_fixed(layers: Callable[[int], list[int]], kind: str) -> Callable[..., Any]:
    def ask(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray) -> Any:
        total = len(w) - 1
        values = _gradients(answer(w, b, X, Y), "fixed_backprop", layers(total), total)
        return {name: value for name, value in values.items() if name.startswith(kind)}

    return ask


def _fixed_cases(sizes: list[list[int]]) -> Callable[[np.random.Generator], list[Case]]:
    """One case for each list of sizes, with 4 examples in the first, 5 in the next, …"""
    return lambda rng: [Case(_network(rng, each, 4 + k)) for k, each in enumerate(sizes)]


_EQUAL = [[3, 3, 3, 3], [3, 3, 3, 3]]
_LAST, _HIDDEN = (lambda total: [total]), (lambda total: list(range(1, total)))

BUGS = Exercise(
    id="backprop-bugs",
    number="4.12",
    title="Find three bugs",
    answers=("fixed_backprop",),
    aspects=(
        Aspect("db", "db of the output layer", 1, _fixed_cases(_EQUAL), driver=_ask_fixed(_LAST, "db")),
        Aspect("dw", "dw of the output layer", 1, _fixed_cases(_EQUAL), driver=_ask_fixed(_LAST, "dw")),
        Aspect(
            "hidden",
            "both for all other layers",
            2,
            _fixed_cases([[3, 3, 3, 3], *RAGGED]),
            driver=_ask_fixed(_HIDDEN, "d"),
        ),
    ),
)

EXERCISES = (
    SIGMOID,
    FEEDFORWARD,
    BP1,
    BP2,
    BP3,
    BP4,
    BACKPROP_ONE,
    BACKPROP,
    CROSS_ENTROPY,
    LEVERS,
    ASSUMPTIONS,
    BUGS,
)
