"""What notebook 1 says of its own examples is true."""

from __future__ import annotations

import contextlib
import io
import re

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


def test_the_gradient_of_the_cost_in_part_8_promises_what_the_text_says(names: dict) -> None:
    def cost(v1: float, v2: float) -> float:
        return v1**2 / 20 + 8 * v2**2 / 5

    changes = cost(1.01, 1) - cost(1, 1), cost(1, 1.01) - cost(1, 1)
    gradient = np.array([2 / 20, 16 / 5])
    promised = [float(names["predict_change"](gradient, step)) for step in np.eye(2) / 100]
    np.testing.assert_allclose(promised, [0.001, 0.032])
    np.testing.assert_allclose(changes, [0.001005, 0.03216], rtol=1e-9)
    assert round(changes[1] / changes[0]) == 32


def test_an_answer_of_the_wrong_form_is_told_which_form_is_wanted() -> None:
    with pytest.raises(CheckFailed, match="four numbers, in this order: dw1, db1, dw2, db2"):
        check("chain-gradient", lambda x, y, w1, b1, w2, b2: 0.0)
    with pytest.raises(CheckFailed, match="cannot be read: a number, a list or an array is wanted here"):
        check("wiggle", lambda f, x, h: object())


def test_the_numbers_at_the_pictures_are_right(names: dict) -> None:
    assert [round(((3 + h) ** 2 - 9) / h, 6) for h in (2, 1, 0.1, 0.01)] == [8, 7, 6.1, 6.01]
    local = 2 * 1.2, -np.sin(1.44)
    assert np.round(local, 4).tolist() == [2.4, -0.9915]
    assert np.round([local[0] * 0.01, local[1] * 0.024, local[0] * local[1]], 4).tolist() == [0.024, -0.0238, -2.3795]
    through_u, through_v = 2 * 1.5 * np.sin(1.5), np.cos(1.5) * 1.5**2
    assert np.round([through_u, through_v, through_u + through_v], 2).tolist() == [2.99, 0.16, 3.15]
    assert np.round([np.sin(1.5), np.cos(1.5)], 4).tolist() == [0.9975, 0.0707]
    at = [names["example"][name] for name in ("x", "w1", "b1", "w2", "b2")]
    h, g = names["forward"](*at)
    assert (h, g) == (1.5, 2)
    assert names["mse"](np.array([names["example"]["y"]]), np.array([g])) == 1
    found = names["loss_gradient"](np.array([at[0]]), np.array([names["example"]["y"]]), *at[1:])
    assert [float(each) for each in found] == [8, 4, 3, 2]


def test_sympy_says_what_the_text_says(names: dict) -> None:
    assert str(names["symbolic_gradient"](names["expr"], [names["t"], names["a"]])) == "[2*a*t + 3*cos(3*t), t**2]"


def test_a_wiggle_reaches_what_the_text_says(names: dict) -> None:
    edges = [(used, node) for node, formula in names["chain"].items() for used in re.findall(r"[a-z]\w*", formula)]
    assert names["affected"](edges, "w2") == {"g", "C"}
    assert names["affected"](edges, "b1") == {"h", "g", "C"}


def test_the_sum_over_two_paths_is_the_product_rule(names: dict) -> None:
    u, v, du, dv = 1.3, -0.7, 2.1, 0.4
    assert names["total_derivative"](names["product_paths"](u, v, du, dv)) == pytest.approx(du * v + u * dv)


def test_the_self_test_is_answered_rightly(names: dict) -> None:
    """Three ways to a zero; examples that come twice double a sum and not a mean; a number has the derivative 0."""
    gradient = names["loss_gradient"]
    w1, b1, w2, b2 = 0.5, 0.5, 2.0, -1.0
    one = np.array([2.0])
    assert gradient(one, np.array([1.0]), w1, b1, w2, b2)[0] == 8
    assert gradient(one, np.array([2.0]), w1, b1, w2, b2)[0] == 0  # nothing to improve
    assert gradient(one, np.array([1.0]), w1, b1, 0.0, b2)[0] == 0  # the way is blocked
    assert gradient(0 * one, np.array([1.0]), w1, b1, w2, b2)[0] == 0  # w1 multiplies nothing
    x, y = np.array([0.3, -1.2, 2.0]), np.array([1.0, 0.5, -0.4])
    once, twice = (np.array(gradient(np.tile(x, n), np.tile(y, n), w1, b1, w2, b2)) for n in (1, 2))
    np.testing.assert_allclose(twice, once)
    factor = names["mean_factor"]
    np.testing.assert_allclose(twice / factor(6), 2 * once / factor(3))
    a, t = names["a"], names["t"]
    assert names["expr"].subs({a: 2, t: 5}).diff(t) == 0
