"""The counts against counting by hand, against each other, and against what really runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import network as network_module
from course_lib.autodiff import RULES, Tensor, graph
from course_lib.counting import (
    Counted,
    forward_passes,
    graph_work,
    network_work,
    parameter_count,
)
from course_lib.gradcheck import numerical_gradient
from course_lib.network import Network

some_sizes = st.lists(st.integers(1, 7), min_size=2, max_size=5)


class CountingNumPy:
    """NumPy whose dot adds up the multiply-adds it does."""

    def __init__(self):
        self.work = 0

    def __getattr__(self, name):
        return getattr(np, name)

    def dot(self, x, y):
        self.work += x.shape[0] * x.shape[1] * y.shape[1]
        return np.dot(x, y)


@pytest.mark.parametrize("sizes", [[3, 2], [5, 4, 3], [2, 7, 1, 6]])
def test_network_work_is_what_network_does(sizes, monkeypatch):
    network, m = Network(sizes), 3
    counting = CountingNumPy()
    monkeypatch.setattr(network_module, "np", counting)
    # The product of a forward pass is taken together with its sum, in a function of the rules.
    monkeypatch.setattr(network_module, "weighted_sums", lambda w, a, b: counting.dot(w, a) + b)
    X, Y = np.ones((sizes[0], m)), np.ones((sizes[-1], m))
    network.feedforward(X)
    forward, counting.work = counting.work, 0
    network.backprop(X, Y)
    assert network_work(sizes, m) == (forward, counting.work - forward)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(some_sizes, st.integers(1, 5))
def test_network_work_is_the_work_of_its_graph(sizes, m):
    network = Network(sizes)
    X, Y = np.ones((sizes[0], m)), np.ones((sizes[-1], m))
    assert graph_work(network.cost_tensor(network.tensors(), X, Y)) == network_work(sizes, m)
    assert graph_work(network.cost_tensor(network.tensors(), Tensor(X), Y)) == network_work(sizes, m, True)


def test_work_by_hand_and_the_ratio_of_two():
    assert network_work([3, 2], 1) == (6, 6)
    assert network_work([4, 3, 2], 5) == (5 * (12 + 6), 5 * (12 + 6 + 6))
    assert network_work([4, 3, 2], 5, input_gradient=True).ratio == 2
    assert network_work([1000, 1000, 10]).ratio == pytest.approx(1.0099, abs=1e-4)
    assert network_work([50] * 40).ratio == pytest.approx(2, abs=0.03)


def test_graph_work_of_stacks_and_constants():
    x, y = Tensor(np.ones((5, 2, 3))), Tensor(np.ones((3, 4)))
    assert graph_work((x @ y).sum()) == (120, 240)
    assert graph_work((x @ np.ones((3, 4))).sum()) == (120, 120)
    assert graph_work((Tensor(np.ones(3)) @ np.ones(3)) + 1) == (3, 3)
    assert graph_work(Tensor(1.0) * 2) == (0, 0)
    assert np.isnan(graph_work(Tensor(1.0) * 2).ratio)


def test_passes_and_parameters():
    network = Network([4, 3, 2])
    assert parameter_count([4, 3, 2]) == sum(p.size for p in network.parameters) == 23
    assert [forward_passes(23, s) for s in ("forward", "central", "complex")] == [24, 46, 23]
    with pytest.raises(ValueError, match="choose one of"):
        forward_passes(3, "backward")
    assert Counted(lambda t, power=1: t**power)(3, power=2) == 9
    for scheme in ("forward", "central", "complex"):
        f = Counted(lambda t: np.sum(t**2))
        numerical_gradient(f, np.ones(5), 1e-6, scheme)
        assert f.calls == forward_passes(5, scheme)


def test_backward_really_visits_every_edge_once(monkeypatch):
    calls = []
    for op in RULES.values():
        wrapped = tuple(lambda *a, vjp=vjp: calls.append(1) or vjp(*a) for vjp in op.vjps)
        monkeypatch.setattr(op, "vjps", wrapped)
    z = Tensor(0.5)
    for _ in range(30):
        z = z * 0.5 + z * z
    z.backward()
    edges = sum(parent is not None for node in graph(z) for parent in node.parents)
    assert len(calls) == edges == 150


@pytest.mark.parametrize(
    "sizes", [[], [5], 5, None, "64", [2, 0], [2, 2.5], [2, np.inf], [[2, 3]], [2, "3"], [2, None]]
)
def test_sizes_that_no_network_has_are_told(sizes):
    for count in (parameter_count, network_work, Network):
        with pytest.raises(ValueError, match="sizes lists the neurons of each layer"):
            count(sizes)


def test_sizes_of_other_kinds_of_whole_numbers_count_exactly():
    for sizes in (np.array([1000, 1000, 10], np.int16), (1000, 1000, 10), np.array([1000.0, 1000.0, 10.0])):
        assert parameter_count(sizes) == 1_011_010 and network_work(sizes, 10**9).forward == 1_010_000 * 10**9


def test_numbers_of_passes_and_examples_are_whole():
    for n in (-1, 2.5, "n", None):
        with pytest.raises(ValueError, match="The number of parameters is a whole number"):
            forward_passes(n)
        with pytest.raises(ValueError, match="the number of examples, is a whole number"):
            network_work([2, 3], n)


def test_what_is_no_graph_is_told():
    with pytest.raises(TypeError, match=r"A graph ends in a Tensor; this is of type float"):
        graph_work(3.0)
