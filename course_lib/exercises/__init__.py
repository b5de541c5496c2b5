"""What each exercise asks: its title, its aspects with their points, and the cases that show if an answer is right.

No answer is in here. A case is drawn from a random generator, so the same exercise can be asked with the public seed
at the student's desk and with the course's secret seed when it is graded.

Each notebook has its module. They share draws.py (numbers for cases), drivers.py (how an answer is asked when it is one
of several) and handwriting.py (digits that are in no file). data/ holds what the public cases should give; it is built.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from course_lib.errors import CourseError

# In the order of the course; the exercises of "01_chain_rule" are in chain_rule.py.
TITLES = {
    "01_chain_rule": "How does a wiggle travel?",
    "02_computation_graphs": "Building backprop, node by node",
    "03_matrix_calculus": "Shapes, Jacobians and the error signal",
    "04_four_equations": "Backpropagation in four equations",
    "05_batches_and_costs": "Batches, costs and bugs",
    "06_gradient_checking": "A million and one forward passes",
    "07_minibatch_sgd": "Learning from small samples",
    "08_deep_gradients": "When gradients vanish or explode",
    "09_deep_training": "Training deep networks",
    "10_capstone": "A digit reader from an empty class",
}
NOTEBOOKS = tuple(TITLES)
PUBLIC_SEED = 1986

# What knows how to find gradients: closed while an exercise asks for a part of it.
ENGINE = ("autodiff", "network", "gradcheck", "symbolic", "counting", "sgd")


@dataclass(frozen=True)
class Case:
    """One question put to an answer.

    inputs: plain data by name. The default driver passes them to the answer by position, in this order.
    hidden: plain data for the aspect's `accept` only. It never enters the process of a student whose work is graded.
    """

    inputs: dict[str, Any]
    hidden: Any = None

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What is found out about the inputs, to find it once: hundreds of guesses at a mistake ask for it."""
        return {}


@dataclass(frozen=True)
class Aspect:
    """One thing that an answer must get right, with the points for it.

    name: a short id, unique in the exercise: "batch".
    title: what the student reads: "a whole mini-batch".
    points: what it is worth; 0 makes it advice that is shown and costs nothing.
    cases: draws the cases from a seeded generator.
    rtol, atol: a value passes when |value - expected| <= atol + rtol * |expected|.
    driver: how the answer is asked, when this aspect needs another way than the rest of its exercise.
    accept: for questions with many right answers: (case, value, expected value) -> None when right,
        else the sentence for the student.
    observe: (case, what the driver gives) -> what is judged; runs outside of the process that was asked. So what is
        found out about an answer, such as whether it draws at random, is not for that process to say.
    of: the name of an earlier aspect that is asked the same cases by the same driver: nothing is asked for this one,
        which observes another part of what was given there.
    again: ask the first case a second time, to see that the answer is the same; False where it takes long.
    slow: what makes answers too slow here, and how their time grows; said of one that is stopped.
    """

    name: str
    title: str
    points: float
    cases: Callable[[np.random.Generator], list[Case]]
    rtol: float = 1e-8
    atol: float = 1e-9
    driver: Callable[..., Any] | None = None
    accept: Callable[[Case, Any, Any], str | None] | None = None
    observe: Callable[[Case, Any], Any] | None = None
    of: str | None = None
    again: bool = True
    slow: str = ""


class WrongForm(TypeError):
    """What a driver raises when an answer is not of the kind that is asked for. Its message is shown to the student."""


def call(answer: Callable[..., Any], **inputs: Any) -> Any:
    """The default driver: the answer, called with the inputs by position."""
    return answer(*inputs.values())


