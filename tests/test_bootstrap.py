"""The `course` script, run for real on a small project: real environments, real pip, wheels made here.

uv is played by a stand-in, installed by the real pip with its hash checked: the real one would need the network. In all
tests but one `python -m venv` is played too: it copies an environment that the real one made.
"""

import ast
import hashlib
import itertools
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import time
import venv
import zipfile
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, files
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# It notes what it was asked to do, waits or fails if a file says so, and installs nothing.
STAND_IN_FOR_UV = """
import json, os, sys, time
with open("uv_calls", "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
while os.path.exists("uv_waits"):
    time.sleep(0.05)
if os.path.exists("uv_fails"):
    print(open("uv_fails").read())
    sys.exit(1)
"""
# It copies an empty environment, which has pip, in place of having pip installed once more.
STAND_IN_FOR_VENV = """
import shutil, sys
if __name__ == "__main__":
    shutil.copytree({made!r}, sys.argv[-1], symlinks=True)
"""
# It shows what it was given, and ends with an exit code of its own.
STAND_IN_FOR_CLI = """
import json, os, sys

print(json.dumps({"arguments": sys.argv[1:], "python": sys.executable, "environment": dict(os.environ)}))
sys.exit(7)
"""


@pytest.fixture
def course(root):
    """The script, loaded as a module."""
    loader = SourceFileLoader("course_script", str(root / "course"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def write_wheel(folder: Path, package: str, main: str) -> str:
    """Write a wheel of one package into `folder`. Return its line for a lock."""
    path = folder / f"{package}-1.0-py3-none-any.whl"
    info = f"{package}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{package}/__init__.py", "")
        wheel.writestr(f"{package}/__main__.py", main)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"{package}==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """An empty environment."""
    folder = tmp_path_factory.mktemp("environment") / "made"
    subprocess.run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def project(tmp_path, root, monkeypatch, environment):
    """A small project with the real `course` script, where pip finds only the wheels made here."""
    folder = tmp_path / "a project"  # a space, as in many a home folder
    (folder / "wheels").mkdir(parents=True)
    (folder / "autograder").mkdir()
    (folder / "autograder" / "cli.py").write_text(STAND_IN_FOR_CLI)
    (folder / "course").write_bytes((root / "course").read_bytes())
    (folder / "pyproject.toml").write_text('[project]\nname = "small"\nrequires-python = ">=3.11,<3.15"\n')
    (folder / "requirements.lock").write_text(
        f"# lab grade docs test\n{write_wheel(folder / 'wheels', 'another', '')}"
        f"# grade docs test\n{write_wheel(folder / 'wheels', 'grader', '')}"
        f"# setup lab grade docs test\n{write_wheel(folder / 'wheels', 'uv', STAND_IN_FOR_UV)}"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", (folder / "wheels").as_uri())
    (folder / "venv.py").write_text(STAND_IN_FOR_VENV.format(made=str(environment)))
    monkeypatch.setenv("PYTHONPATH", str(folder))  # in place of the editable install; and venv is found there
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return folder


def start(project: Path, *arguments: str) -> subprocess.Popen:
    """Start `python3 course ARGUMENTS` in the project."""
    command = [sys.executable, str(project / "course"), *arguments]
    return subprocess.Popen(command, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def uv_calls(project: Path) -> list[list[str]]:
    """Return the arguments of every call of uv so far."""
    calls = project / "uv_calls"
    return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []


def wait_for_uv(project: Path) -> None:
    """Wait until the set-up has got as far as calling uv."""
    for _ in range(1200):
        if uv_calls(project):
            return
        time.sleep(0.1)
    raise AssertionError("the set-up never called uv")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1), (3, 14, 0)])
def test_the_pythons_of_the_lock_are_accepted(course, version):
    course.check_python(version)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 1), (3, 10, 13), (3, 15, 0)])
def test_another_python_is_refused_by_name(course, version):
    with pytest.raises(course.SetupError, match=rf"needs Python 3\.11.*This is Python {version[0]}\.{version[1]}\."):
        course.check_python(version)


def test_the_advice_for_an_old_python_names_one_that_is_here(course, monkeypatch):
    names = {
        "python3.14": shutil.which("false"),
        "python3.12": sys.executable,
    }  # the first is there, and does not start
    monkeypatch.setattr("shutil.which", names.get)
    with pytest.raises(course.SetupError, match=r"python3\.12 course"):
        course.check_python((3, 9, 1))


def test_an_old_python_can_read_the_script(root):
    ast.parse((root / "course").read_text(), feature_version=(3, 6))


@pytest.fixture
def without_ensurepip(tmp_path, monkeypatch) -> Path:
    """A Python as Debian's, and a folder of programs that alone are found."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def write_program(path: Path, lines: str) -> None:
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{lines}\n")
    path.chmod(0o755)


def test_a_python_without_ensurepip_is_told_what_to_install(course, without_ensurepip):
    with pytest.raises(course.SetupError, match="sudo apt install python3-venv"):
        course.check_venv()


@pytest.mark.skipif(os.name == "nt", reason="there is no Debian for Windows")
def test_without_ensurepip_the_systems_package_of_pip_is_fetched(course, without_ensurepip, tmp_path):
    """As on a fresh Debian. There is no list of packages yet, so one is made for this download."""
    write_wheel(tmp_path, "pip", "import sys; open('asked', 'w').write(' '.join(sys.argv[1:]))")
    write_program(without_ensurepip / "apt-get", "[ $# -eq 2 ] && exit 1; touch $PWD/pip.deb")
    wheels = "usr/share/python-wheels"
    write_program(without_ensurepip / "dpkg-deb", f"mkdir -p $3/{wheels}; cp '{tmp_path}'/pip-*.whl $3/{wheels}")
    course.check_venv()
    course.make_environment(str(tmp_path / "made"), str(tmp_path))
    assert re.fullmatch(r"install --no-index \S+pip-1.0-py3-none-any.whl", (tmp_path / "asked").read_text())


@pytest.mark.skipif(os.name == "nt", reason="there is no Debian for Windows")
def test_where_it_cannot_be_fetched_the_reason_is_said(course, without_ensurepip, tmp_path):
    write_program(without_ensurepip / "apt-get", "echo no such package; exit 100")
    with pytest.raises(course.SetupError, match=r"(?s)no such package.*sudo apt install python3-venv"):
        course.make_environment(str(tmp_path / "made"), str(tmp_path))
    assert not (tmp_path / "made").exists()


def test_the_lock_holds_uv_with_its_hashes(course, root):
    lines = course.lock_of_uv((root / "requirements.lock").read_text()).splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 5
    assert all(line.startswith("    --hash=sha256:") for line in lines[1:])


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk"),
        ("OSError: [Errno 13] Permission denied: '/opt/course/.venv'", "disk"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash"),
        ("WARNING: Retrying (Retry(total=4, ...)) after connection broken by 'NewConnectionError", "network"),
        ("error: Failed to fetch: `https://…`\n  Caused by: dns error", "network"),
        ("The virtual environment was not created successfully because ensurepip is not available.", "venv"),
        ("ERROR: No matching distribution found for uv==1.0", "wheel"),
        ("  cause: Because pyyaml==6.0.3 has no usable wheels and you require pyyaml==6.0.3", "wheel"),
        ("ERROR: Failed building wheel for argon2-cffi-bindings", "wheel"),
        ("something odd", None),
    ],
)
def test_known_causes_are_told_apart(course, tmp_path, monkeypatch, output, kind):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10**12}))
    found, text = course.explain("much before it\n" + output + "\n", str(tmp_path))
    assert found == kind
    assert output.splitlines()[-1] in text  # the tool's own words stay


