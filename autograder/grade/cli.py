"""The commands for a class, in the order of a week: grade, look, read what is in words, hand back, export, report.

Each one is thin: it takes its options apart and calls one function elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

EXISTING = click.Path(exists=True, path_type=Path)
A_CLASS = click.argument("klass", metavar="CLASS")


@click.group()
def course() -> None:
    """The commands for a class; the command line takes them over."""


@course.command()
@click.argument("submissions", type=EXISTING, required=False)
@click.option("--class", "name", metavar="NAME", help="The class, new or old (default: it is called like SUBMISSIONS).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The class's folder (graded/NAME).")
@click.option("--layout", metavar="NAME", help="How the files are laid out, where it cannot be told from their names.")
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV of the students.")
@click.option(
    "--due", multiple=True, metavar="[NN=]TIME", help='When it is due: "01=2026-11-20 23:59". May be repeated.'
)
@click.option("--late", metavar="POLICY", help="none, zero, or the module.Class of an nbgrader late-penalty plugin.")
@click.option("--student", metavar="ID", help="Whose SUBMISSIONS are, when they are one student's.")
@click.option("--take", multiple=True, metavar="FILE", help="The file that counts, of two that are equal.")
@click.option("--gradebook", metavar="URL", help="Another database than gradebook.db in the class's folder.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on this Dask scheduler, such as tls://host:8786.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes on this machine (default: as many as there are cores).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, one object for each exercise.")
@click.option(
    "--i-trust-these-notebooks",
    "trusted",
    is_flag=True,
    help="Run them without a jail, with all of your rights, where no jail can be made.",
)
@click.option(
    "--follow-through/--no-follow-through",
    default=True,
    help="What is right on top of an earlier known mistake keeps its points (default: yes).",
)
def grade(submissions: Path | None, out: Path | None, due: tuple[str, ...], as_json: bool, **more: Any) -> None:
    """Grade a class: SUBMISSIONS is a folder or a zip file of notebooks, or one notebook.

    The zip files of Canvas, Moodle, Blackboard, Brightspace, Gradescope and Google Classroom are read as they are, and
    nbgrader's folders too. Notebooks are known by what is in them. What becomes of each file is told, and kept in
    collected.csv.

    A class is one folder, graded/NAME. What is graded later with the same --class is added to it. Points and comments
    by hand stay. What was graded before is graded again only when something that decides its grade has changed;
    without SUBMISSIONS, just that is done.

    Submissions are strangers' code: they run in a jail, and nothing is graded where none can be made. `course doctor`
    says what this machine can do.

    \b
    Examples: python3 course grade examples/class
              python3 course grade week2.zip --class spring --roster roster.csv --due "02=2026-11-20 23:59"
              python3 course grade --class spring
    """
    from autograder.grade.hands import get_ready

    if not more["scheduler"]:
        get_ready()  # while this process imports
    from autograder.grade.classroom import Options
    from autograder.grade.lateness import due_dates, late_plugin
    from autograder.grade.terminal import grade_and_show

    if more["late"]:
        late_plugin(str(more["late"]))
    said = {name: value for name, value in more.items() if value is not None}
    grade_and_show(submissions, out, Options(due=due_dates(due), **said), as_json)


@course.command("class")
@A_CLASS
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def class_(klass: str, as_json: bool) -> None:
    """Show what is in a class: students and notebooks, handed in, graded, waiting for a person.

    CLASS is the name of a class or its folder.

    Example: python3 course class spring
    """
    from autograder.grade.folder import find_class
    from autograder.grade.terminal import show_class

    show_class(find_class(klass), as_json)


@course.command()
@A_CLASS
@click.option("--port", type=click.IntRange(1, 65535), help="Serve on this port (default: the first free from 8888).")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
def words(klass: str, port: int | None, no_browser: bool) -> None:
    """Read the answers in words and give points: all answers to one question on one page, with its rubric.

    Example: python3 course words spring
    """
    from autograder.grade.folder import find_class
    from autograder.grade.words import serve_words

    serve_words(find_class(klass), port=port, browser=not no_browser)


@course.command()
@A_CLASS
@click.option(
    "--zip", "system", type=click.Choice(["canvas", "moodle"]), help="Also pack them as this system takes them."
)
def feedback(klass: str, system: str | None) -> None:
    """Make the feedback pages and grades.csv anew, with the points and comments that were given by hand.

    Example: python3 course feedback spring --zip moodle
    """
    from autograder.grade.folder import find_class
    from autograder.grade.hand_back import hand_back

    for line in hand_back(find_class(klass), system):
        click.echo(line)


@course.command()
@A_CLASS
@click.option(
    "--for",
    "system",
    type=click.Choice(["csv", "canvas", "moodle", "blackboard", "brightspace"]),
    default="csv",
    help="Who reads the file (default: csv, for a spreadsheet).",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Where to write (the class's exports/).")
@click.option("--only-complete", is_flag=True, help="Leave out the points of notebooks that wait for a person.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with aspects and named mistakes.")
def export(klass: str, system: str, out: Path | None, only_complete: bool, as_json: bool) -> None:
    """Write the grades as a learning-management system imports them, wide, and one file with every exercise.

    What is not graded or not handed in is left empty; it is not 0.

    Example: python3 course export spring --for canvas
    """
    from autograder.grade.export import export_class
    from autograder.grade.folder import find_class

    for line in export_class(find_class(klass), system, out, only_complete, as_json):
        click.echo(line)


@course.command()
@A_CLASS
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The page (report.html in the class).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON instead.")
def report(klass: str, out: Path | None, as_json: bool) -> None:
    """Write one page about the class: points, exercises, the most frequent mistakes, and those that have no name yet.

    Example: python3 course report spring
    """
    from autograder.grade.folder import find_class
    from autograder.grade.report import report_on

    click.echo(report_on(find_class(klass), out, as_json))


@course.command()
@A_CLASS
@click.argument("group")
@click.option("--print", "only_print", is_flag=True, help="Print the draft and write nothing.")
def trap(klass: str, group: str, only_print: bool) -> None:
    """Turn a group of wrong answers, which the report shows, into a draft of a known mistake with an empty sentence.

    Fill the sentence in, run `course build` and `course grade --class CLASS`: everybody of the group reads it.

    Example: python3 course trap spring wiggle-3f2a
    """
    from autograder.grade.folder import find_class
    from autograder.grade.trap_draft import draft_trap

    for line in draft_trap(find_class(klass), group, only_print):
        click.echo(line)


@course.command()
@click.argument("klass", metavar="CLASS", default="class")
@click.option("--port", type=click.IntRange(1, 65535), help="Serve on this port (default: the first free from 8888).")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
def formgrader(klass: str, port: int | None, no_browser: bool) -> None:
    """Open nbgrader's formgrader on a graded class, to read the notebooks and to grade the answers in words.

    CLASS is the name of a class or its folder.

    Example: python3 course formgrader graded/class
    """
    from autograder.grade.formgrader import open_formgrader

    open_formgrader(klass, port=port, browser=not no_browser)
