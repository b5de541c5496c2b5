"""Pictures of data: the same bytes, words with numbers from the data, colors that follow the page, clear refusals."""

import functools
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course_lib.drawing import (
    activation_picture,
    as_picture,
    computation_graph,
    confusion_picture,
    contour_picture,
    cost_picture,
    digits_picture,
    equation_picture,
    gradient_norm_picture,
    loss_picture,
    matrix_picture,
    slope_picture,
)
from course_lib.drawing import curves as curves_module
from course_lib.drawing import matrices as matrices_module
from course_lib.drawing.curves import line_style
from course_lib.drawing.figure import axes
from course_lib.drawing.matrices import STRONGEST, tinted
from course_lib.drawing.palette import DARK, LIGHT, contrast
from course_lib.drawing.picture import Picture
from course_lib.sgd import History

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
    "cost": (
        lambda: cost_picture(SIZES, {"differences": [200, 2e4, 2e6], "backprop": [30, 300, 3000]},
                             theory={"2n²": [200, 2e4, 2e6]}),
        ["differences goes from 200 to 2·10⁶, about as weights n to the power 2.00; backprop", "power 1.00",
         "theory, a thin line: 2n² goes from 200 to 2·10⁶", "at weights n = 1000, differences is 666.7 times as large"],
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
        ["4 of 6 right (66.7 %)", "0 taken for 1 (1 time) and 2 taken for 0 (1 time)"],
    ),
    "contour": (
        lambda: contour_picture(bowl, {"down": [(-2, 1), (0, 0), (1, -0.5)]}),
        ["down: 2 steps from (−2, 1), cost 18, to (1, −0.5), cost 0"],
    ),
}  # fmt: skip


words_alone = pytest.mark.usefixtures("not_painted")


@pytest.fixture
def not_painted(monkeypatch):
    """Pictures have their words and no SVG, which takes most of the time."""
    for module in (curves_module, matrices_module):
        monkeypatch.setattr(module, "as_picture", lambda figure, alt: Picture("", alt, 1, 1))


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
    assert not plt.fignum_exists(figure.number)  # else the notebook shows it twice
    assert picture._repr_mimebundle_()["text/plain"] == "A line from 1 to 3."
    assert 'fill="var(--paper)"' in picture.svg and "#000000" not in picture.svg


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_words_is_refused(alt):
    with axes() as (figure, _), pytest.raises(ValueError, match="alt text"):
        as_picture(figure, alt)


@words_alone
def test_the_slope_is_found_when_it_is_not_given_and_taken_when_it_is():
    assert "tangent has slope −2.38;" in slope_picture(lambda x: np.cos(x * x), 1.2, 0.1).alt
    assert "tangent has slope 5;" in slope_picture(square, 3, 0.5, slope=5).alt


