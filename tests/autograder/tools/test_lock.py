"""`course lock`, with a stand-in for uv: the real one needs the network."""

import subprocess
from pathlib import Path

import pytest

from autograder.tools import lock
from course_lib.errors import CourseError

GOOD = """\
one==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
two==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:cc
"""


@pytest.fixture
def locks(tmp_path, monkeypatch):
    """Return a function that calls write_lock when uv writes a certain text; the lock was GOOD before."""
    monkeypatch.setattr(lock, "LOCK", tmp_path / "requirements.lock")
    lock.LOCK.write_text(GOOD)

    def write(text: str, *, code: int = 0, upgrade: bool = False) -> list[str]:
        def uv(command, **options):
            output = Path(command[command.index("-o") + 1])
            assert output.read_text() == GOOD  # uv keeps the versions that it finds there
            assert ("--upgrade" in command) == upgrade
            output.write_text(text)
            return subprocess.CompletedProcess(command, code, "", "no solution found because of reasons")

        monkeypatch.setattr(lock.subprocess, "run", uv)
        return lock.write_lock(upgrade=upgrade)

    return write


def test_the_same_lock_changes_nothing(locks):
    assert locks(GOOD) == ["nothing changed"]
    assert lock.LOCK.read_text() == GOOD


def test_changes_are_named(locks):
    new = GOOD.replace("one==1.0", "one==1.1").replace("two==2.0", "three==3.0")
    assert locks(new, upgrade=True) == ["one: 1.0 -> 1.1", "three: (none) -> 3.0", "two: 2.0 -> (none)"]
    assert lock.LOCK.read_text() == new


@pytest.mark.parametrize(
    "bad",
    [
        "--index-url https://example.org/simple\n" + GOOD,
        "--find-links wheels\n" + GOOD,
        GOOD + "three @ https://example.org/three.whl \\\n    --hash=sha256:dd\n",
        GOOD + "# from https://example.org\n",
        GOOD + "three==3.0\n",
        "three==3.0\n" + GOOD,
    ],
)
def test_an_address_or_a_missing_hash_leaves_the_old_lock_alone(locks, bad):
    with pytest.raises(CourseError, match=r"requirements\.lock"):
        locks(bad)
    assert lock.LOCK.read_text() == GOOD


def test_without_a_solution_the_old_lock_stays(locks):
    with pytest.raises(CourseError, match="no solution found because of reasons"):
        locks("", code=1)
    assert lock.LOCK.read_text() == GOOD
