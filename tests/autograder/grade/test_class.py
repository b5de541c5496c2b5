"""The gradebook is the truth: whatever happens in a term, every view of the class says the same."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.cli import course
from autograder.grade import folder as folders
from autograder.grade.classroom import Options, grade_class
from autograder.grade.folder import find_class, load
from autograder.grade.gradebook import Book
from autograder.grade.standing import NOT_GRADED, NOT_HANDED_IN
from autograder.grade.views import make_views
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, exercises_of
from tests.autograder.grade.conftest import whole

pytestmark = [pytest.mark.slow, pytest.mark.calm]

N, M = NOTEBOOKS[:2]
FULL = sum(exercise.points for exercise in exercises_of(N))


@pytest.fixture(autouse=True)
def classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for classes that are called by their name."""
    monkeypatch.setattr(folders, "CLASSES", tmp_path / "graded")
    return tmp_path / "graded"


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_hand(folder: Path, student: str, notebook: str, exercise: str, **values: float) -> None:
    """Give points as the formgrader does."""
    with Gradebook(load(folder).gradebook) as gradebook:
        grade = gradebook.find_grade(exercise, notebook, notebook, student)
        for name, value in values.items():
            setattr(grade, name, value)
        grade.needs_manual_grade = False
        gradebook.db.commit()


def comment(folder: Path, student: str, notebook: str, cell: str, text: str) -> None:
    with Gradebook(load(folder).gradebook) as gradebook:
        gradebook.find_comment(cell, notebook, notebook, student).manual_comment = text
        gradebook.db.commit()


def page(folder: Path, student: str, notebook: str = N) -> str:
    return (folder / "feedback" / student / notebook / f"{notebook}.html").read_text(encoding="utf-8")


def refresh(folder: Path) -> None:
    klass = load(folder)
    with Book(klass.gradebook) as book:
        make_views(klass, book)


@pytest.fixture
def spring(tmp_path: Path, copy_of_class, tools) -> Path:
    """A class of three: everything right and in words, one named mistake, nothing written."""
    copy_of_class(partial(grade_spring, tools))
    return tmp_path / "out"


def grade_spring(tools, place: Path) -> None:
    source = place / "spring"
    word = next(iter(tools.written_of(N)))
    tools.hand_in(source, "ada", N, tools.submission(N, tools.answers(N), {word: "In my words."}))
    tools.hand_in(source, "bea", N, tools.submission(N, tools.answers(N, wiggle="# trap slip")))
    tools.hand_in(source, "cleo", N, tools.submission(N, {}))
    grade_class(source, place / "out")


def test_a_second_batch_adds_and_removes_nothing(spring: Path, tmp_path: Path, fast, tools) -> None:
    before = lines(spring)
    tools.hand_in(tmp_path / "late", "dan", N, tools.submission(N, tools.answers(N)))
    tools.hand_in(tmp_path / "late", "ada", M, tools.submission(M, tools.answers(M)))
    fast.clear()
    grade_class(tmp_path / "late", spring)
    assert sorted(fast) == [("ada", M), ("dan", N)]
    after = lines(spring)
    assert [
        line for line in after if (line["student"], line["notebook"]) in {(b["student"], N) for b in before}
    ] == before
    states = {(line["student"], line["notebook"]): (line["state"], line["points"]) for line in after}
    assert len(states) == 8
    assert states["dan", M] == (NOT_HANDED_IN, "")
    assert states["cleo", N] == ("graded", "0")


