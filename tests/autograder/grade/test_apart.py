"""Whatever happens to a piece of work that is done apart, the process that asked goes on and learns what it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from autograder.grade.apart import Broken, apart

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def test_the_result_comes_back_whole() -> None:
    big = os.urandom(5 << 20)
    assert apart(lambda: {"a": big, "b": [1, None]}) == {"a": big, "b": [1, None]}
    assert apart(os.getpid) != os.getpid()


def too_much_memory() -> int:
    return len(bytearray(300 << 20))


def a_crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def an_exit() -> None:
    os._exit(0)


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (too_much_memory, "needed more than 100 MB"),
        (a_crash, "SIGKILL"),
        (an_exit, "ended by itself"),
        (lambda: time.sleep(60), "took longer"),
    ],
)
def test_what_breaks_the_process_is_told(work, reason: str) -> None:
    before = time.monotonic()
    with pytest.raises(Broken, match=reason):
        apart(work, memory=100 << 20, seconds=1 if reason == "took longer" else 60)
    assert time.monotonic() - before < 30


def test_an_error_of_the_work_is_an_error_here() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        apart(lambda: 1 / 0)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def work() -> None:
        Path(tempfile.mkdtemp(), "a").write_text("x")
        time.sleep(60)

    with pytest.raises(Broken):
        apart(work, seconds=0.5)
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_the_one_who_asked_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, time
from pathlib import Path
from autograder.grade.apart import apart
def work():
    Path({str(tmp_path / "number")!r}).write_text(str(os.getpid()))
    time.sleep(60)
apart(work)
"""
    asking = subprocess.Popen([sys.executable, "-c", program])
    number = tmp_path / "number"
    while not (number.exists() and number.read_text()):
        time.sleep(0.02)
        assert asking.poll() is None
    asking.kill()
    asking.wait()
    end = time.monotonic() + 20
    while Path(f"/proc/{number.read_text()}/stat").exists() and time.monotonic() < end:
        if Path(f"/proc/{number.read_text()}/stat").read_text().split()[2] == "Z":  # nobody waits for it any more
            return
        time.sleep(0.05)
    assert not Path(f"/proc/{number.read_text()}").exists()
