"""Grade a whole class: find the submissions, grade each one by itself on Dask, write the results as they come.

A task is pure: the bytes of a notebook go in, the executed notebook and its results come out. One writer, in the
process that was started, puts them into the gradebook. What was graded before is not graded again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from dask.distributed import Client, as_completed
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder.build.source import role_of
from autograder.files import ROOT, SOLUTIONS, notebook_text, release_of
from autograder.grade.collect import find_submissions
from autograder.grade.feedback import page
from autograder.grade.gradebook import Book
from autograder.grade.hands import local_cluster, with_hands_of_the_worker, with_own_hands
from autograder.grade.rehearse import fingerprint, rehearse
from autograder.grade.repair import Unreadable, read_submission, repair
from autograder.grade.run import check_outputs, failed, run_and_judge
from autograder.grade.secret import secret_seed
from autograder.jail.choose import refuse_if_seen, runs_in_a_jail
from course_lib.errors import CourseError
from course_lib.files import write_whole
from course_lib.judging import Verdict

Row = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """How a class is graded.

    gradebook: URL of another database than gradebook.db in the class's folder.
    scheduler: address of a Dask scheduler; without it a cluster of `workers` processes is started here.
    workers: how many processes on this machine.
    trusted: run the notebooks without a jail, with all rights of the person who grades.
    follow_through: what is right on top of an earlier known mistake keeps its points.
    """

    gradebook: str | None = None
    scheduler: str | None = None
    workers: int = os.cpu_count() or 1
    trusted: bool = False
    follow_through: bool = True


@dataclass(frozen=True)
class Submission:
    """One submitted notebook. key: says what is graded with what; the same key gives the same result."""

    student: str
    notebook: str
    content: bytes
    key: str


@dataclass(frozen=True)
class Graded:
    """The result of one submission.

    problem: why it could not be graded; then there are no rows, and no score is written.
    """

    student: str
    notebook: str
    key: str
    executed: str
    rows: list[Row]
    notes: list[str]
    problem: str = ""


def grade_one(submission: Submission, seed: int, trusted: bool = False, follow_through: bool = True) -> Graded:
    """Grade one submission. It never raises: what goes wrong in the grader itself is told, and is no score."""
    try:
        executed, verdicts, notes = _grade(submission, seed, trusted, follow_through)
        rows = result_rows(submission.student, submission.notebook, verdicts, executed)
        return Graded(submission.student, submission.notebook, submission.key, notebook_text(executed), rows, notes)
    except Exception:
        problem = traceback.format_exc(limit=-3)
        return Graded(submission.student, submission.notebook, submission.key, "", [], [], problem)


def _grade(
    submission: Submission, seed: int, trusted: bool, follow_through: bool
) -> tuple[NotebookNode, list[Verdict], list[str]]:
    release = release_of(submission.notebook)
    try:
        nb, notes = repair(read_submission(submission.content), release)
    except Unreadable as reason:
        verdicts = {verdict.exercise: verdict for verdict in failed(submission.notebook, str(reason))}
        for cell in release.cells:
            role = role_of(cell)
            if role and role[0] == "check":
                cell.outputs = check_outputs(verdicts[role[1]])
        return release, list(verdicts.values()), [str(reason)]
    return nb, run_and_judge(nb, submission.notebook, seed, trusted=trusted, follow_through=follow_through), notes


def result_rows(student: str, notebook: str, verdicts: Sequence[Verdict], nb: NotebookNode) -> list[Row]:
    """One row for each exercise and for each answer in words, which has no points until a person gives them."""
    rows = []
    for verdict in verdicts:
        row = {"student": student, "notebook": notebook, "exercise": verdict.exercise, "points": verdict.points}
        row |= {"max_points": verdict.max_points, "status": verdict.status, "feedback": verdict.feedback}
        row |= {"number": verdict.number, "title": verdict.title, "trap": verdict.trap}
        row["aspects"] = [asdict(aspect) | {"passed": aspect.passed} for aspect in verdict.aspects]
        rows.append(row)
    for cell in nb.cells:
        role = role_of(cell)
        if role and role[0] == "written":
            points, most = determine_grade(cell)  # 0 when nothing was written, else None: a person grades it
            row = {"student": student, "notebook": notebook, "exercise": role[1], "points": points}
            row |= {"max_points": most, "status": "manual" if points is None else "untouched"}
            row |= {"feedback": "" if points is None else "Nothing was written."}
            row |= {"number": "", "title": "In your own words", "trap": None, "aspects": []}
            rows.append(row)
    return rows


def grade_class(
    path: Path,
    folder: Path,
    options: Options = Options(),
    on_result: Callable[[Graded, int, int], None] = lambda graded, done, total: None,
) -> list[Row]:
    """Grade every submission below `path` and leave the results in `folder`.

    folder: gets gradebook.db, submitted/, autograded/, feedback/, grades.csv and the secret seed of the class.
    on_result: is called after each submission with how many of how many are done.
    Returns the result rows of all submissions, in the order of the folder.

    Raises:
        CourseError: when there is nothing to grade; when no jail can be made, or the course's own answers do not get
            full points in it; when some submissions could not be graded: the others then are.
    """
    seed = secret_seed(folder)
    builds: dict[str, str] = {}
    submissions = []
    for student, notebook, content in find_submissions(path):
        build = builds.setdefault(notebook, fingerprint(notebook))
        facts = [build.encode(), str(seed).encode(), b"" if options.follow_through else b"no follow-through"]
        key = hashlib.sha256(b"\0".join([content, *facts])).hexdigest()
        submissions.append(Submission(student, notebook, content, key))
    _refuse_without_a_jail(path, folder, options)
    results: dict[tuple[str, str], list[Row]] = {}
    problems = []
    with Book(options.gradebook or f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.add_notebooks(sorted(builds))
        todo = []
        for submission in submissions:
            done = book.result(submission.student, submission.notebook, submission.key)
            if done is None:
                todo.append(submission)
            else:
                results[submission.student, submission.notebook] = json.loads(done)
        for number, graded in enumerate(_grade_all(todo, seed, options), start=1):
            if graded.problem:
                problems.append(graded)
            else:
                submission = next(s for s in todo if (s.student, s.notebook) == (graded.student, graded.notebook))
                _write(folder, book, submission, graded)
                results[graded.student, graded.notebook] = graded.rows
            on_result(graded, number, len(todo))
    rows = [row for s in submissions for row in results.get((s.student, s.notebook), [])]
    write_whole(folder / "grades.csv", grades_csv(rows))
    if problems:
        first = problems[0]
        names = ", ".join(f"{g.student}/{g.notebook}" for g in problems)
        raise CourseError(
            f"not graded, because the grader failed: {names}. Nothing was recorded for them.\n{first.problem}"
        )
    return rows


def _grade_all(todo: Sequence[Submission], seed: int, options: Options) -> Iterator[Graded]:
    """The results as they come, from the user's own Dask cluster or one in this process."""
    if not todo:
        return
    if options.scheduler:
        cluster, work = nullcontext(options.scheduler), with_hands_of_the_worker
    else:
        cluster, work = local_cluster(min(options.workers, len(todo))), with_own_hands
    with cluster as address, Client(address) as client:
        notebooks = sorted({submission.notebook for submission in todo})
        rehearsals = [client.submit(work, rehearse, each, trusted=options.trusted, pure=False) for each in notebooks]
        client.gather(rehearsals)
        futures = {
            client.submit(
                work,
                grade_one,
                each,
                seed=seed,
                trusted=options.trusted,
                follow_through=options.follow_through,
                pure=False,
                retries=2,
            ): each
            for each in todo
        }
        for future, graded in as_completed(futures, with_results=True, raise_errors=False):
            if future.status == "error":
                each = futures[future]
                problem = f"The process that graded it ended three times: {future.exception()!r}"
                graded = Graded(each.student, each.notebook, each.key, "", [], [], problem)
            yield graded


