"""Known mistakes and near misses: what they give, and which of them an answer makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from course_lib.asked import Asked
from course_lib.asking import Outcome
from course_lib.comparing import compare
from course_lib.exercises import Aspect, Exercise
from course_lib.prints import fingerprint, same_print
from course_lib.sealed import Sealed
from course_lib.stopped import hint_for

Item = TypeVar("Item")
TEXT_VARIES = ("RecursionError", "MemoryError")  # these say the same thing in many ways


@dataclass(frozen=True)
class Trap:
    """A known wrong answer: the sentence for the student, and its outcomes for the aspects that it loses."""

    name: str
    message: str
    outcomes: Mapping[str, Sequence[Outcome]]
    answer: str = ""  # the name that it stands for in the notebook

    def to_dict(self, salt: str = "") -> dict[str, Any]:
        """As plain data; with a salt, sealed."""
        outcomes = {aspect: _rows(each, salt and f"{salt}/{aspect}") for aspect, each in self.outcomes.items()}
        return {"trap": self.name, "answer": self.answer, "message": self.message, "outcomes": outcomes}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Trap:
        """From plain data."""
        outcomes = {aspect: _outcomes(each) for aspect, each in row["outcomes"].items()}
        return cls(row["trap"], row["message"], outcomes, row["answer"])


@dataclass(frozen=True)
class Near:
    """The right answer with one small change: a sentence for the kind of change, and what it gives, in short.

    prints: for each aspect that it loses, one number that depends on all that it gives.
    """

    sentence: str
    prints: Mapping[str, float]


class Later(Sequence[Item]):
    """Known mistakes or near misses that are made when somebody asks: right answers need none."""

    def __init__(self, make: Callable[[], Sequence[Item]]) -> None:
        self._make = make
        self._made: Sequence[Item] | None = None

    def _all(self) -> Sequence[Item]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())


@dataclass(frozen=True)
class Key:
    """What one exercise is judged by: the right outcomes by aspect, the known wrong answers, and near misses."""

    expected: Mapping[str, Sequence[Outcome]]
    traps: Sequence[Trap] = ()
    near: Sequence[Near] = ()

    def to_rows(self, salt: str = "") -> list[dict[str, Any]]:
        """As plain data: one row for each aspect, and one for each known wrong answer.

        salt: seals all values, so that they can be compared with but not read.
        """
        right = [
            {"aspect": aspect, "expected": _rows(each, salt and f"{salt}/{aspect}")}
            for aspect, each in self.expected.items()
        ]
        kinds: dict[str, list[dict]] = {}
        for each in self.near:
            kinds.setdefault(each.sentence, []).append({name: float(f"{n:.9g}") for name, n in each.prints.items()})
        near = [{"near": sentence, "prints": prints} for sentence, prints in kinds.items()]
        return right + [trap.to_dict(salt) for trap in self.traps] + near

    @classmethod
    def from_rows(cls, rows: Sequence[dict[str, Any]]) -> Key:
        """From plain data."""
        expected = {row["aspect"]: _outcomes(row["expected"]) for row in rows if "aspect" in row}
        near = [Near(row["near"], prints) for row in rows if "near" in row for prints in row["prints"]]
        return cls(expected, [Trap.from_dict(row) for row in rows if "trap" in row], near)


def _rows(outcomes: Sequence[Outcome], salt: str) -> list[dict]:
    if not salt:
        return [outcome.to_dict() for outcome in outcomes]
    salts = [f"{salt}/{number}" for number in range(len(outcomes))]
    return [{"salt": one, "sealed": Sealed.of(one, o.value).digest} for one, o in zip(salts, outcomes, strict=True)]


def _outcomes(rows: Sequence[dict]) -> list[Outcome]:
    return [Outcome(Sealed(r["salt"], r["sealed"])) if "sealed" in r else Outcome.from_dict(r) for r in rows]


def recognize(exercise: Exercise, traps: Sequence[Trap], wrong: Mapping[str, Asked]) -> dict[str, Trap]:
    """For each wrong aspect, the known mistake behind it. One is named only when all that is asked agrees with it.

    The aspects that it loses give just what it gives, and all others are right. Two mistakes in one exercise are named
    when together they explain everything, or when they are in different functions.
    """
    if not wrong:
        return {}  # the known mistakes are not even made
    fitting = [t for t in traps if t.outcomes and set(t.outcomes) <= set(wrong) and _agrees(wrong, t)]
    fitting.sort(key=lambda trap: -len(trap.outcomes))
    found: dict[str, Trap] = {}
    for trap in fitting:
        if not set(trap.outcomes) & set(found):
            found |= dict.fromkeys(trap.outcomes, trap)
    graded = {name for name in wrong if exercise.aspect(name).points}
    if graded <= set(found):
        return found
    about = {answer: {name for t in traps if t.answer == answer for name in t.outcomes} for answer in exercise.answers}
    whole = {trap.name for trap in found.values() if about.get(trap.answer, graded) & graded <= set(found)}
    return {name: trap for name, trap in found.items() if trap.name in whole and len(exercise.answers) > 1}


def beside_another(traps: Sequence[Trap], wrong: Mapping[str, Asked]) -> dict[str, str]:
    """The sentence of a known mistake for the aspects that agree with it, beside a second mistake in the others.

    All that it loses is wrong, and two aspects or more are wrong in just its way: one alone may agree by chance.
    """
    if len(wrong) < 2:
        return {}  # the known mistakes are not even made
    fits: list[tuple[list[str], str]] = []
    for trap in traps:
        if set(trap.outcomes) <= set(wrong):
            given = [name for name in trap.outcomes if wrong[name].is_compared]
            agree = [n for n in given if _same(wrong[n].aspect, trap, wrong[n].outcomes, by_text=False)]
            if len(agree) > 1:
                fits.append((agree, trap.message))
    agree, sentence = max(fits, key=lambda fit: len(fit[0]), default=([], ""))
    return dict.fromkeys(agree, sentence)


def in_part(traps: Sequence[Trap], wrong: Mapping[str, Asked]) -> dict[str, str]:
    """The sentences of known mistakes in some of the named results, while others are wrong in another way.

    Every result that the known mistake spoils is spoiled in just its way, in all aspects that it loses.
    """
    if not wrong:
        return {}  # the known mistakes are not even made
    told: dict[str, list[str]] = {}
    for trap in traps:
        aspects = [wrong[name] for name in trap.outcomes if name in wrong and wrong[name].is_compared]
        if (
            trap.outcomes
            and len(aspects) == len(trap.outcomes)
            and all(_spoils_the_same(trap, each) for each in aspects)
        ):
            for each in aspects:
                told.setdefault(each.aspect.name, []).append(trap.message)
    return {name: " ".join(list(dict.fromkeys(each))[:2]) for name, each in told.items()}


def _spoils_the_same(trap: Trap, asked: Asked) -> bool:
    aspect, spoiled = asked.aspect, 0
    for right, known, got in zip(asked.expected, trap.outcomes[aspect.name], asked.given, strict=True):
        values = right.value, known.value, got.value
        if known.error or not all(isinstance(each, dict) for each in values) or set(values[0]) != set(values[2]):
            return False
        names = [n for n in right.value if compare(right.value[n], known.value.get(n), aspect.rtol, aspect.atol)]
        if any(compare(known.value[n], got.value[n], aspect.rtol, aspect.atol, nan_equal=True) for n in names):
            return False
        spoiled += sum(np.size(right.value[n]) for n in names)
    return spoiled > 1


def near_aspects(exercise: Exercise) -> list[Aspect]:
    """The aspects whose outcomes tell near misses apart: values, and of no great size."""
    return [aspect for aspect in exercise.aspects if aspect.again and not aspect.accept]


def near_sentences(exercise: Exercise, near: Sequence[Near], wrong: Mapping[str, Asked]) -> dict[str, str]:
    """The sentence of the near miss that gives just what the answer gives, for each aspect that it loses.

    Where an exercise asks for several functions, each may be a near miss of its own.
    """
    if not wrong:
        return {}  # the near misses are not even made
    seen = [aspect.name for aspect in near_aspects(exercise) if aspect.name in wrong]
    given = {name: fingerprint(wrong[name].outcomes) for name in seen if wrong[name].gives_values}
    fitting = [each for each in near if each.prints and _gives(given, each)]
    for each in fitting:
        if set(each.prints) == set(seen):
            return dict.fromkeys(wrong if len(exercise.answers) == 1 else each.prints, each.sentence)
    found: dict[str, str] = {}
    if len(exercise.answers) > 1:
        for each in sorted(fitting, key=lambda each: -len(each.prints)):
            if not set(each.prints) & set(found):
                found |= dict.fromkeys(each.prints, each.sentence)
    return found or _besides_another(near, wrong, given)


def _besides_another(
    near: Sequence[Near], wrong: Mapping[str, Asked], given: Mapping[str, float | None]
) -> dict[str, str]:
    """A near miss beside a second mistake: some of the aspects that it loses agree, and the others are wrong too.

    One aspect alone may agree by chance.
    """
    fits: list[tuple[list[str], str]] = []
    for each in near:
        agree = [name for name, number in each.prints.items() if number and same_print(number, given.get(name))]
        if len(agree) > 1 and set(each.prints) <= set(wrong):
            fits.append((agree, each.sentence))
    agree, sentence = max(fits, key=lambda fit: len(fit[0]), default=([], ""))
    return dict.fromkeys(agree, sentence)


def _gives(given: Mapping[str, float | None], near: Near) -> bool:
    return set(near.prints) <= set(given) and all(same_print(n, given[name]) for name, n in near.prints.items())


def _agrees(wrong: Mapping[str, Asked], trap: Trap) -> bool:
    """Where values agree too, an error is the same when the same is said of it: its text depends on the style."""
    known = [outcome for each in trap.outcomes.values() for outcome in each]
    by_text = not any(outcome.error is None for outcome in known)
    return all(_same(wrong[name].aspect, trap, wrong[name].outcomes, by_text) for name in trap.outcomes)


def _same(aspect: Aspect, trap: Trap, outcomes: Sequence[Outcome] | str, by_text: bool) -> bool:
    known = trap.outcomes.get(aspect.name)
    if not known or isinstance(outcomes, str) or len(known) != len(outcomes):
        return False
    return all(_same_outcome(aspect, a, b, by_text) for a, b in zip(known, outcomes, strict=True))


def _same_outcome(aspect: Aspect, known: Outcome, outcome: Outcome, by_text: bool) -> bool:
    if known.error or outcome.error:
        same_text = known.message == outcome.message or known.error in TEXT_VARIES
        if known.error and not by_text:
            same_text |= hint_for(known.error, known.message) == hint_for(known.error, outcome.message) != ""
        return known.error == outcome.error and same_text and not outcome.untouched
    if type(known.value) is not type(outcome.value) and (known.value is None or outcome.value is None):
        return False
    if isinstance(known.value, Sealed):
        return known.value == outcome.value
    if known.broken and not outcome.broken:
        return False
    return compare(known.value, outcome.value, aspect.rtol, aspect.atol, nan_equal=True) is None