def test_a_nearly_full_disk_is_named_even_if_the_tool_did_not(course, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 3e8}))
    kind, text = course.explain("something odd", str(tmp_path))
    assert kind == "disk"
    assert "0.3 GB free" in text


def test_the_everyday_start_loads_little(project):
    code = "import sys; exec(open('course').read(), {'__name__': 'course', '__file__': 'course'}); print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", code]
    loaded = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout.split()
    assert "hashlib" in loaded
    assert not {"subprocess", "shutil", "re", "json", "pathlib"} & set(loaded)


def test_set_up_once_then_hand_over(course, project):
    (project / "venv.py").unlink()  # here the real one is used
    first = start(project, "grade", "a b", "--json")
    out, err = first.communicate()
    assert first.returncode == 7  # the command's own
    given = json.loads(out)  # stdout has nothing but what the command prints
    assert given["arguments"] == ["grade", "a b", "--json"]
    assert Path(given["python"]).is_relative_to(project / ".venv")
    assert given["environment"]["PATH"].split(os.pathsep)[0] == str(Path(given["python"]).parent)
    assert "PYTHONDONTWRITEBYTECODE" not in given["environment"]
    assert "Done in" in err

    lock, course_itself = uv_calls(project)
    assert lock[-2:] == ["-r", str(project / ".venv.setup" / "packages.txt")]
    assert "installing the 3 packages of requirements.lock for grade" in err
    assert {"--require-hashes", "--compile-bytecode"} <= set(lock)
    assert not (project / ".venv.setup" / "uv").exists()  # the installer is no part of the environment
    assert course_itself[-2:] == ["--editable", str(project)]
    assert {"--no-deps", "--no-build-isolation"} <= set(course_itself)

    second = start(project)
    _, err = second.communicate()
    assert (second.returncode, err) == (7, "")  # nothing to do, nothing to say
    assert len(uv_calls(project)) == 2

    assert course.groups_in(str(project)) == ["setup", "lab", "grade"]
    with (project / "requirements.lock").open("a") as file:
        file.write(write_wheel(project / "wheels", "third", ""))
    assert course.groups_in(str(project)) == []


