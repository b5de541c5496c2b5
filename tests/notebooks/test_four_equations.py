"""What notebook 4 says of its own examples is true."""

from __future__ import annotations

import numpy as np

NOTEBOOK = "04_four_equations"


def test_the_network_has_17_numbers_that_learning_can_change(names: dict) -> None:
    assert sum(each.size for each in names["w"][1:] + names["b"][1:]) == 17


def test_the_numbers_at_the_pictures_are_right(names: dict) -> None:
    sigmoid, sigmoid_prime = names["sigmoid"], names["sigmoid_prime"]
    assert np.round([sigmoid(1.2), sigmoid_prime(1.2)], 4).tolist() == [0.7685, 0.1779]
    assert round(float(sigmoid(1.2) * sigmoid_prime(1.2)), 3) == 0.137
    errors = np.cos(1.5 * sigmoid(0.5)), -2 * sigmoid(0.5)
    at_a = errors[0] * 1.5 + errors[1] * -2
    assert np.round([*errors], 4).tolist() == [0.5949, -1.2449]
    assert (round(float(at_a), 2), round(float(at_a * sigmoid_prime(0.5)), 3)) == (3.38, 0.795)


def test_the_first_hidden_neuron_has_an_error_of_another_sign(names: dict) -> None:
    """And for the reason that the text gives."""
    _, delta, _, _ = names["by_engine"](names["w"], names["b"], names["x"], names["y"])
    assert np.sign(delta[1]).ravel().tolist() == [-1, 1, 1]
    small, large = delta[2].ravel()
    assert small < 0 < -small < large


def test_the_examples_of_the_statements_are_right(names: dict) -> None:
    z, a = names["feedforward"]([None, np.array([[2.0]])], [None, np.array([[1.0]])], np.array([[-0.5]]))
    assert (z[1].tolist(), a[1].tolist()) == ([[0.0]], [[0.5]])
    back = names["bp2"](1, [None, None, np.array([[3.0, 5.0]])], [None, np.zeros((2, 1))], [None, None, [[2.0]]])
    assert back.tolist() == [[1.5], [2.5]]
    assert names["bp3"](1, [None, np.array([[1.0, 3.0], [0.0, 4.0]])]).tolist() == [[2.0], [2.0]]
    assert names["bp4"](1, [None, np.array([[2.0]])], [np.array([[3.0], [5.0]])]).tolist() == [[6.0, 10.0]]
