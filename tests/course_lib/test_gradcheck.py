"""The checker must accept what is right, reject what is wrong, and say so clearly."""

import warnings

import numpy as np
import pytest

from course_lib.autodiff import RULES, Tensor
from course_lib.gradcheck import (
    SCHEMES,
    default_step,
    direction_check,
    gradient_check,
    numerical_gradient,
    relative_error,
)
from course_lib.network import Network

RNG = np.random.default_rng(5)
M = RNG.normal(size=(4, 4))
THETA = RNG.normal(size=4)


def wave(theta):
    """Smooth, with a gradient known in closed form, and analytic: the complex step works on it too."""
    return np.sum(np.sin(M @ theta)) + 0.5 * np.sum(theta**2)


def wave_gradient(theta):
    return M.T @ np.cos(M @ theta) + theta


@pytest.mark.parametrize(("scheme", "tolerance"), [("forward", 1e-6), ("central", 1e-9), ("complex", 1e-15)])
def test_every_scheme_measures_the_gradient_as_well_as_its_order_allows(scheme, tolerance):
    error = np.max(np.abs(numerical_gradient(wave, THETA, scheme=scheme) - wave_gradient(THETA)))
    assert error < tolerance * 5


@pytest.mark.parametrize(("scheme", "order"), [("forward", 1), ("central", 2)])
def test_order_of_convergence(scheme, order):
    errors = [np.max(np.abs(numerical_gradient(wave, THETA, h, scheme) - wave_gradient(THETA))) for h in (1e-2, 1e-3)]
    assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.1)


def test_a_function_that_remembers_is_told():
    rng, asked = np.random.default_rng(0), []
    with pytest.raises(ValueError, match="for the same theta"):
        numerical_gradient(lambda theta: wave(theta) + rng.normal(), THETA)
    with pytest.raises(ValueError, match="for the same theta"):
        numerical_gradient(lambda theta: asked.append(1) or wave(theta) * len(asked), THETA)
    assert np.all(np.isnan(numerical_gradient(lambda theta: np.nan, THETA)))
    asked.clear()
    numerical_gradient(lambda theta: asked.append(1) or wave(theta), THETA)
    assert len(asked) == 2 * THETA.size + 2


@pytest.mark.parametrize(("scheme", "passes"), [("forward", 5), ("central", 8), ("complex", 4)])
def test_passes_are_what_the_table_says(scheme, passes):
    calls = []
    numerical_gradient(lambda theta: calls.append(1) or wave(theta), THETA, 1e-5, scheme)
    assert len(calls) == passes


def test_theta_is_not_changed_and_may_be_of_any_form():
    theta = np.array([1, 2, 3])  # whole numbers are not cut off
    gradient = numerical_gradient(lambda t: np.sum(t**2), theta)
    np.testing.assert_allclose(gradient, [2, 4, 6], rtol=1e-8)
    assert theta.dtype.kind == "i" and theta.tolist() == [1, 2, 3]
    assert numerical_gradient(lambda t: t**3, 2.0) == pytest.approx(12)
    w, b = numerical_gradient(lambda p: np.sum(p[0] ** 2) + 3 * np.sum(p[1]), [np.ones((2, 3)), np.ones((2, 1))])
    np.testing.assert_allclose(w, np.full((2, 3), 2.0), rtol=1e-8)
    np.testing.assert_allclose(b, np.full((2, 1), 3.0), rtol=1e-8)
    assert numerical_gradient(lambda t: np.sum(t), np.ones((0, 3))).shape == (0, 3)


def test_f_sees_a_copy_whose_coordinates_are_put_back_exactly():
    seen = []
    numerical_gradient(lambda t: seen.append(t.copy()) or 0.1 * np.sum(t), np.array([0.1, 0.7]), 1e-6, "forward")
    np.testing.assert_array_equal(seen[0], [0.1, 0.7])
    assert seen[2][0] == 0.1
    seen.clear()
    numerical_gradient(lambda t: seen.append(t.copy()) or np.sum(t), np.array([1e-9, 0.7]), 1e-6)
    assert 1e-9 + 1e-6 - 1e-6 != 1e-9 and seen[2][0] == 1e-9


