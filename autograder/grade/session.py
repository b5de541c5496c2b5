"""A kernel that runs a submission: cells are run in it, and cases are put to the answers that they define.

Nothing that comes out of it is trusted. It knows nothing of exercises, points or expected values.

Time is the processor time of the submission, so that a busy machine costs nobody points. Besides, no piece of work may
take many times as long by the clock on the wall, and the whole submission has a limit too, whatever it starts again.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from jupyter_core.utils import run_sync
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grade.outputs import Outputs
from autograder.grade.wire import Message, Wire
from autograder.jail.memory import processes
from autograder.jail.process import Burden, Jailed
from autograder.kernels import LocalKernelManager, kernel_environment
from course_lib.plain import MAX_TEXT, NotPlain

ENDED = "The code ended the process it runs in."
LOOK = 0.1  # seconds between two looks at the clocks
PATIENCE = 8  # times as long as its processor time may a piece of work take by the clock on the wall
# In a notebook, exit() and quit() end the kernel some time after the cell. Here they do nothing, so that the same file
# gives the same score each time.
PRELUDE = "get_ipython().ask_exit = lambda: None"


class Ended(Exception):
    """The process of the submission ended, or had to be stopped. The message is for the student."""


class TookTooLong(Exception):
    """The answer did not come in time; the process lives on."""


class KernelSession:
    """One kernel for one submission. Use it as a context manager.

    kernel_manager_class: starts it.
    folder: where the kernel starts; a jail starts it elsewhere.
    timeout: seconds of processor time that a cell may take.
    grace: the same for what it may still take after it was interrupted.
    wall: seconds by the clock on the wall for everything together.
    output_bytes: all output of one process.
    """

    def __init__(
        self,
        kernel_manager_class: type[LocalKernelManager] = LocalKernelManager,
        folder: str | None = None,
        *,
        timeout: float = 20,
        grace: float = 3,
        startup: float = 120,
        wall: float = 600,
        output_bytes: int = 10 << 20,
    ) -> None:
        self.kernel_manager_class, self.folder = kernel_manager_class, folder
        self.timeout, self.grace, self.startup, self.output_bytes = timeout, grace, startup, output_bytes
        self.wall, self._end = wall, time.monotonic() + wall
        self._spent = 0.0  # processor time of the kernels before this one
        self._seen = 0.0  # processor time of this one: what has ended cannot be asked any more
        self.km: LocalKernelManager | None = None
        self._wire: Wire | None = None

    def __enter__(self) -> KernelSession:
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    @property
    def over(self) -> bool:
        """True when the time for everything together has passed."""
        return time.monotonic() >= self._end

    @property
    def spent(self) -> float:
        """Seconds of processor time that the submission has used, in all of its kernels."""
        return self._spent + self._used()

    @property
    def burden(self) -> Burden:
        """What the process holds and has started, as seen from outside; nothing where there is no jail."""
        jailed = self._jailed
        return jailed.burden() if jailed else Burden(0, 0)

    def restart(self) -> None:
        """A fresh kernel in place of the one that ended.

        Raises:
            Ended: when none can be started.
        """
        self._close()
        self._open()

    def run(self, cell: NotebookNode) -> None:
        """Run one cell and keep its outputs in it. An exception in the cell is an output, and so is too little time.

        Raises:
            Ended: when the kernel died or had to be stopped.
        """
        outputs = Outputs()
        content = {"code": cell.source, "silent": False, "store_history": True}
        try:
            self._request(content, self.timeout, outputs)
        except TookTooLong:
            text = f"The cell ran longer than {self.timeout:g} seconds and was stopped."
            outputs.kept = [output for output in outputs.kept if output.output_type != "error"]
            outputs.kept.append(error_output("TimeoutError", text))
        finally:
            cell.outputs = outputs.kept

    def ask(self, expression: str, seconds: float) -> str:
        """Evaluate an expression in the kernel and return the text that it shows.

        seconds: of processor time.

        Raises:
            TookTooLong: when there is no reply in time, but the kernel can go on.
            Ended: when the kernel died or had to be stopped.
            NotPlain: when the reply is not a text or is too long.
        """
        content = {"code": "", "silent": True, "store_history": False, "user_expressions": {"reply": expression}}
        reply: Any = self._request(content, seconds, Outputs())
        for name in ("user_expressions", "reply", "data", "text/plain"):
            reply = reply.get(name) if type(reply) is dict else None
        if type(reply) is not str or len(reply) > MAX_TEXT:
            raise NotPlain("the reply is not a text of reasonable length")
        return reply

    def _open(self) -> None:
        self.km = self.kernel_manager_class()
        try:
            run_sync(self.km.start_kernel)(env=kernel_environment(), cwd=self.folder)
            self._wire = Wire(dict(self.km.get_connection_info()))
            self._wait_until_ready()
            self._request({"code": PRELUDE, "silent": True, "store_history": False}, self.startup, Outputs())
        except TookTooLong:
            self._close()
            raise Ended("The process of the notebook could not be started in time.") from None
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        self._spent, self._seen = self.spent, 0.0
        if self._wire:
            self._wire.close()
            self._wire = None
        if self.km:
            if self.km.has_kernel:
                run_sync(self.km.shutdown_kernel)(now=True)
            run_sync(self.km.cleanup_resources)()
            self.km = None

    def _wait_until_ready(self) -> None:
        """Until the kernel replies, and is heard on the channel of its outputs too."""
        assert self._wire is not None
        end = time.monotonic() + self.startup
        heard: set[str] = set()
        while heard != {"shell", "iopub"}:
            asked = self._wire.request("kernel_info_request", {})
            again = time.monotonic() + 1
            while time.monotonic() < again and heard != {"shell", "iopub"}:
                message = self._wire.receive(LOOK)
                if message and message.parent == asked:
                    heard.add(message.channel)
                elif not self._lives():
                    raise Ended(self._cause() or ENDED)
            if time.monotonic() > end:
                raise TookTooLong

    def _request(self, content: dict[str, Any], seconds: float, outputs: Outputs) -> dict[str, Any]:
        """Have something executed and return the content of the reply.

        Raises:
            TookTooLong: when it was interrupted, and the kernel can go on. Ended: when it cannot.
        """
        assert self._wire is not None and self.km is not None
        content = {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False} | content
        asked = self._wire.request("execute_request", content)
        heard = _Heard(asked, outputs)
        if self._listen(heard, seconds):
            assert heard.reply is not None
            return heard.reply
        run_sync(self.km.interrupt_kernel)()
        if not self._listen(heard, self.grace):
            raise self._stopped("The code could not be interrupted and was stopped.")
        raise TookTooLong

    def _listen(self, heard: _Heard, seconds: float) -> bool:
        """Take messages until the kernel has finished. False when the time has passed before."""
        assert self._wire is not None
        begun, used = time.monotonic(), self._used()
        finished: float | None = None
        looked = 0.0
        while not heard.all:
            message = self._wire.receive(LOOK)
            if message:
                heard.take(message)
            if self._wire.received > self.output_bytes:
                raise self._stopped(
                    f"The cell gives too much output: more than {self.output_bytes / 1e6:g} MB. It was stopped."
                )
            now = time.monotonic()
            if now - looked < LOOK and message:
                continue
            looked = now
            if not self._lives():
                raise Ended(self._cause() or ENDED)
            if now >= self._end:
                raise self._stopped(self.too_late)
            if heard.reply is not None:
                finished = finished or now
                if now - finished > self.grace:  # its last outputs are lost: it did not send them, or too many
                    return True
            elif self._used() - used > seconds or now - begun > PATIENCE * seconds:
                return False
        return True

    @property
    def too_late(self) -> str:
        """The sentence for a submission whose time has passed."""
        return f"The whole notebook took longer than {self.wall / 60:g} minutes and was stopped here."

    @property
    def _jailed(self) -> Jailed | None:
        return getattr(self.km and self.km.provisioner, "jailed", None)

    def _lives(self) -> bool:
        assert self.km is not None
        return run_sync(self.km.is_alive)()

    def _used(self) -> float:
        """Seconds of processor time of all processes of this kernel."""
        jailed = self._jailed
        provisioner = self.km and self.km.provisioner
        used = processor_time(jailed.first.number if jailed else getattr(provisioner, "pid", None))
        self._seen = max(self._seen, used)
        return self._seen

    def _cause(self) -> str:
        """Why the process was stopped from outside, as its jail says."""
        return getattr(self.km and self.km.provisioner, "reason", "") or ""

    def _stopped(self, reason: str) -> Ended:
        """Stop the kernel. Returns what to raise."""
        reason = self._cause() or reason
        if self.km is not None and self.km.provisioner is not None:
            run_sync(self.km.provisioner.kill)()
        return Ended(reason)


class _Heard:
    """What has been heard of one request."""

    def __init__(self, asked: str, outputs: Outputs) -> None:
        self.asked, self.outputs = asked, outputs
        self.reply: dict[str, Any] | None = None
        self.idle = False

    @property
    def all(self) -> bool:
        return self.idle and self.reply is not None

    def take(self, message: Message) -> None:
        if message.parent != self.asked:
            return
        if message.channel == "shell":
            if message.kind == "execute_reply":
                self.reply = message.content
        elif message.kind == "status":
            self.idle = self.idle or message.content.get("execution_state") == "idle"
        else:
            self.outputs.add(message.kind, message.content)


def processor_time(first: int | None) -> float:
    """Seconds of processor time of a process and of all that came from it; 0 where the system does not say."""
    if first is None or not Path("/proc/self/stat").exists():
        return 0.0
    return sum(map(_processor_time_of, processes(first)))


def _processor_time_of(number: int) -> float:
    """Its own time, and that of its children that have ended and were asked how."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def shortened(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The beginning of what a cell printed before it was stopped."""
    streams = [output for output in outputs if output.output_type == "stream"][:2]
    return [new_output("stream", name=output.name, text=output.text[:2000]) for output in streams]


def error_output(name: str, text: str) -> NotebookNode:
    """An error as a cell shows it."""
    return new_output("error", ename=name, evalue=text, traceback=text.splitlines())
