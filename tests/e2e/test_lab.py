"""A student's evening in JupyterLab, opened by `course lab` from the students' zip file, in a real browser."""

import json
import subprocess
import time

import pytest

from course_lib.exercises import NOTEBOOKS, exercises_of
from tests.e2e.conftest import SECONDS, student_command, student_environment

FIRST = NOTEBOOKS[0]
MISTAKE = "def wiggle(f, x, h):\n    return f(x + h) - f(x)"
RIGHT = "def wiggle(f, x, h):\n    return (f(x + h) - f(x)) / h"

pytestmark = pytest.mark.serial  # a browser, JupyterLab and its kernel: beside others they wait too long


@pytest.fixture(scope="module")
def page(browser, desk):
    """JupyterLab in a window of its own; afterwards nothing has been asked of another machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(SECONDS)
    elsewhere = []
    page.on("request", lambda request: elsewhere.append(request.url) if "localhost" not in request.url else None)
    page.goto(desk.address)
    yield page
    page.close()
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


def idle(page):
    page.locator(".jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()


def menu(page, name, item):
    page.locator(".lm-MenuBar-item", has_text=name).click()
    page.locator(".lm-Menu-item", has_text=item).first.click()


def answer(page, text):
    """Write an answer into the cell of exercise 1.1, run it and its check, and return the check's cell."""
    cell = page.locator(".jp-CodeCell:visible", has_text="def wiggle(f, x, h):").first
    editor = cell.locator(".cm-content")
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    idle(page)
    return page.locator(".jp-CodeCell:visible", has_text='check("wiggle", wiggle)').first


def test_it_opens_quietly_on_the_start_page(page, desk, screenshot):
    page.locator(".jp-OutputArea-output", has_text="Next: 1.1").wait_for()
    idle(page)
    screenshot(page, "lab-start")
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0  # the offer of news
    titles = page.locator(".lm-TabBar-tab[title]").evaluate_all("tabs => tabs.map(tab => tab.title)")
    assert not [title for title in titles if "Extension" in title or "Debugger" in title]
    assert page.get_by_text("Validate").count() == 1
    assert page.get_by_text("Formgrader").count() == 0
    assert desk.errors.read_text() == ""
    assert page.locator(".lm-TabBar-tab.jp-mod-dirty").count() == 0  # nothing to save on a page that was only opened


def test_a_link_opens_the_notebook_and_an_open_exercise_stops_nothing(page, screenshot):
    page.locator(".jp-OutputArea-output a", has_text="How does a wiggle travel?").first.click()
    page.locator(".jp-Notebook:visible .jp-CodeCell", has_text="Your turn: 1.1").first.wait_for()
    idle(page)
    menu(page, "Run", "Run All Cells")
    last = exercises_of(FIRST)[-1]
    check = page.locator(".jp-CodeCell:visible", has_text=f'check("{last.id}"').first
    check.locator(".jp-OutputArea-output", has_text="not answered yet").first.wait_for()
    idle(page)
    first = page.locator(".jp-CodeCell:visible", has_text='check("wiggle", wiggle)').first
    first.scroll_into_view_if_needed()
    assert "1.1 The slope of a wiggle: not answered yet." in first.text_content()
    assert "Traceback" not in first.text_content()
    screenshot(page, "lab-unanswered")


def test_a_mistake_gets_its_sentence(page, screenshot):
    check = answer(page, MISTAKE)
    check.locator(".jp-OutputArea-output", has_text="0 of 4 points").first.wait_for()
    said = " ".join(check.text_content().split())  # the lines are broken for a narrow page
    assert "✗" in said
    assert "A slope is a change of f for each unit of change of x" in said
    assert "Traceback" not in said
    screenshot(page, "lab-mistake")


def test_the_right_answer_gets_its_points(page, screenshot):
    check = answer(page, RIGHT)
    check.locator(".jp-OutputArea-output", has_text="4 of 4 points").first.wait_for()
    assert "✗" not in check.text_content()
    screenshot(page, "lab-right")


def test_validate_says_which_checks_fail(page, screenshot):
    page.locator("button:visible, .jp-ToolbarButtonComponent:visible", has_text="Validate").first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for()
    page.wait_for_function("!document.querySelector('.jp-Dialog')?.innerText.includes('Validating')")
    screenshot(page, "lab-validate")
    said = dialog.inner_text()
    assert "1.2" in said
    assert "1.1 The slope" not in said
    dialog.locator("button").last.click()
    dialog.wait_for(state="detached")


def test_restart_and_run_up_to_here_brings_the_check_back(page):
    check = page.locator(".jp-CodeCell:visible", has_text='check("wiggle", wiggle)').first
    check.locator(".cm-content").click()
    page.keyboard.press("Escape")
    menu(page, "Kernel", "Restart Kernel and Run up to Selected")
    page.locator(".jp-Dialog button", has_text="Restart").click()
    idle(page)
    page.keyboard.press("Shift+Enter")
    check.locator(".jp-OutputArea-output", has_text="4 of 4 points").first.wait_for()


def test_the_start_page_shows_the_points(page, screenshot):
    page.locator(".lm-TabBar-tab", has_text="Start.ipynb").click()
    cell = page.locator(".jp-CodeCell:visible", has_text="progress()").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    cell.locator(".jp-OutputArea-output", has_text="Next: 1.2").wait_for()
    assert "4 of " in cell.text_content()
    screenshot(page, "lab-progress")


def test_pack_finds_the_answer_and_says_what_is_missing(page, desk):
    home = student_environment(desk.folder.parent / "home", desk.folder)
    done = subprocess.run(
        student_command(desk.folder, "pack", "01"), env=home, cwd=desk.folder, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "Not answered: 1.2" in done.stdout
    cells = json.loads((desk.folder / "hand_in" / f"{FIRST}.ipynb").read_text())["cells"]
    assert RIGHT in ["".join(cell["source"]) for cell in cells]


def test_a_terminal_starts_where_the_commands_are(page, desk):
    page.locator(".jp-DirListing-item", has_text=FIRST).dblclick()  # else it would start in this folder
    page.locator(".jp-BreadCrumbs", has_text=FIRST).wait_for()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.locator(".lm-MenuBar-item", has_text="File").click()
    page.locator(".lm-Menu-item", has_text="New").first.hover()
    page.locator(".lm-Menu-item", has_text="Terminal").click()
    page.locator(".jp-Terminal:visible .xterm-helper-textarea").wait_for(state="attached")
    page.wait_for_timeout(1500)
    page.keyboard.type("test -f course && touch found\n")
    end = time.monotonic() + SECONDS / 1000
    while not (desk.folder / "found").exists() and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert (desk.folder / "found").exists()


def test_nothing_that_frightens_was_said_in_the_terminal(page, desk):
    assert desk.errors.read_text() == ""


def test_a_running_lab_is_noticed(page, desk):
    home = student_environment(desk.folder.parent / "home", desk.folder)
    command = student_command(desk.folder, "lab", "--no-browser", "03")
    done = subprocess.run(command, env=home, cwd=desk.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "runs on this folder already" in done.stdout
    assert f"/lab/tree/{NOTEBOOKS[2]}/{NOTEBOOKS[2]}.ipynb?token=" in done.stdout
