"""Whose a file is: how nbgrader and the learning-management systems lay out what a class handed in.

A layout reads the folders and the name of one file. What it cannot read is told, not guessed.

| layout      | what it looks like |
|-------------|--------------------|
| nbgrader    | ada/01_chain_rule/FILE, timestamp.txt; submitted/ada/…; ada+01_chain_rule+2026-11-20 14:03:22 UTC/FILE |
| canvas      | lovelaceada_42_777_FILE, lovelaceada_LATE_42_777_FILE-1.ipynb |
| moodle      | Ada Lovelace_123_assignsubmission_file_/FILE, or without folders …_assignsubmission_file_FILE |
| blackboard  | Homework 1_alovelace_attempt_2026-11-20-14-03-22_FILE |
| brightspace | 123456-789 - Ada Lovelace - Nov 20, 2026 203 PM/FILE, or without folders … 203 PM - FILE |
| gradescope  | assignment_1_export/submission_456/FILE with submission_metadata.yml |
| classroom   | Ada Lovelace - FILE |
| folders     | ada/…/FILE: one folder a student |
| files       | ada_01_chain_rule.ipynb, ada.ipynb: one file a student |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import yaml
from nbgrader.utils import parse_utc

from autograder.grade.collecting.recognize import as_text, named
from autograder.grade.collecting.unpack import Found
from course_lib.exercises import NOTEBOOKS, module_name

# Folders between a student's and the notebook's that nobody is called by.
WRAPPERS = ("work", "notebooks", "submission", "src", "home", "release", "assignments")
ROOTS = ("submitted", "submissions", "autograded", "inbound")
TEXT_EXTENSIONS = (".ipynb", ".json", ".txt")


@dataclass(frozen=True)
class Owner:
    """Who handed in a file, as far as the layout says.

    id: what the system calls the person, without anything that belongs to the file.
    name: the full name, where the system gives one.
    ids: further ids of the person: "lms" (the system's own number), "number" (the university's), "email", "login",
        "participant" (Moodle's, of one assignment).
    place: what the system calls the place of this hand-in, which a feedback file needs to find back.
    file: the name of the file without all this.
    """

    id: str
    name: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    time: datetime | None = None
    late: bool = False
    attempt: int = 0
    place: str = ""
    file: str = ""


Layout = Callable[[tuple[str, ...]], Owner | None]

CANVAS = re.compile(
    r"(?P<name>[^_]+(?:_[^_]+)*?)_(?P<late>LATE_)?(?P<user>\d+)_(?:(?P<file>[1-9]\d*)_(?P<rest>.+)|text\.html)",
    re.IGNORECASE,
)
ANONYMOUS = re.compile(r"(?P<name>anon_\w{5})_(?P<late>LATE_)?(?P<file>\d+)_(?P<rest>.+)", re.IGNORECASE)
MOODLE = re.compile(r"(?P<name>.+)_(?P<participant>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL)
BLACKBOARD = re.compile(r".+_(?P<login>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)")
BRIGHTSPACE = re.compile(
    r"(?P<user>\d+)-\d+ ?- ?(?P<name>.+?) ?- ?(?P<time>\w{3,9} \d{1,2}, \d{4} \d{1,2}:?\d\d ?[AP]M)"
    r"(?: ?- ?(?P<rest>.+))?",
    re.IGNORECASE,
)
NBGRADER_INBOUND = re.compile(r"(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>[^+]+?)(?:\+[^+]*)?")
CLASSROOM = re.compile(r"(?P<name>[^/]*\w\.? [^/]*?\w\.?) - (?P<rest>.+)")
GRADESCOPE = "submission_metadata.yml"
MAX_YAML = 20 << 20


def canvas(parts: tuple[str, ...]) -> Owner | None:
    """Canvas's "Download Submissions". The number of the file grows with each upload, so it orders attempts."""
    for part in parts:
        match = CANVAS.fullmatch(part) or ANONYMOUS.fullmatch(part)
        if match:
            found = match.groupdict()
            ids = {"lms": found["user"]} if found.get("user") else {}
            return Owner(
                found["name"],
                ids=ids,
                late=bool(found["late"]),
                attempt=int(found["file"] or 0),
                place=part,
                file=found["rest"] or part,
            )
    return None


def moodle(parts: tuple[str, ...]) -> Owner | None:
    """Moodle's "Download all submissions", with and without folders. The number is the person's in this assignment."""
    for index, part in enumerate(parts):
        match = MOODLE.fullmatch(part)
        if match:
            name, rest = match["name"].strip(), match["rest"]
            place = part[: len(part) - len(rest)] if rest else part
            file = rest or parts[min(index + 1, len(parts) - 1)]
            return Owner(name, name, {"participant": match["participant"]}, place=place, file=file)
    return None


def blackboard(parts: tuple[str, ...]) -> Owner | None:
    """Blackboard's "Assignment File Download"."""
    for part in parts:
        match = BLACKBOARD.fullmatch(part)
        if match:
            time = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").astimezone()
            ids = {"login": match["login"]}
            return Owner(match["login"], ids=ids, time=time, place=part, file=match["rest"] or part)
    return None


def brightspace(parts: tuple[str, ...]) -> Owner | None:
    """Brightspace's "Download" of an assignment's folder, with and without folders."""
    for part in parts:
        match = BRIGHTSPACE.fullmatch(part)
        if match:
            name = " ".join(reversed([each.strip() for each in match["name"].split(",", 1)]))
            time = _brightspace_time(match["time"])
            return Owner(name, name, {"lms": match["user"]}, time=time, place=part, file=match["rest"] or parts[-1])
    return None


def _brightspace_time(text: str) -> datetime | None:
    match = re.fullmatch(r"(.+ \d{4}) (\d{1,2}:?\d\d) ?([AP]M)", text, re.IGNORECASE)
    assert match is not None  # BRIGHTSPACE has found it
    date, clock = match[1], text.split()[3]
    half = text[-2:].upper()
    for form in ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p"):
        try:
            clock_digits = re.sub(r"\D", "", clock).zfill(4)
            return datetime.strptime(f"{date} {clock_digits} {half}", form).astimezone()
        except ValueError:
            continue
    return None


def classroom(parts: tuple[str, ...]) -> Owner | None:
    """Google Classroom's folder in Drive: the files of all students, each beginning with a name."""
    match = CLASSROOM.fullmatch(parts[-1])
    if not match:
        return None
    copy = re.search(r" \((\d+)\)(?=\.|$)", match["rest"])
    return Owner(match["name"], match["name"], attempt=int(copy[1]) if copy else 0, place=parts[-1], file=match["rest"])


class Gradescope:
    """Gradescope's "Export Submissions": a YAML file says who handed in. A submission of a group has several owners."""

    def __init__(self, files: Sequence[Found]) -> None:
        self.submissions: dict[tuple[str, ...], list[Owner]] = {}
        for found in files:
            if found.parts[-1] == GRADESCOPE and len(found.parts) <= 2 and len(found.content or b"") <= MAX_YAML:
                for name, entry in _gradescope_yaml(found.content or b"").items():
                    self.submissions[(*found.parts[:-1], name)] = _gradescope_owners(name, entry)

    def __call__(self, parts: tuple[str, ...]) -> list[Owner] | None:
        for end in range(1, len(parts)):
            owners = self.submissions.get(parts[:end])
            if owners:
                return owners
        return None


class _Lenient(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the fast one, where it is
    """Plain data out of YAML that Ruby wrote, with its objects read as what is in them."""


def _plain(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Lenient.add_multi_constructor("!", _plain)


def _gradescope_yaml(content: bytes) -> dict[str, dict]:
    try:
        data = yaml.load(as_text(content), _Lenient)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return (
        {str(name): entry for name, entry in data.items() if isinstance(entry, dict)} if isinstance(data, dict) else {}
    )


def _gradescope_owners(name: str, entry: dict) -> list[Owner]:
    entry = {str(key).strip(":"): value for key, value in entry.items()}
    owners = []
    for submitter in entry.get("submitters") or []:
        person = {str(key).strip(":"): str(value or "").strip() for key, value in submitter.items()}
        ids = {"number": person.get("sid", ""), "email": person.get("email", "")}
        ids = {kind: value for kind, value in ids.items() if value}
        who = ids.get("number") or ids.get("email") or person.get("name") or name
        time = entry.get("created_at")
        time = time.replace(tzinfo=time.tzinfo or UTC) if isinstance(time, datetime) else _utc(str(time or ""))
        owners.append(Owner(who, person.get("name", ""), ids, time=time, place=name))
    return owners


class Folders:
    """nbgrader's layout and any other with one folder a student.

    How deep the students' folders are is seen from all files together: nbgrader's folder of the notebook is below a
    student's; else they are the first folders that differ.
    """

    def __init__(self, files: Sequence[Found]) -> None:
        self.files = [found for found in files if not found.ignored]
        self.times = {
            found.parts[:-1]: _utc(as_text(found.content))
            for found in self.files
            if found.parts[-1] == "timestamp.txt" and found.content
        }
        paths = [found.parts for found in self.files]
        votes = Counter(
            level for _, level in {(unit, _level(parts)) for unit, parts in _units(paths)} if level is not None
        )
        self.level = votes.most_common(1)[0][0] if votes else _first_difference(paths)

    def __call__(self, parts: tuple[str, ...]) -> Owner | None:
        for index, part in enumerate(parts[:-1][: 2 if parts[0].casefold() in ROOTS else 1]):
            match = NBGRADER_INBOUND.fullmatch(part)
            if match and named([match["assignment"]]):
                time = _utc(match["time"]) or self.times.get(parts[: index + 1])
                return Owner(match["student"], time=time, place=part, file=parts[-1])
        if self.level is None or len(parts) <= self.level + 1 or is_notebook_name(parts[self.level]):
            return None
        owner = parts[self.level]
        owner = owner[:-4] if owner.lower().endswith(".zip") else owner
        time = next((self.times[parts[:end]] for end in range(len(parts), 0, -1) if parts[:end] in self.times), None)
        return Owner(owner, time=time, place=parts[self.level], file=parts[-1])


def _units(paths: Sequence[tuple[str, ...]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each path with the folder or file of the uppermost level that differs: one student has one vote."""
    common = 0
    while len({parts[: common + 1] for parts in paths}) == 1 and all(len(parts) > common + 1 for parts in paths):
        common += 1
    return [(parts[: common + 1], parts) for parts in paths]


def _level(parts: tuple[str, ...]) -> int | None:
    """At which folder the student stands when a folder of the notebook is below or above it."""
    folders = parts[:-1]
    for index, folder in enumerate(folders):
        if not is_notebook_name(folder):
            continue
        if index == 0 or folders[index - 1].casefold() in ROOTS:
            return index + 1 if len(folders) > index + 1 else None
        above = index - 1
        while above > 0 and folders[above].casefold() in WRAPPERS:
            above -= 1
        return above
    return None


def _first_difference(paths: Sequence[tuple[str, ...]]) -> int | None:
    """The depth of the first folders that differ; of a single folder, that one."""
    folders = [parts[:-1] for parts in paths if len(parts) > 1]
    if not folders:
        return None
    level = 0
    while all(len(each) > level + 1 for each in folders) and len({each[: level + 1] for each in folders}) == 1:
        below = {each[level + 1].casefold() for each in folders}
        if below <= set(WRAPPERS):
            break
        level += 1
    return level


def is_notebook_name(folder: str) -> bool:
    """True for what a folder of one notebook is called, whatever number the notebook had."""
    plain = re.sub(r"[\s_-]+", "_", folder.casefold())
    names = [module_name(notebook) for notebook in NOTEBOOKS]
    return any(re.fullmatch(rf"(\d+_)?{name}(_?(copy)?\d*)?", plain) for name in names)


def files(parts: tuple[str, ...]) -> Owner | None:
    """One file a student: what stands before the name of the notebook, or the name of the file."""
    stem = parts[-1]
    while stem.lower().endswith(TEXT_EXTENSIONS):
        stem = stem.rsplit(".", 1)[0]
    return Owner(_before_the_notebook(stem) or stem, place=parts[-1], file=parts[-1])


def named_files(parts: tuple[str, ...]) -> Owner | None:
    """One file a student whose name says both the student and the notebook."""
    owner = _before_the_notebook(parts[-1])
    return Owner(owner, place=parts[-1], file=parts[-1]) if owner else None


def _before_the_notebook(name: str) -> str:
    for notebook in NOTEBOOKS:
        match = re.match(
            rf"(.*?)[\s_-]*(\d+[\s_-]+)?{module_name(notebook).replace('_', '[ _-]')}", name, re.IGNORECASE
        )
        if match:
            return re.sub(r"^(copy of)?[\s_-]*|[\s_-]+$", "", match[1], flags=re.IGNORECASE)
    return ""


def _utc(text: str) -> datetime | None:
    """A time as nbgrader and Gradescope write it: with the name of a time zone, else in UTC."""
    try:
        return parse_utc(text.strip()).replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None


SYSTEMS: dict[str, Layout] = {
    "moodle": moodle,
    "blackboard": blackboard,
    "brightspace": brightspace,
    "canvas": canvas,
    "classroom": classroom,
}
LAYOUTS = ("nbgrader", *sorted([*SYSTEMS, "gradescope"]), "folders", "files")


class Reader:
    """Whose the files of one hand-over are. `name` is the layout, found out where it is not given."""

    def __init__(self, found: Sequence[Found], name: str | None = None) -> None:
        usable = [each for each in found if not each.ignored]
        self.folders = Folders(usable)
        self.gradescope = Gradescope(usable)
        self.name = name or self._guess(usable)

    def _guess(self, found: Sequence[Found]) -> str:
        units = _units([each.parts for each in found])
        layouts: dict[str, Callable[[tuple[str, ...]], object]] = {"gradescope": self.gradescope, **SYSTEMS}
        for name, layout in layouts.items():
            fits = {unit for unit, parts in units if layout(parts)}
            if fits and 2 * len(fits) >= len({unit for unit, _ in units}):
                return name
        return "nbgrader"

    def owners(self, found: Found) -> list[Owner]:
        """Who handed in a file; nobody when that cannot be told."""
        if self.name == "gradescope":
            return self.gradescope(found.parts) or []
        if self.name == "files":
            owner = files(found.parts)
        elif self.name in SYSTEMS:
            owner = SYSTEMS[self.name](found.parts)
        else:
            owner = self.folders(found.parts) or named_files(found.parts)
        return [owner] if owner and owner.id.strip() else []
