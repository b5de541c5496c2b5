"""Results into nbgrader's gradebook: one transaction for each submission, remembered by the key of what was graded."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

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
from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, select

from autograder.build.source import role_of
from autograder.files import release_of

# What was graded last for each student and notebook. nbgrader does not look at this table.
GRADED = Table(
    "course_graded",
    MetaData(),
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("result", Text, nullable=False),
)


class Book:
    """nbgrader's gradebook of one class, opened by one writer. Use it as a context manager."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.gradebook = Gradebook(url)
        GRADED.create(self.gradebook.engine, checkfirst=True)

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *error: object) -> None:
        self.gradebook.close()

    def add_notebooks(self, notebooks: Sequence[str]) -> None:
        """Make the notebooks of the course known to the gradebook, each as an assignment of its own."""
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        for notebook in notebooks:
            self.gradebook.update_or_create_assignment(notebook)
            names = {"notebook": notebook, "assignment": notebook, "db_url": self.url}
            SaveCells().preprocess(nbformat.from_dict(release_of(notebook)), {"nbgrader": names})
        self.gradebook.db.expire_all()

    def result(self, student: str, notebook: str, key: str) -> str | None:
        """The recorded result when just this was graded before, else None."""
        query = select(GRADED.c.result).filter_by(student=student, notebook=notebook, key=key)
        return self.gradebook.db.execute(query).scalar()

    def record(
        self, student: str, notebook: str, nb: NotebookNode, comments: Mapping[str, str], key: str, result: str
    ) -> None:
        """Write the scores of one graded notebook. All of it is written, or nothing.

        nb: the executed notebook, with the points in its check cells where nbgrader looks for them.
        comments: by grade_id of an answer cell, the sentence for the student.
        Scores that a person gave stay; nbgrader then shows that they should be looked at again.
        """
        db = self.gradebook.db
        try:
            submitted = self._submitted(student, notebook)
            cells = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if role_of(cell)}
            for grade in submitted.grades:
                _score(grade, cells[grade.cell.name])
            for comment in submitted.comments:
                cell = cells[comment.cell.name]
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                comment.auto_comment = comments.get(comment.cell.name) or ("No response." if untouched else None)
            db.execute(delete(GRADED).where(GRADED.c.student == student, GRADED.c.notebook == notebook))
            db.execute(insert(GRADED).values(student=student, notebook=notebook, key=key, result=result))
            db.commit()
        except BaseException:
            db.rollback()
            raise

    def _submitted(self, student: str, notebook: str) -> SubmittedNotebook:
        """The row of the submitted notebook with its grades and comments, made when it is not there yet."""
        try:
            return self.gradebook.find_submission_notebook(notebook, notebook, student)
        except MissingEntry:
            pass
        db = self.gradebook.db
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


def _score(grade: Grade, cell: NotebookNode) -> None:
    grade.auto_score, _ = determine_grade(cell)
    grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