def test_points_by_hand_extra_credit_and_penalties_are_in_every_view(spring: Path, tools, capsys) -> None:
    (word, worth), *_ = tools.written_of(N).items()
    by_hand(spring, "ada", N, word, manual_score=worth - 1)
    by_hand(spring, "ada", N, "wiggle", extra_credit=2.5)
    comment(spring, "ada", N, word, "Well <said>.")
    with Gradebook(load(spring).gradebook) as gradebook:
        gradebook.find_submission_notebook(N, N, "ada").late_submission_penalty = 3
        gradebook.db.commit()
    result = CliRunner().invoke(course, ["feedback", str(spring)])
    assert result.exit_code == 0, result.output
    points = FULL + worth - 1 + 2.5 - 3
    ada = next(line for line in lines(spring) if line["student"] == "ada")
    assert float(ada["points"]) == points
    assert (float(ada["max_points"]), ada["late_penalty"], ada["state"]) == (FULL + worth, "3", "graded")
    text = page(spring, "ada")
    assert f"{points:g} of {FULL + worth:g} points" in text
    assert "Well &lt;said&gt;." in text
    result = CliRunner().invoke(course, ["class", str(spring), "--json"])
    data = json.loads(result.output)
    assert next(s for s in data["students"] if s["student"] == "ada")["total"] == points
    assert f"{points:g}" in CliRunner().invoke(course, ["class", str(spring)]).output


def test_points_by_hand_and_comments_survive_a_regrade(spring: Path, tmp_path: Path, fast, tools) -> None:
    word = next(iter(tools.written_of(N)))
    by_hand(spring, "ada", N, word, manual_score=2)
    by_hand(spring, "bea", N, "wiggle", manual_score=1)
    comment(spring, "ada", N, word, "Good.")
    fast.clear()
    grade_class(None, spring)
    assert fast == []  # nothing that decides a grade has changed
    tools.hand_in(tmp_path / "again", "ada", N, tools.submission(N, tools.answers(N), {word: "Other words."}))
    tools.hand_in(tmp_path / "again", "bea", N, tools.submission(N, tools.answers(N, wiggle="# trap slip"), by="same"))
    grade_class(tmp_path / "again", spring)
    assert sorted(fast) == [("ada", N), ("bea", N)]
    items = {(s, i.exercise): i for s in ("ada", "bea") for i in whole(spring).paper(s, N).items}
    assert (items["ada", word].points, items["ada", word].comment) == (2, "Good.")
    assert items["ada", word].look_again  # the answer is another one
    assert items["bea", "wiggle"].points == 1
    assert not items["bea", "wiggle"].look_again


def test_an_unanswered_question_is_not_everything_right(spring: Path) -> None:
    output = CliRunner().invoke(course, ["class", str(spring)]).output
    lines = {line.split()[1]: line for line in output.splitlines() if re.match(r"│ \w", line)}
    assert re.search(r"\d\?", lines["ada"])  # her answer in words waits
    assert "?" not in lines["bea"]
    bea = whole(spring).paper("bea", N)
    assert bea.points == FULL - exercises_of(N)[0].aspects[0].points
    assert "so far; a person still reads" in page(spring, "ada")


def test_every_view_says_the_same_number(spring: Path) -> None:
    for paper in whole(spring).papers.values():
        line = next(each for each in lines(spring) if each["student"] == paper.student)
        assert f"{paper.points:g}" == line["points"]
        assert f"{paper.points:g} of {paper.max_points:g} points" in page(spring, paper.student)


def test_two_classes_never_share_a_folder(tmp_path: Path, classes: Path, fast, tools) -> None:
    word = next(iter(tools.written_of(N)))
    for name in ("cs101.fall", "cs101.spring"):
        tools.hand_in(tmp_path / name, "ada", N, tools.submission(N, tools.answers(N), {word: name}))
        grade_class(tmp_path / name, None)
        if name == "cs101.fall":
            by_hand(classes / name, "ada", N, word, manual_score=1)
    assert whole(classes / "cs101.fall").paper("ada", N).points == FULL + 1
    assert whole(classes / "cs101.spring").paper("ada", N).points == FULL
    (tmp_path / "elsewhere").mkdir()
    shutil.copytree(tmp_path / "cs101.spring", tmp_path / "elsewhere" / "cs101.fall")
    with pytest.raises(CourseError, match=r"the class cs101.fall was made of .*--class cs101.fall.*--class NAME"):
        grade_class(tmp_path / "elsewhere" / "cs101.fall", None)
    grade_class(tmp_path / "elsewhere" / "cs101.fall", None, Options(name="third"))
    assert sorted(path.name for path in classes.iterdir()) == ["cs101.fall", "cs101.spring", "third"]


