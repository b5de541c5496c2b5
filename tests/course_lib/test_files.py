"""A file is written whole or not at all."""

import os

import pytest

from course_lib.files import write_whole


def test_an_interrupt_while_writing_leaves_what_was_there(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    write_whole(tmp_path / "file", "before\n")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"content")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"before\n"}


def test_text_has_line_feeds_and_the_folder_is_made(tmp_path):
    assert write_whole(tmp_path / "new" / "file", "a\nb\n").read_bytes() == b"a\nb\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such rights")
def test_others_may_read_it(tmp_path):
    assert write_whole(tmp_path / "file", "").stat().st_mode & 0o777 == 0o644
