# %% [markdown]
# {{title}}
#
# **By the end you can** find the gradient of a whole mini-batch at once, prove it with three witnesses, change the cost
# without touching the rest, say which costs backpropagation can use, and find a bug by reading a report.
#
# Notebook 4 ended with the algorithm for one example and one cost. Real training needs whole batches and other costs.
#
# **You need:** the four equations (notebook 4; have your functions at hand), SymPy (notebook 1).
#
# {{plan}}

# %% setup="imports"
import numpy as np
import sympy as sp

from course_lib import autodiff, drawing, symbolic
from course_lib.autodiff import Tensor, sigmoid
from course_lib.check import check
from course_lib.drawing.figure import axes
from course_lib.network import COSTS, Network, gradients_by_wiggling

nabla_quadratic = COSTS["quadratic"].nabla_a  # a - y, as in notebook 4

# %% setup="network"
w = [None, np.array([[0.9, -1.2], [0.5, 0.8], [-0.7, 1.1]]), np.array([[1.3, -0.6, 0.4], [-0.9, 0.7, 1.2]])]
b = [None, np.array([[0.1], [-0.4], [0.3]]), np.array([[-0.2], [0.5]])]
x, y = np.array([[1.0], [0.5]]), np.array([[1.0], [0.0]])  # one example: its input and its target

# %% setup="one-example"
def backprop_one(w, b, x, y, nabla_a):
    """The lists dw, db for one example, as in notebook 4; here each parameter is wiggled in turn."""
    return gradients_by_wiggling(w, b, x, y, nabla_a)

# %% [markdown]
# ## 1 All examples at once
#
# Training uses mini-batches of $m$ examples. There are two ways to the same gradient: run `backprop_one` on every
# column and average, or push the whole matrix through once. `backprop_one(w, b, x, y, nabla_a)` is given here: it finds
# what your function of notebook 4 finds, but by wiggling each parameter, and it takes one column only.
#
# For the second way we ask the engine of notebook 2 for all shapes, with $m = 5$.
#
# **Predict.** In the picture, a box shows the shape of an array as *value*, and that of its gradient. Which of the
# boxes `X`, `w[1]`, `b[1]`, `z[1]`, `w[2]`, `b[2]`, `z[2]` have a 5 in their shapes?

# %% setup="engine"
def by_engine(w, b, X, Y):
    """The lists z, delta, dw, db for the quadratic cost, found by the engine."""
    weights, biases = [Tensor(each) for each in w[1:]], [Tensor(each) for each in b[1:]]
    z, a = [], X
    for one_w, one_b in zip(weights, biases, strict=True):
        z.append(one_w @ a + one_b)
        a = z[-1].sigmoid()
    (0.5 * (a - Y) ** 2).sum().backward()  # the sum of the C_x, so that z.grad is one delta a column
    m = X.shape[1]
    dw, db = [each.grad / m for each in weights], [each.grad / m for each in biases]
    return [None, *(each.data for each in z)], [None, *(each.grad for each in z)], [None, *dw], [None, *db]

# %%
rng = np.random.default_rng(8)
X, Y = rng.normal(0, 1, (2, 5)), rng.uniform(0, 1, (2, 5))
z, delta, dw, db = by_engine(w, b, X, Y)

def shape_of(array):
    return " × ".join(map(str, array.shape))

nodes, edges = [drawing.Node("X", value=shape_of(X))], []
for l, before in ((1, "X"), (2, "z[1]")):
    for name, value, gradient in (("w", w[l], dw[l]), ("b", b[l], db[l]), ("z", z[l], delta[l])):
        nodes.append(drawing.Node(f"{name}[{l}]", value=shape_of(value), gradient=shape_of(gradient)))
    edges += [(f"w[{l}]", f"z[{l}]"), (before, f"z[{l}]"), (f"b[{l}]", f"z[{l}]")]
drawing.draw_graph([*edges, ("z[2]", "C")], nodes, title="The shapes of a mini-batch of 5")

