"""Near misses: small changes of the reference by rule, each with a sentence that gives no answer away."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from autograder.build.answer_key import keys_to_explain
from autograder.build.near.changes import changes
from autograder.build.near.misses import near_misses
from autograder.build.near.sentences import ALL_BUT, EARLIER, TERM
from course_lib.asking import ask_all, ask_cases
from course_lib.exercises import Aspect, Case, Exercise
from course_lib.judging import judge
from course_lib.known import Key
from course_lib.prints import fingerprint

SOURCE = """
def area(w, h, n):
    total = 0.0
    for k in range(n):
        total += (w[k] - 0.5) * h[k]
    return total / n
"""


def _drawn(rng: np.random.Generator) -> list[Case]:
    return [Case({"w": rng.uniform(1, 2, n), "h": rng.uniform(3, 4, n), "n": n}) for n in (3, 5)]


EXERCISE = Exercise("area", "0.1", "An area", ("area",), (Aspect("some", "some numbers", 2, _drawn),))
CASES = {"some": EXERCISE.draw(EXERCISE.aspects[0], 5)}


def names(source: str = SOURCE) -> dict:
    own: dict = {}
    exec(source, own)
    return own


def outcomes(source: str) -> dict:
    answer = names(source)["area"]
    return {"some": ask_all(EXERCISE, EXERCISE.aspects[0], answer, [case.inputs for case in CASES["some"]])}


NEAR = near_misses(EXERCISE, CASES, names(), SOURCE, outcomes(SOURCE))

STYLES = [
    ("def area(w, h, n): return sum((w + 0.5) * h) / n", "A plus or a minus"),
    ("def area(w, h, n): return sum((w - 0.5) * h)", "It is too large by a factor: the length of `w`"),
    ("def area(w, h, n): return np.mean(w - 0.5 * h)", "Parentheses"),
    ("def area(w, h, n): return np.mean((w - 0.5) + h)", "you add where numbers should be multiplied"),
    ("def area(w, h, n): return np.mean((h - 0.5) * w)", "`h` and `w` are exchanged"),
    ("def area(w, h, n): return (w[-1] - 0.5) * h[-1] / n", "Only the last item counts"),
    ("def area(w, h, n): return sum(((w - 0.5) * h)[1:]) / n", "The first or the last item is left out"),
]


@pytest.mark.parametrize(("answer", "sentence"), STYLES)
def test_a_slip_is_named_in_any_style(answer: str, sentence: str) -> None:
    given = outcomes(f"import numpy as np\n{answer}")
    verdict = judge(EXERCISE, CASES, Key(outcomes(SOURCE), (), NEAR), given)
    assert sentence in verdict.feedback


def test_two_runs_find_the_same() -> None:
    assert near_misses(EXERCISE, CASES, names(), SOURCE, outcomes(SOURCE)) == NEAR
    assert len(NEAR) > 15


def test_a_change_that_never_ends_is_no_near_miss() -> None:
    source = "def area(w, h, n):\n    k = 0\n    while k < n:\n        k += 1\n    return k * 1.5"
    near = near_misses(EXERCISE, CASES, names(source), source, outcomes(source))
    assert near
    assert all(np.isfinite(list(each.prints.values())).all() for each in near)


def test_what_lapack_says_of_numbers_that_are_none_is_not_heard(capfd: pytest.CaptureFixture) -> None:
    source = "def f(x):\n    return np.polyfit(np.log(x + 0.5), x, 1)[0]"  # - for + is a near miss
    exercise = Exercise("f", "1.1", "f", ("f",), (Aspect("a", "a", 1, lambda rng: []),))
    cases = {"a": [Case({"x": np.array([0.2, 1.0, 2.0])})]}
    names = {"np": np}
    exec(source, names)
    right = {"a": ask_all(exercise, exercise.aspects[0], names["f"], [each.inputs for each in cases["a"]])}
    near_misses(exercise, cases, names, source, right)
    assert "DLASCL" not in capfd.readouterr().out


def test_every_change_is_code_and_differs() -> None:
    texts = [ast.unparse(tree) for _, tree in changes(SOURCE, ("area",), ())]
    assert ast.unparse(ast.parse(SOURCE)) not in texts


def test_a_fingerprint_depends_on_values_places_and_shapes() -> None:
    given = outcomes(SOURCE)["some"]
    assert fingerprint(given) != fingerprint(given[::-1])
    assert fingerprint(given) == fingerprint(given)


COLUMNS = """
def two(W, X):
    return {"sum": (W @ X).sum(axis=1), "W": W @ X}
