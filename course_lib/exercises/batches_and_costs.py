"""What notebook 5 asks: a whole mini-batch at once, another cost, what the equations rest on, and three bugs.

Lists of a network start with None, as in notebook 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises import Aspect, Case, Exercise, WrongForm
from course_lib.exercises.drivers import form_of, named, several
from course_lib.exercises.four_equations import (
    COSTS,
    RAGGED,
    activations,
    every_layer,
    gradients,
    network,
    networks,
    signed,
    whole_data,
)

# 5.1 The whole mini-batch at once ------------------------------------------------------------------------------------


def _ask_loop(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
    total = len(w) - 1
    return gradients(answer.backprop_loop(w, b, X, Y, COSTS[cost]), "backprop_loop", every_layer(total), total)


def _ask_batch(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
    total = len(w) - 1
    return gradients(answer.backprop(w, b, X, Y, COSTS[cost]), "backprop", every_layer(total), total)


def _ask_one_and_two(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> Any:
    """Of one example all gradients; of two the direction of the last db, which is right in most half-right answers."""
    values = _ask_batch(answer, w, b, X, Y, cost)
    if X.shape[1] == 1:
        return values
    last = f"db[{len(w) - 1}]"
    return {f"direction of {last}": np.asarray(values[last]) / np.linalg.norm(values[last])}


def _ask_work(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray, cost: str) -> int:
    """How much more often the cost's gradient is asked for when there is one example more: a loop asks for each."""

    def calls(m: int) -> int:
        asked = []

        def nabla_a(a: np.ndarray, y: np.ndarray) -> np.ndarray:
            asked.append(1)
            return COSTS[cost](a, y)

        answer.backprop(w, b, X[:, :m], Y[:, :m], nabla_a)
        return len(asked)

    return calls(X.shape[1]) - calls(X.shape[1] - 1)


def _accept_work(case: Case, value: int, expected: int) -> str | None:
    if value == expected:
        return None
    return "Right or not, this asks for the gradient of the cost once for each example. One call can take all columns."


def far_off(rng: np.random.Generator) -> dict[str, Any]:
    """Seven layers, more inputs, outputs and examples than one writes out by hand, and targets far from all outputs."""
    drawn = network(rng, [8, 2, 3, 2, 3, 2, 3, 9], 10)
    return {**drawn, "Y": 6 * drawn["Y"]}


def _batches(rng: np.random.Generator) -> list[Case]:
    """Networks of two and three layers; one with whole numbers; five layers of equal size; some layers of size 1.

    At last a large one.
    """
    square = Case({**network(rng, [3, 3, 3, 3, 3, 3], 3), "cost": "log cosh"})
    narrow = Case({**network(rng, [2, 1, 3, 1], 4), "cost": "fourth power"})
    large = Case({**far_off(rng), "cost": "fourth power"})
    return [*networks(RAGGED, 8)(rng), whole_data(rng, [4, 2, 5], 5), square, narrow, large]


def _batches_down_to_one(rng: np.random.Generator) -> list[Case]:
    return [*_batches(rng), *networks([[3, 4, 2], [4, 3]], 1)(rng)]


def _one_and_two(rng: np.random.Generator) -> list[Case]:
    """Two networks with one example, and one with two: who takes no second one has no backprop for batches."""
    return [*networks([[3, 4, 2], [4, 3]], 1)(rng), Case({**network(rng, [3, 4, 2], 2), "cost": "log cosh"})]


BACKPROP = Exercise(
    id="backprop",
    number="5.1",
    title="A whole mini-batch at once",
    answers=("backprop_loop", "backprop"),
    closed=("autodiff.Tensor", "network.Network", "gradcheck"),
    aspects=(
        Aspect("loop", "backprop_loop: the mean over the columns", 2, _batches_down_to_one, driver=_ask_loop),
        Aspect("batch", "backprop: the same for the whole batch", 2, _batches, driver=_ask_batch),
        Aspect(
            "one",
            "backprop: a batch of one; with two, the direction of db[L]",
            1,
            _one_and_two,
            driver=_ask_one_and_two,
        ),
        Aspect(
            "work",
            "backprop: no loop over the examples (advice)",
            0,
            networks([[3, 4, 2]], 6),
            driver=_ask_work,
            accept=_accept_work,
        ),
    ),
)

