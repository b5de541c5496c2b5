# %% [markdown]
# {{title}}
#
# **By the end you can** write a program that differentiates any computation by itself, explain why it is fast, and
# teach a real engine a new operation.
#
# In notebook 1 you added over paths. That rule is right, but a deep network has more paths than there are seconds in
# a human life. Here you keep the rule and lose the paths: each node does one small job, once.
#
# **You need:** the chain rule, "upstream × local = downstream", and the sum over paths (notebook 1).
#
# {{plan}}

# %% setup="imports"
import math

import numpy as np

from course_lib import drawing
from course_lib.autodiff import Op, Tensor
from course_lib.check import check
from course_lib.graphs import OPERATIONS, order_and_slopes

# %% [markdown]
# ## 1 A computation is a graph
#
# Each box below is a **node**: from the values that arrive along its arrows it makes one new value.
#
# **Predict** the four values in place of the question marks. (sin 1 is about 0.84.)

# %%
steps = {"p": "x*y", "q": "sin(p)", "r": "q*z", "C": "r + p"}
point = {"x": 2, "y": 0.5, "z": 3}
to_predict = drawing.computation_graph(steps, point, gradients=False, hide="values")
drawing.Reveal(to_predict, drawing.computation_graph(steps, point, gradients=False))

# %% [markdown]
# `p` is 1, `q` 0.84, `r` 2.52 and `C` 3.52.
#
# In the exercises a graph is a **dict**: the name of a node gives its operation and the list of its inputs. Where
# numbers come in, the operation is called `"input"`; the last result is always called `"C"`. (`OPERATIONS` gives each
# operation as a function.) The **forward pass** keeps every value. We shall need them all on the way back.

# %% setup="forward"
graph = {
    "x": ("input", []), "y": ("input", []), "z": ("input", []),
    "p": ("*", ["x", "y"]),
    "q": ("sin", ["p"]),
    "r": ("*", ["q", "z"]),
    "C": ("+", ["r", "p"]),
}

def forward(graph, inputs):
    values = dict(inputs)
    for name, (op, sources) in graph.items():
        if op != "input":
            values[name] = float(OPERATIONS[op](*[values[source] for source in sources]))
    return values

# %% [markdown]
# ## 2 Each node knows only itself
#
# A multiply node does not know the cost. It knows its two inputs, and it can answer one question: *if one of my inputs
# moves a little and the others stay, how fast do I move?* That is its **local derivative**, one for each input.
#
# **Predict** the numbers on the seven arrows before you open the fold.

# %%
shown = {"detail": "names", "local": True, "gradients": False}
to_predict = drawing.computation_graph(steps, point, **shown, hide="gradients")
drawing.Reveal(to_predict, drawing.computation_graph(steps, point, **shown))

# %% [markdown]
# At `p`, x·y moves 0.5 for each unit of x and 2 for each unit of y: the other factor. At `q` it is cos 1 = 0.54. At
# `r` again the other factor, 3 and 0.84, and at the sum 1 and 1. All the calculus in a framework is a table of such
# rules.
#
# {{exercise local-derivatives}}
#
# `op` is one of the names below. `inputs` is a list of one or two numbers: `[x]` or `[x, y]`. Return a list with one
# local derivative for each input, in the same order. Three rules are there already; write the other eight.
#
# | op | value | | op | value | | op | value |
# |:--|:--|---|:--|:--|---|:--|:--|
# | `"+"` | $x+y$ | | `"pow"` | $x^y$ | | `"cos"` | $\cos x$ |
# | `"-"` | $x-y$ | | `"exp"` | $e^x$ | | `"max"` | the larger of $x$, $y$ |
# | `"*"` | $x\,y$ | | `"log"` | $\ln x$ | | `"sigmoid"` | $1/(1+e^{-x})$ |
# | `"/"` | $x/y$ | | `"sin"` | $\sin x$ | | | |
#
# In `pow` both inputs may move. The base of `pow` and the input of `log` are always positive here, and the two inputs
# of `max` are never equal.
#
# *Closed in this notebook*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
# *Closed here* too: `graphs.order_and_slopes`.
#
# *Example.* `"*"` at `[2, 5]`: x·5 moves 5 times as far as x, and 2·y moves 2 times as far as y. So the answer is
# `[5, 2]`.
#
# <details><summary>Hint 1: the idea</summary>
#
# For each input: hold the other one still, it is a plain number now. Differentiate by the one that moves.
#
# </details>
# <details><summary>Hint 2: the three that are easy to get wrong</summary>
#
# x/y is x·y⁻¹; mind the sign of the derivative of y⁻¹. xʸ by y is an exponential function of y: write it as e^(y ln x).
# For the sigmoid, call its value s. The chain rule gives e⁻ˣ / (1 + e⁻ˣ)²; now write e⁻ˣ with s.
#
# </details>

