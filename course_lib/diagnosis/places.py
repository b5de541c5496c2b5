"""All is right but one kind of place, or one kind of input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.diagnosis.seen import Seen, fits, input_of, is_whole

ENOUGH_ENTRIES = 5  # fewer agree with some kind of input by chance
LARGE = 20.0  # beyond this, e^x is no longer a number of usual size


def place(wrong: Sequence[Seen]) -> str:
    """All wrong entries are in one kind of place."""
    large = [each for each in wrong if each.places.size > 1]  # of one entry, all places are the same
    if all(each.places.all() for each in large):
        return ""
    for words, at in PLACES:
        try:
            if all(np.array_equal(each.places, at(each.right)) for each in wrong):
                return f"All is right but {words}."
        except (IndexError, ValueError):
            continue
    return ""


def _marked(*index: Any) -> Callable[[np.ndarray], np.ndarray]:
    def at(array: np.ndarray) -> np.ndarray:
        mask = np.zeros(array.shape, bool)
        for each in index:
            mask[each] = True
        return mask

    return at


def _diagonal(a: np.ndarray) -> np.ndarray:
    """Where the diagonal of a matrix is. Raises ValueError for what is no matrix."""
    rows, columns = a.shape
    return np.eye(rows, columns, dtype=bool)


PLACES: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("the first entry", lambda a: _marked((0,) * a.ndim)(a)),
    ("the last entry", lambda a: _marked((-1,) * a.ndim)(a)),
    ("the first and the last entry", lambda a: _marked((0,) * a.ndim, (-1,) * a.ndim)(a)),
    ("the first row", _marked(0)),
    ("the last row", _marked(-1)),
    ("the first column", _marked((..., 0))),
    ("the last column", _marked((..., -1))),
    ("the diagonal", _diagonal),
    ("what is beside the diagonal", lambda a: ~_diagonal(a)),
    ("what follows the first entry: only that one is right", lambda a: ~_marked((0,) * a.ndim)(a)),
    ("what stands before the last entry: only that one is right", lambda a: ~_marked((-1,) * a.ndim)(a)),
    ("what follows the first column: only that one is right", lambda a: ~_marked((..., 0))(a)),
    ("what follows the first row: only that one is right", lambda a: ~_marked(0)(a)),
    ("what stands before the last column: only that one is right", lambda a: ~_marked((..., -1))(a)),
    ("what stands before the last row: only that one is right", lambda a: ~_marked(-1)(a)),
]


def input_kind(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """All wrong entries are for one kind of input."""
    if any(each.places.all() for each in wrong):
        return ""
    where = kind_of_input(wrong, seen)
    return f"All is right but some entries{where}" if where else ""


def kind_of_input(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """ ", where `z` is negative." when that is just where the wrong entries are, in the cases that are right too."""
    names = {each.name for each in wrong}
    alike = [each for each in seen if each.name in names and each.wrong is not None]
    if sum(each.right.size for each in alike) < ENOUGH_ENTRIES:
        return ""
    for name in wrong[0].case.inputs:
        for words, kind in KINDS:
            try:
                if all(np.array_equal(each.places, kind(_matching(each, name))) for each in alike):
                    return f", where `{name}` is {words}."
            except ValueError:
                continue
    return ""


def _matching(each: Seen, name: str) -> np.ndarray:
    value = input_of(each, name)
    if value.shape != each.right.shape or not value.shape:
        raise ValueError("it does not stand beside the entries one by one")
    return value


KINDS: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("0", lambda x: x == 0),
    ("negative", lambda x: x < 0),
    ("positive", lambda x: x > 0),
    ("0 or negative", lambda x: x <= 0),
    ("0 or positive", lambda x: x >= 0),
    ("not 0", lambda x: x != 0),
    ("large and positive", lambda x: x > LARGE),
    ("large and negative", lambda x: x < -LARGE),
    ("large, positive or negative", lambda x: np.abs(x) > LARGE),
    ("small", lambda x: np.abs(x) < LARGE),
]


def signs(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """The right sizes with some wrong signs."""
    if not fits(wrong, lambda s: np.where(np.signbit(s.got) == np.signbit(s.right), s.right, -s.right)):
        return ""
    where = kind_of_input(wrong, seen)
    return f"All sizes are right, but some signs are wrong{where or '.'}"


def too_large(wrong: Sequence[Seen]) -> str:
    """Whole numbers that are always too large, or always too small: something is counted twice or not at all.

    A place in an array is no count: there it is only said which way it is wrong.
    """
    whole = all(is_whole(each.right) and is_whole(each.got) for each in wrong)
    gaps = np.concatenate([np.ravel(each.got - each.right)[np.ravel(each.places)] for each in wrong])
    if not whole or not len(gaps):
        return ""
    if all(map(_is_a_place, wrong)):
        later, earlier = (
            "It is always a later place than the right one.",
            "It is always an earlier place than the right one.",
        )
        return later if (gaps > 0).all() else earlier if (gaps < 0).all() else ""
    if all(np.isin(each.right, (-1, 0, 1)).all() for each in wrong):
        return ""  # that is no count
    if (gaps > 0).all():
        return "The whole number is too large each time. Is something counted twice, or taken that does not belong?"
    if (np.abs(gaps) == 1).all():
        return "The whole number is off by one, at times too large and at times too small."
    return "The whole number is too small each time. What is left out?" if (gaps < 0).all() else ""


def _is_a_place(each: Seen) -> bool:
    """Whether all numbers can be indices into an array that was given."""
    shapes = [value.shape for value in each.case.inputs.values() if isinstance(value, np.ndarray) and value.ndim]
    numbers = np.concatenate([np.ravel(each.right), np.ravel(each.got)])
    return bool(numbers.min() >= 0) and any(numbers.max() < max(shape) for shape in shapes)
