"""Wrong and other right answers to notebook 3. A trap's docstring is what a student who makes that mistake reads."""

import numpy as np

from autograder.zoo import alternative, slip, trap

# 3.1 jacobian_linear and jacobian_elementwise ------------------------------------------------------------------------


@trap("jacobians", loses=("linear",), answer="jacobian_linear")
def transposed_jacobian(W):
    """Rows and columns are exchanged. In this course a Jacobian has one row for each output."""
    return W.T


@trap("jacobians", loses=("linear",), answer="jacobian_linear")
def added_over_outputs(W):
    """You add over the outputs. Each output reacts in its own way, so each has a row of its own."""
    return W.sum(axis=0)


@trap("jacobians", loses=("linear",), answer="jacobian_linear")
def identity_for_linear(W):
    """This is how z reacts to b, not to x. Each wiggle of x goes through W first."""
    return np.eye(W.shape[0])


@alternative("jacobians", answer="jacobian_linear")
def column_by_column(W):
    columns = [W @ direction for direction in np.eye(W.shape[1])]
    return np.column_stack(columns)


@alternative("jacobians", answer="jacobian_linear")
def nested_lists(W):
    rows, columns = W.shape
    return [[float(W[i, j]) for j in range(columns)] for i in range(rows)]


@trap("jacobians", loses=("elementwise", "whole"), answer="jacobian_elementwise")
def only_the_slopes(dphi, z):
    """These are the right numbers, but a Jacobian is a matrix: one row for each output, one column for each input."""
    return dphi(z)


@trap("jacobians", loses=("elementwise", "whole"), answer="jacobian_elementwise")
def slope_of_the_diagonal(dphi, z):
    """You take the slope after you make the matrix, so the zeros beside the diagonal get slopes too."""
    return dphi(np.diag(z))


@trap("jacobians", loses=("elementwise", "whole"), answer="jacobian_elementwise")
def slopes_everywhere(dphi, z):
    """You fill whole rows. Wiggle one number: do the other outputs move?"""
    return np.outer(dphi(z), np.ones(len(z)))


@trap("jacobians", loses=("elementwise", "whole"), answer="jacobian_elementwise")
def inputs_on_the_diagonal(dphi, z):
    """The diagonal holds z itself. It should hold how fast each output moves."""
    return np.diag(z)


@trap("jacobians", loses=("elementwise", "whole"), answer="jacobian_elementwise")
def outer_product_of_slopes(dphi, z):
    """You multiply the slopes of different numbers. Output 1 does not feel input 2 at all: what belongs there?"""
    slopes = dphi(z)
    return np.outer(slopes, slopes)


@trap("jacobians", loses=("whole",), answer="jacobian_elementwise")
def matrix_of_the_kind_of_z(dphi, z):
    """Your matrix takes its kind of number from z. When z holds whole numbers, every slope is cut to a whole number."""
    jacobian = np.zeros_like(z, shape=(len(z), len(z)))
    for i in range(len(z)):
        jacobian[i, i] = dphi(z[i])
    return jacobian


@alternative("jacobians", answer="jacobian_elementwise")
def slopes_times_identity(dphi, z):
    return dphi(z) * np.eye(len(z))


@alternative("jacobians", answer="jacobian_elementwise")
def entry_by_entry(dphi, z):
    n = len(z)
    rows = []
    for i in range(n):
        rows.append([float(dphi(z[i])) if i == j else 0.0 for j in range(n)])
    return rows


@trap("jacobians", loses=("elementwise", "whole"), answer="jacobian_elementwise")
def column_of_slopes(dphi, z):
    """These are the right numbers, in one column. A Jacobian has one column for each input."""
    return dphi(z)[:, None] * 1.0


# 3.2 chain_jacobians and count_multiplications -----------------------------------------------------------------------


@trap("chain-jacobians", loses=("two", "many", "square"), answer="chain_jacobians")
def first_step_on_the_left(jacobians):
    """The order is wrong. The first step acts on the wiggle first, so its matrix stands next to the wiggle."""
    product = jacobians[0]
    for jacobian in jacobians[1:]:
        product = product @ jacobian
    return product


@trap("chain-jacobians", loses=("two", "many", "square", "one"), answer="chain_jacobians")
def whole_chain_transposed(jacobians):
    """Your result is transposed. It should have one row for each output of the last step."""
    product = jacobians[0].T
    for jacobian in jacobians[1:]:
        product = product @ jacobian.T
    return product


@trap("chain-jacobians", loses=("two", "many", "square"), answer="chain_jacobians")
def entry_times_entry(jacobians):
    """You multiply entry by entry. An output feels an input along many paths: multiply along each and add them up."""
    product = jacobians[0]
    for jacobian in jacobians[1:]:
        product = jacobian * product
    return product


