"""What notebook 3 asks: Jacobians, the backward pass of a layer for a batch, and the two gradients behind softmax."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.exercises import ENGINE, Aspect, Case, Exercise
from course_lib.exercises.drivers import named, several

Cases = Callable[[np.random.Generator], list[Case]]

# Derivatives of functions that act on each number by itself. At 0 only one of them is 0.
SLOPES: dict[str, Callable[[Any], Any]] = {
    "cos": np.cos,
    "1 - tanh²": lambda z: 1 - np.tanh(z) ** 2,
    "exp": np.exp,
    "2z": lambda z: 2 * z,
}


def _matrix(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Round numbers between 0.3 and 1.7 in size, of both signs."""
    return rng.integers(30, 171, shape) / 100 * rng.choice([-1, 1], shape)


class _Parts:
    """A driver for a function that returns several things: all of them by name, some of them, or only one."""

    def __init__(self, function: str, names: tuple[str, ...], only: str | tuple[str, ...] | None = None) -> None:
        self.function, self.names, self.only = function, names, only

    def __call__(self, answer: Any, **inputs: Any) -> Any:
        parts = several(answer(*inputs.values()), self.function, self.names)
        if isinstance(self.only, tuple):
            return {name: parts[name] for name in self.only}
        return parts[self.only] if self.only else parts


def _each(
    function: str,
    names: tuple[str, ...],
    points: int,
    cases: Cases,
    title: str,
    id: str = "{}",
    only: tuple[str, ...] | None = None,
) -> list[Aspect]:
    """One aspect for each thing that a function returns; {} in the title and the id stands for its name."""
    asked = only or names
    return [Aspect(id.format(n), title.format(n), points, cases, driver=_Parts(function, names, n)) for n in asked]


# 3.1 Two Jacobians ---------------------------------------------------------------------------------------------------


def _ask_elementwise(answer: Any, dphi: str, z: np.ndarray) -> Any:
    return answer.jacobian_elementwise(SLOPES[dphi], z)


def _layers(rng: np.random.Generator) -> list[Case]:
    """At last the numbers of the first in another shape, and a layer with more neurons than one writes out by hand."""
    layers = [_matrix(rng, *shape) * 1.000731 for shape in [(2, 3), (4, 3), (1, 3), (3, 3)]]
    return [Case({"W": W}) for W in [*layers, layers[0].reshape(3, 2), 5 * _matrix(rng, 8, 7)]]


def _elementwise(rng: np.random.Generator) -> list[Case]:
    asked = [("cos", 3), ("1 - tanh²", 4), ("2z", 5), ("exp", 1)]
    return [
        *(Case({"dphi": dphi, "z": _matrix(rng, n)}) for dphi, n in asked),
        Case({"dphi": "2z", "z": 5 * _matrix(rng, 8)}),
    ]


def _whole_numbers(rng: np.random.Generator) -> list[Case]:
    # Neither slope is a whole number at a whole number other than 0.
    return [Case({"dphi": dphi, "z": rng.permutation([-2, -1, 1, 2])}) for dphi in ("cos", "1 - tanh²")]


JACOBIANS = Exercise(
    id="jacobians",
    number="3.1",
    title="Two Jacobians",
    answers=("jacobian_linear", "jacobian_elementwise"),
    closed=ENGINE,
    aspects=(
        Aspect("linear", "jacobian_linear: W x + b", 1, _layers, driver=named("jacobian_linear")),
        Aspect("elementwise", "jacobian_elementwise: floats in z", 2, _elementwise, driver=_ask_elementwise),
        Aspect("whole", "jacobian_elementwise: whole numbers in z", 1, _whole_numbers, driver=_ask_elementwise),
    ),
)

# 3.2 A chain of Jacobians --------------------------------------------------------------------------------------------


def _chain_of(*lists_of_sizes: list[int]) -> Cases:
    """Cases with the Jacobians of steps between vectors of the given sizes."""

    def cases(rng: np.random.Generator) -> list[Case]:
        return [
            Case({"jacobians": [_matrix(rng, after, before) for before, after in pairwise(sizes)]})
            for sizes in lists_of_sizes
        ]

    return cases


def _sizes(start: str) -> Cases:
    # Drawn chains have no two equal sizes, and one of them ends in one number, as a cost does. Then one chain has equal
    # sizes, and one is a single step, with nothing to multiply.
    def cases(rng: np.random.Generator) -> list[Case]:
        drawn = [rng.permutation([3, 4, 5, 7, 11])[:n].tolist() for n in (3, 4, 5)]
        drawn.append([*rng.permutation([8, 6, 5, 3]).tolist(), 1])
        drawn += [[4, 3, 4, 3, 2], [7, 4], [3, 3, 3, 5], rng.permutation([2, 3, 4, 5, 6, 7, 8, 9]).tolist()]
        return [Case({"sizes": sizes, "start": start}) for sizes in drawn]

    return cases


