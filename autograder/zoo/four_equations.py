"""Wrong and other right answers to notebook 4. A trap's docstring is what a student who makes that mistake reads.

The names of earlier answers are those of the notebook: sigmoid, feedforward, bp1 and so on.
"""

# ruff: noqa: F821
import numpy as np

from autograder.zoo import alternative, slip, trap

# 4.1 sigmoid and sigmoid_prime ---------------------------------------------------------------------------------------


@trap("sigmoid", loses=("values", "whole", "far"), answer="sigmoid")
def sign_in_the_exponent(z):
    """Your sigmoid falls. It should rise: near 0 far to the left, near 1 far to the right. Look at the exponent."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(z))


@trap("sigmoid", loses=("values", "whole", "far"), answer="sigmoid")
def hyperbolic_tangent(z):
    """This curve goes from -1 to 1. The sigmoid goes from 0 to 1."""
    return np.tanh(z)


@trap("sigmoid", loses=("far",), answer="sigmoid")
def overflow(z):
    """The formula is right, but far to the left exp overflows and NumPy warns. Use exp only where it stays small."""
    return 1 / (1 + np.exp(-z))


@trap("sigmoid", loses=("far",), answer="sigmoid")
def infinity_by_infinity(z):
    """Far to the right exp(z) is infinite, and infinity divided by infinity is not a number."""
    return np.exp(z) / (1 + np.exp(z))


@trap("sigmoid", loses=("far",), answer="sigmoid")
def both_branches(z):
    """np.where first finds both branches for all z, so the dangerous one is computed too. Make its exponent small."""
    return np.where(np.asarray(z) >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


@trap("sigmoid", loses=("values", "whole", "far"), answer="sigmoid")
def one_number_only(z):
    """The functions of the math module and a plain `if` take one number. Here z may be a whole array: use NumPy."""
    import math

    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


@trap("sigmoid", loses=("whole",), answer="sigmoid")
def result_of_whole_numbers(z):
    """For whole numbers z, your array of results holds whole numbers too, and all decimals are cut off."""
    e = np.exp(-np.abs(z))
    result = np.zeros_like(z)
    result[...] = np.where(np.asarray(z) >= 0, 1, e) / (1 + e)
    return result


@trap("sigmoid", loses=("slope", "far"), answer="sigmoid_prime")
def one_minus_z(z):
    """The slope is made of the value of the sigmoid alone: s(1 - s). You put in z for one of them."""
    z = np.asarray(z)
    return sigmoid(z) * (1 - z)


@trap("sigmoid", loses=("slope", "far"), answer="sigmoid_prime")
def plus_for_minus(z):
    """σ(1 + σ) is larger than 1 far to the right, but there the curve is flat. Check one sign."""
    return sigmoid(z) * (1 + sigmoid(z))


@trap("sigmoid", loses=("slope", "far"), answer="sigmoid_prime")
def takes_an_activation(z):
    """z(1 - z) is right for a number that is a sigmoid already. Here you get z, before the sigmoid."""
    return z * (1 - z)


@trap("sigmoid", loses=("slope", "far"), answer="sigmoid_prime")
def only_one_minus(z):
    """1 - σ is one of the two factors. Far to the left the curve is flat, and yours says 1 there."""
    return 1 - sigmoid(z)


@trap("sigmoid", loses=("slope", "far"), answer="sigmoid_prime")
def squared(z):
    """One exponential is missing. Write σ as a power, (1 + exp(-z)) to the -1, and use the chain rule."""
    return sigmoid(z) ** 2


@trap("sigmoid", loses=("far",), answer="sigmoid_prime")
def quotient_rule(z):
    """Right on paper, but at -1000 it divides infinity by infinity. Build it from your own sigmoid, which is safe."""
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


@alternative("sigmoid", answer="sigmoid")
def half_a_tangent(z):
    return 0.5 * (1 + np.tanh(np.multiply(z, 0.5)))


@alternative("sigmoid", answer="sigmoid")
def told_to_be_quiet(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


@alternative("sigmoid", answer="sigmoid")
def clipped(z):
    return 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))


@alternative("sigmoid", answer="sigmoid_prime")
def difference_of_squares(z):
    s = sigmoid(z)
    return s - s**2


@alternative("sigmoid", answer="sigmoid_prime")
def two_sided(z):
    return sigmoid(z) * sigmoid(np.negative(z))


@trap("sigmoid", loses=("slope", "far"), answer="sigmoid_prime")
def square_forgotten(z):
    """This is the sigmoid of -|z|. In the formula of the slope, what stands below the line is squared."""
    e = np.exp(-np.abs(z))
    return e / (1 + e)


# 4.2 feedforward -----------------------------------------------------------------------------------------------------


@alternative("feedforward")
def layer_by_layer(w, b, X):
    z, a = [None], [X]
    for l in range(1, len(w)):
        z.append(w[l] @ a[l - 1] + b[l])
        a.append(sigmoid(z[l]))
    return z, a


no_bias = slip(
    layer_by_layer,
    {"a[l - 1] + b[l]": "a[l - 1]"},
    loses=("one", "batch", "square"),
    says="The biases are missing: every weighted sum gets one.",
)


@trap("feedforward", loses=("one", "batch", "square"))
def sums_go_on(w, b, X):
    """You hand the weighted sum z to the next layer. It should get the activation, after the sigmoid."""
    z, a = [None], [X]
    signal = X
    for l in range(1, len(w)):
        signal = w[l] @ signal + b[l]
        z.append(signal)
        a.append(sigmoid(signal))
    return z, a


linear_output = slip(
    layer_by_layer,
    {"(sigmoid(z[l]))": "(sigmoid(z[l]))\n    a[-1] = z[-1]"},
    loses=("one", "batch", "square"),
    says="The last layer has a sigmoid too.",
)


transposed_weights = slip(
    layer_by_layer,
    {"w[l]": "w[l].T"},
    loses=("one", "batch", "square"),
    says="w[l] leads to layer l from layer l - 1 as it is. Forward, nothing has to be transposed.",
)


squashed_input = slip(
    layer_by_layer,
    {"a = [None], [X]": "a = [None], [sigmoid(X)]"},
    loses=("one", "batch", "square"),
    says="You put the input through the sigmoid. Layer 0 computes nothing: a[0] is X itself.",
)


lists_exchanged = slip(
    layer_by_layer,
    {"return z, a": "return a, z"},
    loses=("one", "batch", "square"),
    says="You return a and then z. Return z first.",
)


without_layer_0 = slip(
    layer_by_layer,
    {"a = [None], [X]": "a = [], []", "a[l - 1]": "(a[-1] if a else X)", "z[l]": "z[-1]"},
    loses=("one", "batch", "square"),
    says="Your lists have the wrong length. Both start with layer 0: None in z, and the input X in a.",
)


rows_of_biases = slip(
    layer_by_layer,
    {"z.append": "z.append(", "a[l - 1]": "a[l - 1]).sum(axis=1, keepdims=True)"},
    loses=("batch", "square"),
    says="You add up the results of all examples. Each column is an example of its own and keeps to itself.",
)


@alternative("feedforward")
def by_index(w, b, X):
    L = len(w) - 1
    z, a = [None] * (L + 1), [None] * (L + 1)
    a[0] = X
    for l in range(1, L + 1):
        z[l] = np.dot(w[l], a[l - 1]) + b[l]
        a[l] = sigmoid(z[l])
    return z, a


@alternative("feedforward")
def by_einsum(w, b, X):
    z, a = [0], [X]
    for l in range(1, len(w)):
        z = [*z, np.einsum("jk,km->jm", w[l], a[-1]) + b[l]]
        a = [*a, sigmoid(z[-1])]
    return tuple(z), tuple(a)


@alternative("feedforward")
def biases_as_weights(w, b, X):
    z, a = [None], [np.array(X)]
    ones = np.ones((1, X.shape[1]))
    for l in range(1, len(w)):
        z.append(np.hstack([w[l], b[l]]) @ np.vstack([a[-1], ones]))
        a.append(sigmoid(z[-1]))
    return [z, a]


# 4.3 nabla_quadratic and bp1 -----------------------------------------------------------------------------------------


@trap("bp1", loses=("batch", "square"), answer="bp1")
def always_two_layers(z, a, y, nabla_a):
    """You take layer 2. The last layer has the number L, and L is not always 2: take the last item of the lists."""
    return nabla_a(a[2], y) * sigmoid_prime(z[2])


@trap("bp1", loses=("nabla",), answer="nabla_quadratic")
def target_minus_output(a, y):
    """The sign is wrong. If an output is too high, raising it makes the cost rise: its slope is positive."""
    return y - a


@trap("bp1", loses=("nabla",), answer="nabla_quadratic")
def factor_two(a, y):
    """You have a factor 2. Look at the cost again: what stands in front of the sum?"""
    return 2 * (a - y)


@trap("bp1", loses=("nabla",), answer="nabla_quadratic")
def the_cost_itself(a, y):
    """This is the cost, not its derivative by each output."""
    return 0.5 * (a - y) ** 2


@trap("bp1", loses=("nabla",), answer="nabla_quadratic")
def mean_over_outputs(a, y):
    """You divide by the number of outputs. The cost of one example is a sum over its outputs, not a mean."""
    return (a - y) / len(a)


@trap("bp1", loses=("nabla",), answer="nabla_quadratic")
def size_of_the_error(a, y):
    """Your gradient is never negative. When an output is too low, raising it makes the cost fall."""
    return abs(a - y)


@trap("bp1", loses=("batch", "square"), answer="bp1")
def floor_under_the_slope(z, a, y, nabla_a):
    """You keep σ′ from becoming very small. Where a neuron is saturated its slope is almost 0, and so is its error."""
    return nabla_a(a[-1], y) * np.maximum(sigmoid_prime(z[-1]), 0.01)


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def slope_at_a(z, a, y, nabla_a):
    """You take σ' at a. The sigmoid was applied to z, so its slope is taken at z."""
    return nabla_a(a[-1], y) * sigmoid_prime(a[-1])


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def no_slope(z, a, y, nabla_a):
    """This is the derivative of the cost by a. The error δ is the derivative by z: one local derivative is missing."""
    return nabla_a(a[-1], y)


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def sigmoid_for_its_slope(z, a, y, nabla_a):
    """You multiply by σ. The local derivative from z to a is σ'."""
    return nabla_a(a[-1], y) * sigmoid(z[-1])


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def always_quadratic(z, a, y, nabla_a):
    """You use the quadratic cost, whatever cost is given. Its gradient comes from nabla_a: call it."""
    return (a[-1] - y) * sigmoid_prime(z[-1])


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def arguments_exchanged(z, a, y, nabla_a):
    """You call nabla_a with the target first. It takes the outputs, then the targets; exchanged, the sign is wrong."""
    return nabla_a(y, a[-1]) * sigmoid_prime(z[-1])


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def product_of_matrices(z, a, y, nabla_a):
    """You use a matrix product. Every output neuron has its own path: ⊙ multiplies entry by entry."""
    return nabla_a(a[-1], y) @ sigmoid_prime(z[-1])


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def outer_product(z, a, y, nabla_a):
    """You multiply every output with every other. Each neuron has its own path: ⊙ multiplies entry by entry."""
    return nabla_a(a[-1], y) @ sigmoid_prime(z[-1]).T


