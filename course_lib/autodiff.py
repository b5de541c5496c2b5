"""Reverse-mode automatic differentiation on NumPy arrays, small enough to read aloud.

Computing with a `Tensor` does two things at once: it finds the value, and it notes where the value came from.
`backward()` then walks the notes from the end to the start and multiplies, at each node,

    downstream gradient = upstream gradient x local derivative        (a vector-Jacobian product, "vjp")

All the calculus of this file is in one table, `RULES`, near its end: one row an op.

    >>> x, y = Tensor(3.0), Tensor(2.0)
    >>> C = x * y + x
    >>> C.backward()
    >>> print(x.grad, y.grad)
    3.0 3.0
"""

from itertools import count
from operator import attrgetter

import numpy as np

_next_number = count().__next__
_creation_order = attrgetter("born")
_ndarray, _SEQUENCES = np.ndarray, (list, tuple)
_ARRAY = (np.ndarray, np.generic)  # NumPy gives a number, not an array, for a 0-d result


class Tensor:
    """A node of a computation graph: a value, and how it was computed.

    data      the value, an array of any shape (0-d included), used as it is and not copied; whole numbers become floats
    grad      after `root.backward()`: d root / d this, same shape as `data`; None before
    op        the `Op` that made it; None for a leaf, that is a Tensor made by hand
    parents   one entry for each input of the op: a Tensor, or None where the input was a constant
    args      the values the op was given, constants included
    name      a label for pictures and messages, or None

    Plain numbers, lists and arrays that take part in a computation are constants: no gradient is computed for them.
    """

    __slots__ = ("args", "born", "data", "grad", "name", "op", "parents")

    def __init__(self, data, name=None, op=None, parents=(), args=()):
        if type(data) is not _ndarray:
            data = np.asarray(data)
        if op is None and data.dtype.kind not in "fc":  # only a leaf can bring in anything but floats
            if data.dtype.kind not in "biu":
                raise TypeError(f"A Tensor holds numbers; this data has dtype {data.dtype}.")
            data = data.astype(float)  # a whole number cannot move by a small step
        self.data, self.grad, self.name, self.op, self.parents, self.args = data, None, name, op, parents, args
        self.born = _next_number()  # parents are born before their children

    def backward(self, seed=None):
        """Set `.grad` of every node that this one was computed from: d self / d node.

        `seed` is the upstream gradient at this node, of its shape; it is 1 if left out where this node is one number.
        Gradients of an earlier call are replaced, on leaves too: nothing has to be set to zero in between. Leave .data
        as it is until backward is done. A leaf's gradient may be changed in place, unless it is one number, shape ().

        Raises ValueError for a missing or misshaped seed, NotImplementedError for an op with no rule for an input.
        """
        if seed is None and self.data.size != 1:
            raise ValueError(
                f"backward() starts from one number, but this Tensor has shape {self.shape}. "
                "Call it on a cost, or give a seed gradient of that shape: t.backward(seed)."
            )
        seed = np.ones_like(self.data) if seed is None else np.array(seed, dtype=self.data.dtype)
        if seed.shape != self.shape:
            raise ValueError(f"The seed gradient has shape {seed.shape}; the Tensor has shape {self.shape}.")
        nodes = graph(self)
        for node in nodes:
            node.grad = None
        self.grad = seed
        for node in reversed(nodes):  # newest first: all consumers of a node come before it
            if node.op is not None:
                node._send_back()

    def _send_back(self):
        """Give every parent its share of this node's gradient."""
        upstream, z, args, vjps = self.grad, self.data, self.args, self.op.vjps
        for i, parent in enumerate(self.parents):
            if parent is None:
                continue  # a constant
            if i >= len(vjps):
                raise NotImplementedError(f"The op '{self.op.name}' has no rule (vjp) for its input {i + 1}.")
            gradient, data = vjps[i](upstream, z, *args), parent.data
            if not isinstance(gradient, _ARRAY) or gradient.shape != data.shape or gradient.dtype is not data.dtype:
                gradient = _unbroadcast(gradient, data, self.op)
            if parent.grad is not None:
                parent.grad = parent.grad + gradient  # several paths lead here: their gradients add
            elif parent.op is None and (gradient is upstream or gradient.base is not None):
                parent.grad = gradient.copy()  # a leaf's gradient is an array of its own
            else:
                parent.grad = gradient

    # + - * / ** @ and maximum come from the table, below it.
    # fmt: off
    def __neg__(x): return negative(x)
    def __getitem__(x, index): return getitem(x, index)
    def exp(x): return exp(x)
    def log(x): return log(x)
    def sin(x): return sin(x)
    def cos(x): return cos(x)
    def tanh(x): return tanh(x)
    def sigmoid(x): return sigmoid(x)
    def relu(x): return relu(x)
    def softplus(x): return softplus(x)
    def sum(x, axis=None, keepdims=False): return sum_(x, axis, keepdims)
    def mean(x, axis=None, keepdims=False): return mean(x, axis, keepdims)
    def transpose(x, axes=None): return transpose(x, axes)
    def reshape(x, *shape): return reshape(x, shape[0] if len(shape) == 1 else shape)

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    T = property(transpose)

    def __len__(self): return len(self.data)
    def __iter__(self): return (self[i] for i in range(len(self)))
    def __bool__(self): return bool(self.data)
    def __float__(self): return float(self.data)
    # fmt: on

    def __repr__(self):
        label = f", name={self.name!r}" if self.name else ""
        return f"Tensor({np.array2string(self.data, separator=', ', prefix='Tensor(')}{label})"

    # NumPy asks these three when it meets a Tensor: in array + t or np.exp(t), in np.sum(t), in np.asarray(t).
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method != "__call__" or options:
            raise NotImplementedError(f"np.{ufunc.__name__} on a Tensor takes no options and has no .{method}().")
        return _numpy_rule(ufunc)(*inputs)

    def __array_function__(self, function, types, args, options):
        return getattr(Tensor, function.__name__, _numpy_rule(function))(*args, **options)

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "A Tensor does not turn into an array by itself, because its gradient would be lost. "
            "Use t.data for the values."
        )


