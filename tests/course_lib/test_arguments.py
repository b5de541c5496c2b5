"""Every public function of the engine with every wrong kind of argument: a sentence of ours, or the right result."""

from __future__ import annotations

import linecache
import traceback
import warnings
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import course_lib
from course_lib import comparing, counting, datasets, gradcheck, network, plain, replay, sgd, symbolic
from course_lib.autodiff import RULES, Op, Tensor, graph

HOME = next(iter(course_lib.__path__))
WRONG = {
    "None": None,
    "text": "seven",
    "a list of texts": ["a", "b"],
    "rows of different length": [[1.0], [1.0, 2.0]],
    "an object": object(),
    "a dict": {"a": 1},
    "a function": len,
    "an array of objects": np.array([None, 1]),
    "a masked array": np.ma.array([1.0, 2.0], mask=[True, False]),
    "complex": 1j,
    "nan": np.nan,
    "minus one": -1,
    "a half": 0.5,
    "zero": 0,
    "an empty list": [],
    "a cube": np.ones((2, 2, 2)),
    "a tensor": Tensor([1.0, 2.0]),
    "true": True,
    "a huge number": 10**400,
    "a fraction": Fraction(1, 3),
    "lengths of time": np.array([1, 2], "m8[s]"),
    "a range": range(2),
    "bytes": b"ab",
    "small whole numbers": np.array([200, 100], np.uint8),
    "truth values": np.array([True, False]),
    "an array of records": np.zeros(2, [("a", float)]),
    "a matrix with no column": np.ones((2, 0)),
    "complex numbers": np.ones((2, 4), complex),
    "a tensor of columns": Tensor(np.ones((2, 4))) * 2,
    "an array of a class of its own": np.ones((2, 4)).view(type("Own", (np.ndarray,), {})),
    "a byte": np.uint8(250),
    "an array that is one number": np.array(3.0),
    "a signaling nan": Decimal("sNaN"),
    "a nan of decimals": [Decimal("nan")],
    "a fraction beyond all floats": Fraction(10**400),
    "a length of time": np.timedelta64(3, "s"),
    "a day": np.datetime64("2020-01-01"),
    "a whole number of NumPy": np.int64(3),
    "a number of float16": np.float16(0.5),
    "a number of many bits": np.longdouble(0.5),
    "infinity": -np.inf,
    "a number beside 0": 5e-324,
    "the largest number": np.array([1.7e308, -1.7e308]),
    "a set": {1, 2},
    "a slice": slice(1, 2),
    "a view of memory": memoryview(np.ones(2)),
    "changeable bytes": bytearray(b"ab"),
    "what is counted once": iter([1.0, 2.0]),
    "thirty axes": np.ones((1,) * 30),
    "an array read backward": np.arange(4.0)[::-1],
    "an ellipsis": ...,
    "a type": float,
    "names": np.array(["a", "b"]),
    "nothing of objects": np.array([], object),
    "NumPy's numbers as keys": {np.int64(1): np.float32(2)},
}


def cost(theta):
    return float(np.sum(np.asarray(theta) ** 2))


def a_network():
    return network.Network([2, 3, 2], "tanh", seed=0)


X, Y = np.arange(8.0).reshape(2, 4) / 8, np.ones((2, 4)) / 3
RNG = np.random.default_rng

