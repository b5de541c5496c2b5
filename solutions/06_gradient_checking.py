# %% [markdown]
# {{title}}
#
# **By the end you can** test any gradient with a checker that you wrote yourself, and say in numbers why nobody trains
# a network with that checker.
#
# In notebook 4 you derived the gradient of a network by hand. Suppose there was one wrong sign in it. Nothing
# crashes. The network may even learn, only worse than it could. How would you ever notice?
#
# A gradient makes a promise about the cost, so wiggle a weight and *measure* whether the promise holds.
#
# **You need:** slopes (notebook 1), shapes (notebook 3), the four equations (notebook 4).
#
# {{plan}}

# %% setup="imports"
from timeit import repeat

import numpy as np

from course_lib import drawing, gradcheck
from course_lib.check import check
from course_lib.counting import Counted, graph_work, parameter_count
from course_lib.drawing.figure import axes
from course_lib.network import Network

# %% [markdown]
# ## 1 Measure a slope
#
# In notebook 1 you walked from `x` to `x + h` and divided: the **forward** difference. The **central** difference
# walks from `x − h` to `x + h`:
#
# $$ \text{forward: } \frac{f(x+h) - f(x)}{h} $$
#
# $$ \text{central: } \frac{f(x+h) - f(x-h)}{2h} $$
#
# **Predict.** At `x = 1` the slope of `f(x) = x³` is 3. Both measurements miss it a little. Now make `h` ten times
# smaller. How many times smaller does each error become? Write down two numbers.

# %%
def cube(x):
    return x**3

print("    h     forward error   central error")
for h in [0.1, 0.01, 0.001]:
    forward = (cube(1 + h) - cube(1)) / h
    central = (cube(1 + h) - cube(1 - h)) / (2 * h)
    print(f"{h:6g} {forward - 3:15.6f} {central - 3:15.6f}")

# %% [markdown]
# The forward error becomes 10 times smaller, the central error 100 times. Taylor's formula to both sides says why
# (all derivatives are taken at `x`):
#
# $$ f(x \pm h) = f \pm h f' + \tfrac{h^2}{2} f'' \pm \tfrac{h^3}{6} f''' + \dots $$
#
# In `f(x+h) − f(x−h)` the terms with `h²` cancel. What is left, after dividing, is an error of about `h²`. The
# forward difference keeps an error of about `h`. We say: forward has **order 1**, central has **order 2**. This error
# is called **truncation**: it comes from cutting Taylor's formula off.
#
# {{exercise numerical-gradient}}
#
# `f` takes an array `theta` (any shape) and gives one number. For each entry of `theta`, move **only this entry**, by
# `h` to each side, and take the central difference. Return the slopes as an array of floats with the shape of
# `theta`. The caller's `theta` must be the same afterwards, to the last bit. It may hold whole numbers.
#
# `h` is above 0. Call `f` only with arrays of that shape.
#
# *Example.* `f(t) = t₀² · t₁` at `[3, 2]`: the slopes are `2·3·2 = 12` and `3² = 9`.
#
# *Closed here*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# One entry after another: step up, step down, subtract, divide. The safest way not to harm theta is never to write
# into it.
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `np.ndindex(theta.shape)` visits every index of an array of any shape. An array `step` of zeros with one `h` in it
# gives you `theta + step` and `theta - step`, both new arrays.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `gradient = np.zeros(theta.shape)`, then `for index in np.ndindex(theta.shape):`, then `step = np.zeros(theta.shape)`.
#
# </details>

# %% answer="numerical-gradient"
def numerical_gradient(f, theta, h):
    """The slopes of f at theta by central differences with step h; same shape as theta, floats.

    >>> print(numerical_gradient(lambda t: t[0] ** 2 * t[1], np.array([3.0, 2.0]), 1e-5).round(6))
    [12.  9.]
    """
    ### BEGIN SOLUTION
    slopes = np.zeros(theta.shape)
    for place in np.ndindex(theta.shape):
        shift = np.zeros(theta.shape)
        shift[place] = h
        slopes[place] = (f(theta + shift) - f(theta - shift)) / (2 * h)
    return slopes
    ### END SOLUTION

# %% check="numerical-gradient"
check("numerical-gradient", numerical_gradient)

