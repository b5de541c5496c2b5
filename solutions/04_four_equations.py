# %% [markdown]
# # 4 · Backpropagation in four equations
#
# **By the end you can** derive the four equations of backpropagation from the chain rule, write them as four short
# functions, and put them together into the algorithm that trains almost every neural network.
#
# The question is the one of notebook 1: *when this weight grows a little, does the cost rise or fall, and how fast?*
# Now we ask it for a whole network, with matrices, for all weights and all examples at once.
#
# | part | minutes | | part | minutes |
# |:--|--:|---|:--|--:|
# | 1 A network is two lists | 15 | | 7 Three witnesses | 6 |
# | 2 What the cost must promise | 6 | | 8 All examples at once | 14 |
# | 3 The error at the output: BP1 | 14 | | 9 Cross-entropy | 10 |
# | 4 One layer back: BP2 | 14 | | 10 Three levers | 10 |
# | 5 From errors to gradients: BP3, BP4 | 14 | | 11 Which costs can be used? | 6 |
# | 6 The whole algorithm | 12 | | 12 Find three bugs, and recap | 12 |
#
# **You need:** sums over paths (notebook 1), upstream × local = downstream (notebook 2), and the shape convention and
# the Hadamard product ⊙ (notebook 3).
#
# **Where it comes from.** Rumelhart, Hinton and Williams (*Nature* 323, 1986) showed that this way of computing
# gradients lets hidden neurons learn useful features; the idea is older. The names BP1 to BP4 are those of Michael
# Nielsen, *Neural Networks and Deep Learning*, chapter 2. It is free to read online and worth an evening.

# %% setup="imports"
from time import perf_counter

import numpy as np
import sympy as sp

from course_lib import autodiff, drawing
from course_lib.autodiff import Tensor
from course_lib.check import check
from course_lib.drawing.figure import axes

# %% [markdown]
# ## 1 A network is two lists
#
# Layers are numbered 1 to $L$; the input is layer 0. Layer $l$ has $n_l$ neurons. Each neuron adds up what comes in,
# adds its bias, and squashes the sum with the **sigmoid** $\sigma$:
#
# | one neuron, in indices | the whole layer, in matrices |
# |:--|:--|
# | $z^{[l]}_j = \sum_k w^{[l]}_{jk} a^{[l-1]}_k + b^{[l]}_j$ | $z^{[l]} = w^{[l]} a^{[l-1]} + b^{[l]}$ |
# | $a^{[l]}_j = \sigma(z^{[l]}_j)$ | $a^{[l]} = \sigma(z^{[l]})$ |
#
# So $w^{[l]}_{jk}$ leads *to* neuron $j$ *from* neuron $k$. The order looks backward; it makes the matrix form simple.
#
# In code a network is two lists, `w` and `b`. They start with `None`, so that `w[l]` really belongs to layer `l`.
# **One column is one example:** `a[l]` and `z[l]` have shape $(n_l, m)$ for $m$ examples, and `b[l]` has shape
# $(n_l, 1)$.

# %% setup="network"
w = [None, np.array([[0.9, -1.2], [0.5, 0.8], [-0.7, 1.1]]), np.array([[1.3, -0.6, 0.4], [-0.9, 0.7, 1.2]])]
b = [None, np.array([[0.1], [-0.4], [0.3]]), np.array([[-0.2], [0.5]])]
x, y = np.array([[1.0], [0.5]]), np.array([[1.0], [0.0]])  # one example: its input and its target

# %% [markdown]
# **Predict**, from the numbers above: how many neurons does each layer have, layer 0 included? How many numbers can
# learning change in total?

# %%
for l in (1, 2):
    print(f"layer {l}: w[{l}] has shape {w[l].shape}, b[{l}] has shape {b[l].shape}")
print("numbers that learning can change:", sum(each.size for each in w[1:] + b[1:]))

# %% [markdown]
# {{exercise sigmoid}}
#
# $$ \sigma(z) = \frac{1}{1 + e^{-z}} $$
#
# Write `sigmoid(z)` and its derivative `sigmoid_prime(z)`. `z` is a number or an array of any shape; the result has
# that shape. At `z = ±1000` both must be finite, and NumPy must not warn.
#
# *Example.* `sigmoid(0)` is 0.5, and there the curve is steepest: `sigmoid_prime(0)` is 0.25.
#
# <details><summary>Hint 1: why is there a warning?</summary>
#
# At z = −1000 the formula asks for exp(1000). That is larger than any float. Either use the exponential only where it
# is small, or tell NumPy that the overflow is harmless: 1 / (1 + inf) is 0, and that is right.
#
# </details>
# <details><summary>Hint 2: two tools</summary>
#
# `np.exp(-np.abs(z))` never overflows. Or: `with np.errstate(over="ignore"):`. For the derivative:
# σ′ = σ(1 − σ). In notebook 2 it came from e⁻ˣ / (1 + e⁻ˣ)².
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `e = np.exp(-np.abs(z))`. For z ≥ 0 the sigmoid is 1 / (1 + e). What is it for z < 0? `np.where` chooses.
#
# </details>

