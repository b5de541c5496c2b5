"""The page that a student gets: what passed, what did not and why, beside the student's own answer.

It has no scripts, loads nothing from the network and shows no hidden data.
"""

from __future__ import annotations

from autograder.grade.own_pages import own_page
from autograder.grade.roster import Person
from autograder.grade.standing import Paper
from course_lib.exercises import TITLES

STATUS = {
    "full": "complete",
    "partial": "partly right",
    "wrong": "not right yet",
    "untouched": "not answered",
    "failed": "could not be judged",
    "manual": "a person reads this answer",
}


def page(person: Person, paper: Paper) -> str:
    """The feedback page of one notebook of one student as HTML."""
    notebook = paper.notebook
    return own_page(
        "feedback.html",
        person=person,
        paper=paper,
        title=TITLES.get(notebook, notebook) if notebook else "Your files",
        number=notebook[:2],
        status=STATUS,
    )
