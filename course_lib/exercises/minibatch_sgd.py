"""What notebook 7 asks: averages of changes, mini-batches, steps, training loops, noise, and a network that reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from course_lib.exercises import Aspect, Case, Exercise, WrongForm
from course_lib.exercises.draws import array, number, shuffled
from course_lib.exercises.drivers import named
from course_lib.exercises.handwriting import CLASSES, DIGITS_IN_ALL, advice, split


def _away_from_zero(rng: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
    return array(rng, 0.4, 1.6, shape) * rng.choice([-1.0, 1.0], shape)


# 7.1 Average the wishes ----------------------------------------------------------------------------------------------


def _table(rng: np.random.Generator, weights: int, examples: int) -> np.ndarray:
    """Wishes whose mean is away from zero for every weight, so that a wrong sign or factor shows."""
    return _away_from_zero(rng, (weights, 1)) + array(rng, -0.3, 0.3, (weights, examples))


def _tables(rng: np.random.Generator) -> list[Case]:
    """At last the numbers of the first in another shape, and a large table of large wishes."""
    drawn = [_table(rng, n, m) for n, m in [(2, 4), (5, 3), (4, 1)]]
    return [Case({"table": t}) for t in [*drawn, _whole(rng), drawn[0].reshape(4, 2), 10 * _table(rng, 8, 9)]]


def _whole(rng: np.random.Generator) -> np.ndarray:
    """Three weights that all get the same mean wish, in whole numbers."""
    return np.array([rng.permutation([-2, 1, 5]) for _ in range(3)])


def _moves(rng: np.random.Generator) -> list[Case]:
    return [
        Case({"w": _away_from_zero(rng, n), "table": _table(rng, n, m), "rate": float(rng.choice([0.1, 0.25, 0.4]))})
        for n, m in [(3, 5), (4, 2)]
    ] + [
        Case({"w": rng.permutation([2.0, 2.0, -1.0]), "table": _whole(rng), "rate": 0.25}),
        Case({"w": 10 * _away_from_zero(rng, 8), "table": _table(rng, 8, 9), "rate": 0.1}),
        Case({"w": _away_from_zero(rng, 2), "table": _table(rng, 2, 3), "rate": 0.0}),
    ]


AVERAGE = Exercise(
    id="average-changes",
    number="7.1",
    title="Average the wishes",
    answers=("average_changes", "apply_changes"),
    closed=("sgd",),
    aspects=(
        Aspect("average", "average_changes: one number for each weight", 2, _tables, driver=named("average_changes")),
        Aspect("move", "apply_changes: the weights after one step", 2, _moves, driver=named("apply_changes")),
    ),
)

# 7.2 Mini-batches ----------------------------------------------------------------------------------------------------


def _pairs(given: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """The mini-batches as copies. Taken out one by one, as a loop over a generator would."""
    if not hasattr(given, "__iter__"):
        raise WrongForm("minibatches should give a list of pairs (x, y), or yield them one by one.")
    pairs = []
    for pair in given:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or any(np.ndim(part) != 2 for part in pair):
            raise WrongForm("Each mini-batch should be a pair (x, y) of two arrays, each with one column an example.")
        pairs.append((np.array(pair[0]), np.array(pair[1])))
    return pairs


def _ask_batches(answer: Any, X: np.ndarray, Y: np.ndarray, size: int, seed: int) -> dict[str, list]:
    pairs = _pairs(answer(X, Y, size, np.random.default_rng(seed)))
    return {"x": [x for x, _ in pairs], "y": [y for _, y in pairs]}


def _ask_sizes(answer: Any, X: np.ndarray, Y: np.ndarray, size: int, seed: int) -> list[int]:
    return [x.shape[1] for x, _ in _pairs(answer(X, Y, size, np.random.default_rng(seed)))]


def _ask_inputs_after(answer: Any, X: np.ndarray, Y: np.ndarray, size: int, seed: int) -> dict[str, Any]:
    batches = _pairs(answer(X, Y, size, np.random.default_rng(seed)))
    return {"X": X, "Y": Y, "batches": [x for x, _ in batches]}


def _see_inputs_after(case: Case, value: dict[str, Any]) -> dict[str, Any]:
    """And whether X was split: to leave all as it was is no art for one who does nothing.

    Some examples may be missing, come twice or be torn apart: that is another aspect's.
    """
    X, batches = case.inputs["X"], value["batches"]
    there = float(np.mean(np.isin(X, np.hstack(batches))))
    several = all(x.shape[1] < X.shape[1] for x in batches) and there > 1 / 3
    return {"X": value["X"], "Y": value["Y"], "several mini-batches": several}


RANDOMNESS = {
    "shuffled": "The examples come in their old order. Shuffle them.",
    "again": "The same rng, started again, gives another order. Let all randomness come from rng.",
    "next epoch": "A second epoch with the same rng has the same order. Shuffle anew at every call.",
    "mixed": "The same examples meet in a mini-batch again and again. Shuffle the examples, not the mini-batches.",
    "other seed": "Another rng gives the same order. Let the order come from the rng that you are given.",
    "all move": "Some example has the same place in every epoch. Shuffle them all.",
}


EPOCHS = 15  # in which most examples meet


def _ask_randomness(answer: Any, X: np.ndarray, Y: np.ndarray, size: int, seed: int) -> dict[str, Any]:
    """The mini-batches of several epochs, as they are: what can be said of their order is for the judge to see."""

    def epoch(rng: np.random.Generator) -> list[np.ndarray]:
        return [x for x, _ in _pairs(answer(X.copy(), Y.copy(), size, rng))]

    rng = np.random.default_rng(seed)
    first, second = epoch(rng), epoch(rng)
    again, other = epoch(np.random.default_rng(seed)), epoch(np.random.default_rng(seed + 1))
    return {"first": first, "second": second, "again": again, "other": other,
            "more": [epoch(rng) for _ in range(EPOCHS)]}  # fmt: skip


def _order(batches: list[np.ndarray]) -> list[tuple]:
    """The examples in their order. The numbers of each are sorted: the order of the rows is another matter."""
    return [column for x in batches for column in _columns(np.sort(x, axis=0))]


def _mixed(epochs: list[list[np.ndarray]], examples: set[tuple]) -> bool:
    """Whether, over some epochs, most of the pairs of examples have been in one mini-batch.

    However many columns there are, each example counts once in a mini-batch: to count pairs takes long.
    """
    met: set[frozenset] = set()
    for x in (x for epoch in epochs for x in epoch):
        met |= set(map(frozenset, combinations(examples & set(_order([x])), 2)))
    return len(met) > 0.7 * len(examples) * (len(examples) - 1) / 2


def _columns(array: np.ndarray) -> list[tuple]:
    return [tuple(column) for column in np.asarray(array, float).T.tolist()]


def _accept_once(case: Case, value: dict, expected: Any) -> str | None:
    """Every column of X in some mini-batch beside its target, and none twice; and there is more than one mini-batch."""
    wanted = _columns(case.inputs["X"])
    got = [column for x in value["x"] for column in _columns(x)]
    if not set(got) <= set(wanted):
        return "A mini-batch holds a column that is no example of X. One column is one example: keep columns whole."
    if len(set(got)) < len(got):
        return "Some examples come more than once in one epoch."
    if len(got) < len(wanted):
        return "Some examples are in no mini-batch."
    if len(value["x"]) == 1:
        return "There is only one mini-batch, with all examples. Split them."
    return _accept_targets(case, value)


def _accept_pairs(case: Case, value: dict, expected: Any) -> str | None:
    """Each column of x beside its own column of y, in a new order: in the old one it is no art.

    Says nothing about examples that are missing or come twice.
    """
    got, old = ([column for x in parts for column in _columns(x)] for parts in (value["x"], [case.inputs["X"]]))
    if any(len(x.T) >= len(old) for x in value["x"]):
        return "A mini-batch holds all examples. Split them."
    return _accept_targets(case, value) or (RANDOMNESS["shuffled"] if got == old[: len(got)] else None)


def _accept_targets(case: Case, value: dict) -> str | None:
    known = dict(zip(_columns(case.inputs["X"]), _columns(case.inputs["Y"]), strict=True))
    rows = len(case.inputs["Y"])
    for x, y in zip(value["x"], value["y"], strict=True):
        if len(y) != rows:
            return (
                f"A mini-batch has a y with {len(y)} rows; Y has {rows}. One column is one target: keep columns whole."
            )
        if x.shape[1] != y.shape[1]:
            return "A mini-batch has another number of columns in x than in y."
        if any(known.get(a) != b for a, b in zip(_columns(x), _columns(y), strict=True)):
            return "An example is beside the target of another one. x and y need the same order."
    return None if value["x"] else "There is no mini-batch at all."


def _see_randomness(case: Case, value: dict) -> dict[str, bool]:
    """What can be said of the order, as yes or no. The order itself is each answer's own affair.

    Raises:
        ValueError: when there is something else than examples in the mini-batches.
    """
    X = case.inputs["X"]
    first, second, again, other = (_order(value[name]) for name in ("first", "second", "again", "other"))
    examples = set(_order([X]))
    if not set(first) <= examples:
        raise ValueError("a column is no example")
    found = [first != _order([X]), again == first, second != first, _mixed(value["more"], examples), other != first]
    found.append(all(len(set(at_one_place)) > 1 for at_one_place in zip(*map(_order, value["more"]), strict=False)))
    return dict(zip(RANDOMNESS, found, strict=True))


def _accept_random(case: Case, value: dict, expected: Any) -> str | None:
    return next((sentence for name, sentence in RANDOMNESS.items() if not value[name]), None)


def _examples(rng: np.random.Generator, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """X (n, m) and Y (2, m). No two columns are equal: the first row counts through, in mixed order."""
    X, Y = array(rng, -1, 1, (n, m)), array(rng, -1, 1, (2, m))
    X[0], Y[0] = rng.permutation(m) / m, rng.permutation(m) / m
    return X, Y


def _data(sizes: list[tuple[int, int, int]]) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        drawn = [(_examples(rng, n, m), size, int(rng.integers(1000))) for n, m, size in shuffled(rng, sizes)]
        return [Case({"X": X, "Y": Y, "size": size, "seed": seed}) for (X, Y), size, seed in drawn]

    return cases


MANY_SMALL = [(3, 20, 3), (4, 23, 3), (5, 25, 4)]  # so many that no order of them comes about by chance


def _every_size(rng: np.random.Generator) -> list[Case]:
    """Fractions, whole numbers in X, and whole numbers in Y, which has other rows then."""
    drawn = _data(EVEN_AND_RAGGED)(rng)
    for case, name in zip(drawn[1:], ("X", "Y"), strict=True):
        case.inputs[name] = np.rint(30 * case.inputs[name]).astype(int)
    Y = drawn[2].inputs["Y"]
    drawn[2].inputs["Y"] = np.vstack([Y, rng.integers(-9, 9, (3, Y.shape[1]))])
    return drawn


def _many_small(rng: np.random.Generator) -> list[Case]:
    """In the last one there are as many rows as examples, in X and in Y."""
    square = {"X": _examples(rng, 16, 16)[0], "Y": _examples(rng, 16, 16)[0]}
    return [*_data(MANY_SMALL)(rng), Case({**square, "size": 2, "seed": int(rng.integers(1000))})]


EVEN_AND_RAGGED = [(3, 20, 5), (4, 21, 5), (5, 14, 4)]  # neurons, examples, size: of 21 is one left over, of 14 two

ALL_SIZES = [*EVEN_AND_RAGGED, (2, 4, 1), (3, 5, 8), (3, 1, 1)]  # also one by one, more than there are, one alone

MINIBATCHES = Exercise(
    id="minibatches",
    number="7.2",
    title="Shuffle and split",
    answers=("minibatches",),
    driver=_ask_batches,
    keeps="untouched",
    repeats="random",
    closed=("sgd",),
    aspects=(
        Aspect("once", "every example exactly once", 2, _every_size, accept=_accept_once),
        Aspect("pairs", "each example beside its own target", 2, _many_small, accept=_accept_pairs),
        Aspect("sizes", "the sizes, also of the last mini-batch", 1, _data(ALL_SIZES), driver=_ask_sizes),
        Aspect("random", "a new random order, from rng", 2, _data([(3, 40, 8)]), driver=_ask_randomness,
               observe=_see_randomness, accept=_accept_random),
        Aspect("untouched", "X and Y stay as they were", 1, _data([(3, 17, 4)]), driver=_ask_inputs_after,
               observe=_see_inputs_after),
    ),
)  # fmt: skip

# 7.3 One step --------------------------------------------------------------------------------------------------------


def _ask_step(answer: Any, parameters: list, gradients: list, rate: float) -> list:
    given = answer(parameters, gradients, rate)
    if not isinstance(given, (list, tuple)) or len(given) != len(parameters):
        raise WrongForm("sgd_step should give a list with one array for each array in parameters.")
    return list(given)


def _ask_inputs_after_step(answer: Any, parameters: list, gradients: list, rate: float) -> dict[str, Any]:
    """And the results, also with the gradients turned around."""
    turned = answer([p.copy() for p in parameters], [-g for g in gradients], rate)
    given = answer(parameters, gradients, rate)
    return {"parameters": parameters, "gradients": gradients, "results": [given, turned]}


def _see_inputs_after_step(case: Case, value: dict[str, Any]) -> dict[str, Any]:
    """And whether there was a step: to leave all as it was is no art for one who makes none."""
    old, gradients = case.inputs["parameters"], case.inputs["gradients"]
    given, turned = value["results"]
    as_many = all(isinstance(each, (list, tuple)) and len(each) == len(old) for each in (given, turned))
    moved = as_many and all(map(_is_a_step, old, gradients, given, turned))
    left = {name: value[name] for name in ("parameters", "gradients")}
    return {**left, "a step was made": moved}


def _is_a_step(p: np.ndarray, g: np.ndarray, there: Any, back: Any) -> bool:
    """Whether it goes with g or against it, and with g turned around as far to the other side.

    It may be of any length, and start at a multiple of p, such as 0: that is another aspect's. g itself is no step.
    """
    there, back = np.asarray(there, float), np.asarray(back, float)
    if not there.shape == back.shape == p.shape or np.array_equal(there, g):
        return False
    middle, step = (there + back) / 2, (there - back) / 2
    multiple = np.sum(middle * p) / np.sum(p * p)
    return bool(np.all(step * g > 0) or np.all(step * g < 0)) and np.allclose(middle, multiple * p)


def _steps(rng: np.random.Generator) -> list[Case]:
    whole = [rng.permutation([-2, -1, 1, 2, 3, 4]).reshape(2, 3), rng.permutation([-1, 2]).reshape(2, 1)]
    parameters = [_away_from_zero(rng, each.shape) for each in whole]
    of_whole = Case({"parameters": parameters, "gradients": whole, "rate": 1 / 3})
    many = _step(rng, [(1, 2)] * 8)
    many.inputs["parameters"] = [10 * each for each in many.inputs["parameters"]]
    shapes = [(3, 3), (3, 1)], [(2, 4), (2, 1), (5, 2), (5, 1), (3, 5), (3, 1)], [(2, 2), (2, 2)]
    return [*(_step(rng, each) for each in shapes), of_whole, many]


def _steps_and_none(rng: np.random.Generator) -> list[Case]:
    still = _step(rng, [(2, 3), (2, 1)])
    return [*_steps(rng), Case({**still.inputs, "rate": 0.0})]


def _step(rng: np.random.Generator, shapes: list[tuple[int, int]]) -> Case:
    parameters, gradients = ([_away_from_zero(rng, shape) for shape in shapes] for _ in range(2))
    return Case({"parameters": parameters, "gradients": gradients, "rate": float(rng.choice([0.05, 0.2, 0.3]))})


STEP = Exercise(
    id="sgd-step",
    number="7.3",
    title="One step downhill",
    answers=("sgd_step",),
    driver=_ask_step,
    keeps="untouched",
    closed=("sgd",),
    aspects=(
        Aspect("step", "the parameters after the step", 2, _steps_and_none),
        Aspect(
            "untouched",
            "new arrays: the old ones stay as they were",
            1,
            _steps,
            driver=_ask_inputs_after_step,
            observe=_see_inputs_after_step,
        ),
    ),
)

# 7.4 Iterations and epochs -------------------------------------------------------------------------------------------


def _rest(rng: np.random.Generator, share: float) -> dict[str, int]:
    """A number of examples that leaves about this share of a mini-batch over."""
    size = int(rng.integers(20, 60))
    return {"examples": size * int(rng.integers(4, 12)) + round(share * size), "size": size}


def _with_a_rest(rng: np.random.Generator) -> list[Case]:
    """One example is a rest too, also beside a large mini-batch; and too few for one are a rest."""
    one = _rest(rng, 0)
    one["examples"] += 1
    return [
        Case(_rest(rng, 0.2)),
        Case(_rest(rng, 0.8)),
        Case(one),
        Case({"examples": 60001, "size": 5000}),
        Case({"examples": 7, "size": 30}),
    ]


def _without_a_rest(rng: np.random.Generator) -> list[Case]:
    return [Case(_rest(rng, 0)), Case({"examples": 60000, "size": 1})]


def _whole_trainings(rng: np.random.Generator) -> list[Case]:
    given = [{**_rest(rng, share), "epochs": int(rng.integers(5, 30))} for share in (0.3, 0, 0)]
    given[2]["examples"] += 1
    return [Case(each) for each in given]


COUNT = Exercise(
    id="count-iterations",
    number="7.4",
    title="Iterations and epochs",
    answers=("iterations_per_epoch", "total_iterations"),
    closed=("sgd",),
    aspects=(
        Aspect("even", "iterations_per_epoch: no rest", 1, _without_a_rest, driver=named("iterations_per_epoch")),
        Aspect(
            "rest",
            "iterations_per_epoch: a smaller last mini-batch",
            1,
            _with_a_rest,
            driver=named("iterations_per_epoch"),
        ),
        Aspect("total", "total_iterations: a whole training", 1, _whole_trainings, driver=named("total_iterations")),
    ),
)

# 7.5 The training loop -----------------------------------------------------------------------------------------------


def _ask_should_stop(answer: Any, history: list[float], tolerance: float, patience: int) -> bool:
    return bool(answer.should_stop(history, tolerance, patience))


def _walk(start: float, changes: list[float]) -> list[float]:
    return [round(float(cost), 4) for cost in start + np.cumsum([0.0, *changes])]


def _one_change(rng: np.random.Generator) -> list[Case]:
    """The last change is small or large, down or up; the ones before are of the other kind.

    One history is long, and asked about with the tolerance 0 too.
    """
    start = float(rng.uniform(2, 3))
    changes = {"small": [-0.5, -0.3, -0.004], "large": [-0.5, -0.004, -0.3], "up": [-0.5, -0.004, 0.3],
               "a little up": [-0.5, -0.3, 0.004]}  # fmt: skip
    high = _walk(200 * start, [-50.0, -0.5])  # a small share of the cost, and yet more than the tolerance
    histories = [_walk(start, each) for each in changes.values()] + [high]
    just_as_large = {"history": [3, 2, 2 + int(rng.choice([-1, 1]))], "tolerance": 1, "patience": 1}  # is not smaller
    long = _walk(start, [-0.1] * 8 + [-0.004])
    cases = [Case({"history": each, "tolerance": 0.01, "patience": 1}) for each in [*histories, long]]
    strict = Case({"history": long, "tolerance": 0.0, "patience": 1})
    return shuffled(rng, [*cases, Case(just_as_large), strict])


def _several_changes(rng: np.random.Generator) -> list[Case]:
    start, small = float(rng.uniform(2, 3)), float(rng.uniform(0.002, 0.006))
    walks = [
        [-0.5, -small, -small, small],  # three small ones: stop
        [-0.5, -small, -0.3, -small],  # one of the last three is large
        [-0.5, -0.3, small, -small],  # only two small ones
        [-0.5, -small, -0.3, 0.3 - small],  # far down and up again: three changes that nearly cancel
        [-0.5, -0.008, -0.008, -0.008],  # three small ones that add up
        [-0.5, -0.001, -0.015, -0.001],  # one of the last three is a little too large
        [-small, small, -small],  # three small ones, and no other
        [-small, -small, -small, -small],  # four small ones
    ]
    cases = [Case({"history": _walk(start, each), "tolerance": 0.01, "patience": 3}) for each in walks]
    of_two = Case({"history": _walk(start, [-0.5, -small, small]), "tolerance": 0.01, "patience": 2})
    return shuffled(rng, [*cases, of_two])


def _short_histories(rng: np.random.Generator) -> list[Case]:
    """Too short, but for one that is just long enough."""
    start = float(rng.uniform(2, 3))
    walks = [_walk(start, [-0.004] * n) for n in (0, 1, 2)] + [_walk(start, [-0.002] * 3)]
    return shuffled(rng, [Case({"history": each, "tolerance": 0.01, "patience": 3}) for each in walks])


def _run(
    answer: Any,
    w: np.ndarray,
    X: np.ndarray,
    Y: np.ndarray,
    size: int,
    orders: list,
    rate: float,
    stop_after: int,
    cost: Callable[[np.ndarray], float] | None = None,
) -> tuple[Any, Any, int, int]:
    """Train a straight line with mini-batches in known orders, a new one for each epoch.

    The weights, the history, and how many epochs were begun and gradients asked.
    """
    epochs_begun = gradients_asked = 0

    def batches():
        nonlocal epochs_begun
        order = orders[epochs_begun % len(orders)]
        epochs_begun += 1
        return [(X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in range(0, len(order), size)]

    def to_targets(w):
        return float(np.mean((w @ X - Y) ** 2) / 2)

    def gradient(w, x, y):
        nonlocal gradients_asked
        gradients_asked += 1
        return (w @ x - y) @ x.T / x.shape[1]

    def stop(history):
        if np.ndim(history) != 1:
            raise WrongForm("stop wants the whole history, a list of costs.")
        return len(history) > stop_after

    given = answer.train(w, gradient, cost or to_targets, batches, rate, len(orders), stop)
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise WrongForm("train should give two things: the weights, and then the history.")
    if np.ndim(given[0]) != 2 or np.ndim(given[1]) != 1:
        raise WrongForm("train should give the weights first, an array like w, and then the history, a list of costs.")
    return given[0], list(given[1]), epochs_begun, gradients_asked


def _ask_weights(answer: Any, **inputs: Any) -> Any:
    return _run(answer, **inputs)[0]


def _ask_history(answer: Any, **inputs: Any) -> Any:
    return _run(answer, **inputs)[1]


def _ask_epochs(answer: Any, **inputs: Any) -> dict[str, Any]:
    """With the distance from the start as the cost. It grows: the weights of the lowest cost are those of no end."""
    w, history, epochs, gradients = _run(answer, **inputs, cost=partial(_distance, inputs["w"].copy(), inputs["X"]))
    return {"epochs begun": epochs, "gradients asked": gradients, "w": w, "history": history}


def _distance(start: np.ndarray, X: np.ndarray, w: np.ndarray) -> float:
    return float(np.mean(((w - start) @ X) ** 2) / 2)


def _see_the_end(case: Case, value: dict[str, Any]) -> dict[str, Any]:
    """Whether what is given belongs to the end: the costs are as many as the epochs, and the last is that of w."""
    history, distance = value["history"], _distance(case.inputs["w"], case.inputs["X"], np.asarray(value["w"], float))
    known = bool(history and distance > 0 and np.isclose(history[-1], distance))
    return {"epochs begun": value["epochs begun"], "gradients asked": value["gradients asked"],
            "costs in the history": len(history), "the last cost is that of w": known}  # fmt: skip


def _accept_end(case: Case, value: dict[str, Any], expected: dict[str, Any]) -> str | None:
    if value == expected:
        return None
    more = {name: value[name] - expected[name] for name in value if name != "the last cost is that of w"}
    if value["costs in the history"] == value["gradients asked"] + 1 != value["epochs begun"] + 1:
        return "The history has too many costs: note the cost after every epoch, not after every mini-batch."
    if more["epochs begun"]:
        ends = "late" if more["epochs begun"] > 0 else "early"
        return f"The training ends too {ends}: ask stop(history) once after every epoch, and end when it says True."
    if more["gradients asked"]:
        return "The training ends in the middle of an epoch, or makes other steps than one for each mini-batch."
    if more["costs in the history"]:
        number = "few" if more["costs in the history"] < 0 else "many"
        return f"The history has too {number} costs: one from before the training, and one for each epoch that was run."
    return "What you give are not the weights of the end: the last cost in the history is not theirs."


def _trainings(epochs: int, stop_after: int) -> Callable[[np.random.Generator], list[Case]]:
    """The second with one epoch more, and another rate."""
    return lambda rng: [
        _training(rng, 9, 2, epochs, stop_after),
        _training(rng, 10, 4, epochs + 1, stop_after, rate=0.15),
    ]


def _trainings_and_none(rng: np.random.Generator) -> list[Case]:
    """At last with the rate 0."""
    return [*_trainings(4, 99)(rng), _training(rng, 9, 2, 3, 99, rate=0.0)]


def _early_ends(rng: np.random.Generator) -> list[Case]:
    """After the third epoch, and after the first."""
    return [*_trainings(6, 3)(rng), _training(rng, 9, 2, 6, 1)]


def _training(rng: np.random.Generator, m: int, size: int, epochs: int, stop_after: int, rate: float = 0.2) -> Case:
    X = np.vstack([np.ones(m), rng.uniform(-1.5, 1.5, m)]).round(2)
    Y = np.round(_away_from_zero(rng, (1, 2)) @ X + rng.normal(0, 0.3, (1, m)), 2)
    orders = [rng.permutation(m).tolist() for _ in range(epochs)]
    return Case({"w": 2 * _away_from_zero(rng, (1, 2)), "X": X, "Y": Y, "size": size, "orders": orders, "rate": rate,
                 "stop_after": stop_after})  # fmt: skip


TRAIN = Exercise(
    id="train",
    number="7.5",
    title="The training loop",
    answers=("should_stop", "train"),
    closed=("sgd",),
    aspects=(
        Aspect("change", "should_stop: the last change", 1, _one_change, driver=_ask_should_stop),
        Aspect("patience", "should_stop: several changes in a row", 1, _several_changes, driver=_ask_should_stop),
        Aspect("short", "should_stop: a history that is too short", 1, _short_histories, driver=_ask_should_stop),
        Aspect("weights", "train: the weights at the end", 2, _trainings_and_none, driver=_ask_weights),
        Aspect("history", "train: the history", 1, _trainings(4, 99), driver=_ask_history),
        Aspect(
            "stop",
            "train: ends when stop says so",
            1,
            _early_ends,
            driver=_ask_epochs,
            observe=_see_the_end,
            accept=_accept_end,
        ),
    ),
)

# 7.6 The noise of a mini-batch ---------------------------------------------------------------------------------------


def _gradients(rng: np.random.Generator) -> list[Case]:
    """Also with whole numbers, with the gradients of the first again and other mini-batches, and with large ones."""
    cases = [_drawn_batches(rng, n, N, size, count) for n, N, size, count in [(9, 9, 4, 5), (2, 20, 1, 7)]]
    cases[1].inputs["batches"].append([0])
    cases[1].inputs["batches"].append([1])
    whole = _drawn_batches(rng, 2, 9, 4, 3)
    G = np.rint(3 * whole.inputs["G"]).astype(int)
    far = int(np.argmax(np.abs(G - G[:, [0]]).sum(0)))  # from example 0
    drawn = whole.inputs["batches"]
    whole.inputs["G"] = G
    whole.inputs["batches"] = [*drawn, list(drawn[0]), [0, 0, 0, far]]  # one example may come several times
    others = [rng.permutation(9)[:4].tolist() for _ in range(3)]
    large = _drawn_batches(rng, 3, 9, 4, 5)
    large.inputs["G"] = 10 * large.inputs["G"]
    return [*cases, whole, Case({"G": cases[0].inputs["G"], "batches": others}), large]


def _drawn_batches(rng: np.random.Generator, n: int, N: int, size: int, count: int) -> Case:
    G = np.round(_away_from_zero(rng, (n, 1)) + rng.normal(0, 1, (n, N)), 2)
    G[:, 1] = G[:, 0]  # two examples with one gradient
    return Case({"G": G, "batches": [rng.permutation(N)[:size].tolist() for _ in range(count)]})


def _goals(rng: np.random.Generator) -> list[Case]:
    # The first comes out even. The second leaves a rest below one half, the third above. The last needs one example.
    sizes = [int(rng.integers(4, 9)) * 10 for _ in range(2)]
    return [
        Case({"size": int(rng.integers(5, 20)), "noise": 0.5, "goal": 0.125}),
        Case({"size": sizes[0], "noise": 0.8, "goal": 0.8 * sizes[0] / (6 * sizes[0] + 0.3)}),
        Case({"size": sizes[1], "noise": 0.3, "goal": 0.3 * sizes[1] / (3 * sizes[1] + 0.7)}),
        Case({"size": 10, "noise": 0.1, "goal": number(rng, 1.2, 1.9)}),
    ]


NOISE = Exercise(
    id="gradient-noise",
    number="7.6",
    title="The noise of a mini-batch",
    answers=("gradient_noise", "size_for"),
    aspects=(
        Aspect("noise", "gradient_noise: the mean squared distance", 3, _gradients, driver=named("gradient_noise")),
        Aspect("size", "size_for: how large a mini-batch must be", 2, _goals, driver=named("size_for")),
    ),
)

# 7.7 Read handwriting ------------------------------------------------------------------------------------------------
#
# How it is judged. The rng draws which digits are for training, draws all images anew, and puts the 64 pixels and the
# ten names of the classes in an order of its own (handwriting.py). The student's code gets the training images and
# their names, and trains. Only the parameters of its network come back. The test images and their names are `hidden`:
# they are never in the student's process, and the network is run on them outside. So
# - constants, copied weights and a network trained on the data as it is in the package know nothing of the new order;
# - there is no test image to look up, and no test label to peek at; no image is in any file.
# What remains: code that works out how all images were changed from many of them. It can train on others, changed in
# the same way, or put weights that were learned at home into the new order. Both are more work than the loop.

# 95 % is the goal. Luck shall not decide: over 50 seeds every honest answer that we know read between 94.6 and 98.7 %,
# 96.4 to 97.0 in the mean, with a scatter of 0.8.
ENOUGH = 0.91
LEARNED = 0.5  # five times as often as by guessing
FOR_TRAINING = 1200
MOST_LAYERS, MOST_NEURONS = 20, 2000  # of a network that is judged


def _digits_in_a_new_order(count: int) -> Callable[[np.random.Generator], list[Case]]:
    """Cases with `count` images for training and all others for the test."""

    def cases(rng: np.random.Generator) -> list[Case]:
        order = rng.permutation(DIGITS_IN_ALL)
        learned, tested = split(rng, order[:count], order[count:])
        return [Case({**learned, "seed": int(rng.integers(1000))}, hidden=tested)]

    return cases


def _network(answer: Any, pixels: np.ndarray, labels: np.ndarray, seed: int) -> tuple[list[str], list[np.ndarray]]:
    """Train with the student's code. The names of the activations of layers 1..L, and the parameters."""
    from course_lib.network import ACTIVATIONS, Network

    network = answer(pixels / 255, np.eye(CLASSES)[labels].T, np.random.default_rng(seed))
    if not isinstance(network, Network):
        raise WrongForm("train_digits should give the trained Network.")
    names = [sigma.name for sigma in network.sigma[1:]]
    if not set(names) <= set(ACTIVATIONS):
        raise WrongForm(f"For this exercise, take one of these activations: {', '.join(ACTIVATIONS)}.")
    return names, [np.array(p, dtype=float) for p in network.parameters]


