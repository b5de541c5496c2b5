"""Make the one file to hand in, after a look at what is in it."""

from __future__ import annotations

import ast
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.desk.answers import answered, copies_of, label, name_of, read_notebook, source_of, to_fill_in
from course_lib.errors import CourseError
from course_lib.files import write_whole


@dataclass(frozen=True)
class Packed:
    """A file to hand in. `remarks` are sentences about what is in it; `complete` is False if an answer is missing."""

    path: Path
    saved: float
    remarks: tuple[str, ...]
    complete: bool

    def __str__(self) -> str:
        when = time.strftime("%H:%M on %Y-%m-%d", time.localtime(self.saved))
        lines = [f"{self.path.stem}: as you saved it at {when}", *(f"  {remark}" for remark in self.remarks)]
        return "\n".join([*lines, f"  The file to hand in: {self.path}"])


def pack(file: Path, release: Path, into: Path) -> Packed:
    """Check a student's notebook against its release, and write the file to hand in to the folder `into`.

    The file has the notebook's own name, by which `course grade` knows it, and no outputs: the answers are run again
    when they are graded.

    Raises:
        CourseError: when the file is not there, is no notebook, or holds no answer at all.
    """
    if not file.exists():
        raise CourseError(f"{file} is not there. Open the notebook first: python3 course lab {file.stem[:2]}")
    notebook, given = read_notebook(file), read_notebook(release)
    fields = to_fill_in(given)
    answers = answered(notebook, given)
    if not answers:
        raise CourseError(f"{file} has no answer in it: nothing to hand in. If you have written some, save it first.")
    missing = [name for name in fields if name not in answers]
    remarks = [f"Not answered: {', '.join(label(name) for name in missing)}"] if missing else []
    remarks += [f"Not Python: {label(name)}, {what}" for name, what in _not_python(answers)]
    course = {name for name in map(name_of, given["cells"]) if name}
    lost = [name for name in course - set(copies_of(notebook, course)) if name not in fields]
    if lost:
        remarks.append(f"{len(lost)} locked cells of the course are missing; grading puts them back.")
    if not remarks:
        remarks = ["Every exercise has an answer."]
    path = write_whole(into / file.name, json.dumps(_without_outputs(notebook), indent=1, ensure_ascii=False) + "\n")
    return Packed(path, file.stat().st_mtime, tuple(remarks), not missing)


def _not_python(answers: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """The code answers that no Python can read, each with what is wrong."""
    found = []
    for name, cell in answers.items():
        if cell["cell_type"] != "code":
            continue
        try:
            ast.parse(source_of(cell))
        except SyntaxError as error:
            found.append((name, f"line {error.lineno}: {error.msg}"))
        except ValueError as error:  # a zero byte in the text
            found.append((name, str(error)))
    return found


def _without_outputs(notebook: dict[str, Any]) -> dict[str, Any]:
    cells = []
    for cell in notebook["cells"]:
        cleared: dict[str, Any] = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
        cells.append({**cell, **cleared})
    return {**notebook, "cells": cells}
