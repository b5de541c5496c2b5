"""Which notebook of the course is in a file: by the ids of its cells, its checks, its text, and at last its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from autograder.build.source import role_of
from autograder.files import release_of
from autograder.grade.reading import bounded_json, encoding_of
from course_lib.exercises import NOTEBOOKS, module_name

# Of a cell's metadata, of a cell's id, of the text of a check: in JSON, where quotes are escaped, and outside.
NAMES = re.compile(r'"(?:grade_id|id)"\s*:\s*"([\w-]+)"|\bcheck\(\s*(?:\\?["\'])([\w-]+)(?:\\?["\'])')
# As notebooks hold pictures: base64, in one line or in many. It begins where no letter is before: else it would be
# looked for again at each letter.
PICTURE = re.compile(r'(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,}+(?:\\n|=|",\s*+")*+)++')
MOST_TEXT = 4 << 20  # characters that are looked at, besides pictures
LINE = 30  # shorter lines are found in many notebooks
LINES = 5  # as many lines of one notebook make a file that notebook
HEADS = (
    (b"%PDF", "a PDF file"),
    (b"PK", "a zip file or an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
)


@dataclass(frozen=True)
class Recognized:
    """What a file is.

    what: in words. notebook: True for a file that is graded, also when it is damaged.
    contains: the notebooks of the course that are in it, by its content; the first one has most of it.
    named: the notebook that its name or its folder stands for.
    """

    what: str
    notebook: bool
    contains: tuple[str, ...] = ()
    named: str | None = None

    @property
    def notebooks(self) -> tuple[str, ...]:
        """What it is taken for: the content decides, and the name only where the content says nothing."""
        return self.contains or ((self.named,) if self.named else ())


def recognize(parts: Sequence[str], content: bytes) -> Recognized:
    """Say what a file is. parts: the folders it is in, then its name."""
    what, notebook = _kind(parts[-1], content)
    text = as_text(content) if notebook or what in ("a web page", "a Python file", "text") else ""
    if len(text) > MOST_TEXT:
        text = PICTURE.sub("", text)[:MOST_TEXT]
    return Recognized(what, notebook, _contained(text), named(parts))


def _kind(name: str, content: bytes) -> tuple[str, bool]:
    lower = name.lower()
    if not content.strip():
        return "an empty file", False
    for head, what in HEADS:
        if content.startswith(head):
            return what, False
    text = as_text(content[:4000]).lstrip()
    if text.startswith("{") and ('"cells"' in as_text(content) or '"worksheets"' in as_text(content)):
        return "a notebook", True
    if ".ipynb" in lower and not lower.endswith((".html", ".py", ".pdf")):
        return "a damaged notebook", True
    if text[:200].lower().startswith(("<!doctype html", "<html")) or lower.endswith((".html", ".htm")):
        return "a web page", False
    if lower.endswith(".py"):
        return "a Python file", False
    return ("text", False) if "\0" not in text else ("a file of another kind", False)


def as_text(content: bytes) -> str:
    """The text of a file, as well as it can be read."""
    return content.decode(encoding_of(content), errors="replace")


def named(parts: Sequence[str]) -> str | None:
    """The notebook that a name or, from the inside out, one of its folders means; its number does not matter."""
    for part in reversed(parts):
        plain = re.sub(r"[\s_-]+", "_", part.casefold())
        for notebook in NOTEBOOKS:
            if re.search(rf"(?<![a-z]){module_name(notebook)}(?![a-z])", plain):
                return notebook
    return None


def _contained(text: str) -> tuple[str, ...]:
    found = {(a or b).removesuffix("-answer") for a, b in NAMES.findall(text)}
    hits = {notebook: len(found & ids) for notebook, ids in _ids().items()}
    hits = {notebook: count for notebook, count in hits.items() if count}
    if not hits:
        return _by_its_lines(text)
    best = max(hits, key=lambda notebook: hits[notebook])
    # A file from before a notebook was split holds both of its parts.
    return (best, *(each for each in hits if each != best and 2 * hits[each] >= len(_ids()[each])))


@cache
def _ids() -> dict[str, frozenset[str]]:
    """By notebook, the ids of all that is graded in it."""
    graded = ("check", "written")
    roles = {notebook: [role_of(cell) for cell in release_of(notebook).cells] for notebook in NOTEBOOKS}
    return {
        notebook: frozenset(role[1] for role in each if role and role[0] in graded) for notebook, each in roles.items()
    }


def _by_its_lines(text: str) -> tuple[str, ...]:
    lines = _lines(text)
    hits = {notebook: len(lines & own) for notebook, own in _release_lines().items()}
    best = max(hits, key=lambda notebook: hits[notebook])
    return (best,) if hits[best] >= LINES else ()


@cache
def _release_lines() -> dict[str, frozenset[str]]:
    """By notebook, the long lines that are in no other one."""
    own = {n: {line for cell in release_of(n).cells for line in _long(cell.source)} for n in NOTEBOOKS}
    return {n: frozenset(own[n] - set().union(*(own[other] for other in own if other != n))) for n in own}


def _lines(text: str) -> set[str]:
    try:
        cells = bounded_json(text.encode())["cells"]
        sources = [cell["source"] for cell in cells]
        text = "\n".join(source if isinstance(source, str) else "".join(source) for source in sources)
    except (ValueError, TypeError, KeyError, RecursionError):  # TooMany is a ValueError
        pass  # it is no whole notebook: its lines are looked at as they are
    return set(_long(text))


def _long(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if len(line.strip()) > LINE]