@trap("bp1", loses=("batch", "square"), answer="bp1")
def mean_too_early(z, a, y, nabla_a):
    """You divide by the number of examples. δ belongs to one example; the mean is taken in BP3 and BP4."""
    return nabla_a(a[-1], y) * sigmoid_prime(z[-1]) / y.shape[1]


@trap("bp1", loses=("batch", "square"), answer="bp1")
def mean_of_columns(z, a, y, nabla_a):
    """You average over the examples. δ keeps one column for each example; the mean is taken in BP3 and BP4."""
    return np.mean(nabla_a(a[-1], y) * sigmoid_prime(z[-1]), axis=1, keepdims=True)


@trap("bp1", loses=("square",), answer="bp1")
def looked_up_by_shape(z, a, y, nabla_a):
    """You look for a layer of the right shape. Layers may have the same shape: the output is the last one."""
    l = next(i for i in range(1, len(z)) if z[i].shape == y.shape)
    return nabla_a(a[l], y) * sigmoid_prime(z[l])


@alternative("bp1", answer="nabla_quadratic")
def in_numpy_words(a, y):
    return np.subtract(a, y)


@alternative("bp1", answer="nabla_quadratic")
def number_by_number(a, y):
    return [[p - q for p, q in zip(row, wanted, strict=True)] for row, wanted in zip(a, y, strict=True)]