# %% [markdown]
# ## 2 Is 0.001 much?
#
# **Predict.** A gradient and its measurement differ by 0.001. In which of these cases are you worried?
#
# (a) 1000.000 and 1000.001  (b) 0.001 and 0.002  (c) 0.0005 and −0.0005
#
# Compare the difference with the size of the numbers: the **relative error**
#
# $$ \frac{|a - b|}{\max(|a|, |b|)} $$
#
# <details><summary>The answer</summary>
#
# The relative errors are about (a) 10⁻⁶, (b) ½ and (c) 2. So (a) is fine, and (b) and (c) are bugs.
#
# </details>
#
# It is 0 for equal numbers, 1 when only one of them is zero, 2 when only the sign is wrong.
#
# {{exercise relative-error}}
#
# `relative_error(a, b)` for two numbers, or entry by entry for two arrays of the same shape. Where both entries are 0,
# the error is 0. The result must not depend on the unit: `a = 1e-30, b = 2e-30` is as wrong as `1` and `2`.
#
# *Closed here*, of course_lib: `gradcheck`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Two cases: where a and b are equal, the error is 0. Elsewhere, divide; the larger size is then not zero.
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `np.maximum` compares two arrays entry by entry. `np.where(condition, first, second)` chooses entry by entry. A
# warning about 0/0 does no harm here.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `a, b = np.asarray(a, float), np.asarray(b, float)`
#
# </details>

# %% answer="relative-error"
def relative_error(a, b):
    """|a − b| / max(|a|, |b|), entry by entry, and 0 where a and b are equal; same shape as a and b.

    >>> print(round(float(relative_error(3.0, 2.0)), 4))
    0.3333
    """
    ### BEGIN SOLUTION
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    largest = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore"):  # 0/0, which is not used
        return np.where(a == b, 0.0, np.abs(a - b) / largest)
    ### END SOLUTION

# %% check="relative-error"
check("relative-error", relative_error)

# %% [markdown]
# ## 3 How small is small enough?
#
# A smaller step gave a smaller error. Why not take the smallest step there is? Because a float holds about 16 digits.
# At a distance of `10⁻¹²` two values of a curve agree in their leading digits, and these cancel; three or four are
# left, and the last one is rounded. Then we divide by a tiny `h`, and the rounding becomes large. This second kind of
# error is called **round-off**. It is at most about `eps / h`, where `eps` is the gap between 1 and the next float,
# about `2.2e-16`.
#
# **Predict.** Sketch the error of both schemes against `h`, from `10⁻¹⁵` to 1. Where is the lowest point of each?
# %%
def bump(x):
    return 1 / (1 + x * x)

print(f"bump(0.3)         = {bump(0.3):.16f}\nbump(0.3 + 1e-12) = {bump(0.3 + 1e-12):.16f}")
slope, eps = -2 * 0.7 / (1 + 0.7 * 0.7) ** 2, np.finfo(float).eps
hs = 10 ** np.linspace(-15, 0, 91)
forward = np.abs((bump(0.7 + hs) - bump(0.7)) / hs - slope)
central = np.abs((bump(0.7 + hs) - bump(0.7 - hs)) / (2 * hs) - slope)

def u_curve():
    with axes(height=4.4) as (figure, plot):
        plot.loglog(hs, forward, "o", markersize=3.5, label="forward, measured")
        plot.loglog(hs, central, "s", markersize=3.5, label="central, measured")
        for power, style in [(hs, "-."), (hs**2, "--"), (eps / hs, ":")]:
            plot.loglog(hs, power, style, linewidth=1.3)
        plot.legend(plot.lines, ["forward, measured", "central, measured", "h", "h²", "eps / h"], ncols=2)
        plot.set(xlabel="step h", ylabel="error", ylim=(1e-13, 1e3))
        best = [f"{hs[error.argmin()]:.0e}" for error in (forward, central)]
        return drawing.as_picture(figure, "Error against step, log axes. Each scheme makes a U: on "
                                  "the left arm round-off, eps / h, on the right truncation, h or h². "
                                  f"Forward is lowest near {best[0]}, central near {best[1]}.")

u_curve()

# %% [markdown]
# Forward is lowest near `10⁻⁸`, central near `3·10⁻⁶`, and far lower. On log axes, a power of `h` is a straight line,
# and its slope is the exponent: the right arms show the orders 1 and 2. The left arm is the same for both, and the
# bottom lies where the arms meet. (The thin lines are guides for the slopes. They lie above the points: for this curve
# the factors in front, |f″|/2 and |f‴|/6 and the size of f itself, are below 1.) For a curve where they are about 1,
#
# $$ \text{error}(h) \;\approx\; h^{\,p} + \frac{\text{eps}}{h} $$
#
# where `p` is the order.
#
# {{exercise best-step}}
#
# - `best_step(order, eps)`: the step at the bottom of the U, for an `order` of 1, 2 or more. An estimate is enough:
#   within a factor of 3 of the bottom is right. `eps` may be another than `2.2e-16`, as for floats with fewer digits.
# - `convergence_order(errors, hs)`: measure the order. `errors` and `hs` are arrays of shape `(k,)`: the error at each
#   step, all on the right arm, with `k` at least 2. Fit a straight line through **all** points on log axes (least
#   squares) and give its slope. The steps come in any order, and one may come twice. An error may be negative; only its
#   size counts. None is 0.
#
# *Example.* Errors `0.02, 0.0002` at steps `0.1, 0.01`: the error shrinks 100 times while `h` shrinks 10 times. That is
# order 2.
#
# *Closed here*, of course_lib: `gradcheck`.
#
# <details><summary>Hint 1: the idea</summary>
#
# At the bottom, both errors are about equal. For the order: after taking logarithms, it is the slope of a line.
#
# </details>
# <details><summary>Hint 2: the formulas</summary>
#
# Solve h^p = eps / h for h. And: log(c · h^p) = log c + p · log h.
#
# </details>
# <details><summary>Hint 3: the tool</summary>
#
# `np.polyfit(x, y, 1)` fits a straight line and gives its slope, then its height at x = 0.
#
# </details>

