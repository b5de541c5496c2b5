"""A Jupyter kernel in a jail. Messages pass through unix sockets in a folder that the two sides share."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Instance

from autograder.jail import bubblewrap
from autograder.jail.layers import Settings
from autograder.jail.process import Jailed
from autograder.kernels import LocalKernelManager

NAME = "course-jail"
CONNECTION = "/run/connection.json"


class JailProvisioner(LocalProvisioner):
    """Starts the kernel of a JailedKernelManager in a jail, whatever its kernel specification says."""

    kind: type[Jailed] = Jailed
    jailed: Jailed | None = None

    @property
    def reason(self) -> str:
        """Why the jail was stopped; "" when it was not."""
        return self.jailed.why() if self.jailed else ""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Start it. The command, the environment and the folder that Jupyter proposes are not used."""
        manager = self.parent
        sockets = Path(manager.ip).parent
        self._close()
        # Inside, the folder of the sockets has another name.
        seen = json.loads(Path(manager.connection_file).read_text())
        seen["ip"] = f"{bubblewrap.SOCKETS}/{Path(manager.ip).name}"
        copy = Path(manager.connection_file).with_name("inside.json")
        copy.write_text(json.dumps(seen))
        copy.chmod(0o644)  # its folder lets nobody else in
        files = [(str(copy), CONNECTION)]
        self.jailed = self.start(files, str(sockets))
        self.process = self.jailed.process
        self.pid = self.process.pid
        return self.connection_info

    def start(self, files: list[tuple[str, str]], sockets: str) -> Jailed:
        """Start the kernel's program."""
        arguments = ("-f", CONNECTION, "--HistoryManager.enabled=False")
        settings = self.parent.settings
        return self.kind("ipykernel_launcher", *arguments, settings=settings, shared=sockets, files=files)

    async def send_signal(self, signum: int) -> None:
        """Any signal ends the jail: a kernel is interrupted by a message, and nothing inside gets signals from here."""
        if self.jailed and signum:
            self.jailed.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """Leave no process behind."""
        self._close()

    def _close(self) -> None:
        if self.jailed:
            self.jailed.close()


class JailedKernelManager(LocalKernelManager):
    """A kernel in a jail, reached through sockets in a private folder."""

    settings = Instance(Settings, args=())
    provisioner_class = "autograder.jail.kernel:JailProvisioner"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # The only folder of this machine that is writable inside holds nothing but sockets.
        sockets = Path(self.folder.name, "sockets")
        sockets.mkdir(mode=0o700)
        self.ip = str(sockets / "s")
        name = f"{NAME}-{self.provisioner_class.rpartition(':')[2]}"
        entry = EntryPoint(name, self.provisioner_class, KernelProvisionerFactory.GROUP_NAME)
        KernelProvisionerFactory.instance().provisioners[name] = entry
        self._kernel_spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3 in a jail",
            language="python",
            interrupt_mode="message",
            metadata={"kernel_provisioner": {"provisioner_name": name}},
        )
