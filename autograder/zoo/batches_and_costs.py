"""Wrong and other right answers to notebook 5. A trap's docstring is what a student who makes that mistake reads.

`sigmoid` and `backprop_one` are names that the notebook gives.
"""

# ruff: noqa: F821
import numpy as np

from autograder.zoo import alternative, slip, trap

# 5.1 backprop_loop and backprop --------------------------------------------------------------------------------------


@alternative("backprop", answer="backprop_loop")
def one_after_the_other(w, b, X, Y, nabla_a):
    each = [backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a) for i in range(X.shape[1])]
    dw = [np.mean([one[0][l] for one in each], axis=0) for l in range(1, len(w))]
    db = [np.mean([one[1][l] for one in each], axis=0) for l in range(1, len(w))]
    return [None, *dw], [None, *db]


flat_columns = slip(
    one_after_the_other,
    {"X[:, [i]], Y[:, [i]]": "X[:, i], Y[:, i]"},
    loses=("loop",),
    says="X[:, i] has lost an axis: it is no column any more, and NumPy broadcasts it to something else. "
    "Keep the axis.",
)

loop_without_mean = slip(
    one_after_the_other,
    {"np.mean([one[0]": "np.sum([one[0]", "np.mean([one[1]": "np.sum([one[1]"},
    loses=("loop",),
    says="You add up the gradients of all columns. The cost is a mean, so its gradient is one too.",
)


@trap("backprop", loses=("loop",), answer="backprop_loop")
def only_the_last_column(w, b, X, Y, nabla_a):
    """Each column overwrites the one before it, so only the last is left. Collect all of them, then average."""
    for i in range(X.shape[1]):
        dw, db = backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a)
    return dw, db


@trap("backprop", loses=("loop",), answer="backprop_loop")
def only_the_first_column(w, b, X, Y, nabla_a):
    """You give the gradient of the first column. Does a return inside the loop end it too early? Average over all."""
    return backprop_one(w, b, X[:, :1], Y[:, :1], nabla_a)


@trap("backprop", loses=("loop",), answer="backprop_loop")
def average_column(w, b, X, Y, nabla_a):
    """You average the examples and then find one gradient. Find the gradient of each example, then average."""
    return backprop_one(w, b, X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True), nabla_a)


as_many_as_inputs = slip(
    one_after_the_other,
    {"range(X.shape[1])": "range(len(X))"},
    loses=("loop",),
    says="len(X) is the number of rows, so you visit too few columns. How many examples are there?",
)


@trap("backprop", loses=("work",), answer="backprop")
def loop_over_examples(w, b, X, Y, nabla_a):
    """Right, and no points are lost. But Python visits one example after another; matrices take all at once."""
    return backprop_loop(w, b, X, Y, nabla_a)


@trap("backprop", loses=("batch", "one"), answer="backprop")
def quadratic_whatever(w, b, X, Y, nabla_a):
    """You use the quadratic cost, whatever cost is given. Its gradient comes from nabla_a: call it."""
    return backprop_loop(w, b, X, Y, lambda a, y: a - y)


@trap("backprop", loses=("loop",), answer="backprop_loop")
def quadratic_in_the_loop(w, b, X, Y, nabla_a):
    """You use the quadratic cost, whatever cost is given. Hand nabla_a on."""
    return backprop(w, b, X, Y, lambda a, y: a - y)


@trap("backprop", loses=("loop",), answer="backprop_loop")
def mean_of_the_last_two(w, b, X, Y, nabla_a):
    """You average what you have with each new column, so the last counts half. Add all, then divide by m."""
    dw, db = backprop_one(w, b, X[:, :1], Y[:, :1], nabla_a)
    for i in range(1, X.shape[1]):
        more_w, more_b = backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a)
        for l in range(1, len(w)):
            dw[l], db[l] = (dw[l] + more_w[l]) / 2, (db[l] + more_b[l]) / 2
    return dw, db


