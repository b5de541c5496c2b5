"""What the engine and NumPy refuse, told with the shapes that were met and with the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

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

INSTEAD = {
    "matmul": "x @ y",
    "dot": "x @ y",
    "vdot": "x @ y for two vectors",
    "inner": "x @ y for two vectors",
    "outer": "x.reshape(-1, 1) * y",
    "norm": "(x * x).sum().sqrt()",
    "power": "x**y",
    "square": "x * x",
    "abs": "abs(x)",
    "reciprocal": "1 / x",
    "ravel": "x.reshape(-1)",
    "flatten": "x.reshape(-1)",
    "squeeze": "x.reshape(n)",
    "expand_dims": "x[None]",
    "var": "((x - x.mean()) ** 2).mean()",
    "std": "((x - x.mean()) ** 2).mean().sqrt()",
    "amax": "x.max()",
    "amin": "x.min()",
    "log2": "x.log() / np.log(2)",
    "log10": "x.log() / np.log(10)",
    "expm1": "x.exp() - 1",
    "stack": "one Tensor from the start, and take its parts, x[0], x[1]",
    "concatenate": "one Tensor from the start, and take its parts, x[:2], x[2:]",
    "floor_divide": "np.floor(x.data / y) for the values alone; their slope is 0",
    "remainder": "x - y * np.floor(x.data / y)",
    "detach": "Tensor(t.data)",
    "numpy": "t.data",
    "zero_grad": "nothing, for backward() replaces gradients",
}


def no_rule(name: str, rules: Iterable[str]) -> NotImplementedError:
    """The error for a function of NumPy that the table lacks."""
    return NotImplementedError(f"There is no rule for np.{name}. Rules: {what_there_is(name, rules)}")


def what_there_is(name: str, rules: Iterable[str]) -> str:
    """The rules that there are, and what to write in place of the one that there is not."""
    instead = f"; in its place: {INSTEAD[name]}" if name in INSTEAD else ""
    return f"{', '.join(rules)}. The values: t.data{instead}"


def no_operator(symbol: str, instead: str) -> Callable:
    """The method of an operator that Tensors do not have."""

    def refuse(*_: Any) -> NoReturn:
        raise TypeError(f"Tensors have no {symbol}. {instead}")

    return refuse


_STEPS = "It goes in steps, so its slope is 0; the values alone are those of t.data."
_TRUTH = "Compare first, (t > 0) & (t < 1), or use the values, t.data."
OPERATORS = {
    f"__{name}__": no_operator(symbol, instead)
    for symbol, names, instead in [
        ("//", "floordiv rfloordiv", _STEPS),
        ("%", "mod rmod", f"Write {INSTEAD['remainder']}."),
        ("divmod", "divmod rdivmod", _STEPS),
        ("^", "xor rxor", "A power is x ** 2."),
        ("&", "and rand", _TRUTH),
        ("|", "or ror", _TRUTH),
        ("~", "invert", _TRUTH),
        (
            "t[i] = value",
            "setitem delitem",
            "Change t.data before you compute with t, or choose: np.where(c, t, value).",
        ),
    ]
    for name in names.split()
}


def values_of(function: Callable, *values: Any) -> Any:
    """A function of values that has no slope, such as a comparison.

    Raises:
        OverflowError, TypeError, ValueError: in words, where NumPy raises one.
    """
    try:
        return function(*values)
    except (OverflowError, TypeError, ValueError) as error:
        raise in_words(error, function.__name__, values, len(values)) from None


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
