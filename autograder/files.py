"""Where the project's folders are, and how a file is written: whole or not at all."""

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path`, making its folder if needed. A reader, or a crash, never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)  # mkstemp lets only the owner read
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
