"""Name what is wrong with an answer that is no known mistake, from the numbers of all its cases together.

Each *look* tries one kind of mistake: a factor, a sign, an axis, a swapped pair, one entry, one kind of input. It gives
a sentence only when it explains everything that is wrong, to the last number. No sentence holds an expected value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_lib.comparing import as_floats, as_numbers, compare, names_as_text
from course_lib.exercises import Aspect, Case

NEAR = 1e-3  # a relative difference below this is no other formula, but the same one computed roughly
FLOAT32 = 1e-6
ENOUGH_ENTRIES = 5  # fewer agree with some kind of input by chance
LARGE = 20.0  # beyond this, e^x is no longer a number of usual size


@dataclass(frozen=True)
class Seen:
    """One number or array that an answer gave, beside the right one.

    name: its place in the answer, "dw[1]"; empty for the whole.
    wrong: where it is not right; None when the shapes differ.
    """

    case: Case
    name: str
    right: np.ndarray
    got: np.ndarray
    wrong: np.ndarray | None

    @property
    def is_wrong(self) -> bool:
        return self.wrong is None or bool(self.wrong.any())

    @property
    def places(self) -> np.ndarray:
        """Where it is not right, of one with the right shape."""
        assert self.wrong is not None
        return self.wrong


def diagnose_all(questions: Sequence[tuple[Aspect, Case, Any, Any]], vague: bool = False, whole: bool = False) -> str:
    """A sentence that explains the wrong values of some aspects together, or "" when none fits.

    questions: the aspect, the case, the right value and what the answer gave.
    vague: look for what only describes the mistake.
    whole: it must explain all that is wrong, since each of several aspects will say it.
    """
    pairs = [(right, got) for _, _, right, got in questions]
    text = "" if vague else _of_texts(pairs) or _of_flags(pairs) or _one_for_another(questions)
    if text:
        return text
    looks = VAGUE_LOOKS if vague else LOOKS
    found = [each for aspect, case, right, got in questions for each in _places(aspect, case, right, got)]
    seen = [each for each in found if each is not None]
    if len(seen) < len(found):  # something that is no number at all
        return ""
    wrong = [each for each in seen if each.is_wrong]
    with np.errstate(all="ignore"):
        finite = [each for each in wrong if np.isfinite(each.got).all()]
        one_place = [each for each in wrong if each.name == wrong[0].name] if wrong and not whole else []
        for some in (wrong, finite, one_place):
            sentence = next((told for look in looks if (told := look(some, seen))), "") if some else ""
            if sentence:
                also = " Besides, some numbers are not finite." if some is finite and len(finite) < len(wrong) else ""
                return _where(seen, some) + sentence + also
    return ""


def _places(aspect: Aspect, case: Case, right: Any, got: Any, name: str = "") -> Iterator[Seen | None]:
    """All numbers of an answer with their places; None where the forms of the two do not fit together."""
    right, got = names_as_text(right), names_as_text(got)
    if isinstance(right, dict):
        if not isinstance(got, dict) or set(got) != set(right):
            yield None
            return
        for key in right:
            yield from _places(aspect, case, right[key], got[key], f"{name}, {key}" if name else str(key))
        return
    numbers, value = as_numbers(right), as_numbers(got)
    if numbers is not None and numbers.dtype == bool:  # yes or no is no number
        if compare(right, got):
            yield None
        return
    if numbers is None and isinstance(right, (list, tuple)):
        if not isinstance(got, (list, tuple, np.ndarray)) or len(got) != len(right):
            yield None
            return
        for index, item in enumerate(right):
            yield from _places(aspect, case, item, got[index], f"{name}[{index}]")
        return
    numbers, value = (None if each is None else as_floats(each) for each in (numbers, value))
    if numbers is None or value is None:
        if compare(right, got, aspect.rtol, aspect.atol):
            yield None
        return
    wrong = None
    if numbers.shape == value.shape:
        with np.errstate(all="ignore"):
            close = np.abs(value - numbers) <= aspect.atol + aspect.rtol * np.abs(numbers)
            wrong = ~((value == numbers) | close & np.isfinite(value) & np.isfinite(numbers))
    yield Seen(case, name, numbers, value, wrong)


def _where(seen: Sequence[Seen], wrong: Sequence[Seen]) -> str:
    """The names of the places that are wrong, unless all are."""
    names = list(dict.fromkeys(each.name for each in wrong))
    if len(names) == len({each.name for each in seen}) or not all(names):
        return ""
    return ", ".join(names[:3]) + (", …: " if len(names) > 3 else ": ")


def _same(one: np.ndarray | None, other: np.ndarray) -> bool:
    """What np.allclose says, with equal_nan, in half the time: hundreds of guesses are compared."""
    if one is None or np.shape(one) != np.shape(other):
        return False
    with np.errstate(invalid="ignore"):
        close = (np.abs(one - other) <= 1e-9 + 1e-6 * np.abs(other)) & np.isfinite(other)
    return bool(close.all() or np.all(close | (one == other) | np.isnan(one) & np.isnan(other)))


def _fits(wrong: Sequence[Seen], predict: Callable[..., Any]) -> bool:
    """Whether a guess of what the answer does gives just what it gave, in every place."""
    for each in wrong:
        try:
            guess = predict(each)
        except (ValueError, LookupError, TypeError, ZeroDivisionError, np.linalg.LinAlgError):
            return False
        if not _same(guess, each.got):
            return False
    return True


def _says_much(wrong: Sequence[Seen]) -> bool:
    """Whether there are enough numbers that an equality is no coincidence: two that differ, or one with decimals."""
    numbers = {float(abs(x)) for each in wrong for x in np.ravel(each.right) if np.isfinite(x) and x != 0}
    return len(numbers) > 1 or any(x != round(x) for x in numbers)


def _one_for_another(questions: Sequence[tuple[Aspect, Case, Any, Any]]) -> str:
    """One named result that is given in the place of another one, while all others are right."""
    if not all(isinstance(right, dict) and isinstance(got, dict) for _, _, right, got in questions):
        return ""
    pairs: set[tuple[str, str]] | None = None
    for aspect, _, right, got in questions:
        wrong = [name for name in right if name in got and compare(right[name], got[name], aspect.rtol, aspect.atol)]
        if not wrong:
            continue
        others = [name for name in right if name != wrong[0] and isinstance(right[name], (np.ndarray, float))]
        fit = {(wrong[0], name) for name in others if len(wrong) == 1 and not compare(right[name], got[wrong[0]])}
        pairs = fit if pairs is None else pairs & fit
    if not pairs:
        return ""
    place, other = min(pairs)
    return f"{place} is given the value of {other}. Is one name used for two things, or changed after it was stored?"


# Texts and truth values ----------------------------------------------------------------------------------------------


def _of_texts(pairs: Sequence[tuple[Any, Any]]) -> str:
    """What is wrong with answers that are lists of names, or True and False."""
    if all(type(right) is bool and type(got) in (bool, int) for right, got in pairs):
        return _of_truths([(right, bool(got)) for right, got in pairs])
    wrong = [(right, got) for right, got in pairs if right != got] if all(map(_are_names, pairs)) else []
    kinds = {_kind_of_names(list(right), list(got)) for right, got in wrong}
    return kinds.pop() if len(kinds) == 1 else ""


def _of_flags(pairs: Sequence[tuple[Any, Any]]) -> str:
    """What a driver has found to be so or not, when nothing but this is wrong: {"a step was made": False}."""
    if not all(isinstance(right, dict) and isinstance(got, dict) and set(right) == set(got) for right, got in pairs):
        return ""
    wrong = {name: right[name] for right, got in pairs for name in right if compare(right[name], got[name])}
    if len(wrong) != 1:
        return ""
    ((name, holds),) = wrong.items()
    return "" if type(holds) is not bool else f"This {'does not hold' if holds else 'should not be so'}: {name}."


def _are_names(pair: tuple[Any, Any]) -> bool:
    return all(isinstance(each, (list, tuple)) and all(isinstance(n, str) for n in each) for each in pair)


def _kind_of_names(right: list[str], got: list[str]) -> str:
    if len(set(got)) < len(got) and set(got) <= set(right):
        return "A name stands in the list twice."
    if set(got) < set(right):
        return "Names are missing in the list; those that are there belong to it."
    if set(got) > set(right):
        return "The list holds names that do not belong there; none is missing."
    if got == right[::-1]:
        return "The list is in reverse order."
    return "The names are the right ones, in another order." if sorted(got) == sorted(right) else ""


def _of_truths(pairs: Sequence[tuple[bool, bool]]) -> str:
    if all(right is not got for right, got in pairs) and len(set(pairs)) > 1:
        return "Your code says the opposite every time."
    given = {got for _, got in pairs}
    if len(given) == 1 and len(pairs) > 1:
        return f"Your code says {given.pop()} every time."
    wrong = {got for right, got in pairs if right is not got}
    return f"Your code says {wrong.pop()} too often." if len(wrong) == 1 else ""


# Shapes --------------------------------------------------------------------------------------------------------------


def _shape(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    if all(each.name == "shape" for each in wrong):  # from a driver that gives it in place of a large array
        got, right = (tuple(map(int, np.ravel(each))) for each in (wrong[0].got, wrong[0].right))
        return f"It is {got}; it should be {right}."
    if not all(each.wrong is None for each in wrong):
        return ""
    return next((sentence for sentence, predict in SHAPES if _fits(wrong, predict)), "") or _shape_alone(wrong)


def _back(reduce: Callable[..., Any], axis: int) -> Callable[[Seen], Any]:
    """A guess: one axis was lost by adding or averaging along it, and the axis of length 1 is there or not."""

    def predict(each: Seen) -> Any:
        flat = reduce(each.right, axis=axis)
        return flat if flat.shape == each.got.shape else reduce(each.right, axis=axis, keepdims=True)

    return predict


def _of_one_number(reduce: Callable[..., Any]) -> Callable[[Seen], Any]:
    return lambda each: np.full(each.got.shape, reduce(each.right)) if each.got.size == 1 else None


SHAPES: list[tuple[str, Callable[[Seen], Any]]] = [
    ("The numbers are right, but transposed: rows and columns are exchanged.", lambda s: s.right.T),
    (
        "The numbers are right; only the shape is not: an axis of length 1 is missing or too many.",
        lambda s: s.right.reshape(s.got.shape) if _squeezed(s.right) == _squeezed(s.got) else None,
    ),
    (
        "The numbers are right, but not in the shape that is asked for.",
        lambda s: s.right.reshape(s.got.shape) if s.right.size == s.got.size else None,
    ),
    ("These are the numbers of the diagonal. A whole matrix is asked for.", lambda s: _diagonal_as(s)),
    ("You add up all entries to one number. Each keeps a place of its own.", _of_one_number(np.sum)),
    ("You average all entries to one number. Each keeps a place of its own.", _of_one_number(np.mean)),
    ("You add up along an axis that should stay.", _back(np.sum, 0)),
    ("You add up along an axis that should stay.", _back(np.sum, -1)),
    ("You average along an axis that should stay.", _back(np.mean, 0)),
    ("You average along an axis that should stay.", _back(np.mean, -1)),
    ("The numbers are right, but copied along an axis that should have length 1, or not be there.",
     lambda s: np.broadcast_to(s.right, s.got.shape)),
    ("The first entries are right, but the last are missing.",
     lambda s: s.right[: len(s.got)] if 0 < len(s.got) < len(s.right) else None),
    ("The last entries are right, but the first are missing.",
     lambda s: s.right[-len(s.got) :] if 0 < len(s.got) < len(s.right) else None),
    ("The entries are right, but there are more behind them.", lambda s: _longer(s, slice(None, len(s.right)))),
    ("The entries are right, but there are more in front of them.", lambda s: _longer(s, slice(-len(s.right), None))),
]  # fmt: skip


def _diagonal_as(each: Seen) -> np.ndarray | None:
    """The diagonal of a diagonal matrix, in the shape that was given."""
    if each.right.ndim != 2 or each.got.size != len(each.right) or len(each.right) < 2:
        return None
    numbers = np.diagonal(each.right)
    return numbers.reshape(each.got.shape) if _same(each.right, np.diag(numbers)) else None


def _squeezed(array: np.ndarray) -> tuple[int, ...]:
    return tuple(n for n in array.shape if n != 1)


def _longer(each: Seen, part: slice) -> np.ndarray | None:
    """What the answer gave, when a part of it is the right answer."""
    enough = each.right.ndim == each.got.ndim and 0 < len(each.right) < len(each.got)
    return each.got if enough and _same(each.right, each.got[part]) else None


def _shape_alone(wrong: Sequence[Seen]) -> str:
    """What can be said of the shapes when the numbers fit to nothing."""
    if all(each.got.shape == each.right.shape[::-1] and each.right.ndim > 1 for each in wrong):
        return "The shape is transposed, and the numbers are wrong too."
    one, two = wrong[0].got.shape, wrong[0].right.shape
    sentence = f"The shape is {one}; it should be {two}."
    if all(each.right.ndim == 0 < each.got.ndim for each in wrong):
        return f"{sentence} One number is asked for, and you give an array or a list."
    for axis, word in ((1, "columns"), (0, "rows")):
        if all(len(each.got.shape) == 2 == len(each.right.shape) for each in wrong):
            others = all(each.got.shape[1 - axis] == each.right.shape[1 - axis] for each in wrong)
            if others:
                return f"{sentence} Only the number of {word} is wrong."
    if all(each.got.ndim < each.right.ndim for each in wrong):
        return f"{sentence} An axis is lost on the way."
    if all(each.got.ndim > each.right.ndim for each in wrong):
        return f"{sentence} It has an axis too many."
    return sentence


# Numbers that are none -----------------------------------------------------------------------------------------------


def _not_finite(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    bad = [~np.isfinite(each.got) & np.isfinite(each.right) for each in wrong]
    if not any(each.any() for each in bad):
        return ""
    if not all(np.array_equal(each, one.places) for each, one in zip(bad, wrong, strict=True)):
        return ""
    kind = "not a number (nan)" if any(np.isnan(each.got).any() for each in wrong) else "infinite"
    if not any(np.isfinite(each.got).any() for each in seen):
        return f"Every number is {kind}. Is something divided by 0, or too large for e^x?"
    where = _kind_of_input(wrong, seen)
    return f"All is right but some numbers, which are {kind}{where or '. Which inputs lead to an overflow, or to 0/0?'}"


def _partly_finite(wrong: Sequence[Seen]) -> str:
    some = any((~np.isfinite(each.got) & np.isfinite(each.right)).any() for each in wrong)
    return NOT_FINITE_TOO if some else ""


NOT_FINITE_TOO = "Some numbers are infinite or not a number (nan), and others are wrong too."


# Roughly right -------------------------------------------------------------------------------------------------------


def _nearly(wrong: Sequence[Seen]) -> str:
    if not all(np.isfinite(each.got).all() for each in wrong):
        return ""
    largest = max(float(np.max(np.abs(each.got - each.right) / (np.abs(each.right) + 1e-12))) for each in wrong)
    if largest < FLOAT32:
        return f"It is right to about seven digits only. {_why_seven(wrong)}"
    if largest < NEAR:
        return "It is nearly right, but not exactly. Is something rounded, estimated, or kept away from 0 on the way?"
    return ""


def _why_seven(wrong: Sequence[Seen]) -> str:
    if all(np.array_equal(each.got, each.got.astype(np.float32)) for each in wrong):
        return "Your numbers are in single precision (float32)."
    return (
        "Is something estimated with a small step, kept away from 0 by a small number, or in single precision "
        "(float32) on the way?"
    )


def _rounded(wrong: Sequence[Seen]) -> str:
    """Rounded to some decimals, exactly."""
    if not _says_much(wrong):
        return ""
    for decimals in range(1, 10):
        rounded = [np.round(each.right, decimals) for each in wrong]
        if all(np.allclose(one, each.got, rtol=1e-14, atol=1e-14) for one, each in zip(rounded, wrong, strict=True)):
            places = f"{decimals} decimals" if decimals > 1 else "one decimal"
            return f"The result is rounded to {places}. Give all digits."
    return ""


# Simple relations to the right numbers -------------------------------------------------------------------------------


def _constant(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    given = np.concatenate([np.ravel(each.got) for each in wrong])
    right = np.concatenate([np.ravel(each.right) for each in wrong])
    if len(given) < 2 or np.ptp(right) == 0 or not np.isfinite(given).all() or np.ptp(given) > 0:
        return ""
    names = list(dict.fromkeys(each.name for each in wrong))
    if len(names) == len(wrong) > 1 and all(each.right.ndim == 0 and each.case is wrong[0].case for each in wrong):
        return f"{', '.join(names[:-1])} and {names[-1]} are given one and the same number."
    places = [each.got for each in seen if each.name in names]
    if any(np.any(each != given[0]) for each in places):
        return ""  # in other cases it gives other numbers, and is right
    return f"It is {given[0] + 0.0:g} everywhere. Does it use all that your function gets?"


def _no_negatives(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """Negative numbers come out as 0 while positive ones are right: a 0 by itself may be anything."""
    if not any((each.right > 0).any() for each in seen) or not _says_much(wrong):
        return ""
    if sum(int(each.places.sum()) for each in wrong) < 2:
        return ""
    return "Negative results come out as 0." if _fits(wrong, lambda s: np.maximum(s.right, 0)) else ""


def _factor(wrong: Sequence[Seen]) -> str:
    if not _says_much(wrong):
        return ""
    all_below_0 = sum(each.right.size for each in wrong) > 1 and all((each.right <= 0).all() for each in wrong)
    if all_below_0 and _fits(wrong, lambda s: -s.right):
        return "Negative results come out positive. Is an absolute value taken, or is a sign wrong?"
    for factor, words in FACTORS:
        if _fits(wrong, lambda s, factor=factor: factor * s.right):
            return words
    for sign in (1, -1):
        for name, size in _sizes(wrong):
            found = _factor_of_size(wrong, name, size, sign)
            if found:
                return found
    return ""


FACTORS = [
    (-1, "The size is right, but the sign is wrong."),
    (2, "It is twice as large as it should be. Is there a factor of 2 too many, or is a half missing?"),
    (0.5, "It is half as large as it should be. Is there a half too many, or is a factor of 2 missing?"),
    (-2, "The sign is wrong, and there is a factor of 2 too many."),
    (-0.5, "The sign is wrong, and there is a factor of 2 missing."),
    (4, "It is four times as large as it should be."),
    (0.25, "It is a quarter of what it should be."),
    (1 / np.log(2), "Your logarithm has the base 2. The natural logarithm is meant, `np.log`."),
    (1 / np.log(10), "Your logarithm has the base 10. The natural logarithm is meant, `np.log`."),
]


def _factor_of_size(wrong: Sequence[Seen], name: str, size: Callable[[Case], int], sign: int) -> str:
    also = "" if sign > 0 else "The sign is wrong. Besides: "
    sizes = {size(each.case) for each in wrong}
    if sizes == {1}:
        return ""
    for words, factor in [*OF_A_SIZE, *(OF_SIZES if len(sizes) > 1 else [])]:
        if _fits(wrong, lambda s, of=factor: sign * s.right * of(size(s.case))):
            return also + words.format(name)
    return ""


OF_A_SIZE: list[tuple[str, Callable[[int], float]]] = [
    ("It is too large by a factor: {}. Is it a sum where a mean belongs?", lambda n: n),
    ("It is too small by a factor: {}. Is it a mean where a sum belongs?", lambda n: 1 / n),
    ("You divide by {} minus 1, not by all of it.", lambda n: n / (n - 1)),
    ("It is too small: {}, or one fewer?", lambda n: (n - 1) / n),
    ("It is too large by the square of {}.", lambda n: n**2),
    ("It is too small by the square of {}.", lambda n: 1 / n**2),
    ("It is too large by the square root of {}.", np.sqrt),
    ("It is too small by the square root of {}.", lambda n: 1 / np.sqrt(n)),
]
# With one size alone, some of these fit by chance.
OF_SIZES: list[tuple[str, Callable[[int], float]]] = [
    ("It is half of {} times what it should be.", lambda n: n / 2),
    ("It is twice the right one, divided by {}.", lambda n: 2 / n),
    ("It is too large by twice {}.", lambda n: n * 2),
    ("It is too small by twice {}.", lambda n: 1 / n / 2),
]


def _any_factor(wrong: Sequence[Seen]) -> str:
    if not _says_much(wrong):
        return ""
    ratios = [each.got[each.right != 0] / each.right[each.right != 0] for each in wrong if np.any(each.right != 0)]
    if not ratios or any(np.any(each.got[each.right == 0] != 0) for each in wrong):
        return ""
    if sum(map(len, ratios)) < 2 or not np.isfinite(np.concatenate(ratios)).all():
        return ""
    if any(np.ptp(each) > 1e-6 * np.max(np.abs(each)) for each in ratios) or not any(np.any(each) for each in ratios):
        return ""
    if len({f"{each[0]:.6g}" for each in ratios}) == 1:
        return "Every number is wrong by one and the same factor. What is multiplied or divided at the end?"
    if all(len(each) > 1 for each in ratios):
        return "In each case all numbers are wrong by one common factor, which changes from case to case."
    return ""


def _sizes(wrong: Sequence[Seen]) -> list[tuple[str, Callable[[Case], int]]]:
    """What can be counted in every case: lengths, rows, columns, and whole numbers among the inputs."""
    first = wrong[0].case.inputs
    found: list[tuple[str, Callable[[Case], int]]] = []
    for name, value in first.items():
        found += [(words, _size_of(name, of)) for words, of in _countable(name, value)]
        if isinstance(value, (list, tuple)) and type(first.get("l")) is int:
            found += [(f"the number of rows of `{name}[{at}]`", _rows_at(name, k)) for at, k in BESIDE_L.items()]
    kept = []
    for words, size in found:
        try:
            if all(size(each.case) > 0 for each in wrong):
                kept.append((words, size))
        except (TypeError, IndexError, KeyError, ValueError, AttributeError):  # another kind of input in another case
            continue
    return sorted(kept, key=lambda pair: pair[0].startswith("the number of items"))  # these agree by chance more often


BESIDE_L = {"l": 0, "l - 1": -1, "l + 1": 1}  # of a list with one array a layer, when the layer l is asked about


def _rows_at(name: str, beside: int) -> Callable[[Case], int]:
    return lambda case: case.inputs[name][case.inputs["l"] + beside].shape[0]


def _countable(name: str, value: Any) -> list[tuple[str, Callable[[Any], int]]]:
    if type(value) is int:
        return [(f"`{name}`", int)]
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return [(f"the number of columns of `{name}`", lambda v: v.shape[1]),
                (f"the number of rows of `{name}`", lambda v: v.shape[0]),
                (f"the number of entries of `{name}`", lambda v: v.size)]  # fmt: skip
    if isinstance(value, (list, tuple)):
        arrays = [each for each in value if isinstance(each, np.ndarray) and each.ndim == 2]
        columns = [(f"the number of columns of the arrays in `{name}`", lambda v: v[-1].shape[1])] if arrays else []
        return [*columns, (f"the number of items of `{name}`", len)]
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return [(f"the length of `{name}`", len)]
    return []


def _size_of(name: str, of: Callable[[Any], int]) -> Callable[[Case], int]:
    return lambda case: of(case.inputs[name])


def _input_relation(wrong: Sequence[Seen]) -> str:
    """A factor, a summand or a whole answer that is one of the inputs."""
    if not _says_much(wrong):
        return ""
    found = _quantities(wrong)
    for looks in (RELATIONS, FACTORS_OF_INPUTS):
        for name, value in found:
            for words, predict in looks:
                if _fits(wrong, lambda s, p=predict, v=value: p(s, v(s))):
                    return words.format(f"`{name}`")
    return ""


def _reduced_input(wrong: Sequence[Seen]) -> str:
    """Another summary of an input than the one that is asked for: its largest entries, its first column, …"""
    if not _says_much(wrong):
        return ""
    for name, value in _quantities(wrong):
        for words, reduce in REDUCTIONS:
            for axis in (None, 0, 1):
                if _fits(wrong, lambda s, r=reduce, v=value, a=axis: _reduced(r, v(s), a, s.got.shape)):
                    return f"You give {words} of `{name}`{'' if axis is None else ', along one axis'}."
    for name, value in _quantities(wrong):
        for words, reduce in REDUCTIONS:
            if _fits(wrong, lambda s, r=reduce, v=value: s.right * _reduced(r, v(s), None, ())):
                return f"There is a factor too many: {words} of `{name}`."
            if _fits(wrong, lambda s, r=reduce, v=value: s.right / _reduced(r, v(s), None, ())):
                return f"You divide by {words} of `{name}`, or that is missing as a factor."
    return ""


def _reduced(reduce: Callable[..., Any], array: np.ndarray, axis: int | None, shape: tuple[int, ...]) -> Any:
    """An array with an axis less, in the shape that was given. Raises ValueError where this cannot be."""
    if array.size < 2 or (axis is not None and array.ndim < 2):
        raise ValueError("nothing to take together")
    return np.reshape(reduce(array, axis=axis), shape)


REDUCTIONS: list[tuple[str, Callable[..., Any]]] = [
    ("the sum", np.sum),
    ("the mean", np.mean),
    ("the largest entry", np.max),
    ("the smallest entry", np.min),
    ("the median", np.median),
    ("the product", np.prod),
    ("the length", lambda x, axis: np.sqrt(np.sum(x**2, axis=axis))),
    ("the sum of the sizes", lambda x, axis: np.sum(np.abs(x), axis=axis)),
    ("the sum of the squares", lambda x, axis: np.sum(x**2, axis=axis)),
]


Quantity = Callable[[Seen], np.ndarray]


def _quantities(wrong: Sequence[Seen]) -> list[tuple[str, Quantity]]:
    """The numbers among the inputs by name: `x`, and of a list with one array a layer `a[l - 1]`, `a[l]`, …"""
    found: list[tuple[str, Quantity]] = []
    for name, value in wrong[0].case.inputs.items():
        if as_numbers(value) is not None:
            if not ((type(value) is int and len(wrong) < 2) or _may_be_chance(wrong, value)):
                found.append((name, partial(_input, name=name)))
        elif isinstance(value, (list, tuple)):
            if type(wrong[0].case.inputs.get("l")) is int:
                found += [(f"{name}[{at}]", partial(_item, name=name, beside=k)) for at, k in BESIDE_L.items()]
            if _own_place(wrong[0]) is not None:
                found.append((f"{name}[i]", partial(_own_item, name=name)))
            found.append((f"{name}[-1]", partial(_item, name=name, beside=None)))
    return found


def _item(each: Seen, name: str, beside: int | None) -> np.ndarray:
    """An array of a list: the last one, or one beside the layer l. Raises ValueError where it is none."""
    items, place = each.case.inputs[name], -1 if beside is None else each.case.inputs["l"] + beside
    if place < -1 or place >= len(items) or not isinstance(items[place], np.ndarray):
        raise ValueError("nothing stands there")
    return items[place].astype(float)


def _own_place(each: Seen) -> int | None:
    """Which item of a list it is: 2 for "[2]" and for "dw[2]"; None when it is none."""
    found = re.search(r"\[(\d+)\]$", each.name)
    return int(found[1]) if found else None


def _own_item(each: Seen, name: str) -> np.ndarray:
    """The item of a list of inputs that stands in the same place. Raises ValueError where there is none."""
    items, place = each.case.inputs[name], _own_place(each)
    if place is None or place >= len(items) or not isinstance(items[place], np.ndarray):
        raise ValueError("nothing stands there")
    return items[place].astype(float)


def _may_be_chance(wrong: Sequence[Seen], value: Any) -> bool:
    """Zeros and ones agree with too much to tell anything by themselves."""
    return len(wrong) < 2 and set(np.unique(np.abs(np.asarray(value, float)))) <= {0.0, 1.0}


def _input(each: Seen, name: str) -> np.ndarray:
    numbers = as_numbers(each.case.inputs.get(name))
    value = as_floats(numbers) if numbers is not None else None
    if value is None:
        raise ValueError(f"{name} is no number in this case")
    return value


RELATIONS: list[tuple[str, Callable[[Seen, np.ndarray], Any]]] = [
    ("You give {} back as it is.", lambda s, x: x),
    ("You give minus {}.", lambda s, x: -x),
    ("{} is missing: it should be added.", lambda s, x: s.right - x),
    ("{} is added once too often.", lambda s, x: s.right + x),
    ("{} is added twice, or has the wrong sign.", lambda s, x: s.right + 2 * x),
    ("{} is subtracted, and should be added.", lambda s, x: s.right - 2 * x),
    ("There is a factor {} too many, or it is not divided by {}.", lambda s, x: s.right * x),
    ("There is a factor {} missing, or it is divided by it.", lambda s, x: s.right / x),
    ("The sign is wrong, and there is a factor {} too many.", lambda s, x: -s.right * x),
    ("The sign is wrong, and there is a factor {} missing.", lambda s, x: -s.right / x),
    ("There is the square of {} too many as a factor.", lambda s, x: s.right * x**2),
    ("The square of {} is missing as a factor.", lambda s, x: s.right / x**2),
    ("There is a factor 1 − {} too many.", lambda s, x: s.right * (1 - x)),
    ("There is a factor 1 − {} missing.", lambda s, x: s.right / (1 - x)),
    ("You give the right result minus {} with the other sign.", lambda s, x: x - s.right),
    ("Your step away from {} goes the wrong way: look at its sign.", lambda s, x: 2 * x - s.right),
    ("Your step away from {} is twice as long as it should be.", lambda s, x: 2 * s.right - x),
    ("Your step away from {} is half as long as it should be.", lambda s, x: (x + s.right) / 2),
    ("1 − {} and {} are exchanged.", lambda s, x: s.right * x / (1 - x)),
    ("1 − {} and {} are exchanged.", lambda s, x: s.right * (1 - x) / x),
    ("You give an entry of {}. Its place in {} is asked, an index.", lambda s, x: _entry_at(x, s.right)),
    (
        "You give the size of an entry of {}. Its place in {} is asked, an index.",
        lambda s, x: abs(_entry_at(x, s.right)),
    ),
]
RELATIONS = [(words.replace("{} and {}", "{0} and {0}").replace("by {}.", "by {0}.").replace("{}", "{0}"), predict)
             for words, predict in RELATIONS]  # fmt: skip


def _entry_at(array: np.ndarray, index: np.ndarray) -> Any:
    """The entry of an array at an index. Raises ValueError where this is none."""
    if array.ndim != 1 or index.ndim or index % 1:
        raise ValueError("no index into it")
    return array[int(index)]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return _sigmoid(x) * _sigmoid(-x)


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "σ′({0})": _sigmoid_slope,
    "σ({0})": _sigmoid,
    "{0}(1 − {0})": lambda x: x * (1 - x),
    "1 − {0}²": lambda x: 1 - x**2,
    "tanh {0}": np.tanh,
    "cos {0}": np.cos,
    "sin {0}": np.sin,
}
# Given in the place of the right result, they show which function was taken.
INSTEAD = FUNCTIONS | {
    "1 − tanh² {0}": lambda x: 1 - np.tanh(x) ** 2,
    "σ′(σ({0}))": lambda x: _sigmoid_slope(_sigmoid(x)),
    "the exponential of {0}": np.exp,
    "the square of {0}": np.square,
    "the size of {0}, without its sign": np.abs,
    "{0} where it is positive, else 0": lambda x: np.maximum(x, 0),
}
# What is missing is not named: it would be the answer.
FACTORS_OF_INPUTS: list[tuple[str, Callable[[Seen, np.ndarray], Any]]] = [
    *((f"You give {words}.", lambda s, x, f=f: f(x)) for words, f in INSTEAD.items()),
    *((f"There is a factor {words} too many.", lambda s, x, f=f: s.right * f(x)) for words, f in FUNCTIONS.items()),
    *(("A factor is missing that depends on {0}.", lambda s, x, f=f: s.right / f(x)) for f in FUNCTIONS.values()),
]  # fmt: skip


def _transform(wrong: Sequence[Seen]) -> str:
    if not _says_much(wrong):
        return ""
    for sentence, predict in TRANSFORMS:
        if _fits(wrong, predict):
            return sentence
    fitting = [words for words, rounded in WHOLE if _is_no_chance(wrong, rounded)]
    return fitting[0] if len(fitting) == 1 else NO_DECIMALS if fitting else ""


def _is_no_chance(wrong: Sequence[Seen], rounded: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether rounding gives what was given, and more than one number again and again, such as 0 or 1."""
    sizes = {abs(float(x)) for each in wrong for x in np.ravel(rounded(each.right))} - {0.0}
    return (len(sizes) > 1 or max(sizes, default=0) > 1) and _fits(wrong, lambda s: rounded(s.right))