@alternative("bp1", answer="bp1")
def slope_from_the_output(z, a, y, nabla_a):
    out = a[len(a) - 1]
    return nabla_a(out, y) * out * (1 - out)


@alternative("bp1", answer="bp1")
def diagonal_matrix(z, a, y, nabla_a):
    upstream, slope = nabla_a(a[-1], y), sigmoid_prime(z[-1])
    columns = [np.diag(slope[:, i]) @ upstream[:, i] for i in range(y.shape[1])]
    return np.stack(columns, axis=1)


@trap("bp1", loses=("one", "batch", "square"), answer="bp1")
def cost_at_z(z, a, y, nabla_a):
    """You call nabla_a with z. The cost compares the outputs with the targets: give it a[L]."""
    return nabla_a(z[-1], y) * sigmoid_prime(z[-1])


# 4.4 bp2 -------------------------------------------------------------------------------------------------------------


@trap("bp2", loses=("one", "batch", "square"))
def no_transpose(l, w, z, delta):
    """You multiply by the weights as they are. On the way back the sum runs over the other index: transpose."""
    return (w[l + 1] @ delta[l + 1]) * sigmoid_prime(z[l])


@trap("bp2", loses=("one", "batch", "square"))
def own_weights(l, w, z, delta):
    """You use w[l], the weights that lead into layer l. The error comes back through those that leave it."""
    return (w[l].T @ delta[l + 1]) * sigmoid_prime(z[l])