# %% answer="best-step"
def best_step(order, eps=2.2e-16):
    """The step at which h**order + eps / h is smallest, within a factor of 3; one number."""
    ### BEGIN SOLUTION
    return eps ** (1 / (order + 1))
    ### END SOLUTION


def convergence_order(errors, hs):
    """The slope of log |error| against log h, fitted through all points; both inputs have shape (k,).

    >>> print(convergence_order(np.array([0.02, 0.0002]), np.array([0.1, 0.01])).round(6))
    2.0
    """
    ### BEGIN SOLUTION
    return np.polyfit(np.log(hs), np.log(np.abs(errors)), 1)[0]
    ### END SOLUTION

# %% check="best-step"
check("best-step", best_step, convergence_order)

# %% [markdown]
# ## 4 Where measuring goes wrong
#
# A measurement can be wrong although the gradient is right. Three cases:
#
# **A corner.** ReLU, `max(z, 0)`, has the slope 0 on the left of zero and 1 on the right. **Predict** what the
# central difference says exactly at the corner.
#
# **Randomness.** Some layers switch neurons off at random while training (*dropout*). Then a difference of two calls
# measures mostly chance. Below, our checker from `course_lib` notices.
#
# **Few digits.** Big networks often compute with `float32`, which has 7 digits. The U lies elsewhere.

# %%
h, corner, dice = 1e-5, 0.0, np.random.default_rng(5)
relu_up, relu_down = np.maximum(corner + h, 0), np.maximum(corner - h, 0)
print(f"ReLU at 0: to the left {(0 - relu_down) / h:.2f}, to the right {(relu_up - 0) / h:.2f}, "
      f"central {(relu_up - relu_down) / (2 * h):.2f}")

def dropout_cost(theta):
    switched_on = dice.random(theta.shape) < 0.5  # new dice at every call
    return np.sum(switched_on * theta**2)

theta = np.array([1.0, 2.0, 3.0, 4.0])
print(gradcheck.gradient_check(dropout_cost, 2 * theta, theta))
for dtype in [np.float64, np.float32]:
    print(f"{dtype.__name__}: best central step near {gradcheck.default_step('central', dtype):.0e}")

# %% [markdown]
# At the corner there is no single slope. Programs choose one, mostly 0. The measurement says ½. A checker that only
# knows the central difference would call both choices wrong.
#
# ## 5 The checker
#
# On a corner, a claimed slope counts as right if it lies **between** the slope to the left and the slope to the right
# (the ends included). So 0, 1 and ½ are all fine for ReLU at 0; 2 and −1 are not. The two slopes are measured, so a
# claim that is outside by no more than the tolerances below is right too.
#
# {{exercise gradient-check}}
#
# `gradient_check(f, grad, theta)` gives **two things**: `True` if the gradient is right, else `False`; and the index of
# the worst coordinate, a tuple: `(1, 2)` for a matrix, `(1,)` for a vector. `f(theta)` is one number of size about 1.
# `grad(theta)` is the gradient that somebody claims, an array with the shape of `theta` (any shape).
#
# - At every entry, measure the slopes to the left and to the right with `h = 1e-5`. What lies between them is right.
#   Compare any other claim with the nearer one of the two: a relative error above `1e-4` is a bug.
# - A difference from the nearer one below `1e-8` is round-off: let it pass, however large its relative error is.
# - NaN ("not a number") in a claimed gradient is a bug.
# - You need not know where corners are: where `f` is smooth, the two slopes are nearly equal, and the rule is the same.
# - The worst coordinate is the one with the largest relative error among those that are not let pass. When all is
#   right, give any index.
#
# (Not done with 6.1 or 6.2? `gradcheck.numerical_gradient` and `gradcheck.relative_error` do the same.)
#
# *Closed here*, of course_lib: `gradcheck.gradient_check`, `gradcheck.direction_check` and `autodiff`.
#
# <details><summary>Hint 1: the idea</summary>
#
# At each coordinate, measure two slopes: to the left and to the right. Where f is smooth, they are nearly equal. On a
# corner they differ. In both cases the right slope lies between them, or very near.
#
# </details>
# <details><summary>Hint 2: between</summary>
#
# `np.clip(claim, low, high)` is the claim itself if it lies between, and the nearer end if not. So compare the claim
# with that. NaN stays NaN.
#
# </details>
# <details><summary>Hint 3: NaN, and the index</summary>
#
# Every comparison with NaN is False. So ask "is the error at most 1e-4?", not "is it above?". And
# `np.unravel_index(np.argmax(error), error.shape)` is the index of the largest entry; NaN counts as the largest.
#
# </details>

