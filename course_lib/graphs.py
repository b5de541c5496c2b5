"""Graphs of single operations on numbers, as notebook 2 takes them apart, and their slopes without any rule.

A graph is a dict: name of a node -> (operation, list of the names of its inputs). An input has the operation "input"
and no inputs of its own. The output is always called "C".
"""

from __future__ import annotations

from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from course_lib.arguments import numbers

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
OF_ONE = {"exp", "log", "sin", "cos", "sigmoid"}


def values_of(graph: Graph, inputs: dict[str, float]) -> dict[str, float]:
    """The value of every node, whatever the order in which the graph lists them.

    Raises:
        TypeError: for inputs that are no dict of numbers, and what `an_order` raises.
        ValueError: for an operation that there is not, too few or too many inputs, or an input without a value.
    """
    if not isinstance(inputs, dict):
        raise TypeError(f"The values of the inputs are a dict such as {{'x': 2.0}}; got {inputs!r:.60}.")
    values = {name: _number(name, value) for name, value in inputs.items()}
    for name in an_order(graph):
        operation, sources = graph[name]
        if operation == "input" and name not in values:
            known = ", ".join(map(repr, inputs)) or "none"
            raise ValueError(f"The input {name!r} has no value; there are values for {known}.")
        if operation != "input":
            _check_operation(name, operation, sources)
            values[name] = float(OPERATIONS[operation](*(values[source] for source in sources)))
    return values


def order_and_slopes(graph: Graph, inputs: dict[str, float]) -> tuple[list[str], dict[str, list[float]]]:
    """All that a backward pass needs: an order of the nodes, and for each node its local derivatives, one an input.

    The derivatives are found without rules, by a complex step: the imaginary part of f(x + ih) is h·f'(x), exact to
    rounding for a tiny h (Squire and Trapp, SIAM Review 40, 1998).

    Raises:
        TypeError, ValueError: as `values_of`.
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
    """The names of all nodes, inputs first. Which operations they have does not matter.

    Raises:
        TypeError: for what is no graph.
        ValueError: for an input that is no node, or a node that needs itself.
    """
    if not isinstance(graph, dict):
        raise TypeError(f"A graph is a dict, name of a node -> (operation, list of its inputs); got {graph!r:.60}.")
    for name, node in graph.items():
        _check_node(graph, name, node)
    try:
        return list(TopologicalSorter({name: sources for name, (_, sources) in graph.items()}).static_order())
    except CycleError as error:
        raise ValueError(f"The nodes {' → '.join(map(repr, error.args[1]))} need each other in a circle.") from None


def _number(name: str, value: Any) -> float:
    """The value of an input as a float: NumPy would compute with True and small whole numbers in half precision."""
    number = numbers(value, f"The value of input {name!r}")
    if number.shape or number.dtype.kind == "c":
        raise TypeError(f"The value of input {name!r} is one real number; got {value!r:.60}.")
    return float(number)


def _check_node(graph: Graph, name: str, node: Any) -> None:
    if not (isinstance(node, (tuple, list)) and len(node) == 2 and isinstance(node[1], (tuple, list))):
        raise TypeError(
            f"Node {name!r} is a pair (operation, list of its inputs), such as ('+', ['x', 'y']); got {node!r:.60}."
        )
    for source in node[1]:
        if not isinstance(source, str) or source not in graph:
            raise ValueError(f"Node {name!r} has the input {source!r:.60}, which is no node of the graph.")


def _check_operation(name: str, operation: Any, sources: list[str]) -> None:
    if not isinstance(operation, str) or operation not in OPERATIONS:
        raise ValueError(
            f"Node {name!r} has the operation {operation!r:.60}; there are input, {', '.join(OPERATIONS)}."
        )
    wanted = 1 if operation in OF_ONE else 2
    if len(sources) != wanted:
        raise ValueError(f"Node {name!r}, {operation!r}, takes {wanted} inputs; got {len(sources)}.")
