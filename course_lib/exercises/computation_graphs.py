"""What notebook 2 asks: local derivatives, an order, a backward pass, a `Value` class, counted work, and a new op.

course_lib/graphs.py says what a graph is.
"""

from __future__ import annotations

import copy
import gc
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np

from course_lib.exercises import ENGINE, Aspect, Case, Exercise, WrongForm
from course_lib.exercises.draws import shuffled
from course_lib.exercises.drivers import an_array, form_of, keeping, named
from course_lib.graphs import Graph, an_order, order_and_slopes, values_of


class _Watched(dict):
    """A graph that counts how often its nodes are looked at, so that wasted work is told and not waited for."""

    LOOKS = 200  # allowed for each node; an honest answer needs a handful

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.looks = 0

    def _look(self, how_many: int) -> None:
        self.looks += how_many
        if self.looks > self.LOOKS * len(self):
            raise RuntimeError(
                f"this graph has {len(self)} nodes, and your code looked at nodes {self.looks} times and was not done"
            )

    def __getitem__(self, name: str) -> Any:
        self._look(1)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._look(1)
        return super().get(name, default)

    def __iter__(self) -> Any:
        self._look(len(self))
        return super().__iter__()

    def items(self) -> Any:
        self._look(len(self))
        return super().items()

    def values(self) -> Any:
        self._look(len(self))
        return super().values()


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without Python's garbage collector, which would look through a growing graph again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _size(rng: np.random.Generator) -> float:
    """A number of size about 1, of either sign."""
    return float(rng.uniform(0.6, 1.7) * rng.choice([-1, 1]))


def _renamed(rng: np.random.Generator, graph: Graph) -> tuple[Graph, dict[str, str]]:
    """The same graph with names that say nothing, listed in a random order in which C comes first."""
    names = [name for name in graph if name != "C"]
    new = dict(zip(names, rng.permutation(list("abcdefghkmnpqrstuvwxyz")[: len(names)]).tolist(), strict=True))
    new["C"] = "C"
    listing = ["C", *rng.permutation(names).tolist()]
    return {new[name]: (graph[name][0], [new[source] for source in graph[name][1]]) for name in listing}, new


def _graph(**operations: tuple[str, str]) -> Graph:
    """A graph from lines such as p=("*", "x y"); names that nothing defines are inputs."""
    graph = {name: (operation, sources.split()) for name, (operation, sources) in operations.items()}
    for _, sources in list(graph.values()):
        for source in sources:
            graph.setdefault(source, ("input", []))
    return graph


TREES = (
    _graph(p=("*", "x y"), q=("sin", "z"), C=("-", "p q")),
    _graph(q=("sin", "x"), r=("exp", "z"), s=("+", "q y"), C=("*", "r s")),
)
FAN_OUTS = (
    _graph(p=("*", "x y"), q=("sin", "p"), r=("*", "p z"), C=("+", "q r")),
    _graph(p=("+", "x y"), q=("*", "p x"), r=("sin", "p"), C=("*", "r q")),
)
# Two ways of different length lead from C to one node, once with the short way listed first and once last.
UNEVEN = (
    _graph(p=("*", "x y"), q=("sin", "p"), r=("*", "q z"), C=("+", "r p")),
    _graph(p=("*", "x y"), q=("sin", "p"), r=("*", "q z"), C=("+", "p r")),
)
TWICE = (
    _graph(p=("*", "x x"), C=("-", "p y")),
    _graph(p=("+", "x y"), q=("*", "p p"), C=("+", "z q")),
    _graph(p=("*", "x y"), q=("-", "p p"), C=("+", "q z")),  # the two arrows differ in sign
)
# q uses p twice, and another way from p to C is longer: who counts the uses of p must count all three.
TWICE_AND_AGAIN = (_graph(p=("*", "x y"), q=("*", "p p"), t=("sin", "p"), s=("exp", "t"), C=("+", "q s")),)
# u and v are computed, but C does not need them.
UNUSED = (
    _graph(u=("sin", "w"), p=("sin", "y"), C=("*", "x p")),
    _graph(p=("sin", "x"), u=("*", "p w"), v=("+", "u w"), C=("*", "p x")),
)

# An input that nothing uses.
ALONE = ({**TREES[0], "v": ("input", [])},)

# 2.1 Local derivatives -----------------------------------------------------------------------------------------------


def _operation_cases(*cases: tuple) -> Callable[[np.random.Generator], list[Case]]:
    """Cases of (operation, one range a input); every operation is asked twice."""

    def draw(rng: np.random.Generator) -> list[Case]:
        fractions = [
            Case({"op": op, "inputs": [float(rng.uniform(*each)) for each in ranges]})
            for op, *ranges in cases
            for _ in range(2)
        ]
        whole = [Case({"op": op, "inputs": list(WHOLE[: len(ranges)])}) for op, ranges in _one_of_each(cases)]
        others = [
            Case({"op": op, "inputs": list(inputs[: len(ranges)])})
            for op, ranges in _one_of_each(cases)
            for inputs in (WITH_ZERO, EQUAL)
            if inputs != WITH_ZERO or op not in ("log", "pow", "/")
            if inputs != EQUAL or op != "max"
        ]
        return shuffled(rng, fractions + whole + others)

    return draw