def _ask_digits(answer: Any, **inputs: Any) -> dict[str, list]:
    """Half precision is enough to read with, and makes the outcome small and the same on every machine."""
    names, parameters = _network(answer, **inputs)
    return {"activations": names, "parameters": [p.astype(np.float16) for p in parameters]}


def _ask_repeated(answer: Any, **inputs: Any) -> dict[str, list[np.ndarray]]:
    """The parameters of three networks: trained with one seed, with it again, and with another."""
    seeds = {"first": 0, "again": 0, "other": 1}
    return {name: _network(answer, **inputs | {"seed": inputs["seed"] + more})[1] for name, more in seeds.items()}


def _reader(value: dict) -> Callable[[np.ndarray], np.ndarray]:
    """What the network, from its parameters alone, says to images: the outputs, shape (10, m).

    Raises:
        ValueError: for parameters that do not fit together, or that would keep the judge busy for long.
    """
    from course_lib.network import ACTIVATIONS

    names, parameters = value["activations"], value["parameters"]
    if not 1 <= len(names) <= MOST_LAYERS or any(np.shape(w)[0] > MOST_NEURONS for w in parameters):
        raise ValueError(f"at most {MOST_LAYERS} layers of at most {MOST_NEURONS} neurons are tested")

    def outputs(images: np.ndarray) -> np.ndarray:
        a = images
        with np.errstate(all="ignore"):
            for name, w, b in zip(names, parameters[0::2], parameters[1::2], strict=True):
                z = np.asarray(w, float) @ a + np.asarray(b, float).reshape(-1, 1)
                a = ACTIVATIONS[name].function(z)
        if z.shape != (CLASSES, images.shape[1]):
            raise ValueError(f"the outputs have shape {z.shape}; there are {CLASSES} classes")
        return z

    return outputs


