"""Where a class stands: every student and every notebook, read from the gradebook.

Terminal, grades.csv, feedback pages, exports and the report are made from this, so they all say the same. Points are
nbgrader's: a person's where there are some, else the automatic ones, with extra credit and late penalties.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import ACCOUNT, ASIDE, GRADED, PAPERS, Book
from autograder.grade.roster import Person
from course_lib.exercises import NOTEBOOKS, exercises_of

# What can be said of one student and one notebook.
GRADED_STATE, WAITING, NOT_GRADED, NOT_HANDED_IN = "graded", "waits for a person", "not graded", "not handed in"
STATES = (GRADED_STATE, WAITING, NOT_GRADED, NOT_HANDED_IN)


@dataclass(frozen=True)
class Item:
    """One exercise, or one answer in words, of one student.

    auto, manual, extra: what the gradebook holds; None where nothing was given yet.
    status: "full", "partial", "wrong", "untouched", "failed", or "manual" for what a person grades.
    feedback: the automatic sentence. comment: what a person wrote.
    answer: the student's own text. behavior: what the answer did on the hidden cases, as a hash.
    """

    exercise: str
    number: str
    title: str
    max_points: float
    auto: float | None
    manual: float | None
    extra: float
    status: str
    feedback: str = ""
    comment: str = ""
    trap: str | None = None
    aspects: tuple[dict[str, Any], ...] = ()
    answer: str = ""
    behavior: str = ""
    look_again: bool = False

    @property
    def written(self) -> bool:
        """True for an answer that a person reads."""
        return self.number == ""

    @property
    def points(self) -> float | None:
        """The points, or None while there are none."""
        given = self.auto if self.manual is None else self.manual
        return None if given is None else given + self.extra

    @property
    def besides(self) -> str:
        """What the feedback says beside the sentences of the aspects: which earlier answers should be mended first."""
        messages = [str(aspect.get("message") or "") for aspect in self.aspects]
        said = next((each for each in messages if each and self.feedback.endswith(each)), self.feedback)
        return self.feedback.removesuffix(said).strip()


@dataclass(frozen=True)
class Paper:
    """One notebook of one student.

    why: why it is not graded, for the student to read. notes: what was put right in the file.
    """

    student: str
    notebook: str
    state: str
    items: tuple[Item, ...] = ()
    penalty: float = 0.0
    why: str = ""
    notes: tuple[str, ...] = ()
    time: datetime | None = None
    seconds_late: float = 0.0
    late: bool = False
    place: str = ""
    path: str = ""

    @property
    def points(self) -> float | None:
        """The points so far; None when it is not graded."""
        if self.state in (NOT_GRADED, NOT_HANDED_IN):
            return None
        return max(0.0, sum(item.points or 0.0 for item in self.items) - self.penalty)

    @property
    def max_points(self) -> float:
        return sum(item.max_points for item in self.items)

    @property
    def waiting(self) -> float:
        """The points that a person has still to give."""
        return sum(item.max_points for item in self.items if item.points is None)


@dataclass(frozen=True)
class Standing:
    """The whole class. people: by id, in the order of the roster, then of the ids."""

    name: str
    people: dict[str, Person]
    notebooks: tuple[str, ...]
    papers: dict[tuple[str, str], Paper]
    account: tuple[Mapping[str, Any], ...] = ()
    aside: tuple[Mapping[str, Any], ...] = ()
    strangers: frozenset[str] = field(default=frozenset())  # who handed in and is not on the roster

    def paper(self, student: str, notebook: str) -> Paper:
        """The paper of a student, also of one who handed in nothing."""
        none = Paper(student, notebook, NOT_HANDED_IN)
        return self.papers.get((student, notebook), none)

    def every_paper(self) -> Iterable[Paper]:
        """A paper for each student and each notebook of the class."""
        for student in self.people:
            for notebook in self.notebooks:
                yield self.paper(student, notebook)

    def max_points(self, notebook: str) -> float:
        """What a notebook is worth."""
        known = [paper.max_points for (_, name), paper in self.papers.items() if name == notebook]
        return max(known, default=0.0)

    def total(self, student: str) -> float | None:
        """The points of a student so far; None when nothing of theirs is graded."""
        each = [self.paper(student, notebook).points for notebook in self.notebooks]
        return sum(filter(None, each), 0.0) if any(points is not None for points in each) else None


def standing(klass: ClassFolder) -> Standing:
    """Read the whole class from its gradebook."""
    with Book(klass.gradebook) as book:
        return standing_in(book, klass)


def standing_in(book: Book, klass: ClassFolder) -> Standing:
    """The same from a gradebook that is open."""
    roster = list(klass.roster())
    results = {(row["student"], row["notebook"]): json.loads(row["result"]) for row in book.rows(GRADED)}
    handed_in = {(row["student"], row["notebook"]): row for row in book.rows(PAPERS)}
    papers = {}
    for submitted in _submitted(book):
        place = (submitted["student"], submitted["notebook"])
        papers[place] = _graded(submitted, results.get(place), handed_in.get(place))
    for place, row in handed_in.items():
        if place not in papers:
            why = row["why"] or "It was handed in and is not graded yet."
            papers[place] = Paper(*place, NOT_GRADED, why=why, time=_time(row["time"]), late=row["late"], **_where(row))
    people = {person.id: person for person in roster}
    strangers = sorted({student for student, _ in papers} - set(people))
    names = {row.id: row for row in book.db.query(Student).all()}
    people |= {student: _person(student, names.get(student)) for student in strangers}
    known = {notebook for _, notebook in papers if notebook}
    notebooks = (*(n for n in NOTEBOOKS if n in known), *sorted(known - set(NOTEBOOKS)))
    account, aside = tuple(book.rows(ACCOUNT)), tuple(book.rows(ASIDE))
    not_listed = frozenset(strangers if roster else ())
    return Standing(klass.name, people, notebooks, papers, account, aside, not_listed)


def _where(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"place": row["place"], "path": row["path"]}


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _person(student: str, row: Student | None) -> Person:
    if row is None or not (row.first_name or row.last_name):
        return Person(student)
    first, last = row.first_name or "", row.last_name or ""
    ids = {kind: value for kind, value in (("email", row.email), ("lms", row.lms_user_id)) if value}
    return Person(student, f"{first} {last}".strip(), first, last, "", ids)


def _submitted(book: Book) -> list[dict[str, Any]]:
    """Every submitted notebook with its grades and comments, in a few queries for the whole class."""
    heads = (
        select(
            SubmittedNotebook.id,
            Student.id,
            Notebook.name,
            SubmittedNotebook.late_submission_penalty,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
        )
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
    )
    found = {}
    for key, student, notebook, penalty, time, extension, due in book.db.execute(heads):
        late = (time - due - extension if extension else time - due).total_seconds() if time and due else 0.0
        found[key] = {"student": student, "notebook": notebook, "penalty": penalty or 0.0, "grades": [], "comments": {}}
        found[key] |= {"time": time.replace(tzinfo=UTC) if time else None, "late": max(0.0, late)}
    grades = select(
        Grade.notebook_id,
        BaseCell.name,
        Grade.auto_score,
        Grade.manual_score,
        Grade.extra_credit,
        Grade.needs_manual_grade,
        GradeCell.__table__.c.max_score,
        GradeCell.__table__.c.cell_type,
    ).select_from(
        Grade.__table__.join(BaseCell.__table__, Grade.cell_id == BaseCell.__table__.c.id).join(
            GradeCell.__table__, BaseCell.__table__.c.id == GradeCell.__table__.c.id
        )
    )
    for key, *grade in book.db.execute(grades):
        found[key]["grades"].append(grade)
    comments = select(Comment.notebook_id, BaseCell.name, Comment.auto_comment, Comment.manual_comment).select_from(
        Comment.__table__.join(BaseCell.__table__, Comment.cell_id == BaseCell.__table__.c.id)
    )
    for key, cell, auto, manual in book.db.execute(comments):
        found[key]["comments"][cell] = (auto or "", manual or "")
    return list(found.values())


def _graded(submitted: dict[str, Any], result: Any, paper: Mapping[str, Any] | None) -> Paper:
    rows, notes = _unpacked(result)
    order = {name: index for index, name in enumerate(rows)}
    grades = sorted(submitted["grades"], key=lambda grade: (order.get(grade[0], len(order)), grade[0]))
    items = tuple(_item(grade, rows.get(grade[0]), submitted["comments"], submitted["notebook"]) for grade in grades)
    if any(item.points is None and not item.written for item in items):
        state = NOT_GRADED  # a check without a score: an exercise that is new, or a run that was cut off
    else:
        state = WAITING if any(item.points is None for item in items) else GRADED_STATE
    why = "Some of its exercises are not graded yet." if state == NOT_GRADED else ""
    note = (paper["note"],) if paper and paper["note"] else ()
    return Paper(
        submitted["student"],
        submitted["notebook"],
        state,
        items,
        submitted["penalty"],
        why,
        (*note, *notes),
        submitted["time"],
        submitted["late"],
        bool(paper and paper["late"]),
        **(_where(paper) if paper else {}),
    )


def _unpacked(result: Any) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """The rows of a recorded result by exercise, and the notes; older gradebooks hold the rows alone."""
    if result is None:
        return {}, ()
    rows = result if isinstance(result, list) else result["rows"]
    notes = () if isinstance(result, list) else tuple(result["notes"])
    return {row["exercise"]: row for row in rows}, notes


def _item(grade: list[Any], row: dict[str, Any] | None, comments: Mapping[str, tuple[str, str]], notebook: str) -> Item:
    name, auto, manual, extra, needs, most, cell_type = grade
    automatic, by_hand = comments.get(f"{name}-answer") or comments.get(name) or ("", "")
    if row is None:  # nbgrader's own autograde: nothing but scores and comments
        number, title = _known(notebook).get(
            name, ("", "In your own words") if cell_type == "markdown" else ("–", name)
        )
        row = {"number": number, "title": title, "status": _status(auto, most), "feedback": automatic}
    kept = {key: row.get(key) or default for key, default in (("feedback", ""), ("answer", ""), ("behavior", ""))}
    return Item(
        name,
        row["number"],
        row["title"],
        most,
        auto,
        manual,
        extra or 0.0,
        row["status"],
        comment=by_hand,
        trap=row.get("trap"),
        aspects=tuple(row.get("aspects") or ()),
        look_again=bool(needs and manual is not None),
        **kept,
    )


def _known(notebook: str) -> dict[str, tuple[str, str]]:
    if notebook not in NOTEBOOKS:
        return {}
    return {exercise.id: (exercise.number, exercise.title) for exercise in exercises_of(notebook)}


def _status(auto: float | None, most: float) -> str:
    if auto is None:
        return "manual"
    return "full" if auto >= most else "partial" if auto else "wrong"


def result_rows_of(paper: Paper) -> list[dict[str, Any]]:
    """A paper as plain rows, one for each exercise."""
    rows = []
    for item in paper.items:
        row: dict[str, Any] = {"student": paper.student, "notebook": paper.notebook}
        row |= {"exercise": item.exercise, "points": item.points}
        row |= {"max_points": item.max_points, "status": item.status, "feedback": item.feedback}
        row |= {"number": item.number, "title": item.title, "trap": item.trap, "aspects": list(item.aspects)}
        row |= {"comment": item.comment, "by_hand": item.manual is not None, "extra_credit": item.extra}
        rows.append(row)
    return rows


GRADES_COLUMNS = (
    "student",
    "notebook",
    "points",
    "max_points",
    "points_to_grade_by_hand",
    "state",
    "late_penalty",
    "name",
    "section",
    "submitted",
)


def grades_csv(whole: Standing) -> str:
    """One line for each student and notebook. Points are empty, not 0, where there are none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(GRADES_COLUMNS)
    for paper in whole.every_paper():
        person = whole.people[paper.student]
        points = "" if paper.points is None else f"{paper.points:g}"
        numbers = [points, f"{whole.max_points(paper.notebook):g}", f"{paper.waiting:g}" if points else ""]
        time = paper.time.isoformat(timespec="seconds") if paper.time else ""
        penalty = f"{paper.penalty:g}" if paper.penalty else ""
        row = [person.id, paper.notebook, *numbers, paper.state, penalty, person.name, person.section, time]
        writer.writerow([safe(cell) for cell in row])
    return out.getvalue()


def account_csv(whole: Standing) -> str:
    """One line for each file that was ever handed over: what became of it, and why."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["handed_over", "file", "outcome", "why", "student", "notebook"])
    for row in whole.account:
        writer.writerow([safe(row[name] or "") for name in ("source", "path", "outcome", "why", "student", "notebook")])
    return out.getvalue()


def safe(text: str) -> str:
    """A text that starts like a formula would be run by a spreadsheet; with a quote before it, it is a text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
