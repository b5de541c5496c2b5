"""Submissions are found in the forms that nbgrader and learning-management systems hand over."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.grade.collect import find_submissions
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

N = NOTEBOOKS[0]


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"ada/{N}/{N}.ipynb", "ada"),
        (f"ada/{N}/renamed (1).ipynb", "ada"),
        (f"submitted/ada/{N}/{N}.ipynb", "ada"),
        (f"ada/{N}.ipynb", "ada"),
        (f"Ada Lovelace_123_assignsubmission_file_/{N}.ipynb", "Ada Lovelace_123"),
        (f"Ada Lovelace_123_assignsubmission_file_{N}.ipynb", "Ada Lovelace_123"),
        (f"lovelaceada_42_777_{N}-1.ipynb", "lovelaceada_42_777"),
        (f"{N}.ipynb", "student"),
    ],
)
def test_layouts(name: str, student: str, tmp_path: Path) -> None:
    folder = lay(
        tmp_path / "in", name, f"ada/{N}/.ipynb_checkpoints/{N}-checkpoint.ipynb", "notes.txt", "x/other.ipynb"
    )
    assert find_submissions(folder) == [(student, N, name.encode())]
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(folder / name, name)
    assert find_submissions(archive) == [(student, N, name.encode())]


def test_one_notebook(tmp_path: Path) -> None:
    assert find_submissions(lay(tmp_path, f"ada_{N}.ipynb") / f"ada_{N}.ipynb") == [
        ("ada", N, f"ada_{N}.ipynb".encode())
    ]


def test_two_files_for_one_student_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="ada has two files"):
        find_submissions(lay(tmp_path, f"ada/{N}/a.ipynb", f"ada/{N}/b.ipynb"))


def test_what_holds_no_submission_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="holds no submission"):
        find_submissions(lay(tmp_path, "ada/other.ipynb"))
    with pytest.raises(CourseError, match="no folder, zip file or notebook"):
        find_submissions(lay(tmp_path, "grades.pdf") / "grades.pdf")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    lay(tmp_path / "elsewhere", "secret.ipynb")
    lay(tmp_path / "in", f"ada/{N}/{N}.ipynb")
    (tmp_path / "in" / "eve" / N).mkdir(parents=True)
    (tmp_path / "in" / "eve" / N / f"{N}.ipynb").symlink_to(tmp_path / "elsewhere" / "secret.ipynb")
    assert [student for student, _, _ in find_submissions(tmp_path / "in")] == ["ada"]
