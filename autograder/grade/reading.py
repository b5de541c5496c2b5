"""Read what strangers handed in: each thing is measured before it is read, and read before it is understood.

A file of 3 MB can hold 3 GB (a zip), a file of no size can say that it has 2 GB (a sparse file), and 4 MB of brackets
become 2 GB of lists. Everything in here takes time and memory in proportion to a stated size, or refuses.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, BinaryIO

MAX_NOTEBOOK = 64 << 20  # bytes of one notebook: dozens of photos
MAX_DIRECTORY = 16 << 20  # bytes of the table of contents of a zip file: some hundred thousand files
MAX_VALUES = 1_000_000  # in one JSON text
CHUNK = 1 << 20
READ_ERRORS = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
LAST_COMMA = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|,(?=\s*[\]}])', re.DOTALL)  # or a text, which may hold one
MERGE = re.compile(rb"^<{7} ", re.MULTILINE)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
codecs.lookup("utf-8-sig")  # imports it: a fork that reads one notebook then need not


class Unreadable(Exception):
    """What was handed in cannot be read. The message is for the student: what is wrong and what to do."""


def read_file(path: Path, limit: int = MAX_NOTEBOOK) -> bytes:
    """The content of an ordinary file. Links, pipes and devices are not followed or waited for.

    Raises:
        Unreadable: when it is larger than `limit`, which is found out before it is read, or cannot be read.
    """
    try:
        with open(os.open(path, os.O_RDONLY | _CAREFULLY), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise Unreadable("This is no ordinary file. Hand in the .ipynb file that JupyterLab saved.")
            _refuse_above(facts.st_size, limit)
            return _read(file, limit)
    except OSError as error:
        raise Unreadable(f"The file cannot be read ({error.strerror or type(error).__name__}).") from None


_CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Archive:
    """A zip file of a stranger. Use it as a context manager.

    source: its path, or its bytes when it was inside another one.

    Raises:
        Unreadable: when it is no zip file, is damaged, or says that it holds absurdly many files.
    """

    def __init__(self, source: Path | bytes) -> None:
        opened = io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")  # noqa: SIM115
        self._file = _Modest(opened)
        try:
            self._zip = zipfile.ZipFile(self._file)
        except READ_ERRORS as error:
            self._file.close()
            raise Unreadable(f"The zip file is damaged ({error}). Make it again and hand it in again.") from None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()
        self._file.close()

    def entries(self) -> list[zipfile.ZipInfo]:
        """What it says that it holds. Nothing of it has been read yet."""
        return [entry for entry in self._zip.infolist() if not entry.is_dir()]

    def folders(self) -> list[zipfile.ZipInfo]:
        """The folders that it names; a folder with files in it need not be named."""
        return [entry for entry in self._zip.infolist() if entry.is_dir()]

    def read(self, entry: zipfile.ZipInfo, limit: int = MAX_NOTEBOOK) -> bytes:
        """The content of one of its files.

        Raises:
            Unreadable: when it is larger than `limit`, is encrypted or damaged. No more than `limit` bytes are
                unpacked, whatever the archive says about its size.
        """
        if entry.flag_bits & 1:
            raise Unreadable("The file in the zip is encrypted. Hand it in without a password.")
        _refuse_above(entry.file_size, limit)
        try:
            with self._zip.open(entry) as file:
                return _read(file, limit)
        except READ_ERRORS as error:
            raise Unreadable(f"The file in the zip is damaged ({error}). Hand it in again.") from None


class _Modest(io.BufferedIOBase):
    """A file that refuses to be read in very large pieces: a zip file's table of contents is read as one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = -1) -> bytes:
        part = self._file.read(MAX_DIRECTORY + 1 if size is None or size < 0 else min(size, MAX_DIRECTORY + 1))
        if len(part) > MAX_DIRECTORY:
            raise zipfile.BadZipFile("it claims to hold too many files")
        return part

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def _refuse_above(size: int, limit: int) -> None:
    if size > limit:
        raise Unreadable(
            f"The file has {size / 1e6:.0f} MB; at most {limit / 1e6:.0f} MB are read. "
            "Clear all outputs, save and hand it in again."
        )


