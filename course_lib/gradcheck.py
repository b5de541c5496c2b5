"""Gradients measured instead of derived, and the comparison of the two.

`f` is always a function of the parameters that returns one number. The parameters `theta` are one array, or a list of
arrays (the weights and biases of a network); gradients come back in the same form. `theta` itself is never changed.

Three ways to measure a slope along one coordinate (see Nocedal & Wright, Numerical Optimization, section 8.1; for the
third, Squire & Trapp, SIAM Review 40, 1998):

    scheme      formula                              error      passes for n parameters
    "forward"   (f(t + h) - f(t)) / h                O(h)       n + 1
    "central"   (f(t + h) - f(t - h)) / 2h           O(h^2)     2n (two more if the step is left to us)
    "complex"   imaginary part of f(t + ih), by h    O(h^2)     n, each with complex numbers; no cancellation
"""

import textwrap
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from course_lib.arguments import MANY, generator, numbers, real_number, whole_number
from course_lib.autodiff import Tensor

SCHEMES = ("forward", "central", "complex")
COLUMNS = 70  # letters in a printed line: more are broken inside a word where the page is narrow


def default_step(scheme: str = "central", dtype=float) -> float:
    """The step that balances truncation against round-off, for a function computed in `dtype`, of values around 1.

    forward: eps^(1/2), central: eps^(1/3), where eps is the spacing of floats at 1. The complex step subtracts nothing,
    so it can be as small as 1e-20.

    Raises:
        ValueError: for another scheme, or a dtype that is no float's.
    """
    try:
        eps = float(np.finfo("O" if dtype is None else dtype).eps)
    except (TypeError, ValueError):
        raise ValueError(f"A step is for floats, dtype float or np.float32; got {dtype!r:.60}.") from None
    steps = {"forward": eps ** (1 / 2), "central": eps ** (1 / 3), "complex": 1e-20}
    if not isinstance(scheme, str) or scheme not in steps:
        raise ValueError(f"There is no scheme {scheme!r}; choose one of {', '.join(SCHEMES)}.")
    return steps[scheme]


def numerical_gradient(f, theta, h: float | None = None, scheme: str = "central"):
    """The gradient of f at theta by finite differences, in the form of theta.

    `h` is the step, the same along every coordinate; if it is None, `default_step` times max(1, |coordinate|).
    The arithmetic is that of float64 (for "complex": complex128) unless f itself returns float32.

    Raises:
        ValueError: for an unknown scheme, an h that is not above 0 or moves no float, an f that does not return one
            number, an f that changes its argument, or a complex step through an f that drops the imaginary part. If the
            step of "central" is left to us, f is asked at theta first and last: for an f that then gives two values.
        TypeError: for a theta that does not hold real numbers, or an f that is no function.
    """
    default_step(scheme)
    h = _step(h)
    parts, call = _private_copy(f, theta, complex if scheme == "complex" else float)
    step = default_step(scheme) if h is None else h
    base = call() if scheme == "forward" or (scheme == "central" and h is None) else None
    if h is None and base is not None:
        step = default_step(scheme, base.dtype)  # f may compute in float32
    gradient = [np.empty(part.shape) for part in parts]
    for part, slopes in zip(parts, gradient, strict=True):
        for index in np.ndindex(part.shape):
            along = _coordinate(call, part, index)
            length = step * max(1.0, abs(part[index])) if h is None else step
            if scheme != "complex":
                _check_move(part[index], length, h)
            slopes[index] = _slope(along, base, length, scheme)
    problem = _change(parts, theta)
    if scheme == "central" and h is None:
        problem = problem or _randomness(base, call())
    if problem:
        raise ValueError(problem)
    return gradient if _is_list(theta) else gradient[0]


