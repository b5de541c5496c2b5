"""nbgrader's gradebook of one class, and beside its tables what nbgrader has no place for.

Every score is in nbgrader's tables. Ours say what was handed in, what was graded last with which key, what a hand-over
held, and what was set aside when exercises went. One writer, whole transactions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import nbformat
import nbgrader.api
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
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import SaveCells
from sqlalchemy import Boolean, Column, Float, MetaData, String, Table, Text, delete, insert, select, tuple_, update
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from autograder.files import release_of
from autograder.grade.collecting.collect import HandedIn, Line, Waiting
from autograder.grade.midterm import fit_cells
from autograder.grade.recorder import Scores, write_scores
from autograder.grade.roster import Person
from course_lib.errors import CourseError

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


def newest_version() -> str:
    """The version of nbgrader's tables, which it writes into each new database."""
    from alembic.script import ScriptDirectory  # which loads slowly, and only a new database asks

    return ScriptDirectory(ALEMBIC_DIR).get_current_head() or ""


# nbgrader starts the program `alembic` to ask for it, which takes a second.
nbgrader.api.get_alembic_version = newest_version


@contextmanager
def told(url: str):
    """Errors of the database end in one sentence.

    Raises:
        CourseError: with what to do.
    """
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ImportError) as error:  # a driver that is not there
        raise CourseError(f"{url} is no URL of a database that can be used: {error}") from None
    except DBAPIError as error:
        text = str(error.orig)
        if "locked" in text:
            way = "another program is writing into it; close it and try again"
        elif "not a database" in text or "malformed" in text:
            way = "the file is damaged; restore it from a backup"
        elif "no such column" in text or "no such table" in text:
            way = "another version of nbgrader has made it; grade with that version, or restore an older backup"
        elif "is full" in text:
            way = "make room on the disk and run the same command again; what was graded is kept"
        elif "unable to open" in text or "readonly" in text:
            way = "the folder or the file cannot be written to"
        else:
            way = "nothing was changed"
        raise CourseError(f"the gradebook {url} cannot be used ({text}): {way}.") from None
    except SQLAlchemyError as error:
        raise CourseError(f"the gradebook {url} cannot be used ({error}); nothing was changed.") from None


@dataclass(frozen=True)
class Recorded:
    """One graded notebook, as it is recorded.

    points, comments, untouched: see autograder.grade.recorder.Scores.
    answers: by exercise, the text of the answer.
    key: says what was graded with what. result: all of it, as text.
    """

    student: str
    notebook: str
    points: Mapping[str, float | None]
    comments: Mapping[str, str]
    untouched: Collection[str]
    answers: Mapping[str, str]
    key: str
    result: str


class SaveAllCells(SaveCells):
    """nbgrader's own step writes each cell by itself, which takes ten times as long as all of a notebook at once."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        db = self.gradebook.db
        db.commit = db.flush  # for the steps of this one
        try:
            super()._create_notebook(nb)
        finally:
            del db.commit
        db.commit()


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
            SaveAllCells().preprocess(nbformat.from_dict(release_of(notebook)), {"nbgrader": names})
        self.db.expire_all()

    def graded_with(self) -> dict[tuple[str, str], str]:
        """By student and notebook, the key of what was graded last."""
        rows = self.db.execute(select(GRADED.c.student, GRADED.c.notebook, GRADED.c.key))
        return {(row.student, row.notebook): row.key for row in rows}

    def numbers(self) -> dict[str, str | None]:
        """The students there are, each with the number that the learning-management system has for them."""
        return {row.id: row.lms_user_id for row in self.db.query(Student).all()}

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

    def rename(self, old: str, new: str) -> None:
        """Make all that is a student's another student's, who may be new. Where both have a notebook that cannot be
        graded, or one has, what can be graded stays."""
        if old == new:
            return
        with self._transaction():
            if self.db.get(Student, new) is None:
                self.db.add(Student(id=new))
                self.db.flush()
            theirs = SubmittedAssignment.student_id == old
            self.db.execute(update(SubmittedAssignment).where(theirs).values(student_id=new))
            there = {row.notebook: row.why for row in self.db.execute(_of(PAPERS, [new]))}
            for row in list(self.db.execute(_of(PAPERS, [old]))):
                if row.notebook in there:
                    loses = old if row.why else new
                    at = (PAPERS.c.student == loses, PAPERS.c.notebook == row.notebook)
                    self.db.execute(delete(PAPERS).where(*at))
            for table in (GRADED, PAPERS, ACCOUNT, ASIDE):
                self.db.execute(update(table).where(table.c.student == old).values(student=new))
            self.db.execute(delete(Student).where(Student.id == old))
            self.db.expire_all()

    def set_due(self, due: Mapping[str, datetime]) -> None:
        """Set when notebooks are due."""
        with self._transaction():
            for notebook, time in due.items():
                row = self.db.query(Assignment).filter_by(name=notebook).one_or_none()
                if row:
                    row.duedate = naive(time)

    def record(self, results: Sequence[Recorded]) -> None:
        """Write the scores of graded notebooks. All of it is written, or nothing.

        Scores that a person gave stay. Where the automatic score or the answer is another one now, nbgrader shows that
        they should be looked at again.
        """
        if not results:
            return
        students = {each.student for each in results}
        with self._transaction():
            before = self._before(students)
            papers = {(row.student, row.notebook): row for row in self.db.execute(_of(PAPERS, students))}
            write_scores(self.db, [_scores(each, before, papers) for each in results])
            again = [(each.student, each.notebook) for each in results]
            self.db.execute(delete(GRADED).where(tuple_(GRADED.c.student, GRADED.c.notebook).in_(again)))
            rows = [{"student": e.student, "notebook": e.notebook, "key": e.key, "result": e.result} for e in results]
            self.db.execute(insert(GRADED), rows)

    def _before(self, students: Collection[str]) -> dict[tuple[str, str, str], str]:
        """The answers that were graded last, by student, notebook and exercise."""
        found = {}
        for row in self.db.execute(_of(GRADED, students)):
            known = json.loads(row.result)
            for each in known if isinstance(known, list) else known["rows"]:
                if "answer" in each:
                    found[row.student, row.notebook, each["exercise"]] = each["answer"]
        return found

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


def _of(table: Table, students: Collection[str]) -> Any:
    """The rows of some students."""
    return select(table).where(table.c.student.in_(students))


def _scores(each: Recorded, before: Mapping, papers: Mapping) -> Scores:
    place = (each.student, each.notebook)
    paper = papers.get(place)
    changed = {name for name, answer in each.answers.items() if before.get((*place, name), answer) != answer}
    return Scores(
        *place,
        points=each.points,
        comments=each.comments,
        untouched=frozenset(each.untouched),
        changed=frozenset(changed),
        time=naive(datetime.fromisoformat(paper.time)) if paper and paper.time else None,
        late=bool(paper and paper.late),
    )
