"""Every rule of the engine against finite differences and SymPy, and every rule broken on purpose to see it caught."""

import cmath
import copy
import gc
import math
import operator
import pickle
import re
import sys
import tracemalloc
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from course_lib import autodiff
from course_lib.autodiff import RULES, Op, Tensor, exp, graph, linear, maximum, sigmoid, softplus
from course_lib.gradcheck import direction_check, gradient_check

examples = settings(derandomize=True, deadline=None, max_examples=60)
seeds = st.integers(0, 2**32 - 1)


def numbers(rng, *shape):
    """Numbers of size about 1, none near 0 or near each other's negatives: no kink by accident."""
    return rng.uniform(0.4, 1.6, shape) * rng.choice([-1.0, 1.0], shape)


def check_rule(op, inputs, constants=(), rng=None):
    """Compare the engine's gradient of op(*inputs, *constants) with central differences. Upstream is random, not 1."""
    rng = rng or np.random.default_rng(0)
    tensors = [Tensor(x) for x in inputs]
    z = op(*tensors, *constants)
    upstream = numbers(rng, *z.shape)
    z.backward(upstream)
    for t in tensors:
        assert t.grad.shape == t.shape and t.grad.dtype == t.data.dtype
    checks = gradient_check(
        lambda p: np.sum(upstream * op.forward(*p, *constants)),
        [t.grad for t in tensors],
        [np.asarray(x) for x in inputs],
    )
    assert checks, f"{op.name}: {checks.message}"


def two(rng):
    return [numbers(rng, 3, 4), numbers(rng, 3, 4)]


def one(rng):
    return [numbers(rng, 3, 4)]


def cube(rng):
    return [numbers(rng, 3, 4, 2)]


def positive(rng):
    return [rng.uniform(0.4, 2.5, (3, 4))]


MATMULS = [
    ((3, 4), (4, 5)),
    ((4,), (4,)),
    ((3, 4), (4,)),
    ((4,), (4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 3, 4), (4,)),
    ((4,), (2, 4, 5)),
    ((6, 1, 3, 4), (2, 4, 5)),
    ((1, 4), (4, 1)),
]
REDUCTIONS = [
    (None, False),
    (None, True),
    (0, False),
    (1, True),
    (-1, False),
    ((0, 2), False),
    ((-1, 0), True),
    ((), False),
]
INDICES = [
    0,
    -1,
    slice(1, None),
    (slice(None), 2),
    (..., None, 1),
    np.array([0, 0, 2, 0]),
    ([0, 2], [1, 1]),
    np.arange(12).reshape(3, 4) % 3 == 0,
    (slice(None, None, -2), slice(None)),
]

UNARY = ("negative", "absolute", "exp", "sin", "cos", "tanh", "sigmoid", "softplus", "relu")

# For every op: functions of rng that give the inputs to differentiate, and the settings that follow them.
CASES = {
    **{name: [(two, ())] for name in ("add", "subtract", "multiply", "divide", "maximum", "minimum")},
    "power": [(lambda rng: [*positive(rng), numbers(rng, 3, 4)], ())],
    "matmul": [(lambda rng, s=s: [numbers(rng, *s[0]), numbers(rng, *s[1])], ()) for s in MATMULS],
    **{name: [(one, ())] for name in UNARY},
    **{name: [(positive, ())] for name in ("log", "log1p", "sqrt")},
    **{name: [(cube, reduction) for reduction in REDUCTIONS] for name in ("sum", "mean", "max", "min")},
    "where": [(two, (np.arange(12).reshape(3, 4) % 3 == 0,)), (two, (np.array([True, False, False, True]),))],
    "reshape": [(one, (shape,)) for shape in [(4, 3), 12, (2, -1, 3), (1, 12)]],
    "transpose": [(cube, (axes,)) for axes in [None, (1, 2, 0), (0, 2, 1), (-1, 0, 1)]],
    "getitem": [(one, (index,)) for index in INDICES],
    "linear": [(lambda rng: [numbers(rng, 5, 3), numbers(rng, 3, 4), numbers(rng, 5, 1)], ())],
}


def check_all_cases(name):
    rng = np.random.default_rng(len(name))
    for inputs, constants in CASES[name]:
        check_rule(RULES[name], inputs(rng), constants, rng)


@pytest.mark.parametrize("name", RULES)
def test_rule_agrees_with_finite_differences(name):
    check_all_cases(name)


MUTATIONS = {
    "0.1 % too large": lambda vjp: lambda *a: 1.001 * vjp(*a),
    "wrong sign": lambda vjp: lambda *a: -vjp(*a),
    "dropped": lambda vjp: lambda *a: 0 * vjp(*a),
    "upstream ignored": lambda vjp: lambda g, *a: vjp(np.ones_like(g), *a),
    "upstream not multiplied": lambda vjp: lambda g, *a: vjp(g, *a) / np.where(np.sum(g) > 0, 2, 0.5),
}


@pytest.mark.parametrize(("name", "i"), [(op.name, i) for op in RULES.values() for i in range(len(op.vjps))])
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_rule_broken_on_purpose_is_caught(name, i, mutation, monkeypatch):
    vjps = list(RULES[name].vjps)
    vjps[i] = MUTATIONS[mutation](vjps[i])
    monkeypatch.setattr(RULES[name], "vjps", tuple(vjps))
    with pytest.raises(AssertionError, match=name):
        check_all_cases(name)


@pytest.mark.parametrize("name", [op.name for op in RULES.values() if len(op.vjps) > 1])
def test_rules_exchanged_are_caught(name, monkeypatch):
    vjps = RULES[name].vjps
    if name == "add":  # its two rules are the same
        return
    monkeypatch.setattr(RULES[name], "vjps", (vjps[1], vjps[0], *vjps[2:]))
    with pytest.raises((AssertionError, ValueError)):
        check_all_cases(name)


BINARY = ["add", "subtract", "multiply", "divide", "power", "maximum", "minimum"]


