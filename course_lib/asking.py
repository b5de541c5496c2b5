"""Put cases to an answer and bring back plain outcomes. The same code asks at the student's desk and when grading."""

from __future__ import annotations

import contextlib
import os
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from course_lib import exercises
from course_lib.closed import closed
from course_lib.exercises import Aspect, Case, Exercise, WrongForm
from course_lib.plain import NotPlain, dumps, loads, own_copy, to_plain
from course_lib.promises import (
    AGAIN,
    Noted,
    changed_input,
    changed_later,
    differs_again,
    filled_anew,
    nearly_the_same,
    noting,
    other_numbers,
    unlike_all,
)

UNDEFINED = "is not defined in the notebook"
STUB = "Your turn"  # how the message of an unanswered exercise begins
MESSAGE_LENGTH = 300


@dataclass(frozen=True)
class Outcome:
    """What an answer did with one case: a value, or the exception it ended with."""

    value: Any = None
    error: str | None = None  # the type of the exception
    message: str = ""
    line: str = ""  # the line of the answer that raised it
    broken: str = ""  # a promise that was broken, as `promises` writes it down

    @property
    def untouched(self) -> bool:
        """True when the case met the stub that the exercise came with."""
        return self.error == "NotImplementedError" and self.message.startswith(STUB)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        if self.error is None:
            return {"value": self.value} | ({"broken": self.broken} if self.broken else {})
        return {"error": self.error, "message": self.message, "line": self.line}

    @classmethod
    def from_dict(cls, data: Any) -> Outcome:
        """From plain data of a stranger.

        Raises:
            NotPlain: when it is not what `to_dict` gives.
        """
        forms = ({"value"}, {"value", "broken"}, {"error", "message", "line"})
        if type(data) is not dict or set(data) not in forms or type(data.get("broken", "")) is not str:
            raise NotPlain("an outcome has either a value or an error")
        if "value" in data:
            return cls(value=data["value"], broken=data.get("broken", "")[:MESSAGE_LENGTH])
        if not all(type(text) is str for text in data.values()):
            raise NotPlain("an error is described by text")
        return cls(
            error=data["error"][:80], message=data["message"][:MESSAGE_LENGTH], line=data["line"][:MESSAGE_LENGTH]
        )


def ask(exercise: Exercise, aspect: Aspect, answer: Any, inputs: dict[str, Any]) -> Outcome:
    """Ask one case. The answer gets copies of the inputs, and NumPy's warnings are silent.

    Any exception of the answer is an outcome; only KeyboardInterrupt passes through.
    """
    with closed(exercise.closed):
        return _ask(exercise, aspect, answer, inputs)[0]


def ask_all(exercise: Exercise, aspect: Aspect, answer: Any, inputs: Iterable[dict[str, Any]]) -> list[Outcome]:
    """One outcome for each case; then the three promises are looked after.

    Before, where no earlier aspect asks the answer in the same way, something nearly the same is asked, to see whether
    it is taken for the first case: see `nearly_the_same`. All these questions, and then the first case, come in the
    same arrays and lists, filled anew: an answer that knows them again by their place in memory is told.
    The first case is asked once more at the end, unless the exercise takes long; and with other numbers before, where
    no later case has a result of the same form, which might be put into the same place.
    """
    with closed(exercise.closed):
        return _ask_all(exercise, aspect, answer, list(inputs))


def _ask_all(exercise: Exercise, aspect: Aspect, answer: Any, asked: list[dict[str, Any]]) -> list[Outcome]:
    quick = exercise.ask_public and aspect.again
    watch = quick and exercise.keeps in (None, aspect.name)
    own: dict[str, Any] = {}
    if quick and asked and not exercise.internal and _asks_first(exercise, aspect):
        for each in nearly_the_same(asked):
            own = filled_anew(own, each)
            _ask(exercise, aspect, answer, each, own=own)
    replies = [
        _ask(exercise, aspect, answer, each, watch, None if number else filled_anew(own, each))
        for number, each in enumerate(asked)
    ]
    if quick and replies and unlike_all(replies[0][1], [pair for _, noted in replies[1:] for pair in noted]):
        _ask(exercise, aspect, answer, other_numbers(asked[0]))
    outcomes = [_looked_at_later(outcome, noted) for outcome, noted in replies]
    if outcomes and quick and outcomes[0].error is None:
        again, _ = _ask(exercise, aspect, answer, asked[0])
        broken = AGAIN if again.error else differs_again(exercise, aspect, outcomes[0].value, again.value)
        outcomes[0] = _with_promise(outcomes[0], broken)
    return outcomes


