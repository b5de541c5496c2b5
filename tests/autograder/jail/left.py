"""What a grader of this checkout has running or has left: other graders of the machine do not count."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def running(mark: str) -> set[str]:
    """The processes inside jails and the keepers of this environment, and whatever has the mark in its command."""
    found = set()
    for number in filter(str.isdecimal, os.listdir("/proc")):
        line = command(number)
        own = sys.prefix in line and any(word in line for word in ("/run/inside/", "keeper.py"))
        if own or mark in line:
            found.add(f"{number}: {line}")
    return found


def below(folder: str | Path) -> list[Path]:
    """All folders and files below a folder, of which some may just be going: Path.rglob would stumble over them."""
    return [Path(place, name) for place, folders, files in os.walk(folder) for name in folders + files]


def command(number: str) -> str:
    """The command line of a process; "" when it has ended."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


_steady: set[str] = set()  # control groups that were there at two looks: they come and go with no jail


def groups() -> set[str]:
    """Control groups of jails of this environment, and those that nobody is in and nobody removes."""
    found = _groups()
    if not found <= _steady:
        time.sleep(0.3)  # for a jail that just ends
        found &= _groups()
        _steady.update(found)
    return found


def _groups() -> set[str]:
    found = set()
    for path in below("/sys/fs/cgroup"):
        if not path.name.startswith("course-"):
            continue
        try:
            members = (path / "cgroup.procs").read_text().split()
        except OSError:
            continue
        if not members or any(sys.prefix in command(number) for number in members):
            found.add(str(path))
    return found
