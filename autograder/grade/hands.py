"""Dask on this machine with nothing that listens: whoever reaches a scheduler's port can run code with our rights.

Scheduler and workers are in this process and talk in its memory. Each worker is a thread that has a process of its own,
its hands, for the work. Dask's web servers, which it starts even when nobody asks for a dashboard, are not started.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from multiprocessing import util
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from autograder.jail.keeper import KEEPER, kept_folder

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Dask keeps its last thousand messages, with the notebooks in them, and looks a hundred times a second at what runs.
LITTLE_KEPT = {
    "distributed.admin.low-level-log-length": 0,
    "distributed.admin.log-length": 100,
    "distributed.worker.profile.enabled": False,
}
# How often Dask looks whether its own loop is held up, and at the machine; nobody here reads what it finds.
SELDOM = {
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.disk": False,
}
# A notebook may be large. It is handed over in memory, so there is nothing to warn of.
LARGE = {"distributed.admin.large-graph-warning-threshold": "1GB"}
# Where `gc.freeze` stands, Python's collector need not look again and again at all that was imported.
GRACE = 3  # seconds that a process has to end
LISTENER = "pymp-12345678/listener-12345678"  # what multiprocessing makes in the folder for temporary files
LONGEST = 103  # bytes of the path of a socket on macOS; Linux has room for four more
PARENT_IMPORTS = ["autograder.grade.classroom"]  # all that grading needs


class ProcessDied(Exception):
    """The process that did the work has ended before it gave a result."""


def can_fork() -> bool:
    """False where a system has no fork, and where the folder for temporary files has too long a name for a socket."""
    listener = os.fsencode(os.path.join(tempfile.gettempdir(), LISTENER))
    return "forkserver" in multiprocessing.get_all_start_methods() and len(listener) <= LONGEST


def get_ready() -> None:
    """Begin to import, in a process aside, what all hands need: those that are made later are forked from it.

    Where that cannot be, each of them imports for itself.
    """
    if can_fork():
        from multiprocessing import forkserver  # Windows has none

        _keep_its_folder()
        multiprocessing.set_forkserver_preload(PARENT_IMPORTS)
        with one_thread():
            forkserver.ensure_running()


@cache
def _keep_its_folder() -> None:
    """multiprocessing has a folder for its sockets, which stays behind when this process is killed, and only then."""
    atexit.register(KEEPER.drop, KEEPER.keep(folder=util.get_temp_dir()))


@contextmanager
def one_thread() -> Iterator[None]:
    """What is started now computes with one thread: there are more workers than cores."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Hands:
    """A process that does one piece of work at a time, and is replaced when it dies."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the function in the process.

        Raises:
            ProcessDied: when the process ends before it answers. Whatever the function raises.
        """
        if self._closed:
            raise ProcessDied("the run was ended")
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._process is not None and self._pipe is not None
        try:
            self._pipe.send((function, args, kwargs))
            good, value = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise ProcessDied(f"exit code {self._process.exitcode}") from None
        if good:
            return value
        raise value

    def _start(self) -> None:
        get_ready()
        context: Any = multiprocessing.get_context("forkserver" if can_fork() else "spawn")
        self._pipe, theirs = context.Pipe()
        environment = {**os.environ, **ONE_THREAD}
        self._process = context.Process(target=_serve, args=(theirs, environment), daemon=True)
        self._process.start()
        theirs.close()

    def close(self, grace: float = GRACE) -> None:
        """End the process. It gets a moment to clean up; if it is at work, its keeper does that for it."""
        self._closed = True
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.join(grace)
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, environment: Mapping[str, str]) -> None:
    """What runs in the process: do what comes, until nothing comes any more.

    environment: of the process that decides, as it is now.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that decides
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            break
        try:
            answer = (True, function(*args, **kwargs))
        except Exception as error:
            answer = (False, error)
        try:
            pipe.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError):
            pipe.send((False, RuntimeError(f"the result cannot be sent: {answer[1]!r}"[:1000])))
    atexit._run_exitfuncs()  # a fork of multiprocessing ends without them


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # this runs in the process of some Hands
    parent.join()
    os._exit(1)


_of_thread = threading.local()
_all: list[Hands] = []


def with_own_hands(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function in the process that belongs to this thread."""
    if not hasattr(_of_thread, "hands"):
        _of_thread.hands = Hands()
        _all.append(_of_thread.hands)
    return _of_thread.hands.do(function, *args, **kwargs)


def with_hands_of_the_worker(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function in this process: the workers of somebody's own Dask cluster are processes already."""
    return function(*args, **kwargs)


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """A Dask cluster in this process. What it is to do must be wrapped in `with_own_hands`."""
    import dask.config
    from dask.distributed import Scheduler, SpecCluster, Worker

    class QuietScheduler(Scheduler):
        def start_http_server(self, *args: Any, **kwargs: Any) -> None:
            """No web server."""

    class QuietWorker(Worker):
        def start_http_server(self, *args: Any, **kwargs: Any) -> None:
            """No web server."""

    settings = LITTLE_KEPT | SELDOM | LARGE
    with kept_folder("dask-") as folder, dask.config.set({"temporary-directory": folder} | settings):
        options = {"nthreads": 1, "dashboard": False, "memory_limit": 0}
        scheduler = {"cls": QuietScheduler, "options": {"protocol": "inproc://", "dashboard": False}}
        team = {number: {"cls": QuietWorker, "options": {**options, "name": number}} for number in range(workers)}
        with SpecCluster(workers=team, scheduler=scheduler, silence_logs="CRITICAL") as cluster:
            grace = 0.0  # on Ctrl-C and on errors, nobody waits for work that goes on
            gc.freeze()
            try:
                yield cluster
                grace = GRACE
            finally:
                gc.unfreeze()
                for hands in _all:
                    hands.close(grace)
                _all.clear()
