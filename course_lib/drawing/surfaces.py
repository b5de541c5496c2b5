"""A cost over two weights, seen from above, and the paths of descent on it: still, and step by step."""

import json
from collections.abc import Callable, Mapping
from html import escape

import numpy as np

from course_lib.drawing.curves import MARKERS, line_style, short
from course_lib.drawing.figure import as_picture, axes, head
from course_lib.drawing.palette import LIGHT, SERIES
from course_lib.drawing.picture import Picture
from course_lib.drawing.player import Player
from course_lib.drawing.text import PRETTY_NUMBER_JS

GRID = 121
LEVELS = 12

STYLE = """
.bar { display: grid; grid-template-columns: max-content minmax(90px, 1fr) 5.5em; gap: 14px; align-items: center;
  max-width: 600px; margin: 8px 4px; }
#play { min-width: 6.5em; }
"""

SCRIPT = """
const byId = id => document.getElementById(id);
const slider = byId("step"), button = byId("play");
let timer = 0;

function draw() {
  const step = +slider.value;
  byId("now").value = "step " + step;
  tracks.forEach((track, i) => {
    const at = Math.min(step, track.points.length - 1);   // a path that has ended waits at its end
    byId("line-" + i).setAttribute("points", track.points.slice(0, at + 1).join(" "));
    byId("ball-" + i).setAttribute("cx", track.points[at][0]);
    byId("ball-" + i).setAttribute("cy", track.points[at][1]);
    byId("first-" + i).textContent = prettyNumber(track.weights[at][0]);
    byId("second-" + i).textContent = prettyNumber(track.weights[at][1]);
    byId("cost-" + i).textContent = prettyNumber(track.costs[at]);
  });
  slider.setAttribute("aria-valuetext", "step " + step + ": " + tracks.map((track, i) =>
    track.name + ", cost " + byId("cost-" + i).textContent).join("; "));
}
function stop() {
  clearInterval(timer);
  timer = 0;
  button.textContent = "▶ play";
  button.setAttribute("aria-label", "play");
}
function advance() {
  slider.value = +slider.value + 1;
  draw();
  if (+slider.value >= +slider.max) stop();
}
button.addEventListener("click", () => {
  if (timer) return stop();
  if (+slider.value >= +slider.max) slider.value = 0;
  draw();
  timer = setInterval(advance, pause);
  button.textContent = "❚❚ pause";
  button.setAttribute("aria-label", "pause");
});
slider.addEventListener("input", () => { stop(); draw(); });
draw();
"""


def contour_picture(
    cost: Callable,
    paths=None,
    *,
    x: tuple[float, float] | None = None,
    y: tuple[float, float] | None = None,
    names: tuple[str, str] = ("w₁", "w₂"),
    title: str = "",
) -> Picture:
    """Lines of equal cost over two weights, with paths on them.

    cost: a function of two numbers. paths: points (n, 2), or {"full batch": points, …}.
    x, y: what to show; without them, all of the paths and some room.
    """
    paths = named_paths(paths)
    x, y = frame(paths, x, y)
    with axes(width=6.2, height=4.9) as (figure, ax):
        lowest = contours(ax, cost, x, y, names)
        for number, (name, points) in enumerate(paths.items()):
            marker = {"marker": MARKERS[number % 5], "markersize": 4} if len(points) <= 60 else {}
            ax.plot(points[:, 0], points[:, 1], label=name, linewidth=1.6, **marker,
                    **line_style(number) | {"linestyle": "-"})  # fmt: skip
            ax.plot(*points[-1], MARKERS[number % 5], color=LIGHT[SERIES[number % 5]], markersize=9,
                    markeredgecolor=LIGHT["paper"])  # fmt: skip
        head(figure, title, ax if paths else None)
        return as_picture(figure, describe_paths(cost, paths, x, y, names, lowest, title))


def path_player(
    cost: Callable,
    paths,
    *,
    x: tuple[float, float] | None = None,
    y: tuple[float, float] | None = None,
    names: tuple[str, str] = ("w₁", "w₂"),
    title: str = "",
    steps_per_second: float = 8,
) -> Player:
    """The same picture step by step: a play button and a slider that the arrow keys move. Arguments as above."""
    paths = named_paths(paths)
    if not paths:
        raise ValueError("nothing to play: give at least one path, points of shape (n, 2)")
    x, y = frame(paths, x, y)
    still = contour_picture(cost, paths, x=x, y=y, names=names, title=title)
    title = title or f"The way down over {names[0]} and {names[1]}, step by step"
    with axes(width=6.2, height=4.6) as (figure, ax):
        contours(ax, cost, x, y, names)
        ground = as_picture(figure, still.alt)
        size = figure.get_size_inches() * 72   # an SVG of matplotlib counts in points, from the top
        corners = ax.bbox.corners() * 72 / figure.dpi
        window = (corners[0][0], size[1] - corners[-1][1], *(corners[-1] - corners[0]))
        tracks = []
        for number, (name, points) in enumerate(paths.items()):
            places = ax.transData.transform(points) * 72 / figure.dpi
            tracks.append({
                "name": name,
                "color": SERIES[number % len(SERIES)],
                "points": [[round(float(px), 1), round(float(size[1] - py), 1)] for px, py in places],
                "costs": [float(cost(a, b)) for a, b in points],
                "weights": [[float(a), float(b)] for a, b in points],
            })  # fmt: skip
    last = max(len(track["points"]) for track in tracks) - 1
    known = {"tracks": tracks, "names": names, "pause": 1000 / steps_per_second}
    constants = "".join(f"const {name} = {json.dumps(content)};\n" for name, content in known.items())
    body = (
        f'<div class="scroll">{with_overlay(ground.svg, tracks, window)}</div>'
        f'<div class="bar"><button type="button" id="play" aria-label="play">▶ play</button>'
        f'<input type="range" id="step" min="0" max="{last}" value="{last}" step="1" aria-label="step">'
        f'<output id="now" for="step">step {last}</output></div>{table_html(tracks, names)}'
    )
    return Player(body, PRETTY_NUMBER_JS + constants + SCRIPT, STYLE, still, title, 620)