def test_a_class_can_be_moved_and_knows_itself(spring: Path, tmp_path: Path, fast) -> None:
    facts = json.loads((spring / "class.json").read_text(encoding="utf-8"))
    assert facts["name"] == "out"
    assert facts["handed_over"] == [str(tmp_path / "spring")]
    assert list(facts["course"]) == [N]
    shutil.move(spring, tmp_path / "moved")
    fast.clear()
    grade_class(tmp_path / "spring", tmp_path / "moved")
    assert fast == []
    assert load(tmp_path / "moved").name == "out"


def test_another_seed_is_noticed(spring: Path) -> None:
    (spring / "secret_seed").write_text("12345\n", encoding="ascii")
    with pytest.raises(CourseError, match="is not the seed of the class out"):
        grade_class(None, spring)
    (spring / "secret_seed").unlink()
    with pytest.raises(CourseError, match="Restore it from a backup"):
        grade_class(None, spring)


def test_a_start_that_failed_leaves_nothing_behind(tmp_path: Path, classes: Path, fast, tools, monkeypatch) -> None:
    from autograder.grade import classroom

    def no_jail(*_: object):
        raise CourseError("no jail can be made")
        yield

    monkeypatch.setattr(classroom, "_grade_all", no_jail)
    tools.hand_in(tmp_path / "in", "ada", N, b"x")
    with pytest.raises(CourseError, match="no jail"):
        grade_class(tmp_path / "in", None)
    assert not classes.exists() or not any(classes.iterdir())
    (tmp_path / "nothing").mkdir()
    with pytest.raises(CourseError, match="holds no submission"):
        grade_class(tmp_path / "nothing", None)
    assert not classes.exists() or not any(classes.iterdir())


def test_a_late_student_and_an_older_zip(spring: Path, tmp_path: Path, fast, tools) -> None:
    """What is handed over later counts, unless the system says that it is older."""

    def stamped(name: str, text: str, when: str) -> Path:
        path = tools.hand_in(tmp_path / name, "dan", N, tools.submission(N, {"wiggle": text}))
        (path.parent / "timestamp.txt").write_text(when, encoding="utf-8")
        return tmp_path / name

    grade_class(stamped("one", "# right", "2026-11-20 10:00:00 UTC"), spring)
    first = whole(spring).paper("dan", N)
    assert first.points == 4 and first.time == datetime.fromisoformat("2026-11-20T10:00:00+00:00")
    grade_class(stamped("older", "# nothing", "2026-11-19 10:00:00 UTC"), spring)
    assert whole(spring).paper("dan", N).points == 4
    rows = [row for row in whole(spring).account if row["student"] == "dan"]
    assert sorted(row["outcome"] for row in rows if row["path"].endswith(".ipynb")) == ["another attempt", "collected"]
    grade_class(stamped("newer", "# nothing", "2026-11-21 10:00:00 UTC"), spring)
    assert whole(spring).paper("dan", N).points == 0
    assert len(list((spring / "attempts" / "dan" / N).iterdir())) == 2


