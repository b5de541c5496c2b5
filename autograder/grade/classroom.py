"""Grade a whole class: find the submissions, grade each one by itself on Dask, write the results as they come.

A task is pure: the bytes of a notebook go in, the executed notebook and its results come out. One writer, in the
process that was started, puts them into the gradebook. What was graded before is not graded again.
"""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat
from dask.distributed import Client, Future, KilledWorker, as_completed, fire_and_forget
from distributed.client import FutureCancelledError
from distributed.comm import CommClosedError
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution

from autograder.build.answer_key import keep_keys
from autograder.build.source import role_of
from autograder.files import ROOT, SOLUTIONS
from autograder.grade.collecting.collect import Collected, collect
from autograder.grade.collecting.people import People
from autograder.grade.desk import Desk, Submission
from autograder.grade.fingerprint import fingerprint, key_mark
from autograder.grade.folder import ClassFolder, class_of, nothing_left_behind
from autograder.grade.gradebook import Book, Recorded
from autograder.grade.hands import (
    ProcessDied,
    get_ready,
    local_cluster,
    with_hands_of_the_worker,
    with_own_hands,
)
from autograder.grade.rehearse import rehearse
from autograder.grade.renaming import follow_roster
from autograder.grade.roster import Person, read_roster
from autograder.grade.standing import result_rows_of
from autograder.grade.submission import judge_submission, warm_up
from autograder.grade.views import make_views, told_of_the_disk
from autograder.jail.choose import needs_no_jail, refuse_if_seen, runs_in_a_jail
from autograder.jail.keeper import KEEPER
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from course_lib.files import write_whole
from course_lib.judging import Verdict

Row = dict[str, Any]
SAMPLE_CLASS = ROOT / "examples" / "SHA256SUMS"  # the files that may run where no jail can be made
KEYS = "answer_keys"  # a folder of the class, which no submission sees
TRIES = 3  # of a submission whose process ends
IN_THE_WINDOW = 16  # submissions for each worker that are given out at once
WORKERS = os.cpu_count() or 1  # more of them are not faster: all cores are busy, and each takes its time to start
LARGEST_BATCH = 100  # results that are written in one transaction
MOMENT = 1  # seconds between two transactions where results come faster; so long may a result wait to be written
SECONDS_TO_REACH_A_SCHEDULER = 10
LOST = "the Dask scheduler was lost. What was graded is kept: run the same command to go on."


@dataclass(frozen=True)
class Options:
    """How a class is graded.

    gradebook: URL of another database than gradebook.db in the class's folder.
    scheduler: address of a Dask scheduler; without it a cluster of `workers` processes is started here.
    workers: how many processes on this machine.
    trusted: run the notebooks without a jail, with all rights of the person who grades.
    follow_through: what is right on top of an earlier known mistake keeps its points.
    name: the class. layout: how it hands in. roster: a CSV file of its people.
    due: when notebooks are due. late: "none", "zero", or the class of an nbgrader plugin for late penalties.
    student: whose all of it is. take: the files that count where two are equal.
    """

    gradebook: str | None = None
    scheduler: str | None = None
    workers: int = WORKERS
    trusted: bool = False
    follow_through: bool = True
    name: str | None = None
    layout: str | None = None
    roster: Path | None = None
    due: Mapping[str, datetime] | None = None
    late: str | None = None
    student: str | None = None
    take: Collection[str] = ()


@dataclass(frozen=True)
class Graded:
    """The result of one submission.

    problem: why it could not be graded; then there are no rows, and no score is written.
    points: by grade_id of a graded cell, as nbgrader reads them from the executed notebook.
    untouched: the grade_ids of the answer cells in which nothing was changed.
    seconds: how long it took.
    """

    student: str
    notebook: str
    key: str
    executed: str
    rows: list[Row]
    notes: list[str]
    problem: str = ""
    points: Mapping[str, float | None] = field(default_factory=dict)
    untouched: Collection[str] = ()
    seconds: float = 0