"""


def _matrices(rng: np.random.Generator) -> list[Case]:
    return [Case({"W": rng.normal(size=(2, 3)), "X": rng.normal(size=(3, m))}) for m in (4, 3)]


def test_a_part_of_the_examples_is_named_in_one_result_too() -> None:
    """The examples are the columns of X, though W has as many in one case."""
    exercise = Exercise("two", "0.2", "Two", ("two",), (Aspect("some", "some numbers", 2, _matrices),))
    cases = {"some": exercise.draw(exercise.aspects[0], 5)}

    def given(source: str) -> dict:
        own = names(source)
        return {"some": ask_all(exercise, exercise.aspects[0], own["two"], [case.inputs for case in cases["some"]])}

    near = near_misses(exercise, cases, names(COLUMNS), COLUMNS, given(COLUMNS))
    first = given('def two(W, X): return {"sum": (W @ X)[:, 0], "W": W @ X}')
    verdict = judge(exercise, cases, Key(given(COLUMNS), (), near), first)
    assert verdict.feedback == "Only the first item counts, where all should."


def _lists(rng: np.random.Generator) -> list[Case]:
    def layers(m: int) -> list:
        return [None, rng.normal(size=(2, m)), rng.normal(size=(3, m))]

    return [Case({"delta": layers(m), "a": layers(m)}) for m in (4, 1, 3)]


@pytest.mark.parametrize("m", ["d.shape[1]", "max(1, d.shape[1] - 1)"])
def test_an_example_that_is_left_out_is_named_among_lists_of_arrays(m: str) -> None:
    """One example alone stays. Divided by all examples, or by those that are left."""
    exercise = Exercise("four", "0.4", "Four", ("four",), (Aspect("some", "some numbers", 2, _lists),))
    cases = {"some": exercise.draw(exercise.aspects[0], 5)}
    source = "def four(delta, a):\n    d = delta[2]\n    return d @ a[1].T / d.shape[1]"
    cut = "max(1, d.shape[1] - 1)"
    short = f"def four(delta, a):\n    d = delta[2]\n    return d[:, :{cut}] @ a[1][:, :{cut}].T / ({m})"

    def given(source: str) -> dict:
        inputs = [case.inputs for case in cases["some"]]
        return {"some": ask_all(exercise, exercise.aspects[0], names(source)["four"], inputs)}

    near = near_misses(exercise, cases, names(source), source, given(source))
    assert judge(exercise, cases, Key(given(source), (), near), given(short)).feedback == ALL_BUT


def test_what_happens_to_an_input_on_the_way_is_named() -> None:
    """Half of the input, or its mean in every place; a sentence for none of these stays away."""
    exercise = Exercise("bend", "0.3", "Bend", ("bend",), (Aspect("some", "some numbers", 2, _matrices),))
    cases = {"some": exercise.draw(exercise.aspects[0], 5)}

    def given(source: str) -> dict:
        own = names(source)
        return {"some": ask_all(exercise, exercise.aspects[0], own["bend"], [case.inputs for case in cases["some"]])}

    source = "import numpy as np\ndef bend(W, X): return np.sin(W @ X) + np.exp(X.sum())"
    near = near_misses(exercise, cases, names(source), source, given(source))
    for inside, words in (("X / 2", "half as large"), ("X * 0 + X.mean()", "with its mean in every place")):
        answer = given(source.replace("(W, X): return", f"(W, X): X = {inside}; return"))
        verdict = judge(exercise, cases, Key(given(source), (), near), answer)
        assert verdict.feedback.startswith(f"It is right for another `X`, one {words}.")
    other = given(source.replace("(W, X): return", "(W, X): X = X / 3; return"))
    assert "another" not in judge(exercise, cases, Key(given(source), (), near), other).feedback


def test_a_mistake_of_an_earlier_exercise_that_is_written_out_again_is_named() -> None:
    near = keys_to_explain("04_four_equations")["backprop-one"].key.near
    assert any(each.sentence.startswith(EARLIER) for each in near)
    assert not any(
        each.sentence.startswith(EARLIER) for each in keys_to_explain("04_four_equations")["sigmoid"].key.near
    )


def test_a_near_miss_is_seen_as_it_is_judged() -> None:
    """An aspect may look at a part of what is given: here at whether the numbers are above 0."""

    def above(case: Case, value: np.ndarray) -> dict[str, bool]:
        return {"above 0": bool((value > 0).all())}

    aspects = Aspect("values", "the values", 1, _matrices), Aspect("above", "above 0", 1, _matrices, observe=above)
    exercise = Exercise("bend", "0.4", "Bend", ("bend",), aspects)
    cases = {aspect.name: exercise.draw(aspect, 5) for aspect in aspects}
    source = "def bend(W, X):\n    return 2.5 + np.exp(np.sin(3 * W))"

    def given(source: str) -> dict:
        return {
            aspect.name: ask_cases(exercise, aspect, names(source)["bend"], cases[aspect.name]) for aspect in aspects
        }

    source, without = f"import numpy as np\n{source}", f"import numpy as np\n{source.replace('2.5 + ', '')}"
    near = near_misses(exercise, cases, names(source), source, given(source))
    assert near
    assert all(set(each.prints) == {"values"} for each in near if each.sentence == TERM)
    assert judge(exercise, cases, Key(given(source), (), near), given(without)).feedback == TERM