# %% [markdown]
# `X`, `z[1]` and `z[2]` have a 5. Data have it, parameters do not: all examples share them. Where a gradient has lost
# the 5, the examples were added up, and the $1/m$ of the cost makes it a mean. Columns never mix anywhere else.
#
# One warning about NumPy. `X[:, 0]` has shape `(2,)`: it is no longer a column. Adding a bias of shape `(3, 1)` to a
# result of shape `(3,)` gives `(3, 3)` without any error. `X[:, [0]]` keeps the column, with shape `(2, 1)`.
#
# {{exercise backprop}}
#
# `X` has shape $(n_0, m)$, `Y` has shape $(n_L, m)$; $m$ may be 1. The network has sigmoids and any number of layers;
# `nabla_a` may belong to any cost. Both functions return `dw, db` as `backprop_one` does, for the cost averaged over
# the $m$ examples.
#
# - `backprop_loop(w, b, X, Y, nabla_a)`: call `backprop_one` on one column after the other; return the mean.
# - `backprop(w, b, X, Y, nabla_a)`: the same without a Python loop over the examples. A loop is not wrong, and costs
#   no points; you will be told when there is one. You may copy what you wrote in notebook 4.
#
# *Example.* If two examples give `db[1]` of 1 and 3, both functions give 2.
#
# *Closed here*, of course_lib: `autodiff.Tensor`, `network.Network` and `gradcheck`.
#
# <details><summary>Hint 1: the idea</summary>
#
# For the second, look at your five functions of notebook 4: which of them would not take several columns? If all do,
# copy them into the answer cell, and you have less to write than you think.
#
# </details>
# <details><summary>Hint 2: adding up lists</summary>
#
# Collect the results of all columns first. For each layer, take the mean of their `dw[l]`, then of their `db[l]`:
# `np.mean(list_of_arrays, axis=0)`.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `results = [backprop_one(w, b, X[:, [i]], Y[:, [i]], nabla_a) for i in range(X.shape[1])]`
#
# </details>

# %% answer="backprop"
def backprop_loop(w, b, X, Y, nabla_a):
    """The gradients dw, db of the mean cost, by backprop_one on one column of X and Y after the other."""
    ### BEGIN SOLUTION
    each = [backprop_one(w, b, X[:, i : i + 1], Y[:, i : i + 1], nabla_a) for i in range(X.shape[1])]
    dw = [np.mean([one_dw[l] for one_dw, _ in each], axis=0) for l in range(1, len(w))]
    db = [np.mean([one_db[l] for _, one_db in each], axis=0) for l in range(1, len(w))]
    return [None, *dw], [None, *db]
    ### END SOLUTION


def backprop(w, b, X, Y, nabla_a):
    """The same gradients for the whole mini-batch at once."""
    ### BEGIN SOLUTION
    outputs = [X]
    for weights, biases in zip(w[1:], b[1:], strict=True):
        outputs.append(sigmoid(weights @ outputs[-1] + biases))
    found, upstream = [], nabla_a(outputs[-1], Y) / X.shape[1]  # the 1/m of the mean, once for all
    for l in reversed(range(1, len(w))):
        share = upstream * outputs[l] * (1 - outputs[l])  # BP1, then BP2: delta[l] / m
        found.append((share @ outputs[l - 1].T, share.sum(axis=1, keepdims=True)))  # BP4, BP3
        upstream = w[l].T @ share
    return [None] + [dw for dw, _ in found[::-1]], [None] + [db for _, db in found[::-1]]
    ### END SOLUTION

# %% check="backprop"
check("backprop", backprop_loop, backprop)

# %% [markdown]
# Written with columns, BP1 to BP4 do not care how many examples there are. NumPy then does in one product what Python
# would do in $m$ steps.
#
# ## 2 Three witnesses
#
# How do you know that four equations on paper are right? Ask witnesses who do not know them. The network: 2 inputs, 2
# hidden neurons, 1 output, so nine parameters.
#
# The first witness is SymPy. It differentiates the cost as a formula. We give $\sigma$ a derivative called $\sigma'$,
# and look at the weight `w11` from input 1 to hidden neuron 1 (`v1`, `v2` and `c` are the weights and the bias of the
# output, `h2` is the activation of the second hidden neuron). **Predict** the derivative: how many factors will it
# have, and which of them belong to $\delta^{[1]}_1$?

