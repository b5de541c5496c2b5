"""What a check cell calls: ask the public cases, compare, explain."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import CodeType, FunctionType
from typing import Any

from course_lib import exercises
from course_lib.asking import Outcome, ask_all, seen_in, too_slow
from course_lib.desk.lost import RUN_ABOVE, help_the_lost
from course_lib.desk.progress import note
from course_lib.desk.unrun import unrun_answer
from course_lib.desk.within import within
from course_lib.exercises import PUBLIC_SEED, Case, Exercise
from course_lib.judging import Verdict, judge, points_back
from course_lib.known import Key, Later, Near
from course_lib.plain import dumps, loads

GRADING = "COURSE_GRADING"  # this variable is set where a submission runs to be graded

COLUMNS = 70  # letters that stand beside each other in the output of a cell where the page is 700 px wide
UNANSWERED = "Write your code in the cell above, run it, then run this cell again."

help_the_lost()


class CheckFailed(Exception):
    """An exercise is not right yet. In a notebook it shows as two lines instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [row for line in str(self).splitlines() for row in textwrap.wrap(line, COLUMNS)]


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
    if os.environ.get(GRADING) and not _data(notebook).is_file():
        print("This check is made outside of the notebook while it is graded.")
        return None  # what stands below it in the same cell must still run
    cases = {aspect.name: exercise.draw(aspect, PUBLIC_SEED) for aspect in exercise.aspects}
    outcomes = _ask(exercise, answer, cases)
    verdict = judge(exercise, cases, public_key(notebook, exercise_id), outcomes)
    verdict = _pointing_back(exercise, answers, verdict)
    old = unrun_answer(exercise.answers)
    if old:
        print(_wrapped(old))
    trouble = note(verdict)
    if trouble:
        print(trouble)
    if verdict.status == "untouched":
        return _fail(f"{_head(verdict)}: not answered yet.\n{UNANSWERED}")
    print(report(verdict, said=verdict.feedback))
    if verdict.status != "full":
        return _fail(f"{_head(verdict)}: {_points(verdict)}.\n{verdict.feedback}{_if_lost(outcomes)}")
    return None


def _if_lost(outcomes: dict[str, list[Outcome] | str]) -> str:
    """What to do first when the answer misses a name, as after a break, when it was the only cell that ran."""
    missing = (each.error == "NameError" for given in outcomes.values() if not isinstance(given, str) for each in given)
    return f" {RUN_ABOVE}" if any(missing) else ""


def _fail(message: str) -> None:
    """Raise CheckFailed. In a browser without a server, say the same and go on: there any error drops all cells that
    wait to be run, also the error of a cell that is allowed to fail, and Run All would end at the first open exercise.
    """
    if sys.platform != "emscripten":
        raise CheckFailed(message)
    print(message, file=sys.stderr)


def _ask(exercise: Exercise, answer: Any, cases: dict[str, list[Case]]) -> dict[str, list[Outcome] | str]:
    """The outcomes of all aspects, each within the time that it has when it is graded."""
    end = time.monotonic() + 3 * exercise.seconds
    given: dict[str, list[Outcome] | str] = {}
    for aspect in exercise.asking:
        slow = too_slow(exercise.seconds, aspect)
        seconds = min(exercise.seconds, end - time.monotonic())
        inputs = [case.inputs for case in cases[aspect.name]]
        work = partial(ask_all, exercise, aspect, answer, inputs)
        given[aspect.name] = within(seconds, work, slow) if seconds > 0 else slow
    return seen_in(exercise, cases, given)


def _pointing_back(exercise: Exercise, answers: Sequence[Any], verdict: Verdict) -> Verdict:
    """When the answer is wrong and calls earlier ones that are wrong themselves, say that first."""
    if verdict.status in ("full", "untouched"):
        return verdict
    called, broken = _called(answers), []
    notebook_names = next((each.__globals__ for each in answers if isinstance(each, FunctionType)), {})
    for name in exercise.uses:
        notebook, earlier = exercises.find(name)
        if set(earlier.answers) & set(called):
            own = [notebook_names.get(each) for each in earlier.answers]
            cases = {aspect.name: earlier.draw(aspect, PUBLIC_SEED) for aspect in earlier.aspects}
            outcomes = _ask(earlier, earlier.bundle(*own), cases)
            if judge(earlier, cases, public_key(notebook, name), outcomes).status != "full":
                broken.append((earlier.number, earlier.answers))
    return replace(verdict, feedback=points_back(broken, verdict.feedback)) if broken else verdict


def _called(answers: Sequence[Any]) -> dict[str, Any]:
    """What of the notebook the answers name, directly or through another function of it, by its name."""
    found: dict[str, Any] = {}
    todo = [answer for answer in answers if isinstance(answer, FunctionType)]
    for function in todo:
        own = function.__globals__
        new = {name: own[name] for name in _names_in(function.__code__) if name in own and name not in found}
        found |= new
        todo += [each for each in new.values() if isinstance(each, FunctionType) and each.__globals__ is own]
    return found


def _names_in(code: CodeType) -> set[str]:
    """The names that a function reads, in its inner functions and comprehensions too."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


def report(verdict: Verdict, said: str = "") -> str:
    """One line an aspect, and under a wrong one what was seen. A sentence is said once.

    said: a sentence that is told elsewhere.
    """
    lines = [f"{_head(verdict)}: {_points(verdict)}"]
    told = {said}
    for aspect in verdict.aspects:
        mark = "✓" if aspect.passed else "✗" if aspect.max_points else "·"
        lines.append(f"  {mark} {aspect.title}" + (f" ({aspect.given})" if aspect.given else ""))
        if not aspect.passed:
            texts = [aspect.detail] if aspect.message in told else [aspect.message, aspect.detail]
            lines += [_wrapped(text, "      ") for text in texts if text]
            told.add(aspect.message)
    return "\n".join(lines)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, COLUMNS, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


@cache
def public_key(notebook: str, exercise: str) -> Key:
    """The built data of an exercise: what its public cases should give, and the known wrong answers.

    Raises:
        FileNotFoundError: when the course was not built.
    """
    path = _data(notebook)
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no data to check notebook {notebook}; run: python3 course build {notebook[:2]}"
        )
    own = dumps({"exercise": exercise}).rstrip("}")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(own)]

    def read(kind: str) -> Key:  # all kinds would take as long as the check
        return Key.from_rows([loads(line) for line in lines if line.startswith(_start(exercise, kind))])

    return Key(read("aspect").expected, Later(lambda: read("trap").traps), Later(lambda: read("near").near))


def _start(exercise: str, kind: str) -> str:
    """How a line of the built data begins, as `plain.dumps` writes it."""
    return dumps({"exercise": exercise, kind: None}).partition("null")[0]


@cache
def near_misses_of(notebook: str) -> dict[str, Sequence[Near]]:
    """The near misses among the built data of a notebook, by exercise; the rest is not read. None if not built."""
    path = _data(notebook)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows: dict[str, list[dict]] = {}
    for row in (loads(line) for line in lines if '"near"' in line):
        rows.setdefault(row["exercise"], []).append(row)
    return {exercise: Key.from_rows(each).near for exercise, each in rows.items()}


def _data(notebook: str) -> Traversable:
    """Where the built data is; it is not there where a submission runs to be graded."""
    return files("course_lib") / "exercises" / "data" / f"{notebook}.jsonl"


def _head(verdict: Verdict) -> str:
    return f"{verdict.number} {verdict.title}"


def _points(verdict: Verdict) -> str:
    return f"{verdict.points:g} of {verdict.max_points:g} points"
