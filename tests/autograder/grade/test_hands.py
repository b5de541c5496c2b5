"""Grading on this machine opens no door to it, and a worker that dies costs nothing but its own work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from dask.distributed import Client, Future, KilledWorker

from autograder.files import ROOT
from autograder.grade import classroom
from autograder.grade.classroom import (
    IN_THE_WINDOW,
    TRIES,
    Graded,
    _batches,
    _through_a_window,
    refuse_an_open_network,
)
from autograder.grade.desk import Submission
from autograder.grade.hands import Hands, ProcessDied, can_fork, local_cluster, with_own_hands
from autograder.grade.terminal import Pace
from course_lib.errors import CourseError
from tests.autograder.jail.left import below

pytestmark = pytest.mark.slow
PATIENCE = 20  # seconds


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


@pytest.mark.filterwarnings("error:Sending large graph")
def test_a_large_notebook_is_handed_over_without_a_warning() -> None:
    with local_cluster(1) as cluster, Client(cluster) as client:
        assert client.submit(len, b"x" * (20 << 20)).result() == 20 << 20


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


def test_hands_work_where_the_path_of_a_socket_would_be_too_long(monkeypatch, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert not can_fork()
    hands = Hands()
    assert hands.do(divmod, 7, 2) == (3, 1)
    hands.close()


def submissions_in(scratch: Path) -> list[Path]:
    """The folders of submissions that are being judged."""
    return [path for path in below(scratch) if path.name.startswith("submission-")]


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
    while not submissions_in(scratch) and time.monotonic() < end:
        time.sleep(0.05)
    assert submissions_in(scratch)
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


def grade_or_die(submission: Submission, again: bool = False) -> Graded:
    """What a worker does in the next tests: some submissions end it, or are there when another one does."""
    if submission.student == "killer":
        raise ProcessDied("exit code 1")
    if submission.student == "worse" or (submission.student == "neighbor" and not again):
        raise KilledWorker(submission.student, SimpleNamespace(address="inproc://gone"), 3)
    return Graded(submission.student, submission.notebook, submission.key, "", [], [])


def test_a_submission_that_ends_three_workers_becomes_a_result_and_the_others_go_on() -> None:
    students = ["ada", "killer", *(f"s{number}" for number in range(100))]
    read = 0

    def todo() -> Iterator[Submission]:
        nonlocal read
        for student in students:
            read += 1
            yield Submission(student, "n", b"", "key")

    with local_cluster(2) as cluster, Client(cluster) as client:
        give = partial(client.submit, grade_or_die, pure=False, retries=TRIES - 1)
        results = _through_a_window(client, give, todo())
        first = next(results)
        assert read <= 4 * IN_THE_WINDOW  # memory stays flat: the others have not been read
        found = {each.student: each.problem for each in [first, *results] if each}
        assert client.scheduler_comm.recent_message_log.maxlen == 0  # and Dask keeps no notebooks
    assert set(found) == set(students)
    assert [student for student, problem in found.items() if problem] == ["killer"]
    assert "ended 3 times" in found["killer"]


def test_who_waits_in_a_worker_that_another_one_ends_is_tried_once_more_alone() -> None:
    tried: Counter[str] = Counter()
    todo = (Submission(student, "n", b"", "key") for student in ("worse", "neighbor", "ada"))
    with local_cluster(1) as cluster, Client(cluster) as client:

        def give(submission: Submission) -> Future:
            tried[submission.student] += 1
            return client.submit(grade_or_die, submission, tried[submission.student] == 2, pure=False)

        found = {each.student: each.problem for each in _through_a_window(client, give, todo) if each}
    assert set(found) == {"worse", "neighbor", "ada"}
    assert [student for student, problem in found.items() if problem] == ["worse"]
    assert tried == {"worse": 2, "neighbor": 2, "ada": 1}


released = threading.Event()


def grade_or_wait(submission: Submission) -> Graded:
    """What a worker does in the next test: one submission takes as long as the test wants."""
    if submission.student == "slow":
        released.wait(60)
    return Graded(submission.student, submission.notebook, submission.key, "", [], [])


def test_what_is_graded_is_written_while_another_submission_still_runs() -> None:
    todo = (Submission(student, "n", b"", "key") for student in ("slow", "quick"))
    with local_cluster(2) as cluster, Client(cluster) as client:
        batches = _batches(_through_a_window(client, partial(client.submit, grade_or_wait, pure=False), todo))
        assert [each.student for each in next(batches)] == ["quick"]
        released.set()
        assert [each.student for batch in batches for each in batch] == ["slow"]


@pytest.mark.parametrize(
    "address", ["tcp://192.0.2.1:8786", "192.0.2.1:8786", "ws://192.0.2.1:8786", "tcp://[2001:db8::1]:1"]
)
def test_an_unencrypted_scheduler_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(CourseError, match="would not be encrypted"):
        refuse_an_open_network(address)


@pytest.mark.parametrize(
    "address", ["tls://192.0.2.1:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:1"]
)
def test_an_encrypted_scheduler_and_one_on_this_machine_are_not_refused(address: str) -> None:
    refuse_an_open_network(address)


def test_progress_says_the_rate_the_time_left_and_the_slowest() -> None:
    times = iter([0.0, 2.0, 4.0])
    pace = Pace(lambda: next(times))
    pace.after(Graded("ada", "n", "key", "", [], [], seconds=3.21), 4, 100)
    said = pace.after(Graded("bea", "n", "key", "", [], [], seconds=0.5), 10, 100)
    assert said == "2.5 a second, 0:00:36 left; slowest: ada n, 3.2 s"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere://host:1", "tcp://"])
def test_a_scheduler_that_cannot_be_reached_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "SECONDS_TO_REACH_A_SCHEDULER", 0.5)
    with pytest.raises(CourseError, match=r"cannot be reached .*leave --scheduler away"):
        classroom._client(address)


def test_a_scheduler_that_is_lost_before_the_first_submission_is_one_sentence() -> None:
    with local_cluster(1) as cluster, Client(cluster) as client:
        waits = client.submit(time.sleep, 0.2, pure=False)
        waits.cancel(reason="scheduler-connection-lost")
        with pytest.raises(CourseError, match="scheduler was lost"), classroom._told_of_a_lost_scheduler():
            client.gather([waits])
