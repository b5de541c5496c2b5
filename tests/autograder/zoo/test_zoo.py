"""A grade is right: the reference and honest other answers get everything, each known mistake loses just what it names.

Here the answers are asked in this process, by the code that also asks them in a kernel. test_grading_path.py goes the
whole way from the built release to the gradebook.
"""

from __future__ import annotations

import copy
import inspect
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograder import zoo
from autograder.build.answer_key import answer_keys, answer_of, outcomes, reference
from course_lib.asking import Outcome, ask, ask_cases
from course_lib.check import public_key
from course_lib.exercises import (
    NOTEBOOKS,
    PUBLIC_SEED,
    Exercise,
    all_exercises,
    computation_graphs,
    exercises_of,
    find,
    gradient_checking,
)
from course_lib.exercises.draws import shuffled
from course_lib.judging import Verdict, judge
from course_lib.known import Key
from course_lib.plain import dumps, loads
from course_lib.promises import LATER

SECRET_SEEDS = (11, 2**77 + 5, 90210)
USUAL = SECRET_SEEDS[:1] if os.environ.get("COURSE_FAST") else (PUBLIC_SEED, SECRET_SEEDS[0])
every_seed = pytest.mark.parametrize(
    "seeds", [pytest.param(USUAL, id="usual"), pytest.param(SECRET_SEEDS[1:], id="more", marks=pytest.mark.thorough)]
)


def verdict_of(notebook: str, exercise: Exercise, seed: int, entry: zoo.Entry | None = None) -> Verdict:
    """Judge the reference, or an answer of the zoo, with the cases of a seed."""
    key = answer_keys(notebook, seed)[exercise.id]
    given = outcomes(exercise, key.cases, answer_of(exercise, reference(notebook), entry))
    return judge(exercise, key.cases, key.key, given)


def lost(verdict: Verdict) -> set[str]:
    """The names of the aspects that did not pass."""
    return {aspect.name for aspect in verdict.aspects if not aspect.passed}


def entries(kind) -> list:
    """Every (notebook, entry) of the zoo as a test parameter."""
    return [
        pytest.param(notebook, entry, id=f"{notebook}-{entry.exercise}-{entry.name}")
        for notebook in NOTEBOOKS
        for entry in kind(notebook)
    ]


EXERCISES = [pytest.param(notebook, exercise, id=f"{notebook}-{exercise.id}") for notebook, exercise in all_exercises()]


@every_seed
@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_the_reference_gets_every_point(notebook: str, exercise: Exercise, seeds: Sequence[int]) -> None:
    for seed in seeds:
        verdict = verdict_of(notebook, exercise, seed)
        assert lost(verdict) == set(), verdict
        assert (verdict.points, verdict.status) == (exercise.points, "full")


