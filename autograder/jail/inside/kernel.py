"""A Jupyter kernel at one end of a socket: Jupyter's messages without Jupyter's sockets, one request after the other.

    python kernel.py TALK INTERRUPT

Both are numbers of open sockets to the grader. Requests, replies and outputs go through TALK, in the order in which
they are made; a byte on INTERRUPT interrupts what runs. So a request costs two system calls instead of a dozen, and
what was said before the process ended is there.

A message is a line of bytes: its channel, the number of its parts, their sizes, and the parts, as `jupyter_client`
makes them.

The kernel is made in two steps: what needs no socket (`prepare`) may have happened before this process was forked.
"""

import asyncio
import base64
import contextlib
import contextvars
import io
import logging
import os
import re
import select
import signal
import socket
import struct
import sys
import threading
import zlib
from collections import deque
from types import SimpleNamespace

import zmq
from ipykernel import compiler
from ipykernel.iostream import BackgroundSocket, IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from tornado.ioloop import IOLoop
from traitlets import Any, Float
from traitlets.config import Config

HEAD, SIZE = struct.Struct("!BI"), struct.Struct("!Q")
SHELL, OUTPUTS = 0, 1  # channels
OWN = "course_kernel"  # a module for a moment
IPYTHONS_OWN = re.compile(r"^\s*[%!?,;/]|=\s*[%!]|\?\s*$", re.MULTILINE)
INTERVAL = 0.2  # seconds that printed text may wait, as in ipykernel


class Line:
    """This end of the socket. What any thread sends is sent whole, whatever interrupts it."""

    def __init__(self, file):
        self.socket = socket.socket(fileno=file)
        self.reading = self.socket.makefile("rb", buffering=1 << 16)
        self.lock, self.busy = threading.RLock(), False
        self.waiting = deque()
        self.owner = os.getpid()

    def send(self, channel, parts):
        """Send a message. From a child process nothing is sent: two processes would tear each other's messages.

        A reply waits for the message after it, which says that the kernel is idle: both then go in one.
        """
        if os.getpid() != self.owner:
            return
        sizes = [part.nbytes if isinstance(part, memoryview) else len(part) for part in parts]
        self.waiting.append(b"".join([HEAD.pack(channel, len(parts)), *map(SIZE.pack, sizes), *parts]))
        if channel == SHELL:
            return
        with self.lock:
            if self.busy:  # something that interrupted this thread sends: the one that was interrupted goes on with it
                return
            self.busy = True
            try:
                with uninterrupted():
                    while self.waiting:
                        ready = [self.waiting.popleft() for _ in range(len(self.waiting))]
                        self.socket.sendall(b"".join(ready))
            finally:
                self.busy = False

    def receive(self):
        """The parts of the next request; None when the grader has hung up."""
        head = self.reading.read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        count = HEAD.unpack(head)[1]
        sizes = [SIZE.unpack(self.reading.read(SIZE.size))[0] for _ in range(count)]
        return [zmq.Frame(self.reading.read(size)) for size in sizes]


@contextlib.contextmanager
def uninterrupted():
    """An interrupt of the main thread waits until this is over."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *of: came.append(of))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(*came[0])


class Channel:
    """What ipykernel takes for a socket. The line is there before anything is sent."""

    def __init__(self, channel):
        self.line, self.channel = None, channel

    def send_multipart(self, parts, *args, **options):
        """Send a message."""
        self.line.send(self.channel, parts)


class Outputs(IOPubThread):
    """Sends outputs from the thread that makes them; there is no thread of its own."""

    def __init__(self, channel, session):
        self.socket, self.session = channel, session
        self.background_socket = BackgroundSocket(self)
        self.thread = threading.Thread()  # never started: then everything is done at once
        self.io_loop = self
        self._pipe_flag, self._master_pid = False, os.getpid()

    def call_later(self, seconds, what):
        """Text that waits is sent by `watch`."""


class Stream(OutStream):
    """Standard output or errors. A child process writes into the file, which its parent reads."""

    def write(self, text):
        """Keep a text to be sent."""
        if self._is_master_process() or not isinstance(text, str):
            return super().write(text)
        os.write(self._original_stdstream_fd, text.encode(errors="replace"))
        return len(text)


class Kernel(IPythonKernel):
    """ipykernel's kernel. It says no more than is listened to."""

    shell_stream = Any()
    _supports_kernel_subshells = False
    _execute_sleep = Float(0)  # seconds in which outputs could still come; here they have all been sent

    def _publish_status(self, status, *args, **options):
        if status == "idle":
            super()._publish_status(status, *args, **options)

    def _publish_execute_input(self, *args):
        """Nobody asks for it."""


class MainThread:
    """All that ipykernel asks of the thread for its messages, which is not there."""

    parent_thread = threading.main_thread()