@trap("bp2", loses=("one", "batch", "square"))
def own_error(l, w, z, delta):
    """You use delta[l], but that is what you are asked to find. The known errors are one layer further on."""
    return (w[l + 1].T @ delta[l]) * sigmoid_prime(z[l])


@trap("bp2", loses=("one", "batch", "square"))
def slope_of_next_layer(l, w, z, delta):
    """You take σ' at z[l+1]. The error passes through the sigmoid of layer l; delta[l+1] has the other one already."""
    return (w[l + 1].T @ delta[l + 1]) * sigmoid_prime(z[l + 1])


@trap("bp2", loses=("one", "batch", "square"))
def slope_before_weights(l, w, z, delta):
    """You multiply delta[l+1] by σ' before the weights. It has that factor already; the slope of layer l is missing."""
    return w[l + 1].T @ (delta[l + 1] * sigmoid_prime(z[l + 1]))


@trap("bp2", loses=("one", "batch", "square"))
def without_slope(l, w, z, delta):
    """This is the derivative by a[l]. One more step leads to z[l], and its local derivative is missing."""
    return w[l + 1].T @ delta[l + 1]


@trap("bp2", loses=("batch", "square"))
def floor_under_the_slope_of_the_layer(l, w, z, delta):
    """You keep σ′ from becoming very small. Where a neuron is saturated its slope is almost 0, and so is its error."""
    return (w[l + 1].T @ delta[l + 1]) * np.maximum(sigmoid_prime(z[l]), 0.01)


