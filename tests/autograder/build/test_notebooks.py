"""What is built is what the sources say, it gives nothing away, and it runs."""

from __future__ import annotations

import ast
import os
import platform
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.build import notebooks as builder
from autograder.build.answer_key import answer_keys
from autograder.build.marks import BEGIN, END
from autograder.build.source import read_source, role_of
from autograder.files import RELEASE, ROOT, SOLUTIONS, notebook_file, notebook_text, release_of
from autograder.kernels import LocalKernelManager, kernel_environment
from autograder.zoo import traps
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, all_exercises, exercises_of, find
from course_lib.plain import loads

each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS)


def solution_lines(notebook: str) -> set[str]:
    """The lines that stand between the marks in the source."""
    lines, inside = set(), False
    for cell in read_source(notebook).cells:
        for line in cell.source.splitlines():
            if BEGIN in line or END in line:
                inside = BEGIN in line
            elif inside and (cell.cell_type == "code" or " " in line.strip()):  # one word of a text says nothing
                lines.add(line.strip())
    return lines


def another_processor() -> dict[str, str]:
    """An environment in which NumPy and its linear algebra compute as on an older processor, and so round otherwise."""
    newer = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    older = {"OPENBLAS_CORETYPE": "Nehalem"} if platform.machine() in ("x86_64", "AMD64") else {}
    return {**os.environ, **older, "NPY_DISABLE_CPU_FEATURES": ",".join(newer)}