# %%
class sigma(sp.Function):
    def fdiff(self, argindex=1):
        return sp.Function("σ'")(self.args[0])

w11, w12, b1, v1, v2, c, h2, x1, x2, target = sp.symbols("w11 w12 b1 v1 v2 c h2 x1 x2 y")
formula = (sigma(v1 * sigma(w11 * x1 + w12 * x2 + b1) + v2 * h2 + c) - target) ** 2 / 2
for factor in formula.diff(w11).args:
    print(factor)

# %% [markdown]
# Five factors, and you know each of them. BP1: $a - y$, and $\sigma'$ at the sum of the output. BP2: the weight $v_1$,
# and $\sigma'$ at the sum of the hidden neuron. Up to here it is $\delta^{[1]}_1$. BP4: the input $x_1$.
#
# Now all nine derivatives as numbers, for a batch of three examples. SymPy differentiates the whole cost, written out
# as a formula. The second witness is the engine. The third wiggles each parameter a little to both sides and looks at
# the cost: a *finite difference*. The last column is your own `backprop`.

# %%
tiny = Network([2, 2, 1], init="normal", seed=43)
few_X, few_Y = rng.normal(0, 1, (2, 3)), np.array([[1.0, 0.0, 1.0]])
tensors = tiny.tensors()
cost = tiny.cost_tensor(tensors, few_X, few_Y)
cost.backward()
exact = symbolic.formula(cost)

def wiggled(parameter, place, h=1e-5):
    """The slope of the cost along one number of one parameter, which is put back."""
    at, costs = parameter[place], []
    for parameter[place] in (at + h, at - h):
        costs.append(tiny.cost(few_X, few_Y))
    parameter[place] = at
    return (costs[0] - costs[1]) / (2 * h)

# %%
def attempt(function, *inputs):
    """The result of your function, or None as long as its exercise is not answered."""
    try:
        return function(*inputs)
    except NotImplementedError:
        return None

yours = attempt(backprop, tiny.w, tiny.b, few_X, few_Y, nabla_quadratic)
yours = [array for pair in zip(yours[0][1:], yours[1][1:], strict=True) for array in pair] if yours else None
print("parameter      SymPy     engine   wiggled       yours")
for k, (tensor, parameter) in enumerate(zip(tensors, tiny.parameters, strict=True)):
    by_sympy = exact.at(exact.derivative(tensor))
    for place in np.ndindex(parameter.shape):
        row = [by_sympy[place], tensor.grad[place], wiggled(parameter, place)]
        mine = f"{yours[k][place]:11.6f}" if yours else "  see 5.1"
        print(f"{exact.symbols[tensor][place]!s:8}", *(f"{number:10.6f}" for number in row), mine)

# %% [markdown]
# Three witnesses with three methods, and they agree. If yours agrees too, it is right for this network.
#
# ## 3 Cross-entropy drops σ′
#
# A neuron starts badly: its output is near 1, and it should be 0. Which cost gets it moving? Below it learns by
# gradient descent, once with the quadratic cost and once with the **cross-entropy**
#
# $$ C_x = -\sum_j \big[\, y_j \ln a_j + (1 - y_j) \ln (1 - a_j) \,\big] $$
#
# (Notebook 3 had the form for softmax, where the outputs share one probability. Here each sigmoid output answers a
# yes-or-no question of its own, so "no" needs a term too.)
#
# **Predict.** Sketch the two curves: output against steps, both starting at 0.98. (The experiment is after one in
# chapter 3 of Nielsen's book.)

# %%
costs = {"quadratic": lambda a: 0.5 * a**2, "cross-entropy": lambda a: -np.log(1 - a)}  # for the target 0
paths = {}
for name, cost_of in costs.items():
    p, paths[name] = np.array([2.0, 2.0]), []  # weight and bias; the input is 1
    for _ in range(300):
        pt = Tensor(p)
        output = (pt[0] + pt[1]).sigmoid()
        cost_of(output).backward()
        paths[name].append(float(output.data))
        p = p - 0.15 * pt.grad

