"""What an instructor and a maintainer run: building the notebooks and grading them."""

import os
import sys

# nbgrader starts `alembic` by its name. It is beside this interpreter, whether the environment is activated or not.
_programs = os.path.dirname(sys.executable)
if _programs not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([_programs, os.environ.get("PATH", "")])
