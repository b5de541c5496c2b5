"""The commands of a student."""

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


def test_help_loads_none_of_the_heavy_packages():
    code = "import course_lib.desk.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert not {"numpy", "sympy", "matplotlib", "nbformat", "jupyterlab", "autograder"} & set(loaded)
