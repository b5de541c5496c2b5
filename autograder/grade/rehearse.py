"""Before a class is graded: do the course's own answers get full points, on this machine and in its jail?

Something that is missing in there, such as a package that cannot be read, would cost every student points. The result
is remembered for the same course and environment.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from autograder.build.submissions import make_submission
from autograder.grade.fingerprint import key_mark
from autograder.grade.run import run_and_judge
from autograder.jail.choose import kernel_manager
from course_lib.errors import CourseError
from course_lib.exercises import exercises_of
from course_lib.files import write_whole

SEED = 1  # any will do: answers that are right are right for all
MEMORY = Path(sys.prefix) / "course-rehearsed"  # an environment that is made anew starts without it


def rehearse(notebook: str, trusted: bool = False, memory: Path = MEMORY, mark: str | None = None) -> None:
    """Grade the reference answers of a notebook, unless they were graded here before.

    memory: the folder with what was rehearsed.
    mark: what `key_mark` gives here, if somebody knows it.

    Raises:
        CourseError: when they do not get full points, or when no jail can be made.
    """
    done = memory / _situation(notebook, mark or key_mark(notebook), kernel_manager(trusted).__name__)
    if done.exists():
        return
    nb = make_submission(notebook, dict.fromkeys(exercise.id for exercise in exercises_of(notebook)))
    lost = [v for v in run_and_judge(nb, notebook, SEED, trusted=trusted) if v.status != "full"]
    if lost:
        reasons = "; ".join(f"{verdict.exercise}: {verdict.feedback}" for verdict in lost)
        raise CourseError(
            f"nothing was graded, because the course's own answers to {notebook} do not get full points here. "
            f"{reasons}. See what `course doctor` says, and whether `course test` passes."
        )
    with contextlib.suppress(OSError):  # an environment that cannot be written to is rehearsed every time
        write_whole(done, "")


def _situation(notebook: str, mark: str, kernels: str) -> str:
    facts = [mark, kernels, *_packages()]
    return f"{notebook}-{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()}"


@cache
def _packages() -> list[str]:
    """What is installed, with versions. To read it takes a third of a second, and nbgrader asks for each submission."""
    return sorted(f"{package.name}=={package.version}" for package in distributions())
