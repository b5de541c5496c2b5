"""The pages that the course makes itself: feedback, the report, the answers in words. One way for all of them.

Whatever stands in them is data: every text is escaped, half characters are marked, nothing runs, and nothing is fetched
from anywhere. What a person wrote is shown as text, not as Markdown: then there is nothing to clean. The course's own
Markdown goes through pages.py like any other.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.grade.reading import encodable

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def own_page(template: str, **names: Any) -> str:
    """The HTML of a page; its template is in the folder templates/."""
    return _pages.get_template(template).render(**names)


_pages = Environment(
    loader=PackageLoader("autograder.grade"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    finalize=lambda value: encodable(value) if type(value) is str else value,
)
# A page that is a file has no headers; there the browser takes no notice of who may frame it.
_pages.globals["policy"] = POLICY.rpartition(";")[0]