@examples
@given(st.sampled_from(BINARY), mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3), seeds)
def test_broadcasting_is_undone(name, shapes, seed):
    rng = np.random.default_rng(seed)
    x, y = (numbers(rng, *shape) for shape in shapes.input_shapes)
    check_rule(RULES[name], [np.abs(x) if name == "power" else x, y], rng=rng)


@examples
@given(st.integers(1, 12), seeds)
def test_random_graphs_agree_with_finite_differences(length, seed):
    """Leaves of shapes that broadcast, a few steps that reuse earlier nodes, summed with random weights.

    The constants beside them are of every kind of number; leaves may be given as float32 and in any layout.
    """
    rng = np.random.default_rng(seed)
    leaves = [numbers(rng, *shape).astype(np.float32).astype(float) for shape in [(), (3, 1), (2, 1, 4), (3, 4)]]
    given = [float(leaves[0]), leaves[1].astype(np.float32), leaves[2][:, :, ::-1].copy(), leaves[3].tolist()]
    given[2] = given[2][:, :, ::-1]  # the same numbers, backward in memory
    unary = [
        lambda x: x.sin(),
        lambda x: x.tanh(),
        lambda x: -x,
        lambda x: x.sigmoid(),
        lambda x: x.softplus(),
        lambda x: x.relu(),
        lambda x: exp(x.tanh()),
        lambda x: x.T,
        lambda x: x.reshape(-1)[::2].mean(),
        lambda x: (x * x + 1).log(),
        lambda x: x.sum(axis=0, keepdims=True) if x.ndim else x,
        lambda x: np.cos(x) ** 3,
        lambda x: np.sqrt(abs(x) + 0.1),
        lambda x: np.log1p(x * x),
        lambda x: np.max(x) - np.min(x),
        lambda x: np.clip(x, -0.3, 0.8),
        lambda x: np.where(x > 0.1, x, 3 * x),
        lambda x: (x * x + 1) @ np.arange(x.shape[-1]) if x.ndim else x * Fraction(1, 3),
        lambda x: x.reshape(-1, 1) @ x.reshape(1, -1)[:, :2] / (x.size + 1),
        lambda x: linear(x.reshape(1, -1).tanh(), x.reshape(-1, 1), np.ones((1, 1), np.int8)),
        lambda x: x[..., None][[0, 0, -1]] if x.ndim else x[None],
        lambda x: np.uint8(200) / (x * x + np.uint8(100)) - Decimal("0.5"),
        lambda x: np.array([True, False])[:, None] * x if x.ndim < 2 else x - np.float32(0.25),
        lambda x: (0.1 + x * x) ** np.array(-0.5, np.float32) + [1],
    ]
    binary = [
        lambda x, y: x + y,
        lambda x, y: x - y,
        lambda x, y: x * y,
        lambda x, y: x / (y * y + 1),
        lambda x, y: (x * x + 0.5) ** y.tanh(),
        maximum,
        np.minimum,
    ]
    # Not drawn by Hypothesis, which would ask some rules thirty times and others never.
    steps = list(
        zip(rng.permutation(len(unary) + len(binary))[:length], *rng.integers(99, size=(2, length)), strict=True)
    )

    def build(parts):
        nodes = [p if isinstance(p, Tensor) else Tensor(p) for p in parts]
        for which, i, j in steps:
            x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
            if which < len(unary):
                nodes.append(unary[which](x))
            elif all(1 in pair or pair[0] == pair[1] for pair in zip(x.shape[::-1], y.shape[::-1], strict=False)):
                nodes.append(binary[which - len(unary)](x, y))
        weight = np.random.default_rng(1)
        return sum((node.tanh() * numbers(weight, *node.shape)).sum() for node in nodes)

    tensors = [Tensor(x) for x in given]
    build(tensors).backward()
    gradients = [np.zeros(t.shape) if t.grad is None else t.grad.astype(float) for t in tensors]
    assert all(t.grad is None or t.grad.dtype == t.data.dtype for t in tensors)
    check = direction_check(
        build, gradients, leaves, directions=3, tolerance=1e-4
    )  # what goes through float32 has 7 digits
    assert check, check.message


@settings(examples, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=6), seeds)
def test_random_graphs_agree_with_sympy(steps, seed):
    """The same program run on Tensors and on symbols; SymPy differentiates the formula."""
    names = sympy.symbols("x y z", real=True)
    values = np.random.default_rng(seed).uniform(0.5, 1.5, 3)
    s_exp, s_one = sympy.exp, sympy.Integer(1)
    programs = [
        [
            lambda a, b: a + b,
            lambda a, b: a - b,
            lambda a, b: a * b,
            lambda a, b: a / (b * b + 1),
            lambda a, b: 2 - a,
            lambda a, b: 3 / (a * a + 1),
            lambda a, b: (a * a + 1) ** (b.sin()),
            lambda a, b: 2 ** a.tanh(),
            lambda a, b: a.cos(),
            lambda a, b: a.sigmoid(),
            lambda a, b: a.softplus(),
            lambda a, b: (a * a + 1).log(),
        ],
        [
            lambda a, b: a + b,
            lambda a, b: a - b,
            lambda a, b: a * b,
            lambda a, b: a / (b * b + 1),
            lambda a, b: 2 - a,
            lambda a, b: 3 / (a * a + 1),
            lambda a, b: (a * a + 1) ** sympy.sin(b),
            lambda a, b: 2 ** sympy.tanh(a),
            lambda a, b: sympy.cos(a),
            lambda a, b: s_one / (1 + s_exp(-a)),
            lambda a, b: sympy.log(1 + s_exp(a)),
            lambda a, b: sympy.log(a * a + 1),
        ],
    ]

    def run(nodes, program):
        for which, i, j in steps:
            nodes.append(program[which](nodes[i % len(nodes)], nodes[j % len(nodes)]))
        return nodes[-1]

    tensors = [Tensor(v) for v in values]
    run(list(tensors), programs[0]).backward()
    expression = run(list(names), programs[1])
    gradient = sympy.lambdify(names, [sympy.diff(expression, name) for name in names], "math")(*map(float, values))
    for t, expected in zip(tensors, gradient, strict=True):
        assert (0.0 if t.grad is None else t.grad) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_every_op_has_cases():
    assert set(CASES) == set(RULES)


