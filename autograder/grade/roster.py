"""The roster of a class: who is in it, read from what the learning-management systems export.

The columns are found by the names that Canvas, Moodle, Blackboard, Brightspace, Gradescope, Google Classroom and
nbgrader give them. Each person keeps all ids that the file has, because an export has to say them again.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from course_lib.errors import CourseError

# What a column means, by the names that it has in the systems' files. The first that a row fills counts.
COLUMNS = {
    "id": ("id", "student_id"),
    "login": ("sis login id", "username", "user name", "login", "login id"),
    "number": (
        "sis user id",
        "orgdefinedid",
        "org defined id",
        "id number",
        "idnumber",
        "sid",
        "student id",
        "student number",
    ),
    "lms": ("lms_user_id", "canvas id", "user id"),
    "email": ("email", "email address", "e-mail", "e-mail address", "mail"),
    "name": ("name", "student", "full name", "student name", "user full name"),
    "first": ("first name", "first_name", "firstname", "given name"),
    "last": ("last name", "last_name", "surname", "lastname", "family name"),
    "section": ("section", "sections", "section name", "group", "groups", "class"),
    "participant": ("identifier",),
}
# What Windows keeps for devices: no file or folder can be called so there, whatever follows the dot.
DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
KINDS = ("lms", "login", "number", "email", "participant")


@dataclass(frozen=True)
class Person:
    """One student. ids: by kind, what the systems call the person (see KINDS)."""

    id: str
    name: str = ""
    first: str = ""
    last: str = ""
    section: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return self.ids.get("email", "")

    @property
    def shown(self) -> str:
        """The name for people."""
        return self.name or self.id


def read_roster(content: bytes, where: str) -> list[Person]:
    """The people in a CSV file, in its order.

    Raises:
        CourseError: when it is no CSV file, no column says who somebody is, or an id is there twice.
    """
    if content.startswith(b"PK"):
        raise CourseError(f"{where} is an office document or a zip file. Save the table as CSV, and give that file.")
    try:
        rows = _rows(_decode(content))
    except csv.Error as error:
        raise CourseError(f"{where} is no CSV file ({error}). Export the roster again, or mend that line.") from None
    if not rows:
        raise CourseError(f"{where} is empty. A roster has a line of column names, such as id,name,email,section.")
    header = [_plain(name) for name in rows[0]]
    canvas = {"sis login id", "sis user id"} & set(header)  # its column "ID" is Canvas's own number
    places = {kind: [header.index(name) for name in names if name in header] for kind, names in COLUMNS.items()}
    if canvas:
        places["lms"], places["id"] = places["id"], []
    if not any(places[kind] for kind in ("id", *KINDS, "name", "last")):
        raise CourseError(f"{where}: no column says who somebody is. It needs one called id, username, email or name.")
    people = [person for row in rows[1:] if (person := _person(row, places))]
    twice = [person.id for person in people if [other.id for other in people].count(person.id) > 1]
    if twice:
        raise CourseError(f"{where}: {twice[0]} is there more than once. Keep one line for each student.")
    return people


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from None


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip().strip("\ufeff").casefold())


def _person(row: Sequence[str], places: dict[str, list[int]]) -> Person | None:
    def value(kind: str) -> str:
        cells = [row[place].strip() for place in places[kind] if place < len(row)]
        # Brightspace writes # before what a spreadsheet would take for a number.
        return next((unicodedata.normalize("NFC", cell.removeprefix("#")) for cell in cells if cell), "")

    name, first, last = value("name"), value("first"), value("last")
    if "points possible" in name.casefold() or _key(name or f"{first} {last}") in ("studenttest", "teststudent"):
        return None
    if "," in name and not last:
        last, first = (part.strip() for part in name.split(",", 1))
    full = f"{first} {last}".strip() or name
    if not last and " " in full:
        first, last = full.rsplit(" ", 1)
    ids = {kind: value(kind) for kind in KINDS if value(kind)}
    if "participant" in ids:
        ids["participant"] = ids["participant"].split()[-1]  # "Participant 123"
    who = value("id") or ids.get("login") or ids.get("number") or ids.get("email") or full or ids.get("lms")
    return Person(student_id(who), full, first, last, value("section"), ids) if who else None


def roster_csv(people: Iterable[Person]) -> str:
    """The roster as the class folder keeps it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = ["id", "name", "first name", "last name", "email", "section"]
    writer.writerow([*columns, "login", "id number", "lms_user_id", "identifier"])
    for person in people:
        ids = [person.ids.get(kind, "") for kind in ("login", "number", "lms", "participant")]
        writer.writerow([person.id, person.name, person.first, person.last, person.email, person.section, *ids])
    return out.getvalue()


def student_id(text: str) -> str:
    """An id that is safe as the name of a folder on every system, and the same for composed and decomposed accents."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]', "_", text)
    text = re.sub(r"\s+", " ", text).strip(" .")
    text = DEVICE.sub(r"\g<0>_", text, count=1) if DEVICE.match(text) else text
    while len(text.encode("utf-8")) > 100:  # names of files have at most 255 bytes, and more is added to it
        text = text[:-1]
    return text or "_"


def _key(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def name_keys(person: Person) -> set[str]:
    """The ways in which a system may write a name in one piece: adalovelace, lovelaceada."""
    keys = {_key(person.name), _key(f"{person.first}{person.last}"), _key(f"{person.last}{person.first}")}
    return keys - {""}


def key_of(text: str) -> str:
    """What two spellings of one id or name have in common."""
    return _key(text) or unicodedata.normalize("NFC", text).casefold()
