"""Pictures of matrices: Jacobians with their values, handwritten digits, confusion matrices."""

from collections.abc import Sequence

import numpy as np

from course_lib.arguments import reals
from course_lib.drawing.equations import STRONGEST
from course_lib.drawing.figure import as_picture, axes, head
from course_lib.drawing.palette import LIGHT
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import counted, listing, pretty_number, text_width

MOST_CELLS = 400  # a larger matrix is kept as an image of one pixel a cell, without numbers
CELL, COUNT = 0.62, 0.42  # least width in inches of a cell with a number, and with a count
WIDEST = 7.4  # inches that all cells of a row share
ABOVE = 9.5  # points: what stands above an image of a row that is as wide as the page
ROOMY = 6.4  # inches: where cells of the least width need more, they are as narrow as their texts
WEAKEST = 0.1  # opacity of the smallest entry that is not 0
IMAGE = 0.9  # opacity of the largest entry in an image: no number must be read on it


def matrix_picture(
    matrix,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
) -> Picture:
    """A matrix as colored cells with their values: blue below zero, empty at zero, orange above. Shape (rows, columns).

    The values are written if they fit into the cells. What is not finite stands on an empty cell.

    Raises:
        ValueError: for anything but a matrix of numbers, and for a wrong number of names of rows or columns.
    """
    matrix = reals(matrix, "a matrix")
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"a matrix has two axes and at least one number; this has shape {matrix.shape}")
    finite = matrix[np.isfinite(matrix)]
    largest = float(np.abs(finite).max(initial=0)) or 1.0
    height, width = matrix.shape
    alt = f"{title or 'Matrix'}, {counted(height, 'row')} and {counted(width, 'column')}"
    if matrix.size <= 36:
        names = rows if rows is not None else [f"row {i + 1}" for i in range(height)]
        alt += f". Columns: {', '.join(map(str, columns))}" if columns is not None else ""
        alt += ". " + "; ".join(
            f"{name}: {', '.join(map(pretty_number, row))}" for name, row in zip(names, matrix, strict=False)
        )
    else:
        if finite.size:
            alt += f", from {pretty_number(finite.min())} to {pretty_number(finite.max())}"
        alt += f", {np.count_nonzero(finite)} not zero"
        if finite.size < matrix.size:
            alt += f", {matrix.size - finite.size} not finite"
    texts = [[pretty_number(value) for value in row] for row in matrix] if matrix.size <= MOST_CELLS else []
    return cells(matrix, texts, largest, "vermillion", CELL, rows, columns, xlabel, ylabel, title, alt + ".")