def steps_seen(check, start):
    """How far from `start`, at most, a check calls f."""
    seen = []
    check(lambda t: seen.append(np.max(np.abs(t - start))) or np.sum(t))
    return max(seen)


def test_the_step_grows_with_the_parameters():
    theta = np.array([1000.0])
    expected = pytest.approx(1000 * default_step(), rel=1e-6)
    assert steps_seen(lambda f: numerical_gradient(f, theta), theta) == expected
    assert steps_seen(lambda f: gradient_check(f, [1.0], theta), theta) == expected
    assert steps_seen(lambda f: direction_check(f, [1.0], theta), theta) == expected
    assert steps_seen(lambda f: numerical_gradient(f, theta, 0.5), theta) == 0.5


def test_the_step_is_longer_for_an_f_in_float32():
    theta = np.array([0.25])
    expected = pytest.approx(default_step("central", np.float32))
    assert steps_seen(lambda f: numerical_gradient(lambda t: np.float32(f(t)), theta), theta) == expected
    assert steps_seen(lambda f: gradient_check(lambda t: np.float32(f(t)), [1.0], theta), theta) == expected


def test_an_f_that_changes_its_argument_is_found():
    def clips(t):
        return np.sum(np.clip(t, 0, 1, out=t))

    theta = np.array([-1.0, -2.0])
    with pytest.raises(ValueError, match="f changes its argument; work on a copy inside f"):
        numerical_gradient(clips, theta)
    assert "f changes its argument" in gradient_check(clips, np.zeros(2), theta).message
    assert "f changes its argument" in direction_check(clips, np.zeros(2), theta).message
    assert gradient_check(np.nansum, [1, 0], np.array([1, np.nan]))  # a NaN is no change, although NaN != NaN
    listed = [theta, np.ones(2)]
    assert "f changes its argument" in gradient_check(lambda p: clips(p[0]), [np.zeros(2), np.zeros(2)], listed).message
    assert theta.tolist() == [-1, -2]


