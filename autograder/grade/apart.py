"""Do a piece of work in a process of its own, with a limit on its memory and its time.

The judge reads what strangers wrote. Whatever that does to the process that reads it (a crash, an endless search,
memory without end), the process that asked goes on, and learns in a sentence what happened.

The process is a fork: it starts in some milliseconds, with everything imported. Where a system has no fork, the work is
done in place, without these limits: no jail runs there either, so the notebooks are trusted.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import select
import signal
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from autograder.jail.keeper import kept_folder

MEMORY = 2 << 30  # bytes beyond what the process had when it was made
SECONDS = 780  # from start to end: the time of a submission, and a reserve for the work around it
LARGEST = 512 << 20  # bytes of a result
NO_MEMORY = 77  # how the process says that it may have no more

Result = TypeVar("Result")


class Broken(Exception):
    """The work was not done: its process was stopped, or ended by itself. The message is a sentence for a person."""


def apart(
    work: Callable[[], Result],
    memory: int = MEMORY,
    seconds: float = SECONDS,
    meanwhile: Callable[[], object] = lambda: None,
) -> Result:
    """What `work` returns, done in a process of its own.

    meanwhile: what this process does once the other is at work.

    Raises:
        Broken: when it needs more memory or time than it may, or its process ends.
        RuntimeError: when `work` raises anything else, with the traceback in its message.
    """
    if not hasattr(os, "fork"):
        return work()
    with kept_folder("apart-") as folder:  # for what it makes there and, when it is stopped, leaves there
        success, result = pickle.loads(_answer(work, memory, seconds, folder, meanwhile))
    if not success:
        raise RuntimeError(result)
    return result


def _answer(
    work: Callable[[], object], memory: int, seconds: float, folder: str, meanwhile: Callable[[], object]
) -> bytes:
    result, result_end = os.pipe()
    life, life_end = os.pipe()  # as long as this end is open, the process that asked lives
    with warnings.catch_warnings():
        # Other threads of this process are not in the new one; it uses nothing that they could have locked.
        warnings.simplefilter("ignore", DeprecationWarning)
        number = os.fork()
    if number == 0:
        os.close(result)
        os.close(life_end)
        _do(work, memory, folder, result_end, life)
    os.close(result_end)
    os.close(life)
    status = None
    try:
        meanwhile()
        answer = _read(result, seconds)
        _, status = os.waitpid(number, 0)
    finally:
        os.close(result)
        os.close(life_end)
        if status is None:
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == NO_MEMORY:
        raise Broken(f"It needed more than {memory >> 20} MB of memory.")
    if code or not answer:
        raise Broken(f"The process that worked on it ended by itself ({_how(code)}).")
    return answer


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"


def _read(result: int, seconds: float) -> bytes:
    end, size = time.monotonic() + seconds, 0
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([result], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise Broken(f"It took longer than {seconds / 60:g} minutes altogether and was stopped.")
        part = os.read(result, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise Broken("What came of it is too large to be kept.")


def _do(work: Callable[[], object], memory: int, folder: str, result_end: int, life: int) -> NoReturn:
    """The life of the new process. It never returns to the code that it was forked from."""
    code = 1
    try:
        gc.freeze()  # objects of the process that asked are left as they are
        tempfile.tempdir = folder
        threading.Thread(target=_die_with_the_one_who_asked, args=[life], daemon=True).start()
        _limit(memory)
        try:
            answer = pickle.dumps((True, work()))
        except MemoryError:
            os._exit(NO_MEMORY)
        except Exception:
            answer = pickle.dumps((False, traceback.format_exc(limit=-5)))
        with open(result_end, "wb") as file:
            file.write(answer)
        code = 0
    finally:
        os._exit(code)


def _die_with_the_one_who_asked(life: int) -> None:
    os.read(life, 1)  # returns when nobody can write any more
    os._exit(1)


def _limit(memory: int) -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):  # a system without such a limit
        resource.setrlimit(resource.RLIMIT_DATA, (_private() + memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _private() -> int:
    """Bytes of memory that are this process's own."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
