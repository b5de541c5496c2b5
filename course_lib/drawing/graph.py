"""Pictures of computation graphs: values forward in blue, gradients backward in rust, and the path of one weight.

`computation_graph` starts from formulas, `draw_graph` from a plain description (edges, and nodes if they carry more
than a name). Both give a `Picture`. Standard library only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from course_lib.drawing.formulas import FormulaGraph, badge
from course_lib.drawing.layout import Box, Layout, apart, layered
from course_lib.drawing.palette import FONT, stylesheet
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import listing, pretty_name, pretty_number, text_width

TITLE, SMALL, ROW, PAD = 13.5, 12.5, 18, 11  # sizes in pixels
MARGIN = 16
LEAST_SCALE = 0.72  # a picture shrinks this far to fit the page; below that it scrolls


@dataclass(frozen=True)
class Node:
    """One box: `symbol` is the operation (empty for an input), `formula` a line below the name.

    `value` and `gradient` are a number, a text such as "?" or a shape, or None for no line at all.
    """

    id: str
    label: str = ""
    symbol: str = ""
    formula: str = ""
    value: float | str | None = None
    gradient: float | str | None = None

    @property
    def name(self) -> str:
        return self.label or pretty_name(self.id)


@dataclass(frozen=True)
class Edge:
    """An arrow from `source` to `target`; `local` is the local derivative ∂target/∂source, or a text, or None."""

    source: str
    target: str
    local: float | str | None = None


def computation_graph(
    formulas: Mapping[str, str],
    values: Mapping[str, float] | None = None,
    *,
    gradients: bool = True,
    hide: str | Iterable[str] = (),
    local: bool = False,
    detail: str = "operations",
    highlight: str | Iterable[str] | None = None,
    title: str = "",
) -> Picture:
    """Draw the computation graph of `formulas`, for example {"h": "w1*x + b1", "C": "(y - h)**2"}.

    values: a number for every input; without it only the structure is drawn.
    gradients: with values, also show ∂output/∂node in every box (the output is the last formula).
    hide: what the reader shall predict: "gradients", "values" (both, for all that is computed), or names of nodes.
    local: write the local derivative on every edge.
    detail: "operations" draws one box an operation, "names" one box a formula.
    highlight: a node (or several); every edge from it to the output is drawn thick.

    Raises:
        ValueError: for a formula, name or value that cannot be used, and says which.
    """
    graph = FormulaGraph(formulas)
    nodes, edges = describe(graph, values, detail)
    nodes, edges = shown(nodes, edges, gradients, local, hide)
    return draw_graph(edges, nodes, highlight=highlight, title=title)


def describe(
    graph: FormulaGraph, values: Mapping[str, float] | None = None, detail: str = "operations"
) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges of some formulas, with values, gradients and local derivatives if `values` are given.

    Raises:
        ValueError: for another `detail`, and for formulas or values that cannot be used.
    """
    if detail not in ("operations", "names"):
        raise ValueError(f"detail must be 'operations' or 'names', not {detail!r}")
    numbers = graph.forward(values) if values is not None else {}
    slopes = graph.backward(numbers) if numbers else {}
    nodes = [Node(name, graph.labels[name], "", "", numbers.get(name), slopes.get(name)) for name in graph.inputs]
    edges = []
    if detail == "names":
        for name in graph.formulas:
            formula = graph.right_sides[name]
            nodes.append(Node(name, graph.labels[name], "", formula, numbers.get(name), slopes.get(name)))
            partial = graph.local_derivatives(name, numbers) if numbers else {}
            edges += [Edge(source, name, partial.get(source)) for source in graph.mentions(name)]
        return nodes, edges
    for operation in graph.operations:
        name = operation.name
        symbol = badge(operation.op, operation.args)
        nodes.append(Node(name, graph.labels[name], symbol, "", numbers.get(name), slopes.get(name)))
        if numbers:
            edges += [Edge(source, name, slope) for source, slope in graph.slopes(numbers)[name]]
        else:
            edges += [Edge(source, name) for source in operation.args if isinstance(source, str)]
    return nodes, edges


def shown(
    nodes: Sequence[Node], edges: Sequence[Edge], gradients: bool, local: bool, hide: str | Iterable[str]
) -> tuple[list[Node], list[Edge]]:
    """What the options of `computation_graph` leave of nodes and edges."""
    if not gradients:
        nodes = [replace(node, gradient=None) for node in nodes]
    if not local:
        edges = [replace(edge, local=None) for edge in edges]
    return hidden(nodes, edges, hide)


