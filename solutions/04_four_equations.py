# %% [markdown]
# {{title}}
#
# **By the end you can** derive the four equations of backpropagation from the chain rule, write them as four short
# functions, and put them together into the algorithm that trains almost every neural network.
#
# (The names BP1 to BP4 are those of Michael Nielsen, *Neural Networks and Deep Learning*, chapter 2, free to read
# online. That such gradients let hidden neurons learn useful features was shown by Rumelhart, Hinton and Williams,
# *Nature* 323, 1986; the idea is older.)
#
# The question is the one of notebook 1: *when this weight grows a little, does the cost rise or fall, and how fast?*
# Now we ask it for a whole network, with matrices, for all weights at once.
#
# **You need:** sums over paths (notebook 1), upstream × local = downstream (notebook 2), and the shape convention and
# the Hadamard product ⊙ (notebook 3).
#
# {{plan}}

# %% setup="imports"
import numpy as np

from course_lib import drawing
from course_lib.autodiff import Tensor
from course_lib.check import check

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
# In the formulas neurons and weights are counted from 1, like the layers; in an array, from 0.
#
# **Predict**, from the numbers above: how many neurons does each layer have, layer 0 included? How many numbers can
# learning change in total?
#
# <details><summary>The answer</summary>
#
# `w[1]` has shape (3, 2): it leads to 3 neurons from 2 inputs. `w[2]` has shape (2, 3). So the layers have 2, 3 and 2
# neurons, and learning can change 6 + 3 + 6 + 2 = 17 numbers.
#
# </details>
#
# {{exercise sigmoid}}
#
# $$ \sigma(z) = \frac{1}{1 + e^{-z}} $$
#
# Write `sigmoid(z)` and its derivative `sigmoid_prime(z)`. `z` is a number or an array of any shape, whole numbers or
# not; the result has that shape, and keeps its decimals. At `z = ±1000` both must be finite, and NumPy must not warn.
#
# *Example.* `sigmoid(0)` is 0.5, and there the curve is steepest: `sigmoid_prime(0)` is 0.25.
#
# *Closed in this notebook*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
# *Closed here* too: `graphs.OPERATIONS`.
#
# <details><summary>Hint 1: why is there a warning?</summary>
#
# At z = −1000 the formula asks for exp(1000). That is larger than any float. Either use the exponential only where it
# is small, or tell NumPy, inside your function, that the overflow is harmless: 1 / (1 + inf) is 0, and that is right.
#
# </details>
# <details><summary>Hint 2: two tools</summary>
#
# `np.exp(-np.abs(z))` never overflows. Or: `with np.errstate(over="ignore"):`. For the derivative: σ′ = σ(1 − σ). In
# notebook 2 it came from e⁻ˣ / (1 + e⁻ˣ)².
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
# `X` has shape $(n_0, m)$; `m` may be 1. The network may have any number of layers, even only one. Return the two
# lists: `z, a`.
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
# Backpropagation needs two promises of a cost:
#
# 1. **The cost is an average over the examples:** $C = \frac1m \sum_x C_x$. Then we may find the gradient of each
#    $C_x$ by itself and average at the end: the derivative of a mean is the mean of the derivatives.
# 2. **$C_x$ is a function of the outputs** $a^{[L]}$. Weights may act on the cost only *through* the outputs. The
#    target $y$ may appear too: it is fixed data.
#
# Our first cost is the **quadratic cost**. The ½ is there to cancel a 2 later:
#
# $$ C_x = \frac12 \sum_j \left(a^{[L]}_j - y_j\right)^2 $$
#
# **Predict.** Somebody *sums* over the examples and forgets the $1/m$. Does the gradient point somewhere else? What
# happens to its length when the batch grows from 10 to 1000 examples?
#
# <details><summary>The answer</summary>
#
# It points the same way, but it is m times as long: with 1000 examples about a hundred times as long as with 10. A step
# size that works for one batch would be far too large for the other. The mean can be compared between batches of any
# size.
#
# </details>
#
# ## 3 The error at the output: BP1
#
# Here is the one definition of this notebook. The **error** of neuron $j$ in layer $l$ is
#
# $$ \delta^{[l]}_j \;=\; \frac{\partial C_x}{\partial z^{[l]}_j} $$
#
# In words: how fast the cost of *one example* moves when the weighted sum of this neuron moves. It is the derivative by
# **z**, the sum *before* the sigmoid, not by $a$. And it is called "error", but it is a slope: it is nearly 0 where
# $\sigma$ is flat, however wrong the output is.
#
# At the output, one path leads from $z_j$ to the cost: through $a_j$. Here it is for one neuron, with $y = 0$. (The box
# `y` has a gradient too. Nobody asks for it: targets are never moved.)
#
# **Predict.** Upstream × local = downstream, and *upstream* always means the side of the cost. What stands in place of
# the question mark?

# %%
output_neuron = {"a": "sigmoid(z)", "C_x": "(a - y)**2 / 2"}
drawing.predict_graph(output_neuron, {"z": 1.2, "y": 0}, detail="names", local=True, hide="z")

