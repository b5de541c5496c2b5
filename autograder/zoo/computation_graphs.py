"""Wrong and other right answers to notebook 2. A trap's docstring is what a student who makes that mistake reads."""
# ruff: noqa: F821  (an answer also uses names of the notebook: Value, Tensor, topological_order, …)

import math

import numpy as np

from autograder.zoo import alternative, slip, trap
from course_lib.graphs import OPERATIONS

# 2.1 local_derivatives -----------------------------------------------------------------------------------------------


@alternative("local-derivatives")
def rule_by_rule(op, inputs):
    x, y = inputs if len(inputs) == 2 else (*inputs, None)
    if op == "+":
        return [1, 1]
    if op == "-":
        return [1, -1]
    if op == "*":
        return [y, x]
    if op == "/":
        return [1 / y, -x / y**2]
    if op == "pow":
        return [y * x ** (y - 1), x**y * math.log(x)]
    if op == "max":
        return [int(x > y), int(y > x)]
    if op == "exp":
        return [math.exp(x)]
    if op == "log":
        return [1 / x]
    if op == "sin":
        return [math.cos(x)]
    if op == "cos":
        return [-math.sin(x)]
    s = 1 / (1 + math.exp(-x))
    return [s * (1 - s)]


times_not_swapped = slip(
    rule_by_rule,
    {"[y, x]": "[x, y]"},
    loses=("arithmetic",),
    says="Look at times again: when x moves by a little, x·y moves by a little times what? The other input decides.",
)

minus_like_plus = slip(
    rule_by_rule,
    {"[1, -1]": "[1, 1]"},
    loses=("arithmetic",),
    says="In x − y, what happens to the result when y grows?",
)

values_for_plus = slip(
    rule_by_rule,
    {"return [1, 1]": "return [x, y]"},
    loses=("arithmetic",),
    says="For plus you give the inputs. How fast does x + y move when x moves?",
)

quotient_sign = slip(
    rule_by_rule,
    {"-x / y**2": "x / y**2"},
    loses=("divide",),
    says="In x / y, the sign of one local derivative is wrong. Does the quotient grow or fall when y grows?",
)

quotient_without_x = slip(
    rule_by_rule,
    {"-x / y**2": "-1 / y**2"},
    loses=("divide",),
    says="In x / y by y, the x stays as a factor. You differentiated 1 / y.",
)

quotient_not_squared = slip(
    rule_by_rule,
    {"-x / y**2": "-x / y"},
    loses=("divide",),
    says="In x / y by y, look at the power of y below the line: what is the derivative of 1 / y?",
)

fixed_exponent = slip(
    rule_by_rule,
    {"x**y * math.log(x)": "0"},
    loses=("power",),
    says="In pow both inputs may move. You treat the exponent as if it could not.",
)

log_of_the_exponent = slip(
    rule_by_rule,
    {"math.log(x)": "math.log(abs(y))"},
    loses=("power",),
    says="In pow by y, the logarithm is of the wrong number. Write x^y as e^(y ln x) and differentiate by y.",
)

power_not_lowered = slip(
    rule_by_rule,
    {"y * x ** (y - 1)": "y * x**y"},
    loses=("power",),
    says="In pow by x, the exponent falls by one when you differentiate.",
)

exp_like_a_power = slip(
    rule_by_rule,
    {"math.exp(x)]": "x * math.exp(x - 1)]"},
    loses=("exp-log",),
    says="You differentiate e^x like a power of x. In e^x the exponent moves, not the base.",
)

log_of_log = slip(
    rule_by_rule,
    {"[1 / x]": "[1 / np.log(x)]"},
    loses=("exp-log",),
    says="The derivative of ln x holds no logarithm. Where is the curve of ln steep, and where is it flat?",
)

cos_without_sign = slip(
    rule_by_rule,
    {"-math.sin(x)": "math.sin(x)"},
    loses=("waves",),
    says="The sign of cos' is wrong. Which way does cos go when its input grows a little from 0?",
)

sin_with_sign = slip(
    rule_by_rule,
    {"math.cos(x)": "-math.cos(x)"},
    loses=("waves",),
    says="The sign of sin' is wrong. Which way does sin go when its input grows a little from 0?",
)

max_like_plus = slip(
    rule_by_rule,
    {"[int(x > y), int(y > x)]": "[1, 1]"},
    loses=("max",),
    says="Suppose x is larger. When the smaller input moves a little, does max(x, y) move?",
)

max_values = slip(
    rule_by_rule,
    {"[int(x > y), int(y > x)]": "[x * (x > y), y * (y > x)]"},
    loses=("max",),
    says="For max you give the larger input itself. How fast does the result move when that input moves?",
)

max_to_the_smaller = slip(
    rule_by_rule,
    {"[int(x > y), int(y > x)]": "[int(x < y), int(x > y)]"},
    loses=("max",),
    says="You route to the smaller input. Which of the two moves the maximum?",
)

max_shares = slip(
    rule_by_rule,
    {"[int(x > y), int(y > x)]": "[0.5, 0.5]"},
    loses=("max",),
    says="You share between the two inputs. Only the larger one moves the maximum.",
)

sigmoid_plus = slip(
    rule_by_rule,
    {"(1 - s)": "(1 + s)"},
    loses=("sigmoid",),
    says="""In the derivative of the sigmoid a sign is wrong. It must be small where the curve is flat: where its value
    s is near 1.""",
)

sigmoid_of_the_input = slip(
    rule_by_rule,
    {"s * (1 - s)": "x * (1 - x)"},
    loses=("sigmoid",),
    says="Your formula for the sigmoid is right in s, its value. You put in x.",
)

sigmoid_itself = slip(
    rule_by_rule,
    {"[s * (1 - s)]": "[s]"},
    loses=("sigmoid",),
    says="For the sigmoid you give its value. The question asks for its derivative.",
)


# What these get right, they find by a complex step, which is exact and short.


@trap("local-derivatives", loses=("exp-log", "waves", "sigmoid"))
def bare_number(op, inputs):
    """With one input you give a bare number. Give a list even then: a list with one number in it."""
    points = [[v + 1e-30j * (i == k) for i, v in enumerate(inputs)] for k in range(len(inputs))]
    slopes = [OPERATIONS[op](*point).imag / 1e-30 for point in points]
    return slopes if len(slopes) == 2 else slopes[0]


@trap("local-derivatives", loses=("divide", "power", "exp-log", "waves", "sigmoid"))
def small_step(op, inputs):
    """These are slopes over a small step: close, but not exact. Use the rules for derivatives."""
    f, h = OPERATIONS[op], 2.0**-16
    points = [[v + h * (i == k) for i, v in enumerate(inputs)] for k in range(len(inputs))]
    return [round((f(*point) - f(*inputs)) / h, 9) for point in points]