def graph(root):
    """All the Tensors that `root` was computed from, itself included, every node after its parents.

    No recursion, so the depth of the graph does not matter; each node is met once, however many paths lead to it.
    """
    nodes, seen = [root], {root}
    for node in nodes:  # the list grows while we walk along it
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    return sorted(nodes, key=_creation_order)


class Op:
    """One row of the table: how to compute a value, and how to send its gradient back to each input.

    forward(*inputs) -> z
    vjps[i](g, z, *inputs) -> gradient for input i, where g is the upstream gradient, of z's shape

    Inputs arrive as arrays (or as the numbers they were given as). A rule need not care about broadcasting: where an
    input was stretched, `backward` sums the gradient back to the input's shape. Inputs without a vjp are settings, such
    as an axis. Called on Tensors an Op returns a Tensor; called on plain arrays and numbers it just computes.

        square = Op("square", lambda x: x * x, lambda g, z, x: g * 2 * x)
    """

    __slots__ = ("forward", "name", "vjps")

    def __init__(self, name, forward, *vjps):
        self.name, self.forward, self.vjps = name, forward, vjps

    def __call__(self, *inputs):
        parents, args = [], []
        for t in inputs:
            is_tensor = isinstance(t, Tensor)
            parents.append(t if is_tensor else None)
            args.append(t.data if is_tensor else _constant(t))
        z = self.forward(*args)
        return z if parents.count(None) == len(parents) else Tensor(z, None, self, tuple(parents), tuple(args))

    def __repr__(self):
        return f"Op({self.name!r})"