# %% answer="local-derivatives"
def local_derivatives(op, inputs):
    """A list of numbers: the derivative of `op` by each of its inputs, at these inputs.

    >>> local_derivatives("*", [2, 5])
    [5, 2]
    """
    x, y = inputs[0], inputs[-1]  # with one input, y is x once more
    rules = {}
    rules["+"] = lambda: [1, 1]  # `lambda:` makes a small function: only the rule that is asked for is worked out
    rules["exp"] = lambda: [math.exp(x)]
    rules["sin"] = lambda: [math.cos(x)]
    ### BEGIN SOLUTION
    rules["-"] = lambda: [1, -1]
    rules["*"] = lambda: [y, x]
    rules["/"] = lambda: [1 / y, -x / y**2]
    rules["pow"] = lambda: [y * x ** (y - 1), x**y * math.log(x)]
    rules["log"] = lambda: [1 / x]
    rules["cos"] = lambda: [-math.sin(x)]
    rules["max"] = lambda: [int(x > y), int(x < y)]
    rules["sigmoid"] = lambda: [math.exp(-x) / (1 + math.exp(-x)) ** 2]
    ### END SOLUTION
    return rules[op]()

# %% check="local-derivatives"
check("local-derivatives", local_derivatives)

# %% [markdown]
# ## 3 One node, backward
#
# On the way back, the **upstream** gradient arrives at each node from the output side. The node passes one
# **downstream** gradient on to each of its inputs.
#
# $$ \underbrace{\frac{\partial C}{\partial\,\text{input}}}_{\text{downstream}} \;=\;
#    \underbrace{\frac{\partial C}{\partial\,\text{node}}}_{\text{upstream}} \;\times\;
#    \underbrace{\frac{\partial\,\text{node}}{\partial\,\text{input}}}_{\text{local}} $$
#
# **Predict** all gradients below, from right to left. Start with the gradient of C, ∂C/∂C. What is it?

# %%
three_kinds = {"s": "a + b", "m": "max(s, d)", "C": "m*e"}
numbers = {"a": 2, "b": 3, "d": 4, "e": -6}
to_predict = drawing.computation_graph(three_kinds, numbers, hide="gradients")
drawing.Reveal(to_predict, drawing.computation_graph(three_kinds, numbers, local=True))

# %% [markdown]
# ∂C/∂C is 1. `m` gets −6 and `e` gets 5; the −6 goes on to `s`, to `a` and to `b`, and `d` gets 0. Three characters,
# worth knowing by heart:
#
# - **plus distributes**: both inputs receive the upstream gradient unchanged;
# - **times swaps**: each input receives upstream times *the other* input;
# - **max routes**: the larger input receives everything, the other one 0.
#
# {{exercise node-backward}}
#
# `upstream` is one number, the gradient that arrived at a node. `local` is the list of its local derivatives, one or
# more. Return the list of downstream gradients, one for each input.
#
# *Example.* The multiply node in the picture has the local derivatives −6 and 5. It receives 1, so it sends −6 and 5;
# had 2 arrived, it would send −12 and 10.
#
# <details><summary>Hint: the first line</summary>
#
# A list times a number does not do what you want. Make a new list: `[… for slope in local]`.
#
# </details>

# %% answer="node-backward"
def node_backward(upstream, local):
    """The list of downstream gradients; `upstream` is a number, `local` a list of numbers.

    >>> node_backward(2, [-6, 5])
    [-12, 10]
    """
    ### BEGIN SOLUTION
    return [upstream * slope for slope in local]
    ### END SOLUTION

# %% check="node-backward"
check("node-backward", node_backward)

