"""The sample class: submissions of the first notebook as classes really hand them in, made from the zoo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder import zoo
from autograder.build.source import role_of
from autograder.build.submissions import make_submission
from autograder.files import notebook_text
from course_lib.exercises import NOTEBOOKS, exercises_of

NOTEBOOK = NOTEBOOKS[0]


@dataclass(frozen=True)
class Sample:
    """One student of the sample class.

    story: what the student did, for people.
    answers: by exercise, the name of an answer of the zoo, or None for the reference.
    lost: exercises that get no points for another reason than a trap.
    change: what happened to the file afterwards.
    """

    student: str
    story: str
    answers: dict[str, str | None]
    lost: tuple[str, ...] = ()
    change: Callable[[NotebookNode], NotebookNode | str] = field(default=lambda nb: nb)

    def text(self) -> str:
        """The file that the student hands in."""
        changed = self.change(make_submission(NOTEBOOK, {id: _entry(name) for id, name in self.answers.items()}))
        return changed if isinstance(changed, str) else notebook_text(changed)

    def points(self) -> float:
        """The points that the student deserves."""
        exercises = [each for each in exercises_of(NOTEBOOK) if each.id in self.answers and each.id not in self.lost]
        entries = [entry for entry in map(_entry, self.answers.values()) if entry and entry.exercise not in self.lost]
        lost = {(entry.exercise, name) for entry in entries for name in entry.loses}
        return sum(a.points for each in exercises for a in each.aspects if (each.id, a.name) not in lost)


def _entry(name: str | None) -> zoo.Entry | None:
    entries = [*zoo.traps(NOTEBOOK), *zoo.alternatives(NOTEBOOK)]
    return next(entry for entry in entries if entry.name == name) if name else None


def _index(nb: NotebookNode, role: tuple[str, str]) -> int:
    return next(index for index, cell in enumerate(nb.cells) if role_of(cell) == role)


def _without_a_check(nb: NotebookNode) -> NotebookNode:
    del nb.cells[_index(nb, ("check", "cos-x2"))]
    return nb


def _with_a_copied_cell(nb: NotebookNode) -> NotebookNode:
    """Copied and pasted in JupyterLab: a new cell id, but the same metadata, and the stub is still in the copy."""
    place = _index(nb, ("answer", "chain-forward"))
    copy = nbformat.from_dict(nb.cells[place])
    copy.id, copy.source = "a-pasted-copy", "def mse(y, g):\n    raise NotImplementedError('later')"
    nb.cells.insert(place, copy)
    return nb


def _raising_first(nb: NotebookNode) -> NotebookNode:
    nb.cells.insert(0, nbformat.v4.new_code_cell("import seaborn_that_is_not_installed", id="first"))
    return nb


def _endless(nb: NotebookNode) -> NotebookNode:
    nb.cells[
        _index(nb, ("answer", "wiggle"))
    ].source = "def wiggle(f, x, h):\n    while h > 0:\n        slope = (f(x + h) - f(x)) / h\n    return slope"
    return nb


def _not_json(nb: NotebookNode) -> str:
    return notebook_text(nb)[:2000]


ALL: dict[str, str | None] = {exercise.id: None for exercise in exercises_of(NOTEBOOK)}
OTHER_WAYS = {
    "wiggle": "with_numpy",
    "cos-x2": "by_sympy",
    "symbolic-gradient": "as_a_jacobian",
    "chain-forward": "mse_in_a_loop",
    "chain-gradient": "gradient_in_a_loop",
    "affected": "recursive",
    "sum-over-paths": "in_two_loops",
    "predict-change": "by_list_index",
    "chain-bugs": "fixed_in_a_loop",
}
HALF = dict.fromkeys(list(ALL)[:4])

SAMPLES = (
    Sample("perfect", "everything right", ALL),
    Sample("other-ways", "everything right, by loops, by SymPy and by recursion", ALL | OTHER_WAYS),
    Sample("untouched", "the notebook as it was handed out", {}),
    Sample(
        "sum-not-mean",
        "sums over the examples where the mean is asked for",
        ALL | {"chain-forward": "sum_of_squares", "chain-gradient": "gradient_of_the_sum"},
    ),
    Sample(
        "lost-on-the-way",
        "forgets factors of the chain",
        ALL | {"cos-x2": "no_inner_derivative", "chain-gradient": "w2_missing", "sum-over-paths": "only_one_path"},
    ),
    Sample(
        "many-slips",
        "a slip in most exercises",
        ALL
        | {
            "wiggle": "no_division",
            "chain-forward": "absolute_errors",
            "affected": "only_children",
            "predict-change": "largest_signed",
            "chain-bugs": "sum_left",
        },
    ),
    Sample("half-finished", "the first four exercises, then no time left", HALF),
    Sample("deleted-check", "everything right, but a check cell was deleted", ALL, change=_without_a_check),
    Sample("copied-cell", "everything right, but an answer cell is there twice", ALL, change=_with_a_copied_cell),
    Sample("raises-first", "everything right below a first cell that raises", ALL, change=_raising_first),
    Sample("endless-loop", "everything right but a loop that never ends", ALL, lost=("wiggle",), change=_endless),
    Sample("not-json", "a file that was cut off while it was uploaded", ALL, lost=tuple(ALL), change=_not_json),
)


def readme() -> str:
    """The page that tells who is in the sample class."""
    rows = "\n".join(f"| {each.student} | {each.story} | {each.points():g} |" for each in SAMPLES)
    most = sum(exercise.points for exercise in exercises_of(NOTEBOOK))
    return f"""# The sample class

`python3 course grade examples/class` grades these submissions of notebook {NOTEBOOK[:2]}.
They are made by `course build` from known right and wrong answers, so it is known what each one deserves.

| student | what happened | points of {most:g} |
|---|---|---|
{rows}
"""
