"""The path player: the line lies where the picture's axes say, the page runs, and it needs nothing from outside."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course_lib.drawing import contour_picture, path_player
from course_lib.drawing.curves import MARKERS
from course_lib.drawing.palette import DASHES
from course_lib.drawing.surfaces import BALLS, STROKES

PATHS = {"full batch": [(-2, 1), (0, 0), (1, -0.5)], "mini-batches": [(-2, 1), (-1, 0.5), (0, 0.5), (0.5, 0)]}
SVG = "{http://www.w3.org/2000/svg}"


def bowl(a, b):
    return (a - 1) ** 2 + 4 * (b + 0.5) ** 2


@pytest.fixture(scope="module")
def player():
    return path_player(bowl, PATHS, x=(-3, 2), y=(-1, 2))


def test_the_same_call_gives_the_same_bytes(player):
    assert path_player(bowl, PATHS, x=(-3, 2), y=(-1, 2))._repr_html_() == player._repr_html_()


def test_nothing_is_loaded_from_outside(player, nothing_from_outside):
    nothing_from_outside(player.page)


def test_the_overlay_lies_on_the_axes(player):
    """The corners of the axes, read from the ground's own SVG, give the same place for each point."""
    svg = ET.fromstring(re.search(r"<svg .*?</svg>", player.page, re.DOTALL)[0])
    window = svg.find(f"{SVG}clipPath[@id='window']/{SVG}rect")
    left, top, width, height = (float(window.get(name)) for name in ("x", "y", "width", "height"))
    frame = [e.get("d") for e in svg.iter(f"{SVG}path") if (e.get("d") or "").count("L") == 1]
    numbers = [tuple(map(float, re.findall(r"-?\d+\.?\d*", d))) for d in frame]
    assert any(
        abs(x1 - left) < 0.2 and abs(x2 - left) < 0.2 and abs(y1 - y2) == pytest.approx(height, abs=0.3)
        for x1, y1, x2, y2 in (n for n in numbers if len(n) == 4)
    )  # the left spine is the window's left side
    for number, points in enumerate(PATHS.values()):
        drawn = svg.find(f".//{SVG}polyline[@id='line-{number}']").get("points").split()
        for (a, b), place in zip(points, drawn, strict=True):
            x, y = map(float, place.split(","))
            assert x == pytest.approx(left + (a + 3) / 5 * width, abs=0.15)
            assert y == pytest.approx(top + height - (b + 1) / 3 * height, abs=0.15)


def test_the_page_runs_step_by_step(player, node):
    script = re.search(r"<script>(.*)</script>", player.page, re.DOTALL)[1]
    browser = """
    const parts = {}, listeners = {}, ticks = [];
    const part = id => parts[id] ??= {id, value: 3, max: 3, textContent: "", set: {},
      setAttribute(name, text) { this.set[name] = text; },
      addEventListener(event, f) { listeners[id + " " + event] = f; }};
    const document = {getElementById: part, documentElement: {}}, window = {};
    class ResizeObserver { observe() {} }
    globalThis.setInterval = f => ticks.push(f);
    globalThis.clearInterval = () => { ticks.length = 0; };
    """
    use = """
    const seen = [[part("step").value, part("now").value, part("said").textContent]];   // as it opens
    const look = () => seen.push([+part("step").value, part("now").value, part("cost-0").textContent,
      part("cost-1").textContent, part("line-0").set.points.split(" ").length, part("play").set["aria-label"]]);
    listeners["play click"](); look();
    while (ticks.length) { ticks[0](); look(); }
    seen[0].push(part("said").textContent);
    part("step").value = 1; listeners["step input"](); look();
    console.log(JSON.stringify(seen));
    """
    opened, *seen = node(browser + script + use)
    assert opened == [0, "step 0", "", "step 3: full batch, cost 0; mini-batches, cost 1.25"]  # spoken at the end only
    costs = [[f"{bowl(*points[min(step, len(points) - 1)]):.4g}" for points in PATHS.values()] for step in range(4)]
    expected = [[k, f"step {k}", *costs[k], min(k, 2) + 1, "pause" if k < 3 else "play"] for k in range(4)]
    assert seen == [*expected, [1, "step 1", *costs[1], 2, "play"]]


def test_there_are_words_and_a_still_picture(player):
    assert "full batch: 2 steps from (−2, 1), cost 18, to (1, −0.5), cost 0" in player.alt
    kept = re.sub(r"<style>.*?</style>|<iframe.*?</iframe>", "", player._repr_html_(), flags=re.DOTALL)
    assert "<img alt=" in kept
    assert 'aria-label="play"' in player.page and 'aria-label="step"' in player.page
    assert '<td id="cost-0">0</td>' in player.page  # filled in before any script runs


def test_paths_are_told_apart_without_color(player):
    assert len(BALLS) == len(MARKERS) and len(STROKES) == len(DASHES)
    svg = ET.fromstring(re.search(r"<svg .*?</svg>", player.page, re.DOTALL)[0])
    lines = [svg.find(f".//{SVG}polyline[@id='line-{number}']").get("stroke-dasharray") for number in (0, 1)]
    balls = [svg.find(f".//{SVG}path[@id='ball-{number}']").get("d") for number in (0, 1)]
    assert lines[0] == "none" and lines[1] == STROKES[1]
    assert balls == [BALLS[0][0], BALLS[1][0]]
    assert ">● full batch</th>" in player.page and ">■ mini-batches</th>" in player.page


def test_long_paths_are_told_apart_without_color():
    paths = {name: np.outer(np.linspace(0, 1, 100), end) for name, end in (("a", (1, 1)), ("b", (1, -1)))}
    assert contour_picture(bowl, paths).svg.count("stroke-dasharray") == 2  # of "b", in the picture and the legend


def test_only_the_end_is_spoken(player):
    assert player.page.count('role="status"') == 1
    assert player.page.count("<output") == 1 and '<output id="now" for="step" aria-live="off">' in player.page
    assert "The picture stays as it is." in player.page


def test_a_cost_without_a_value_everywhere_still_has_its_lines():
    def half(a, b):
        if a < 0:
            raise ValueError("math domain error")
        return (a - 1) ** 2 + b * b if a < 2 else float("nan")

    picture = contour_picture(half, [(1, 1), (1, 0)], x=(-1, 3), y=(-1, 1))
    assert "The lowest place shown is w₁ = 1, w₂ = 0, with cost 0" in picture.alt
    assert "path: 1 step from" in picture.alt
    assert picture.svg.split('id="QuadContourSet_1"')[1].split("</g>")[0].count("<path") >= 6
    with pytest.raises(ValueError, match="no finite value in the range"):
        contour_picture(lambda a, b: float("nan"), [(1, 1)])


@pytest.mark.parametrize("speed", [0, -1, float("inf")])
def test_a_player_needs_a_speed(speed):
    with pytest.raises(ValueError, match="steps_per_second must be above 0"):
        path_player(bowl, PATHS, steps_per_second=speed)


def test_a_player_needs_a_path():
    with pytest.raises(ValueError, match="nothing to play"):
        path_player(bowl, None)
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        path_player(bowl, np.zeros(4))
