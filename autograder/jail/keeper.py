"""Ends what a grader leaves behind when it is killed: jails, control groups and folders.

A process that is killed cleans nothing up. So each grader starts one small process, this file, and tells it through a
pipe what exists. When the pipe closes, because the grader has ended in whatever way, the keeper ends what is left. It
has a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it.

This file runs by itself and imports nothing but the standard library.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PATIENCE = 10  # seconds that the processes of a jail have to end
LOOK = 0.5  # seconds between two looks whether the forks of the grader run


@dataclass(frozen=True)
class Process:
    """A process, told apart from a later one with the same number by when it started."""

    number: int
    started: str

    @classmethod
    def of(cls, number: int) -> Process:
        """The process that has this number now.

        Raises:
            ProcessLookupError: when there is none.
        """
        facts = _facts(number)
        if facts is None:
            raise ProcessLookupError(number)
        return cls(number, facts[1])

    def runs(self) -> bool:
        """False when it has ended, even if nobody has asked yet how it ended."""
        facts = _facts(self.number)
        return facts is not None and facts[1] == self.started and facts[0] not in "ZX"

    def kill(self) -> None:
        """End it. When it is the first of its namespace, the kernel ends all others of that namespace with it."""
        if self.runs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.number, signal.SIGKILL)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended. Returns False when it has not ended in time."""
        end = time.monotonic() + seconds
        while self.runs():
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True


def _facts(number: int) -> tuple[str, str] | None:
    """(state, time of the start) of a process, or None."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], fields[19]


class Keeper:
    """The grader's side: what it tells the process that outlives it.

    A grader may fork. The fork tells the same keeper, and is an owner of its own: what it had is ended when it ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[str, Any]] = {}
        self._count = 0
        self._program: subprocess.Popen[bytes] | None = None

    def keep(self, first: Process | None = None, groups: tuple[str, ...] = (), folder: str | None = None) -> str:
        """From now on, should this process end, end a jail and remove its control groups and a folder.

        first: the first process of the jail.
        Returns a name for `drop`.
        """
        owner = Process.of(os.getpid())
        with self._lock:
            self._count += 1
            name = f"{owner.number}-{self._count}"
            entry = {"first": first and asdict(first), "groups": groups, "folder": folder, "owner": asdict(owner)}
            self._kept[name] = entry
            self._tell({"keep": name} | entry)
            return name

    def drop(self, name: str) -> None:
        """What `keep` was told has ended."""
        with self._lock:
            if self._kept.pop(name, None) is not None:
                self._tell({"drop": name})

    def _tell(self, message: dict[str, Any]) -> None:
        if self._program is None:
            self._start()
            return
        try:
            self._write(message)
        except BrokenPipeError:  # somebody has ended the keeper
            self._start()

    def _start(self) -> None:
        """Start a keeper, and tell it all that this process has."""
        own = os.getpid()
        program = [sys.executable, "-I", "-S", __file__]
        self._program = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True
        )
        atexit.register(self._finish, self._program, own)
        for name, entry in self._kept.items():
            if entry["owner"]["number"] == own:
                self._write({"keep": name} | entry)

    @staticmethod
    def _finish(program: subprocess.Popen[bytes], owner: int) -> None:
        """At the end of this process: let the keeper go, and wait until it has ended what is left."""
        if owner == os.getpid() and program.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                program.stdin.close()
            program.wait()

    def _write(self, message: dict[str, Any]) -> None:
        assert self._program is not None and self._program.stdin is not None
        self._program.stdin.write(json.dumps(message).encode() + b"\n")
        self._program.stdin.flush()


KEEPER = Keeper()


@contextlib.contextmanager
def kept_folder(prefix: str) -> Iterator[str]:
    """A new folder for scratch files. It is removed at the end, also when this process is killed before."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        number = KEEPER.keep(folder=folder)
        try:
            yield folder
        finally:
            KEEPER.drop(number)


def end(entries: list[dict[str, Any]]) -> None:
    """End jails and remove what belongs to them: folders last, when nobody writes into them any more."""
    processes = [Process(**entry["first"]) for entry in entries if entry["first"]]
    for process in processes:
        process.kill()
    for process in processes:
        process.wait(PATIENCE)
    for entry in entries:
        for group in entry["groups"]:
            _remove_group(group)
    for entry in entries:
        if entry["folder"]:
            _remove_folder(entry["folder"])


def _remove_folder(folder: str) -> None:
    """Remove a folder. A fork of the grader that is just ending may still put something into it."""
    limit = time.monotonic() + PATIENCE
    shutil.rmtree(folder, ignore_errors=True)
    while os.path.isdir(folder) and time.monotonic() < limit:
        time.sleep(0.02)
        shutil.rmtree(folder, ignore_errors=True)


def _remove_group(folder: str) -> None:
    """Remove a control group. The kernel may need a moment to see that its processes have ended."""
    limit = time.monotonic() + PATIENCE
    while os.path.isdir(folder) and time.monotonic() < limit:
        try:
            os.rmdir(folder)
        except OSError:
            time.sleep(0.02)


def main() -> None:
    """Listen until the grader has ended, then end what it left. Do the same for each of its forks."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    kept: dict[str, dict[str, Any]] = {}
    waiting, looked = b"", 0.0
    while True:
        ready, _, _ = select.select([0], [], [], LOOK if kept else None)
        block = os.read(0, 1 << 16) if ready else None
        if block == b"":
            break
        *lines, waiting = (waiting + (block or b"")).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "drop" in message:
                kept.pop(message["drop"], None)
            else:
                kept[message["keep"]] = message
        if time.monotonic() - looked >= LOOK:
            looked = time.monotonic()
            end([kept.pop(name) for name, entry in list(kept.items()) if not Process(**entry["owner"]).runs()])
    end(list(kept.values()))


if __name__ == "__main__":
    main()
