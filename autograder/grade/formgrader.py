"""nbgrader's formgrader on the folder of a graded class."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.files import ROOT
from autograder.grade.folder import find_class
from autograder.grade.views import told_of_the_disk
from course_lib.desk.server import serve
from course_lib.errors import CourseError

SETTINGS = Path(__file__).parent / "jupyter"


def open_formgrader(klass: str, *, port: int | None = None, browser: bool = True) -> None:
    """Run nbgrader's formgrader on the folder of a graded class until the instructor stops it.

    Raises:
        CourseError: when there is no such class, or nothing in it is graded.
    """
    found = find_class(klass)
    if not (found.path / "autograded").is_dir():
        raise CourseError(
            f"nothing in the class {found.name} is graded yet. Grade it first: python3 course grade SUBMISSIONS"
        )
    with told_of_the_disk(found.path):
        (found.path / ".exchange").mkdir(exist_ok=True)  # see nbgrader_config.py
    os.environ["COURSE_CLASS"] = str(found.path)
    if found.facts.gradebook:
        os.environ["COURSE_GRADEBOOK"] = found.facts.gradebook
    # nbgrader wants the course, which is this checkout, below the server's folder, and its configuration in the
    # current folder.
    serve(ROOT, start="/formgrader", settings=SETTINGS, port=port, browser=browser)
