"""Make the one zip file that students get: the notebooks, course_lib, and the script that sets everything up.

The same course gives the same bytes, so that a checksum can be published.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.files import RELEASE, ROOT, notebook_file, pythons
from autograder.publish.secrets import refuse_answers
from course_lib.desk.answers import title_of
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from course_lib.files import write_whole

FOLDER = "backprop-course"
TEXTS = ("course", "pyproject.toml", "requirements.lock", "LICENSE", "LICENSE-TEXT", "NOTICE", "docs/craft.ipynb")
README = Path(__file__).parent / "student.md"
MEGABYTES = 400  # what the environment takes, rounded up
WHEN = (1986, 10, 9, 0, 0, 0)  # zip files hold times: always this one


def students_files() -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file that a student gets.

    Raises:
        CourseError: when a notebook has not been built.
    """
    for notebook in NOTEBOOKS:
        if not notebook_file(RELEASE, notebook).is_file():
            raise CourseError(f"notebook {notebook} is not built; run: python3 course build")
        yield from _below(notebook_file(RELEASE, notebook).parent)
    for name in TEXTS:
        yield name, (ROOT / name).read_bytes()
    yield "README.md", readme().encode()
    yield from _below(ROOT / "course_lib")


def readme() -> str:
    """The read-me of the students' folder, with the numbers as they are now."""
    listed = [f"- `{notebook[:2]}` {title_of(notebook_file(RELEASE, notebook))}" for notebook in NOTEBOOKS]
    between = f"{pythons()[0]} to {pythons()[-1]}"
    return README.read_text(encoding="utf-8").format(
        count=len(NOTEBOOKS), pythons=between, megabytes=MEGABYTES, notebooks="\n".join(listed)
    )


def bundle(out: Path) -> str:
    """Write the zip file to `out`, and its checksum beside it. Returns the checksum (SHA-256).

    Raises:
        CourseError: when a notebook is not built, or an answer would go along.
    """
    files = sorted(students_files())
    refuse_answers(files)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made: with the rights of the files
            entry.external_attr = (0o100755 if name == "course" else 0o100644) << 16
            archive.writestr(entry, data)
    digest = hashlib.sha256(content.getvalue()).hexdigest()
    write_whole(out, content.getvalue())
    write_whole(out.with_name(out.name + ".sha256"), f"{digest}  {out.name}\n")
    return digest


def _below(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