WHOLE: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("The decimals are cut off. Do whole numbers in the input make your result whole?", np.trunc),
    ("The result is rounded to whole numbers.", np.rint),
    ("The result is rounded down to whole numbers.", np.floor),
    ("The result is rounded up to whole numbers.", np.ceil),
]
NO_DECIMALS = "The decimals are lost. Is the result rounded, or do whole numbers in the input make it whole?"
TRANSFORMS: list[tuple[str, Callable[[Seen], Any]]] = [
    ("The numbers are right, but transposed: rows and columns are exchanged.", lambda s: s.right.T),
    ("The numbers are right, but transposed, and the sign is wrong.", lambda s: -s.right.T),
    ("The numbers are right, in reverse order.", lambda s: s.right[::-1]),
    ("The columns are in reverse order.", lambda s: s.right[..., ::-1]),
    ("The numbers are shifted by one place.", lambda s: np.roll(s.right, 1, -1)),
    ("The numbers are shifted by one place.", lambda s: np.roll(s.right, -1, -1)),
    ("The numbers are right, but sorted. Keep their order.", lambda s: np.sort(s.right, axis=-1)),
    ("The result is squared. Is a root missing?", lambda s: s.right**2),
    ("You take a square root that is not wanted.", lambda s: np.sqrt(s.right)),
    ("It is upside down: one divided by the right result.", lambda s: 1 / s.right),
    ("It is upside down, with the wrong sign.", lambda s: -1 / s.right),
    ("All signs are lost: negative results come out positive.", lambda s: np.abs(s.right)),
    ("You give one minus the right result.", lambda s: 1 - s.right),
    ("It is too large by 1.", lambda s: s.right + 1),
    ("It is too small by 1.", lambda s: s.right - 1),
    ("You give the exponential of the right result.", lambda s: np.exp(s.right)),
    ("You give the logarithm of the right result.", lambda s: np.log(s.right)),
    ("You add up all entries, and put the sum into each place.", lambda s: _everywhere(np.sum, s.right)),
    ("You average all entries, and put the mean into each place.", lambda s: _everywhere(np.mean, s.right)),
    ("You divide by the sum of all entries, which is not asked.", lambda s: s.right / _several(s).sum()),
    ("You divide by the largest entry, which is not asked.", lambda s: s.right / _several(s).max()),
    ("You divide by the length of the vector, which is not asked.", lambda s: s.right / np.linalg.norm(_several(s))),
    ("You subtract the mean, which is not asked.", lambda s: s.right - _several(s).mean()),
    ("You give running sums of the right numbers.", lambda s: np.cumsum(s.right, axis=-1)),
]


