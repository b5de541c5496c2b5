"""A fully connected network and the four equations of backpropagation, named as the text names them.

Layers are numbered 1..L; the input is layer 0. One column is one example:

    w[l]  (n_l, n_{l-1})    b[l]  (n_l, 1)    Z[l] = w[l] @ A[l-1] + b[l]    A[l] = sigma(Z[l])    both (n_l, m)

The lists w, b, Z, ... have L + 1 entries, so that w[1] is the text's w^1; where layer 0 has nothing, the entry is None.
The cost C is the mean over the m examples of C_x; delta[l] = dC_x/dz[l] holds one column per example.
The equations are those of Nielsen, Neural Networks and Deep Learning, chapter 2, for a mini-batch at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.arguments import arrays, floats, generator, layer_sizes, numbers, one_function, real_number
from course_lib.autodiff import RULES, Op, Tensor, linear, sigmoid, softplus
from course_lib.rules import sum_of_columns, weighted_sums


@dataclass(frozen=True)
class Activation:
    """sigma, applied to each number of z by itself, and its derivative sigma'(z).

    `prime(z, a)` also gets a = sigma(z), because some derivatives are quickest from there: sigma' = a (1 - a).

    Raises:
        TypeError: for a function or a prime that is none.
    """

    name: str
    function: Callable
    prime: Callable

    def __post_init__(self):
        for part in (self.function, self.prime):
            one_function(part, f"Each part of the activation {self.name!r}")

    def __call__(self, z):
        return self.function(z if isinstance(z, Tensor) else floats(z, "z"))

    def __reduce__(self):
        return _for_pickle(self, _activation, ACTIVATIONS)


def softmax(z):
    """exp(z) / sum(exp(z)) down every column of z (n, m). Subtracting the largest first only prevents overflow.

    Raises:
        TypeError: for what holds no numbers.
        ValueError: if there is no number in a column.
    """
    z = floats(z, "z")
    if z.ndim == 0 or len(z) == 0:
        raise ValueError(f"softmax takes columns of numbers, shape (n, m); got shape {z.shape}.")
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def _log_softmax(z):
    """The logarithm of softmax(z), finite also where softmax(z) is so small that it is 0."""
    z = z - z.max(axis=0)
    return z - np.log(np.exp(z).sum(axis=0))


def _no_prime(z, a):
    raise ValueError(
        "softmax mixes the outputs of a column, so it has no sigma'(z): use it on the output layer, with "
        "cost='softmax cross-entropy', where delta[L] = a - y."
    )


# fmt: off
ACTIVATIONS = {sigma.name: sigma for sigma in [
    Activation("sigmoid",  sigmoid.forward,            lambda z, a: a * (1 - a)),
    Activation("tanh",     np.tanh,                    lambda z, a: 1 - a * a),
    Activation("relu",     lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(z.dtype)),
    Activation("identity", lambda z: z,                lambda z, a: np.ones_like(z)),
    Activation("softmax",  softmax,                    _no_prime),
]}
# fmt: on


@dataclass(frozen=True)
class Cost:
    """A cost that is a mean over examples of a function of the outputs: what backpropagation asks of one.

    total(a, y)    the sum of C_x over the columns of a and y
    nabla_a(a, y)  dC_x/da, shape of a
    partner        the name in ACTIVATIONS of the output activation with which delta[L] = nabla_a * sigma'(z) is just
                   a - y, if there is one; with softmax, only if every column of y sums to 1, which is not checked
    from_z(z, y)   beside the partner, if given: total from z[L], as an a near 0 or 1 has lost digits that ln a needs

    Called, it is C: the mean of C_x over the columns of a and y, both (n, m).

    Raises:
        TypeError: for a total or a nabla_a that is no function; when called, for an a or a y that holds no numbers.
        ValueError: when called, for shapes that differ, or for no column, as there is no mean then.
    """

    name: str
    total: Callable
    nabla_a: Callable
    partner: str | None = None
    from_z: Callable | None = None

    def __post_init__(self):
        for part in (self.total, self.nabla_a):
            one_function(part, f"Each part of the cost {self.name!r}")

    def __call__(self, a, y):
        a, y = floats(a, "a"), floats(y, "y")
        if a.shape != y.shape or a.ndim != 2 or not a.shape[1]:
            raise ValueError(
                f"A cost compares outputs a with targets y, both of shape (n, m), one column an example; got shapes "
                f"{a.shape} and {y.shape}."
            )
        return self.total(a, y) / y.shape[1]

    def __reduce__(self):
        return _for_pickle(self, _cost, COSTS)

    def is_partner(self, sigma):
        """Whether sigma is the partner itself, or a copy of it, and not another activation of that name."""
        return ACTIVATIONS.get(self.partner) == sigma


def _above_zero(a):
    # so that ln is finite, -36.7 at the least (-16.6 in float32); floats near 1 are no finer than this
    return np.maximum(a, np.finfo(a.dtype).eps / 2)


def _sum_of_squares(d):
    d = d.ravel()
    return np.dot(d, d)  # not vdot, through which a complex step would not come


# fmt: off
COSTS = {cost.name: cost for cost in [
    Cost("quadratic",
         lambda a, y: _sum_of_squares(a - y) / 2,
         lambda a, y: a - y),
    Cost("cross-entropy",
         lambda a, y: -(y * np.log(_above_zero(a)) + (1 - y) * np.log(_above_zero(1 - a))).sum(),
         lambda a, y: (a - y) / _above_zero(a * (1 - a)),
         "sigmoid",
         lambda z, y: (y * softplus(-z) + (1 - y) * softplus(z)).sum()),       # softplus(-z) = -ln a
    Cost("softmax cross-entropy",
         lambda a, y: -(y * np.log(_above_zero(a))).sum(),
         lambda a, y: -(y / _above_zero(a)),       # -y of bytes would wrap around
         "softmax",
         lambda z, y: -(y * _log_softmax(z)).sum()),
]}
# fmt: on

# Standard deviation of a new weight. "normal": the naive one. "xavier": Glorot & Bengio 2010. "he": He et al. 2015.
# fmt: off
INITS = {
    "normal": lambda n_in, n_out: 1.0,
    "scaled": lambda n_in, n_out: np.sqrt(1 / n_in),
    "xavier": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),
    "he":     lambda n_in, n_out: np.sqrt(2 / n_in),
}
# fmt: on


def _in_turn(w, b):
    """[w1, b1, w2, b2, ...] of two lists with an entry for layer 0, which is left out."""
    both = [None] * (2 * len(w) - 2)
    both[0::2], both[1::2] = w[1:], b[1:]
    return both


class Gradient(NamedTuple):
    """What backprop finds: dC/dw[l] and dC/db[l], and the error signal delta[l] on the way to them."""

    dw: list
    db: list
    delta: list

    def as_list(self):
        """[dw1, db1, dw2, db2, ...], in the order of `Network.parameters`."""
        return _in_turn(self.dw, self.db)


class Network:
    """A network with layers of the given sizes, input first: Network([64, 30, 10]).

    activation  of the hidden layers: "sigmoid", "tanh", "relu", "identity" or an Activation
    cost        "quadratic" (with its 1/2), "cross-entropy", "softmax cross-entropy" or a Cost; softmax cross-entropy
                is for Y with columns that sum to 1, such as one-hot ones
    output      activation of the last layer; by default the cost's partner if it has one, else `activation`
    init        "scaled" (default), "normal", "xavier" or "he"; biases start at 0
    seed        a whole number or a numpy Generator; the same seed gives the same weights

    Raises:
        ValueError: for unknown names and for sizes that are not at least two whole numbers above 0.
    """

    def __init__(self, sizes, activation="sigmoid", cost="quadratic", output=None, init="scaled", seed=0):
        self.sizes, self.L = layer_sizes(sizes), len(sizes) - 1
        self.cost_function = _named(cost, COSTS, Cost, "cost")
        output = (self.cost_function.partner or activation) if output is None else output
        hidden = _named(activation, ACTIVATIONS, Activation, "activation")
        self.sigma = [None] + [hidden] * (self.L - 1) + [_named(output, ACTIVATIONS, Activation, "activation")]
        self._check_softmax()
        spread, rng = _named(init, INITS, Callable, "init"), generator(seed)
        layers = list(pairwise(self.sizes))
        self.shapes = [None] + [((n_out, n_in), (n_out, 1)) for n_in, n_out in layers]  # of w[l] and b[l]
        self.w = [None] + [rng.normal(0, spread(n_in, n_out), (n_out, n_in)) for n_in, n_out in layers]
        self.b = [None] + [np.zeros((n_out, 1)) for _, n_out in layers]

    @property
    def parameters(self):
        """[w1, b1, w2, b2, ...]: the arrays themselves, so that changing one in place changes the network.

        Raises:
            ValueError: if w or b was set to something else than such lists.
        """
        try:
            return _in_turn(self.w, self.b)
        except (KeyError, TypeError, ValueError):
            raise _no_lists(self) from None

    def with_parameters(self, parameters):
        """The same network on other parameters, a list such as `parameters` gives. They are used, not copied.

        Raises:
            ValueError: if there are more or fewer; their shapes are checked when they are used.
        """
        parameters = [floats(p, f"Parameter {i}") for i, p in enumerate(self._checked(parameters))]
        other = object.__new__(Network)
        other.__dict__.update(self.__dict__)
        other.w, other.b = [None, *parameters[0::2]], [None, *parameters[1::2]]
        return other

    def feedforward(self, X):
        """The lists Z and A of all layers for the examples in X, shape (n_0, m). A[0] is X, A[L] the output.

        Raises:
            ValueError: with the layer and both shapes, if something does not fit.
        """
        Z, A = [None], [self._columns("X", X, 0)]
        for l in range(1, self.L + 1):
            w, b = self._layer(l)
            Z.append(weighted_sums(w, A[l - 1], b))  # w @ A + b
            A.append(self.sigma[l].function(Z[l]))
        return Z, A

    def backprop(self, X, Y, upstream=1.0):
        """The gradient of the cost for a whole mini-batch: X (n_0, m), Y (n_L, m). Returns a `Gradient`.

        Four equations and no loop over examples: the m columns travel together. With softmax cross-entropy every column
        of Y has to sum to 1, as a one-hot column does; this is not checked.

        `upstream` multiplies every dw and db, as the seed of `Tensor.backward` does. A learning rate given here costs
        nothing, because it is multiplied in where the array is smallest: what comes out is subtracted as it is.

        Raises:
            ValueError: with the layer and both shapes, if something does not fit; for an upstream that is not above 0.
        """
        Z, A = self.feedforward(X)
        Y = self._columns("Y", Y, self.L, beside=A[0])
        L, m = self.L, Y.shape[1]
        if A[L].shape != Y.shape:
            raise ValueError(
                f"A[{L}] has shape {A[L].shape}, Y {Y.shape}: does an activation change the shape of its z?"
            )
        divisor = m / real_number(upstream, "upstream")
        dw, db, delta = [None] * (L + 1), [None] * (L + 1), [None] * (L + 1)
        delta[L] = self.output_delta(Z[L], A[L], Y)  # BP1
        for l in range(L, 0, -1):
            if l < L:
                delta[l] = np.dot(np.asarray(self.w[l + 1]).T, delta[l + 1]) * self.sigma[l].prime(Z[l], A[l])  # BP2
            share = delta[l] / divisor  # the 1/m of the mean, and upstream, where the array is smallest
            db[l] = sum_of_columns(share)  # BP3
            dw[l] = np.dot(share, A[l - 1].T)  # BP4
        return Gradient(dw, db, delta)

    def output_delta(self, z, a, y):
        """BP1: delta[L] = nabla_a C * sigma'(z[L]), which is a - y where cost and activation are partners."""
        if self.cost_function.is_partner(self.sigma[self.L]):
            return a - y
        return self.cost_function.nabla_a(a, y) * self.sigma[self.L].prime(z, a)

    def cost(self, X, Y):
        """C, the mean cost over the columns of X (n_0, m), Y (n_L, m)."""
        Z, A = self.feedforward(X)
        Y = self._columns("Y", Y, self.L, beside=A[0])
        if self.cost_function.is_partner(self.sigma[self.L]) and self.cost_function.from_z:
            return self.cost_function.from_z(Z[-1], Y) / Y.shape[1]
        return self.cost_function(A[-1], Y)

    def predict(self, X):
        """The number of the largest output for every column: shape (m,).

        Raises:
            ValueError: if an output is nan, so that none is the largest.
        """
        outputs = self.feedforward(X)[1][-1]
        undefined = np.isnan(outputs).any(axis=0)
        if undefined.any():
            raise ValueError(
                f"Column {undefined.argmax()} of the outputs holds nan, so none is the largest. Look for nan, inf and "
                "very large numbers in X and in the network's parameters."
            )
        return outputs.argmax(axis=0)

    def accuracy(self, X, labels):
        """The share of columns of X whose largest output has the number in `labels`, shape (m,); nan is never right.

        Raises:
            ValueError: with both shapes, if `labels` is not of that shape.
        """
        labels, outputs = numbers(labels, "labels"), self.feedforward(X)[1][-1]
        predicted = np.where(np.isnan(outputs).any(axis=0), np.nan, outputs.argmax(axis=0))
        if np.shape(labels) != predicted.shape:
            raise ValueError(
                f"labels has shape {np.shape(labels)}, but X of shape {np.shape(X)} needs one label a "
                f"column, shape {predicted.shape}. For one-hot Y that is Y.argmax(axis=0)."
            )
        if not predicted.size:
            raise ValueError(f"There is no example, so no share of them is right: X has shape {np.shape(X)}.")
        return float(np.mean(predicted == labels))

    def tensors(self):
        """The parameters as Tensors named w1, b1, ...; they use the network's own arrays."""
        return [Tensor(array, name=f"{'wb'[i % 2]}{i // 2 + 1}") for i, array in enumerate(self.parameters)]

    def cost_tensor(self, tensors, X, Y):
        """The same cost as a computation graph on `tensors`, ready for backward(): the engine finds the derivatives.

        X may be a Tensor too, if the gradient for the inputs is wanted.

        Raises:
            ValueError: with the layer and both shapes, if something does not fit.
        """
        tensors = self._checked(tensors)
        a = self._columns("X", X, 0, may_be_tensor=True)
        Y = self._columns("Y", Y, self.L, beside=a)
        for l in range(1, self.L + 1):
            w, b = tensors[2 * l - 2], tensors[2 * l - 1]
            if type(w) is not Tensor or type(b) is not Tensor:  # an array stays as it is: a constant
                w, b = (t if isinstance(t, Tensor) else floats(t, f"A parameter of layer {l}") for t in (w, b))
            if (w.shape, b.shape) != self.shapes[l]:
                raise self._misfit(l, w, b)
            z = linear(w, a, b)
            if l < self.L:
                a = _tensor_activation(self.sigma[l])(z)
        return _tensor_cost(self.cost_function, self.sigma[self.L])(z, Y)

    def _columns(self, name, array, l, beside=None, may_be_tensor=False):
        """`array` as an array, if it has one column an example and fits layer l; else an error with the way out."""
        is_tensor, n = may_be_tensor and isinstance(array, Tensor), self.sizes[l]
        array = array if is_tensor else floats(array, name)
        if array.ndim == 1:
            raise ValueError(
                f"{name} has shape {array.shape}, but layer {l} takes shape ({n}, m): one column is one "
                f"example. For a single example use {name}.reshape(-1, 1)."
            )
        if array.ndim != 2 or len(array) != n:
            raise ValueError(
                f"{name} has shape {array.shape}, but layer {l} has {n} neurons and takes shape ({n}, m), "
                "one column an example."
            )
        if beside is not None and array.shape[1] != beside.shape[1]:
            raise ValueError(
                f"Y has shape {array.shape} beside X of shape {beside.shape}: layer {l} needs one column "
                "of Y for each column of X."
            )
        if beside is not None and not array.shape[1]:
            raise ValueError(f"There is no example, so there is no mean: Y has shape {array.shape}, no column.")
        return array

    def _layer(self, l):
        """w[l] and b[l], if they fit: they may have been set by hand."""
        try:
            w, b = self.w[l], self.b[l]
        except (IndexError, KeyError, TypeError):
            raise _no_lists(self) from None
        if type(w) is not np.ndarray or type(b) is not np.ndarray or w.dtype.kind != "f":
            w, b = floats(w, "w[l] of a network"), floats(b, "b[l] of a network")
        if (w.shape, b.shape) != self.shapes[l]:
            raise self._misfit(l, w, b)
        return w, b

    def _checked(self, parameters):
        parameters = arrays(parameters, "Parameters")
        if len(parameters) != 2 * self.L:
            raise ValueError(
                f"A network with layers 1 to {self.L} has {2 * self.L} parameters, w and b of each layer "
                f"in turn; got {len(parameters)}."
            )
        return parameters

    def _misfit(self, l, w, b):
        w_shape, b_shape = self.shapes[l]
        return ValueError(
            f"Layer {l} has {self.sizes[l]} neurons and layer {l - 1} has {self.sizes[l - 1]}, so w[{l}] "
            f"has shape {w_shape} and b[{l}] {b_shape}; got {w.shape} and {b.shape}."
        )

    def _check_softmax(self):
        mixes = [sigma == ACTIVATIONS["softmax"] for sigma in self.sigma[1:]]
        if any(mixes[:-1]) or (mixes[-1] and not self.cost_function.is_partner(self.sigma[-1])):
            _no_prime(None, None)

    def __repr__(self):
        names = [sigma.name for sigma in self.sigma[1:]]
        return f"Network({self.sizes}, {' → '.join(names)}, cost={self.cost_function.name!r})"


