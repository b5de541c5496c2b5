# %% [markdown]
# {{title}}
#
# **By the end you can** say why deep networks are hard to train, look inside one that does not learn, and use the
# first two remedies: a good start and ReLU. Notebook 9 has the others.
#
# Your backpropagation is right; notebook 6 proved it. Your training loop works; notebook 7 reached 95 %. Now make the
# network deep, 20 layers instead of 2. The gradient is still right, and yet nothing is learned.
#
# **You need:** BP1 to BP4 (notebook 4), finite differences (notebook 6), and mini-batch SGD (notebook 7).
#
# {{plan}}

# %% setup="imports"
import numpy as np

from course_lib import datasets, drawing, sgd
from course_lib.check import check
from course_lib.network import Network

# %% [markdown]
# ## 1 A product that shrinks
#
# The simplest deep network has one neuron in each layer: a chain.
#
# $$ z_l = w_l\,a_{l-1} + b_l, \qquad a_l = \sigma(z_l) $$
#
# Here are three neurons. The number on an arrow is its local derivative.
#
# **Predict.** Multiply along the path, from `b1` to the output `a3`: the product is the gradient that belongs in place
# of its question mark. Is its size nearer to 0.1, to 0.01 or to 0.001?

# %%
three = {"a1": "sigmoid(w1*x + b1)", "a2": "sigmoid(w2*a1 + b2)", "a3": "sigmoid(w3*a2 + b3)"}
values = {"x": 1.0, "w1": 0.8, "b1": -0.5, "w2": 1.1, "b2": 0.2, "w3": -0.9, "b3": 0.3}
drawing.predict_graph(three, values, detail="names", local=True, hide=["b1", "w1", "x"], highlight="b1")

# %% [markdown]
# It is near 0.01: three arrows of about a quarter each have left little more than a hundredth. Every layer on the way
# brings two factors: its weight $w_l$ and its slope $\sigma'(z_l)$. How large can a slope be?
#
# **Predict** the highest point of two derivatives before you run the cell: that of the sigmoid, and that of tanh, which
# goes from −1 to 1.

# %% setup="activations"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

def tanh_prime(z):
    return 1 - np.tanh(z) ** 2

# %%
drawing.activation_picture({"sigmoid": (sigmoid, sigmoid_prime), "tanh": (np.tanh, tanh_prime)})

# %% [markdown]
# The slope of the sigmoid is never above ¼; that of tanh reaches 1, but only at $z = 0$. So with sigmoids and weights
# of size 1, every layer makes the gradient at least four times smaller. With large weights, the product may grow
# instead. A product of many factors seldom stays near 1: it **vanishes** or it **explodes**.
#
# From $b_1$ to the output there are $L$ slopes and $L - 1$ weights. How large can the product be at most, if all
# weights are 1? And if all are 8?

# %%
print("layers  weights 1    weights 8")
for layers in (2, 5, 10, 20):
    print(f"{layers:2}      {0.25**layers:.0e}        {0.25**layers * 8.0 ** (layers - 1):.0e}")

# %% [markdown]
# {{exercise gradient-norms}}
#
# - `chain_slopes(w, z)`: the chain of single sigmoid neurons. `w` and `z` are arrays of shape `(L,)`, with at least one
#   entry; their first entries belong to layer 1. Return an array of `L` floats: for each layer $l$, the derivative of
#   the **output** $a_L$ by the **bias** $b_l$.
# - `gradient_norms(dw, db)`: for a real network, how long is the gradient in each layer? `dw` is `[None, dw[1], …]`
#   and `db` likewise. Put all numbers of `dw[l]` and `db[l]` into one long vector; its length is the norm. Return a
#   list of `L` numbers, layer 1 first.
#
# *Example.* If `z` is 0 everywhere, every slope is ¼. With `w = [5, 2]`: by $b_2$ it is ¼, by $b_1$ it is
# ¼ · 2 · ¼. And a layer with `dw = [[2, 4]]`, `db = [[4]]` has the norm $\sqrt{4 + 16 + 16} = 6$.
#
# *Closed here*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Start at the output and walk back, as BP2 does. What is multiplied on when you go one layer further down?
#
# </details>
# <details><summary>Hint 2: which weight?</summary>
#
# From $z_l$ up to $z_{l+1}$ the path goes through $\sigma'(z_l)$ and through the weight of the **next** layer,
# $w_{l+1}$. The weight $w_1$ is on no path from a bias.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `slopes = sigmoid_prime(z)`, `result = np.zeros(len(w))`, `result[-1] = slopes[-1]`; then a loop that goes down. For
# the norms: squares, sum of both arrays, root.
#
# </details>

