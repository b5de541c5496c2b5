"""Make an executed notebook safe to look at: nothing in it runs, and nothing in it is fetched from anywhere.

Formgrader shows the notebook as a web page, with the rights of the instructor who looks at it. Outputs keep text, HTML
without scripts, styles and foreign addresses, formulas, and images as data. Markdown cells keep their text: they are
cleaned where they are rendered (pages.py).
"""

from __future__ import annotations

import base64
import binascii
from functools import cache

import nbformat
from nbformat import NotebookNode

from autograder.files import SOLUTIONS, notebook_file
from autograder.grade.pages import CUT, IMAGES, clean, harmless, plain_commands
from autograder.grade.reading import encodable

MAX_TEXT = 20_000  # characters of one output that are kept
MAX_HTML = 500_000
MAX_IMAGE = 16 << 20  # characters of base64: a photo of 12 MB
MAX_OUTPUTS = 50  # of one cell; errors are always kept
MAX_NOTEBOOK = 8_000_000  # characters of all outputs together


_known: dict[str, str] = {}  # HTML -> the same, cleaned


@cache
def know_pictures(notebook: str) -> None:
    """Clean what the solved notebook shows, once: most submissions show the same."""
    solved = nbformat.read(notebook_file(SOLUTIONS, notebook), as_version=4)
    outputs = [output for cell in solved.cells for output in cell.get("outputs", [])]
    shown = {html for output in outputs if (html := output.get("data", {}).get("text/html"))}
    _known.update({html: clean(html) for html in sorted(shown)})


def sanitize(nb: NotebookNode) -> None:
    """Take from a notebook, in place, what is active or too large. Its course cells keep their own text."""
    left = MAX_NOTEBOOK
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, left = _outputs(cell.get("outputs", []), left)


def _outputs(outputs: list[NotebookNode], left: int) -> tuple[list[NotebookNode], int]:
    kept: list[NotebookNode] = []
    for index, output in enumerate(outputs):
        is_error = output.get("output_type") == "error"  # an error is a lost point: it is never dropped
        safe = _output(output) if is_error or index < MAX_OUTPUTS else None
        if safe is None:
            continue
        size = len(str(safe))
        if size > left and not is_error:
            safe = NotebookNode(output_type="stream", name="stdout", text="(left out: this notebook shows too much)\n")
            size = len(safe.text)
            if kept and kept[-1] == safe:
                continue
        left -= size
        kept.append(safe)
    return kept, left


def _output(output: NotebookNode) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return NotebookNode(output_type="stream", name=name, text=_cut(output.get("text", "")))
    if kind == "error":
        trace = output.get("traceback") or []
        return NotebookNode(
            output_type="error",
            ename=_cut(output.get("ename", ""))[:200],
            evalue=_cut(output.get("evalue", "")),
            traceback=_cut("\n".join(map(str, trace))).splitlines(),
        )
    if kind not in ("display_data", "execute_result"):
        return None
    data = _data(output.get("data", {}))
    if not data:
        return None
    safe = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    if kind == "execute_result":
        safe["execution_count"] = None
    return safe


def _data(data: dict) -> dict[str, str]:
    """What is shown of one output, by type. Types that are not known are left out."""
    safe = {}
    for kind, content in data.items():
        text = "".join(map(str, content)) if isinstance(content, list) else content
        if not isinstance(text, str):
            continue
        if kind == "text/plain":
            safe[kind] = _cut(text)
        elif kind == "text/html":
            cleaned = _known.get(text) or (clean(text) if len(text) <= MAX_HTML else "")
            if cleaned.strip():
                safe[kind] = cleaned
        elif kind == "text/markdown":
            safe.setdefault("text/html", harmless(_cut(text)))
        elif kind == "text/latex":
            safe[kind] = plain_commands(_cut(text))
        elif kind in IMAGES and _is_image(kind, text):
            safe[kind] = text
    return safe


def attached_images(given: dict, room: int = MAX_IMAGE) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The attached pictures of a cell that can be shown, and why others were left out.

    given: pictures by name, each as {type: base64}, of whatever form.
    room: characters that there are for all of them.
    """
    found: dict[str, dict[str, str]] = {}
    dropped = []
    for name, data in given.items():
        kinds = [kind for kind in data if kind in IMAGES] if isinstance(data, dict) else []
        kind = next((kind for kind in kinds if _is_image(kind, data[kind])), None)
        shown = repr(encodable(str(name))[:60])
        if kind is None:
            large = any(isinstance(data[kind], str) and len(data[kind]) > MAX_IMAGE for kind in kinds)
            size = f"it is larger than {MAX_IMAGE * 3 // 4 / 1e6:.0f} MB; make it smaller"
            dropped.append(f"{shown}: {size if large else 'it is no PNG, JPEG, GIF or WebP picture'}")
        elif len(data[kind]) > room:
            dropped.append(f"{shown}: there are too many large pictures in this notebook")
        elif len(name) <= 200:
            found[encodable(name)] = {kind: data[kind]}
            room -= len(data[kind])
    return found, dropped


def _is_image(kind: str, text: object) -> bool:
    if not isinstance(text, str) or len(text) > MAX_IMAGE:
        return False
    try:
        return base64.b64decode("".join(text.split()), validate=True).startswith(IMAGES[kind])
    except (binascii.Error, ValueError):
        return False


def _cut(text: object) -> str:
    text = "".join(map(str, text)) if isinstance(text, list) else str(text)
    return encodable(text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + CUT)
