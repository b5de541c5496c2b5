"""An input that is missing or too many, or a function of it; another summary of it than the one asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from course_lib.comparing import as_numbers
from course_lib.diagnosis.seen import BESIDE_L, Seen, fits, input_of, near, one_factor, same, says_much

Quantity = Callable[[Seen], np.ndarray]
Relation = tuple[str, Callable[[Seen, np.ndarray], Any]]


def input_relation(wrong: Sequence[Seen]) -> str:
    """A factor, a summand or a whole answer that is one of the inputs."""
    if not says_much(wrong):
        return ""
    found = quantities(wrong)
    for looks in (RELATIONS, FACTORS_OF_INPUTS):
        for quantity, look in _agreeing(looks, wrong[0], [value for _, value in found]):
            (name, value), (words, predict) = found[quantity], looks[look]
            if fits(wrong, lambda s, p=predict, v=value: p(s, v(s))):
                return words.format(f"`{name}`")
    return ""


def _agreeing(looks: Sequence[Relation], first: Seen, values: Sequence[Quantity]) -> list[tuple[int, int]]:
    """Which quantities agree with which looks in the first number of one result: few do, and all are asked at once."""
    if not first.got.size or not first.right.size:
        return [(quantity, look) for quantity in range(len(values)) for look in range(len(looks))]
    starts = [_first_number(first, value) for value in values]
    numbers = np.array([np.nan if each is None else each for each in starts])
    one, got = replace(first, right=np.asarray(first.right.item(0))), first.got.item(0)
    agree = [predict in OF_ENTRIES or near(predict(one, numbers), got) for _, predict in looks]
    table = np.array([np.broadcast_to(each, numbers.shape) for each in agree]).T
    return [(int(quantity), int(look)) for quantity, look in np.argwhere(table) if starts[quantity] is not None]


def _first_number(each: Seen, value: Quantity) -> float | None:
    """The first number of a quantity; None where there is none."""
    try:
        found = value(each)
    except (ValueError, LookupError, TypeError):
        return None
    return float(found.item(0)) if found.size else None


def reduced_input(wrong: Sequence[Seen]) -> str:
    """Another summary of an input than the one that is asked for, in any shape: its largest entries, its mean, …"""
    if not says_much(wrong) or _all_zero(wrong):
        return ""
    for name, value in quantities(wrong):
        axes = _axes_that_leave(wrong[0], value)
        for words, reduce in REDUCTIONS if axes else ():
            for axis in axes:
                if fits(wrong, lambda s, w=words, r=reduce, v=value, a=axis: _reduced(s, w, r, v(s), a, s.got.shape)):
                    return f"You give {words} of `{name}`{'' if axis is None else f', along axis {axis}'}."
        for words, reduce in REDUCTIONS if len(wrong) > 1 else ():
            if fits(wrong, lambda s, w=words, r=reduce, v=value: _along_any(s, w, r, v(s))):
                return f"You give {words} of `{name}`, along an axis."
    return ""


def _along_any(each: Seen, words: str, reduce: Callable[..., Any], array: np.ndarray) -> Any:
    """A summary along the axis that gives just what was given; None when none does."""
    axes = [axis for axis in range(array.ndim) if array.ndim > 1 and array.size == each.got.size * array.shape[axis]]
    guesses = (_reduced(each, words, reduce, array, axis, each.got.shape) for axis in axes)
    return next((guess for guess in guesses if same(guess, each.got)), None)


def reduced_factor(wrong: Sequence[Seen]) -> str:
    """A summary of an input as a factor that is too many or missing."""
    if not says_much(wrong) or _all_zero(wrong) or any(np.isnan(one_factor(each)) for each in wrong):
        return ""
    for name, value in quantities(wrong):
        for words, reduce in REDUCTIONS:
            if fits(wrong, lambda s, w=words, r=reduce, v=value: s.right * _reduced(s, w, r, v(s), None, ())):
                return f"There is a factor too many: {words} of `{name}`."
            if fits(wrong, lambda s, w=words, r=reduce, v=value: s.right / _reduced(s, w, r, v(s), None, ())):
                return f"You divide by {words} of `{name}`, or that is missing as a factor."
    return ""


def _all_zero(wrong: Sequence[Seen]) -> bool:
    """Whether nothing but zeros was given: they agree with any input in which there is a 0."""
    return not any(each.got.any() for each in wrong)


def _axes_that_leave(each: Seen, value: Quantity) -> list[int | None]:
    """Along which axes a quantity can be taken together to as many numbers as were given; None is for all of them."""
    try:
        array = value(each)
    except (ValueError, LookupError, TypeError):
        return []
    if array.size < 2:
        return []
    left: dict[int | None, int] = {None: 1}
    if array.ndim > 1:
        left |= {axis: array.size // array.shape[axis] for axis in (0, 1)}
    return [axis for axis, size in left.items() if size == each.got.size]


def _reduced(
    each: Seen, words: str, reduce: Callable[..., Any], array: np.ndarray, axis: int | None, shape: tuple[int, ...]
) -> Any:
    """An array with an axis less, in the shape that was given. Raises ValueError where this cannot be."""
    if array.size < 2 or (axis is not None and array.ndim < 2):
        raise ValueError("nothing to take together")
    known, key = each.case.known, (words, id(array), axis)
    if key not in known:
        known[key] = (reduce(array, axis=axis), array)  # the array is kept, so that no other one gets its id
    return np.reshape(known[key][0], shape)


REDUCTIONS: list[tuple[str, Callable[..., Any]]] = [
    ("the sum", np.sum),
    ("the mean", np.mean),
    ("the largest entry", np.max),
    ("the smallest entry", np.min),
    ("the median", np.median),
    ("the product", np.prod),
    ("the length", lambda x, axis: np.sqrt(np.sum(x**2, axis=axis))),
    ("the sum of the sizes", lambda x, axis: np.sum(np.abs(x), axis=axis)),
    ("the sum of the squares", lambda x, axis: np.sum(x**2, axis=axis)),
    ("only the first", lambda x, axis: np.take(x, 0, axis=axis)),
    ("only the last", lambda x, axis: np.take(x, -1, axis=axis)),
]


def quantities(wrong: Sequence[Seen]) -> list[tuple[str, Quantity]]:
    """The numbers among the inputs by name: `x`, and of a list with one array a layer `a[l - 1]`, `a[l]`, …"""
    found: list[tuple[str, Quantity]] = []
    for name, value in wrong[0].case.inputs.items():
        if name == "seed":
            continue  # it only chooses; what agrees with it agrees by chance
        if as_numbers(value) is not None:
            if not ((type(value) is int and len(wrong) < 2) or _may_be_chance(wrong, value)):
                found.append((name, partial(input_of, name=name)))
        elif isinstance(value, (list, tuple)):
            if type(wrong[0].case.inputs.get("l")) is int:
                found += [(f"{name}[{at}]", partial(_item, name=name, beside=k)) for at, k in BESIDE_L.items()]
            if _own_place(wrong[0]) is not None:
                found.append((f"{name}[i]", partial(_own_item, name=name)))
            found.append((f"{name}[-1]", partial(_item, name=name, beside=None)))
    return [(name, remembered(name, value)) for name, value in found]


def remembered(name: str, value: Quantity) -> Quantity:
    """The same, found once for each case and place."""

    def find(each: Seen) -> np.ndarray:
        known, key = each.case.known, (name, each.name)
        if key not in known:
            known[key] = value(each)
        return known[key]

    return find


def _item(each: Seen, name: str, beside: int | None) -> np.ndarray:
    """An array of a list: the last one, or one beside the layer l. Raises ValueError where it is none."""
    items, place = each.case.inputs[name], -1 if beside is None else each.case.inputs["l"] + beside
    if place < -1 or place >= len(items) or not isinstance(items[place], np.ndarray):
        raise ValueError("nothing stands there")
    return items[place].astype(float)


def _own_place(each: Seen) -> int | None:
    """Which item of a list it is: 2 for "[2]" and for "dw[2]"; None when it is none."""
    found = re.search(r"\[(\d+)\]$", each.name)
    return int(found[1]) if found else None


def _own_item(each: Seen, name: str) -> np.ndarray:
    """The item of a list of inputs that stands in the same place. Raises ValueError where there is none."""
    items, place = each.case.inputs[name], _own_place(each)
    if place is None or place >= len(items) or not isinstance(items[place], np.ndarray):
        raise ValueError("nothing stands there")
    return items[place].astype(float)


def _may_be_chance(wrong: Sequence[Seen], value: Any) -> bool:
    """Zeros and ones agree with too much to tell anything by themselves."""
    return len(wrong) < 2 and set(np.unique(np.abs(np.asarray(value, float)))) <= {0.0, 1.0}


def _entry(each: Seen, array: np.ndarray) -> Any:
    """The entry of an array at the right result. Raises ValueError where this is no index."""
    if array.ndim != 1 or each.right.ndim or each.right % 1:
        raise ValueError("no index into it")
    return array[int(each.right)]


def _size_of_entry(each: Seen, array: np.ndarray) -> Any:
    return abs(_entry(each, array))


OF_ENTRIES = (_entry, _size_of_entry)
AS_FACTOR: list[Relation] = [
    ("There is a factor {} too many, or it is not divided by {}.", lambda s, x: s.right * x),
    ("There is a factor {} missing, or it is divided by it.", lambda s, x: s.right / x),
    ("The sign is wrong, and there is a factor {} too many.", lambda s, x: -s.right * x),
    ("The sign is wrong, and there is a factor {} missing.", lambda s, x: -s.right / x),
    ("There is the square of {} too many as a factor.", lambda s, x: s.right * x**2),
    ("The square of {} is missing as a factor.", lambda s, x: s.right / x**2),
    ("There is a factor 1 − {} too many.", lambda s, x: s.right * (1 - x)),
    ("There is a factor 1 − {} missing.", lambda s, x: s.right / (1 - x)),
    ("1 − {} and {} are exchanged.", lambda s, x: s.right * x / (1 - x)),
    ("1 − {} and {} are exchanged.", lambda s, x: s.right * (1 - x) / x),
]
RELATIONS: list[Relation] = [
    ("You give {} back as it is.", lambda s, x: x),
    ("You give minus {}.", lambda s, x: -x),
    ("{} is missing: it should be added.", lambda s, x: s.right - x),
    ("{} is added once too often.", lambda s, x: s.right + x),
    ("{} is added twice, or has the wrong sign.", lambda s, x: s.right + 2 * x),
    ("{} is subtracted, and should be added.", lambda s, x: s.right - 2 * x),
    *AS_FACTOR,
    ("You give the right result minus {} with the other sign.", lambda s, x: x - s.right),
    ("Your step away from {} goes the wrong way: look at its sign.", lambda s, x: 2 * x - s.right),
    ("Your step away from {} is twice as long as it should be.", lambda s, x: 2 * s.right - x),
    ("Your step away from {} is half as long as it should be.", lambda s, x: (x + s.right) / 2),
    ("You give an entry of {}. Its place in {} is asked, an index.", _entry),
    ("You give the size of an entry of {}. Its place in {} is asked, an index.", _size_of_entry),
]
AS_FACTOR, RELATIONS = (
    [(words.replace("{}", "{0}"), predict) for words, predict in looks] for looks in (AS_FACTOR, RELATIONS)
)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return _sigmoid(x) * _sigmoid(-x)


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "σ′({0})": _sigmoid_slope,
    "σ({0})": _sigmoid,
    "1 − σ({0})": lambda x: _sigmoid(-x),
    "{0}(1 − {0})": lambda x: x * (1 - x),
    "1 − {0}²": lambda x: 1 - x**2,
    "tanh {0}": np.tanh,
    "cos {0}": np.cos,
    "sin {0}": np.sin,
}
# Given in the place of the right result, they show which function was taken.
INSTEAD = FUNCTIONS | {
    "1 − tanh² {0}": lambda x: 1 - np.tanh(x) ** 2,
    "σ′(σ({0}))": lambda x: _sigmoid_slope(_sigmoid(x)),
    "the exponential of {0}": np.exp,
    "the square of {0}": np.square,
    "the size of {0}, without its sign": np.abs,
    "{0} where it is positive, else 0": lambda x: np.maximum(x, 0),
}
# What is missing is not named: it would be the answer.
FACTORS_OF_INPUTS: list[Relation] = [
    *((f"You give {words}.", lambda s, x, f=f: f(x)) for words, f in INSTEAD.items()),
    *((f"There is a factor {words} too many.", lambda s, x, f=f: s.right * f(x)) for words, f in FUNCTIONS.items()),
    *(("A factor is missing that depends on {0}.", lambda s, x, f=f: s.right / f(x)) for f in FUNCTIONS.values()),
]  # fmt: skip
