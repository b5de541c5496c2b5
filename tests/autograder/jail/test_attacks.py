"""Submissions that attack: each one's score is what its answers deserve, and nothing outside has changed."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.build.submissions import make_submission
from autograder.files import ROOT, notebook_file
from autograder.grade import session as session_module
from autograder.grade.classroom import Options, grade_class
from autograder.grade.run import SETS, hidden_seeds, run_and_judge, seed_of
from autograder.grade.secret import secret_seed
from autograder.grade.session import KernelSession
from autograder.jail import warm
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.doctor import holds_memory, probe
from autograder.jail.kernel import JailedKernelManager
from autograder.jail.layers import LAYERS, Limits, Settings
from autograder.jail.process import Jailed
from autograder.jail.warm import Forked, WarmKernelManager
from course_lib.exercises import exercises_of
from tests.autograder.jail.attackers import ALL, CLASS, DAEMON, FORGE, FULL, MARK, NOTEBOOK, PATCH, hand_in
from tests.autograder.jail.left import groups, running

EXERCISES = exercises_of(NOTEBOOK)
PROBLEM = problem_with_bubblewrap()
pytestmark = [
    pytest.mark.serial,
    pytest.mark.timeout(600),
    pytest.mark.skipif(PROBLEM is not None, reason=f"THE ATTACKS ARE NOT TRIED: {PROBLEM}"),
]

SMALL = Settings(limits=Limits(memory=400 << 20, files=2000))


class Small(WarmKernelManager):
    """A jail with little memory, so that filling it takes no time."""

    def __init__(self, **options) -> None:
        super().__init__(settings=SMALL, **options)


class SmallAndCold(JailedKernelManager):
    """The same, made from nothing."""

    def __init__(self, **options) -> None:
        super().__init__(settings=SMALL, **options)


class Impatient(KernelSession):
    """A session with short limits, so that the tests do not wait long."""

    kernels = Small

    def __init__(self, **options) -> None:
        options["kernel_manager_class"] = self.kernels
        super().__init__(timeout=30, output_bytes=1_000_000, **options)


class ImpatientAndCold(Impatient):
    """The same in a jail made from nothing."""

    kernels = SmallAndCold


def contents(folder: Path) -> dict[str, str]:
    """A hash of every file, and every other name, below a folder. What Python keeps for itself is left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        kind = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        found[str(path)] = kind
    return found


def outside(folder: Path) -> tuple:
    """What an attack might have changed."""
    own = [contents(ROOT / name) for name in ("solutions", "course_lib", "autograder", "notebooks", "tests")]
    return contents(folder), own, running(MARK), groups(), Path("/proc/self/mountinfo").read_text()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A class's folder with a gradebook, a seed and a sibling. Whatever a test runs leaves it as it was."""
    folder = tmp_path / "class"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    secret_seed(folder)
    (folder / "gradebook.db").write_bytes(b"the gradebook")
    sibling = notebook_file(folder / "submitted" / "sibling", NOTEBOOK)
    sibling.parent.mkdir(parents=True)
    sibling.write_text("the sibling's answers")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("COURSE_GRADEBOOK_PASSWORD", "hunter2")
    for settings in (SMALL, Settings()):
        warm.warm_process(settings)  # it is there before, and no attack may end it
    before = outside(tmp_path)
    yield folder
    assert outside(tmp_path) == before


def attack(
    answers: dict, *cells: str, session: type[KernelSession] = Impatient
) -> tuple[dict[str, tuple[float, str]], NotebookNode]:
    """Grade a notebook that begins with these cells: (points, feedback) by exercise, and the executed notebook."""
    nb = make_submission(NOTEBOOK, answers)
    nb.cells[:0] = [nbformat.v4.new_code_cell(cell) for cell in cells]
    for index, cell in enumerate(nb.cells):
        cell.id = f"cell-{index}"
    verdicts = run_and_judge(nb, NOTEBOOK, 5, session)
    return {v.exercise: (v.points, v.feedback) for v in verdicts}, nb


def points(found: dict[str, tuple[float, str]]) -> float:
    return sum(each for each, _ in found.values())


def said(nb: NotebookNode, index: int = 0) -> dict:
    """What the cell printed as JSON."""
    outputs = nb.cells[index].outputs
    assert outputs and outputs[0].output_type == "stream", outputs
    return json.loads(outputs[0].text)