def test_what_cannot_be_graded_is_no_zero_and_has_a_page(spring: Path, tmp_path: Path, tools) -> None:
    tools.hand_in(tmp_path / "more", "eve", N, tools.submission(N, {}))
    (tmp_path / "more" / "finn").mkdir()
    (tmp_path / "more" / "finn" / f"{N}.html").write_text("<html>", encoding="utf-8")
    (tmp_path / "more" / "gus").mkdir()
    (tmp_path / "more" / "gus" / "a.ipynb").write_bytes(tools.submission(N, {"wiggle": "a"}))
    (tmp_path / "more" / "gus" / "b.ipynb").write_bytes(tools.submission(N, {"wiggle": "b"}))
    grade_class(tmp_path / "more", spring)
    states = {line["student"]: (line["state"], line["points"]) for line in lines(spring)}
    assert states["finn"] == states["gus"] == (NOT_GRADED, "")
    assert states["eve"] == ("graded", "0")
    assert "a web page" in page(spring, "finn") and "not graded" in page(spring, "finn")
    assert "a.ipynb and b.ipynb" in page(spring, "gus")
    with (spring / "collected.csv").open(encoding="utf-8", newline="") as file:
        told = {row["file"]: row["outcome"] for row in csv.DictReader(file)}
    assert told[f"finn/{N}.html"] == "not a notebook"
    assert told["gus/a.ipynb"] == "waits for a decision"
    grade_class(tmp_path / "more", spring, Options(take=("gus/a.ipynb",)))
    assert whole(spring).paper("gus", N).state == "graded"
    tools.hand_in(tmp_path / "most", "finn", N, tools.submission(N, tools.answers(N)))
    grade_class(tmp_path / "most", spring)
    assert whole(spring).paper("finn", N).points == FULL


ROSTER = "id,name,email,section\nada,Ada Lovelace,ada@x.org,A\nbea,Bea Bohr,bea@x.org,B\nzoe,Zoe Null,zoe@x.org,B\n"


def test_a_roster_gives_names_and_lists_who_handed_in_nothing(spring: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    grade_class(None, spring, Options(roster=tmp_path / "roster.csv"))
    found = {line["student"]: line for line in lines(spring)}
    assert list(found) == ["ada", "bea", "zoe", "cleo"]
    assert (found["zoe"]["state"], found["zoe"]["points"], found["zoe"]["name"]) == (NOT_HANDED_IN, "", "Zoe Null")
    assert found["bea"]["section"] == "B"
    assert "Ada Lovelace (ada)" in page(spring, "ada")
    assert whole(spring).strangers == {"cleo"}
    with Gradebook(load(spring).gradebook) as gradebook:
        assert gradebook.find_student("ada").email == "ada@x.org"
    grade_class(tmp_path / "spring", spring)  # the roster is kept
    assert "Zoe Null" in (spring / "grades.csv").read_text(encoding="utf-8")


def test_due_dates_and_late_penalties(spring: Path, tmp_path: Path, fast, tools) -> None:
    path = tools.hand_in(tmp_path / "late", "dan", N, tools.submission(N, tools.answers(N)))
    (path.parent / "timestamp.txt").write_text("2026-11-21 10:00:00 UTC", encoding="utf-8")
    due = {N: datetime.fromisoformat("2026-11-20T23:59:00+00:00")}
    grade_class(tmp_path / "late", spring, Options(due=due, late="zero"))
    dan = whole(spring).paper("dan", N)
    assert (dan.points, dan.penalty, dan.seconds_late) == (0, FULL, 10 * 3600 + 60)
    assert "It came late, which costs" in page(spring, "dan")
    assert whole(spring).paper("ada", N).penalty == 0
    by_hand(spring, "dan", N, "wiggle", extra_credit=5)
    refresh(spring)
    assert whole(spring).paper("dan", N).points == 0  # still all of it
    (spring / "policy.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\n"
        "class Daily(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return 1 + total_seconds_late // 86400\n",
        encoding="utf-8",
    )
    grade_class(None, spring, Options(late="policy.Daily"))
    assert whole(spring).paper("dan", N).penalty == 1
    grade_class(None, spring, Options(late="none"))
    assert whole(spring).paper("dan", N).points == FULL + 5


def test_a_system_that_says_late_is_believed(tmp_path: Path, fast, tools) -> None:
    (tmp_path / "canvas").mkdir()
    (tmp_path / "canvas" / f"lovelaceada_LATE_42_777_{N}.ipynb").write_bytes(tools.submission(N, tools.answers(N)))
    due = {N: datetime.fromisoformat("2026-11-20T23:59:00+00:00")}
    grade_class(tmp_path / "canvas", tmp_path / "out", Options(due=due, late="zero"))
    assert whole(tmp_path / "out").paper("lovelaceada", N).points == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--due", "99=2026-11-20"], "no notebook '99'"),
        (["--due", "01=soon"], "write a time"),
        (["--late", "often"], "none, zero, or module.Class"),
        (["--late", "no_such_module.Plugin"], "no such plugin"),
        (["--layout", "sakai"], "no layout"),
        (["--class", "../x"], "no name for a class"),
        (["--gradebook", "nonsense"], "no URL of a database"),
        ([], "holds no submission"),
    ],
)
def test_what_is_wrong_with_an_option_is_one_sentence(arguments: list[str], why: str, tmp_path: Path, tools) -> None:
    source = tmp_path / "in"
    source.mkdir()
    if arguments:
        tools.hand_in(source, "ada", N, b"x")
    done = CliRunner().invoke(course, ["grade", str(source), *arguments])
    assert done.exit_code == 2, done.output
    assert why in done.output.replace("\n", " ")
    assert "Traceback" not in done.output