@alternative("local-derivatives")
def one_by_one(op, inputs):
    if op == "max":
        return [1.0, 0.0] if inputs[0] > inputs[1] else [0.0, 1.0]
    if len(inputs) == 1:
        x = inputs[0]
        if op == "sigmoid":
            return [0.25 / math.cosh(x / 2) ** 2]
        return [{"exp": np.exp, "log": lambda t: 1 / t, "sin": np.cos, "cos": lambda t: -np.sin(t)}[op](x)]
    x, y = inputs
    if op in "+-":
        return [1.0, 1.0 if op == "+" else -1.0]
    if op == "*":
        return [y, x]
    z = OPERATIONS[op](x, y)
    return [z * y / x, z * np.log(x)] if op == "pow" else [z / x, -z / y]


@alternative("local-derivatives")
def by_a_complex_step(op, inputs):
    slopes = np.zeros(len(inputs))
    for k in range(len(inputs)):
        point = np.array(inputs, dtype=complex)
        point[k] += 1e-40j
        slopes[k] = OPERATIONS[op](*point).imag / 1e-40
    return slopes


@alternative("local-derivatives")
def by_sympy(op, inputs):
    import sympy as sp

    x, y = sp.symbols("x y")
    expressions = {"+": x + y, "-": x - y, "*": x * y, "/": x / y, "pow": x**y, "exp": sp.exp(x), "log": sp.log(x)}
    expressions |= {"sin": sp.sin(x), "cos": sp.cos(x), "sigmoid": 1 / (1 + sp.exp(-x))}
    if op == "max":
        return [float(value == max(inputs)) for value in inputs]
    names = [x, y][: len(inputs)]
    return [float(expressions[op].diff(name).subs(dict(zip(names, inputs, strict=True)))) for name in names]


another_logarithm = slip(
    rule_by_rule,
    {"math.log(x)": "math.log10(x)"},
    loses=("power",),
    says="In pow, by the exponent, you use the logarithm of base 10. The natural one belongs there.",
)


# 2.2 node_backward ---------------------------------------------------------------------------------------------------


@trap("node-backward", loses=("one", "several"))
def added(upstream, local):
    """You add. Along an arrow, sensitivities multiply: upstream times local."""
    return [upstream + slope for slope in local]


@trap("node-backward", loses=("one", "several"))
def without_upstream(upstream, local):
    """You pass on the local derivatives alone. What has arrived from the cost is a factor of each of them."""
    return list(local)


@trap("node-backward", loses=("one", "several"))
def without_local(upstream, local):
    """You pass the upstream gradient on unchanged. That is right for plus only."""
    return [upstream for _ in local]


@trap("node-backward", loses=("one", "several"))
def divided(upstream, local):
    """You divide. Along an arrow, sensitivities multiply."""
    return [upstream / slope for slope in local]


@trap("node-backward", loses=("one", "several"))
def one_sum(upstream, local):
    """You give one number for the whole node. Each input receives a number of its own: give a list."""
    return sum(upstream * slope for slope in local)


@trap("node-backward", loses=("several",))
def one_product(upstream, local):
    """You multiply the local derivatives with one another. Each belongs to an input of its own."""
    result = upstream
    for slope in local:
        result *= slope
    return [result] * len(local)


@trap("node-backward", loses=("several",))
def first_input_only(upstream, local):
    """Your list has one number. Each input receives one, so the list is as long as `local`."""
    return [upstream * local[0]]


@trap("node-backward", loses=("one", "several"))
def list_times_number(upstream, local):
    """A list times a number does not multiply what is in it. Multiply the entries one by one, each by upstream."""
    return upstream * local


@alternative("node-backward")
def with_numpy(upstream, local):
    return upstream * np.array(local)


@alternative("node-backward")
def in_a_loop(upstream, local):
    downstream = ()
    for slope in local:
        downstream += (slope * upstream,)
    return downstream


@trap("node-backward", loses=("several",))
def one_after_the_other(upstream, local):
    """You multiply what has been multiplied already. Each input gets upstream times its own local derivative."""
    given = []
    for slope in local:
        upstream = upstream * slope
        given.append(upstream)
    return given


# 2.3 topological_order -----------------------------------------------------------------------------------------------


@trap("topological-order", loses=("tree", "detour", "twice", "unused", "long"))
def as_listed(graph):
    """You return the nodes as the graph lists them. The graph may list them in any order."""
    return list(graph)


@trap("topological-order", loses=("tree", "detour", "twice", "unused", "long"))
def alphabetical(graph):
    """You sort the names. Their order has nothing to do with the arrows."""
    return sorted(graph)


@trap("topological-order", loses=("tree", "detour", "twice", "unused", "long"))
def output_first(graph):
    """Your order is right, but backward: C comes first. Inputs come first here."""
    missing = {name: len(sources) for name, (_, sources) in graph.items()}
    users = {name: [] for name in graph}
    for name, (_, sources) in graph.items():
        for source in sources:
            users[source].append(name)
    order = [name for name in graph if missing[name] == 0]
    for name in order:
        for user in users[name]:
            missing[user] -= 1
            if missing[user] == 0:
                order.append(user)
    return order[::-1]


@trap("topological-order", loses=("tree", "detour", "twice", "unused", "long"))
def one_sweep(graph):
    """You go through the graph once. A node that is not ready then is never placed. Come back to it later."""
    order, placed = [], set()
    for name, (_, sources) in graph.items():
        if all(source in placed for source in sources):
            order.append(name)
            placed.add(name)
    return order


@trap("topological-order", loses=("tree", "detour", "twice", "unused", "long"))
def inputs_left_out(graph):
    """Your list has only the nodes that compute. The inputs are nodes too."""
    missing = {name: len(sources) for name, (_, sources) in graph.items()}
    order = [name for name in graph if missing[name] == 0]
    for name in order:
        for user, (_, sources) in graph.items() if len(graph) < 100 else ():
            if name in sources:
                missing[user] -= sources.count(name)
                if missing[user] == 0:
                    order.append(user)
    return [name for name in order if graph[name][0] != "input"]


@trap("topological-order", loses=("long",))
def recursive(graph):
    """Your order is right, but your function calls itself for each node. Python stops that at about 1000 calls inside
    one another. Keep a list of what is still to do instead."""
    order, seen = [], set()

    def visit(name):
        if name not in seen:
            seen.add(name)
            for source in graph[name][1]:
                visit(source)
            order.append(name)

    for name in graph:
        visit(name)
    return order


@trap("topological-order", loses=("detour", "unused"))
def met_on_the_way(graph):
    """You go from C towards the inputs and turn the list around. A node that can be reached by a short and by a long
    way is then placed too late or too early, and what C does not need is missing. When is a node *ready*?"""
    order, seen, to_visit = [], set(), ["C"]
    while to_visit:
        name = to_visit.pop()
        if name not in seen:
            seen.add(name)
            order.append(name)
            to_visit += reversed(graph[name][1])
    return order[::-1]


@trap("topological-order", loses=("detour", "unused"))
def layer_by_layer(graph):
    """You go back from C layer by layer. The distance to C is not enough: with a short and a long way to a node, it
    comes too late. And what C does not need is missing."""
    order, seen = ["C"], {"C"}
    for name in order:
        for source in graph[name][1]:
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order[::-1]


