"""A Jupyter kernel in a jail. Messages pass through sockets that the grader makes, in a folder that nobody inside sees.

The kernel gets the sockets as open files. So the jail shares no folder with the machine, and has no network.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory
from traitlets import Instance

from autograder.jail.inside.kernel import PORTS
from autograder.jail.keeper import KEEPER
from autograder.jail.layers import Settings
from autograder.jail.process import Jailed
from autograder.kernels import LocalKernelManager

NAME = "course-jail"
WAITING = 16  # connections that a socket keeps until the kernel takes them
LOOK = 0.02  # seconds between two looks whether the jail has ended


class JailProvisioner(KernelProvisionerBase):
    """Starts the kernel of a JailedKernelManager in a jail, whatever its kernel specification says."""

    jailed: Jailed | None = None
    parent: Any  # the JailedKernelManager

    @property
    def reason(self) -> str:
        """Why the jail was stopped; "" when it was not."""
        return self.jailed.why() if self.jailed else ""

    @property
    def has_process(self) -> bool:
        """True from its start until somebody has waited for its end."""
        return self.jailed is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing is written to a file; the connection is told to the kernel when it starts."""
        self.connection_info = self.parent.get_connection_info()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start it. The command, the environment and the folder that Jupyter proposes are not used.

        Raises:
            NotStarted: when the jail cannot be made.
        """
        await self.cleanup()
        manager = self.parent
        key = manager.session.key.decode()
        connection = json.dumps({"key": key, "signature_scheme": manager.session.signature_scheme})
        sockets = [_listening(f"{manager.ip}-{getattr(manager, name)}") for name in PORTS]
        try:
            self.jailed = self.start(connection, [each.fileno() for each in sockets])
        finally:
            for each in sockets:
                each.close()
        return self.connection_info

    def start(self, connection: str, files: list[int]) -> Jailed:
        """Start the kernel's program."""
        return Jailed("kernel.py", connection, settings=self.parent.settings, files=files)

    async def poll(self) -> int | None:
        """None while it runs."""
        return None if self.jailed and self.jailed.runs() else 0

    async def wait(self) -> int | None:
        """Wait until it has ended."""
        while self.jailed and self.jailed.runs():
            await asyncio.sleep(LOOK)
        await self.cleanup()
        return 0

    async def send_signal(self, signum: int) -> None:
        """Any signal ends the jail: a kernel is interrupted by a message, and nothing inside gets signals from here."""
        if self.jailed and signum:
            self.jailed.kill()

    async def kill(self, restart: bool = False) -> None:
        """End it."""
        await self.send_signal(9)

    async def terminate(self, restart: bool = False) -> None:
        """End it."""
        await self.send_signal(9)

    async def cleanup(self, restart: bool = False) -> None:
        """Leave no process behind."""
        if self.jailed:
            self.jailed.close()


class JailedKernelManager(LocalKernelManager):
    """A kernel in a jail, reached through sockets in a private folder."""

    settings = Instance(Settings, args=())
    provisioner_class = "autograder.jail.kernel:JailProvisioner"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._kept = KEEPER.keep(folder=self.folder.name)
        for number, name in enumerate((*PORTS, "hb_port"), start=1):
            setattr(self, name, number)
        name = f"{NAME}-{self.provisioner_class.rpartition(':')[2]}"
        entry = EntryPoint(name, self.provisioner_class, KernelProvisionerFactory.GROUP_NAME)
        KernelProvisionerFactory.instance().provisioners[name] = entry
        self._kernel_spec = KernelSpec(
            argv=[sys.executable],
            display_name="Python 3 in a jail",
            language="python",
            interrupt_mode="message",
            metadata={"kernel_provisioner": {"provisioner_name": name}},
        )

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            KEEPER.drop(self._kept)

    cleanup_resources = _async_cleanup_resources


def _listening(path: str) -> socket.socket:
    """A new socket that listens at a path."""
    Path(path).unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.listen(WAITING)
    return made
