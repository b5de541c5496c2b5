"""All aspects of an exercise are asked in one go; what one of them does costs only that one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from autograder.grade.interview import NO_REPLY, NO_TIME, Interview
from autograder.grade.session import Ended, TookTooLong
from course_lib.asking import Outcome
from course_lib.exercises import NOTEBOOKS, exercises_of, find
from course_lib.plain import NotPlain, dumps, loads

EXERCISE = next(each for each in exercises_of(NOTEBOOKS[0]) if len(each.asking) == len(each.aspects) >= 4)
NAMES = [aspect.name for aspect in EXERCISE.aspects]
CASES = {name: EXERCISE.draw(EXERCISE.aspect(name), 1) for name in NAMES}
ASKED = [dumps([case.inputs for case in cases]) for cases in CASES.values()]


class Student:
    """A process that answers as it is told: by aspect, what is raised instead of a reply; it is asked again after."""

    def __init__(self, **ways: Exception) -> None:
        self.ways, self.spent, self.requests = ways, 0.0, []

    def evaluate(self, expression: str, count: int, seconds: Callable[[], float]) -> Iterator[str]:
        sent = next(node for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Call) and node.args)
        asked = [NAMES[ASKED.index(dumps(loads(each)["cases"]))] for each in loads(sent.args[0].value)]
        assert len(asked) == count
        self.requests.append(asked)
        for name in asked:
            allowed = seconds()
            if name in self.ways:
                self.spent += allowed if isinstance(self.ways[name], TookTooLong) else 0
                raise self.ways[name]
            yield dumps([Outcome(value=name).to_dict()] * len(CASES[name]))

    def asked(self) -> dict:
        """What comes of it, with the value of a reply in place of the outcomes."""
        interview = Interview(EXERCISE, self.evaluate, lambda: self.spent)
        found = interview.ask(CASES)
        return {name: given if isinstance(given, str) else given[0].value for name, given in found.items()}


def test_one_request_is_enough_when_everything_is_answered() -> None:
    student = Student()
    assert student.asked() == {name: name for name in NAMES}
    assert student.requests == [NAMES]


@pytest.mark.parametrize(
    ("way", "said"), [(Ended("it ended"), "it ended"), (NotPlain("?"), NO_REPLY), (TookTooLong(), "runs longer")]
)
def test_what_goes_wrong_costs_one_aspect_and_the_others_are_asked(way: Exception, said: str) -> None:
    student = Student(**{NAMES[1]: way})
    found = student.asked()
    assert said in found.pop(NAMES[1])
    assert found == {name: name for name in NAMES if name != NAMES[1]}
    assert student.requests == [NAMES, NAMES[2:]]


def test_a_process_that_ends_twice_is_asked_no_more() -> None:
    student = Student(**dict.fromkeys(NAMES, Ended("it ended")))
    assert student.asked() == dict.fromkeys(NAMES, "it ended")
    assert len(student.requests) == 2


def test_when_the_time_of_the_exercise_is_over_nothing_is_asked() -> None:
    student = Student(**dict.fromkeys(NAMES, TookTooLong()))
    found = list(student.asked().values())
    assert ["runs longer" in each for each in found[:3]] == [True] * 3
    assert found[3:] == [NO_TIME] * len(found[3:])
    assert len(student.requests) == 3


def test_what_is_seen_in_one_reply_is_asked_once() -> None:
    exercise = find("chain-gradient")[1]
    cases = {aspect.name: exercise.draw(aspect, 1) for aspect in exercise.aspects}
    names = list(cases)

    def evaluate(expression: str, count: int, seconds: Callable[[], float]) -> Iterator[str]:
        assert count == 1
        yield dumps([Outcome(value={f"d{name}": name for name in names}).to_dict()] * len(cases[names[0]]))

    found = Interview(exercise, evaluate, lambda: 0.0).ask(cases)
    assert {name: given[0].value for name, given in found.items()} == {name: name for name in names}
    assert len({dumps([case.inputs for case in each]) for each in cases.values()}) == 1


def test_a_mixed_exercise_is_asked_in_an_order_that_is_drawn_and_without_names() -> None:
    """The names and the order of the aspects say what is right; who is asked hears neither."""
    exercise = find("diagnose")[1]
    cases = {aspect.name: exercise.draw(aspect, 1) for aspect in exercise.aspects}
    order = [dumps([case.inputs for case in each]) for each in cases.values()]

    def asked(seed: int | None) -> tuple[list[int], set[str]]:
        heard = []

        def evaluate(expression: str, count: int, seconds: Callable[[], float]) -> Iterator[str]:
            sent = next(node for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Call) and node.args)
            heard.extend(loads(each) for each in loads(sent.args[0].value))
            yield from (dumps([Outcome(value=place).to_dict()] * 3) for place in range(count))

        Interview(exercise, evaluate, lambda: 0.0).ask(cases, seed)
        return [order.index(dumps(each["cases"])) for each in heard], {each["aspect"] for each in heard}

    (usual, _), (one, names), (other, _) = asked(None), asked(1), asked(2)
    assert usual == sorted(one) == sorted(other) == list(range(len(order)))
    assert usual != one != other
    assert len(names) == 1