with axes() as (figure, plot):
    for (name, path), dash in zip(paths.items(), ("--", "-"), strict=True):
        plot.plot(path, dash, label=name)
    plot.set(xlabel="step", ylabel="output (target 0)", ylim=(0, 1.02), title="Badly wrong, and slow or fast to learn")
    plot.legend()
at = {name: next((i for i, a in enumerate(path) if a < 0.5), None) for name, path in paths.items()}
words = ", ".join(f"{name} after {i} steps" for name, i in at.items())
drawing.as_picture(figure, f"Output of one neuron while it learns, with two costs. It starts at "
                   f"{paths['quadratic'][0]:.2f} and falls below one half: {words}.")

# %% [markdown]
# Cross-entropy needs 17 steps to one half, the quadratic cost 232. The neuron is very wrong and hardly learns with it:
# $\sigma'(z)$ is nearly 0 out there, and BP1 multiplies by it. Cross-entropy is made so that its $\nabla_a C$ has a
# denominator that cancels $\sigma'$ (written with the output, $\sigma'(z) = a(1-a)$). Only BP1 changes; BP2, BP3 and
# BP4 stay as they are.
#
# {{exercise cross-entropy-delta}}
#
# All shapes are $(n_L, m)$, one column an example, not averaged. Targets lie between 0 and 1, both included.
#
# - `nabla_cross_entropy(a, y)`: $\nabla_a C$ of the cross-entropy, for outputs strictly between 0 and 1.
# - `delta_cross_entropy(a, y)`: the error $\delta^{[L]}$ for sigmoid outputs `a`. Simplify on paper first. It must be
#   finite for outputs of exactly 0 or 1, to which a computer may round.
#
# *Example.* For `a = 0.5` and `y = 1`, the first is −2 and the second is −0.5. By which factor do they differ?
#
# *Closed here*, of course_lib: `autodiff.Tensor`, `network` and `gradcheck`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Differentiate −[y ln a + (1 − y) ln(1 − a)] by a; the derivative of ln(1 − a) brings a minus sign. Bring both terms
# over one denominator.
#
# </details>
# <details><summary>Hint 2: the cancelling</summary>
#
# σ′(z) = a(1 − a). What is left of BP1?
#
# </details>
# <details><summary>Hint 3: the first step</summary>
#
# ∂C/∂a = −y/a + (1 − y)/(1 − a).
#
# </details>

# %% answer="cross-entropy-delta"
def nabla_cross_entropy(a, y):
    """The gradient of the cross-entropy by the outputs; all shapes are (n_L, m)."""
    ### BEGIN SOLUTION
    return (a - y) / (a * (1 - a))
    ### END SOLUTION


def delta_cross_entropy(a, y):
    """The error of the output layer for sigmoid outputs and the cross-entropy; all shapes are (n_L, m)."""
    ### BEGIN SOLUTION
    return a - y  # sigma' = a (1 - a) has cancelled the denominator
    ### END SOLUTION

# %% check="cross-entropy-delta"
check("cross-entropy-delta", nabla_cross_entropy, delta_cross_entropy)

# %% [markdown]
# The same $a - y$ appeared in notebook 3 for softmax, though there every $z$ reaches every $a$. In this course the sign
# is always "output minus target". Some older texts define the error as $-\partial C/\partial z$ and get "target minus
# output"; then the update *adds* it. Mixing the two conventions makes a network that learns to be wrong.
#
# {{written explain-cross-entropy}}
#
# A friend concludes: *"With cross-entropy σ′ has cancelled, so no layer of my network is slow any more."*
#
# Explain in two or three sentences what is right about this and what is wrong. Name the equations.

# %% [markdown] written="explain-cross-entropy" points=4
# ### BEGIN SOLUTION
# **Model answer.** Right: at the output σ′ has cancelled, δ = a − y (BP1), so an output that is badly wrong has a large
# error and the last layer learns fast. Wrong: only BP1 has changed. BP2 still multiplies by σ′ of every hidden layer on
# the way back, so the errors of the layers before can be as small as with any other cost.
#
# **Rubric, one point each**
# - At the output, σ′ cancels with the denominator of ∇_a C, so δ = a − y.
# - Therefore an output that is far off has a large error, also where σ is flat.
# - Only BP1 changes; BP2 (and BP3, BP4) stay as they are.
# - BP2 still has the factor σ′(z) of every hidden layer, so hidden layers can learn slowly.
# ### END SOLUTION

