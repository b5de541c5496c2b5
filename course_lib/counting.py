"""What differentiation costs, counted and not timed: passes and multiply-adds. Every number here is exact.

A multiply-add is one multiplication and one addition inside a matrix product, two floating-point operations. Products
are nearly all of a network's work; adding biases and applying sigma are left out, here and in the usual FLOP counts.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.arguments import layer_sizes, whole_number
from course_lib.autodiff import Tensor, graph


class Counted:
    """A function that counts its calls: `f = Counted(f)`, later `f.calls`.

    Raises:
        TypeError: for what is no function.
    """

    def __init__(self, f: Callable):
        if not callable(f):
            raise TypeError(f"Counted takes a function; got {f!r:.60}.")
        self.f, self.calls = f, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.f(*args, **kwargs)


class Work(NamedTuple):
    """Multiply-adds of a forward pass, and of the backward pass that follows it."""

    forward: int
    backward: int

    @property
    def ratio(self) -> float:
        """backward / forward; NaN if there is no matrix product, so that nothing was counted."""
        return self.backward / self.forward if self.forward else float("nan")


def parameter_count(sizes) -> int:
    """Weights and biases of Network(sizes).

    Raises:
        ValueError: for sizes that Network refuses.
    """
    return sum(n_out * n_in + n_out for n_in, n_out in pairwise(layer_sizes(sizes)))


def forward_passes(parameters: int, scheme: str = "central") -> int:
    """How often f is computed for a gradient by finite differences. Backpropagation: once forward and once backward.

    `scheme` is "forward" (n + 1), "central" (2n) or "complex" (n).

    Raises:
        ValueError: for another scheme, or for no number n.
    """
    parameters = whole_number(parameters, "The number of parameters", 0)
    passes = {"forward": parameters + 1, "central": 2 * parameters, "complex": parameters}
    if not isinstance(scheme, str) or scheme not in passes:
        raise ValueError(f"There is no scheme {scheme!r}; choose one of {', '.join(passes)}.")
    return passes[scheme]


def network_work(sizes, m: int = 1, input_gradient: bool = False) -> Work:
    """Multiply-adds of Network(sizes) on m examples.

    Forward, layer l costs n_l n_{l-1} m. Backward it costs the same for dw[l] (BP4), and the same again to carry delta
    one layer down (BP2). Nothing needs to be carried into the input, unless `input_gradient` asks for it: that is why
    the ratio is 2 - (first layer's share), and 2 for a deep network.

    Raises:
        ValueError: for sizes that Network refuses.
    """
    m = whole_number(m, "m, the number of examples,", 0)
    layers = [n_in * n_out * m for n_in, n_out in pairwise(layer_sizes(sizes))]
    carried = sum(layers) if input_gradient else sum(layers[1:])
    return Work(sum(layers), sum(layers) + carried)


def graph_work(root: Tensor) -> Work:
    """Multiply-adds in the products (@ and linear) of the graph below `root`, forward and in `root.backward()`.

    A product of (.., n, k) and (.., k, m) costs n k m for each matrix of the stack, and so does the gradient of each of
    its two factors, if that factor is not a constant.
    """
    forward = backward = 0
    for node in graph(root):
        if node.op is None or node.op.name not in ("matmul", "linear"):
            continue
        inner = np.shape(node.args[0])[-1]  # each number of the output is a sum of this many products
        forward += node.size * inner
        backward += node.size * inner * sum(parent is not None for parent in node.parents[:2])
    return Work(forward, backward)
