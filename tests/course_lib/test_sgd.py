"""Mini-batches, optimizers and the training loop, interrupts included."""

import inspect
import math
import signal
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.autodiff import Tensor
from course_lib.datasets import Examples
from course_lib.network import Network
from course_lib.sgd import SGD, Adam, Momentum, clip_by_norm, global_norm, iterations_per_epoch, minibatches, train


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.integers(1, 40), st.integers(1, 45), st.integers(0, 10**6))
def test_minibatches_give_each_example_once_and_keep_pairs(N, size, seed):
    X = np.vstack([np.arange(N), np.arange(N) * 10.0])
    Y = np.arange(N)[None] * 100.0
    before = X.copy(), Y.copy()
    batches = list(minibatches(X, Y, size, np.random.default_rng(seed)))
    assert len(batches) == iterations_per_epoch(N, size)
    assert [x.shape[1] for x, _ in batches[:-1]] == [size] * (len(batches) - 1)
    assert batches[-1][0].shape[1] == (N % size or size)
    together = np.hstack([x for x, _ in batches])
    assert sorted(together[0]) == list(range(N))
    for x, y in batches:
        np.testing.assert_array_equal(x[0] * 100, y[0])
        np.testing.assert_array_equal(x[0] * 10, x[1])
        assert not np.shares_memory(x, X)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(Y, before[1])


def test_minibatches_depend_on_the_rng_only_and_are_shuffled():
    X = np.arange(100.0)[None]
    order = [np.hstack([x for x, _ in minibatches(X, X, 7, np.random.default_rng(s))]) for s in (1, 1, 2)]
    np.testing.assert_array_equal(order[0], order[1])
    assert (order[0] != order[2]).any() and (order[0] != X).any()
    rng = np.random.default_rng(1)
    epochs = [np.hstack([x for x, _ in minibatches(X, X, 7, rng)]) for _ in range(2)]
    assert (epochs[0] != epochs[1]).any()


def test_minibatches_refuse_what_does_not_fit():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"\(2, 5\) and \(1, 4\)"):
        next(minibatches(np.ones((2, 5)), np.ones((1, 4)), 2, rng))
    with pytest.raises(ValueError, match="at least 1"):
        next(minibatches(np.ones((2, 5)), np.ones((1, 5)), 0, rng))
    with pytest.raises(ValueError, match=r"size is a whole number and at least 1; got 2\.5"):
        next(minibatches(np.ones((2, 5)), np.ones((1, 5)), 2.5, rng))
    with pytest.raises(ValueError, match="one column an example"):
        next(minibatches(np.ones(5), np.ones(5), 2, rng))


def test_first_steps_by_hand():
    g = [np.array([4.0, -0.5]), np.array([[2.0]])]

    def after(optimizer, steps):
        parameters = [np.array([1.0, 1.0]), np.array([[1.0]])]
        for _ in range(steps):
            optimizer.step(parameters, g)
        return [*parameters[0], parameters[1][0, 0]]

    assert after(SGD(0.1), 1) == pytest.approx([0.6, 1.05, 0.8])
    assert after(Momentum(0.1, 0.9), 1) == pytest.approx([0.6, 1.05, 0.8])
    assert after(Momentum(0.1, 0.9), 2) == pytest.approx([1 - 0.4 - 0.76, 1 + 0.05 + 0.095, 1 - 0.2 - 0.38])
    # With a constant gradient the corrected means are g and g^2, so every step of Adam is rate * sign(g).
    assert after(Adam(0.1), 1) == pytest.approx([0.9, 1.1, 0.9], abs=1e-7)
    assert after(Adam(0.1), 3) == pytest.approx([0.7, 1.3, 0.7], abs=1e-7)
    assert g[0].tolist() == [4, -0.5]  # gradients are only read


def test_adam_with_changing_gradients_and_eps_outside_the_root():
    p, optimizer = [np.array([0.0])], Adam(0.5, 0.8, 0.9, eps=0.1)
    optimizer.step(p, [np.array([1.0])])
    optimizer.step(p, [np.array([-3.0])])
    m = (0.2 * 0.8 * 1 + 0.2 * -3) / (1 - 0.8**2)
    s = (0.1 * 0.9 * 1 + 0.1 * 9) / (1 - 0.9**2)
    assert p[0][0] == pytest.approx(-0.5 * 1 / (1 + 0.1) - 0.5 * m / (np.sqrt(s) + 0.1))


