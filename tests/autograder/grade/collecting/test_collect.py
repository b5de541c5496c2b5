"""Nobody is forgotten: whatever a class hands over, each file is accounted for, and one mess stops nobody else."""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest

from autograder.files import notebook_text, release_of
from autograder.grade.collecting import unpack
from autograder.grade.collecting.collect import ATTEMPT, COLLECTED, IGNORED, UNKNOWN, UNUSABLE, WAITS, collect
from autograder.grade.collecting.people import People
from autograder.grade.collecting.recognize import recognize
from autograder.grade.roster import Person, read_roster, student_id
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from tests.autograder.grade.collecting.conftest import answered

N, M = NOTEBOOKS[:2]


ONE = answered(N, "one")


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def stripped(notebook: str) -> bytes:
    """A notebook whose editor dropped the metadata and the ids of cells, and whose checks were deleted."""
    nb = release_of(notebook)
    nb.cells = [cell for cell in nb.cells if not cell.source.startswith("check(")]
    for cell in nb.cells:
        cell.metadata.clear()
        del cell["id"]
    nb.nbformat_minor = 4
    nb.cells[0].source += "\nmine"
    return json.dumps(nb).encode()


@pytest.mark.parametrize(
    "name",
    [
        "hw1.ipynb",
        "01_chain_rule (1).ipynb",
        "01_chain_rule-Copy1.ipynb",
        "01_chain_rule.ipynb.json",
        "01_chain_rule.ipynb.txt",
        "01_chain_rule.IPYNB",
        "01_chain_rule.new.ipynb",
        "Untitled.ipynb",
        "work/01_chain_rule/01_chain_rule.ipynb",
        "my homework.zip/01_chain_rule.ipynb",
        "a/b/c/final FINAL.ipynb",
    ],
)
def test_a_notebook_is_found_under_any_name(name: str, tmp_path: Path) -> None:
    files = {f"ada/{N}/{N}.ipynb": answered(N, "ada")}
    if ".zip/" in name:
        archive, inside = name.split(".zip/")
        files[f"bea/{archive}.zip"] = zipped({inside: ONE})
    else:
        files[f"bea/{name}"] = ONE
    found = collect(lay(tmp_path / "in", files))
    assert [(each.student, each.notebook) for each in found.handed_in] == [("ada", N), ("bea", N)]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_content_says_which_notebook_it_is(notebook: str) -> None:
    whole = notebook_text(release_of(notebook)).encode()
    assert recognize(("hw.ipynb",), whole).notebooks == (notebook,)
    assert recognize(("hw.ipynb",), stripped(notebook)).notebooks == (notebook,)
    assert recognize(("hw.ipynb",), whole[: len(whole) // 2]).notebooks == (notebook,)  # cut off
    assert recognize(("hw.ipynb",), whole.decode().encode("utf-16")).notebooks == (notebook,)


def test_a_notebook_under_the_name_of_another_is_what_is_in_it(tmp_path: Path) -> None:
    found = collect(lay(tmp_path / "in", {f"ada/{N}/{N}.ipynb": answered(M)}))
    (ada,) = found.handed_in
    assert ada.notebook == M
    assert N in ada.note and M in ada.note
    both = collect(lay(tmp_path / "in", {f"ada/{M}/{M}.ipynb": answered(M, "the right name")}))
    assert [each.path for each in both.handed_in] == [f"ada/{M}/{M}.ipynb"]
    assert both.count(ATTEMPT) == 1


def test_a_file_that_holds_two_notebooks_counts_for_both(tmp_path: Path) -> None:
    nb = release_of(N)
    nb.cells += release_of(M).cells
    content = json.dumps(nb).encode()
    found = collect(lay(tmp_path / "in", {f"ada/{N}.ipynb": content}))
    assert sorted(each.notebook for each in found.handed_in) == [N, M]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("01_chain_rule.html", b"<!DOCTYPE html><html>check(&quot;wiggle&quot;)", "a web page"),
        ("01_chain_rule.pdf", b"%PDF-1.7", "a PDF file"),
        ("solution.py", b"def wiggle(f, x, h): ...\ncheck('wiggle', wiggle)", "a Python file"),
        ("homework.docx", zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "office document"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "a picture"),
        ("broken.zip", b"PK\x03\x04 and then nothing", "a damaged zip file"),
        ("empty.ipynb", b"", "an empty file"),
        ("work.rar", b"Rar!\x1a\x07", "a RAR archive"),
        ("other.ipynb", b'{"cells": [], "nbformat": 4}', "a notebook of no notebook"),
    ],
)
def test_what_cannot_be_graded_is_told_to_its_student(name: str, content: bytes, what: str, tmp_path: Path) -> None:
    found = collect(lay(tmp_path / "in", {f"ada/{N}/{N}.ipynb": ONE, f"bea/{name}": content}))
    assert [each.student for each in found.handed_in] == ["ada"]
    (bea,) = found.waiting
    assert (bea.student, bea.notebook) == ("bea", N)
    assert what in bea.why and ".ipynb" in bea.why
    (line,) = [line for line in found.account if line.student == "bea"]
    assert line.outcome in (UNUSABLE, UNKNOWN)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    lay(tmp_path / "in", {f"ada/{N}.ipynb": ONE})
    (tmp_path / "in" / "bea").mkdir()
    found = collect(tmp_path / "in")
    assert [(each.student, "empty folder" in each.why) for each in found.waiting] == [("bea", True)]
    archive = tmp_path / "in.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"ada/{N}.ipynb", ONE)
        file.writestr("bea/", b"")
    assert [each.student for each in collect(archive).waiting] == ["bea"]


