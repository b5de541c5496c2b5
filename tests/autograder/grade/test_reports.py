"""What goes to the office, to the students and to the next lecture, read back by what the systems document."""

from __future__ import annotations

import ast
import csv
import importlib.util
import json
import linecache
import re
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import zoo
from autograder.cli import course
from autograder.grade import trap_draft
from autograder.grade.classroom import Options, grade_class
from autograder.grade.feedback import page
from autograder.grade.folder import load
from autograder.grade.groups import alike, mistakes, unexplained
from autograder.grade.roster import Person
from autograder.grade.standing import Item, Paper, Standing
from autograder.grade.trap_draft import doubtful, draft
from autograder.grade.words import questions, server_for
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, exercises_of
from tests.autograder.grade.conftest import whole

pytestmark = [pytest.mark.slow, pytest.mark.calm]

N = NOTEBOOKS[0]
ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section
"Lovelace, Ada",41,3141,alovelace,A
"Bohr, Bea",42,3142,bbohr,B
"Curie, Cleo",43,3143,ccurie,B
"Null, Zoe",44,3144,znull,A
"""
UNNAMED = '''# by Ada Lovelace
import numpy as np

def helper(value):
    """Ada's helper."""
    return value * 2

def wiggle(f, x, h):
    return helper(f(x)) / h  # wrong odd