@pytest.mark.slow
@pytest.mark.thorough
@each_notebook
def test_a_build_on_another_processor_gives_what_the_checkout_has(notebook: str) -> None:
    command = [sys.executable, "-m", "autograder.cli", "build", "--check", notebook]
    found = subprocess.run(command, cwd=ROOT, env=another_processor(), capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.slow
@pytest.mark.thorough
def test_two_builds_give_the_same_bytes() -> None:
    builds = []
    for _ in range(2):
        answer_keys.cache_clear()
        builds.append([(built.path, built.text) for built in builder.build(NOTEBOOKS[0])])
    assert builds[0] == builds[1]


@each_notebook
def test_what_is_built_has_the_text_of_the_source(notebook: str) -> None:
    """What takes no execution is compared in every run; `course build --check` compares the rest."""
    source = read_source(notebook)
    solution = nbformat.read(notebook_file(SOLUTIONS, notebook), as_version=4)
    assert [cell.source for cell in solution.cells] == [cell.source for cell in source.cells]
    fresh = notebook_text(builder.release(notebook, source))
    assert notebook_file(RELEASE, notebook).read_text(encoding="utf-8") == fresh


@each_notebook
def test_the_solution_was_executed_without_an_error(notebook: str) -> None:
    nb = nbformat.read(notebook_file(SOLUTIONS, notebook), as_version=4)
    counts = [cell.execution_count for cell in nb.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert not [o for cell in nb.cells for o in cell.get("outputs", []) if o.output_type == "error"]


@each_notebook
def test_the_release_has_no_line_of_a_solution(notebook: str) -> None:
    own = {line.strip() for cell in release_of(notebook).cells for line in cell.source.splitlines()}
    ours = {line for line in solution_lines(notebook) if len(line) > 5 and not line.startswith("#")}
    assert ours, "the source has no solutions"
    assert ours & own == set()
    text = notebook_file(RELEASE, notebook).read_text(encoding="utf-8")
    assert BEGIN not in text
    assert END not in text


@each_notebook
def test_the_release_is_fresh(notebook: str) -> None:
    """No outputs, numbered stubs, locked checks, and metadata that no tool has to repair."""
    nb = release_of(notebook)
    assert nb.metadata.language_info == {"name": "python"}
    titles = {exercise.id: f"{exercise.number} {exercise.title}" for exercise in exercises_of(notebook)}
    for cell in nb.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        role = role_of(cell)
        if role and role[0] == "answer":
            assert f'raise NotImplementedError("Your turn: {titles[role[1]]}")' in cell.source
        if role and role[0] == "check":
            assert cell.metadata.editable is False
            assert cell.metadata.tags == ["raises-exception"]


@pytest.mark.slow  # it starts a kernel
@each_notebook
def test_run_all_of_the_release_reaches_the_end_with_only_check_failures(notebook: str, tmp_path: Path) -> None:
    nb = release_of(notebook)
    options = {"timeout": 60, "kernel_manager_class": LocalKernelManager, "resources": {"metadata": {"path": tmp_path}}}
    NotebookClient(nb, **options).execute(env=kernel_environment())
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    for cell in code:
        errors = [output for output in cell.outputs if output.output_type == "error"]
        role = role_of(cell)
        if role and role[0] == "check":
            assert [error.ename for error in errors] == ["CheckFailed"]
            assert len(errors[0].traceback) == 2
        else:
            assert errors == []


@each_notebook
def test_a_notebook_is_made_of_short_cells(notebook: str) -> None:
    for cell in release_of(notebook).cells:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert cell.cell_type != "code" or len(lines) <= 20, cell.source
        assert cell.cell_type != "code" or "%" not in {line[:1] for line in lines}, "a magic stops the browser build"


@each_notebook
def test_a_notebook_has_a_written_answer_and_folded_hints(notebook: str) -> None:
    nb = release_of(notebook)
    assert [role for role in map(role_of, nb.cells) if role and role[0] == "written"]
    hints = sum(cell.source.count("<details") for cell in nb.cells)
    assert hints >= len(exercises_of(notebook))


@each_notebook
def test_the_public_data_is_data(notebook: str) -> None:
    lines = (builder.DATA / f"{notebook}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    known = [row["trap"] for row in map(loads, lines) if "trap" in row]
    assert sorted(known) == sorted(entry.name for entry in traps(notebook)), "one line a known mistake"
    assert max(map(len, lines)) < 12_000, "a change of a line can still be read"
    assert sum(map(len, lines)) < 500_000, "half a megabyte is read in a fiftieth of a second"


def test_no_answer_of_a_quiz_can_be_read_in_what_students_get() -> None:
    quizzes = [exercise for _, exercise in all_exercises() if exercise.quiz]
    assert quizzes
    for exercise in quizzes:
        notebook, _ = find(exercise.id)
        rows = map(loads, (builder.DATA / f"{notebook}.jsonl").read_text(encoding="utf-8").splitlines())
        own = [row for row in rows if row["exercise"] == exercise.id]
        lists = [some for row in own for some in row.get("outcomes", {"": row.get("expected", [])}).values()]
        outcomes = [each for some in lists for each in some]
        assert outcomes
        assert all(set(each) == {"salt", "sealed"} for each in outcomes)


def write_source(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    """A source file in place of the first notebook's."""
    monkeypatch.setattr("autograder.build.source.SOLUTIONS", folder)
    (folder / f"{NOTEBOOKS[0]}.py").write_text(text, encoding="utf-8")
    return NOTEBOOKS[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace('check="wiggle"', 'check="wigle"'), "wigle"),
        (lambda text: text.replace('answer="wiggle"', ""), "wiggle needs one answer cell"),
        (lambda text: text.replace('check("wiggle", wiggle)', 'check("wiggle")'), "must be exactly"),
        (lambda text: text.replace("{{exercise wiggle}}", "{{exercise wiggly}}"), "names nothing"),
        (lambda text: text + '\n# %% setup="imports"\nx = 1\n', "two cells say"),
        (lambda text: text + "\n# %% [markdown]\n#\n", "is empty"),
    ],
)
def test_a_source_that_does_not_fit_is_refused(change, message: str, tmp_path: Path, monkeypatch) -> None:
    text = (SOLUTIONS / f"{NOTEBOOKS[0]}.py").read_text(encoding="utf-8")
    notebook = write_source(tmp_path, monkeypatch, change(text))
    with pytest.raises(CourseError, match=message):
        read_source(notebook)


@each_notebook
def test_notebooks_import_only_what_students_have(notebook: str) -> None:
    packages = {"numpy", "sympy", "matplotlib", "course_lib"}
    allowed = packages | {"math", "itertools", "collections", "time", "timeit", "functools", "textwrap"}
    for cell in release_of(notebook).cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                assert {name.split(".")[0] for name in names} <= allowed


def test_the_text_of_a_notebook_is_checked() -> None:
    with pytest.raises(nbformat.ValidationError):
        notebook_text(nbformat.from_dict({"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
