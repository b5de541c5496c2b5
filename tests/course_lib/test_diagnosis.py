"""A sentence is given only when it explains every wrong number, and no kind of input or answer stops the diagnosis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_lib.diagnosis.diagnose import diagnose_all
from course_lib.exercises import Aspect, Case

ASPECT = Aspect("some", "some", 1, lambda rng: [])
rng = np.random.default_rng(4)
V, M = rng.normal(size=5), rng.normal(size=(5, 7))


def told(*asked: tuple[dict[str, Any], Any, Any], vague: bool = False) -> str:
    """What is said of answers, each with its inputs, the right value and what was given."""
    return diagnose_all([(ASPECT, Case(inputs), right, got) for inputs, right, got in asked], vague)


@pytest.mark.parametrize(
    ("inputs", "right", "got", "sentence"),
    [
        ({"x": V}, V, np.round(V, 3), "rounded to 3 decimals"),
        ({"x": V}, V, np.round(V, 1), "rounded to one decimal."),
        ({"x": V}, V, V.astype(np.float32), "Your numbers are in single precision"),
        ({"x": V}, V, V * (1 + 1e-7 * np.arange(5)), "small step, kept away from 0 by a small number, or in single"),
        ({"x": V}, {"dw": 1.5, "db": 2.5}, {"dw": 0.7, "db": 0.7}, "dw and db are given one and the same number"),
        ({"x": V}, V, -0.0 * V, "It is 0 everywhere"),
        ({"x": V}, np.diag(V), V[:, None], "the numbers of the diagonal"),
        ({"l": 2, "a": [None, M, M.T]}, M, M / 7, "too small by a factor: the number of rows of `a[l]`"),
        ({"x": M}, M, M.T, "transposed"),
        ({"x": M}, M, -M, "the sign is wrong"),
    ],
)
def test_a_kind_of_mistake_is_named(inputs: dict[str, Any], right: Any, got: Any, sentence: str) -> None:
    assert sentence in told((inputs, right, got))


def test_an_entry_in_place_of_its_index_is_named() -> None:
    assert "an entry of `x`. Its place in `x` is asked" in told(({"x": V}, 3, V[3]), ({"x": V}, 1, V[1]))


SLOPE = 1 / (1 + np.exp(-M)) / (1 + np.exp(M))


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (M * SLOPE, "There is a factor σ′(`z[l]`) too many."),
        (M / SLOPE, "A factor is missing that depends on `z[l]`."),
        (M * M[::-1], "There is a factor `z[l + 1]` too many"),
    ],
)
def test_a_factor_that_is_an_array_of_a_layer_is_named(got: np.ndarray, sentence: str) -> None:
    assert sentence in told(({"l": 1, "z": [None, M, M[::-1]]}, M, got))


def test_another_summary_of_an_input_is_named() -> None:
    sentence = "You give the largest entry of `delta[l]`, along one axis."
    assert told(({"l": 1, "delta": [None, M]}, M.mean(axis=1), M.max(axis=1))) == sentence
    assert told(({"x": V}, 1.234, np.median(V))) == "You give the median of `x`."
    assert told(({"x": V}, V[::-1], V[::-1] / np.linalg.norm(V))).startswith("You divide by the length of")
    assert told(({"x": V}, M, M * V.max())) == "There is a factor too many: the largest entry of `x`."


def test_one_number_has_no_places() -> None:
    for vague in (False, True):
        assert told(({"x": 1.1}, 2.2, 3.5), ({"x": 1.3}, 2.9, 2.1), vague=vague) == ""
    sentence = told(({"x": V}, np.diag(V), np.eye(5)), ({"x": V[:1]}, np.diag(V[:1]), np.eye(1)), vague=True)
    assert sentence == "All is right but the diagonal."


def test_what_is_finite_is_explained_by_itself() -> None:
    large = ({"x": V * 1000}, V, np.full(5, np.nan))
    sentence = told(({"x": V}, V, 2 * V), large)
    assert "twice as large" in sentence
    assert "some numbers are not finite" in sentence
    assert "others are wrong too" in told(({"x": V}, V, V**2 - np.arange(5)), large, vague=True)


def test_results_inside_results_are_named() -> None:
    right = {"first": {"a": 1.5, "b": 2.5}, "second": {"a": 0.7, "b": 0.9}}
    got = {"first": {"a": 3.0, "b": 2.5}, "second": {"a": 1.4, "b": 0.9}}
    assert told(({"x": V}, right, got)).startswith("first, a, second, a: It is twice as large")


def test_an_input_of_another_kind_in_another_case_stops_nothing() -> None:
    """A list beside an array, a number beside a list, None in the list: no size is common to all cases."""
    for one, other in ((V, list(V)), ([M, None], M), ([None, M], [M, None]), (3, V), (M, 2.5)):
        for first, second in ((one, other), (other, one)):
            for vague in (False, True):
                for others in ({"x": second, "l": 1}, {"x": second}, {"l": 1}):
                    asked = [({"x": first, "l": 1}, V, 0.3 * V), (others, V, 0.7 * V)]
                    assert "number of" not in told(*asked, vague=vague)


def test_only_what_is_so_in_all_cases_is_said() -> None:
    """A 0 may be right in other cases, one size agrees with much by chance, and nothing is right where all is NaN."""
    one_of_two = ({"x": 1.5}, 0.5, 0.0), ({"x": 2.5}, 1.0, 1.0)
    assert "everywhere" not in told(*one_of_two)
    assert told(({"x": V}, -0.5, 0.0), ({"x": -V}, -0.25, 0.0)).startswith("It is 0 everywhere.")
    assert told(({"n": 9}, 4.5, 1.0)) == ""  # 4.5 · 2 / 9, and 4.5 divided by itself
    assert told(({"x": V}, V, V * np.nan)).startswith("Every number is not a number (nan)")
    few = V[:3]
    assert "where" not in told(({"x": few}, few + 9, np.where(few < 0, 1, few + 9)), vague=True)


def test_a_sentence_for_several_aspects_explains_all_that_is_wrong() -> None:
    both = ({"x": V}, {"h": V, "g": V}, {"h": V[:, None], "g": V}), ({"x": V}, 1.5, 2.25)
    alone = [diagnose_all([(ASPECT, Case(inputs), right, got)]) for inputs, right, got in both]
    assert [each[:10] for each in alone] == ["h: The num", "The result"]
    asked = [(ASPECT, Case(inputs), right, got) for inputs, right, got in both]
    assert diagnose_all(asked, whole=True) == ""


def test_another_function_and_another_logarithm_are_named() -> None:
    assert told(({"z": V}, SLOPE[0, :5], np.tanh(V))) == "You give tanh `z`."
    assert "has the base 2" in told(({"z": V}, V, V / np.log(2)))


def test_a_step_is_seen_from_where_it_starts() -> None:
    p, step = [V, M], [V[::-1], M[::-1]]
    right = [one - other for one, other in zip(p, step, strict=True)]
    assert told(({"w": V}, V - 0.1, V + 0.1)) == "Your step away from `w` goes the wrong way: look at its sign."
    assert told(({"parameters": p}, right, [right[0], M])) == "[1]: You give `parameters[i]` back as it is."


def test_what_holds_or_not_is_no_number() -> None:
    assert told(({"x": V}, {"a step was made": True}, {"a step was made": False})) == (
        "This does not hold: a step was made."
    )


def test_a_place_is_no_count() -> None:
    later = told(({"x": V}, 1, 4), ({"x": V}, 0, 2), vague=True)
    assert later == "It is always a later place than the right one."
