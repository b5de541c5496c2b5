"""How exercises and notebooks are found."""

import pytest

from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, chosen


def test_notebooks_are_chosen_by_number_or_name_in_the_order_of_the_course():
    assert chosen([]) == list(NOTEBOOKS)
    assert chosen(["2", "01"]) == list(NOTEBOOKS[:2])
    assert chosen([NOTEBOOKS[2]]) == [NOTEBOOKS[2]]


def test_an_unknown_notebook_is_refused_with_those_there_are():
    with pytest.raises(CourseError, match=f"'99'.*{NOTEBOOKS[0]}"):
        chosen(["99"])
