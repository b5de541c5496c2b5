"""Answer what JupyterLite asks of the internet from files at hand, so that its tests need no network in the browser.

The wheel of open-webui holds all of Pyodide, with NumPy, SymPy and Matplotlib for it. The rest are pure Python.
"""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_suffix(".txt")
INSIDE = "open_webui/frontend/pyodide/"
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}


def fetch(folder: Path) -> None:
    """Fetch the wheels into a folder, unless they are there; each is checked by its hash.

    Raises:
        OSError: when they cannot be had, with what pip said.
    """
    wanted = len([line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")])
    if len(list(folder.glob("*.whl"))) == wanted:
        return
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command.append("--ignore-requires-python")  # the files are for Pyodide's Python, not for this one
    command += ["--require-hashes", "--requirement", str(REQUIREMENTS), "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(done.stderr.strip()[-600:])


class Pyodide:
    """Stands for Pyodide's address and the package index, in a browser's context."""

    def __init__(self, folder: Path) -> None:
        self.wheels = {path.name: path for path in folder.glob("*.whl")}
        large = next(path for name, path in self.wheels.items() if name.startswith("open_webui-"))
        self.archive = zipfile.ZipFile(large)
        self.names = {name.removeprefix(INSIDE) for name in self.archive.namelist() if name.startswith(INSIDE)}
        self.missed: list[str] = []

    def answer(self, route) -> None:
        """Answer one request; what is not at hand fails, and is noted in `missed`."""
        found = self.find(route.request.url)
        if found is None:
            self.missed.append(route.request.url)
            route.abort()
        else:
            body, kind = found
            route.fulfill(body=body, content_type=kind, headers={"access-control-allow-origin": "*"})

    def find(self, url: str) -> tuple[bytes, str] | None:
        """What stands at this address, and its type; None when it is not at hand."""
        name = url.split("?")[0].rsplit("/", 1)[-1]
        index = re.fullmatch(r"https://[^/]+/simple/([^/]+)/?", url)
        if index:
            return self.page_of(index.group(1)), "application/vnd.pypi.simple.v1+json"
        if name == "pyodide-lock.json":
            return self.lock(), TYPES[".json"]
        if name in self.names:
            return self.archive.read(INSIDE + name), TYPES.get(Path(name).suffix, "application/octet-stream")
        if name in self.wheels:
            return self.wheels[name].read_bytes(), "application/octet-stream"
        return None

    def lock(self) -> bytes:
        """Pyodide's own lock, with the hashes of the wheels at hand: it was made with other builds of the pure ones."""
        lock = json.loads(self.archive.read(f"{INSIDE}pyodide-lock.json"))
        for package in lock["packages"].values():
            if package["file_name"] in self.wheels:
                package["sha256"] = digest(self.wheels[package["file_name"]])
        return json.dumps(lock).encode()

    def page_of(self, package: str) -> bytes:
        """A package's page at the index, with the one file that is at hand."""
        files = [name for name in self.wheels if name.split("-")[0].replace("_", "-") == package]
        listed = [
            {"filename": name, "url": f"https://files.example/{name}", "hashes": {"sha256": digest(self.wheels[name])}}
            for name in files
        ]
        versions = [name.split("-")[1] for name in files]
        page = {"meta": {"api-version": "1.0"}, "name": package, "files": listed, "versions": versions}
        return json.dumps(page).encode()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