class KernelOnSocket(IPKernelApp):
    """ipykernel's own program, at the end of a line."""

    def parse_command_line(self, argv=None):
        """There is none."""

    def init_connection_file(self):
        """There is none."""

    def write_connection_file(self, **options):
        """There is none."""

    def log_connection_info(self):
        """There is none."""

    def init_heartbeat(self):
        """The grader looks at the process itself."""

    def init_sockets(self):
        """Nothing is made: the line comes later."""
        self.session.key = b""  # nobody else can reach it
        self.shell_channel, self.output_channel = Channel(SHELL), Channel(OUTPUTS)
        self.iopub_thread = Outputs(self.output_channel, self.session)
        self.iopub_socket = self.iopub_thread.background_socket

    def init_io(self):
        """Later, see `connect`."""

    def init_signal(self):
        """Later, see `connect`."""

    def connect(self, line):
        """Take a line, and what else belongs to this process alone."""
        self.line = self.shell_channel.line = self.output_channel.line = line
        self.session.pid = self.iopub_thread._master_pid = os.getpid()
        os.makedirs(self.profile_dir.location, exist_ok=True)
        self.profile_dir.check_dirs()
        sys.modules[OWN] = SimpleNamespace(Stream=Stream)  # where ipykernel looks for it
        super().init_io()
        del sys.modules[OWN]
        super().init_signal()
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def init_kernel(self):
        """Make the kernel."""
        self.kernel = Kernel.instance(
            parent=self,
            session=self.session,
            shell_stream=self.shell_channel,
            shell_channel_thread=MainThread(),
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )

    def start(self):
        """Do what is asked until the grader hangs up. All cells share one context, as in a notebook."""
        loop, context = asyncio.new_event_loop(), contextvars.copy_context()
        asyncio.set_event_loop(loop)
        self.io_loop = self.kernel.io_loop = IOLoop.current()
        while request := self.line.receive():
            loop.run_until_complete(loop.create_task(self.kernel.dispatch_shell(request), context=context))


def drop_figures(info):
    """What was opened while an answer was asked is no output of the cell that runs next."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def show_figures(result):
    """Plots of plain Matplotlib become outputs of the cell that has run, as they do on a student's screen."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        figure, picture = pyplot.figure(number), io.BytesIO()
        figure.savefig(picture, format="png", bbox_inches="tight")
        data = {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": repr(figure)}
        IPKernelApp.instance().shell.display_pub.publish(data)
    pyplot.close("all")


def watch(interrupts):
    """Send text that has waited, and interrupt the main thread when the grader says so."""
    while True:
        ready, _, _ = select.select([interrupts], [], [], INTERVAL)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # a notebook may have put anything there
                stream.flush()
        if ready:
            if not interrupts.recv(1):
                return
            os.kill(os.getpid(), signal.SIGINT)


def transform_once(shell):
    """ipykernel asks for the text of a cell as plain Python, and right after it IPython does, for the same text."""
    transform, known = shell.transform_cell, {}

    def transform_cell(text):
        if id(text) in known:
            return known.pop(id(text))[1]
        known.clear()
        plain = transform(text)
        known[id(text)] = text, plain  # the text is kept, so its id is its own
        return plain

    shell.transform_cell = transform_cell


def skip_plain_cells(manager):
    """IPython looks through the tokens of each cell for its own words. Where no line begins with the sign of one, is
    assigned one or ends in a question, there is none, which is seen much sooner."""
    known, look_through = list(manager.token_transformers), manager.do_token_transforms

    def do_token_transforms(lines):
        if manager.token_transformers == known and not IPYTHONS_OWN.search("".join(lines)):
            return lines
        return look_through(lines)

    manager.do_token_transforms = do_token_transforms


def name_of_cell(text, seed):
    """A number for the name of the file that a cell seems to lie in. ipykernel's own takes long to make."""
    return zlib.crc32(text.encode(errors="surrogatepass"), seed)


def prepare():
    """Make all of the kernel that needs no socket."""
    no_history = Config({"HistoryManager": {"enabled": False}})
    application = KernelOnSocket.instance(outstream_class=f"{OWN}.Stream", config=no_history)
    application.initialize()
    application.log.setLevel(logging.WARNING)  # less is not shown, and not made then
    compiler.murmur2_x86 = name_of_cell
    transform_once(application.shell)
    skip_plain_cells(application.shell.input_transformer_manager)
    application.shell.display_formatter.format(None)  # makes what shows things
    application.shell.events.register("pre_run_cell", drop_figures)
    application.shell.events.register("post_run_cell", show_figures)
    return application


def serve(application, talk, interrupts):
    """Serve until the end."""
    application.connect(Line(talk))
    threading.Thread(target=watch, args=[socket.socket(fileno=interrupts)], name="watch", daemon=True).start()
    application.start()


if __name__ == "__main__":
    serve(prepare(), *map(int, sys.argv[1:]))
