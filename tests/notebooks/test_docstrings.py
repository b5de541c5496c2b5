"""Every example in the docstring of a stub is right: a student tries it first."""

from __future__ import annotations

import doctest
import io

import pytest
import sympy

from autograder.build.answer_key import reference
from course_lib.exercises import NOTEBOOKS, exercises_of

ANSWERS = [
    pytest.param(notebook, answer, id=f"{notebook}-{answer}")
    for notebook in NOTEBOOKS
    for exercise in exercises_of(notebook)
    for answer in exercise.answers
]
# What the notebook has defined by then in a cell that is not graded.
DEFINED = {"01_chain_rule": dict(zip("ta", sympy.symbols("t a"), strict=True))}


@pytest.mark.parametrize(("notebook", "answer"), ANSWERS)
def test_the_example_in_the_docstring_is_right(notebook: str, answer: str) -> None:
    names = reference(notebook) | DEFINED.get(notebook, {})
    for example in doctest.DocTestFinder(recurse=False).find(names[answer], answer, globs=names):
        report = io.StringIO()
        failed = doctest.DocTestRunner().run(example, out=report.write).failed
        assert failed == 0, report.getvalue()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_most_stubs_have_an_example(notebook: str) -> None:
    """Some would be the answer, and networks and classes are shown in the text."""
    texts = [reference(notebook)[answer].__doc__ or "" for each in exercises_of(notebook) for answer in each.answers]
    assert any(">>>" in text for text in texts)
