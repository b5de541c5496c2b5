"""Honest faults of the machine: what fails is told in a sentence, and the next run finds nothing lost or doubled."""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.grade import classroom
from autograder.grade.classroom import grade_class
from autograder.grade.folder import load
from autograder.grade.gradebook import GRADED, PAPERS, Book
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, exercises_of

pytestmark = pytest.mark.slow

N = NOTEBOOKS[0]
FULL = sum(exercise.points for exercise in exercises_of(N))


@pytest.fixture
def handed_in(tmp_path: Path, tools) -> Path:
    """Two students, both right."""
    for student in ("ada", "bea"):
        tools.hand_in(tmp_path / "in", student, N, tools.submission(N, tools.answers(N), by=student))
    return tmp_path / "in"


@pytest.fixture
def impatient() -> Iterator[None]:
    """Wait a moment for a locked database, not seconds."""

    def wait(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout = 50")

    event.listen(Engine, "connect", wait)
    yield
    event.remove(Engine, "connect", wait)


def points(folder: Path) -> dict[str, float]:
    with Book(load(folder).gradebook) as book:
        assert len(book.rows(PAPERS)) == len(book.rows(GRADED))
        found = [(row.student.id, row.score) for row in book.gradebook.assignment_submissions(N)]
    assert len(dict(found)) == len(found)
    return dict(found)


def files(folder: Path) -> dict[str, bytes]:
    """What a class shows and keeps, and anything that was left in it."""
    own = {"gradebook.db", "secret_seed", "class.json", ".lock"}
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in own)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.thorough
def test_a_disk_that_is_full_at_any_write(tmp_path: Path, fast, tools, monkeypatch) -> None:
    """The class is graded again and again, on a disk that is full one write later each time."""
    tools.hand_in(tmp_path / "in", "ada", N, tools.submission(N, tools.answers(N)))
    make, written, last = tempfile.mkstemp, 0, -1

    def mkstemp(*args: object, **kwargs: object) -> object:
        nonlocal written
        written += 1
        if written == last:
            raise OSError(errno.ENOSPC, "No space left on device")
        return make(*args, **kwargs)

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    grade_class(tmp_path / "in", tmp_path / "undisturbed")
    for last in range(1, written + 1):
        written = 0
        with suppress(CourseError):
            grade_class(tmp_path / "in", tmp_path / "out")
            assert written < last  # what was kept needs no second write
    last = -1
    grade_class(tmp_path / "in", tmp_path / "out")
    assert points(tmp_path / "out") == {"ada": FULL}
    assert files(tmp_path / "out") == files(tmp_path / "undisturbed")


def test_a_disk_on_which_the_database_cannot_grow(handed_in: Path, tmp_path: Path, fast, tools) -> None:
    grade_class(handed_in, tmp_path / "out")
    with sqlite3.connect(tmp_path / "out" / "gradebook.db") as database:
        database.execute("VACUUM")
        (pages,) = database.execute("PRAGMA page_count").fetchone()
    long = f"{tools.RIGHT}{'.' * 50_000}"
    tools.hand_in(handed_in, "cleo", N, tools.submission(N, tools.answers(N, wiggle=long)))
    for room in (0, 4):

        def limit(connection: sqlite3.Connection, _: object, room=room) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages + room}")

        event.listen(Engine, "connect", limit)
        with pytest.raises(CourseError, match=r"disk is full\): make room"):
            grade_class(handed_in, tmp_path / "out")
        event.remove(Engine, "connect", limit)
    grade_class(handed_in, tmp_path / "out")
    assert points(tmp_path / "out") == {"ada": FULL, "bea": FULL, "cleo": FULL}


@pytest.fixture
def one_at_a_time(monkeypatch) -> None:
    """Results are written in batches of one, so that something can happen between two of them."""
    monkeypatch.setattr(classroom, "_batches", lambda results: ([result] for result in results if result))


def test_a_database_that_is_locked_while_a_class_is_graded(
    handed_in: Path, tmp_path: Path, fast, impatient, one_at_a_time
) -> None:
    def lock(*_: object) -> None:
        others[:] = [sqlite3.connect(tmp_path / "out" / "gradebook.db", isolation_level=None)]
        others[0].execute("begin exclusive")

    others: list[sqlite3.Connection] = []
    with pytest.raises(CourseError, match="another program is writing into it"):
        grade_class(handed_in, tmp_path / "out", on_result=lock)
    with pytest.raises(CourseError, match="another program is writing into it"):
        grade_class(handed_in, tmp_path / "out")
    others[0].close()
    grade_class(handed_in, tmp_path / "out")
    assert points(tmp_path / "out") == {"ada": FULL, "bea": FULL}
    assert fast.count(("ada", N)) == 1
    assert sorted(set(fast)) == [("ada", N), ("bea", N)]


def test_a_clock_that_goes_backwards(handed_in: Path, tmp_path: Path, fast, tools, monkeypatch) -> None:
    hours = itertools.count()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(hours))
    grade_class(handed_in, tmp_path / "out")
    path = tools.hand_in(handed_in, "bea", N, tools.submission(N, tools.answers(N, wiggle="# wrong")))
    os.utime(path, (1, 1))
    grade_class(handed_in, tmp_path / "out")
    assert fast == [("ada", N), ("bea", N), ("bea", N)]
    assert points(tmp_path / "out")["ada"] == FULL


def test_a_submission_that_is_replaced_while_it_is_graded(handed_in: Path, tmp_path: Path, fast, tools) -> None:
    worse = tools.submission(N, tools.answers(N, wiggle="# trap other"))

    def replace(graded: classroom.Graded, *_: object) -> None:
        if graded.student == "ada":
            tools.hand_in(handed_in, "ada", N, worse)
            tools.hand_in(tmp_path / "out" / "submitted", "ada", N, worse)

    grade_class(handed_in, tmp_path / "out", on_result=replace)
    assert points(tmp_path / "out") == {"ada": FULL, "bea": FULL}  # what was handed in before
    grade_class(handed_in, tmp_path / "out")
    assert fast == [("ada", N), ("bea", N), ("ada", N)]
    found = points(tmp_path / "out")
    assert found["bea"] == FULL
    assert found["ada"] < FULL


def test_a_class_that_is_moved_while_it_is_graded(handed_in: Path, tmp_path: Path, fast, one_at_a_time) -> None:
    old, new = tmp_path / "out", tmp_path / "elsewhere"
    with pytest.raises(CourseError, match="was moved"):
        grade_class(handed_in, old, on_result=lambda *_: old.exists() and old.rename(new))
    assert not old.exists()
    grade_class(handed_in, new)
    assert points(new) == {"ada": FULL, "bea": FULL}
    assert fast.count(("ada", N)) == 1
