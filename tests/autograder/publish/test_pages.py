"""The pages that are made from the notebooks: what students get, with outputs, and no answer."""

import json

import pytest

from autograder.build.source import role_of
from autograder.files import notebook_text, release_of
from autograder.publish import pages, secrets, site
from autograder.publish.lite import settings
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_page_shows_outputs_but_no_answer(notebook):
    page = pages.page(notebook, pages.Places())
    assert secrets.found_in("page.ipynb", notebook_text(page).encode()) == []
    assert any(cell.get("outputs") for cell in page.cells)
    release = release_of(notebook).cells
    links = pages.Places().links(notebook)
    assert page.cells[0].source.split("\n\n")[1] == links  # right below the title
    shown = [cell.source.replace(f"{links}\n\n", "") for cell in page.cells]
    assert shown == [pages.beside(cell.source) for cell in release]
    for cell, given in zip(page.cells, release, strict=True):
        if role_of(given) and role_of(given)[0] in ("answer", "check"):
            assert cell.outputs == []


def test_links_between_notebooks_lead_to_their_pages():
    assert (
        pages.beside("See [2](../02_a/02_a.ipynb) and [x](../data.csv).") == "See [2](02_a.ipynb) and [x](../data.csv)."
    )


def test_links_are_there_only_for_what_is_there():
    nothing = pages.Places().links(NOTEBOOKS[0])
    assert "downloads" in nothing
    assert "lite" not in nothing and "colab" not in nothing and "binder" not in nothing
    everything = pages.Places(lite=True, repository="me/course", url="https://x.example/").links(NOTEBOOKS[0])
    assert "lite" in everything and "colab" in everything and "me/course" in everything


def test_colab_installs_the_library_first():
    nb = pages.for_colab(NOTEBOOKS[0], "https://x.example/course.whl")
    assert "https://x.example/course.whl" in nb.cells[0].source
    assert nb.cells[1:] == release_of(NOTEBOOKS[0]).cells


def test_every_notebook_promises_something():
    for notebook in NOTEBOOKS:
        assert 20 < len(pages.promise(notebook)) < 400
        assert pages.promise(notebook) in pages.contents(pages.Places())


def test_a_folder_with_other_things_in_it_is_not_replaced(tmp_path, monkeypatch):
    for step in ("lay_out", "add_downloads", "refuse_answers_in"):
        monkeypatch.setattr(site, step, lambda *arguments: None)
    monkeypatch.setattr(site, "run_sphinx", lambda source, made: made.mkdir())
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="holds no site"):
        site.build_site(tmp_path, pages.Places())
    assert (tmp_path / "thesis.txt").exists()


def test_an_answer_on_a_page_stops_the_site(tmp_path, monkeypatch):
    line = max(secrets.secret_lines(), key=len)
    monkeypatch.setattr(site, "lay_out", lambda *arguments: None)
    monkeypatch.setattr(site, "add_downloads", lambda *arguments: None)

    def leak(source, made):
        made.mkdir()
        (made / "data.json").write_text(json.dumps({"a": [line]}))

    monkeypatch.setattr(site, "run_sphinx", leak)
    with pytest.raises(CourseError, match="would give an answer away"):
        site.build_site(tmp_path / "site", pages.Places())
    assert not (tmp_path / "site").exists()


@pytest.mark.slow  # it starts Sphinx
def test_a_broken_page_is_an_error_that_says_where(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "conf.py").write_text("extensions = ['myst_nb']\n")
    (tmp_path / "docs" / "index.md").write_text("# A page\n\n[nowhere](missing.md)\n")
    with pytest.raises(CourseError, match=r"index\.md:3.*missing"):
        site.run_sphinx(tmp_path / "docs", tmp_path / "made")


def test_the_browser_gets_the_library_from_beside_the_page():
    packages = settings("x.whl")["jupyter-config-data"]["litePluginSettings"]
    assert [each for options in packages.values() for each in options["loadPyodideOptions"]["packages"]][-1].endswith(
        "/pypi/x.whl"
    )
