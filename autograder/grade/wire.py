"""The messages of a kernel that runs a stranger's code, each one measured and checked before anything else sees it.

The form of the messages: https://jupyter-client.readthedocs.io/en/stable/messaging.html. Whatever the kernel sends, of
whatever size and form, comes out of here as a `Message` with the right types, or is counted and forgotten.
"""

from __future__ import annotations

import selectors
import struct
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from socket import socket as Socket
from typing import Any

import zmq
from jupyter_client.session import DELIM, Session

from autograder.grade.reading import bounded_json

LARGEST = 72 << 20  # bytes of one part of a message; a connection that sends more is cut by ZeroMQ
WAITING = {"shell": 4, "iopub": 100, "control": 4}  # messages that may wait to be read
MAX_VALUES = 200_000  # in one message
LEAST = 100  # bytes that even an empty message counts for
HEAD, SIZE = struct.Struct("!BI"), struct.Struct("!Q")  # of a message, as the jail's kernel packs it
SAID = "course_reply"  # the kind of the messages in which course_lib.asking says its replies
CHANNELS = ("shell", "iopub")  # by their number there
MOST_PARTS = 1000  # of one message
BLOCK = 1 << 20  # bytes that are read at once
HEADER, PARENT, CONTENT = 2, 3, 5  # the places of these parts behind the mark that begins a message


@dataclass(frozen=True)
class Message:
    """What a kernel says: on which channel, what kind of message, in reply to which request."""

    channel: str
    kind: str
    parent: str
    content: dict[str, Any]


class Wire(ABC):
    """The connection to one kernel.

    received: bytes of all messages so far that were not the reply that was waited for.
    awaited_texts: how many messages of the kind SAID belong to that reply.
    broken: nothing more can come: the kernel has hung up, or says what is no message.
    """

    def __init__(self, key: bytes, scheme: str = "hmac-sha256") -> None:
        self.received = 0
        self.broken = False
        self.awaited_texts = 0
        self._awaited = ""
        self._session = Session(key=key, signature_scheme=scheme)

    def request(self, kind: str, content: dict[str, Any]) -> str:
        """Ask the kernel something on its shell channel. Returns the name that its reply will carry."""
        message = self._session.msg(kind, content)
        self._awaited = message["header"]["msg_id"]
        self.awaited_texts = 0
        self._send(message)
        return self._awaited

    @abstractmethod
    def _send(self, message: dict[str, Any]) -> None:
        """Send a request."""

    @abstractmethod
    def receive(self, seconds: float) -> Message | None:
        """The next message; None when there is none in time, or when what came has not the form of a message."""

    @abstractmethod
    def close(self) -> None:
        """Hang up."""

    def _measured(self, channel: str, frames: list[bytes]) -> Message | None:
        message = _message(channel, frames)
        if message is None or not self._is_awaited(message):
            self.received += max(LEAST, sum(map(len, frames)))
        return message

    def _is_awaited(self, message: Message) -> bool:
        if message.parent != self._awaited:
            return False
        if message.kind == SAID and self.awaited_texts:
            self.awaited_texts -= 1
            return True
        return message.channel == "shell"


