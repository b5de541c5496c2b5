"""The pages that an instructor and a student open after grading: for everyone, in both themes, and on a phone."""

import shutil
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.files import ROOT
from tests.e2e.test_site import DESK, PHONE, serious

pytestmark = [pytest.mark.serial, pytest.mark.timeout(900)]

STUDENTS = ("many-slips", "other-ways", "untouched")


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


def test_every_page_is_for_everyone(browser, graded, screenshot):
    assert len(pages(graded)) == len(STUDENTS) + 1
    for file in pages(graded):
        context = browser.new_context(viewport={"width": DESK, "height": 900})
        page = context.new_page()
        elsewhere = []
        page.on("request", lambda request, found=elsewhere: found.append(request.url))
        page.goto(file.as_uri())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            screenshot(page, f"class-{file.parent.parent.name}-{file.stem}-{scheme}")
            assert serious(Axe().run(page).response["violations"]) == [], (file, scheme)
        page.set_viewport_size({"width": PHONE, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), file
        assert [url for url in elsewhere if not url.startswith(("file:", "data:"))] == []
        context.close()
