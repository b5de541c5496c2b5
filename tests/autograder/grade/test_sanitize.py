"""Pages made of a submission carry nothing active: checked on the very HTML that nbconvert makes of the notebook."""

from __future__ import annotations

import base64

import nbformat

from autograder.grade.sanitize import (
    MAX_NOTEBOOK,
    MAX_OUTPUTS,
    attached_images,
    sanitize,
)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def cell(*outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=list(outputs))])
    sanitize(nb)
    nbformat.validate(nb)
    return nb.cells[0]


def test_outputs_keep_known_types_without_metadata() -> None:
    data = {
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg onload='alert(1)'/>",
        "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
        "text/plain": "seen",
        "image/png": PNG,
        "image/jpeg": "not an image",
    }
    output = nbformat.v4.new_output("display_data", data, metadata={"image/png": {"width": '"><script>'}})
    (kept,) = cell(output).outputs
    assert set(kept.data) == {"text/plain", "image/png"}
    assert kept.metadata == {}
    assert cell(nbformat.v4.new_output("display_data", {"application/javascript": "alert(1)"})).outputs == []


def test_what_is_stored_is_small_and_an_error_is_never_lost() -> None:
    many = [nbformat.v4.new_output("stream", text="x" * 10**6) for _ in range(3 * MAX_OUTPUTS)]
    large = base64.b64encode(b"\x89PNG\r\n" + bytes(1_400_000)).decode()
    images = [nbformat.v4.new_output("display_data", {"image/png": large}) for _ in range(20)]
    assert len(cell(images[0]).outputs) == 1
    error = nbformat.v4.new_output("error", ename="AssertionError", evalue="y" * 10**6, traceback=["z" * 10**6])
    kept = cell(*images, *many, error).outputs
    assert kept[-1].ename == "AssertionError"
    assert len(str(kept)) < 1.5 * MAX_NOTEBOOK


def test_attached_images_are_images() -> None:
    given = {
        "a.png": {"image/png": PNG, "text/html": "<script>"},
        "b.svg": {"image/svg+xml": "x"},
        "Foto (1) ä.png": {"image/png": PNG},
        "c": {"image/png": 3},
        "d": 4,
    }
    kept, dropped = attached_images(given)
    assert kept == {"a.png": {"image/png": PNG}, "Foto (1) ä.png": {"image/png": PNG}}
    assert [reason.split(":")[0] for reason in dropped] == ["'b.svg'", "'c'", "'d'"]
    assert attached_images({"a": {"image/png": PNG}}, room=3)[0] == {}


def test_markdown_as_an_output_is_rendered_and_cleaned() -> None:
    (kept,) = cell(nbformat.v4.new_output("display_data", {"text/markdown": "*a* [x](javascript:alert(1))"})).outputs
    assert "<em>a</em>" in kept.data["text/html"]
    assert "javascript" not in kept.data["text/html"]


def test_half_characters_in_outputs_can_be_written() -> None:
    many = [
        nbformat.v4.new_output("stream", text="\ud800"),
        nbformat.v4.new_output("error", ename="\ud800", evalue="\ud800", traceback=["\ud800"]),
        nbformat.v4.new_output("display_data", {"text/plain": "\ud800", "text/latex": "\ud800", "text/html": "\ud800"}),
    ]
    nbformat.writes(nbformat.v4.new_notebook(cells=[cell(*many)])).encode()
