"""Compare two pieces of plain data, shape before values, and say in words how they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Difference:
    """Why a value is not the expected one.

    sentence: says what is wrong without any expected value.
    detail: the numbers, for the student's desk.
    promise: True when the value is right, but a promise was broken.
    """

    sentence: str
    detail: str = ""
    promise: bool = False


def compare(
    expected: Any, got: Any, rtol: float = 1e-7, atol: float = 1e-9, nan_equal: bool = False
) -> Difference | None:
    """The first difference between two plain values, or None when they are equal within the tolerance.

    Ints, floats, lists and arrays of equal value are equal. NaN equals nothing, unless `nan_equal`. Integers on both
    sides differ by at most `atol`, however long they are; `rtol` is for what was rounded.
    Shape is compared before values; the items of a dict are compared in the order of the expected one.

    Raises:
        TypeError: if what is expected is not plain data.
    """
    expected, got = names_as_text(expected), names_as_text(got)
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, rtol, atol, nan_equal)
    if got is None and expected is not None:
        return Difference(NO_VALUE, f"expected {show(expected)}, got None")
    if isinstance(expected, str) or expected is None:
        if type(got) is type(expected) and got == expected:
            return None
        return Difference("The answer is wrong.", f"expected {show(expected)}, got {show(got)}")
    right = as_numbers(expected)
    if right is None:
        return _compare_items(expected, got, rtol, atol, nan_equal)
    value = as_numbers(got)
    if value is None:
        return Difference(f"Numbers are asked for{_instead(got)}.", f"got {show(got)}")
    if value.shape != right.shape:
        return Difference(f"The shape is {value.shape}; it should be {right.shape}.")
    return _compare_numbers(right, value, rtol, atol, nan_equal)


NO_VALUE = "The answer gives None. Is a return missing?"


def is_about_the_form(sentence: str) -> bool:
    """Whether a sentence of `compare` says that something else than the right kind of thing was given."""
    return sentence.startswith((NO_VALUE, "Numbers are asked for", "A list of", "A dict with"))


def _instead(got: Any) -> str:
    """What was given in place of numbers, where that can be said in a few words."""
    if isinstance(got, str):
        return ", and you give a text"
    if isinstance(got, (list, tuple)) and got and all(isinstance(each, str) for each in got):
        return ", and you give texts"
    if isinstance(got, dict):
        return ", and you give a dict. Give one of its values, or a list of them"
    if isinstance(got, (list, tuple)) and any(each is None for each in got):
        return ", and you give a list with None in it. Is a whole list given where one of its items is wanted"
    return ""


def _compare_dicts(expected: dict, got: Any, rtol: float, atol: float, nan_equal: bool) -> Difference | None:
    if not isinstance(got, dict):
        return Difference(f"A dict with the keys {_names(expected)} is asked for.", f"got {show(got)}")
    if set(got) != set(expected):
        return Difference(f"The keys should be {_names(expected)}.", f"got the keys {_names(got)}")
    for name, right in expected.items():
        difference = compare(right, got[name], rtol, atol, nan_equal)
        if difference:
            return Difference(
                f"{name}: {difference.sentence}", f"{name}: {difference.detail}" if difference.detail else ""
            )
    return None


def _compare_items(expected: Sequence, got: Any, rtol: float, atol: float, nan_equal: bool) -> Difference | None:
    if not isinstance(expected, (list, tuple, np.ndarray)):
        raise TypeError(f"Plain data is compared; what is expected here is of type {type(expected).__name__}.")
    if not isinstance(got, (list, tuple, np.ndarray)):
        return Difference(f"A list of {len(expected)} items is asked for.", f"got {show(got)}")
    if len(got) != len(expected):
        return Difference(f"The answer has {len(got)} items; it should have {len(expected)}.")
    for index, (right, value) in enumerate(zip(expected, got, strict=True)):
        difference = compare(right, value, rtol, atol, nan_equal)
        if difference:
            return Difference(f"Item {index}: {difference.sentence}", f"item {index}: {difference.detail}")
    return None


def _compare_numbers(
    right: np.ndarray, value: np.ndarray, rtol: float, atol: float, nan_equal: bool
) -> Difference | None:
    whole = _holds_integers(right) & _holds_integers(value)
    equal: Any = np.zeros(right.shape, bool)
    equal[whole] = _same_integers(right[whole], value[whole], atol)
    if not whole.all():
        floats, given = as_floats(right), as_floats(value)
        assert floats is not None and given is not None  # as_numbers gives nothing else
        with np.errstate(all="ignore"):
            near = np.abs(given - floats) <= atol + rtol * np.abs(floats)
            alike = (given == floats) | near & np.isfinite(given) & np.isfinite(floats)
        alike |= np.asarray(right == value, bool)  # fractions, too, that are larger than any float
        if nan_equal:
            alike |= (right != right) & (value != value)
        equal[~whole] = alike[~whole]
        if value.dtype.kind != "O" and not _holds_integers(value).any():
            value = given
    if equal.all():
        return None
    first = tuple(int(i) for i in np.argwhere(~equal)[0])
    given = as_floats(value)
    assert given is not None  # as before
    finite = _holds_integers(value) | np.isfinite(given)
    numbers = f"expected {show(right[first])}, got {show(value[first])}"
    if not right.shape:
        return Difference("The value is wrong." if finite[first] else "The value is not a finite number.", numbers)
    count = f"{int((~equal).sum())} of {equal.size} entries"
    sentence = f"{count} are wrong." if finite[~equal].all() else f"{count} are wrong; some are not finite numbers."
    return Difference(sentence, f"entry {list(first)}: {numbers}")


def _holds_integers(array: np.ndarray) -> np.ndarray:
    """Where an array holds integers: in it, floats may stand beside integers that are too long for them."""
    if array.dtype.kind != "O":
        return np.full(array.shape, array.dtype.kind in "iu")
    return np.array([isinstance(item, (int, np.integer)) for item in array.flat], bool).reshape(array.shape)


def _same_integers(right: np.ndarray, value: np.ndarray, atol: float) -> np.ndarray:
    """Where two arrays of integers agree, with no digit lost."""
    if atol < 1:
        return np.asarray(right == value, bool)
    gap = np.abs(value.astype(object) - right.astype(object))  # Python's integers do not wrap around
    return np.asarray(gap <= atol, bool)


def names_as_text(value: Any) -> Any:
    """An array of names as a list of them, and NumPy's text as Python's."""
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "U":
        return value.tolist()
    return value


SINGLE_NUMBERS = {bool, int, float, complex, np.bool_, np.int64, np.float64}


def only_numbers(items: Iterable[Any]) -> bool:
    """Whether all are single numbers of the usual kinds: one look at all of them, where one at each would take long."""
    return set(map(type, items)) <= SINGLE_NUMBERS


def as_numbers(value: Any) -> np.ndarray | None:
    """Numbers and even nested lists of them as an array, of objects where integers are too long; None for all else."""
    if isinstance(value, (str, dict)) or value is None:
        return None
    if isinstance(value, (list, tuple)) and not only_numbers(value) and any(as_numbers(each) is None for each in value):
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind == "f" and not isinstance(value, (np.ndarray, np.generic)) and _is_long(array):
            array = np.asarray(value, dtype=object)  # NumPy reads [2**63, 1] as floats
    except (ValueError, OverflowError):
        return None
    if array.dtype.kind == "b":
        return array.astype(int)  # NumPy does not subtract truth values
    if array.dtype.kind == "O":
        if _holds_integers(array).all() or _holds_long_integers(array):
            return array
        floats = as_floats(array)
        return array if floats is not None and (np.isnan(floats) & (array == array)).any() else floats  # beyond floats
    return array if array.dtype.kind in "iufc" else None


def _is_long(array: np.ndarray) -> bool:
    with np.errstate(invalid="ignore"):
        return bool((np.abs(array) >= 2**53).any())


def _holds_long_integers(array: np.ndarray) -> bool:
    """Whether integers that are too long for floats are in it, beside floats or not, and nothing else."""
    whole = _holds_integers(array)
    only_floats = all(isinstance(item, (float, np.floating)) for item in array[~whole])
    return only_floats and any(abs(item) >= 2**53 for item in array[whole])


def as_floats(array: np.ndarray) -> np.ndarray | None:
    """Numbers of other kinds as floats: fractions, decimals, integers beyond 64 bits. None for what is no number."""
    kind = array.dtype.kind
    if kind == "c":
        return array
    if kind in "US" or (kind == "O" and any(isinstance(item, (str, bytes)) or item is None for item in array.flat)):
        return None
    try:
        floats = array.astype(float)
        if kind != "O" or np.isfinite(floats).all():
            return floats
    except OverflowError:
        pass
    except (TypeError, ValueError):
        return None
    return np.array([_float_or_nan(item) for item in array.flat]).reshape(array.shape)


def _float_or_nan(item: Any) -> float:
    """An item as a float, or nan, which is equal to none, where it is finite and larger than any float."""
    try:
        number = float(item)
    except OverflowError:
        return np.nan
    return np.nan if np.isinf(number) and isinstance(item, Decimal) and item.is_finite() else number


def _names(keys: Any) -> str:
    return ", ".join(str(key) for key in keys)[:200]


def show(value: Any) -> str:
    """A value in a few characters."""
    if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) == 0:
        value = value.item()
    if isinstance(value, (bool, int)) or value is None:
        return str(value)[:40]
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, complex):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray):
        if value.size <= 6 and value.ndim == 1:
            return "[" + ", ".join(show(v) for v in value) + "]"
        return f"array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        text = ", ".join(show(v) for v in value[:8]) + (", …" if len(value) > 8 else "")
        return f"[{text}]" if isinstance(value, list) else f"({text})"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def as_code(value: Any) -> str:
    """A value as Python code that makes it again; long when the value is."""
    if isinstance(value, np.ndarray) and value.shape:
        return f"np.array({value.tolist()})"
    if isinstance(value, (np.ndarray, np.generic)):
        return repr(value.item())
    if isinstance(value, (list, tuple)):
        text = ", ".join(map(as_code, value))
        return f"[{text}]" if isinstance(value, list) else f"({text}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {as_code(each)}" for key, each in value.items()) + "}"
    return repr(value)
