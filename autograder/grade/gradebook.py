"""nbgrader's gradebook of one class, and beside its tables what nbgrader has no place for.

Every score is in nbgrader's tables. Ours say what was handed in, what was graded last with which key, what a hand-over
held, and what was set aside when exercises went. One writer, whole transactions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, determine_grade
from sqlalchemy import Boolean, Column, Float, MetaData, String, Table, Text, delete, insert, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from autograder.build.source import role_of
from autograder.files import release_of
from autograder.grade.collecting.collect import HandedIn, Line, Waiting
from autograder.grade.midterm import fit_cells
from autograder.grade.roster import Person
from course_lib.errors import CourseError

ONE_SECOND = timedelta(seconds=1)
OURS = MetaData()
# What was graded last for each student and notebook.
GRADED = Table(
    "course_graded",
    OURS,
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("result", Text, nullable=False),
)
# What was handed in. state: "collected", or why there is nothing to grade. A notebook that is not known is "".
PAPERS = Table(
    "course_papers",
    OURS,
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("path", Text, nullable=False, default=""),
    Column("time", String(40), nullable=False, default=""),
    Column("late", Boolean, nullable=False, default=False),
    Column("place", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("why", Text, nullable=False, default=""),
)
# What became of each file of each hand-over.
ACCOUNT = Table(
    "course_account",
    OURS,
    Column("source", Text),
    Column("path", Text),
    Column("outcome", String(40)),
    Column("why", Text),
    Column("student", String(128)),
    Column("notebook", String(128)),
)
# Scores of exercises that are no longer in the course.
ASIDE = Table(
    "course_aside",
    OURS,
    Column("student", String(128)),
    Column("notebook", String(128)),
    Column("exercise", String(128)),
    Column("auto_score", Float),
    Column("manual_score", Float),
    Column("extra_credit", Float),
    Column("max_score", Float),
    Column("comment", Text),
)


@contextmanager
def told(url: str):
    """Errors of the database end in one sentence.

    Raises:
        CourseError: with what to do.
    """
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise CourseError(f"{url} is no URL of a database that can be used: {error}") from None
    except DBAPIError as error:
        text = str(error.orig)
        if "locked" in text:
            way = "another program is writing into it; close it and try again"
        elif "not a database" in text or "malformed" in text:
            way = "the file is damaged; restore it from a backup"
        elif "is full" in text:
            way = "make room on the disk and run the same command again; what was graded is kept"
        elif "unable to open" in text or "readonly" in text:
            way = "the folder or the file cannot be written to"
        else:
            way = "nothing was changed"
        raise CourseError(f"the gradebook {url} cannot be used ({text}): {way}.") from None
    except SQLAlchemyError as error:
        raise CourseError(f"the gradebook {url} cannot be used ({error}); nothing was changed.") from None


class Book:
    """nbgrader's gradebook of one class. Use it as a context manager.

    Raises:
        CourseError: when the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.copied: list[tuple[str, str, str]] = []  # (student, notebook, other notebook that it holds too)
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        with told(url):
            self.gradebook = Gradebook(url)
            OURS.create_all(self.gradebook.engine)

    def __enter__(self) -> Book:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with told(self.url):
            self.gradebook.close()
            if isinstance(error, SQLAlchemyError):
                raise error

    @property
    def db(self) -> Any:
        return self.gradebook.db

    def add_notebooks(self, notebooks: Sequence[str]) -> None:
        """Make the notebooks of the course known to the gradebook, each as an assignment of its own.

        Exercises that were added, moved or removed since are fitted in: see autograder.grade.midterm.
        """
        fit_cells(self, {notebook: release_of(notebook) for notebook in notebooks})
        for notebook in notebooks:
            self.gradebook.update_or_create_assignment(notebook)
            names = {"notebook": notebook, "assignment": notebook, "db_url": self.url}
            SaveCells().preprocess(nbformat.from_dict(release_of(notebook)), {"nbgrader": names})
        self.db.expire_all()

    def result(self, student: str, notebook: str, key: str) -> str | None:
        """The recorded result when just this was graded before, else None."""
        query = select(GRADED.c.result).filter_by(student=student, notebook=notebook, key=key)
        return self.db.execute(query).scalar()

    def numbers(self) -> dict[str, str | None]:
        """The students there are, each with the number that the learning-management system has for them."""
        return {row.id: row.lms_user_id for row in self.db.query(Student).all()}

    def answers_that_differ(self, student: str, notebook: str, rows: Iterable[Mapping[str, Any]]) -> set[str]:
        """The exercises whose answer is another one than the one that was graded last."""
        query = select(GRADED.c.result).filter_by(student=student, notebook=notebook)
        known = json.loads(self.db.execute(query).scalar() or "[]")
        known = known if isinstance(known, list) else known["rows"]
        before = {row["exercise"]: row["answer"] for row in known if "answer" in row}
        return {row["exercise"] for row in rows if before.get(row["exercise"], row["answer"]) != row["answer"]}

    def rows(self, table: Table) -> list[Mapping[str, Any]]:
        """Everything in one of our tables."""
        return [row._mapping for row in self.db.execute(select(table))]

    def hand_in(self, papers: Iterable[HandedIn | Waiting]) -> None:
        """Note what was handed in. What can be graded replaces what could not; never the other way round."""
        with self._transaction():
            there = {(row["student"], row["notebook"]): row for row in self.rows(PAPERS)}
            for paper in papers:
                place = (paper.student, paper.notebook)
                usable = isinstance(paper, HandedIn)
                if not usable and place in there and not there[place]["why"]:
                    continue
                obsolete = PAPERS.c.notebook.in_([paper.notebook, ""] if usable else [paper.notebook])
                self.db.execute(delete(PAPERS).where(PAPERS.c.student == paper.student, obsolete))
                self.db.execute(insert(PAPERS).values(**_paper(paper)))

    def account_for(self, source: str, account: Iterable[Line]) -> None:
        """Note what became of each file of a hand-over; the same hand-over again replaces its lines."""
        with self._transaction():
            self.db.execute(delete(ACCOUNT).where(ACCOUNT.c.source == source))
            for line in account:
                self.db.execute(insert(ACCOUNT).values(source=source, **vars(line)))

    def enroll(self, people: Iterable[Person], numbers: Mapping[str, str] = {}) -> None:
        """Give students their names. numbers: by id, what the learning-management system calls a student."""
        with self._transaction():
            for person in people:
                row = self.db.get(Student, person.id) or Student(id=person.id)
                row.first_name, row.last_name = person.first or None, person.last or None
                row.email, row.lms_user_id = person.email or None, person.ids.get("lms") or row.lms_user_id
                self.db.add(row)
            for student, number in numbers.items():
                row = self.db.get(Student, student)
                if row and number and not row.lms_user_id:
                    row.lms_user_id = number

    def set_due(self, due: Mapping[str, datetime]) -> None:
        """Set when notebooks are due."""
        with self._transaction():
            for notebook, time in due.items():
                row = self.db.query(Assignment).filter_by(name=notebook).one_or_none()
                if row:
                    row.duedate = naive(time)

    def record(
        self, student: str, notebook: str, nb: NotebookNode, comments: Mapping[str, str], key: str, result: str
    ) -> None:
        """Write the scores of one graded notebook. All of it is written, or nothing.

        nb: the executed notebook, with the points in its check cells where nbgrader looks for them.
        comments: by grade_id of an answer cell, the sentence for the student.
        Scores that a person gave stay. Where the automatic score is another one now, nbgrader shows that they should
        be looked at again.
        """
        with self._transaction():
            submitted = self._submitted(student, notebook)
            self._set_time(submitted.assignment)
            cells = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if role_of(cell)}
            for grade in submitted.grades:
                _score(grade, cells[grade.cell.name])
            for comment in submitted.comments:
                cell = cells[comment.cell.name]
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                comment.auto_comment = comments.get(comment.cell.name) or ("No response." if untouched else None)
            self.db.execute(delete(GRADED).where(GRADED.c.student == student, GRADED.c.notebook == notebook))
            self.db.execute(insert(GRADED).values(student=student, notebook=notebook, key=key, result=result))

    def look_again(self, student: str, notebook: str, exercises: Iterable[str]) -> None:
        """Flag points by hand whose answer is another one now."""
        with self._transaction():
            for grade in self._submitted(student, notebook).grades:
                if grade.cell.name in exercises and grade.manual_score is not None:
                    grade.needs_manual_grade = True

    def give(self, student: str, notebook: str, exercise: str, points: float | None, comment: str | None) -> None:
        """Write what a person gave for an answer: points, and a comment on its answer cell."""
        with self._transaction():
            submitted = self._submitted(student, notebook)
            for grade in submitted.grades:
                if grade.cell.name == exercise:
                    grade.manual_score = points
                    grade.needs_manual_grade = points is None and grade.auto_score is None
            for row in submitted.comments:
                if row.cell.name in (exercise, f"{exercise}-answer"):
                    row.manual_comment = comment or None

    @contextmanager
    def _transaction(self):
        try:
            with told(self.url):
                yield
                self.db.commit()
        except BaseException:
            self.db.rollback()
            raise

    def _set_time(self, submission: SubmittedAssignment) -> None:
        """When it was handed in. What a system calls late is later than its due date, whatever its times say."""
        query = select(PAPERS).filter_by(student=submission.student.id, notebook=submission.assignment.name)
        paper = self.db.execute(query).one_or_none()
        if paper is None:
            return
        time = naive(datetime.fromisoformat(paper.time)) if paper.time else submission.timestamp
        due = submission.duedate
        if paper.late and due and (time is None or time <= due):
            time = due.replace(microsecond=0) + ONE_SECOND
        submission.timestamp = time

    def _submitted(self, student: str, notebook: str) -> SubmittedNotebook:
        """The row of the submitted notebook with its grades and comments, made when it is not there yet."""
        try:
            return self.gradebook.find_submission_notebook(notebook, notebook, student)
        except MissingEntry:
            return new_submission(self.db, student, notebook)


