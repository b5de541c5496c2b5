"""The system calls that are refused in a jail, as a filter program that bubblewrap loads.

The list names what a notebook has no use for: looking into other processes, mounting, loading kernel code, memory that
no limit counts, and every kind of socket but those of files and of the (absent) internet. The numbers are those of the
kernel's tables: https://github.com/torvalds/linux/tree/master/arch/x86/entry/syscalls and
include/uapi/asm-generic/unistd.h. The program is classic BPF: see Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import errno
import platform
import struct

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # (audit number, column in the tables below)

REFUSED = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # mounts and roots
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    # the machine
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "acct": (163, 89),
    "syslog": (103, 116),
    # parts of the kernel with a long history of holes
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "personality": (135, 92),
    "vmsplice": (278, 75),
    # memory that belongs to no process, so that no limit of a process counts it
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
}
NESTING = {"unshare": (272, 97), "setns": (308, 268)}
SOCKET, CLONE, CLONE3 = (41, 198), (56, 220), (435, 435)
FAMILIES = (1, 2, 10, 16)  # of sockets: unix, inet, inet6, netlink (which getaddrinfo uses)
NEW_NAMESPACE = 0x7E020000  # the flags of clone that make a namespace

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
    for numbers in [*REFUSED.values(), *([] if nesting else NESTING.values())]:
        code += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, refused)]
    if not nesting:
        # The flags of clone3 are in memory that a filter cannot read. Without it the C library uses clone.
        code += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, absent)]
        code += [(EQUAL, 0, 4, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, NEW_NAMESPACE)]
        code += [(RETURN, 0, 0, refused), (RETURN, 0, 0, ALLOW)]
    count = len(FAMILIES)
    code += [(EQUAL, 0, count + 2, SOCKET[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    code += [(EQUAL, count - index, 0, family) for index, family in enumerate(FAMILIES)]
    code += [(RETURN, 0, 0, refused), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", operation, yes, no, value) for operation, yes, no, value in code)
