"""Numbers for cases, drawn and rounded, so that a student can go through a case by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

Shape = int | tuple[int, ...]


def number(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between low and high, to three decimals."""
    return round(float(rng.uniform(low, high)), 3)


def array(rng: np.random.Generator, low: float, high: float, shape: Shape) -> np.ndarray:
    """Numbers between low and high, to two decimals."""
    return np.round(rng.uniform(low, high, shape), 2)


def both_signs(rng: np.random.Generator, low: float, high: float, shape: Shape) -> np.ndarray:
    """Sizes between low and high; signs are drawn, but both occur."""
    signs = np.resize([1.0, -1.0], int(np.prod(shape)))
    return array(rng, low, high, shape) * rng.permutation(signs).reshape(shape)


def shuffled(rng: np.random.Generator, items: Sequence[Item]) -> list[Item]:
    """The items in an order that is drawn, so that who knows what is right knows not where."""
    return [items[place] for place in rng.permutation(len(items))]
