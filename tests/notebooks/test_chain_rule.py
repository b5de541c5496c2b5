"""What notebook 1 says of its own examples is true."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from autograder.build.answer_key import answer_of, reference
from autograder.zoo import traps
from course_lib.check import CheckFailed, check
from course_lib.exercises import PUBLIC_SEED, find

NOTEBOOK = "01_chain_rule"


def test_the_broken_gradient_is_the_trap_of_that_name(names: dict) -> None:
    """The feedback "this is the code as it was given" must be true."""
    trap = next(entry for entry in traps(NOTEBOOK) if entry.name == "nothing_mended")
    known_answer = answer_of(find(trap.exercise)[1], reference(NOTEBOOK), trap)
    _, exercise = find("chain-bugs")
    for case in exercise.draw(exercise.aspects[0], PUBLIC_SEED):
        given, known = names["broken_gradient"](**case.inputs), known_answer(**case.inputs)
        np.testing.assert_array_equal(given, known)


def test_promise_and_truth_tells_broken_from_mended(names: dict) -> None:
    def shown(gradient) -> list[tuple[float, float]]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            names["promise_and_truth"](gradient)
        lines = out.getvalue().splitlines()
        return [tuple(float(part.split()[-1]) for part in line.split(",")) for line in lines]

    for promised, really in shown(names["broken_gradient"]):
        assert abs(promised - really) > 0.1 * abs(really)
    for promised, really in shown(names["fixed_gradient"]):
        assert abs(promised - really) < 0.01 * abs(really)


def test_the_gradient_of_the_cost_in_part_8_is_the_one_the_text_speaks_of(names: dict) -> None:
    assert (names["slope_1"], names["slope_2"]) == (0.1, 3.2)
    assert round(names["change_2"] / names["change_1"]) == 32


def test_an_answer_of_the_wrong_form_is_told_which_form_is_wanted() -> None:
    with pytest.raises(CheckFailed, match="four numbers, in this order: dw1, db1, dw2, db2"):
        check("chain-gradient", lambda x, y, w1, b1, w2, b2: 0.0)
    with pytest.raises(CheckFailed, match="cannot be read: a number, a list or an array is wanted here"):
        check("wiggle", lambda f, x, h: object())
