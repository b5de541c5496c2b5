"""Graphs of single operations on numbers, as notebook 2 takes them apart, and their slopes without any rule.

A graph is a dict: name of a node -> (operation, list of the names of its inputs). An input has the operation "input"
and no inputs of its own. The output is always called "C".
"""

from __future__ import annotations

from collections.abc import Callable
from graphlib import TopologicalSorter
from typing import Any

import numpy as np

Graph = dict[str, tuple[str, list[str]]]

OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "max": np.maximum,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def values_of(graph: Graph, inputs: dict[str, float]) -> dict[str, float]:
    """The value of every node, whatever the order in which the graph lists them."""
    values = dict(inputs)
    for name in an_order(graph):
        operation, sources = graph[name]
        if operation != "input":
            values[name] = float(OPERATIONS[operation](*(values[source] for source in sources)))
    return values


def order_and_slopes(graph: Graph, inputs: dict[str, float]) -> tuple[list[str], dict[str, list[float]]]:
    """All that a backward pass needs: an order of the nodes, and for each node its local derivatives, one an input.

    The derivatives are found without rules, by a complex step: the imaginary part of f(x + ih) is h·f'(x), exact to
    rounding for a tiny h (Squire and Trapp, SIAM Review 40, 1998).
    """
    step = 1e-30

    def slope(operation: str, at: list[float], place: int) -> float:
        moved = [x + 1j * step * (i == place) for i, x in enumerate(at)]
        return float(OPERATIONS[operation](*moved).imag / step)

    values = values_of(graph, inputs)
    slopes = {}
    for name, (operation, sources) in graph.items():
        at = [values[source] for source in sources]
        slopes[name] = [slope(operation, at, place) for place in range(len(at))]
    return an_order(graph), slopes


def an_order(graph: Graph) -> list[str]:
    """The names of all nodes, inputs first."""
    return list(TopologicalSorter({name: sources for name, (_, sources) in graph.items()}).static_order())
