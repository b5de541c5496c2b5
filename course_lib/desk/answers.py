"""Which cells of a notebook are the student's to fill in, and which of them are still as they were handed out.

A notebook is the plain dict that JSON gives: nothing here needs Jupyter.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course_lib import exercises
from course_lib.errors import CourseError

STUB = 'raise NotImplementedError("Your turn'


def read_notebook(path: Path) -> dict[str, Any]:
    """The notebook in a file.

    Raises:
        CourseError: when the file is no notebook, with what to do.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        if not all(isinstance(cell["cell_type"], str) and isinstance(cell["metadata"], dict) for cell in cells):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise CourseError(
            f"{path} is not a notebook (any more). Open it in JupyterLab and save it; if it does not open there, "
            "rename it, and `course lab` brings a fresh copy"
        ) from None
    return notebook


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell, which a file may hold as one string or as a list of lines."""
    return "".join(cell.get("source", ""))


def name_of(cell: dict[str, Any]) -> str | None:
    """The grade_id of a cell that nbgrader knows, or None."""
    meta = cell["metadata"].get("nbgrader")
    return meta.get("grade_id") if isinstance(meta, dict) else None


def is_students(cell: dict[str, Any]) -> bool:
    """True for a cell of the course that the student fills in: an answer in code or in words."""
    return name_of(cell) is not None and bool(cell["metadata"]["nbgrader"].get("solution"))


def to_fill_in(release: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The cells of a release that the student fills in, by grade_id."""
    return {str(name_of(cell)): cell for cell in release["cells"] if is_students(cell)}


def copies_of(notebook: dict[str, Any], names: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The cells of a student's notebook that stand for the course's cells of these names, by name.

    A cell that lost its metadata, as other editors do to it, is known by its own id.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for cell in notebook["cells"]:
        name = name_of(cell) or cell.get("id")
        if name in names:
            found.setdefault(name, []).append(cell)
    return found


def is_changed(cell: dict[str, Any], given: dict[str, Any] | None) -> bool:
    """True when the student has worked in a cell. `given` is the cell as it was handed out, if that is known."""
    if given is None:
        return STUB not in source_of(cell)
    return source_of(cell).strip() != source_of(given).strip()


def answered(notebook: dict[str, Any], given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The cells that the student has answered, by name. Of several copies, the first that was changed."""
    fields = to_fill_in(given)
    found = {}
    for name, cells in copies_of(notebook, set(fields)).items():
        changed = [cell for cell in cells if is_changed(cell, fields[name])]
        if changed:
            found[name] = changed[0]
    return found


def label(name: str) -> str:
    """What a student calls the answer with this grade_id: "1.1 The slope of a wiggle", or the answer in words."""
    try:
        _, exercise = exercises.find(name.removesuffix("-answer"))
    except KeyError:
        return f"the answer in words “{name}”"
    return f"{exercise.number} {exercise.title}"


def title_of(path: Path) -> str:
    """The first heading of a notebook: "1 · How does a wiggle travel?". Without one, the name of the file."""
    for cell in read_notebook(path)["cells"]:
        first = source_of(cell).strip().splitlines()[:1]
        if cell["cell_type"] == "markdown" and first and first[0].startswith("# "):
            return first[0].removeprefix("# ").strip()
    return path.stem
