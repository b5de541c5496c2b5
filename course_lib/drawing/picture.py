"""`Picture`: an SVG with the words that say what it shows, made so that every notebook viewer shows both."""

import base64
from html import escape
from pathlib import Path

from course_lib.drawing.palette import FOLLOW_THE_PAGE, PLACE
from course_lib.files import write_whole


class Shown:
    """What a notebook shows as HTML, and where no HTML can be shown as `alt`: what the reader should see, in words."""

    alt: str

    def _repr_html_(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


class Picture(Shown):
    """A still picture: `svg` (text), `alt` (what it shows, in words) and `width` (its natural width in pixels).

    A notebook gets an `<img>` with the SVG inside its address: that is shown even where a notebook is not trusted,
    it shrinks to a narrow page, it follows the light or dark theme of the page, and a screen reader speaks `alt`.

    Raises:
        ValueError: when `alt` is empty.
    """

    def __init__(self, svg: str, alt: str, width: float, least_width: float = 0) -> None:
        if not alt.strip():
            raise ValueError("a picture needs alt text: say in words what the reader should see")
        self.svg = svg
        self.alt = alt
        self.width = round(width)
        self.least_width = round(min(least_width, width))

    def _repr_html_(self) -> str:
        source = base64.b64encode(self.svg.encode()).decode()
        size = f"width:{self.width}px;max-width:100%;height:auto"
        if self.least_width:
            size += f";min-width:{self.least_width}px"  # below this the text is too small: better to scroll
        image = f'<img alt="{escape(self.alt)}" style="{size}" src="data:image/svg+xml;base64,{source}">'
        return f'{FOLLOW_THE_PAGE}<div class="{PLACE}" style="overflow-x:auto">{image}</div>'

    def save(self, path: str | Path) -> Path:
        """Write the SVG to `path`, whole or not at all, and return the path."""
        return write_whole(path, self.svg)
