"""Right answers with a habit of strangers: what comes in or goes out is treated in a way that is wrong now and then.

A habit that no case catches says what the cases never ask: a whole number, a value twice, something beyond 3, …
It needs nothing of an answer but a call, so every exercise is asked the same questions.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import numpy as np

Treat = Callable[[Any], Any]


@dataclass(frozen=True)
class Habit:
    """What is done to a value, and to which values it matters at all.

    to: whether it could matter to a value of this kind.
    """

    says: str
    treat: Treat
    to: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind in "iuf"


def _is_matrix(value: Any) -> bool:
    return _is_array(value) and value.ndim > 1


def _holds_matrices(value: Any) -> bool:
    """Whether there is a matrix that might be a square one: a column or a row never is."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_matrices, value))
    return _is_matrix(value) and min(value.shape) > 1


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 1


def _is_list_of_numbers(value: Any) -> bool:
    return (_is_list(value) and all(map(_is_number, value))) or (_is_array(value) and value.ndim == 1)


def _is_list_of_rows(value: Any) -> bool:
    return (
        _is_list(value)
        and all(isinstance(each, (list, tuple)) or _is_array(each) for each in value)
        and not _holds_names(value)
    )


def _is_list_of_arrays(value: Any) -> bool:
    return _is_list(value) and all(map(_is_array, value))


def _is_sortable(value: Any) -> bool:
    return _is_list(value) and (all(map(_is_number, value)) or all(isinstance(each, str) for each in value))


def _holds_numbers(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_numbers, value))
    return _is_number(value) or _is_array(value)


def _holds_fractions(value: Any) -> bool:
    """Whether there is a number that is no count."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_fractions, value))
    return (_is_number(value) or _is_array(value)) and bool(np.any(np.asarray(value) % 1 != 0))


def _holds_names(value: Any) -> bool:
    if isinstance(value, (list, tuple, set, dict)):
        return any(map(_holds_names, value))
    return isinstance(value, str)


def _holds_short_axes(value: Any) -> bool:
    """Whether there is an array with an axis of one item beside another axis."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_short_axes, value))
    return _is_matrix(value) and 1 in value.shape


def _is_fraction(value: Any) -> bool:
    return _is_number(value) and value % 1 != 0


def _is_generator(value: Any) -> bool:
    return isinstance(value, np.random.Generator)


def _is_data(value: Any) -> bool:
    """Whether it is known again by what it holds; functions and generators are new ones in every question."""
    return not callable(value) and not _is_generator(value)


def _numbers(treat: Treat) -> Treat:
    """The same for a number, an array, and everything in a list or tuple of them."""

    def treated(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)([treated(each) for each in value])
        return treat(value) if _is_number(value) or _is_array(value) else value

    return treated


def _each_once(items: Any) -> Any:
    kept: list = []
    for each in items:
        if not any(np.shape(each) == np.shape(other) and np.all(each == other) for other in kept):
            kept.append(each)
    return np.array(kept) if isinstance(items, np.ndarray) else type(items)(kept)


def _first_column(array: np.ndarray) -> np.ndarray:
    return np.repeat(array[:, :1], array.shape[1], axis=1)


def _first_row(array: np.ndarray) -> np.ndarray:
    return np.repeat(array[:1], len(array), axis=0)


def _turned_over(array: Any) -> Any:
    """As an answer that tells rows from columns by the shape: where both are as many, it cannot."""
    return array.T if _is_matrix(array) and array.shape[0] == array.shape[-1] > 1 else array


