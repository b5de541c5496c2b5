"""The folder of one class: it knows whose it is, and nobody else's submissions get into it.

class.json says the class's name, its options and what was handed over; `secret_seed` is beside it, and everything else
in the folder belongs to the same class. All paths in it are relative to it, so it can be moved.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import locket

from autograder.files import ROOT
from autograder.grade.roster import DEVICE, Person, read_roster, roster_csv
from autograder.grade.secret import NAME as SEED_FILE
from autograder.grade.secret import secret_seed
from course_lib.errors import CourseError
from course_lib.files import write_whole

CLASSES = ROOT / "graded"
FILE = "class.json"
ROSTER = "roster.csv"
WORKING = ".working"  # says who works on the class now
SECONDS_TO_WAIT = 10
LATE_POLICIES = ("none", "zero")


@dataclass
class Facts:
    """What class.json holds.

    course: by notebook, the build of the course that graded it last.
    seed: a fingerprint of the secret seed, so that another seed is noticed.
    gradebook: URL of the database, when it is not gradebook.db in the folder.
    layout: how the class hands in, where it was said. late: "none", "zero", or the class of an nbgrader plugin.
    due: by notebook, when it is due, as ISO 8601.
    handed_over: what was graded into this class: the places of the submissions.
    renaming: students who get another id, until that is done.
    """

    name: str
    seed: str = ""
    course: dict[str, str] = field(default_factory=dict)
    gradebook: str = ""
    layout: str = ""
    late: str = ""
    due: dict[str, str] = field(default_factory=dict)
    handed_over: list[str] = field(default_factory=list)
    renaming: dict[str, str] = field(default_factory=dict)


class ClassFolder:
    """One class. Nothing is written before `save`."""

    def __init__(self, path: Path, facts: Facts) -> None:
        self.path = path
        self.facts = facts
        self._note = ""

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def gradebook(self) -> str:
        """The URL of the gradebook.

        Raises:
            CourseError: when its file has been emptied: it must not look like a class without points by hand.
        """
        file = self.path / "gradebook.db"
        if not self.facts.gradebook and file.is_file() and not file.stat().st_size and self._has_grades():
            raise CourseError(f"{file} is empty. Restore it from a backup, or delete it to grade everything anew.")
        return self.facts.gradebook or f"sqlite:///{file}"

    def _has_grades(self) -> bool:
        return any(self.path.glob("autograded/*/*/*.ipynb"))

    @property
    def shown(self) -> str:
        """The folder as it is told at the terminal."""
        return os.path.relpath(self.path) if self.path.is_relative_to(Path.cwd()) else str(self.path)

    def seed(self) -> int:
        """The secret seed of the class; the first call makes it.

        Raises:
            CourseError: when the seed is not the one that this class began with.
        """
        if self.facts.seed and not (self.path / SEED_FILE).exists():
            raise CourseError(
                f"{self.path / SEED_FILE} is gone. Restore it from a backup: other hidden cases were used before."
            )
        seed = secret_seed(self.path)
        mark = hashlib.sha256(str(seed).encode()).hexdigest()[:16]
        if self.facts.seed and self.facts.seed != mark:
            raise CourseError(
                f"{self.path / SEED_FILE} is not the seed of the class {self.name}. Restore it from a backup."
            )
        self.facts.seed = mark
        return seed

    def roster(self) -> list[Person]:
        """The people of the class, when it has a roster."""
        path = self.path / ROSTER
        return read_roster(path.read_bytes(), str(path)) if path.is_file() else []

    def set_roster(self, people: list[Person]) -> None:
        """Keep a new roster."""
        write_whole(self.path / ROSTER, roster_csv(people))

    def save(self) -> None:
        """Write class.json. Its owner alone may read it, because the URL of a database may hold a password."""
        path = write_whole(self.path / FILE, json.dumps(asdict(self.facts), indent=1, ensure_ascii=False) + "\n")
        os.chmod(path, 0o600)

    @contextmanager
    def working(self, what: str, seconds: float = SECONDS_TO_WAIT) -> Iterator[None]:
        """Be the only one who writes into the class. A process that is killed lets go of it.

        Raises:
            CourseError: when somebody else still works on it after `seconds`, with who.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        note = self.path / WORKING
        lock = locket.lock_file(str(self.path / ".lock"), timeout=seconds)
        try:
            lock.acquire()
        except locket.LockError:
            who = note.read_text(encoding="utf-8").strip() if note.is_file() else "somebody"
            raise CourseError(f"{who} works on the class {self.name} now. Try again when that has ended.") from None
        try:
            now = datetime.now().strftime("%H:%M")
            self._note = f"{_user()} on {platform.node()} (process {os.getpid()}, {what} since {now})\n"
            write_whole(note, self._note)
            yield
        finally:
            self._note = ""
            with suppress(OSError):
                note.unlink(missing_ok=True)
            lock.release()

    def check_place(self) -> None:
        """While somebody is `working`: is the folder still where it was?

        Raises:
            CourseError: when it was moved, removed or replaced.
        """
        note = self.path / WORKING
        if not note.is_file() or note.read_text(encoding="utf-8") != self._note:
            raise CourseError(
                f"the folder {self.path} was moved, removed or replaced while the class was graded. What was graded is "
                "in the folder that was moved: grade the same again there, with --out."
            )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name
        return "somebody"