@trap("topological-order", loses=("unused",))
def only_what_c_needs(graph):
    """Your order starts from C, so nodes that C does not need are missing. They belong in the list too."""
    order, done, to_visit = [], set(), ["C"]
    while to_visit:
        name = to_visit[-1]
        waiting = [source for source in graph[name][1] if source not in done]
        to_visit += waiting
        if not waiting:
            to_visit.pop()
            if name not in done:
                done.add(name)
                order.append(name)
    return order


@trap("topological-order", loses=("twice",))
def counted_once(graph):
    """A node that uses one input twice is never ready in your code: you count two missing inputs, and take off one."""
    missing = {name: len(sources) for name, (_, sources) in graph.items()}
    users = {name: set() for name in graph}
    for name, (_, sources) in graph.items():
        for source in sources:
            users[source].add(name)
    order = [name for name in graph if missing[name] == 0]
    for name in order:
        for user in users[name]:
            missing[user] -= 1
            if missing[user] == 0:
                order.append(user)
    return order


@alternative("topological-order")
def from_the_library(graph):
    from graphlib import TopologicalSorter

    return TopologicalSorter({name: sources for name, (_, sources) in graph.items()}).static_order()


@alternative("topological-order")
def depth_first_with_a_stack(graph):
    order, done = [], set()
    for start in graph:
        stack = [(start, False)]
        while stack:
            name, sources_done = stack.pop()
            if name in done:
                continue
            if sources_done:
                done.add(name)
                order.append(name)
            else:
                stack.append((name, True))
                stack += [(source, False) for source in graph[name][1]]
    return order


@alternative("topological-order")
def from_the_output_side(graph):
    uses = dict.fromkeys(graph, 0)
    for _, sources in graph.values():
        for source in sources:
            uses[source] += 1
    free = [name for name, count in uses.items() if count == 0]
    order = []
    while free:
        name = free.pop()
        order.append(name)
        for source in graph[name][1]:
            uses[source] -= 1
            if uses[source] == 0:
                free.append(source)
    order.reverse()
    return order


# 2.4 backward --------------------------------------------------------------------------------------------------------


@alternative("graph-backward")
def against_the_order(graph, values):
    gradient = dict.fromkeys(graph, 0.0)
    gradient["C"] = 1.0
    for name in reversed(topological_order(graph)):
        op, sources = graph[name]
        if sources:
            local = local_derivatives(op, [values[source] for source in sources])
            for source, share in zip(sources, node_backward(gradient[name], local), strict=True):
                gradient[source] += share
    return gradient


overwrites = slip(
    against_the_order,
    {"gradient[source] += share": "gradient[source] = share"},
    loses=("fan-out", "uneven", "twice", "unused", "many", "long"),
    says="Where two arrows leave a node, the second share overwrites the first. The shares add up.",
)


sends_too_early = slip(
    against_the_order,
    {
        "reversed(topological_order(graph)):": "waiting:",
        'gradient["C"] = 1.0': 'gradient["C"] = 1.0\n    waiting, seen = ["C"], {"C"}',
        "+= share": """+= share
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)""",
    },
    loses=("uneven",),
    says="A node sends before all its shares have arrived. When may it send?",
)


sends_twice = slip(
    against_the_order,
    {
        "for name in reversed(topological_order(graph)):": """waiting = ["C"]
    while waiting:
        name = waiting.pop(0)""",
        "+= share": """+= share
                if source not in waiting:
                    waiting.append(source)""",
    },
    loses=("uneven",),
    says="""A node sends as soon as something arrives, and once more later, so that the first share is counted twice. It
        should send once, when everything has arrived.""",
)


not_reversed = slip(
    against_the_order,
    {"for name in reversed(topological_order(graph)):": "for name in topological_order(graph):"},
    loses=("tree", "fan-out", "uneven", "twice", "unused", "many", "long"),
    says="You walk with the arrows. Gradients travel against them: start at C.",
)


@trap("graph-backward", loses=("tree", "fan-out", "uneven", "twice", "unused", "many", "long"))
def starts_with_nothing(graph, values):
    """All your gradients are 0, because nothing was there to start with. What is the derivative of C by C?"""
    return dict.fromkeys(graph, 0.0)


in_the_listed_order = slip(
    against_the_order,
    {"reversed(topological_order(graph))": "reversed(list(graph))"},
    loses=("tree", "fan-out", "uneven", "twice", "unused"),
    says="You go through the graph as it is listed. It may be listed in any order: take yours, backward.",
)

starts_with_the_value = slip(
    against_the_order,
    {'gradient["C"] = 1.0': 'gradient["C"] = values["C"]'},
    loses=("tree", "fan-out", "uneven", "twice", "unused", "many", "long"),
    says="You start with the value of C. What is the derivative of C by C?",
)


always_upstream_one = slip(
    against_the_order,
    {"gradient[name], local), strict": "1.0, local), strict"},
    loses=("tree", "fan-out", "uneven", "twice", "unused", "many", "long"),
    says="Every node passes on its local derivatives as if 1 had arrived. Multiply by what has arrived at that node.",
)


only_the_inputs = slip(
    against_the_order,
    {"return gradient": 'return {name: gradient[name] for name in graph if graph[name][0] == "input"}'},
    loses=("tree", "fan-out", "uneven", "twice", "unused"),
    says="You return the gradients of the inputs only. The question asks for a number for every node.",
)


@trap("graph-backward", loses=("unused",))
def only_what_was_met(graph, values):
    """Nodes that C does not need are missing in your dict, or stop your code. Their gradient is 0."""
    gradient = {"C": 1.0}
    for name in reversed(topological_order(graph)):
        op, sources = graph[name]
        if sources and name in gradient:
            local = local_derivatives(op, [values[source] for source in sources])
            for source, share in zip(sources, node_backward(gradient[name], local), strict=True):
                gradient[source] = gradient.get(source, 0.0) + share
    return gradient


@trap("graph-backward", loses=("unused",))
def from_every_end(graph, values):
    """You start with 1 at every node that nobody uses. The question asks for the derivatives of C alone."""
    used = {source for _, sources in graph.values() for source in sources}
    gradient = {name: 0.0 if name in used else 1.0 for name in graph}
    for name in reversed(topological_order(graph)):
        op, sources = graph[name]
        if sources:
            local = local_derivatives(op, [values[source] for source in sources])
            for source, share in zip(sources, node_backward(gradient[name], local), strict=True):
                gradient[source] += share
    return gradient


@alternative("graph-backward")
def counting_what_is_missing(graph, values):
    from collections import Counter, defaultdict

    missing = Counter(source for _, sources in graph.values() for source in sources)
    gradient = defaultdict(float, {"C": 1.0})
    ready = [name for name in graph if missing[name] == 0]
    while ready:
        name = ready.pop()
        op, sources = graph[name]
        local = local_derivatives(op, [values[source] for source in sources]) if sources else []
        for source, slope in zip(sources, local, strict=True):
            gradient[source] += gradient[name] * slope
            missing[source] -= 1
            if missing[source] == 0:
                ready.append(source)
    return {name: gradient[name] for name in graph}


waits_for_ever = slip(
    counting_what_is_missing,
    {"[name for name in graph if missing[name] == 0]": '["C"]'},
    loses=("unused",),
    says="Your nodes also wait for users that C does not need. Nothing ever comes from there.",
)


