"""python -m benchmarks.grading [--quick] [--rounds N] [--write] [--otter PYTHON]

Grades the same submissions with `course grade` and with stock nbgrader, in turns, and prints a table; `--write` also
puts it, with a plot, into docs/. Scores are compared first. Let the machine rest: times are by the clock, because that
is what an instructor waits for.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import nbformat  # noqa: E402
from dask.distributed import Client  # noqa: E402
from nbformat import NotebookNode  # noqa: E402

from autograder.build.answer_key import keep_keys  # noqa: E402
from autograder.build.source import role_of  # noqa: E402
from autograder.build.submissions import make_submission, rounds  # noqa: E402
from autograder.files import ROOT, notebook_file, notebook_text, release_of  # noqa: E402
from autograder.grade import classroom, run, session, submission  # noqa: E402
from autograder.grade.apart import apart  # noqa: E402
from autograder.grade.classroom import Graded, Options, grade_class, grade_one  # noqa: E402
from autograder.grade.desk import Submission  # noqa: E402
from autograder.grade.gradebook import Book  # noqa: E402
from autograder.grade.hands import local_cluster  # noqa: E402
from autograder.grade.repair import read_submission  # noqa: E402
from autograder.jail import choose  # noqa: E402
from autograder.jail.kernel import JailedKernelManager  # noqa: E402
from autograder.jail.spare import ReadyKernelManager  # noqa: E402
from autograder.jail.warm import WarmKernelManager  # noqa: E402
from autograder.kernels import LocalKernelManager  # noqa: E402
from autograder.zoo import alternatives  # noqa: E402
from benchmarks.harness import Claim, Result, ratio  # noqa: E402
from course_lib.exercises import NOTEBOOKS, exercises_of  # noqa: E402
from course_lib.files import write_whole  # noqa: E402

MEASURED = ("01_chain_rule", "04_four_equations")
GOAL = 15  # times stock nbgrader's submissions a second
SEED = 7
DOCS = ROOT / "docs"
Class = Mapping[str, str]  # the text of each student's notebook


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    notebooks: tuple[str, ...]
    students: int
    rounds: int
    simulated: int


FULL, QUICK = Size(MEASURED, 20, 3, 10_000), Size(MEASURED[1:], 4, 1, 1_000)


def submissions(notebook: str, students: int) -> Class:
    """Right answers in different ways, each student with one exercise left untouched: contenders agree on these."""
    names = [exercise.id for exercise in exercises_of(notebook)]
    ways = rounds(alternatives(notebook)) or [{}]
    made = {}
    for number in range(students):
        answers = dict.fromkeys(names) | ways[number % len(ways)]
        answers.pop(names[-1 - number % 2])  # nothing later in the notebook calls it
        made[f"student-{number:03}"] = notebook_text(make_submission(notebook, answers))
    return made


def lay_out(folder: Path, notebook: str, texts: Class) -> Path:
    """Write a class as nbgrader has it."""
    for student, text in texts.items():
        write_whole(notebook_file(folder / "submitted" / student, notebook), text)
    return folder


def ours(notebook: str, folder: Path, options: Options) -> dict[str, float]:
    """`python3 course grade`: the scores by student."""
    rows = grade_class(folder / "submitted", folder / "class", replace(options, name="class"))
    return _totals((row["student"], row["points"]) for row in rows)


def stock(notebook: str, folder: Path) -> dict[str, float]:
    """`nbgrader autograde` without any configuration of the course: the scores by student."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", "autograde", notebook, "--course-dir", str(folder)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    with Book(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return _totals(
            (each.student.id, each.score) for each in book.gradebook.notebook_submissions(notebook, notebook)
        )


def known_to_nbgrader(notebook: str, folder: Path) -> None:
    """Tell nbgrader of the notebook, as `nbgrader generate_assignment` does: this is not measured."""
    write_whole(notebook_file(folder / "source", notebook), notebook_text(release_of(notebook)))
    with Book(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.add_notebooks([notebook])


def _totals(scores: Any) -> dict[str, float]:
    found: dict[str, float] = {}
    for student, points in scores:
        found[student] = found.get(student, 0) + (points or 0)
    return found


STOCK = "stock nbgrader"
CONTENDERS: dict[str, Callable[[str, Path], dict[str, float]]] = {
    "course grade, 2 workers": partial(ours, options=Options(workers=2)),
    "course grade, 1 worker": partial(ours, options=Options(workers=1)),
    "course grade, 2 workers, no jail": partial(ours, options=Options(workers=2, trusted=True)),
    STOCK: stock,
}
OURS = next(iter(CONTENDERS))


def otter(python: str, notebook: str, folder: Path) -> dict[str, float]:
    """otter-grader, installed beside another Python, on the same notebooks with the same questions: its scores.

    Each check cell becomes a test file, which runs the cell's own lines after the notebook. What they print is no
    answer to otter-grader, which compares it; that they raise nothing is.
    """
    (folder / "tests").mkdir(exist_ok=True)
    exercises = {exercise.id: exercise for exercise in exercises_of(notebook)}
    for cell in release_of(notebook).cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in exercises and "check(" in cell.source:
            lines = [">>> import contextlib, io", ">>> with contextlib.redirect_stdout(io.StringIO()):"]
            case = {"code": "\n".join([*lines, *(f"...     {each}" for each in cell.source.splitlines())])}
            test = {"name": name, "points": exercises[name].points, "suites": [{"type": "doctest", "cases": [case]}]}
            (folder / "tests" / f"{name.replace('-', '_')}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    script = (
        "import json, sys, pathlib\nfrom otter.api import grade_submission\nfound = {}\n"
        "for path in sorted(pathlib.Path(sys.argv[2]).glob('submitted/*/*/*.ipynb')):\n"
        "    found[path.parts[-3]] = grade_submission(str(path), sys.argv[1], quiet=True).total\n"
        "print(json.dumps(found))"
    )
    generate = [python, "-m", "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
    subprocess.run(generate, cwd=folder, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [python, "-c", script, "autograder.zip", str(folder)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def each_further(notebook: str, size: Size) -> tuple[float, float]:
    """What each further submission takes, once workers, keys and jails are there: a class, and one that is larger.
    Neither start counts.

    Returns seconds by the clock, and seconds of the processor in the process that gives out work and writes results.
    """
    seconds, worked = [], []
    for students in (size.students, 4 * size.students):
        with tempfile.TemporaryDirectory(prefix="grading-") as place:
            folder = lay_out(Path(place), notebook, submissions(notebook, students))
            begun, own = time.perf_counter(), time.process_time()
            CONTENDERS[OURS](notebook, folder)
            seconds.append(time.perf_counter() - begun)
            worked.append(time.process_time() - own)
    more = 3 * size.students
    return (seconds[1] - seconds[0]) / more, (worked[1] - worked[0]) / more


def race(notebook: str, size: Size, contenders: Mapping[str, Callable]) -> tuple[dict[str, list[float]], list[str]]:
    """Seconds for each submission, one for each round and contender, in turns. Scores are compared before."""
    texts = submissions(notebook, size.students)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    first: dict[str, float] | None = None
    notes = []
    for number in range(size.rounds):
        for name in list(times):
            _tell(f"{notebook}, round {number + 1} of {size.rounds}: {name}")
            with tempfile.TemporaryDirectory(prefix="grading-") as place:
                folder = lay_out(Path(place), notebook, texts)
                if name == STOCK:
                    known_to_nbgrader(notebook, folder)
                begun = time.perf_counter()
                scores, why = _tried(partial(contenders[name], notebook, folder))
                times[name].append((time.perf_counter() - begun) / len(texts))
            first = first or scores
            if scores == first:
                continue
            why = why or f"other scores: {scores} instead of {first}"
            if name in CONTENDERS:
                raise SystemExit(f"{notebook}: {name}: {why}")
            _tell(f"{name} is left out: {why}")
            notes.append(f"{notebook}: {name} is left out, {'other scores' if scores else 'it failed'}.")
            del times[name]
    notes.append(f"{notebook}: scores of all contenders that are timed are equal, for {len(texts)} submissions.")
    return times, notes


def _tried(grade: Callable[[], dict[str, float]]) -> tuple[dict[str, float], str]:
    """The scores, or why there are none."""
    try:
        return grade(), ""
    except (RuntimeError, subprocess.CalledProcessError) as error:
        return {}, str(error)


@contextmanager
def timed(places: Mapping[str, tuple[Any, str]], spent: dict[str, float]) -> Iterator[None]:
    """Add to `spent` how long some functions take by the clock: name -> (where it is, what it is called there)."""
    before = {name: getattr(*place) for name, place in places.items()}

    def around(name: str, function: Callable) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] = spent.get(name, 0) + time.perf_counter() - begun

        return call

    for name, (where, what) in places.items():
        setattr(where, what, around(name, before[name]))
    try:
        yield
    finally:
        for name, (where, what) in places.items():
            setattr(where, what, before[name])


PARTS = {
    "reading and repairing": (submission, "repair"),
    "starting the kernel": (session.KernelSession, "_open"),
    "running the cells": (session.KernelSession, "run"),
    "asking the questions": (run.Interview, "ask"),
    "judging the replies": (run, "judged_in_full"),
    "cleaning the outputs": (run, "sanitize"),
    "ending the kernel": (session.KernelSession, "_close"),
}


JUDGE, KERNEL = "processor time of the judge", "processor time in the kernel"  # the system counts this by ticks
WAYS: dict[str, Any] = {
    "jail, made ahead": ReadyKernelManager,
    "jail, forked from a warm process": WarmKernelManager,
    "jail, made from nothing": JailedKernelManager,
    "no jail": LocalKernelManager,
}


def one_submission(notebook: str, rounds: int) -> dict[str, dict[str, float]]:
    """Seconds of one right submission in a fork of this process, by way of starting its kernel, in parts."""
    content = next(iter(submissions(notebook, 1).values())).encode()
    keep_keys(notebook, classroom.scratch_for_keys() / notebook)
    choose.make_ahead()
    found: dict[str, dict[str, float]] = {}
    for number in range(rounds + 1):  # the first is not counted
        for way, kernels in WAYS.items():
            submission._know(notebook, run.hidden_seeds(SEED), trusted=False)
            meanwhile = choose.make_ahead if kernels is ReadyKernelManager else lambda: None
            spent = apart(partial(timed_submission, content, notebook, kernels), meanwhile=meanwhile)
            choose.end_what_was_used()
            if number:
                totals = found.setdefault(way, {})
                for part in (*PARTS, "all of it", JUDGE, KERNEL):
                    totals[part] = totals.get(part, 0) + spent.get(part, 0) / rounds
    return found


def timed_submission(content: bytes, notebook: str, kernels: Any) -> dict[str, float]:
    """Seconds of the parts of one submission. This process is changed by it."""
    spent: dict[str, float] = {}

    class Noting(session.KernelSession):
        def __exit__(self, *error: object) -> None:
            spent[KERNEL] = self.spent
            super().__exit__(*error)

    run.kernel_manager = lambda trusted: kernels
    begun, worked = time.perf_counter(), time.process_time()
    with timed(PARTS, spent):
        nb, _ = submission.repair(read_submission(content), release_of(notebook))
        run.run_and_judge(nb, notebook, SEED, session=Noting)
    spent["all of it"], spent[JUDGE] = time.perf_counter() - begun, time.process_time() - worked
    return spent


_recorded: dict[str, Graded] = {}


def recorded_again(each: Submission) -> Graded:
    """The recorded result as if it were that of another student. A module's function: Dask keeps no copy of it."""
    known = _recorded[each.notebook]
    rows = [row | {"student": each.student} for row in known.rows]
    return replace(known, student=each.student, key=each.key, rows=rows)


def simulated(count: int) -> tuple[float, float]:
    """Submissions a second through scheduler and writer when results are there at once, and MB that memory grew.

    Memory is looked at after a tenth, when everything has been used once.
    """
    notebook = MEASURED[0]
    text = next(iter(submissions(notebook, 1).values())).encode()
    _recorded[notebook] = grade_one(Submission("recorded", notebook, text, "key"), SEED)
    if _recorded[notebook].problem:
        raise RuntimeError(_recorded[notebook].problem)
    todo = (Submission(f"student-{number:05}", notebook, text, f"key {number}") for number in range(count))
    written, before = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="grading-") as place, Book(f"sqlite:///{place}/gradebook.db") as book:
        book.add_notebooks([notebook])
        with local_cluster(2) as cluster, Client(cluster) as client:
            begun = time.perf_counter()
            results = classroom._through_a_window(client, partial(client.submit, recorded_again, pure=False), todo)
            for batch in classroom._batches(results):
                classroom._write(Path(place), book, batch)
                written += len(batch)
                if not before and written >= count // 10:
                    before = _memory()
            seconds = time.perf_counter() - begun
        if len(book.graded_with()) != count:
            raise RuntimeError("results are lost or doubled")
    return count / seconds, (_memory() - before) / 1e6


def _memory() -> float:
    """The most bytes that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def solved(notebook: str, times: int = 3) -> str:
    """A line of a table: seconds of Run All of the solved notebook in an ordinary kernel, of its first cell, and of its
    slowest check. Each is the median of some runs: any of them may wait for something else on the machine."""
    runs = [_run_all(notebook) for _ in range(times)]
    middle = {part: statistics.median(run[part] for run in runs) for part in runs[0]}
    whole, first = middle.pop(WHOLE), middle.pop(FIRST)
    slowest = max(middle, key=lambda name: middle[name])
    return f"| {notebook} | {whole:.1f} | {first:.2f} | {middle[slowest]:.3f} ({slowest}) |"


WHOLE, FIRST = "all of it", "the first cell"


def _run_all(notebook: str) -> dict[str, float]:
    """Seconds of the parts of one Run All: all of it, the first cell, and each check by its exercise."""
    cells = [cell for cell in _solution(notebook).cells if cell.cell_type == "code"]
    seconds, checks = [], {}
    begun = time.perf_counter()
    with session.KernelSession(LocalKernelManager, timeout=600) as kernel:
        for cell in cells:
            started = time.perf_counter()
            kernel.run(cell)
            seconds.append(time.perf_counter() - started)
            role = role_of(cell)
            if role and role[0] == "check":
                checks[role[1]] = seconds[-1]
    return {WHOLE: time.perf_counter() - begun, FIRST: seconds[0], **checks}


def _solution(notebook: str) -> NotebookNode:
    return nbformat.read(notebook_file(ROOT / "solutions", notebook), as_version=4)


PAGE = """# How fast a class is graded

`python3 course grade` beside stock `nbgrader autograde`, on the same submissions, in turns. Before a time counts, the
scores of all contenders are compared. Times are by the clock; a ratio is the median, over the rounds, of the ratios
within a round. {students} submissions of each notebook, rounds: {rounds}. The start, the first keys and the pages for
the students are part of these times. Of a large class the start is a small part: what each further submission takes is
said by itself, from a class four times as large. The jail of the next submission is made, and that of the one before is
swept up, while a submission is judged; what is left in the way of the goal is processor time, most of it in the kernel.
These submissions are right but for one exercise that is left open, and of a right answer only hidden cases are asked.
Where one is wrong, these notebooks run once more to explain it: such a submission takes longer.

Measured on: {machine}

![Submissions a second of each contender.](grading.svg)

## Beside others

{table}

{notes}

## One submission

In a fork of one process, with nothing else to start: milliseconds by the clock, and below them those of the processor.
An ordinary kernel sends its messages through ZeroMQ; one in a jail sends them through one socket, in order, and all
questions of an exercise are asked in one go. A jail that is made ahead is ended by the process that made it, later.

{parts}

## Many

{many}

## The student's side

The solved notebooks in an ordinary kernel: all of it from start to end; the first cell, which imports what a notebook
needs (goal: 0.5 s); the slowest check (goal: 0.1 s for all but the exercises that train). Seconds, the median of three.

{solved}

To repeat: `python -m benchmarks.grading --write`; with `--quick` in a minute, for a first look. otter-grader takes part
when it is installed beside a Python of its own: `--otter /path/to/python`.
"""


MANY = """{simulated:,} simulated submissions, whose results are there at once, go through scheduler and writer at
**{rate:,.0f} a second** (goal: 150), and memory grows by {grown:,.0f} MB meanwhile."""


def machine() -> str:
    """What it ran on, and whether it was at rest."""
    from benchmarks.__main__ import machine as engine

    return f"{os.cpu_count()} cores. {engine()}"


def parts_table(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """A table of milliseconds: parts by notebook and way."""
    heads = [f"{notebook[:2]}: {way}" for notebook, ways in found.items() for way in ways]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for part in (*PARTS, "all of it", JUDGE, KERNEL):
        values = [ways[way][part] * 1000 for ways in found.values() for way in ways]
        lines.append(f"| {part} | {' | '.join(f'{value:.0f}' for value in values)} |")
    return "\n".join(lines)


def draw(results: list[Result]):
    """A figure: submissions a second of each contender, one group for each notebook."""
    from matplotlib import pyplot as plt

    bars = [(f"{r.name[:2]}: {name}", 1 / seconds) for r in results for name, seconds in r.seconds.items()]
    figure, axes = plt.subplots(figsize=(8, 0.34 * len(bars) + 1.2), layout="constrained")
    names, values = zip(*reversed(bars), strict=True)
    axes.bar_label(axes.barh(names, values, color="#0072B2"), [f"{value:.2g}" for value in values], padding=3)
    axes.set(xlabel="submissions a second")
    axes.margins(x=0.15)
    return figure


def main() -> None:
    from benchmarks.__main__ import save, table

    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__.splitlines()[2])
    parser.add_argument("--quick", action="store_true", help="one notebook, a small class, one round")
    parser.add_argument("--otter", metavar="PYTHON", help="a Python that otter-grader is installed beside")
    parser.add_argument("--rounds", type=int, help="how often each contender grades (default: 3)")
    parser.add_argument("--write", action="store_true", help="write docs/grading.md and its picture")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    size = replace(size, rounds=options.rounds or size.rounds)
    contenders: dict[str, Callable] = dict(CONTENDERS)
    if options.otter and shutil.which(options.otter):
        contenders["otter-grader"] = partial(otter, options.otter)
    results: list[Result] = []
    notes: list[str] = []
    parts: dict[str, dict[str, dict[str, float]]] = {}
    every = ["| | all | first cell | slowest check |", "|---|---:|---:|---:|"]
    if "otter-grader" not in contenders:
        notes.append("otter-grader is not installed: skipped.")
    many = "not measured yet."

    def keep() -> str:
        """The page as far as it is measured, so that a run that is cut leaves what it has."""
        text = PAGE.format(
            students=size.students,
            rounds=size.rounds,
            machine=machine(),
            table=table(results),
            notes="\n".join(f"- {note}" for note in notes),
            parts=parts_table(parts),
            many=many,
            solved="\n".join(every),
        )
        if options.write:
            write_whole(DOCS / "grading.md", text)
            save(lambda: draw(results), DOCS / "grading.svg")
        return text

    for notebook in size.notebooks:
        times, more = race(notebook, size, contenders)
        notes += more
        _tell(f"{notebook}: each further submission")
        further, own = each_further(notebook, size)
        results.append(compared(notebook, times, further))
        notes.append(
            f"{notebook}: of each further submission, {1000 * own:.0f} ms of processor time go into the process that "
            "gives out work, writes results and makes the pages."
        )
        _tell(f"{notebook}: the parts of one submission")
        parts[notebook] = one_submission(notebook, size.rounds)
        keep()
    _tell(f"{size.simulated} simulated submissions")
    rate, grown = simulated(size.simulated)
    many = MANY.format(simulated=size.simulated, rate=rate, grown=grown)
    keep()
    for notebook in size.notebooks if options.quick else NOTEBOOKS:
        _tell(f"Run All of {notebook}")
        every.append(solved(notebook))
    print(keep())


def compared(notebook: str, times: dict[str, list[float]], further: float) -> Result:
    """What the seconds of all contenders say."""
    result = Result(notebook, "grading")
    result.beats(times, OURS, {name: None for name in times if name != OURS})
    for name in (STOCK, *(["otter-grader"] if "otter-grader" in times else []), OURS):
        result.claims.append(Claim(f"{name}, submissions a second", 1 / statistics.median(times[name]), unit=""))
    result.claims.append(Claim("two workers are faster than one by", ratio(times, "course grade, 1 worker", OURS)))
    text = f"each further submission is faster than with {STOCK} by"
    result.claims.append(Claim(text, statistics.median(times[STOCK]) / further, GOAL, least=True))
    return result


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
