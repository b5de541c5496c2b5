"""SymPy as the third oracle: a graph of Tensors becomes a formula, the formula is differentiated, the numbers compared.

    w, x = Tensor(3.0, name="w"), Tensor(2.0, name="x")
    f = formula((w * x).sin())
    f.expression                    sin(w*x)
    f.derivative(w)                 x*cos(w*x)
    f.at(f.derivative(w))           2 cos 6, and the engine's w.grad must be the same

Meant for small graphs: every number in a leaf becomes a symbol, named after the leaf (w, or w_1, or w_12 in a matrix).
"""

from __future__ import annotations

import importlib
from itertools import count

import numpy as np

from course_lib.autodiff import Tensor, graph


class _OnDemand:
    """A module that is imported when something of it is wanted: SymPy takes half a second, and each check opens this
    file."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        return getattr(importlib.import_module(self._name), name)


sympy = _OnDemand("sympy")


def _step(x, at_zero=0.5):
    """SymPy's name for the slope of max(x, 0) is Heaviside(x)."""
    return float(x > 0) if x else at_zero


def _each(function):
    """A function of numbers, made to work on arrays of expressions."""
    return np.vectorize(function, otypes=[object])


def _cross_entropy(z, y):
    return (_each(lambda z: sympy.log(1 + sympy.exp(z)))(z) - y * z).sum(axis=0).mean()


def _softmax_cross_entropy(z, y):
    log_sum = _each(sympy.log)(_each(sympy.exp)(z).sum(axis=0))
    return (y * (log_sum - z)).sum(axis=0).mean()


def _absolute(x):
    return (
        sympy.Abs(x) if x.is_extended_real else sympy.Max(x, -x)
    )  # where it is not known to be real, Abs has no slope


def _extreme(choose):
    """The largest or smallest along axes, from a choice between two."""
    of_two = np.frompyfunc(choose, 2, 1)

    def over_axes(x, axis, keepdims):
        axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        for one in axes:
            x = of_two.reduce(x, axis=one, keepdims=True)
        return x if keepdims else x.squeeze(axes)

    return over_axes


# Ops whose forward is plain arithmetic work on expressions as they are; these do not.
_FUNCTIONS = {
    "exp": _each(lambda x: sympy.exp(x)),
    "log": _each(lambda x: sympy.log(x)),
    "log1p": _each(lambda x: sympy.log(1 + x)),
    "sqrt": _each(lambda x: sympy.sqrt(x)),
    "absolute": _each(_absolute),
    "sin": _each(lambda x: sympy.sin(x)),
    "cos": _each(lambda x: sympy.cos(x)),
    "tanh": _each(lambda x: sympy.tanh(x)),
    "sigmoid": _each(lambda x: 1 / (1 + sympy.exp(-x))),
    "softplus": _each(lambda x: sympy.log(1 + sympy.exp(x))),
    "relu": _each(lambda x: sympy.Max(x, 0)),
    "maximum": _each(lambda x, y: sympy.Max(x, y)),
    "minimum": _each(lambda x, y: sympy.Min(x, y)),
    "max": _extreme(lambda *x: sympy.Max(*x)),
    "min": _extreme(lambda *x: sympy.Min(*x)),
    "sigmoid and cross-entropy": _cross_entropy,
    "softmax and softmax cross-entropy": _softmax_cross_entropy,
}
_ARITHMETIC = {
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "matmul",
    "negative",
    "sum",
    "mean",
    "reshape",
    "transpose",
    "getitem",
    "where",
    "linear",
    "quadratic",
}


class Formula:
    """A Tensor as a formula of its leaves.

    expression  a SymPy expression, or an array of them, of the Tensor's shape
    symbols     {leaf: its symbol, or an array of symbols of its shape}
    values      {symbol: number}
    """

    def __init__(self, expression, symbols, values):
        self.expression, self.symbols, self.values = expression, symbols, values

    def derivative(self, leaf: Tensor):
        """d expression / d leaf, of the leaf's shape.

        Raises:
            ValueError: if the expression is not one number.
        """
        if np.shape(self.expression) != ():
            raise ValueError(f"A derivative is taken of one number, but this Tensor has shape {self.expression.shape}.")
        return _unwrap(_each(lambda symbol: sympy.diff(self.expression, symbol))(self.symbols[leaf]))

    def at(self, expressions, values=None):
        """The number of an expression, or of each in an array, at the leaves' values or at others, {symbol: number}.

        The arithmetic is that of Python's floats, which raise OverflowError beyond 1e308: exp of more than 709 does.
        """
        values = self.values if values is None else values
        flat = [sympy.sympify(e) for e in np.ravel(np.asarray(expressions, dtype=object))]
        # dummify: a symbol may be named like a function, sin or exp
        compute = sympy.lambdify(list(values), flat, [{"Heaviside": _step}, "math"], cse=True, dummify=True)
        return np.reshape(compute(*values.values()), np.shape(expressions))[()]


def formula(root: Tensor) -> Formula:
    """The `Formula` of a Tensor. A leaf without a name is called x1, x2, or the next such name that is free.

    Raises:
        NotImplementedError: with the op's name, for an op unknown here.
        ValueError: for two leaves of one name.
    """
    expressions: dict = {}
    symbols: dict = {}
    values: dict = {}
    nodes = graph(root)
    taken = {node.name for node in nodes}
    free = (f"x{i}" for i in count(1) if f"x{i}" not in taken)
    for node in nodes:
        if node.op is None:
            name = node.name or next(free)
            symbols[node] = _unwrap(_symbols(name, node.shape))
            expressions[node] = np.asarray(symbols[node], dtype=object)
            if not values.keys().isdisjoint(np.ravel(symbols[node])):
                raise ValueError(f"Two leaves are named {name!r}; give each a name of its own.")
            values.update(zip(np.ravel(symbols[node]), node.data.ravel().tolist(), strict=True))
        else:
            inputs = [
                expressions[parent] if parent is not None else _exact(arg) if i < len(node.op.vjps) else arg
                for i, (arg, parent) in enumerate(zip(node.args, node.parents, strict=True))
            ]
            expressions[node] = np.asarray(_rule(node.op)(*inputs), dtype=object)
    return Formula(_unwrap(expressions[root]), symbols, values)


def _rule(op):
    if op.name in _FUNCTIONS:
        return _FUNCTIONS[op.name]
    if op.name in _ARITHMETIC:
        return op.forward
    known = ", ".join([*_FUNCTIONS, *sorted(_ARITHMETIC)])
    raise NotImplementedError(f"The op '{op.name}' has no formula. Known: {known}.")


def _symbols(name, shape):
    """Symbols for an array: x, or x_1, x_2, or x_11, x_12 (counted from 1, as the text does)."""
    array, comma = np.empty(shape, dtype=object), "," if max(shape, default=0) > 9 else ""
    for index in np.ndindex(shape):
        place = comma.join(str(i + 1) for i in index)
        array[index] = sympy.Symbol(f"{name}_{place}" if place else name, real=True)
    return array


def _exact(constant):
    """Numbers that are whole become integers, so that formulas read 2*x and not 2.0*x."""
    exact = _each(lambda c: sympy.Integer(int(c)) if c == int(c) else sympy.Float(float(c)))
    return _unwrap(exact(constant))


def _unwrap(array):
    """The object itself from an array of shape ()."""
    return array.item() if array.shape == () else array