# %% answer="sigmoid"
def sigmoid(z):
    """1 / (1 + exp(-z)), for a number or an array; same shape as z.

    >>> print(sigmoid(0.0))
    0.5
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))  # never larger than 1, so nothing overflows
    return np.where(np.asarray(z) >= 0, 1, e) / (1 + e)
    ### END SOLUTION


def sigmoid_prime(z):
    """The derivative of the sigmoid at z; same shape as z.

    >>> print(sigmoid_prime(0.0))
    0.25
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2  # the same for z and -z; also sigmoid(z) * (1 - sigmoid(z))
    ### END SOLUTION

# %% check="sigmoid"
check("sigmoid", sigmoid, sigmoid_prime)

# %% [markdown]
# {{exercise feedforward}}
#
# Write the forward pass. It keeps all weighted sums and all activations, because the way back will need them:
#
# - `z` is the list `[None, z[1], …, z[L]]`,
# - `a` is the list `[X, a[1], …, a[L]]`: the input is `a[0]`.
#
# `X` has shape $(n_0, m)$. Return the two lists: `z, a`.
#
# *Example.* For a network with `w = [None, [[2.0]]]`, `b = [None, [[1.0]]]` and `X = [[-0.5]]` (written as arrays),
# `z[1]` is `[[0.0]]` and `a[1]` is `[[0.5]]`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Each layer takes the activations of the layer before it. Start with the input and go up, one layer at a time.
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# `z[l]` is `w[l] @ a[l-1] + b[l]`, and `a[l]` is its sigmoid. The bias column is added to every column by
# broadcasting.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `z, a = [None], [X]`, then a loop over the layers 1, 2, …, `len(w) - 1` that appends to both.
#
# </details>

# %% answer="feedforward"
def feedforward(w, b, X):
    """The lists z = [None, z[1], ...] and a = [X, a[1], ...]; z[l] and a[l] have shape (n_l, m)."""
    ### BEGIN SOLUTION
    z, a = [None], [X]
    for weights, biases in zip(w[1:], b[1:], strict=True):
        z.append(weights @ a[-1] + biases)
        a.append(sigmoid(z[-1]))
    return z, a
    ### END SOLUTION

# %% check="feedforward"
check("feedforward", feedforward)

# %% [markdown]
# ## 2 What the cost must promise
#
# Backpropagation works for many costs. It needs two promises:
#
# 1. **The cost is an average over the examples:** $C = \frac1m \sum_x C_x$. Then we may find the gradient of each
#    $C_x$ by itself and average at the end: the derivative of a mean is the mean of the derivatives.
# 2. **$C_x$ is a function of the outputs** $a^{[L]}$. Weights may act on the cost only *through* the outputs. The
#    target $y$ may appear too: it is fixed data, learning never moves it.
#
# Our first cost is the **quadratic cost**. The ½ is there to cancel a 2 later:
#
# $$ C_x = \frac12 \sum_j \left(a^{[L]}_j - y_j\right)^2 $$
#
# **Predict.** Somebody *sums* over the examples and forgets the $1/m$. Does the gradient point somewhere else? What
# happens to its length when the batch grows from 10 to 1000 examples? Keep your guess for section 8.
#
# ## 3 The error at the output: BP1
#
# Here is the one definition of this notebook. The **error** of neuron $j$ in layer $l$ is
#
# $$ \delta^{[l]}_j \;=\; \frac{\partial C_x}{\partial z^{[l]}_j} $$
#
# In words: how fast the cost of one example moves when the weighted sum of this neuron moves. Careful, two things
# are often said wrongly:
#
# - $\delta$ is the derivative by **z**, the sum *before* the sigmoid. It is not the derivative by $a$.
# - It is called "error", but it is a slope. It is 0, or nearly 0, when moving $z$ does not help, for example where
#   $\sigma$ is flat, however wrong the output is.
#
# At the output, one path leads from $z_j$ to the cost: through $a_j$. Here it is for one neuron, with $y = 0$.
#
# **Predict.** Upstream × local = downstream, and *upstream* always means the side of the cost. What stands in place of
# the question mark?

# %%
output_neuron = {"a": "sigmoid(z)", "C_x": "(a - y)**2 / 2"}
drawing.computation_graph(output_neuron, {"z": 1.2, "y": 0}, detail="names", local=True, hide=["z"])

# %%
drawing.computation_graph(output_neuron, {"z": 1.2, "y": 0}, detail="names", local=True)

