"""`course lock`, with a stand-in for uv: the real one needs the network."""

import subprocess
from pathlib import Path

import pytest

from autograder.tools import lock
from course_lib.errors import CourseError

ONE = "one==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
TWO = "two==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n"
GOOD = f"# setup lab grade docs test\n{ONE}# test\n{TWO}"  # uv says below that all but `test` need one alone


@pytest.fixture
def locks(tmp_path, monkeypatch):
    """Return a function that calls write_lock when uv finds a certain text; the lock was GOOD before."""
    monkeypatch.setattr(lock, "LOCK", tmp_path / "requirements.lock")
    lock.LOCK.write_text(GOOD)

    def write(text: str, *, code=0, upgrade=False, no_wheel_for="", said="no solution found because of reasons"):
        def uv(command, **options):
            output = Path(command[command.index("-o") + 1])
            if "--generate-hashes" in command:
                assert output.read_text() == GOOD  # uv keeps the versions that it finds there
                assert ("--upgrade" in command) == upgrade
                output.write_text(text)
                return subprocess.CompletedProcess(command, code, "", said)
            if "--python-platform" in command:
                missing = no_wheel_for != "" and no_wheel_for in command
                return subprocess.CompletedProcess(command, int(missing), "", "two has no usable wheels")
            known = output.read_text()
            assert "--hash" not in known
            group = command[command.index("--group") + 1]
            output.write_text(known if group == "test" else "".join(known.splitlines(keepends=True)[:1]))
            return subprocess.CompletedProcess(command, 0, "", "")

        monkeypatch.setattr(lock.subprocess, "run", uv)
        return lock.write_lock(upgrade=upgrade)

    return write


def test_the_same_lock_changes_nothing(locks):
    assert locks(ONE + TWO) == ["nothing changed"]
    assert lock.LOCK.read_text() == GOOD


def test_changes_are_named(locks):
    new = GOOD.replace("one==1.0", "one==1.1").replace("two==2.0", "three==3.0")
    found = "".join(line for line in new.splitlines(keepends=True) if not line.startswith("#"))
    assert locks(found, upgrade=True) == ["one: 1.0 -> 1.1", "three: (none) -> 3.0", "two: 2.0 -> (none)"]
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
    with pytest.raises(CourseError, match=r"no set of packages that fits:\nno solution found because of reasons"):
        locks("", code=1)
    assert lock.LOCK.read_text() == GOOD


def test_without_network_nothing_is_said_of_packages_that_do_not_fit(locks):
    with pytest.raises(CourseError, match="the package index cannot be reached"):
        locks("", code=2, said="error: Request failed\n  cause: error sending request for url (…)")
    assert lock.LOCK.read_text() == GOOD


def test_a_package_without_a_ready_made_file_leaves_the_old_lock_alone(locks):
    with pytest.raises(CourseError, match=r"ready-made file for x86_64-apple-darwin.*\n.*two has no usable wheels"):
        locks(ONE + TWO.replace("2.0", "2.1"), no_wheel_for="x86_64-apple-darwin")
    assert lock.LOCK.read_text() == GOOD


def test_every_python_of_the_course_is_asked_for(root):
    assert lock.pythons()[0] == "3.11"
    assert f"<3.{int(lock.pythons()[-1].split('.')[1]) + 1}" in (root / "pyproject.toml").read_text()