def relative_error(a, b):
    """|a - b| / max(|a|, |b|), coordinate by coordinate; 0 where both are equal. Scaling a and b changes nothing.

    Arguments broadcast; the result has their common shape (a float if they are numbers). NaN gives NaN, and so does an
    infinity beside anything but itself.

    Raises:
        ValueError: for shapes that do not broadcast.
    """
    a, b = _real(a, "a"), _real(b, "b")
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise ValueError(f"a and b do not fit together: their shapes are {a.shape} and {b.shape}.") from None
    size = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore"):  # 0/0 and inf/inf
        error = np.where(a == b, 0.0, np.abs(a / size - b / size))  # 1e308 - -1e308 would be too large for a float
    return float(error) if error.ndim == 0 else error


@dataclass(frozen=True)
class GradientCheck:
    """What a check found. It is true if the gradient is right: `assert gradient_check(f, gradient, theta)`."""

    ok: bool
    message: str  # the verdict as a sentence
    worst: tuple | None = None  # where the two differ most: an index, with the array's number first for a list
    claimed: float = float("nan")  # the gradient there
    measured: float = float("nan")  # what finite differences say there
    error: float = float("nan")  # the relative error there
    kinks: int = 0  # coordinates where f has a corner, so that any slope between two is right
    passes: int = 0  # how often f was called

    def __bool__(self):
        return self.ok

    def __str__(self):
        return textwrap.fill(self.message, COLUMNS)


def gradient_check(f, gradient, theta, tolerance: float | None = None, h: float | None = None) -> GradientCheck:
    """Compare `gradient` with central differences of f at theta, at every coordinate.

    `gradient` has the form and shapes of theta, or is a function of theta that returns such. A coordinate is right if
    the relative error is at most `tolerance` (1e-5; 1e-2 if f or the gradient is float32) or the difference is within
    the round-off of the measurement. If not, the measurement is doubted before the gradient is. The step is made
    shorter, down to h / 1e5, as long as round-off is small beside the difference. Then the difference must fade, or f
    must have a corner right here and the gradient must lie between the two slopes. "Right here" means as near as such
    steps can see; for an f in float32 that is not very near. For parameters much smaller than 1, give an h to match.
    An f that computes in float32 has to return float32, or its round-off is taken for a wrong gradient.
    What is wrong with f or the gradient (None, another shape than theta's, a random f, an f that changes its argument
    or is not finite at theta) is reported in the message.

    Raises:
        ValueError: if f does not return one number, or for an h that is not above 0 or moves no float.
    """
    check = _Checker(f, gradient, theta, tolerance, h)
    for number, (part, slopes) in enumerate(check.pairs):
        for index in np.ndindex(part.shape):
            where, scale = (number, *index) if _is_list(theta) else index, max(1.0, abs(part[index]))
            _check_move(part[index], check.h * scale, h)
            check.compare(_coordinate(check.call, part, index), slopes[index], where, scale)
    return check.result("coordinate")


def direction_check(
    f, gradient, theta, rng=None, directions: int = 5, tolerance: float | None = None, h: float | None = None
) -> GradientCheck:
    """Compare gradient . v with the slope of f along random directions v: 2 passes a direction, whatever the size.

    For models too big for `gradient_check`. It finds every mistake that changes the gradient as a whole; a mistake in
    one weight of n changes a slope along v by about 1/sqrt(n) of its size and can go unseen.
    `rng` is a numpy.random.Generator or a seed (default: 0). `worst` is the number of the direction.

    Raises:
        ValueError: as in gradient_check, and for fewer than 1 direction.
        TypeError: as in gradient_check.
    """
    directions = whole_number(directions, "directions", most=MANY)  # with none, nothing would be checked
    rng = generator(0 if rng is None else rng)
    check = _Checker(f, gradient, theta, tolerance, h)
    size = np.sqrt(sum(np.sum(part**2) for part, _ in check.pairs))
    for number in range(directions if check.pairs else 0):
        v = [rng.normal(size=part.shape) for part, _ in check.pairs]
        length = np.sqrt(sum(np.sum(d**2) for d in v))
        v = [d / length for d in v]
        where, step = (np.concatenate([np.ravel(a) for a in some]) for some in ([part for part, _ in check.pairs], v))
        _check_move(where, check.h * max(1.0, size) * step, h)
        slope = sum(np.sum(slopes * d) for (_, slopes), d in zip(check.pairs, v, strict=True))
        along = _direction(check.call, [part for part, _ in check.pairs], v)
        check.compare(along, slope, (number,), max(1.0, size))
    return check.result("direction")


