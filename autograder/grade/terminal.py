"""Show a class at the terminal: what was found, progress while it is graded, then where everybody stands."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from autograder.grade.classroom import Graded, Options, grade_class
from autograder.grade.collecting.collect import COLLECTED, IGNORED, OUTCOMES, Collected
from autograder.grade.folder import ClassFolder, class_of
from autograder.grade.standing import GRADED_STATE, NOT_GRADED, NOT_HANDED_IN, WAITING, Item, Paper, Standing, standing
from autograder.jail.choose import trusted_by_environment

JSON_FIELDS = ("student", "notebook", "exercise", "points", "max_points", "status", "feedback")
SHOWN_LINES = 20  # of the account; all are in collected.csv


def grade_and_show(path: Path | None, out: Path | None, options: Options, as_json: bool) -> None:
    """Grade the submissions below `path` and print the results; the account and progress go to stderr."""
    klass = class_of(path, options.name, out)
    console = Console(stderr=True, soft_wrap=True)
    if options.trusted or trusted_by_environment():
        console.print("These notebooks run without a jail: they can do whatever you can do.", style="yellow")
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("grading", total=None)
        pace = Pace()

        def say(sentence: str) -> None:
            console.print(sentence, style="yellow")

        def on_result(graded: Graded, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=pace.after(graded, done, total))

        rows = grade_class(path, klass.path, options, on_result, lambda found: show_account(found, console), say)
    if as_json:
        print(json.dumps([{name: row[name] for name in JSON_FIELDS} for row in rows], indent=1, ensure_ascii=False))
        return
    klass = class_of(None, options.name, klass.path)
    show_grades(klass, standing(klass), Console())


class Pace:
    """How fast a class is graded, in words."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now, self.begun = now, now()
        self.slowest: Graded | None = None

    def after(self, graded: Graded, done: int, total: int) -> str:
        """What to show after `done` of `total` results: the rate, the time left, and the slowest submission so far."""
        if self.slowest is None or graded.seconds > self.slowest.seconds:
            self.slowest = graded
        rate = done / max(self.now() - self.begun, 1e-9)
        left = timedelta(seconds=round((total - done) / rate))
        slowest = f"{self.slowest.student} {self.slowest.notebook}, {self.slowest.seconds:.1f} s"
        return f"{rate:.1f} a second, {left} left; slowest: {slowest}"


def show_account(found: Collected, console: Console) -> None:
    """What became of the files: how many of each kind, and each one that somebody should know of."""
    counts = [f"{found.count(outcome)} {outcome}" for outcome in OUTCOMES if found.count(outcome)]
    console.print(Text(f"Read as {found.layout}: {len(found.account)} files; {', '.join(counts)}."))
    lines = [line for line in found.account if line.outcome not in (COLLECTED, IGNORED) or (line.why and line.notebook)]
    for line in lines[:SHOWN_LINES]:
        who = f" ({line.student})" if line.student else ""
        console.print(Text(f"  {line.path}{who}: {line.outcome}{', ' if line.why else ''}{line.why}"))
    if len(lines) > SHOWN_LINES:
        console.print(f"  and {len(lines) - SHOWN_LINES} more; see collected.csv")
    for student, similar in found.strangers.items():
        guess = f" Is it {' or '.join(similar)}?" if similar else ""
        console.print(
            Text(f"  {student} is not on the roster.{guess} Add a line to it, and give it again."), style="yellow"
        )


def show_grades(klass: ClassFolder, whole: Standing, screen: Console) -> None:
    """A line for each student and notebook, and what to do next."""
    table = Table(title=Text(f"Grades of {whole.name}"), title_justify="left")
    columns: dict[str, JustifyMethod] = {
        "student": "left",
        "notebook": "left",
        "points": "right",
        "most important reason": "left",
    }
    for name, justify in columns.items():
        table.add_column(name, justify=justify, overflow="fold")
    for paper in whole.every_paper():
        person = whole.people[paper.student]
        who = f"{person.id} · {person.name}" if person.name not in ("", person.id) else person.id
        table.add_row(Text(who), paper.notebook, _points(paper), Text(_reason(paper)))
    screen.print(table)
    screen.print(
        f"Results are in {klass.shown}: grades.csv, feedback/ for the students, gradebook.db for nbgrader.",
        soft_wrap=True,
    )
    if any(paper.state == WAITING for paper in whole.papers.values()):
        screen.print(f"Answers in words wait for a person: python3 course words {klass.shown}", soft_wrap=True)


