"""Every file in what was handed over: a folder, a zip file, or one file; zip files in these are opened too.

Nothing is written to the disk. A file that cannot be read is found all the same, with the reason.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.grade.reading import Archive, Unreadable, encodable, read_file

MAX_BYTES = 100 << 20  # of one file
MAX_ARCHIVE_BYTES = 500 << 20  # of all files in the zip files of one folder, which mostly is a student's
MAX_DEPTH = 3  # of zip files in zip files
JUNK_FOLDERS = {"__MACOSX": "made by macOS", "__pycache__": "made by Python", "node_modules": "packages"}
JUNK_FILES = {"thumbs.db": "made by Windows", "desktop.ini": "made by Windows"}


@dataclass(frozen=True)
class Found:
    """One file.

    parts: the folders it is in, then its name; a zip file counts as a folder.
    zips: how many of `parts`, from the left, end with the innermost zip file; 0 when it is in none.
    content: what is in it; None when it was not read.
    time: when it was changed, as its zip file says.
    ignored: why nobody needs to look at it. problem: why it could not be read.
    """

    parts: tuple[str, ...]
    zips: int = 0
    content: bytes | None = None
    time: datetime | None = None
    ignored: str = ""
    problem: str = ""

    @property
    def path(self) -> str:
        """How the file is called in messages."""
        return "/".join(self.parts)


def files_of(path: Path) -> Iterator[Found]:
    """Every file at or below `path`, in an order that does not depend on the file system."""
    if path.is_dir():
        yield from _folder(path)
    elif zipfile.is_zipfile(path):
        yield from _archive(path, (), 0, 1, None)
    else:
        yield _file(path, (encodable(path.name),))


def _folder(root: Path) -> Iterator[Found]:
    budgets: dict[str, list[int]] = {}
    for here, folders, names in os.walk(root):
        folders.sort()
        place = tuple(map(encodable, Path(here).relative_to(root).parts))
        for name in list(folders):
            reason = "a link is not followed" if Path(here, name).is_symlink() else junk((name,))
            if reason:
                folders.remove(name)
                yield Found((*place, encodable(name), ""), ignored=reason)
        if place and not folders and not names:
            yield Found((*place, ""), problem="an empty folder")
        for name in sorted(names):
            parts = (*place, encodable(name))
            budget = budgets.setdefault(parts[0], [MAX_ARCHIVE_BYTES])
            yield from _opened(_file(Path(here, name), parts), 0, budget)


def _file(path: Path, parts: tuple[str, ...]) -> Found:
    reason = "a link is not followed" if path.is_symlink() else junk(parts)
    if reason:
        return Found(parts, ignored=reason)
    try:
        return Found(parts, content=read_file(path, MAX_BYTES))
    except Unreadable as error:
        return Found(parts, problem=_in_short(path.stat().st_size, error))


def _opened(found: Found, depth: int, budget: list[int] | None) -> Iterator[Found]:
    """The file itself, or what is in it when it is a zip file. Office documents are zip files too and stay closed."""
    if found.content is None or not _is_archive(found):
        yield found
    elif depth >= MAX_DEPTH:
        yield Found(found.parts, found.zips, time=found.time, problem=f"a zip file {depth} zip files deep")
    else:
        budget = [MAX_ARCHIVE_BYTES] if budget is None else budget
        yield from _archive(found.content, found.parts, len(found.parts), depth + 1, budget)


def _is_archive(found: Found) -> bool:
    if not found.content or not found.content.startswith(b"PK"):
        return False
    return b"[Content_Types].xml" not in found.content[:2000] and b"mimetypeapplication/" not in found.content[:100]


def _archive(
    source: Path | bytes, place: tuple[str, ...], zips: int, depth: int, budget: list[int] | None
) -> Iterator[Found]:
    """What is in a zip file. budget: how many bytes may still be read; a list, because it is shared."""
    try:
        with Archive(source) as archive:
            entries = sorted((_parts(entry), entry) for entry in _last_of_each(archive.entries()))
            folders = sorted({_parts(entry) for entry in archive.folders()})
            if not entries and not folders:
                yield Found(place or ("",), zips, problem="an empty zip file")
            yield from _empty_folders(entries, folders, place, zips)
            yield from _entries(archive, entries, place, zips, depth, budget)
    except Unreadable as error:
        yield Found(place or ("",), zips, problem=f"a damaged zip file ({error})")


def _last_of_each(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """A zip file may hold one name twice; unpacked, the last one stays."""
    return list({entry.filename: entry for entry in entries}.values())


def _empty_folders(entries, folders, place: tuple[str, ...], zips: int) -> Iterator[Found]:
    filled = {parts[:end] for parts, _ in entries for end in range(1, len(parts))}
    filled |= {parts[:end] for parts in folders for end in range(1, len(parts))}
    for parts in folders:
        if parts and parts not in filled and not junk(parts):
            yield Found((*place, *parts, ""), zips, problem="an empty folder")


def _entries(archive, entries, place, zips, depth, budget) -> Iterator[Found]:
    ignored: set[tuple[str, ...]] = set()
    for parts, entry in entries:
        folder = next((parts[: end + 1] for end, name in enumerate(parts[:-1]) if junk((name,))), None)
        if folder:
            if folder not in ignored:
                yield Found((*place, *folder, ""), zips, ignored=junk(folder))
            ignored.add(folder)
        elif parts:
            yield from _opened(_entry(archive, entry, (*place, *parts), zips, budget), depth, budget)


def _entry(archive: Archive, entry: zipfile.ZipInfo, parts: tuple[str, ...], zips: int, budget) -> Found:
    time, reason = _time(entry), junk(parts)
    if reason:
        return Found(parts, zips, time=time, ignored=reason)
    try:
        content = archive.read(entry, min(MAX_BYTES, budget[0]) if budget else MAX_BYTES)
    except Unreadable as error:
        why = "a file in a zip file with a password" if entry.flag_bits & 1 else _in_short(entry.file_size, error)
        return Found(parts, zips, time=time, problem=why)
    if budget:
        budget[0] -= len(content)
    return Found(parts, zips, content, time)


def _in_short(size: int, error: Unreadable) -> str:
    return f"a file of {size >> 20} MB, which is too large" if "MB" in str(error) else f"a damaged file ({error})"


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The folders and the name of an entry. `..` means nothing here, where nothing is unpacked to a disk."""
    names = _name(entry).replace("\\", "/").split("/")
    return tuple(name for name in names if name not in ("", ".", ".."))


def _name(entry: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 and do not say so; Python then reads the code page of MS-DOS."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _time(entry: zipfile.ZipInfo) -> datetime | None:
    """Local time, as zip files have it. 1980 is what programs write that know no time."""
    try:
        time = datetime(*entry.date_time)
    except ValueError:
        return None
    return time.astimezone() if time.year > 1980 else None


def junk(parts: tuple[str, ...]) -> str:
    """Why a file or folder of that name is no part of a submission; empty when it may be one."""
    for name in parts:
        if name in JUNK_FOLDERS:
            return JUNK_FOLDERS[name]
        if name == ".ipynb_checkpoints":
            return "a checkpoint of JupyterLab"
    name = parts[-1]
    if name.lower() in JUNK_FILES:
        return JUNK_FILES[name.lower()]
    if name.startswith(("._", ".DS_Store")):
        return "made by macOS"
    if name.startswith(("~$", ".~")):
        return "a temporary file"
    return "a hidden file" if name.startswith(".") else ""
