"""Numbers that are none, and numbers that are right to some digits only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.diagnosis.places import kind_of_input
from course_lib.diagnosis.seen import Seen, is_whole, says_much

NEAR = 1e-3  # a relative difference below this is no other formula, but the same one computed roughly
FLOAT32 = 1e-6


def not_finite(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """Infinite or not a number, and right everywhere else."""
    bad = [~np.isfinite(each.got) & np.isfinite(each.right) for each in wrong]
    if not any(each.any() for each in bad):
        return ""
    if not all(np.array_equal(each, one.places) for each, one in zip(bad, wrong, strict=True)):
        return ""
    kind = "not a number (nan)" if any(np.isnan(each.got).any() for each in wrong) else "infinite"
    if not any(np.isfinite(each.got).any() for each in seen):
        return f"Every number is {kind}. Is something divided by 0, or too large for e^x?"
    where = kind_of_input(wrong, seen)
    return f"All is right but some numbers, which are {kind}{where or '. Which inputs lead to an overflow, or to 0/0?'}"


def partly_finite(wrong: Sequence[Seen]) -> str:
    """The same, while other numbers are wrong too."""
    some = any((~np.isfinite(each.got) & np.isfinite(each.right)).any() for each in wrong)
    return NOT_FINITE_TOO if some else ""


NOT_FINITE_TOO = "Some numbers are infinite or not a number (nan), and others are wrong too."


def nearly(wrong: Sequence[Seen]) -> str:
    """Right to about seven digits, or to three."""
    if not all(np.isfinite(each.got).all() for each in wrong) or all(is_whole(each.right) for each in wrong):
        return ""  # what is counted is right or wrong
    largest = max(float(np.max(np.abs(each.got - each.right) / (np.abs(each.right) + 1e-12))) for each in wrong)
    if largest < FLOAT32:
        return f"It is right to about seven digits only. {_why_seven(wrong)}"
    if largest < NEAR:
        return "It is nearly right, but not exactly. Is something rounded, estimated, or kept away from 0 on the way?"
    return ""


def _why_seven(wrong: Sequence[Seen]) -> str:
    if all(np.array_equal(each.got, each.got.astype(np.float32)) for each in wrong):
        return "Your numbers are in single precision (float32)."
    return (
        "Is something estimated with a small step, kept away from 0 by a small number, or in single precision "
        "(float32) on the way?"
    )


def rounded(wrong: Sequence[Seen]) -> str:
    """Rounded to some decimals, exactly."""
    if not says_much(wrong):
        return ""
    right, got = (float(each.item(0)) for each in (wrong[0].right, wrong[0].got))
    for decimals in range(1, 10):
        if abs(round(right, decimals) - got) > 1e-12 * (1 + abs(got)):
            continue  # mostly after one number
        if all(_is_rounded(each.right, each.got, decimals) for each in wrong):
            places = f"{decimals} decimals" if decimals > 1 else "one decimal"
            return f"The result is rounded to {places}. Give all digits."
    return ""


def _is_rounded(right: Any, got: Any, decimals: int) -> bool:
    return bool(np.allclose(np.round(right, decimals), got, rtol=1e-14, atol=1e-14))
