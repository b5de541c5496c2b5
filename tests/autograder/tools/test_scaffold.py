"""What `course new` made is built, checked and graded, in a copy of the course."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.tools.scaffold import new_exercise, new_notebook
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, exercises_of

pytestmark = pytest.mark.slow

LAST = exercises_of("03_matrix_calculus")[-1].number
NEXT = f"{int(NOTEBOOKS[-1][:2]) + 1:02d}"

# Builds what a notebook asks, untouched and answered, and judges both with the real check. No kernel is needed.
TRY = """
import contextlib, io, json, sys
from autograder import zoo
from autograder.build.answer_key import answer_keys, public_data
from autograder.build.notebooks import DATA, release
from autograder.build.source import read_source
from course_lib.check import CheckFailed, check
from course_lib.files import write_whole
notebook, *exercises = sys.argv[1:]
write_whole(DATA / f"{notebook}.jsonl", public_data(notebook))

def tried(exercise):
    said = {}
    for kind, nb in (("untouched", release(notebook, read_source(notebook))), ("solved", read_source(notebook))):
        cells = {cell.id: cell.source for cell in nb.cells}
        names = {}
        exec(cells[f"{exercise}-answer"], names)
        try:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(cells[exercise], names)
            said[kind] = out.getvalue()
        except CheckFailed as failed:
            said[kind] = str(failed)
    said["traps"] = [trap.name for trap in answer_keys(notebook, 7)[exercise].key.traps]
    said["others"] = sum(each.exercise == exercise for each in zoo.alternatives(notebook))
    return said

print(json.dumps([tried(exercise) for exercise in exercises]))
"""


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The parts of the course that `course new` writes into and that building reads."""
    ignored = shutil.ignore_patterns("*.ipynb")  # what was compiled before need not be compiled again
    for name in ("solutions", "course_lib", "autograder"):
        shutil.copytree(root / name, tmp_path / name, ignore=ignored)
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    return tmp_path


def tried(copy: Path, notebook: str, *exercises: str) -> list[dict[str, object]]:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, "-P", "-c", TRY, notebook, *exercises]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_new_exercises_build_and_their_checks_fail_for_the_right_reason(copy: Path) -> None:
    """One after all others, one before them."""
    new = {"twice-as-much": "3.99 Twice as much", "twice-again": "3.0 Twice again"}
    for title in new.values():
        lines = new_exercise(*title.split(" ", 1), copy)
        assert [line.split(":")[0] for line in lines[:-1]] == [
            "solutions/03_matrix_calculus.py",
            "course_lib/exercises/matrix_calculus.py",
            "autograder/zoo/matrix_calculus.py",
        ]
    for (exercise, title), found in zip(new.items(), tried(copy, "03_matrix_calculus", *new), strict=True):
        assert f"{title}: not answered yet" in found["untouched"]
        assert f"{title}: 2 of 2 points" in found["solved"]
        assert found["traps"] == [f"{exercise.replace('-', '_')}_once"]
        assert found["others"] == 2  # as many as every exercise must have


def test_a_new_notebook_builds_and_passes_what_holds_for_all(copy: Path, root: Path) -> None:
    new_notebook(NEXT, "graph_networks", "Networks on graphs", copy)
    [found] = tried(copy, f"{NEXT}_graph_networks", "networks-on-graphs")
    assert "not answered yet" in found["untouched"]
    assert "2 of 2 points" in found["solved"]
    assert f"| {NEXT} | Networks on graphs |" in (copy / "README.md").read_text(encoding="utf-8")
    tests = [str(root / "tests" / name) for name in ("notebooks/test_guesses.py", "autograder/build/test_layout.py")]
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "graph_networks", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout  # 5, "no test", where they know nothing of the notebook


def test_what_it_makes_is_in_the_style_of_the_house(copy: Path) -> None:
    new_exercise("3.99", "Twice as much", copy)
    new_notebook(NEXT, "graph_networks", "Networks on graphs", copy)
    for arguments in (["check"], ["format", "--check"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *arguments], cwd=copy, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("number", "title", "message"),
    [
        (LAST, "Twice as much", "already; the last of"),
        ("77.1", "Twice as much", "is no number of an exercise"),
        ("three", "Twice as much", "is no number of an exercise"),
        ("3.99", "Unbroadcast", "there is an exercise 'unbroadcast' already"),
        ("3.99", "Gradient at", "1.3 asks for 'gradient_at' already"),
        ("3.99", "Hadamard", "HADAMARD stands for something else"),
        ("3.99", "Lambda", "'lambda' is a word of Python's own"),
        ("3.99", "Sum", "'sum' is a word of Python's own"),
        ("3.99", '"', "cannot be a title"),
    ],
)
def test_what_cannot_be_made_changes_nothing(copy: Path, number: str, title: str, message: str) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*.py")}
    with pytest.raises(CourseError, match=message):
        new_exercise(number, title, copy)
    with pytest.raises(CourseError):
        new_notebook("02", "other", "Another title", copy)
    assert {path: path.read_bytes() for path in copy.rglob("*.py")} == before
