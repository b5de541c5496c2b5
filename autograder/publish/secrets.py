"""Look for answers in what goes out to students or to the web.

A line of an answer is one that stands between the marks in a source, and that neither the student release nor
course_lib has. Whatever is published is searched for these lines, in the form in which a reader would see it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from autograder.build.marks import BEGIN, END
from autograder.build.source import read_source
from autograder.files import ROOT, release_of
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

SHORTEST = 16  # shorter lines, such as `return a @ b`, stand in many places


def answer_lines(notebook: str) -> Iterator[str]:
    """Every line between the marks in the source of a notebook, stripped."""
    for cell in read_source(notebook).cells:
        inside = False
        for line in cell.source.splitlines():
            if BEGIN in line or END in line:
                inside = BEGIN in line
            elif inside:
                yield line.strip()


@cache
def secret_lines() -> frozenset[str]:
    """The lines of all answers that stand nowhere in what students have."""
    public = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "course_lib").rglob("*.py"))
    public += "\n".join(cell.source for notebook in NOTEBOOKS for cell in release_of(notebook).cells)
    public = _squeezed(public)
    lines = {_squeezed(line) for notebook in NOTEBOOKS for line in answer_lines(notebook)}
    return frozenset(line for line in lines if len(line) >= SHORTEST and line not in public)


def found_in(name: str, content: bytes) -> list[str]:
    """The lines of answers that a published file shows to a reader, whatever its kind."""
    text = _squeezed(_readable(name, content))
    return sorted(line for line in secret_lines() if line in text)


def refuse_answers(files: Iterable[tuple[str, bytes]]) -> None:
    """Check that no file gives an answer away.

    Raises:
        CourseError: if one does, with its name and a line.
    """
    for name, content in files:
        found = found_in(name, content)
        if found:
            raise CourseError(f"{name} would give an answer away: {found[0]!r}. Nothing was published.")


def refuse_answers_in(folder: Path) -> None:
    """Check every file below a folder.

    Raises:
        CourseError: as `refuse_answers` does.
    """
    refuse_answers((str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())


def _readable(name: str, content: bytes) -> str:
    text = content.decode("utf-8", errors="replace")
    if name.endswith((".html", ".htm")):
        return html.unescape(re.sub(r"<[^>]*>", "", text)) + html.unescape(text)
    if name.endswith((".ipynb", ".json")):
        try:
            return "\n".join(_strings(json.loads(text)))
        except ValueError:
            return text
    return text


def _strings(data: Any) -> Iterator[str]:
    """Every string in JSON data; a list of lines, as notebooks have them, as one."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        if all(isinstance(each, str) for each in data):
            yield "".join(data)
        else:
            for each in data:
                yield from _strings(each)
    elif isinstance(data, dict):
        for each in data.values():
            yield from _strings(each)


def _squeezed(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())
