"""Put the cases of one exercise to the answers in a running notebook, and bring the outcomes back in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograder.grade.reading import has_at_most
from autograder.grade.session import Ended, TookTooLong
from course_lib.asking import Outcome, too_slow
from course_lib.exercises import Aspect, Case, Exercise
from course_lib.plain import NotPlain, dumps, loads

MAX_VALUES = 100_000  # in all outcomes of one aspect; an array counts as one
MAX_ENDS = 2  # of the process while one exercise is asked
# Written without any name that a notebook may have given to something else, such as `globals`.
EXPRESSION = (
    "(lambda: 0).__builtins__['__import__']('course_lib.asking', fromlist=['reply'])"
    ".reply({request!r}, (lambda: 0).__globals__)"
)
NO_REPLY = "The answer did not reply properly."

Outcomes = dict[str, "list[Outcome] | str"]  # by aspect; a sentence when it could not be asked


class Interview:
    """All questions of one exercise. An aspect that once ended the process or took too long is not asked again.

    evaluate: (expression, seconds) -> the text that it gives in the student's process; raises what
        KernelSession.ask raises.
    spent: () -> seconds of processor time that the submission has used.
    """

    def __init__(self, exercise: Exercise, evaluate: Callable[[str, float], str], spent: Callable[[], float]) -> None:
        self.exercise = exercise
        self.evaluate = evaluate
        self.spent = spent
        self.end = spent() + 3 * exercise.seconds
        self.failed: dict[str, str] = {}
        self.ends: list[str] = []

    def ask(self, cases: Mapping[str, Sequence[Case]]) -> Outcomes:
        """The outcomes of the cases, by aspect."""
        outcomes: Outcomes = {}
        for aspect in self.exercise.aspects:
            given = self.failed.get(aspect.name) or self._ask(aspect, cases[aspect.name])
            if isinstance(given, str):
                self.failed[aspect.name] = given
            outcomes[aspect.name] = given
        return outcomes

    def _ask(self, aspect: Aspect, cases: Sequence[Case]) -> list[Outcome] | str:
        seconds = min(self.exercise.seconds, self.end - self.spent())
        if len(self.ends) == MAX_ENDS:
            return self.ends[0]
        if seconds <= 0:
            return "There was no time left: the exercise took too long before."
        request = _request(self.exercise.id, aspect.name, cases)
        try:
            return _outcomes(self.evaluate(EXPRESSION.format(request=request), seconds))
        except TookTooLong:
            return too_slow(self.exercise.seconds, aspect)
        except NotPlain:
            return NO_REPLY
        except Ended as ended:
            self.ends.append(str(ended))
            return self.ends[0]


def _request(exercise: str, aspect: str, cases: Sequence[Case]) -> str:
    """What is sent into the student's process: the inputs of the cases, and nothing else of them."""
    return dumps({"exercise": exercise, "aspect": aspect, "cases": [case.inputs for case in cases]})


def _outcomes(text: str) -> list[Outcome] | str:
    """What came out of the student's process; a sentence when it is not what a driver gives."""
    if not has_at_most(MAX_VALUES, text.encode()):
        return "The answer gives far more values than are asked for."
    rows = loads(text)
    return [Outcome.from_dict(row) for row in rows] if type(rows) is list else NO_REPLY