# %% [markdown]
# Two factors: how fast the cost moves with the output, times how fast the output moves with $z$. For the whole layer,
# every neuron has its own path and none touches another's, so the product is taken neuron by neuron:
#
# > **BP1**, in indices and in matrices:
# >
# > $$ \delta^{[L]}_j = \frac{\partial C_x}{\partial a^{[L]}_j}\;\sigma'(z^{[L]}_j) $$
# >
# > $$ \delta^{[L]} = \nabla_a C \odot \sigma'(z^{[L]}) $$
#
# $\nabla_a C$ is the column of the derivatives $\partial C_x/\partial a^{[L]}_j$. It is the *only* place where the
# cost enters. Another cost means another $\nabla_a C$; all the rest stays.
#
# {{exercise bp1}}
#
# - `nabla_quadratic(a, y)`: $\nabla_a C$ of the quadratic cost. `a` and `y` have shape $(n_L, m)$, and so has the
#   result: one column for each example, not averaged.
# - `bp1(z, a, y, nabla_a)`: the error of the output layer, shape $(n_L, m)$. `z` and `a` are the lists of the forward
#   pass, and `nabla_a` is a function like `nabla_quadratic`. It may belong to any cost: call it.
#
# *Example.* The picture above has $a = 0.77$ and $y = 0$, so $\nabla_a C = 0.77$. You have just found its $\delta$.
#
# <details><summary>Hint 1: the idea</summary>
#
# For the first: differentiate ½(a − y)² by a. For the second: which layer of the lists is the output layer?
#
# </details>
# <details><summary>Hint 2: the slope of σ</summary>
#
# σ′ is taken where the sigmoid was applied: at z of the output layer. And ⊙ is `*` in NumPy.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `last = nabla_a(a[-1], y)` is the upstream gradient at the outputs.
#
# </details>

# %% answer="bp1"
def nabla_quadratic(a, y):
    """The gradient of the quadratic cost by the outputs; all shapes are (n_L, m).

    >>> print(nabla_quadratic(np.array([[0.75]]), np.array([[0.5]])))
    [[0.25]]
    """
    ### BEGIN SOLUTION
    return a - y
    ### END SOLUTION


def bp1(z, a, y, nabla_a):
    """BP1: the error delta[L] of the output layer, shape (n_L, m), for any cost through nabla_a(a[L], y)."""
    ### BEGIN SOLUTION
    return nabla_a(a[-1], y) * sigmoid_prime(z[-1])
    ### END SOLUTION

# %% check="bp1"
check("bp1", nabla_quadratic, bp1)

# %% [markdown]
# ## 4 One layer back: BP2
#
# Now suppose the errors of layer $l+1$ are known. What is the error of neuron $k$ in layer $l$? Its wiggle goes
# through $a_k$ and then to *every* neuron of the next layer. Several paths: multiply along each, add over all.
#
# **Predict.** The two errors on the right have arrived. The number on an arrow from $a$ is a weight. Find the
# gradient at $a$. Then find the error at $z$; the slope there is `sigmoid_prime(0.5)`, so ask your own function.

# %%
fan_out = {"a": "sigmoid(z)", "z_1": "1.5*a", "z_2": "-2*a", "C_x": "sin(z_1) + 0.5*z_2**2"}
drawing.computation_graph(fan_out, {"z": 0.5}, detail="names", local=True, hide=["z", "a"], highlight="a")

# %%
drawing.computation_graph(fan_out, {"z": 0.5}, detail="names", local=True, highlight="a")

# %% [markdown]
# In small steps. The sum over the paths from $z^{[l]}_k$ runs over the neurons $j$ of the next layer:
#
# $$ \delta^{[l]}_k = \frac{\partial C_x}{\partial z^{[l]}_k}
# = \sum_j \underbrace{\frac{\partial C_x}{\partial z^{[l+1]}_j}}_{\delta^{[l+1]}_j}\;
#   \underbrace{\frac{\partial z^{[l+1]}_j}{\partial a^{[l]}_k}}_{w^{[l+1]}_{jk}}\;
#   \underbrace{\frac{\partial a^{[l]}_k}{\partial z^{[l]}_k}}_{\sigma'(z^{[l]}_k)} $$
#
# The last factor does not depend on $j$, so it stands outside of the sum. In the sum, $w_{jk}$ is summed over its
# **first** index $j$. A matrix product sums over the second index. So the matrix must be turned over:
#
# > **BP2**, in indices and in matrices:
# >
# > $$ \delta^{[l]}_k = \Big(\sum_j w^{[l+1]}_{jk}\,\delta^{[l+1]}_j\Big)\,\sigma'(z^{[l]}_k) $$
# >
# > $$ \delta^{[l]} = \big((w^{[l+1]})^{\mathsf T}\delta^{[l+1]}\big)\odot\sigma'(z^{[l]}) $$
#
# Forward, the weights carry activations from layer $l$ to $l+1$. Transposed, the same weights carry errors back.
#
# {{exercise bp2}}
#
# Write `bp2(l, w, z, delta)`: the error of layer `l`, shape $(n_l, m)$. `delta` is a list like `z`; the errors of the
# layers `l + 1` to $L$ are in it, the others are still `None`.
#
# *Example.* Say layer 2 has one neuron with `w[2] = [[3.0, 5.0]]` and `delta[2] = [[2.0]]`, and both sums of layer 1
# are 0. Then 6 and 10 arrive at the two activations, and $\sigma'(0) = ¼$ makes them 1.5 and 2.5.
#
# <details><summary>Hint 1: the idea</summary>
#
# Two steps back. First from the sums of layer l + 1 to the activations of layer l: that is where weights are. Then
# through the sigmoid of layer l.
#
# </details>
# <details><summary>Hint 2: the shapes</summary>
#
# w[l+1] has shape (n_{l+1}, n_l) and delta[l+1] has shape (n_{l+1}, m). You need (n_l, m). Which product gives that?
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# Call what arrives at the activations `to_a`. It is a matrix product with `w[l + 1].T`.
#
# </details>

