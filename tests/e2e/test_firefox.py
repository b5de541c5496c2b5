"""The same in Firefox, where one can be had: the site, JupyterLab, and a notebook with nothing installed.

Mozilla's own driver talks to it. It is not in the lock: pip install marionette-driver
"""

import base64
import json
import shutil
import time

import pytest

from autograder.publish.lite import KERNEL
from course_lib.exercises import NOTEBOOKS, exercises_of
from tests.e2e.conftest import SECONDS, Quiet, given_out
from tests.e2e.pyodide import digest

pytestmark = [pytest.mark.serial, pytest.mark.thorough, pytest.mark.timeout(900)]

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
FIRST = NOTEBOOKS[0]
RIGHT = "def wiggle(f, x, h):\n    return (f(x + h) - f(x)) / h"

CAN_BE_CLICKED = """
    function (element) {
        if (!element.textContent.includes(this)) return false;
        element.scrollIntoView({block: "nearest"});
        const {left, top, width, height} = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }
"""


class Firefox:
    """One window, and how these tests use it."""

    def __init__(self, marionette, pictures):
        self.marionette, self.pictures = marionette, pictures
        self.go, self.run = marionette.navigate, marionette.execute_script

    def wait(self, condition: str, seconds: float = SECONDS / 1000):
        """Wait until a condition in JavaScript holds, and return its value."""
        end = time.monotonic() + seconds
        while not (value := self.run(f"return {condition}")):
            if time.monotonic() > end:
                self.picture("stuck")
                pytest.fail(f"after {seconds:.0f} s still not: {condition}")
            time.sleep(0.2)
        return value

    def find(self, selector: str):
        self.wait(f"document.querySelector({json.dumps(selector)})")
        return self.marionette.find_element("css selector", selector)

    def click_text(self, selector: str, text: str):
        """Click the first of those that the selector finds that has `text` in it and can be clicked."""
        seen = f"[...document.querySelectorAll('{selector}')].find({CAN_BE_CLICKED}, {text!r})"
        self.wait(f"!!{seen}")
        self.run(f"return {seen}").click()

    def picture(self, name: str):
        """Save what the window shows, for people to look at."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        shown = base64.b64decode(self.marionette.screenshot(full=False))
        (self.pictures / f"firefox-{name}.png").write_bytes(shown)

    def widen(self, width: int):
        self.marionette.set_window_rect(width=width, height=900)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory, root):
    if FIREFOX is None:
        pytest.skip("FIREFOX WAS NOT TRIED: there is none on this machine")
    driver = pytest.importorskip(
        "marionette_driver.marionette",
        reason="FIREFOX WAS NOT TRIED: its driver is missing; get it by pip install marionette-driver",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        log = str(tmp_path_factory.mktemp("firefox") / "log")
        prefs = {"dom.disable_beforeunload": True, "ui.prefersReducedMotion": 1}
        marionette = driver.Marionette(bin=FIREFOX, headless=True, gecko_log=log, prefs=prefs)
        marionette.start_session()
        yield Firefox(marionette, root / "dist" / "screenshots")
        marionette.quit()
        marionette.cleanup()


def test_the_site_reads_plays_and_finds(firefox, site):
    firefox.widen(500)  # as narrow as its window gets
    firefox.go(f"{site}notebooks/{FIRST}.html")
    firefox.wait("document.querySelector('mjx-container svg')")
    assert firefox.run("return document.documentElement.scrollWidth <= innerWidth")
    frame = firefox.find("iframe")
    firefox.run("arguments[0].scrollIntoView()", script_args=[frame])
    firefox.marionette.switch_to_frame(frame)
    before = firefox.find("output").text
    firefox.find("input[type=range]").send_keys("\ue014" * 4)  # the arrow to the right
    assert firefox.find("output").text != before
    firefox.marionette.switch_to_frame()
    firefox.picture("player")
    firefox.go(f"{site}search.html?q=vanish")
    assert firefox.wait("document.querySelectorAll('#search-results li a').length") > 0


def answer_and_run_all(firefox):
    """Answer exercise 1.1 of the open notebook and run all of it, to its end."""
    firefox.wait("document.querySelector('.jp-Notebook .jp-CodeCell')")
    cells = "[...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]"
    stub = f"{cells}.find(cell => cell.textContent.includes('Your turn: 1.1'))"
    firefox.wait(f"!!{stub}")
    stub = firefox.run(f"return {stub}.querySelector('.cm-content')")
    stub.click()
    stub.send_keys("\ue009a\ue009")  # Ctrl+A
    firefox.run("document.execCommand('insertText', false, arguments[0])", script_args=[RIGHT])
    firefox.click_text(".lm-MenuBar-item", "Run")
    firefox.click_text(".lm-Menu-itemLabel", "Run All Cells")  # WebDriver does not click rows of a table
    wanted = [f"{exercise.number} {exercise.title}: not answered yet" for exercise in exercises_of(FIRST)[1:]]
    texts = "[...document.querySelectorAll('.jp-OutputArea-output')].map(output => output.textContent)"
    for sentence in ["1.1 The slope of a wiggle: 4 of 4 points", *wanted]:
        firefox.wait(f"{texts}.some(text => text.includes({json.dumps(sentence)}))", 300)
    assert not firefox.run(f"return {texts}.some(text => text.includes('Traceback'))")


def test_a_notebook_runs_in_jupyterlab(firefox, desk):
    firefox.widen(1280)
    firefox.go(desk.address)
    firefox.click_text(".jp-OutputArea-output a", "How does a wiggle travel?")
    answer_and_run_all(firefox)
    firefox.picture("lab")


def test_a_notebook_runs_with_nothing_installed(firefox, site_folder, pyodide):
    """Marionette cannot answer for other addresses, so the site's settings name this server for what they fetch."""
    with given_out(site_folder, fetching_from_here(pyodide)) as site:
        firefox.widen(1280)
        firefox.go(f"{site}lite/lab/index.html?path={FIRST}/{FIRST}.ipynb")
        firefox.wait("document.body.innerText.includes('Python (Pyodide) | Idle')", 300)
        answer_and_run_all(firefox)
        firefox.picture("lite")


def fetching_from_here(pyodide):
    """What answers a browser: the site, with Pyodide and the package index under here/."""

    class Answers(Quiet):
        def do_GET(self):
            path = self.path.split("?")[0]
            if path == "/lite/jupyter-lite.json":
                self.reply(self.settings(), "application/json")
            elif path == "/here/all.json":
                self.reply(json.dumps(index(pyodide)).encode(), "application/json")
            elif path.startswith("/here/") and (found := pyodide.find(path)):
                self.reply(*found)
            else:
                super().do_GET()

        def settings(self):
            with open(f"{self.directory}/lite/jupyter-lite.json", encoding="utf-8") as file:
                settings = json.load(file)
            kernel = settings["jupyter-config-data"]["litePluginSettings"][KERNEL]
            here = f"http://{self.headers['Host']}/here"
            kernel["pyodideUrl"] = f"{here}/pyodide.mjs"
            kernel.setdefault("pipliteUrls", []).append(f"{here}/all.json")
            return json.dumps(settings).encode()

        def reply(self, body, kind):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Answers


def index(pyodide):
    """The wheels at hand, as JupyterLite reads a list of packages."""
    listed = {}
    for name, path in pyodide.wheels.items():
        package, version = name.split("-")[:2]
        file = {"filename": name, "url": f"./{name}", "digests": {"sha256": digest(path)}, "packagetype": "bdist_wheel"}
        listed[package.replace("_", "-")] = {"releases": {version: [file]}}
    return listed
