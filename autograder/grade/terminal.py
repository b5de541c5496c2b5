"""Show the grading of a class at the terminal: progress while it runs, then a table, or JSON for scripts."""

from __future__ import annotations

import json
import os
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder.files import ROOT
from autograder.grade.classroom import Graded, Options, Row, grade_class
from autograder.jail.choose import trusted_by_environment

JSON_FIELDS = ("student", "notebook", "exercise", "points", "max_points", "status", "feedback")


def grade_and_show(path: Path, out: Path | None, options: Options, as_json: bool) -> None:
    """Grade the submissions below `path` and print the results; progress goes to stderr."""
    folder = (out or ROOT / "graded" / path.resolve().stem).resolve()
    console = Console(stderr=True)
    if options.trusted or trusted_by_environment():
        console.print("These notebooks run without a jail: they can do whatever you can do.", style="yellow")
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("grading", total=None)

        def on_result(graded: Graded, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=f"{graded.student} {graded.notebook}")

        rows = grade_class(path, folder, options, on_result)
    if as_json:
        print(json.dumps([{name: row[name] for name in JSON_FIELDS} for row in rows], indent=1, ensure_ascii=False))
        return
    screen = Console()
    screen.print(_table(rows))
    screen.print(f"Results are in {_short(folder)}: grades.csv, feedback/ for the students, gradebook.db for nbgrader.")
    if any(row["status"] == "manual" for row in rows):
        screen.print(f"Answers in words wait for a person: course formgrader {_short(folder)}")


def _table(rows: list[Row]) -> Table:
    table = Table(title="Grades", title_justify="left")
    for name, justify in (
        ("student", "left"),
        ("notebook", "left"),
        ("points", "right"),
        ("most important reason", "left"),
    ):
        table.add_column(name, justify=justify, overflow="fold")
    for student, notebook in dict.fromkeys((row["student"], row["notebook"]) for row in rows):
        own = [row for row in rows if (row["student"], row["notebook"]) == (student, notebook) and row["number"]]
        points, most = (sum(row[name] for row in own) for name in ("points", "max_points"))
        table.add_row(student, notebook, f"{points:g} / {most:g}", _reason(own))
    return table


def _reason(rows: list[Row]) -> str:
    """What cost the student most."""
    lost = [row for row in rows if row["points"] < row["max_points"]]
    if not lost:
        return "everything right"
    if len(lost) == len(rows) and len({row["feedback"] for row in lost}) == 1:
        return lost[0]["feedback"]
    worst = max(lost, key=lambda row: row["max_points"] - row["points"])
    more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
    return f"{worst['number']}: {worst['feedback']}{more}"


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
