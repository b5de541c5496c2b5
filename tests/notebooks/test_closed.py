"""The statement of an exercise says which parts of the library are closed while it is asked."""

from __future__ import annotations

import pytest

from autograder.build.source import read_source
from course_lib.exercises import NOTEBOOKS, exercises_of


@pytest.mark.parametrize("notebook", NOTEBOOKS[5:])
def test_what_is_closed_is_said(notebook: str) -> None:
    texts = [cell.source for cell in read_source(notebook).cells if cell.cell_type == "markdown"]
    for exercise in exercises_of(notebook):
        statement = next(text for text in texts if f"### Exercise {exercise.number} ·" in text)
        said = statement.partition("*Closed here*, of course_lib: ")[2].partition(".\n")[0].removesuffix(".")
        names = [name.strip("`") for name in said.replace(" and ", ", ").replace("\n", " ").split(", ") if name]
        assert names == list(exercise.closed), exercise.id
