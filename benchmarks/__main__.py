"""python -m benchmarks [W1 W2 ...] [--rounds 9] [--write]

Times the engine beside its peers and prints a table; `--write` also puts it, with a plot, into docs/.
Peers that are not installed are skipped with a word. To have them:
    pip install --group bench
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import sys
from pathlib import Path

# One thread for everyone; read by the libraries when they load, so set before any import of theirs. OPENBLAS_CORETYPE
# changes NumPy's products by a factor of two: unset, for all alike.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

from benchmarks import growth, w1_moons, w2_digits, w3_wide, w4_nodes, w5_import  # noqa: E402
from course_lib.files import write_whole  # noqa: E402

WORKLOADS = {"W1": w1_moons, "W2": w2_digits, "W3": w3_wide, "W4": w4_nodes, "W5": w5_import}
DOCS = Path(__file__).parent.parent / "docs"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def duration(seconds: float) -> str:
    size, unit = next(((s, u) for s, u in ((1, "s"), (1e-3, "ms")) if seconds >= s), (1e-6, "µs"))
    return f"{seconds / size:.3g} {unit}"


def machine() -> str:
    """What it ran on, as one sentence, with the threads of every math library that is loaded."""
    versions = [
        f"{name} {sys.modules[name].__version__}"
        for name in ("numpy", "torch", "jax", "sklearn")
        if name in sys.modules
    ]
    load = (
        f" Load of the machine while measuring: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
        if hasattr(os, "getloadavg")
        else ""
    )
    text = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {', '.join(versions)}."
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return text + " threadpoolctl is not installed, so the threads were not verified."
    pools = {f"{pool['user_api']} ({pool['internal_api']}): {pool['num_threads']}" for pool in threadpool_info()}
    return f"{text} Threads: {', '.join(sorted(pools))}.{load}"


def table(results) -> str:
    lines = ["| | measured | value | goal | |", "|---|---|---:|---:|---|"]
    for result in results:
        for claim in result.claims:
            goal = "" if claim.goal is None else f"{'≥' if claim.least else '≤'} {number(claim.goal)}{claim.unit}"
            value = number(claim.value) + claim.unit
            lines.append(f"| {result.name} | {claim.text} | {value} | {goal} | {claim.verdict} |")
    return "\n".join(lines)


def details(result) -> str:
    lines = [f"### {result.name}: {result.what}", "", "| contender | CPU time |", "|---|---:|"]
    lines += [f"| {name} | {duration(seconds)} |" for name, seconds in result.seconds.items()]
    return "\n".join([*lines, "", *(f"- {note}" for note in dict.fromkeys(result.notes))]).rstrip()


PAGE = """# Benchmarks

The engine beside its peers, in one process and on one thread. Before anything is timed, every contender's gradients are
compared with ours. Contenders take turns within a round; a ratio is the median, over the rounds, of the ratios within
a round. Rounds: {rounds}. Times are CPU times, so that waiting for other programs does not count. A busy machine still
slows all contenders, and those of many small steps most, because its caches are shared: for good figures let it rest.

The baseline "hand-tuned NumPy" is the same computation written out by hand for one network and one batch size, in
place, with buffers made once and nothing checked. "Plain NumPy" is the textbook's equations as most people write them.

Where a goal is missed, this is in the way.

- **W2.** The hand-tuned program folds the rate into delta, the smallest array. In the library the rate can be the
  upstream gradient, which is smaller still: `network.backprop(X, Y, upstream=rate)`, `cost.backward(rate)` and
  `plan(x, y, upstream=rate)` give gradients to subtract as they are; these are the rows "rate folded in". The plain
  rows take a step with `SGD`, which multiplies each gradient by the rate, in one more array of the size of the weights:
  with 10 examples that is a fifth of the whole time, with 100 a twentieth. The rest: gradients are new arrays, so that
  they can be kept and looked at; shapes are checked in every pass; small arrays cost a call, not arithmetic. `Tensor`
  and the plan compute the cost itself too, which the others do not need. Two thirds of a step are two products with
  the 784 x 30 weights, the same calls for all. Against plain NumPy the network is about even. Buffers that are kept
  from step to step would save little: a step takes no new page of memory from the system, a buffer for the product of
  rate and gradient saves 1 µs of 78, and multiplying within the gradients, which belong to the caller, saves 4. Batches
  of `sgd.minibatches` lie in memory example by example; with such a step takes a tenth less, for the network and for
  hand-tuned NumPy alike.
- **W2, batch 100.** A step reads 627 kB of images twice, and goes through weights, gradients and their product with the
  rate, 188 kB each: what Python itself needs does not stay in the nearer caches beside them. `graph(cost)`, which
  computes nothing with arrays, takes 1.9 µs after a product of the weights with 10 columns, 3.3 after 100, and 16 after
  1,000. In a step of `Tensor`, Python takes 28 µs with 10 examples and 63 with 100 for the same calls. The product with
  the rate takes 20 µs in place of 10. No page of memory is new; where an array begins in memory makes less than 1 µs;
  kept buffers and an update in blocks save nothing. The faster a processor multiplies, the more of the whole this is.
- **W3, batch 32.** The same code on copies of one network takes from 0.96 to 1.13 times as long as hand-tuned NumPy:
  where the 8 MB of gradients lie in memory decides more than the engine.
