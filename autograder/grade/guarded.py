"""nbgrader's formgrader with guards: its pages run the course's and nbgrader's scripts and no other.

Formgrader shows what students handed in, on a server that can do what the instructor can do. Each page says to the
browser which scripts are its own (a Content-Security-Policy with a secret word of this server), Markdown is cleaned
after it is rendered, MathJax comes from this checkout, and the configuration is the course's: with `?path=…`, nbgrader
would read it, and so run it, from any folder, such as one that was handed in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import apihandlers, handlers
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado import web

from autograder.grade.pages import markdown_page

MATHJAX = Path(__file__).parent / "jupyter" / "mathjax"
MATHJAX_URL = "/formgrader/mathjax/"
NONCE = secrets.token_urlsafe(24)  # the secret word
IN_ATTRIBUTE = re.compile(r'\son\w+="([^"{]*)"')  # a script of nbgrader's own that a template has in an attribute
NAME = re.compile(r"[\w .@+=-]{1,250}")  # what an address may hold for a student, an assignment or an action
FORMULAS = {
    "tex": {
        "inlineMath": [["$", "$"], ["\\(", "\\)"]],
        "displayMath": [["$$", "$$"], ["\\[", "\\]"]],
        "processEscapes": True,
        "processEnvironments": True,
        # None that makes links or styles, or that defines commands.
        "packages": ["base", "ams", "boldsymbol", "cancel", "mathtools", "noundefined", "noerrors"],
    },
    "options": {"enableMenu": False},
}

# nbgrader draws a red frame around every picture, and saves a comment only when its box is left: one that was typed
# right before the page was left was lost.
NO_FRAMES = "<style>#notebook img { border: none; }</style>"
SAVE_WHILE_TYPING = """
const waiting = new Map();
const save = (box) => {
  clearTimeout(waiting.get(box));
  waiting.delete(box);
  box.dispatchEvent(new Event("change", {bubbles: true}));
};
addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches(".comment, .score, .extra-credit")) return;
  clearTimeout(waiting.get(box));
  waiting.set(box, box.matches(".comment") ? setTimeout(save, 700, box) : 0);
});
addEventListener("change", (event) => waiting.delete(event.target), true);
addEventListener("beforeunload", () => [...waiting.keys()].forEach(save));
"""
NO_COURSE_ID = "{% elif not course_id %}"  # this course does not use nbgrader's exchange, and needs no warning of it


@cache
def policy() -> str:
    """What the browser may do on a page of formgrader."""
    templates = [path.read_text(encoding="utf-8") for path in sorted(Path(handlers.template_path).rglob("*.*"))]
    texts = sorted({text for template in templates for text in IN_ATTRIBUTE.findall(template)})
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    scripts = " ".join(["'unsafe-hashes'", *(f"'sha256-{each}'" for each in hashes)])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{NONCE}' {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    )


class Guarded(BaseHandler):
    """What every page and every request of formgrader has in common."""

    @property
    def content_security_policy(self) -> str:
        """For the header of the answer."""
        return policy()

    async def prepare(self) -> None:
        """Names in addresses become part of pages and their scripts: they are names, or there is no such page."""
        await super().prepare()
        if isinstance(self, web.StaticFileHandler):
            return
        # Back to a page, a browser would show the comments that it read then, and the next change would save these.
        self.set_header("Cache-Control", "no-store")
        given = [*self.path_args, *self.path_kwargs.values()]
        if not all(NAME.fullmatch(each) for each in given if each):
            raise web.HTTPError(404)


class Start(Guarded):
    """The first page. Whatever else the address says, the course is the one that the server was started for."""

    @web.authenticated
    def get(self) -> None:
        """To the list of assignments."""
        self.redirect(f"{self.base_url}/formgrader/manage_assignments")


class OwnScripts(FileSystemLoader):
    """nbgrader's templates, with the secret word in each of their scripts and with names as text."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, changed."""
        text, path, fresh = super().get_source(environment, template)
        text = text.replace("<script", f'<script nonce="{NONCE}"')
        text = text.replace(NO_COURSE_ID, "{% elif false %}")
        if "formgrade.css" in text:
            script = f'<script nonce="{NONCE}">{SAVE_WHILE_TYPING}</script>'
            text = text.replace("</head>", f"{NO_FRAMES}{script}</head>", 1)
        text = text.replace("{{ mathjax() }}", mathjax("{{ resources.base_url }}"))
        return re.sub(r"\{\{ (resources\.\w+) \}\}", r"{{ \1 | string | e }}", text), path, fresh


def mathjax(base_url: str) -> str:
    """The lines of a page that show its formulas."""
    own = f'<script nonce="{NONCE}"'
    return (
        f"{own}>window.MathJax = {json.dumps(FORMULAS)};</script>\n"
        f'{own} src="{base_url}{MATHJAX_URL}tex-svg-full.js" async></script>'
    )


class GuardedExporter(HTMLExporter):
    """Makes the page of one submission."""

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's, with another one for Markdown."""
        yield from super().default_filters()
        yield "markdown2html", markdown_page


class GuardedExtension(FormgradeExtension):
    """nbgrader's extension of the server, with guards."""

    def init_tornado_settings(self, webapp: web.Application) -> None:
        """Add templates and an exporter of our own."""
        super().init_tornado_settings(webapp)
        exporter = GuardedExporter(config=self.config)
        exporter.extra_loaders = [OwnScripts(exporter.template_paths)]
        templates = Environment(loader=OwnScripts([handlers.template_path]), autoescape=True)
        webapp.settings.update(nbgrader_exporter=exporter, nbgrader_jinja2_env=templates)

    def init_handlers(self, webapp: web.Application) -> None:
        """Add nbgrader's pages, each with guards, and MathJax."""
        pages = [*handlers.default_handlers, *apihandlers.default_handlers]
        guarded = [(pattern, _guarded(handler), *rest) for pattern, handler, *rest in pages]
        files = [
            (r"/formgrader/static/(.*)", web.StaticFileHandler, {"path": handlers.static_path}),
            (rf"{MATHJAX_URL}(.*)", web.StaticFileHandler, {"path": str(MATHJAX)}),
            (r"/formgrader/.*", _guarded(handlers.Template404)),
        ]
        base = webapp.settings["base_url"].rstrip("/")
        webapp.add_handlers(".*$", [(base + pattern, *rest) for pattern, *rest in [*guarded, *files]])


def _guarded(handler: type) -> type:
    if handler is handlers.FormgraderHandler:
        return Start
    return type(f"Guarded{handler.__name__}", (Guarded, handler), {})


def _jupyter_server_extension_points() -> Sequence[dict[str, str]]:
    return [{"module": "autograder.grade.guarded"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """What Jupyter's server calls when it starts."""
    formgrader = GuardedExtension(parent=server)
    formgrader.root_dir = server.root_dir
    formgrader.log = server.log
    formgrader.initialize([])
    formgrader.init_tornado_settings(server.web_app)
    formgrader.init_handlers(server.web_app)
