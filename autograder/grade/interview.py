"""Put the cases of one exercise to the answers in a running notebook, and bring the outcomes back in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile

import numpy as np

from autograder.grade.reading import has_at_most
from autograder.grade.session import Ended, TookTooLong
from course_lib.asking import Outcome, seen_in, too_slow
from course_lib.exercises import Aspect, Case, Exercise
from course_lib.exercises.draws import shuffled
from course_lib.plain import NotPlain, dumps, loads

MAX_VALUES = 100_000  # in all outcomes of one aspect; an array counts as one
MAX_ENDS = 2  # of the process while one exercise is asked
# Written without any name that a notebook may have given to something else, such as `globals`.
EXPRESSION = (
    "(lambda: 0).__builtins__['__import__']('course_lib.asking', fromlist=['say_replies'])"
    ".say_replies({requests!r}, (lambda: 0).__globals__, "
    "(lambda: 0).__builtins__['__import__']('IPython').get_ipython().kernel)"
)
NO_REPLY = "The answer did not reply properly."
NO_TIME = "There was no time left: the exercise took too long before."

Outcomes = dict[str, "list[Outcome] | str"]  # by aspect; a sentence when it could not be asked


class AskAgain(Exception):
    """The process ended, perhaps by what another exercise left behind in it. A new one is there for the question."""


class Interview:
    """All questions of one exercise. An aspect that once ended the process or took too long is not asked again.

    evaluate: (expression, how many texts it says, () -> seconds that the next one may take) -> the texts as they come;
        raises what KernelSession.ask_each raises, and AskAgain.
    spent: () -> seconds of processor time that the submission has used.
    """

    def __init__(
        self,
        exercise: Exercise,
        evaluate: Callable[[str, int, Callable[[], float]], Iterator[str]],
        spent: Callable[[], float],
    ) -> None:
        self.exercise = exercise
        self.evaluate = evaluate
        self.spent = spent
        self.end = spent() + 3 * exercise.seconds
        self.failed: dict[str, str] = {}
        self.ends: list[str] = []
        self._last_try = False  # nothing was left for the aspect that is asked now

    def ask(self, cases: Mapping[str, Sequence[Case]], seed: int | None = None) -> Outcomes:
        """The outcomes of the cases, by aspect.

        seed: of hidden cases. The process that is asked can tell the aspects of a mixed exercise apart by the inputs
            alone: it hears no name that says which it is, and their order is drawn.
        """
        given: Outcomes = {}
        todo = list(self.exercise.asking)
        if self.exercise.mixed and seed is not None:
            todo = shuffled(np.random.default_rng(seed), todo)
        while todo:
            given |= self._ask(todo, cases)
            todo = [aspect for aspect in todo if aspect.name not in given]
        self.failed |= {name: why for name, why in given.items() if isinstance(why, str)}
        return seen_in(self.exercise, cases, given)

    def _ask(self, aspects: Sequence[Aspect], cases: Mapping[str, Sequence[Case]]) -> Outcomes:
        """The outcomes of the first of these aspects, and of those after it that can be asked in the same breath."""
        first = aspects[0].name
        known = self.failed.get(first) or self._no_time()
        if known:
            return {first: known}
        group = list(takewhile(lambda aspect: aspect.name not in self.failed, aspects))
        requests = dumps([_request(self.exercise, aspect, cases[aspect.name]) for aspect in group])
        texts = self.evaluate(EXPRESSION.format(requests=requests), len(group), self._seconds)
        outcomes: Outcomes = {}
        for aspect in group:
            try:
                text = next(texts)
            except TookTooLong:
                outcomes[aspect.name] = NO_TIME if self._last_try else too_slow(self.exercise.seconds, aspect)
                return outcomes
            except NotPlain:
                outcomes[aspect.name] = NO_REPLY
                return outcomes
            except AskAgain:
                return outcomes
            except Ended as ended:
                self.ends.append(str(ended))
                outcomes[aspect.name] = self.ends[0]
                return outcomes
            outcomes[aspect.name] = _outcomes(text)
        return outcomes

    def _no_time(self) -> str:
        """Why nothing more is asked; "" when something is."""
        if len(self.ends) == MAX_ENDS:
            return self.ends[0]
        return NO_TIME if self.end <= self.spent() else ""

    def _seconds(self) -> float:
        """How much processor time the next aspect may take."""
        left = self.end - self.spent()
        self._last_try = left <= 0
        return min(self.exercise.seconds, left)


_requests: dict[tuple[str, str, int], tuple[Sequence[Case], str]] = {}  # by the id of the cases, kept with them
MOST_REQUESTS = 4096  # that are known: those of some classes


def know_requests(exercise: Exercise, cases: Mapping[str, Sequence[Case]]) -> None:
    """Write down what is asked of everybody, once: forks of this process then have it."""
    if len(_requests) > MOST_REQUESTS:
        _requests.clear()
    for aspect in exercise.asking:
        place = exercise.id, aspect.name, id(cases[aspect.name])
        if place not in _requests:
            _requests[place] = cases[aspect.name], _request(exercise, aspect, cases[aspect.name])


def _request(exercise: Exercise, aspect: Aspect, cases: Sequence[Case]) -> str:
    """What is sent into the student's process: the inputs of the cases, and nothing else of them."""
    known = _requests.get((exercise.id, aspect.name, id(cases)))
    if known:
        return known[1]
    inputs = [case.inputs for case in cases]
    return dumps({"exercise": exercise.id, "aspect": exercise.asked_as(aspect), "cases": inputs})


def _outcomes(text: str) -> list[Outcome] | str:
    """What came out of the student's process; a sentence when it is not what a driver gives."""
    if not has_at_most(MAX_VALUES, text.encode()):
        return "The answer gives far more values than are asked for."
    try:
        rows = loads(text)
        return [Outcome.from_dict(row) for row in rows] if type(rows) is list else NO_REPLY
    except NotPlain:
        return NO_REPLY
