"""Whatever a jailed kernel writes into its socket, the judge reads messages or counts bytes, and never waits for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session

from autograder.grade.wire import HEAD, LARGEST, MOST_PARTS, SIZE, LineWire


@pytest.fixture
def ends() -> Iterator[tuple[LineWire, socket.socket]]:
    """The judge's end and the kernel's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire = LineWire(ours)
        yield wire, theirs
        wire.close()


def packed(channel: int, parts: list[bytes]) -> bytes:
    return b"".join([HEAD.pack(channel, len(parts)), *(SIZE.pack(len(part)) for part in parts), *parts])


def said(kind: str, content: dict, channel: int = 1) -> bytes:
    session = Session(key=b"")
    return packed(channel, session.serialize(session.msg(kind, content)))


def test_messages_come_in_their_order_also_in_pieces(ends: tuple[LineWire, socket.socket]) -> None:
    wire, kernel = ends
    text = said("stream", {"text": "a"}) + said("execute_reply", {"status": "ok"}, channel=0)
    for start in range(0, len(text), 50):
        kernel.sendall(text[start : start + 50])
    first, second = wire.receive(1), wire.receive(1)
    assert first is not None and second is not None
    assert (first.channel, first.kind, first.content) == ("iopub", "stream", {"text": "a"})
    assert (second.channel, second.kind) == ("shell", "execute_reply")
    assert wire.receive(0) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_no_message_and_no_error(content: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        wire = LineWire(ours)
        with theirs:
            theirs.sendall(content)
        while not wire.broken:
            message = wire.receive(0.1)
            assert message is None
        wire.close()


def test_what_is_too_large_is_counted_and_not_kept(ends: tuple[LineWire, socket.socket]) -> None:
    wire, kernel = ends
    kernel.sendall(HEAD.pack(1, 1) + SIZE.pack(LARGEST + 1) + bytes(1000))
    assert wire.receive(0.05) is None
    assert wire.received > LARGEST
    assert len(wire._come) < 1000
    kernel.setblocking(True)
    left = LARGEST + 1 - 1000
    while left:
        left -= kernel.send(bytes(min(left, 1 << 16)))
        wire.receive(0)
    kernel.sendall(said("stream", {"text": "after it"}))
    message = None
    end = time.monotonic() + 10
    while message is None and time.monotonic() < end:
        message = wire.receive(0.1)
    assert message is not None and message.content == {"text": "after it"}


def test_more_parts_than_any_message_has_end_the_connection(ends: tuple[LineWire, socket.socket]) -> None:
    wire, kernel = ends
    kernel.sendall(HEAD.pack(1, MOST_PARTS + 1))
    assert wire.receive(1) is None
    assert wire.broken


def test_a_kernel_that_does_not_listen_does_not_hold_up_the_judge(ends: tuple[LineWire, socket.socket]) -> None:
    wire, kernel = ends
    begun = time.monotonic()
    wire.request("execute_request", {"code": "x" * (4 << 20)})
    assert wire.receive(0.05) is None
    assert time.monotonic() - begun < 10  # who is held up waits for ever
    kernel.close()
    assert wire.receive(0.05) is None
    assert wire.broken
