"""One person is one student: what a layout says of an owner becomes the id of a student of the class."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.grade.collecting.layouts import Owner
from autograder.grade.roster import KINDS, Person, key_of, name_keys, student_id


@dataclass(frozen=True)
class Known:
    """Who an owner is. doubt: why that cannot be told; then `student` is what the layout says."""

    student: str
    doubt: str = ""
    stranger: bool = False  # there is a roster, and the person is not on it


class People:
    """The students of a class: on its roster, and those who have handed in before.

    seen: by id of a student who is in the gradebook, the learning-management system's number, where it is known.
    """

    def __init__(self, roster: Sequence[Person] = (), seen: Mapping[str, str | None] = {}) -> None:
        self.roster = list(roster)
        self.seen = dict(seen)
        self.spelled = {_folded(name): name for name in [*sorted(seen), *(person.id for person in roster)]}
        self.by_name: dict[str, list[Person]] = {}
        for person in roster:
            for key in name_keys(person):
                self.by_name.setdefault(key, []).append(person)

    def introduce(self, owners: Iterable[Owner]) -> None:
        """Note the owners of one hand-over first, so that two people of one name are seen to be two."""
        self.numbers: dict[str, set[tuple[str, str]]] = {}
        for owner in owners:
            number = owner.ids.get("lms") or owner.ids.get("participant")
            if number:
                kind = "lms" if "lms" in owner.ids else "participant"
                self.numbers.setdefault(_folded(student_id(owner.id)), set()).add((kind, number))

    def who(self, owner: Owner) -> Known:
        """The student that an owner is."""
        on_roster = self.on_roster(owner)
        if len(on_roster) == 1:
            return Known(on_roster[0].id)
        if on_roster:
            names = " and ".join(person.id for person in on_roster)
            return Known(student_id(owner.id), f"{owner.id} may be {names}, who have the same name")
        found = self._without_roster(owner)
        return Known(found.student, found.doubt, stranger=bool(self.roster))

    def on_roster(self, owner: Owner) -> list[Person]:
        """Everybody on the roster who may be an owner: by a number or an address, else by name."""
        for kind in KINDS:
            if owner.ids.get(kind):
                same = [p for p in self.roster if _folded(p.ids.get(kind, "")) == _folded(owner.ids[kind])]
                if same:
                    return same
        own = {_folded(student_id(owner.id)), *(_folded(value) for value in owner.ids.values())}
        for person in self.roster:
            theirs = {
                _folded(person.id),
                *(_folded(v) for kind, v in person.ids.items() if kind in ("login", "number", "email")),
            }
            if own & theirs:
                return [person]
        local = [p for p in self.roster if p.email and _folded(p.email.split("@")[0]) in own]
        if len(local) == 1:
            return local
        for name in (owner.name, owner.id):
            if name and self.by_name.get(key_of(name)):
                return self.by_name[key_of(name)]
        return []

    def _without_roster(self, owner: Owner) -> Known:
        wanted = student_id(owner.id)
        number = owner.ids.get("lms")
        known = next((student for student, lms in self.seen.items() if number and lms == number), None)
        if known:
            return Known(known)
        numbers = getattr(self, "numbers", {}).get(_folded(wanted), set())
        spelled = self.spelled.setdefault(_folded(wanted), wanted)
        taken = self.seen.get(spelled)
        if number and ((taken and taken != number) or (len(numbers) > 1 and taken != number)):
            return Known(student_id(f"{wanted}_{number}"))  # two people of one name
        if len({number for kind, number in numbers if kind == "participant"}) > 1:
            return Known(
                spelled,
                f"there are several people called {owner.id} in it; a roster with Moodle's Identifier tells them apart",
            )
        return Known(spelled)

    def similar(self, student: str) -> list[str]:
        """Ids on the roster that look like a stranger's."""
        names = {key_of(person.id): person.id for person in self.roster}
        names |= {key: person.id for person in self.roster for key in name_keys(person)}
        close = difflib.get_close_matches(key_of(student), list(names), n=2, cutoff=0.75)
        return list(dict.fromkeys(names[key] for key in close))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
