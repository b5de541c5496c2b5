"""Read a submitted notebook and put the course's own cells back into it.

What is graded is the course's release with the student's answers in it: locked cells come from the release, every
cell has the type, the points and the place in the gradebook that the release gives it, whatever the file says.
The student's own cells stay where they are, without any metadata.

What the student's own Run All would define is judged. So a stub, whether it was left as it is or had to be put back, is
marked: when it is run, it defines only what nothing else has defined (autograder.grade.run). Words that stand beside
the cell for an answer in words are put into it, so that a person reads them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.build.source import kind_of, role_of
from autograder.build.stubs import FORMER_TEXT_STUBS
from autograder.grade.nodes import code_cell, markdown_cell
from autograder.grade.reading import Unreadable, encodable, notebook_data
from autograder.grade.sanitize import attached_images

MAX_CELLS = 2000  # with something in them; the longest notebook of the course has about 90
MAX_PICTURES = 48 << 20  # characters of all attached pictures together
STUB = "stub"  # the mark: metadata.course of a cell for an answer that holds no answer
TEXT = "text"  # the same for what else is the course's own, while it is repaired


def read_submission(content: bytes) -> NotebookNode:
    """The notebook in a submitted file, of any notebook format, in UTF-8 or UTF-16. Empty cells are left out.

    Raises:
        Unreadable: when there is no notebook in it, with what is wrong and what to do.
    """
    data = notebook_data(content)
    try:
        nb = _as_version_4(data)
    except Exception as error:  # nbformat raises many kinds of errors on damaged notebooks
        raise Unreadable(
            f"The notebook is damaged ({type(error).__name__}). Open it in JupyterLab, save it and hand it in again."
        ) from None
    if len(nb.cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(nb.cells)} cells; at most {MAX_CELLS} are read. Delete the others.")
    return nb


def _as_version_4(data: dict) -> NotebookNode:
    if data.get("nbformat", 4) != 4:
        data = nbformat.convert(nbformat.from_dict(data), 4)
    cells = [_cell(cell) for cell in data["cells"] if isinstance(cell, dict)]
    filled = [cell for cell in cells if cell.source.strip() or cell.given_attachments]
    return NotebookNode(cells=filled, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


def _cell(cell: dict[str, Any]) -> NotebookNode:
    """The parts of a cell that matter, each of the right type. Names that say nothing here are left out."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    attachments, own_id = cell.get("attachments"), cell.get("id")
    return NotebookNode(
        cell_type=cell.get("cell_type"),
        id=own_id if isinstance(own_id, str) else None,
        source=_source(cell.get("source", cell.get("input", ""))),
        grade_id=name if isinstance(name, str) else None,
        given_attachments=attachments if isinstance(attachments, dict) else None,
    )


def _source(source: Any) -> str:
    """The text of a cell, from a text or a list of lines, with the line ends of this course."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return encodable(source).replace("\r\n", "\n").replace("\r", "\n")


def _plain(source: str) -> str:
    """A text without the spaces that editors add and take away."""
    return "\n".join(line.rstrip() for line in source.split("\n")).strip()


def repair(submitted: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The course's release with the student's answers and own cells in it, and a sentence for each thing put right.

    submitted: from `read_submission`; it is used up.
    The result has no outputs. It is fit for every step of nbgrader, whatever the submission was like.
    """
    course = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if role_of(cell)}
    for cell in submitted.cells:
        cell.plain = _plain(cell.source)
    notes = _keep_pictures(submitted)
    names = _named(submitted, course)
    recognized = _recognized(submitted, release, course, names)
    notes += [f"The cell {name} had lost its name and was recognized by what is in it." for name in recognized]
    copies: dict[str, list[NotebookNode]] = {}
    for cell in submitted.cells:
        if id(cell) in names:
            copies.setdefault(names[id(cell)], []).append(cell)
    notes += [f"The cell {name} was there {len(each)} times." for name, each in copies.items() if len(each) > 1]
    chosen = {name: id(_choose(course[name], each)) for name, each in copies.items()}
    given = {_plain(cell.source): cell for cell in release.cells}
    numbers = {cell.id: cell for cell in release.cells if not role_of(cell)}
    cells = []
    for cell in submitted.cells:
        name = names.get(id(cell))
        same = given.get(cell.plain)
        if name is None and same is not None:
            if not role_of(same):  # a second copy of a stub or a check does nothing
                cells.append(_text(same, same.source))
        elif name is None and cell.cell_type == "code" and _is_code(numbers.get(cell.id)):
            cells.append(_text(numbers[cell.id], cell.source))  # code of the course, tried with other values
        elif name is None:
            cells.append(_own(cell))
        elif _locked(course[name]):
            kept = [_course_cell(course[name])] if id(cell) == chosen[name] else []
            added = _added(course[name].source, cell.source)
            more = [code_cell(added)] if added and cell.cell_type == "code" else []
            # What a check needs stands above it; what was added to the imports may need them.
            cells += kept + more if kind_of(course[name]) == "setup" else more + kept
            if more:
                notes.append(f"The cell {name} is locked. What was added to it runs in a cell of its own.")
        elif id(cell) == chosen[name]:
            cells.append(_course_cell(course[name], cell))
        elif cell.plain not in given:
            cells.append(_own(cell))  # another attempt at an answer: it still runs where it stands
    notes += _put_back(cells, release)
    cells, moved = _words_into_answers(cells, release)
    notes += moved
    for index, cell in enumerate(cells):
        cell.id = cell.metadata.nbgrader.grade_id if role_of(cell) else f"own-{index}"
        if cell.metadata.get("course") == TEXT:
            cell.metadata = NotebookNode()
    return NotebookNode(cells=cells, metadata=release.metadata, nbformat=4, nbformat_minor=5), notes


