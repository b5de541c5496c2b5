"""The whole way, from the built release over a student's file to the gradebook, with real kernels and the real judge.

Each submission carries one answer of the zoo for every exercise, so few submissions show all of them.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import zoo
from autograder.build.sample_class import SAMPLES
from autograder.build.submissions import make_submission, rounds
from autograder.files import notebook_file, notebook_text
from autograder.grade.classroom import Options, grade_class
from autograder.grade.collecting.collect import collect
from autograder.grade.nodes import code_cell
from autograder.grade.run import Run, run_and_judge
from autograder.grade.session import KernelSession
from course_lib.exercises import NOTEBOOKS, exercises_of
from course_lib.judging import Verdict

SEEDS = (11, 2**77 + 5, 90210)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def hand_in(folder: Path, student: str, notebook: str, text: str) -> None:
    """Put a file where nbgrader collects submissions."""
    path = notebook_file(folder / student, notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def students_of(notebook: str) -> dict[str, dict[str, zoo.Entry | None]]:
    """Submissions with the reference, with nothing, and with answers of the zoo, by student.

    The first notebook's carry the whole zoo. For the others, whose every answer is put into a kernel by the next test,
    one submission of wrong answers and one of other right ones goes the whole way.
    """
    most = None if notebook == NOTEBOOKS[0] else 1
    names = [exercise.id for exercise in exercises_of(notebook)]
    students: dict[str, dict[str, zoo.Entry | None]] = {"reference": dict.fromkeys(names), "untouched": {}}
    for number, each in enumerate(rounds(zoo.traps(notebook))[:most]):
        students[f"trap{number:02d}"] = dict.fromkeys(names) | each  # later exercises may call earlier ones
    for number, each in enumerate(rounds(zoo.alternatives(notebook))[:most]):
        students[f"other{number:02d}"] = dict.fromkeys(names) | each
    return students


@pytest.mark.thorough
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_class_made_of_the_zoo_gets_the_right_grades(notebook: str, tmp_path: Path) -> None:
    students = students_of(notebook)
    for student, answers in students.items():
        hand_in(tmp_path / "in", student, notebook, notebook_text(make_submission(notebook, answers, apart=True)))
    rows = grade_class(tmp_path / "in", tmp_path / "out")
    by_place = {(row["student"], row["exercise"]): row for row in rows}
    for student, answers in students.items():
        for exercise in exercises_of(notebook):
            row = by_place[student, exercise.id]
            if exercise.id not in answers:
                assert (row["points"], row["status"]) == (0, "untouched"), row
                continue
            entry = answers[exercise.id]
            loses = entry.loses if entry else ()
            lost = {aspect["name"] for aspect in row["aspects"] if not aspect["passed"]}
            assert lost == set(loses), row
            assert row["points"] == exercise.points - sum(exercise.aspect(name).points for name in loses)
            if loses:
                assert (row["trap"], row["feedback"]) == (entry.name, entry.feedback)
    with Gradebook(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}") as gradebook:
        for student in students:
            submitted = gradebook.find_submission_notebook(notebook, notebook, student)
            for grade in submitted.grades:
                row = by_place[student, grade.name]
                assert (grade.auto_score, grade.max_score) == (row["points"], row["max_points"])
                assert grade.needs_manual_grade == (row["points"] is None)


def verdict_of(run: Run, exercise: str, ask_public: bool) -> Verdict:
    """Judge one exercise; its public cases, the same for every seed, are asked only where `ask_public` says so."""
    judged = run.judge(run.secret[exercise], code_cell())
    return run.explain(exercise, judged) if judged.full and ask_public else judged.verdict


@pytest.mark.thorough
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_three_secret_seeds_give_identical_verdicts(notebook: str) -> None:
    """One kernel with the notebook run in it; then each answer of the zoo takes its place in turn."""
    nb = make_submission(notebook, dict.fromkeys(exercise.id for exercise in exercises_of(notebook)))
    with KernelSession() as session:
        runs = [Run(session, notebook, seed) for seed in SEEDS]
        for cell in nb.cells:
            if cell.cell_type == "code":
                session.run(cell)
        for entry in [*zoo.traps(notebook), *zoo.alternatives(notebook)]:
            text = f"_kept = {entry.answer}\n{entry.source}"
            session.run(nbformat.v4.new_code_cell(text))
            verdicts = [verdict_of(run, entry.exercise, ask_public=run is runs[0]) for run in runs]
            session.run(nbformat.v4.new_code_cell(f"{entry.answer} = _kept"))
            for verdict in verdicts:
                assert {aspect.name for aspect in verdict.aspects if not aspect.passed} == set(entry.loses), entry.name
                assert verdict.feedback == entry.feedback
            assert len({(v.points, v.status, v.trap) for v in verdicts}) == 1


def test_a_student_who_breaks_the_notebook_fails_although_the_reference_passes() -> None:
    """What is graded is the file that was handed in, never the solution."""
    notebook = NOTEBOOKS[0]
    names = [exercise.id for exercise in exercises_of(notebook)]
    broken = make_submission(notebook, dict.fromkeys(names, "this is not Python"))
    right = make_submission(notebook, dict.fromkeys(names))
    assert sum(verdict.points for verdict in run_and_judge(broken, notebook, 7)) == 0
    assert all(verdict.status == "full" for verdict in run_and_judge(right, notebook, 7))


@pytest.mark.parametrize("without", ["endless-loop", pytest.param("", marks=pytest.mark.thorough)])
def test_the_sample_class(root: Path, tmp_path: Path, without: str) -> None:
    """Every submission of examples/class ends with a score and a reason, and the second run does nothing again.

    The one with an endless loop waits longer than all others together; test_run.py has its like.
    """
    done, source, tmp_path = [], tmp_path / "class", tmp_path / "out"
    shutil.copytree(root / "examples" / "class", source, ignore=shutil.ignore_patterns(without))
    two = Options(workers=2)  # each starts a warm process
    rows = grade_class(source, tmp_path, two, on_result=lambda graded, *_: done.append(graded.student))
    students = {row["student"] for row in rows}
    assert set(done) == students == {each.student for each in collect(source).handed_in}
    points = {s: sum(r["points"] or 0 for r in rows if r["student"] == s) for s in students}
    full = sum(exercise.points for exercise in exercises_of(NOTEBOOKS[0]))
    assert points == {each.student: each.points() for each in SAMPLES if each.student != without}
    assert max(points.values()) == full
    for row in rows:
        assert row["feedback"] or row["status"] in ("full", "manual"), row
    for student in students:
        assert (tmp_path / "feedback" / student / NOTEBOOKS[0] / f"{NOTEBOOKS[0]}.html").is_file()
    lines = list(csv.DictReader((tmp_path / "grades.csv").open(encoding="utf-8")))
    assert {line["student"]: float(line["points"]) for line in lines} == points
    again = grade_class(source, tmp_path, two, on_result=lambda graded, *_: done.append("again"))
    assert again == rows
    assert "again" not in done