# %% answer="gradient-norms"
def chain_slopes(w, z):
    """The derivatives of a_L by b_1, ..., b_L: shape (L,), like w and z.

    >>> print(chain_slopes(np.array([5.0, 2.0]), np.array([0.0, 0.0])))
    [0.125 0.25 ]
    """
    ### BEGIN SOLUTION
    found = sigmoid_prime(z)
    for l in range(len(w) - 2, -1, -1):
        found[l] *= w[l + 1] * found[l + 1]
    return found
    ### END SOLUTION


def gradient_norms(dw, db):
    """A list with one norm for each layer: dw[l] and db[l] together. Both lists start with None.

    >>> [float(norm) for norm in gradient_norms([None, np.array([[2.0, 4.0]])], [None, np.array([[4.0]])])]
    [6.0]
    """
    ### BEGIN SOLUTION
    return [np.sqrt(np.sum(weights**2) + np.sum(biases**2)) for weights, biases in zip(dw[1:], db[1:], strict=True)]
    ### END SOLUTION

# %% check="gradient-norms"
check("gradient-norms", chain_slopes, gradient_norms)

# %% [markdown]
# ## 2 Twenty layers
#
# Now the digits, and networks of 20 layers with 30 neurons each. We take 200 images, one backward pass, no training.
# All weights start with the spread $1/\sqrt{n_{\text{in}}}$; part 3 says why. The library has your gradient norm
# too, as `sgd.global_norm`.

# %% setup="deep"
digits = datasets.digits()
X, Y = digits.train.X[:, :200], digits.train.Y[:, :200]

def deep(layers, activation, init="scaled"):
    """A new network for the digits with this many layers; 30 neurons in each but the last."""
    return Network([64] + [30] * (layers - 1) + [10], activation, "softmax cross-entropy", init=init, seed=7)

def norms(network):
    """The norm of the gradient in each layer, layer 1 first."""
    found = network.backprop(X, Y)
    return [sgd.global_norm(layer) for layer in zip(found.dw[1:], found.db[1:], strict=True)]

# %% [markdown]
# **Predict.** Three networks of 20 layers, with sigmoid, tanh and ReLU, $\max(z, 0)$. In layer 20 their gradients are
# within a factor of ten. By what factor is the gradient of the sigmoid network smaller in layer 1? Guess a power of
# ten.

# %%
names = ("sigmoid", "tanh", "relu")
found = {name: norms(deep(20, name)) for name in names}
for name, lengths in found.items():
    kept = (lengths[0] / lengths[-1]) ** (1 / 19)
    print(f"{name:8} layer 1: {lengths[0]:.1e}  layer 20: {lengths[-1]:.1e}  each layer keeps {kept:.0%}")
drawing.gradient_norm_picture(found, title="One backward pass, 20 layers")

# %% [markdown]
# The errors travel from right to left. A straight line on a logarithmic axis means a constant factor for each layer:
# that is what a product does. In the sigmoid network a layer keeps a quarter of what arrives, and nineteen of them
# leave a few millionths of a millionth. A step with that gradient changes nothing.
#
# It also shows that the activation is not the whole story, for tanh hardly suffers here. Its slope is 1 at $z = 0$, and
# the weights were chosen well. So: how does one choose weights?
#
# ## 3 How to start
#
# One weighted sum, $z = \sum_k w_k a_k$, with $n$ inputs of size about 1 and weights drawn with spread (standard
# deviation) 1. **Predict.** What is the spread of $z$ for $n = 100$? And for $n = 10\,000$?

# %%
rng = np.random.default_rng(7)
for n in (1, 100, 10_000):
    z = [rng.normal(0, 1, n) @ rng.normal(0, 1, n) for _ in range(1000)]
    print(f"{n:6} inputs: the sums have a spread of about {float(np.std(z)):.3g}")

# %% [markdown]
# Independent terms add their variances, so the spread grows as $\sqrt n$. With sums as large as 100, every sigmoid and
# tanh is in its flat part. The cure is to draw smaller weights where more are added:
#
# | kind | spread of a weight | made so that |
# |:--|:--|:--|
# | `"normal"` | $1$ | nothing; the naive start |
# | `"scaled"` | $\sqrt{1/n_{\text{in}}}$ | sums keep their size on the way **forward**: $n_{\text{in}}$ terms |
# | `"xavier"` | $\sqrt{2/(n_{\text{in}} + n_{\text{out}})}$ | a compromise with the way **back** |
# | `"he"` | $\sqrt{2/n_{\text{in}}}$ | for ReLU, which sets half of the sums to 0; so twice the variance |
#
# On the way back, an error is a sum of $n_{\text{out}}$ terms, and it asks for $\sqrt{1/n_{\text{out}}}$. Both wishes
# can only be met halfway. Xavier is from Glorot and Bengio (2010), He from He, Zhang, Ren and Sun (2015).
#
# **Predict.** 20 layers again, with all four starts. Which curves will be flat for tanh? Which for ReLU? And what will
# "normal" do? Decide before each picture.