@trap("bp2", loses=("one", "batch", "square"))
def slope_at_the_activation(l, w, z, delta):
    """You take σ' at a. The sigmoid was applied to z, so its slope is taken at z."""
    return (w[l + 1].T @ delta[l + 1]) * sigmoid_prime(sigmoid(z[l]))


@trap("bp2", loses=("one", "batch", "square"))
def z_times_one_minus_z(l, w, z, delta):
    """z(1 - z) is not the slope. The short form a(1 - a) works with activations; the list you have holds the z's."""
    return (w[l + 1].T @ delta[l + 1]) * z[l] * (1 - z[l])


@trap("bp2", loses=("one", "batch", "square"))
def sigmoid_not_slope(l, w, z, delta):
    """You multiply by σ. The local derivative from z to a is σ'."""
    return (w[l + 1].T @ delta[l + 1]) * sigmoid(z[l])


@trap("bp2", loses=("one", "batch", "square"))
def matrix_product_for_hadamard(l, w, z, delta):
    """The second product is ⊙: each neuron has its own slope, so multiply entry by entry, with *."""
    return (w[l + 1].T @ delta[l + 1]) @ sigmoid_prime(z[l])


@trap("bp2", loses=("one", "batch", "square"))
def hadamard_for_matrix_product(l, w, z, delta):
    """The first product is a matrix product: each neuron hears from all neurons of the next layer. * does not sum."""
    return (w[l + 1].T * delta[l + 1]) * sigmoid_prime(z[l])


@trap("bp2", loses=("batch", "square"))
def shared_between_examples(l, w, z, delta):
    """You average the errors over the examples before you go back. Each example keeps its own column until the end."""
    return (w[l + 1].T @ delta[l + 1].mean(axis=1, keepdims=True)) * sigmoid_prime(z[l])


@trap("bp2", loses=("one", "batch", "square"))
def last_layer_only(l, w, z, delta):
    """You always start from the output layer. The error of layer l comes from layer l + 1, whichever that is."""
    return (w[-1].T @ delta[-1]) * sigmoid_prime(z[l])


@alternative("bp2")
def sums_over_paths(l, w, z, delta):
    result = np.zeros(z[l].shape)
    for k in range(result.shape[0]):
        for j in range(len(delta[l + 1])):
            result[k] += delta[l + 1][j] * w[l + 1][j, k] * sigmoid_prime(z[l][k])
    return result


@alternative("bp2")
def by_index_names(l, w, z, delta):
    return np.einsum("jk,jm,km->km", w[l + 1], delta[l + 1], sigmoid_prime(z[l]))


@alternative("bp2")
def in_rows(l, w, z, delta):
    return sigmoid_prime(z[l]) * (delta[l + 1].T @ w[l + 1]).T


@alternative("bp2")
def with_a_jacobian(l, w, z, delta):
    columns = []
    for i in range(z[l].shape[1]):
        jacobian = w[l + 1] @ np.diag(sigmoid_prime(z[l][:, i]))
        columns.append(delta[l + 1][:, i] @ jacobian)
    return np.array(columns).T


@trap("bp2", loses=("one", "batch", "square"))
def from_the_end_always(l, w, z, delta):
    """You take the last layers, whatever l is. Use the weights and the errors of layer l + 1."""
    return (w[-1].T @ delta[-1]) * sigmoid_prime(z[-2])


@trap("bp2", loses=("one", "batch", "square"))
def one_plus_sigma(l, w, z, delta):
    """Your slope is s(1 + s). Check the sign in the formula of the sigmoid's slope."""
    s = sigmoid(z[l])
    return (w[l + 1].T @ delta[l + 1]) * s * (1 + s)


@trap("bp2", loses=("one", "batch", "square"))
def first_neuron_alone(l, w, z, delta):
    """You take what one neuron of layer l + 1 sends. All of them send something: add it up."""
    return np.outer(w[l + 1][0], delta[l + 1][0]) * sigmoid_prime(z[l])


# 4.5 bp3 -------------------------------------------------------------------------------------------------------------


