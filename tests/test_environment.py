"""The ways to install the course agree: pyproject.toml, requirements.lock, environment.yml and the wheel."""

import itertools
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec

from autograder.files import pythons
from autograder.tools.lock import GROUPS, check_lock, pins

# Packages that conda-forge has under another name: without the parts that nothing here needs.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "dask-core": "dask"}


@pytest.fixture(scope="module")
def pyproject(root) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def required(pyproject) -> dict[str, Requirement]:
    """Everything that pyproject.toml asks for, but what is optional: {package: requirement}."""
    optional = ("bench", "firefox")
    groups = {name: lines for name, lines in pyproject["dependency-groups"].items() if name not in optional}
    assert tuple(groups) == GROUPS
    for before, name in itertools.pairwise(GROUPS):  # each includes the one before it
        assert [line for line in groups[name] if isinstance(line, dict)] == [{"include-group": before}]
    lines = pyproject["project"]["dependencies"] + [line for each in groups.values() for line in each]
    requirements = [Requirement(line) for line in lines if isinstance(line, str)]
    assert len({each.name for each in requirements}) == len(requirements)  # nothing is asked for twice
    return {each.name: each.specifier for each in requirements}


def test_the_pythons_are_the_same_everywhere(root):
    """pyproject.toml says which; the sentences and workflows repeat it (environment.yml is compared below)."""
    names = pythons()
    sentence = f"Python {', '.join(names[:-1])} or {names[-1]}"
    assert sentence in (root / "README.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load((root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == names


def test_conda_users_get_the_same(root, pyproject, required):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    *lines, pip = environment["dependencies"]
    found = {}
    for line in lines:
        spec = MatchSpec(line)  # raises if conda could not read it
        name = spec.name.normalized
        found[CONDA_NAMES.get(name, name)] = SpecifierSet(str(spec.version or ""))
    assert found.pop("python") == SpecifierSet(pyproject["project"]["requires-python"])
    assert found.pop("pip") == SpecifierSet()  # for the section below
    *from_pip, editable = pip["pip"]
    assert editable == "-e ."
    for requirement in map(Requirement, from_pip):
        MatchSpec(str(requirement))
        found[requirement.name] = requirement.specifier
    assert found == required


def test_the_list_of_changes_begins_with_this_version(root, pyproject):
    """publish.yml makes the notes of a release from the part below its heading."""
    headings = [line for line in (root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line[:3] == "## "]
    assert headings[0] == f"## {pyproject['project']['version']}"


def test_the_lock_has_hashes_and_no_address(root):
    check_lock((root / "requirements.lock").read_text())


def test_the_lock_pins_every_requirement_to_a_version_that_fits(root, required):
    pinned = pins((root / "requirements.lock").read_text())
    assert required.keys() <= pinned.keys()
    for package, specifier in required.items():
        for version in pinned[package]:
            assert version in specifier, f"{package}=={version} is locked, {specifier} is required: run course lock"


def test_notebooks_are_read_without_the_slow_package(root):
    assert "rfc3987-syntax" not in pins((root / "requirements.lock").read_text())


def test_the_library_alone_needs_three_packages(pyproject):
    assert {Requirement(line).name for line in pyproject["project"]["dependencies"]} == {"numpy", "sympy", "matplotlib"}


def test_the_wheel_holds_the_library_alone(tmp_path, root, pyproject):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]  # offline
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        headers = HeaderParser().parsestr(wheel.read(metadata).decode())
    info = metadata.split("/")[0]
    assert {name.split("/")[0] for name in names} == {"course_lib", info}
    assert [name for name in names if name.startswith("course_lib/") and "solution" in name] == []
    assert sorted(headers.get_all("Requires-Dist")) == sorted(pyproject["project"]["dependencies"])
    assert f"{info}/licenses/LICENSE" in names
    sources = {path.relative_to(root).as_posix() for path in (root / "course_lib").rglob("*.py")}
    assert sources <= set(names)
