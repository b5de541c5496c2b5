"""What notebook 10 says of its own examples is true, and its judge is not fooled."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from autograder.build.answer_key import answer_of, reference
from autograder.build.source import read_source, role_of
from autograder.zoo import traps
from course_lib import counting, datasets
from course_lib.asked import Asked
from course_lib.asking import Outcome, ask, ask_cases
from course_lib.exercises import PUBLIC_SEED, capstone, find
from course_lib.gradcheck import gradient_check
from course_lib.network import Network

NOTEBOOK = "10_capstone"
_, NETWORK = find("digit-network")


def test_the_broken_code_is_the_trap_of_that_name(names: dict) -> None:
    """The feedback "this is the function as it was given" must be true."""
    trap = next(entry for entry in traps(NOTEBOOK) if entry.name == "nothing_mended")
    known_answer = answer_of(find(trap.exercise)[1], reference(NOTEBOOK), trap)
    _, exercise = find("honest-result")
    for aspect in exercise.aspects:
        for case in exercise.draw(aspect, PUBLIC_SEED):
            both = names["broken_result"], known_answer
            given, known = (ask(exercise, aspect, each, case.inputs) for each in both)
            assert given.error == known.error
            if not given.error:
                np.testing.assert_array_equal(given.value, known.value)


def test_the_model_answer_reports_what_the_class_really_does(names: dict) -> None:
    data, counts = datasets.digits(), []
    for epochs, part in ((5, data.validation), (30, data.validation), (30, data.test)):
        network = names["DigitNetwork"]([64, 30, 10], 1)
        network.epochs = epochs
        network.fit(data.train.X, data.train.Y)
        counts.append(int(np.sum(network.predict(part.X) == part.labels)))
    report = next(
        cell.source for cell in read_source(NOTEBOOK).cells if role_of(cell) == ("written", "capstone-report")
    )
    assert [int(number) for number in re.findall(r"(\d+) of\s+256", report)] == counts


def test_the_gradient_check_finds_a_wrong_class_and_says_when_there_is_none(names: dict) -> None:
    for entry in traps(NOTEBOOK):
        if "hidden" in entry.loses and entry.name not in ("course_network", "no_transpose", "gradients_at_own_params"):
            wrong = answer_of(NETWORK, reference(NOTEBOOK), entry)
            assert names["doubt"](wrong).startswith("The gradient"), entry.name
            assert "right at all" not in names["doubt"](wrong), entry.name

    class Stub:
        def __init__(self, sizes, seed):
            raise NotImplementedError("Your turn: 10.2 Your own network")

    assert names["doubt"](Stub) == "Your turn: 10.2 Your own network"
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert names["trained"](Stub) is None
    assert said.getvalue() == "Your turn: 10.2 Your own network\n"


def test_a_new_order_of_the_pixels_changes_nothing_that_the_network_computes(names: dict) -> None:
    pixels, order, w = names["some"], names["new_order"], np.random.default_rng(1).normal(size=(30, 64))
    np.testing.assert_allclose(w[:, order] @ pixels[order], w @ pixels)


def test_who_chooses_by_the_test_reports_luck(names: dict) -> None:
    test, chosen = names["test"], names["chosen"]
    assert test.max(axis=1).mean() > 0.985
    assert abs(test[np.arange(len(test)), chosen].mean() - 0.96) < 0.002


def test_no_pair_of_digits_is_the_one_that_the_network_confuses(names: dict) -> None:
    part = names["data"].validation
    said = names["network"].predict(part.X)
    pairs = [pair for pair in zip(said.tolist(), part.labels.tolist(), strict=True) if len(set(pair)) == 2]
    assert 0 < len(pairs) == len(set(pairs)) < 10


def test_one_image_more_is_less_than_what_luck_does() -> None:
    """The third question of the self-test."""
    assert [f"{right / 256:.1%}" for right in (249, 250)] == ["97.3%", "97.7%"]
    assert round(100 * np.sqrt(0.97 * 0.03 / 256)) == 1


def cost_of(network: Network, X: np.ndarray, Y: np.ndarray, parameters: list) -> float:
    """The cost at other parameters."""
    return network.with_parameters(parameters).cost(X, Y)


@pytest.mark.parametrize("cost", capstone.OUTPUTS)
@pytest.mark.parametrize("activation", capstone.ACTIVATIONS)
def test_gradients_are_judged_by_what_central_differences_say(activation: str, cost: str) -> None:
    """Every choice that a student has, at the parameters that the judge uses."""
    for case in NETWORK.draw(NETWORK.aspect("output"), PUBLIC_SEED):
        sizes, params, X, Y = case.inputs.values()
        network = capstone.course_network(sizes, params, activation, cost)
        found = network.backprop(X, Y)
        cost_at = partial(cost_of, network, X, Y)
        check = gradient_check(cost_at, found.as_list(), network.parameters)
        assert check, check.message
        value = {"activation": activation, "cost": cost, "own": []}
        value["gradients"] = list(zip(found.dw[1:], found.db[1:], strict=True))
        for aspect in ("output", "hidden"):
            assert NETWORK.aspect(aspect).accept(case, value, None) is None
        last = value["gradients"][-1][0]
        last.flat[np.abs(last).argmax()] *= 1.001  # not just the first: behind a hidden ReLU that gives 0, it is 0
        assert "Layer" in NETWORK.aspect("output").accept(case, value, None)


@pytest.mark.parametrize("cost", capstone.OUTPUTS)
@pytest.mark.parametrize("activation", capstone.ACTIVATIONS)
def test_a_slip_on_the_way_back_is_named_for_every_network(activation: str, cost: str) -> None:
    """Unless the slip changes nothing for this network: the slope of ReLU at a is that at z."""
    case = NETWORK.draw(NETWORK.aspect("hidden"), PUBLIC_SEED)[0]
    sizes, params, X, Y = case.inputs.values()
    value = {"activation": activation, "cost": cost, "own": []}
    nothing = {("relu", "slope at a"), ("sigmoid", "sigmoid")}
    for slip, sentence in capstone.SLIPS.items():
        value["gradients"] = [list(pair) for pair in capstone._with_slip(slip, activation, cost, params, X, Y)]
        said = NETWORK.aspect("hidden").accept(case, value, None)
        assert said == (None if (activation, slip) in nothing else sentence)
    right = capstone.course_network(sizes, params, activation, cost).backprop(X, Y)
    value["gradients"] = list(zip(right.dw[1:], right.db[1:], strict=True))[::-1]
    assert NETWORK.aspect("hidden").accept(case, value, None) == capstone.LAST_FIRST


def test_the_middle_one_of_the_networks_counts() -> None:
    (case,) = NETWORK.draw(NETWORK.aspect("reads"), 7)
    zeros = [(np.zeros((30, 64)), np.zeros((30, 1))), (np.zeros((10, 30)), np.zeros((10, 1)))]
    trained = []
    for label in (1, 0, 2):  # networks that always say the same
        last = zeros[1][0], np.eye(10)[:, [label]]
        trained.append([zeros[0], last])
    shares = [np.mean(part["labels"] == label) for part, label in zip(case.hidden, (1, 0, 2), strict=True)]
    middle, share = capstone.middle_share(case, {"activation": "relu", "cost": "quadratic", "trained": trained})
    assert share == shares[middle] == np.median(shares)


@pytest.mark.parametrize("aspect", ["learns", "reads"])
def test_no_test_image_is_in_what_the_student_gets(aspect: str) -> None:
    """Not even when all that three networks are given is put together, pixels sorted to undo their order."""
    (case,) = NETWORK.draw(NETWORK.aspect(aspect), 7)
    assert "hidden" not in case.inputs and set(case.inputs["parts"][0]) == {"pixels", "labels"}
    given = {tuple(np.sort(column)) for part in case.inputs["parts"] for column in part["pixels"].T}
    tested = [tuple(np.sort(column)) for part in case.hidden for column in part["pixels"].T]
    assert not given & set(tested)
    if aspect == "reads":
        assert len(tested) == 1797
    package = {tuple(np.sort(column)) for part in datasets.digits() for column in np.rint(part.X * 255).astype(int).T}
    assert not package & (given | set(tested))


def test_every_digit_is_learned_from_and_tested_by_different_networks() -> None:
    (case,) = NETWORK.draw(NETWORK.aspect("reads"), 7)
    for learn, test in zip(case.inputs["parts"], case.hidden, strict=True):
        assert learn["pixels"].shape == (64, 1198) and test["pixels"].shape == (64, 599)
    first, second = (np.bincount(part["labels"], minlength=10) for part in case.inputs["parts"][:2])
    assert np.abs(first - second).max() > 0  # another order of the classes


def test_numbers_that_are_not_parameters_get_nothing() -> None:
    (case,) = NETWORK.draw(NETWORK.aspect("learns"), 7)
    accept = NETWORK.aspect("learns").accept
    shapes = [((20, 64), (20, 1)), ((10, 20), (10, 1))]
    for fill in (0.0, np.nan, np.inf):
        trained = [[[np.full(shape, fill) for shape in pair] for pair in shapes]]
        assert "new digits" in accept(case, {"activation": "relu", "cost": "quadratic", "trained": trained}, None)
    for trained in ([], [[[np.zeros((3, 3)), np.zeros(3)]]], "nothing"):
        with pytest.raises((TypeError, ValueError)):
            accept(case, {"activation": "relu", "cost": "quadratic", "trained": trained}, None)


def by_place(array: np.ndarray) -> int:
    return id(array)


def by_numbers(array: np.ndarray) -> bytes:
    return array.tobytes()


@pytest.mark.parametrize("known_by", [by_place, by_numbers])
def test_gradients_that_are_kept_and_known_by_x_alone_are_wrong(known_by: Callable) -> None:
    honest = reference(NOTEBOOK)["DigitNetwork"]

    class Remembers(honest):
        kept: ClassVar[dict] = {}

        def gradients(self, params: list, X: np.ndarray, Y: np.ndarray) -> list:
            new = [(dw.copy(), db.copy()) for dw, db in super().gradients(params, X, Y)]
            return self.kept.setdefault(known_by(X), (new, X))[0]  # X too, so that it stays where it is

    assert "is not the gradient" in wrong_with(Remembers, "output")
    assert wrong_with(honest, "output") is None


def test_what_came_in_and_what_went_out_stays_as_it_was() -> None:
    honest = reference(NOTEBOOK)["DigitNetwork"]

    class Centers(honest):
        def fit(self, X: np.ndarray, Y: np.ndarray) -> None:
            X -= X.mean()
            super().fit(X, Y)

    class OnePlace(honest):
        def __init__(self, sizes: list, seed: int) -> None:
            super().__init__(sizes, seed)
            self.found: list = []

        def gradients(self, params: list, X: np.ndarray, Y: np.ndarray) -> list:
            self.found[:] = super().gradients(params, X, Y)
            return self.found

    assert "changes `X`" in wrong_with(Centers, "seed")
    assert "Make new arrays" in wrong_with(OnePlace, "output")


def wrong_with(answer: type, name: str) -> str | None:
    """What the first case finds wrong in an aspect of 10.2."""
    aspect = NETWORK.aspect(name)
    cases = NETWORK.draw(aspect, 3)[:1]
    first = Asked(NETWORK, aspect, cases, [Outcome(value=True)], ask_cases(NETWORK, aspect, answer, cases)).first
    return first.sentence if first else None


def test_the_course_network_works_again_after_it_was_refused() -> None:
    trap = next(entry for entry in traps(NOTEBOOK) if entry.name == "course_network")
    known_answer = answer_of(find(trap.exercise)[1], reference(NOTEBOOK), trap)
    (case, *_) = NETWORK.draw(NETWORK.aspect("start"), 7)
    outcome = ask(NETWORK, NETWORK.aspect("start"), known_answer, case.inputs)
    assert "of course_lib is closed" in outcome.message
    assert Network([2, 2]).sizes == [2, 2]


def test_an_epoch_of_mnist_takes_as_many_multiplications_as_the_text_says(names: dict) -> None:
    one_example = [sum(counting.network_work(sizes, 1)) for sizes in ([64, 30, 10], [784, 30, 10])]
    assert round(one_example[1] / one_example[0]) == 10
    assert round(50_000 / 1285) == 39
    assert abs(sum(names["large"]) / sum(names["small"]) - 390) < 5


def test_without_a_network_mnist_says_so(names: dict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(*args):
        raise OSError("no route to host")

    monkeypatch.setattr(datasets, "_download", refused)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        names["mnist_run"](names["DigitNetwork"])
    assert said.getvalue().startswith("MNIST is not here and cannot be downloaded now.")
