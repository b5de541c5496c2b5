"""Wrong and other right answers to notebook 6. A trap's docstring is what a student who makes that mistake reads."""

import numpy as np

from autograder.zoo import alternative, slip, trap
from course_lib import gradcheck


def sigmoid(z):  # the notebook gives it
    return 1 / (1 + np.exp(-z))


# 6.1 numerical_gradient ----------------------------------------------------------------------------------------------


@alternative("numerical-gradient")
def one_step_at_a_time(f, theta, h):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        gradient[index] = (f(theta + step) - f(theta - step)) / (2 * h)
    return gradient


@trap("numerical-gradient", loses=("matrix",))
def in_one_line(f, theta, h):
    """You call f with the numbers in one line. f may need the shape of theta: give every array that shape."""
    flat = np.array(theta, dtype=float).ravel()
    slopes = np.zeros(flat.size)
    for k in range(flat.size):
        shift = np.zeros(flat.size)
        shift[k] = h
        slopes[k] = (f(flat + shift) - f(flat - shift)) / (2 * h)
    return slopes.reshape(theta.shape)


divided_by_h = slip(
    one_step_at_a_time,
    {"(2 * h)": "h"},
    loses=("small", "central", "matrix", "integers"),
    says="Your slopes are twice as steep as they should be. From theta − h to theta + h: how far is that?",
)


half_a_walk = slip(
    one_step_at_a_time,
    {"theta - step": "theta"},
    loses=("small", "central", "matrix", "integers"),
    says="You divide by 2h, but you walk only from theta to theta + h. The two points must be 2h apart.",
)


without_parentheses = slip(
    one_step_at_a_time,
    {"(2 * h)": "2 * h"},
    loses=("small", "central", "matrix", "integers"),
    says="Python reads `/ 2 * h` from left to right: divide by 2, then multiply by h. Put parentheses around 2 * h.",
)


@trap("numerical-gradient", loses=("small", "central", "matrix", "restored", "integers"))
def all_at_once(f, theta, h):
    """You move all coordinates together. Each slope needs a walk of its own, along one coordinate."""
    return np.full(theta.shape, (f(theta + h) - f(theta - h)) / (2 * h))


minus_first = slip(
    one_step_at_a_time,
    {"+ step": "- step", "- f(theta - step)": "- f(theta + step)"},
    loses=("small", "central", "matrix", "integers"),
    says='The sign is flipped: it should be "after minus before", f at theta + h minus f at theta − h.',
)


one_sided = slip(
    one_step_at_a_time,
    {"(f(theta + step) - f(theta - step)) / (2 * h)": "(f(theta + step) - f(theta)) / h"},
    loses=("central",),
    says="You walk only to one side. A central difference goes from theta − h to theta + h.",
)


half_steps = slip(
    one_step_at_a_time,
    {"step[index] = h": "step[index] = h / 2", "(2 * h)": "h"},
    loses=("central",),
    says="You walk half of h to each side. That is central too, but here each side gets the whole h.",
)


a_step_of_its_own = slip(
    one_step_at_a_time,
    {"(f, theta, h):": "(f, theta, h):\n    h = 1e-6"},
    loses=("central",),
    says="You use a step of your own. Use the h that the function is given, large or small.",
)


@trap("numerical-gradient", loses=("central", "restored", "integers"))
def never_put_back(f, theta, h):
    """You move entries of theta and do not put them back. The next slope is then taken at another place."""
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        theta[index] += h
        after = f(theta)
        theta[index] -= 2 * h
        gradient[index] = (after - f(theta)) / (2 * h)
    return gradient


@trap("numerical-gradient", loses=("restored", "integers"))
def put_back_by_adding(f, theta, h):
    """Adding h and taking it away rounds, so theta comes back a little wrong. Keep the old value, or work on a copy."""
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        theta[index] += h
        after = f(theta)
        theta[index] -= 2 * h
        gradient[index] = (after - f(theta)) / (2 * h)
        theta[index] += h
    return gradient


@trap("numerical-gradient", loses=("small", "central", "matrix", "restored", "integers"))
def same_array_twice(f, theta, h):
    """All slopes are 0: you call f twice at one place. Is h really in your step? (`minus = plus` makes no copy.)"""
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        plus = np.array(theta, dtype=float)
        minus = plus
        plus[index] += h
        minus[index] -= h
        gradient[index] = (f(plus) - f(minus)) / (2 * h)
    return gradient


@trap("numerical-gradient", loses=("integers",))
def whole_number_copy(f, theta, h):
    """A copy of whole numbers holds whole numbers: a small h in it is cut away. Make a copy of floats."""
    theta = theta.copy()
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        kept = theta[index]
        theta[index] = kept + h
        after = f(theta)
        theta[index] = kept - h
        gradient[index] = (after - f(theta)) / (2 * h)
        theta[index] = kept
    return gradient


whole_number_slopes = slip(
    one_step_at_a_time,
    {"gradient = np.zeros(theta.shape)": "gradient = np.zeros_like(theta)"},
    loses=("integers",),
    says="`zeros_like(theta)` holds whole numbers when theta does, so your slopes are cut off. Make an array of "
    "floats.",
)


@trap("numerical-gradient", loses=("matrix",))
def whole_rows(f, theta, h):
    """Your loop runs over the first axis only: in a matrix it moves whole rows. np.ndindex visits every entry."""
    gradient = np.zeros(theta.shape)
    for i in range(len(theta)):
        step = np.zeros(theta.shape)
        step[i] = h
        gradient[i] = (f(theta + step) - f(theta - step)) / (2 * h)
    return gradient


@alternative("numerical-gradient")
def kept_and_put_back(f, theta, h):
    moved = np.array(theta, dtype=float)
    gradient = np.zeros(moved.shape)
    for index in np.ndindex(moved.shape):
        kept = moved[index]
        moved[index] = kept + h
        after = f(moved)
        moved[index] = kept - h
        before = f(moved)
        moved[index] = kept
        gradient[index] = (after - before) / (2 * h)
    return gradient


@alternative("numerical-gradient")
def rows_of_a_unit_matrix(f, theta, h):
    slopes = []
    for e in np.eye(theta.size):
        step = h * e.reshape(theta.shape)
        slopes.append((f(theta + step) - f(theta - step)) / (2 * h))
    return np.array(slopes).reshape(theta.shape).tolist()


# 6.2 relative_error --------------------------------------------------------------------------------------------------


@trap("relative-error", loses=("numbers", "arrays", "zero", "scale"))
def just_the_difference(a, b):
    """You give the absolute error. Is 0.001 much? That depends on the size of the two numbers."""
    return np.abs(np.asarray(a, float) - b)


