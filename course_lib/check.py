"""What a check cell calls: ask the public cases, compare, explain."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.resources import files
from typing import Any

from course_lib import exercises
from course_lib.asking import ask_all
from course_lib.desk.lost import help_the_lost
from course_lib.desk.progress import note
from course_lib.exercises import PUBLIC_SEED
from course_lib.judging import Key, Verdict, judge
from course_lib.plain import loads

GRADING = "COURSE_GRADING"  # this variable is set where a submission runs to be graded

UNANSWERED = "Write your code in the cell above, run it, then run this cell again."

help_the_lost()


class CheckFailed(Exception):
    """An exercise is not right yet. In a notebook it shows as two lines instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def check(exercise_id: str, *answers: Any) -> None:
    """Check your answer to an exercise and print one line for each thing that is asked.

    Example: check("wiggle", wiggle)

    Raises:
        CheckFailed: when something is not right yet; its message is two lines long. (In a browser without a server,
            the two lines are printed.)
        KeyError: when there is no such exercise. TypeError: when the number of answers is wrong.
    """
    notebook, exercise = exercises.find(exercise_id)
    answer = exercise.bundle(*answers)
    cases = {aspect.name: exercise.draw(aspect, PUBLIC_SEED) for aspect in exercise.aspects}
    outcomes = {a.name: ask_all(exercise, a, answer, [case.inputs for case in cases[a.name]]) for a in exercise.aspects}
    verdict = judge(exercise, cases, public_key(notebook)[exercise_id], outcomes)
    trouble = note(verdict)
    if trouble:
        print(trouble)
    if verdict.status == "untouched":
        return _fail(f"{_head(verdict)}: not answered yet.\n{UNANSWERED}")
    print(report(verdict))
    if verdict.status != "full":
        return _fail(
            f"{_head(verdict)}: {_points(verdict.points)} of {_points(verdict.max_points)} points.\n{verdict.feedback}"
        )
    return None


def _fail(message: str) -> None:
    """Raise CheckFailed. In a browser without a server, say the same and go on: there any error drops all cells that
    wait to be run, also the error of a cell that is allowed to fail, and Run All would end at the first open exercise.
    """
    if sys.platform != "emscripten":
        raise CheckFailed(message)
    print(message, file=sys.stderr)


def report(verdict: Verdict) -> str:
    """One line an aspect, and under a wrong one what was seen."""
    lines = [f"{_head(verdict)}: {_points(verdict.points)} of {_points(verdict.max_points)} points"]
    for aspect in verdict.aspects:
        mark = "✓" if aspect.passed else "✗" if aspect.max_points else "·"
        lines.append(f"  {mark} {aspect.title}" + (f" ({aspect.given})" if aspect.given else ""))
        if not aspect.passed:
            lines += [f"      {text}" for text in (aspect.message, aspect.detail) if text]
    return "\n".join(lines)


@cache
def public_key(notebook: str) -> dict[str, Key]:
    """The built data of a notebook: what each exercise's public cases should give, and the known wrong answers.

    Raises:
        FileNotFoundError: when the course was not built. CheckFailed: where what is right must not be seen.
    """
    path = files("course_lib") / "exercises" / "data" / f"{notebook}.jsonl"
    if not path.is_file():
        if os.environ.get(GRADING):
            raise CheckFailed("This check is made outside of the notebook while it is graded.\nNothing is wrong.")
        raise FileNotFoundError(f"there is no data to check notebook {notebook}; run: course build {notebook[:2]}")
    rows: dict[str, list[dict]] = {}
    for row in map(loads, path.read_text(encoding="utf-8").splitlines()):
        rows.setdefault(row["exercise"], []).append(row)
    return {exercise: Key.from_rows(each) for exercise, each in rows.items()}


def _head(verdict: Verdict) -> str:
    return f"{verdict.number} {verdict.title}"


def _points(points: float) -> str:
    return f"{points:g}"
