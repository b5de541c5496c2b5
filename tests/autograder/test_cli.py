"""The command line: what every command has in common, and what the thin ones pass on."""

import re
import shlex
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from autograder import cli
from autograder.files import release_of
from course_lib.errors import CourseError


def invoke(*arguments: str):
    return CliRunner().invoke(cli.course, arguments, prog_name="course")


@pytest.mark.parametrize("name", list(cli.course.commands))
def test_every_command_has_help_with_an_example(name):
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert f"course {name}" in result.output.split("Example", 1)[1]


def test_the_help_lists_every_command_in_the_order_of_the_file():
    lines = invoke("--help").output.splitlines()
    listed = [line.split()[0] for line in lines[lines.index("Commands:") + 1 :]]
    assert listed == list(cli.course.commands)
    assert listed[0] == "lab"


def test_an_error_of_the_user_is_one_line_and_exit_code_2(monkeypatch):
    def refuse(*arguments, **options):
        raise CourseError("the folder is on fire: leave it")

    monkeypatch.setattr("course_lib.desk.lab.open_lab", refuse)
    result = invoke("lab")
    assert result.exit_code == 2
    assert result.stderr == "course: the folder is on fire: leave it\n"
    assert result.stdout == ""


def test_an_error_of_ours_keeps_its_traceback(monkeypatch):
    def fail(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr("course_lib.desk.lab.open_lab", fail)
    assert isinstance(invoke("lab").exception, ZeroDivisionError)


def test_an_unknown_command_is_exit_code_2():
    result = invoke("fly")
    assert result.exit_code == 2
    assert "No such command 'fly'" in result.stderr


def test_test_runs_everything_or_just_pytest(monkeypatch):
    monkeypatch.setattr("autograder.tools.testing.run_all", lambda thorough: 4 if thorough else 0)
    codes = {(("-k", "lab"), False, False): 1, (("tests",), True, False): 5, (("tests",), False, True): 6}
    monkeypatch.setattr("autograder.tools.testing.run_pytest", lambda *arguments: codes[arguments])
    assert invoke("test").exit_code == 0
    assert invoke("test", "--all").exit_code == 4
    assert invoke("test", "-k", "lab").exit_code == 1
    assert invoke("test", "--fast", "tests").exit_code == 5
    assert invoke("test", "--all", "tests").exit_code == 6


def test_lock_prints_what_changed(monkeypatch):
    monkeypatch.setattr("autograder.tools.lock.write_lock", lambda upgrade: [f"upgrade={upgrade}"])
    assert invoke("lock").output == "upgrade=False\n"
    assert invoke("lock", "--upgrade").output == "upgrade=True\n"


def test_help_loads_none_of_the_heavy_packages():
    code = "import autograder.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert not {"numpy", "sympy", "matplotlib", "nbformat", "nbgrader", "jupyterlab", "dask"} & set(loaded)


PAGES = ["README.md", "CONTRIBUTING.md", "autograder/publish/student.md", "docs/*.md"]
NAMED = re.compile(r"^ {4}python3 course (.+)$|`python3 course ([a-z][^`]*)`", re.MULTILINE)


def commands_named(root):
    """Every command line that a page tells somebody to type: (page, words)."""
    for page in [page for pattern in PAGES for page in sorted(root.glob(pattern))]:
        for whole, quoted in NAMED.findall(page.read_text(encoding="utf-8")):
            yield page.name, shlex.split(whole.split("#")[0] or quoted, comments=True)


def test_every_command_that_a_page_names_is_there_with_its_options(root):
    named = list(commands_named(root))
    assert len(named) > 30
    for page, (name, *rest) in named:
        command = cli.course.commands.get(name)
        assert command, f"{page} names `course {name}`"
        if rest and isinstance(command, click.Group):
            command = command.commands[rest[0]]
        if command.context_settings.get("ignore_unknown_options"):
            continue  # what it does not know goes on to pytest
        known = {option for each in command.params for option in [*each.opts, *each.secondary_opts]}
        used = {word.split("=")[0] for word in rest if word.startswith("-")}
        assert used <= known | {"--help"}, f"{page}: course {name}"


def test_pages_spell_the_command_in_one_way(root):
    for pattern in PAGES:
        for page in root.glob(pattern):
            text = page.read_text(encoding="utf-8")
            assert re.findall(r"(?:`| {4})(?:\./|python |py )?course [a-z]+", text) == [], page.name


def test_a_notebook_that_is_not_built_is_told_with_the_command():
    with pytest.raises(CourseError, match=r"11_graph_networks is not built yet\. Run: python3 course build 11"):
        release_of("11_graph_networks")
