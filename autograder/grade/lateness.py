"""When notebooks are due, and nbgrader's late-penalty plugins."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

from nbgrader.api import SubmittedNotebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from autograder.files import ROOT
from autograder.grade.folder import LATE_POLICIES
from autograder.grade.gradebook import Book
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS


def due_dates(texts: Sequence[str]) -> dict[str, datetime]:
    """What --due says: "01=2026-11-20 23:59", or for all notebooks "2026-11-20". Local time, unless it says another.

    Raises:
        CourseError: when there is no such notebook or no such time.
    """
    found: dict[str, datetime] = {}
    for text in texts:
        which, _, when = text.rpartition("=")
        notebooks = [n for n in NOTEBOOKS if not which or n == which or n[:2] == which.zfill(2)]
        if not notebooks:
            raise CourseError(f"--due {text}: there is no notebook {which!r}; the course has {', '.join(NOTEBOOKS)}")
        try:
            moment = datetime.fromisoformat(when.strip())
        except ValueError:
            raise CourseError(f'--due {text}: write a time such as "01=2026-11-20 23:59"') from None
        if len(when.strip()) == len("2026-11-20"):
            moment = datetime.combine(moment.date(), time(23, 59, 59))
        found |= dict.fromkeys(notebooks, moment.astimezone())
    return found


def assign_penalties(book: Book, policy: str, folder: Path) -> None:
    """Ask the class's late-penalty plugin about everybody who was late, by the points that they have now.

    policy: "none", "zero", "module.Class" for a plugin, or "" for what nbgrader_config.py says; without any, penalties
        stay as they are.

    Raises:
        CourseError: when there is no such plugin, or it fails.
    """
    config = _config(folder)
    if not policy and not {"LateSubmissionPlugin", "AssignLatePenalties"} & set(config):
        return
    plugin = late_plugin(policy, config, folder)
    with book._transaction():
        for submitted in book.db.query(SubmittedNotebook).all():
            submitted.late_submission_penalty = _penalty(plugin, submitted)


def _penalty(plugin: LateSubmissionPlugin, submitted: SubmittedNotebook) -> float | None:
    late = submitted.assignment.total_seconds_late
    if late <= 0:
        return None
    try:
        penalty = plugin.late_submission_penalty(submitted.student.id, submitted.score, late)
    except Exception as error:  # a plugin is the instructor's own code
        raise CourseError(
            f"the late-penalty plugin {type(plugin).__name__} fails: {type(error).__name__}: {error}"
        ) from None
    return None if penalty is None else min(max(penalty, 0.0), submitted.score)


def late_plugin(policy: str, config: Config | None = None, folder: Path = ROOT) -> LateSubmissionPlugin:
    """The plugin of a policy.

    Raises:
        CourseError: when there is none.
    """
    config = config or Config()
    if policy in LATE_POLICIES:
        config.LateSubmissionPlugin.penalty_method = policy
    elif policy:
        config.AssignLatePenalties.plugin_class = _imported(policy, folder)
    try:
        step = AssignLatePenalties(config=config)
        step.init_plugin()
    except (TraitError, ImportError) as error:
        raise CourseError(f"the late-penalty plugin of nbgrader_config.py cannot be used: {error}") from None
    return step.plugin_inst


def _imported(policy: str, folder: Path) -> type:
    module, _, name = policy.rpartition(".")
    sys.path[:0] = [str(folder), os.getcwd()]
    try:
        found = getattr(importlib.import_module(module), name) if module else None
    except (ImportError, AttributeError) as error:
        raise CourseError(f"--late {policy}: there is no such plugin ({error})") from None
    finally:
        del sys.path[:2]
    if not (isinstance(found, type) and hasattr(found, "late_submission_penalty")):
        raise CourseError(f"--late {policy}: say none, zero, or module.Class of an nbgrader LateSubmissionPlugin")
    return found


def _config(folder: Path) -> Config:
    """What nbgrader_config.py of the checkout and of the class's folder say about penalties."""
    config = Config()
    before = os.environ.get("COURSE_CLASS")
    os.environ["COURSE_CLASS"] = str(folder)  # the configuration of the checkout asks which class it is for
    try:
        for place in (ROOT, folder):
            if (place / "nbgrader_config.py").is_file():
                config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(place)).load_config())
    finally:
        del os.environ["COURSE_CLASS"]
        if before is not None:
            os.environ["COURSE_CLASS"] = before
    wanted = {name: config[name] for name in ("LateSubmissionPlugin", "AssignLatePenalties") if name in config}
    return Config(wanted)