# What is called, and right arguments for it; each of them is replaced in turn by each of the wrong ones.
CALLS = {
    "Tensor": (Tensor, [[1.0, 2.0]]),
    "Tensor's name": (lambda name: repr(Tensor(1.0, name)), ["x"]),
    "where": (lambda c, x, y: np.where(c, Tensor([1.0, 2.0]) * x, y), [[True, False], 1.0, 2.0]),
    "Op": (lambda f, vjp: Op("f", f, vjp)(Tensor(1.0)), [np.negative, np.negative]),
    "Tensor.backward": (lambda seed: (Tensor([1.0, 2.0]) * 2).backward(seed), [[1.0, 1.0]]),
    "graph": (graph, [Tensor(1.0) * 2]),
    **{f"op {name}": (RULES[name], [Tensor([1.0, 2.0]), [3.0, 4.0]]) for name in ("add", "power", "maximum", "matmul")},
    "comparison": (lambda y: [Tensor([1.0, 2.0]) < y, y >= Tensor([1.0, 2.0])], [2.0]),
    "getitem": (lambda i: Tensor(np.ones((2, 3)))[i], [0]),
    "sum": (lambda axis, keep: Tensor(np.ones((2, 3))).sum(axis, keep), [0, True]),
    "reshape": (lambda shape: Tensor(np.ones((2, 3))).reshape(shape), [(3, 2)]),
    "transpose": (lambda order: Tensor(np.ones((2, 3))).transpose(order), [(1, 0)]),
    "clip": (lambda low, high: Tensor([1.0, 2.0]).clip(low, high), [0.0, 1.5]),
    "operator": (lambda y: [Tensor([1.0, 2.0]) + y, y * Tensor([1.0, 2.0])], [2.0]),
    "linear": (RULES["linear"], [Tensor(np.ones((2, 3))), np.ones((3, 4)), np.ones((2, 1))]),
    "Network": (network.Network, [[2, 3, 2], "tanh", "quadratic", "tanh", "he"]),
    "with_parameters": (lambda p: a_network().with_parameters(p), [a_network().parameters]),
    "feedforward": (lambda x: a_network().feedforward(x), [X]),
    "backprop": (lambda x, y: a_network().backprop(x, y), [X, Y]),
    "cost": (lambda x, y: a_network().cost(x, y), [X, Y]),
    "backprop's upstream": (lambda upstream: a_network().backprop(X, Y, upstream), [0.1]),
    "Network's seed": (lambda seed: network.Network([2, 3], seed=seed), [0]),
    **{f"{name} of outputs": (network.COSTS[name], [Y, Y]) for name in network.COSTS},
    **{f"{name} of z": (network.ACTIVATIONS[name], [X]) for name in network.ACTIVATIONS},
    "gradients_by_wiggling": (
        lambda x, y: network.gradients_by_wiggling(
            a_network().w, a_network().b, x, y, network.COSTS["quadratic"].nabla_a
        ),
        [X[:, :1], Y[:, :1]],
    ),
    "predict": (lambda x: a_network().predict(x), [X]),
    "accuracy": (lambda x, labels: a_network().accuracy(x, labels), [X, [0, 1, 0, 1]]),
    "cost_tensor": (lambda t, x, y: a_network().cost_tensor(t, x, y), [a_network().tensors(), X, Y]),
    "minibatches": (lambda x, y, size, rng: list(sgd.minibatches(x, y, size, rng)), [X, Y, 2, RNG(0)]),
    "iterations_per_epoch": (sgd.iterations_per_epoch, [10, 3]),
    **{
        f"{make.__name__}.step": (lambda p, g, make=make: make(0.1).step(p, g), [[np.ones(2)], [np.ones(2)]])
        for make in (sgd.SGD, sgd.Momentum, sgd.Adam)
    },
    "SGD": (sgd.SGD, [0.1]),
    "Momentum": (sgd.Momentum, [0.1, 0.9]),
    "Adam": (sgd.Adam, [0.1, 0.9, 0.99, 1e-8]),
    "global_norm": (sgd.global_norm, [[np.ones(2), np.ones(3)]]),
    "clip_by_norm": (sgd.clip_by_norm, [[np.ones(2)], 1.0]),
    "train": (
        lambda n, x, y, epochs, size, optimizer: sgd.train(n, x, y, epochs, size, optimizer, progress=False),
        [a_network(), X, Y, 1, 2, sgd.SGD(0.1)],
    ),
    "train's options": (
        lambda validation, clip, stop_below, patience, seed, after: sgd.train(
            a_network(),
            X,
            Y,
            1,
            2,
            validation=validation,
            clip=clip,
            stop_below=stop_below,
            patience=patience,
            seed=seed,
            after_epoch=after,
            progress=False,
        ),
        [(X, Y), 1.0, 1e-3, 1, 0, lambda history: None],
    ),
    "numerical_gradient": (gradcheck.numerical_gradient, [cost, np.ones(2), 1e-5, "central"]),
    "gradient_check": (gradcheck.gradient_check, [cost, 2 * np.ones(2), np.ones(2), 1e-5, 1e-5]),
    "direction_check": (gradcheck.direction_check, [cost, 2 * np.ones(2), np.ones(2), 0, 2, 1e-5, 1e-5]),
    "relative_error": (gradcheck.relative_error, [1.0, 2.0]),
    "default_step": (gradcheck.default_step, ["central", float]),
    "parameter_count": (counting.parameter_count, [[2, 3]]),
    "forward_passes": (counting.forward_passes, [3, "central"]),
    "network_work": (counting.network_work, [[2, 3], 4]),
    "graph_work": (counting.graph_work, [Tensor(np.ones((2, 2))) @ np.ones((2, 2))]),
    "one_hot": (datasets.one_hot, [[0, 1], 3]),
    "moons": (datasets.moons, [10, 0.1, 0]),
    "line": (datasets.line, [10, 2.0, -1.0, 0.1, 0]),
    "Counted": (lambda f: counting.Counted(f)(1.0), [np.sqrt]),
    "to_plain": (plain.to_plain, [1.0]),
    "dumps": (plain.dumps, [[1.0]]),
    "loads": (plain.loads, ["1.0"]),
    "dumps of to_plain": (lambda value: plain.loads(plain.dumps(plain.to_plain(value))), [[1.0]]),
    "compare": (comparing.compare, [[1.0, 2.0], [1.0, 2.0]]),
    "compare a dict": (lambda got: comparing.compare({"a": 1.0}, got), [{"a": 1.0}]),
    "show": (comparing.show, [1.0]),
    "as_code": (comparing.as_code, [1.0]),
    "formula": (symbolic.formula, [Tensor(1.0) * 2]),
    "record": (replay.record, [lambda t, x: sum((q * x).sum() for q in t), [np.ones(2)], np.ones(2)]),
    "a plan's upstream": (
        lambda up: replay.record(lambda t, x: (t[0] * x).sum(), [np.ones(2)], np.ones(2))(np.ones(2), upstream=up),
        [0.1],
    ),
    "a plan": (lambda x: replay.record(lambda t, x: (t[0] * x).sum(), [np.ones(2)], np.ones(2))(x), [np.ones(2)]),
}