# %% answer="bp2"
def bp2(l, w, z, delta):
    """BP2: the error delta[l] of layer l, shape (n_l, m), from the errors of layer l + 1."""
    ### BEGIN SOLUTION
    return (w[l + 1].T @ delta[l + 1]) * sigmoid_prime(z[l])
    ### END SOLUTION

# %% check="bp2"
check("bp2", bp2)

# %% [markdown]
# ## 5 From errors to gradients: BP3 and BP4
#
# Now the last arrow, from $z^{[l]}_j$ to the weights and the bias that made it. In
# $z^{[l]}_j = \sum_k w^{[l]}_{jk}\, a^{[l-1]}_k + b^{[l]}_j$ the local derivatives can be read off:
#
# $$ \frac{\partial z^{[l]}_j}{\partial b^{[l]}_j} = 1, \qquad
#    \frac{\partial z^{[l]}_j}{\partial w^{[l]}_{jk}} = a^{[l-1]}_k $$
#
# What about all the other weights of the network? $z^{[l]}_j$ does not feel a weight of a *later* layer, so that
# derivative is exactly 0, as $\partial h/\partial w_2 = 0$ in notebook 1. It does feel weights of *earlier* layers,
# but only through the $a^{[l-1]}$; BP2 takes care of those. So for one example:
#
# > **BP3**, in indices and in matrices:
# >
# > $$ \frac{\partial C_x}{\partial b^{[l]}_j} = \delta^{[l]}_j $$
# >
# > $$ \frac{\partial C_x}{\partial b^{[l]}} = \delta^{[l]} $$
# >
# > **BP4**, in indices and in matrices:
# >
# > $$ \frac{\partial C_x}{\partial w^{[l]}_{jk}} = \delta^{[l]}_j\, a^{[l-1]}_k $$
# >
# > $$ \frac{\partial C_x}{\partial w^{[l]}} = \delta^{[l]}\,(a^{[l-1]})^{\mathsf T} $$
#
# The error is found once and used for both. Read BP4 as: *the error of the neuron it leads to, times the activation of
# the neuron it comes from.* A weight that comes from a silent neuron ($a \approx 0$) learns slowly.
#
# **Now $m$ examples.** The cost is the mean of the $C_x$, so each gradient is the **mean** over the examples. For BP3,
# average the columns of $\delta$. For BP4, what does the product `delta[l] @ a[l-1].T` do with the columns?
#
# **Predict** the four entries of the product below. Which sum runs over the examples?

# %%
errors = np.array([[1, 10], [2, 20]])  # two neurons, two examples
activations = np.array([[1, 2], [3, 4]])
print(errors @ activations.T)
print(np.outer(errors[:, 0], activations[:, 0]) + np.outer(errors[:, 1], activations[:, 1]))

# %% [markdown]
# The matrix product has *summed* over the examples: column by column, error times activation, then added. To get the
# mean, divide by $m$. (In notebook 3 the $\frac1m$ was in `dZ` already, so there we only added. Here $\delta$ belongs
# to $C_x$, without it: column $j$ of `dZ` is $\frac1m\delta$ of example $j$. So BP3 and BP4 divide.)
#
# {{exercise bp3}}
#
# Write `bp3(l, delta)`: the gradient $\partial C/\partial b^{[l]}$. It has the shape of `b[l]`, $(n_l, 1)$. `delta` is
# the list of all errors, each of shape $(n_l, m)$; $m$ may be 1.
#
# *Example.* With `delta[1] = [[1.0, 3.0], [0.0, 4.0]]` (two neurons, two examples) the result is `[[2.0], [2.0]]`.
#
# <details><summary>Hint 1: the idea</summary>
#
# The same bias serves all examples. Average what they say, for each neuron by itself.
#
# </details>
# <details><summary>Hint 2: the axis</summary>
#
# Examples are columns, so the mean runs along axis 1. NumPy then drops that axis, unless you ask it to keep it.
#
# </details>
# <details><summary>Hint 3: the tool</summary>
#
# `np.mean(…, axis=…, keepdims=True)`.
#
# </details>

# %% answer="bp3"
def bp3(l, delta):
    """BP3: the gradient of the cost by b[l], shape (n_l, 1): the mean of delta[l] over the examples."""
    ### BEGIN SOLUTION
    return np.mean(delta[l], axis=1, keepdims=True)
    ### END SOLUTION

# %% check="bp3"
check("bp3", bp3)

# %% [markdown]
# {{exercise bp4}}
#
# Write `bp4(l, delta, a)`: the gradient $\partial C/\partial w^{[l]}$, with the shape of `w[l]`, $(n_l, n_{l-1})$.
# `delta` and `a` are the lists of all errors and all activations.
#
# *Example.* With one example, `delta[1] = [[2.0]]` and `a[0] = [[3.0], [5.0]]`, the result is `[[6.0, 10.0]]`.
#
# <details><summary>Hint 1: the idea</summary>
#
# A weight of layer l leads from layer l − 1 to layer l. Which two numbers meet at it?
#
# </details>
# <details><summary>Hint 2: the shapes</summary>
#
# (n_l, m) times (m, n_{l−1}) gives (n_l, n_{l−1}). The product sums over the examples. You want the mean.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# The number of examples is `delta[l].shape[1]`.
#
# </details>

