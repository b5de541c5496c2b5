"""Handwritten digits that are in no file: each is drawn anew from a digit of the package, a little otherwise.

A network is judged on images that nobody can have seen. So every image that it learns from, and every one that it is
tested on, is turned, moved, stretched, written with a thicker or thinner pen, and made a little noisy, all by the seed.
All images of a split also share a hand: one more turn, slant and pen. At last the 64 pixels and the ten names of the
classes come into an order of their own, again the same for all images of a split.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SIDE, CLASSES, DIGITS_IN_ALL = 8, 10, 1797
# How far one image may be from another, to either side: radians, pixels, shares, and the exponent of its gray levels.
TURN, MOVE, STRETCH, PEN, NOISE = 0.03, 0.1, 0.02, 0.1, 0.02
# And one split from another.
HAND_TURN, HAND_SLANT, HAND_PEN = 0.2, 0.2, 0.1


def _digits() -> tuple[np.ndarray, np.ndarray]:
    """All digits of the package: X (64, 1797) from 0 to 1, and their labels."""
    from course_lib.datasets import digits

    parts = digits()
    return np.hstack([part.X for part in parts]), np.concatenate([part.labels for part in parts])


def _hand(rng: np.random.Generator) -> np.ndarray:
    """The turn, the slant and the pen that all images of a split share. None of them is near 0."""
    return np.array([HAND_TURN, HAND_SLANT, HAND_PEN]) * rng.uniform(0.5, 1, 3) * rng.choice([-1, 1], 3)


def _redrawn(X: np.ndarray, hand: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each image, a column of X (64, m) from 0 to 1, drawn a little otherwise. Gray levels are whole, from 0 to 255."""
    m = X.shape[1]
    turn, down, right, tall, wide, pen = (
        rng.uniform(-size, size, (m, 1)) for size in (TURN, MOVE, MOVE, STRETCH, STRETCH, PEN)
    )
    turn, pen = turn + hand[0], pen + hand[2]
    y, x = (each.reshape(1, -1) - (SIDE - 1) / 2 for each in np.indices((SIDE, SIDE)))
    x = x + hand[1] * y
    from_y = (np.cos(turn) * y - np.sin(turn) * x) * (1 + tall) + down
    from_x = (np.sin(turn) * y + np.cos(turn) * x) * (1 + wide) + right
    gray = _between_pixels(X.T.reshape(m, SIDE, SIDE), from_y, from_x) ** np.exp(pen)
    noisy = gray + rng.uniform(-NOISE, NOISE, gray.shape)
    return np.rint(255 * np.clip(noisy, 0, 1)).astype(np.uint8).T


def _between_pixels(images: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gray levels between the pixels (bilinear), at places (y, x) from the middle of each image; 0 outside."""
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    y, x = (np.clip(each + (SIDE - 1) / 2 + 2, 0, SIDE + 2) for each in (y, x))
    top, left, each = np.floor(y).astype(int), np.floor(x).astype(int), np.arange(len(images))[:, None]
    below, beside = y - top, x - left
    return sum(
        padded[each, top + i, left + j] * (below if i else 1 - below) * (beside if j else 1 - beside)
        for i in (0, 1)
        for j in (0, 1)
    )


def split(rng: np.random.Generator, learn: np.ndarray, test: np.ndarray) -> tuple[dict, dict]:
    """{"pixels", "labels"} to learn from and for the test, redrawn from the digits of these numbers.

    Pixels and names of the classes are in one new order for both. pixels has shape (64, m).
    """
    X, labels = _digits()
    hand, pixels, names = _hand(rng), rng.permutation(len(X)), rng.permutation(CLASSES)
    learned, tested = (
        {"pixels": _redrawn(X[:, some], hand, rng)[pixels], "labels": names[labels[some]]} for some in (learn, test)
    )
    return learned, tested


def advice(learned: dict, said: Callable[[np.ndarray], np.ndarray], w1: np.ndarray) -> str:
    """What is wrong with a network that reads too little, from how it behaves: a sentence for the student.

    learned: what it learned from, as `split` gives it.
    said: the labels that it gives to images X (64, m) from 0 to 1.
    w1: the weights of its first layer.
    """
    of_its_own = said(learned["pixels"] / 255)
    share = float(np.mean(of_its_own == learned["labels"]))
    if len(w1) > 1 and np.ptp(w1, axis=0).max() <= 1e-3 * np.abs(w1).max() and len(w1) != CLASSES:
        return "All neurons of layer 1 are equal, so they work as one: let the weights start with random numbers."
    if len(np.unique(of_its_own)) == 1:
        return (
            "It gives the same answer to every image, and a constant reads about one image in ten. "
            "Do its steps go uphill, are they far too large, or does it make none?"
        )
    X, labels = _digits()
    if np.mean(said(X) == labels) > 0.7:
        return "It reads the digits of the package as they are: train it on the X and Y that it is given, not on these."
    if share < 0.05:
        return "It is wrong more often than by guessing: its steps go uphill. Go against the gradient."
    if share < 0.25:
        return (
            "It reads the images that it was given to learn from as by guessing too. "
            "Is every step kept in the network? Do images and targets keep one order? "
            "Are the steps far too large, or far too small or too few?"
        )
    if share > 0.985:
        return "It knows the images that it learned from by heart, but not what is common to all: change how it learns."
    return (
        f"Of the images that it learned from it reads {100 * share:.1f} %, so it has not learned to the end: "
        "train for more epochs, or with steps of another size."
    )
