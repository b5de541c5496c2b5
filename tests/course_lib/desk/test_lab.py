"""The student's working copy, and JupyterLab on it in a real browser."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.desk import lab
from course_lib.errors import CourseError

NAME = "01_chain_rule/01_chain_rule.ipynb"


def notebook(*sources: str, output: str | None = None) -> str:
    """Return a notebook with these code cells, each with this output if any."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": outputs}
    cells = [{**code, "id": f"cell-{i}", "source": source} for i, source in enumerate(sources)]
    metadata = {"language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def release(tmp_path):
    """A release of one notebook, with a picture beside it."""
    folder = tmp_path / "notebooks"
    (folder / NAME).parent.mkdir(parents=True)
    (folder / NAME).write_text(notebook("first release"))
    (folder / NAME).with_name("picture.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def work(tmp_path, release):
    """A working copy that has just been made."""
    folder = tmp_path / "work"
    lab.hand_out(release, folder)
    return folder


def copies(work: Path) -> dict[str, str]:
    """Return every file of the working copy that the student sees: {name: text}."""
    files = (path for path in work.rglob("*") if path.is_file() and lab.RECORDS not in path.parts)
    return {path.name: path.read_text() for path in files}


def test_the_first_time_everything_is_copied(release, tmp_path):
    messages = lab.hand_out(release, tmp_path / "new" / "work")
    assert messages == [f"{NAME}: copied", "01_chain_rule/picture.svg: copied"]
    assert copies(tmp_path / "new" / "work") == copies(release)


def test_the_second_time_there_is_nothing_to_do(release, work):
    (work / NAME).write_text(notebook("my work"))
    before = copies(work)
    assert lab.hand_out(release, work) == []
    assert copies(work) == before


def test_a_copy_that_was_not_changed_is_replaced(release, work):
    (release / NAME).write_text(notebook("second release"))
    assert lab.hand_out(release, work) == [f"{NAME}: replaced by the new release (you had not changed it)"]
    assert copies(work)["01_chain_rule.ipynb"] == notebook("second release")


def test_a_copy_that_was_only_run_is_replaced(release, work):
    (work / NAME).write_text(notebook("first release", output="42"))
    (release / NAME).write_text(notebook("second release"))
    lab.hand_out(release, work)
    assert copies(work)["01_chain_rule.ipynb"] == notebook("second release")


def test_a_copy_with_work_in_it_is_kept_and_the_release_put_beside_it(release, work):
    (work / NAME).write_text(notebook("my work"))
    (release / NAME).write_text(notebook("second release"))
    new = "01_chain_rule/01_chain_rule.new.ipynb"
    assert lab.hand_out(release, work) == [f"{NAME}: you have changed yours, so the new release is {new}"]
    assert (work / NAME).read_text() == notebook("my work")
    assert (work / new).read_text() == notebook("second release")
    assert lab.hand_out(release, work) == []


def test_the_release_put_beside_is_updated_until_it_is_worked_on(release, work):
    (work / NAME).write_text(notebook("my work"))
    for text in ("second release", "third release"):
        (release / NAME).write_text(notebook(text))
        lab.hand_out(release, work)
    beside = (work / NAME).with_name("01_chain_rule.new.ipynb")
    assert beside.read_text() == notebook("third release")
    beside.write_text(notebook("my work on the third"))
    (release / NAME).write_text(notebook("fourth release"))
    lab.hand_out(release, work)
    assert beside.read_text() == notebook("my work on the third")
    assert beside.with_name("01_chain_rule.new2.ipynb").read_text() == notebook("fourth release")


def test_a_release_put_beside_and_deleted_stays_deleted(release, work):
    (work / NAME).write_text(notebook("my work"))
    (release / NAME).write_text(notebook("second release"))
    lab.hand_out(release, work)
    (work / NAME).with_name("01_chain_rule.new.ipynb").unlink()
    assert lab.hand_out(release, work) == []


def test_a_deleted_copy_comes_back(release, work):
    (work / NAME).unlink()
    assert lab.hand_out(release, work) == [f"{NAME}: copied"]
    assert (work / NAME).exists()


def test_a_file_that_was_there_before_is_kept(release, tmp_path):
    work = tmp_path / "old work"
    (work / NAME).parent.mkdir(parents=True)
    (work / NAME).write_text("not JSON at all")
    lab.hand_out(release, work)
    assert (work / NAME).read_text() == "not JSON at all"
    assert (work / NAME).with_name("01_chain_rule.new.ipynb").exists()


@pytest.mark.parametrize("seed", range(5))
def test_no_work_is_ever_lost(release, tmp_path, seed):
    """Students who edit, run and delete in any order, between releases, find all their work again."""
    rng = np.random.default_rng(seed)
    work, written = tmp_path / "work", set()
    for step in range(40):
        action = rng.choice(["release", "edit", "run"])
        files = sorted(work.rglob("*.ipynb"))
        if action == "release":
            (release / NAME).write_text(notebook(f"release {step}"))
        elif files:
            path = files[rng.integers(len(files))]
            source = json.loads(path.read_text())["cells"][0]["source"]
            if action == "edit":
                written.discard(source)  # the student's own edit replaces it
                source = f"work {step}"
                written.add(source)
            path.write_text(notebook(source, output=f"output {step}"))
        lab.hand_out(release, work)
        kept = {json.loads(path.read_text())["cells"][0]["source"] for path in work.rglob("*.ipynb")}
        assert written <= kept
        if action == "release":
            assert f"release {step}" in kept
    assert len(written) > 1  # the students did work


def test_a_checkout_without_notebooks_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    with pytest.raises(CourseError, match="course build"):
        lab.open_lab(browser=False)


def test_a_working_copy_that_cannot_be_written_is_a_clear_error(monkeypatch, tmp_path, release):
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    (tmp_path / "file").write_text("a file where the folder should go")
    with pytest.raises(CourseError, match="cannot bring the notebooks to"):
        lab.open_lab(tmp_path / "file", browser=False)


@pytest.fixture
def address(release, tmp_path):
    """The address that the real command prints, with JupyterLab running behind it for a student who is new to it."""
    (release / NAME).write_text(notebook("6 * 7"))
    code = (
        "import sys; from pathlib import Path; from course_lib.desk import lab; lab.ROOT = Path(sys.argv[1]); "
        "lab.open_lab(browser=False)"
    )
    environment = {**os.environ, "HOME": str(tmp_path / "home"), "USERPROFILE": str(tmp_path / "home")}
    log = tmp_path / "log"
    with log.open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            env={name: value for name, value in environment.items() if not name.startswith("JUPYTER")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            found = None
            while found is None and (line := server.stdout.readline()):
                found = re.search(r"http://\S+", line)
            assert found, log.read_text()
            yield found.group(0)
        finally:
            server.terminate()
            server.wait()


def test_lab_opens_the_first_notebook_and_asks_nothing(address, browser):
    page = browser.new_page()
    elsewhere = []
    page.on("request", lambda request: elsewhere.append(request.url) if "localhost" not in request.url else None)
    page.goto(address)
    editor = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    editor.wait_for(timeout=60_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)  # JupyterLab drops what is run before the kernel is there
    editor.press("Shift+Enter")
    page.wait_for_selector(".jp-OutputArea-output:has-text('42')", timeout=60_000)
    assert page.locator(".lm-TabBar-tab.jp-mod-current:visible", has_text="01_chain_rule.ipynb").count() >= 1
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0  # the offer of news
    assert page.get_by_text("Validate").count() == 1
    assert page.get_by_text("Formgrader").count() == 0
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []
    page.close()
