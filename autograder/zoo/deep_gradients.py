"""Wrong and other right answers to notebook 8. A trap's docstring is what a student who makes that mistake reads."""

import numpy as np

from autograder.zoo import alternative, trap

# 8.1 chain_slopes, gradient_norms ------------------------------------------------------------------------------------


def sigmoid_prime(z):  # the notebook has it; here it lets the answers be called in this module too
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def own_weight(w, z):
    """You multiply by the layer's own weight. From its bias on, the path only meets the weights of later layers."""
    steps = w * sigmoid_prime(z)
    return np.cumprod(steps[::-1])[::-1]


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def no_slopes(w, z):
    """You multiply the weights but leave out the slopes of the sigmoids. Each layer brings both."""
    result = np.ones(len(w))
    for l in range(len(w) - 2, -1, -1):
        result[l] = w[l + 1] * result[l + 1]
    return result


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def no_weights(w, z):
    """You multiply the slopes but leave out the weights. Each layer on the way brings both."""
    return np.cumprod(sigmoid_prime(z)[::-1])[::-1]


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def from_the_input(w, z):
    """You collect the factors from the input on. A bias moves what comes after it: start at the output."""
    slopes = sigmoid_prime(z)
    result = slopes.copy()
    for l in range(1, len(w)):
        result[l] = result[l - 1] * w[l] * slopes[l]
    return result


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def own_slope_missing(w, z):
    """The slope of the neuron's own sigmoid is missing: from the bias to z, and then through this sigmoid first."""
    slopes = sigmoid_prime(z)
    result = np.ones(len(w))
    for l in range(len(w) - 2, -1, -1):
        result[l] = w[l + 1] * slopes[l + 1] * result[l + 1]
    return result


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def always_a_quarter(w, z):
    """You take a quarter for every slope. That is the slope where z is 0; here each z has its own."""
    return np.array([0.25 ** (len(z) - l) * np.prod(w[l + 1 :]) for l in range(len(z))])


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def product_from_the_input(w, z):
    """You multiply from layer 1 on, and give what is before each layer. A bias moves what comes after it."""
    slopes, result, product = sigmoid_prime(z), np.empty(len(z)), 1.0
    for l in range(len(z)):
        product *= slopes[l]
        result[l] = product
        product *= w[l]
    return result


@trap("gradient-norms", loses=("chain",), answer="chain_slopes")
def one_layer_only(w, z):
    """You go one layer up and stop. The path leads through all layers up to the output."""
    slopes = sigmoid_prime(z)
    result = slopes.copy()
    result[:-1] = slopes[:-1] * w[1:] * slopes[1:]
    return result


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def weights_only(dw, db):
    """The biases are missing. The gradient of a layer has the numbers of dw and of db."""
    return [np.linalg.norm(dw[l]) for l in range(1, len(dw))]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def norms_added(dw, db):
    """You add the norms of dw and db. They form one vector, and its length comes from squares: add before the root."""
    return [np.linalg.norm(dw[l]) + np.linalg.norm(db[l]) for l in range(1, len(dw))]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def no_root(dw, db):
    """You give the square of the norm. The last step, the root, is missing."""
    return [np.sum(dw[l] ** 2) + np.sum(db[l] ** 2) for l in range(1, len(dw))]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def sum_of_sizes(dw, db):
    """You add absolute values. A length is the root of the sum of squares."""
    return [np.sum(np.abs(dw[l])) + np.sum(np.abs(db[l])) for l in range(1, len(dw))]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def root_of_the_mean(dw, db):
    """You take the mean of the squares. The norm takes their sum."""
    return [np.sqrt(np.mean(np.r_[dw[l].ravel(), db[l].ravel()] ** 2)) for l in range(1, len(dw))]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def last_layer_first(dw, db):
    """Your list starts with the last layer. Layer 1 comes first."""
    return [np.sqrt(np.sum(dw[l] ** 2) + np.sum(db[l] ** 2)) for l in range(len(dw) - 1, 0, -1)]


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def product_from_the_front(w, z):
    """Your product begins at layer 1. From b_l the way leads forward to the output: take the layers from l to L."""
    return np.cumprod(w * sigmoid_prime(z))


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def none_kept(dw, db):
    """Your list begins with None. One number for each layer is asked for, layer 1 first."""
    return [None] + [np.sqrt((w**2).sum() + (b**2).sum()) for w, b in zip(dw[1:], db[1:], strict=False)]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def largest_stretch(dw, db):
    """You give the spectral norm of a matrix. Here all numbers form one long vector, and its length is asked for."""
    return [np.linalg.norm(np.hstack([w, b]), 2) for w, b in zip(dw[1:], db[1:], strict=False)]


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def largest_number(dw, db):
    """You give the largest number of each layer. The norm is the length of all of them as one vector."""
    return [np.abs(np.hstack([w, b])).max() for w, b in zip(dw[1:], db[1:], strict=False)]