def _one_of_each(cases: tuple[tuple, ...]) -> list[tuple[str, list]]:
    """Every operation once, with its ranges, to be asked with whole numbers too."""
    return list({op: (op, ranges) for op, *ranges in cases}.values())


WHOLE = (2, 3)
WITH_ZERO, EQUAL = (0.0, 1.25), (1.5, 1.5)  # where these are not defined, they are not asked
POSITIVE, NEGATIVE = (0.6, 1.2), (-1.7, -1.3)
LARGER = (1.3, 1.9)

LOCAL_DERIVATIVES = Exercise(
    id="local-derivatives",
    number="2.1",
    title="Eleven local derivatives",
    answers=("local_derivatives",),
    closed=(*ENGINE, "graphs.order_and_slopes"),
    aspects=(
        Aspect(
            "arithmetic",
            "plus, minus, times",
            1,
            _operation_cases(*((op, *each) for op in "+-*" for each in [(POSITIVE, NEGATIVE), (LARGER, POSITIVE)])),
        ),
        Aspect("divide", "divide", 1, _operation_cases(("/", POSITIVE, NEGATIVE), ("/", LARGER, POSITIVE))),
        Aspect("power", "pow", 1, _operation_cases(("pow", LARGER, (2.2, 2.8)), ("pow", POSITIVE, NEGATIVE))),
        Aspect(
            "exp-log",
            "exp, log",
            1,
            _operation_cases(("exp", LARGER), ("exp", NEGATIVE), ("log", LARGER), ("log", (0.3, 0.6))),
        ),
        Aspect(
            "waves",
            "sin, cos",
            1,
            _operation_cases(("sin", POSITIVE), ("cos", POSITIVE), ("sin", NEGATIVE), ("cos", NEGATIVE)),
        ),
        Aspect("max", "max", 1, _operation_cases(("max", LARGER, POSITIVE), ("max", NEGATIVE, POSITIVE))),
        Aspect("sigmoid", "sigmoid", 1, _operation_cases(("sigmoid", LARGER), ("sigmoid", NEGATIVE))),
    ),
)

# 2.2 One step backward -----------------------------------------------------------------------------------------------


def _one_input(rng: np.random.Generator) -> list[Case]:
    fractions = [Case({"upstream": _size(rng) * 2, "local": [_size(rng)]}) for _ in range(2)]
    return [*fractions, Case({"upstream": 1.5, "local": [3]})]


def _several_inputs(rng: np.random.Generator) -> list[Case]:
    """Also with whole numbers on one side, with two equal local derivatives, with zeros, and with very many inputs."""
    fractions = [Case({"upstream": _size(rng) * 2, "local": [_size(rng) for _ in range(n)]}) for n in (2, 3)]
    whole = [2, -3, 2, *rng.permutation([1, 4, 5]).tolist()]
    wholes = [Case({"upstream": 2.25, "local": whole}), Case({"upstream": -3, "local": [0.5, 1.25]})]
    zeros = [Case({"upstream": 1.5, "local": [0.0, -0.5, 0.0]}), Case({"upstream": 0.0, "local": [0.5, -1.5]})]
    many = Case({"upstream": _size(rng), "local": [_size(rng) for _ in range(rng.integers(30, 50))]})
    return [*fractions, *wholes, *zeros, many]


NODE_BACKWARD = Exercise(
    id="node-backward",
    number="2.2",
    title="One node, backward",
    answers=("node_backward",),
    closed=ENGINE,
    aspects=(
        Aspect("one", "a node with one input", 1, _one_input),
        Aspect("several", "a node with several inputs", 1, _several_inputs),
    ),
)

# 2.3 An order --------------------------------------------------------------------------------------------------------

LONG = 40_000  # who searches a list for each node needs many seconds, who does not a tenth of one
QUADRATIC = (
    "When each node looks through all nodes, or through a long list (`name in a_list`), ten times as many nodes take "
    "a hundred times as long. A dict or a set finds a name at once."
)
EACH_PATH = "When every path is walked by itself, one fan-out more doubles the time. Go along each arrow once."


def _ask_order(answer: Any, graph: Graph) -> list[str]:
    given = {name: (op, list(sources)) for name, (op, sources) in graph.items()}
    return [str(name) for name in keeping(answer, "graph")(given)]


def _ask_long_order(answer: Any, nodes: int, seed: int) -> dict[str, int]:
    """A chain has only one order, so a fingerprint of the answer is enough."""
    with _no_collector():
        order = [str(name) for name in answer(_Watched(_long_chain(nodes, seed)))]
    return {"how many nodes": len(order), "fingerprint of the order": zlib.crc32(" ".join(order).encode())}


