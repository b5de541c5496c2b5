"""Learning: mini-batches, the steps that use a gradient, and the loop around them.

Iteration: one update from one mini-batch. Epoch: one pass over all examples. One column is one example.
An optimizer changes parameters in place: `optimizer.step(parameters, gradients)`, two lists of arrays of equal shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from course_lib.arguments import MANY, arrays, floats, generator, numbers, real_number, whole_number


def minibatches(X: np.ndarray, Y: np.ndarray, size: int, rng: np.random.Generator) -> Iterator[tuple]:
    """Yield (X[:, some], Y[:, some]) with `size` columns each, in random order, every example exactly once.

    X (n_0, N) and Y (n_L, N) stay paired and are not changed. The last mini-batch is smaller if size does not divide N.
    The order depends on `rng` only.

    Raises:
        ValueError: if X and Y differ in columns, or size is no whole number above 0.
        TypeError: if rng is no Generator; a whole number would give the same order in every epoch.
    """
    X, Y = numbers(X, "X"), numbers(Y, "Y")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is np.random.default_rng(seed), made once for all epochs; got {rng!r}.")
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError(f"X and Y need one column an example, as many in both; got {X.shape} and {Y.shape}.")
    return _batches(X, Y, whole_number(size, "size"), rng)


def _batches(X, Y, size, rng):
    order = rng.permutation(X.shape[1])
    for start in range(0, len(order), size):
        some = order[start : start + size]
        yield X.T[some].T, Y.T[some].T  # rows of X.T: an example's numbers are copied in one piece


def iterations_per_epoch(examples: int, size: int) -> int:
    """How many mini-batches one epoch has, the smaller last one included.

    Raises:
        ValueError: if size is below 1.
    """
    return -(-whole_number(examples, "examples", 0) // whole_number(size, "size"))


_ARRAY, _FLOAT = np.ndarray, np.dtype(float)


def _pairs(parameters, gradients):
    """The two lists as one of pairs; all is looked at before anything is changed.

    Raises:
        ValueError: if they differ in length or in a shape, a gradient is None, or a parameter is there twice.
        TypeError: if a parameter cannot be changed in place by a little.
    """
    parameters, gradients = arrays(parameters, "Parameters"), arrays(gradients, "Gradients")
    if len(parameters) != len(gradients):
        counts = f"{len(parameters)} of parameters and {len(gradients)} of gradients"
        raise ValueError(f"One list is shorter than the other: {counts}; each parameter needs its gradient.")
    known, is_borrowed = set(map(id, parameters)), False
    for number, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
        is_plain = type(p) is type(g) is _ARRAY and p.dtype is g.dtype is _FLOAT and g.base is None
        if is_plain and p.shape == g.shape and p.flags.writeable:
            continue  # as nearly always
        if not isinstance(p, np.ndarray) or p.dtype.kind not in "fc":
            raise TypeError(f"Parameter {number} is changed in place, so it is an array of floats; got {p!r:.60}.")
        if not p.flags.writeable or (type(p) is not np.ndarray and isinstance(p, np.ma.MaskedArray)):
            kind = "masked" if p.flags.writeable else "read-only"
            raise TypeError(
                f"Parameter {number} is changed in place, but it is a {kind} array: make a plain one, a copy."
            )
        if g is None:
            raise ValueError(
                f"Gradient {number} is None: there was no backward(), or the last one did not reach this parameter. "
                "Use a cost that depends on it, or leave it out of the step."
            )
        if type(g) is not np.ndarray or g.dtype == object:
            gradients[number] = g = numbers(g, f"Gradient {number}")
        if g.shape != p.shape:
            raise ValueError(f"Gradient {number} has shape {g.shape}, but its parameter has shape {p.shape}.")
        if g.dtype is not p.dtype and g.dtype.kind == "c" and p.dtype.kind != "c":
            raise TypeError(f"Gradient {number} is complex, but its parameter is real: is .real missing?")
        is_borrowed = is_borrowed or id(g.base) in known
    if len(known) < len(parameters):
        raise ValueError("A parameter is in the list twice: name it once, with the sum of its gradients.")
    if is_borrowed or not known.isdisjoint(map(id, gradients)):
        gradients = [np.array(g) for g in gradients]  # of w1 w2 they are w2 and w1, and w1 changes first
    return list(zip(parameters, gradients, strict=True))


class SGD:
    """p <- p - rate * g.

    Raises:
        ValueError: for a negative rate, and what all optimizers raise (see `_pairs`).
    """

    def __init__(self, rate: float):
        self.rate = real_number(rate, "rate", with_low=True)

    def step(self, parameters, gradients):
        for p, g in _pairs(parameters, gradients):
            p -= self.rate * g


def _moments(kept, parameters):
    """What an optimizer has kept since its last step: one array a parameter. Zeros before the first step."""
    if kept is None:
        return [np.zeros(p.shape, np.result_type(p, np.float32)) for p in parameters]  # half precision is too coarse
    ours, theirs = [v.shape for v in kept], [p.shape for p in parameters]
    if ours != theirs:
        raise ValueError(
            f"This optimizer has moments for shapes {ours}, but the parameters have shapes {theirs}; "
            "make a new one for another network."
        )
    return kept


class Momentum:
    """v <- beta * v - rate * g;  p <- p + v. A ball that keeps some of its speed (Polyak 1964).

    v is kept between calls, so make a new optimizer for each network.

    Raises:
        ValueError: for other shapes than before.
    """

    def __init__(self, rate: float, beta: float = 0.9):
        self.rate, self.v = real_number(rate, "rate", with_low=True), None
        self.beta = real_number(beta, "beta", below=1.0, with_low=True)

    def step(self, parameters, gradients):
        pairs = _pairs(parameters, gradients)
        self.v = _moments(self.v, [p for p, _ in pairs])
        for (p, g), v in zip(pairs, self.v, strict=True):
            v *= self.beta
            v -= self.rate * g
            p += v


class Adam:
    """Steps of about `rate`, whatever the size of the gradient (Kingma & Ba 2015, algorithm 1).

    m and s are running means of g and of g^2. They start at 0, so they are too small at first by the factor
    1 - beta^t, which is divided out; t counts from 1. All three are kept between calls, so make a new optimizer for
    each network.

    Raises:
        ValueError: for other shapes than before.
    """

    def __init__(self, rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8):
        self.rate, self.eps = real_number(rate, "rate", with_low=True), real_number(eps, "eps", with_low=True)
        self.beta1 = real_number(beta1, "beta1", below=1.0, with_low=True)
        self.beta2 = real_number(beta2, "beta2", below=1.0, with_low=True)
        self.m, self.s, self.t = None, None, 0

    def step(self, parameters, gradients):
        pairs = _pairs(parameters, gradients)
        parameters = [p for p, _ in pairs]
        self.m = _moments(self.m, parameters)
        self.s = self.s or _moments(None, parameters)  # of the same shapes as m
        self.t += 1
        for (p, g), m, s in zip(pairs, self.m, self.s, strict=True):
            g = np.asarray(g, m.dtype)  # squares of small whole numbers would wrap around, in half precision be 0
            m += (1 - self.beta1) * (g - m)
            s += (1 - self.beta2) * (g * g - s)
            m_hat = m / (1 - self.beta1**self.t)
            s_hat = s / (1 - self.beta2**self.t)
            p -= self.rate * m_hat / (np.sqrt(s_hat) + self.eps)


@np.errstate(over="ignore")  # where a square is too large for a float, there is a way out
def global_norm(gradients) -> float:
    """The length of all gradients together, as one long vector: inf or nan if a number in them is inf or nan.

    Neither the squares of very large or very small numbers nor whole numbers of few bits spoil it.
    """
    gradients = [_as_float64(g) for g in arrays(gradients, "Gradients")]
    norm = float(np.sqrt(sum(np.vdot(g, g) for g in gradients)))
    if 1e-140 < norm < np.inf:
        return norm
    unit = float(np.max([np.abs(g).max(initial=0) for g in gradients], initial=0))
    if unit == 0 or not np.isfinite(unit):
        return unit
    return unit * float(np.sqrt(sum(np.vdot(g / unit, g / unit) for g in gradients)))  # squares of at most 1


def _as_float64(gradient):
    if gradient is None:
        raise ValueError("A gradient is None: call backward() first, on a cost that depends on its parameter.")
    gradient = floats(gradient, "A gradient")
    if gradient.dtype.kind == "c":  # real and imaginary parts as numbers of their own: no complex product is needed
        return np.ascontiguousarray(gradient, complex).view(float)
    return gradient.astype(float, copy=False)


@np.errstate(invalid="ignore")  # inf / inf is nan, as it says
def clip_by_norm(gradients, largest: float) -> list:
    """The gradients, all shortened by one factor if their global norm is above `largest`: the direction stays.

    An infinite or undefined gradient has no direction to keep: if inf or nan is in it, all that comes back is nan.

    Raises:
        ValueError: if `largest` is not above 0.
    """
    gradients = arrays(gradients, "Gradients")
    largest, norm = real_number(largest, "The largest norm of a gradient", may_be_infinite=True), global_norm(gradients)
    if norm <= largest:
        return list(gradients)
    gradients = [floats(g, "A gradient") for g in gradients]
    if norm == np.inf or any(largest / norm < np.finfo(g.dtype).tiny for g in gradients):  # beyond the floats of one
        unit = max(float(np.abs(g).max(initial=0)) for g in gradients)
        gradients = [g / unit for g in gradients]
        norm = global_norm(gradients)
    return [g * (largest / norm if np.isfinite(norm) else np.nan) for g in gradients]


@dataclass
class History:
    """What happened in training. Entry k of every list is the state after k epochs; entry 0 is before training."""

    cost: list = field(default_factory=list)  # on all training examples
    validation_cost: list = field(default_factory=list)  # empty without validation examples
    validation_accuracy: list = field(default_factory=list)  # empty unless there are several outputs to choose from
    iterations: int = 0
    best_epoch: int = 0  # where the validation (else training) cost was lowest
    best_parameters: list = field(default_factory=list, repr=False)
    stopped: str = ""  # why training ended, as a sentence

    @property
    def epochs(self) -> int:
        """Epochs completed."""
        return max(len(self.cost) - 1, 0)


def train(
    network,
    X,
    Y,
    epochs: int,
    size: int = 10,
    optimizer=None,
    *,
    validation=None,
    clip: float | None = None,
    stop_below: float | None = None,
    patience: int = 1,
    seed=0,
    progress: bool = True,
    after_epoch: Callable[[History], None] | None = None,
) -> History:
    """Train `network` in place on X (n_0, N), Y (n_L, N) and return the `History`.

    network       a `Network`, or anything with parameters, cost(X, Y) and backprop(X, Y).as_list(); for validation
                  with several outputs, accuracy(X, labels) too
    optimizer     SGD(0.5) if None; size is the mini-batch's
    validation    `Examples`, or (X, Y), never trained on: to choose the best epoch by
    clip          the largest global norm of a gradient, see `clip_by_norm`
    stop_below    stop once the cost changes by less than this for `patience` epochs in a row
    seed          a whole number or a numpy Generator: the same seed gives the same training
    after_epoch   called with the History after each epoch, for pictures

    Ends after `epochs`, or sooner: by the stopping rule, when the cost is no longer finite, or by Ctrl-C (the kernel's
    stop button), which is not an error. However it ends, the network holds the parameters of its best epoch.

    Raises:
        ValueError: before anything is changed, if epochs, size or patience is not a whole number above 0, if clip is
            no number above 0 or stop_below none from 0 on, if there is no example, or if a cost is not finite even
            before training.
        TypeError: for a network that cannot be trained, an optimizer without step, validation that is no pair, or an
            after_epoch that is no function.
    """
    for name, number in [("epochs", epochs), ("size", size), ("patience", patience)]:
        whole_number(number, name, most=MANY)
    optimizer = SGD(0.5) if optimizer is None else optimizer
    if isinstance(optimizer, type) or not callable(getattr(optimizer, "step", None)):
        raise TypeError(f"An optimizer has a step(parameters, gradients), as SGD(0.5) has; got {optimizer!r:.60}.")
    if not all(hasattr(network, name) for name in ("parameters", "cost", "backprop")):
        raise TypeError(f"A network to train has parameters, cost and backprop, as Network has; got {network!r:.60}.")
    if after_epoch is not None and not callable(after_epoch):
        raise TypeError(f"after_epoch is a function, which is called with the History; got {after_epoch!r:.60}.")
    clip = None if clip is None else real_number(clip, "clip", may_be_infinite=True)
    stop_below = (
        None if stop_below is None else real_number(stop_below, "stop_below", with_low=True, may_be_infinite=True)
    )
    X, Y = _examples("training", X, Y)
    if validation is not None:
        validation = _validation(validation)
    rng, history, width = generator(seed), History(), 0
    try:
        _record(history, network, X, Y, validation)
        _check_start(history)
        while not history.stopped:
            for x, y in minibatches(X, Y, size, rng):
                with np.errstate(over="ignore", invalid="ignore"):  # a cost that explodes is reported in words
                    gradients = network.backprop(x, y).as_list()
                    optimizer.step(network.parameters, gradients if clip is None else clip_by_norm(gradients, clip))
                history.iterations += 1
            _record(history, network, X, Y, validation)
            history.stopped = _reason_to_stop(history, epochs, stop_below, patience)
            if progress:
                line = _progress_line(history, epochs)
                print(line.ljust(width), end="\n" if history.stopped else "\r", flush=True)  # over the line before
                width = len(line)
            if after_epoch:
                after_epoch(history)
    except KeyboardInterrupt:
        history.stopped = f"Interrupted after {history.epochs} epochs and {history.iterations} iterations."
        if progress:
            print("\n" + history.stopped)
    for p, best in zip(network.parameters, history.best_parameters, strict=False):
        p[...] = best
    return history


def _examples(name, X, Y):
    """X and Y as arrays.

    Raises:
        TypeError: for complex numbers.
        ValueError: if there is no example in X, as its mean cost would be 0 / 0.
    """
    X, Y = numbers(X, f"{name} X"), numbers(Y, f"{name} Y")
    if "c" in (X.dtype.kind, Y.dtype.kind):
        raise TypeError(f"A network learns from real numbers; {name} X is {X.dtype} and Y is {Y.dtype}. Take .real.")
    if X.size == 0:
        raise ValueError(f"There is no {name} example: X has shape {X.shape}, and one column is one example.")
    return X, Y


def _validation(pair):
    try:
        X, Y, *_ = pair  # `Examples` have labels, too
    except (TypeError, ValueError):
        raise TypeError(f"validation is Examples, or a pair (X, Y) of arrays; got {pair!r:.60}.") from None
    return _examples("validation", X, Y)


@np.errstate(over="ignore", invalid="ignore")  # a cost that is not finite is reported in words
def _record(history, network, X, Y, validation):
    """Add the network as it is now to the history. All is computed first; an interrupt while it is adds nothing."""
    cost, validation_cost, accuracy = float(network.cost(X, Y)), None, None
    if validation is not None:
        validation_X, validation_Y = validation
        validation_cost = float(network.cost(validation_X, validation_Y))
        if len(validation_Y) > 1:
            accuracy = network.accuracy(validation_X, validation_Y.argmax(axis=0))
    for values, value in [
        (history.cost, cost),
        (history.validation_cost, validation_cost),
        (history.validation_accuracy, accuracy),
    ]:
        if value is not None:
            values.append(value)
    judged = history.cost if validation is None else history.validation_cost
    if len(judged) == 1 or judged[-1] < judged[history.best_epoch]:
        history.best_epoch, history.best_parameters = len(judged) - 1, [p.copy() for p in network.parameters]


def _check_start(history):
    for name, costs in [("cost", history.cost), ("validation cost", history.validation_cost)]:
        if costs and not np.isfinite(costs[0]):
            raise ValueError(
                f"The {name} is {costs[0]} before training has begun: look for nan, inf and very large "
                "numbers in its X and Y and in the network's parameters."
            )


def _reason_to_stop(history, epochs, stop_below, patience):
    if not np.isfinite(history.cost[-1]):
        return f"The cost is {history.cost[-1]} after epoch {history.epochs}: try a smaller rate, or clip the gradient."
    changes = np.abs(np.diff(history.cost[-patience - 1 :]))
    if stop_below is not None and len(changes) == patience and np.all(changes < stop_below):
        return f"The cost changed by less than {stop_below:g} for {patience} epochs in a row."
    return f"All {epochs} epochs are done." if history.epochs >= epochs else ""


BAR = 12  # characters: the whole line fits a page 700 px wide


def _progress_line(history, epochs):
    done = round(BAR * history.epochs / epochs)
    bar = "█" * done + "░" * (BAR - done)
    line = f"epoch {history.epochs:>{len(str(epochs))}}/{epochs} {bar} cost {_short(history.cost[-1])}"
    if history.validation_cost:
        line += f", validation {_short(history.validation_cost[-1])}"
    if history.validation_accuracy:
        line += f" ({history.validation_accuracy[-1]:.1%} right)"
    return line


def _short(cost):
    return f"{cost:.4f}" if abs(cost) < 1e6 else f"{cost:.4g}"  # a cost that explodes can have 300 digits
