"""What every notebook has in the same form: its title, its plan, the boxes of its exercises, and its end.

A text source says only where they stand:

    {{title}}          the heading of the notebook                       first line of the first cell
    {{plan}}           minutes for each part, and how to come back       in the first cell
    {{exercise ID}}    the heading of an exercise, and what is judged
    {{written ID}}     the heading of an answer in words
    {{pause}}          a good place to stop for the day                  before a part; may be left out
    {{hand in}}        what to hand in, and how                          in the last cell
    {{next}}           a link to the next notebook                       last line of the last cell

Titles, numbers and points come from course_lib.exercises, and minutes from a count, so nothing is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from nbformat import NotebookNode

from autograder.build.minutes import PART, minutes
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, Exercise, exercises_of, heading

MARK = re.compile(r"\{\{([\w -]+)\}\}")
AFTER_A_FOLD = re.compile(r"</details>\n\n(?!<details|#)")  # text that a page would set against the fold without a gap
BRACED = re.compile(r":|[.,;?!](?=.)")  # marks that would have a gap beside them within a formula
BONUS = "Bonus"  # in the heading of a part that is not needed for what comes after it
FORMULA = re.compile(r"\$\$.*?\$\$|`[^`\n]*`|(\(?)\$([^$]+)\$([,.;:?!)]*)", re.DOTALL)  # what the first two find stays
HEAD = ("{{title}}", "**By the end you can**", "**You need:**", "{{plan}}")  # of the first cell
END = ("## Recap", "## Test yourself", "{{hand in}}", "## What comes next", "{{next}}")  # of the last cell
# A color that is half transparent is calm on a white page and on a dark one.
BOX = (
    '<div style="border-left: 5px solid rgb(0, 126, 153); background-color: rgba(0, 126, 153, 0.13); '
    'padding: 6px 12px; margin-bottom: 10px">{text}</div>'
)
RULES = """\
<details><summary>How the exercises work</summary>

- Replace the line with `Your turn` by your code, run the cell, then run the check below it, as often as you like. A
  check judges the version that **ran last**: after an error in your cell, that is the one before.
- A cell that does not end: press ■ in the toolbar.
- You may use Python, NumPy and everything that the notebook has defined or imported, but no other packages.
- Numbers may be whole (`2`) or not (`2.0`), and arrays may hold either; a result that is a list counts like an array.
- A function leaves its inputs as they are, and asked again it gives the same.
- Boxes say what is judged, with the points for it. Other cases than those of the check are judged when you hand in.

