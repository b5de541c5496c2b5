"""Lists of names, True and False, and named results that stand for one another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from course_lib.comparing import compare
from course_lib.exercises import Aspect, Case


def one_for_another(questions: Sequence[tuple[Aspect, Case, Any, Any]]) -> str:
    """One named result that is given in the place of another one, while all others are right."""
    if not all(isinstance(right, dict) and isinstance(got, dict) for _, _, right, got in questions):
        return ""
    pairs: set[tuple[str, str]] | None = None
    for aspect, _, right, got in questions:
        differ = (n for n in right if n in got and compare(right[n], got[n], aspect.rtol, aspect.atol))
        wrong = list(islice(differ, 2))
        if not wrong:
            continue
        if len(wrong) > 1:
            return ""
        others = [name for name in right if name != wrong[0] and isinstance(right[name], (np.ndarray, float))]
        alike = [name for name in others if not compare(right[name], got[wrong[0]])]
        fit = {(wrong[0], name) for name in alike if not _is_common(right[name])}
        pairs = fit if pairs is None else pairs & fit
    if not pairs:
        return ""
    place, other = min(pairs)
    return f"{place} is given the value of {other}. Is one name used for two things, or changed after it was stored?"


def _is_common(value: Any) -> bool:
    """Whether it is 0, 1 or -1 everywhere: what is equal to these is no proof."""
    return bool(np.isin(value, (0, 1, -1)).all())


def of_texts(pairs: Sequence[tuple[Any, Any]]) -> str:
    """What is wrong with answers that are lists of names, or True and False."""
    if all(type(right) is bool and type(got) in (bool, int) for right, got in pairs):
        return _of_truths([(right, bool(got)) for right, got in pairs])
    wrong = [(right, got) for right, got in pairs if right != got] if all(map(_are_names, pairs)) else []
    kinds = {_kind_of_names(list(right), list(got)) for right, got in wrong}
    return kinds.pop() if len(kinds) == 1 else ""


def of_flags(pairs: Sequence[tuple[Any, Any]]) -> str:
    """What a driver has found to be so or not, when nothing but this is wrong: {"a step was made": False}."""
    if not all(isinstance(right, dict) and isinstance(got, dict) and set(right) == set(got) for right, got in pairs):
        return ""
    if not any(type(each) is bool for right, _ in pairs for each in right.values()):
        return ""
    wrong = {name: right[name] for right, got in pairs for name in right if compare(right[name], got[name])}
    if len(wrong) != 1:
        return ""
    ((name, holds),) = wrong.items()
    return "" if type(holds) is not bool else f"This {'does not hold' if holds else 'should not be so'}: {name}."


def _are_names(pair: tuple[Any, Any]) -> bool:
    return all(isinstance(each, (list, tuple)) and all(isinstance(n, str) for n in each) for each in pair)


def _kind_of_names(right: list[str], got: list[str]) -> str:
    if len(set(got)) < len(got) and set(got) <= set(right):
        return "A name stands in the list twice."
    if set(got) < set(right):
        return "Names are missing in the list; those that are there belong to it."
    if set(got) > set(right):
        return "The list holds names that do not belong there; none is missing."
    if got == right[::-1]:
        return "The list is in reverse order."
    return "The names are the right ones, in another order." if sorted(got) == sorted(right) else ""


def _of_truths(pairs: Sequence[tuple[bool, bool]]) -> str:
    if all(right is not got for right, got in pairs) and len(set(pairs)) > 1:
        return "Your code says the opposite every time."
    given = {got for _, got in pairs}
    if len(given) == 1 and len(pairs) > 1:
        return f"Your code says {given.pop()} every time."
    wrong = {got for right, got in pairs if right is not got}
    return f"Your code says {wrong.pop()} too often." if len(wrong) == 1 else ""