# %% [markdown]
# It is 0.7685 · 0.1779 = 0.137: how fast the cost moves with the output, times how fast the output moves with $z$. In a
# whole layer, $\sigma$ acts on each number by itself, so every neuron has its own path, and the product is taken neuron
# by neuron:
#
# > **BP1**, in indices and in matrices:
# >
# > $$ \delta^{[L]}_j = \frac{\partial C_x}{\partial a^{[L]}_j}\;\sigma'(z^{[L]}_j) $$
# >
# > $$ \delta^{[L]} = \nabla_a C \odot \sigma'(z^{[L]}) $$
#
# $\nabla_a C$ is short for the column of the derivatives $\partial C_x/\partial a^{[L]}_j$: of one example, without any
# $\frac1m$. It is the *only* place where the cost enters. Another cost means another $\nabla_a C$; all the rest stays.
#
# {{exercise bp1}}
#
# - `nabla_quadratic(a, y)`: $\nabla_a C$ of the quadratic cost. `a` and `y` have shape $(n_L, m)$, and so has the
#   result: one column for each example, not averaged.
# - `bp1(z, a, y, nabla_a)`: the error of the output layer, shape $(n_L, m)$. `z` and `a` are the lists of the forward
#   pass, of a network with any number of layers. `nabla_a` is a function like `nabla_quadratic`, `nabla_a(a, y)` with
#   the outputs first. It may belong to any cost: call it.
#
# *Example.* The picture above has $a = 0.77$ and $y = 0$, so $\nabla_a C = 0.77$ and $\delta = 0.137$.
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
# **Predict.** The two errors on the right have arrived. The number on an arrow from $a$ is a weight. Find the gradient
# at $a$, then the error at $z$.

# %%
fan_out = {"a": "sigmoid(z)", "z_1": "1.5*a", "z_2": "-2*a", "C_x": "sin(z_1) + 0.5*z_2**2"}
drawing.predict_graph(fan_out, {"z": 0.5}, detail="names", local=True, hide=["z", "a"], highlight="a")

# %% [markdown]
# At $a$: 0.5949 · 1.5 + (−1.245) · (−2) = 3.38. At $z$: 3.38 · 0.235 = 0.795.
#
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
# Write `bp2(l, w, z, delta)`: return the error of layer `l`, shape $(n_l, m)$. `delta` is a list like `z`; the errors
# of the layers `l + 1` to $L$ are in it, the others are still `None`. Write nothing into the lists.
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
# Now the last arrow, from $z^{[l]}_j$ to the weights and the bias that made it. In $z^{[l]}_j = \sum_k w^{[l]}_{jk}\,
# a^{[l-1]}_k + b^{[l]}_j$ the local derivatives can be read off:
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
# **Now $m$ examples.** $C$ is the mean of the $C_x$, so each gradient is the **mean** over the examples. For BP3,
# average the columns of $\delta$. For BP4, the product `delta[l] @ a[l-1].T` *sums* over its middle axis, the examples:
# column by column, error times activation, then added. To get the mean, divide by $m$.
#
# You have programmed most of this already, in notebook 3:
#
# | there, for the mean cost | here, for the cost of one example |
# |:--|:--|
# | `W.T @ dZ`, then `hadamard_form` | BP2: $(w^{[l+1]})^{\mathsf T}\delta^{[l+1]}$, then $\odot\,\sigma'(z^{[l]})$ |
# | `db`: the sum of the columns of `dZ` | BP3: the *mean* of the columns of $\delta$ |
# | `dW = dZ @ A_prev.T` | BP4: $\delta^{[l]}(a^{[l-1]})^{\mathsf T}$, *divided by m* |
#
# The $\frac1m$ was in `dZ` there, so we only added; here it comes at the end: $dZ = \frac1m\delta$.
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
# `delta` and `a` are the lists of all errors and all activations; $m$ may be 1.
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

# %% [markdown]
# The picture shows our network of part 1, with its one example. Every box is a weighted sum with its value and, as
# *gradient*, its error $\delta$. Only BP1 has been used so far.
#
# **Predict**, from `w[2]`: which of the three hidden neurons gets an error with another sign than the other two? (The
# slope $\sigma'$ is never negative.) Then open the folds.

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
drawing.Reveal(error_picture(known_from=2), error_picture(known_from=1))

# %% [markdown]
# <details><summary>The answer in words</summary>
#
# The first one: its paths bring 1.3 times a small negative error and −0.9 times a larger positive one, both below 0.
# The other two have a positive weight to the second output, whose error is the larger one.
#
# </details>
#
# {{exercise backprop-one}}
#
# Write `backprop_one(w, b, x, y, nabla_a)` for one example: `x` has shape $(n_0, 1)$ and `y` has shape $(n_L, 1)$.
# `nabla_a` is as in 4.3. Return two lists, `dw, db`, that start with `None`: `dw[l]` has the shape of `w[l]`, and
# `db[l]` that of `b[l]`. Use your five functions. The network may have any number of layers, even
# only one; the lists that come in stay as they are.
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
# ## Test yourself
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
# <details><summary>3. You replace σ by another function of each number by itself. Which equations change?</summary>
#
# None changes its form: put its derivative where σ′ stands, in BP1 and BP2. BP3 and BP4 contain no σ at all. (Softmax
# is no such function: every output depends on every z, so BP1 needs its whole Jacobian, as in notebook 3.)
#
# </details>
# <details><summary>4. Find two bugs: delta[l] = (w[l + 1] @ delta[l + 1]) * sigmoid_prime(z[l + 1])</summary>
#
# The matrix is not transposed, and the slope is taken in layer l + 1, where the error has passed already: it must be
# taken at z[l]. When all layers have the same size, no shape gives them away.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# Your algorithm is written for one example and tried with one cost. Training takes whole batches, and other costs too.
# And how do you know that it is right at all? Notebook 5 answers all three questions.
#
# {{next}}