class _Checker:
    """Compares slopes one at a time and remembers what it found. `pairs` is empty if there is nothing to compare."""

    def __init__(self, f, gradient, theta, tolerance, h):
        self.passes, self.rows, self.pairs = 0, [], []
        h = _step(h)
        if tolerance is not None:
            tolerance = real_number(tolerance, "tolerance", with_low=True)
        parts, call = _private_copy(f, theta, float)

        def counted_call():
            self.passes += 1
            return call()

        claimed = gradient(deepcopy(theta)) if callable(gradient) else gradient
        if not _is_list(theta):
            claimed = [claimed]
        elif not isinstance(claimed, list | tuple):
            claimed = [claimed]  # reported below, as a wrong number of arrays
        none = next((number for number, g in enumerate(claimed) if g is None), None)
        claimed = [np.zeros(0) if g is None else _real(g, "The gradient") for g in claimed]
        self.call, self.base = counted_call, counted_call()
        again = self.call()
        self.problem = (
            _none(none, parts)
            or _mismatch(claimed, parts)
            or _change(parts, theta)
            or _no_number(self.base)
            or _randomness(self.base, again)
        )
        if not self.problem:
            self.pairs = [(part, np.asarray(g, float)) for part, g in zip(parts, claimed, strict=True)]
        coarse = any(np.finfo(x.dtype).eps > 1e-10 for x in (self.base, *claimed) if x.dtype.kind == "f")
        self.tolerance = (1e-2 if coarse else 1e-5) if tolerance is None else tolerance
        self.eps = np.finfo(self.base.dtype).eps
        self.h = default_step("central", self.base.dtype) if h is None else h

    def slopes(self, along, h):
        """The slope to the left, the slope to the right, and how far round-off can move their mean."""
        with np.errstate(all="ignore"):  # a step may leave the domain of f
            after, before = along(h), along(-h)
            noise = 10 * self.eps * max(abs(after), abs(before)) / h
            return float((self.base - before) / h), float((after - self.base) / h), float(noise)

    def compare(self, along, claimed, where, scale):
        """Add a row: the verdict on one claimed slope.

        Shorter steps tell what a difference comes from. It fades if f bends, or has a corner or the end of its domain
        nearby. It stays if the gradient is wrong. If f has a corner right here, the gap between the two slopes stays.
        """
        claimed, measured, verdict = float(claimed), np.nan, "wrong"
        off, first, gap = np.inf, 0.0, None  # the last difference, the first one, the first gap
        for shorter in (1, 10, 100, 1000, 1e4, 1e5):
            left, right, noise = self.slopes(along, self.h * scale / shorter)
            if not np.isfinite(right - left):
                continue  # the step leaves the domain of f
            mean = (left + right) / 2
            if not abs(mean - measured) <= noise:  # true for the first one, as measured is NaN
                measured = mean  # a change within the round-off would be no news
            if not np.isfinite(claimed):
                break  # wrong, whatever f does
            # Round-off excuses at most a twentieth of the last difference; in ever shorter steps it would excuse all.
            allowed = self.tolerance * max(abs(claimed), abs(mean), first) + min(noise, off / 20)
            off = abs(claimed - mean)
            if off <= allowed:
                verdict = "right"
                break
            if gap is None:  # the first measurement; the others are compared with it
                first, gap = off, abs(right - left) - noise
            elif noise > max(off, gap) / 20:
                break  # from here on round-off would decide
            slack = self.tolerance * max(abs(left), abs(right)) + noise
            corner_here = abs(right - left) > gap / 2 > slack  # where f bends, the slopes meet
            between = min(left, right) - slack <= claimed <= max(left, right) + slack
            verdict = "kink" if corner_here and between else "wrong"
        self.rows.append((verdict, relative_error(claimed, measured), where, claimed, measured))

    def result(self, noun):
        if self.problem or not self.rows:
            message = self.problem or "There are no parameters, so there is nothing to be wrong."
            return GradientCheck(not self.problem, message, passes=self.passes)
        wrong = [row for row in self.rows if row[0] == "wrong"]
        kinks = sum(row[0] == "kink" for row in self.rows)
        shown = wrong or [row for row in self.rows if row[0] == "right"] or self.rows
        _, error, where, claimed, measured = max(shown, key=lambda row: np.inf if np.isnan(row[1]) else row[1])
        total = f"{len(self.rows)} {noun}" + ("s" if len(self.rows) > 1 else "")
        if wrong:
            place = f"{noun} {list(where)}" if where else "the only one"
            message = (
                f"The gradient is wrong at {len(wrong)} of {total}. Worst is {place}: "
                f"the gradient says {claimed:.6g}, central differences say {measured:.6g} "
                f"(relative error {error:.1e}).{_hint(wrong)}"
            )
        else:
            # What is left is round-off: its digits differ from processor to processor, its size does not.
            size = f"below {10.0 ** np.ceil(np.log10(error)):.0e}" if error > 0 else "0"
            message = f"The gradient is right at all of {total}; the largest relative error is {size}."
        if kinks:
            message += f" At {kinks} of them f has a corner, and the gradient lies between the slopes on its two sides."
        return GradientCheck(not wrong, message, where, claimed, measured, error, kinks, self.passes)


