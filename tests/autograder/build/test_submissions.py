"""Submissions made for tests carry what they should, where they should."""

from __future__ import annotations

import pytest

from autograder import zoo
from autograder.build.source import role_of
from autograder.build.submissions import make_submission, reference_sources
from course_lib.exercises import NOTEBOOKS, exercises_of


@pytest.mark.parametrize("apart", [False, True])
def test_a_mistake_kept_apart_is_gone_before_the_next_answer(apart: bool) -> None:
    notebook = NOTEBOOKS[0]
    first, second = (exercise.id for exercise in exercises_of(notebook)[:2])
    wrong = next(entry for entry in zoo.traps(notebook) if entry.exercise == first)
    nb = make_submission(notebook, {first: wrong, second: None}, apart=apart)
    cells = {role_of(cell)[1]: cell.source for cell in nb.cells if (role_of(cell) or ("",))[0] == "answer"}
    reference = reference_sources(notebook)
    assert cells[first].startswith(f"{reference[first]}\n\n\n{wrong.source}".rstrip())
    assert cells[second] == (f"{reference[first]}\n\n\n{reference[second]}" if apart else reference[second])
