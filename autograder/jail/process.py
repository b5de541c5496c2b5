"""One jailed process: started, let in, watched, and ended with everything that it started.

the grader                                  the jail
makes the jail           ------------>      door.py runs
learns which process     <- "ready" --
counts its memory,
tells the keeper of it
sends the plan           -- the plan ->     locks itself up, becomes the program
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.jail import bubblewrap, memory, seccomp, share
from autograder.jail.keeper import KEEPER, Process
from autograder.jail.layers import Limits, Settings
from course_lib.errors import CourseError

INTERVAL = 0.05  # seconds between two looks at the processes
EACH = 2  # how many looks at the memory there are for one at the processor
PATIENCE = 60  # seconds that a jail has to be made
GRACE = 5  # seconds that those who made the jail have to end
MOST_OUTPUT = 1 << 20  # bytes of what a program prints that are read
CREDENTIALS = struct.Struct("3i")  # process, user, group: struct ucred of the kernel


class NotStarted(CourseError):
    """A jail could not be made. The message says what the system said."""


@dataclass(frozen=True)
class Burden:
    """What a jail holds: processes, threads of all of them, and bytes in memory and in scratch folders."""

    processes: int
    threads: int
    bytes: int


@dataclass(frozen=True)
class Space:
    """What is used of a folder."""

    files: int
    bytes: int


class Jailed:
    """A program of the folder inside/ that runs in a new jail."""

    def __init__(
        self,
        program: str,
        *arguments: str,
        settings: Settings | None = None,
        files: Sequence[int] = (),
        capture: bool = False,
    ) -> None:
        """Start it.

        program: the name of a file in the folder inside/.
        files: open files that it gets; their numbers inside are appended to the arguments.
        capture: keep what it prints, for `read`.

        Raises:
            NotStarted: when the jail cannot be made.
        """
        self._prepare(settings or Settings())
        self.let_in(program, *arguments, files=files, capture=capture)

    def _prepare(self, settings: Settings) -> None:
        """Make the jail, and take care of everything outside. Its first process then waits at the door."""
        self.settings = settings
        self.reason = ""  # why it was stopped, for a student; "" when it ended by itself
        self.group: memory.ControlGroup | None = None
        self._kept: str | None = None
        self._output: int | None = None
        self._watcher: threading.Thread | None = None
        self._ending = threading.Event()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._control.settimeout(PATIENCE)
        with contextlib.ExitStack() as undo:
            undo.callback(self._control.close)
            with theirs:
                self._make(theirs)
            undo.callback(self._abandon)
            self._meet()
            undo.pop_all()

    def let_in(self, program: str, *arguments: str, files: Sequence[int] = (), capture: bool = False) -> None:
        """Start the program in the jail that was made for it. From now on its limits count. The rest: see `__init__`.

        Raises:
            NotStarted: when the one who waited at the door has ended.
        """
        try:
            self._send(plan(program, arguments, self.settings, capture), files, capture)
        except OSError as error:
            self._abandon()
            raise NotStarted(f"it ended before it was let in: {error}") from None
        except BaseException:
            self._abandon()
            raise
        self._started = time.monotonic()
        self._watcher = threading.Thread(target=self._watch, name="jail", daemon=True)
        self._watcher.start()

    # How a jail is made. A forked one does these three differently.

    def _make(self, theirs: socket.socket) -> None:
        """Start to make the jail, whose first program gets the other end of the control socket."""
        said, saying = os.pipe()
        full = bubblewrap.command(bubblewrap.inside("door.py", str(theirs.fileno())), self.settings)
        try:
            self._frame = subprocess.Popen(
                full,
                stdin=subprocess.DEVNULL,
                stdout=saying,
                stderr=saying,
                # Other processes of the jail could read the variables of bubblewrap itself: it gets none.
                env={"PATH": os.defpath} if self.settings.has("environment") else None,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            os.close(said)
            raise NotStarted(f"bubblewrap cannot be started: {error}") from None
        finally:
            os.close(saying)
        self._said: int | None = said

    def _explain(self) -> str:
        """What the system said when the jail could not be made."""
        self._frame.wait(GRACE)
        assert self._said is not None
        return read_pipe(self._said, GRACE)

    def _unmake(self) -> None:
        """Wait until those who made the jail have ended: they do when what is in it has."""
        if self._said is not None:
            os.close(self._said)
            self._said = None
        try:
            self._frame.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._frame.kill()
            self._frame.wait()

    def _meet(self) -> None:
        """Wait until somebody is at the door, and take care of everything outside."""
        number = _sender(self._control)
        if number is None:
            raise NotStarted(self._explain() or "it said nothing")
        self.first = _first_of(number)
        groups: tuple[str, ...] = ()
        if self.settings.has("memory") and self.settings.control_group:
            self.group = memory.control_group(self.settings.limits.memory)
            if self.group:
                groups = tuple(map(str, self.group.folders))
                self.group.add(number)
        self._kept = KEEPER.keep(self.first, groups)

    def _send(self, plan: bytes, files: Sequence[int], capture: bool) -> None:
        """Tell the one at the door what to run. It learns nothing else."""
        reading, writing = os.pipe() if capture else (None, None)
        self._output = reading
        sent = [*([writing] if writing is not None else []), *files]
        try:
            with self._control:
                socket.send_fds(self._control, [plan], sent)
        finally:
            if writing is not None:
                os.close(writing)

    def _abandon(self) -> None:
        self._control.close()
        if hasattr(self, "first"):
            self.first.kill()
            self.first.wait(GRACE)
        self._clean_up()

    # While it runs.

    def runs(self) -> bool:
        """False when everything in the jail has ended."""
        return self.first.runs()

    def read(self, seconds: float) -> str:
        """What the program printed, once it has ended or the time is over. It must have been started to be captured."""
        assert self._output is not None
        return read_pipe(self._output, seconds)

    def why(self) -> str:
        """Why it was stopped; "" while it runs and when it ended by itself."""
        if not self.runs() and self._watcher:
            self._watcher.join()
        return self.reason

    def burden(self) -> Burden:
        """What is in the jail now. Memory that is shared counts more than once: it is looked at often, so quickly."""
        numbers = memory.processes(self.first.number)
        files = sum(self._space_in(folder).bytes for folder in bubblewrap.SCRATCH)
        return Burden(len(numbers), memory.threads(numbers), memory.resident(numbers) + files)

    def kill(self) -> None:
        """End every process of the jail: when the first process ends, the kernel ends all."""
        self.first.kill()
        if not self.settings.has("processes"):
            for number in memory.processes(self.first.number):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, 9)

    def close(self) -> None:
        """End it and wait until nothing of it is left."""
        self._control.close()
        self.kill()
        self._ending.set()
        self.first.wait(GRACE)
        if self._watcher:
            self._watcher.join()
        self._overflow()
        self._clean_up()

    def _clean_up(self) -> None:
        self._unmake()
        if self._output is not None:
            os.close(self._output)
            self._output = None
        if self.group:
            self.group.remove()
            self.group = None
        if self._kept is not None:
            KEEPER.drop(self._kept)
            self._kept = None

    def _watch(self) -> None:
        limits = self.settings.limits
        # The jails that are forked from a warm process are among what came from it; each of them has its own watcher.
        unfair = self.settings.has("memory") and not (self.group and self.group.shares_processor)
        looks = 0
        while self.runs() and not self._ending.is_set():
            if time.monotonic() - self._started > limits.wall:
                self.reason = f"The notebook ran longer than {limits.wall} seconds and was stopped."
            elif self.settings.has("memory") and self._uses_too_much(limits):
                self.reason = too_much_memory(limits)
            elif self.settings.has("scratch") and self._makes_too_many_files(limits):
                self.reason = f"The code made more than {limits.files} files and was stopped."
            elif unfair and looks % EACH == 0 and not share.put_back(memory.processes(self.first.number)):
                self.reason = "The code keeps many processes busy at once and was stopped."
            if self.reason:
                self.kill()
                return
            looks += 1
            self._ending.wait(INTERVAL)
        self._overflow()

    def _uses_too_much(self, limits: Limits) -> bool:
        if self.group:
            return self.group.overflowed()
        numbers = memory.processes(self.first.number)
        return memory.resident(numbers) > limits.memory and memory.used(numbers) > limits.memory

    def _makes_too_many_files(self, limits: Limits) -> bool:
        """Empty files, links and sockets cost memory that the size of a scratch folder does not count."""
        return any(self._space_in(folder).files > limits.files for folder in bubblewrap.SCRATCH)

    def _space_in(self, folder: str) -> Space:
        with contextlib.suppress(OSError):
            space = os.statvfs(f"/proc/{self.first.number}/root{folder}")
            return Space(space.f_files - space.f_ffree, (space.f_blocks - space.f_bfree) * space.f_frsize)
        return Space(0, 0)

    def _overflow(self) -> None:
        if self.group and not self.reason and self.group.overflowed():
            self.reason = too_much_memory(self.settings.limits)


def _sender(control: socket.socket) -> int | None:
    """The process that says that it is at the door, as this machine numbers it; None when nobody is there.

    The number comes from the kernel, not from the process.
    """
    try:
        message, extra, *_ = control.recvmsg(16, socket.CMSG_SPACE(CREDENTIALS.size))
    except (TimeoutError, ConnectionError):
        return None
    if not message:
        return None
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return CREDENTIALS.unpack(data[: CREDENTIALS.size])[0]
    return None


def _first_of(number: int) -> Process:
    """The first process of the namespace that a process is in: itself or its parent; itself where there is none."""
    status = _status(number)
    parent = int(status.get("PPid", 0))
    for each in (number, parent):
        if _status(each).get("NSpid", "").split()[1:][-1:] == ["1"]:
            return Process.of(each)
    return Process.of(number)


def _status(number: int) -> dict[str, str]:
    try:
        return dict(line.split(":", 1) for line in Path(f"/proc/{number}/status").read_text().splitlines())
    except OSError:
        return {}


def read_pipe(file: int, seconds: float) -> str:
    """What comes out of a pipe until its end, or until the time is over."""
    end = time.monotonic() + seconds
    data = b""
    while len(data) < MOST_OUTPUT:
        ready, _, _ = select.select([file], [], [], max(0, end - time.monotonic()))
        block = os.read(file, MOST_OUTPUT) if ready else b""
        if not block:
            break
        data += block
    return data.decode(errors="replace").strip()


def too_much_memory(limits: Limits) -> str:
    """The sentence for a student whose code was stopped."""
    return f"The code used more than {limits.memory >> 20} MB of memory and was stopped."


def plan(program: str, arguments: Sequence[str], settings: Settings, output: bool) -> bytes:
    """What the door is told: what to lock, and what to run."""
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
    listed = settings.has("seccomp") and seccomp.supported()
    filtered = seccomp.program(nesting=not settings.has("nesting")) if listed else b""
    told = {
        "program": f"{bubblewrap.PROGRAMS}/{program}",
        "arguments": list(arguments),
        "output": output,
        "limits": table if settings.has("limits") else {},
        "landlock": settings.has("landlock"),
        "seccomp": base64.b64encode(filtered).decode(),
    }
    return json.dumps(told).encode()
