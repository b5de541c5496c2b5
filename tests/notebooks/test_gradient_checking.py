"""What notebook 6 says of its own examples and numbers is true."""

from __future__ import annotations

import contextlib
import io

import numpy as np

from autograder.build.answer_key import answer_of, reference
from autograder.zoo import traps
from course_lib.asking import ask_cases
from course_lib.counting import parameter_count
from course_lib.exercises import PUBLIC_SEED, find

NOTEBOOK = "06_gradient_checking"
KS = (3, 10, 25, 60, 1000)


def test_the_broken_backprop_is_the_trap_of_that_name(names: dict) -> None:
    """The feedback "all three bugs are still there" must be true."""
    trap = next(entry for entry in traps(NOTEBOOK) if entry.name == "nothing_mended")
    known_answer = answer_of(find(trap.exercise)[1], reference(NOTEBOOK), trap)
    _, exercise = find("checker-bugs")
    for case in exercise.draw(exercise.aspects[0], PUBLIC_SEED):
        given, known = names["broken_backprop"](*case.inputs.values()), known_answer(*case.inputs.values())
        for name, gradient in given.items():
            np.testing.assert_array_equal(gradient, known[name])


def reported(names: dict, backprop) -> list[str]:
    """The names that the notebook's report prints for a backward pass."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        names["report"](backprop)
    return [name for name in names["small"] if f"'{name}'" in out.getvalue()]


def test_the_checker_leads_from_bug_to_bug(names: dict) -> None:
    """On the notebook's own small network: all six parameters, then those of the two bugs left, one by one."""
    _, exercise = find("checker-bugs")
    mended = {
        entry.name: answer_of(exercise, reference(NOTEBOOK), entry)
        for entry in traps(NOTEBOOK)
        if entry.exercise == exercise.id
    }
    assert reported(names, names["broken_backprop"]) == ["w1", "b1", "w2", "b2", "w3", "b3"]
    assert reported(names, mended["output_mended"]) == ["w1", "b1", "b2"]
    assert reported(names, mended["sum_left"]) == ["b2"]
    assert reported(names, mended["transpose_left"]) == ["w1", "b1"]
    assert reported(names, names["fixed_backprop"]) == []


def test_to_leave_theta_as_it_was_counts_only_when_slopes_were_measured() -> None:
    _, exercise = find("numerical-gradient")
    aspect = exercise.aspect("restored")
    cases = exercise.draw(aspect, 3)
    honest = reference(NOTEBOOK)["numerical_gradient"]
    answers = {
        "honest": honest,
        "half of it": lambda f, theta, h: honest(f, theta, h) / 2,  # that is for the other aspects to find
        "made up": lambda f, theta, h: 2 * theta,
        "one for all": lambda f, theta, h: np.full(theta.shape, f(theta + h) - f(theta - h)) / h,
    }
    passed = {
        name: all(outcome.value["measured"] for outcome in ask_cases(exercise, aspect, answer, cases))
        for name, answer in answers.items()
    }
    assert passed == {"honest": True, "half of it": True, "made up": False, "one for all": False}


def test_the_counted_work_is_what_the_exercise_asks_for(names: dict) -> None:
    for k, (_, differences, backprop) in zip(KS, names["rows"], strict=True):
        forward, backward = names["flops"]([k, k, 10], 1)
        n = parameter_count([k, k, 10])
        assert backprop == forward + backward
        assert differences == names["forward_passes"](n, "forward") * forward


def test_the_text_on_half_a_million_times_is_true(names: dict) -> None:
    n, differences, backprop = names["rows"][-1]
    assert 1_000_000 < n < 1_100_000
    assert 400_000 < differences / backprop < 600_000


def test_three_or_four_digits_of_sixteen_are_left_in_a_difference(names: dict) -> None:
    here, there = (f"{names['bump'](x):.16f}".split(".")[1] for x in (0.3, 0.3 + 1e-12))
    equal = next(place for place in range(16) if here[place] != there[place])
    assert 16 - equal in (3, 4)


def test_nothing_is_timed_unless_the_reader_asks(names: dict) -> None:
    """Times are never the same twice, so they must not be in the built solution."""
    assert names["MEASURE"] is False


def test_the_race_runs_and_says_what_is_not_waited_for(names: dict) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        names["race"](3)
        names["race"](200)
    short, long = out.getvalue().splitlines()
    assert "52 weights" in short
    assert short.endswith(" s")
    assert long.endswith(" s *")
