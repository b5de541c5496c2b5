"""One quantity in the place of another: another function of an input, a number of one's own, another step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.comparing import as_numbers
from course_lib.diagnosis.factors import any_factor, factor
from course_lib.diagnosis.inputs import AS_FACTOR, FUNCTIONS, quantities
from course_lib.diagnosis.seen import Seen, fits, one_factor, says_much

ENOUGH = 4  # numbers
POWERS = (1, -1, 2, -2)
# Slopes alone: the quotient of a function and its slope is often a simple factor, which says something else.
SLOPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **{words: FUNCTIONS[words] for words in ("σ′({0})", "{0}(1 − {0})", "1 − {0}²", "cos {0}")},
    "1 − tanh² {0}": lambda x: 1 - np.tanh(x) ** 2,
    "{0} > 0": lambda x: (x > 0).astype(float),
    "the exponential of {0}": np.exp,
}


def other_function(wrong: Sequence[Seen]) -> str:
    """A factor that is one function of an input, where another function of it belongs. Only what was taken is named."""
    if not says_much(wrong) or sum(each.right.size for each in wrong) < ENOUGH:
        return ""
    first = min(wrong, key=lambda each: each.right.size)
    for name, value in quantities(wrong):
        try:
            x = value(first)
        except (ValueError, LookupError, TypeError):
            continue
        if np.shape(x) != first.right.shape:
            continue
        # First with a few numbers, which is cheap and nearly always enough to say no.
        right, got, few = (np.ravel(each)[:3] for each in (first.right, first.got, x))
        found = np.array([of(few) for of in SLOPES.values()])
        differences = np.abs(got * found[None, :] - right * found[:, None])  # [taken, asked]
        for taken, asked in np.argwhere((differences <= 1e-6 * np.abs(right * found[:, None]) + 1e-12).all(axis=-1)):
            words, own, other = list(SLOPES)[taken], *(list(SLOPES.values())[k] for k in (taken, asked))
            if taken != asked and fits(wrong, lambda s, v=value, a=own, b=other: s.right * a(v(s)) / b(v(s))):
                return f"You multiply by {words.format(f'`{name}`')}, where another function of it belongs."
    return ""


def step(wrong: Sequence[Seen]) -> str:
    """The way from an input to the result has a wrong factor: a rate, a mean, a sign."""
    return _of_the_step(wrong, lambda steps: factor(steps) or _number_as_factor(steps))


def _number_as_factor(wrong: Sequence[Seen]) -> str:
    """A factor that is one of the numbers among the inputs, such as a rate, or made from it."""
    cases = {id(each.case) for each in wrong}
    for name in wrong[0].case.inputs if len(cases) > 1 else ():
        if np.isfinite([_number(each.case.inputs.get(name)) for each in wrong]).all():
            for words, predict in AS_FACTOR:
                if fits(wrong, lambda s, n=name, p=predict: p(s, _number(s.case.inputs[n]))):
                    return words.format(f"`{name}`")
    return ""


def step_by_any(wrong: Sequence[Seen]) -> str:
    """The same for a factor that has no name."""
    return _of_the_step(wrong, lambda steps: power_of_a_number(steps) or any_factor(steps))


def _of_the_step(wrong: Sequence[Seen], look: Callable[[Sequence[Seen]], str]) -> str:
    for name, value in quantities(wrong):
        try:
            if np.shape(value(wrong[0])) != wrong[0].right.shape:
                continue
            starts = [np.asarray(value(each)) for each in wrong]
        except (ValueError, LookupError, TypeError):
            continue
        if any(start.shape != each.right.shape or not start.any() for start, each in zip(starts, wrong, strict=True)):
            continue
        if any(start.ndim == 0 for start in starts) or sum(start.size for start in starts) < ENOUGH:
            continue  # a single number is a step away from anything
        steps = [replace(e, right=e.right - s, got=e.got - s) for e, s in zip(wrong, starts, strict=True)]
        told = "" if any(np.isnan(one_factor(each)) for each in steps) else look(steps)
        if told:
            return f"In your step away from `{name}`: {told[0].lower()}{told[1:]}"
    return ""


def power_of_a_number(wrong: Sequence[Seen]) -> str:
    """A factor that follows one of the inputs from case to case: a number of one's own stands in its place."""
    ratios = np.array([one_factor(each) for each in wrong])
    if len({id(each.case) for each in wrong}) < 2 or not ratios.all() or not np.isfinite(ratios).all():
        return ""
    for name in [name for name in wrong[0].case.inputs if name != "seed"]:
        numbers = np.array([_number(each.case.inputs.get(name)) for each in wrong])
        if not (numbers > 0).all() or np.ptp(numbers) == 0:
            continue
        for power in POWERS:
            rest = ratios / numbers**power
            if np.ptp(rest) <= 1e-6 * np.max(np.abs(rest)):
                return f"It is wrong by a factor that depends on `{name}`. Does another number stand in its place?"
    return ""


def _number(value: Any) -> float:
    """An input that is one number; NaN for any other."""
    numbers = as_numbers(value)
    return float(numbers) if numbers is not None and numbers.ndim == 0 and numbers.dtype.kind in "iuf" else np.nan
