"""The page that JupyterLab opens first: where one stands, with a link to each notebook.

It is a notebook, so that its table can be brought up to date by running its one cell.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

from course_lib.desk.progress import Progress
from course_lib.files import write_whole

START = "Start.ipynb"
HEAD = """\
# Backpropagation, from the chain rule to SGD

Open a notebook by its title below. This is your own copy: nothing that you do here is lost when a new release comes.

- **Run a cell** with Shift+Enter. **Run the check** below an exercise as often as you like.
- **Coming back?** In the notebook, choose *Run › Run All Cells*: an exercise that is still open stops nothing.
- **Where you stand** is kept by the checks. Run the cell below again (click into it, then Shift+Enter) to see it now.
- **To hand in**, save the notebook (Ctrl+S), then in a terminal (*File › New › Terminal*): `python3 course pack 01`,
  with the notebook's number. On Windows, write `py` for `python3`.
"""
# What the kernel says of itself: where the file says less, JupyterLab adds it and calls the page changed.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}
CODE = "from course_lib.desk.progress import progress\n\nprogress()"


def start_page(folder: Path) -> dict:
    """The start page of a student's folder, as a notebook that shows the present standing."""
    folder = folder.resolve()
    standing = Progress(folder)
    data = {"text/html": standing.table(folder), "text/plain": repr(standing)}
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    cells = [
        {"cell_type": "markdown", "id": "start", "metadata": {}, "source": HEAD},
        {
            "cell_type": "code",
            "id": "progress",
            "metadata": {},
            "source": CODE,
            "execution_count": 1,
            "outputs": [output],
        },
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": LANGUAGE}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def write_start_page(folder: Path) -> Path:
    """Write the start page into a student's folder, and return its path."""
    return write_whole(folder / START, json.dumps(start_page(folder), indent=1, ensure_ascii=False) + "\n")
