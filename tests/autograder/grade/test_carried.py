"""A mistake costs once: what is right on top of a known one keeps its points, and feedback points back to it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache

import pytest

from autograder import zoo
from autograder.build.answer_key import AnswerKey, answer_keys, answer_of, names_with, on_top_of, outcomes
from autograder.build.source import reference_sources
from autograder.grade.carried import Carried, may_define, names_of
from autograder.grade.verdicts import judge_secret
from course_lib.asking import Outcome
from course_lib.exercises import NOTEBOOKS, Exercise, all_exercises, exercises_of, find
from course_lib.judging import Verdict

SEED = 11
FAST = bool(os.environ.get("COURSE_FAST"))  # one mistake of each earlier exercise is then enough


@cache
def by_itself(notebook: str, wrong: tuple[zoo.Entry, ...], exercise_id: str) -> tuple[dict, Verdict]:
    """What an exercise of such a submission gives, and the verdict on that; each is asked once."""
    key, names = answer_keys(notebook, SEED)[exercise_id], names_with(notebook, wrong)
    given = outcomes(key.exercise, key.cases, answer_of(key.exercise, names))
    return given, judge_secret(key, given)


def judged(notebook: str, wrong: Sequence[zoo.Entry], of: Exercise, follow: bool = True) -> tuple[Verdict, Verdict]:
    """The verdict on one exercise by itself, and as it is carried, for a submission with these answers of the zoo."""
    carried, keys = Carried(notebook, follow), answer_keys(notebook, SEED)
    sources = reference_sources(notebook)
    by_exercise = {entry.exercise: entry for entry in wrong}
    for exercise in exercises_of(notebook):
        carried.ran(exercise.id, f"{sources[exercise.id]}\n{getattr(by_exercise.get(exercise.id), 'source', '')}")
        if exercise.id != of.id and exercise.id not in by_exercise:
            continue  # it is right
        given, alone = by_itself(notebook, tuple(wrong), exercise.id)
        verdict = carried.judged(keys[exercise.id], given, alone)
    return alone, verdict


def pairs() -> list:
    """Every (notebook, earlier mistake, later exercise that calls it)."""
    return [
        pytest.param(notebook, entry, later, id=f"{later.id}-{entry.name}")
        for notebook in NOTEBOOKS
        for later in exercises_of(notebook)
        for earlier in later.uses
        for entry in [each for each in zoo.traps(notebook) if each.exercise == earlier][: 1 if FAST else None]
    ]


@pytest.fixture
def nothing_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for words for what is wrong by itself, which takes most of the time."""
    monkeypatch.setattr("course_lib.judging.explain", lambda *_: {})


@pytest.mark.usefixtures("nothing_explained")
@pytest.mark.parametrize(("notebook", "mistake", "later"), pairs())
def test_the_reference_on_top_of_a_known_mistake_keeps_its_points_or_is_told_where_to_look(
    notebook: str, mistake: zoo.Entry, later: Exercise
) -> None:
    alone, verdict = judged(notebook, [mistake], later)
    assert alone.points <= verdict.points <= verdict.max_points
    if verdict.points < verdict.max_points:
        number = next(each.number for each in exercises_of(notebook) if each.id == mistake.exercise)
        assert f"({number})" in verdict.feedback, verdict.feedback
        assert "mend" in verdict.feedback
    for one in verdict.aspects:
        assert not one.given or (one.passed and one.points == one.max_points)


def test_a_slip_in_bp2_costs_its_own_points_alone() -> None:
    notebook, later = "04_four_equations", next(e for _, e in all_exercises() if e.id == "backprop-one")
    slips = [entry for entry in zoo.traps(notebook) if entry.exercise == "bp2"]
    gained = 0
    for slip in slips:
        top = on_top_of(notebook, later.id, (("bp2", slip.name),), SEED)
        useless = {name for name, rows in top.items() if any(row.error for row in rows)}
        alone, verdict = judged(notebook, [slip], later)
        gained += verdict.points > alone.points
        off = judged(notebook, [slip], later, follow=False)[1]
        assert off.points == alone.points, "with --no-follow-through nothing is kept"
        assert verdict.status == "full" or "`bp2`" in verdict.feedback
        assert all("4.4" in one.given for one in verdict.aspects if one.given)
        assert {one.name for one in verdict.aspects if not one.passed} <= useless, slip.name
    assert gained > 2


def test_a_checker_on_top_of_a_wrong_relative_error_keeps_its_points() -> None:
    """Its verdicts are accepted in several forms; on top of a mistake they must be the very same, and not all alike."""
    notebook, later = "06_gradient_checking", next(e for _, e in all_exercises() if e.id == "gradient-check")
    slip = next(e for e in zoo.traps(notebook) if (e.exercise, e.name) == ("relative-error", "with_a_sign"))
    alone, verdict = judged(notebook, [slip], later)
    top = on_top_of(notebook, later.id, (("relative-error", slip.name),), SEED)
    kept = {one.name for one in verdict.aspects if one.given}
    assert verdict.points > alone.points
    assert all(len({str(each.value) for each in top[name]}) > 1 for name in kept)
    always = {name: [Outcome(value={"right": True})] * len(rows) for name, rows in top.items()}
    carried, key = Carried(notebook), answer_keys(notebook, SEED)[later.id]
    carried.ran("relative-error", slip.source)
    carried.verdicts["relative-error"] = judged(notebook, [slip], find("relative-error")[1])[0]
    carried.ran(later.id, "relative_error")
    assert not any(one.given for one in carried.judged(key, always, judge_secret(key, always)).aspects)


