"""The course changes while a class is graded. What was given stays with what it was given for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum

from autograder import files
from autograder.build.source import role_of
from autograder.files import notebook_file, notebook_text
from autograder.grade.classroom import grade_class
from autograder.grade.folder import load
from autograder.grade.gradebook import ASIDE, Book
from autograder.grade.standing import NOT_HANDED_IN
from course_lib.exercises import NOTEBOOKS, exercises_of
from tests.autograder.grade.conftest import whole

pytestmark = [pytest.mark.slow, pytest.mark.calm]

N, M = NOTEBOOKS[:2]
FIRST, SECOND, THIRD = [exercise.id for exercise in exercises_of(N)][:3]
FULL = sum(exercise.points for exercise in exercises_of(N))


def items(folder: Path, student: str, notebook: str = N) -> dict:
    return {item.exercise: item for item in whole(folder).paper(student, notebook).items}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Change the release of a notebook for this test: course(N, change)."""
    shutil.copytree(files.RELEASE, tmp_path / "release")
    monkeypatch.setattr(files, "RELEASE", tmp_path / "release")

    def edit(notebook: str, change: Callable[[NotebookNode], None]) -> None:
        path = notebook_file(tmp_path / "release", notebook)
        nb = nbformat.read(path, as_version=4)
        change(nb)
        path.write_text(notebook_text(nb), encoding="utf-8")

    return edit


@pytest.fixture
def spring(tmp_path: Path, course, fast, tools) -> Path:
    """Ada and Bea have handed in; Ada has points by hand, extra points and comments."""
    word = next(iter(tools.written_of(N)))
    for student in ("ada", "bea"):
        content = tools.submission(N, tools.answers(N), {word: f"In the words of {student}."})
        tools.hand_in(tmp_path / "in", student, N, content)
    grade_class(tmp_path / "in", tmp_path / "class")
    with Gradebook(load(tmp_path / "class").gradebook) as gradebook:
        for exercise, score in ((FIRST, 1), (SECOND, 2), (word, 3)):
            grade = gradebook.find_grade(exercise, N, N, "ada")
            grade.manual_score, grade.needs_manual_grade = score, False
            cell = exercise if exercise == word else f"{exercise}-answer"
            gradebook.find_comment(cell, N, N, "ada").manual_comment = f"On {exercise}."
        gradebook.find_grade(THIRD, N, N, "ada").extra_credit = 0.5
        gradebook.db.commit()
    fast.clear()
    return tmp_path / "class"


def without(nb: NotebookNode, exercise: str) -> list[NotebookNode]:
    """Take the cells of an exercise out."""
    taken = [cell for cell in nb.cells if role_of(cell) and role_of(cell)[1] == exercise]
    nb.cells = [cell for cell in nb.cells if not any(cell is each for each in taken)]
    return taken


def test_an_added_question_is_graded_and_the_rest_stays(spring: Path, course, fast) -> None:
    def add(nb: NotebookNode) -> None:
        written = next(cell for cell in nb.cells if role_of(cell) and role_of(cell)[0] == "written")
        new = nbformat.from_dict(written)
        new.id = new.metadata.nbgrader.grade_id = "explain-more"
        new.metadata.nbgrader.points = 7
        new.metadata.nbgrader.checksum = compute_checksum(new)
        nb.cells.append(new)

    before = items(spring, "ada")
    course(N, add)
    grade_class(None, spring)
    assert sorted(fast) == [("ada", N), ("bea", N)]
    after = items(spring, "ada")
    assert after["explain-more"].points == 0 and after["explain-more"].max_points == 7
    for name, item in before.items():
        assert (after[name].points, after[name].comment) == (item.points, item.comment)
    assert not any(item.look_again for item in after.values())


def test_what_is_gone_is_kept_aside_and_listed(spring: Path, course, fast) -> None:
    course(N, lambda nb: without(nb, FIRST))
    grade_class(None, spring)
    after = items(spring, "ada")
    assert FIRST not in after
    assert (after[SECOND].points, after[SECOND].comment) == (2, f"On {SECOND}.")
    with Book(load(spring).gradebook) as book:
        aside = {row["student"]: row for row in book.rows(ASIDE)}
    ada = aside["ada"]
    assert (ada["exercise"], ada["manual_score"], ada["comment"]) == (FIRST, 1, f"On {FIRST}.")
    assert aside["bea"]["auto_score"] == exercises_of(N)[0].points
    assert len(whole(spring).aside) == 2