# %% answer="gradient-check"
def gradient_check(f, grad, theta):
    """(right?, index of the worst coordinate) for the claimed gradient grad(theta) of f at theta.

    >>> gradient_check(lambda t: np.sum(t * t), lambda t: 2 * t, np.array([0.5, 1.5]))[0]
    True
    """
    ### BEGIN SOLUTION
    h, claimed, here = 1e-5, np.asarray(grad(theta), dtype=float), f(theta)
    wrong_by = np.zeros(theta.shape)
    for place in np.ndindex(*theta.shape):
        shift = np.zeros(theta.shape)
        shift[place] = h
        sides = (here - f(theta - shift)) / h, (f(theta + shift) - here) / h
        allowed = np.clip(claimed[place], min(sides), max(sides))
        if not abs(claimed[place] - allowed) < 1e-8:
            wrong_by[place] = relative_error(claimed[place], allowed)
    worst = np.unravel_index(np.argmax(wrong_by), theta.shape)
    return bool(wrong_by[worst] <= 1e-4), worst
    ### END SOLUTION

# %% check="gradient-check"
check("gradient-check", gradient_check)

# %% [markdown]
# {{pause}}
#
# ## 6 Count the work
#
# The checker needs no chain rule and no four equations. Why not train with measured slopes, and forget
# backpropagation?
#
# **Predict.** A network 4 – 5 – 3 has 43 weights and biases. How often must it run forward for one gradient by
# forward differences? By central ones?
#
# <details><summary>The answer</summary>
#
# Forward: once for each weight, and once at the point itself, 44 times. Central: twice for each weight, 86 times.
#
# </details>
#
# Backpropagation makes **one** forward pass and **one** backward pass. But how long is a backward pass? Nearly all
# the work of a network is in its matrix products. Of a `(p, q)` and a `(q, r)` matrix, each of the `p · r` results is
# a sum of `q` terms. A term is one multiplication and one addition, two floating-point operations (FLOPs). (The first
# addition of each sum is one too many; everybody counts in this way.)
#
# $$ (p, q) \cdot (q, r) \quad\text{costs}\quad 2\,p\,q\,r \;\text{FLOPs} $$
#
# | | product | for the layers |
# |:--|:--|:--|
# | forward | `w[l] @ A[l-1]` | 1 … L |
# | BP4 | `delta[l] @ A[l-1].T` | 1 … L |
# | BP2 | `w[l+1].T @ delta[l+1]` | ? |
#
# {{exercise count-cost}}
#
# - `forward_passes(n_weights, scheme)`: how many forward passes one gradient needs, when there are `n_weights` weights
#   and biases in all. `scheme` is `"forward"`, `"central"`, `"complex"` (see part 10: one pass for each weight, and no
#   other) or `"backprop"` (forward passes only).
# - `flops(sizes, m)`: two whole numbers, the FLOPs of the forward pass and of the backward pass, for `m` examples.
#   `sizes` are the layer sizes, input first. Count only matrix products, at `2pqr` each. The first delta you need is
#   `delta[L]`, by BP1, without a product. The last one you need is `delta[1]`.
#
# *Example.* `sizes = [3, 2]`, `m = 1`: one layer, so one product forward, and one (BP4) backward: `(12, 12)`.
#
# *Closed here*, of course_lib: `counting`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Go through the layers. What are p, q and r in each of the three products? The three numbers turn out to be the same
# for all three products of a layer, only in another order.
#
# </details>
# <details><summary>Hint 2: the layers of BP2</summary>
#
# delta[1] comes from delta[2] with w[2], …, delta[L−1] from delta[L] with w[L]. So every w is used, except which one?
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `for l in range(1, len(sizes)):` goes through the layers 1 … L; their shapes are `sizes[l]` and `sizes[l - 1]`.
#
# </details>

# %% answer="count-cost"
def forward_passes(n_weights, scheme):
    """Forward passes for one gradient; scheme is "forward", "central", "complex" or "backprop"."""
    ### BEGIN SOLUTION
    return {"forward": n_weights + 1, "central": 2 * n_weights, "complex": n_weights, "backprop": 1}[scheme]
    ### END SOLUTION


def flops(sizes, m):
    """(FLOPs of the forward pass, FLOPs of the backward pass) for m examples, matrix products only.

    >>> flops([3, 2], 1)
    (12, 12)
    """
    ### BEGIN SOLUTION
    products = [2 * sizes[l] * sizes[l - 1] * m for l in range(1, len(sizes))]
    return sum(products), sum(products) + sum(products[1:])
    ### END SOLUTION

