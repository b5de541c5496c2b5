"""Decide from plain data what an answer is worth and say why. Nothing of the student's runs in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.asking import Outcome
from course_lib.exercises import Aspect, Case, Exercise, WrongForm

TEXT_VARIES = ("RecursionError", "MemoryError")  # these say the same thing in many ways


@dataclass(frozen=True)
class Trap:
    """A known wrong answer: the sentence for the student, and its outcomes for the aspects that it loses."""

    name: str
    message: str
    outcomes: Mapping[str, Sequence[Outcome]]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        outcomes = {aspect: _rows(each) for aspect, each in self.outcomes.items()}
        return {"trap": self.name, "message": self.message, "outcomes": outcomes}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Trap:
        """From plain data."""
        return cls(row["trap"], row["message"], {aspect: _outcomes(each) for aspect, each in row["outcomes"].items()})


@dataclass(frozen=True)
class Key:
    """What one exercise is judged by: the right outcomes by aspect, and the known wrong answers."""

    expected: Mapping[str, Sequence[Outcome]]
    traps: Sequence[Trap] = ()

    def to_rows(self) -> list[dict[str, Any]]:
        """As plain data: one row for each aspect, and one for each known wrong answer."""
        right = [{"aspect": aspect, "expected": _rows(each)} for aspect, each in self.expected.items()]
        return right + [trap.to_dict() for trap in self.traps]

    @classmethod
    def from_rows(cls, rows: Sequence[dict[str, Any]]) -> Key:
        """From plain data."""
        expected = {row["aspect"]: _outcomes(row["expected"]) for row in rows if "aspect" in row}
        return cls(expected, [Trap.from_dict(row) for row in rows if "trap" in row])


def _rows(outcomes: Sequence[Outcome]) -> list[dict]:
    return [outcome.to_dict() for outcome in outcomes]


def _outcomes(rows: Sequence[dict]) -> list[Outcome]:
    return [Outcome.from_dict(row) for row in rows]


@dataclass(frozen=True)
class Difference:
    """Why a value is not the expected one.

    sentence: says what is wrong without any expected value.
    detail: the numbers, for the student's desk.
    """

    sentence: str
    detail: str = ""


@dataclass(frozen=True)
class AspectVerdict:
    """The judgement of one aspect. `message` and `detail` are empty when it passed."""

    name: str
    title: str
    points: float
    max_points: float
    message: str = ""
    detail: str = ""

    @property
    def passed(self) -> bool:
        """True when nothing is wrong, also for advice that is worth no points."""
        return not self.message


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise.

    status: "full", "partial", "wrong", "untouched", or "failed" when it could not be asked.
    """

    exercise: str
    number: str
    title: str
    aspects: Sequence[AspectVerdict]
    status: str
    trap: str | None = None  # name of the known wrong answer
    feedback: str = ""  # the one sentence that helps most; empty when all is right
    behavior: str = ""  # a mark that answers share which gave the same in every case; made when a class is graded

    @property
    def points(self) -> float:
        """The sum over the aspects that passed."""
        return sum(aspect.points for aspect in self.aspects)

    @property
    def max_points(self) -> float:
        """The sum over all aspects."""
        return sum(aspect.max_points for aspect in self.aspects)


