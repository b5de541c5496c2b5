"""Find the submissions of a class in what was handed over, and account for every file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from autograder.build.source import kind_of
from autograder.files import release_of
from autograder.grade.collecting.layouts import GRADESCOPE, LAYOUTS, SYSTEMS, Owner, Reader, is_notebook_name
from autograder.grade.collecting.people import People
from autograder.grade.collecting.recognize import Recognized, recognize
from autograder.grade.collecting.unpack import Found, files_of
from autograder.grade.reading import Unreadable, encodable
from autograder.grade.repair import read_submission
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

# What becomes of a file.
COLLECTED, ATTEMPT, WAITS = "collected", "another attempt", "waits for a decision"
UNUSABLE, UNKNOWN, IGNORED = "not a notebook", "not recognized", "ignored"
OUTCOMES = (COLLECTED, ATTEMPT, WAITS, UNUSABLE, UNKNOWN, IGNORED)

WAY_OUT = "Hand in the .ipynb file: in JupyterLab right-click it, then Download."
BESIDE = {GRADESCOPE: "Gradescope's list of who handed in", "timestamp.txt": "nbgrader's time of submission"}


@dataclass(frozen=True)
class Line:
    """The account of one file. student, notebook: as whom and as what it was taken, where that is known."""

    path: str
    outcome: str
    why: str = ""
    student: str = ""
    notebook: str = ""


@dataclass(frozen=True)
class HandedIn:
    """The file that counts for one student and notebook.

    place: what the system calls this hand-in. note: a sentence for the student about the file.
    attempts: the other files for the same notebook, which do not count.
    """

    student: str
    notebook: str
    path: str
    content: bytes
    time: datetime | None = None
    late: bool = False
    place: str = ""
    note: str = ""
    misnamed: bool = False
    attempts: tuple[Attempt, ...] = ()
    lms: str = ""


@dataclass(frozen=True)
class Attempt:
    """A file that does not count."""

    path: str
    content: bytes
    time: datetime | None = None


@dataclass(frozen=True)
class Waiting:
    """A student and a notebook ("" when it is not known) with nothing to grade, and why, for the student to read."""

    student: str
    notebook: str
    why: str
    place: str = ""


@dataclass
class Collected:
    """All that was found."""

    layout: str
    handed_in: list[HandedIn] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    account: list[Line] = field(default_factory=list)
    strangers: dict[str, list[str]] = field(default_factory=dict)  # with ids on the roster that look like theirs

    def count(self, outcome: str) -> int:
        """How many files had that outcome."""
        return sum(line.outcome == outcome for line in self.account)


@dataclass(frozen=True)
class _Candidate:
    student: str
    notebook: str
    found: Found
    owner: Owner
    misnamed: bool

    @property
    def content(self) -> bytes:
        """What is in the file: a notebook, so it was read."""
        assert self.found.content is not None
        return self.found.content

    @property
    def rank(self) -> tuple:
        """The later attempt is the larger one. What stands on a name that says another notebook counts least."""
        time = self.owner.time or self.found.time
        return (not self.misnamed, self.owner.attempt, time.timestamp() if time else 0.0)


def collect(
    path: Path,
    layout: str | None = None,
    people: People | None = None,
    student: str | None = None,
    take: Collection[str] = (),
) -> Collected:
    """Find who handed in what below `path`, a folder, a zip file or one file.

    layout: one of LAYOUTS, where it cannot be told from the names.
    people: the students of the class.
    student: whose everything is; for one file whose name does not say it.
    take: paths of files that count where two are equal.

    Raises:
        CourseError: when nothing in it belongs to this course, or a file to take is not there.
    """
    people = people or People()
    if layout and layout not in LAYOUTS:
        raise CourseError(f"there is no layout {layout!r}; known are {', '.join(LAYOUTS)}")
    try:
        found = list(files_of(path))
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from error
    if path.is_file() and len(found) == 1 and found[0].parts == (encodable(path.name),):
        found = [_with_its_folders(path, found[0])]
    for name in set(take) - {each.path for each in found}:
        raise CourseError(f"--take {name}: no such file was handed over. Write its path as collected.csv has it.")
    owned = [each for group, above in _groups(found, layout) for each in _owners(group, above, layout, student)]
    people.introduce(owner for _, owner, _ in owned if owner)
    names = sorted({name for _, _, name in owned})
    result = Collected(" and ".join(names))
    candidates: dict[tuple[str, str], list[_Candidate]] = {}
    rejected: list[tuple[str, Found, Recognized | None, Owner]] = []
    for each, owner, _ in owned:
        _sort(each, owner, people, result, candidates, rejected)
    for place, own in sorted(candidates.items()):
        _choose(place, own, result, take)
    _tell_the_rejected(rejected, result)
    result.account.sort(key=lambda line: (OUTCOMES.index(line.outcome), line.path))
    if not result.handed_in and not result.waiting:
        raise CourseError(_nothing(path, result))
    return result


def _nothing(path: Path, result: Collected) -> str:
    lines = [f"{line.path}: {line.outcome}, {line.why}" for line in result.account[:5]]
    more = f" and {len(result.account) - 5} more" if len(result.account) > 5 else ""
    seen = f" Found: {'; '.join(lines)}{more}." if lines else " It is empty."
    return f"{path} holds no submission of {', '.join(NOTEBOOKS)}.{seen} Layouts that are read: {', '.join(LAYOUTS)}"


def _with_its_folders(path: Path, found: Found) -> Found:
    """One file by itself is understood with the folders that it stands in, where these say something."""
    *_, above, folder = ("", "", *map(encodable, path.resolve().parent.parts[1:]))
    if is_notebook_name(folder):
        return replace(found, parts=(above, folder, encodable(path.name)))
    if any(read((folder, "")) for read in SYSTEMS.values()):
        return replace(found, parts=(folder, encodable(path.name)))
    return found


def _groups(found: Sequence[Found], layout: str | None) -> list[tuple[list[Found], int]]:
    """The files that have one layout, and how many of their folders are above it.

    A zip file of a system is a class by itself; a student's own zip file is none.
    """
    if layout:
        return [(list(found), 0)]
    zips: dict[str, list[Found]] = {}
    for each in found:
        if len(each.parts) > 1 and each.parts[0].lower().endswith(".zip"):
            zips.setdefault(each.parts[0], []).append(each)
    classes = [inside for name, inside in zips.items() if not _is_a_students(name) and _is_a_class(inside)]
    rest = [each for each in found if not any(each in inside for inside in classes)]
    return ([(rest, 0)] if rest else []) + [(inside, 1) for inside in classes]


def _is_a_students(name: str) -> bool:
    """True for a zip file that a system gave a student's name."""
    return any(read((name,)) for read in SYSTEMS.values())


