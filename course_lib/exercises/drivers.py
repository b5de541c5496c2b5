"""Drivers that several notebooks share: how an answer is asked when it is one of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def named(name: str) -> Callable[..., Any]:
    """Asks the answer of that name, with the inputs by position."""
    return lambda answer, **inputs: getattr(answer, name)(*inputs.values())
