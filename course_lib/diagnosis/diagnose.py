"""All looks in their order, and what they are asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from course_lib.diagnosis.factors import any_factor, constant, factor, no_negatives, offset, zeros
from course_lib.diagnosis.inputs import input_relation, reduced_factor, reduced_input
from course_lib.diagnosis.places import input_kind, place, signs, too_large
from course_lib.diagnosis.replaced import other_function, power_of_a_number, step, step_by_any
from course_lib.diagnosis.rough import nearly, not_finite, partly_finite, rounded
from course_lib.diagnosis.seen import Seen, places_of, where_wrong
from course_lib.diagnosis.shapes import exchanged_shapes, shape, shape_alone
from course_lib.diagnosis.sums import wrong_share
from course_lib.diagnosis.texts import of_flags, of_texts, one_for_another
from course_lib.diagnosis.transforms import another_place, swapped, transform
from course_lib.exercises import Aspect, Case

Look = Callable[[Sequence[Seen], Sequence[Seen]], str]  # what is wrong, and all that was seen
MOST_SENTENCES, MOST_NAMES = 2, 4  # more places that are all wrong have no reason of their own each
ENOUGH = 3  # numbers of one name: fewer agree with something by chance
Stage = Literal["sharp", "parts", "vague"]
SHARP: Stage = "sharp"
PARTS: Stage = "parts"
VAGUE: Stage = "vague"


def diagnose_all(questions: Sequence[tuple[Aspect, Case, Any, Any]], stage: Stage = SHARP, whole: bool = False) -> str:
    """A sentence that explains the wrong values of some aspects together, or "" when none fits.

    questions: the aspect, the case, the right value and what the answer gave.
    stage: SHARP for what explains all of it by one mistake, PARTS for a mistake in each named result, VAGUE for what
        only describes it.
    whole: it must explain all that is wrong, since each of several aspects will say it.
    """
    pairs = [(right, got) for _, _, right, got in questions]
    text = of_texts(pairs) or of_flags(pairs) or one_for_another(questions) if stage == SHARP else ""
    if text:
        return text
    found = [each for aspect, case, right, got in questions for each in places_of(aspect, case, right, got)]
    seen = [each for each in found if each is not None]
    if len(seen) < len(found):  # something that is no number at all
        return ""
    wrong = sorted((each for each in seen if each.is_wrong), key=lambda each: each.got.size)  # small ones refute fast
    with np.errstate(all="ignore"):
        if stage == PARTS:
            return _one_by_one(wrong, seen, LOOKS, whole)
        looks = VAGUE_LOOKS if stage == VAGUE else LOOKS
        finite = [each for each in wrong if np.isfinite(each.got).all()]
        for some in (wrong, finite if len(finite) < len(wrong) else []):
            sentence = _look(some, seen, looks)
            if sentence:
                also = " Besides, some numbers are not finite." if some is finite else ""
                return where_wrong(seen, some) + sentence + also
        return _one_by_one(wrong, seen, looks, whole) if stage == VAGUE else ""


def _look(wrong: Sequence[Seen], seen: Sequence[Seen], looks: Sequence[Look]) -> str:
    return next((told for look in looks if (told := look(wrong, seen))), "") if wrong else ""


def _one_by_one(wrong: Sequence[Seen], seen: Sequence[Seen], looks: Sequence[Look], whole: bool) -> str:
    """Two results may be wrong in two ways: a sentence for each, first for all layers of one kind, then for each."""
    for name_of in (_kind, lambda each: each.name):
        names = list(dict.fromkeys(map(name_of, wrong)))
        if not 2 <= len(names) <= MOST_NAMES or not all(names):
            continue
        told: dict[str, list[str]] = {}
        for name in names:
            own = [each for each in wrong if name_of(each) == name]
            sentence = _look(own, seen, looks) if sum(each.got.size for each in own) >= ENOUGH else ""
            if sentence:
                told.setdefault(sentence, []).append(name)
            elif whole:
                return ""
        if told:
            return " ".join(f"{_listed(each)}: {sentence}" for sentence, each in list(told.items())[:MOST_SENTENCES])
    return ""


def _kind(each: Seen) -> str:
    """ "dw" for "dw[2]": the same for all layers."""
    return re.sub(r"\[\d+\]$", "", each.name) or each.name


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _beside_all(look: Look) -> Look:
    """A look at values: only where all shapes are right."""
    return lambda wrong, seen: "" if any(each.wrong is None for each in wrong) else look(wrong, seen)


def _same_shape(look: Callable[[Sequence[Seen]], str]) -> Look:
    """The same, for a look that does not ask what is right."""
    return _beside_all(lambda wrong, seen: look(wrong))


LOOKS: list[Look] = [
    shape,
    _beside_all(not_finite),
    *map(_same_shape, (rounded, nearly)),
    *map(_beside_all, (constant, no_negatives)),
    *map(_same_shape, (factor, input_relation, transform, swapped)),
    lambda wrong, seen: reduced_input(wrong),
    *map(_same_shape, (reduced_factor, other_function, step, wrong_share)),
]
# These describe what is wrong, and leave open why.
VAGUE_LOOKS: list[Look] = [
    exchanged_shapes,
    shape_alone,
    *map(_same_shape, (partly_finite, power_of_a_number, any_factor, step_by_any, offset, place, zeros)),
    *map(_beside_all, (input_kind, signs)),
    *map(_same_shape, (another_place, too_large)),
]