def _real(path: Path) -> Path:
    """The path without links; unlike `Path.resolve`, also of one that leads in a circle."""
    return Path(os.path.realpath(path))


def is_class(path: Path) -> bool:
    """True for the folder of a class, also of one that was graded before classes had names."""
    return (path / FILE).is_file() or ((path / SEED_FILE).is_file() and (path / "gradebook.db").is_file())


def load(path: Path) -> ClassFolder:
    """The class in a folder.

    Raises:
        CourseError: when class.json cannot be read.
    """
    path = _real(path)
    file = path / FILE
    if not file.is_file():
        return ClassFolder(path, Facts(path.name))
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        facts = Facts(**{k: v for k, v in data.items() if k in Facts.__dataclass_fields__})
        _refuse_other_kinds(facts)
        return ClassFolder(path, facts)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{file} cannot be read ({error}). Restore it from a backup, or correct it by hand."
        ) from None


def _refuse_other_kinds(facts: Facts) -> None:
    """Raises TypeError where somebody has written something of another kind into class.json."""
    for name, usual in asdict(Facts("")).items():
        value = getattr(facts, name)
        inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if not isinstance(value, type(usual)) or not all(isinstance(each, str) for each in inside):
            raise TypeError(f"{name} should not be {value!r}")


def find_class(text: str) -> ClassFolder:
    """The class that a name or a folder means.

    Raises:
        CourseError: when there is none, with those that are there.
    """
    for path in (Path(text), CLASSES / text):
        if is_class(path):
            return load(path)
    names = sorted(path.name for path in CLASSES.glob("*") if is_class(path))
    known = f"There is {', '.join(names)}." if names else "There is none yet."
    raise CourseError(f"{text} is no class. {known} `course grade SUBMISSIONS` makes one.")


def class_of(submissions: Path | None, name: str | None, out: Path | None) -> ClassFolder:
    """The class that submissions are graded into: the named one, the one in `out`, or the one called like them.

    Raises:
        CourseError: when a class of that name has had other submissions, with the way out.
    """
    if submissions is None and not name and out is None:
        raise CourseError(
            "say what to grade, or which class to grade again: python3 course grade SUBMISSIONS, or --class NAME"
        )
    usable = name and re.fullmatch(r"[\w.@ -]+", name) and name.strip(". ") and not DEVICE.match(name)
    if name and not usable and not is_class(Path(name)):
        raise CourseError(
            f"{name!r} is no name for a class: letters, digits, spaces and . _ - @ may be in it, "
            "and it is no device of Windows such as CON. A folder elsewhere is named with --out."
        )
    if submissions is None and out is None:
        return find_class(str(name))
    if name and out is None:
        known = is_class(Path(name)) and not is_class(CLASSES / name)
        return load(Path(name)) if known else _named(CLASSES / name, name)
    if out is not None:
        found = _named(out, name or _real(out).name)
        if name and found.name != name:
            raise CourseError(f"{out} is the folder of the class {found.name}, not of {name}. Say another --out.")
        return found
    assert submissions is not None  # without it there is a name or a folder, see above
    source = _real(submissions)
    for path in sorted(CLASSES.glob("*")):
        if is_class(path) and str(source) in load(path).facts.handed_over:
            return load(path)
    own = source.name.removesuffix(".zip") if source.is_file() else source.name
    own = source.parent.name if source.suffix == ".ipynb" else own
    found = _named(CLASSES / own, own)
    if found.facts.handed_over:
        raise CourseError(
            f"the class {own} was made of {found.facts.handed_over[0]}. If {submissions} belongs to the same class, "
            f"say --class {own}; if it is another class, give it a name of its own with --class NAME."
        )
    return found


def _named(path: Path, name: str) -> ClassFolder:
    return load(path) if is_class(path) else ClassFolder(_real(path), Facts(name))


@contextmanager
def nothing_left_behind(folder: ClassFolder) -> Iterator[None]:
    """Remove what a start that failed has made. A folder that was there before, or holds grades, stays."""
    new = not folder.path.exists()
    try:
        yield
    except BaseException:
        if new and not folder._has_grades():
            shutil.rmtree(folder.path, ignore_errors=True)
        raise
