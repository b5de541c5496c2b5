"""Grading on this machine opens no door to it, and a worker that dies costs nothing but its own work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from dask.distributed import Client

from autograder.files import ROOT
from autograder.grade import classroom
from autograder.grade.hands import Hands, ProcessDied, local_cluster, with_own_hands
from course_lib.errors import CourseError

pytestmark = pytest.mark.slow
PATIENCE = 20  # seconds


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Where this suite runs in the background, shells have it ignore Ctrl-C, and what it starts would too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def doors(process: psutil.Process) -> set[tuple]:
    """The addresses at which a process or one that it started can be reached without a folder's permission."""
    found = set()
    for each in [process, *process.children(recursive=True)]:
        try:
            connections = each.net_connections("all")
        except (psutil.NoSuchProcess, FileNotFoundError):  # it has just ended
            continue
        for connection in connections:
            abstract = isinstance(connection.laddr, str) and connection.laddr.startswith("@")
            if connection.status == psutil.CONN_LISTEN or abstract:
                found.add((each.name(), connection.laddr))
    return found


def test_a_local_cluster_cannot_be_reached() -> None:
    before = doors(psutil.Process())  # other tests' browser and server
    with local_cluster(2) as cluster, Client(cluster) as client:
        futures = [client.submit(with_own_hands, os.getpid, pure=False) for _ in range(6)]
        workers = set(client.gather(futures))
        assert os.getpid() not in workers
        assert len(workers) <= 2
        assert doors(psutil.Process()) <= before
        assert cluster.scheduler_address.startswith("inproc://")
    assert not any(map(psutil.pid_exists, workers))


def test_a_process_that_dies_is_replaced() -> None:
    hands = Hands()
    first = hands.do(os.getpid)
    with pytest.raises(ProcessDied, match="exit code 3"):
        hands.do(os._exit, 3)
    assert hands.do(os.getpid) != first
    with pytest.raises(ZeroDivisionError):
        hands.do(divmod, 1, 0)
    assert hands.do(divmod, 7, 2) == (3, 1)
    hands.close()


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough), signal.SIGINT]
)
def test_a_run_that_is_ended_leaves_nothing(number: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """`course grade` is ended while it grades: no process of it goes on, and no scratch folder stays."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "autograder.cli", "grade", "examples/class", "--out", str(tmp_path / "out")]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    done = subprocess.Popen([*command, "--workers", "2"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    request.addfinalizer(done.kill)
    process = psutil.Process(done.pid)
    end = time.monotonic() + 200  # on a busy machine; else some seconds
    while not list(scratch.rglob("submission-*")) and time.monotonic() < end:
        time.sleep(0.05)
    assert list(scratch.rglob("submission-*"))
    started = process.children(recursive=True)
    assert doors(process) == set()
    done.send_signal(number)
    done.wait(PATIENCE)
    end = time.monotonic() + PATIENCE
    while (any(map(runs, started)) or list(scratch.iterdir())) and time.monotonic() < end:
        time.sleep(0.05)
    assert [each for each in started if runs(each)] == []
    assert list(scratch.iterdir()) == []


def runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere://host:1", "tcp://"])
def test_a_scheduler_that_cannot_be_reached_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "SECONDS_TO_REACH_A_SCHEDULER", 0.5)
    with pytest.raises(CourseError, match=r"cannot be reached .*dask scheduler"):
        classroom._client(address)