# %% check="count-cost"
check("count-cost", forward_passes, flops)

# %% [markdown]
# **Predict.** How many times as much work as the forward pass is the backward pass, with more and more hidden layers?
# And do the shapes matter? The products are counted on the real computation graph, node by node.

# %%
rng = np.random.default_rng(0)
for sizes in [[100, 100, 10], [10, 100, 100], [100] * 3 + [10], [100] * 5 + [10], [100] * 17 + [10]]:
    net = Network(sizes)
    X, Y = rng.normal(size=(sizes[0], 8)), rng.random((sizes[-1], 8))
    counted = graph_work(net.cost_tensor(net.tensors(), X, Y))
    print(f"{len(sizes) - 2:2} hidden layers, {sizes[0]:3} inputs: backward / forward = {counted.ratio:.2f}")

# %% [markdown]
# So one backward pass costs **between one and two forward passes**, and it finds *all* slopes. The ratio depends on
# the shapes (BP2 spares the first layer, which may be the largest or the smallest), and not on how many weights there
# are. This is the point of backpropagation.
#
# ## 7 A million weights
#
# Let us grow the network: `k – k – 10` neurons. We count the FLOPs of one gradient for one example. Where we can wait
# for it, we really run the finite differences and count; for the largest network, the count is computed.
#
# **Predict.** The 1000–1000–10 network has about a million weights. How many times the work of backpropagation do
# finite differences need there?

# %%
def example(k):
    """A network k – k – 10, one example, and its target."""
    return Network([k, k, 10]), rng.normal(size=(k, 1)), rng.random((10, 1))

def run_differences(k):
    """Run finite differences, and give the number of forward passes that it took."""
    net, X, Y = example(k)
    cost = Counted(lambda parameters: net.with_parameters(parameters).cost(X, Y))
    gradcheck.numerical_gradient(cost, net.parameters, h=1e-5, scheme="forward")
    return cost.calls

rows = []
for k in [3, 10, 25, 60, 1000]:
    n = parameter_count([k, k, 10])
    passes, how = (run_differences(k), "counted") if k <= 60 else (n + 1, "by formula")
    net, X, Y = example(k)
    once = graph_work(net.cost_tensor(net.tensors(), X, Y))
    differences, backprop = passes * 2 * once.forward, 2 * (once.forward + once.backward)
    rows.append((n, differences, backprop))
    print(f"{k:4} – {k:4} – 10: {passes:7} passes ({how}), {differences / backprop:6.0f} times the work")
weights, differences, backprop = np.array(rows).T

# %%
def growth():
    with axes(height=4) as (figure, plot):
        for work, style, name in [(differences, "o-", "finite differences"), (backprop, "s--", "backpropagation")]:
            slope = np.polyfit(np.log(weights), np.log(work), 1)[0]
            plot.loglog(weights, work, style, label=f"{name}: slope {slope:.1f}")
        plot.set(xlabel="weights", ylabel="FLOPs for one gradient")
        plot.legend()
        return drawing.as_picture(figure, "Work of one gradient against weights, log axes: two straight lines. "
                                  "Finite differences rise with slope 2, backpropagation with slope 1.")

growth()

# %% [markdown]
# There are `n + 1` passes, and the work of each pass itself grows like `n`. So with ten times the weights
# backpropagation has ten times the work, finite differences a hundred times: slopes 1 and 2. For the million weights,
# backpropagation does the work of about two forward passes, and finite differences of a million: half a million times
# as much, as the last row says.
#
# {{written explain-million}}
#
# A friend says: *"Finite differences need no calculus, so they cannot contain a sign error. Computers are fast. Let
# us train the 1000–1000–10 network with them."*
#
# Answer in two to four sentences. Use numbers from this notebook, and say what finite differences are good for all
# the same.

# %% [markdown] written="explain-million" points=4
# ### BEGIN SOLUTION
# **Model answer.** The network has about a million weights, so one gradient by finite differences takes about a million
# forward passes (two million with central differences). Backpropagation takes one forward and one backward pass, which
# together are about as much work as two or three forward passes, so it is roughly half a million times cheaper, and the
# gap grows with every weight. Measured slopes are also less exact, because of truncation and round-off. They are a
# perfect test, though: check the gradient of a small network once, then train with backpropagation.
#
# **Rubric, one point each**
# - Finite differences: one forward pass (or two) for *each* weight, so about a million or two million.
# - Backpropagation: one forward and one backward pass for *all* weights; backward costs between one and two forward
#   passes.
# - The consequence as a number or as growth: about half a million times the work, or n² against n.
# - A good use: to check a gradient, on a small network or on a few coordinates, before training.
# ### END SOLUTION

