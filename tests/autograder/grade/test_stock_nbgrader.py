"""nbgrader's own commands work on the course and give the same scores."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.dbutil import _temp_alembic_ini

from autograder.build.sample_class import NOTEBOOK, SAMPLES
from autograder.files import notebook_file
from autograder.grade.gradebook import Book, newest_version
from autograder.jail.choose import problem_with_bubblewrap
from tests.autograder.jail.attackers import CLASS, MARK, hand_in
from tests.autograder.jail.left import command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
STUDENTS = ("other-ways", "many-slips", "deleted-check", "copied-cell", "raises-first", "untouched")


def nbgrader(root: Path, class_folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run a command of nbgrader in the checkout, for one class."""
    environment = {**os.environ, "COURSE_CLASS": str(class_folder)}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_a_new_database_has_the_version_that_nbgrader_would_write() -> None:
    with _temp_alembic_ini("sqlite://") as settings:
        said = subprocess.run(["alembic", "-c", settings, "heads"], check=True, capture_output=True, text=True).stdout
    assert said.split()[0] == newest_version()


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_autograde_gives_the_same_scores(root: Path, tmp_path: Path) -> None:
    """To a class with attackers in it, who change nothing and leave nothing running."""
    attackers = {} if problem_with_bubblewrap() else CLASS  # without a jail they would attack this machine
    if attackers:
        hand_in(tmp_path / "submitted")
    samples = [sample for sample in SAMPLES if sample.student in STUDENTS]
    for sample in samples:
        source = notebook_file(root / "examples" / "class" / sample.student, NOTEBOOK)
        target = notebook_file(tmp_path / "submitted" / sample.student, NOTEBOOK)
        target.parent.mkdir(parents=True)
        shutil.copy(source, target)
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Book(url) as book:
        book.add_notebooks([NOTEBOOK])
    before = contents(tmp_path / "submitted")
    done = nbgrader(root, tmp_path, "autograde", NOTEBOOK)
    assert done.returncode == 0, done.stderr[-3000:]
    assert contents(tmp_path / "submitted") == before
    left = filter(str.isdecimal, os.listdir("/proc")) if attackers else ()
    assert not [number for number in left if MARK in command(number)]
    with Gradebook(url) as gradebook:
        for student, (*_, deserved) in attackers.items():
            assert gradebook.find_submission_notebook(NOTEBOOK, NOTEBOOK, student).score == deserved, student
        for sample in samples:
            submitted = gradebook.find_submission_notebook(NOTEBOOK, NOTEBOOK, sample.student)
            assert submitted.score == sample.points(), sample.student
        slips = gradebook.find_submission_notebook(NOTEBOOK, NOTEBOOK, "many-slips")
        comments = {comment.name: comment.auto_comment for comment in slips.comments}
    assert "A slope is a change of f" in comments["wiggle-answer"]
    assert comments["cos-x2-answer"] is None


def test_generate_assignment_makes_the_committed_release(root: Path, tmp_path: Path) -> None:
    release = notebook_file(root / "notebooks", NOTEBOOK)
    copy = tmp_path / "course"
    for name in ("autograder", "course_lib", "solutions", "nbgrader_config.py"):
        source = root / name
        shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
    environment = {**os.environ, "PYTHONPATH": str(copy), "COURSE_CLASS": str(tmp_path / "class")}
    (tmp_path / "class").mkdir()
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", NOTEBOOK, "--force"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-3000:]
    made = notebook_file(copy / "notebooks", NOTEBOOK)
    assert made.read_text(encoding="utf-8").strip() == release.read_text(encoding="utf-8").strip()
