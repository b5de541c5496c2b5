"""From a matplotlib figure to a `Picture`: same bytes every time, text as shapes, colors that follow the reader's page.

The figure is drawn with the light form of the palette. In the SVG every palette color is then replaced by its name
(`var(--blue)`), and the SVG's own style says what the name means on a light and on a dark page.
"""

import io
import re
import sys
import textwrap
from contextlib import contextmanager
from html import escape
from typing import Any

from course_lib.drawing.palette import LIGHT, SERIES, stylesheet
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import text_width

TITLE, LEGEND = 11, 9.5  # font sizes in points
POWERS = 10.75  # of the numbers on a logarithmic axis: their exponents are 0.7 times as large, and must be read too
HANDLE, BETWEEN = 2.6, 1.6  # of the legend: the piece of line, and the space between columns, in letters

STYLE: dict[str, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "course_lib",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.labelpad": 6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",  # as over the pictures that have a legend, see `head`
    "axes.titlesize": TITLE,
    "axes.titleweight": "bold",
    "axes.edgecolor": LIGHT["line"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "text.color": LIGHT["ink"],
    "grid.color": LIGHT["border"],
    "grid.linewidth": 0.6,
    "xtick.color": LIGHT["line"],
    "ytick.color": LIGHT["line"],
    "xtick.labelcolor": LIGHT["muted"],
    "ytick.labelcolor": LIGHT["muted"],
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": LEGEND,
}

LEAST_SCALE = 0.56  # a figure shrinks this far to fit the page (a usual one fits a phone); below that it scrolls

# What a figure made outside of `axes` may bring along, and what stands for it here.
PLAIN = {"#000000": "ink", "#ffffff": "paper"}


@contextmanager
def axes(columns: int = 1, rows: int = 1, width: float = 6.4, height: float = 3.8):
    """Give a figure and its axes (one, or an array of them) in the course's style.

    The figure belongs to no window and no global list, so that a notebook does not show it a second time.
    """
    import matplotlib
    from cycler import cycler
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the reader has set elsewhere, the course's pictures look alike
        matplotlib.rcParams.update(STYLE)  # type: ignore[arg-type]
        matplotlib.rcParams["axes.prop_cycle"] = cycler(color=[LIGHT[name] for name in SERIES])
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots(rows, columns)


def as_picture(figure, alt: str) -> Picture:
    """A `Picture` of a matplotlib figure. `alt` says in words what it shows; a picture without words is refused.

    Raises:
        ValueError: when `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("a picture needs alt text: say in words what the reader should see")
    import matplotlib

    for each in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        if each.get_scale() == "log":
            each.set_tick_params(labelsize=POWERS)
    written = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "course_lib"}):
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(written, format="svg", metadata=nothing, transparent=True)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)  # else the notebook shows the figure once more, without its words
    width = float(figure.get_figwidth()) * 100
    return Picture(_adapted(written.getvalue(), alt), alt, width, width * LEAST_SCALE)


def _adapted(svg: str, alt: str) -> str:
    """The SVG without header and metadata, with named colors, a paper of its own, and its description."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    names = PLAIN | {color: name for name, color in LIGHT.items()}
    svg = re.sub(r"#[0-9a-f]{6}\b", lambda found: named(found[0], names), svg)
    head, rest = svg.split(">", 1)
    words = f"<title>{escape(alt.split('. ')[0])}</title><desc>{escape(alt)}</desc>"
    style = f"<style>{stylesheet()}svg{{fill:var(--ink)}}</style>"
    paper = '<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>'
    return f'{head} role="img">{words}{style}{paper}{rest}'


def named(color: str, names: dict[str, str]) -> str:
    return f"var(--{names[color]})" if color in names else color


def head(figure, title: str = "", ax=None) -> None:
    """What stands above the axes, where it covers no data: the title, and the legend of `ax` in rows.

    Both go on in a new line where the figure ends; the figure grows by their lines.
    """
    room = figure.get_figwidth() * 72 - 12  # points
    style = {"size": TITLE, "weight": "bold"}
    title = _wrapped(title, TITLE, room, bold=True)
    handles, labels = ax.get_legend_handles_labels() if ax is not None else ([], [])
    lines = title.count("\n") + 1 if title else 0
    if handles:
        beside = (HANDLE + 0.8 + BETWEEN) * LEGEND  # all that stands beside the words of one entry
        labels = [_wrapped(label, LEGEND, room - beside) for label in labels]
        wide = [max(text_width(line, LEGEND) for line in label.split("\n")) + beside for label in labels]
        columns = len(labels) if sum(wide) <= room else max(1, int(room / max(wide)))
        rows = -(-len(labels) // columns)
        columns = -(-len(labels) // rows)  # as full in the last row as can be
        tallest = max(label.count("\n") for label in labels) + 1
        lines += rows * tallest - 1  # the axes have room for one line of the legend
    figure.set_figheight(figure.get_figheight() + lines * 0.25 + 0.05 * bool(title))
    if handles:
        figure.legend(handles, labels, loc="outside upper left", ncols=columns, handlelength=HANDLE,
                      columnspacing=BETWEEN, title=title or None, title_fontproperties=style,
                      alignment="left")  # fmt: skip
    elif title:
        figure.suptitle(title, x=0.02, ha="left", **style)


def _wrapped(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text in lines that are no wider than `room`, in the unit of `size`."""
    wide = text_width(text, size, bold)
    if wide <= room:
        return text
    return textwrap.fill(text, max(1, int(len(text) * room / wide * 0.9)))
