"""W2: one epoch of 784-30-10, sigmoid, quadratic cost, in mini-batches of 10 and of 100, on images of MNIST's size."""

from __future__ import annotations

import warnings

import numpy as np

from benchmarks.harness import Result, assert_same_gradients, interleave, peer
from course_lib.network import Network
from course_lib.replay import record
from course_lib.sgd import SGD

SIZES, RATE = [784, 30, 10], 0.1


def images(m, seed=0):
    """Random images, a fifth of the pixels ink, as in MNIST. What they show makes no difference to the time."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(SIZES[0], m)) * (rng.uniform(size=(SIZES[0], m)) < 0.2)
    return X, np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], m)].T


class HandTuned:
    """The four equations in place, with buffers made once; the rate goes into delta, the smallest array."""

    def __init__(self, parameters, m):
        self.w1, self.b1, self.w2, self.b2 = self.parameters = parameters
        self.a1, self.a2 = np.empty((SIZES[1], m)), np.empty((SIZES[2], m))
        self.d1, self.d2 = np.empty_like(self.a1), np.empty_like(self.a2)
        self.g = [np.empty_like(p) for p in parameters]
        self.ones = np.ones((m, 1))

    def gradients(self, x, y, scale=None):
        a1, a2, d1, d2, (g1, h1, g2, h2) = self.a1, self.a2, self.d1, self.d2, self.g
        for w, a, b, out in ((self.w1, x, self.b1, a1), (self.w2, a1, self.b2, a2)):
            np.dot(w, a, out)
            out += b
            np.negative(out, out)
            np.exp(out, out)
            out += 1
            np.reciprocal(out, out)
        np.subtract(a2, y, d2)
        d2 *= scale or 1 / x.shape[1]
        d2 *= a2
        np.subtract(1, a2, a2)
        d2 *= a2
        np.dot(self.w2.T, d2, d1)
        np.dot(d2, a1.T, g2)
        d1 *= a1
        np.subtract(1, a1, a1)
        d1 *= a1
        np.dot(d1, x.T, g1)
        np.dot(d1, self.ones, h1)
        np.dot(d2, self.ones, h2)
        return self.g

    def step(self, x, y):
        for p, g in zip(self.parameters, self.gradients(x, y, RATE / x.shape[1]), strict=True):
            p -= g


def plain(parameters, x, y):
    """The four equations as most people would write them for this network, with nothing checked and nothing general."""
    w1, b1, w2, b2 = parameters
    a1 = 1 / (1 + np.exp(-(w1 @ x + b1)))
    a2 = 1 / (1 + np.exp(-(w2 @ a1 + b2)))
    d2 = (a2 - y) * a2 * (1 - a2)
    d1 = (w2.T @ d2) * a1 * (1 - a1)
    m = x.shape[1]
    return [d1 @ x.T / m, d1.mean(axis=1, keepdims=True), d2 @ a1.T / m, d2.mean(axis=1, keepdims=True)]


class OneByOne:
    """The way of Nielsen's book: each example by itself, in lists of arrays, and the gradients added up."""

    def __init__(self, parameters):
        self.w, self.b = list(parameters[0::2]), list(parameters[1::2])

    def example(self, x, y):
        activations, zs = [x], []
        for w, b in zip(self.w, self.b, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(1 / (1 + np.exp(-zs[-1])))

        def prime(z):
            s = 1 / (1 + np.exp(-z))
            return s * (1 - s)

        delta = (activations[-1] - y) * prime(zs[-1])
        dw, db = [np.dot(delta, activations[-2].T)], [delta]
        for k in range(2, len(self.w) + 1):
            delta = np.dot(self.w[-k + 1].T, delta) * prime(zs[-k])
            dw.insert(0, np.dot(delta, activations[-k - 1].T))
            db.insert(0, delta)
        return dw, db

    def gradients(self, examples):
        dw, db = [np.zeros_like(w) for w in self.w], [np.zeros_like(b) for b in self.b]
        for x, y in examples:
            one_dw, one_db = self.example(x, y)
            dw = [a + b for a, b in zip(dw, one_dw, strict=True)]
            db = [a + b for a, b in zip(db, one_db, strict=True)]
        return [g / len(examples) for pair in zip(dw, db, strict=True) for g in pair]

    def step(self, examples):
        gradients = self.gradients(examples)
        self.w = [w - RATE * g for w, g in zip(self.w, gradients[0::2], strict=True)]
        self.b = [b - RATE * g for b, g in zip(self.b, gradients[1::2], strict=True)]


def by_tensor(network, tensors, x, y):
    network.cost_tensor(tensors, x, y).backward()
    return [t.grad for t in tensors]


def subtract(parameters, gradients):
    """The step of an optimizer whose rate is in the gradients already."""
    for p, g in zip(parameters, gradients, strict=True):
        p -= g


def by_tensor_with_rate(network, tensors, x, y):
    network.cost_tensor(tensors, x, y).backward(RATE)
    return [t.grad for t in tensors]


def unfolded(gradients):
    return [g / RATE for g in gradients]


def run(rounds: int, m: int = 2000) -> Result:
    result = Result("W2", f"784-30-10, sigmoid, quadratic cost, float64, one epoch of {m:,} images by mini-batches")
    for size in (10, 100):
        batch(result, rounds, m, size)
    return result


def batch(result, rounds, m, size):
    X, Y = images(m)
    columns = [(X[:, i : i + size].copy(), Y[:, i : i + size].copy()) for i in range(0, m, size)]
    network, optimizer = Network(SIZES), SGD(RATE)
    other = Network(SIZES)
    tensors = other.tensors()
    tuned = HandTuned(Network(SIZES).parameters, size)
    third = Network(SIZES)
    plan = record(third.cost_tensor, third.parameters, *columns[0])

    def epoch(step, batches):
        def all_of_it():
            for x, y in batches:
                step(x, y)

        return all_of_it

    straight = Network(SIZES).parameters
    by_columns = {
        "Network": lambda x, y: optimizer.step(network.parameters, network.backprop(x, y).as_list()),
        "Tensor": lambda x, y: optimizer.step(other.parameters, by_tensor(other, tensors, x, y)),
        "replayed plan": lambda x, y: optimizer.step(third.parameters, plan(x, y)[1]),
        "Network, rate folded in": lambda x, y: subtract(
            network.parameters, network.backprop(x, y, upstream=RATE).as_list()
        ),
        "Tensor, rate folded in": lambda x, y: subtract(other.parameters, by_tensor_with_rate(other, tensors, x, y)),
        "replayed plan, rate folded in": lambda x, y: subtract(third.parameters, plan(x, y, upstream=RATE)[1]),
        "hand-tuned NumPy": tuned.step,
        "plain NumPy": lambda x, y: optimizer.step(straight, plain(straight, x, y)),
    }
    contenders = {f"{name}, batch {size}": epoch(step, columns) for name, step in by_columns.items()}
    x, y = columns[0]
    expected = network.backprop(x, y).as_list()
    gradients = {
        "Tensor": lambda: by_tensor(other, tensors, x, y),
        "replayed plan": lambda: plan(x, y)[1],
        "Network, rate folded in": lambda: unfolded(network.backprop(x, y, upstream=RATE).as_list()),
        "Tensor, rate folded in": lambda: unfolded(by_tensor_with_rate(other, tensors, x, y)),
        "replayed plan, rate folded in": lambda: unfolded(plan(x, y, upstream=RATE)[1]),
        "hand-tuned NumPy": lambda: tuned.gradients(x, y),
        "plain NumPy": lambda: plain(straight, x, y),
    }

    one_by_one = OneByOne(Network(SIZES).parameters)
    examples = [[(x[:, [i]], y[:, [i]]) for i in range(size)] for x, y in columns]
    gradients["one by one"] = lambda: one_by_one.gradients(examples[0])
    contenders[f"example by example, batch {size}"] = lambda: [one_by_one.step(some) for some in examples]

    for add in (add_torch, add_autograd, add_jax, add_sklearn):
        add(result, contenders, gradients, columns, size)
    assert_same_gradients(expected, gradients)
    times = interleave(contenders, rounds)
    at = f", batch {size}"
    for name, goals in {"Tensor": {10: 1.5, 100: 1.1}, "replayed plan": {}, "Network": {10: 1.2, 100: 1.1}}.items():
        for way in (name, f"{name}, rate folded in"):
            result.compare(times, way + at, "hand-tuned NumPy" + at, goals.get(size))
    result.compare(times, "Network" + at, "plain NumPy" + at, None)
    goals = {"example by example": 5, "autograd (HIPS)": 5, "torch nn and SGD": 3, "scikit-learn": 2.5, "jax jit": 1}
    result.beats(times, "Network" + at, {other + at: goal if size == 10 else None for other, goal in goals.items()})
    result.beats(times, "Network" + at, {"torch compile" + at: None})


def add_torch(result, contenders, gradients, columns, size):
    torch = peer("torch", result.notes)
    if not torch:
        return
    torch.set_num_threads(1)
    nn = torch.nn
    model = nn.Sequential(nn.Linear(784, 30), nn.Sigmoid(), nn.Linear(30, 10), nn.Sigmoid()).double()
    with torch.no_grad():
        for p, ours in zip(model.parameters(), Network(SIZES).parameters, strict=True):
            p.copy_(torch.tensor(ours).reshape(p.shape))
    optimizer = torch.optim.SGD(model.parameters(), RATE)
    rows = [(torch.tensor(x.T.copy()), torch.tensor(y.T.copy())) for x, y in columns]

    def add_training(name, forward):
        def backward(x, y):
            optimizer.zero_grad()
            (((forward(x) - y) ** 2).sum() / (2 * len(x))).backward()

        def epoch():
            for x, y in rows:
                backward(x, y)
                optimizer.step()

        def all_gradients():
            backward(*rows[0])
            return [p.grad.numpy() if p.ndim == 2 else p.grad.numpy()[:, None] for p in model.parameters()]

        contenders[f"{name}, batch {size}"], gradients[name] = epoch, all_gradients

    add_training("torch nn and SGD", model)
    compiled = torch.compile(model)
    try:
        compiled(rows[0][0])  # compiles now; needs a C++ compiler on this machine
    except Exception as error:
        result.notes.append(f"torch compile does not run here ({type(error).__name__}): skipped.")
    else:
        add_training("torch compile", compiled)


def add_autograd(result, contenders, gradients, columns, size):
    if not peer("autograd", result.notes):
        return
    import autograd.numpy as anp
    from autograd import grad

    parameters = Network(SIZES).parameters

    def cost(p, x, y):
        w1, b1, w2, b2 = p
        a1 = 1 / (1 + anp.exp(-(anp.dot(w1, x) + b1)))
        a2 = 1 / (1 + anp.exp(-(anp.dot(w2, a1) + b2)))
        return anp.sum((a2 - y) ** 2) / (2 * x.shape[1])

    derivative = grad(cost)

    def epoch():
        for x, y in columns:
            for p, g in zip(parameters, derivative(parameters, x, y), strict=True):
                p -= RATE * g

    contenders[f"autograd (HIPS), batch {size}"] = epoch
    gradients["autograd (HIPS)"] = lambda: derivative(parameters, *columns[0])


def add_jax(result, contenders, gradients, columns, size):
    jax = peer("jax", result.notes)
    if not jax:
        return
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def cost(p, x, y):
        w1, b1, w2, b2 = p
        a1 = jax.nn.sigmoid(w1 @ x + b1)
        return jnp.sum((jax.nn.sigmoid(w2 @ a1 + b2) - y) ** 2) / (2 * x.shape[1])

    derivative = jax.jit(jax.grad(cost))
    step = jax.jit(lambda p, x, y: [q - RATE * g for q, g in zip(p, jax.grad(cost)(p, x, y), strict=True)])
    start = [jnp.array(p) for p in Network(SIZES).parameters]
    batches = [(jnp.array(x), jnp.array(y)) for x, y in columns]

    def epoch():
        p = start
        for x, y in batches:
            p = step(p, x, y)
        jax.block_until_ready(p)

    contenders[f"jax jit, batch {size}"] = epoch
    gradients["jax"] = lambda: [np.asarray(g) for g in derivative(start, *batches[0])]


def add_sklearn(result, contenders, gradients, columns, size):
    """Its classifier ends in softmax and cross-entropy, so only the time is compared, not the gradient."""
    if not peer("sklearn", result.notes):
        return
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    X, labels = np.hstack([x for x, _ in columns]).T.copy(), np.hstack([y for _, y in columns]).argmax(axis=0)
    model = MLPClassifier(
        (30,),
        activation="logistic",
        solver="sgd",
        alpha=0,
        batch_size=size,
        momentum=0,
        learning_rate_init=RATE,
        max_iter=1,
        shuffle=False,
        random_state=0,
    )

    def epoch():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what we want
            model.fit(X, labels)

    contenders[f"scikit-learn, batch {size}"] = epoch
