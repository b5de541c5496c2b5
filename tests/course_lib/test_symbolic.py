"""Graphs and networks as formulas."""

import numpy as np
import pytest
import sympy

from course_lib.autodiff import RULES, Op, Tensor, graph, linear, maximum
from course_lib.gradcheck import gradient_check, relative_error
from course_lib.network import Network
from course_lib.symbolic import formula


def leaves(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [Tensor(rng.uniform(0.5, 1.5, shape), name=f"{'abcdef'[i]}") for i, shape in enumerate(shapes)]


def largest_difference(root):
    """The largest relative error between `root.backward()` and SymPy's derivatives; NaN if a gradient is NaN."""
    f = formula(root)
    root.backward()
    ours = np.concatenate([np.ravel(leaf.grad) for leaf in f.symbols])
    theirs = np.concatenate([np.ravel(f.derivative(leaf)) for leaf in f.symbols])
    # All at once: what the derivatives have in common is then found and computed once.
    return np.max(relative_error(ours, f.at(theirs)))  # np.max, because Python's max can miss a NaN


def test_the_example_in_the_docs():
    w, x = Tensor(3.0, name="w"), Tensor(2.0, name="x")
    z = (w * x).sin()
    f = formula(z)
    sw, sx = f.symbols[w], f.symbols[x]
    assert f.expression == sympy.sin(sw * sx)
    assert f.derivative(w) == sx * sympy.cos(sw * sx)
    assert f.at(f.derivative(w)) == pytest.approx(2 * np.cos(6))
    assert f.at(f.expression, {sw: 0.5, sx: 1.0}) == pytest.approx(np.sin(0.5))


GRAPHS = {
    "arithmetic": lambda a, b, c: ((a + 2) * b - b / a + 3**b - (-a) ** 2 + a**b).sum() * c,
    "functions": lambda a, b, c: (
        a.exp() * b.log() + a.sin() * b.cos() + (a * c).tanh() + a.sigmoid() - b.softplus()
    ).mean(),
    "corners": lambda a, b, c: ((a - 1).relu() + maximum(a, b) + maximum(0.7, b)).sum() * c,
    "choices": lambda a, b, c: (
        (
            abs(a - 1) * np.minimum(a, b)
            + np.sqrt(b) * np.log1p(abs(a.log()))
            + np.where(a > 1, a * b, b)
            + a.max(axis=1)[0]
        ).sum()
        * (b.min() + a.max(axis=(0, 1)) - b.max(axis=0, keepdims=True).sum() * c)
    ),
    "shapes": lambda a, b, c: (a.T.reshape(3, 2)[1:] * b.sum(axis=1) + a.mean(axis=0, keepdims=True)[0, 1]).sum() + c,
    "products": lambda a, b, c: (a @ b.T @ [1.0, 2.0]).sum() * c + (a[0] @ b[1]) + ([[1, 2]] @ a).sum(),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_engine_and_sympy_agree(name):
    a, b, c = leaves((2, 3), (2, 3), ())
    z = GRAPHS[name](a, b, c)
    f = formula(z)
    assert f.at(f.expression) == pytest.approx(z.data, rel=1e-12)
    assert largest_difference(z) < 1e-10


def test_linear_and_every_op_is_known():
    w, a, b = leaves((2, 3), (3, 4), (2, 1))
    assert largest_difference((linear(w, a, b) ** 2).sum()) < 1e-12
    used = {"linear"}
    for build in GRAPHS.values():
        used |= {node.op.name for node in graph(build(*leaves((2, 3), (2, 3), ()))) if node.op}
    assert used == set(RULES)


def test_a_wrong_rule_is_seen(monkeypatch):
    a, b, c = leaves((2, 3), (2, 3), ())
    vjp = RULES["tanh"].vjps[0]
    monkeypatch.setattr(RULES["tanh"], "vjps", (lambda *args: 1.001 * vjp(*args),))
    assert largest_difference(GRAPHS["functions"](a, b, c)) > 1e-5
    monkeypatch.setattr(RULES["tanh"], "vjps", (lambda *args: np.nan * vjp(*args),))
    assert np.isnan(largest_difference(a.sum() + b.tanh().sum()))


@pytest.mark.parametrize(
    ("activation", "cost", "sizes"),
    [
        ("sigmoid", "quadratic", [2, 2, 1]),
        ("tanh", "quadratic", [2, 3, 2]),
        ("sigmoid", "cross-entropy", [2, 2, 2]),
        ("tanh", "softmax cross-entropy", [2, 2, 3]),
        ("relu", "quadratic", [3, 2, 1]),
    ],
)
def test_a_small_network_three_ways(activation, cost, sizes):
    network = Network(sizes, activation, cost, seed=4)
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(sizes[0], 2)), rng.uniform(size=(sizes[-1], 2))
    Y /= Y.sum(axis=0)
    f = formula(network.cost_tensor(network.tensors(), X, Y))
    assert f.at(f.expression) == pytest.approx(network.cost(X, Y), rel=1e-12)
    gradient = network.backprop(X, Y).as_list()
    leaves = sorted(f.symbols, key=lambda t: (t.name[1:], t.name[0] == "b"))
    derivatives = np.concatenate([np.ravel(f.derivative(leaf)) for leaf in leaves])
    np.testing.assert_allclose(f.at(derivatives), np.concatenate(gradient, axis=None), rtol=1e-10, atol=1e-14)
    assert [leaf.shape for leaf in leaves] == [np.shape(each) for each in gradient]
    assert gradient_check(lambda p: network.with_parameters(p).cost(X, Y), gradient, network.parameters)


def test_names_of_symbols():
    w, v, x, y = Tensor(np.ones((2, 2)), name="w1"), Tensor(np.ones(2), name="v"), Tensor(1.0), Tensor(2.0)
    f = formula((w.sum() + v.sum()) * x * y)
    assert [str(s) for s in f.symbols[w].ravel()] == ["w1_11", "w1_12", "w1_21", "w1_22"]
    assert [str(s) for s in f.symbols[v]] == ["v_1", "v_2"]
    assert (str(f.symbols[x]), str(f.symbols[y])) == ("x1", "x2")
    named = Tensor(3.0, name="x1")
    f = formula(x * named * y)
    assert [str(f.symbols[leaf]) for leaf in (x, named, y)] == ["x2", "x1", "x3"]
    wide = Tensor(np.ones((1, 12)), name="u")
    assert str(formula(wide).symbols[wide][0, 10]) == "u_1,11"


@pytest.mark.parametrize("name", ["exp", "sin", "Heaviside", "lambda", "x0"])
def test_a_leaf_may_have_the_name_of_a_function(name):
    a, b = Tensor(0.5, name=name), Tensor(0.7, name="b")
    assert largest_difference((a * b).exp().sin() + (a * b).exp() * a.sin() + maximum(a, b)) < 1e-12


def test_whole_constants_read_as_whole_numbers():
    x = Tensor(1.5, name="x")
    assert str(formula(2.0 * x**2 + 0.25).expression) == "2*x**2 + 0.25"


def test_errors():
    x = Tensor([1.0, 2.0], name="x")
    strange = Op("strange", lambda x: x, lambda g, z, x: g)
    with pytest.raises(NotImplementedError, match="'strange' has no formula"):
        formula(strange(x))
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        formula(x * 2).derivative(x)
    with pytest.raises(ValueError, match="Two leaves are named 'x'"):
        formula(x.sum() * Tensor([3.0], name="x").sum())
    with pytest.raises(OverflowError):
        largest_difference(Tensor(-1000.0, name="x").sigmoid())
