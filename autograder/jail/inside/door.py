"""What runs first inside a jail: it waits until the grader lets it in, locks itself up, then becomes the program.

    python door.py NUMBER

NUMBER is an open socket to the grader. The grader learns from it which process this is, arranges what has to be
arranged outside, and sends the plan: what to lock and what to run. When the grader ends before that, so does this.

Landlock: see Documentation/userspace-api/landlock.rst of the kernel. A process under it cannot look into processes
that are not, so the first process of the jail is out of reach too.
"""

import base64
import contextlib
import ctypes
import json
import os
import resource
import runpy
import socket
import sys
from types import MappingProxyType

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every processor
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2  # for prctl
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}  # by version
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15  # truncate, ioctl
READ = EXECUTE | READ_FILE | READ_DIR
ALL = (1 << 16) - 1
PLAN_SIZE = 1 << 18  # bytes, more than any plan has
MOST_FILES = 16  # open files that come with a plan


class Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64)]


class PathBeneath(ctypes.Structure):
    _layout_, _pack_ = "ms", 1  # Python 3.14 asks that the layout be named with _pack_
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def landlock_version():
    """The version of Landlock that the kernel offers; 0 when it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def no_new_privileges():
    """Programs that are started from here on get no more rights than this process has.

    Raises:
        OSError: when the system does not do that.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")


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
    no_new_privileges()
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def landlock_rules():
    """Read everything; write the scratch folders and the devices."""
    rules = [("/", READ), (os.environ["HOME"], ALL), ("/tmp", ALL), ("/dev", READ | WRITE_FILE | 1 << 15)]
    return [*rules, ("/dev/shm", ALL), ("/proc", READ)]


def set_limits(limits):
    """Set limits of this process and its children that none of them can raise."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def filter_calls(program):
    """Let this process and its children make only the system calls that a filter program allows.

    Raises:
        OSError: when the kernel refuses.
    """
    no_new_privileges()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    wanted = Program(len(program) // 8, program)
    if libc.prctl(SECCOMP, FILTER, ctypes.addressof(wanted), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp: " + os.strerror(ctypes.get_errno()))


def wait_for_plan(control):
    """Tell the grader that this process is there, and wait for what it wants: (plan, open files), or None."""
    with contextlib.suppress(ConnectionError):
        control.send(b"ready")
        message, files, *_ = socket.recv_fds(control, PLAN_SIZE, MOST_FILES)
        if message:
            return json.loads(message), files
    return None


def lock_up(plan):
    """Give up, for good, whatever the plan says: what follows can only be less."""
    set_limits(plan["limits"])
    if plan["landlock"] and landlock_version():
        restrict_files(landlock_rules())
    if plan["seccomp"]:
        filter_calls(base64.b64decode(plan["seccomp"]))


def redirect(plan, files):
    """Standard output and errors go where the plan says: into the first of the files, or nowhere."""
    output = files.pop(0) if plan["output"] else os.open(os.devnull, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def become(plan, files, prepared=MappingProxyType({})):
    """Run the program, a file of this folder, with the numbers of its open files as its last arguments.

    prepared: programs that this process has imported already, by their paths: functions that take these numbers.
    """
    sys.argv = [plan["program"], *plan["arguments"], *map(str, files)]
    if os.path.dirname(os.path.abspath(__file__)) in sys.path:
        sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    with contextlib.suppress(KeyboardInterrupt):
        if plan["program"] in prepared:
            prepared[plan["program"]](*files)
            return
        runpy.run_path(plan["program"], run_name="__main__")


def main(number):
    """Wait, lock up, become the program."""
    control = socket.socket(fileno=number)
    told = wait_for_plan(control)
    control.close()
    if told is None:
        return
    plan, files = told
    redirect(plan, files)
    lock_up(plan)
    become(plan, files)


if __name__ == "__main__":
    main(int(sys.argv[1]))
