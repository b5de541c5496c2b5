"""Ask a changed answer, which may never end, and keep one number of what it gives for each aspect."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from course_lib.asking import Outcome, ask, observed
from course_lib.exercises import Aspect, Case, Exercise
from course_lib.prints import fingerprint, same_print

MOST_LINES = 30_000  # that one may run for an aspect: a change can make a loop that never ends
FILE = "<near miss>"


def defined_answer(exercise: Exercise, names: dict[str, Any], tree: ast.Module) -> Any:
    """The answer that changed code defines; None where it defines none."""
    own = dict(names)
    try:
        with _a_few_lines():
            exec(compile(tree, FILE, "exec"), own)
        return exercise.bundle(*(own[name] for name in exercise.answers))
    except Exception:  # a change may make code that means nothing
        return None


def prints_of(
    exercise: Exercise, aspects: Sequence[Aspect], cases: Mapping[str, Sequence[Case]], answer: Any
) -> dict[str, float]:
    """What an answer gives, by aspect, in one number each; nothing when one of its cases fails."""
    found = {}
    for aspect in aspects:
        given = []
        for case in cases[aspect.name]:
            with _a_few_lines():  # for each case anew: Python stops looking at lines after an error
                given.append(ask(exercise, aspect, answer, case.inputs))
            if given[-1].error or given[-1].broken:
                return {}
        number = fingerprint(observed(aspect, cases[aspect.name], given))
        if number is None:
            return {}
        found[aspect.name] = number
    return found


def given_in(exercise: Exercise, aspect: Aspect, cases: Sequence[Case], answer: Any) -> list[Outcome]:
    """What an answer gives in all cases of an aspect; nothing when it fails in one of them."""
    given = [ask(exercise, aspect, answer, case.inputs) for case in cases]
    given = observed(aspect, cases, given)
    return [] if any(outcome.error or outcome.broken for outcome in given) else given


def lost(given: Mapping[str, Sequence[Outcome]], right: Mapping[str, Sequence[Outcome]]) -> dict[str, float]:
    """The fingerprints of the aspects in which something else is given than what is right."""
    prints = {name: fingerprint(each) for name, each in given.items()}
    known = {name: number for name, number in prints.items() if number is not None}
    return {name: number for name, number in known.items() if not same_print(number, fingerprint(right[name]))}


@contextmanager
def unheard() -> Iterator[None]:
    """A change may hand NaN to LAPACK, which says so on the standard output of the process, past Python."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _a_few_lines() -> Iterator[None]:
    """Stop a near miss that runs for too many lines, however fast the machine is."""
    left = MOST_LINES

    def lines(frame: Any, event: str, arg: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left < 0:
            raise TimeoutError("a near miss that does not end")
        return lines

    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: lines if frame.f_code.co_filename == FILE else None)
    try:
        yield
    finally:
        sys.settrace(before)