@trap("relative-error", loses=("numbers", "arrays", "zero", "scale"))
def divided_by_the_first(a, b):
    """You divide by |a|. Then exchanging a and b changes the result, and a = 0 breaks it. Divide by the larger size."""
    return np.abs(np.asarray(a, float) - b) / np.abs(a)


@trap("relative-error", loses=("numbers", "arrays", "zero", "scale"))
def divided_by_the_smaller(a, b):
    """You divide by the smaller of the two sizes. Divide by the larger one: then the result stays between 0 and 2."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    size = np.minimum(np.abs(a), np.abs(b))
    return np.where(a == b, 0, np.abs(a - b) / size)


@trap("relative-error", loses=("numbers", "arrays", "scale"))
def divided_by_the_sum(a, b):
    """You divide by |a| + |b|. That is another common choice, but here we divide by the larger of the two."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.where(a == b, 0, np.abs(a - b) / (np.abs(a) + np.abs(b)))


@trap("relative-error", loses=("numbers", "arrays", "zero", "scale"))
def with_a_sign(a, b):
    """Your error can be negative. An error is a size: take the absolute value of the difference."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.where(a == b, 0, (a - b) / np.maximum(np.abs(a), np.abs(b)))


@trap("relative-error", loses=("numbers", "arrays"))
def larger_without_sizes(a, b):
    """You divide by the larger number, not by the larger size. Of −3 and 1, which has the larger size?"""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.where(a == b, 0, np.abs(a - b) / np.abs(np.maximum(a, b)))


@trap("relative-error", loses=("arrays", "scale"))
def one_size_for_all(a, b):
    """You divide by one size for the whole array. Each pair has a size of its own, the larger of the two."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    largest = np.max(np.maximum(np.abs(a), np.abs(b)))
    return np.abs(a - b) / largest if largest else np.abs(a - b)


@trap("relative-error", loses=("numbers", "arrays"))
def larger_with_its_sign(a, b):
    """You divide by the larger number, which may be negative. Divide by the larger size."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    larger = np.maximum(a, b)
    return np.where(larger == 0, 0, np.abs(a - b) / np.where(larger == 0, 1, larger))


@trap("relative-error", loses=("zero",))
def zero_by_zero(a, b):
    """Two zeros are equal, but 0/0 is not a number. Treat equal numbers by themselves: their error is 0."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))


@trap("relative-error", loses=("scale",))
def something_small_added(a, b):
    """You add a small number below the fraction line. It hides errors of small gradients. Treat 0/0 by itself."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.abs(a - b) / (np.maximum(np.abs(a), np.abs(b)) + 1e-8)


@trap("relative-error", loses=("arrays", "zero", "scale"))
def largest_of_all(a, b):
    """You give one number for the whole array. Give one error for each entry."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.max(np.where(a == b, 0, np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))))


@trap("relative-error", loses=("numbers", "arrays", "zero"))
def divided_by_the_second(a, b):
    """You divide by |b|. Then exchanging a and b changes the result, and b = 0 breaks it. Divide by the larger
    size.
    """
    a, b = (np.asarray(a, float), np.asarray(b, float))
    return np.where(a == b, 0, np.abs(a - b) / np.abs(b))


@trap("relative-error", loses=("numbers", "arrays", "zero", "scale"))
def divided_by_the_middle(a, b):
    """You divide by the mean of |a| and |b|. That is another common choice, but here we divide by the larger of
    the two.
    """
    a, b = (np.asarray(a, float), np.asarray(b, float))
    return np.where(a == b, 0, 2 * np.abs(a - b) / (np.abs(a) + np.abs(b)))


@alternative("relative-error")
def entry_by_entry(a, b):
    def one(x, y):
        return 0.0 if x == y else abs(x - y) / max(abs(x), abs(y))

    pairs = np.broadcast(np.asarray(a, float), np.asarray(b, float))
    return np.array([one(x, y) for x, y in pairs]).reshape(pairs.shape)


