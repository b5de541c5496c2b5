"""A jail that is made ahead: while one submission is judged, the next one's jail is made, so that nobody waits for it.

the worker                                 its fork that judges
makes a spare jail
forks                    ----------->      takes the spare, lets the kernel in, kills it at the end
sweeps up the one before,
makes the next spare
waits for the verdicts   <-----------      ends

A spare is forked from the warm process, which runs no stranger's code, and waits at its door: it hears of a submission
first when it is let in, and then it is that submission's alone. Its limits on time count from then on. When the worker
ends, in whatever way, what waits at the door finds nobody there and ends too; the keeper does the rest.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from functools import cache

from autograder.jail.kernel import PROGRAM
from autograder.jail.layers import Settings
from autograder.jail.process import Jailed, NotStarted
from autograder.jail.warm import Forked, WarmKernelManager


class Spare(Forked):
    """A jail that is made here, and that a fork of this process lets a program in."""

    def __init__(self, settings: Settings) -> None:
        """Make it.

        Raises:
            NotStarted: when it cannot be made.
        """
        self._owner = os.getpid()
        self._prepare(settings)

    def hand_over(self) -> None:
        """A fork of this process has it now. When the fork ends without letting anything in, the jail ends."""
        self._control.close()

    def close(self) -> None:
        """End it. Whoever made it waits until nothing of it is left; who only let something in need not wait."""
        if self._owner == os.getpid():
            super().close()
        else:
            self._ending.set()
            self.kill()


class ReadyKernelManager(WarmKernelManager):
    """A kernel in the jail that was made ahead."""

    def start(self, files: list[int]) -> Jailed:
        """Let it in there, or where no jail waits, make one."""
        spare = take(self.settings)
        if spare:
            with contextlib.suppress(NotStarted):  # it has ended meanwhile
                spare.let_in(PROGRAM, files=files)
                return spare
        return super().start(files)


class _Spares(threading.local):
    """The spares of one thread: each thread of a worker has forks of its own."""

    next: Spare | None = None
    used: Spare | None = None


_spares = _Spares()
_all: set[Spare] = set()


def make_ahead(settings: Settings) -> None:
    """A fork of this process has the spare now: end the one before, and make the next."""
    _end_at_exit(os.getpid())
    if _spares.used:
        _close(_spares.used)
    _spares.used, _spares.next = _spares.next, None
    if _spares.used:
        _spares.used.hand_over()
    with contextlib.suppress(NotStarted, OSError):  # the next submission makes its jail itself, and says why it cannot
        _spares.next = Spare(settings)
        _all.add(_spares.next)


def end_what_was_used() -> None:
    """The fork has ended: nothing that it ran goes on. It is swept up while the next one works."""
    if _spares.used:
        _spares.used.kill()


def take(settings: Settings) -> Spare | None:
    """The spare that was made before this process was forked. None when there is none that waits."""
    spare, _spares.next = _spares.next, None
    if spare is None or spare.settings != settings or not spare.runs():
        return None
    return spare


@cache
def _end_at_exit(process: int) -> None:
    atexit.register(lambda: close_all() if os.getpid() == process else None)


def close_all() -> None:
    """End all spares of this process."""
    for each in list(_all):
        _close(each)
    _spares.next = _spares.used = None


def _close(spare: Spare) -> None:
    _all.discard(spare)
    spare.close()
