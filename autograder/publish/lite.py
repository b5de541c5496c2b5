"""JupyterLite: the notebooks in a browser, with nothing installed and no server.

Python itself (Pyodide), NumPy, SymPy and Matplotlib come from Pyodide's usual address when a notebook starts; the
page and course_lib come with the site.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.files import RELEASE, notebook_file
from autograder.publish.wheel import build_wheel
from course_lib.desk.lab import bring_closing_page
from course_lib.desk.start import write_start_page
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS
from course_lib.files import write_whole

# What is of no use in a page without a server, or tempts away from the course.
WITHOUT = ("@jupyterlab/extensionmanager-extension", "@jupyterlab/debugger-extension")

KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
PACKAGES = ("numpy", "sympy", "matplotlib")  # course_lib's own; of our wheel's metadata nobody takes them


def build_lite(out: Path) -> None:
    """Build JupyterLite with the course's notebooks into the folder `out`.

    Raises:
        CourseError: when the build fails, with what it said.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        contents = folder / "contents"
        for notebook in NOTEBOOKS:
            place = notebook_file(contents, notebook)
            place.parent.mkdir(parents=True)
            shutil.copy(notebook_file(RELEASE, notebook), place)
        bring_closing_page(contents)
        write_start_page(contents)
        wheel = build_wheel(folder)
        write_whole(folder / "jupyter-lite.json", json.dumps(settings(wheel.name)))
        config = {"LiteBuildConfig": {"ignore_sys_prefix": True, "federated_extensions": [str(kernel_extension())]}}
        write_whole(folder / "jupyter_lite_config.json", json.dumps(config))
        command = [
            *(sys.executable, "-m", "jupyterlite_core", "build"),
            *("--lite-dir", str(folder), "--output-dir", str(out), "--contents", str(contents)),
            *("--piplite-wheels", str(wheel), "--apps", "lab", "--no-unused-shared-packages", "--no-sourcemaps"),
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise CourseError(f"JupyterLite cannot be built:\n{(done.stdout + done.stderr).strip()[-4000:]}")


def kernel_extension() -> Path:
    """The folder of the extension that is the kernel. Others that are installed here have no place in the page."""
    return Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "@jupyterlite" / "pyodide-kernel-extension"


def settings(wheel: str) -> dict:
    """The settings of the page: quiet, in the system's colors, with course_lib ready in every notebook."""
    # The address of our wheel is relative to the script of the kernel, so the site can stand anywhere.
    packages = [*PACKAGES, f"../../../../pypi/{wheel}"]
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Backpropagation",
            "disabledExtensions": [*WITHOUT],
            "settingsOverrides": {
                "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
                "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
            },
            "litePluginSettings": {KERNEL: {"loadPyodideOptions": {"packages": packages}}},
        },
    }
