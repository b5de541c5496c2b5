"""Markdown and HTML of strangers do nothing on a page: checked on the very HTML that comes out."""

from __future__ import annotations

import base64
import re
import time

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.grade import pages
from autograder.grade.pages import clean, harmless, leads_away

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
ACTIVE = re.compile(
    r"<\s*(script|style|iframe|object|embed|form|svg|link|meta|base|input|button)"
    r"|<[a-z][^>]*\s(on\w+|style|id|data-[\w-]*)\s*="
    r"|<img[^>]*src=\"(?!data:image/)|<a[^>]*href=\"(?!https?://|mailto:)|<[^>]*(javascript|vbscript)\s*:",
    re.IGNORECASE,
)
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java&amp;amp;amp;amp;#115;cript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<\x01javascript:alert(1)>)",
    "[x](javascript\\:alert(1))",
    "[x](javascript&\x01#58;alert(1))",
    "[x](java&Tab;script&colon;alert(1))",
    "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1))",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x](data:text/html;base64,AAAA)",
    "![x](http://evil.example/track.png)",
    "![x][y]\n\n[y]: http://evil.example/track.png",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<javascript:alert(1)>",
    "a\n\n<style>body {display: none}</style>",
    "$a<script>alert(1)</script>$",
    "$$ <img src=x onerror=alert(1)> $$",
    "[x](/formgrader?path=handed_in/eve)",
    "[x](//localhost:8888/formgrader?path=eve)",
    "[x](http://127.0.0.1:8888/formgrader?path=eve)",
    "[x](?path=eve) [y](#main-table) [z](../../x)",
    "<a href=/formgrader/submissions/1/next>x</a>",
    "![x](/formgrader/api/x)",
    "<div id=main-table class='navbar navbar-fixed-top' data-link=x onclick=alert(1)>x</div>",
    "<details ontoggle=alert(1) open>x</details>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "```mermaid\n<img src=x onerror=alert(1)>\n```",
    '```html"><img/src=x/onerror=alert(1)>\nx\n```',
    "![x](attachment:a.png)",
    "# <img src=x onerror=alert(1)>",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_markdown_renders_to_nothing_active(text: str) -> None:
    for source in (text, f"{text}\n\n{'more ' * 400}"):
        page = harmless(source, {"a.png": {"text/html": "<script>"}})
        assert not ACTIVE.search(page), page


def test_the_check_itself_sees_what_is_active() -> None:
    assert ACTIVE.search(markdown2html_mistune("[x](javascript:alert(1))"))
    assert ACTIVE.search(markdown2html_mistune("![x](http://evil.example/track.png)"))
    assert ACTIVE.search(markdown2html_mistune("<img src=x onerror=alert(1)>"))
    assert ACTIVE.search(markdown2html_mistune("[x](/formgrader?path=eve)"))


@pytest.mark.parametrize(
    "text",
    [
        "\\href{javascript:alert(1)}{x}",
        "\\def\\x{\\href}",
        "\\style{a}{b}",
        "\\require{html}",
        "\\hr&#101;f{x}{y}",
    ],
)
def test_formulas_cannot_run_commands(text: str) -> None:
    for safe in (harmless(f"${text}$"), clean(f"<p>${text}$</p>")):
        assert not re.search(r"\\(href|def|style|require)", safe)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The slope is $\\frac{dy}{dx} = a < \\delta^l$.", r"$\frac{dy}{dx} = a &lt; \delta^l$"),
        ("see [this](https://example.org/a_b)", 'href="https://example.org/a_b"'),
        ("if x <y and a<b: data: 3", "if x &lt;y and a&lt;b: data: 3"),
        ("```python\nx = y < z\n```", '<span class="o">&lt;</span>'),
        ("![](attachment:my%20picture.png)", f'src="data:image/png;base64,{PNG}"'),
        ('<div class="alert alert-info"><b>1.1</b></div>', '<div class="alert alert-info"><b>1.1</b></div>'),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
        ("<details><summary>Hint</summary>yes</details>", "<summary>Hint</summary>"),
    ],
)
def test_honest_markdown_is_shown(text: str, shown: str) -> None:
    assert shown in harmless(text, {"my picture.png": {"image/png": PNG}})


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "![" * 2_500_000,
        "&amp;" + "amp;" * 500_000,
        "[" * 90_000,
        "*a " * 30_000,
        "`" * 50_000 + "a",
        "> " * 40_000,
        "$" * 90_000,
        "<" * 90_000,
        "\\begin{a}" * 10_000,
        "- " * 40_000,
        "[a](" * 20_000,
        "\ud800" * 2000,
        "<div>" * 20_000,
    ],
)
def test_it_takes_little_time_whatever_the_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SECONDS", 0.5)
    before = time.monotonic()
    page = harmless(text)
    assert time.monotonic() - before < 10
    assert len(page) < 5_000_000
    page.encode()


def test_html_of_many_tags_in_each_other_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SECONDS", 0.5)
    before = time.monotonic()
    assert "&lt;div&gt;" in clean("<div>" * 95_000)
    assert time.monotonic() - before < 10


def test_html_keeps_tables_and_images_as_data_only() -> None:
    image = f'<img alt="a graph" src="data:image/png;base64,{PNG}">'
    kept = clean(f"<table><tr><td>1</td></tr></table>{image}<a href='https://example.org'>x</a>")
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
        assert not re.search(r"script|src=|onclick|onload|style|href=|svg|iframe|meta", clean(text)), text


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "0x7f.1", "2130706433", "a.localhost", "hub", "0.0.0.0", "localhost."]
)
def test_links_do_not_lead_to_this_machine(host: str) -> None:
    assert not leads_away(f"http://{host}:8888/x")
    assert not leads_away(f"https://a@{host}/x")


def test_links_lead_to_web_sites() -> None:
    assert leads_away("https://en.wikipedia.org/wiki/Chain_rule")
    assert leads_away("mailto:ada@example.org")
    for address in ("//example.org", "http:/formgrader", "http:formgrader", "http://a.org\\@localhost/", "ftp://a.org"):
        assert not leads_away(address), address
