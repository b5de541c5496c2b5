"""`wiggle`: move the inputs of a small graph and watch the change travel to the output.

The page shows the graph, a slider for each chosen input, and a table that compares what the gradient promises,
Δout ≈ Σ gradient × Δinput, with what really happens. Everything is computed in the page by the rules of `formulas`.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape

from course_lib.drawing.formulas import FormulaGraph
from course_lib.drawing.graph import describe, draw_graph
from course_lib.drawing.picture import Picture
from course_lib.drawing.player import Player
from course_lib.drawing.text import PRETTY_NUMBER_JS, listing, pretty_number

TICKS = 40  # slider ticks on each side of the start; a range that is given has at least twice as many
REACH = 2.0
WIDEST_NUMBER = "−0.001234"

STYLE = """
.box { transition: stroke .15s; }
@media (prefers-reduced-motion: reduce) { .box { transition: none; } }
.box.box.moved { stroke: var(--blue); stroke-width: 2.4; }
.sliders { display: grid; grid-template-columns: max-content minmax(90px, 1fr) 5.5em; gap: 2px 14px; max-width: 560px;
  align-items: center; margin: 10px 4px; }
.sliders label { font-weight: 600; }
tr.sum th, tr.sum td { font-weight: 600; border-bottom: 0; }
.below { display: grid; gap: 0 24px; align-items: start; }
@media (min-width: 660px) { .below { grid-template-columns: minmax(260px, 1fr) max-content; } }
.buttons { display: flex; gap: 10px; flex-wrap: wrap; margin: 10px 4px; }
"""

SCRIPT = """
let start = {...startAtFirst};
const byId = id => document.getElementById(id);
const ticks = Object.fromEntries(leaves.map(leaf => [leaf.name, byId("slider-" + leaf.name)]));

