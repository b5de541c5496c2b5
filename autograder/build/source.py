"""Read the text source of a notebook and give every cell its nbgrader metadata.

A cell's role is said in its first line:

    # %% setup="imports"                                 given code that is put back when a submission is graded
    # %% answer="wiggle"                                 where the student answers an exercise
    # %% check="wiggle"                                  the locked check of that exercise
    # %% [markdown] written="explain-chain" points=4     an answer in words, graded by a person

What all notebooks have in the same form, such as their heads and the boxes of exercises, is in layout.py.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.build.layout import lay_out
from autograder.build.marks import BEGIN, END
from autograder.files import SOLUTIONS
from course_lib.errors import CourseError
from course_lib.exercises import Exercise, exercises_of

ROLES = ("setup", "answer", "check", "written")
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
IMPORT_CHECK = "from course_lib.check import check"  # in every check cell, so that it also works after a restart


def read_source(notebook: str) -> NotebookNode:
    """The notebook with its solutions, ids and nbgrader metadata, and no outputs.

    Raises:
        CourseError: when the source does not fit the exercises that course_lib describes, with what to change.
    """
    path = SOLUTIONS / f"{notebook}.py"
    if not path.is_file():
        raise CourseError(f"there is no source {path.relative_to(SOLUTIONS.parent)}")
    nb = copy.deepcopy(_cells_of(path.read_text(encoding="utf-8")))
    nb.metadata = NotebookNode(kernelspec=NotebookNode(KERNELSPEC), language_info=NotebookNode(name="python"))
    nb.nbformat, nb.nbformat_minor = 4, 5
    exercises = {exercise.id: exercise for exercise in exercises_of(notebook)}
    _check_roles(path, nb, exercises)
    lay_out(notebook, nb)
    for index, cell in enumerate(nb.cells):
        role = next((r for r in ROLES if r in cell.metadata), None)
        cell.metadata = _metadata(cell, role, exercises)
        if role == "check":
            cell.source = f"{IMPORT_CHECK}\n{cell.source}"
        cell.id = cell.metadata.nbgrader.grade_id if role else f"cell-{index:02d}"
    return nb


@lru_cache(maxsize=32)
def _cells_of(text: str) -> NotebookNode:
    """The cells of a text source. To take it apart takes a tenth of a second, and a build asks for it several times."""
    import jupytext  # which loads slowly, and much of grading needs no source

    return jupytext.reads(text, fmt="py")


def _metadata(cell: NotebookNode, role: str | None, exercises: dict[str, Exercise]) -> NotebookNode:
    if role is None:
        return NotebookNode({k: v for k, v in cell.metadata.items() if k == "tags"})
    name = cell.metadata[role]
    graded = role in ("check", "written")
    nbgrader = {
        "grade": graded,
        "grade_id": f"{name}-answer" if role == "answer" else name,
        "locked": role in ("setup", "check"),
        "schema_version": 3,
        "solution": role in ("answer", "written"),
        "task": False,
    }
    if graded:
        nbgrader["points"] = exercises[name].points if role == "check" else cell.metadata["points"]
    return NotebookNode(nbgrader=NotebookNode(nbgrader))


def role_of(cell: NotebookNode) -> tuple[str, str] | None:
    """("answer", "wiggle") and so on for a cell with nbgrader metadata; None for any other cell."""
    meta = cell.metadata.get("nbgrader")
    if not meta:
        return None
    if meta["solution"]:
        return ("written", meta["grade_id"]) if meta["grade"] else ("answer", meta["grade_id"].removesuffix("-answer"))
    return ("check", meta["grade_id"]) if meta["grade"] else ("setup", meta["grade_id"])


def kind_of(cell: NotebookNode) -> str:
    """ "answer", "check", "setup" or "written"; "" for a cell without nbgrader metadata."""
    role = role_of(cell)
    return role[0] if role else ""


def _check_roles(path: Path, nb: NotebookNode, exercises: dict[str, Exercise]) -> None:
    """Every exercise has one answer cell and one check cell after it, and no cell names what is not there."""
    found: dict[tuple[str, str], int] = {}
    for index, cell in enumerate(nb.cells):
        for role in ROLES:
            if role in cell.metadata:
                place = (role, cell.metadata[role])
                if place in found:
                    raise CourseError(f'{path.name}: two cells say {role}="{place[1]}"')
                found[place] = index
        if not cell.source.strip():
            raise CourseError(f"{path.name}: cell {index} is empty")
    for role, name in found:
        if role in ("answer", "check") and name not in exercises:
            raise CourseError(f'{path.name}: {role}="{name}", but course_lib.exercises describes no exercise {name}')
    for exercise in exercises.values():
        if ("answer", exercise.id) not in found or ("check", exercise.id) not in found:
            raise CourseError(f"{path.name}: exercise {exercise.id} needs one answer cell and one check cell")
        if found["answer", exercise.id] > found["check", exercise.id]:
            raise CourseError(f"{path.name}: the check of exercise {exercise.id} stands before its answer")
        check = nb.cells[found["check", exercise.id]].source
        wanted = f'check("{exercise.id}", {", ".join(exercise.answers)})'
        if check != wanted:
            raise CourseError(f"{path.name}: the check cell of {exercise.id} must be exactly: {wanted}")


def reference_sources(notebook: str) -> dict[str, str]:
    """The text of the reference answers by exercise, without the marks around the solutions."""
    path = SOLUTIONS / f"{notebook}.py"
    return dict(_reference_sources(notebook, path, path.stat().st_mtime_ns if path.is_file() else 0))


@lru_cache(maxsize=32)
def _reference_sources(notebook: str, path: Path, changed: int) -> dict[str, str]:
    """The same, read again only when the source has changed."""
    sources = {}
    for cell in read_source(notebook).cells:
        role = role_of(cell)
        if role and role[0] == "answer":
            lines = cell.source.splitlines()
            sources[role[1]] = "\n".join(line for line in lines if BEGIN not in line and END not in line)
    return sources