def _keep_pictures(submitted: NotebookNode) -> list[str]:
    """Give each cell the attached pictures that can be shown, as long as there is room for them."""
    notes, left = [], MAX_PICTURES
    for cell in submitted.cells:
        kept, dropped = attached_images(cell.given_attachments or {}, left)
        left -= sum(len(data) for each in kept.values() for data in each.values())
        cell.attachments = NotebookNode({name: NotebookNode(each) for name, each in kept.items()})
        notes += [f"A picture was left out: {reason}." for reason in dropped]
    return notes[:20]


def _named(submitted: NotebookNode, course: dict[str, NotebookNode]) -> dict[int, str]:
    """The names of the submitted cells that stand for a cell of the course: by grade_id, else by the cell's own id."""
    names = {}
    for cell in submitted.cells:
        name = cell.grade_id if cell.grade_id in course else cell.id
        if name in course:
            names[id(cell)] = name
    return names


def _recognized(
    submitted: NotebookNode, release: NotebookNode, course: dict[str, NotebookNode], names: dict[int, str]
) -> list[str]:
    """Name cells that have none by their content: for an answer, cells that define one of its names; for an answer in
    words, the text below its question; for other cells of the course, the same text. Returns the new names."""
    missing = [name for name in course if name not in set(names.values())]
    free = {id(cell): cell for cell in submitted.cells if id(cell) not in names}
    defined = {number: _defined(cell.source) for number, cell in free.items() if cell.cell_type == "code"}
    questions = {
        after.metadata.nbgrader.grade_id: _plain(before.source)
        for before, after in zip(release.cells, release.cells[1:], strict=False)
        if role_of(after)
    }
    given = {_plain(cell.source) for cell in release.cells if not role_of(cell)}
    below = {id(after): before.plain for before, after in zip(submitted.cells, submitted.cells[1:], strict=False)}
    found = []
    for name in missing:
        own, kind = course[name], kind_of(course[name])
        wanted, text = _defined(own.source), _plain(own.source)
        if kind == "answer":
            same = [number for number in free if wanted & defined.get(number, set())]
        elif kind == "written":
            same = [
                number
                for number, cell in free.items()
                if cell.cell_type == "markdown" and below.get(number) == questions.get(name) and cell.plain not in given
            ]
        else:
            same = [number for number, cell in free.items() if cell.plain == text]
        for number in same:
            names[number] = name
            del free[number]
        if same:
            found.append(name)
    return found


def _defined(source: str) -> set[str]:
    """The functions and classes that a cell defines at its top level, even if it is not quite Python."""
    return set(re.findall(r"^(?:async def|def|class) +(\w+)", source, flags=re.MULTILINE))


def _choose(own: NotebookNode, copies: list[NotebookNode]) -> NotebookNode:
    """Of several copies the first that the student has changed, so that a leftover stub never hides an answer."""
    stub = _plain(own.source)
    return next((copy for copy in copies if copy.plain != stub), copies[0])


def _course_cell(own: NotebookNode, given: NotebookNode | None = None) -> NotebookNode:
    """A cell of the course; when it is not locked, with what the student wrote in it."""
    cell = nbformat.from_dict(json.loads(json.dumps(own)))
    changed = given is not None and given.plain and given.plain not in (_plain(own.source), *FORMER_TEXT_STUBS)
    if not _locked(own):
        if given is not None and changed:
            cell.source = given.source
        elif cell.cell_type == "code":
            cell.metadata["course"] = STUB
        if given is not None and given.attachments and cell.cell_type == "markdown":
            cell.attachments = given.attachments
            if not changed:  # nothing but a picture: nbgrader must see that it is an answer
                cell.source = _pictures(given.attachments)
    return cell