@trap("bp3", loses=("batch",))
def sum_for_mean(l, delta):
    """You sum over the examples. The cost is their mean."""
    return np.sum(delta[l], axis=1, keepdims=True)


@trap("bp3", loses=("batch",))
def one_column_each(l, delta):
    """You return one column for each example. All examples share one bias: its gradient is one column, their mean."""
    return delta[l]


@trap("bp3", loses=("batch",))
def first_example(l, delta):
    """You keep only the first example. All of them count."""
    return delta[l][:, :1]


@trap("bp3", loses=("one", "batch"))
def axis_dropped(l, delta):
    """The numbers are right, but the shape is (n,). A gradient has the shape of b[l], (n, 1): keep the axis."""
    return np.mean(delta[l], axis=1)


@trap("bp3", loses=("one", "batch"))
def mean_over_neurons(l, delta):
    """You average over the neurons. Examples are columns, so the mean runs along each row."""
    return np.mean(delta[l], axis=0, keepdims=True)


@trap("bp3", loses=("one", "batch"))
def mean_of_everything(l, delta):
    """You average everything into one number. Each neuron has its own bias, and its own mean."""
    return np.mean(delta[l])


@trap("bp3", loses=("one", "batch"))
def divided_by_neurons(l, delta):
    """You divide by the number of neurons. The mean is over the examples: how many columns are there?"""
    return np.sum(delta[l], axis=1, keepdims=True) / len(delta[l])


@trap("bp3", loses=("one", "batch"))
def layer_above(l, delta):
    """You take the error of layer l + 1. A bias of layer l acts on z of the same layer."""
    return np.mean(delta[l + 1], axis=1, keepdims=True)


@trap("bp3", loses=("one", "batch"))
def layer_below(l, delta):
    """You take the error of layer l - 1. A bias of layer l acts on z of the same layer."""
    return np.mean(delta[l - 1], axis=1, keepdims=True)


@alternative("bp3")
def times_ones(l, delta):
    m = delta[l].shape[1]
    return delta[l] @ np.full((m, 1), 1 / m)


@alternative("bp3")
def row_by_row(l, delta):
    return [[sum(row) / len(row)] for row in delta[l]]


@alternative("bp3")
def mean_and_new_axis(l, delta):
    return delta[l].mean(axis=1)[:, None]


# 4.6 bp4 -------------------------------------------------------------------------------------------------------------


@trap("bp4", loses=("batch", "square"))
def summed_examples(l, delta, a):
    """The matrix product sums over the examples. The cost is their mean: one factor is missing."""
    return delta[l] @ a[l - 1].T


@trap("bp4", loses=("one", "batch", "square"))
def own_activation(l, delta, a):
    """You use a[l]. A weight of layer l multiplies what comes in, and that comes from the layer before."""
    return delta[l] @ a[l].T / delta[l].shape[1]


@trap("bp4", loses=("one", "batch", "square"))
def activation_not_transposed(l, delta, a):
    """The examples must meet in the product: (n, m) times (m, k). Look at the shape of a[l-1]."""
    return delta[l] @ a[l - 1] / delta[l].shape[1]


@trap("bp4", loses=("one", "batch", "square"))
def turned_over(l, delta, a):
    """Your matrix is turned over. Row j belongs to the neuron that the weight leads to."""
    return a[l - 1] @ delta[l].T / delta[l].shape[1]


@trap("bp4", loses=("one", "batch", "square"))
def error_of_next_layer(l, delta, a):
    """You use the error of layer l + 1. A weight of layer l acts on z of layer l."""
    return delta[l + 1] @ a[l - 1].T / delta[l].shape[1]


@trap("bp4", loses=("one", "batch", "square"))
def next_error_own_activation(l, delta, a):
    """Both layers are one too high: this is the gradient of w[l+1]."""
    return delta[l + 1] @ a[l].T / delta[l].shape[1]


