"""nbgrader's formgrader on the folder of a graded class."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.files import ROOT
from course_lib.desk.server import serve
from course_lib.errors import CourseError

SETTINGS = Path(__file__).parent / "jupyter"


def open_formgrader(class_folder: Path, *, port: int | None = None, browser: bool = True) -> None:
    """Run nbgrader's formgrader on the folder of a graded class until the instructor stops it."""
    if not (class_folder / "autograded").is_dir():
        raise CourseError(f"{class_folder} is no graded class. Grade one first: course grade SUBMISSIONS")
    os.environ["COURSE_CLASS"] = str(class_folder.resolve())
    # nbgrader wants the course, which is this checkout, below the server's folder, and its configuration in the
    # current folder.
    serve(ROOT, start="/formgrader", settings=SETTINGS, port=port, browser=browser)
