"""Drivers that several notebooks share: how an answer is asked when it is one of several."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.comparing import as_numbers
from course_lib.exercises import WrongForm


def named(name: str) -> Callable[..., Any]:
    """Asks the answer of that name, with the inputs by position."""
    return lambda answer, **inputs: getattr(answer, name)(*inputs.values())


def keeping(answer: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """The answer, watched: it must leave what it is given as it was. For drivers that hand on what they have made.

    names: what the arguments are called, in their order.

    Raises:
        WrongForm: from the watched answer, when it has changed one of them.
    """

    def watched(*given: Any) -> Any:
        before = copy.deepcopy(given)
        result = answer(*given)
        for name, old, new in zip(names, before, given, strict=True):
            if not same(old, new):
                raise WrongForm(
                    f"Your code changes `{name}`, which it was given. It should leave it as it was: work on a copy."
                )
        return result

    def same(old: Any, new: Any) -> bool:
        if not isinstance(old, np.ndarray):
            return bool(old == new)
        return np.array_equal(old, new, equal_nan=old.dtype.kind in "fc")  # a number that is none is no change

    return watched


def several(given: Any, function: str, names: Sequence[str], what: str = "things") -> dict[str, Any]:
    """The results of a function that gives several things in a fixed order, by name.

    Raises:
        WrongForm: when it gives anything else; the message says what it gives.
    """
    if isinstance(given, (tuple, list)) or (isinstance(given, np.ndarray) and given.ndim):
        if len(given) == len(names):
            return dict(zip(names, given, strict=True))
        instead = f"It gives {len(given)}"
    else:
        instead = f"It gives {form_of(given)}"
    order = ", ".join(names)
    raise WrongForm(f"{function} should give {NUMBERS[len(names)]} {what}, in this order: {order}. {instead}.")


def an_array(given: Any, function: str) -> Any:
    """What a function gives that should give numbers, in an array or alone.

    Raises:
        WrongForm: when it gives anything else; the message says what it gives.
    """
    numbers = as_numbers(given)
    if numbers is None or numbers.dtype == object:
        raise WrongForm(f"{function} should give an array of numbers. It gives {form_of(given)}.")
    return given


def form_of(given: Any) -> str:
    """What kind of thing was given, for a sentence about a wrong form."""
    if given is None:
        return "None, as a function without `return` does"
    if isinstance(given, np.ndarray) and given.ndim:
        return f"one array of {'names' if given.dtype.kind == 'U' else 'numbers'}"
    for kinds, words in KINDS:
        if isinstance(given, kinds):
            return words
    return f"a {type(given).__name__}"


NUMBERS = {2: "two", 3: "three", 4: "four"}
KINDS: list[tuple[Any, str]] = [
    ((bool, np.bool_), "True or False"),
    ((int, float, complex, np.number, np.ndarray), "one number"),
    (str, "a text"),
    (dict, "a dict"),
    ((set, frozenset), "a set"),
    ((list, tuple), "a list"),
]
