"""Comparing: shape before values, equal is equal whatever the container, NaN is never right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial, reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import promises
from course_lib.asking import Outcome, ask, ask_all, reply
from course_lib.comparing import compare
from course_lib.diagnosis.diagnose import diagnose_all
from course_lib.exercises import Aspect, Case, Exercise, find
from course_lib.judging import judge, points_back
from course_lib.known import Key, Near, Trap
from course_lib.plain import dumps, loads
from course_lib.prints import fingerprint
from course_lib.stopped import hint_for

EQUAL = [
    (1, 1.0),
    (np.array(2.0), 2),
    ([1, 2], np.array([1.0, 2.0])),
    ((1, 2), [1, 2]),
    (np.eye(2), [[1, 0], [0, 1]]),
    ([np.ones(2), np.ones(3)], [[1, 1], [1, 1, 1]]),
    ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
    ("left", "left"),
    (None, None),
    (True, 1),
    (np.inf, np.inf),
    (10**30, 1e30),
    (1.0, 1.0 + 1e-12),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (1 + 2j, np.complex64(1 + 2j)),
    ([["a", 1]], [("a", 1.0)]),
    (["w", "b"], np.array(["w", "b"])),
    (np.array(["w", "b"]), ("w", "b")),
    ("w", np.str_("w")),
    ({1: "a"}, {np.int64(1): "a"}),
    (0.25, Fraction(1, 4)),
    ([0.25, 1], [Decimal("0.25"), Fraction(1)]),
    (2**100, 2**100),
    ([2**63, -1], [2**63, -1]),
    (np.array([2**63], np.uint64), [2**63]),
    (np.array([True, False]), [1, 0]),
    (2**100, 2.0**100),
    ([10**400, 1], [10**400, 1.0]),
    ([10**400, 0.5], (10**400, np.float64(0.5))),
    (Fraction(10**400), Decimal("1e400")),
    ([Fraction(10**400), 0.5], np.array([10**400, Fraction(1, 2)], object)),
    ([2**60 + 1, 0.5], [2**60 + 1, 0.5]),
]
DIFFERENT = [
    (1, 2, "wrong"),
    (np.ones(3), np.ones((3, 1)), "shape is (3, 1); it should be (3,)"),
    (np.ones((2, 3)), np.ones((3, 2)), "shape is (3, 2); it should be (2, 3)"),
    (1.0, [1.0], "shape is (1,); it should be ()"),
    (1.0, np.nan, "not a finite number"),
    (np.nan, np.nan, "not a finite number"),
    (np.inf, -np.inf, "not a finite number"),
    ([1.0, 2.0], [1.0, np.nan], "1 of 2 entries are wrong; some are not finite"),
    (1.0, None, "return missing"),
    (1.0, "1.0", "Numbers are asked for"),
    ("left", "right", "wrong"),
    (None, 0, "wrong"),
    ([np.ones(2), np.ones(3)], [[1, 1], [1, 1]], "Item 1: The shape"),
    ([np.ones(2), np.ones(3)], [[1, 1]], "1 items; it should have 2"),
    ([np.ones(2), np.ones(3)], 3, "list of 2 items"),
    ({"h": 1, "g": 2}, {"h": 3, "g": 4}, "h: "),
    ({"h": 1}, {"x": 1}, "keys"),
    ({"h": 1}, 1, "dict"),
    (1.0, [[1], [1, 2]], "Numbers"),
    (2**53, 2**53 + 1, "wrong"),
    (2**53 + 1, 2**53, "wrong"),
    (2**100, 2**100 + 1, "wrong"),
    ([2**63, 1], [2**63 + 1, 1], "1 of 2"),
    (10**400, np.inf, "not a finite number"),
    (10**400, 1.0, "wrong"),
    (np.uint8(255), np.uint8(0), "wrong"),
    (-(2**63), 2**63 - 1, "wrong"),
    (["w", "b"], np.array(["w", "d"]), "Item 1"),
    ([1.0, 2.0], np.array(["1", "2"]), "Numbers"),
    ([1.0, 2.0], np.array([1.0, None]), "Numbers"),
    (1.0, Fraction(1, 2), "wrong"),
    ([10**400, 0.5], [10**400, 0.6], "1 of 2"),
    ([10**400, 0.5], [10**400 + 1, 0.5], "1 of 2"),
    ([2**60 + 1, 0.5], [2**60, 0.5], "1 of 2"),
    ([10**400, 0.5], [np.inf, 0.5], "1 of 2"),
    (np.inf, Decimal("1e400"), "not a finite number"),
    (Fraction(10**400), -Fraction(10**400), "not a finite number"),
    (Fraction(10**400), 1.0, "wrong"),
]


@pytest.mark.parametrize(("expected", "got"), EQUAL)
def test_equal_values_are_equal(expected: object, got: object) -> None:
    assert compare(expected, got) is None


@pytest.mark.parametrize(("expected", "got", "sentence"), DIFFERENT)
def test_a_difference_is_named(expected: object, got: object, sentence: str) -> None:
    assert sentence in compare(expected, got).sentence


def test_integers_keep_to_the_absolute_tolerance_alone() -> None:
    assert compare(10**12, 10**12 + 1, rtol=0.5) is not None
    assert compare(10**12, 10**12 + 1, rtol=0, atol=1) is None
    assert compare(-(2**63), 2**63 - 1, rtol=0, atol=1) is not None


integers = hnp.arrays(hnp.integer_dtypes() | hnp.unsigned_integer_dtypes(), 4)


@given(integers, integers)
def test_integers_are_equal_as_pythons_are(one: np.ndarray, two: np.ndarray) -> None:
    assert (compare(one, two) is None) == (one.tolist() == two.tolist())
    assert compare(one, one.tolist()) is None


@given(st.lists(st.integers(), min_size=1), st.integers(0, 100), st.integers(-2, 2))
def test_long_integers_lose_no_digit(numbers: list[int], place: int, change: int) -> None:
    other = list(numbers)
    other[place % len(other)] += change
    assert (compare(numbers, other) is None) == (change == 0)


def test_a_sentence_never_holds_an_expected_value() -> None:
    difference = compare(np.array([0.123456, 7.0]), np.array([0.123456, 8.0]))
    assert "7" not in difference.sentence
    assert "expected 7, got 8" in difference.detail


EXERCISE = Exercise(
    id="double",
    number="0.1",
    title="Twice as much",
    answers=("double",),
    aspects=(
        Aspect("one", "a number", 1, lambda rng: [Case({"x": rng.uniform(1, 2)})]),
        Aspect(
            "many", "an array", 2, lambda rng: [Case({"x": rng.uniform(1, 2, 3)}), Case({"x": rng.uniform(1, 2, 4)})]
        ),
        Aspect("advice", "no loop", 0, lambda rng: [Case({"x": 3})], driver=lambda answer, x: hasattr(answer, "fast")),
    ),
)
CASES = {aspect.name: EXERCISE.draw(aspect, 1) for aspect in EXERCISE.aspects}


def outcomes(answer: object) -> dict[str, list[Outcome]]:
    return {a.name: [ask(EXERCISE, a, answer, c.inputs) for c in CASES[a.name]] for a in EXERCISE.aspects}


def right(x: object) -> object:
    return 2 * np.asarray(x)


right.fast = True


def squared(x: object) -> object:
    return np.asarray(x) ** 2


KEY = Key(outcomes(right), [Trap("squared", "You square.", {k: outcomes(squared)[k] for k in ("one", "many")})])


def test_points_are_the_sum_of_the_aspects_that_pass() -> None:
    verdict = judge(EXERCISE, CASES, KEY, outcomes(right))
    assert (verdict.points, verdict.max_points, verdict.status, verdict.feedback) == (3, 3, "full", "")
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: 2 * x if np.ndim(x) == 0 else x))
    assert (verdict.points, verdict.status) == (1, "partial")


def test_advice_costs_nothing_and_is_shown() -> None:
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: 2 * np.asarray(x)))
    assert (verdict.points, verdict.status) == (3, "full")
    assert [aspect.name for aspect in verdict.aspects if not aspect.passed] == ["advice"]


def test_a_trap_is_recognized_where_it_gives_the_same() -> None:
    verdict = judge(EXERCISE, CASES, KEY, outcomes(squared))
    assert (verdict.trap, verdict.feedback, verdict.points) == ("squared", "You square.", 0)
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: 3 * np.asarray(x)))
    assert verdict.trap is None


def test_a_known_mistake_beside_another_one_has_its_sentence_and_not_its_name() -> None:
    """Where two aspects agree with it: one alone may agree by chance, and what it loses must be wrong."""
    aspects = tuple(Aspect(name, name, 1, lambda rng: [Case({"x": rng.normal(size=4)})]) for name in "abc")
    exercise = Exercise("three", "0.3", "Three", ("three",), aspects)
    cases = {aspect.name: exercise.draw(aspect, 1) for aspect in aspects}

    def given(answer: Callable[[str, np.ndarray], object]) -> dict[str, list[Outcome]]:
        asked = {aspect: cases[aspect.name][0].inputs["x"] for aspect in aspects}
        return {a.name: [ask(exercise, a, partial(answer, a.name), {"x": x})] for a, x in asked.items()}

    key = Key(given(lambda a, x: np.sort(x)), [Trap("cubed", "You cube.", given(lambda a, x: x**3 + 1))])
    verdict = judge(exercise, cases, key, given(lambda a, x: x - 8 if a == "c" else x**3 + 1))
    assert verdict.trap is None
    assert [aspect.message == "You cube." for aspect in verdict.aspects] == [True, True, False]
    for once in (lambda a, x: x**3 + 1 if a == "c" else x - 8, lambda a, x: np.sort(x) if a == "c" else x**3 + 1):
        verdict = judge(exercise, cases, key, given(once))
        assert all(aspect.message != "You cube." for aspect in verdict.aspects)


def test_a_known_mistake_and_a_factor_are_both_named() -> None:
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: -(np.asarray(x) ** 2)))
    assert (verdict.trap, verdict.points) == (None, 0)
    assert verdict.feedback == "You square. Besides, all of it has the wrong sign."
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: -(np.asarray(x) ** 2) + 0.1))
    assert "You square" not in verdict.feedback
    near = Key(KEY.expected, (), [Near("You bend.", {k: fingerprint(outcomes(bent)[k]) for k in ("one", "many")})])
    assert judge(EXERCISE, CASES, near, outcomes(lambda x: 2 * bent(x))).feedback == (
        "You bend. Besides, all of it is twice as large as it should be."
    )


def bent(x: object) -> object:
    return np.sin(9 * np.asarray(x)) + 3


def test_right_numbers_in_another_form_are_no_known_mistake_with_a_factor() -> None:
    """Minus the opposite of it is the right result again."""
    opposite = Key(KEY.expected, [Trap("opposite", "The sign.", outcomes(lambda x: -right(x)))])
    verdict = judge(EXERCISE, CASES, opposite, outcomes(lambda x: {"result": right(x)}))
    assert "The sign" not in verdict.feedback
    assert "you give a dict" in verdict.feedback or "you give a dict" in verdict.aspects[1].message


@pytest.mark.parametrize(
    ("exercise_id", "answer", "sentence"),
    [
        ("log-cosh-op", lambda *given: None, "logcosh_forward should give an array of numbers. It gives None"),
        ("symbolic-gradient", lambda *given: {"a": 1}, "should give a list of expressions. It gives a dict."),
        ("linear-backward", lambda *given: None, "It gives None, as a function without `return` does."),
        ("numerical-gradient", lambda *given: None, "The answer gives None. Is a return missing?"),
        ("init", lambda *given: None, "init should give an array of numbers. It gives None"),
        ("bp2", lambda *given: ["1", "2"], "Numbers are asked for, and you give texts."),
    ],
)
def test_a_wrong_form_is_named(exercise_id: str, answer: object, sentence: str) -> None:
    _, exercise = find(exercise_id)
    cases = {aspect.name: exercise.draw(aspect, 1) for aspect in exercise.aspects}
    bundle = exercise.bundle(*[answer] * len(exercise.answers))
    given = {a.name: [ask(exercise, a, bundle, case.inputs) for case in cases[a.name]] for a in exercise.aspects}
    anything = {name: [Outcome(np.zeros(2))] * len(each) for name, each in cases.items()}
    assert sentence in judge(exercise, cases, Key(anything), given).feedback


def test_a_known_mistake_in_one_result_is_named_beside_another_mistake_in_the_other() -> None:
    aspect = Aspect("both", "both", 1, lambda rng: [Case({"x": rng.normal(size=4)})])
    exercise = Exercise("two", "0.4", "Two", ("two",), (aspect,))
    cases = {"both": exercise.draw(aspect, 1)}
    x = cases["both"][0].inputs["x"]

    def given(w: np.ndarray, b: np.ndarray) -> dict[str, list[Outcome]]:
        return {"both": [Outcome({"dw": w, "db": b})]}

    key = Key(given(x, 2 * x), [Trap("cubed", "You cube dw.", given(x**3, 2 * x))])
    assert judge(exercise, cases, key, given(x**3, np.sin(9 * x))).feedback == "You cube dw."
    assert "cube" not in judge(exercise, cases, key, given(x**3 + 1, np.sin(9 * x))).feedback


def test_what_is_named_comes_before_what_is_only_wrong() -> None:
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: 4 * x if np.ndim(x) else x + np.sin(9 * x)))
    assert [aspect.message[:18] for aspect in verdict.aspects[:2]] == ["The value is wrong", "It is twice as lar"]
    assert verdict.feedback == verdict.aspects[1].message


@pytest.mark.parametrize("axes", range(5))
def test_numbers_with_any_count_of_axes_are_looked_at(axes: int) -> None:
    values = np.random.default_rng(1).normal(size=(2, 3, 4, 5)[:axes])
    given = values + np.where(np.arange(values.size) % 2, 0.5, 0).reshape(values.shape)
    for vague in (False, True):
        diagnose_all([(EXERCISE.aspects[0], Case({"x": values}), values, given)], vague)


def test_an_exception_is_told_with_its_line() -> None:
    def answer(x: object) -> object:
        return x / 0

    verdict = judge(EXERCISE, CASES, KEY, outcomes(answer))
    assert "ZeroDivisionError" in verdict.feedback
    assert "return x / 0" in verdict.aspects[0].detail


def test_where_some_cases_stop_the_values_of_the_others_are_looked_at_too() -> None:
    def answer(x: np.ndarray) -> object:
        return x / 0 if len(x) == 3 else -2 * x

    def other(x: np.ndarray) -> object:
        return x / 0 if len(x) == 3 else 2 * x

    def stops(function: object) -> object:
        def asked(x: object) -> object:
            with np.errstate(divide="raise"):
                return function(x) if np.ndim(x) else 2 * x

        asked.fast = True
        return asked

    many = judge(EXERCISE, CASES, KEY, outcomes(stops(answer))).aspects[1]
    assert many.message.endswith("Where it gives a value: the size is right, but the sign is wrong.")
    many = judge(EXERCISE, CASES, KEY, outcomes(stops(other))).aspects[1]
    assert many.message.endswith("In other cases it is right.")


def test_an_answer_that_cannot_be_called_or_used_is_told_apart_from_one_that_stops() -> None:
    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda: 3))
    assert "cannot be called, or what it gives cannot be used (TypeError)" in verdict.feedback


def test_what_is_written_is_judged_although_something_else_is_still_a_stub() -> None:
    def half(x: object) -> object:
        if np.ndim(x) == 0:
            return 3 * x
        raise NotImplementedError("Your turn: 0.1")

    def stub(x: object) -> object:
        raise NotImplementedError("Your turn: 0.1")

    assert judge(EXERCISE, CASES, KEY, outcomes(half)).status == "wrong"
    assert judge(EXERCISE, CASES, KEY, outcomes(stub)).status == "untouched"


def test_a_stub_of_an_earlier_exercise_is_named() -> None:
    def answer(x: object) -> object:
        raise NotImplementedError("Your turn: 0.7 Half as much")

    verdict = judge(EXERCISE, CASES, KEY, outcomes(answer))
    assert verdict.status == "wrong"
    assert verdict.feedback == "This calls your answer to 0.7, which is not there yet. Answer 0.7 first."


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit, RecursionError, MemoryError])
def test_every_way_to_stop_is_an_outcome(error: type[BaseException]) -> None:
    def answer(x: object) -> object:
        raise error

    verdict = judge(EXERCISE, CASES, KEY, outcomes(answer))
    assert (verdict.points, verdict.status) == (0, "wrong")


def test_an_answer_cannot_change_the_inputs_of_the_next() -> None:
    case = Case({"x": np.ones(3)})

    def answer(x: np.ndarray) -> float:
        x += 1
        return 0.0

    ask(EXERCISE, EXERCISE.aspects[1], answer, case.inputs)
    assert (case.inputs["x"] == 1).all()


def test_an_aspect_that_could_not_be_asked_has_its_reason() -> None:
    verdict = judge(EXERCISE, CASES, KEY, dict.fromkeys(CASES, "It took too long."))
    assert (verdict.points, verdict.status, verdict.feedback) == (0, "failed", "It took too long.")


def test_too_few_outcomes_lose_the_aspect() -> None:
    given = outcomes(right)
    given["many"] = given["many"][:1]
    assert judge(EXERCISE, CASES, KEY, given).points == 1


def test_an_object_with_its_own_idea_of_equality_is_no_answer() -> None:
    class Agrees(np.ndarray):  # noqa: PLW1641
        def __eq__(self, other: object) -> bool:
            return True

        def __array_ufunc__(self, *args: object, **kwargs: object) -> bool:
            return True

    verdict = judge(EXERCISE, CASES, KEY, outcomes(lambda x: np.zeros(np.shape(x)).view(Agrees)))
    assert verdict.points == 0


def test_the_kernel_answers_a_request_with_plain_text() -> None:
    _, exercise = find("wiggle")
    aspect = exercise.aspects[0]
    request = dumps({"exercise": "wiggle", "aspect": aspect.name, "cases": [exercise.draw(aspect, 1)[0].inputs]})
    (row,) = loads(reply(request, {"wiggle": lambda f, x, h: print("hidden:", x) or 5.0}))
    assert row == {"value": 5.0}
    (row,) = loads(reply(request, {}))
    assert row["error"] == "NameError"
    assert "wiggle is not defined" in row["message"]


def test_what_an_answer_prints_during_hidden_cases_is_thrown_away(capsys: pytest.CaptureFixture) -> None:
    _, exercise = find("wiggle")
    aspect = exercise.aspects[0]
    request = dumps({"exercise": "wiggle", "aspect": aspect.name, "cases": [exercise.draw(aspect, 1)[0].inputs]})
    reply(request, {"wiggle": lambda f, x, h: print("hidden:", x)})
    assert capsys.readouterr().out == ""


def broken_by(answer: object) -> set[str]:
    """What is told of an answer whose values are right."""
    given = {a.name: ask_all(EXERCISE, a, answer, [c.inputs for c in CASES[a.name]]) for a in EXERCISE.aspects[:2]}
    verdict = judge(EXERCISE, CASES, KEY, given | {"advice": [Outcome(value=True)]})
    return {aspect.message for aspect in verdict.aspects if aspect.message}


def test_an_answer_that_changes_what_it_was_given_is_told_which_input() -> None:
    def answer(x: object) -> object:
        result = 2 * np.asarray(x)
        if isinstance(x, np.ndarray):
            x *= 3
        return result

    (message,) = broken_by(answer)
    assert "your code changes `x`" in message
    assert broken_by(right) == set()


def test_an_answer_that_keeps_something_from_call_to_call_is_told() -> None:
    def answer(x: object, kept: list = []) -> object:  # noqa: B006
        kept.append(x)
        return (0 if len(kept) == 2 else 2) * np.asarray(x)

    (message,) = broken_by(answer)
    assert "Asked again with the same inputs" in message


def test_an_answer_that_knows_a_list_by_its_place_in_memory_is_wrong() -> None:
    kept: dict = {}

    def of_each_list_once(l: int, delta: list) -> np.ndarray:
        result = delta[l].sum(axis=1, keepdims=True)
        return kept.setdefault((l, id(delta)), (result, delta))[0].copy()  # delta too, so that it stays where it is

    _, exercise = find("bp3")
    aspect = exercise.aspect("one")
    inputs = [case.inputs for case in exercise.draw(aspect, 3)]
    first, *others = ask_all(exercise, aspect, of_each_list_once, inputs)
    rights = [each["delta"][each["l"]].sum(axis=1, keepdims=True) for each in inputs]
    assert not np.allclose(first.value, rights[0])
    assert all(np.array_equal(other.value, right) for other, right in zip(others, rights[1:], strict=True))


def test_what_an_answer_gave_must_not_change_later() -> None:
    buffer = np.zeros(9)

    def answer(x: object) -> object:
        result = buffer[: np.size(x)].reshape(np.shape(x))
        result[...] = 2 * np.asarray(x)
        return result

    (message,) = broken_by(answer)
    assert "changes when it is asked the next" in message


def test_a_generator_is_not_blamed_for_being_empty_the_second_time() -> None:
    assert broken_by(lambda x: (2 * v for v in x) if np.ndim(x) else 2 * x) == set()


def test_a_long_list_of_numpy_numbers_is_looked_at_again_without_writing_it_down(monkeypatch) -> None:
    """A quarter of a million of them took five seconds as text; init may be asked for that many."""
    rows = [[np.float64(1.5), np.int64(2)]] * 3
    kept = promises.to_plain(rows)
    monkeypatch.setattr(promises, "dumps", None)
    assert promises.changed_later([(kept, rows)]) == ""


def test_a_very_long_list_is_not_copied_to_be_looked_at_later() -> None:
    noted: promises.Noted = []
    ones = promises.noting(lambda rows, columns: [[1.0] * columns for _ in range(rows)], noted)
    assert len(ones(20, 10)) == 20
    assert len(noted) == 1
    ones(200, 100)
    assert len(noted) == 1


def test_only_promises_that_exist_are_told() -> None:
    given = outcomes(right)
    given["one"] = [Outcome(value=each.value, broken="<b>changed everything</b>") for each in given["one"]]
    assert judge(EXERCISE, CASES, KEY, given).status == "full"


def test_an_answer_that_goes_wrong_only_where_all_sizes_are_equal_is_told_so() -> None:
    def by_shape(dZ: np.ndarray, W: np.ndarray, A_prev: np.ndarray) -> tuple:
        right_way = W.T if W.shape[0] != W.shape[1] else W
        return right_way @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)

    _, exercise = find("linear-backward")
    cases = {aspect.name: exercise.draw(aspect, 1) for aspect in exercise.aspects}
    inputs = {name: [case.inputs for case in each] for name, each in cases.items()}

    def given(answer: object) -> dict[str, list[Outcome]]:
        return {aspect.name: ask_all(exercise, aspect, answer, inputs[aspect.name]) for aspect in exercise.aspects}

    key = Key(given(lambda dZ, W, A_prev: (W.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True))))
    verdict = judge(exercise, cases, key, given(by_shape))
    assert "Does your code choose by the shapes" in verdict.feedback
    assert verdict.points == exercise.points - 1


def test_equal_sizes_are_told_of_one_function_while_another_is_wrong_in_its_own_way() -> None:
    _, exercise = find("chain-jacobians")
    cases = {aspect.name: exercise.draw(aspect, 1) for aspect in exercise.aspects}

    def given(chain: object, count: object) -> dict[str, list[Outcome]]:
        answer = exercise.bundle(chain, count)
        return {
            each.name: ask_all(exercise, each, answer, [c.inputs for c in cases[each.name]])
            for each in exercise.aspects
        }

    def right(jacobians: list[np.ndarray]) -> np.ndarray:
        return reduce(lambda before, step: step @ before, jacobians)

    def by_shape(jacobians: list[np.ndarray]) -> np.ndarray:
        return reduce(lambda a, b: a @ b if a.shape == b.shape else b @ a, jacobians)

    verdict = judge(exercise, cases, Key(given(right, lambda sizes, start: 7)), given(by_shape, lambda sizes, start: 9))
    told = {aspect.name: aspect.message for aspect in verdict.aspects}
    assert "Does your code choose by the shapes" in told["square"]
    assert "shapes" not in told["cost"] != ""


def test_code_that_takes_too_long_is_told_how_the_time_grows() -> None:
    exercise = find("topological-order")[1]
    long = exercise.aspect("long")
    cases = {each.name: exercise.draw(each, 1)[:1] for each in exercise.aspects}
    right = {name: [Outcome(["x"])] for name in cases}
    verdict = judge(
        exercise, cases, Key(right), {**right, "long": [Outcome(error="TimeoutError", line="for n in graph:")]}
    )
    told = {aspect.name: aspect.message for aspect in verdict.aspects}
    assert told["long"] == f"Your code takes too long. {long.slow}"


def test_code_that_stops_is_told_before_a_broken_promise() -> None:
    def answer(x: object) -> object:
        if isinstance(x, np.ndarray) and len(x) == 3:
            x *= 2
            return x
        return 2 * np.asarray(x) if np.ndim(x) == 0 else x["a"]

    messages = [aspect.message for aspect in judge(EXERCISE, CASES, KEY, asked(answer)).aspects]
    assert messages[1].startswith("Your code stops with IndexError. An index must be a whole number")


def asked(answer: object) -> dict[str, list[Outcome]]:
    """As `outcomes`, and the promises are looked after."""
    return {a.name: ask_all(EXERCISE, a, answer, [c.inputs for c in CASES[a.name]]) for a in EXERCISE.aspects}


def test_a_product_that_does_not_fit_has_one_hint_however_it_is_written() -> None:
    ways = [lambda: M @ M, lambda: np.dot(M, M), lambda: np.einsum("ij,jk->ik", M, M)]
    hints = set()
    for way in ways:
        with pytest.raises(ValueError, match=r"matmul|aligned|remapped") as caught:
            way()
        hints.add(hint_for("ValueError", str(caught.value)))
    assert hints == {"In a matrix product the inner sizes must agree. Print both shapes before that line."}


M = np.ones((2, 3))


def test_one_name_is_and_two_names_are_not_right_yet() -> None:
    assert points_back([("4.4", ["bp2"])], "").startswith("This calls your `bp2` (4.4), which is not right yet")
    both = points_back([("4.1", ["sigmoid", "sigmoid_prime"])], "")
    assert both.startswith("This calls your `sigmoid` and `sigmoid_prime` (4.1), which are not right yet: mend them")
