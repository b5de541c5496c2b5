"""What is too large is told before it is read, and what is no file of a student is not read at all."""

from __future__ import annotations

import io
import json
import os
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grade.reading import (
    MAX_NOTEBOOK,
    Archive,
    Unreadable,
    bounded_json,
    encodable,
    has_at_most,
    notebook_data,
    read_file,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def memory_of(work) -> int:
    """The most memory that Python held while `work` ran and was refused, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    sparse = tmp_path / "a.ipynb"
    with open(sparse, "wb") as file:
        file.truncate(2 << 30)
    assert memory_of(lambda: read_file(sparse)) < 1 << 20


def test_only_ordinary_files_are_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("secret")
    os.symlink(tmp_path / "file", tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "file") == b"secret"
    for name in ("link", "pipe", "", "missing"):
        with pytest.raises(Unreadable):
            read_file(tmp_path / name)


def bomb(size: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.ipynb", "w") as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return packed.getvalue()


def test_a_zip_that_is_honest_about_its_size_is_refused_unread() -> None:
    with Archive(bomb(200 << 20)) as archive:
        (entry,) = archive.entries()
        assert memory_of(lambda: archive.read(entry)) < 1 << 20


def test_a_zip_that_lies_about_its_size_costs_no_more_than_the_limit() -> None:
    packed = bomb(200 << 20)
    place = packed.rindex(b"PK\x01\x02") + 24
    packed = packed[:place] + struct.pack("<I", 100) + packed[place + 4 :]
    with Archive(packed) as archive:
        (entry,) = archive.entries()
        assert entry.file_size == 100
        assert memory_of(lambda: archive.read(entry, 5 << 20)) < 20 << 20


def test_a_zip_that_claims_a_huge_table_of_contents_is_refused(tmp_path: Path) -> None:
    size = 1 << 30
    sparse = tmp_path / "a.zip"
    with open(sparse, "wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0))
    assert memory_of(lambda: Archive(sparse)) < 32 << 20


def test_damaged_and_encrypted_zips_are_told(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.ipynb", "x" * 1000)
    for content in (b"", b"PK", whole.getvalue()[:-30]):
        with pytest.raises(Unreadable, match="damaged"):
            Archive(content)
    damaged = whole.getvalue().replace(b"x" * 1000, b"y" * 1000)
    with Archive(damaged) as archive, pytest.raises(Unreadable, match="damaged"):
        archive.read(archive.entries()[0])
    with Archive(whole.getvalue()) as archive:
        (entry,) = archive.entries()
        assert archive.read(entry) == b"x" * 1000
        entry.flag_bits |= 1
        with pytest.raises(Unreadable, match="encrypted"):
            archive.read(entry)


@given(JSON, st.booleans())
def test_values_are_counted_without_making_them(value, ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")

    def count(value) -> int:
        if isinstance(value, dict):
            return 1 + sum(1 + count(each) for each in value.values())
        return 1 + sum(map(count, value)) if isinstance(value, list) else 1

    number = count(value)
    assert not has_at_most((number - 1) // 2, text) or number < 3
    assert has_at_most(3 * number, text)
    assert bounded_json(json.dumps(value).encode(), 3 * number) == value


@pytest.mark.slow
@pytest.mark.calm
@pytest.mark.parametrize(
    "content",
    [
        b'{"cells": [' + b"[]," * 8_000_000 + b"[]]}",
        b'{"cells": ["a"' + b',"a"' * 8_000_000 + b"]}",
        b'{"cells": [' + b"[" * 20_000_000,
        b'{"cells": ["' + b'\\"' * 20_000_000,
        b" " * (MAX_NOTEBOOK + 1),
    ],
)
def test_small_texts_that_become_large_are_refused_quickly(content: bytes) -> None:
    before = time.process_time()
    assert memory_of(lambda: notebook_data(content)) < 300 << 20
    assert time.process_time() - before < 20


def test_a_long_printed_text_is_no_reason_to_refuse_a_notebook() -> None:
    text = json.dumps({"cells": [{"outputs": [{"text": '[1, "2", {}], ' * 1_000_000}]}]})
    assert notebook_data(text.encode())["cells"]


def test_half_a_character_can_be_written() -> None:
    assert encodable("a\ud800b\udfff😀").encode() == "a\ufffdb\ufffd😀".encode()
