"""Write requirements.lock anew: exact versions and hashes of the whole environment, and no addresses."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from autograder.files import ROOT
from course_lib.errors import CourseError
from course_lib.files import write_whole

LOCK = ROOT / "requirements.lock"


def pins(lock: str) -> dict[str, set[str]]:
    """Return {package: its pinned versions} of a lock's text. One package can have a version for each Python."""
    found: dict[str, set[str]] = {}
    for line in lock.splitlines():
        if "==" in line and not line[0].isspace():
            package, version = line.split("==", 1)
            found.setdefault(package, set()).add(version.split()[0])
    return found


def check_lock(lock: str) -> None:
    """Raise CourseError if the text names an address, or a package without a hash."""
    for number, line in enumerate(lock.splitlines(), start=1):
        if "://" in line or " @ " in line or line.startswith("-"):
            raise CourseError(f"requirements.lock, line {number} would name an address or an option: {line.strip()}")
    entries = lock.replace("\\\n", " ").splitlines()
    for entry in entries:
        if entry.strip() and "--hash=sha256:" not in entry:
            raise CourseError(f"requirements.lock would have no hash for: {entry.strip()}")


def write_lock(*, upgrade: bool = False) -> list[str]:
    """Resolve pyproject.toml for Python 3.11 to 3.13 on every system and write the lock whole.

    `upgrade`: take the newest versions that fit; otherwise versions that still fit stay. Returns one line for each
    package that changed. Raises CourseError with uv's reason if there is no solution, leaving the old lock alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "requirements.lock"
        if LOCK.exists():
            shutil.copy(LOCK, new)  # uv prefers the versions that it finds in its output file
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
        command += ["--no-annotate", "--no-header", "--group", "dev", "pyproject.toml", "-o", str(new)]
        done = subprocess.run(
            [*command, *(["--upgrade"] if upgrade else [])], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
        )
        if done.returncode != 0:
            raise CourseError(f"uv found no set of packages that fits:\n{done.stderr.strip()}")
        text = new.read_text(encoding="utf-8")
    check_lock(text)
    before = pins(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
    after = pins(text)
    write_whole(LOCK, text.encode())
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"{name}: {show(before.get(name))} -> {show(after.get(name))}" for name in changed] or ["nothing changed"]


def show(versions: set[str] | None) -> str:
    """Return versions for a person to read."""
    return ", ".join(sorted(versions)) if versions else "(none)"