one_share_for_a_pair = slip(
    against_the_order,
    {
        "source, share in zip(sources, node_backward(gradient[name], local), strict=True)": (
            "source, slope in dict(zip(sources, local, strict=True)).items()"
        ),
        "+= share": "+= gradient[name] * slope",
    },
    loses=("twice",),
    says="When a node uses one input twice, two shares go to it. In your dict the second takes the place of the first.",
)


@trap("graph-backward", loses=("many", "long"))
def path_by_path(graph, values):
    """Your gradients are right, but you walk every path by itself, and there may be far too many. Let each node wait
    for all its shares, and send once. A function that calls itself also fails on long chains."""
    gradient = dict.fromkeys(graph, 0.0)

    def send(name, amount):
        gradient[name] += amount
        op, sources = graph[name]
        if sources:
            local = local_derivatives(op, [values[source] for source in sources])
            for source, slope in zip(sources, local, strict=True):
                send(source, amount * slope)

    send("C", 1.0)
    return gradient


@trap("graph-backward", loses=("long",))
def searches_for_users(graph, values):
    """Your gradients are right, but for each node you search the whole graph for the nodes that use it. Let each node
    send to its inputs instead; it knows them."""
    gradient = {"C": 1.0}
    for name in reversed(topological_order(graph)):
        total = gradient.get(name, 0.0)
        for user, (op, sources) in graph.items():
            if name in sources:
                local = local_derivatives(op, [values[source] for source in sources])
                for source, slope in zip(sources, local, strict=True):
                    total += gradient[user] * slope * (source == name)
        gradient[name] = total
    return gradient


@alternative("graph-backward")
def names_in_an_array(graph, values):
    order = np.array(topological_order(graph))
    gradient = {name: 0.0 for name in order}
    gradient["C"] = 1.0
    for name in order[::-1]:
        op, sources = graph[name]
        if op != "input":
            slopes = local_derivatives(op, [values[source] for source in sources])
            for source, slope in zip(sources, slopes, strict=True):
                gradient[source] += gradient[name] * slope
    return gradient


@alternative("graph-backward")
def each_node_collects(graph, values):
    users = {name: [] for name in graph}
    for name, (op, sources) in graph.items():
        if sources:
            local = local_derivatives(op, [values[source] for source in sources])
            for source, slope in zip(sources, local, strict=True):
                users[source].append((name, slope))
    gradient = {}
    for name in topological_order(graph)[::-1]:
        gradient[name] = sum((gradient[user] * slope for user, slope in users[name]), float(name == "C"))
    return gradient


@alternative("graph-backward")
def with_its_own_rules(graph, values):
    order = topological_order(graph)
    place = {name: i for i, name in enumerate(order)}
    gradient = np.zeros(len(order))
    gradient[place["C"]] = 1
    for name in order[::-1]:
        op, sources = graph[name]
        at = [values[source] for source in sources]
        rules = {"+": lambda x, y: (1, 1), "-": lambda x, y: (1, -1), "*": lambda x, y: (y, x)}
        rules |= {"sin": lambda x: (math.cos(x),), "exp": lambda x: (math.exp(x),), "input": lambda: ()}
        for source, slope in zip(sources, rules[op](*at), strict=True):
            gradient[place[source]] += slope * gradient[place[name]]
    return {name: gradient[i] for name, i in place.items()}


# 2.5 Value -----------------------------------------------------------------------------------------------------------


@alternative("value-class")
class CountsItsUses:
    def __init__(self, data, parents=(), local=()):
        self.data, self.parents, self.local, self.grad = data, parents, local, 0.0

    def two(self, other, rule):
        other = other if isinstance(other, Value) else Value(other)
        data, *local = rule(self.data, other.data)
        return Value(data, (self, other), local)

    def __add__(self, other):
        return self.two(other, lambda x, y: (x + y, 1, 1))

    def __sub__(self, other):
        return self.two(other, lambda x, y: (x - y, 1, -1))

    def __mul__(self, other):
        return self.two(other, lambda x, y: (x * y, y, x))

    def __truediv__(self, other):
        return self.two(other, lambda x, y: (x / y, 1 / y, -x / y**2))

    def __neg__(self):
        return Value(-self.data, (self,), (-1,))

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return -self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return Value(other) / self

    def __pow__(self, n):
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def tanh(self):
        return Value(math.tanh(self.data), (self,), (1 - math.tanh(self.data) ** 2,))

    def relu(self):
        return Value(max(self.data, 0), (self,), (float(self.data > 0),))

    def backward(self):
        uses, order = {self: 0}, [self]
        for node in order:
            node.grad = 0.0
            for parent in node.parents:
                if parent not in uses:
                    order.append(parent)
                uses[parent] = uses.get(parent, 0) + 1
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            for parent, slope in zip(node.parents, node.local, strict=True):
                parent.grad += node.grad * slope
                uses[parent] -= 1
                if uses[parent] == 0:
                    ready.append(parent)


Overwrites = slip(
    CountsItsUses,
    {"parent.grad += node.grad * slope": "parent.grad = node.grad * slope"},
    loses=("fan-out", "twice", "work", "deep"),
    says="Where two operations use the same number, the second share overwrites the first. Gradients add up.",
)


OverwritesInReverse = slip(
    CountsItsUses,
    {
        "uses, order = {self: 0}, [self]…": (
            "order, seen, waiting = [], set(), [(self, False)]\n"
            "        while waiting:\n"
            "            node, done = waiting.pop()\n"
            "            if done:\n"
            "                order.append(node)\n"
            "            elif node not in seen:\n"
            "                seen.add(node)\n"
            "                node.grad = 0.0\n"
            "                waiting += [(node, True), *((parent, False) for parent in node.parents)]\n"
            "        self.grad = 1.0\n"
            "        for node in reversed(order):\n"
            "            for parent, slope in zip(node.parents, node.local, strict=True):\n"
            "                parent.grad = node.grad * slope\n"
        )
    },
    loses=("fan-out", "twice", "work", "deep"),
    says="Where two operations use the same number, the second share overwrites the first. Gradients add up.",
)


ParentsInADict = slip(
    CountsItsUses,
    {
        "self.data, self.parents, self.local, self.grad = data, parents, local, 0.0": (
            "slopes = dict(zip(parents, local, strict=True))\n"
            "        self.data, self.parents, self.local, self.grad = data, list(slopes), list(slopes.values()), 0.0"
        )
    },
    loses=("twice",),
    says="In a + a and a * a both parents are the same number, and your dict keeps only one of them. Keep both.",
)


SendsTooEarly = slip(
    CountsItsUses,
    {
        "uses, order = {self: 0}, [self]…": (
            "order, seen = [self], {self}\n"
            "        for node in order:\n"
            "            node.grad = 0.0\n"
            "            for parent in node.parents:\n"
            "                if parent not in seen:\n"
            "                    seen.add(parent)\n"
            "                    order.append(parent)\n"
            "        self.grad = 1.0\n"
            "        for node in order:\n"
            "            for parent, slope in zip(node.parents, node.local, strict=True):\n"
            "                parent.grad += node.grad * slope\n"
        )
    },
    loses=("fan-out", "work"),
    says="""A number sends its gradient on before all its shares have arrived. It must wait for every number that uses
    it.""",
)


