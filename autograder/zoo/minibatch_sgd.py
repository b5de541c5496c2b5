"""Wrong and other right answers to notebook 7. A trap's docstring is what a student who makes that mistake reads."""

import numpy as np

from autograder.zoo import alternative, slip, trap
from course_lib import sgd
from course_lib.network import Network

# 7.1 average_changes, apply_changes ----------------------------------------------------------------------------------


@trap("average-changes", loses=("average",), answer="average_changes")
def wishes_summed(table):
    """You add the wishes. Divide by the number of examples, or a larger batch makes a larger step."""
    return table.sum(axis=1)


@trap("average-changes", loses=("average",), answer="average_changes")
def average_of_each_example(table):
    """You average over the weights: one number for each example. Average over the examples, along each row."""
    return table.mean(axis=0)


@trap("average-changes", loses=("average",), answer="average_changes")
def divided_by_weights(table):
    """You divide by the number of weights. How many wishes does each sum have?"""
    return table.sum(axis=1) / len(table)


@trap("average-changes", loses=("average",), answer="average_changes")
def one_number_for_all(table):
    """You average the whole table into one number. Every weight has an average of its own."""
    return table.mean()


@trap("average-changes", loses=("average",), answer="average_changes")
def wishes_turned_around(table):
    """The sign is flipped. The table already holds wishes, minus the slope: average them as they are."""
    return -table.mean(axis=1)


@trap("average-changes", loses=("move",), answer="apply_changes")
def wishes_subtracted(w, table, rate):
    """You subtract the changes. The table holds wishes, which have the minus sign in them already: grant them."""
    return w - rate * table.mean(axis=1)


@trap("average-changes", loses=("move",), answer="apply_changes")
def all_wishes_granted(w, table, rate):
    """You grant every wish in full, one after the other. Take one step along their average."""
    return w + rate * table.sum(axis=1)


@trap("average-changes", loses=("move",), answer="apply_changes")
def no_rate(w, table, rate):
    """The learning rate is not used. It scales the step."""
    return w + table.mean(axis=1)


@trap("average-changes", loses=("move",), answer="apply_changes")
def only_the_change(w, table, rate):
    """You return the step. Add it to the weights."""
    return rate * table.mean(axis=1)


@trap("average-changes", loses=("move",), answer="apply_changes")
def rate_on_the_weights(w, table, rate):
    """The rate scales your weights too. It belongs to the step alone: put it before the average only."""
    return rate * (w + table.mean(axis=1))


@trap("average-changes", loses=("average",), answer="average_changes")
def median_of_the_wishes(table):
    """You take the median. The mean is asked for: every wish counts by its size."""
    return np.median(table, axis=1)


@alternative("average-changes", answer="average_changes")
def average_by_loops(table):
    result = []
    for row in table:
        total = 0
        for wish in row:
            total = total + wish
        result.append(total / len(row))
    return result


@alternative("average-changes", answer="average_changes")
def average_by_product(table):
    m = table.shape[1]
    return table @ np.full(m, 1 / m)


@alternative("average-changes", answer="apply_changes")
def apply_in_turn(w, table, rate):
    w = w.copy()
    for wishes in table.T:
        w += rate * wishes / table.shape[1]
    return w


# 7.2 minibatches -----------------------------------------------------------------------------------------------------


@trap("minibatches", loses=("random",))
def batches_shuffled(X, Y, size, rng):
    """The same examples meet in every epoch. Do not shuffle mini-batches, or inside them: shuffle all examples."""
    N = X.shape[1]
    starts = [*rng.permutation(np.arange(0, N - N % size, size)), *range(N - N % size, N, size)]
    return [(X[:, k : k + size], Y[:, k : k + size]) for k in starts]


