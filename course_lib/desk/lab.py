"""Open JupyterLab on the student's own working copy of the notebooks.

A student never works in notebooks/: a new release would overwrite the work there, or refuse to come. They work in
a copy, and `hand_out` brings releases to it without ever overwriting what they have done.
"""

import hashlib
import json
import os
from pathlib import Path

from course_lib.desk.server import RECORDS, serve
from course_lib.errors import CourseError
from course_lib.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Path(__file__).parent / "jupyter"

FIRST = "01_chain_rule/01_chain_rule.ipynb"


def content_key(path: Path) -> str:
    """Return a digest of what a student can have worked on in this file.

    For a notebook, that is the cells' types and sources: JupyterLab rewrites outputs and metadata when a notebook is
    only run and saved. For any other file, and for a notebook that cannot be read, it is every byte.
    """
    data = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(data)["cells"]]
        except (ValueError, KeyError, TypeError):
            pass  # not a notebook, whatever its name: compared by its bytes
        else:
            data = json.dumps(cells).encode()
    return hashlib.sha256(data).hexdigest()


def places(name: str):
    """Yield where a release of the file `name` may go: its own place, then NAME.new.ipynb, NAME.new2.ipynb, …"""
    stem, suffix = os.path.splitext(name)
    yield name
    yield f"{stem}.new{suffix}"
    number = 2
    while True:
        yield f"{stem}.new{number}{suffix}"
        number += 1


def hand_out(release: Path, work: Path) -> list[str]:
    """Bring every file of the folder `release` to the working copy `work`. Return what the student should know.

    A file that the student has not changed is replaced by a new release. A file that they have changed is kept, and
    the new release is put beside it as NAME.new.ipynb, once. A file that they have deleted comes back.
    """
    record_file = work / RECORDS / "handed_out.json"
    record = json.loads(record_file.read_text(encoding="utf-8")) if record_file.exists() else {}
    messages = []
    for source in sorted(path for path in release.rglob("*") if path.is_file()):
        name = source.relative_to(release).as_posix()
        if ".ipynb_checkpoints" in name:
            continue
        message = hand_out_file(source, name, work, record)
        if message:
            messages.append(message)
            # Written after every file, so that an interrupted run forgets nothing that it has handed out.
            write_whole(record_file, json.dumps(record, indent=1, sort_keys=True).encode())
    return messages


def hand_out_file(source: Path, name: str, work: Path, record: dict) -> str | None:
    """Bring one file to the working copy and note it in `record`. Return a line for the student, or None."""
    this_release = hashlib.sha256(source.read_bytes()).hexdigest()
    for place in places(name):
        target = work / place
        handed = record.get(place, {})
        if handed.get("release") == this_release and (target.exists() or place != name):
            return None  # the student has had this release; one put beside their work may be deleted for good
        if not target.exists():
            message = f"{name}: copied"
            if place != name:
                message = f"{name}: you have changed yours, so the new release is {place}"
        elif content_key(target) in (handed.get("content"), content_key(source)):
            message = f"{place}: replaced by the new release (you had not changed it)"
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, source.read_bytes())
        record[place] = {"release": this_release, "content": content_key(source)}
        return message


def open_lab(work: Path | None = None, *, port: int | None = None, browser: bool = True) -> None:
    """Bring the working copy up to date and run JupyterLab on it until the student stops it.

    `work`: the folder of the working copy (default: work/ in the project). `port`: None takes the first free one
    from 8888. Raises CourseError if there are no notebooks, the folder cannot be written, or the port is taken.
    """
    release = ROOT / "notebooks"
    if not (release / FIRST).is_file():
        raise CourseError(f"{release / FIRST} is missing. Get a complete copy of the course, or run: course build")
    work = (work or ROOT / "work").resolve()
    try:
        messages = hand_out(release, work)
    except OSError as error:
        raise CourseError(f"cannot bring the notebooks to {work}: {error}") from error
    print(f"Your notebooks are in {work}")
    for message in messages:
        print(f"  {message}")
    serve(work, start=f"/lab/tree/{FIRST}", settings=SETTINGS, port=port, browser=browser)
