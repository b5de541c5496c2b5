"""Run a repaired submission from top to bottom, in a jail, and judge its exercises on the way.

The hidden cases alone decide; what is lost is explained by the public ones, in a process that has not heard of a hidden
case yet, so that no answer can tell its student what these were. In a quick notebook the hidden cases are asked first.
Where all of them are right nothing else is asked; the rest is explained at the end, for which the notebook runs once
more. In a notebook whose cells take long, the public cases are asked first: to run it once more would nearly double the
time of each submission that loses something, to spare the others a tenth.

The same code serves `course grade` and nbgrader's own `autograde`.
"""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import nbformat
from nbformat import NotebookNode

from autograder.build.answer_key import AnswerKey, answer_keys, keys_to_explain
from autograder.build.source import kind_of, role_of
from autograder.grade.carried import Carried, may_define
from autograder.grade.interview import AskAgain, Interview, Outcomes
from autograder.grade.nodes import code_cell, error, printed, result
from autograder.grade.reasons import line_above_the_code, names_used, why_missing, why_undefined
from autograder.grade.repair import STUB
from autograder.grade.sanitize import sanitize
from autograder.grade.session import Ended, KernelSession, TookTooLong, shortened
from autograder.grade.verdicts import (
    all_stubs,
    explained,
    judge_public,
    judge_secret,
    judged_in_full,
    stub_met,
)
from autograder.jail.choose import kernel_manager
from autograder.jail.keeper import kept_folder
from autograder.jail.process import Burden
from course_lib.asking import UNDEFINED, Outcome
from course_lib.check import report
from course_lib.exercises import NOTEBOOKS, PUBLIC_SEED, Exercise
from course_lib.judging import Verdict, judge
from course_lib.plain import NotPlain
from course_lib.stopped import hint_for

QUICK = NOTEBOOKS[:4]  # their cells take a quarter of a second at most, those of the others up to four seconds
MAX_ENDED = 8  # cells of one submission that end their process; how often questions may, an interview limits
MOMENT = 0.2  # seconds in which threads show whether they are at work
SLEEPING = 32  # threads that questions may leave behind
HELD = 100 << 20  # bytes that questions may leave behind in a process that others are asked in
SETS = 3  # of hidden cases in a class
SECONDS_TO_LOOK = 10
MAX_NAMES = 500  # that are looked for, of those that a notebook uses
NO_NAME, NOT_WRITTEN = hint_for("NameError", ""), hint_for("NotImplementedError", "")
# Written without any name that a notebook may have given to something else.
DEFINED = "(lambda names: ''.join('01'[name in names] for name in {names!r}))((lambda: 0).__globals__)"

Told = TypeVar("Told")


def run_and_judge(
    nb: NotebookNode,
    notebook: str,
    seed: int,
    session: Callable[..., KernelSession] = KernelSession,
    trusted: bool = False,
    follow_through: bool = True,
) -> list[Verdict]:
    """Execute a repaired submission and write the verdicts into its check cells.

    nb: changed in place: outputs of every cell; in a check cell the report and the points, the way nbgrader reads them.
    seed: the course's secret seed.
    session: what runs the code.
    trusted: run it without a jail, with all rights of the person who grades.
    follow_through: what is right on top of an earlier known mistake keeps its points.
    Returns one verdict for each exercise, in the order of the notebook.

    Raises:
        CourseError: when no jail can be made on this machine.
    """
    kernels = kernel_manager(trusted)
    with (
        kept_folder("submission-") as folder,
        session(kernel_manager_class=kernels, folder=folder) as started,
    ):
        verdicts = Run(started, notebook, seed_of(nb, seed), follow_through).through(nb)
    sanitize(nb)
    return verdicts


def seed_of(nb: NotebookNode, seed: int) -> int:
    """The seed of the hidden cases for one submission: one of several of the class, chosen by the code in it.

    The same code is asked the same cases, each time; what somebody finds out about his cases helps few others. Which
    set it is depends on the class's seed too, so that nobody can try at home what code is asked the same cases.
    """
    code = "\0".join(cell.source for cell in nb.cells if cell.cell_type == "code").encode("utf-8", "replace")
    return hidden_seeds(seed)[hashlib.sha256(f"{seed}\0".encode() + code).digest()[0] % SETS]


def hidden_seeds(seed: int) -> list[int]:
    """The seeds of all sets of hidden cases of a class."""
    return [int.from_bytes(hashlib.sha256(f"{seed} {number}".encode()).digest()[:16]) for number in range(SETS)]


