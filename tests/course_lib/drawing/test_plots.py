"""Pictures of data: the same bytes, words with numbers from the data, colors that follow the page, clear refusals."""

import functools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course_lib.drawing import (
    activation_picture,
    as_picture,
    bar_picture,
    confusion_picture,
    contour_picture,
    cost_picture,
    digits_picture,
    gradient_norm_picture,
    loss_picture,
    matrix_picture,
    slope_picture,
    step_size_picture,
)
from course_lib.drawing.figure import axes
from course_lib.drawing.palette import DARK, LIGHT
from course_lib.sgd import History

STEPS = 10.0 ** -np.arange(1, 6)
SIZES = [10, 100, 1000]
IMAGES = np.random.default_rng(0).uniform(size=(64, 6))


def bowl(a, b):
    return (a - 1) ** 2 + 4 * (b + 0.5) ** 2


def square(z):
    return z * z


def double(z):
    return 2 * z


# Each with words that must be in the alt text, because the data say so.
PICTURES = {
    "slope": (
        lambda: slope_picture(square, 3, 0.5),
        ["f(3) = 9", "secant over the step 0.5 has slope 6.5", "tangent has slope 6", "differ by 0.5"],
    ),
    "activation": (
        lambda: activation_picture({"square": (square, double)}, span=(-2, 2)),
        ["square goes from 4 to 4", "largest, 4", "from −2 to 2"],
    ),
    "loss": (
        lambda: loss_picture({"training": [3, 2, 1.25], "validation": [3, 1.5, 2]}, title="Both costs"),
        ["Both costs", "training goes from 3 to 1.25 in 2 steps", "lowest 1.5 at epoch 1"],
    ),
    "norms": (
        lambda: gradient_norm_picture({"sigmoid": [0.001, 0.01, 0.5], "relu": [0.4, 0.5, 0.6]}),
        ["sigmoid: 0.001 in layer 1, 0.5 in layer 3", "0.002 times the last"],
    ),
    "steps": (
        lambda: step_size_picture(STEPS, {"central": [1e-2, 1e-4, 1e-6, 3e-7, 2e-5]}),
        ["central is least, 3·10⁻⁷, at h = 0.0001", "0.01 at h = 0.1"],
    ),
    "cost": (
        lambda: cost_picture(SIZES, {"differences": [200, 2e4, 2e6], "backprop": [30, 300, 3000]},
                             theory={"2n²": [200, 2e4, 2e6]}),
        ["differences grows from 200 to 2·10⁶, about as n to the power 2.00", "power 1.00", "666.7 times as much"],
    ),
    "bars": (
        lambda: bar_picture({"∂C/∂w₁": 0.1, "∂C/∂w₂": -3.2}, title="Two gradients"),
        ["∂C/∂w₁ 0.1 and ∂C/∂w₂ −3.2", "largest in size is ∂C/∂w₂, 32 times the smallest"],
    ),
    "matrix": (
        lambda: matrix_picture([[1.5, -2, 0], [0.25, 3, -0.5]], title="Jacobian"),
        ["Jacobian, 2 rows and 3 columns", "row 1: 1.5, −2, 0; row 2: 0.25, 3, −0.5"],
    ),
    "large matrix": (
        lambda: matrix_picture(np.eye(40) * 7),
        ["40 rows and 40 columns", "from 0 to 7, 40 not zero"],
    ),
    "digits": (
        lambda: digits_picture(IMAGES, labels=[1, 2, 3, 4, 5, 6], predicted=[1, 2, 3, 4, 5, 0], columns=4),
        ["6 images of 8 by 8 pixels", "1, 2, 3, 4, 5, 6", "5 of 6 recognized; wrong: image 6, 6 taken for 0"],
    ),
    "confusion": (
        lambda: confusion_picture([0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 0]),
        ["4 of 6 right (66.7 %)", "0 taken for 1 1 times", "2 taken for 0 1 times"],
    ),
    "contour": (
        lambda: contour_picture(bowl, {"down": [(-2, 1), (0, 0), (1, -0.5)]}),
        ["down: 2 steps from (−2, 1), cost 18, to (1, −0.5), cost 0"],
    ),
}  # fmt: skip


@functools.cache
def drawn_once(name):
    return PICTURES[name][0]()


@pytest.fixture(params=PICTURES)
def drawn(request):
    draw, words = PICTURES[request.param]
    return drawn_once(request.param), draw, words


def test_the_words_say_what_the_data_show(drawn):
    picture, _, words = drawn
    for word in words:
        assert word in picture.alt
    assert ET.fromstring(picture.svg).find("{http://www.w3.org/2000/svg}desc").text == picture.alt


