"""The mutants that live and are right to: each with its reason, read from survivors.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Explanation:
    """Why some mutants are no mistakes.

    exercise: the id, or "…" for all.
    change: the change as `course mutants` shows it; "…" stands for any text.
    why: the reason.
    """

    exercise: str
    change: str
    why: str

    def fits(self, exercise: str, answer: str, change: str) -> bool:
        """Whether this survivor is one of those that are explained."""
        return bool(_pattern(self.exercise).fullmatch(exercise) and _pattern(self.change).fullmatch(change))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("…")))


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


@cache
def explanations() -> tuple[Explanation, ...]:
    """All of them, in the order of the file."""
    groups = _listed()["right"]
    return tuple(Explanation(each["exercise"], change, each["why"]) for each in groups for change in each["changes"])


def reviewed() -> tuple[str, ...]:
    """Ids of the exercises of which every survivor has been looked at."""
    return tuple(_listed()["reviewed"])
