"""A jail that is made ahead is one submission's alone, and nothing of it stays, however its worker or its judge end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.files import ROOT
from autograder.grade.apart import Broken, apart
from autograder.grade.session import KernelSession
from autograder.jail import choose, spare, warm
from autograder.jail.doctor import holds_memory, probe
from autograder.jail.layers import LAYERS, Settings
from autograder.jail.process import Jailed
from tests.autograder.jail.left import below, groups, running

pytestmark = pytest.mark.serial
PATIENCE = 10
SEEN = ("seen.py", "[]")


@pytest.fixture(autouse=True, scope="module")
def forks() -> None:
    """To find out that there are any starts one: that is not for who only collects tests."""
    if problem := choose.problem_with_bubblewrap() or warm.problem_with_forks():
        pytest.skip(f"JAILS MADE AHEAD ARE NOT TRIED: {problem}")


@pytest.fixture(autouse=True)
def no_others(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing from before, and nothing for later; what is warm need not import much here."""
    monkeypatch.setattr(warm, "IMPORTS", ("json",))
    monkeypatch.setattr(warm, "_warm", {})
    spare.close_all()
    yield
    spare.close_all()
    for process in warm._warm.values():
        process.close()


class Ahead:
    """A jail that was made before anybody knew what is to run in it."""

    def __new__(cls, program, *arguments, settings=None, files=(), capture=False) -> Jailed:
        jailed = spare.Spare(settings or Settings())
        time.sleep(0.1)
        jailed.let_in(program, *arguments, files=files, capture=capture)
        return jailed


def make_ahead() -> None:
    spare.make_ahead(Settings())


def run_one() -> tuple[int, str]:
    """In a fork: the first process of the jail that it gets, and what the program there says."""
    jailed = spare.take(Settings())
    assert jailed
    jailed.let_in(*SEEN, capture=True)
    said = jailed.read(PATIENCE)
    jailed.close()
    return jailed.first.number, said


def test_every_layer_holds() -> None:
    assert probe(Settings(), Ahead) == {name: True for name in LAYERS if name != "memory"}
    assert holds_memory(Settings(), Ahead)


def test_each_fork_gets_the_jail_that_was_made_before_it() -> None:
    make_ahead()
    for _ in range(3):
        waiting = spare._spares.next
        assert waiting.runs()
        assert apart(run_one, meanwhile=make_ahead) == (waiting.first.number, "[]")
        assert spare._spares.used is waiting is not spare._spares.next
        spare.end_what_was_used()
        assert waiting.first.wait(PATIENCE)


def test_time_counts_from_when_something_is_let_in() -> None:
    waiting = spare.Spare(Settings())
    time.sleep(0.3)
    waiting.let_in(*SEEN, capture=True)
    assert time.monotonic() - waiting._started < 0.2
    waiting.close()


def test_one_that_has_ended_is_not_taken() -> None:
    make_ahead()
    spare._spares.next.kill()
    assert spare._spares.next.first.wait(PATIENCE)
    assert spare.take(Settings()) is None


def test_a_jail_ends_with_the_fork_that_has_it() -> None:
    """Whether the fork is stopped while something runs in it, or ends without letting anything in."""

    def never_ends() -> None:
        jailed = spare.take(Settings())
        assert jailed
        jailed.let_in("greedy.py", "0")
        time.sleep(60)

    make_ahead()
    waiting = spare._spares.next
    with pytest.raises(Broken, match="longer"):
        apart(never_ends, seconds=0.3, meanwhile=make_ahead)
    spare.end_what_was_used()
    assert waiting.first.wait(PATIENCE)
    waiting = spare._spares.next
    apart(os.getpid, meanwhile=make_ahead)
    assert waiting.first.wait(PATIENCE)


WORKER = """
import os, sys, time
from autograder.jail import spare, warm
from autograder.jail.layers import Settings
warm.IMPORTS = ("json",)
spare.make_ahead(Settings())
spare.make_ahead(Settings())  # one is used, one waits
print(spare._spares.next.first.number, spare._spares.used.first.number, flush=True)
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.parametrize("how", [0, signal.SIGKILL, signal.SIGINT])
def test_a_worker_that_ends_leaves_nothing(how: int, tmp_path: Path) -> None:
    def left() -> set[str]:
        return running("no mark") | groups() | set(map(str, below(tmp_path)))

    before = left()
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", WORKER, "60" if how else "0"]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT)
    assert len(json.loads(f"[{worker.stdout.readline().strip().decode().replace(' ', ',')}]")) == 2
    worker.stdout.close()
    if how:
        worker.send_signal(how)
    worker.wait(PATIENCE)
    end = time.monotonic() + PATIENCE
    while left() - before and time.monotonic() < end:
        time.sleep(0.05)
    assert left() - before == set()


def test_a_kernel_runs_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # with all that a kernel imports
    spare.close_all()
    make_ahead()
    waiting = spare._spares.next
    cell = nbformat.v4.new_code_cell("print(6 * 7)")
    with KernelSession(kernel_manager_class=choose.kernel_manager()) as session:
        assert session.km.jailed is waiting
        session.run(cell)
    assert cell.outputs[0].text == "42\n"
    assert not waiting.runs()
