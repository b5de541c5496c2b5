"""Named wrong answers and honest other right answers, by exercise. They prove that a grade is right.

A trap is a short wrong answer. Its docstring is the feedback that a student reads who makes the same mistake;
`loses` names the aspects that it must lose, and it must lose no other.
An alternative is a different right answer. It must get full points.

    @trap("wiggle", loses=("slope",))
    def no_division(f, x, h):
        \"\"\"You return the change of f. The slope is that change divided by the step h.\"\"\"
        return f(x + h) - f(x)

Their source is also pasted into a student's notebook by the tests and by the sample class. So an answer uses only names
that the notebook has at that point, and imports what else it needs in its body.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_lib.errors import CourseError
from course_lib.exercises import find, module_name


@dataclass(frozen=True)
class Entry:
    """One answer of the zoo.

    name: what it is called: "no_division".
    exercise: id of the exercise.
    answer: the name it stands for in the student's notebook; the other answers of the exercise stay the reference's.
    loses: names of the aspects it loses; empty for an alternative, and for a trap that only earns advice.
    feedback: the sentence for the student; empty for an alternative.
    value: the function or class itself.
    """

    name: str
    exercise: str
    answer: str
    loses: tuple[str, ...]
    feedback: str
    value: Callable[..., Any]

    @property
    def source(self) -> str:
        """The text of the answer as a student would have it in the notebook: without the decorator and the feedback."""
        lines = textwrap.dedent(inspect.getsource(self.value)).splitlines()
        (definition,) = ast.parse("\n".join(lines)).body
        kept = lines[definition.lineno - 1 :]
        if ast.get_docstring(definition) is not None:
            feedback = definition.body[0]
            kept = lines[definition.lineno - 1 : feedback.lineno - 1] + lines[feedback.end_lineno :]
        text = "\n".join(kept)
        return f"{text}\n\n\n{self.answer} = {self.value.__name__}\n"


def trap(exercise: str, loses: tuple[str, ...], answer: str | None = None) -> Callable[[Any], Any]:
    """Mark a wrong answer to an exercise. `answer` says which of its names it stands for, when it has several."""
    return _mark(exercise, loses, answer)


def alternative(exercise: str, answer: str | None = None) -> Callable[[Any], Any]:
    """Mark a different right answer to an exercise."""
    return _mark(exercise, None, answer)


def _mark(exercise: str, loses: tuple[str, ...] | None, answer: str | None) -> Callable[[Any], Any]:
    def decorate(value: Any) -> Any:
        value.zoo = (exercise, loses, answer)
        return value

    return decorate


def traps(notebook: str) -> list[Entry]:
    """The traps of a notebook, in the order of their file."""
    return [entry for entry, is_trap in _entries(notebook) if is_trap]


def alternatives(notebook: str) -> list[Entry]:
    """The honest other answers of a notebook, in the order of their file."""
    return [entry for entry, is_trap in _entries(notebook) if not is_trap]


def _entries(notebook: str) -> list[tuple[Entry, bool]]:
    module = importlib.import_module(f"autograder.zoo.{module_name(notebook)}")
    answers = [value for value in vars(module).values() if inspect.isfunction(value) or inspect.isclass(value)]
    return [_entry(value) for value in answers if "zoo" in vars(value)]


def _entry(value: Any) -> tuple[Entry, bool]:
    exercise_id, loses, answer = value.zoo
    home, exercise = find(exercise_id)
    if answer is None and len(exercise.answers) > 1:
        raise ValueError(
            f"{value.__name__}: exercise {exercise_id} has the answers {exercise.answers}; say which with answer=…"
        )
    is_trap = loses is not None
    feedback = inspect.cleandoc(value.__doc__ or "") if is_trap else ""
    if is_trap and not feedback:
        raise CourseError(f"the trap {value.__name__} of {home} has no docstring; it is the feedback for the student")
    for aspect in loses or ():
        exercise.aspect(aspect)
    entry = Entry(value.__name__, exercise_id, answer or exercise.answers[0], tuple(loses or ()), feedback, value)
    return entry, is_trap
