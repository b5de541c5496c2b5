"""The right numbers, but turned, shifted, sorted, squared, rounded, or in each other's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.diagnosis.seen import Seen, fits, is_whole, same, says_much

MANY = 8


def transform(wrong: Sequence[Seen]) -> str:
    """A function of the right numbers: transposed, sorted, squared, rounded, …"""
    if not says_much(wrong):
        return ""
    for sentence, predict in TRANSFORMS:
        if fits(wrong, predict):
            return sentence
    fitting = [words for words, rounded in WHOLE if _is_no_chance(wrong, rounded)]
    return fitting[0] if len(fitting) == 1 else NO_DECIMALS if fitting else ""


def _is_no_chance(wrong: Sequence[Seen], rounded: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether rounding gives what was given, and more than one number again and again, such as 0 or 1.

    Of many numbers, two that come again and again are no chance either.
    """
    numbers = [float(x) for each in wrong for x in np.ravel(rounded(each.right))]
    sizes = {abs(x) for x in numbers} - {0.0}
    several = len(sizes) > 1 or max(sizes, default=0) > 1 or (len(numbers) >= MANY and len(set(numbers)) > 1)
    return several and fits(wrong, lambda s: rounded(s.right))


WHOLE: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("The decimals are cut off. Do whole numbers in the input make your result whole?", np.trunc),
    ("The result is rounded to whole numbers.", np.rint),
    ("The result is rounded down to whole numbers.", np.floor),
    ("The result is rounded up to whole numbers.", np.ceil),
]
NO_DECIMALS = "The decimals are lost. Is the result rounded, or do whole numbers in the input make it whole?"
TRANSFORMS: list[tuple[str, Callable[[Seen], Any]]] = [
    ("The numbers are right, but transposed: rows and columns are exchanged.", lambda s: s.right.T),
    ("The numbers are right, but transposed, and the sign is wrong.", lambda s: -s.right.T),
    ("The numbers are right, in reverse order.", lambda s: s.right[::-1]),
    ("The columns are in reverse order.", lambda s: s.right[..., ::-1]),
    ("The numbers are shifted by one place.", lambda s: np.roll(s.right, 1, -1)),
    ("The numbers are shifted by one place.", lambda s: np.roll(s.right, -1, -1)),
    ("The numbers are right, but sorted. Keep their order.", lambda s: np.sort(s.right, axis=-1)),
    ("The result is squared. Is a root missing?", lambda s: s.right**2),
    ("You take a square root that is not wanted.", lambda s: np.sqrt(s.right)),
    ("It is upside down: one divided by the right result.", lambda s: 1 / s.right),
    ("It is upside down, with the wrong sign.", lambda s: -1 / s.right),
    ("All signs are lost: negative results come out positive.", lambda s: np.abs(s.right)),
    ("You give one minus the right result.", lambda s: 1 - s.right),
    ("It is too large by 1.", lambda s: s.right + 1),
    ("It is too small by 1.", lambda s: s.right - 1),
    ("You give the exponential of the right result.", lambda s: np.exp(s.right)),
    ("You give the logarithm of the right result.", lambda s: np.log(s.right)),
    ("You add up all entries, and put the sum into each place.", lambda s: _everywhere(np.sum, s.right)),
    ("You average all entries, and put the mean into each place.", lambda s: _everywhere(np.mean, s.right)),
    ("You divide by the sum of all entries, which is not asked.", lambda s: s.right / _several(s).sum()),
    ("You divide by the largest entry, which is not asked.", lambda s: s.right / _several(s).max()),
    ("You divide by the length of the vector, which is not asked.", lambda s: s.right / np.linalg.norm(_several(s))),
    ("You subtract the mean, which is not asked.", lambda s: s.right - _several(s).mean()),
    ("You give running sums of the right numbers.", lambda s: np.cumsum(s.right, axis=-1)),
]


def _several(each: Seen) -> np.ndarray:
    """The right numbers, more than one. Raises ValueError for one alone: divided by itself it is 1, whatever it is."""
    if each.right.size < 2:
        raise ValueError("one number alone")
    return each.right


def _everywhere(reduce: Callable[..., Any], array: np.ndarray) -> np.ndarray:
    """One number of all entries in each place. Raises ValueError for what is counted: there it is often a chance."""
    if is_whole(array):
        raise ValueError("whole numbers")
    return np.full(array.shape, reduce(array))


def swapped(wrong: Sequence[Seen]) -> str:
    """Named results that have changed places in pairs, and nothing else is wrong."""
    cases: dict[int, list[Seen]] = {}
    for each in wrong:
        cases.setdefault(id(each.case), []).append(each)
    pairs = None
    for places in cases.values():
        right, got = {s.name: s.right for s in places}, {s.name: s.got for s in places}
        fit = {(a, b) for a in right for b in right if a < b and same(right[a], got[b]) and same(right[b], got[a])}
        if {name for pair in fit for name in pair} != set(right):
            return ""
        pairs = fit if pairs is None else pairs & fit
    if not pairs or not says_much(wrong):
        return ""
    one, two = min(pairs)
    return f"{one} and {two} are exchanged."


def another_place(wrong: Sequence[Seen]) -> str:
    """The answer to another entry, for arrays: each number is right somewhere, but not here."""
    if all(each.right.size > 1 and same(np.sort(each.right.ravel()), np.sort(each.got.ravel())) for each in wrong):
        return "The right numbers are all there, but in other places. Look at the order."
    if all(each.right.size > 3 and np.ptp(each.got) == 0 < np.ptp(each.right) for each in wrong):
        return "Every entry is one and the same number. Each place has one of its own."
    if all(each.right.ndim == 2 and _columns_alike(each) for each in wrong):
        return "Every column is the same, and they should differ."
    return ""


def _columns_alike(each: Seen) -> bool:
    return bool(each.got.any() and np.ptp(each.got, axis=1).max() == 0 and np.ptp(each.right, axis=1).max() > 0)
