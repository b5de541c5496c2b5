"""The command line: `python3 course COMMAND …`, or `python -m autograder.cli COMMAND …` inside the environment.

Each command is thin: it takes its options apart and calls one function elsewhere. It imports that function's module
when it runs, so that `course --help` does not wait for Jupyter or SymPy.
"""

import os
import sys
from pathlib import Path

import click

from autograder.grade import cli as classes
from course_lib.desk import cli as desk


@click.group(cls=desk.CourseGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backprop-course", prog_name="course")
def course() -> None:
    """Backpropagation, from the chain rule to SGD: open the notebooks, test, build and grade.

    Exit codes: 0 all is well; 1 a check, test or grade failed; 2 the command could not be carried out.
    """


for _command in desk.course.commands.values():  # lab, progress, pack
    course.add_command(_command)


@course.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--fast", is_flag=True, help="Only what starts no kernel, jail or browser, with one seed: under a minute."
)
@click.option("--all", "everything", is_flag=True, help="Also what takes minutes and rarely says more.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def test(fast: bool, everything: bool, pytest_args: tuple[str, ...]) -> None:
    """Run the whole test suite: ruff, mypy, pytest, and nbval on the solutions.

    With arguments, run only pytest and pass them on; of what these choose, --fast leaves out what takes long.

    \b
    Examples: python3 course test
              python3 course test --fast
              python3 course test --all
              python3 course test tests/autograder -k lab
              python3 course test --fast tests/course_lib
    """
    from autograder.tools.testing import run_all, run_fast, run_pytest

    if pytest_args:
        sys.exit(run_pytest(pytest_args, fast, everything))
    sys.exit(run_fast() if fast else run_all(everything))


@course.command()
@click.option("--upgrade", is_flag=True, help="Move every package to its newest version that fits.")
def lock(upgrade: bool) -> None:
    """Write requirements.lock anew from pyproject.toml: versions and hashes, no addresses.

    Versions already in the lock are kept where they still fit.

    Example: python3 course lock --upgrade
    """
    from autograder.tools.lock import write_lock

    for line in write_lock(upgrade=upgrade):
        click.echo(line)


@course.command()
@click.argument("notebooks", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when a built file is out of date.")
def build(notebooks: tuple[str, ...], only_check: bool) -> None:
    """Build notebooks from their text sources: solutions, student releases and the data of the checks.

    NOTEBOOKS are numbers or names; without any, all are built. Two builds give the same bytes.
    What differs in round-off only, as on another processor, is left as it is.

    \b
    Examples: python3 course build 01
              python3 course build --check
    """
    from autograder.build import notebooks as builder
    from course_lib.exercises import chosen

    changed = []
    for notebook in chosen(notebooks):
        say = lambda text: click.echo(text, err=True)  # noqa: E731
        stale = builder.stale(notebook, say) if only_check else builder.write(notebook, say)
        changed += [str(path.relative_to(builder.ROOT)) for path in stale]
    for path in changed:
        click.echo(f"out of date: {path}" if only_check else f"written: {path}")
    click.echo(f"{len(changed)} files {'are out of date' if only_check else 'changed'}")
    sys.exit(1 if only_check and changed else 0)


@course.group()
def new() -> None:
    """Insert a new exercise or notebook in every place that it needs, as working stubs to be replaced.

    Example: python3 course new exercise 3.9 "Twice as much"
    """


@new.command("exercise")
@click.argument("number")
@click.argument("title")
def new_exercise(number: str, title: str) -> None:
    """Insert exercise NUMBER with TITLE: statement and answer, cases, a known mistake and another right way.

    Example: python3 course new exercise 3.9 "Twice as much"
    """
    from autograder.tools import scaffold

    for line in scaffold.new_exercise(number, title):
        click.echo(line)


@new.command("notebook")
@click.argument("number")
@click.argument("name")
@click.argument("title")
def new_notebook(number: str, name: str, title: str) -> None:
    """Add notebook NUMBER behind the last one, NAME for its files and TITLE for people, with one exercise.

    Example: python3 course new notebook 11 graph_networks "Networks on graphs"
    """
    from autograder.tools import scaffold

    for line in scaffold.new_notebook(number, name, title):
        click.echo(line)


@course.command()
@click.argument("notebook")
@click.argument("exercises", nargs=-1)
@click.option("--every", type=click.IntRange(1), default=1, help="Try one of so many mutants, always the same ones.")
def mutants(notebook: str, exercises: tuple[str, ...], every: int) -> None:
    """Change right answers a little, by rule, and show the changed ones that still get every point.

    NOTEBOOK is a number or a name, EXERCISES are ids or numbers; without any, all of the notebook's. A mutant that
    lives is a hole in the cases, or it is right and autograder/tools/mutants/survivors.toml says why. Exit code 1 when
    some are not explained.

    \b
    Examples: python3 course mutants 04 bp2
              python3 course mutants 02 --every 10
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one process at a time, on small arrays
    from autograder.tools.mutants.report import report
    from course_lib.exercises import chosen, computation_graphs

    computation_graphs.LONG = 20_000  # no recursion goes as deep, and the whole chain takes twice as long
    (name,) = chosen((notebook,))
    sys.exit(1 if report(name, exercises, every, click.echo) else 0)


for _command in classes.course.commands.values():  # grade, class, words, feedback, export, report, trap, formgrader
    course.add_command(_command)


@course.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what protects this machine from submissions, layer by layer, by trying each.

    Exit code 1 when submissions cannot be graded here.

    Example: python3 course doctor
    """
    from autograder.jail.doctor import examine, show

    findings = examine()
    show(findings, as_json)
    sys.exit(0 if findings.can_grade else 1)


@course.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file (dist/backprop-course.zip).")
def bundle(out: Path | None) -> None:
    """Make one zip file for students: the notebooks, course_lib, the set-up and a short read-me.

    No answer is in it. A file with its checksum is written beside it.

    Example: python3 course bundle
    """
    from autograder.files import ROOT
    from autograder.publish.bundle import FOLDER
    from autograder.publish.bundle import bundle as make

    out = out or ROOT / "dist" / f"{FOLDER}.zip"
    digest = make(out)
    click.echo(f"{out} ({out.stat().st_size / 1e6:.1f} MB, sha256 {digest})")


@course.command()
@click.option("--lite", is_flag=True, help="With JupyterLite: the notebooks run in the reader's browser.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder (dist/site).")
@click.option("--url", help="The address at which the site will stand: adds notebooks for Colab.")
@click.option("--repository", metavar="OWNER/NAME", help="The course on GitHub: adds links to Binder.")
def site(lite: bool, out: Path | None, url: str | None, repository: str | None) -> None:
    """Build the site: pages for students, instructors and maintainers, the notebooks and the downloads.

    It is a folder of files for any web server, and loads nothing from elsewhere. No answer is in it.

    Example: python3 course site --lite
    """
    from autograder.files import ROOT
    from autograder.publish.pages import Places
    from autograder.publish.site import build_site

    out = out or ROOT / "dist" / "site"
    build_site(out, Places(lite, repository, url))
    click.echo(f"{out / 'index.html'}")


def main() -> None:
    """Run the command line under the name that people type."""
    course(prog_name="course")


if __name__ == "__main__":
    main()