CHAIN_JACOBIANS = Exercise(
    id="chain-jacobians",
    number="3.2",
    title="A chain of Jacobians",
    answers=("chain_jacobians", "count_multiplications"),
    closed=ENGINE,
    aspects=(
        Aspect(
            "two", "chain_jacobians: two steps", 1, _chain_of([3, 4, 2], [2, 3, 5]), driver=named("chain_jacobians")
        ),
        Aspect(
            "many",
            "chain_jacobians: many steps",
            1,
            _chain_of([2, 5, 4, 3], [6, 3, 4, 5, 2], [3, 5, 4, 1], [2, 3, 4, 2, 5, 3, 2, 4, 3]),
            driver=named("chain_jacobians"),
        ),
        Aspect(
            "square",
            "chain_jacobians: all of the same size",
            1,
            _chain_of([3, 3, 3, 3]),
            driver=named("chain_jacobians"),
        ),
        Aspect("one", "chain_jacobians: a single step", 1, _chain_of([3, 2], [2, 4]), driver=named("chain_jacobians")),
        Aspect("cost", 'count_multiplications: start="cost"', 2, _sizes("cost"), driver=named("count_multiplications")),
        Aspect(
            "input", 'count_multiplications: start="input"', 2, _sizes("input"), driver=named("count_multiplications")
        ),
    ),
)

# 3.3 The Hadamard form -----------------------------------------------------------------------------------------------


def _ask_hadamard(answer: Any, upstream: np.ndarray, dphi: str, z: np.ndarray) -> Any:
    return answer(upstream, SLOPES[dphi], z)