def _long_chain(nodes: int, seed: int) -> Graph:
    """x -> sin -> sin -> … -> C, with names that say nothing, listed in a random order in which C comes first."""
    rng = np.random.default_rng(seed)
    names = [f"n{number}" for number in rng.permutation(nodes - 1).tolist()] + ["C"]
    listing = [nodes - 1, *rng.permutation(nodes - 1).tolist()]
    return {names[i]: ("sin", [names[i - 1]]) if i else ("input", []) for i in listing}


def _accept_long_order(case: Case, value: dict[str, int], expected: dict[str, int]) -> str | None:
    many, wanted = value["how many nodes"], expected["how many nodes"]
    if many != wanted:
        return f"The list has {many} names, and the graph {wanted} nodes."
    return "A node stands before one of its inputs." if value != expected else None


def _accept_order(case: Case, value: list[str], expected: list[str]) -> str | None:
    graph = case.inputs["graph"]
    if not isinstance(value, (list, tuple)):
        return "A list of names is asked for."
    if any(name not in graph for name in value):
        return "The list holds something that is not the name of a node."
    if len(set(value)) < len(value):
        return "A node stands in the list twice."
    if len(value) < len(graph):
        return "A node is missing in the list."
    place = {name: index for index, name in enumerate(value)}
    if any(place[source] > place[name] for name in graph for source in graph[name][1]):
        return "A node stands before one of its inputs."
    return None


def _orders_of(graphs: tuple[Graph, ...]) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        drawn = [_renamed(rng, graph)[0] for graph in graphs]
        inputs_first = sorted(drawn[-1], key=lambda name: drawn[-1][name][0] != "input")  # in the others C is first
        return [Case({"graph": graph}) for graph in [*drawn, {name: drawn[-1][name] for name in inputs_first}]]

    return cases


# With so long a detour, both depth first and breadth first meet the node p too early.
DETOURS = (
    _graph(p=("*", "x y"), q=("sin", "p"), r=("*", "q z"), C=("+", "r p")),
    _graph(p=("*", "x y"), q=("sin", "p"), r=("*", "q z"), C=("+", "p r")),
    _graph(p=("sin", "x"), q=("sin", "p"), r=("+", "q y"), s=("exp", "r"), t=("*", "p s"), C=("-", "s t")),
)


def _long_chains(rng: np.random.Generator) -> list[Case]:
    return [Case({"nodes": LONG, "seed": int(rng.integers(2**30))})]


ORDER = Exercise(
    id="topological-order",
    number="2.3",
    title="Inputs first",
    answers=("topological_order",),
    driver=_ask_order,
    seconds=3,
    closed=(*ENGINE, "graphs.order_and_slopes", "graphs.an_order"),
    aspects=(
        Aspect("tree", "every node is used once", 1, _orders_of(TREES), accept=_accept_order),
        Aspect("detour", "a short way and a long way to the same node", 2, _orders_of(DETOURS), accept=_accept_order),
        Aspect("twice", "a node that uses one input twice", 1, _orders_of(TWICE[:1]), accept=_accept_order),
        Aspect("unused", "nodes that C does not need", 1, _orders_of(UNUSED + ALONE), accept=_accept_order),
        Aspect(
            "long",
            f"a chain of {LONG:,} nodes".replace(",", " "),
            2,
            _long_chains,
            driver=_ask_long_order,
            accept=_accept_long_order,
            again=False,
            slow=QUADRATIC,
        ),
    ),
)

# 2.4 The backward pass -----------------------------------------------------------------------------------------------

LADDER = 60  # rungs; two ways a rung, so 2^60 paths
CHAIN = 5000


def _ask_backward(answer: Any, graph: Graph, values: dict[str, float]) -> Any:
    names = list(graph)
    return _of_each_node(answer(graph, values), names, "backward")


def _ask_ladder(answer: Any, rungs: int, **inputs: float) -> dict[str, float]:
    """y1 = a·y + b·y and so on: two ways a rung."""
    graph, values, y = _inputs(inputs), dict(inputs), "y"
    for rung in range(rungs):
        left, right, top = f"l{rung}", f"r{rung}", f"y{rung}" if rung < rungs - 1 else "C"
        graph |= {left: ("*", ["a", y]), right: ("*", ["b", y]), top: ("+", [left, right])}
        values[left], values[right] = values["a"] * values[y], values["b"] * values[y]
        values[top] = values[left] + values[right]
        y = top
    return _only(inputs, answer(_Watched(graph), values))


def _ask_chain(answer: Any, nodes: int, **inputs: float) -> dict[str, float]:
    """y1 = a·y, y2 = y1 + b, and so on."""
    graph, values, y = _inputs(inputs), dict(inputs), "y"
    for i in range(nodes):
        top = f"y{i}" if i < nodes - 1 else "C"
        graph[top] = ("*", ["a", y]) if i % 2 == 0 else ("+", [y, "b"])
        values[top] = values["a"] * values[y] if i % 2 == 0 else values[y] + values["b"]
        y = top
    return _only(inputs, answer(_Watched(graph), values))


def _inputs(inputs: dict[str, float]) -> Graph:
    return {name: ("input", []) for name in inputs}


