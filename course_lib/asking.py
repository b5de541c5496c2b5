"""Put cases to an answer and bring back plain outcomes. The same code asks at the student's desk and when grading."""

from __future__ import annotations

import contextlib
import copy
import os
import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib import exercises
from course_lib.exercises import Aspect, Exercise, WrongForm
from course_lib.plain import NotPlain, dumps, loads, to_plain

STUB = "Your turn"  # how the message of an unanswered exercise begins
MESSAGE_LENGTH = 300


@dataclass(frozen=True)
class Outcome:
    """What an answer did with one case: a value, or the exception it ended with."""

    value: Any = None
    error: str | None = None  # the type of the exception
    message: str = ""
    line: str = ""  # the line of the answer that raised it

    @property
    def untouched(self) -> bool:
        """True when the case met the stub that the exercise came with."""
        return self.error == "NotImplementedError" and self.message.startswith(STUB)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        if self.error is None:
            return {"value": self.value}
        return {"error": self.error, "message": self.message, "line": self.line}

    @classmethod
    def from_dict(cls, data: Any) -> Outcome:
        """From plain data of a stranger. Raises NotPlain when it is not what `to_dict` gives."""
        if type(data) is not dict or not ({"value"} == set(data) or {"error", "message", "line"} == set(data)):
            raise NotPlain("an outcome has either a value or an error")
        if "value" in data:
            return cls(value=data["value"])
        if not all(type(text) is str for text in data.values()):
            raise NotPlain("an error is described by text")
        return cls(
            error=data["error"][:80], message=data["message"][:MESSAGE_LENGTH], line=data["line"][:MESSAGE_LENGTH]
        )


def ask(exercise: Exercise, aspect: Aspect, answer: Any, inputs: dict[str, Any]) -> Outcome:
    """Ask one case. The answer gets copies of the inputs, and NumPy's warnings are silent.

    Any exception of the answer is an outcome; only KeyboardInterrupt passes through.
    """
    driver = aspect.driver or exercise.driver
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return Outcome(value=to_plain(driver(answer, **copy.deepcopy(inputs))))
    except KeyboardInterrupt:
        raise
    except NotPlain as error:
        return Outcome(error=WrongForm.__name__, message=f"The answer cannot be read: {error}.")
    except BaseException as error:  # SystemExit too: an answer that calls exit() must not end the check
        return Outcome(error=type(error).__name__, message=_text(error), line=_line(error))


def ask_all(exercise: Exercise, aspect: Aspect, answer: Any, inputs: Iterable[dict[str, Any]]) -> list[Outcome]:
    """One outcome for each case."""
    return [ask(exercise, aspect, answer, each) for each in inputs]


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MESSAGE_LENGTH]
    except Exception:
        return "(its message cannot be shown)"


def _line(error: BaseException) -> str:
    """The last line outside this package that the exception passed through."""
    package = os.path.dirname(__file__)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(package)]
    frames = [
        f
        for f in frames
        if "site-packages" not in f.filename and not f.filename.startswith(os.path.dirname(os.__file__))
    ]
    return (frames[-1].line or "")[:MESSAGE_LENGTH] if frames else ""


class Shown(str):
    """A text that a kernel shows as it is, without quotes."""

    def __repr__(self) -> str:
        return str(self)


def reply(request: str, namespace: dict[str, Any]) -> Shown:
    """Answer the judge's request inside the student's kernel: plain text in, plain text out.

    request: `dumps` of {"exercise": id, "aspect": name, "cases": [inputs, …]}.
    namespace: the notebook's names.
    Returns `dumps` of a list with one outcome for each case. What the answer prints is thrown away.
    """
    wanted = loads(request)
    _, exercise = exercises.find(wanted["exercise"])
    aspect = exercise.aspect(wanted["aspect"])
    missing = [name for name in exercise.answers if name not in namespace]
    if missing:
        outcomes = [Outcome(error="NameError", message=f"{missing[0]} is not defined in the notebook")]
        return Shown(dumps([o.to_dict() for o in outcomes * len(wanted["cases"])]))
    answer = exercise.bundle(*(namespace[name] for name in exercise.answers))
    outcomes = _quietly(lambda: ask_all(exercise, aspect, answer, wanted["cases"]))
    return Shown(dumps([o.to_dict() for o in outcomes]))


def _quietly(work: Callable[[], Any]) -> Any:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        return work()
