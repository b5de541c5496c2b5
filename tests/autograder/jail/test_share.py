"""A submission that keeps many processes busy takes no more of the processor than the one beside it."""

from __future__ import annotations

import os
import threading
from functools import partial

import nbformat
import pytest

from autograder.grade.session import KernelSession
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.warm import WarmKernelManager
from autograder.jail.layers import Settings
from autograder.jail.memory import control_group

PROBLEM = problem_with_bubblewrap()
pytestmark = [pytest.mark.serial, pytest.mark.skipif(PROBLEM is not None, reason=f"NO JAIL IS TRIED: {PROBLEM}")]
BUSY = 24
HERE = "import os, time\nos.sched_setaffinity(0, {core})\nend = time.monotonic() + 2.5\n"
HOG = "for _ in range(BUSY):\n    if not os.fork():\n        while True: pass\ntime.sleep(2.5)"
ALONE = "while time.monotonic() < end: pass"


@pytest.mark.parametrize("grouped", [True, False])
def test_many_busy_processes_get_as_much_as_one(grouped: bool) -> None:
    group = control_group(64 << 20)
    shares = group is not None and group.shares_processor
    if group:
        group.remove()
    if grouped and not shares:
        pytest.skip("no control group can be made for the processor")
    kernels = partial(WarmKernelManager, settings=Settings(control_group=grouped))
    core = "{" + str(min(os.sched_getaffinity(0))) + "}"
    with KernelSession(kernels) as hog, KernelSession(kernels) as alone:
        before = hog.spent, alone.spent
        cells = [nbformat.v4.new_code_cell(HERE.format(core=core) + text) for text in (f"BUSY = {BUSY}\n{HOG}", ALONE)]
        threads = [
            threading.Thread(target=session.run, args=[cell]) for session, cell in zip((hog, alone), cells, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        of_hog, of_alone = hog.spent - before[0], alone.spent - before[1]
    assert not any(cell.outputs for cell in cells), cells
    assert of_hog > 0.2  # it was there
    assert of_alone > of_hog / 5, (of_hog, of_alone)  # without a share of its own, a twenty-fourth