# %% answer="bp4"
def bp4(l, delta, a):
    """BP4: the gradient of the cost by w[l], shape (n_l, n_(l-1)): error times activation, the mean over examples."""
    ### BEGIN SOLUTION
    return delta[l] @ a[l - 1].T / delta[l].shape[1]
    ### END SOLUTION

# %% check="bp4"
check("bp4", bp4)

# %% [markdown]
# ## 6 The whole algorithm
#
# Four equations, one order:
#
# 1. **Forward:** find all $z^{[l]}$ and $a^{[l]}$.
# 2. **Output error:** BP1 gives $\delta^{[L]}$.
# 3. **Back:** for $l = L-1, L-2, \dots, 1$, BP2 gives $\delta^{[l]}$ from $\delta^{[l+1]}$.
# 4. **Gradients:** for every layer, BP3 and BP4.
#
# To see the error flow back, we ask the engine of notebook 2. It knows nothing of BP1 to BP4; it only knows how to
# walk back through a graph.

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
def error_picture(known_from):
    """The errors of all layers from `known_from` on, and question marks before them."""
    z, delta, _, _ = by_engine(w, b, x, y)
    nodes, layers = [], [[], [], []]
    for l in (1, 2):
        for j in range(len(z[l])):
            error = float(delta[l][j, 0]) if l >= known_from else "?"
            nodes.append(drawing.Node(f"{l}{j}", f"z{'₁₂₃'[j]}[{l}]", "", "", float(z[l][j, 0]), error))
            layers[l].append(f"{l}{j}")
    edges = [drawing.Edge(s, t) for s in layers[1] for t in layers[2]] + [drawing.Edge(s, "C_x") for s in layers[2]]
    return drawing.draw_graph(edges, nodes, title="The error flows back")

print("w[2] =", w[2].tolist())
error_picture(known_from=2)

# %% [markdown]
# Our network of section 1, with its one example. Every box is a weighted sum: its value in blue, its error $\delta$
# in red. So far only BP1 has been used. **Predict**, from `w[2]` above the picture: which of the three hidden neurons
# gets an error with another sign than the other two? (The slope $\sigma'$ is never negative.)

# %%
error_picture(known_from=1)

# %% [markdown]
# {{exercise backprop-one}}
#
# Write `backprop_one(w, b, x, y, nabla_a)` for one example: `x` has shape $(n_0, 1)$ and `y` has shape $(n_L, 1)$.
# Return two lists, `dw, db`, that start with `None`: `dw[l]` has the shape of `w[l]`, and `db[l]` that of `b[l]`. Use
# your five functions. The network may have any number of layers, even only one.
#
# *Example.* For our network, `dw` is `[None, an array (3, 2), an array (2, 3)]`.
#
# <details><summary>Hint 1: the idea</summary>
#
# The four steps above are already the program. Make the list of errors first, with None where nothing is known yet.
#
# </details>
# <details><summary>Hint 2: counting backward</summary>
#
# `range(L - 1, 0, -1)` is L − 1, …, 2, 1. When L is 1 it is empty, and that is right.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `L = len(w) - 1`, then the forward pass, then `delta = [None] * (L + 1)` and `delta[L] = bp1(…)`.
#
# </details>

# %% answer="backprop-one"
def backprop_one(w, b, x, y, nabla_a):
    """The gradients for one example: lists dw = [None, dw[1], ...] and db = [None, db[1], ...]."""
    ### BEGIN SOLUTION
    L = len(w) - 1
    z, a = feedforward(w, b, x)
    delta = [None] * L + [bp1(z, a, y, nabla_a)]
    for l in range(L - 1, 0, -1):
        delta[l] = bp2(l, w, z, delta)
    layers = range(1, L + 1)
    return [None] + [bp4(l, delta, a) for l in layers], [None] + [bp3(l, delta) for l in layers]
    ### END SOLUTION

# %% check="backprop-one"
check("backprop-one", backprop_one)

# %% [markdown]
# How strong is the error in each layer of a *deep* network? Here are eight layers with random weights and one example.
# **Predict** before you run: does the error grow on its way back, stay, or fade?

# %%
rng = np.random.default_rng(4)
deep_w = [None] + [rng.normal(0, 1, (6, 6)) for _ in range(8)]
deep_b = [None] + [rng.normal(0, 1, (6, 1)) for _ in range(8)]
_, deep_delta, _, _ = by_engine(deep_w, deep_b, rng.normal(0, 1, (6, 1)), np.ones((6, 1)))

for layer in range(8, 0, -1):
    size = np.abs(deep_delta[layer]).mean()
    print(f"layer {layer}   mean |delta| = {size:.5f}   {'#' * round(400 * size)}")

# %% [markdown]
# Every step back multiplies by $\sigma'$, which is at most ¼, and by weights, which do not make up for it here. That is
# why the first layers of deep sigmoid networks learn slowly. Notebook 7 is about this.
#
# {{written explain-delta}}
#
# We *defined* $\delta^{[l]} = \partial C_x/\partial z^{[l]}$. A friend prefers $\varepsilon^{[l]} = \partial
# C_x/\partial a^{[l]}$, the derivative by the activation, and also gets correct gradients.
#
# Explain in two or three sentences: which of BP1 to BP4 look different for your friend, why are your friend's
# gradients still the same as yours, and why was $\delta$ the more practical choice?