@pytest.mark.parametrize("arguments", [[], ["--class", ""]])
def test_who_names_nothing_to_grade_is_told(arguments: list[str]) -> None:
    done = CliRunner().invoke(course, ["grade", *arguments])
    assert done.exit_code == 2, done.output
    assert "say what to grade" in done.output.replace("\n", " ")


def test_a_class_that_is_not_there(spring: Path) -> None:
    for command in ("class", "feedback", "export", "report", "words"):
        done = CliRunner().invoke(course, [command, "autumn"])
        assert (done.exit_code, "autumn is no class" in done.output) == (2, True), done.output
    with pytest.raises(CourseError, match="no class"):
        find_class("autumn")


def test_a_bad_database_is_one_sentence(spring: Path) -> None:
    (spring / "gradebook.db").write_bytes(b"this is no database" * 100)
    done = CliRunner().invoke(course, ["class", str(spring)])
    assert done.exit_code == 2
    assert "restore it from a backup" in done.output


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nothing://x", "no url"])
def test_a_url_of_no_database_is_one_sentence(url: str) -> None:
    with pytest.raises(CourseError, match="is no URL of a database that can be used"):
        Book(url)


def test_a_locked_database_is_one_sentence(spring: Path, monkeypatch) -> None:
    import sqlite3

    with sqlite3.connect(spring / "gradebook.db") as other:
        other.execute("begin exclusive")
        impatient = partial(sqlite3.dbapi2.connect, timeout=0.1)  # else it waits five seconds
        monkeypatch.setattr(sqlite3.dbapi2, "connect", impatient)
        done = CliRunner().invoke(course, ["feedback", str(spring)])
        other.rollback()
    assert done.exit_code == 2, done.output
    assert "another program is writing into it" in done.output.replace("\n", " ")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_one_sentence(tmp_path: Path, tools, fast) -> None:
    tools.hand_in(tmp_path / "in", "ada", N, b"x")
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(CourseError, match="cannot be written to"):
        grade_class(tmp_path / "in", tmp_path / "out" / "deeper")


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path, tools, fast) -> None:
    tools.hand_in(tmp_path / "in", "ada", N, b"x")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CourseError, match="in the way"):
        grade_class(tmp_path / "in", tmp_path / "out")