# %% [markdown]
# ## 4 Three levers
#
# A neuron without a sigmoid predicts the price of a used car: $p = \sum_k w_k a_k + b$, with $C_x = \frac12 (p - y)^2$.
# Here `w` is one row of weights, and `w[k]` belongs to input `k`, counted from 0. Three kinds of levers move the
# prediction: the **bias**, the **weights**, and the **activations** that feed it. But activations cannot be set by
# hand. They belong to the layer before, and can only be moved by moving *its* levers.

# %%
car_w, car_b = np.array([4000.0, 500.0, -1500.0]), 1500.0
car_a, car_y = np.array([2.5, 4.0, 1.0]), 10_000.0
print("prediction:", car_w @ car_a + car_b, "  target:", car_y)

# %% [markdown]
# **Predict.** Of the three weights, which one lowers the prediction most when it drops by 1? And of the three
# activations?
#
# {{exercise levers}}
#
# - `levers(w, b, a, y)`: `w` and `a` are arrays of shape $(n,)$, `b` and `y` are numbers. Return `db, dw, da`: the
#   derivatives of $C_x$ by the bias (a number), by the weights and by the activations (both of shape $(n,)$).
# - `best_move(db, dw, da)`: `dw` and `da` are arrays or lists. Of all these levers, which single one lowers the cost
#   fastest for each unit of its own? (One is stronger than all others.) Return three things: `"b"`, `"w"` or `"a"`; the
#   index (0 for the bias); and the direction, `1` for up, `-1` for down.
#
# *Example.* `best_move(0.5, [1.0, -2.0], [0.1, 0.3])` is `("w", 1, 1)`: the cost reacts most to the second weight, and
# it falls when that weight grows.
#
# *Closed here*, of course_lib: `autodiff.Tensor`, `network` and `gradcheck`.
#
# <details><summary>Hint 1: the idea</summary>
#
# p is a sum of products. By how much does it move for one unit of b, of w_k, of a_k? The cost then reacts with (p − y)
# for each unit of p.
#
# </details>
# <details><summary>Hint 2: in proportion to each other</summary>
#
# The slopes by the weights are proportional to the activations, and the slopes by the activations are proportional to
# the weights. The best move: largest magnitude, and against the slope.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `error = w @ a + b - y`. For the second function, make one list of all levers: `[("b", 0, db), ("w", 0, dw[0]), …]`.
#
# </details>

# %% answer="levers"
def levers(w, b, a, y):
    """The derivatives db, dw, da of (w·a + b - y)² / 2; dw and da have shape (n,)."""
    ### BEGIN SOLUTION
    miss = np.dot(w, a) + b - y
    return miss, miss * a, miss * w
    ### END SOLUTION


def best_move(db, dw, da):
    """The lever that lowers the cost fastest for each unit: ("b", "w" or "a"; its index; 1 for up or -1 for down).

    >>> best_move(0.5, [1.0, -2.0], [0.1, 0.3])
    ('w', 1, 1)
    """
    ### BEGIN SOLUTION
    every = [("b", 0, db)] + [("w", k, d) for k, d in enumerate(dw)] + [("a", k, d) for k, d in enumerate(da)]
    name, index, slope = max(every, key=lambda lever: abs(lever[2]))
    return name, index, 1 if slope < 0 else -1
    ### END SOLUTION

# %% check="levers"
check("levers", levers, best_move)

