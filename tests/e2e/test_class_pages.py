"""The pages that an instructor and a student open after grading: for everyone, in both themes, and on a phone."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from autograder.files import ROOT, release_of
from course_lib.desk.answers import to_fill_in
from course_lib.exercises import NOTEBOOKS
from tests.e2e.conftest import SECONDS, served
from tests.e2e.test_site import DESK, PHONE, serious

pytestmark = [pytest.mark.serial, pytest.mark.thorough, pytest.mark.timeout(900)]

STUDENTS = ("many-slips", "other-ways", "untouched", "in-words")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A small class, graded, with its report: the folder of the class."""
    place = tmp_path_factory.mktemp("graded")
    for student in STUDENTS:
        shutil.copytree(ROOT / "examples" / "class" / student, place / "handed_in" / student)
    command = [sys.executable, "-m", "autograder.cli"]
    folder = place / "class"
    subprocess.run([*command, "grade", str(place / "handed_in"), "--out", str(folder)], cwd=ROOT, capture_output=True)
    subprocess.run([*command, "report", str(folder)], cwd=ROOT, capture_output=True, check=True)
    return folder


def pages(folder):
    return [*sorted(folder.glob("feedback/*/*/*.html")), folder / "report.html"]


def assert_is_for_everyone(page, name, screenshot):
    """In both themes nothing serious is wrong with the page, and a phone shows its whole width."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        screenshot(page, f"{name}-{scheme}")
        assert serious(Axe().run(page).response["violations"]) == [], (name, scheme)
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    page.set_viewport_size({"width": DESK, "height": 900})


def test_every_page_is_for_everyone(browser, graded, screenshot):
    assert len(pages(graded)) == len(STUDENTS) + 1
    for file in pages(graded):
        context = browser.new_context(viewport={"width": DESK, "height": 900})
        page = context.new_page()
        elsewhere = []
        page.on("request", lambda request, found=elsewhere: found.append(request.url))
        page.goto(file.as_uri())
        assert_is_for_everyone(page, f"class-{file.parent.parent.name}-{file.stem}", screenshot)
        assert [url for url in elsewhere if not url.startswith(("file:", "data:"))] == []
        context.close()


def test_a_point_by_hand_arrives_on_the_feedback_page(browser, graded, screenshot, tmp_path):
    """An instructor opens nbgrader's formgrader, gives points, and makes the feedback anew."""
    written = next(name for name in to_fill_in(release_of(NOTEBOOKS[0])) if not name.endswith("-answer"))
    command = [sys.executable, "-m", "autograder.cli"]
    opened = [*command, "formgrader", str(graded), "--no-browser"]
    with served(opened, ROOT, dict(os.environ), tmp_path / "log") as address:
        page = browser.new_page(viewport={"width": DESK, "height": 900})
        page.set_default_timeout(SECONDS)
        page.goto(address)
        base = address.split("/formgrader")[0]
        page.goto(f"{base}/formgrader/gradebook/{NOTEBOOKS[0]}/{NOTEBOOKS[0]}")
        link = page.locator("a", has_text="other-ways").first  # out of sight: names are hidden from the grader at first
        link.wait_for(state="attached")
        page.goto(base + link.get_attribute("href"), wait_until="networkidle")  # then the page listens to its boxes
        score = page.locator(f"input.score[id={written}]")
        score.fill("3")
        with page.expect_response(lambda response: response.request.method == "PUT" and "/api/grade" in response.url):
            score.press("Tab")
        page.wait_for_timeout(1000)
        comment = page.locator(f"textarea[id={written}-comment]")
        with page.expect_response(lambda response: response.request.method == "PUT" and "/api/comment" in response.url):
            comment.press_sequentially("Well put.")  # a pause in typing is enough
        page.goto(base + "/formgrader/manage_assignments")
        page.go_back(wait_until="networkidle")
        expect(comment).to_have_value("Well put.")
        screenshot(page, "class-formgrader")
        page.close()
    subprocess.run([*command, "feedback", str(graded)], cwd=ROOT, capture_output=True, check=True)
    text = next(graded.glob("feedback/other-ways/*/*.html")).read_text(encoding="utf-8")
    text = re.sub(r"<[^>]*>|\s+", " ", text)
    assert "3 of 4" in text
    assert "Well put." in text


def test_the_page_for_answers_in_words_is_for_everyone_and_saves_points(browser, graded, screenshot, tmp_path):
    command = [sys.executable, "-m", "autograder.cli", "words", str(graded), "--no-browser"]
    with served(command, ROOT, dict(os.environ), tmp_path / "log") as address:
        page = browser.new_page(viewport={"width": DESK, "height": 900})
        page.set_default_timeout(SECONDS)
        page.goto(address)
        page.locator("li a").first.wait_for()
        for name in ("list", "question"):
            assert_is_for_everyone(page, f"class-words-{name}", screenshot)
            if name == "list":
                page.locator("li a").first.click()
        points = page.locator("input[name=points-0]")
        points.fill("2")
        page.keyboard.press("Enter")
        page.locator("[role=status]").wait_for()
        assert points.input_value() == "2"
        page.close()
