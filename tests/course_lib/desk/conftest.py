"""A small release and a student's working copy of it."""

import json
from pathlib import Path

import pytest

from course_lib.desk.hand_out import Handout

NAME = "01_chain_rule/01_chain_rule.ipynb"


def code(source: str, grade_id: str | None = None, *, locked: bool = False, output: str | None = None, **more) -> dict:
    """A code cell; with a grade_id, one of the course's: an answer, or a locked check."""
    meta = {"nbgrader": {"grade_id": grade_id, "solution": not locked, "locked": locked}} if grade_id else {}
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
    cell = {"cell_type": "code", "execution_count": None, "metadata": meta, "outputs": outputs, "source": source}
    return {**cell, **({"id": grade_id} if grade_id else {}), **more}


def words(source: str, grade_id: str | None = None, **more) -> dict:
    """A Markdown cell; with a grade_id, an answer in words."""
    meta = {"nbgrader": {"grade_id": grade_id, "solution": True, "locked": False}} if grade_id else {}
    return {
        "cell_type": "markdown",
        "metadata": meta,
        "source": source,
        **({"id": grade_id} if grade_id else {}),
        **more,
    }


def notebook(*cells: dict | str) -> dict:
    """A notebook of these cells; a string is a code cell."""
    made = [code(cell) if isinstance(cell, str) else dict(cell) for cell in cells]
    made = [{"id": f"cell-{index}", **cell} for index, cell in enumerate(made)]
    return {"cells": made, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def write(path: Path, *cells: dict | str) -> None:
    """Write a notebook of these cells to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(*cells)))


def sources(path: Path) -> list[str]:
    """The texts of the cells of a notebook's file."""
    return [cell["source"] for cell in json.loads(path.read_text())["cells"]]


STUB = 'def f():\n    raise NotImplementedError("Your turn: 1.1")'
RELEASE = (words("# 1 · A title"), code(STUB, "wiggle-answer"), code('check("wiggle", f)', "wiggle", locked=True))


@pytest.fixture
def release(tmp_path):
    """A release of one notebook, with a picture beside it."""
    folder = tmp_path / "notebooks"
    write(folder / NAME, *RELEASE)
    (folder / NAME).with_name("picture.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def work(tmp_path, release):
    """A working copy that has just been made."""
    folder = tmp_path / "work"
    Handout(release, folder).bring_all()
    return folder
