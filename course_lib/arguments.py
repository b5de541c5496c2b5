"""What comes from outside is looked at here, once, so that a mistake is told where it is made and in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np

NO_NUMBERS = (bool, np.timedelta64)  # that Python and NumPy count among the whole numbers
MANY = 10**9  # examples, classes, epochs: more is a mistake
FLOATS = frozenset({np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble})
ARRAYS = FLOATS | {np.ndarray}  # what NumPy computes with; a subclass, such as a masked array, is looked at
PLAIN = frozenset({bool, int, float, complex, np.float32, np.float64})  # numbers that an array takes as they are


def numbers(value: Any, name: str) -> np.ndarray:
    """`value` as a plain array of numbers; an array is used as it is and not copied.

    What NumPy keeps as objects is read where all of them are numbers: Fraction, Decimal, whole numbers of any length.

    Raises:
        OverflowError: for a whole number beyond all floats.
        TypeError: for anything that does not hold numbers, and for a masked array, which would lose its mask.
        ValueError: for rows of different length, and for a signaling nan of Decimal.
    """
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return value  # as nearly always
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and what it hides would count. Say what to put there: .filled(0).")
    try:
        array = np.asarray(value)
    except ValueError:  # NumPy's own message speaks of sequences and inhomogeneous shapes
        raise ValueError(f"{name} has rows of different length, so it is no array.") from None
    if array.dtype == object and array.size and all(isinstance(each, Real | Decimal) for each in array.flat):
        array = _exact_as_floats(array, name)
    if array.dtype.kind not in "biufc":
        found = "None" if value is None else f"data of type {array.dtype if array.ndim else type(value).__name__}"
        raise TypeError(f"{name} holds numbers; this is {found}.")
    return array


def _exact_as_floats(array: np.ndarray, name: str) -> np.ndarray:
    try:
        return array.astype(float)
    except OverflowError:
        raise OverflowError(f"{name} holds a number that is larger than any float, 1.8e308.") from None
    except ValueError:
        raise ValueError(f"{name} holds Decimal('sNaN'), which is made to be an error; use nan.") from None


def floats(value: Any, name: str) -> np.ndarray:
    """`numbers`, with whole numbers and truth values turned into floats; float32 and complex stay what they are."""
    if type(value) is np.ndarray and value.dtype.kind in "fc":
        return value
    array = numbers(value, name)
    return array if array.dtype.kind in "fc" else array.astype(float)


def reals(value: Any, name: str) -> np.ndarray:
    """`numbers`, none of them complex, as an array of float64.

    Raises:
        TypeError: for complex numbers, and what `numbers` raises.
    """
    array = numbers(value, name)
    if array.dtype.kind == "c":
        raise TypeError(f"{name} holds real numbers; these are complex.")
    return array.astype(float, copy=False)


def one_function(value: Any, name: str) -> Any:
    """`value`, if it is a function.

    Raises:
        TypeError: for anything else, such as the number that a function gives.
    """
    if not callable(value):
        raise TypeError(f"{name} is a function, given by its name alone, such as np.sin; got {value!r:.60}.")
    return value


def constant(value: Any) -> Any:
    """What stands beside a Tensor, as numbers. Raises what `numbers` raises."""
    return value if type(value) in PLAIN else numbers(value, "A constant beside a Tensor")


def setting(value: Any) -> Any:
    """A setting of an op. A list may be an index, and an empty one is not of floats.

    Raises:
        ValueError: for a list of rows of different length.
    """
    if not isinstance(value, list):
        return value
    try:
        return np.asarray(value, None if value else int)
    except ValueError:
        raise ValueError(f"A list in an op has rows of different length, so it is no array: {value!r:.60}.") from None


def first_gradient(seed: Any, data: np.ndarray) -> np.ndarray:
    """The gradient that backward starts with, as an array of its own: the seed, or 1 where data is one number.

    Raises:
        ValueError: if the seed is missing, or does not fit data in shape or dtype.
    """
    dtype = data.dtype if data.dtype.kind in "fc" else np.dtype(float)  # of whole numbers put in by hand, too
    if seed is None:
        if data.size != 1:
            raise ValueError(f"backward() starts from one number, not shape {data.shape}: use a cost, or give a seed.")
        return np.array(1, dtype, ndmin=data.ndim)
    seed = numbers(seed, "The seed")
    fits = seed.dtype == dtype or np.can_cast(seed.dtype, dtype, "same_kind")
    if seed.shape != data.shape or not fits:
        given, wanted = f"shape {seed.shape}, {seed.dtype}", f"shape {data.shape}, {dtype}"
        raise ValueError(f"The seed gradient has {given}; the Tensor has {wanted}.")
    return seed.astype(dtype)


def label(name: Any) -> str | None:
    """The name of a Tensor.

    Raises:
        TypeError: for what is no text, such as a second number.
    """
    if name is not None and not isinstance(name, str):
        raise TypeError(
            f"The name of a Tensor is a text; got {name!r:.60}. Several numbers are one list: Tensor([1.0, 2.0])."
        )
    return name


def functions(name: Any, forward: Any, vjps: tuple) -> tuple[Any, tuple]:
    """The functions of an op.

    Raises:
        TypeError: if one of them is none.
    """
    if not isinstance(name, str):
        raise TypeError(f"An op begins with its name, a text: Op('square', ...); got {name!r:.60}.")
    for each in (forward, *vjps):
        if not callable(each):
            raise TypeError(f"Op(name, forward, vjp, ...) takes functions after its name, {name!r}; got {each!r:.60}.")
    return forward, vjps


def value(z: Any, op: str) -> np.ndarray:
    """The value that an op of this name gives to a Tensor: an array of floats, or of complex numbers.

    Raises:
        TypeError: for anything else.
    """
    if type(z) is np.ndarray and z.dtype.kind in "fc":
        return z
    if type(z) in FLOATS:
        return np.asarray(z)
    array = None if z is None else numbers(z, f"The value of the op '{op}'")
    if array is None or array.dtype.kind not in "fc":
        raise TypeError(f"The op '{op}' has to give floats; it gives {z!r:.60}.")
    return array


def share(gradient: Any, op: str) -> np.ndarray:
    """What a rule of an op of this name gives, as an array.

    Raises:
        TypeError: for what holds no numbers, and for a masked array.
        ValueError: for None, and for rows of different length.
    """
    if gradient is None:
        raise ValueError(f"A rule of op '{op}' gives None: is a return missing?")
    return numbers(gradient, f"The gradient from a rule of op '{op}'")


def fitting(gradient: Any, dtype: np.dtype) -> Any:
    """A gradient in the dtype of its Tensor, if that is one of floats or complex numbers.

    Raises:
        TypeError: for a complex gradient of a real Tensor.
    """
    if gradient.dtype.kind == "c" != dtype.kind:
        raise TypeError(
            f"A gradient of {gradient.dtype} does not fit a Tensor of {dtype}: its imaginary part would be cut off. "
            "Where the computation is complex, make the Tensor of complex numbers, x + 0j."
        )
    return gradient.astype(dtype, copy=False) if dtype.kind in "fc" else gradient


def absent(sentence: str) -> property:
    """An attribute that is not there, for a class that says in a sentence what there is in its place."""

    def refuse(_: Any) -> None:
        raise AttributeError(sentence)

    return property(refuse)


def arrays(value: Any, name: str) -> list:
    """A list of arrays, or anything that gives them one by one, as a list.

    Raises:
        TypeError: for anything else.
    """
    if type(value) is list:
        return [*value]
    try:
        members = None if isinstance(value, str | bytes | dict) else list(value)
    except TypeError:  # not one after the other
        members = None
    if members is None:
        raise TypeError(f"{name} are a list of arrays, one for each parameter; got {value!r:.60}.")
    return members


def generator(seed: Any) -> np.random.Generator:
    """The random numbers of a seed; a Generator is used as it is.

    Raises:
        TypeError: for what is neither.
    """
    seed = np.asarray(seed) if isinstance(seed, np.ndarray) else seed  # on a np.matrix NumPy would recurse to death
    try:
        if seed is None:  # to NumPy: other numbers each time
            raise TypeError
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise TypeError(f"A seed is a whole number of at least 0, or a numpy Generator; got {seed!r:.60}.") from None


def whole_number(value: Any, name: str, least: int = 1, most: int | None = None) -> int:
    """`value` as an int.

    Raises:
        ValueError: if it is not a whole number, is below `least`, or is above `most`.
    """
    if isinstance(value, NO_NUMBERS) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} is a whole number and at least {least}; got {value!r:.60}.")
    if most is not None and int(value) > most:
        raise ValueError(f"{name} is at most {most:,}; got {value!r:.60}.")
    return int(value)


def real_number(
    value: Any,
    name: str,
    low: float = 0.0,
    below: float = float("inf"),
    with_low: bool = False,
    may_be_infinite: bool = False,
) -> float:
    """`value` as a float, if it is a number above `low` (or `low` itself, if `with_low`) and below `below`.

    Infinity is such a number only where it `may_be_infinite`.

    Raises:
        ValueError: if it is anything else.
    """
    if type(value) is float and low < value < below:
        return value  # the quick way of those who ask in every step
    number = float("nan")
    if isinstance(value, Real) and not isinstance(value, NO_NUMBERS):
        with suppress(OverflowError):  # a whole number can be larger than any float
            number = float(value)
    inside = low < number or (with_low and number == low)
    if not inside or not (number < below or (may_be_infinite and number == float("inf"))):
        kind = "finite number" if number == below == float("inf") else "number"
        least = f" at least {low:g}" if with_low else f" above {low:g}" if low > float("-inf") else ""
        most = f" and below {below:g}" if below < float("inf") else ""
        raise ValueError(f"{name} is a {kind}{least}{most}; got {value!r:.60}.")
    return number


def layer_sizes(sizes: Any) -> list[int]:
    """The neurons of each layer as a list of ints.

    Raises:
        ValueError: unless they are two or more whole numbers.
    """
    is_row = sizes.ndim == 1 if isinstance(sizes, np.ndarray) else isinstance(sizes, Sequence)
    if not (is_row and len(sizes) >= 2 and all(_is_size(n) for n in sizes)):
        raise ValueError(f"sizes lists the neurons of each layer, input first, such as [64, 30, 10]; got {sizes}.")
    return [int(n) for n in sizes]


def _is_size(n: Any) -> bool:
    is_number = isinstance(n, Real) and not isinstance(n, NO_NUMBERS)
    return is_number and n >= 1 and n % 1 == 0  # type: ignore[operator]  # Real has an order; inf % 1 is nan