# The layers --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[Jailed, Forked])
def kind(request, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Jailed]]:
    """Both kinds of jails: made from nothing, and forked from a warm process, which need not import much here."""
    monkeypatch.setattr(warm, "IMPORTS", ("json",))
    if request.param is Forked and warm.problem_with_forks():
        pytest.skip(f"FORKED JAILS ARE NOT TRIED: {warm.problem_with_forks()}")
    monkeypatch.setattr(warm, "_warm", {})
    yield request.param
    for process in warm._warm.values():
        process.close()


def test_every_layer_holds(kind: type[Jailed]) -> None:
    assert probe(Settings(), kind) == {name: True for name in LAYERS if name != "memory"}
    assert holds_memory(Settings(), kind)
    assert holds_memory(Settings(control_group=False), kind)


@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "memory"])
def test_without_a_layer_what_it_stops_succeeds(layer: str, kind: type[Jailed]) -> None:
    if layer == "user" and os.geteuid() != 0:
        pytest.skip("the user changes only when root grades")
    found = probe(Settings(omit=frozenset({layer})), kind)
    assert [name for name, holds in found.items() if not holds] == [layer]


def test_without_a_limit_for_all_together_many_processes_use_more(kind: type[Jailed]) -> None:
    assert not holds_memory(Settings(omit=frozenset({"memory"})), kind)


def test_a_layer_that_there_is_not_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="no layer firewall"):
        Settings(omit=frozenset({"firewall"}))


# Looking around and reaching out -----------------------------------------------------------------------------------

LOOK = """
import ctypes, glob, json, os, socket, sys
import course_lib
found = {}

def can(action):
    try:
        action()
    except BaseException as error:
        return False
    return True

def read(path):
    return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(10)

def everything():
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            yield open(path, "rb").read()
        except OSError:
            pass

found["read"] = [path for path in PATHS if can(lambda: read(path))]
found["checkout"] = sorted(os.listdir(os.path.dirname(os.path.dirname(course_lib.__file__))))
seen = b"".join(everything())
found["secrets"] = [word for word in ("hunter2", "secret_seed", SEED) if word.encode() in seen]
library, programs = os.path.dirname(course_lib.__file__), "/run/inside"
folders = (library, sys.prefix, sys.base_prefix, programs, "/", "/usr", "/etc", "/run", "/proc", "/dev")
folders += (library + "/exercises/data",)
folders = [path for path in folders if not path.startswith("/tmp/")]  # what is made there is in the scratch folder
found["written"] = [path for path in folders if can(lambda: open(os.path.join(path, "attack"), "w").close())]
found["linked"] = can(lambda: os.symlink("/etc/passwd", "/run/link")), can(lambda: os.mkdir("/run/folder"))
found["bound"] = [path for path in folders if can(lambda: socket.socket(socket.AF_UNIX).bind(path + "/socket"))]
found["removed"] = can(lambda: os.remove(programs + "/door.py"))
found["expected"] = os.listdir(library + "/exercises/data")
found["families"] = [n for n in range(64) if any(can(lambda: socket.socket(n, kind)) for kind in (1, 2, 3, 5))]
found["reached"] = [port for port in PORTS if can(lambda: socket.create_connection(("127.0.0.1", port), 1))]
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
can(lambda: datagram.sendto(b"attack", ("127.0.0.1", PORTS[0])))  # the jail's own lo takes it
found["killed"] = can(lambda: os.kill(VICTIM, 9))
found["host"] = socket.gethostname()
libc = ctypes.CDLL(None)
found["calls"] = [name for name, call in {
    "ptrace": lambda: libc.ptrace(16, 1, 0, 0), "unshare": lambda: libc.unshare(0x10000000),
    "chroot": lambda: libc.chroot(b"/tmp"), "mount": lambda: libc.mount(b"a", b"/tmp", b"tmpfs", 0, 0),
    "setuid": lambda: libc.setuid(0), "sethostname": lambda: libc.sethostname(b"x", 1),
    "memory of 1": lambda: -1 if not can(lambda: open("/proc/1/mem", "r+b")) else 0,
}.items() if call() == 0]
print(json.dumps(found))
"""