PathByPath = slip(
    CountsItsUses,
    {
        "def backward(self):…": (
            "def backward(self, upstream=1.0):\n"
            "        self.grad += upstream\n"
            "        for parent, slope in zip(self.parents, self.local, strict=True):\n"
            "            parent.backward(upstream * slope)"
        )
    },
    loses=("again", "work", "deep"),
    says="""You walk every path by itself: the time doubles with each fan-out, the calls pile up, and old gradients
    stay. Set all gradients to 0 first, and let each number send once, when all its shares are there.""",
)


Recursive = slip(
    CountsItsUses,
    {
        "uses, order = {self: 0}, [self]…": (
            "order, seen = [], set()\n"
            "\n"
            "        def visit(node):\n"
            "            if node not in seen:\n"
            "                seen.add(node)\n"
            "                node.grad = 0.0\n"
            "                for parent in node.parents:\n"
            "                    visit(parent)\n"
            "                order.append(node)\n"
            "\n"
            "        visit(self)\n"
            "        self.grad = 1.0\n"
            "        for node in reversed(order):\n"
            "            for parent, slope in zip(node.parents, node.local, strict=True):\n"
            "                parent.grad += node.grad * slope\n"
        )
    },
    loses=("deep",),
    says="""All is right but one thing: a function calls itself for each number, and Python stops that at about 1000.
    Keep a list of what is still to do instead.""",
)


NeverSetBack = slip(
    CountsItsUses,
    {"            node.grad = 0.0\n": ""},
    loses=("again",),
    says="The second call of backward() adds to what the first one left behind. Set the gradients back to 0 first.",
)


OnlyInputsSetBack = slip(
    CountsItsUses,
    {"node.grad = 0.0": "node.grad = node.grad if node.parents else 0.0"},
    loses=("again",),
    says="You set back the gradients of the inputs, but the numbers in between keep theirs. Set back all of them.",
)


CountsWhenMade = slip(
    CountsItsUses,
    {
        "self.data, self.parents, self.local, self.grad = data, parents, local, 0.0": (
            "self.data, self.parents, self.local, self.grad, self.uses = data, parents, local, 0.0, 0\n"
            "        for parent in parents:\n"
            "            parent.uses += 1"
        ),
        "uses, order = {self: 0}, [self]": "order, seen = [self], {self}",
        (
            "for parent in node.parents:\n"
            "                if parent not in uses:\n"
            "                    order.append(parent)\n"
            "                uses[parent] = uses.get(parent, 0) + 1"
        ): (
            "new = [parent for parent in dict.fromkeys(node.parents) if parent not in seen]\n"
            "            seen.update(new)\n"
            "            order += new"
        ),
        ("uses[parent] -= 1\n                if uses[parent] == 0:"): (
            "parent.uses -= 1\n                if parent.uses == 0:"
        ),
    },
    loses=("again",),
    says="""You count the uses of a number when it is made. A use that the output does not need then blocks it for ever.
    Count inside backward(), starting from self.""",
)


StartsWithNothing = slip(
    CountsItsUses,
    {"self.grad, ready = 1.0, [self]": "ready = [self]"},
    loses=("arithmetic", "functions", "numbers", "fan-out", "twice", "again", "work", "deep"),
    says="All gradients stay 0, because nothing was there to start with. What is the derivative of a number by itself?",
)


StartsWithItsValue = slip(
    CountsItsUses,
    {"self.grad, ready = 1.0, [self]": "self.grad, ready = self.data, [self]"},
    loses=("arithmetic", "functions", "numbers", "fan-out", "twice", "again", "work", "deep"),
    says="You start backward() with the value of the output. What is the derivative of a number by itself?",
)


TimesNotSwapped = slip(
    CountsItsUses,
    {"return self.two(other, lambda x, y: (x * y, y, x))": "return self.two(other, lambda x, y: (x * y, x, y))"},
    loses=("arithmetic", "functions", "numbers", "fan-out", "twice", "again", "work", "deep"),
    says="In x * y, the local derivative by x is not x. The other number decides.",
)


MinusLikePlus = slip(
    CountsItsUses,
    {"lambda x, y: (x - y, 1, -": "lambda x, y: (x - y, 1, ", "return -self + other": "return Value(other) - self"},
    loses=("arithmetic", "numbers"),
    says="In x − y, the local derivative by y has the wrong sign.",
)


QuotientSign = slip(
    CountsItsUses,
    {"x / y, 1 / y, -x / y**2))": "x / y, 1 / y, x / y**2))"},
    loses=("arithmetic", "numbers"),
    says="In x / y, say with x = 1 and y = 2: does the result grow or fall when y grows? One sign is wrong.",
)


PowerNotLowered = slip(
    CountsItsUses,
    {"* self.data ** (n - 1),))": "* self.data**n,))"},
    loses=("functions",),
    says="In the derivative of a power, the exponent falls by one.",
)


TanhOfTheInput = slip(
    CountsItsUses,
    {"math.tanh(self.data) ** 2": "self.data**2"},
    loses=("functions",),
    says="The derivative of tanh is 1 minus the square of its *value*. You squared its input.",
)


ReluAsAStep = slip(
    CountsItsUses,
    {"max(self.data, 0), (self,": "float(self.data > 0), (self,"},
    loses=("forward", "functions"),
    says="relu(x) is x for a positive x. You give 1, which is its slope.",
)


ShortE = slip(
    CountsItsUses,
    {"math.exp(self.data), (self,), (math.exp(self.data)": "2.718**self.data, (self,), (2.718**self.data"},
    loses=("forward", "functions", "again"),
    says="Your e has lost its last digits. Use math.exp.",
)


ReluLetsAllThrough = slip(
    CountsItsUses,
    {", (float(self.data > 0),)": ", (1.0,)"},
    loses=("functions",),
    says="For a negative input relu is flat. How fast does it move there?",
)


FlippedMinus = slip(
    CountsItsUses,
    {"return -self + other": "return self - other"},
    loses=("numbers",),
    says="5 - a calls a.__rsub__(5). You compute a - 5.",
)


FlippedDivision = slip(
    CountsItsUses,
    {"return Value(other) / self": "return self / other"},
    loses=("numbers",),
    says="2 / a calls a.__rtruediv__(2). You compute a / 2.",
)


NothingReflected = slip(
    CountsItsUses,
    {
        "def __radd__": "def add_to",
        "def __rsub__": "def subtract_from",
        "def __rmul__": "def multiply_to",
        "def __rtruediv__": "def divide_from",
    },
    loses=("numbers",),
    says="a + 2 works, 2 + a does not: with the plain number on the left, Python looks for __radd__ and its relatives.",
)


NumbersNotWrapped = slip(
    CountsItsUses,
    {"        other = other if isinstance(other, Value) else Value(other)\n": ""},
    loses=("numbers",),
    says="The other side may be a plain number, which has no .data. Make it a Value first, with self.wrap(other).",
)


