"""A graph that is none is told in a sentence, and slopes without rules are those of the rules."""

import math
from fractions import Fraction

import numpy as np
import pytest

from course_lib.graphs import OF_ONE, OPERATIONS, an_order, order_and_slopes, values_of

X = ("input", [])


@pytest.mark.parametrize(
    "ask", [an_order, lambda graph: values_of(graph, {}), lambda graph: order_and_slopes(graph, {})]
)
@pytest.mark.parametrize("graph", [None, "a", [], 1, np.ones(2), {"C": 1}, {"C": "ab"}, {"C": ("+",)}, {"C": ("+", 2)}])
def test_what_is_no_graph_is_told(ask, graph):
    with pytest.raises(TypeError, match=r"name of a node -> |is a pair"):
        ask(graph)


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        (("plus", ["x", "x"]), "operation 'plus'; there are input, "),
        ((["+"], ["x", "x"]), "operation .*there are input, "),
        (("+", ["x"]), "takes 2 inputs; got 1"),
        (("sin", ["x", "x"]), "takes 1 inputs; got 2"),
        (("sin", ["y"]), "input 'y', which is no node"),
        (("sin", [["x"]]), r"input \['x'\], which is no node"),
        (("sin", ["C"]), "need each other"),
    ],
)
def test_a_wrong_node_is_told(node, sentence):
    with pytest.raises(ValueError, match=sentence):
        values_of({"x": X, "C": node}, {"x": 1.0})


def test_an_order_asks_for_no_operation():
    assert an_order({"C": ("neuron", ["x", "x", "x"]), "x": X}) == ["x", "C"]


def test_inputs_need_values():
    graph = {"C": ("sin", ["x"]), "x": X}
    with pytest.raises(ValueError, match="input 'x' has no value"):
        values_of(graph, {"y": 1.0})
    with pytest.raises(TypeError, match="are a dict"):
        order_and_slopes(graph, 2.0)
    assert order_and_slopes(graph, {"x": 1.0}) == (["x", "C"], {"x": [], "C": [pytest.approx(math.cos(1))]})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_a_slope_for_each_input(operation):
    inputs = ["x"] if operation in OF_ONE else ["x", "y"]
    at, h = {"x": 1.3, "y": 0.7}, 1e-6
    graph = {"x": X, "y": X, "C": (operation, inputs)}
    slopes = order_and_slopes(graph, at)[1]["C"]
    for name, slope in zip(inputs, slopes, strict=True):
        up, down = (values_of(graph, at | {name: at[name] + step})["C"] for step in (h, -h))
        assert slope == pytest.approx((up - down) / (2 * h), abs=1e-8)


def test_the_value_of_an_input_is_one_real_number():
    graph = {"x": ("input", []), "y": ("sin", ["x"]), "C": ("+", ["x", "y"])}
    for one in (True, np.uint8(1), np.array(1, np.int8), np.float16(1), Fraction(1)):
        assert values_of(graph, {"x": one}) == values_of(graph, {"x": 1.0})
        assert order_and_slopes(graph, {"x": one}) == order_and_slopes(graph, {"x": 1.0})
    for wrong in (None, "a", 1j, np.ones(2)):
        with pytest.raises(TypeError, match="The value of input 'x'"):
            values_of(graph, {"x": wrong})
    with pytest.raises(ValueError, match="there are values for none"):
        values_of(graph, {})
