"""One jailed process: started, watched, and ended with everything that it started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.jail import bubblewrap, memory, seccomp
from autograder.jail.layers import Limits, Settings

INTERVAL = 0.05  # seconds between two looks at the processes
GRACE = 5  # seconds that those who made the jail have to clean up
JOIN = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"']  # join a control group before anything is started


class Jailed:
    """A Python module, or a .py file that is visible inside, that runs in a new jail."""

    def __init__(
        self,
        program: str,
        *arguments: str,
        settings: Settings | None = None,
        shared: str | None = None,
        files: Sequence[tuple[str, str]] = (),
        output: int = subprocess.DEVNULL,
    ) -> None:
        """Start it.

        shared: a folder of this machine in which sockets can be made, at bubblewrap.SOCKETS inside.
        files: (path here, path inside) of files that are visible.
        output: for standard output and standard error, as subprocess.Popen wants it.

        Raises:
            OSError: when bubblewrap cannot be started. When it cannot make the jail, the process ends at once.
        """
        self.settings = settings or Settings()
        self.reason = ""  # why the process was stopped, for a student; "" when it ended by itself
        limited = self.settings.has("memory")
        grouped = limited and self.settings.control_group
        if shared and os.geteuid() == 0 and self.settings.has("user"):
            os.chown(shared, self.user(), self.user())
        full = bubblewrap.inside(program, *arguments, plan=plan(self.settings, shared is not None))
        self.group = memory.control_group(self.settings.limits.memory) if grouped else None
        with _filter(self.settings) as fd, self._group_removed_on_error():
            command = self.command(full, shared, files, fd)
            if self.group:
                command = [*JOIN, str(self.group.members), *command]
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output != subprocess.DEVNULL else subprocess.DEVNULL,
                # Other processes of the jail could read the variables of bubblewrap itself: it gets none.
                env={"PATH": os.defpath} if self.settings.has("environment") else None,
                cwd="/",
                pass_fds=[] if fd is None else [fd],
                start_new_session=True,
            )
        self._started = time.monotonic()
        self._watcher = threading.Thread(target=self._watch, name="jail", daemon=True)
        self._watcher.start()

    def user(self) -> int:
        """Who runs it when root starts it."""
        return bubblewrap.unused_user()

    def command(
        self, program: Sequence[str], shared: str | None, files: Sequence[tuple[str, str]], filter_fd: int | None
    ) -> list[str]:
        """The command line that makes the jail and runs the program in it."""
        return bubblewrap.command(program, self.settings, shared, files, filter_fd)

    @contextlib.contextmanager
    def _group_removed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            if self.group:
                self.group.remove()
            raise

    def why(self) -> str:
        """Why the process was stopped; "" while it runs and when it ended by itself."""
        if self.process.poll() is not None:
            self._watcher.join()
        return self.reason

    def kill(self) -> None:
        """End every process of the jail.

        When the first process inside ends, the kernel ends all of them, and those that made the jail then clean up
        after themselves. Should there be no such process yet, they are ended: what they start ends with them.
        """
        if self.process.poll() is None:
            first = next(filter(_is_first_inside, memory.processes(self.process.pid)), None)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL) if first is None else os.kill(first, signal.SIGKILL)

    def close(self) -> None:
        """End it and wait until nothing of it is left."""
        inside = memory.processes(self.process.pid) if self.process.poll() is None else []
        self.kill()
        try:
            self.process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._watcher.join()
        while any(map(_runs, inside)):
            time.sleep(0.01)
        if self.group:
            self._overflow()
            self.group.remove()
            self.group = None

    def _watch(self) -> None:
        limits = self.settings.limits
        while self.process.poll() is None:
            if time.monotonic() - self._started > limits.wall:
                self.reason = f"The notebook ran longer than {limits.wall} seconds and was stopped."
            elif self.settings.has("memory") and self._uses_too_much(limits):
                self.reason = too_much_memory(limits)
            if self.reason:
                return self.kill()
            time.sleep(INTERVAL)
        self._overflow()

    def _uses_too_much(self, limits: Limits) -> bool:
        if self.group:
            return self.group.overflowed()
        numbers = memory.processes(self.process.pid)
        return memory.resident(numbers) > limits.memory and memory.used(numbers) > limits.memory

    def _overflow(self) -> None:
        if self.group and not self.reason and self.group.overflowed():
            self.reason = too_much_memory(self.settings.limits)


def _is_first_inside(number: int) -> bool:
    """True for the process that is number 1 in a namespace of its own."""
    return _status(number).get("NSpid", "").split()[1:] == ["1"]


def _runs(number: int) -> bool:
    """False when a process has ended, even if nobody has asked yet how it ended."""
    return _status(number).get("State", "Z").strip()[0] not in "ZX"


def _status(number: int) -> dict[str, str]:
    try:
        return dict(line.split(":", 1) for line in Path(f"/proc/{number}/status").read_text().splitlines())
    except OSError:
        return {}


def too_much_memory(limits: Limits) -> str:
    """The sentence for a student whose code was stopped."""
    return f"The code used more than {limits.memory >> 20} MB of memory and was stopped."


def plan(settings: Settings, sockets: bool) -> str:
    """What inside.py is told."""
    limits = settings.limits
    table = {
        "RLIMIT_AS": limits.address_space,
        "RLIMIT_CPU": limits.cpu,
        "RLIMIT_NPROC": limits.tasks,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    return json.dumps(
        {
            "limits": table if settings.has("limits") else {},
            "landlock": settings.has("landlock"),
            "sockets": bubblewrap.SOCKETS if sockets else None,
        }
    )


@contextlib.contextmanager
def _filter(settings: Settings) -> Iterator[int | None]:
    """An open file with the seccomp program; None where there is no list for the processor."""
    if not (settings.has("seccomp") and seccomp.supported()):
        yield None
        return
    with tempfile.TemporaryFile() as file:
        file.write(seccomp.program(nesting=not settings.has("nesting")))
        file.seek(0)
        yield file.fileno()