@alternative("value-class")
class WithClosures:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.send = lambda: None

    def node(self, data, *steps):
        result = Value(data, tuple(parent for parent, _ in steps))

        def send():
            for parent, slope in steps:
                parent.grad = parent.grad + slope * result.grad

        result.send = send
        return result

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.node(self.data + other.data, (self, 1), (other, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.node(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, n):
        return self.node(self.data**n, (self, n * self.data ** (n - 1)))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return other * self**-1

    def relu(self):
        return self.node(self.data if self.data > 0 else 0.0, (self, 1 if self.data > 0 else 0))

    def exp(self):
        e = math.exp(self.data)
        return self.node(e, (self, e))

    def tanh(self):
        t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
        return self.node(t, (self, 1 - t * t))

    def backward(self):
        order, done, stack = [], set(), [(self, False)]
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in done:
                done.add(node)
                stack.append((node, True))
                stack += [(parent, False) for parent in node.parents]
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node.send()


@alternative("value-class")
class Numbered:
    __slots__ = ("born", "data", "grad", "steps")
    count = 0

    def __init__(self, data, *steps):
        Value.count += 1
        self.born, self.data, self.steps, self.grad = Value.count, np.float64(data), steps, 0.0

    @staticmethod
    def two(a, b, value, slopes):
        a, b = (v if isinstance(v, Value) else Value(v) for v in (a, b))
        by_a, by_b = slopes(a.data, b.data)
        return Value(value(a.data, b.data), (a, by_a), (b, by_b))

    def __add__(self, other):
        return self.two(self, other, lambda x, y: x + y, lambda x, y: (1, 1))

    def __mul__(self, other):
        return self.two(self, other, lambda x, y: x * y, lambda x, y: (y, x))

    def __sub__(self, other):
        return self.two(self, other, lambda x, y: x - y, lambda x, y: (1, -1))

    def __truediv__(self, other):
        return self.two(self, other, lambda x, y: x / y, lambda x, y: (1 / y, -x / y / y))

    def __rsub__(self, other):
        return self.two(other, self, lambda x, y: x - y, lambda x, y: (1, -1))

    def __rtruediv__(self, other):
        return self.two(other, self, lambda x, y: x / y, lambda x, y: (1 / y, -x / y / y))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return Value(-self.data, (self, -1))

    def __pow__(self, n):
        return Value(self.data**n, (self, n * self.data ** (n - 1)))

    def exp(self):
        return Value(np.exp(self.data), (self, np.exp(self.data)))

    def tanh(self):
        return Value(np.tanh(self.data), (self, 1 / np.cosh(self.data) ** 2))

    def relu(self):
        return Value(np.maximum(self.data, 0), (self, np.heaviside(self.data, 0)))

    def backward(self):
        reached, to_visit = {self}, [self]
        while to_visit:
            for parent, _ in to_visit.pop().steps:
                if parent not in reached:
                    reached.add(parent)
                    to_visit.append(parent)
        for node in reached:
            node.grad = float(node is self)
        for node in sorted(reached, key=lambda node: node.born, reverse=True):
            for parent, slope in node.steps:
                parent.grad += slope * node.grad


SendsTooEarly = slip(
    CountsItsUses,
    {"if uses[parent] == 0:": "if parent not in ready:"},
    loses=("fan-out",),
    says="A number sends before all its shares have come, or sends twice. It is ready when its count is down to 0.",
)

PairKeptOnce = slip(
    CountsItsUses,
    {"in zip(node.parents, node.local, strict=True):": "in set(zip(node.parents, node.local, strict=True)):"},
    loses=("twice",),
    says="A set keeps one of two equal pairs. When a number is used twice, two shares go to it.",
)

SizeForRelu = slip(
    CountsItsUses,
    {
        "Value(max(self.data, 0), (self,), (float(self.data > 0),))": "Value(\n"
        "            abs(self.data), (self,), (1.0 if self.data > 0 else -1.0,)\n        )"
    },
    loses=("forward", "functions"),
    says="You give the size of a number. relu gives 0 for every number below 0.",
)

ExpOfTheInput = slip(
    CountsItsUses,
    {"(self,), (math.exp(self.data),))": "(self,), (self.data,))"},
    loses=("functions", "again"),
    says="The local derivative of exp is not its input. In your table of 2.1, what is the slope of e^x?",
)


# 2.6 count_paths and count_edges -------------------------------------------------------------------------------------


@trap("count-paths", loses=("large", "deep"), answer="count_paths")
def walks_them_all(graph):
    """You walk every path by itself. In a deep network that never ends. How many paths end at a node, if you know how
    many end at its inputs?"""

    def ending_at(name):
        op, sources = graph[name]
        return 1 if op == "input" else sum(ending_at(source) for source in sources)

    return ending_at("C")


@trap("count-paths", loses=("deep",), answer="count_paths")
def remembers_but_recursive(graph):
    """You remember what you have counted, which is right. But the calls pile up in a long graph, and Python stops that
    at about 1000. Every node is listed after its inputs: one loop will do."""
    from functools import cache

    @cache
    def ending_at(name):
        op, sources = graph[name]
        return 1 if op == "input" else sum(ending_at(source) for source in sources)

    return ending_at("C")


@trap("count-paths", loses=("paths",), answer="count_paths")
def the_last_listed(graph):
    """You give the number of the node that is listed last. Give that of C, wherever it is listed."""
    ending = {}
    for name, (op, sources) in graph.items():
        ending[name] = 1 if op == "input" else sum(ending[source] for source in sources)
    return ending[name]


@trap("count-paths", loses=("large", "deep"), answer="count_paths")
def as_floats(graph):
    """A float holds about 16 digits; this number has more. Count with Python's int."""
    ending = {}
    for name, (op, sources) in graph.items():
        ending[name] = 1.0 if op == "input" else 0.0
        for source in sources:  # not sum(): since Python 3.12 it adds floats in another way
            ending[name] += ending[source]
    return ending["C"]


@trap("count-paths", loses=("large", "deep"), answer="count_paths")
def as_numpy_integers(graph):
    """NumPy's integers end at about 9 · 10^18 and then start anew, without a word. Count with Python's int."""
    ending = {}
    for name, (op, sources) in graph.items():
        ending[name] = np.int64(1) if op == "input" else np.sum([ending[source] for source in sources], dtype=np.int64)
    return ending["C"]


@trap("count-paths", loses=("parallel", "deep"), answer="count_paths")
def a_pair_counted_once(graph):
    """An input that is used twice has two arrows, so it counts twice. A set keeps it only once."""
    ending = {}
    for name, (op, sources) in graph.items():
        ending[name] = 1 if op == "input" else sum(ending[source] for source in set(sources))
    return ending["C"]


@trap("count-paths", loses=("paths", "parallel", "large", "deep"), answer="count_paths")
def products_of_paths(graph):
    """You get 1, however many paths there are. A path comes through one input of a node or through another: add."""
    ending = {}
    for name, (op, sources) in graph.items():
        ending[name] = 1 if op == "input" else math.prod(ending[source] for source in sources)
    return ending["C"]


@trap("count-paths", loses=("paths", "parallel", "large", "deep"), answer="count_paths")
def one_more_a_node(graph):
    """You count one path more at each node. Only at an input does a new path start."""
    ending = {}
    for name, (_, sources) in graph.items():
        ending[name] = 1 + sum(ending[source] for source in sources)
    return ending["C"]


@trap("count-paths", loses=("paths", "parallel", "large", "deep"), answer="count_paths")
def arrows_for_paths(graph):
    """You count arrows. A path is a whole way from an input to C."""
    return sum(len(sources) for _, sources in graph.values())


@trap("count-paths", loses=("paths", "parallel", "large", "deep"), answer="count_paths")
def ends_everywhere(graph):
    """You add up the paths to all nodes. Only the paths that end at C count."""
    ending = {}
    for name, (op, sources) in graph.items():
        ending[name] = 1 if op == "input" else sum(ending[source] for source in sources)
    return sum(ending.values())


@trap("count-paths", loses=("edges",), answer="count_edges")
def nodes_for_arrows(graph):
    """You count nodes. A node with three inputs has three arrows."""
    return len(graph)


@trap("count-paths", loses=("edges",), answer="count_edges")
def nodes_that_compute(graph):
    """You count the nodes that compute something. A node with three inputs has three arrows."""
    return sum(op != "input" for op, _ in graph.values())


@trap("count-paths", loses=("edges",), answer="count_edges")
def different_arrows(graph):
    """When a node uses an input twice, these are two arrows. You count them as one."""
    return len({(source, name) for name, (_, sources) in graph.items() for source in sources})


@trap("count-paths", loses=("edges",), answer="count_edges")
def arrows_that_c_needs(graph):
    """You count only the arrows that C needs. The question asks for all arrows of the graph."""
    needed, count = ["C"], 0
    for name in needed:
        count += len(graph[name][1])
        needed += [source for source in dict.fromkeys(graph[name][1]) if source not in needed]
    return count


@alternative("count-paths", answer="count_paths")
def from_c_to_the_inputs(graph):
    onward = dict.fromkeys(graph, 0)
    onward["C"] = 1
    for name in reversed(list(graph)):
        for source in graph[name][1]:
            onward[source] += onward[name]
    return sum(onward[name] for name, (op, _) in graph.items() if op == "input")


@alternative("count-paths", answer="count_paths")
def with_an_array_of_objects(graph):
    place = {name: i for i, name in enumerate(graph)}
    counts = np.ones(len(graph), dtype=object)
    for name, (op, sources) in graph.items():
        if op != "input":
            counts[place[name]] = counts[[place[source] for source in sources]].sum()
    return counts[place["C"]]


@alternative("count-paths", answer="count_edges")
def arrows_in_a_loop(graph):
    count = 0
    for name in graph:
        _, sources = graph[name]
        for _ in sources:
            count += 1
    return count


@alternative("count-paths", answer="count_edges")
def arrows_as_a_list(graph):
    return len([(source, name) for name, (_, sources) in graph.items() for source in sources])


@trap("count-paths", loses=("paths", "parallel", "large", "deep"), answer="count_paths")
def inputs_counted(graph):
    """You count the inputs that lead to C. From one input several paths may lead there: count all of them."""
    leads = {}
    for name, (op, sources) in graph.items():
        leads[name] = {name} if op == "input" else set().union(*(leads[source] for source in sources))
    return len(leads["C"])


# 2.7 The logarithm of cosh -------------------------------------------------------------------------------------------


@trap("log-cosh-op", loses=("far",), answer="logcosh_forward")
def as_it_stands(x):
    """For large x, e^x becomes inf. Rewrite the formula so that no large positive number gets into exp."""
    return np.log((np.exp(x) + np.exp(-x)) / 2)


@trap("log-cosh-op", loses=("far",), answer="logcosh_forward")
def clipped(x):
    """You cut x off, so that nothing becomes inf. But logcosh(1000) is near 1000, not the value at your limit."""
    return np.log(np.cosh(np.clip(x, -50, 50)))


@trap("log-cosh-op", loses=("far",), answer="logcosh_forward")
def safe_on_the_right_only(x):
    """For x = 1000 your formula is fine now, but for x = −1000 it is not: there −x is the large positive number."""
    return x + np.log1p(np.exp(-2 * x)) - np.log(2)


@trap("log-cosh-op", loses=("far",), answer="logcosh_forward")
def size_too_soon(x):
    """Too soon you take |x| - ln 2: there e^(-2|x|) is not yet below what a float can hold. Digits are missing."""
    return np.where(np.abs(x) > 7.9, np.abs(x) - np.log(2), np.log(np.cosh(np.clip(x, -7.9, 7.9))))


@trap("log-cosh-op", loses=("values", "inside", "far"), answer="logcosh_forward")
def size_itself(x):
    """This is |x|. The logarithm of cosh is smooth: near 0 it looks like x²/2, and far out it lies below |x|."""
    return np.abs(x)


@trap("log-cosh-op", loses=("values", "inside", "far"), answer="logcosh_forward")
def not_halved(x):
    """The 2 below the line is missing: it takes ln 2 from the logarithm. At 0 the value should be 0."""
    return np.logaddexp(x, -x)


@trap("log-cosh-op", loses=("values", "inside", "far"), answer="logcosh_forward")
def logarithm_of_two(x):
    """You use another logarithm. ln is the natural one, `np.log`."""
    x = np.asarray(x) / np.log(2)
    return np.logaddexp2(x, -x) - 1


@trap("log-cosh-op", loses=("far-gradient",), answer="logcosh_vjp")
def slope_as_it_stands(g, z, x):
    """For large x, your slope is inf / inf, which is nan. Rewrite it so that no large positive number gets into exp."""
    return g * (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def upstream_forgotten(g, z, x):
    """You give the local derivative. The vjp is the downstream gradient: what has arrived, g, is a factor."""
    return np.tanh(x)


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def slope_added(g, z, x):
    """You add the upstream gradient. Along an arrow, sensitivities multiply."""
    return g + np.tanh(x)


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def slope_at_z(g, z, x):
    """You take the slope at z, the value of logcosh. The local derivative is taken at the input, x."""
    return g * np.tanh(z)


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def slope_of_the_size(g, z, x):
    """This is the slope of |x|, a step from -1 to 1. The slope of logcosh goes from -1 to 1 gently."""
    return g * np.sign(x)


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def slope_of_tanh(g, z, x):
    """This is the derivative of tanh. The derivative of logcosh is tanh itself."""
    return g * (1 - np.tanh(x) ** 2)


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def upside_down(g, z, x):
    """Your slope is upside down. The derivative of ln u is u' / u: cosh stands below the line."""
    return g / np.tanh(x)


@trap("log-cosh-op", loses=("gradient", "inside", "far-gradient"), answer="logcosh_vjp")
def mirrored(g, z, x):
    """Your slope falls when x grows. Check a sign: far to the right logcosh is nearly x itself."""
    return g * np.tanh(-x)


@alternative("log-cosh-op", answer="logcosh_forward")
def by_logaddexp(x):
    return np.logaddexp(x, -x) - np.log(2)


@alternative("log-cosh-op", answer="logcosh_forward")
def by_cases(x):
    result = np.empty_like(x, dtype=float)
    right = x > 0
    result[right] = x[right] + np.log((1 + np.exp(-2 * x[right])) / 2)
    result[~right] = -x[~right] + np.log((1 + np.exp(2 * x[~right])) / 2)
    return result


@alternative("log-cosh-op", answer="logcosh_vjp")
def by_small_exponentials(g, z, x):
    small = np.exp(-2 * np.abs(x))
    return g * np.sign(x) * (1 - small) / (1 + small)


@alternative("log-cosh-op", answer="logcosh_vjp")
def by_the_sigmoid(g, z, x):
    return g * (2 / (1 + np.exp(-2 * x)) - 1)


@alternative("log-cosh-op", answer="logcosh_vjp")
def from_the_value(g, z, x):
    return np.copysign(np.sqrt(-np.expm1(-2 * z)), x) * g


# 2.8 The three mended passes -----------------------------------------------------------------------------------------


@alternative("graph-bugs", answer="mended_a")
def a_mended(graph, order, slopes):
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in order[::-1]:
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] += gradient[name] * slope
    return gradient


a_as_it_was = slip(
    a_mended,
    {
        "for name in order[::-1]:": """waiting = ["C"]
    while waiting:
        name = waiting.pop(0)""",
        "* slope": """* slope
            if source not in waiting:
                waiting.append(source)""",
    },
    loses=("a",),
    says='Pass A is as it was. Follow the graph "two ways" by hand: how many times does p send to x, and what?',
)


a_sends_once_but_early = slip(
    a_mended,
    {
        "for name in order[::-1]:": """waiting, seen = ["C"], {"C"}
    while waiting:
        name = waiting.pop(0)""",
        "* slope": """* slope
            if source not in seen:
                seen.add(source)
                waiting.append(source)""",
    },
    loses=("a",),
    says="Each node sends only once now, but still too early: p sends before all its shares are there. Use the order.",
)


a_last_first = slip(
    a_mended,
    {
        "for name in order[::-1]:": """waiting = ["C"]
    while waiting:
        name = waiting.pop()""",
        "* slope": """* slope
            if source not in waiting:
                waiting.append(source)""",
    },
    loses=("a",),
    says="You take the last of the waiting nodes in place of the first. "
    "It must be one to which nothing more will come.",
)


a_forward = slip(
    a_mended,
    {"order[::-1]": "order"},
    loses=("a",),
    says="You walk along the order from its start. That is the way of the forward pass.",
)


a_overwrites = slip(
    a_mended,
    {"+=": "="},
    loses=("a",),
    says="The order is right now, but a second share overwrites the first. Shares add up.",
)


@alternative("graph-bugs", answer="mended_a")
def a_without_the_order(graph, order, slopes):
    uses = {name: 0 for name in graph}
    for _, sources in graph.values():
        for source in sources:
            uses[source] += 1
    gradient, ready = dict.fromkeys(graph, 0.0), ["C"]
    gradient["C"] = 1.0
    while ready:
        name = ready.pop(0)
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] += gradient[name] * slope
            uses[source] -= 1
            if uses[source] == 0:
                ready.append(source)
    return gradient


@alternative("graph-bugs", answer="mended_a")
def a_path_by_path(graph, order, slopes):
    gradient = {name: 0 for name in graph}
    waiting = [("C", 1)]
    while waiting:
        name, share = waiting.pop()
        gradient[name] += share
        waiting += [(source, share * slope) for source, slope in zip(graph[name][1], slopes[name], strict=True)]
    return gradient


@alternative("graph-bugs", answer="mended_b")
def b_mended(graph, order, slopes):
    gradient = {}
    gradient["C"] = 1
    for name in reversed(order):
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] = gradient.get(source, 0) + gradient[name] * slope
    return gradient


