"""The wheel of course_lib, which a notebook needs where the course's folder is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from autograder.files import ROOT
from course_lib.errors import CourseError

WHEN = "500000000"  # files in a wheel hold times: always this one, so that the same course gives the same bytes


def build_wheel(folder: Path) -> Path:
    """Build the wheel of course_lib into a folder, and return its path.

    Raises:
        CourseError: when the build fails, with what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": WHEN}
    before = set(folder.glob("*.whl"))
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    made = sorted(set(folder.glob("*.whl")) - before)
    if done.returncode != 0 or not made:
        raise CourseError(f"the wheel of course_lib cannot be built:\n{(done.stderr or done.stdout).strip()}")
    return made[0]
