"""The statements say which parts of the library are closed while an exercise is asked."""

from __future__ import annotations

import re

import pytest

from autograder.build.source import read_source
from course_lib.exercises import NOTEBOOKS, exercises_of

NAMES = r"((?:`[\w.]+`(?:, | and )?)+)"
IN_ALL = re.compile(r"\*Closed in this notebook\*, of course_lib: " + NAMES)
IN_ONE = re.compile(r"\*Closed here\*(?:, of course_lib| too): " + NAMES)


def named(pattern: re.Pattern[str], text: str) -> list[str]:
    """The names that a statement calls closed."""
    return [name for names in pattern.findall(text) for name in re.findall(r"`([\w.]+)`", names)]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_what_is_closed_is_said(notebook: str) -> None:
    cells = [cell.source for cell in read_source(notebook).cells if cell.cell_type == "markdown"]
    texts = [" ".join(text.split()) for text in cells]
    for exercise in exercises_of(notebook):
        at = next(k for k, text in enumerate(texts) if f"### Exercise {exercise.number} ·" in text)
        everywhere = [] if "*Open here*" in texts[at] else named(IN_ALL, " ".join(texts[: at + 1]))
        assert [*everywhere, *named(IN_ONE, texts[at])] == list(exercise.closed), exercise.id
