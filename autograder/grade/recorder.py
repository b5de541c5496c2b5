"""Write the scores of many graded notebooks into nbgrader's gradebook at once.

nbgrader's own classes ask the database for each row by itself: 20 notebooks a second. Here a few statements read and
write what belongs to all of them. The rows are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import bindparam, insert, select, tuple_, update

MOST = 200  # notebooks in one go: databases take only so many values in one statement
NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Scores:
    """What the gradebook keeps of one graded notebook.

    points: by grade_id of a graded cell; None where a person gives them.
    comments: by grade_id of an answer cell, the sentence for the student.
    untouched: the grade_ids of the answer cells in which nothing was changed.
    changed: the exercises whose answer is another one than the one that was graded last.
    time: when it was handed in; None leaves what is there.
    late: it was handed in late, whatever the time says.
    """

    student: str
    notebook: str
    points: Mapping[str, float | None]
    comments: Mapping[str, str]
    untouched: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    time: datetime | None = None
    late: bool = False


@dataclass
class _Cells:
    """A notebook of the course, as nbgrader knows it."""

    notebook: str  # its id
    assignment: str  # its id
    due: datetime | None
    graded: dict[str, str] = field(default_factory=dict)  # names by id
    answers: dict[str, str] = field(default_factory=dict)


def write_scores(db: Any, results: Sequence[Scores]) -> None:
    """Write the scores of some notebooks, in the transaction that the session is in.

    Scores that a person gave stay. Where the automatic score or the answer is another one now, nbgrader shows that they
    should be looked at again.
    """
    for start in range(0, len(results), MOST):
        _write(db, results[start : start + MOST])


def _write(db: Any, results: Sequence[Scores]) -> None:
    db.flush()
    cells = {name: _cells_of(db, name) for name in {result.notebook for result in results}}
    _add_students(db, {result.student for result in results})
    places = {(result.student, cells[result.notebook].notebook): result for result in results}
    known = _submitted(db, places)
    _add(db, {place: result for place, result in places.items() if place not in known}, cells, known)
    grades, comments = (_rows(db, table, [row.own for row in known.values()]) for table in (Grade, Comment))
    new_grades: list[dict[str, Any]] = []
    new_comments: list[dict[str, Any]] = []
    times = []
    for place, result in places.items():
        mine, row = cells[result.notebook], known[place]
        new_grades += [_grade(each, result, mine.graded[each.cell_id]) for each in grades.get(row.own, ())]
        new_comments += [_comment(each, result, mine.answers[each.cell_id]) for each in comments.get(row.own, ())]
        time = _time(result, row, mine.due)
        if time != row.timestamp:
            times.append({"of": row.assignment, "timestamp": time})
    for table, rows in ((Grade, new_grades), (Comment, new_comments), (SubmittedAssignment, times)):
        if rows:
            of = table.__table__.c.id == bindparam("of")
            db.connection().execute(update(table.__table__).where(of), rows)
    db.expire_all()


def _cells_of(db: Any, name: str) -> _Cells:
    query = select(Notebook.id, Assignment.id, Assignment.duedate).join(Notebook.assignment)
    found = _Cells(*db.execute(query.where(Assignment.name == name)).one())
    kinds = {"GradeCell": found.graded, "SolutionCell": found.answers}
    table = BaseCell.__table__
    query = select(table.c.id, table.c.name, table.c.type).where(table.c.notebook_id == found.notebook)
    for number, cell, kind in db.execute(query):
        if kind in kinds:
            kinds[kind][number] = cell
    return found


def _add_students(db: Any, students: set[str]) -> None:
    there = set(db.scalars(select(Student.id).where(Student.id.in_(students))))
    if students - there:
        db.execute(insert(Student.__table__), [{"id": student} for student in sorted(students - there)])


@dataclass(frozen=True)
class _Row:
    """A submitted notebook, as nbgrader knows it."""

    own: str  # its id
    assignment: str  # the id of its submitted assignment
    timestamp: datetime | None
    extension: timedelta | None


def _submitted(db: Any, places: Mapping[tuple[str, str], Scores]) -> dict[tuple[str, str], _Row]:
    """By student and id of a notebook, what is there of them."""
    assignment = SubmittedAssignment
    query = select(
        assignment.student_id,
        SubmittedNotebook.notebook_id,
        SubmittedNotebook.id,
        assignment.id,
        assignment.timestamp,
        assignment.extension,
    ).join(SubmittedNotebook.assignment)
    wanted = tuple_(assignment.student_id, SubmittedNotebook.notebook_id).in_(list(places))
    return {(row[0], row[1]): _Row(*row[2:]) for row in db.execute(query.where(wanted))}


def _add(
    db: Any,
    places: Mapping[tuple[str, str], Scores],
    cells: Mapping[str, _Cells],
    known: dict[tuple[str, str], _Row],
) -> None:
    """Make the rows of submitted notebooks that are not there, and tell them to `known`."""
    rows: dict[Any, list[dict[str, Any]]] = {kind: [] for kind in (SubmittedAssignment, SubmittedNotebook)}
    rows |= {kind: [] for kind in (Grade, Comment)}
    for place, result in places.items():
        mine, row = cells[result.notebook], _Row(_new_id(), _new_id(), None, None)
        known[place] = row
        rows[SubmittedAssignment].append(
            {"id": row.assignment, "assignment_id": mine.assignment, "student_id": result.student}
        )
        rows[SubmittedNotebook].append(
            {"id": row.own, "assignment_id": row.assignment, "notebook_id": mine.notebook, "flagged": False}
        )
        for kind, names in ((Grade, mine.graded), (Comment, mine.answers)):
            more = {"needs_manual_grade": True} if kind is Grade else {}
            rows[kind] += [{"id": _new_id(), "notebook_id": row.own, "cell_id": cell, **more} for cell in names]
    for kind, new in rows.items():
        if new:
            db.execute(insert(kind.__table__), new)


def _new_id() -> str:
    return uuid4().hex


def _rows(db: Any, kind: Any, notebooks: Sequence[str]) -> dict[str, list[Any]]:
    """The grades or comments of some submitted notebooks, by the id of the notebook."""
    found: dict[str, list[Any]] = {}
    table = kind.__table__
    for row in db.execute(select(table).where(table.c.notebook_id.in_(notebooks))):
        found.setdefault(row.notebook_id, []).append(row)
    return found


def _grade(row: Any, result: Scores, name: str) -> dict[str, Any]:
    """The new values of a grade."""
    points = result.points[name]
    needs = row.needs_manual_grade
    if row.manual_score is None:
        needs = points is None
    elif points != row.auto_score or name in result.changed:
        needs = True
    return {"of": row.id, "auto_score": points, "needs_manual_grade": needs}


def _comment(row: Any, result: Scores, name: str) -> dict[str, Any]:
    """The new values of a comment."""
    text = result.comments.get(name) or (NO_RESPONSE if name in result.untouched else None)
    return {"of": row.id, "auto_comment": text}


def _time(result: Scores, row: _Row, due: datetime | None) -> datetime | None:
    """When it was handed in. What a system calls late is later than its due date, whatever its times say."""
    time = result.time or row.timestamp
    if due and row.extension is not None:
        due += row.extension
    if result.late and due and (time is None or time <= due):
        time = due.replace(microsecond=0) + timedelta(seconds=1)
    return time
