# %% [markdown]
# {{title}}
#
# **By the end you can** write the loop that trains almost every neural network, say why its steps may be noisy, and
# train a network that reads handwritten digits it has never seen.
#
# You can find the gradient of a network (notebook 4) and test it (notebook 6). Now we use it: walk downhill. But the
# exact gradient asks *all* examples before each small step. The way out: ask a few, drawn at random, and walk at
# once.
#
# **You need:** the gradient as a mean over examples (notebook 4), lines on log axes (notebook 6).
#
# {{plan}}

# %% setup="imports"
import timeit

import numpy as np

from course_lib import datasets, drawing, sgd
from course_lib.check import check
from course_lib.network import Network

# %% [markdown]
# ## 1 Every example has a wish
#
# Three examples look at three weights. Each says how *it* would like to move each weight to lower its own cost.
#
# **Our sign convention:** the table holds **wishes**: minus the slope, $-\partial C_x/\partial w$. A positive entry
# means "this weight should grow". The minus of "downhill" is already in it.
#
# | | example 1 | example 2 | example 3 |
# |:--|--:|--:|--:|
# | w0 | −0.8 | 0.2 | −0.4 |
# | w1 | 0.7 | 0.3 | 0.1 |
# | w2 | −0.1 | −0.4 | 0.5 |
#
# The cost is the **mean** over the examples, so the fair step goes along the mean of their wishes.
#
# **Predict.** Which weight will grow, which will shrink, which stays where it is? A set of lecture notes has exactly
# this table, and finds −0.1/3 for w0 and 0.11/3 for w1. What slipped?
#
# <details><summary>The slip</summary>
#
# The row of w0 adds up to −0.8 + 0.2 − 0.4 = −1.0, the row of w1 to 1.1, the row of w2 to 0. So w1 grows, w0 shrinks
# and w2 stays. In both results the decimal point has moved by one place: right directions, steps ten times too short.
#
# </details>
#
# {{exercise average-changes}}
#
# `table` holds wishes, as above: shape `(n, m)`, one row for each of `n` weights, one column for each of `m`
# examples.
#
# - `average_changes(table)`: the mean wish for each weight, shape `(n,)`.
# - `apply_changes(w, table, rate)`: the weights after one step, shape `(n,)` like `w`. The step is the **learning
#   rate** `rate` times the mean wish.
#
# *Example.* For `[[1, 3]]` (one weight, two examples) the mean wish is 2. From `w = [10]`, rate 0.5 leads to 11.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Each row belongs to one weight. You want one number for each row.
#
# </details>
# <details><summary>Hint 2: which sign?</summary>
#
# A wish already says where the weight wants to go. Does it need another minus?
#
# </details>
# <details><summary>Hint 3: the tool</summary>
#
# `np.mean(…, axis=1)` averages along each row.
#
# </details>

# %% answer="average-changes"
def average_changes(table):
    """The mean wish for each weight, shape (n,); table has shape (n, m), one column an example.

    >>> print(average_changes(np.array([[1.0, 3.0], [0.0, -1.0]])))
    [ 2.  -0.5]
    """
    ### BEGIN SOLUTION
    return np.mean(table, axis=1)
    ### END SOLUTION


def apply_changes(w, table, rate):
    """The weights after one step along the mean wish, shape (n,).

    >>> print(apply_changes(np.array([10.0]), np.array([[1.0, 3.0]]), 0.5))
    [11.]
    """
    ### BEGIN SOLUTION
    return w + rate * np.mean(table, axis=1)
    ### END SOLUTION

# %% check="average-changes"
check("average-changes", average_changes, apply_changes)

# %% [markdown]
# ## 2 Shuffle and split
#
# With a million examples we ask a **mini-batch**: a few, drawn at random. Their mean wish is a good guess of
# everyone's, as a poll guesses an election.
#
# To be fair, we **shuffle** all examples once and cut the row into pieces. When they are used up, everyone was asked
# exactly once, and we shuffle again.
#
# **Predict.** Ten examples, mini-batches of 4. How many mini-batches, and of which sizes?
#
# <details><summary>The answer</summary>
#
# Three, of 4, 4 and 2. We keep the smaller last one, or its examples would not be asked at all in this pass.
#
# </details>
#
# {{exercise minibatches}}
#
# `X` has shape `(n, N)` and `Y` has shape `(k, N)`: `N` examples, one column each. Give the mini-batches of one pass
# over the data: a list of pairs `(x, y)`, or `yield` them one by one.
#
# - Every example comes exactly once, beside its own target. `N` and `size` are at least 1; `size` may be larger than
#   `N`.
# - Each mini-batch has `size` columns; only the last one may have fewer.
# - The order is random and comes from `rng` only, a NumPy generator. Called again with the same `rng`, your function
#   gives a new order, because `rng` has moved on.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Do not shuffle X and Y. Shuffle the column numbers 0 … N − 1 once, and pick columns of both with them.
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `rng.permutation(N)` gives the numbers 0 … N − 1 in random order. `X[:, some]` picks columns, as a new array.
# A slice that reaches over the end is simply shorter.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `order = rng.permutation(X.shape[1])`, then `for start in range(0, X.shape[1], size):`.
#
# </details>