@trap("chain-jacobians", loses=("two", "many", "one"), answer="chain_jacobians")
def identity_of_the_wrong_size(jacobians):
    """The size of your first identity matrix fits only square steps. It stands on the side of the inputs."""
    product = np.eye(jacobians[0].shape[0])
    for jacobian in jacobians:
        product = jacobian @ product
    return product


@trap("chain-jacobians", loses=("one",), answer="chain_jacobians")
def two_at_least(jacobians):
    """Your code takes two steps for granted. For a single step, its own Jacobian is the answer."""
    product = jacobians[1] @ jacobians[0]
    for jacobian in jacobians[2:]:
        product = jacobian @ product
    return product


@trap("chain-jacobians", loses=("many", "square", "one"), answer="chain_jacobians")
def two_at_most(jacobians):
    """You multiply only the first two. Go on to the end of the list."""
    return jacobians[1] @ jacobians[0]


@alternative("chain-jacobians", answer="chain_jacobians")
def from_the_last_step(jacobians):
    from functools import reduce

    return reduce(np.matmul, reversed(jacobians))


@alternative("chain-jacobians", answer="chain_jacobians")
def one_wiggle_after_the_other(jacobians):
    columns = []
    for wiggle in np.eye(jacobians[0].shape[1]):
        for jacobian in jacobians:
            wiggle = jacobian @ wiggle
        columns.append(wiggle)
    return np.array(columns).T


