"""Whatever a submission does, each exercise gets a verdict and a reason, and the next one is judged."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

import nbformat
import pytest

from autograder.build.source import role_of
from autograder.build.submissions import make_submission
from autograder.grade.interview import Interview
from autograder.grade.run import run_and_judge
from autograder.grade.session import Ended, KernelSession, TookTooLong
from autograder.jail.choose import kernel_manager
from course_lib.exercises import NOTEBOOKS, exercises_of
from course_lib.plain import NotPlain

NOTEBOOK = NOTEBOOKS[0]
ALL = dict.fromkeys(exercise.id for exercise in exercises_of(NOTEBOOK))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Impatient(KernelSession):
    """A session with short limits, so that the tests do not wait long."""

    def __init__(self, **options) -> None:
        super().__init__(**({"timeout": 1.5, "grace": 1, "output_bytes": 500_000} | options))


def statuses(source: str, exercise: str = "wiggle") -> dict[str, tuple[str, str]]:
    """(status, feedback) by exercise, with `source` in one answer cell and the reference everywhere else."""
    nb = make_submission(NOTEBOOK, ALL | {exercise: source})
    return {v.exercise: (v.status, v.feedback) for v in run_and_judge(nb, NOTEBOOK, 5, Impatient)}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os\nos._exit(3)", "ended the process"),
        ("def wiggle(f, x, h):\n    import os\n    os._exit(3)", "ended the process"),
        ("while True: pass", "did not run to its end.*TimeoutError"),
        (
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "did not (run to its end|end well)",
        ),
        ("while True: print('x' * 1000)", "too much output"),
        ("import sys\nsys.exit()", "ends the program"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended the process"),
        ("def wiggle(f, x, h):\n    return input()", "StdinNotImplementedError|EOFError"),
        ("def wiggle(f, x, h):\n    raise SystemExit", "SystemExit"),
        ("def wiggle(f, x, h):\n    return [1] * 10**7", "cannot be read"),
        (
            "wiggle = len\nimport course_lib.asking as a\na.reply = lambda *_: a.Shown('{\"list\": []}')",
            "reply to every case",
        ),
        (
            "wiggle = len\nimport course_lib.asking\ncourse_lib.asking.reply = lambda *a: 3",
            "reply properly",
        ),
    ],
)
def test_one_bad_answer_loses_only_its_own_points(source: str, reason: str) -> None:
    found = statuses(source)
    status, feedback = found.pop("wiggle")
    assert status in ("wrong", "failed"), (status, feedback)
    assert re.search(reason, feedback), feedback
    if "asking" not in source:  # a replaced grader in the submission's own process spoils all that comes after it
        assert {status for status, _ in found.values()} == {"full"}


def test_a_near_miss_is_named_as_at_the_desk() -> None:
    near = """
def fixed_gradient(x, y, w, b):
    h = w * x + b
    to_g = 2 * (h * np.sin(h) - y)
    to_h = to_g * np.sin(h) - to_g * h * np.cos(h)
    return np.mean(to_h * x), np.mean(to_h)