def test_litter_is_ignored_and_told(tmp_path: Path) -> None:
    files = {f"ada/{N}/{N}.ipynb": ONE, f"__MACOSX/ada/{N}/._{N}.ipynb": b"x", f"ada/{N}/._{N}.ipynb": b"x"}
    files |= {f"ada/{N}/.ipynb_checkpoints/{N}-checkpoint.ipynb": answered(N, "earlier"), "ada/.DS_Store": b"x"}
    files |= {"ada/notes.txt": b"my notes", "Thumbs.db": b"x"}
    folder = lay(tmp_path / "in", files)
    archive = tmp_path / "in.zip"
    archive.write_bytes(zipped(files))
    for path in (folder, archive):
        found = collect(path)
        assert [(each.student, each.content) for each in found.handed_in] == [("ada", ONE)]
        assert not found.waiting
        assert found.count(COLLECTED) == 1
        assert found.count(IGNORED) == len(found.account) - 1 == 6
        assert all(line.why for line in found.account if line.outcome == IGNORED)


def raw_zip(name: bytes, content: bytes, flags: int = 0) -> bytes:
    """A zip file whose name is just these bytes, as programs write it that do not know better."""
    import zlib

    crc, size = zlib.crc32(content), len(content)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, 0, 0, 0x5B74, crc, size, size, len(name), 0) + name
    entry = (b"PK\1\2", 20, 20, flags, 0, 0, 0x5B74, crc, size, size, len(name), 0, 0, 0, 0, 0, 0)
    central = struct.pack("<4sHHHHHHIIIHHHHHII", *entry) + name
    start = len(local) + size
    return local + content + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central), start, 0)


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("Jörg/hw.ipynb".encode(), 0),
        ("Jörg/hw.ipynb".encode(), 0x800),
        ("Jörg/hw.ipynb".encode("cp437"), 0),
        ("Jörg\\hw.ipynb".encode(), 0),
        (unicodedata.normalize("NFD", "Jörg/hw.ipynb").encode(), 0x800),
        ("../../Jörg/hw.ipynb".encode(), 0x800),
        ("/Jörg/hw.ipynb".encode(), 0x800),
    ],
)
def test_names_in_zip_files_are_read_right(name: bytes, flags: int, tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(raw_zip(name, ONE, flags))
    assert [each.student for each in collect(tmp_path / "class.zip").handed_in] == ["Jörg"]


@pytest.mark.parametrize(
    ("first", "second", "student"),
    [
        ("Jörg", unicodedata.normalize("NFD", "Jörg"), "Jörg"),
        ("Ada", "ada", "Ada"),
        ("ada ", "ada", "ada"),
    ],
)
def test_two_spellings_are_one_student(first: str, second: str, student: str, tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(zipped({f"{first}/{N}.ipynb": ONE, f"{second}/{M}.ipynb": answered(M)}))
    found = collect(tmp_path / "class.zip")
    assert {each.student for each in found.handed_in} == {student}
    assert len(found.handed_in) == 2


@pytest.mark.parametrize("name", ["ada@example.org", "=cmd()", "O'Neil, Bea", "李 明", "a" * 150])
def test_unusual_names_are_students_too(name: str, tmp_path: Path) -> None:
    (found,) = collect(lay(tmp_path / "in", {f"{name}/{N}/{N}.ipynb": ONE})).handed_in
    assert found.student == (name if len(name) < 100 else name[:100])


@pytest.mark.parametrize(
    ("name", "student"),
    [("CON", "CON_"), ("nul", "nul_"), ("com1.x", "com1_.x"), ("Connie", "Connie"), ("Conrad.b", "Conrad.b")],
)
def test_nobody_is_called_like_a_device_of_windows(name: str, student: str) -> None:
    assert student_id(name) == student


def test_two_equal_files_wait_and_the_class_goes_on(tmp_path: Path) -> None:
    files = {"ada/one.ipynb": ONE, "ada/two.ipynb": answered(N, "two"), f"bea/{N}.ipynb": ONE}
    found = collect(lay(tmp_path / "in", files))
    assert [each.student for each in found.handed_in] == ["bea"]
    with pytest.raises(CourseError, match=r"--take ada/on\.ipynb: no such file"):
        collect(tmp_path / "in", take=["ada/on.ipynb"])
    (ada,) = found.waiting
    assert "one.ipynb" in ada.why and "two.ipynb" in ada.why
    assert found.count(WAITS) == 2
    chosen = collect(tmp_path / "in", take=["ada/two.ipynb"])
    assert [(each.student, each.path) for each in chosen.handed_in] == [
        ("ada", "ada/two.ipynb"),
        ("bea", f"bea/{N}.ipynb"),
    ]
    assert not chosen.waiting


def test_two_files_with_the_same_content_are_one(tmp_path: Path) -> None:
    found = collect(lay(tmp_path / "in", {"ada/one.ipynb": ONE, "ada/two.ipynb": ONE}))
    assert (found.count(COLLECTED), found.count(ATTEMPT), found.waiting) == (1, 1, [])


def test_an_untouched_release_beside_an_answer_does_not_count(tmp_path: Path) -> None:
    untouched = notebook_text(release_of(N)).encode()
    found = collect(lay(tmp_path / "in", {f"ada/{N}.new.ipynb": untouched, f"ada/{N}.ipynb": ONE}))
    assert [each.content for each in found.handed_in] == [ONE]


@pytest.mark.skipif(not hasattr(Path, "symlink_to"), reason="no links")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    lay(tmp_path / "elsewhere", {"secret.ipynb": ONE})
    lay(tmp_path / "in", {f"ada/{N}/{N}.ipynb": ONE})
    (tmp_path / "in" / "eve" / N).mkdir(parents=True)
    (tmp_path / "in" / "eve" / N / f"{N}.ipynb").symlink_to(tmp_path / "elsewhere" / "secret.ipynb")
    found = collect(tmp_path / "in")
    assert [each.student for each in found.handed_in] == ["ada"]
    assert [line.why for line in found.account if line.path.startswith("eve")] == ["a link is not followed"]


def test_a_password_is_told(tmp_path: Path) -> None:
    files = zipped({f"bea/{N}.ipynb": ONE})
    locked = bytearray(raw_zip(f"ada/{N}.ipynb".encode(), ONE, flags=1))
    inner = {"bea/work.zip": bytes(locked), "cleo/work.zip": files}
    found = collect(lay(tmp_path / "in", inner))
    assert [each.student for each in found.handed_in] == ["cleo"]
    assert ["password" in each.why for each in found.waiting] == [True]


def test_a_zip_file_that_unpacks_to_too_much_stops_nobody(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", b"\0" * (101 << 20))
    found = collect(lay(tmp_path / "in", {"ada/work.zip": out.getvalue(), f"bea/{N}.ipynb": ONE}))
    assert [each.student for each in found.handed_in] == ["bea"]
    assert ["too large" in each.why for each in found.waiting] == [True]


def test_what_holds_no_submission_is_refused(tmp_path: Path) -> None:
    for files in ({}, {"grades.pdf": b"%PDF"}, {"other.ipynb": b'{"cells": []}'}):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        with pytest.raises(CourseError, match="holds no submission"):
            collect(lay(folder, files))


ROSTER = b"""Student,ID,SIS User ID,SIS Login ID,Section,Homework
    Points Possible,,,,,10
"Lovelace, Ada",42,3141,alovelace,Section A,
"Bohr, Bea",43,2718,bbohr,Section B,
"""


def test_the_roster_gives_ids_and_names(tmp_path: Path) -> None:
    roster = read_roster(ROSTER, "roster.csv")
    assert [(p.id, p.name, p.section) for p in roster] == [
        ("alovelace", "Ada Lovelace", "Section A"),
        ("bbohr", "Bea Bohr", "Section B"),
    ]
    names = (
        f"lovelaceada_42_777_{N}.ipynb",
        f"Ada Lovelace_9_assignsubmission_file_/{N}.ipynb",
        f"alovelace/{N}.ipynb",
    )
    names += (
        f"hw_alovelace_attempt_2026-11-20-14-03-22_{N}.ipynb",
        f"12-3 - Lovelace, Ada - Nov 20, 2026 203 PM/{N}.ipynb",
    )
    for number, name in enumerate(names):
        found = collect(lay(tmp_path / str(number), {name: ONE}), people=People(roster))
        assert [each.student for each in found.handed_in] == ["alovelace"], name
        assert not found.strangers


def test_who_is_not_on_the_roster_is_asked_about(tmp_path: Path) -> None:
    people = People(read_roster(ROSTER, "roster.csv"))
    found = collect(lay(tmp_path / "in", {f"alovelacee/{N}.ipynb": ONE, f"zoe/{N}.ipynb": ONE}), people=people)
    assert found.strangers == {"alovelacee": ["alovelace"], "zoe": []}
    assert len(found.handed_in) == 2


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("id,name,email,section\nada,Ada Lovelace,a@x.org,A\n", ("ada", "Ada Lovelace", "a@x.org", "A")),
        (
            "First name;Last name;ID number;Email address\nAda;Lovelace;3141;a@x.org\n",
            ("3141", "Ada Lovelace", "a@x.org", ""),
        ),
        (
            '"Last Name"\t"First Name"\t"Username"\t"Student ID"\nLovelace\tAda\talovelace\t3141\n',
            ("alovelace", "Ada Lovelace", "", ""),
        ),
        (
            "OrgDefinedId,Username,Last Name,First Name,Email\n#3141,#alovelace,Lovelace,Ada,a@x.org\n",
            ("alovelace", "Ada Lovelace", "a@x.org", ""),
        ),
        (
            "First Name,Last Name,SID,Email,Sections\nAda,Lovelace,3141,a@x.org,A\n",
            ("3141", "Ada Lovelace", "a@x.org", "A"),
        ),
        ("Last Name,First Name,Email Address\nLovelace,Ada,a@x.org\n", ("a@x.org", "Ada Lovelace", "a@x.org", "")),
        (
            "id,first_name,last_name,email,lms_user_id\nada,Ada,Lovelace,a@x.org,42\n",
            ("ada", "Ada Lovelace", "a@x.org", ""),
        ),
    ],
)
def test_the_systems_own_exports_are_rosters(text: str, person: tuple[str, ...]) -> None:
    for encoded in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        (found,) = read_roster(encoded, "roster.csv")
        assert (found.id, found.name, found.email, found.section) == person


def test_a_roster_that_says_nobody_is_refused() -> None:
    for text, why in (
        (b"", "is empty"),
        (b"points\n3\n", "no column"),
        (b"id\nada\nada\n", "ada is there more than once"),
        (b'id,name\n"ada,Ada\nbob,Bob\n', "is no CSV file .line 3"),
        (b"id,name\nada," + b"x" * 200_000, "is no CSV file .line 2"),
        (b"PK\3\4 an office document", "Save the table as CSV"),
    ):
        with pytest.raises(CourseError, match=why):
            read_roster(text, "roster.csv")


def test_a_student_seen_before_keeps_the_spelling(tmp_path: Path) -> None:
    people = People(seen={"Ada": None})
    assert [each.student for each in collect(lay(tmp_path, {f"ada/{N}.ipynb": ONE}), people=people).handed_in] == [
        "Ada"
    ]
    assert Person("ada").shown == "ada"


@pytest.mark.slow
@pytest.mark.calm
@pytest.mark.parametrize(
    "filler",
    [b"\0" * 1000, b"check(" + b" " * 994, b'"id": "' * 140, b"a" * 999 + b" ", b"a" * 59 + b" ", b"A" * 76 + b"\\n"],
)
def test_what_a_large_file_is_takes_little_time_to_say(filler: bytes) -> None:
    before = time.process_time()
    recognize(("x", f"{N}.ipynb"), b'{"cells"' + filler * 5_000)
    assert time.process_time() - before < 3


@pytest.mark.parametrize("picture", [b"A" * 76 + b"\\n", b"A" * 76 + b'\\n",\n   "', b"A" * 76])
def test_a_notebook_with_large_pictures_is_recognized(picture: bytes) -> None:
    large = ONE.replace(b'"cells": [', b'"picture": ["' + picture * 150_000 + b'"], "cells": [', 1)
    assert len(large) > 10 << 20
    assert recognize(("x", "mine.ipynb"), large).contains == (N,)


def test_all_zip_files_of_one_folder_share_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MAX_ARCHIVE_BYTES", 3 * len(ONE))
    many = {f"eve/{number}.zip": zipped({f"{N}.ipynb": ONE}) for number in range(5)}
    lay(tmp_path, many | {"ada/mine.zip": zipped({f"{N}.ipynb": ONE})})
    found = list(unpack.files_of(tmp_path))
    read = [each.parts[0] for each in found if each.content is not None]
    assert read == ["ada", "eve", "eve", "eve"]
    assert sum("too large" in each.problem for each in found) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_names_that_are_no_text_can_be_written_down(tmp_path: Path) -> None:
    """A file system takes any bytes as a name; a gradebook does not."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xffname"))
    lay(folder, {f"{N}.ipynb": ONE})
    (folder / os.fsdecode(b"\xfe.txt")).touch()
    lay(tmp_path, {f"ada/{N}.ipynb": ONE})
    found = collect(tmp_path)
    assert len(found.handed_in) == 2
    for line in found.account:
        f"{line.path} {line.why} {line.student}".encode()
    for each in found.handed_in:
        f"{each.student} {each.path}".encode()
