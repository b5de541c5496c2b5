"""A group of wrong answers as a draft for the zoo. A person writes its sentence; then everybody of the group reads it.

The draft is a student's code, and what is in the zoo runs with the rights of the person who builds the course. So it
is written only when nothing in it looks as if it did more than compute, and a person reads it anyway.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from autograder import zoo
from autograder.grade.folder import ClassFolder
from autograder.grade.groups import Group, unexplained
from autograder.grade.standing import standing
from course_lib.errors import CourseError
from course_lib.exercises import find, module_name
from course_lib.files import write_whole

MODULES = {"numpy", "math", "sympy", "course_lib", "cmath", "itertools", "functools", "collections", "fractions"}
NAMES = {"exec", "eval", "compile", "open", "input", "breakpoint", "globals", "locals", "vars", "getattr", "setattr"}
NAMES |= {"delattr", "exit", "quit", "memoryview", "help"}
METHODS = {"load", "loads", "save", "savez", "savetxt", "loadtxt", "genfromtxt", "fromfile", "tofile", "memmap", "dump"}
METHODS |= {"dumps", "system", "f2py", "ctypeslib", "lib", "testing", "sympify", "lambdify", "parse_expr", "preview"}


def draft_trap(klass: ClassFolder, group_id: str, only_print: bool) -> Iterator[str]:
    """Append the draft to the zoo of its notebook, or only print it. Yields lines for the terminal.

    Raises:
        CourseError: when there is no such group, or its example is nothing that a draft can be made of.
    """
    groups = unexplained(standing(klass))
    group = next((each for each in groups if each.id == group_id), None)
    if group is None:
        known = ", ".join(each.id for each in groups[:10]) or "none: known mistakes explain every wrong answer"
        raise CourseError(f"the class {klass.name} has no group {group_id}. It has {known}.")
    text = draft(group)
    doubt = doubtful(text)
    if only_print or doubt:
        yield text
        if doubt:
            yield f"Nothing was written, because it does more than compute ({doubt}). Copy what you trust by hand."
        return
    path = _zoo_file(group.notebook)
    if text in path.read_text(encoding="utf-8"):
        raise CourseError(
            f"{path} has this draft already. Fill in its sentence, then run python3 course build {group.notebook[:2]}."
        )
    write_whole(path, path.read_text(encoding="utf-8").rstrip() + "\n\n\n" + text)
    yield text
    yield f"Written to {path}. It is a student's code and will run with your rights: read it."
    yield "Fill in its sentence, the words that the student reads, and run:"
    yield f"  python3 course build {group.notebook[:2]}"
    yield f"  python3 course grade --class {klass.name}"


def _zoo_file(notebook: str) -> Path:
    file = importlib.import_module(f"autograder.zoo.{module_name(notebook)}").__file__
    assert file is not None  # it is a module, not a folder
    return Path(file)


def draft(group: Group) -> str:
    """The entry of the zoo for a group, with an empty sentence.

    Raises:
        CourseError: when the example does not define what the exercise asks for.
    """
    _, exercise = find(group.exercise)
    try:
        tree = ast.parse(group.example)
    except SyntaxError:
        raise CourseError(
            f"the answers of {group.id} are not quite Python, so nothing can be run to recognize them"
        ) from None
    answer = next((name for name in exercise.answers if _definition(tree, name)), None)
    if answer is None:
        raise CourseError(f"the answers of {group.id} define none of {', '.join(exercise.answers)}")
    definition = _definition(tree, answer)
    assert definition is not None  # it was just found
    beside = [node for node in tree.body if node is not definition and not isinstance(node, ast.Expr)]
    used = {n.id for n in ast.walk(definition) if isinstance(n, ast.Name)}
    definition.name = _free_name(group)
    if isinstance(definition, ast.FunctionDef):
        definition.body = [*(node for node in beside if _gives(node) & used), *definition.body]
    loses = ", ".join(f'"{name}"' for name in group.aspects) + ("," if len(group.aspects) == 1 else "")
    which = f', answer="{answer}"' if len(exercise.answers) > 1 else ""
    definition.body.insert(0, ast.Expr(ast.Constant("")))  # the empty sentence
    return f'@trap("{group.exercise}", loses=({loses}){which})\n{ast.unparse(ast.fix_missing_locations(definition))}\n'


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    found = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == name]
    return found[-1] if found else None


def _gives(node: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _free_name(group: Group) -> str:
    """A name that the zoo does not have yet."""
    taken = {entry.name for entry in zoo.traps(group.notebook) + zoo.alternatives(group.notebook)}
    name = re.sub(r"\W", "_", f"unnamed_{group.id}")
    while name in taken:
        name += "_2"
    return name


def doubtful(text: str) -> str:
    """What in a draft does more than compute; empty when nothing does."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] not in MODULES for alias in node.names):
            return f"import {node.names[0].name}"
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in MODULES:
            return f"from {node.module} import"
        if isinstance(node, ast.Name) and (node.id in NAMES or node.id.startswith("__")):
            return node.id
        if isinstance(node, ast.Attribute) and (node.attr in METHODS or node.attr.startswith("_")):
            return f".{node.attr}"
        if isinstance(node, ast.arguments):
            values = [*node.defaults, *(value for value in node.kw_defaults if value)]
            if not all(isinstance(value, (ast.Constant, ast.UnaryOp)) for value in values):
                return "a default value that is computed"
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and any(
            not _is_ours(each) for each in node.decorator_list
        ):
            return "a decorator"
    return ""


def _is_ours(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "trap"
