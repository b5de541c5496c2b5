"""One aspect with all its cases, and what is wrong with each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from course_lib import promises
from course_lib.asking import Outcome, without_warnings
from course_lib.comparing import NO_VALUE, Difference, as_code, compare, show
from course_lib.exercises import Aspect, Case, Exercise, WrongForm

LONGEST_CODE = 240  # characters of inputs that are shown as code


class Asked:
    """One aspect with all its cases, and what is wrong with each of them."""

    def __init__(
        self,
        exercise: Exercise,
        aspect: Aspect,
        cases: Sequence[Case],
        expected: Sequence[Outcome],
        outcomes: Sequence[Outcome] | str,
    ) -> None:
        self.exercise = exercise
        self.aspect, self.cases, self.expected, self.outcomes = aspect, cases, expected, outcomes
        self.differences: list[Difference | None] = []
        self.first = self._judge()

    def _judge(self) -> Difference | None:
        """The first thing that is wrong, or None."""
        if isinstance(self.outcomes, str):
            return Difference(self.outcomes)
        if len(self.outcomes) != len(self.cases):
            return Difference("The answer did not reply to every case.")
        triples = list(zip(self.cases, self.expected, self.outcomes, strict=True))
        self.differences = [
            _differs_again(judge_case(self.aspect, case, right.value, got), got) or _broken_promise(case, got)
            for case, right, got in triples
        ]
        found = [(case, each) for (case, _, _), each in zip(triples, self.differences, strict=True) if each]
        found.sort(key=lambda pair: pair[1].promise)  # a wrong value tells more than a broken promise
        return next((replace(each, detail=_about(self.exercise, case, each.detail)) for case, each in found), None)

    @property
    def given(self) -> Sequence[Outcome]:
        """The outcomes; none where the aspect could not be asked."""
        return () if isinstance(self.outcomes, str) else self.outcomes

    @property
    def gives_values(self) -> bool:
        """True when every case gave a value, so that its numbers can be looked at together."""
        return bool(self.differences) and all(outcome.error is None for outcome in self.given)

    @property
    def breaks_a_promise(self) -> bool:
        """True when all values are right, but a promise was broken."""
        return self.first is not None and self.first.promise

    @property
    def is_compared(self) -> bool:
        """True when it is wrong by its values, which are compared with the right ones and do not come by chance."""
        come_again = not any(outcome.broken == promises.AGAIN for outcome in self.given)
        return self.gives_values and come_again and not self.aspect.accept and not self.breaks_a_promise

    def questions(self) -> list[tuple[Aspect, Case, Any, Any]]:
        """What the diagnosis looks at: the right value of each case and the one that was given, where one was given."""
        triples = zip(self.cases, self.expected, self.given, strict=True)
        return [(self.aspect, case, right.value, got.value) for case, right, got in triples if got.error is None]


def judge_case(aspect: Aspect, case: Case, expected: Any, outcome: Outcome) -> Difference | None:
    """What is wrong with the outcome of one case, or None."""
    if outcome.untouched:
        return Difference("Not answered yet: a line with `Your turn` still stands where this needs your code.")
    if outcome.error == WrongForm.__name__:
        return Difference(outcome.message)
    if outcome.error:
        where = f", in the line `{outcome.line}`" if outcome.line else ""
        return Difference(stops(outcome), f"{outcome.error}: {outcome.message}{where}")
    if aspect.accept and outcome.value is None and expected is not None:
        return Difference(NO_VALUE)
    if aspect.accept:
        try:
            with without_warnings():
                sentence = aspect.accept(case, outcome.value, expected)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
            return Difference(
                "The answer is not of the kind that is asked for.",
                f"it cannot be read ({type(error).__name__}: {error})",
            )
        return Difference(sentence, f"got {show(outcome.value)}") if sentence else None
    return compare(expected, outcome.value, aspect.rtol, aspect.atol)


def stops(outcome: Outcome) -> str:
    if outcome.line:
        return f"Your code stops with {outcome.error}."
    # None of its lines: it failed when it was called, or when its result was used.
    return f"Your code cannot be called, or what it gives cannot be used ({outcome.error})."


def _differs_again(wrong: Difference | None, outcome: Outcome) -> Difference | None:
    """Of a wrong value that is another one when asked again, this tells most: its numbers come by chance."""
    if wrong and outcome.broken == promises.AGAIN:
        return replace(wrong, sentence=promises.sentence(promises.AGAIN, {}))
    return wrong


def _broken_promise(case: Case, outcome: Outcome) -> Difference | None:
    told = promises.sentence(outcome.broken, case.inputs) if outcome.broken else ""
    return Difference(told, promise=True) if told else None


def _about(exercise: Exercise, case: Case, detail: str) -> str:
    """The case as code to try by hand, or in a few words where it is large; then what happened."""
    shown = {name: value for name, value in case.inputs.items() if name not in exercise.internal}
    inputs = "; ".join(f"{name} = {as_code(value)}" for name, value in shown.items())
    if len(inputs) > LONGEST_CODE:
        inputs = ", ".join(f"{name} = {show(value)}" for name, value in shown.items())
        inputs = inputs if len(inputs) <= 160 else inputs[:157] + "…"
    return f"{inputs}: {detail}" if detail and inputs else detail or inputs
