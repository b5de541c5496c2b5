"""The entries of the engine's table (`RULES` in autodiff.py) that take more than a line.

In all of them g is the upstream gradient, z the op's output, and x, y (or w, a, b) its inputs: arrays or plain numbers.
"""

from functools import lru_cache

import numpy as np

from course_lib.arguments import floats


def without_wrapping(x):
    """Whole numbers and lists as floats: small whole numbers would wrap around at a minus."""
    is_whole = getattr(getattr(x, "dtype", None), "kind", "f") in "biu"
    return floats(x, "z") if is_whole or isinstance(x, list | tuple) else x


@np.errstate(over="ignore")  # far to the left exp gives inf, and 1 / (1 + inf) = 0
def sigmoid(x):
    kind = getattr(getattr(x, "dtype", None), "kind", "")
    if kind == "c":
        return (1 + np.tanh(x / 2)) / 2  # the same, without the infinity, which has no complex direction
    if kind != "f":
        x = without_wrapping(x)
    e = np.exp(-x)
    e += 1  # in the array that exp has just made
    return np.reciprocal(e)


def softplus(x):
    """ln(1 + e^x), computed where the exponential is below 1; a complex step, too, comes through."""
    x = without_wrapping(x)
    positive = np.real(x) > 0
    return np.where(positive, x, 0) + np.log1p(np.exp(np.where(positive, -x, x)))


def power_base(g, z, x, y):
    y = 1.0 * y  # small integers would wrap around at y - 1
    return g * y * x ** (y - (y != 0))  # y x^(y-1), and 0 for y = 0 also at x = 0


def power_exponent(g, z, x, y):
    stays_0 = (x == 0) & (y >= 0)  # 0^y is 0 beside y, too; for y < 0 it is infinite, and so is its slope
    return g * z * np.log(1.0 * x + stays_0)  # x^y log x; NumPy takes the log of small integers in half precision


def route(g, z, chosen):
    """The gradient goes to the input that was chosen; NaN chooses none, and shows."""
    return np.where(np.isnan(z), z, g * chosen)


def where(x, y, c):
    return np.where(c, x, y)


def matmul(x, y):
    """x @ y, as NumPy defines it.

    Raises:
        ValueError: for shapes that do not fit, with both.
    """
    try:
        return np.dot(x, y) if np.ndim(x) == np.ndim(y) == 2 else np.matmul(x, y)  # dot is faster on thin matrices
    except ValueError:
        raise ValueError(
            "x @ y takes vectors and matrices, and x has as many columns as y has rows; "
            f"got shapes {np.shape(x)} and {np.shape(y)}. For a plain number write x * y."
        ) from None


def matmul_left(g, z, x, y):
    if np.ndim(y) == 1:  # y stands for one column
        g, y = g[..., None], y[:, None]
    if np.ndim(x) == 1:  # x stands for one row
        return matmul(g[..., None, :], np.swapaxes(y, -1, -2))[..., 0, :]
    return matmul(g, np.swapaxes(y, -1, -2))


def matmul_right(g, z, x, y):
    if np.ndim(x) == 1:
        g, x = (g[..., None, :] if np.ndim(y) > 1 else g[None]), x[None, :]
    if np.ndim(y) == 1:
        return matmul(np.swapaxes(x, -1, -2), g[..., None])[..., 0]
    return matmul(np.swapaxes(x, -1, -2), g)


def linear(w, a, b):
    """w @ a + b: w (n, k), a (k, m), b (n, 1).

    Raises:
        ValueError: for other shapes, with all three.
    """
    try:
        (n, k), (rows, _) = w.shape, a.shape
        fits = k == rows and b.shape == (n, 1)
    except (AttributeError, ValueError):  # a plain number; one axis, or three
        fits = False
    if not fits:
        raise ValueError(
            "linear(w, a, b) = w @ a + b takes matrices: a has one column an example and a row for each column of w, "
            "and b is one column of as many rows as w; "
            f"got shapes {np.shape(w)}, {np.shape(a)} and {np.shape(b)}."
        )
    return weighted_sums(w, a, b)


def weighted_sums(w, a, b):
    """w @ a + b for matrices that fit. The product is a new array, so b is added in it, if it can hold the sums."""
    z = np.dot(w, a)
    if z.dtype is not b.dtype:
        return z + b
    z += b
    return z


@lru_cache
def _ones(m, dtype):
    return np.ones((m, 1), dtype)


def sum_of_columns(g):
    """g summed over its m columns, (n, m) to (n, 1): a product with ones, which is faster than a sum."""
    return np.dot(g, _ones(g.shape[1], g.dtype))


def spread(g, z, x, axis, keepdims):
    """Undo a sum: every number that went into it receives the gradient of the sum."""
    return np.broadcast_to(g if axis is None or keepdims else np.expand_dims(g, axis), x.shape)


def spread_evenly(g, z, x, axis, keepdims):
    """Undo a mean: each of the n numbers that went into one receives its n-th part."""
    return spread(g / (x.size / max(z.size, 1)), z, x, axis, keepdims)


@np.errstate(invalid="ignore")  # where the extreme is NaN nothing is found, and 0 / 0 is NaN again
def to_extremes(g, z, x, axis, keepdims):
    """Undo a max or min: its gradient goes where it was found; where it was found twice, each receives half."""
    found = x == spread(z, z, x, axis, keepdims)
    return spread(g, z, x, axis, keepdims) * found / found.sum(axis, keepdims=True)


def untranspose(g, z, x, axes):
    return g.transpose(None if axes is None else np.argsort(np.mod(axes, g.ndim)))


def scatter(g, z, x, index):
    """Undo x[index]: the gradient goes back to where the numbers came from; one taken twice receives twice."""
    gradient = np.zeros_like(x)
    np.add.at(gradient, index, g)
    return gradient