function moved(leaf) {                       // where a slider stands; whole ticks, so that the start is always on one
  return Number((startAtFirst[leaf.name] + ticks[leaf.name].value * leaf.step).toPrecision(12));
}
function draw() {
  const values = {...start};
  for (const leaf of leaves) values[leaf.name] = moved(leaf);
  const before = forward(start), promised = backward(before), now = forward(values), gradients = backward(now);
  order.forEach((name, i) => {
    byId("value-" + i).textContent = prettyNumber(now[name]);
    byId("gradient-" + i).textContent = prettyNumber(gradients[name]);
    byId("box-" + i).classList.toggle("moved", now[name] !== before[name]);
  });
  let promise = 0;
  for (const leaf of leaves) {
    const change = values[leaf.name] - start[leaf.name], share = promised[leaf.name] * change;
    promise += share;
    const text = prettyNumber(values[leaf.name]);
    byId("now-" + leaf.name).value = text;
    ticks[leaf.name].setAttribute("aria-valuetext", text);
    byId("change-" + leaf.name).textContent = prettyNumber(change);
    byId("slope-" + leaf.name).textContent = prettyNumber(promised[leaf.name]);
    byId("share-" + leaf.name).textContent = prettyNumber(share);
  }
  const truth = now[output] - before[output];
  byId("promise").textContent = prettyNumber(promise);
  byId("truth").textContent = prettyNumber(truth);
  byId("said").textContent = leaves.every(leaf => values[leaf.name] === start[leaf.name])
    ? "Move a slider. At the start, " + names[output] + " = " + prettyNumber(before[output]) + "."
    : names[output] + (truth === 0 ? " stays at " : " went from " + prettyNumber(before[output]) + " to ")
      + prettyNumber(now[output])
      + ". The gradient promised a change of " + prettyNumber(promise)
      + "; the true change is " + prettyNumber(truth) + ".";
}
for (const leaf of leaves) ticks[leaf.name].addEventListener("input", draw);
byId("back").addEventListener("click", () => {
  start = {...startAtFirst};
  for (const leaf of leaves) ticks[leaf.name].value = 0;
  draw();
});
byId("here").addEventListener("click", () => {
  for (const leaf of leaves) start[leaf.name] = moved(leaf);
  draw();
});
draw();
"""


def wiggle(
    formulas: Mapping[str, str],
    values: Mapping[str, float],
    move: str | Iterable[str] | Mapping[str, tuple[float, float]] | None = None,
    *,
    detail: str = "operations",
    title: str = "",
) -> Player:
    """A moving computation graph of `formulas` (see `computation_graph`), started at `values`.

    move: the inputs that get a slider, as names, or as {"w1": (lowest, highest)}; without it every input gets one.
    detail: "operations" draws one box an operation, "names" one box a formula.

    Raises:
        ValueError: for an input that is not there, or a range without ends or without the start.
    """
    graph = FormulaGraph(formulas)
    numbers = graph.forward(values)
    gradients = graph.backward(numbers)
    move = graph.inputs if move is None else [move] if isinstance(move, str) else move
    leaves = [_slider(graph, name, numbers, move) for name in dict.fromkeys(move)]
    if not leaves:
        raise ValueError("nothing can be moved: name at least one input")
    output = graph.labels[graph.output]
    inputs = listing([graph.labels[leaf["name"]] for leaf in leaves])
    nodes, edges = describe(graph, _numbers_of_inputs(graph, numbers), detail)
    drawn = draw_graph([replace(edge, local=None) for edge in edges], nodes, title=title, widest=WIDEST_NUMBER)
    promises = [
        f"if {graph.labels[leaf['name']]} grows by a small step, {output} changes by "
        f"{pretty_number(gradients[leaf['name']])} times that step"
        for leaf in leaves
    ]
    drawn.alt += f" Sliders for {inputs}: {'; '.join(promises)}."

    body = (
        f'<div class="scroll">{_inline(drawn)}</div>'
        f'<p id="said" role="status">Move a slider. At the start, {escape(output)} = '
        f"{pretty_number(numbers[graph.output])}.</p>"
        f'<div class="below"><div>{_sliders_html(graph, leaves, numbers)}'
        f'<div class="buttons"><button type="button" id="back">Back to the start</button>'
        f'<button type="button" id="here">Take this point as the start</button></div></div>'
        f"<div>{_table_html(graph, leaves, gradients)}</div></div>"
    )
    known = {
        "leaves": leaves,
        "order": [node.id for node in nodes],
        "names": graph.labels,
        "output": graph.output,
        "startAtFirst": _numbers_of_inputs(graph, numbers),
    }
    constants = "".join(f"const {name} = {json.dumps(content)};\n" for name, content in known.items())
    script = graph.javascript() + PRETTY_NUMBER_JS + constants + SCRIPT
    return Player(body, script, STYLE, drawn, title or f"Wiggle {inputs}, watch {output}", 620)


def _numbers_of_inputs(graph: FormulaGraph, numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: numbers[name] for name in graph.inputs}


def _slider(graph: FormulaGraph, name: str, numbers: Mapping[str, float], move) -> dict:
    """The slider of one input: its ticks are whole numbers of steps away from the start."""
    if name not in graph.inputs:
        raise ValueError(f"cannot move {name!r}: the inputs are {', '.join(graph.inputs)}")
    at = numbers[name]
    low, high = move[name] if isinstance(move, Mapping) else (at - REACH, at + REACH)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"the range of {name}, {low} to {high}, must have two ends: give two finite numbers")
    if not low <= at <= high or low == high:
        raise ValueError(f"the range of {name}, {low} to {high}, must hold its start, {at}")
    step = _round_step((high - low) / (2 * TICKS))
    return {"name": name, "step": step, "low": math.ceil((low - at) / step - 1e-9),
            "high": math.floor((high - at) / step + 1e-9)}  # fmt: skip


def _round_step(most: float) -> float:
    """The largest of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is not above `most`: its multiples are round numbers."""
    digits, exponent = f"{most:.9e}".split("e")
    return float(f"{max(digit for digit in (1, 2, 5) if digit <= float(digits))}e{exponent}")


def _inline(picture: Picture) -> str:
    """The SVG itself, to stand in a page where a script reaches its parts."""
    return picture.svg.replace("<svg ", f'<svg style="min-width:{picture.least_width}px" ', 1)


def _sliders_html(graph: FormulaGraph, leaves: list[dict], numbers: Mapping[str, float]) -> str:
    lines = []
    for leaf in leaves:
        name, label = leaf["name"], escape(graph.labels[leaf["name"]])
        lines.append(
            f'<label for="slider-{name}">{label}</label>'
            f'<input type="range" id="slider-{name}" min="{leaf["low"]}" max="{leaf["high"]}" step="1" value="0">'
            f'<output id="now-{name}" for="slider-{name}" class="blue" aria-live="off">'
            f"{pretty_number(numbers[name])}</output>"
        )
    return f'<div class="sliders">{"".join(lines)}</div>'


def _table_html(graph: FormulaGraph, leaves: list[dict], gradients: Mapping[str, float]) -> str:
    """The promise, input by input, against the truth. Filled in for the start, so it can be read without a script."""
    output = escape(graph.labels[graph.output])
    lines = []
    for leaf in leaves:
        name = leaf["name"]
        lines.append(
            f'<tr><th scope="row">{escape(graph.labels[name])}</th><td id="change-{name}">0</td>'
            f'<td id="slope-{name}" class="vermillion">{pretty_number(gradients[name])}</td>'
            f'<td id="share-{name}">0</td></tr>'
        )
    return (
        f"<table><caption>What the gradient at the start promises for {output}, and what happens</caption>"
        f'<thead><tr><th scope="col">input</th><th scope="col">change</th><th scope="col">gradient</th>'
        f'<th scope="col">gradient × change</th></tr></thead><tbody>{"".join(lines)}'
        f'<tr class="sum"><th scope="row" colspan="3">promised change of {output}</th><td id="promise">0</td></tr>'
        f'<tr class="sum"><th scope="row" colspan="3">true change of {output}</th><td id="truth">0</td></tr>'
        f"</tbody></table>"
    )
