"""Do two builds of a file say the same? Processors round differently, so the last digits of what they compute differ.
A few of Python's error messages differ from version to version.

Data files are compared value by value, notebooks cell by cell: sources and printed text exactly, pictures and moving
pictures number by number. Everything else is compared to the byte. Other systems draw pictures a little otherwise:
there COURSE_COMPARE=text in the environment leaves the pictures out, but not what they say in words.
"""

from __future__ import annotations

import base64
import json
import math
import os
import re
from typing import Any

import numpy as np

from course_lib.known import TEXT_VARIES
from course_lib.plain import loads

RELATIVE = 1e-6  # no answer of the course and no point of a picture is exact to more than this
AROUND_ZERO = 1e-12  # what round-off leaves of a zero, in data; steps of 1e-8 are far above it
LAST_DECIMAL = 2e-6  # pictures write their numbers with six decimals

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
HASH = re.compile(r"\bp[0-9a-f]{10}\b|\bstill-[0-9a-f]{12}\b")  # names made of the hash of a clip path, or of a page


def same_but_for_roundoff(suffix: str, one: str, other: str) -> bool:
    """True when two texts of a file with this suffix (".jsonl", ".ipynb", …) differ in round-off at most."""
    if one == other:
        return True
    if suffix == ".jsonl":
        lines, others = one.splitlines(), other.splitlines()
        return len(lines) == len(others) and all(map(same_values, map(loads, lines), map(loads, others)))
    if suffix == ".ipynb":
        try:
            return same_notebooks(json.loads(one), json.loads(other))
        except json.JSONDecodeError:  # the sample class has a file that was cut off
            return False
    return False


def same_values(one: Any, other: Any) -> bool:
    """True when two pieces of plain data have the same structure and, but for round-off, the same numbers."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        free = ("message",) if one.get("error") in TEXT_VARIES else ()
        return list(one) == list(other) and all(same_values(one[key], other[key]) for key in one if key not in free)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same_values, one, other))
    if isinstance(one, np.ndarray):
        same_kind = one.shape == other.shape and one.dtype == other.dtype
        return same_kind and np.allclose(one, other, rtol=RELATIVE, atol=AROUND_ZERO, equal_nan=True)
    if isinstance(one, (float, complex)):
        return bool(np.isclose(one, other, rtol=RELATIVE, atol=AROUND_ZERO, equal_nan=True))
    return one == other


def same_notebooks(one: Any, other: Any, key: str = "") -> bool:
    """True when two notebooks, as JSON objects, differ at most in the numbers of their pictures."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_notebooks(one[name], other[name], name) for name in one)
    if key == "text/html":
        return os.environ.get("COURSE_COMPARE") == "text" or same_html("".join(one), "".join(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_notebooks(a, b) for a, b in zip(one, other, strict=True))
    return one == other


def same_html(one: str, other: str) -> bool:
    """True when two pages, with their pictures, have the same words and, but for round-off, the same numbers."""
    one, other = _open_pictures(one), _open_pictures(other)
    if NUMBER.split(one) != NUMBER.split(other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(a == b or math.isclose(float(a), float(b), rel_tol=RELATIVE, abs_tol=LAST_DECIMAL) for a, b in pairs)


def _open_pictures(html: str) -> str:
    return HASH.sub("name", SVG.sub(lambda match: base64.b64decode(match[1]).decode("utf-8"), html))