def _added(own: str, given: str) -> str:
    """What a student wrote into a locked cell: its statements, or its lines where it is not quite Python, that are not
    the course's. Most editors let everybody write there, and what Run All defines is what counts."""
    if _plain(own) == _plain(given):
        return ""
    try:
        known = {ast.unparse(each) for each in ast.parse(own).body}
        lines = given.split("\n")
        new = [each for each in ast.parse(given).body if ast.unparse(each) not in known]
        return "\n".join("\n".join(lines[_first_line(each) - 1 : each.end_lineno]) for each in new)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        printed = {line.strip() for line in own.split("\n")}
        return "\n".join(line for line in given.split("\n") if line.strip() not in printed)


def _first_line(statement: ast.stmt) -> int:
    return min(each.lineno for each in (statement, *getattr(statement, "decorator_list", ())))


def _is_code(cell: NotebookNode | None) -> bool:
    return cell is not None and cell.cell_type == "code"


def _text(own: NotebookNode, source: str) -> NotebookNode:
    """A cell of the course that has no role."""
    new = code_cell if own.cell_type == "code" else markdown_cell
    return new(source, course=TEXT, of=own.id)


def _own(cell: NotebookNode) -> NotebookNode:
    """A cell of the student's own, with nothing but its text and its images."""
    if cell.cell_type == "code":
        return code_cell(cell.source)
    own = markdown_cell(cell.source)
    if cell.attachments:
        own.attachments = cell.attachments
    return own


def _pictures(names: Iterable[str]) -> str:
    return "\n\n".join(f"![{name}](attachment:{name})" for name in names)


def _locked(cell: NotebookNode) -> bool:
    return kind_of(cell) in ("setup", "check")


def _put_back(cells: list[NotebookNode], release: NotebookNode) -> list[str]:
    """Insert the course's cells that are missing, each behind the nearest one before it in the release."""
    notes = []
    before: list[str] = []
    places = _places(cells)
    for own in release.cells:
        if role_of(own) and own.id not in places:
            previous = next((places[each] for each in reversed(before) if each in places), -1)
            cells.insert(previous + 1, _course_cell(own))
            places = _places(cells)
            notes.append(f"The cell {own.metadata.nbgrader.grade_id} was missing and has been put back.")
        before.append(own.id)
    return notes


def _places(cells: list[NotebookNode]) -> dict[str | None, int]:
    return {_release_id(cell): index for index, cell in enumerate(cells)}


def _release_id(cell: NotebookNode) -> str | None:
    """The id in the release of a cell of the course; None for a cell of the student's own."""
    return cell.metadata.nbgrader.grade_id if role_of(cell) else cell.metadata.get("of")


def _words_into_answers(cells: list[NotebookNode], release: NotebookNode) -> tuple[list[NotebookNode], list[str]]:
    """Put what the student wrote between the neighbors of a cell for words into that cell.

    What repeats the course's own text is not the student's. Code stays where it is, and is copied when nothing else was
    written.
    """
    printed = {
        line.strip() for cell in release.cells if cell.cell_type == "markdown" for line in cell.source.split("\n")
    }
    moved: set[int] = set()
    notes = []
    for index, cell in enumerate(cells):
        role = role_of(cell)
        if not role or role[0] != "written":
            continue
        beside = [*reversed(list(_strip_of_own(reversed(cells[:index])))), *_strip_of_own(cells[index + 1 :])]
        untouched = compute_checksum(cell) == cell.metadata.nbgrader.get("checksum")
        texts = [] if untouched else [cell.source]
        for each in beside:
            words = _new_words(each.source, printed)
            if each.cell_type != "markdown" or id(each) in moved or not (words or each.get("attachments")):
                continue
            texts.append(words)
            cell.attachments = NotebookNode({**cell.get("attachments", {}), **each.get("attachments", {})})
            if words == each.source.strip():
                moved.add(id(each))
        if not texts:
            texts = [f"```\n{each.source}\n```" for each in beside if each.cell_type == "code"]
        if len(texts) > (not untouched):
            cell.source = "\n\n".join(texts)
            notes.append(f"What was written beside the cell {role[1]} was put into it.")
    return [cell for cell in cells if id(cell) not in moved], notes


def _new_words(source: str, printed: set[str]) -> str:
    """The lines of a text that the course has not printed."""
    return "\n".join(line for line in source.split("\n") if not line.strip() or line.strip() not in printed).strip()


def _strip_of_own(cells: Iterable[NotebookNode]) -> Iterable[NotebookNode]:
    """The student's own cells at the beginning of some cells."""
    for cell in cells:
        if role_of(cell) or cell.metadata.get("course"):
            return
        yield cell
