"""The commands of a student."""

import errno
import subprocess
import sys

import pytest
from click.testing import CliRunner

from course_lib.desk import cli, lab
from tests.course_lib.desk.conftest import NAME, RELEASE, code, write


def invoke(*arguments: str):
    return CliRunner().invoke(cli.course, arguments, prog_name="course")


@pytest.fixture
def project(monkeypatch, tmp_path, work):
    """The small release and the working copy stand for the course's own."""
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", list(cli.course.commands))
def test_every_command_has_help_with_an_example(name):
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert f"course {name}" in result.output.split("Example", 1)[1]


def test_lab_passes_its_options_on(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(lab, "open_lab", lambda *arguments, **options: seen.append((*arguments, options)))
    assert invoke("lab").exit_code == 0
    assert invoke("lab", "05", "--no-browser", "--port", "9000", "--dir", str(tmp_path)).exit_code == 0
    assert seen == [(None, None, {"port": None, "browser": True}), ("05", tmp_path, {"port": 9000, "browser": False})]


def test_pack_writes_the_file_and_says_where(project):
    write(project / "work" / NAME, RELEASE[0], code("def f():\n    return 1", "wiggle-answer"), RELEASE[2])
    result = invoke("pack", "01")
    assert result.exit_code == 0
    assert (project / "hand_in" / "01_chain_rule.ipynb").is_file()
    assert str(project / "hand_in" / "01_chain_rule.ipynb") in result.output


def test_pack_ends_with_1_when_an_answer_is_missing_and_2_when_there_is_none(project):
    assert invoke("pack", "01").exit_code == 2
    write(project / "notebooks" / NAME, *RELEASE, code(RELEASE[1]["source"], "cos-x2-answer"))
    write(project / "work" / NAME, RELEASE[0], code("def f():\n    return 1", "wiggle-answer"), RELEASE[2])
    result = invoke("pack", "01")
    assert result.exit_code == 1
    assert "Not answered" in result.output


def test_progress_shows_the_working_copy(project):
    result = invoke("progress")
    assert result.exit_code == 0
    assert "1 · A title" in result.output
    assert "Next: 1.1" in result.output


def test_progress_of_a_folder_that_is_not_there_is_no_progress_of_nothing(project):
    result = invoke("progress", "--dir", str(project / "wrok"))
    assert result.exit_code == 2
    assert f"course lab --dir {project / 'wrok'}" in result.stderr


def test_what_the_disk_refuses_is_one_line(project, monkeypatch):
    """A folder of someone else, a file in place of a folder; and a full disk, which names no file."""
    write(project / "work" / NAME, RELEASE[0], code("def f():\n    return 1", "wiggle-answer"), RELEASE[2])
    (project / "hand_in").write_text("a file")
    for said, refused in (("hand_in", None), ("No space left", OSError(errno.ENOSPC, "No space left on device"))):
        if refused:
            monkeypatch.setattr(lab, "working_copy", lambda folder, refused=refused: raised(refused))
        result = invoke("pack", "01")
        assert result.exit_code == 2
        assert result.stderr.startswith("course: a file cannot be read or written:")
        assert said in result.stderr


def test_an_error_of_the_program_is_shown_whole(project, monkeypatch):
    monkeypatch.setattr(lab, "working_copy", lambda folder: raised(OSError("of no file")))
    assert isinstance(invoke("pack", "01").exception, OSError)


def raised(error: OSError):
    raise error


def test_help_loads_none_of_the_heavy_packages():
    code = "import course_lib.desk.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert not {"numpy", "sympy", "matplotlib", "nbformat", "jupyterlab", "autograder"} & set(loaded)