def test_a_gradient_that_changes_its_argument_does_no_harm():
    theta = np.array([1.0, 3.0])
    assert gradient_check(lambda t: np.sum(t**2), lambda t: t.__imul__(2), theta)
    assert theta.tolist() == [1, 3]
    listed = [theta, np.ones(2)]
    assert gradient_check(lambda p: np.sum(p[0] ** 2), lambda p: [p[0].__imul__(2), np.zeros(2)], listed)
    assert theta.tolist() == [1, 3]


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"one number; it returned an array of shape \(4,\)"):
        numerical_gradient(lambda t: t, THETA)
    with pytest.raises(ValueError, match="choose one of forward, central, complex"):
        numerical_gradient(wave, THETA, scheme="backward")
    with pytest.raises(ValueError, match="dropped the imaginary part"):
        numerical_gradient(lambda t: np.sum(np.abs(t)), THETA, scheme="complex")
    with pytest.raises(ValueError, match=r"it returned None.*return missing"):
        gradient_check(lambda t: None, np.ones(4), THETA)
    with pytest.raises(ValueError, match=r"directions is a whole number and at least 1; got 0"):
        direction_check(wave, 7 * wave_gradient(THETA), THETA, directions=0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_f_that_is_not_finite_at_theta_is_reported(value):
    check = gradient_check(lambda t: value, np.ones(4), THETA)
    assert not check and "f is not finite at theta" in check.message


def test_default_steps_are_near_the_bottom_of_the_u_curve():
    for scheme in SCHEMES[:2]:

        def error(h, scheme=scheme):
            return np.max(np.abs(numerical_gradient(wave, THETA, h, scheme) - wave_gradient(THETA)))

        best = min(error(10.0**k) for k in range(-13, 0))
        assert error(default_step(scheme)) < 30 * best


def test_relative_error():
    assert relative_error(0.0, 0.0) == 0
    assert relative_error(1.0, 0.0) == 1
    assert relative_error(-2.0, 2.0) == 2
    assert relative_error(3e-200, 3.3e-200) == pytest.approx(relative_error(3e200, 3.3e200))
    np.testing.assert_allclose(relative_error([1, 0, 4], [1, 0, 5]), [0, 0, 0.2])
    assert np.isnan(relative_error(np.nan, 1.0)) and np.isnan(relative_error(np.nan, np.nan))
    assert relative_error(np.inf, np.inf) == 0 and np.isnan(relative_error(np.inf, 1.0))
    assert isinstance(relative_error(1, 2), float)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert relative_error(1e308, -1e308) == 2
        assert relative_error(0.0, 0.0) == 0 and relative_error(1e308, 0.0) == 1


def test_a_right_gradient_passes_in_every_form():
    assert gradient_check(wave, wave_gradient(THETA), THETA)
    assert gradient_check(wave, wave_gradient, THETA)
    gradients = [np.ones((2, 1)) @ THETA[None], np.full((4, 1), 2.0)]
    check = gradient_check(lambda p: np.sum(p[0] @ p[1]), gradients, [np.ones((2, 4)), THETA[:, None]])
    assert check, check.message
    assert gradient_check(lambda t: np.sum(t), np.ones((0, 2)), np.ones((0, 2)))


BUGS = {
    "a tenth of a percent": lambda g: 1.001 * g,
    "a tenth of a thousandth": lambda g: 1.0001 * g,
    "sign": lambda g: -g,
    "one coordinate": lambda g: g + 0.01 * np.eye(4)[2],
    "reversed": lambda g: g[::-1],
    "zero": lambda g: 0 * g,
    "nan": lambda g: g * np.nan,
    "infinite": lambda g: g * np.inf,
    "one nan": lambda g: np.where(np.arange(4) == 1, np.nan, g),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_wrong_gradient_fails(bug):
    check = gradient_check(wave, BUGS[bug](wave_gradient(THETA)), THETA)
    assert not check
    assert "wrong" in check.message


def test_the_message_names_the_worst_coordinate_and_a_pattern():
    gradient = wave_gradient(THETA)
    check = gradient_check(wave, gradient + 0.5 * np.eye(4)[2], THETA)
    assert check.worst == (2,) and check.measured == pytest.approx(gradient[2])
    assert "coordinate [2]" in str(check)
    assert "0.25 times" in gradient_check(wave, gradient / 4, THETA).message
    assert "wrong sign" in gradient_check(wave, -gradient, THETA).message
    assert "path" in gradient_check(wave, 0 * gradient, THETA).message
    ones = [np.ones(2), np.ones((2, 2))]
    listed = gradient_check(lambda p: np.sum(p[0]) + np.sum(p[1] ** 2), ones, ones)
    assert listed.worst[0] == 1 and "0.5 times" in listed.message
    assert gradient_check(wave, gradient * [2, 3, 4, 5], THETA).message.endswith(").")  # no pattern, so no hint
    assert gradient_check(wave, gradient * [-5, np.nan, 1, 1], THETA).worst == (1,)  # nothing is worse than NaN


def test_shapes_come_before_values():
    assert "has shape (4, 1), but theta has shape (4,)" in gradient_check(wave, np.ones((4, 1)), THETA).message
    parts = [np.ones(2), np.ones(3)]
    assert "list of 2 arrays" in gradient_check(lambda p: 0.0, np.ones(5), parts).message
    assert "gradient number 1 has shape (2,)" in gradient_check(lambda p: 0.0, [np.ones(2), np.ones(2)], parts).message


@pytest.mark.parametrize("at", [0.0, 1e-7, -3e-8, 1e-6])
def test_kinks_do_not_fool_the_checker(at):
    """On a corner any slope between the two sides is right; near one, only the slope on this side is."""
    theta = np.array([at, 1.3, -0.4])
    relu = lambda t: np.sum(np.maximum(t, 0) * [2.0, 3.0, 5.0])  # noqa: E731
    assert gradient_check(relu, [2.0 * (at > 0), 3, 0], theta)
    assert not gradient_check(relu, [2.5, 3, 0], theta)
    assert not gradient_check(relu, [-0.5, 3, 0], theta)
    assert not gradient_check(relu, [2.001, 3, 0], theta)
    assert not gradient_check(relu, [-0.0005, 3, 0], theta)
    assert gradient_check(relu, [1.0, 3, 0], theta).ok == (at == 0)
    if at == 0:
        assert gradient_check(relu, [0.0, 3, 0], theta).kinks == 1
    else:
        assert not gradient_check(relu, [2.0 * (at < 0), 3, 0], theta)


@pytest.mark.parametrize("at", [1e-6, 1e-7, 1e-8])
def test_near_a_corner_a_slope_that_is_nearly_right_is_wrong(at):
    relu = lambda t: np.sum(np.maximum(t, 0) * [2.0, 3.0, 5.0])  # noqa: E731
    theta = np.array([at, 1.3, -0.4])
    for slope in (1.8, 1.85, 1.9, 1.95, 1.99, 1.999, 2.001, 2.01, 2.1, 2.15):
        assert not gradient_check(relu, [slope, 3, 0], theta), slope
    low = lambda t: np.float32(relu(t))  # noqa: E731
    theta[0] = at * 1e4  # the step is longer in float32
    assert gradient_check(low, [2.0, 3, 0], theta)
    for slope in (0.0, 1.0, 1.8, 1.9, 2.1, 2.2) if at > 5e-8 else (-0.2, 2.2):
        assert not gradient_check(low, [slope, 3, 0], theta), slope


def test_corners_are_found_under_round_off_too():
    """In float32, and beside a large constant, there is room for few shorter steps, or for none."""
    relu = lambda t: np.sum(np.maximum(t, 0) * [2.0, 3.0, 5.0])  # noqa: E731
    theta = np.array([0, 1.3, -0.4])
    for f in (lambda t: np.float32(relu(t)), lambda t: np.float32(relu(t) + 100), lambda t: relu(t) + 1e5):
        for slope in (0.0, 1.03, 2.0):
            assert gradient_check(f, [slope, 3, 0], theta), slope
        assert not gradient_check(f, [2.5, 3, 0], theta)
        assert not gradient_check(f, [-0.5, 3, 0], theta)
    for slope in np.linspace(1, 2, 20):  # round-off moves it to either side
        assert gradient_check(lambda t, s=slope: s * np.sum(np.maximum(t, 0)) + 1e4, [slope], np.zeros(1))


def test_round_off_is_no_corner():
    """A bowl has two slopes a step apart, but they meet; round-off in the shorter steps must not hide that."""
    for offset, at, error in [(1e4, 0.01, 1e-4), (30, 0.01, 2e-7)]:
        bowl = lambda t, offset=offset: 0.5 * np.sum(t**2) + offset  # noqa: E731
        assert gradient_check(bowl, [at], np.array([at]))
        assert not gradient_check(bowl, [at + error], np.array([at]))
        assert not gradient_check(bowl, [at - error], np.array([at]))
    assert not gradient_check(lambda t: np.sum(t**2) + 1000, [2 + 2.3e-5], np.array([1.0]))


def test_round_off_excuses_as_much_as_it_can_do():
    noise = 10 * np.finfo(float).eps * 1000 / default_step()
    for slope in (0.9 * noise, -0.9 * noise):
        assert gradient_check(lambda t: 1000.0, [slope], np.zeros(1))
    for slope in (2 * noise, 5 * noise):
        assert not gradient_check(lambda t: 1000.0, [slope], np.zeros(1))
    bend = 2.5 * noise / default_step()
    assert not gradient_check(lambda t: 1000 + bend * np.sum(t**2) / 2, [2 * noise], np.zeros(1))
    # Near a corner the longer of two steps that see it all is the one to trust.
    nearly = lambda t: np.sum(np.maximum(t, 0) * 2) + 1e4  # noqa: E731
    assert gradient_check(nearly, [2.0], np.array([1e-7]))
    assert not gradient_check(nearly, [1.97], np.array([1e-7]))


NEAR_THE_END = {
    "log": (np.log, lambda t: 1 / t, 5e-6),
    "log, nearer": (np.log, lambda t: 1 / t, 1e-7),
    "square root": (np.sqrt, lambda t: 0.5 / np.sqrt(t), 1e-6),
    "reciprocal": (lambda t: 1 / t, lambda t: -1 / t**2, 1e-6),
}


@pytest.mark.parametrize("name", NEAR_THE_END)
def test_near_the_end_of_the_domain_of_f(name):
    function, derivative, at = NEAR_THE_END[name]
    theta = np.array([at, 0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check = gradient_check(lambda t: np.sum(function(t)), derivative, theta)
        wrong = gradient_check(lambda t: np.sum(function(t)), lambda t: derivative(t) * [1.01, 1], theta)
    assert check and check.error < 1e-4 and "nan" not in check.message
    assert not wrong and wrong.error == pytest.approx(0.01, rel=0.01)


def test_at_the_end_of_the_domain_of_f_the_message_says_why():
    check = gradient_check(lambda t: np.sum(np.sqrt(t)), [1.0], np.zeros(1))
    assert not check and "f is not finite a short step away" in check.message


def test_flat_and_strongly_curved_places():
    assert gradient_check(lambda t: np.sum(t**3), np.zeros(3), np.zeros(3))
    assert not gradient_check(lambda t: np.sum(t**3), np.full(3, 1e-3), np.zeros(3))
    assert gradient_check(lambda t: np.sum(np.sin(300 * t)), 300 * np.cos(300 * THETA), THETA)
    assert not gradient_check(lambda t: np.sum(np.sin(300 * t)), 301 * np.cos(300 * THETA), THETA)
    assert gradient_check(lambda t: np.sum(t), np.ones(3), np.array([1e9, 1.0, 1e-9]))
    assert gradient_check(lambda t: np.sum(t**3), [0, 0.48, 1.08], np.array([0, 0.4, 0.6]))
    fast, at = lambda t: np.sum(np.sin(3e5 * t)), np.array([0.3])
    slope = 3e5 * np.cos(3e5 * at)
    assert gradient_check(fast, slope, at)
    for factor in (0.8, 0.9, 0.999, 1.001, 1.1):
        assert not gradient_check(fast, factor * slope, at), factor


def test_scale_does_not_matter():
    for scale in (1e-150, 1e150):
        assert gradient_check(lambda t, s=scale: s * wave(t), scale * wave_gradient(THETA), THETA)
        assert not gradient_check(lambda t, s=scale: s * wave(t), 1.001 * scale * wave_gradient(THETA), THETA)


def test_float32_is_judged_by_what_float32_can_show():
    single = THETA.astype(np.float32)
    assert gradient_check(wave, wave_gradient(single).astype(np.float32), single)
    low = lambda t: np.float32(wave(t))  # noqa: E731
    assert gradient_check(low, wave_gradient(THETA), THETA)
    assert not gradient_check(low, 1.2 * wave_gradient(THETA), THETA)
    assert numerical_gradient(low, THETA).dtype == float


def test_randomness_is_reported():
    rng = np.random.default_rng(0)
    check = gradient_check(lambda t: wave(t) + rng.normal(), wave_gradient, THETA)
    assert not check and "random numbers" in check.message


def test_f_may_return_a_tensor():
    assert gradient_check(lambda t: (Tensor(t) ** 2).sum(), 2 * THETA, THETA)


def test_directions_check_a_big_model_in_two_passes_each():
    rng = np.random.default_rng(8)
    w = rng.normal(size=(300, 200))
    f, gradient = lambda t: np.sum(np.tanh(t)), 1 - np.tanh(w) ** 2
    check = direction_check(f, gradient, w)
    assert check and check.passes == 2 + 2 * 5
    assert not direction_check(f, 1.001 * gradient, w)
    assert not direction_check(f, np.roll(gradient, 1), w)
    assert "direction" in direction_check(f, -gradient, w).message
    parts = [w, w[0]]
    both = lambda p: f(p[0]) * np.sum(p[1] ** 2)  # noqa: E731
    right = [gradient * np.sum(w[0] ** 2), 2 * w[0] * f(w)]
    assert direction_check(both, right, parts)
    assert not direction_check(both, [right[0], right[1] / 2], parts)
    assert "shape" in direction_check(f, gradient.T, w).message


def test_same_seed_same_result():
    assert direction_check(wave, wave_gradient, THETA) == direction_check(wave, wave_gradient, THETA)


@pytest.mark.parametrize("h", [0, 0.0, -1e-5, np.nan, np.inf, "small", [1e-5]])
def test_a_step_is_a_number_above_0(h):
    def f(t):
        return np.sum(t**2)

    theta = np.ones(2)
    for use in (
        lambda: numerical_gradient(f, theta, h),
        lambda: numerical_gradient(f, theta, h, "forward"),
        lambda: numerical_gradient(f, theta, h, "complex"),
        lambda: gradient_check(f, 2 * theta, theta, h=h),
        lambda: direction_check(f, 2 * theta, theta, h=h),
    ):
        with pytest.raises(ValueError, match="h, the step, is a number above 0"):
            use()


def test_a_gradient_that_is_not_there_yet_is_told():
    x, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    check = gradient_check(lambda t: np.sum(t**2), x.grad, x.data)
    assert not check and "is None: call backward first" in check.message
    (x * x).sum().backward()
    check = gradient_check(lambda t: np.sum(t[0] ** 2), [x.grad, b.grad], [x.data, b.data])
    assert not check and "number 1 is None: call backward first" in check.message
    assert not direction_check(lambda t: np.sum(t**2), lambda t: None, x.data)
    with pytest.raises(TypeError, match=r"t\.data"):
        gradient_check(lambda t: np.sum(t**2), x, x.data)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ("theta", TypeError),
        (None, TypeError),
        (1j, TypeError),
        ([[1.0], [1.0, 2.0]], ValueError),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), TypeError),
        (Tensor([1.0]), TypeError),
    ],
    ids=repr,
)
def test_a_theta_that_is_no_array_of_real_numbers_is_told(scheme, bad, error):
    with pytest.raises(error, match=r"theta|t\.data"):
        numerical_gradient(lambda t: np.sum(t), bad, scheme=scheme)
    with pytest.raises(error, match=r"theta|t\.data"):
        gradient_check(lambda t: np.sum(t), np.ones(1), bad)


