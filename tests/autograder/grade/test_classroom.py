"""A class of files that cannot be read is graded fast, which leaves what is around the grading to be tested."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.grade import classroom
from autograder.grade.classroom import Options, grade_class, grade_one
from autograder.grade.desk import Submission
from autograder.grade.gradebook import Book
from autograder.grade.secret import secret_seed
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, exercises_of

NOTEBOOK = NOTEBOOKS[0]
FULL = sum(exercise.points for exercise in exercises_of(NOTEBOOK))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Three students, each with a file that is no notebook."""
    for student in ("ada", "bea", "cleo"):
        path = tmp_path / "in" / student / NOTEBOOK / f"{NOTEBOOK}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(f"not a notebook of {student}", encoding="utf-8")
    return tmp_path / "in"


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grade without workers, which take seconds to start, where only what is written down is tested."""
    monkeypatch.setattr(classroom, "_grade_all", lambda todo, seed, *_: (grade_one(each, seed) for each in todo))


def test_a_run_that_was_killed_goes_on_where_it_stopped(handed_in: Path, tmp_path: Path) -> None:
    done = []

    def stop_after_one(graded: object, number: int, total: int) -> None:
        done.append(graded.student)
        raise KeyboardInterrupt

    one = Options(workers=1)  # each starts a warm process
    with pytest.raises(KeyboardInterrupt):
        grade_class(handed_in, tmp_path / "out", one, on_result=stop_after_one)
    again = []
    with Book(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}") as book:
        recorded = [student for student, _ in book.graded_with()]
    rows = grade_class(handed_in, tmp_path / "out", one, on_result=lambda graded, *_: again.append(graded.student))
    assert len(done) == 1
    assert done[0] in recorded
    assert sorted(recorded + again) == ["ada", "bea", "cleo"]
    assert {row["student"] for row in rows} == {"ada", "bea", "cleo"}


@pytest.mark.usefixtures("in_this_process")
def test_a_changed_submission_is_graded_again(handed_in: Path, tmp_path: Path) -> None:
    grade_class(handed_in, tmp_path / "out")
    changed = handed_in / "ada" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
    changed.write_text("something else", encoding="utf-8")
    again = []
    grade_class(handed_in, tmp_path / "out", on_result=lambda graded, *_: again.append(graded.student))
    assert again == ["ada"]


def test_a_failure_of_the_grader_is_never_a_score(handed_in: Path, tmp_path: Path, monkeypatch) -> None:
    def break_for_bea(submission: Submission, seed: int) -> classroom.Graded:
        if submission.student == "bea":
            return classroom.Graded("bea", NOTEBOOK, submission.key, "", [], [], "the disk is full")
        return grade_one(submission, seed)

    monkeypatch.setattr(classroom, "_grade_all", lambda todo, seed, *_: (break_for_bea(each, seed) for each in todo))
    with pytest.raises(CourseError, match=r"not graded.*bea.*\n.*the disk is full"):
        grade_class(handed_in, tmp_path / "out")
    lines = list(csv.DictReader((tmp_path / "out" / "grades.csv").open(encoding="utf-8")))
    assert [(line["student"], line["state"], line["points"]) for line in lines] == [
        ("ada", "graded", "0"),
        ("bea", "not graded", ""),
        ("cleo", "graded", "0"),
    ]
    with Gradebook(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}") as gradebook:
        assert [student.id for student in gradebook.students] == ["ada", "cleo"]


def test_an_exception_in_the_grader_is_told_not_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grade.submission.keys_to_explain", lambda notebook: 1 / 0)
    graded = grade_one(Submission("ada", NOTEBOOK, b"{}", "key"), 1)
    assert graded.rows == []
    assert "ZeroDivisionError" in graded.problem


@pytest.mark.usefixtures("in_this_process")
def test_a_transaction_is_whole_or_not_at_all(handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError("the disk is full")

    def recorded() -> list[tuple]:
        with Book(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}") as book:
            tables = ("student", "submitted_notebook", "grade", "course_graded")
            return [tuple(book.gradebook.db.execute(text(f"select * from {table}")).all()) for table in tables]

    grade_class(handed_in, tmp_path / "out")
    before = recorded()
    for student in ("ada", "bea"):
        (handed_in / student / NOTEBOOK / f"{NOTEBOOK}.ipynb").write_text("something else", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr("autograder.grade.gradebook.insert", fail)
        with pytest.raises(CourseError, match="the disk is full"):
            grade_class(handed_in, tmp_path / "out")
    assert recorded() == before
    assert len(before[0]) == 3


@pytest.mark.usefixtures("in_this_process")
def test_a_score_that_a_person_gave_stays(handed_in: Path, tmp_path: Path) -> None:
    grade_class(handed_in, tmp_path / "out")
    url = f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        gradebook.find_grade("wiggle", NOTEBOOK, NOTEBOOK, "ada").manual_score = 3
        gradebook.db.commit()
    (handed_in / "ada" / NOTEBOOK / f"{NOTEBOOK}.ipynb").write_text("again", encoding="utf-8")
    grade_class(handed_in, tmp_path / "out")
    with Gradebook(url) as gradebook:
        grade_row = gradebook.find_grade("wiggle", NOTEBOOK, NOTEBOOK, "ada")
        assert (grade_row.manual_score, grade_row.auto_score, grade_row.needs_manual_grade) == (3, 0, False)


def test_the_command_prints_json_for_scripts(handed_in: Path, tmp_path: Path, root: Path) -> None:
    file = handed_in / "ada" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
    command = [sys.executable, "-m", "autograder.cli", "grade", str(file), "--out", str(tmp_path / "out"), "--json"]
    command += ["--workers", "1"]  # each starts a warm process
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert list(rows[0]) == ["student", "notebook", "exercise", "points", "max_points", "status", "feedback"]
    assert sum(row["max_points"] for row in rows if row["status"] == "failed") == FULL
    assert "not JSON" in rows[0]["feedback"]


def test_the_command_says_what_is_wrong_with_its_input(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "autograder.cli", "grade", str(tmp_path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "holds no submission" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_secret_seed_is_made_once_and_kept(tmp_path: Path) -> None:
    seed = secret_seed(tmp_path / "class")
    assert secret_seed(tmp_path / "class") == seed
    assert secret_seed(tmp_path / "other") != seed
    path = tmp_path / "class" / "secret_seed"
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_seed"]
    path.write_text("x", encoding="ascii")
    with pytest.raises(CourseError, match="one whole number"):
        secret_seed(tmp_path / "class")
