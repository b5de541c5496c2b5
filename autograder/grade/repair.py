"""Read a submitted notebook and put the course's own cells back into it.

What is graded is the course's release with the student's answers in it: locked cells come from the release, every
cell has the type, the points and the place in the gradebook that the release gives it, whatever the file says.
The student's own cells stay where they are, without any metadata.
"""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.build.source import role_of
from autograder.grade.reading import Unreadable, notebook_data
from autograder.grade.sanitize import attached_images, plain_markdown


def read_submission(content: bytes) -> NotebookNode:
    """The notebook in a submitted file, of any notebook format, in UTF-8 or UTF-16.

    Raises:
        Unreadable: when there is no notebook in it, with what is wrong and what to do.
    """
    data = notebook_data(content)
    try:
        return _as_version_4(data)
    except Exception as error:  # nbformat raises many kinds of errors on damaged notebooks
        raise Unreadable(
            f"The notebook is damaged ({type(error).__name__}). Open it in JupyterLab, save it and hand it in again."
        ) from None


def _as_version_4(data: dict) -> NotebookNode:
    if data.get("nbformat", 4) != 4:
        return nbformat.convert(nbformat.from_dict(data), 4)
    cells = [_cell(cell) for cell in data["cells"] if isinstance(cell, dict)]
    return NotebookNode(cells=cells, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


def _cell(cell: dict[str, Any]) -> NotebookNode:
    """The parts of a cell that matter, each of the right type."""
    source = cell.get("source", "")
    source = "".join(line for line in source if isinstance(line, str)) if isinstance(source, list) else source
    metadata = cell.get("metadata")
    return NotebookNode(
        cell_type=cell.get("cell_type"),
        id=cell.get("id"),
        source=source if isinstance(source, str) else "",
        metadata=nbformat.from_dict(metadata) if isinstance(metadata, dict) else NotebookNode(),
        attachments=nbformat.from_dict(attached_images(cell)),
    )


def repair(submitted: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The course's release with the student's answers and own cells in it, and a sentence for each thing put right.

    The result has no outputs. It is fit for every step of nbgrader, whatever the submission was like.
    """
    course = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if role_of(cell)}
    copies = _copies(submitted, course)
    recognized = _recognized(submitted, release, course, copies)
    copies |= recognized
    notes = [f"The cell {name} had lost its name and was recognized by what is in it." for name in recognized]
    notes += [f"The cell {name} was there {len(each)} times." for name, each in copies.items() if len(each) > 1]
    chosen = {name: _choose(course[name], each) for name, each in copies.items()}
    cells, given = [], {cell.source.strip() for cell in release.cells}
    for cell in submitted.cells:
        name = next((name for name, each in copies.items() if any(cell is copy for copy in each)), None)
        if name is None and cell.cell_type == "markdown" and cell.source.strip() in given:
            cells.append(nbformat.v4.new_markdown_cell(cell.source))  # the course's own text
        elif name is None:
            cells.append(_own(cell))
        elif cell is chosen[name]:
            cells.append(_course_cell(course[name], cell))
        elif not _locked(course[name]) and cell.source.strip() not in given:
            cells.append(_own(cell))  # another attempt at an answer: it still runs where it stands
    notes += _put_back(cells, course)
    for index, cell in enumerate(cells):
        cell.id = cell.metadata.nbgrader.grade_id if role_of(cell) else f"own-{index}"
    return NotebookNode(cells=cells, metadata=release.metadata, nbformat=4, nbformat_minor=5), notes


def _copies(submitted: NotebookNode, course: dict[str, NotebookNode]) -> dict[str, list[NotebookNode]]:
    """The submitted cells that stand for each cell of the course: by grade_id, else by the cell's own id."""
    copies: dict[str, list[NotebookNode]] = {}
    for cell in submitted.cells:
        nbgrader = cell.metadata.get("nbgrader")
        name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        name = name if isinstance(name, str) and name in course else cell.get("id")
        if isinstance(name, str) and name in course:
            copies.setdefault(name, []).append(cell)
    return copies


def _recognized(
    submitted: NotebookNode,
    release: NotebookNode,
    course: dict[str, NotebookNode],
    copies: dict[str, list[NotebookNode]],
) -> dict[str, list[NotebookNode]]:
    """Cells without a name, found by content: for an answer, cells that define one of its names; for an answer in
    words, the text below its question; for other cells of the course, the same text."""
    free = [cell for cell in submitted.cells if not any(cell is copy for each in copies.values() for copy in each)]
    questions = {
        after.metadata.nbgrader.grade_id: before.source.strip()
        for before, after in zip(release.cells, release.cells[1:], strict=False)
        if role_of(after)
    }
    below = {
        id(after): before.source.strip() for before, after in zip(submitted.cells, submitted.cells[1:], strict=False)
    }
    found: dict[str, list[NotebookNode]] = {}
    for name in [name for name in course if name not in copies]:
        own, kind = course[name], role_of(course[name])[0]
        if kind == "answer":
            wanted = _defined(own.source)
            same = [cell for cell in free if cell.cell_type == "code" and wanted & _defined(cell.source)]
        elif kind == "written":
            same = [c for c in free if c.cell_type == "markdown" and below.get(id(c)) == questions.get(name)]
        else:
            same = [cell for cell in free if cell.source.strip() == own.source.strip()]
        if same:
            found[name] = same
            free = [cell for cell in free if not any(cell is each for each in same)]
    return found


def _defined(source: str) -> set[str]:
    """The functions and classes that a cell defines at its top level, even if it is not quite Python."""
    return set(re.findall(r"^(?:async def|def|class) +(\w+)", source, flags=re.MULTILINE))


def _choose(own: NotebookNode, copies: list[NotebookNode]) -> NotebookNode:
    """Of several copies the first that the student has changed, so that a leftover stub never hides an answer."""
    return next((copy for copy in copies if copy.source.strip() != own.source.strip()), copies[0])


def _course_cell(own: NotebookNode, given: NotebookNode) -> NotebookNode:
    """A cell of the course; when it is not locked, with what the student wrote in it."""
    cell = nbformat.from_dict(json.loads(json.dumps(own)))
    if not _locked(own) and given.source.strip() != own.source.strip():
        cell.source = given.source
        if cell.cell_type == "markdown":
            _written(cell, given)
    return cell


def _own(cell: NotebookNode) -> NotebookNode:
    """A cell of the student's own, with nothing but its text and its images."""
    if cell.cell_type == "code":
        return nbformat.v4.new_code_cell(cell.source)
    own = nbformat.v4.new_markdown_cell()
    _written(own, cell)
    return own


def _written(cell: NotebookNode, given: NotebookNode) -> None:
    """Put a student's Markdown into a cell. It will be shown as a web page, so it loses what is active."""
    cell.source = plain_markdown(given.source)
    if given.get("attachments"):
        cell.attachments = given.attachments


def _locked(cell: NotebookNode) -> bool:
    return role_of(cell)[0] in ("setup", "check")


def _put_back(cells: list[NotebookNode], course: dict[str, NotebookNode]) -> list[str]:
    """Insert the course's cells that are missing, each behind the one that it follows in the release."""
    notes = []
    previous = None
    for name, own in course.items():
        places = {cell.metadata.nbgrader.grade_id: index for index, cell in enumerate(cells) if role_of(cell)}
        if name not in places:
            cells.insert(places[previous] + 1 if previous else 0, _course_cell(own, own))
            notes.append(f"The cell {name} was missing and has been put back.")
        previous = name
    return notes
