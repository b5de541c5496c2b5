"""What the reference gives when its inputs are others: a part of the examples, or one input changed on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from autograder.build.near import sentences as say
from autograder.build.near.trying import given_in, lost, unheard
from course_lib.asking import Outcome
from course_lib.exercises import Aspect, Case, Exercise
from course_lib.known import Near


@dataclass(frozen=True)
class Reference:
    """The reference answer, the cases of the aspects in which it is looked at, and what is right in them."""

    exercise: Exercise
    aspects: Sequence[Aspect]
    cases: Mapping[str, Sequence[Case]]
    answer: Any
    right: Mapping[str, Sequence[Outcome]]

    def all_inputs(self) -> list[Mapping[str, Any]]:
        """The inputs of every case."""
        return [case.inputs for aspect in self.aspects for case in self.cases[aspect.name]]

    def with_inputs(self, sentence: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Iterator[Near]:
        """What it gives when the inputs are changed; and the same for one result alone."""
        given = {}
        with unheard():
            for aspect in self.aspects:
                changed = [replace(case, inputs=change(case.inputs)) for case in self.cases[aspect.name]]
                given[aspect.name] = given_in(self.exercise, aspect, changed, self.answer)
        given = {name: outcomes for name, outcomes in given.items() if outcomes}
        for outcomes in [given, *_one_result(given, self.right)]:
            prints = lost(outcomes, self.right)
            if prints:
                yield Near(sentence, prints)


# Parts of what is given: the first example alone, all layers but the last, …
PARTS = [
    (say.FIRST, slice(None, 1)),
    (say.LAST, slice(-1, None)),
    (say.SOME, slice(None, 2)),
    (say.ALL_BUT, slice(None, -1)),
    (say.ALL_BUT, slice(1, None)),
]


def of_a_part(reference: Reference) -> Iterator[Near]:
    """What the reference gives for a part of the examples, or of the items of its lists; and for one result alone.

    The other examples are left out, or they are zeros: then they still count where it is divided by how many they are.
    """
    batches = _beside_each_other(reference.all_inputs())
    cuts: list[Callable[..., dict[str, Any]]] = [
        partial(_columns, names=names, keep=keep) for names in batches for keep in (_taken, _others_are_zero)
    ]
    cuts.append(_items)
    for sentence, part in PARTS:
        for cut in cuts:
            yield from reference.with_inputs(sentence, partial(cut, part=part))


# What may happen to an input before it is used.
OTHER_INPUTS: list[tuple[str, Callable[[np.ndarray], Any]]] = [
    ("twice as large", lambda x: 2 * x),
    ("half as large", lambda x: x / 2),
    ("with the other sign", lambda x: -x),
    ("without its signs", np.abs),
    ("squared", np.square),
    ("that is 0 everywhere", lambda x: 0 * x),
    ("that is 1 everywhere", lambda x: 0 * x + 1),
    ("with its mean in every place", lambda x: np.full(np.shape(x), np.mean(x))),
    ("without its decimals", np.trunc),
    ("in reverse order", lambda x: x[::-1]),
]


def of_other_inputs(reference: Reference) -> Iterator[Near]:
    """What the reference gives for inputs to which something has happened, one of them at a time."""
    names = dict.fromkeys(name for inputs in reference.all_inputs() for name in inputs)
    for name in (each for each in names if each not in reference.exercise.internal):
        for words, change in OTHER_INPUTS:
            sentence = say.ANOTHER.format(name, words)
            yield from reference.with_inputs(sentence, partial(_with_another, name=name, change=change))


def _with_another(inputs: Mapping[str, Any], name: str, change: Callable[[np.ndarray], Any]) -> dict[str, Any]:
    return {**inputs, name: _changed(inputs[name], change)} if name in inputs else dict(inputs)


def _changed(value: Any, change: Callable[[np.ndarray], Any]) -> Any:
    """A number that is not whole, an array, or each array of a list, changed. Everything else stays."""
    if isinstance(value, list) and any(isinstance(each, np.ndarray) for each in value):
        return [_changed(each, change) for each in value]
    if isinstance(value, np.ndarray) and value.ndim:
        return change(value)
    return float(change(np.array([value]))[0]) if isinstance(value, float) else value


def _beside_each_other(inputs: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """Names of arrays whose last axis has one length in every case: the examples stand along it. The largest groups."""
    names = [name for name, value in inputs[0].items() if _last_axis(value)] if inputs else []

    def alike(one: str, other: str) -> bool:
        return all(_last_axis(each.get(one)) == _last_axis(each.get(other)) for each in inputs)

    groups = [{other for other in names if alike(one, other)} for one in names]
    most = max(map(len, groups), default=0)
    return [group for place, group in enumerate(groups) if len(group) == most and group not in groups[:place]]


def _last_axis(value: Any) -> int:
    """How long the last axis of an array is, or of every array of a list; 0 where there is no such number."""
    items = value if isinstance(value, list) else [value]
    found = {each.shape[-1] for each in items if isinstance(each, np.ndarray) and each.ndim}
    return found.pop() if len(found) == 1 else 0


def _columns(
    inputs: Mapping[str, Any], part: slice, names: set[str], keep: Callable[[np.ndarray, slice], np.ndarray]
) -> dict[str, Any]:
    """The inputs with a part of the examples. One example alone stays."""

    def cut(value: Any) -> Any:
        if isinstance(value, list):
            return [cut(each) for each in value]
        return keep(value, part) if isinstance(value, np.ndarray) and value.ndim else value

    return {name: cut(value) if name in names and _last_axis(value) > 1 else value for name, value in inputs.items()}


def _taken(array: np.ndarray, part: slice) -> np.ndarray:
    return array[..., part]


def _others_are_zero(array: np.ndarray, part: slice) -> np.ndarray:
    result = np.zeros_like(array)
    result[..., part] = array[..., part]
    return result


def _items(inputs: Mapping[str, Any], part: slice) -> dict[str, Any]:
    """The inputs with a part of each list."""
    return {name: value[part] if isinstance(value, list) else value for name, value in inputs.items()}


def _one_result(
    given: Mapping[str, Sequence[Outcome]], right: Mapping[str, Sequence[Outcome]]
) -> Iterator[dict[str, list[Outcome]]]:
    """The same with one named result alone, while the others are right. An aspect may ask for it by its name."""
    dicts = {name: each for name, each in given.items() if all(isinstance(o.value, dict) for o in each)}
    for key in dict.fromkeys(key for each in dicts.values() for outcome in each for key in outcome.value):
        alone = {name: list(each) for name, each in given.items() if name == key and name not in dicts}
        yield alone | {name: _with_one(key, right[name], each) for name, each in dicts.items()}


def _with_one(key: str, right: Sequence[Outcome], given: Sequence[Outcome]) -> list[Outcome]:
    return [
        replace(good, value={**good.value, key: cut.value[key]}) if key in cut.value else good
        for good, cut in zip(right, given, strict=True)
    ]
