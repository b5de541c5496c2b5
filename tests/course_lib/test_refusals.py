"""What NumPy refuses is told with shapes, and nothing is computed that nobody asked for."""

import numpy as np
import pytest

from course_lib import autodiff, refusals
from course_lib.autodiff import Op, Tensor

t, one = Tensor(np.arange(6.0).reshape(2, 3)), Tensor(2.0)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("axis", [7, -3, "a", 1.5, (0, 0), (0, 2)])
def test_a_bad_axis_is_told_with_the_shape(name, axis):
    for ask in (getattr(t, name), lambda axis: getattr(np, name)(t, axis=axis)):
        with pytest.raises(
            (TypeError, ValueError), match=rf"'{name}' of shape \(2, 3\) does not take .*An axis of n is"
        ):
            ask(axis=axis)


@pytest.mark.parametrize("index", [10, -3, (0, 5), (0, 0, 0), "a", 1.0, [0, 5], [True, False, True], t, one])
def test_a_bad_index_is_told_with_the_shape(index):
    with pytest.raises(IndexError, match=r"(?s)'getitem' of shape \(2, 3\) does not take .*An index is"):
        t[index]


@pytest.mark.parametrize("shape", [7, (2, 2), (-1, -1), "a", (2.0, 3), (4, -1), ()])
def test_a_bad_shape_is_told_with_the_old_one(shape):
    with pytest.raises((TypeError, ValueError), match=r"'reshape' of shape \(2, 3\) does not take .*as many numbers"):
        t.reshape(shape)


@pytest.mark.parametrize("order", [(0, 0), (0, 1, 2), (5, 0), (0,), "a"])
def test_a_bad_order_of_axes_is_told_with_the_shape(order):
    with pytest.raises((TypeError, ValueError), match=r"'transpose' of shape \(2, 3\) .*names every axis once"):
        t.transpose(order)


@pytest.mark.parametrize("other", [np.ones(4), Tensor(np.ones(4)), [1, 2, 3, 4]])
@pytest.mark.parametrize(
    "compute",
    [
        lambda x, y: x + y,
        lambda x, y: y * x,
        lambda x, y: x**y,
        lambda x, y: x.maximum(y),
        lambda x, y: np.minimum(x, y),
        lambda x, y: Tensor.where(x > 1, x, y),
        lambda x, y: x == y,
        lambda x, y: x < y,
        lambda x, y: np.greater(y, x),
    ],
)
def test_shapes_that_do_not_fit_together_are_both_told(compute, other):
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(4,\)|\(4,\) and \(2, 3\)") as told:
        compute(t, other)
    assert "read from the right" in str(told.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: autodiff.exp(t, t),
        lambda: autodiff.negative(t, t),
        lambda: autodiff.maximum(t, 1.0, t),
        lambda: t.exp(t),
        lambda: t.relu(0.5),
    ],
)
def test_one_input_too_many_is_refused_and_not_written_over(call):
    """NumPy takes one array more than a function has inputs as the place for the result."""
    before = t.data.copy()
    with pytest.raises(TypeError, match="takes"):
        call()
    np.testing.assert_array_equal(t.data, before)


@pytest.mark.parametrize("op", [autodiff.sum_, autodiff.where, autodiff.linear])
def test_an_input_or_a_setting_that_is_missing_is_told_with_the_op(op):
    with pytest.raises(TypeError, match=rf"The op '{op.name}' does not take 1 inputs and settings: .*missing"):
        op(t)


@pytest.mark.parametrize("data", [None, "a", {}, ["a", "b"], [1, "b"]])
def test_data_that_are_no_numbers_are_told_where_they_are_used(data):
    x = Tensor([1.0, 2.0])
    x.data = data
    for use in (lambda: x * 2.0, lambda: 2.0 - x, lambda: x.exp(), lambda: x.sum()):
        with pytest.raises(TypeError, match=r"Input . of the op '.*' holds numbers; this is"):
            use()


def test_one_number_has_no_length_and_several_are_not_true():
    with pytest.raises(TypeError, match=r"shape \(\) is one number"):
        len(one)
    with pytest.raises(ValueError, match=r"shape \(2, 3\) is neither true nor false"):
        bool(t)
    assert one and not Tensor(0.0)


def test_what_goes_wrong_in_an_op_of_ones_own_stays_as_it_is():
    def forward(x):
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        Op("own", forward, lambda g, z, x: g)(t)


