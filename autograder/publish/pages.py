"""The pages of the site that are made from the notebooks: what students get, with the outputs of the solution."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from html import escape

import nbformat
from nbformat import NotebookNode

from autograder.build.source import role_of
from autograder.files import RELEASE, SOLUTIONS, notebook_file, release_of
from course_lib.desk.answers import title_of
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

INSTALL = """\
# Colab does not have the course's library: this cell fetches it. Run it first.
import subprocess
import sys

subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "{wheel}"], check=True)
"""

HEAD = """\
# The notebooks

To be done in this order, one or two hours each. These pages show the notebooks as students get them, with pictures that
move. To write answers and have them checked, follow a link at the top of the notebook.
"""


@dataclass(frozen=True)
class Places:
    """Where else a notebook of the site can be opened.

    lite: True when the site comes with JupyterLite. repository: "owner/name" on GitHub, for Binder.
    url: the address at which the site will stand, for Colab, which fetches the library from there.
    """

    lite: bool = False
    repository: str | None = None
    url: str | None = None

    def links(self, notebook: str) -> str:
        """A line of links for one notebook, as HTML for a page in notebooks/."""
        links = []
        if self.lite:
            address = f"../lite/lab/index.html?path={notebook}/{notebook}.ipynb"
            links.append(f'<a href="{address}">open in this browser, nothing to install</a>')
        links.append(f'<a href="../downloads/{notebook}.ipynb" download>download</a>')
        if self.url:
            links.append(
                f'<a href="../colab/{notebook}.ipynb" download>download for Colab</a> (upload it there; not tried yet)'
            )
        if self.repository:
            path = f"lab/tree/notebooks/{notebook}/{notebook}.ipynb"
            address = f"https://mybinder.org/v2/gh/{self.repository}/HEAD?urlpath={path}"
            links.append(f'<a href="{escape(address)}">Binder</a> (waits some minutes; not tried yet)')
        return f'<p class="open-in">To work in it: {" · ".join(links)}</p>'


def page(notebook: str, places: Places) -> NotebookNode:
    """A notebook as the site shows it: the student release, with the outputs of the course's own cells.

    Cells that the student fills in, and their checks, have no output.

    Raises:
        CourseError: when the release and the solution were not built from the same source.
    """
    shown = copy.deepcopy(release_of(notebook))
    solution = nbformat.read(notebook_file(SOLUTIONS, notebook), as_version=4)
    if [cell.id for cell in shown.cells] != [cell.id for cell in solution.cells]:
        raise CourseError(
            f"{notebook}: release and solution do not fit together; run: python3 course build {notebook[:2]}"
        )
    for cell, solved in zip(shown.cells, solution.cells, strict=True):
        role = role_of(cell)
        if cell.cell_type == "code":
            is_given = role is None or role[0] == "setup"
            cell.outputs = copy.deepcopy(solved.outputs) if is_given else []
            cell.execution_count = None
        else:
            cell.source = beside(cell.source)
        cell.metadata = NotebookNode()
    title, _, rest = shown.cells[0].source.partition("\n\n")
    shown.cells[0].source = f"{title}\n\n{places.links(notebook)}\n\n{rest}"
    return shown


def beside(text: str) -> str:
    """Markdown in which links to the other notebooks lead to their pages: in the site, all stand in one folder."""
    return re.sub(r"\]\(\.\./(\w+)/\1\.ipynb", r"](\1.ipynb", text)


def for_colab(notebook: str, wheel: str) -> NotebookNode:
    """The student release with a first cell that installs course_lib from the address of its wheel."""
    nb = copy.deepcopy(release_of(notebook))
    nb.cells.insert(0, nbformat.v4.new_code_cell(INSTALL.format(wheel=wheel), id="install"))
    return nb


def contents(places: Places) -> str:
    """The page that lists the notebooks, in Markdown."""
    rows = []
    for notebook in NOTEBOOKS:
        title = title_of(notebook_file(RELEASE, notebook))
        rows.append(f"- **[{title}]({notebook}.ipynb)**<br>{promise(notebook)}")
    tree = "\n".join(NOTEBOOKS)
    return "\n".join([HEAD, *rows, f"\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"])


def promise(notebook: str) -> str:
    """What a notebook promises in its first cell: the sentence after "By the end you can"."""
    text = " ".join(release_of(notebook).cells[0].source.split())
    begin = text.find("**By the end you can**")
    if begin < 0:
        return "Opens with a question, ends with a recap."
    sentence = text[begin:].replace("**By the end you can**", "By the end you can", 1)
    return sentence.split(". ")[0].rstrip(".") + "."