def _constant(value):  # an empty list may be an index, so it is not of floats
    return np.asarray(value, None if value else int) if isinstance(value, list) else value


def _numpy_rule(function):
    if function.__name__ not in RULES:
        raise NotImplementedError(f"There is no rule for np.{function.__name__}. Rules: {', '.join(RULES)}.")
    return RULES[function.__name__]


def _unbroadcast(gradient, like, op):
    """The gradient for an input that broadcasting stretched: each copy of a number had an effect, and effects add."""
    gradient, shape = np.asarray(gradient), like.shape
    if gradient.ndim > len(shape):  # axes that were put in front
        gradient = gradient.sum(tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(i for i, (n, m) in enumerate(zip(shape, gradient.shape, strict=False)) if n == 1 != m)
    if repeated:  # axes of length 1
        gradient = gradient.sum(repeated, keepdims=True)
    if gradient.shape != shape:
        raise ValueError(f"The rule of op '{op.name}' gives shape {gradient.shape} to an input of shape {shape}.")
    return gradient.astype(like.dtype, copy=False)


@np.errstate(over="ignore")  # far to the left exp gives inf, and 1 / (1 + inf) = 0
def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _power_vjp_base(g, z, x, y):
    return g * y * x ** (y - (y != 0))  # y x^(y-1), and 0 for y = 0 also at x = 0


def _power_vjp_exponent(g, z, x, y):
    return g * z * np.log(x + (x == 0))  # x^y log x, and 0 at x = 0, where 0^y stays 0


def _matmul(x, y):
    return np.dot(x, y) if np.ndim(x) == np.ndim(y) == 2 else np.matmul(x, y)  # dot is faster on thin matrices


def _matmul_vjp_left(g, z, x, y):
    if np.ndim(y) == 1:  # y stands for one column
        g, y = g[..., None], y[:, None]
    if np.ndim(x) == 1:  # x stands for one row
        return _matmul(g[..., None, :], np.swapaxes(y, -1, -2))[..., 0, :]
    return _matmul(g, np.swapaxes(y, -1, -2))


def _matmul_vjp_right(g, z, x, y):
    if np.ndim(x) == 1:
        g, x = (g[..., None, :] if np.ndim(y) > 1 else g[None]), x[None, :]
    if np.ndim(y) == 1:
        return _matmul(np.swapaxes(x, -1, -2), g[..., None])[..., 0]
    return _matmul(np.swapaxes(x, -1, -2), g)


def _linear(w, a, b):
    if not w.ndim == a.ndim == 2 or getattr(b, "shape", ()) != (len(w), 1):
        raise ValueError(
            "linear(w, a, b) = w @ a + b takes matrices: a has one column an example, and b is one column "
            f"of as many rows as w; got shapes {np.shape(w)}, {np.shape(a)} and {np.shape(b)}."
        )
    return np.dot(w, a) + b


def _spread(g, x, axis, keepdims):
    """Undo a sum: every number that went into it receives the gradient of the sum."""
    return np.broadcast_to(g if axis is None or keepdims else np.expand_dims(g, axis), x.shape)


def _untranspose(g, axes):
    return g.transpose(None if axes is None else np.argsort(np.mod(axes, g.ndim)))


def _scatter(g, x, index):
    """Undo x[index]: the gradient goes back to where the numbers came from; one taken twice receives twice."""
    gradient = np.zeros_like(x)
    np.add.at(gradient, index, g)
    return gradient


# The table. g is the upstream gradient, z the op's output, x and y (or w, a, b) its inputs. Ops that NumPy has are
# called as NumPy calls them. At a kink: relu'(0) = 0, and a tie in maximum goes to the first input.
# fmt: off
RULES = {op.name: op for op in [
    # name          forward            gradient for the first input             for the second input
    Op("add",       np.add,            lambda g, z, x, y: g,                    lambda g, z, x, y: g),
    Op("subtract",  np.subtract,       lambda g, z, x, y: g,                    lambda g, z, x, y: -g),
    Op("multiply",  np.multiply,       lambda g, z, x, y: g * y,                lambda g, z, x, y: g * x),
    Op("divide",    np.divide,         lambda g, z, x, y: g / y,                lambda g, z, x, y: -g * z / y),
    Op("power",     pow,               _power_vjp_base,                         _power_vjp_exponent),
    Op("maximum",   np.maximum,        lambda g, z, x, y: g * (x >= y),         lambda g, z, x, y: g * (x < y)),
    Op("matmul",    _matmul,           _matmul_vjp_left,                        _matmul_vjp_right),
    Op("negative",  np.negative,       lambda g, z, x: -g),
    Op("exp",       np.exp,            lambda g, z, x: g * z),
    Op("log",       np.log,            lambda g, z, x: g / x),
    Op("sin",       np.sin,            lambda g, z, x: g * np.cos(x)),
    Op("cos",       np.cos,            lambda g, z, x: -g * np.sin(x)),
    Op("tanh",      np.tanh,           lambda g, z, x: g * (1 - z * z)),
    Op("sigmoid",   _sigmoid,          lambda g, z, x: g * (z * (1 - z))),
    Op("softplus",  lambda x: np.logaddexp(0, x),     lambda g, z, x: g * _sigmoid(x)),
    Op("relu",      lambda x: np.maximum(x, 0),       lambda g, z, x: g * (x > 0)),
    Op("sum",       lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),
                    lambda g, z, x, axis, keepdims: _spread(g, x, axis, keepdims)),
    Op("mean",      lambda x, axis, keepdims: x.mean(axis=axis, keepdims=keepdims),
                    lambda g, z, x, axis, keepdims: _spread(g / (x.size / max(z.size, 1)), x, axis, keepdims)),
    Op("reshape",   np.reshape,        lambda g, z, x, shape: g.reshape(x.shape)),
    Op("transpose", np.transpose,      lambda g, z, x, axes: _untranspose(g, axes)),
    Op("getitem",   lambda x, i: x[i], lambda g, z, x, i: _scatter(g, x, i)),
    #  w @ a + b as one node, because every layer needs it; its three inputs in turn
    Op("linear",    _linear,           lambda g, z, w, a, b: np.dot(g, a.T),
                                       lambda g, z, w, a, b: np.dot(w.T, g),
                                       lambda g, z, w, a, b: g.sum(axis=1, keepdims=True)),
]}