@alternative("backprop", answer="backprop")
def there_and_back(w, b, X, Y, nabla_a):
    m = X.shape[1]
    a = [X]
    for l in range(1, len(w)):
        a.append(sigmoid(w[l] @ a[-1] + b[l]))
    delta, dw, db = nabla_a(a[-1], Y) * a[-1] * (1 - a[-1]), [None] * len(w), [None] * len(w)
    for l in range(len(w) - 1, 0, -1):
        dw[l], db[l] = delta @ a[l - 1].T / m, delta.mean(axis=1, keepdims=True)
        delta = (w[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dw, db


sums_over_the_batch = slip(
    there_and_back,
    {"a[l - 1].T / m, delta.mean(": "a[l - 1].T, delta.sum("},
    loses=("batch",),
    says="Your gradients are sums over the examples: m times too long. The cost is a mean.",
)

mean_taken_twice = slip(
    there_and_back,
    {"/ m, delta.mean(axis=1, keepdims=True)": "/ m**2, delta.mean(axis=1, keepdims=True) / m"},
    loses=("batch",),
    says="You divide by the number of examples twice. Which of your functions takes the mean already?",
)


@trap("backprop", loses=("batch", "one"), answer="backprop")
def average_example(w, b, X, Y, nabla_a):
    """You average the examples and then find one gradient. Find the gradient of each example, then average."""
    return backprop_one(w, b, X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True), nabla_a)


columns_mixed = slip(
    there_and_back,
    {
        "[None] * len(w), [None] * len(w)": "[None] * len(w), [None] * len(w)\n"
        "    delta = np.repeat(delta.mean(axis=1, keepdims=True), m, axis=1)"
    },
    loses=("batch",),
    says="Your columns mix: the error of one example reaches another. Each keeps its column of δ up to BP3 and BP4.",
)

only_biases_averaged = slip(
    there_and_back,
    {"a[l - 1].T / m": "a[l - 1].T"},
    loses=("batch",),
    says="Your bias gradients are means, but your weight gradients are sums: the matrix product adds up the examples.",
)

one_example_less = slip(
    there_and_back,
    {
        "m = X.shape[1]": "m = np.float64(X.shape[1])",
        "/ m, delta.mean(axis=1, keepdims=True)": "/ (m - 1), delta.sum(axis=1, keepdims=True) / (m - 1)",
    },
    loses=("batch", "one"),
    says="You divide by m - 1. That is for a sample variance; a mean divides by m, and a batch may hold one example.",
)

squeezed = slip(
    there_and_back,
    {"m = X.shape[1]": "X, Y = np.squeeze(X), np.squeeze(Y)\n    m = X.shape[1]"},
    loses=("one",),
    says="A batch of one fails: squeeze removes every axis of length 1, the one of the examples too.",
)


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


slope_below_left_out = slip(
    there_and_back,
    {"(w[l].T @ delta) * a[l - 1] * (1 - a[l - 1])": "w[l].T @ delta"},
    loses=("batch", "one"),
    says="The error passes the weights, but not the sigmoid of the layer below: there a local derivative is missing.",
)


slope_at_the_output_left_out = slip(
    there_and_back,
    {"nabla_a(a[-1], Y) * a[-1] * (1 - a[-1])": "nabla_a(a[-1], Y)"},
    loses=("batch", "one"),
    says="Your error at the output is the derivative by a. From there to z a local derivative is missing.",
)


inputs_centered = slip(
    there_and_back,
    {"a = [X]": "a = [X - X.mean(axis=1, keepdims=True)]"},
    loses=("batch", "one"),
    says="You take the mean away from the inputs. The gradient is asked for the inputs as they are.",
)


last_column_left_out = slip(
    running_total,
    {"zip(X.T, Y.T, strict=True)": "zip(X.T[: m - 1 or 1], Y.T[: m - 1 or 1], strict=True)"},
    loses=("loop",),
    says="The last column does not count. Does your loop end too early?",
)


first_column_left_out = slip(
    running_total,
    {"zip(X.T, Y.T, strict=True)": "zip(X.T[int(m > 1) :], Y.T[int(m > 1) :], strict=True)"},
    loses=("loop",),
    says="The first column does not count. Does your loop begin too late?",
)


one_target_for_all = slip(
    one_after_the_other,
    {"Y[:, [i]]": "Y[:, [0]]"},
    loses=("loop",),
    says="Every column of X is held against the first target. Each has a target of its own.",
)


# 5.2 cross-entropy ---------------------------------------------------------------------------------------------------


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


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def cross_entropy_itself(a, y):
    """This is the cost, not its derivative by each output."""
    return -(y * np.log(a) + (1 - y) * np.log(1 - a))


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def times_the_slope(a, y):
    """You multiply by a(1 - a). The two fractions have it below the line, as their common denominator."""
    return (a - y) * (a * (1 - a))


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
        return (a - y) / (a * (1 - a)) * sigmoid(a) * (1 - sigmoid(a))


@trap("cross-entropy-delta", loses=("saturated",), answer="delta_cross_entropy")
def not_simplified(a, y):
    """Right on paper, but where a is exactly 0 or 1 it divides 0 by 0. Cancel by hand, before the computer divides."""
    return (a - y) / (a * (1 - a)) * (a * (1 - a))


@trap("cross-entropy-delta", loses=("saturated",), answer="delta_cross_entropy")
def kept_from_zero(a, y):
    """The small number below the line prevents 0/0, but δ comes out as 0 where it should be largest. Cancel by hand."""
    return (a - y) / (a * (1 - a) + 1e-12) * (a * (1 - a))


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


@trap("cross-entropy-delta", loses=("nabla",), answer="nabla_cross_entropy")
def labels_only(a, y):
    """You ask whether y is 1. A target may lie between 0 and 1: then both terms count, each with its share."""
    return np.where(y == 1, -1 / a, 1 / (1 - a))


# 5.3 levers and best_move -------------------------------------------------------------------------------------------


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


@trap("levers", loses=("bias", "weights", "activations"), answer="levers")
def cost_for_the_miss(w, b, a, y):
    """You multiply by the cost. Its derivative by the prediction is the miss itself, p - y."""
    cost = (np.dot(w, a) + b - y) ** 2 / 2
    return cost, cost * a, cost * w


@trap("levers", loses=("bias", "weights", "activations"), answer="levers")
def a_miss_for_each(w, b, a, y):
    """You have a miss for each weight. The products are added first: there is one prediction, and one miss."""
    miss = w * a + b - y
    return miss, miss * a, miss * w


@trap("levers", loses=("bias", "weights"), answer="levers")
def weights_first(w, b, a, y):
    """The order of the three is wrong: first the bias, then the weights, then the activations."""
    miss = np.dot(w, a) + b - y
    return miss * a, miss, miss * w


@trap("levers", loses=("best",), answer="best_move")
def without_the_bias(db, dw, da):
    """You leave out the bias. It is a lever too: compare its slope with the others."""
    every = [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    name, index, slope = max(every, key=lambda lever: abs(lever[2]))
    return name, index, 1 if slope < 0 else -1


@trap("levers", loses=("best",), answer="best_move")
def most_negative(db, dw, da):
    """You take the most negative slope. A slope of 3 is as good as one of -3: then the lever goes down."""
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    return (*min(every, key=lambda lever: lever[2])[:2], 1)


@trap("levers", loses=("best",), answer="best_move")
def place_among_all(db, dw, da):
    """Your index counts all levers together. Count weights and activations each from 0."""
    slopes = [db, *dw, *da]
    place = int(np.argmax(np.abs(slopes)))
    name = "b" if place == 0 else "w" if place <= len(dw) else "a"
    return name, place, 1 if slopes[place] < 0 else -1


@trap("levers", loses=("best",), answer="best_move")
def means_compared(db, dw, da):
    """You compare the means of the three kinds. One single lever is asked for: the strongest of them all."""
    kinds = {"b": [db], "w": list(dw), "a": list(da)}
    kind = max(kinds, key=lambda name: np.mean(np.abs(kinds[name])))
    place = int(np.argmax(np.abs(kinds[kind])))
    return kind, place, -1 if kinds[kind][place] > 0 else 1


lengths_compared = slip(
    means_compared,
    {"np.mean(np.abs(kinds[name]))": "np.linalg.norm(kinds[name])"},
    loses=("best",),
    says="You compare the lengths of the three kinds. One single lever is asked for: the strongest of them all.",
)


sums_compared = slip(
    means_compared,
    {"np.mean(np.abs(kinds[name]))": "np.sum(np.abs(kinds[name]))"},
    loses=("best",),
    says="You compare the sums of the three kinds. One single lever is asked for: the strongest of them all.",
)


@trap("levers", loses=("best",), answer="best_move")
def first_that_is_stronger(db, dw, da):
    """You take the first lever of a kind that is stronger than the best so far. A later one may be stronger still."""
    best = ("b", 0, db)
    for kind, slopes in (("w", dw), ("a", da)):
        stronger = [(kind, i, slope) for i, slope in enumerate(slopes) if abs(slope) > abs(best[2])]
        best = (stronger or [best])[0]
    return best[0], best[1], -1 if best[2] > 0 else 1


@trap("levers", loses=("best",), answer="best_move")
def weights_or_activations_first(db, dw, da):
    """You compare two kinds, and go on with only one of them. All three must be compared with one another."""
    i, j = int(np.argmax(np.abs(dw))), int(np.argmax(np.abs(da)))
    if abs(da[j]) > abs(dw[i]):
        return "a", j, -1 if da[j] > 0 else 1
    return ("w", i, -1 if dw[i] > 0 else 1) if abs(dw[i]) > abs(db) else ("b", 0, -1 if db > 0 else 1)


direction_of_the_sum = slip(
    three_champions,
    {"-np.sign(best[2])": '-np.sign({"b": db, "w": np.sum(dw), "a": np.sum(da)}[best[0]])'},
    loses=("best",),
    says="The lever is right. Its direction follows from its own slope, not from the sum of all of its kind.",
)


# 5.4 broken_assumptions ---------------------------------------------------------------------------------------------


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


# 5.5 fixed_backprop -------------------------------------------------------------------------------------------------


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


nothing_mended = slip(
    mended_line_by_line,
    {"mean": "sum", "a[l - 1].T": "a[l].T", "w[l].T": "w[l]"},
    loses=("db", "dw", "hidden"),
    says="This is the code as it was given. Read the report from the output back, and mend the first wrong line first.",
)


bp2_and_bp4_left = slip(
    mended_line_by_line,
    {"a[l - 1].T": "a[l].T", "w[l].T": "w[l]"},
    loses=("dw", "hidden"),
    says="The mean is mended. Two bugs are left: which activations meet the error in BP4, and how do errors go back?",
)


bp2_and_bp3_left = slip(
    mended_line_by_line,
    {"mean": "sum", "w[l].T": "w[l]"},
    loses=("db", "hidden"),
    says="BP4 is mended. Two bugs are left: db of the output is m times too large, and look at how errors go back.",
)


bp3_and_bp4_left = slip(
    mended_line_by_line,
    {"mean": "sum", "a[l - 1].T": "a[l].T"},
    loses=("db", "dw", "hidden"),
    says="BP2 is mended. Two bugs are left: BP3 sums over the examples, and BP4 takes activations of the wrong layer.",
)


bp2_left = slip(
    mended_line_by_line,
    {"w[l].T": "w[l]"},
    loses=("hidden",),
    says="One bug is left: the output layer is right and the layers below are not, so the error goes back the "
    "wrong way.",
)


bp3_left = slip(
    mended_line_by_line,
    {"mean": "sum"},
    loses=("db", "hidden"),
    says="One bug is left: all your bias gradients are m times too large.",
)


bp4_left = slip(
    mended_line_by_line,
    {"a[l - 1].T": "a[l].T"},
    loses=("dw", "hidden"),
    says="One bug is left: all bias gradients are right, so the errors are too. What else is in a weight's gradient?",
)


another_slope = slip(
    mended_line_by_line,
    {"(w[l].T": "w[l].T", "delta) * a[l - 1": "(delta * a[l", "(1 - a[l - 1])": "(1 - a[l]))"},
    loses=("hidden",),
    says="The line of BP2 goes to the layer below, so its slope is that of a[l-1]. It was right as it was given.",
)


@alternative("backprop-bugs")
def written_anew(w, b, X, Y):
    return backprop(w, b, X, Y, lambda a, y: a - y)


@trap("backprop-bugs", loses=("db", "dw", "hidden"))
def slope_of_the_activation(w, b, X, Y):
    """You take σ' at a. The sigmoid was applied to z, so its slope is taken at z."""
    outputs = [X]
    for weights, biases in zip(w[1:], b[1:], strict=True):
        outputs.append(autodiff.sigmoid(weights @ outputs[-1] + biases))
    prime = lambda t: autodiff.sigmoid(t) * (1 - autodiff.sigmoid(t))  # noqa: E731
    dw, db, m = [None] * len(w), [None] * len(w), X.shape[1]
    error = (outputs[-1] - Y) * prime(outputs[-1]) / m
    for l in range(len(w) - 1, 0, -1):
        dw[l], db[l] = error @ outputs[l - 1].T, error.sum(axis=1, keepdims=True)
        error = (w[l].T @ error) * prime(outputs[l - 1])
    return dw, db
