"""What a mistake costs in the exercises after it: feedback points back, and points follow through.

An exercise says which earlier answers it uses. When one of them is not right, a wrong result may be no new mistake. So
when the earlier mistakes are all known ones, the reference of the later exercise is run on top of them, in this trusted
process; what the student's answer gives in agreement with that keeps its points.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from nbformat import NotebookNode

from autograder.build.answer_key import AnswerKey, on_top_of
from autograder.grade.reasons import MAX_PARSED
from course_lib.asked import Asked
from course_lib.asking import Outcome
from course_lib.comparing import compare
from course_lib.exercises import Aspect, Exercise, exercises_of
from course_lib.judging import AspectVerdict, Verdict, points_back


class Carried:
    """The verdicts of one submission so far, and what its answer cells call."""

    def __init__(self, notebook: str, follow_through: bool = True) -> None:
        self.notebook, self.follow_through = notebook, follow_through
        self.exercises = {exercise.id: exercise for exercise in exercises_of(notebook)}
        self.verdicts: dict[str, Verdict] = {}
        self.sources: dict[str, str] = {}  # of answer cells
        self.replaced: set[str] = set()

    def as_it_is(self) -> Carried:
        """What is known now: of what comes later, this hears nothing."""
        now = copy.copy(self)
        now.verdicts, now.sources, now.replaced = dict(self.verdicts), dict(self.sources), set(self.replaced)
        return now

    @property
    def unanswered(self) -> set[str]:
        """The numbers of the exercises so far that nobody has answered."""
        return {verdict.number for verdict in self.verdicts.values() if verdict.status == "untouched"}

    def ran(self, exercise_id: str | None, source: str) -> None:
        """Remember what a cell calls, and which earlier answers it defines anew.

        exercise_id: of an answer cell; None for any other.
        """
        if exercise_id:
            self.sources[exercise_id] = source
        judged = [self.exercises[each] for each in self.verdicts]
        if any(may_define(source, name) for exercise in judged for name in exercise.answers):
            defined = names_of(source)[1]
            self.replaced |= {exercise.id for exercise in judged if defined & set(exercise.answers)}

    def judged(self, key: AnswerKey, outcomes: Mapping[str, Sequence[Outcome] | str], verdict: Verdict) -> Verdict:
        """The verdict of an exercise, seen together with those of the answers that it calls."""
        self.verdicts[verdict.exercise] = verdict  # as it is by itself: what comes later looks at each mistake
        if verdict.status in ("full", "untouched", "failed"):
            return verdict
        broken = [self.verdicts[each] for each in self.called(key.exercise) if self._is_wrong(each)]
        if not broken:
            return verdict
        if self.follow_through and all(each.trap for each in broken):
            verdict = self._followed(key, outcomes, verdict, broken)
        if verdict.status == "full":
            return verdict
        return replace(verdict, feedback=self._points_back(broken, verdict.feedback))

    def called(self, exercise: Exercise) -> list[str]:
        """The earlier exercises whose answers this answer calls, directly or through another, in their order."""
        found: set[str] = set()
        todo = [exercise.id]
        while todo:
            one = todo.pop()
            names = names_of(self.sources.get(one, ""))[0]
            for each in self.exercises[one].uses:
                if each not in found and names & set(self.exercises[each].answers):
                    found.add(each)
                    todo.append(each)
        return [each for each in self.exercises if each in found]

    def _followed(
        self, key: AnswerKey, outcomes: Mapping[str, Sequence[Outcome] | str], verdict: Verdict, broken: list[Verdict]
    ) -> Verdict:
        mistakes = tuple((each.exercise, str(each.trap)) for each in broken)
        expected = on_top_of(self.notebook, key.exercise.id, mistakes, key.seed)
        numbers = " and ".join(each.number for each in broken)
        aspects = []
        for one in verdict.aspects:
            aspect = key.exercise.aspect(one.name)
            if not one.passed and _agrees(aspect, key, expected[one.name], outcomes[one.name]):
                one = _kept(one, f"right, given your answer to {numbers}")
            aspects.append(one)
        if not any(one.given for one in aspects):
            return verdict
        lost = [one for one in aspects if not one.passed]
        graded = [one for one in lost if one.max_points]
        return replace(
            verdict,
            aspects=tuple(aspects),
            status="partial" if graded else "full",
            trap=verdict.trap if graded else None,
            feedback=lost[0].message if lost else "",
        )

    def _is_wrong(self, exercise_id: str) -> bool:
        judged = exercise_id in self.verdicts and exercise_id not in self.replaced
        return judged and self.verdicts[exercise_id].status != "full"

    def _points_back(self, broken: list[Verdict], feedback: str) -> str:
        called = [(each.number, self.exercises[each.exercise].answers) for each in broken]
        return points_back(called, feedback)


def _kept(aspect: AspectVerdict, given: str) -> AspectVerdict:
    return replace(aspect, points=aspect.max_points, message="", detail="", given=given)


def _agrees(aspect: Aspect, key: AnswerKey, expected: Sequence[Outcome], outcomes: Sequence[Outcome] | str) -> bool:
    """Whether an answer gives what the reference gives on top of the mistakes, and that is worth something.

    An aspect may accept several answers, such as the verdicts of the checker in 6.4. What it would accept is said of
    right ones only; so here the answer must give the very same, and not one thing in all cases: that says nothing.
    """
    if any(each.error is not None for each in expected):
        return False
    values = [each.value for each in expected]
    worth = _differ(expected) if aspect.accept else all(map(_says_something, values)) and not _is_one_number(values)
    exactly = replace(aspect, accept=None)
    return worth and Asked(key.exercise, exactly, key.cases[aspect.name], expected, outcomes).first is None


def _differ(outcomes: Sequence[Outcome]) -> bool:
    """Whether something else is given in some case: a function that looks at nothing gives one thing in all of them."""
    first, *others = outcomes
    return any(compare(first.value, each.value) is not None for each in others)


def _says_something(value: Any) -> bool:
    """Zeros and None are no result that a useful answer could be recognized by."""
    if isinstance(value, dict):
        return any(map(_says_something, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_says_something, value))
    if value is None or isinstance(value, str):
        return bool(value)
    return bool(np.all(np.isfinite(value)) and np.any(value))


def _is_one_number(values: Any) -> bool:
    """Whether one number stands in all places of some values, such as 1: that needs no thought."""
    found = _numbers(values)
    return len(found) > 1 and len(set(found)) == 1


def _numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [number for each in value for number in _numbers(each)]
    return [value] if isinstance(value, str) else np.ravel(value).tolist()


def know_cells(nb: NotebookNode, notebook: str) -> None:
    """Look at the course's own cells, once: every submission has them."""
    for exercise in exercises_of(notebook):
        for name in exercise.answers:
            _more_than_a_call(name)
    for cell in nb.cells:
        if cell.cell_type == "code":
            names_of(cell.source)


def may_define(source: str, name: str) -> bool:
    """Whether code could give a name a new meaning: its text says the name, and not just to call it."""
    return name in source and _more_than_a_call(name).search(source) is not None


@cache
def _more_than_a_call(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:def|class)[\s\\]+{name}\b|\b{name}\b(?!\()")


@lru_cache(maxsize=2048)
def names_of(source: str) -> tuple[Set[str], Set[str]]:
    """The names that a piece of code reads, and those that it defines at its top; of no code, every word and none."""
    try:
        tree = ast.parse(source if len(source) <= MAX_PARSED else "?")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"[^\W\d]\w*", source)), set()
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assigned = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}, assigned | defined