# A function in the place of a cost, or of an initialization, is called; what it says then is its own affair.
CALLABLE = [
    ("Network", 4),
    ("record", 0),
    ("numerical_gradient", 0),
    ("Op", 0),
    ("Op", 1),
    ("train's options", 5),
    ("Counted", 0),
]
CALLABLE += [(check, place) for check in ("gradient_check", "direction_check") for place in (0, 1)]
OWN_AFFAIR = {(name, place, kind) for name, place in CALLABLE for kind in ("a function", "a type")}
# What says enough, though it is not ours: NumPy tells the shapes.
BY_OTHERS = ("broadcast together",)


def says_itself(error: BaseException) -> bool:
    """Whether a statement of ours raised it, or it is among BY_OTHERS, and nothing just stumbled over the argument."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    statement = linecache.getline(last.filename, last.lineno)
    by_us = last.filename.startswith(HOME) and "raise" in statement
    return by_us or any(words in str(error) for words in BY_OTHERS)


def complaint(call, arguments) -> BaseException | None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            call(*arguments)
        except Exception as error:
            return error
    return None


@pytest.mark.parametrize(
    "exact",
    [Fraction(1, 2), [Fraction(1, 2), 1], Decimal("0.5"), 10**30, [-(10**30), 1], np.array([Decimal(2)])],
    ids=repr,
)
def test_exact_numbers_are_numbers(exact):
    value, x = np.asarray(exact, float), Tensor([1.0, 2.0])
    for z in (x * exact, exact * x, x * Tensor(exact)):
        assert z.data.dtype == float
        np.testing.assert_array_equal(z.data, x.data * value)
        z.backward(np.ones(2))
        np.testing.assert_array_equal(x.grad, np.broadcast_to(value, 2))
    np.testing.assert_array_equal(x < exact, x.data < value)
    np.testing.assert_array_equal(gradcheck.relative_error(exact, value), np.zeros(value.shape))


@pytest.mark.parametrize("name", CALLS)
def test_the_right_arguments_are_right(name):
    call, arguments = CALLS[name]
    call(*arguments)


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_argument_is_told_in_a_sentence_of_ours(name):
    call, arguments = CALLS[name]
    for (kind, wrong), place in product(WRONG.items(), range(len(arguments))):
        error = complaint(call, [*arguments[:place], wrong, *arguments[place + 1 :]])
        expected = error is None or isinstance(
            error, TypeError | ValueError | IndexError | NotImplementedError | OverflowError
        )
        told = expected and (error is None or says_itself(error))
        assert told or (name, place, kind) in OWN_AFFAIR, f"argument {place}, {kind}: {error!r}"


def test_a_step_of_one_byte_does_not_wrap_around():
    for h in (np.uint8(250), np.int8(100)):
        np.testing.assert_allclose(gradcheck.numerical_gradient(cost, np.ones(2), h), 2)


def test_a_matrix_as_a_seed_is_refused_before_it_ends_python():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        matrix = np.asmatrix([[1.0, 2.0]])
    with pytest.raises(TypeError, match="A seed is a whole number"):
        datasets.moons(10, seed=matrix)
