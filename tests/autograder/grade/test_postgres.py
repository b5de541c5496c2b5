"""The gradebook in PostgreSQL: a real server, started here on a socket of its own folder, writes what SQLite writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from autograder.build.source import role_of
from autograder.files import release_of
from autograder.grade.gradebook import Book, Recorded
from course_lib.exercises import NOTEBOOKS

NOTEBOOK = NOTEBOOKS[0]
FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
INITDB = shutil.which("initdb") or (str(FOUND[-1]) if FOUND else None)
MISSING = "POSTGRESQL IS NOT TRIED: it is not installed here (Debian, Ubuntu: apt install postgresql)"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(INITDB is None, reason=MISSING)]
SHOWN = {
    "grade": "auto_score, manual_score, needs_manual_grade",
    "comment": "auto_comment, manual_comment",
    "submitted_assignment": "student_id",
    "course_graded": "student, notebook, key, result",
}


@pytest.fixture
def server() -> Iterator[str]:
    """The URL of an empty database. The server listens to nothing but a socket in a folder of its own."""
    assert INITDB is not None
    programs = Path(INITDB).resolve().parent
    owner = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to be run by root
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if owner:
            shutil.chown(folder, owner)

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            subprocess.run(command, check=True, user=owner, cwd=folder, capture_output=True, timeout=60)

        run("initdb", "-D", str(folder / "data"), "-U", "course", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-D", str(folder / "data"), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            run("createdb", "-h", str(folder), "-U", "course", "grades")
            yield f"postgresql+psycopg://course@/grades?host={folder}"
        finally:
            run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def graded(student: str, points: float) -> Recorded:
    """A notebook with the same points for each exercise."""
    cells = [cell for cell in release_of(NOTEBOOK).cells if role_of(cell)]
    given = {cell.metadata.nbgrader.grade_id: points for cell in cells if cell.metadata.nbgrader.grade}
    return Recorded(
        student, NOTEBOOK, given, {"wiggle-answer": "a sentence"}, ["cos-x2-answer"], {}, "key", '{"rows": []}'
    )


def fill(url: str) -> dict[str, list[list]]:
    """What the tables hold after some grading, grading again and points by hand."""
    with Book(url) as book:
        book.add_notebooks([NOTEBOOK])
        book.record([graded(f"s{number}", number) for number in range(10)])
        book.give("s3", NOTEBOOK, "wiggle", 2.5, "well done")
        book.record([graded("s3", 1), graded("s4", 1), graded("new", 0)])
        found = {}
        for table, columns in SHOWN.items():
            rows = book.db.execute(text(f"select {columns} from {table}")).all()
            found[table] = sorted(([int(v) if isinstance(v, bool) else v for v in row] for row in rows), key=repr)
        assert book.graded_with()["new", NOTEBOOK] == "key"
        return found


def test_postgresql_keeps_what_sqlite_keeps(server: str, tmp_path: Path) -> None:
    assert fill(server) == fill(f"sqlite:///{tmp_path / 'gradebook.db'}")
