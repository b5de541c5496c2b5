"""The sample class: submissions of the first notebook as classes really hand them in, made from the zoo."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

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
    file: what it is called. late: it came after the due date. earlier: an attempt from before.
    section: of the roster.
    """

    student: str
    story: str
    answers: dict[str, str | None]
    lost: tuple[str, ...] = ()
    change: Callable[[NotebookNode], NotebookNode | str] = field(default=lambda nb: nb)
    file: str = f"{NOTEBOOK}.ipynb"
    late: bool = False
    earlier: dict[str, str | None] | None = None
    section: str = "A"

    @property
    def name(self) -> str:
        """What the student is called on the roster."""
        return self.student.replace("-", " ").title()

    def text(self) -> str:
        """The file that the student hands in."""
        changed = self.change(make_submission(NOTEBOOK, {id: _entry(name) for id, name in self.answers.items()}))
        return changed if isinstance(changed, str) else notebook_text(changed)

    def earlier_text(self) -> str:
        """The file of the attempt before."""
        return replace(self, answers=self.earlier or {}, earlier=None).text()

    def points(self) -> float:
        """The points that the student deserves, before a person reads what is in words."""
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


def _in_words(nb: NotebookNode) -> NotebookNode:
    nb.cells[_index(nb, ("written", "explain-magnitudes"))].source = (
        "The same small step changes the cost 32 times as much on the second weight. It says nothing about how large "
        "the weights are, and only holds for small steps from here."
    )
    return nb


def _not_json(nb: NotebookNode) -> str:
    return notebook_text(nb)[:2000]


ALL: dict[str, str | None] = {exercise.id: None for exercise in exercises_of(NOTEBOOK)}
OTHER_WAYS: dict[str, str | None] = {
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
    Sample("in-words", "everything right, and an answer in words that waits for a person", ALL, change=_in_words),
    Sample("late-one", "everything right, ten hours after the due date", ALL, late=True, section="B"),
    Sample("two-attempts", "a first attempt, then everything right", ALL, earlier=HALF, section="B"),
    Sample("renamed-file", "everything right, in a file called hw1 final", ALL, file="hw1 final.ipynb", section="B"),
    Sample("not-json", "a file that was cut off while it was uploaded", ALL, lost=tuple(ALL), change=_not_json),
)


ABSENT = "never-there"  # is on the roster and has handed in nothing
DUE = "2026-11-20 23:59"
TIMES = {"first": (2026, 11, 18, 10, 0, 0), "due": (2026, 11, 19, 12, 0, 0), "late": (2026, 11, 21, 9, 59, 0)}


def files() -> dict[str, str | bytes]:
    """Everything in examples/, by its path in there."""
    made: dict[str, str | bytes] = {f"class/{name}": text for name, text in nbgrader_files().items()}
    made["canvas.zip"] = zip_of(canvas_files())
    made["moodle.zip"] = zip_of(moodle_files())
    return made | {"roster.csv": roster(), "README.md": readme(), "SHA256SUMS": sums()}


def sums() -> str:
    """The list of the class's files as `sha256sum` writes it: where no jail can be made, just these run without one."""
    return "".join(f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in nbgrader_files().items())


def _handed_in() -> Iterator[tuple[int, Sample, str, str]]:
    """Each file that was handed in: (number of the student, sample, text, when)."""
    for number, each in enumerate(SAMPLES):
        if each.earlier is not None:
            yield number, each, each.earlier_text(), "first"
        yield number, each, each.text(), "late" if each.late else "due"


def nbgrader_files() -> dict[str, str]:
    """The class as nbgrader collects it; attempts are apart as its exchange keeps them."""
    made = {}
    for _, each, text, when in _handed_in():
        folder = f"{each.student}/{NOTEBOOK}"
        stamp = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.000000 UTC".format(*TIMES[when])
        if each.earlier is not None:
            folder = f"{each.student}+{NOTEBOOK}+{stamp}".replace(":", "-")
        made[f"{folder}/{each.file}"] = text
        if each.late or each.earlier is not None:
            made[f"{folder}/timestamp.txt"] = stamp
    return made


def canvas_files() -> dict[str, tuple[str, str]]:
    """What Canvas calls the files: the name, LATE, the person's number, the file's number. With when they came."""
    made = {}
    for count, (number, each, text, when) in enumerate(_handed_in()):
        *first, last = each.name.lower().split()
        name = last + "".join(first)
        late = "_LATE" if each.late else ""
        made[f"{name}{late}_{100 + number}_{5000 + count}_{each.file}"] = (text, when)
    return made


def moodle_files() -> dict[str, tuple[str, str]]:
    """What Moodle calls the folders: the full name and a number."""
    made = {}
    for number, each, text, when in _handed_in():
        file = each.file if when != "first" else f"first {each.file}"
        made[f"{each.name}_{700 + number}_assignsubmission_file_/{file}"] = (text, when)
    return made


def zip_of(named: Mapping[str, tuple[str, str]]) -> bytes:
    """A zip file that is the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, (text, when) in named.items():
            entry = zipfile.ZipInfo(name, TIMES[when])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return out.getvalue()


def roster() -> str:
    """The roster: ids, names, and the numbers that Canvas has for them."""
    lines = ["id,name,email,section,lms_user_id"]
    lines += [f"{s.student},{s.name},{s.student}@example.org,{s.section},{100 + n}" for n, s in enumerate(SAMPLES)]
    absent = ABSENT.replace("-", " ").title()
    return "\n".join([*lines, f"{ABSENT},{absent},{ABSENT}@example.org,B,{100 + len(SAMPLES)}"]) + "\n"


def readme() -> str:
    """The page that tells who is in the sample class."""
    rows = "\n".join(f"| {each.student} | {each.story} | {each.points():g} |" for each in SAMPLES)
    most = sum(exercise.points for exercise in exercises_of(NOTEBOOK))
    return f"""# The sample class

`python3 course grade examples/class` grades these submissions of notebook {NOTEBOOK[:2]}.
They are made by `course build` from known right and wrong answers, so it is known what each one deserves.

`canvas.zip` and `moodle.zip` hold the same class as these systems hand it over, and `roster.csv` says who is in it:

    python3 course grade examples/canvas.zip --roster examples/roster.csv --due "{DUE}" --late zero

| student | what happened | points of {most:g} |
|---|---|---|
{rows}
| {ABSENT} | is on the roster and has handed in nothing | – |
"""
