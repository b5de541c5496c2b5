"""The two preprocessors that make the student release ours, inside nbgrader's own `generate_assignment`."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

from autograder.build.source import role_of
from course_lib.asking import STUB
from course_lib.exercises import find

# What stood in place of an answer in words in earlier releases. Who left it there has written nothing.
FORMER_TEXT_STUBS = (
    "*Write your answer here.*",
    "> ✎ **Your answer.** Double-click here, write in place of this line, and press Shift+Enter.",
)


class NumberedStubs(ClearSolutions):
    """Like nbgrader's ClearSolutions, but the stub of an answer names its exercise."""

    text_stub = (
        "> ✎ **Your answer.** Double-click here. In the box that opens, click into this line, write in its place, and "
        "press Shift+Enter."
    )

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        role = role_of(cell)
        if role and role[0] == "answer":
            _, exercise = find(role[1])
            self.code_stub = {"python": f'raise NotImplementedError("{STUB}: {exercise.number} {exercise.title}")'}
        return super().preprocess_cell(cell, resources, cell_index)


class LetChecksFail(NbGraderPreprocessor):
    """Tag the check cells, so that Run All goes on past an exercise that is not solved yet."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        role = role_of(cell)
        if role and role[0] == "check":
            cell.metadata["tags"] = ["raises-exception"]
        return cell, resources
