"""Where no jail can be made, the tests of grading do without one, and the attacks are skipped aloud."""

import os

from autograder.jail.choose import VARIABLE, problem_with_bubblewrap
from course_lib.exercises import computation_graphs

# Chains are long enough to end a recursion, and no longer; with `course test --all` they are as long as students' are.
if not os.environ.get("COURSE_ALL"):
    computation_graphs.LONG = 20_000

PROBLEM = problem_with_bubblewrap()
if PROBLEM:
    os.environ.setdefault(VARIABLE, "1")


def pytest_terminal_summary(terminalreporter) -> None:
    if PROBLEM:
        terminalreporter.section("THE ATTACK SUITE DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.write_line(PROBLEM)
