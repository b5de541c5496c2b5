"""What an answer gave, beside what is right, and whether a guess at what it does fits every number of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.comparing import as_floats, as_numbers, compare, names_as_text
from course_lib.exercises import Aspect, Case

BESIDE_L = {"l": 0, "l - 1": -1, "l + 1": 1}  # of a list with one array a layer, when the layer l is asked about


@dataclass(frozen=True)
class Seen:
    """One number or array that an answer gave, beside the right one.

    name: its place in the answer, "dw[1]"; empty for the whole.
    wrong: where it is not right; None when the shapes differ.
    """

    case: Case
    name: str
    right: np.ndarray
    got: np.ndarray
    wrong: np.ndarray | None

    @property
    def is_wrong(self) -> bool:
        return self.wrong is None or bool(self.wrong.any())

    @property
    def places(self) -> np.ndarray:
        """Where it is not right, of one with the right shape."""
        assert self.wrong is not None
        return self.wrong


def places_of(aspect: Aspect, case: Case, right: Any, got: Any, name: str = "") -> Iterator[Seen | None]:
    """All numbers of an answer with their places; None where the forms of the two do not fit together."""
    right, got = names_as_text(right), names_as_text(got)
    if isinstance(right, dict):
        if not isinstance(got, dict) or set(got) != set(right):
            yield None
            return
        for key in right:
            yield from places_of(aspect, case, right[key], got[key], f"{name}, {key}" if name else str(key))
        return
    numbers, value = as_numbers(right), as_numbers(got)
    if numbers is not None and numbers.ndim and np.asarray(right).dtype == bool:  # yes or no is no number
        if compare(right, got):
            yield None
        return
    if numbers is None and isinstance(right, (list, tuple)):
        if not isinstance(got, (list, tuple, np.ndarray)) or len(got) != len(right):
            yield None
            return
        for index, item in enumerate(right):
            yield from places_of(aspect, case, item, got[index], f"{name}[{index}]")
        return
    numbers, value = (None if each is None else as_floats(each) for each in (numbers, value))
    if numbers is None or value is None:
        if compare(right, got, aspect.rtol, aspect.atol):
            yield None
        return
    wrong = None
    if numbers.shape == value.shape:
        with np.errstate(all="ignore"):
            close = np.abs(value - numbers) <= aspect.atol + aspect.rtol * np.abs(numbers)
            wrong = ~((value == numbers) | close & np.isfinite(value) & np.isfinite(numbers))
    yield Seen(case, name, numbers, value, wrong)


def where_wrong(seen: Sequence[Seen], wrong: Sequence[Seen]) -> str:
    """The names of the places that are wrong, unless all are."""
    names = list(dict.fromkeys(each.name for each in wrong))
    if len(names) == len({each.name for each in seen}) or not all(names):
        return ""
    return ", ".join(names[:3]) + (", …: " if len(names) > 3 else ": ")


def input_of(each: Seen, name: str) -> np.ndarray:
    """An input of the case in numbers.

    Raises:
        ValueError: where it is none.
    """
    numbers = as_numbers(each.case.inputs.get(name))
    value = as_floats(numbers) if numbers is not None else None
    if value is None:
        raise ValueError(f"{name} is no number in this case")
    return value


def same(one: np.ndarray | None, other: np.ndarray) -> bool:
    """What np.allclose says, with equal_nan, in half the time: hundreds of guesses are compared."""
    if one is None or np.shape(one) != np.shape(other):
        return False
    if other.size and not near(np.asarray(one).item(0), other.item(0)):
        return False  # most guesses end here
    with np.errstate(invalid="ignore"):
        close = (np.abs(one - other) <= 1e-9 + 1e-6 * np.abs(other)) & np.isfinite(other)
    return bool(close.all() or np.all(close | (one == other) | np.isnan(one) & np.isnan(other)))


def near(one: Any, other: Any) -> Any:
    """The same for two numbers, or for many beside one."""
    return (abs(one - other) <= 1e-9 + 1e-6 * abs(other)) | (one == other) | ((one != one) & (other != other))


def one_factor(each: Seen) -> float:
    """The factor between what was given and what is right; NaN when it is not one and the same for all numbers."""
    largest = int(np.argmax(np.abs(each.right))) if each.right.size else 0
    if not each.right.size or each.right.item(largest) == 0:
        return np.nan
    factor = each.got.item(largest) / each.right.item(largest)
    return factor if same(factor * each.right, each.got) else np.nan


def fits(wrong: Sequence[Seen], predict: Callable[..., Any]) -> bool:
    """Whether a guess of what the answer does gives just what it gave, in every place."""
    for each in wrong:
        try:
            guess = predict(each)
        except (ValueError, LookupError, TypeError, ZeroDivisionError, np.linalg.LinAlgError):
            return False
        if not same(guess, each.got):
            return False
    return True


def is_whole(numbers: np.ndarray) -> bool:
    """Whether all of them are whole numbers."""
    return bool(np.all(numbers == np.rint(numbers)))


def says_much(wrong: Sequence[Seen]) -> bool:
    """Whether there are enough numbers that an equality is no coincidence: two that differ, or one with decimals."""
    sizes: set[float] = set()
    for number in (abs(number) for each in wrong for number in np.ravel(each.right).tolist()):
        if np.isfinite(number) and number != 0:
            sizes.add(number)
            if len(sizes) > 1 or number != round(number):
                return True  # mostly after one number
    return False