# %% [markdown]
# ## 4 Inputs first
#
# Our `forward` goes through the dict from top to bottom. That works because every node is listed after its inputs. In
# general, a graph comes in any order.
#
# **Predict.** Suppose someone lists C first in the graph of part 1. Which nodes can be computed at once? Which as soon
# as `p` is there? Can `C` come right after `p`?
#
# <details><summary>The answer</summary>
#
# x, y and z are given, so `p` can be computed at once, and `q` as soon as `p` is there. `C` must also wait for `r`, and
# `r` for `q`.
#
# </details>
#
# An order in which every node comes after all its inputs is called a **topological order**. There may be many; each is
# fine. Backward, we walk it in reverse: every node then comes after all the nodes that *use* it.
#
# {{exercise topological-order}}
#
# Return the names of **all** nodes of `graph` in a list, each once, every node after its inputs. The graph may be
# listed in any order. Nodes that C does not need are in the list too.
#
# It must work for a chain of 40 000 nodes. So no function may call itself for every node: Python allows only about
# 1000 calls inside one another. And looking for a name in a long *list* is slow: use a dict or a set. If the check
# takes longer than some seconds, stop it (■ in the toolbar) and see hint 2.
#
# *Example.* In the docstring below, C is listed first, and only one order is right: `["x", "p", "C"]`.
#
# *Closed here* too: `graphs.order_and_slopes` and `graphs.an_order`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Count for each node how many of its inputs are still missing. Nodes that miss nothing are ready. When a node is
# placed in the list, each node that uses it misses one less.
#
# </details>
# <details><summary>Hint 2: what to prepare</summary>
#
# Two dicts: `missing[name]`, a number, and `users[name]`, the list of the nodes that use it. One loop over the graph
# fills both. If a node uses an input twice, count it twice in both.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `missing = {name: len(sources) for name, (op, sources) in graph.items()}`. Later: `order = [name for name in graph if
# missing[name] == 0]`, and then a loop `for name in order:`. Python lets `order` grow while the loop runs over it.
#
# </details>

# %% answer="topological-order"
def topological_order(graph):
    """A list of the names of all nodes, each after its inputs.

    >>> topological_order({"C": ("+", ["p", "x"]), "p": ("sin", ["x"]), "x": ("input", [])})
    ['x', 'p', 'C']
    """
    ### BEGIN SOLUTION
    still_missing = {}
    used_by = {name: [] for name in graph}
    for name, (_, sources) in graph.items():
        still_missing[name] = len(sources)
        for source in sources:
            used_by[source].append(name)
    done = [name for name, count in still_missing.items() if count == 0]
    for name in done:  # the list grows while we walk along it
        for user in used_by[name]:
            still_missing[user] -= 1
            if still_missing[user] == 0:
                done.append(user)
    return done
    ### END SOLUTION

# %% check="topological-order"
check("topological-order", topological_order)

# %% [markdown]
# ## 5 The backward pass
#
# Back to the first graph. Two arrows leave `p`: it **fans out**, to `q` and straight to `C`.
#
# **Predict.** `C` passes 1 to `r` and 1 to `p`. Can `p` already pass its gradient on to `x` and `y`? What has not
# arrived yet? Work out the gradient at `p`, then the one at `x`.

# %%
drawing.predict_graph(steps, point, detail="names", local=True, hide=["p", "x", "y"], highlight="p")

