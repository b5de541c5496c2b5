"""What the outcomes of one exercise are worth, and what the student is told.

The outcomes of the secret cases alone decide the points. What the public cases show of the same mistake may be told to
the student in full.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.build.answer_key import AnswerKey
from autograder.grade.interview import Outcomes
from course_lib.asking import Outcome
from course_lib.judging import AspectVerdict, Verdict, judge


def judge_public(public: AnswerKey, outcomes: Outcomes) -> Verdict:
    """The verdict on the public cases, in full detail."""
    return judge(public.exercise, public.cases, public.key, outcomes)


def judge_secret(secret: AnswerKey, outcomes: Outcomes) -> Verdict:
    """The verdict on the secret cases, without their numbers."""
    verdict = judge(secret.exercise, secret.cases, secret.key, outcomes)
    aspects = tuple(replace(aspect, detail="") for aspect in verdict.aspects)
    return replace(verdict, aspects=aspects, behavior=behavior(outcomes))


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
    if isinstance(value, np.ndarray):
        return [list(value.shape), [_rounded(each) for each in value.ravel().tolist()]]
    if isinstance(value, (bool, int, float, np.generic)):
        value = value.item() if isinstance(value, np.generic) else value
        return f"{float(value) + 0.0:.5g}" if isinstance(value, (bool, int, float)) else str(value)
    return str(value)


def explained(hidden: Verdict, shown: Verdict) -> Verdict:
    """The verdict on the secret cases with what the public cases show of the same mistakes."""
    aspects = tuple(_explain(h, s) for h, s in zip(hidden.aspects, shown.aspects, strict=True))
    first = next((aspect for aspect in aspects if not aspect.passed), None)
    trapped = hidden.trap and hidden.feedback
    return replace(hidden, aspects=aspects, feedback=trapped or (first.message if first else ""))


def _explain(hidden: AspectVerdict, shown: AspectVerdict) -> AspectVerdict:
    if hidden.passed:
        return hidden
    if shown.passed:
        return replace(
            hidden,
            message=f"{hidden.message} (The check in the notebook passes; other inputs of the same kind do not.)",
        )
    return replace(hidden, detail=shown.detail)
