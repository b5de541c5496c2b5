"""Wrong and other right answers to notebook 4. A trap's docstring is what a student who makes that mistake reads.

The names of earlier answers are those of the notebook: sigmoid, feedforward, bp1 and so on.
"""

# ruff: noqa: F821
import numpy as np

from autograder.zoo import alternative, trap

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


# 4.2 feedforward -----------------------------------------------------------------------------------------------------


@trap("feedforward", loses=("one", "batch", "square"))
def no_bias(w, b, X):
    """The biases are missing: every weighted sum gets one."""
    z, a = [None], [X]
    for l in range(1, len(w)):
        z.append(w[l] @ a[l - 1])
        a.append(sigmoid(z[l]))
    return z, a


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


@trap("feedforward", loses=("one", "batch", "square"))
def linear_output(w, b, X):
    """The last layer has a sigmoid too."""
    z, a = [None], [X]
    for l in range(1, len(w)):
        z.append(w[l] @ a[l - 1] + b[l])
        a.append(sigmoid(z[l]))
    a[-1] = z[-1]
    return z, a


@trap("feedforward", loses=("one", "batch", "square"))
def transposed_weights(w, b, X):
    """w[l] leads to layer l from layer l - 1 as it is. Forward, nothing has to be transposed."""
    z, a = [None], [X]
    for l in range(1, len(w)):
        z.append(w[l].T @ a[l - 1] + b[l])
        a.append(sigmoid(z[l]))
    return z, a


@trap("feedforward", loses=("one", "batch", "square"))
def squashed_input(w, b, X):
    """You put the input through the sigmoid. Layer 0 computes nothing: a[0] is X itself."""
    z, a = [None], [sigmoid(X)]
    for l in range(1, len(w)):
        z.append(w[l] @ a[l - 1] + b[l])
        a.append(sigmoid(z[l]))
    return z, a


@trap("feedforward", loses=("one", "batch", "square"))
def lists_exchanged(w, b, X):
    """You return a and then z. Return z first."""
    z, a = [None], [X]
    for l in range(1, len(w)):
        z.append(w[l] @ a[l - 1] + b[l])
        a.append(sigmoid(z[l]))
    return a, z


@trap("feedforward", loses=("one", "batch", "square"))
def without_layer_0(w, b, X):
    """Your lists have the wrong length. Both start with layer 0: None in z, and the input X in a."""
    z, a = [], []
    for l in range(1, len(w)):
        z.append(w[l] @ (a[-1] if a else X) + b[l])
        a.append(sigmoid(z[-1]))
    return z, a


@trap("feedforward", loses=("batch", "square"))
def rows_of_biases(w, b, X):
    """You add up the results of all examples. Each column is an example of its own and keeps to itself."""
    z, a = [None], [X]
    for l in range(1, len(w)):
        z.append((w[l] @ a[l - 1]).sum(axis=1, keepdims=True) + b[l])
        a.append(sigmoid(z[l]))
    return z, a


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


@trap("backprop-one", loses=("deep",))
def loop_runs_forward(w, b, x, y, nabla_a):
    """Your loop runs forward. BP2 needs the error of the layer after it, so the last hidden layer comes first."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(1, L):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def downhill_already(w, b, x, y, nabla_a):
    """All signs are flipped. Return the gradient; the step against it comes later, in notebook 6."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [-bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [-bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def pair_exchanged(w, b, x, y, nabla_a):
    """You return db and then dw. Return dw first."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return db, dw


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


@trap("backprop-one", loses=("output", "deep"))
def input_everywhere(w, b, x, y, nabla_a):
    """You use the input x in every layer. Only layer 1 sees it; each other layer sees the activations below it."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [delta[l] @ x.T for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def own_cost(w, b, x, y, nabla_a):
    """You use the quadratic cost, whatever cost is given. Hand nabla_a on to BP1."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_quadratic)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("output", "hidden", "deep", "single"))
def activations_of_the_wrong_layer(w, b, x, y, nabla_a):
    """Your weight gradients use a[l]. What came into layer l is a[l-1]."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    dw = [None] + [delta[l] @ a[l].T for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("single",))
