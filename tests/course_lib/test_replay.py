"""A plan gives what the engine gives, to the last bit, for other numbers too; and it refuses what it cannot know."""

from pathlib import Path

import numpy as np
import pytest

from course_lib import replay
from course_lib.autodiff import RULES, Op, Tensor, maximum
from course_lib.network import ACTIVATIONS, COSTS, Network
from course_lib.replay import record
from course_lib.sgd import SGD, Adam, minibatches


def by_engine(cost_function, parameters, *inputs):
    tensors = [Tensor(p) for p in parameters]
    cost = cost_function(tensors, *inputs)
    cost.backward()
    return cost.data, [t.grad for t in tensors]


def assert_same_bits(ours, theirs):
    assert ours[0].tobytes() == theirs[0].tobytes()
    for one, other in zip(ours[1], theirs[1], strict=True):
        assert np.shape(one) == np.shape(other) and one.dtype == other.dtype
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def check(cost_function, shapes, input_shapes, dtype=float, low=-1.5):
    """Record on some numbers, then compare on others, with parameters that change in place."""
    rng = np.random.default_rng(0)

    def draw(shape):
        return rng.uniform(low, 1.5, shape).astype(dtype)

    parameters = [draw(shape) for shape in shapes]
    plan = record(cost_function, parameters, *[draw(shape) for shape in input_shapes])
    for _ in range(3):
        inputs = [draw(shape) for shape in input_shapes]
        cost, gradients = plan(*inputs)
        assert_same_bits((cost, gradients), by_engine(cost_function, parameters, *inputs))
        for p, g in zip(parameters, gradients, strict=True):
            p -= (0.1 * g).astype(p.dtype)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "softmax"])
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_networks(activation, cost, dtype):
    network = Network([4, 5, 3, 2], activation, cost)
    check(network.cost_tensor, [p.shape for p in network.parameters], [(4, 6), (2, 6)], dtype)


COSTS_OF_ALL_KINDS = {
    "fan-out": lambda t, x: ((t[0] * x + t[0]) * t[0]).sum(),
    "one number": lambda t, x: (t[0].sum().tanh() ** 3 * t[0].mean().exp()) ** 2 / 3,
    "broadcasting": lambda t, x: (t[0][0] * x + t[0].mean(axis=1, keepdims=True) - Tensor(x).T.sum()).sum(),
    "views": lambda t, x: (t[0].T.reshape(2, 6)[:, ::2] * t[0].reshape(-1)[:6].reshape(2, 3)).sum(),
    "products": lambda t, x: (t[0] @ Tensor(x).T @ t[0]).tanh().sum(),
    "choices": lambda t, x: maximum(t[0], x).sum() + t[0].max() + abs(np.minimum(t[0], 0.3)).min(axis=0).sum(),
    "a leaf beside": lambda t, x: (t[0] * Tensor(np.full((3, 4), 2.0)) * x).sum(),
    "itself": lambda t, x: t[0].sum(),
    "no op between": lambda t, x: (t[0] + t[0]).reshape(12)[3],
}


@pytest.mark.parametrize("name", COSTS_OF_ALL_KINDS)
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_costs_of_all_kinds(name, dtype):
    check(COSTS_OF_ALL_KINDS[name], [(3, 4)], [(3, 4)], dtype, low=0.2)


def test_a_parameter_that_is_the_cost():
    check(lambda t: t[0], [()], [])
    check(lambda t: t[0] * t[0], [()], [])


def test_inputs_of_one_array_are_two():
    x = np.ones((2, 3))
    plan = record(lambda t, a, b: (t[0] * a - b).sum(), [np.ones((2, 3))], x, x)
    cost, (gradient,) = plan(3 * x, x)
    assert cost == 12
    np.testing.assert_array_equal(gradient, 3 * x)


def test_a_leaf_on_the_parameter_s_array_takes_nothing_of_its_gradient():
    def cost(tensors):
        return (tensors[0] * Tensor(tensors[0].data)).sum()

    p = np.arange(3.0)
    assert_same_bits(record(cost, [p])(), by_engine(cost, [p]))


@pytest.mark.parametrize("make", [SGD, Adam])
def test_training_is_the_same_to_the_last_bit(make):
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(6, 40)), rng.uniform(size=(3, 40))
    one, other = Network([6, 5, 3], "tanh", seed=2), Network([6, 5, 3], "tanh", seed=2)
    plan = record(one.cost_tensor, one.parameters, X[:, :8], Y[:, :8])
    for network, step in (
        (one, plan),
        (other, lambda x, y: by_engine(other.cost_tensor, other.parameters, x, y)),
    ):
        optimizer, order = make(0.05), np.random.default_rng(3)
        for x, y in minibatches(X, Y, 8, order):
            optimizer.step(network.parameters, step(x, y)[1])
    for p, q in zip(one.parameters, other.parameters, strict=True):
        assert p.tobytes() == q.tobytes()


