"""Three promises of every answer, asked of all exercises alike.

It leaves what it was given as it was; asked again with the same inputs, it gives the same; and what it gave earlier
does not change later.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.comparing import compare
from course_lib.exercises import Aspect, Exercise
from course_lib.plain import NUMERIC_KINDS, NotPlain, dumps, to_plain

AGAIN, LATER, CHANGED = "again", "later", "changed "  # how a broken promise is written down; the last with a name


def changed_input(exercise: Exercise, aspect: Aspect, before: dict[str, Any], after: dict[str, Any]) -> str:
    """The first promise: which input is not what it was, written down; "" when none is.

    Where one aspect of an exercise is about this, no other aspect asks for it.
    """
    if exercise.keeps not in (None, aspect.name):
        return ""
    for name, value in before.items():
        if name not in exercise.in_place and not _identical(value, after[name]):
            return CHANGED + name
    return ""


def differs_again(exercise: Exercise, aspect: Aspect, first: Any, again: Any) -> str:
    """The second promise: the plain values that two calls with the same inputs gave."""
    if exercise.repeats not in (None, aspect.name):
        return ""
    return AGAIN if compare(first, again, aspect.rtol, aspect.atol, nan_equal=True) else ""


def changed_later(given: Any, kept: Any) -> str:
    """The third promise: what an answer gave, looked at later, beside the plain copy that was made at once."""
    return "" if _runs_dry(given) or _identical(kept, given) else LATER


def sentence(broken: str, inputs: dict[str, Any]) -> str:
    """What the student reads of a broken promise. What no one writes down is no promise: ""."""
    if broken == AGAIN:
        return (
            "Asked again with the same inputs, your code gives something else. Does it keep something from call to "
            "call: a list that is made once, a default value, a global name?"
        )
    if broken == LATER:
        return (
            "What your code gave for one question changes when it is asked the next. Make a new array or list in "
            "every call."
        )
    name = broken.removeprefix(CHANGED)
    if name in inputs:
        return (
            f"The result is right, but your code changes `{name}`, which it was given. It should leave it as it was: "
            "work on a copy, or write a = a + b where a += b changes the array itself."
        )
    return ""


def _identical(kept: Any, value: Any) -> bool:
    if _equal_bytes(kept, value):
        return True
    try:
        return dumps(to_plain(kept)) == dumps(to_plain(value))
    except NotPlain:
        return False


def _equal_bytes(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and to the last bit; False says nothing. Most values are soon told so."""
    if type(one) is not type(other):
        return False
    if type(one) is np.ndarray:
        alike = one.dtype == other.dtype and one.shape == other.shape and one.dtype.kind in NUMERIC_KINDS
        return alike and one.tobytes() == other.tobytes()
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(_equal_bytes, one, other))
    if type(one) is dict:
        names = list(one) == list(other) and all(type(name) is str for name in one)
        return names and all(map(_equal_bytes, one.values(), other.values()))
    if type(one) in (float, complex):
        return repr(one) == repr(other)  # which tells 0 from -0, and NaN is NaN
    return type(one) in (str, int, bool, type(None)) and one == other


def _runs_dry(value: Any) -> bool:
    """Whether it holds a generator, which gives its items only once."""
    if isinstance(value, dict):
        return any(map(_runs_dry, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_runs_dry, value))
    return hasattr(value, "__next__")