def gradients_by_wiggling(w, b, x, y, nabla_a):
    """The lists dw, db for one example and sigmoid layers, without backpropagation: one forward pass a parameter.

    w, b: lists of arrays, None in place 0. x (n_0, 1), y (n_L, 1). nabla_a(a, y): the gradient of the cost by the
    outputs. The step is imaginary, so nothing is subtracted and no digit is lost (Squire and Trapp, SIAM Review 1998).

    Raises:
        TypeError: for an x or a y that holds no numbers.
        ValueError: for other shapes, such as that of several examples.
    """
    x, y = floats(x, "x"), floats(y, "y")
    if (x.shape, y.shape) != ((w[1].shape[1], 1), b[-1].shape):
        raise ValueError(
            f"This takes one example, x of shape ({w[1].shape[1]}, 1) and y of shape {b[-1].shape}; "
            f"got shapes {x.shape} and {y.shape}."
        )
    step = 1e-30
    parameters = [np.asarray(each, complex) for each in (*w[1:], *b[1:])]
    layers = len(parameters) // 2

    def outputs():
        a = x
        for one_w, one_b in zip(parameters[:layers], parameters[layers:], strict=True):
            a = (1 + np.tanh((one_w @ a + one_b) / 2)) / 2  # the sigmoid, for complex numbers too
        return a

    slope = nabla_a(outputs().real, y)
    gradients = [np.zeros(each.shape) for each in parameters]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        for place in np.ndindex(parameter.shape):
            parameter[place] += step * 1j
            gradient[place] = (slope * outputs().imag).sum() / step
            parameter[place] -= step * 1j
    return [None, *gradients[:layers]], [None, *gradients[layers:]]


