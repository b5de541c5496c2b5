"""Where the boxes of a graph stand and where its edges run: columns from left to right, nothing on top of anything.

The layered method of Sugiyama, Tagawa and Toda (1981): (1) a column for every node, (2) an order inside each column
with few crossings, (3) heights. An edge that passes a column gets a lane of its own there, so that it meets no box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

LANE_HEIGHT = 10
SWEEPS = 24


@dataclass(frozen=True)
class Box:
    """A rectangle by its left top corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Layout:
    """`boxes` by node; `routes` by edge number, each a list of bends ((x1, y1), (x2, y2)), one a gap.

    Between bends an edge runs level, and so it does from its box to the first bend and from the last to its target.
    """

    boxes: dict[str, Box]
    routes: list[list[tuple[tuple[float, float], tuple[float, float]]]]
    width: float
    height: float


def columns(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of every node, 0 at the left. Each node stands as far right as its consumers allow.

    Raises:
        ValueError: when the edges go round in a circle.
    """
    waiting = dict.fromkeys(nodes, 0)
    sources: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        waiting[source] += 1
        sources[target].append(source)
    to_end = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if waiting[node] == 0]
    done = 0
    while ready:
        node = ready.pop()
        done += 1
        for source in sources[node]:
            to_end[source] = max(to_end[source], to_end[node] + 1)
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    if done < len(nodes):
        circle = ", ".join(node for node in nodes if waiting[node])
        raise ValueError(f"the edges go round in a circle (look at {circle}); a computation graph has no circles")
    longest = max(to_end.values(), default=0)
    return {node: longest - to_end[node] for node in nodes}


def layered(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    gap: float = 46,
    space: float = 22,
    port_step: float = 14,
) -> Layout:
    """Place boxes of the given (width, height) and route the edges. `gap` is between columns, `space` between boxes."""
    column = columns(list(sizes), edges)
    count = max(column.values(), default=0) + 1
    chains = [through(source, target, column) for source, target in edges]
    links = list(dict.fromkeys((a, b) for chain in chains for a, b in pairwise(chain)))
    order = _first_order(list(sizes), edges, chains, count, column)
    order = _fewest_crossings(order, links)
    middles = _heights(order, links, sizes, space)

    widths = [max((sizes[node][0] for node in layer if node in sizes), default=0) for layer in order]
    lefts = [sum(widths[:c]) + c * gap for c in range(count)]
    top = min(middles[node] - sizes[node][1] / 2 for node in sizes)
    top = min([top, *(middles[node] - LANE_HEIGHT for node in middles if node not in sizes)])
    middles = {node: round(y - top, 1) for node, y in middles.items()}
    boxes = {}
    for node, (width, height) in sizes.items():
        left = lefts[column[node]] + (widths[column[node]] - width) / 2
        boxes[node] = Box(left, middles[node] - height / 2, width, height)
    ports = _incoming_ports(chains, middles, sizes, port_step)
    beside = {node: [boxes[other] for other in layer if other in boxes] for layer in order for node in layer}
    routes = [route(chain, boxes, middles, lefts, widths, ports[i], beside) for i, chain in enumerate(chains)]
    bottom = max([box.y + box.height for box in boxes.values()] + [y + LANE_HEIGHT for y in middles.values()])
    return Layout(boxes, routes, lefts[-1] + widths[-1], bottom)


def through(source: str, target: str, column: Mapping[str, int]) -> list:
    """The edge as a chain of neighbors; a lane is (source, column), shared by all edges of that source."""
    lanes = [(source, c) for c in range(column[source] + 1, column[target])]
    return [source, *lanes, target]


def _first_order(nodes, edges, chains, count: int, column) -> list[list]:
    """Walk from the ends to the inputs, in the order in which each node takes its inputs: a tree has no crossings."""
    into: dict[str, list] = {node: [] for node in nodes}
    for (_, target), chain in zip(edges, chains, strict=True):
        into[target].append(chain)
    has_consumer = {source for source, _ in edges}
    order: list[list] = [[] for _ in range(count)]
    seen = set()
    stack = [node for node in reversed(nodes) if node not in has_consumer]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order[column[node] if node in into else node[1]].append(node)
        for chain in reversed(into.get(node, [])):
            stack += [stop for stop in chain[:-1] if stop not in seen]
    return order


def _crossings(order: list[list], links: list[tuple]) -> int:
    """How many pairs of links cross between neighboring columns."""
    place = {node: i for layer in order for i, node in enumerate(layer)}
    layer_of = {node: c for c, layer in enumerate(order) for node in layer}
    total = 0
    for c in range(len(order) - 1):
        ends = [(place[a], place[b]) for a, b in links if layer_of[a] == c]
        total += sum((a1 - a2) * (b1 - b2) < 0 for i, (a1, b1) in enumerate(ends) for a2, b2 in ends[:i])
    return total


def _fewest_crossings(order: list[list], links: list[tuple]) -> list[list]:
    """Sort each column by the mean place of its neighbors, to and fro; keep the best order seen."""
    best, least = order, _crossings(order, links)
    before, after = _neighbors(links)
    for sweep in range(SWEEPS):
        if least == 0:
            break
        order = [list(layer) for layer in order]
        rightwards = sweep % 2 == 0
        near = before if rightwards else after
        for c in range(1, len(order)) if rightwards else range(len(order) - 2, -1, -1):
            beside = order[c - 1] if rightwards else order[c + 1]
            place = {node: i for i, node in enumerate(beside)}
            now = {node: i for i, node in enumerate(order[c])}
            order[c].sort(key=lambda node: mean([place[n] for n in near.get(node, [])], now[node]))
        found = _crossings(order, links)
        if found < least:
            best, least = order, found
    return best


def _neighbors(links: list[tuple]) -> tuple[dict, dict]:
    before: dict = {}
    after: dict = {}
    for a, b in links:
        before.setdefault(b, []).append(a)
        after.setdefault(a, []).append(b)
    return before, after


def mean(numbers: list, otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _heights(order: list[list], links: list[tuple], sizes, space: float) -> dict:
    """The middle of every node and lane: near its neighbors, apart from the others in its column.

    A node that computes pulls far harder than an input, so that the computation runs along a straight spine and
    the inputs stand above and below it.
    """
    before, after = _neighbors(links)
    pull = {node: 1.0 if node in sizes and node in before else 0.001 for layer in order for node in layer}
    pull |= {node: 0.05 for layer in order for node in layer if node not in sizes}
    tall = {node: sizes[node][1] if node in sizes else 2 * LANE_HEIGHT for layer in order for node in layer}
    y: dict = {}
    for layer in order:
        steps = _distances(layer, tall, space)
        y |= {node: steps[i] - steps[-1] / 2 for i, node in enumerate(layer)}
    for sweep in range(SWEEPS):
        for layer in order if sweep % 2 else reversed(order):
            wishes = []
            for node in layer:
                around = before.get(node, []) + after.get(node, [])
                weight = sum(pull[n] for n in around)
                wishes.append(sum(pull[n] * y[n] for n in around) / weight if around else y[node])
            settled = apart(wishes, _distances(layer, tall, space), [pull[node] for node in layer])
            y |= dict(zip(layer, settled, strict=True))
    return y


def _distances(layer: list, tall, space: float) -> list[float]:
    """How far below the first each middle in a column stands when all are packed as close as allowed."""
    steps = [0.0]
    for above, below in pairwise(layer):
        steps.append(steps[-1] + (tall[above] + tall[below]) / 2 + space)
    return steps


def apart(wishes: list[float], steps: list[float], weights: list[float]) -> list[float]:
    """The positions closest to `wishes` (weighted least squares) that keep the order and the distances of `steps`.

    After the packed distance is taken off, the positions must only not decrease: isotonic regression, solved by
    pooling neighbors that are in the wrong order (Barlow and others, 1972).
    """
    pools: list[list[float]] = []  # weighted sum, weight, members
    for wish, step, weight in zip(wishes, steps, weights, strict=True):
        pools.append([(wish - step) * weight, weight, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, weight_sum, members = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + weight_sum, pools[-1][2] + members]
    level = [total / weight for total, weight, members in pools for _ in range(int(members))]
    return [value + step for value, step in zip(level, steps, strict=True)]


def _incoming_ports(chains: list[list], middles, sizes, port_step: float) -> list[float]:
    """For every edge, how far above or below the middle of its target's left side it arrives.

    The ends are `port_step` apart, in the order in which they come; an edge that could run level does so.
    """
    arriving: dict = {}
    for number, chain in enumerate(chains):
        arriving.setdefault(chain[-1], []).append((middles[chain[-2]], number))
    offsets = [0.0] * len(chains)
    for target, ends in arriving.items():
        ends.sort()
        step = min(port_step, (sizes[target][1] - 10) / max(1, len(ends) - 1))
        level = [place for place, (y, _) in enumerate(ends) if abs(y - middles[target]) < 1]
        center = (len(ends) - 1) / 2
        if len(level) == 1 and max(level[0], len(ends) - 1 - level[0]) * step <= sizes[target][1] / 2 - 8:
            center = level[0]
        for place, (_, number) in enumerate(ends):
            offsets[number] = (place - center) * step
    return offsets


def route(chain: list, boxes, middles, lefts, widths, port: float, beside) -> list:
    """One bend a gap; between bends the edge runs level through its lane. `beside`: the boxes of a node's column."""
    source, *lanes, target = chain
    x, y = boxes[source].right, boxes[source].middle
    bends = []
    for lane in lanes:
        bends.append(((x, y), (lefts[lane[1]], middles[lane])))
        x, y = lefts[lane[1]] + widths[lane[1]], middles[lane]
    bends.append(((x, y), (boxes[target].x, boxes[target].middle + port)))
    # A bend that passes a wider box of its own column stays level until it is beside the box.
    (x1, y1), (x2, y2) = bends[0]
    bends[0] = ((max([x1, *(box.right for box in beside[source] if _meets(box, y1, y2))]), y1), (x2, y2))
    (x1, y1), (x2, y2) = bends[-1]
    bends[-1] = ((x1, y1), (min([x2, *(box.x for box in beside[target] if _meets(box, y1, y2))]), y2))
    return bends


def _meets(box: Box, y1: float, y2: float) -> bool:
    """Whether the box stands, in part at least, between two heights."""
    return min(y1, y2) < box.y + box.height and box.y < max(y1, y2)
