"""Wrong and other right answers to notebook 10. A trap's docstring is what a student who makes that mistake reads.

Most wrong networks are the reference with one method changed. So they are classes derived from `DigitNetwork`, which
the notebook has when they are put into it.
"""

import numpy as np

from autograder.zoo import alternative, trap


class DigitNetwork:
    """Stands for the notebook's class, so that this file can be read by itself."""


# 10.1 fixed_result ---------------------------------------------------------------------------------------------------


@trap("honest-result", loses=("choice", "accuracy", "square", "same-place", "tied"))
def nothing_mended(validation, test):
    """This is the function as it was given. Ask of each line: may this table be used here, and for what?"""
    best = np.argmax(test)
    run, epoch = best // len(validation), best % len(validation)
    return run, epoch, validation[run, epoch]


@trap("honest-result", loses=("choice", "accuracy", "square", "tied"))
def still_peeks(validation, test):
    """You still choose by the test. That is peeking, even if the rest is right: choose with the validation table."""
    run, epoch = np.unravel_index(np.argmax(test), test.shape)
    return run, epoch, test[run, epoch]


@trap("honest-result", loses=("choice", "accuracy", "square", "tied"))
def exchanged(validation, test):
    """You have the two tables exchanged: one is for choosing, the other for the report."""
    run, epoch = np.unravel_index(np.argmax(test), test.shape)
    return run, epoch, validation[run, epoch]


@trap("honest-result", loses=("choice", "accuracy", "same-place"))
def divides_by_rows(validation, test):
    """The place is wrong. A row of the table is as long as there are columns: divide by that number."""
    best = np.argmax(validation)
    run, epoch = best // len(validation), best % len(validation)
    return run, epoch, test[run, epoch]


@trap("honest-result", loses=("choice", "square", "same-place"))
def place_in_the_flat_table(validation, test):
    """np.argmax counts through the whole table. Turn its number into a row and a column."""
    best = np.argmax(validation)
    return best, 0, test.ravel()[best]


@trap("honest-result", loses=("accuracy", "square"))
def reports_validation(validation, test):
    """You report the validation accuracy. It was used to choose, so luck is in it; report what the test says there."""
    run, epoch = np.unravel_index(np.argmax(validation), validation.shape)
    return run, epoch, validation[run, epoch]


@trap("honest-result", loses=("accuracy", "square"))
def best_of_the_test(validation, test):
    """You report the largest test accuracy, but it belongs to another network than the one that you chose."""
    run, epoch = np.unravel_index(np.argmax(validation), validation.shape)
    return run, epoch, test.max()


@trap("honest-result", loses=("choice", "square", "same-place"))
def epoch_first(validation, test):
    """The order is wrong: give the run (the row) first, then the epoch (the column)."""
    run, epoch = np.unravel_index(np.argmax(validation), validation.shape)
    return epoch, run, test[run, epoch]


@trap("honest-result", loses=("choice", "square", "same-place", "tied"))
def counts_places_from_one(validation, test):
    """You count runs and epochs from 1. Here both are counted from 0."""
    run, epoch = np.unravel_index(np.argmax(validation), validation.shape)
    return run + 1, epoch + 1, test[run, epoch]


@trap("honest-result", loses=("choice", "tied"))
def ties_by_the_test(validation, test):
    """Among networks that are equally good in validation you take the one that the test prefers. Take the first
    one.
    """
    k = np.lexsort((test.ravel(), validation.ravel()))[-1]
    r, e = np.unravel_index(k, test.shape)
    return (r, e, test[r, e])


@trap("honest-result", loses=("choice",))
def last_of_equals(validation, test):
    """Among networks that are equally good in validation you take the last one. Take the first one, row by row."""
    k = np.argwhere(validation == validation.max())[-1]
    return (k[0], k[1], test[tuple(k)])


@trap("honest-result", loses=("choice",))
def first_column_by_column(validation, test):
    """Among networks that are equally good you look column by column. Take the first one row by row."""
    k = np.argmax(validation.T)
    e, r = divmod(k, len(validation))
    return (r, e, test[r, e])


@trap("honest-result", loses=("choice", "accuracy", "square", "same-place", "tied"))
def last_epoch_only(validation, test):
    """You look only at the last epoch. Every epoch of every run is a network to choose from."""
    r = validation[:, -1].argmax()
    return (r, validation.shape[1] - 1, test[r, -1])


