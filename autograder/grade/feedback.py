"""The page that a student gets: what passed, what did not and why.

It has no scripts, loads nothing from the network and shows no hidden data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from course_lib.exercises import TITLES

_pages = Environment(
    loader=PackageLoader("autograder.grade"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)

STATUS = {
    "full": "complete",
    "partial": "partly right",
    "wrong": "not right yet",
    "untouched": "not answered",
    "failed": "could not be judged",
    "manual": "graded by a person",
}


def page(student: str, notebook: str, rows: Sequence[dict[str, Any]], notes: Sequence[str]) -> str:
    """The feedback page of one graded notebook as HTML.

    rows: the result rows of autograder.grade.
    notes: what was put right in the file.
    """
    graded = [row for row in rows if row["number"]]  # answers in words have none
    return _pages.get_template("feedback.html").render(
        student=student,
        title=TITLES[notebook],
        number=notebook[:2],
        rows=rows,
        notes=notes,
        status=STATUS,
        points=sum(row["points"] for row in graded),
        max_points=sum(row["max_points"] for row in graded),
    )
