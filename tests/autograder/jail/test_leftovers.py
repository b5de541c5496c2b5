"""A grader that ends in whatever way leaves nothing behind: no process, no control group, no folder, no socket."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.files import ROOT
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.keeper import Keeper, Process

PROBLEM = problem_with_bubblewrap()
pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(PROBLEM is not None, reason=f"NOTHING CAN BE LEFT BEHIND: {PROBLEM}"),
]
MARK = "course-leftover-daemon"
PATIENCE = 15  # seconds that the end of everything may take
DAEMON = f"""
import os, subprocess, sys
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "{MARK}"])
"""
GRADER = f"""
import sys, time
import nbformat
from autograder.grade.session import KernelSession
from autograder.jail.kernel import JailedKernelManager
with KernelSession(kernel_manager_class=JailedKernelManager) as session:
    session.run(nbformat.v4.new_code_cell({DAEMON!r}))
    print("it runs", flush=True)
    time.sleep(600)
"""


def processes() -> set[str]:
    """What runs of a jail, of an attack, or of a keeper."""
    found = set()
    for number in filter(str.isdecimal, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if any(word in line for word in (MARK, "/run/inside/", "keeper.py")):
            found.add(f"{number}: {line}")
    return found


def left(scratch: Path) -> set[str]:
    """All that a grader may have left."""
    groups = {str(path) for path in Path("/sys/fs/cgroup").rglob("course-*")}
    return processes() | groups | {str(path) for path in scratch.rglob("*")}


def start(scratch: Path) -> subprocess.Popen[str]:
    """A grader whose jail has three daemons."""
    environment = {**os.environ, "TMPDIR": str(scratch)}
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT, process_group=0
    )
    assert grader.stdout.readline() == "it runs\n"
    return grader


@pytest.mark.parametrize("how", ["kill -9", "kill -15", "Ctrl-C", "crash"])
def test_a_grader_that_is_ended_leaves_nothing(how: str, tmp_path: Path) -> None:
    before = left(tmp_path)
    grader = start(tmp_path)
    during = left(tmp_path) - before
    assert sum(MARK in line for line in during) == 4  # three daemons, and the grader that has the word in its program
    assert any("kernel-" in line for line in during)
    if how == "Ctrl-C":
        os.killpg(grader.pid, signal.SIGINT)
    else:
        grader.send_signal({"kill -9": 9, "kill -15": 15, "crash": signal.SIGSEGV}[how])
    grader.wait(PATIENCE)
    grader.stdout.close()
    end = time.monotonic() + PATIENCE
    while left(tmp_path) - before and time.monotonic() < end:
        time.sleep(0.05)
    assert left(tmp_path) - before == set()


def test_a_grader_that_is_killed_before_it_lets_anybody_in_leaves_nothing(tmp_path: Path) -> None:
    before = left(tmp_path)
    script = (
        "import os\nfrom autograder.jail import process\n"
        "process.Jailed._admit = lambda *_: os.kill(os.getpid(), 9)\n"
        "process.Jailed('greedy.py')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT)
    assert done.returncode == -9
    end = time.monotonic() + PATIENCE
    while left(tmp_path) - before and time.monotonic() < end:
        time.sleep(0.05)
    assert left(tmp_path) - before == set()


def test_a_keeper_that_was_ended_is_started_again(tmp_path: Path) -> None:
    keeper = Keeper()
    folder = tmp_path / "kept"
    folder.mkdir()
    keeper.keep(folder=str(folder))
    keeper._program.kill()
    keeper._program.wait()
    number = keeper.keep(folder=str(tmp_path / "another"))
    keeper.drop(number)
    keeper._program.stdin.close()
    keeper._program.wait(PATIENCE)
    assert not folder.exists()


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    own = Process.of(os.getpid())
    assert own.runs()
    assert not Process(own.number, own.started + "1").runs()
    with pytest.raises(ProcessLookupError):
        Process.of(2**22 + 1)