@dataclass(frozen=True)
class Judged:
    """What the hidden cases said of one exercise at one place of the notebook.

    verdict: what is told of it, if nothing more is asked.
    full: the judge's own, with all details; None where the public cases have nothing to explain.
    failed: the aspects that could not be asked, and why.
    carried: what was known of the exercises before it. place: how many cells had run.
    """

    verdict: Verdict
    full: Verdict | None = None
    outcomes: Outcomes = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    carried: Carried | None = None
    place: int = 0


class Run:
    """One submission, from its first cell to its last."""

    def __init__(self, session: KernelSession, notebook: str, seed: int, follow_through: bool = True) -> None:
        self.session = session
        self.carried = Carried(notebook, follow_through)
        self.public_first = notebook not in QUICK
        self.public = keys_to_explain(notebook)
        self.secret = answer_keys(notebook, seed)
        self.ran: list[NotebookNode] = []
        self.asked: set[str] = set()  # exercises, in the process that runs now
        self.gave_up: str | None = None
        self.cells: list[NotebookNode] = []  # the code
        self.ended: dict[int, str] = {}  # by id() of a cell, why its process was stopped

    def through(self, nb: NotebookNode) -> list[Verdict]:
        """Run every cell and judge every exercise at its check. One that is not right there is asked once more at the
        end, when a later cell defines one of its names: that is what Run All would leave."""
        self.cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        checks: dict[str, tuple[NotebookNode, Judged]] = {}
        for cell in self.cells:
            role = role_of(cell)
            if role and role[0] == "check" and role[1] in self.secret:
                checks[role[1]] = (cell, self.judge_here(role[1]))
            elif role and role[0] == "answer" and cell.metadata.get("course") == STUB:
                self.run_stub(cell, self.secret[role[1]].exercise.answers)
            elif cell.source.strip():
                self.carried.ran(role[1] if role and role[0] == "answer" else None, cell.source)
                self.run(cell)
        for name, (cell, judged) in checks.items():
            if judged.verdict.status != "full" and self._defined_after(cell, self.secret[name].exercise.answers):
                again = self.judge_here(name)
                checks[name] = (cell, again if again.verdict.points > judged.verdict.points else judged)
        verdicts = self.explained({name: judged for name, (_, judged) in checks.items()})
        for name, (cell, _) in checks.items():
            cell.outputs = check_outputs(verdicts[name])
        return list(verdicts.values())

    def explained(self, found: Mapping[str, Judged]) -> dict[str, Verdict]:
        """The verdicts, with what the public cases show of the mistakes."""
        verdicts = {name: judged.verdict for name, judged in found.items()}
        lost = sorted((name for name in found if found[name].full), key=lambda name: found[name].place)
        if not lost or self.session.over:
            return verdicts
        cells, self.ran, self.gave_up, done = self.ran, [], None, 0
        self.revive(self.session.too_late)
        for name in lost:
            for cell in cells[done : found[name].place]:
                self.run(nbformat.from_dict(cell))
            if self.gave_up:
                break
            done = found[name].place
            verdicts[name] = self._leaving_nothing(name, partial(self.explain, name, found[name]))
        return verdicts

    def _defined_after(self, check: NotebookNode, names: Sequence[str]) -> bool:
        place = next(index for index, cell in enumerate(self.cells) if cell is check)
        later = [cell for cell in self.cells[place:] if kind_of(cell) != "check"]
        return any(may_define(cell.source, name) for name in names for cell in later)

    def run_stub(self, cell: NotebookNode, names: Sequence[str]) -> None:
        """Run an answer cell without an answer: it defines what nothing before it has defined, and nothing else."""
        missing = self.missing(names)
        if missing == list(names):
            self.run(cell)
            return
        if missing:
            self.run(code_cell(_without(cell.source, set(names) - set(missing))))
        text = f"(not run: {', '.join(name for name in names if name not in missing)} is defined above)\n"
        cell.outputs = [printed(text)]

    def missing(self, names: Sequence[str]) -> list[str]:
        """Which of these names the notebook has not defined; all of them when it cannot be asked."""
        try:
            flags = self.evaluate(DEFINED.format(names=list(names)), SECONDS_TO_LOOK).strip("'")
        except (Ended, TookTooLong, NotPlain):
            return list(names)
        return [name for name, flag in zip(names, flags, strict=False) if flag == "0"]

    def run(self, cell: NotebookNode) -> None:
        """Run a cell. When it ends the process, a new one takes over with all cells before it.

        What a question left behind may have ended it: then the cell runs once more, in the new one.
        """
        if self.gave_up:
            cell.outputs = [error("NotRun", self.gave_up)]
            self.ended[id(cell)] = self.gave_up
            return
        try:
            self.session.run(cell)
            self.ran.append(cell)
        except Ended as end:
            asked_before = bool(self.asked)
            cell.outputs = [*shortened(cell.outputs), error("Stopped", str(end))]
            if len(self.ended) == MAX_ENDED:
                self.gave_up = f"{end} This was the last try: the notebook ended its process {MAX_ENDED + 1} times."
            else:
                self.revive(str(end))
            if asked_before and not self.gave_up:
                self.run(cell)
            else:
                self.ended[id(cell)] = str(end)

    def revive(self, end: str) -> None:
        """Start a new process and run again what ran so far, without the cell that ended the last one."""
        if self.session.over:
            self.gave_up = end
            return
        self.asked = set()
        try:
            self.session.restart()
            for cell in self.ran:
                self.session.run(nbformat.from_dict(cell))
        except Ended as again:
            self.gave_up = f"{again} Running the notebook again ended the same way."

    def judge_here(self, name: str) -> Judged:
        """The verdict on one exercise at this point of the notebook."""
        return self._leaving_nothing(name, partial(self.judge, self.secret[name], self._answer_cell(name)))

    def _answer_cell(self, name: str) -> NotebookNode:
        return next((cell for cell in self.cells if role_of(cell) == ("answer", name)), code_cell())

    def _leaving_nothing(self, name: str, ask: Callable[[], Told]) -> Told:
        """Ask an exercise. Whatever that leaves running, in memory or in files ends here: the next one is asked in a
        new process."""
        before = None if self.gave_up else self.session.burden
        answer = ask()
        self.asked.add(name)
        if before and not self.gave_up and self._left_something(before, self.session.burden):
            self.revive(self.session.too_late)
        return answer

    def _left_something(self, before: Burden, after: Burden) -> bool:
        """A few threads that sleep are what libraries keep for their next call, and no burden."""
        if after.processes > before.processes or after.bytes > before.bytes + HELD:
            return True
        if after.threads <= before.threads:
            return False
        used = self.session.spent
        time.sleep(MOMENT)
        return self.session.spent - used > MOMENT / 4 or after.threads > before.threads + SLEEPING

    def told(self, verdict: Verdict, own: NotebookNode) -> Verdict:
        """The verdict with the real reason where it lies in the cells: the name that is missing, the line left over."""
        unwritten = verdict.status == "untouched" or NOT_WRITTEN in verdict.feedback
        if unwritten and own.metadata.get("course") != STUB:
            line = line_above_the_code(own.source)
            left = (
                f"Line {line} of the answer cell, raise NotImplementedError, still stands above your code. Delete it."
            )
            return replace(verdict, feedback=left) if line else verdict
        if NO_NAME not in verdict.feedback:
            return verdict
        known = self.secret[verdict.exercise].exercise.answers[0]  # where it is missing, nothing could be asked
        sources = [own, *(cell for cell in self.ran if cell is not own)]
        used = list(dict.fromkeys(name for cell in sources for name in names_used(cell.source)))[:MAX_NAMES]
        missing = self.missing([known, *used])
        if not missing or known in missing:
            return verdict
        reason = why_undefined(missing[0], self.cells, self.ended)
        return replace(verdict, feedback=verdict.feedback.replace(NO_NAME, reason))

    def judge(self, secret: AnswerKey, own: NotebookNode) -> Judged:
        """Ask the cases of one exercise, and judge the outcomes.

        own: the answer cell, for the reason why it has not defined what is asked for.
        """
        exercise = secret.exercise
        if exercise.ask_public and self.public_first:
            return Judged(self.told(self._judge_public_first(secret, own), own))
        carried = self.carried.as_it_is()
        interview = self._interview(exercise)
        outcomes = interview.ask(secret.cases, secret.seed)
        nothing_there = self._without_a_name(secret, own, outcomes)
        if nothing_there:
            return Judged(self.told(nothing_there, own))
        full = judged_in_full(secret, outcomes)
        stub = stub_met(secret, outcomes, self.carried.unanswered)
        if stub and exercise.ask_public:
            public = self.public[exercise.id]
            shown = judge_public(public, all_stubs(public.cases, stub))
            verdict = explained(secret, outcomes, full, shown)
            return Judged(self.told(self.carried.judged(secret, outcomes, verdict), own))
        verdict = self.told(self.carried.judged(secret, outcomes, judge_secret(secret, outcomes, full=full)), own)
        if not full.feedback or full.status == "failed" or not exercise.ask_public:
            return Judged(verdict)
        return Judged(verdict, full, outcomes, interview.failed, carried, len(self.ran))

    def _judge_public_first(self, secret: AnswerKey, own: NotebookNode) -> Verdict:
        public, interview = self.public[secret.exercise.id], self._interview(secret.exercise)
        answers = interview.ask(public.cases)
        nothing_there = self._without_a_name(secret, own, answers)
        if nothing_there:
            return nothing_there
        if self.asked and _says_something(answers) and not self.gave_up:
            # It may repeat what the hidden cases of an earlier exercise were. A new process has not heard of them.
            self.revive(self.session.too_late)
            interview = self._interview(secret.exercise)
            answers = interview.ask(public.cases)
        shown = judge_public(public, answers)
        if shown.status == "untouched":
            return self.carried.judged(secret, {}, shown)
        outcomes = interview.ask(secret.cases, secret.seed)
        full = judged_in_full(secret, outcomes)
        return self.carried.judged(secret, outcomes, explained(secret, outcomes, full, shown))

    def _without_a_name(self, secret: AnswerKey, own: NotebookNode, outcomes: Outcomes) -> Verdict | None:
        """The verdict where the notebook has not defined what is asked for; None where it has."""
        exercise = secret.exercise
        missing = self.missing(exercise.answers) if _lacks_a_name(outcomes) and not self.gave_up else []
        if not missing or self.gave_up:  # asking what is missing may be the end of it
            return None
        reason = why_missing(missing[0], own, self.cells, self.ended)
        verdict = judge(exercise, secret.cases, secret.key, dict.fromkeys(secret.cases, reason))
        return self.carried.judged(secret, {}, verdict)

    def explain(self, name: str, judged: Judged) -> Verdict:
        """The verdict with what the public cases show, at the same place of the notebook."""
        public, secret = self.public[name], self.secret[name]
        interview = self._interview(secret.exercise)
        interview.failed |= judged.failed
        assert judged.carried and judged.full
        shown = judge_public(public, interview.ask(public.cases))
        verdict = explained(secret, judged.outcomes, judged.full, shown)
        return self.told(judged.carried.judged(secret, judged.outcomes, verdict), self._answer_cell(name))

    def _interview(self, exercise: Exercise) -> Interview:
        return Interview(exercise, self.evaluate_each, lambda: self.session.spent)

    def evaluate(self, expression: str, seconds: float) -> str:
        """Evaluate an expression among the names of the notebook. When that ends the process, a new one takes over.

        What an exercise before left behind may have ended it: then it is evaluated once more, in the new one.

        Raises:
            Ended: when that ended it, or an earlier one for good.
            TookTooLong: when there is no reply in time.
            NotPlain: when the reply is not a text or is too long.
        """
        if self.gave_up:
            raise Ended(self.gave_up)
        try:
            return self.session.ask(expression, seconds)
        except Ended as end:
            asked_before = bool(self.asked)
            self.revive(str(end))
            if not asked_before:
                raise
        return self.evaluate(expression, seconds)

    def evaluate_each(self, expression: str, count: int, seconds: Callable[[], float]) -> Iterator[str]:
        """The same for an expression that says some texts, one after the other.

        Raises:
            AskAgain: when the process ended, and an exercise that was asked in it before may be why.
        """
        if self.gave_up:
            raise Ended(self.gave_up)
        try:
            yield from self.session.ask_each(expression, count, seconds)
        except Ended as end:
            asked_before = bool(self.asked)
            self.revive(str(end))
            if asked_before and not self.gave_up:
                raise AskAgain from None
            raise


