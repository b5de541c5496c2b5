"""What the tests of single notebooks share."""

from __future__ import annotations

import contextlib
import io

import pytest

from autograder.build.source import read_source, role_of


@pytest.fixture(scope="module")
def names(request: pytest.FixtureRequest) -> dict:
    """The names of the solution after all its cells but the checks; the test file says which NOTEBOOK."""
    notebook = request.module.NOTEBOOK
    result: dict = {"__name__": notebook}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in read_source(notebook).cells:
            if cell.cell_type == "code" and (role_of(cell) or ("",))[0] != "check":
                exec(compile(cell.source, cell.id, "exec"), result)
    return result
