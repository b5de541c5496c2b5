"""`Player`: a moving picture, a page of its own that computes in the reader's browser, and a still one.

The page sits in an `<iframe srcdoc>`: its style and its keys (the arrow keys, say) cannot meet those of the notebook.
A notebook that is not trusted loses the frame and the rule that hides the still picture, and so shows the still one.
"""

import hashlib
from html import escape
from pathlib import Path

from course_lib.drawing.palette import FOLLOW_THE_PAGE, FONT, PLACE, stylesheet
from course_lib.drawing.picture import Picture, Shown
from course_lib.files import write_whole

STYLE = f"""
:root {{ color-scheme: light dark; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; padding: 2px 2px 12px; background: var(--paper); color: var(--ink); font: 14px/1.5 {FONT}; }}
svg {{ display: block; max-width: 100%; height: auto; }}
.scroll {{ overflow-x: auto; }}
p {{ margin: 8px 4px; }}
button {{ font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: 4px 14px; min-height: 34px; cursor: pointer; }}
button:hover {{ border-color: var(--blue); }}
:focus-visible {{ outline: 2px solid var(--blue); outline-offset: 2px; }}
input[type=range] {{ accent-color: var(--blue); min-height: 30px; width: 100%; margin: 0; }}
output {{ font-variant-numeric: tabular-nums; }}
table {{ border-collapse: collapse; margin: 6px 4px; font-variant-numeric: tabular-nums; }}
caption {{ text-align: left; color: var(--muted); padding-bottom: 4px; }}
th, td {{ text-align: right; padding: 3px 12px; border-bottom: 1px solid var(--border); font-weight: 400; }}
th:first-child {{ text-align: left; padding-left: 0; }}
thead th {{ color: var(--muted); }}
@media (max-width: 520px) {{ th, td {{ padding: 3px 5px; }} body {{ font-size: 13px; }} }}
.blue {{ color: var(--blue); }} .vermillion {{ color: var(--vermillion); }} .muted {{ color: var(--muted); }}
"""

# The frame is as high as its content, at every width of the page.
FIT = """
function fit() { if (window.frameElement) frameElement.style.height = document.documentElement.offsetHeight + "px"; }
new ResizeObserver(fit).observe(document.documentElement);
fit();
"""


class Player(Shown):
    """A moving picture: `page` (a whole HTML document), `still` (a `Picture`) and `alt` (what it shows, in words)."""

    def __init__(self, body: str, script: str, style: str, still: Picture, title: str, height: float) -> None:
        self.still = still
        self.alt = still.alt
        self.title = title
        self.height = round(height)
        self.page = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
            f"<style>{stylesheet()}{STYLE}{style}</style></head><body>{body}"
            f"<noscript><p>The sliders need JavaScript, which is off here. The picture stays as it is.</p></noscript>"
            f'<script>"use strict";\n{script}{FIT}</script></body></html>'
        )

    def _repr_html_(self) -> str:
        mark = "still-" + hashlib.sha256(self.page.encode()).hexdigest()[:12]
        return (
            f"<style>.{mark}{{display:none}}</style>{FOLLOW_THE_PAGE}"
            f'<iframe class="{PLACE}" title="{escape(self.title)}" srcdoc="{escape(self.page)}" '
            f'style="width:100%;height:{self.height}px;border:0;display:block;color-scheme:light dark"></iframe>'
            f'<div class="{mark}">{self.still._repr_html_()}'
            f"<p>This picture moves when the notebook is trusted and the cell is run.</p></div>"
        )

    def save(self, path: str | Path) -> Path:
        """Write the moving picture to `path` as a web page that needs nothing else, and return the path."""
        return write_whole(path, self.page)
