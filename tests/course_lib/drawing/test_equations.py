"""Matrices side by side show every entry with its sign and its size, and say them in words."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from course_lib.drawing import equation_picture
from course_lib.drawing.text import text_width

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


def test_small_numbers_keep_a_digit_and_large_ones_their_place():
    picture = equation_picture({"a": [[-0.002794, 0.25], [1e-5, -123456.789]], "b": [[12345678.9, 12.346]]})
    root = ElementTree.fromstring(picture.svg)
    shown = [element for element in root.iter(f"{SVG}text") if element.text not in ("a", "b", None)]
    assert [element.text for element in shown] == ["−0.003", "0.25", "1·10⁻⁵", "−123457", "1.23457·10⁷", "12.35"]
    assert "a has 2 rows and 2 columns: −0.003, 0.25; 1·10⁻⁵, −123457. b has 1 row" in picture.alt
    for text, rect in zip(shown, cells(picture), strict=True):
        assert text_width(text.text, 12.5) <= float(rect.get("width"))
        assert float(text.get("x")) == pytest.approx(float(rect.get("x")) + float(rect.get("width")) / 2, abs=0.1)


def test_what_rounding_leaves_of_a_zero_is_a_zero():
    assert equation_picture({"a": [[1.0, 3e-17]]}).svg == equation_picture({"a": [[1.0, 0.0]]}).svg


def test_what_is_not_finite_stands_on_an_empty_cell_and_leaves_the_others_their_color():
    picture = equation_picture({"a": [[1.0, -2.0, np.nan, np.inf]]})
    found = [(rect.get("fill"), rect.get("fill-opacity")) for rect in cells(picture)]
    whole = [(rect.get("fill"), rect.get("fill-opacity")) for rect in cells(equation_picture({"a": [[1.0, -2.0]]}))]
    assert found == [*whole, ("var(--card)", "1.00"), ("var(--card)", "1.00")]
    assert "1, −2, undefined, ∞" in picture.alt
    assert "undefined" in equation_picture({"a": [[np.nan]]}).alt


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