def needs_a_hidden_layer(w, b, x, y, nabla_a):
    """Without a hidden layer your code stops or gives something else. The loop over BP2 is then simply empty."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    l = L - 1
    while True:
        delta[l] = bp2(l, w, z, delta)
        l -= 1
        if l < 1:
            break
    dw = [None] + [bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


@trap("backprop-one", loses=("hidden", "deep"))
def weights_only_on_the_way_back(w, b, x, y, nabla_a):
    """Your errors go back through the weights only. On the way they pass the sigmoid of each layer."""
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, y, nabla_a)
    for l in range(L - 1, 0, -1):
        delta[l] = w[l + 1].T @ delta[l + 1]
    dw = [None] + [bp4(l, delta, a) for l in range(1, L + 1)]
    db = [None] + [bp3(l, delta) for l in range(1, L + 1)]
    return dw, db


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


# 4.8 backprop_loop and backprop --------------------------------------------------------------------------------------


@trap("backprop", loses=("loop",), answer="backprop_loop")
def flat_columns(w, b, X, Y, nabla_a):
    """X[:, i] has lost an axis: it is no column any more, and NumPy broadcasts it to something else. Keep the axis."""
    each = [backprop_one(w, b, X[:, i], Y[:, i], nabla_a) for i in range(X.shape[1])]
    dw = [np.mean([one[0][l] for one in each], axis=0) for l in range(1, len(w))]
    db = [np.mean([one[1][l] for one in each], axis=0) for l in range(1, len(w))]
    return [None, *dw], [None, *db]


@trap("backprop", loses=("loop",), answer="backprop_loop")
def loop_without_mean(w, b, X, Y, nabla_a):
    """You add up the gradients of all columns. The cost is a mean, so its gradient is one too."""
    each = [backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a) for i in range(X.shape[1])]
    dw = [np.sum([one[0][l] for one in each], axis=0) for l in range(1, len(w))]
    db = [np.sum([one[1][l] for one in each], axis=0) for l in range(1, len(w))]
    return [None, *dw], [None, *db]


@trap("backprop", loses=("loop",), answer="backprop_loop")
def only_the_last_column(w, b, X, Y, nabla_a):
    """Each column overwrites the one before it, so only the last is left. Collect all of them, then average."""
    for i in range(X.shape[1]):
        dw, db = backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a)
    return dw, db


@trap("backprop", loses=("loop",), answer="backprop_loop")
def as_many_as_inputs(w, b, X, Y, nabla_a):
    """len(X) is the number of rows, so you visit too few columns. How many examples are there?"""
    each = [backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a) for i in range(len(X))]
    dw = [np.mean([one[0][l] for one in each], axis=0) for l in range(1, len(w))]
    db = [np.mean([one[1][l] for one in each], axis=0) for l in range(1, len(w))]
    return [None, *dw], [None, *db]


@trap("backprop", loses=("work",), answer="backprop")
def loop_over_examples(w, b, X, Y, nabla_a):
    """Right, and no points are lost. But Python visits one example after another; matrices take all at once."""
    return backprop_loop(w, b, X, Y, nabla_a)


@trap("backprop", loses=("batch",), answer="backprop")
def sums_over_the_batch(w, b, X, Y, nabla_a):
    """Your gradients are sums over the examples: m times too long. The cost is a mean."""
    dw, db = backprop_one(w, b, X, Y, nabla_a)
    m = X.shape[1]
    return [None] + [m * g for g in dw[1:]], [None] + [m * g for g in db[1:]]


@trap("backprop", loses=("batch",), answer="backprop")
def mean_taken_twice(w, b, X, Y, nabla_a):
    """You divide by the number of examples twice. Which of your functions takes the mean already?"""
    dw, db = backprop_one(w, b, X, Y, nabla_a)
    m = X.shape[1]
    return [None] + [g / m for g in dw[1:]], [None] + [g / m for g in db[1:]]


@trap("backprop", loses=("batch",), answer="backprop")
def average_example(w, b, X, Y, nabla_a):
    """You average the examples and then find one gradient. Find the gradient of each example, then average."""
    return backprop_one(w, b, X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True), nabla_a)


@trap("backprop", loses=("batch",), answer="backprop")
def columns_mixed(w, b, X, Y, nabla_a):
    """Your columns mix: the error of one example reaches another. Each keeps its column of δ up to BP3 and BP4."""
    L = len(w) - 1
    z, a = feedforward(w, b, X)
    delta = [None] * (L + 1)
    delta[L] = bp1(z, a, Y, nabla_a)
    delta[L] = np.repeat(delta[L].mean(axis=1, keepdims=True), X.shape[1], axis=1)
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    return [None] + [bp4(l, delta, a) for l in range(1, L + 1)], [None] + [bp3(l, delta) for l in range(1, L + 1)]


@trap("backprop", loses=("batch",), answer="backprop")
def only_biases_averaged(w, b, X, Y, nabla_a):
    """Your bias gradients are means, but your weight gradients are sums: the matrix product adds up the examples."""
    dw, db = backprop_one(w, b, X, Y, nabla_a)
    return [None] + [X.shape[1] * g for g in dw[1:]], db


@trap("backprop", loses=("batch", "one"), answer="backprop")
def one_example_less(w, b, X, Y, nabla_a):
    """You divide by m - 1. That is for a sample variance; a mean divides by m, and a batch may hold one example."""
    m = X.shape[1]
    dw, db = backprop_one(w, b, X, Y, nabla_a)
    return [None] + [g * m / np.float64(m - 1) for g in dw[1:]], [None] + [g * m / np.float64(m - 1) for g in db[1:]]


@trap("backprop", loses=("one",), answer="backprop")
def squeezed(w, b, X, Y, nabla_a):
    """A batch of one fails: squeeze removes every axis of length 1, the one of the examples too."""
    return backprop_one(w, b, np.squeeze(X), np.squeeze(Y), nabla_a)


@alternative("backprop", answer="backprop_loop")
def running_total(w, b, X, Y, nabla_a):
    m = X.shape[1]
    dw, db = [None] + [0 * v for v in w[1:]], [None] + [0 * v for v in b[1:]]
    for x, y in zip(X.T, Y.T, strict=True):
        one_dw, one_db = backprop_one(w, b, x.reshape(-1, 1), y.reshape(-1, 1), nabla_a)
        for l in range(1, len(w)):
            dw[l] = dw[l] + one_dw[l] / m
            db[l] = db[l] + one_db[l] / m
    return dw, db


@alternative("backprop", answer="backprop_loop")
def halves(w, b, X, Y, nabla_a):
    m = X.shape[1]
    if m == 1:
        return backprop_one(w, b, X, Y, nabla_a)
    first = halves(w, b, X[:, :1], Y[:, :1], nabla_a)
    rest = halves(w, b, X[:, 1:], Y[:, 1:], nabla_a)
    both = []
    for one, others in zip(first, rest, strict=True):
        both.append([None] + [(g + (m - 1) * h) / m for g, h in zip(one[1:], others[1:], strict=True)])
    return both


@alternative("backprop", answer="backprop")
def stacked_weights(w, b, X, Y, nabla_a):
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(np.einsum("jk,km->jm", w[l], a[-1]) + b[l]))
    upstream = nabla_a(a[-1], Y) / X.shape[1]
    dw, db = [], []
    for l in range(len(w) - 1, 0, -1):
        error = upstream * a[l] * (1 - a[l])
        dw.insert(0, np.einsum("jm,km->jk", error, a[l - 1]))
        db.insert(0, np.sum(error, axis=1, keepdims=True))
        upstream = np.einsum("jk,jm->km", w[l], error)
    return [None, *dw], [None, *db]


@alternative("backprop", answer="backprop")
def examples_as_rows(w, b, X, Y, nabla_a):
    rows = [X.T]
    for l in range(1, len(w)):
        rows.append(sigmoid(rows[-1] @ w[l].T + b[l].T))
    dw, db = [None] * len(w), [None] * len(w)
    to_a = nabla_a(rows[-1].T, Y).T
    for l in range(len(w) - 1, 0, -1):
        error = to_a * rows[l] * (1 - rows[l])
        dw[l] = (rows[l - 1].T @ error).T / len(error)
        db[l] = error.mean(axis=0).reshape(-1, 1)
        to_a = error @ w[l]
    return dw, db


# 4.9 cross-entropy ---------------------------------------------------------------------------------------------------


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def first_term_only(a, y):
    """You differentiated only the first term. The second one, with 1 - y, counts too."""
    return -y / a


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def inner_sign_lost(a, y):
    """The derivative of ln(1 - a) by a has a minus sign, from the inside. Check the sign of your second term."""
    return -y / a - (1 - y) / (1 - a)


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def outer_sign_lost(a, y):
    """The sign is wrong: the cross-entropy starts with a minus."""
    return y / a - (1 - y) / (1 - a)


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def already_delta(a, y):
    """This is δ, after the slope of the sigmoid has cancelled something. Give the derivative by a alone."""
    return a - y


@trap("cross-entropy-delta", loses=("delta", "saturated"), answer="delta_cross_entropy")
def target_first(a, y):
    """The sign is wrong. δ is a derivative of the cost: positive where the output is too high."""
    return y - a


@trap("cross-entropy-delta", loses=("delta", "saturated"), answer="delta_cross_entropy")
def still_with_slope(a, y):
    """This is δ of the quadratic cost. With cross-entropy the factor a(1 - a) cancels."""
    return (a - y) * a * (1 - a)


@trap("cross-entropy-delta", loses=("delta", "saturated"), answer="delta_cross_entropy")
def not_yet_delta(a, y):
    """This is the derivative by a. δ is the derivative by z: multiply by the slope of the sigmoid, and simplify."""
    return (a - y) / (a * (1 - a))


@trap("cross-entropy-delta", loses=("delta", "saturated"), answer="delta_cross_entropy")
def slope_of_a(a, y):
    """You take σ' at a. The slope at z is a(1 - a), and that is what cancels."""
    with np.errstate(all="ignore"):
        return (a - y) / (a * (1 - a)) * sigmoid_prime(a)


