"""The small evaluator: right values, right derivatives, clear refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.drawing.formulas import RULES, FormulaGraph

CHAIN = {"h": "w1*x + b1", "g": "w2*h + b2", "C": "(y - g)**2"}
AT = {"x": 2, "w1": 3, "b1": -1, "w2": 0.5, "b2": 0.25, "y": 1}

EVERY_RULE = {
    "p": "x + y*2 - 3/(y + 4) - (-x)",
    "q": "exp(-x*x) + log(y + 3) + sqrt(y*y + 1)",
    "r": "sin(p) * cos(q) + tanh(p*0.3) - sigmoid(q)",
    "s": "relu(r + 1) + relu(r - 9) + softplus(p - q) + max(p, q) + max(q, p)",
    "t": "(y + 3)**x + s**3 + 2**y + (x*x + 1)**-0.5",
}


def slope(graph, values, name, h=1e-6):
    up, down = ({**values, name: values[name] + sign * h} for sign in (1, -1))
    return (graph.forward(up)[graph.output] - graph.forward(down)[graph.output]) / (2 * h)


def test_every_rule_is_in_the_formulas_of_these_tests():
    ops = {operation.op for operation in FormulaGraph(EVERY_RULE).operations}
    assert ops == set(RULES)


@given(x=st.floats(-1.4, 1.4), y=st.floats(-1.4, 1.4))
def test_gradients_are_what_finite_differences_say(x, y):
    graph = FormulaGraph(EVERY_RULE)
    values = {"x": x, "y": y}
    numbers = graph.forward(values)
    if min(abs(numbers["r"] + 1), abs(numbers["p"] - numbers["q"])) < 1e-4:
        return  # at a kink there is no one slope
    gradients = graph.backward(numbers)
    for name in values:
        assert gradients[name] == pytest.approx(slope(graph, values, name), rel=2e-5, abs=2e-5)


def test_every_local_derivative_is_what_a_finite_difference_says():
    for op, rule in RULES.items():
        inputs = {"a": 1.3, "b": 0.7} if len(rule.slopes) == 2 else {"a": 1.3}
        text = f"a {op} b" if not op.isalpha() else "-a" if op == "neg" else f"{op}({', '.join(inputs)})"
        graph = FormulaGraph({"c": text})
        found = dict(graph.slopes(graph.forward(inputs))["c"])
        for name in inputs:
            assert found[name] == pytest.approx(slope(graph, inputs, name), abs=1e-8), (op, name)


def test_the_chain_of_the_first_notebook():
    graph = FormulaGraph(CHAIN)
    numbers = graph.forward(AT)
    assert (numbers["h"], numbers["g"], numbers["C"]) == (5, 2.75, 1.75**2)
    gradients = graph.backward(numbers)
    assert gradients["w1"] == pytest.approx(2 * 1.75 * 0.5 * 2)
    assert graph.local_derivatives("h", numbers) == {"w1": 2, "x": 3, "b1": 1}
    assert graph.local_derivatives("C", numbers) == {"y": -3.5, "g": 3.5}
    assert graph.mentions("C") == ["y", "g"]


def test_local_derivatives_hold_the_other_formulas_still():
    graph = FormulaGraph({"u": "x**2", "f": "u*x"})
    numbers = graph.forward({"x": 3})
    assert graph.local_derivatives("f", numbers) == {"u": 3, "x": 9}
    assert graph.backward(numbers)["x"] == pytest.approx(27)


def test_sums_over_paths_where_a_value_is_used_twice():
    graph = FormulaGraph({"a": "x*x", "b": "a + a*x"})
    assert graph.backward(graph.forward({"x": 2}))["x"] == pytest.approx(2 * 2 + 3 * 4)


def test_kinks_take_the_engine_s_side():
    relu = FormulaGraph({"c": "relu(x*1)"})
    assert relu.backward(relu.forward({"x": 0}))["x"] == 0
    largest = FormulaGraph({"c": "max(x, y)"})
    gradients = largest.backward(largest.forward({"x": 1, "y": 1}))
    assert (gradients["x"], gradients["y"]) == (1, 0)


def test_extreme_values_stay_finite():
    graph = FormulaGraph({"c": "sigmoid(x) + softplus(x)"})
    for x in (-1000, 1000):
        numbers = graph.forward({"x": x})
        assert all(math.isfinite(number) for number in [*numbers.values(), *graph.backward(numbers).values()])


@pytest.mark.parametrize(
    ("formulas", "words"),
    [
        ({}, "no formulas"),
        ({"h": "w *"}, "not a Python expression"),
        ({"h": "foo(w)"}, "'foo\\(w\\)' is not understood"),
        ({"h": "w.real + 1"}, "'w.real' is not understood"),
        ({"h": "__import__('os')"}, "not understood"),
        ({"h": "sin(a, b)"}, "sin takes 1 input"),
        ({"h": "x"}, "at least one operation"),
        ({"h": "1 + 2"}, "at least one name"),
        ({"h": "h + 1"}, "'h' is not computed yet"),
        ({"h": "g + 1", "g": "x + 1"}, "put its formula before"),
        ({"2h": "x + 1"}, "cannot be the name"),
        ({"h": "True + x"}, "'True' is not understood"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(formulas, words):
    with pytest.raises(ValueError, match=words):
        FormulaGraph(formulas)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "no value for x"),
        ({"x": 1, "w": 2}, "w is no input"),
        ({"x": [1, 2]}, "one number"),
        ({"x": -1}, "not a real number"),
    ],
)
def test_values_that_cannot_be_used_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        FormulaGraph({"h": "log(x)"}).forward(values)