def _read(file: IO[bytes], limit: int) -> bytes:
    """Everything in an open file, in pieces, and never more than the limit: its size may be a lie."""
    parts, size = [], 0
    while part := file.read(min(CHUNK, limit + 1 - size)):
        parts.append(part)
        size += len(part)
        _refuse_above(size, limit)
    return b"".join(parts)


def notebook_data(content: bytes) -> dict[str, Any]:
    """The JSON object in a submitted notebook file, in UTF-8 or UTF-16. It has cells, of whatever form.

    Raises:
        Unreadable: when it is too large, not JSON, or not a notebook.
    """
    _refuse_above(len(content), MAX_NOTEBOOK)
    text = _as_utf8(content)
    try:
        data = _lenient_json(text)
    except TooMany as error:
        raise Unreadable(
            f"The file {error}, and so many are not read. Clear all outputs, save and hand it in again."
        ) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            f"The file is not a notebook: {_why_not_json(text, error)}. Hand in the .ipynb file that JupyterLab saved."
        ) from None
    if not isinstance(data, dict) or not any(isinstance(data.get(name), list) for name in ("cells", "worksheets")):
        raise Unreadable(
            "The file is JSON, but not a notebook: it has no cells. Hand in the .ipynb file that JupyterLab saved."
        )
    return data


def _as_utf8(content: bytes) -> bytes:
    """The same text in UTF-8. Editors save UTF-16 without its mark too, and the alphabet of old Windows."""
    encoding = encoding_of(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252" if encoding == "utf-8-sig" else encoding, errors="replace")
    return encodable(text).encode()


def encoding_of(content: bytes) -> str:
    """The encoding of a text, by its mark or by where its first bracket stands."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {b"{\0": "utf-16-le", b"\0{": "utf-16-be"}.get(content[:2], "utf-8-sig")


def _lenient_json(text: bytes) -> Any:
    """What JSON text says; a comma behind the last of several values, as people leave it there by hand, says nothing.

    Raises:
        TooMany, ValueError, RecursionError: see `bounded_json`.
    """
    try:
        return bounded_json(text)
    except json.JSONDecodeError:
        return bounded_json(LAST_COMMA.sub(lambda found: found[1] or b"", text))


def _why_not_json(text: bytes, error: Exception) -> str:
    """What is wrong with a file that is no JSON, for the student."""
    if MERGE.search(text):
        return "it is not JSON, because git has left the marks of a merge in it (<<<<<<<). Choose one version there"
    if text.lstrip()[:1] == b"<":
        return "it is not JSON, but a web page"
    if not isinstance(error, json.JSONDecodeError):
        return "it is not JSON"
    if (text.lstrip()[:1] == b"{" and error.pos >= len(error.doc.rstrip()) - 1) or "Unterminated" in error.msg:
        return "it is not JSON, because its end is missing. It may have been cut off while it was saved or sent"
    if text.lstrip()[:1] == b"{":
        return f"it is not JSON. Line {error.lineno} is wrong there"
    return "it is not JSON"


class TooMany(ValueError):
    """A JSON text holds more values than are read."""


def bounded_json(content: bytes, most: int = MAX_VALUES) -> Any:
    """What JSON text in UTF-8 says. How many values it holds is counted before any of them is made.

    Raises:
        TooMany: when there are more than `most`. ValueError, RecursionError: when it is not JSON.
    """
    if not has_at_most(most, content):
        raise TooMany(f"holds more than {most} values")
    return json.loads(content)


def has_at_most(most: int, content: bytes) -> bool:
    """Whether a JSON text holds no more values than that. Takes time in proportion to its length, and little of it."""
    if len(content) <= most:  # a value takes a byte or more
        return True
    rest, texts = STRING.subn(b"", content, most + 1)
    return texts + sum(rest.count(mark) for mark in (b",", b"[", b"{")) <= most


def encodable(text: str) -> str:
    """The text with a mark in place of each half of a character, which no file can hold."""
    return LONE_SURROGATE.sub("\ufffd", text)
