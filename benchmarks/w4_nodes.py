"""W4: what one node costs when the arrays are tiny: time, memory, and the scalar engine of notebook 02."""

from __future__ import annotations

import math
import random
import re
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.harness import Claim, Result, interleave, peer
from course_lib.autodiff import Tensor
from course_lib.replay import record

NODES = 2000
SOURCE = Path(__file__).parent.parent / "solutions" / "02_computation_graphs.py"


def chain(x, c):
    z = x
    for _ in range(NODES // 2):
        z = z * x
        z = z + c
    return z


def run(rounds: int) -> Result:
    result = Result("W4", f"a chain of {NODES} products and sums, forward and backward, arrays of 3 numbers, float64")
    start = np.array([0.9, 0.8, 0.7])

    def ours():
        x = Tensor(start)
        chain(x, 0.1).sum().backward()
        return x.grad

    plan = record(lambda tensors: chain(tensors[0], 0.1).sum(), [start])
    np.testing.assert_array_equal(plan()[1][0], ours())
    contenders = {"Tensor": ours, "replayed plan": plan}
    torch = peer("torch", result.notes)
    if torch:
        torch.set_num_threads(1)

        def theirs():
            x = torch.tensor(start, requires_grad=True)
            chain(x, 0.1).sum().backward()
            return x.grad.numpy()

        np.testing.assert_allclose(theirs(), ours(), rtol=1e-10)
        contenders["torch eager"] = theirs
    times = interleave(contenders, rounds, dict.fromkeys(contenders, 20))
    result.beats(times, "Tensor", {"torch eager": 2})
    result.compare(times, "replayed plan", "Tensor", None)
    node = result.seconds["Tensor"] / NODES
    result.claims.append(Claim("one node, forward and backward", node * 1e6, 1.7, unit=" µs"))
    result.claims.append(
        Claim(
            "memory of a chain of 1,000,000 nodes, at its highest in backward, per node",
            memory_per_node(1_000_000),
            450,
            unit=" bytes",
        )
    )
    scalar_engine(result, rounds)
    return result


def memory_per_node(n):
    x = z = Tensor(0.5)
    tracemalloc.start()
    for _ in range(n):
        z = z * 1.0
    z.backward()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert x.grad == 1
    return highest / n


def reference_value():
    """The class Value that is the reference answer of notebook 02, with what it is made from."""
    source = SOURCE.read_text(encoding="utf-8")
    space = {"math": math}
    for cell in re.split(r"^# %%.*$", source, flags=re.MULTILINE):
        if re.search(r"^(class (Arithmetic|Value)|def count_uses)\b", cell, flags=re.MULTILINE):
            exec(cell, space)
    return space["Value"]


def demo(Value, weights, points, labels):
    """micrograd's demo, 2-16-16-1 with relu and hinge cost, in any scalar engine. Returns parameters and step."""
    layers = [[([Value(w) for w in row], Value(b)) for row, b in layer] for layer in weights]
    parameters = [p for layer in layers for row, b in layer for p in (*row, b)]

    def step():
        losses = []
        for point, label in zip(points, labels, strict=True):
            a = [Value(v) for v in point]
            for number, layer in enumerate(layers):
                a = [sum((w * v for w, v in zip(row, a, strict=True)), b) for row, b in layer]
                a = [v.relu() for v in a] if number < len(layers) - 1 else a
            losses.append((a[0] * -label + 1.0).relu())
        total = sum(losses) * (1.0 / len(losses)) + sum(p * p for p in parameters) * 1e-4
        for p in parameters:
            p.grad = 0.0
        total.backward()
        return total

    return parameters, step


class Bare:
    """The least that a number has to hold to know its past: four fields."""

    __slots__ = ("data", "grad", "local", "parents")

    def __init__(self, data, parents=(), local=()):
        self.data, self.parents, self.local, self.grad = data, parents, local, 0.0

    def __mul__(self, other):
        return Bare(self.data * other.data, (self, other), (other.data, self.data))


def floor(nodes):
    """Make so many numbers by one operator each, and walk back over a list that is in order already.

    It looks at no argument, finds no order and sets nothing back, so no class of numbers with parents and local
    derivatives can be faster in Python.
    """
    factor = z = Bare(1.0)
    made = []
    for _ in range(nodes):
        z = z * factor
        made.append(z)
    z.grad = 1.0
    for node in reversed(made):
        for parent, slope in zip(node.parents, node.local, strict=True):
            parent.grad += node.grad * slope
    return factor.grad


def count_nodes(root):
    """All Values that `root` was made from, itself included."""
    seen, to_visit = {root}, [root]
    while to_visit:
        new = set(to_visit.pop().parents) - seen
        seen |= new
        to_visit += new
    return len(seen)


def scalar_engine(result, rounds):
    Value = reference_value()
    rng = random.Random(1)
    sizes = [2, 16, 16, 1]
    weights = [
        [([rng.uniform(-1, 1) for _ in range(n_in)], rng.uniform(-1, 1)) for _ in range(n_out)]
        for n_in, n_out in pairwise(sizes)
    ]
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(100)]
    labels = [rng.choice([-1.0, 1.0]) for _ in points]
    parameters, step = demo(Value, weights, points, labels)
    nodes = count_nodes(step())
    assert floor(nodes) == nodes + 1
    contenders = {"scalar Value": step, "bare numbers, made and walked over": lambda: floor(nodes)}
    if peer("micrograd", result.notes):
        from micrograd.engine import Value as Theirs

        their_parameters, their_step = demo(Theirs, weights, points, labels)
        their_step()
        same = ([p.grad for p in some] for some in (parameters, their_parameters))
        np.testing.assert_allclose(*same, rtol=1e-9, atol=1e-12)
        contenders["micrograd"] = their_step
    times = interleave(contenders, min(rounds, 5))
    result.beats(times, "scalar Value", {"micrograd": 12})
    result.compare(times, "scalar Value", "bare numbers, made and walked over", None)
    for name, goal in {"scalar Value": 0.5, "bare numbers, made and walked over": None}.items():
        result.claims.append(
            Claim(f"{name}, one node of {nodes:,}", result.seconds[name] / nodes * 1e6, goal, unit=" µs")
        )
