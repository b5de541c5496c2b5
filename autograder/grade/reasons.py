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
from itertools import pairwise
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
KEEPING = {"time", "capture", "prun"}  # commands for a whole cell that keep what the cell defines
NETWORK = {"URLError", "HTTPError", "ConnectionError", "gaierror", "MaxRetryError", "RemoteDisconnected"}
NETWORK |= {"ConnectionRefusedError", "ConnectTimeout", "NewConnectionError"}
SCREEN = re.compile(r"%matplotlib\b|matplotlib\.use\b|switch_backend\b")
COLORS = re.compile(r"\x1b\[[\d;]*m")


def why_missing(name: str, own: NotebookNode, cells: Sequence[NotebookNode], ended: Mapping[int, str]) -> str:
    """Why a name that an exercise asks for is not defined.

    own: the answer cell of its exercise.
    cells: all code cells, with their outputs.
    ended: by id() of a cell, why the process was stopped when it ran.
    """
    found = _defining(name, cells)
    if trouble := _trouble(name, [*found, own], own, ended):
        return trouble
    if not _code_lines(own.source):
        return f"The answer cell holds only comments: no code in it defines {name}."
    if found:
        return _where_it_went(name, found, cells)
    close = difflib.get_close_matches(name, sorted(_names_defined(own.source)), n=1, cutoff=0.7)
    if close:
        return f"The answer cell defines {close[0]}, but the exercise asks for {name}."
    return f"Nothing in the notebook defines {name}."


def why_undefined(name: str, cells: Sequence[NotebookNode], ended: Mapping[int, str]) -> str:
    """Why a name that an answer uses, such as that of a function of the student's own, is not defined."""
    found = _defining(name, cells)
    everything = re.compile(r"^\s*from .* import +\*", re.MULTILINE)
    opened = [] if found else [cell for cell in cells if everything.search(cell.source[:MAX_PARSED]) and _error(cell)]
    return (
        _trouble(name, [*found, *opened], None, ended)
        or (_where_it_went(name, found, cells) if found else "")
        or f"It uses {name}, which nothing in the notebook defines."
    )


def names_used(source: str) -> list[str]:
    """The names that a cell uses and does not define anywhere in itself; none when it is not quite Python."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source[:MAX_PARSED])) if isinstance(node, (ast.Name, ast.arg))]
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    read = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    given = {node.arg if isinstance(node, ast.arg) else node.id for node in nodes if not _is_read(node)}
    return [name for name in dict.fromkeys(read) if name not in given and name not in vars(builtins)]


def _is_read(node: ast.Name | ast.arg) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def line_above_the_code(source: str) -> int | None:
    """The line of a `raise NotImplementedError` of the course that stands above what the student wrote below it."""
    try:
        tree = ast.parse(source[:MAX_PARSED])
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    for node in ast.walk(tree):
        body = node.body if isinstance(node, ast.FunctionDef) else []
        for each, _ in pairwise(body):  # not the last one, which has nothing below it
            if isinstance(each, ast.Raise) and each.exc and ast.unparse(each.exc).startswith("NotImplementedError"):
                return each.lineno
    return None


def _defining(name: str, cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The cells that look as if they defined a name."""
    ways = (
        rf"(?:(?:async[^\S\n]+)?def|class)[^\S\n]+{name}\b",
        rf"{name}\b[^=\n]*=",
        rf"(?:import|from)\b[^\n]*\b{name}\b",
    )
    defining = re.compile(rf"^[^\S\n]*(?:{'|'.join(ways)})", re.MULTILINE)
    return [cell for cell in cells if defining.search(cell.source[:MAX_PARSED])]


def _trouble(
    name: str, suspects: Sequence[NotebookNode], own: NotebookNode | None, ended: Mapping[int, str]
) -> str | None:
    """What went wrong in the first of these cells that did not run as the notebook's own code to its end."""
    for cell in suspects:
        which = "The answer cell" if cell is own else f"The cell that should define {name}"
        if id(cell) in ended:
            return f"{which} did not end well. {ended[id(cell)]}"
        if magic := _swallowing(cell.source):
            return (
                f"{which} begins with {magic}: what stands below it does not become part of the notebook. "
                "Delete that line."
            )
        if _error(cell):
            return f"{which} did not run to its end. {_what_happened(cell)}"
        if refused := _refused_command(cell):
            return f"{which} did not run to its end. {refused}"
    return None


def _swallowing(source: str) -> str | None:
    """The command at the top of a cell that takes the whole cell away, such as %%writefile; None for no such one."""
    first = re.match(r"\s*%%(\w+)", source)
    return f"%%{first[1]}" if first and first[1] not in KEEPING else None


def _refused_command(cell: NotebookNode) -> str | None:
    """The command of notebooks that is not known here: IPython prints that, and runs nothing below it."""
    printed = "".join(output.get("text", "") for output in cell.get("outputs", ()) if output.get("name") == "stderr")
    command = re.search(r"^[^\S\n]*%(\w+)", cell.source, re.MULTILINE)
    if "UsageError" not in printed[:MAX_PARSED] or not command:
        return None
    line = cell.source.count("\n", 0, command.start()) + 1
    return f"Line {line} has a command that is not there when it is graded: {_quoted(cell.source, line)}"


def _where_it_went(name: str, found: Sequence[NotebookNode], cells: Sequence[NotebookNode]) -> str:
    """Why a name is not there although cells that look like its definition ran to their end."""
    deleting = re.compile(rf"^[^\S\n]*(?:del\b[^\n]*\b{name}\b|%reset\b).*", re.MULTILINE)
    for cell in cells:
        if gone := deleting.search(cell.source[:MAX_PARSED]):
            line = cell.source.count("\n", 0, gone.start()) + 1
            return f"{name} was defined, and then deleted: {_quoted(cell.source, line)}"
    for cell in found:
        inside = _defined_inside(name, cell.source)
        if inside == 0:
            return f"{name} stands only in a text, between quotes, so no code defines it."
        if inside:
            return (
                f"Line {inside} defines {name} inside of something else, such as a class, a function or an `if`, "
                "where the notebook does not have it. Move it to the left margin."
            )
    return f"{name} was defined, but it is not any more when it is asked for."


def _defined_inside(name: str, source: str) -> int | None:
    """The line where a name is defined below the top level of a cell; 0 when no code of it defines the name; None when
    its top level does, or it cannot be known."""
    try:
        tree = ast.parse(source[:MAX_PARSED])
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if any(name in _bound(node) for node in tree.body):
        return None
    return next((node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt) and name in _bound(node)), 0)


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement itself defines, not what stands inside of it."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return set()


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
    if SCREEN.search(_text_of(cell.source, line or 0)):
        return f"{where} asks for pictures in windows or with controls, which are not there when it is graded{quoted}"
    if re.match(r"\s*%run\b", _text_of(cell.source, line or 0)):
        return (
            f"{where} runs a file that is not there when it is graded: only the notebook is{quoted} "
            "Code from files of your own belongs into the notebook."
        )
    if kind in NETWORK:
        return f"{where} needs the network, which is not there when it is graded{quoted}"
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
            compile(source, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except TabError as error:
        return f"Line {error.lineno} mixes tabs and spaces: indent with spaces only."
    except IndentationError as error:
        return f"Line {error.lineno} is not indented as Python wants it ({error.msg}): {_quoted(source, error.lineno)}"
    except SyntaxError as error:
        line = error.lineno or 0
        if _text_of(source, line).startswith("```"):
            return f"Line {line} has the marks ``` that stand around code in a text. Delete these lines."
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