def _of_each_node(given: Any, names: Iterable[str], function: str) -> dict[str, Any]:
    """The gradients of these nodes, in the order of the alphabet.

    Raises:
        WrongForm: when it is no dict, or lacks some of them; the message says which.
    """
    if not isinstance(given, dict):
        raise WrongForm(f"{function} should give a dict: name of a node -> gradient. It gives {form_of(given)}.")
    missing = sorted(set(names) - set(given))
    if missing:
        raise WrongForm(f"In the dict of {function}, gradients are missing: of {', '.join(missing[:6])}.")
    return {name: given[name] for name in sorted(names)}


def _only(names: Any, gradient: Any) -> dict[str, Any]:
    return _of_each_node(gradient, names, "backward")


def _backward_cases(graphs: tuple[Graph, ...]) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [_backward_case(rng, graph) for graph in graphs]

    return cases


def _backward_case(rng: np.random.Generator, graph: Graph) -> Case:
    graph, _ = _renamed(rng, graph)
    inputs = {name: _size(rng) for name, (operation, _) in graph.items() if operation == "input"}
    return Case({"graph": graph, "values": values_of(graph, inputs)})


def _trees(rng: np.random.Generator) -> list[Case]:
    """At last two graphs in which all values are the same: who goes by the values takes one for the other."""
    alike = [_graph(C=(operation, "x y")) for operation in "+*"]
    values = {"x": 2.0, "y": 2.0}
    return [*_backward_cases(TREES)(rng), *(Case({"graph": each, "values": values_of(each, values)}) for each in alike)]


def _ladders(rng: np.random.Generator) -> list[Case]:
    a = float(rng.uniform(0.3, 0.45))
    return [Case({"rungs": LADDER, "y": _size(rng), "a": a, "b": 1 - a + float(rng.uniform(-0.02, 0.02))})]


def _chains(rng: np.random.Generator) -> list[Case]:
    near_1 = 1 + float(rng.uniform(0.5, 1)) / CHAIN
    return [Case({"nodes": CHAIN, "y": _size(rng), "a": near_1, "b": float(rng.uniform(0.5, 1)) / CHAIN})]


BACKWARD = Exercise(
    id="graph-backward",
    number="2.4",
    title="The backward pass",
    answers=("backward",),
    driver=_ask_backward,
    closed=ENGINE,
    uses=("local-derivatives", "node-backward", "topological-order"),
    aspects=(
        Aspect("tree", "every node is used once", 2, _trees),
        Aspect("fan-out", "a node that is used by two others", 2, _backward_cases(FAN_OUTS)),
        Aspect("uneven", "a short way and a long way to the same node", 2, _backward_cases(UNEVEN)),
        Aspect("twice", "a node that uses one input twice", 1, _backward_cases(TWICE)),
        Aspect("unused", "nodes that C does not need", 1, _backward_cases(UNUSED + ALONE)),
        Aspect(
            "many",
            f"2^{LADDER} paths through {3 * LADDER} operations",
            1,
            _ladders,
            driver=_ask_ladder,
            again=False,
            slow=EACH_PATH,
        ),
        Aspect("long", f"a chain of {CHAIN} operations", 1, _chains, driver=_ask_chain, again=False, slow=QUADRATIC),
    ),
)

# 2.5 The class Value -------------------------------------------------------------------------------------------------

PROGRAMS: dict[str, Callable[..., Any]] = {
    "a + b * c": lambda a, b, c: a + b * c,
    "a - b": lambda a, b: a - b,
    "a / b": lambda a, b: a / b,
    "-a * b": lambda a, b: -a * b,
    "(a - b) / (c * d)": lambda a, b, c, d: (a - b) / (c * d),
    "a ** 3": lambda a: a**3,
    "a ** -1.5": lambda a: a**-1.5,
    "a ** -2": lambda a: a**-2,
    "a.exp()": lambda a: a.exp(),
    "a.tanh()": lambda a: a.tanh(),
    "a.relu()": lambda a: a.relu(),
    "(a * b).tanh() ** 2": lambda a, b: (a * b).tanh() ** 2,
    "(a * b).relu() * c": lambda a, b, c: (a * b).relu() * c,
    "(a + b).exp() * c": lambda a, b, c: (a + b).exp() * c,
    "2 + a": lambda a: 2 + a,
    "a + 2": lambda a: a + 2,
    "3 * a": lambda a: 3 * a,
    "a * 0.5": lambda a: a * 0.5,
    "5 - a": lambda a: 5 - a,
    "a - 5": lambda a: a - 5,
    "2 / a": lambda a: 2 / a,
    "a / 4": lambda a: a / 4,
    "sum([a, b, c])": lambda a, b, c: sum([a, b, c]),
    "p = a * b; (p * c) * (p + c)": lambda a, b, c: (lambda p: (p * c) * (p + c))(a * b),
    "p = a * b; (p * c) * d + p": lambda a, b, c, d: (lambda p: (p * c) * d + p)(a * b),
    "p = a * b; p + (p * c) * d": lambda a, b, c, d: (lambda p: p + (p * c) * d)(a * b),
    "a + a": lambda a: a + a,
    "a * a": lambda a: a * a,
    "p = a * b; p * p + c": lambda a, b, c: (lambda p: p * p + c)(a * b),
    "a * b": lambda a, b: a * b,
    "a.exp() * b": lambda a, b: a.exp() * b,
    "a": lambda a: a,
}


