"""From a matplotlib figure to a `Picture`: same bytes every time, text as shapes, colors that follow the reader's page.

The figure is drawn with the light form of the palette. In the SVG every palette color is then replaced by its name
(`var(--blue)`), and the SVG's own style says what the name means on a light and on a dark page.
"""

import io
import re
import sys
from contextlib import contextmanager
from html import escape

from course_lib.drawing.palette import LIGHT, SERIES, stylesheet
from course_lib.drawing.picture import Picture

STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "course_lib",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.labelpad": 6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
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
    "legend.fontsize": 9.5,
}

LEAST_SCALE = 0.6   # a figure shrinks this far to fit the page; below that it scrolls

# What a figure made outside of `axes` may bring along, and what stands for it here.
PLAIN = {"#000000": "ink", "#ffffff": "paper"}


@contextmanager
def axes(columns: int = 1, rows: int = 1, width: float = 6.4, height: float = 3.8):
    """Give a figure and its axes (one, or an array of them) in the course's style.

    The figure belongs to no window and no global list, so that a notebook does not show it a second time.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()   # whatever the reader has set elsewhere, the course's pictures look alike
        matplotlib.rcParams.update(STYLE)
        matplotlib.rcParams["axes.prop_cycle"] = matplotlib.cycler(color=[LIGHT[name] for name in SERIES])
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots(rows, columns)


def as_picture(figure, alt: str) -> Picture:
    """A `Picture` of a matplotlib figure. `alt` says in words what it shows; a picture without words is refused.

    Raises ValueError when `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("a picture needs alt text: say in words what the reader should see")
    import matplotlib

    written = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "course_lib"}):
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(written, format="svg", metadata=nothing, transparent=True)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)   # else the notebook shows the figure once more, without its words
    width = float(figure.get_figwidth()) * 100
    return Picture(adapted(written.getvalue(), alt), alt, width, width * LEAST_SCALE)


def adapted(svg: str, alt: str) -> str:
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
    """What stands above the axes, where it covers no data: the title, and the legend of `ax` in a row."""
    style = {"size": 11, "weight": "bold"}
    handles, labels = ax.get_legend_handles_labels() if ax is not None else ([], [])
    if title:
        figure.set_figheight(figure.get_figheight() + 0.3)
    if handles:
        columns = 3 if sum(map(len, labels)) > 36 else len(labels)
        figure.legend(handles, labels, loc="outside upper left", ncols=columns, handlelength=2.6, columnspacing=1.6,
                      title=title or None, title_fontproperties=style, alignment="left")  # fmt: skip
    elif title:
        figure.suptitle(title, x=0.02, ha="left", **style)
