"""The messages of a kernel that runs a stranger's code, each one measured and checked before anything else sees it.

The form of the messages: https://jupyter-client.readthedocs.io/en/stable/messaging.html. Whatever the kernel sends, of
whatever size and form, comes out of here as a `Message` with the right types, or is counted and forgotten.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import zmq
from jupyter_client.session import DELIM, Session

from autograder.grade.reading import bounded_json

LARGEST = 72 << 20  # bytes of one part of a message; a connection that sends more is cut by ZeroMQ
WAITING = {"shell": 4, "iopub": 100, "control": 4}  # messages that may wait to be read
MAX_VALUES = 200_000  # in one message
LEAST = 100  # bytes that even an empty message counts for
HEADER, PARENT, CONTENT = 2, 3, 5  # the places of these parts behind the mark that begins a message


@dataclass(frozen=True)
class Message:
    """What a kernel says: on which channel, what kind of message, in reply to which request."""

    channel: str
    kind: str
    parent: str
    content: dict[str, Any]


class Wire:
    """The connection to one kernel.

    received: bytes of all messages so far that were not the reply that was waited for.
    """

    def __init__(self, connection: dict[str, Any]) -> None:
        """connection: what Jupyter's connection file holds."""
        self.received = 0
        self._awaited = ""
        self._session = Session(key=connection["key"], signature_scheme=connection["signature_scheme"])
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

    def request(self, kind: str, content: dict[str, Any]) -> str:
        """Ask the kernel something on its shell channel. Returns the name that its reply will carry."""
        socket = next(iter(self._channels))
        message = self._session.msg(kind, content)
        self._awaited = message["header"]["msg_id"]
        self._session.send(socket, message)
        return self._awaited

    def receive(self, seconds: float) -> Message | None:
        """The next message; None when there is none in time, or when what came has not the form of a message."""
        end = time.monotonic() + seconds
        ready = self._poller.poll(int(max(0, end - time.monotonic()) * 1000))
        if not ready:
            return None
        socket = min((socket for socket, _ in ready), key=list(self._channels).index)
        frames = socket.recv_multipart()
        message = _message(self._channels[socket], frames)
        if message is None or message.channel != "shell" or message.parent != self._awaited:
            self.received += max(LEAST, sum(map(len, frames)))
        return message

    def close(self) -> None:
        """Hang up."""
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
