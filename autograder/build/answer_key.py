"""Make the key that answers are judged by: run the reference and the wrong answers of the zoo on the cases of one seed.

All of this happens in a trusted process. Nothing in a key but the inputs of its cases ever enters a student's process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType
from typing import Any

from autograder.build.near.misses import near_misses, of_earlier
from autograder.build.source import read_source, reference_sources, role_of
from autograder.zoo import Entry, traps
from course_lib.asking import Outcome, ask_all, ask_cases, seen_in
from course_lib.check import near_misses_of
from course_lib.errors import CourseError
from course_lib.exercises import PUBLIC_SEED, Case, Exercise, exercises_of
from course_lib.files import write_whole
from course_lib.known import Key, Later, Near, Trap, near_aspects
from course_lib.plain import dumps, loads


@dataclass(frozen=True)
class AnswerKey:
    """The cases of one exercise for one seed, and what they should give."""

    exercise: Exercise
    cases: Mapping[str, Sequence[Case]]
    key: Key
    seed: int


class KnownMistakes(Later[Trap]):
    """The known mistakes of one exercise with what they give."""

    def __init__(self, make: Callable[[], list[Trap]], is_kept: Callable[[], bool]) -> None:
        super().__init__(make)
        self._is_kept = is_kept

    def fetch(self) -> None:
        """Read them, if another process has made and kept them, so that forks of this one need not."""
        if self._made is None and self._is_kept():
            self._all()


_kept: dict[str, Path] = {}  # by notebook


def keep_keys(notebook: str, folder: Path | None) -> None:
    """From now on, keep what the reference and the known mistakes give in a folder, for other processes too.

    folder: of just what is asked, and of just this reference and these mistakes. Only its owner can open it. None
        keeps nothing.
    """
    if folder:
        _kept[notebook] = folder
    else:
        _kept.pop(notebook, None)


def _file(notebook: str, name: str) -> Path | None:
    return _kept[notebook] / f"{name}.json" if notebook in _kept else None


def _is_kept(notebook: str, name: str) -> bool:
    file = _file(notebook, name)
    return file is not None and file.is_file()


def _keeping(notebook: str, name: str, make: Callable[[], Any]) -> Any:
    """Plain data, from the folder if it is there, else made, and then kept."""
    file = _file(notebook, name)
    if file and file.is_file():
        return loads(file.read_text(encoding="utf-8"))
    data = make()
    if file:
        text = dumps(data)
        with suppress(OSError):  # where nothing can be kept, it is made again each time; no grade depends on it
            file.parent.mkdir(parents=True, exist_ok=True)
            file.parent.chmod(0o700)
            write_whole(file, text)
        return loads(text)  # what is kept and what is made are then alike
    return data


@lru_cache(maxsize=64)  # every notebook with the public cases and some sets of hidden ones
def answer_keys(notebook: str, seed: int = PUBLIC_SEED) -> dict[str, AnswerKey]:
    """The keys of all exercises of a notebook, by exercise id.

    Raises:
        CourseError: when a reference answer fails on a case; there is then nothing to judge by.
    """
    mark = hashlib.sha256(str(seed).encode()).hexdigest()[:16]
    cases = {each.id: {a.name: each.draw(a, seed) for a in each.aspects} for each in exercises_of(notebook)}
    rows = _keeping(notebook, f"{mark}", lambda: _expected(notebook, cases))
    keys = {}
    for exercise in exercises_of(notebook):
        expected = Key.from_rows(rows[exercise.id]).expected
        name = f"{mark}-{exercise.id}"
        make = partial(_mistakes, notebook, exercise, cases[exercise.id], name)
        mistakes = KnownMistakes(make, partial(_is_kept, notebook, name))
        keys[exercise.id] = AnswerKey(exercise, cases[exercise.id], Key(expected, mistakes), seed)
    return keys


def fetch_mistakes(notebook: str, seed: int) -> None:
    """Read what other processes have made of the known mistakes for one seed: forks of this process then need not."""
    for each in answer_keys(notebook, seed).values():
        if isinstance(each.key.traps, KnownMistakes):
            each.key.traps.fetch()


def _expected(notebook: str, cases: Mapping[str, Mapping[str, Sequence[Case]]]) -> dict[str, list[dict[str, Any]]]:
    """What the reference gives, by exercise, as rows of a key."""
    names = reference(notebook)
    rows = {}
    for exercise in exercises_of(notebook):
        expected = outcomes(exercise, cases[exercise.id], answer_of(exercise, names))
        for aspect, each in expected.items():
            for case, outcome in zip(cases[exercise.id][aspect], each, strict=True):
                if outcome.error:
                    raise CourseError(
                        f"{notebook}: the reference of {exercise.id} fails on aspect {aspect}, {case.inputs}: "
                        f"{outcome.error}: {outcome.message}"
                    )
        rows[exercise.id] = Key(expected).to_rows()
    return rows


def _mistakes(notebook: str, exercise: Exercise, cases: Mapping[str, Sequence[Case]], name: str) -> list[Trap]:
    def make() -> list[dict[str, Any]]:
        names = reference(notebook)
        entries = [entry for entry in traps(notebook) if entry.exercise == exercise.id]
        return [_trap(exercise, cases, names, entry).to_dict() for entry in entries]

    return [Trap.from_dict(row) for row in _keeping(notebook, name, make)]


@lru_cache(maxsize=16)
def reference(notebook: str) -> dict[str, Any]:
    """The names that the setup cells and the reference answers define, run in the order of the notebook."""
    names: dict[str, Any] = {"__name__": f"reference of {notebook}"}
    for cell in read_source(notebook).cells:
        role = role_of(cell)
        if cell.cell_type == "code" and role and role[0] in ("setup", "answer"):
            exec(compile(cell.source, f"{notebook}: {role[1]}", "exec"), names)
    return names


def answer_of(exercise: Exercise, names: dict[str, Any], entry: Entry | None = None) -> Any:
    """What a driver of the exercise receives: the reference, with one of the zoo's answers in place of its own."""
    if entry:
        names = dict(names)
        exec(_compiled(entry), names)
    return exercise.bundle(*(names[name] for name in exercise.answers))