def test_nothing_is_seen_reached_or_left_behind(world: Path) -> None:
    own = notebook_file(world / "submitted" / "thief", NOTEBOOK)
    paths = [world, world / "gradebook.db", world / "secret_seed", own, world / "submitted" / "sibling", Path.home()]
    hidden = ("solutions", "autograder", "autograder/zoo", "tests", "examples", ".git", "notebooks")
    machine = ("/etc/passwd", "/etc/shadow", "/var", "/sys", "/mnt", "/srv", "/dev/mem", "/dev/kvm")
    paths += [*(ROOT / name for name in hidden), *map(Path, machine)]
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        port = server.getsockname()[1]
        datagram.bind(("127.0.0.1", port))
        datagram.settimeout(0.1)
        seed = str(secret_seed(world))
        names = {"PATHS": list(map(str, paths)), "PORTS": [port], "VICTIM": victim.pid, "SEED": seed}
        constants = "\n".join(f"{name} = {value!r}" for name, value in names.items())
        found, nb = attack(ALL, constants + LOOK, DAEMON)
        with pytest.raises(TimeoutError):
            datagram.recv(10)
    seen = said(nb)
    assert victim.poll() is None
    victim.kill()
    victim.wait()
    # The home of whoever grades may hold the Python that runs inside, and course_lib: then nothing else is there.
    needed = (Path(sys.base_prefix), ROOT)
    inside = [str(Path.home())] if any(path.is_relative_to(Path.home()) for path in needed) else []
    assert seen.pop("read") == inside
    assert set(seen.pop("checkout")) <= {"course_lib", ".venv"}
    assert set(seen.pop("families")) <= {1, 2, 10, 16}
    nothing = {"secrets": [], "written": [], "linked": [False, False], "bound": [], "removed": False, "expected": []}
    assert seen == nothing | {"reached": [], "killed": False, "host": "jail", "calls": []}
    assert points(found) == FULL


# Using up what there is --------------------------------------------------------------------------------------------


def test_using_everything_up_costs_only_the_exercise_that_does_it(world: Path) -> None:
    memory = "def wiggle(f, x, h):\n    held = []\n    while True:\n        held.append(bytearray(10_000_000))"
    disk = (
        "def d_cos_x2(x):\n    import itertools\n    for number in itertools.count():\n"
        "        with open(f'/tmp/{number}', 'wb') as file:\n            file.write(bytes(40_000_000))"
    )
    forks = (
        "def loss_gradient(*_):\n    import os, time\n    while True:\n        if os.fork() == 0:\n"
        "            time.sleep(600)"
    )
    flood = "from IPython.display import HTML, display\nwhile True:\n    display(HTML('x' * 10_000))"
    answers = ALL | {"wiggle": memory, "cos-x2": disk, "chain-gradient": forks}
    found, nb = attack(answers, flood)
    assert "too much output" in str(nb.cells[0].outputs)
    assert len(str(nb.cells[0].outputs)) < 100_000
    lost = {
        "wiggle": "memory",
        "cos-x2": "OSError",
        "chain-gradient": "BlockingIOError|memory|longer than|ended|properly",
    }
    for name, reason in lost.items():
        given, feedback = found.pop(name)
        assert given == 0
        assert any(word in feedback for word in reason.split("|")), feedback
    whole = {exercise.id: exercise.points for exercise in EXERCISES if exercise.id not in lost}
    assert {name: given for name, (given, _) in found.items()} == whole, {
        name: feedback for name, (given, feedback) in found.items() if given != whole[name]
    }


@pytest.mark.parametrize(
    ("session", "reason"), [(Impatient, "No space left"), (ImpatientAndCold, "made more than 2000 files")]
)
def test_many_small_files_are_too_many(session: type[KernelSession], reason: str, world: Path) -> None:
    """Sockets and empty files cost memory of the kernel, which the size of a folder does not count."""
    flood = (
        "import itertools, socket\nfor number in itertools.count():\n"
        "    socket.socket(socket.AF_UNIX).bind(f'{number}')"
    )
    found, nb = attack(ALL, flood, session=session)
    assert reason in nb.cells[0].outputs[-1].evalue, nb.cells[0].outputs
    assert points(found) == FULL


# Cheating ----------------------------------------------------------------------------------------------------------