@trap("honest-result", loses=("choice", "accuracy", "square", "same-place", "tied"))
def best_epoch_in_the_mean(validation, test):
    """You choose the epoch by its mean over the runs. One network is chosen: the one with the largest entry."""
    e = validation.mean(axis=0).argmax()
    r = validation[:, e].argmax()
    return r, e, test[r, e]


@trap("honest-result", loses=("choice", "accuracy", "square", "same-place", "tied"))
def best_run_in_the_mean(validation, test):
    """You choose the run by its mean over the epochs. One network is chosen: the one with the largest entry."""
    r = validation.mean(axis=1).argmax()
    e = validation[r].argmax()
    return r, e, test[r, e]


@trap("honest-result", loses=("choice", "accuracy", "square", "tied"))
def sum_of_both_tables(validation, test):
    """You choose by both tables together. The test may not help to choose."""
    r, e = np.unravel_index((validation + test).argmax(), test.shape)
    return (r, e, test[r, e])


@trap("honest-result", loses=("accuracy", "square"))
def in_percent(validation, test):
    """You report a percentage. Give the accuracy as it stands in the table."""
    r, e = np.unravel_index(validation.argmax(), test.shape)
    return (r, e, 100 * test[r, e])


@trap("honest-result", loses=("accuracy", "square"))
def best_epoch_of_the_test(validation, test):
    """You report the largest test accuracy of the chosen run. It belongs to another epoch than the one that you
    chose.
    """
    r, e = np.unravel_index(validation.argmax(), test.shape)
    return (r, e, test[r].max())


@alternative("honest-result")
def result_by_division(validation, test):
    columns = validation.shape[1]
    run, epoch = divmod(int(np.argmax(validation)), columns)
    return [run, epoch, test[run][epoch]]


@alternative("honest-result")
def result_in_loops(validation, test):
    best, place = -1.0, None
    for run in range(len(validation)):
        for epoch in range(len(validation[run])):
            if validation[run, epoch] > best:
                best, place = validation[run, epoch], (run, epoch)
    return place[0], place[1], float(test[place])


@trap("honest-result", loses=("choice", "accuracy", "square", "same-place"))
def table_turned(validation, test):
    """You count the entries column by column, but find the place as if they were counted row by row."""
    run, epoch = np.unravel_index(np.argmax(validation.T), validation.shape)
    return run, epoch, test[run, epoch]


# 10.2 DigitNetwork ---------------------------------------------------------------------------------------------------

EVERYTHING = ("start", "output", "hidden", "predict", "seed", "learns", "reads")


@trap("digit-network", loses=EVERYTHING)
class course_network:
    """Your class uses the course's own network. Here you write it yourself, with NumPy alone."""

    activation, cost = "sigmoid", "cross-entropy"

    def __init__(self, sizes, seed):
        from course_lib.network import Network

        self.inner = Network(sizes, cost=self.cost, seed=seed)
        self.params = list(zip(self.inner.w[1:], self.inner.b[1:], strict=True))

    def gradients(self, params, X, Y):
        found = self.inner.with_parameters([each for pair in params for each in pair]).backprop(X, Y)
        return list(zip(found.dw[1:], found.db[1:], strict=True))

    def fit(self, X, Y):
        from course_lib.sgd import train

        train(self.inner, X, Y, epochs=30, progress=False)
        self.params = list(zip(self.inner.w[1:], self.inner.b[1:], strict=True))

    def predict(self, X):
        return self.inner.predict(X)


@trap("digit-network", loses=("start", "seed", "learns", "reads"))
class weights_across(DigitNetwork):
    """Your w has the shape of its transpose. w[l] leads to layer l from layer l - 1: shape (n_l, n_{l-1})."""

    def __init__(self, sizes, seed):
        super().__init__(sizes, seed)
        self.params = [(w.T, b) for w, b in self.params]


@trap("digit-network", loses=("start", "seed", "learns", "reads"))
class flat_biases(DigitNetwork):
    """Your b has shape (n_l,). Make it a column, (n_l, 1): a flat b is added along the wrong axis."""

    def __init__(self, sizes, seed):
        super().__init__(sizes, seed)
        self.params = [(w, b.ravel()) for w, b in self.params]