def _ask_large(answer: Any, n: int, dphi: str, seed: int) -> dict[str, Any]:
    """Ask for n numbers, built here, and give a few of them and a sum that depends on all of them.

    A matrix of n x n numbers could take all the memory of a small computer. So the memory is watched first on a tenth
    of the size, where such a matrix does no harm.
    """
    rng = np.random.default_rng(seed)
    upstream, z, weights = rng.normal(size=(3, n))
    few = n // 10
    taken = _memory(lambda: answer(upstream[:few].copy(), SLOPES[dphi], z[:few].copy()))
    if taken > 2 * few * few:
        raise MemoryError(f"for {few} numbers your code takes {taken / 1e6:.0f} MB; does it build a matrix?")
    given = np.asarray(answer(upstream, SLOPES[dphi], z))
    if given.shape != (n,):
        return {"shape": given.shape, "some entries": given.ravel()[:3], "weighted sum": 0.0}
    return {"shape": given.shape, "some entries": given[:: n // 5], "weighted sum": float(given @ weights)}


def _memory(work: Callable[[], Any]) -> int:
    """How many bytes a piece of work takes while it runs."""
    import tracemalloc

    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()


def _whole_upstreams(rng: np.random.Generator) -> list[Case]:
    """Whole numbers on one side or on both; the slopes are none."""
    upstream, z = rng.permutation([-9, -7, 8, 6]), rng.permutation([-2, -1, 1, 2])
    return [
        Case({"upstream": upstream, "dphi": "1 - tanh²", "z": z}),
        Case({"upstream": upstream, "dphi": "cos", "z": _matrix(rng, 4)}),
        Case({"upstream": 5 * _matrix(rng, 4), "dphi": "cos", "z": z}),
    ]


def _upstreams(*shapes: tuple[int, ...]) -> Cases:
    def cases(rng: np.random.Generator) -> list[Case]:
        names = ["2z", "exp", "cos"]
        return [
            Case({"upstream": _matrix(rng, *shape), "dphi": dphi, "z": _matrix(rng, *shape)})
            for shape, dphi in zip(shapes, names, strict=False)
        ]

    return cases


def _large(rng: np.random.Generator) -> list[Case]:
    return [Case({"n": 20_000, "dphi": "1 - tanh²", "seed": int(rng.integers(1, 10**6))})]


HADAMARD = Exercise(
    id="hadamard-form",
    number="3.3",
    title="The product without the matrix",
    answers=("hadamard_form",),
    driver=_ask_hadamard,
    closed=ENGINE,
    aspects=(
        Aspect(
            "vector",
            "equal to upstream · Jacobian",
            2,
            lambda rng: [*_upstreams((3,), (5,), (1,))(rng), *_whole_upstreams(rng)],
        ),
        Aspect("large", "20 000 numbers at once", 2, _large, driver=_ask_large),
        Aspect("batch", "a batch: one column for each example", 1, _upstreams((3, 4), (5, 2), (3, 3))),
    ),
)

# 3.4 A layer, backward -----------------------------------------------------------------------------------------------

LAYER = ("dA_prev", "dW", "db")


def _layer(rng: np.random.Generator, before: int, after: int, m: int) -> dict[str, np.ndarray]:
    return {"dZ": _matrix(rng, after, m), "W": _matrix(rng, after, before), "A_prev": _matrix(rng, before, m)}


def _layers_with(*sizes: tuple[int, int, int]) -> Cases:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case(_layer(rng, *each)) for each in sizes]

    return cases


def _whole_layers(rng: np.random.Generator) -> list[Case]:
    whole = {"W": rng.integers(1, 5, (2, 3)), "A_prev": rng.integers(1, 5, (3, 4))}
    dZ = rng.permutation([-2, -1, 1, 1, 2, 3, 3, 4]).reshape(2, 4)
    fractions = {"W": _matrix(rng, 2, 3) * 1.000731, "A_prev": _matrix(rng, 3, 4) * 1.000731}
    return [Case({"dZ": _matrix(rng, 2, 4), **whole}), Case({"dZ": dZ, **fractions})]


_sizes_differ = _layers_with((3, 2, 4), (4, 5, 3), (9, 8, 7))

LINEAR_BACKWARD = Exercise(
    id="linear-backward",
    number="3.4",
    title="A layer, backward",
    answers=("linear_backward",),
    driver=_Parts("linear_backward", LAYER),
    closed=ENGINE,
    aspects=(
        *_each("linear_backward", LAYER, 2, _sizes_differ, "{}: all sizes different"),
        Aspect("square", "all sizes equal, where a wrong product does not crash", 1, _layers_with((4, 4, 4))),
        Aspect("one", "a batch of one", 1, _layers_with((3, 2, 1), (3, 1, 1), (1, 2, 1))),
        Aspect("whole", "whole numbers in some of the inputs", 1, _whole_layers),
    ),
)

# 3.5 Broadcasting in reverse -----------------------------------------------------------------------------------------


def _from_to(*pairs: tuple[tuple[int, ...], tuple[int, ...]]) -> Cases:
    def cases(rng: np.random.Generator) -> list[Case]:
        """Of one sign each, so that no sum is near 0: positive, negative, positive, …"""
        return [
            Case({"gradient": np.asarray((-1) ** k * 1.0007 * abs(_matrix(rng, *start))), "shape": end})
            for k, (start, end) in enumerate(pairs)
        ]

    return cases


_length_one = _from_to(
    ((3, 4), (3, 1)), ((3, 4), (1, 4)), ((2, 3, 4), (2, 1, 4)), ((5,), (1,)), ((3, 3), (3, 1)),
    ((2, 3, 4), (2, 1, 1)), ((2, 3, 4), (1, 3, 1)), ((3, 4), (1, 1)),
    ((2, 3, 2, 1, 2, 3, 2, 2), (2, 1, 2, 1, 1, 3, 1, 2)),
)  # fmt: skip
_in_front = _from_to(
    ((3, 4), (4,)), ((2, 3, 4), (3, 4)), ((2, 5, 3, 4), (3, 4)), ((4, 3, 4), (3, 4)), ((2, 3, 3), (3, 3)),
    ((1, 3), (3,)), ((1, 1, 3), (3,)), ((2, 3, 2, 4), (4,)), ((2, 1, 2, 3, 2), (2,)),
)  # fmt: skip
_both = _from_to(((2, 3, 4), (3, 1)), ((3, 4), (1,)), ((5, 2, 3, 4), (2, 1, 4)), ((2, 3, 2, 4, 5), (3, 1, 4, 1)))
_to_one_number = _from_to(((3, 4), ()), ((5,), ()))
_nothing_copied = _from_to(((3, 4), (3, 4)), ((3, 1), (3, 1)), ((), ()))

UNBROADCAST = Exercise(
    id="unbroadcast",
    number="3.5",
    title="Broadcasting in reverse",
    answers=("unbroadcast",),
    closed=ENGINE,
    aspects=(
        Aspect("ones", "axes of length 1 that were stretched", 2, _length_one),
        Aspect("leading", "axes that were put in front", 2, _in_front),
        Aspect("both", "both at once", 1, _both),
        Aspect("scalar", "one number that was copied everywhere", 1, _to_one_number),
        Aspect("same", "nothing was copied", 1, _nothing_copied),
    ),
)

# 3.6 Softmax and cross-entropy ---------------------------------------------------------------------------------------

SOFTMAX = ("A", "C", "dZ")


def _one_hot(classes: list[int], n: int) -> np.ndarray:
    return np.eye(n)[:, classes]


def _logits(*sizes: tuple[int, int]) -> Cases:
    """Columns of n logits and their targets; at least two classes occur when there is more than one column.

    With as many columns as classes, one class occurs twice, so that Y turned over is another one.
    """

    def cases(rng: np.random.Generator) -> list[Case]:
        drawn = []
        for n, m in sizes:
            first = int(rng.integers(n))
            classes = [(first + j) % n for j in range(m)]
            classes = [*classes[:-1], first] if m == n else classes
            drawn.append(Case({"Z": _matrix(rng, n, m), "Y": _one_hot(classes, n)}))
        return drawn

    return cases


def _large_logits(rng: np.random.Generator) -> list[Case]:
    """Whole logits near 1000 and -1000. In one column all are near -1000; in one the right class is far behind."""
    mixed = rng.permutation([1000, 999, -1000])
    low = -1000 + rng.permutation([0, 1, 2])
    high = 1000 - rng.permutation([0, 1, 3])
    classes = [int(np.argmin(mixed)), int(rng.integers(3)), int(rng.integers(3)), int(np.argmax(mixed))]
    five = rng.permutation([1000, -1000, -1000, -999, -1000])  # the mean is far below the largest
    return [
        Case({"Z": np.stack([mixed, low, high, mixed], axis=1), "Y": _one_hot(classes, 3)}),
        Case({"Z": five.reshape(5, 1), "Y": _one_hot([int(rng.integers(5))], 5)}),
    ]


def _some_logits(rng: np.random.Generator) -> list[Case]:
    """Also with whole numbers in Y, and in Z and Y."""
    fractions, whole = _logits((3, 4), (4, 2), (3, 3))(rng), _logits((4, 3), (3, 4))(rng)
    many = _logits((8, 9))(rng)
    for case in whole:
        case.inputs["Y"] = case.inputs["Y"].astype(int)
    whole[1].inputs["Z"] = rng.permutation([-2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3, 3]).reshape(3, 4)
    return [*fractions, *whole, *many]


SOFTMAX_XENT = Exercise(
    id="softmax-xent",
    number="3.6",
    title="Softmax and cross-entropy",
    answers=("softmax_xent",),
    driver=_Parts("softmax_xent", SOFTMAX),
    closed=ENGINE,
    aspects=(
        *_each("softmax_xent", SOFTMAX, 2, _some_logits, "{}: logits of usual size"),
        *_each("softmax_xent", SOFTMAX, 1, _large_logits, "{}: logits near ±1000", "large-{}"),
        Aspect("one", "a batch of one", 1, _logits((3, 1))),
    ),
)

# 3.7 Find the bugs by their shapes -----------------------------------------------------------------------------------

NETWORK = ("dW1", "db1", "dW2", "db2")


def _network(rng: np.random.Generator, n0: int, n1: int, n2: int, m: int) -> Case:
    return Case(
        {
            "X": _matrix(rng, n0, m),
            "A1": _matrix(rng, n1, m) / 2,  # values of tanh
            "W2": _matrix(rng, n2, n1),
            "dZ2": _matrix(rng, n2, m),
        }
    )


def _networks(*sizes: tuple[int, int, int, int]) -> Cases:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [_network(rng, *each) for each in sizes]

    return cases


def _networks_differ(rng: np.random.Generator) -> list[Case]:
    """Also with more neurons and examples than one writes out by hand, and with one of the inputs in whole numbers."""
    cases = _networks((3, 4, 2, 5), (5, 2, 3, 4), (10, 9, 8, 7))(rng)
    for name, limit in (("X", 3), ("A1", 1), ("W2", 3), ("dZ2", 3)):
        case = _network(rng, 3, 4, 2, 5)
        shape = case.inputs[name].shape
        case.inputs[name] = np.resize(rng.permutation([-limit, limit, 1, 1, limit]), shape)
        cases.append(case)
    return cases


_as_many_outputs = _networks((2, 3, 3, 4), (5, 4, 4, 3))

SHAPE_BUGS = Exercise(
    id="shape-bugs",
    number="3.7",
    title="Find three bugs by their shapes",
    answers=("fixed_backward",),
    driver=_Parts("fixed_backward", NETWORK),
    closed=ENGINE,
    aspects=(
        *_each("fixed_backward", NETWORK, 1, _networks_differ, "{}: all sizes different", only=NETWORK[:3]),
        Aspect(
            "output",
            "dW2 and db2: as many neurons in both layers",
            1,
            _as_many_outputs,
            driver=_Parts("fixed_backward", NETWORK, NETWORK[2:]),
        ),
        Aspect(
            "square", "all sizes equal, where a wrong product does not crash", 2, _networks((4, 4, 4, 4), (1, 1, 1, 1))
        ),
    ),
)

EXERCISES = (JACOBIANS, CHAIN_JACOBIANS, HADAMARD, LINEAR_BACKWARD, UNBROADCAST, SOFTMAX_XENT, SHAPE_BUGS)
