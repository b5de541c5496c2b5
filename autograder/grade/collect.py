"""Find the submissions of a class in what a learning-management system or nbgrader hands over."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

LAYOUTS = (
    "student/01_chain_rule/01_chain_rule.ipynb, as nbgrader collects; student/01_chain_rule.ipynb; "
    "student_01_chain_rule.ipynb; or a zip file of one of these"
)
MOODLE = "_assignsubmission_file"
MAX_BYTES = 200 << 20  # of one file in a zip


def find_submissions(path: Path) -> list[tuple[str, str, bytes]]:
    """(student, notebook, content) of every submission in a folder, a zip file or one notebook, in a fixed order.

    A file is matched to a notebook of the course by its own name or by the folder it is in.

    Raises:
        CourseError: when there is no submission, or when two files claim to be the same one, with what to do.
    """
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for name, content in sorted(_files(path)):
        place = _place(PurePosixPath(name))
        if place is None:
            continue
        if place in found:
            raise CourseError(
                f"{place[0]} has two files for {place[1]}: {found[place][0]} and {name}. Keep one of them."
            )
        found[place] = (name, content)
    if not found:
        raise CourseError(f"{path} holds no submission of {', '.join(NOTEBOOKS)}. Layouts that are read: {LAYOUTS}")
    return [(student, notebook, content) for (student, notebook), (_, content) in sorted(found.items())]


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every notebook file below the path: its name relative to the path, and what is in it."""
    if path.is_dir():
        for file in path.rglob("*.ipynb"):
            if ".ipynb_checkpoints" not in file.parts and file.is_file() and not file.is_symlink():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(".ipynb") and ".ipynb_checkpoints" not in entry.filename:
                    if entry.file_size > MAX_BYTES:
                        raise CourseError(f"{entry.filename} in {path} has {entry.file_size >> 20} MB; remove it")
                    yield entry.filename, archive.read(entry)
    elif path.suffix == ".ipynb":
        yield path.name, path.read_bytes()
    else:
        raise CourseError(f"{path} is no folder, zip file or notebook. Layouts that are read: {LAYOUTS}")


def _place(name: PurePosixPath) -> tuple[str, str] | None:
    """(student, notebook) that a file stands for; None when it is none of the course's notebooks."""
    folders = list(name.parts[:-1])
    for notebook in NOTEBOOKS:
        if folders and folders[-1] == notebook:  # student/notebook/any name
            return (_student(folders[:-1]) or "student", notebook)
        if notebook in name.stem:
            before = name.stem.split(notebook)[0].strip("_- ")
            return (_student(folders) or _student([before]) or "student", notebook)
    return None


def _student(parts: list[str]) -> str:
    """The innermost folder, or what a learning-management system put before the name of the file."""
    return parts[-1].split(MOODLE)[0].strip("_- ") if parts else ""
