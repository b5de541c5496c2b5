"""Cells and outputs that the grader makes. nbformat would check each against its schema, which takes a millisecond."""

from __future__ import annotations

from nbformat import NotebookNode


def code_cell(source: str = "", **metadata: str) -> NotebookNode:
    """A code cell without outputs. It gets its id when the notebook is put together."""
    return NotebookNode(
        cell_type="code",
        id="new",
        metadata=NotebookNode(metadata),
        source=source,
        outputs=[],
        execution_count=None,
    )


def markdown_cell(source: str, **metadata: str) -> NotebookNode:
    """A cell for text. It gets its id when the notebook is put together."""
    return NotebookNode(cell_type="markdown", id="new", metadata=NotebookNode(metadata), source=source)


def printed(text: str, stream: str = "stdout") -> NotebookNode:
    """An output: text that was printed."""
    return NotebookNode(output_type="stream", name=stream, text=text)


def result(text: str) -> NotebookNode:
    """An output: the value of a cell's last line, as text."""
    data = NotebookNode({"text/plain": text})
    return NotebookNode(output_type="execute_result", data=data, metadata=NotebookNode(), execution_count=None)


def error(name: str, text: str) -> NotebookNode:
    """An output: an error as a cell shows it."""
    return NotebookNode(output_type="error", ename=name, evalue=text, traceback=text.splitlines())
