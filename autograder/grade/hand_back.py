"""Back to the students: all pages anew, and a zip file that the learning-management system hands out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.grade.collecting.layouts import CANVAS
from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import Book
from autograder.grade.standing import Paper, Standing
from autograder.grade.views import feedback_file, make_views, pages_of, told_of_the_disk
from course_lib.errors import CourseError
from course_lib.files import write_whole

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages give the same zip file


def hand_back(klass: ClassFolder, system: str | None) -> Iterator[str]:
    """Make the pages and grades.csv of a class anew. Yields what was written, for the terminal.

    system: "canvas" or "moodle" packs a zip file for each notebook, in the layout in which that system took it.

    Raises:
        CourseError: when nothing of the class came from that system.
    """
    with told_of_the_disk(klass.path), klass.working("feedback"), Book(klass.gradebook) as book:
        whole = make_views(klass, book)
        yield f"{len(pages_of(whole))} pages are in {klass.shown}/feedback, and the points in {klass.shown}/grades.csv"
        if system:
            yield from _pack(klass, whole, system)


def _pack(klass: ClassFolder, whole: Standing, system: str) -> Iterator[str]:
    name_of = {"canvas": _canvas, "moodle": _moodle}[system]
    packed = 0
    for notebook in whole.notebooks:
        papers = [paper for paper in pages_of(whole) if paper.notebook == notebook]
        pages = {name_of(paper): feedback_file(klass.path, paper) for paper in papers if name_of(paper)}
        if pages:
            path = write_whole(klass.path / "exports" / f"feedback-{system}-{notebook}.zip", _zip(pages))
            packed += len(pages)
            left = len(papers) - len(pages)
            yield f"{system}, pages {len(pages)}: {path}{f' ({left} did not come from it)' if left else ''}"
    if not packed:
        raise CourseError(f"nothing in the class {klass.name} was handed in through {system}, so it takes nothing back")


def _moodle(paper: Paper) -> str:
    """Moodle finds a student by the name of the folder that it made."""
    if "_assignsubmission_" not in paper.place:
        return ""
    student = paper.place.split("_assignsubmission_")[0]
    return f"{student}_assignsubmission_file_/feedback_{paper.notebook}.html"


def _canvas(paper: Paper) -> str:
    """Canvas finds a student by how the file was called, up to its own numbers."""

    if not CANVAS.fullmatch(paper.place):
        return ""
    return f"{Path(paper.place).stem}.html"


def _zip(pages: dict[str, Path]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(pages.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
