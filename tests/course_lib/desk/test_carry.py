"""Answers and own cells in a new release, cell by cell."""

import pytest

from course_lib.desk.carry import carry
from tests.course_lib.desk.conftest import STUB, code, notebook, words

GIVEN = (
    words("# Title"),
    code("import numpy as np", "imports", locked=True),
    code("my_guess = 0.0"),
    code(STUB, "wiggle-answer"),
    code('check("wiggle", f)', "wiggle", locked=True),
    words("*Your answer.*", "explain-chain"),
)
MINE = "def f():\n    return helper()"


def texts(carried):
    return [cell["source"] for cell in carried.notebook["cells"]]


def changed(**by_place):
    """GIVEN with other texts at some places."""
    cells = list(GIVEN)
    for place, text in by_place.items():
        index = int(place.removeprefix("at_"))
        cells[index] = {**cells[index], "source": text}
    return cells


def test_answers_in_code_and_in_words_are_carried():
    new = [words("# New title"), *GIVEN[1:4], words("A new hint"), *GIVEN[4:]]
    old = notebook(*changed(at_3=MINE, at_5="Because it is steep."))
    carried = carry(old, notebook(*GIVEN), notebook(*new))
    assert carried.answers == ["wiggle-answer", "explain-chain"]
    expected = [cell["source"] for cell in new]
    expected[3], expected[6] = MINE, "Because it is steep."
    assert texts(carried) == expected


def test_what_was_not_answered_stays_as_the_new_release_has_it():
    new = [*GIVEN[:3], {**GIVEN[3], "source": STUB + "  # better"}, *GIVEN[4:]]
    carried = carry(notebook(*GIVEN), notebook(*GIVEN), notebook(*new))
    assert carried.answers == []
    assert texts(carried) == [cell["source"] for cell in new]


def test_own_cells_stand_behind_the_same_cell_as_before():
    old = notebook(*GIVEN[:3], code("def helper(): return 1", id="a"), code(MINE, "wiggle-answer"), *GIVEN[4:])
    new = [words("# New title"), words("One more text"), *GIVEN[1:]]
    carried = carry(old, notebook(*GIVEN), notebook(*new))
    assert carried.own == 1
    assert texts(carried)[3:6] == ["my_guess = 0.0", "def helper(): return 1", MINE]


def test_a_changed_prediction_is_changed_in_the_new_release():
    old = notebook(*changed(at_2="my_guess = 0.06"))
    carried = carry(old, notebook(*GIVEN), notebook(words("New"), *GIVEN))
    assert "my_guess = 0.06" in texts(carried)
    assert "my_guess = 0.0" not in texts(carried)


def test_a_locked_cell_is_the_new_release_s():
    old = notebook(*changed(at_4="print('full points')"))
    carried = carry(old, notebook(*GIVEN), notebook(*GIVEN))
    assert texts(carried) == [cell["source"] for cell in GIVEN]


def test_an_answer_without_a_place_is_reported():
    carried = carry(notebook(*changed(at_3=MINE)), notebook(*GIVEN), notebook(*GIVEN[:3]))
    assert carried.left == ["wiggle-answer"]


def test_a_second_attempt_in_a_copied_cell_comes_along():
    old = notebook(*GIVEN[:3], code(MINE, "wiggle-answer"), code("def f(): return 2", "wiggle-answer"), *GIVEN[4:])
    carried = carry(old, notebook(*GIVEN), notebook(*GIVEN))
    assert texts(carried).count(MINE) == 1
    assert "def f(): return 2" in texts(carried)
    ids = [cell["id"] for cell in carried.notebook["cells"]]
    assert len(ids) == len(set(ids))


def test_cells_that_lost_their_metadata_are_known_by_their_ids():
    cells = [{**cell, "metadata": {}} for cell in changed(at_3=MINE)]
    assert carry(notebook(*cells), notebook(*GIVEN), notebook(*GIVEN)).answers == ["wiggle-answer"]


@pytest.mark.parametrize("place", range(len(GIVEN)))
def test_a_deleted_cell_comes_back(place):
    cells = changed(at_3=MINE)
    del cells[place]
    carried = carry(notebook(*cells), notebook(*GIVEN), notebook(*GIVEN))
    assert len(texts(carried)) == len(GIVEN)