def test_the_same_data_give_the_same_bytes(drawn):
    picture, draw, _ = drawn
    assert draw().svg == picture.svg
    assert "<metadata" not in picture.svg and "<!DOCTYPE" not in picture.svg


def test_nothing_is_loaded_from_outside(drawn, nothing_from_outside):
    nothing_from_outside(drawn[0].svg)


def test_every_color_outside_of_colored_cells_follows_the_page(drawn):
    picture = drawn[0]
    body = picture.svg.split("</style>", 1)[1]
    left = {color for color in re.findall(r"#[0-9a-f]{6}\b", body) if color in {*LIGHT.values(), "#000000", "#ffffff"}}
    assert left == set()
    assert set(re.findall(r"var\(--(\w+)\)", body)) <= set(DARK)
    assert "var(--paper)" in body


def test_text_is_drawn_as_shapes_so_that_it_looks_alike_everywhere(drawn):
    assert "<text" not in drawn[0].svg


def test_the_same_bytes_in_another_process_whatever_the_reader_has_set():
    program = (
        "import matplotlib; matplotlib.rcParams.update({'font.size': 30, 'xtick.major.size': 9, 'svg.hashsalt': 'x'})\n"
        "from course_lib.drawing import loss_picture\nprint(loss_picture([3.0, 2.0, 1.0]).svg)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == loss_picture([3.0, 2.0, 1.0]).svg.strip()


def test_the_reader_s_own_settings_stay():
    import matplotlib

    before = dict(matplotlib.rcParams)
    loss_picture([1.0, 0.5])
    assert dict(matplotlib.rcParams) == before


def test_a_figure_of_one_s_own_becomes_a_picture_with_words():
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    ax.plot([1, 2, 3])
    picture = as_picture(figure, alt="A line from 1 to 3.")
    assert not plt.fignum_exists(figure.number)   # else the notebook shows it twice
    assert picture._repr_mimebundle_()["text/plain"] == "A line from 1 to 3."
    assert 'fill="var(--paper)"' in picture.svg and "#000000" not in picture.svg


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_words_is_refused(alt):
    with axes() as (figure, _), pytest.raises(ValueError, match="alt text"):
        as_picture(figure, alt)


def test_the_slope_is_found_when_it_is_not_given_and_taken_when_it_is():
    assert "tangent has slope −2.38;" in slope_picture(lambda x: np.cos(x * x), 1.2, 0.1).alt
    assert "tangent has slope 5;" in slope_picture(square, 3, 0.5, slope=5).alt


def test_a_history_of_training_can_be_drawn_as_it_is():
    alt = loss_picture(History(cost=[1.0, 0.5], validation_cost=[1.5, 0.75])).alt
    assert "training goes from 1 to 0.5" in alt and "validation goes from 1.5 to 0.75" in alt
    assert "validation" not in loss_picture(History(cost=[1.0, 0.5])).alt


def test_a_cost_that_is_not_finite_is_still_drawn():
    assert "undefined" in loss_picture([1.0, 0.5, float("nan")]).alt


def test_digits_may_be_given_as_columns_or_as_images():
    assert digits_picture(IMAGES).svg == digits_picture(IMAGES.T.reshape(6, 8, 8)).svg


def test_digits_stand_upright():
    """The first pixels of a column are the top row: the picture of the upper half alone must have its ink on top."""
    import base64
    import io

    from matplotlib.image import imread

    upper = np.zeros((64, 1))
    upper[:32] = 1
    svg = digits_picture(upper).svg
    data = base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", svg)[1])
    image = imread(io.BytesIO(data))[..., 0]
    turned = "scale(1 -1)" in svg
    image = image[::-1] if turned else image
    assert image[: len(image) // 2].mean() < 0.1 < 0.9 < image[len(image) // 2 :].mean()


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: slope_picture(square, 1, 0), "h must not be 0"),
        (lambda: loss_picture([]), "a list of numbers"),
        (lambda: gradient_norm_picture([1.0, 0.0]), "above 0"),
        (lambda: step_size_picture([0.1, 0.2], [1.0]), "1 errors for 2 steps"),
        (lambda: matrix_picture([1.0, 2.0]), "two axes"),
        (lambda: digits_picture(np.zeros((60, 2))), r"\(60, 2\)"),
        (lambda: digits_picture(IMAGES, labels=[1]), "6 images, but 1 labels"),
        (lambda: confusion_picture([1, 2], [1]), "one length"),
        (lambda: contour_picture(bowl), "ranges are needed"),
        (lambda: contour_picture(bowl, [(1, 2, 3)]), r"shape \(n, 2\)"),
        (lambda: contour_picture(bowl, [(1, float("nan"))]), "finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()
