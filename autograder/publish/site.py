"""Build the site: the pages of docs/, the notebooks, the downloads and, if asked for, JupyterLite.

All of it is made in a scratch folder, searched for answers, and only then put in place.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

from autograder.files import RELEASE, ROOT, notebook_file, notebook_text
from autograder.publish import pages
from autograder.publish.bundle import FOLDER, bundle
from autograder.publish.lite import build_lite
from autograder.publish.pages import Places
from autograder.publish.secrets import refuse_answers_in
from autograder.publish.wheel import build_wheel
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from course_lib.files import write_whole

DOCS = ROOT / "docs"
MATHJAX = ("static", "mathjax", "es5", "tex-svg.js")


def build_site(out: Path, places: Places) -> None:
    """Build the site into the folder `out`, in place of what is there.

    Raises:
        CourseError: when something is not built or documented as it should be, or an answer would be published.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch) / "source", Path(scratch) / "site"
        lay_out(source, places)
        run_sphinx(source, made)
        add_downloads(made, places)
        if places.lite:
            build_lite(made / "lite")
        refuse_answers_in(made)
        (made / ".nojekyll").touch()  # else GitHub Pages drops the folders whose names begin with _
        if out.exists():
            if not (out / "index.html").is_file() and any(out.iterdir()):
                raise CourseError(f"{out} is not empty and holds no site. Name another folder with --out")
            shutil.rmtree(out)
        shutil.copytree(made, out)


def lay_out(source: Path, places: Places) -> None:
    """Put all that Sphinx reads into the folder `source`."""
    shutil.copytree(DOCS, source)
    for notebook in NOTEBOOKS:
        write_whole(source / "notebooks" / f"{notebook}.ipynb", notebook_text(pages.page(notebook, places)))
    write_whole(source / "notebooks" / "index.md", pages.contents(places))
    with as_file(files("mathjax").joinpath(*MATHJAX)) as script:
        (source / "_static" / "mathjax").mkdir()
        shutil.copy(script, source / "_static" / "mathjax")
    with as_file(files("mathjax").joinpath("static", "mathjax", "LICENSE")) as text:
        shutil.copy(text, source / "_static" / "mathjax")


def run_sphinx(source: Path, made: Path) -> None:
    """Run Sphinx. A warning is an error: a broken link is found here, not by a reader.

    Raises:
        CourseError: with what Sphinx said.
    """
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", str(source), str(made)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        raise CourseError(f"Sphinx does not accept the pages:\n{done.stderr.replace(str(source), 'docs').strip()}")
    for left in (".doctrees", ".buildinfo", "objects.inv"):
        path = made / left
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def add_downloads(made: Path, places: Places) -> None:
    """Add the files that the pages link: the students' zip file, the notebooks, and the wheel of course_lib."""
    downloads = made / "downloads"
    bundle(downloads / f"{FOLDER}.zip")
    wheel = build_wheel(downloads)
    for notebook in NOTEBOOKS:
        write_whole(downloads / f"{notebook}.ipynb", notebook_file(RELEASE, notebook).read_bytes())
        if places.url:
            address = f"{places.url.rstrip('/')}/downloads/{wheel.name}"
            write_whole(made / "colab" / f"{notebook}.ipynb", notebook_text(pages.for_colab(notebook, address)))
