"""The grades of a class for the office: files that the learning-management systems import, and plain ones.

Each system finds a student by its own ids, which the roster has when it is that system's own export. Points are those
of every other view. An empty cell is neither graded nor 0, and the systems leave such a grade as it is.

Columns, as the systems document them:
canvas       Student, ID, SIS User ID, SIS Login ID, Section, one column an assignment; then a line "Points Possible"
moodle       the gradebook's import: ID number, Email address, names, one column a grade item; and for each assignment
             handed in through Moodle its own grading worksheet: Identifier ("Participant 123"), Grade, Maximum Grade
blackboard   Last Name, First Name, Username, Student ID, one column an item: "01_chain_rule [Total Pts: 48 Score]"
brightspace  OrgDefinedId, Username, names, Email, "01_chain_rule Points Grade", End-of-Line Indicator (#)
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.grade.collecting.layouts import MOODLE
from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import Book
from autograder.grade.roster import Person
from autograder.grade.standing import Paper, Standing, result_rows_of, safe
from autograder.grade.terminal import class_as_data
from autograder.grade.views import make_views, told_of_the_disk
from course_lib.files import write_whole

Table = list[list[str]]


def export_class(
    klass: ClassFolder, system: str, out: Path | None, only_complete: bool, as_json: bool
) -> Iterator[str]:
    """Write the files of one system. Yields what was written, for the terminal, or the JSON text.

    only_complete: leave out the points of a notebook that still waits for a person.
    """
    with told_of_the_disk(out or klass.path), klass.working("export"), Book(klass.gradebook) as book:
        whole = make_views(klass, book)
    if as_json:
        yield json.dumps(everything(whole), indent=1, ensure_ascii=False)
        return
    folder = out or klass.path / "exports"
    with told_of_the_disk(folder):
        wide = write_whole(folder / FILES.get(system, f"{system}.csv"), _text(TABLES[system](whole, only_complete)))
        long = write_whole(folder / "exercises.csv", _text(exercises_table(whole)))
        sheets = _worksheets(whole, folder, only_complete) if system == "moodle" else []
    yield f"{wide}: students {len(whole.people)}, notebooks {len(whole.notebooks)}"
    yield f"{long}: every exercise"
    for sheet in sheets:
        yield f"{sheet}: the grading worksheet of the assignment"
    waiting = [paper for paper in whole.papers.values() if paper.waiting]
    if waiting and not only_complete:
        yield f"Waiting for a person: {len(waiting)}. Their points so far are in it (see --only-complete)."
    missing = [person.id for person in whole.people.values() if not _known_to(system, person)]
    if missing:
        names = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        yield f"{system.title()} may not find {names}: give its own list of the students as --roster to `course grade`."


def _known_to(system: str, person: Person) -> bool:
    needed = {
        "canvas": ("lms",),
        "moodle": ("number", "email"),
        "blackboard": ("login",),
        "brightspace": ("login", "number"),
    }
    return system not in needed or any(person.ids.get(kind) for kind in needed[system])


def _points(paper: Paper, only_complete: bool) -> str:
    if paper.points is None or (only_complete and paper.waiting):
        return ""
    return f"{paper.points:g}"


def _row(whole: Standing, student: str, only_complete: bool) -> list[str]:
    return [_points(whole.paper(student, notebook), only_complete) for notebook in whole.notebooks]


def _plain(whole: Standing, only_complete: bool) -> Table:
    table = [["student", "name", "email", "section", *whole.notebooks, "total"]]
    most = [whole.max_points(notebook) for notebook in whole.notebooks]
    table.append(["", "points possible", "", "", *(f"{points:g}" for points in most), f"{sum(most):g}"])
    for person in whole.people.values():
        row = _row(whole, person.id, only_complete)
        total = f"{sum(map(float, filter(None, row))):g}" if any(row) else ""
        table.append([person.id, person.name, person.email, person.section, *row, total])
    return table


def _canvas(whole: Standing, only_complete: bool) -> Table:
    table = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *whole.notebooks]]
    table.append(["    Points Possible", "", "", "", "", *(f"{whole.max_points(n):g}" for n in whole.notebooks)])
    for person in whole.people.values():
        name = f"{person.last}, {person.first}" if person.last and person.first else person.shown
        ids = [person.ids.get("lms", ""), person.ids.get("number", ""), person.ids.get("login", person.id)]
        table.append([name, *ids, person.section, *_row(whole, person.id, only_complete)])
    return table


def _moodle(whole: Standing, only_complete: bool) -> Table:
    items = [f"Assignment: {notebook} (Real)" for notebook in whole.notebooks]
    table = [["First name", "Last name", "ID number", "Email address", *items]]
    for person in whole.people.values():
        ids = [person.ids.get("number", ""), person.email]
        table.append([person.first, person.last or person.shown, *ids, *_row(whole, person.id, only_complete)])
    return table


def _worksheets(whole: Standing, folder: Path, only_complete: bool) -> list[Path]:
    """Moodle's "offline grading worksheet" of each notebook. The number of a participant is of one assignment."""
    sheets = []
    for notebook in whole.notebooks:
        table = [["Identifier", "Full name", "Email address", "Grade", "Maximum Grade"]]
        for person in whole.people.values():
            paper = whole.paper(person.id, notebook)
            if came := MOODLE.fullmatch(paper.place):
                names = [person.name or came["name"], person.email]
                grade = [_points(paper, only_complete), f"{whole.max_points(notebook):g}"]
                table.append([f"Participant {came['participant']}", *names, *grade])
        if len(table) > 1:
            sheets.append(write_whole(folder / f"moodle-worksheet-{notebook}.csv", _text(table)))
    return sheets


