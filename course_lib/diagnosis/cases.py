"""Which cases are wrong: just those with one column, a negative step, a certain operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.comparing import as_numbers
from course_lib.diagnosis.places import LARGE
from course_lib.exercises import Case

WORDS = re.compile(r"\*\*|[a-z]{2,}|[-+*/]")  # of a formula: operators, and names of functions
MOST_WORDS = 2


def only_where(judged: Sequence[tuple[Case, bool]], internal: Sequence[str] = ()) -> str:
    """What the wrong cases have in common and no right one has, as a sentence; "" when nothing does.

    judged: each case, and whether it is wrong.
    internal: names of inputs that a student does not know.
    """
    wrong = [case.inputs for case, is_wrong in judged if is_wrong]
    right = [case.inputs for case, is_wrong in judged if not is_wrong]
    if not wrong or len(right) < 2:
        return ""
    names = [name for name in wrong[0] if name not in internal]
    for words, holds in ((words, partial_of(name, holds)) for name in names for words, holds in _kinds(name)):
        if all(map(holds, wrong)) and not any(map(holds, right)):
            return f"Just the cases where {words} are wrong."
    told = (_of_words(name, wrong, right) for name in names)
    return next(filter(None, told), "")


def partial_of(name: str, holds: Callable[[Any], bool]) -> Callable[[Mapping[str, Any]], bool]:
    """Whether something holds for one of the inputs. What is not there has no properties."""
    return lambda inputs: name in inputs and holds(inputs[name])


def _kinds(name: str) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    for words, holds in KINDS:
        yield words.format(f"`{name}`"), holds


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _array(value: Any) -> np.ndarray:
    """The numbers of an input; none for what holds none."""
    numbers = as_numbers(value) if isinstance(value, (np.ndarray, list, tuple)) else None
    return np.zeros(0) if numbers is None or numbers.dtype.kind not in "iuf" else numbers


def _twice_the_same(value: Any) -> bool:
    numbers = _array(value).ravel()
    return len(np.unique(numbers)) < len(numbers)


def _columns(value: Any) -> int:
    """How many columns a matrix has, or all matrices of a list; 0 where there is no such number."""
    items = value if isinstance(value, (list, tuple)) else [value]
    found = {each.shape[1] for each in items if isinstance(each, np.ndarray) and each.ndim == 2}
    return found.pop() if len(found) == 1 else 0


KINDS: list[tuple[str, Callable[[Any], bool]]] = [
    ("{} is negative", lambda x: _number(x) and x < 0),
    ("{} is 0", lambda x: _number(x) and x == 0),
    ("{} is 1", lambda x: type(x) is int and x == 1),
    ("{} is empty", lambda x: isinstance(x, (list, tuple, dict)) and not x),
    ("{} has one column", lambda x: _columns(x) == 1),
    ("{} has more than one column", lambda x: _columns(x) > 1),
    ("{} has one row", lambda x: isinstance(x, np.ndarray) and x.ndim == 2 and len(x) == 1),
    ("{} holds whole numbers", lambda x: _array(x).dtype.kind in "iu"),
    ("{} has one item", lambda x: isinstance(x, (list, tuple)) and len(x) == 1),
    ("{} holds very large numbers", lambda x: bool(np.any(np.abs(_array(x)) > LARGE))),
    ("{} is 0 everywhere", lambda x: _array(x).size > 0 and not _array(x).any()),
    ("{} is not 0 everywhere", lambda x: bool(_array(x).any())),
    ("{} holds a 0", lambda x: bool(np.any(_array(x) == 0))),
    ("{} holds a negative number", lambda x: bool(np.any(_array(x) < 0))),
    ("{} holds the same number twice", _twice_the_same),
    ("{} is one number", lambda x: _number(x)),
    ("{} is an array", lambda x: isinstance(x, np.ndarray) and x.ndim > 0),
]


def _of_words(name: str, wrong: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> str:
    """The operations in a formula that every wrong case holds one of, and no right case."""
    texts = [each.get(name) for each in (*wrong, *right)]
    if not all(isinstance(text, str) for text in texts):
        return ""
    of_wrong, of_right = ([set(WORDS.findall(each[name])) for each in some] for some in (wrong, right))
    suspects = set().union(*of_wrong) - set().union(*of_right)
    culprits: list[str] = []
    left = of_wrong
    while left and suspects and len(culprits) < MOST_WORDS:
        most = max(sorted(suspects), key=lambda word: sum(word in words for words in left))
        left = [words for words in left if most not in words]
        culprits.append(most)
        suspects -= {most}
    return (
        ""
        if left or not culprits
        else f"Just the cases with {' and with '.join(f'`{c}`' for c in culprits)} are wrong."
    )