def confusion_picture(truth, predicted, *, classes: Sequence[str] | None = None, title: str = "") -> Picture:
    """How often each class (row) was taken for each class (column). `truth` and `predicted` are whole numbers, (m,).

    classes: their names; without it there are as many as the largest number says. The counts are written if they fit
    into the cells, and up to 20 classes.

    Raises:
        ValueError: for what is no number of a class.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or truth.ndim != 1 or truth.size == 0:
        raise ValueError(f"truth and predicted are two lists of one length; their shapes are {truth.shape} and "
                         f"{predicted.shape}")  # fmt: skip
    for name, numbers in (("truth", truth), ("predicted", predicted)):
        if numbers.dtype.kind not in "iu":
            raise ValueError(f"{name} must hold whole numbers, each the number of a class; it begins with {numbers[0]}")
    count = len(classes) if classes is not None else int(max(truth.max(), predicted.max(), 0)) + 1
    for name, numbers in (("truth", truth), ("predicted", predicted)):
        outside = numbers[(numbers < 0) | (numbers >= count)]
        if outside.size:
            raise ValueError(f"{name} has {outside[0]}, but with {counted(count, 'class', 'classes')} the numbers go "
                             f"from 0 to {count - 1}")  # fmt: skip
    classes = [str(name) for name in (range(count) if classes is None else classes)]
    counts = np.zeros((count, count), dtype=int)
    np.add.at(counts, (truth, predicted), 1)
    right = int(np.trace(counts))
    alt = f"{title or 'Confusion matrix'}: {right} of {truth.size} right ({100 * right / truth.size:.1f} %)"
    wrong = counts - np.diag(np.diag(counts))
    worst = [divmod(int(i), count) for i in np.argsort(-wrong, axis=None, kind="stable")[:3]]
    said = [f"{classes[i]} taken for {classes[j]} ({counted(wrong[i, j], 'time')})" for i, j in worst if wrong[i, j]]
    alt += f". Most often wrong: {listing(said)}." if said else "."
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    texts = [[str(number or "") for number in row] for row in counts] if counts.size <= MOST_CELLS else []
    return cells(shares, texts, 1, "blue", COUNT, classes, classes, "predicted", "truth", title, alt)


def cells(values, texts, largest, above, least, rows, columns, xlabel, ylabel, title, alt) -> Picture:
    """Colored cells, at least `least` inches wide where there is room, the stronger the nearer to `largest` in size.

    above: the color of what is above zero.
    texts: one a cell, in rows, or none at all. They are left out where they would run over each other.

    Raises:
        ValueError: for more or fewer names than rows or columns.
    """
    height, width = values.shape
    for names, count, what in ((rows, height, "row"), (columns, width, "column")):
        if names is not None and len(names) != count:
            raise ValueError(f"{counted(count, what)}, but {counted(len(names), 'name')} for them")
    named = rows is not None or columns is not None
    rows = [str(name) for name in (range(1, height + 1) if rows is None else rows)]
    columns = [str(name) for name in (range(1, width + 1) if columns is None else columns)]
    if max(height, width) > 20 and not named:
        rows, columns = [""] * height, [""] * width

    said = max((_inches(text, 9) for row in texts for text in row), default=0)
    side, top = max(map(_inches, rows)), max(map(_inches, columns))
    upright = top > WIDEST / width  # names that are too wide to stand side by side
    roomy = 0 if texts and width * least > ROOMY else least
    cell = min(max(roomy, said, 0 if upright else top), WIDEST / width)
    across = width * cell + max(1.6, side + 0.9)
    down = height * min(cell, 0.46) + 1.0 + (top if upright else 0)
    with axes(width=max(3.0, across), height=max(1.6, down)) as (figure, ax):
        if values.size <= MOST_CELLS:
            ax.pcolormesh(tinted(values, largest, STRONGEST, above), edgecolors=LIGHT["border"], linewidth=0.8)
        else:
            ax.imshow(tinted(values, largest, IMAGE, above), interpolation="none", aspect="auto",
                      extent=(0, width, height, 0))  # fmt: skip
        for i, row in enumerate(texts if said <= cell else []):
            for j, text in enumerate(row):
                ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=9, color=LIGHT["ink"])
        ax.set(xlim=(0, width), ylim=(height, 0))
        ax.set_xticks(np.arange(width) + 0.5, columns, rotation=90 if upright else 0)
        ax.set_yticks(np.arange(height) + 0.5, rows)
        ax.xaxis.tick_top()
        ax.xaxis.set_label_position("top")
        ax.tick_params(length=0)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        head(figure, title)
        return as_picture(figure, alt)


def _inches(text: str, size: float = 10) -> float:
    """An upper estimate of the width of a text and the space beside it."""
    return text_width(text, size) / 72 + 0.08


def tinted(values, largest: float, strongest: float, above: str = "vermillion") -> np.ndarray:
    """A color with opacity for each value, shape (rows, columns, 4): the palette's, so that it follows the page.

    Sizes from 0 to `largest` get opacities up to `strongest`; the color is `above` above zero, and blue below. Zeros,
    and what is not finite, are empty cells. An image of one pixel a cell knows no names of colors: there they are
    transparent.
    """
    from matplotlib.colors import to_rgb

    colored = np.isfinite(values) & (values != 0)
    colors = np.empty((*values.shape, 4))
    colors[...] = (*to_rgb(LIGHT["card"]), 1 if values.size <= MOST_CELLS else 0)
    colors[colored & (values > 0), :3] = to_rgb(LIGHT[above])
    colors[colored & (values < 0), :3] = to_rgb(LIGHT["blue"])
    colors[colored, 3] = WEAKEST + (strongest - WEAKEST) * np.abs(values[colored]) / largest
    return colors


def digits_picture(
    images, *, labels: Sequence | None = None, predicted: Sequence | None = None, columns: int = 10, title: str = ""
) -> Picture:
    """A grid of handwritten digits. `images`: one a column, (64, m), as the course keeps them; or (m, height, width).

    labels, predicted: what each is, and what the network says, written above it; wrong answers are framed.

    Raises:
        ValueError: for what are no images, for none at all, and for labels that do not fit them.
    """
    images = reals(images, "images")
    if images.size == 0:
        raise ValueError(f"there are no images to show: these have shape {images.shape}")
    if columns < 1:
        raise ValueError(f"columns must be at least 1, not {columns}")
    if images.ndim == 2:
        side = round(images.shape[0] ** 0.5)
        if side * side != images.shape[0]:
            raise ValueError(f"one image is one column of pixels, as in (64, m); these have shape {images.shape}")
        images = images.T.reshape(-1, side, side)
    if images.ndim != 3:
        raise ValueError(f"images are (pixels, m) or (m, height, width); these have shape {images.shape}")
    count = len(images)
    for name, told in (("labels", labels), ("predicted", predicted)):
        if told is not None and len(told) != count:
            raise ValueError(f"{counted(count, 'image')}, but {name} has {counted(len(told), 'entry', 'entries')}")
    above = _words_above(count, labels, predicted)
    wrong = [i for i in range(count) if labels is not None and predicted is not None and labels[i] != predicted[i]]
    wide = max(0.78, *(_inches(said, ABOVE) for said in above))
    columns = min(columns, count, max(1, int(8 / wide)))
    rows = -(-count // columns)
    tall = 0.98 if any(above) else 0.8
    width = max(wide * columns + 0.2, 3.0 if title else 0)
    with axes(columns, rows, width, tall * rows + 0.15) as (figure, grid):
        for i, ax in enumerate(np.atleast_1d(grid).flat):
            ax.set(xticks=[], yticks=[])
            ax.grid(visible=False)
            ax.spines[:].set_visible(i in wrong)
            ax.spines[:].set(color=LIGHT["vermillion"], linewidth=2)
            if i >= count:
                continue
            ax.imshow(images[i], cmap="gray_r", vmin=0, vmax=max(images.max(), 0) or 1, interpolation="none")
            if above[i]:
                color = LIGHT["vermillion" if i in wrong else "ink"]
                ax.set_title(above[i], fontsize=ABOVE, fontweight="normal", loc="center", pad=4, color=color)
        head(figure, title)
        _, high, across = images.shape
        alt = f"{title or 'Handwritten digits'}: {counted(count, 'image')} of {high} by {across} pixels"
        if labels is not None:
            alt += f", in reading order {', '.join(map(str, labels))}"
        elif predicted is not None:
            alt += f", in reading order taken for {', '.join(map(str, predicted))}"
        if predicted is not None and labels is not None:
            said = [f"image {i + 1}, {labels[i]} taken for {predicted[i]}" for i in wrong]
            alt += f". {count - len(wrong)} of {count} recognized" + (f"; wrong: {listing(said)}" if said else "")
        return as_picture(figure, alt + ".")


def _words_above(count: int, labels, predicted) -> list[str]:
    """What stands above each image: "3", "3 → 5" (it is, the network says), "→ 5", or nothing."""
    is_a = [""] * count if labels is None else [str(label) for label in labels]
    said = [""] * count if predicted is None else [f"→ {answer}" for answer in predicted]
    return [f"{a} {b}".strip() for a, b in zip(is_a, said, strict=True)]