# Parts ------------------------------------------------------------------------------------------------------------


def named_paths(paths) -> dict[str, np.ndarray]:
    if paths is None:
        return {}
    paths = paths if isinstance(paths, Mapping) else {"path": paths}
    found = {name: np.asarray(points, dtype=float) for name, points in paths.items()}
    for name, points in found.items():
        if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0 or not np.isfinite(points).all():
            raise ValueError(f"a path is finite points of shape (n, 2); '{name}' has shape {points.shape}")
    return found


def frame(paths, x, y) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the picture shows: as asked, or all points and a fifth more on each side."""
    if not paths and (x is None or y is None):
        raise ValueError("without a path the ranges are needed: x=(low, high), y=(low, high)")
    found = []
    for axis, asked in enumerate((x, y)):
        if asked is None:
            values = np.concatenate([points[:, axis] for points in paths.values()])
            room = 0.2 * (float(np.ptp(values)) or 1.0)
            asked = (float(values.min()) - room, float(values.max()) + room)
        found.append((float(asked[0]), float(asked[1])))
    return found[0], found[1]


def contours(ax, cost, x, y, names) -> tuple[float, float, float]:
    """Draw the lines of equal cost; return the lowest point of the grid and its cost."""
    across, up = np.linspace(*x, GRID), np.linspace(*y, GRID)
    heights = np.array([[float(cost(a, b)) for a in across] for b in up])
    least, most = heights.min(), heights.max()
    # Equal steps of the root: a bowl then has evenly spaced rings, also near its bottom.
    levels = least + (most - least) * (np.linspace(0, 1, LEVELS + 2)[1:-1]) ** 2
    if most > least:
        lines = ax.contour(across, up, heights, levels=levels, colors=LIGHT["line"], linewidths=0.9)
        ax.clabel(lines, levels[3::3], fmt=short, fontsize=8, colors=LIGHT["muted"])
    i, j = np.unravel_index(heights.argmin(), heights.shape)
    ax.plot(across[j], up[i], "+", color=LIGHT["ink"], markersize=12, markeredgewidth=1.8, zorder=5)
    ax.set(xlim=x, ylim=y, xlabel=names[0], ylabel=names[1])
    ax.grid(visible=False)
    return float(across[j]), float(up[i]), float(least)


def describe_paths(cost, paths, x, y, names, lowest, title: str) -> str:
    a, b, least = lowest
    said = [
        f"{title or f'Lines of equal cost over {names[0]} and {names[1]}'}, for {names[0]} from {short(x[0])} to "
        f"{short(x[1])} and {names[1]} from {short(y[0])} to {short(y[1])}. The lowest place shown is "
        f"{names[0]} = {short(a)}, {names[1]} = {short(b)}, with cost {short(least)}"
    ]
    for name, points in paths.items():
        (a0, b0), (a1, b1) = points[0], points[-1]
        said.append(
            f"{name}: {len(points) - 1} steps from ({short(a0)}, {short(b0)}), cost {short(cost(a0, b0))}, "
            f"to ({short(a1)}, {short(b1)}), cost {short(cost(a1, b1))}"
        )
    return ". ".join(said) + "."


def with_overlay(svg: str, tracks: list[dict], window) -> str:
    """The still ground, and for every path a line and a ball that the script moves, cut off at the `window`."""
    x, y, width, height = (f"{number:.1f}" for number in window)
    parts = [
        f'<clipPath id="window"><rect x="{x}" y="{y}" width="{width}" height="{height}"/></clipPath>'
        f'<g clip-path="url(#window)">'
    ]
    for number, track in enumerate(tracks):
        points = " ".join(f"{px},{py}" for px, py in track["points"])
        cx, cy = track["points"][-1]
        parts.append(
            f'<polyline id="line-{number}" points="{points}" fill="none" stroke="var(--{track["color"]})" '
            f'stroke-width="1.8" stroke-linejoin="round"/><circle id="ball-{number}" cx="{cx}" cy="{cy}" r="5.5" '
            f'fill="var(--{track["color"]})" stroke="var(--paper)" stroke-width="1.5"/>'
        )
    return svg.replace("<svg ", '<svg style="min-width:320px" ', 1).replace("</svg>", "".join(parts) + "</g></svg>")


def table_html(tracks: list[dict], names) -> str:
    rows = []
    for number, track in enumerate(tracks):
        a, b = track["weights"][-1]
        rows.append(
            f'<tr><th scope="row" style="color:var(--{track["color"]})">● {escape(track["name"])}</th>'
            f'<td id="first-{number}">{short(a)}</td><td id="second-{number}">{short(b)}</td>'
            f'<td id="cost-{number}">{short(track["costs"][-1])}</td></tr>'
        )
    return (
        f'<table aria-live="off"><thead><tr><th scope="col">path</th><th scope="col">{escape(names[0])}</th>'
        f'<th scope="col">{escape(names[1])}</th><th scope="col">cost</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