def test_defaults_are_the_ones_the_docs_give():
    assert vars(Momentum(0.1)) == {"rate": 0.1, "beta": 0.9, "v": None}
    assert vars(Adam()) == {"rate": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "m": None, "s": None, "t": 0}
    assert inspect.signature(train).parameters["size"].default == 10


@pytest.mark.parametrize("optimizer", [SGD(1.0), Momentum(1.0), Adam(1.0)])
def test_a_step_needs_a_gradient_for_each_parameter(optimizer):
    with pytest.raises(ValueError, match="shorter"):
        optimizer.step([np.zeros(2), np.zeros(2)], [np.ones(2)])


@pytest.mark.parametrize("optimizer", [Momentum(1.0), Adam(1.0)])
@pytest.mark.parametrize("shapes", [[(5, 2)], [(3, 4), (2,)], [(1, 4)]])
def test_an_optimizer_with_moments_refuses_another_network(optimizer, shapes):
    optimizer.step([np.ones((3, 4))], [np.ones((3, 4))])
    p = [np.ones(shape) for shape in shapes]
    with pytest.raises(ValueError, match=r"moments for shapes \[\(3, 4\)\], but .* make a new one"):
        optimizer.step(p, [np.ones(shape) for shape in shapes])
    assert all((array == 1).all() for array in p)


@pytest.mark.parametrize("optimizer", [SGD(0.3), Momentum(0.1), Adam(0.1)])
def test_optimizers_reach_the_bottom_of_a_bowl(optimizer):
    p = [np.array([3.0, -2.0]), np.array(5.0)]
    for _ in range(400):
        optimizer.step(p, [2 * p[0] * [1, 0.5], 2 * p[1]])
    assert global_norm(p) < 1e-3


def test_clipping_keeps_the_direction_and_the_arrays():
    g = [np.array([3.0, 0.0]), np.array([[4.0]])]
    assert global_norm(g) == 5
    clipped = clip_by_norm(g, 1)
    assert global_norm(clipped) == pytest.approx(1)
    np.testing.assert_allclose(clipped[0], [0.6, 0])
    assert g[0][0] == 3
    assert all(a is b for a, b in zip(clip_by_norm(g, 6), g, strict=True))
    assert clip_by_norm([np.zeros(2)], 1)[0].tolist() == [0, 0]
    assert clip_by_norm(g, np.inf)[0] is g[0]


@pytest.mark.parametrize(("numbers", "dtype"), [([3e200, 4e200], float), ([3e20, 4e20], np.float32)])
def test_clipping_shortens_huge_gradients_too(numbers, dtype):
    g = [np.array(numbers[:1], dtype), np.array(numbers[1:], dtype), np.zeros((0, 2), dtype)]
    assert global_norm(g) == pytest.approx(5 * numbers[0] / 3)
    clipped = clip_by_norm(g, 1.0)
    assert [c.dtype for c in clipped] == [dtype] * 3
    assert [c.item() for c in clipped[:2]] == pytest.approx([0.6, 0.8])


def test_squares_that_are_too_large_only_together_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert global_norm([np.array([1.2e154]), np.array([1.2e154])]) == pytest.approx(1.2e154 * np.sqrt(2))
        assert global_norm([np.ones(70_000, np.float16)]) == pytest.approx(np.sqrt(70_000))


def test_the_norm_of_nothing_is_0():
    assert global_norm([]) == global_norm([np.zeros(3), np.zeros((2, 0))]) == 0


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
def test_clipping_a_gradient_without_a_direction_gives_nan_as_documented(number):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clipped = clip_by_norm([np.array([number, 4]), np.ones((1, 2))], 1.0)
    assert not np.isfinite(global_norm([np.array([number, 4])]))
    assert np.isnan(clipped[0]).all() and np.isnan(clipped[1]).all()


@pytest.mark.parametrize("largest", [0, -1.0, np.nan])
def test_clipping_refuses_a_largest_norm_that_is_none(largest):
    with pytest.raises(ValueError, match="above 0; got"):
        clip_by_norm([np.array([3.0, 4.0])], largest)