# 5.2 Cross-entropy ---------------------------------------------------------------------------------------------------


def _probabilities(rng: np.random.Generator) -> list[Case]:
    soft = [
        Case({"a": activations(rng, n, m), "y": rng.uniform(0.1, 0.9, (n, m))}) for n, m in [(3, 1), (4, 6), (3, 3)]
    ]
    labels = rng.permutation([0, 0, 1, 1, 0, 1, 1, 0, 1, 0]).reshape(5, 2)
    more = [Case({"a": activations(rng, 5, 2), "y": labels})]
    more.append(Case({"a": activations(rng, 8, 9), "y": rng.uniform(0.1, 0.9, (8, 9))}))
    return [*soft, Case({"a": activations(rng, 3, 4), "y": (rng.random((3, 4)) < 0.5).astype(float)}), *more]


def _saturated(rng: np.random.Generator) -> list[Case]:
    a = rng.permutation([0.0, 1.0, 1.0, 0.0, 0.3]).reshape(5, 1)
    whole = {"a": rng.permutation([0, 1, 0, 1]).reshape(2, 2), "y": rng.uniform(0.1, 0.9, (2, 2))}
    return [Case({"a": a, "y": 1.0 - np.round(a)}), Case({"a": a, "y": np.round(a)}), Case(whole)]


CROSS_ENTROPY = Exercise(
    id="cross-entropy-delta",
    number="5.2",
    title="Cross-entropy drops σ′",
    answers=("nabla_cross_entropy", "delta_cross_entropy"),
    closed=("autodiff.Tensor", "network", "gradcheck"),
    aspects=(
        Aspect("nabla", "nabla_cross_entropy", 2, _probabilities, driver=named("nabla_cross_entropy")),
        Aspect("delta", "delta_cross_entropy", 2, _probabilities, driver=named("delta_cross_entropy")),
        Aspect(
            "saturated",
            "delta_cross_entropy: outputs of exactly 0 and 1",
            1,
            _saturated,
            driver=named("delta_cross_entropy"),
        ),
    ),
)

# 5.3 Three levers ---------------------------------------------------------------------------------------------------


def _ask_lever(index: int) -> Callable[..., Any]:
    def ask(answer: Any, w: np.ndarray, b: float, a: np.ndarray, y: float) -> Any:
        return list(several(answer.levers(w, b, a, y), "levers", ("db", "dw", "da")).values())[index]

    return ask


def _ask_best_move(answer: Any, db: float, dw: np.ndarray, da: np.ndarray) -> Any:
    lever, index, way = several(
        answer.best_move(db, dw, da), "best_move", ("the lever", "its index", "the direction")
    ).values()
    if str(lever) not in ("b", "w", "a"):
        raise WrongForm('The lever should be one of the texts "b", "w" and "a".')
    if isinstance(way, str) or way not in (1, -1):
        raise WrongForm("The direction should be 1 for up or -1 for down.")
    return [str(lever), index, way]


def _neurons(rng: np.random.Generator) -> list[Case]:
    """A neuron with a prediction of some thousands, once too high and once too low; then other sizes and numbers.

    Five inputs, two of them equal, with whole weights and a negative bias; whole activations; many, and zeros.
    """
    equal: dict[str, Any] = {
        "w": np.array([3, -2, 4, 3, -5]),
        "b": -1.5,
        "a": np.round(rng.uniform(-2, 2, 5), 2),
        "y": 2.25,
    }
    equal["a"][4] = equal["a"][0]
    whole = {"w": signed(rng, 4), "b": 0.5, "a": rng.permutation([-2, 1, 3, 3]), "y": -0.75}
    many = {"w": signed(rng, 8), "b": 0.0, "a": signed(rng, 8), "y": 0.0}
    cases = [Case(equal), Case(whole), Case(many)]
    for miss in (2000, -1500):
        w, a, b = signed(rng, 3) * 2000, rng.uniform(0.5, 4, 3), rng.uniform(500, 2000)
        cases.append(Case({"w": w, "b": b, "a": a, "y": float(w @ a + b - miss * rng.uniform(0.8, 1.2))}))
    return cases


