"""Tries each layer from inside a jail and prints what it found, as JSON. `doctor.py` and the tests start it.

This file is shown inside by itself, so it imports nothing but the standard library. A layer that holds is true.
"""

import ctypes
import errno
import json
import mmap
import os
import socket
import sys
import threading

NEW_USER_NAMESPACE = 0x10000000


def refused(action, *errors):
    """True when the action raises one of the errors."""
    try:
        action()
    except errors:
        return True
    return False


def reaches(name):
    """True when a socket that listens outside, in the network's namespace, can be connected to."""
    with socket.socket(socket.AF_UNIX) as client:
        return not refused(lambda: client.connect(name), OSError)


def shares(*kinds, outside):
    """True when one of the namespaces is the grader's own."""
    return any(os.readlink(f"/proc/self/ns/{kind}") == outside[kind] for kind in kinds)


def powerless():
    """True when this process has no capabilities."""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return all(int(lines[name], 16) == 0 for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb"))


def no_new_users():
    """True when no user namespace can be made, in which this process would have all capabilities."""
    return ctypes.CDLL(None).unshare(NEW_USER_NAMESPACE) != 0


def not_opened(path, mode):
    """True when a file cannot be opened that way."""
    try:
        with open(path, mode):
            return False
    except PermissionError:
        return True
    except OSError as error:
        return error.errno == errno.EROFS


def many_files():
    """Open more files than are allowed."""
    opened = []
    try:
        while len(opened) < 5000:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for number in opened:
            os.close(number)


def large_file():
    """Make a file that is larger than allowed, without writing it."""
    with open("/tmp/large", "wb") as file:
        file.truncate(1 << 40)


def many_threads():
    """Start more threads than are allowed; each counts as a process does."""
    end = threading.Event()
    started = []
    try:
        while len(started) < 500:
            started.append(threading.Thread(target=end.wait))
            started[-1].start()
    finally:
        end.set()


def limited():
    """True when threads, files, their size and the memory of one process are limited."""
    return (
        refused(many_threads, RuntimeError)
        and refused(many_files, OSError)
        and refused(large_file, OSError)
        and refused(lambda: mmap.mmap(-1, 6 << 30), OSError, MemoryError)
    )


def main(outside):
    """What holds, by layer. outside: what the grader says about itself."""
    space = os.statvfs("/tmp")
    found = {
        "files": not any(map(os.path.exists, outside["hidden"])) and not_opened(outside["visible"], "ab"),
        "scratch": space.f_blocks * space.f_frsize <= outside["scratch"],
        "network": not reaches("\0" + outside["listening"]),
        "processes": not shares("pid", outside=outside["namespaces"]),
        "names": not shares("ipc", "uts", "cgroup", outside=outside["namespaces"]),
        "user": powerless(),
        "nesting": no_new_users(),
        "environment": outside["variable"] not in os.environ,
        "seccomp": refused(lambda: os.memfd_create("x"), PermissionError),
        "landlock": not_opened(f"/proc/{os.getppid()}/mem", "r+b"),
        "limits": limited(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
