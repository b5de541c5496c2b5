"""A number must not count as equal to an infinite one, however large the tolerance around infinity seems."""

import numpy as np
import pytest

from course_lib.comparing import compare


@pytest.mark.parametrize("got", [5.0, -np.inf, np.nan])
def test_only_infinity_equals_infinity(got: float) -> None:
    assert compare(np.inf, np.inf) is None
    assert compare(np.inf, got) is not None
    assert compare(np.array([1.0, np.inf]), np.array([1.0, got])) is not None
