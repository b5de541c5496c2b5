"""One number everywhere, one factor or one summand: a sign, a half, the size of an input, a base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.diagnosis.seen import BESIDE_L, Seen, fits, one_factor, says_much
from course_lib.exercises import Case

MOST_NAMES = 4  # more names make no sentence


def constant(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """One and the same number everywhere."""
    given = np.concatenate([np.ravel(each.got) for each in wrong])
    right = np.concatenate([np.ravel(each.right) for each in wrong])
    if len(given) < 2 or np.ptp(right) == 0 or not np.isfinite(given).all() or np.ptp(given) > 0:
        return ""
    names = list(dict.fromkeys(each.name for each in wrong))
    if MOST_NAMES >= len(names) == len(wrong) > 1 and all(
        each.right.ndim == 0 and each.case is wrong[0].case for each in wrong
    ):
        return f"{', '.join(names[:-1])} and {names[-1]} are given one and the same number."
    places = [each.got for each in seen if each.name in names]
    if any(np.any(each != given[0]) for each in places):
        return ""  # in other cases it gives other numbers, and is right
    return f"It is {given[0] + 0.0:g} everywhere. Does it use all that your function gets?"


def zeros(wrong: Sequence[Seen]) -> str:
    """What is wrong is 0 everywhere, while in other cases numbers stand in the same places."""
    if sum(each.got.size for each in wrong) < 2 or any(each.got.any() for each in wrong):
        return ""
    return "It stays 0 where another number belongs. Is it filled in, in every case?"


def no_negatives(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """Negative numbers come out as 0 while positive ones are right: a 0 by itself may be anything."""
    if not any((each.right > 0).any() for each in seen) or not says_much(wrong):
        return ""
    if sum(int(each.places.sum()) for each in wrong) < 2:
        return ""
    return "Negative results come out as 0." if fits(wrong, lambda s: np.maximum(s.right, 0)) else ""


def offset(wrong: Sequence[Seen]) -> str:
    """Wrong by the same amount everywhere."""
    gaps = np.concatenate([np.ravel(each.got - each.right) for each in wrong])
    if len(gaps) < 2 or not np.isfinite(gaps).all() or np.ptp(gaps) > 1e-7 * np.max(np.abs(gaps)):
        return ""
    return "Every number is wrong by the same amount. What is added or left out?"


def factor(wrong: Sequence[Seen]) -> str:
    """A sign, a half, another base, or a factor that is the size of an input."""
    if not says_much(wrong) or any(np.isnan(one_factor(each)) for each in wrong):
        return ""
    all_below_0 = sum(each.right.size for each in wrong) > 1 and all((each.right <= 0).all() for each in wrong)
    if all_below_0 and fits(wrong, lambda s: -s.right):
        return "Negative results come out positive. Is an absolute value taken, or is a sign wrong?"
    for factor, words in FACTORS:
        if fits(wrong, lambda s, factor=factor: factor * s.right):
            return words
    for sign in (1, -1):
        for name, size in sizes_of([each.case for each in wrong]):
            found = _factor_of_size(wrong, name, size, sign)
            if found:
                return found
    return _one_size_for_another(wrong)


def _one_size_for_another(wrong: Sequence[Seen]) -> str:
    """Divided by one size, or multiplied by it, where another one belongs. What differs from case to case tells."""
    sizes = sizes_of([each.case for each in wrong])
    for words, size in sizes:
        for _, other in sizes:
            ratios = [size(each.case) / other(each.case) for each in wrong]
            if len(set(ratios)) > 1 and fits(wrong, lambda s, a=size, b=other: s.right * b(s.case) / a(s.case)):
                return f"It is divided by {words}, or not multiplied by it, where another number belongs."
    return ""


FACTORS = [
    (-1, "The size is right, but the sign is wrong."),
    (2, "It is twice as large as it should be. Is there a factor of 2 too many, or is a half missing?"),
    (0.5, "It is half as large as it should be. Is there a half too many, or is a factor of 2 missing?"),
    (-2, "The sign is wrong, and there is a factor of 2 too many."),
    (-0.5, "The sign is wrong, and there is a factor of 2 missing."),
    (4, "It is four times as large as it should be."),
    (0.25, "It is a quarter of what it should be."),
    (1 / np.log(2), "Your logarithm has the base 2. The natural logarithm is meant, `np.log`."),
    (1 / np.log(10), "Your logarithm has the base 10. The natural logarithm is meant, `np.log`."),
]


def _factor_of_size(wrong: Sequence[Seen], name: str, size: Callable[[Case], int], sign: int) -> str:
    also = "" if sign > 0 else "The sign is wrong. Besides: "
    sizes = {size(each.case) for each in wrong}
    if sizes == {1}:
        return ""
    for words, factor in [*OF_A_SIZE, *(OF_SIZES if len(sizes) > 1 else [])]:
        if fits(wrong, lambda s, of=factor: sign * s.right * of(size(s.case))):
            return also + words.format(name)
    return ""


OF_A_SIZE: list[tuple[str, Callable[[int], float]]] = [
    ("It is too large by a factor: {}. Is it a sum where a mean belongs?", lambda n: n),
    ("It is too small by a factor: {}. Is it a mean where a sum belongs?", lambda n: 1 / n),
    ("You divide by {} minus 1, not by all of it.", lambda n: n / (n - 1)),
    ("It is too small: {}, or one fewer?", lambda n: (n - 1) / n),
    ("It is too large by the square of {}.", lambda n: n**2),
    ("It is too small by the square of {}.", lambda n: 1 / n**2),
    ("It is too large by the square root of {}.", np.sqrt),
    ("It is too small by the square root of {}.", lambda n: 1 / np.sqrt(n)),
]
# With one size alone, some of these fit by chance.
OF_SIZES: list[tuple[str, Callable[[int], float]]] = [
    ("It is half of {} times what it should be.", lambda n: n / 2),
    ("It is twice the right one, divided by {}.", lambda n: 2 / n),
    ("It is too large by twice {}.", lambda n: n * 2),
    ("It is too small by twice {}.", lambda n: 1 / n / 2),
]


def any_factor(wrong: Sequence[Seen]) -> str:
    """One factor that is none of these."""
    if not says_much(wrong):
        return ""
    ratios = [each.got[each.right != 0] / each.right[each.right != 0] for each in wrong if np.any(each.right != 0)]
    if not ratios or any(np.any(each.got[each.right == 0] != 0) for each in wrong):
        return ""
    if sum(map(len, ratios)) < 2 or not np.isfinite(np.concatenate(ratios)).all():
        return ""
    if any(np.ptp(each) > 1e-6 * np.max(np.abs(each)) for each in ratios) or not any(np.any(each) for each in ratios):
        return ""
    if len({f"{each[0]:.6g}" for each in ratios}) == 1:
        return "Every number is wrong by one and the same factor. What is multiplied or divided at the end?"
    if all(len(each) > 1 for each in ratios):
        return "In each case all numbers are wrong by one common factor, which changes from case to case."
    return ""


def sizes_of(cases: Sequence[Case]) -> list[tuple[str, Callable[[Case], int]]]:
    """What can be counted in every case: lengths, rows, columns, and whole numbers among the inputs."""
    first = cases[0].inputs
    found: list[tuple[str, Callable[[Case], int]]] = []
    for name, value in first.items():
        found += [(words, _size_of(name, of)) for words, of in _countable(name, value)]
        if isinstance(value, (list, tuple)) and type(first.get("l")) is int:
            found += [(f"the number of rows of `{name}[{at}]`", _rows_at(name, k)) for at, k in BESIDE_L.items()]
    kept = []
    for words, size in found:
        try:
            if all(size(case) > 0 for case in cases):
                kept.append((words, size))
        except (TypeError, IndexError, KeyError, ValueError, AttributeError):  # another kind of input in another case
            continue
    return sorted(kept, key=lambda pair: pair[0].startswith("the number of items"))  # these agree by chance more often


def _rows_at(name: str, beside: int) -> Callable[[Case], int]:
    return lambda case: case.inputs[name][case.inputs["l"] + beside].shape[0]


def _countable(name: str, value: Any) -> list[tuple[str, Callable[[Any], int]]]:
    if type(value) is int:
        return [(f"`{name}`", int)]
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return [(f"the number of columns of `{name}`", lambda v: v.shape[1]),
                (f"the number of rows of `{name}`", lambda v: v.shape[0]),
                (f"the number of entries of `{name}`", lambda v: v.size)]  # fmt: skip
    if isinstance(value, (list, tuple)):
        arrays = [each for each in value if isinstance(each, np.ndarray) and each.ndim == 2]
        columns = [(f"the number of columns of the arrays in `{name}`", lambda v: v[-1].shape[1])] if arrays else []
        return [*columns, (f"the number of items of `{name}`", len)]
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return [(f"the length of `{name}`", len)]
    return []


def _size_of(name: str, of: Callable[[Any], int]) -> Callable[[Case], int]:
    return lambda case: of(case.inputs[name])
