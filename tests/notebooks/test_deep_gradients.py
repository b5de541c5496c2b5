"""What notebook 8 says of its own examples is true, and its honest starts are judged fairly."""

from __future__ import annotations

import os

import numpy as np
import pytest

from autograder.build.answer_key import answer_of, reference
from autograder.zoo import alternatives
from course_lib.asking import ask_all
from course_lib.exercises import find
from course_lib.network import INITS

FAST = bool(os.environ.get("COURSE_FAST"))  # one seed is then enough
NOTEBOOK = "08_deep_gradients"


def test_the_table_of_starts_is_the_engines() -> None:
    given = reference(NOTEBOOK)
    for kind, spread in INITS.items():
        drawn = given["init"](700, 400, kind, np.random.default_rng(1))
        assert abs(drawn.std() / spread(700, 400) - 1) < 0.01


@pytest.mark.parametrize("seed", range(1 if FAST else 12))
def test_no_honest_start_comes_near_the_margin(seed: int) -> None:
    """Spread and mean of every honest draw are within half of the tolerance, whatever the seed."""
    _, exercise = find("init")
    # The other alternative draws the very numbers of the reference, and takes nearly all the time.
    [entry] = [each for each in alternatives(NOTEBOOK) if each.exercise == "init" and each.name != "row_by_row"]
    honest = answer_of(exercise, reference(NOTEBOOK), entry)
    right = reference(NOTEBOOK)["init"]
    for aspect in exercise.aspects[1:4]:
        cases = [case.inputs for case in exercise.draw(aspect, seed)]
        expected = ask_all(exercise, aspect, right, cases)
        for mine, theirs in zip(ask_all(exercise, aspect, honest, cases), expected, strict=True):
            assert mine.value != theirs.value
            for name, value in theirs.value.items():
                allowed = aspect.atol + aspect.rtol * abs(value)
                assert abs(mine.value[name] - value) < allowed / 2, (name, seed)


def test_what_the_text_says_of_deep_networks_is_so(names: dict) -> None:
    norms, deep = names["norms"], names["deep"]
    sigmoid, tanh, relu = (norms(deep(20, name)) for name in ("sigmoid", "tanh", "relu"))
    last = [found[-1] for found in (sigmoid, tanh, relu)]
    assert max(last) < 10 * min(last)
    assert sigmoid[0] < 1e-10 * sigmoid[-1]
    kept_in_a_layer = (sigmoid[0] / sigmoid[-1]) ** (1 / 19)
    assert 0.2 < kept_in_a_layer < 0.25  # "a bit more than three quarters" are lost
    assert 0.3 < tanh[0] / tanh[-1] < 3
    he = norms(deep(20, "relu", "he"))
    assert 0.3 < he[0] / he[-1] < 3
