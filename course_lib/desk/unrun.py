"""Notice that the answer which is judged is an older one, because the cell that was edited last did not run."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence


def unrun_answer(names: Sequence[str]) -> str:
    """A sentence when the last cell that should define one of these names has a SyntaxError; else ""."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    cells = list(shell.user_ns.get("In", []))[:-1] if shell else []  # the last one is the check itself
    for name in names:
        latest = next((cell for cell in reversed(cells) if _defines(cell, name)), "")
        try:
            ast.parse(shell.transform_cell(latest) if latest else "")
        except SyntaxError as error:
            return (
                f"The cell that you ran last for `{name}` has a SyntaxError in line {error.lineno}, so it did not run: "
                "an older answer is judged here."
            )
    return ""


def _defines(cell: str, name: str) -> bool:
    return bool(re.search(rf"^\s*(def|class)\s+{name}\b|^{name}\s*=", cell, re.MULTILINE))
