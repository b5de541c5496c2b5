"""Named wrong answers and honest other right answers, by exercise. They prove that a grade is right.

A trap is a short wrong answer. Its docstring is the feedback that a student reads who makes the same mistake;
`loses` names the aspects that it must lose, and it must lose no other.
An alternative is a different right answer, or the one that slips differ from. It must get full points.

    @trap("wiggle", loses=("slope",))
    def no_division(f, x, h):
        \"\"\"You return the change of f. The slope is that change divided by the step h.\"\"\"
        return f(x + h) - f(x)

A slip is a trap too: a right answer of the same file with a small difference, told as the text that differs.

    per_step = slip(by_steps, {"/ h": "/ (2 * h)"}, loses=("slope",), says="You divide by two steps; you took one.")

Their source is also pasted into a student's notebook by the tests and by the sample class. So an answer uses only names
that the notebook has at that point, and imports what else it needs in its body.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
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
    source: the text as a student would have it in the notebook, without the decorator and the feedback.
    value: the function or class itself, which sees what its file imports.
    """

    name: str
    exercise: str
    answer: str
    loses: tuple[str, ...]
    feedback: str
    source: str
    value: Any


@dataclass(frozen=True)
class Slip:
    """A right answer of the same file, with a mistake in it.

    exercise, answer: whose mistake it is; answer None where the exercise has only one.
    loses, says: the aspects it loses, and the sentence for the student.
    text: its definition, under the name that the right answer has.
    right: the name of the right answer.
    """

    exercise: str
    answer: str | None
    loses: tuple[str, ...]
    says: str
    text: str
    right: str


def trap(exercise: str, loses: tuple[str, ...], answer: str | None = None) -> Callable[[Any], Any]:
    """Mark a wrong answer to an exercise. `answer` says which of its names it stands for, when it has several."""
    return _mark(exercise, loses, answer)


def alternative(exercise: str, answer: str | None = None) -> Callable[[Any], Any]:
    """Mark a different right answer to an exercise."""
    return _mark(exercise, None, answer)


def slip(right: Any, changes: Mapping[str, str], loses: tuple[str, ...], says: str) -> Slip:
    """The trap that differs from a right answer of the same file by some pieces of text. Give it a name with `=`.

    changes: text of the right answer, which must stand there exactly once, and what stands there instead. A text that
        ends in … goes on to the end of the answer.

    Raises:
        ValueError: when a text does not stand there exactly once; it names the file and the line of the slip.
    """
    text = definition_of(right)
    for old, new in changes.items():
        start = old.removesuffix("…")
        if text.count(start) != 1:
            caller = sys._getframe(1)
            place = f"{caller.f_code.co_filename}:{caller.f_lineno}"
            raise ValueError(f"{place}: {start!r} stands in {right.__name__} {text.count(start)} times, and not once")
        text = text[: text.index(start)] + new if old.endswith("…") else text.replace(start, new)
    exercise, _, answer = right.zoo
    return Slip(exercise, answer, loses, inspect.cleandoc(says), text, right.__name__)


def definition_of(value: Any) -> str:
    """The text of a function or class at the top of its file, without its decorators and its docstring."""
    lines, definitions = _file(inspect.getfile(value))
    definition = definitions[value.__name__]
    first, last = definition.lineno - 1, definition.end_lineno
    if ast.get_docstring(definition, clean=False) is None:
        return "\n".join(lines[first:last])
    feedback = definition.body[0]
    return "\n".join([*lines[first : feedback.lineno - 1], *lines[feedback.end_lineno : last]])


@lru_cache(maxsize=32)
def _file(path: str) -> tuple[list[str], dict[str, ast.FunctionDef | ast.ClassDef]]:
    """The lines of a file and its definitions, read once: `inspect.getsource` reads the whole file for each of them."""
    text = Path(path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    definitions = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return text.splitlines(), definitions


def _mark(exercise: str, loses: tuple[str, ...] | None, answer: str | None) -> Callable[[Any], Any]:
    def decorate(value: Any) -> Any:
        value.zoo = (exercise, loses, answer)
        return value

    return decorate


def traps(notebook: str) -> list[Entry]:
    """The traps of a notebook, in the order of their file."""
    return [entry for entry, is_trap in _entries(_module(notebook)) if is_trap]


def alternatives(notebook: str) -> list[Entry]:
    """The honest other answers of a notebook, in the order of their file."""
    return [entry for entry, is_trap in _entries(_module(notebook)) if not is_trap]


def _module(notebook: str) -> ModuleType:
    return importlib.import_module(f"autograder.zoo.{module_name(notebook)}")


@lru_cache(maxsize=32)
def _entries(module: ModuleType) -> list[tuple[Entry, bool]]:
    names = dict(vars(module))
    return [_entry(name, value, names) for name, value in names.items() if isinstance(value, Slip) or _marked(value)]


def _marked(value: Any) -> bool:
    return (inspect.isfunction(value) or inspect.isclass(value)) and "zoo" in vars(value)


def _entry(name: str, value: Any, names: dict[str, Any]) -> tuple[Entry, bool]:
    if isinstance(value, Slip):
        exercise_id, loses, answer = value.exercise, value.loses, value.answer
        text, feedback = re.sub(rf"\b{value.right}\b", name, value.text), value.says
        value = _made(name, text, names)
    else:
        exercise_id, loses, answer = value.zoo
        text, feedback = definition_of(value), inspect.cleandoc(value.__doc__ or "") if loses is not None else ""
    home, exercise = find(exercise_id)
    if answer is None and len(exercise.answers) > 1:
        raise ValueError(f"{name}: exercise {exercise_id} has the answers {exercise.answers}; say which with answer=…")
    is_trap = loses is not None
    feedback = " ".join(feedback.split())  # where it is shown, its lines are broken anew
    if is_trap and not feedback:
        raise CourseError(f"the trap {name} of {home} has no docstring; it is the feedback for the student")
    for aspect in loses or ():
        exercise.aspect(aspect)
    answer = answer or exercise.answers[0]
    source = f"{text}\n\n\n{answer} = {name}\n"
    return Entry(name, exercise_id, answer, tuple(loses or ()), feedback, source, value), is_trap


def _made(name: str, text: str, names: dict[str, Any]) -> Any:
    names = dict(names)
    exec(compile(text, f"zoo: {name}", "exec"), names)
    return names[name]
