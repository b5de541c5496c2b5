"""What decides the grades of a notebook, as one hash: when it changes, its submissions are graded anew.

That is what is asked in it, the reference and the known mistakes, and the code that runs and judges; what a comment
says does not matter, and neither does the rest of the course.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from autograder.build.source import read_source, role_of
from autograder.files import ROOT, release_of
from course_lib.exercises import module_name

PACKAGES = ("course_lib", "autograder")
JUDGING = ("autograder.grade.run", "autograder.grade.repair", "course_lib.check", "course_lib.asking")


def fingerprint(notebook: str) -> str:
    """The hash of everything that decides a grade of this notebook."""
    digest = hashlib.sha256()
    for part in _parts(notebook):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


@lru_cache
def key_mark(notebook: str) -> str:
    """A mark of what decides what the reference gives: other versions of Python and NumPy round differently."""
    facts = [fingerprint(notebook), sys.version, platform.platform(), np.__version__]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


def _parts(notebook: str) -> Iterator[str]:
    release = release_of(notebook)
    for nb in (release, read_source(notebook)):
        for cell in nb.cells:
            if role_of(cell):
                yield json.dumps([cell.cell_type, cell.source, cell.metadata.nbgrader], sort_keys=True)
    start = {*JUDGING, f"course_lib.exercises.{module_name(notebook)}", f"autograder.zoo.{module_name(notebook)}"}
    for cell in release.cells:
        if cell.cell_type == "code":
            start |= set(_imports(cell.source))
    for module in sorted(_with_what_they_import(start)):
        yield module
        yield _meaning(module)[1]


def _with_what_they_import(modules: set[str]) -> set[str]:
    found: set[str] = set()
    while modules:
        module = modules.pop()
        if module in found or not _file(module):
            continue
        found.add(module)
        modules |= set(_meaning(module)[0])
    return found


@lru_cache(maxsize=1024)
def _imports(source: str) -> tuple[str, ...]:
    """The modules of the course that a cell imports, and the packages that they are in."""
    try:
        return _imported(ast.parse(source))
    except SyntaxError:
        return ()  # a cell with a stub that is not quite Python


def _imported(tree: ast.Module) -> tuple[str, ...]:
    names: set[str] = set()
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    ours = {name for name in names if name.split(".")[0] in PACKAGES}
    parents = {".".join(name.split(".")[:end]) for name in ours for end in range(1, name.count(".") + 1)}
    return tuple(sorted(ours | parents))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """A tree and all the statements in it. To look into their expressions too takes five times as long."""
    yield node
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = getattr(node, field, ())
        for each in inner if isinstance(inner, list) else ():
            yield from _statements(each)


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _meaning(module: str) -> tuple[tuple[str, ...], str]:
    """What a module imports, and what it says."""
    file = _file(module)
    assert file is not None  # only what has one is followed
    return _meaning_of(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=1024)
def _meaning_of(file: Path, changed: int) -> tuple[tuple[str, ...], str]:
    """The same, without comments, layout and docstrings; those of the zoo are sentences for students."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = _imported(tree)
    if "zoo" not in file.parts:
        for node in _statements(tree):
            if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
    return imported, ast.dump(tree)