# %% [markdown] written="explain-delta" points=4
# ### BEGIN SOLUTION
# **Model answer.** With $\varepsilon$, BP1 is just $\varepsilon^{[L]} = \nabla_a C$ without $\sigma'$, and in BP2 the
# factor $\sigma'(z^{[l+1]})$ moves in front of the weights: $\varepsilon^{[l]} = (w^{[l+1]})^{\mathsf T}
# (\varepsilon^{[l+1]} \odot \sigma'(z^{[l+1]}))$. BP3 and BP4 then need that factor as well, because biases and
# weights act on $z$: $\partial C_x/\partial b = \varepsilon \odot \sigma'(z)$. Both are right, but $\delta$ contains
# the product once and for all, and it is reused three times: for the bias, for the weights, and for the layer below.
#
# **Rubric, one point each**
# - BP1 loses its factor σ′(z), because ε stops at the output.
# - BP3 and BP4 (and BP2, in another place) gain the factor σ′(z).
# - Both conventions give the same gradients of weights and biases; a definition is a choice.
# - The reason for δ: weights and bias enter at z, so δ is the shared factor that is found once and used several times.
# ### END SOLUTION

# %% [markdown]
# ## 7 Three witnesses
#
# How do you know that four equations on paper are right? Ask witnesses who do not know them. The network: 2 inputs, 2
# hidden neurons, 1 output (2-2-1). It has nine parameters. We write its cost once, so that it takes numbers, tensors
# and symbols alike.

# %% setup="tiny"
NAMES = ["w[1]_11", "w[1]_12", "w[1]_21", "w[1]_22", "b[1]_1", "b[1]_2", "w[2]_11", "w[2]_12", "b[2]_1"]
POINT = np.array([0.8, -0.5, 0.3, 1.1, 0.2, -0.3, 1.4, -0.9, 0.1])
INPUT, TARGET = (1.0, 0.5), 1.0

def tiny_cost(p, sigma):
    """The quadratic cost of the 2-2-1 network; p holds its nine parameters in the order of NAMES."""
    h1 = sigma(p[0] * INPUT[0] + p[1] * INPUT[1] + p[4])
    h2 = sigma(p[2] * INPUT[0] + p[3] * INPUT[1] + p[5])
    return (sigma(p[6] * h1 + p[7] * h2 + p[8]) - TARGET) ** 2 / 2

def attempt(function, *inputs):
    """The result of your function, or None as long as an exercise on the way is not answered."""
    try:
        return function(*inputs)
    except NotImplementedError:
        return None

# %% [markdown]
# The first witness is SymPy. It differentiates the cost as a formula. We give $\sigma$ a derivative called $\sigma'$,
# and replace the inputs by names (`v1`, `v2` and `c` are the weights and the bias of the output, `h2` is the activation
# of the second hidden neuron). **Predict** the formula for the weight from input 1 to hidden neuron 1: how many
# factors will it have, and which of them belong to $\delta^{[1]}_1$?

# %%
class sigma(sp.Function):
    def fdiff(self, argindex=1):
        return sp.Function("σ'")(self.args[0])

w11, w12, b1, v1, v2, c, h2, x1, x2, target = sp.symbols("w11 w12 b1 v1 v2 c h2 x1 x2 y")
formula = (sigma(v1 * sigma(w11 * x1 + w12 * x2 + b1) + v2 * h2 + c) - target) ** 2 / 2
for factor in formula.diff(w11).args:
    print(factor)

# %% [markdown]
# Five factors, and each is an old friend. BP1: $a - y$, and $\sigma'$ at the sum of the output. BP2: the weight $v_1$,
# and $\sigma'$ at the sum of the hidden neuron. Up to here it is $\delta^{[1]}_1$. BP4: the input $x_1$.
#
# Now all nine derivatives as numbers. The second witness is the engine. The third wiggles each parameter a little to
# both sides and looks at the cost: a *finite difference*. The last column is your own `backprop_one`.

# %%
def wiggled(i, h=1e-5):
    step = h * np.eye(len(POINT))[i]
    return (tiny_cost(POINT + step, autodiff.sigmoid) - tiny_cost(POINT - step, autodiff.sigmoid)) / (2 * h)

symbols = sp.symbols(NAMES)
exact = tiny_cost(symbols, lambda z: 1 / (1 + sp.exp(-z)))
by_sympy = [float(exact.diff(s).subs(dict(zip(symbols, POINT, strict=True)))) for s in symbols]

tensors = [Tensor(value) for value in POINT]
tiny_cost(tensors, autodiff.sigmoid).backward()

# %%
tiny_w = [None, POINT[0:4].reshape(2, 2), POINT[6:8].reshape(1, 2)]
tiny_b = [None, POINT[4:6].reshape(2, 1), POINT[8:9].reshape(1, 1)]
tiny_y = np.array([[TARGET]])
yours = attempt(backprop_one, tiny_w, tiny_b, np.array(INPUT).reshape(2, 1), tiny_y, nabla_quadratic)
mine = [f"{v:10.6f}" for l in (1, 2) for part in yours for v in part[l].ravel()] if yours else ["    (4.7)"] * 9

