"""A picture with question marks, and the whole picture behind a click: first the guess, then the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from course_lib.drawing.formulas import FormulaGraph
from course_lib.drawing.graph import describe, draw_graph
from course_lib.drawing.picture import Picture, Shown
from course_lib.drawing.text import pretty_number


class Reveal(Shown):
    """Two pictures. The reader sees `question`, and `answer` after a click on the line below it.

    The fold is plain HTML, so it works in a page without Python too.
    """

    def __init__(self, question: Picture, answer: Picture) -> None:
        self.question = question
        self.answer = answer
        self.alt = question.alt

    def _repr_html_(self) -> str:
        return (
            f"{self.question._repr_html_()}\n<details><summary>Show the answer</summary>\n"
            f"{self.answer._repr_html_()}\n</details>"
        )


def predict_graph(
    formulas: Mapping[str, str],
    values: Mapping[str, float],
    *,
    hide: str | Iterable[str],
    detail: str = "operations",
    local: bool = False,
    highlight: str | Iterable[str] | None = None,
) -> Reveal:
    """A computation graph in which the reader predicts the gradients of some nodes, and the same graph whole.

    hide: a node, or several, whose gradient shall be predicted. Values and local derivatives stay in sight.
    The other options are those of `computation_graph`.

    Raises:
        ValueError: for a formula, name or value that cannot be used, and for a node that is not there.
    """
    nodes, edges = describe(FormulaGraph(formulas), values, detail)
    if not local:
        edges = [replace(edge, local=None) for edge in edges]
    names = {hide} if isinstance(hide, str) else set(hide)
    if not names <= {node.id for node in nodes}:
        known = ", ".join(node.id for node in nodes)
        raise ValueError(f"cannot hide {', '.join(sorted(names))}: give names among {known}")
    hidden = [replace(node, gradient="?") if node.id in names else node for node in nodes]
    # Both pictures keep room for the longest of these numbers, so that they can be compared place by place.
    widest = max((pretty_number(float(node.gradient or 0)) for node in nodes if node.id in names), key=len)
    question, answer = (draw_graph(edges, shown, highlight=highlight, widest=widest) for shown in (hidden, nodes))
    return Reveal(question, answer)
