# %% [markdown]
# {{title}}
#
# **By the end you can** keep steps from being too long (clipping) or too short (momentum, Adam), tell from two pictures
# what is wrong with a network, and say what backpropagation really costs in deep networks.
#
# **You need:** how gradients vanish, and how to start (notebook 8), finite differences (6), and mini-batch SGD (7).
#
# {{plan}}

# %% setup="imports"
import numpy as np

from course_lib import counting, datasets, drawing, gradcheck, sgd
from course_lib.autodiff import Tensor, linear
from course_lib.check import check
from course_lib.drawing.figure import axes
from course_lib.network import Network
from course_lib.patients import patients

# %% setup="deep"
# The networks of notebook 8.
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
# ## 1 Clipping
#
# A good start does not keep gradients small for ever. Somewhere in the landscape stands a cliff; there the gradient is
# huge, and one step throws the network far away.
#
# A remedy: **clip** the gradient. If it is longer than some limit, shorten it to the limit, and keep its direction.
# (For recurrent networks it comes from Pascanu, Mikolov and Bengio, 2013.)
#
# **Predict.** A ReLU network of 10 layers, started well, trains with a large rate. What does its cost do without
# clipping? It starts a little above $\ln 10$: that is what pure guessing among ten digits costs.

# %%
def trained(network, optimizer, epochs=10, **options):
    return sgd.train(network, digits.train.X, digits.train.Y, epochs, 32, optimizer, seed=1, progress=False, **options)

plain, clipped = deep(10, "relu", "he"), deep(10, "relu", "he")
without = trained(plain, sgd.SGD(0.5))
with_clipping = trained(clipped, sgd.SGD(0.5), clip=0.3)
drawing.loss_picture({"plain": without.cost, "clipped to norm 0.3": with_clipping.cost})

# %% [markdown]
# The plain network did not explode: it stopped learning. How many neurons of each layer are on for at least one image?

# %%
for name, network in {"plain": plain, "clipped": clipped}.items():
    alive = [int((z > 0).any(axis=1).sum()) for z in network.feedforward(X)[0][1:-1]]
    gradient = np.linalg.norm(network.backprop(X, Y).dw[1])
    print(f"{name:8} alive in layers 1 to 9: {alive}\n         gradient norm in layer 1: {gradient:.3f}")

# %% [markdown]
# Without clipping the cost hardly falls: it settles at the cost of guessing. A few long steps have killed many neurons
# in every layer, and in the last hidden layer all 30. From there no gradient leads back to any layer before it, so all
# of them stay as they are, and the network guesses for ever. With clipping, most neurons of every layer live.
#
# The norm that counts is the **global** one: of all arrays together, as one long vector $g$.
#
# $$ g \;\leftarrow\; g \cdot \min\!\left(1,\; \frac{\text{largest}}{\lVert g\rVert}\right) $$
#
# {{exercise clip-by-norm}}
#
# `clip_by_norm(gradients, largest)`: `gradients` is a list of arrays of any shapes. Return a list of arrays of the same
# shapes. When the global norm is at most `largest`, nothing changes. A gradient of all zeros stays as it is. The list
# has at least one array, all numbers are finite, and `largest` is above 0. Here you may write into the arrays that you
# get.
#
# *Example.* The gradients `[[3.0], [4.0]]` (two arrays) have the global norm 5. With `largest = 1` each is divided by
# 5, and their ratio is still 3 : 4.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# One norm for the whole list, and one factor for the whole list. Why would a factor for each array be wrong?
#
# </details>
# <details><summary>Hint 2: the norm</summary>
#
# The squares of all numbers in all arrays, added up, and only then the root.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `total = sum(np.sum(g**2) for g in gradients)`. Then ask whether its root is above `largest`, before you divide.
#
# </details>