print("parameter      SymPy     engine   wiggled       yours")
for i, name in enumerate(NAMES):
    print(f"{name:8} {by_sympy[i]:11.6f} {float(tensors[i].grad):10.6f} {wiggled(i):10.6f} {mine[i]}")

# %% [markdown]
# ## 8 All examples at once
#
# Training uses mini-batches of $m$ examples. There are two ways to the same gradient: run `backprop_one` on every
# column and average, or push the whole matrix through once. For the second we ask the engine for all shapes, with
# $m = 5$.
#
# **Predict.** In the picture, a box shows the shape of an array (blue) and of its gradient (red). Which of the boxes
# `X`, `w[1]`, `b[1]`, `z[1]`, `w[2]`, `b[2]`, `z[2]` have a 5 in their shapes?

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
# Data have a 5, parameters do not: all examples share them. Where a gradient has lost the 5, the examples were added
# up, and the $1/m$ of the cost makes it a mean. Columns never mix anywhere else.
#
# One warning about NumPy. `X[:, 0]` has shape `(2,)`: it is no longer a column. Adding a bias of shape `(3, 1)` to a
# result of shape `(3,)` gives `(3, 3)` without any error. `X[:, [0]]` keeps the column.

# %%
print("X[:, 0]:  ", X[:, 0].shape, "->", (w[1] @ X[:, 0] + b[1]).shape)
print("X[:, [0]]:", X[:, [0]].shape, "->", (w[1] @ X[:, [0]] + b[1]).shape)

# %% [markdown]
# {{exercise backprop}}
#
# `X` has shape $(n_0, m)$, `Y` has shape $(n_L, m)$. Both functions return `dw, db` as `backprop_one` does, for the
# cost averaged over the $m$ examples.
#
# - `backprop_loop(w, b, X, Y, nabla_a)`: call `backprop_one` on one column after the other; return the mean.
# - `backprop(w, b, X, Y, nabla_a)`: the same without a Python loop over the examples. A loop is not wrong, and costs
#   no points; you will be told when there is one.
#
# *Example.* If two examples give `db[1]` of 1 and 3, both functions give 2.
#
# <details><summary>Hint 1: the idea</summary>
#
# For the second, look at your five functions: which of them would not take several columns? If all do, you have less
# to write than you think.
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
    return backprop_one(w, b, X, Y, nabla_a)  # BP1 to BP4 take whole batches already
    ### END SOLUTION

# %% check="backprop"
check("backprop", backprop_loop, backprop)

# %% [markdown]
# If your `backprop` is one line, you have seen the point: written with columns, BP1 to BP4 do not care how many
# examples there are. NumPy then does in one product what Python would do in $m$ steps. How much faster is that?

# %%
def seconds(function, *inputs):
    start = perf_counter()
    return None if attempt(function, *inputs) is None else perf_counter() - start

many = rng.normal(0, 1, (2, 500)), rng.uniform(0, 1, (2, 500))
slow, fast = (seconds(f, w, b, *many, nabla_quadratic) for f in (backprop_loop, backprop))
if slow and fast:
    print("With 500 examples, is the batch more than ten times as fast as the loop?", slow > 10 * fast)

# %% [markdown]
# And your guess from section 2? The sum has the direction of the mean, but it is $m$ times as long. With a sum, a
# step size that works for 10 examples would be 100 times too large for 1000. The mean can be compared between batches
# of any size.
#
# ## 9 Cross-entropy drops σ′
#
# A neuron starts badly: its output is near 1, and it should be 0. Which cost gets it moving? Below it learns by
# gradient descent, once with the quadratic cost and once with the **cross-entropy**
#
# $$ C_x = -\sum_j \big[\, y_j \ln a_j + (1 - y_j) \ln (1 - a_j) \,\big] $$
#
# (Notebook 3 had the form for softmax, where the outputs share one probability. Here each sigmoid output answers a
# yes-or-no question of its own, so "no" needs a term too.)
#
# (The experiment is after one in chapter 3 of Nielsen's book.) **Predict.** Sketch the two curves: output against
# steps, both starting at 0.98.

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

