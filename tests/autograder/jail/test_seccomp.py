"""The list of system calls refuses nothing that an honest notebook may do."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from autograder.grade.session import KernelSession
from autograder.jail import seccomp
from autograder.jail.choose import kernel_manager, problem_with_bubblewrap

PROBLEM = problem_with_bubblewrap()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROBLEM is not None, reason=f"NO JAIL IS TRIED: {PROBLEM}")]

HONEST = {
    "shell": "!echo done",
    "script": "%%bash\necho done",
    "program": "import subprocess\nprint(subprocess.run(['echo', 'done'], capture_output=True, text=True).stdout)",
    "processes": "from multiprocessing import Pool\nwith Pool(2) as pool: print('done', pool.map(abs, [-1, 2]))",
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\nwith T() as t: print('done', *t.map(abs, [1]))",
    "asyncio": "import asyncio\np = await asyncio.create_subprocess_exec('true')\nprint('done', await p.wait())",
    "alarm": "import signal, time\nsignal.signal(signal.SIGALRM, lambda *_: print('done'))\n"
    "signal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(0.1)",
    "files": "import os, shutil, tempfile\na = tempfile.mkdtemp()\nopen(a + '/x', 'w').write('x')\n"
    "shutil.copy2(a + '/x', a + '/y')\nos.rename(a + '/y', a + '/z')\nshutil.copytree(a, a + '2')\n"
    "shutil.rmtree(a)\nprint('done')",
    "database": "import sqlite3\nc = sqlite3.connect('/tmp/x.db')\nc.execute('create table t (a)')\nprint('done')",
    "arrays": "import numpy as np\nnp.save('/tmp/a.npy', [1])\nprint('done', np.load('/tmp/a.npy', mmap_mode='r'))",
    "memory": "from multiprocessing.shared_memory import SharedMemory\n"
    "s = SharedMemory(create=True, size=9)\ns.close()\ns.unlink()\nprint('done')",
    "usage": "import os, resource\nprint('done', resource.getrusage(0).ru_utime, os.cpu_count())",
}


@pytest.fixture(scope="module")
def session() -> Iterator[KernelSession]:
    with KernelSession(kernel_manager()) as started:
        yield started


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_notebook_may(name: str, session: KernelSession) -> None:
    cell = nbformat.v4.new_code_cell(HONEST[name])
    session.run(cell)
    assert [output.output_type for output in cell.outputs] == ["stream"], cell.outputs
    assert "done" in cell.outputs[0].text


def test_every_call_is_on_one_list_and_has_a_number_of_its_own() -> None:
    for column in (0, 1):
        lists = [seccomp.ALLOWED, seccomp.ATTRIBUTES, seccomp.NESTING]
        numbers = [each[column] for table in lists for each in table.values() if each[column] is not None]
        assert len(numbers) == len(set(numbers))
        assert max(numbers) <= seccomp.KNOWN
