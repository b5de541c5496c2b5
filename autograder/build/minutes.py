"""How long the parts of a notebook take, from a count of what is in them.

The rates are for a reader to whom the matter, and often the language, is new. They were set so that the sums agree
with the three to four hours that readers needed for what are now notebooks 4 and 5, and for notebooks 8 and 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.build.marks import BEGIN, END

WORDS_A_MINUTE = 100  # read, with the formulas and tables between them
LINES_A_MINUTE = 15  # of given code
PREDICTION, WRITTEN, QUESTION = 1.5, 8.0, 1.5  # minutes each: a guess, an answer in words, a self-test question
EXERCISE, ANSWER_LINE = 5.0, 0.75  # minutes to begin, and for each line of the reference answer
PART = re.compile(r"^## (.+)$", re.MULTILINE)


def minutes(nb: NotebookNode) -> dict[str, float]:
    """Minutes for each part, by the part's heading, in order. What stands above the first part counts for the first.

    `nb` is the source of a notebook, with its solutions and with the marks of the layout.
    """
    spent: dict[str, float] = {}
    for part, cell, text in _pieces(nb):
        spent[part] = spent.get(part, 0.0) + _piece(cell, text)
    start = spent.pop("", 0.0)
    if spent:
        spent[next(iter(spent))] += start
    return spent


def _pieces(nb: NotebookNode) -> Iterator[tuple[str, NotebookNode, str]]:
    """(heading of the part, cell, text) for every cell, cut where a new part begins in the middle of a cell."""
    part = ""
    for cell in nb.cells:
        if cell.cell_type == "code":
            yield part, cell, cell.source
            continue
        above, *rest = PART.split(cell.source)
        yield part, cell, above
        for heading, text in zip(rest[::2], rest[1::2], strict=True):
            part = heading
            yield part, cell, text


def _piece(cell: NotebookNode, text: str) -> float:
    if "written" in cell.metadata:
        return WRITTEN
    if "check" in cell.metadata:
        return 0.0
    if "answer" in cell.metadata:
        return EXERCISE + ANSWER_LINE * _answer_lines(text)
    if cell.cell_type == "code":
        return _lines(text) / LINES_A_MINUTE
    questions = len(re.findall(r"<summary>\d\.", text))
    read = re.sub(r"<details>.*?</details>", " ", text, flags=re.DOTALL)
    return len(read.split()) / WORDS_A_MINUTE + PREDICTION * text.count("**Predict") + QUESTION * questions


def _lines(code: str) -> int:
    return sum(1 for line in code.splitlines() if line.strip())


def _answer_lines(code: str) -> int:
    """The lines between the marks of the solution."""
    return sum(_lines(inside) for inside in re.findall(f"{BEGIN}(.*?){END}", code, re.DOTALL))