# %%
kinds = ("normal", "scaled", "xavier", "he")
drawing.gradient_norm_picture({kind: norms(deep(20, "tanh", kind)) for kind in kinds}, title="tanh, four starts")

# %%
drawing.gradient_norm_picture({kind: norms(deep(20, "relu", kind)) for kind in kinds}, title="ReLU, four starts")

# %% [markdown]
# Flat is good: every layer then learns at a similar speed. But look at the height too. With "normal", the ReLU curve is
# flat and far too high: activations grow on the way forward as errors grow on the way back, and BP4 multiplies both.
# With tanh, "normal" explodes towards layer 1, and the other three are flat within a factor of four. "scaled" and
# "xavier" are the same rule for layers of equal size, so their curves lie close together.
#
# The usual advice is "scaled" or "xavier" for tanh, since they are derived for sums whose slope is near 1, and "he" for
# ReLU. For ReLU the picture leaves no choice. For tanh it does: "he" is nearly as flat and lies higher, and some
# networks train better with it. A rule says where to begin; the picture says what happened.
#
# {{exercise init}}
#
# `init(n_in, n_out, kind, rng)` draws the weights of one layer: an array of shape `(n_out, n_in)` with mean 0 and the
# spread from the table. `kind` is one of its four names, `n_in` and `n_out` are whole numbers of at least 1. `rng` is a
# NumPy generator, and **all** randomness must come from it: the same seed gives the same weights, and a second call
# with the same `rng` gives others. Normal or uniform, as you like: what counts is mean and spread, within 2 %. (A
# uniform draw from $-c$ to $c$ has the spread $c/\sqrt3$.)
#
# *Example.* `init(50, 30, "he", rng)` has shape `(30, 50)` and a spread near 0.2.
#
# *Closed here*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# First find the spread, one number. Then draw one array with it.
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `rng.normal(0, spread, shape)` takes the standard deviation, not the variance. The shape is the one of `w[l]`: first
# the size of the layer that the weights lead to.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# A dict does well: `spreads = {"normal": 1.0, "scaled": …}`, then `spreads[kind]`.
#
# </details>

# %% answer="init"
def init(n_in, n_out, kind, rng):
    """New weights of one layer, shape (n_out, n_in), all drawn from rng. kind: "normal", "scaled", "xavier", "he"."""
    ### BEGIN SOLUTION
    variance = {"normal": 1.0, "scaled": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return np.sqrt(variance) * rng.standard_normal((n_out, n_in))
    ### END SOLUTION

# %% check="init"
check("init", init)

# %% [markdown]
# Why random at all? If in every layer all weights were equal, all neurons of a layer would compute the same, get the
# same gradient, and stay equal for ever. Biases may start at 0: the weights have already made the neurons different.
#
# ## 4 ReLU
#
# $\mathrm{ReLU}(z) = \max(z, 0)$ has the slope 1 wherever the neuron is on. A path through neurons that are on loses
# nothing by their slopes. Where it is off, the slope is 0: nothing passes. A neuron that is off for *every* example is
# **dead**: its weights get no gradient at all. In layer 1 it stays so for ever, because its inputs, the images, never
# change. In a deeper layer it may come back, when the layers below it learn and its inputs move. **Leaky ReLU** keeps a
# small slope on the left, $\max(z, 0) + s\,\min(z, 0)$, so that no neuron dies.
#
# **Predict.** All biases of a layer of 30 ReLU neurons move down together. How far, until all are dead? And are all
# alive before?

# %%
network = deep(2, "relu", "he")
for shift in (0, -0.5, -1, -1.5, -2):
    network.b[1][:] = shift
    alive = (network.feedforward(X)[0][1] > 0).any(axis=1)
    gradient = np.linalg.norm(network.backprop(X, Y).dw[1])
    print(f"biases at {shift:4}: {alive.sum():2} of 30 neurons alive, gradient of layer 1: {gradient:.4f}")

# %% [markdown]
# The first line is a surprise: with biases at 0, just as the network is born, a few neurons are dead already. (Their
# weights happen to give a negative sum for each of the 200 images.) Shifted by −2 all 30 are, and with
# them the gradient of the layer. A few steps that are too long can push a whole layer there. We shall see it happen in
# notebook 9.
#
# At $z = 0$ ReLU has a corner and no derivative. Any number from 0 to 1 would do; this course, like most libraries,
# takes the slope of the left side.
#
# {{exercise relu-prime}}
#
# `z` is an array of any shape, of floats or of whole numbers. Both functions return an array of floats of that shape
# and leave `z` as it is, because the forward pass may still need it.
#
# - `relu_prime(z)`: the slope of ReLU; 0 at `z = 0`.
# - `leaky_prime(z, slope)`: the slope of leaky ReLU, which is `slope` on the left; at `z = 0` too.
#
# *Closed here*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# The result does not depend on how large z is, only on its sign.
#
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `np.where(condition, if_true, if_false)` makes a new array. Beware of arrays of whole numbers: they cut off 0.1 to 0.
#
# </details>
# <details><summary>Hint 3: the condition</summary>
#
# `z > 0` is False at 0, and that is what we want.
#
# </details>

# %% answer="relu-prime"
def relu_prime(z):
    """The slope of ReLU at each z; same shape as z.

    >>> print(relu_prime(np.array([-2.0, 0.0, 3.0])))
    [0. 0. 1.]
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


def leaky_prime(z, slope):
    """The slope of leaky ReLU at each z; same shape as z.

    >>> print(leaky_prime(np.array([-2.0, 3.0]), 0.1))
    [0.1 1. ]
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, slope)
    ### END SOLUTION