def _is_a_class(inside: Sequence[Found]) -> bool:
    return Reader([replace(each, parts=each.parts[1:]) for each in inside]).name != "nbgrader"


def _owners(
    group: Sequence[Found], above: int, layout: str | None, student: str | None
) -> Iterator[tuple[Found, Owner | None, str]]:
    """Each file with each of its owners, and the layout."""
    inner = [replace(each, parts=each.parts[above:]) for each in group]
    reader = Reader(inner, layout)
    for each, inside in zip(group, inner, strict=True):
        owners = [Owner(student, file=each.parts[-1])] if student else reader.owners(inside)
        for owner in owners:
            yield each, owner, reader.name
        if not owners:
            yield each, None, reader.name


def _sort(
    found: Found,
    owner: Owner | None,
    people: People,
    result: Collected,
    candidates: dict[tuple[str, str], list[_Candidate]],
    rejected: list[tuple[str, Found, Recognized | None, Owner]],
) -> None:
    """Decide what one file is, and put it where it belongs."""
    say = result.account.append
    if found.ignored:
        return say(Line(found.path, IGNORED, found.ignored))
    if found.parts[-1] in BESIDE:
        return say(Line(found.path, IGNORED, BESIDE[found.parts[-1]]))
    kind = recognize((*found.parts[:-1], owner.file or found.parts[-1]) if owner else found.parts, found.content or b"")
    if not owner:
        what = found.problem or kind.what
        whose = "but whose it is cannot be told from its name; say --layout or --student" if kind.notebook else ""
        return say(Line(found.path, UNKNOWN if found.problem or kind.notebook else IGNORED, f"{what} {whose}".strip()))
    who = people.who(owner)
    if who.stranger:
        result.strangers.setdefault(who.student, people.similar(who.student))
    if found.problem or not kind.notebook:
        rejected.append((who.student, found, None if found.problem else kind, owner))
    elif not kind.notebooks:
        rejected.append((who.student, found, kind, owner))
    elif who.doubt:
        say(Line(found.path, WAITS, who.doubt, who.student, kind.notebooks[0]))
        result.waiting.append(
            Waiting(who.student, kind.notebooks[0], f"It is not clear whose file this is: {who.doubt}.")
        )
    else:
        for notebook in kind.notebooks:
            misnamed = bool(kind.named and notebook != kind.named and kind.named not in kind.contains)
            candidates.setdefault((who.student, notebook), []).append(
                _Candidate(who.student, notebook, found, owner, misnamed)
            )
    return None


