"""What the notebooks print fits beside itself on a narrow page: JupyterLab breaks a longer line inside a word."""

from __future__ import annotations

import nbformat
import pytest

from autograder.files import SOLUTIONS, notebook_file
from course_lib.check import COLUMNS
from course_lib.exercises import NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_printed_line_is_broken_on_a_narrow_page(notebook: str) -> None:
    printed: list[tuple[int, str]] = []
    for number, cell in enumerate(nbformat.read(notebook_file(SOLUTIONS, notebook), 4).cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = output.get("text", "") + ("" if "text/html" in data else data.get("text/plain", ""))
            printed += [(number, line) for line in text.splitlines()]
    assert printed
    assert [(number, line) for number, line in printed if len(line) > COLUMNS] == []
