"""What the student's own Run All would define is judged, wherever it stands, and what is not there is explained."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.build.source import role_of
from autograder.build.submissions import make_submission, reference_sources
from autograder.files import release_of
from autograder.grade.repair import read_submission, repair
from autograder.grade.run import run_and_judge, seed_of
from course_lib.exercises import NOTEBOOKS, PUBLIC_SEED, exercises_of, find
from course_lib.judging import Verdict

NOTEBOOK = NOTEBOOKS[0]
ALL = dict.fromkeys(exercise.id for exercise in exercises_of(NOTEBOOK))
SOURCES = reference_sources(NOTEBOOK)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def judged(nb: NotebookNode) -> dict[str, Verdict]:
    fixed, _ = repair(read_submission(json.dumps(nb).encode()), release_of(NOTEBOOK))
    return {verdict.exercise: verdict for verdict in run_and_judge(fixed, NOTEBOOK, 5)}


def answer(nb: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in nb.cells if role_of(cell) == ("answer", name))


def without(nb: NotebookNode, *kinds: str) -> list[NotebookNode]:
    return [cell for cell in nb.cells if not (role_of(cell) and role_of(cell)[0] in kinds)]


def code(source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source)


def merged(nb: NotebookNode) -> None:
    """Two answers in one cell, the other cell deleted."""
    answer(nb, "wiggle").source += "\n\n\n" + SOURCES["cos-x2"]
    nb.cells = [cell for cell in nb.cells if role_of(cell) != ("answer", "cos-x2")]


def all_in_one_cell_at_the_top(nb: NotebookNode) -> None:
    nb.cells = without(nb, "answer")
    nb.cells.insert(3, code("\n\n\n".join(SOURCES.values())))


def all_in_one_cell_at_the_end(nb: NotebookNode) -> None:
    nb.cells = [*without(nb, "answer"), code("\n\n\n".join(SOURCES.values()))]


def above_the_stubs(nb: NotebookNode) -> None:
    nb.cells = make_submission(NOTEBOOK, {}).cells
    nb.cells.insert(3, code("\n\n\n".join(SOURCES.values())))


def below_the_checks(nb: NotebookNode) -> None:
    nb.cells = [*make_submission(NOTEBOOK, {}).cells, code("\n\n\n".join(SOURCES.values()))]


def one_name_above_its_stub(nb: NotebookNode) -> None:
    """Of an answer with several names only one stands in a cell of its own; the stub gives the others."""
    source = answer(nb, "chain-forward").source
    place = next(index for index, cell in enumerate(nb.cells) if role_of(cell) == ("answer", "chain-forward"))
    nb.cells[place] = code(source)


def only_text_is_left(nb: NotebookNode) -> None:
    """What Colab, Kaggle or a script and back may leave: no ids, no metadata, no checks, other line ends."""
    nb.cells = without(nb, "check")
    for index, cell in enumerate(nb.cells):
        cell.id, cell.metadata = f"c{index}", NotebookNode()
        cell.source = cell.source.replace("\n", "\r\n")


def by_exec(nb: NotebookNode) -> None:
    """Defined in a way that reading the code does not show."""
    answer(nb, "wiggle").source = f"exec({SOURCES['wiggle'].replace('wiggle', 'wig' + 'gle')!r})"
    nb.cells = [cell for cell in nb.cells if role_of(cell) != ("answer", "cos-x2")]
    nb.cells.insert(3, code(f"exec({SOURCES['cos-x2']!r})"))


def in_locked_cells(nb: NotebookNode) -> None:
    """Editors other than JupyterLab let everybody write into the imports and the checks."""
    imports = next(cell for cell in nb.cells if role_of(cell) and role_of(cell)[0] == "setup")
    imports.source += "\nfrom math import sqrt as root\n%precision 3"
    answer(nb, "wiggle").source = SOURCES["wiggle"].replace("return ", "root(2.0)\n    return ", 1)
    check = next(cell for cell in nb.cells if role_of(cell) == ("check", "cos-x2"))
    check.source = f"{SOURCES['cos-x2']}\n{check.source}"
    nb.cells = [cell for cell in nb.cells if role_of(cell) != ("answer", "cos-x2")]


@pytest.mark.parametrize(
    "change",
    [
        merged,
        in_locked_cells,
        all_in_one_cell_at_the_top,
        all_in_one_cell_at_the_end,
        above_the_stubs,
        below_the_checks,
        one_name_above_its_stub,
        only_text_is_left,
        by_exec,
    ],
)
def test_a_right_answer_is_found_wherever_it_stands(change: Callable[[NotebookNode], None]) -> None:
    nb = make_submission(NOTEBOOK, ALL)
    change(nb)
    lost = {verdict.exercise: verdict.feedback for verdict in judged(nb).values() if verdict.status != "full"}
    assert lost == {}


def test_an_untouched_notebook_is_untouched() -> None:
    assert {verdict.status for verdict in judged(make_submission(NOTEBOOK, {})).values()} == {"untouched"}


REASONS = {
    "wiggle": ("def wiggle(f, x, h):\n    return “a”", r"Line 2 has a curly quote \(“\).*`return “a”`"),
    "cos-x2": ("def cos_x2(x):\n\u00a0\u00a0\u00a0\u00a0return x", "Line 2 has a no-break space"),
    "symbolic-gradient": (
        "import scipy_of_nobody\n\ndef symbolic_gradient(e, v): pass",
        "Line 1 imports scipy_of_nobody",
    ),
    "chain-forward": ("def chain_forward(x):\n\tif x:\n        return 1", "Line 3 mixes tabs and spaces"),
    "chain-gradient": ("# only\n# words", "holds only comments"),
    "affected": ("n = int(input('n?'))\ndef affected(g, n): pass", r"Line 1 calls input\(\)"),
    "sum-over-paths": ("x = 1 / 0\ndef sum_over_paths(a): pass", "Line 1 stops with ZeroDivisionError: `x = 1 / 0`"),
    "predict-change": (
        "def predict_changes(a): pass",
        "defines predict_changes, but .* predict_change\\.",
    ),
    "chain-bugs": ("y = undefined_helper\ndef fixed(a): pass", "Line 1 uses undefined_helper"),
}


OTHER_REASONS = {
    "wiggle": ("%%timeit -n 1 -r 1\ndef wiggle(f, x, h): return 1", "begins with %%timeit"),
    "cos-x2": (
        "def d_cos_x2(x):\n    return own_helper(x)",
        "It uses own_helper, which nothing in the notebook defines",
    ),
    "symbolic-gradient": ("class Mine:\n    def symbolic_gradient(self, e, v): pass", "Line 2 defines .* inside of"),
    "chain-forward": ("```python\ndef chain_forward(x): pass\n```", "Line 1 has the marks ```"),
    "chain-gradient": ("%run mine.py\ndef chain_gradient(): pass", "Line 1 runs a file that is not there"),
    "affected": (
        "def partials_of_h(*a):\n    raise NotImplementedError('4')\n    return []\naffected = partials_of_h",
        "Line 2 .* still stands above your code",
    ),
    "sum-over-paths": ("def total_derivative(a): pass\ndel total_derivative", "deleted: `del total_derivative`"),
    "predict-change": (
        "def predict_change(*a):\n    return from_cell_that_stops(a)\nmost_sensitive = predict_change",
        "Line 1 imports nothing_of_mine",
    ),
    "chain-bugs": ("%lsmagics\ndef chain_gradient_fixed(a): pass", "Line 1 has a command that is not there"),
}


def test_names_that_are_missing_and_cells_that_define_nothing_are_told() -> None:
    nb = make_submission(NOTEBOOK, {name: source for name, (source, _) in OTHER_REASONS.items()})
    nb.cells.insert(3, code("import nothing_of_mine\ndef from_cell_that_stops(a): return a"))
    found = judged(nb)
    for name, (_, reason) in OTHER_REASONS.items():
        assert re.search(reason, found[name].feedback), (name, found[name].feedback)
        assert found[name].points == 0


def test_the_first_sentence_tells_what_happened_in_the_cell() -> None:
    names = {exercise.id: exercise.answers[0] for exercise in exercises_of(NOTEBOOK)}
    sources = {name: source for name, (source, _) in REASONS.items()}
    found = judged(make_submission(NOTEBOOK, sources))
    for name, (_, reason) in REASONS.items():
        assert names[name] in SOURCES[name]
        assert re.search(reason, found[name].feedback), (name, found[name].feedback)
        assert found[name].points == 0


def test_code_that_stops_when_it_is_asked_says_why() -> None:
    found = judged(make_submission(NOTEBOOK, {"wiggle": "def wiggle(f, x, h):\n    return input('?')"}))
    assert "nobody is there to type" in found["wiggle"].feedback


SPY = """
import numpy as np
def wiggle(f, x, h):
    {}
