"""Every picture of the built notebooks can be read: no text below 9 px on a page 700 px wide."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import nbformat
import pytest

from autograder.files import SOLUTIONS
from course_lib.exercises import NOTEBOOKS

OUTPUT = 564  # px, of an output in JupyterLab where the page is 700 px wide
SMALLEST = 9  # px
EMBEDDED = re.compile(
    r'style="width:(\d+)px;max-width:100%;height:auto(?:;min-width:(\d+)px)?" '
    r'src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)"'
)
GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")  # of Matplotlib's texts: outlines, drawn at 100
RAISED = re.compile(r"scale\(([\d.]+)\)")  # of an exponent inside such a text
WRITTEN = re.compile(r"font(?:-size)?\s*[:=]\s*\"?[^;>\"]*?([\d.]+)(?:px)?[\s;\"]")


def text_sizes(svg: str, width: float) -> list[float]:
    """The height of each kind of text, in px, in a picture that is shown `width` px wide."""
    root = ElementTree.fromstring(svg)
    shown = width / float(root.attrib["viewBox"].split()[2])
    sizes = [float(each) for each in WRITTEN.findall(svg)]
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        if outlines := GLYPHS.search(group.get("transform", "")):
            raised = [float(found[1]) for part in group if (found := RAISED.search(part.get("transform", "")))]
            sizes.append(100 * float(outlines[1]) * min(raised, default=1.0))
    return [size * shown for size in sizes]


def pictures(notebook: str) -> Iterator[tuple[int, str, float]]:
    """(number of the cell, SVG text, width in px as shown) of every picture in the outputs of a built solution."""
    built = nbformat.read(SOLUTIONS / notebook / f"{notebook}.ipynb", 4)
    for number, cell in enumerate(built.cells):
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            found = EMBEDDED.findall(page)
            assert len(found) == page.count("data:image/svg"), f"cell {number}: a picture in another form"
            for width, least, text in found:
                yield number, base64.b64decode(text).decode(), max(min(float(width), OUTPUT), float(least or 0))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_text_in_pictures_is_large_enough_on_a_narrow_page(notebook: str) -> None:
    sizes = {(number, index): text_sizes(svg, width) for index, (number, svg, width) in enumerate(pictures(notebook))}
    assert sizes
    assert not [place for place, found in sizes.items() if not found], "a picture whose text was not found"
    small = {place: round(min(found), 1) for place, found in sizes.items() if min(found) < SMALLEST}
    assert small == {}