# ---- what backward promises


def test_worked_example():
    x, w, b = Tensor(2.0), Tensor(3.0, name="w"), Tensor(1.0)
    h = w * x + b
    C = (h - 5) ** 2
    C.backward()
    assert (C.data, h.grad, w.grad, x.grad, b.grad) == (4.0, 4.0, 8.0, 12.0, 4.0)
    assert C.grad == 1


def test_fan_out_adds():
    a = Tensor(3.0)
    (a + a).backward()
    assert a.grad == 2
    (a * a).backward()
    assert a.grad == 6


def test_gradients_are_replaced_not_added_to():
    x = Tensor([1.0, 2.0])
    for _ in range(2):  # fresh graphs on the same leaf
        (x * x).sum().backward()
        np.testing.assert_array_equal(x.grad, [2, 4])
    h = x * x
    C = h.sum()
    for _ in range(2):  # the same graph again
        C.backward()
        np.testing.assert_array_equal(x.grad, [2, 4])
        np.testing.assert_array_equal(h.grad, [1, 1])


def test_seed_gradient():
    x = Tensor([[1.0, 2.0, 3.0]])
    z = 2 * x
    with pytest.raises(ValueError, match=r"shape \(1, 3\).*seed"):
        z.backward()
    with pytest.raises(ValueError, match=r"seed gradient has shape \(3,\).*\(1, 3\)"):
        z.backward([1.0, 2.0, 3.0])
    z.backward([[1, 10, 100]])
    np.testing.assert_array_equal(x.grad, [[2, 20, 200]])
    x.backward(np.ones((1, 3)))
    np.testing.assert_array_equal(x.grad, [[1, 1, 1]])


def test_a_complex_seed_is_no_seed_of_a_real_number():
    with pytest.raises(ValueError, match=r"shape \(\), complex128; the Tensor has shape \(\), float64"):
        Tensor(1.0).backward(1j)
    x = Tensor(1j)
    (x * 2).backward(1j)
    assert x.grad == 2j


def test_a_seed_or_a_gradient_may_be_changed_afterwards():
    seed = np.ones(3)
    w, b = Tensor(np.arange(3.0)), Tensor(np.zeros(3))
    z = w + b
    z.backward(seed)
    w.grad *= 5
    np.testing.assert_array_equal(b.grad, np.ones(3))
    np.testing.assert_array_equal(seed, np.ones(3))
    w.T.sum().backward()
    w.grad[0] = 7  # not a read-only view
    w.reshape(3, 1).backward(np.ones((3, 1)))
    w.grad[0] = 7


def test_constants_are_not_differentiated():
    def forbidden(*_):
        raise AssertionError("a constant was differentiated")

    op = Op("op", lambda x, y: x * y, lambda g, z, x, y: g * y, forbidden)
    x = Tensor([1.0, 2.0])
    z = op(x, np.array([3.0, 4.0]))
    z.backward(np.ones(2))
    assert z.parents == (x, None)
    np.testing.assert_array_equal(z.args[1], [3, 4])
    with pytest.raises(AssertionError, match="constant"):
        op(x, x).backward(np.ones(2))


def test_missing_rule_is_loud():
    floor = Op("floor", np.floor)
    mod = Op("mod", np.mod, lambda g, z, x, y: g)
    assert floor(Tensor(2.5)).data == 2
    with pytest.raises(NotImplementedError, match=r"'floor' has no rule .* input 1"):
        (floor(Tensor(2.5)) * 2).backward()
    mod(Tensor(5.0), 3.0).backward()
    with pytest.raises(NotImplementedError, match=r"'mod' has no rule .* input 2"):
        mod(5.0, Tensor(3.0)).backward()


def test_a_rule_that_gives_a_wrong_shape_is_loud():
    wrong = Op("wrong", lambda x: x.sum(), lambda g, z, x: g * np.ones(7))
    with pytest.raises(ValueError, match=r"'wrong' gives shape \(7,\) to an input of shape \(2, 3\)"):
        wrong(Tensor(np.ones((2, 3)))).backward()


def test_an_op_added_from_outside(monkeypatch):
    square = Op("square", lambda x: x * x, lambda g, z, x: 2 * g * x)
    check_rule(square, [numbers(np.random.default_rng(0), 3, 2)])
    assert square(3) == 9
    np.testing.assert_array_equal(square([1, 2]), [1, 4])
    x = Tensor([1.0, 3.0])
    with pytest.raises(NotImplementedError, match=r"no rule for np\.square"):
        np.square(x)
    monkeypatch.setitem(RULES, "square", square)
    np.square(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 6])


def test_graph_lists_every_node_once_and_parents_first():
    x = Tensor(1.0)
    y = x * x
    z = y + y * x
    nodes = graph(z)
    assert len(nodes) == 4 and nodes[0] is x and nodes[-1] is z
    position = {node: i for i, node in enumerate(nodes)}
    assert all(position[p] < position[n] for n in nodes for p in n.parents if p is not None)
    assert [n.op.name for n in nodes[1:]] == ["multiply", "multiply", "add"]


def test_two_to_the_hundred_paths_take_one_visit_a_node():
    z = x = Tensor(1.0)
    for _ in range(100):
        z = z + z
    z.backward()
    assert len(graph(z)) == 101 and x.grad == 2.0**100


def test_a_chain_of_100_000_nodes():
    """At the default recursion limit, freeing included, and within 450 bytes a node while backward runs."""
    assert sys.getrecursionlimit() <= 3000
    x, n = Tensor(0.5), 40_000  # watching the memory takes longer than the chain
    tracemalloc.start()
    z = x
    for _ in range(n):
        z = z * 1.0
    z.backward()
    assert tracemalloc.get_traced_memory()[1] / n <= 450
    tracemalloc.stop()
    assert x.grad == 1.0
    for _ in range(60_000):
        z = z + x
    z.backward()
    assert x.grad == 60_001
    del z