def _refuse_without_a_jail(path: Path, folder: Path, options: Options) -> None:
    """Say it before anything is started, when there is no jail here or when it would show what it must not."""
    if not options.scheduler and runs_in_a_jail(options.trusted):
        refuse_if_seen([path, folder, SOLUTIONS, ROOT / "autograder", ROOT / "tests"])


def _write(folder: Path, book: Book, submission: Submission, graded: Graded) -> None:
    """Files first, then the gradebook: a run that is killed in between grades this submission again."""
    place = Path(graded.student) / graded.notebook
    write_whole(folder / "submitted" / place / f"{graded.notebook}.ipynb", submission.content)
    write_whole(folder / "autograded" / place / f"{graded.notebook}.ipynb", graded.executed)
    html = page(graded.student, graded.notebook, graded.rows, graded.notes)
    write_whole(folder / "feedback" / place / f"{graded.notebook}.html", html)
    comments = {f"{row['exercise']}-answer": row["feedback"] for row in graded.rows}
    nb = nbformat.reads(graded.executed, as_version=4)
    book.record(graded.student, graded.notebook, nb, comments, graded.key, json.dumps(graded.rows))


def grades_csv(rows: Iterable[Row]) -> str:
    """One line for each student and notebook: the points so far, of how many, and what a person has still to give."""
    lines: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        lines.setdefault((row["student"], row["notebook"]), []).append(row)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["student", "notebook", "points", "max_points", "points_to_grade_by_hand"])
    for (student, notebook), each in lines.items():
        points = sum(row["points"] for row in each if row["points"] is not None)
        most = sum(row["max_points"] for row in each)
        by_hand = sum(row["max_points"] for row in each if row["points"] is None)
        writer.writerow([_safe(student), notebook, *(f"{value:g}" for value in (points, most, by_hand))])
    return out.getvalue()


def _safe(text: str) -> str:
    """A name that starts like a formula would be run by a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
