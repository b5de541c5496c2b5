"""What notebook 5 says of its own examples is true."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from autograder.build.answer_key import reference

NOTEBOOK = "05_batches_and_costs"


def test_the_given_function_for_one_example_is_the_one_of_notebook_4(names: dict) -> None:
    for nabla in (names["nabla_quadratic"], names["nabla_cross_entropy"]):
        inputs = names["w"], names["b"], names["x"], names["y"], nabla
        ours, theirs = names["backprop_one"](*inputs), reference("04_four_equations")["backprop_one"](*inputs)
        for mine, known in zip(ours, theirs, strict=True):
            for one, other in zip(mine[1:], known[1:], strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-12)
    with pytest.raises(ValueError, match="one example"):
        names["backprop_one"](names["w"], names["b"], names["X"], names["Y"], names["nabla_quadratic"])


def test_three_witnesses_and_the_answer_agree_on_every_number(names: dict) -> None:
    ours = names["yours"]
    for tensor, parameter, mine in zip(names["tensors"], names["tiny"].parameters, ours, strict=True):
        by_sympy = names["exact"].at(names["exact"].derivative(tensor))
        np.testing.assert_allclose(tensor.grad, by_sympy, rtol=1e-9)
        np.testing.assert_allclose(mine, by_sympy, rtol=1e-9)
        for place in np.ndindex(parameter.shape):
            assert abs(names["wiggled"](parameter, place) - by_sympy[place]) < 1e-8
            assert abs(by_sympy[place]) > 1e-3  # the table shows more than zeros


def test_the_derivative_has_the_five_factors_of_the_text(names: dict) -> None:
    assert len(names["formula"].diff(names["w11"]).args) == 5


def test_the_costs_need_the_steps_that_the_text_says(names: dict) -> None:
    assert names["at"] == {"quadratic": 232, "cross-entropy": 17}
    assert {round(path[0], 2) for path in names["paths"].values()} == {0.98}


def test_the_best_move_for_the_car_is_the_one_of_the_text(names: dict) -> None:
    db, dw, da = names["levers"](names["car_w"], names["car_b"], names["car_a"], names["car_y"])
    assert names["best_move"](db, dw, da) == ("a", 0, -1)
    assert np.argmax(dw) == 1
    assert (dw[1] / db, da[0] / db) == (4, 4000)


def test_the_report_finds_the_bugs_and_no_others(names: dict) -> None:
    def lines(function) -> list[str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            names["report"](function)
        return out.getvalue().splitlines()

    assert all("wrong" in line for line in lines(names["broken_backprop"]))
    assert lines(names["broken_backprop"])[0].endswith("[4. 4. 4.]")
    assert all(line.endswith("right") for line in lines(names["fixed_backprop"]))