LIES = """
import base64, json, time
import course_lib.asking
rows = lambda n, value: json.dumps({"list": [{"dict": {"value": value}}] * n})
nested = '{"list": [' * 30_000 + ']}' * 30_000
lies = {
    "wiggle": lambda n: rows(n, {"array": ["|O8", [1], base64.b64encode(bytes(8)).decode()]}),
    "cos-x2": lambda n: rows(n, {"array": ["<f8", [10**12], "AAAA"]}),
    "symbolic-gradient": lambda n: nested,
    "chain-forward": lambda n: rows(n + 1, 0.0),
    "chain-gradient": lambda n: rows(n, {"int": "9" * 10**6}),
    "affected": lambda n: "x" * (70 << 20),
    "sum-over-paths": lambda n: rows(n, {"float": "__import__('os').abort()"}),
    "predict-change": lambda n: rows(n, {"array": ["<f8", [-1], "AAAA"]}),
    "chain-bugs": lambda n: time.sleep(600),
}
def reply(request, names):
    wanted = json.loads(request)["dict"]
    return lies[wanted["exercise"]](len(wanted["cases"]["list"]))
course_lib.asking.reply = reply
"""


def test_patching_whatever_might_judge_gives_no_point(world: Path) -> None:
    subclass = "def d_cos_x2(x):\n    return numpy.zeros(numpy.shape(x)).view(Lying)"
    answers = {
        "wiggle": "wiggle = lambda *a: Agrees()",
        "cos-x2": subclass,
        "affected": "affected = lambda *a: Agrees()",
    }
    found, _ = attack(answers, PATCH)
    assert points(found) == 0


def test_forged_messages_give_no_point(world: Path) -> None:
    found, _ = attack({}, FORGE)
    assert points(found) == 0