def _none(number, parts):
    """A sentence if there is no gradient, of the given number of theta's, else None."""
    if number is None:
        return None
    of = f" number {number}" if len(parts) > 1 else ""
    return f"The gradient{of} is None: call backward first, on a cost that depends on theta{of}, and then read .grad."


def _mismatch(claimed, parts):
    """A sentence if the gradient does not have theta's form and shapes, else None."""
    if len(claimed) != len(parts):
        return f"theta is a list of {len(parts)} arrays, but the gradient is {len(claimed)} of them."
    for number, (slopes, part) in enumerate(zip(claimed, parts, strict=True)):
        if slopes.shape != part.shape:
            of = f" number {number}" if len(parts) > 1 else ""
            return f"The gradient{of} has shape {slopes.shape}, but theta{of} has shape {part.shape}."
    return None


def _change(parts, theta):
    """A sentence if f changed its argument in place, so that `parts` is no longer what theta is, else None."""
    for part, original in zip(parts, theta if _is_list(theta) else [theta], strict=True):
        if not np.array_equal(part, np.asarray(original, part.dtype), equal_nan=True):
            return "f changes its argument; work on a copy inside f."
    return None


def _no_number(value):
    """A sentence if f has no finite value at theta, else None."""
    if np.isfinite(value):
        return None
    return f"f is not finite at theta: it gives {value:.6g}, so there is no slope to compare the gradient with."


def _randomness(first, second):
    """A sentence if two calls of f at the same place gave different values, else None."""
    if first == second or (np.isnan(first) and np.isnan(second)):
        return None
    return (
        f"f gave {first:.6g} and then {second:.6g} for the same theta. Fix its random numbers first: "
        "make them from one seed inside f, or switch them off."
    )