def new_submission(db: Any, student: str, notebook: str) -> SubmittedNotebook:
    """The row of a submitted notebook, with a grade and a comment for each of its cells."""
    with db.no_autoflush:
        person = db.get(Student, student) or Student(id=student)
        assignment = db.query(Assignment).filter_by(name=notebook).one()
        (own,) = assignment.notebooks
        submission = SubmittedAssignment(assignment=assignment, student=person)
        row = SubmittedNotebook(notebook=own, assignment=submission)
        for cell in own.grade_cells:
            Grade(cell=cell, notebook=row)
        for cell in own.solution_cells:
            Comment(cell=cell, notebook=row)
        db.add(submission)
    return row


def _paper(paper: HandedIn | Waiting) -> dict[str, Any]:
    values = {"student": paper.student, "notebook": paper.notebook, "place": paper.place}
    if isinstance(paper, Waiting):
        return values | {"why": paper.why}
    time = paper.time.astimezone(UTC).isoformat() if paper.time else ""
    return values | {"path": paper.path, "time": time, "late": paper.late, "note": paper.note}


def naive(time: datetime) -> datetime:
    """A time as nbgrader keeps it: in UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


def _score(grade: Grade, cell: NotebookNode) -> None:
    before = grade.auto_score
    grade.auto_score, _ = determine_grade(cell)
    if grade.manual_score is None:
        grade.needs_manual_grade = grade.auto_score is None
    elif grade.auto_score != before:
        grade.needs_manual_grade = True
