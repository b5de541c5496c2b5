"""A cost over two weights, seen from above, and the paths of descent on it: still, and step by step."""

import json
from collections.abc import Callable, Mapping
from html import escape

import numpy as np

from course_lib.arguments import one_function, reals
from course_lib.drawing.curves import MARKERS, line_style, number_or_nan, short
from course_lib.drawing.figure import as_picture, axes, head
from course_lib.drawing.palette import DASHES, LIGHT, SERIES
from course_lib.drawing.picture import Picture
from course_lib.drawing.player import Player
from course_lib.drawing.text import PRETTY_NUMBER_JS, counted

GRID = 121
LEVELS = 12

# What `DASHES` and `MARKERS` of the still pictures are in the moving one: lengths of dashes, and (outline, letter).
STROKES = ("", "6.7 2.9", "11.5 2.9 1.8 2.9", "1.8 3", "10.8 3.6 1.8 3.6 1.8 3.6")
BALLS = (
    ("M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z", "●"),
    ("M-5 -5h10v10h-10z", "■"),
    ("M0 -7l7 7l-7 7l-7 -7z", "◆"),
    ("M0 -6.5l6 11h-12z", "▲"),
    ("M0 6.5l6 -11h-12z", "▼"),
)

STYLE = """
.bar { display: grid; grid-template-columns: max-content minmax(90px, 1fr) 5.5em; gap: 14px; align-items: center;
  max-width: 600px; margin: 8px 4px; }
#play { min-width: 6.5em; }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
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
    byId("ball-" + i).setAttribute("transform", "translate(" + track.points[at].join(" ") + ")");
    byId("first-" + i).textContent = prettyNumber(track.weights[at][0]);
    byId("second-" + i).textContent = prettyNumber(track.weights[at][1]);
    byId("cost-" + i).textContent = prettyNumber(track.costs[at]);
  });
  const words = "step " + step + ": " + tracks.map((track, i) =>
    track.name + ", cost " + byId("cost-" + i).textContent).join("; ");
  slider.setAttribute("aria-valuetext", words);
  return words;
}
function stop() {
  clearInterval(timer);
  timer = 0;
  button.textContent = "▶ play";
  button.setAttribute("aria-label", "play");
}
function advance() {
  slider.value = +slider.value + 1;
  const words = draw();
  if (+slider.value < +slider.max) return;
  stop();
  byId("said").textContent = words;          // spoken once, at the end
}
button.addEventListener("click", () => {
  if (timer) return stop();
  if (+slider.value >= +slider.max) slider.value = 0;
  byId("said").textContent = "";
  draw();
  timer = setInterval(advance, pause);
  button.textContent = "❚❚ pause";
  button.setAttribute("aria-label", "pause");
});
slider.addEventListener("input", () => { stop(); draw(); });
slider.value = 0;                            // the page as it is written, without the script, shows the end
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

    cost: a function of two numbers; where it has no finite value, no lines are drawn.
    paths: points (n, 2), or {"full batch": points, …}. x, y: what to show; without them, all paths and some room.

    Raises:
        TypeError: for a cost that is no function.
        ValueError: for a path that is no list of finite points, and for a cost without any finite value.
    """
    cost, paths = one_function(cost, "cost"), _named_paths(paths)
    x, y = frame(paths, x, y)
    with axes(width=6.2, height=4.9) as (figure, ax):
        lowest = _contours(ax, cost, x, y, names)
        for number, (name, points) in enumerate(paths.items()):
            every = 1 if len(points) <= 60 else [len(points) - 1]  # more would hide the line
            ax.plot(points[:, 0], points[:, 1], label=name, linewidth=1.6, marker=MARKERS[number % 5], markersize=4,
                    markevery=every, **line_style(number))  # fmt: skip
            ax.plot(*points[-1], MARKERS[number % 5], color=LIGHT[SERIES[number % 5]], markersize=9,
                    markeredgecolor=LIGHT["paper"])  # fmt: skip
        head(figure, title, ax if paths else None)
        return as_picture(figure, _describe_paths(cost, paths, x, y, names, lowest, title))


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
    """The same picture step by step: a play button and a slider that the arrow keys move. Arguments as above.

    It opens at step 0.

    Raises:
        TypeError: as above.
        ValueError: as above, without a path, and for a speed that is not above 0.
    """
    paths = _named_paths(paths)
    if not paths:
        raise ValueError("nothing to play: give at least one path, points of shape (n, 2)")
    if not 0 < steps_per_second < np.inf:
        raise ValueError(f"steps_per_second must be above 0, not {steps_per_second}")
    x, y = frame(paths, x, y)
    still = contour_picture(cost, paths, x=x, y=y, names=names, title=title)
    title = title or f"The way down over {names[0]} and {names[1]}, step by step"
    with axes(width=6.2, height=4.6) as (figure, ax):
        _contours(ax, cost, x, y, names)
        ground = as_picture(figure, still.alt)
        size = figure.get_size_inches() * 72  # an SVG of matplotlib counts in points, from the top
        corners = ax.bbox.corners() * 72 / figure.dpi
        window = (corners[0][0], size[1] - corners[-1][1], *(corners[-1] - corners[0]))
        tracks = []
        for number, (name, points) in enumerate(paths.items()):
            places = ax.transData.transform(points) * 72 / figure.dpi
            tracks.append({
                "name": name,
                "color": SERIES[number % len(SERIES)],
                "dashes": STROKES[DASHES.index(line_style(number)["linestyle"])],
                "ball": BALLS[number % len(BALLS)],
                "points": [[round(float(px), 1), round(float(size[1] - py), 1)] for px, py in places],
                "costs": [float(cost(a, b)) for a, b in points],
                "weights": [[float(a), float(b)] for a, b in points],
            })  # fmt: skip
    last = max(len(track["points"]) for track in tracks) - 1
    known = {"tracks": tracks, "names": names, "pause": 1000 / steps_per_second}
    constants = "".join(f"const {name} = {json.dumps(content)};\n" for name, content in known.items())
    body = (
        f'<div class="scroll">{_with_overlay(ground.svg, tracks, window)}</div>'
        f'<div class="bar"><button type="button" id="play" aria-label="play">▶ play</button>'
        f'<input type="range" id="step" min="0" max="{last}" value="{last}" step="1" aria-label="step">'
        f'<output id="now" for="step" aria-live="off">step {last}</output></div>'
        f'<p id="said" role="status" class="unseen"></p>{_table_html(tracks, names)}'
    )
    return Player(body, PRETTY_NUMBER_JS + constants + SCRIPT, STYLE, still, title, 620)


