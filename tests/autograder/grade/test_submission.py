"""Whatever the bytes are, and whatever they do to what reads them, there is a verdict with a reason."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import nbformat
import pytest

from autograder.build.answer_key import answer_keys, keep_keys
from autograder.build.submissions import make_submission
from autograder.files import notebook_text
from autograder.grade import submission
from autograder.grade.nbgrader_steps import Bounded
from autograder.grade.reading import Unreadable
from autograder.grade.submission import judge_submission
from course_lib.exercises import NOTEBOOKS, exercises_of

NOTEBOOK = NOTEBOOKS[0]
ALL = dict.fromkeys(exercise.id for exercise in exercises_of(NOTEBOOK))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def judged(content: bytes) -> tuple[float, set[str], set[str]]:
    """(points, statuses, sentences) of a file; what came of it can be written."""
    nb, verdicts, _ = judge_submission(content, NOTEBOOK, 5)
    notebook_text(nb).encode()
    points = sum(verdict.points for verdict in verdicts)
    return points, {verdict.status for verdict in verdicts}, {verdict.feedback for verdict in verdicts}


def test_a_right_submission_gets_everything() -> None:
    nb = make_submission(NOTEBOOK, ALL)
    assert judged(notebook_text(nb).encode())[1] == {"full"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"\x00" * 1000, "not JSON"),
        (b'{"cells": ' + b"[" * 1_000_000, "values|not JSON"),
        (b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}", "values"),
        (json.dumps({"cells": [{"source": "x", "id": "wiggle"}] * 50_000}).encode(), "50000 cells"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, reason: str) -> None:
    points, statuses, sentences = judged(content)
    assert (points, statuses) == (0, {"failed"})
    (sentence,) = sentences
    assert any(each in sentence for each in reason.split("|")), sentence


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat(*_: object) -> list[bytes]:
    return [bytes(1 << 20) for _ in range(1 << 20)]


def sleep(*_: object) -> None:
    time.sleep(3600)


@pytest.mark.parametrize(("fault", "reason"), [(die, "SIGKILL"), (eat, "MB of memory"), (sleep, "minutes altogether")])
@pytest.mark.parametrize("place", ["repair", "run_and_judge"])
def test_what_breaks_the_judge_breaks_only_this_submission(
    fault, reason: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, place, lambda *args, **kwargs: fault())
    whole, seconds = submission.apart, 1 if fault is sleep else 30
    monkeypatch.setattr(submission, "apart", lambda work, **_: whole(work, memory=200 << 20, seconds=seconds))
    points, statuses, sentences = judged(notebook_text(make_submission(NOTEBOOK, ALL)).encode())
    assert (points, statuses) == (0, {"failed"})
    assert all(reason in sentence for sentence in sentences), sentences


HOSTILE = """
import sys
print("\\ud800", "[/x]", "\\x1b]0;title\\x07")
sys.stderr.buffer.write(b"\\xff\\xfe")
get_ipython().kernel.session.send(get_ipython().kernel.iopub_socket, "stream", {"name": 3, "text": {}},
    parent=get_ipython().kernel.get_parent())
get_ipython().kernel.session.send(get_ipython().kernel.iopub_socket, "comm_msg", [],
    parent=get_ipython().kernel.get_parent())
get_ipython().kernel.iopub_socket.send_multipart([b"", b"\\xff"])
raise Exception("\\udcff" * 100_000)
"""


def test_a_hostile_cell_costs_the_other_answers_nothing() -> None:
    nb = make_submission(NOTEBOOK, ALL)
    nb.cells.insert(3, nbformat.v4.new_code_cell(HOSTILE))
    nb.cells.insert(3, nbformat.v4.new_markdown_cell("\ud800 ![" * 1000))
    nb.cells.append(nbformat.v4.new_code_cell("import os\nos._exit(0)"))
    assert judged(json.dumps(nb).encode())[1] == {"full"}


@pytest.mark.skipif(os.name != "posix", reason="folders have other rights there")
def test_nobody_else_on_the_machine_can_read_what_hidden_cases_should_give(tmp_path: Path) -> None:
    folder = tmp_path / "class" / "answer_keys"
    keep_keys(NOTEBOOKS[0], folder)
    try:
        answer_keys(NOTEBOOKS[0], 1234567)
    finally:
        keep_keys(NOTEBOOKS[0], None)
    assert list(folder.iterdir())
    assert folder.stat().st_mode & 0o077 == 0


def test_nbgraders_own_autograde_reads_no_file_of_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "large.ipynb"
    with open(path, "wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(Unreadable, match=r"are read\. Clear all outputs"):
        Bounded().from_filename(str(path))
    path.write_text("[" * 100_000)
    with pytest.raises(Unreadable):
        Bounded().from_filename(str(path))


def test_nbgraders_own_autograde_judges_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "kernel_manager", lambda trusted: None)
    monkeypatch.setattr(submission, "run_and_judge", lambda *_, **__: os._exit(3))
    nb, verdicts = submission.judge_repaired(make_submission(NOTEBOOKS[0], {}), NOTEBOOKS[0], 5)
    assert {verdict.points for verdict in verdicts} == {0}
    assert "ended by itself" in verdicts[0].feedback
    assert "ended by itself" in str(nb.cells)