def _no_lists(network):
    return ValueError(
        f"w and b of this network are lists of {network.L + 1} items: None in place 0, so that w[1] belongs to layer "
        "1, and then one array a layer. They were set to something else."
    )


def _for_pickle(part, by_name, table):
    """How pickle makes an Activation or a Cost again: one of the table by its name, another one from its functions."""
    if table.get(part.name) == part:
        return by_name, (part.name,)
    return type(part), tuple(vars(part).values())


def _activation(name):
    return ACTIVATIONS[name]


def _cost(name):
    return COSTS[name]


def _named(value, table, kind, noun):
    if isinstance(value, kind):
        return value
    if not isinstance(value, str) or value not in table:
        raise ValueError(f"There is no {noun} {value!r}; choose one of {', '.join(map(repr, table))}.")
    return table[value]


@lru_cache
def _tensor_activation(sigma):
    if sigma == ACTIVATIONS["identity"]:
        return lambda z: z
    if sigma.name in RULES and sigma == ACTIVATIONS.get(sigma.name):
        return RULES[sigma.name]
    name = f"own {sigma.name}" if sigma.name in RULES else sigma.name  # RULES has another function of that name
    return Op(name, sigma.function, lambda g, a, z: g * sigma.prime(z, a))


@lru_cache
def _tensor_cost(cost, sigma):
    """The cost as a function of z[L], made of Tensor ops; with its partner it is one op, exact where a is 0 or 1."""
    if cost.is_partner(sigma):
        total = cost.from_z or (lambda z, y: cost.total(sigma(z), y))
        return Op(
            f"{sigma.name} and {cost.name}",
            lambda z, y: total(z, y) / y.shape[1],
            lambda g, _, z, y: g * (sigma(z) - y) / y.shape[1],
        )
    op = Op(
        cost.name,
        lambda a, y: cost.total(a, y) / y.shape[1],
        lambda g, _, a, y: g * cost.nabla_a(a, y) / y.shape[1],
    )
    return lambda z, y: op(_tensor_activation(sigma)(z), y)
