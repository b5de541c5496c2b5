"""Several matrices side by side with signs between them, so that a product of Jacobians can be seen: J₂ · J₁ = J."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from course_lib.arguments import reals
from course_lib.drawing.palette import FONT, stylesheet
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import counted, pretty_number, text_width

MARGIN, GAP, SIGN = 14, 16, 22  # around the picture, above a matrix, room for a sign between two matrices
CELL_WIDTH, CELL_HEIGHT = 46, 30  # of an entry with its number; a long number makes it wider
DOT = 16  # side of an entry when the matrix is too large for numbers
MOST_NUMBERS = 12  # rows or columns
TITLE, NUMBER = 13.5, 12.5
LEAST_SCALE = 0.72  # a picture shrinks this far to fit the page; below that it scrolls
STRONGEST = 0.5  # opacity of the largest entry; the number on it must stay readable
ROUND_OFF = 1e-13  # an entry so much smaller than the largest is what rounding left of a zero


def equation_picture(matrices: Mapping[str, Sequence], signs: str | Sequence[str] = "", *, alt: str = "") -> Picture:
    """Matrices as colored cells: orange above zero, blue below zero, zeros empty, stronger where larger.

    matrices: title -> array of shape (rows, columns). All share one color scale. Small ones show their numbers.
    signs: what stands between neighbors, "·=" for a product.
    alt: what the reader should see, in words; the titles, the shapes and small matrices are spoken in any case.
    What is not finite is written on an empty cell.

    Raises:
        ValueError: for no matrix, and for a wrong number of signs.
    """
    if not isinstance(matrices, Mapping):
        raise ValueError(f"give matrices by their titles, as in {{'W': matrix}}; got {matrices!r:.60}")
    arrays = {title: reals(matrix, f"the matrix {title!r}") for title, matrix in matrices.items()}
    for title, array in arrays.items():
        if array.ndim != 2 or not array.size:
            raise ValueError(f"{title!r} has shape {array.shape}; a matrix has two axes and at least one number")
    if not arrays or (signs and len(signs) != len(arrays) - 1):
        raise ValueError("give at least one matrix, and one sign fewer than matrices; here are "
                         f"{counted(len(arrays), 'matrix', 'matrices')} and {counted(len(signs), 'sign')}")  # fmt: skip
    largest = max(_largest_size(array) for array in arrays.values()) or 1.0
    arrays = {title: np.where(np.abs(array) < ROUND_OFF * largest, 0, array) for title, array in arrays.items()}
    words = _spoken(arrays, signs, alt)
    body, width, height = drawn(arrays, list(signs) or [""] * (len(arrays) - 1), largest)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
        f"<title>{escape('; '.join(arrays))}</title><desc>{escape(words)}</desc><style>{stylesheet()}"
        f"text{{font-family:{FONT};fill:var(--ink);text-anchor:middle;dominant-baseline:central}}</style>"
        f'<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>{body}</svg>'
    )
    return Picture(svg, words, width, width * LEAST_SCALE)


def _largest_size(array) -> float:
    """Of the finite entries; 0 if there are none."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0))


def drawn(arrays, signs, largest) -> tuple[str, float, float]:
    """The SVG of all matrices in a line, and its width and height."""
    top = MARGIN + TITLE + GAP
    tallest = max(array.shape[0] * cell(array)[1] for array in arrays.values())
    parts, x = [], MARGIN
    for number, (title, array) in enumerate(arrays.items()):
        wide, high = (count * size for count, size in zip(array.shape[::-1], cell(array), strict=True))
        heading = text_width(title, TITLE, bold=True)
        x += max(0.0, (heading - wide) / 2)
        y = top + (tallest - high) / 2
        parts.append(text(x + wide / 2, MARGIN + TITLE / 2, title, TITLE, "font-weight:600"))
        parts.append(_grid(x, y, array, largest))
        x += wide + max(0.0, (heading - wide) / 2)
        if number < len(signs):
            parts.append(text(x + SIGN, top + tallest / 2, signs[number], 20))
            x += 2 * SIGN
    return "".join(parts), x + MARGIN, top + tallest + MARGIN


def cell(array) -> tuple[int, int]:
    """Width and height of one entry."""
    if max(array.shape) > MOST_NUMBERS:
        return DOT, DOT
    widest = max(text_width(short(entry), NUMBER) for entry in array.flat)
    return max(CELL_WIDTH, round(widest) + 8), CELL_HEIGHT


def _grid(x: float, y: float, array, largest: float) -> str:
    wide, high = cell(array)
    parts = []
    for (i, j), entry in np.ndenumerate(array):
        place = f'x="{x + j * wide:.1f}" y="{y + i * high:.1f}" width="{wide}" height="{high}"'
        colored = entry and np.isfinite(entry)
        color = "card" if not colored else "vermillion" if entry > 0 else "blue"
        opacity = 0.1 + (STRONGEST - 0.1) * abs(entry) / largest if colored else 1
        parts.append(f'<rect {place} fill="var(--{color})" fill-opacity="{opacity:.2f}" stroke="var(--border)"/>')
        if max(array.shape) <= MOST_NUMBERS:
            style = "" if entry else "fill:var(--muted)"
            parts.append(text(x + (j + 0.5) * wide, y + (i + 0.5) * high, short(entry), NUMBER, style))
    return "".join(parts)


def short(entry: float) -> str:
    """Two digits after the point, one digit at least of what is smaller, four of what is large: "0.25", "−0.003"."""
    if abs(entry) < 0.005:
        return pretty_number(float(f"{entry:.1g}"))
    if abs(entry) < 1000:
        return pretty_number(float(f"{entry:.2f}"))
    return pretty_number(entry)


def text(x: float, y: float, content: str, size: float, style: str = "") -> str:
    more = f' style="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{more}>{escape(content)}</text>'


def _spoken(arrays, signs, alt: str) -> str:
    """What the picture shows, for those who cannot see it."""
    sentences = [alt.strip()] if alt.strip() else []
    equation = " ".join(f"{title} {sign}".strip() for title, sign in zip(arrays, [*signs, ""], strict=False))
    sentences.append(f"Matrices: {equation if signs else '; '.join(arrays)}.")
    for title, array in arrays.items():
        sentence = f"{title} has {counted(array.shape[0], 'row')} and {counted(array.shape[1], 'column')}"
        if array.size <= 36:
            sentence += ": " + "; ".join(", ".join(short(entry) for entry in row) for row in array)
        sentences.append(sentence + ".")
    return " ".join(sentences)
