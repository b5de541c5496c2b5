"""Why an answer is not there: what happened in the cell that should have defined it, in a sentence for the student.

What the kernel says of an error is a stranger's word. It chooses among the sentences in here; names and lines are
quoted only as they stand in the notebook that was handed in.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

MAX_PARSED = 100_000  # characters of a cell that Python's parser is asked about
MAX_QUOTED = 80
CURLY = "“”„‟‘’‚‛«»‹›′″´"
PACKAGES = "NumPy, SymPy, Matplotlib and course_lib"
NOT_FOUND = re.compile(r"No module named '([\w.]+)'")
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
PLACE = re.compile(r"Cell In\s?\[\d*\], line (\d{1,6})|^-+> (\d{1,6}) ", re.MULTILINE)
EXCEPTIONS = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)}
COLORS = re.compile(r"\x1b\[[\d;]*m")


def why_missing(name: str, own: NotebookNode, cells: Sequence[NotebookNode], ended: Mapping[int, str]) -> str:
    """Why a name is not defined.

    own: the answer cell of its exercise.
    cells: all code cells, with their outputs.
    ended: by id() of a cell, why the process was stopped when it ran.
    """
    defining = re.compile(
        rf"^[^\S\n]*(?:(?:async[^\S\n]+)?def|class)[^\S\n]+{name}\b|^[^\S\n]*{name}\b[^=\n]*=", re.MULTILINE
    )
    found = [cell for cell in cells if defining.search(cell.source[:MAX_PARSED])]
    stopped = [cell for cell in (*found, own) if _error(cell) or id(cell) in ended]
    for cell in stopped:
        which = "The answer cell" if cell is own else f"The cell that should define {name}"
        if id(cell) in ended:
            return f"{which} did not end well. {ended[id(cell)]}"
        return f"{which} did not run to its end. {_what_happened(cell)}"
    if not _code_lines(own.source):
        return f"The answer cell holds only comments: no code in it defines {name}."
    close = difflib.get_close_matches(name, sorted(_names_defined(own.source)), n=1, cutoff=0.7)
    if close:
        return f"The answer cell defines {close[0]}, but the exercise asks for {name}."
    if found:
        return f"{name} was defined, but it is not any more when it is asked for."
    return f"Nothing in the notebook defines {name}."


def _what_happened(cell: NotebookNode) -> str:
    error: dict[str, Any] = _error(cell) or {}
    kind, text = (str(error.get(part, "")) for part in ("ename", "evalue"))
    if kind in ("SyntaxError", "IndentationError", "TabError"):
        return _syntax(cell.source) or "It is not Python."
    named = (UNDEFINED if kind == "NameError" else NOT_FOUND).match(text)
    word = "input" if kind == "StdinNotImplementedError" else named[1].split(".")[0] if named else ""
    line = _line(cell) or _line_with(word, cell.source)
    where = f"Line {line}" if line else "It"
    quoted = f": {_quoted(cell.source, line)}" if line else "."
    if kind == "ModuleNotFoundError":
        missing = named[1] if named and _line_with(named[1], cell.source) else "something"
        return (
            f"{where} imports {missing}, which is not there when it is graded: only the notebook is, with {PACKAGES}. "
            "Code from files of your own belongs into the notebook."
        )
    if kind == "StdinNotImplementedError":
        return f"{where} calls input(), but nobody is there to type when it is graded{quoted}"
    if kind == "FileNotFoundError":
        return f"{where} opens a file that is not there when it is graded: only the notebook is{quoted}"
    if kind == "NameError" and _line_with(word, cell.source):
        return f"{where} uses {word}, which is not defined there{quoted}"
    if kind == "SystemExit":
        return f"{where} ends the program{quoted}"
    known = kind if kind in EXCEPTIONS else "an error"
    return f"{where} stops with {known}{quoted}"


def _syntax(source: str) -> str | None:
    """What Python's parser finds wrong; None when it finds nothing, as with the commands of notebooks."""
    if len(source) > MAX_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except TabError as error:
        return f"Line {error.lineno} mixes tabs and spaces: indent with spaces only."
    except IndentationError as error:
        return f"Line {error.lineno} is not indented as Python wants it ({error.msg}): {_quoted(source, error.lineno)}"
    except SyntaxError as error:
        line = error.lineno or 0
        strange = _character(source, line) if "invalid" in error.msg else None  # as in "invalid character"
        return f"Line {line} {strange or f'is not Python ({error.msg})'}: {_quoted(source, line)}"
    except (ValueError, MemoryError, RecursionError):
        return "It is not Python."
    return None


def _character(source: str, line: int) -> str | None:
    """What is wrong with the first character of a line that no Python program has outside of a text."""
    for character in _text_of(source, line):
        if character in CURLY:
            return f"has a curly quote ({character}), which Python does not read; type a straight one, ' or \""
        if character == "\xa0" or (unicodedata.category(character) == "Zs" and character != " "):
            return "has a no-break space, which looks like a space and is none; type it again"
        if unicodedata.category(character) == "Cf":
            return "has a character that cannot be seen; type the line again"
        if character in "−–—":
            return f"has a dash ({character}) in place of a minus sign, -"
        if character in "×·÷≤≥≠":
            return f"has the sign {character}, which Python does not read"
    return None


def _line(cell: NotebookNode) -> int | None:
    """The last line of the cell in the error's traceback."""
    error: dict[str, Any] = _error(cell) or {}
    text = COLORS.sub("", "\n".join(map(str, error.get("traceback", ())))[:MAX_PARSED])
    lines = [int(one or other) for one, other in PLACE.findall(text)]
    inside = [line for line in lines if 0 < line <= cell.source.count("\n") + 1]
    return inside[0] if inside else None


def _text_of(source: str, line: int) -> str:
    lines = source.split("\n")
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _quoted(source: str, line: int | None) -> str:
    text = " ".join(_text_of(source, line or 0).split())
    return f"`{text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + '…'}`"


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((output for output in cell.get("outputs", ()) if output.output_type == "error"), None)


def _code_lines(source: str) -> list[str]:
    return [line for line in source.split("\n") if line.strip() and not line.strip().startswith("#")]


def _names_defined(source: str) -> set[str]:
    found = re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=", source[:MAX_PARSED], re.MULTILINE)
    return {one or other for one, other in found}


def _line_with(word: str, source: str) -> int | None:
    """The first line that holds a word; None for no word."""
    found = re.search(rf"\b{re.escape(word)}\b", source) if word else None
    return source.count("\n", 0, found.start()) + 1 if found else None