@trap("gradient-norms", loses=("pair", "chain"), answer="chain_slopes")
def sigma_for_its_slope(w, z):
    """You multiply by σ(z) itself. A path is as steep as its slopes: take σ′(z)."""
    s = 1 / (1 + np.exp(-z))
    found, arriving = ([], 1.0)
    for l in range(len(w) - 1, -1, -1):
        found.append(arriving * s[l])
        arriving = found[-1] * w[l]
    return np.array(found[::-1])


@alternative("gradient-norms", answer="chain_slopes")
def product_for_each(w, z):
    slopes = sigmoid_prime(z)
    return np.array([slopes[l] * np.prod(w[l + 1 :] * slopes[l + 1 :]) for l in range(len(w))])


@alternative("gradient-norms", answer="chain_slopes")
def walk_back(w, z):
    result, arriving = [], 1.0
    for weight, sum_ in zip(reversed(w), reversed(z), strict=True):
        here = arriving * sigmoid_prime(sum_)
        result.insert(0, here)
        arriving = here * weight
    return result


@alternative("gradient-norms", answer="gradient_norms")
def one_long_vector(dw, db):
    layers = [np.concatenate([dw[l].ravel(), db[l].ravel()]) for l in range(1, len(dw))]
    return np.array([np.linalg.norm(layer) for layer in layers])


@alternative("gradient-norms", answer="gradient_norms")
def with_hypot(dw, db):
    result = []
    for l in range(1, len(dw)):
        result.append(float(np.hypot(np.linalg.norm(dw[l], "fro"), np.linalg.norm(db[l]))))
    return result


@trap("gradient-norms", loses=("norms",), answer="gradient_norms")
def stretch_of_each_matrix(dw, db):
    """With a 2, np.linalg.norm of a matrix tells how far it stretches a vector. Take the root of the sum of squares."""
    return [np.hypot(np.linalg.norm(dw[l], 2), np.linalg.norm(db[l])) for l in range(1, len(dw))]


# 8.2 init ------------------------------------------------------------------------------------------------------------


@trap("init", loses=("scaled", "xavier", "he"))
def variance_as_spread(n_in, n_out, kind, rng):
    """You draw with the variance where the standard deviation belongs. A root is missing."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, variance, (n_out, n_in))


@trap("init", loses=("scaled", "he"))
def fan_out(n_in, n_out, kind, rng):
    """You divide by the number of outputs. A weighted sum has one term for each input."""
    variance = {"normal": 1.0, "scaled": 1 / n_out, "xavier": 2 / (n_in + n_out), "he": 2 / n_out}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("he",))
def he_by_outputs(n_in, n_out, kind, rng):
    """He divides by the number of outputs. A weighted sum has one term for each input."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_out}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("scaled",))
def scaled_by_outputs(n_in, n_out, kind, rng):
    """Scaled divides by the number of outputs. A weighted sum has one term for each input."""
    variance = {"normal": 1.0, "scaled": 1 / n_out, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("xavier",))
def xavier_without_two(n_in, n_out, kind, rng):
    """Xavier lacks its 2: the variance is one over the *mean* of n_in and n_out."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 1 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("xavier",))
def limit_as_spread(n_in, n_out, kind, rng):
    """√(6/(n_in + n_out)) is the limit of a uniform draw. You use it as the spread of a normal draw."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 6 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("he",))
