"""The memory that all processes of a jail use together.

A limit of one process does not hold back many. Where a control group can be made, the kernel counts and stops, and
gives each jail the same share of the processor; else the processes are looked at twenty times a second, and shared
memory is counted once (PSS).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class ControlGroup:
    """A control group with a limit on memory, which its processes and all that they start share."""

    folder: Path
    events: str  # the file that counts the processes that the kernel ended
    share: Path | None = None  # the group for the processor, where that is another one

    @property
    def folders(self) -> tuple[Path, ...]:
        """All that is made for it."""
        return (self.folder, self.share) if self.share else (self.folder,)

    @property
    def shares_processor(self) -> bool:
        """True when all its processes together get as much of the processor as those of another group."""
        return self.share is not None or (self.folder / "cpu.weight").exists()

    def add(self, number: int) -> None:
        """Put a process into the group. What it starts from then on is in the group too."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(number))

    def overflowed(self) -> bool:
        """True when the kernel has ended a process because the group used too much."""
        with contextlib.suppress(OSError):
            for line in (self.folder / self.events).read_text().splitlines():
                name, count = line.split()
                if name == "oom_kill" and int(count):
                    return True
        return False

    def remove(self) -> None:
        """Remove the group. Its processes must have ended; the kernel may need a moment to see that.

        Raises:
            OSError: when a process is left in it.
        """
        for folder in self.folders:
            _remove(folder)


def _remove(folder: Path) -> None:
    for attempt in range(200):
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(min(0.02, 0.001 * attempt))
    raise OSError(f"the control group {folder} cannot be removed: a process is left in it")


def control_group(limit: int) -> ControlGroup | None:
    """A new control group for `limit` bytes, below the one of this process; None where none can be made."""
    for base, files, events in _hierarchies():
        folder = base / f"course-{secrets.token_hex(6)}"
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            for name, required in files:
                if required or (folder / name).exists():
                    (folder / name).write_text(str(limit if name.startswith("memory.") else 0))
            if "memory.oom.group" in os.listdir(folder):
                (folder / "memory.oom.group").write_text("1")
            return ControlGroup(folder, events, _group_for_processor(folder.name))
        except OSError:
            folder.rmdir()
    return None


def _group_for_processor(name: str) -> Path | None:
    """In the first version of control groups, the processor has groups of its own."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            if "cpu" in kinds.split(","):
                folder = GROUPS / "cpu" / path.lstrip("/") / name
                folder.mkdir()
                return folder
    return None


def _hierarchies() -> list[tuple[Path, list[tuple[str, bool]], str]]:
    """Where groups for memory are: (folder of this process's group, files that take the limit, file of events)."""
    found = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            if "memory" in kinds.split(","):
                files = [("memory.limit_in_bytes", True), ("memory.memsw.limit_in_bytes", False)]
                found.append((GROUPS / "memory" / path.lstrip("/"), files, "memory.oom_control"))
            elif not kinds:
                files = [("memory.max", True)]
                found.append((GROUPS / path.lstrip("/"), files, "memory.events"))
    return found


def processes(first: int) -> list[int]:
    """A process and all that came from it, as this machine numbers them."""
    found, todo = [], [first]
    while todo:
        number = todo.pop()
        found.append(number)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{number}/task"):
                todo += map(int, quickly_read(f"/proc/{number}/task/{task}/children").split())
    return found


def threads(numbers: list[int]) -> int:
    """How many threads processes have together."""
    return sum(_threads(number) for number in numbers)


def quickly_read(path: str) -> bytes:
    """The beginning of a small file that is read very often.

    Raises:
        OSError: when it is gone.
    """
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 1 << 16)
    finally:
        os.close(file)


def used(numbers: list[int]) -> int:
    """Bytes that processes use together; memory that they share counts once."""
    return sum(_proportional(number) for number in numbers)


def resident(numbers: list[int]) -> int:
    """Bytes that processes use, quick to read. Shared memory counts for each of them, so it is never too little."""
    return sum(_resident(number) for number in numbers)


def _threads(number: int) -> int:
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{number}/task"))
    return 0


def _resident(number: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(quickly_read(f"/proc/{number}/statm").split()[1]) * PAGE
    return 0


def _proportional(number: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(number)