def test_a_second_mistake_on_top_of_the_first_is_still_a_mistake() -> None:
    """Two mistakes never earn more than the second one earns alone, plus what agrees with the first."""
    notebook, later = "04_four_equations", next(e for _, e in all_exercises() if e.id == "backprop-one")
    first = next(entry for entry in zoo.traps(notebook) if entry.exercise == "bp2")
    for second in [entry for entry in zoo.traps(notebook) if entry.exercise == later.id]:
        _, verdict = judged(notebook, [first, second], later)
        assert verdict.points < verdict.max_points, second.name


def test_zeros_keep_nothing() -> None:
    """An earlier mistake that makes everything 0 would make any stub of zeros right."""
    notebook, later = "04_four_equations", next(e for _, e in all_exercises() if e.id == "backprop-one")
    for slip in [entry for entry in zoo.traps(notebook) if entry.exercise == "bp2"]:
        carried, key = Carried(notebook), answer_keys(notebook, SEED)[later.id]
        carried.ran("bp2", slip.source)
        carried.verdicts["bp2"] = judged(notebook, [slip], next(e for e in exercises_of(notebook) if e.id == "bp2"))[0]
        carried.ran(later.id, "bp2")
        given = {name: [Outcome(value=_zeros(each.value)) for each in rows] for name, rows in key.key.expected.items()}
        assert carried.judged(key, given, judge_secret(key, given)).points == 0


def test_ones_keep_nothing() -> None:
    """An earlier mistake that makes every slope 1 would make an answer right that writes 1 at every node."""
    notebook, later = "02_computation_graphs", find("graph-backward")[1]
    slip = next(e for e in zoo.traps(notebook) if (e.exercise, e.name) == ("node-backward", "without_local"))
    carried, key = Carried(notebook), answer_keys(notebook, SEED)[later.id]
    carried.ran("node-backward", slip.source)
    carried.verdicts["node-backward"] = judged(notebook, [slip], find("node-backward")[1])[0]
    carried.ran(later.id, "node_backward")
    given = {name: [Outcome(value=_ones(each.value)) for each in rows] for name, rows in key.key.expected.items()}
    assert carried.judged(key, given, judge_secret(key, given)).points == 0


def _ones(value: dict) -> dict:
    return {name: each * 0 + 1 for name, each in value.items()} if isinstance(value, dict) else value * 0


def _zeros(value: dict) -> dict:
    return {name: each * 0 for name, each in value.items()}


def test_an_answer_that_was_defined_anew_is_not_blamed() -> None:
    notebook = "04_four_equations"
    carried = Carried(notebook)
    slip = next(entry for entry in zoo.traps(notebook) if entry.exercise == "bp2")
    bp2, later = (next(e for e in exercises_of(notebook) if e.id == name) for name in ("bp2", "backprop-one"))
    key: AnswerKey = answer_keys(notebook, SEED)["bp2"]
    given = outcomes(bp2, key.cases, answer_of(bp2, names_with(notebook, [slip])))
    carried.ran("bp2", slip.source)
    carried.judged(key, given, judge_secret(key, given))
    carried.ran(None, reference_sources(notebook)["bp2"])
    key = answer_keys(notebook, SEED)[later.id]
    wrong = {name: [Outcome(value=1.0)] * len(each) for name, each in key.cases.items()}
    carried.ran(later.id, "def backprop_one(w, b, x, y, nabla_a):\n    return bp2")
    assert "bp2" not in carried.judged(key, wrong, judge_secret(key, wrong)).feedback


def test_uses_are_what_the_reference_calls() -> None:
    """The reference calls what `uses` says; an exercise may name more, because another way may call more."""
    for notebook in NOTEBOOKS:
        sources, owner = reference_sources(notebook), {}
        for exercise in exercises_of(notebook):
            called, _ = names_of(sources[exercise.id])
            earlier = {owner[name] for name in called if name in owner} - {exercise.id}
            assert earlier <= set(exercise.uses), (exercise.id, earlier)
            assert set(exercise.uses) <= set(owner.values()), exercise.id
            owner |= dict.fromkeys(exercise.answers, exercise.id)


@pytest.mark.parametrize(
    ("source", "defines"),
    [
        ("print(bp2(1), 2 * bp2(x))", False),
        ("bp2_more = 3", False),
        ("def bp2(x): pass", True),
        ("async def  bp2(x): pass", True),
        ("class bp2(list): pass", True),
        ("def \\\n bp2(x): pass", True),
        ("bp2 = other", True),
        ("for bp2 in (1, 2): pass", True),
        ("from mine import bp2", True),
        ("globals()['bp2'] = other", True),
    ],
)
def test_what_may_define_a_name(source: str, defines: bool) -> None:
    assert may_define(source, "bp2") is defines
