"""Each look of the diagnosis: one answer that must get its sentence, and one near it that must not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import course_lib.diagnosis
from course_lib.asking import Outcome
from course_lib.diagnosis.factored import Given, behind_a_factor
from course_lib.diagnosis.factors import FACTORS
from course_lib.diagnosis.inputs import FACTORS_OF_INPUTS, OF_ENTRIES, RELATIONS
from course_lib.diagnosis.seen import Seen, places_of
from course_lib.diagnosis.transforms import TRANSFORMS
from course_lib.exercises import Aspect, Case

ASPECT = Aspect("some", "some", 1, lambda rng: [])
NO_SENTENCE = {"diagnose_all", "where_wrong"}  # the one asks all looks, the other lists names
MODULES = [
    import_module(f"course_lib.diagnosis.{path.stem}")
    for path in sorted(Path(course_lib.diagnosis.__path__[0]).glob("[a-z]*.py"))
]
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and not name.startswith("_")
    and inspect.signature(function).return_annotation in ("str", "dict[str, str]")
    and name not in NO_SENTENCE
}

rng = np.random.default_rng(4)
V, R, M = np.array([-1.3, 0.7, 2.1, -0.4, 0.9]), rng.normal(size=5), rng.normal(size=(5, 7))
SLOPE = 1 / (1 + np.exp(-M)) / (1 + np.exp(M))
SOME = np.array([True, False, False, False, True])  # places of no kind
NEGATIVE, FIRST = V < 0, np.arange(5) == 0
STEP = 0.1 * M.mean(axis=1)
X = {"x": V}

Asked = Sequence[tuple[dict[str, Any], Any, Any]]  # inputs, what is right, what was given

# The look, its sentence or a part of it, what must get it, and what must not.
TABLE: list[tuple[str, str, Asked, Asked]] = [
    ("shape", "transposed: rows and columns are exchanged", [(X, M, M.T)], [(X, M, 2 * M.T)]),
    ("shape", "copied along an axis", [(X, V, np.tile(V, (3, 1)))], [(X, 0.0, np.zeros(0))]),
    ("shape_alone", "Only the number of columns is wrong.", [(X, M, M[:, :3])], [(X, M, M + 1)]),
    ("exchanged_shapes", "b has the shape that w should have, and w that of b",
     [(X, {"w": M, "b": V}, {"w": 2 * V, "b": 2 * M})], [(X, {"w": M, "b": V}, {"w": 2 * V, "b": 2 * M[:3]})]),
    ("not_finite", "not a number (nan), where `x` is negative",
     [(X, V, np.where(NEGATIVE, np.nan, V))], [(X, V, np.where(NEGATIVE, np.nan, V + 1))]),
    ("partly_finite", "others are wrong too", [(X, V, np.where(NEGATIVE, np.nan, V + 1))], [(X, V, V + 1)]),
    ("rounded", "rounded to 3 decimals", [(X, R, R.round(3))], [(X, R, R.round(3) + 1e-6)]),
    ("nearly", "about seven digits", [(X, V, V * (1 + 1e-7))], [(X, V, V * 1.01)]),
    ("constant", "It is 0.3 everywhere.", [(X, V, 0 * V + 0.3)], [(X, V, np.where(SOME, 0.3, 0.4))]),
    ("no_negatives", "come out as 0", [(X, V, np.maximum(V, 0))], [(X, V, np.abs(V))]),
    ("constant", "a, b and c are given one and the same number.",
     [(X, {"a": 1.0, "b": 2.0, "c": 4.0}, dict.fromkeys("abc", 9.0))],
     [(X, {name: float(k) for k, name in enumerate("abcde")}, dict.fromkeys("abcde", 9.0))]),
    ("zeros", "It stays 0 where another number belongs", [(X, V, 0 * V)], [(X, V, 0 * V + SOME)]),
    ("shape", "The zeros are missing", [(X, np.array([0, 1.5, 0, 2]), np.array([1.5, 2]))],
     [(X, np.array([0, 1.5, 0, 2]), np.array([1.5, 0]))]),
    ("reduced_input", "You give the smallest entry of `x`.", [({"x": V}, 1.234, V.min())],
     [({"x": np.array([0.0, 2.0])}, 1.234, 0.0)]),
    ("reduced_factor", "the smallest entry of `x`", [(X, M, M * V.min())], [({"x": np.array([0.0, 2.0])}, M, 0 * M)]),
    ("place", "All is right but the last row.",
     [(X, M, np.vstack([M[:-1], 2 * M[-1:]])), (X, M[:1], 2 * M[:1])], [(X, M[:1], 2 * M[:1])]),
    ("transform", "rounded down", [(X, M / 9, np.floor(M / 9))], [(X, M / 9, np.floor(M / 9) + 0.1)]),
    ("another_place", "Every column is the same", [(X, M, np.tile(M[:, :1], 7))], [(X, M, 0 * M)]),
    ("only_where", "Just the cases where `v` is not 0 everywhere are wrong.",
     [({"v": V}, 1, 2), ({"v": 0 * V}, 1, 1), ({"v": 0 * R}, 1, 1)],
     [({"v": V}, 1, 2), ({"v": R}, 1, 1), ({"v": 0 * R}, 1, 1)]),
    ("factor", "twice as large", [(X, V, 2 * V)], [(X, V, np.where(SOME, 2.1, 2) * V)]),
    ("factor", "divided by the number of rows of `x`", [({"x": m}, m, m * m.shape[1] / len(m)) for m in (M, M[:3])],
     [({"x": m}, m, m * m.shape[1] / (len(m) + 1)) for m in (M, M[:3])]),
    ("any_factor", "one and the same factor", [(X, V, 1.7 * V)], [(X, V, 1.7 * V + 0.1)]),
    ("offset", "the same amount", [(X, V, V + 0.7)], [(X, V, 1.7 * V)]),
    ("input_relation", "There is a factor `x` too many", [(X, R, R * V)], [(X, R, R * (V + 2))]),
    ("reduced_input", "You give the median of `x`.", [(X, 1.234, np.median(V))], [(X, 1.234, np.median(V) + 0.1)]),
    ("reduced_input", "You give only the first of `x`, along an axis.",
     [({"x": M}, R, M[:, 0]), ({"x": M}, M[1], M[0])], [({"x": M}, R, M[:, 0]), ({"x": M}, M[2], M[1])]),
    ("reduced_factor", "the largest entry of `x`", [(X, M, M * V.max())], [(X, M, M * (V.max() + 0.1))]),
    ("transform", "reverse order", [(X, V, V[::-1])], [(X, V, V[[1, 0, 2, 3, 4]])]),
    ("transform", "The decimals are cut off", [(X, V, np.trunc(V))], [(X, V, np.trunc(V) + SOME)]),
    ("swapped", "a and b are exchanged", [(X, {"a": 1.5, "b": 2.5}, {"a": 2.5, "b": 1.5})],
     [(X, {"a": 1.5, "b": 2.5}, {"a": 2.5, "b": 1.6})]),
    ("other_function", "You multiply by 1 − tanh² `z`", [({"z": M}, 3 * SLOPE, 3 * (1 - np.tanh(M) ** 2))],
     [({"z": M}, 3 * SLOPE, np.sqrt(M**2 + 2))]),
    ("step", "In your step away from `x`: it is twice as large", [(X, V + STEP, V + 2 * STEP)],
     [(X, V + STEP, V + 1.7 * STEP)]),
    ("step", "In your step away from `x`: 1 − `b` and `b` are exchanged.",
     [({"x": V, "b": b}, V + b * STEP, V + (1 - b) * STEP) for b in (0.3, 0.9)],
     [({"x": V, "b": b}, V + b * STEP, V + (2 - b) * STEP) for b in (0.3, 0.9)]),
    ("wrong_share", "In your sum the factor of `x` is wrong.", [(X | {"y": R}, V - 0.3 * R, 0.7 * V - 0.3 * R)],
     [(X | {"y": R}, V - 0.3 * R, 0.7 * V - 0.4 * R)]),
    ("wrong_share", "You give `x` with another factor", [(X, 0.3 * V, 0.7 * V)], [(X, 0.3 * V, 0.7 * V + R)]),
    ("wrong_share", "the factors of `x` and `y` are exchanged", [(X | {"y": R}, 0.8 * V - 0.3 * R, 0.8 * R - 0.3 * V)],
     [(X | {"y": R}, 0.8 * V - 0.3 * R, 0.8 * R - 0.3 * V + R**2)]),
    ("wrong_share", "`y²` has no factor", [(X | {"y": R}, V + 0.2 * R**2, V + R**2)],
     [(X | {"y": R}, V + 0.2 * R**2, V + R**3)]),
    ("step_by_any", "In your step away from `x`: every number is wrong by one and the same factor",
     [(X, V + STEP, V + 1.7 * STEP)], [(X, V + STEP, V + STEP**2)]),
    ("power_of_a_number", "a factor that depends on `h`",
     [({"h": h}, V, V * h) for h in (0.3, 0.7)], [({"h": 0.3}, V, 3 * V), ({"h": 0.7}, V, 7.5 * V)]),
    ("place", "All is right but the first entry.", [(X, V, V + FIRST)], [(X, V, V + np.roll(FIRST, 1))]),
    ("input_kind", "where `x` is negative", [(X, R, R + NEGATIVE)], [(X, R, R + SOME)]),
    ("kind_of_input", "where `x` is negative", [(X, R, R + NEGATIVE)], [(X, R, R + SOME)]),
    ("signs", "some signs are wrong", [(X, R, np.where(SOME, -R, R))], [(X, R, np.where(SOME, -1.1 * R, R))]),
    ("too_large", "too large each time", [({"n": 3}, 7, 9), ({"n": 5}, 11, 12)],
     [({"n": 3}, 7, 9), ({"n": 5}, 11, 10)]),
    ("another_place", "in other places", [(X, V, V[[2, 0, 1, 4, 3]])], [(X, V, V[[2, 0, 1, 4, 3]] + 0.1)]),
    ("of_texts", "in reverse order", [(X, ["a", "b", "c"], ["c", "b", "a"])], [(X, ["a", "b"], ["b", "d"])]),
    ("of_texts", "the opposite every time", [(X, True, False), (X, False, True)],
     [(X, True, False), (X, False, True), (X, True, True)]),
    ("of_flags", "This does not hold: it ends.", [(X, {"it ends": True, "n": 3}, {"it ends": False, "n": 3})],
     [(X, {"it ends": True, "n": 3}, {"it ends": False, "n": 4})]),
    ("one_for_another", "a is given the value of b.", [(X, {"a": V, "b": R}, {"a": R, "b": R})],
     [(X, {"a": V, "b": R}, {"a": R + 0.1, "b": R})]),
    ("only_where", "Just the cases where `h` is negative are wrong.",
     [({"h": -0.1}, 1, 2), ({"h": 0.1}, 1, 1), ({"h": 2.0}, 1, 1)],
     [({"h": -0.1}, 1, 2), ({"h": 0.1}, 1, 2), ({"h": 2.0}, 1, 1), ({"h": 3.0}, 1, 1)]),
    ("behind_a_factor", "You square. Besides, all of it has the wrong sign.", [(X, V, -(V**2))], [(X, V, 1 - V**2)]),
    ("behind_a_factor", "You square. Besides, a factor `g` is missing.", [({"g": R}, V, V**2 / R)],
     [({"g": R}, V, V**2 / R + 1)]),
    ("behind_a_factor", "You square. Besides, there is a factor `g` too many.", [({"g": 0.7}, V, V**2 * 0.7)],
     [({"g": 0.7}, V, V**2 * 0.8)]),
]  # fmt: skip


def said_by(name: str, asked: Asked) -> str:
    """What one look says of some answers, asked in the form that it wants."""
    look = FUNCTIONS[name]
    questions = [(ASPECT, Case(inputs), right, got) for inputs, right, got in asked]
    if name == "only_where":
        return look([(case, right != got) for _, case, right, got in questions])
    if name == "behind_a_factor":
        _, cases, right, got = zip(*questions, strict=True)
        given = Given("some", cases, [Outcome(each) for each in right], [Outcome(each) for each in got])
        known = [("You square.", {"some": [Outcome(each**2) for each in right]})]
        return look([given], known, [], alone=True).get("some", "")
    if name in ("of_texts", "of_flags"):
        return look([(right, got) for _, _, right, got in questions])
    if name == "one_for_another":
        return look(questions)
    seen = [each for question in questions for each in places_of(*question)]
    assert None not in seen
    return said(look, [each for each in seen if each and each.is_wrong], [each for each in seen if each])


def said(look: Callable[..., str], wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """Some looks want to know what is right besides."""
    with np.errstate(all="ignore"):
        return look(wrong, seen) if len(inspect.signature(look).parameters) == 2 else look(wrong)


@pytest.mark.parametrize(("name", "sentence", "asked", "near"), TABLE, ids=[f"{row[0]}: {row[1]}" for row in TABLE])
def test_a_sentence_is_said_of_its_mistake_and_not_of_a_near_one(
    name: str, sentence: str, asked: Asked, near: Asked
) -> None:
    assert sentence in said_by(name, asked)
    assert sentence not in said_by(name, near)


def test_every_function_that_makes_a_sentence_is_in_the_table() -> None:
    assert behind_a_factor.__name__ in FUNCTIONS
    assert {row[0] for row in TABLE} == set(FUNCTIONS)


ROWS: list[tuple[str, str, Callable[[Seen], Any]]] = [
    *(("transform", words, predict) for words, predict in TRANSFORMS),
    *(("factor", words, lambda s, f=factor: f * s.right) for factor, words in FACTORS),
    *(("input_relation", words.format("`x`"), lambda s, p=predict: p(s, s.case.inputs["x"]))
      for words, predict in [*RELATIONS, *FACTORS_OF_INPUTS] if predict not in OF_ENTRIES),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sentence", "predict"), ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_a_row_of_a_look_names_what_it_predicts_and_nothing_near_it(
    name: str, sentence: str, predict: Callable[[Seen], Any]
) -> None:
    """With numbers above 0 for which no two rows agree."""
    x, right = np.array([[0.3, 0.8, 0.45], [0.62, 0.17, 0.29]]), np.array([[0.7, 0.2, 1.9], [0.5, 0.9, 0.36]])
    if "negative" in sentence or "sign" in sentence:
        right = right * [1, -1, 1]
    if "its sign" in sentence or "positive, else 0" in sentence:
        x = x * [1, -1, 1]
    (seen,) = places_of(ASPECT, Case({"x": x}), right, right)
    assert seen is not None
    with np.errstate(all="ignore"):
        got = predict(seen)
    assert said_by(name, [({"x": x}, right, got)]) == sentence
    assert said_by(name, [({"x": x}, right, got + 0.01 * np.arange(got.size).reshape(got.shape))]) == ""