@pytest.mark.parametrize(("exercise_id", "aspect"), [("topological-order", "long"), ("value-class", "deep")])
def test_the_reference_answers_a_chain_as_long_as_students_are_asked(
    exercise_id: str, aspect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tests ask shorter ones."""
    monkeypatch.setattr(computation_graphs, "LONG", 40_000)
    notebook, exercise = find(exercise_id)
    assert "40 000" in exercise.aspect(aspect).title
    cases = exercise.draw(exercise.aspect(aspect), SECRET_SEEDS[0])
    [outcome] = ask_cases(exercise, exercise.aspect(aspect), answer_of(exercise, reference(notebook)), cases)
    assert [case.inputs["nodes"] for case in cases] == [40_000]
    assert not outcome.error, outcome


@every_seed
@pytest.mark.parametrize(("notebook", "entry"), entries(zoo.traps))
def test_a_trap_loses_exactly_its_aspects_and_gets_its_own_feedback(
    notebook: str, entry: zoo.Entry, seeds: Sequence[int]
) -> None:
    exercise = next(each for each in exercises_of(notebook) if each.id == entry.exercise)
    for seed in seeds:
        key = answer_keys(notebook, seed)[exercise.id]
        # What it loses was asked when the key was made; what it must not lose is asked here.
        given = dict(next(known.outcomes for known in key.key.traps if known.name == entry.name))
        answer = answer_of(exercise, reference(notebook), entry)
        for aspect in exercise.aspects:
            if aspect.name not in given:
                given[aspect.name] = ask_cases(exercise, aspect, answer, key.cases[aspect.name])
        verdict = judge(exercise, key.cases, key.key, given)
        assert lost(verdict) == set(entry.loses), (seed, verdict)
        assert verdict.trap == entry.name, (seed, verdict)
        assert verdict.feedback == entry.feedback
    assert entry.loses, f"{entry.name} loses nothing, so it is no trap"


@every_seed
@pytest.mark.parametrize(("notebook", "entry"), entries(zoo.alternatives))
def test_another_right_answer_gets_every_point(notebook: str, entry: zoo.Entry, seeds: Sequence[int]) -> None:
    exercise = next(each for each in exercises_of(notebook) if each.id == entry.exercise)
    for seed in seeds:
        verdict = verdict_of(notebook, exercise, seed, entry)
        assert lost(verdict) == set(), (seed, verdict)


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_an_answer_that_changes_what_it_was_given_is_found_out(notebook: str, exercise: Exercise) -> None:
    """Right in all else. A driver that hands on a copy of its own must look after it itself."""
    if exercise.in_place or not exercise.ask_public:
        return
    names = reference(notebook)
    for name in exercise.answers:
        changed: list[bool] = []
        answer = exercise.bundle(*({**names, name: spoiling(names[name], changed)}[each] for each in exercise.answers))
        told = [ask(exercise, each, answer, exercise.draw(each, 3)[0].inputs) for each in exercise.aspects]
        found = [outcome.broken or "which it was given" in outcome.message for outcome in told]
        assert any(found) or not any(changed) or exercise.keeps, name


def spoiling(answer: Any, changed: list[bool]) -> Any:
    """The answer, which then changes one of the things that it was given."""
    if not inspect.isfunction(answer):
        return answer

    def spoils(*given: Any) -> Any:
        result = copy.deepcopy(answer(*given))
        changed.append(any(map(spoiled, given)))
        return result

    return spoils


def spoiled(thing: Any) -> bool:
    """Change an array, a list or a dict. False for anything else."""
    if isinstance(thing, np.ndarray) and thing.size and thing.dtype.kind in "if":
        thing += 1
    elif isinstance(thing, list) and thing:
        thing.append(thing[0])
    elif isinstance(thing, dict) and thing:
        thing["one more"] = next(iter(thing.values()))
    else:
        return False
    return True


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_an_answer_that_fills_one_place_again_and_again_is_found_out(notebook: str, exercise: Exercise) -> None:
    """Right in all else, and also where a driver hands on a copy, or where one case is all that an aspect asks."""
    if not exercise.ask_public:
        return
    names = reference(notebook)
    for name in exercise.answers:
        kept: dict = {}
        answer = exercise.bundle(*({**names, name: refilling(names[name], kept)}[each] for each in exercise.answers))
        found = (
            outcome.broken == LATER
            for aspect in exercise.aspects
            for outcome in ask_cases(exercise, aspect, answer, exercise.draw(aspect, 3))
        )
        assert any(found) or not kept, name


def refilling(answer: Any, kept: dict) -> Any:
    """The answer, which gives arrays and lists that it has made once."""
    if not inspect.isfunction(answer):
        return answer
    return lambda *given: refilled(answer(*given), kept)


def refilled(thing: Any, kept: dict, place: str = "") -> Any:
    """The same in an array or list of before, if there is one for this place and form."""
    if isinstance(thing, tuple):
        return tuple(refilled(each, kept, f"{place}/{number}") for number, each in enumerate(thing))
    if isinstance(thing, np.ndarray) and thing.ndim and thing.dtype.kind in "iuf":
        array = kept.setdefault((place, thing.shape), np.empty(thing.shape))
        array[...] = thing
        return array
    if isinstance(thing, list):
        kept.setdefault(place, [])[:] = thing
        return kept[place]
    return thing


@pytest.mark.usefixtures("only_points")
@pytest.mark.parametrize(
    "exercise_id", ["chain-gradient", "hadamard-form", "backprop-one", "levers", "extrapolate", "momentum-step"]
)
def test_an_answer_that_keeps_results_and_forgets_an_input_is_found_out(exercise_id: str) -> None:
    """It gives again what it gave when all other inputs were the same. No two cases need to be so much alike."""
    notebook, exercise = find(exercise_id)
    names, key = reference(notebook), answer_keys(notebook, SECRET_SEEDS[0])[exercise_id]
    name = exercise.answers[0]
    for place in range(len(inspect.signature(names[name]).parameters)):
        forgetful = {**names, name: keeping_results(names[name], place)}
        given = outcomes(exercise, key.cases, exercise.bundle(*(forgetful[each] for each in exercise.answers)))
        assert judge(exercise, key.cases, key.key, given).points < exercise.points, place


def keeping_results(answer: Any, place: int) -> Any:
    """The answer, which looks a result up by all inputs but one."""
    kept: dict[str, Any] = {}

    def keeps(*given: Any) -> Any:
        shown = repr([each for number, each in enumerate(given) if number != place])
        if shown not in kept:
            kept[shown] = answer(*given)
        return copy.deepcopy(kept[shown])

    return keeps


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_the_stub_gets_nothing(notebook: str, exercise: Exercise) -> None:
    key = answer_keys(notebook, SECRET_SEEDS[0])[exercise.id]
    stub = Outcome(error="NotImplementedError", message=f"Your turn: {exercise.number}")
    given = {name: [stub] * len(cases) for name, cases in key.cases.items()}
    verdict = judge(exercise, key.cases, key.key, given)
    assert (verdict.points, verdict.status) == (0, "untouched")


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_another_seed_asks_other_cases(notebook: str, exercise: Exercise) -> None:
    """A memorized table of the public answers must not do: unless it is a quiz, at least one aspect is drawn anew."""
    drawn = [
        {aspect.name: dumps([case.inputs for case in exercise.draw(aspect, seed)]) for aspect in exercise.aspects}
        for seed in (PUBLIC_SEED, SECRET_SEEDS[0])
    ]
    assert (drawn[0] == drawn[1]) == exercise.quiz


@pytest.fixture
def only_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for words for what is wrong, which takes most of the time."""
    monkeypatch.setattr("course_lib.judging.explain", lambda *_: {})


@pytest.mark.usefixtures("only_points")
@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_what_is_right_for_other_cases_is_worth_little(notebook: str, exercise: Exercise) -> None:
    """Who sends what the public cases should give, which everybody can find out, has not answered."""
    if exercise.quiz:
        return  # it asks the same of everyone
    secret = answer_keys(notebook, SECRET_SEEDS[0])[exercise.id]
    known = list(public_key(notebook, exercise.id).expected.values())
    asked = list(exercise.aspects)
    if exercise.mixed:
        asked = shuffled(np.random.default_rng(secret.seed), asked)
    given = {}
    for aspect, outcome in zip(asked, known, strict=True):
        count = len(secret.cases[aspect.name])
        given[aspect.name] = [outcome[place % len(outcome)] for place in range(count)]
    verdict = judge(exercise, secret.cases, Key(secret.key.expected), given)
    assert verdict.points <= 2, verdict


@pytest.mark.parametrize(("notebook", "exercise"), [each for each in EXERCISES if each.values[1].quiz])
def test_the_desk_tells_right_from_wrong_in_a_quiz_whose_answers_it_cannot_read(
    notebook: str, exercise: Exercise
) -> None:
    cases, sealed = answer_keys(notebook)[exercise.id].cases, public_key(notebook, exercise.id)
    for entry in [None, *(entry for entry in zoo.traps(notebook) if entry.exercise == exercise.id)]:
        given = outcomes(exercise, cases, answer_of(exercise, reference(notebook), entry))
        assert lost(judge(exercise, cases, sealed, given)) == set(entry.loses if entry else ())


@pytest.mark.parametrize("exercise_id", ["gradient-check", "wrong-parameters"])
def test_nothing_in_a_case_says_what_is_wrong_with_it(exercise_id: str) -> None:
    """A case that plants a mistake holds its numbers, in inputs that all cases have; no text but a layer's kind."""
    _, exercise = find(exercise_id)
    cases = [case.inputs for aspect in exercise.aspects for case in exercise.draw(aspect, SECRET_SEEDS[0])]
    assert {frozenset(each) for each in cases} == {frozenset(cases[0])}
    for inputs in cases:
        values = [one for each in inputs.values() for one in (each.values() if isinstance(each, dict) else [each])]
        assert all(isinstance(value, np.ndarray) or value in ("sigmoid", "relu") for value in values)


def within_reach(given: Sequence[Any]) -> list[Any]:
    """What an answer finds in the functions that it was given, in those of the driver that calls it, and by calling
    them all with the last thing that it was given."""
    frame, found = inspect.currentframe(), list(given)
    while frame and frame.f_code.co_name != "_ask":
        frame = frame.f_back
        found += frame.f_locals.values() if frame and frame.f_code.co_name != "_ask" else []
    for thing in found:
        cells = getattr(thing, "__closure__", None) or ()
        found += [cell.cell_contents for cell in cells if not any(cell.cell_contents is each for each in found)]
    functions = [each for each in found if inspect.isfunction(each) and each.__module__ != __name__]
    for function in functions:
        with suppress(Exception):
            found.append(function(given[-1]))
    return found


@pytest.mark.parametrize("exercise_id", ["gradient-check", "wrong-parameters"])
def test_nothing_within_reach_of_an_answer_knows_the_right_gradient(exercise_id: str) -> None:
    """It may be measured: not to twelve digits."""
    _, exercise = find(exercise_id)
    aspect = exercise.aspects[-1]
    for case in exercise.draw(aspect, SECRET_SEEDS[0]):
        inputs, found = case.inputs, []
        network = exercise_id == "wrong-parameters"
        if network:
            right = gradient_checking._right_gradients(inputs["parameters"], inputs["X"], inputs["Y"])
        else:
            right = {"claim": gradient_checking._gradient_of(inputs)}
        claims = inputs["claims"] if network else inputs
        ask(exercise, aspect, lambda *given: found.extend(within_reach(given)), inputs)  # noqa: B023
        assert len(found) > 10
        values = [one for each in found for one in (each.values() if isinstance(each, dict) else [each])]
        arrays = [each for each in values if isinstance(each, np.ndarray)]
        wrong = [name for name in right if not np.array_equal(right[name], claims[name])]
        for name in wrong:
            assert not any(
                np.allclose(each, right[name], 1e-12, 0) for each in arrays if each.shape == right[name].shape
            )


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_cases_are_plain_data_and_repeatable(notebook: str, exercise: Exercise) -> None:
    for aspect in exercise.aspects:
        first, again = (exercise.draw(aspect, 5) for _ in range(2))
        assert len(first) >= 1
        for one, two in zip(first, again, strict=True):
            assert dumps(one.inputs) == dumps(two.inputs)
            assert dumps(loads(dumps(one.inputs))) == dumps(one.inputs)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_exercise_has_traps_and_two_other_ways(notebook: str) -> None:
    wrong = Counter(entry.exercise for entry in zoo.traps(notebook))
    right = Counter(entry.exercise for entry in zoo.alternatives(notebook))
    for exercise in exercises_of(notebook):
        assert wrong[exercise.id] >= 1, f"{exercise.id} has no trap"
        assert right[exercise.id] >= 2, f"{exercise.id} has {right[exercise.id]} alternatives"
        lost_by_some = {name for entry in zoo.traps(notebook) if entry.exercise == exercise.id for name in entry.loses}
        assert lost_by_some == {aspect.name for aspect in exercise.aspects}, f"an aspect of {exercise.id} no trap loses"


def test_ids_numbers_and_names_are_unique() -> None:
    listed = list(all_exercises())
    for of in ("id", "number"):
        counts = Counter(getattr(exercise, of) for _, exercise in listed)
        assert [name for name, count in counts.items() if count > 1] == []
    for notebook, exercise in listed:
        assert exercise.number.startswith(f"{int(notebook[:2])}."), (notebook, exercise.number)
        assert exercise.points == int(exercise.points) > 0
        assert len({aspect.name for aspect in exercise.aspects}) == len(exercise.aspects)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_wrong_reference_is_found_out(notebook: str) -> None:
    """The alternatives judge the reference too: when it is wrong, they are the ones that lose points."""
    exercise = exercises_of(notebook)[0]
    honest = next(entry for entry in zoo.alternatives(notebook) if entry.exercise == exercise.id)
    wrong = next(entry for entry in zoo.traps(notebook) if entry.exercise == exercise.id)
    key = answer_keys(notebook, SECRET_SEEDS[0])[exercise.id]
    names = reference(notebook)
    broken = outcomes(exercise, key.cases, answer_of(exercise, names, wrong))
    given = outcomes(exercise, key.cases, answer_of(exercise, names, honest))
    verdict = judge(exercise, key.cases, Key(expected=broken), given)
    # What has its own idea of what is right (`accept`) does not ask the reference.
    assert lost(verdict) == {name for name in wrong.loses if exercise.aspect(name).accept is None}


HANDS_BACK = {"the first": 0, "the second": 1, "the last": -1}
NO_THOUGHT_NEEDED = "jacobians"  # the Jacobian of Wx is W


def one_more(value: Any) -> Any:
    """All its numbers, plus 1."""
    return type(value)(map(one_more, value)) if isinstance(value, (list, tuple)) else value + 1.0


@pytest.mark.usefixtures("only_points")
@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_an_answer_without_a_thought_is_worth_nothing(notebook: str, exercise: Exercise) -> None:
    """One that gives the same whatever it is asked, or hands back what it was given, as it was or one more."""
    if exercise.quiz or not exercise.ask_public or exercise.id == NO_THOUGHT_NEEDED:
        pytest.skip("its answers are no functions of what they are given, take long, or may hand something back")
    key = answer_keys(notebook, SECRET_SEEDS[0])[exercise.id]
    right = [outcome.value for each in key.key.expected.values() for outcome in each]
    constants = [None, 0.0, True, [], *(value for value in right if isinstance(value, (str, bool, int, float)))]
    useless = {f"always {value!r}": lambda *given, value=value: value for value in constants}
    for name, at in HANDS_BACK.items():
        useless[f"hands back {name}"] = lambda *given, at=at: given[at]
        useless[f"one more than {name}"] = lambda *given, at=at: one_more(given[at])
    useless |= {
        "the first two, twice": lambda *given: [given[:2]] * 2,
        "one more than the first two, twice": lambda *given: [one_more(given[:2])] * 2,
    }
    for name, answer in useless.items():
        given = outcomes(exercise, key.cases, exercise.bundle(*[answer] * len(exercise.answers)))
        assert judge(exercise, key.cases, key.key, given).points == 0, name