@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_a_complex_value_is_not_cut_to_its_real_part(scheme):
    for use in (
        lambda f: numerical_gradient(f, np.ones(2), scheme=scheme),
        lambda f: gradient_check(f, np.ones(2), np.ones(2)),
    ):
        with pytest.raises(ValueError, match="f returned a complex number"):
            use(lambda t: np.sum(t) * 1j)


def test_an_f_that_is_no_function_and_what_it_may_return():
    with pytest.raises(TypeError, match="f is a function of theta"):
        numerical_gradient(3.0, np.ones(2))
    with pytest.raises(TypeError, match="What f returns holds numbers"):
        numerical_gradient(lambda t: "cost", np.ones(2))
    np.testing.assert_allclose(numerical_gradient(lambda t: [t.sum()], np.ones(2, int)), [1, 1])


@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy", "softmax cross-entropy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_complex_step_goes_through_the_course_s_own_costs(cost, activation):
    """To the last digits, through Network and through its graph, near and far from zero."""
    rng = np.random.default_rng(3)
    for size in (1.0, 40.0):
        network = Network([3, 4, 2], activation, cost, seed=rng)
        network.b[2] += size * rng.normal(size=(2, 1))
        X, Y = rng.normal(size=(3, 5)), np.eye(2)[:, [0, 1, 1, 0, 1]]
        expected = network.backprop(X, Y).as_list()
        for f in (
            lambda p, network=network, X=X, Y=Y: network.with_parameters(p).cost(X, Y),
            lambda p, network=network, X=X, Y=Y: network.cost_tensor([Tensor(q) for q in p], X, Y),
        ):
            for ours, by_step in zip(
                expected, numerical_gradient(f, network.parameters, scheme="complex"), strict=True
            ):
                np.testing.assert_allclose(ours, by_step, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("x", [-1000.0, -30.0, -0.5, 0.5, 30.0, 1000.0])
def test_the_complex_step_goes_through_every_smooth_op(x):
    for name in ("sigmoid", "softplus", "tanh", "relu", "sin", "cos", "negative"):
        t = Tensor(x)
        z = RULES[name](t)
        z.backward()
        slope = numerical_gradient(RULES[name], np.array(x), scheme="complex")
        np.testing.assert_allclose(slope, t.grad, rtol=1e-12, atol=1e-16, err_msg=name)


@pytest.mark.parametrize("h", [1e-17, 1e-300])
def test_a_step_that_moves_nothing_measures_nothing(h):
    """Measured with it, every gradient would be right."""
    wrong = lambda t: 3 * t  # noqa: E731
    for use in (
        lambda: numerical_gradient(lambda t: np.sum(t**2), np.array([1.0, 2.0]), h),
        lambda: numerical_gradient(lambda t: np.sum(t**2), 1.0, h, "forward"),
        lambda: gradient_check(lambda t: np.sum(t**2), wrong, np.array([1.0, 2.0]), h=h),
        lambda: direction_check(lambda t: np.sum(t**2), wrong, np.array([1.0, 2.0]), h=h),
    ):
        with pytest.raises(ValueError, match=r"parameters stay what they are.*Leave h out"):
            use()
    np.testing.assert_allclose(numerical_gradient(lambda t: np.sum(t**2), np.array([1.0, 2.0]), h, "complex"), [2, 4])
    assert numerical_gradient(lambda t: t * 3, 0.0, h) == pytest.approx(3)  # beside 0 every step is one


def test_errors_of_shapes_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match=r"their shapes are \(2,\) and \(3, 4\)"):
        relative_error(np.ones(2), np.ones((3, 4)))