def _blackboard(whole: Standing, only_complete: bool) -> Table:
    items = [f"{notebook} [Total Pts: {whole.max_points(notebook):g} Score]" for notebook in whole.notebooks]
    table = [["Last Name", "First Name", "Username", "Student ID", *items]]
    for person in whole.people.values():
        ids = [person.ids.get("login", person.id), person.ids.get("number", "")]
        table.append([person.last or person.shown, person.first, *ids, *_row(whole, person.id, only_complete)])
    return table


def _brightspace(whole: Standing, only_complete: bool) -> Table:
    items = [f"{notebook} Points Grade" for notebook in whole.notebooks]
    table = [["OrgDefinedId", "Username", "Last Name", "First Name", "Email", *items, "End-of-Line Indicator"]]
    for person in whole.people.values():
        ids = [f"#{person.ids.get('number', '')}", f"#{person.ids.get('login', person.id)}"]
        names = [person.last or person.shown, person.first, person.email]
        table.append([*ids, *names, *_row(whole, person.id, only_complete), "#"])
    return table


FILES = {"csv": "grades.csv"}  # what is not called like its system
TABLES = {"csv": _plain, "canvas": _canvas, "moodle": _moodle, "blackboard": _blackboard, "brightspace": _brightspace}


def exercises_table(whole: Standing) -> Table:
    """One line for each student and exercise, with the student's names."""
    columns = ("notebook", "number", "exercise", "title", "points", "max_points", "status", "trap", "by_hand")
    table = [["student", "name", "section", *columns, "extra_credit", "comment"]]
    for person in whole.people.values():
        for notebook in whole.notebooks:
            for row in result_rows_of(whole.paper(person.id, notebook)):
                cells = [_cell(row[column]) for column in (*columns, "extra_credit", "comment")]
                table.append([person.id, person.name, person.section, *cells])
    return table


def _cell(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text(table: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[safe(cell) for cell in row] for row in table])
    return out.getvalue()


def everything(whole: Standing) -> dict[str, Any]:
    """The class as plain data, with every exercise, its aspects and the named mistakes."""
    data = class_as_data(whole)
    for student in data["students"]:
        for notebook, facts in student["notebooks"].items():
            rows = result_rows_of(whole.paper(student["student"], notebook))
            facts["exercises"] = [{k: v for k, v in row.items() if k not in ("student", "notebook")} for row in rows]
    return data