def test_a_link_in_a_circle_is_one_sentence(tmp_path: Path, tools, fast) -> None:
    tools.hand_in(tmp_path / "in", "ada", N, b"x")
    (tmp_path / "out").symlink_to(tmp_path / "out")
    with pytest.raises(CourseError, match=r"in the way|cannot be used"):
        grade_class(tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize("name", ["grades.csv", "class.json", "secret_seed", ".lock", ".working"])
def test_a_folder_where_a_file_belongs_is_one_sentence(name: str, spring: Path) -> None:
    (spring / name).unlink(missing_ok=True)
    (spring / name).mkdir()
    with pytest.raises(CourseError, match=f"{re.escape(name)} is in the way; it is a folder|{name} is gone"):
        grade_class(None, spring)


def test_answer_keys_that_cannot_be_kept_cost_no_grade(spring: Path, tmp_path: Path) -> None:
    from autograder.build import answer_key

    (tmp_path / "file").write_text("in the way")
    answer_key.keep_keys("a notebook", tmp_path / "file" / "keys")
    assert answer_key._keeping("a notebook", "some", lambda: {"made": 1}) == {"made": 1}
    answer_key.keep_keys("a notebook", None)


def test_a_gradebook_that_was_emptied_is_no_new_class(spring: Path) -> None:
    (spring / "gradebook.db").write_bytes(b"")
    with pytest.raises(CourseError, match=r"gradebook\.db is empty\. Restore it from a backup"):
        grade_class(None, spring)


@pytest.mark.parametrize("part", [{"name": 3}, {"due": 3}, {"due": {"01": 3}}, {"handed_over": [1]}])
def test_other_kinds_of_facts_are_one_sentence(part: dict, spring: Path) -> None:
    facts = json.loads((spring / "class.json").read_text(encoding="utf-8")) | part
    (spring / "class.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(CourseError, match=f"class.json cannot be read .{next(iter(part))} should not be"):
        load(spring)


def test_a_full_disk_loses_nothing(spring: Path, tmp_path: Path, fast, tools, monkeypatch) -> None:
    import errno

    from autograder.grade import classroom

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = lines(spring)
    tools.hand_in(tmp_path / "more", "dan", N, tools.submission(N, tools.answers(N)))
    with monkeypatch.context() as patch:
        patch.setattr(classroom, "write_whole", full)
        with pytest.raises(CourseError, match="the disk is full"):
            grade_class(tmp_path / "more", spring)
    assert lines(spring) == before
    grade_class(None, spring)  # it was collected, so it is graded now
    assert whole(spring).paper("dan", N).points == FULL


def test_the_second_of_two_graders_is_told_who_works(spring: Path, monkeypatch) -> None:
    import subprocess
    import sys

    code = (
        "import sys, time; from pathlib import Path; from autograder.grade.folder import load\n"
        "with load(Path(sys.argv[1])).working('grading'):\n    print('in', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(spring)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(CourseError, match=rf"process {other.pid}, grading since"), load(spring).working("x", 0.3):
            pass
    finally:
        other.kill()  # it does not clean up
        other.wait()
    with load(spring).working("x", 5):
        pass


def test_the_page_prints_and_reads_well(spring: Path) -> None:
    text = page(spring, "bea")
    assert re.search(r"<main>.*</main>", text, re.DOTALL)
    assert "break-inside: avoid" in text
    assert "<script" not in text and "http" not in re.sub(r"http-equiv", "", text)
    assert "# trap slip" in text  # the student's own answer
    assert "This is slip." in text


def test_nbgraders_generate_feedback_makes_the_same_pages(spring: Path, root: Path, tools) -> None:
    import subprocess
    import sys

    word = next(iter(tools.written_of(N)))
    by_hand(spring, "ada", N, word, manual_score=3)
    comment(spring, "ada", N, word, "By nbgrader's own tools.")
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", N, "--force"]
    environment = {**os.environ, "COURSE_CLASS": str(spring)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = page(spring, "ada")
    assert "By nbgrader&#39;s own tools." in theirs and f"{FULL + 3:g} of" in theirs
    refresh(spring)
    assert page(spring, "ada") == theirs


def test_a_class_that_is_not_there_cannot_be_graded_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("autograder.grade.folder.CLASSES", tmp_path)
    for name, reason in (
        ("sprang", "is no class"),
        ("..", "is no name for a class"),
        ("NUL", "is no name for a class"),
    ):
        done = CliRunner().invoke(course, ["grade", "--class", name])
        assert (done.exit_code, reason in done.output) == (2, True), done.output
    assert list(tmp_path.iterdir()) == []
