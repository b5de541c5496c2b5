"""Jails that are forked from a warm process, instead of made from nothing: ready in a tenth of the time.

Each grader has one warm process, in a jail itself. See inside/warm.py for what it does.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import threading
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path

from autograder.jail.bubblewrap import SCRATCH, shown_in
from autograder.jail.kernel import PROGRAM, JailedKernelManager
from autograder.jail.layers import Settings
from autograder.jail.process import PATIENCE, Jailed, NotStarted, read_pipe

# What the kernel of a notebook imports before its first cell, and what the notebooks' first cells import.
IMPORTS = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "numpy.random",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "sympy",
    "course_lib.*",
)
# Of the warm process, which runs no stranger's code and makes namespaces, these do not hold; of its forks all do.
NOT_OF_THE_PARENT = {"nesting", "landlock", "seccomp", "limits", "memory"}


class WarmProcess:
    """A process with everything imported, in a jail, that forks others."""

    def __init__(self, settings: Settings) -> None:
        """Start it.

        Raises:
            NotStarted: when its jail cannot be made.
        """
        frame = replace(settings, omit=settings.omit | NOT_OF_THE_PARENT, limits=replace(settings.limits, wall=inf))
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(PATIENCE)
        with theirs:
            self.jailed = Jailed(
                "warm.py", json.dumps(_told(settings)), settings=frame, files=[theirs.fileno()], capture=True
            )
        try:
            ready = self._control.recv(16)
        except OSError:
            ready = b""
        if not ready:
            said = self.said()
            self.close()
            raise NotStarted(f"the warm process did not start: {said}")

    def runs(self) -> bool:
        """False when it has ended."""
        return self.jailed.runs()

    def fork(self, door: socket.socket) -> None:
        """Make a new jail; its first process talks to this socket.

        Raises:
            NotStarted: when the warm process is gone.
        """
        with self._lock:
            try:
                socket.send_fds(self._control, [b"fork"], [door.fileno()])
            except OSError as error:
                raise NotStarted(f"the warm process has ended: {error}") from None

    def said(self) -> str:
        """What it said last, such as why it could not fork."""
        output = self.jailed._output
        return "" if output is None else read_pipe(output, 0.5)  # None when it has been closed meanwhile

    def close(self) -> None:
        """End it, and with it all that were forked, unless it belongs to the process that this one is a fork of."""
        self._control.close()
        if self._owner == os.getpid():
            self.jailed.close()


def _told(settings: Settings) -> dict:
    limits = settings.limits
    sizes = dict(zip(SCRATCH, (limits.scratch, limits.scratch, limits.shared), strict=True))
    bounded = settings.has("scratch")
    options = {folder: f"size={size},nr_inodes={limits.files}" if bounded else "" for folder, size in sizes.items()}
    layers = {name: settings.has(name) for name in ("user", "processes", "network", "names", "nesting")}
    shown = [place for _, place in shown_in(settings) if any(Path(place).is_relative_to(folder) for folder in SCRATCH)]
    return {"import": IMPORTS, "scratch": options, "shown": shown, **layers}


_warm: dict[Settings, WarmProcess] = {}
_lock = threading.Lock()


def warm_process(settings: Settings) -> WarmProcess:
    """The warm process of this grader for such jails. It is started when there is none yet, or no more.

    A fork of the grader uses the one that the grader had when it forked.
    """
    with _lock:
        found = _warm.get(settings)
        if found is None or not found.runs():
            if found is not None:
                found.close()
            found = _warm[settings] = WarmProcess(settings)
            atexit.register(found.close)  # later than the keeper, so at the end before it
        return found


class Forked(Jailed):
    """A program of the folder inside/ that runs in a new jail, forked from the warm process."""

    def _make(self, theirs: socket.socket) -> None:
        self._parent = warm_process(self.settings)
        self._parent.fork(theirs)

    def _explain(self) -> str:
        return self._parent.said()

    def _unmake(self) -> None:
        """Nothing is left when its first process has ended."""


class WarmKernelManager(JailedKernelManager):
    """A kernel in a jail that is forked from the warm process of this grader."""

    def start(self, files: list[int]) -> Jailed:
        """Fork it, or should that fail, such as for lack of processes, make it from nothing."""
        try:
            return Forked(PROGRAM, settings=self.settings, files=files)
        except NotStarted:
            return super().start(files)


@cache
def problem_with_forks() -> str | None:
    """Why a jail cannot be forked here; None when it can. It is tried, once."""
    try:
        Forked("seen.py", "[]").close()
    except NotStarted as error:
        return str(error)
    return None
