"""A roster that comes later gives students their ids, and nothing of theirs is lost or doubled on the way."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.grade import renaming
from autograder.grade.classroom import Options, grade_class
from autograder.grade.folder import load
from autograder.grade.gradebook import Book
from course_lib.exercises import NOTEBOOKS

pytestmark = [pytest.mark.slow, pytest.mark.calm]

N, M = NOTEBOOKS[:2]
ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section
"Lovelace, Ada",42,n42,ada,A
"Noether, Emmy",43,n43,emmy,B
"Noether, Emmy",44,n44,emmy2,B
"""


def canvas(path: Path, *names: str, **contents: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 10, 0, 0)), contents[name.split("_")[-1][:1]])
    return path


def table(folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student"], row["notebook"]): (row["points"], row["state"]) for row in csv.DictReader(file)}


@pytest.fixture
def spring(tmp_path: Path, fast, tools) -> Path:
    """Three students, two of one name, and nobody knows their ids yet. Ada has got points and a comment by hand."""
    one = tools.submission(N, tools.answers(N))
    names = ("lovelaceada_42_701_n.ipynb", "noetheremmy_43_702_n.ipynb", "noetheremmy_44_703_n.ipynb")
    older = "lovelaceada_42_601_o.ipynb"
    week = canvas(tmp_path / "week1.zip", *names, older, n=one, o=tools.submission(N, {}, by="older"))
    grade_class(week, tmp_path / "spring")
    with Gradebook(load(tmp_path / "spring").gradebook) as gradebook:
        gradebook.find_grade("wiggle", N, N, "lovelaceada").manual_score = 1.5
        gradebook.find_comment("wiggle-answer", N, N, "lovelaceada").manual_comment = "See me."
        gradebook.db.commit()
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path / "spring"


def test_a_later_roster_makes_nobody_two_students(spring: Path, tmp_path: Path, fast, tools) -> None:
    said: list[str] = []
    second = tools.submission(M, tools.answers(M))
    week = canvas(tmp_path / "week2.zip", "lovelaceada_42_801_m.ipynb", m=second)
    fast.clear()
    grade_class(week, spring, Options(roster=tmp_path / "roster.csv"), say=said.append)
    assert fast == [("ada", M)]  # nothing that was graded is graded again
    grades = table(spring)
    assert {student for student, _ in grades} == {"ada", "emmy", "emmy2"}
    assert {place: state for place, (_, state) in grades.items() if place[1] == N} == dict.fromkeys(
        [("ada", N), ("emmy", N), ("emmy2", N)], "graded"
    )
    assert float(grades["emmy", N][0]) - float(grades["ada", N][0]) == 4 - 1.5
    assert "See me." in (spring / "feedback" / "ada" / N / f"{N}.html").read_text(encoding="utf-8")
    assert len(list((spring / "attempts" / "ada" / N).iterdir())) == 1
    assert not list(spring.glob("*/lovelaceada")) and not list(spring.glob("*/noetheremmy*"))
    assert "lovelaceada is ada" in said[0]
    with Gradebook(load(spring).gradebook) as gradebook:
        assert {student.id for student in gradebook.students} == {"ada", "emmy", "emmy2"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_renaming_that_was_killed_is_finished(spring: Path, tmp_path: Path, fast, monkeypatch, moment: str) -> None:
    move = renaming._move_files

    def killed(folder: Path, desk, old: str, new: str) -> None:
        if moment == "after":
            move(folder, desk, old, new)
        raise KeyboardInterrupt

    monkeypatch.setattr(renaming, "_move_files", killed)
    with pytest.raises(KeyboardInterrupt):
        grade_class(None, spring, Options(roster=tmp_path / "roster.csv"))
    monkeypatch.setattr(renaming, "_move_files", move)
    fast.clear()
    grade_class(None, spring)
    assert fast == []
    assert [student for student, _ in table(spring)] == ["ada", "emmy", "emmy2"]
    assert len(list(spring.glob("submitted/*/*/*.ipynb"))) == 3
    assert load(spring).facts.renaming == {}


def test_two_files_for_one_notebook_are_asked_about(spring: Path, tmp_path: Path, fast, tools) -> None:
    source = tools.hand_in(tmp_path / "more", "emmy", N, tools.submission(N, tools.answers(N, wiggle="# wrong odd")))
    said: list[str] = []
    grade_class(source.parents[2], spring, Options(roster=tmp_path / "roster.csv"), say=said.append)
    assert set(table(spring)) == {("ada", N), ("emmy", N), ("emmy2", N)}
    tools.hand_in(tmp_path / "other", "lovelace ada", N, tools.submission(N, {}))
    (spring / "roster.csv").unlink()
    grade_class(tmp_path / "other", spring)
    said.clear()
    grade_class(None, spring, Options(roster=tmp_path / "roster.csv"), say=said.append)
    assert said == [f"lovelace ada seems to be ada of the roster, but both have handed in {N}. They stay two students."]
    assert ("lovelace ada", N) in table(spring)


def test_a_student_who_keeps_an_id_keeps_everything(spring: Path) -> None:
    grade_class(None, spring)
    before = table(spring)
    with Book(load(spring).gradebook) as book:
        book.rename("lovelaceada", "lovelaceada")
    grade_class(None, spring)
    assert table(spring) == before