@dataclass(frozen=True)
class Exercise:
    """One graded exercise.

    id: the grade_id of its check cell, unique in the course.
    number, title: what the student reads: "1.1", "The slope of a wiggle".
    answers: the names that the student defines.
    aspects: what is asked.
    driver: asks the answer: (answer, **inputs) -> value. With several names, `answer` has them as attributes.
        A driver that returns a dict names its intermediate values; the first wrong one is reported.
    seconds: how long one aspect may take when it is graded.
    quiz: True for questions whose cases are the same for every seed, such as a multiple choice. In what students get
        its answers are sealed: `accept` may ask whether a value equals the expected one, and no more.
    ask_public: when graded, ask the public cases too, to explain mistakes; False for exercises that take long.
    closed: names of course_lib, "sgd.Adam" or a whole module, that the student writes here; closed while it is asked.
    uses: ids of earlier exercises of the notebook whose answers this one calls.
    internal: names of inputs that only the driver understands; a student is not shown them.
    keeps: the name of the aspect that is about leaving the inputs as they were; then only this one asks for it.
    repeats: the same for the aspect that is about giving the same when asked again.
    in_place: names of inputs that an answer may change, because the exercise is about that.
    mixed: when graded, ask the hidden cases of the aspects in an order that is drawn, because the order says what is
        right: first those who are ill, then those who are well.
    """

    id: str
    number: str
    title: str
    answers: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    driver: Callable[..., Any] = call
    seconds: float = 10.0
    quiz: bool = False
    ask_public: bool = True
    closed: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    keeps: str | None = None
    repeats: str | None = None
    in_place: tuple[str, ...] = ()
    mixed: bool = False

    @property
    def points(self) -> float:
        """The sum of the aspects' points."""
        return sum(aspect.points for aspect in self.aspects)

    def aspect(self, name: str) -> Aspect:
        """The aspect of that name.

        Raises:
            KeyError: with the names there are.
        """
        for aspect in self.aspects:
            if aspect.name == name:
                return aspect
        raise KeyError(f"exercise {self.id} has no aspect {name!r}; it has {', '.join(a.name for a in self.aspects)}")

    @property
    def asking(self) -> tuple[Aspect, ...]:
        """The aspects that ask something. The others observe what is given to these."""
        return tuple(aspect for aspect in self.aspects if aspect.of is None)

    def asked_as(self, aspect: Aspect) -> str:
        """The name of the first aspect that is asked in just the same way: its own name might say what is right."""

        def way(one: Aspect) -> tuple:
            return one.driver, one.again, one.rtol, one.atol, one.name if one.name in (self.keeps, self.repeats) else ""

        return next(each.name for each in self.aspects if way(each) == way(aspect))

    def draw(self, aspect: Aspect, seed: int) -> list[Case]:
        """The cases of one aspect for one seed. Every call gives the same cases."""
        name = zlib.crc32(f"{self.id}/{aspect.of or aspect.name}".encode())
        return aspect.cases(np.random.default_rng([seed, name]))

    def bundle(self, *answers: Any) -> Any:
        """What a driver receives: the answer itself, or all of them by name when there are several.

        Raises:
            TypeError: when the number of answers is wrong.
        """
        if len(answers) != len(self.answers):
            wanted = ", ".join(self.answers)
            raise TypeError(f"check({self.id!r}, …) needs exactly these answers: {wanted}; {len(answers)} were given")
        return answers[0] if len(answers) == 1 else SimpleNamespace(**dict(zip(self.answers, answers, strict=True)))


def chosen(names: Iterable[str]) -> list[str]:
    """The notebooks that the names mean, in the order of the course: numbers or whole names, or all for no names.

    Raises:
        CourseError: for a name that means no notebook of the course.
    """
    names = list(names)
    for name in names:
        if not any(_means(name, notebook) for notebook in NOTEBOOKS):
            raise CourseError(f"there is no notebook {name!r}; the course has {', '.join(NOTEBOOKS)}")
    return [notebook for notebook in NOTEBOOKS if not names or any(_means(name, notebook) for name in names)]


def _means(name: str, notebook: str) -> bool:
    return name == notebook or name.zfill(2) == notebook[:2]


def module_name(notebook: str) -> str:
    """ "01_chain_rule" -> "chain_rule": what the modules about a notebook are called."""
    return notebook.split("_", 1)[1]


def heading(notebook: str) -> str:
    """What a notebook is called wherever a reader sees its name: "1 · How does a wiggle travel?"."""
    return f"{int(notebook[:2])} · {TITLES[notebook]}"


def exercises_module(notebook: str) -> ModuleType:
    """The module that describes the exercises of a notebook."""
    return importlib.import_module(f"course_lib.exercises.{module_name(notebook)}")


def exercises_of(notebook: str) -> tuple[Exercise, ...]:
    """The exercises of one notebook, in its order.

    Raises:
        KeyError: for a notebook that is not in the course.
    """
    if notebook not in NOTEBOOKS:
        raise KeyError(f"there is no notebook {notebook!r}; the course has {', '.join(NOTEBOOKS)}")
    return exercises_module(notebook).EXERCISES


def all_exercises() -> Iterator[tuple[str, Exercise]]:
    """Every (notebook, exercise) of the course, in its order."""
    for notebook in NOTEBOOKS:
        for exercise in exercises_of(notebook):
            yield notebook, exercise


def _likely_first(exercise_id: str) -> Iterator[str]:
    """All notebooks: those that are imported, those whose text has the word in it, then the others. So a first check
    imports what is about its own notebook, and mostly nothing else."""
    imported = [each for each in NOTEBOOKS if f"{__name__}.{module_name(each)}" in sys.modules]
    yield from imported
    yield from sorted(set(NOTEBOOKS) - set(imported), key=lambda each: (not _mentions(each, exercise_id), each))


def _mentions(notebook: str, exercise_id: str) -> bool:
    try:
        return f'"{exercise_id}"' in Path(__file__).with_name(f"{module_name(notebook)}.py").read_text(encoding="utf-8")
    except OSError:
        return False  # Python runs without the texts, so all are imported in turn


def find(exercise_id: str) -> tuple[str, Exercise]:
    """The notebook of an exercise, and the exercise.

    Raises:
        KeyError: when there is no exercise of that id.
    """
    for notebook in _likely_first(exercise_id):
        for exercise in exercises_of(notebook):
            if exercise.id == exercise_id:
                return notebook, exercise
    known = ", ".join(exercise.id for _, exercise in all_exercises())
    raise KeyError(f"there is no exercise {exercise_id!r}; the course has {known}")
