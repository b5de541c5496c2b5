"""A grader that ends in whatever way leaves nothing behind: no process, no control group, no folder, no socket."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.files import ROOT
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.keeper import Keeper, Process, end
from tests.autograder.jail.left import below, groups, running

PROBLEM = problem_with_bubblewrap()
pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(PROBLEM is not None, reason=f"NOTHING CAN BE LEFT BEHIND: {PROBLEM}"),
]
MARK = f"course-leftover-daemon-{os.getpid()}"  # daemons of another run of the tests have another
PATIENCE = 15  # seconds that the end of everything may take
DAEMON = f"""
import os, subprocess, sys
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "{MARK}", "ends"])
"""
GRADER = f"""
import sys, time
import nbformat
from autograder.grade.session import KernelSession
from autograder.jail.kernel import JailedKernelManager
from autograder.jail.warm import WarmKernelManager
with KernelSession(kernel_manager_class=globals()[sys.argv[1]]) as session:
    session.run(nbformat.v4.new_code_cell({DAEMON!r}))
    print("it runs", flush=True)
    time.sleep(600)
"""


def left(scratch: Path) -> set[str]:
    """All that a grader may have left."""
    return running(MARK) | groups() | set(map(str, below(scratch)))


def daemons() -> int:
    """How many of the daemons run."""
    return sum(f"{MARK} ends" in line for line in running(MARK))


def start(scratch: Path, kernels: str) -> subprocess.Popen[str]:
    """A grader whose jail has three daemons."""
    environment = {**os.environ, "TMPDIR": str(scratch)}
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, kernels],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
        process_group=0,
    )
    assert grader.stdout.readline() == "it runs\n"
    return grader


@pytest.mark.parametrize("kernels", ["JailedKernelManager", "WarmKernelManager"])
@pytest.mark.parametrize("how", ["kill -9", "kill -15", "Ctrl-C", "crash"])
def test_a_grader_that_is_ended_leaves_nothing(
    how: str, kernels: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = left(tmp_path)
    grader = start(tmp_path, kernels)
    request.addfinalizer(grader.kill)
    end = time.monotonic() + PATIENCE
    while daemons() < 3 and time.monotonic() < end:
        time.sleep(0.05)  # they start
    assert daemons() == 3
    assert left(tmp_path) - before
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
        "process.Jailed._meet = lambda *_: os.kill(os.getpid(), 9)\n"
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


def test_what_a_fork_of_the_grader_had_ends_with_the_fork(tmp_path: Path) -> None:
    keeper = Keeper()
    mine, its = tmp_path / "mine", tmp_path / "its"
    mine.mkdir()
    its.mkdir()
    keeper.keep(folder=str(mine))
    fork = os.fork()
    if fork == 0:
        keeper.keep(folder=str(its))
        os._exit(0)
    os.waitpid(fork, 0)
    end = time.monotonic() + PATIENCE
    while its.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert (mine.exists(), its.exists()) == (True, False)
    keeper._program.stdin.close()
    keeper._program.wait(PATIENCE)
    assert not mine.exists()


def test_a_fork_of_the_grader_uses_its_warm_process(tmp_path: Path) -> None:
    """So a grader that works on each submission in a fork does not import everything anew for each."""
    script = (
        "import os\nfrom autograder.jail import warm\n"
        "def names():\n    jailed = warm.Forked('seen.py', '[]')\n    jailed.close()\n"
        "    return {each.jailed.first.number for each in warm._warm.values()}\n"
        "before = names()\n"
        "fork = os.fork()\n"
        "if fork == 0:\n    os._exit(0 if names() == before else 1)\n"
        "assert os.waitpid(fork, 0)[1] == 0\n"
        "assert names() == before\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    own = Process.of(os.getpid())
    assert own.runs()
    assert not Process(own.number, own.started + "1").runs()
    with pytest.raises(ProcessLookupError):
        Process.of(2**22 + 1)


def test_a_folder_goes_that_somebody_was_just_writing_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork that ends with its grader put a file there while the keeper removed it: one look is not enough."""
    folder, remove = tmp_path / "scratch", shutil.rmtree
    folder.mkdir()

    def disturbed(path: str, **options: object) -> None:
        monkeypatch.setattr(shutil, "rmtree", remove)
        assert Path(path) == folder

    monkeypatch.setattr(shutil, "rmtree", disturbed)
    end([{"first": None, "groups": (), "folder": str(folder)}])
    assert not folder.exists()