# %% [markdown]
# ## 8 Find three bugs
#
# Somebody gives you the backward pass of a network with two hidden layers, 4 – 3 – 3 – 2, with sigmoids and the
# quadratic cost of notebook 4. It has three bugs. Let your checker tell you where to look. Parameters and gradients
# are dicts by name.
#
# {{exercise wrong-parameters}}
#
# First a tool. `wrong_parameters(checker, cost, backprop, parameters)` gives the list of the **names** whose gradient
# is wrong. `parameters` is a dict such as `small`. `cost(parameters)` is one number, and `backprop(parameters)` is a
# dict with the claimed gradients, by the same names. `checker` is a function like your `gradient_check`: it takes
# `(f, grad, theta)` and gives two things. The names come in any order; when all gradients are right, the list is empty.
#
# A checker knows nothing of dicts. For each name, give it a cost and a gradient that depend on this one array only,
# while the others stay. `{**parameters, "w2": value}` is a new dict that is equal to `parameters`, except that `w2` is
# `value`.
#
# *Closed here*, of course_lib: `autodiff`.
#
# <details><summary>Hint 1: the idea</summary>
#
# A loop over the names. For each one, two small functions of one array: f and grad. Ask the checker, and note the name
# if it says no.
#
# </details>
# <details><summary>Hint 2: the two functions</summary>
#
# f puts its array into the dict and calls cost. grad puts it into the dict, calls backprop, and takes out the entry of
# the same name.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `for name in parameters:` and in it `def f(value): return cost({**parameters, name: value})`. Remember that the
# checker gives two things.
#
# </details>

# %% setup="small-network"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def small_cost(p, X, Y):
    for layer in ["1", "2", "3"]:
        X = sigmoid(p["w" + layer] @ X + p["b" + layer])
    return np.mean(np.sum((X - Y) ** 2, axis=0)) / 2

dice = np.random.default_rng(8)
small = {"w1": dice.normal(size=(3, 4)), "b1": dice.normal(size=(3, 1)), "w2": dice.normal(size=(3, 3)),
         "b2": dice.normal(size=(3, 1)), "w3": dice.normal(size=(2, 3)), "b3": dice.normal(size=(2, 1))}
small_X, small_Y = dice.normal(size=(4, 5)), dice.random((2, 5))

# %% answer="wrong-parameters"
def wrong_parameters(checker, cost, backprop, parameters):
    """A list of the names in `parameters` whose gradient, as backprop claims it, is wrong by the checker."""
    ### BEGIN SOLUTION
    def is_right(name):
        def cost_of_one(array):
            return cost({**parameters, name: array})

        def slopes_of_one(array):
            return backprop({**parameters, name: array})[name]

        return checker(cost_of_one, slopes_of_one, parameters[name])[0]

    return [name for name in parameters if not is_right(name)]
    ### END SOLUTION

# %% check="wrong-parameters"
check("wrong-parameters", wrong_parameters)

# %% [markdown]
# **Predict.** The error signal travels from the last layer to the first. If `delta[3]` is wrong, which parameters get
# a wrong gradient? And if only `delta[1]` is wrong? So which layer do you mend first?
#
# <details><summary>Answer</summary>
#
# BP2 makes each delta from the one after it. So a wrong delta[3] spoils all six parameters, and a wrong delta[1] only
# w1 and b1. Begin at the last layer that is wrong.
#
# </details>
#
# Here is the code with the bugs, and a cell for your investigation. Take away the `#` in its last line once
# `gradient_check` and `wrong_parameters` are right.

# %%
def broken_backprop(p, X, Y):
    m = X.shape[1]
    A1 = sigmoid(p["w1"] @ X + p["b1"])
    A2 = sigmoid(p["w2"] @ A1 + p["b2"])
    A3 = sigmoid(p["w3"] @ A2 + p["b3"])
    D3 = A3 - Y
    D2 = (p["w3"].T @ D3) * A2 * (1 - A2)
    D1 = (p["w2"] @ D2) * A1 * (1 - A1)
    return {
        "w1": D1 @ X.T / m, "b1": D1.mean(axis=1, keepdims=True),
        "w2": D2 @ A1.T / m, "b2": D2.sum(axis=1, keepdims=True),
        "w3": D3 @ A2.T / m, "b3": D3.mean(axis=1, keepdims=True),
    }

def report(backprop):
    """Which parameters are wrong in this backward pass?"""
    def on_data(f):
        return lambda p: f(p, small_X, small_Y)
    print("wrong:", wrong_parameters(gradient_check,
          on_data(small_cost), on_data(backprop), small))

# report(broken_backprop)

