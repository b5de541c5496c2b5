"""Where the project's folders are, and how a notebook is written."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "solutions"
RELEASE = ROOT / "notebooks"


def notebook_file(folder: Path, notebook: str) -> Path:
    """The file of a notebook in nbgrader's layout: folder/01_chain_rule/01_chain_rule.ipynb."""
    return folder / notebook / f"{notebook}.ipynb"


def notebook_text(nb: NotebookNode) -> str:
    """The text of an .ipynb file. Raises nbformat.ValidationError when `nb` is not a valid notebook."""
    nbformat.validate(nb)
    return nbformat.writes(nb) + "\n"


def release_of(notebook: str) -> NotebookNode:
    """The student release of a notebook, as it was built."""
    return nbformat.read(notebook_file(RELEASE, notebook), as_version=4)
