"""The checker must accept what is right, reject what is wrong, and say so clearly."""
import numpy as np
import pytest

from course_lib.autodiff import Tensor
from course_lib.gradcheck import (
    SCHEMES,
    default_step,
    direction_check,
    gradient_check,
    numerical_gradient,
    relative_error,
)

RNG = np.random.default_rng(5)
M = RNG.normal(size=(4, 4))
THETA = RNG.normal(size=4)


def wave(theta):
    """Smooth, with a gradient known in closed form, and analytic: the complex step works on it too."""
    return np.sum(np.sin(M @ theta)) + 0.5 * np.sum(theta ** 2)


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


@pytest.mark.parametrize(("scheme", "passes"), [("forward", 5), ("central", 8), ("complex", 4)])
def test_passes_are_what_the_table_says(scheme, passes):
    calls = []
    numerical_gradient(lambda theta: calls.append(1) or wave(theta), THETA, 1e-5, scheme)
    assert len(calls) == passes


def test_theta_is_not_changed_and_may_be_of_any_form():
    theta = np.array([1, 2, 3])                                       # whole numbers are not cut off
    gradient = numerical_gradient(lambda t: np.sum(t ** 2), theta)
    np.testing.assert_allclose(gradient, [2, 4, 6], rtol=1e-8)
    assert theta.dtype.kind == "i" and theta.tolist() == [1, 2, 3]
    assert numerical_gradient(lambda t: t ** 3, 2.0) == pytest.approx(12)
    w, b = numerical_gradient(lambda p: np.sum(p[0] ** 2) + 3 * np.sum(p[1]), [np.ones((2, 3)), np.ones((2, 1))])
    np.testing.assert_allclose(w, np.full((2, 3), 2.0), rtol=1e-8)
    np.testing.assert_allclose(b, np.full((2, 1), 3.0), rtol=1e-8)
    assert numerical_gradient(lambda t: np.sum(t), np.ones((0, 3))).shape == (0, 3)


def test_f_sees_a_copy_whose_coordinates_are_put_back_exactly():
    seen = []
    numerical_gradient(lambda t: seen.append(t.copy()) or 0.1 * np.sum(t), np.array([0.1, 0.7]), 1e-6, "forward")
    np.testing.assert_array_equal(seen[0], [0.1, 0.7])
    assert seen[2][0] == 0.1


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"one number; it returned an array of shape \(4,\)"):
        numerical_gradient(lambda t: t, THETA)
    with pytest.raises(ValueError, match="choose one of forward, central, complex"):
        numerical_gradient(wave, THETA, scheme="backward")
    with pytest.raises(ValueError, match="dropped the imaginary part"):
        numerical_gradient(lambda t: np.sum(np.abs(t)), THETA, scheme="complex")


def test_default_steps_are_near_the_bottom_of_the_u_curve():
    for scheme in SCHEMES[:2]:
        def error(h, scheme=scheme):
            return np.max(np.abs(numerical_gradient(wave, THETA, h, scheme) - wave_gradient(THETA)))
        best = min(error(10.0 ** k) for k in range(-13, 0))
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


def test_a_right_gradient_passes_in_every_form():
    assert gradient_check(wave, wave_gradient(THETA), THETA)
    assert gradient_check(wave, wave_gradient, THETA)
    gradients = [np.ones((2, 1)) @ THETA[None], np.full((4, 1), 2.0)]
    check = gradient_check(lambda p: np.sum(p[0] @ p[1]), gradients, [np.ones((2, 4)), THETA[:, None]])
    assert check, check.message
    assert gradient_check(lambda t: np.sum(t), np.ones((0, 2)), np.ones((0, 2)))


BUGS = {
    "a tenth of a percent": lambda g: 1.001 * g,
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


def test_shapes_come_before_values():
    assert "has shape (4, 1), but theta has shape (4,)" in gradient_check(wave, np.ones((4, 1)), THETA).message
    parts = [np.ones(2), np.ones(3)]
    assert "list of 2 arrays" in gradient_check(lambda p: 0.0, np.ones(5), parts).message
    assert "gradient number 1 has shape (2,)" in gradient_check(lambda p: 0.0, [np.ones(2), np.ones(2)], parts).message


@pytest.mark.parametrize("at", [0.0, 1e-7, -3e-8, 1e-6])
def test_kinks_do_not_fool_the_checker(at):
    """On a corner any slope between the two sides is right; near one, only the slope on this side is."""
    theta = np.array([at, 1.3, -0.4])
    relu = lambda t: np.sum(np.maximum(t, 0) * [2.0, 3.0, 5.0])       # noqa: E731
    assert gradient_check(relu, [2.0 * (at > 0), 3, 0], theta)
    assert not gradient_check(relu, [2.5, 3, 0], theta)
    assert not gradient_check(relu, [-0.5, 3, 0], theta)
    assert gradient_check(relu, [1.0, 3, 0], theta).ok == (at == 0)
    if at == 0:
        assert gradient_check(relu, [0.0, 3, 0], theta).kinks == 1
    else:
        assert not gradient_check(relu, [2.0 * (at < 0), 3, 0], theta)


def test_flat_and_strongly_curved_places():
    assert gradient_check(lambda t: np.sum(t ** 3), np.zeros(3), np.zeros(3))
    assert not gradient_check(lambda t: np.sum(t ** 3), np.full(3, 1e-3), np.zeros(3))
    assert gradient_check(lambda t: np.sum(np.sin(300 * t)), 300 * np.cos(300 * THETA), THETA)
    assert not gradient_check(lambda t: np.sum(np.sin(300 * t)), 301 * np.cos(300 * THETA), THETA)
    assert gradient_check(lambda t: np.sum(t), np.ones(3), np.array([1e9, 1.0, 1e-9]))


def test_scale_does_not_matter():
    for scale in (1e-150, 1e150):
        assert gradient_check(lambda t, s=scale: s * wave(t), scale * wave_gradient(THETA), THETA)
        assert not gradient_check(lambda t, s=scale: s * wave(t), 1.001 * scale * wave_gradient(THETA), THETA)


def test_float32_is_judged_by_what_float32_can_show():
    single = THETA.astype(np.float32)
    assert gradient_check(wave, wave_gradient(single).astype(np.float32), single)
    low = lambda t: np.float32(wave(t))                               # noqa: E731
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
    both = lambda p: f(p[0]) * np.sum(p[1] ** 2)                      # noqa: E731
    right = [gradient * np.sum(w[0] ** 2), 2 * w[0] * f(w)]
    assert direction_check(both, right, parts)
    assert not direction_check(both, [right[0], right[1] / 2], parts)
    assert "shape" in direction_check(f, gradient.T, w).message


def test_same_seed_same_result():
    assert direction_check(wave, wave_gradient, THETA) == direction_check(wave, wave_gradient, THETA)
