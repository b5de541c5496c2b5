"""The one file to hand in."""

import json

import pytest

from course_lib.desk.pack import pack
from course_lib.errors import CourseError
from tests.course_lib.desk.conftest import NAME, RELEASE, code, write

MINE = "def f():\n    return 1"


@pytest.fixture
def hand_in(release, work, tmp_path):
    """Pack a notebook that has this answer."""

    def packed(answer, *more):
        write(work / NAME, RELEASE[0], code(answer, "wiggle-answer", output="42"), *more, RELEASE[2])
        return pack(work / NAME, release / NAME, tmp_path / "hand_in")

    return packed


def test_a_full_notebook_is_packed_under_its_own_name_without_outputs(hand_in):
    packed = hand_in(MINE)
    assert packed.complete
    assert packed.path.name == "01_chain_rule.ipynb"
    assert packed.remarks == ("Every exercise has an answer.",)
    cells = json.loads(packed.path.read_text())["cells"]
    assert [cell["source"] for cell in cells][1] == MINE
    assert all(cell.get("outputs", []) == [] for cell in cells)


def test_what_is_unanswered_is_said_by_number_and_title(hand_in, release):
    write(release / NAME, *RELEASE, code(RELEASE[1]["source"], "cos-x2-answer"))
    packed = hand_in(MINE)
    assert not packed.complete
    assert "Not answered: 1.2" in str(packed)


def test_an_answer_that_is_not_python_is_named_with_its_line(hand_in):
    assert "Not Python: 1.1 The slope of a wiggle, line 2" in str(hand_in("def f():\n    return (1"))


def test_missing_locked_cells_are_mentioned(work, release, tmp_path):
    write(work / NAME, RELEASE[0], code(MINE, "wiggle-answer"))
    assert "1 locked cells" in str(pack(work / NAME, release / NAME, tmp_path))


def test_nothing_to_hand_in_is_an_error_that_says_so(work, release, tmp_path):
    with pytest.raises(CourseError, match="save it first"):
        pack(work / NAME, release / NAME, tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"cells": [1]}', "\x00", '{"cells": [{"source": ""}]}'])
def test_a_damaged_file_is_an_error_that_says_so(work, release, tmp_path, text):
    (work / NAME).write_text(text)
    with pytest.raises(CourseError, match="not a notebook"):
        pack(work / NAME, release / NAME, tmp_path)


def test_a_file_that_is_not_there_is_an_error_that_says_so(work, release, tmp_path):
    (work / NAME).unlink()
    with pytest.raises(CourseError, match="course lab 01"):
        pack(work / NAME, release / NAME, tmp_path)
