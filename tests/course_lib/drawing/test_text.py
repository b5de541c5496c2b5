"""Names and numbers as pictures show them; Python and JavaScript write the same digits."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.drawing.text import PRETTY_NUMBER_JS, counted, listing, pretty_name, pretty_number, text_width

NUMBERS = [
    0, -0.0, 1, -1.5, 0.1 + 0.2, 1 / 3, -2 / 3, 1.0625, -1.0625, 0.5, 2.75, 12000, 12345, 123456, 999999, 1e6,
    123456789, 9999.6, 99999.6, 999999.6, 0.0001, 0.00012345, 0.00009999, 1e-5, -1.5e-7, 1.7e308, 1e21, 1e22, 2.5e-300,
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (-0.0, "0"), (3, "3"), (-1.5, "−1.5"), (1 / 3, "0.3333"), (1.0625, "1.063"), (12345, "12345"),
        (1234.56, "1235"), (1e6, "1·10⁶"), (-0.000012346, "−1.235·10⁻⁵"), (0.00012346, "0.0001235"),
        (math.nan, "undefined"), (math.inf, "∞"), (-math.inf, "−∞"),
    ],
)  # fmt: skip
def test_pretty_number(number, text):
    assert pretty_number(number) == text


def test_javascript_writes_the_same_digits(node):
    script = PRETTY_NUMBER_JS + f"console.log(JSON.stringify({json.dumps(NUMBERS)}.map(prettyNumber)));"
    assert node(script) == [pretty_number(number) for number in NUMBERS]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_to_four_digits(number):
    text = pretty_number(number).replace("−", "-")
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    mantissa, _, power = text.partition("·10")
    read = float(f"{mantissa}e{power.translate(digits) or 0}")
    assert read == pytest.approx(number, rel=5.001e-4, abs=1e-320)


@pytest.mark.parametrize(
    ("name", "text"), [("w1", "w₁"), ("w12", "w₁₂"), ("sigma", "σ"), ("theta_2", "θ₂"), ("yhat", "ŷ"), ("rate", "rate")]
)
def test_pretty_name(name, text):
    assert pretty_name(name) == text


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", ["unbounded_hidden", "gggggggg", "momentum", "w₁·x + b₁", "−1.235·10⁻⁵", "σ(z)"])
def test_the_width_of_a_text_is_enough_for_the_widest_font(text, bold):
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=100, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    assert 0.75 * text_width(text, 100, bold) < width <= text_width(text, 100, bold)


def test_counted():
    assert counted(1, "row") == "1 row"
    assert counted(0, "row") == "0 rows"
    assert counted(2, "matrix", "matrices") == "2 matrices"


def test_listing():
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