@pytest.mark.parametrize("f", [lambda t: int(1e6 * t.sum()), lambda t: bool(t[0] > 1), lambda t: np.sum(t > 1)])
def test_a_function_that_counts_has_no_slope(f):
    theta = np.ones(2)
    for check in (
        lambda: numerical_gradient(f, theta),
        lambda: gradient_check(f, np.zeros(2), theta),
        lambda: direction_check(f, np.zeros(2), theta),
    ):
        with pytest.raises(ValueError, match="whole numbers, and they change in jumps"):
            check()
    assert gradient_check(lambda t: 5, np.zeros(2), theta)  # one that stays the same has the slope 0


def test_no_dtype_has_no_step():
    with pytest.raises(ValueError, match="A step is for floats"):
        default_step(dtype=None)


def test_a_function_that_does_not_use_its_argument_is_asked_whether_it_does():
    network = Network([2, 1], seed=0)
    X, Y = np.ones((2, 3)), np.zeros((1, 3))
    gradients = network.backprop(X, Y).as_list()
    found = gradient_check(lambda parameters: network.cost(X, Y), gradients, network.parameters)
    assert not found
    assert "does it use it?" in found.message
    right = gradient_check(lambda p: network.with_parameters(p).cost(X, Y), gradients, network.parameters)
    assert right, right
