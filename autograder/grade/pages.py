"""Markdown of a stranger as a piece of a web page that does nothing.

It is rendered first, and the rendered HTML is cleaned: whatever the text said, in whatever disguise, what comes out has
only tags, attributes and addresses of the lists in here. Links lead to web sites, never into the server that shows the
page; pictures are those that are attached.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.grade.apart import Broken, apart
from autograder.grade.reading import encodable

# How the data begins.
IMAGES = {
    "image/png": b"\x89PNG\r\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
DATA_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*\Z")
TAGS = nh3.ALLOWED_TAGS - {"map", "area"}
# MathJax runs commands: these make links and pages, or new commands that could hide one of these.
COMMANDS = "href|url|style|class|cssId|data|require|unicode|def|let|(?:re)?newcommand|(?:re)?newenvironment|csname"
CUT = "\n… (cut: too long to be kept)"
SCHEMES = {"http", "https", "mailto"}
MAX_MARKDOWN = 100_000  # characters of one cell; a long essay has 20 000
SHORT, SHORT_HTML = 1500, 30_000  # characters that are seen to in place: nothing in so little takes long
SECONDS, MEMORY = 10, 512 << 20  # for more
ATTRIBUTES = {tag: set(names) - {"style"} for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
ATTRIBUTES["img"] = {"src", "alt", "width", "height"}
ATTRIBUTES["div"] = ATTRIBUTES["span"] = ATTRIBUTES["pre"] = {"class"}
CLASS = re.compile(r"alert( alert-info)?|highlight|[a-z]{1,2}[0-9a-z]?")  # of boxes, and of colored code
OWN_HOST = re.compile(r"[^.]*|.*\.localhost|.*\.local|[\dxa-f.:\[\]]+|.*\.\d+", re.IGNORECASE)


@pass_context
def markdown_page(context: Context, source: str) -> str:
    """nbconvert's filter markdown2html, for text of strangers: Markdown in, a harmless piece of HTML out."""
    cell = context.get("cell") or {}
    return harmless(source, cell.get("attachments") or {})


def harmless(source: str, attachments: Mapping[str, Mapping[str, str]] = {}) -> str:
    """Markdown as HTML in which nothing runs and which fetches nothing.

    attachments: pictures by name, each as {type: base64}.
    """
    source = encodable(source)
    text = source if len(source) <= MAX_MARKDOWN else source[:MAX_MARKDOWN] + CUT
    try:
        rendered = _rendered(text) if len(text) <= SHORT else apart(lambda: _rendered(text), MEMORY, SECONDS)
    except (Broken, RuntimeError, RecursionError):
        rendered = f"<pre>{html.escape(text)}</pre>"  # it cannot be rendered in time; it can be read
    return clean(rendered, attachments)


class _Renderer(IPythonRenderer):
    """nbconvert's renderer; addresses of pictures are seen to later."""

    def _embed_image_or_attachment(self, src: str) -> str:
        return src


def _rendered(text: str) -> str:
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(text)


def clean(rendered: str, attachments: Mapping[str, Mapping[str, str]] = {}) -> str:
    """HTML without scripts, styles, forms and frames, whose pictures are data and whose links lead to web sites."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "class":
            return value if CLASS.fullmatch(value) else None
        if tag == "img" and name == "src":
            return _picture(value, attachments)
        if name in ("href", "cite"):
            return value if leads_away(value) else None
        return value

    def cleaned() -> str:
        return nh3.clean(
            text,
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=attribute,
            url_schemes=SCHEMES | {"data", "attachment"},
            strip_comments=True,
            set_tag_attribute_values={"a": {"target": "_blank"}},
        )

    text = encodable(rendered)
    try:
        done = cleaned() if len(text) <= SHORT_HTML else apart(cleaned, MEMORY, SECONDS)
    except Broken:
        done = f"<pre>{html.escape(text)}</pre>"  # thousands of tags in each other
    return plain_commands(done)


def plain_commands(text: str) -> str:
    """Text whose formulas run no commands."""
    return re.sub(rf"\\(?=(?:{COMMANDS})(?![A-Za-z]))", r"\\ ", text)


def _picture(address: str, attachments: Mapping[str, Mapping[str, str]]) -> str | None:
    if address.startswith("attachment:"):
        data = attachments.get(unquote(address.removeprefix("attachment:"))) or {}
        return next((f"data:{kind};base64,{data[kind]}" for kind in IMAGES if type(data.get(kind)) is str), None)
    return address if DATA_IMAGE.match(address) else None


def leads_away(address: str) -> bool:
    """Whether an address is that of a web site or of a mailbox. This machine and its network are none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return True
    host = parts.hostname or ""
    return parts.scheme in SCHEMES and "\\" not in address and not OWN_HOST.fullmatch(host.rstrip("."))
