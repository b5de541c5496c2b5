"""What the outcomes of one exercise are worth, and what the student is told.

The outcomes of the secret cases alone decide the points. What the public cases show of the same mistake may be told to
the student in full.
"""

from __future__ import annotations

from dataclasses import replace

from autograder.build.answer_key import AnswerKey
from autograder.grade.interview import Outcomes
from course_lib.judging import AspectVerdict, Verdict, judge


def judge_public(public: AnswerKey, outcomes: Outcomes) -> Verdict:
    """The verdict on the public cases, in full detail."""
    return judge(public.exercise, public.cases, public.key, outcomes)


def judge_secret(secret: AnswerKey, outcomes: Outcomes) -> Verdict:
    """The verdict on the secret cases, without their numbers."""
    verdict = judge(secret.exercise, secret.cases, secret.key, outcomes)
    return replace(verdict, aspects=tuple(replace(aspect, detail="") for aspect in verdict.aspects))


def explained(hidden: Verdict, shown: Verdict) -> Verdict:
    """The verdict on the secret cases with what the public cases show of the same mistakes."""
    aspects = tuple(_explain(h, s, hidden.trap) for h, s in zip(hidden.aspects, shown.aspects, strict=True))
    first = next((aspect for aspect in aspects if not aspect.passed), None)
    trapped = hidden.trap and hidden.feedback
    return replace(hidden, aspects=aspects, feedback=trapped or (first.message if first else ""))


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