def _first_letters(value: Any) -> Any:
    if isinstance(value, dict):
        return {_first_letters(name): _first_letters(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return type(value)([_first_letters(each) for each in value])
    return value[:1] if isinstance(value, str) else value


IN = (
    Habit("its size alone", _numbers(np.abs), _holds_fractions),
    Habit("cut to whole numbers", _numbers(lambda v: np.trunc(v) * 1.0), _holds_fractions),
    Habit("as one array", np.array, _is_list_of_rows),
    Habit("each item once", _each_once, lambda v: _is_sortable(v) or _is_list_of_numbers(v)),
    Habit("its first column for all", _first_column, _is_matrix),
    Habit("all but the last item", lambda v: v[:-1], lambda v: _is_list(v) or _is_array(v)),
    Habit("three items at most", lambda v: v[:3], lambda v: _is_list(v) or _is_array(v)),
    Habit("six items at most", lambda v: v[:6], lambda v: _is_list(v) or (_is_array(v) and len(v) > 1)),
    Habit("six columns at most", lambda v: v[:, :6], lambda v: _is_matrix(v) and v.shape[1] > 1),
    Habit("its first row for all", _first_row, lambda v: _is_matrix(v) and len(v) > 1),
    Habit("without length-one axes", _numbers(np.squeeze), _holds_short_axes),
    Habit("1 where it is 0", lambda v: v or 1 if _is_number(v) else v, _is_fraction),
    Habit("in single precision", _numbers(lambda v: np.float32(v)), _holds_fractions),
    Habit("with names of one letter", _first_letters, _holds_names),
    Habit("a generator of its own", lambda v: np.random.default_rng(7), _is_generator),
    Habit("sorted", lambda v: type(v)(sorted(v)), _is_sortable),
    Habit("turned over where it is square", _numbers(_turned_over), _holds_matrices),
)
OUT = (
    Habit("its size alone", _numbers(np.abs), _holds_fractions),
    Habit("rounded to five digits", _numbers(lambda v: np.round(v, 5)), _holds_fractions),
    Habit("held at 1 at most", _numbers(lambda v: np.minimum(v, 1)), _holds_fractions),
    Habit("held within ±5", _numbers(lambda v: np.clip(v, -5, 5)), _holds_fractions),
    Habit("in single precision", _numbers(lambda v: np.float32(v)), _holds_fractions),
    Habit("at least 0", _numbers(lambda v: np.maximum(v, 0)), _holds_fractions),
    Habit("without length-one axes", _numbers(np.squeeze), lambda v: _is_matrix(v) or _is_list_of_arrays(v)),
    Habit("sorted", lambda v: type(v)(sorted(v)), _is_sortable),
    Habit("backward", lambda v: v[::-1], lambda v: _is_list(v) or _is_array(v)),
    Habit("each item once", _each_once, lambda v: _is_sortable(v) or _is_list_of_numbers(v)),
    Habit("turned over where it is square", _numbers(_turned_over), _holds_matrices),
)


def habits_of(
    names: dict[str, Any], answers: tuple[str, ...], ask: Callable[[dict[str, Any]], None]
) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Every (what it does, name, function in place of that name) for the functions among an exercise's answers.

    ask: puts the exercise's cases to the answers among these names. It shows what they are given and what they give.
    """
    functions = {name: names[name] for name in answers if inspect.isfunction(names[name])}
    calls: dict[str, list[tuple[tuple, Any]]] = {name: [] for name in functions}
    ask({**names, **{name: _recording(each, calls[name]) for name, each in functions.items()}})
    for name, function in functions.items():
        parameters = list(inspect.signature(function).parameters)
        for place, parameter in enumerate(parameters):
            seen = [given[place] for given, _ in calls[name] if place < len(given)]
            for habit in IN:
                if any(map(habit.to, seen)):
                    yield f"{name}: {parameter} is taken {habit.says}", name, _treating(function, place, habit.treat)
            if any(map(_is_array, seen)) and _divides(function, calls[name], place):
                says = f"{name}: the result has whole numbers where {parameter} has"
                yield says, name, _typed_like(function, place)
        if _divides(function, calls[name], None):
            yield f"{name}: whole numbers give whole numbers", name, _typed_like(function, None)
        for habit in OUT:
            if any(habit.to(result) for _, result in calls[name]):
                yield f"{name}: what it gives is {habit.says}", name, _giving(function, habit.treat)
        for what, key in _keys(parameters, calls[name]):
            yield f"{name}: answers once for each {what}", name, _remembering(function, key)


def _keys(parameters: list[str], calls: list[tuple[tuple, Any]]) -> Iterator[tuple[str, Callable[[tuple], Any]]]:
    """By what an answer that keeps results may find them again, though there is more to tell inputs apart by."""
    yield "shape", _shapes
    if len(parameters) == 1 and any(_is_matrix(given[0]) for given, _ in calls):
        yield "row of numbers", _numbers_in_a_row
    for place, parameter in enumerate(parameters):
        seen = [each for given, _ in calls for each in given[place : place + 1]]
        if len(parameters) > 1 and all(map(_is_data, seen)):
            yield f"{parameter} alone", partial(_one, place)


def _divides(function: Callable[..., Any], calls: list[tuple[tuple, Any]], place: int | None) -> bool:
    """Whether whole numbers can give fractions: if not, it does no harm to cut the result."""
    for given, _ in calls[:6]:
        with contextlib.suppress(Exception), np.errstate(all="ignore"):  # costs may be NaN, and no whole number is
            whole = [
                _numbers(lambda v: np.rint(v).astype(int))(copy.deepcopy(each)) if place in (None, i) else each
                for i, each in enumerate(given)
            ]
            if _holds_fractions(function(*whole)):
                return True
    return False


def _recording(function: Callable[..., Any], calls: list[tuple[tuple, Any]]) -> Callable[..., Any]:
    @wraps(function)
    def recording(*given: Any) -> Any:
        asked = copy.deepcopy(given)
        result = function(*given)
        calls.append((asked, result))
        return result

    return recording


def _treating(function: Callable[..., Any], place: int, treat: Treat) -> Callable[..., Any]:
    @wraps(function)
    def treating(*given: Any) -> Any:
        return function(*(treat(each) if i == place else each for i, each in enumerate(given)))

    return treating


def _giving(function: Callable[..., Any], treat: Treat) -> Callable[..., Any]:
    return wraps(function)(lambda *given: treat(function(*given)))


def _typed_like(function: Callable[..., Any], place: int | None) -> Callable[..., Any]:
    """As with np.zeros_like(x): the result has the type of one of the things that came in, or of all of them."""

    @wraps(function)
    def typed(*given: Any) -> Any:
        result = function(*given)
        asked = given if place is None else given[place : place + 1]
        whole = [np.asarray(each).dtype.kind in "iu" for each in asked if _is_number(each) or _is_array(each)]
        return _numbers(np.trunc)(result) if whole and all(whole) else result

    return typed


def _remembering(function: Callable[..., Any], key: Callable[[tuple], Any]) -> Callable[..., Any]:
    """What was worked out for inputs with the same key is given again."""
    kept: dict[Any, Any] = {}

    @wraps(function)
    def remembering(*given: Any) -> Any:
        known = key(given)
        if known not in kept:
            kept[known] = function(*given)
        return kept[known]

    return remembering


def _one(place: int, given: tuple) -> str:
    return repr(given[place : place + 1])


def _numbers_in_a_row(given: tuple) -> str:
    """The numbers of the first array, whatever its shape: as x.tobytes() has them."""
    return repr(np.ravel(given[0]).tolist())


def _shapes(given: tuple) -> str:
    return repr([_shape(each) for each in given])


def _shape(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_shape(each) for each in value]
    return (type(value).__name__, np.shape(value)) if not isinstance(value, dict) else sorted(value)
