"""Plain data: the only thing that passes between a student's process and the judge, and all that a data file holds.

Plain means None, bool, int, float, complex, str, list, tuple, dict and numeric NumPy arrays. No pickle, no code.
`to_plain` turns an answer into plain data, `dumps` and `loads` turn plain data into text and back.
"""

from __future__ import annotations

import base64
import copy
import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

MAX_TEXT = 64 << 20  # characters in one message
MAX_DEPTH = 40  # containers inside containers
MAX_ITEMS = 2_000_000  # of one list
MAX_DIGITS = 4000  # of one integer
NUMERIC_KINDS = "biufc"  # bool, signed, unsigned, float, complex
LONG = {"g": np.float64, "G": np.complex128}  # long doubles differ from machine to machine; these do not
INLINE = 64  # arrays up to this size are written as readable lists
SAFE_INT = 2**53


class NotPlain(ValueError):
    """The value cannot be sent as plain data. The message says which part and why."""


def to_plain(value: Any, depth: int = 0) -> Any:
    """Copy an answer into plain data.

    NumPy scalars become arrays of shape (), sets sorted lists, generators lists, arrays of names lists of names;
    fractions, decimals and SymPy's numbers become floats, and what a masked array hides becomes NaN.

    Raises:
        NotPlain: for anything else, with the name of its type.
    """
    if depth > MAX_DEPTH:
        raise NotPlain("the answer is nested too deeply")
    if value is None or type(value) in (bool, int, float, complex, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain_array(value, depth)
    if isinstance(value, dict):
        return {_plain_key(k, depth + 1): to_plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((_plain_key(v, depth + 1) for v in value), key=_order)
    if isinstance(value, (tuple, list)) and len(value) > MAX_ITEMS:
        raise NotPlain(f"the answer has {len(value)} items; that is far too many")
    if isinstance(value, (tuple, list)):
        return type_of_sequence(value)(to_plain(v, depth + 1) for v in value)
    if isinstance(value, (bool, int, float, complex, str)):  # a subclass, such as an enum or a named float
        base: type[Any] = next(each for each in (bool, int, float, complex, str) if isinstance(value, each))
        return base(value)
    if isinstance(value, (Fraction, Decimal)):
        return _as_float(value)
    if hasattr(value, "free_symbols") and not value.free_symbols and not hasattr(value, "shape"):  # a SymPy number
        return float(value)
    if hasattr(value, "__next__"):
        return [to_plain(v, depth + 1) for v in value]
    if isinstance(value, (type({}.keys()), type({}.values()), range)):
        return [to_plain(v, depth + 1) for v in value]
    raise NotPlain(f"a number, a list or an array is wanted here, not an object of type {type(value).__name__}")


def _as_float(value: Fraction | Decimal) -> float:
    if isinstance(value, Decimal) and value.is_snan():
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number) and (isinstance(value, Fraction) or value.is_finite()):
        raise NotPlain(f"a {type(value).__name__} is too large for a float")
    return number


def type_of_sequence(value: Any) -> type:
    """list or tuple, whichever `value` is (a named tuple counts as a tuple)."""
    return tuple if isinstance(value, tuple) else list


def _plain_array(array: np.ndarray | np.generic, depth: int) -> Any:
    if isinstance(array, np.ma.MaskedArray) and array.mask.any():
        array = np.ma.filled(array.astype(float), np.nan)  # what is hidden is not an answer
    array = np.array(array, subok=False)
    if array.dtype.kind in NUMERIC_KINDS:
        return array.astype(LONG.get(array.dtype.char, array.dtype), copy=False)
    if array.dtype.kind == "U" or _holds_only(str, array) or _holds_long_integers(array):
        return to_plain(array.tolist(), depth)
    try:
        if array.dtype.kind != "O" or any(v is None or isinstance(v, (str, bytes)) for v in array.flat):
            raise TypeError  # NumPy would make numbers of dates, of digits in quotes and of None
        return array.astype(complex if any(isinstance(v, complex) for v in array.flat) else float)
    except (TypeError, ValueError, OverflowError):
        raise NotPlain(
            f"the array holds {array.dtype} entries instead of numbers; are its rows of different length?"
        ) from None


def _holds_long_integers(array: np.ndarray) -> bool:
    """Whether there are only integers in it, and one is too long for NumPy's: as floats they would lose digits."""
    return _holds_only((int, np.integer), array) and any(abs(v) >= SAFE_INT for v in array.flat)


def _holds_only(kinds: Any, array: np.ndarray) -> bool:
    return array.size > 0 and all(isinstance(each, kinds) for each in array.flat)


def _plain_key(key: Any, depth: int) -> Any:
    """A key of a dict, or a member of a set: NumPy's numbers as Python's, because an array is no key."""
    if isinstance(key, (tuple, frozenset)):
        members = [_plain_key(member, depth + 1) for member in key]
        return tuple(members if isinstance(key, tuple) else sorted(members, key=_order))
    plain = to_plain(key, depth)
    return plain.item() if isinstance(plain, np.ndarray) else plain


def _order(key: Any) -> tuple:
    """To sort members of any kinds: numbers by size, whatever their type, then everything else by its text."""
    if isinstance(key, (bool, int, float)):
        return 0, key, ""
    return 1, 0, repr(key)


def own_copy(value: Any) -> Any:
    """A copy that shares nothing that can be changed. For plain data `copy.deepcopy` takes three times as long."""
    if value is None or type(value) in (bool, int, float, complex, str):
        return value
    if type(value) is np.ndarray and value.dtype.kind in NUMERIC_KINDS:
        return value.copy(order="K")
    if type(value) in (list, tuple):
        return type(value)(map(own_copy, value))
    if type(value) is dict:
        return {key: own_copy(each) for key, each in value.items()}
    return copy.deepcopy(value)


def dumps(value: Any) -> str:
    """Plain data as JSON text. Equal data gives equal text.

    Raises:
        NotPlain: when `value` holds anything but plain data.
    """
    return json.dumps(_encode(value, 0), ensure_ascii=True, separators=(",", ":"))


def loads(text: str) -> Any:
    """The plain data that `dumps` wrote. Text from a stranger is safe: it is bounded and nothing in it runs.

    Raises:
        NotPlain: when the text is too long, not JSON, or not what `dumps` writes.
    """
    if not isinstance(text, str):
        raise NotPlain(f"the message is not text, but of type {type(text).__name__}")
    if len(text) > MAX_TEXT:
        raise NotPlain(f"the message has {len(text)} characters; at most {MAX_TEXT} are read")
    try:
        return _decode(json.loads(text, parse_constant=_no_constant, parse_int=_bounded_int), 0)
    except NotPlain:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, MemoryError) as error:
        raise NotPlain(f"the message is malformed ({type(error).__name__})") from None


