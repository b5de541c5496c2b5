"""One number for all that an answer gave, by which it is recognized without keeping what it gave.

An outcome here is anything with a `value` and an `error`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.comparing import as_numbers


def fingerprint(outcomes: Sequence[Any] | str) -> float | None:
    """One number that depends on all values and on their places; None where something is no finite number."""
    found = parts(outcomes)
    return None if found is None else float(sum(shapes + numbers for shapes, numbers in found))


def parts(outcomes: Sequence[Any] | str) -> list[tuple[float, float]] | None:
    """The fingerprint as a sum: for each outcome, the share of its shapes, and the share of its numbers.

    So the fingerprint of the same outcomes, each times a factor, is found without making them.
    """
    if isinstance(outcomes, str) or any(getattr(each, "error", None) for each in outcomes):
        return None
    rows = [flat(each.value) for each in outcomes if not isinstance(each, str)]
    if any(row is None for row in rows):
        return None
    known = [row for row in rows if row is not None]
    every = np.concatenate([values for values, _ in known]) if known else np.zeros(0)
    if not len(every) or not np.isfinite(every).all():
        return None
    weighted = every * np.cos(np.arange(1.0, len(every) + 1) ** 1.5)
    ends = np.cumsum([len(values) for values, _ in known])
    shares = [weighted[end - len(values) : end] for end, (values, _) in zip(ends, known, strict=True)]
    return [
        (float(share[~is_number].sum()), float(share[is_number].sum()))
        for share, (_, is_number) in zip(shares, known, strict=True)
    ]


def flat(value: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """All numbers of a plain value in one row with their shapes in front, and which of them are no shapes.

    None when there is something else in it.
    """
    if isinstance(value, dict):
        value = [value[name] for name in sorted(value, key=str)]
    numbers = as_numbers(value)
    if numbers is not None and numbers.dtype.kind in "biuf":
        row = np.concatenate([np.asarray(numbers.shape, float), np.ravel(numbers).astype(float)])
        return row, np.arange(len(row)) >= numbers.ndim
    if not isinstance(value, (list, tuple)):
        return None
    found = [row for row in map(flat, value) if row is not None]
    if not found or len(found) < len(value):
        return None
    return np.concatenate([row for row, _ in found]), np.concatenate([is_number for _, is_number in found])


def same_print(one: float | None, other: float | None) -> bool:
    """Whether two fingerprints are of the same outcomes."""
    return one is not None and other is not None and bool(same_prints(one, other))


def same_prints(one: Any, other: float) -> Any:
    """The same for one fingerprint beside many, or for two."""
    return abs(one - other) <= 1e-7 * (abs(one) + abs(other)) + 1e-10