def share_right(case: Case, value: dict) -> float:
    """How much of the hidden test the network reads right.

    Raises:
        ValueError: for parameters that fit no network.
    """
    z = _reader(value)(case.hidden["pixels"] / 255)
    return float(np.mean(z.argmax(axis=0) == case.hidden["labels"])) if np.isfinite(z).all() else 0.0


GUESSED = 0.3  # a network that reads less has learned nothing
VERY_LARGE = 20.0  # of a weight: where a network has learned, none is above 10
NO_STEP = (
    "All its biases are 0, as at the start, so no step has changed it. "
    "`p -= …` changes an array of the network; `p = p - …` makes a new one, which the network does not know."
)


def _accept_share(needed: float, asked: str) -> Callable[[Case, Any, Any], str | None]:
    def accept(case: Case, value: dict, expected: Any) -> str | None:
        share, outputs = share_right(case, value), _reader(value)
        if share >= needed:
            return None
        if not all(np.isfinite(each).all() for each in value["parameters"]):
            return (
                f"Your network reads nothing; {asked}. Some of its weights are not finite: its steps are far too large."
            )
        said = f"Your network reads {100 * share:.1f} % of the test images right; {asked}."
        if not any(np.any(b) for b in value["parameters"][1::2]):
            return f"{said} {NO_STEP}"
        if share < GUESSED and max(np.abs(p).max() for p in value["parameters"]) > VERY_LARGE:
            return f"{said} Its weights have become very large: its steps go uphill, or are far too large."
        return f"{said} {advice(case.inputs, lambda X: outputs(X).argmax(axis=0), np.asarray(value['parameters'][0]))}"

    return accept


