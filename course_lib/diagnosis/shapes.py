"""Arrays that have not the shape that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.diagnosis.seen import Seen, fits, same


def shape(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """The right numbers in another shape."""
    if all(each.name == "shape" for each in wrong):  # from a driver that gives it in place of a large array
        got, right = (tuple(map(int, np.ravel(each))) for each in (wrong[0].got, wrong[0].right))
        return f"It is {got}; it should be {right}."
    if not all(each.wrong is None for each in wrong):
        return ""
    return next((sentence for sentence, predict in SHAPES if fits(wrong, predict)), "")


def _back(reduce: Callable[..., Any], axis: int) -> Callable[[Seen], Any]:
    """A guess: one axis was lost by adding or averaging along it, and the axis of length 1 is there or not."""

    def predict(each: Seen) -> Any:
        flat = reduce(each.right, axis=axis)
        return flat if flat.shape == each.got.shape else reduce(each.right, axis=axis, keepdims=True)

    return predict


def _of_one_number(reduce: Callable[..., Any]) -> Callable[[Seen], Any]:
    return lambda each: np.full(each.got.shape, reduce(each.right)) if each.got.size == 1 else None


def _without_zeros(each: Seen) -> np.ndarray | None:
    return each.right[each.right != 0] if each.right.ndim == each.got.ndim == 1 else None


SHAPES: list[tuple[str, Callable[[Seen], Any]]] = [
    ("The zeros are missing. A 0 is a number too, and keeps its place.", _without_zeros),
    ("The numbers are right, but transposed: rows and columns are exchanged.", lambda s: s.right.T),
    (
        "The numbers are right; only the shape is not: an axis of length 1 is missing or too many.",
        lambda s: s.right.reshape(s.got.shape) if _squeezed(s.right) == _squeezed(s.got) else None,
    ),
    (
        "The numbers are right, but not in the shape that is asked for.",
        lambda s: s.right.reshape(s.got.shape) if s.right.size == s.got.size else None,
    ),
    ("These are the numbers of the diagonal. A whole matrix is asked for.", lambda s: _diagonal_as(s)),
    ("You add up all entries to one number. Each keeps a place of its own.", _of_one_number(np.sum)),
    ("You average all entries to one number. Each keeps a place of its own.", _of_one_number(np.mean)),
    ("You add up along an axis that should stay.", _back(np.sum, 0)),
    ("You add up along an axis that should stay.", _back(np.sum, -1)),
    ("You average along an axis that should stay.", _back(np.mean, 0)),
    ("You average along an axis that should stay.", _back(np.mean, -1)),
    ("The numbers are right, but copied along an axis that should have length 1, or not be there.",
     lambda s: np.broadcast_to(s.right, s.got.shape) if s.got.size else None),
    ("The first entries are right, but the last are missing.",
     lambda s: s.right[: len(s.got)] if 0 < len(s.got) < len(s.right) else None),
    ("The last entries are right, but the first are missing.",
     lambda s: s.right[-len(s.got) :] if 0 < len(s.got) < len(s.right) else None),
    ("The entries are right, but there are more behind them.", lambda s: _longer(s, slice(None, len(s.right)))),
    ("The entries are right, but there are more in front of them.", lambda s: _longer(s, slice(-len(s.right), None))),
]  # fmt: skip


def _diagonal_as(each: Seen) -> np.ndarray | None:
    """The diagonal of a diagonal matrix, in the shape that was given."""
    if each.right.ndim != 2 or each.got.size != len(each.right) or len(each.right) < 2:
        return None
    numbers = np.diagonal(each.right)
    return numbers.reshape(each.got.shape) if same(each.right, np.diag(numbers)) else None


def _squeezed(array: np.ndarray) -> tuple[int, ...]:
    return tuple(n for n in array.shape if n != 1)


def _longer(each: Seen, part: slice) -> np.ndarray | None:
    """What the answer gave, when a part of it is the right answer."""
    enough = each.right.ndim == each.got.ndim and 0 < len(each.right) < len(each.got)
    return each.got if enough and same(each.right, each.got[part]) else None


def exchanged_shapes(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """Named results that have each other's shapes, while their numbers are wrong too."""
    cases: dict[int, dict[str, Seen]] = {}
    for each in wrong:
        if each.wrong is None:
            cases.setdefault(id(each.case), {})[each.name] = each
    pairs: set[tuple[str, str]] | None = None
    for places in cases.values():
        fit = {(a, b) for a in places for b in places if a < b and _have_each_others(places[a], places[b])}
        if {name for pair in fit for name in pair} != set(places):
            return ""
        pairs = fit if pairs is None else pairs & fit
    if not pairs:
        return ""
    one, two = min(pairs)
    return f"{one} has the shape that {two} should have, and {two} that of {one}. Are they exchanged?"


def _have_each_others(one: Seen, other: Seen) -> bool:
    return one.got.shape == other.right.shape != one.right.shape == other.got.shape


def shape_alone(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """What can be said of the shapes when the numbers fit to nothing."""
    if not all(each.wrong is None for each in wrong):
        return ""
    if all(each.got.shape == each.right.shape[::-1] and each.right.ndim > 1 for each in wrong):
        return "The shape is transposed, and the numbers are wrong too."
    one, two = wrong[0].got.shape, wrong[0].right.shape
    sentence = f"The shape is {one}; it should be {two}."
    if all(each.right.ndim == 0 < each.got.ndim for each in wrong):
        return f"{sentence} One number is asked for, and you give an array or a list."
    for axis, word in ((1, "columns"), (0, "rows")):
        if all(len(each.got.shape) == 2 == len(each.right.shape) for each in wrong):
            others = all(each.got.shape[1 - axis] == each.right.shape[1 - axis] for each in wrong)
            if others:
                return f"{sentence} Only the number of {word} is wrong."
    if all(each.got.ndim < each.right.ndim for each in wrong):
        return f"{sentence} An axis is lost on the way."
    if all(each.got.ndim > each.right.ndim for each in wrong):
        return f"{sentence} It has an axis too many."
    return sentence
