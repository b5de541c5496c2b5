"""A kernel that runs a submission: cells are run in it, and cases are put to the answers that they define.

Nothing that comes out of it is trusted. It knows nothing of exercises, points or expected values.
"""

from __future__ import annotations

import ast
import asyncio
import json
import time
from queue import Empty
from typing import Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_output
from traitlets import Integer

from autograder.kernels import LocalKernelManager, kernel_environment
from course_lib.plain import MAX_TEXT, NotPlain

ENDED = "The code ended the process it runs in."


class Ended(Exception):
    """The process of the submission ended, or had to be stopped. The message is for the student."""


class TookTooLong(Exception):
    """The answer did not come in time; the process lives on."""


class KernelSession(NotebookClient):
    """One kernel for one submission. Use it as a context manager."""

    grace = Integer(3, help="seconds that a cell has to end after it was interrupted").tag(config=True)
    output_bytes = Integer(10 << 20, help="all output of one process").tag(config=True)

    def __init__(self, **options: Any) -> None:
        defaults = {"kernel_name": "python3", "kernel_manager_class": LocalKernelManager, "record_timing": False}
        limits = {"timeout": 20, "allow_errors": True, "interrupt_on_timeout": True}
        super().__init__(new_notebook(), **(defaults | limits | options))
        self.error_on_timeout = {"ename": "TimeoutError", "evalue": "", "traceback": []}
        self.iopub_timeout = self.grace
        self.raise_on_iopub_timeout = True
        self.shutdown_kernel = "immediate"

    def __enter__(self) -> KernelSession:
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        self._cleanup_kernel()

    def restart(self) -> None:
        """A fresh kernel in place of the one that ended. Raises RuntimeError when none can be started."""
        if self.km is not None:
            self._cleanup_kernel()
        self._open()

    def _open(self) -> None:
        self.reset_execution_trackers()
        self._printed = 0
        self._reason: str | None = None
        self.km = self.create_kernel_manager()
        self.start_new_kernel(env=kernel_environment())
        self.start_new_kernel_client()

    def run(self, cell: NotebookNode) -> None:
        """Run one cell and keep its outputs in it. An exception in the cell is an output.

        Raises:
            Ended: when the kernel died or had to be stopped.
        """
        self.nb = new_notebook(cells=[cell])  # of other cells' outputs the client knows nothing
        self._display_id_map = {}
        try:
            self.execute_cell(cell, 0)
        except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
            self._stop()
            raise Ended(self._cause() or _why(error, self.timeout)) from None
        if self._reason:
            self._stop()
            raise Ended(self._reason)

    def ask(self, expression: str, seconds: float) -> str:
        """Evaluate an expression in the kernel and return the text it gives.

        Raises:
            TookTooLong: when there is no reply in time, but the kernel can go on.
            Ended: when the kernel died or had to be stopped.
            NotPlain: when the reply is not a text or is too long.
        """
        content = run_sync(self._ask)(expression, seconds)
        result = content.get("user_expressions", {}).get("reply", {})
        if result.get("ename") == "KeyboardInterrupt":
            raise TookTooLong
        text = result.get("data", {}).get("text/plain")
        if type(text) is not str or len(text) > MAX_TEXT:
            raise NotPlain("the reply is not a text of reasonable length")
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise NotPlain("the reply is not a text") from None
        if type(value) is not str:
            raise NotPlain("the reply is not a text")
        return value

    async def _ask(self, expression: str, seconds: float) -> dict[str, Any]:
        message = self.kc.execute("", silent=True, store_history=False, user_expressions={"reply": expression})
        try:
            return await self._reply(message, seconds)
        except TookTooLong:
            await self.km.interrupt_kernel()
        try:
            await self._reply(message, self.grace)
        except TookTooLong:
            reason = self._cause()
            await self._kill()
            raise Ended(reason or "The code could not be interrupted and was stopped.") from None
        raise TookTooLong

    async def _reply(self, message: str, seconds: float) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                reply = await self.kc.get_shell_msg(timeout=min(left, 0.5))
            except Empty:
                if not await self.kc.is_alive():
                    raise Ended(self._cause() or ENDED) from None
                continue
            if reply["parent_header"].get("msg_id") == message:
                return reply["content"]
        raise TookTooLong

    def process_message(self, message: dict[str, Any], cell: NotebookNode, index: int) -> Any:
        """Keep outputs within the budget of the process; beyond it the kernel is stopped."""
        self._printed += len(json.dumps(message["content"], default=str))
        if self._printed > self.output_bytes:
            if not self._reason:
                self._reason = (
                    f"The cell gives too much output: more than {self.output_bytes / 1e6:g} MB. It was stopped."
                )
                self._killing = asyncio.ensure_future(self._kill())
            return None
        return super().process_message(message, cell, index)

    def _cause(self) -> str | None:
        """Why the process was stopped from outside: too much output, or what its jail says."""
        return self._reason or getattr(self.km and self.km.provisioner, "reason", None)

    async def _kill(self) -> None:
        if self.km is not None and self.km.provisioner is not None:
            await self.km.provisioner.kill()

    def _stop(self) -> None:
        run_sync(self._kill)()


def _why(error: Exception, seconds: int) -> str:
    if isinstance(error, CellTimeoutError):
        return f"The cell ran longer than {seconds} seconds and could not be interrupted."
    if isinstance(error, DeadKernelError):
        return ENDED
    return f"The process of the notebook stopped answering ({type(error).__name__})."


def shortened(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The beginning of what a cell printed before it was stopped."""
    streams = [output for output in outputs if output.output_type == "stream"][:2]
    return [new_output("stream", name=output.name, text=output.text[:2000]) for output in streams]


def error_output(name: str, text: str) -> NotebookNode:
    """An error as a cell shows it."""
    return new_output("error", ename=name, evalue=text, traceback=text.splitlines())