# %% answer="clip-by-norm"
def clip_by_norm(gradients, largest):
    """A list of arrays like `gradients`, shortened together if their global norm is above `largest`.

    >>> [g.tolist() for g in clip_by_norm([np.array([3.0]), np.array([4.0])], 2.5)]
    [[1.5], [2.0]]
    """
    ### BEGIN SOLUTION
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = largest / length if length > largest else 1.0
    return [factor * g for g in gradients]
    ### END SOLUTION

# %% check="clip-by-norm"
check("clip-by-norm", clip_by_norm)

# %% [markdown]
# ## 2 Momentum
#
# Clipping helps against steps that are too long. What about a valley that is steep across and flat along? Plain steps
# jump from wall to wall and hardly move forward.
#
# Give the point a mass: let it keep some of its speed. Across the valley the pushes cancel, along it they add up.
#
# **Predict.** Same start, same rate, 40 steps each. Which path ends nearer to the lowest place, and by how much lower
# is its cost? Then play the picture.

# %%
def valley(x, y):
    return 0.5 * x**2 + 20 * y**2

def path(optimizer, steps=40):
    p, points = [np.array([-4.0, 1.0])], []
    for _ in range(steps + 1):
        points.append(p[0].copy())
        optimizer.step(p, [p[0] * np.array([1.0, 40.0])])
    return np.array(points)

paths = {"plain": path(sgd.SGD(0.045)), "momentum": path(sgd.Momentum(0.045, 0.8))}
for name, points in paths.items():
    print(f"{name}: after {len(points) - 1} steps the cost is {valley(*points[-1]):.6f}")
drawing.path_player(valley, paths, x=(-4.5, 2), y=(-1.5, 1.5))

# %% [markdown]
# Momentum ends far nearer, with a cost dozens of times lower. At first it swings wider, and it overshoots a little: a
# ball does not stop where a walker would.
#
# The **velocity** $v$ is the step just made. $\beta$ says how much of it is kept, $\eta$ is the rate, $g$ the gradient
# at the present place:
#
# $$ v \;\leftarrow\; \beta\, v - \eta\, g, \qquad\quad \theta \;\leftarrow\; \theta + v $$
#
# The idea is Polyak's (1964); in this form it is in Sutskever, Martens, Dahl and Hinton (2013). PyTorch keeps
# $\beta v + g$ and multiplies by $\eta$ later. With a constant rate the parameters are the same; the velocity is not.
#
# {{exercise momentum-step}}
#
# `momentum_step(parameters, gradients, velocities, rate, beta)` makes one step. The first three are lists of arrays:
# entry `i` of each belongs to the same parameter, and has the same shape; different parameters have different shapes.
# Return two lists: the new parameters, the new velocities. The arrays you were given stay as they are.
#
# *Example.* One parameter at 1.0, gradient 2.0, velocity 0.5, rate 0.1, β = 0.8. The new velocity is 0.4 − 0.2, and
# the parameter goes to 1.2: up, although the gradient says down. It is still rolling.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# First the new velocity, then the new place. Each parameter has a velocity of its own.
#
# </details>
# <details><summary>Hint 2: where is the rate?</summary>
#
# In the velocity. The parameters just add it.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `new_velocities = [beta * v - … for v, g in zip(velocities, gradients)]`
#
# </details>

# %% answer="momentum-step"
def momentum_step(parameters, gradients, velocities, rate, beta):
    """One step with momentum: (new parameters, new velocities), two lists of arrays.

    >>> p, v = momentum_step([np.array([1.0])], [np.array([2.0])], [np.array([0.5])], 0.1, 0.8)
    >>> print(round(float(p[0][0]), 6), round(float(v[0][0]), 6))
    1.2 0.2
    """
    ### BEGIN SOLUTION
    rolling = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, rolling, strict=True)], rolling
    ### END SOLUTION

# %% check="momentum-step"
check("momentum-step", momentum_step)