@alternative("relative-error")
def divide_where(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    size = np.max([np.abs(a), np.abs(b)], axis=0)
    safe = np.where(size == 0, 1.0, size)
    return np.abs(a - b) / safe


# 6.3 best_step and convergence_order ---------------------------------------------------------------------------------


@trap("best-step", loses=("double", "single"), answer="best_step")
def as_small_as_possible(order, eps=2.2e-16):
    """You take the smallest step there is. Then the difference is only round-off: look at the left end of the U."""
    return eps


@trap("best-step", loses=("double", "single"), answer="best_step")
def root_of_the_order(order, eps=2.2e-16):
    """Balance both errors: h to the power of the order, and eps / h. Bring the h of the second one to the left side."""
    return eps ** (1 / order)


@trap("best-step", loses=("double", "single"), answer="best_step")
def always_the_square_root(order, eps=2.2e-16):
    """You give the same step for every order. A scheme of higher order can afford a longer step."""
    return eps ** (1 / 2)


@trap("best-step", loses=("double", "single"), answer="best_step")
def always_the_cube_root(order, eps=2.2e-16):
    """You give the step of central differences for every order. The order belongs in the formula."""
    return eps ** (1 / 3)


@trap("best-step", loses=("single",), answer="best_step")
def always_double(order, eps=2.2e-16):
    """You do not use the eps that is given. With floats of 7 digits the U lies elsewhere."""
    return 2.2e-16 ** (1 / (order + 1))


@trap("best-step", loses=("double", "single"), answer="best_step")
def the_exponent_divided(order, eps=2.2e-16):
    """Python takes the power before it divides: `eps ** 1 / n` is eps / n. Put parentheses around the exponent."""
    return eps**1 / (order + 1)


@trap("best-step", loses=("clean", "rough", "signed"), answer="convergence_order")
def no_logs(errors, hs):
    """You fit a straight line to the numbers themselves. A power is straight only between logarithms."""
    return np.polyfit(hs, np.abs(errors), 1)[0]


@trap("best-step", loses=("clean", "rough", "signed"), answer="convergence_order")
def one_log(errors, hs):
    """You take the logarithm of the errors only. The steps need it too."""
    return np.polyfit(hs, np.log(np.abs(errors)), 1)[0]


@trap("best-step", loses=("clean", "rough", "signed"), answer="convergence_order")
def axes_exchanged(errors, hs):
    """Your axes are exchanged. The order says how the error follows the step, so log h goes on the x-axis."""
    return np.polyfit(np.log(np.abs(errors)), np.log(hs), 1)[0]


@trap("best-step", loses=("clean", "rough", "signed"), answer="convergence_order")
def ratio_of_logs(errors, hs):
    """You divide log error by log h. The factor in front of the power disturbs that; a slope needs differences."""
    return np.mean(np.log(np.abs(errors)) / np.log(hs))


@trap("best-step", loses=("clean", "rough", "signed"), answer="convergence_order")
def height_not_slope(errors, hs):
    """You give the height of the fitted line at log h = 0. Give its slope; np.polyfit gives the slope first."""
    return np.polyfit(np.log(hs), np.log(np.abs(errors)), 1)[1]


@trap("best-step", loses=("rough", "signed"), answer="convergence_order")
def only_the_ends(errors, hs):
    """You use only two of the measurements. One rough point then spoils the result; fit a line through all of them."""
    first, last = np.argmax(hs), np.argmin(hs)
    return np.log(abs(errors[first] / errors[last])) / np.log(hs[first] / hs[last])


@trap("best-step", loses=("signed",), answer="convergence_order")
def log_of_a_negative(errors, hs):
    """An error may be negative, and the logarithm of a negative number does not exist. Take its size first."""
    x, y = np.log(hs), np.log(errors)
    return np.mean((x - x.mean()) * (y - y.mean())) / np.var(x)


@trap("best-step", loses=("rough", "signed"), answer="convergence_order")
def order_rounded(errors, hs):
    """You round the slope to a whole number. A measured order is what the fit says, such as 1.93."""
    return round(np.polyfit(np.log(hs), np.log(np.abs(errors)), 1)[0])


@trap("best-step", loses=("rough", "signed"), answer="convergence_order")
def mean_of_the_pieces(errors, hs):
    """You average the slopes between neighbors, and two points that are close together then spoil it. Fit one
    line.
    """
    e, h = (np.log(np.abs(errors)), np.log(hs))
    return np.mean(np.diff(e) / np.diff(h))


@trap("best-step", loses=("clean", "rough", "signed"), answer="convergence_order")
def through_the_origin(errors, hs):
    """Your line goes through the origin, as if the error were 1 where h is 1. A line has a height of its own too."""
    e, h = (np.log(np.abs(errors)), np.log(hs))
    return e @ h / (h @ h)


@trap("best-step", loses=("signed",), answer="convergence_order")
def negative_ones_dropped(errors, hs):
    """You leave out the negative errors. Only the size of an error counts: take it, and keep all points."""
    k = errors > 0
    return np.polyfit(np.log(hs[k]), np.log(errors[k]), 1)[0]


@trap("best-step", loses=("rough", "signed"), answer="convergence_order")
def first_and_last_listed(errors, hs):
    """You use only the first and the last of the measurements. One rough point then spoils it; fit a line through
    all.
    """
    return np.log(abs(errors[0] / errors[-1])) / np.log(hs[0] / hs[-1])


@alternative("best-step", answer="best_step")
def bottom_by_calculus(order, eps=2.2e-16):
    return (eps / order) ** (1 / (order + 1))


@alternative("best-step", answer="best_step")
def bottom_by_search(order, eps=2.2e-16):
    h = np.logspace(-16, 0, 2000)
    return h[np.argmin(h**order + eps / h)]


@alternative("best-step", answer="convergence_order")
def by_the_formula(errors, hs):
    x, y = np.log10(hs), np.log10(np.abs(errors))
    return np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2)


@alternative("best-step", answer="convergence_order")
def by_least_squares(errors, hs):
    table = np.column_stack([np.log(hs), np.ones(len(hs))])
    return np.linalg.lstsq(table, np.log(np.abs(errors)), rcond=None)[0][0]


# 6.4 gradient_check --------------------------------------------------------------------------------------------------


@trap(
    "gradient-check",
    loses=("sum", "transpose", "prime", "sign", "permille", "nan", "worst", "flat", "corner", "beside"),
)
def accepts_everything(f, grad, theta):
    """You accept every gradient. Does your code compare the claim with measured slopes, or with itself?"""
    return True, (0,) * theta.ndim


@alternative("gradient-check")
def nearest_slope(f, grad, theta):
    h, claimed, middle = 1e-5, np.asarray(grad(theta), float), f(theta)
    error = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        left, right = (middle - f(theta - step)) / h, (f(theta + step) - middle) / h
        nearest = np.clip(claimed[index], min(left, right), max(left, right))
        error[index] = 0 if abs(claimed[index] - nearest) < 1e-8 else gradcheck.relative_error(claimed[index], nearest)
    return bool(np.all(error <= 1e-4)), np.unravel_index(np.argmax(error), error.shape)


@trap("gradient-check", loses=("sum", "transpose", "prime", "sign", "permille", "nan", "flat", "corner", "beside"))
def exactly_equal(f, grad, theta):
    """You reject right gradients. Is your measured slope right? And do you allow it a small error?"""
    h = 1e-5
    measured = gradcheck.numerical_gradient(f, theta, h)
    error = gradcheck.relative_error(grad(theta), measured)
    return bool(np.all(error == 0)), np.unravel_index(np.argmax(error), error.shape)


@trap("gradient-check", loses=("transpose", "beside", "corner", "worst"))
def compares_sums(f, grad, theta):
    """You compare sums, and a transposed matrix has the same sum. Compare entry by entry."""
    claimed, measured = np.asarray(grad(theta)), gradcheck.numerical_gradient(f, theta, 1e-5)
    difference = abs(np.sum(claimed) - np.sum(measured))
    ok = difference < 1e-8 or difference <= 1e-5 * abs(np.sum(measured))
    return bool(ok), (0,) * theta.ndim


@trap("gradient-check", loses=("nan",))
def blind_to_nan(f, grad, theta):
    """NaN gets through. Every comparison with NaN is False, so `error > tolerance` does not catch it."""
    h, claimed, middle = 1e-5, np.asarray(grad(theta), float), f(theta)
    ok, worst, largest = True, None, 0
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        left, right = (middle - f(theta - step)) / h, (f(theta + step) - middle) / h
        nearest = np.clip(claimed[index], min(left, right), max(left, right))
        error = gradcheck.relative_error(claimed[index], nearest)
        if abs(claimed[index] - nearest) > 1e-8 and error > 1e-4:
            ok = False
            if error > largest:
                worst, largest = index, error
    return ok, worst


too_generous = slip(
    nearest_slope,
    {
        "return bool…": "worst = np.unravel_index(np.argmax(error), error.shape)\n"
        "    return bool(error[worst] <= 0.01), worst"
    },
    loses=("permille",),
    says="""
    You let one wrong entry pass. Do you allow an error of 1 % or more, or take a mean over the entries? A bug can be
    smaller than that, and your measurement is better than that.""",
)


