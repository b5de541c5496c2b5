"""Run the page about frameworks and keep its outputs: `python -m benchmarks.craft`.

It needs what `pip install --group bench` installs. The page's source is docs/craft.py; docs/craft.ipynb is what the
site shows. Nothing in the course depends on either.
"""

from __future__ import annotations

from pathlib import Path

import jupytext
from nbformat import NotebookNode

from autograder.build.notebooks import execute
from autograder.files import ROOT, notebook_text
from course_lib.files import write_whole

SOURCE = ROOT / "docs" / "craft.py"
PAGE: Path = SOURCE.with_suffix(".ipynb")


def read() -> NotebookNode:
    """The page as a notebook without outputs. A cell's id is its number, so that each run writes the same file."""
    nb = jupytext.read(SOURCE)
    for number, cell in enumerate(nb.cells, start=1):
        cell.id = f"craft-{number}"
    nb.metadata.pop("jupytext", None)
    return nb


def run() -> NotebookNode:
    """The page with its outputs.

    Raises:
        CourseError: when a cell fails.
    """
    return execute("craft", read())


if __name__ == "__main__":
    write_whole(PAGE, notebook_text(run()))
    print(f"written: {PAGE.relative_to(ROOT)}")
