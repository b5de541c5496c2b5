"""What notebook 9 says of its own examples is true, and its answers agree with the papers' equations and the engine."""

from __future__ import annotations

import contextlib
import io
import re

import numpy as np

from autograder.build.answer_key import answer_of, reference
from autograder.files import SOLUTIONS, notebook_file
from autograder.zoo import traps
from course_lib import sgd
from course_lib.counting import network_work
from course_lib.exercises import PUBLIC_SEED, find

NOTEBOOK = "09_deep_training"


def arrays(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in ((3, 2), (3, 1), (2, 3))]


def test_the_optimizers_agree_with_the_engine() -> None:
    """The engine keeps its state in objects and works in place; the answers pass theirs along. Same parameters."""
    given = reference(NOTEBOOK)
    start = arrays(0)
    rolling, velocities = start, [np.zeros_like(p) for p in start]
    adapting, state = start, {"t": 0, "m": [0 * p for p in start], "v": [0 * p for p in start]}
    momentum, adam = sgd.Momentum(0.1, 0.8), sgd.Adam(0.05, 0.8, 0.97, 1e-3)
    by_momentum, by_adam = [p.copy() for p in start], [p.copy() for p in start]
    for step in range(1, 5):
        gradients = arrays(step)
        rolling, velocities = given["momentum_step"](rolling, gradients, velocities, 0.1, 0.8)
        adapting, state = given["adam_step"](adapting, gradients, state, 0.05, 0.8, 0.97, 1e-3)
        momentum.step(by_momentum, gradients)
        adam.step(by_adam, gradients)
    for mine, engine in zip(rolling + adapting, by_momentum + by_adam, strict=True):
        np.testing.assert_allclose(mine, engine, rtol=1e-12)
    clipped = given["clip_by_norm"](arrays(9), 0.5)
    np.testing.assert_allclose(clipped[1], sgd.clip_by_norm(arrays(9), 0.5)[1], rtol=1e-12)


def test_momentum_is_polyaks_heavy_ball() -> None:
    """Polyak (1964): the next place is the present one, minus rate * gradient, plus beta * the last move."""
    given = reference(NOTEBOOK)
    before, place = [np.array([1.0, -2.0])], [np.array([1.3, -1.5])]
    velocity = [place[0] - before[0]]
    gradient = [np.array([0.7, 0.4])]
    after, _ = given["momentum_step"](place, gradient, velocity, 0.2, 0.9)
    np.testing.assert_allclose(after[0], place[0] - 0.2 * gradient[0] + 0.9 * (place[0] - before[0]))


def test_the_broken_backward_is_the_trap_of_that_name(names: dict) -> None:
    """The feedback "this is the code as it was given" must be true."""
    trap = next(entry for entry in traps(NOTEBOOK) if entry.name == "nothing_mended")
    known_answer = answer_of(find(trap.exercise)[1], reference(NOTEBOOK), trap)
    _, exercise = find("skip-bugs")
    for case in exercise.draw(exercise.aspects[0], PUBLIC_SEED):
        for mine, known in zip(names["broken_backward"](**case.inputs), known_answer(**case.inputs), strict=True):
            np.testing.assert_array_equal(mine, known)


def test_the_wiggles_tell_broken_from_mended(names: dict) -> None:
    def differences(backward) -> list[float]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            names["compare_with_wiggles"](backward)
        return [float(line.split()[-1]) for line in out.getvalue().splitlines()]

    assert min(differences(names["broken_backward"])) > 0.1
    assert max(differences(names["fixed_backward"])) < 1e-8


def test_the_four_patients_have_the_four_diseases(names: dict) -> None:
    found = {
        name: names["diagnose"](np.array(history.cost), np.array(history.validation_cost), np.array(norms))
        for name, (history, norms) in names["ill"].items()
    }
    diseases = {"A": "rate too small", "B": "vanishing gradient", "C": "overfitting", "D": "rate too large"}
    assert found == diseases


def test_clipping_saves_the_network_that_dies_without_it(names: dict) -> None:
    def dead_layers(network) -> int:
        return sum(not (z > 0).any() for z in network.feedforward(names["X"])[0][1:-1])

    assert dead_layers(names["plain"]) >= 1
    assert dead_layers(names["clipped"]) == 0
    last = names["plain"].feedforward(names["digits"].train.X)[0][-2]
    assert not (last > 0).any(), "for every image to learn from, so no gradient passes it ever again"
    assert abs(names["without"].cost[-1] - np.log(10)) < 0.02
    assert names["with_clipping"].cost[-1] < 0.5

    def living(network) -> list[int]:
        return [(z > 0).any(axis=1).sum() for z in network.feedforward(names["X"])[0][1:-1]]

    assert min(living(names["clipped"])) > 20 >= max(living(names["plain"])), "of 30 neurons in every layer"


def test_plain_sgd_is_the_slowest_by_far_and_the_other_two_end_close() -> None:
    """By what the picture says of itself in the built notebook: the trainings are long."""
    built = notebook_file(SOLUTIONS, NOTEBOOK).read_text(encoding="utf-8")
    last = {
        name: float(cost) for name, cost in re.findall(r"(SGD|momentum|Adam),[^;]*? goes from \S+ to (\S+) in", built)
    }
    assert last["SGD"] > 5 * max(last["momentum"], last["Adam"])
    assert abs(last["momentum"] - last["Adam"]) < 0.1


def test_ten_times_the_layers_keep_six_times_as_much_and_the_ratio_stays_below_2(names: dict) -> None:
    shallow, deep = ([64] + [30] * (layers - 1) + [10] for layers in (2, 20))
    assert [round(network_work(sizes, m=200).ratio, 2) for sizes in (shallow, deep)] == [1.14, 1.90]
    assert round(names["activations_kept"](deep, 200, True) / names["activations_kept"](shallow, 200, True)) == 6


def test_momentum_swings_wider_at_first_overshoots_and_ends_dozens_of_times_lower(names: dict) -> None:
    plain, rolling = names["paths"]["plain"], names["paths"]["momentum"]
    assert np.all(np.abs(rolling[2:12, 1]) > np.abs(plain[2:12, 1]))
    assert rolling[:, 0].max() > 0 > plain[:, 0].max()
    assert 24 < names["valley"](*plain[-1]) / names["valley"](*rolling[-1]) < 100


def test_without_the_skip_every_layer_is_bad(names: dict) -> None:
    plain, skip = names["norms_by_engine"](False), names["norms_by_engine"](True)
    assert max(plain) < 1e-4 * min(skip)
