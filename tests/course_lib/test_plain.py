"""Plain data goes out and comes back the same, and nothing else gets in."""

from __future__ import annotations

import contextlib
import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib.plain import MAX_DEPTH, MAX_TEXT, NotPlain, dumps, loads, to_plain

MATRIX = sympy.Matrix([[1, 2]])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers()
dtypes = hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes(sizes=(32, 64)) | hnp.complex_number_dtypes()
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=10))
plain = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


def same(one: object, two: object) -> bool:
    """Equal in type and value, NaN included."""
    if type(one) is not type(two):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype.newbyteorder("=") and np.array_equal(one, two, equal_nan=one.dtype.kind in "fc")
    if isinstance(one, (list, tuple)):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict):
        return list(one) == list(two) and all(same(one[key], two[key]) for key in one)
    return one == two or repr(one) == repr(two)


@given(plain)
def test_what_goes_out_comes_back(value: object) -> None:
    native = to_plain(value)
    text = dumps(native)
    assert same(loads(text), native)
    assert dumps(loads(text)) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(NotPlain):
        loads(json.dumps(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        '{"array": ["|O", [1], [1]]}',
        '{"array": ["<f8", [10000000000], ""]}',
        '{"array": ["<f8", [-1], []]}',
        '{"array": ["<f8", [2], [1.0]]}',
        '{"array": ["<f8", [1], ["x"]]}',
        '{"array": ["<U9", [1], ["x"]]}',
        '{"array": {"a": 1}}',
        '{"float": "1"}',
        '{"complex": [1, 2, 3]}',
        '{"pairs": [[{"list": []}, 1]]}',
        '{"dict": 3}',
        '{"code": "1"}',
        '{"list": [1], "tuple": [1]}',
        "[1]",
        "1" * 5000,
        '{"int": "' + "1" * 5000 + '"}',
        '{"list": [' * (MAX_DEPTH + 2) + "]}" * (MAX_DEPTH + 2),
        '{"list": [' * 100_000 + "]}" * 100_000,
    ],
)
def test_strange_messages_are_refused(text: str) -> None:
    with pytest.raises(NotPlain):
        loads(text)


def test_a_message_is_bounded() -> None:
    with pytest.raises(NotPlain, match="at most"):
        loads(" " * (MAX_TEXT + 1))


def test_answers_of_many_kinds_become_plain() -> None:
    assert to_plain({3, 1, 2}) == [1, 2, 3]
    assert to_plain({1, np.int64(3), 2.0}) == [1, 2.0, 3]
    assert to_plain({("b", np.int8(2)), ("a", 1), "c"}) == ["c", ("a", 1), ("b", 2)]
    assert to_plain(x for x in (1, 2)) == [1, 2]
    assert same(to_plain([Fraction(1, 4), Decimal("0.5")]), [0.25, 0.5])
    assert same(to_plain(np.array([Fraction(1, 4), Decimal("0.5")])), np.array([0.25, 0.5]))
    assert same(to_plain(np.array([["w", "b"], ["C", ""]])), [["w", "b"], ["C", ""]])
    assert same(to_plain(np.array([2**70, 1])), [2**70, 1])
    assert to_plain({"a": 1}.keys()) == ["a"]
    assert to_plain(sympy.Rational(1, 4)) == 0.25
    assert math.isclose(to_plain(sympy.pi), math.pi)
    assert to_plain(np.array([1, 2.5], dtype=object)).dtype == float
    assert type(to_plain(np.float32(2))) is np.ndarray
    assert type(to_plain(np.ma.array([1.0, 2.0]))) is np.ndarray
    assert same(to_plain([np.str_("w"), np.array("b")]), ["w", "b"])
    assert same(to_plain({np.str_("w"): 1}), {"w": 1})
    assert same(to_plain({np.int64(2): 1, np.bool(True): 0}), {2: 1, True: 0})
    assert same(to_plain({(np.int64(0), "w"): 1, frozenset({2, np.int8(1)}): 3}), {(0, "w"): 1, (1, 2): 3})
    assert same(loads(dumps(to_plain(np.array([0.5, 2], np.longdouble)))), np.array([0.5, 2.0]))
    assert same(loads(dumps(to_plain(np.clongdouble(1j)))), np.array(1j))


def test_what_a_masked_array_hides_is_no_number() -> None:
    hidden = to_plain(np.ma.array([1, 2], mask=[False, True]))
    assert hidden[0] == 1 and np.isnan(hidden[1])


NO_DATA = [
    object(),
    len,
    np.array([[1], [2, 3]], dtype=object),
    np.array(["2020-01-01"], "M8[D]"),
    np.array([None, 1.0]),
    np.array([b"1"]),
    [object()],
    MATRIX,
]


@pytest.mark.parametrize("value", NO_DATA)
def test_answers_that_are_no_data_are_named(value: object) -> None:
    with pytest.raises(NotPlain, match=r"object of type|entries instead of numbers"):
        to_plain(value)


def test_a_list_inside_itself_is_refused() -> None:
    value: list = []
    value.append(value)
    with pytest.raises(NotPlain, match="deep"):
        to_plain(value)


def test_the_same_data_gives_the_same_text() -> None:
    big = np.arange(1000.0)
    assert dumps({"a": big}) == dumps({"a": big.copy()})
    assert dumps(big[::2]) == dumps(np.ascontiguousarray(big[::2]))
    assert dumps(big.astype(">f8")) == dumps(big)


def test_names_are_a_list_of_them_in_an_array_of_objects_too() -> None:
    assert to_plain(np.array(["w", "b1"], object)) == ["w", "b1"]
    with pytest.raises(NotPlain, match="holds object entries instead of numbers"):
        to_plain(np.array(["w", 1], object))


def test_exact_numbers_beyond_floats_are_named() -> None:
    assert np.isnan(to_plain(Decimal("sNaN")))
    with pytest.raises(NotPlain, match="a Fraction is too large for a float"):
        to_plain([Fraction(10**400)])
    with pytest.raises(NotPlain, match="a Decimal is too large for a float"):
        to_plain(Decimal("1e400"))
    assert to_plain(Decimal("-Infinity")) == -np.inf
    with pytest.raises(NotPlain, match="of type ndarray is not plain"):
        dumps(np.ones(2, np.longdouble))
    with pytest.raises(NotPlain, match="not text, but of type NoneType"):
        loads(None)  # type: ignore[arg-type]