def _hint(wrong):
    """A sentence about a mistake that shows in the same way everywhere, or nothing."""
    claimed, measured = np.array([row[3:] for row in wrong]).T
    if np.any(np.isnan(measured)):
        return " Where they say nan, f is not finite a short step away: choose another theta, or another h."
    if not np.any(measured):
        return " Where they say 0, f stays the same when its argument moves: does it use it?"
    if len(wrong) < 2 or not np.all(np.isfinite(claimed)) or not np.all(measured):
        return ""
    ratios = claimed / measured
    if np.ptp(ratios) > 1e-3 * abs(ratios[0]):
        return ""
    if not np.any(claimed):
        return " It is 0 at every wrong place: is a path from the parameter to the cost missing?"
    if abs(ratios[0] + 1) < 1e-3:
        return " Every wrong value has the right size and the wrong sign."
    return f" Every wrong value is {ratios.mean():.4g} times the right one: look for a constant factor."


def _step(h):
    """h as a float, because -h of a byte would wrap around."""
    return None if h is None else real_number(h, "h, the step,", below=1e300)


def _check_move(place, step, h):
    """Raises ValueError if a step from a place, both numbers or both arrays, leads nowhere."""
    if h is not None and np.all(np.isfinite(place)) and np.all(place + step == place):
        raise ValueError(
            f"With h = {h:g} the parameters stay what they are: beside numbers of their size the step is below the "
            "last digit of a float. Leave h out, or take one near 1e-5 times their size."
        )


def _real(value, name):
    """`numbers` as floats; float32 stays, because it says how exact a gradient is."""
    value = numbers(value, name)
    if value.dtype.kind == "c":
        raise TypeError(f"{name} holds real numbers; these are complex.")
    return value if value.dtype.kind == "f" else value.astype(float)


def _is_list(theta):
    return isinstance(theta, list | tuple) and any(isinstance(t, np.ndarray) for t in theta)


def _private_copy(f, theta, dtype):
    """The parameters as a list of arrays of our own, and a call of f on them that returns one NumPy number."""
    if not callable(f):
        raise TypeError(f"f is a function of theta that returns one number; got {f!r:.60}.")
    parts = [_real(t, "theta").astype(dtype) for t in (theta if _is_list(theta) else [theta])]
    argument, whole_values = parts if _is_list(theta) else parts[0], set()

    def call():
        value = f(argument)
        if value is None:
            raise ValueError("f must return one number; it returned None (is a return missing?).")
        value = numbers(value.data if isinstance(value, Tensor) else value, "What f returns")
        if value.size != 1:
            raise ValueError(f"f must return one number; it returned an array of shape {value.shape}.")
        if dtype is complex and value.dtype.kind != "c":
            raise ValueError(
                "f dropped the imaginary part, so the complex step cannot see a slope. "
                "Use scheme='central', or keep abs, max and float() out of f."
            )
        if dtype is float and value.dtype.kind == "c":
            raise ValueError("f returned a complex number, which has no slope among real ones: return its .real.")
        if value.dtype.kind in "fc":
            return value.reshape(())[()]
        whole_values.add(value.item())
        if len(whole_values) > 1:
            raise ValueError(
                "f returns whole numbers, and they change in jumps, which have no slope. Return a float, without int() "
                "and round(); in place of a number of mistakes, a smooth cost."
            )
        return np.float64(value.item())

    return parts, call


def _coordinate(call, part, index):
    """f as a function of one coordinate's shift t; the coordinate is put back, to the last bit, after every call."""

    def along(t):
        value = part[index]
        part[index] = value + t
        try:
            return call()
        finally:
            part[index] = value

    return along


def _direction(call, parts, v):
    """f as a function of a shift t of all parameters along v; they are put back after every call."""
    start = [part.copy() for part in parts]

    def along(t):
        for part, origin, d in zip(parts, start, v, strict=True):
            part[...] = origin + t * d
        try:
            return call()
        finally:
            for part, origin in zip(parts, start, strict=True):
                part[...] = origin

    return along


def _slope(along, base, h, scheme):
    if scheme == "forward":
        return float(along(h) - base) / h
    if scheme == "central":
        return float(along(h) - along(-h)) / (2 * h)
    return float(along(1j * h).imag) / h