@trap("gradient-check", loses=("flat",))
def no_room_for_round_off(f, grad, theta):
    """Near slope 0, a measurement is mostly round-off, and its relative error is large. Let tiny differences pass."""
    h, claimed, middle = 1e-5, np.asarray(grad(theta), float), f(theta)
    ok, worst, largest = True, None, -1
    measured = gradcheck.numerical_gradient(f, theta, h)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        left, right = (middle - f(theta - step)) / h, (f(theta + step) - middle) / h
        between = abs(right - left) > 1e-3 and min(left, right) - 1e-4 <= claimed[index] <= max(left, right) + 1e-4
        error = 0 if between else gradcheck.relative_error(claimed[index], measured[index])
        if not error <= 1e-4:
            ok = False
        if not error <= largest:
            worst, largest = index, error
    return ok, worst


@trap("gradient-check", loses=("flat",))
def absolute_difference(f, grad, theta):
    """You look at the difference alone. Beside a slope of 0.001 a difference of 0.0001 is a bug: divide by the size."""
    h, claimed, here = 1e-5, np.asarray(grad(theta), dtype=float), f(theta)
    off, error = np.zeros(theta.shape), np.zeros(theta.shape)
    for place in np.ndindex(*theta.shape):
        shift = np.zeros(theta.shape)
        shift[place] = h
        sides = (here - f(theta - shift)) / h, (f(theta + shift) - here) / h
        allowed = np.clip(claimed[place], min(sides), max(sides))
        off[place] = abs(claimed[place] - allowed)
        error[place] = np.nan_to_num(gradcheck.relative_error(claimed[place], allowed), nan=np.inf)
    return bool(np.all(off <= 1e-4)), np.unravel_index(np.argmax(error), theta.shape)


@trap("gradient-check", loses=("corner", "beside"))
def no_corners(f, grad, theta):
    """On a corner you reject a right gradient: your measurement mixes the slopes of both sides. Look at each side."""
    claimed, measured = np.asarray(grad(theta), float), gradcheck.numerical_gradient(f, theta, 1e-5)
    error = np.where(np.abs(claimed - measured) < 1e-8, 0, gradcheck.relative_error(claimed, measured))
    worst = np.unravel_index(np.argmax(error), error.shape)
    return bool(error[worst] <= 1e-4), worst


@trap("gradient-check", loses=("beside",))
def corners_excused(f, grad, theta):
    """You skip every corner. On a corner not every claim is right: it must lie between the slopes of the two sides."""
    h, claimed, middle = 1e-5, np.asarray(grad(theta), float), f(theta)
    error = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        left, right = (middle - f(theta - step)) / h, (f(theta + step) - middle) / h
        off = abs(claimed[index] - (left + right) / 2)
        corner = abs(left - right) > 1e-2
        error[index] = 0 if corner or off < 1e-8 else gradcheck.relative_error(claimed[index], (left + right) / 2)
    worst = np.unravel_index(np.argmax(error), error.shape)
    return bool(error[worst] <= 1e-4), worst


one_number_for_a_place = slip(
    nearest_slope,
    {"unravel_index(np.argmax(error), error.shape)": "argmax(error)"},
    loses=("worst", "beside"),
    says="np.argmax counts the entries of a matrix as if they stood in one row. np.unravel_index makes an index of it.",
)


@trap("gradient-check", loses=("worst",))
def worst_by_difference(f, grad, theta):
    """You name the place of the largest difference. Worst is where the relative error is largest."""
    h, claimed, middle = 1e-5, np.asarray(grad(theta), float), f(theta)
    off, error = np.zeros(theta.shape), np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        left, right = (middle - f(theta - step)) / h, (f(theta + step) - middle) / h
        nearest = np.clip(claimed[index], min(left, right), max(left, right))
        off[index] = abs(claimed[index] - nearest)
        error[index] = 0 if off[index] < 1e-8 else gradcheck.relative_error(claimed[index], nearest)
    return bool(np.all(error <= 1e-4)), np.unravel_index(np.argmax(off), off.shape)


one_right_is_enough = slip(
    nearest_slope,
    {"np.all": "np.any"},
    loses=("transpose", "sign", "permille", "nan", "worst", "flat", "corner", "beside"),
    says="You accept a gradient as soon as one entry is right. Every entry must be right: all, not any.",
)


@trap(
    "gradient-check",
    loses=("sum", "transpose", "prime", "sign", "permille", "nan", "worst", "flat", "corner", "beside"),
)
def verdict_upside_down(f, grad, theta):
    """Your verdict is upside down: the first thing you give is True when the gradient is right."""
    h = 1e-05
    g = np.asarray(grad(theta), float)
    rel = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        l = (f(theta) - f(theta - e)) / h
        r = (f(theta + e) - f(theta)) / h
        near = np.clip(g[i], min(l, r), max(l, r))
        d = abs(g[i] - near)
        if not d < 1e-08:
            rel[i] = d / max(abs(g[i]), abs(near))
    w = np.unravel_index(np.argmax(rel), theta.shape)
    return (bool(rel[w] > 0.0001), w)


@trap("gradient-check", loses=("flat",))
def too_much_is_round_off(f, grad, theta):
    """You let pass what is no round-off: only a difference below 1e-8 is. A small slope can be wrong too."""
    h = 1e-05
    g = np.asarray(grad(theta), float)
    worst = (0,) * theta.ndim
    big = 0
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        l = (f(theta) - f(theta - e)) / h
        r = (f(theta + e) - f(theta)) / h
        near = np.clip(g[i], min(l, r), max(l, r))
        if abs(g[i] - near) < 1e-05:
            continue
        rel = abs(g[i] - near) / max(abs(g[i]), abs(near))
        if not rel <= big:
            big = rel
            worst = i
    return (bool(big <= 0.0001), worst)


@trap("gradient-check", loses=("flat",))
def no_round_off(f, grad, theta):
    """You reject slopes whose difference is only round-off. A difference below 1e-8 passes, however large it is
    relatively.
    """
    h = 1e-05
    g = np.asarray(grad(theta), float)
    worst = None
    big = -1
    ok = True
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        l = (f(theta) - f(theta - e)) / h
        r = (f(theta + e) - f(theta)) / h
        lo, hi = (min(l, r), max(l, r))
        if lo <= g[i] <= hi:
            continue
        near = lo if abs(g[i] - lo) < abs(g[i] - hi) else hi
        rel = abs(g[i] - near) / max(abs(g[i]), abs(near))
        if not rel <= 0.0001:
            ok = False
        if not rel <= big:
            big = rel
            worst = i
    return (ok, worst if worst is not None else (0,) * theta.ndim)


@trap("gradient-check", loses=("flat",))
def claims_of_zero_pass(f, grad, theta):
    """A claimed slope of 0 always passes with you. It is the difference that may be tiny, not the claim."""
    h, claimed, wrong_by = (1e-05, np.asarray(grad(theta), float), np.zeros(theta.shape))
    for place in np.ndindex(*theta.shape):
        shift = np.zeros(theta.shape)
        shift[place] = h
        sides = ((f(theta) - f(theta - shift)) / h, (f(theta + shift) - f(theta)) / h)
        if not abs(claimed[place]) < 1e-08:
            wrong_by[place] = gradcheck.relative_error(claimed[place], np.clip(claimed[place], min(sides), max(sides)))
    worst = np.unravel_index(np.argmax(wrong_by), theta.shape)
    return (bool(wrong_by[worst] <= 0.0001), worst)


