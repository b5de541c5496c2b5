"""Decide from plain data what an answer is worth and say why. Nothing of the student's runs in here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from course_lib import plain
from course_lib.asked import Asked, stops
from course_lib.asking import Outcome
from course_lib.comparing import compare, is_about_the_form
from course_lib.diagnosis.cases import only_where
from course_lib.diagnosis.diagnose import PARTS, SHARP, VAGUE, Stage, diagnose_all
from course_lib.diagnosis.factored import Given, behind_a_factor
from course_lib.exercises import Case, Exercise, WrongForm
from course_lib.known import Key, Trap, beside_another, in_part, near_sentences, recognize
from course_lib.stopped import hint_for

NOT_THERE = "which is not there yet"  # of an earlier answer


@dataclass(frozen=True)
class AspectVerdict:
    """The judgement of one aspect. `message` and `detail` are empty when it passed."""

    name: str
    title: str
    points: float
    max_points: float
    message: str = ""
    detail: str = ""
    given: str = ""  # "right, given your answer to 4.4": it keeps its points although an earlier answer is wrong

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
    asked = [
        Asked(exercise, aspect, cases[aspect.name], key.expected[aspect.name], outcomes[aspect.name])
        for aspect in exercise.aspects
    ]
    wrong = {each.aspect.name: each for each in asked if each.first}
    traps = recognize(exercise, key.traps, wrong)
    unknown = {name: each for name, each in wrong.items() if name not in traps}
    near = near_sentences(exercise, key.near, unknown) if not traps or len(exercise.answers) > 1 else {}
    near = beside_another(key.traps, unknown) | near if not traps else near
    for some in _asked_alike(asked) if unknown else ():
        compared = [each.aspect.name for each in some if each.aspect.name in unknown and each.is_compared]
        if compared and only_equal_sizes(some):
            near = dict.fromkeys(compared, EQUAL_SIZES) | near
    inside = in_part(key.traps, unknown) if not traps else {}
    sentences = explain(exercise, list(unknown.values()), inside | near, key, _where(exercise, asked))
    specific = {*traps, *sentences}
    right = [each.aspect.title for each in asked if not each.first and each.aspect.points]
    for name, each in unknown.items():
        assert each.first is not None  # it is wrong
        if each.aspect.accept or is_about_the_form(each.first.sentence):
            specific.add(name)
        sentences.setdefault(name, " ".join([each.first.sentence, *_what_is_right(each, right)]))
    aspects = [_verdict(each, traps.get(each.aspect.name), sentences) for each in asked]
    if wrong and (why := worthless(exercise, asked)):
        aspects = [each if each.message else replace(each, points=0, message=why) for each in aspects]
    lost = [aspect for aspect in aspects if not aspect.passed]
    first = next((a for names in (traps, specific) for a in lost if a.name in names), next(iter(lost), None))
    return Verdict(
        exercise=exercise.id,
        number=exercise.number,
        title=exercise.title,
        aspects=tuple(aspects),
        status=_status(exercise, aspects, outcomes),
        trap=traps[first.name].name if first and first.name in traps else None,
        feedback=first.message if first else "",
    )


def _verdict(asked: Asked, trap: Trap | None, sentences: Mapping[str, str]) -> AspectVerdict:
    aspect, lost = asked.aspect, asked.first
    known: dict[str, Any] = {"name": aspect.name, "title": aspect.title, "max_points": aspect.points}
    if not lost:
        return AspectVerdict(**known, points=aspect.points)
    message = trap.message if trap else sentences[aspect.name]
    return AspectVerdict(**known, points=0, message=message, detail=lost.detail)


def worthless(exercise: Exercise, asked: Sequence[Asked]) -> str:
    """Why an answer is no answer at all, or "". What is right in a case or two by chance is then worth nothing.

    It gives one thing whatever it is asked, or hands back what it was given. A quiz asks for things, not for functions;
    and where several functions are asked for, one of them may be right.
    """
    if exercise.quiz or len(exercise.answers) > 1:
        return ""
    questions = [question for each in asked if each.gives_values for question in each.questions()]
    if len(questions) < sum(len(each.cases) for each in asked) or len(questions) < 2:
        return ""
    (_, _, right, given), *others = questions
    if all(_alike(given, value) for *_, value in others) and not all(_alike(right, other) for *_, other, _ in others):
        return "It gives the same, whatever it is asked."
    if all(any(_alike(one, value) for one in case.inputs.values()) for _, case, _, value in questions):
        return "It gives back what it was given, in every case."
    return ""


def _alike(one: Any, other: Any) -> bool:
    try:
        return plain.dumps(one) == plain.dumps(other)
    except plain.NotPlain:
        return False


def points_back(called: Sequence[tuple[str, Sequence[str]]], feedback: str) -> str:
    """Feedback that says first where to look, when an answer calls earlier ones that are not right.

    called: (number, names) of each. Where the feedback says already that one is not there yet, nothing is added.
    """
    if NOT_THERE in feedback:
        return feedback
    each = [f"your {' and '.join(f'`{name}`' for name in names)} ({number})" for number, names in called]
    what = " and ".join(filter(None, [", ".join(each[:-1]), each[-1]]))
    if sum(len(names) for _, names in called) == 1:
        return f"This calls {what}, which is not right yet: mend that first. {feedback}"
    return f"This calls {what}, which are not right yet: mend them first. {feedback}"


def _status(
    exercise: Exercise, aspects: Sequence[AspectVerdict], outcomes: Mapping[str, Sequence[Outcome] | str]
) -> str:
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
    own = any(outcome.untouched and not stub_of_another(exercise, outcome) for outcome in asked)
    return "untouched" if own else "wrong"


def stub_of_another(exercise: Exercise, outcome: Outcome) -> str:
    """The number of another exercise whose stub was met, or ""."""
    found = re.match(r"Your turn: (\d+\.\d+)\b", outcome.message)
    return found[1] if outcome.untouched and found and found[1] != exercise.number else ""


def explain(
    exercise: Exercise, wrong: Sequence[Asked], near: Mapping[str, str], key: Key, where: Mapping[str, str]
) -> dict[str, str]:
    """A sentence for each wrong aspect that is no known mistake.

    First what explains the numbers of all aspects together, or of each; then a near miss, if one gives the same; then
    two mistakes at once; then what describes the mistake without a reason.

    near: sentences of near misses and of mistakes beside others. where: which cases are wrong. Both by aspect.
    """
    told = {each.aspect.name: error_sentence(exercise, each) for each in wrong if not each.gives_values}
    told |= _diagnosed(wrong, told, SHARP)
    told |= {name: sentence for name, sentence in near.items() if not told.get(name)}
    told |= _two_at_once(exercise, wrong, told, key)
    told |= _diagnosed(wrong, told, PARTS)
    vague = _diagnosed(wrong, told, VAGUE)
    for each in wrong:
        name = each.aspect.name
        if not told.get(name) and each.first and (vague.get(name) or where.get(name)):
            told[name] = " ".join(filter(None, [vague.get(name) or each.first.sentence, where.get(name)]))
    return {name: sentence for name, sentence in told.items() if sentence}


def _missing(wrong: Sequence[Asked], told: Mapping[str, str]) -> list[Asked]:
    """The aspects with wrong values of which nothing is said yet."""
    return [each for each in wrong if each.is_compared and not told.get(each.aspect.name)]


def _diagnosed(wrong: Sequence[Asked], told: Mapping[str, str], stage: Stage) -> dict[str, str]:
    """What the numbers say where nothing is said yet: of all these aspects together, or of each."""
    missing = _missing(wrong, told)
    questions = [question for each in missing for question in each.questions()]
    together = diagnose_all(questions, stage, whole=True) if len(missing) > 1 else ""
    return {each.aspect.name: together or diagnose_all(each.questions(), stage) for each in missing}


def _two_at_once(exercise: Exercise, wrong: Sequence[Asked], told: Mapping[str, str], key: Key) -> dict[str, str]:
    """A known mistake or a near miss, and a factor besides."""
    missing = _missing(wrong, told)
    if not missing or exercise.quiz:
        return {}
    given = [Given(each.aspect.name, each.cases, each.expected, each.given) for each in missing]
    known = [(trap.message, trap.outcomes) for trap in key.traps]
    near = [(each.sentence, each.prints) for each in key.near]
    return behind_a_factor(given, known, near, alone=len(exercise.answers) == 1)


def _asked_alike(asked: Sequence[Asked]) -> list[list[Asked]]:
    """The aspects in groups whose cases have inputs of the same names: mostly those that ask the same function."""
    groups: dict[frozenset, list[Asked]] = {}
    for each in asked:
        if each.differences:
            groups.setdefault(frozenset(name for case in each.cases for name in case.inputs), []).append(each)
    return list(groups.values())


def _where(exercise: Exercise, asked: Sequence[Asked]) -> dict[str, str]:
    """Which cases are wrong, for each aspect with wrong values: among all that are asked with inputs of these names."""
    told: dict[str, str] = {}
    for some in _asked_alike(asked):
        wrong = [each.aspect.name for each in some if each.is_compared]
        pairs = [pair for each in some for pair in zip(each.cases, each.differences, strict=True)]
        judged = [(case, difference is not None) for case, difference in pairs]
        sentence = only_where(judged, exercise.internal) if wrong else ""
        told |= dict.fromkeys(wrong, sentence)
    return told


EQUAL_SIZES = (
    "Where sizes differ it is right, and where all are equal it is not. With equal sizes a wrong product does not "
    "crash. Does your code choose by the shapes, or try one way and then another?"
)


def only_equal_sizes(asked: Sequence[Asked]) -> bool:
    """Whether just those cases are wrong in which all sizes of the arrays are equal."""
    cases = [pair for each in asked for pair in zip(each.cases, each.differences, strict=False)]
    wrong = [_has_equal_sizes(case.inputs) for case, difference in cases if difference]
    right = [_has_equal_sizes(case.inputs) for case, difference in cases if not difference and _sizes_of(case.inputs)]
    return bool(wrong) and all(wrong) and bool(right) and not all(right)


def _has_equal_sizes(inputs: Mapping[str, Any]) -> bool:
    """Whether all matrices have the same sizes, or those of a list, as of a network's weights, are all square."""
    lists = [_matrices(each) for each in inputs.values() if isinstance(each, (list, tuple))]
    square = [all(each.shape[0] == each.shape[1] > 1 for each in some) for some in lists if some]
    return len(_sizes_of(inputs)) == 1 or any(square)


