"""Carry a student's answers into a new release of a notebook, cell by cell.

Answers go into the cells of the same name. The student's own cells come along and stand behind the same cell as
before. A cell of the course that they have changed, such as a prediction, is changed in the new release too, if that
still has the cell. What has no place any more is left in the old file, and the report names it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from course_lib.desk.answers import answered, copies_of, label, name_of, source_of, to_fill_in

Cell = dict[str, Any]
Notebook = dict[str, Any]
SENTENCE = "carried-over"  # the id of the cell that tells the student


@dataclass
class Carried:
    """A new release with the student's work in it.

    answers: the names of the answers that were carried. own: how many cells of the student's own came along.
    left: the names of the answers that have no place in the new release.
    """

    notebook: Notebook
    answers: list[str] = field(default_factory=list)
    own: int = 0
    left: list[str] = field(default_factory=list)


def carry(old: Notebook, given: Notebook, new: Notebook, moved: dict[str, Cell] | None = None) -> Carried:
    """Put the work in `old`, which was handed out as `given`, into the release `new`.

    moved: answers from other notebooks, by name, for exercises that have moved here.
    """
    result = Carried(copy.deepcopy(new))
    fields = to_fill_in(result.notebook)
    answers = answered(old, given)
    for name, cell in {**(moved or {}), **answers}.items():
        if name in fields:
            fields[name]["source"] = source_of(cell)
            if cell.get("attachments"):
                fields[name]["attachments"] = cell["attachments"]
            result.answers.append(name)
        elif name in answers:
            result.left.append(name)
    _bring_own_cells(old, given, result, {id(cell) for cell in answers.values()})
    result.answers.sort(key=list(fields).index)
    return result


def _bring_own_cells(old: Notebook, given: Notebook, result: Carried, done: set[int]) -> None:
    """Bring the cells that are not the course's, or that are the course's and were changed."""
    cells = result.notebook["cells"]
    names = {name for name in map(name_of, given["cells"]) if name}
    of_course = {id(cell): name for name, each in copies_of(old, names).items() for cell in each}
    plain = {_key(cell) for cell in given["cells"]}
    by_id = {cell.get("id"): cell for cell in given["cells"] if name_of(cell) is None}
    anchor = -1  # the last cell of the new release that the old notebook had too
    for cell in old["cells"]:
        name = of_course.get(id(cell))
        handed = by_id.get(cell.get("id"))
        if name is not None and (id(cell) in done or not _is_other_attempt(cell, name, given)):
            anchor = _place_of(name, map(name_of, cells), anchor)
        elif _key(cell) in plain:
            anchor = _place_of(_key(cell), map(_key, cells), anchor)
        elif cell.get("id") == SENTENCE or not source_of(cell).strip():
            continue
        elif handed is not None and any(_key(each) == _key(handed) for each in cells):
            anchor = _place_of(_key(handed), map(_key, cells), anchor)
            cells[anchor]["source"] = source_of(cell)
            result.own += 1
        else:
            anchor += 1
            cells.insert(anchor, _own(cell, {each.get("id") for each in cells}))
            result.own += 1


def _is_other_attempt(cell: Cell, name: str, given: Notebook) -> bool:
    """True for a second copy of an answer's cell with something else in it: it comes along as the student's own."""
    fields = to_fill_in(given)
    return name in fields and source_of(cell).strip() != source_of(fields[name]).strip()


def _key(cell: Cell) -> tuple[str, str]:
    return cell["cell_type"], source_of(cell).strip()


def _place_of(wanted: Any, keys: Iterable[Any], otherwise: int) -> int:
    return next((index for index, key in enumerate(keys) if key == wanted), otherwise)


def _own(cell: Cell, taken: set[str]) -> Cell:
    """A cell of the student's, with no output and none of the course's metadata, under an id that is free."""
    number, name = 1, cell.get("id") or "own"
    while name in taken:
        number += 1
        name = f"own-{number}"
    own = {"cell_type": cell["cell_type"], "id": name, "metadata": {}, "source": source_of(cell)}
    if cell["cell_type"] == "code":
        own |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments"):
        own["attachments"] = cell["attachments"]
    return own


def tell(carried: Carried, kept_as: str | None) -> None:
    """Put a sentence above all else that says what was carried over, and where the old file is."""
    text = "**This is a new release of the notebook.**"
    if carried.answers:
        text += f" Your answers were carried over: {_listed(carried.answers)}."
    if carried.own:
        text += f" {carried.own} of your own cells came along." if carried.own > 1 else " Your own cell came along."
    if carried.left:
        text += f" No place is left for: {_listed(carried.left)}."
    if kept_as:
        text += f" Your old file is kept as `{kept_as}`."
    text += " Run all cells once (Run › Run All Cells) to see the checks again. You may delete this cell."
    sentence = {"cell_type": "markdown", "id": SENTENCE, "metadata": {}, "source": text}
    carried.notebook["cells"].insert(0, sentence)


def _listed(names: list[str]) -> str:
    return ", ".join(label(name) for name in names)