@alternative("gradient-check")
def central_first(f, grad, theta):
    h, claimed = 1e-5, np.asarray(grad(theta), float)
    measured = gradcheck.numerical_gradient(f, theta, h)
    worst, largest = (0,) * theta.ndim, 0.0
    for index in np.ndindex(theta.shape):
        error = gradcheck.relative_error(claimed[index], measured[index])
        if error <= 1e-4 or abs(claimed[index] - measured[index]) < 1e-8:
            continue
        step = h * (np.arange(theta.size) == np.ravel_multi_index(index, theta.shape)).reshape(theta.shape)
        sides = sorted([(f(theta) - f(theta - step)) / h, (f(theta + step) - f(theta)) / h])
        room = 1e-4 * abs(claimed[index])
        if sides[0] - room <= claimed[index] <= sides[1] + room:
            continue
        if not error <= largest:
            worst, largest = index, error
    return largest == 0.0, list(worst)


@alternative("gradient-check")
def all_sides_as_arrays(f, grad, theta):
    h, shape = 1e-6, theta.shape
    steps = [h * e.reshape(shape) for e in np.eye(theta.size)]
    right = np.array([f(theta + s) - f(theta) for s in steps]).reshape(shape) / h
    left = np.array([f(theta) - f(theta - s) for s in steps]).reshape(shape) / h
    claimed = np.asarray(grad(theta), float)
    low, high = np.minimum(left, right), np.maximum(left, right)
    outside = np.maximum(0, np.maximum(low - claimed, claimed - high))
    outside = np.where(np.isnan(claimed), np.inf, outside)
    error = np.where(outside < 1e-8, 0, outside / np.maximum(np.abs(low), np.abs(high)))
    return bool((error < 1e-4).all()), np.argwhere(error == error.max())[0]


# 6.5 forward_passes and flops ----------------------------------------------------------------------------------------


@trap("count-cost", loses=("passes",), answer="forward_passes")
def start_forgotten(n_weights, scheme):
    """Every forward difference starts from f(theta). You need that value once, besides one pass for each weight."""
    return {"forward": n_weights, "central": 2 * n_weights, "complex": n_weights, "backprop": 1}[scheme]


@trap("count-cost", loses=("passes",), answer="forward_passes")
def start_measured_again(n_weights, scheme):
    """You compute f(theta) again for every weight. It is the same number each time: once is enough."""
    return {"forward": 2 * n_weights, "central": 2 * n_weights, "complex": n_weights, "backprop": 1}[scheme]


@trap("count-cost", loses=("passes",), answer="forward_passes")
def middle_of_central(n_weights, scheme):
    """A central difference uses f to the left and f to the right. The value in the middle is not in its formula."""
    return {"forward": n_weights + 1, "central": 2 * n_weights + 1, "complex": n_weights, "backprop": 1}[scheme]


@trap("count-cost", loses=("passes",), answer="forward_passes")
def complex_counted_twice(n_weights, scheme):
    """The complex step needs no second value: one pass for each weight, with complex numbers."""
    return {"forward": n_weights + 1, "central": 2 * n_weights, "complex": 2 * n_weights, "backprop": 1}[scheme]


@trap("count-cost", loses=("passes",), answer="forward_passes")
def backprop_for_each_weight(n_weights, scheme):
    """Backprop does not start again for each weight. One forward pass, then one backward pass, give all slopes."""
    return {"forward": n_weights + 1, "central": 2 * n_weights, "complex": n_weights, "backprop": n_weights}[scheme]


@trap("count-cost", loses=("passes",), answer="forward_passes")
def backward_counted_too(n_weights, scheme):
    """Only forward passes are asked for. The backward pass comes besides them."""
    return {"forward": n_weights + 1, "central": 2 * n_weights, "complex": n_weights, "backprop": 2}[scheme]


@trap("count-cost", loses=("forward", "backward"), answer="flops")
def only_multiplications(sizes, m):
    """You count one operation a term. Each term of a matrix product is multiplied and then added: two operations."""
    forward = sum(sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes)))
    return forward, 2 * forward - sizes[0] * sizes[1] * m


@trap("count-cost", loses=("forward", "backward"), answer="flops")
def one_example(sizes, m):
    """You count one example. Every matrix product here has m columns, one for each example."""
    forward = sum(2 * sizes[l] * sizes[l - 1] for l in range(1, len(sizes)))
    return forward, 2 * forward - 2 * sizes[0] * sizes[1]


@trap("count-cost", loses=("forward", "backward"), answer="flops")
def one_addition_less(sizes, m):
    """A sum of q terms needs q − 1 additions, true. But the usual count, and ours, is 2 operations for every term."""
    forward = sum(sizes[l] * m * (2 * sizes[l - 1] - 1) for l in range(1, len(sizes)))
    to_weights = sum(sizes[l] * sizes[l - 1] * (2 * m - 1) for l in range(1, len(sizes)))
    to_layers = sum(sizes[l - 1] * m * (2 * sizes[l] - 1) for l in range(2, len(sizes)))
    return forward, to_weights + to_layers


@trap("count-cost", loses=("forward", "backward"), answer="flops")
def biases_counted(sizes, m):
    """You count the biases too. Here only the matrix products count; all the rest is small beside them."""
    products = [2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes))]
    biases = m * sum(sizes[1:])
    return sum(products) + biases, sum(products) + sum(products[1:]) + biases


@trap("count-cost", loses=("backward",), answer="flops")
def weights_only(sizes, m):
    """Your backward pass finds the slopes of the weights, but delta does not travel. BP2 has matrix products too."""
    forward = sum(2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes)))
    return forward, forward


@trap("count-cost", loses=("backward",), answer="flops")
def down_to_the_input(sizes, m):
    """You send delta down to the input too. Nobody needs the gradient of the input here: delta stops at layer 1."""
    forward = sum(2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes)))
    return forward, 2 * forward


@trap("count-cost", loses=("backward",), answer="flops")
def signal_only(sizes, m):
    """You count how delta travels back (BP2), but not the products that give the slopes of the weights (BP4)."""
    products = [2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes))]
    return sum(products), sum(products[1:])


@trap("count-cost", loses=("backward",), answer="flops")
def first_weights_forgotten(sizes, m):
    """Your backward pass stops one layer too early: w1 needs its slopes too. Only delta ends at layer 1."""
    products = [2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes))]
    return sum(products), 2 * sum(products[1:])


