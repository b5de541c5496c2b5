"""What protects this machine from submissions: each layer of the jail is tried, and what holds is said."""

from __future__ import annotations

import json
import os
import platform
import secrets
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from autograder.files import SOLUTIONS
from autograder.jail import bubblewrap, choose, namespaces, seccomp, warm
from autograder.jail.layers import LAYERS, Limits, Settings
from autograder.jail.memory import control_group
from autograder.jail.process import GRACE, PATIENCE, Jailed
from autograder.jail.view import hidden, library
from course_lib.errors import CourseError

SMALL = 128 << 20  # bytes of memory, for trying the limit: more than a new process has

# What to do about a layer that does not hold.
REMEDIES = {
    "scratch": "bubblewrap is older than 0.7: a notebook can fill half of the memory with files.",
    "nesting": "bubblewrap is older than 0.8, and there is no list of system calls for this processor.",
    "seccomp": f"There is a list of system calls for {', '.join(seccomp.ARCHITECTURES)}, not for {platform.machine()}.",
    "landlock": "The kernel is older than 5.13 or starts without Landlock.",
}


@dataclass
class Findings:
    """What `examine` found. layers: by name, whether it holds. notes: what to know about it, by name."""

    kind: str  # "bubblewrap" or "none"
    can_grade: bool
    problem: str = ""
    program: str | None = None  # the bubblewrap program and whose it is
    namespaces: str = ""  # what forbids user namespaces to those who are not root
    unforked: str | None = None  # why each jail is made from nothing instead of forked from a warm process
    layers: dict[str, bool] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def examine(settings: Settings | None = None) -> Findings:
    """Try every layer of the jail on this machine."""
    problem = choose.problem_with_bubblewrap()
    forbidden = namespaces.forbidden(bubblewrap.find())
    if problem:
        return Findings("none", False, problem, program=_program(), namespaces=forbidden)
    settings = settings or Settings()
    unforked = warm.problem_with_forks()
    kind = Jailed if unforked else warm.Forked
    layers = probe(settings, kind) | {"memory": holds_memory(settings, kind)}
    notes = {
        name: REMEDIES.get(name, "This is a defect: please report it.") for name, holds in layers.items() if not holds
    }
    if layers["memory"]:
        grouped = _has_control_group()
        notes["memory"] = (
            "by a control group" if grouped else "looked at 20 times a second: no control group can be made"
        )
    if os.geteuid() == 0:
        notes["user"] = f"root becomes user {bubblewrap.unused_user()}, which has no account"
    found = {name: layers[name] for name in LAYERS}
    return Findings("bubblewrap", True, "", _program(), forbidden, unforked, found, notes)


def _program() -> str | None:
    """The bubblewrap program that is used, and whose it is."""
    program = bubblewrap.find()
    if program is None:
        return None
    whose = "of the course's packages" if program == bubblewrap.packaged() else "the system's"
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()[-1:]
    return " ".join([program, *version, f"({whose})"])


def probe(settings: Settings, kind: type[Jailed] = Jailed) -> dict[str, bool]:
    """Run probe.py in a jail of a kind. Which layers hold, all but memory.

    Raises:
        CourseError: when it gives no answer.
    """
    name = f"course_{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as listening, _variable(name):
        listening.bind("\0" + name)
        listening.listen()
        outside = {
            "hidden": [str(SOLUTIONS), *map(str, Path(hidden()[0]).iterdir())],
            "visible": str(library() / "__init__.py"),
            "scratch": settings.limits.scratch,
            "listening": name,
            "namespaces": {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in ("pid", "ipc", "uts", "cgroup")},
            "variable": name,
        }
        answer, _, user = _run(kind, "probe.py", settings, json.dumps(outside))
    try:
        found = json.loads(answer)
    except ValueError:
        raise CourseError(f"the jail could not be tried: {answer[-500:]}") from None
    return found | {"user": found["user"] and user != 0}


def holds_memory(settings: Settings, kind: type[Jailed] = Jailed) -> bool:
    """True when a program that uses too much memory, in several processes, is stopped for it."""
    small = replace(settings, limits=Limits(memory=SMALL))
    _, reason, _ = _run(kind, "greedy.py", small, str(2 * SMALL))
    return bool(reason)


def _run(kind: type[Jailed], program: str, settings: Settings, *arguments: str) -> tuple[str, str, int]:
    """What a program prints when it runs in a jail, why it was stopped, and which user of this machine it was."""
    jailed = kind(program, *arguments, settings=settings, capture=True)
    try:
        user = os.stat(f"/proc/{jailed.first.number}").st_uid
        said = jailed.read(PATIENCE)
        jailed.first.wait(GRACE)
    finally:
        jailed.close()
    return said, jailed.why(), user


class _variable:
    """An environment variable of the grader, for a while."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        os.environ[self.name] = "1"

    def __exit__(self, *error: object) -> None:
        del os.environ[self.name]


def _has_control_group() -> bool:
    group = control_group(SMALL)
    if group:
        group.remove()
    return group is not None


def show(findings: Findings, as_json: bool) -> None:
    """Print the findings."""
    if as_json:
        print(json.dumps(asdict(findings), indent=1))
        return
    print(f"Submissions run in: {'nothing, so they are not graded' if findings.kind == 'none' else findings.kind}")
    print(f"  bubblewrap: {findings.program or 'none'}")
    if sys.platform == "linux":
        print(f"  user namespaces: {'not for everybody' if findings.namespaces else 'allowed'}")
    if findings.can_grade:
        how = f"no, each is made from nothing: {findings.unforked}" if findings.unforked else "yes"
        print(f"  forked from a warm process: {how}")
    for name, holds in findings.layers.items():
        note = f" ({findings.notes[name]})" if name in findings.notes else ""
        print(f"  {'✓' if holds else '✗'} {name:12} {LAYERS[name]}{note}")
    if findings.problem:
        print(f"{findings.problem}\n{choose.TRUST}" if not findings.can_grade else findings.problem)
    if choose.trusted_by_environment():
        print(f"{choose.VARIABLE} is set: notebooks run without any of this, with all of your rights.")
    print(f"Python {platform.python_version()} on {platform.platform()}, {sys.executable}")