def _several(each: Seen) -> np.ndarray:
    """The right numbers, more than one. Raises ValueError for one alone: divided by itself it is 1, whatever it is."""
    if each.right.size < 2:
        raise ValueError("one number alone")
    return each.right


def _everywhere(reduce: Callable[..., Any], array: np.ndarray) -> np.ndarray:
    """One number of all entries in each place. Raises ValueError for what is counted: there it is often a chance."""
    if np.all(array == np.rint(array)):
        raise ValueError("whole numbers")
    return np.full(array.shape, reduce(array))


def _offset(wrong: Sequence[Seen]) -> str:
    gaps = np.concatenate([np.ravel(each.got - each.right) for each in wrong])
    if len(gaps) < 2 or not np.isfinite(gaps).all() or np.ptp(gaps) > 1e-7 * np.max(np.abs(gaps)):
        return ""
    return "Every number is wrong by the same amount. What is added or left out?"


def _signs(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    if not _fits(wrong, lambda s: np.where(np.signbit(s.got) == np.signbit(s.right), s.right, -s.right)):
        return ""
    where = _kind_of_input(wrong, seen)
    return f"All sizes are right, but some signs are wrong{where or '.'}"


def _swapped(wrong: Sequence[Seen]) -> str:
    """Two named results that have changed places, or one that is given for the other."""
    cases: dict[int, list[Seen]] = {}
    for each in wrong:
        cases.setdefault(id(each.case), []).append(each)
    pairs = None
    for places in cases.values():
        if len(places) < 2:
            return ""
        right, got = {s.name: s.right for s in places}, {s.name: s.got for s in places}
        fit = {(a, b) for a in right for b in right if a < b and _same(right[a], got[b]) and _same(right[b], got[a])}
        pairs = fit if pairs is None else pairs & fit
    if not pairs:
        return ""
    one, two = min(pairs)
    return f"{one} and {two} are exchanged."


def _another_place(wrong: Sequence[Seen]) -> str:
    """The answer to another entry, for arrays: each number is right somewhere, but not here."""
    if all(each.right.size > 1 and _same(np.sort(each.right.ravel()), np.sort(each.got.ravel())) for each in wrong):
        return "The right numbers are all there, but in other places. Look at the order."
    if all(each.right.size > 3 and np.ptp(each.got) == 0 < np.ptp(each.right) for each in wrong):
        return "Every entry is one and the same number. Each place has one of its own."
    if all(each.right.ndim == 2 and _columns_alike(each) for each in wrong):
        return "Every column is the same, and they should differ."
    return ""


def _columns_alike(each: Seen) -> bool:
    return bool(np.ptp(each.got, axis=1).max() == 0 and np.ptp(each.right, axis=1).max() > 0)


# Places and kinds of inputs ------------------------------------------------------------------------------------------


def _place(wrong: Sequence[Seen]) -> str:
    """All wrong entries are in one kind of place."""
    large = [each for each in wrong if each.places.size > 1]  # of one entry, all places are the same
    if not large or any(each.places.all() for each in large):
        return ""
    for words, at in PLACES:
        try:
            if all(np.array_equal(each.places, at(each.right)) for each in wrong):
                return f"All is right but {words}."
        except (IndexError, ValueError):
            continue
    return ""


def _marked(*index: Any) -> Callable[[np.ndarray], np.ndarray]:
    def at(array: np.ndarray) -> np.ndarray:
        mask = np.zeros(array.shape, bool)
        for each in index:
            mask[each] = True
        return mask

    return at


def _diagonal(a: np.ndarray) -> np.ndarray:
    """Where the diagonal of a matrix is. Raises ValueError for what is no matrix."""
    rows, columns = a.shape
    return np.eye(rows, columns, dtype=bool)


PLACES: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("the first entry", lambda a: _marked((0,) * a.ndim)(a)),
    ("the last entry", lambda a: _marked((-1,) * a.ndim)(a)),
    ("the first and the last entry", lambda a: _marked((0,) * a.ndim, (-1,) * a.ndim)(a)),
    ("the first row", _marked(0)),
    ("the last row", _marked(-1)),
    ("the first column", _marked((..., 0))),
    ("the last column", _marked((..., -1))),
    ("the diagonal", _diagonal),
    ("what is beside the diagonal", lambda a: ~_diagonal(a)),
    ("what follows the first entry: only that one is right", lambda a: ~_marked((0,) * a.ndim)(a)),
    ("what stands before the last entry: only that one is right", lambda a: ~_marked((-1,) * a.ndim)(a)),
    ("what follows the first column: only that one is right", lambda a: ~_marked((..., 0))(a)),
    ("what follows the first row: only that one is right", lambda a: ~_marked(0)(a)),
    ("what stands before the last column: only that one is right", lambda a: ~_marked((..., -1))(a)),
    ("what stands before the last row: only that one is right", lambda a: ~_marked(-1)(a)),
]


