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

import operator
from itertools import count

import numpy as np

from course_lib import arguments, copies, refusals, rules
from course_lib.arguments import PLAIN, absent, constant, first_gradient, fitting, floats, functions, label, setting

_next_number, _creation_order, _VALID, _ndarray = count().__next__, operator.attrgetter("born"), (True,), np.ndarray
_new, _ARRAYS = object.__new__, arguments.ARRAYS


class Tensor:
    """A node of a computation graph: a value, and how it was computed.

    data      the value, an array of any shape (0-d included), used as it is and not copied; whole numbers become floats
    grad      after `root.backward()`: d root / d this, same shape as `data`; None before. On a leaf it is None again
              after a backward() that reaches leaves it was reached with before, but not this one: another cost's slope
    op        the `Op` that made it; None for a leaf, that is a Tensor made by hand
    parents   one entry for each input of the op: a Tensor, or None where the input was a constant
    args      the values the op was given, constants included
    name      a label for pictures and messages, or None

    Plain numbers, lists and arrays that take part in a computation are constants: no gradient is computed for them.
    Comparisons go number by number, as NumPy's do, and give plain arrays. As a key, a Tensor stands for itself alone.
    """

    __slots__ = ("_grad", "_valid", "args", "born", "data", "name", "op", "parents")

    def __init__(self, data, name=None):
        self.data, self.name = floats(data, "A Tensor"), label(name)  # a whole number cannot move by a small step
        self.op, self.parents, self.args, self.grad, self.born = None, (), (), None, _next_number()

    def backward(self, seed=None):
        """Set `.grad` of every node that this one was computed from: d self / d node.

        `seed` is the upstream gradient at this node, of its shape; it is 1 if left out where this node is one number.
        Gradients of an earlier call are replaced, on leaves too: nothing has to be set to zero in between. Leave .data
        and the arrays beside it as they are until backward is done: slopes are computed from them. A leaf's gradient
        may be changed in place, unless it is one number, shape ().

        Raises:
            ValueError: for a missing or misshaped seed.
            NotImplementedError: for an op with no rule for an input.
        """
        start, nodes, valid = first_gradient(seed, self.data), graph(self), [True]
        for node in nodes:
            node._grad = None
            if node.op is None:  # gradients of leaves that an earlier call reached, and this one does not, are outdated
                if node._valid is not _VALID:
                    node._valid[0] = False
                node._valid, node.data = valid, floats(node.data, "The .data of a Tensor")
        self._grad = start
        for node in reversed(nodes):  # newest first: all consumers of a node come before it
            op, upstream, z, args = node.op, node._grad, node.data, node.args
            if op is None:
                if upstream is not None and upstream.dtype is not z.dtype:
                    node._grad = fitting(upstream, z.dtype)
                continue
            for i, parent in enumerate(node.parents):  # give every parent its share of this node's gradient
                if parent is None:
                    continue  # a constant
                if i >= len(op.vjps):
                    raise NotImplementedError(f"The op '{op.name}' has no rule (vjp) for its input {i + 1}.")
                gradient = op.vjps[i](upstream, z, *args)
                if type(gradient) not in _ARRAYS or gradient.shape != parent.data.shape:
                    gradient = _unbroadcast(gradient, parent.data, op)
                if parent._grad is not None:
                    parent._grad = parent._grad + gradient  # several paths lead here: their gradients add
                elif parent.op is None and (gradient is upstream or gradient.base is not None):
                    parent._grad = gradient.copy()  # a leaf's gradient is an array of its own
                else:
                    parent._grad = gradient

    # + - * / ** @, the comparisons and the functions of one input come from the table, below it.
    # fmt: off
    def __getitem__(x, index): return getitem(x, index)
    def where(c, x, y): return where(x, y, _compared(c) != 0)
    def clip(x, a_min=None, a_max=None):
        return minimum(maximum(x, -np.inf if a_min is None else a_min), np.inf if a_max is None else a_max)
    def max(x, axis=None, keepdims=False): return max_(x, axis, keepdims)
    def min(x, axis=None, keepdims=False): return min_(x, axis, keepdims)
    def sum(x, axis=None, keepdims=False): return sum_(x, axis, keepdims)
    def mean(x, axis=None, keepdims=False): return mean(x, axis, keepdims)
    def transpose(x, *order, axes=None): return transpose(x, order[0] if len(order) == 1 else order or axes)
    def reshape(x, *sizes, shape=()): return reshape(x, sizes[0] if len(sizes) == 1 else sizes or shape)

    def _set_grad(self, gradient): self._grad, self._valid = gradient, _VALID
    grad = property(lambda self: self._grad if self._valid[0] else None, _set_grad)
    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    T = property(transpose)
    def __len__(self): return refusals.length(self.data)
    def __iter__(self): return (self[i] for i in range(len(self)))
    def __contains__(self, value): return bool(np.any(self == value))
    def __bool__(self): return refusals.truth(self.data)
    def __deepcopy__(self, memo): return copies.deep(graph(self), memo)
    __copy__, __reduce__ = copies.shallow, copies.for_pickle
    def __repr__(self):
        label = f", name={self.name!r}" if self.name else ""
        return f"Tensor({np.array2string(self.data, separator=', ', prefix='Tensor(')}{label})"
    def __format__(x, f): return np.array2string(x.data, formatter={"all": lambda v: format(v, f)}) if f else repr(x)
    # fmt: on

    # NumPy asks these three when it meets a Tensor: in array + t or np.exp(t), in np.sum(t), in np.asarray(t).
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if "out" in options:
            raise TypeError("An array cannot take up a Tensor, because the gradient would be lost: write a = a + t.")
        if method != "__call__" or options:
            raise NotImplementedError(f"np.{ufunc.__name__} of a Tensor takes no options and has no .reduce().")
        if {"d->?", "dd->?"} & {*ufunc.types}:  # a comparison, or a question such as np.isnan
            return refusals.values_of(ufunc, *[t.data if isinstance(t, Tensor) else t for t in inputs])
        return _numpy_rule(ufunc)(*inputs)

    def __array_function__(self, function, types, args, options):
        found = None if function.__name__ in _ABSENT else getattr(Tensor, function.__name__, None)
        found = found or _numpy_rule(function)
        if unknown := sorted(options.keys() - {"axis", "keepdims", "axes", "shape", "a_min", "a_max"}):
            raise NotImplementedError(f"np.{function.__name__} of a Tensor has no option {', '.join(unknown)}.")
        return (found.fget if isinstance(found, property) else found)(*args, **options)

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "A Tensor does not turn into an array or a plain number by itself, because its gradient would be lost. "
            "Compute with t.exp() or np.exp(t), not math.exp(t). The values alone are t.data, one is float(t.data)."
        )

    __float__ = __int__ = __complex__ = __index__ = __round__ = __trunc__ = item = tolist = __array__


