"""Pictures of matrices: Jacobians with their values, handwritten digits, confusion matrices."""

from collections.abc import Sequence

import numpy as np

from course_lib.drawing.figure import as_picture, axes, head
from course_lib.drawing.palette import LIGHT, contrast
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import listing, pretty_number

MOST_CELLS = 400     # a larger matrix is kept as an image of one pixel a cell
MOST_NUMBERS = 150   # a larger matrix is shown by its colors alone
INK, PAPER = "#1f2329", "#fffffe"   # on colored cells; one step off the palette, so that they stay as they are


def matrix_picture(
    matrix,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
) -> Picture:
    """A matrix as colored cells with their values: blue below zero, white at zero, orange above. Shape (rows, columns).

    Raises ValueError for anything but a matrix of numbers.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"a matrix has two axes and at least one number; this has shape {matrix.shape}")
    largest = float(np.abs(matrix).max()) or 1.0
    alt = f"{title or 'Matrix'}, {matrix.shape[0]} rows and {matrix.shape[1]} columns"
    if matrix.size <= 36:
        alt += ". " + "; ".join(f"row {i + 1}: {', '.join(map(pretty_number, row))}" for i, row in enumerate(matrix))
    else:
        filled = np.count_nonzero(matrix)
        alt += f", from {pretty_number(matrix.min())} to {pretty_number(matrix.max())}, {filled} not zero"
    return cells(matrix, -largest, largest, diverging(), pretty_number, rows, columns, xlabel, ylabel, title, alt + ".")


def confusion_picture(truth, predicted, *, classes: Sequence[str] | None = None, title: str = "") -> Picture:
    """How often each class (row) was taken for each class (column). `truth` and `predicted` are whole numbers, (m,)."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or truth.ndim != 1 or truth.size == 0:
        raise ValueError(f"truth and predicted are two lists of one length; their shapes are {truth.shape} and "
                         f"{predicted.shape}")  # fmt: skip
    count = len(classes) if classes else int(max(truth.max(), predicted.max())) + 1
    classes = list(classes) if classes else [str(i) for i in range(count)]
    counts = np.zeros((count, count), dtype=int)
    np.add.at(counts, (truth, predicted), 1)
    right = int(np.trace(counts))
    alt = f"{title or 'Confusion matrix'}: {right} of {truth.size} right ({100 * right / truth.size:.1f} %)"
    wrong = counts - np.diag(np.diag(counts))
    worst = [divmod(int(i), count) for i in np.argsort(-wrong, axis=None, kind="stable")[:3]]
    said = [f"{classes[i]} taken for {classes[j]} {wrong[i, j]} times" for i, j in worst if wrong[i, j]]
    alt += f". Most often wrong: {listing(said)}." if said else "."
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return cells(shares, 0, 1, sequential(), lambda _: "", classes, classes, "predicted", "truth", title, alt, counts)


def cells(values, low, high, colors, text, rows, columns, xlabel, ylabel, title, alt, numbers=None) -> Picture:
    """Colored cells; each number in whichever of ink and paper can be read on its color."""
    from matplotlib.colors import to_hex

    height, width = values.shape
    cell = min(0.62, 7.4 / width) if numbers is None else 0.42
    with axes(width=max(3.0, width * cell + 1.6), height=max(1.6, height * min(cell, 0.46) + 1.0) ) as (figure, ax):
        if values.size <= MOST_CELLS:
            ax.pcolormesh(values, cmap=colors, vmin=low, vmax=high, edgecolors=LIGHT["paper"], linewidth=0.8)
        else:
            ax.imshow(values, cmap=colors, vmin=low, vmax=high, interpolation="none", aspect="auto",
                      extent=(0, width, height, 0))  # fmt: skip
        for (i, j), value in np.ndenumerate(values):
            said = text(value) if numbers is None else str(numbers[i, j] or "")
            if said and values.size <= MOST_NUMBERS:
                shade = to_hex(colors((value - low) / (high - low)))
                readable = INK if contrast(INK, shade) >= contrast(PAPER, shade) else PAPER
                ax.text(j + 0.5, i + 0.5, said, ha="center", va="center", fontsize=9, color=readable)
        ax.set(xlim=(0, width), ylim=(height, 0))
        ax.set_xticks(np.arange(width) + 0.5, columns or [str(j + 1) for j in range(width)])
        ax.set_yticks(np.arange(height) + 0.5, rows or [str(i + 1) for i in range(height)])
        if max(height, width) > 20 and not (rows or columns):
            ax.set(xticks=[], yticks=[])
        ax.xaxis.tick_top()
        ax.xaxis.set_label_position("top")
        ax.tick_params(length=0)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        head(figure, title)
        return as_picture(figure, alt)


def diverging():
    """Blue, white, orange: the ends are the palette's hues, and lightness alone tells the size."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", ["#0072b3", "#9fcbe6", "#f9f9f7", "#f0bd92", "#c25502"])


def sequential():
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("share", ["#f6f8fa", "#9fcbe6", "#0072b3", "#0b3a5c"])


def digits_picture(
    images, *, labels: Sequence | None = None, predicted: Sequence | None = None, columns: int = 10, title: str = ""
) -> Picture:
    """A grid of handwritten digits. `images`: one a column, (64, m), as the course keeps them; or (m, height, width).

    labels, predicted: what each is, and what the network says, written above it; wrong answers are framed.
    """
    images = np.asarray(images, dtype=float)
    if images.ndim == 2:
        side = round(images.shape[0] ** 0.5)
        if side * side != images.shape[0]:
            raise ValueError(f"one image is one column of pixels, as in (64, m); these have shape {images.shape}")
        images = images.T.reshape(-1, side, side)
    if images.ndim != 3 or len(images) == 0:
        raise ValueError(f"images are (pixels, m) or (m, height, width); these have shape {images.shape}")
    for name, told in (("labels", labels), ("predicted", predicted)):
        if told is not None and len(told) != len(images):
            raise ValueError(f"{len(images)} images, but {len(told)} {name}")
    count = len(images)
    columns = min(columns, count)
    rows = -(-count // columns)
    wrong = [i for i in range(count) if labels is not None and predicted is not None and labels[i] != predicted[i]]
    tall = 0.98 if labels is not None else 0.8
    with axes(columns, rows, 0.78 * columns + 0.2, tall * rows + 0.15) as (figure, grid):
        for i, ax in enumerate(np.atleast_1d(grid).flat):
            ax.set(xticks=[], yticks=[])
            ax.grid(visible=False)
            ax.spines[:].set_visible(i in wrong)
            ax.spines[:].set(color=LIGHT["vermillion"], linewidth=2)
            if i >= count:
                continue
            ax.imshow(images[i], cmap="gray_r", vmin=0, vmax=images.max() or 1, interpolation="none")
            if labels is not None:
                said = str(labels[i]) if predicted is None else f"{labels[i]} → {predicted[i]}"
                color = LIGHT["vermillion" if i in wrong else "ink"]
                ax.set_title(said, fontsize=9, fontweight="normal", loc="center", pad=4, color=color)
        head(figure, title)
        alt = f"{title or 'Handwritten digits'}: {count} images of {images.shape[1]} by {images.shape[2]} pixels"
        if labels is not None:
            alt += f", in reading order {', '.join(map(str, labels))}"
        if predicted is not None and labels is not None:
            said = [f"image {i + 1}, {labels[i]} taken for {predicted[i]}" for i in wrong]
            alt += f". {count - len(wrong)} of {count} recognized" + (f"; wrong: {listing(said)}" if said else "")
        return as_picture(figure, alt + ".")
