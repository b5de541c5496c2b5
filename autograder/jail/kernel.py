"""A Jupyter kernel in a jail, at the other end of two sockets that it gets as open files.

So the jail shares no folder with the machine, and has no network. What goes through the sockets: inside/kernel.py.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from autograder.jail.layers import Settings
from autograder.jail.process import Jailed

PROGRAM = "kernel.py"


class JailedKernelManager:
    """Starts and ends one kernel in a jail, as a kernel manager of Jupyter does.

    talk: the grader's end of the socket for messages.
    jailed: the jail; None when there is none.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.jailed: Jailed | None = None
        self.talk: socket.socket | None = None
        self._interrupts: socket.socket | None = None

    def start_kernel(self, **options: Any) -> None:
        """Start it. The environment and the folder that Jupyter proposes are not used.

        Raises:
            NotStarted: when the jail cannot be made.
        """
        self.talk, its_end = socket.socketpair()
        self._interrupts, its_interrupts = socket.socketpair()
        with its_end, its_interrupts:
            self.jailed = self.start([its_end.fileno(), its_interrupts.fileno()])

    def start(self, files: list[int]) -> Jailed:
        """Start the kernel's program."""
        return Jailed(PROGRAM, settings=self.settings, files=files)

    @property
    def has_kernel(self) -> bool:
        """True from its start until it has been ended."""
        return self.jailed is not None

    @property
    def reason(self) -> str:
        """Why the jail was stopped; "" when it was not."""
        return self.jailed.why() if self.jailed else ""

    def is_alive(self) -> bool:
        """True while it runs."""
        return self.jailed is not None and self.jailed.runs()

    def interrupt_kernel(self) -> None:
        """Have it interrupt what it runs. Nothing inside gets signals from here."""
        assert self._interrupts is not None
        with contextlib.suppress(OSError):  # it has ended
            self._interrupts.send(b"!")

    def kill(self) -> None:
        """End everything in the jail."""
        if self.jailed:
            self.jailed.kill()

    def shutdown_kernel(self, now: bool = True) -> None:
        """End it, and leave no process behind."""
        if self.jailed:
            self.jailed.close()
            self.jailed = None

    def cleanup_resources(self) -> None:
        """End it, and hang up."""
        self.shutdown_kernel()
        for each in (self.talk, self._interrupts):
            if each:
                each.close()
        self.talk = self._interrupts = None
