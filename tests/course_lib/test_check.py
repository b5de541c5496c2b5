"""What a student reads at the desk."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from autograder import zoo
from autograder.build.answer_key import answer_of, names_with, reference
from course_lib import known
from course_lib.check import CheckFailed, check, public_key
from course_lib.exercises import NOTEBOOKS, exercises_of, find


def test_a_right_answer_prints_one_line_an_aspect(capsys: pytest.CaptureFixture) -> None:
    for exercise in exercises_of(NOTEBOOKS[0]):
        names = reference(NOTEBOOKS[0])
        assert check(exercise.id, *(names[name] for name in exercise.answers)) is None
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == f"{exercise.number} {exercise.title}: {exercise.points:g} of {exercise.points:g} points"
        assert lines[1:] == [f"  ✓ {aspect.title}" for aspect in exercise.aspects]


def test_a_right_answer_waits_for_no_known_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read only to explain: reading them would take longer than asking."""
    monkeypatch.setattr(known, "Near", lambda *given: pytest.fail("near misses are made"))
    monkeypatch.setattr(known.Trap, "from_dict", lambda row: pytest.fail("known mistakes are made"))
    public_key.cache_clear()
    check("affected", *(reference(NOTEBOOKS[0])[name] for name in find("affected")[1].answers))
    public_key.cache_clear()
    with pytest.raises(pytest.fail.Exception, match="mistakes are made"):
        check("affected", *(lambda *given: 0.0 for _ in find("affected")[1].answers))


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


def test_an_answer_that_misses_a_name_says_what_to_run_first() -> None:
    """As after a break, when its cell was the only one that ran."""

    def relu_prime(z: object) -> object:
        return np.where(z > 0, 1.0, 0.0)  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(CheckFailed, match=r"stops with NameError\..* Choose Run ▸ Run All Above Selected Cell"):
        check("relu-prime", relu_prime, relu_prime)


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


def said_of(exercise: str, *answers: object) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(exercise, *answers)
    return "\n".join(failure.value._render_traceback_())


def test_a_sentence_is_said_once_and_lines_are_not_too_long(capsys: pytest.CaptureFixture) -> None:
    sentence = said_of("wiggle", lambda f, x, h: (f(x + h) - f(x)) / x).splitlines()[1]
    report = capsys.readouterr().out
    assert sentence not in report
    assert max(map(len, report.splitlines())) <= 70


def test_small_inputs_are_shown_as_code_that_can_be_run(capsys: pytest.CaptureFixture) -> None:
    said_of("topological-order", lambda graph: sorted(graph))
    shown = " ".join(capsys.readouterr().out.split())
    code = shown.split("graph = ")[1].split("}: ")[0] + "}"
    assert "C" in eval(code)


def test_what_only_a_driver_understands_is_not_shown(capsys: pytest.CaptureFixture) -> None:
    said_of("gradient-check", lambda f, grad, theta: (True, 0))
    report = capsys.readouterr().out
    assert not re.search(r"bug = |kind = |amount = ", report)
    assert "where" not in report


def test_a_loop_that_never_ends_is_stopped_with_the_sentence_of_the_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    _, exercise = find("wiggle")
    quick = replace(exercise, seconds=0.3)
    monkeypatch.setattr("course_lib.exercises.find", lambda name: (NOTEBOOKS[0], quick))

    def endless(f: object, x: float, h: float) -> float:
        while True:
            pass

    said = said_of("wiggle", endless).replace("\n", " ")
    assert "Your code runs longer than 0.3 seconds. Is there a loop that never ends?" in said


def test_an_older_answer_is_not_judged_in_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    shell = SimpleNamespace(
        user_ns={"In": ["", "def wiggle(f, x, h):\n    return 0", "def wiggle(f, x, h:\n    return 1", "check(...)"]},
        transform_cell=lambda cell: cell,
    )
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    said_of("wiggle", lambda f, x, h: 0.0)
    assert "has a SyntaxError in line 1, so it did not run: an older answer" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_wrong_answer_points_back_to_the_wrong_answer_that_it_calls() -> None:
    names = dict(reference("04_four_equations"))
    slip = next(entry for entry in zoo.traps("04_four_equations") if entry.name == "slope_at_the_activation")
    scope = names_with("04_four_equations", [slip])
    assert "This calls your `bp2` (4.4)" in " ".join(said_of("backprop-one", scope["backprop_one"]).split())
    assert check("backprop-one", names["backprop_one"]) is None


def test_an_answer_is_told_of_every_earlier_one_that_it_calls_in_any_way() -> None:
    """In a comprehension, by another function, and where it calls only the second function of an exercise."""
    scope = dict(reference("04_four_equations"))
    text = "def sigmoid_prime(z): return z\ndef bp1(z, a, y, nabla_a): return sigmoid_prime(z[-1])\n"
    exec(text + "def backprop_one(w, b, x, y, nabla_a): return [bp1(w, w, y, nabla_a) for _ in w], b\n", scope)
    said = " ".join(said_of("backprop-one", scope["backprop_one"]).split())
    assert "`sigmoid_prime` (4.1) and your `nabla_quadratic` and `bp1` (4.3), which are not right yet" in said