def _points(paper: Paper) -> str:
    return "–" if paper.points is None else f"{paper.points:g} / {paper.max_points:g}"


def _reason(paper: Paper) -> str:
    """What cost the student most, and what is still to come."""
    if paper.state == NOT_HANDED_IN:
        return NOT_HANDED_IN
    if paper.state == NOT_GRADED:
        return f"{NOT_GRADED}: {paper.why}"
    parts = [_lost(paper.items)]
    if paper.penalty:
        parts.append(f"late: {paper.penalty:g} points off")
    if paper.waiting:
        parts.append(f"{paper.waiting:g} points wait for a person")
    again = sum(item.look_again for item in paper.items)
    if again:
        parts.append(f"look again at {again} points by hand: the answer has changed")
    return "; ".join(part for part in parts if part)


def _lost(items: tuple[Item, ...]) -> str:
    lost = [item for item in items if item.points is not None and item.points < item.max_points]
    if not lost:
        return "" if any(item.points is None for item in items) else "everything right"
    coded = [item for item in items if not item.written]
    missed = [item for item in lost if not item.written]
    if missed and len(missed) == len(coded) and len({item.feedback for item in missed}) == 1:
        return missed[0].feedback
    worst = max(lost, key=lambda item: item.max_points - (item.points or 0))
    more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
    return f"{worst.number or worst.title}: {worst.feedback or worst.comment or 'points by a person'}{more}"


def show_class(klass: ClassFolder, as_json: bool) -> None:
    """Students × notebooks: handed in, graded, waiting for a person."""
    whole = standing(klass)
    if as_json:
        print(json.dumps(class_as_data(whole), indent=1, ensure_ascii=False))
        return
    screen = Console()
    table = Table(title=Text(f"The class {whole.name}"), title_justify="left")
    table.add_column("student", overflow="fold")
    sections = any(person.section for person in whole.people.values())
    if sections:
        table.add_column("section")
    for notebook in whole.notebooks:
        table.add_column(notebook[:2] if notebook[:2].isdigit() else notebook, justify="right")
    table.add_column("total", justify="right")
    for student, person in whole.people.items():
        cells = [_cell(whole.paper(student, notebook)) for notebook in whole.notebooks]
        who = Text(f"{student} · {person.name}" if person.name not in ("", student) else student)
        total = whole.total(student)
        table.add_row(who, *([person.section] if sections else []), *cells, "–" if total is None else f"{total:g}")
    screen.print(table)
    counts = Counter(paper.state for paper in whole.every_paper())
    screen.print(", ".join(f"{counts[state]} {state}" for state in (GRADED_STATE, WAITING, NOT_GRADED, NOT_HANDED_IN)))
    screen.print("? waits for a person, ! is not graded, – is not handed in.")
    for (student, _), paper in sorted(whole.papers.items()):
        if paper.state == NOT_GRADED:
            screen.print(Text(f"  {student} {paper.notebook}: {paper.why}"), soft_wrap=True)
    for row in whole.aside:
        screen.print(Text(f"  set aside: {row['student']} {row['notebook']} {row['exercise']}"), soft_wrap=True)


def _cell(paper: Paper) -> str:
    if paper.state == NOT_HANDED_IN:
        return "–"
    if paper.state == NOT_GRADED:
        return "!"
    return f"{paper.points:g}{'?' if paper.state == WAITING else ''}"


def class_as_data(whole: Standing) -> dict:
    """The class as plain data, for scripts."""
    students = []
    for student, person in whole.people.items():
        papers = {}
        for notebook in whole.notebooks:
            paper = whole.paper(student, notebook)
            time = paper.time.isoformat(timespec="seconds") if paper.time else None
            papers[notebook] = {"state": paper.state, "points": paper.points, "max_points": whole.max_points(notebook)}
            papers[notebook] |= {"waiting": paper.waiting, "submitted": time, "late_penalty": paper.penalty}
        total = whole.total(student)
        facts = {"student": student, "name": person.name, "email": person.email, "section": person.section}
        students.append(facts | {"total": total, "notebooks": papers})
    aside = [dict(row) for row in whole.aside]
    return {"class": whole.name, "notebooks": list(whole.notebooks), "students": students, "set_aside": aside}