# ---- the loop


def problem(seed=0):
    """Two clouds of points, easy to tell apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 60)
    X = rng.normal(size=(2, 60)) + 3 * labels
    return Network([2, 5, 2], cost="cross-entropy", seed=1), X, np.eye(2)[labels].T


def test_training_learns_and_keeps_a_history(capsys):
    network, X, Y = problem()
    history = train(network, X[:, :40], Y[:, :40], 15, 8, validation=(X[:, 40:], Y[:, 40:]))
    assert history.epochs == 15 and history.iterations == 15 * 5
    assert len(history.cost) == len(history.validation_cost) == len(history.validation_accuracy) == 16
    assert history.cost[-1] < history.cost[0] / 2 and history.validation_accuracy[-1] > 0.9
    assert history.best_epoch == int(np.argmin(history.validation_cost))
    assert network.cost(X[:, 40:], Y[:, 40:]) == pytest.approx(min(history.validation_cost))
    assert history.stopped == "All 15 epochs are done."
    out = capsys.readouterr().out
    assert out.count("\r") == 14 and "epoch 15/15 ████████████ cost 0." in out and "% right)\n" in out


def test_same_seed_same_training_and_no_progress_when_not_wanted(capsys):
    results = []
    for seed in (3, 3, 4):
        network, X, Y = problem()
        results.append(train(network, X, Y, 3, 8, seed=seed, progress=False).cost)
    assert results[0] == results[1] != results[2]
    assert capsys.readouterr().out == ""


def test_the_best_epoch_is_kept_when_later_ones_are_worse():
    network, X, Y = problem()
    rates = iter([0.5, 0.5, 0.5, -2.0, -2.0])
    optimizer = SGD(next(rates))
    history = train(
        network,
        X,
        Y,
        5,
        60,
        optimizer,
        progress=False,
        after_epoch=lambda h: setattr(optimizer, "rate", next(rates, 0)),
    )
    assert history.best_epoch == 3 and history.cost[-1] > history.cost[3]
    assert network.cost(X, Y) == history.cost[3]


def test_validation_alone_chooses_the_epoch_and_gives_the_accuracy():
    """The validation targets are the opposite of the truth, so what is learned makes the validation cost worse."""
    network, X, Y = problem()
    history = train(network, X, Y, 20, 10, validation=(X, Y[::-1]), progress=False)
    assert history.cost[-1] < history.cost[0] / 2
    assert history.best_epoch == int(np.argmin(history.validation_cost)) < 3
    assert history.validation_accuracy[-1] < 0.1
    assert network.cost(X, Y[::-1]) == min(history.validation_cost)


def test_validation_may_be_examples_and_all_may_be_lists():
    network, X, Y = problem()
    history = train(network, X, Y, 2, validation=Examples(X, Y, Y.argmax(axis=0)), progress=False)
    network, X, Y = problem()
    lists = train(network, X.tolist(), Y.tolist(), 2, validation=(X.tolist(), Y.tolist()), progress=False)
    assert history.cost == lists.cost and history.validation_accuracy == lists.validation_accuracy


@pytest.mark.parametrize("name", ["validation cost", "cost"])
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_cost_that_is_not_finite_before_training_is_an_error(name, number):
    network = Network([2, 3, 1], "tanh")
    before = [p.copy() for p in network.parameters]
    X, Y = np.ones((2, 4)), np.ones((1, 4))
    bad = Y.copy()
    bad[0, 1] = number
    with pytest.raises(ValueError, match=f"^The {name} is {number} before training .*look for nan"):
        train(network, X, bad if name == "cost" else Y, 5, 2, validation=(X, bad), progress=False)
    assert all((p == b).all() for p, b in zip(network.parameters, before, strict=True))


def test_no_examples_are_an_error_that_names_the_shape():
    X, Y, none = np.ones((2, 4)), np.ones((1, 4)), slice(0)
    with pytest.raises(ValueError, match=r"no training example: X has shape \(2, 0\)"):
        train(Network([2, 1]), X[:, none], Y[:, none], 5, progress=False)
    with pytest.raises(ValueError, match=r"no validation example: X has shape \(2, 0\)"):
        train(Network([2, 1]), X, Y, 5, validation=(X[:, none], Y[:, none]), progress=False)


def test_a_validation_cost_that_becomes_nan_keeps_the_best_epoch():
    network, X, Y = problem()
    honest, calls = network.cost, []

    def cost(inputs, targets):
        calls.append(1)
        return np.nan if inputs.shape[1] == 5 and len(calls) > 8 else honest(inputs, targets)

    network.cost = cost
    history = train(network, X, Y, 8, validation=(X[:, :5], Y[:, :5]), progress=False)
    assert np.isnan(history.validation_cost[-1])
    assert history.best_epoch == int(np.nanargmin(history.validation_cost)) > 0


def test_stopping_rule():
    network, X, Y = problem()
    history = train(network, X, Y, 500, 60, SGD(0.5), stop_below=1e-3, patience=3, progress=False)
    changes = np.abs(np.diff(history.cost))
    assert history.epochs < 500 and "less than 0.001 for 3 epochs" in history.stopped
    assert np.all(changes[-3:] < 1e-3) and not np.all(changes[-4:] < 1e-3)
    once = train(network, X, Y, 500, 60, SGD(0.0), stop_below=1e-3, progress=False)
    assert once.epochs == 1


def test_an_exploding_cost_is_a_sentence_not_a_warning():
    rng = np.random.default_rng(0)
    network = Network([3, 4, 1], "identity", seed=0)
    X, Y = rng.normal(size=(3, 20)), rng.normal(size=(1, 20))
    history = train(network, X, Y, 500, 5, SGD(50.0), progress=False)
    assert "smaller rate" in history.stopped and history.epochs < 500
    assert np.isfinite(network.cost(X, Y))
    calm = train(network, X, Y, 5, 5, SGD(0.01), clip=1.0, progress=False)
    assert calm.epochs == 5


def test_no_numpy_warning_comes_before_the_sentence():
    """The cost overflows when it is recorded: its square is too large for a float, the parameters are not."""
    network, X, Y = Network([1, 1], "identity", seed=0), np.ones((1, 4)), np.zeros((1, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = train(network, X, Y, 5, 4, SGD(1e200), progress=False)
        assert history.stopped.startswith("The cost is inf after epoch 1") and history.best_epoch == 0
        network.w[1][:] = 1e200
        with pytest.raises(ValueError, match="The cost is inf before training"):
            train(network, X, Y, 5, 4, SGD(1.0), progress=False)


def test_a_shorter_progress_line_covers_the_one_before(capsys):
    network, X, Y = Network([1, 1], "identity"), np.ones((1, 4)), np.zeros((1, 4))
    network.w[1][:] = 1e4
    train(network, X, Y, 3, 4, SGD(0.49))
    first, second, third = capsys.readouterr().out.rstrip("\n").split("\r")
    assert len(first) == len(second) and len(first.rstrip()) > len(second.rstrip())
    assert len(third) >= len(second.rstrip())


def test_a_huge_cost_is_shown_in_few_digits(capsys):
    network, X, Y = Network([1, 1], "identity"), np.ones((1, 4)), np.zeros((1, 4))
    train(network, X, Y, 1, 4, SGD(1e90), validation=(X, Y))
    line = capsys.readouterr().out
    assert "cost 3.162e+178, validation 3.162e+178" in line and len(line) < 100


@pytest.mark.parametrize("moment", ["in an iteration", "between epochs"])
def test_an_interrupt_keeps_history_and_best_weights(moment, capsys):
    network, X, Y = problem()
    backprop, calls = network.backprop, []

    def interrupted(x, y):
        calls.append(1)
        if len(calls) == 25:
            signal.raise_signal(signal.SIGINT)
        return backprop(x, y)

    def after_epoch(history):
        if moment == "between epochs" and history.epochs == 3:
            signal.raise_signal(signal.SIGINT)

    if moment == "in an iteration":
        network.backprop = interrupted
    history = train(network, X, Y, 50, 8, after_epoch=after_epoch)
    assert history.epochs == 3 and history.iterations == 24
    assert history.stopped == "Interrupted after 3 epochs and 24 iterations."
    assert history.stopped in capsys.readouterr().out
    assert network.cost(X, Y) == min(history.cost)


def test_an_interrupt_late_in_an_epoch_brings_back_the_best_weights():
    network, X, Y = problem()
    backprop, calls = network.backprop, []

    def interrupted(x, y):
        calls.append(1)
        if len(calls) == 29:  # the fifth of the eight of epoch 4
            signal.raise_signal(signal.SIGINT)
        return backprop(x, y)

    network.backprop = interrupted
    history = train(network, X, Y, 50, 8, progress=False)
    assert history.iterations == 28 and history.epochs == 3
    assert network.cost(X, Y) == min(history.cost)


def test_pictures_are_asked_for_after_every_epoch_the_last_included():
    network, X, Y = problem()
    seen = []
    train(network, X, Y, 3, progress=False, after_epoch=lambda history: seen.append((history.epochs, history.stopped)))
    assert seen == [(1, ""), (2, ""), (3, "All 3 epochs are done.")]


def test_clip_is_used():
    network, X, Y = problem()
    start = [p.copy() for p in network.parameters]
    train(network, X, Y, 1, 60, SGD(1.0), clip=0.01, progress=False)
    moved = global_norm([p - s for p, s in zip(network.parameters, start, strict=True)])
    assert moved == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["epochs", "size", "patience"])
@pytest.mark.parametrize("number", [0, -1, 2.5, "2"])
def test_what_is_counted_is_a_whole_number_above_0(name, number):
    network, X, Y = problem()
    with pytest.raises(ValueError, match=f"{name} is a whole number and at least 1; got {number!r}"):
        train(network, X, Y, **{"epochs": 1, name: number}, progress=False)
    assert train(network, X, Y, **{"epochs": 1, name: np.int64(1)}, progress=False).epochs == 1


def test_one_output_has_no_accuracy():
    network = Network([2, 1])
    X, Y = np.ones((2, 4)), np.zeros((1, 4))
    assert train(network, X, Y, 1, validation=(X, Y), progress=False).validation_accuracy == []


OPTIMIZERS = [SGD, Momentum, Adam]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_gradient_that_is_not_there_or_does_not_fit_is_told_before_anything_moves(make):
    a, b = Tensor(np.ones(2)), Tensor(np.ones((2, 2)))
    (a @ b).sum().backward()
    (a * a).sum().backward()  # no b: its gradient would be of another cost
    for gradients, sentence in [
        ([a.grad, b.grad], "Gradient 1 is None: .* did not reach this parameter"),
        ([a.grad, np.ones((2, 1))], r"Gradient 1 has shape \(2, 1\), but its parameter has shape \(2, 2\)"),
        ([a.grad, 1.0], r"Gradient 1 has shape \(\)"),
        ([a.grad, [[1.0], [1.0, 2.0]]], "Gradient 1 has rows of different length"),
        ([a.grad], "One list is shorter"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            make(0.1).step([a.data, b.data], gradients)
    for parameters in ([a.data, np.ones((2, 2), int)], [a.data, [[1.0, 1.0], [1.0, 1.0]]], [a, b]):
        with pytest.raises(TypeError, match="is changed in place, so it is an array of floats"):
            make(0.1).step(parameters, [a.grad, np.ones((2, 2))])
    np.testing.assert_array_equal(a.data, np.ones(2))


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_gradients_of_other_kinds_are_the_numbers_they_are(make):
    steps = []
    for gradient in ([1.0, 2.0], (1, 2), np.array([1, 2], np.int8), np.array([1.0, 2.0])):
        p = np.ones(2)
        optimizer = make(0.1)
        optimizer.step([p], iter([gradient]))
        optimizer.step((p,), [gradient])
        steps.append(p)
    for p in steps:
        np.testing.assert_array_equal(p, steps[-1])


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_rates_that_lead_nowhere_are_refused(make):
    for rate in (-0.1, np.nan, "0.1", None, 1j):
        with pytest.raises(ValueError, match="rate is a number at least 0"):
            make(rate)
    for name in {"beta", "beta1", "beta2"} & set(inspect.signature(make).parameters):
        for beta in (-0.1, 1.0, "0.9"):
            with pytest.raises(ValueError, match=f"{name} is a number at least 0 and below 1"):
                make(0.1, **{name: beta})


TINY = np.finfo(float).smallest_subnormal


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int64, np.float16, np.float32, float])
def test_the_norm_of_every_dtype_is_that_of_its_numbers(dtype):
    g = np.array([100, 100, 100], dtype)
    assert global_norm([g, g]) == pytest.approx(100 * np.sqrt(6), rel=1e-12)
    assert clip_by_norm([g], 1.0)[0] == pytest.approx(1 / np.sqrt(3), rel=1e-3)


@pytest.mark.parametrize("size", [TINY, 1e-310, 1e-200, 1e-160, 1e-140, 1e-30, 1.0, 1e150, 1e300])
def test_the_norm_of_tiny_and_huge_gradients_keeps_its_digits(size):
    """A course about vanishing gradients has to see them."""
    expected = 5 * size
    assert global_norm([np.array([3 * size]), np.array([[4 * size]])]) == pytest.approx(expected, rel=1e-12)
    assert global_norm([np.array([size]), np.zeros(3)]) == pytest.approx(size, rel=1e-12)
    small = np.float32(size) if 1e-30 <= size <= 1e30 else None
    assert small is None or global_norm([np.array([small])]) == pytest.approx(float(small), rel=1e-12)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_the_norm_is_hypot_s(numbers):
    with np.errstate(over="ignore"):
        assert global_norm([np.array([x]) for x in numbers]) == pytest.approx(math.hypot(*numbers), rel=1e-12, abs=0)


def test_the_norm_of_what_is_not_there_is_told():
    assert global_norm([]) == 0 and global_norm([np.zeros(0)]) == 0
    for use in (global_norm, lambda gradients: clip_by_norm(gradients, 1.0)):
        with pytest.raises(ValueError, match="is None: call backward"):
            use([np.ones(2), None])
    for largest in (0, -1, np.nan, "1"):
        with pytest.raises(ValueError, match="The largest norm of a gradient is a number above 0"):
            clip_by_norm([np.ones(2)], largest)


def test_batches_say_at_once_what_they_need():
    X = np.ones((2, 4))
    for rng in (0, None, np.random):
        with pytest.raises(TypeError, match=r"rng is np\.random\.default_rng\(seed\)"):
            minibatches(X, X, 2, rng)
    for size in (0, 2.5, "2", True):
        with pytest.raises(ValueError, match="size is a whole number and at least 1"):
            minibatches(X, X, size, np.random.default_rng(0))
        with pytest.raises(ValueError, match="size is a whole number and at least 1"):
            iterations_per_epoch(10, size)
    with pytest.raises(ValueError, match="X has rows of different length"):
        minibatches([[1], [1, 2]], X, 2, np.random.default_rng(0))
    with pytest.raises(ValueError, match="examples is a whole number and at least 0"):
        iterations_per_epoch(-1, 2)


@pytest.mark.parametrize("optimizer", [SGD, Momentum, Adam])
def test_what_cannot_be_changed_in_place_is_told_before_anything_is_changed(optimizer):
    read_only = np.ones(2)
    read_only.flags.writeable = False
    masked = np.ma.array([1.0, 1.0], mask=[True, False])
    for bad, kind in ((read_only, "read-only"), (np.broadcast_to(np.ones(1), (2,)), "read-only"), (masked, "masked")):
        first = np.ones(2)
        with pytest.raises(TypeError, match=f"Parameter 1 is changed in place, but it is a {kind} array"):
            optimizer(0.1).step([first, bad], [np.ones(2), np.ones(2)])
        assert first.tolist() == [1, 1]
    first, kept = np.ones(2), optimizer(0.1)
    with pytest.raises(TypeError, match="Gradient 1 is complex, but its parameter is real"):
        kept.step([first, np.ones(2)], [np.ones(2), np.ones(2) * 1j])
    assert first.tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("size", ["largest", "tiny", 1])
def test_gradients_of_any_size_are_clipped_to_a_length_and_keep_their_direction(dtype, size):
    limits = np.finfo(dtype)
    unit = float({"largest": limits.max, "tiny": limits.tiny * 16, 1: 1}[size])
    gradients = [np.full(3, 0.5 * unit, dtype), np.array([-0.25 * unit], dtype)]
    length = min(0.01, unit / 100)
    clipped = clip_by_norm(gradients, length)
    assert [g.dtype for g in clipped] == [dtype, dtype]
    tolerance = 0.3 if size == "tiny" else 3e-3  # few digits are left of a number below all normal ones
    assert global_norm(clipped) == pytest.approx(length, rel=tolerance)
    assert clipped[0][0].real / clipped[1][0].real == pytest.approx(-2, rel=tolerance)


def test_a_norm_beyond_all_floats_leaves_a_direction_and_an_infinite_gradient_none():
    clipped = clip_by_norm([np.full(3, 1e308), np.array([-1e308])], 1.0)
    np.testing.assert_allclose(np.concatenate(clipped), [0.5, 0.5, 0.5, -0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(np.isnan(g).all() for g in clip_by_norm([np.array([np.inf, 1.0]), np.ones(2)], 1.0))


@pytest.mark.parametrize("optimizer", [SGD(0.1), Momentum(0.1), Adam(0.1)])
def test_a_gradient_of_objects_is_read_as_numbers_or_refused(optimizer):
    p = np.ones(2)
    with pytest.raises(TypeError, match="Gradient 0 holds numbers"):
        optimizer.step([p], [np.array([None, 1.0])])
    np.testing.assert_array_equal(p, 1)
    optimizer.step([p], [np.array([1, 2.0], object)])
    assert (p < 1).all()


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
def test_an_optimizer_takes_lists_that_are_given_one_by_one(make):
    plain, one_by_one = [np.ones(2), np.zeros(3)], [np.ones(2), np.zeros(3)]
    optimizer, other = make(0.1), make(0.1)
    for _ in range(2):
        optimizer.step(plain, [np.ones(2), np.ones(3)])
        other.step((p for p in one_by_one), (np.ones(n) for n in (2, 3)))
    for ours, theirs in zip(plain, one_by_one, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_only_a_bound_may_be_infinite():
    for make in (SGD, Momentum, Adam, lambda inf: Adam(eps=inf)):
        with pytest.raises(ValueError, match="is a finite number at least 0; got inf"):
            make(np.inf)
    np.testing.assert_array_equal(clip_by_norm([np.full(2, 3.0)], np.inf)[0], [3.0, 3.0])


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
def test_gradients_that_are_parameters_are_those_of_before_the_step(make):
    for of in (lambda w: w, lambda w: w[:], lambda w: w.T):
        parameters, same = ([np.array([[2.0]]), np.array([[5.0]])] for _ in range(2))
        make(0.1).step(parameters, [of(parameters[1]), of(parameters[0])])  # the cost is w1 w2
        make(0.1).step(same, [np.array([[5.0]]), np.array([[2.0]])])
        np.testing.assert_array_equal(parameters, same)


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
def test_a_parameter_is_named_once(make):
    w = np.ones(2)
    with pytest.raises(ValueError, match="twice: name it once"):
        make(0.1).step([w, np.ones(3), w], [np.ones(2), np.ones(3), np.ones(2)])
    np.testing.assert_array_equal(w, 1)


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
@pytest.mark.parametrize("kind", [np.uint8, np.int8, bool, np.float16, np.float32])
def test_a_step_is_the_same_whatever_numbers_hold_the_gradient(make, kind):
    g = np.array([100, 1, 0]).astype(kind)
    ours, expected = np.ones(3), np.ones(3)
    optimizer, other = make(0.1), make(0.1)
    for _ in range(3):
        optimizer.step([ours], [g])
        other.step([expected], [g.astype(float)])
    np.testing.assert_allclose(ours, expected, rtol=1e-3 if kind is np.float16 else 1e-6)


def test_adam_takes_its_usual_step_in_half_precision():
    p = np.ones(1, np.float16)
    Adam(0.1).step([p], [np.array([1e-4], np.float16)])
    assert p == np.float16(0.9)


def test_the_class_of_an_optimizer_is_no_optimizer():
    with pytest.raises(TypeError, match=r"as SGD\(0.5\) has; got <class"):
        train(Network([2, 1]), np.ones((2, 3)), np.zeros((1, 3)), 1, optimizer=SGD, progress=False)
