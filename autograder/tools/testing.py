"""Run the whole test suite, the same way on every machine: at a desk and on a server."""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from autograder.files import ROOT

WORKERS = ["-n", str(min(2, os.cpu_count() or 1)), "--dist", "loadscope"]
NOTHING_RAN = 5  # pytest's exit code when it selects no test


def run(name: str, arguments: Sequence[str]) -> int:
    """Run `python -m ARGUMENTS` in the project's folder, under a heading. Return its exit code."""
    print(f"\n== {name}", flush=True)
    # The tests run beside one another, so each gets one BLAS thread.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode


def run_pytest(arguments: Sequence[str]) -> int:
    """Run only pytest, with these arguments. Return its exit code."""
    return run("pytest", ["pytest", *arguments])


def solutions() -> list[str]:
    """Return the built solution notebooks, as paths relative to the project."""
    found = (path.relative_to(ROOT) for path in (ROOT / "solutions").glob("*/*.ipynb"))
    return sorted(path.as_posix() for path in found)


def plan() -> list[tuple[str, list[str]]]:
    """Return the parts of the suite that pytest runs: (name, its arguments)."""
    parts = [
        ("pytest", [*WORKERS, "-m", "not serial", "tests"]),
        ("pytest, one test at a time", ["-m", "serial", "tests"]),
    ]
    if notebooks := solutions():
        # The outputs kept in the solutions are compared with those of a fresh run. nbval would give a cell 2000 s.
        nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60"]
        parts.append(("nbval", [*WORKERS, *nbval, "--nbval-sanitize-with=tests/nbval_sanitize.cfg", *notebooks]))
    return parts


def counts(report: Path) -> tuple[int, int, int]:
    """Return how many tests (passed, failed, were skipped) by pytest's JUnit report."""
    passed = failed = skipped = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        failed += bad
        skipped += int(suite.get("skipped"))
        passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
    return passed, failed, skipped


def run_all() -> int:
    """Run ruff, pytest and nbval, all of them even if one fails. Return 0 if everything passed, else 1."""
    started = time.monotonic()
    failed_parts = []
    totals = [0, 0, 0]
    for name, arguments in (("ruff", ["check"]), ("ruff, the layout", ["format", "--check"])):
        if run(name, ["ruff", *arguments]) != 0:
            failed_parts.append(name)
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, arguments) in enumerate(plan()):
            report = Path(folder) / f"{number}.xml"
            code = run(name, ["pytest", f"--junitxml={report}", *arguments])
            if code not in (0, NOTHING_RAN):
                failed_parts.append(name)
            if report.exists():
                totals = [sum(pair) for pair in zip(totals, counts(report), strict=True)]
    passed, failed, skipped = totals
    if passed + failed == 0:
        failed_parts.append("no test ran")
    verdict = "FAILED: " + "; ".join(failed_parts) if failed_parts else "All passed"
    print(f"\n== {verdict} ({time.monotonic() - started:.0f} s)")
    print(f"total: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed_parts else 0