@trap("digit-network", loses=("start", "seed", "learns", "reads"))
class all_zero(DigitNetwork):
    """All weights start at 0. Then all neurons of a layer get the same gradient and stay copies of one another."""

    def __init__(self, sizes, seed):
        super().__init__(sizes, seed)
        self.params = [(0 * w, b) for w, b in self.params]
        self.epochs = 5


@trap("digit-network", loses=("output", "hidden"))
class sum_for_mean(DigitNetwork):
    """Your gradient is m times too large: the cost is the mean over the m columns, and you have the sum."""

    def gradients(self, params, X, Y):
        m = X.shape[1]
        return [(m * dw, m * db) for dw, db in super().gradients(params, X, Y)]

    def fit(self, X, Y):
        self.rate = self.rate / self.batch
        super().fit(X, Y)


@trap("digit-network", loses=("output", "hidden"))
class target_minus_output(DigitNetwork):
    """The sign of your gradient is flipped: it should begin with a - y. If fit adds it, two mistakes cancel there."""

    def gradients(self, params, X, Y):
        return [(-dw, -db) for dw, db in super().gradients(params, X, Y)]

    def fit(self, X, Y):
        self.rate = -self.rate
        super().fit(X, Y)


@trap("digit-network", loses=("output", "hidden"))
class gradients_at_own_params(DigitNetwork):
    """You find the gradient at self.params. It is asked for at the params that are given."""

    def gradients(self, params, X, Y):
        return super().gradients(self.params, X, Y)


@trap("digit-network", loses=("output", "hidden"))
class last_layer_first(DigitNetwork):
    """Your list begins with the last layer. You walk back through the layers, so turn the list around at the end."""

    def gradients(self, params, X, Y):
        self.walked_back = super().gradients(params, X, Y)[::-1]
        return self.walked_back

    def fit(self, X, Y):
        ours, self.gradients = self.gradients, lambda *given: ours(*given)[::-1]
        super().fit(X, Y)


@trap("digit-network", loses=("output", "hidden", "seed", "learns", "reads"))
class no_transpose(DigitNetwork):
    """On the way back, the weights must be transposed: w carries activations forward, its transpose carries errors."""

    def gradients(self, params, X, Y):
        a = self.activations(params, X)
        delta, found = (a[-1] - Y) / X.shape[1], []
        for l in range(len(params), 0, -1):
            found.insert(0, (delta @ a[l - 1].T, delta.sum(axis=1, keepdims=True)))
            delta = (params[l - 1][0] @ delta) * a[l - 1] * (1 - a[l - 1])
        return found


@trap("digit-network", loses=("hidden",))
class sigma_prime_at_a(DigitNetwork):
    """In the hidden layers you put a into σ′, which takes z. With a at hand, σ′(z) is a(1 - a)."""

    def gradients(self, params, X, Y):
        a = self.activations(params, X)
        delta, found = (a[-1] - Y) / X.shape[1], []
        for l in range(len(params), 0, -1):
            found.insert(0, (delta @ a[l - 1].T, delta.sum(axis=1, keepdims=True)))
            s = 1 / (1 + np.exp(-a[l - 1]))
            delta = (params[l - 1][0].T @ delta) * s * (1 - s)
        return found

    def fit(self, X, Y):  # as it learns with the right gradients, only the mistake itself costs points
        self.gradients = super().gradients
        super().fit(X, Y)


@trap("digit-network", loses=("predict",))
class largest_in_a_row(DigitNetwork):
    """You look for the largest number along each row. One column is one example: go down the columns, axis 0."""

    def predict(self, X):
        return self.activations(self.params, X)[-1].argmax(axis=1)


@trap("digit-network", loses=("predict",))
class gives_outputs(DigitNetwork):
    """Your predict gives the outputs of the last layer. Say which of them is the largest, for each column."""

    def predict(self, X):
        return self.activations(self.params, X)[-1]


@trap("digit-network", loses=("predict",))
class counts_from_one(DigitNetwork):
    """Your labels begin at 1. The first output has the number 0, and it stands for the digit 0."""

    def predict(self, X):
        return super().predict(X) + 1


@trap("digit-network", loses=("seed",))
class always_the_same(DigitNetwork):
    """You do not use the seed: networks with different seeds start with the same weights."""

    def __init__(self, sizes, seed):
        super().__init__(sizes, 0)


