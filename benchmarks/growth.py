"""How time and memory grow with weights, layers, examples and nodes: slopes on paper with logarithmic axes.

A slope of 1 says: twice the size, twice the time. Backpropagation has it everywhere; finite differences, one forward
pass for every weight, have 2 where the weights grow. A slope is fitted to the upper half of a curve, because below it
the cost of every call, which does not grow, hides the growth.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.harness import interleave, peer
from course_lib.autodiff import Tensor
from course_lib.counting import forward_passes, parameter_count
from course_lib.network import Network

SECONDS = 0.05  # how long a contender's turn lasts at least, unless one call takes longer
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#555555"]


@dataclass
class Curve:
    """What was measured of one contender: sizes, seconds and, if it was asked for, the highest memory in bytes."""

    sizes: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    extrapolated: bool = False


@dataclass
class Growth:
    """One sweep: along which quantity, of what, and a curve for each contender."""

    along: str
    what: str
    curves: dict[str, Curve] = field(default_factory=dict)


def slope(sizes, values) -> float:
    """The exponent p of values ~ sizes^p, fitted to the upper half of the points."""
    upper = min(len(sizes) // 2, len(sizes) - 2)
    return float(np.polyfit(np.log(sizes[upper:]), np.log(values[upper:]), 1)[0])


def peak(call: Callable) -> int:
    """The most bytes that a call has in use at once beyond what was there before; NumPy tells its own to the meter."""
    tracemalloc.start()
    call()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest


def sweep(along: str, what: str, sizes, make: Callable, rounds: int = 3) -> Growth:
    """Measure the contenders that make(size) gives, {name: call}, at all sizes; a call tells its size by itself."""
    growth = Growth(along, what)
    for parameter in sizes:
        size, contenders = make(parameter)
        once = {name: times[0] for name, times in interleave(contenders, 1).items()}
        calls = {name: max(1, int(SECONDS / max(seconds, 1e-6))) for name, seconds in once.items()}
        times = interleave(contenders, rounds, calls)
        for name, call in contenders.items():
            curve = growth.curves.setdefault(name, Curve())
            curve.sizes.append(size)
            curve.seconds.append(min(times[name]))
            curve.memory.append(peak(call))
    return growth


def network_contenders(sizes, m):
    """A gradient of Network(sizes) on m examples by the engine, by the four equations, by HIPS autograd if there."""
    network, rng = Network(sizes, init="xavier"), np.random.default_rng(0)
    X, Y, tensors = rng.normal(size=(sizes[0], m)), rng.normal(size=(sizes[-1], m)), network.tensors()
    contenders = {
        "Tensor": lambda: network.cost_tensor(tensors, X, Y).backward(),
        "Network": lambda: network.backprop(X, Y),
        "forward pass": lambda: network.feedforward(X),
    }
    derivative = autograd_gradient(network, X, Y)
    if derivative:
        contenders["autograd (HIPS)"] = derivative
    return contenders


def autograd_gradient(network, X, Y):
    if not peer("autograd", []):
        return None
    import autograd.numpy as anp
    from autograd import grad

    def cost(parameters):
        a = X
        for w, b in zip(parameters[0::2], parameters[1::2], strict=True):
            a = 1 / (1 + anp.exp(-(anp.dot(w, a) + b)))
        return anp.sum((a - Y) ** 2) / (2 * X.shape[1])

    return lambda: grad(cost)(network.parameters)


def weights(n):
    sizes = [n, n, 10]
    return parameter_count(sizes), network_contenders(sizes, 32)


def layers(depth):
    return depth, network_contenders([30] * (depth + 1), 10)


def examples(m):
    return m, network_contenders([64, 30, 10], m)


def nodes(n):
    x = Tensor(0.5)

    def chain(z):
        for _ in range(n):
            z = z * 0.999
        return z

    contenders = {"Tensor": lambda: chain(x).backward()}
    if peer("autograd", []) and n <= 10**4:  # more would take minutes
        from autograd import grad

        derivative = grad(chain)
        contenders["autograd (HIPS)"] = lambda: derivative(0.5)
    return n, contenders


def measure(small: bool = False) -> list[Growth]:
    """The four sweeps; `small` leaves the large sizes out, to see in a second that all of it runs."""
    growths = [
        sweep("weights", "n-n-10, batch 32", [8, 16] if small else [8, 20, 50, 120, 300, 700, 1700, 3150], weights),
        sweep("layers", "30 neurons each, batch 10", [1, 2] if small else [1, 3, 10, 30, 100, 300], layers),
        sweep("examples", "64-30-10", [1, 2] if small else [1, 10, 100, 1000, 10_000, 100_000], examples),
        sweep("nodes", "a chain of products", [10, 20] if small else [10**2, 10**3, 10**4, 10**5, 10**6], nodes),
    ]
    finite_differences(growths[0])
    return growths


def finite_differences(growth: Growth) -> None:
    """What one gradient by forward differences would take: the time of a pass times their number; nobody waited."""
    forward = growth.curves["forward pass"]
    seconds = [s * forward_passes(int(n), "forward") for n, s in zip(forward.sizes, forward.seconds, strict=True)]
    growth.curves["finite differences"] = Curve(list(forward.sizes), seconds, extrapolated=True)


def table(growths) -> str:
    lines = [
        "| along | of | contender | from | to | slope of time | slope of memory |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for growth in growths:
        for name, curve in growth.curves.items():
            memory = f"{slope(curve.sizes, curve.memory):.2f}" if curve.memory else ""
            note = " (extrapolated)" if curve.extrapolated else ""
            lines.append(
                f"| {growth.along} | {growth.what} | {name}{note} | {curve.sizes[0]:,.0f} | {curve.sizes[-1]:,.0f} "
                f"| {slope(curve.sizes, curve.seconds):.2f} | {memory} |"
            )
    return "\n".join(lines)


def draw(growths):
    """A figure: time above, memory below, one column a sweep; in the legend each contender with its slope."""
    from matplotlib import pyplot as plt

    figure, grid = plt.subplots(2, len(growths), figsize=(4 * len(growths), 7), layout="constrained", squeeze=False)
    for growth, (above, below) in zip(growths, grid.T, strict=True):
        for (name, curve), color in zip(growth.curves.items(), COLORS, strict=False):
            for axes, values in ((above, curve.seconds), (below, curve.memory)):
                if values:
                    label = f"{name}: slope {slope(curve.sizes, values):.2f}"
                    axes.loglog(
                        curve.sizes, values, "--" if curve.extrapolated else "o-", ms=3, color=color, label=label
                    )
        above.set(title=f"{growth.along}: {growth.what}", ylabel="seconds")
        below.set(xlabel=growth.along, ylabel="bytes at the highest")
        for axes in (above, below):
            axes.legend(fontsize="small")
            axes.grid(alpha=0.3)
    return figure