def grade_one(
    submission: Submission,
    seed: int,
    trusted: bool = False,
    follow_through: bool = True,
    keys: Path | None = None,
    mark: str | None = None,
) -> Graded:
    """Grade one submission. It never raises: what goes wrong in the grader itself is told, and is no score.

    keys: the folder for the class's answer keys, where this process can reach it.
    mark: what `key_mark` gives here, if somebody knows it; it takes long to find.
    """
    begun = time.monotonic()
    try:
        mark = mark or key_mark(submission.notebook)
        keep_keys(submission.notebook, (keys or scratch_for_keys()) / submission.notebook / mark)
        packed = partial(_graded, submission)
        content, notebook = submission.content, submission.notebook
        graded = judge_submission(content, notebook, seed, trusted, follow_through, packed)
        return replace(graded, seconds=time.monotonic() - begun)
    except Exception:
        problem = traceback.format_exc(limit=-3)
        return Graded(submission.student, submission.notebook, submission.key, "", [], [], problem)


def _graded(submission: Submission, executed: NotebookNode, verdicts: list[Verdict], notes: list[str]) -> Graded:
    rows = result_rows(submission.student, submission.notebook, verdicts, executed)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in executed.cells if role_of(cell)}
    return Graded(
        submission.student,
        submission.notebook,
        submission.key,
        _text(executed),
        rows,
        notes,
        points={name: determine_grade(cell)[0] for name, cell in cells.items() if is_grade(cell)},
        untouched=[name for name, cell in cells.items() if cell.metadata.nbgrader.get("checksum") == _sum(cell)],
    )


def _text(nb: NotebookNode) -> str:
    """The text of an executed notebook. Lines for a person's eyes, as the course's own files have, would take a
    twentieth of the time of grading."""
    nbformat.validate(nb)
    return json.dumps(nb, ensure_ascii=False, sort_keys=True) + "\n"


def _sum(cell: NotebookNode) -> str | None:
    """The sum that nbgrader knows an untouched cell by; only cells for answers have one."""
    return compute_checksum(cell) if is_solution(cell) else None


@cache
def scratch_for_keys() -> Path:
    """A folder for the keys of this process and its forks; it is removed when the process has ended."""
    folder = tempfile.mkdtemp(prefix="keys-")
    KEEPER.keep(folder=folder)
    return Path(folder)


def result_rows(student: str, notebook: str, verdicts: Sequence[Verdict], nb: NotebookNode) -> list[Row]:
    """One row for each exercise and for each answer in words, which has no points until a person gives them."""
    rows = []
    roles = [(role_of(cell), cell.source) for cell in nb.cells]
    answers = {role[1]: source for role, source in roles if role and role[0] == "answer"}
    for verdict in verdicts:
        row = {"student": student, "notebook": notebook, "exercise": verdict.exercise, "points": verdict.points}
        row |= {"max_points": verdict.max_points, "status": verdict.status, "feedback": verdict.feedback}
        row |= {"number": verdict.number, "title": verdict.title, "trap": verdict.trap}
        row["aspects"] = [asdict(aspect) | {"passed": aspect.passed} for aspect in verdict.aspects]
        row |= {"behavior": verdict.behavior, "answer": answers.get(verdict.exercise, "")}
        rows.append(row)
    for cell in nb.cells:
        role = role_of(cell)
        if role and role[0] == "written":
            points, most = determine_grade(cell)  # 0 when nothing was written, else None: a person grades it
            row = {"student": student, "notebook": notebook, "exercise": role[1], "points": points}
            row |= {"max_points": most, "status": "manual" if points is None else "untouched"}
            row |= {"feedback": "" if points is None else "Nothing was written."}
            row |= {"number": "", "title": "In your own words", "trap": None, "aspects": []}
            row |= {"behavior": "", "answer": cell.source}
            rows.append(row)
    return rows


