"""Mutants find the holes in the cases of an exercise, and every one that lives is explained."""

from __future__ import annotations

import dataclasses
import os
import time

import numpy as np
import pytest
from click.testing import CliRunner

from autograder.cli import course
from autograder.tools.mutants import report, run, survivors
from autograder.tools.mutants.changes import changes_of, plain_text
from autograder.tools.mutants.habits import habits_of
from course_lib.asking import ask_all
from course_lib.errors import CourseError
from course_lib.exercises import Aspect, Case, Exercise, find

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are asked in forked processes"),
]


def changed(source: str) -> set[str]:
    return {change.text for change in changes_of(plain_text(source))}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x < y", "x <= y"),
        ("x + y", "x - y"),
        ("x + 1", "x + 2"),
        ("x @ y", "x * y"),
        ("x * y", "x @ y"),
        ("x @ y", "x.T @ y"),
        ("x.T @ y", "x @ y"),
        ("x - y", "y - x"),
        ("-x", "x"),
        ("abs(x)", "x"),
        ("np.mean(x)", "np.sum(x)"),
        ("x.sum(axis=0)", "x.sum(axis=1)"),
        ("x.sum(axis=1, keepdims=True)", "x.sum(axis=1)"),
        ("x[k]", "x[k - 1]"),
        ("x[1:]", "x[2:]"),
        ("range(k)", "range(k - 1)"),
        ("range(k)", "range(1, k)"),
        ("x if k else y", "y"),
        ("k > 1 and x", "x"),
        ("(x, y)", "(y, x)"),
        ("[None] + x", "x"),
        ("[f(k) for k in x]", "[f(k) for k in list(x)[1:]]"),
        ("[f(k) for k in x]", "[f(k) for k in sorted(x)]"),
        ("[f(k) for k in x]", "[f(k) for k in list(dict.fromkeys(x))]"),
        ("f(x) * y", "np.maximum(f(x), 0.1) * y"),
    ],
)
def test_mistakes_of_the_field_are_made(right, wrong):
    assert f"answer = {wrong}" in changed(f"answer = {right}")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x += y", "x = y"),
        ("x -= y", "x += y"),
        ("def f(z, a):\n    return z * len(z)", "def f(z, a):\n    return a * len(z)"),
        ("def f():\n    dw, db = g()\n    return dw", "def f():\n    dw, db = g()\n    return db"),
        ("x = x + y", "x += y"),
        ("x[0] = y", "x[0] += y"),
        ("if x:\n    y()", "y()"),
        ("for k in x:\n    f(k)", "for k in x:\n    f(k)\n    break"),
        ("kept = x.copy()", "kept = x"),
        ("def f(x, y):\n    return x.shape[0]", "def f(x, y):\n    return y.shape[0]"),
        (
            "def f():\n    for k in x:\n        g(k)\n    return k",
            "def f():\n    for k in x:\n        g(k)\n        return k\n    return k",
        ),
        ("def f(x):\n    kept = []\n    return kept", "def f(x, kept=[]):\n    return kept"),
        ("f()", "pass"),
    ],
)
def test_statements_are_changed_too(right, wrong):
    assert wrong in changed(right)


def test_what_no_mutant_could_change_is_left_out():
    source = 'def f(x: int) -> int:\n    """Doc."""\n    return list(zip(x, x, strict=True))'
    assert plain_text(source) == "def f(x):\n    return list(zip(x, x))"


def test_lengths_and_names_that_are_not_alike_are_not_taken_for_one_another():
    source = "def f(x, y):\n    rows = g()\n    return rows, len(x)"
    assert "def f(x, y):\n    rows = g()\n    return (rows, len(y))" not in changed(source)
    assert not any("x, len" in text for text in changed(source))


def double(x):
    return x * 2.5


def an_exercise(*asked) -> tuple[Exercise, dict]:
    cases = [Case({"x": x}) for x in asked]
    aspect = Aspect("values", "values", 1, lambda rng: cases)
    return Exercise("double", "1.1", "Double", ("double",), (aspect,)), {"double": double}


def habits(*asked) -> set[str]:
    exercise, names = an_exercise(*asked)
    return {
        says for says, _, _ in habits_of(names, exercise.answers, lambda names: [names["double"](x) for x in asked])
    }


