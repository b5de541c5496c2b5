"""What notebook 4 says of its own examples is true."""

from __future__ import annotations

import numpy as np

from course_lib.autodiff import Tensor

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


def test_a_sum_in_place_of_the_mean_grows_with_the_batch(names: dict) -> None:
    """The same direction, m times as long; and from 10 to 1000 examples about a hundred times."""
    rng = np.random.default_rng(3)
    lengths = []
    for m in (10, 1000):
        X, Y = rng.normal(0, 1, (2, m)), np.repeat(names["y"], m, axis=1)
        _, _, dw, db = names["by_engine"](names["w"], names["b"], X, Y)
        mean = np.concatenate([each.ravel() for each in dw[1:] + db[1:]])
        columns = [names["backprop_one"](names["w"], names["b"], X[:, [i]], Y[:, [i]], names["nabla_quadratic"])
                   for i in range(m)]  # fmt: skip
        total = sum(np.concatenate([each.ravel() for each in dw[1:] + db[1:]]) for dw, db in columns)
        np.testing.assert_allclose(total, m * mean)
        lengths.append(np.linalg.norm(total))
    assert 80 < lengths[1] / lengths[0] < 120


def test_the_self_test_is_answered_rightly(names: dict) -> None:
    w, b, x, y = names["w"], names["b"], names["x"], names["y"]
    far = np.array([[40.0]])
    found = names["bp1"]([None, far], [None, names["sigmoid"](far)], np.zeros((1, 1)), names["nabla_quadratic"])
    assert names["sigmoid"](far) == 1
    assert abs(found) < 1e-15
    zeros = [None] + [np.zeros_like(each) for each in w[1:]]
    dw, db = names["backprop_one"](zeros, b, x, y, names["nabla_quadratic"])
    assert not dw[1].any()
    assert not db[1].any()
    assert dw[2].all()
    assert db[2].all()


def test_notebook_3_and_notebook_4_find_the_same(names: dict) -> None:
    """As the table of part 5 says: dZ there is delta / m here."""
    rng = np.random.default_rng(4)
    m, w, before, z = 5, rng.normal(size=(2, 3)), rng.normal(size=(3, 5)), rng.normal(size=(3, 5))
    delta = rng.normal(size=(2, m))
    parts = 3 * [None]
    parts[2] = delta
    Z = Tensor(w) @ (A := Tensor(before)) + Tensor(np.zeros((2, 1)))
    Z.backward(delta / m)
    slopes = names["sigmoid_prime"](z)
    np.testing.assert_allclose(names["bp2"](1, [None, None, w], [None, z], parts), m * A.grad * slopes)
    np.testing.assert_allclose(names["bp3"](2, parts), (delta / m).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(names["bp4"](2, parts, [None, before]), delta / m @ before.T)
