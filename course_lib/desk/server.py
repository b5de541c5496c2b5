"""Run JupyterLab on a folder, with the course's settings."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from course_lib.errors import CourseError

# What was handed out, which checks ran, and which tabs were open is kept here, inside the folder that is served.
RECORDS = ".course"


def serve(
    folder: Path, *, start: str, settings: Path, port: int | None, browser: bool, terminals: Path | None = None
) -> None:
    """Run JupyterLab on `folder` in this process, with the page `start` in front. Returns when it is stopped.

    `settings` is a folder with the course's defaults; a person's own settings go before them. `terminals` is where
    a terminal starts (default: in the folder that its button was pressed in).

    Raises:
        CourseError: if the port cannot be used.
    """
    if port is not None:
        _refuse_taken(port)
    os.chdir(folder)
    # Jupyter reads these when it is imported.
    inherited = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(settings), *([inherited] if inherited else [])])
    os.environ["PYTHONSTARTUP"] = str(settings / "at_start.py")  # every kernel runs it
    # The open tabs of this course, apart from those of the person's other projects.
    os.environ["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / RECORDS / "workspaces")
    from jupyterlab.labapp import LabApp

    options = [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url={start}",
        "--Application.log_level=ERROR",
        # Else it warns on every start that its own two defaults do not fit together.
        "--ServerApp.websocket_ping_timeout=30000",
        # What is said between the server and a kernel is encrypted; else every kernel warns that it is not.
        "--KernelManager.transport_encryption=auto",
    ]
    if port is not None:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--ServerApp.allow_root=True")  # in a container everyone is root
    server = LabApp.initialize_server(argv=options)
    manager = server.web_app.settings.get("terminal_manager")
    if terminals and manager:  # there is none where the system has no terminals
        manager.shell_command = shell_in(terminals)
    identity = server.identity_provider
    address = f"http://localhost:{server.port}{server.base_url.rstrip('/')}{start}?token={identity.token}"
    identity.token_generated = False  # the address is printed here, in one line, not in Jupyter's banner
    print(f"Jupyter: {address}\nStop it with Ctrl-C.", flush=True)
    server.start()


def _refuse_taken(port: int) -> None:
    """Raise CourseError when nobody can serve on this port. Jupyter itself would end with a line of its log."""
    with socket.socket() as probe:
        if os.name == "posix":  # there, a port that was free for a moment only can be had at once
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", port))
        except OSError as error:
            reason = f"port {port} cannot be used ({error.strerror})"
            raise CourseError(f"{reason}. Leave out --port, and a free one is taken") from error


def shell_in(folder: Path) -> list[str]:
    """The command of a person's own shell that starts in `folder`, wherever the terminal was opened."""
    if os.name == "nt":
        quoted = str(folder).replace("'", "''")
        return ["powershell.exe", "-NoExit", "-Command", f"Set-Location -LiteralPath '{quoted}'"]
    shell = os.environ.get("SHELL") or "/bin/sh"
    return ["/bin/sh", "-c", 'cd "$1" && exec "$2" -l', "sh", str(folder), shell]


def running(folder: Path) -> str | None:
    """The address, with its token, of a Jupyter server of this person's that runs on `folder`; None without one."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server["root_dir"]) == folder and _answers(server["url"], server["token"]):
            return f"{server['url']}?token={server['token']}"
    return None


def _answers(url: str, token: str) -> bool:
    """True when a server really is there: its note stays behind when it is killed, and a process id is used again."""
    import urllib.request

    try:
        with urllib.request.urlopen(f"{url}api/status?token={token}", timeout=3) as reply:
            return reply.status == 200
    except OSError:
        return False