def test_habits_fit_what_is_asked():
    assert "double: x is taken its size alone" in habits(1.5)
    assert "double: x is taken its size alone" not in habits(3)  # a count
    assert "double: x is taken all but the last item" in habits(np.array([1.0, 2.0]))
    assert "double: x is taken turned over where it is square" in habits(np.array([[1.0, 2.0], [3.0, 4.5]]))
    assert "double: x is taken all but the last item" not in habits(1.5)
    assert "double: whole numbers give whole numbers" in habits(1.3)
    assert "double: x is taken 1 where it is 0" in habits(1.3)
    assert "double: x is taken 1 where it is 0" not in habits(3)
    assert "double: x is taken with names of one letter" not in habits(1.3)
    assert "double: answers once for each row of numbers" in habits(np.ones((2, 3)))
    assert "double: answers once for each row of numbers" not in habits(np.ones(3))


@pytest.fixture
def counted(monkeypatch):
    """Count the mutants of `double` with the cases that are given."""

    def count(*asked, definition="def double(x):\n    return x * 2.5") -> run.Count:
        exercise, names = an_exercise(*asked)
        cases = {"values": exercise.draw(exercise.aspects[0], 1)}
        right = {"values": [ask_all(exercise, exercise.aspects[0], double, [{"x": x}])[0] for x in asked]}
        key = dataclasses.make_dataclass("Key", ["exercise", "cases", "key"])
        known = key(exercise, cases, dataclasses.make_dataclass("Known", ["expected"])(right))
        monkeypatch.setattr(run, "answer_keys", lambda notebook, seed: {"double": known})
        monkeypatch.setattr(run, "reference", lambda notebook: names)
        monkeypatch.setattr(run, "reference_sources", lambda notebook: {"double": definition})
        monkeypatch.setattr(run.zoo, "alternatives", lambda notebook: [])
        return run.count("01", exercise)

    return count


def living(found: run.Count) -> set[str]:
    return {each.change for each in found.unexplained}


def test_a_hole_in_the_cases_is_found_and_a_better_case_closes_it(counted):
    hole = "double: x is taken its size alone"
    assert hole in living(counted(1.3, 0.7))
    assert hole not in living(counted(1.3, -0.7))


@pytest.mark.parametrize(
    ("hole", "asked", "better"),
    [
        ("x is taken six items at most", np.full(6, 0.5), np.full(7, 0.5)),
        ("x is taken six columns at most", np.full((2, 6), 0.5), np.full((2, 7), 0.5)),
        ("x is taken its first row for all", np.full((2, 3), 0.5), np.array([[0.5], [0.7]])),
        ("x is taken 1 where it is 0", 0.5, 0.0),
        ("what it gives is held within ±5", 1.5, 2.5),
    ],
)
def test_one_case_closes_a_hole(counted, hole, asked, better):
    assert f"double: {hole}" in living(counted(asked))
    assert f"double: {hole}" not in living(counted(asked, better))


def test_who_knows_numbers_again_whatever_their_shape_is_found(counted):
    x, hole = np.arange(6.0).reshape(2, 3), "double: answers once for each row of numbers"
    assert hole in living(counted(x))
    assert hole not in living(counted(x, x.reshape(3, 2)))


def test_mutants_of_an_answer_that_is_wrong_before_are_not_counted_as_caught(counted):
    with pytest.raises(CourseError, match=r"a right answer to 1\.1 double loses points"):
        counted(1.3, definition="def double(x):\n    return x * 2")


def test_an_explanation_without_a_mutant_that_lives_is_told(counted, monkeypatch):
    hole, caught = "double: x is taken its size alone", "- return x * 2.5 + return x / 2.5"
    listed = tuple(survivors.Explanation("double", change, "so it is") for change in (hole, caught))
    monkeypatch.setattr(run, "explanations", lambda: listed)
    assert counted(1.3, 0.7).stale == (caught,)


def test_what_ends_badly_or_never_is_a_no_and_harms_no_other(monkeypatch):
    monkeypatch.setattr(run, "WAITING", 3)
    endless = lambda: next(x for x in iter(int, 1))  # noqa: E731
    waits = lambda: time.sleep(60)  # noqa: E731
    stops = lambda: os._exit(0)  # noqa: E731
    works = [lambda: True, endless, lambda: True, lambda: 1 / 0, stops, waits, lambda: False, lambda: True]
    assert run.in_forks(works, seconds=0.5) == [True, False, True, False, False, False, False, True]