def judge(
    exercise: Exercise,
    cases: Mapping[str, Sequence[Case]],
    key: Key,
    outcomes: Mapping[str, Sequence[Outcome] | str],
) -> Verdict:
    """Judge an exercise from the outcomes of its aspects.

    cases: by aspect, the cases that were asked.
    outcomes: by aspect, one outcome a case; or a sentence when the aspect could not be asked.
    """
    wrong = {}
    for aspect in exercise.aspects:
        difference = _judge_aspect(aspect, cases[aspect.name], key.expected[aspect.name], outcomes[aspect.name])
        if difference:
            wrong[aspect.name] = difference
    traps = _recognize(exercise, key, outcomes, wrong)
    aspects = []
    for aspect in exercise.aspects:
        lost = wrong.get(aspect.name)
        trap = traps.get(aspect.name)
        aspects.append(
            AspectVerdict(
                name=aspect.name,
                title=aspect.title,
                points=0 if lost else aspect.points,
                max_points=aspect.points,
                message=(trap.message if trap else lost.sentence) if lost else "",
                detail=lost.detail if lost else "",
            )
        )
    first = next((a for a in aspects if not a.passed and a.name in traps), None) or next(
        (a for a in aspects if not a.passed), None
    )
    return Verdict(
        exercise=exercise.id,
        number=exercise.number,
        title=exercise.title,
        aspects=tuple(aspects),
        status=_status(aspects, outcomes),
        trap=traps[first.name].name if first and first.name in traps else None,
        feedback=first.message if first else "",
    )


def _status(aspects: Sequence[AspectVerdict], outcomes: Mapping[str, Sequence[Outcome] | str]) -> str:
    if all(aspect.passed for aspect in aspects if aspect.max_points):
        return "full"
    if any(aspect.points for aspect in aspects):
        return "partial"
    graded = [outcomes.get(aspect.name, "") for aspect in aspects if aspect.max_points]
    asked = [outcome for each in graded if not isinstance(each, str) for outcome in each]
    if not asked:
        return "failed"
    if any(outcome.error is None for outcome in asked):
        return "wrong"  # something was written: say what is wrong with it
    return "untouched" if any(outcome.untouched for outcome in asked) else "wrong"


def _judge_aspect(
    aspect: Aspect, cases: Sequence[Case], expected: Sequence[Outcome], outcomes: Sequence[Outcome] | str
) -> Difference | None:
    """The first thing that is wrong with one aspect, or None."""
    if isinstance(outcomes, str):
        return Difference(outcomes)
    if len(outcomes) != len(cases):
        return Difference("The answer did not reply to every case.")
    for case, right, outcome in zip(cases, expected, outcomes, strict=True):
        difference = judge_case(aspect, case, right.value, outcome)
        if difference:
            return Difference(difference.sentence, _about(case, difference.detail))
    return None


def judge_case(aspect: Aspect, case: Case, expected: Any, outcome: Outcome) -> Difference | None:
    """What is wrong with the outcome of one case, or None."""
    if outcome.untouched:
        return Difference("Not answered yet.")
    if outcome.error == WrongForm.__name__:
        return Difference(outcome.message)
    if outcome.error:
        where = f", in the line `{outcome.line}`" if outcome.line else ""
        sentence = f"Your code stops with {outcome.error}."
        if not outcome.line:  # none of its lines: it failed when it was called, or when its result was used
            sentence = f"Your code cannot be called, or what it gives cannot be used ({outcome.error})."
        return Difference(sentence, f"{outcome.error}: {outcome.message}{where}")
    if aspect.accept:
        try:
            sentence = aspect.accept(case, outcome.value, expected)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            return Difference(
                "The answer is not of the kind that is asked for.",
                f"it cannot be read ({type(error).__name__}: {error})",
            )
        return Difference(sentence, f"got {_show(outcome.value)}") if sentence else None
    return compare(expected, outcome.value, aspect.rtol, aspect.atol)