# %% [markdown]
# ## 3 Adam
#
# Some weights of a network get large gradients, others small ones, and no single rate fits both. **Adam** measures how
# large the gradient of each weight usually is, and divides by it. It keeps two running means for each weight: $m$ of
# the gradient, and $v$ of its square (here $v$ is not a velocity, and $m$ is not the number of examples).
#
# Both start at 0, and so at first they are too small. **Predict.** A gradient is always exactly 1. What is its running
# mean with $\beta = 0.9$ after 1, 2 and 5 steps?

# %%
mean = 0.0
for t in range(1, 31):
    mean = 0.9 * mean + 0.1 * 1.0
    if t in (1, 2, 5, 30):
        print(f"t = {t:2}: running mean {mean:.4f}, divided by (1 - 0.9^t): {mean / (1 - 0.9**t):.4f}")

# %% [markdown]
# The mean creeps up: 0.1, 0.19, 0.41. After $t$ steps the gradients count for a share of only $1 - \beta^t$ in it; the
# rest still belongs to the 0 at the start. Dividing by this share, the **bias correction**, gives 1 from the first step
# on. This is the whole of Algorithm 1 of Kingma and Ba (2015), with our $\eta$ for their $\alpha$; $t$ starts
# at 0 and is raised *first*, and all operations are taken number by number:
#
# $$ t \leftarrow t + 1 $$
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g $$
#
# $$ v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 $$
#
# $$ \hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t} $$
#
# $$ \theta \leftarrow \theta - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} $$
#
# {{exercise adam-step}}
#
# `adam_step(parameters, gradients, state, rate, beta1, beta2, eps)` makes one step. `parameters` and `gradients` are
# lists of arrays. `state` is a dict: at the very start `{"t": 0, "m": [zeros, …], "v": [zeros, …]}`, one array for
# each parameter. Return the list of new parameters and the state for the next step. The lists, the arrays and the dict
# you were given stay as they are.
#
# *Example.* On the first step $\hat m = g$ and $\hat v = g^2$, so every weight moves by almost exactly the rate,
# against the sign of its gradient. It does not matter how large the gradient is.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Raise t once for the whole step. Then go through the parameters, each with its own m and v.
#
# </details>
# <details><summary>Hint 2: what is handed on?</summary>
#
# m and v without the hats. The correction is made anew on every step, for that step only.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `t = state["t"] + 1`, three empty lists for the results, and a loop with `zip(parameters, gradients, state["m"],
# state["v"])`.
#
# </details>

# %% answer="adam-step"
def adam_step(parameters, gradients, state, rate, beta1, beta2, eps):
    """One step of Adam: (new parameters, new state). state is {"t": count, "m": list, "v": list}.

    >>> start = {"t": 0, "m": [np.zeros(2)], "v": [np.zeros(2)]}
    >>> p, after = adam_step([np.array([1.0, 1.0])], [np.array([500.0, -0.003])], start, 0.1, 0.9, 0.999, 1e-12)
    >>> print(p[0].round(6), after["t"])
    [0.9 1.1] 1
    """
    ### BEGIN SOLUTION
    t, moved, ms, vs = state["t"] + 1, [], [], []
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        moved.append(p - rate * m_hat / (np.sqrt(v_hat) + eps))
        ms.append(m)
        vs.append(v)
    return moved, {"t": t, "m": ms, "v": vs}
    ### END SOLUTION

# %% check="adam-step"
check("adam-step", adam_step)

# %% [markdown]
# Steps of the same length, whatever the size of the gradient: is this the cure for the sigmoid network of 20 layers,
# whose layer 1 had a gradient of $10^{-12}$? **Predict** how far one step of Adam moves the weights of its layers 1
# and 20. (In the library, $\varepsilon$ is $10^{-8}$, as in the paper.)

# %%
network = deep(20, "sigmoid")
before = [w.copy() for w in network.w[1:]]
sgd.Adam(0.002).step(network.parameters, network.backprop(X, Y).as_list())
for l in (1, 20):
    print(f"layer {l:2}: an average weight moves by {np.mean(np.abs(network.w[l] - before[l - 1])):.0e}")