def _slopes(rng: np.random.Generator) -> list[Case]:
    """A weight, the bias and an activation win in turn, with both signs; the largest signed number is another one."""
    cases = []
    for winner, size in (("w", 1.0), ("b", 1.0), ("a", 0.2)):  # at last all of them below 1
        for sign in (1, -1):
            slopes = {"b": signed(rng, 1), "w": signed(rng, 4), "a": signed(rng, 4)}
            place = {"b": 0, "w": int(rng.integers(1, 3)), "a": 1 - sign}[winner]
            slopes[winner][place] = sign * rng.uniform(2.5, 3.5)
            other = "a" if winner == "w" else "w"
            slopes[other][3] = -sign * rng.uniform(1.8, 2.2)
            cases.append(Case({"db": size * float(slopes["b"][0]), "dw": size * slopes["w"], "da": size * slopes["a"]}))
    as_lists = {"db": 0.5, "dw": [1.0, -2.0], "da": [0.1, 0.3]}
    ends = [  # the first weight and the last activation; equal ones stand before the strongest
        {"db": 1, "dw": [-3, 1, 1], "da": [2, 2, 1]},
        {"db": 0.1, "dw": np.array([0.5, 0.5, 0.2]), "da": np.array([-0.6, -0.6, 0.3, 0.5, 0.9])},
        {"db": 0.1, "dw": np.array([0.5, 0.5, -0.2, 0.4, 0.95]), "da": np.array([-0.91, 0.9])},
    ]
    # Each kind before the others, in every order. The sum of the strongest kind points the other way.
    orders = [
        {"db": 3 * sign, "dw": sign * np.array(dw), "da": sign * np.array(da)}
        for dw, da in (([-1, 1.5, -1], [1.5, -2.25, 1]), ([1.5, -2.25, 1], [-1, 1.5, -1]))
        for sign in (1, -1)
    ]
    orders += [
        {"db": db, "dw": np.array(dw), "da": np.array(da)}
        for db, dw, da in ((0.5, [-2.25, 3, -2.5], [1, -1.5]), (-1.5, [-1, 0.5], [2.25, -3, 2.5]))
    ]
    close = {"db": 1.52, "dw": np.array([-1.5, 1.54]), "da": np.array([1.49, -1.53, 1.51])}  # all of one size, nearly
    fractions = {"db": -2.75, "dw": [2.5, 1.0], "da": [-2.25, 0.5]}  # what is behind the point decides
    same_dw = [  # among many; only what is beside dw tells them apart
        {
            "db": 0.0,
            "dw": np.array([0.1, -0.2, 0.3, 0.1, -0.1, 0.2, 0.1, -0.7]),
            "da": 0.1 * np.arange(-2.0, 7.0)[::-1],
        },
        {"db": 0.0, "dw": np.array([0.1, -0.2, 0.3, 0.1, -0.1, 0.2, 0.1, -0.7]), "da": 0.1 * np.arange(-2.0, 9.0)},
    ]
    wholes = Case({"db": -1, "dw": [2, 1], "da": [-3, 1]})
    return [*cases, Case(as_lists), wholes, Case(fractions), *map(Case, [*ends, *orders, close, *same_dw])]


LEVERS = Exercise(
    id="levers",
    number="5.3",
    title="Three levers",
    answers=("levers", "best_move"),
    closed=("autodiff.Tensor", "network", "gradcheck"),
    aspects=(
        Aspect("bias", "levers: the slope by the bias", 1, _neurons, driver=_ask_lever(0)),
        Aspect("weights", "levers: the slopes by the weights", 1, _neurons, driver=_ask_lever(1)),
        Aspect("activations", "levers: the slopes by the activations", 1, _neurons, driver=_ask_lever(2)),
        Aspect("best", "best_move: which lever, and which way", 2, _slopes, driver=_ask_best_move),
    ),
)