def grade_class(
    path: Path | None,
    folder: Path | None,
    options: Options = Options(),
    on_result: Callable[[Graded, int, int], None] = lambda graded, done, total: None,
    on_collected: Callable[[Collected], None] = lambda collected: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[Row]:
    """Grade every submission below `path` into a class, and make all views of the class anew.

    path: what was handed over; None grades again what the class has and what decides its grade has changed.
    folder: the class's folder; without one, options.name or the name of what was handed over says which class it is.
    on_collected: is called with the account of the files before anything is graded.
    on_result: is called after each submission with how many of how many are done.
    say: is called with a sentence that the person at the keyboard should see.
    Returns one row for each exercise of everybody in the class.

    Raises:
        CourseError: when there is nothing to grade; when it belongs to another class; when no jail can be made, or the
            course's own answers do not get full points in it; when some submissions could not be graded: the others
            then are.
    """
    klass = class_of(path, options.name, folder)
    roster = read_roster(options.roster.read_bytes(), str(options.roster)) if options.roster else klass.roster()
    collected = None
    if path is not None:
        with _readable(klass) as book:
            people = People(roster, book.numbers() if book else {})
        collected = collect(path, options.layout or klass.facts.layout or None, people, options.student, options.take)
        on_collected(collected)
    contents = [each.content for each in collected.handed_in] if collected and SAMPLE_CLASS.is_file() else []
    if contents and not options.trusted and (why := needs_no_jail(contents, SAMPLE_CLASS)):
        say(why)
        options = replace(options, trusted=True)
    _refuse_without_a_jail([path] if path else [], klass.path, options)
    with told_of_the_disk(klass.path), nothing_left_behind(klass), klass.working("grading"):
        return _grade_into(klass, collected, path, roster, options, on_result, say)


@contextmanager
def _readable(klass: ClassFolder) -> Iterator[Book | None]:
    """The gradebook of a class that has one."""
    if klass.path.is_dir() or klass.facts.gradebook:
        with Book(klass.gradebook) as book:
            yield book
    else:
        yield None


def _grade_into(
    klass: ClassFolder,
    collected: Collected | None,
    path: Path | None,
    roster: list[Person],
    options: Options,
    on_result: Callable[[Graded, int, int], None],
    say: Callable[[str], None],
) -> list[Row]:
    if not options.scheduler:
        get_ready()  # while this process opens the gradebook
    seed = klass.seed()
    remember(klass, path, options)
    if options.roster:
        klass.set_roster(roster)
    problems: list[Graded] = []
    done = 0
    with Book(klass.gradebook) as book:
        desk = Desk(klass.path, book)
        for sentence in follow_roster(klass, book, desk, roster):
            say(sentence)
        desk.adopt()
        if collected and path is not None:
            desk.take_in(collected, str(path.resolve()))
        due = options.due or {}
        book.add_notebooks(sorted({*desk.notebooks(), *(set(due) & set(NOTEBOOKS))}))
        desk.copy_what_moved()
        book.set_due(due)
        klass.facts.course |= {notebook: fingerprint(notebook) for notebook in desk.notebooks()}
        way = "" if options.follow_through else " without follow-through"
        builds = {notebook: build + way for notebook, build in klass.facts.course.items()}
        todo = desk.todo(builds, seed)
        notebooks = sorted({each.notebook for each in todo})

        def with_content(submission: Submission) -> Submission:
            klass.check_place()  # else a folder that is moved looks like files that are missing
            return desk.with_content(submission)

        contents = map(with_content, todo)
        for batch in _batches(_grade_all(contents, seed, options, klass.path / KEYS, notebooks, len(todo))):
            klass.check_place()
            _write(klass.path, book, [graded for graded in batch if not graded.problem])
            problems += [graded for graded in batch if graded.problem]
            for graded in batch:
                done += 1
                on_result(graded, done, len(todo))
        book.enroll(roster, {h.student: h.lms for h in collected.handed_in if h.lms} if collected else {})
        klass.save()
        whole = make_views(klass, book)
    if problems:
        first = problems[0]
        names = ", ".join(f"{g.student}/{g.notebook}" for g in problems)
        raise CourseError(
            f"not graded, because the grader failed: {names}. Nothing was recorded for them.\n{first.problem}"
        )
    return [row for paper in whole.every_paper() for row in result_rows_of(paper)]


def remember(klass: ClassFolder, path: Path | None, options: Options) -> None:
    """Note in the class what was said about it, so that it need not be said again."""
    facts = klass.facts
    facts.gradebook = options.gradebook or facts.gradebook
    facts.layout = options.layout or facts.layout
    facts.late = options.late or facts.late
    facts.due |= {notebook: time.isoformat() for notebook, time in (options.due or {}).items()}
    if path and str(path.resolve()) not in facts.handed_over:
        facts.handed_over.append(str(path.resolve()))


def _batches(results: Iterable[Graded | None]) -> Iterator[list[Graded]]:
    """Results that come within a moment: they are written in one transaction. None says that no other is there yet, and
    comes once a moment while none is."""
    batch: list[Graded] = []
    written = time.monotonic()
    for graded in results:
        if graded is not None:
            batch.append(graded)
        waited = graded is None and time.monotonic() - written > MOMENT
        if batch and (waited or len(batch) == LARGEST_BATCH):
            yield batch
            batch, written = [], time.monotonic()
    if batch:
        yield batch


def _grade_all(
    todo: Iterable[Submission], seed: int, options: Options, keys: Path, notebooks: Sequence[str], count: int
) -> Iterator[Graded | None]:
    """The results as they come, from the user's own Dask cluster or one in this process; None when one has to wait."""
    if not count:
        return
    marks = {notebook: key_mark(notebook) for notebook in notebooks}
    for notebook, mark in marks.items():
        _forget_old_keys(keys / notebook, mark)
    if options.scheduler:
        marks = {}  # its workers may have another Python
    cluster: AbstractContextManager[str]
    if options.scheduler:
        refuse_an_open_network(options.scheduler)
        cluster, work = nullcontext(options.scheduler), with_hands_of_the_worker
    else:
        cluster, work = local_cluster(min(options.workers, count)), with_own_hands
    ways = {"seed": seed, "trusted": options.trusted, "follow_through": options.follow_through}
    with cluster as address, _client(address) as client, _told_of_a_lost_scheduler():
        if not options.scheduler:
            for worker in client.scheduler_info()["workers"]:
                fire_and_forget(client.submit(work, warm_up, options.trusted, workers=[worker], pure=False))
        begin = partial(client.submit, work, pure=False)
        client.gather([begin(rehearse, each, trusted=options.trusted, mark=marks.get(each)) for each in notebooks])
        again = partial(begin, grade_one, **ways, keys=None if options.scheduler else keys, retries=TRIES - 1)
        yield from _through_a_window(client, lambda each: again(each, mark=marks.get(each.notebook)), todo)


@contextmanager
def _told_of_a_lost_scheduler() -> Iterator[None]:
    """However Dask notices it, a scheduler that is lost ends in one sentence."""
    try:
        yield
    except (FutureCancelledError, CommClosedError):
        raise CourseError(LOST) from None


def _forget_old_keys(folder: Path, mark: str) -> None:
    """Remove the keys of a notebook that is another one now."""
    for old in folder.glob("*"):
        if old.name != mark:
            shutil.rmtree(old, ignore_errors=True)


def _through_a_window(
    client: Client, give: Callable[[Submission], Future], todo: Iterable[Submission]
) -> Iterator[Graded | None]:
    """Give out only as many submissions as keep the workers busy, so that memory stays flat however many there are.

    Raises:
        CourseError: when the scheduler is lost. What was graded is kept, and the next run goes on from there.
    """
    waiting = iter(todo)
    given: dict[Future, Submission] = {}
    suspects: list[Submission] = []  # their workers ended, perhaps because of others that waited in the same worker
    alone = False
    results = as_completed(with_results=True, raise_errors=False, loop=client.loop)

    def submit(each: Submission) -> None:
        future = give(each)
        given[future] = each
        results.add(future)

    def fill() -> None:
        nonlocal alone
        room = IN_THE_WINDOW * max(1, sum(client.nthreads().values())) - len(given)
        for each in islice(waiting, max(0, room)):
            submit(each)
        if suspects and not given:
            alone = True
            submit(suspects.pop())

    fill()
    while given:
        if not _comes_soon(results):
            yield None
            continue
        there: list[Graded] = []
        for future, graded in results.next_batch(block=False):
            each = given.pop(future)
            if future.status in ("lost", "cancelled"):
                raise CourseError(LOST)
            if future.status != "error":
                there.append(graded)
            elif isinstance(future.exception(), KilledWorker) and not alone:
                suspects.append(each)
            else:
                error = future.exception()
                ended = isinstance(error, (KilledWorker, ProcessDied))
                what = "The process that graded it ended" if ended else "Grading it failed"
                problem = f"{what} {TRIES} times: {error!r}"
                there.append(Graded(each.student, each.notebook, each.key, "", [], [], problem))
        del future, graded
        fill()  # before anything is written, so that the workers have work meanwhile
        yield from there
        if not results.has_ready():
            yield None


def _comes_soon(results: as_completed) -> bool:
    """Wait for the next result, but no longer than a moment: what came before it is written then. False without one."""
    with results.thread_condition:
        return results.thread_condition.wait_for(results.has_ready, timeout=MOMENT)


def refuse_an_open_network(address: str) -> None:
    """Submissions and answer keys go to workers, and who reaches a scheduler runs code on them: others must not listen.

    Raises:
        CourseError: when the address is neither encrypted nor of this machine.
    """
    kind, _, place = address.rpartition("://")
    if kind in ("tls", "wss", "inproc"):
        return
    host = place.rpartition(":")[0].strip("[]") or place
    try:
        known = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        known = set()
    if not known or not all(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in map(str, known)):
        raise CourseError(
            f"the scheduler {address} is not on this machine, and what goes there would not be encrypted. Start it "
            "with certificates and say --scheduler tls://HOST:PORT; docs/clusters.md shows how."
        )


def _client(address: Any) -> Client:
    try:
        return Client(address, timeout=SECONDS_TO_REACH_A_SCHEDULER)
    except (OSError, ValueError, TypeError, TimeoutError) as error:
        raise CourseError(
            f"the Dask scheduler {address} cannot be reached ({type(error).__name__}: {error}). Start it as "
            "docs/clusters.md shows, or leave --scheduler away to grade on this machine."
        ) from None


def _refuse_without_a_jail(paths: Sequence[Path], folder: Path, options: Options) -> None:
    """Say it before anything is started, when there is no jail here or when it would show what it must not."""
    if not options.scheduler and runs_in_a_jail(options.trusted):
        refuse_if_seen([*paths, folder, SOLUTIONS, ROOT / "autograder", ROOT / "tests"])


def _write(folder: Path, book: Book, results: Sequence[Graded]) -> None:
    """Files first, then the gradebook: a run that is killed in between grades these submissions again."""
    for each in results:
        place = Path(each.student) / each.notebook
        write_whole(folder / "autograded" / place / f"{each.notebook}.ipynb", each.executed)
    book.record([_recorded(each) for each in results])


def _recorded(graded: Graded) -> Recorded:
    return Recorded(
        graded.student,
        graded.notebook,
        points=graded.points,
        comments={f"{row['exercise']}-answer": row["feedback"] for row in graded.rows},
        untouched=graded.untouched,
        answers={row["exercise"]: row["answer"] for row in graded.rows if "answer" in row},
        key=graded.key,
        result=json.dumps({"rows": graded.rows, "notes": graded.notes}),
    )
