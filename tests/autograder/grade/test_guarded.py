"""Formgrader's pages, on a real server and in a real browser: nothing of a student's runs, and nothing is fetched."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.build.submissions import make_submission
from autograder.files import notebook_file, notebook_text, release_of
from autograder.grade.guarded import NAME, NO_FRAMES, SAVE_WHILE_TYPING
from autograder.grade.repair import read_submission, repair
from autograder.grade.sanitize import sanitize
from course_lib.exercises import NOTEBOOKS

NOTEBOOK = NOTEBOOKS[0]
WRITTEN = "explain-magnitudes"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EVIL = """
Honest words, and $\\frac{\\partial C}{\\partial w}$.

[one](javascript&\x01#58;fetch('/ran')) [two](/formgrader?path=handed_in/eve)
<a href="javascript:fetch('/ran')">three</a> <img src=x onerror="fetch('/ran')">
<script>fetch('/ran')</script><div onclick="fetch('/ran')">four</div>
$\\href{javascript:fetch('/ran')}{five}$
"""
SERVE = """
from pathlib import Path
from autograder.files import ROOT
from autograder.grade.formgrader import SETTINGS
from course_lib.desk.server import serve
serve(ROOT, start="/formgrader", settings=SETTINGS, port={port}, browser=False)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def graded_class(folder: Path) -> None:
    """A class with one submission, as it is after grading."""
    (folder / ".exchange").mkdir()  # see open_formgrader
    nb = make_submission(NOTEBOOK, {})
    cell = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == WRITTEN)
    cell.source = EVIL
    nb.cells.append(nbformat.v4.new_markdown_cell(EVIL))
    fixed, _ = repair(read_submission(nbformat.writes(nb).encode()), release_of(NOTEBOOK))
    shown = nbformat.v4.new_output("display_data", {"text/html": EVIL, "text/markdown": EVIL, "text/plain": EVIL})
    next(cell for cell in fixed.cells if cell.cell_type == "code").outputs = [shown]
    sanitize(fixed)
    place = notebook_file(folder / "autograded" / "eve", NOTEBOOK)
    place.parent.mkdir(parents=True)
    place.write_text(notebook_text(fixed))
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.add_assignment(NOTEBOOK)
        book.add_notebook(NOTEBOOK, NOTEBOOK)
        book.add_grade_cell(WRITTEN, NOTEBOOK, NOTEBOOK, max_score=4, cell_type="markdown")
        book.add_solution_cell(WRITTEN, NOTEBOOK, NOTEBOOK)
        book.add_student("eve", first_name="<img src=x onerror=\"fetch('/ran')\">", last_name="</script><b>Eve")
        book.add_submission(NOTEBOOK, "eve")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    folder = tmp_path_factory.mktemp("class")
    graded_class(folder)
    port, log = free_port(), folder / "log"
    environment = {**os.environ, "COURSE_CLASS": str(folder), "JUPYTER_TOKEN": "secret"}
    with log.open("w") as output:
        running = subprocess.Popen(
            [sys.executable, "-c", SERVE.format(port=port)], env=environment, stdout=output, stderr=output
        )
    address = f"http://localhost:{port}"
    try:
        end = time.monotonic() + 120
        while "Stop it with" not in log.read_text():
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
            number = book.find_submission_notebook(NOTEBOOK, NOTEBOOK, "eve").id
        yield SimpleNamespace(address=address, folder=folder, submission=number, log=log)
    finally:
        running.terminate()
        running.wait()


def get(server: SimpleNamespace, path: str) -> tuple[int, str, str]:
    """(status, Content-Security-Policy, text) of a page."""
    request = urllib.request.Request(server.address + path, headers={"Authorization": "token secret"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers.get("Content-Security-Policy", ""), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Content-Security-Policy", ""), error.read().decode()


def pages(server: SimpleNamespace) -> list[str]:
    places = ["manage_assignments", f"manage_submissions/{NOTEBOOK}", "gradebook", f"gradebook/{NOTEBOOK}"]
    places += [f"gradebook/{NOTEBOOK}/{NOTEBOOK}", "manage_students", "manage_students/eve"]
    places += [f"manage_students/eve/{NOTEBOOK}", f"submissions/{server.submission}/"]
    return [f"/formgrader/{place}" for place in places]


def test_every_page_says_which_scripts_are_its_own_and_loads_nothing_from_elsewhere(server: SimpleNamespace) -> None:
    for place in pages(server):
        status, policy, text = get(server, place)
        assert status == 200, (place, text)
        nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)[1]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        assert text.count("<script") == len(re.findall(f'<script[^>]*nonce="{nonce}"', text)), place
        assert not re.search(r"<(script|link|img)[^>]*(src|href)=[\"']?(https?:)?//", text), place


def test_an_answer_is_shown_and_does_nothing(server: SimpleNamespace) -> None:
    text = get(server, f"/formgrader/submissions/{server.submission}/")[2]
    assert "Honest words" in text
    assert "<b>Eve" not in text
    for active in ("href=[^>]*javascript", "onerror", r"/formgrader\?path", "[^>]*>fetch"):
        assert not re.search(rf"<[^>]*{active}", text), active


def test_no_configuration_is_read_from_what_was_handed_in(server: SimpleNamespace) -> None:
    eve = server.folder / "handed_in" / "eve"
    eve.mkdir(parents=True)
    (eve / "nbgrader_config.py").write_text(f"open({str(server.folder / 'ran')!r}, 'w')")
    for query in (f"?path={eve}", f"/?path={eve}"):
        assert get(server, f"/formgrader{query}")[0] == 200
    for other in ("assignments", "courses", "formgraders", "assignments/validate"):
        get(server, f"/{other}?path={eve}&course_id=a")
    get(server, "/formgrader/manage_assignments")
    assert not (server.folder / "ran").exists()


@pytest.mark.parametrize("name", ['";fetch("/ran")//', "\\", "<b>", "a%0ab", "'"])
def test_an_address_puts_nothing_into_a_script(server: SimpleNamespace, name: str) -> None:
    assert not NAME.fullmatch(name)
    from urllib.parse import quote

    for place in ("manage_students/{}", "gradebook/{}", "manage_students/{}/{}", "manage_submissions/{}"):
        assert get(server, "/formgrader/" + place.format(quote(name), quote(name)))[0] == 404


def test_in_a_browser_nothing_runs_and_formulas_are_drawn(server: SimpleNamespace, browser) -> None:
    context = browser.new_context(extra_http_headers={"Authorization": "token secret"})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for place in pages(server):
        page.goto(server.address + place, wait_until="networkidle")
    page.wait_for_selector("mjx-container svg")
    for link in page.query_selector_all(".text_cell_render a, .output_area a"):
        if link.is_visible():
            link.click()
    for kind in ("eye-open", "eye-close"):  # nbgrader's own handlers still work
        page.click(f".glyphicon-{kind}")
    assert page.is_visible("a.name-hidden")
    page.fill("input.score", "3")
    assert not [url for url in asked if "/ran" in url]
    assert not [url for url in asked if not url.startswith((server.address, "data:"))]
    assert not [text for text in said if "Content Security Policy" in text], said
    context.close()


def test_comments_are_saved_while_typed_and_nothing_warns_or_frames(server: SimpleNamespace) -> None:
    text = get(server, f"/formgrader/submissions/{server.submission}/")[2]
    assert SAVE_WHILE_TYPING in text
    assert text.index(NO_FRAMES) > text.index("formgrade.css")  # which draws the frames
    assert "alert-warning" not in get(server, "/formgrader/manage_assignments")[2]
