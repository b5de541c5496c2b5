"""What a cell shows, gathered from the messages of its kernel: only what has the right form."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

STREAMS = ("stdout", "stderr")
MOST = 200  # outputs of one cell, besides errors
MAX_STREAM = 100_000  # characters of one printed text


class Outputs:
    """The outputs of one cell, as they come."""

    def __init__(self) -> None:
        self.kept: list[NotebookNode] = []
        self._clear = False
        self._displays: dict[str, list[NotebookNode]] = {}

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Take one message. What is no output, or not of the form of one, changes nothing."""
        if kind == "clear_output":
            self._clear = True
            if content.get("wait") is not True:
                self._clear_now()
            return
        if kind == "update_display_data":
            self._update(content)
            return
        output = _output(kind, content)
        if output is None:
            return
        if self._clear:
            self._clear_now()
        last = self.kept[-1] if self.kept else None
        if kind == "stream" and last and last.output_type == "stream" and last.name == output.name:
            if len(last.text) < MAX_STREAM:
                last.text += output.text
        elif len(self.kept) < MOST or kind == "error":
            self.kept.append(output)
            name = _display_id(content)
            if name is not None:
                self._displays.setdefault(name, []).append(output)

    def _clear_now(self) -> None:
        self.kept.clear()
        self._displays.clear()
        self._clear = False

    def _update(self, content: dict[str, Any]) -> None:
        new = _output("display_data", content)
        if new is None:
            return
        for output in self._displays.get(_display_id(content) or "", ()):
            output.data = new.data


def _output(kind: str, content: dict[str, Any]) -> NotebookNode | None:
    if kind == "stream" and content.get("name") in STREAMS and type(content.get("text")) is str:
        return NotebookNode(output_type=kind, name=content["name"], text=content["text"])
    if kind in ("display_data", "execute_result") and type(content.get("data")) is dict:
        data = {name: value for name, value in content["data"].items() if type(value) is str}
        more = {"execution_count": None} if kind == "execute_result" else {}
        return NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode(), **more)
    if kind == "error":
        name, value, lines = (content.get(part) for part in ("ename", "evalue", "traceback"))
        lines = [line for line in lines if type(line) is str] if type(lines) is list else []
        return NotebookNode(output_type=kind, ename=_text(name), evalue=_text(value), traceback=lines)
    return None


def _text(value: Any) -> str:
    return value if type(value) is str else ""


def _display_id(content: dict[str, Any]) -> str | None:
    transient = content.get("transient")
    name = transient.get("display_id") if type(transient) is dict else None
    return name if type(name) is str else None
