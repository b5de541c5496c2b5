"""One page about a class, to look at before the next lecture. It needs nothing but a browser, and no network."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import Book
from autograder.grade.groups import alike, mistakes, unexplained
from autograder.grade.own_pages import own_page
from autograder.grade.standing import NOT_GRADED, NOT_HANDED_IN, STATES, WAITING, Standing
from autograder.grade.views import make_views, told_of_the_disk
from course_lib.files import write_whole

BINS = 10
SHOWN = 20  # groups and mistakes on the page; all are in --json


def report_on(klass: ClassFolder, out: Path | None, as_json: bool) -> str:
    """Write the report of a class. Returns where it is, for the terminal, or the figures as JSON."""
    with told_of_the_disk(out or klass.path), klass.working("report"), Book(klass.gradebook) as book:
        figures = figures_of(make_views(klass, book))
        if as_json:
            return json.dumps(figures, indent=1, ensure_ascii=False)
        html = own_page("report.html", **figures, shown=SHOWN, klass=klass.shown)
        path = write_whole(out or klass.path / "report.html", html)
    count = len(figures["groups"])
    return f"{path}: {count} {'group' if count == 1 else 'groups'} of wrong answers that no known mistake explains"


def figures_of(whole: Standing) -> dict[str, Any]:
    """Everything that the report shows, as plain data."""
    counts = Counter(paper.state for paper in whole.every_paper())
    names = {student: person.shown for student, person in whole.people.items()}
    waiting = [p for p in whole.every_paper() if p.state == WAITING]
    stuck = [p for p in whole.papers.values() if p.state == NOT_GRADED]
    return {
        "name": whole.name,
        "students": len(whole.people),
        "states": {state: counts[state] for state in STATES},
        "notebooks": [_notebook(whole, notebook) for notebook in whole.notebooks],
        "exercises": _exercises(whole),
        "mistakes": [asdict(each) for each in mistakes(whole)],
        "groups": [asdict(group) | {"size": len(group.students)} for group in unexplained(whole)],
        "alike": [asdict(each) | {"names": [names[s] for s in each.students]} for each in alike(whole)],
        "waiting": [{"student": names[p.student], "notebook": p.notebook, "points": p.waiting} for p in waiting],
        "not_graded": [
            {"student": names.get(p.student, p.student), "notebook": p.notebook, "why": p.why} for p in stuck
        ],
    }


def _notebook(whole: Standing, notebook: str) -> dict[str, Any]:
    """How the points of one notebook are distributed, in tenths of what it is worth."""
    papers = [whole.paper(student, notebook) for student in whole.people]
    points = sorted(paper.points for paper in papers if paper.points is not None)
    most = whole.max_points(notebook)
    bins = [0] * BINS
    for value in points:
        bins[min(BINS - 1, int(BINS * value / most))] += 1 if most else 0
    middle = (points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2 if points else None
    missing = sum(paper.state == NOT_HANDED_IN for paper in papers)
    mean = sum(points) / len(points) if points else None
    facts = {"notebook": notebook, "max_points": most, "graded": len(points), "not_handed_in": missing}
    return facts | {"mean": mean, "median": middle, "bins": bins}


def _exercises(whole: Standing) -> list[dict[str, Any]]:
    """How each exercise went: the share of its points that the class got, and how many got all, some, none."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for paper in whole.every_paper():
        for item in paper.items:
            facts: dict[str, Any] = {"notebook": paper.notebook, "exercise": item.exercise}
            facts |= {"number": item.number, "title": item.title}
            facts |= {"points": 0.0, "of": 0.0, "all": 0, "some": 0, "none": 0, "not_answered": 0, "waiting": 0}
            row = found.setdefault((paper.notebook, item.exercise), facts)
            if item.points is None:
                row["waiting"] += 1
                continue
            row["points"] += item.points
            row["of"] += item.max_points
            kind = "all" if item.points >= item.max_points else "some" if item.points else "none"
            row["not_answered" if item.status == "untouched" and kind == "none" else kind] += 1
    rows = [row | {"share": row["points"] / row["of"] if row["of"] else None} for row in found.values()]
    return sorted(rows, key=lambda row: (row["notebook"], not row["number"], _order(row["number"])))


def _order(number: str) -> list[int]:
    return [int(part) for part in number.split(".") if part.isdigit()]
