"""Odd but honest files: whatever happened to the notebook, the answers in it are found."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.build.source import role_of
from autograder.build.submissions import make_submission
from autograder.files import notebook_text, release_of
from autograder.grade.repair import Unreadable, read_submission, repair
from course_lib.exercises import NOTEBOOKS, exercises_of

NOTEBOOK = NOTEBOOKS[0]
ALL = dict.fromkeys(exercise.id for exercise in exercises_of(NOTEBOOK))


@pytest.fixture
def handed_in() -> NotebookNode:
    return make_submission(NOTEBOOK, ALL)


def cell(nb: NotebookNode, name: str) -> NotebookNode:
    return next(each for each in nb.cells if each.metadata.get("nbgrader", {}).get("grade_id") == name)


def course_cells(nb: NotebookNode) -> dict[str, str]:
    return {each.metadata.nbgrader.grade_id: each.source for each in nb.cells if role_of(each)}


def repaired(nb: NotebookNode) -> tuple[NotebookNode, list[str]]:
    fixed, notes = repair(read_submission(json.dumps(nb).encode()), release_of(NOTEBOOK))
    nbformat.validate(fixed)
    return fixed, notes


def remove(*names: str) -> Callable[[NotebookNode], None]:
    def change(nb: NotebookNode) -> None:
        nb.cells = [each for each in nb.cells if each.metadata.get("nbgrader", {}).get("grade_id") not in names]

    return change


def strip_metadata(nb: NotebookNode) -> None:
    """What some editors leave: no metadata at all; the cell ids are still there."""
    nb.metadata = NotebookNode()
    for each in nb.cells:
        each.metadata = NotebookNode()


def strip_everything(nb: NotebookNode) -> None:
    """What a conversion to a script and back leaves: the text of the cells."""
    strip_metadata(nb)
    for index, each in enumerate(nb.cells):
        each.id = f"new-{index}"


def forge(nb: NotebookNode) -> None:
    """More points for less: the check is opened, worth 1000, and passes always."""
    own = cell(nb, "wiggle")
    own.metadata.nbgrader.update(points=1000, locked=False, solution=True)
    own.source = "pass"


def retype(nb: NotebookNode) -> None:
    for name in ("wiggle", "wiggle-answer"):
        own = cell(nb, name)
        own.cell_type = "raw"
        own.pop("outputs")
        own.pop("execution_count")


def duplicate_everything(nb: NotebookNode) -> None:
    nb.cells = nb.cells + [nbformat.from_dict(each) for each in nb.cells]


def strange_metadata(nb: NotebookNode) -> None:
    one, two, three = (cell(nb, name) for name in ("wiggle", "cos-x2", "affected"))
    one.metadata.nbgrader = "yes"
    two.metadata.nbgrader.grade_id = ["a"]
    three.metadata = None


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: None,
        remove("wiggle", "cos-x2", "affected"),
        remove("imports"),
        strip_metadata,
        strip_everything,
        forge,
        retype,
        duplicate_everything,
        strange_metadata,
        lambda nb: nb.cells.reverse(),
    ],
)
def test_every_course_cell_is_there_once_with_its_own_text(change, handed_in: NotebookNode) -> None:
    wanted = course_cells(handed_in)
    change(handed_in)
    fixed, _ = repaired(handed_in)
    assert course_cells(fixed) == wanted
    release = {
        each.metadata.nbgrader.grade_id: each.metadata.nbgrader for each in release_of(NOTEBOOK).cells if role_of(each)
    }
    for each in fixed.cells:
        if role_of(each):
            assert each.metadata.nbgrader == release[each.metadata.nbgrader.grade_id]
    assert len({each.id for each in fixed.cells}) == len(fixed.cells)


def test_repairs_are_told(handed_in: NotebookNode) -> None:
    remove("wiggle")(handed_in)
    _, notes = repaired(handed_in)
    assert notes == ["The cell wiggle was missing and has been put back."]


def test_a_leftover_stub_never_hides_an_answer(handed_in: NotebookNode) -> None:
    answer = cell(handed_in, "wiggle-answer").source
    stub = next(each for each in release_of(NOTEBOOK).cells if role_of(each) == ("answer", "wiggle"))
    handed_in.cells.insert(0, nbformat.from_dict(stub))
    handed_in.cells.append(nbformat.from_dict(stub))
    fixed, notes = repaired(handed_in)
    assert cell(fixed, "wiggle-answer").source == answer
    assert sum("1.1 The slope of a wiggle" in each.source for each in fixed.cells if each.cell_type == "code") == 0
    assert "The cell wiggle-answer was there 3 times." in notes


def test_another_attempt_still_runs_where_it_stands(handed_in: NotebookNode) -> None:
    second = nbformat.from_dict(cell(handed_in, "wiggle-answer"))
    second.source = "def wiggle(f, x, h):\n    return 'second attempt'"
    handed_in.cells.append(second)
    fixed, _ = repaired(handed_in)
    assert fixed.cells[-1].source == second.source
    assert not role_of(fixed.cells[-1])


def test_own_cells_keep_their_place_and_lose_their_metadata(handed_in: NotebookNode) -> None:
    own = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "mine", "grade": True, "points": 50}})
    handed_in.cells.insert(3, own)
    fixed, _ = repaired(handed_in)
    assert (fixed.cells[3].source, fixed.cells[3].metadata) == ("x = 1", {})


def test_outputs_are_gone(handed_in: NotebookNode) -> None:
    cell(handed_in, "wiggle").outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1000"})]
    fixed, _ = repaired(handed_in)
    assert all(not each.get("outputs") for each in fixed.cells)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),  # without a mark
        lambda text: text.encode("utf-16-be"),
        lambda text: text.replace(" ],\n", ' , ],\n "of": "na\xefve, ] and , }",\n').encode(
            "cp1252", "backslashreplace"
        ),
        lambda text: json.dumps(nbformat.convert(nbformat.reads(text, 4), 3)).encode(),
        lambda text: text.replace('"nbformat_minor": 5', '"nbformat_minor": 99').encode(),
    ],
)
def test_formats_and_encodings(encode, handed_in: NotebookNode) -> None:
    wanted = course_cells(handed_in)
    fixed, _ = repair(read_submission(encode(notebook_text(handed_in))), release_of(NOTEBOOK))
    assert course_cells(fixed) == wanted


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"\x89PNG\r\n", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"cells": [{"source": "wig', "its end is missing"),
        (b'{"cells": [', "its end is missing"),
        (b'{\n"cells": [\n<<<<<<< HEAD\n', "marks of a merge"),
        (b"<!DOCTYPE html>", "a web page"),
        (b'{"cells": [],\n "nbformat" 4}', "Line 2 is wrong"),
        (b"[]", "no cells"),
        (b'{"cells": 3}', "no cells"),
        (b'{"cells": [], "nbformat": "x"}', "damaged"),
        (b'{"worksheets": [{"cells": [3]}], "nbformat": 3}', "damaged"),
    ],
)
def test_what_is_no_notebook_is_said(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_submission(content)


def test_cells_of_any_shape_are_read() -> None:
    cells = [3, None, {}, {"cell_type": "code", "source": ["a", 1, "b"], "metadata": []}, {"source": {"a": 1}, "id": 5}]
    fixed, _ = repair(read_submission(json.dumps({"cells": cells}).encode()), release_of(NOTEBOOK))
    nbformat.validate(fixed)
    assert "ab" in [each.source for each in fixed.cells]


ODD = st.sampled_from([None, True, 3, 1e308, "", "\ud800", "wiggle", [], {}, [[]], [{}], {"a": []}, {"": None}])
PICTURES = st.dictionaries(st.sampled_from(["a", ""]), st.fixed_dictionaries({"image/png": ODD}) | ODD, max_size=1)
NAMED = st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": ODD}) | ODD})
TEXTS = st.sampled_from(["mine = 1", "def wiggle(f, x, h):\n    return 1", "words"])
PARTS: dict[str, st.SearchStrategy] = {
    "cell_type": st.sampled_from(["code", "code", "markdown", "raw", None, []]),
    "id": ODD,
    "source": TEXTS | st.lists(TEXTS | ODD, max_size=2),
    "metadata": NAMED | ODD,
}
CELLS = st.fixed_dictionaries(PARTS, optional={"attachments": PICTURES | ODD, "outputs": ODD, "input": ODD})


@settings(max_examples=100)
@given(st.lists(CELLS, min_size=3, max_size=6), ODD, st.sampled_from([None, None, 2, 3, 5, "4"]))
def test_a_notebook_of_any_form_is_repaired_or_refused(cells: list, odd: object, version: object) -> None:
    now = {"cells": [*cells, odd], "nbformat": 4, "metadata": odd}
    old = {"worksheets": [{"cells": cells}], "nbformat": version, "metadata": odd}
    release = release_of(NOTEBOOK)
    with contextlib.suppress(Unreadable):
        fixed, notes = repair(read_submission(json.dumps(old if version else now).encode()), release)
        assert notebook_text(fixed).encode()
        assert json.dumps(notes)
        assert course_cells(fixed).keys() == course_cells(release).keys()


def written(nb: NotebookNode) -> NotebookNode:
    return cell(nb, "explain-magnitudes")


def place(nb: NotebookNode, name: str) -> int:
    return next(index for index, each in enumerate(nb.cells) if each is cell(nb, name))


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("offset", [0, 1])
def test_words_beside_the_answer_cell_are_the_answer(handed_in: NotebookNode, kind: str, offset: int) -> None:
    own = nbformat.from_dict({"cell_type": kind, "source": "Because they multiply.", "metadata": {}, "id": "mine"})
    handed_in.cells.insert(place(handed_in, "explain-magnitudes") + offset, own)
    fixed, notes = repaired(handed_in)
    assert written(fixed).source == "Because they multiply."
    assert compute_checksum(written(fixed)) != written(fixed).metadata.nbgrader.checksum
    assert "What was written beside the cell explain-magnitudes was put into it." in notes
    assert sum("Because they multiply" in each.source for each in fixed.cells) == 1


def test_words_below_the_question_in_its_own_cell_are_the_answer(handed_in: NotebookNode) -> None:
    question = handed_in.cells[place(handed_in, "explain-magnitudes") - 1]
    question.source += "\n\nBecause they multiply."
    fixed, _ = repaired(handed_in)
    assert written(fixed).source == "Because they multiply."


def test_words_in_place_of_the_deleted_answer_cell_are_the_answer(handed_in: NotebookNode) -> None:
    index = place(handed_in, "explain-magnitudes")
    handed_in.cells[index] = nbformat.v4.new_markdown_cell("Because they multiply.")
    fixed, _ = repaired(handed_in)
    assert written(fixed).source == "Because they multiply."


def test_words_in_a_code_cell_go_to_a_person_and_the_code_stays(handed_in: NotebookNode) -> None:
    index = place(handed_in, "explain-magnitudes")
    handed_in.cells.insert(index + 1, nbformat.v4.new_code_cell("# Because they multiply."))
    fixed, _ = repaired(handed_in)
    assert "# Because they multiply." in written(fixed).source
    assert fixed.cells[place(fixed, "explain-magnitudes") + 1].source == "# Because they multiply."


def test_nothing_written_is_nothing(handed_in: NotebookNode) -> None:
    placeholder = written(handed_in).source
    for text in (placeholder, "  \n", "*Write your answer here.*"):  # the last one is of an earlier release
        written(handed_in).source = text
        fixed, _ = repaired(handed_in)
        assert compute_checksum(written(fixed)) == written(fixed).metadata.nbgrader.checksum


def test_a_photo_of_handwriting_is_an_answer_and_one_that_is_dropped_is_told(handed_in: NotebookNode) -> None:
    photo = base64.b64encode(b"\xff\xd8\xff" + bytes(6 << 20)).decode()
    large = base64.b64encode(b"\xff\xd8\xff" + bytes(20 << 20)).decode()
    written(handed_in).attachments = {
        "my photo.jpg": {"image/jpeg": photo},
        "large.jpg": {"image/jpeg": large},
        "a.heic": {"image/heic": "AAAA"},
    }
    fixed, notes = repaired(handed_in)
    assert written(fixed).attachments == {"my photo.jpg": {"image/jpeg": photo}}
    assert compute_checksum(written(fixed)) != written(fixed).metadata.nbgrader.checksum
    assert [note for note in notes if "'large.jpg'" in note and "12 MB" not in note.split(":")[0]]
    assert [note for note in notes if "'a.heic'" in note]


def test_stubs_are_marked_and_a_second_one_does_nothing(handed_in: NotebookNode) -> None:
    stubs = {
        each.metadata.nbgrader.grade_id: each
        for each in release_of(NOTEBOOK).cells
        if (role_of(each) or [""])[0] == "answer"
    }
    cell(handed_in, "wiggle-answer").source = stubs["wiggle-answer"].source.replace("\n", " \r\n")
    handed_in.cells.append(nbformat.v4.new_code_cell(stubs["cos-x2-answer"].source))
    remove("affected-answer")(handed_in)
    fixed, _ = repaired(handed_in)
    marked = {each.metadata.nbgrader.grade_id for each in fixed.cells if each.metadata.get("course") == "stub"}
    assert marked == {"wiggle-answer", "affected-answer"}
    assert not any(each.source == stubs["cos-x2-answer"].source for each in fixed.cells)


@pytest.mark.slow
@pytest.mark.calm
@pytest.mark.parametrize(
    "cells",
    [
        [{"cell_type": "code", "id": "wiggle", "source": "x"}] * 400_000,
        [{"cell_type": "code", "source": ""}] * 100_000,
        [{"cell_type": "markdown", "source": "![" * 2_000_000}],
        [{"cell_type": "markdown", "source": "&amp;" + "amp;" * 1_000_000}],
        [{"cell_type": "code", "source": "def " * 2_000_000}],
        [{"cell_type": "code", "source": "\n" * 5_000_000 + "x"}],
        [{"cell_type": "markdown", "source": "\ud800"}, {"cell_type": "code", "source": "x = '\udc00'"}],
        [{"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": "wiggle"}}}] * 1500,
    ],
)
def test_large_and_broken_files_take_little_time(cells: list) -> None:
    content = json.dumps({"cells": cells}).encode()
    before = time.process_time()
    with contextlib.suppress(Unreadable):
        fixed, _ = repair(read_submission(content), release_of(NOTEBOOK))
        notebook_text(fixed).encode()
    assert time.process_time() - before < 20


def test_cells_that_lost_their_names_are_recognized_and_that_is_said(handed_in: NotebookNode) -> None:
    cell(handed_in, "explain-magnitudes").source = "Because the factors are multiplied."
    strip_everything(handed_in)
    fixed, notes = repaired(handed_in)
    assert cell(fixed, "explain-magnitudes").source == "Because the factors are multiplied."
    assert "The cell wiggle-answer had lost its name and was recognized by what is in it." in notes
    assert len(notes) == len(course_cells(fixed))


def test_an_answer_that_was_rewritten_in_a_cell_of_its_own_is_not_hidden_by_a_stub(handed_in: NotebookNode) -> None:
    answer = cell(handed_in, "wiggle-answer").source
    remove("wiggle-answer")(handed_in)
    handed_in.cells.append(nbformat.v4.new_code_cell(answer))
    fixed, _ = repaired(handed_in)
    assert cell(fixed, "wiggle-answer").source == answer
    assert sum("def wiggle" in each.source for each in fixed.cells) == 1


def test_a_split_answer_keeps_both_halves_in_their_order(handed_in: NotebookNode) -> None:
    whole = cell(handed_in, "affected-answer")
    first, second = whole.source.split("def affected", 1)
    whole.source = first
    index = next(i for i, each in enumerate(handed_in.cells) if each is whole)
    handed_in.cells.insert(index + 1, nbformat.v4.new_code_cell("def affected" + second))
    fixed, _ = repaired(handed_in)
    assert cell(fixed, "affected-answer").source == first
    place = next(i for i, each in enumerate(fixed.cells) if each is cell(fixed, "affected-answer"))
    assert fixed.cells[place + 1].source == "def affected" + second


def test_the_kernel_that_the_file_names_does_not_matter(handed_in: NotebookNode) -> None:
    handed_in.metadata.kernelspec = {"name": "bash", "display_name": "Bash", "language": "bash"}
    fixed, _ = repaired(handed_in)
    assert fixed.metadata.kernelspec.name == "python3"
