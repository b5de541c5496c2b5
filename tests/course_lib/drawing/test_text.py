"""Names and numbers as pictures show them; Python and JavaScript write the same digits."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.drawing.text import PRETTY_NUMBER_JS, listing, pretty_name, pretty_number

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


def test_listing():
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