@trap("cross-entropy-delta", loses=("saturated",), answer="delta_cross_entropy")
def not_simplified(a, y):
    """Right on paper, but where a is exactly 0 or 1 it divides 0 by 0. Cancel by hand, before the computer divides."""
    return (a - y) / (a * (1 - a)) * (a * (1 - a))


@alternative("cross-entropy-delta", answer="nabla_cross_entropy")
def two_terms(a, y):
    return -np.divide(y, a) + (1 - y) / (1 - a)


@alternative("cross-entropy-delta", answer="nabla_cross_entropy")
def by_sympy(a, y):
    import sympy

    p, t = sympy.symbols("p t")
    cost = -(t * sympy.log(p) + (1 - t) * sympy.log(1 - p))
    return sympy.lambdify([p, t], cost.diff(p), "numpy")(a, y)


@alternative("cross-entropy-delta", answer="delta_cross_entropy")
def shares(a, y):
    return a * (1 - y) - y * (1 - a)


@alternative("cross-entropy-delta", answer="delta_cross_entropy")
def clipped_first(a, y):
    p = np.clip(a, 1e-12, 1 - 1e-12)
    return (p - y) / (p * (1 - p)) * (p * (1 - p))


# 4.10 levers and best_move -------------------------------------------------------------------------------------------


