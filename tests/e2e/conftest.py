"""What the tests in a real browser share: servers to talk to, and screenshots to look at.

Screenshots go to dist/screenshots, for people: no test compares them.
"""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.publish.bundle import FOLDER, bundle
from autograder.publish.pages import Places
from autograder.publish.site import build_site
from tests.e2e.pyodide import Pyodide, fetch

SECONDS = 60_000  # milliseconds that a busy machine may take for one step

# Runs a student's command from the unzipped folder, where nothing of the instructor's can be imported.
ALONE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
sys.modules["autograder"] = sys.modules["solutions"] = None
from course_lib.desk.cli import main
main()
"""


@dataclass
class Desk:
    """A student's folder, and JupyterLab on it."""

    folder: Path
    address: str
    errors: Path


def student_command(folder: Path, *arguments: str) -> list[str]:
    """The command line of `python3 course ARGUMENTS` in a student's folder, without the set-up."""
    return [sys.executable, "-I", "-c", ALONE, str(folder), *arguments]


def student_environment(home: Path, folder: Path) -> dict[str, str]:
    """A person who is new to Jupyter, whose kernels find the folder's course_lib."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return {**inherited, "HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(folder)}


@contextmanager
def served(command: list[str], folder: Path, environment: dict[str, str], log: Path):
    """Start a Jupyter server, yield the address that it prints, and stop it."""
    with log.open("w") as errors:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
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


@pytest.fixture(scope="module")
def students_folder(tmp_path_factory):
    """The students' zip file, unzipped."""
    place = tmp_path_factory.mktemp("student")
    bundle(place / "students.zip")
    with zipfile.ZipFile(place / "students.zip") as archive:
        archive.extractall(place)
    return place / FOLDER


@pytest.fixture(scope="module")
def desk(students_folder):
    """JupyterLab as `course lab` opens it, from the students' zip file."""
    log = students_folder.parent / "errors"
    environment = student_environment(students_folder.parent / "home", students_folder)
    command = student_command(students_folder, "lab", "--no-browser")
    with served(command, students_folder, environment, log) as address:
        yield Desk(students_folder, address, log)


@pytest.fixture
def screenshot(root):
    """Save a picture of a page for people to look at."""
    folder = root / "dist" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)

    def save(page, name):
        page.screenshot(path=folder / f"{name}.png")

    return save


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Gives out files and does not talk about it."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory):
    """The whole site with JupyterLite."""
    folder = tmp_path_factory.mktemp("web") / "site"
    build_site(folder, Places(lite=True, repository="owner/name", url="https://course.example"))
    return folder


@contextmanager
def given_out(folder, handler=Quiet):
    """A web server that gives a folder out: its address, ending in /."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def site(site_folder):
    """The address of the site."""
    with given_out(site_folder) as address:
        yield address


@pytest.fixture(scope="session")
def pyodide(root):
    """What JupyterLite asks of the internet, from files at hand."""
    folder = root / "dist" / "pyodide"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        fetch(folder)
    except OSError as error:
        pytest.skip(f"JUPYTERLITE WAS NOT TRIED: Pyodide's files cannot be fetched here: {error}")
    return Pyodide(folder)
