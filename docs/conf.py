"""Sphinx's settings for the site. `course site` puts the notebooks beside these pages and builds them."""

project = "Backpropagation, from the chain rule to SGD"
author = "the authors of the course"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]

nb_execution_mode = "off"  # the outputs come from the executed solutions
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.mime_priority"]

html_theme = "furo"
html_title = "Backpropagation"
html_static_path = ["_static"]
html_css_files = ["site.css"]
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