# %% answer="minibatches"
def minibatches(X, Y, size, rng):
    """Pairs (x, y) of `size` columns of X (n, N) and Y (k, N) in random order, every example exactly once.

    >>> len(list(minibatches(np.zeros((3, 10)), np.zeros((2, 10)), 4, np.random.default_rng(0))))
    3
    """
    ### BEGIN SOLUTION
    N = X.shape[1]
    shuffled = rng.permutation(N)
    pieces = [shuffled[k : k + size] for k in range(0, N, size)]
    return [(X[:, piece], Y[:, piece]) for piece in pieces]
    ### END SOLUTION

# %% check="minibatches"
check("minibatches", minibatches)

# %% [markdown]
# ## 3 One step
#
# A network has several arrays of weights and biases: the **parameters**, in a list. Their gradients are in a second
# list, in the same order. A gradient points uphill, so now the minus is ours:
#
# $$ p \;\leftarrow\; p - \eta \,\frac{\partial C}{\partial p} $$
#
# $\eta$ (eta) is the learning rate. This is **gradient descent**. With the gradient of a mini-batch it is
# **stochastic gradient descent** (SGD): chance has a part in it.
#
# {{exercise sgd-step}}
#
# `parameters` and `gradients` are lists of arrays; gradient `i` has the shape of parameter `i`. Return a **new list
# of new arrays**: the parameters after one step. The arrays that you are given stay as they were.
#
# *Example.* From `[[3.0]]` with gradient `[[2.0]]` and rate 0.5, go to `[[2.0]]`.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# One array after another. `p - …` makes a new array; `p -= …` writes into the old one.
#
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `zip(parameters, gradients)` gives the pairs.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `moved = []`, then `for p, g in zip(parameters, gradients):`.
#
# </details>

# %% answer="sgd-step"
def sgd_step(parameters, gradients, rate):
    """A new list: each parameter after one step against its gradient.

    >>> print(sgd_step([np.array([[3.0]])], [np.array([[2.0]])], 0.5))
    [array([[2.]])]
    """
    ### BEGIN SOLUTION
    return [p - rate * gradient for p, gradient in zip(parameters, gradients, strict=True)]
    ### END SOLUTION

# %% check="sgd-step"
check("sgd-step", sgd_step)

# %% [markdown]
# ## 4 Two words
#
# Two words are often mixed up. We use them exactly:
#
# - An **iteration** is one update of the weights, from one mini-batch.
# - An **epoch** is one pass over the data: every example was used once.
#
# **Predict.** There are 1,285 digits to train with. How many iterations has an epoch with mini-batches of 10? Of 1?
# Of 1,285?
#
# {{exercise count-iterations}}
#
# - `iterations_per_epoch(examples, size)`: how many, the smaller last mini-batch included. Both are whole numbers of at
#   least 1, and so is the result.
# - `total_iterations(examples, size, epochs)`: in a whole training. Every epoch is cut into mini-batches anew.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# How many full mini-batches are there? Is anything left over?
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `//` divides and rounds down, `%` gives the rest. Or round up with `np.ceil`.
#
# </details>
# <details><summary>Hint 3: the order</summary>
#
# For the whole training: round up first, then multiply.
#
# </details>