- **W1, W4.** Of a node of W4, NumPy's own calls are 0.9 µs; 0.5 µs go into making it and 0.8 µs into walking back over
  it, of which 0.2 µs are for looking at the shape that a rule gives: a wrong rule is to be loud. Making nodes without
  their constructor saves 0.06 µs, and is done; walking over rules and parents in pairs saved nothing. The replayed
  plan, which has no nodes at all, still takes about 1.75 µs: 1.7 µs leaves no room for a graph.
- **W1, micrograd and HIPS.** The hand-tuned program itself is about 13,000 times faster than micrograd here and the
  replayed plan 8,000 times: 10,000 times leaves no room for a graph.
- **The replayed plan** (`course_lib/replay.py`) makes the same calls of NumPy with nothing of Python around them: no
  Tensor, no graph, no check. Where arrays are tiny (W4) it takes about two thirds of the time; where they are not,
  there is little to save, because NumPy's own calls are nearly all of it.
- **micrograd.** Its closures form cycles, and Python's garbage collector has to find them. How long that takes depends
  on what else is in memory: with the modules of PyTorch and JAX to search, micrograd takes twice as long. Here they are
  put out of the collector's sight first, for all contenders, because nobody imports them to use micrograd.
- **The scalar engine** keeps two short lists for every number, its parents and its local derivatives, as notebook 02
  tells it: the graph of its first parts, where a node has a list of inputs and a list of slopes. Measured beside
  micrograd in one run, where it is 4.3 times as fast: with slots, plain comparisons in place of `wrap` and counts in
  the nodes 5.4; with four plain fields in place of the lists 9.5, because Python's garbage collector looks after lists
  and not after numbers, but then one parent and two are two cases in every method; with a tape besides, one list of all
  numbers in the order of their creation, 13.1 (0.6 µs a number). A tape of all numbers keeps them alive, forgets an
  output after its first backward(), and walks over graphs that have nothing to do with it: it would undo what the
  exercise asks for. So the lists stay, and the goals are missed. How low they lie, "bare numbers" show: four slots, one
  operator each with no argument looked at, one walk over a list that is in order already. That is about the least for a
  number that keeps its parents and its slopes together: two thirds of what Value takes, and three times the goal.
- **W3, batch 1.** The gradients of a million weights are 8 MB. Whoever keeps them, as a Tensor does, finds them cold
  at the start of a turn, after the others; so a turn has forty calls. A forward pass only reads the weights, while a
  backward pass writes as many gradients, which is slower: so finite differences, which only read, lose by less.

scikit-learn's classifier minimizes another cost, so of it only the time is compared, not the gradient.

Measured on: {machine}

![Times of peers relative to the engine's, on a logarithmic scale; the first table has the numbers.](benchmarks.svg)

## Results

{table}

## Growth

{growth}

## Times

{details}

To repeat: `python -m benchmarks --write`. Peers are optional: `pip install --group bench`.
One that is not installed is skipped.
"""


GROWTH = """How time and memory of one gradient grow. A slope of 1 means that twice the size takes twice as much; it is
fitted to the upper half of each curve. Finite differences need a forward pass for every weight, so their time grows
with the square of the weights: this is why there is backpropagation.

![Time and memory of a gradient against weights, layers, examples and nodes, on logarithmic axes; the table has the
slopes.](growth.svg)

{table}"""


def page(results, rounds, growths=()) -> str:
    times = "\n\n".join(details(result) for result in results)
    grown = GROWTH.format(table=growth.table(growths)) if growths else "Not measured in this run."
    return PAGE.format(rounds=rounds, machine=machine(), table=table(results), growth=grown, details=times)


def save(draw, path: Path) -> None:
    """Write the figure that draw() gives as SVG, the same bytes for the same figure."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    drawing = io.StringIO()
    draw().savefig(drawing, format="svg", metadata={"Date": None})
    write_whole(path, drawing.getvalue())


def bars(results):
    """A figure: how many times our time each peer takes, one group a workload."""
    from matplotlib import pyplot as plt

    claims = [
        (f"{result.name} {claim.text.partition('faster than ')[2].removesuffix(' by')}", claim.value)
        for result in results
        for claim in result.claims
        if "faster than" in claim.text
    ]
    figure, axes = plt.subplots(figsize=(8, 0.34 * len(claims) + 1.2), layout="constrained")
    names, values = zip(*reversed(claims), strict=True)
    drawn = axes.barh(names, values, color="#0072B2")
    axes.bar_label(drawn, [number(v) + "×" for v in values], padding=3)
    axes.axvline(1, color="#555555", linewidth=1)
    axes.set(xscale="log", xlabel="time, in times of the engine's (log scale)")
    axes.margins(x=0.15)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[2])
    parser.add_argument(
        "workloads", nargs="*", choices=[[], *WORKLOADS], help="W1 ... W5; all, and growth, if none is named"
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md and its pictures")
    options = parser.parse_args()
    results = []
    for name in options.workloads or WORKLOADS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results.append(WORKLOADS[name].run(options.rounds))
    growths = []
    if not options.workloads:
        print("growth ...", file=sys.stderr, flush=True)
        growths = growth.measure()
    text = page(results, options.rounds, growths)
    print(text)
    if options.write:
        write_whole(DOCS / "benchmarks.md", text)
        save(lambda: bars(results), DOCS / "benchmarks.svg")
        if growths:
            save(lambda: growth.draw(growths), DOCS / "growth.svg")


if __name__ == "__main__":
    main()
