"""The files that show a class: made from the gradebook, all of them, each time.

grades.csv      one line for each student and notebook
collected.csv   one line for each file that was handed over
feedback/       a page for each student and notebook
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.grade.feedback import page
from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import Book
from autograder.grade.lateness import assign_penalties
from autograder.grade.standing import NOT_HANDED_IN, Paper, Standing, account_csv, grades_csv, standing_in
from course_lib.errors import CourseError
from course_lib.files import write_whole

NO_NOTEBOOK = "your_files"  # the page about files of no known notebook


def make_views(klass: ClassFolder, book: Book) -> Standing:
    """Write every view of the class anew. Returns where the class stands."""
    assign_penalties(book, klass.facts.late, klass.path)
    book.db.expire_all()
    whole = standing_in(book, klass)
    write_if_new(klass.path / "grades.csv", grades_csv(whole))
    write_if_new(klass.path / "collected.csv", account_csv(whole))
    for paper in pages_of(whole):
        write_if_new(feedback_file(klass.path, paper), page(whole.people[paper.student], paper))
    return whole


def pages_of(whole: Standing) -> list[Paper]:
    """The papers that have a page: everything that was handed in."""
    return [paper for paper in whole.papers.values() if paper.state != NOT_HANDED_IN]


def feedback_file(folder: Path, paper: Paper) -> Path:
    """Where the page of a paper is."""
    name = paper.notebook or NO_NOTEBOOK
    return folder / "feedback" / paper.student / name / f"{name}.html"


def write_if_new(path: Path, text: str) -> None:
    """Write a file, unless it says the same already."""
    if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
        write_whole(path, text)


@contextmanager
def told_of_the_disk(folder: Path) -> Iterator[None]:
    """Errors of the disk end in one sentence.

    Raises:
        CourseError: with what to do.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            way = "the disk is full. Make room and run the same command again; what was graded is kept"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            way = (
                f"{error.filename or folder} cannot be written to. Say another folder with --out, or change its rights"
            )
        elif error.errno == errno.ENAMETOOLONG:
            way = f"a name is too long for this disk: {error.filename}. Say a shorter folder with --out"
        elif error.errno in (errno.ENOTDIR, errno.EEXIST):
            way = f"{error.filename or folder} is in the way; it is no folder"
        elif error.errno == errno.EISDIR:
            way = (
                f"{error.filename2 or error.filename or folder} is in the way; it is a folder, and a file belongs there"
            )
        else:
            why = error.strerror or str(error) or type(error).__name__
            way = f"{error.filename or folder} cannot be used ({why}). Run the same again, or say another folder"
        raise CourseError(f"{way}.") from None
