"""The near misses of an exercise: of all changes those that lose something, each with what it gives."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.build.near import sentences as say
from autograder.build.near.changes import changes
from autograder.build.near.inputs import Reference, of_a_part, of_other_inputs
from autograder.build.near.trying import defined_answer, lost, prints_of, unheard
from course_lib.asking import Outcome
from course_lib.exercises import Case, Exercise
from course_lib.known import Near, near_aspects
from course_lib.prints import fingerprint, same_print

MOST = 250  # near misses that are kept of one exercise


def near_misses(
    exercise: Exercise,
    cases: Mapping[str, Sequence[Case]],
    names: dict[str, Any],
    source: str,
    right: Mapping[str, Sequence[Outcome]],
    earlier: Sequence[str] = (),
) -> list[Near]:
    """The near misses of an exercise that lose something, each with what it gives, in numbers.

    names: what the notebook has defined; source: the reference answer; right: its outcomes; earlier: names of the
        answers before it.
    """
    if exercise.quiz or not exercise.ask_public:
        return []
    expected = {aspect.name: fingerprint(right[aspect.name]) for aspect in near_aspects(exercise)}
    aspects = [exercise.aspect(name) for name, number in expected.items() if number is not None]  # not texts
    found: dict[tuple, Near] = {}
    functions = sorted(name for name in earlier if name not in exercise.answers and _takes_one(names.get(name)))
    for sentence, tree in changes(source, exercise.answers, functions):
        if len(found) == MOST:
            break
        answer = defined_answer(exercise, names, tree)
        if answer is None:
            continue
        with unheard():
            prints = prints_of(exercise, aspects, cases, answer)
        prints = {name: number for name, number in prints.items() if not same_print(number, expected[name])}
        if prints:
            found.setdefault(_rounded(prints), Near(sentence, prints))
    reference = Reference(exercise, aspects, cases, exercise.bundle(*(names[name] for name in exercise.answers)), right)
    for near in (*of_a_part(reference), *of_other_inputs(reference)):
        found.setdefault(_rounded(near.prints), near)
    return list(found.values())


def _rounded(prints: Mapping[str, float]) -> tuple:
    """By what near misses are told apart: of those that give the same numbers, the first is kept."""
    return tuple((name, f"{value:.5g}") for name, value in prints.items())


def _takes_one(function: Any) -> bool:
    """Whether it can be called with one value: any other would only stop."""
    try:
        inspect.signature(function).bind(0)
    except (TypeError, ValueError):
        return False
    return True


def of_earlier(
    sentence: str, given: Mapping[str, Sequence[Outcome]], key: Mapping[str, Sequence[Outcome]]
) -> list[Near]:
    """The near miss that is a known mistake of an earlier exercise, written out again in this one."""
    prints = lost({name: each for name, each in given.items() if not any(o.error or o.broken for o in each)}, key)
    return [Near(f"{say.EARLIER} {sentence}", prints)] if prints else []
