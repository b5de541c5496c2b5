"""What differentiation costs, counted and not timed: passes, visits and multiply-adds. Every number here is exact.

A multiply-add is one multiplication and one addition inside a matrix product, two floating-point operations. Products
are nearly all of a network's work; adding biases and applying sigma are left out, here and in the usual FLOP counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.arguments import layer_sizes, whole_number
from course_lib.autodiff import Tensor, _unbroadcast, graph


class Counted:
    """A function that counts its calls: `f = Counted(f)`, later `f.calls`."""

    def __init__(self, f: Callable):
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
    """Weights and biases of Network(sizes). Raises ValueError for sizes that Network refuses."""
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
    the ratio is 2 - (first layer's share), and 2 for a deep network. Raises ValueError for sizes that Network refuses.
    """
    m = whole_number(m, "m, the number of examples,", 0)
    layers = [n_in * n_out * m for n_in, n_out in pairwise(layer_sizes(sizes))]
    carried = sum(layers) if input_gradient else sum(layers[1:])
    return Work(sum(layers), sum(layers) + carried)


def finite_difference_work(sizes, m: int = 1, scheme: str = "forward") -> int:
    """Multiply-adds of one gradient of Network(sizes) by finite differences: a forward pass for every parameter."""
    return forward_passes(parameter_count(sizes), scheme) * network_work(sizes, m).forward


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


class Visits(NamedTuple):
    """What there is to walk over below a root. Reverse accumulation visits `nodes`; path by path, `path_visits`."""

    nodes: int
    edges: int
    paths: int  # from the root to a leaf
    path_visits: int  # nodes met, counting a node once for each path that leads from the root to it


def visits(root: Tensor) -> Visits:
    """Count nodes, edges and paths below `root`, constants not included. The paths are counted without walking them."""
    nodes, paths_to = graph(root), Counter({root: 1})
    edges = 0
    for node in reversed(nodes):  # consumers first: all paths to a node are known before it
        for parent in node.parents:
            if parent is not None:
                edges += 1
                paths_to[parent] += paths_to[node]
    paths = sum(paths_to[node] for node in nodes if node.op is None)
    return Visits(len(nodes), edges, paths, sum(paths_to.values()))


def gradient_by_paths(root: Tensor, limit: int = 1_000_000) -> tuple[dict[Tensor, np.ndarray], int]:
    """The same gradients as `root.backward()`, by walking every path by itself and adding up at its leaf.

    Returns {leaf: gradient} and the number of nodes visited. `root` is one number. Nothing is shared between paths, so
    the visits grow exponentially where nodes are reused.

    Raises:
        ValueError: when there are more visits than `limit` (it tells the count), or `root` is not one number.
        NotImplementedError: as in backward, for an op with no rule for an input.
    """
    limit, needed = whole_number(limit, "limit"), visits(root).path_visits
    if needed > limit:
        raise ValueError(
            f"Path by path takes {needed:.6g} visits, more than the limit of {limit}. "
            f"root.backward() takes {len(graph(root))}."
        )
    if root.size != 1:
        raise ValueError(f"gradient_by_paths starts from one number, but this Tensor has shape {root.shape}.")
    gradients: dict = {}
    visited, to_walk = 0, [(root, np.ones_like(root.data))]
    while to_walk:
        node, upstream = to_walk.pop()
        visited += 1
        if node.op is None:
            gradients[node] = gradients.get(node, 0) + upstream
            continue
        for i, parent in enumerate(node.parents):
            if parent is None:
                continue  # a constant
            if i >= len(node.op.vjps):
                raise NotImplementedError(f"The op '{node.op.name}' has no rule (vjp) for its input {i + 1}.")
            share = node.op.vjps[i](upstream, node.data, *node.args)
            to_walk.append((parent, _unbroadcast(share, parent.data, node.op)))
    return gradients, visited