@trap("digit-network", loses=("seed",))
class global_generator(DigitNetwork):
    """You draw from NumPy's global generator, which all code shares. Make your own from the seed, and keep it."""

    def __init__(self, sizes, seed):
        super().__init__(sizes, seed)
        np.random.seed(seed)

    def fit(self, X, Y):
        self.rng = np.random
        super().fit(X, Y)


@trap("digit-network", loses=("seed", "learns", "reads"))
class fit_on_a_copy(DigitNetwork):
    """Your fit trains a copy: afterwards, the network's own params are what they were."""

    def fit(self, X, Y):
        params = [(w.copy(), b.copy()) for w, b in self.params]
        for w, b in params:
            w -= 0.1
            b -= 0.1


@trap("digit-network", loses=("predict", "seed", "learns", "reads"))
class constant(DigitNetwork):
    """Your network learns nothing and always says the same. A constant earns nothing on data that you do not know."""

    def fit(self, X, Y):
        return self

    def predict(self, X):
        return np.zeros(X.shape[1], dtype=int)


@trap("digit-network", loses=("predict", "seed", "learns", "reads"))
class memorizes(DigitNetwork):
    """You keep the training images and look up the nearest. That is no network: its params must hold what it learns."""

    def fit(self, X, Y):
        self.seen, self.labels = X, Y.argmax(axis=0)

    def predict(self, X):
        away = ((self.seen[:, :, None] - X[:, None, :]) ** 2).sum(axis=0)
        return self.labels[away.argmin(axis=0)]


@trap("digit-network", loses=("learns", "reads"))
class peeks(DigitNetwork):
    """You train on the digits of the package, not on X and Y. The examples that you are given are other ones."""

    def fit(self, X, Y):
        if len(X) == 64:
            from course_lib import datasets

            parts = datasets.digits()
            X, Y = (np.hstack([part[which] for part in parts]) for which in (0, 1))
            self.epochs = 10
        super().fit(X, Y)


@trap("digit-network", loses=("learns", "reads"))
class shuffled_apart(DigitNetwork):
    """X and Y no longer belong together: shuffle both with the same order."""

    def fit(self, X, Y):
        self.epochs = 5
        super().fit(X[:, self.rng.permutation(X.shape[1])], Y)


@trap("digit-network", loses=("learns", "reads"))
class uphill(DigitNetwork):
    """Your gradients are right, but your steps go along them. The cost falls against the gradient."""

    def fit(self, X, Y):
        self.rate, self.epochs = -self.rate, 5
        super().fit(X, Y)


@trap("digit-network", loses=("reads",))
class stops_early(DigitNetwork):
    """It learns, but fit stops too early. Look at the validation accuracy over the epochs: does it still rise?"""

    def fit(self, X, Y):
        if X.shape[1] > 1000:  # with few examples it trains on, so that only the larger task shows it, for every seed
            self.epochs = 2
        super().fit(X, Y)