# A scalar that JSON knows stands for itself; everything else is an object with one key, its kind.
def _encode(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise NotPlain("the data is nested too deeply")
    if value is None or type(value) in (bool, str):
        return value
    if type(value) is int:
        return value if abs(value) < SAFE_INT else {"int": str(value)}
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if type(value) is complex:
        return {"complex": [_encode(value.real, depth + 1), _encode(value.imag, depth + 1)]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_encode(v, depth + 1) for v in value]}
    if type(value) is dict:
        if all(type(key) is str for key in value):
            return {"dict": {key: _encode(v, depth + 1) for key, v in value.items()}}
        return {"pairs": [[_encode(k, depth + 1), _encode(v, depth + 1)] for k, v in value.items()]}
    if type(value) is np.ndarray and value.dtype.kind in NUMERIC_KINDS and value.dtype.char not in LONG:
        return {"array": _encode_array(value)}
    raise NotPlain(f"an object of type {type(value).__name__} is not plain data")


def _encode_array(array: np.ndarray) -> list:
    head = [array.dtype.newbyteorder("<").str, list(array.shape)]
    if array.size <= INLINE and array.dtype.kind != "c" and np.isfinite(array).all():
        return [*head, array.ravel().tolist()]
    raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    return [*head, base64.b64encode(raw).decode("ascii")]


def _decode(node: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise NotPlain("the message is nested too deeply")
    if node is None or type(node) in (bool, str, int, float):
        return node
    if type(node) is not dict or len(node) != 1:
        raise NotPlain("the message is malformed (unknown node)")
    ((kind, content),) = node.items()
    if kind == "int":
        return _bounded_int(content)
    if kind == "float":
        return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[content]
    if kind == "complex":
        real, imag = (_decode(part, depth + 1) for part in content)
        return complex(real, imag)
    if kind == "list":
        return [_decode(v, depth + 1) for v in content]
    if kind == "tuple":
        return tuple(_decode(v, depth + 1) for v in content)
    if kind == "dict":
        return {key: _decode(v, depth + 1) for key, v in content.items()}
    if kind == "pairs":
        return {_decode(k, depth + 1): _decode(v, depth + 1) for k, v in content}
    if kind == "array":
        return _decode_array(*content)
    raise NotPlain("the message is malformed (unknown kind)")


def _decode_array(dtype: str, shape: list, content: Any) -> np.ndarray:
    if type(dtype) is not str or len(dtype) > 5:
        raise NotPlain("the message is malformed (dtype)")
    kind = np.dtype(dtype)
    if kind.kind not in NUMERIC_KINDS or len(shape) > 16 or any(type(n) is not int or n < 0 for n in shape):
        raise NotPlain("the message is malformed (array)")
    if type(content) is list:
        array = np.array(content, dtype=kind)
    else:
        array = np.frombuffer(bytearray(base64.b64decode(content, validate=True)), dtype=kind)
    if array.ndim != 1 or array.size != math.prod(shape):
        raise NotPlain("the message is malformed (array size)")
    return array.reshape(shape).astype(kind.newbyteorder("="), copy=False)


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotPlain(f"an integer has more than {MAX_DIGITS} digits")
    return int(digits)


def _no_constant(name: str) -> None:
    raise NotPlain(f"{name} is not written that way in plain data")
