"""The system calls that are allowed in a jail, as a filter program. Every other is refused.

The list is what honest notebooks need: what kernels were seen to call (`strace -f`) while all solved notebooks and
right answers of other kinds ran; what the standard library needs for files, processes, threads, signals and sockets of
the jail's own; and the calls that other versions of the C library, or another processor, make in their place.
The numbers are those of the kernel's tables:
https://github.com/torvalds/linux/tree/master/arch/x86/entry/syscalls and include/uapi/asm-generic/unistd.h.
The program is classic BPF: see Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import errno
import platform
import struct

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # (audit number, column in the tables below)

# fmt: off
ALLOWED: dict[str, tuple[int, int | None]] = {
    # files
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68),
    "open": (2, None), "creat": (85, None), "openat": (257, 56), "close": (3, 57),
    "close_range": (436, 436), "lseek": (8, 62), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "fcntl": (72, 25), "ioctl": (16, 29), "flock": (73, 32), "fsync": (74, 82), "fdatasync": (75, 83),
    "truncate": (76, 45), "ftruncate": (77, 46),
    "fadvise64": (221, 223), "sendfile": (40, 71), "copy_file_range": (326, 285), "pipe": (22, None),
    "pipe2": (293, 59),
    # names of files
    "stat": (4, None), "fstat": (5, 80), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291),
    "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78), "getdents": (78, None),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None),
    "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "utime": (132, None), "utimes": (235, None), "utimensat": (280, 88),
    "umask": (95, 166),
    # memory
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216),
    "madvise": (28, 233), "mbind": (237, 235), "get_mempolicy": (239, 236),
    "membarrier": (324, 283),
    # processes and threads
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "wait4": (61, 260), "waitid": (247, 95),
    "exit": (60, 93), "exit_group": (231, 94), "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178),
    "getpgrp": (111, None), "getpgid": (121, 155), "setpgid": (109, 154), "getsid": (124, 156), "setsid": (112, 157),
    "set_tid_address": (218, 96), "set_robust_list": (273, 99), "rseq": (334, 293),
    "futex": (202, 98), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "sched_setaffinity": (203, 122), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "sched_setscheduler": (144, 119), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "getpriority": (140, 141), "prctl": (157, 167),
    "arch_prctl": (158, None), "prlimit64": (302, 261), "getrlimit": (97, 163), "setrlimit": (160, 164),
    "getrusage": (98, 165), "restart_syscall": (219, 128), "pidfd_open": (434, 434),
    # who
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158),
    "uname": (63, 160), "sysinfo": (99, 179), "getrandom": (318, 278), "times": (100, 153),
    # signals
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigtimedwait": (128, 137), "sigaltstack": (131, 132), "kill": (62, 129),
    "tkill": (200, 130), "tgkill": (234, 131), "pause": (34, None),
    # time
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "gettimeofday": (96, 169), "time": (201, None), "getitimer": (36, 102), "setitimer": (38, 103),
    "alarm": (37, None),
    # waiting
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "epoll_create": (213, None),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    "eventfd": (284, None), "eventfd2": (290, 19),
    # sockets
    "socketpair": (53, 199), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    "connect": (42, 203), "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212),
    "sendmmsg": (307, 269), "getsockname": (51, 204), "getpeername": (52, 205),
    "getsockopt": (55, 209), "setsockopt": (54, 208), "shutdown": (48, 210),
}
# Files have no further attributes here. A refusal would stop shutil, which copies those that there are.
ATTRIBUTES = {
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "getxattr": (191, 8), "lgetxattr": (192, 9),
    "fgetxattr": (193, 10), "listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
}
# fmt: on
NESTING = {"unshare": (272, 97), "setns": (308, 268)}
SOCKET, CLONE, CLONE3 = (41, 198), (56, 220), (435, 435)
FAMILIES = (1, 2, 10, 16)  # of sockets: unix, inet, inet6, netlink (which getaddrinfo uses)
NEW_NAMESPACE = 0x7E020000  # the flags of clone that make a namespace
KNOWN = 452  # calls with greater numbers are newer than this list

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
X32 = 0x40000000  # the other numbering of x86_64


def supported() -> bool:
    """True when there is a list for this machine's processor."""
    return platform.machine() in ARCHITECTURES


def program(nesting: bool = False, machine: str | None = None) -> bytes:
    """The filter program.

    nesting: allow new namespaces.
    machine: "x86_64" or "aarch64"; without it, this machine's.

    Raises:
        KeyError: for a processor that there is no list for.
    """
    audit, column = ARCHITECTURES[machine or platform.machine()]
    refused, absent = FAIL | errno.EPERM, FAIL | errno.ENOSYS
    # A jump says how many instructions to skip when its test is true, and when it is false.
    code = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, audit), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if column == 0:
        code += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, refused)]
    # What is newer than the list does not exist, as far as the C library can tell: it then does without.
    code += [(AT_LEAST, 0, 1, KNOWN + 1), (RETURN, 0, 0, absent)]
    allowed = [numbers[column] for numbers in ALLOWED.values()]
    if nesting:
        allowed += [numbers[column] for numbers in (*NESTING.values(), CLONE, CLONE3)]
    for number in allowed:
        if number is not None:
            code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for numbers in ATTRIBUTES.values():
        code += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, FAIL | errno.EOPNOTSUPP)]
    if not nesting:
        # The flags of clone3 are in memory that a filter cannot read. Without it the C library uses clone.
        code += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, absent)]
        code += [(EQUAL, 0, 4, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, NEW_NAMESPACE)]
        code += [(RETURN, 0, 0, refused), (RETURN, 0, 0, ALLOW)]
    count = len(FAMILIES)
    code += [(EQUAL, 0, count + 1, SOCKET[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    code += [(EQUAL, count - index, 0, family) for index, family in enumerate(FAMILIES)]
    code += [(RETURN, 0, 0, refused), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", operation, yes, no, value) for operation, yes, no, value in code)
