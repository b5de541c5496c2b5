"""Nothing is graded where the course's own answers lose points, and what was rehearsed is not rehearsed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grade import rehearse
from autograder.grade.run import failed
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

NOTEBOOK = NOTEBOOKS[0]


@pytest.mark.slow  # it looks for a jail
def test_a_reference_that_loses_points_stops_the_grading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lost = failed(NOTEBOOK, "numpy.testing cannot be read")
    monkeypatch.setattr(rehearse, "run_and_judge", lambda *_, **__: lost)
    for _ in range(2):  # a failure is not remembered
        with pytest.raises(CourseError, match=r"nothing was graded.*numpy\.testing cannot be read"):
            rehearse.rehearse(NOTEBOOK, memory=tmp_path)


@pytest.mark.slow  # it looks for a jail
def test_a_rehearsal_is_remembered_for_this_course_and_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = []
    monkeypatch.setattr(rehearse, "run_and_judge", lambda *_, **__: done.append("run") or [])
    rehearse.rehearse(NOTEBOOK, memory=tmp_path)
    rehearse.rehearse(NOTEBOOK, memory=tmp_path)
    assert len(done) == 1
    monkeypatch.setattr(rehearse, "key_mark", lambda notebook: "changed")
    rehearse.rehearse(NOTEBOOK, memory=tmp_path)
    assert len(done) == 2
