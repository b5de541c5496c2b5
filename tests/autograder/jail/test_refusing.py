"""Where no jail can be made, nothing is graded, unless somebody says that the notebooks are safe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.build.submissions import make_submission
from autograder.files import ROOT, notebook_file, notebook_text
from autograder.grade.gradebook import Book
from tests.autograder.jail.attackers import ALL, FULL, NOTEBOOK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no jail that could fail"),
]


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_without_a_jail_nothing_is_graded(tmp_path: Path) -> None:
    """bubblewrap may not make namespaces here, and there is no container engine: both commands refuse and say why."""
    honest = notebook_file(tmp_path / "submitted" / "honest", NOTEBOOK)
    honest.parent.mkdir(parents=True)
    own = notebook_text(make_submission(NOTEBOOK, ALL)) + "\n"  # by its bytes, none of the course's own notebooks
    honest.write_text(own, encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("alembic", "git"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    (programs / "bwrap").write_text("#!/bin/sh\necho bwrap: No permissions to create new namespace >&2\nexit 1\n")
    (programs / "bwrap").chmod(0o755)
    environment = {**os.environ, "COURSE_CLASS": str(tmp_path), "PATH": str(programs)}
    with Book(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        book.add_notebooks([NOTEBOOK])
    for arguments in (
        ["autograder.cli", "grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out"), "--workers", "1"],
        ["nbgrader", "autograde", NOTEBOOK],
    ):
        done = run(environment, *arguments)
        assert done.returncode != 0
        assert "No permissions to create new namespace" in done.stderr, done.stderr[-2000:]
        assert "allow user namespaces" in done.stderr
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        assert not [grade for student in gradebook.students for grade in student.submissions if grade.score]
    assert not (tmp_path / "out" / "autograded").exists()
    # Nothing is left that would make the next run skip a student.
    assert not list((tmp_path / "autograded").rglob("*.ipynb"))
    done = run({**environment, "COURSE_TRUST_NOTEBOOKS": "1"}, "nbgrader", "autograde", NOTEBOOK, "--student", "honest")
    assert done.returncode == 0
    assert "without a jail: it can do whatever you can do" in done.stderr
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission_notebook(NOTEBOOK, NOTEBOOK, "honest").score == FULL
