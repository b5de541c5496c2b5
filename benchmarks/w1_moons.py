"""W1: micrograd's demo: 2-16-16-1, relu, hinge cost with a penalty on all parameters, batch of 100, one SGD step."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np

from benchmarks.harness import Result, assert_same_gradients, interleave, peer
from course_lib.autodiff import Op, Tensor, linear, relu
from course_lib.datasets import moons
from course_lib.replay import record

SIZES, PENALTY, RATE = [2, 16, 16, 1], 1e-4, 1e-9  # a rate so small that all contenders stay at the same place


def _hinge(s, y):
    return np.maximum(1 - s * y, 0).sum() / y.size


# The two costs of this demo as ops of our own: this is how a course user would add them.
hinge = Op("hinge", _hinge, lambda g, z, s, y: y * (s * y < 1) * (-g / y.size))
squares = Op(
    "squares", lambda *p: sum(np.vdot(q, q) for q in p), *[lambda g, z, *p, i=i: 2 * g * p[i] for i in range(6)]
)


def parameters(seed=0):
    rng = np.random.default_rng(seed)
    arrays = []
    for n_in, n_out in pairwise(SIZES):
        arrays += [rng.uniform(-1, 1, (n_out, n_in)), rng.uniform(-1, 1, (n_out, 1))]
    return arrays


def cost_tensor(tensors, X, y):
    w1, b1, w2, b2, w3, b3 = tensors
    s = linear(w3, relu(linear(w2, relu(linear(w1, X, b1)), b2)), b3)
    return hinge(s, y) + PENALTY * squares(*tensors)


def by_tensor(tensors, X, y):
    cost_tensor(tensors, X, y).backward()
    return [t.grad for t in tensors]


class HandTuned:
    """The same step as NumPy allows it at best: buffers made once, everything in place."""

    def __init__(self, arrays, X, y):
        self.arrays, self.X, self.y = arrays, X, y
        m = X.shape[1]
        self.a = [np.empty((n, m)) for n in SIZES[1:]]
        self.d = [np.empty((n, m)) for n in SIZES[1:]]
        self.positive = [np.empty((n, m), bool) for n in SIZES[1:-1]]
        self.g, self.ones = [np.empty_like(a) for a in arrays], np.ones((m, 1))

    def gradients(self):
        (w1, b1, w2, b2, w3, b3), (a1, a2, s), (d1, d2, d3), g = self.arrays, self.a, self.d, self.g
        np.dot(w1, self.X, a1)
        a1 += b1
        np.maximum(a1, 0, out=a1)
        np.dot(w2, a1, a2)
        a2 += b2
        np.maximum(a2, 0, out=a2)
        np.dot(w3, a2, s)
        s += b3
        np.multiply(s, self.y, d3)
        np.less(d3, 1, d3, casting="unsafe")
        d3 *= self.y
        d3 *= -1 / self.y.size
        np.dot(w3.T, d3, d2)
        np.greater(a2, 0, self.positive[1])
        d2 *= self.positive[1]
        np.dot(w2.T, d2, d1)
        np.greater(a1, 0, self.positive[0])
        d1 *= self.positive[0]
        for i, (d, a) in enumerate([(d1, self.X), (d2, a1), (d3, a2)]):
            np.dot(d, a.T, g[2 * i])
            np.dot(d, self.ones, g[2 * i + 1])
        for p, q in zip(self.arrays, g, strict=True):
            q += 2 * PENALTY * p
        return g


def run(rounds: int) -> Result:
    result = Result("W1", "moons, 2-16-16-1, batch 100, one step of training, float64")
    points = moons(100, seed=1)
    X, y = points.X, 2 * points.Y - 1
    arrays = parameters()
    tensors, tuned = [Tensor(a) for a in arrays], HandTuned(arrays, X, y)

    def descend(gradients):
        for p, g in zip(arrays, gradients, strict=True):
            p -= RATE * g

    plan = record(cost_tensor, arrays, X, y)
    contenders = {
        "Tensor": lambda: descend(by_tensor(tensors, X, y)),
        "replayed plan": lambda: descend(plan(X, y)[1]),
        "hand-tuned NumPy": lambda: descend(tuned.gradients()),
    }
    gradients = {"Tensor": lambda: by_tensor(tensors, X, y), "replayed plan": lambda: plan(X, y)[1]}
    calls = dict.fromkeys(contenders, 200)

    torch = peer("torch", result.notes)
    if torch:
        torch.set_num_threads(1)
        parts = [torch.tensor(a, requires_grad=True) for a in arrays]
        tX, ty = torch.tensor(X), torch.tensor(y)

        def torch_gradients():
            w1, b1, w2, b2, w3, b3 = parts
            s = w3 @ torch.relu(w2 @ torch.relu(w1 @ tX + b1) + b2) + b3
            cost = torch.relu(1 - s * ty).mean() + PENALTY * sum((p * p).sum() for p in parts)
            return torch.autograd.grad(cost, parts)

        def torch_step():
            gradients = torch_gradients()
            with torch.no_grad():
                for p, g in zip(parts, gradients, strict=True):
                    p -= RATE * g

        contenders["torch eager"], calls["torch eager"] = torch_step, 50
        gradients["torch eager"] = lambda: [g.numpy() for g in torch_gradients()]

    if peer("autograd", result.notes):
        import autograd.numpy as anp
        from autograd import grad

        def cost(p):
            w1, b1, w2, b2, w3, b3 = p
            a1 = anp.maximum(anp.dot(w1, X) + b1, 0)
            a2 = anp.maximum(anp.dot(w2, a1) + b2, 0)
            s = anp.dot(w3, a2) + b3
            return anp.mean(anp.maximum(1 - s * y, 0)) + PENALTY * sum(anp.sum(q * q) for q in p)

        contenders["autograd (HIPS)"] = lambda: descend(grad(cost)(arrays))
        gradients["autograd (HIPS)"] = lambda: grad(cost)(arrays)
        calls["autograd (HIPS)"] = 20

    add_jax(result, contenders, gradients, calls, arrays, X, y)
    assert_same_gradients(HandTuned(arrays, X, y).gradients(), gradients)
    times = interleave(contenders, rounds, calls)

    result.compare(times, "Tensor", "hand-tuned NumPy", 2.5)
    result.compare(times, "replayed plan", "hand-tuned NumPy", None)
    result.beats(times, "Tensor", {"torch eager": 3, "autograd (HIPS)": 13, "jax jit": None})

    if peer("micrograd", result.notes):
        network, step = micrograd_demo(arrays, X, y)
        step()
        ours = by_tensor(tensors, X, y)
        for layer, w, b in zip(network.layers, ours[0::2], ours[1::2], strict=True):
            np.testing.assert_allclose([[v.grad for v in n.w] for n in layer.neurons], w, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose([[n.b.grad] for n in layer.neurons], b, rtol=1e-9, atol=1e-12)
        few = interleave({"Tensor": contenders["Tensor"], "micrograd": step}, 3, {"Tensor": 200})
        result.beats(few, "Tensor", {"micrograd": 10_000})
    return result


def add_jax(result, contenders, gradients, calls, arrays, X, y):
    jax = peer("jax", result.notes)
    if not jax:
        return
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def cost(p, X, y):
        w1, b1, w2, b2, w3, b3 = p
        s = w3 @ jax.nn.relu(w2 @ jax.nn.relu(w1 @ X + b1) + b2) + b3
        return jnp.maximum(1 - s * y, 0).mean() + PENALTY * sum((q * q).sum() for q in p)

    derivative = jax.jit(jax.grad(cost))
    step = jax.jit(lambda p, X, y: [q - RATE * g for q, g in zip(p, jax.grad(cost)(p, X, y), strict=True)])
    start, jX, jy = [jnp.array(a) for a in arrays], jnp.array(X), jnp.array(y)
    contenders["jax jit"], calls["jax jit"] = lambda: jax.block_until_ready(step(start, jX, jy)), 50
    gradients["jax"] = lambda: [np.asarray(g) for g in derivative(start, jX, jy)]


def micrograd_demo(arrays, X, y):
    """micrograd's network with our parameters, and one step of its own training loop."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    random.seed(0)
    network = MLP(2, SIZES[1:])
    for layer, w, b in zip(network.layers, arrays[0::2], arrays[1::2], strict=True):
        for neuron, row, bias in zip(layer.neurons, w, b[:, 0], strict=True):
            neuron.b.data = float(bias)
            for value, number in zip(neuron.w, row, strict=True):
                value.data = float(number)

    def step():
        scores = [network([Value(float(v)) for v in column]) for column in X.T]
        losses = [(1 + -float(label) * score).relu() for label, score in zip(y[0], scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in network.parameters())
        network.zero_grad()
        total.backward()
        for p in network.parameters():
            p.data -= RATE * p.grad
        return total

    return network, step
