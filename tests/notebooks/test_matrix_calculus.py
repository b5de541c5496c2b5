"""What notebook 3 says of its own examples is true."""

from __future__ import annotations

import contextlib
import io

import numpy as np

from autograder.build.answer_key import answer_of, reference
from autograder.zoo import traps
from course_lib.autodiff import Tensor, linear
from course_lib.exercises import PUBLIC_SEED, find

NOTEBOOK = "03_matrix_calculus"


def test_the_broken_code_is_the_trap_of_that_name(names: dict) -> None:
    """The feedback "this is the code as it was given" must be true."""
    trap = next(entry for entry in traps(NOTEBOOK) if entry.name == "nothing_fixed")
    known_answer = answer_of(find(trap.exercise)[1], reference(NOTEBOOK), trap)
    _, exercise = find("shape-bugs")
    for case in exercise.draw(exercise.aspect("square"), PUBLIC_SEED):
        given, known = names["broken_backward"](**case.inputs), known_answer(**case.inputs)
        for one, other in zip(given, known, strict=True):
            np.testing.assert_array_equal(one, other)


def test_equal_sizes_hide_the_three_bugs_and_different_sizes_show_them(names: dict) -> None:
    def shown(backward, *sizes: int) -> list[str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            names["test_shapes"](backward, *sizes)
        return out.getvalue().splitlines()[1:]

    def all_fit(lines: list[str]) -> bool:
        return len(lines) == 4 and all(line.split("shape ")[1].startswith(line.split("have ")[1]) for line in lines)

    assert all_fit(shown(names["broken_backward"], 4, 4, 4, 4))
    assert not all_fit(shown(names["broken_backward"], 5, 4, 3, 6))
    assert all_fit(shown(names["fixed_backward"], 5, 4, 3, 6))


def test_the_answers_agree_with_the_engine(names: dict) -> None:
    """The reference of the layer and of softmax with cross-entropy, against an oracle that shares no code with them."""
    rng = np.random.default_rng(3)
    W, A, b = (Tensor(rng.normal(size=shape)) for shape in [(3, 4), (4, 5), (3, 1)])
    Y = np.eye(3)[:, [0, 2, 1, 1, 0]]
    Z = linear(W, A, b)
    C = (Z.exp().sum(axis=0).log() - (Z * Y).sum(axis=0)).mean()
    C.backward()
    _, cost, dZ = names["softmax_xent"](Z.data, Y)
    np.testing.assert_allclose(cost, C.data)
    np.testing.assert_allclose(dZ, Z.grad)
    for ours, tensor in zip(names["linear_backward"](dZ, W.data, A.data), (A, W, b), strict=True):
        np.testing.assert_allclose(ours, tensor.grad)
    np.testing.assert_allclose(names["unbroadcast"](dZ, (3, 1)), b.grad)


def test_the_numbers_of_the_text_are_right(names: dict) -> None:
    assert np.count_nonzero(np.abs(names["table"]) < 1e-9) == 2
    assert np.count_nonzero(np.abs(names["of_weights"]) > 1e-9) == 12
    assert (names["at_cost"], names["at_input"]) == (2_000_000, 1_001_000_000)
    assert 20_000**2 * 8 / 1e9 == 3.2
    with np.errstate(all="ignore"):
        large = names["naive_softmax"](np.array([1000.0, 999.0, -1000.0]))
    assert np.isnan(large[:2]).all()


def test_the_jacobian_of_softmax_is_the_one_derived(names: dict) -> None:
    a, y = names["naive_softmax"](names["logits"]), np.array([0.0, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(names["jacobian"], np.diag(a) - np.outer(a, a), atol=1e-6)
    assert names["jacobian"][0, 0] > 0 > names["jacobian"][1:, 0].max()
    np.testing.assert_allclose(names["jacobian"].sum(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(-y / a @ names["jacobian"], a - y, atol=1e-6)