@alternative("chain-jacobians", answer="chain_jacobians")
def numpy_chooses_the_order(jacobians):
    return np.linalg.multi_dot(jacobians[::-1]) if len(jacobians) > 1 else jacobians[0]


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def wrong_end(sizes, start):
    """You have the two ends exchanged. The first size belongs to the input, the last to the output."""
    kept, steps = (sizes[0], sizes[1:]) if start == "cost" else (sizes[-1], sizes[:-1])
    return sum(kept * steps[i] * steps[i + 1] for i in range(len(steps) - 1))


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def entries_counted(sizes, start):
    """You count the entries of the matrices. A product of p × q by q × r needs p·q·r multiplications."""
    steps = sizes[1:] if start == "input" else sizes[:-1]
    return sum(steps[i] * steps[i + 1] for i in range(len(steps) - 1))


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def one_product_too_many(sizes, start):
    """You count one product too many: between L matrices stand L - 1 products."""
    kept = sizes[0] if start == "input" else sizes[-1]
    return sum(kept * sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def entries_of_the_results(sizes, start):
    """You count the entries of the results. Each of them is a sum of several products: count those."""
    kept, ends = (sizes[0], sizes[2:]) if start == "input" else (sizes[-1], sizes[:-2])
    return sum(kept * end for end in ends)


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def all_sizes_multiplied(sizes, start):
    """You multiply all sizes together. There are several products one after the other: add up their costs."""
    return int(np.prod(sizes))


@trap("chain-jacobians", loses=("cost",), answer="count_multiplications")
def same_for_both_ends(sizes, start):
    """You count from the input whatever `start` says. From the cost, another size stays until the end."""
    return sum(sizes[0] * sizes[i] * sizes[i + 1] for i in range(1, len(sizes) - 1))


@alternative("chain-jacobians", answer="count_multiplications")
def counted_on_shapes(sizes, start):
    shapes = [(sizes[i + 1], sizes[i]) for i in range(len(sizes) - 1)]
    total = 0
    while len(shapes) > 1:
        if start == "cost":
            right, left = shapes[-2:]
            shapes[-2:] = [(left[0], right[1])]
        else:
            right, left = shapes[:2]
            shapes[:2] = [(left[0], right[1])]
        total += left[0] * left[1] * right[1]
    return total


@alternative("chain-jacobians", answer="count_multiplications")
def counted_after_turning_around(sizes, start):
    sizes = list(sizes) if start == "input" else list(reversed(sizes))
    return sizes[0] * int(np.dot(sizes[1:-1], sizes[2:]))


@trap("chain-jacobians", loses=("many", "square"), answer="chain_jacobians")
def two_steps_at_most(jacobians):
    """You stop after two steps. The chain may have any length."""
    return jacobians[1] @ jacobians[0] if len(jacobians) > 1 else jacobians[0]


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def pairs_of_sizes(sizes, start):
    """You multiply two sizes at a time. That is how many numbers a matrix has; a product of two matrices needs three
    sizes."""
    return sum(sizes[k] * sizes[k + 1] for k in range(len(sizes) - 1))


@trap("chain-jacobians", loses=("cost", "input"), answer="count_multiplications")
def without_what_was_built(sizes, start):
    """You multiply neighbors, as if each product began anew. The product so far keeps one side from the start."""
    s = sizes if start == "input" else sizes[::-1]
    return sum(s[k] * s[k + 1] * s[k + 2] for k in range(len(s) - 2))


# 3.3 hadamard_form ---------------------------------------------------------------------------------------------------


@trap("hadamard-form", loses=("large", "batch"))
def builds_the_matrix(upstream, dphi, z):
    """You build the matrix, and nearly all of it is zeros. For 20 000 numbers it has 400 million entries."""
    return upstream @ np.diag(dphi(z))


@trap("hadamard-form", loses=("large",))
def identity_in_disguise(upstream, dphi, z):
    """The identity matrix is a big matrix too. No matrix is needed: which single number of each row matters?"""
    return np.eye(len(z)) @ (upstream * dphi(z))


@trap("hadamard-form", loses=("vector", "large", "batch"))
def one_number(upstream, dphi, z):
    """All is added up to one number, as @ does. Each input has its own path back, so each keeps its own number."""
    return upstream @ dphi(z)


@trap("hadamard-form", loses=("vector", "large", "batch"))
def no_upstream(upstream, dphi, z):
    """This is only the local derivative. What has arrived from the cost must be multiplied with it."""
    return dphi(z)


@trap("hadamard-form", loses=("vector", "large", "batch"))
def slope_at_upstream(upstream, dphi, z):
    """You take the slope at the upstream gradient. Slopes are taken where the forward pass was: at z."""
    return dphi(upstream) * z


@trap("hadamard-form", loses=("vector", "large", "batch"))
def values_for_slopes(upstream, dphi, z):
    """You multiply with z. The local derivative is how fast the output moves at z: dphi(z)."""
    return upstream * z


@trap("hadamard-form", loses=("vector", "large", "batch"))
def added_to_upstream(upstream, dphi, z):
    """You add the two. Along a path, sensitivities multiply."""
    return upstream + dphi(z)


@trap("hadamard-form", loses=("batch",))
def for_one_axis_only(upstream, dphi, z):
    """Your code takes for granted that there is one axis. A batch has two; each number follows the same rule."""
    return np.einsum("i,i->i", upstream, dphi(z))


@trap("hadamard-form", loses=("batch",))
def one_example_only(upstream, dphi, z):
    """Your loop reads each row as one number. With a batch, each row holds one number for each example."""
    return np.array([float(u * dphi(x)) for u, x in zip(upstream, z, strict=True)])


@alternative("hadamard-form")
def by_multiply(upstream, dphi, z):
    return np.multiply(dphi(z), upstream)


@alternative("hadamard-form")
def by_einsum_hadamard(upstream, dphi, z):
    return np.einsum("...,...->...", upstream, dphi(z))


@trap("hadamard-form", loses=("vector", "large", "batch"))
def slope_at_the_product(upstream, dphi, z):
    """You take the slope at upstream · z. It is taken at z, and what arrives multiplies it afterwards."""
    return dphi(upstream * z)


@alternative("hadamard-form")
def row_by_row(upstream, dphi, z):
    result = np.zeros(z.shape)
    for i in range(len(z)):
        result[i] = upstream[i] * dphi(z[i])
    return result


# 3.4 linear_backward -------------------------------------------------------------------------------------------------


@trap("linear-backward", loses=("dA_prev", "dW", "db", "square", "one", "whole"))
def nothing_transposed(dZ, W, A_prev):
    """A product crashes. Write the shapes below its two factors: the sizes in the middle must be equal. Turn what?"""
    return W @ dZ, dZ @ A_prev, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("dA_prev", "dW", "db", "square", "one", "whole"))
def weights_not_transposed(dZ, W, A_prev):
    """Look at the line for dA_prev. W takes you from A_prev to Z. You are walking back: turn W around."""
    return W @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("dA_prev", "dW", "db", "square", "one", "whole"))
def activations_not_transposed(dZ, W, A_prev):
    """Look at the line for dW. Write the shapes below the two factors: the examples must meet in the middle."""
    return W.T @ dZ, dZ @ A_prev, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("dA_prev", "dW", "db", "square", "one", "whole"))
def wrong_factor_transposed(dZ, W, A_prev):
    """Look at the line for dW: you turn dZ, and then the examples do not meet in the middle. Turn the other factor."""
    return W.T @ dZ, dZ.T @ A_prev, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("dA_prev", "one", "square", "whole"))
def input_gradient_turned(dZ, W, A_prev):
    """dA_prev has one row for each example. It must have the shape of A_prev: one column for each example."""
    return dZ.T @ W, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("dW", "square", "one", "whole"))
def weights_gradient_turned(dZ, W, A_prev):
    """dW has the shape of the transposed W. A gradient has the shape of what it is the gradient of."""
    return W.T @ dZ, A_prev @ dZ.T, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("db", "square", "whole"))
