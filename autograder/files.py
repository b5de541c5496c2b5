"""Where the project's folders are, and how a file is written: whole or not at all."""

from __future__ import annotations

import os
import tempfile
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


def write_whole(path: Path, data: str | bytes) -> None:
    """Write `data` to `path`, making its folder if needed. A reader, or a crash, never meets half a file.

    Text is written as UTF-8 with line feeds on every system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}", suffix=".tmp", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
        os.chmod(temporary, 0o644)  # mkstemp lets only the owner read
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