# %% [markdown]
# {{exercise checker-bugs}}
#
# Write `fixed_backprop(p, X, Y)`: copy the code of `broken_backprop` and mend it. After each change, run
# `report(fixed_backprop)` and see which names are left. It must also hold for a network with one output, and for one
# example, `m = 1`.
#
# *Closed here*, of course_lib: `network`, `autodiff` and `gradcheck`.
#
# <details><summary>Hint 1: in which order?</summary>
#
# A wrong delta spoils its own layer and all layers before it. So begin at the last layer. What is wrong there spoils
# everything.
#
# </details>
# <details><summary>Hint 2: what to compare</summary>
#
# Hold each line against its equation: BP1 for D3, BP2 for D2 and D1, BP3 and BP4 for the gradients. If only one bias is
# wrong, its delta must be right.
#
# </details>
# <details><summary>Hint 3: the one that hides</summary>
#
# A missing transpose usually crashes, because the shapes do not fit. Which matrix here is square?
#
# </details>

# %% answer="checker-bugs"
def fixed_backprop(p, X, Y):
    """A dict of gradients by name, for the quadratic cost; one column of X and Y is one example."""
    ### BEGIN SOLUTION
    layers = [X]
    for l in (1, 2, 3):
        layers.append(sigmoid(p[f"w{l}"] @ layers[-1] + p[f"b{l}"]))
    signal, gradients = (layers[3] - Y) / X.shape[1], {}
    for l in (3, 2, 1):
        signal = signal * layers[l] * (1 - layers[l])
        gradients[f"w{l}"] = signal @ layers[l - 1].T
        gradients[f"b{l}"] = np.sum(signal, axis=1, keepdims=True)
        signal = p[f"w{l}"].T @ signal
    return gradients
    ### END SOLUTION

# %% check="checker-bugs"
check("checker-bugs", fixed_backprop)

# %% [markdown]
# ## 9 Bonus: what you cannot wait for
#
# In part 7 the largest network was counted by formula, for nobody waits for a million passes. With a clock it is the
# same: time small networks, and extend the line.
#
# {{exercise extrapolate}}
#
# `weights` and `seconds` are arrays of shape `(k,)`, with `k` at least 2 and all numbers above 0: how long one gradient
# took for each network. Assume `seconds = c · weightsᵖ`. Give two numbers: the **exponent** `p`, fitted through all
# points on log axes (least squares), and the **seconds** that this line promises for `n` weights, more or fewer than
# were timed. The networks come in any order, and one may come twice.
#
# *Example.* 1 s for 100 weights and 4 s for 200: the exponent is 2, and 1000 weights would take 100 s.
#
# <details><summary>Hint 1: the idea</summary>
#
# You have fitted such a line in exercise 6.3. Now you also need its height.
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# log seconds = p · log weights + height. Put in n, then undo the logarithm.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `exponent, height = np.polyfit(np.log(weights), np.log(seconds), 1)`
#
# </details>

# %% answer="extrapolate"
def extrapolate(weights, seconds, n):
    """(exponent, seconds for n weights) from the line fitted through all points on log axes.

    >>> print(np.round(extrapolate(np.array([100, 200]), np.array([1.0, 4.0]), 1000), 6))
    [  2. 100.]
    """
    ### BEGIN SOLUTION
    slope, at_zero = np.polyfit(np.log(weights), np.log(seconds), 1)
    return slope, np.exp(at_zero + slope * np.log(n))
    ### END SOLUTION

# %% check="extrapolate"
check("extrapolate", extrapolate)

# %% [markdown]
# Try it on the counts: `extrapolate(weights[:4], differences[:4], weights[4])` should find an exponent near 2, and a
# number of about the same size as `differences[4]`.
#
# <details><summary>For the curious: take a clock</summary>
#
# Set `MEASURE = True` in the next cell and run it; it takes a few seconds. Where a line ends in a star, we do not wait:
# one forward pass is timed, and multiplied by the number of passes. Guess first: does the exponent of the *seconds* for
# the four small networks come out as 2? Then put them into `extrapolate`.
#
# </details>

# %%
MEASURE = False  # True: time it here

def fastest(work, times):
    """The shortest of some runs, in seconds: the others were disturbed."""
    return min(repeat(work, number=1, repeat=times))

def race(k):
    net, X, Y = example(k)
    n, once = parameter_count([k, k, 10]), fastest(lambda: net.cost(X, Y), 20)
    by_backprop = fastest(lambda: net.backprop(X, Y), 20)
    waited = fastest(lambda: [net.cost(X, Y) for _ in range(n + 1)], 1) if k <= 60 else (n + 1) * once
    how = " *" if k > 60 else ""  # not waited for
    print(f"{n:8} weights: {waited:10.4f} s, by backprop {by_backprop:.6f} s{how}")

for k in [3, 10, 25, 60, 300, 1000] if MEASURE else []:
    race(k)

# %% [markdown]
# <details><summary>What you will probably see</summary>
#
# For the small networks the exponent is nearer to 1: most of the time goes into calling NumPy, which takes equally
# long for small and for larger products. So the line through them promises too little time for the large one. An
# extrapolation is only as good as its assumption: that nothing changes on the way.
#
# </details>