# %% [markdown]
# Layer 20 moves by the rate, layer 1 hardly at all. Its gradients are far below $\varepsilon$, which then rules the
# denominator. Adam evens out what differs by some powers of ten; it is no cure for a product that has vanished. For
# that, take the remedies of notebook 8.
#
# Three ways to use the same gradients, on the digits. **Predict** which curve falls slowest. Beware: every optimizer
# wants a rate of its own, so a picture like this shows how they behave and not which one is "the best".

# %%
ways = {"SGD, rate 0.02": sgd.SGD(0.02), "momentum, 0.02": sgd.Momentum(0.02, 0.9), "Adam, 0.002": sgd.Adam(0.002)}
drawing.loss_picture({name: trained(deep(3, "relu", "he"), way).cost for name, way in ways.items()})

# %% [markdown]
# At this rate plain SGD is the slowest by far, and momentum and Adam end close to each other.
#
# ## 4 Four patients
#
# Four networks, four diseases. Each learns from the same 150 images. You see the cost of training and of validation,
# and the norm of the gradient in each layer **before** training. The next two cells only show them; what makes them
# ill is hidden in the library.

# %%
ill = patients()
with axes(columns=2, rows=2, width=6.4, height=5.8) as (figure, plots):
    for plot, (name, (history, _)) in zip(plots.ravel(), ill.items(), strict=True):
        plot.plot(history.cost, "-", label="training")
        plot.plot(history.validation_cost, "--", label="validation")
        plot.set(title=f"Patient {name}", xlabel="epoch", ylabel="cost", ylim=(0, None))
    plots[0, 0].legend()
words = [f"{name}: training from {h.cost[0]:.2f} to {h.cost[-1]:.2f}, validation lowest {min(h.validation_cost):.2f}, "
         f"last {h.validation_cost[-1]:.2f}" for name, (h, _) in ill.items()]
drawing.as_picture(figure, "Cost by epoch of four sick networks. " + "; ".join(words) + ".")

# %%
drawing.gradient_norm_picture({f"patient {name}": found for name, (_, found) in ill.items()})

# %% [markdown]
# **Predict.** Match A, B, C and D with the four diseases of this table. Then open the answer.
#
# | diagnosis | what you see |
# |:--|:--|
# | `"rate too large"` | the training cost ends above its start, or is no number any more |
# | `"vanishing gradient"` | training hardly moves; layer 1 has a gradient thousands of times smaller than the last |
# | `"rate too small"` | training falls, but slowly; the gradients of all layers are within a factor of about 30 |
# | `"overfitting"` | the training cost falls far, while validation has turned and ends far above its lowest |
# | `"healthy"` | both fall far and stay low; validation may lie somewhat above training |
#
# <details><summary>The answer</summary>
#
# A: rate too small. B: vanishing gradient. C: overfitting; 60 of the 150 labels are shuffled, and it learns them by
# heart. D: rate too large. A and B are nearly the same to the eye; only the gradient norms tell them apart.
#
# The table knows these five and no more. The network of part 1 whose neurons died would read as "rate too small":
# its gradients before training were healthy, and it does not fall. There you have to count the living neurons.
#
# </details>
#
# {{exercise diagnose}}
#
# Write the table as a function. `training` and `validation` are arrays with the cost before training and after every
# epoch, at least 10 numbers each. `norms` is an array with the gradient norm of each layer before training, layer 1
# first. Return one of the five texts. Curves are noisy: a cost may rise in one epoch and mean nothing, and costs may be
# NaN or infinite. Costs may be of any size: compare them with the one before training. All cases are clear ones, and no
# network has dead neurons, so the limits are yours to choose.
#
# <details><summary>Hint 1: the idea</summary>
#
# Ask one question after the other. Start with the one that makes all others useless: are these still numbers?
#
# </details>
# <details><summary>Hint 2: about NaN</summary>
#
# Every comparison with NaN is False: `nan > 2` and `nan < 2`. Ask `np.isfinite(training[-1])`.
#
# </details>
# <details><summary>Hint 3: limits that work</summary>
#
# Has training fallen by at least half? If not, look at `norms[0] / norms[-1]`: is it below a thousandth? If it has
# fallen, compare the last validation cost with the lowest one: 20 % more is a lot.
#
# </details>