def test_no_reference_cycles():
    """A finished graph is freed at once: nothing is left for the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(o, Tensor) for o in gc.get_objects())
        x = Tensor(np.ones((3, 3)))
        (x @ x).tanh().mean().backward()
        del x
        assert sum(isinstance(o, Tensor) for o in gc.get_objects()) == before
    finally:
        gc.enable()


# ---- kinds of input

OTHERS = [2, 2.0, np.float64(2), np.array(2), [2, 2, 2], (2, 2, 2), np.full(3, 2), np.full((1, 3), 2.0)]


@pytest.mark.parametrize("other", OTHERS, ids=repr)
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_numbers_lists_and_arrays_on_either_side(symbol, other):
    data = np.array([1.0, 2.0, 3.0])
    for template in (f"x {symbol} other", f"other {symbol} x"):
        x = Tensor(data)
        z = eval(template)
        expected = eval(template, {"x": data, "other": np.asarray(other)})
        assert isinstance(z, Tensor)
        np.testing.assert_allclose(z.data, expected)
        z.sum().backward()
        assert gradient_check(lambda t, e=template: np.sum(eval(e, {"x": t, "other": np.asarray(other)})), x.grad, data)


def test_matmul_with_lists_and_arrays_on_either_side():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    for other in ([[1, 0], [2, 5]], ((1, 0), (2, 5)), np.array([[1, 0], [2, 5]])):
        np.testing.assert_array_equal((x @ other).data, x.data @ np.array(other))
        z = other @ x
        np.testing.assert_array_equal(z.data, np.array(other) @ x.data)
        z.backward(np.ones((2, 2)))
        np.testing.assert_array_equal(x.grad, np.array(other).T @ np.ones((2, 2)))
    for left, right in (([1, 2], [3, 4]), ((1, 2), (3, 4))):
        z = left @ x @ right
        z.backward()
        np.testing.assert_array_equal(x.grad, np.outer(left, right))


def test_numpy_functions_use_the_table():
    x = Tensor(np.linspace(0.5, 2, 6).reshape(2, 3))
    for function in (np.exp, np.log, np.sin, np.cos, np.tanh, np.negative, np.sum, np.mean, np.transpose):
        z = function(x)
        assert isinstance(z, Tensor)
        np.testing.assert_allclose(z.data, function(x.data))
    assert np.sum(x, axis=1, keepdims=True).shape == (2, 1)
    assert np.reshape(x, (3, 2)).shape == (3, 2)
    assert isinstance(np.maximum(1.0, x), Tensor) and isinstance(np.matmul(np.ones(2), x), Tensor)
    with pytest.raises(NotImplementedError, match=r"np\.arctan"):
        np.arctan(x)
    with pytest.raises(NotImplementedError, match=r"np\.concatenate"):
        np.concatenate([x, x])
    with pytest.raises(NotImplementedError, match=r"reduce"):
        np.add.reduce(x)
    for use in (lambda: np.asarray(x), lambda: np.array([x, x]), lambda: Tensor([x, x]), lambda: Tensor(x)):
        with pytest.raises(TypeError, match=r"t\.data"):
            use()


def test_whole_numbers_become_floats_and_words_are_refused():
    x = Tensor([1, 2])
    assert x.data.dtype == float and Tensor(3).data.dtype == float and Tensor(True).data == 1.0
    (x**-1).sum().backward()
    np.testing.assert_allclose(x.grad, [-1, -0.25])
    for bad in ("two", [None], np.array([1, "a"])):
        with pytest.raises(TypeError, match="holds numbers"):
            Tensor(bad)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(name, dtype):
    rng = np.random.default_rng(1)
    for inputs, constants in CASES[name]:
        tensors = [Tensor(x.astype(dtype)) for x in inputs(rng)]
        z = RULES[name](*tensors, *constants)
        assert z.data.dtype == dtype
        z.backward(np.ones(z.shape))
        assert all(t.grad.dtype == dtype for t in tensors)


def test_float32_with_python_numbers_stays_float32_and_with_float64_keeps_its_gradient_float32():
    x = Tensor(np.ones(3, np.float32))
    assert (2 * x + 1.5 - x / 3).data.dtype == np.float32 and (x**2).data.dtype == np.float32
    z = (x * np.full(3, 1.1)).sum()
    z.backward()
    assert z.data.dtype == float and x.grad.dtype == np.float32


def test_zero_dimensional():
    x = Tensor(np.array(0.7))
    z = (x.sin() * x).exp() + x.sum() + x.mean() + x.reshape(1)[0] + x.T + x[()] + x[None].sum()
    z.backward()
    assert z.shape == () and np.shape(x.grad) == ()
    s = np.sin(0.7)
    assert x.grad == pytest.approx(np.exp(s * 0.7) * (s + 0.7 * np.cos(0.7)) + 6)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0, 2)])
def test_empty(shape):
    x = Tensor(np.empty(shape))
    z = ((x * 2 + 1).exp().tanh() / 3).sum() + x.reshape(-1).sum() + (x.T**2).sum() + x[:0].sum() + x.sum(0).sum()
    z.backward()
    assert z.data == 0 and x.grad.shape == shape
    a = Tensor(np.empty((4, 0)))
    (a @ np.empty((0, 2))).sum().backward()
    assert a.grad.shape == (4, 0)
    with pytest.warns(RuntimeWarning):  # NumPy's own words
        assert np.isnan(x.mean().data)


def test_non_contiguous_and_read_only_arrays():
    base = numbers(np.random.default_rng(2), 6, 8)
    for view in (base[::2, 1::3], base.T, base[::-1, ::-1], np.broadcast_to(base[0], (5, 8)), np.asfortranarray(base)):
        x = Tensor(view)
        z = (x * x).sum() + (x @ np.ones(view.shape[1])).sum() + x[1:].sin().sum()
        z.backward()
        expected = 2 * view + 1
        expected[1:] += np.cos(view[1:])
        np.testing.assert_allclose(x.grad, expected)


def test_nan_and_inf_pass_as_numpy_passes_them():
    data = np.array([np.nan, np.inf, -np.inf, 0.0, 2.0])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        for name in (*UNARY[:4], "log", "sqrt", "log1p", "tanh", "sigmoid", "softplus", "relu"):
            x = Tensor(data)
            z = RULES[name](x)
            np.testing.assert_array_equal(z.data, RULES[name].forward(data))
            z.backward(np.ones(5))
            assert np.isnan(x.grad[0]) or name == "negative"
        x = Tensor(data)
        (x * [1.0, 2.0, 3.0, 4.0, np.inf]).sum().backward()
        np.testing.assert_array_equal(x.grad, [1, 2, 3, 4, np.inf])
        x = Tensor([0.0])
        (1 / x).backward()
        np.testing.assert_array_equal(x.grad, [-np.inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stable_far_from_zero(dtype):
    data = np.array([-1000, -800, -30, 0, 30, 800, 1000], dtype)
    for function in (sigmoid, softplus, autodiff.tanh, autodiff.relu):
        x = Tensor(data)
        z = function(x)
        z.backward(np.ones(7))
        assert np.all(np.isfinite(z.data)) and np.all(np.isfinite(x.grad))
    np.testing.assert_allclose(sigmoid(data), [0, 0, np.exp(dtype(-30)), 0.5, 1, 1, 1], rtol=1e-6, atol=0)
    np.testing.assert_allclose(softplus(data)[2:5], [np.exp(dtype(-30)), np.log(2), 30], rtol=1e-6)
    assert softplus(data)[-1] == 1000


def test_powers_at_zero():
    x, y = Tensor([0.0, 0.0, 0.0, 2.0]), Tensor([0.0, 1.0, 3.0, 0.0])
    z = x**y
    z.backward(np.ones(4))
    np.testing.assert_array_equal(x.grad, [0, 1, 0, 0])
    np.testing.assert_allclose(y.grad, [0, 0, 0, np.log(2)])
    for half, slope in ((0.5, np.inf), (-1.0, -np.inf)):  # as NumPy divides by 0
        x, y = Tensor(0.0), Tensor(half)
        with np.errstate(divide="ignore"):
            (x**y).backward()
        assert x.grad == slope and y.grad == (0 if half > 0 else -np.inf)
    zero = Tensor(0.0)
    (zero**2 + zero**1 + zero**0).backward()
    assert zero.grad == 1


def test_corners_have_the_slopes_the_docs_give():
    x, y = Tensor([0.0, 1.0]), Tensor([0.0, 1.0])
    x.relu().sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 1])
    maximum(x, y).sum().backward()
    np.testing.assert_array_equal(x.grad, [1, 1])
    np.testing.assert_array_equal(y.grad, [0, 0])


def test_linear_refuses_what_are_no_matrices():
    w, a, b = np.ones((4, 3)), np.ones((3, 2)), np.ones((4, 1))
    np.testing.assert_array_equal(linear(w, a, b), w @ a + b)
    for bad in ((w, a[:, 0], b), (w[:, 0], a, b), (w[:, :, None], a[:1], b), (w, a, b[:, 0]), (w, a, b[None])):
        with pytest.raises(ValueError, match="takes matrices"):
            linear(*map(Tensor, bad))


@pytest.mark.parametrize("shape", [(4, 2), (4, 3), (1, 2), (3, 1), (1, 1), (4, 0)])
def test_linear_wants_one_column_for_b_before_backward_stumbles_on_it(shape):
    w, a = Tensor(np.ones((4, 3))), Tensor(np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"b is one column .* got shapes \(4, 3\), \(3, 2\) and ") as caught:
        linear(w, a, Tensor(np.ones(shape)))
    assert str(shape) in str(caught.value)


def test_linear_says_so_if_b_is_a_number():
    with pytest.raises(ValueError, match=r"got shapes \(4, 3\), \(3, 2\) and \(\)"):
        linear(Tensor(np.ones((4, 3))), Tensor(np.ones((3, 2))), 0.0)


def test_an_empty_index_takes_nothing_as_in_numpy():
    x = Tensor([1.0, 2.0, 3.0])
    nothing = x[[]]
    assert nothing.shape == (0,) and nothing.data.dtype == float
    (nothing.sum() + x[0]).backward()
    np.testing.assert_array_equal(x.grad, [1, 0, 0])


def test_like_a_number_or_a_sequence_where_python_asks():
    x = Tensor([1.0, 2.0], name="x")
    assert len(x) == 2 and [v.data for v in x] == [1, 2]
    assert bool(Tensor(1.0)) and not Tensor(0.0)
    total = sum(x)
    total.backward()
    np.testing.assert_array_equal(x.grad, [1, 1])
    with pytest.raises(TypeError):
        list(Tensor(3.0))
    assert repr(x) == "Tensor([1., 2.], name='x')" and repr(Op("f", abs)) == "Op('f')"
    assert x.maximum(1.5).data.tolist() == [1.5, 2]
    assert f"{x}" == str(x) == repr(x) and f"{total:.2f}" == "3.00" and f"{x:+.1e}" == "[+1.0e+00 +2.0e+00]"
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2,), 1, 2)


def test_no_gradient_is_lost_without_a_word():
    """Whatever would take the value and leave the history behind refuses, and says what to write."""
    x = Tensor(2.0)
    ways = [math.exp, math.sqrt, math.isnan, math.floor, math.trunc, round, lambda t: round(t, 2), operator.index]
    ways += [
        lambda t: t.item(),
        lambda t: t.tolist(),
        float,
        int,
        complex,
        np.float64,
        np.asarray,
        np.array,
        range,
        np.eye,
        [1, 2, 3].__getitem__,
    ]
    for way in ways:
        for t in (x, x * 3):
            with pytest.raises(TypeError, match=r"np\.exp\(t\).*float\(t\.data\)"):
                way(t)
    for spoiled in (lambda: x * math.exp(x), lambda: Tensor([x, x]), lambda: x * [x, 1]):
        with pytest.raises(TypeError, match="gradient would be lost"):
            spoiled()
    a = np.ones(3)
    with pytest.raises(TypeError, match=r"write a = a \+ t"):
        a += x
    with pytest.raises(ValueError, match="array element") as caught:
        a[0] = x
    assert "gradient would be lost" in str(caught.value.__cause__)
    np.testing.assert_array_equal(a, np.ones(3))
    assert float(x.data) == 2


COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("other", [2, 2.0, np.float32(2), [1, 2, 3], np.array([[3.0], [2.0]])], ids=repr)
def test_comparisons_go_number_by_number_and_give_arrays(compare, other):
    data = np.array([1.0, 2.0, 3.0])
    expected = compare(data, other)
    for result in (compare(Tensor(data), other), compare(Tensor(data), Tensor(other))):
        assert not isinstance(result, Tensor)
        np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(compare(np.asarray(other), Tensor(data)), compare(np.asarray(other), data))


def test_a_tensor_compared_is_a_number_compared():
    assert Tensor(2.0) * 3 == 6 and Tensor(2.0) != 3 and Tensor(1.0) < Tensor(2.0)
    low, high = Tensor(1.0), Tensor(2.0)
    assert max(low, high) is high and sorted([high, low])[0] is low  # noqa: FURB192  (sorting is what is asked)
    np.testing.assert_array_equal(np.isnan(Tensor([1.0, np.nan])), [False, True])
    np.testing.assert_array_equal(np.logical_and(Tensor([1.0, 0.0]), True), [True, False])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([1.0, 2.0]) == 1)


@pytest.mark.parametrize("compare", COMPARISONS[2:])
@pytest.mark.parametrize("other", ["a", None, object(), {}, np.array(["a"])], ids=lambda other: type(other).__name__)
def test_what_has_no_order_is_refused_in_a_sentence(compare, other):
    with pytest.raises(TypeError, match="holds numbers; this is"):
        compare(Tensor([1.0, 2.0]), other)
    assert not np.any(Tensor([1.0, 2.0]) == other)


def test_a_tensor_that_was_pickled_or_copied_has_gradients_of_its_own():
    x = Tensor([1.0, 2.0], name="x")
    (x * x).sum().backward()
    for again in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), pickle.loads(pickle.dumps(Tensor(3.0)))):
        before = np.array(x.grad)
        (again * 5).sum().backward()
        np.testing.assert_array_equal(again.grad, np.full(again.shape, 5))
        np.testing.assert_array_equal(x.grad, before)


def test_no_imaginary_part_is_cut_off():
    x, w = Tensor(2.0), Tensor([1.0, 2.0])
    for z in (x * 1j, (w * np.array([1j, 2])).sum(), (x * np.array([1j, 2])).sum()):
        with pytest.raises(TypeError, match="imaginary part would be cut off"):
            z.backward()
    x = Tensor(2.0 + 0j)
    (x * 1j).backward()
    assert x.grad == 1j


@pytest.mark.parametrize("data", [3, 3.0, np.array(3), np.float32(3)])
def test_data_put_in_by_hand_is_read_as_floats(data):
    x = Tensor(1.0)
    x.data = data
    (x * 0.5 + x * x).backward()
    assert x.grad == 6.5 and isinstance(x.data, np.ndarray) and x.data.dtype.kind == "f"


@pytest.mark.filterwarnings("error")
def test_nan_as_the_extreme_shows_without_a_warning():
    x = Tensor([np.nan, 1.0])
    x.max().backward()
    assert np.isnan(x.grad).all()


def test_what_a_tensor_has_not_is_told_with_what_there_is():
    x = Tensor([1.0, 2.0])
    for name in ("numpy", "cumsum", "dot", "argmax", "astype"):
        with pytest.raises(AttributeError, match=rf"has no \.{name}\. There are: add, .*t\.data"):
            getattr(x, name)
    for use, option in (
        (lambda: np.sum(x, dtype=float), "dtype"),
        (lambda: np.max(x, initial=0), "initial"),
        (lambda: np.clip(x, 0, 1, out=np.empty(2)), "out"),
        (lambda: np.mean(x, where=[True, False]), "where"),
        (lambda: np.reshape(x, (2, 1), order="F"), "order"),
    ):
        with pytest.raises(NotImplementedError, match=f"of a Tensor has no option {option}"):
            use()
    with pytest.raises(NotImplementedError, match="takes no options"):
        np.add(x, 1, where=[True, False])


@pytest.mark.parametrize(("left", "right"), [((3,), (2,)), ((2, 3), (2, 3)), ((2, 2, 3), (2,)), ((), (2,)), ((2,), ())])
def test_products_that_do_not_fit_are_told_with_both_shapes(left, right):
    for x, y in ((Tensor(np.ones(left)), np.ones(right)), (np.ones(left), Tensor(np.ones(right)))):
        with pytest.raises(ValueError, match=re.escape(f"got shapes {left} and {right}")):
            x @ y


def test_a_tensor_is_a_key_for_itself_alone():
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    names = {x: "x", y: "y"}
    assert names[x] == "x" and names[y] == "y" and len({x, y, x}) == 2 and hash(x) != hash(y)


def test_what_numpy_users_try():
    x = Tensor([[-1.0, 2.0], [3.0, -0.5]])
    by_numpy = [
        (np.abs(x), np.abs(x.data)),
        (abs(x), np.abs(x.data)),
        (np.sqrt(abs(x)), np.sqrt(np.abs(x.data))),
        (np.minimum(x, 0.5), np.minimum(x.data, 0.5)),
        (np.max(x, axis=0), x.data.max(0)),
        (np.amin(x) if np.amin.__name__ in RULES else x.min(), x.data.min()),
        (x.max(), x.data.max()),
        (x.min(axis=1, keepdims=True), x.data.min(axis=1, keepdims=True)),
        (np.clip(x, -0.7, 1.0), np.clip(x.data, -0.7, 1.0)),
        (x.clip(-0.7, 1.0), np.clip(x.data, -0.7, 1.0)),
        (np.clip(x, None, 1.0), np.minimum(x.data, 1.0)),
        (x.clip(a_min=0.5), np.maximum(x.data, 0.5)),
        (+x, x.data),
        (x.transpose(1, 0), x.data.T),
        (np.transpose(x, axes=(1, 0)), x.data.T),
        (np.log1p(abs(x)), np.log1p(np.abs(x.data))),
        (np.where(x > 0, x, 0.1 * x), np.where(x.data > 0, x.data, 0.1 * x.data)),
        (np.where([[1, 0], [0, 1]], x, 7), np.where([[1, 0], [0, 1]], x.data, 7)),
    ]
    for ours, theirs in by_numpy:
        assert isinstance(ours, Tensor)
        np.testing.assert_array_equal(ours.data, theirs)
    z = np.where(x > 0, x, 0.1 * x).sum()
    z.backward()
    np.testing.assert_array_equal(x.grad, [[0.1, 1], [1, 0.1]])
    for missing in (np.stack, np.concatenate, np.vstack, np.sort, np.linalg.norm, np.dot, np.outer, np.allclose):
        arguments = ([x, x],) if missing in (np.stack, np.concatenate, np.vstack) else (x, x)
        with pytest.raises(NotImplementedError, match=rf"no rule for np\.{missing.__name__}\. Rules: add, .*t\.data"):
            missing(*arguments)


def test_ties_are_shared_within_an_array():
    x = Tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    x.max(axis=1).backward([6.0, 6.0])
    np.testing.assert_array_equal(x.grad, [[0, 3, 3], [2, 2, 2]])
    x.min().backward()
    np.testing.assert_array_equal(x.grad, [[1, 0, 0], [0, 0, 0]])


def test_nan_shows_in_the_gradient_of_what_chooses():
    for choose in (lambda x: x.relu(), lambda x: np.maximum(x, 0.5), lambda x: np.minimum(0.5, x), lambda x: abs(x)):
        x = Tensor([np.nan, 2.0, -1.0])
        choose(x).backward(np.ones(3))
        assert np.isnan(x.grad[0]) and np.all(np.isfinite(x.grad[1:]))
    x, y = Tensor([1.0, np.nan]), Tensor([np.nan, 1.0])
    maximum(x, y).backward(np.ones(2))
    assert np.isnan(x.grad).all() and np.isnan(y.grad).all()
    x = Tensor([[1.0, np.nan], [1.0, 2.0]])
    with np.errstate(invalid="ignore"):
        x.max(axis=1).backward(np.ones(2))
    assert np.isnan(x.grad[0]).all() and x.grad[1].tolist() == [0, 1]


SMALL = [np.int8, np.uint8, np.int16, np.uint32, np.int64, np.bool_, np.float16]


@pytest.mark.parametrize("dtype", SMALL)
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_constants_of_every_dtype_count_as_the_numbers_they_are(symbol, dtype):
    """Small integers would wrap around, and truth values are not subtracted."""
    limits = np.iinfo(dtype) if np.dtype(dtype).kind in "iu" else np.iinfo(np.int8)
    other = np.array([1, 1 if dtype is np.bool_ else limits.max, limits.min or 1], dtype)
    for template in (f"x {symbol} other", f"other {symbol} x"):
        x, y = Tensor([0.9, 1.0, 1.0]), Tensor([0.9, 1.0, 1.0])
        with np.errstate(invalid="ignore"):  # the logarithm of a negative base
            eval(template, {"x": x, "other": other}).backward(np.ones(3))
            eval(template, {"x": y, "other": other.astype(float)}).backward(np.ones(3))
        np.testing.assert_allclose(x.grad, y.grad, rtol=1e-3 if dtype is np.float16 else 1e-12)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_arrays_of_other_classes_are_plain_numbers_or_refused():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    matrix = np.asmatrix([[1.0, 2.0], [3.0, 4.0]])
    z = (x * matrix).sum() + (matrix * x).sum()
    z.backward()
    np.testing.assert_array_equal(x.grad, 2 * np.asarray(matrix))
    assert type(Tensor(matrix).data) is np.ndarray
    masked = np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[0, 1], [0, 0]])
    for use in (lambda: Tensor(masked), lambda: x * masked, lambda: maximum(x, masked), lambda: x.backward(masked)):
        with pytest.raises(TypeError, match=r"masked array.*filled"):
            use()


BAD = [
    "two",
    None,
    [None],
    object(),
    np.array([1, "a"]),
    {1: 2},
    {1},
    np.array([Fraction(1, 2), None]),
    np.datetime64(1, "s"),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: type(bad).__name__)
def test_what_is_no_number_is_refused_in_a_sentence(bad):
    x = Tensor([1.0, 2.0])
    uses = [Tensor, x.__add__, x.__rmul__, x.maximum, lambda y: maximum(y, x), lambda y: x**y, lambda y: x @ y]
    uses += [lambda y: np.where(x > 1, x, y), lambda y: x.clip(0, y)]
    for use in uses if bad is not None else uses[:-1]:
        with pytest.raises(TypeError, match="holds numbers; this is"):
            use(bad)
    with pytest.raises((TypeError, ValueError), match=r"holds numbers; this is|starts from one number"):
        x.backward(bad)


def test_rows_of_different_length_are_named():
    x = Tensor([1.0, 2.0])
    for use in (Tensor, x.__add__, lambda y: y * x, lambda y: maximum(y, x), x.backward):
        with pytest.raises(ValueError, match="rows of different length"):
            use([[1.0], [1.0, 2.0]])


def test_an_op_that_returns_nothing_is_told():
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="'f' has to give floats; it gives None"):
        Op("f", lambda x: None)(x)
    with pytest.raises(TypeError, match="'f' has to give floats; it gives array"):
        Op("f", lambda x: x > 1)(x)
    for t in (x, Tensor(1.0)):
        with pytest.raises(ValueError, match="'f' gives None: is a return missing"):
            Op("f", lambda x: x * x, lambda g, z, x: None)(t).sum().backward()


# ---- gradients that belong to another cost


def test_a_leaf_that_the_last_backward_did_not_reach_has_no_gradient():
    a, b, c = Tensor(1.0), Tensor(2.0), Tensor(3.0)
    (a * b).backward()
    assert (a.grad, b.grad) == (2, 1)
    (a * c).backward()
    assert (a.grad, b.grad, c.grad) == (3, None, 1)  # b's told of a * b
    (b * b).backward()
    assert (a.grad, b.grad, c.grad) == (3, 4, 1)  # b has nothing to do with the two others now
    (a + b + c).backward()
    a.backward()
    assert (a.grad, b.grad, c.grad) == (1, None, None)
    b.grad = np.array(7.0)
    (a * c).backward()
    assert b.grad == 7  # what was put there by hand stays


def test_costs_with_no_leaf_in_common_leave_each_other_alone():
    a, b = Tensor(1.0), Tensor(2.0)
    (3 * a).backward()
    (5 * b).backward()
    assert (a.grad, b.grad) == (3, 5)


def test_the_module_can_be_read_in_class():
    lines = Path(autodiff.__file__).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 320


GIVEN_AWAY = {
    **{f"math.{f.__name__}": f for f in (math.exp, math.sin, math.floor, math.ceil, math.trunc, math.isnan, math.fabs)},
    **{f.__name__: f for f in (float, int, complex, round, range, operator.index, cmath.exp, np.array, np.float32)},
    "round to digits": lambda t: round(t, 2),
    "an index": lambda t: [1, 2, 3][t],
    "gcd": lambda t: math.gcd(t, 2),
    "percent": lambda t: "%.2f" % t,  # noqa: UP031  # this is what is asked about
    "a list of them": lambda t: np.array([t, t]),
    "an array takes it up": lambda t: np.full(3, t),
}


@pytest.mark.parametrize("use", GIVEN_AWAY.values(), ids=GIVEN_AWAY)
def test_the_value_alone_is_not_given_away(use):
    with pytest.raises(TypeError, match=r"its gradient would be lost.*float\(t\.data\)"):
        use(Tensor(1.0) * 2)


@pytest.mark.parametrize(
    "number", [Fraction(1, 2), Decimal("0.5"), np.array([Fraction(1, 2)]), [0.5, Fraction(1, 2)], 2**70, [2**70, 1]]
)
def test_exact_numbers_are_numbers(number):
    x, value = Tensor([1.0, 2.0]), np.array(number).astype(float)
    for z in (x * number, number * x, x * Tensor(number)):
        assert z.data.dtype == float
        np.testing.assert_array_equal(z.data, x.data * value)
    (x * number).sum().backward()
    np.testing.assert_array_equal(x.grad, np.broadcast_to(value, 2))
    np.testing.assert_array_equal(x < number, x.data < value)


def test_whole_numbers_put_in_by_hand_truncate_no_gradient_on_the_way():
    x = Tensor([1.0, 2.0])
    x.data = np.array([1, 2])
    (x * x * np.full((3, 2), 0.25)).sum().backward()
    np.testing.assert_array_equal(x.grad, [1.5, 3])


# ---- copies


def test_a_deep_graph_is_copied_with_all_its_past():
    x = z = Tensor(0.5, name="x")
    for _ in range(5_000):
        z = z * 1.0 + x
    z.backward()
    for twin in (copy.deepcopy(z), copy.deepcopy([z, x])[0]):
        nodes, ours = graph(twin), graph(z)
        assert len(nodes) == len(ours) and not set(nodes) & set(ours)
        assert nodes[0].grad == x.grad and nodes[0].data is not x.data and nodes[0].name == "x"
        nodes[0].data[...] = 7
        twin.backward(2.0)
        assert nodes[0].grad == 2 * 5_001 and x.grad == 5_001 and x.data == 0.5
    again, root = copy.deepcopy((x, z))
    root.backward()
    assert again.grad == 5_001 and graph(root)[0] is again  # what two things share, their copies share


def test_a_copy_has_a_gradient_of_its_own():
    x = Tensor([1.0, 2.0], name="x")
    y = x * x
    y.sum().backward()
    for node in (x, y):
        twin = copy.copy(node)
        assert twin.data is node.data and twin.op is node.op and twin.parents == node.parents
        np.testing.assert_array_equal(twin.grad, node.grad)
    twin = copy.copy(x)
    (x * 3).sum().backward()
    x.sum().backward()
    (Tensor([1.0, 1.0]) * x).sum().backward()
    np.testing.assert_array_equal(twin.grad, [2, 4])
    again = x * twin
    again.sum().backward()
    np.testing.assert_array_equal(twin.grad, x.data)


def test_a_tensor_from_another_process_comes_first_in_the_graphs_of_this_one(monkeypatch):
    """Its place in the order of creation belongs to the process that made it."""
    x = Tensor(2.0)
    far = pickle.dumps(x)
    monkeypatch.setattr(autodiff, "_next_number", iter(range(10)).__next__)  # as in a process that starts
    again = pickle.loads(far)
    z = again * again
    (z + z * again).backward()
    assert again.grad == 2 * 2 + 3 * 4
    with pytest.raises(TypeError, match=r"result of an op.*t\.data"):
        pickle.dumps(x * 2)


def test_an_array_takes_up_no_tensor_and_says_why():
    a, t = np.zeros(3), Tensor(2.0) * 3
    with pytest.raises(ValueError, match="with a sequence") as caught:  # NumPy's own words; ours are its cause
        a[0] = t
    assert "its gradient would be lost" in str(caught.value.__cause__)
    with pytest.raises(TypeError, match="its gradient would be lost"):
        a[:] = t


def test_a_seed_fits_what_whole_numbers_put_in_by_hand_give():
    x = Tensor(1.0)
    x.data = 3
    (x * 2).backward(0.5)
    assert x.grad == 1
