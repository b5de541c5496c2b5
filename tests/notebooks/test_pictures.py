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

PAGE = 700  # px
SMALLEST = 9  # px
POINT = 4 / 3  # px
EMBEDDED = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")  # of Matplotlib's texts: outlines, drawn at 100
RAISED = re.compile(r"scale\(([\d.]+)\)")  # of an exponent inside such a text
WRITTEN = re.compile(r"font(?:-size)?\s*[:=]\s*\"?[^;>\"]*?([\d.]+)(?:px)?[\s;\"]")


def text_sizes(svg: str) -> list[float]:
    """The height of each kind of text, in px, as shown on the page: a picture that is wider shrinks to its width."""
    root = ElementTree.fromstring(svg)
    inside = float(root.attrib["viewBox"].split()[2])
    width, unit = re.fullmatch(r"([\d.]+)(\D*)", root.get("width", str(inside))).groups()
    shown = min(float(width) * (POINT if unit == "pt" else 1), PAGE) / inside
    sizes = [float(each) for each in WRITTEN.findall(svg)]
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        if outlines := GLYPHS.search(group.get("transform", "")):
            raised = [float(found[1]) for part in group if (found := RAISED.search(part.get("transform", "")))]
            sizes.append(100 * float(outlines[1]) * min(raised, default=1.0))
    return [size * shown for size in sizes]


def pictures(notebook: str) -> Iterator[tuple[int, str]]:
    """(number of the cell, SVG text) of every picture in the outputs of a built solution."""
    built = nbformat.read(SOLUTIONS / notebook / f"{notebook}.ipynb", 4)
    for number, cell in enumerate(built.cells):
        for output in cell.get("outputs", []):
            for found in EMBEDDED.findall(output.get("data", {}).get("text/html", "")):
                yield number, base64.b64decode(found).decode()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_text_in_pictures_is_large_enough_on_a_narrow_page(notebook: str) -> None:
    sizes = {(number, index): text_sizes(svg) for index, (number, svg) in enumerate(pictures(notebook))}
    assert sizes
    assert not [place for place, found in sizes.items() if not found], "a picture whose text was not found"
    small = {place: round(min(found), 1) for place, found in sizes.items() if min(found) < SMALLEST}
    assert small == {}