# %% answer="diagnose"
def diagnose(training, validation, norms):
    """One of "rate too large", "rate too small", "vanishing gradient", "overfitting" and "healthy"."""
    ### BEGIN SOLUTION
    if not np.isfinite(training[-1]) or training[-1] > training[0]:
        return "rate too large"
    if training[-1] > 0.5 * training[0]:
        return "vanishing gradient" if norms[0] < 1e-3 * norms[-1] else "rate too small"
    return "overfitting" if validation[-1] > 1.2 * np.min(validation) else "healthy"
    ### END SOLUTION

# %% check="diagnose"
check("diagnose", diagnose)

# %% [markdown]
# ## 5 What backward really costs
#
# People say that backpropagation is expensive for deep networks. Let us count, for a batch of 200 images. First, how
# many multiplications does the backward pass make for each one of the forward pass? Second, how many activations must
# be kept? BP4 needs $a^{[l-1]}$, and BP2 needs $\sigma'(z^{[l]})$.
#
# **Predict.** The network gets ten times as deep. How does the *ratio* of backward work to forward work change? And
# the number of activations?

# %%
print("layers  backward/forward  activations")
for layers in (2, 5, 10, 20):
    network = deep(layers, "sigmoid")
    work = counting.network_work(network.sizes, m=200)
    kept = sum(a.size for a in network.feedforward(X)[1])
    print(f"{layers:6}  {work.ratio:16.2f}  {kept:11,}")

# %% [markdown]
# From 2 to 20 layers the ratio goes from 1.14 to 1.90, and it never reaches 2: the backward pass costs at most twice
# the forward pass, at any depth. Arithmetic is not the problem. The activations grow with the depth, six times for
# ten times the layers (the input is always there). All of them wait in memory until the backward pass comes back to
# them. A network that only *predicts* can throw each layer away as soon as the next one is there.
#
# (A way out is to keep only some layers and compute the others a second time: Chen, Xu, Zhang and Guestrin, 2016. It
# trades one more forward pass for memory that grows like $\sqrt L$ instead of $L$.)
#
# {{exercise memory}}
#
# Count numbers, not bytes. `sizes` is a list such as `[64, 30, 10]`, the input first.
#
# - `activations_kept(sizes, m, training)`: how many activations are in memory at once for `m` examples, at most. When
#   `training` is True, all layers are kept, the input too. When it is False, only two neighboring layers at a time:
#   the one that is read and the one that is written. (With the sigmoid, $\sigma' = a(1 - a)$, so no `z` is kept.)
#   There are at least two layers in `sizes`, and `m` is at least 1.
# - `state_kept(sizes, optimizer)`: how many numbers the optimizer remembers from step to step. `optimizer` is `"sgd"`,
#   `"momentum"` or `"adam"`; do not count Adam's `t`. Biases are parameters too.
#
# *Example.* `[3, 4, 2]` with `m = 10`: training keeps 90 activations, predicting 70. Momentum keeps 26 numbers.
#
# *Closed here*, of course_lib: `counting` and `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Layer l has sizes[l] · m activations. For the optimizers, look at the formulas again: what do they need from the step
# before?
#
# </details>
# <details><summary>Hint 2: parameters</summary>
#
# Layer l has n_l · n_{l−1} weights and n_l biases.
#
# </details>
# <details><summary>Hint 3: neighbors</summary>
#
# The layers `l - 1` and `l` are neighbors, for `l` in `range(1, len(sizes))`.
#
# </details>

