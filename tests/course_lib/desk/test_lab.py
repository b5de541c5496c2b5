"""What `course lab` opens, and when it touches nothing. In a real browser: tests/e2e/test_lab.py."""

import os
import socket
import subprocess

import pytest

from course_lib.desk import lab, server
from course_lib.desk.hand_out import Handout
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from tests.course_lib.desk.conftest import NAME, RELEASE, write


@pytest.fixture
def opened(monkeypatch, tmp_path, release):
    """Run open_lab with no JupyterLab behind it; returns the pages that it would have opened."""
    pages = []
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.setattr(lab, "running", lambda folder: None)
    monkeypatch.setattr(lab, "serve", lambda folder, *, start, **options: pages.append(start))
    return pages


def test_the_first_time_the_start_page_opens(opened, tmp_path, capsys):
    lab.open_lab()
    assert opened == ["/lab/tree/Start.ipynb"]
    assert (tmp_path / "work" / "Start.ipynb").is_file()
    assert capsys.readouterr().out == f"Your notebooks are in {tmp_path / 'work'}\n"


def test_later_the_notebook_that_was_saved_last_opens(opened, tmp_path, release):
    other = f"{NOTEBOOKS[2]}/{NOTEBOOKS[2]}.ipynb"
    write(release / other, *RELEASE)
    lab.open_lab()
    for age, name in enumerate([other, NAME]):
        write(tmp_path / "work" / name, "my work")
        os.utime(tmp_path / "work" / name, (1000 - age, 1000 - age))
    lab.open_lab()
    assert opened[-1] == f"/lab/tree/{other}"


def test_the_closing_page_is_where_the_last_notebook_says_and_stays_as_its_reader_left_it(opened, tmp_path):
    write(tmp_path / "docs" / "craft.ipynb", "the page")
    copy = tmp_path / "work" / NAME / ".." / ".." / "craft.ipynb"
    lab.open_lab()
    assert copy.resolve().read_bytes() == (tmp_path / "docs" / "craft.ipynb").read_bytes()
    write(copy.resolve(), "a note of my own")
    lab.open_lab()
    assert "a note of my own" in copy.resolve().read_text()


def test_a_notebook_can_be_asked_for(opened):
    lab.open_lab("3")
    assert opened == [f"/lab/tree/{NOTEBOOKS[2]}/{NOTEBOOKS[2]}.ipynb"]
    with pytest.raises(CourseError, match="no notebook '99'"):
        lab.open_lab("99")


def test_what_a_release_changed_is_said(opened, tmp_path, release, capsys):
    lab.open_lab()
    write(release / NAME, *RELEASE, "more")
    lab.open_lab()
    assert f"{NAME}: replaced by the new release" in capsys.readouterr().out


def test_a_running_lab_is_used_and_no_file_is_touched(opened, monkeypatch, release, tmp_path, capsys):
    Handout(release, tmp_path / "work").bring_all()
    write(release / NAME, *RELEASE, "more")
    before = (tmp_path / "work" / NAME).read_text()
    seen = []
    monkeypatch.setattr(lab, "running", lambda folder: "http://localhost:8888/?token=abc")
    monkeypatch.setattr(lab.webbrowser, "open", seen.append)
    lab.open_lab("1")
    assert seen == [f"http://localhost:8888/lab/tree/{NAME}?token=abc"]
    assert opened == []
    assert (tmp_path / "work" / NAME).read_text() == before
    assert "Stop JupyterLab (Ctrl-C), then run this again to get it" in capsys.readouterr().out


def test_a_checkout_without_notebooks_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    with pytest.raises(CourseError, match="course build"):
        lab.open_lab(browser=False)


def test_a_working_copy_that_cannot_be_written_is_a_clear_error(opened, tmp_path):
    (tmp_path / "file").write_text("a file where the folder should go")
    with pytest.raises(CourseError, match=r"cannot bring the notebooks to .* with --dir"):
        lab.open_lab(None, tmp_path / "file", browser=False)


def test_a_port_that_is_taken_is_a_clear_error(tmp_path):
    with socket.create_server(("localhost", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {port} cannot be used .*Leave out --port"):
            server.serve(tmp_path, start="/lab", settings=lab.SETTINGS, port=port, browser=False)


def test_a_terminal_starts_in_the_folder_of_the_commands(tmp_path, monkeypatch):
    folder = tmp_path / "it's here"
    folder.mkdir()
    monkeypatch.setenv("SHELL", "/bin/sh")
    if os.name == "posix":
        said = subprocess.run(server.shell_in(folder), input="pwd", capture_output=True, text=True).stdout
        assert said.strip().endswith(str(folder))
    else:
        assert "it''s here" in server.shell_in(folder)[-1]
