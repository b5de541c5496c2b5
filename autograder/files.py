"""Where the project's folders are, and how a notebook is written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.errors import CourseError
from course_lib.files import notebook_file

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "solutions"
RELEASE = ROOT / "notebooks"


def pythons() -> list[str]:
    """The versions of Python that the course is made for, such as ["3.11", "3.12"], oldest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest, too_new = (int(part.split(".")[1]) for part in project["requires-python"].split(","))  # >=3.11,<3.13
    return [f"3.{minor}" for minor in range(oldest, too_new)]


def notebook_text(nb: NotebookNode) -> str:
    """The text of an .ipynb file.

    Raises:
        nbformat.ValidationError: when `nb` is not a valid notebook.
    """
    nbformat.validate(nb)
    return nbformat.writes(nb) + "\n"


def release_of(notebook: str) -> NotebookNode:
    """The student release of a notebook, as it was built.

    Raises:
        CourseError: when it has not been built yet.
    """
    try:
        return nbformat.read(notebook_file(RELEASE, notebook), as_version=4)
    except FileNotFoundError as error:
        raise CourseError(f"{notebook} is not built yet. Run: python3 course build {notebook[:2]}") from error