def _asks_first(exercise: Exercise, aspect: Aspect) -> bool:
    """Whether no earlier aspect asks the answer in the same way."""
    return aspect.name == next(each.name for each in exercise.aspects if each.driver is aspect.driver)


def ask_cases(exercise: Exercise, aspect: Aspect, answer: Any, cases: Sequence[Case]) -> list[Outcome]:
    """Ask all cases of an aspect in this process, and see what is judged of the outcomes."""
    return observed(aspect, cases, ask_all(exercise, aspect, answer, [case.inputs for case in cases]))


Given = TypeVar("Given", list[Outcome], list[Outcome] | str)


def seen_in(exercise: Exercise, cases: Mapping[str, Sequence[Case]], given: Mapping[str, Given]) -> dict[str, Given]:
    """What is judged of all aspects.

    given: by aspect that asks, the outcomes, or a sentence where it could not be asked.
    """
    seen: dict[str, Given] = {}
    for aspect in exercise.aspects:
        found = given[aspect.of or aspect.name]
        seen[aspect.name] = found if isinstance(found, str) else observed(aspect, cases[aspect.name], found)
    return seen


def observed(aspect: Aspect, cases: Sequence[Case], outcomes: list[Outcome]) -> list[Outcome]:
    """What is judged of the outcomes; see `Aspect.observe`."""
    if aspect.observe is None or len(cases) != len(outcomes):
        return outcomes
    return [
        outcome if outcome.error else _observed(aspect.observe, case, outcome)
        for case, outcome in zip(cases, outcomes, strict=True)
    ]


def _observed(observe: Callable[[Case, Any], Any], case: Case, outcome: Outcome) -> Outcome:
    try:
        with without_warnings():
            return replace(outcome, value=observe(case, outcome.value))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return Outcome(error=WrongForm.__name__, message="The answer is not of the form that is asked for.")


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """For looking at values of any kind: what NumPy thinks of them, such as complex ones, is no news for anybody."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _ask(
    exercise: Exercise,
    aspect: Aspect,
    answer: Any,
    inputs: dict[str, Any],
    watch: bool = False,
    own: dict[str, Any] | None = None,
) -> tuple[Outcome, Noted]:
    """The outcome, and what the answer gave. What the exercise closes is closed.

    watch: note also what the functions of the answer give to the driver.
    own: the copy of the inputs that is handed over; by default a new one.
    """
    driver = aspect.driver or exercise.driver
    own = own_copy(inputs) if own is None else own
    noted: Noted = []
    answer = noting(answer, noted) if watch else answer
    try:
        with without_warnings():
            given = driver(answer, **own)
            value = to_plain(given)
    except KeyboardInterrupt:
        raise
    except NotPlain as error:
        return Outcome(error=WrongForm.__name__, message=f"The answer cannot be read: {error}."), []
    except BaseException as error:  # SystemExit too: an answer that calls exit() must not end the check
        return Outcome(error=type(error).__name__, message=_text(error), line=_line(error)), []
    return Outcome(value=value, broken=changed_input(exercise, aspect, inputs, own)), [(value, given), *noted]


def _looked_at_later(outcome: Outcome, noted: Noted) -> Outcome:
    return outcome if outcome.error else _with_promise(outcome, changed_later(noted))


def _with_promise(outcome: Outcome, broken: str) -> Outcome:
    return replace(outcome, broken=broken) if broken and not outcome.broken else outcome


def too_slow(seconds: float, aspect: Aspect) -> str:
    """What is said of an answer that was stopped."""
    endless = "Is there a loop that never ends?"
    return f"Your code runs longer than {seconds:g} seconds. {aspect.slow or endless}"


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
        outcomes = [Outcome(error="NameError", message=f"{missing[0]} {UNDEFINED}")]
        return Shown(dumps([o.to_dict() for o in outcomes * len(wanted["cases"])]))
    answer = exercise.bundle(*(namespace[name] for name in exercise.answers))
    outcomes = _quietly(lambda: ask_all(exercise, aspect, answer, wanted["cases"]))
    return Shown(dumps([o.to_dict() for o in outcomes]))


def say_replies(requests: str, namespace: dict[str, Any], kernel: Any) -> None:
    """Answer several requests of the judge, each by a message as soon as there is a reply to it.

    requests: `dumps` of a list of requests as `reply` takes them.
    kernel: the notebook's kernel, of ipykernel.
    """
    for request in loads(requests):
        content = {"text": str(reply(request, namespace))}
        kernel.session.send(kernel.iopub_socket, "course_reply", content, parent=kernel.get_parent())


def _quietly(work: Callable[[], Any]) -> Any:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        return work()