def graph(root):
    """All the Tensors that `root` was computed from, itself included, every node after its parents.

    No recursion, so the depth of the graph does not matter; each node is met once, however many paths lead to it.

    Raises:
        TypeError: for a root that is no Tensor.
    """
    if not isinstance(root, Tensor):
        raise TypeError(f"A graph ends in a Tensor; this is of type {type(root).__name__}.")
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

    Inputs arrive as arrays (or as the numbers they were given as), and are not to be changed. A rule need not care
    about broadcasting: where an input was stretched, `backward` sums the gradient back to its shape. Inputs without a
    vjp are settings, such as an axis. Called on Tensors an Op returns a Tensor; on arrays and numbers it just computes.

        square = Op("square", lambda x: x * x, lambda g, z, x: g * 2 * x)
    """

    __slots__ = ("forward", "name", "vjps")

    def __init__(self, name, forward, *vjps):
        self.name, (self.forward, self.vjps) = name, functions(name, forward, vjps)

    def __call__(self, *inputs):
        parents, args, rules, is_graph = [], [], len(self.vjps), False
        for t in inputs:
            if isinstance(t, Tensor):
                is_graph = True
                parents.append(t)
                args.append(t.data)
            else:
                parents.append(None)
                args.append(constant(t) if len(args) < rules else setting(t))
        if len(args) > rules and len(args) > getattr(self.forward, "nin", len(args)):  # a ufunc would write there
            raise TypeError(f"The op '{self.name}' takes no more than {self.forward.nin} inputs; got {len(args)}.")
        try:
            z = self.forward(*args)
        except (AttributeError, IndexError, OverflowError, TypeError, ValueError) as error:
            raise refusals.in_words(error, self.name, args, rules) from error.__cause__
        return _node(arguments.value(z, self.name), self, tuple(parents), tuple(args)) if is_graph else z

    def __repr__(self):
        return f"Op({self.name!r})"


def _node(z, op, parents, args):
    """The Tensor that an op gives: `Tensor(z)`, with nothing to look at and a past."""
    t = _new(Tensor)
    t.data = z if type(z) is _ndarray else np.asarray(z)  # NumPy gives a number, not an array, for a 0-d result
    t.op, t.parents, t.args = op, parents, args
    t._valid, t.born = _VALID, _next_number()
    t.name = t._grad = None
    return t


def _compared(value, how=None):  # anything may be asked whether it is equal; only numbers are larger or smaller
    return value.data if isinstance(value, Tensor) else value if how in (operator.eq, operator.ne) else constant(value)


def _numpy_rule(function):
    if (name := function.__name__) not in RULES:
        raise refusals.no_rule(name, RULES)
    return RULES[name]


def _unbroadcast(gradient, like, op):
    """The gradient for an input that broadcasting stretched: each copy of a number had an effect, and effects add."""
    gradient, shape = arguments.share(gradient, op.name), like.shape
    if gradient.ndim > len(shape):  # axes that were put in front
        gradient = gradient.sum(tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(i for i, (n, m) in enumerate(zip(shape, gradient.shape, strict=False)) if n == 1 != m)
    gradient = gradient.sum(repeated, keepdims=True)  # axes of length 1
    if gradient.shape != shape:
        raise ValueError(f"The rule of op '{op.name}' gives shape {gradient.shape} to an input of shape {shape}.")
    return fitting(gradient, like.dtype)


# The table. g is the upstream gradient, z the op's output, x and y (or w, a, b) its inputs; `rules` has what takes more
# than a line. Ops that NumPy has are called as NumPy calls them; only where() has its condition c at the end, as a
# setting. At a kink: relu'(0) = |0|' = 0, a tie of two inputs goes to the first, one within an array is shared equally.
# fmt: off
RULES = {op.name: op for op in [
    # name          forward             gradient for the first input                  for the second input
    Op("add",       np.add,             lambda g, z, x, y: g,                         lambda g, z, x, y: g),
    Op("subtract",  np.subtract,        lambda g, z, x, y: g,                         lambda g, z, x, y: -g),
    Op("multiply",  np.multiply,        lambda g, z, x, y: g * y,                     lambda g, z, x, y: g * x),
    Op("divide",    np.divide,          lambda g, z, x, y: g / y,                     lambda g, z, x, y: -g * z / y),
    Op("power",     pow,                rules.power_base,                             rules.power_exponent),
    Op("maximum",   np.maximum,         lambda g, z, x, y: rules.route(g, z, x >= y),
                                                                     lambda g, z, x, y: rules.route(g, z, x < y)),
    Op("minimum",   np.minimum,         lambda g, z, x, y: rules.route(g, z, x <= y),
                                                                     lambda g, z, x, y: rules.route(g, z, x > y)),
    Op("matmul",    rules.matmul,       rules.matmul_left,                            rules.matmul_right),
    Op("where",     rules.where,        lambda g, z, x, y, c: np.where(c, g, 0),
                                                                     lambda g, z, x, y, c: np.where(c, 0, g)),
    Op("negative",  np.negative,        lambda g, z, x: -g),
    Op("absolute",  np.absolute,        lambda g, z, x: g * np.sign(x)),
    Op("exp",       np.exp,             lambda g, z, x: g * z),
    Op("log",       np.log,             lambda g, z, x: g / x),
    Op("log1p",     np.log1p,           lambda g, z, x: g / (1 + x)),
    Op("sqrt",      np.sqrt,            lambda g, z, x: g / (2 * z)),
    Op("sin",       np.sin,             lambda g, z, x: g * np.cos(x)),
    Op("cos",       np.cos,             lambda g, z, x: -g * np.sin(x)),
    Op("tanh",      np.tanh,            lambda g, z, x: g * (1 - z * z)),
    Op("sigmoid",   rules.sigmoid,      lambda g, z, x: g * (z * (1 - z))),
    Op("softplus",  rules.softplus,     lambda g, z, x: g * rules.sigmoid(x)),
    Op("relu",      lambda x: np.maximum(x, 0),              lambda g, z, x: g * np.sign(z.real)),
    Op("sum",       lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),  rules.spread),
    Op("mean",      lambda x, axis, keepdims: x.mean(axis=axis, keepdims=keepdims), rules.spread_evenly),
    Op("max",       lambda x, axis, keepdims: x.max(axis=axis, keepdims=keepdims),  rules.to_extremes),
    Op("min",       lambda x, axis, keepdims: x.min(axis=axis, keepdims=keepdims),  rules.to_extremes),
    Op("reshape",   np.reshape,         lambda g, z, x, shape: g.reshape(x.shape)),
    Op("transpose", np.transpose,       rules.untranspose),
    Op("getitem",   lambda x, i: x[i],  rules.scatter),
    #  w @ a + b as one node, because every layer needs it; its three inputs in turn
    Op("linear",    rules.linear,       lambda g, z, w, a, b: np.dot(g, a.T),
                                        lambda g, z, w, a, b: np.dot(w.T, g),
                                        lambda g, z, w, a, b: rules.sum_of_columns(g)),
]}

(add, subtract, multiply, divide, power, maximum, minimum, matmul, where, negative, absolute, exp, log, log1p, sqrt,
 sin, cos, tanh, sigmoid, softplus, relu, sum_, mean, max_, min_, reshape, transpose, getitem, linear) = RULES.values()
# fmt: on


def _operators(op):
    """The methods for `x op y` and for `y op x`; op(x, y) is spelled out, so that small computations are fast."""
    forward = op.forward

    def method(x, y):
        if isinstance(y, Tensor):
            parent, other = y, y.data
        else:
            parent, other = None, y if type(y) in PLAIN else constant(y)
        try:
            return _node(forward(x.data, other), op, (x, parent), (x.data, other))
        except (OverflowError, TypeError, ValueError) as error:
            raise refusals.in_words(error, op.name, (x.data, other), 2) from error.__cause__

    return method, lambda x, y: op(y, x)


Tensor.__add__, Tensor.__radd__ = _operators(add)
Tensor.__sub__, Tensor.__rsub__ = _operators(subtract)
Tensor.__mul__, Tensor.__rmul__ = _operators(multiply)
Tensor.__truediv__, Tensor.__rtruediv__ = _operators(divide)
Tensor.__pow__, Tensor.__rpow__ = _operators(power)
Tensor.__matmul__, Tensor.__rmatmul__ = _operators(matmul)
Tensor.maximum, Tensor.minimum = _operators(maximum)[0], _operators(minimum)[0]
Tensor.__pos__, Tensor.__neg__, Tensor.__abs__ = (lambda x: x), (lambda x: negative(x)), (lambda x: absolute(x))
for _op in (exp, log, log1p, sqrt, sin, cos, tanh, sigmoid, softplus, relu):
    setattr(Tensor, _op.name, lambda x, *, op=_op: op(x))
for _is in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
    setattr(Tensor, f"__{_is.__name__}__", lambda x, y, f=_is: refusals.values_of(f, x.data, _compared(y, f)))
for _name, _refuse in refusals.OPERATORS.items():
    setattr(Tensor, _name, _refuse)
_ABSENT = {name for name in [*dir(_ndarray), *refusals.INSTEAD] if name[0] != "_"} - {*dir(Tensor)}
for _name in _ABSENT:  # names that readers expect; a __getattr__ would make every node a seventh slower
    setattr(Tensor, _name, absent(f"A Tensor has no .{_name}. There are: {refusals.what_there_is(_name, RULES)}"))
