"""Four networks that are ill, for the notebook on deep training. Whoever wants to guess why, reads no further.

The notebook shows their curves and asks for a diagnosis. What makes each one ill stands in `_patients`.
"""

from __future__ import annotations

import numpy as np

from course_lib import datasets, sgd
from course_lib.network import Network


def patients() -> dict[str, tuple[sgd.History, list[float]]]:
    """By name, the history of a training of 30 epochs, and the norm of each layer's gradient before it.

    All learn from the same 150 images of handwritten digits. Every call gives the same.
    """
    return {name: _trained(*each) for name, each in _patients().items()}


def _patients() -> dict[str, tuple]:
    return {
        "A": ([64, 30, 30, 10], "relu", sgd.SGD(0.006)),  # steps that are too short
        "B": ([64] + [30] * 9 + [10], "sigmoid", sgd.SGD(0.1)),  # the gradient vanishes on the way back
        "C": ([64, 100, 10], "relu", sgd.Momentum(0.05)),  # learns the shuffled labels by heart
        "D": ([64, 30, 30, 10], "sigmoid", sgd.SGD(18)),  # steps that are too long
    }


def _trained(sizes: list[int], activation: str, optimizer) -> tuple[sgd.History, list[float]]:
    digits = datasets.digits()
    X, Y = digits.train.X[:, :150], digits.train.Y[:, :150].copy()
    Y[:, :60] = Y[:, np.random.default_rng(7).permutation(60)]  # 60 of the 150 labels are shuffled
    network = Network(sizes, activation, "softmax cross-entropy", init="xavier", seed=1)
    before = network.backprop(digits.train.X[:, :200], digits.train.Y[:, :200])
    norms = [sgd.global_norm(layer) for layer in zip(before.dw[1:], before.db[1:], strict=True)]
    judge = digits.validation[:2]
    history = sgd.train(network, X, Y, 30, 30, optimizer, seed=1, progress=False, validation=judge)
    return history, norms