@lru_cache(maxsize=4096)
def _compiled(entry: Entry) -> CodeType:
    return compile(entry.source, f"zoo: {entry.name}", "exec")


def outcomes(exercise: Exercise, cases: Mapping[str, Sequence[Case]], answer: Any) -> dict[str, list[Outcome]]:
    """The outcomes of an answer, by aspect, asked in this process. For trusted answers only."""
    inputs = {aspect: [case.inputs for case in cases[aspect.name]] for aspect in exercise.asking}
    given = {aspect.name: ask_all(exercise, aspect, answer, inputs[aspect]) for aspect in exercise.asking}
    return seen_in(exercise, cases, given)


def _trap(exercise: Exercise, cases: Mapping[str, Sequence[Case]], names: dict[str, Any], entry: Entry) -> Trap:
    lost = {name: cases[name] for name in entry.loses}
    answer = answer_of(exercise, names, entry)
    given = {name: ask_cases(exercise, exercise.aspect(name), answer, each) for name, each in lost.items()}
    return Trap(entry.name, entry.feedback, given, entry.answer)


@lru_cache(maxsize=512)
def on_top_of(
    notebook: str, exercise_id: str, mistakes: tuple[tuple[str, str], ...], seed: int
) -> dict[str, list[Outcome]]:
    """What the reference of an exercise gives, by aspect, when answers that it calls are known mistakes.

    mistakes: pairs (exercise, name of the trap).
    """
    key = answer_keys(notebook, seed)[exercise_id]
    known = {entry.name: entry for entry in traps(notebook)}
    names = names_with(notebook, [known[name] for _, name in mistakes])
    return outcomes(key.exercise, key.cases, answer_of(key.exercise, names))


def names_with(notebook: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """The names of the reference with answers of the zoo in place of its own, which later answers then call."""
    names = dict(reference(notebook))
    for exercise, source in reference_sources(notebook).items():
        exec(_compiled_reference(notebook, exercise, source), names)  # made anew, so that they look names up in here
        for entry in entries:
            if entry.exercise == exercise:
                exec(_compiled(entry), names)
    return names


@lru_cache(maxsize=256)
def _compiled_reference(notebook: str, exercise: str, source: str) -> CodeType:
    return compile(source, f"{notebook}: {exercise}", "exec")


def public_keys(notebook: str) -> dict[str, AnswerKey]:
    """The keys for the public seed, with the near misses of each exercise."""
    names, sources = reference(notebook), reference_sources(notebook)
    keys = {}
    earlier: list[str] = []
    for name, each in answer_keys(notebook, PUBLIC_SEED).items():
        near = near_misses(each.exercise, each.cases, names, sources[name], each.key.expected, earlier)
        near += _near_from_earlier(notebook, each)
        keys[name] = replace(each, key=replace(each.key, near=near))
        earlier += each.exercise.answers
    return keys


def _near_from_earlier(notebook: str, key: AnswerKey) -> list[Near]:
    """What known mistakes of the exercises that this one calls lead to: many write their code out a second time."""
    if key.exercise.quiz or not key.exercise.ask_public:
        return []
    known = [entry for entry in traps(notebook) if entry.exercise in key.exercise.uses]
    asked = [aspect.name for aspect in near_aspects(key.exercise)]
    found = []
    for entry in known:
        given = on_top_of(notebook, key.exercise.id, ((entry.exercise, entry.name),), key.seed)
        found += of_earlier(entry.feedback, {name: given[name] for name in asked}, key.key.expected)
    return found


@lru_cache(maxsize=16)
def keys_to_explain(notebook: str) -> dict[str, AnswerKey]:
    """The keys for the public seed as a check at the student's desk has them: with the near misses that were built."""
    near = near_misses_of(notebook)
    keys = answer_keys(notebook, PUBLIC_SEED)
    return {name: replace(each, key=replace(each.key, near=near.get(name, ()))) for name, each in keys.items()}


def public_data(notebook: str) -> str:
    """The text of the data file that a check at the student's desk reads.

    One line for what each aspect should give, and one for each known wrong answer, so that a difference can be read.
    The answers of a quiz are sealed.
    """
    keys = public_keys(notebook)
    salts = {name: name if each.exercise.quiz else "" for name, each in keys.items()}
    rows = [{"exercise": name, **row} for name, each in keys.items() for row in each.key.to_rows(salts[name])]
    return "".join(f"{dumps(row)}\n" for row in rows)