def hidden(nodes: Sequence[Node], edges: Sequence[Edge], hide: str | Iterable[str]) -> tuple[list[Node], list[Edge]]:
    """Put "?" in place of what the reader shall predict (see `computation_graph`); inputs keep their values.

    Raises:
        ValueError: for a name that no node has.
    """
    computed = {edge.target for edge in edges}
    everywhere = {node.id for node in nodes}
    if hide == "gradients":
        no_value, no_gradient = set(), everywhere
    elif hide == "values":
        no_value, no_gradient = computed, everywhere
    else:
        names = {hide} if isinstance(hide, str) else set(hide)
        if not names <= everywhere:
            wrong = ", ".join(sorted(names - everywhere))
            raise ValueError(f"cannot hide {wrong}: give 'gradients', 'values' or names among {_names_of(nodes)}")
        no_value, no_gradient = names & computed, names

    def mark(content, away):
        return "?" if away and content is not None else content

    shown = [
        replace(node, value=mark(node.value, node.id in no_value), gradient=mark(node.gradient, node.id in no_gradient))
        for node in nodes
    ]
    return shown, [replace(edge, local=mark(edge.local, edge.target in no_gradient)) for edge in edges]


def draw_graph(
    edges: Iterable[Edge | tuple],
    nodes: Iterable[Node | str] | None = None,
    *,
    highlight: str | Iterable[str] | None = None,
    title: str = "",
    widest: str = "",
) -> Picture:
    """Draw a graph given as edges, `("w1", "h")` or `Edge("w1", "h", local=2.0)`, and, if wanted, nodes.

    nodes: names or `Node`s; those that only the edges mention are added.
    highlight: a node (or several); every edge from it to the outputs is drawn thick.
    title: stands above the picture.
    widest: a text for which every box with numbers has room, though another stands there now.

    Raises:
        ValueError: for edges that go round in a circle, and for a highlighted node that is not there.
    """
    links = [edge if isinstance(edge, Edge) else Edge(*edge) for edge in edges]
    boxes = [node if isinstance(node, Node) else Node(node) for node in nodes or ()]
    known = {node.id for node in boxes}
    for end in (end for edge in links for end in (edge.source, edge.target)):
        if end not in known:
            known.add(end)
            boxes.append(Node(end))
    if not boxes:
        raise ValueError("there is nothing to draw: give at least one edge or node")
    hot = _paths_from(highlight, boxes, links)
    drawing = place(boxes, links, widest)
    alt = description(boxes, links, highlight, title)
    svg = _to_svg(boxes, links, drawing, hot, alt, title)
    width = _full_width(drawing, _legend_entries(boxes, links), title)
    return Picture(svg, alt, width, width * LEAST_SCALE)


def _highlighted(highlight: str | Iterable[str] | None) -> list[str]:
    return [] if highlight is None else [highlight] if isinstance(highlight, str) else list(highlight)


def _names_of(nodes: Sequence[Node]) -> str:
    """The names by which the reader can call the nodes; those that `formulas` made up ("$0") are left out."""
    return ", ".join(node.id for node in nodes if not node.id.startswith("$"))


def _paths_from(highlight, nodes: Sequence[Node], edges: Sequence[Edge]) -> set[str]:
    """The highlighted nodes and all that they reach."""
    start = _highlighted(highlight)
    known = {node.id for node in nodes}
    for name in start:
        if name not in known:
            raise ValueError(f"cannot highlight {name!r}: the nodes are {_names_of(nodes)}")
    reached = set(start)
    while start:
        node = start.pop()
        following = [edge.target for edge in edges if edge.source == node and edge.target not in reached]
        reached.update(following)
        start += following
    return reached


# Drawing ----------------------------------------------------------------------------------------------------------


def _number_or_text(content: float | str) -> str:
    return content if isinstance(content, str) else pretty_number(content)


def rows(node: Node) -> list[tuple[str, str]]:
    """The lines in the box, each with its class: name, formula, value, gradient."""
    lines = [("name", node.name)]
    if node.formula:
        lines.append(("formula", node.formula))
    if node.value is not None:
        lines.append(("value", _number_or_text(node.value)))
    if node.gradient is not None:
        lines.append(("gradient", _number_or_text(node.gradient)))
    return lines


ARROWS = {"value": "→", "gradient": "←"}  # the direction says what the color says
ARROW_WIDTH = 17


def _badge_width(node: Node) -> float:
    return max(28.0, text_width(node.symbol, SMALL) + 12) if node.symbol else 0.0


def _box_size(node: Node, widest: str = "") -> tuple[float, float]:
    lines = rows(node)
    height = max(44, len(lines) * ROW + 16)
    if node.value is not None:
        lines.append(("value", widest))
    text = max(_line_width(kind, text) for kind, text in lines)
    badge = _badge_width(node) + 4 if node.symbol else 0
    return max(52, text + badge + 2 * PAD), height


