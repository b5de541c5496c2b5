"""The arrows between the rooms run one way only, as the maps of autograder/ and course_lib/ say."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from course_lib.exercises import NOTEBOOKS, module_name

# A room may import the rooms behind it, and itself.
SMALL = ("autograder.files", "course_lib")
ROOMS = {
    "course_lib": (),
    "autograder.files": ("course_lib",),
    "autograder.kernels": ("course_lib",),
    "autograder.jail": ("autograder.kernels", *SMALL),
    "autograder.zoo": ("course_lib",),
    "autograder.build": ("autograder.zoo", "autograder.kernels", *SMALL),
    "autograder.grade": ("autograder.build", "autograder.jail", "autograder.zoo", "autograder.kernels", *SMALL),
    "autograder.publish": ("autograder.grade", "autograder.build", "autograder.zoo", "autograder.kernels", *SMALL),
    "autograder.tools": ("autograder.grade", "autograder.build", "autograder.zoo", "autograder.kernels", *SMALL),
    "autograder.cli": ("autograder", "course_lib"),
}
# The same inside course_lib. What is not named here is the engine or a small tool.
FLOORS = {
    "engine": (),
    "drawing": ("engine",),
    "exercises": ("engine",),
    "closed": ("engine", "exercises"),
    "promises": ("engine", "exercises"),
    "diagnosis": ("engine", "exercises"),
    "asking": ("engine", "exercises", "closed", "promises"),
    "asked": ("engine", "exercises", "asking", "promises"),
    "known": ("engine", "exercises", "asking", "asked"),
    "judging": ("engine", "exercises", "asking", "asked", "known", "diagnosis"),
    "check": ("engine", "exercises", "asking", "known", "judging", "desk"),
    "desk": ("engine", "exercises", "asking", "judging", "check"),
}


def imported(path: Path) -> set[str]:
    """The modules that a file imports anywhere in it, each with what is taken from it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def module_of(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_run_one_way(root, room):
    allowed = (room, *ROOMS[room])
    for path in sorted((root / room.split(".")[0]).rglob("*.py")):
        if not within(module_of(root, path), room):
            continue
        for module in imported(path):
            if module.split(".")[0] in ("autograder", "course_lib", "solutions", "tests", "benchmarks"):
                assert any(within(module, each) for each in allowed), f"{path.relative_to(root)} imports {module}"


def floor_of(module: str) -> str:
    name = module.split(".")[1]
    return name if name in FLOORS else "engine"


def test_arrows_in_the_library_run_one_way(root):
    for path in sorted((root / "course_lib").rglob("*.py")):
        own = module_of(root, path)
        if own == "course_lib":
            continue
        allowed = (floor_of(own), *FLOORS[floor_of(own)])
        for module in imported(path):
            if within(module, "course_lib") and module.count(".") > 1:
                assert floor_of(module) in allowed, f"{path.relative_to(root)} imports {module}"


def test_every_module_of_the_grader_has_a_room(root):
    for path in (root / "autograder").rglob("*.py"):
        module = module_of(root, path)
        assert module == "autograder" or any(within(module, room) for room in ROOMS), f"{module} stands in no room"


@pytest.mark.parametrize("package", ["autograder", "course_lib"])
def test_every_room_has_a_map_of_itself(root, package):
    """Each module and each room within is named in the docstring of the room's __init__, and nothing else is."""
    called_as_notebooks = {f"{module_name(each)}.py" for each in NOTEBOOKS}
    for init in (root / package).rglob("__init__.py"):
        text = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8")))
        files = {path.name for path in init.parent.glob("*.py")} - {"__init__.py"}
        rooms = {f"{path.parent.name}/" for path in init.parent.glob("*/__init__.py")}
        missing = {name for name in (files - called_as_notebooks) | rooms if name not in text}
        assert not missing, f"{init.relative_to(root)} does not name {missing}"
        named = set(re.findall(r"^(\w+\.py|\w+/)|, (\w+\.py)", text, re.MULTILINE))
        gone = [name for pair in named for name in pair if name and not (init.parent / name).exists()]
        assert not gone, f"{init.relative_to(root)} names {gone}, and they are not there"


def test_every_folder_of_tests_is_searched(root, request):
    """A folder that pytest never enters (its own list names `build`) looks like tests that pass."""
    skipped = request.config.getini("norecursedirs")
    folders = {path.parent.relative_to(root) for path in (root / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if any(fnmatch(part, name) for part in folder.parts for name in skipped)] == []


# Jupyter and Python call these by their names.
CALLED_FROM_OUTSIDE = {"__dir__", "_jupyter_server_extension_points", "_load_jupyter_server_extension"}


def top_level_names(path: Path) -> set[str]:
    """The functions, classes and constants of a module; not those that a decorator enters somewhere."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.decorator_list:
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found - CALLED_FROM_OUTSIDE


def test_what_nothing_uses_is_not_kept(root):
    """A name that stands nowhere else, or in tests alone. In the zoo, where answers enter themselves, all may stay."""
    code = {
        folder: sorted((root / folder).rglob("*.py")) for folder in ("course_lib", "autograder", "solutions", "tests")
    }
    text = [
        root / "course",
        root / "pyproject.toml",
        *(root / "docs").glob("*.py"),
        *(root / "benchmarks").glob("*.py"),
    ]
    tests = Counter(words_of(code["tests"]))
    ours = Counter(words_of([*code["course_lib"], *code["autograder"], *code["solutions"], *text]))
    alone = [
        f"{path.relative_to(root)}: {name}"
        for path in [*code["course_lib"], *code["autograder"]]
        if "zoo" not in path.parts
        for name in top_level_names(path)
        if ours[name] == 1
    ]
    alone += [
        f"{path.relative_to(root)}: {name}"
        for path in code["tests"]
        for name in top_level_names(path)
        if tests[name] == 1 and not name.startswith(("test_", "pytest"))
    ]
    assert alone == []


def words_of(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield from re.findall(r"\w+", path.read_text(encoding="utf-8"))