@trap("bp4", loses=("batch", "square"))
def product_of_means(l, delta, a):
    """You average the errors and the activations first and multiply then. Multiply for each example, then average."""
    return delta[l].mean(axis=1, keepdims=True) @ a[l - 1].mean(axis=1, keepdims=True).T


@trap("bp4", loses=("one", "batch"))
def divided_by_rows(l, delta, a):
    """You divide by the number of neurons. The mean is over the examples: how many columns are there?"""
    return delta[l] @ a[l - 1].T / len(delta[l])


@trap("bp4", loses=("batch", "square"))
def last_example(l, delta, a):
    """You keep only one example. All of them count, as a mean."""
    return np.outer(delta[l][:, -1], a[l - 1][:, -1])


@trap("bp4", loses=("batch", "square"))
def first_of_both(l, delta, a):
    """You keep only the first example. All of them count, as a mean."""
    return np.outer(delta[l][:, 0], a[l - 1][:, 0])


@alternative("bp4")
def outer_products(l, delta, a):
    m = delta[l].shape[1]
    total = 0
    for i in range(m):
        total = total + np.outer(delta[l][:, i], a[l - 1][:, i])
    return total / m


@alternative("bp4")
def mean_over_the_last_axis(l, delta, a):
    return np.mean(delta[l][:, None, :] * a[l - 1][None, :, :], axis=2)


@alternative("bp4")
def by_einsum_of_both(l, delta, a):
    return np.einsum("jm,km->jk", delta[l], a[l - 1] / a[l - 1].shape[1])


# 4.7 backprop_one ----------------------------------------------------------------------------------------------------


