"""The pictures of the site's own pages and of README.md: the chain of notebook 1, and the rooms of the project."""

from __future__ import annotations

import re

from course_lib.drawing import Node, computation_graph, draw_graph

CHAIN = {"h": "w1*x + b1", "g": "w2*h + b2", "C": "(y - g)**2"}
AT = {"x": 2, "w1": 3, "b1": -1, "w2": 0.5, "b2": 0.25, "y": 1}
ROOMS = {
    "cli": "course …",
    "publish": "site, Lite, bundle",
    "tools": "tests, mutants, lock",
    "grade": "a class",
    "build": "sources to notebooks",
    "jail": "strangers' code",
    "zoo": "known answers",
    "course_lib": "all a student has",
}
ARROWS = "cli>publish cli>tools publish>grade tools>grade grade>build grade>jail build>zoo zoo>course_lib"

SECONDS = 14  # until the moving picture begins again
READING = 0.35  # the part of them in which all of it stands still, to be read


def site_pictures() -> dict[str, str]:
    """Each picture by its file's name, as SVG."""
    edges = [tuple(arrow.split(">")) for arrow in ARROWS.split()]
    rooms = [Node(room, room, formula=job) for room, job in ROOMS.items()]
    chain = computation_graph(CHAIN, AT, highlight="w1").svg
    pictures = {"chain.svg": chain, "passes.svg": in_passes(chain), "house.svg": draw_graph(edges, rooms).svg}
    return {name: svg + "\n" for name, svg in pictures.items()}


def in_passes(svg: str) -> str:
    """The graph as it is computed: the values come one after the other, forward, then the gradients, backward.

    Styles alone move it, so it works wherever an image may; for whoever asked for less motion it stands still.
    """
    lefts = {int(number): float(x) for number, x in re.findall(r'id="box-(\d+)" x="([\d.]+)"', svg)}
    columns = sorted(set(lefts.values()))
    steps = 2 * len(columns)
    appears, rules = [], []
    for step in range(steps):
        start = 100 * (1 - READING) * (step + 1) / (steps + 1)
        appears.append(f"@keyframes at{step}{{0%,{start:.1f}%{{opacity:0}}{start + 2:.1f}%,97%{{opacity:1}}}}")
    for number, left in lefts.items():
        forward = columns.index(left)
        for kind, step in (("value", forward), ("gradient", steps - 1 - forward)):
            rules.append(f"#{kind}-{number}{{animation:at{step} {SECONDS}s infinite}}")
    style = "".join(appears) + "@media (prefers-reduced-motion:no-preference){" + "".join(rules) + "}"
    return svg.replace("</style>", f"{style}</style>", 1)
