"""The path player: the line lies where the picture's axes say, the page runs, and it needs nothing from outside."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course_lib.drawing import path_player

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
    assert any(abs(x1 - left) < 0.2 and abs(x2 - left) < 0.2 and abs(y1 - y2) == pytest.approx(height, abs=0.3)
               for x1, y1, x2, y2 in (n for n in numbers if len(n) == 4))   # the left spine is the window's left side
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
    const seen = [];
    const look = () => seen.push([+part("step").value, part("now").value, part("cost-0").textContent,
      part("cost-1").textContent, part("line-0").set.points.split(" ").length, part("play").set["aria-label"]]);
    listeners["play click"](); look();
    while (ticks.length) { ticks[0](); look(); }
    part("step").value = 1; listeners["step input"](); look();
    console.log(JSON.stringify(seen));
    """
    seen = node(browser + script + use)
    costs = [[f"{bowl(*points[min(step, len(points) - 1)]):.4g}" for points in PATHS.values()] for step in range(4)]
    expected = [[k, f"step {k}", *costs[k], min(k, 2) + 1, "pause" if k < 3 else "play"] for k in range(4)]
    assert seen == [*expected, [1, "step 1", *costs[1], 2, "play"]]


def test_there_are_words_and_a_still_picture(player):
    assert "full batch: 2 steps from (−2, 1), cost 18, to (1, −0.5), cost 0" in player.alt
    kept = re.sub(r"<style>.*?</style>|<iframe.*?</iframe>", "", player._repr_html_(), flags=re.DOTALL)
    assert "<img alt=" in kept
    assert 'aria-label="play"' in player.page and 'aria-label="step"' in player.page
    assert '<td id="cost-0">0</td>' in player.page   # filled in before any script runs


def test_a_player_needs_a_path():
    with pytest.raises(ValueError, match="nothing to play"):
        path_player(bowl, None)
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        path_player(bowl, np.zeros(4))
