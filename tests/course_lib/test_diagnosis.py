"""A sentence is given only when it explains every wrong number, and no kind of input or answer stops the diagnosis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_lib.diagnosis.cases import only_where
from course_lib.diagnosis.diagnose import PARTS, SHARP, VAGUE, diagnose_all
from course_lib.exercises import Aspect, Case

ASPECT = Aspect("some", "some", 1, lambda rng: [])
rng = np.random.default_rng(4)
V, M = rng.normal(size=5), rng.normal(size=(5, 7))


def told(*asked: tuple[dict[str, Any], Any, Any], vague: bool = False) -> str:
    """What is said of answers, each with its inputs, the right value and what was given."""
    questions = [(ASPECT, Case(inputs), right, got) for inputs, right, got in asked]
    stages = (VAGUE,) if vague else (SHARP, PARTS)
    return next(filter(None, (diagnose_all(questions, stage) for stage in stages)), "")


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
    sentence = "You give the largest entry of `delta[l]`, along axis 1."
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


def test_a_list_of_yes_and_no_is_no_list_of_numbers() -> None:
    for vague in (False, True):
        assert told(({"x": V}, [False, True, False, True], [False] * 4), vague=vague) == ""
        assert told(({"x": V}, np.array([False, True]), np.array([True, False])), vague=vague) == ""


def test_a_place_is_no_count() -> None:
    later = told(({"x": V}, 1, 4), ({"x": V}, 0, 2), vague=True)
    assert later == "It is always a later place than the right one."


def test_another_function_in_the_place_of_the_right_one_is_named_by_what_was_taken() -> None:
    inputs = {"l": 1, "z": [None, M]}
    assert told((inputs, 3 * SLOPE, 3 * (1 - np.tanh(M) ** 2))) == (
        "You multiply by 1 − tanh² `z[l]`, where another function of it belongs."
    )
    assert told((inputs, 3 * SLOPE, np.sqrt(M**2 + 2))) == ""


def test_a_step_of_a_wrong_length_is_seen_from_where_it_starts() -> None:
    wrong = told(({"w": V, "table": M}, V + 0.5 * M.mean(axis=1), V + 0.5 * M.sum(axis=1)))
    assert wrong.startswith("In your step away from `w`: it is too large by a factor: the number of columns of `table`")
    assert told(({"x": 7.5}, 1.25, 1.5)) == ""  # a single number is a step away from anything
    steps = [(s, 1 + s / 100) for s in (3.0, 5.0, 7.0, 11.0)]
    assert told(*[({"x": s}, right, s + (right - s) * (s - 1) / s) for s, right in steps]) == ""


def test_a_seed_explains_nothing() -> None:
    for name, says in (("x", True), ("seed", False)):
        said = told(*[({name: s}, V, V * s) for s in (3.0, 5.0, 7.0, 11.0)], vague=True)
        assert (f"`{name}`" in said) == says


def test_a_number_of_ones_own_is_told_by_what_the_factor_follows() -> None:
    asked = [({"x": V, "h": h}, V, V * h / 1e-20) for h in (1e-5, 1e-7)]
    assert told(*asked, vague=True).startswith("It is wrong by a factor that depends on `h`.")
    others = [({"x": V, "h": h}, V, V * factor) for h, factor in ((1e-5, 3.0), (1e-7, 7.0))]
    assert "depends on" not in told(*others, vague=True)


def test_a_simple_factor_is_not_taken_for_another_slope() -> None:
    value = 1 / (1 + np.exp(-M))
    assert told(({"z": M}, SLOPE, SLOPE * (1 - value))) == "There is a factor 1 − σ(`z`) too many."


def test_two_results_may_be_wrong_in_two_ways() -> None:
    right, got = {"dw[1]": M, "dw[2]": 2 * M, "db": V}, {"dw[1]": M / 7, "dw[2]": 2 * M / 7, "db": -V}
    sentence = told(({"X": M}, right, got))
    assert "dw: It is too small by a factor: the number of columns of `X`." in sentence
    assert "db: The size is right, but the sign is wrong." in sentence
    assert told(({"X": M}, {"a": V, "b": 2 * V}, {"a": V**3 - 8, "b": np.sqrt(V**2 + 1)})) == ""


def test_an_exchange_explains_all_that_is_wrong_or_is_not_told() -> None:
    right = {"a": 1.5, "b": 2.5, "c": 0.7}
    assert told(({"x": V}, right, {"a": 2.5, "b": 1.5, "c": 0.7})) == "a, b: a and b are exchanged."
    assert "exchanged" not in told(({"x": V}, right, {"a": 2.5, "b": 1.5, "c": 9.3}))
    ones = {"a": 1.0, "b": 0.0}
    assert "exchanged" not in told(({"x": V}, ones, {"a": 0.0, "b": 1.0}))
    assert "value of" not in told(({"x": V}, {"a": 0.0, "b": 1.0}, {"a": 1.0, "b": 1.0}))


def test_what_is_counted_is_not_nearly_right() -> None:
    asked = [({"n": n}, right, got) for n, right, got in ((5000, 5001, 5000), (9000, 18000, 18001))]
    assert told(*asked) == ""
    assert told(*asked, vague=True) == "The whole number is off by one, at times too large and at times too small."


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ([{"h": -0.1}, {"h": -2.0}], [{"h": 0.1}, {"h": 2.0}], "`h` is negative"),
        ([{"X": M[:, :1]}], [{"X": M}, {"X": M[:, :2]}], "`X` has one column"),
        ([{"x": np.array([1, 2])}], [{"x": V}, {"x": 2 * V}], "`x` holds whole numbers"),
        ([{"program": "a ** 3"}, {"program": "a.exp() * b"}], [{"program": "a * b"}] * 2, "with `**` and with `exp`"),
    ],
)
def test_what_the_wrong_cases_have_in_common_is_named(wrong: list[dict], right: list[dict], sentence: str) -> None:
    judged = [(Case(inputs), True) for inputs in wrong] + [(Case(inputs), False) for inputs in right]
    assert sentence in only_where(judged)
    assert only_where([*judged, (Case(wrong[0]), False)]) == ""
    assert only_where(judged, internal=list(wrong[0])) == ""