# %% answer="memory"
def activations_kept(sizes, m, training):
    """The largest number of activations in memory at once, a whole number.

    >>> activations_kept([3, 4, 2], 10, True)
    90
    """
    ### BEGIN SOLUTION
    if training:
        return m * sum(sizes)
    return m * max(sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))
    ### END SOLUTION


def state_kept(sizes, optimizer):
    """How many numbers an optimizer remembers, a whole number.

    >>> state_kept([3, 4, 2], "momentum")
    26
    """
    ### BEGIN SOLUTION
    parameters = sum(sizes[l] * (sizes[l - 1] + 1) for l in range(1, len(sizes)))
    return {"sgd": 0, "momentum": 1, "adam": 2}[optimizer] * parameters
    ### END SOLUTION

# %% check="memory"
check("memory", activations_kept, state_kept)

# %% [markdown]
# {{written explain-expensive}}
#
# A textbook says: *"A drawback of backpropagation: it is computationally expensive for deep networks."*
#
# In two to four sentences: what is wrong with this, and what is right about it? Use what you have counted.

# %% [markdown] written="explain-expensive" points=4
# ### BEGIN SOLUTION
# **Model answer.** Wrong: backpropagation costs at most about twice the multiplications of the forward pass, whatever
# the depth; a deeper network costs more only because its forward pass does too, and every other way to the same
# gradient, such as finite differences, is far dearer. Right: it needs memory, because the activations of all layers
# must be kept until the way back, while predicting keeps only two layers. Training as a whole is long because it
# repeats this for many steps, and deep networks may need more of them when gradients vanish or explode.
#
# **Rubric, one point each**
# - The work of the backward pass is a constant factor (about 2) of the forward pass and does not depend on the depth.
# - A fair comparison: with the forward pass or with finite differences; the gradient itself is cheap for what it gives.
# - Memory grows with depth (and with the batch), because activations are kept; predicting does not need that.
# - What makes deep training hard is the number and quality of the steps (vanishing, exploding), not the work for one.
# ### END SOLUTION

# %% [markdown]
# ## 6 A path around, and three bugs
#
# One remedy is left, and it comes straight from notebook 1: *add over the paths*. Give the gradient a second path, with
# local derivative 1. A layer with a **skip connection** (He, Zhang, Ren and Sun, 2016) adds its result to its
# input:
#
# $$ z = w\,a + b, \qquad \text{out} = a + \tanh(z) $$
#
# **Predict.** 20 tanh layers with small weights, half the spread of "scaled". Which curve is flat, without the skip
# and with it? And which is high?

# %%
def norms_by_engine(skip, layers=20, n=30):
    rng = np.random.default_rng(7)
    ws = [Tensor(rng.normal(0, 0.5 / np.sqrt(n), (n, n))) for _ in range(layers)]
    a = Tensor(rng.normal(0, 1, (n, 50)))
    for w in ws:
        out = linear(w, a, Tensor(np.zeros((n, 1)))).tanh()
        a = a + out if skip else out
    ((a - 1) ** 2).mean().backward()
    return [float(np.linalg.norm(w.grad)) for w in ws]

drawing.gradient_norm_picture({"plain": norms_by_engine(False), "with skip": norms_by_engine(True)})

# %% [markdown]
# Both are flat, and one lies ten million times lower. In the plain network even layer 20 learns nothing. Its errors
# are fine, but the activations that reach it have shrunk on the way forward, and BP4 multiplies both. With the skip,
# all layers live. In this way networks of more than 100 layers can be trained.
#
# Here is the backward pass of one such layer, and a function that compares its results with measured slopes.
# `upstream` is the gradient that arrives at `out`, with the $1/m$ already in it. The backward pass has three bugs. No
# shape gives them away: in a skip layer, `w` is square.

# %%
def broken_backward(upstream, a, w, b):
    dz = upstream * (1 - np.tanh(a) ** 2)
    da = w @ dz
    dw = dz @ a.T
    db = np.sum(dz, axis=1, keepdims=True)
    return da, dw, db

