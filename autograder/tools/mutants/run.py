"""Ask every mutant of an exercise in forked processes, each with a deadline, and say which live.

A deadline is in processor time, so what else the machine does changes nothing: many times what a right answer takes.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import compress
from typing import Any

from autograder import zoo
from autograder.build.answer_key import AnswerKey, answer_keys, reference
from autograder.build.near.trying import unheard
from autograder.build.source import reference_sources
from autograder.tools.mutants.changes import changes_of, plain_text
from autograder.tools.mutants.habits import habits_of
from autograder.tools.mutants.survivors import Explanation, explanations
from course_lib.asked import judge_case
from course_lib.asking import ask, ask_cases
from course_lib.errors import CourseError
from course_lib.exercises import Exercise, exercises_of

SEEDS = (11, 90210)
REFERENCE = "reference"
AT_LEAST, TIMES = 0.3, 10.0  # seconds for a mutant, and so many times what the slowest right answer takes
WAITING = 20.0  # for one that uses no processor time: so many times longer, by the clock


Names = Callable[[], dict[str, Any]]  # the notebook's names, with an answer among them


@dataclass(frozen=True)
class Text:
    """A right answer: what is changed of it, and the line that gives it its name in the notebook, where it has none."""

    definition: str
    given_name: str = ""


@dataclass(frozen=True)
class Mutant:
    """A changed answer.

    exercise: id of the exercise.
    answer: the right answer that was changed: "reference", or the name of an alternative.
    change: the lines before and after, as they are shown.
    names: the notebook's names with the changed answer among them.
    """

    exercise: str
    answer: str
    change: str
    names: Names

    @cached_property
    def explanations(self) -> list[Explanation]:
        """What says why it is right, if it lives."""
        return [each for each in explanations() if each.fits(self.exercise, self.answer, self.change)]


@dataclass(frozen=True)
class Count:
    """What became of the mutants of one exercise.

    made: how many there are.
    explained: of how many the list of survivors says that they are right.
    unexplained: the others that got every point: each is a hole in the cases, until someone says why not.
    stale: changes in that list of which no mutant lives; nothing where not all mutants were made.
    """

    exercise: Exercise
    made: int
    explained: int
    unexplained: tuple[Mutant, ...]
    stale: tuple[str, ...]
    seconds: float

    @property
    def caught(self) -> int:
        """How many lost a point."""
        return self.made - self.explained - len(self.unexplained)


def count(notebook: str, exercise: Exercise, every: int = 1, answers: int | None = None) -> Count:
    """Make and ask the mutants of an exercise; with `every`, only one of so many, always the same ones.

    Of those that are explained, only so many are asked as it takes to see that the explanations still are needed.

    answers: of how many of its right answers, the reference first; None is all.

    Raises:
        CourseError: where processes cannot be forked, or a right answer loses points before it is changed.
    """
    if not hasattr(os, "fork"):
        raise CourseError("mutants are asked in forked processes, and this system has none (Windows): use another")
    start = time.monotonic()
    right = right_answers(notebook, exercise, answers)
    keys = [answer_keys(notebook, seed)[exercise.id] for seed in SEEDS]
    asks = _aspects_by_cost(exercise, keys, notebook)
    with unheard():
        seconds = _time_for_each(exercise, asks, [_running(reference(notebook), each) for each in right.values()])
        mutants = [each for each in mutants_of(notebook, exercise, right) if _share(each, every)]

    def living(some: Sequence[Mutant]) -> tuple[Mutant, ...]:
        lives = in_forks([partial(_lives, exercise, asks, each.names) for each in some], seconds)
        return tuple(compress(some, lives))

    unexplained = living([each for each in mutants if not each.explanations])
    explained = sum(1 for each in mutants if each.explanations)
    stale = _stale(exercise.id, mutants, living) if every == 1 and answers is None else ()
    return Count(exercise, len(mutants), explained, unexplained, stale, time.monotonic() - start)


def _stale(
    exercise_id: str, mutants: list[Mutant], living: Callable[[Sequence[Mutant]], tuple[Mutant, ...]]
) -> tuple[str, ...]:
    """The explanations that explain nothing any more. One mutant that lives is enough for each."""
    listed = [each for each in explanations() if each.exercise == exercise_id]
    waiting = {each: [mutant for mutant in mutants if each in mutant.explanations] for each in listed}
    while any(waiting.values()):
        seen = living([some.pop(0) for some in waiting.values() if some])
        explained = {each for mutant in seen for each in mutant.explanations}
        waiting = {each: some for each, some in waiting.items() if each not in explained}
    return tuple(each.change for each in waiting)


def _time_for_each(exercise: Exercise, asks: list[tuple[Any, AnswerKey]], right: list[Names]) -> float:
    """How much processor time a mutant may take. Mutants of an answer that is wrong before would say nothing."""
    taken = []
    for names in right:
        start = time.process_time()
        if not _lives(exercise, asks, names):
            raise CourseError(f"a right answer to {exercise.number} {exercise.id} loses points: mend it or the cases")
        taken.append(time.process_time() - start)
    return AT_LEAST + TIMES * max(taken)


def _share(mutant: Mutant, every: int) -> bool:
    digest = hashlib.sha256(f"{mutant.exercise} {mutant.answer} {mutant.change}".encode()).digest()
    return int.from_bytes(digest[:4]) % every == 0


def right_answers(notebook: str, exercise: Exercise, answers: int | None = None) -> dict[str, Text]:
    """The text of the reference and of every alternative by name, or of the first so many of them."""
    right = {REFERENCE: Text(plain_text(reference_sources(notebook)[exercise.id]))}
    for entry in zoo.alternatives(notebook):
        if entry.exercise == exercise.id:
            *definition, given_name = plain_text(entry.source).splitlines()
            right[entry.name] = Text("\n".join(definition), f"\n{given_name}\n")
    return dict(list(right.items())[:answers])


def mutants_of(notebook: str, exercise: Exercise, right: dict[str, Text]) -> Iterator[Mutant]:
    """The changed texts of these right answers, and the reference with habits."""
    names = reference(notebook)
    for answer, text in right.items():
        for change in changes_of(text.definition):
            changed = replace(text, definition=change.text)
            yield Mutant(exercise.id, answer, _shown(text.definition, change.text), _running(names, changed))

    def show(changed: dict[str, Any]) -> None:
        answer = exercise.bundle(*(changed[name] for name in exercise.answers))
        for aspect in exercise.aspects:
            for case in exercise.draw(aspect, SEEDS[0]):
                ask(exercise, aspect, answer, case.inputs)

    for habit, name, function in habits_of(names, exercise.answers, show):
        yield Mutant(exercise.id, REFERENCE, habit, _replacing(names, name, function))


def _running(names: dict[str, Any], text: Text) -> Names:
    def run() -> dict[str, Any]:
        changed = dict(names)
        exec(compile(text.definition + text.given_name, "mutant", "exec"), changed)
        return changed

    return run


def _replacing(names: dict[str, Any], name: str, function: Any) -> Names:
    return lambda: {**names, name: function}


def _shown(text: str, other: str) -> str:
    """The lines that differ, before and after."""
    lines = difflib.unified_diff(text.splitlines(), other.splitlines(), lineterm="", n=0)
    kept = [line for line in list(lines)[2:] if line[0] in "+-"]
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in kept)


def _aspects_by_cost(exercise: Exercise, keys: list[AnswerKey], notebook: str) -> list[tuple[Any, AnswerKey]]:
    """What is asked, the quick before the slow: most mutants fall at the first question."""
    answer = exercise.bundle(*(reference(notebook)[name] for name in exercise.answers))
    costs = []
    for aspect in exercise.aspects:
        start = time.process_time()
        ask_cases(exercise, aspect, answer, keys[0].cases[aspect.name])
        costs.append((time.process_time() - start, aspect))
    return [(aspect, key) for _, aspect in sorted(costs, key=lambda each: each[0]) if aspect.points for key in keys]


def _lives(exercise: Exercise, asks: list[tuple[Any, AnswerKey]], names: Names) -> bool:
    defined = names()
    answer = exercise.bundle(*(defined[name] for name in exercise.answers))
    for aspect, key in asks:
        cases, expected = key.cases[aspect.name], key.key.expected[aspect.name]
        outcomes = ask_cases(exercise, aspect, answer, cases)
        asked = zip(cases, expected, outcomes, strict=True)
        if any(outcome.broken or judge_case(aspect, case, right.value, outcome) for case, right, outcome in asked):
            return False
    return True


def in_forks(works: Sequence[Callable[[], bool]], seconds: float) -> list[bool]:
    """Which of these say True, each in time. Whatever else happens in one is a no, and harms no other.

    A forked process does one after the other and says so. When it ends or is late, the next ones get a new process.

    seconds: of processor time for each.
    """
    said: list[bool] = []
    while len(said) < len(works):
        reading, child = _fork(works[len(said) :], seconds)
        while len(said) < len(works):
            ready, _, _ = select.select([reading], [], [], WAITING * seconds)
            byte = os.read(reading, 1) if ready else b""
            said.append(byte == b"1")
            if not byte:
                break
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return said


def _fork(works: Sequence[Callable[[], bool]], seconds: float) -> tuple[int, int]:
    """A process that does the works in turn until one is late, and the pipe on which it writes 1 or 0 for each."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return reading, child
    try:
        os.close(reading)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for work in works:
            signal.setitimer(signal.ITIMER_PROF, seconds)  # the signal that it sends ends a process
            os.write(writing, b"1" if _says_true(work) else b"0")
    finally:
        os._exit(0)


def _says_true(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except Exception:  # a mutant may do anything; it is then no survivor
        return False


def exercises_named(notebook: str, names: tuple[str, ...]) -> list[Exercise]:
    """The exercises of a notebook with these ids or numbers; all without any.

    Raises:
        CourseError: for a name that no exercise of the notebook has.
    """
    all_of_it = exercises_of(notebook)
    for name in names:
        if not any(name in (each.id, each.number) for each in all_of_it):
            known = ", ".join(f"{each.number} {each.id}" for each in all_of_it)
            raise CourseError(f"{notebook} has no exercise {name}; it has {known}")
    return [each for each in all_of_it if not names or each.id in names or each.number in names]
