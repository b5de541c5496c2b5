"""Write requirements.lock anew: exact versions and hashes of the whole environment, by group, and no addresses.

A line `# lab grade` before a package says which groups need it. pip and uv read the file as it is, for everything;
`course` takes out of it what one group needs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.files import ROOT, pythons
from course_lib.errors import CourseError
from course_lib.files import write_whole

LOCK = ROOT / "requirements.lock"
EVERYTHING = "test"  # the group that includes all others of the lock
GROUPS = ("setup", "lab", "grade", "docs", EVERYTHING)  # each includes the ones before it
SYSTEMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
)


def entries(lock: str) -> Iterator[tuple[str, str]]:
    """Every (package, its lines) of a lock's text, without the comments."""
    for entry in re.findall(r"^[A-Za-z].*\n(?:[ \t].*\n)*", lock, re.MULTILINE):
        yield re.split(r"[=\[ ]", entry, maxsplit=1)[0], entry


def pins(lock: str) -> dict[str, set[str]]:
    """Return {package: its pinned versions} of a lock's text. One package can have a version for each Python."""
    found: dict[str, set[str]] = {}
    for package, entry in entries(lock):
        found.setdefault(package, set()).add(entry.split("==", 1)[1].split()[0])
    return found


def check_lock(lock: str) -> None:
    """Check that a lock's text names versions and hashes, and nothing else.

    Raises:
        CourseError: if it names an address, or a package without a hash.
    """
    for number, line in enumerate(lock.splitlines(), start=1):
        if "://" in line or " @ " in line or line.startswith("-"):
            raise CourseError(f"requirements.lock, line {number} would name an address or an option: {line.strip()}")
    text = "".join(f"{line}\n" for line in lock.splitlines() if not line.startswith("#"))
    for entry in text.replace("\\\n", " ").splitlines():
        if entry.strip() and "--hash=sha256:" not in entry:
            raise CourseError(f"requirements.lock would have no hash for: {entry.strip()}")


def write_lock(*, upgrade: bool = False) -> list[str]:
    """Resolve pyproject.toml for every Python of the course on every system and write the lock whole.

    `upgrade`: take the newest versions that fit; otherwise versions that still fit stay. Returns one line for each
    package that changed.

    Raises:
        CourseError: with uv's reason if there is no solution, or if a package has no ready-made file for a system or a
            Python of the course. The old lock then stays.
    """
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "requirements.lock"
        if LOCK.exists():
            shutil.copy(LOCK, new)  # uv prefers the versions that it finds in its output file
        universal = ["--universal", "--python-version", pythons()[0]]
        _compile(EVERYTHING, new, *universal, "--generate-hashes", *(["--upgrade"] if upgrade else []))
        resolved = new.read_text(encoding="utf-8")
        check_lock(resolved)
        names = {}
        for group in GROUPS:
            part = Path(folder) / f"{group}.txt"
            part.write_text(without_hashes(resolved), encoding="utf-8")
            _compile(group, part, *universal)
            names[group] = set(pins(part.read_text(encoding="utf-8")))
        _check_ready_made(new)
    text = "".join(
        f"# {' '.join(group for group in GROUPS if package in names[group])}\n{entry}"
        for package, entry in entries(resolved)
    )
    before = pins(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
    after = pins(text)
    write_whole(LOCK, text)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"{name}: {_show(before.get(name))} -> {_show(after.get(name))}" for name in changed] or ["nothing changed"]


def without_hashes(lock: str) -> str:
    """The text of a lock with one line a package."""
    return "".join(entry.splitlines()[0].rstrip(" \\") + "\n" for _, entry in entries(lock))


def _compile(group: str, out: Path, *options: str) -> None:
    command = ["uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header", *options, "--group", group]
    _uv([*command, "pyproject.toml", "-o", str(out)], "uv found no set of packages that fits")


def _check_ready_made(lock: Path) -> None:
    """Every package must have a wheel for every system and Python: nobody should need a compiler."""
    pinned = lock.with_name("pinned.txt")
    pinned.write_text(without_hashes(lock.read_text(encoding="utf-8")), encoding="utf-8")
    for system in SYSTEMS:
        for python in pythons():
            command = ["uv", "pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-header"]
            command += ["--python-platform", system, "--python-version", python, str(pinned), "-o", str(lock) + ".part"]
            _uv(command, f"not every package has a ready-made file for {system}, Python {python}")


def _uv(command: list[str], problem: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        if "error sending request" in done.stderr:
            problem = "the package index cannot be reached; the lock stays as it is. Check the network, then try again"
        raise CourseError(f"{problem}:\n{done.stderr.strip()}")


def _show(versions: set[str] | None) -> str:
    """Versions for a person to read."""
    return ", ".join(sorted(versions)) if versions else "(none)"
