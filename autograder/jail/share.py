"""A jail's share of the processor: one that keeps many processes busy slows down itself, not its neighbors.

Where a control group can be made, the kernel gives every jail the same share, whatever runs in it. Else those of a jail
in which many threads are busy are put back, so that all together they get about as much as one.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

FEW = 2  # busy threads, or sessions, that nobody minds
MOST_SESSIONS = 8  # busy ones; with more, a jail is stopped
STEP = 1.25  # how much less a thread gets with each step of niceness: `sched_prio_to_weight` of the kernel
NICEST = 19
BUSY = (b"R", b"D")  # the states of a thread that runs or could, or waits for a disk


def put_back(numbers: list[int]) -> bool:
    """Let the threads of these processes wait for others, the longer the more of them are busy.

    Returns False when they are in more sessions than can be put back.
    """
    found = list(_busy(numbers))
    if len(found) <= FEW:
        return True
    nice = min(NICEST, math.ceil(math.log(len(found)) / math.log(STEP)))
    for _, thread in found:
        with contextlib.suppress(OSError):  # it has ended
            if os.getpriority(os.PRIO_PROCESS, thread) < nice:
                os.setpriority(os.PRIO_PROCESS, thread, nice)
    return _put_sessions_back({number for number, _ in found})


def anybody_is_busy(numbers: list[int]) -> bool:
    """Whether one of the threads of these processes is busy."""
    return next(_busy(numbers), None) is not None


def _put_sessions_back(numbers: set[int]) -> bool:
    """Where the kernel gives each session a share of its own, threads are nice to those of their session alone.

    An ordinary user may change one session in a tenth of a second, so each is changed once, and for good.
    """
    sessions: dict[str, tuple[Path, int]] = {}
    for number in numbers:
        with contextlib.suppress(OSError):
            group = Path(f"/proc/{number}/autogroup")
            name, _, niceness = group.read_text().split()
            sessions[name] = (group, int(niceness))
    if len(sessions) > FEW:
        for group, nice in sessions.values():
            if nice < NICEST:
                with contextlib.suppress(OSError):  # it has ended, or it is too early
                    group.write_text(str(NICEST))
    return len(sessions) <= MOST_SESSIONS


def _busy(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """The busy threads of processes: (process, thread)."""
    for number in numbers:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{number}/task"):
                if _state(f"/proc/{number}/task/{thread}/stat") in BUSY:
                    yield number, int(thread)


def _state(file: str) -> bytes:
    with contextlib.suppress(OSError, IndexError):
        # The name stands in brackets and may hold anything; the state follows the last of them.
        return Path(file).read_bytes().rpartition(b")")[2].split()[0]
    return b""