# %% [markdown]
# `p` must wait for the share that comes through `q`: 3 · 0.54 = 1.62. With the 1 from `C` it has 2.62, and sends
# 2.62 · 0.5 = 1.31 to `x`. Two things make the whole algorithm:
#
# > **At a fan-out, gradients add.** It is the sum over paths of notebook 1.
# >
# > **A node waits** until every node that uses it has sent its share. Then it sends, once.
#
# The reverse of a topological order does the waiting for us. This is called **reverse accumulation**, or
# backpropagation.
#
# {{exercise graph-backward}}
#
# `graph` is a graph, `values` a dict with the value of every node (what `forward` returns). Return a dict that gives,
# for every node, the derivative of C by that node. C itself has 1; a node that C does not need has 0.
#
# Use your `local_derivatives`, `node_backward` and `topological_order`. The graphs have only + − × sin and exp, and
# are listed in any order. Go along each arrow once: one graph has 2⁶⁰ paths, one is a chain of 5000 operations, and
# no function may call itself for every node. (Not done with 2.3? For now, borrow an order: `order_and_slopes(graph,
# values)[0]`.)
#
# *Example.* For the graph of part 1, `backward(graph, forward(graph, point))` gives the gradients of the picture.
#
# <details><summary>Hint 1: the idea</summary>
#
# Start with the gradient 0 everywhere, and 1 at C. Walk through the reversed order. Each node gives every input its
# share.
#
# </details>
# <details><summary>Hint 2: the step at one node</summary>
#
# Look up `op, sources = graph[name]`. The local derivatives need the *values of the sources*. A node of kind "input"
# has no sources, so it sends nothing. A share is *added* to what the source has already.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# A dict with 0.0 for every name; set that of "C" to 1.0; then `for name in reversed(topological_order(graph)):`.
#
# </details>

# %% answer="graph-backward"
def backward(graph, values):
    """A dict: name of a node -> derivative of C by that node."""
    ### BEGIN SOLUTION
    arrived = dict.fromkeys(graph, 0.0)
    arrived["C"] = 1.0
    for name in reversed(topological_order(graph)):
        op, sources = graph[name]
        if sources:
            local = local_derivatives(op, [values[source] for source in sources])
            for source, share in zip(sources, node_backward(arrived[name], local), strict=True):
                arrived[source] += share
    return arrived
    ### END SOLUTION

# %% check="graph-backward"
check("graph-backward", backward)

# %% [markdown]
# {{pause}}
#
# ## 6 A number that remembers
#
# Nobody likes to write graphs as dicts. A better idea: a number that **remembers** how it was made. Then you write
# ordinary Python, `C = (a * b).tanh() + a`, and the graph builds itself while the numbers are computed.
#
# Each new number keeps its **parents** (the numbers it was made from) and its **local** derivatives, one for each
# parent. That is all that `backward` needs.
#
# **Predict.** For `C = a * a`, what are the two parents? What are the two local derivatives? What should `a.grad` be?
#
# <details><summary>The answer</summary>
#
# The parents are a and a, the local derivatives a and a. Two arrows leave a, so their shares add up: a.grad is a + a.
#
# </details>
#
# For `a * b` Python calls `a.__mul__(b)`. For `2 * a`, where 2 knows nothing about our class, it calls `a.__rmul__(2)`:
# the **reflected** operator. Most operations follow from three others: read how, in `Arithmetic` below the hints.
#
# {{exercise value-class}}
#
# Complete the class `Value`, which gets the rest from `Arithmetic`.
#
# - `a * b` (`__mul__`): `b` may be a `Value` or a plain number; `wrap` makes a `Value` of it. Plus, which is there
#   already, shows how.
# - `a ** 3` (`__pow__`): the exponent is a plain number other than 0, of either sign, whole or not.
# - `a.exp()`, `a.tanh()` with the derivative 1 − tanh² a, and `a.relu()`, which is a with the derivative 1 where a >
#   0, else 0 with the derivative 0. Each gives a new `Value`.
# - `C.backward()` sets `.grad` of `C`, and of everything that `C` was made from, to the derivative of `C` by it. Each
#   call starts anew: what was in `.grad` before does not count. It goes along each arrow once, not along each path.
# - Chains of 40 000 numbers must work: no method may call itself for each node. The first half of `backward` is given,
#   `count_uses` below: it finds all nodes, and counts how often each is used. Write the second half: who sends when.
#
# <details><summary>Hint 1: an operation</summary>
#
# Every operation is the same three things, as in `__add__`: the new number, the parents, the local derivatives.
#
# </details>
# <details><summary>Hint 2: one parent</summary>
#
# A power has one parent, the base: `Value(…, (self,), (…,))`. The comma makes a list of one.
#
# </details>
# <details><summary>Hint 3: backward</summary>
#
# As in 2.3, but from the other end. Start with `self`, which nobody uses: its grad is 1, and it is ready. A node that
# is ready sends each parent its share, and takes 1 from the parent's count. A parent whose count has come down to 0
# has all its shares: now it is ready.
#
# </details>