@trap("levers", loses=("bias", "weights", "activations"), answer="levers")
def too_low_is_positive(w, b, a, y):
    """All signs are flipped. When the prediction is too high, raising the bias makes the cost rise."""
    miss = y - (np.dot(w, a) + b)
    return miss, miss * a, miss * w


@trap("levers", loses=("bias", "weights", "activations"), answer="levers")
def twice_the_miss(w, b, a, y):
    """You have a factor 2. The cost here has a ½ in front of the square."""
    miss = 2 * (np.dot(w, a) + b - y)
    return miss, miss * a, miss * w


@trap("levers", loses=("bias", "weights", "activations"), answer="levers")
def bias_forgotten(w, b, a, y):
    """The bias is part of the prediction: it is missing in yours."""
    miss = np.dot(w, a) - y
    return miss, miss * a, miss * w


@trap("levers", loses=("weights", "activations"), answer="levers")
def proportional_to_themselves(w, b, a, y):
    """You have weights and activations exchanged: one unit of a weight moves the prediction by its *activation*."""
    miss = np.dot(w, a) + b - y
    return miss, miss * w, miss * a


@trap("levers", loses=("bias", "weights", "activations"), answer="levers")
def of_the_prediction(w, b, a, y):
    """These are the derivatives of the prediction. The cost reacts to the prediction too: one factor is missing."""
    return 1.0, np.array(a), np.array(w)


@trap("levers", loses=("weights", "activations"), answer="levers")
def summed_up(w, b, a, y):
    """Each weight and each activation is a lever of its own. Give one slope for each, not their sum."""
    miss = np.dot(w, a) + b - y
    return miss, np.sum(miss * a), np.sum(miss * w)


@trap("levers", loses=("best",), answer="best_move")
def largest_number(db, dw, da):
    """You look for the largest number. A slope of -3 is stronger than one of 2: compare magnitudes."""
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    name, index, slope = max(every, key=lambda lever: lever[2])
    return name, index, 1 if slope < 0 else -1


@trap("levers", loses=("best",), answer="best_move")
def uphill(db, dw, da):
    """The lever is right, the direction is not: along the slope the cost rises. You want it to fall."""
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    name, index, slope = max(every, key=lambda lever: abs(lever[2]))
    return name, index, 1 if slope > 0 else -1


