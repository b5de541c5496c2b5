"""Submissions of a class with attackers in it, and what each of them deserves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.build.source import role_of
from autograder.build.submissions import make_submission
from autograder.files import notebook_file, notebook_text
from course_lib.exercises import NOTEBOOKS, exercises_of

NOTEBOOK = NOTEBOOKS[0]
ALL = dict.fromkeys(exercise.id for exercise in exercises_of(NOTEBOOK))
FULL = sum(exercise.points for exercise in exercises_of(NOTEBOOK))
# In the command of every process that is to outlive its submission; those of another run of the tests have another.
MARK = f"course-attack-daemon-{os.getpid()}"
DAEMON = f"""
import contextlib, os, subprocess, sys
for _ in range(3):
    if os.fork() == 0:
        with contextlib.suppress(OSError):
            os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "{MARK}"])
        os._exit(0)
try:
    os.kill(-1, 9)
    os.kill(os.getppid(), 9)
except OSError:
    pass
for _ in range(2):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "{MARK}"], process_group=0)
"""
PATCH = """
import ast, builtins, sys
import numpy, numpy.testing
import course_lib.check, course_lib.judging
for name in dir(numpy.testing):
    if name.startswith("assert"):
        setattr(numpy.testing, name, lambda *a, **k: None)
class Agrees:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __float__(self): return 0.0
    __hash__ = None
class Lying(numpy.ndarray):
    def __array_ufunc__(self, *a, **k): return numpy.array(True)
    def __eq__(self, other): return numpy.array(True)
    def __array_function__(self, *a, **k): return True
course_lib.check.check = course_lib.judging.judge = course_lib.judging.compare = lambda *a, **k: None
numpy.isclose = numpy.allclose = numpy.array_equal = lambda *a, **k: True
builtins.abs = builtins.sum = lambda *a: 0
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
shell = get_ipython()
shell.ast_transformers.append(NoAsserts())
shell.events.register("pre_run_cell", lambda info: None)
shell.showtraceback = lambda *a, **k: None
wiggle = d_cos_x2 = affected = forward = lambda *a, **k: Agrees()
"""
FORGE = """
kernel = get_ipython().kernel
for name in ("wiggle", "cos-x2"):
    content = {"data": {"text/plain": "1000"}, "metadata": {}, "execution_count": 1}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent())
old = kernel.do_execute
async def always(code, silent, store_history=True, user_expressions=None, allow_stdin=False, **options):
    good = {"status": "ok", "data": {"text/plain": repr('{"list": [{"dict": {"value": 1}}]}')}, "metadata": {}}
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {"reply": good}}
kernel.do_execute = always
"""


def forged(nb: NotebookNode) -> None:
    """Checks worth 1000 points, twice, open, of another type, relabelled, moved to the front."""
    for cell in nb.cells:
        role = role_of(cell)
        if role and role[0] == "check":
            cell.metadata.nbgrader.update(points=1000, locked=False, solution=True)
            cell.source = "1000"
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1000"}, execution_count=1)]
    wiggle, other = (next(c for c in nb.cells if role_of(c) and role_of(c)[1] == name) for name in ("wiggle", "cos-x2"))
    other.metadata.nbgrader.grade_id = wiggle.metadata.nbgrader.grade_id
    nb.cells = [nbformat.from_dict(cell) for cell in nb.cells[::-1]] + nb.cells
    nb.metadata.kernelspec = {"name": "bash", "display_name": "Bash", "language": "bash"}


CLASS: dict[str, tuple[dict, Callable[[NotebookNode], None] | None, str, float]] = {
    "forger": ({}, forged, "", 0),
    "honest": (ALL, None, "", FULL),
    "killer": ({}, None, DAEMON + "os.kill(os.getpid(), 9)", 0),
    "patcher": ({}, None, PATCH + FORGE, 0),
}


def hand_in(folder: Path) -> None:
    """Put the submissions of the class where nbgrader collects them."""
    for student, (answers, change, cell, _) in CLASS.items():
        nb = make_submission(NOTEBOOK, answers)
        if cell:
            nb.cells.insert(0, nbformat.v4.new_code_cell(cell))
        if change:
            change(nb)
        path = notebook_file(folder / student, NOTEBOOK)
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(nb) if change else notebook_text(nb), encoding="utf-8")
