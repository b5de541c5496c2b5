"""Score one exercise from plain data, outside the student's process.

The public cases are asked first: what they show may be told to the student in full. Then the cases of the course's
secret seed are asked, and they alone decide the points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from autograder.answer_key import AnswerKey
from course_lib.asking import Outcome
from course_lib.exercises import Aspect, Case
from course_lib.judging import AspectVerdict, Verdict, judge
from course_lib.plain import NotPlain, dumps, loads

Asker = Callable[[Aspect, Sequence[Case]], "list[Outcome] | str"]


def request(exercise: str, aspect: str, cases: Sequence[Case]) -> str:
    """What is sent into the student's process: the inputs of the cases, and nothing else of them."""
    return dumps({"exercise": exercise, "aspect": aspect, "cases": [case.inputs for case in cases]})


def read_reply(text: str) -> list[Outcome] | str:
    """What came out of the student's process; a sentence when it is not what a driver gives."""
    try:
        rows = loads(text)
        return [Outcome.from_dict(row) for row in rows] if type(rows) is list else "The answer did not reply properly."
    except NotPlain:
        return "The answer did not reply properly."


def judge_exercise(public: AnswerKey, secret: AnswerKey, ask: Asker) -> Verdict:
    """Ask an exercise's public cases, then its secret ones, and judge it.

    ask: puts the cases of one aspect to the student's answer; returns outcomes, or a sentence when that failed.
    """
    exercise = secret.exercise
    if not exercise.rehearse:
        return _hidden(secret, ask)
    rehearsed = _ask_all(public.cases, ask, exercise.aspects)
    shown = judge(exercise, public.cases, public.key, rehearsed)
    if shown.status == "untouched":
        return shown

    def ask_again(aspect: Aspect, cases: Sequence[Case]) -> list[Outcome] | str:
        """An aspect that ended the process or took too long is not asked twice."""
        before = rehearsed[aspect.name]
        return before if isinstance(before, str) else ask(aspect, cases)

    hidden = _hidden(secret, ask_again)
    aspects = tuple(_explain(h, s) for h, s in zip(hidden.aspects, shown.aspects, strict=True))
    first = next((aspect for aspect in aspects if not aspect.passed), None)
    trapped = hidden.trap and hidden.feedback
    return replace(hidden, aspects=aspects, feedback=trapped or (first.message if first else ""))


def _ask_all(
    cases: Mapping[str, Sequence[Case]], ask: Asker, aspects: Sequence[Aspect]
) -> dict[str, list[Outcome] | str]:
    return {aspect.name: ask(aspect, cases[aspect.name]) for aspect in aspects}


def _hidden(secret: AnswerKey, ask: Asker) -> Verdict:
    verdict = judge(secret.exercise, secret.cases, secret.key, _ask_all(secret.cases, ask, secret.exercise.aspects))
    return replace(verdict, aspects=tuple(replace(aspect, detail="") for aspect in verdict.aspects))


def _explain(hidden: AspectVerdict, shown: AspectVerdict) -> AspectVerdict:
    """The verdict of the secret cases with what the public cases show of the same mistake."""
    if hidden.passed:
        return hidden
    if shown.passed:
        return replace(
            hidden,
            message=f"{hidden.message} (The check in the notebook passes; other inputs of the same kind do not.)",
        )
    return replace(hidden, detail=shown.detail)