@trap("levers", loses=("best",), answer="best_move")
def always_down(db, dw, da):
    """You always turn down. Where the slope is negative, the cost falls when the lever goes up."""
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    name, index, _ = max(every, key=lambda lever: abs(lever[2]))
    return name, index, -1


@trap("levers", loses=("best",), answer="best_move")
def own_levers_only(db, dw, da):
    """You leave out the activations. Nobody can turn them by hand, but they are asked about here too."""
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)]
    name, index, slope = max(every, key=lambda lever: abs(lever[2]))
    return name, index, 1 if slope < 0 else -1


@trap("levers", loses=("best",), answer="best_move")
def weights_only(db, dw, da):
    """You look at the weights only. Compare them with the bias and with the activations."""
    index = int(np.argmax(np.abs(dw)))
    return "w", index, 1 if dw[index] < 0 else -1


@trap("levers", loses=("best",), answer="best_move")
def weakest(db, dw, da):
    """This is the lever that moves the cost least. Look for the largest magnitude."""
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    name, index, slope = min(every, key=lambda lever: abs(lever[2]))
    return name, index, 1 if slope < 0 else -1


@alternative("levers", answer="levers")
def one_lever_at_a_time(w, b, a, y):
    miss = b - y
    for k in range(len(w)):
        miss += w[k] * a[k]
    return [miss, [miss * v for v in a], [miss * v for v in w]]


@alternative("levers", answer="levers")
def by_the_engine(w, b, a, y):
    from course_lib.autodiff import Tensor

    wt, bt, at = Tensor(w), Tensor(b), Tensor(a)
    (0.5 * ((wt * at).sum() + bt - y) ** 2).backward()
    return bt.grad, wt.grad, at.grad


@alternative("levers", answer="best_move")
def in_one_array(db, dw, da):
    slopes = np.concatenate([[db], dw, da])
    best = int(np.argmax(slopes**2))
    sign = -int(np.sign(slopes[best]))
    if best == 0:
        return "b", 0, sign
    return ("w", best - 1, sign) if best <= len(dw) else ("a", best - 1 - len(dw), sign)


@alternative("levers", answer="best_move")
def three_champions(db, dw, da):
    i, j = np.argmax(np.abs(dw)), np.argmax(np.abs(da))
    best = ["b", 0, db]
    for other in (["w", i, dw[i]], ["a", j, da[j]]):
        if abs(other[2]) > abs(best[2]):
            best = other
    return [best[0], best[1], -np.sign(best[2])]


# 4.11 broken_assumptions ---------------------------------------------------------------------------------------------


@trap("assumptions", loses=("examples", "outputs", "tricky"))
def all_fine(cost):
    """You accept every cost. Some of them need all examples at once, and some look into the network."""
    return set()


@trap("assumptions", loses=("usual", "tricky"))
def targets_forbidden(cost):
    """You reject costs because of the target y. It is fixed data: the cost is still a function of the outputs."""
    return {"A": {2}, "B": {2}, "C": {1}, "D": {1}, "E": {2}, "F": {2}, "G": {2}, "H": {1, 2}}[cost]


@trap("assumptions", loses=("examples", "outputs", "tricky"))
def numbers_exchanged(cost):
    """You have the two assumptions exchanged: 1 is the average over the examples, 2 is the function of the outputs."""
    return {"C": {2}, "D": {2}, "E": {1}, "F": {1}, "H": {1, 2}, "G": {1}}.get(cost, set())


@trap("assumptions", loses=("outputs",))
def hidden_is_an_output(cost):
    """Cost F uses activations of a hidden layer. "The outputs" are those of the last layer only."""
    return {"C": {1}, "D": {1}, "E": {2}, "H": {1, 2}}.get(cost, set())


@trap("assumptions", loses=("outputs", "tricky"))
def weights_allowed(cost):
    """Squared weights do not pass through the outputs: they act on the cost directly."""
    return {"C": {1}, "D": {1}, "F": {2}, "H": {1}}.get(cost, set())


@trap("assumptions", loses=("tricky",))
def uneven_weights_forbidden(cost):
    """In cost G each example still works out its own share, five times larger or not. The cost is the mean of these."""
    return {"C": {1}, "D": {1}, "E": {2}, "F": {2}, "G": {1}, "H": {1, 2}}.get(cost, set())


