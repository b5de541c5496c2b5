"""Sphinx's settings for the site. `course site` puts the notebooks beside these pages and builds them."""

import re

project = "Backpropagation, from the chain rule to SGD"
author = "the authors of the course"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]

nb_execution_mode = "off"  # the outputs come from the executed solutions
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.mime_priority"]

html_theme = "furo"
html_title = "Backpropagation"
html_static_path = ["_static"]
html_favicon = "_static/icon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False  # the site gives the student releases, as downloads
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#00568f", "color-brand-content": "#00568f"},
    "dark_css_variables": {"color-brand-primary": "#7fc4ff", "color-brand-content": "#7fc4ff"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
# One file beside the pages: formulas are shown with no network.
mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # they stand in the signature


def reads_plainly(app, what, name, obj, options, lines):
    """Docstrings here are plain text with `code` in it. Give them the marks that Sphinx wants."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip())
    lines[:] = [*"\n\n".join(marked(paragraph) for paragraph in paragraphs).split("\n"), ""]


def marked(paragraph):
    """One paragraph of plain text in reStructuredText: examples, code, a section such as Raises, a list, or prose."""
    first, *rest = paragraph.split("\n")
    if first.lstrip().startswith(">>>"):
        return paragraph
    if all(line.startswith("    ") or "->" in line for line in (first, *rest)):
        return "::\n\n" + "\n".join(f"    {line}" for line in (first, *rest))
    if first in ("Raises:", "Returns:", "Yields:"):
        return f"**{first}**\n\n" + listed(items(rest))
    entries = items([first, *rest])
    is_list = len(entries) > 1 and all(re.match(r"[\w, *]+: |.*\S {2,}\S", entry) for entry in entries)
    if len(entries) < len(rest) + 1 or is_list:
        return listed(entries)
    return escaped(paragraph)


def listed(entries):
    """A list. An entry can be a name and, behind two spaces or more, what it is."""
    return "\n".join("* " + escaped(re.sub(r"^(\S.*?) {2,}", r"`\1`: ", entry)) for entry in entries)


def items(lines):
    """The lines, each with the lines joined to it that are indented more than the first."""
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    found = []
    for line in lines:
        if found and len(line) - len(line.lstrip()) > indent:
            found[-1] += " " + line.strip()
        else:
            found.append(line.strip())
    return found


def escaped(text):
    """Text with its `code` as code, and everything else as it stands."""
    parts = re.split(r"`([^`]+)`", text)
    parts[::2] = [re.sub(r"([*|_\\`])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [f"``{part}``" for part in parts[1::2]]
    joined = ""
    for index, part in enumerate(parts):
        touching = joined and part and not joined[-1].isspace() and not part[0].isspace()
        joined += ("\\ " if touching and index else "") + part
    return joined


def setup(app):
    """Sphinx calls this."""
    app.connect("autodoc-process-docstring", reads_plainly)
