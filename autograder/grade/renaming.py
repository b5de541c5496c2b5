"""A roster that comes later: who was known by what a system calls people gets the id that the roster has.

Everything of theirs goes along: submissions, scores, points by hand, comments, attempts. class.json says what is being
renamed until all of it is done, so a run that is killed on the way is finished by the next one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Student

from autograder.grade.collecting.layouts import SYSTEMS, Owner
from autograder.grade.collecting.people import People
from autograder.grade.desk import Desk
from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import PAPERS, Book
from autograder.grade.roster import Person, key_of, student_id

SHOWN = 5  # of the new ids, in the sentence about them


def follow_roster(klass: ClassFolder, book: Book, desk: Desk, roster: Sequence[Person]) -> Iterator[str]:
    """Give the students of a class the ids of its roster. Yields sentences about it for the instructor."""
    found, doubts = _new_ids(book, roster)
    klass.facts.renaming |= found
    if klass.facts.renaming:
        klass.save()
        for old, new in klass.facts.renaming.items():
            book.rename(old, new)
            _move_files(klass.path, desk, old, new)
        klass.facts.renaming = {}
        klass.save()
    if found:
        named = [f"{old} is {new}" for old, new in found.items()]
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        yield f"The roster gives students who were in the class their ids: {', '.join(named[:SHOWN])}{more}."
    yield from doubts


def _new_ids(book: Book, roster: Sequence[Person]) -> tuple[dict[str, str], list[str]]:
    """The students of the gradebook whom the roster has under another id, and sentences about those in doubt."""
    people, ids = People(roster), {person.id for person in roster}
    papers: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in book.rows(PAPERS):
        papers.setdefault(row["student"], {})[row["notebook"]] = row
    rows = {row.id: row for row in book.db.query(Student).all()}
    found: dict[str, str] = {}
    doubts = []
    for student in sorted({*papers, *rows} - ids):
        own = papers.get(student, {})
        same = people.on_roster(_owner(student, [row["place"] for row in own.values()], rows.get(student)))
        if len(same) != 1:
            continue
        new = same[0].id
        twice = {notebook for notebook in own if notebook in papers.get(new, {})}
        usable = sorted(n for n in twice if not own[n]["why"] and not papers[new][n]["why"])
        if usable:
            doubts.append(
                f"{student} seems to be {new} of the roster, but both have handed in {', '.join(usable)}. They stay "
                "two students."
            )
            continue
        found[student] = new
        papers[new] = papers.get(new, {}) | own
    return found, doubts


def _owner(student: str, places: Sequence[str], row: Student | None) -> Owner:
    """Who a student is, by all that was kept: what the system called the place, its number, the name."""
    ids: dict[str, str] = {}
    name = ""
    for owner in [read((place,)) for place in places if place for read in SYSTEMS.values()]:
        if owner and key_of(student).startswith(key_of(student_id(owner.id))):
            ids, name = owner.ids | ids, owner.name or owner.id
    if row is not None:
        ids |= {kind: value for kind, value in (("email", row.email), ("lms", row.lms_user_id)) if value}
        name = f"{row.first_name or ''} {row.last_name or ''}".strip() or name
    return Owner(student, name, ids)


def _move_files(folder: Path, desk: Desk, old: str, new: str) -> None:
    """Bring the files of a student to the folders of the new id. The pages for students are made anew anyway."""
    shutil.rmtree(folder / "feedback" / old, ignore_errors=True)
    for kind in ("submitted", "attempts", "autograded"):
        source, target = folder / kind / old, folder / kind / new
        if not source.is_dir():
            continue
        if not target.exists() or target.samefile(source):  # the same: only the case of letters is another
            os.rename(source, target)
            continue
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                os.replace(file, place)
            elif kind == "submitted":
                desk.keep(new, file.parent.name, file.read_bytes())
        shutil.rmtree(source)