def _leaves(answer: Any, numbers: dict[str, float]) -> dict[str, Any]:
    return {name: answer(number) for name, number in numbers.items()}


def _gradients(leaves: dict[str, Any]) -> dict[str, Any]:
    return {f"gradient of {name}": leaf.grad for name, leaf in leaves.items()}


def _ask_forward(answer: Any, program: str, numbers: dict[str, float]) -> Any:
    return PROGRAMS[program](**_leaves(answer, numbers)).data


def _ask_gradients(answer: Any, program: str, numbers: dict[str, float]) -> dict[str, Any]:
    leaves = _leaves(answer, numbers)
    output = PROGRAMS[program](**leaves)
    output.backward()
    return {"data": output.data, **_gradients(leaves), "gradient of the result": output.grad}


def _ask_again(answer: Any, first: str, second: str, numbers: dict[str, float]) -> dict[str, Any]:
    """One backward pass, then another one from the same or from another end, over the same leaves."""
    leaves = _leaves(answer, numbers)
    output = PROGRAMS[first](**leaves)
    output.backward()
    if second != first:
        output = PROGRAMS[second](**leaves)
    output.backward()
    return _gradients(leaves)


def _ask_left_over(answer: Any, numbers: dict[str, float]) -> dict[str, Any]:
    """A node that is also used by something that the output does not need."""
    leaves = _leaves(answer, numbers)
    node = leaves["a"] * leaves["b"]
    output = node * leaves["c"]
    left_over = node + leaves["c"]
    output.backward()
    return {"left over": left_over.data, **_gradients(leaves), "gradient of a * b": node.grad}


def _ask_second(answer: Any, **inputs: Any) -> dict[str, Any]:
    return _ask_again(answer, **inputs) if "first" in inputs else _ask_left_over(answer, **inputs)


DOUBLINGS = 12
MOST_LINES = 150 * DOUBLINGS  # of code on the way back: enough for any way that takes each arrow once


def _lines_run(work: Callable[[], Any]) -> int:
    """How many lines of code a call runs, however fast the machine is and whichever numbers it computes with."""
    run = 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal run
        run += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return run


def _ask_work(answer: Any, a: float, c: float) -> dict[str, Any]:
    """y = y + y·c, again and again: each time twice as many paths. Counts the lines run on the way back."""
    leaves = {"a": answer(a), "c": answer(c)}
    y = leaves["a"]
    for _ in range(DOUBLINGS):
        y = y + y * leaves["c"]
    lines = _lines_run(y.backward)
    return {**_gradients(leaves), "too much work": lines > MOST_LINES}


def _accept_work(case: Case, value: dict[str, Any], expected: dict[str, Any]) -> str | None:
    for name in ("gradient of a", "gradient of c"):
        if not np.isclose(float(value[name]), expected[name], rtol=1e-7):
            return f"The {name} is wrong."
    if value["too much work"]:
        return "The gradient is right, but it takes far more steps than the graph has arrows."
    return None


def _ask_deep(answer: Any, nodes: int, **numbers: float) -> dict[str, Any]:
    leaves = _leaves(answer, numbers)
    y = leaves["a"]
    with _no_collector():
        for i in range(nodes):
            y = y + leaves["b"] if i % 2 else y * leaves["c"]
        y.backward()
    return _gradients(leaves)


def _programs(*programs: str, positive: bool = False) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case({"program": program, "numbers": _numbers(rng, program, positive)}) for program in programs]

    return cases


def _numbers(rng: np.random.Generator, program: str, positive: bool = False) -> dict[str, float]:
    names = PROGRAMS[program].__code__.co_varnames[: PROGRAMS[program].__code__.co_argcount]
    return {name: abs(_size(rng)) if positive else _size(rng) for name in names}


def _forward_programs(rng: np.random.Generator) -> list[Case]:
    whole = [Case({"program": "(a - b) / (c * d)", "numbers": {"a": 7, "b": 3, "c": 2, "d": 4}})]
    relu = [Case({"program": "a.relu()", "numbers": {"a": sign * float(rng.uniform(1.2, 1.7))}}) for sign in (1, -1, 0)]
    return whole + relu + _programs("a + b * c", "-a * b", "a.exp()", "a.tanh()", "a ** 3")(rng)