def bias_not_summed(dZ, W, A_prev):
    """db has one column for each example, but b has a single column that all examples share: their shares add."""
    return W.T @ dZ, dZ @ A_prev.T, dZ


@trap("linear-backward", loses=("db", "square", "one", "whole"))
def bias_without_keepdims(dZ, W, A_prev):
    """db lost its second axis. A gradient has the shape of its parameter, and b is a column. See `keepdims`."""
    return W.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=1)


@trap("linear-backward", loses=("db", "square", "one", "whole"))
def bias_along_the_wrong_axis(dZ, W, A_prev):
    """You add db over the neurons. Each neuron has its own bias; the examples are what shares it."""
    return W.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=0, keepdims=True)


@trap("linear-backward", loses=("db", "square", "one", "whole"))
def bias_as_one_number(dZ, W, A_prev):
    """You add db over neurons and examples. Each neuron has its own bias: add over the examples only."""
    return W.T @ dZ, dZ @ A_prev.T, dZ.sum()


@trap("linear-backward", loses=("dW", "db", "square", "whole"))
def mean_taken_twice(dZ, W, A_prev):
    """You divide by the number of examples, but dZ is the gradient of the mean cost: the 1/m is already in it."""
    m = dZ.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m


@trap("linear-backward", loses=("dA_prev", "dW", "db", "square", "whole"))
def mean_taken_everywhere(dZ, W, A_prev):
    """You divide all three by the number of examples. dZ belongs to the mean cost: the 1/m is already in it."""
    scaled = dZ / dZ.shape[1]
    return W.T @ scaled, scaled @ A_prev.T, scaled.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("db", "square", "whole"))
def bias_averaged(dZ, W, A_prev):
    """dW is a sum over the examples, and db a mean. Both feel the cost along the same paths: treat them alike."""
    return W.T @ dZ, dZ @ A_prev.T, dZ.mean(axis=1, keepdims=True)


@trap("linear-backward", loses=("dA_prev", "dW", "square", "one", "whole"))
def weights_first(dZ, W, A_prev):
    """The order of the three results is wrong: first dA_prev, then dW, then db."""
    return dZ @ A_prev.T, W.T @ dZ, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("dW", "square", "whole"))
def outer_product_of_all(dZ, W, A_prev):
    """np.outer strings all numbers of a batch together. It fits one example; for a batch, add one for each example."""
    return W.T @ dZ, np.outer(dZ, A_prev), dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("one",))
def squeezed(dZ, W, A_prev):
    """With one example you drop the axis of the examples. A batch of one is still a matrix, with one column."""
    dZ, A_prev = np.squeeze(dZ), np.squeeze(A_prev)
    return W.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)


@trap("linear-backward", loses=("whole",))
def rounded_by_zeros_like(dZ, W, A_prev):
    """`np.zeros_like(W)` holds whole numbers when W does, and cuts off the rest. Make it hold floats."""
    dW = np.zeros_like(W)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            dW[i, j] = np.dot(dZ[i], A_prev[j])
    return W.T @ dZ, dW, dZ.sum(axis=1, keepdims=True)


@alternative("linear-backward")
def by_einsum(dZ, W, A_prev):
    dA_prev = np.einsum("ij,ik->jk", W, dZ)
    dW = np.einsum("ik,jk->ij", dZ, A_prev)
    db = np.einsum("ik->i", dZ)[:, None]
    return dA_prev, dW, db


@alternative("linear-backward")
def example_by_example(dZ, W, A_prev):
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros((len(W), 1))
    for j in range(dZ.shape[1]):
        delta, a = dZ[:, j], A_prev[:, j]
        dA_prev[:, j] = delta @ W
        dW += np.outer(delta, a)
        db[:, 0] += delta
    return dA_prev, dW, db


last_example_only = slip(
    example_by_example,
    {"dW += np": "dW = np", "db[:, 0] +=": "db[:, 0] ="},
    loses=("dW", "db", "square", "whole"),
    says="Each example overwrites the one before it, so only the last is left in dW and db. Add them up: +=.",
)

weights_of_the_last_example = slip(
    example_by_example,
    {"dW += np": "dW = np"},
    loses=("dW", "square", "whole"),
    says="Each example overwrites dW, so only the last is left. Add them up: +=.",
)

first_example_only = slip(
    example_by_example,
    {"    return dA_prev, dW, db": "        return dA_prev, dW, db"},
    loses=("dA_prev", "dW", "db", "square", "whole"),
    says="The return stands inside the loop, so the first example ends it. Move it out: fewer spaces in front.",
)


@trap("linear-backward", loses=("dW", "db", "square", "whole"))
def one_example_for_all(dZ, W, A_prev):
    """dW and db hold the first example alone. All examples share W and b: add over all of them."""
    return W.T @ dZ, np.outer(dZ[:, 0], A_prev[:, 0]), dZ[:, :1]