def _line_width(kind: str, text: str) -> float:
    if kind == "name":
        return text_width(text, TITLE, bold=True)
    return text_width(text, SMALL) + (kind in ARROWS) * ARROW_WIDTH


def place(nodes: Sequence[Node], edges: Sequence[Edge], widest: str = "") -> Layout:
    """Lay the boxes out, with gaps wide enough for the local derivatives."""
    labels = [text_width(_number_or_text(edge.local), SMALL) for edge in edges if edge.local is not None]
    gap = max([36.0, *(width + 40 for width in labels)])
    port_step = 20 if labels else 14
    sizes = {node.id: _box_size(node, widest) for node in nodes}
    return layered(sizes, [(edge.source, edge.target) for edge in edges], gap, 20, port_step)


STYLE = f"""
text{{fill:var(--ink);font-family:{FONT}}}
.edge{{fill:none;stroke:var(--line);stroke-width:1.5}}
.edge.hot{{stroke:var(--vermillion);stroke-width:3}}
.tip{{fill:var(--line)}}.tip.hot{{fill:var(--vermillion)}}
.box{{fill:var(--card);stroke:var(--border);stroke-width:1.2}}
.box.input{{fill:var(--paper)}}
.box.output{{stroke:var(--ink);stroke-width:1.6}}
.box.hot{{stroke:var(--vermillion);stroke-width:2.2}}
.badge{{fill:var(--paper);stroke:var(--border)}}
.name{{font-size:{TITLE}px;font-weight:600}}
.formula{{fill:var(--muted)}}
.value{{fill:var(--blue)}}
.gradient{{fill:var(--vermillion)}}
.local{{fill:var(--purple)}}.gap{{fill:var(--paper)}}
.small{{font-size:{SMALL}px}}
"""


def _to_svg(nodes, edges, drawing: Layout, hot: set[str], alt: str, title: str) -> str:
    legend = _legend_entries(nodes, edges)
    words = MARGIN + (26 if title else 0)  # where the words about the colors begin
    top = words + (30 if legend else 0)
    width = _full_width(drawing, legend, title)
    height = drawing.height + top + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img">',
        f"<title>{escape(title or 'Computation graph')}</title><desc>{escape(alt)}</desc>",
        f"<style>{stylesheet()}{STYLE}</style>",
        '<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>',
    ]
    if title:
        parts.append(f'<text class="name" x="{MARGIN}" y="{MARGIN + 12}">{escape(title)}</text>')
    for kind, text, _, x in legend:
        parts.append(f'<text class="{kind} small" x="{MARGIN + x:.0f}" y="{words + 12}">{escape(text)}</text>')
    parts.append(f'<g transform="translate({MARGIN} {top})">')
    routes = list(zip(edges, drawing.routes, strict=True))
    for edge, route in sorted(routes, key=lambda pair: pair[0].source in hot):  # thick ones on top
        start, end = drawing.boxes[edge.source].right, drawing.boxes[edge.target].x
        parts.append(_edge_svg(start, route, end, edge.source in hot))
    parts += _local_labels(routes, drawing.boxes)
    sources, targets = {edge.source for edge in edges}, {edge.target for edge in edges}
    for number, node in enumerate(nodes):
        kind = "input" if node.id not in targets else "output" if node.id not in sources else ""
        parts.append(_box_svg(number, node, drawing.boxes[node.id], f"box {kind}{' hot' * (node.id in hot)}"))
    return "".join([*parts, "</g></svg>"])


def _full_width(drawing: Layout, legend, title: str) -> float:
    """Of the picture: the boxes or the words above them, whichever is wider, and the margins."""
    return max(drawing.width, legend[-1][2] if legend else 0, text_width(title, TITLE, bold=True)) + 2 * MARGIN


def _legend_entries(nodes, edges) -> list[tuple[str, str, float, float]]:
    """(class, text, right end, left end) of the words above the picture; none if there are no numbers."""
    entries = []
    if any(node.value is not None for node in nodes):
        entries.append(("value", "→ value, forward"))
    if any(node.gradient is not None for node in nodes):
        outputs = [node.name for node in nodes if node.id not in {edge.source for edge in edges}]
        of = f" of {outputs[0]}" if len(outputs) == 1 else ""
        entries.append(("gradient", f"← gradient{of}, backward"))
    if any(edge.local is not None for edge in edges):
        entries.append(("local", "on an edge: local derivative"))
    placed, x = [], 0.0
    for kind, text in entries:
        end = x + text_width(text, SMALL)
        placed.append((kind, text, end, x))
        x = end + 14
    return placed


