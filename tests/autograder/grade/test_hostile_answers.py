"""Whatever plain data an answer gives, it is judged: nothing of it makes the judge stop, or go on for long."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.build.answer_key import answer_keys, answer_of, reference
from autograder.grade.interview import Interview
from autograder.grade.verdicts import explained, judge_public, judged_in_full
from course_lib.asking import Outcome, ask_all, observed, seen_in
from course_lib.exercises import NOTEBOOKS, Case, Exercise, find
from course_lib.plain import dumps, loads

pytestmark = [pytest.mark.slow, pytest.mark.calm]

SLOW = ("02", "10")  # whose keys take seconds
NUMBERS = st.integers() | st.floats() | st.complex_numbers() | st.just(10**400) | st.booleans()
ARRAYS = st.sampled_from(["f8", "i8", "?", "c16", "u1", "f2"]).flatmap(
    lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
PLAIN = st.recursive(
    st.none() | NUMBERS | st.text(max_size=5) | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
TEXT = st.text(max_size=30)
OUTCOMES = st.builds(lambda value: Outcome(value=loads(dumps(value))), PLAIN) | st.builds(
    Outcome,
    error=st.sampled_from(["ValueError", "WrongForm", "NotImplementedError", "x"]) | TEXT,
    message=TEXT,
    line=TEXT,
)


@pytest.mark.parametrize("notebook", [name for name in NOTEBOOKS if not name.startswith(SLOW)])
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_plain_answer_is_judged(notebook: str, data: st.DataObject) -> None:
    for key in answer_keys(notebook).values():
        drawn = data.draw(st.lists(OUTCOMES, min_size=3, max_size=3))
        given = {name: [drawn[place % 3] for place, _ in enumerate(cases)] for name, cases in key.cases.items()}
        shown = judge_public(key, given)
        verdict = explained(key, given, judged_in_full(key, given), shown)
        assert 0 <= verdict.points <= verdict.max_points
        assert verdict.feedback or verdict.status == "full"
        assert len(repr(verdict)) < 40_000
        repr(verdict).encode("utf-8", "replace")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("notebook", [name for name in NOTEBOOKS if not name.startswith(SLOW)])
def test_complex_numbers_make_no_noise_where_a_class_is_graded(notebook: str) -> None:
    for key in answer_keys(notebook).values():
        asking = {aspect.name: key.cases[aspect.name] for aspect in key.exercise.asking}
        right = {name: ask_all_of(key.exercise, name, cases) for name, cases in asking.items()}
        turned = {name: [Outcome(value=_turned(each.value)) for each in given] for name, given in right.items()}
        judged_in_full(key, seen_in(key.exercise, key.cases, turned))


def ask_all_of(exercise: Exercise, name: str, cases: Sequence[Case]) -> list[Outcome]:
    """What the driver gives of the reference, before anything is observed."""
    if exercise.seconds >= 60:
        return []
    answer = answer_of(exercise, reference(find(exercise.id)[0]))
    return ask_all(exercise, exercise.aspect(name), answer, [case.inputs for case in cases])


def _turned(value: Any) -> Any:
    """With complex numbers in place of all fractions."""

    def turned(one: Any) -> Any:
        is_fraction = type(one) is float or (isinstance(one, np.ndarray) and one.dtype.kind == "f")
        return one * (1 + 1j) if is_fraction else one

    return _each(turned, value)


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    """A value with everything in it changed that is no dict, list or tuple."""
    if isinstance(value, dict):
        return {name: _each(change, each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_each(change, each) for each in value)
    return change(value)


@pytest.mark.parametrize("notebook", [name for name in NOTEBOOKS if not name.startswith("10")])
def test_numbers_larger_than_any_float_are_judged_like_others(notebook: str, caplog: pytest.LogCaptureFixture) -> None:
    for key in answer_keys(notebook).values():
        given = {
            name: [Outcome(value=_each(lambda _: 10**400, each.value)) for each in rows]
            for name, rows in key.key.expected.items()
        }
        judged_in_full(key, given)
    assert not caplog.records


def test_counting_pairs_of_examples_takes_little_time_however_many_columns_there_are() -> None:
    _, exercise = find("minibatches")
    case = exercise.draw(exercise.aspect("random"), 5)[0]
    epoch = [np.tile(case.inputs["X"], 100)]
    before = time.process_time()
    value = {"first": epoch, "second": epoch, "again": epoch, "other": epoch, "more": [epoch] * 15}
    observed(exercise.aspect("random"), [case], [Outcome(value=value)])
    assert time.process_time() - before < 20


@pytest.mark.parametrize(
    "text",
    [
        '{"list": [' + "1, " * 3_000_000 + "1]}",
        '{"list": [' + '{"list": []}, ' * 1_000_000 + "1]}",
        "[" * 100_000,
        '{"list": ' * 100_000,
        "1" * 10_000,
        '{"array": ["<f8", [1000000000000], ""]}',
        '{"array": ["<f8", [0, 99999999999999999999], []]}',
        '{"array": ["O", [1], [1]]}',
        '"\\ud800"',
        "",
    ],
)
def test_any_text_in_place_of_a_reply_is_told_and_takes_little_time(text: str) -> None:
    key = next(iter(answer_keys(NOTEBOOKS[0]).values()))
    before = time.process_time()
    outcomes = Interview(key.exercise, lambda expression, count, seconds: iter([text] * count), lambda: 0.0).ask(
        key.cases
    )
    assert all(isinstance(each, str) for each in outcomes.values())
    assert time.process_time() - before < 20


def test_a_large_but_honest_answer_is_compared_in_little_time() -> None:
    key = answer_keys("03_matrix_calculus")
    value = np.arange(300_000.0)
    before = time.process_time()
    for each in key.values():
        judge_public(each, {name: [Outcome(value=value) for _ in cases] for name, cases in each.cases.items()})
    assert time.process_time() - before < 20
