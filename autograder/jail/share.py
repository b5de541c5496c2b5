"""A jail's share of the processor: one that keeps many processes busy slows down itself, not its neighbors.

Where a control group can be made, the kernel gives every jail the same share, whatever runs in it. Else those of a jail
in which many threads are busy are put back, so that all together they get about as much as one.
"""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path

FEW = 2  # busy threads that nobody minds
STEP = 1.25  # how much less a thread gets with each step of niceness: `sched_prio_to_weight` of the kernel
NICEST = 19
RUNS = b"R"  # the state of a thread that runs or could


def put_back(numbers: list[int]) -> None:
    """Let the threads of these processes wait for others, the longer the more of them are busy."""
    found = [(number, thread) for number in numbers for thread in _threads(number)]
    if len(found) <= FEW:
        return
    busy = sum(_is_busy(number, thread) for number, thread in found)
    if busy > FEW:
        nice = min(NICEST, math.ceil(math.log(busy) / math.log(STEP)))
        for _, thread in found:
            with contextlib.suppress(OSError):  # it has ended
                if os.getpriority(os.PRIO_PROCESS, thread) < nice:
                    os.setpriority(os.PRIO_PROCESS, thread, nice)
        for number in numbers:
            with contextlib.suppress(OSError):  # it has ended, or it is too early for the next change
                _put_session_back(Path(f"/proc/{number}/autogroup"), nice)


def _put_session_back(group: Path, nice: int) -> None:
    """Where the kernel gives each session a share of its own, threads are nice to those of their session alone."""
    if int(group.read_text().split()[-1]) < nice:
        group.write_text(str(nice))


def _threads(number: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(thread) for thread in os.listdir(f"/proc/{number}/task")]
    return []


def _is_busy(number: int, thread: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        # The name stands in brackets and may hold anything; the state follows the last of them.
        return Path(f"/proc/{number}/task/{thread}/stat").read_bytes().rpartition(b")")[2].split()[0] == RUNS
    return False