def compare(
    expected: Any, got: Any, rtol: float = 1e-7, atol: float = 1e-9, nan_equal: bool = False
) -> Difference | None:
    """The first difference between two plain values, or None when they are equal within the tolerance.

    Ints, floats, lists and arrays of equal value are equal. NaN equals nothing, unless `nan_equal`. Integers on both
    sides differ by at most `atol`, however long they are; `rtol` is for what was rounded.
    Shape is compared before values; the items of a dict are compared in the order of the expected one.
    """
    expected, got = _names_as_text(expected), _names_as_text(got)
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, rtol, atol, nan_equal)
    if got is None and expected is not None:
        return Difference("The answer gives None. Is a return missing?", f"expected {_show(expected)}, got None")
    if isinstance(expected, str) or expected is None:
        if type(got) is type(expected) and got == expected:
            return None
        return Difference("The answer is wrong.", f"expected {_show(expected)}, got {_show(got)}")
    right = _as_numbers(expected)
    if right is None:
        return _compare_items(expected, got, rtol, atol, nan_equal)
    value = _as_numbers(got)
    if value is None:
        return Difference("Numbers are asked for.", f"got {_show(got)}")
    if value.shape != right.shape:
        return Difference(f"The shape is {value.shape}; it should be {right.shape}.")
    return _compare_numbers(right, value, rtol, atol, nan_equal)


def _compare_dicts(expected: dict, got: Any, rtol: float, atol: float, nan_equal: bool) -> Difference | None:
    if not isinstance(got, dict):
        return Difference(f"A dict with the keys {_names(expected)} is asked for.", f"got {_show(got)}")
    if set(got) != set(expected):
        return Difference(f"The keys should be {_names(expected)}.", f"got the keys {_names(got)}")
    for name, right in expected.items():
        difference = compare(right, got[name], rtol, atol, nan_equal)
        if difference:
            return Difference(
                f"{name}: {difference.sentence}", f"{name}: {difference.detail}" if difference.detail else ""
            )
    return None


def _compare_items(expected: Sequence, got: Any, rtol: float, atol: float, nan_equal: bool) -> Difference | None:
    if not isinstance(got, (list, tuple, np.ndarray)):
        return Difference(f"A list of {len(expected)} items is asked for.", f"got {_show(got)}")
    if len(got) != len(expected):
        return Difference(f"The answer has {len(got)} items; it should have {len(expected)}.")
    for index, (right, value) in enumerate(zip(expected, got, strict=True)):
        difference = compare(right, value, rtol, atol, nan_equal)
        if difference:
            return Difference(f"Item {index}: {difference.sentence}", f"item {index}: {difference.detail}")
    return None


def _compare_numbers(
    right: np.ndarray, value: np.ndarray, rtol: float, atol: float, nan_equal: bool
) -> Difference | None:
    equal = _same_integers(right, value, atol)
    if equal is None:
        right, value = _as_floats(right), _as_floats(value)
        with np.errstate(all="ignore"):
            near = np.abs(value - right) <= atol + rtol * np.abs(right)
            equal = (value == right) | near & np.isfinite(value) & np.isfinite(right)
        if nan_equal:
            equal |= np.isnan(value) & np.isnan(right)
    if equal.all():
        return None
    first = tuple(int(i) for i in np.argwhere(~equal)[0])
    finite = np.isfinite(value) if value.dtype.kind in "fc" else np.ones(value.shape, bool)
    numbers = f"expected {_show(right[first])}, got {_show(value[first])}"
    if not right.shape:
        return Difference("The value is wrong." if finite[first] else "The value is not a finite number.", numbers)
    count = f"{int((~equal).sum())} of {equal.size} entries"
    sentence = f"{count} are wrong." if finite[~equal].all() else f"{count} are wrong; some are not finite numbers."
    return Difference(sentence, f"entry {list(first)}: {numbers}")


def _same_integers(right: np.ndarray, value: np.ndarray, atol: float) -> np.ndarray | None:
    """Where two arrays of integers agree, with no digit lost; None if one of them holds anything else."""
    if not all(array.dtype.kind in "iuO" for array in (right, value)):
        return None
    if atol < 1:
        return np.asarray(right == value, bool)
    gap = np.abs(value.astype(object) - right.astype(object))  # Python's integers do not wrap around
    return np.asarray(gap <= atol, bool)


def _names_as_text(value: Any) -> Any:
    """An array of names as a list of them, and NumPy's text as Python's."""
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "U":
        return value.tolist()
    return value


