"""What a student reads at the desk."""

from __future__ import annotations

import pytest

from autograder import zoo
from autograder.build.answer_key import answer_of, reference
from course_lib.check import CheckFailed, check
from course_lib.exercises import NOTEBOOKS, exercises_of, find


def test_a_right_answer_prints_one_line_an_aspect(capsys: pytest.CaptureFixture) -> None:
    for exercise in exercises_of(NOTEBOOKS[0]):
        names = reference(NOTEBOOKS[0])
        assert check(exercise.id, *(names[name] for name in exercise.answers)) is None
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == f"{exercise.number} {exercise.title}: {exercise.points:g} of {exercise.points:g} points"
        assert lines[1:] == [f"  ✓ {aspect.title}" for aspect in exercise.aspects]


def test_the_sum_for_the_mean_is_told_in_two_lines(capsys: pytest.CaptureFixture) -> None:
    trap = next(entry for entry in zoo.traps(NOTEBOOKS[0]) if entry.name == "sum_of_squares")
    _, exercise = find("chain-forward")
    answer = answer_of(exercise, reference(NOTEBOOKS[0]), trap)
    with pytest.raises(CheckFailed) as failure:
        check("chain-forward", answer.forward, answer.mse, answer.mean_factor)
    head, sentence = failure.value._render_traceback_()
    assert head == "1.4 Forward through the chain: 3 of 5 points."
    assert sentence == trap.feedback
    report = capsys.readouterr().out
    assert "✗ mse" in report
    assert "expected" in report


def test_an_untouched_exercise_says_what_to_do() -> None:
    def wiggle(f: object, x: float, h: float) -> float:
        raise NotImplementedError("Your turn: 1.1 The slope of a wiggle")

    with pytest.raises(CheckFailed, match=r"not answered yet\.\nWrite your code in the cell above"):
        check("wiggle", wiggle)


def test_a_wrong_call_is_named() -> None:
    with pytest.raises(TypeError, match="needs exactly these answers: wiggle; 2 were given"):
        check("wiggle", 1, 2)
    with pytest.raises(KeyError, match="there is no exercise 'wigle'"):
        check("wigle", 1)


def test_an_answer_that_is_no_function_is_told() -> None:
    with pytest.raises(CheckFailed, match="TypeError"):
        check("wiggle", 3)


def test_the_checks_are_repeatable(capsys: pytest.CaptureFixture) -> None:
    texts = set()
    for _ in range(2):
        with pytest.raises(CheckFailed):
            check("wiggle", lambda f, x, h: 0.5)
        texts.add(capsys.readouterr().out)
    assert len(texts) == 1


def test_in_a_browser_without_a_server_a_failed_check_stops_nothing(monkeypatch, capsys: pytest.CaptureFixture) -> None:
    def wiggle(f: object, x: float, h: float) -> float:
        raise NotImplementedError("Your turn: 1.1 The slope of a wiggle")

    monkeypatch.setattr("sys.platform", "emscripten")
    check("wiggle", wiggle)
    check("wiggle", lambda f, x, h: f(x + h) - f(x))
    said = capsys.readouterr().err
    assert "1.1 The slope of a wiggle: not answered yet." in said
    assert "1.1 The slope of a wiggle: 0 of 4 points." in said
