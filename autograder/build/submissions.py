"""Make submissions: the student release with answers of the zoo, or the reference's, in its answer cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.build.source import reference_sources, role_of
from autograder.files import release_of
from autograder.zoo import Entry


def make_submission(notebook: str, answers: Mapping[str, Entry | str | None], apart: bool = False) -> NotebookNode:
    """A submitted notebook.

    answers: by exercise, the text of the answer cell; an Entry of the zoo, which is put behind the reference's answer
        because an exercise may ask for more than one name; or None for the reference. Other exercises stay untouched.
    apart: keep a wrong answer away from later exercises that call it: the next answer cell first puts the reference
        back, and a cell at the end the wrong answers, which are what such a notebook defines when all of it has run.
        So one submission can carry a mistake in every exercise, and each is judged by itself.
    """
    reference = reference_sources(notebook)
    put_back, wrong = "", []
    nb = release_of(notebook)
    for cell in nb.cells:
        role = role_of(cell)
        if role and role[0] == "answer" and role[1] in answers:
            answer = answers[role[1]]
            cell.source = put_back + _source(reference[role[1]], answer)
            put_back = f"{reference[role[1]]}\n\n\n" if apart else ""
            if apart and isinstance(answer, Entry):
                cell.source += f"\n_given_{answer.answer} = {answer.answer}"
                wrong.append(f"{answer.answer} = _given_{answer.answer}")
    if wrong:
        nb.cells.append(new_code_cell("\n".join(wrong), id="all-of-them"))
    return nb


def _source(reference: str, answer: Entry | str | None) -> str:
    if isinstance(answer, Entry):
        return f"{reference}\n\n\n{answer.source}".rstrip()
    return reference if answer is None else answer


def rounds(entries: Sequence[Entry]) -> list[dict[str, Entry]]:
    """Spread answers of the zoo over as few submissions as possible: one for each exercise in every submission."""
    spread: list[dict[str, Entry]] = []
    for entry in entries:
        free = next((each for each in spread if entry.exercise not in each), None)
        if free is None:
            free = {}
            spread.append(free)
        free[entry.exercise] = entry
    return spread