def test_who_has_to_wait_for_the_processor_is_not_late():
    slow = lambda: time.sleep(0.5) is None  # noqa: E731
    assert run.in_forks([slow], seconds=0.2) == [True]


def test_the_command_shows_them_and_fails_while_one_is_not_explained(monkeypatch):
    seen = {}

    def report(notebook, names, every, say):
        seen.update(notebook=notebook, names=names, every=every)
        return 2

    monkeypatch.setattr("autograder.tools.mutants.report.report", report)
    assert CliRunner().invoke(course, ["mutants", "4", "bp2", "--every", "10"]).exit_code == 1
    assert seen == {"notebook": "04_four_equations", "names": ("bp2",), "every": 10}


def test_a_sample_is_always_the_same_and_all_samples_are_all():
    mutants = [run.Mutant("wiggle", "reference", f"- {k} + {k + 1}", dict) for k in range(300)]
    taken = [mutant for mutant in mutants if run._share(mutant, 10)]
    assert 10 < len(taken) < 60
    assert [mutant for mutant in mutants if run._share(mutant, 1)] == mutants


def test_an_explanation_fits_the_change_and_no_other():
    found = survivors.Explanation("wiggle", "- x[0] … + x[…]", "there is one item")
    assert found.fits("wiggle", "reference", "- x[0] * y + x[-1]")
    assert not found.fits("wiggle", "reference", "- x[0] * y + y")
    assert not found.fits("mse", "reference", "- x[0] * y + x[-1]")


def test_unknown_exercises_are_told():
    with pytest.raises(CourseError, match="has no exercise bp9"):
        run.exercises_named("01_chain_rule", ("bp9",))


# What the usual suite asks; `course mutants` asks all.
SAMPLE = {"every": 8, "answers": 2}
SLOW = {"every": 40, "answers": 2}
SLOW_ONES = {
    "local-derivatives", "topological-order", "value-class", "chain-jacobians", "sgd-bugs", "gradient-noise", "train",
    "gradient-check", "checker-bugs", "backprop", "graph-bugs", "adam-step", "backprop-bugs",
}  # fmt: skip

LEARNING = ("digit-network",)  # each mutant that lives trains eight networks
REVIEWED = [
    pytest.param(find(each)[0], each, marks=pytest.mark.thorough if each in LEARNING else ())
    for each in survivors.reviewed()
]


@pytest.mark.parametrize(
    "all_of_them", [pytest.param(False, id="some"), pytest.param(True, marks=pytest.mark.thorough, id="all")]
)
@pytest.mark.parametrize(("notebook", "exercise_id"), REVIEWED)
def test_no_mutant_lives_without_an_explanation(notebook, exercise_id, all_of_them):
    """A new survivor is a hole in the cases: ask a better case, or say in survivors.toml why it is right."""
    _, exercise = find(exercise_id)
    some = {} if all_of_them else SLOW if exercise_id in SLOW_ONES else SAMPLE
    found = run.count(notebook, exercise, **some)
    assert found.made > 0
    assert [f"{each.answer}: {each.change}" for each in found.unexplained] == []
    assert found.stale == ()


def test_the_report_counts_what_was_caught_and_shows_what_nobody_explained(monkeypatch):
    def counted(notebook, exercise, every):
        return run.Count(exercise, 10, 1, (run.Mutant(exercise.id, "reference", "x -> y", dict),), ("y -> x",), 2.0)

    monkeypatch.setattr(report, "count", counted)
    said: list[str] = []
    assert report.report("04_four_equations", ("bp1", "bp2"), 1, said.append) == 4
    assert said[1::3] == ["  reference: x -> y"] * 2
    assert said[2::3] == ["  an explanation of which no mutant lives: y -> x"] * 2
    assert said[0].endswith(" bp1: 10 mutants, 8 caught, 1 explained, 2 s")
    assert said[-1] == "04_four_equations: 20 mutants, 16 caught, 2 explained, 2 not, 4 s"