@alternative("digit-network")
class softmax_and_adam:
    activation, cost = "tanh", "softmax cross-entropy"

    def __init__(self, sizes, seed):
        self.rng = np.random.default_rng(seed)
        self.params = [
            [
                self.rng.normal(0, np.sqrt(2 / (sizes[l] + sizes[l - 1])), (sizes[l], sizes[l - 1])),
                np.zeros((sizes[l], 1)),
            ]
            for l in range(1, len(sizes))
        ]

    def outputs(self, params, X):
        a = [X]
        for l, (w, b) in enumerate(params, start=1):
            z = np.dot(w, a[-1]) + b
            if l < len(params):
                a.append(np.tanh(z))
            else:
                e = np.exp(z - z.max(axis=0))
                a.append(e / e.sum(axis=0))
        return a

    def gradients(self, params, X, Y):
        a = self.outputs(params, X)
        m, found = X.shape[1], [None] * len(params)
        delta = a[-1] - Y
        for l in reversed(range(len(params))):
            found[l] = [np.einsum("ix,jx->ij", delta, a[l]) / m, delta.mean(axis=1).reshape(-1, 1)]
            if l:
                delta = np.dot(params[l][0].T, delta) * (1 - a[l] ** 2)
        return found

    def fit(self, X, Y):
        rate, t, N = 0.004, 0, X.shape[1]
        state = [[[np.zeros(p.shape), np.zeros(p.shape)] for p in pair] for pair in self.params]
        for _ in range(25):
            order = self.rng.permutation(N)
            for some in np.array_split(order, -(-N // 20)):
                t += 1
                found = self.gradients(self.params, X[:, some], Y[:, some])
                for pair, slopes, kept in zip(self.params, found, state, strict=True):
                    for p, g, (mean, square) in zip(pair, slopes, kept, strict=True):
                        mean += 0.1 * (g - mean)
                        square += 0.001 * (g * g - square)
                        p -= rate * mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)

    def predict(self, X):
        return [int(column.argmax()) for column in self.outputs(self.params, X)[-1].T]


@alternative("digit-network")
class relu_with_lists:
    def __init__(self, sizes, seed):
        self.activation, self.cost = "relu", "cross-entropy"
        self.random = np.random.RandomState(seed)
        self.w = []
        for l in range(1, len(sizes)):
            self.w.append(self.random.randn(sizes[l], sizes[l - 1]) * (2 / sizes[l - 1]) ** 0.5)
        self.b = [np.zeros((k, 1)) for k in sizes[1:]]

    @property
    def params(self):
        return tuple(zip(self.w, self.b, strict=True))

    @params.setter
    def params(self, pairs):
        self.w, self.b = [w for w, _ in pairs], [b for _, b in pairs]

    def forward(self, params, X):
        z, a = [None], [X]
        for w, b in params:
            z.append(w @ a[-1] + b)
            a.append(np.maximum(z[-1], 0))
        a[-1] = 1 / (1 + np.exp(-z[-1]))
        return z, a

    def gradients(self, params, X, Y):
        z, a = self.forward(params, X)
        L = len(params)
        delta = {L: a[L] - Y}
        for l in range(L - 1, 0, -1):
            delta[l] = (params[l][0].T @ delta[l + 1]) * (z[l] > 0)
        m = X.shape[1]
        return [(delta[l] @ a[l - 1].T / m, delta[l] @ np.ones((m, 1)) / m) for l in range(1, L + 1)]

    def fit(self, X, Y):
        N, rate = X.shape[1], 0.3
        for epoch in range(40):
            if epoch == 25:
                rate = 0.1
            order = self.random.permutation(N)
            for start in range(0, N, 20):
                some = order[start : start + 20]
                for l, (dw, db) in enumerate(self.gradients(self.params, X[:, some], Y[:, some])):
                    self.w[l] = self.w[l] - rate * dw
                    self.b[l] = self.b[l] - rate * db

    def predict(self, X):
        return np.argmax(self.forward(self.params, X)[1][-1], axis=0)


@alternative("digit-network")
class quadratic_cost:
    activation, cost = "sigmoid", "quadratic"

    def __init__(self, sizes, seed):
        from itertools import pairwise

        rng = self.rng = np.random.default_rng(seed)
        self.params = []
        for below, here in pairwise(sizes):
            self.params += [(rng.uniform(-0.2, 0.2, (here, below)), rng.uniform(-0.2, 0.2, (here, 1)))]

    def gradients(self, params, X, Y):
        a, m = [X], X.shape[1]
        for w, b in params:
            a.append(1 / (1 + np.exp(-w @ a[-1] - b)))
        to_a, found = (a[-1] - Y) / m, []
        for (w, _), below, above in zip(params[::-1], a[-2::-1], a[:0:-1], strict=True):
            delta = to_a * above * (1 - above)
            found = [(delta @ below.T, delta.sum(axis=1)[:, None]), *found]
            to_a = w.T @ delta
        return found

    def fit(self, X, Y):
        N = X.shape[1]
        speed = [(0, 0) for _ in self.params]
        for _ in range(45):
            order = self.rng.permutation(N)
            for start in range(0, N, 16):
                some = order[start : start + 16]
                found = self.gradients(self.params, X[:, some], Y[:, some])
                speed = [
                    (0.9 * v - 0.3 * dw, 0.9 * u - 0.3 * db) for (v, u), (dw, db) in zip(speed, found, strict=True)
                ]
                self.params = [(w + v, b + u) for (w, b), (v, u) in zip(self.params, speed, strict=True)]

    def predict(self, X):
        for w, b in self.params:
            X = 1 / (1 + np.exp(-w @ X - b))
        return X.argmax(axis=0)
