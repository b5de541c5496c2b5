"""The computation graph of a `Tensor`, as the engine recorded it, as a picture."""

from collections.abc import Iterable

import numpy as np

from course_lib.autodiff import Tensor, graph
from course_lib.drawing.formulas import LONGEST_LABEL, RULES, badge, written
from course_lib.drawing.graph import Edge, Node, draw_graph, shown
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import pretty_name, pretty_number

# The engine's ops that `formulas` knows under another name; what neither names is written out, as "mean".
NAMES = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "negative": "neg", "maximum": "max",
}  # fmt: skip
SYMBOLS = {"matmul": "@", "linear": "w@a+b", "sum": "Σ", "transpose": "ᵀ"}


MOST_NODES = 300  # more take seconds to place, and nobody can read them


def tensor_graph(
    root: Tensor,
    *,
    gradients: bool = True,
    hide: str | Iterable[str] = (),
    local: bool = False,
    highlight: str | Iterable[str] | None = None,
    title: str = "",
) -> Picture:
    """Draw all that `root` was computed from. After `root.backward()` the gradients are shown too.

    Tensors are called by their `name`; those without one get the names t1, t2, … in the order of creation.
    One number is shown as it is, an array by its shape. The other options are those of `computation_graph`;
    local derivatives are shown on the edges between single numbers.

    Raises:
        ValueError: for a graph of more nodes than a picture can show.
    """
    if (many := len(graph(root))) > MOST_NODES:
        raise ValueError(
            f"This graph has {many:,} nodes; a picture shows at most {MOST_NODES}. Draw that of an earlier "
            "result, or of a smaller computation of the same kind."
        )
    nodes, edges = from_tensor(root)
    nodes, edges = shown(nodes, edges, gradients, local, hide)
    return draw_graph(edges, nodes, highlight=highlight, title=title)


def from_tensor(root: Tensor) -> tuple[list[Node], list[Edge]]:
    """The plain description of the graph behind `root`: nodes and edges, for `draw_graph`."""
    tensors = graph(root)
    ids = names(tensors)
    labels: dict[str, str] = {}
    nodes, edges = [], []
    for tensor in tensors:
        name = ids[tensor]
        labels[name] = label(tensor, ids, labels)
        gradient = None if tensor.grad is None else _content(tensor.grad)
        nodes.append(Node(name, labels[name], _symbol(tensor, ids), "", _content(tensor.data), gradient))
        for place, parent in enumerate(tensor.parents):
            if parent is not None:
                edges.append(Edge(ids[parent], name, slope(tensor, place)))
    return nodes, edges


def names(tensors: list[Tensor]) -> dict[Tensor, str]:
    """A name for every Tensor: its own, if no other has the same, else t1, t2, …"""
    taken = {tensor.name for tensor in tensors}
    free = (f"t{i}" for i in range(1, 2 * len(tensors) + 2))
    free = (name for name in free if name not in taken)
    found: dict[Tensor, str] = {}
    for tensor in tensors:
        own = tensor.name and tensor.name not in found.values()
        found[tensor] = tensor.name if own else next(free)
    return found


def _known(tensor: Tensor, ids: dict[Tensor, str]) -> tuple[str, list[str | float]] | None:
    """The op as `formulas` knows it, with names of nodes or numbers for its inputs. None if it knows no such op."""
    op = NAMES.get(tensor.op.name, tensor.op.name)
    inputs = list(zip(tensor.parents, tensor.args, strict=True))
    if op not in RULES or any(parent is None and np.size(arg) != 1 for parent, arg in inputs):
        return None
    return op, [float(np.asarray(arg).item()) if parent is None else ids[parent] for parent, arg in inputs]


def label(tensor: Tensor, ids: dict[Tensor, str], labels: dict[str, str]) -> str:
    """The name, or for an unnamed Tensor a short expression of its inputs, if that is short."""
    operation = _known(tensor, ids) if tensor.op and not tensor.name else None
    text = written(*operation, labels) if operation else pretty_name(ids[tensor])
    return text if len(text) <= LONGEST_LABEL else pretty_name(ids[tensor])


def _symbol(tensor: Tensor, ids: dict[Tensor, str]) -> str:
    if tensor.op is None:
        return ""
    operation = _known(tensor, ids)
    return badge(*operation) if operation else SYMBOLS.get(tensor.op.name, tensor.op.name)


def _content(array) -> str:
    """A number, or the shape of an array, in words."""
    array = np.asarray(array)
    if array.size == 1:
        return pretty_number(array.item())
    return "×".join(str(n) for n in array.shape) + " array"


def slope(tensor: Tensor, place: int) -> float | None:
    """The local derivative by one input, where input and output are single numbers."""
    if np.size(tensor.data) != 1 or np.size(tensor.parents[place].data) != 1:
        return None
    one = np.ones_like(tensor.data)
    return float(np.sum(tensor.op.vjps[place](one, tensor.data, *tensor.args)))