@trap("assumptions", loses=("tricky",))
def one_is_enough(cost):
    """Cost H breaks more than one assumption. Test both."""
    return {"C": {1}, "D": {1}, "E": {2}, "F": {2}, "H": {1}}.get(cost, set())


@trap("assumptions", loses=("examples",))
def variance_is_a_mean(cost):
    """A variance is measured from the mean of all examples: no example can find its share alone."""
    return {"C": {1}, "E": {2}, "F": {2}, "H": {1, 2}}.get(cost, set())


@trap("assumptions", loses=("usual", "examples", "outputs", "tricky"))
def both_always(cost):
    """You reject every cost. Try the two tests of the hints on cost A."""
    return {1, 2} if cost != "H" else set()


@alternative("assumptions")
def braces_for_the_empty_set(cost):
    return {"A": {}, "B": {}, "C": {1}, "D": {1}, "E": {2}, "F": {2}, "G": {}, "H": {1, 2}}[cost]


@alternative("assumptions")
def by_property(cost):
    needs_all_examples = cost in "CDH"
    looks_inside = cost in ("E", "F", "H")
    return [number for number, broken in ((1, needs_all_examples), (2, looks_inside)) if broken]


@alternative("assumptions")
def with_if(cost):
    if cost in ("A", "B", "G"):
        return set()
    if cost == "H":
        return frozenset([2, 1])
    return {1} if cost in ("C", "D") else {2}


# 4.12 fixed_backprop -------------------------------------------------------------------------------------------------


@trap("backprop-bugs", loses=("db", "dw", "hidden"))
def always_four_examples(w, b, X, Y):
    """You divide by 4. That is m in the test, but not always: take the number of columns."""
    outputs = [X]
    for weights, biases in zip(w[1:], b[1:], strict=True):
        outputs.append(autodiff.sigmoid(weights @ outputs[-1] + biases))
    L, delta = len(w) - 1, (outputs[-1] - Y) * outputs[-1] * (1 - outputs[-1]) / 4
    dw, db = [None] * (L + 1), [None] * (L + 1)
    for l in range(L, 0, -1):
        dw[l], db[l] = delta @ outputs[l - 1].T, delta.sum(axis=1, keepdims=True)
        delta = (w[l].T @ delta) * outputs[l - 1] * (1 - outputs[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("db", "dw", "hidden"))
def nothing_mended(w, b, X, Y):
    """This is the code as it was given. Read the report from the output back, and mend the first wrong line first."""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.sum(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l].T / m
        delta = (w[l] @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("dw", "hidden"))
def bp2_and_bp4_left(w, b, X, Y):
    """The mean is mended. Two bugs are left: which activations meet the error in BP4, and how do errors go back?"""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.mean(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l].T / m
        delta = (w[l] @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("db", "hidden"))
def bp2_and_bp3_left(w, b, X, Y):
    """BP4 is mended. Two bugs are left: db of the output is m times too large, and look at how errors go back."""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.sum(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l - 1].T / m
        delta = (w[l] @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("db", "dw", "hidden"))
def bp3_and_bp4_left(w, b, X, Y):
    """BP2 is mended. Two bugs are left: BP3 sums over the examples, and BP4 takes activations of the wrong layer."""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.sum(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l].T / m
        delta = (w[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("hidden",))
def bp2_left(w, b, X, Y):
    """One bug is left: the output layer is right and the layers below are not, so the error goes back the wrong way."""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.mean(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l - 1].T / m
        delta = (w[l] @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("db", "hidden"))
def bp3_left(w, b, X, Y):
    """One bug is left: all your bias gradients are m times too large."""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.sum(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l - 1].T / m
        delta = (w[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("dw", "hidden"))
def bp4_left(w, b, X, Y):
    """One bug is left: all bias gradients are right, so the errors are too. What else is in a weight's gradient?"""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.mean(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l].T / m
        delta = (w[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@trap("backprop-bugs", loses=("hidden",))
def another_slope(w, b, X, Y):
    """The line of BP2 goes to the layer below, so its slope is that of a[l-1]. It was right as it was given."""
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.mean(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l - 1].T / m
        delta = w[l].T @ (delta * a[l] * (1 - a[l]))
    return dw, db


@alternative("backprop-bugs")
def mended_line_by_line(w, b, X, Y):
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.mean(delta, axis=1, keepdims=True)
        dw[l] = delta @ a[l - 1].T / m
        delta = (w[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


@alternative("backprop-bugs")
def written_anew(w, b, X, Y):
    return backprop(w, b, X, Y, nabla_quadratic)
