"""Where one stands: every check leaves its result in the student's folder, and `progress()` shows them all.

One small file a check, so that two notebooks at work never write the same file.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

from course_lib.desk.answers import title_of
from course_lib.desk.server import RECORDS
from course_lib.exercises import NOTEBOOKS, Exercise, exercises_of, find
from course_lib.files import write_whole
from course_lib.judging import Verdict

CHECKS = "checks"
RELEASE = Path(__file__).resolve().parents[2] / "notebooks"  # where the library stands in the course's folder


def students_folder(start: Path | None = None) -> Path | None:
    """The student's folder around `start` (default: the current folder); None where there is none.

    `course lab` marks it by a folder .course. In a browser without a server, it is the whole drive.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / RECORDS).is_dir():
            return folder
    return Path("/drive") if sys.platform == "emscripten" and Path("/drive").is_dir() else None


def note(verdict: Verdict, folder: Path | None = None) -> str | None:
    """Keep what a check found, in the student's folder if there is one. Return a sentence if that is not possible."""
    folder = folder or students_folder()
    if folder is None:
        return None
    result = {"points": verdict.points, "max_points": verdict.max_points, "status": verdict.status}
    try:
        write_whole(folder / RECORDS / CHECKS / f"{verdict.exercise}.json", json.dumps(result))
    except OSError as error:
        return f"(Your progress could not be kept: {error}. The check itself is not affected.)"
    return None


@dataclass(frozen=True)
class Standing:
    """Where one stands in one notebook.

    path: its file below the student's folder. points: by the latest checks. open: exercises that lack points, each
    with the points reached, or None when its check never ran on an answer.
    """

    notebook: str
    title: str
    path: str
    points: float
    max_points: float
    open: tuple[tuple[Exercise, float | None], ...]


class Progress:
    """What `progress()` returns: a table in a notebook, lines in a terminal."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.latest: str | None = None
        self.standings = [self._standing(notebook) for notebook in NOTEBOOKS]

    def _standing(self, notebook: str) -> Standing:
        path = f"{notebook}/{notebook}.ipynb"
        copies = [folder / path for folder in (self.folder, RELEASE) if folder]
        file = next((copy for copy in copies if copy.exists()), None)
        title = title_of(file) if file else notebook.replace("_", " ")
        points, still_open = 0.0, []
        exercises = exercises_of(notebook)
        for exercise in exercises:
            result = self._result(exercise)
            reached = None if result is None or result["status"] == "untouched" else float(result["points"])
            points += reached or 0.0
            if reached is None or reached < exercise.points:
                still_open.append((exercise, reached))
        total = sum(exercise.points for exercise in exercises)
        return Standing(notebook, title, path, points, total, tuple(still_open))

    def _result(self, exercise: Exercise) -> dict | None:
        if self.folder is None:
            return None
        file = self.folder / RECORDS / CHECKS / f"{exercise.id}.json"
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:  # damaged by hand or by a crash of the disk: as if the check had not run
            return None

    def next_step(self) -> str:
        """One sentence: the exercise to do next, in the notebook of the latest check."""
        standing = self._next()
        if standing is None:
            return "Every exercise has all of its points. What is left are the answers in words."
        exercise, reached = standing.open[0]
        done = "not answered yet" if reached is None else f"{reached:g} of {exercise.points:g} points"
        return f"Next: {exercise.number} {exercise.title} ({done}), in “{standing.title}”."

    def _next(self) -> Standing | None:
        here = self._notebook_of_latest()
        waiting = [standing for standing in self.standings if standing.open]
        return next((each for each in waiting if each.notebook == here), waiting[0] if waiting else None)

    def _notebook_of_latest(self) -> str | None:
        if self.folder is None:
            return None
        files = list((self.folder / RECORDS / CHECKS).glob("*.json"))
        for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
            try:
                return find(file.stem)[0]
            except KeyError:
                continue  # an exercise of an earlier release
        return None

    def __repr__(self) -> str:
        width = max(len(each.title) for each in self.standings)
        lines = [f"{each.title:<{width}}  {_points(each):>15}  {_open(each)}".rstrip() for each in self.standings]
        return "\n".join([*lines, "", self.next_step()])

    def _repr_html_(self) -> str:
        return self.table(Path.cwd().resolve())

    def table(self, here: Path) -> str:
        """The table as HTML, with links that lead from the folder `here` to the notebooks."""
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">'
            f'<a href="{escape(self._link(each, here))}">{escape(each.title)}</a></th>'
            f'<td style="text-align:right;white-space:nowrap">{_points(each)}</td>'
            f'<td style="text-align:left">{escape(_open(each))}</td></tr>'
            for each in self.standings
        )
        step = escape(self.next_step())
        standing = self._next()
        if standing:
            step += f' <a href="{escape(self._link(standing, here))}">Open it</a>'
        return (
            f"<p><b>{step}</b></p><table><thead><tr>"
            '<th scope="col" style="text-align:left">Notebook</th><th scope="col">Points by the latest checks</th>'
            '<th scope="col" style="text-align:left">Still open</th>'
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _link(self, standing: Standing, here: Path) -> str:
        if self.folder is None or not here.is_relative_to(self.folder):
            return standing.path
        return Path(os.path.relpath(self.folder / standing.path, here)).as_posix()


def progress() -> Progress:
    """Where you stand: each notebook, the points by the latest checks, what is open, and the next step.

    Checks that ran in this folder count, in whichever notebook. Answers in words are graded by a person.
    """
    return Progress(students_folder())


def _points(standing: Standing) -> str:
    return f"{standing.points:g} of {standing.max_points:g}"


def _open(standing: Standing) -> str:
    if not standing.open:
        return "done"
    return ", ".join(exercise.number for exercise, _ in standing.open)