def he_without_two(n_in, n_out, kind, rng):
    """He lacks its 2. ReLU sets half of the sums to zero, and the 2 makes up for it."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 1 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("scaled", "xavier", "he"))
def spread_as_limit(n_in, n_out, kind, rng):
    """A uniform draw from -c to c has a spread of only c/√3. Your limits must be wider."""
    spread = np.sqrt({"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind])
    return rng.uniform(-spread, spread, (n_out, n_in))


@trap("init", loses=("scaled", "xavier", "he"))
def only_positive(n_in, n_out, kind, rng):
    """Your weights are never negative. Their mean should be 0, or all sums of a layer move in the same direction."""
    spread = np.sqrt({"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind])
    return spread * rng.random((n_out, n_in))


@trap("init", loses=("scaled", "xavier", "he", "generator"))
def all_zero(n_in, n_out, kind, rng):
    """All weights are 0. Then all neurons of a layer are the same, get the same gradient, and stay the same."""
    return np.zeros((n_out, n_in))


@trap("init", loses=("scaled", "xavier", "he"))
def always_normal(n_in, n_out, kind, rng):
    """The spread is 1 for every kind. Use `kind` to choose it."""
    return rng.standard_normal((n_out, n_in))


@trap("init", loses=("shape",))
def shape_swapped(n_in, n_out, kind, rng):
    """The shape is turned around. w[l] has a row for each neuron of its own layer and a column for each input."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_in, n_out))


@trap("init", loses=("generator",))
def own_generator(n_in, n_out, kind, rng):
    """You make a generator of your own with a fixed seed, so every layer gets the same weights. Draw from `rng`."""
    rng = np.random.default_rng(0)
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("generator",))
def global_numbers(n_in, n_out, kind, rng):
    """You draw from NumPy's global generator. Draw from `rng`: then the same seed gives the same network again."""
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return np.random.normal(0, np.sqrt(variance), (n_out, n_in))


@trap("init", loses=("scaled", "xavier", "he"))
def none_below_zero(n_in, n_out, kind, rng):
    """All your weights are above 0, so their mean is not. Draw as many below 0 as above."""
    v = {"normal": 1, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind] ** 0.5
    return rng.uniform(0, v * 12**0.5, (n_out, n_in))


@alternative("init")
def uniform_draw(n_in, n_out, kind, rng):
    if kind == "normal":
        spread = 1.0
    elif kind == "scaled":
        spread = 1 / np.sqrt(n_in)
    elif kind == "xavier":
        spread = np.sqrt(2 / (n_in + n_out))
    else:
        spread = np.sqrt(2 / n_in)
    limit = np.sqrt(3) * spread
    return rng.uniform(-limit, limit, size=(n_out, n_in))


@alternative("init")
def row_by_row(n_in, n_out, kind, rng):
    spreads = {"normal": 1, "scaled": n_in**-0.5, "xavier": ((n_in + n_out) / 2) ** -0.5, "he": (n_in / 2) ** -0.5}
    return [(spreads[kind] * rng.standard_normal(n_in)).tolist() for _ in range(n_out)]


@trap("init", loses=("scaled", "xavier", "he"))
def outputs_and_limits(n_in, n_out, kind, rng):
    """You divide by the number of outputs, and a sum has one term for each input. Besides, a uniform draw from -c to c
    has a spread of only c/√3."""
    spreads = {"normal": 1, "scaled": n_out**-0.5, "xavier": ((n_in + n_out) / 2) ** -0.5, "he": (n_out / 2) ** -0.5}
    return rng.uniform(-spreads[kind], spreads[kind], (n_out, n_in))


@trap("init", loses=("he",))
def he_limit_as_spread(n_in, n_out, kind, rng):
    """√(6/n_in) is the limit of a uniform draw. You use it as the spread of a normal draw."""
    spreads = {"normal": 1, "scaled": n_in**-0.5, "xavier": ((n_in + n_out) / 2) ** -0.5, "he": (n_in / 6) ** -0.5}
    return rng.normal(0, spreads[kind], (n_out, n_in))


