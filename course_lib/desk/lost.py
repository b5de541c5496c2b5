"""Say what to run when a name is missing, as after a break, when the notebook is still open and its Python is new.

`course_lib.check` asks for this when it is imported, and `course lab` at the start of every kernel (at_start.py), so
that it also helps in the first cell that somebody runs.
"""

from __future__ import annotations

import sys
from typing import Any

RUN_ABOVE = "Choose Run ▸ Run All Above Selected Cell, then run this cell again."
HINT = f"If a cell above defines this name, it has not run since Python was started.\n{RUN_ABOVE}"


def help_the_lost() -> None:
    """In a notebook, let a NameError end with what to do about it. Elsewhere nothing happens."""
    interactive = sys.modules.get("IPython")  # loaded long before, if this is a notebook
    shell = interactive.get_ipython() if interactive else None
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((NameError,), _show)


def _show(shell: Any, kind: type, error: NameError, traceback: Any, tb_offset: int | None = None) -> None:
    """Show a missing name in two lines and the hint if the cell itself uses it, with all calls if a function does."""
    lines = shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
    if kind is NameError:  # and not a local variable that is read too early
        in_the_cell = traceback.tb_next.tb_next is None  # the first is the shell's own frame
        lines = [f"NameError: {error}", HINT] if in_the_cell else [*lines, "", HINT]
    shell._showtraceback(kind, error, lines)
