"""Ask every mutant of an exercise in forked processes, each with a deadline, and say which live."""

from __future__ import annotations

import difflib
import hashlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograder import zoo
from autograder.build.answer_key import AnswerKey, answer_keys, reference
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
    names: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Survivor:
    """A mutant that got every point, and why that is right; None when nobody has said so."""

    mutant: Mutant
    explanation: Explanation | None


@dataclass(frozen=True)
class Count:
    """What became of the mutants of one exercise."""

    exercise: Exercise
    made: int
    survivors: tuple[Survivor, ...]
    seconds: float

    @property
    def unexplained(self) -> list[Survivor]:
        """The survivors that are a hole in the cases, until someone says why not."""
        return [each for each in self.survivors if each.explanation is None]


def count(
    notebook: str, exercise: Exercise, every: int = 1, answers: int | None = None, seconds: float | None = None
) -> Count:
    """Make and ask the mutants of an exercise; with `every`, only one of so many, always the same ones.

    answers: of how many of its right answers, the reference first; None is all.
    seconds: how long each may take; what takes longer is caught. None gives it the time of an answer that is graded.

    Raises:
        CourseError: where processes cannot be forked.
    """
    if not hasattr(os, "fork"):
        raise CourseError("mutants are asked in forked processes, and this system has none (Windows): use another")
    start = time.monotonic()
    keys = [answer_keys(notebook, seed)[exercise.id] for seed in SEEDS]
    asks = _aspects_by_cost(exercise, keys, notebook)
    mutants = [mutant for mutant in mutants_of(notebook, exercise, answers) if _share(mutant, every)]
    living = in_forks([partial(_lives, exercise, asks, mutant) for mutant in mutants], seconds or exercise.seconds)
    survivors = [Survivor(mutant, _explained(mutant)) for mutant, lives in zip(mutants, living, strict=True) if lives]
    return Count(exercise, len(mutants), tuple(survivors), time.monotonic() - start)


def _share(mutant: Mutant, every: int) -> bool:
    digest = hashlib.sha256(f"{mutant.exercise} {mutant.answer} {mutant.change}".encode()).digest()
    return int.from_bytes(digest[:4]) % every == 0


def _explained(mutant: Mutant) -> Explanation | None:
    found = (each for each in explanations() if each.fits(mutant.exercise, mutant.answer, mutant.change))
    return next(found, None)


def mutants_of(notebook: str, exercise: Exercise, answers: int | None = None) -> Iterator[Mutant]:
    """The changed texts of the reference and of every alternative, or of so many of them; the reference with habits."""
    names, sources = reference(notebook), reference_sources(notebook)
    right = {REFERENCE: (plain_text(sources[exercise.id]), "")}
    for entry in zoo.alternatives(notebook):
        if entry.exercise == exercise.id:
            *definition, given_name = plain_text(entry.source).splitlines()
            right[entry.name] = "\n".join(definition), f"\n{given_name}\n"
    for answer, (text, given_name) in list(right.items())[:answers]:
        for change in changes_of(text):
            yield Mutant(exercise.id, answer, _shown(text, change.text), _running(names, change.text + given_name))

    def show(changed: dict[str, Any]) -> None:
        answer = exercise.bundle(*(changed[name] for name in exercise.answers))
        for aspect in exercise.aspects:
            for case in exercise.draw(aspect, SEEDS[0]):
                ask(exercise, aspect, answer, case.inputs)

    for habit, name, function in habits_of(names, exercise.answers, show):
        yield Mutant(exercise.id, REFERENCE, habit, _replacing(names, name, function))


def _running(names: dict[str, Any], text: str) -> Callable[[], dict[str, Any]]:
    def run() -> dict[str, Any]:
        changed = dict(names)
        exec(compile(text, "mutant", "exec"), changed)
        return changed

    return run


def _replacing(names: dict[str, Any], name: str, function: Any) -> Callable[[], dict[str, Any]]:
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
        start = time.perf_counter()
        ask_cases(exercise, aspect, answer, keys[0].cases[aspect.name])
        costs.append((time.perf_counter() - start, aspect))
    return [(aspect, key) for _, aspect in sorted(costs, key=lambda each: each[0]) if aspect.points for key in keys]


def _lives(exercise: Exercise, asks: list[tuple[Any, AnswerKey]], mutant: Mutant) -> bool:
    names = mutant.names()
    answer = exercise.bundle(*(names[name] for name in exercise.answers))
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
    """
    said: list[bool] = []
    while len(said) < len(works):
        reading, child = _fork(works[len(said) :])
        while len(said) < len(works):
            ready, _, _ = select.select([reading], [], [], seconds)
            byte = os.read(reading, 1) if ready else b""
            said.append(byte == b"1")
            if not byte:
                break
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return said


def _fork(works: Sequence[Callable[[], bool]]) -> tuple[int, int]:
    """A process that does the works in turn, and the pipe on which it writes 1 or 0 for each."""
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