# %%
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
# With the quadratic cost the neuron is very wrong and hardly learns: $\sigma'(z)$ is nearly 0 out there, and BP1
# multiplies by it. Cross-entropy is made so that its $\nabla_a C$ has a denominator that cancels $\sigma'$ (written
# with the output, $\sigma'(z) = a(1-a)$). Only BP1 changes; BP2, BP3 and BP4 stay as they are.
#
# {{exercise cross-entropy-delta}}
#
# All shapes are $(n_L, m)$, one column an example, not averaged.
#
# - `nabla_cross_entropy(a, y)`: $\nabla_a C$ of the cross-entropy, for outputs strictly between 0 and 1.
# - `delta_cross_entropy(a, y)`: the error $\delta^{[L]}$ for sigmoid outputs `a`. Simplify on paper first. It must be
#   finite for outputs of exactly 0 or 1, to which a computer may round.
#
# *Example.* For `a = 0.5` and `y = 1`, the first is −2 and the second is −0.5. By which factor do they differ?
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
# The same formula appeared in notebook 3 for softmax. The sign is always "output minus target". Some older texts define
# the error as $-\partial C/\partial z$ and get "target minus output"; then the update *adds* it. Mixing the two
# conventions makes a network that learns to be wrong.
#
# ## 10 Three levers
#
# A neuron without a sigmoid predicts the price of a used car: $p = \sum_k w_k a_k + b$, with $C_x = \frac12 (p -
# y)^2$. It says 12 000. The right price is 10 000. Three kinds of levers lower the prediction: the **bias**, the
# **weights**, and the **activations** that feed it. But activations cannot be set by hand. They belong to the layer
# before, and can only be moved by moving *its* levers.

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
# - `levers(w, b, a, y)`: `w` and `a` have shape $(n,)$, `b` and `y` are numbers. Return `db, dw, da`: the derivatives
#   of $C_x$ by the bias (a number), by the weights and by the activations (both of shape $(n,)$).
# - `best_move(db, dw, da)`: of all these levers, which single one lowers the cost fastest for each unit of its own?
#   Return three things: `"b"`, `"w"` or `"a"`; the index (0 for the bias); and the direction, `1` for up, `-1` for
#   down.
#
# *Example.* `best_move(0.5, [1.0, -2.0], [0.1, 0.3])` is `("w", 1, 1)`: the cost reacts most to the second weight, and
# it falls when that weight grows.
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

# %%
moves = attempt(lambda: best_move(*levers(car_w, car_b, car_a, car_y)))
print("The best move for the car:", moves if moves else "answer 4.10 first")

# %% [markdown]
# Among the weights it is the one with the largest activation, `w[1]`. Among the activations it is the one with the
# largest weight, `a[0]`. For each unit, this activation wins by far: dropping it by 1 drops the price by 4000. But
# nobody can turn it. The wish "this activation should be lower" is handed to the layer before, which turns *its*
# bias, *its* weights, and hands its own wishes on. This handing-on is BP2, and that is why it is called
# *back*propagation. Note also that "for each unit" compares unlike things: a unit of a weight and a unit of a bias
# are not the same size of change.
#
# ## 11 Which costs can be used?
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
# For F, an extra path enters at the hidden layer, so BP2 gets one more term. The chain rule
# still holds; only the four short equations are not enough.
#
# ## 12 Find three bugs
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
# for the quadratic cost, averaged over the examples. `report(fixed_backprop)` then says "right" six times.
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
# The error is the derivative by $z$: $\;\delta^{[l]}_j = \partial C_x/\partial z^{[l]}_j$, one column for each
# example.
#
# In each row first one example in indices, then $m$ examples in matrices:
#
# $$
# \begin{array}{ll}
# \textbf{BP1} & \delta^{[L]}_j = \dfrac{\partial C_x}{\partial a^{[L]}_j}\,\sigma'(z^{[L]}_j) \\[2ex]
# & \delta^{[L]} = \nabla_a C \odot \sigma'(z^{[L]}) \\[2ex]
# \textbf{BP2} & \delta^{[l]}_k = \sum_j w^{[l+1]}_{jk}\,\delta^{[l+1]}_j\;\sigma'(z^{[l]}_k) \\[1ex]
# & \delta^{[l]} = \big((w^{[l+1]})^{\mathsf T}\delta^{[l+1]}\big)\odot\sigma'(z^{[l]}) \\[2ex]
# \textbf{BP3} & \partial C_x/\partial b^{[l]}_j = \delta^{[l]}_j \\[1ex]
# & \partial C/\partial b^{[l]} = \text{mean of the columns of } \delta^{[l]} \\[2ex]
# \textbf{BP4} & \partial C_x/\partial w^{[l]}_{jk} = \delta^{[l]}_j\,a^{[l-1]}_k \\[1ex]
# & \partial C/\partial w^{[l]} = \frac1m\,\delta^{[l]}\,(a^{[l-1]})^{\mathsf T}
# \end{array}
# $$
#
# `Network` in `course_lib.network` is this notebook as one short class, with the same lists `w` and `b`. You can read
# it now; the next notebooks use it.
#
# **Test yourself**
#
# <details><summary>1. An output is completely wrong: a = 1, y = 0. With the quadratic cost, can its δ be 0?</summary>
#
# Yes, or so nearly that it does not matter: δ = (a − y) σ′(z), and σ′ fades to 0 where the output is close to 1.
# Being wrong is not the same as having a slope. With cross-entropy, δ is 1.
#
# </details>
# <details><summary>2. All weights start at 0. What does BP2 give for the hidden layers?</summary>
#
# Zero everywhere: errors travel back through the weights. Only the output layer learns at first.
#
# </details>
# <details><summary>3. You replace σ by another function in all layers. Which equations change their form?</summary>
#
# None. Put its derivative where σ′ stands, in BP1 and BP2. BP3 and BP4 contain no σ at all.
#
# </details>
#
# **What comes next.** You trusted three witnesses on nine parameters. A real network has a million, and a wrong
# gradient often still learns, only worse. Notebook 5 tries to break your backpropagation: it measures gradients,
# finds how far measurements can be trusted, and counts what it costs to ask the witness who wiggles.
