"""When the course changes in mid-term: exercises come, go, move to another notebook, get another id or other points.

What was given for an exercise goes with it: automatic scores, points by hand, extra credit, comments. An exercise with
another id whose check asks for the same answers is the same exercise. What is gone is set aside, not deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedNotebook,
)
from sqlalchemy import insert

from autograder.build.source import kind_of, role_of
from autograder.files import release_of
from course_lib.exercises import NOTEBOOKS

if TYPE_CHECKING:
    from autograder.grade.gradebook import Book

Place = tuple[str, str]  # notebook, name of a cell


def fit_cells(book: Book, releases: Mapping[str, NotebookNode]) -> None:
    """Make the cells of the gradebook's notebooks those of the course, and carry over what was given for them.

    releases: the notebooks that will be graded now; others of the gradebook are fitted too.
    """
    with book._transaction():
        _Fitting(book).run(set(releases))


def _named(release: NotebookNode, roles: tuple[str, ...]) -> dict[str, NotebookNode]:
    return {c.metadata.nbgrader.grade_id: c for c in release.cells if kind_of(c) in roles}


class _Fitting:
    """One fitting. Nothing in it commits."""

    def __init__(self, book: Book) -> None:
        self.book, self.db = book, book.db
        self.known = {row.name: row for row in self.db.query(Notebook).all()}
        releases = {name: release_of(name) for name in NOTEBOOKS}
        self.grades = {name: _named(nb, ("check", "written")) for name, nb in releases.items()}
        self.solutions = {name: _named(nb, ("answer", "written")) for name, nb in releases.items()}
        self.home = {cell: name for name, cells in self.grades.items() for cell in cells}

    def run(self, wanted: set[str]) -> None:
        renamed = self._renamed()
        moves: list[tuple[BaseCell, Place | None]] = []
        for name, row in list(self.known.items()):
            for cell in row._base_cells:
                target = self._target(name, cell, renamed)
                if target != (name, cell.name):
                    moves.append((cell, target))
        for _, target in moves:
            if target and target[0] not in self.known:
                self._add_notebook(target[0])
        targets = {target[0] for _, target in moves if target}
        for name, row in self.known.items():
            if name in self.grades and (row.submissions or name in targets):
                self._add_cells(name)
        for cell, target in moves:
            if self.known[cell.notebook.name].submissions:
                self._move(cell, target)
        self._drop_empty(wanted)
        self.db.flush()

    def _target(self, notebook: str, cell: BaseCell, renamed: Mapping[Place, str]) -> Place | None:
        """Where a cell of the gradebook belongs now; None when it is gone."""
        kind = self.grades if isinstance(cell, GradeCell) else self.solutions
        exercise = cell.name.removesuffix("-answer")
        exercise = renamed.get((notebook, exercise), exercise)
        name = f"{exercise}-answer" if cell.name.endswith("-answer") else exercise
        if name in kind.get(notebook, {}):
            return notebook, name
        home = self.home.get(exercise)
        return (home, name) if home and name in kind[home] else None

    def _renamed(self) -> dict[Place, str]:
        """Checks of the gradebook that are gone, by what the check of the same answers is called now."""
        now = {_asked(cell.source): name for cells in self.grades.values() for name, cell in cells.items()}
        found = {}
        for notebook, row in self.known.items():
            there = {cell.name for cell in row._base_cells}
            for source in row.source_cells:
                asked = _asked(source.source or "")
                if asked and source.name not in self.home and now.get(asked) and now[asked] not in there:
                    found[notebook, source.name] = now[asked]
        return found

    def _add_notebook(self, name: str) -> None:
        assignment = self.db.query(Assignment).filter_by(name=name).one_or_none()
        if assignment is None:
            assignment = Assignment(name=name, course_id=self.book.gradebook.course_id)
            self.db.add(assignment)
        row = Notebook(name=name, assignment=assignment)
        self.db.add(row)
        self.known[name] = row
        self.db.flush()
        self._add_cells(name)

    def _add_cells(self, name: str) -> None:
        """Cells that the notebook of the gradebook lacks, with an empty grade for each submission."""
        row = self.known[name]
        there = {(type(cell), cell.name) for cell in row._base_cells}
        for cell_name, cell in self.grades[name].items():
            if (GradeCell, cell_name) not in there:
                own = GradeCell(name=cell_name, notebook=row, cell_type=cell.cell_type)
                own.max_score = float(cell.metadata.nbgrader.points)
                self.db.add(own)
                for submitted in row.submissions:
                    self.db.add(Grade(cell=own, notebook=submitted))
        for cell_name in self.solutions[name]:
            if (SolutionCell, cell_name) not in there:
                own = SolutionCell(name=cell_name, notebook=row)
                self.db.add(own)
                for submitted in row.submissions:
                    self.db.add(Comment(cell=own, notebook=submitted))
        release = {c.metadata.nbgrader.grade_id: c for c in release_of(name).cells if role_of(c)}
        for source in list(row.source_cells):
            if source.name not in release:
                self.db.delete(source)
        for cell_name in set(release) - {source.name for source in row.source_cells}:
            cell = release[cell_name]
            self.db.add(SourceCell(name=cell_name, notebook=row, cell_type=cell.cell_type, source=cell.source))
        self.db.flush()
        self.db.expire(row)

    def _move(self, cell: BaseCell, target: Place | None) -> None:
        """Bring what was given for a cell to its new place, or set it aside, and delete the old cell."""
        if isinstance(cell, GradeCell):
            for grade in list(cell.grades):
                self._move_grade(grade, target)
                self.db.delete(grade)
        for comment in list(cell.comments):
            if target and comment.manual_comment:
                self._comment_at(comment.notebook, target, comment.manual_comment)
            self.db.delete(comment)
        self.db.flush()
        self.db.delete(cell)
        self.db.flush()

    def _move_grade(self, grade: Grade, target: Place | None) -> None:
        from autograder.grade.gradebook import ASIDE

        if target is None:
            values = {
                "student": grade.notebook.student.id,
                "notebook": grade.notebook.name,
                "exercise": grade.cell.name,
            }
            values |= {name: getattr(grade, name) for name in ("auto_score", "manual_score", "extra_credit")}
            values |= {"max_score": grade.cell.max_score, "comment": _comment_of(grade)}
            self.db.execute(insert(ASIDE).values(**values))
            return
        submitted = self._submission_at(grade.notebook, target[0])
        new = self.db.query(Grade).filter_by(notebook=submitted, cell=self._cell(GradeCell, target)).one()
        if new.auto_score is None:
            new.auto_score = grade.auto_score
        if new.manual_score is None:
            new.manual_score, new.needs_manual_grade = grade.manual_score, grade.needs_manual_grade
        if new.extra_credit is None:
            new.extra_credit = grade.extra_credit

    def _comment_at(self, old: SubmittedNotebook, target: Place, text: str) -> None:
        submitted = self._submission_at(old, target[0])
        new = self.db.query(Comment).filter_by(notebook=submitted, cell=self._cell(SolutionCell, target)).one()
        new.manual_comment = new.manual_comment or text

    def _cell(self, kind: type[BaseCell], place: Place) -> BaseCell:
        return self.db.query(kind).filter_by(notebook=self.known[place[0]], name=place[1]).one()

    def _submission_at(self, old: SubmittedNotebook, notebook: str) -> SubmittedNotebook:
        """The same student's submission of another notebook: what was handed in as one file is two notebooks now."""
        from autograder.grade.gradebook import new_submission

        if old.name == notebook:
            return old
        student = old.student.id
        query = self.db.query(SubmittedNotebook).filter_by(notebook=self.known[notebook])
        found = next((row for row in query if row.student.id == student), None)
        if found is None:
            self.db.expire(self.known[notebook])
            found = new_submission(self.db, student, notebook)
            found.assignment.timestamp = old.assignment.timestamp
            found.assignment.extension = old.assignment.extension
            self.db.flush()
        self._hand_in_too(student, old.name, notebook)
        return found

    def _hand_in_too(self, student: str, old: str, new: str) -> None:
        from autograder.grade.gradebook import PAPERS

        there = {row["notebook"]: row for row in self.book.rows(PAPERS) if row["student"] == student}
        if old in there and new not in there:
            values: dict[str, Any] = dict(there[old]) | {"notebook": new, "note": f"It was handed in with {old}."}
            self.db.execute(insert(PAPERS).values(**values))
            self.book.copied.append((student, old, new))

    def _drop_empty(self, wanted: set[str]) -> None:
        """Notebooks that are no longer in the course, once nothing is left in them."""
        from autograder.grade.gradebook import GRADED, PAPERS

        for name in [name for name in self.known if name not in self.grades]:
            self.db.expire_all()
            row = self.known[name]
            if row._base_cells:
                continue
            assignment = row.assignment
            for submitted in list(row.submissions):
                submission = submitted.assignment
                self.db.delete(submitted)
                self.db.flush()
                self.db.delete(submission)
            for source in list(row.source_cells):
                self.db.delete(source)
            self.db.flush()
            self.db.delete(row)
            self.db.flush()
            self.db.delete(assignment)
            for table in (GRADED, PAPERS):
                self.db.execute(table.delete().where(table.c.notebook == name))


def _asked(source: str) -> str:
    """What a check asks for: check("bp1", delta_output) -> delta_output."""
    match = re.search(r'^check\(\s*["\'][\w-]+["\']\s*,\s*(.+)\)\s*$', source, re.MULTILINE | re.DOTALL)
    return re.sub(r"\s", "", match[1]) if match else ""


def _comment_of(grade: Grade) -> str | None:
    names = (grade.cell.name, f"{grade.cell.name}-answer")
    found = [c.manual_comment for c in grade.notebook.comments if c.cell.name in names and c.manual_comment]
    return found[0] if found else None
