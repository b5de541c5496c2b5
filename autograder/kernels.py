"""The kernels that the course starts itself."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager


class LocalKernelManager(AsyncKernelManager):
    """A kernel that is reached through sockets in a private folder, where the system has such, and by nobody else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if os.name == "posix":
            self.folder = tempfile.TemporaryDirectory(prefix="kernel-")
            self.transport = "ipc"
            self.connection_file = str(Path(self.folder.name) / "connection.json")
            self.ip = str(Path(self.folder.name) / "socket")

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if os.name == "posix" and not restart:
            self.folder.cleanup()

    cleanup_resources = _async_cleanup_resources


def kernel_environment() -> dict[str, str]:
    """One thread for linear algebra: sums then come out the same each time, and kernels do not fight for cores."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