(add, subtract, multiply, divide, power, maximum, matmul, negative, exp, log, sin, cos, tanh, sigmoid, softplus, relu,
 sum_, mean, reshape, transpose, getitem, linear) = RULES.values()
# fmt: on


def _operators(op):
    """The methods for `x op y` and for `y op x`: op(x, y) spelled out, so that small computations are fast."""
    forward = op.forward

    def method(x, y):
        if isinstance(y, Tensor):
            return Tensor(forward(x.data, y.data), None, op, (x, y), (x.data, y.data))
        y = np.asarray(y) if type(y) in _SEQUENCES else y
        return Tensor(forward(x.data, y), None, op, (x, None), (x.data, y))

    def reflected(x, y):
        y = np.asarray(y) if type(y) in _SEQUENCES else y
        return Tensor(forward(y, x.data), None, op, (None, x), (y, x.data))

    return method, reflected


Tensor.__add__, Tensor.__radd__ = _operators(add)
Tensor.__sub__, Tensor.__rsub__ = _operators(subtract)
Tensor.__mul__, Tensor.__rmul__ = _operators(multiply)
Tensor.__truediv__, Tensor.__rtruediv__ = _operators(divide)
Tensor.__pow__, Tensor.__rpow__ = _operators(power)
Tensor.__matmul__, Tensor.__rmatmul__ = _operators(matmul)
Tensor.maximum, _ = _operators(maximum)
