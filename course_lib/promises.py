"""Three promises of every answer, asked of all exercises alike.

It leaves what it was given as it was; asked again with the same inputs, it gives the same; and what it gave earlier
does not change later.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any

import numpy as np

from course_lib.comparing import compare, only_numbers
from course_lib.exercises import Aspect, Exercise
from course_lib.plain import MAX_ITEMS, NUMERIC_KINDS, NotPlain, dumps, own_copy, to_plain

AGAIN, LATER, CHANGED = "again", "later", "changed "  # how a broken promise is written down; the last with a name
MOST_NOTED = 12  # results of an answer's functions, of one question
LONGEST_NOTED = 10_000  # items of a result: a copy of many more takes seconds, and smaller questions ask the same

Noted = list[tuple[Any, Any]]  # a plain copy that was made at once, and the thing itself


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


def changed_later(noted: Noted) -> str:
    """The third promise: what an answer gave, looked at later, beside the plain copies that were made at once."""
    return "" if all(_runs_dry(given) or _identical(kept, given) for kept, given in noted) else LATER


def noting(answer: Any, noted: Noted) -> Any:
    """The answer, whose functions note what they give: a driver may hand on no more than a copy of it."""
    if isinstance(answer, SimpleNamespace):
        return SimpleNamespace(**{name: noting(each, noted) for name, each in vars(answer).items()})
    if not callable(answer) or isinstance(answer, type):
        return answer

    @wraps(answer)
    def watched(*given: Any, **named: Any) -> Any:
        result = answer(*given, **named)
        if len(noted) < MOST_NOTED and _may_change(result) and _items(result) <= LONGEST_NOTED:
            noted.append((_kept(result), result))
        return result

    return watched


def _kept(value: Any) -> Any:
    """A plain copy; of what cannot be one, such as a list of expressions, a copy that holds the very same things."""
    try:
        return to_plain(value)
    except NotPlain:
        return _held(value)


def _held(value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(map(_held, value))
    if type(value) is dict:
        return {name: _held(each) for name, each in value.items()}
    return value.copy() if type(value) is np.ndarray else value


def unlike_all(noted: Noted, others: Noted) -> bool:
    """Whether something among the first has no like in form among the others, so that it was not put to the test."""
    forms = [_form(kept) for kept, _ in others]
    return any(_may_change(given) and _form(kept) not in forms for kept, given in noted)


def other_numbers(value: Any) -> Any:
    """The same inputs with other fractions, at other places. An answer that fills one array again now shows it.

    The whole numbers of an array are the same, at other places.
    """
    if isinstance(value, dict):
        return {name: other_numbers(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([other_numbers(each) for each in value])
    if isinstance(value, np.ndarray) and value.dtype.kind in "fi":
        return (0.9 if value.dtype.kind == "f" else 1) * np.flip(value)
    return 0.9 * value if isinstance(value, float) else value


def nearly_the_same(asked: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The inputs of the first question, with other values for all of them but one, and then for one alone.

    Asked before it, they catch an answer that keeps results and finds them again by some of the inputs: to the first
    question it then gives what was for another one. Last come those in which an array, a list or a dict is another.
    """
    first = asked[0]
    others = {
        name: _another(value, [each[name] for each in asked[1:] if name in each]) for name, value in first.items()
    }
    if len(first) > 2:
        yield from ({**others, name: value} for name, value in first.items())
    for name, value in sorted(first.items(), key=lambda each: isinstance(each[1], (list, dict, np.ndarray))):
        if not _is_the_same(others[name], value):
            yield {**first, name: others[name]}


def filled_anew(place: Any, value: Any) -> Any:
    """What is in `value`, in the lists, the dicts and, where the shapes agree, the arrays of `place`."""
    if type(place) is not type(value):
        return own_copy(value)
    if type(value) is np.ndarray and place.shape == value.shape and place.dtype == value.dtype:
        place[...] = value
        return place
    if type(value) is list:
        place[:] = [filled_anew(old, new) for old, new in zip_longest(place[: len(value)], value)]
        return place
    if type(value) is dict:
        new = {name: filled_anew(place.get(name), each) for name, each in value.items()}
        place.clear()
        place.update(new)
        return place
    return own_copy(value)


def _another(value: Any, later: list[Any]) -> Any:
    """Another value of the same form, changed or from a later question; the value itself where there is none."""
    changed = other_numbers(value)
    if not _is_the_same(changed, value):
        return changed
    fitting = (each for each in later if _is_choice(each) and type(each) is type(value) and each != value)
    return next(fitting, value)


def _is_choice(value: Any) -> bool:
    """A word, a whole number, or a list of such, as sizes are."""
    return type(value) in (int, str) or (isinstance(value, (list, tuple)) and all(map(_is_choice, value)))


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
    if _equal_bytes(kept, value) or _holds_the_same(kept, value):
        return True
    try:
        return dumps(to_plain(kept)) == dumps(to_plain(value))
    except NotPlain:
        return False


def _is_the_same(value: Any, other: Any) -> bool:
    """The same for plain data, of which one was made from the other."""
    return _equal_bytes(value, other) or _holds_the_same(value, other)


def _equal_bytes(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and to the last bit; False says nothing. Most values are soon told so."""
    if isinstance(other, np.generic):
        other = np.asarray(other)  # as a plain copy holds it: lists of thousands of them are common
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


def _holds_the_same(kept: Any, value: Any) -> bool:
    """Whether two lists, tuples or dicts hold equal numbers and texts, and else the very same things."""
    if type(kept) is not type(value):
        return False
    if type(kept) in (list, tuple):
        return len(kept) == len(value) and all(map(_holds_the_same, kept, value))
    if type(kept) is dict:
        return kept.keys() == value.keys() and all(_holds_the_same(kept[name], value[name]) for name in kept)
    return kept is value or _equal_bytes(kept, value)


def _may_change(value: Any) -> bool:
    """Whether it is, or holds, something that can be changed in place; what gives its items only once is left alone."""
    if isinstance(value, tuple):
        return any(map(_may_change, value))
    filled = isinstance(value, np.ndarray) and value.ndim > 0
    return filled or (isinstance(value, (list, dict, set)) and not _runs_dry(value))


def _items(value: Any) -> int:
    """How many items its lists and dicts have altogether; an array is one. Of a long list, only its length."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        if len(value) > LONGEST_NOTED:
            return len(value)
        return len(value) + (len(value) if only_numbers(value) else sum(map(_items, value)))
    return 1


def _form(value: Any) -> Any:
    """The shapes in it, and its kinds of containers."""
    if isinstance(value, dict):
        return {name: _form(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_form(each) for each in value])
    return value.shape if isinstance(value, np.ndarray) else None


def _runs_dry(value: Any) -> bool:
    """Whether it holds a generator, which gives its items only once."""
    if isinstance(value, dict):
        return any(map(_runs_dry, value.values()))
    if isinstance(value, (list, tuple)):
        readable = len(value) <= MAX_ITEMS  # a longer one is refused unread
        return readable and not only_numbers(value) and any(map(_runs_dry, value))
    return hasattr(value, "__next__")
