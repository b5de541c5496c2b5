"""A kernel in a container of Podman or Docker, for machines that have one of these and no bubblewrap.

The container's image gives nothing but an empty place to mount things in: what is visible inside is the same as in a
bubblewrap jail. The engine adds its own list of refused system calls. The user inside is nobody, and with Docker the
engine itself is root's: this protects less than bubblewrap does.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from traitlets import Instance

from autograder.jail.bubblewrap import SOCKETS
from autograder.jail.kernel import JailedKernelManager, JailProvisioner
from autograder.jail.layers import Settings
from autograder.jail.process import Jailed
from autograder.jail.view import HOME, links, read_only, variables

IMAGE = os.environ.get("COURSE_JAIL_IMAGE", "docker.io/library/debian:stable-slim")
NOBODY = 65534


@cache
def engine() -> str | None:
    """Podman or Docker, whichever is installed and answers; None when neither does."""
    for name in ("podman", "docker"):
        program = shutil.which(name)
        if program and subprocess.run([program, "info"], capture_output=True, timeout=20).returncode == 0:
            return program
    return None


def command(
    engine: str, name: str, program: Sequence[str], settings: Settings, shared: str, files: Sequence[tuple[str, str]]
) -> list[str]:
    """The command line that runs a program in a new container."""
    limits = settings.limits
    user = os.getuid() or NOBODY
    options = ["run", "--rm", "--init", "--name", name, "--network", "none", "--read-only", "--cap-drop", "ALL"]
    options += ["--security-opt", "no-new-privileges", "--user", f"{user}:{user}", "--hostname", "jail"]
    options += ["--memory", str(limits.memory), "--memory-swap", str(limits.memory)]
    options += ["--pids-limit", str(limits.tasks), "--log-driver", "none"]
    options += ["--tmpfs", f"/tmp:rw,size={limits.scratch}", "--tmpfs", f"{HOME}:rw,mode=1777,size={limits.scratch}"]
    options += ["--shm-size", str(limits.shared), "--workdir", HOME]
    if os.path.basename(engine) == "podman":
        options += ["--userns", "keep-id"]
    for path, place in [*read_only(), *files]:
        options += ["--volume", f"{path}:{place}:ro"]
    options += ["--volume", f"{shared}:{SOCKETS}:rw"]
    for target, place in links():  # an image of another kind may lack these names
        options += ["--volume", f"/{target.lstrip('/')}:{place}:ro"]
    for variable, value in variables().items():
        options += ["--env", f"{variable}={value}"]
    return [engine, *options, IMAGE, *program]


class Contained(Jailed):
    """A Python module, or a .py file that is visible inside, that runs in a new container."""

    name: str

    def user(self) -> int:
        return NOBODY

    def command(
        self, program: Sequence[str], shared: str | None, files: Sequence[tuple[str, str]], filter_fd: int | None
    ) -> list[str]:
        self.name = f"course-{secrets.token_hex(8)}"
        return command(engine(), self.name, program, self.settings, shared, files)

    def kill(self) -> None:
        """End the container; ending the engine's client would leave it running."""
        subprocess.run([engine(), "kill", self.name], capture_output=True)
        super().kill()


class ContainerProvisioner(JailProvisioner):
    """Starts the kernel in a container."""

    kind = Contained


class ContainerKernelManager(JailedKernelManager):
    """A kernel in a container. The engine limits its memory."""

    settings = Instance(Settings, kw={"control_group": False})
    provisioner_class = "autograder.jail.container:ContainerProvisioner"
