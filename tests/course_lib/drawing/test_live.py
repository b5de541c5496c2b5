"""A picture that is drawn anew in its place."""

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.drawing import LivePicture, Picture

CELL = """
from course_lib.drawing import LivePicture, Picture
live = LivePicture(Picture("<svg/>", "before", 10))
print("between")
live.show(Picture("<svg/>", "after", 10))
"""


@pytest.mark.slow  # it starts a kernel
def test_a_notebook_keeps_the_last_picture_in_the_first_ones_place() -> None:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(nb, timeout=60, kernel_name="python3").execute()
    picture, text = nb.cells[0].outputs
    assert picture.data["text/plain"] == "after"
    assert text.text == "between\n"


def test_outside_of_a_notebook_nothing_is_shown(capsys) -> None:
    LivePicture(Picture("<svg/>", "before", 10)).show(Picture("<svg/>", "after", 10))
    assert capsys.readouterr().out == ""
