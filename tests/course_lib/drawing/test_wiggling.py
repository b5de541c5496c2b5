"""The moving graph: the page computes what Python computes, needs nothing from outside, and has words for all."""

import json
import re

import pytest

from course_lib.drawing import wiggle
from course_lib.drawing.formulas import FormulaGraph

CHAIN = {"h": "w1*x + b1", "g": "w2*h + b2", "C": "(y - g)**2"}
AT = {"x": 2, "w1": 3, "b1": -1, "w2": 0.5, "b2": 0.25, "y": 1}
EVERY_RULE = {
    "p": "x + y*2 - 3/(y + 4) - (-x)",
    "q": "exp(-x*x) + log(y + 3) + sqrt(y*y + 1)",
    "r": "sin(p) * cos(q) + tanh(p*0.3) - sigmoid(q)",
    "s": "relu(r + 1) + relu(r - 9) + softplus(p - q) + max(p, q)",
    "t": "(y + 3)**x + s**3 + 2**y",
}


# The least of a browser that the page's script needs.
BROWSER = """
const parts = {}, listeners = {};
const part = id => parts[id] ??= {id, value: 0, textContent: "",
  classList: {toggle(c, on) { parts[id].moved = on; }},
  setAttribute() {}, addEventListener(event, f) { listeners[id + " " + event] = f; }};
const document = {getElementById: part, documentElement: {}}, window = {};
class ResizeObserver { observe() {} }
"""


@pytest.mark.parametrize("formulas", [CHAIN, EVERY_RULE])
def test_javascript_computes_what_python_computes(formulas, node):
    graph = FormulaGraph(formulas)
    points = [AT] if formulas is CHAIN else [{"x": x, "y": y} for x in (-1.2, 0.0, 0.7) for y in (-0.9, 0.0, 1.3)]
    script = f"""{graph.javascript()}
    const points = {json.dumps(points)};
    console.log(JSON.stringify(points.map(p => {{ const n = forward(p); return [n, backward(n)]; }})));"""
    for point, (values, gradients) in zip(points, node(script), strict=True):
        numbers = graph.forward(point)
        assert values == pytest.approx(numbers, rel=1e-12, abs=1e-14)
        assert gradients == pytest.approx(graph.backward(numbers), rel=1e-11, abs=1e-13)


def script_of(player):
    return BROWSER + re.search(r"<script>(.*)</script>", player.page, re.DOTALL)[1]


def test_the_page_runs_and_answers_a_moved_slider(node):
    """The page's own script against the least of a browser: move w1 by four ticks of 0.05."""
    moves = """
    part("slider-w1").value = 4; listeners["slider-w1 input"]();
    const show = id => parts[id].value && id.startsWith("now") ? parts[id].value : parts[id].textContent;
    const ids = ["now-w1", "change-w1", "share-w1", "slope-w1", "promise", "truth", "said"];
    const after = Object.fromEntries(ids.map(id => [id, show(id)]));
    after.moved = Object.values(parts).filter(p => p.moved).length;
    listeners["here click"](); after.here = parts["promise"].textContent;
    listeners["back click"](); after.back = parts["now-w1"].value;
    console.log(JSON.stringify(after));
    """
    found = node(script_of(wiggle(CHAIN, AT, move=["w1", "b1"])) + moves)
    graph = FormulaGraph(CHAIN)
    before, after = (graph.forward({**AT, "w1": w1})["C"] for w1 in (3, 3.2))
    assert found["now-w1"] == "3.2" and found["change-w1"] == "0.2" and found["slope-w1"] == "3.5"
    assert found["share-w1"] == found["promise"] == "0.7"
    assert found["truth"] == f"{after - before:.4g}"
    assert found["moved"] == 7  # w1 itself and the six nodes it reaches
    assert "promised a change of 0.7" in found["said"]
    assert found["here"] == "0" and found["back"] == "3"


def test_a_moved_slider_that_changes_nothing_is_answered_too(node):
    moves = """
    part("slider-d").value = 1; listeners["slider-d input"](); const after = parts["said"].textContent;
    part("slider-d").value = 0; listeners["slider-d input"](); const back = parts["said"].textContent;
    console.log(JSON.stringify([after, back]));
    """
    after, back = node(script_of(wiggle({"C": "max(u, d)"}, {"u": 6, "d": 4}, move="d")) + moves)
    assert after == "C stays at 6. The gradient promised a change of 0; the true change is 0."
    assert back == "Move a slider. At the start, C = 6."


