"""What runs first inside a jail: it sets the limits of the process and its Landlock rules, then runs the program.

This file is shown inside by itself, so it imports nothing but the standard library. Usage:

    python inside.py '{"limits": {…}, "landlock": true, "sockets": "/run/kernel"}' PROGRAM [ARGUMENT …]

PROGRAM is a module, or the path of a file that ends in .py.

Landlock: see Documentation/userspace-api/landlock.rst of the kernel. A process under it cannot look into processes
that are not, so the first process of the jail, which bubblewrap starts, is out of reach too.
"""

import contextlib
import ctypes
import json
import os
import resource
import runpy
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every processor
NO_NEW_PRIVILEGES = 38  # prctl
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE_SOCKET = 1 << 9
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}  # by version
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15  # truncate, ioctl
READ = EXECUTE | READ_FILE | READ_DIR
ALL = (1 << 16) - 1


class Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64)]


class PathBeneath(ctypes.Structure):
    _layout_, _pack_ = "ms", 1  # Python 3.14 asks that the layout be named with _pack_
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def landlock_version():
    """The version of Landlock that the kernel offers; 0 when it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def restrict_files(rules):
    """Forbid this process and its children all access to files but what `rules` allow: (path, rights).

    Raises:
        OSError: when the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def call(*arguments):
        result = libc.syscall(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), "Landlock: " + os.strerror(ctypes.get_errno()))
        return result

    handled = RIGHTS[min(landlock_version(), 5)]
    ruleset = call(CREATE_RULESET, ctypes.byref(Ruleset(handled)), ctypes.c_size_t(8), 0)
    for path, rights in rules:
        if not os.path.isdir(path):
            rights &= FILE_RIGHTS
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        call(ADD_RULE, ruleset, 1, ctypes.byref(PathBeneath(rights & handled, place)), 0)
        os.close(place)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def landlock_rules(sockets):
    """Read everything; write the scratch folders and the devices; in the folder of the sockets make sockets only."""
    rules = [("/", READ), (os.environ["HOME"], ALL), ("/tmp", ALL), ("/dev", READ | WRITE_FILE | 1 << 15)]
    rules += [("/dev/shm", ALL), ("/proc", READ)]
    return [*rules, (sockets, MAKE_SOCKET)] if sockets else rules


def set_limits(limits):
    """Set limits of this process and its children that none of them can raise."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def main(arguments):
    """Lock this process up, then become the program."""
    plan = json.loads(arguments[0])
    set_limits(plan["limits"])
    if plan["landlock"] and landlock_version():
        restrict_files(landlock_rules(plan["sockets"]))
    sys.argv = arguments[1:]
    if os.path.dirname(os.path.abspath(__file__)) in sys.path:
        sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    with contextlib.suppress(KeyboardInterrupt):
        if sys.argv[0].endswith(".py"):
            runpy.run_path(sys.argv[0], run_name="__main__")
        else:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