@pytest.mark.parametrize(
    ("conda", "installed_from", "is_used"), [(True, "", True), (True, "other", False), (False, "", False)]
)
def test_a_conda_environment_of_the_course_is_used_as_it_is(project, conda, installed_from, is_used):
    environment = project.parent / "conda"
    venv.create(environment, symlinks=os.name != "nt")
    if conda:
        (environment / "conda-meta").mkdir()
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    note = packages / "backprop_course-0.1.dist-info" / "direct_url.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"url": (project / installed_from).as_uri(), "dir_info": {"editable": True}}))
    (note.parent / "METADATA").write_text("Metadata-Version: 2.1\nName: backprop-course\nVersion: 0.1\n")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = subprocess.run([python, "course", "lab"], cwd=project, capture_output=True, text=True)
    assert Path(json.loads(done.stdout)["python"]).is_relative_to(environment) == is_used
    assert (project / ".venv").exists() != is_used


def test_a_command_that_needs_more_adds_it_once(project):
    _, err = start(project, "lab").communicate()
    assert "installing the 2 packages of requirements.lock for lab" in err
    _, err = start(project, "grade", "--help").communicate()
    assert err == ""  # to be helped needs nothing more
    _, err = start(project, "grade", "class").communicate()
    assert "needs more packages than are here yet: adding those for grade" in err
    assert (project / ".venv.setup" / "packages.txt").read_text().count("--hash") == 3
    _, err = start(project, "lab").communicate()
    assert err == ""
    assert len(uv_calls(project)) == 3  # the packages for lab, the course itself, the packages for grade


def test_what_could_not_be_added_leaves_the_rest_working(project):
    start(project, "lab").communicate()
    (project / "uv_fails").write_text("error: No space left on device")
    failed = start(project, "grade", "class")
    _, err = failed.communicate()
    assert failed.returncode == 2
    assert "The disk, your quota or the temporary folder is full" in err
    again = start(project, "lab")
    assert (again.communicate()[1], again.returncode) == ("", 7)


@pytest.mark.parametrize(
    ("arguments", "group"),
    [
        ([], "setup"),
        (["--help"], "setup"),
        (["lab", "--port", "9000"], "lab"),
        (["lab", "-h"], "setup"),
        (["grade", "examples/class"], "grade"),
        (["test", "-k", "lab"], "test"),
        (["no-such-command"], "setup"),
    ],
)
def test_each_command_gets_its_group(course, arguments, group):
    assert course.group_for(arguments) == group


def test_every_command_has_a_group(course):
    from autograder.cli import course as commands

    named = [name for names in course.GROUPS.values() for name in names.split()]
    assert sorted(set(named)) == sorted(named)
    assert set(commands.commands) <= set(named)


def test_the_groups_of_the_lock_include_one_another(course, root):
    lock = (root / "requirements.lock").read_text()
    parts = [set(course.part_of(lock, group)[0].splitlines()) for group in course.GROUPS]
    assert all(smaller < larger for smaller, larger in itertools.pairwise(parts))
    assert parts[-1] == {line for line in lock.splitlines() if not line.startswith("#")}


def test_a_student_has_no_grader(project):
    (project / "autograder" / "cli.py").unlink()
    desk = project / "course_lib" / "desk"
    desk.mkdir(parents=True)
    (desk / "cli.py").write_text(STAND_IN_FOR_CLI)
    run = start(project, "lab")
    assert json.loads(run.communicate()[0])["arguments"] == ["lab"]


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the fetched Python is a link")
def test_a_python_is_fetched_on_demand_only(course, project, monkeypatch):
    """uv's `python find` answers with this very Python; that one then runs the command."""
    stand_in = STAND_IN_FOR_UV + f"\nif 'find' in sys.argv:\n    print({sys.executable!r})\n"
    lock = project / "requirements.lock"
    others = lock.read_text().partition("# setup lab")[0]
    lock.write_text(f"{others}# setup lab grade docs test\n{write_wheel(project / 'wheels', 'uv', stand_in)}")
    monkeypatch.setattr(course, "ROOT", str(project))
    fetched = course.fetch_python(str(project))
    assert fetched == sys.executable
    assert [call[:2] for call in uv_calls(project)] == [["python", "install"], ["python", "find"]]
    assert not (project / ".venv.setup" / "fetching").exists()