def test_a_list_as_data_is_told_where_an_array_is_needed():
    x = Tensor([1.0, 2.0])
    x.data = [3.0, 4.0]
    with pytest.raises(TypeError, match=r"Input 1 of the op 'sum' is no array: set \.data"):
        x.sum()


@pytest.mark.parametrize("axis", [None, 0])
def test_nothing_is_chosen_from_no_number(axis):
    empty = Tensor(np.zeros((0, 3)))
    for choose in (empty.max, empty.min):
        with pytest.raises(ValueError, match=r"no number in shape \(0, 3\)"):
            choose(axis)
    assert empty.max(axis=1).shape == (0,)


@pytest.mark.parametrize(
    ("code", "way_out"),
    [
        ("t // 2", "//. It goes in steps"),
        ("2 // t", "//. It goes in steps"),
        ("t % 2", r"x - y \* np.floor"),
        ("2 % t", r"x - y \* np.floor"),
        ("divmod(t, 2)", "divmod. It goes in steps"),
        ("t ^ 2", r"A power is x \*\* 2"),
        ("t & 1", "Compare first"),
        ("1 | t", "Compare first"),
        ("~t", "Compare first"),
        ("t.__setitem__(0, 1.0)", "Change t.data before"),
        ("t.__delitem__(0)", "Change t.data before"),
    ],
)
def test_an_operator_that_tensors_lack_has_a_way_out(code, way_out):
    with pytest.raises(TypeError, match=f"Tensors have no .*{way_out}"):
        eval(code, {"t": t})


def test_a_function_that_the_table_lacks_says_what_to_write():
    for ask, instead in [(np.dot, "x @ y"), (np.remainder, "x - y"), (np.linalg.norm, "sqrt"), (np.stack, r"x\[0\]")]:
        with pytest.raises(NotImplementedError, match=f"no rule for .*t.data; in its place: .*{instead}"):
            ask([t, t]) if ask is np.stack else ask(t, t)
    with pytest.raises(NotImplementedError, match=r"t\.data$"):
        np.sort(t)
    with pytest.raises(AttributeError, match=r"no \.square\. .*in its place: x "):
        t.square()


OF_ONE = ["square", "reciprocal", "ravel", "squeeze", "expm1", "var", "std", "amax", "amin", "log2", "log10"]


@pytest.mark.parametrize("name", [*OF_ONE, "outer", "remainder", "power", "matmul", "dot"])
def test_what_stands_in_its_place_computes_the_same(name):
    x, y = np.array([2.5, 7.25]), np.array([2.0, 3.0])
    computed = eval(refusals.INSTEAD[name], {"x": Tensor(x), "y": y, "n": 2, "np": np})
    expected = getattr(np, name)(x) if name in OF_ONE else getattr(np, name)(x, y)
    np.testing.assert_allclose(computed.data, expected, rtol=1e-14)


def test_what_is_in_a_tensor_is_asked_number_by_number():
    assert 5.0 in t
    assert 9.0 not in t
    assert one in [Tensor(3.0), one]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.ma.array([1.0, 2.0], mask=[False, True]), "'own' is a masked array"),
        ([1.0, [2.0]], "'own' has rows of different length"),
        ("ab", "'own' holds numbers; this is data of type str"),
        (Tensor([1.0, 2.0]), "A Tensor does not turn into an array"),
        ((each for each in [1.0, 2.0]), "'own' holds numbers; this is data of type generator"),
        (None, "'own' gives None: is a return missing"),
    ],
)
def test_a_rule_gives_numbers(given, said):
    x = Tensor([1.0, 2.0])
    with pytest.raises((TypeError, ValueError), match=said):
        Op("own", np.negative, lambda g, z, x: given)(x).sum().backward()
    if given is not None:
        with pytest.raises((TypeError, ValueError), match=said):
            Op("own", lambda x: given, lambda g, z, x: g)(x)


def test_a_rule_may_give_a_list_or_whole_numbers():
    for given in ([3, 4], np.array([3, 4]), (3.0, 4.0), np.asarray([3, 4], object)):
        x = Tensor([1.0, 2.0])
        Op("own", np.negative, lambda g, z, x, given=given: given)(x).sum().backward()
        assert type(x.grad) is np.ndarray
        np.testing.assert_array_equal(x.grad, [3.0, 4.0])


def test_a_number_beyond_all_floats_and_a_name_that_is_none_are_told():
    with pytest.raises(OverflowError, match="larger than any float"):
        t * 10**400
    with pytest.raises(OverflowError, match="larger than any float"):
        t < 10**400  # noqa: B015
    with pytest.raises(TypeError, match="begins with its name"):
        Op(np.exp, np.exp)
