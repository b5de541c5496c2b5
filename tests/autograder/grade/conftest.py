"""A class is graded fast where the kernel is not the point: what an answer deserves is said in its text."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.build.source import role_of
from autograder.build.submissions import make_submission
from autograder.files import notebook_file, notebook_text
from autograder.grade import classroom
from autograder.grade.folder import load
from autograder.grade.run import check_outputs
from autograder.grade.standing import Standing, standing
from course_lib.exercises import Aspect, Exercise, all_exercises, exercises_of
from course_lib.judging import AspectVerdict, Verdict

RIGHT = "# right"


def whole(folder: Path) -> Standing:
    """Where a class stands, by its gradebook."""
    return standing(load(folder))


def fake_judge(nb, notebook: str, seed: int, trusted: bool = False, follow_through: bool = True) -> list[Verdict]:
    """`# right` deserves everything; `# wrong NAME` loses its first aspect; `# trap NAME` is a named mistake."""
    source = {role_of(cell): cell.source for cell in nb.cells if role_of(cell)}
    verdicts = []
    known = {exercise.id: exercise for _, exercise in all_exercises()}
    for cell in nb.cells:
        role = role_of(cell)
        if not role or role[0] != "check":
            continue
        points = cell.metadata.nbgrader.points
        one = Aspect("all", "all of it", points, lambda rng: [])
        exercise = known.get(role[1]) or Exercise(role[1], "9.9", "New", (), (one,))
        if exercise.points != points:  # it was given another weight
            exercise = replace(exercise, aspects=(one,))
        text = source["answer", exercise.id]
        wrong = re.search(r"# (wrong|trap) (\w+)", text)
        lost = 0 if RIGHT in text else 1 if wrong else len(exercise.aspects)
        message = f"This is {wrong[2]}." if wrong else "Not answered yet."
        aspects = [
            AspectVerdict(a.name, a.title, 0 if place < lost else a.points, a.points, message if place < lost else "")
            for place, a in enumerate(exercise.aspects)
        ]
        status = "full" if not lost else ("partial" if wrong else "untouched")
        verdict = Verdict(
            exercise.id, exercise.number, exercise.title, tuple(aspects), status, feedback=message if lost else ""
        )
        if wrong:
            verdict = replace(verdict, trap=wrong[2] if wrong[1] == "trap" else None, behavior=f"does {wrong[2]}")
        verdicts.append(verdict)
    for cell in nb.cells:
        role = role_of(cell)
        for verdict in verdicts:
            if role == ("check", verdict.exercise):
                cell.outputs = check_outputs(verdict)
    return verdicts


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Grade in this process, by what the answers say. Returns the list of what was graded, as it grows."""
    done: list[tuple[str, str]] = []

    def grade_all(todo, seed, *_):
        for each in todo:
            done.append((each.student, each.notebook))
            yield classroom.grade_one(each, seed)

    monkeypatch.setattr("autograder.grade.submission.run_and_judge", fake_judge)
    monkeypatch.setattr("autograder.grade.submission.apart", lambda work, **_: work())
    monkeypatch.setattr("autograder.grade.submission._know", lambda *_: None)  # nobody asks for keys of its own
    monkeypatch.setattr("autograder.grade.submission.kernel_manager", lambda *_: None)  # no jail runs beside attacks
    monkeypatch.setattr(classroom, "refuse_if_seen", lambda _: None)
    monkeypatch.setattr(classroom, "_grade_all", grade_all)
    return done


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test of a file that needs it puts a class and what was handed in."""
    return tmp_path_factory.mktemp("graded") / "once"


@pytest.fixture
def copy_of_class(graded_once: Path, tmp_path: Path, fast) -> Callable[[Callable[[Path], None]], None]:
    """Gives a test its own copy of what `make(folder)` puts into a folder: to grade a class takes half a second."""

    def copy(make: Callable[[Path], None]) -> None:
        if not graded_once.exists():
            graded_once.mkdir()
            make(graded_once)
            fast.clear()
        shutil.copytree(graded_once, tmp_path, dirs_exist_ok=True)
        for facts in tmp_path.glob("*/class.json"):  # it knows where its submissions came from
            text = facts.read_text(encoding="utf-8").replace(str(graded_once), str(tmp_path))
            facts.write_text(text, encoding="utf-8")

    return copy


def answers(notebook: str, **texts: str) -> dict[str, str]:
    """Right answers to all exercises, but for those that are named (with _ for -)."""
    texts = {name.replace("_", "-"): text for name, text in texts.items()}
    return {exercise.id: RIGHT for exercise in exercises_of(notebook)} | texts


def submission(notebook: str, given: Mapping[str, str], words: Mapping[str, str] = {}, by: str = "") -> bytes:
    """A notebook with these answers, and these answers in words."""
    nb = make_submission(notebook, given)
    for cell in nb.cells:
        role = role_of(cell)
        if role and role[0] == "written" and role[1] in words:
            cell.source = words[role[1]]
    nb.cells[0].source += f"\n<!-- {by} -->"
    return notebook_text(nb).encode()


def hand_in(folder: Path, student: str, notebook: str, content: bytes) -> Path:
    """Put a file where nbgrader collects submissions."""
    path = notebook_file(folder / student, notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def written_of(notebook: str) -> dict[str, float]:
    """The answers in words of a notebook, with what they are worth."""
    nb = make_submission(notebook, {})
    cells = [cell for cell in nb.cells if role_of(cell) and role_of(cell)[0] == "written"]
    return {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points for cell in cells}


@pytest.fixture
def tools():
    """The helpers of this file, for the tests beside it."""
    from types import SimpleNamespace

    return SimpleNamespace(
        answers=answers, submission=submission, hand_in=hand_in, written_of=written_of, json=json, RIGHT=RIGHT
    )
