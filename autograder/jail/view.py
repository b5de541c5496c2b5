"""The files that are visible in a jail: the system's programs, this Python with its packages, and course_lib.

Everything is read-only. Of the checkout only course_lib is there: no solutions, no grader, no tests, no notebooks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import course_lib

SYSTEM = ("/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
# What programs and Python need of /usr. The rest may hold anything: in containers, checkouts are often in /usr/src.
USR = ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/share/fonts", "/usr/share/zoneinfo")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
ENVIRONMENT = ("bin", "lib", "lib64", "pyvenv.cfg")  # what Python needs of the folder that it is installed in
HIDDEN = ("exercises/data",)  # what of course_lib is not there inside: what the public cases should give
INSIDE = Path(__file__).with_name("inside")
HOME = "/home/student"
PROGRAMS = "/run/inside"


def library() -> Path:
    """The folder of course_lib."""
    return Path(course_lib.__file__).resolve().parent


def python_path() -> str:
    """The folder that course_lib is imported from inside. Nothing else of it is visible there."""
    return str(library().parent)


def environment() -> list[Path]:
    """The files of this Python: of the virtual environment and of what it was made from, by each name they go by."""
    interpreter = Path(sys.executable).resolve()
    folders = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve(), interpreter.parent.parent]
    found = [folder / name for folder in dict.fromkeys(folders) for name in ENVIRONMENT]
    found += [Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return [path for path in found if path.exists() and not _is_in_system(path)]


def _is_in_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in (*SYSTEM, *USR))


def font_lists() -> list[Path]:
    """Matplotlib's list of fonts, when it has been made: without it every kernel would make its own, for seconds."""
    folder = os.environ.get("MPLCONFIGDIR") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "matplotlib")
    return sorted(Path(folder).expanduser().glob("fontlist-*.json"))


def read_only() -> list[tuple[str, str]]:
    """(where it is on this machine, where it is inside) for everything that is visible. Folders come before parts."""
    folders = [path for path in (*SYSTEM, *USR) if os.path.isdir(path) and not os.path.islink(path)]
    folders += [path for path in SYSTEM_FILES if os.path.exists(path)]
    folders += [str(path) for path in environment() if not path.is_symlink()]
    mounts = [(path, path) for path in dict.fromkeys(folders)]
    mounts += [(str(library()), str(library())), (str(INSIDE), PROGRAMS)]
    mounts += [(str(path), f"{HOME}/.cache/matplotlib/{path.name}") for path in font_lists()]
    return [pair for pair in mounts if not _is_below_another(pair, mounts)]


def _is_below_another(pair: tuple[str, str], mounts: Sequence[tuple[str, str]]) -> bool:
    """True for what is visible already, as a part of a folder that is shown in its own place."""
    path, place = pair
    return path == place and any(
        other != pair and other[0] == other[1] and Path(path).is_relative_to(other[0]) for other in mounts
    )


def hidden() -> list[str]:
    """Folders that are empty inside, though what is around them is visible."""
    return [str(library() / name) for name in HIDDEN if (library() / name).is_dir()]


def links() -> list[tuple[str, str]]:
    """(target, path) of links, such as /bin to usr/bin."""
    paths = [*SYSTEM, *USR, *map(str, environment())]
    return [(os.readlink(path), path) for path in dict.fromkeys(paths) if os.path.islink(path)]


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
        "COURSE_GRADING": "1",  # course_lib then says why it cannot check what the course's cells check at the desk
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
