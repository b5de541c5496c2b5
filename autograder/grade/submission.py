"""One submission, from its bytes to its verdicts. Whatever is in it, it ends with a verdict and a reason.

What touches the bytes, and what talks to the kernel that runs them, is done apart, within memory and time. What all
submissions share is made before that, in this process: the keys, and the warm process that kernels are forked from.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from nbformat import NotebookNode

from autograder import files
from autograder.build.answer_key import answer_keys, fetch_mistakes, keys_to_explain
from autograder.build.source import role_of
from autograder.files import notebook_file, release_of
from autograder.grade.apart import Broken, apart
from autograder.grade.carried import know_cells
from autograder.grade.interview import know_requests
from autograder.grade.reading import Unreadable, read_file
from autograder.grade.repair import read_submission, repair
from autograder.grade.run import check_outputs, failed, hidden_seeds, run_and_judge, seed_of
from autograder.grade.sanitize import know_pictures
from autograder.jail.choose import end_what_was_used, kernel_manager, make_ahead
from course_lib.errors import CourseError
from course_lib.exercises import PUBLIC_SEED
from course_lib.judging import Verdict

READING = 120  # seconds for reading and repairing
TOO_MUCH = "The notebook could not be graded: {reason} Clear all outputs and look for what is very large."

Done = TypeVar("Done")
Graded = tuple[NotebookNode, list[Verdict], list[str]]


def _release(notebook: str) -> NotebookNode:
    """The release, read once until it is built anew: a worker of a scheduler lives for weeks. Nothing in this process
    changes it; what works on it is a process of its own."""
    return _release_of(notebook, notebook_file(files.RELEASE, notebook).stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _release_of(notebook: str, built: int) -> NotebookNode:
    return release_of(notebook)


def warm_up(trusted: bool = False) -> None:
    """Start what this process forks kernels from. Where no jail can be made, the first submission says so."""
    with contextlib.suppress(CourseError):
        make_ahead(trusted)


def as_it_is(nb: NotebookNode, verdicts: list[Verdict], notes: list[str]) -> Graded:
    """All that came of a submission."""
    return nb, verdicts, notes


def judge_submission(
    content: bytes,
    notebook: str,
    seed: int,
    trusted: bool = False,
    follow_through: bool = True,
    packed: Callable[[NotebookNode, list[Verdict], list[str]], Any] = as_it_is,
) -> Any:
    """The executed notebook, a verdict for each exercise, and a sentence for each thing that was put right.

    content: the bytes of the file.
    seed: the secret seed of the class.
    packed: makes of these three what is returned, where the submission was judged: a whole notebook takes long to
        bring from there.

    Raises:
        CourseError: when no jail can be made on this machine.
        RuntimeError: when the grader itself fails, with its traceback.
    """
    _know(notebook, hidden_seeds(seed), trusted)
    release = _release(notebook)
    try:
        work = partial(_judged, content, release, notebook, seed, trusted, follow_through, packed)
        result, unreadable = _in_a_jail(work, trusted)
    except Broken as broken:
        return packed(*_broken(content, release, notebook, TOO_MUCH.format(reason=broken)))
    return packed(*_not_run(release, notebook, unreadable)) if unreadable else result


def judge_repaired(
    nb: NotebookNode, notebook: str, seed: int, trusted: bool = False
) -> tuple[NotebookNode, list[Verdict]]:
    """The same for a notebook that is repaired already, as nbgrader's own `autograde` has it: executed, and verdicts.

    Raises:
        CourseError: when no jail can be made on this machine.
        RuntimeError: when the grader itself fails, with its traceback.
    """
    _know(notebook, [seed_of(nb, seed)], trusted)
    try:
        return _in_a_jail(partial(_run, nb, notebook, seed, trusted), trusted)
    except Broken as broken:
        nb, verdicts, _ = _not_run(nb, notebook, TOO_MUCH.format(reason=broken))
        return nb, verdicts


def _know(notebook: str, seeds: Sequence[int], trusted: bool) -> None:
    """Have in this process what its forks need, and none of them changes.

    Raises:
        CourseError: when no jail can be made on this machine.
    """
    kernel_manager(trusted)  # starts the warm process
    keys_to_explain(notebook)
    for each in (PUBLIC_SEED, *seeds):
        fetch_mistakes(notebook, each)
        for key in answer_keys(notebook, each).values():
            know_requests(key.exercise, key.cases)
    know_pictures(notebook)
    know_cells(_release(notebook), notebook)


def _in_a_jail(work: Callable[[], Done], trusted: bool) -> Done:
    """Work that runs a submission, done apart. The jail for the next one is made meanwhile."""
    try:
        return apart(work, meanwhile=partial(make_ahead, trusted))
    finally:
        end_what_was_used()


def _run(nb: NotebookNode, notebook: str, seed: int, trusted: bool) -> tuple[NotebookNode, list[Verdict]]:
    verdicts = run_and_judge(nb, notebook, seed, trusted=trusted)
    return nb, verdicts


def read_apart(path: Path) -> None:
    """Read a notebook within memory and time, to see whether that can be done.

    Raises:
        Unreadable: when it cannot.
    """
    try:
        reason = apart(partial(_why_unreadable, path), seconds=READING)
    except Broken as broken:
        reason = TOO_MUCH.format(reason=broken)
    if reason:
        raise Unreadable(reason)


def _why_unreadable(path: Path) -> str:
    try:
        read_submission(read_file(path))
    except Unreadable as reason:
        return str(reason)
    return ""


def repaired(content: bytes, notebook: str) -> tuple[NotebookNode, list[str]]:
    """The repaired notebook, and a sentence for each thing that was put right; within memory and time.

    Raises:
        Unreadable: when the file cannot be read, or not within these bounds.
    """
    try:
        nb, notes = apart(partial(_repaired, content, _release(notebook)), seconds=READING)
    except Broken as broken:
        raise Unreadable(TOO_MUCH.format(reason=broken)) from None
    if nb is None:
        raise Unreadable(notes[0])
    return nb, notes


def _judged(
    content: bytes,
    release: NotebookNode,
    notebook: str,
    seed: int,
    trusted: bool,
    follow_through: bool,
    packed: Callable[[NotebookNode, list[Verdict], list[str]], Any],
) -> tuple[Any, str]:
    """All of it in one process: what came of it, or why the file cannot be read."""
    nb, notes = _repaired(content, release)
    if nb is None:
        return None, notes[0]
    verdicts = run_and_judge(nb, notebook, seed, trusted=trusted, follow_through=follow_through)
    return packed(nb, verdicts, notes), ""


def _repaired(content: bytes, release: NotebookNode) -> tuple[NotebookNode | None, list[str]]:
    try:
        return repair(read_submission(content), release)
    except Unreadable as reason:
        return None, [str(reason)]


def _broken(content: bytes, release: NotebookNode, notebook: str, reason: str) -> Graded:
    """No points. Where the file can be read, the student's notebook shows the reason, else the release does."""
    try:
        nb, notes = apart(partial(_repaired, content, release), seconds=READING)
    except Broken as broken:
        nb, notes = None, [TOO_MUCH.format(reason=broken)]
    return _not_run(release, notebook, notes[0]) if nb is None else _not_run(nb, notebook, reason)


def _not_run(nb: NotebookNode, notebook: str, reason: str) -> Graded:
    """No points for anything, and the reason in every check of a copy of the notebook."""
    nb = copy.deepcopy(nb)
    verdicts = failed(notebook, reason)
    by_name = {verdict.exercise: verdict for verdict in verdicts}
    for cell in nb.cells:
        role = role_of(cell)
        if role and role[0] == "check" and role[1] in by_name:
            cell.outputs = check_outputs(by_name[role[1]])
    return nb, verdicts, [reason]