def test_one_line_speaks_while_a_slider_moves():
    page = wiggle(CHAIN, AT).page
    assert page.count('role="status"') == 1
    assert page.count("<output") == page.count('aria-live="off"') == len(AT)


def test_the_same_call_gives_the_same_bytes():
    assert wiggle(CHAIN, AT)._repr_html_() == wiggle(CHAIN, AT)._repr_html_()


def test_the_page_needs_nothing_from_outside(nothing_from_outside):
    nothing_from_outside(wiggle(CHAIN, AT).page)


def test_there_are_words_for_every_reader():
    player = wiggle(CHAIN, AT, move=["w1"])
    assert "if w₁ grows by a small step, C changes by 3.5 times that step" in player.alt
    assert player._repr_mimebundle_()["text/plain"] == player.alt
    assert '<label for="slider-w1">w₁</label>' in player.page
    assert "<noscript>" in player.page
    assert '<td id="slope-w1" class="vermillion">3.5</td>' in player.page  # filled in before any script runs


def test_a_notebook_without_trust_keeps_the_still_picture():
    html = wiggle(CHAIN, AT)._repr_html_()
    kept = re.sub(r"<style>.*?</style>|<iframe.*?</iframe>", "", html, flags=re.DOTALL)  # what a sanitizer takes away
    assert kept.startswith('<div class="still-') and "<img alt=" in kept and "trusted" in kept
    mark = re.search(r'class="(still-\w+)"', kept)[1]
    assert f"<style>.{mark}{{display:none}}</style>" in html


def test_ids_on_the_page_are_unique():
    ids = re.findall(r' id="([^"]+)"', wiggle(CHAIN, AT).page)
    assert len(ids) == len(set(ids))


def test_a_range_may_be_given_and_must_hold_the_start():
    page = wiggle({"f": "x**2"}, {"x": 3}, {"x": (0, 4)}).page
    low, high = map(int, re.search(r'id="slider-x" min="(-?\d+)" max="(-?\d+)"', page).groups())
    step = json.loads(re.search(r"const leaves = (.*);", page)[1])[0]["step"]
    assert 3 + low * step == pytest.approx(0) and 3 + high * step == pytest.approx(4)
    with pytest.raises(ValueError, match="must hold its start"):
        wiggle({"f": "x**2"}, {"x": 3}, {"x": (4, 5)})
    with pytest.raises(ValueError, match="cannot move 'z'"):
        wiggle({"f": "x**2"}, {"x": 3}, ["z"])
    with pytest.raises(ValueError, match="nothing can be moved"):
        wiggle({"f": "x**2"}, {"x": 3}, [])


@pytest.mark.parametrize(
    ("start", "low", "high", "others"), [(4, 2, 8, (5, 2.5)), (0.3, 0, 1, (0.5,)), (0, -1000, 500, (-250, 100))]
)
def test_the_slider_reaches_both_ends_of_its_range_and_round_numbers(start, low, high, others):
    page = wiggle({"f": "x**2"}, {"x": start}, {"x": (low, high)}).page
    (leaf,) = json.loads(re.search(r"const leaves = (.*);", page)[1])
    reached = [start + ticks * leaf["step"] for ticks in range(leaf["low"], leaf["high"] + 1)]
    assert 80 <= len(reached) <= 240
    assert reached[0] == pytest.approx(low) and reached[-1] == pytest.approx(high)
    for place in others:
        assert min(abs(place - at) for at in reached) < 1e-9


def test_a_range_needs_ends():
    with pytest.raises(ValueError, match="two finite numbers"):
        wiggle({"f": "x**2"}, {"x": 3}, {"x": (0, float("inf"))})


def test_an_input_named_twice_gets_one_slider():
    assert wiggle({"f": "x**2"}, {"x": 3}, ["x", "x"]).page == wiggle({"f": "x**2"}, {"x": 3}, ["x"]).page


def test_a_title_of_one_s_own_stands_above_the_graph():
    assert ">Watch it move</text>" in wiggle(CHAIN, AT, title="Watch it move").page
    assert "<title>Wiggle x, watch f</title>" in wiggle({"f": "x**2"}, {"x": 3}).page


def test_save_writes_the_page(tmp_path):
    player = wiggle(CHAIN, AT)
    assert player.save(tmp_path / "page.html").read_text(encoding="utf-8") == player.page