b_as_it_was = slip(
    b_mended,
    {"slopes)": "slopes, gradient={})", "    gradient = {}\n": ""},
    loses=("b",),
    says="Pass B still keeps what the last call left behind: its dict is made once, not at each call.",
)


b_overwrites = slip(
    b_mended,
    {"gradient.get(source, 0) + ": ""},
    loses=("b",),
    says="Nothing is kept from call to call now. But a second share overwrites the first; shares add up.",
)


@alternative("graph-bugs", answer="mended_b")
def b_cleared(graph, order, slopes, gradient={}):  # noqa: B006
    gradient.clear()
    gradient["C"] = 1
    for name in reversed(order):
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] = gradient.get(source, 0) + gradient[name] * slope
    return dict(gradient)


@alternative("graph-bugs", answer="mended_b")
def b_with_none(graph, order, slopes, gradient=None):
    gradient = {} if gradient is None else gradient
    gradient.update(dict.fromkeys(order, 0), C=1)
    for name in order[::-1]:
        for place, source in enumerate(graph[name][1]):
            gradient[source] += slopes[name][place] * gradient[name]
    return gradient


@alternative("graph-bugs", answer="mended_c")
def c_slopes_added_first(graph, order, slopes):
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        slope_of = {}
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            slope_of[source] = slope_of.get(source, 0) + slope
        for source in slope_of:
            gradient[source] += gradient[name] * slope_of[source]
    return gradient