class LineWire(Wire):
    """The connection to a kernel in a jail: one socket that all messages come through, in their order."""

    def __init__(self, line: Socket) -> None:
        """line: the socket; whoever opened it closes it."""
        super().__init__(b"")  # nobody else can reach it
        self._line = line
        self._line.setblocking(False)
        self._waiting = bytearray()  # to be sent
        self._come = bytearray()
        self._skip = 0  # bytes of a message that is too large
        self._selector = selectors.DefaultSelector()
        self._selector.register(line, selectors.EVENT_READ)

    def _send(self, message: dict[str, Any]) -> None:
        parts = self._session.serialize(message)
        self._waiting += b"".join([HEAD.pack(0, len(parts)), *(SIZE.pack(len(part)) for part in parts), *parts])
        self._write()

    def _write(self) -> None:
        """Send what can be sent now: a kernel that does not listen does not hold up the judge."""
        try:
            while self._waiting:
                del self._waiting[: self._line.send(self._waiting)]
        except BlockingIOError:
            pass
        except OSError:
            self._waiting.clear()
        writing = selectors.EVENT_WRITE if self._waiting else 0
        self._selector.modify(self._line, selectors.EVENT_READ | writing)

    def receive(self, seconds: float) -> Message | None:
        """See Wire."""
        end = time.monotonic() + seconds
        while not self.broken:
            frames = self._next()
            if frames:
                return self._measured(CHANNELS[frames[0][0] == 1], frames[1:])
            ready = [] if self.broken else self._selector.select(max(0, end - time.monotonic()))
            if not ready:
                return None
            if ready[0][1] & selectors.EVENT_WRITE:
                self._write()
            if ready[0][1] & selectors.EVENT_READ:
                self._read()
        return None

    def _read(self) -> None:
        try:
            block = self._line.recv(BLOCK)
        except BlockingIOError:
            return
        except OSError:
            block = b""
        self.broken = not block
        skipped = min(self._skip, len(block))
        self._skip -= skipped
        self._come += memoryview(block)[skipped:]

    def _next(self) -> list[bytes] | None:
        """The number of the channel, as a byte, and the parts of the next message, when all of it is there."""
        if len(self._come) < HEAD.size:
            return None
        channel, count = HEAD.unpack_from(self._come)
        if count > MOST_PARTS:
            self.broken = True
            return None
        start = HEAD.size + count * SIZE.size
        if len(self._come) < start:
            return None
        sizes = [SIZE.unpack_from(self._come, HEAD.size + number * SIZE.size)[0] for number in range(count)]
        end = start + sum(sizes)
        if sum(sizes) > LARGEST:
            self.received += sum(sizes)
            self._skip = max(0, end - len(self._come))
            del self._come[:end]
            return None
        if len(self._come) < end:
            return None
        frames = [bytes([channel])]
        for size in sizes:
            frames.append(bytes(self._come[start : start + size]))
            start += size
        del self._come[:end]
        return frames

    def close(self) -> None:
        """See Wire."""
        self._selector.close()


class JupyterWire(Wire):
    """The connection to a kernel as Jupyter starts them."""

    def __init__(self, connection: dict[str, Any]) -> None:
        """connection: what Jupyter's connection file holds."""
        super().__init__(connection["key"], connection["signature_scheme"])
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._channels = {}
        for channel, kind in (("shell", zmq.DEALER), ("iopub", zmq.SUB)):
            socket = self._context.socket(kind)
            socket.linger = 0
            socket.setsockopt(zmq.MAXMSGSIZE, LARGEST)
            socket.rcvhwm = WAITING[channel]
            if kind == zmq.SUB:
                socket.subscribe(b"")
            else:
                socket.identity = self._session.bsession
            socket.connect(_address(connection, channel))
            self._poller.register(socket, zmq.POLLIN)
            self._channels[socket] = channel

    def _send(self, message: dict[str, Any]) -> None:
        self._session.send(next(iter(self._channels)), message)

    def receive(self, seconds: float) -> Message | None:
        """See Wire."""
        ready = self._poller.poll(int(max(0, seconds) * 1000))
        if not ready:
            return None
        socket = min((socket for socket, _ in ready), key=list(self._channels).index)
        return self._measured(self._channels[socket], socket.recv_multipart())

    def close(self) -> None:
        """See Wire."""
        for socket in self._channels:
            socket.close()
        self._context.term()


def _address(connection: dict[str, Any], channel: str) -> str:
    transport, ip, port = (connection[name] for name in ("transport", "ip", f"{channel}_port"))
    return f"{transport}://{ip}{'-' if transport == 'ipc' else ':'}{port}"


def _message(channel: str, frames: list[bytes]) -> Message | None:
    """The message in the parts that were received; None when they are none."""
    try:
        start = frames.index(DELIM)
        header, parent, content = (bounded_json(frames[start + n], MAX_VALUES) for n in (HEADER, PARENT, CONTENT))
    except (ValueError, IndexError, RecursionError):
        return None
    if not (type(header) is type(parent) is type(content) is dict):
        return None
    kind, name = header.get("msg_type"), parent.get("msg_id", "")
    if type(kind) is not str or type(name) is not str:
        return None
    return Message(channel, kind, name, content)