def compare_with_wiggles(backward):
    rng = np.random.default_rng(3)
    upstream, a, w, b = (rng.normal(0, 1, shape) for shape in ((3, 4), (3, 4), (3, 3), (3, 1)))
    costs = {"da": lambda p: np.sum(upstream * (p + np.tanh(w @ p + b))),
             "dw": lambda p: np.sum(upstream * (a + np.tanh(p @ a + b))),
             "db": lambda p: np.sum(upstream * (a + np.tanh(w @ a + p)))}
    for found, (name, cost), at in zip(backward(upstream, a, w, b), costs.items(), (a, w, b), strict=True):
        print(f"{name}: largest difference {np.max(np.abs(found - gradcheck.numerical_gradient(cost, at))):.1e}")

compare_with_wiggles(broken_backward)

# %% [markdown]
# {{exercise skip-bugs}}
#
# Write `fixed_backward(upstream, a, w, b)`. `upstream` and `a` have shape `(n, m)`, `w` has shape `(n, n)`, `b` has
# shape `(n, 1)`; `m` may be 1. Return `da, dw, db`, each of the shape of what it is the gradient of. When you are done,
# `compare_with_wiggles(fixed_backward)` should show differences below `1e-8`.
#
# *Closed here*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
#
# <details><summary>Hint 1: where to look</summary>
#
# Draw the graph: a goes to z, z goes to tanh, and then two arrows meet in out. Which arrow has no line in the code?
#
# </details>
# <details><summary>Hint 2: the three kinds</summary>
#
# A slope is taken at the wrong place. A matrix is not turned over. A path is missing.
#
# </details>
# <details><summary>Hint 3: the first one</summary>
#
# The tanh was applied to z. So where is its slope taken?
#
# </details>

# %% answer="skip-bugs"
def fixed_backward(upstream, a, w, b):
    """The gradients da (n, m), dw (n, n) and db (n, 1) of a layer with a skip connection."""
    ### BEGIN SOLUTION
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return upstream + w.T @ dz, dz @ a.T, dz.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% check="skip-bugs"
check("skip-bugs", fixed_backward)

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | clipping | $g \leftarrow g \cdot \min(1, \text{largest}/\lVert g \rVert)$, one norm for all |
# | momentum | $v \leftarrow \beta v - \eta g$, $\;\theta \leftarrow \theta + v$ |
# | Adam | $\theta \leftarrow \theta - \eta\, \hat m / (\sqrt{\hat v} + \varepsilon)$, $\;\hat m = m/(1 - \beta_1^t)$ |
# | cost of backward | at most 2 × forward in work; all activations in memory |
#
# ## Test yourself
#
# <details><summary>1. All gradients grow by a factor of 1000. What do SGD, clipped SGD and Adam do?</summary>
#
# SGD: steps 1000 times as long. Clipped: never longer than rate × limit. Adam: the same as before, because $\hat m$ and
# $\sqrt{\hat v}$ both grow by 1000, if the gradients are larger from the first step on and far above ε. If they grow in
# the middle, $\hat m$ follows faster than $\sqrt{\hat v}$, and some steps are too long.
#
# </details>
# <details><summary>2. Momentum with β = 0.9 on a slope that never changes. How long do the steps get?</summary>
#
# Ten times a plain step: v = βv − ηg rests at −ηg/(1 − β).
#
# </details>
# <details><summary>3. Your GPU runs out of memory in training, but predicting works. Name two things to try.</summary>
#
# A smaller batch (activations grow with m), or keep only some layers and compute the rest again. Momentum in place of
# Adam saves one number for each parameter.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# In every notebook so far, we chose the functions and wrote the statement for each. Notebook 10 takes most of that
# away: an empty class, a small interface, and digits to be recognized. You have every piece it needs.
#
# {{next}}