def _as_numbers(value: Any) -> np.ndarray | None:
    """Numbers and even nested lists of them as an array, of objects where integers are too long; None for all else."""
    if isinstance(value, (str, dict)) or value is None:
        return None
    if isinstance(value, (list, tuple)) and any(_as_numbers(item) is None for item in value):
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind == "f" and not isinstance(value, (np.ndarray, np.generic)) and _is_long(array):
            array = np.asarray(value, dtype=object)  # NumPy reads [2**63, 1] as floats
    except (ValueError, OverflowError):
        return None
    if array.dtype.kind == "b":
        return array.astype(int)  # NumPy does not subtract truth values
    if array.dtype.kind == "O":
        return array if all(isinstance(item, (int, np.integer)) for item in array.flat) else _as_floats(array)
    return array if array.dtype.kind in "iufc" else None


def _is_long(array: np.ndarray) -> bool:
    with np.errstate(invalid="ignore"):
        return bool((np.abs(array) >= 2**53).any())


def _as_floats(array: np.ndarray) -> np.ndarray | None:
    """Numbers of other kinds as floats: fractions, decimals, integers beyond 64 bits. None for what is no number."""
    if array.dtype.kind == "c":
        return array
    if any(isinstance(item, (str, bytes)) or item is None for item in array.flat):
        return None
    try:
        return array.astype(float)
    except OverflowError:
        return np.full(array.shape, np.nan)  # longer than any float: equal to none
    except (TypeError, ValueError):
        return None


def _recognize(
    exercise: Exercise, key: Key, outcomes: Mapping[str, Sequence[Outcome] | str], wrong: Mapping[str, Difference]
) -> dict[str, Trap]:
    """For each wrong aspect, the known wrong answer that gives just these outcomes.

    The one that explains most comes first; of two, the one that loses fewer aspects besides.
    """
    explained = {
        trap.name: [name for name in wrong if _same(exercise.aspect(name), trap, outcomes[name])] for trap in key.traps
    }
    found: dict[str, Trap] = {}
    for trap in sorted(key.traps, key=lambda trap: (-len(explained[trap.name]), len(trap.outcomes))):
        for name in explained[trap.name]:
            found.setdefault(name, trap)
    return found


def _same(aspect: Aspect, trap: Trap, outcomes: Sequence[Outcome] | str) -> bool:
    known = trap.outcomes.get(aspect.name)
    if not known or isinstance(outcomes, str) or len(known) != len(outcomes):
        return False
    return all(_same_outcome(aspect, a, b) for a, b in zip(known, outcomes, strict=True))


def _same_outcome(aspect: Aspect, known: Outcome, outcome: Outcome) -> bool:
    if known.error or outcome.error:
        same_text = known.message == outcome.message or known.error in TEXT_VARIES
        return known.error == outcome.error and same_text and not outcome.untouched
    if type(known.value) is not type(outcome.value) and (known.value is None or outcome.value is None):
        return False
    return compare(known.value, outcome.value, aspect.rtol, aspect.atol, nan_equal=True) is None


def _about(case: Case, detail: str) -> str:
    """The case in a few words, then what happened."""
    inputs = ", ".join(f"{name} = {_show(value)}" for name, value in case.inputs.items())
    inputs = inputs if len(inputs) <= 160 else inputs[:157] + "…"
    return f"{inputs}: {detail}" if detail else inputs


def _names(keys: Any) -> str:
    return ", ".join(str(key) for key in keys)[:200]


def _show(value: Any) -> str:
    """A value in a few characters."""
    if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) == 0:
        value = value.item()
    if isinstance(value, (bool, int)) or value is None:
        return str(value)[:40]
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, complex):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray):
        if value.size <= 6 and value.ndim == 1:
            return "[" + ", ".join(_show(v) for v in value) + "]"
        return f"array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        text = ", ".join(_show(v) for v in value[:8]) + (", …" if len(value) > 8 else "")
        return f"[{text}]" if isinstance(value, list) else f"({text})"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
