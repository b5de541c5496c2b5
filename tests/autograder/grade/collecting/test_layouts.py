"""A small real example of each layout: the names of files as the systems write them, and who handed in what."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.files import notebook_file
from autograder.grade.collecting.collect import COLLECTED, collect
from autograder.grade.collecting.people import People
from autograder.grade.roster import read_roster, roster_csv
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from tests.autograder.grade.collecting.conftest import answered

N, M = NOTEBOOKS[:2]


GRADESCOPE = """\
---
submission_201:
  :submitters:
  - :name: Ada Lovelace
    :sid: '3141'
    :email: ada@example.org
  :created_at: 2026-11-20 14:03:22.123456000 Z
  :score: 0.0
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    output: ''
submission_202:
  :submitters:
  - :name: Bea Bohr
    :sid: '2718'
    :email: bea@example.org
  - :name: Cleo Curie
    :sid: '1618'
    :email: cleo@example.org
  :created_at: 2026-11-21 08:00:00.000000000 Z
"""

# By layout: the files, and the students whose notebook 01 is found. `None` is a notebook.
EXAMPLES: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "nbgrader": (
        {
            f"ada/{N}/{N}.ipynb": None,
            f"ada/{N}/timestamp.txt": "2026-11-20 14:03:22.948203 UTC",
            f"bea/{N}/{N}.ipynb": None,
        },
        ["ada", "bea"],
    ),
    "nbgrader, the submitted folder": ({f"submitted/ada/{N}/{N}.ipynb": None}, ["ada"]),
    "nbgrader, the exchange": ({f"ada+{N}+2026-11-20 14:03:22.948203 UTC+Zm9v/{N}.ipynb": None}, ["ada"]),
    "folders": (
        {"ada/hw1.ipynb": None, "bea/work/01_chain_rule/01_chain_rule.ipynb": None, "bea/notes.txt": ""},
        ["ada", "bea"],
    ),
    "folders below a root": ({"class/ada/hw1.ipynb": None, "class/bea/hw1.ipynb": None}, ["ada", "bea"]),
    "the notebook's folder first": ({f"{N}/ada/hw1.ipynb": None, f"{N}/bea/hw1.ipynb": None}, ["ada", "bea"]),
    "files": ({f"ada_{N}.ipynb": None, f"bea-{N} (1).ipynb": None}, ["ada", "bea"]),
    "canvas": (
        {
            f"lovelaceada_42_777_{N}.ipynb": None,
            f"bohrbea_LATE_43_801_{N}-1.ipynb": None,
            f"o'neil-smithcleo_late_44_802_{N}-2.ipynb": None,
            "diracdan_45_text.html": "<p>sorry</p>",
        },
        ["bohrbea", "lovelaceada", "o'neil-smithcleo"],
    ),
    "moodle": (
        {
            f"Ada Lovelace_123_assignsubmission_file_/{N}.ipynb": None,
            f"Jörg Müller_124_assignsubmission_file/{N}.ipynb": None,
            "Dan Dirac_125_assignsubmission_onlinetext_/onlinetext.html": "<p>sorry</p>",
        },
        ["Ada Lovelace", "Jörg Müller"],
    ),
    "moodle, flat": (
        {f"Ada Lovelace_123_assignsubmission_file_{N}.ipynb": None, f"Bo Li_9_assignsubmission_file_{N}.ipynb": None},
        ["Ada Lovelace", "Bo Li"],
    ),
    "blackboard": (
        {
            f"Homework 1_alovelace_attempt_2026-11-19-10-00-00_{N}.ipynb": None,
            "Homework 1_alovelace_attempt_2026-11-19-10-00-00.txt": "Name: Ada Lovelace (alovelace)\n",
            f"Homework 1_alovelace_attempt_2026-11-20-14-03-22_{N}.ipynb": None,
            f"Homework 1_bbohr_attempt_2026-11-20-15-00-00_{N}.ipynb": None,
        },
        ["alovelace", "bbohr"],
    ),
    "brightspace": (
        {
            f"123456-789 - Ada Lovelace - Nov 20, 2026 203 PM/{N}.ipynb": None,
            f"123457-789 - Bohr, Bea - Nov 20, 2026 1203 AM/{N}.ipynb": None,
            "index.html": "<html></html>",
        },
        ["Ada Lovelace", "Bea Bohr"],
    ),
    "brightspace, flat": ({f"123456-789 - Ada Lovelace - Nov 20, 2026 203 PM - {N}.ipynb": None}, ["Ada Lovelace"]),
    "gradescope": (
        {
            "assignment_9_export/submission_metadata.yml": GRADESCOPE,
            f"assignment_9_export/submission_201/{N}.ipynb": None,
            "assignment_9_export/submission_202/hw.ipynb": None,
        },
        ["1618", "2718", "3141"],
    ),
    "classroom": (
        {f"Ada Lovelace - {N}.ipynb": None, f"Bea Bohr - Copy of {N}.ipynb": None},
        ["Ada Lovelace", "Bea Bohr"],
    ),
}


def lay(folder: Path, files: dict[str, str | None]) -> Path:
    for number, (name, text) in enumerate(files.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(answered(N, f"{number}") if text is None else text.encode())
    return folder


def packed(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return archive


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_layout_says_who_handed_in(example: str, tmp_path: Path) -> None:
    files, students = EXAMPLES[example]
    folder = lay(tmp_path / "in", files)
    for path in (folder, packed(folder, tmp_path / "class.zip")):
        found = collect(path)
        assert sorted(each.student for each in found.handed_in) == students
        assert {each.notebook for each in found.handed_in} == {N}
        assert {line.path.split(".zip/")[-1] for line in found.account} == set(files)  # every file, and each once
        named = collect(path, layout=example.split(",")[0].split(" ")[0].replace("the", "nbgrader"))
        assert [(e.student, e.path) for e in named.handed_in] == [(e.student, e.path) for e in found.handed_in]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_zip_files_of_two_weeks_in_one_folder(example: str, tmp_path: Path) -> None:
    files, students = EXAMPLES[example]
    (tmp_path / "both").mkdir()
    packed(lay(tmp_path / "in", files), tmp_path / "both" / "week1.zip")
    lone = {f"ada_{N}.ipynb", f"bea-{N} (1).ipynb"}
    if set(files) & lone or example in ("nbgrader", "folders", "folders below a root", "the notebook's folder first"):
        return  # such a zip file looks like a student's own
    if example.startswith("nbgrader"):
        return
    assert sorted(each.student for each in collect(tmp_path / "both").handed_in) == students


def test_times_and_lateness_are_kept(tmp_path: Path) -> None:
    def only(example: str, student: str):
        found = collect(lay(tmp_path / example, EXAMPLES[example][0]))
        return next(each for each in found.handed_in if each.student == student)

    assert only("nbgrader", "ada").time == datetime(2026, 11, 20, 14, 3, 22, 948203, tzinfo=UTC)
    assert only("nbgrader, the exchange", "ada").time == datetime(2026, 11, 20, 14, 3, 22, 948203, tzinfo=UTC)
    assert only("gradescope", "3141").time == datetime(2026, 11, 20, 14, 3, 22, 123456, tzinfo=UTC)
    assert only("blackboard", "alovelace").time == datetime(2026, 11, 20, 14, 3, 22).astimezone()
    assert only("brightspace", "Ada Lovelace").time == datetime(2026, 11, 20, 14, 3).astimezone()
    assert only("brightspace", "Bea Bohr").time == datetime(2026, 11, 20, 0, 3).astimezone()
    assert only("canvas", "bohrbea").late
    assert not only("canvas", "lovelaceada").late


def test_the_latest_attempt_counts_and_the_others_are_told(tmp_path: Path) -> None:
    found = collect(lay(tmp_path / "in", EXAMPLES["blackboard"][0]))
    ada = next(each for each in found.handed_in if each.student == "alovelace")
    assert "2026-11-20" in ada.path
    assert ["2026-11-19" in attempt.path for attempt in ada.attempts] == [True]
    other = next(line for line in found.account if "2026-11-19" in line.path and line.path.endswith("ipynb"))
    assert other.outcome == "another attempt"


def test_a_higher_number_of_canvas_is_later(tmp_path: Path) -> None:
    files = {f"lovelaceada_42_999_{N}-2.ipynb": None, f"lovelaceada_42_1000_{N}-1.ipynb": None}
    (ada,) = collect(lay(tmp_path / "in", files)).handed_in
    assert "_1000_" in ada.path


def test_two_people_of_one_name_are_two(tmp_path: Path) -> None:
    canvas = collect(lay(tmp_path / "a", {f"wangwei_42_7_{N}.ipynb": None, f"wangwei_43_8_{N}.ipynb": None}))
    assert sorted(each.student for each in canvas.handed_in) == ["wangwei_42", "wangwei_43"]
    again = collect(tmp_path / "a", people=People(seen={"wangwei": "42"}))
    assert sorted(each.student for each in again.handed_in) == ["wangwei", "wangwei_43"]
    files = {f"Wei Wang_1_assignsubmission_file_/{N}.ipynb": None, f"Wei Wang_2_assignsubmission_file_/{N}.ipynb": None}
    files |= {f"Ada Lovelace_3_assignsubmission_file_/{N}.ipynb": None}
    moodle = collect(lay(tmp_path / "b", files))
    assert [each.student for each in moodle.handed_in] == ["Ada Lovelace"]  # the class goes on
    assert {each.student for each in moodle.waiting} == {"Wei Wang"}
    worksheet = (
        b"Identifier,Full name,Email address\nParticipant 1,Wei Wang,w1@x.org\nParticipant 2,Wei Wang,w2@x.org\n"
    )
    roster = read_roster(worksheet, "worksheet.csv")
    assert read_roster(roster_csv(roster).encode(), "as the class keeps it") == roster
    told = collect(tmp_path / "b", people=People(roster))
    assert sorted(each.student for each in told.handed_in) == ["Ada Lovelace", "w1@x.org", "w2@x.org"]


def test_a_layout_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"no layout 'sakai'.*canvas.*moodle"):
        collect(lay(tmp_path / "in", {f"ada_{N}.ipynb": None}), layout="sakai")


def test_one_file_knows_its_student_by_its_folders(tmp_path: Path) -> None:
    path = notebook_file(tmp_path / "submitted" / "ada", N)
    lay(path.parent, {path.name: None})
    assert [(each.student, each.notebook) for each in collect(path).handed_in] == [("ada", N)]


def test_one_file_that_names_nobody_asks(tmp_path: Path) -> None:
    path = lay(tmp_path, {"hw1.ipynb": None}) / "hw1.ipynb"
    with pytest.raises(CourseError, match="--student"):
        collect(path)
    assert [each.student for each in collect(path, student="ada").handed_in] == ["ada"]
    assert [line.outcome for line in collect(path, student="ada").account] == [COLLECTED]


def test_the_sample_class_is_the_same_in_every_layout(root: Path) -> None:
    """The same content for the same students: what is graded is the same, so the grades are."""
    examples = root / "examples"
    people = People(read_roster((examples / "roster.csv").read_bytes(), "roster.csv"))
    found = [collect(examples / name, people=people) for name in ("class", "canvas.zip", "moodle.zip")]
    assert [each.layout for each in found] == ["nbgrader", "canvas", "moodle"]
    handed_in = [{(each.student, each.notebook, each.content) for each in one.handed_in} for one in found]
    assert handed_in[0] == handed_in[1] == handed_in[2]
    assert len(handed_in[0]) == 16
    assert [sum(len(each.attempts) for each in one.handed_in) for one in found] == [1, 1, 1]
    assert not any(one.waiting or one.strangers for one in found)
