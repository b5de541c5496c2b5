"""`course test` on a small project: it must fail whenever a part of it fails."""

import json
import os

import pytest

from autograder.tools import testing

pytestmark = pytest.mark.slow

PASSES = "def test_one():\n    assert True\n"
FAILS = "def test_two():\n    raise AssertionError\n"
SKIPS = 'import pytest\n\n\ndef test_three():\n    pytest.skip("why not")\n'
CALM_FAILS = f"import pytest\n\n\n@pytest.mark.calm\n@pytest.mark.slow\n{FAILS}"
SERIAL_FAILS = "import pytest\n\n\n@pytest.mark.serial\ndef test_four():\n    raise AssertionError\n"


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """What mypy knows of Python itself, it learns once for all these projects."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture
def project(tmp_path, learned, monkeypatch, root):
    """An empty project with the real settings of ruff, mypy and pytest."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    (tmp_path / "tests" / "nbval_sanitize.cfg").write_bytes((root / "tests" / "nbval_sanitize.cfg").read_bytes())
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "course_lib" / "__init__.py").touch()
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "__init__.py").touch()
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    monkeypatch.setenv("MYPY_CACHE_DIR", str(learned))
    # To load what these tests need not takes pytest a second, and each starts it several times.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_timeout,xdist.plugin")
    for workers in ("WORKERS", "ONE_MORE", "ONE_LESS"):  # to start them would take most of the time
        monkeypatch.setattr(testing, workers, [])
    return tmp_path


def cell(name: str, source: str, output: str) -> dict:
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}]
    return {"cell_type": "code", "id": name, "execution_count": 1, "metadata": {}, "outputs": outputs, "source": source}


@pytest.mark.parametrize(
    ("files", "code", "last_lines"),
    [
        ({"test_a.py": PASSES, "test_b.py": SKIPS}, 0, ["All passed", "total: 1 passed, 0 failed, 1 skipped"]),
        (
            {"test_a.py": PASSES, "test_b.py": FAILS, "test_c.py": CALM_FAILS},
            1,
            ["FAILED: pytest, what starts nothing (", "total: 1 passed, 2 failed"],
        ),
        ({"test_a.py": PASSES, "test_b.py": SERIAL_FAILS}, 1, ["one test at a time", "total: 1 passed, 1 failed"]),
        ({"test_a.py": PASSES, "test_b.py": "import os\n"}, 1, ["FAILED: ruff (", "total: 1 passed, 0 failed"]),
        (
            {"test_a.py": PASSES, "../course_lib/a.py": 'NUMBER: int = "one"\n'},
            1,
            ["FAILED: mypy (", "total: 1 passed, 0 failed"],
        ),
        ({"test_a.py": "raise RuntimeError\n"}, 1, ["FAILED: pytest", "total: 0 passed, 3 failed"]),  # in all parts
        ({}, 1, ["FAILED: no test ran", "total: 0 passed, 0 failed, 0 skipped"]),
    ],
    ids=[
        "all good",
        "a test fails",
        "a serial test fails",
        "ruff complains",
        "mypy complains",
        "a test file breaks",
        "no test",
    ],
)
def test_the_verdict(project, capfd, monkeypatch, files, code, last_lines):
    if not any(word in last_lines[0] for word in ("All passed", "ruff", "mypy")):
        monkeypatch.setattr(testing, "style", list)
    for name, text in files.items():
        (project / "tests" / name).write_text(text)
    assert testing.run_all() == code
    end = capfd.readouterr().out.splitlines()[-2:]
    assert last_lines[0] in end[0]
    assert end[1].startswith(last_lines[1])


def test_a_solution_whose_kept_output_is_stale_fails_but_a_picture_may_differ_in_its_bytes(project, capfd, monkeypatch):
    monkeypatch.setattr(testing, "style", list)
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_timeout,xdist.plugin,nbval.plugin")
    picture = '<img alt=\\"x\\" src=\\"data:image/svg+xml;base64,{}\\">'
    kept = picture.format("BBBB==").replace("\\", "") + "\n"
    cells = [cell("stale", "print(6 * 7)", "41\n"), cell("drawn", f'print("{picture.format("AAAA")}")', kept)]
    path = project / "solutions" / "01_small" / "01_small.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (project / "tests" / "test_a.py").write_text(PASSES)
    assert testing.run_all() == 1
    said = capfd.readouterr().out
    assert "Cell 0" in said and "Cell 1" not in said
    assert "FAILED: nbval (" in said
    assert "total: 2 passed, 1 failed" in said


def test_arguments_go_to_pytest_alone(project, capfd):
    (project / "tests" / "test_a.py").write_text(PASSES + "\n\n" + FAILS)
    assert testing.run_pytest(["tests", "-k", "one"]) == 0
    assert testing.run_pytest(["tests", "-k", "two"]) == 1
    assert "ruff" not in capfd.readouterr().out


def test_the_fast_way_leaves_out_what_takes_long(project, capfd, monkeypatch):
    monkeypatch.setenv("COURSE_FAST", "")  # so that it is as before, afterwards
    monkeypatch.delenv("COURSE_FAST")
    monkeypatch.setattr(testing, "style", list)
    slow = f"import pytest\n\n\n@pytest.mark.slow\n{FAILS}"
    one_seed = 'import os\n\n\ndef test_five():\n    assert os.environ["COURSE_FAST"]\n'
    for name, text in {
        "test_a.py": PASSES,
        "test_b.py": slow,
        "test_c.py": SERIAL_FAILS,
        "test_d.py": one_seed,
    }.items():
        (project / "tests" / name).write_text(text)
    assert testing.run_fast() == 0
    assert "total: 2 passed, 0 failed, 0 skipped" in capfd.readouterr().out
    del os.environ["COURSE_FAST"]
    assert testing.run_pytest(["tests"], fast=True) == 0
    assert "2 passed" in capfd.readouterr().out
    assert testing.run_pytest(["tests"]) == 1
