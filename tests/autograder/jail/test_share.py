"""A submission that keeps many processes busy takes no more of the processor than the one beside it."""

from __future__ import annotations

import os
import time
from functools import partial

import nbformat
import pytest

from autograder.grade.session import KernelSession
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.layers import Settings
from autograder.jail.memory import control_group
from autograder.jail.warm import WarmKernelManager

PROBLEM = problem_with_bubblewrap()
pytestmark = [pytest.mark.serial, pytest.mark.skipif(PROBLEM is not None, reason=f"NO JAIL IS TRIED: {PROBLEM}")]
HERE = "import os, time\nos.sched_setaffinity(0, {core})\n"
HOG = """
for _ in range(24):
    if not os.fork():
        try: os.setsid()  # sessions may have shares of their own
        except OSError: pass
        while True: pass
"""
ALONE = "end = time.monotonic() + 1.5\nwhile time.monotonic() < end: pass"
PUT_BACK = 1  # seconds in which many that are busy are noticed


@pytest.mark.parametrize("grouped", [True, False])
def test_many_busy_processes_get_as_much_as_one(grouped: bool) -> None:
    group = control_group(64 << 20)
    shares = group is not None and group.shares_processor
    if group:
        group.remove()
    if grouped and not shares:
        pytest.skip("no control group can be made for the processor")
    kernels = partial(WarmKernelManager, settings=Settings(control_group=grouped))
    here = HERE.format(core={min(os.sched_getaffinity(0))})
    with KernelSession(kernels) as hog, KernelSession(kernels) as alone:
        hog.run(nbformat.v4.new_code_cell(here + HOG))
        time.sleep(PUT_BACK)
        before = hog.spent, alone.spent
        alone.run(nbformat.v4.new_code_cell(here + ALONE))
        of_hog, of_alone = hog.spent - before[0], alone.spent - before[1]
    assert of_hog > 0.1  # it was there
    assert of_alone > of_hog / 5, (of_hog, of_alone)  # without a share of its own, it gets a twenty-fourth
