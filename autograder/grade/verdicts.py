"""What the outcomes of one exercise are worth, and what the student is told.

The outcomes of the secret cases alone decide the points. What the public cases show of the same mistake may be told to
the student in full. Of the secret ones, sentences tell nothing that the answer could have put there: an answer sees its
inputs, and could write them into a message, a shape or the name of an exception, for others to read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.build.answer_key import AnswerKey
from autograder.grade.interview import Outcomes
from autograder.grade.reasons import EXCEPTIONS
from course_lib.asking import STUB, Outcome
from course_lib.exercises import Case, WrongForm
from course_lib.judging import AspectVerdict, Verdict, judge, stub_of_another
from course_lib.stopped import HINTS

NAMED_ERRORS = EXCEPTIONS | {kind for kind, _, _ in HINTS}
MAX_MARKED = 10_000  # numbers of an array that tell behaviors apart
INCOMPARABLE = "What the answer gives cannot be compared with what is asked for."
INSTEAD = (
    ("The shape", "The shape is not the right one."),
    ("The answer has", "The answer has too few or too many items."),
)


def judge_public(public: AnswerKey, outcomes: Outcomes) -> Verdict:
    """The verdict on the public cases, in full detail."""
    verdict = judged_in_full(public, outcomes)
    return replace(verdict, behavior="" if _is_right(verdict) else behavior(outcomes))


def judged_in_full(key: AnswerKey, outcomes: Outcomes) -> Verdict:
    """The verdict, also on values that nobody has thought of: they are no right answer, and no end of the judge."""
    try:
        return judge(key.exercise, key.cases, key.key, outcomes)
    except Exception:
        logging.getLogger(__name__).exception("the answer to %s could not be compared", key.exercise.id)
        return judge(key.exercise, key.cases, key.key, dict.fromkeys(key.cases, INCOMPARABLE))


def _is_right(verdict: Verdict) -> bool:
    return all(aspect.passed for aspect in verdict.aspects)


def judge_secret(
    secret: AnswerKey, outcomes: Outcomes, said: Collection[str] = (), full: Verdict | None = None
) -> Verdict:
    """The verdict on the secret cases, without anything that could tell what their inputs are.

    said: sentences that may be said, because the public cases have given them too.
    full: what `judged_in_full` gives, if somebody knows it.
    """
    verdict = full or judged_in_full(secret, outcomes)
    if _is_right(verdict):
        return verdict
    known = {*said, *(trap.message for trap in secret.key.traps)}
    told = {"": ""}
    aspects = []
    for aspect in verdict.aspects:
        told[aspect.message] = _without_values(aspect.message, outcomes[aspect.name], known)
        aspects.append(replace(aspect, message=told[aspect.message], detail=""))
    feedback = told[verdict.feedback]
    return replace(verdict, aspects=tuple(aspects), feedback=feedback, behavior=behavior(outcomes))


def stub_met(secret: AnswerKey, outcomes: Outcomes, others: Collection[str] = ()) -> str:
    """The stub that every case met, as its message begins; "" when they met none, or several. The public cases would
    meet it too.

    others: the numbers of exercises that are known to be unanswered: theirs may be met too.
    """
    numbers: set[str | None] = set()
    for name, given in outcomes.items():
        if isinstance(given, str) or len(given) != len(secret.cases[name]):
            return ""
        numbers |= {stub_of_another(secret.exercise, each) if each.untouched else None for each in given}
    number = numbers.pop() if len(numbers) == 1 else None
    if number == "":
        return STUB
    return f"{STUB}: {number}" if number in others else ""


def all_stubs(cases: Mapping[str, Sequence[Case]], stub: str) -> Outcomes:
    """The outcomes of cases that all meet a stub."""
    met = Outcome(error=NotImplementedError.__name__, message=stub)
    return {name: [met] * len(each) for name, each in cases.items()}


def _without_values(message: str, outcomes: list[Outcome] | str, known: Collection[str]) -> str:
    if not message or isinstance(outcomes, str) or message in known:
        return message
    errors = {outcome.error for outcome in outcomes if outcome.error and not outcome.untouched}
    if WrongForm.__name__ in errors:
        return "The answer is not of the form that is asked for."
    if errors:
        return message if errors <= NAMED_ERRORS else "Your code stops with an error of its own."
    if re.search(r"\d", message):
        return next((other for start, other in INSTEAD if message.startswith(start)), "The answer is wrong.")
    return message


def behavior(outcomes: Outcomes) -> str:
    """A short mark of what an answer did in all cases. Other round-off and other words of an error do not matter."""
    told = {aspect: each if isinstance(each, str) else [_did(one) for one in each] for aspect, each in outcomes.items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]


def _did(outcome: Outcome) -> Any:
    return {"error": outcome.error} if outcome.error else _rounded(outcome.value)


def _rounded(value: Any) -> Any:
    """Plain data as JSON, with numbers to five digits."""
    if isinstance(value, dict):
        return {str(name): _rounded(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(each) for each in value]
    if isinstance(value, np.ndarray) and value.size > MAX_MARKED:
        return [list(value.shape), "many"]
    if isinstance(value, np.ndarray):
        return [list(value.shape), [_rounded(each) for each in value.ravel().tolist()]]
    if isinstance(value, (bool, int, float, np.generic)):
        value = value.item() if isinstance(value, np.generic) else value
        return f"{float(value) + 0.0:.5g}" if isinstance(value, (bool, int, float)) and _fits(value) else str(value)
    return str(value)


def _fits(number: float) -> bool:
    """False for a whole number that is larger than any float."""
    return not isinstance(number, int) or number.bit_length() < 1000


def explained(secret: AnswerKey, outcomes: Outcomes, full: Verdict, shown: Verdict) -> Verdict:
    """The verdict on the secret cases with what the public cases show of the same mistakes.

    full: what `judged_in_full` gives. shown: what `judge_public` gives.
    """
    if full.status == shown.status == "untouched":
        return shown
    hidden = judge_secret(secret, outcomes, {aspect.message for aspect in shown.aspects}, full)
    return _beside(hidden, shown)


def _beside(hidden: Verdict, shown: Verdict) -> Verdict:
    """What may be told of the secret cases, with what the public cases show of the same mistakes."""
    aspects = tuple(_explain(h, s, hidden.trap) for h, s in zip(hidden.aspects, shown.aspects, strict=True))
    first = next((aspect for aspect in aspects if not aspect.passed), None)
    trapped = hidden.trap and hidden.feedback
    best = next((aspect.message for aspect in aspects if aspect.message == shown.feedback != ""), "")
    feedback = trapped or best or (first.message if first else "")
    return replace(hidden, aspects=aspects, feedback=feedback, behavior=_behavior_in_both(hidden, shown))


def _behavior_in_both(hidden: Verdict, shown: Verdict) -> str:
    """The hidden cases differ from student to student, so the public ones say what is alike, if they show anything."""
    lost = [aspect.name for aspect in hidden.aspects if not aspect.passed]
    if not lost:
        return ""
    seen = shown.behavior if any(not aspect.passed for aspect in shown.aspects) else hidden.behavior
    return hashlib.sha256(json.dumps([lost, seen]).encode()).hexdigest()[:8]


def _explain(hidden: AspectVerdict, shown: AspectVerdict, trap: str | None) -> AspectVerdict:
    """A sentence and numbers that belong together: both of the public cases, unless the secret ones know better."""
    if hidden.passed:
        return hidden
    if shown.passed:
        return replace(
            hidden,
            message=f"{hidden.message} (The check in the notebook passes; other inputs of the same kind do not.)",
        )
    if trap or hidden.message == shown.message:
        return replace(hidden, detail=shown.detail)
    return replace(hidden, message=shown.message, detail=shown.detail)
