"""What an instructor and a maintainer run.

Arrows run one way only: cli -> tools, publish -> grade -> build -> zoo -> course_lib.

cli.py       the commands, one thin function each
publish/     what goes out: the students' bundle, the site
tools/       a maintainer's: tests, lock
grade/       from the files of a class to its grades
jail/        a place for strangers' code; it knows nothing of notebooks
build/       from the text sources to solutions and student releases
zoo/         named wrong answers and honest other ones, by notebook
files.py     where the project's folders are
kernels.py   the kernels that the course starts itself
"""

import os
import sys

# nbgrader starts `alembic` by its name. It is beside this interpreter, whether the environment is activated or not.
_programs = os.path.dirname(sys.executable)
if _programs not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([_programs, os.environ.get("PATH", "")])
