"""The four equations against the engine and finite differences, and every mistake in them caught."""

import copy
import pickle
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import network as module
from course_lib.autodiff import RULES, Tensor, softplus
from course_lib.gradcheck import direction_check, gradient_check
from course_lib.network import ACTIVATIONS, COSTS, INITS, Activation, Cost, Network, gradients_by_wiggling, softmax
from course_lib.symbolic import formula

PAIRS = [
    ("sigmoid", "quadratic", None),
    ("tanh", "quadratic", "identity"),
    ("relu", "quadratic", "identity"),
    ("identity", "quadratic", "tanh"),
    ("relu", "cross-entropy", None),
    ("tanh", "softmax cross-entropy", None),
    ("sigmoid", "quadratic", "relu"),
    ("tanh", "softmax cross-entropy", "sigmoid"),
]


def batch(network, m=4, seed=3):
    """Inputs and targets whose columns all differ; targets fit the cost."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(network.sizes[0], m))
    Y = rng.uniform(size=(network.sizes[-1], m))
    return X, Y / Y.sum(axis=0) if network.sigma[-1].name == "softmax" else Y


def some_network(Network=Network, activation="sigmoid", cost="quadratic", output=None, sizes=(5, 4, 6, 3)):
    network = Network(list(sizes), activation, cost, output, seed=2)
    rng = np.random.default_rng(7)
    for parameter in network.parameters:
        parameter += 0.3 * rng.normal(size=parameter.shape)  # biases too
    return network


def check(network):
    X, Y = batch(network)
    result = gradient_check(
        lambda p: network.with_parameters(p).cost(X, Y), network.backprop(X, Y).as_list(), network.parameters
    )
    assert result, result.message


@pytest.mark.parametrize(("activation", "cost", "output"), PAIRS)
def test_backprop_agrees_with_finite_differences(activation, cost, output):
    check(some_network(Network, activation, cost, output))


@pytest.mark.parametrize(("activation", "cost", "output"), PAIRS)
@pytest.mark.parametrize("m", [1, 7])
def test_backprop_and_the_engine_agree_to_1e12(activation, cost, output, m):
    network = some_network(Network, activation, cost, output)
    X, Y = batch(network, m)
    tensors = network.tensors()
    C = network.cost_tensor(tensors, X, Y)
    C.backward()
    assert C.data == pytest.approx(network.cost(X, Y), rel=1e-13)
    for t, gradient in zip(tensors, network.backprop(X, Y).as_list(), strict=True):
        np.testing.assert_allclose(t.grad, gradient, rtol=1e-12, atol=1e-12 * np.abs(gradient).max())


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=5),
    st.integers(1, 5),
    st.sampled_from(["sigmoid", "tanh"]),
    st.sampled_from(["quadratic", "cross-entropy", "softmax cross-entropy"]),
    st.integers(0, 10**6),
)
def test_any_sizes(sizes, m, activation, cost, seed):
    network = Network(sizes, activation, cost, seed=seed)
    X, Y = batch(network, m, seed)
    C = network.cost_tensor(tensors := network.tensors(), X, Y)
    C.backward()
    gradient = network.backprop(X, Y)
    for t, expected in zip(tensors, gradient.as_list(), strict=True):
        np.testing.assert_allclose(t.grad, expected, rtol=1e-11, atol=1e-13)
    assert direction_check(lambda p: network.with_parameters(p).cost(X, Y), gradient.as_list(), network.parameters)


def test_a_mini_batch_is_the_mean_of_its_columns_and_columns_do_not_mix():
    network = some_network()
    X, Y = batch(network)
    whole = network.backprop(X, Y)
    columns = [network.backprop(X[:, [i]], Y[:, [i]]) for i in range(4)]
    for l in range(1, 4):
        np.testing.assert_allclose(whole.dw[l], np.mean([c.dw[l] for c in columns], axis=0), rtol=1e-12)
        np.testing.assert_allclose(whole.db[l], np.mean([c.db[l] for c in columns], axis=0), rtol=1e-12)
        np.testing.assert_allclose(whole.delta[l], np.hstack([c.delta[l] for c in columns]), rtol=1e-12)


def test_delta_is_the_derivative_by_z():
    """delta is defined as dC_x/dz; a bias is added to z, so for one example delta[l] is dC/db[l]."""
    network = some_network()
    X, Y = batch(network, m=1)
    gradient = network.backprop(X, Y)
    for l in range(1, 4):
        np.testing.assert_allclose(gradient.delta[l], gradient.db[l], rtol=1e-13)


MISTAKES = {
    "sum for mean": ("share = delta[l] / divisor", "share = delta[l]"),
    "sigma' at a": ("self.sigma[l].prime(Z[l], A[l])", "self.sigma[l].prime(A[l], self.sigma[l](A[l]))"),
    "no sigma' in BP2": (" * self.sigma[l].prime(Z[l], A[l])", ""),
    "no sigma' in BP1": ("self.cost_function.nabla_a(a, y) * self.sigma[self.L].prime(z, a)", "a - y"),
    "y - a": ("lambda a, y: a - y)", "lambda a, y: y - a)"),
    "no half": ("_sum_of_squares(a - y) / 2", "_sum_of_squares(a - y)"),
    "a[l] of the wrong layer": ("np.dot(share, A[l - 1].T)", "np.dot(share, A[max(l - 2, 0)].T)"),
    "db of one column": ("sum_of_columns(share)", "share[:, :1]"),
    "tanh' of sigmoid": ("lambda z, a: 1 - a * a", "lambda z, a: a * (1 - a)"),
    "sigmoid' 0.1 % off": ("lambda z, a: a * (1 - a)", "lambda z, a: 1.001 * a * (1 - a)"),
    "relu' without its corner": ("(z > 0).astype(z.dtype)", "np.ones_like(z)"),
    "bias left out": ("weighted_sums(w, A[l - 1], b)", "np.dot(w, A[l - 1])"),
    "cross-entropy, wrong sign": ("softplus(-z) + (1", "softplus(-z) - (1"),
    "softmax cross-entropy, no sum": ("z - np.log(np.exp(z)", "z - 0 * np.log(np.exp(z)"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_made_on_purpose_is_caught(mistake, monkeypatch):
    old, new = MISTAKES[mistake]
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(old) >= 1
    wrong = types.ModuleType("wrong_network")
    monkeypatch.setitem(sys.modules, "wrong_network", wrong)  # dataclasses look their module up
    exec(compile(source.replace(old, new), "wrong_network", "exec"), wrong.__dict__)
    with pytest.raises(AssertionError, match=r"wrong at|shape"):  # noqa: PT012  (which pair notices it differs)
        for activation, cost, output in PAIRS:
            check(some_network(wrong.Network, activation, cost, output))


# ---- shapes


def test_a_single_example_of_one_dimension_is_refused_with_the_fix():
    network = Network([5, 3, 2])
    for call in (
        network.feedforward,
        network.predict,
        lambda x: network.backprop(x, np.ones((2, 1))),
        lambda x: network.cost(x, np.ones((2, 1))),
        lambda x: network.cost_tensor(network.tensors(), x, x),
    ):
        with pytest.raises(ValueError, match=r"X has shape \(5,\).*layer 0.*\(5, m\).*X\.reshape\(-1, 1\)"):
            call(np.ones(5))
    with pytest.raises(ValueError, match=r"Y has shape \(2,\).*layer 2.*Y\.reshape"):
        network.backprop(np.ones((5, 1)), np.ones(2))


def test_a_wrong_shape_names_the_layer_and_both_shapes():
    network = Network([5, 3, 2])
    X, Y = np.ones((5, 4)), np.ones((2, 4))
    with pytest.raises(ValueError, match=r"X has shape \(4, 5\), but layer 0 has 5 neurons .* \(5, m\)"):
        network.feedforward(X.T)
    with pytest.raises(ValueError, match=r"Y has shape \(4, 2\), but layer 2 has 2 neurons"):
        network.backprop(X, Y.T)
    for call in (network.backprop, network.cost, lambda x, y: network.cost_tensor(network.tensors(), x, y)):
        with pytest.raises(ValueError, match=r"Y has shape \(2, 3\) beside .*\(., 4\)"):
            call(X, Y[:, :3])
    network.w[2] = np.ones((3, 2))
    with pytest.raises(ValueError, match=r"Layer 2 has 2 neurons and layer 1 has 3.*\(2, 3\).*got \(3, 2\)"):
        network.feedforward(X)
    network.w[2], network.b[1] = np.ones((2, 3)), np.ones(3)
    with pytest.raises(ValueError, match=r"Layer 1 .*b\[1\] \(3, 1\); got .*\(3,\)"):
        network.feedforward(X)


def test_three_dimensional_examples_are_refused():
    network = Network([5, 3, 2])
    with pytest.raises(ValueError, match=r"X has shape \(5, 4, 6\), but layer 0 has 5 neurons"):
        network.feedforward(np.ones((5, 4, 6)))
    with pytest.raises(ValueError, match=r"Y has shape \(2, 4, 6\), but layer 2 has 2 neurons"):
        network.cost(np.ones((5, 4)), np.ones((2, 4, 6)))


@pytest.mark.parametrize("shape", [(3,), (1, 1), (3, 4), (3, 1, 1)])
def test_a_bias_is_one_column(shape):
    network = Network([5, 3, 2])
    network.b[1] = np.ones(shape)
    with pytest.raises(ValueError, match=r"b\[1\] \(3, 1\); got \(3, 5\) and "):
        network.feedforward(np.ones((5, 4)))


@pytest.mark.parametrize("count", [0, 2, 3, 5, 8])
def test_the_number_of_parameters_is_checked(count):
    network, X, Y = Network([5, 3, 2]), np.ones((5, 4)), np.ones((2, 4))
    with pytest.raises(ValueError, match=rf"layers 1 to 2 has 4 parameters.*got {count}\."):
        network.with_parameters((network.parameters * 2)[:count])
    with pytest.raises(ValueError, match=rf"layers 1 to 2 has 4 parameters.*got {count}\."):
        network.cost_tensor((network.tensors() * 2)[:count], X, Y)


@pytest.mark.parametrize(("i", "shape", "l"), [(0, (1, 5), 1), (1, (3,), 1), (2, (1, 3), 2), (3, (2, 4), 2)])
def test_the_shapes_of_tensors_are_checked_as_those_of_arrays_are(i, shape, l):
    network, X, Y = Network([5, 3, 2]), np.ones((5, 4)), np.ones((2, 4))
    tensors = network.tensors()
    tensors[i] = Tensor(np.ones(shape))
    with pytest.raises(ValueError, match=f"^Layer {l} has") as from_tensors:
        network.cost_tensor(tensors, X, Y)
    with pytest.raises(ValueError, match=f"^Layer {l} has") as from_arrays:
        network.with_parameters([t.data for t in tensors]).cost(X, Y)
    assert str(from_tensors.value) == str(from_arrays.value)


def test_lists_are_taken_as_arrays():
    network = Network([2, 1])
    assert network.cost([[1], [2]], [[0.5]]) == network.cost(np.array([[1.0], [2.0]]), np.array([[0.5]]))


def test_bad_settings_say_what_to_choose_from():
    with pytest.raises(ValueError, match="no activation 'sigmod'; choose one of 'sigmoid', 'tanh'"):
        Network([2, 2], "sigmod")
    with pytest.raises(ValueError, match="no cost 'mse'"):
        Network([2, 2], cost="mse")
    with pytest.raises(ValueError, match="no init 'zero'"):
        Network([2, 2], init="zero")
    with pytest.raises(ValueError, match=r"no activation \['tanh'\]"):
        Network([2, 2], ["tanh"])
    assert Network(np.array([3.0, 2.0])).sizes == [3, 2]
    for sizes in ([3], [3, 0], [2.5, 1], [np.inf, 2], [np.nan, 2], [None, 2], ["a", "b"], [-1, 2], "ab", 5, [[2], [3]]):
        with pytest.raises(ValueError, match="input first"):
            Network(sizes)
    for cost in ("quadratic", "softmax cross-entropy"):
        for sizes in ([2, 2, 2], [2, 3, 3, 2]):
            with pytest.raises(ValueError, match="softmax mixes"):
                Network(sizes, "softmax", cost)
    with pytest.raises(ValueError, match="softmax mixes"):
        Network([2, 2, 2], output="softmax")


# ---- numbers


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "softmax"])
def test_activations_are_finite_far_out_and_have_the_right_derivative(name):
    sigma = ACTIVATIONS[name]
    z = np.array([-1000.0, -30, -1.3, 0.7, 30, 1000])
    a = sigma(z)
    assert np.all(np.isfinite(a)) and np.all(np.isfinite(sigma.prime(z, a)))
    near = z[2:4]
    assert gradient_check(lambda t: sigma(t).sum(), sigma.prime(near, sigma(near)), near)
    if name in RULES:
        np.testing.assert_array_equal(a, RULES[name].forward(z))


def test_softmax_is_stable_and_works_down_columns():
    z = np.array([[1000.0, -1000, 0], [0, -1000, 1], [-1000, 0, 2]])
    a = softmax(z)
    np.testing.assert_allclose(a.sum(axis=0), 1)
    np.testing.assert_allclose(a[:, 0], [1, 0, 0], atol=1e-300)
    np.testing.assert_allclose(a[:, 2], np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum())


@pytest.mark.parametrize("cost", ["cross-entropy", "softmax cross-entropy"])
def test_saturated_outputs_still_learn_and_give_no_nan(cost):
    network = Network([1, 2], cost=cost)
    network.w[1][:] = [[1000.0], [-1000.0]]
    X, Y = np.array([[1.0]]), np.array([[0.0], [1.0]])  # as wrong as can be
    tensors = network.tensors()
    C = network.cost_tensor(tensors, X, Y)
    C.backward()
    assert network.cost(X, Y) == C.data == 2000
    np.testing.assert_allclose(network.backprop(X, Y).dw[1], [[1], [-1]])
    np.testing.assert_allclose(tensors[0].grad, [[1], [-1]])


@pytest.mark.parametrize("cost", ["cross-entropy", "softmax cross-entropy"])
@pytest.mark.parametrize("z", [-800.0, -40, -5, 0, 5, 40, 800])
def test_a_partner_s_cost_has_all_its_digits_also_where_a_is_0_or_1(cost, z):
    """With outputs z and -z and the first one right; from the formulas, written for where exp is small."""
    network = Network([1, 2], cost=cost)
    network.w[1][:] = [[z], [-z]]
    X, Y = np.array([[1.0]]), np.array([[1.0], [0.0]])
    small = np.log1p(np.exp(-abs(z))) if cost == "cross-entropy" else np.log1p(np.exp(-2 * abs(z)))
    expected = 2 * (small + max(-z, 0)) if cost == "cross-entropy" else small + 2 * max(-z, 0)
    assert network.cost(X, Y) == pytest.approx(expected, rel=1e-14, abs=1e-15)
    assert network.cost_tensor(network.tensors(), X, Y).data == network.cost(X, Y)
    if z < 10:  # from there on a - y has lost its digits too
        result = gradient_check(
            lambda p: network.with_parameters(p).cost(X, Y), network.backprop(X, Y).as_list(), network.parameters
        )
        assert result, result.message


@pytest.mark.parametrize("cost", COSTS)
def test_nabla_a_is_the_derivative_of_total(cost):
    rng = np.random.default_rng(0)
    a, y = rng.uniform(0.1, 0.9, (2, 3, 4))
    assert gradient_check(lambda a: COSTS[cost].total(a, y), COSTS[cost].nabla_a(a, y), a)


@pytest.mark.parametrize("dtype", [np.float32, float])
@pytest.mark.parametrize("cost", ["cross-entropy", "softmax cross-entropy"])
def test_a_cost_of_outputs_is_finite_at_0_and_1_and_stops_where_floats_end(cost, dtype):
    a, y = np.array([[0], [1]], dtype), np.array([[1], [0]], dtype)
    largest = -np.log(np.finfo(dtype).eps / 2)
    assert COSTS[cost](a, y) == pytest.approx({"cross-entropy": 2 * largest, "softmax cross-entropy": largest}[cost])
    assert COSTS[cost](y, y) == 0
    assert np.all(np.isfinite(COSTS[cost].nabla_a(a, y)))


@pytest.mark.parametrize("cost", COSTS)
def test_a_cost_is_of_lists_too_and_of_two_equal_shapes(cost):
    a, y = [[0.5, 0.75], [0.25, 0.5]], [[1, 0], [0, 1]]
    assert COSTS[cost](a, y) == COSTS[cost](np.array(a), np.array(y, float))
    for other in ([[1, 0]], [1, 0], [[1], [0]], np.ones((2, 0))):  # most of them would broadcast
        with pytest.raises(ValueError, match="both of shape"):
            COSTS[cost](a, other)
    with pytest.raises(ValueError, match="both of shape"):
        COSTS[cost](np.ones((2, 0)), np.ones((2, 0)))


def test_wiggling_takes_one_example_as_columns():
    network = some_network()
    nabla, (X, Y) = COSTS["quadratic"].nabla_a, batch(network, m=2)
    dw, db = gradients_by_wiggling(network.w, network.b, X[:, :1], Y[:, :1].tolist(), nabla)
    expected = network.backprop(X[:, :1], Y[:, :1])
    for ours, theirs in zip(dw[1:] + db[1:], expected.dw[1:] + expected.db[1:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    for x, y in [(X, Y), (X[:, 0], Y[:, 0]), (X[:, :1], Y), (X[1:, :1], Y[:, :1])]:
        with pytest.raises(ValueError, match="takes one example"):
            gradients_by_wiggling(network.w, network.b, x, y, nabla)


def test_an_activation_or_a_cost_of_ones_own_that_is_none_is_told():
    for make in (
        lambda: Activation("own", 3, np.cos),
        lambda: Activation("own", np.sin, None),
        lambda: Cost("own", None, np.subtract),
        lambda: Cost("own", np.subtract, 1.0),
    ):
        with pytest.raises(TypeError, match="'own' is a function"):
            make()
    one_number = Activation("total", lambda z: z.sum(), lambda z, a: 1.0)  # it would broadcast to the end
    for hidden, output in ((one_number, None), ("tanh", one_number)):
        network = some_network(activation=hidden, output=output)
        X, Y = batch(network)
        with pytest.raises(ValueError, match="change the shape of its z"):
            network.backprop(X, Y)
        with pytest.raises(ValueError, match="both of shape"):
            network.cost(X, Y)


def test_costs_by_hand():
    a, y = np.array([[0.5, 0.9], [0.25, 0.1]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    assert COSTS["quadratic"](a, y) == pytest.approx((0.25 + 0.0625 + 0.01 + 0.01) / 4)
    assert COSTS["cross-entropy"](a, y) == pytest.approx(-(np.log(0.5) + np.log(0.75) + 2 * np.log(0.9)) / 2)
    assert COSTS["softmax cross-entropy"](a, y) == pytest.approx(-(np.log(0.5) + np.log(0.9)) / 2)


def test_own_activation_and_cost():
    cube = Activation("cube", lambda z: z**3, lambda z, a: 3 * z**2)
    fourth = Cost("fourth power", lambda a, y: ((a - y) ** 4).sum(), lambda a, y: 4 * (a - y) ** 3)
    network = some_network(Network, cube, fourth, "tanh", sizes=(3, 4, 2))
    check(network)
    X, Y = batch(network)
    C = network.cost_tensor(tensors := network.tensors(), X, Y)
    C.backward()
    for t, expected in zip(tensors, network.backprop(X, Y).as_list(), strict=True):
        np.testing.assert_allclose(t.grad, expected, rtol=1e-10, atol=1e-14)


STEEP = Activation("sigmoid", lambda z: 1 / (1 + np.exp(-3 * z)), lambda z, a: 3 * a * (1 - a))
STRETCHED = Activation("tanh", lambda z: 2 * np.tanh(z), lambda z, a: 2 - a * a / 2)
LEAKY = Activation("relu", lambda z: np.where(z > 0, z, z / 10), lambda z, a: np.where(z > 0, 1, 0.1))
DOUBLE = Activation("identity", lambda z: 2 * z, lambda z, a: np.full_like(z, 2))


@pytest.mark.parametrize(
    ("activation", "cost", "output"),
    [
        (STRETCHED, "quadratic", "identity"),
        (LEAKY, "quadratic", "identity"),
        (DOUBLE, "quadratic", DOUBLE),
        ("tanh", "cross-entropy", STEEP),
        (STEEP, "softmax cross-entropy", STEEP),
    ],
)
def test_an_own_activation_may_have_a_name_that_is_taken(activation, cost, output):
    network = some_network(Network, activation, cost, output)
    check(network)
    X, Y = batch(network)
    C = network.cost_tensor(tensors := network.tensors(), X, Y)
    C.backward()
    assert C.data == pytest.approx(network.cost(X, Y), rel=1e-13)
    for t, expected in zip(tensors, network.backprop(X, Y).as_list(), strict=True):
        np.testing.assert_allclose(t.grad, expected, rtol=1e-10, atol=1e-14)


def test_formulas_do_not_take_an_own_activation_for_the_one_they_know():
    network = Network([2, 2, 1], STEEP)
    with pytest.raises(NotImplementedError, match="'own sigmoid' has no formula"):
        formula(network.cost_tensor(network.tensors(), np.ones((2, 1)), np.ones((1, 1))))


def test_an_own_cost_may_have_a_partner():
    total, nabla_a = COSTS["cross-entropy"].total, COSTS["cross-entropy"].nabla_a
    network = some_network(Network, "tanh", Cost("mine", total, nabla_a, partner="sigmoid"))
    assert network.sigma[-1] is ACTIVATIONS["sigmoid"]
    check(network)
    X, Y = batch(network)
    assert network.cost_tensor(network.tensors(), X, Y).data == pytest.approx(network.cost(X, Y), rel=1e-13)


@pytest.mark.parametrize("cost", ["cross-entropy", "softmax cross-entropy"])
def test_a_deep_copy_of_a_network_keeps_the_partner(cost):
    network = some_network(Network, "tanh", cost)
    X, Y = batch(network)
    copied = copy.deepcopy(network)
    np.testing.assert_array_equal(copied.backprop(X, Y).dw[1], network.backprop(X, Y).dw[1])
    assert copied.cost(X, Y) == network.cost(X, Y)


def test_parameters_tensors_and_names():
    network = Network([4, 3, 2])
    assert [p.shape for p in network.parameters] == [(3, 4), (3, 1), (2, 3), (2, 1)]
    tensors = network.tensors()
    assert [t.name for t in tensors] == ["w1", "b1", "w2", "b2"]
    assert all(t.data is p for t, p in zip(tensors, network.parameters, strict=True))
    moved = network.with_parameters([p + 1 for p in network.parameters])
    assert moved.w[1][0, 0] == network.w[1][0, 0] + 1 and moved.sizes == network.sizes
    assert repr(network) == "Network([4, 3, 2], sigmoid → sigmoid, cost='quadratic')"


SPREADS = {"normal": 1.0, "scaled": np.sqrt(1 / 400), "xavier": np.sqrt(2 / 700), "he": np.sqrt(2 / 400)}


@pytest.mark.parametrize("init", INITS)
def test_init_has_the_spread_it_promises_and_a_seed_repeats_it(init):
    network = Network([400, 300], init=init, seed=5)
    assert network.w[1].std() == pytest.approx(SPREADS[init], rel=0.01)
    assert INITS[init](400, 300) == pytest.approx(SPREADS[init], rel=1e-12)
    assert not network.b[1].any()
    np.testing.assert_array_equal(network.w[1], Network([400, 300], init=init, seed=5).w[1])
    assert (network.w[1] != Network([400, 300], init=init, seed=6).w[1]).all()
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(network.w[1], Network([400, 300], init=init, seed=rng).w[1])


def test_scaled_is_the_default_init():
    np.testing.assert_array_equal(Network([4, 3], seed=1).w[1], Network([4, 3], init="scaled", seed=1).w[1])


@pytest.mark.parametrize("labels", [np.eye(3), [[0], [1], [0]], [0], 0, [0, 1, 0, 1]], ids=np.shape)
def test_accuracy_wants_one_label_a_column(labels):
    with pytest.raises(ValueError, match=r"^labels has shape \(.*\), but X of shape \(3, 3\) .*\(3,\)\. .*argmax"):
        Network([3, 3]).accuracy(np.eye(3), labels)


def test_predict_and_accuracy():
    network = Network([3, 3], activation="identity")
    network.w[1][:] = np.eye(3)
    assert network.predict(np.eye(3)[:, [2, 0, 1]]).tolist() == [2, 0, 1]
    assert network.accuracy(np.eye(3), [0, 1, 0]) == pytest.approx(2 / 3)


def test_float32_stays_float32():
    network = Network([4, 3, 2], cost="cross-entropy")
    network = network.with_parameters([p.astype(np.float32) for p in network.parameters])
    X, Y = (array.astype(np.float32) for array in batch(network))
    assert all(g.dtype == np.float32 for g in network.backprop(X, Y).as_list())
    C = network.cost_tensor(tensors := network.tensors(), X, Y)
    C.backward()
    assert C.data.dtype == np.float32 and all(t.grad.dtype == np.float32 for t in tensors)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float32, float])
@pytest.mark.parametrize("cost", COSTS)
def test_pixels_and_targets_of_every_dtype_count_as_the_numbers_they_are(dtype, cost):
    rng = np.random.default_rng(0)
    network = Network([4, 3, 2], "tanh", cost, seed=1)
    X, Y = rng.integers(0, 2, (4, 6)), np.eye(2)[:, rng.integers(0, 2, 6)]
    for ours, expected in zip(
        network.backprop(X.astype(dtype), Y.astype(dtype)).as_list(), network.backprop(X, Y).as_list(), strict=True
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-9)
    assert network.cost(X.astype(dtype), Y.astype(dtype)) == pytest.approx(network.cost(X, Y))
    a = np.full((2, 6), 0.25)
    np.testing.assert_allclose(COSTS[cost].nabla_a(a, Y.astype(np.uint8)), COSTS[cost].nabla_a(a, Y))


@pytest.mark.parametrize(
    ("bad", "error", "sentence"),
    [
        ([[1.0, 2.0], [1.0]], ValueError, "rows of different length"),
        (None, TypeError, "holds numbers; this is None"),
        ("pixels", TypeError, "holds numbers"),
        (np.ma.array(np.ones((2, 3)), mask=True), TypeError, "masked"),
    ],
    ids=["ragged", "none", "text", "masked"],
)
def test_examples_that_are_no_numbers_are_told(bad, error, sentence):
    network, good = Network([2, 2]), np.ones((2, 3))
    uses = [network.feedforward, network.predict, lambda x: network.cost(x, good), lambda y: network.cost(good, y)]
    uses += [lambda x: network.backprop(x, good), lambda y: network.cost_tensor(network.tensors(), good, y)]
    for use in uses:
        with pytest.raises(error, match=sentence):
            use(bad)


@pytest.mark.parametrize("rate", [0.1, 1, np.float32(3)])
def test_upstream_multiplies_every_gradient_and_its_error_is_a_sentence(rate):
    network, rng = Network([3, 4, 2]), np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 5)), rng.normal(size=(2, 5))
    for plain, times in zip(network.backprop(X, Y).as_list(), network.backprop(X, Y, rate).as_list(), strict=True):
        np.testing.assert_allclose(times, float(rate) * plain, rtol=1e-13)
    for wrong in (0, -1.0, np.nan, None, [1.0]):
        with pytest.raises(ValueError, match="upstream is a number above 0"):
            network.backprop(X, Y, wrong)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.uint32, bool])
def test_whole_numbers_do_not_wrap_around_in_the_course_s_own_functions(dtype):
    limits = np.iinfo(np.int8 if dtype is bool else dtype)
    z = np.array([limits.min, limits.max, 1], dtype)
    for function in (ACTIVATIONS["sigmoid"], softmax, softplus):
        np.testing.assert_array_equal(function(z), function(z.astype(float)))
        np.testing.assert_array_equal(function(z.tolist()), function(z.astype(float)))


def test_a_mean_over_no_example_is_told():
    network, X, Y = Network([2, 3, 2]), np.empty((2, 0)), np.empty((2, 0))
    for use in (network.cost, network.backprop, lambda x, y: network.cost_tensor(network.tensors(), x, y)):
        with pytest.raises(ValueError, match="There is no example"):
            use(X, Y)
    with pytest.raises(ValueError, match="There is no example"):
        network.accuracy(X, [])
    assert network.predict(X).shape == (0,)


def test_parameters_given_as_lists_are_arrays():
    network, rng = Network([2, 3, 2]), np.random.default_rng(0)
    X, Y = rng.normal(size=(2, 4)), rng.normal(size=(2, 4))
    other = network.with_parameters([p.tolist() for p in network.parameters])
    assert other.cost(X, Y) == network.cost(X, Y)
    assert network.with_parameters(network.parameters).w[1] is network.w[1]
    with pytest.raises(TypeError, match="Parameter 1 holds numbers; this is None"):
        network.with_parameters([network.w[1], None, network.w[2], network.b[2]])


X_AND_Y = np.ones((2, 4)), np.ones((3, 4))


@pytest.mark.parametrize("w", [None, [None], {}, 5, [np.ones((3, 2))]], ids=str)
def test_weights_set_to_no_list_of_layers_are_told(w):
    network = Network([2, 3, 3])
    network.w = w
    for use in (lambda: network.cost(*X_AND_Y), lambda: network.parameters, network.tensors):
        with pytest.raises(ValueError, match=r"lists of 3 items: None in place 0|w\[1\] has shape"):
            use()


def test_a_layer_set_by_hand_is_read_as_numbers_or_refused():
    network = Network([2, 3, 3])
    expected = network.backprop(*X_AND_Y)
    network.w = [None, *(w.tolist() for w in network.w[1:])]
    network.b[1] = np.zeros((3, 1), int)
    for ours, theirs in zip(network.backprop(*X_AND_Y).as_list(), expected.as_list(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for bad in (None, "w", [[None, 1.0]] * 3, np.ma.masked_all((3, 2))):
        network.w[1] = bad
        with pytest.raises(TypeError, match=r"w\[l\] of a network"):
            network.feedforward(X_AND_Y[0])


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_where_no_output_is_the_largest_there_is_no_prediction(bad):
    network, X = Network([2, 3, 3], "relu", seed=1), np.ones((2, 4))
    right = network.predict(X)
    X[:, 2] = bad
    network.w[1][0] = [1, -1]  # inf - inf
    with pytest.raises(ValueError, match=r"Column 2 of the outputs holds nan.*Look for"):
        network.predict(X)
    labels = network.predict(X[:, :2])[0] * np.ones(4)
    assert network.accuracy(X, labels) == 0.75 and right.shape == (4,)


@pytest.mark.parametrize("z", [None, "a", {}, np.array(["a"]), np.array([None, 1.0])])
def test_softmax_of_no_numbers_is_refused(z):
    with pytest.raises(TypeError, match="z holds numbers"):
        softmax(z)


@pytest.mark.parametrize("z", [1.0, [], np.zeros((0, 3))])
def test_softmax_needs_a_number_in_each_column(z):
    with pytest.raises(ValueError, match=r"shape \(n, m\); got shape"):
        softmax(z)


@pytest.mark.parametrize(("of_w", "of_b"), [("f4", "f8"), ("f8", "f4"), ("f8", "c16"), ("f8", "f8")])
def test_biases_of_another_dtype_lose_no_digit(of_w, of_b):
    network = Network([3, 2], output="identity")
    rng = np.random.default_rng(0)
    w, b, X = rng.normal(size=(2, 3)).astype(of_w), (rng.normal(size=(2, 1)) / 3).astype(of_b), rng.normal(size=(3, 4))
    X = X.astype(of_w)
    other = network.with_parameters([w, b])
    expected = np.dot(w, X) + b
    before = w.copy(), b.copy(), X.copy()
    for z in (other.feedforward(X)[0][1], RULES["linear"](w, X, b)):
        assert z.dtype == expected.dtype
        np.testing.assert_array_equal(z, expected)
    for now, then in zip((w, b, X), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_network_is_kept_by_pickle():
    X, Y = np.ones((2, 3)), np.zeros((1, 3))
    for cost in ("quadratic", "cross-entropy"):
        network = Network([2, 4, 1], "tanh", cost, seed=1)
        again = pickle.loads(pickle.dumps(network))
        assert again.cost(X, Y) == network.cost(X, Y)
        assert again.sigma[1:] == network.sigma[1:]
        again.w[1] += 1
        assert again.cost(X, Y) != network.cost(X, Y)
    own = Activation("square", np.square, np.multiply)
    assert pickle.loads(pickle.dumps(own)) == own


def test_a_cost_of_tensors_takes_arrays_as_constants_and_nothing_else():
    network, X, Y = Network([2, 1]), np.ones((2, 3)), np.zeros((1, 3))
    w = network.tensors()[0]
    network.cost_tensor([w, network.b[1]], X, Y).backward()
    np.testing.assert_allclose(w.grad, network.backprop(X, Y).dw[1])
    with pytest.raises(TypeError, match="A parameter of layer 1 holds numbers; this is None"):
        network.cost_tensor([w, None], X, Y)


@pytest.mark.parametrize("z", [np.array([[True, False]]), np.array([[3, -2]], np.int8), [[1, 0]]])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "softmax"])
def test_an_activation_of_whole_numbers_is_computed_with_floats(name, z):
    np.testing.assert_array_equal(ACTIVATIONS[name](z), ACTIVATIONS[name](np.asarray(z, float)))