</details>"""
BACK = (
    "**After a break:** click into the cell where you go on, and choose *Run ▸ Run All Above Selected Cell*. "
    "What is not answered yet stops nothing."
)
PAUSE = """\
> **A good place to stop for today.** Save with Ctrl+S. When you come back, click here and choose *Run ▸ Run All Above
> Selected Cell*: everything that you have written is there again, and you go on from here."""


def lay_out(notebook: str, nb: NotebookNode) -> None:
    """Replace the marks in the cells of a source by what they stand for. `nb` still has the metadata of the source.

    Raises:
        CourseError: when a mark is missing, stands twice, names nothing, or when a heading of the end is missing.
    """
    written = {cell.metadata["written"]: cell.metadata["points"] for cell in nb.cells if "written" in cell.metadata}
    texts = {
        "title": f"# {heading(notebook)}",
        "plan": _plan(minutes(nb), _parts_before_the_pause(nb)),
        "pause": PAUSE,
        "hand in": _hand_in(notebook, written),
        "next": _next(notebook),
        **{f"exercise {each.id}": _exercise(each) for each in exercises_of(notebook)},
        **{f"written {name}": _written(points) for name, points in written.items()},
    }
    _check_marks(notebook, nb, list(texts))
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            text = MARK.sub(lambda mark: texts[mark[1]], cell.source)
            cell.source = AFTER_A_FOLD.sub("</details>\n\n<p></p>\n\n", marks_inside(text))


def marks_inside(text: str) -> str:
    """The text with the commas and brackets that touch a formula inside of it: a page may break a line between a
    formula and what touches it, and a comma would begin the next line.
    """

    def inside(found: re.Match) -> str:
        if found[2] is None:
            return found[0]
        marks = BRACED.sub(r"{\g<0>}", found[3])
        return f"${found[1]}{found[2]}{marks}$"

    return FORMULA.sub(inside, text)


def _check_marks(notebook: str, nb: NotebookNode, known: list[str]) -> None:
    """Each mark stands once, and the head and the end have theirs in order."""
    found = [mark for cell in nb.cells if cell.cell_type == "markdown" for mark in MARK.findall(cell.source)]
    for mark in found:
        if mark not in known:
            raise CourseError(f"{notebook}.py: {{{{{mark}}}}} names nothing; there is {', '.join(known)}")
    for mark in known:
        if mark == "pause" and mark not in found:
            continue
        if found.count(mark) != 1:
            raise CourseError(f"{notebook}.py: {{{{{mark}}}}} stands {found.count(mark)} times; it should stand once")
    first, last = nb.cells[0].source, nb.cells[-1].source
    if not first.startswith("{{title}}"):
        raise CourseError(f"{notebook}.py: the first cell must begin with {{{{title}}}}")
    for name, cell, parts in (("first", first, HEAD), ("last", last, END)):
        places = [cell.find(part) for part in parts]
        if -1 in places or places != sorted(places):
            raise CourseError(f"{notebook}.py: the {name} cell must have, in this order, {', '.join(parts)}")


def _parts_before_the_pause(nb: NotebookNode) -> int:
    """How many parts stand before the mark of the pause; 0 when there is none."""
    text = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    above, mark, _ = text.partition("{{pause}}")
    return len(PART.findall(above)) if mark else 0


def _plan(spent: Mapping[str, float], before_the_pause: int = 0) -> str:
    """The minutes of each part in a table of two halves, and in all; the two sittings; how to go on after a break."""
    end = [part for part in ("Recap", "Test yourself", "What comes next") if part in spent]
    parts = {part: spent[part] for part in spent if part not in end}
    parts["Recap and self-test"] = sum(spent[part] for part in end)
    bonuses = [spent[part] for part in spent if BONUS in part]
    rows = [f"{part} | {max(1, round(length))}" for part, length in parts.items() if BONUS not in part]
    half = (len(rows) + 1) // 2
    pairs = zip(rows[:half], [*rows[half:], " | "][:half], strict=True)
    table = ["| part | min | part | min |", "|:--|--:|:--|--:|"]  # few columns, short heads: it must fit a phone
    table += [f"| {left} | {right} |" for left, right in pairs]
    total = 5 * round((sum(spent.values()) - sum(bonuses)) / 5)
    lines = [f"**Time:** about {total} minutes, in parts:\n", *table, ""]
    if bonuses:
        what, it = ("bonus at the end takes", "it") if len(bonuses) == 1 else ("bonuses at the end take", "them")
        lines += [
            f"The {what} about {5 * round(sum(bonuses) / 5)} minutes more. The points count; nothing later needs {it}.",
            "",
        ]
    if before_the_pause:
        first = 5 * round(sum(list(spent.values())[:before_the_pause]) / 5)
        lines += [
            f"**Two sittings:** parts 1 to {before_the_pause} take about {first} minutes, the rest about "
            f"{total - first}. Between them is a good place to stop for the day.",
            "",
        ]
    return "\n".join([*lines, BACK, "", RULES])


def _exercise(exercise: Exercise) -> str:
    judged = " · ".join(f"{_escaped(aspect.title)} ({aspect.points:g})" for aspect in exercise.aspects)
    box = BOX.format(text=f"<b>{_points(exercise.points)}</b> for {judged}")
    return f"### Exercise {exercise.number} · {exercise.title}\n\n{box}"


def _written(points: float) -> str:
    box = BOX.format(text=f"<b>{_points(points)}</b>, read by a person. Your answer goes into the cell below this one.")
    return f"### In your own words\n\n{box}"


def _hand_in(notebook: str, written: Mapping[str, float]) -> str:
    exercises = exercises_of(notebook)
    judged = f"{len(exercises)} exercises, judged by program: {_points(sum(each.points for each in exercises))}"
    words = "Your answer" if len(written) == 1 else "Your answers"
    return f"""## Hand in

{judged}. {words} in words, read by a person: {_points(sum(written.values()))}.

1. *Kernel ▸ Restart Kernel and Run All Cells* shows what works from a fresh start. (In JupyterLab, the button
   *Validate* does this too, and lists the checks that fail. In a browser without installation there is none.) Then
   save: Ctrl+S.
2. The file is this notebook, `{notebook}.ipynb`. In a terminal, `python3 course pack {notebook[:2]}` says what is still
   open and puts the file to upload into the folder `hand_in`. Do not rename it.

Where you stand in the whole course: write `from course_lib.desk.progress import progress` and `progress()`
into any cell."""


def _next(notebook: str) -> str:
    rest = NOTEBOOKS[NOTEBOOKS.index(notebook) + 1 :]
    if not rest:
        return "You are through: this was the last notebook."
    return f"**Next:** [{heading(rest[0])}](../{rest[0]}/{rest[0]}.ipynb)"


def _points(points: float) -> str:
    return f"{points:g} point" if points == 1 else f"{points:g} points"


def _escaped(text: str) -> str:
    """Text for HTML inside Markdown: nothing in it is markup."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("*", "&#42;"), ("_", "&#95;")):
        text = text.replace(character, entity)
    return text