# %% setup="arithmetic"
class Arithmetic:
    """What follows from __add__, __mul__ and __pow__."""

    def __neg__(self):                 # -a
        return self * -1
    def __sub__(self, other):          # a - b
        return self + -self.wrap(other)
    def __truediv__(self, other):      # a / b
        return self * self.wrap(other) ** -1
    def __radd__(self, other):         # 2 + a
        return self + other
    def __rmul__(self, other):         # 2 * a
        return self * other
    def __rsub__(self, other):         # 2 - a: mind the order
        return self.wrap(other) - self
    def __rtruediv__(self, other):     # 2 / a
        return self.wrap(other) / self

# %% setup="count-uses"
def count_uses(end):
    """How often each Value is used on the way to `end`, a dict; and .grad of each is set to 0."""
    uses, nodes = {end: 0}, [end]  # a Value can be a key of a dict
    for node in nodes:  # the list grows while we walk along it
        node.grad = 0.0
        for parent in node.parents:
            if parent not in uses:
                uses[parent] = 0
                nodes.append(parent)
            uses[parent] += 1
    return uses

# %% answer="value-class"
class Value(Arithmetic):
    """A number that remembers how it was made: its parents, and its local derivative by each of them."""

    def __init__(self, data, parents=(), local=()):
        self.data, self.parents, self.local = float(data), parents, local
        self.grad = 0.0

    def wrap(self, other):
        """A plain number as a Value."""
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = self.wrap(other)
        return Value(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        """self * other, as a new Value"""
        ### BEGIN SOLUTION
        factor = self.wrap(other)
        return Value(self.data * factor.data, (self, factor), (factor.data, self.data))

    def __pow__(self, exponent):
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self):
        result = math.exp(self.data)
        return Value(result, (self,), (result,))

    def tanh(self):
        result = math.tanh(self.data)
        return Value(result, (self,), (1 - result**2,))

    def relu(self):
        return Value(max(self.data, 0), (self,), (int(self.data > 0),))
        ### END SOLUTION

    # Here go __pow__, exp, tanh and relu.

    def backward(self):
        """Set .grad of every Value that this one was made from, and of itself."""
        uses = count_uses(self)
        ### BEGIN SOLUTION
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            for parent, slope in zip(node.parents, node.local):
                parent.grad += node.grad * slope
                uses[parent] -= 1
                if uses[parent] == 0:
                    ready.append(parent)
        ### END SOLUTION

# %% check="value-class"
check("value-class", Value)

# %% [markdown]
# You have written **automatic differentiation**: exact, and for every program that is made of your operations, loops
# and all. PyTorch and JAX stand on the same idea; their numbers are arrays.

# %% [markdown]
# ## 7 Paths against arrows
#
# Below, each step hands its value on along two ways.
#
# **Predict.** How many paths lead from `x` to `C`? How many would there be with ten such steps? And how many arrows
# does the backward pass go along, each once?

# %%
ladder = []  # pairs (start, end): all that a drawing needs
for step, (bottom, top) in enumerate([("x", "a"), ("a", "b"), ("b", "C")], start=1):
    for side in "pq":
        ladder += [(bottom, f"{side}{step}"), (f"{side}{step}", top)]
drawing.draw_graph(ladder, title="Three steps with two ways each")

# %% [markdown]
# Each step doubles the paths: 8, and with ten steps 1024. It adds four arrows: 12, and with ten steps 40.
#
# {{exercise count-paths}}
#
# Here every graph lists each node after its inputs, and may have thousands of nodes in a row: a function that calls
# itself for each of them is out. Nodes that C does not need may be listed too, also after C. Which operation a node has
# does not matter, but for `"input"`.
#
# - `count_paths(graph)`: the number of different paths to C, from all nodes of kind `"input"` together. If a node
#   uses another one twice, as in `p * p`, these are two arrows, so two paths. The number may be huge; it must be
#   exact. Python's own `int` has as many digits as needed.
# - `count_edges(graph)`: the number of arrows in the whole graph, those that do not lead to C too.
#
# *Example.* The graph of part 1 has 5 paths: from x two (through q and straight), from y two, from z one. It has 7
# arrows.
#
# <details><summary>Hint 1: the idea</summary>
#
# Do not walk the paths: that would take longer than the universe is old. How many paths end at a node, if you know how
# many end at each of its inputs?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# At an input, one path ends: the one that starts there. At any other node, add up the numbers of its inputs.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `ending = {}` and `for name, (op, sources) in graph.items():`. Keep away from floats and from NumPy here.
#
# </details>