@words_alone
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
        (lambda: loss_picture({}), "no curve to draw: give at least one"),
        (lambda: cost_picture([1, 2], {}), "no curve to draw"),
        (lambda: cost_picture([1, 2], {"a": [1]}), "'a' has 1 number for 2 places"),
        (lambda: slope_picture(np.log, -1, 0.5), "f has no finite value at −1"),
        (lambda: slope_picture(lambda x: 1 / x, -1, 1), "f has no finite value at 0"),
        (lambda: matrix_picture([1.0, 2.0]), "two axes"),
        (lambda: digits_picture(np.zeros((60, 2))), r"\(60, 2\)"),
        (lambda: digits_picture(IMAGES, labels=[1]), "6 images, but labels has 1 entry"),
        (lambda: digits_picture(IMAGES[:, :0]), "no images to show"),
        (lambda: digits_picture(IMAGES, columns=0), "columns must be at least 1"),
        (lambda: matrix_picture(np.eye(2), rows=["a"]), "2 rows, but 1 name for them"),
        (lambda: matrix_picture(np.eye(2), columns=["a", "b", "c"]), "2 columns, but 3 names for them"),
        (lambda: confusion_picture([1, 2], [1]), "one length"),
        (lambda: confusion_picture([0, 1, -1], [0, 1, 0]), "truth has -1, but with 2 classes .* from 0 to 1"),
        (lambda: confusion_picture([0, 1], [0, 2], classes=["cat", "dog"]), "predicted has 2, but with 2 classes"),
        (lambda: confusion_picture([0.0, 1.0], [0, 1]), "truth must hold whole numbers"),
        (lambda: confusion_picture([0, 1], ["cat", "dog"]), "predicted must hold whole numbers"),
        (lambda: contour_picture(bowl), "ranges are needed"),
        (lambda: contour_picture(bowl, [(1, 2, 3)]), r"shape \(n, 2\)"),
        (lambda: contour_picture(bowl, [(0, 0), (1, float("nan"))]), r"point 1 of 'path' is \[1.0, nan\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()


# What is drawn, read from the figure ------------------------------------------------------------------------------


@pytest.fixture
def figure_of(monkeypatch):
    """The figure of a picture, laid out as it is saved."""

    def saved(figure, alt):
        figure.savefig(io.BytesIO(), format="svg")
        return figure

    def find(draw):
        with monkeypatch.context() as patch:
            for module in (curves_module, matrices_module):
                patch.setattr(module, "as_picture", saved)
            return draw()

    return find


def extents(texts):
    return [text.get_window_extent() for text in texts if text.get_text() and text.get_visible()]


def overlap(boxes):
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def inside(box, figure):
    whole = figure.bbox
    return whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1


def ticks_of(axis):
    low, high = sorted(axis.get_view_interval())
    return [tick for tick in axis.get_ticklocs() if low <= tick <= high]


def test_a_usual_plot_fits_the_page_of_a_phone():
    assert loss_picture([3, 2, 1]).least_width <= 364


def test_a_number_without_a_neighbor_is_a_dot(figure_of):
    nan = float("nan")
    for values, dots in (([2.3], [0]), ([1, nan, 3, 4, nan, nan, 7], [0, 6]), ([nan, 2, nan], [1]), ([3, 2], [])):
        dotted = figure_of(lambda values=values: loss_picture(values)).axes[0].lines[1]
        assert dotted.get_marker() == "o" and list(dotted.get_xdata()) == dots
    assert list(figure_of(lambda: loss_picture([1, 0, 3], log=True)).axes[0].lines[1].get_xdata()) == [0, 2]


@words_alone
def test_one_number_is_told_as_one():
    assert loss_picture([2.5]).alt == "cost against epoch. cost is 2.5 at epoch 0."
    assert "cost goes from 3 to 2 in 1 step, lowest 2" in loss_picture([3, 2]).alt


@pytest.mark.parametrize(
    ("draw", "ticks"),
    [
        (lambda: loss_picture([2.3]), [0]),
        (lambda: loss_picture([3, 2]), [0, 1]),
        (lambda: loss_picture([float("nan"), 2, 1]), [0, 1, 2]),
        (lambda: gradient_norm_picture([0.5]), [1]),
        (lambda: gradient_norm_picture([0.5, 0.4]), [1, 2]),
    ],
)
def test_epochs_and_layers_are_whole_numbers(figure_of, draw, ticks):
    assert list(ticks_of(figure_of(draw).axes[0].xaxis)) == ticks


def test_no_two_series_look_alike():
    assert len({str(line_style(number)) for number in range(10)}) == 10


@words_alone
def test_falling_costs_are_told_as_falling():
    alt = cost_picture([1, 2, 4], {"measured": [4.0, 2.0, 1.0]}, xlabel="mini-batch size B", ylabel="noise").alt
    assert "measured goes from 4 to 1, about as mini-batch size B to the power −1.00." in alt
    assert "to the power 0.00" in cost_picture([1, 2], {"same": [3.0, 3.0 - 1e-15]}).alt


@words_alone
@pytest.mark.parametrize("values", [[0.0, 1.0], [float("nan"), 1.0], [1.0, float("inf")], [-1.0, 1.0]])
def test_a_power_that_is_none_is_not_told(values):
    alt = cost_picture([1, 2], {"a": values, "b": [1.0, 2.0]}).alt
    assert alt.count("to the power") == 1
    assert cost_picture([5], {"a": [2.0]}).alt.endswith("a goes from 2 to 2.")
    assert "times as large" not in cost_picture([5], {"a": [2.0], "b": [2.0]}).alt


def test_a_curve_with_gaps_is_drawn_where_it_is_finite(figure_of):
    import math

    for f in (np.log, math.log):
        assert "tangent has slope 2;" in slope_picture(f, 0.5, 0.5).alt
    curve = figure_of(lambda: slope_picture(math.log, 0.5, 0.5)).axes[0].lines[0]
    assert np.array_equal(np.isfinite(curve.get_ydata()), curve.get_xdata() > 0)
    assert "slope 1.5;" in slope_picture(lambda x: 3 * x**0.5, 1, 1, slope=1.5).alt  # complex below 0


def test_a_tangent_that_is_not_there_is_not_told(figure_of):
    assert "has slope 2; there is no tangent" in slope_picture(np.sqrt, 0, 0.25).alt
    assert len(figure_of(lambda: slope_picture(np.sqrt, 0, 0.25)).axes[0].get_legend_handles_labels()[1]) == 2


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("hue", ["vermillion", "blue"])
def test_numbers_can_be_read_on_every_color_of_a_cell(palette, hue):
    from matplotlib.colors import to_hex, to_rgb

    color, paper = np.array(to_rgb(palette[hue])), np.array(to_rgb(palette["paper"]))
    opacities = tinted(np.linspace(0.001, 1, 300).reshape(15, 20), 1, STRONGEST)[..., 3:].reshape(-1, 1)
    shades = map(to_hex, opacities * color + (1 - opacities) * paper)
    assert min(contrast(palette["ink"], shade) for shade in shades) >= 4.5


@pytest.mark.parametrize("matrix", [[[1.0, -2.0, 0.0, 0.5]], [[float("nan"), 3.0]]])
def test_all_colors_of_a_matrix_follow_the_page(matrix):
    """None is written as a number, but in the list that says what their names mean."""
    drawn = matrix_picture(matrix).svg.split("</style>", 1)[1]
    assert "var(--vermillion)" in drawn
    assert re.findall(r"#[0-9a-f]{6}\b", drawn) == []


def test_what_is_not_finite_leaves_the_other_cells_their_colors(figure_of):
    def colors(matrix):
        return figure_of(lambda: matrix_picture(matrix)).axes[0].collections[0].get_facecolors()

    nan, inf = float("nan"), float("inf")
    found, whole = colors([[1, nan], [inf, -2]]), colors([[1, 0], [0, -2]])
    assert np.array_equal(found[[0, 3]], whole[[0, 3]])
    named = matrix_picture([[1, 2], [3, 4]], rows=["z₁", "z₂"], columns=["x₁", "x₂"]).alt
    assert "Columns: x₁, x₂. z₁: 1, 2; z₂: 3, 4." in named
    assert "lowest 1 at epoch 1" in loss_picture([2, 1], xlabel="epoch (of 60 points)").alt
    assert "row 1: 1, undefined; row 2: ∞, −2" in matrix_picture([[1, nan], [inf, -2]]).alt
    assert "fill: var(--card)" in matrix_picture([[1, nan]]).svg
    large = np.eye(8)
    large[0, 1] = nan
    assert "from 0 to 1, 8 not zero, 1 not finite" in matrix_picture(large).alt


@pytest.mark.parametrize(
    "draw",
    [
        lambda: matrix_picture(np.linspace(-1, 1, 30)[None, :] / 3),
        lambda: matrix_picture([[-123456.789, 1.2345e-12, -9.8765e20], [1, 2, 3]]),
        lambda: matrix_picture(np.ones((2, 3)), columns=["example 1", "example 2", "example 3"]),
        lambda: confusion_picture(np.arange(12), np.arange(12), classes=[f"class number {i}" for i in range(12)]),
        lambda: confusion_picture(np.repeat([0, 1], 12345), np.repeat([0, 1], 12345)),
    ],
)
def test_numbers_and_names_do_not_run_over_each_other(figure_of, draw):
    figure = figure_of(draw)
    ax = figure.axes[0]
    names = extents(ax.get_xticklabels()), extents(ax.get_yticklabels())
    assert not any(overlap(boxes) for boxes in (*names, extents(ax.texts)))
    assert all(inside(box, figure) for boxes in names for box in boxes)


def test_counts_are_written_for_many_classes(figure_of):
    figure = figure_of(lambda: confusion_picture(np.arange(20), np.arange(20)))
    assert [text.get_text() for text in figure.axes[0].texts if text.get_text()] == ["1"] * 20


LONG = "a name that goes on and on"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: loss_picture([2, 1], title=f"{LONG} " * 6),
        lambda: loss_picture({f"{LONG} and on, number {i}": [2, 1] for i in range(4)}, title="Four"),
        lambda: loss_picture({f"{LONG} " * 6: [2, 1], "b": [3, 1]}, title=f"{LONG} " * 6),
        lambda: digits_picture(IMAGES[:, :1], title="One image with a title"),
        lambda: digits_picture(IMAGES, labels=["ankle boot"] * 6, predicted=["t-shirt/top"] * 6),
    ],
)
def test_titles_and_legends_end_where_the_figure_ends(figure_of, draw):
    figure = figure_of(draw)
    heads = [*figure.legends, *([figure._suptitle] if figure._suptitle else []), *(ax.title for ax in figure.axes)]
    boxes = [head.get_window_extent() for head in heads]
    assert all(inside(box, figure) for box in boxes)
    assert not overlap([box for box in boxes if box.width])
    assert min(ax.bbox.height for ax in figure.axes) > 40  # the axes have not made room for them


