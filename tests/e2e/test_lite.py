"""The notebooks in a browser with nothing installed, to their end, and from there to a grade."""

import json
import subprocess
import sys

import pytest

from autograder.files import ROOT
from course_lib.exercises import NOTEBOOKS, exercises_of

pytestmark = [pytest.mark.serial, pytest.mark.thorough, pytest.mark.timeout(1200)]

SLOW = 300_000  # milliseconds: Pyodide starts in 15 s on a quiet machine
RIGHT = "def wiggle(f, x, h):\n    return (f(x + h) - f(x)) / h"


@pytest.fixture
def opened(browser, site, pyodide):
    """Open a notebook in JupyterLite in a fresh browser, ready to run."""
    contexts = []

    def open_notebook(notebook):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        context.route(lambda url: not url.startswith(site), pyodide.answer)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SLOW)
        page.goto(f"{site}lite/lab/index.html?path={notebook}/{notebook}.ipynb")
        page.get_by_text("Python (Pyodide) | Idle").wait_for()
        return page

    yield open_notebook
    for context in contexts:
        context.close()
    assert pyodide.missed == []


def run_all(page):
    """Choose Run All Cells, and wait until every code cell has run."""
    page.locator(".lm-MenuBar-item", has_text="Run").click()
    page.locator(".lm-Menu-item", has_text="Run All Cells").first.click()
    prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]"
    page.wait_for_function(f"{prompts}.every(prompt => /\\d/.test(prompt.textContent))")


def outputs(page):
    return page.locator(".jp-OutputArea-output").evaluate_all("all => all.map(each => each.textContent)")


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs_to_its_end(opened, notebook, screenshot):
    page = opened(notebook)
    run_all(page)
    shown = outputs(page)
    assert [text for text in shown if "Traceback" in text] == []
    for exercise in exercises_of(notebook):
        assert any(f"{exercise.number} {exercise.title}: not answered yet" in text for text in shown)
    assert page.locator(".jp-OutputArea-output img, .jp-OutputArea-output iframe").count() > 0
    screenshot(page, f"lite-{notebook}")


def test_work_in_the_browser_is_kept_downloaded_and_graded(opened, site, tmp_path, screenshot):
    notebook = NOTEBOOKS[0]
    page = opened(notebook)
    cell = page.locator(".jp-CodeCell", has_text="Your turn: 1.1").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(RIGHT)
    run_all(page)
    assert any("1.1 The slope of a wiggle: 4 of 4 points" in text for text in outputs(page))
    screenshot(page, "lite-answered")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(3000)
    page.goto(f"{site}lite/lab/index.html?path={notebook}/{notebook}.ipynb")  # come back later
    page.locator(".jp-CodeCell", has_text="return (f(x + h) - f(x)) / h").first.wait_for()
    page.locator(".lm-MenuBar-item", has_text="File").click()
    with page.expect_download() as downloading:
        page.locator(".lm-Menu-item", has_text="Download").first.click()
    handed_in = tmp_path / "ada" / downloading.value.suggested_filename
    handed_in.parent.mkdir()
    downloading.value.save_as(handed_in)
    assert notebook in handed_in.name
    command = [sys.executable, "-m", "autograder.cli", "grade", str(tmp_path / "ada"), "--student", "ada", "--json"]
    done = subprocess.run([*command, "--out", str(tmp_path / "class")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    graded = {row["exercise"]: row for row in json.loads(done.stdout)}
    assert graded["wiggle"]["points"] == 4
    assert graded["cos-x2"]["points"] == 0
