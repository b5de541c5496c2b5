"""A kernel that runs a submission: cells are run in it, and cases are put to the answers that they define.

Nothing that comes out of it is trusted. It knows nothing of exercises, points or expected values.

Time is the processor time of the submission, so that a busy machine costs nobody points. Besides, no piece of work may
take many times as long by the clock on the wall, and the whole submission has a limit too, whatever it starts again.
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from jupyter_core.utils import run_sync
from nbformat import NotebookNode

from autograder.grade.nodes import error, printed
from autograder.grade.outputs import Outputs
from autograder.grade.wire import SAID, JupyterWire, LineWire, Message, Wire
from autograder.jail import share
from autograder.jail.memory import processes, quickly_read
from autograder.jail.process import Burden, Jailed
from autograder.kernels import LocalKernelManager, kernel_environment
from course_lib.plain import MAX_TEXT, NotPlain

ENDED = "The code ended the process it runs in."
LOOK = 0.1  # seconds between two looks at the clocks
AGAIN = 0.2  # seconds after which a kernel is asked again whether it is there: who listens too late misses a reply
MOMENT = 0.005  # seconds in which nothing changes that matters
PATIENCE = 8  # times as long as its processor time may a piece of work take by the clock on the wall
ASLEEP = 2  # the same, when nothing of it runs or could run: then the machine is not too busy, it just waits
COUNTED = Path("/proc/self/stat").exists()  # whether the system says how much time a process has used
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 1  # of a second
# In a notebook, exit() and quit() end the kernel some time after the cell. Here they do nothing, so that the same file
# gives the same score each time.
PRELUDE = "get_ipython().ask_exit = lambda: None"

REQUEST = {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False}


class Ended(Exception):
    """The process of the submission ended, or had to be stopped. The message is for the student."""


class TookTooLong(Exception):
    """The answer did not come in time; the process lives on."""


class KernelSession:
    """One kernel for one submission. Use it as a context manager.

    kernel_manager_class: makes what starts it: a kernel manager of Jupyter or of a jail.
    folder: where the kernel starts; a jail starts it elsewhere.
    timeout: seconds of processor time that a cell may take.
    grace: the same for what it may still take after it was interrupted.
    wall: seconds by the clock on the wall for everything together.
    output_bytes: all output of one process.
    """

    def __init__(
        self,
        kernel_manager_class: Callable[[], Any] = LocalKernelManager,
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
        self._measured = 0.0  # when it was
        self.km: Any = None
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
        return jailed.burden() if jailed else Burden(0, 0, 0)

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
            outputs.kept.append(error("TimeoutError", text))
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
        reply: Any = self._request(_looking(expression), seconds, Outputs())
        for name in ("user_expressions", "reply", "data", "text/plain"):
            reply = reply.get(name) if type(reply) is dict else None
        if type(reply) is not str or len(reply) > MAX_TEXT:
            raise NotPlain("the reply is not a text of reasonable length")
        return reply

    def ask_each(self, expression: str, count: int, seconds: Callable[[], float]) -> Iterator[str]:
        """Evaluate an expression that says some texts, by messages of the kind SAID, and give each as it comes.

        seconds: is asked before each text how much processor time it may take.

        Raises:
            TookTooLong: when the next text does not come in time, but the kernel can go on.
            Ended: when the kernel died or had to be stopped.
            NotPlain: when it came to its end without the next text.
        """
        assert self._wire is not None
        heard = _Heard(self._wire.request("execute_request", _looking(expression)), Outputs(), count)
        self._wire.awaited_texts = count
        for number in range(count):
            last = number + 1 == count  # then the kernel has to come to its end, too
            if not self._listen(heard, seconds(), None if last else number + 1):
                self._interrupt(heard)
            if len(heard.texts) <= number:
                raise NotPlain("there is no reply")
            yield heard.texts[number]

    def _open(self) -> None:
        self.km = self.kernel_manager_class()
        try:
            _done(self.km.start_kernel(env=kernel_environment(), cwd=self.folder))
            line = getattr(self.km, "talk", None)
            if line:
                self._wire = LineWire(line)
            else:
                self._wire = JupyterWire(dict(self.km.get_connection_info()))
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
                _done(self.km.shutdown_kernel(now=True))
            _done(self.km.cleanup_resources())
            self.km = None

    def _wait_until_ready(self) -> None:
        """Until the kernel replies, and is heard on the channel of its outputs too."""
        assert self._wire is not None
        end = time.monotonic() + self.startup
        heard: set[str] = set()
        while heard != {"shell", "iopub"}:
            asked = self._wire.request("kernel_info_request", {})
            again = time.monotonic() + AGAIN
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
        heard = _Heard(self._wire.request("execute_request", REQUEST | content), outputs)
        if not self._listen(heard, seconds):
            self._interrupt(heard)
        assert heard.reply is not None
        return heard.reply

    def _interrupt(self, heard: _Heard) -> NoReturn:
        """Interrupt what has taken too long.

        Raises:
            TookTooLong: always, but Ended when the kernel cannot go on.
        """
        _done(self.km.interrupt_kernel())
        if not self._listen(heard, self.grace):
            raise self._stopped("The code could not be interrupted and was stopped.")
        raise TookTooLong

    def _listen(self, heard: _Heard, seconds: float, texts: int | None = None) -> bool:
        """Take messages until the kernel has finished, or has said so many texts. False when the time passes before."""
        assert self._wire is not None
        begun, used = time.monotonic(), self._used()
        finished: float | None = None
        looked, asleep = begun, 0.0
        while not heard.all and (texts is None or len(heard.texts) < texts):
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
            asleep += now - looked if self._is_asleep() else 0
            looked = now
            if not self._lives():
                raise Ended(self._cause() or ENDED)
            if self._wire.broken:
                raise self._hung_up()
            if now >= self._end:
                raise self._stopped(self.too_late)
            if heard.reply is not None:
                finished = finished or now
                if now - finished > self.grace:  # its last outputs are lost: it did not send them, or too many
                    return True
            elif self._used() - used > seconds or asleep > ASLEEP * seconds or now - begun > PATIENCE * seconds:
                return False
        return True

    @property
    def too_late(self) -> str:
        """The sentence for a submission whose time has passed."""
        return f"The whole notebook took longer than {self.wall / 60:g} minutes and was stopped here."

    @property
    def _jailed(self) -> Jailed | None:
        return getattr(self._process, "jailed", None)

    def _lives(self) -> bool:
        assert self.km is not None
        return _done(self.km.is_alive())

    def _hung_up(self) -> Ended:
        """The kernel says no more: it ends now, or is ended. Returns what to raise."""
        end = time.monotonic() + self.grace
        while self._lives() and time.monotonic() < end:
            time.sleep(MOMENT)
        return self._stopped(ENDED)

    @property
    def _process(self) -> Any:
        """What knows of the kernel's process: its jail's manager, or Jupyter's provisioner."""
        return getattr(self.km, "provisioner", self.km)

    def _used(self) -> float:
        """Seconds of processor time of all processes of this kernel, as they were a moment ago."""
        now = time.monotonic()
        if now - self._measured < MOMENT:
            return self._seen
        self._measured = now
        jailed = self._jailed
        used = processor_time(jailed.first.number if jailed else getattr(self._process, "pid", None))
        self._seen = max(self._seen, used)
        return self._seen

    def _is_asleep(self) -> bool:
        """True when no thread of the jail runs or waits for the processor or a disk."""
        return self._jailed is not None and not share.anybody_is_busy(processes(self._jailed.first.number))

    def _cause(self) -> str:
        """Why the process was stopped from outside, as its jail says."""
        return getattr(self._process, "reason", "") or ""

    def _stopped(self, reason: str) -> Ended:
        """Stop the kernel. Returns what to raise."""
        reason = self._cause() or reason
        if self._process is not None:
            _done(self._process.kill())
        return Ended(reason)