# %% answer="count-paths"
def count_paths(graph):
    """The number of paths from any input to C, a whole number."""
    ### BEGIN SOLUTION
    ways = {}
    for node, (kind, feeding) in graph.items():
        ways[node] = 1 if kind == "input" else sum(ways[each] for each in feeding)
    return ways["C"]
    ### END SOLUTION


def count_edges(graph):
    """The number of arrows in the graph, a whole number."""
    ### BEGIN SOLUTION
    return sum(len(sources) for _, sources in graph.values())
    ### END SOLUTION

# %% check="count-paths"
check("count-paths", count_paths, count_edges)

# %% [markdown]
# *Counting* paths took one addition an arrow, though there are far too many to list. The backward pass is the same
# trick with derivatives in place of counts: what many paths share is worked out once.
#
# In a network of 20 layers of 10 neurons, in which every neuron feeds the whole next layer and one last node the
# cost, there are 10²⁰ paths. At a billion a second they take three thousand years. There are 1,910 arrows.
#
# {{written explain-reuse}}
#
# A friend differentiates path by path, as in notebook 1. Your backward pass gets the same gradient.
#
# In two or three sentences: which work does your friend do again and again, why may your pass do it only once, with
# what does its work grow then, and what must a node wait for so that this is right?

# %% [markdown] written="explain-reuse" points=4
# ### BEGIN SOLUTION
# **Model answer.** All paths that go through a node share everything between that node and the cost, and the friend
# multiplies this common part again for each of them. Since products distribute over sums, we may first add up what
# arrives at the node (that is ∂C/∂node), and multiply the sum by the local derivative once for each arrow. So the
# work grows with the number of arrows and not of paths. This is right only if the sum is complete: a node must wait
# until every node that uses it has sent its share.
#
# **Rubric, one point each**
# - The repeated work is the part that many paths have in common: from a shared node to the cost.
# - The reason: the shares are added first and multiplied then (distributive law), or: ∂C/∂node does not depend on how
#   the path goes on from there.
# - The work then grows with the number of arrows, not with the number of paths.
# - A node sends only after all the nodes that use it have sent to it.
# ### END SOLUTION

# %% [markdown]
# ## 8 An operation of your own
#
# A framework records the graph, keeps the values, finds the order, adds at fan-outs. One thing is left to a person:
# for each operation, its value and its derivative. Once.
#
# The engine of this course works on arrays. An operation is an `Op`: a name, a function for the value, and for each
# input a function that gives the downstream gradient. That function gets three arrays of one shape: `g`, the upstream
# gradient, `z`, the value of the operation, and `x`, its input. It is called a **vector–Jacobian product**, for short
# `vjp` (notebook 3 explains the name). Where each entry is treated by itself, it is upstream × local, entry by entry.

# %%
square = Op("square", lambda x: x * x, lambda g, z, x: g * 2 * x)

a = Tensor(3.0, name="a")
C = square(a) + a
C.name = "C"
C.backward()
drawing.tensor_graph(C)