@alternative("backprop-one")
def errors_first(w, b, x, y, nabla_a):
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("hidden", "deep"))
def stops_too_early(w, b, x, y, nabla_a):
    """Your loop never reaches layer 1, so its gradients stay None. Where does range(…, …, -1) end?"""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta, dw, db = [None] * (L + 1), [None] * (L + 1), [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    dw[L], db[L] = bp4(L, delta, a), bp3(L, delta)
    for l in range(L - 1, 1, -1):
        delta[l] = bp2(l, w, z, delta)
        dw[l], db[l] = bp4(l, delta, a), bp3(l, delta)
    return dw, db


loop_runs_forward = slip(
    errors_first,
    {"L - 1, 0, -1": "1, L"},
    loses=("deep",),
    says="Your loop runs forward. BP2 needs the error of the layer after it, so the last hidden layer comes first.",
)


downhill_already = slip(
    errors_first,
    {"bp4(l, delta, a)": "-bp4(l, delta, a)", "bp3(l, delta)": "-bp3(l, delta)"},
    loses=("output", "hidden", "deep", "single"),
    says="All signs are flipped. Return the gradient; the step against it comes later, in notebook 7.",
)


pair_exchanged = slip(
    errors_first,
    {"dw, db": "db, dw"},
    loses=("output", "hidden", "deep", "single"),
    says="You return db and then dw. Return dw first.",
)


@trap("backprop-one", loses=("output", "hidden", "deep"))
def from_the_output_on(w, b, x, y, nabla_a):
    """Your lists are in the order in which you found them, the output first. Entry l must belong to layer l."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    dw, db = [None, bp4(L, delta, a)], [None, bp3(L, delta)]
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
        dw.append(bp4(l, delta, a))
        db.append(bp3(l, delta))
    return dw, db


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def no_none_at_0(w, b, x, y, nabla_a):
    """Your lists have the wrong length. They start with None for layer 0, so that entry l belongs to layer l."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    return [bp4(l, delta, a) for l in range(1, L + 1)], [bp3(l, delta) for l in range(1, L + 1)]


input_everywhere = slip(
    errors_first,
    {"bp4(l, delta, a)": "delta[l] @ x.T"},
    loses=("output", "deep"),
    says="You use the input x in every layer. Only layer 1 sees it; each other layer sees the activations below it.",
)


own_cost = slip(
    errors_first,
    {"a, y, nabla_a": "a, y, nabla_quadratic"},
    loses=("output", "hidden", "deep", "single"),
    says="You use the quadratic cost, whatever cost is given. Hand nabla_a on to BP1.",
)


activations_of_the_wrong_layer = slip(
    errors_first,
    {"bp4(l, delta, a)": "delta[l] @ a[l].T"},
    loses=("output", "hidden", "deep", "single"),
    says="Your weight gradients use a[l]. What came into layer l is a[l-1].",
)


needs_a_hidden_layer = slip(
    errors_first,
    {
        "for l in range(L - 1, 0, -1):": "l = L - 1\n    while True:",
        "(l, w, z, delta)": "(l, w, z, delta)\n        l -= 1\n        if l < 1:\n            break",
    },
    loses=("single",),
    says="Without a hidden layer your code stops or gives something else. The loop over BP2 is then simply empty.",
)


weights_only_on_the_way_back = slip(
    errors_first,
    {"bp2(l, w, z, delta)": "w[l + 1].T @ delta[l + 1]"},
    loses=("hidden", "deep"),
    says="Your errors go back through the weights only. On the way they pass the sigmoid of each layer.",
)


@alternative("backprop-one")
def all_in_one_loop(w, b, x, y, nabla_a):
    z, a = [None], [x]
    for l in range(1, len(w)):
        z.append(w[l] @ a[-1] + b[l])
        a.append(sigmoid(z[-1]))
    dw, db = [None] * len(w), [None] * len(w)
    to_a = nabla_a(a[-1], y)
    for l in reversed(range(1, len(w))):
        error = to_a * a[l] * (1 - a[l])
        dw[l], db[l] = error * a[l - 1].T, error
        to_a = w[l].T @ error
    return dw, db


@alternative("backprop-one")
def recursive(w, b, x, y, nabla_a):
    dw, db = [0] * len(w), [0] * len(w)

    def error_of_input(l, a_in):
        if l == len(w):
            return nabla_a(a_in, y)
        z = w[l] @ a_in + b[l]
        error = error_of_input(l + 1, sigmoid(z)) * sigmoid_prime(z)
        dw[l], db[l] = np.outer(error, a_in), error
        return w[l].T @ error

    error_of_input(1, x)
    return dw, db


@alternative("backprop-one")
def a_dict_of_errors(w, b, x, y, nabla_a):
    z, a = feedforward(w, b, x)
    delta = {len(w) - 1: bp1(z, a, y, nabla_a)}
    for l in range(len(w) - 2, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    return [None, *(bp4(l, delta, a) for l in sorted(delta))], [None, *(bp3(l, delta) for l in sorted(delta))]


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def activations_for_slopes(w, b, x, y, nabla_a):
    """You multiply by a where σ' belongs. The activation is the value of the sigmoid, not its slope."""
    a = feedforward(w, b, x)[1]
    dw, db, error = [None] * len(w), [None] * len(w), nabla_a(a[-1], y) * a[-1]
    for l in range(len(w) - 1, 0, -1):
        dw[l], db[l] = error @ a[l - 1].T, error
        error = (w[l].T @ error) * a[l - 1]
    return dw, db


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def learns_on_the_way(w, b, x, y, nabla_a):
    """You change the weights while the error still has to go back through them. Find all gradients first, and leave the
    weights as they are."""
    z, a = feedforward(w, b, x)
    dw, db, error = [None] * len(w), [None] * len(w), bp1(z, a, y, nabla_a)
    for l in range(len(w) - 1, 0, -1):
        dw[l], db[l] = error @ a[l - 1].T, error
        w[l] -= 0.1 * dw[l]
        if l > 1:
            error = (w[l].T @ error) * sigmoid_prime(z[l - 1])
    return dw, db


weights_moved_on_the_way = slip(
    all_in_one_loop,
    {"to_a = w[l].T @ error": "to_a = (w[l] - dw[l]).T @ error"},
    loses=("hidden", "deep"),
    says="You change the weights before the error passes them. All gradients belong to the weights that were given.",
)