def _function_programs(rng: np.random.Generator) -> list[Case]:
    """tanh, exp, powers and relu, the last once with a positive and once with a negative input."""
    a, b, c = (abs(_size(rng)) for _ in range(3))
    relu = "(a * b).relu() * c"
    return [
        *_programs("a ** -1.5", positive=True)(rng),
        *_programs("a ** 3", "(a * b).tanh() ** 2", "(a + b).exp() * c")(rng),
        Case({"program": relu, "numbers": {"a": a, "b": b, "c": c}}),
        Case({"program": relu, "numbers": {"a": -a, "b": b, "c": c}}),
        Case({"program": "a.relu()", "numbers": {"a": 0.0}}),
        Case({"program": "a ** 3", "numbers": {"a": 0.0}}),
        Case({"program": "a ** -1.5", "numbers": {"a": 2}}),
        Case({"program": "a ** -2", "numbers": {"a": -b}}),
    ]


def _number_programs(rng: np.random.Generator) -> list[Case]:
    left = ("2 + a", "3 * a", "5 - a", "2 / a", "sum([a, b, c])")
    right = ("a + 2", "a * 0.5", "a - 5", "a / 4")
    return _programs(*left, *right)(rng)


def _second_passes(rng: np.random.Generator) -> list[Case]:
    other, again = "a * b", "a.exp() * b"
    return [
        Case({"first": other, "second": again, "numbers": _numbers(rng, other)}),
        Case({"first": again, "second": again, "numbers": _numbers(rng, again)}),
        Case({"first": "a.tanh()", "second": "a", "numbers": _numbers(rng, "a")}),  # an end that was made from nothing
        Case({"numbers": {name: _size(rng) for name in "abc"}}),
    ]


def _work_cases(rng: np.random.Generator) -> list[Case]:
    return [Case({"a": _size(rng), "c": float(rng.uniform(0.1, 0.2))})]


def _deep_cases(rng: np.random.Generator) -> list[Case]:
    b, c = (float(rng.uniform(0.5, 1)) / LONG for _ in range(2))
    return [Case({"nodes": LONG, "a": _size(rng), "b": b, "c": 1 + c})]


FAN_OUT_PROGRAMS = tuple(program for program in PROGRAMS if program.startswith("p = ") and "p * p" not in program)

VALUE = Exercise(
    id="value-class",
    number="2.5",
    title="A number that remembers",
    answers=("Value",),
    driver=_ask_gradients,
    closed=ENGINE,
    aspects=(
        Aspect("forward", "the values of all operations", 2, _forward_programs, driver=_ask_forward),
        Aspect("arithmetic", "gradients of + − × ÷", 2, _programs("a + b * c", "a - b", "a / b", "-a * b")),
        Aspect("functions", "gradients of powers, exp, tanh, relu", 2, _function_programs),
        Aspect("numbers", "plain numbers on the left and on the right", 2, _number_programs),
        Aspect("fan-out", "a value that is used by two others", 2, _programs(*FAN_OUT_PROGRAMS)),
        Aspect("twice", "a + a and a * a", 2, _programs("a + a", "a * a", "p = a * b; p * p + c")),
        Aspect("again", "backward() a second time; other graphs leave no trace", 2, _second_passes, driver=_ask_second),
        Aspect(
            "work",
            "each arrow once, not each path",
            1,
            _work_cases,
            driver=_ask_work,
            accept=_accept_work,
            slow=EACH_PATH,
        ),
        Aspect(
            "deep",
            f"a chain of {LONG:,} nodes".replace(",", " "),
            1,
            _deep_cases,
            driver=_ask_deep,
            again=False,
            slow=QUADRATIC,
        ),
    ),
)

# 2.6 Count the work --------------------------------------------------------------------------------------------------

ODD_WIDTHS = (7, 11, 13)


def _count_paths(answer: Any, graph: Graph) -> str:
    """As text: whole numbers of any size are compared digit by digit."""
    given = answer.count_paths(graph)
    if given is None or isinstance(given, (str, dict)) or np.ndim(given):
        raise WrongForm(f"count_paths should give one whole number, that of C. It gives {form_of(given)}.")
    return str(int(given))


def _count_layers(answer: Any, widths: list[int]) -> str:
    return _count_paths(answer, _Watched(layered(widths)))


def _count_ladder(answer: Any, steps: list[int]) -> str:
    """A chain in which one node hands its value to the next along 2 or 3 arrows."""
    graph: dict[str, tuple] = {"x": ("input", [])}
    last = "x"
    for step, arrows in enumerate(steps):
        name = f"y{step}" if step < len(steps) - 1 else "C"
        graph[name] = ("neuron", [last] * arrows)
        last = name
    return _count_paths(answer, _Watched(graph))


def layered(widths: list[int]) -> Graph:
    """A network as a graph: every neuron is fed by all of the layer before it, C by all of the last layer.

    Every node is listed after its inputs.
    """
    graph: Graph = {}
    before: list[str] = []
    for layer, width in enumerate([*widths, 1]):
        here = [f"a{layer}_{i}" for i in range(width)] if layer < len(widths) else ["C"]
        graph |= {name: ("neuron" if layer else "input", list(before)) for name in here}
        before = here
    return graph


def _listed(rng: np.random.Generator, graph: Graph) -> Graph:
    """The graph with new names, every node after its inputs."""
    graph, _ = _renamed(rng, graph)
    return {name: graph[name] for name in an_order(graph)}