def test_another_weight_is_graded_anew_and_points_by_hand_stay(spring: Path, course, fast) -> None:
    def weigh(nb: NotebookNode) -> None:
        check = next(cell for cell in nb.cells if role_of(cell) == ("check", FIRST))
        check.metadata.nbgrader.points = 10

    course(N, weigh)
    grade_class(None, spring)
    assert (items(spring, "ada")[FIRST].points, items(spring, "ada")[FIRST].max_points) == (1, 10)
    assert items(spring, "ada")[FIRST].look_again  # its automatic score is another one now
    assert (items(spring, "bea")[FIRST].points, items(spring, "bea")[FIRST].max_points) == (10, 10)


def test_an_exercise_that_moves_takes_everything_along(spring: Path, course, fast) -> None:
    """As when a notebook is split: the file that was handed in for the first part holds the second part too."""
    taken: list[NotebookNode] = []
    course(N, lambda nb: taken.extend(without(nb, FIRST)))
    course(M, lambda nb: nb.cells.extend(taken))
    grade_class(None, spring)
    assert sorted(fast) == [("ada", N), ("ada", M), ("bea", N), ("bea", M)]
    assert FIRST not in items(spring, "ada")
    moved = items(spring, "ada", M)[FIRST]
    assert (moved.points, moved.manual, moved.comment) == (1, 1, f"On {FIRST}.")
    assert items(spring, "bea", M)[FIRST].points == exercises_of(N)[0].points
    assert whole(spring).paper("bea", N).points == FULL - exercises_of(N)[0].points
    assert not whole(spring).aside
    fast.clear()
    grade_class(None, spring)
    assert fast == []


def test_an_exercise_with_another_id_is_the_same(spring: Path, course, fast) -> None:
    def rename(nb: NotebookNode) -> None:
        for cell in nb.cells:
            if role_of(cell) and role_of(cell)[1] == FIRST:
                name = cell.metadata.nbgrader.grade_id.replace(FIRST, "slope-of-a-step")
                cell.id = cell.metadata.nbgrader.grade_id = name
                cell.source = cell.source.replace(f'check("{FIRST}"', 'check("slope-of-a-step"')

    course(N, rename)
    grade_class(None, spring)
    renamed = items(spring, "ada")["slope-of-a-step"]
    assert (renamed.manual, renamed.comment) == (1, f"On {FIRST}.")
    assert not whole(spring).aside


def test_a_notebook_with_another_number_keeps_its_class(spring: Path, tmp_path: Path, fast, tools) -> None:
    """The gradebook knows the notebook by a name that the course has given up."""
    old = "07_chain_rule"
    with Book(load(spring).gradebook) as book:
        from sqlalchemy import text

        for table, column in (
            ("assignment", "name"),
            ("notebook", "name"),
            ("course_papers", "notebook"),
            ("course_graded", "notebook"),
        ):
            book.db.execute(text(f"update {table} set {column} = :old where {column} = :new"), {"old": old, "new": N})
        book.db.commit()
    for student in ("ada", "bea"):
        source, target = (spring / "submitted" / student / name for name in (N, old))
        source.rename(target)
        (target / f"{N}.ipynb").rename(target / f"{old}.ipynb")
    assert whole(spring).notebooks == (old,)
    grade_class(None, spring)
    assert whole(spring).notebooks == (N,)
    ada = items(spring, "ada")
    assert (ada[FIRST].points, ada[SECOND].points, ada[THIRD].extra) == (1, 2, 0.5)
    assert ada[FIRST].comment == f"On {FIRST}."
    assert whole(spring).paper("bea", N).points == FULL
    assert (spring / "submitted" / "ada" / N / f"{N}.ipynb").is_file()
    fast.clear()
    grade_class(None, spring)
    assert fast == []


def test_nothing_is_graded_again_for_a_comment(spring: Path, fast, monkeypatch) -> None:
    from autograder.grade import fingerprint as module

    real = module._file
    changed = spring.parent / "changed.py"

    def elsewhere(name: str):
        path = real(name)
        if name == "course_lib.judging":
            changed.write_text(f"# {text}\n" + path.read_text(encoding="utf-8") + more, encoding="utf-8")
            return changed
        return path

    text, more = "a comment", ""
    monkeypatch.setattr(module, "_file", elsewhere)
    assert "course_lib.desk.lab" not in module._with_what_they_import(set(module.JUDGING))
    grade_class(None, spring)
    assert fast == []
    more = "\nLIMIT = 3\n"
    grade_class(None, spring)
    assert sorted(fast) == [("ada", N), ("bea", N)]


def test_a_notebook_that_nobody_handed_in_is_not_handed_in(spring: Path) -> None:
    assert whole(spring).paper("ada", M).state == NOT_HANDED_IN
    assert json.loads((spring / "class.json").read_text(encoding="utf-8"))["name"] == "class"
