"""Build a notebook from its text source: the executed solution, the student release and the data of its checks.

The build is deterministic: the same source gives the same bytes. Another processor rounds otherwise, so a file that
differs from the checkout's in round-off only counts as the same, and the checkout keeps its own.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import PyFileConfigLoader

from autograder.build import sample_class
from autograder.build.answer_key import public_data
from autograder.build.pictures import site_pictures
from autograder.build.roundoff import same_but_for_roundoff
from autograder.build.source import read_source
from autograder.files import RELEASE, ROOT, SOLUTIONS, notebook_file, notebook_text
from autograder.kernels import LocalKernelManager, kernel_environment
from course_lib import exercises
from course_lib.errors import CourseError
from course_lib.files import write_whole

DATA = Path(exercises.__file__).parent / "data"
EXAMPLES = ROOT / "examples"
CELL_SECONDS = 60


@dataclass(frozen=True)
class Built:
    """One built file: where it belongs and what is in it."""

    path: Path
    text: str | bytes

    def differs(self) -> bool:
        """True when the checkout has something else at that place, by more than round-off."""
        if not self.path.is_file():
            return True
        if isinstance(self.text, bytes):
            return contents(self.path.read_bytes()) != contents(self.text)
        return not same_but_for_roundoff(self.path.suffix, self.path.read_text(encoding="utf-8"), self.text)


def contents(archive: bytes) -> list[tuple[str, tuple[int, ...], bytes]]:
    """What is in a zip file; how well it is packed depends on the machine."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return [(entry.filename, entry.date_time, file.read(entry)) for entry in file.infolist()]


def build(notebook: str, say: Callable[[str], None] = lambda text: None) -> Iterator[Built]:
    """Build one notebook and yield its files; the caller decides whether to write or to compare them.

    The data of the checks comes first: the solution's own checks need it when the solution is executed.

    Raises:
        CourseError: when the source is wrong or a cell of the solution fails.
    """
    say(f"{notebook}: the answers to the public cases")
    yield Built(DATA / f"{notebook}.jsonl", public_data(notebook))
    say(f"{notebook}: the solution, executed")
    solution = read_source(notebook)
    yield Built(notebook_file(SOLUTIONS, notebook), notebook_text(execute(notebook, solution)))
    say(f"{notebook}: the student release")
    yield Built(notebook_file(RELEASE, notebook), notebook_text(release(notebook, read_source(notebook))))
    if notebook == sample_class.NOTEBOOK:
        say(f"{notebook}: the sample class")
        for name, content in sample_class.files().items():
            yield Built(EXAMPLES / name, content)
        for name, svg in site_pictures().items():
            yield Built(ROOT / "docs" / "images" / name, svg)


def write(notebook: str, say: Callable[[str], None] = lambda text: None) -> list[Path]:
    """Build one notebook into the checkout. Returns the files that changed."""
    changed = []
    for built in build(notebook, say):
        if built.differs():
            write_whole(built.path, built.text)
            changed.append(built.path)
    return changed


def stale(notebook: str, say: Callable[[str], None] = lambda text: None) -> list[Path]:
    """Build one notebook and write nothing. Returns the files that the checkout has otherwise or not at all."""
    return [built.path for built in build(notebook, say) if built.differs()]


def execute(notebook: str, nb: NotebookNode, folder: str | None = None) -> NotebookNode:
    """Run every cell in a fresh kernel and keep the outputs, without times or anything else that changes.

    Raises:
        CourseError: when a cell fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        client = NotebookClient(
            nb,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            kernel_manager_class=LocalKernelManager,
            record_timing=False,
            coalesce_streams=True,  # in how many pieces printed text arrives depends on the machine's load
            resources={"metadata": {"path": folder or scratch}},
        )
        try:
            client.execute(env=kernel_environment())
        except CellExecutionError as error:
            raise CourseError(f"{notebook}: a cell of the solution fails\n{error}") from None
    nb.metadata.language_info = NotebookNode(name="python")
    return nb


def release(notebook: str, nb: NotebookNode) -> NotebookNode:
    """The student's notebook, made by nbgrader: no solutions, no outputs, checks locked.

    Raises:
        CourseError: when nbgrader cannot make it, with what it said.
    """
    with tempfile.TemporaryDirectory() as root:
        config = PyFileConfigLoader(str(ROOT / "autograder" / "grade" / "nbgrader_config.py")).load_config()
        config.CourseDirectory.root = root
        config.CourseDirectory.db_url = f"sqlite:///{Path(root) / 'gradebook.db'}"
        config.NbGrader.log_level = config.Application.log_level = "ERROR"
        source = notebook_file(Path(root) / "solutions", notebook)
        write_whole(source, notebook_text(nb))
        result = NbGraderAPI(config=config).generate_assignment(notebook, force=True, create=True)
        if not result["success"]:
            raise CourseError(f"{notebook}: nbgrader cannot make the release\n{result['log']}\n{result['error']}")
        made = nbformat.read(notebook_file(Path(root) / "notebooks", notebook), as_version=4)
    made.metadata = nb.metadata
    return made