def _choose(place: tuple[str, str], own: list[_Candidate], result: Collected, take: Collection[str]) -> None:
    """Of all files of one student for one notebook, the latest one counts. Two equal ones wait for a person."""
    student, notebook = place
    taken = [each for each in own if each.found.path in take]
    touched = [each for each in own if len(own) > 1 and not _untouched(each.content, notebook)]
    best = max(each.rank for each in taken or touched or own)
    equal = [each for each in taken or touched or own if each.rank == best]
    if len({each.found.content for each in equal}) > 1:
        names = " and ".join(each.found.path for each in equal)
        why = f"two files, and nothing says which one counts: {names}. Choose with --take"
        result.account += [Line(each.found.path, WAITS, why, student, notebook) for each in own]
        told = " and ".join(each.owner.file or each.found.parts[-1] for each in equal)
        result.waiting.append(
            Waiting(
                student, notebook, f"You handed in {told}, and it is not clear which one counts.", equal[0].owner.place
            )
        )
        return
    chosen = equal[0]
    others = [each for each in own if each is not chosen]
    result.account += [_line_of_an_attempt(each, chosen, notebook) for each in others]
    note = ""
    if chosen.misnamed:
        name = recognize(chosen.found.parts, chosen.content).named
        note = f"Your file is called like {name}, but {notebook} is in it, so it was graded as {notebook}."
    result.account.append(
        Line(chosen.found.path, COLLECTED, "by what is in it, not by its name" if note else "", student, notebook)
    )
    result.handed_in.append(
        HandedIn(
            student,
            notebook,
            chosen.found.path,
            chosen.content,
            chosen.owner.time or chosen.found.time,
            chosen.owner.late,
            chosen.owner.place,
            note,
            chosen.misnamed,
            tuple(Attempt(e.found.path, e.content, e.owner.time or e.found.time) for e in others),
            chosen.owner.ids.get("lms", ""),
        )
    )


def _line_of_an_attempt(own: _Candidate, chosen: _Candidate, notebook: str) -> Line:
    if own.found.content == chosen.found.content:
        why = f"the same as {chosen.found.path}"
    elif _untouched(own.content, notebook):
        why = "nothing was written in it"
    elif own.misnamed and not chosen.misnamed:
        why = f"its name says another notebook, and {chosen.found.path} is there"
    else:
        why = f"{chosen.found.path} is later"
    return Line(own.found.path, ATTEMPT, why, own.student, notebook)


def _untouched(content: bytes, notebook: str) -> bool:
    """True when the answers in a file are those that the course handed out."""
    try:
        cells = read_submission(content).cells
    except Unreadable:
        return False
    answers, all_cells = _handed_out(notebook)
    given = {cell.source.strip() for cell in cells}
    return answers <= given <= all_cells


@cache
def _handed_out(notebook: str) -> tuple[frozenset[str], frozenset[str]]:
    """The text of the answer cells of a release, and that of all its cells."""
    cells = release_of(notebook).cells
    answers = frozenset(cell.source.strip() for cell in cells if kind_of(cell) in ("answer", "written"))
    return answers, frozenset(cell.source.strip() for cell in cells)


def _tell_the_rejected(rejected: Sequence[tuple[str, Found, Recognized | None, Owner]], result: Collected) -> None:
    """Files that cannot be graded. Where nothing else of the student's can, the student is told why."""
    graded = {(each.student, each.notebook) for each in result.handed_in}
    has_some = {each.student for each in result.handed_in} | {each.student for each in result.waiting}
    common = {notebook for _, notebook in graded}
    told = set()
    for student, found, kind, owner in rejected:
        what = kind.what if kind else found.problem
        notebook = kind.notebooks[0] if kind and kind.notebooks else _named_or_common(found, common)
        beside = (student, notebook) in graded or (not notebook and student in has_some)
        if beside or (kind and kind.what == "text" and student in has_some):
            result.account.append(Line(found.path, IGNORED, f"{what}, beside a notebook", student))
            continue
        outcome = UNKNOWN if kind and kind.notebook else UNUSABLE
        what = f"{what} of no notebook of this course" if outcome == UNKNOWN else what
        result.account.append(Line(found.path, outcome, what, student, notebook or ""))
        if (student, notebook) not in told:
            told.add((student, notebook))
            name = owner.file or found.parts[-1]
            why = f"You handed in {what}{f' ({name})' if name else ''}, which cannot be graded. {WAY_OUT}"
            result.waiting.append(Waiting(student, notebook or "", why, owner.place))


def _named_or_common(found: Found, common: Collection[str]) -> str | None:
    """Which notebook a file was meant to be: by its name, else the one that all others handed in."""
    named = recognize(found.parts, b"").named
    return named or (next(iter(common)) if len(common) == 1 else None)