# %% [markdown]
# For the car the best move is `("a", 0, -1)`. Among the weights it is the one with the largest activation, `w[1]`: 4
# for each unit. Among the activations it is the one with the largest weight, `a[0]`: 4000 for each unit. But nobody can
# turn it. The wish "this activation should be lower" is handed to the layer before, which turns *its* bias, *its*
# weights, and hands its own wishes on. This handing-on is BP2, and that is why it is called *back*propagation. ("For
# each unit" compares unlike things: a unit of a weight and a unit of a bias are not the same size of change.)
#
# ## 5 Which costs can be used?
#
# Look back at the derivation. "The mean of the gradients" used assumption 1. BP1, where the cost enters only through
# $\nabla_a C$, used assumption 2. Here are eight costs. $C_x$ stands for the quadratic cost of one example.
#
# | | cost |
# |:--|:--|
# | A | the mean of $C_x$ over the examples |
# | B | the mean over the examples of the cross-entropy |
# | C | the largest $C_x$ of any example in the batch |
# | D | how much the outputs vary from example to example (their variance over the batch) |
# | E | the mean of $C_x$, plus 0.01 times the sum of all squared weights |
# | F | the mean over the examples of: $C_x$ plus the sum of the hidden activations $a^{[1]}$ |
# | G | the mean over the examples of: $C_x$, times 5 if the target is the digit 7 |
# | H | the largest $C_x$ of any example, plus 0.01 times the sum of all squared weights |
#
# {{exercise assumptions}}
#
# Write `broken_assumptions(cost)`: for a letter, the set of the numbers of the assumptions that this cost breaks.
# `set()` means that both hold. Assumption 1: an average over the examples of a cost for each. Assumption 2: the cost
# is a function of the outputs and of fixed data such as $y$.
#
# <details><summary>Hint 1: a test for assumption 1</summary>
#
# Can each example work out its own share without knowing the others?
#
# </details>
# <details><summary>Hint 2: a test for assumption 2</summary>
#
# Somebody shows you the outputs and the targets and hides the network. Can you still work out the cost?
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `answers = {"A": set(), "B": …}` and then `return answers[cost]`.
#
# </details>

# %% answer="assumptions"
def broken_assumptions(cost):
    """The set of the broken assumptions, set(), {1}, {2} or {1, 2}, for a cost "A" to "H"."""
    ### BEGIN SOLUTION
    broken = {"C": {1}, "D": {1}, "E": {2}, "F": {2}, "H": {1, 2}}
    return broken.get(cost, set())
    ### END SOLUTION

# %% check="assumptions"
check("assumptions", broken_assumptions)

# %% [markdown]
# A broken assumption is no catastrophe. Cost E is used everywhere: its second part depends on each weight directly, so
# add its derivative to BP4. (It keeps assumption 1: give every example the same extra term, and the mean has it too.)
# For F, an extra path enters at the hidden layer, so BP2 gets one more term. The chain rule still holds; only the four
# short equations are not enough.
#
# ## 6 Find three bugs
#
# This version of backpropagation keeps only one `delta` at a time. That is fine. But it has three bugs, and no error
# message gives them away: all layers of the test network below have three neurons, so every shape fits.

# %%
def broken_backprop(w, b, X, Y):
    a = [X]
    for l in range(1, len(w)):
        a.append(autodiff.sigmoid(w[l] @ a[l - 1] + b[l]))
    m, dw, db = X.shape[1], [None] * len(w), [None] * len(w)
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1])  # BP1, with sigma' = a (1 - a)
    for l in range(len(w) - 1, 0, -1):
        db[l] = np.sum(delta, axis=1, keepdims=True)  # BP3
        dw[l] = delta @ a[l].T / m  # BP4
        delta = (w[l] @ delta) * a[l - 1] * (1 - a[l - 1])  # BP2, for the layer below
    return dw, db

# %% [markdown]
# The engine is an honest witness. The report compares layer by layer. Read it **from the output back**: errors flow
# that way, so the first wrong line is where a bug sits, and what lies below may only have inherited it.

# %%
def report(function, m=4):
    r = np.random.default_rng(12)
    w = [None] + [r.normal(0, 1, (3, 3)) for _ in range(3)]
    b = [None] + [r.normal(0, 1, (3, 1)) for _ in range(3)]
    X, Y = r.normal(0, 1, (3, m)), r.uniform(0, 1, (3, m))
    _, _, true_dw, true_db = by_engine(w, b, X, Y)
    dw, db = function(w, b, X, Y)
    for l in (3, 2, 1):
        for name, got, true in ((f"db[{l}]", db[l], true_db[l]), (f"dw[{l}]", dw[l], true_dw[l])):
            ratio = (got / true).ravel()[:3].round(2)
            print(name, "right" if np.allclose(got, true) else f"wrong; divided by the right one: {ratio}")