@trap("minibatches", loses=("once", "pairs"))
def independent_shuffles(X, Y, size, rng):
    """You shuffle X and Y each in an order of its own, so examples get wrong targets. Draw one order for both."""
    X, Y = X[:, rng.permutation(X.shape[1])], Y[:, rng.permutation(X.shape[1])]
    return [(X[:, k : k + size], Y[:, k : k + size]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("once", "pairs"))
def targets_in_old_order(X, Y, size, rng):
    """You shuffle X, but Y keeps its old order. Each example needs its own target: use the same order for both."""
    order = rng.permutation(X.shape[1])
    return [(X[:, order[k : k + size]], Y[:, k : k + size]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("once", "sizes"))
def dropped_tail(X, Y, size, rng):
    """The last, smaller mini-batch is missing. Those examples were paid for too: keep the rest."""
    order = rng.permutation(X.shape[1])
    for k in range(X.shape[1] // size):
        some = order[k * size : (k + 1) * size]
        yield X[:, some], Y[:, some]


@trap("minibatches", loses=("once",))
def with_replacement(X, Y, size, rng):
    """You draw each mini-batch afresh, so some examples come twice and others never. Shuffle once, then cut."""
    m = X.shape[1]
    for k in range(0, m, size):
        some = rng.integers(0, m, min(size, m - k))
        yield X[:, some], Y[:, some]


@trap("minibatches", loses=("once",))
def distinct_but_drawn_afresh(X, Y, size, rng):
    """No example is twice in one mini-batch, but some are in several, and others in none. Shuffle once, then cut."""
    m = X.shape[1]
    for k in range(0, m, size):
        some = rng.choice(m, min(size, m - k), replace=False)
        yield X[:, some], Y[:, some]


@trap("minibatches", loses=("once", "pairs", "random"))
def rows_shuffled(X, Y, size, rng):
    """You shuffle the rows of X. Rows are pixels; one column is one example, so shuffle the columns."""
    X = X[rng.permutation(len(X))]
    return [(X[:, k : k + size], Y[:, k : k + size]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("sizes",))
def size_is_the_count(X, Y, size, rng):
    """You make `size` mini-batches. Make mini-batches with `size` examples each."""
    parts = np.array_split(rng.permutation(X.shape[1]), size)
    return [(X[:, some], Y[:, some]) for some in parts]


@trap("minibatches", loses=("sizes",))
def rest_spread_out(X, Y, size, rng):
    """You spread the rest over all mini-batches. All have `size` examples, and only the last one is smaller."""
    m = X.shape[1]
    order = rng.permutation(m)
    for some in np.array_split(order, max(m // size, 1)):
        yield X[:, some], Y[:, some]


@trap("minibatches", loses=("pairs", "random"))
def not_shuffled(X, Y, size, rng):
    """The examples come in their old order. Data are often sorted: then one mini-batch holds zeros only."""
    return [(X[:, k : k + size], Y[:, k : k + size]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("random",))
def own_seed(X, Y, size, rng):
    """You start a generator of your own with a fixed seed, so every epoch has the same order. Use rng as it comes."""
    order = np.random.default_rng(0).permutation(X.shape[1])
    return [(X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("random",))
def global_dice(X, Y, size, rng):
    """Your dice are not those of rng, so nobody can repeat the training. Let all randomness come from rng."""
    order = np.random.permutation(X.shape[1])
    return [(X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("untouched",))
def shuffled_in_place(X, Y, size, rng):
    """You write the new order into X and Y, which belong to your caller. Make new arrays, such as X[:, order]."""
    order = rng.permutation(X.shape[1])
    X[:], Y[:] = X[:, order], Y[:, order]
    return [(X[:, k : k + size], Y[:, k : k + size]) for k in range(0, X.shape[1], size)]


@trap("minibatches", loses=("sizes",))
def evened_out(X, Y, size, rng):
    """You make the mini-batches about equal in size. All have `size` columns, and only the last one may have
    fewer.
    """
    o = rng.permutation(X.shape[1])
    return [(X[:, s], Y[:, s]) for s in np.array_split(o, -(-len(o) // size))]


@alternative("minibatches")
def one_by_one(X, Y, size, rng):
    waiting = list(range(X.shape[1]))
    rng.shuffle(waiting)
    while waiting:
        some, waiting = waiting[:size], waiting[size:]
        yield np.stack([X[:, i] for i in some], axis=1), np.stack([Y[:, i] for i in some], axis=1)


@alternative("minibatches")
def stacked_and_split(X, Y, size, rng):
    both = rng.permutation(np.vstack([X, Y]), axis=1)
    cuts = range(size, X.shape[1], size)
    return [(part[: len(X)], part[len(X) :]) for part in np.split(both, cuts, axis=1)]


@alternative("minibatches")
def sorted_by_random_numbers(X, Y, size, rng):
    order = np.argsort(rng.random(X.shape[1]))
    result = []
    while len(order):
        result.append([X[:, order[:size]], Y[:, order[:size]]])
        order = order[size:]
    return result


# 7.3 sgd_step --------------------------------------------------------------------------------------------------------


@trap("sgd-step", loses=("step",))
def uphill(parameters, gradients, rate):
    """You go uphill. The gradient points to where the cost grows; go against it."""
    return [p + rate * g for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step",))
def rate_ignored(parameters, gradients, rate):
    """The rate is not used. It says how much of the gradient you walk."""
    return [p - g for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step",))
def averaged_again(parameters, gradients, rate):
    """You divide the gradient by the number of its columns. It is a mean already: use it as it is."""
    return [p - rate * g / g.shape[1] for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step",))
def steps_alone(parameters, gradients, rate):
    """You return the steps. The new parameters are the old ones plus these steps."""
    return [-rate * g for g in gradients]


@trap("sgd-step", loses=("step", "untouched"))
def loop_that_changes_a_name(parameters, gradients, rate):
    """Inside your loop, p becomes a new array, but the list keeps the old one. Put the new arrays into a new list."""
    for p, g in zip(parameters, gradients, strict=True):
        p = p - rate * g
    return parameters


@trap("sgd-step", loses=("step",))
def unit_length(parameters, gradients, rate):
    """You shorten each gradient to length 1. Where the cost is steep the step is longer: use the gradient as it is."""
    return [p - rate * g / np.sqrt(np.sum(g**2)) for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step",))
def signs_alone(parameters, gradients, rate):
    """You step by the sign of each number. Where the cost is steep the step is longer: use the gradient as it is."""
    return [p - rate * np.sign(g) for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step",))
def rate_on_everything(parameters, gradients, rate):
    """The rate scales the parameters too. It belongs to the step alone: to the gradient, before you subtract."""
    return [rate * (p - g) for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step",))
def shrinking(parameters, gradients, rate):
    """Besides the step you make the parameters smaller. Weight decay is not asked: subtract the step, no more."""
    return [(1 - rate) * p - rate * g for p, g in zip(parameters, gradients, strict=True)]


@trap("sgd-step", loses=("step", "untouched"))
def first_array_only(parameters, gradients, rate):
    """Only the first array makes a step. All of them do."""
    return [parameters[0] - rate * gradients[0], *parameters[1:]]


@trap("sgd-step", loses=("untouched",))
def in_place(parameters, gradients, rate):
    """The result is right, but `-=` also changed the arrays you were given. Here these must stay as they were."""
    for p, g in zip(parameters, gradients, strict=True):
        p -= rate * g
    return parameters


@alternative("sgd-step")
def step_by_index(parameters, gradients, rate):
    result = []
    for i in range(len(parameters)):
        result.append(parameters[i] + (-rate) * gradients[i])
    return result


@alternative("sgd-step")
def step_on_copies(parameters, gradients, rate):
    moved = tuple(np.array(p, dtype=float) for p in parameters)
    for p, g in zip(moved, gradients, strict=True):
        p -= rate * g
    return moved


@trap("sgd-step", loses=("step", "untouched"))
def mean_of_each_gradient(parameters, gradients, rate):
    """You step by the mean of each gradient array. Every number has a slope of its own."""
    return [p - rate * np.mean(g) for p, g in zip(parameters, gradients, strict=True)]


# 7.4 iterations ------------------------------------------------------------------------------------------------------


@trap("count-iterations", loses=("rest",), answer="iterations_per_epoch")
def rest_forgotten(examples, size):
    """You round down, so the smaller last mini-batch is not counted. It is an iteration too."""
    return examples // size


@trap("count-iterations", loses=("even",), answer="iterations_per_epoch")
def always_one_more(examples, size):
    """You always add one. When the size divides the number of examples, nothing is left over."""
    return examples // size + 1


@trap("count-iterations", loses=("rest",), answer="iterations_per_epoch")
def rounded_to_nearest(examples, size):
    """You round to the nearest number. Any rest, however small, makes one more mini-batch."""
    return round(examples / size)


@trap("count-iterations", loses=("rest",), answer="iterations_per_epoch")
def not_rounded(examples, size):
    """There is no part of an iteration. A smaller mini-batch is one whole update."""
    return examples / size


@trap("count-iterations", loses=("total",), answer="total_iterations")
def rest_joined_over_epochs(examples, size, epochs):
    """You cut all epochs together into mini-batches. Each epoch is cut by itself and has a rest of its own."""
    return -(-examples * epochs // size)


@trap("count-iterations", loses=("total",), answer="total_iterations")
def every_example_an_iteration(examples, size, epochs):
    """You count examples. An iteration is one update, made from a whole mini-batch."""
    return examples * epochs


@trap("count-iterations", loses=("total",), answer="total_iterations")
def rest_never_counted(examples, size, epochs):
    """In every epoch you leave out the smaller last mini-batch."""
    return examples // size * epochs


@alternative("count-iterations", answer="iterations_per_epoch")
def count_by_ceil(examples, size):
    return np.ceil(examples / size)


@alternative("count-iterations", answer="iterations_per_epoch")
def count_by_range(examples, size):
    return len(range(0, examples, size))


@alternative("count-iterations", answer="total_iterations")
def total_by_remainder(examples, size, epochs):
    whole, rest = divmod(examples, size)
    return epochs * (whole + (1 if rest > 0 else 0))


# 7.5 should_stop, train ----------------------------------------------------------------------------------------------


@trap("train", loses=("change", "patience"), answer="should_stop")
def relative_change(history, tolerance, patience):
    """You divide each change by the cost. The tolerance is asked for the change itself."""
    changes = (np.abs(np.diff(history)) / np.abs(history[:-1]))[-patience:]
    return len(changes) == patience and bool(np.all(changes < tolerance))


@trap("train", loses=("patience",), answer="should_stop")
def mean_change(history, tolerance, patience):
    """You average the last changes. A large one can hide behind small ones: each of them must be small."""
    changes = np.abs(np.diff(history))[-patience:]
    return len(changes) == patience and bool(np.mean(changes) < tolerance)


@trap("train", loses=("patience",), answer="should_stop")
def whole_stretch(history, tolerance, patience):
    """You compare the highest with the lowest of the last costs. Small steps may add up: look at each change."""
    last = history[-patience - 1 :]
    return len(last) == patience + 1 and max(last) - min(last) < tolerance


@trap("train", loses=("change", "patience", "short"), answer="should_stop")
def one_cost_too_few(history, tolerance, patience):
    """You look at the last `patience` costs. Between them lies one change less: take one cost more, and each change."""
    last = history[-patience:]
    return max(last) - min(last) < tolerance


@trap("train", loses=("patience", "short"), answer="should_stop")
def one_of_them_is_enough(history, tolerance, patience):
    """One small change is enough for you. Each of the last `patience` changes must be small."""
    return bool(np.any(np.abs(np.diff(history))[-patience:] < tolerance))


@trap("train", loses=("change",), answer="should_stop")
def rising_is_a_small_change(history, tolerance, patience):
    """When the cost rises, your change is negative, so it counts as small. Compare the size of the change."""
    changes = [history[k] - history[k + 1] for k in range(len(history) - 1)]
    return len(changes) >= patience and all(change < tolerance for change in changes[-patience:])


@trap("train", loses=("change", "patience", "short"), answer="should_stop")
def stops_on_large_changes(history, tolerance, patience):
    """You do not stop after small changes. Stop when all of the last changes are smaller than the tolerance."""
    changes = np.abs(np.diff(history))[-patience:]
    return len(changes) == patience and bool(np.all(changes > tolerance))


@trap("train", loses=("patience", "short"), answer="should_stop")
def no_patience(history, tolerance, patience):
    """You look at the last change only. With noise, one small change is luck: ask for `patience` of them in a row."""
    return len(history) > 1 and abs(history[-1] - history[-2]) < tolerance


@trap("train", loses=("patience",), answer="should_stop")
def from_end_to_end(history, tolerance, patience):
    """You compare the last cost with the one `patience` epochs ago. It may have gone far down and up in between."""
    return len(history) > patience and abs(history[-1] - history[-1 - patience]) < tolerance


@trap("train", loses=("patience",), answer="should_stop")
def any_of_them(history, tolerance, patience):
    """One small change among the last ones is enough for you. All of them must be small."""
    changes = np.abs(np.diff(history))[-patience:]
    return len(changes) == patience and bool(np.any(changes < tolerance))


@trap("train", loses=("short",), answer="should_stop")
def too_few_changes(history, tolerance, patience):
    """You stop before there are `patience` changes to judge by. Note that `all` of nothing is True."""
    changes = np.abs(np.diff(history))[-patience:]
    return bool(np.all(changes < tolerance))


@trap("train", loses=("patience",), answer="should_stop")
def costs_for_changes(history, tolerance, patience):
    """You look at one change too few: `patience` changes lie between `patience` + 1 costs."""
    changes = np.abs(np.diff(history[-patience:])) if patience > 1 else np.abs(np.diff(history[-2:]))
    return len(history) > patience and bool(np.all(changes < tolerance))


@alternative("train", answer="train")
def epoch_by_epoch(w, gradient, cost, batches, rate, epochs, stop):
    history = [cost(w)]
    for _ in range(epochs):
        for x, y in batches():
            w = w - rate * gradient(w, x, y)
        history.append(cost(w))
        if stop(history):
            break
    return w, history


climbs = slip(
    epoch_by_epoch,
    {"- rate": "+ rate"},
    loses=("weights", "history"),
    says="Your training climbs: it adds the gradient. Go against it.",
)


batches_made_once = slip(
    epoch_by_epoch,
    {"history = [cost(w)]": "history = [cost(w)]\n    same = list(batches())", "batches():": "same:"},
    loses=("weights", "history", "stop"),
    says="You make the mini-batches once and use them in every epoch. Call batches() at the start of each epoch.",
)


gradient_at_the_start = slip(
    epoch_by_epoch,
    {"(epochs):": "(epochs):\n        start = w", "w, x": "start, x"},
    loses=("weights", "history"),
    says="In an epoch you take every gradient at the place where the epoch began. Take it where you are now.",
)


one_step_an_epoch = slip(
    epoch_by_epoch,
    {"w = w - rate * gradient(w, x, y)": "step = rate * gradient(w, x, y)\n        w = w - step"},
    loses=("weights", "history"),
    says="You take one step in each epoch, from one mini-batch. Take a step for every mini-batch of the epoch.",
)


no_cost_at_the_start = slip(
    epoch_by_epoch,
    {"history = [cost(w)]": "history = []"},
    loses=("history", "stop"),
    says="Your history begins after the first epoch. Its first entry is the cost before any training.",
)


cost_after_every_iteration = slip(
    epoch_by_epoch,
    {"        history": "            history"},
    loses=("history", "stop"),
    says="You note the cost after every iteration. The history has one entry for each epoch, and one for the start.",
)


cost_before_the_epoch = slip(
    epoch_by_epoch,
    {
        "(epochs):": "(epochs):\n        history.append(cost(w))",
        "(w, x, y)\n        history.append(cost(w))": "(w, x, y)",
    },
    loses=("history", "stop"),
    says="You note the cost before each epoch's steps, so each entry is one epoch late. Note it after them.",
)


never_stops = slip(
    epoch_by_epoch,
    {"        if stop(history):\n            break\n": ""},
    loses=("stop",),
    says="You never ask stop(history). Ask it after every epoch, and end the training when it says True.",
)


@trap("train", loses=("change",), answer="should_stop")
def equal_is_enough(history, tolerance, patience):
    """A change that is just as large as the tolerance is not smaller than it: compare with <."""
    d = np.abs(np.diff(history))[-patience:]
    return len(d) == patience and bool((d <= tolerance).all())


@trap("train", loses=("change", "patience"), answer="should_stop")
def looks_at_the_first_changes(history, tolerance, patience):
    """You look at the first changes of the history. Stop when the last ones are small."""
    d = np.abs(np.diff(history))
    return len(d) >= patience and bool((d[:patience] < tolerance).all())


@trap("train", loses=("weights", "history"), answer="train")
def rate_that_shrinks(w, gradient, cost, batches, rate, epochs, stop):
    """Your rate shrinks from epoch to epoch. Take every step with the rate that is given."""
    h = [cost(w)]
    for e in range(epochs):
        for x, y in batches():
            w = w - rate / (1 + e) * gradient(w, x, y)
        h.append(cost(w))
        if stop(h):
            break
    return (w, h)


@trap("train", loses=("weights", "history"), answer="train")
def gradients_of_an_epoch_averaged(w, gradient, cost, batches, rate, epochs, stop):
    """You average the gradients of an epoch and make one step. Make a step after each mini-batch."""
    h = [cost(w)]
    for _e in range(epochs):
        g = np.mean([gradient(w, x, y) for x, y in batches()], axis=0)
        w = w - rate * g
        h.append(cost(w))
        if stop(h):
            break
    return (w, h)


@alternative("train", answer="should_stop")
def stop_by_loop(history, tolerance, patience):
    small = len(history) > patience
    for k in range(1, min(patience + 1, len(history))):
        if abs(history[-k] - history[-k - 1]) >= tolerance:
            small = False
    return small


@alternative("train", answer="should_stop")
def stop_by_counting(history, tolerance, patience):
    small = 0
    for change in np.diff(history):
        small = small + 1 if abs(change) < tolerance else 0
    return small >= patience


@alternative("train", answer="train")
def train_while(w, gradient, cost, batches, rate, epochs, stop):
    w, history = w.copy(), [cost(w)]
    while len(history) <= epochs and not stop(history):
        for pair in batches():
            w -= rate * gradient(w, *pair)
        history = [*history, cost(w)]
    return w, np.array(history)


@alternative("train", answer="train")
def train_by_recursion(w, gradient, cost, batches, rate, epochs, stop):
    def go_on(w, history):
        if len(history) > epochs or (len(history) > 1 and stop(history)):
            return w, history
        for x, y in batches():
            w = w - rate * gradient(w, x, y)
        return go_on(w, [*history, cost(w)])

    return go_on(w, [cost(w)])


@trap("train", loses=("patience",), answer="should_stop")
def last_change_alone(history, tolerance, patience):
    """You look at the last change alone. Each of the last `patience` changes must be small."""
    return len(history) > patience and abs(history[-1] - history[-2]) < tolerance


@trap("train", loses=("patience", "short"), answer="should_stop")
def one_change_too_many(history, tolerance, patience):
    """You wait until there is one change more than `patience`. When there are just as many, they are enough."""
    changes = np.abs(np.diff(history))
    return bool(len(changes) > patience and np.all(changes[-patience:] < tolerance))


# 7.6 gradient_noise, size_for ----------------------------------------------------------------------------------------


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def not_squared(G, batches):
    """You average the distances. Average their squares: only these follow the law 1/B."""
    full = G.mean(axis=1)
    return np.mean([np.linalg.norm(G[:, some].mean(axis=1) - full) for some in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def root_taken(G, batches):
    """You take the root at the end. The noise asked for is the mean of the squares itself."""
    full = G.mean(axis=1)
    return np.sqrt(np.mean([np.sum((G[:, some].mean(axis=1) - full) ** 2) for some in batches]))


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def distance_from_zero(G, batches):
    """You measure the length of the mini-batch gradients. The noise is their distance from the full gradient."""
    return np.mean([np.sum(G[:, some].mean(axis=1) ** 2) for some in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def mean_over_coordinates(G, batches):
    """A squared length is a sum over the weights. You take the mean over them."""
    full = G.mean(axis=1)
    return np.mean([np.mean((G[:, some].mean(axis=1) - full) ** 2) for some in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def summed_over_batches(G, batches):
    """You add up over the mini-batches. Take the mean, or more mini-batches would mean more noise."""
    full = G.mean(axis=1)
    return np.sum([np.sum((G[:, some].mean(axis=1) - full) ** 2) for some in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def batch_gradients_summed(G, batches):
    """The gradient of a mini-batch is the mean of its examples' gradients. You add them."""
    full = G.mean(axis=1)
    return np.mean([np.sum((G[:, some].sum(axis=1) - full) ** 2) for some in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def spread_of_single_examples(G, batches):
    """You measure how far the single examples are from the full gradient. Average over the mini-batch first."""
    full = G.mean(axis=1, keepdims=True)
    return np.mean([np.mean(np.sum((G[:, some] - full) ** 2, axis=0)) for some in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def differences_cancel(G, batches):
    """You average the differences first and square then. Plus and minus cancel: square first."""
    full = G.mean(axis=1)
    return np.sum(np.mean([G[:, some].mean(axis=1) - full for some in batches], axis=0) ** 2)


@trap("gradient-noise", loses=("size",), answer="size_for")
def root_law(size, noise, goal):
    """You use a square root. The typical distance falls with the root of the size; the noise is its square."""
    return int(np.ceil(size * np.sqrt(noise / goal)))


@trap("gradient-noise", loses=("size",), answer="size_for")
def squared_law(size, noise, goal):
    """You square the ratio. The noise is squared already: half the noise needs twice the size."""
    return int(np.ceil(size * (noise / goal) ** 2))


@trap("gradient-noise", loses=("size",), answer="size_for")
def upside_down(size, noise, goal):
    """Your mini-batch gets smaller. Less noise needs more examples."""
    return int(np.ceil(size * goal / noise))


@trap("gradient-noise", loses=("size",), answer="size_for")
def size_rounded(size, noise, goal):
    """You round to the nearest number. One example too few is still too much noise: round up."""
    return round(size * noise / goal)


@trap("gradient-noise", loses=("size",), answer="size_for")
def size_cut_off(size, noise, goal):
    """You round down. One example too few is still too much noise: round up."""
    return int(size * noise / goal)


@trap("gradient-noise", loses=("size",), answer="size_for")
def size_not_whole(size, noise, goal):
    """There is no part of an example. Round up to a whole number."""
    return size * noise / goal


@trap("gradient-noise", loses=("size",), answer="size_for")
def factor_alone(size, noise, goal):
    """You return how many times larger the mini-batch must be. Multiply by its size."""
    return int(np.ceil(noise / goal))


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def equal_batches_once(G, batches):
    """You count equal mini-batches once. Each mini-batch of the list counts, however often it comes."""
    full = G.mean(1)
    return np.mean([np.sum((G[:, list(b)].mean(1) - full) ** 2) for b in {tuple(b) for b in batches}])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def repeated_columns_once(G, batches):
    """You count an example once where a mini-batch holds it twice. Each of its columns counts."""
    full = G.mean(1)
    return np.mean([np.sum((G[:, sorted(set(b))].mean(1) - full) ** 2) for b in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def equal_gradients_once(G, batches):
    """You count equal gradients once in the full gradient. It is the mean over all N examples."""
    full = np.unique(G, axis=1).mean(1)
    return np.mean([np.sum((G[:, b].mean(1) - full) ** 2) for b in batches])


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def full_from_the_batches(G, batches):
    """Your full gradient is the mean over the mini-batches that were drawn. It is the mean over all columns of G."""
    full = np.mean([G[:, b].mean(1) for b in batches], axis=0)
    return np.mean([np.sum((G[:, b].mean(1) - full) ** 2) for b in batches])


@trap("gradient-noise", loses=("size",), answer="size_for")
def size_one_more(size, noise, goal):
    """You always add one. Where the division comes out even, no more examples are needed."""
    return int(size * noise / goal) + 1


@trap("gradient-noise", loses=("size",), answer="size_for")
def ratio_rounded(size, noise, goal):
    """You round the ratio before you multiply it by the size. Multiply first, and round up then."""
    return size * int(np.ceil(noise / goal))


@alternative("gradient-noise", answer="gradient_noise")
def noise_by_loops(G, batches):
    n, N = G.shape
    total = 0.0
    for some in batches:
        for i in range(n):
            mine = sum(G[i, j] for j in some) / len(some)
            total += (mine - sum(G[i]) / N) ** 2
    return total / len(batches)


@alternative("gradient-noise", answer="gradient_noise")
def noise_all_at_once(G, batches):
    small = G[:, np.array(batches)].mean(axis=2)  # one column a mini-batch
    return ((small - G.mean(axis=1, keepdims=True)) ** 2).sum() / small.shape[1]


@alternative("gradient-noise", answer="size_for")
def size_by_search(size, noise, goal):
    B = 1
    while noise * size / B > goal:
        B += 1
    return B


@trap("gradient-noise", loses=("noise",), answer="gradient_noise")
def sizes_added(G, batches):
    """You add up the sizes of the differences. A squared distance is a sum of their squares."""
    full = G.mean(axis=1)
    return np.mean([np.sum(np.abs(G[:, batch].mean(axis=1) - full)) for batch in batches])


# 7.7 train_digits ----------------------------------------------------------------------------------------------------


@trap("train-digits", loses=("learns", "reads"))
def never_trained(X, Y, rng):
    """This network never learned: it reads as well as by guessing. Is every step kept in the network?"""
    network = Network([64, 10], cost="cross-entropy", seed=rng)
    for x, y in sgd.minibatches(X, Y, 200, rng):
        moved = [p - 0.5 * g for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True)]
        assert len(moved) == 2
    return network


@trap("train-digits", loses=("learns", "reads"))
def walks_uphill(X, Y, rng):
    """Your network learns to be wrong: the steps go with the gradient, uphill."""
    network = Network([64, 10], cost="cross-entropy", seed=rng)
    for x, y in sgd.minibatches(X, Y, 100, rng):
        for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True):
            p += 0.5 * g
    return network


@trap("train-digits", loses=("learns", "reads"))
def other_data(X, Y, rng):
    """Your network was trained on other data than the X and Y that it is given. Train it on these."""
    from course_lib import datasets

    known = datasets.digits()
    network = Network([64, 10], cost="cross-entropy", seed=rng)
    for x, y in sgd.minibatches(known.train.X, known.train.Y, 40, rng):
        for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True):
            p -= 1.0 * g
    return network


@trap("train-digits", loses=("learns", "reads", "rng"))
def always_the_same_digit(X, Y, rng):
    """Your network gives the same answer to every image. A constant reads one image in ten."""
    network = Network([64, 10], cost="cross-entropy", seed=rng)
    for p in network.parameters:
        p[...] = 0
    network.b[1][3] = 1
    return network


@trap("train-digits", loses=("learns", "reads"))
def images_and_targets_apart(X, Y, rng):
    """Your images and targets are shuffled apart, so there is nothing to learn. One order for both."""
    network = Network([64, 10], cost="cross-entropy", seed=rng)
    Y = Y[:, rng.permutation(Y.shape[1])]
    for x, y in sgd.minibatches(X, Y, 100, rng):
        for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True):
            p -= 0.2 * g
    return network


@trap("train-digits", loses=("learns", "reads"))
def all_weights_zero(X, Y, rng):
    """All weights start at zero, so all hidden neurons stay equal and work as one. Start with random weights."""
    network = Network([64, 12, 10], cost="cross-entropy")
    for p in network.parameters:
        p[...] = 0
    for _ in range(3):
        for x, y in sgd.minibatches(X, Y, 20, rng):
            for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True):
                p -= 0.5 * g
    return network


@trap("train-digits", loses=("reads",))
def stopped_too_soon(X, Y, rng):
    """Your network learns, but you stop too soon. Train for more epochs, or take larger steps."""
    network = Network([64, 10], cost="cross-entropy", seed=rng)
    for _ in range(2):
        for x, y in sgd.minibatches(X, Y, 20, rng):
            for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True):
                p -= 0.1 * g
    return network


@trap("train-digits", loses=("rng",))
def seed_of_its_own(X, Y, rng):
    """You use a fixed seed in place of rng, so every training is the same. Use rng for the weights and the order."""
    network, rng = Network([64, 30, 10], cost="cross-entropy", seed=5), np.random.default_rng(5)
    for _ in range(20):
        for x, y in sgd.minibatches(X, Y, 10, rng):
            sgd.SGD(0.5).step(network.parameters, network.backprop(x, y).as_list())
    return network


@trap("train-digits", loses=("rng",))
def dice_without_a_seed(X, Y, rng):
    """Some of your randomness does not come from rng, so nobody can repeat this training. Use rng everywhere."""
    network = Network([64, 30, 10], cost="cross-entropy", seed=rng)
    for _ in range(20):
        for x, y in sgd.minibatches(X, Y, 10, np.random.default_rng()):
            for p, g in zip(network.parameters, network.backprop(x, y).as_list(), strict=True):
                p -= 0.5 * g
    return network


@alternative("train-digits")
def relu_with_softmax(X, Y, rng):
    network = Network([64, 40, 10], activation="relu", cost="softmax cross-entropy", init="he", seed=rng)
    momentum = sgd.Momentum(0.05)
    for _ in range(30):
        for x, y in sgd.minibatches(X, Y, 20, rng):
            momentum.step(network.parameters, network.backprop(x, y).as_list())
    return network


@alternative("train-digits")
def quadratic_by_hand(X, Y, rng):
    network = Network([64, 30, 10], seed=rng)
    for _ in range(30):
        order = rng.permutation(X.shape[1])
        for some in np.split(order, range(10, len(order), 10)):
            found = network.backprop(X[:, some], Y[:, some])
            for l in (1, 2):
                network.w[l] = network.w[l] - 3 * found.dw[l]
                network.b[l] = network.b[l] - 3 * found.db[l]
    return network


# 7.8 fixed_epoch -----------------------------------------------------------------------------------------------------


@trap("sgd-bugs", loses=("one", "even", "rest", "in-order"))
def nothing_mended(w, X, Y, order, size, rate):
    """This is the code as it was given. It has three bugs."""
    m, first = X.shape[1], w
    for k in range(m // size):
        some = order[k * size : (k + 1) * size]
        x, y = X[:, some], Y[:, k * size : (k + 1) * size]
        error = first @ x - y
        w = w - rate * error @ x.T / len(some)
    return w


@trap("sgd-bugs", loses=("one", "even", "rest"))
def targets_not_mended(w, X, Y, order, size, rate):
    """Two bugs are gone. One is left: whose target stands beside the first example of the new order?"""
    for k in range(0, X.shape[1], size):
        some = order[k : k + size]
        x, y = X[:, some], Y[:, k : k + size]
        w = w - rate * (w @ x - y) @ x.T / len(some)
    return w


@trap("sgd-bugs", loses=("rest", "in-order"))
def rest_not_mended(w, X, Y, order, size, rate):
    """Two bugs are gone. One is left: which examples are never used when size does not divide their number?"""
    for k in range(X.shape[1] // size):
        some = order[k * size : (k + 1) * size]
        x, y = X[:, some], Y[:, some]
        w = w - rate * (w @ x - y) @ x.T / len(some)
    return w


@trap("sgd-bugs", loses=("even", "rest", "in-order"))
def old_weights_not_mended(w, X, Y, order, size, rate):
    """Two bugs are gone. One is left: with which weights do you find the error in the second mini-batch?"""
    first = w
    for k in range(0, X.shape[1], size):
        some = order[k : k + size]
        x, y = X[:, some], Y[:, some]
        w = w - rate * (first @ x - y) @ x.T / len(some)
    return w


@trap("sgd-bugs", loses=("rest", "in-order"))
def rest_divided_by_size(w, X, Y, order, size, rate):
    """Your mean over the last mini-batch divides by size, but it has fewer examples."""
    for k in range(0, X.shape[1], size):
        some = order[k : k + size]
        x, y = X[:, some], Y[:, some]
        w = w - rate * (w @ x - y) @ x.T / size
    return w


@trap("sgd-bugs", loses=("even", "rest"))
def old_order(w, X, Y, order, size, rate):
    """You go through the examples in their old order. Take the order that is given."""
    order = np.sort(order)
    for k in range(0, len(order), size):
        s = order[k : k + size]
        w = w - rate * (w @ X[:, s] - Y[:, s]) @ X[:, s].T / len(s)
    return w


@trap("sgd-bugs", loses=("one", "even", "rest", "in-order"))
def climbs_in_an_epoch(w, X, Y, order, size, rate):
    """You add the gradient. Its step goes against it."""
    for k in range(0, len(order), size):
        s = order[k : k + size]
        w = w + rate * (w @ X[:, s] - Y[:, s]) @ X[:, s].T / len(s)
    return w


@alternative("sgd-bugs")
def mended_by_index(w, X, Y, order, size, rate):
    w, done = w.copy(), 0
    while done < len(order):
        some = [int(i) for i in order[done : done + size]]
        slope = np.zeros_like(w)
        for i in some:
            slope += (w @ X[:, i] - Y[:, i]) * X[:, i]
        w -= rate * slope / len(some)
        done += len(some)
    return w


@alternative("sgd-bugs")
def mended_by_shuffling_first(w, X, Y, order, size, rate):
    X, Y, m = X[:, order], Y[:, order], X.shape[1]
    for k in range(-(-m // size)):
        x, y = X[:, k * size : (k + 1) * size], Y[:, k * size : (k + 1) * size]
        w = w - rate * np.mean((w @ x - y) * x, axis=1)
    return w


@trap("sgd-bugs", loses=("even", "rest", "in-order"))
def weights_and_rest_not_mended(w, X, Y, order, size, rate):
    """One bug is gone. Two are left: where does the second error come from, and which examples are never used?"""
    first = w
    for k in range(X.shape[1] // size):
        some = order[k * size : (k + 1) * size]
        w = w - rate * (first @ X[:, some] - Y[:, some]) @ X[:, some].T / len(some)
    return w


@trap("sgd-bugs", loses=("one", "even", "rest", "in-order"))
def targets_and_rest_not_mended(w, X, Y, order, size, rate):
    """One bug is gone. Two are left: whose targets stand beside the examples, and which examples are never used?"""
    for k in range(X.shape[1] // size):
        some = order[k * size : (k + 1) * size]
        x, y = X[:, some], Y[:, k * size : (k + 1) * size]
        w = w - rate * (w @ x - y) @ x.T / len(some)
    return w


@trap("sgd-bugs", loses=("one", "even", "rest", "in-order"))
def targets_and_weights_not_mended(w, X, Y, order, size, rate):
    """One bug is gone. Two are left: whose targets stand beside the examples, and where does the second error come
    from?"""
    first = w
    for k in range(0, X.shape[1], size):
        some = order[k : k + size]
        x, y = X[:, some], Y[:, k : k + size]
        w = w - rate * (first @ x - y) @ x.T / len(some)
    return w


@trap("sgd-bugs", loses=("even", "rest", "in-order"))
def old_weights_and_divided_by_size(w, X, Y, order, size, rate):
    """With which weights do you find the second error? And the mean over the last mini-batch divides by size, but it
    has fewer examples."""
    first = w
    for k in range(0, X.shape[1], size):
        some = order[k : k + size]
        w = w - rate * (first @ X[:, some] - Y[:, some]) @ X[:, some].T / size
    return w