'''


@pytest.fixture
def spring(tmp_path: Path, copy_of_class, tools) -> Path:
    """A class that came from Canvas: one right, two with the same unnamed mistake, one who handed in nothing."""
    copy_of_class(partial(grade_spring, tools))
    return tmp_path / "spring"


def grade_spring(tools, place: Path) -> None:
    word = next(iter(tools.written_of(N)))
    source = place / "canvas"
    source.mkdir()
    given = {
        "lovelaceada_41_501": tools.submission(N, tools.answers(N, wiggle=UNNAMED), {word: "In my & words."}),
        "bohrbea_42_502": tools.submission(N, tools.answers(N, wiggle=UNNAMED.replace("helper", "twice"))),
        "curiecleo_LATE_43_503": tools.submission(N, tools.answers(N, cos_x2="# trap no_inner")),
    }
    for name, content in given.items():
        (source / f"{name}_{N}.ipynb").write_bytes(content)
    (place / "roster.csv").write_text(ROSTER, encoding="utf-8")
    grade_class(source, place / "spring", Options(roster=place / "roster.csv"))


def run(*arguments: str) -> str:
    done = CliRunner().invoke(course, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def points_of(folder: Path) -> dict[str, str]:
    papers = {paper.student: paper.points for paper in whole(folder).every_paper()}
    return {student: "" if points is None else f"{points:g}" for student, points in papers.items()}


@pytest.mark.parametrize(
    ("system", "key", "ids", "item", "last"),
    [
        ("csv", "student", ["alovelace", "bbohr", "ccurie", "znull"], N, "total"),
        ("canvas", "ID", ["41", "42", "43", "44"], N, N),
        ("moodle", "ID number", ["3141", "3142", "3143", "3144"], f"Assignment: {N} (Real)", f"Assignment: {N} (Real)"),
        ("blackboard", "Username", ["alovelace", "bbohr", "ccurie", "znull"], f"{N} [Total Pts: {{most}} Score]", None),
        (
            "brightspace",
            "OrgDefinedId",
            ["#3141", "#3142", "#3143", "#3144"],
            f"{N} Points Grade",
            "End-of-Line Indicator",
        ),
    ],
)
def test_an_export_reads_back(system, key, ids, item, last, spring: Path) -> None:
    run("export", str(spring), "--for", system)
    rows = table(spring / "exports" / ("grades.csv" if system == "csv" else f"{system}.csv"))
    item = item.format(most=f"{whole(spring).max_points(N):g}")
    if last:
        assert list(rows[0])[-1] == last
    if system in ("csv", "canvas"):
        assert "points possible" in "".join(rows.pop(0).values()).lower()
    assert [row[key] for row in rows] == ids
    assert [row[item] for row in rows] == list(points_of(spring).values())
    assert rows[-1][item] == ""  # not handed in is no 0
    names = {"csv": "name", "canvas": "Student"}.get(system, "Last Name" if system != "moodle" else "Last name")
    assert "Lovelace" in rows[0][names]
    exercises = table(spring / "exports" / "exercises.csv")
    for student, points in points_of(spring).items():
        own = [float(row["points"]) for row in exercises if row["student"] == student and row["points"]]
        assert not points or sum(own) == float(points)


def test_what_waits_can_be_left_out(spring: Path) -> None:
    told = run("export", str(spring), "--only-complete")
    assert "wait for a person" not in told
    rows = {row["student"]: row for row in table(spring / "exports" / "grades.csv")}
    assert rows["alovelace"][N] == ""
    assert rows["bbohr"][N] == points_of(spring)["bbohr"]


def test_json_has_aspects_and_named_mistakes(spring: Path) -> None:
    data = json.loads(run("export", str(spring), "--json"))
    cleo = next(student for student in data["students"] if student["student"] == "ccurie")
    exercise = next(each for each in cleo["notebooks"][N]["exercises"] if each["exercise"] == "cos-x2")
    assert exercise["trap"] == "no_inner"
    assert exercise["aspects"][0]["passed"] is False


def test_feedback_goes_back_the_way_it_came(spring: Path, tmp_path: Path, fast, tools) -> None:
    run("feedback", str(spring), "--zip", "canvas")
    with zipfile.ZipFile(spring / "exports" / f"feedback-canvas-{N}.zip") as archive:
        names = archive.namelist()
        assert f"curiecleo_LATE_43_503_{N}.html" in names and len(names) == 3
        assert b"Cleo Curie" in archive.read(f"curiecleo_LATE_43_503_{N}.html")
    done = CliRunner().invoke(course, ["feedback", str(spring), "--zip", "moodle"])
    assert (done.exit_code, "through moodle" in done.output) == (2, True)
    place = tmp_path / "moodle" / "Ada Lovelace_9_assignsubmission_file_"
    place.mkdir(parents=True)
    (place / "hw.ipynb").write_bytes(tools.submission(N, tools.answers(N)))
    grade_class(tmp_path / "moodle", tmp_path / "other")
    run("feedback", str(tmp_path / "other"), "--zip", "moodle")
    with zipfile.ZipFile(tmp_path / "other" / "exports" / f"feedback-moodle-{N}.zip") as archive:
        assert archive.namelist() == [f"Ada Lovelace_9_assignsubmission_file_/feedback_{N}.html"]
    run("export", str(tmp_path / "other"), "--for", "moodle")
    (row,) = table(tmp_path / "other" / "exports" / f"moodle-worksheet-{N}.csv")
    assert (row["Identifier"], row["Full name"]) == ("Participant 9", "Ada Lovelace")
    assert [row["Grade"]] == list(points_of(tmp_path / "other").values())
    assert float(row["Maximum Grade"]) == whole(tmp_path / "other").max_points(N)


def test_the_report_shows_mistakes_and_groups(spring: Path) -> None:
    run("report", str(spring))
    html = (spring / "report.html").read_text(encoding="utf-8")
    assert "1 of 3" in html and "no inner" in html
    assert "<script" not in html and "http://" not in html and "https://" not in html
    (group,) = unexplained(whole(spring))
    assert group.students == ("alovelace", "bbohr")
    assert group.id in html
    shown = html[html.index("no known mistake explains") : html.index("What waits for a person")]
    assert "Lovelace" not in shown and "Ada" not in shown  # the example is anonymous
    figures = json.loads(run("report", str(spring), "--json"))
    assert figures["students"] == 4
    assert sum(figures["notebooks"][0]["bins"]) == 3
    wiggle = next(each for each in figures["exercises"] if each["exercise"] == "wiggle")
    assert (wiggle["all"], wiggle["all"] + wiggle["some"] + wiggle["none"] + wiggle["not_answered"]) == (1, 3)
    assert wiggle["share"] == pytest.approx(wiggle["points"] / (3 * exercises_of(N)[0].points))


LONG = (
    "def wiggle(f, x, h):\n    total = 0\n"
    + "    total = total + f(x + h) * 3 - f(x) / h\n" * 9
    + "    return total  # wrong odd"
)
ALSO_LONG = LONG.replace("total", "sum_of_all").replace("x", "place").replace("def", "# my own words\ndef")


def test_answers_that_are_alike_are_reported(tmp_path: Path, fast, tools) -> None:
    """The same but for names and comments; short answers and other ones are not."""
    other = LONG.replace("* 3", "* 4")
    for student, text in {"ada": LONG, "bea": ALSO_LONG, "cleo": other, "dora": "# right", "eve": "# right"}.items():
        tools.hand_in(tmp_path / "in", student, N, tools.submission(N, tools.answers(N, wiggle=text)))
    grade_class(tmp_path / "in", tmp_path / "alike")
    (pair,) = alike(whole(tmp_path / "alike"))
    assert (pair.students, pair.answers) == (("ada", "bea"), (exercises_of(N)[0].number,))


def test_named_mistakes_are_counted_among_those_who_answered(spring: Path) -> None:
    (mistake,) = mistakes(whole(spring))
    assert (mistake.trap, mistake.count, mistake.answered) == ("no_inner", 1, 3)


def test_a_group_becomes_a_draft_that_the_zoo_takes(spring: Path, tmp_path: Path, monkeypatch) -> None:
    (group,) = unexplained(whole(spring))
    file = tmp_path / "zoo.py"
    file.write_text("from autograder.zoo import trap\n", encoding="utf-8")
    monkeypatch.setattr(trap_draft, "_zoo_file", lambda notebook: file)
    told = run("trap", str(spring), group.id)
    assert "course build 01" in told
    text = file.read_text(encoding="utf-8")
    ast.parse(text)
    assert f'@trap("wiggle", loses=("{group.aspects[0]}",))' in text
    with pytest.raises(CourseError, match="has no docstring"):
        entry_in(file)
    file.write_text(text.replace('""""""', '"""You double the value."""'), encoding="utf-8")
    entry, value = entry_in(file)
    assert value(lambda x: x + 1, 2.0, 0.5) == 12.0  # its helper came along
    assert (entry.feedback, entry.exercise, entry.loses) == ("You double the value.", "wiggle", group.aspects)
    file.write_text(text, encoding="utf-8")
    assert CliRunner().invoke(course, ["trap", str(spring), group.id]).exit_code == 2  # it is there already
    done = CliRunner().invoke(course, ["trap", str(spring), "wiggle-none"])
    assert (done.exit_code, group.id in done.output) == (2, True)


def entry_in(file: Path):
    """The one entry of a file of the zoo, and its function."""
    linecache.clearcache()
    spec = importlib.util.spec_from_file_location("draft", file)
    module = importlib.util.module_from_spec(spec)
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), vars(module))
    sys.modules["draft"] = module
    ((name, value),) = [(name, each) for name, each in vars(module).items() if hasattr(each, "zoo")]
    return zoo._entry(name, value, vars(module))[0], value


@pytest.mark.parametrize(
    "source",
    [
        "import os\ndef wiggle(f, x, h):\n    return os.getcwd()",
        "def wiggle(f, x, h=print('run when it is read')):\n    return 1",
        "def wiggle(f, x, h):\n    return open('/etc/passwd').read()",
        "def wiggle(f, x, h):\n    return f.__globals__",
        "import numpy as np\ndef wiggle(f, x, h):\n    return np.load('x')",
        "from subprocess import run\ndef wiggle(f, x, h):\n    return run('ls')",
        "@print\ndef wiggle(f, x, h):\n    return 1",
    ],
)
def test_a_draft_that_does_more_than_compute_is_not_written(source: str, spring: Path) -> None:
    from dataclasses import replace

    (group,) = unexplained(whole(spring))
    assert doubtful(draft(replace(group, example=source)))


def test_answers_in_words_are_read_and_scored_on_one_page(spring: Path) -> None:
    klass = load(spring)
    (question,) = questions(whole(spring))
    assert [answer.student for answer in question.answers] == ["alovelace"]
    assert "ubric" in question.rubric and question.text
    server, address = server_for(klass, None)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with urllib.request.urlopen(address) as answer:
            index, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert f"{N}/{question.exercise}" in index
        url = f"{address}{N}/{question.exercise}"
        page = urllib.request.urlopen(url).read().decode()
        assert "The rubric" in page.partition("In my &amp; words.")[0]  # on a phone it stands above all answers
        form = {"student-0": "alovelace", "points-0": "2,5", "comment-0": "Nearly <all>."}
        saved = urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()).read().decode()
        assert "1 saved." in saved and "Nearly &lt;all&gt;." in saved
        wrong = urllib.request.urlopen(url, urllib.parse.urlencode(form | {"points-0": "99"}).encode()).read().decode()
        assert "99 is no number from 0" in wrong
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(re.sub(r"[^/]+/$", "guess/", address))
        request = urllib.request.Request(address, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)
    finally:
        server.shutdown()
        server.server_close()
    ada = whole(spring).paper("alovelace", N)
    item = next(item for item in ada.items if item.written)
    assert (item.points, item.comment, ada.state) == (2.5, "Nearly <all>.", "graded")
    html = (spring / "feedback" / "alovelace" / N / f"{N}.html").read_text(encoding="utf-8")
    assert "Nearly &lt;all&gt;." in html and f"{ada.points:g} of" in html


def test_an_answer_that_calls_one_that_is_not_there_is_no_group() -> None:
    def item(sentence: str) -> Item:
        return Item("bp2", "4.4", "BP2", 4, 0, None, 0, "wrong", sentence, behavior="same")

    def groups(*sentences: str) -> list[int]:
        papers = {(f"s{n}", N): Paper(f"s{n}", N, "graded", (item(each),)) for n, each in enumerate(sentences)}
        people = {student: Person(student) for student, _ in papers}
        return [len(group.students) for group in unexplained(Standing("spring", people, (N,), papers))]

    there = "This calls your answer to 4.1, which is not there yet. Answer 4.1 first."
    assert groups("Wrong.", "Wrong.") == [2]
    assert groups(there, there) == []


def test_a_page_says_what_is_right_on_top_of_an_earlier_mistake_and_what_to_mend_first() -> None:
    back = "This calls your `bp2` (4.4), which is not right yet: mend that first."
    aspect = {"title": "one", "points": 1, "max_points": 1, "passed": True, "message": "", "detail": ""}
    kept = aspect | {"given": "right, given your answer to 4.4"}
    lost = aspect | {"title": "two", "points": 0, "passed": False, "message": "The sign is wrong.", "given": ""}
    item = Item("x", "4.7", "All", 2, 1, None, 0, "partial", f"{back} The sign is wrong.", aspects=(kept, lost))
    html = unescape(page(Person("ada", "Ada"), Paper("ada", "04_four_equations", "graded", (item,))))
    assert "one (right, given your answer to 4.4)" in html
    assert html.count(back) == html.count("The sign is wrong.") == 1
    assert replace(item, feedback="The sign is wrong.").besides == ""