@trap("count-cost", loses=("backward",), answer="flops")
def last_layer_spared(sizes, m):
    """You leave out a product of the last layer. It is layer 1 that needs one product less: nobody asks for
    delta[0].
    """
    p = [2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes))]
    return (sum(p), sum(p) + sum(p[:-1]))


@trap("count-cost", loses=("forward", "backward"), answer="flops")
def biases_added(sizes, m):
    """You count the additions of the biases too. Only matrix products are asked for."""
    p = [2 * sizes[l] * sizes[l - 1] * m + sizes[l] * m for l in range(1, len(sizes))]
    return (sum(p), sum(p) + sum(p[1:]))


@trap("count-cost", loses=("backward",), answer="flops")
def both_passes_together(sizes, m):
    """Your second number holds the forward pass too. Give the backward pass by itself."""
    p = [2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes))]
    return (sum(p), 2 * sum(p) + sum(p[1:]))


@alternative("count-cost", answer="forward_passes")
def with_ifs(n_weights, scheme):
    if scheme == "forward":
        return 1 + n_weights
    if scheme == "central":
        return n_weights + n_weights
    if scheme == "complex":
        return n_weights
    return 1


@alternative("count-cost", answer="flops")
def layer_by_layer(sizes, m):
    forward = backward = 0
    for layer in range(1, len(sizes)):
        product = 2 * sizes[layer] * sizes[layer - 1] * m
        forward += product
        backward += product
        if layer > 1:
            backward += product
    return forward, backward


@alternative("count-cost", answer="flops")
def as_arrays(sizes, m):
    n = np.array(sizes)
    products = 2 * m * n[1:] * n[:-1]
    return np.array([products.sum(), products.sum() + products[1:].sum()])


# 6.6 and 6.7 wrong_parameters, fixed_backprop ------------------------------------------------------------------------


@alternative("wrong-parameters")
def name_by_name(checker, cost, backprop, parameters):
    names = []
    for name in parameters:

        def f(value, name=name):
            return cost({**parameters, name: value})

        def grad(value, name=name):
            return backprop({**parameters, name: value})[name]

        if not checker(f, grad, parameters[name])[0]:
            names.append(name)
    return names


names_the_right_ones = slip(
    name_by_name,
    {"if not": "if"},
    loses=("one", "several", "entry"),
    says="You name the parameters whose gradient is right. The others are asked for.",
)


stops_at_the_first = slip(
    name_by_name,
    {"    names = []\n": "", "names.append(name)": "return [name]", "return names": "return []"},
    loses=("several",),
    says="You stop at the first wrong parameter. There may be more of them: look at all.",
)


@trap("wrong-parameters", loses=("one", "several", "entry"))
def cost_that_stays(checker, cost, backprop, parameters):
    """Your f gives the same cost whatever its array is. It should put the array into the dict before it asks cost."""
    names = []
    for name in parameters:
        right, _ = checker(lambda v: cost(parameters), lambda v, n=name: backprop(parameters)[n], parameters[name])
        if not right:
            names.append(name)
    return names


@trap("wrong-parameters", loses=("entry",))
def first_entry_only(checker, cost, backprop, parameters):
    """You look only at the first entry of each parameter. A bug can sit in any entry."""
    gradients, h, names = backprop(parameters), 1e-5, []
    for name, value in parameters.items():
        step = np.zeros(value.shape)
        step.flat[0] = h
        slope = (cost({**parameters, name: value + step}) - cost({**parameters, name: value - step})) / (2 * h)
        if gradcheck.relative_error(gradients[name].flat[0], slope) > 1e-4:
            names.append(name)
    return names


all_or_nothing = slip(
    name_by_name,
    {"    names = []\n": "", "names.append(name)": "return list(parameters)", "return names": "return []"},
    loses=("one", "several", "entry"),
    says="You name all parameters as soon as one is wrong. Check each one by itself, and name only those that fail.",
)


pair_is_always_true = slip(
    name_by_name,
    {"[0]:": ":"},
    loses=("one", "several", "entry"),
    says="Your list stays empty. Is the name appended? The checker gives a pair, always true: ask its first item.",
)


@alternative("checker-bugs")
def line_by_line(p, X, Y):
    m = X.shape[1]
    A1 = sigmoid(p["w1"] @ X + p["b1"])
    A2 = sigmoid(p["w2"] @ A1 + p["b2"])
    A3 = sigmoid(p["w3"] @ A2 + p["b3"])
    D3 = (A3 - Y) * A3 * (1 - A3)
    D2 = p["w3"].T @ D3 * A2 * (1 - A2)
    D1 = p["w2"].T @ D2 * A1 * (1 - A1)
    return {
        "w1": D1 @ X.T / m,
        "b1": D1.mean(axis=1, keepdims=True),
        "w2": D2 @ A1.T / m,
        "b2": D2.mean(axis=1, keepdims=True),
        "w3": D3 @ A2.T / m,
        "b3": D3.mean(axis=1, keepdims=True),
    }


only_the_sum_mended = slip(
    line_by_line,
    {"(A3 - Y) * A3 * (1 - A3)": "A3 - Y", 'p["w2"].T': 'p["w2"]'},
    loses=("last", "middle", "first", "proportions"),
    says="Two bugs are left. Every parameter is still wrong, so look at the output first. What does BP1 say there?",
)


output_left = slip(
    line_by_line,
    {"(A3 - Y) * A3 * (1 - A3)": "A3 - Y"},
    loses=("last", "middle", "first"),
    says="One bug is left, at the output, and every parameter suffers. What does BP1 say for the quadratic cost?",
)


sum_and_output_left = slip(
    line_by_line,
    {"(A3 - Y) * A3 * (1 - A3)": "A3 - Y", "D2.mean": "D2.sum"},
    loses=("last", "middle", "first"),
    says="The transpose is right now. Two bugs are left. Every parameter is still wrong, so mend the output next.",
)


nothing_mended = slip(
    line_by_line,
    {"(A3 - Y) * A3 * (1 - A3)": "A3 - Y", 'p["w2"].T': 'p["w2"]', "D2.mean": "D2.sum"},
    loses=("last", "middle", "first", "proportions"),
    says="All three bugs are still there. Every parameter is wrong, so begin where all of them begin: at the output.",
)


output_mended = slip(
    line_by_line,
    {'p["w2"].T': 'p["w2"]', "D2.mean": "D2.sum"},
    loses=("middle", "first", "proportions"),
    says="The output is right now. Two bugs are left: which parameters does your checker still name?",
)


sum_left = slip(
    line_by_line,
    {"D2.mean": "D2.sum"},
    loses=("middle",),
    says="One bug is left, in b2 alone. The cost is a mean over the examples: compare b2 with the other two biases.",
)