def test_digits_may_carry_only_what_the_network_says(figure_of):
    assert "in reading order taken for 1, 2, 3, 4, 5, 6" in digits_picture(IMAGES, predicted=range(1, 7)).alt
    figure = figure_of(lambda: digits_picture(IMAGES, predicted=range(1, 7)))
    assert [ax.get_title() for ax in figure.axes] == [f"→ {i}" for i in range(1, 7)]
    assert "1 image of 8 by 8" in digits_picture(IMAGES[:, :1]).alt


def test_a_remembered_picture_is_the_one_that_would_be_drawn() -> None:
    fresh = slope_picture(square, 3, 0.25)
    with curves_module.remembering():
        remembered = slope_picture(square, 3, 0.25)
    assert slope_picture(square, 3, 0.25) is remembered is not fresh
    assert remembered.svg == fresh.svg
    assert slope_picture(square, 3, 0.25, title="another") is not remembered
    assert slope_picture(lambda x: x**3, 3, 0.25) is not remembered
    curves_module._drawn.clear()


NO_NUMBERS = [None, "seven", ["a", "b"], [[1.0], [1.0, 2.0]], [1j, 2], {"a": {1: 2}}, object(), [None]]


@pytest.mark.parametrize("wrong", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize(
    "picture",
    [
        loss_picture,
        gradient_norm_picture,
        matrix_picture,
        digits_picture,
        lambda wrong: cost_picture(wrong, {"a": SIZES}),
        lambda wrong: cost_picture(SIZES, {"a": wrong}),
        lambda wrong: cost_picture(SIZES, {"a": SIZES}, theory={"b": wrong}),
        lambda wrong: contour_picture(bowl, {"path": wrong}),
        lambda wrong: equation_picture({"W": wrong}),
    ],
)
def test_what_holds_no_real_numbers_is_refused_in_words(picture, wrong):
    with pytest.raises((TypeError, ValueError), match=r"numbers|rows of different length|shape"):
        picture(wrong)


@pytest.mark.parametrize("wrong", [None, 0.8, "sin", np.ones(3)], ids=repr)
def test_what_is_no_function_is_refused_in_words(wrong):
    for picture in (lambda: slope_picture(wrong, 1, 0.1), lambda: contour_picture(wrong, x=(0, 1), y=(0, 1))):
        with pytest.raises(TypeError, match="is a function, given by its name alone"):
            picture()


@pytest.mark.parametrize("wrong", [0.5, np.ones(2), "x", ["x"]], ids=repr)
def test_what_has_no_names_is_refused_in_words(wrong):
    with pytest.raises(ValueError, match="by name"):
        computation_graph({"C": "x * 2"}, wrong)
    with pytest.raises(ValueError, match="by their titles"):
        equation_picture(wrong)
