"""Two mistakes at once: a known one, and all of it has a wrong sign, is not averaged, or lacks an input as a factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_lib.diagnosis.factors import sizes_of
from course_lib.diagnosis.seen import same
from course_lib.exercises import Case
from course_lib.prints import flat, parts, same_prints

FACTORS = [
    ("has the wrong sign", -1.0),
    ("is twice as large as it should be", 2.0),
    ("is half as large as it should be", 0.5),
    ("has the wrong sign, and is twice as large", -2.0),
    ("has the wrong sign, and is half as large", -0.5),
]


@dataclass(frozen=True)
class Given:
    """What was given in the cases of one wrong aspect, and what is right: outcomes, with a value or an error each."""

    name: str
    cases: Sequence[Case]
    expected: Sequence[Any]
    outcomes: Sequence[Any]


def behind_a_factor(
    wrong: Sequence[Given],
    known: Sequence[tuple[str, Mapping[str, Sequence[Any]]]],
    near: Sequence[tuple[str, Mapping[str, float]]],
    alone: bool,
) -> dict[str, str]:
    """A sentence for the wrong aspects that a mistake and a factor explain together, to the last number.

    known: sentences of known mistakes, and what these give by aspect. near: the same with fingerprints.
    alone: the exercise asks for one function, so that both together must explain all that is wrong.
    """
    rows = {each.name: _rows(each.outcomes) for each in wrong}
    shares = {each.name: parts(each.outcomes) for each in wrong}
    if any(row is None for row in rows.values()) or any(share is None for share in shares.values()):
        return {}
    right = {each.name: _rows(each.expected) for each in wrong}
    ones = [1.0] * max(len(each.cases) for each in wrong)
    if any(not _alike(each) or _agree(right[each.name], rows[each.name], ones[: len(each.cases)]) for each in wrong):
        return {}  # the numbers may be right, but not the form
    mistakes = [
        (text, {name: _rows(each) for name, each in gives.items()}) for text, gives in known if set(gives) <= set(rows)
    ]
    near = [(text, numbers) for text, numbers in near if numbers and set(numbers) <= set(rows)]
    tables = {name: np.array([numbers.get(name, np.nan) for _, numbers in near]) for name in rows}
    for text, gives in mistakes:
        whole = not alone or set(gives) == set(rows)
        if gives and whole and all(_agree(gives[name], rows[name], ones[: len(rows[name])]) for name in gives):
            return dict.fromkeys(gives, text)  # where all is 0, any factor would fit besides
    for words, beside in _of_inputs(wrong):
        for text, gives in mistakes:
            if set(gives) == set(rows) and all(_agree(gives[name], rows[name], beside[name]) for name in gives):
                return dict.fromkeys(gives, f"{text} Besides, {words}.")
    for words, factor in _factors([case for each in wrong for case in each.cases]):
        by = {each.name: [factor(case) for case in each.cases] for each in wrong}
        explained = {name for name in rows if _agree(right[name], rows[name], by[name])}
        besides = f"Besides, all of it {words}."
        for text, gives in mistakes:
            if alone and set(gives) | explained != set(rows):
                continue
            if all(_agree(gives[name], rows[name], by[name]) for name in gives):
                return dict.fromkeys(set(gives) | explained, f"{text} {besides}")
        prints = {name: _print(shares[name], by[name]) for name in rows}
        for text, numbers in (near[place] for place in _alike_prints(tables, prints)):
            if not alone or set(numbers) | explained == set(rows):
                return dict.fromkeys(set(numbers) | explained, f"{text} {besides}")
    return {}


def _factors(cases: Sequence[Case]) -> Iterator[tuple[str, Callable[[Case], float]]]:
    for words, factor in FACTORS:
        yield words, partial(_of_a_size, None, factor)
    for name, size in sizes_of(cases):
        if {size(case) for case in cases} != {1}:
            yield f"is too large by a factor, {name}", partial(_of_a_size, size, 1)
            yield f"is too small by a factor, {name}", partial(_of_a_size, size, -1)


def _of_inputs(wrong: Sequence[Given]) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """Inputs that stand beside every right number, as a factor too many or missing: by aspect, for each case."""
    names = [name for name, value in wrong[0].cases[0].inputs.items() if isinstance(value, (np.ndarray, float))]
    for name in names:
        factors = {
            given.name: [
                _beside(c.inputs.get(name), right) for c, right in zip(given.cases, given.expected, strict=True)
            ]
            for given in wrong
        }
        if all(factor is not None for each in factors.values() for factor in each):
            yield f"there is a factor `{name}` too many", factors
            with np.errstate(all="ignore"):
                missing = {key: [1 / np.asarray(factor) for factor in each] for key, each in factors.items()}
            yield f"a factor `{name}` is missing", missing


def _beside(value: Any, right: Any) -> Any:
    """An input as a row of numbers, one for each right number, or one number for all; None where it is neither."""
    if isinstance(value, float):
        return value
    alike = isinstance(value, np.ndarray) and np.shape(value) == np.shape(right.value)
    return np.ravel(value).astype(float) if alike and value.dtype.kind in "iuf" else None


def _of_a_size(size: Callable[[Case], int] | None, power: float, case: Case) -> float:
    """A size of the case to a power; without a size, the number itself."""
    return power if size is None else float(size(case)) ** power


def _alike(given: Given) -> bool:
    """Whether both are of one form: the same names, the same shapes."""
    return all(
        isinstance(right.value, dict) == isinstance(got.value, dict) and _shapes(right.value) == _shapes(got.value)
        for right, got in zip(given.expected, given.outcomes, strict=True)
    )


def _shapes(value: Any) -> list[float]:
    row = flat(value)
    return [] if row is None else row[0][~row[1]].tolist()


def _rows(outcomes: Sequence[Any]) -> Any:
    """The numbers of each outcome in a row, or None where something is no number."""
    found = [None if outcome.error else flat(outcome.value) for outcome in outcomes]
    return None if any(row is None for row in found) else [row[0][row[1]] for row in found if row is not None]


def _agree(mistake: Any, given: Sequence[np.ndarray], by: Sequence[Any]) -> bool:
    """Whether what was given is what the mistake gives, times the factor."""
    if mistake is None or len(mistake) != len(given):
        return False
    with np.errstate(all="ignore"):
        return all(
            len(one) == len(other) and same(one * factor, other)
            for one, other, factor in zip(mistake, given, by, strict=True)
        )


def _alike_prints(tables: Mapping[str, np.ndarray], prints: Mapping[str, float]) -> Iterator[int]:
    """Which near misses have just these prints, in all aspects that they lose. NaN stands for one that they keep."""
    alike = [np.isnan(table) | same_prints(table, prints[name]) for name, table in tables.items()]
    yield from map(int, np.flatnonzero(np.all(alike, axis=0)))


def _print(shares: Any, by: Sequence[float]) -> float:
    return sum(shapes + numbers / factor for (shapes, numbers), factor in zip(shares, by, strict=True))