def pack_python(archive: Path) -> None:
    """Pack this very Python as uv expects one: the program and what it needs to start, below a folder `python`."""
    base, name = Path(sys.base_prefix), f"python{sys.version_info[0]}.{sys.version_info[1]}"
    unneeded = {"test", "site-packages", "__pycache__", "idlelib", "tkinter"}
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(base / "bin" / name, f"python/bin/{name}")
        for path in (base / "lib").glob("libpython*.so*"):
            tar.add(path, f"python/lib/{path.name}")
        needed = lambda entry: None if unneeded & set(Path(entry.name).parts) else entry  # noqa: E731
        tar.add(base / "lib" / name, f"python/lib/{name}", filter=needed)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the list of this test names a Python for glibc")
@pytest.mark.skipif(sys.base_prefix == "/usr", reason="the system's Python cannot be packed by itself")
def test_uv_itself_fetches_a_python(course, project, monkeypatch):
    """The real uv, from a folder in place of its server. It finds what it fetched, not a Python that was there."""
    uv = pytest.importorskip("uv")
    version, machine = "{}.{}.{}".format(*sys.version_info), platform.machine()
    pack_python(project / "python.tar.gz")
    listed = {
        "name": "cpython",
        "major": sys.version_info[0],
        "minor": sys.version_info[1],
        "patch": sys.version_info[2],
        "prerelease": "",
        "variant": None,
        "arch": {"family": machine, "variant": None},
        "os": "linux",
        "libc": "gnu",
        "url": (project / "python.tar.gz").as_uri(),
        "sha256": hashlib.sha256((project / "python.tar.gz").read_bytes()).hexdigest(),
    }
    (project / "list.json").write_text(json.dumps({f"cpython-{version}-linux-{machine}-gnu": listed}))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(project / "list.json"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(project / "pythons"))
    monkeypatch.setattr(course, "supported", lambda: [sys.version_info[:2], (3, 99)])
    monkeypatch.setattr(course, "put_uv", lambda *places: {"PYTHONPATH": str(Path(uv.__file__).parents[1])})
    fetched = course.fetch_python(str(project))
    assert Path(fetched).is_relative_to(project / "pythons")
    assert subprocess.check_output([fetched, "-c", "print(2 + 3)"], text=True) == "5\n"


@pytest.mark.skipif(os.name == "nt", reason="a program of the shell plays the Python that is still there")
@pytest.mark.parametrize("version", ["3.12.1", "3.10.4", None])
def test_the_python_of_the_environment_is_found_again(course, project, version):
    """One that was fetched is not fetched again: the next run goes on with it, with the flag or without."""
    python = project / "python3.12"
    write_program(python, "")
    (project / ".venv").mkdir()
    (project / ".venv" / "pyvenv.cfg").write_text(f"home = x\nversion = {version or '3.12.1'}\nexecutable = {python}\n")
    if version is None:
        python.unlink()
    assert course.python_of_before(str(project)) == (str(python) if version == "3.12.1" else None)


def test_an_unfit_python_hands_over_to_the_environments(course, project, monkeypatch):
    became = []
    monkeypatch.setattr(course, "supported", lambda: [(3, 98), (3, 99)])
    monkeypatch.setattr(course, "python_of_before", lambda root: "python3.98")
    monkeypatch.setattr(course, "become", lambda command, variables: became.append(command) or 7)
    assert course.main(["--fetch-python", "lab", "05"]) == 7
    assert became == [["python3.98", os.path.abspath(course.__file__), "lab", "05"]]


