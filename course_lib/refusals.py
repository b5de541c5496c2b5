"""What NumPy refuses inside an op, told with the shapes that it met and with the way out."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.arguments import floats

_AXES = "An axis of n is a whole number from 0 to n - 1, or from -n to -1; several are a tuple."
WAYS_OUT = {
    "sum": _AXES,
    "mean": _AXES,
    "max": _AXES,
    "min": _AXES,
    "reshape": "A new shape is of whole numbers, and holds as many numbers as there are; one of them may be -1.",
    "transpose": "The new order names every axis once, such as (1, 0).",
    "getitem": "An index is a whole number within its axis, a slice, or an array of such or of truth values.",
}


def in_words(error: Exception, name: str, args: Any, inputs: int) -> Exception:
    """The error to raise in place of what NumPy raised in an op of this name; what was a sentence stays as it is.

    args: what the op was given; the first `inputs` of them are values, the rest settings.

    Raises:
        TypeError: for a value that is none, such as a .data that was set to None.
    """
    for number, value in enumerate(args[:inputs], start=1):
        floats(value, f"Input {number} of the op '{name}'")
        if not isinstance(value, np.ndarray) and isinstance(error, AttributeError):
            return TypeError(f"Input {number} of the op '{name}' is no array: set .data to np.array(...).")
    shapes = " and ".join(str(np.shape(value)) for value in args[:inputs])
    if "broadcast" in str(error):
        return ValueError(
            f"The op '{name}' does not fit shapes {shapes} together: read from the right, two lengths are equal, or "
            f"one of them is 1. NumPy says: {error}"
        )
    if "positional argument" in str(error):
        return TypeError(f"The op '{name}' does not take {len(args)} inputs and settings: {error}.")
    if "zero-size" in str(error):
        return ValueError(f"There is no number in shape {shapes}, so '{name}' has nothing to choose from.")
    if name in WAYS_OUT:
        settings = ", ".join(repr(each) for each in args[inputs:])
        return type(error)(f"The op '{name}' of shape {shapes} does not take {settings:.60}: {error}. {WAYS_OUT[name]}")
    return error


def length(data: np.ndarray) -> int:
    """The length of the first axis.

    Raises:
        TypeError: for one number, which has none.
    """
    if data.ndim == 0:
        raise TypeError("A Tensor of shape () is one number: it has no length and no parts.")
    return len(data)


def truth(data: np.ndarray) -> bool:
    """Whether the one number of data is not 0.

    Raises:
        ValueError: for several numbers, or none.
    """
    if data.size != 1:
        raise ValueError(
            f"A Tensor of shape {data.shape} is neither true nor false. Ask for all, (t > 0).all(), or one, t[0] > 0."
        )
    return bool(data)
