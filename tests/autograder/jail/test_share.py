"""A submission that keeps many processes busy takes no more of the processor than the one beside it."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import nbformat
import pytest

from autograder.grade.session import Ended, KernelSession
from autograder.jail import share
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.layers import Settings
from autograder.jail.memory import control_group, processes
from autograder.jail.share import MOST_SESSIONS
from autograder.jail.warm import WarmKernelManager

PROBLEM = problem_with_bubblewrap()
pytestmark = [pytest.mark.serial, pytest.mark.skipif(PROBLEM is not None, reason=f"NO JAIL IS TRIED: {PROBLEM}")]
HERE = "import os, time\nos.sched_setaffinity(0, {core})\n"
HOG = """
for _ in range({many}):
    if not os.fork():
        try: os.setsid()  # sessions may have shares of their own
        except OSError: pass
        time.sleep(1)  # until all are there
        while True: pass
"""
ALONE = "end = time.monotonic() + 1.5\nwhile time.monotonic() < end: pass"
PUT_BACK = 2 if os.geteuid() == 0 else 6  # seconds until all that are busy are put back
PATIENCE = 20  # seconds until all are there
MANY = 24
BESIDE_THE_KERNEL = MOST_SESSIONS - 1  # it is busy too until the last of them is made


def busy_in(session: KernelSession) -> int:
    """How many threads of a session run, or could if there were a processor for them."""
    return len(list(share._busy(processes(session._jailed.first.number))))


def a_cell(text: str, many: int = 0) -> nbformat.NotebookNode:
    here = HERE.format(core={min(os.sched_getaffinity(0))})
    return nbformat.v4.new_code_cell(here + text.format(many=many))


@pytest.mark.parametrize(("grouped", "many"), [(True, MANY), (False, BESIDE_THE_KERNEL)])
def test_many_busy_processes_get_as_much_as_one(grouped: bool, many: int) -> None:
    group = control_group(64 << 20)
    shares = group is not None and group.shares_processor
    if group:
        group.remove()
    if grouped and not shares:
        pytest.skip("no control group can be made for the processor")
    kernels = partial(WarmKernelManager, settings=Settings(control_group=grouped))
    with KernelSession(kernels) as hog, KernelSession(kernels) as alone:
        hog.run(a_cell(HOG, many))
        end = time.monotonic() + PATIENCE
        while busy_in(hog) < many and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(PUT_BACK)
        there = busy_in(hog)
        before = hog.spent, alone.spent
        alone.run(a_cell(ALONE))
        of_hog, of_alone = hog.spent - before[0], alone.spent - before[1]
    assert there >= many  # each of them ran or could have run, also where others leave it little of the processor
    assert of_alone > of_hog / 3, (of_hog, of_alone)  # else it gets an eighth or less


def test_more_sessions_than_can_be_put_back_are_stopped() -> None:
    if not Path("/proc/self/autogroup").exists():
        pytest.skip("this system gives sessions no shares")
    kernels = partial(WarmKernelManager, settings=Settings(control_group=False))
    with KernelSession(kernels) as hog, pytest.raises(Ended, match="many processes busy"):
        hog.run(a_cell(HOG + "time.sleep(20)", MANY))