@trap("linear-backward", loses=("dA_prev", "dW", "db", "square", "one", "whole"))
def input_last(dZ, W, A_prev):
    """The order of the three results is wrong: first dA_prev, then dW, then db."""
    return dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True), W.T @ dZ


@alternative("linear-backward")
def bias_as_a_product_with_ones(dZ, W, A_prev):
    with_ones = np.vstack([A_prev, np.ones(A_prev.shape[1])])
    both = dZ @ with_ones.T
    return (dZ.T @ W).T, both[:, :-1], both[:, -1:]


# 3.5 unbroadcast -----------------------------------------------------------------------------------------------------


@trap("unbroadcast", loses=("leading", "ones"))
def looks_for_lengths(gradient, shape):
    """You look for axis lengths that are not in `shape`. Two axes may have the same length: compare place by place."""
    stretched = tuple(axis for axis, length in enumerate(gradient.shape) if length not in shape)
    return gradient.sum(axis=stretched).reshape(shape)


@trap("unbroadcast", loses=("ones", "both"))
def first_of_the_copies(gradient, shape):
    """Along a stretched axis you keep the first of the copies. Each copy had its own effect on the cost: add them."""
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.take([0], axis=axis)
    return gradient


@trap("unbroadcast", loses=("ones", "both"))
def only_leading_axes(gradient, shape):
    """You add over the axes in front. An axis of length 1 was stretched too: its copies must be added as well."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    return gradient


@trap("unbroadcast", loses=("ones", "leading", "both"))
def last_axes_added(gradient, shape):
    """You add over the last axes. Broadcasting puts new axes in front: add over those, then over axes of length 1."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=-1)
    return gradient.reshape(shape)


@trap("unbroadcast", loses=("leading", "both", "scalar"))
def only_axes_of_length_one(gradient, shape):
    """You add over the axes of length 1. Broadcasting also puts whole axes in front: add over those first."""
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


@trap("unbroadcast", loses=("ones", "both", "same"))
def axes_dropped(gradient, shape):
    """After your sum the axes of length 1 are gone. The result must have exactly the given shape. See `keepdims`."""
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    return gradient.sum(axis=tuple(axis for axis, length in enumerate(shape) if length == 1))


@trap("unbroadcast", loses=("ones", "leading", "both", "scalar"))
def mean_of_the_copies(gradient, shape):
    """You average the copies. Each copy had its own effect on the cost, and effects add."""
    extra = gradient.ndim - len(shape)
    gradient = gradient.mean(axis=tuple(range(extra)))
    return gradient.mean(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@trap("unbroadcast", loses=("ones", "leading", "both", "scalar"))
def first_copy_only(gradient, shape):
    """You keep one copy and throw away the others. All of them reached the cost: add them."""
    while gradient.ndim > len(shape):
        gradient = gradient[0]
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.take([0], axis=axis)
    return gradient


@trap("unbroadcast", loses=("ones", "leading", "both", "scalar"))
def reshaped(gradient, shape):
    """`reshape` only arranges numbers anew: it cannot make fewer of them. Which of them belong together, and how?"""
    return gradient.reshape(shape)


@trap("unbroadcast", loses=("ones", "leading", "both", "same"))
def sum_everywhere(gradient, shape):
    """You add up everything. Add only over the axes along which copies were made."""
    return np.full(shape, gradient.sum())


@trap("unbroadcast", loses=("leading", "both"))
def lined_up_from_the_left(gradient, shape):
    """You line the two shapes up from the left. Broadcasting lines them up from the right: new axes come in front."""
    padded = tuple(shape) + (1,) * (gradient.ndim - len(shape))
    axes = tuple(axis for axis, length in enumerate(padded) if length == 1)
    return gradient.sum(axis=axes, keepdims=True).reshape(shape)


@trap("unbroadcast", loses=("ones", "leading", "both", "scalar", "same"))
def only_for_matrices(gradient, shape):
    """Your code takes for granted that the shape has two axes. It may have any number of them, even none."""
    rows, columns = shape
    if rows == 1:
        gradient = gradient.sum(axis=0, keepdims=True)
    if columns == 1:
        gradient = gradient.sum(axis=1, keepdims=True)
    return gradient


@alternative("unbroadcast")
def padded_from_the_left(gradient, shape):
    padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i in range(gradient.ndim) if padded[i] == 1 and gradient.shape[i] > 1)
    return gradient.sum(axis=axes, keepdims=True).reshape(shape)


@alternative("unbroadcast")
def every_number_to_its_origin(gradient, shape):
    size = int(np.prod(shape))
    origin = np.broadcast_to(np.arange(size).reshape(shape), gradient.shape)
    result = np.zeros(size)
    np.add.at(result, origin.ravel(), gradient.ravel())
    return result.reshape(shape)


