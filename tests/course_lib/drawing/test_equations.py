"""Matrices side by side show every entry with its sign and its size, and say them in words."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from course_lib.drawing import equation_picture

SVG = "{http://www.w3.org/2000/svg}"


def cells(picture):
    return [rect for rect in ElementTree.fromstring(picture.svg).iter(f"{SVG}rect") if rect.get("stroke")]


def test_every_entry_is_a_cell_with_its_color_and_its_number(nothing_from_outside):
    picture = equation_picture({"J": [[1.0, -2.0, 0.0], [0.5, 0.0, 4.0]]})
    nothing_from_outside(picture.svg)
    fills = [rect.get("fill") for rect in cells(picture)]
    colors = ["vermillion", "blue", "card", "vermillion", "card", "vermillion"]
    assert fills == [f"var(--{color})" for color in colors]
    opacities = [float(rect.get("fill-opacity")) for rect in cells(picture)]
    assert opacities[3] < opacities[0] < opacities[1] < opacities[5]
    shown = [element.text for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]
    assert shown == ["J", "1", "−2", "0", "0.5", "0", "4"]
    assert "J has 2 rows and 3 columns: 1, −2, 0; 0.5, 0, 4." in picture.alt


def test_a_product_shares_one_color_scale_and_reads_as_an_equation():
    left, right = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    picture = equation_picture({"u": left, "v": right, "u v": left @ right}, "·=", alt="A row times a column.")
    assert picture.alt.startswith("A row times a column. Matrices: u · v = u v.")
    opacities = [float(rect.get("fill-opacity")) for rect in cells(picture)]
    assert opacities == sorted(opacities)
    assert len(set(opacities)) == len(opacities)


def test_nothing_overlaps_and_all_is_inside():
    picture = equation_picture({"a long title": np.ones((1, 1)), "b": np.ones((3, 2)), "c": np.ones((2, 20))}, "·=")
    width, height = map(float, ElementTree.fromstring(picture.svg).get("viewBox").split()[2:])
    boxes = [tuple(float(rect.get(name)) for name in ("x", "y", "width", "height")) for rect in cells(picture)]
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
    assert len({(x, y) for x, y, _, _ in boxes}) == 1 + 6 + 40


def test_a_large_matrix_has_no_numbers():
    svg = equation_picture({"large": np.eye(30)}).svg
    assert re.findall(r"<text[^>]*>([^<]*)", svg) == ["large"]
    assert svg == equation_picture({"large": np.eye(30)}).svg


@pytest.mark.parametrize(
    ("matrices", "options", "words"),
    [
        ({"x": np.ones(3)}, {}, "'x' has shape"),
        ({}, {}, "0 matrices"),
        ({"a": np.eye(2), "b": np.eye(2)}, {"signs": "·="}, "2 signs"),
    ],
)
def test_what_cannot_be_drawn_is_refused(matrices, options, words):
    with pytest.raises(ValueError, match=words):
        equation_picture(matrices, **options)
