"""A sum of some inputs, each with a factor of its own, in which one factor is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from course_lib.diagnosis.inputs import Quantity, quantities, remembered
from course_lib.diagnosis.seen import Seen

MOST_INPUTS = 5
EXACT = 1e-9  # of the largest number: what a sum of these inputs leaves over
EQUAL = 1e-6
GRADIENT = "the gradient of step"


@dataclass(frozen=True)
class Shares:
    """The factors of the inputs in one case: in the right sum, and in what was given."""

    right: np.ndarray
    got: np.ndarray


def wrong_share(wrong: Sequence[Seen]) -> str:
    """Both the right result and what was given are sums of the same inputs: the one whose factor is wrong.

    The factors are found from the numbers. So there must be more numbers than inputs in every case.
    """
    found = [*quantities(wrong), *_gradients(wrong)]
    once: dict[bytes, tuple[str, Quantity]] = {}  # one array may have two names
    for name, value in found:
        if _stands_beside(wrong, value):
            once.setdefault(b"".join(value(each).tobytes() for each in wrong), (name, value))
    found = list(once.values())[:MOST_INPUTS]
    if not found:
        return ""
    names = [name for name, _ in found]
    for squared in (False, True):
        words = [*names, *(f"{name}²" for name in names)] if squared else names
        shares = _shares(wrong, [value for _, value in found], squared)
        if shares:
            return _told(words, shares)
    return ""


def _gradients(wrong: Sequence[Seen]) -> list[tuple[str, Quantity]]:
    """The gradients of the steps that were made one after the other, where several steps are asked for."""
    steps = wrong[0].case.inputs.get("steps")
    if not isinstance(steps, list) or not all(isinstance(each, list) for each in steps):
        return []
    named = [(f"{GRADIENT} {number + 1}", partial(_gradient, number=number)) for number in range(len(steps))]
    return [(name, remembered(name, value)) for name, value in named]


def _gradient(each: Seen, number: int) -> np.ndarray:
    """The gradient of one step, for the array that it is. Raises LookupError where that step is not made."""
    found = re.search(r"\[(\d+)\]$", each.name)
    return np.asarray(each.case.inputs["steps"][number][int(found[1]) if found else 0])


def _stands_beside(wrong: Sequence[Seen], value: Quantity) -> bool:
    """Whether it has the shape of the result in every case, and is not 0 everywhere."""
    try:
        return all(value(each).shape == each.right.shape != () and value(each).any() for each in wrong)
    except (ValueError, LookupError, TypeError):
        return False


def _shares(wrong: Sequence[Seen], values: Sequence[Quantity], squared: bool) -> list[Shares]:
    """The factors in each case; none where something is no such sum, or too short to tell."""
    cases: dict[int, list[Seen]] = {}
    for each in wrong:
        cases.setdefault(id(each.case), []).append(each)
    found = []
    for places in cases.values():
        columns = [np.concatenate([np.ravel(value(each)) for each in places]).astype(float) for value in values]
        table = np.array(columns + [column**2 for column in columns] if squared else columns).T
        both = np.array([np.concatenate([np.ravel(s) for s in some]) for some in _both(places)]).T
        if len(table) <= table.shape[1] or not (np.isfinite(table).all() and np.isfinite(both).all()):
            return []
        shares, _, rank, _ = np.linalg.lstsq(table, both, rcond=None)
        if rank < table.shape[1] or np.abs(table @ shares - both).max() > EXACT * np.abs(both).max():
            return []
        found.append(Shares(*shares.T))
    return found


def _both(places: Sequence[Seen]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return [each.right for each in places], [each.got for each in places]


def _told(names: Sequence[str], shares: Sequence[Shares]) -> str:
    """Which factors are wrong, in all cases alike, and how."""
    differ = sorted({int(place) for each in shares for place in np.flatnonzero(~_alike(each.right, each.got))})
    right, got = (np.array([getattr(each, which)[differ] for each in shares]) for which in ("right", "got"))
    words = [names[place] if " " in names[place] else f"`{names[place]}`" for place in differ]
    if len(words) == 2 and _alike(right[:, ::-1], got).all():
        return f"In your sum the factors of {words[0]} and {words[1]} are exchanged."
    if len(words) > 1 and all(word.startswith(GRADIENT) for word in words):
        return f"In your sum {' and '.join(words)} have wrong factors. All else is right."
    if len(words) != 1:
        return ""
    if len(names) == 1:
        return f"You give {words[0]} with another factor than the right one."
    if _alike(right, -got).all():
        return f"In your sum {words[0]} has the wrong sign."
    if _alike(right, 0 * right).all():
        return f"In your sum {words[0]} does not belong: a part of it is added or subtracted."
    if _alike(got, 0 * got).all():
        return f"In your sum {words[0]} is missing."
    if _alike(got, np.sign(right)).all():
        return f"In your sum {words[0]} has no factor. By what should it be multiplied?"
    return f"In your sum the factor of {words[0]} is wrong. All else is right."


def _alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which factors are equal. They are found from the numbers, so they are not exact."""
    scale = max(float(np.abs(one).max(initial=0)), float(np.abs(other).max(initial=0)))
    return np.abs(one - other) <= EQUAL * scale