def test_a_replaced_grader_inside_fails_whatever_it_says(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # For the one that sleeps, which is asked four times; on a busy machine others may lose by it too.
    monkeypatch.setattr(session_module, "PATIENCE", 0.05)
    known = {exercise.id for exercise in EXERCISES}
    assert known == {line.split('"')[1] for line in LIES.splitlines() if line.startswith('    "')}
    found, _ = attack(ALL, LIES)
    assert points(found) == 0
    for name, (_, feedback) in found.items():
        assert feedback, name


def test_a_check_that_a_student_added_says_why_it_checks_nothing(world: Path) -> None:
    """What the public cases should give is not there, and a call of `check` beside the course's own costs nothing."""
    nb = make_submission(NOTEBOOK, ALL)
    nb.cells.append(nbformat.v4.new_code_cell('check("wiggle", wiggle)\nprint("more")', id="more"))
    verdicts = run_and_judge(nb, NOTEBOOK, 5, Impatient)
    assert [verdict.feedback for verdict in verdicts if verdict.status != "full"] == []
    assert "made outside of the notebook while it is graded" in nb.cells[-1].outputs[-1].text
    assert "more" in nb.cells[-1].outputs[-1].text  # it goes on


QUIET_ATTACKS = {
    "looks into frames and all objects for what is expected": """
import gc, sys
class Spy:
    def __getattr__(self, name): return self
    def __call__(self, *a, **k):
        frame = sys._getframe()
        while frame:
            for name in frame.f_locals:
                if name in ("expected", "key", "points"): print("LEAK", name)
            frame = frame.f_back
        return 0.0
wiggle = d_cos_x2 = affected = Spy()
for each in gc.get_objects():
    if type(each).__name__ in ("AnswerKey", "Key", "Trap", "Near"): print("LEAK", type(each))
""",
    "gives outcomes of its own": """
import course_lib.asking as asking
asking.ask_all = lambda *a, **k: [asking.Outcome(value=1.0)] * 50
asking.Outcome.to_dict = lambda self: {"value": float("nan")}
""",
    "replaces what compares and converts": """
import numpy as np
np.isclose = np.allclose = np.array_equal = lambda *a, **k: True
np.asarray = lambda *a, **k: 0
""",
    "ends what it can reach": """
import os
for number in range(50):
    try:
        if number != os.getpid(): os.kill(number, 9)
    except OSError: pass
os.closerange(3, 1024)
""",
    "writes garbage into every open file": """
import os
for number in range(3, 64):
    try: os.write(number, b"\\x00" * 65536 + b"[]\\n{}\\n")
    except OSError: pass
""",
    "shows what is active": """
from IPython.display import publish_display_data
publish_display_data({"text/html": "<script>alert(1)</script>", "application/javascript": "alert(1)",
                      "image/svg+xml": "<svg onload=alert(1)>", "text/latex": "$\\\\href{javascript:1}{x}$"})
class Strange(Exception):
    def __str__(self): return "\\ud800\\x1b]0;x\\x07[/x]<script>alert(1)</script>"
Strange.__name__ = "<img src=x onerror=alert(1)>"
raise Strange
""",
    "hides the library and every signal": """
import signal, sys
for name in list(sys.modules):
    if name.startswith("course_lib"): sys.modules[name] = None
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGALRM, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
""",
    "raises in every line and in what shows errors": """
import sys
get_ipython().set_custom_exc((BaseException,), lambda *a, **k: 1 / 0)
get_ipython().kernel.shell.user_expressions = lambda *a: {"reply": {"status": "ok", "data": {"text/plain": "1"}}}
sys.settrace(lambda *a: 1 / 0)
""",
    "reads and writes itself": """
import ctypes
for path in ("/proc/1/environ", "/proc/1/root/etc", "/proc/self/mem"):
    try: print("LEAK", path) if path != "/proc/self/mem" and open(path, "rb").read(9) else open(path, "r+b")
    except OSError: pass
ctypes.string_at(0)
""",
}


@pytest.mark.parametrize("name", QUIET_ATTACKS)
def test_an_attack_without_an_answer_gets_nothing_and_shows_nothing(name: str, world: Path) -> None:
    found, nb = attack({}, QUIET_ATTACKS[name])
    assert points(found) == 0
    shown = [output for cell in nb.cells for output in cell.get("outputs", []) if output.output_type != "error"]
    assert "LEAK" not in str(shown)
    assert not any(active in str(shown) for active in ("<script", "application/", "onload", "\\\\href"))
    nbformat.writes(nb).encode()


def test_hidden_inputs_are_not_shown(world: Path) -> None:
    telling = (
        "def wiggle(f, x, h):\n    print('TOLD', x)\n    import sys, os\n    sys.stderr.write(f'TOLD {x}')\n"
        "    from IPython.display import display\n    display(f'TOLD {x}')\n    os.write(1, b'TOLD')\n"
        "    return (f(x + h) - f(x)) / h"
    )
    found, nb = attack(ALL | {"wiggle": telling})
    assert points(found) == FULL
    assert "TOLD" not in "".join(str(cell.get("outputs")) for cell in nb.cells)


def test_hidden_inputs_are_not_told_by_the_errors_of_a_later_exercise(world: Path) -> None:
    """What it was asked before, an answer may keep; the process whose words a student reads has not been asked."""
    keeping = (
        "import sys\nsys.told = getattr(sys, 'told', [])\n"
        "def wiggle(f, x, h):\n    sys.told.append(x)\n    return (f(x + h) - f(x)) / h"
    )
    telling = "def d_cos_x2(x):\n    raise type(f'Told{len(sys.told)}', (Exception,), {})(f'TOLD {len(sys.told)}')"
    nb = make_submission(NOTEBOOK, ALL | {"wiggle": keeping, "cos-x2": telling})
    verdicts = {verdict.exercise: verdict for verdict in run_and_judge(nb, NOTEBOOK, 5, Impatient)}
    assert verdicts["wiggle"].status == "full"
    details = [aspect.detail for aspect in verdicts["cos-x2"].aspects]
    assert all("Told0: TOLD 0" in detail for detail in details), details


def test_which_hidden_cases_a_code_gets_cannot_be_found_out_at_home() -> None:
    """The same code gets the same set in one class, and different codes get all sets; elsewhere it is another."""
    codes = [nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"x = {n}")]) for n in range(60)]
    one, other = ([hidden_seeds(seed).index(seed_of(nb, seed)) for nb in codes] for seed in (5, 6))
    assert one == [hidden_seeds(5).index(seed_of(nb, 5)) for nb in codes]
    assert set(one) == set(other) == set(range(SETS))
    assert sum(map(int.__eq__, one, other)) < 40


# A class -----------------------------------------------------------------------------------------------------------


def test_a_class_with_attackers_gets_what_each_deserves(tmp_path: Path) -> None:
    hand_in(tmp_path / "in")
    before = outside(tmp_path / "in")
    rows = grade_class(tmp_path / "in", tmp_path / "out", Options(workers=2))
    assert outside(tmp_path / "in") == before
    totals = {name: sum(row["points"] or 0 for row in rows if row["student"] == name) for name in CLASS}
    assert totals == {name: deserved for name, (*_, deserved) in CLASS.items()}
