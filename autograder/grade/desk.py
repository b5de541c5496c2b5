"""What a class has handed in, as its folder keeps it: submitted/ for what counts, attempts/ for what does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from nbgrader.api import SubmittedNotebook

from autograder.files import notebook_file
from autograder.grade.collecting.collect import ATTEMPT, Collected, HandedIn, Line
from autograder.grade.gradebook import PAPERS, Book
from course_lib.exercises import NOTEBOOKS
from course_lib.files import write_whole


@dataclass(frozen=True)
class Submission:
    """One submitted notebook. key: says what is graded with what; the same key gives the same result."""

    student: str
    notebook: str
    content: bytes
    key: str


class Desk:
    """The submissions of one class, in its folder and in its gradebook."""

    def __init__(self, folder: Path, book: Book) -> None:
        self.folder = folder
        self.book = book

    def file(self, student: str, notebook: str) -> Path:
        """Where the file is that counts."""
        return notebook_file(self.folder / "submitted" / student, notebook)

    def adopt(self) -> None:
        """Take over submissions that nbgrader collected, or that were graded before classes kept their own record."""
        known = {(row["student"], row["notebook"]) for row in self.book.rows(PAPERS)}
        times = {}
        for row in self.book.db.query(SubmittedNotebook).all():
            times[row.student.id, row.name] = row.assignment.timestamp
        found = []
        for file in sorted(self.folder.glob("submitted/*/*/*.ipynb")):
            place = (file.parts[-3], file.parts[-2])
            if file.stem == file.parts[-2] and file.stem in NOTEBOOKS and place not in known:
                time = times.get(place)
                time = time.replace(tzinfo=UTC) if time else None
                found.append(HandedIn(*place, file.relative_to(self.folder).as_posix(), b"", time))
        self.book.hand_in(found)

    def take_in(self, collected: Collected, source: str) -> None:
        """Keep what was collected. The files come first, so that a run that is killed loses nothing."""
        there = {(row["student"], row["notebook"]): row for row in self.book.rows(PAPERS) if not row["why"]}
        account = list(collected.account)
        counted: list[HandedIn] = []
        for each in collected.handed_in:
            row = there.get((each.student, each.notebook))
            why = self._why_not(each, row)
            for attempt in each.attempts:
                self.keep(each.student, each.notebook, attempt.content)
            if why:
                self.keep(each.student, each.notebook, each.content)
                account = [_not_counted(line, each, why) for line in account]
                continue
            file = self.file(each.student, each.notebook)
            if file.is_file() and file.read_bytes() != each.content:
                self.keep(each.student, each.notebook, file.read_bytes())
            write_whole(file, each.content)
            counted.append(each)
        self.book.hand_in([*counted, *collected.waiting])
        self.book.account_for(source, account)

    def _why_not(self, new: HandedIn, row: Mapping | None) -> str:
        """Why a file does not count although it is the best of its hand-over; empty when it counts."""
        if row is None or self._same(new):
            return ""
        if new.misnamed and "but" not in row["note"]:
            return f"its name says another notebook, and {row['path']} was handed in before"
        if new.time and row["time"] and new.time.astimezone(UTC).isoformat() < row["time"]:
            return f"{row['path']} is later"
        return ""

    def _same(self, new: HandedIn) -> bool:
        file = self.file(new.student, new.notebook)
        return file.is_file() and file.read_bytes() == new.content

    def keep(self, student: str, notebook: str, content: bytes) -> None:
        """Another attempt, under a name that is the same for the same content."""
        name = f"{hashlib.sha256(content).hexdigest()[:12]}.ipynb"
        path = self.folder / "attempts" / student / notebook / name
        if not path.is_file():
            write_whole(path, content)

    def copy_what_moved(self) -> None:
        """A notebook that was split: the file that was handed in holds the new part too."""
        for student, old, new in self.book.copied:
            source, target = self.file(student, old), self.file(student, new)
            if source.is_file() and not target.is_file():
                write_whole(target, source.read_bytes())
        self.book.copied.clear()

    def notebooks(self) -> list[str]:
        """The notebooks of the course that somebody has handed in."""
        names = {row["notebook"] for row in self.book.rows(PAPERS) if not row["why"]}
        return sorted(names & set(NOTEBOOKS))

    def submissions(self, builds: Mapping[str, str], seed: int) -> Iterator[Submission]:
        """Everything that can be graded, each with the key of what decides its grade."""
        for row in sorted(self.book.rows(PAPERS), key=lambda row: (row["notebook"], row["student"])):
            file = self.file(row["student"], row["notebook"])
            if row["why"] or row["notebook"] not in NOTEBOOKS or not file.is_file():
                continue
            content = file.read_bytes()
            key = hashlib.sha256(
                b"\0".join([content, builds[row["notebook"]].encode(), str(seed).encode()])
            ).hexdigest()
            yield Submission(row["student"], row["notebook"], content, key)

    def todo(self, builds: Mapping[str, str], seed: int) -> list[Submission]:
        """What is to be graded now, without the contents: those of a large class need not be in memory together."""
        graded = self.book.graded_with()
        fresh = (
            each for each in self.submissions(builds, seed) if graded.get((each.student, each.notebook)) != each.key
        )
        return [replace(each, content=b"") for each in fresh]

    def with_content(self, submission: Submission) -> Submission:
        """The submission with the bytes of its file."""
        return replace(submission, content=self.file(submission.student, submission.notebook).read_bytes())


def _not_counted(line: Line, each: HandedIn, why: str) -> Line:
    return Line(line.path, ATTEMPT, why, each.student, each.notebook) if line.path == each.path else line