"""
    assert statuses(near, "chain-bugs")["chain-bugs"] == ("wrong", "A plus or a minus in one place is the wrong one.")


def test_a_submission_that_always_dies_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    nb = make_submission(NOTEBOOK, dict.fromkeys(ALL, "import os\nos._exit(1)"))
    verdicts = run_and_judge(nb, NOTEBOOK, 5, Impatient)
    assert [verdict.points for verdict in verdicts] == [0] * len(ALL)
    assert "last try" in verdicts[-1].feedback


def test_what_asking_an_exercise_leaves_behind_costs_the_others_nothing() -> None:
    """Time bombs that are right answers, and processes that stay: the next exercise does not die of them."""
    by_clock = (
        "def wiggle(f, x, h):\n    import signal\n    signal.signal(signal.SIGALRM, signal.SIG_DFL)\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.02)\n    return (f(x + h) - f(x)) / h"
    )
    by_thread = (
        "def d_cos_x2(x):\n    import os, threading, time\n"
        "    threading.Thread(target=lambda: (time.sleep(0.3), os._exit(3))).start()\n"
        "    return -2 * x * np.sin(x**2)"
    )
    stays = "import os, time\ndef loss_gradient(*_):\n    if not os.fork():\n        time.sleep(600)\n    raise OSError"
    answers = ALL | {"wiggle": by_clock, "cos-x2": by_thread, "chain-gradient": stays}
    verdicts = run_and_judge(make_submission(NOTEBOOK, answers), NOTEBOOK, 5, Impatient)
    lost = {verdict.exercise: verdict.feedback for verdict in verdicts if verdict.status != "full"}
    assert list(lost) == ["chain-gradient"], lost


def test_ordinary_asserts_of_an_instructor_run_too() -> None:
    nb = make_submission(NOTEBOOK, ALL)
    test = nbformat.v4.new_code_cell("assert wiggle(abs, 1, 1) == 2")
    test.metadata.nbgrader = {"grade": True, "grade_id": "extra", "points": 1, "solution": False, "locked": True}
    nb.cells.append(test)
    run_and_judge(nb, NOTEBOOK, 5, Impatient)
    assert [output.ename for output in nb.cells[-1].outputs] == ["AssertionError"]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    statuses("import os\nos._exit(3)")
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_needs_a_deleted_cell_says_what_is_missing() -> None:
    nb = make_submission(NOTEBOOK, ALL | {"wiggle": "def wiggle(f, x, h):\n    return helper(f, x, h)"})
    verdicts = {verdict.exercise: verdict for verdict in run_and_judge(nb, NOTEBOOK, 5, Impatient)}
    wiggle = verdicts.pop("wiggle")
    assert "NameError" in wiggle.feedback
    assert {verdict.status for verdict in verdicts.values()} == {"full"}


def test_a_session_answers_and_recovers() -> None:
    with Impatient(grace=30) as session:
        cell = nbformat.v4.new_code_cell("x = 'ä' * 3\nprint(x)")
        session.run(cell)
        assert cell.outputs[0].text == "äää\n"
        assert session.ask("x", 60) == "'äää'"
        with pytest.raises(NotPlain):
            session.ask("unknown", 60)
        with pytest.raises(TookTooLong):
            session.ask("[0 for _ in iter(int, 1)]", 1)
        assert session.ask("x", 60) == "'äää'"
        with pytest.raises(Ended):
            session.ask("__import__('os')._exit(1)", 60)
        session.restart()
        assert session.ask("'again'", 60) == "'again'"


def test_waiting_is_no_processor_time_but_ends_too() -> None:
    with Impatient() as session:
        before = time.monotonic()
        with pytest.raises(TookTooLong):
            session.ask("__import__('time').sleep(3600)", 0.2)
        assert 1.5 < time.monotonic() - before < 30


def test_what_only_sleeps_is_not_waited_for_as_long_as_what_is_held_up() -> None:
    with Impatient(kernel_manager_class=kernel_manager()) as session:
        before = time.monotonic()
        with pytest.raises(TookTooLong):
            session.ask("__import__('time').sleep(3600)", 0.5)
        assert time.monotonic() - before < 3  # eight times as long, were the machine busy


def test_the_time_that_counts_is_the_processor_time_of_what_runs() -> None:
    with Impatient(kernel_manager_class=kernel_manager()) as session:
        before = session.spent
        session.run(nbformat.v4.new_code_cell("import time\ntime.sleep(1)"))
        assert session.spent - before < 0.7
        session.run(nbformat.v4.new_code_cell("import time\nwhile time.process_time() < 1.2: pass"))
        after = session.spent
        assert after - before > 0.7
        session.restart()
        assert session.spent >= after


def test_a_session_has_an_end_whatever_it_starts_again() -> None:
    with Impatient(wall=3, kernel_manager_class=kernel_manager()) as session:
        session.run(nbformat.v4.new_code_cell("x = 1"))
        with pytest.raises(Ended, match="whole notebook took longer"):
            session.ask("__import__('time').sleep(3600)", 60)
        assert session.over


@pytest.mark.parametrize(
    "line",
    [
        "quit()",
        "exit()",
        "quit",
        "globals = locals = print = __import__ = eval = getattr = type = course_lib = 3",
        "del _, __",
        "In = Out = get_ipython = None",
    ],
)
def test_lines_that_end_or_shadow_something_cost_nothing(line: str) -> None:
    nb = make_submission(NOTEBOOK, ALL)
    for cell in nb.cells:
        if role_of(cell) and role_of(cell)[0] == "answer":
            cell.source += f"\n\n{line}"
    assert {verdict.status for verdict in run_and_judge(nb, NOTEBOOK, 5, Impatient)} == {"full"}


def test_right_answers_are_asked_the_hidden_cases_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that is wrong is asked the public ones once, in another process."""
    asked: list[tuple[str, bool, int]] = []
    own = Interview.ask

    def ask(self: Interview, cases, seed=None):
        asked.append((self.exercise.id, seed is not None, started))
        return own(self, cases, seed)

    class Counted(Impatient):
        def _open(self) -> None:
            nonlocal started
            started += 1
            super()._open()

    started = 0
    monkeypatch.setattr(Interview, "ask", ask)
    wrong = "def d_cos_x2(x):\n    return 1.5 * x"
    run_and_judge(make_submission(NOTEBOOK, ALL | {"cos-x2": wrong}), NOTEBOOK, 5, Counted)
    assert asked == [*((name, True, 1) for name in ALL), ("cos-x2", False, 2)]