def test_without_the_flag_nothing_is_fetched(course, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(course.SetupError, match="--fetch-python"):
        course.check_python((3, 9, 1))


def test_a_new_lock_or_place_needs_a_new_environment(course, project):
    (project / ".venv").mkdir()
    before = course.fingerprint(str(project), (3, 11, 7))
    assert course.fingerprint(str(project), (3, 11, 7)) == before
    assert course.fingerprint(str(project), (3, 12, 7)) != before
    moved = project.rename(project.with_name("moved"))
    assert course.fingerprint(str(moved), (3, 11, 7)) != before
    (moved / "requirements.lock").write_text("another==2.0\n")
    changed = course.fingerprint(str(moved), (3, 11, 7))
    (moved / "pyproject.toml").write_text("")
    assert len({before, changed, course.fingerprint(str(moved), (3, 11, 7))}) == 3


def test_a_killed_set_up_starts_over(project):
    (project / "uv_waits").touch()
    killed = start(project)
    wait_for_uv(project)
    killed.kill()
    killed.communicate()
    assert (project / ".venv").exists()  # the half that a kill leaves
    leftover = project / ".venv" / "leftover"
    leftover.touch()
    (project / "uv_waits").unlink()
    again = start(project)
    again.communicate()
    assert again.returncode == 7
    assert not leftover.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that stops just this process as Ctrl-C does")
def test_an_interrupted_set_up_leaves_nothing(project):
    (project / "uv_waits").touch()
    interrupted = start(project)
    wait_for_uv(project)
    interrupted.send_signal(signal.SIGINT)
    _, err = interrupted.communicate()
    assert interrupted.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not (project / ".venv").exists()


def test_two_runs_at_once_set_up_once(project):
    (project / "uv_waits").touch()
    runs = [start(project), start(project)]
    wait_for_uv(project)
    (project / "uv_waits").unlink()
    errors = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [7, 7]
    assert len(uv_calls(project)) == 2  # the lock and the course itself, by one of the two
    assert sum("Waiting for it to end" in error for error in errors) <= 1


def test_a_wrong_hash_stops_the_set_up(project):
    lock = project / "requirements.lock"
    text = lock.read_text()
    lock.write_text(text[:-3] + ("00\n" if text[-3:] != "00\n" else "11\n"))  # uv's hash is the last
    run = start(project)
    _, err = run.communicate()
    assert run.returncode == 2
    assert "not the file that the lock names" in err
    assert not (project / ".venv").exists()


def test_without_network_the_set_up_says_so(project, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens there
    monkeypatch.setenv("PIP_RETRIES", "1")
    run = start(project)
    _, err = run.communicate()
    assert run.returncode == 2
    assert "The first run needs the internet" in err
    assert "Traceback" not in err
    assert not (project / ".venv").exists()


def test_where_uv_fails_pip_installs_the_same_lock(project):
    (project / "uv_fails").write_text("error: invalid peer certificate: UnknownIssuer, error sending request")
    run = start(project)
    _, err = run.communicate()
    assert "UnknownIssuer" in err
    assert "so pip installs the packages" in err
    # pip has passed the lock and comes to the course itself, which this small project has no backend for.
    assert "installing the course failed" in err
    assert run.returncode == 2
    assert not (project / ".venv").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root and Windows write where the mode forbids it")
def test_a_folder_that_cannot_be_written(project):
    project.chmod(0o500)
    run = start(project)
    _, err = run.communicate()
    project.chmod(0o700)
    assert run.returncode == 2
    assert "could not be read or written" in err
    assert "Move the course to a folder of your own" in err
    assert "Traceback" not in err


def test_what_nothing_reads_is_not_kept(course, tmp_path):
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    kept = [packages / "sympy" / "core" / "add.py", packages / "numpy" / "_core" / "tests" / "_natype.py"]
    removed = [packages / "sympy" / "core" / "tests" / "test_add.py", packages / "nbgrader" / "docs" / "a.rst"]
    removed.append(packages / "numpy" / "_core" / "tests" / "test_umath.py")
    for file in (*kept, *removed):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    course.trim(tmp_path)
    assert all(file.exists() for file in kept)
    assert not any(file.exists() for file in removed)
    assert not removed[0].parent.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have files of other sizes")
def test_a_student_installs_at_most_350_mb(course, root):
    """What the packages of `course lab` take on the disk, of those that are here: file by file, as `du` counts."""
    part, _ = course.part_of((root / "requirements.lock").read_text(encoding="utf-8"), "lab")
    taken = 0
    for name in set(re.findall(r"^([\w.-]+)==", part, re.MULTILINE)):
        with suppress(PackageNotFoundError):  # a package for another system
            for file in files(name) or []:
                place = Path(str(file.locate()))
                if place.suffix != ".pyc" and place.exists():
                    taken += place.stat().st_blocks * 512
    empty, compiled = 12, 27  # MB: pip in its environment, and what Python compiles when JupyterLab first starts
    assert 200 < taken / 2**20 < 350 - empty - compiled
