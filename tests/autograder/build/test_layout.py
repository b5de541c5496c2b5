"""Heads, boxes and ends are made once for all notebooks, and a source that does not fit is refused."""

from __future__ import annotations

import re

import nbformat
import pytest

from autograder.build.layout import lay_out, marks_inside
from autograder.build.minutes import minutes
from autograder.build.source import read_source
from autograder.files import ROOT
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, TITLES, exercises_of, heading

NOTEBOOK = "01_chain_rule"
HEAD = "{{title}}\n\n**By the end you can** see.\n\n**You need:** nothing.\n\n{{plan}}"
MARKS = "\n\n".join(f"{{{{exercise {each.id}}}}}" for each in exercises_of(NOTEBOOK))
TAIL = "## Recap\n\n## Test yourself\n\n{{hand in}}\n\n## What comes next\n\n{{next}}"


def source(head: str = HEAD, body: str = MARKS, tail: str = TAIL) -> nbformat.NotebookNode:
    """A source notebook of three cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in (head, body, tail)])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("for $a$, and $b$: of ($c$), so", "for $a,$ and $b{:}$ of $(c),$ so"),
        ("(from $a$ to $b$.) Then $c$?", "(from $a$ to $b{.})$ Then $c?$"),
        ("shape $(n_l,\nm)$, and $m$", "shape $(n_l,\nm),$ and $m$"),
        ("$$ x $$, and `$a$,` and $b$ more", "$$ x $$, and `$a$,` and $b$ more"),
    ],
)
def test_what_touches_a_formula_stays_on_its_line(written: str, shown: str) -> None:
    assert marks_inside(written) == shown


def test_the_marks_become_text() -> None:
    nb = source()
    lay_out(NOTEBOOK, nb)
    head, body, tail = (cell.source for cell in nb.cells)
    assert head.startswith("# 1 · How does a wiggle travel?\n")
    assert "**After a break:**" in head
    for exercise in exercises_of(NOTEBOOK):
        assert f"### Exercise {exercise.number} · {exercise.title}\n" in body
        assert f"<b>{exercise.points:g} point" in body
    assert "python3 course pack 01" in tail
    assert f"[{heading(NOTEBOOKS[1])}](../{NOTEBOOKS[1]}/{NOTEBOOKS[1]}.ipynb)" in tail


def test_text_after_a_fold_keeps_its_distance() -> None:
    fold = "<details><summary>Hint</summary>\n\nThink.\n\n</details>"
    nb = source(body=f"{MARKS}\n\n{fold}\n\n{fold}\n\nMore text.")
    lay_out(NOTEBOOK, nb)
    assert nb.cells[1].source.endswith(f"{fold}\n\n{fold}\n\n<p></p>\n\nMore text.")


def test_a_long_notebook_says_how_it_falls_into_two_sittings() -> None:
    reading = "word " * 3000
    nb = source(body=f"## 1 Before\n\n{reading}\n\n{{{{pause}}}}\n\n## 2 After\n\n{reading}{reading}{MARKS}")
    lay_out(NOTEBOOK, nb)
    head, body, _ = (cell.source for cell in nb.cells)
    assert "**Two sittings:** parts 1 to 1 take about 30 minutes, the rest about " in head
    assert body.index("A good place to stop for today") < body.index("## 2 After")
    without = source()
    lay_out(NOTEBOOK, without)
    assert "sittings" not in without.cells[0].source


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"head": "# 1 · My own title\n\n{{plan}}"}, "title}} stands 0 times"),
        ({"head": "Above the title\n\n" + HEAD}, "must begin with"),
        ({"head": HEAD.replace("**You need:**", "You need")}, "the first cell must have, in this order"),
        ({"body": MARKS + "\n\n{{exercise wiggly}}"}, "exercise wiggly}} names nothing"),
        ({"body": MARKS + "\n\n{{exercise wiggle}}"}, "exercise wiggle}} stands 2 times"),
        ({"body": MARKS + "\n\n{{pause}}\n\n{{pause}}"}, "pause}} stands 2 times"),
        ({"tail": TAIL.replace("## Test yourself", "**Test yourself**")}, "in this order"),
        ({"tail": TAIL.replace("## Recap", "").replace("## Test yourself", "## Test yourself\n\n## Recap")}, "in this"),
    ],
)
def test_a_source_with_another_layout_is_refused(change: dict[str, str], message: str) -> None:
    with pytest.raises(CourseError, match=re.escape(message)):
        lay_out(NOTEBOOK, source(**change))


def test_minutes_are_counted() -> None:
    text = "## 1 Reading\n\n" + "word " * 300 + "<details>\n" + "folded " * 300 + "</details>\n\n## 2 Coding"
    nb = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell("x = 1\n" * 30)]
    )
    assert minutes(nb) == pytest.approx({"1 Reading": 3.0, "2 Coding": 2.0})


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_minutes_of_the_parts_are_about_their_sum(notebook: str) -> None:
    head = read_source(notebook).cells[0].source
    total = int(re.search(r"about (\d+) minutes", head)[1])
    rows = [row for row in head.splitlines() if re.match(r"\| .*\| +\d* *\|", row)]
    parts = [int(number) for row in rows for number in re.findall(r"\| (\d+) (?=\|)", row)]
    assert abs(sum(parts) - total) <= 2.5 + 0.5 * len(parts)


def test_a_bonus_is_counted_by_itself() -> None:
    nb = source(body=MARKS + "\n\n## 1 Reading\n\n" + "word " * 2000 + "\n\n## 2 Bonus\n\n" + "word " * 1000)
    lay_out(NOTEBOOK, nb)
    head = nb.cells[0].source
    assert "**Time:** about 20 minutes" in head
    assert "The bonus at the end takes about 10 minutes more." in head
    assert "2 Bonus |" not in head


def test_the_readme_calls_the_notebooks_by_their_titles() -> None:
    rows = re.findall(r"^\| (\d\d) \| ([^|]+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(notebook[:2], title) for notebook, title in TITLES.items()]