def _c_not_last(graph: Graph) -> Graph:
    """A listed graph with C as early as possible: what C does not need is listed after it, and has more paths."""
    needed = {"C"}
    for name in reversed(graph):
        if name in needed:
            needed.update(graph[name][1])
    return {name: graph[name] for name in sorted(graph, key=lambda name: name not in needed)}


def _count_cases(*graphs: Graph) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return shuffled(rng, [Case({"graph": _c_not_last(_listed(rng, graph))}) for graph in graphs])

    return cases


def _wide_networks(rng: np.random.Generator) -> list[Case]:
    # An odd number beyond 2^64: neither a float nor NumPy's integers hold it.
    return [Case({"widths": rng.choice(ODD_WIDTHS, 25).tolist()})]


def _long_ladders(rng: np.random.Generator) -> list[Case]:
    return [Case({"steps": rng.choice([2, 3], 2000).tolist()})]


def _edge_cases(rng: np.random.Generator) -> list[Case]:
    """At last a graph whose names begin alike."""
    drawn = _count_cases(*SMALL, TWICE[1], UNUSED[1])(rng)
    return [*drawn, Case({"graph": layered(rng.permutation([2, 3, 4]).tolist())})]


SMALL = (TREES[0], FAN_OUTS[0], layered([3, 4, 2]))

COUNT = Exercise(
    id="count-paths",
    number="2.6",
    title="Paths against arrows",
    answers=("count_paths", "count_edges"),
    closed=ENGINE,
    aspects=(
        Aspect("paths", "count_paths: small graphs", 2, _count_cases(*SMALL, UNUSED[1]), driver=_count_paths),
        Aspect("parallel", "count_paths: an input that is used twice", 1, _count_cases(*TWICE), driver=_count_paths),
        Aspect(
            "large",
            "count_paths: a network of 25 layers, exactly",
            2,
            _wide_networks,
            driver=_count_layers,
            again=False,
            slow=EACH_PATH,
        ),
        Aspect(
            "deep",
            "count_paths: 2000 steps, exactly",
            1,
            _long_ladders,
            driver=_count_ladder,
            again=False,
            slow=EACH_PATH,
        ),
        Aspect("edges", "count_edges", 2, _edge_cases, driver=named("count_edges")),
    ),
)

# 2.7 A new operation for the engine ----------------------------------------------------------------------------------


def _logcosh(answer: Any) -> Any:
    """The operation for the engine, which hands its own arrays to the two functions."""
    from course_lib.autodiff import Op

    forward, vjp = keeping(answer.logcosh_forward, "x"), keeping(answer.logcosh_vjp, "g", "z", "x")
    return Op(
        "logcosh",
        lambda x: an_array(forward(x), "logcosh_forward"),
        lambda g, z, x: an_array(vjp(g, z, x), "logcosh_vjp"),
    )


def _ask_logcosh_forward(answer: Any, x: Any) -> Any:
    from course_lib.autodiff import Tensor

    return _logcosh(answer)(Tensor(x)).data


def _ask_logcosh_gradient(answer: Any, x: Any, weights: Any) -> Any:
    """The gradient of C = sum(weights · logcosh(x)) by x, found by the engine: the upstream gradient is `weights`."""
    from course_lib.autodiff import Tensor

    logcosh = _logcosh(answer)
    t = Tensor(x)
    (logcosh(t) * weights).sum().backward()
    return t.grad


def _ask_logcosh_inside(answer: Any, x: Any, w: Any) -> dict[str, Any]:
    """A longer computation: the op is used twice, and its input comes from another op."""
    from course_lib.autodiff import Tensor

    logcosh = _logcosh(answer)
    tx: Any = Tensor(x)  # its operators come from the engine's table
    tw: Any = Tensor(w)
    z = tx * tw
    (logcosh(z) * logcosh(tx - z)).mean().backward()
    return {"gradient of x": tx.grad, "gradient of w": tw.grad}


def _points(rng: np.random.Generator) -> list[Case]:
    """Also three axes, a single column with one number twice, and the same numbers in another shape."""
    column = rng.uniform(-2, 2, (4, 1))
    column[3] = column[1]
    drawn = [rng.uniform(-2, 2, shape) for shape in [(5,), (2, 3), (3, 3), (2, 1, 3)]]
    return [Case({"x": x}) for x in [*drawn, column, drawn[1].reshape(3, 2)]]


def _points_and_weights(rng: np.random.Generator) -> list[Case]:
    shapes = [(5,), (2, 3), (3, 3), (2, 1, 3), (4, 1)]
    cases = [Case({"x": rng.uniform(0.5, 2, shape) * _sign(rng), "weights": _away(rng, shape)}) for shape in shapes]
    for each in cases[-1].inputs.values():
        each[3] = each[1]  # one number twice
    return [*cases, Case({"x": rng.uniform(1, 2, 8), "weights": 5 * _away(rng, (8,))})]


def _sign(rng: np.random.Generator) -> int:
    return int(rng.choice([-1, 1]))