def _matrices(value: Sequence[Any]) -> list[np.ndarray]:
    return [each for each in value if isinstance(each, np.ndarray) and each.ndim == 2]


def _sizes_of(value: Any) -> set[int]:
    """The lengths of all axes of the matrices among some inputs, but 1."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return set().union(*map(_sizes_of, value))
    return set(value.shape) - {1} if isinstance(value, np.ndarray) and value.ndim > 1 else set()


def _what_is_right(asked: Asked, titles: Sequence[str]) -> list[str]:
    """Where nothing explains the numbers: what is right all the same, so that one knows where to look."""
    if not asked.is_compared:
        return []
    place = next(k for k, difference in enumerate(asked.differences) if difference)
    expected, got = asked.expected[place].value, asked.given[place].value
    if isinstance(expected, dict) and isinstance(got, dict) and set(got) == set(expected):
        before = list(takewhile(lambda name: compare(expected[name], got[name]) is None, expected))
        if before:
            return [f"What comes before it is right: {', '.join(before)}."]
    return (
        [f"“{titles[0]}” is right." if len(titles) == 1 else f"“{titles[0]}” and others are right."] if titles else []
    )


def error_sentence(exercise: Exercise, asked: Asked) -> str:
    """What to say of an aspect whose code stopped. Empty when the first difference says it already."""
    if not asked.differences:
        return ""
    lost = [(o, difference) for o, difference in zip(asked.given, asked.differences, strict=True) if difference]
    outcome = min(lost, key=lambda pair: pair[1].promise)[0]  # a broken promise tells less
    number = stub_of_another(exercise, outcome)
    if number:
        return f"This calls your answer to {number}, {NOT_THERE}. Answer {number} first."
    if outcome.error is None or outcome.untouched or outcome.error == WrongForm.__name__:
        return ""
    if outcome.error == TimeoutError.__name__ and asked.aspect.slow:
        return f"Your code takes too long. {asked.aspect.slow}"
    hint = hint_for(outcome.error, outcome.message)
    start = stops(outcome)
    return " ".join(filter(None, [start, hint, _where_it_goes_on(asked)]))


def _where_it_goes_on(asked: Asked) -> str:
    """What to say of the cases that give a value, where others stop."""
    wrong = [each for o, each in zip(asked.given, asked.differences, strict=True) if each and o.error is None]
    if not all(asked.differences) and not wrong:
        return "In other cases it is right."
    if not wrong or asked.aspect.accept or any(each.promise for each in wrong):
        return ""
    told = (diagnose_all(asked.questions(), stage) for stage in (SHARP, PARTS, VAGUE))
    why = next(filter(None, told), "")
    return f"Where it gives a value: {why[0].lower()}{why[1:]}" if why else "In other cases it gives wrong values."
