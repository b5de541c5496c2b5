"""Our steps of nbgrader's own `autograde`, in place of its own: repair, run and judge, keep the feedback."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.files import ROOT, SOLUTIONS
from autograder.grade.feedback import page
from autograder.grade.folder import load
from autograder.grade.gradebook import Book
from autograder.grade.reading import encodable
from autograder.grade.rehearse import rehearse
from autograder.grade.secret import secret_seed
from autograder.grade.standing import standing_in
from autograder.grade.submission import judge_repaired, read_apart, repaired
from autograder.jail.choose import refuse_if_seen, runs_in_a_jail
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS


class Bounded(NotebookExporter):
    """What reads the files in nbgrader's autograde: one that is too large or too odd is told before it is read.

    Raises:
        Unreadable: nbgrader says it, leaves the student without a score and goes on with the next one.
    """

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        read_apart(Path(filename))
        return super().from_filename(filename, resources, **kwargs)


class Repair(NbGraderPreprocessor):
    """The sanitizing step of nbgrader's autograde: the course's own cells, back in their places."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        notebook = resources["nbgrader"]["notebook"]
        nb, notes = repaired(encodable(nbformat.writes(nb)).encode(), notebook)
        for note in notes:
            self.log.info("%s: %s", notebook, note)
        return nb, resources


class Judge(NbGraderPreprocessor):
    """The executing step of nbgrader's autograde: in a jail, or not at all.

    Ordinary test cells with plain asserts run in the submission's process.

    Raises:
        ValueError: for a notebook that is not the course's.
    """

    class_folder = Unicode(help="the folder of the class, with its secret seed").tag(config=True)
    trust_notebooks = Bool(help="run the notebooks without a jail, with all of your rights").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        notebook = resources["nbgrader"]["notebook"]
        if notebook not in NOTEBOOKS:
            raise ValueError(f"{notebook} is not a notebook of this course ({', '.join(NOTEBOOKS)})")
        seed = secret_seed(Path(self.class_folder))
        try:
            if runs_in_a_jail(self.trust_notebooks):
                refuse_if_seen([Path(self.class_folder), SOLUTIONS, ROOT / "autograder", ROOT / "tests"])
            else:
                self.log.warning("%s runs without a jail: it can do whatever you can do.", notebook)
            rehearse(notebook, self.trust_notebooks)
        except CourseError as error:
            # nbgrader would take the folder that it has made for this student as a sign that all is done.
            shutil.rmtree(resources["metadata"]["path"])
            # It goes on with the next student after any other exception, and there is no grade to give to anyone.
            sys.exit(f"nbgrader: {error}")
        nb, resources["verdicts"] = judge_repaired(nb, notebook, seed, self.trust_notebooks)
        return nb, resources


class ClassPage(HTMLExporter):
    """What nbgrader's generate_feedback writes: the page that `course grade` makes, from the same gradebook."""

    class_folder = Unicode(help="the folder of the class").tag(config=True)

    def from_notebook_node(  # type: ignore[override]  # nbconvert says NotebookNode, and gives a text too
        self, nb: NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[str, Any]:
        resources = self._init_resources(resources)
        names = resources["nbgrader"]
        klass = load(Path(self.class_folder))
        with Book(names["db_url"]) as book:
            whole = standing_in(book, klass)
        paper = whole.paper(names["student"], names["notebook"])
        return page(whole.people[paper.student], paper), resources


class SaveFeedback(NbGraderPreprocessor):
    """After the grades are saved: the sentence for the student becomes the comment on the answer."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nbgrader = resources["nbgrader"]
        with Gradebook(nbgrader["db_url"]) as gradebook:
            for verdict in resources["verdicts"]:
                comment = gradebook.find_comment(
                    f"{verdict.exercise}-answer", nbgrader["notebook"], nbgrader["assignment"], nbgrader["student"]
                )
                comment.auto_comment = verdict.feedback or None
            gradebook.db.commit()
        return nb, resources
