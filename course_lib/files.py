"""How a notebook's file is called, and how a file is written: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def notebook_file(folder: Path, notebook: str) -> Path:
    """The file of a notebook in nbgrader's layout: folder/01_chain_rule/01_chain_rule.ipynb."""
    return folder / notebook / f"{notebook}.ipynb"


def write_whole(path: str | Path, data: str | bytes) -> Path:
    """Write `data` to `path`, making its folder if needed. A reader, or a crash, never meets half a file.

    Text is written as UTF-8 with line feeds on every system. Returns the path.

    Raises:
        OSError: when it cannot be written; what was there before is then still there.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}", suffix=".tmp", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
        os.chmod(temporary, 0o644)  # mkstemp lets only the owner read
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