def test_gradients_of_earlier_calls_stay():
    p = np.ones(3)
    plan = record(lambda t, x: (t[0] + x).sum() + (t[0] * x).sum(), [p], np.ones(3))
    _, (first,) = plan(np.ones(3))
    first += 100
    _, (second,) = plan(2 * np.ones(3))
    np.testing.assert_array_equal(second, 3 * np.ones(3))
    np.testing.assert_array_equal(first, 102 * np.ones(3))


def test_every_gradient_is_an_array_of_its_own():
    plan = record(lambda t: (t[0] + t[1]).sum() + t[2].sum(), [np.ones(3), np.ones(3), np.ones(3)])
    for _ in range(2):
        _, (a, b, c) = plan()
        a += 1
        c[0] = 5
        np.testing.assert_array_equal(b, np.ones(3))
        np.testing.assert_array_equal(c, [5, 1, 1])


def test_inputs_of_another_shape_or_dtype_are_refused():
    plan = record(lambda t, x: (t[0] * x).sum(), [np.ones(3)], np.ones(3))
    for inputs in ([np.ones(4)], [np.ones((1, 3))], [np.ones(3, np.float32)], [], [np.ones(3), np.ones(3)]):
        with pytest.raises(ValueError, match=r"plan is for inputs of \[\(\(3,\), 'float64'\)\]; these are"):
            plan(*inputs)
    with pytest.raises(TypeError, match="An input holds numbers"):
        plan("abc")
    np.testing.assert_array_equal(plan([1, 2, 3])[1][0], [1, 2, 3])


def random_numbers(t, x):
    return (t[0] * np.random.default_rng().uniform(size=3)).sum()


CHANGING = {
    "an if on an input": lambda t, x: (t[0] * x).sum() if x.sum() > 0 else (t[0] + x).sum(),
    "an if on a parameter": lambda t, x: (t[0] * 2 if t[0].sum() > 0 else t[0] * 3).sum(),
    "a number of steps": lambda t, x: sum((t[0] * x).sum() for _ in range(2 + int(x[0] > 0))),
    "computed outside": lambda t, x: (t[0] * (x + 1)).sum(),
    "a view made outside": lambda t, x: (t[0] * x[::-1]).sum(),
    "values of a tensor": lambda t, x: (t[0] * (t[0].data + 1)).sum(),
    "a choice made outside": lambda t, x: np.where(x > 0, t[0], 0.0).sum(),
    "an index from numbers": lambda t, x: t[0][np.argsort(x)][:2].sum(),
    "a power from numbers": lambda t, x: (t[0] ** float(x[0])).sum(),
    "random numbers": random_numbers,
}


@pytest.mark.parametrize("name", CHANGING)
def test_a_graph_that_depends_on_the_numbers_is_refused(name):
    with pytest.raises(ValueError, match="other graph or other constants"):
        record(CHANGING[name], [np.array([0.5, 1.0, 2.0])], np.array([0.3, 0.9, 0.6]))


def test_a_cost_that_is_none_and_a_parameter_it_does_not_know_are_refused():
    for cost in (lambda t: t[0], lambda t: 3.0, lambda t: None, lambda t: t[0].data.sum()):
        with pytest.raises(ValueError, match="A plan is for a cost, a Tensor that holds one number"):
            record(cost, [np.ones(3)])
    with pytest.raises(ValueError, match="does not depend on parameter 1"):
        record(lambda t: t[0].sum(), [np.ones(3), np.ones(2)])
    with pytest.raises(NotImplementedError, match="'floor' has no rule"):
        record(lambda t: Op("floor", np.floor)(t[0]).sum(), [np.ones(3)])


def test_a_rule_that_is_changed_changes_the_plan_s_result(monkeypatch):
    """The plan has no calculus of its own: a wrong rule in the table is wrong here too."""
    vjp = RULES["tanh"].vjps[0]
    monkeypatch.setattr(RULES["tanh"], "vjps", (lambda *args: 1.001 * vjp(*args),))
    check(lambda t, x: (t[0] * x).tanh().sum(), [(3,)], [(3,)])


def test_the_module_stays_small():
    assert len(Path(replay.__file__).read_text(encoding="utf-8").splitlines()) < 120


@pytest.mark.parametrize("dtype", [float, np.float32])
def test_a_rate_as_upstream_gives_the_bits_of_backward_with_that_seed(dtype):
    network, rng = Network([4, 5, 2], "tanh"), np.random.default_rng(0)
    parameters = [p.astype(dtype) for p in network.parameters]
    x, y = rng.normal(size=(4, 6)).astype(dtype), rng.normal(size=(2, 6)).astype(dtype)
    tensors = [Tensor(p) for p in parameters]
    network.cost_tensor(tensors, x, y).backward(dtype(0.1))
    _, gradients = record(network.cost_tensor, parameters, x, y)(x, y, upstream=0.1)
    assert_same_bits((x, gradients), (x, [t.grad for t in tensors]))
