"""A warm process: it has imported what notebooks need, and forks for each of them, so that none has to.

    python warm.py SETTINGS NUMBER

SETTINGS says, as JSON, what to import and what a jail is like; NUMBER is an open socket to the grader. Each message on
it brings another socket: to the door of a new jail. A fork gets namespaces, scratch folders and limits of its own
before it hears what it is to run, so that no two of them, nor this process, can reach each other.

    this process -- clone --> A: number 1 in new namespaces -- fork --> B: the program

A has no rights left when it lets the program in, waits for it, and ends with it.
"""

import contextlib
import ctypes
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import random
import signal
import socket
import struct
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import door  # type: ignore[import-not-found]  # it lies in the same folder, which is no package

sys.path.pop(0)

NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
NEW_PROCESSES, NEW_NETWORK = 0x20000000, 0x40000000
NEW_NAMES = 0x08000000 | 0x04000000 | 0x02000000  # message queues, the machine's name, control groups
NO_SUID, NO_DEVICES, NO_PROGRAMS, BIND, RECURSIVE, PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18  # for mount
DROP_BOUND, AMBIENT, CLEAR_ALL = 24, 47, 4  # for prctl
CAPSET = {"x86_64": 126, "aarch64": 91}  # system calls
CLONE = {"x86_64": 56, "aarch64": 220}
CAPABILITIES_VERSION = 0x20080522
MOST_NUMBERS = 64  # of files that the warm process has open
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1  # of a network's interface

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    """Call a function of the C library.

    Raises:
        OSError: when it fails.
    """
    result = getattr(libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def mount(source, place, kind=None, flags=0, options=None):
    """Mount something.

    Raises:
        OSError: when it fails.
    """
    texts = [text.encode() if text is not None else None for text in (source, place, kind, options)]
    call("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])


def import_all(names):
    """Import modules, and all of a package whose name ends in a star."""
    for name in names:
        importlib.import_module(name.removesuffix(".*"))
        if name.endswith(".*"):
            package = sys.modules[name.removesuffix(".*")]
            for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(found.name)


def try_out():
    """Do what notebooks do first, for what libraries make at their first use: fonts, parsers, tables. Nothing stays."""
    import sympy
    from matplotlib import pyplot

    from course_lib import drawing, exercises
    from course_lib.closed import closed
    from course_lib.drawing import curves
    from course_lib.exercises.chain_rule import SYMBOLIC

    with curves.remembering():  # the picture that notebook 1 begins with
        drawing.slope_picture(lambda x: x**2, 3, 2, span=(0, 6), title="f(x) = x²")
    drawing.draw_graph([("x", "a"), ("y", "a"), ("a", "C"), ("x", "C")], title="C")
    figure, axes = pyplot.subplots(figsize=(4, 3), layout="constrained")
    axes.plot([0, 1], [0, 1], "o-", label="$x^2$")
    axes.contour([[0, 1], [2, 3]])
    axes.set(title="x", xlabel="x", ylabel="$\\partial x$")
    axes.legend()
    for kind in ("svg", "png"):
        figure.savefig(io.BytesIO(), format=kind)
    pyplot.close(figure)
    x, y = sympy.symbols("x y")
    tried = sympy.diff(x**2 * sympy.sin(3 * x) + sympy.exp(x) / y - sympy.log(x), x)
    str(sympy.simplify(tried.subs({x: 2, y: 1.5}))), sympy.lambdify([x, y], tried)(2.0, 3.0)
    for case in SYMBOLIC.draw(SYMBOLIC.aspects[0], exercises.PUBLIC_SEED):  # SymPy remembers what it has worked out
        expression = sympy.sympify(case.inputs["expr"])
        for name in case.inputs["variables"]:
            expression.diff(name).subs(case.inputs["values"])
    for _, exercise in exercises.all_exercises():
        with closed(exercise.closed):  # the first time, it looks for all that is behind a name
            pass


def prepare_a_kernel():
    """Make a kernel as far as that goes without a socket. Returns programs for `door.become`."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    import kernel  # type: ignore[import-not-found]

    sys.path.pop(0)
    made = kernel.prepare()
    return {os.path.join(here, "kernel.py"): lambda *files: kernel.serve(made, *files)}


def clone(settings):
    """Fork into new namespaces, in one step: a process that only makes them would have to copy this one's memory map.

    Returns the number of the new process; 0 in it. Python hears of it no more than of a thread that goes on: this is
    right as long as this process has no other threads.

    Raises:
        OSError: where that is not allowed.
    """
    flags = NEW_USER | NEW_MOUNTS | signal.SIGCHLD
    flags |= NEW_PROCESSES if settings["processes"] else 0
    flags |= NEW_NETWORK if settings["network"] else 0
    flags |= NEW_NAMES if settings["names"] else 0
    return call("syscall", CLONE[os.uname().machine], ctypes.c_ulong(flags), None, None, None, None)


def be_the_same_user(user, group):
    """Have the same numbers in a new user namespace as outside of it."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def furnish(settings):
    """Scratch folders, /proc and a loopback of this jail's own. What was visible in a scratch folder is shown again."""
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    shown = [(path, os.open(path, os.O_PATH)) for path in settings["shown"]]
    for folder, options in settings["scratch"].items():
        mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES, options)
    for path, file in shown:
        if os.path.isdir(f"/proc/self/fd/{file}"):
            os.makedirs(path, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").close()
        mount(f"/proc/self/fd/{file}", path, flags=BIND | RECURSIVE)
        os.close(file)
    if settings["processes"] and settings["user"]:  # to root's jail, which only tests make, the kernel gives none
        mount("proc", "/proc", "proc", NO_SUID | NO_DEVICES | NO_PROGRAMS)
    if settings["network"]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            state = bytearray(struct.pack("16sH22x", b"lo", 0))
            fcntl.ioctl(any_socket, GET_FLAGS, state)
            struct.pack_into("H", state, 16, struct.unpack_from("H", state, 16)[0] | UP)
            fcntl.ioctl(any_socket, SET_FLAGS, state)
    os.chdir(os.environ["HOME"])


def give_up_rights(settings):
    """Keep no capability, and let no namespace be made from this one."""
    if settings["nesting"]:
        with open("/proc/sys/user/max_user_namespaces", "w") as file:
            file.write("0")
    call("prctl", AMBIENT, CLEAR_ALL, 0, 0, 0)
    number = 0
    while libc.prctl(DROP_BOUND, number, 0, 0, 0) == 0:
        number += 1
    header = struct.pack("Ii", CAPABILITIES_VERSION, 0)
    call("syscall", CAPSET[os.uname().machine], header, bytes(24))


def keep_only(kept):
    """Close all open files but standard input, output, errors and one."""
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def empty_all_but(kept):
    """Let the numbers of all open files but standard input, output, errors and one lead to nothing.

    Objects of the warm process, such as fonts, still know some of them. When one of these objects goes, it closes its
    number: were that free, it could be a socket's by then. The library behind ctypes keeps its own file open, to map
    callbacks from it: without that, a program of many callbacks would fail in a fork alone.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in set(range(3, MOST_NUMBERS)) - {kept, nothing}:
        with contextlib.suppress(OSError):
            if "/libffi.so" not in os.readlink(f"/proc/self/fd/{number}"):
                os.dup2(nothing, number, inheritable=False)
    os.closerange(MOST_NUMBERS, os.sysconf("SC_OPEN_MAX"))


def refresh():
    """What a new process would have of its own, and a fork shares: the state of the random numbers."""
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    for name in ("warm", "door", "kernel"):
        sys.modules.pop(name, None)


def first_process(settings, control, prepared):
    """A: the first process of a new jail. It never returns."""
    empty_all_but(control.fileno())
    os.setsid()
    furnish(settings)
    give_up_rights(settings)
    told = door.wait_for_plan(control)
    if told is None:
        os._exit(0)
    control.close()
    plan, files = told
    program = os.fork()
    if program == 0:
        door.redirect(plan, files)
        refresh()
        door.lock_up(plan)
        door.become(plan, files, prepared)
        finish()
    door.redirect(plan, files)
    keep_only(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while os.wait()[0] != program:
        pass  # a daemon of the program's
    os._exit(0)


def finish():
    """End the program as a process of its own would end: exit handlers run, output is written."""
    import atexit

    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def fork(settings, control, prepared):
    """A new jail whose first process talks to `control`. Where none can be made, the reason is printed."""
    user, group = os.getuid(), os.getgid()
    try:
        child = clone(settings)
    except OSError:
        tell()
        child = None
    if child == 0:
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            be_the_same_user(user, group)
            first_process(settings, control, prepared)
        except BaseException:
            tell()
        finally:
            os._exit(1)
    control.close()


def tell():
    """Print what went wrong where the grader reads it."""
    traceback.print_exc()
    sys.stderr.flush()


def main(settings, control):
    """Import, say so, then fork for each message, until the grader has ended."""
    import_all(settings["import"])
    if "sympy" in settings["import"]:
        try_out()
    prepared = prepare_a_kernel() if "ipykernel.kernelapp" in settings["import"] else {}
    gc.collect()
    gc.freeze()  # the collector of a fork then touches no page that is shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who end
    control.send(b"warm")
    while True:
        message, files, *_ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        fork(settings, socket.socket(fileno=files[0]), prepared)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
