"""Run the whole test suite, the same way on every machine: at a desk and on a server."""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from autograder.files import ROOT


def workers(number: int) -> list[str]:
    """Return pytest's arguments for so many workers, in the order of tests/conftest.py, the long first.

    xdist's own order ends with files of few tests, which are the long.
    """
    return ["-n", str(number), "--dist", "loadgroup", "--no-loadscope-reorder"]


CORES = os.cpu_count() or 1
WORKERS = workers(CORES)
ONE_MORE = workers(CORES + 1)  # where tests wait for kernels, jails and programs, an eighth of their time
ONE_LESS = workers(max(1, CORES - 1))  # where something runs beside them
STARTS_NOTHING = "not slow and not serial and not thorough"  # and takes little time
SLOWEST = ["--durations=10", "--durations-min=1"]
Part = tuple[str, list[str]]  # its name, and the arguments of python -m
Stage = tuple[list[Part], list[Part]]  # what is seen while it runs, one part after the other, and what runs beside that
POLITE = 10  # as the program `nice` counts it: a tenth of a processor that others want too
NOTHING_RAN = 5  # pytest's exit code when it selects no test


def run(name: str, arguments: Sequence[str]) -> int:
    """Run `python -m ARGUMENTS` in the project's folder, under a heading. Return its exit code."""
    print(f"\n== {name}", flush=True)
    return _start(arguments).wait()


def _start(arguments: Sequence[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start `python -m ARGUMENTS` in the project's folder; what it says goes into a file, if one is given."""
    # The tests run beside one another, so each gets one BLAS thread.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ}
    command = [sys.executable, "-m", *arguments]
    errors = subprocess.STDOUT if output else None
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)


def run_pytest(arguments: Sequence[str], fast: bool = False, everything: bool = False) -> int:
    """Run only pytest, with these arguments. Return its exit code.

    fast: of these, what starts nothing, as `run_fast`. everything: in the size that students meet, as `run_all`.
    """
    if everything:
        os.environ["COURSE_ALL"] = "1"
    if fast:
        os.environ["COURSE_FAST"] = "1"
        arguments = ["-m", STARTS_NOTHING, *arguments]
    return run("pytest", ["pytest", *arguments])


def run_fast() -> int:
    """Run what the person at work waits for: the style, and all tests that start nothing. Return 0 or 1."""
    os.environ["COURSE_FAST"] = "1"  # the zoo is then judged with one seed
    quick = ("pytest", [*WORKERS, *SLOWEST, "-m", STARTS_NOTHING, "tests"])
    return _run_stages([([quick], style())])


def solutions() -> list[str]:
    """Return the built solution notebooks, as paths relative to the project."""
    found = (path.relative_to(ROOT) for path in (ROOT / "solutions").glob("*/*.ipynb"))
    return sorted(path.as_posix() for path in found)


def style() -> list[Part]:
    """Return the parts of the suite that look at the text alone."""
    return [
        ("ruff", ["ruff", "check"]),
        ("ruff, the layout", ["ruff", "format", "--check"]),
        ("mypy", ["mypy"]),
    ]


def plan(everything: bool = False) -> tuple[list[Stage], list[Part]]:
    """Return the stages of the suite, and what goes on beside all of them. `everything`: also what is thorough.

    What looks at all jails of the machine, or waits for a browser, runs alone but for tests that start nothing, which
    leave it a core. These begin with the rest, and fill the time in which it waits.
    """
    which = "" if everything else " and not thorough"
    started = ("pytest", [*ONE_MORE, *SLOWEST, "-m", f"slow and not calm and not serial{which}", "tests"])
    alone = ("pytest, one test at a time", [*SLOWEST, "-m", f"serial{which}", *with_the_mark("serial")])
    quick = ["-m", f"(not slow or calm) and not serial{which}", "tests"]
    beside = style()
    if notebooks := solutions():
        # The outputs kept in the solutions are compared with those of a fresh run. nbval would give a cell 2000 s.
        nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "--dist", "loadscope"]
        beside.append(("nbval", [*ONE_LESS, *nbval, "--nbval-sanitize-with=tests/nbval_sanitize.cfg", *notebooks]))
    return [([started], beside), ([alone], [])], [("pytest, what starts nothing", [*ONE_LESS, *SLOWEST, *quick])]


def with_the_mark(name: str) -> list[str]:
    """The files of tests that may have the mark, relative to the project. To collect all takes seconds."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if name in path.read_text(encoding="utf-8")]
    return sorted(path.relative_to(ROOT).as_posix() for path in files) or ["tests"]


def counts(report: Path) -> tuple[int, int, int]:
    """Return how many tests (passed, failed, were skipped) by pytest's JUnit report."""
    passed = failed = skipped = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        bad = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
        failed += bad
        skipped += int(suite.attrib["skipped"])
        passed += int(suite.attrib["tests"]) - bad - int(suite.attrib["skipped"])
    return passed, failed, skipped


def run_all(everything: bool = False) -> int:
    """Run all parts, even if one fails; `everything`: also what is thorough. Return 0 if all passed, else 1."""
    if everything:
        os.environ["COURSE_ALL"] = "1"  # what is asked for its size has then the size that students meet
    return _run_stages(*plan(everything))


def _run_stages(stages: Sequence[Stage], meanwhile: Sequence[Part] = ()) -> int:
    """Run stages one after the other, and something else meanwhile. Return 0 if all their parts passed, else 1."""
    started = time.monotonic()
    codes: dict[str, int] = {}
    totals = [0, 0, 0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _beside(meanwhile, folder, codes, politely=True):
            for seen, beside in stages:
                with _beside(beside, folder, codes):
                    codes |= {part[0]: run(part[0], _reporting(part, folder)) for part in seen}
        for report in sorted(folder.glob("*.xml")):
            totals = [sum(pair) for pair in zip(totals, counts(report), strict=True)]
    passed, bad, skipped = totals
    failed = [name for name, code in codes.items() if code not in (0, NOTHING_RAN)]
    if passed + bad == 0:
        failed.append("no test ran")
    verdict = "FAILED: " + "; ".join(failed) if failed else "All passed"
    print(f"\n== {verdict} ({time.monotonic() - started:.0f} s)")
    print(f"total: {passed} passed, {bad} failed, {skipped} skipped")
    return 1 if failed else 0


@contextmanager
def _beside(parts: Sequence[Part], folder: Path, codes: dict[str, int], politely: bool = False) -> Iterator[None]:
    """Run parts in the background. At the end wait for them, show what they said, and put their exit codes into
    `codes`. pytest's reports go into the folder. `politely`: with what the others leave of the processors."""
    with ExitStack() as files:
        texts = [files.enter_context(open(folder / f"{name}.txt", "w+b")) for name, _ in parts]
        started = [_start(_reporting(part, folder), text) for part, text in zip(parts, texts, strict=True)]
        if politely and hasattr(os, "setpriority"):
            for process in started:
                own = os.getpriority(os.PRIO_PROCESS, process.pid)
                os.setpriority(os.PRIO_PROCESS, process.pid, min(own + POLITE, 19))
        yield
        for (name, _), process, text in zip(parts, started, texts, strict=True):
            codes[name] = process.wait()
            text.seek(0)
            print(f"\n== {name}\n{text.read().decode(errors='replace')}", end="", flush=True)


def _reporting(part: Part, folder: Path) -> list[str]:
    """The arguments of a part; pytest is also told to write down what it counts."""
    name, arguments = part
    pytests = name.startswith(("pytest", "nbval"))
    return ["pytest", f"--junitxml={folder / name}.xml", *arguments] if pytests else list(arguments)