# %% [markdown]
# ## 10 Bonus: an imaginary step
#
# Round-off came from subtracting two nearly equal numbers. What if we step by `h` in the *imaginary* direction (`i² =
# −1`; in Python, `1j`)?
#
# $$ f(x + ih) = f + i\,h f' - \tfrac{h^2}{2} f'' - \dots $$
#
# The value of `f` stays in the real part, the slope goes into the imaginary part, and there is nothing to subtract:
#
# $$ f'(x) \approx \frac{\operatorname{Im} f(x + ih)}{h} $$
#
# **Predict.** What happens to the error when `h` becomes as small as `10⁻²⁰`? And to that of the central difference?

# %%
slope = -2 * 0.7 / (1 + 0.7 * 0.7) ** 2
for h in [1e-1, 1e-4, 1e-8, 1e-20]:
    by_complex = bump(0.7 + 1j * h).imag / h
    by_central = (bump(0.7 + h) - bump(0.7 - h)) / (2 * h)
    print(f"h = {h:<7g} complex {by_complex:.13f}   central {by_central:.13f}")
print(f"the slope:  {slope:25.13f}")

# %% [markdown]
# The complex step gets better and better: all digits are right. The central difference finds no difference at all.
#
# {{exercise complex-step}}
#
# `complex_step(f, theta, h)`: the gradient of `f` at `theta` by complex steps, one entry at a time. `theta` is an array
# of floats of any shape; the result is an array of floats of the same shape. `f` can take complex numbers; call it only
# with arrays of that shape. `h` is above 0: take exactly this step. With a tiny `h`, the slopes are right to twelve
# digits or more. (It works only for functions without `abs`, `max` and other corners.)
#
# *Closed here*, of course_lib: `gradcheck` and `autodiff`.
#
# <details><summary>Hint 1: the idea</summary>
#
# As in 6.1, but the step is imaginary, and there is nothing to subtract.
#
# </details>
# <details><summary>Hint 2: the types</summary>
#
# An array of floats has no room for an imaginary part. `np.zeros(theta.shape, complex)` has.
#
# </details>
# <details><summary>Hint 3: the last line of the loop</summary>
#
# `.imag` is the imaginary part of what f gives; divide it by h.
#
# </details>

# %% answer="complex-step"
def complex_step(f, theta, h=1e-20):
    """The slopes of f at theta from the imaginary part of f(theta + ih); floats, same shape as theta.

    >>> print(complex_step(lambda t: t[0] ** 2 * t[1], np.array([3.0, 2.0])))
    [12.  9.]
    """
    ### BEGIN SOLUTION
    slopes = np.zeros(theta.shape)
    for place in np.ndindex(theta.shape):
        shift = np.zeros(theta.shape, dtype=complex)
        shift[place] = h * 1j
        slopes[place] = np.imag(f(theta + shift)) / h
    return slopes
    ### END SOLUTION

# %% check="complex-step"
check("complex-step", complex_step)

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | central difference, order 2 | $\dfrac{f(\theta + h) - f(\theta - h)}{2h}$ for each coordinate |
# | relative error | $\dfrac{\lvert a - b\rvert}{\max(\lvert a\rvert, \lvert b\rvert)}$, and 0 for equal numbers |
# | truncation and round-off | error $\approx h^p + \text{eps}/h$, smallest near $h = \text{eps}^{1/(p+1)}$ |
# | on a corner | right is what lies between the slope to the left and the slope to the right |
# | passes for $n$ weights | forward $n + 1$, central $2n$, complex step $n$ that cost more; backprop 1 and 1 backward |
# | a network too big for that | `gradcheck.direction_check`: the slope along a few random directions, 2 passes each |
# | work of a backward pass | between 1 and 2 forward passes, whatever $n$ is |
# | complex step | $\operatorname{Im} f(\theta + ih)/h$, with $h$ as small as you like |
#
# ## Test yourself
#
# <details><summary>1. One weight has the relative error 2, all others have 10⁻⁹. What kind of bug is it?</summary>
#
# A relative error of 2 means that the size is right and the sign is wrong. Only one weight is concerned, so the error
# is not in a delta that many weights share.
#
# </details>
# <details><summary>2. You use central differences with h = 10⁻¹², to be very exact. What goes wrong?</summary>
#
# Round-off: eps / h is about 10⁻⁴, so only three or four digits of each slope are right. Near h = 10⁻⁵ there are about
# ten.
#
# </details>
# <details><summary>3. Every layer gets twice as many neurons. How does the work for one gradient grow?</summary>
#
# There are about four times as many weights. Backpropagation does four times the work; finite differences do sixteen
# times the work.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# Your gradient is right, and it is cheap: a few forward passes. But a forward pass over *all* examples is long when
# there are a million, and you need a new gradient for every small step. Notebook 7 breaks the rule that a gradient
# must be exact.
#
# {{next}}
