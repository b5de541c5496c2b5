"""Whatever a kernel sends, of whatever form and size, its session goes on or ends with a sentence, and soon."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Sequence
from types import SimpleNamespace

import nbformat
import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyter_client.session import DELIM, Session

from autograder.grade.outputs import Outputs
from autograder.grade.sanitize import sanitize
from autograder.grade.session import Ended, KernelSession
from autograder.grade.wire import _message
from course_lib.plain import NotPlain

pytestmark = pytest.mark.slow

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KINDS = ("stream", "display_data", "update_display_data", "execute_result", "error", "clear_output", "status")
KINDS += ("execute_reply", "comm_open", "comm_msg", "execute_input", "input_request", "")
KEYS = ("name", "text", "data", "metadata", "transient", "display_id", "ename", "evalue", "traceback", "wait")
KEYS += ("execution_state", "user_expressions", "reply", "text/plain", "status", "payload", "comm_id")
# Contents whose keys are the right ones and whose values are anything, also one level below.
CONTENT = st.dictionaries(
    st.sampled_from(KEYS), ANY | st.dictionaries(st.sampled_from(KEYS), ANY, max_size=3), max_size=6
)


@given(st.lists(st.tuples(st.sampled_from(KINDS), CONTENT), max_size=12))
def test_outputs_of_any_form_make_a_valid_notebook(messages) -> None:
    outputs = Outputs()
    for kind, content in messages:
        outputs.add(kind, content)
    cell = nbformat.v4.new_code_cell("x", outputs=outputs.kept)
    nb = nbformat.v4.new_notebook(cells=[cell])
    sanitize(nb)
    nbformat.validate(nb)
    nbformat.writes(nb).encode()


@given(st.lists(st.binary(max_size=30) | st.just(DELIM) | ANY.map(lambda v: json.dumps(v).encode()), max_size=9))
def test_parts_of_any_form_are_a_message_or_none(frames: list[bytes]) -> None:
    message = _message("shell", frames)
    assert message is None or type(message.content) is dict


def test_many_small_outputs_take_little_time() -> None:
    outputs = Outputs()
    before = time.process_time()
    for index in range(30_000):
        outputs.add("stream", {"name": "stdout", "text": "x" * 40})
        outputs.add("display_data", {"data": {"text/plain": "x"}, "transient": {"display_id": str(index % 3)}})
        outputs.add("update_display_data", {"data": {"text/plain": "y"}, "transient": {"display_id": "1"}})
    assert time.process_time() - before < 10
    assert len(outputs.kept) <= 200


class Puppet:
    """A kernel manager whose kernel says what it is told, before or in place of a proper reply."""

    lines: Sequence = ()  # (channel, kind, content) or (channel, parts) to send first
    reply: object = None  # content of the reply to what is asked for; None: a proper one; "none": no reply
    idle = True

    def __init__(self) -> None:
        self.has_kernel = True
        self.alive = True
        self.context = zmq.Context()
        self.key = secrets.token_hex()
        self.provisioner = SimpleNamespace(pid=None, reason="", kill=self._kill)
        self.ports = {}

    async def start_kernel(self, **options) -> None:
        self.session = Session(key=self.key.encode())
        self.sockets = {"shell": self.context.socket(zmq.ROUTER), "iopub": self.context.socket(zmq.PUB)}
        for name, socket in self.sockets.items():
            socket.linger = 0
            self.ports[name] = socket.bind_to_random_port("tcp://127.0.0.1")
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def get_connection_info(self) -> dict:
        ports = {f"{name}_port": port for name, port in self.ports.items()}
        return {
            "transport": "tcp",
            "ip": "127.0.0.1",
            "key": self.key.encode(),
            "signature_scheme": "hmac-sha256",
            **ports,
        }

    def _serve(self) -> None:
        while self.alive:
            if not self.sockets["shell"].poll(20):
                continue
            names, parts = self.session.feed_identities(self.sockets["shell"].recv_multipart())
            asked = self.session.deserialize(parts)
            if asked["msg_type"] == "execute_request" and "ask_exit" not in asked["content"]["code"]:
                for channel, *what in self.lines:
                    if len(what) == 1:
                        self.sockets[channel].send_multipart([*(names if channel == "shell" else []), *what[0]])
                    else:
                        self._say(channel, what[0], what[1], asked, names)
                content = self.reply if self.reply is not None else {"status": "ok"}
            else:
                content = {"status": "ok"}
            if content != "none":
                self._say("shell", asked["msg_type"].replace("request", "reply"), content, asked, names)
            if self.idle:
                self._say("iopub", "status", {"execution_state": "idle"}, asked, names)
        for socket in self.sockets.values():
            socket.close()

    def _say(self, channel: str, kind: str, content, asked, names) -> None:
        self.session.send(
            self.sockets[channel], kind, content, parent=asked, ident=names if channel == "shell" else None
        )

    async def is_alive(self) -> bool:
        return self.alive

    async def interrupt_kernel(self) -> None:
        pass

    async def shutdown_kernel(self, now: bool) -> None:
        await self._kill()
        self.has_kernel = False

    async def cleanup_resources(self) -> None:
        self.thread.join()
        self.context.term()

    async def _kill(self) -> None:
        self.alive = False


def puppet(**said) -> type[Puppet]:
    return type("Told", (Puppet,), said)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(["shell", "iopub"]), st.sampled_from(KINDS), CONTENT), min_size=3, max_size=12)
)
def test_messages_of_wrong_types_change_nothing(lines) -> None:
    wrong = [line for line in lines if not (line[0] == "shell" and line[1] == "execute_reply")]
    with KernelSession(puppet(lines=wrong)) as session:
        session.run(nbformat.v4.new_code_cell("x"))
        with pytest.raises(NotPlain):
            session.ask("x", 5)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(CONTENT | st.fixed_dictionaries({"user_expressions": ANY | st.fixed_dictionaries({"reply": CONTENT})}))
def test_replies_of_wrong_types_are_no_reply(reply) -> None:
    with KernelSession(puppet(reply=reply)) as session:
        with contextlib.suppress(NotPlain):
            assert type(session.ask("x", 5)) is str
        session.run(nbformat.v4.new_code_cell("x"))


@pytest.mark.parametrize(
    "parts",
    [
        [b""],
        [DELIM],
        [b"x"] * 20,
        [DELIM, b"", b"{}", b"{}", b"{}", b"{}"],
        [DELIM, b"", b'{"msg_type": 3}', b"{}", b"{}", b"{}"],
        [DELIM, b"", b"[" * 100_000, b"{}", b"{}", b"{}"],
        [DELIM, b"", b"{}", b"{}", b"{}", b"[" + b"[]," * 3_000_000 + b"[]]"],
        [DELIM, b"", b"\xff", b"\xff", b"\xff", b"\xff"],
    ],
)
@pytest.mark.parametrize("channel", ["shell", "iopub"])
def test_garbage_is_counted_and_forgotten(channel: str, parts: list[bytes]) -> None:
    with KernelSession(puppet(lines=[(channel, parts)]), output_bytes=20 << 20) as session:
        cell = nbformat.v4.new_code_cell("x")
        session.run(cell)
        assert cell.outputs == []
        assert session._wire.received >= sum(map(len, parts))


def test_what_is_attached_to_messages_counts_as_output() -> None:
    head = [DELIM, b"", b'{"msg_type": "comm_msg"}', b"{}", b"{}", b"{}"]
    lines = [("iopub", [*head, bytes(3 << 20)])] * 5
    with KernelSession(puppet(lines=lines)) as session, pytest.raises(Ended, match="too much output"):
        session.run(nbformat.v4.new_code_cell("x"))


def test_a_flood_of_empty_messages_is_too_much_output() -> None:
    lines = [("shell", [b""])] * 30_000
    session = KernelSession(puppet(lines=lines), output_bytes=1 << 20)
    with session, pytest.raises(Ended, match="too much output"):
        session.run(nbformat.v4.new_code_cell("x"))


def test_a_kernel_that_does_not_reply_is_stopped() -> None:
    with KernelSession(puppet(reply="none")) as session:
        session.timeout = session.grace = 0.1
        with pytest.raises(Ended, match="could not be interrupted"):
            session.run(nbformat.v4.new_code_cell("x"))


def test_a_kernel_that_never_says_that_it_is_idle_is_not_waited_for() -> None:
    kernel = puppet()
    with KernelSession(kernel) as session:
        session.km.idle = False
        session.grace = 0.2
        session.run(nbformat.v4.new_code_cell("x"))
        with pytest.raises(NotPlain):
            session.ask("x", 5)