# 5.4 Two assumptions ------------------------------------------------------------------------------------------------


def _ask_quiz(answer: Any, cost: str) -> list[int]:
    given = answer(cost)
    if not isinstance(given, (set, frozenset, list, tuple, np.ndarray)) and given != {}:  # {} is meant as the empty set
        raise WrongForm(
            f"broken_assumptions should give a set: set(), {{1}}, {{2}} or {{1, 2}}. It gives {form_of(given)}."
        )
    if any(isinstance(number, str) for number in given):
        raise WrongForm("The set should hold numbers: {1} and not {'1'}.")
    return sorted(int(number) for number in set(given))


TESTS = {
    1: "Work out this cost for a batch of one example, and for another batch of one. Is the mean of the two always the "
    "cost of both together?",
    2: "Suppose you see only the outputs a[L] and the targets y, and the network is hidden. Can you find this cost?",
}


def _accept_numbers(case: Case, value: list[int], expected: Any) -> str | None:
    """What is expected may be sealed: it can be compared with, and no more."""
    if set(value) - {1, 2}:
        return "There are two assumptions, 1 and 2. Give a set of their numbers."
    if expected == value:
        return None
    first = 1 if expected != sorted(set(value) ^ {2}) else 2  # if 2 alone is wrong, another answer about it is right
    return f"Cost {case.inputs['cost']}: think about assumption {first} again. {TESTS[first]}"


def _quiz(*costs: str) -> Callable[[np.random.Generator], list[Case]]:
    return lambda rng: [Case({"cost": cost}) for cost in costs]


ASSUMPTIONS = Exercise(
    id="assumptions",
    number="5.4",
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

# 5.5 Find the bugs --------------------------------------------------------------------------------------------------


def _ask_fixed(layers: Callable[[int], list[int]], kind: str) -> Callable[..., Any]:
    def ask(answer: Any, w: list, b: list, X: np.ndarray, Y: np.ndarray) -> Any:
        total = len(w) - 1
        values = gradients(answer(w, b, X, Y), "fixed_backprop", layers(total), total)
        return {name: value for name, value in values.items() if name.startswith(kind)}

    return ask


def _fixed_cases(sizes: list[list[int]]) -> Callable[[np.random.Generator], list[Case]]:
    """One case for each list of sizes, with 3 examples in the first, 4 in the next, …"""
    return lambda rng: [Case(network(rng, each, 3 + k)) for k, each in enumerate(sizes)]


def _hidden_cases(rng: np.random.Generator) -> list[Case]:
    """Also with whole numbers, with more inputs than neurons, with one neuron in some layers, and a large one."""
    whole = whole_data(rng, [5, 2, 4, 3], 4).inputs
    del whole["cost"]
    narrow, large = Case(network(rng, [2, 1, 3, 1], 4)), Case(far_off(rng))
    return [*_fixed_cases([[3, 3, 3, 3, 3, 3], *RAGGED])(rng), Case({**whole, "Y": 4 * whole["Y"]}), narrow, large]


_EQUAL = [[3, 3, 3, 3]] * 3
_LAST, _HIDDEN = (lambda total: [total]), (lambda total: list(range(1, total)))

BUGS = Exercise(
    id="backprop-bugs",
    number="5.5",
    title="Find three bugs",
    answers=("fixed_backprop",),
    closed=("autodiff.Tensor", "network.Network", "network.gradients_by_wiggling", "gradcheck"),
    aspects=(
        Aspect("db", "db of the output layer", 1, _fixed_cases(_EQUAL), driver=_ask_fixed(_LAST, "db")),
        Aspect("dw", "dw of the output layer", 1, _fixed_cases(_EQUAL), driver=_ask_fixed(_LAST, "dw")),
        Aspect(
            "hidden",
            "both for all other layers",
            2,
            _hidden_cases,
            driver=_ask_fixed(_HIDDEN, "d"),
        ),
    ),
)

EXERCISES = (BACKPROP, CROSS_ENTROPY, LEVERS, ASSUMPTIONS, BUGS)