# %% answer="count-iterations"
def iterations_per_epoch(examples, size):
    """The number of mini-batches that one epoch has.

    >>> print(int(iterations_per_epoch(10, 4)))
    3
    """
    ### BEGIN SOLUTION
    return -(-examples // size)
    ### END SOLUTION


def total_iterations(examples, size, epochs):
    """The number of updates in a training of `epochs` epochs."""
    ### BEGIN SOLUTION
    return -(-examples // size) * epochs
    ### END SOLUTION

# %% check="count-iterations"
check("count-iterations", iterations_per_epoch, total_iterations)

# %% [markdown]
# For 1,285 digits: 129 with mini-batches of 10 (the last one has 5), 1,285 with 1, and a single one with 1,285.
#
# ## 5 Two ways down
#
# To see a cost from above, we need a model with only two weights: a straight line $w_1 x + w_2$ through 60 points. The
# cost is half the mean squared error.
#
# **Predict.** Three walkers take 60 steps each with the same rate: one asks all 60 points before each step, one asks
# 10, one asks a single point. Sketch their paths. Who has asked how many points at the end?
#
# Run the cell, and press *play*, or move the slider with the arrow keys.

# %%
line = datasets.line(m=60, slope=2, intercept=-1, noise=0.5, seed=6)
LX, LY = np.vstack([line.X, np.ones((1, 60))]), line.Y  # the row of ones belongs to the intercept w2
START = np.array([[-1.5, 2.0]])

def line_cost(w):
    """Half the mean squared error of the line w, shape (1, 2), on all 60 points."""
    return np.mean((w @ LX - LY) ** 2) / 2

def line_gradient(w, x, y):
    """The gradient of that cost for the examples in x and y; same shape as w."""
    return (w @ x - y) @ x.T / x.shape[1]

def walk(size, rate, iterations, seed=0):
    """The places that SGD visits, shape (iterations + 1, 2)."""
    places, dice = [START], np.random.default_rng(seed)
    while len(places) <= iterations:
        for x, y in sgd.minibatches(LX, LY, size, dice):
            places.append(places[-1] - rate * line_gradient(places[-1], x, y))
    return np.vstack(places[: iterations + 1])

paths = {"full batch": walk(60, 0.3, 60), "mini-batches of 10": walk(10, 0.3, 60), "one example": walk(1, 0.3, 60)}
drawing.path_player(lambda a, b: line_cost(np.array([[a, b]])), paths, x=(-2.6, 4.3), y=(-2.5, 2.5))

# %% [markdown]
# The full batch goes down smoothly, always at a right angle to the lines of equal cost; it has asked 60 · 60 = 3,600
# points. The mini-batches zigzag along the same way, and have asked 600. A single example, 60 points in all, pulls the
# walker to and fro, and near the bottom it never rests: there the true slope is nearly zero, but the wishes of single
# examples are not.
#
# Now count the work. It is not in the step but in asking. Let all three ask the *same number of points*. **Predict**
# which one is ahead after one epoch, and which one after ten.

# %%
measure = False  # True: also time what one example of a mini-batch costs

def time_for_each(size):
    """Seconds that `backprop` takes for each example of a mini-batch of this size."""
    network, x, y = Network([64, 30, 10], seed=0), np.zeros((64, size)), np.zeros((10, size))
    return min(timeit.repeat(lambda: network.backprop(x, y), number=200, repeat=5)) / 200 / size

for size in (1, 10, 100) if measure else []:
    print(f"size {size:3}: {time_for_each(size) * 1e6:.1f} microseconds each")

def cost_per_asked(size, asked=600):
    """The cost each time another 60 points were asked."""
    places = walk(size, 0.3, asked // size)
    return [line_cost(place.reshape(1, 2)) for place in places[:: 60 // size]]

curves = {"full batch": cost_per_asked(60), "mini-batches of 10": cost_per_asked(10), "one example": cost_per_asked(1)}
drawing.loss_picture(curves, log=True, xlabel="epoch (60 points asked)")

# %% [markdown]
# After one epoch the full batch has made one step, the mini-batches six, and the single example sixty. By this count
# the single example leads at first; then its noise holds it back, and the mini-batches pass it. The full batch is far
# behind.
#
# Why then not single examples at the start? The count is not quite fair: asking a hundred examples does not take a
# hundred times as long as asking one, for a single matrix product serves them all. (Set `measure = True` above to see
# it.) In a mini-batch each example is cheaper than alone, and the noise is small enough. That is why everyone uses
# them.
#
# ## 6 A zoo of learning rates
#
# **Predict.** Full batch, so no noise. Of five rates, 0.003 creeps and 2.05 explodes. What do 0.3, 1.2 and 1.95 do?
# One is a surprise.

# %%
curvature = LX @ LX.T / 60  # the second derivatives of the cost; eigvalsh: along the two axes of the bowl
print("curvatures along the two axes of the bowl:", np.linalg.eigvalsh(curvature).round(3))

rates = [0.003, 0.3, 1.2, 1.95, 2.05]
zoo = {f"rate {rate}": [line_cost(place.reshape(1, 2)) for place in walk(60, rate, 40)] for rate in rates}
drawing.loss_picture(zoo, log=True, xlabel="iteration", title="One start, five learning rates")

# %% [markdown]
# Too small (0.003): the cost creeps, and is still above 6 after 40 steps. Too large (2.05): after the first step,
# each one jumps over the valley and lands higher on the other side. 0.3 goes straight down. Just below the border
# (1.95) it swings to and fro and comes down slowly. The surprise: 1.2 jumps over the valley too, and is the fastest
# of all. In a bowl the border is 2 divided by the largest curvature, which is printed above the picture.
#
# The cost of a network is no simple bowl. So one tries 0.01, 0.1, 1, 10, takes the rate at which the cost falls
# fastest, and stays clear of the border.
#
# ## 7 The loop, and when to stop
#
# The loop is the same for every network:
#
# ```text
# note the cost
# for each epoch:
#     for each mini-batch:
#         take the gradient where you are
#         make one step
#     note the cost
#     stop if it is time
# ```
#
# When is it time? A usual rule: **stop when the cost hardly changes**, that is, when the change from one epoch to the
# next is smaller than a tolerance. With **patience**: when the last `patience` changes are *all* smaller.
#
# {{exercise train}}
#
# - `should_stop(history, tolerance, patience)`: `True` if each of the last `patience` changes of the cost is smaller
#   than `tolerance` in size, up or down (equal is not smaller). `history` is a list of costs: before training, and
#   after each epoch. With fewer than `patience` changes, it is too early: `False`. `patience` is at least 1.
# - `train(w, gradient, cost, batches, rate, epochs, stop)` gives `w` after the last step, and the history: the cost
#   before training, and after each epoch. It is given `gradient(w, x, y)`, an array of the shape of `w`; `cost(w)`, a
#   number; `batches()`, the mini-batches of **one** epoch as pairs `(x, y)`, another order at every call; `epochs`,
#   the most you may do; and `stop(history)`, to be asked after every epoch: `True` ends the training.
#
# *Example.* Three epochs give a history of four costs.
#
# *Closed here*, of course_lib: `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Translate the text above line by line. For the rule: between 4 costs lie 3 changes.
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `np.diff(history)` gives the changes, `[-patience:]` the last ones. `break` leaves a loop.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `history = [cost(w)]`, then `for epoch in range(epochs):`, then `for x, y in batches():`.
#
# </details>

# %% answer="train"
def should_stop(history, tolerance, patience):
    """True if the last `patience` changes of the cost are all smaller than `tolerance` in size.

    >>> should_stop([3.0, 2.0, 1.999], 0.01, 1)
    True
    """
    ### BEGIN SOLUTION
    recent = np.abs(np.diff(history[-patience - 1 :]))
    return len(recent) == patience and bool(np.all(recent < tolerance))
    ### END SOLUTION


def train(w, gradient, cost, batches, rate, epochs, stop):
    """SGD from w. Returns w and the history: the cost before training and after each epoch."""
    ### BEGIN SOLUTION
    history = [cost(w)]
    for _ in range(epochs):
        for x, y in batches():
            w = w - rate * gradient(w, x, y)
        history.append(cost(w))
        if stop(history):
            break
    return w, history
    ### END SOLUTION

# %% check="train"
check("train", should_stop, train)

# %% [markdown]
# The rule can be fooled in three ways. Below, the library trains the line of part 5 until the cost changes by less
# than 0.001, ten times for each setting, with other random numbers.
#
# **Predict.** What does the rule do when the steps are tiny? And with mini-batches of one example, with patience 1
# and with patience 3?

# %%
def stops(size, rate, patience):
    """For ten seeds: the epoch at which the rule stopped, and how far above the best cost that was."""
    best, found = line_cost(np.linalg.lstsq(LX.T, LY.T, rcond=None)[0].T), []
    for seed in range(10):
        model = Network([1, 1], "identity")
        model.w[1][...], model.b[1][...] = START[0]
        past = sgd.train(model, line.X, LY, 60, size, sgd.SGD(rate), seed=seed, stop_below=0.001, patience=patience,
                         progress=False)
        found.append((past.epochs, past.cost[-1] - best))
    return np.array(found).T

settings = {"full batch": (60, 0.3, 1), "full batch, tiny steps": (60, 0.00005, 1), "one example": (1, 0.3, 1),
            "one example, patience 3": (1, 0.3, 3), "ten examples, patience 3": (10, 0.3, 3)}
for name, (size, rate, patience) in settings.items():
    epochs, above = stops(size, rate, patience)
    print(f"{name:24}: {epochs.min():2.0f} to {epochs.max():2.0f} epochs, at most {above.max():.4f} too high")

# %% [markdown]
# - **Tiny steps** change the cost little, at the top of the hill too.
# - **Noise stops too early**: by luck two values are nearly equal.
# - **Noise never stops**: with patience, the single example goes on to the last epoch, because its cost never calms
#   down.
#
# Larger mini-batches calm it. Part 9 has a better rule: keep the weights that are best on other examples.
#
# {{pause}}
#
# ## 8 How noisy is a mini-batch?
#
# Let $g$ be the full gradient and $g_B$ that of a mini-batch of $B$ examples. Two facts:
#
# 1. $g_B$ is **unbiased**: on average over all possible mini-batches it is $g$. The noise pulls to no side.
# 2. The noise falls as **1/B**. Here *noise* is the mean squared distance, $\text{mean of } \lVert g_B - g\rVert^2$.
#
# For the first, average many mini-batch gradients. It does not say that the noise is round: the last line shows its
# variance along its two axes.

# %%
every = np.hstack([line_gradient(START, LX[:, [i]], LY[:, [i]]).T for i in range(60)])  # one column an example
dice = np.random.default_rng(8)
for count in [1, 10, 100, 10_000]:
    mean = np.mean([every[:, dice.integers(60, size=5)].mean(axis=1) for _ in range(count)], axis=0)
    print(f"mean of {count:5} mini-batch gradients: {mean.round(3)}")
print(f"full gradient:                    {every.mean(axis=1).round(3)}")
print(f"variance of single examples along the two axes: {np.linalg.eigvalsh(np.cov(every, bias=True)).round(2)}")

# %% [markdown]
# **Predict** for the second: with 4 times as many examples in a mini-batch, how much smaller is the noise? And the
# typical distance, its root?
#
# {{exercise gradient-noise}}
#
# - `gradient_noise(G, batches)`: `G` has shape `(n, N)`: column $i$ is the gradient of example $i$. `batches` is a
#   list of mini-batches of equal size, each a list of column numbers, in which one may come twice. The gradient of a
#   mini-batch is the mean of its columns. Return one number: the mean over the mini-batches of its squared distance
#   from the full gradient, the *sum* of the squared differences.
# - `size_for(size, noise, goal)`: mini-batches of `size` examples have this `noise`. How many examples does a
#   mini-batch need for a noise of at most `goal`? Use the law 1/B and give the smallest whole number.
#
# *Example.* `G = [[1, 3, 5]]`: the full gradient is 3. The mini-batches `[0]` and `[1]` are 2 and 0 away, so the
# noise is (4 + 0)/2 = 2.
#
# <details><summary>Hint 1: the idea</summary>
#
# For each mini-batch: mean of its columns, minus the mean of all, square, sum. Then the mean over the mini-batches.
#
# </details>
# <details><summary>Hint 2: the law</summary>
#
# noise · size stays the same: goal · (new size) = noise · size. Which way must you round?
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `full = G.mean(axis=1)`, and for each mini-batch `G[:, batch].mean(axis=1)`.
#
# </details>

# %% answer="gradient-noise"
def gradient_noise(G, batches):
    """The mean squared distance of mini-batch gradients from the full gradient; G has shape (n, N).

    >>> print(gradient_noise(np.array([[1.0, 3.0, 5.0]]), [[0], [1]]))
    2.0
    """
    ### BEGIN SOLUTION
    full = np.mean(G, axis=1)
    squared = [np.sum((np.mean(G[:, batch], axis=1) - full) ** 2) for batch in batches]
    return np.mean(squared)
    ### END SOLUTION


def size_for(size, noise, goal):
    """The smallest mini-batch with a noise of at most goal, when mini-batches of `size` have this noise.

    >>> print(int(size_for(10, 0.4, 0.2)))
    20
    """
    ### BEGIN SOLUTION
    return int(np.ceil(size * noise / goal))
    ### END SOLUTION

# %% check="gradient-noise"
check("gradient-noise", gradient_noise, size_for)

# %% [markdown]
# Does the law hold for real images? Here are the gradients of 400 handwritten digits, for a small network that has
# not learned yet. Your function measures the noise, and a line is fitted on log axes: the law says slope −1.
# (`attempt` gives `None` as long as an exercise is not solved.)

# %%
def attempt(function, *inputs):
    """The result of your function, or None as long as an exercise on the way is not answered."""
    try:
        return function(*inputs)
    except NotImplementedError:
        return None

digits = datasets.digits()
fresh = Network([64, 10], cost="cross-entropy", seed=0)
X400, Y400 = digits.train.X[:, :400], digits.train.Y[:, :400]
gradients = [fresh.backprop(X400[:, [i]], Y400[:, [i]]).dw[1].ravel() for i in range(400)]
G = np.array(gradients).T  # 640 weights, 400 examples

sizes = np.array([1, 2, 4, 8, 16, 32, 64])
noise = [attempt(gradient_noise, G, dice.integers(400, size=(150, B)).tolist()) for B in sizes]

def noise_picture():
    slope = np.polyfit(np.log(sizes), np.log(noise), 1)[0]
    law = G.var(axis=1).sum() / sizes  # computed: the variance of single examples, divided by B
    print(f"fitted slope: {slope:.3f}")
    return drawing.cost_picture(sizes, {"measured": noise}, theory={"variance of one example / B": law},
                                xlabel="mini-batch size B", ylabel="noise of the gradient")

noise_picture() if noise[0] else print("Answer 7.6 first.")

# %% [markdown]
# The noise falls as 1/B, so the typical distance falls as $1/\sqrt B$: four times the work for *half* the distance.
# (Here they are drawn with repetition. Without it, the noise is a little smaller, and zero when B is everyone.)
#
# {{written explain-noise}}
#
# A friend says: *"The gradient of a mini-batch is wrong. I always use all one million examples for each step. That is
# exact, so it must be faster in the end."*
#
# Answer in two to four sentences. Say in which sense the mini-batch is not wrong, and use the law of this part.

# %% [markdown] written="explain-noise" points=4
# ### BEGIN SOLUTION
# **Model answer.** A mini-batch gradient is noisy but unbiased: on average it is the full gradient, so the errors of
# many steps cancel. The typical error falls only as 1/√B. Going from 100 to a million examples makes each step 10,000
# times as expensive but only 100 times as exact. For the price of one exact step one makes 10,000 steps that are right
# on average, and far from the minimum this is much faster. Near the minimum noise is all that is left; there, use a
# smaller rate or larger mini-batches.
#
# **Rubric, one point each**
# - Unbiased: on average the mini-batch gradient is the full gradient.
# - The law, used rightly: noise (squared) as 1/B, or typical error as 1/√B, so more examples bring less and less.
# - Cost: one full step costs as much as many mini-batch steps, with numbers or in proportion.
# - A limit of the argument: near the minimum the noise dominates (smaller rate or larger batch), or a similar point.
# ### END SOLUTION

# %% [markdown]
# ## 9 Real handwriting
#
# 1,797 digits, 8 × 8 pixels each, written by 13 people. A column of `X` is one image (64 numbers from 0 to 1), and the
# column of `Y` beside it is ten zeros and ones: the one stands at the digit.
#
# A network could learn all answers by heart and still read nothing new. So the examples are divided into three parts:
#
# | part | used for |
# |:--|:--|
# | **training** | the gradients |
# | **validation** | choices: learning rate, number of epochs, size of the network |
# | **test** | one look, at the very end |
#
# Validation is not enough for the end: you choose what does best on it, so it flatters you a little. (And the same 13
# people wrote all three parts; other people's digits would be harder.)
#
# **Predict.** A network with 30 hidden neurons learns for 30 epochs, and its curve is drawn meanwhile. How many
# percent of new digits will it read right? Which cost will be lower at the end, training or validation?

# %% tags=["nbval-ignore-output"]
print({part: getattr(digits, part).X.shape for part in ("train", "validation", "test")})
reader = Network([64, 30, 10], cost="cross-entropy", seed=1)
live = drawing.LivePicture(drawing.loss_picture([reader.cost(*digits.train[:2])], log=True, title="before training"))

def redraw(history):
    if history.epochs % 5 == 0:
        live.show(drawing.loss_picture(history, log=True, title=f"after {history.epochs} epochs"))

history = sgd.train(reader, *digits.train[:2], epochs=30, size=10, optimizer=sgd.SGD(0.5),
                    validation=digits.validation[:2], seed=1, after_epoch=redraw)

# %%
for epoch in (5, 10, 20, 30):
    print(f"epoch {epoch:2}: training {history.cost[epoch]:.3f}, validation {history.validation_cost[epoch]:.3f}")
print(f"lowest validation cost: epoch {history.best_epoch}; with its weights\n"
      f"{reader.accuracy(digits.validation.X, digits.validation.labels):.1%} of the validation digits are right")
predicted, truth = reader.predict(digits.validation.X), digits.validation.labels
wrong = np.flatnonzero(predicted != truth)
misread = digits.validation.X[:, wrong]
drawing.digits_picture(misread, labels=truth[wrong], predicted=predicted[wrong], columns=6) if wrong.size else None

# %% [markdown]
# Nearly 98 % are read right. The training cost is the lower one. In the last ten epochs it goes on falling, but the
# validation cost hardly moves: the network learns more and more about *these* examples, and little more about
# handwriting. When the validation cost even rises, one speaks of **overfitting**. `sgd.train` keeps the weights of
# the best epoch.
#
# **Predict.** Now we shuffle the 64 *pixels*, in the same way for every image. You could not read these images. Can
# the network still learn them?

# %%
pixel_order = np.random.default_rng(9).permutation(64)
shuffled_reader = Network([64, 30, 10], cost="cross-entropy", seed=1)
sgd.train(shuffled_reader, digits.train.X[pixel_order], digits.train.Y, epochs=30, size=10, seed=1, progress=False)
print(f"normal pixels:   {reader.accuracy(digits.validation.X, truth):.1%} of the validation digits are right")
print(f"shuffled pixels: {shuffled_reader.accuracy(digits.validation.X[pixel_order], truth):.1%}")
drawing.digits_picture(digits.train.X[pixel_order, :10], labels=digits.train.labels[:10], title="What it sees")

# %% [markdown]
# To this network, nothing has changed: it has never known that pixels have neighbors. (That the two numbers are quite
# equal is luck.) The grader of the next exercise makes use of this.
#
# {{exercise train-digits}}
#
# Write `train_digits(X, Y, rng)`: make a `Network`, train it, return it. `X` has shape `(64, N)`, `Y` has shape `(10,
# N)`. All randomness comes from `rng`: give `seed=rng` to `Network`, and shuffle with `rng`.
#
# `Network(sizes, activation, cost, output=…, init=…, seed=…)`: `activation` of the hidden layers is `"sigmoid"`,
# `"tanh"` or `"relu"`; `cost` is `"quadratic"`, `"cross-entropy"` or `"softmax cross-entropy"`. All but `sizes` may
# be left out.
#
# You choose layers, cost, rate, size and number of epochs. Write the loop yourself: `network.backprop(x,
# y).as_list()` gives the gradients, in the order of `network.parameters`. Changing these arrays in place (`p -= …`)
# changes the network.
#
# **How it is graded.** With another seed, and images drawn anew: a little turned, moved, thicker or thinner, with the
# pixels shuffled and the ten classes renamed, so finished weights are of no use. Only the weights of your network
# leave your notebook, rounded to three digits. They are tested on about 600 images or more that your code never sees.
# **95 %** is the goal; 91 % is accepted, against bad luck. You have one minute; a few seconds are enough. A network of
# more than 20 layers, or with more than 2000 neurons in a layer, is not judged.
#
# *Closed here*, of course_lib: `sgd.train`.
#
# <details><summary>Hint 1: the idea</summary>
#
# The loop of exercise 7.5, with a network in place of w. You do not need a stopping rule.
#
# </details>
# <details><summary>Hint 2: good values to start from</summary>
#
# One hidden layer of 30 neurons, `cost="cross-entropy"`, mini-batches of 10, rate 0.5, 20 epochs.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `network = Network([64, 30, 10], cost="cross-entropy", seed=rng)`, then two loops: over the epochs, and over the
# mini-batches, from your `minibatches` or from `sgd.minibatches`.
#
# </details>

# %% answer="train-digits"
def train_digits(X, Y, rng):
    """A Network trained on the images X (64, N) and their targets Y (10, N)."""
    ### BEGIN SOLUTION
    network = Network([64, 30, 10], cost="cross-entropy", seed=rng)
    for _ in range(20):
        for images, targets in sgd.minibatches(X, Y, 10, rng):
            for p, slope in zip(network.parameters, network.backprop(images, targets).as_list(), strict=True):
                p -= 0.5 * slope
    return network
    ### END SOLUTION

# %% check="train-digits"
check("train-digits", train_digits)

# %%
# The one look at the test part of our own split.
final = attempt(train_digits, *digits.train[:2], np.random.default_rng(2024))
print(f"test: {final.accuracy(digits.test.X, digits.test.labels):.1%} right" if final else "Answer 7.7 first.")

# %% [markdown]
# ## 10 Bonus: find three bugs
#
# `broken_epoch` should do one epoch of SGD for a linear model `w @ x`, as in part 5. `order` is the shuffled order
# of the examples. It has three bugs that raise no error. Five small tests compare one epoch with a calculation by
# hand, to three decimals.

# %%
def broken_epoch(w, X, Y, order, size, rate):
    m, first = X.shape[1], w
    for k in range(m // size):
        some = order[k * size : (k + 1) * size]
        x, y = X[:, some], Y[:, k * size : (k + 1) * size]
        error = first @ x - y
        w = w - rate * error @ x.T / len(some)
    return w

def hand_check(epoch):
    X, Y, start = np.array([[1.0, 2.0, 2.0]]), np.array([[2.0, 1.0, 6.0]]), np.array([[1.0]])
    old, new = np.array([0, 1, 2]), np.array([2, 0, 1])
    for order, size, by_hand in [(old, 3, 1.233), (new, 3, 1.233), (old, 1, 1.716), (new, 1, 1.292), (new, 2, 1.070)]:
        got = float(epoch(start, X, Y, order, size, 0.1)[0, 0])
        mark = "right" if abs(got - by_hand) < 0.001 else f"wrong: {got:.3f}, by hand {by_hand:.3f}"
        print(f"order {order}, size {size}: {mark}")

hand_check(broken_epoch)

# %% [markdown]
# {{exercise sgd-bugs}}
#
# Write `fixed_epoch`: copy the code and mend it. `X` has shape `(n, m)`, `Y` has shape `(1, m)`, `w` has shape `(1,
# n)`; return `w` after the epoch. Take the mini-batches in the given order, and keep the smaller last one. The step
# uses the mean over the examples that the mini-batch really has.
#
# *Closed here*, of course_lib: `sgd`, `network`, `autodiff` and `gradcheck`.
#
# <details><summary>Hint 1: use the tests</summary>
#
# The first test is right: one mini-batch, in the old order. In the second only the order is new. What does not follow
# it?
#
# </details>
# <details><summary>Hint 2: the other two</summary>
#
# The third test differs from the first in the size: three steps in place of one. With which weights is the error
# computed in the second step? In the last test, 3 is no multiple of 2.
#
# </details>
# <details><summary>Hint 3: the three lines</summary>
#
# Look at `y`, at `first`, and at `m // size`.
#
# </details>

# %% answer="sgd-bugs"
def fixed_epoch(w, X, Y, order, size, rate):
    """w, shape (1, n), after one epoch of SGD over the columns of X in the given order."""
    ### BEGIN SOLUTION
    now = w
    for begin in range(0, len(order), size):
        piece = order[begin : begin + size]
        error = now @ X[:, piece] - Y[:, piece]
        now = now - rate * error @ X[:, piece].T / len(piece)
    return now
    ### END SOLUTION

# %% check="sgd-bugs"
check("sgd-bugs", fixed_epoch)

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | the step | $p \leftarrow p - \eta\, \partial C/\partial p$ |
# | iterations in an epoch | $N / B$, rounded up |
# | a mini-batch is unbiased | the mean of $g_B$ is $g$ |
# | its noise | mean of $\lVert g_B - g\rVert^2 \propto 1/B$ |
# | largest rate in a bowl | $2 / \text{largest curvature}$ |
# | a stopping rule | the last `patience` changes of the cost are all below a tolerance |
#
# ## Test yourself
#
# <details><summary>1. The data are sorted: first all zeros, then all ones, … You do not shuffle. What now?</summary>
#
# Every mini-batch holds one digit only. Its gradient is far from the full one, and for many steps in a row it is
# wrong in the same direction, so the errors do not cancel. The network learns "all is zero", then "all is one", and
# so on.
#
# </details>
# <details><summary>2. You make the mini-batches 4 times as large. How does the typical error of a step change, and the
# number of iterations in an epoch?</summary>
#
# The error is half as large, because it falls as 1/√B. There are a quarter as many iterations.
#
# </details>
# <details><summary>3. Training cost 0.01 and falling, validation cost rising for ten epochs. What is it?</summary>
#
# The network begins to learn its examples by heart (overfitting). Keep the weights from the epoch where the validation
# cost was lowest.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# One hidden layer was enough for digits. Stack ten of them, all with sigmoids, and the very same loop learns almost
# nothing. Notebook 8 finds out where the gradient gets lost.
#
# {{next}}
