"""Pages made of a submission carry nothing active: checked on the very HTML that nbconvert makes of the notebook."""

from __future__ import annotations

import base64
import re

import nbformat
import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.grade.sanitize import (
    MAX_NOTEBOOK,
    MAX_OUTPUTS,
    attached_images,
    clean_html,
    plain_markdown,
    sanitize,
)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
ACTIVE = re.compile(
    r"<\s*(script|style|iframe|object|embed|form|svg|link|meta|base|img(?! alt=\"\" src=\"attachment))"
    r"|<[a-z][^>]*\son\w+\s*=|<[^>]*(javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](java&amp;amp;amp;amp;#115;cript:alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](<\x01javascript:alert(1)>)",
        "[x](javascript\\:alert(1))",
        "[x][y]\n\n[y]: javascript:alert(1)",
        "[x](data:text/html;base64,AAAA)",
        "![x](http://evil.example/track.png)",
        "![x][y]\n\n[y]: http://evil.example/track.png",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<javascript:alert(1)>",
        "a\n\n<style>body {display: none}</style>",
        "$a<script>alert(1)</script>$",
    ],
)
def test_markdown_renders_to_nothing_active(text: str) -> None:
    assert not ACTIVE.search(markdown2html_mistune(plain_markdown(text))), plain_markdown(text)


def test_the_check_itself_sees_what_is_active() -> None:
    assert ACTIVE.search(markdown2html_mistune("[x](javascript:alert(1))"))
    assert ACTIVE.search(markdown2html_mistune("![x](http://evil.example/track.png)"))
    assert ACTIVE.search(markdown2html_mistune("<img src=x onerror=alert(1)>"))


@pytest.mark.parametrize(
    "text", ["\\href{javascript:alert(1)}{x}", "\\def\\x{\\href}", "\\style{a}{b}", "\\require{html}"]
)
def test_formulas_cannot_run_commands(text: str) -> None:
    for safe in (plain_markdown(f"${text}$"), clean_html(f"<p>${text}$</p>")):
        assert not re.search(r"\\(href|def|style|require)", safe)


@pytest.mark.parametrize(
    "text",
    [
        "The slope is $\\frac{dy}{dx} = a \\delta^l$, see [this](https://example.org/a_b).",
        "# Title\n\n- one\n- two\n\n> quote & more; 1 < 2",
        "```python\nx = y < z\n```",
        "![](attachment:my picture.png)",
    ],
)
def test_honest_markdown_stays_as_it_is(text: str) -> None:
    assert plain_markdown(text) == text


def test_html_keeps_tables_and_images_as_data_only() -> None:
    image = f'<img alt="a graph" src="data:image/png;base64,{PNG}">'
    kept = clean_html(f"<table><tr><td>1</td></tr></table>{image}<a href='https://example.org'>x</a>")
    assert "<td>1</td>" in kept
    assert PNG in kept
    assert 'href="https://example.org"' in kept
    for text in (
        "<script>alert(1)</script>",
        "<img src='http://evil.example/a.png'>",
        "<img src='/formgrader/api?x'>",
        "<img src='data:text/html;base64,AAAA'>",
        "<p onclick='alert(1)' style='position:fixed'>x</p>",
        "<a href='data:text/html,x'>x</a>",
        "<a href='/formgrader/delete'>x</a>",
        "<svg onload='alert(1)'></svg>",
        "<iframe srcdoc='x'></iframe>",
        "<meta http-equiv='refresh' content='0;url=http://evil.example'>",
    ):
        assert not re.search(r"script|src=|onclick|onload|style|href=|svg|iframe|meta", clean_html(text)), text


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
        "../c": {"image/png": PNG},
    }
    assert attached_images({"attachments": given}) == {"a.png": {"image/png": PNG}}
    assert attached_images({"attachments": 3}) == {}