transpose_left = slip(
    line_by_line,
    {'p["w2"].T': 'p["w2"]'},
    loses=("first", "proportions"),
    says="One bug is left, on the way from layer 2 back to layer 1. Its shapes fit by accident, because w2 is square.",
)


all_biases_are_sums = slip(
    line_by_line,
    {"D1.mean": "D1.sum", "D2.mean": "D2.sum", "D3.mean": "D3.sum"},
    loses=("last", "middle", "first"),
    says="You made sums of all biases' slopes. The cost is a mean over the examples, so all of them are means.",
)


prime_at_a = slip(
    line_by_line,
    {"A3 * (1 - A3)": "sigmoid(A3) * (1 - A3)", "(1 - A3)": "(1 - sigmoid(A3))"},
    loses=("last", "middle", "first"),
    says="σ′ is there now, but at the wrong place: you apply σ once more to A3. What is σ′(z), when a is known?",
)


@alternative("wrong-parameters")
def slopes_by_hand(checker, cost, backprop, parameters):
    wrong, claimed = set(), backprop(parameters)
    for name, value in parameters.items():
        for index in np.ndindex(value.shape):
            moved = {key: array.copy() for key, array in parameters.items()}
            moved[name][index] += 1e-5
            after = cost(moved)
            moved[name][index] -= 2e-5
            if gradcheck.relative_error(claimed[name][index], (after - cost(moved)) / 2e-5) > 1e-4:
                wrong.add(name)
    return wrong


@alternative("wrong-parameters")
def with_the_library(checker, cost, backprop, parameters):
    gradients = backprop(parameters)
    return [
        name
        for name, value in parameters.items()
        if not gradcheck.gradient_check(lambda v, n=name: cost({**parameters, n: v}), gradients[name], value)
    ]


@trap("checker-bugs", loses=("last", "middle", "first"))
def divided_by_the_rows(p, X, Y):
    """You divide by the number of rows of X, its inputs. The mean is over the examples, and each is a column."""
    L = [X]
    for l in (1, 2, 3):
        L.append(sigmoid(p[f"w{l}"] @ L[-1] + p[f"b{l}"]))
    d = (L[3] - Y) * L[3] * (1 - L[3]) / len(X)
    g = {}
    for l in (3, 2, 1):
        g[f"w{l}"] = d @ L[l - 1].T
        g[f"b{l}"] = d.sum(axis=1, keepdims=True)
        d = p[f"w{l}"].T @ d * L[l - 1] * (1 - L[l - 1])
    return g


@alternative("checker-bugs")
def by_einsum(p, X, Y):
    A = [X]
    for layer in (1, 2, 3):
        A.append(sigmoid(np.einsum("ij,jm->im", p[f"w{layer}"], A[-1]) + p[f"b{layer}"]))
    signal, gradients = A[3] - Y, {}
    for layer in (3, 2, 1):
        signal = signal * A[layer] * (1 - A[layer])
        gradients[f"w{layer}"] = np.einsum("im,jm->ij", signal, A[layer - 1]) / X.shape[1]
        gradients[f"b{layer}"] = signal.sum(axis=1, keepdims=True) / X.shape[1]
        signal = np.einsum("ij,im->jm", p[f"w{layer}"], signal)
    return gradients


@trap("wrong-parameters", loses=("one", "several", "entry"))
def name_looked_up_too_late(checker, cost, backprop, parameters):
    """A function looks a name up when it is called. When yours are called the loop is over: all see the last name."""
    asked = {}
    for name in parameters:
        f = lambda value: cost({**parameters, name: value})  # noqa: B023, E731
        asked[name] = f, lambda value: backprop({**parameters, name: value})[name]  # noqa: B023
    return [each for each in parameters if not checker(*asked[each], parameters[each])[0]]


half_a_slope_in_the_middle = slip(
    line_by_line,
    {"D3 * A2 * (1 - A2)": "D3 * A2"},
    loses=("middle", "first", "proportions"),
    says="On the way through layer 2 a part of the slope of its sigmoid is missing.",
)


own_activations_for_w2 = slip(
    line_by_line,
    {"D2 @ A1.T": "D2 @ A2.T"},
    loses=("middle", "proportions"),
    says="For w2 you take the activations of the layer it leads to. A weight meets those of the layer it comes from.",
)


# 6.8 extrapolate -----------------------------------------------------------------------------------------------------


@trap("extrapolate", loses=("exponent", "seconds", "rough"))
def straight_line(weights, seconds, n):
    """You fit a straight line to the seconds themselves. A power is straight only when both axes are logarithms."""
    slope, height = np.polyfit(weights, seconds, 1)
    return slope, slope * n + height


@trap("extrapolate", loses=("exponent", "seconds", "rough"))
def one_axis_only(weights, seconds, n):
    """You take the logarithm of the seconds only. Then the line is an exponential, which grows far too fast."""
    slope, height = np.polyfit(weights, np.log(seconds), 1)
    return slope, np.exp(np.clip(slope * n + height, -700, 700))


@trap("extrapolate", loses=("seconds", "rough"))
def in_proportion(weights, seconds, n):
    """You scale in proportion to the weights, as if the exponent were 1. Use the exponent that you found."""
    exponent = np.polyfit(np.log(weights), np.log(seconds), 1)[0]
    return exponent, seconds[-1] * n / weights[-1]


@trap("extrapolate", loses=("seconds", "rough"))
def log_seconds(weights, seconds, n):
    """You give the logarithm of the seconds. Turn it back into seconds with np.exp."""
    exponent, height = np.polyfit(np.log(weights), np.log(seconds), 1)
    return exponent, exponent * np.log(n) + height


@trap("extrapolate", loses=("seconds", "rough"))
def two_kinds_of_log(weights, seconds, n):
    """You mix two kinds of logarithm. What log10 did, 10 ** … undoes; what log did, exp undoes."""
    exponent, height = np.polyfit(np.log10(weights), np.log10(seconds), 1)
    return exponent, np.exp(exponent * np.log10(n) + height)


@trap("extrapolate", loses=("seconds", "rough"))
def without_the_factor(weights, seconds, n):
    """You give n to the power of the exponent. The factor in front of the power is missing: the height of the line."""
    exponent = np.polyfit(np.log(weights), np.log(seconds), 1)[0]
    return exponent, n**exponent


@trap("extrapolate", loses=("exponent", "seconds", "rough"))
def weights_on_the_wrong_axis(weights, seconds, n):
    """Your axes are exchanged. The seconds follow the weights, so the weights go on the x-axis."""
    exponent, height = np.polyfit(np.log(seconds), np.log(weights), 1)
    return exponent, np.exp(exponent * np.log(n) + height)


