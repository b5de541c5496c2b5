"""The formgrader of a class that is not there."""

import pytest

from autograder.grade.formgrader import open_formgrader
from course_lib.errors import CourseError


def test_a_folder_that_was_not_graded_has_no_formgrader(tmp_path):
    with pytest.raises(CourseError, match="course grade"):
        open_formgrader(str(tmp_path))