def _input_kind(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    if any(each.places.all() for each in wrong):
        return ""
    where = _kind_of_input(wrong, seen)
    return f"All is right but some entries{where}" if where else ""


def _kind_of_input(wrong: Sequence[Seen], seen: Sequence[Seen]) -> str:
    """ ", where `z` is negative." when that is just where the wrong entries are, in the cases that are right too."""
    names = {each.name for each in wrong}
    alike = [each for each in seen if each.name in names and each.wrong is not None]
    if sum(each.right.size for each in alike) < ENOUGH_ENTRIES:
        return ""
    for name in wrong[0].case.inputs:
        for words, kind in KINDS:
            try:
                if all(np.array_equal(each.places, kind(_matching(each, name))) for each in alike):
                    return f", where `{name}` is {words}."
            except ValueError:
                continue
    return ""


def _matching(each: Seen, name: str) -> np.ndarray:
    value = _input(each, name)
    if value.shape != each.right.shape or not value.shape:
        raise ValueError("it does not stand beside the entries one by one")
    return value


KINDS: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("0", lambda x: x == 0),
    ("negative", lambda x: x < 0),
    ("positive", lambda x: x > 0),
    ("0 or negative", lambda x: x <= 0),
    ("0 or positive", lambda x: x >= 0),
    ("not 0", lambda x: x != 0),
    ("large and positive", lambda x: x > LARGE),
    ("large and negative", lambda x: x < -LARGE),
    ("large, positive or negative", lambda x: np.abs(x) > LARGE),
    ("small", lambda x: np.abs(x) < LARGE),
]


