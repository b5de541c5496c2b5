"""The one palette of all pictures: Okabe-Ito hues, each with a light-page and a dark-page form.

Okabe and Ito's eight colors stay apart for color-blind readers (https://jfly.uni-koeln.de/color/). Their orange, green
and purple are too pale to be read as text on white, and their blue too dark on black, so each hue has two forms here.
Every form reaches a contrast of 4.5:1 on its own paper (WCAG 2.2, 1.4.3); `contrast` is how the tests know.
"""

LIGHT = {
    "paper": "#ffffff",
    "card": "#f4f6f9",
    "border": "#cdd4dd",
    "line": "#7d8590",
    "ink": "#1f2328",
    "muted": "#59636e",
    "blue": "#0072b2",
    "vermillion": "#b84a00",
    "green": "#007a59",
    "purple": "#a3487a",
    "orange": "#946200",
}

DARK = {
    "paper": "#111111",
    "card": "#1b1f26",
    "border": "#3b434e",
    "line": "#8b949e",
    "ink": "#e6e8eb",
    "muted": "#a3abb5",
    "blue": "#56b4e9",
    "vermillion": "#ff8f4d",
    "green": "#2fbf95",
    "purple": "#e09ac3",
    "orange": "#e6b000",
}

# The order in which plots take colors, and the dashes that keep the lines apart without color.
SERIES = ("blue", "vermillion", "green", "purple", "orange")
DASHES = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)))

# Every font in this list is narrower than DejaVu Sans, by whose widths the boxes are sized.
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

# A picture takes the light or dark form that its place in the page asks for. JupyterLab and VS Code let the reader
# choose a theme by hand and say which one it is on the page's body; elsewhere the system's setting decides.
PLACE = "course-picture"
FOLLOW_THE_PAGE = "<style>" + "".join(
    f"{page} .{PLACE}{{color-scheme:{scheme}!important}}"
    for page, scheme in (
        ('[data-jp-theme-light="true"]', "light"),
        ('[data-jp-theme-light="false"]', "dark"),
        (".vscode-light", "light"),
        (".vscode-dark", "dark"),
    )
)
FOLLOW_THE_PAGE += "</style>"


def stylesheet() -> str:
    """CSS that names every color and follows the reader's light or dark setting, inside an SVG or an HTML page."""

    def variables(colors: dict[str, str]) -> str:
        return ":root{" + ";".join(f"--{name}:{color}" for name, color in colors.items()) + "}"

    return f"{variables(LIGHT)}@media (prefers-color-scheme:dark){{{variables(DARK)}}}"


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", between 0 (black) and 1 (white), as WCAG 2.2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colors "#rrggbb", between 1 and 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)