"""


@pytest.mark.parametrize(
    "line",
    [
        "raise type('x%.3fh%.4f' % (x, h), (Exception,), dict())",
        "raise ValueError(f'{x} {h}')",
        "return np.zeros((int(1000 * abs(x)), 0))",
        "return [x] * int(1000 * abs(x))",
        "from course_lib.exercises import WrongForm; raise WrongForm(f'{x} {h}')",
        "return {str(x): h}",
        "return f'{x}'",
    ],
)
def test_sentences_about_hidden_cases_hold_nothing_of_their_inputs(line: str) -> None:
    nb = make_submission(NOTEBOOK, {"wiggle": SPY.format(line)})
    verdict = judged(nb)["wiggle"]
    assert verdict.points == 0
    _, exercise = find("wiggle")
    cases = [case for aspect in exercise.aspects for case in exercise.draw(aspect, PUBLIC_SEED)]
    public = [aspect.detail for aspect in verdict.aspects]
    public += [str(int(1000 * abs(case.inputs["x"]))) for case in cases]  # lengths that the public cases gave
    told = [verdict.feedback, *(aspect.message for aspect in verdict.aspects)]
    shown = " ".join(told)
    numbers = set(re.findall(r"\d{3,}|\d+\.\d+", shown))
    assert all(number in " ".join(public) for number in numbers), shown


def test_the_same_code_meets_the_same_cases_and_other_code_may_meet_others() -> None:
    nb = make_submission(NOTEBOOK, ALL)
    seeds = set()
    for number in range(30):
        answer(nb, "wiggle").source = SOURCES["wiggle"] + f"\n# {number}"
        assert seed_of(nb, 5) == seed_of(nbformat.from_dict(json.loads(json.dumps(nb))), 5)
        seeds.add(seed_of(nb, 5))
    assert len(seeds) == 3
    assert seed_of(nb, 5) != seed_of(nb, 6)
