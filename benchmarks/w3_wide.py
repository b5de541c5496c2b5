"""W3: 1000-1000-10, a million weights: gradients at batch 1, 32, 256; backward against forward; finite differences."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Claim, Result, assert_same_gradients, interleave, peer, ratio
from course_lib.counting import forward_passes, network_work, parameter_count
from course_lib.network import Network

SIZES = [1000, 1000, 10]


def by_hand(parameters, x, y):
    """The gradient as a careful NumPy user writes it: no product that is not needed, few new arrays."""
    w1, b1, w2, b2 = parameters
    a1 = np.dot(w1, x)
    a1 += b1
    np.maximum(a1, 0, out=a1)
    d2 = np.dot(w2, a1)
    d2 += b2
    d2 -= y
    d2 /= x.shape[1]
    d1 = np.dot(w2.T, d2)
    ones = np.ones((x.shape[1], 1))
    g2, h2 = np.dot(d2, a1.T), np.dot(d2, ones)
    d1 *= a1 > 0
    return [np.dot(d1, x.T), np.dot(d1, ones), g2, h2]


def add_jax(result, gradients, parameters, x, y):
    jax = peer("jax", result.notes)
    if not jax:
        return
    jax.config.update("jax_enable_x64", True)

    def cost(p, x, y):
        w1, b1, w2, b2 = p
        return jax.numpy.sum((w2 @ jax.nn.relu(w1 @ x + b1) + b2 - y) ** 2) / (2 * x.shape[1])

    derivative = jax.jit(jax.grad(cost))
    p, jx, jy = [jax.numpy.array(q) for q in parameters], jax.numpy.array(x), jax.numpy.array(y)
    gradients[f"jax jit, batch {x.shape[1]}"] = lambda: jax.block_until_ready(derivative(p, jx, jy))


def run(rounds: int) -> Result:
    result = Result("W3", "1000-1000-10, relu, quadratic cost, float64, one gradient of a million weights")
    network = Network(SIZES, "relu", output="identity")
    rng, tensors = np.random.default_rng(0), network.tensors()
    for m in (1, 32, 256):
        x, y = rng.normal(size=(1000, m)), rng.normal(size=(10, m))

        def by_tensor(x=x, y=y):
            network.cost_tensor(tensors, x, y).backward()
            return [t.grad for t in tensors]

        gradients = {
            f"Tensor, batch {m}": by_tensor,
            f"Network, batch {m}": lambda x=x, y=y: network.backprop(x, y).as_list(),
            f"hand-tuned NumPy, batch {m}": lambda x=x, y=y: by_hand(network.parameters, x, y),
        }
        add_jax(result, gradients, network.parameters, x, y)
        assert_same_gradients(network.backprop(x, y).as_list(), gradients)
        forward = {f"Network forward, batch {m}": lambda x=x: network.feedforward(x)}
        calls = max(4, 40 // m)  # the 8 MB of each contender's gradients are cold memory at the start of its turn
        times = interleave(gradients | forward, rounds, dict.fromkeys([*gradients, *forward], calls))
        for engine in ("Tensor", "Network"):
            goal = 1.2 if m == 1 else 1.05
            result.compare(times, f"{engine}, batch {m}", f"hand-tuned NumPy, batch {m}", goal)
        result.beats(times, f"Tensor, batch {m}", {f"jax jit, batch {m}": None})
        both = ratio(times, f"Network, batch {m}", f"Network forward, batch {m}")
        if m == 256:
            counted = network_work(SIZES, m).ratio
            result.claims.append(Claim(f"backward / forward, timed at batch {m}", both - 1))
            result.claims.append(Claim("backward / forward, multiply-adds counted", counted))
            result.claims.append(Claim("the two differ by", abs((both - 1) / counted - 1) * 100, 5, unit=" %"))
        else:
            passes = forward_passes(parameter_count(SIZES), "forward")
            slower = passes * ratio(times, f"Network forward, batch {m}", f"Network, batch {m}") / (1 - 1 / both)
            text = f"finite differences are slower than one backward pass, batch {m}, extrapolated, by"
            result.claims.append(Claim(text, slower, 500_000, least=True))
    result.notes.append(
        "Finite differences: the time of one forward pass times the number of passes; nobody waited. "
        "Backward is the gradient's time less the forward pass in it."
    )
    return result