# %% [markdown]
# One line of ours, and the engine did the rest: `a` has the gradient 2 · 3 from the square plus 1 from the sum, 7.
#
# Your operation is one that the engine lacks, the **logarithm of cosh**, a smooth relative of |x|.
#
# $$ \begin{aligned} \operatorname{logcosh}(x) &= \ln\frac{e^x + e^{-x}}{2} \\[6pt]
# \operatorname{logcosh}'(x) &= \frac{e^x - e^{-x}}{e^x + e^{-x}} \end{aligned} $$
#
# Typed as they stand, the formulas fail for x = 1000: e¹⁰⁰⁰ is too large for the computer and becomes `inf`, so the
# value is `inf`, and the derivative, `inf / inf`, is `nan`, "not a number". Right are 1000 − ln 2 (to very many digits)
# and 1.
#
# {{exercise log-cosh-op}}
#
# - `logcosh_forward(x)`: x is an array of any shape, of floats; the result has its shape.
# - `logcosh_vjp(g, z, x)`: the downstream gradient, an array of the same shape. `g` is the upstream gradient, `z` the
#   values that `logcosh_forward` gave, `x` the input.
#
# Both must be right for numbers from −1000 to 1000.
#
# *Example.* logcosh(0) is 0, and its derivative there is 0. At ln 2 the value is ln 1.25, about 0.2231, and the
# derivative is 0.6. With the upstream gradient 5, the vjp there is 3.
#
# *Open here*: all of course_lib, for your operation runs in the engine.
#
# <details><summary>Hint 1: the idea</summary>
#
# The exponential of a large *negative* number does no harm: it is just 0. So rewrite both formulas such that no large
# positive number gets into exp. The derivative is also a function that you have met in this notebook.
#
# </details>
# <details><summary>Hint 2: the formulas</summary>
#
# For x above 0: ln(eˣ + e⁻ˣ) = ln(eˣ (1 + e⁻²ˣ)) = x + ln(1 + e⁻²ˣ). For x below 0, x and −x change places, so |x|
# stands for both. Do not forget the 2 below the line. For the derivative, compare with tanh in exercise 2.5.
#
# </details>
# <details><summary>Hint 3: the tools</summary>
#
# NumPy has `np.logaddexp(a, b)`, which is ln(eᵃ + eᵇ) without overflow, and `np.tanh`.
#
# </details>

# %% answer="log-cosh-op"
def logcosh_forward(x):
    """ln((e^x + e^-x) / 2), entry by entry, for an array of any shape."""
    ### BEGIN SOLUTION
    size = np.abs(x)
    return size + np.log1p(np.exp(-2 * size)) - np.log(2)
    ### END SOLUTION


def logcosh_vjp(g, z, x):
    """The downstream gradient; g is the upstream gradient, z = logcosh_forward(x); all of one shape."""
    ### BEGIN SOLUTION
    return g * np.tanh(x)
    ### END SOLUTION


logcosh = Op("logcosh", logcosh_forward, logcosh_vjp)

# %% check="log-cosh-op"
check("log-cosh-op", logcosh_forward, logcosh_vjp)

# %% [markdown]
# Now `logcosh(t)` works on every `Tensor`, at any place in any computation. You wrote two lines of calculus; all the
# rest came for free.
#
# <details><summary>Three habits for your own experiments with Tensor</summary>
#
# Write `t.exp()` or `np.exp(t)`; `math.exp(t)` would lose the graph, so it is refused. A comparison such as `t > 2`
# looks at the value and has no gradient: with an `if`, you get the gradient of the branch that was taken. And when
# `backward()` is called again for some of the same inputs, gradients are replaced, not added up: an input that it did
# not reach this time has the `.grad` `None`.
#
# </details>

# %% [markdown]
# ## 9 Bonus: three bugs
#
# Three classmates have written a backward pass. Each takes a graph, a topological order, and the local derivatives
# (`slopes["C"]` is the list for node C). Each is *almost* right.
#
# We test them as in notebook 1: wiggle `x`, and compare. Four trials: a chain, the same chain once more, a graph with a
# short and a long way to `p` like that of part 1, and a square `p * p`. Read the passes. **Predict**: which trials does
# each one fail?

# %%
def pass_a(graph, order, slopes):
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    waiting = ["C"]
    while waiting:
        name = waiting.pop(0)
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] += gradient[name] * slope
            if source not in waiting:
                waiting.append(source)
    return gradient

def pass_b(graph, order, slopes, gradient={}):
    gradient["C"] = 1
    for name in reversed(order):
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] = gradient.get(source, 0) + gradient[name] * slope
    return gradient

# %%
def pass_c(graph, order, slopes):
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        slope_of = dict(zip(graph[name][1], slopes[name], strict=True))
        for source in slope_of:
            gradient[source] += gradient[name] * slope_of[source]
    return gradient

x, p = ("input", []), ("sin", ["x"])
chain = {"x": x, "p": p, "C": ("exp", ["p"])}
two_ways = {"x": x, "p": p, "q": ("sin", ["p"]), "r": ("exp", ["q"]), "C": ("+", ["p", "r"])}
square = {"x": x, "p": p, "C": ("*", ["p", "p"])}
trials = {"chain": chain, "chain again": chain, "two ways": two_ways, "square": square}

