"""While an exercise is asked, the library does not answer it, however it is reached; afterwards it works again."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib import autodiff, counting, gradcheck, graphs, network, rules, sgd
from course_lib.asking import ask_all
from course_lib.autodiff import RULES, Tensor
from course_lib.closed import closed
from course_lib.drawing import formulas
from course_lib.exercises import WrongForm, all_exercises, find


class Heir(Tensor):
    """A subclass that brings nothing of its own."""


KEPT = Tensor.__mul__
WAYS: dict[str, Callable[[], object]] = {
    "its name": lambda: Tensor(2.0),
    "an alias": lambda: KEPT(1, 2),
    "a subclass": lambda: Heir(2.0),
    "a table of rules": lambda: RULES["tanh"].vjps[0](1.0, 1.0, 1.0),
    "the graphs of the pictures": lambda: formulas.FormulaGraph({"y": "x * x"}).backward({"x": 2.0, "y": 4.0}),
    "the rules of the pictures": lambda: formulas.FUNCTIONS["sin"][1](1.0, 0.0, 0.0),
    "getattr": lambda: getattr(autodiff, "ex" + "p")(1.0),
    "a partial": lambda: Tensor.backward.__call__(None),
    "an operator made by a function": lambda: Tensor.__radd__(1, 2),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_closed_name_refuses_whichever_way_it_is_reached(way: str) -> None:
    with closed(("autodiff",)), pytest.raises(WrongForm, match="`autodiff` of course_lib is closed"):
        WAYS[way]()


def test_it_is_open_again_afterwards_even_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), closed(("autodiff", "sgd.Adam")):
        raise ZeroDivisionError
    y = Tensor(2.0) * 3
    y.backward()
    assert y.data == 6
    assert sgd.Adam(0.1)


def test_what_is_loaded_anew_is_closed_too_and_what_was_kept_from_before() -> None:
    before = counting.parameter_count
    with closed(("counting",)):
        pass
    importlib.reload(counting)
    with closed(("counting",)):
        for each in (before, counting.parameter_count):
            with pytest.raises(WrongForm, match="is closed"):
                each([2, 1])
    assert before([2, 1]) == counting.parameter_count([2, 1]) == 3


def test_no_second_copy_is_loaded_in_the_meantime(monkeypatch: pytest.MonkeyPatch) -> None:
    finders = list(sys.meta_path)
    with closed(("counting.parameter_count", "autodiff")):
        for module in (counting, rules):
            with pytest.raises(WrongForm, match="is closed"):
                importlib.reload(module)
        monkeypatch.delitem(sys.modules, counting.__name__)
        with pytest.raises(WrongForm, match=r"`counting.parameter_count` of course_lib is closed"):
            importlib.import_module(counting.__name__)
    assert sys.meta_path == finders


def test_only_what_is_named_is_closed() -> None:
    with closed(("sgd.Adam",)):
        assert sgd.Momentum(0.1)
        with pytest.raises(WrongForm, match="sgd"):
            sgd.Adam(0.1)


def test_what_does_the_work_behind_a_closed_name_is_closed_too() -> None:
    with closed(("gradcheck.gradient_check",)):
        assert gradcheck.relative_error(1.0, 2.0) == 0.5
        with pytest.raises(WrongForm, match=r"`gradcheck.gradient_check` of course_lib is closed"):
            gradcheck._Checker(np.sum, np.ones_like, np.ones(2), None, None)


def test_every_closed_name_exists_and_closes_something() -> None:
    for _, exercise in all_exercises():
        for name in exercise.closed:
            with closed((name,)):
                pass


ANSWERS = {
    "chain-gradient": lambda x, y, w1, b1, w2, b2: [Tensor(w1), Tensor(b1), Tensor(w2), Tensor(b2)],
    "local-derivatives": lambda op, inputs: graphs.order_and_slopes({"C": (op, ["x", "y"])}, {})[1]["C"],
    "topological-order": lambda graph: graphs.an_order(graph),
    "backprop": SimpleNamespace(backprop_loop=lambda w, *_: Tensor(w[1]), backprop=lambda w, *_: Tensor(w[1])),
    "value-class": Tensor,
    "numerical-gradient": gradcheck.numerical_gradient,
    "gradient-check": lambda f, grad, theta: (bool(gradcheck.gradient_check(f, grad, theta)), 0),
    "relative-error": gradcheck.relative_error,
    "minibatches": sgd.minibatches,
    "clip-by-norm": sgd.clip_by_norm,
    "unbroadcast": lambda gradient, shape: autodiff._unbroadcast(gradient, np.empty(shape), None),
    "levers": SimpleNamespace(levers=lambda w, b, a, y: Tensor(b).grad, best_move=lambda db, dw, da: Tensor(db)),
    "sigmoid": SimpleNamespace(sigmoid=graphs.OPERATIONS["sigmoid"], sigmoid_prime=network.ACTIVATIONS["sigmoid"]),
    "checker-bugs": lambda p, X, Y: {name: gradcheck.numerical_gradient(np.sum, p[name]) for name in p},
    "sgd-bugs": lambda w, *_: gradcheck.numerical_gradient(np.sum, w),
    "backprop-bugs": lambda w, b, X, Y: network.gradients_by_wiggling(w, b, X, Y, np.subtract),
    "train-digits": lambda X, Y, rng: sgd.train(network.Network([64, 10], seed=rng), X, Y, epochs=1, progress=False),
}


@pytest.mark.parametrize("exercise_id", ANSWERS)
def test_the_library_is_no_answer(exercise_id: str) -> None:
    _, exercise = find(exercise_id)
    for aspect in exercise.aspects:
        cases = [case.inputs for case in exercise.draw(aspect, 3)]
        for outcome in ask_all(exercise, aspect, ANSWERS[exercise_id], cases):
            assert outcome.error == "WrongForm", (aspect.name, outcome)
            assert "is closed" in outcome.message


def test_a_generator_stays_one_while_it_is_closed() -> None:
    """Python 3.13 warns where other code takes the place of a generator's."""
    with closed(("sgd",)):
        assert inspect.isgeneratorfunction(sgd._batches)
        with pytest.raises(WrongForm, match="is closed"):
            next(sgd._batches())
    assert len(list(sgd._batches(np.ones((1, 3)), np.ones((1, 3)), 2, np.random.default_rng(0)))) == 2
