"""No box on another, no edge through a box, inputs to the left of what uses them."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.drawing.layout import LANE_HEIGHT, apart, columns, layered


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 20))
    nodes = [f"n{i}" for i in range(count)]
    pairs = list(itertools.combinations(nodes, 2))
    edges = draw(st.lists(st.sampled_from(pairs), max_size=32)) if pairs else []
    sizes = {n: (draw(st.integers(50, 150)), draw(st.sampled_from([44, 52, 70, 88]))) for n in nodes}
    return sizes, edges


def curve(bend, steps=24):
    """Points of the cubic that is drawn for one bend."""
    (x1, y1), (x2, y2) = bend
    middle = (x1 + x2) / 2
    for i in range(steps + 1):
        t = i / steps
        b = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        yield b[0] * x1 + b[1] * middle + b[2] * middle + b[3] * x2, b[0] * y1 + b[1] * y1 + b[2] * y2 + b[3] * y2


def level(x1, x2, y):
    return [(x1 + (x2 - x1) * t / 10, y) for t in range(11)]


def way(start, route, end):
    """All that is drawn of an edge: its bends, and the level pieces before, between and after them."""
    yield from level(start, route[0][0][0], route[0][0][1])
    yield from level(route[-1][1][0], end, route[-1][1][1])
    for i, bend in enumerate(route):
        yield from curve(bend)
        if i + 1 < len(route):
            (_, (x1, y1)), ((x2, y2), _) = bend, route[i + 1]
            assert y1 == y2
            yield from level(x1, x2, y1)


def inside(point, box, margin=-0.5):
    x, y = point
    return box.x - margin < x < box.right + margin and box.y - margin < y < box.y + box.height + margin


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_nothing_overlaps_and_edges_meet_only_their_own_boxes(graph):
    sizes, edges = graph
    drawing = layered(sizes, edges)
    for (_, a), (_, b) in itertools.combinations(drawing.boxes.items(), 2):
        apart_x = a.right + 10 <= b.x or b.right + 10 <= a.x
        apart_y = a.y + a.height + 10 <= b.y or b.y + b.height + 10 <= a.y
        assert apart_x or apart_y
    for (source, target), route in zip(edges, drawing.routes, strict=True):
        start, end = drawing.boxes[source], drawing.boxes[target]
        assert start.right <= route[0][0][0] < route[-1][1][0] <= end.x
        assert route[0][0][1] == start.middle
        assert end.y < route[-1][1][1] < end.y + end.height
        for name, box in drawing.boxes.items():
            hit = [point for point in way(start.right, route, end.x) if inside(point, box)]
            assert not hit or name in (source, target), (name, hit)
        assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in way(start.right, route, end.x))
    assert all(box.x >= 0 and box.right <= drawing.width for box in drawing.boxes.values())
    assert all(box.y >= 0 and box.y + box.height <= drawing.height + 0.1 for box in drawing.boxes.values())


def test_a_bend_stays_level_beside_a_wider_box_of_its_own_column():
    sizes = {"x": (50, 44), "a": (50, 44), "wide": (150, 88), "b": (150, 88), "c": (50, 44), "d": (50, 44)}
    edges = [("x", "b"), ("x", "a")]
    drawing = layered(sizes, edges)
    for (source, target), route in zip(edges, drawing.routes, strict=True):
        points = list(way(drawing.boxes[source].right, route, drawing.boxes[target].x))
        for name, box in drawing.boxes.items():
            assert name == target or not any(inside(point, box) for point in points), (target, name)


def test_a_chain_of_computations_runs_level_with_inputs_above_and_below():
    sizes = dict.fromkeys(["w1", "x", "p", "b1", "h", "w2", "q", "b2", "g"], (100, 70))
    edges = [("w1", "p"), ("x", "p"), ("p", "h"), ("b1", "h"), ("w2", "q"), ("h", "q"), ("q", "g"), ("b2", "g")]
    boxes = layered(sizes, edges).boxes
    spine = {boxes[name].middle for name in "phqg"}
    assert max(spine) - min(spine) < 0.5
    assert boxes["w2"].middle < boxes["q"].middle < boxes["b2"].middle
    assert boxes["b1"].middle > boxes["h"].middle
    assert (boxes["w1"].middle + boxes["x"].middle) / 2 == pytest.approx(boxes["p"].middle, abs=1)


def test_two_branches_stand_on_both_sides():
    sizes = dict.fromkeys("xuvf", (100, 70))
    boxes = layered(sizes, [("x", "u"), ("x", "v"), ("u", "f"), ("v", "f")]).boxes
    assert boxes["u"].x == boxes["v"].x
    assert boxes["x"].middle == boxes["f"].middle == pytest.approx((boxes["u"].middle + boxes["v"].middle) / 2)


def test_a_tree_is_drawn_without_crossings():
    leaves = [f"l{i}" for i in range(8)]
    edges = [(leaf, f"m{i // 2}") for i, leaf in enumerate(leaves)]
    edges += [(f"m{i}", f"k{i // 2}") for i in range(4)] + [("k0", "root"), ("k1", "root")]
    shuffled = edges[::-3] + edges[1::3] + edges[::3]
    edges = list(dict.fromkeys(shuffled))
    nodes = list(dict.fromkeys(end for edge in edges for end in edge))
    drawing = layered(dict.fromkeys(nodes, (60, 44)), edges)
    for (e1, r1), (e2, r2) in itertools.combinations(list(zip(edges, drawing.routes, strict=True)), 2):
        if r1[0][0][0] == r2[0][0][0]:
            order_left = r1[0][0][1] - r2[0][0][1]
            order_right = r1[-1][1][1] - r2[-1][1][1]
            assert order_left * order_right >= 0, (e1, e2)


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="circle"):
        columns(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=8))
def test_apart_keeps_distances_and_leaves_alone_what_is_far_enough(wishes):
    steps = [10.0 * i for i in range(len(wishes))]
    found = apart(wishes, steps, [1.0] * len(wishes))
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(found))
    assert sum(found) == pytest.approx(sum(wishes), abs=1e-6)  # equal weights: the center stays
    if all(b - a >= 10 for a, b in itertools.pairwise(wishes)):
        assert found == pytest.approx(wishes)


def test_lanes_are_left_free():
    drawing = layered(dict.fromkeys("abc", (60, 44)), [("a", "b"), ("b", "c"), ("a", "c")])
    (_, (_, y)), _ = drawing.routes[2]
    box = drawing.boxes["b"]
    assert y <= box.y - LANE_HEIGHT or y >= box.y + box.height + LANE_HEIGHT
