"""The commands of a student: `python3 course lab`, `progress` and `pack`.

Each command is thin: it takes its options apart and calls one function elsewhere. It imports that function's module
when it runs, so that `course --help` does not wait for Jupyter or NumPy.
"""

from __future__ import annotations

import errno
from pathlib import Path

import click

from course_lib.errors import CourseError

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # said of no file in particular


class CourseGroup(click.Group):
    """A group that lists its commands in the order of their file, and reports in one line what cannot be done."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context):
        """Run a command, and say in one line what it cannot do or what the disk refuses.

        Raises:
            click.exceptions.Exit: with code 2, after such a line.
        """
        try:
            return super().invoke(ctx)
        except CourseError as error:
            said = str(error)
        except OSError as error:  # a full disk, a folder that belongs to someone else
            if error.filename is None and error.errno not in DISK:
                raise
            where = f" {error.filename}" if error.filename else ""
            said = f"a file cannot be read or written:{where} ({error.strerror})"
        click.echo(f"course: {said}", err=True)
        raise click.exceptions.Exit(2)


@click.group(cls=CourseGroup, context_settings={"help_option_names": ["-h", "--help"]})
def course() -> None:
    """Backpropagation, from the chain rule to SGD: open the notebooks, see where you stand, hand in.

    Exit codes: 0 all is well; 1 an answer is missing; 2 the command could not be carried out.
    """


work_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Your working copy (default: work/ in the course's folder).",
)


@course.command()
@click.argument("notebook", required=False)
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
@click.option("--port", type=click.IntRange(1, 65535), help="Serve on this port (default: the first free from 8888).")
@work_folder
def lab(notebook: str | None, no_browser: bool, port: int | None, folder: Path | None) -> None:
    """Open JupyterLab on your own copy of the notebooks, where you stopped or at NOTEBOOK.

    The copy is made the first time. Later runs bring new releases of the notebooks in, with your answers carried over
    and your old file kept.

    \b
    Examples: python3 course lab
              python3 course lab 05
              python3 course lab --no-browser --port 9000
    """
    from course_lib.desk.lab import open_lab

    open_lab(notebook, folder, port=port, browser=not no_browser)


def _check_that_it_is_there(folder: Path | None) -> None:
    if folder and not folder.is_dir():
        raise CourseError(f"there is no folder {folder}. A working copy is made by: python3 course lab --dir {folder}")


@course.command()
@work_folder
def progress(folder: Path | None) -> None:
    """Say where you stand: points by the latest checks, what is open, and the next step.

    In a notebook, `from course_lib.desk.progress import progress` and `progress()` show the same.

    Example: python3 course progress
    """
    from course_lib.desk.lab import working_copy
    from course_lib.desk.progress import Progress

    _check_that_it_is_there(folder)
    click.echo(repr(Progress(working_copy(folder))))


@course.command()
@click.argument("notebooks", nargs=-1, required=True)
@work_folder
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the file here (default: hand_in/ in the course's folder).",
)
@click.pass_context
def pack(ctx: click.Context, notebooks: tuple[str, ...], folder: Path | None, out: Path | None) -> None:
    """Check NOTEBOOKS, say what is unanswered, and write the one file of each to hand in.

    Save the notebook in JupyterLab first. Exit code 1 when an answer is missing; the file is written all the same.

    Example: python3 course pack 03
    """
    from course_lib.desk.lab import ROOT, release_folder, working_copy
    from course_lib.desk.pack import pack as pack_one
    from course_lib.exercises import chosen
    from course_lib.files import notebook_file

    work = working_copy(folder)
    complete = True
    for notebook in chosen(notebooks):
        own, given = notebook_file(work, notebook), notebook_file(release_folder(), notebook)
        packed = pack_one(own, given, out or ROOT / "hand_in")
        click.echo(str(packed))
        complete = complete and packed.complete
    ctx.exit(0 if complete else 1)


def main() -> None:
    """Run the command line under the name that people type."""
    course(prog_name="course")


if __name__ == "__main__":
    main()