@alternative("unbroadcast")
def axis_by_axis(gradient, shape):
    while np.ndim(gradient) > len(shape):
        gradient = sum(gradient)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            gradient = np.expand_dims(np.sum(gradient, axis), axis)
    return gradient


axes_at_the_end = slip(
    axis_by_axis,
    {"gradient = sum(gradient)": "gradient = np.sum(gradient, -1)"},
    loses=("leading", "both"),
    says="You add over the last axes. Broadcasting puts new axes in front: the first ones are too many.",
)


@trap("unbroadcast", loses=("ones", "leading", "both", "scalar"))
def largest_copy(gradient, shape):
    """You keep the largest copy. All of them reached the cost: add them."""
    while gradient.ndim > len(shape):
        gradient = gradient.max(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.max(axis=axis, keepdims=True)
    return gradient


@trap("unbroadcast", loses=("ones", "leading", "both", "scalar"))
def cut_to_the_shape(gradient, shape):
    """You give the first numbers the right shape and drop the rest. Every copy had its effect on the cost: add them."""
    return np.resize(gradient, shape)


@trap("unbroadcast", loses=("ones", "both"))
def first_of_the_stretched(gradient, shape):
    """You add along one stretched axis only. Several axes of the shape may have length 1."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    return gradient.sum(axis=shape.index(1), keepdims=True) if 1 in shape else gradient


# 3.6 softmax_xent ----------------------------------------------------------------------------------------------------


@trap("softmax-xent", loses=("A", "C", "dZ", "large-A", "large-C", "large-dZ", "one"))
def along_the_rows(Z, Y):
    """Your probabilities add up to 1 along the rows. One column is one example: each column must add up to 1."""
    shifted = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(shifted)
    total = E.sum(axis=1, keepdims=True)
    C = -np.sum(Y * (shifted - np.log(total))) / Z.shape[1]
    return E / total, C, (E / total - Y) / Z.shape[1]


@trap("softmax-xent", loses=("A", "C", "dZ", "large-A", "large-C", "large-dZ"))
def over_the_whole_batch(Z, Y):
    """All your probabilities together add up to 1. Each example has its own: each column must add up to 1."""
    shifted = Z - Z.max()
    E = np.exp(shifted)
    C = np.mean(np.log(E.sum()) - np.sum(Y * shifted, axis=0))
    return E / E.sum(), C, (E / E.sum() - Y) / Z.shape[1]


@trap("softmax-xent", loses=("large-A", "large-C", "large-dZ"))
def exp_overflows(Z, Y):
    """exp(1000) is too large for a float and exp(-1000) is rounded to 0, so NaN comes out. Shift each column first."""
    E = np.exp(Z)
    A = E / E.sum(axis=0)
    return A, -np.mean(np.log(np.sum(A * Y, axis=0))), (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("large-A", "large-C", "large-dZ"))
def one_maximum_for_all(Z, Y):
    """You subtract one number from the whole batch. A column far below it becomes all zeros: shift each by its own."""
    shifted = Z - Z.max()
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = np.mean(np.log(E.sum(axis=0)) - np.sum(Y * shifted, axis=0))
    return A, C, (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("large-A", "large-C", "large-dZ"))
def clipped_logits(Z, Y):
    """You cut large logits off, so logits that differ become equal. Shift them instead: differences stay the same."""
    E = np.exp(np.clip(Z, -500, 500))
    A = E / E.sum(axis=0)
    return A, -np.mean(np.log(np.sum(A * Y, axis=0))), (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("large-C",))
def log_of_zero(Z, Y):
    """A probability that is rounded to 0 has no logarithm. Find log a from the shifted logits instead."""
    E = np.exp(Z - Z.max(axis=0))
    A = E / E.sum(axis=0)
    return A, -np.sum(Y * np.log(A)) / Z.shape[1], (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("large-C",))
def infinite_cost(Z, Y):
    """A probability of 0 is only a rounded one, so C is not infinite. Find log a from the shifted logits instead."""
    E = np.exp(Z - Z.max(axis=0))
    A = E / E.sum(axis=0)
    return A, -np.mean(np.log(np.sum(A * Y, axis=0))), (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("large-C",))
def log_of_tiny(Z, Y):
    """The small number inside your logarithm hides how wrong the network is. Find log a from the shifted logits."""
    E = np.exp(Z - Z.max(axis=0))
    A = E / E.sum(axis=0)
    return A, -np.mean(np.log(np.maximum(np.sum(A * Y, axis=0), 1e-12))), (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("C", "large-C"))
def cost_not_averaged(Z, Y):
    """C is a sum over the examples. The cost is their mean."""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = np.sum(np.log(E.sum(axis=0)) - np.sum(Y * shifted, axis=0))
    return A, C, (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("C", "large-C", "one"))
def averaged_over_classes_too(Z, Y):
    """You divide C by the number of classes as well. Each example has one cost: add over the classes, then average."""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = -np.mean(Y * (shifted - np.log(E.sum(axis=0))))
    return A, C, (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("C", "large-C", "one"))
def cost_upside_down(Z, Y):
    """The sign of C is wrong. A probability is below 1, its logarithm is negative, and a cost is not."""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = np.mean(np.sum(Y * shifted, axis=0) - np.log(E.sum(axis=0)))
    return A, C, (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("dZ", "large-dZ"))
def gradient_not_averaged(Z, Y):
    """This dZ belongs to the sum of the costs. C is their mean: which factor does that bring?"""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = np.mean(np.log(E.sum(axis=0)) - np.sum(Y * shifted, axis=0))
    return A, C, A - Y


@trap("softmax-xent", loses=("dZ", "large-dZ", "one"))
def gradient_upside_down(Z, Y):
    """The sign of dZ is wrong. Raise the logit of the right class: does the cost rise or fall?"""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = np.mean(np.log(E.sum(axis=0)) - np.sum(Y * shifted, axis=0))
    return A, C, (Y - A) / Z.shape[1]


@trap("softmax-xent", loses=("dZ", "large-dZ", "one"))
def gradient_by_probabilities(Z, Y):
    """This is the gradient by A. One step is left: through the softmax, from A back to Z."""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    total = E.sum(axis=0)
    C = np.mean(np.log(total) - np.sum(Y * shifted, axis=0))
    return E / total, C, -Y / (E / total) / Z.shape[1]


@trap("softmax-xent", loses=("dZ", "large-dZ", "one"))
def softmax_as_elementwise(Z, Y):
    """You treat softmax like a function of each number by itself. But every z moves every a."""
    shifted = Z - Z.max(axis=0)
    E = np.exp(shifted)
    A = E / E.sum(axis=0)
    C = np.mean(np.log(E.sum(axis=0)) - np.sum(Y * shifted, axis=0))
    return A, C, -Y * (1 - A) / Z.shape[1]


@alternative("softmax-xent")
def by_logaddexp(Z, Y):
    logs = Z - np.logaddexp.reduce(Z, axis=0)
    m = Z.shape[1]
    return np.exp(logs), -np.sum(Y * logs) / m, (np.exp(logs) - Y) / m


slope_not_cancelled = slip(
    by_logaddexp,
    {"(np.exp(logs) - Y) / m": "(np.exp(logs) - Y) * np.exp(logs) * (1 - np.exp(logs)) / m"},
    loses=("dZ", "large-dZ", "one"),
    says="You multiply by a(1 - a). With this cost the slope has cancelled already: δ = a - y is all.",
)


@alternative("softmax-xent")
def column_after_column(Z, Y):
    n, m = Z.shape
    A, C = np.zeros((n, m)), 0.0
    for j in range(m):
        shifted = Z[:, j] - max(Z[:, j])
        total = sum(np.exp(shifted))
        A[:, j] = np.exp(shifted) / total
        right = list(Y[:, j]).index(1)
        C += (np.log(total) - shifted[right]) / m
    return A, C, (A - Y) / m


@alternative("softmax-xent")
def through_the_jacobian(Z, Y):
    n, m = Z.shape
    shifted = Z - Z.max(axis=0, keepdims=True)
    A = np.exp(shifted) / np.exp(shifted).sum(axis=0)
    costs, columns = [], []
    for j in range(m):
        jacobian = np.eye(n) - np.tile(A[:, j], (n, 1))
        columns.append(-Y[:, j] @ jacobian / m)
        costs.append(np.log(np.exp(shifted[:, j]).sum()) - Y[:, j] @ shifted[:, j])
    return A, np.mean(costs), np.stack(columns, axis=1)


@trap("softmax-xent", loses=("C", "large-C", "one"))
def both_outcomes(Z, Y):
    """Your cost also counts 1 - y, as for one output that says yes or no. Here only the right class counts."""
    shifted = Z - Z.max(axis=0)
    A = np.exp(shifted) / np.exp(shifted).sum(axis=0)
    C = -np.mean((Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum(axis=0))
    return A, C, (A - Y) / Z.shape[1]


@trap("softmax-xent", loses=("C", "large-C", "one"))
def half_of_it_in_bits(Z, Y):
    """One of your logarithms has base 2. The cost uses the natural logarithm."""
    shifted = Z - Z.max(axis=0)
    total = np.exp(shifted).sum(axis=0)
    A = np.exp(shifted) / total
    return A, np.mean(np.log2(total) - (Y * shifted).sum(axis=0)), (A - Y) / Z.shape[1]


# 3.7 fixed_backward --------------------------------------------------------------------------------------------------


@trap("shape-bugs", loses=("dW1", "db1", "dW2", "output", "square"))
def still_crashes(X, A1, W2, dZ2):
    """A line still crashes. Write the shapes next to it. What arrives at A1 must have the shape of A1, (n1, m)."""
    dZ1 = (dZ2.T @ W2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW1", "db1", "dW2", "output", "square"))
def layer_2_first(X, A1, W2, dZ2):
    """The order of the four results is wrong: give dW1 and db1 first, then dW2 and db2."""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True), dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("db1", "dW2", "output", "square"))
def all_weights_first(X, A1, W2, dZ2):
    """The order of the four results is wrong: the bias of a layer comes right behind its weights."""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ2 @ A1.T, dZ1.sum(axis=1, keepdims=True), dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW1", "db1", "square"))
def slope_of_the_sigmoid(X, A1, W2, dZ2):
    """The function of layer 1 is no sigmoid. Look at the forward pass: which slope belongs to it?"""
    dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW1", "db1", "dW2", "output", "square"))
def nothing_fixed(X, A1, W2, dZ2):
    """This is the code as it was given. Write the shapes next to every line, from dZ2 on."""
    dW2 = A1 @ dZ2.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dA1 = W2 @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=0).reshape(-1, 1), dW2, db2


@trap("shape-bugs", loses=("dW1", "db1", "dW2", "square"))
def only_dW2_fixed(X, A1, W2, dZ2):
    """dW2 is right now. Two bugs are left: the way back from Z2 to A1, and the axis of one of the sums."""
    dZ1 = (W2 @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=0).reshape(-1, 1), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW1", "db1", "dW2", "output", "square"))
def only_db1_fixed(X, A1, W2, dZ2):
    """db1 is right now. Two bugs are left: the way back from Z2 to A1, and the shape of dW2."""
    dZ1 = (W2 @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), A1 @ dZ2.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW1", "db1", "dW2", "square"))
def way_back_left(X, A1, W2, dZ2):
    """One bug is left: W2 leads from A1 to Z2, and you use it to walk back."""
    dZ1 = (W2 @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("db1", "dW2", "output", "square"))
def only_the_way_back_fixed(X, A1, W2, dZ2):
    """The code runs now, but running is not enough. Compare the shape of every result with the shape it should have."""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=0).reshape(-1, 1), A1 @ dZ2.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW2", "output", "square"))
def dW2_left(X, A1, W2, dZ2):
    """One bug is left. Which result does not have the shape of its parameter?"""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), A1 @ dZ2.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("db1", "square"))
def db1_left(X, A1, W2, dZ2):
    """One bug is left: the sum for db1 runs over the neurons. Each neuron keeps its own number."""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=0).reshape(-1, 1), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("db1", "square"))
def db1_without_its_axis(X, A1, W2, dZ2):
    """db1 adds over the right axis now, but it is no column any more. Compare with the line for db2."""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(axis=1), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW2", "output", "square"))
def dW2_forced_into_shape(X, A1, W2, dZ2):
    """You force dW2 into its shape, but the numbers are not where they belong. Write the product in the right order."""
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    dW2 = (A1 @ dZ2.T).reshape(W2.shape)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dW2, dZ2.sum(axis=1, keepdims=True)


@alternative("shape-bugs")
def fixed_line_by_line(X, A1, W2, dZ2):
    dW2 = (A1 @ dZ2.T).T
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1 = (X @ dZ1.T).T
    db1 = np.sum(dZ1, axis=1)[:, None]
    return dW1, db1, dW2, db2


@alternative("shape-bugs")
def fixed_with_einsum(X, A1, W2, dZ2):
    dZ1 = np.einsum("kh,km,hm->hm", W2, dZ2, 1 - A1 * A1)
    ones = np.ones((X.shape[1], 1))
    return np.einsum("hm,im->hi", dZ1, X), dZ1 @ ones, np.einsum("km,hm->kh", dZ2, A1), dZ2 @ ones


@trap("shape-bugs", loses=("dW1", "db1", "square"))
def slope_left_out(X, A1, W2, dZ2):
    """The slope of tanh is gone. The error passes it on the way from A1 back to Z1."""
    to_Z1 = W2.T @ dZ2
    return to_Z1 @ X.T, to_Z1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)


@trap("shape-bugs", loses=("dW1", "db1", "square"))
def tanh_of_tanh(X, A1, W2, dZ2):
    """You take tanh of A1, but A1 is a tanh already."""
    to_Z1 = (W2.T @ dZ2) * (1 - np.tanh(A1) ** 2)
    return to_Z1 @ X.T, to_Z1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)