@trap("extrapolate", loses=("rough",))
def first_and_last(weights, seconds, n):
    """You use only two of the timings. One rough timing then spoils the result; fit a line through all of them."""
    exponent = np.log(seconds[-1] / seconds[0]) / np.log(weights[-1] / weights[0])
    return exponent, seconds[-1] * (n / weights[-1]) ** exponent


@trap("extrapolate", loses=("rough",))
def through_the_last(weights, seconds, n):
    """Your exponent comes from all timings, but your line goes through the last one. Take its fitted height too."""
    exponent = np.polyfit(np.log(weights), np.log(seconds), 1)[0]
    return exponent, seconds[-1] * (n / weights[-1]) ** exponent


@trap("extrapolate", loses=("rough",))
def last_two_only(weights, seconds, n):
    """You use only the last two timings. One rough timing then spoils the result; fit a line through all of them."""
    p = np.log(seconds[-1] / seconds[-2]) / np.log(weights[-1] / weights[-2])
    return (p, seconds[-1] * (n / weights[-1]) ** p)


@trap("extrapolate", loses=("exponent", "seconds", "rough"))
def results_exchanged(weights, seconds, n):
    """You give the seconds first. The exponent comes first, and then the seconds."""
    p, c = np.polyfit(np.log(weights), np.log(seconds), 1)
    return (np.exp(c + p * np.log(n)), p)


@trap("extrapolate", loses=("exponent", "seconds", "rough"))
def exponent_rounded(weights, seconds, n):
    """You round the exponent to a whole number. A measured exponent is what the fit says, such as 1.2."""
    p, c = np.polyfit(np.log(weights), np.log(seconds), 1)
    p = round(p)
    c = np.mean(np.log(seconds) - p * np.log(weights))
    return (p, np.exp(c + p * np.log(n)))


@trap("extrapolate", loses=("seconds", "rough"))
def seconds_of_one_weight(weights, seconds, n):
    """You give the seconds for a network of one weight: where log n is 0. Go along the line to n."""
    p, c = np.polyfit(np.log(weights), np.log(seconds), 1)
    return (p, np.exp(c))


@trap("extrapolate", loses=("seconds", "rough"))
def tens_and_e(weights, seconds, n):
    """Two kinds of logarithm meet: one to the base 10 and one to the base e. Take the same on both axes and on the
    way back.
    """
    p, c = np.polyfit(np.log10(weights), np.log10(seconds), 1)
    return (p, np.exp(c + p * np.log(n)))


@alternative("extrapolate")
def middle_of_the_logs(weights, seconds, n):
    x, y = np.log(weights), np.log(seconds)
    exponent = np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2)
    return exponent, np.exp(y.mean() + exponent * (np.log(n) - x.mean()))


@alternative("extrapolate")
def factor_times_power(weights, seconds, n):
    table = np.column_stack([np.log10(weights), np.ones(len(weights))])
    exponent, height = np.linalg.lstsq(table, np.log10(seconds), rcond=None)[0]
    return [exponent, 10**height * float(n) ** exponent]


# 6.9 complex_step ----------------------------------------------------------------------------------------------------


@alternative("complex-step")
def one_imaginary_step_at_a_time(f, theta, h=1e-20):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape, complex)
        step[index] = 1j * h
        gradient[index] = f(theta + step).imag / h
    return gradient


real_part = slip(
    one_imaginary_step_at_a_time,
    {"imag / h": "real / h"},
    loses=("step", "tiny"),
    says="You take the real part, which is the value of f. The slope has gone into the imaginary part.",
)


not_divided = slip(
    one_imaginary_step_at_a_time,
    {"imag / h": "imag"},
    loses=("step", "tiny"),
    says="You give the imaginary part itself. It is the slope times h: what is left to do?",
)


@trap("complex-step", loses=("step", "tiny"))
def no_imaginary_part(f, theta, h=1e-20):
    """Your f stays real. Either your step is real, or your array holds floats, with no room for an imaginary part."""
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        moved = theta.copy()
        moved[index] += 1j * h
        gradient[index] = np.imag(f(moved)) / h
    return gradient


@trap("complex-step", loses=("step", "tiny"))
def every_entry_at_once(f, theta, h=1e-20):
    """You move all coordinates together and get the sum of all slopes. Move one coordinate at a time."""
    return np.full(theta.shape, f(theta + 1j * h).imag / h)


always_tiny = slip(
    one_imaginary_step_at_a_time,
    {"1j * h": "1e-20j", "imag / h": "imag / 1e-20"},
    loses=("step",),
    says="You use a step of your own. Use the h that the function is given.",
)


@trap("complex-step", loses=("step", "tiny"))
def a_difference_after_all(f, theta, h=1e-20):
    """This is a difference of two real values again. With a tiny step nothing of it is left; step along i instead."""
    return gradcheck.numerical_gradient(f, theta, h)


@trap("complex-step", loses=("step", "tiny"))
def kept_complex(f, theta, h=1e-20):
    """You keep the whole complex number. The slope is in its imaginary part: take that alone."""
    g = np.zeros(theta.shape, complex)
    for i in np.ndindex(theta.shape):
        t = theta.astype(complex)
        t[i] += 1j * h
        g[i] = f(t) / h
    return g


@alternative("complex-step")
def on_a_complex_copy(f, theta, h=1e-20):
    moved = theta.astype(complex)
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        moved[index] = complex(theta[index], h)
        gradient[index] = np.imag(f(moved)) / h
        moved[index] = theta[index]
    return gradient


@alternative("complex-step")
def all_unit_steps(f, theta, h=1e-20):
    steps = np.eye(theta.size).reshape(theta.size, *theta.shape)
    return np.array([f(theta + 1j * h * step).imag / h for step in steps]).reshape(theta.shape)


@trap("complex-step", loses=("step", "tiny"))
def size_of_the_value(f, theta, h=1e-20):
    """You take the size of what f gives. The slope is in one part of that complex number alone."""
    slopes = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        moved = theta.astype(complex)
        moved[i] += 1j * h
        slopes[i] = abs(f(moved)) / h
    return slopes


@trap("complex-step", loses=("step", "tiny"))
def real_part_of_the_change(f, theta, h=1e-20):
    """You take the real part. An imaginary step leaves its mark in the other part."""
    slopes = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        moved = theta.astype(complex)
        moved[i] += 1j * h
        slopes[i] = np.real((f(moved) - f(theta.astype(complex))) / h)
    return slopes


@trap("complex-step", loses=("step", "tiny"))
def real_step(f, theta, h=1e-20):
    """Your step is real, so you take a difference, and a tiny one is lost. Make the step imaginary."""
    slopes = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        moved = theta.astype(complex)
        moved[i] += h
        slopes[i] = np.real(f(moved) - f(theta.astype(complex))) / h
    return slopes
