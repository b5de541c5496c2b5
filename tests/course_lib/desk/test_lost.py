"""A missing name says what to run, in a kernel as `course lab` starts it and after a check was imported."""

from __future__ import annotations

import os

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.kernels import LocalKernelManager
from course_lib.desk.lab import SETTINGS
from course_lib.desk.lost import HINT

pytestmark = pytest.mark.slow  # each starts a kernel

START = {**os.environ, "PYTHONSTARTUP": str(SETTINGS / "at_start.py")}


def errors(sources: list[str], env: dict[str, str]) -> list[list[str] | None]:
    """The lines of the error of each cell, or None."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(nb, allow_errors=True, kernel_manager_class=LocalKernelManager).execute(env=env)
    found = [[o for o in cell.outputs if o.output_type == "error"] for cell in nb.cells]
    return [each[0].traceback if each else None for each in found]


def test_the_first_cell_after_a_restart_says_what_to_run() -> None:
    first, second = errors(["np.zeros(3)", "assert not {'sys', 'lost', 'HINT'} & set(dir())"], START)
    assert first == ["NameError: name 'np' is not defined", HINT]
    assert second is None


def test_a_check_says_it_wherever_the_notebook_is_opened() -> None:
    (lines,) = errors(['from course_lib.check import check\ncheck("wiggle", wiggle)'], dict(os.environ))
    assert lines == ["NameError: name 'wiggle' is not defined", HINT]


@pytest.mark.parametrize("code", ["def f():\n    return gone\n\nf()", "def f():\n    a = a + 1\n\nf()"])
def test_an_error_inside_a_function_keeps_all_its_calls(code: str) -> None:
    (lines,) = errors([code], START)
    assert any("in f()" in line.replace("\x1b[0m", "") or "f()" in line for line in lines[:-1])
    assert (lines[-1] == HINT) == ("gone" in code)