# Parts ------------------------------------------------------------------------------------------------------------


def _named_paths(paths) -> dict[str, np.ndarray]:
    if paths is None:
        return {}
    paths = paths if isinstance(paths, Mapping) else {"path": paths}
    found = {name: reals(points, f"the path '{name}'") for name, points in paths.items()}
    for name, points in found.items():
        if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
            raise ValueError(f"a path is points of shape (n, 2); '{name}' has shape {points.shape}")
        lost = np.flatnonzero(~np.isfinite(points).all(axis=1))
        if lost.size:
            raise ValueError(f"a path is finite points; point {lost[0]} of '{name}' is {points[lost[0]].tolist()}")
    return found


def frame(paths, x, y) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the picture shows: as asked, or all points and a fifth more on each side.

    Raises:
        ValueError: without a path, when a range is not given.
    """
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


def _contours(ax, cost, x, y, names) -> tuple[float, float, float]:
    """Draw the lines of equal cost; return the lowest point of the grid and its cost.

    Raises ValueError when the cost is finite nowhere on the grid.
    """
    across, up = np.linspace(x[0], x[1], GRID), np.linspace(y[0], y[1], GRID)
    # Ten digits: what comes after differs between processors, and could decide where a line begins.
    heights = np.array([[float(f"{number_or_nan(cost, a, b):.10g}") for a in across] for b in up])
    if np.isnan(heights).all():
        raise ValueError("the cost has no finite value in the range shown: choose another x and y")
    least, most = np.nanmin(heights), np.nanmax(heights)
    # Equal steps of the root: a bowl then has evenly spaced rings, also near its bottom.
    levels = least + (most - least) * (np.linspace(0, 1, LEVELS + 2)[1:-1]) ** 2
    if most > least:
        shown = np.ma.masked_invalid(heights)
        lines = ax.contour(across, up, shown, levels=levels, colors=LIGHT["line"], linewidths=0.9)
        ax.clabel(lines, levels[3::3], fmt=short, fontsize=8, colors=LIGHT["muted"])
    i, j = np.unravel_index(np.nanargmin(heights), heights.shape)
    ax.plot(across[j], up[i], "+", color=LIGHT["ink"], markersize=12, markeredgewidth=1.8, zorder=5)
    ax.set(xlim=x, ylim=y, xlabel=names[0], ylabel=names[1])
    ax.grid(visible=False)
    return float(across[j]), float(up[i]), float(least)


def _describe_paths(cost, paths, x, y, names, lowest, title: str) -> str:
    a, b, least = lowest
    said = [
        f"{title or f'Lines of equal cost over {names[0]} and {names[1]}'}, for {names[0]} from {short(x[0])} to "
        f"{short(x[1])} and {names[1]} from {short(y[0])} to {short(y[1])}. The lowest place shown is "
        f"{names[0]} = {short(a)}, {names[1]} = {short(b)}, with cost {short(least)}"
    ]
    for name, points in paths.items():
        (a0, b0), (a1, b1) = points[0], points[-1]
        said.append(
            f"{name}: {counted(len(points) - 1, 'step')} from ({short(a0)}, {short(b0)}), cost {short(cost(a0, b0))}, "
            f"to ({short(a1)}, {short(b1)}), cost {short(cost(a1, b1))}"
        )
    return ". ".join(said) + "."


def _with_overlay(svg: str, tracks: list[dict], window) -> str:
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
            f'stroke-width="1.8" stroke-dasharray="{track["dashes"] or "none"}" stroke-linejoin="round"/>'
            f'<path id="ball-{number}" d="{track["ball"][0]}" transform="translate({cx} {cy})" '
            f'fill="var(--{track["color"]})" stroke="var(--paper)" stroke-width="1.5"/>'
        )
    return svg.replace("<svg ", '<svg style="min-width:320px" ', 1).replace("</svg>", "".join(parts) + "</g></svg>")


def _table_html(tracks: list[dict], names) -> str:
    rows = []
    for number, track in enumerate(tracks):
        a, b = track["weights"][-1]
        rows.append(
            f'<tr><th scope="row" style="color:var(--{track["color"]})">{track["ball"][1]} {escape(track["name"])}</th>'
            f'<td id="first-{number}">{short(a)}</td><td id="second-{number}">{short(b)}</td>'
            f'<td id="cost-{number}">{short(track["costs"][-1])}</td></tr>'
        )
    return (
        f'<table aria-live="off"><thead><tr><th scope="col">path</th><th scope="col">{escape(names[0])}</th>'
        f'<th scope="col">{escape(names[1])}</th><th scope="col">cost</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