# 8.3 relu_prime, leaky_prime -----------------------------------------------------------------------------------------


@trap("relu-prime", loses=("zero",), answer="relu_prime")
def one_at_zero(z):
    """At 0 you take the slope of the right side. This course takes the left one: 0."""
    return np.where(z >= 0, 1.0, 0.0)


@trap("relu-prime", loses=("zero",), answer="relu_prime")
def half_at_zero(z):
    """At 0 you take the middle, ½. It is possible, but this course takes the slope of the left side: 0."""
    return np.heaviside(z, 0.5)


@trap("relu-prime", loses=("zero",), answer="relu_prime")
def divided(z):
    """You divide ReLU by z. At 0 this is 0/0, which is not a number, and it will spread through the whole network."""
    return np.maximum(z, 0) / z


@trap("relu-prime", loses=("sides", "zero"), answer="relu_prime")
def the_function(z):
    """This is ReLU itself. Its slope is a number that does not depend on how large z is."""
    return np.maximum(z, 0)


@trap("relu-prime", loses=("sides", "zero"), answer="relu_prime")
def the_sign(z):
    """Your slope is -1 on the left. There ReLU is flat."""
    return np.sign(z)


@trap("relu-prime", loses=("keeps",), answer="relu_prime")
def in_place(z):
    """You write into z itself. The caller still needs z: make a new array."""
    z[z <= 0] = 0
    z[z > 0] = 1
    return z


@trap("relu-prime", loses=("leaky", "whole"), answer="leaky_prime")
def leaky_function(z, slope):
    """On the left you give slope · z: that is the function. Its slope is just `slope`."""
    return np.where(z > 0, 1.0, slope * z)


@trap("relu-prime", loses=("leaky", "whole"), answer="leaky_prime")
def leaky_one_at_zero(z, slope):
    """At 0 you take the slope of the right side. This course takes the left one: here `slope`."""
    return np.where(z >= 0, 1.0, slope)


@trap("relu-prime", loses=("leaky", "whole"), answer="leaky_prime")
def always_a_hundredth(z, slope):
    """You use 0.01 on the left. The function is given the `slope` to use."""
    return np.where(z > 0, 1.0, 0.01)


@trap("relu-prime", loses=("leaky", "whole"), answer="leaky_prime")
def does_not_leak(z, slope):
    """On the left your slope is 0. Leaky ReLU has the given `slope` there."""
    return np.where(z > 0, 1.0, 0.0)


@trap("relu-prime", loses=("whole",), answer="leaky_prime")
def whole_numbers_cut(z, slope):
    """Your result has the type of z. Among whole numbers, a slope of 0.1 is cut off to 0: make an array of floats."""
    result = np.ones_like(z)
    result[z <= 0] = slope
    return result


@trap("relu-prime", loses=("leaky", "whole"), answer="leaky_prime")
def leaky_sides_exchanged(z, slope):
    """The two sides are exchanged: `slope` belongs to the left of 0, and 1 to the right."""
    return np.where(z <= 0, 1.0, slope)


@alternative("relu-prime", answer="relu_prime")
def compared(z):
    return (z > 0) * 1


@alternative("relu-prime", answer="relu_prime")
def filled_in(z):
    result = np.zeros(z.shape)
    result[z > 0] = 1
    return result


@alternative("relu-prime", answer="leaky_prime")
def in_two_parts(z, slope):
    return 1.0 * (z > 0) + slope * (z <= 0)


@alternative("relu-prime", answer="leaky_prime")
def one_number_at_a_time(z, slope):
    return np.array([1.0 if number > 0 else slope for number in z.ravel()]).reshape(z.shape)


@trap("relu-prime", loses=("leaky", "whole"), answer="leaky_prime")
def leaky_with_a_minus(z, slope):
    """On the left your slope has the wrong sign. Does leaky ReLU rise or fall there?"""
    return np.where(z > 0, 1.0, -slope)