def _too_large(wrong: Sequence[Seen]) -> str:
    """Whole numbers that are always too large, or always too small: something is counted twice or not at all.

    A place in an array is no count: there it is only said which way it is wrong.
    """
    whole = all(np.all(each.right == np.rint(each.right)) and np.all(each.got == np.rint(each.got)) for each in wrong)
    gaps = np.concatenate([np.ravel(each.got - each.right)[np.ravel(each.places)] for each in wrong])
    if not whole or not len(gaps):
        return ""
    if all(map(_is_a_place, wrong)):
        later, earlier = (
            "It is always a later place than the right one.",
            "It is always an earlier place than the right one.",
        )
        return later if (gaps > 0).all() else earlier if (gaps < 0).all() else ""
    if (gaps > 0).all():
        return "The whole number is too large each time. Is something counted twice, or taken that does not belong?"
    return "The whole number is too small each time. What is left out?" if (gaps < 0).all() else ""


def _is_a_place(each: Seen) -> bool:
    """Whether all numbers can be indices into an array that was given."""
    shapes = [value.shape for value in each.case.inputs.values() if isinstance(value, np.ndarray) and value.ndim]
    numbers = np.concatenate([np.ravel(each.right), np.ravel(each.got)])
    return bool(numbers.min() >= 0) and any(numbers.max() < max(shape) for shape in shapes)


Look = Callable[[Sequence[Seen], Sequence[Seen]], str]  # what is wrong, and all that was seen


def _beside_all(look: Look) -> Look:
    """A look at values: only where all shapes are right."""
    return lambda wrong, seen: "" if any(each.wrong is None for each in wrong) else look(wrong, seen)


def _same_shape(look: Callable[[Sequence[Seen]], str]) -> Look:
    """The same, for a look that does not ask what is right."""
    return _beside_all(lambda wrong, seen: look(wrong))


LOOKS: list[Look] = [
    _shape,
    _beside_all(_not_finite),
    *map(_same_shape, (_rounded, _nearly)),
    *map(_beside_all, (_constant, _no_negatives)),
    *map(_same_shape, (_factor, _input_relation, _transform, _swapped, _reduced_input)),
]
# These describe what is wrong, and leave open why.
VAGUE_LOOKS: list[Look] = [
    *map(_same_shape, (_partly_finite, _any_factor, _offset, _place)),
    *map(_beside_all, (_input_kind, _signs)),
    *map(_same_shape, (_another_place, _too_large)),
]