def agrees(backward_pass, trial, at=0.6, h=1e-5):
    up, down = forward(trial, {"x": at + h})["C"], forward(trial, {"x": at - h})["C"]
    gradient = backward_pass(trial, *order_and_slopes(trial, {"x": at}))
    return abs(gradient["x"] - (up - down) / (2 * h)) < 1e-6

for each in (pass_a, pass_b, pass_c):
    wrong = [name for name in trials if not agrees(each, trials[name])]
    print(each.__name__, "fails in:", ", ".join(wrong))

# %% [markdown]
# A fails where one way to a node is longer than another, and C where a node uses another one twice. B was right once,
# and never again, not even on the same chain: it has *kept* something. What?
#
# {{exercise graph-bugs}}
#
# Below, the three passes have a gap where the bug was. Write the missing lines, this time right. Each pass returns a
# dict with the gradient of every node, and gives the same when it is called again. (Here C depends on every node.)
#
# <details><summary>Hint for A</summary>
#
# Follow `two ways` by hand. When `p` sends to `x` for the first time, has `p` received all its shares? A has an input
# that it does not use.
#
# </details>
# <details><summary>Hint for B</summary>
#
# Python makes the `{}` in the first line *once*, when the function is defined, not at each call.
#
# </details>
# <details><summary>Hint for C</summary>
#
# Print `slope_of` for a node with the inputs `["p", "p"]`. How many entries does it have?
#
# </details>

# %% answer="graph-bugs"
def mended_a(graph, order, slopes):
    """A dict: name of a node -> derivative of C by that node."""
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    ### BEGIN SOLUTION
    for node in reversed(order):
        for parent, local in zip(graph[node][1], slopes[node], strict=True):
            gradient[parent] += gradient[node] * local
    ### END SOLUTION
    return gradient

def mended_b(graph, order, slopes):
    """A dict: name of a node -> derivative of C by that node."""
    ### BEGIN SOLUTION
    gradient = {"C": 1}
    ### END SOLUTION
    for name in reversed(order):
        for source, slope in zip(graph[name][1], slopes[name], strict=True):
            gradient[source] = gradient.get(source, 0) + gradient[name] * slope
    return gradient

def mended_c(graph, order, slopes):
    """A dict: name of a node -> derivative of C by that node."""
    gradient = {name: 0 for name in graph}
    gradient["C"] = 1
    for name in reversed(order):
        ### BEGIN SOLUTION
        for place, parent in enumerate(graph[name][1]):
            gradient[parent] += gradient[name] * slopes[name][place]
        ### END SOLUTION
    return gradient

# %% check="graph-bugs"
check("graph-bugs", mended_a, mended_b, mended_c)

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | at a node | downstream = upstream × local derivative |
# | plus · times · max | distributes · swaps · routes |
# | at a fan-out | add the shares of all nodes that use it |
# | order | forward: inputs first; backward: all users first |
# | work | path by path: grows with the number of paths; backward pass: with the number of arrows |
# | a new operation | its value and its vjp; the engine does the rest |
#
# ## Test yourself
#
# <details><summary>1. C = a·a. The multiply node has parents (a, a) and local derivatives (a, a). What is a.grad
# if shares are added, and what if each share overwrites the one before?</summary>
#
# Added: a + a = 2a, as it must be. Set: the second share overwrites the first, and a is left. Half of the gradient is
# lost.
#
# </details>
# <details><summary>2. Why must the forward pass keep the values of all nodes?</summary>
#
# The local derivatives need them: a multiply node needs its two inputs, sin needs its input. This is the price of
# reverse accumulation: it is fast, and it needs memory.
#
# </details> <details><summary>3. A computation has one input and a million outputs. Is going backward still the best
# way?</summary>
#
# No. A backward pass gives the derivatives of one output by everything. For a million outputs it takes a million
# passes. A pass from the input side would do it in one. A network is the other way round: a million weights, one cost.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# Your `Value` makes one node for each number, and a layer of a thousand neurons after another thousand has a million
# weights. Notebook 3 puts whole matrices into a node. Then "local derivative" is no longer a number: in which order
# must one multiply, and with which shapes?
#
# {{next}}