class _Heard:
    """What has been heard of one request."""

    def __init__(self, asked: str, outputs: Outputs, count: int = 0) -> None:
        self.asked, self.outputs, self.count = asked, outputs, count
        self.texts: list[str] = []
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
        elif message.kind == SAID:
            text = message.content.get("text")
            if len(self.texts) < self.count:
                self.texts.append(text if type(text) is str and len(text) <= MAX_TEXT else "")
        else:
            self.outputs.add(message.kind, message.content)


def _looking(expression: str) -> dict[str, Any]:
    """The request to evaluate an expression."""
    looking = {"code": "", "silent": True, "store_history": False, "user_expressions": {"reply": expression}}
    return REQUEST | looking


def _done(result: Any) -> Any:
    """What a kernel manager returns: Jupyter's are asynchronous, a jail's is not."""

    async def finish() -> Any:
        return await result

    return run_sync(finish)() if inspect.isawaitable(result) else result


def processor_time(first: int | None) -> float:
    """Seconds of processor time of a process and of all that came from it; 0 where the system does not say."""
    if first is None or not COUNTED:
        return 0.0
    return sum(map(_processor_time_of, processes(first))) / TICKS


def _processor_time_of(number: int) -> int:
    """Ticks of its own, and of its children that have ended and were asked how."""
    try:
        fields = quickly_read(f"/proc/{number}/stat").rpartition(b")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def shortened(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The beginning of what a cell printed before it was stopped."""
    streams = [output for output in outputs if output.output_type == "stream"][:2]
    return [printed(output.text[:2000], output.name) for output in streams]
