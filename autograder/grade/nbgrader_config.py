"""nbgrader's configuration. It is loaded by the nbgrader_config.py at the top of the checkout.

The course is the checkout; the folders of one class (submissions, grades, gradebook) are below the folder that the
environment variable COURSE_CLASS names, or graded/class.

`nbgrader autograde` runs submissions in a jail and refuses where none can be made, unless COURSE_TRUST_NOTEBOOKS=1.
"""

import os
from pathlib import Path

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    LockCells,
    SaveAutoGrades,
    SaveCells,
)

from autograder.build.stubs import LetChecksFail, NumberedStubs
from autograder.files import ROOT
from autograder.grade.folder import LATE_POLICIES, load
from autograder.grade.nbgrader_steps import Bounded, ClassPage, Judge, Repair, SaveFeedback
from autograder.grade.pages import markdown_page

c = get_config()  # noqa: F821  (traitlets gives this name to the file)

class_folder = Path(os.environ.get("COURSE_CLASS", ROOT / "graded" / "class")).resolve()

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = str(class_folder / "submitted")
c.CourseDirectory.autograded_directory = str(class_folder / "autograded")
c.CourseDirectory.feedback_directory = str(class_folder / "feedback")
c.CourseDirectory.db_url = os.environ.get("COURSE_GRADEBOOK", f"sqlite:///{class_folder / 'gradebook.db'}")

c.GenerateAssignment.preprocessors = [
    LockCells,
    NumberedStubs,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    LetChecksFail,
]
c.Autograde.exporter_class = Bounded
c.Autograde.sanitize_preprocessors = [Repair]
c.Autograde.autograde_preprocessors = [Judge, SaveAutoGrades, SaveFeedback, AssignLatePenalties]
c.HTMLExporter.filters = {"markdown2html": markdown_page}  # nbgrader's own feedback shows comments and answers
c.Judge.class_folder = str(class_folder)

# `nbgrader generate_feedback` and the formgrader's button for it make the course's own pages.
c.GenerateFeedback.exporter_class = ClassPage
c.ClassPage.class_folder = str(class_folder)

# The formgrader looks for a folder of nbgrader's exchange, which this course does not use, and warns without one.
c.Exchange.root = str(class_folder / ".exchange")

late = load(class_folder).facts.late if "COURSE_CLASS" in os.environ else ""
if late in LATE_POLICIES:
    c.LateSubmissionPlugin.penalty_method = late
elif late:
    c.AssignLatePenalties.plugin_class = late
