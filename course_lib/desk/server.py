"""Run JupyterLab on a folder, with the course's settings."""

from __future__ import annotations

import os
from pathlib import Path

# What was handed out, and which tabs were open, is kept here, inside the folder that is served.
RECORDS = ".course"


def serve(folder: Path, *, start: str, settings: Path, port: int | None, browser: bool) -> None:
    """Run JupyterLab on `folder` in this process, with the page `start` in front. Returns when it is stopped.

    `settings` is a folder with the course's defaults; a person's own settings go before them.
    """
    os.chdir(folder)
    # Jupyter reads these when it is imported.
    inherited = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(settings), *([inherited] if inherited else [])])
    # The open tabs of this course, apart from those of the person's other projects.
    os.environ["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / RECORDS / "workspaces")
    from jupyterlab.labapp import LabApp

    options = [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url={start}",
        "--Application.log_level=WARN",
    ]
    if port is not None:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--ServerApp.allow_root=True")  # in a container everyone is root
    server = LabApp.initialize_server(argv=options)
    identity = server.identity_provider
    address = f"http://localhost:{server.port}{server.base_url.rstrip('/')}{start}?token={identity.token}"
    identity.token_generated = False  # the address is printed here, in one line, not in Jupyter's banner
    print(f"Jupyter: {address}\nStop it with Ctrl-C.", flush=True)
    server.start()
