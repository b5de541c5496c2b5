"""The students' zip file: complete, alone, the same every time, and without an answer."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile

import pytest

from autograder.files import RELEASE, notebook_file
from autograder.publish import bundle as bundler
from autograder.publish import secrets
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

# Runs a student's command from the unzipped folder, where nothing of the instructor's can be imported.
ALONE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
sys.modules["autograder"] = sys.modules["solutions"] = None
import course_lib
assert course_lib.__file__.startswith(sys.path[0]), course_lib.__file__
from course_lib.desk.cli import main
main()
"""


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    out = tmp_path_factory.mktemp("bundle") / "students.zip"
    bundler.bundle(out)
    return out


@pytest.fixture(scope="module")
def unzipped(zipped, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unzipped")
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    return folder / bundler.FOLDER


def run(folder, *arguments):
    command = [sys.executable, "-I", "-c", ALONE, str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_the_folder_holds_what_a_student_needs_and_nothing_else(unzipped):
    top = {name.split("/")[0] for name in bundler.TEXTS}
    assert {path.name for path in unzipped.iterdir()} == {*top, "README.md", "notebooks", "course_lib"}
    names = [path.relative_to(unzipped).as_posix() for path in unzipped.rglob("*")]
    assert not [name for name in names if "__pycache__" in name or "zoo" in name or "solution" in name]
    assert {path.name for path in (unzipped / "notebooks").iterdir()} == set(NOTEBOOKS)


def test_no_file_shows_a_line_of_an_answer(unzipped):
    assert len(secrets.secret_lines()) > 300
    for path in unzipped.rglob("*"):
        if path.is_file():
            assert secrets.found_in(path.name, path.read_bytes()) == [], path


def test_two_bundles_are_the_same_bytes_and_the_checksum_is_theirs(zipped, tmp_path):
    assert bundler.bundle(tmp_path / "again.zip") == hashlib.sha256(zipped.read_bytes()).hexdigest()
    assert zipped.with_name("students.zip.sha256").read_text().split()[0] == bundler.bundle(tmp_path / "again.zip")


def test_an_answer_in_a_notebook_stops_the_bundle(monkeypatch, tmp_path):
    nb = json.loads(notebook_file(RELEASE, NOTEBOOKS[0]).read_text())
    nb["cells"][7]["source"] = ["# mine\n", max(secrets.answer_lines(NOTEBOOKS[0]), key=len)]
    leaking = [("notebooks/a.ipynb", json.dumps(nb).encode())]
    monkeypatch.setattr(bundler, "students_files", lambda: leaking)
    with pytest.raises(CourseError, match=r"a\.ipynb would give an answer away"):
        bundler.bundle(tmp_path / "leak.zip")
    assert not (tmp_path / "leak.zip").exists()


@pytest.mark.parametrize("form", ["<pre>{}</pre>", "<span>{}</span>", '{{"source": ["a", "{}"]}}'])
def test_an_answer_is_found_in_every_form(form):
    line = next(line for line in sorted(secrets.secret_lines()) if '"' not in line and "<" not in line)
    name = "page.json" if form.startswith("{") else "page.html"
    first, rest = line.split(" ", 1)
    shown = f"{first}</span> <span>{rest}" if name == "page.html" else line
    assert line in secrets.found_in(name, form.format(shown).encode())


def test_a_notebook_that_is_not_built_stops_the_bundle(monkeypatch, tmp_path):
    monkeypatch.setattr(bundler, "RELEASE", tmp_path)
    with pytest.raises(CourseError, match="course build"):
        list(bundler.students_files())


def test_the_read_me_names_every_notebook_and_python(unzipped):
    text = (unzipped / "README.md").read_text()
    for notebook in NOTEBOOKS:
        assert f"`{notebook[:2]}`" in text
    assert "{" not in text
    assert "3.11 to 3." in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_the_script_can_be_run(unzipped, zipped):
    with zipfile.ZipFile(zipped) as archive:
        assert archive.getinfo(f"{bundler.FOLDER}/course").external_attr >> 16 & 0o111


def test_every_command_of_a_student_runs_where_nothing_else_is(unzipped):
    listed = run(unzipped, "--help")
    assert listed.returncode == 0, listed.stderr
    assert "grade" not in listed.stdout.split("Commands:")[1]
    standing = run(unzipped, "progress")
    assert standing.returncode == 0, standing.stderr
    assert "Next: 1.1" in standing.stdout
    packed = run(unzipped, "pack", "01")
    assert packed.returncode == 2
    assert "course lab 01" in packed.stderr
