"""All looks in their order, and what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.diagnosis.factors import any_factor, constant, factor, no_negatives, offset
from course_lib.diagnosis.inputs import input_relation, reduced_input
from course_lib.diagnosis.places import input_kind, place, signs, too_large
from course_lib.diagnosis.rough import nearly, not_finite, partly_finite, rounded
from course_lib.diagnosis.seen import Seen, places_of, where_wrong
from course_lib.diagnosis.shapes import shape
from course_lib.diagnosis.texts import of_flags, of_texts, one_for_another
from course_lib.diagnosis.transforms import another_place, swapped, transform
from course_lib.exercises import Aspect, Case


def diagnose_all(questions: Sequence[tuple[Aspect, Case, Any, Any]], vague: bool = False, whole: bool = False) -> str:
    """A sentence that explains the wrong values of some aspects together, or "" when none fits.

    questions: the aspect, the case, the right value and what the answer gave.
    vague: look for what only describes the mistake.
    whole: it must explain all that is wrong, since each of several aspects will say it.
    """
    pairs = [(right, got) for _, _, right, got in questions]
    text = "" if vague else of_texts(pairs) or of_flags(pairs) or one_for_another(questions)
    if text:
        return text
    looks = VAGUE_LOOKS if vague else LOOKS
    found = [each for aspect, case, right, got in questions for each in places_of(aspect, case, right, got)]
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
                return where_wrong(seen, some) + sentence + also
    return ""


Look = Callable[[Sequence[Seen], Sequence[Seen]], str]  # what is wrong, and all that was seen


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
    *map(_same_shape, (factor, input_relation, transform, swapped, reduced_input)),
]
# These describe what is wrong, and leave open why.
VAGUE_LOOKS: list[Look] = [
    *map(_same_shape, (partly_finite, any_factor, offset, place)),
    *map(_beside_all, (input_kind, signs)),
    *map(_same_shape, (another_place, too_large)),
]
