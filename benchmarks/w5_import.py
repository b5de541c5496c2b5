"""W5: what `import course_lib` adds to `import numpy`, each time in a new Python."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Claim, Result

PROGRAM = """
import sys, time, numpy
start = time.process_time()
import course_lib
print(time.process_time() - start, *sorted({"matplotlib", "sympy", "scipy"} & set(sys.modules)))
"""


def run(rounds: int) -> Result:
    result = Result("W5", "import course_lib, after import numpy")
    times, loaded = [], set()
    for _ in range(rounds + 1):
        output = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent.parent,
        ).stdout.split()
        times.append(float(output[0]))
        loaded |= set(output[1:])
    result.seconds["import course_lib"] = statistics.median(times[1:])
    milliseconds = result.seconds["import course_lib"] * 1e3
    result.claims.append(Claim("import course_lib over numpy", milliseconds, 10, unit=" ms"))
    result.notes.append(f"Loaded with it: {', '.join(sorted(loaded)) or 'neither matplotlib nor sympy'}.")
    return result
