"""One term, played through: three weeks, forty students, three systems, points by hand, a changed exercise, a regrade.

Every number is added up here a second time, from what was handed in and given, by nothing of the grader's.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import zipfile
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder import files
from autograder.build.source import role_of
from autograder.cli import course
from autograder.files import notebook_file, notebook_text
from autograder.grade import folder as folders
from course_lib.exercises import NOTEBOOKS, exercises_of

ONE, TWO, THREE = NOTEBOOKS[:3]
STUDENTS = [f"s{number:02}" for number in range(40)]
ABSENT = {ONE: {"s38", "s39"}, TWO: {"s00", "s39"}, THREE: {f"s{number:02}" for number in range(25, 40)}}
LATE = "s07"
pytestmark = [pytest.mark.slow, pytest.mark.calm, pytest.mark.timeout(900)]


def number(student: str) -> int:
    return int(student[1:])


def name(student: str) -> str:
    letters = "".join(chr(ord("a") + int(digit)) for digit in student[1:])
    return f"Anna{letters} Berg{letters}"


def roster() -> str:
    rows = [
        f'"{name(s).split()[1]}, {name(s).split()[0]}",{900 + number(s)},n{s},{s},Section {number(s) % 2}'
        for s in STUDENTS
    ]
    return "\n".join(["Student,ID,SIS User ID,SIS Login ID,Section", *rows]) + "\n"


class Ledger:
    """What everybody should get, kept by hand."""

    def __init__(self) -> None:
        self.auto: dict[tuple[str, str, str], float] = {}
        self.manual: dict[tuple[str, str, str], float] = {}
        self.extra: dict[tuple[str, str, str], float] = defaultdict(float)
        self.late: set[tuple[str, str]] = set()

    def points(self, student: str, notebook: str) -> float | None:
        own = [key for key in {**self.auto, **self.manual} if key[:2] == (student, notebook)]
        if not own:
            return None
        if (student, notebook) in self.late:
            return 0.0
        return sum(self.manual.get(key, self.auto.get(key, 0.0)) + self.extra[key] for key in own)


def test_a_term(tmp_path: Path, fast, tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "CLASSES", tmp_path / "graded")
    shutil.copytree(files.RELEASE, tmp_path / "release")
    monkeypatch.setattr(files, "RELEASE", tmp_path / "release")
    (tmp_path / "roster.csv").write_text(roster(), encoding="utf-8")
    chance, ledger, klass = random.Random(8), Ledger(), tmp_path / "graded" / "spring"
    words = {notebook: next(iter(tools.written_of(notebook)), None) for notebook in (ONE, TWO, THREE)}

    def run(*arguments: object) -> str:
        done = CliRunner().invoke(course, [str(each) for each in arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    def handed_in(student: str, notebook: str) -> bytes:
        """A file, and what it deserves in the ledger."""
        given = {}
        for exercise in exercises_of(notebook):
            kind = chance.choice(["# right", "# right", "# wrong odd", "# trap slip", "nothing"])
            given[exercise.id] = f"{kind}\nown = {chance.random()}"
            lost = 0.0 if kind == "# right" else exercise.points if kind == "nothing" else exercise.aspects[0].points
            ledger.auto[student, notebook, exercise.id] = exercise.points - lost
        text = {words[notebook]: f"I think, {student}."} if words[notebook] else {}
        return tools.submission(notebook, given, text, by=student)

    def packed(path: Path, entries: dict[str, bytes]) -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(zipfile.ZipInfo(entry, (2026, 11, 20, 10, 0, 0)), content)
        return path

    def those_in(notebook: str) -> list[str]:
        return [student for student in STUDENTS if student not in ABSENT[notebook]]

    # The first week comes from Canvas. Two have tried before, one is late.
    entries = {}
    for student in those_in(ONE):
        first, last = name(student).lower().split()
        if student in ("s03", "s04"):
            entries[f"{last}{first}_{900 + number(student)}_{100 + number(student)}_{ONE}.ipynb"] = handed_in(
                student, ONE
            )
        late = "LATE_" if student == LATE else ""
        entries[f"{last}{first}_{late}{900 + number(student)}_{500 + number(student)}_{ONE}-1.ipynb"] = handed_in(
            student, ONE
        )
    ledger.late.add((LATE, ONE))
    due = ["--due", f"{ONE[:2]}=2026-11-20 23:59", "--late", "zero"]
    run(
        "grade", packed(tmp_path / "week1.zip", entries), "--class", "spring", "--roster", tmp_path / "roster.csv", *due
    )
    assert len(fast) == 38

    # A person reads the answers in words, gives points, extra points and comments.
    with Gradebook(f"sqlite:///{klass / 'gradebook.db'}") as gradebook:
        for student in those_in(ONE)[:30]:
            grade = gradebook.find_grade(words[ONE], ONE, ONE, student)
            grade.manual_score, grade.needs_manual_grade = float(number(student) % 5), False
            ledger.manual[student, ONE, words[ONE]] = float(number(student) % 5)
        for student in ("s01", "s02"):
            exercise = exercises_of(ONE)[1].id
            gradebook.find_grade(exercise, ONE, ONE, student).extra_credit = 1.5
            ledger.extra[student, ONE, exercise] = 1.5
        gradebook.find_comment(words[ONE], ONE, ONE, "s01").manual_comment = "Read by Emmy."
        gradebook.db.commit()

    # The second week comes from Moodle, with one late notebook of the first.
    entries = {}
    for student in those_in(TWO):
        entries[f"{name(student)}_{40 + number(student)}_assignsubmission_file_/homework.ipynb"] = handed_in(
            student, TWO
        )
    entries["Annadi Bergdi_78_assignsubmission_file_/forgotten.ipynb"] = handed_in("s38", ONE)
    fast.clear()
    run("grade", packed(tmp_path / "week2.zip", entries), "--class", "spring")
    assert len(fast) == 39

    # An exercise of the first notebook gets another weight.
    changed = exercises_of(ONE)[2]
    path = notebook_file(tmp_path / "release", ONE)
    nb = nbformat.read(path, as_version=4)
    check = next(cell for cell in nb.cells if role_of(cell) == ("check", changed.id))
    check.metadata.nbgrader.points = changed.points + 6
    path.write_text(notebook_text(nb), encoding="utf-8")
    for student in [*those_in(ONE), "s38"]:
        before = ledger.auto[student, ONE, changed.id]
        ledger.auto[student, ONE, changed.id] = changed.points + 6 if before == changed.points else 0.0

    # The third week comes from Brightspace; the first notebook is graded again on the way, the second is not.
    entries = {}
    for student in those_in(THREE):
        entries[f"{70 + number(student)}-1 - {name(student)} - Nov 20, 2026 203 PM/{THREE}.ipynb"] = handed_in(
            student, THREE
        )
    fast.clear()
    run("grade", packed(tmp_path / "week3.zip", entries), "--class", "spring")
    assert {notebook for _, notebook in fast} == {ONE, THREE}
    assert len(fast) == 39 + 25
    fast.clear()
    run("grade", "--class", "spring")
    assert fast == []

    # Everything is added up.
    expected = {(s, n): ledger.points(s, n) for s in STUDENTS for n in (ONE, TWO, THREE)}
    shown = {key: "" if points is None else f"{points:g}" for key, points in expected.items()}
    with (klass / "grades.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {(line["student"], line["notebook"]): line["points"] for line in lines} == shown
    assert len(lines) == 40 * 3
    data = json.loads(run("class", "spring", "--json"))
    assert [student["student"] for student in data["students"]] == STUDENTS
    for student in data["students"]:
        own = [points for n in (ONE, TWO, THREE) if (points := expected[student["student"], n]) is not None]
        assert student["total"] == (sum(own) if own else None)
        assert {n: facts["points"] for n, facts in student["notebooks"].items()} == {
            n: expected[student["student"], n] for n in (ONE, TWO, THREE)
        }
    run("feedback", "spring")
    for (student, notebook), text in shown.items():
        page = klass / "feedback" / student / notebook / f"{notebook}.html"
        assert page.is_file() == bool(text)
        if text:
            assert re.search(r"· (\S+) of \S+ points", page.read_text(encoding="utf-8"))[1] == text
    assert "Read by Emmy." in (klass / "feedback" / "s01" / ONE / f"{ONE}.html").read_text(encoding="utf-8")

    # The exports are read back by the columns that the systems document.
    for system, key, prefix in (
        ("canvas", "SIS Login ID", ""),
        ("blackboard", "Username", ""),
        ("brightspace", "Username", "#"),
    ):
        run("export", "spring", "--for", system)
        read = list(csv.DictReader(io.StringIO((klass / "exports" / f"{system}.csv").read_text(encoding="utf-8"))))
        rows = {row[key].removeprefix(prefix): row for row in read if row[key]}
        for notebook in (ONE, TWO, THREE):
            column = next(each for each in read[0] if each.startswith(notebook))
            assert {s: rows[s][column] for s in STUDENTS} == {s: shown[s, notebook] for s in STUDENTS}
    run("export", "spring", "--for", "moodle")
    read = list(csv.DictReader(io.StringIO((klass / "exports" / "moodle.csv").read_text(encoding="utf-8"))))
    assert [row["ID number"] for row in read] == [f"n{student}" for student in STUDENTS]
    assert [row[f"Assignment: {TWO} (Real)"] for row in read] == [shown[student, TWO] for student in STUDENTS]

    # nbgrader itself sees the same, and the report counts the same.
    with Gradebook(f"sqlite:///{klass / 'gradebook.db'}") as gradebook:
        for (student, notebook), points in expected.items():
            if points is not None:
                own = gradebook.find_submission_notebook(notebook, notebook, student)
                assert max(0.0, own.score - (own.late_submission_penalty or 0.0)) == pytest.approx(points)
    figures = json.loads(run("report", "spring", "--json"))
    for facts in figures["notebooks"]:
        own = [points for (_, n), points in expected.items() if n == facts["notebook"] and points is not None]
        assert facts["graded"] == len(own)
        assert facts["mean"] == pytest.approx(sum(own) / len(own))
    with (klass / "collected.csv").open(encoding="utf-8", newline="") as file:
        account = list(csv.DictReader(file))
    assert len(account) == 40 + 39 + 25
    assert sum(line["outcome"] == "another attempt" for line in account) == 2
