"""Open JupyterLab on the student's own working copy of the notebooks."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from course_lib.desk.hand_out import Handout
from course_lib.desk.server import running, serve
from course_lib.desk.start import START, write_start_page
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, chosen
from course_lib.files import notebook_file, write_whole

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Path(__file__).parent / "jupyter"
CLOSING_PAGE = "craft.ipynb"


def working_copy(work: Path | None) -> Path:
    """The student's folder: `work`, or work/ in the project."""
    return (work or ROOT / "work").resolve()


def release_folder() -> Path:
    """The folder of the releases.

    Raises:
        CourseError: when the notebooks are not there.
    """
    release = ROOT / "notebooks"
    first = notebook_file(release, NOTEBOOKS[0])
    if not first.is_file():
        raise CourseError(f"{first} is missing. Get a complete copy of the course, or run: python3 course build")
    return release


def open_lab(
    notebook: str | None = None, work: Path | None = None, *, port: int | None = None, browser: bool = True
) -> None:
    """Bring the working copy up to date and run JupyterLab on it until the student stops it.

    `notebook`: the number or name of the one to open; without it, the one worked on last, or the start page.
    `work`: the folder of the working copy (default: work/ in the project). `port`: None takes the first free one
    from 8888. A JupyterLab that runs on this folder already is used, and no file is touched under its hands.

    Raises:
        CourseError: if there are no notebooks, the folder cannot be written, or the port is taken.
    """
    handout = Handout(release_folder(), working_copy(work))
    wanted = [notebook_file(handout.work, each) for each in chosen((notebook,))] if notebook else []
    address = running(handout.work)
    if address:
        _go_to(address, handout, wanted, browser)
        return
    try:
        messages = handout.bring_all()
        bring_closing_page(handout.work)
        write_start_page(handout.work)
    except OSError as error:
        raise CourseError(
            f"cannot bring the notebooks to {handout.work}: {error}. "
            "Make room there, or say a folder of your own with --dir"
        ) from error
    print(f"Your notebooks are in {handout.work}")
    if all(message.endswith(": copied") for message in messages):
        messages = []  # the first time there is nothing to know
    for message in messages:
        print(f"  {message}")
    page = wanted[0] if wanted else _worked_on_last(handout)
    start = f"/lab/tree/{page.relative_to(handout.work).as_posix()}"
    serve(handout.work, start=start, settings=SETTINGS, port=port, browser=browser, terminals=ROOT)


def bring_closing_page(work: Path) -> None:
    """Put the page about frameworks, to which the last notebook leads, beside the notebooks, if it is not there yet."""
    page, copy = ROOT / "docs" / CLOSING_PAGE, work / CLOSING_PAGE
    if page.is_file() and not copy.exists():
        write_whole(copy, page.read_bytes())


def _go_to(address: str, handout: Handout, wanted: list[Path], browser: bool) -> None:
    """Show the JupyterLab that runs already."""
    base, token = address.split("?", 1)
    tree = f"/lab/tree/{wanted[0].relative_to(handout.work).as_posix()}" if wanted else "/lab"
    address = f"{base.rstrip('/')}{tree}?{token}"
    print(f"JupyterLab runs on this folder already: {address}")
    if any(handout.is_new(name) for name in handout.files()):
        print("A new release of the notebooks is there. Stop JupyterLab (Ctrl-C), then run this again to get it.")
    if browser:
        webbrowser.open(address)


def _worked_on_last(handout: Handout) -> Path:
    """The notebook that the student saved last, or the start page when nothing was changed yet."""
    names = [notebook_file(Path(), notebook).as_posix() for notebook in NOTEBOOKS]
    changed = [handout.work / name for name in names if (handout.work / name).exists() and handout.is_worked_on(name)]
    return max(changed, key=lambda path: path.stat().st_mtime, default=handout.work / START)
