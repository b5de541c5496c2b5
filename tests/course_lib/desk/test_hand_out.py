"""Releases come to the student's copy, and no work is ever lost."""

import json

import numpy as np
import pytest

from course_lib.desk.hand_out import Handout
from course_lib.desk.server import RECORDS
from tests.course_lib.desk.conftest import NAME, RELEASE, STUB, code, sources, words, write

MINE = "def f():\n    return 1"
KEPT = "earlier/01-kept-1.ipynb"


def bring(release, work):
    return Handout(release, work).bring_all()


def seen(folder):
    """Every file that the student sees: {name: text}."""
    files = (path for path in folder.rglob("*") if path.is_file() and RECORDS not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_the_first_time_everything_is_copied(release, tmp_path):
    messages = bring(release, tmp_path / "new" / "work")
    assert messages == [f"{NAME}: copied", "01_chain_rule/picture.svg: copied"]
    assert seen(tmp_path / "new" / "work") == seen(release)


def test_the_second_time_there_is_nothing_to_do(release, work):
    write(work / NAME, "my work")
    before = seen(work)
    assert bring(release, work) == []
    assert seen(work) == before


@pytest.mark.parametrize("output", [None, "42"])
def test_a_copy_that_was_not_changed_or_only_run_is_replaced(release, work, output):
    write(work / NAME, *RELEASE[:-1], code('check("wiggle", f)', "wiggle", locked=True, output=output))
    write(release / NAME, *RELEASE, "second release")
    assert bring(release, work) == [f"{NAME}: replaced by the new release (you had not changed it)"]
    assert (work / NAME).read_text() == (release / NAME).read_text()
    assert not (work / KEPT).exists()


def test_answers_are_carried_and_the_old_file_is_kept(release, work):
    write(work / NAME, RELEASE[0], code(MINE, "wiggle-answer"), RELEASE[2])
    old = (work / NAME).read_text()
    write(release / NAME, words("# 1 · A better title"), *RELEASE[1:])
    assert bring(release, work) == [f"{NAME}: a new release. Your old file is kept as {KEPT}; answers carried over: 1"]
    sentence, title, answer, check = sources(work / NAME)
    assert (title, answer, check) == ("# 1 · A better title", MINE, RELEASE[2]["source"])
    assert "1.1 The slope of a wiggle" in sentence
    assert KEPT in sentence
    assert (work / KEPT).read_text() == old
    assert not list(work.rglob("*.new*"))
    assert bring(release, work) == []


def test_two_releases_one_after_the_other_keep_both_old_files(release, work):
    write(work / NAME, RELEASE[0], code(MINE, "wiggle-answer"), RELEASE[2])
    for number in (2, 3):
        write(release / NAME, words(f"# release {number}"), *RELEASE[1:])
        bring(release, work)
    assert sources(work / NAME)[1] == "# release 3"
    assert MINE in sources(work / NAME)
    assert sum("new release" in source for source in sources(work / NAME)) == 1
    assert (work / "earlier/01-kept-2.ipynb").exists()


def test_an_exercise_that_moves_to_another_notebook_takes_its_answer_along(release, work):
    write(work / NAME, RELEASE[0], code(MINE, "wiggle-answer"), RELEASE[2])
    write(release / NAME, words("# 1 · Without it"))
    other = "02_computation_graphs/02_computation_graphs.ipynb"
    write(release / other, words("# 2 · With it"), *RELEASE[1:])
    messages = bring(release, work)
    assert f"{other}: copied; answers carried over from your other notebooks: 1" in messages
    assert MINE in sources(work / other)
    assert "No place is left for: 1.1" in sources(work / NAME)[0]


def test_a_notebook_that_left_the_course_is_put_away(release, work):
    write(work / NAME, RELEASE[0], code(MINE, "wiggle-answer"), RELEASE[2])
    (release / NAME).unlink()
    assert bring(release, work) == [f"{NAME}: no longer part of the course. Yours is kept as {KEPT}"]
    assert not (work / NAME).exists()
    assert MINE in sources(work / KEPT)
    assert bring(release, work) == []


def test_a_deleted_copy_comes_back(release, work):
    (work / NAME).unlink()
    assert bring(release, work) == [f"{NAME}: copied"]
    assert (work / NAME).exists()


def test_a_file_that_was_there_before_is_kept(release, tmp_path):
    work = tmp_path / "old work"
    (work / NAME).parent.mkdir(parents=True)
    (work / NAME).write_text("not JSON at all")
    bring(release, work)
    assert (work / KEPT).read_text() == "not JSON at all"
    assert (work / NAME).read_text() == (release / NAME).read_text()


def test_a_changed_file_that_is_no_notebook_is_kept_too(release, work):
    (work / "01_chain_rule/picture.svg").write_text("<svg>mine</svg>")
    (release / "01_chain_rule/picture.svg").write_text("<svg>new</svg>")
    bring(release, work)
    assert (work / "earlier/picture-kept-1.svg").read_text() == "<svg>mine</svg>"
    assert (work / "01_chain_rule/picture.svg").read_text() == "<svg>new</svg>"


@pytest.mark.parametrize("seed", range(5))
def test_no_work_is_ever_lost(release, tmp_path, seed):
    """Students who answer, edit and add cells in any order, between releases, find all of their work again."""
    rng = np.random.default_rng(seed)
    work, written = tmp_path / "work", set()
    path = work / NAME
    bring(release, work)
    for step in range(40):
        action = rng.choice(["release", "answer", "edit", "add"])
        nb = json.loads(path.read_text())
        cells, text = nb["cells"], f"work {step}"
        place = int(rng.integers(len(cells)))
        if action == "release":
            write(release / NAME, words(f"# release {step}"), code(STUB, "wiggle-answer"), f"given {step % 3}")
        elif action == "add":
            cells.insert(place, code(text, id=f"mine-{step}"))
            written.add(text)
        else:
            answers = [cell for cell in cells if cell["id"] == "wiggle-answer"]
            chosen = answers[0] if action == "answer" else cells[place]
            written.discard(chosen["source"])  # the student's own edit replaces it
            chosen["source"] = text
            written.add(text)
        path.write_text(json.dumps(nb))
        bring(release, work)
        kept = [source for file in work.rglob("*.ipynb") if RECORDS not in file.parts for source in sources(file)]
        assert written <= set(kept), f"lost in step {step}"
        ids = [cell["id"] for cell in json.loads(path.read_text())["cells"]]
        assert len(ids) == len(set(ids))
    assert len(written) > 1  # the students did work