def _edge_svg(start: float, route, end: float, is_hot: bool) -> str:
    """From the right side of a box, at `start`, along the bends, to the left side of another, at `end`."""
    path = f"M{start:.1f} {route[0][0][1]:.1f}"
    for (x1, y1), (x2, y2) in route:
        stop = min(x2, end - 7)  # the tip takes the last seven pixels
        path += f"L{x1:.1f} {y1:.1f}C{(x1 + x2) / 2:.1f} {y1:.1f} {(x1 + x2) / 2:.1f} {y2:.1f} {stop:.1f} {y2:.1f}"
    if x2 < end - 7:
        path += f"H{end - 7:.1f}"
    hot = " hot" if is_hot else ""
    tip = f"M{end - 9:.1f} {y2 - 4.5:.1f}l9 4.5l-9 4.5z"
    return f'<path class="edge{hot}" d="{path}"/><path class="tip{hot}" d="{tip}"/>'


def _local_labels(routes, boxes: Mapping[str, Box]) -> list[str]:
    """The local derivatives, each in the middle of the last bend of its edge, moved apart where they would touch."""
    by_gap: dict[float, list] = {}
    for edge, route in routes:
        if edge.local is not None:
            (x1, y1), (x2, y2) = route[-1]
            target = boxes[edge.target]
            column = round(target.x + target.width / 2, 3)  # boxes of one column differ in width, not in their middle
            label = ((y1 + y2) / 2, (x1 + x2) / 2 - 3, _number_or_text(edge.local))
            by_gap.setdefault(column, []).append(label)
    parts = []
    for labels in by_gap.values():
        labels.sort()
        steps = [i * (SMALL + 4) for i in range(len(labels))]
        settled = apart([y for y, _, _ in labels], steps, [1.0] * len(labels))
        for (_, x, text), y in zip(labels, settled, strict=True):
            wide = text_width(text, SMALL) + 4
            parts.append(
                f'<rect class="gap" x="{x - wide / 2:.1f}" y="{y - 8:.1f}" width="{wide:.1f}" height="16" rx="6"/>'
                f'<text class="local small" text-anchor="middle" x="{x:.1f}" y="{y + 4.5:.1f}">{escape(text)}</text>'
            )
    return parts


def _box_svg(number: int, node: Node, box: Box, kind: str) -> str:
    """One box; its value and gradient carry ids, "value-3" and "gradient-3", for the moving picture."""
    radius = 19 if "input" in kind else 10
    parts = [
        f'<rect class="{kind}" id="box-{number}" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{radius}"/>'
    ]
    left = box.x + PAD
    if node.symbol:
        wide = _badge_width(node)
        parts.append(
            f'<rect class="badge" x="{left - 4:.1f}" y="{box.middle - 14:.1f}" width="{wide:.1f}" height="28" rx="14"/>'
            f'<text class="small" text-anchor="middle" x="{left - 4 + wide / 2:.1f}" y="{box.middle + 4.5:.1f}">'
            f"{escape(node.symbol)}</text>"
        )
        left += wide + 4
    lines = rows(node)
    y = box.middle - (len(lines) - 1) * ROW / 2 + 4.5
    for kind, text in lines:
        size = "name" if kind == "name" else f"{kind} small"
        if kind in ARROWS:
            parts.append(f'<text class="{size}" x="{left:.1f}" y="{y:.1f}">{ARROWS[kind]}</text>')
        x = left + (kind in ARROWS) * ARROW_WIDTH
        parts.append(f'<text class="{size}" id="{kind}-{number}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>')
        y += ROW
    return "".join(parts)


def _spoken(content: float | str) -> str:
    return "unknown" if content == "?" else _number_or_text(content)


def description(nodes, edges, highlight=None, title: str = "") -> str:
    """The picture in words: every node with its value and gradient, then what feeds what."""
    names = {node.id: node.name for node in nodes}
    start = _highlighted(highlight)
    said = []
    for node in nodes:
        text = node.name + (f" = {node.formula}" if node.formula else "")
        if node.value is not None:
            text += f" = {_spoken(node.value)}"
        if node.gradient is not None:
            text += f", gradient {_spoken(node.gradient)}"
        said.append(text)
    feeds: dict[str, list[str]] = {}
    for edge in edges:
        local = "" if edge.local is None else f" (local derivative {_spoken(edge.local)})"
        feeds.setdefault(names[edge.target], []).append(names[edge.source] + local)
    arrows = "; ".join(f"{target} from {listing(sources)}" for target, sources in feeds.items())
    parts = [title or "Computation graph", "; ".join(said)]
    if arrows:
        parts.append(f"Edges: {arrows}")
    if start:
        parts.append(f"Highlighted: the way from {listing([names[name] for name in start])} to the output")
    return ". ".join(parts) + "."
