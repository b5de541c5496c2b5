"""Run a repaired submission from top to bottom, in a jail, and judge its exercises on the way.

The same code serves `course grade` and nbgrader's own `autograde`.
"""

from __future__ import annotations

from collections.abc import Callable

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.build.answer_key import AnswerKey, answer_keys
from autograder.build.source import role_of
from autograder.grade.interview import Interview
from autograder.grade.sanitize import sanitize
from autograder.grade.session import Ended, KernelSession, error_output, shortened
from autograder.grade.verdicts import explained, judge_public, judge_secret
from autograder.jail.choose import kernel_manager
from autograder.jail.keeper import kept_folder
from course_lib.check import report
from course_lib.exercises import PUBLIC_SEED
from course_lib.judging import Verdict, judge

MAX_RESTARTS = 8  # of one submission


def run_and_judge(
    nb: NotebookNode,
    notebook: str,
    seed: int,
    session: Callable[..., KernelSession] = KernelSession,
    trusted: bool = False,
) -> list[Verdict]:
    """Execute a repaired submission and write the verdicts into its check cells.

    nb: changed in place: outputs of every cell; in a check cell the report and the points, the way nbgrader reads them.
    seed: the course's secret seed.
    session: what runs the code.
    trusted: run it without a jail, with all rights of the person who grades.
    Returns one verdict for each exercise, in the order of the notebook.

    Raises:
        CourseError: when no jail can be made on this machine.
    """
    kernels = kernel_manager(trusted)
    with (
        kept_folder("submission-") as folder,
        session(kernel_manager_class=kernels, folder=folder) as started,
    ):
        verdicts = Run(started, notebook, seed).through(nb)
    sanitize(nb)
    return verdicts


class Run:
    """One submission, from its first cell to its last."""

    def __init__(self, session: KernelSession, notebook: str, seed: int) -> None:
        self.session = session
        self.public = answer_keys(notebook, PUBLIC_SEED)
        self.secret = answer_keys(notebook, seed)
        self.ran: list[NotebookNode] = []
        self.restarts = 0
        self.gave_up: str | None = None

    def through(self, nb: NotebookNode) -> list[Verdict]:
        verdicts = []
        for cell in nb.cells:
            role = role_of(cell)
            if role and role[0] == "check" and role[1] in self.secret:
                verdict = self.judge(self.public[role[1]], self.secret[role[1]])
                cell.outputs = check_outputs(verdict)
                verdicts.append(verdict)
            elif cell.cell_type == "code" and cell.source.strip():
                self.run(cell)
        return verdicts

    def run(self, cell: NotebookNode) -> None:
        """Run a cell. When it ends the process, a new one takes over with all cells before it."""
        if self.gave_up:
            cell.outputs = [error_output("NotRun", self.gave_up)]
            return
        try:
            self.session.run(cell)
            self.ran.append(cell)
        except Ended as end:
            cell.outputs = [*shortened(cell.outputs), error_output("Stopped", str(end))]
            self.revive(end)

    def revive(self, end: Ended) -> None:
        """Start a new process and run again what ran so far, without the cell that ended the last one."""
        self.restarts += 1
        if self.session.over:
            self.gave_up = str(end)
            return
        if self.restarts > MAX_RESTARTS:
            self.gave_up = f"{end} This was the last try: the notebook ended its process {self.restarts} times."
            return
        try:
            self.session.restart()
            for cell in self.ran:
                self.session.run(nbformat.from_dict(cell))
        except Ended as again:
            self.gave_up = f"{again} Running the notebook again ended the same way."

    def judge(self, public: AnswerKey, secret: AnswerKey) -> Verdict:
        """Ask one exercise, its public cases first, and judge the outcomes."""
        interview = Interview(secret.exercise, self.evaluate, lambda: self.session.spent)
        if not secret.exercise.ask_public:
            return judge_secret(secret, interview.ask(secret.cases))
        shown = judge_public(public, interview.ask(public.cases))
        if shown.status == "untouched":
            return shown
        return explained(judge_secret(secret, interview.ask(secret.cases)), shown)

    def evaluate(self, expression: str, seconds: float) -> str:
        """Evaluate an expression among the names of the notebook. When that ends the process, a new one takes over."""
        if self.gave_up:
            raise Ended(self.gave_up)
        try:
            return self.session.ask(expression, seconds)
        except Ended as end:
            self.revive(end)
            raise


def check_outputs(verdict: Verdict) -> list[NotebookNode]:
    """What a judged check cell shows: the report, then the points, where nbgrader looks for partial credit."""
    outputs = [new_output("stream", name="stdout", text=report(verdict) + "\n")]
    if verdict.points == 0 and verdict.max_points:
        return [*outputs, error_output("CheckFailed", verdict.feedback)]
    return [*outputs, new_output("execute_result", data={"text/plain": f"{verdict.points:g}"}, execution_count=None)]


def failed(notebook: str, reason: str) -> list[Verdict]:
    """The verdicts of a submission that could not be run at all: no points, and the reason."""
    keys = answer_keys(notebook, PUBLIC_SEED)
    reasons = {name: dict.fromkeys(each.cases, reason) for name, each in keys.items()}
    return [judge(each.exercise, each.cases, each.key, reasons[name]) for name, each in keys.items()]
