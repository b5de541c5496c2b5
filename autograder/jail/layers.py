"""What a jail is made of, and how much of each thing there is inside."""

from __future__ import annotations

from dataclasses import dataclass

LAYERS = {
    "files": "only the course's environment is visible, and it cannot be changed",
    "scratch": "the folders for scratch files have a size, and may hold a number of files",
    "network": "no network",
    "processes": "processes outside cannot be seen or stopped",
    "names": "message queues, the machine's name and its control groups are not shared",
    "user": "no user of this machine, and no privileges",
    "nesting": "no further user namespaces",
    "environment": "no variables of the grader",
    "seccomp": "system calls that no notebook needs are refused",
    "landlock": "the jail's own first process cannot be looked into",
    "limits": "each process has limits: CPU time, memory, files, threads",
    "memory": "the memory of all processes together has a limit",
}


@dataclass(frozen=True)
class Limits:
    """How much a jailed program may use."""

    memory: int = 1 << 30  # bytes, of all processes together
    address_space: int = 4 << 30  # bytes, of one process
    cpu: int = 600  # seconds, of one process
    wall: float = 1200  # seconds, from start to end
    tasks: int = 96  # processes and threads
    open_files: int = 256  # of one process
    file_size: int = 50 << 20  # bytes
    scratch: int = 64 << 20  # bytes in each of the two folders for scratch files
    shared: int = 8 << 20  # bytes in /dev/shm
    files: int = 20_000  # files, links and sockets in each of these three


@dataclass(frozen=True)
class Settings:
    """What one jail is like.

    omit: layers to leave out. Only tests use it, to show that the layer is what stops an attack.
    control_group: use a control group for memory where one can be made; else memory is watched.
    """

    limits: Limits = Limits()
    omit: frozenset[str] = frozenset()
    control_group: bool = True

    def __post_init__(self) -> None:
        unknown = self.omit - set(LAYERS)
        if unknown:
            raise ValueError(f"there is no layer {', '.join(sorted(unknown))}; the layers are {', '.join(LAYERS)}")

    def has(self, layer: str) -> bool:
        """True unless the layer is left out.

        Raises:
            KeyError: for a layer that there is not.
        """
        if layer not in LAYERS:
            raise KeyError(layer)
        return layer not in self.omit