# %% check="relu-prime"
check("relu-prime", relu_prime, leaky_prime)

# %% [markdown]
# {{written explain-start}}
#
# A sigmoid network of 20 layers does not learn. A friend says: *"The gradients are small, so multiply the learning rate
# by a million."*
#
# Explain in two or three sentences why this does not help, and name two changes that do.

# %% [markdown] written="explain-start" points=4
# ### BEGIN SOLUTION
# **Model answer.** The gradients are not small everywhere: they shrink by a factor for each layer on the way back, so
# layer 1 gets many powers of ten less than layer 20. A rate that is large enough for layer 1 is far too large for the
# last layers, and they are thrown away. What helps is to make the factor of a layer stay near 1: an activation whose
# slope can be 1 (tanh, ReLU), and a start whose spread fits to the number of inputs.
#
# **Rubric, one point each**
# - The gradients of different layers differ by many powers of ten, because the way back is a product.
# - One rate serves all layers; what is enough for the first is far too much for the last.
# - An activation with a slope near 1 (tanh or ReLU in place of the sigmoid).
# - A start with a fitting spread (scaled, Xavier, He).
# ### END SOLUTION

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | the way back is a product | $\partial a_L / \partial b_l = \sigma'(z_l) \prod_{k > l} w_k\, \sigma'(z_k)$ |
# | start, tanh | spread $\sqrt{1/n_{\text{in}}}$ or $\sqrt{2/(n_{\text{in}} + n_{\text{out}})}$ |
# | start, ReLU | spread $\sqrt{2/n_{\text{in}}}$ |
# | a dead ReLU neuron | off for every example: no gradient for its weights |
#
# ## Test yourself
#
# <details><summary>1. ReLU has slope 1. Why can the gradient still vanish in a ReLU network?</summary>
#
# The weights are factors too: with too small a spread the product shrinks. And neurons that are off pass nothing.
#
# </details>
# <details><summary>2. A layer has 400 inputs. Which spread do its weights get for tanh, and which for ReLU?</summary>
#
# For tanh "scaled": 1/20 = 0.05. For ReLU "he": √(2/400), about 0.07.
#
# </details>
# <details><summary>3. All weights of a network start equal. What do the neurons of a layer learn?</summary>
#
# All the same: equal weights give equal activations and equal gradients, so they stay equal for ever.
#
# </details>
# <details><summary>4. Find two bugs. A He start: rng.normal(0, 2 / n_in, (n_out, n_in)). One step back through a chain:
# found[l] = w[l] * slopes[l] * found[l + 1].</summary>
#
# `rng.normal` takes the spread, not the variance: a root is missing, so with 200 inputs all weights are ten times too
# small. And between layer l and layer l + 1 stands the weight of the *next* layer, w[l + 1]. Neither bug changes a
# shape, and both networks run.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# A good start is not all. Steps can still be too long, or too short for some weights and too long for others. Notebook
# 9 looks at the steps, at networks that are ill, and at what depth really costs.
#
# {{next}}
