"""Decide from plain data what an answer is worth and say why. Nothing of the student's runs in here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from course_lib import plain, promises
from course_lib.asking import Outcome
from course_lib.comparing import Difference, as_code, compare, show
from course_lib.diagnosis.cases import only_where
from course_lib.diagnosis.diagnose import PARTS, SHARP, VAGUE, Stage, diagnose_all
from course_lib.diagnosis.factored import Given, behind_a_factor
from course_lib.exercises import Aspect, Case, Exercise, WrongForm
from course_lib.prints import fingerprint, same_print
from course_lib.sealed import Sealed
from course_lib.stopped import hint_for

LONGEST_CODE = 240  # characters of inputs that are shown as code
NOT_THERE = "which is not there yet"  # of an earlier answer
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
    if wrong and only_equal_sizes(asked):
        near = {name: EQUAL_SIZES for name, each in unknown.items() if each.is_compared} | near
    inside = in_part(key.traps, unknown) if not traps else {}
    sentences = explain(exercise, list(unknown.values()), inside | near, key, _where(exercise, asked))
    specific = {*traps, *sentences, *(name for name, each in unknown.items() if each.aspect.accept)}
    right = [each.aspect.title for each in asked if not each.first and each.aspect.points]
    for name, each in unknown.items():
        assert each.first is not None  # it is wrong
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
    what = ", ".join(f"your {' and '.join(f'`{name}`' for name in names)} ({number})" for number, names in called)
    if len(called) == 1:
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
    own = any(outcome.untouched and not _stub_of_another(exercise, outcome) for outcome in asked)
    return "untouched" if own else "wrong"


def _stub_of_another(exercise: Exercise, outcome: Outcome) -> str:
    """The number of another exercise whose stub was met, or ""."""
    found = re.match(r"Your turn: (\d+\.\d+)\b", outcome.message)
    return found[1] if outcome.untouched and found and found[1] != exercise.number else ""


class Asked:
    """One aspect with all its cases, and what is wrong with each of them."""

    def __init__(
        self,
        exercise: Exercise,
        aspect: Aspect,
        cases: Sequence[Case],
        expected: Sequence[Outcome],
        outcomes: Sequence[Outcome] | str,
    ) -> None:
        self.exercise = exercise
        self.aspect, self.cases, self.expected, self.outcomes = aspect, cases, expected, outcomes
        self.differences: list[Difference | None] = []
        self.first = self._judge()

    def _judge(self) -> Difference | None:
        """The first thing that is wrong, or None."""
        if isinstance(self.outcomes, str):
            return Difference(self.outcomes)
        if len(self.outcomes) != len(self.cases):
            return Difference("The answer did not reply to every case.")
        triples = list(zip(self.cases, self.expected, self.outcomes, strict=True))
        self.differences = [
            judge_case(self.aspect, case, right.value, got) or _broken_promise(case, got)
            for case, right, got in triples
        ]
        found = [(case, each) for (case, _, _), each in zip(triples, self.differences, strict=True) if each]
        found.sort(key=lambda pair: pair[1].promise)  # a wrong value tells more than a broken promise
        return next((replace(each, detail=_about(self.exercise, case, each.detail)) for case, each in found), None)

    @property
    def given(self) -> Sequence[Outcome]:
        """The outcomes; none where the aspect could not be asked."""
        return () if isinstance(self.outcomes, str) else self.outcomes

    @property
    def gives_values(self) -> bool:
        """True when every case gave a value, so that its numbers can be looked at together."""
        return bool(self.differences) and all(outcome.error is None for outcome in self.given)

    @property
    def breaks_a_promise(self) -> bool:
        """True when all values are right, but a promise was broken."""
        return self.first is not None and self.first.promise

    @property
    def is_compared(self) -> bool:
        """True when it is wrong by its values, and these are compared with the right ones."""
        return self.gives_values and not self.aspect.accept and not self.breaks_a_promise

    def questions(self) -> list[tuple[Aspect, Case, Any, Any]]:
        """What the diagnosis looks at: the right value of each case and the one that was given."""
        triples = zip(self.cases, self.expected, self.given, strict=True)
        return [(self.aspect, case, right.value, got.value) for case, right, got in triples]


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


def _where(exercise: Exercise, asked: Sequence[Asked]) -> dict[str, str]:
    """Which cases are wrong, for each aspect with wrong values: among all that are asked with inputs of these names."""
    told: dict[str, str] = {}
    groups: dict[frozenset, list[Asked]] = {}
    for each in asked:
        if each.differences:
            groups.setdefault(frozenset(name for case in each.cases for name in case.inputs), []).append(each)
    for some in groups.values():
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
    number = _stub_of_another(exercise, outcome)
    if number:
        return f"This calls your answer to {number}, {NOT_THERE}. Answer {number} first."
    if outcome.error is None or outcome.untouched or outcome.error == WrongForm.__name__:
        return ""
    hint = hint_for(outcome.error, outcome.message)
    start = _stops(outcome)
    if not all(asked.differences):
        start += " In other cases it is right."
    return f"{start} {hint}".rstrip()


def _stops(outcome: Outcome) -> str:
    if outcome.line:
        return f"Your code stops with {outcome.error}."
    # None of its lines: it failed when it was called, or when its result was used.
    return f"Your code cannot be called, or what it gives cannot be used ({outcome.error})."


def judge_case(aspect: Aspect, case: Case, expected: Any, outcome: Outcome) -> Difference | None:
    """What is wrong with the outcome of one case, or None."""
    if outcome.untouched:
        return Difference("Not answered yet.")
    if outcome.error == WrongForm.__name__:
        return Difference(outcome.message)
    if outcome.error:
        where = f", in the line `{outcome.line}`" if outcome.line else ""
        return Difference(_stops(outcome), f"{outcome.error}: {outcome.message}{where}")
    if aspect.accept:
        try:
            sentence = aspect.accept(case, outcome.value, expected)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            return Difference(
                "The answer is not of the kind that is asked for.",
                f"it cannot be read ({type(error).__name__}: {error})",
            )
        return Difference(sentence, f"got {show(outcome.value)}") if sentence else None
    return compare(expected, outcome.value, aspect.rtol, aspect.atol)


def _broken_promise(case: Case, outcome: Outcome) -> Difference | None:
    told = promises.sentence(outcome.broken, case.inputs) if outcome.broken else ""
    return Difference(told, promise=True) if told else None


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


def _about(exercise: Exercise, case: Case, detail: str) -> str:
    """The case as code to try by hand, or in a few words where it is large; then what happened."""
    shown = {name: value for name, value in case.inputs.items() if name not in exercise.internal}
    inputs = "; ".join(f"{name} = {as_code(value)}" for name, value in shown.items())
    if len(inputs) > LONGEST_CODE:
        inputs = ", ".join(f"{name} = {show(value)}" for name, value in shown.items())
        inputs = inputs if len(inputs) <= 160 else inputs[:157] + "…"
    return f"{inputs}: {detail}" if detail and inputs else detail or inputs
