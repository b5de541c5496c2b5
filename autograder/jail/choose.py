"""Which jail this machine can make. Where it can make none, grading is refused, unless someone says that it is safe."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

from autograder.jail import bubblewrap
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
    problem = problem_with_bubblewrap()
    if problem is None:
        from autograder.jail.kernel import JailedKernelManager

        return JailedKernelManager
    if sys.platform == "linux":
        from autograder.jail import container

        if container.engine():
            return container.ContainerKernelManager
    raise CourseError(f"submissions are strangers' code, and {problem} {TRUST}")


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
            "there is no jail to run them in: install bubblewrap (Debian, Ubuntu: apt install bubblewrap; "
            "Fedora: dnf install bubblewrap), or Podman."
        )
    jailed = Jailed("platform", settings=Settings(), output=subprocess.PIPE)
    said = jailed.process.communicate(timeout=60)[0].decode(errors="replace").strip()
    jailed.close()
    if jailed.process.returncode == 0:
        return None
    return (
        f"bubblewrap cannot make a jail here: {said[-500:]}. The system must allow user namespaces to everybody. On "
        "Ubuntu 23.10 and later that needs an AppArmor profile for bwrap; inside Docker it needs "
        "--security-opt seccomp=unconfined --security-opt systempaths=unconfined, or --privileged."
    )