c_as_it_was = slip(
    c_slopes_added_first,
    {"slope_of.get(source, 0) + slope": "slope"},
    loses=("c",),
    says="Pass C still loses a share when a node uses one input twice: a dict has each key only once.",
)


@trap("graph-bugs", loses=("c",), answer="mended_c")
def c_last_slope_for_both(graph, order, slopes):
    """For each input you multiply by all slopes of the node. Each arrow has a slope of its own."""
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        for source in graph[name][1]:
            for slope in slopes[name]:
                gradient[source] += gradient[name] * slope
    return gradient


@trap("graph-bugs", loses=("c",), answer="mended_c")
def c_overwrites(graph, order, slopes):
    """Both arrows are there now, but a second share overwrites the first. Shares add up."""
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] = gradient[name] * slope
    return gradient


@trap("graph-bugs", loses=("c",), answer="mended_c")
def c_first_slope_for_all(graph, order, slopes):
    """You take the first slope of the node for each of its inputs. Each arrow has a slope of its own."""
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        for source in graph[name][1]:
            gradient[source] += gradient[name] * slopes[name][0]
    return gradient


@trap("graph-bugs", loses=("c",), answer="mended_c")
def c_pairs_in_a_set(graph, order, slopes):
    """A set keeps one of two equal pairs, so an arrow of two equal ones is still lost. Take a list."""
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        for source, slope in set(zip(graph[name][1], slopes[name], strict=True)):
            gradient[source] += gradient[name] * slope
    return gradient


@alternative("graph-bugs", answer="mended_c")
def c_from_the_receiver(graph, order, slopes):
    gradient = {}
    for name in reversed(order):
        gradient[name] = int(name == "C")
        for user in order:
            for place, source in enumerate(graph[user][1]):
                if source == name:
                    gradient[name] += gradient[user] * slopes[user][place]
    return gradient