def _see_repetition(case: Case, value: dict) -> dict[str, bool]:
    first, again, other = ([np.asarray(p) for p in value[name]] for name in ("first", "again", "other"))
    return {"again": _equal(again, first), "other": not _equal(other, first)}


def _equal(some: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return len(some) == len(others) and all(map(np.array_equal, some, others))


def _accept_repeated(case: Case, value: dict, expected: Any) -> str | None:
    if not value["again"]:
        return "Trained twice with the same rng, your network is not the same. Let all randomness come from rng."
    if not value["other"]:
        return "Another rng gives the same network. Use the rng that you are given, for the weights and for the order."
    return None


DIGITS = Exercise(
    id="train-digits",
    number="7.7",
    title="Read handwriting",
    answers=("train_digits",),
    driver=_ask_digits,
    closed=("sgd.train",),
    aspects=(
        Aspect("learns", "600 images to learn from: half of the new ones right", 3, _digits_in_a_new_order(600),
               accept=_accept_share(LEARNED, "half is asked when it learns from 600 images")),
        Aspect("reads", "1,200 images to learn from: 95 % of new ones right", 4, _digits_in_a_new_order(FOR_TRAINING),
               accept=_accept_share(ENOUGH, "95 % is the goal, and 91 % is accepted")),
        Aspect("rng", "all randomness comes from rng", 1, _digits_in_a_new_order(50), driver=_ask_repeated,
               observe=_see_repetition, accept=_accept_repeated),
    ),
    seconds=60,
    ask_public=False,
)  # fmt: skip

# 7.8 Bonus: find three bugs ------------------------------------------------------------------------------------------


def _epoch(rng: np.random.Generator, n: int, m: int, size: int) -> Case:
    X, Y = array(rng, -1.5, 1.5, (n, m)), array(rng, -1.5, 1.5, (1, m))
    w, order = _away_from_zero(rng, (1, n)), rng.permutation(m)
    while (order[:-1] < order[1:]).all():  # an order that changes nothing would hide a mistake
        order = rng.permutation(m)
    return Case({"w": w, "X": X, "Y": Y, "order": order, "size": size, "rate": 0.6 / n})


def _of_one_size(rng: np.random.Generator) -> list[Case]:
    """Once with as many weights as examples; at last with many large weights, and with the rate 0."""
    *cases, large, still = (_epoch(rng, *sizes) for sizes in ((2, 9, 3), (3, 8, 2), (4, 4, 2), (8, 9, 3), (2, 6, 3)))
    large.inputs["w"], still.inputs["rate"] = 10 * large.inputs["w"], 0.0
    return [*cases, large, still]


def _in_old_order(rng: np.random.Generator) -> list[Case]:
    """Where the order changes nothing, x and y cannot be in different orders."""
    cases = [_epoch(rng, 2, 9, 4), _epoch(rng, 3, 8, 3)]
    for case in cases:
        case.inputs["order"] = np.arange(len(case.inputs["order"]))
    return cases


BUGS = Exercise(
    id="sgd-bugs",
    number="7.8",
    title="Bonus: find three bugs",
    answers=("fixed_epoch",),
    closed=("sgd", "network", "autodiff", "gradcheck"),
    aspects=(
        Aspect("one", "one mini-batch that holds everything", 1, lambda rng: [_epoch(rng, 2, 5, 5)]),
        Aspect("even", "several mini-batches of one size", 1, _of_one_size),
        Aspect("rest", "a smaller last mini-batch", 1, lambda rng: [_epoch(rng, 2, 9, 4), _epoch(rng, 3, 8, 3)]),
        Aspect("in-order", "the same, with the examples in their old order", 1, _in_old_order),
    ),
)

EXERCISES = (AVERAGE, MINIBATCHES, STEP, COUNT, TRAIN, NOISE, DIGITS, BUGS)