def _each(outcomes: Outcomes) -> list[Outcome]:
    """The outcomes of all aspects that could be asked."""
    return [outcome for given in outcomes.values() if not isinstance(given, str) for outcome in given]


def _lacks_a_name(outcomes: Outcomes) -> bool:
    """Whether it says that the notebook has not defined what is asked for. An answer may say so, too."""
    return any(outcome.error == "NameError" and outcome.message.endswith(UNDEFINED) for outcome in _each(outcomes))


def _says_something(outcomes: Outcomes) -> bool:
    """Whether the student would read text that the answer has made: the name, the words or the line of an error."""
    return any(outcome.error and not outcome.untouched for outcome in _each(outcomes))


def _without(stub: str, names: set[str]) -> str:
    """The text of a stub of the course without what it defines by these names."""
    tree = ast.parse(stub)
    tree.body = [each for each in tree.body if getattr(each, "name", None) not in names]
    return ast.unparse(tree)


def check_outputs(verdict: Verdict) -> list[NotebookNode]:
    """What a judged check cell shows: the report, then the points, where nbgrader looks for partial credit."""
    outputs = [printed(report(verdict) + "\n")]
    if verdict.points == 0 and verdict.max_points:
        return [*outputs, error("CheckFailed", verdict.feedback)]
    return [*outputs, result(f"{verdict.points:g}")]


def failed(notebook: str, reason: str) -> list[Verdict]:
    """The verdicts of a submission that could not be run at all: no points, and the reason."""
    keys = answer_keys(notebook, PUBLIC_SEED)
    reasons = {name: dict.fromkeys(each.cases, reason) for name, each in keys.items()}
    return [judge(each.exercise, each.cases, each.key, reasons[name]) for name, each in keys.items()]