def _away(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers that are neither near 0 nor near 1 nor near -1."""
    return rng.uniform(1.3, 2.2, shape) * rng.choice([-1, 1], shape)


def _inside(rng: np.random.Generator) -> list[Case]:
    return [Case({"x": _away(rng, (4,)), "w": _away(rng, (4,))})]


def _far(rng: np.random.Generator) -> np.ndarray:
    """Far out, and where |x| - ln 2 is near but not yet near enough."""
    size = np.array([999, 800, 5, 8]) + rng.uniform(0, [1, 100, 3, 1])
    return np.concatenate([size, -size])


def _far_points(rng: np.random.Generator) -> list[Case]:
    return [Case({"x": _far(rng)})]


def _far_points_and_weights(rng: np.random.Generator) -> list[Case]:
    return [Case({"x": _far(rng), "weights": _away(rng, (8,))})]


LOG_COSH = Exercise(
    id="log-cosh-op",
    number="2.7",
    title="Teach the engine a new operation",
    answers=("logcosh_forward", "logcosh_vjp"),
    driver=_ask_logcosh_gradient,
    aspects=(
        Aspect("values", "its values", 1, _points, driver=_ask_logcosh_forward),
        Aspect("gradient", "its gradient, for any upstream gradient", 2, _points_and_weights),
        Aspect("inside", "as a part of a longer computation", 1, _inside, driver=_ask_logcosh_inside),
        Aspect(
            "far",
            "its values for |x| up to 1000",
            1,
            _far_points,
            rtol=1e-10,
            atol=1e-10,
            driver=_ask_logcosh_forward,
        ),
        Aspect("far-gradient", "its gradient for |x| up to 1000", 1, _far_points_and_weights),
    ),
)

# 2.8 Bonus: find the bug --------------------------------------------------------------------------------------------


def _mended(answer_name: str) -> Callable[..., Any]:
    """Ask one of the three mended passes, for each graph twice in a row.

    The nodes get names that were never used before, so that what a pass has kept from earlier calls of this process
    does not matter, and only what it keeps from the first of the two calls shows.
    """

    def ask(answer: Any, cases: list[dict]) -> dict[str, Any]:
        backward = getattr(answer, answer_name)
        asked = [_named_anew(answer_name, backward, **case) for case in cases]
        return {
            f"graph {number}, {name}": given for number, found in enumerate(asked, 1) for name, given in found.items()
        }

    return ask


def _named_anew(
    function: str, backward: Any, graph: Graph, order: list[str], slopes: dict[str, list[float]]
) -> dict[str, Any]:
    """What two calls of a backward pass give, the nodes having new names for both, the second with other slopes."""
    number = next(_numbers_of_graphs)
    new = {name: name if name == "C" else f"{name}{number}" for name in graph}
    renamed = {new[name]: (op, [new[source] for source in sources]) for name, (op, sources) in graph.items()}
    found = {}
    for call, factor in (("first call", 1), ("second call", 1.25)):
        scaled = {new[name]: [factor * slope for slope in slopes[name]] for name in slopes}
        ask = keeping(backward, "graph", "order", "slopes")
        gradient = ask(copy.deepcopy(renamed), [new[name] for name in order], scaled)
        old = {new[name]: name for name in graph}
        named = (
            {old[name]: each for name, each in gradient.items() if name in old}
            if isinstance(gradient, dict)
            else gradient
        )
        found[call] = _of_each_node(named, graph, function)
    return found


_numbers_of_graphs = count()


def _bug_cases(*graphs: Graph) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        """The graphs are listed in turn with C first and with the inputs first."""
        asked = []
        for number, graph in enumerate(graphs):
            graph, _ = _renamed(rng, graph)
            if number % 2:
                graph = {name: graph[name] for name in an_order(graph)}
            inputs = {name: _size(rng) for name, (operation, _) in graph.items() if operation == "input"}
            order, slopes = order_and_slopes(graph, inputs)
            asked.append({"graph": graph, "order": order, "slopes": slopes})
        return [Case({"cases": asked})]

    return cases


BUGS = Exercise(
    id="graph-bugs",
    number="2.8",
    title="Bonus: three bugs",
    answers=("mended_a", "mended_b", "mended_c"),
    closed=ENGINE,
    aspects=(
        Aspect("a", "pass A, mended", 2, _bug_cases(*UNEVEN, *TWICE, *TWICE_AND_AGAIN), driver=_mended("mended_a")),
        Aspect("b", "pass B, mended", 2, _bug_cases(*FAN_OUTS, *UNEVEN), driver=_mended("mended_b")),
        Aspect("c", "pass C, mended", 2, _bug_cases(*TWICE, *FAN_OUTS, *TWICE_AND_AGAIN), driver=_mended("mended_c")),
    ),
)

EXERCISES = (
    LOCAL_DERIVATIVES,
    NODE_BACKWARD,
    ORDER,
    BACKWARD,
    VALUE,
    COUNT,
    LOG_COSH,
    BUGS,
)
