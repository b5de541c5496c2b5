"""Where one stands, kept by the checks that ran."""

import json
import os

import pytest

from course_lib.check import CheckFailed, check
from course_lib.desk.progress import Progress, progress, students_folder
from course_lib.desk.start import write_start_page
from course_lib.exercises import NOTEBOOKS, exercises_of
from tests.course_lib.desk.conftest import NAME


@pytest.fixture
def at_work(work, monkeypatch):
    """The student's kernel runs in the notebook's folder."""
    monkeypatch.chdir((work / NAME).parent)
    return work


def wiggle(f, x, h):
    return (f(x + h) - f(x)) / h


def half_right(f, x, h):
    return f(x + h) - f(x)


def points(work):
    return Progress(work).standings[0].points


def test_a_check_keeps_its_result(at_work):
    check("wiggle", wiggle)
    first = exercises_of(NOTEBOOKS[0])[0]
    assert points(at_work) == first.points
    assert first not in [exercise for exercise, _ in progress().standings[0].open]


def test_the_latest_check_counts(at_work):
    check("wiggle", wiggle)
    with pytest.raises(CheckFailed):
        check("wiggle", half_right)
    assert points(at_work) < exercises_of(NOTEBOOKS[0])[0].points


def test_an_unanswered_exercise_is_open_and_next(at_work):
    def stub(f, x, h):
        raise NotImplementedError("Your turn: 1.1")

    with pytest.raises(CheckFailed):
        check("wiggle", stub)
    assert "Next: 1.1 The slope of a wiggle (not answered yet), in “1 · A title”." in repr(progress())


def test_the_next_step_is_in_the_notebook_of_the_latest_check(at_work):
    checks = at_work / ".course" / "checks"
    checks.mkdir()
    third = NOTEBOOKS[2]
    for number, exercise in enumerate([exercises_of(third)[0], exercises_of(NOTEBOOKS[0])[0]]):
        file = checks / f"{exercise.id}.json"
        file.write_text(json.dumps({"points": exercise.points, "max_points": exercise.points, "status": "full"}))
        os.utime(file, (1000 - number, 1000 - number))
    assert exercises_of(third)[1].title in progress().next_step()


def test_every_point_of_the_course_is_said_when_all_are_reached(at_work):
    for notebook in NOTEBOOKS:
        for exercise in exercises_of(notebook):
            file = at_work / ".course" / "checks" / f"{exercise.id}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps({"points": exercise.points, "max_points": exercise.points, "status": "full"}))
    assert "Every exercise has all of its points" in repr(progress())
    assert repr(progress()).count("done") == len(NOTEBOOKS)


def test_a_damaged_record_counts_as_not_checked(at_work):
    file = at_work / ".course" / "checks" / "wiggle.json"
    file.parent.mkdir()
    file.write_text("{")
    assert points(at_work) == 0


def test_outside_a_student_s_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert students_folder() is None
    check("wiggle", wiggle)
    assert list(tmp_path.iterdir()) == []
    assert "1.1" in repr(progress())


def test_a_record_that_cannot_be_kept_is_said_and_the_check_goes_on(at_work, capsys):
    (at_work / ".course" / "checks").write_text("a file where the folder should go")
    check("wiggle", wiggle)
    printed = capsys.readouterr().out
    assert "progress could not be kept" in printed
    assert "4 of 4 points" in printed


def test_links_lead_to_the_notebooks_from_where_one_is(at_work):
    assert f'href="{NOTEBOOKS[1]}/' not in progress()._repr_html_()
    assert f'href="../{NOTEBOOKS[1]}/{NOTEBOOKS[1]}.ipynb"' in progress()._repr_html_()


def test_the_start_page_links_every_notebook_and_shows_the_standing(at_work):
    check("wiggle", wiggle)
    page = json.loads(write_start_page(at_work).read_text())
    shown = page["cells"][1]["outputs"][0]["data"]["text/html"]
    for notebook in NOTEBOOKS:
        assert f'href="{notebook}/{notebook}.ipynb"' in shown
    assert "Next: 1.2" in shown
