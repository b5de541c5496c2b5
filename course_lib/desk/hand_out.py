"""Bring releases of the notebooks to the student's own working copy, and lose no work.

A student never works in notebooks/: a new release would overwrite the work there, or refuse to come.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from course_lib.desk.answers import answered, read_notebook
from course_lib.desk.carry import Carried, carry, tell
from course_lib.desk.server import RECORDS
from course_lib.errors import CourseError
from course_lib.files import write_whole

KEPT = "earlier"  # old files with work in them, below the working copy


def content_key(path: Path) -> str:
    """Return a digest of what a student can have worked on in this file.

    For a notebook, that is the cells' types and sources: JupyterLab rewrites outputs and metadata when a notebook is
    only run and saved. For any other file, and for a notebook that cannot be read, it is every byte.
    """
    data = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(data)["cells"]]
        except (ValueError, KeyError, TypeError):
            pass  # not a notebook, whatever its name: compared by its bytes
        else:
            data = json.dumps(cells).encode()
    return hashlib.sha256(data).hexdigest()


class Handout:
    """The working copy `work` of the releases in the folder `release`, with the record of what was handed out."""

    def __init__(self, release: Path, work: Path) -> None:
        self.release = release
        self.work = work
        self.record_file = work / RECORDS / "handed_out.json"
        self.record: dict[str, dict[str, str]] = {}
        if self.record_file.exists():
            self.record = json.loads(self.record_file.read_text(encoding="utf-8"))

    def files(self) -> list[str]:
        """The files of the release, by their names below it."""
        files = (path for path in self.release.rglob("*") if path.is_file())
        names = (path.relative_to(self.release).as_posix() for path in files)
        return sorted(name for name in names if ".ipynb_checkpoints" not in name)

    def is_new(self, name: str) -> bool:
        """True when this file was not handed out yet in the form that the release has, or is gone."""
        handed = self.record.get(name, {}).get("release")
        return handed != _digest(self.release / name) or not (self.work / name).exists()

    def is_worked_on(self, name: str) -> bool:
        """True when the student's file says something else than was handed out."""
        handed = self.record.get(name, {}).get("content")
        return content_key(self.work / name) not in (handed, content_key(self.release / name))

    def bring_all(self) -> list[str]:
        """Bring every file of the release to the working copy. Return what the student should know."""
        answers = self._answers()
        messages = []
        for name in self.files():
            if self.is_new(name):
                messages.append(self._bring(name, answers))
                # Written after every file, so that an interrupted run forgets nothing that it has handed out.
                self._write_record()
        return messages + self._put_away()

    def _bring(self, name: str, answers: dict[str, dict[str, Any]]) -> str:
        source, target = self.release / name, self.work / name
        if target.exists() and not self.is_worked_on(name):
            message = f"{name}: replaced by the new release (you had not changed it)"
            write_whole(target, source.read_bytes())
        elif target.exists():
            kept = self._keep(name)
            message = f"{name}: a new release. Your old file is kept as {kept}"
            carried = self._carried(name, answers) if target.suffix == ".ipynb" else None
            if carried:
                message += f"; answers carried over: {len(carried.answers)}"
                tell(carried, kept)
            write_whole(target, _text(carried) if carried else source.read_bytes())
        else:
            message = f"{name}: copied"
            empty: dict = {"cells": []}
            carried = carry(empty, empty, read_notebook(source), answers) if target.suffix == ".ipynb" else None
            if carried and carried.answers:
                message += f"; answers carried over from your other notebooks: {len(carried.answers)}"
                tell(carried, None)
            write_whole(target, _text(carried) if carried and carried.answers else source.read_bytes())
        self.record[name] = {"release": _digest(source), "content": content_key(source)}
        write_whole(self._handed(name), source.read_bytes())
        return message

    def _handed(self, name: str) -> Path:
        """The copy of what was handed out last: it tells what is the student's."""
        return self.work / RECORDS / "releases" / name

    def _given(self, name: str) -> dict[str, Any]:
        """The notebook as it was handed out; where no copy was kept, the present release stands in for it."""
        handed = self._handed(name)
        return read_notebook(handed if handed.exists() else self.release / name)

    def _carried(self, name: str, answers: dict[str, dict[str, Any]]) -> Carried | None:
        try:
            old = read_notebook(self.work / name)
        except CourseError:
            return None  # no notebook any more: the file is kept, and a fresh release comes
        return carry(old, self._given(name), read_notebook(self.release / name), answers)

    def _answers(self) -> dict[str, dict[str, Any]]:
        """Every answer in the working copy, by name: an exercise may have moved to another notebook."""
        found: dict[str, dict[str, Any]] = {}
        for name in self.record:
            if name.endswith(".ipynb") and (self.work / name).exists() and self._handed(name).exists():
                try:
                    found |= answered(read_notebook(self.work / name), self._given(name))
                except CourseError:
                    continue  # damaged: it is kept as it is, and its own turn says so
        return found

    def _keep(self, name: str) -> str:
        """Copy a file of the student's aside, under a name that nobody takes for a hand-in. Return that name."""
        stem, suffix = os.path.splitext(name.rsplit("/", 1)[-1])
        stem = stem.split("_")[0] if suffix == ".ipynb" else stem
        number = 1
        while (self.work / KEPT / f"{stem}-kept-{number}{suffix}").exists():
            number += 1
        place = f"{KEPT}/{stem}-kept-{number}{suffix}"
        write_whole(self.work / place, (self.work / name).read_bytes())
        return place

    def _put_away(self) -> list[str]:
        """Put notebooks aside that the course no longer has, so that nobody goes on working in them."""
        messages = []
        for name in sorted(set(self.record) - set(self.files())):
            file = self.work / name
            handed = self._handed(name)
            if file.exists() and handed.exists():
                if content_key(file) != content_key(handed):
                    messages.append(f"{name}: no longer part of the course. Yours is kept as {self._keep(name)}")
                file.unlink()
                handed.unlink()
                if not any(file.parent.iterdir()):
                    file.parent.rmdir()
                del self.record[name]
                self._write_record()
        return messages

    def _write_record(self) -> None:
        write_whole(self.record_file, json.dumps(self.record, indent=1, sort_keys=True))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(carried: Carried) -> str:
    return json.dumps(carried.notebook, indent=1, ensure_ascii=False) + "\n"
