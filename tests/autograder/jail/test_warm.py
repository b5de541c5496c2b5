"""A kernel that is forked from a warm process is as good as a new one, and what it does to itself stays its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import nbformat
import pytest

from autograder.grade.session import Ended, KernelSession
from autograder.jail import spare, warm
from autograder.jail.choose import problem_with_bubblewrap
from autograder.jail.kernel import JailedKernelManager
from autograder.jail.layers import Settings
from autograder.jail.memory import processes, used
from autograder.jail.process import NotStarted

pytestmark = pytest.mark.slow
MEMORY = 300 << 20  # bytes that a worker's warm process may use beyond what it shares

# What a process has of its own, as far as a notebook can see it.
STATE = """
import gc, json, locale, logging, os, random, resource, signal, sys, threading, warnings
import matplotlib, matplotlib.pyplot as plt, numpy as np
from matplotlib import font_manager
state = {
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "files": [n for f in (".", "/tmp", "/dev/shm") for n in sorted(os.listdir(f)) if not n.startswith(".")],
    # What leads to nothing does not count: numbers of files that the warm process had open lead there.
    "open": sorted(os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in os.listdir("/proc/self/fd")
                   if os.path.exists(f"/proc/self/fd/{n}")
                   and os.readlink(f"/proc/self/fd/{n}").split(":")[0] not in ("socket", os.devnull)),
    "signals": [str(signal.getsignal(n)).split(" at ")[0] for n in signal.valid_signals()],
    "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
    "path": sys.path,
    "threads": sorted(thread.name for thread in threading.enumerate()),
    "collector": [gc.isenabled(), gc.get_threshold()],
    "recursion": sys.getrecursionlimit(),
    "matplotlib": {k: str(v) for k, v in matplotlib.rcParams.items() if not k.startswith("_internal")},
    "figures": plt.get_fignums(),
    "fonts": len(font_manager.fontManager.ttflist),
    "numpy": [{k: str(v) for k, v in np.get_printoptions().items()}, np.geterr()],
    "loggers": [logging.getLogger().level, len(logging.getLogger().handlers)],
    "filters": len(warnings.filters),
    "locale": locale.setlocale(locale.LC_ALL),
    "umask": os.umask(0o022),
    "limits": {n: resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n.startswith("RLIMIT_")},
    "arguments": len(sys.argv),
    "names": sorted(set(globals()) - {"state"}),
    "own modules": sorted(name for name in sys.modules if name in ("door", "warm", "kernel")),
    "course": sorted(name for name in vars(__import__("course_lib")) if name.startswith("__")),
    "timers": signal.getitimer(signal.ITIMER_REAL),
    "processes": len([n for n in os.listdir("/proc") if n.isdecimal()]),
    "priority": os.getpriority(os.PRIO_PROCESS, 0),
    "capabilities": [line for line in open("/proc/self/status") if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))],
}
print(json.dumps(state))
"""
# What may differ: SymPy and NumPy, which are imported already, have added filters for warnings of their own.
DIFFERENT = {"filters"}

SPOIL = """
import builtins, gc, os, random, signal, sys, warnings
import matplotlib, matplotlib.pyplot as plt, numpy as np, sympy, course_lib.asking
from course_lib import network
matplotlib.rcParams["lines.linewidth"] = 77
plt.figure()
np.set_printoptions(precision=1)
np.seterr(all="raise")
np.isclose = course_lib.asking.reply = lambda *a, **k: True
network.spoiled = sympy.spoiled = builtins.spoiled = True
signal.signal(signal.SIGTERM, signal.SIG_IGN)
warnings.simplefilter("error")
os.environ["SPOILED"] = "1"
sys.setrecursionlimit(77777)
gc.disable()
open("/tmp/spoiled", "w").close()
open("spoiled", "w").close()
open("/dev/shm/spoiled", "w").close()
"""
LOOK = """
import builtins, gc, os, signal, sys, warnings
import matplotlib, matplotlib.pyplot as plt, numpy as np, sympy, course_lib.asking
from course_lib import network
print([
    matplotlib.rcParams["lines.linewidth"], plt.get_fignums(), np.get_printoptions()["precision"],
    np.geterr()["divide"], np.isclose.__name__, course_lib.asking.reply.__name__,
    [hasattr(module, "spoiled") for module in (network, sympy, builtins)],
    signal.getsignal(signal.SIGTERM) == signal.SIG_IGN, "SPOILED" in os.environ,
    sys.getrecursionlimit() == 77777, gc.isenabled(),
    [name for folder in ("/tmp", ".", "/dev/shm") for name in os.listdir(folder) if name == "spoiled"],
])
"""
RANDOM = """
import random, uuid, tempfile, numpy as np
print(random.random(), np.random.rand(), np.random.default_rng().random(), uuid.uuid4(), tempfile.mktemp())
"""


@pytest.fixture(autouse=True, scope="module")
def forks() -> None:
    """It is tried here, not while tests are collected: every worker would start a warm process for that."""
    problem = problem_with_bubblewrap() or warm.problem_with_forks()
    if problem is not None:
        pytest.skip(f"FORKED JAILS ARE NOT TRIED: {problem}")


@pytest.fixture
def kernels() -> Iterator[type]:
    """Forked kernels; the warm process that they come from lives on whatever they do."""
    parent = warm.warm_process(Settings())
    yield warm.WarmKernelManager
    assert warm.warm_process(Settings()) is parent
    assert parent.runs()


def printed(kernels: type, *sources: str) -> str:
    """What the last of some cells prints in a new kernel."""
    with KernelSession(kernel_manager_class=kernels) as session:
        for source in sources:
            cell = nbformat.v4.new_code_cell(source)
            session.run(cell)
    assert [output.output_type for output in cell.outputs] == ["stream"], cell.outputs
    return cell.outputs[0].text


def test_a_fork_has_what_a_new_kernel_has(kernels: type) -> None:
    forked, fresh = (json.loads(printed(each, STATE)) for each in (kernels, JailedKernelManager))
    assert {name for name in fresh if forked[name] != fresh[name]} <= DIFFERENT


def test_a_fork_can_write_in_no_memory_that_others_see(kernels: type) -> None:
    shared = "print([line for line in open('/proc/self/maps') if line.split()[1][1::2] == 'ws'])"
    assert printed(kernels, "import ctypes\ncallback = ctypes.CFUNCTYPE(None)(print)", shared) == "[]\n"


def test_a_fork_can_make_many_callbacks(kernels: type) -> None:
    many = "import ctypes\nkind = ctypes.CFUNCTYPE(None)\nprint(len([kind(print) for _ in range(5000)]))"
    assert printed(kernels, many) == "5000\n"


def test_a_plot_of_plain_matplotlib_is_an_output_of_its_cell(kernels: type) -> None:
    with KernelSession(kernel_manager_class=kernels) as session:
        cells = ["import matplotlib.pyplot as plt", "plt.plot([1, 2])\nplt.show()", "1 + 1"]
        nothing, plot, later = (nbformat.v4.new_code_cell(source) for source in cells)
        for cell in (nothing, plot, later):
            session.run(cell)
    assert [output.output_type for output in plot.outputs] == ["display_data"]
    assert base64.b64decode(plot.outputs[0].data["image/png"]).startswith(b"\x89PNG")
    assert nothing.outputs == []
    assert [output.output_type for output in later.outputs] == ["execute_result"]


def test_a_plot_that_an_asked_answer_opens_is_no_output_of_the_next_cell(kernels: type) -> None:
    with KernelSession(kernel_manager_class=kernels) as session:
        cells = ["import matplotlib.pyplot as plt", "def answer():\n    plt.plot([1, 2])\n    return 7", "1 + 1"]
        first, answer, later = (nbformat.v4.new_code_cell(source) for source in cells)
        session.run(first)
        session.run(answer)
        assert session.ask("answer()", 20) == "7"
        session.run(later)
    assert [output.output_type for output in later.outputs] == ["execute_result"]


def test_what_a_fork_does_to_itself_does_not_reach_the_next(kernels: type) -> None:
    before = printed(kernels, LOOK)
    spoiled = printed(kernels, SPOIL, LOOK)
    assert spoiled != before
    assert printed(kernels, LOOK) == before


def test_random_numbers_are_new_in_each_fork(kernels: type) -> None:
    first, second = (printed(kernels, RANDOM).split() for _ in range(2))
    assert all(a != b for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    "source",
    [
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "import os\nos._exit(3)",
        "import os\nos.abort()",
        "import ctypes\nctypes.string_at(0)",
        "import os, signal\nfor n in range(1, 5):\n    os.kill(n, 9) if n != os.getpid() else None\nos.kill(-1, 9)",
    ],
)
def test_however_a_fork_ends_the_warm_process_lives(source: str, kernels: type) -> None:
    with KernelSession(kernel_manager_class=kernels) as session:
        cell = nbformat.v4.new_code_cell(source)
        try:
            session.run(cell)
        except Ended:
            session.restart()
        cell = nbformat.v4.new_code_cell("print('again')")
        session.run(cell)
        assert cell.outputs[0].text == "again\n"


def test_a_warm_process_that_was_ended_is_started_again() -> None:
    first = warm.warm_process(Settings())
    first.jailed.kill()
    first.jailed.first.wait(10)
    assert printed(warm.WarmKernelManager, "print('it runs')") == "it runs\n"
    assert warm.warm_process(Settings()) is not first


def test_when_a_fork_fails_the_kernel_is_made_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: warm.WarmProcess, door: object) -> None:
        raise NotStarted("no process is left")

    monkeypatch.setattr(warm.WarmProcess, "fork", fail)
    assert printed(warm.WarmKernelManager, "print('it runs')") == "it runs\n"


def test_a_warm_process_is_not_large() -> None:
    numbers = processes(warm.warm_process(Settings()).jailed.first.number)
    assert 50 << 20 < used(numbers) < MEMORY


def test_where_no_fork_can_be_made_kernels_are_made_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.jail import choose

    monkeypatch.delenv(choose.VARIABLE, raising=False)
    assert choose.kernel_manager() is spare.ReadyKernelManager
    monkeypatch.setattr(warm, "problem_with_forks", lambda: "the system forbids it")
    assert choose.kernel_manager() is JailedKernelManager


def test_what_the_warm_process_had_open_closes_nothing_of_a_fork() -> None:
    """Fonts of the warm process know the numbers of their files. When they go, the kernel's socket stays."""
    forget = "import gc\nfrom matplotlib.mathtext import MathTextParser\nMathTextParser._parse_cached.cache_clear()\n"
    with KernelSession(kernel_manager_class=warm.WarmKernelManager) as session:
        session.run(nbformat.v4.new_code_cell(forget + "gc.unfreeze()\ngc.collect()"))
        assert session.ask("6 * 7", 60) == "42"
