"""The files that are visible in a jail: the system's programs, this Python with its packages, and course_lib.

Everything is read-only. Of the checkout only course_lib is there: no solutions, no grader, no tests, no notebooks.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import course_lib

SYSTEM = ("/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
INSIDE = Path(__file__).with_name("inside.py")
HOME = "/home/student"
ENTRY = "/run/inside.py"


def library() -> Path:
    """The folder of course_lib."""
    return Path(course_lib.__file__).resolve().parent


def python_path() -> str:
    """The folder that course_lib is imported from inside. Nothing else of it is visible there."""
    return str(library().parent)


def environment_folders() -> list[Path]:
    """The folders of this Python: the virtual environment and what it was made from, by each name they go by."""
    interpreter = Path(sys.executable).resolve()
    folders = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve(), interpreter.parent.parent]
    return [folder for folder in dict.fromkeys(folders) if not folder.is_relative_to("/usr")]


def font_lists() -> list[Path]:
    """Matplotlib's list of fonts, when it has been made: without it every kernel would make its own, for seconds."""
    folder = os.environ.get("MPLCONFIGDIR") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "matplotlib")
    return sorted(Path(folder).expanduser().glob("fontlist-*.json"))


def read_only() -> list[tuple[str, str]]:
    """(where it is on this machine, where it is inside) for everything that is visible."""
    mounts = [("/usr", "/usr")]
    mounts += [(path, path) for path in SYSTEM if os.path.isdir(path) and not os.path.islink(path)]
    mounts += [(path, path) for path in SYSTEM_FILES if os.path.exists(path)]
    mounts += [(str(path), str(path)) for path in environment_folders()]
    mounts += [(str(library()), str(library())), (str(INSIDE), ENTRY)]
    mounts += [(str(path), f"{HOME}/.cache/matplotlib/{path.name}") for path in font_lists()]
    return mounts


def links() -> list[tuple[str, str]]:
    """(target, path) of the system's links, such as /bin to usr/bin."""
    return [(os.readlink(path), path) for path in SYSTEM if os.path.islink(path)]


def variables() -> dict[str, str]:
    """The environment variables inside, all of them."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": HOME,
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": python_path(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