report(broken_backprop)

# %% [markdown]
# {{exercise backprop-bugs}}
#
# Write `fixed_backprop(w, b, X, Y)`: copy the code of `broken_backprop` and mend the three bugs. It returns `dw, db`
# for the quadratic cost, averaged over the examples, for two or more sigmoid layers of any sizes.
# `report(fixed_backprop)` then says "right" six times.
#
# *Closed here*, of course_lib: `autodiff.Tensor`, `network.Network`, `network.gradients_by_wiggling` and `gradcheck`.
# So `backprop_one` is closed too.
#
# <details><summary>Hint 1: where to look</summary>
#
# db[3] is wrong by the same factor everywhere, and there are m = 4 examples. Mend that first and make the report
# again.
#
# </details>
# <details><summary>Hint 2: the other two</summary>
#
# Compare the lines BP4 and BP2 with the formulas, index by index and letter by letter.
#
# </details>
# <details><summary>Hint 3: what each line needs</summary>
#
# One needs a mean in place of a sum, one needs the activations of another layer, and one needs a small raised T.
#
# </details>

# %% answer="backprop-bugs"
def fixed_backprop(w, b, X, Y):
    """The gradients dw, db of the quadratic cost, averaged over the examples."""
    ### BEGIN SOLUTION
    outputs = [X]
    for weights, biases in zip(w[1:], b[1:], strict=True):
        outputs.append(autodiff.sigmoid(weights @ outputs[-1] + biases))
    slope = [each * (1 - each) for each in outputs]
    gradients, L = {}, len(w) - 1
    error = (outputs[L] - Y) * slope[L] / X.shape[1]  # the 1/m of the mean is in here, so what follows only sums
    for l in range(L, 0, -1):
        gradients[l] = error @ outputs[l - 1].T, error.sum(axis=1, keepdims=True)
        error = (w[l].T @ error) * slope[l - 1]
    return [None] + [gradients[l][0] for l in range(1, L + 1)], [None] + [gradients[l][1] for l in range(1, L + 1)]
    ### END SOLUTION

# %% check="backprop-bugs"
check("backprop-bugs", fixed_backprop)

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | a whole batch, biases | $\partial C/\partial b^{[l]}$ = mean of the columns of $\delta^{[l]}$ |
# | a whole batch, weights | $\partial C/\partial w^{[l]} = \frac1m\,\delta^{[l]}(a^{[l-1]})^{\mathsf T}$ |
# | cross-entropy, sigmoid outputs | $\delta^{[L]} = a - y$ |
# | assumption 1 | $C$ is a mean over the examples of $C_x$ |
# | assumption 2 | $C_x$ depends on the parameters only through the outputs |
#
# `Network` in `course_lib.network` is notebooks 4 and 5 as one short class, with the same lists `w` and `b`. You can
# read it now; the next notebooks use it.
#
# ## Test yourself
#
# <details><summary>1. A batch of 20 is the same example 20 times. How does its gradient differ from the one of a single
# copy?</summary>
#
# Not at all: the mean of 20 equal gradients is that gradient.
#
# </details>
# <details><summary>2. With cross-entropy an output of 1 should be 0. What is δ? And with the quadratic cost?</summary>
#
# 1 with cross-entropy. With the quadratic cost (a − y) σ′(z), and σ′ is nearly 0 there.
#
# </details>
# <details><summary>3. A report says that db of layer 1 is wrong and all else is right. Which equation do you read
# first?</summary>
#
# BP3. If BP2 were wrong, dw of layer 1 would be wrong too.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# You trusted three witnesses on nine parameters. A real network has a million, and a wrong gradient often still learns,
# only worse. Notebook 6 tries to break your backpropagation: it measures gradients, finds how far measurements can be
# trusted, and counts what it costs to ask the witness who wiggles.
#
# {{next}}
