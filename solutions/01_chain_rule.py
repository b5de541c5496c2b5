# %% [markdown]
# {{title}}
#
# **By the end you can** say, for every weight in a chain of computations, how the cost at its end reacts when that
# weight changes a little.
#
# A neural network is a chain of simple steps. At its end stands one number, the cost: how wrong the network is. To
# learn, we must know for each weight: *if it grows a little, does the cost rise or fall, and how fast?*
# Backpropagation answers this for all weights at once. The whole idea fits into two steps with four numbers to tune,
# and you will build it here.
#
# **You need:** derivatives of one variable, and a little Python and NumPy.
#
# **How to work.** *Predict* means: write your guess down before you run the cell. A wrong guess teaches more than no
# guess. The fold below the table says how the exercises work: open it once.
#
# {{plan}}

# %% setup="imports"
import numpy as np
import sympy as sp

from course_lib import drawing
from course_lib.check import check

# %% [markdown]
# ## 1 A derivative is a sensitivity
#
# You turn a knob, `x`. A dial shows `f(x)`. How strongly does the dial react to the knob?
#
# To find out, *wiggle* the knob: turn it by a small amount `h`, and watch how far the dial moves.
#
# **Predict.** The dial shows `f(x) = x²`, and the knob is at 3. You turn it by `h = 2`. How far does the dial move? How
# far is that *for each unit* of the knob? Write your second guess into the first line, then run the cell.

# %%
my_guess = 0.0

h = 2
moved = (3 + h) ** 2 - 3**2
print(f"Your guess: {my_guess}")
print(f"The dial moved by {moved:.4f}: {moved / h:.4f} for each unit of the knob.")
drawing.slope_picture(lambda x: x**2, 3, h, span=(0, 6), title="f(x) = x²")

# %% [markdown]
# From 9 to 25 the dial moves by 16, and 16 / 2 = 8. This number, *how far the output moves for each unit of the input*,
# is a **slope**: in the picture, the slope of the line through two points of the curve, before the wiggle and after it.
# Such a line is called a secant.
#
# Change `h` to 1, to 0.1 and to 0.01, and run the cell again. The slope becomes 7, then 6.1, then 6.01.
#
# The smaller the wiggle, the closer the secant comes to the tangent. The slope of the tangent is the **derivative**
# `f′(x)`. Read it as a sensitivity: it tells what a small wiggle will do.
#
# $$ f(x + h) - f(x) \;\approx\; f'(x)\cdot h $$
#
# {{exercise wiggle}}
#
# Write the slope of `f` over the step from `x` to `x + h`, one number. `f` is any function of one number; `h` may be
# small or large, above or below 0, but not 0.
#
# *Example.* Let `f(x) = x²`. From `x = 1` with `h = 0.5`, the dial goes from 1 up to 2.25. What is that for each unit
# of `x`? The docstring below has the result.
#
# Every answer of the course leaves what it is given as it was; asked again, it gives the same; and what it gave earlier
# does not change later. *Closed in this notebook*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`,
# `counting` and `sgd`. They would do what you are asked to write.
#
# <details><summary>Hint 1: the idea</summary>
#
# How far did the output move? How far did the input move? Compare the two.
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# Slope = (output after − output before) / (input after − input before).
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# Start with `before = f(x)`.
#
# </details>

# %% answer="wiggle"
def wiggle(f, x, h):
    """The slope of f over the step from x to x + h, as one number.

    >>> wiggle(lambda x: x ** 2, 1, 0.5)
    2.5
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x)) / h
    ### END SOLUTION

# %% check="wiggle"
check("wiggle", wiggle)

# %% [markdown]
# ## 2 Along a chain, sensitivities multiply
#
# Now two machines in a row: the first squares, the second takes the cosine.
#
# $$ u = x^2, \qquad C = \cos u $$
#
# In the picture, the number on an arrow is a **local derivative**: how fast the end of the arrow moves when only its
# start moves. The number in a box that the legend calls *gradient* says how fast `C` moves when that box moves.
#
# **Predict.** Suppose `x` moves by 0.01. How far does `u` move? And how far, then, does `C` move? What stands in place
# of the question mark? Then open the fold below the picture.

# %%
two_steps = {"u": "x**2", "C": "cos(u)"}
drawing.predict_graph(two_steps, {"x": 1.2}, detail="names", local=True, hide=["x"])

# %% [markdown]
# `u` moves by 2.4 · 0.01 = 0.024. `C` moves by −0.9915 · 0.024, about −0.0238: it falls. For each unit of `x` that is
# −2.38, the number at `x`. Two scalings, one after the other, are one scaling by their product. This is the **chain
# rule**:
#
# $$ \frac{dC}{dx} \;=\; \frac{dC}{du}\cdot\frac{du}{dx} $$
#
# One warning. The second machine never sees `x`. It sees `u`. So the outer derivative is taken *at u*.
#
# {{exercise cos-x2}}
#
# Write the derivative of `cos(x²)` by `x`. `x` is a number or an array of any shape; the result has the shape of `x`.
#
# *Example with another function.* `sin(3x)` has the inside `u = 3x`. The outer derivative, at `u`, is `cos(3x)`. The
# inner derivative is `3`. Together: `cos(3x) · 3`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Name the inside u. Find two derivatives: C by u, and u by x. Then multiply.
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# The derivative of cos u by u is −sin u. The derivative of x² by x is 2x.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# Start with `u = x * x`, and use `np.sin`, which takes arrays too.
#
# </details>

# %% answer="cos-x2"
def d_cos_x2(x):
    """The derivative of cos(x²) by x, for a number or an array; same shape as x.

    >>> print(round(float(d_cos_x2(1.2)), 4))
    -2.3795
    """
    ### BEGIN SOLUTION
    return -np.sin(x**2) * 2 * x
    ### END SOLUTION

# %% check="cos-x2"
check("cos-x2", d_cos_x2)

# %% [markdown]
# ## 3 A machine that differentiates
#
# SymPy does algebra with names in place of numbers. It needs three words: `symbols` makes names, `diff`
# differentiates, `subs` puts numbers in. With it you can test every derivative that you find by hand.
#
# The expression below has two variables. A **partial derivative** wiggles one of them and holds the others still. It
# is written with a round ∂.
#
# **Predict** the two partial derivatives of `a·t² + sin(3t)` before you run the cell: by `t`, and by `a`.

# %%
a, t = sp.symbols("a t")
expr = a * t**2 + sp.sin(3 * t)

print("by t:", expr.diff(t))
print("by a:", expr.diff(a))
print("by a, where t = 5:", expr.diff(a).subs({a: 2, t: 5}))

# %% [markdown]
# By `t` it is `2at + 3cos(3t)`. By `a` only `t²` is left, because `sin(3t)` does not contain `a`.
#
# {{exercise symbolic-gradient}}
#
# The list of all partial derivatives is called the **gradient**. Write two functions.
#
# - `symbolic_gradient(expr, variables)` gives a list of expressions: the derivative of `expr` by each of the
#   `variables`, in that order.
# - `gradient_at(expr, variables, values)` gives the same derivatives as a list of numbers. `values` is a dict that
#   gives a number to every symbol: `{a: 2, t: 5}`.
#
# *Example.* For `a·t²` and the variables `[t, a]`: `[2*a*t, t**2]`, and where `a` is 2 and `t` is 5: `[20, 25]`.
#
# <details><summary>Hint 1: the idea</summary>
#
# One derivative for each variable. Each of them starts from the whole expression.
#
# </details>
# <details><summary>Hint 2: in which order?</summary>
#
# Differentiate first, then put the numbers in. What is left to differentiate in a number?
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# Start with an empty list, `result = []`, and a loop over `variables`.
#
# </details>

# %% answer="symbolic-gradient"
def symbolic_gradient(expr, variables):
    """A list of expressions: the derivative of expr by each of the variables.

    >>> symbolic_gradient(a * t**2, [t, a])
    [2*a*t, t**2]
    """
    ### BEGIN SOLUTION
    return [expr.diff(variable) for variable in variables]
    ### END SOLUTION


def gradient_at(expr, variables, values):
    """A list of numbers: the derivatives of expr, where the symbols have the given values.

    >>> gradient_at(a * t**2, [t, a], {a: 2, t: 5})
    [20.0, 25.0]
    """
    ### BEGIN SOLUTION
    return [float(expr.diff(variable).subs(values)) for variable in variables]
    ### END SOLUTION

# %% check="symbolic-gradient"
check("symbolic-gradient", symbolic_gradient, gradient_at)

# %% [markdown]
# ## 4 A chain with weights
#
# Here is the smallest network that deserves the name. It has two steps, each with a **weight** `w` and a **bias**
# `b`:
#
# $$ h = w_1 x + b_1, \qquad g = w_2 h + b_2 $$
#
# (From here on, `h` is a result and no longer the size of a wiggle.)
#
# We want `g` to come close to a given number `y`, the target. The cost says how far off it is. For one example it is
# $C_x = (y - g)^2$. For $N$ examples it is the mean:
#
# $$ C = \frac1N \sum_{i=1}^{N} (y_i - g_i)^2 $$
#
# Computing `h`, then `g`, then `C` is the **forward pass**: values travel from the inputs to the cost.
#
# {{exercise chain-forward}}
#
# - `forward(x, w1, b1, w2, b2)` gives two things: `h`, then `g`. `x` is a number or an array of shape `(N,)`; `h` and
#   `g` have the shape of `x`.
# - `mse(y, g)` gives the cost `C`, one number. `y` and `g` have shape `(N,)`.
# - `mean_factor(n)` answers a question about a whole number `n` above 0. Suppose you had found all partial derivatives
#   of the **sum** $\sum (y_i - g_i)^2$ over `n` examples. By which number must you multiply each of them when the sum
#   becomes the **mean**?
#
# *Example.* With `x = 2`, `w1 = 0.5`, `b1 = 0.5`, `w2 = 2` and `b2 = -1`, `h` is 0.5 · 2 + 0.5 = 1.5 and `g` is
# 2 · 1.5 − 1 = 2. With `y = 1`, this one example costs 1.
#
# <details><summary>Hint 1: the idea</summary>
#
# Each step uses the result of the step before it. For the cost: first the errors, then their squares, then the mean.
#
# </details>
# <details><summary>Hint 2: the factor</summary>
#
# A constant in front of a function stands in front of its derivative too. What stands in front of Σ in the mean?
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# In `mse`, start with `error = y - g`: one error for each example.
#
# </details>

# %% answer="chain-forward"
def forward(x, w1, b1, w2, b2):
    """The two results of the chain, h and g, both of the shape of x.

    >>> forward(2, 0.5, 0.5, 2, -1)
    (1.5, 2.0)
    """
    ### BEGIN SOLUTION
    h = w1 * x + b1
    return h, w2 * h + b2
    ### END SOLUTION


def mse(y, g):
    """The mean of the squared errors, one number; y and g have shape (N,).

    >>> print(mse(np.array([1, 2]), np.array([1, 4])))
    2.0
    """
    ### BEGIN SOLUTION
    return np.mean((y - g) ** 2)
    ### END SOLUTION


def mean_factor(n):
    """The factor on every partial derivative when a sum over n examples becomes a mean."""
    ### BEGIN SOLUTION
    return 1 / n
    ### END SOLUTION

# %% check="chain-forward"
check("chain-forward", forward, mse, mean_factor)

# %% [markdown]
# ## 5 Walk back from the cost
#
# Now the question of this notebook. Which way, and how fast, does `C` move when `w1`, `b1`, `w2` or `b2` moves?
#
# The picture below shows the example of 1.4 with its *values*. (`N` examples are `N` such pictures below each other,
# all with the same four numbers to tune.)
#
# Start at the end. How fast does `C` move when `C` itself moves? As fast: the gradient at `C` is **1**. One arrow to
# the left, at `g`: $C = (y - g)^2$ has the derivative $2(g - y)$, here 2 · (2 − 1) = **2**. Then at each arrow the
# chain rule says the same thing:
#
# > **upstream gradient × local derivative = downstream gradient**
#
# *Upstream* is what has arrived from the cost. *Downstream* is what goes on towards the inputs. Follow one arrow: at
# `g` the gradient 2 has arrived, the arrow from `h` to `g` says 2, so 2 · 2 = 4 goes on to `h`.
#
# **Predict** the four gradients that are missing: at `w2`, `b2`, `w1` and `b1`.

# %%
chain = {"h": "w1*x + b1", "g": "w2*h + b2", "C": "(y - g)**2"}
example = {"x": 2, "y": 1, "w1": 0.5, "b1": 0.5, "w2": 2, "b2": -1}
weights = ["w1", "b1", "w2", "b2"]
drawing.predict_graph(chain, example, detail="names", local=True, hide=weights)

# %% [markdown]
# Look at what you did *not* do. You did not start again from `C` for each weight. The number at `h` was found once
# and then used for `w1` (4 · 2 = 8) and for `b1` (4 · 1 = 4). This saving is what makes backpropagation fast. On the
# right it is 2 · 1.5 = 3 for `w2` and 2 · 1 = 2 for `b2`.
#
# {{exercise chain-gradient}}
#
# Now for `N` examples. All of them share the same two weights and two biases, and the cost is the mean of the `N`
# costs. The derivative of a mean is the mean of the derivatives: find each partial derivative for every example, as
# above, then average. `x` and `y` have shape `(N,)`, and `N` may be 1; the weights and biases are numbers.
#
# Return the four partial derivatives of `C`, four numbers in this order: `dw1, db1, dw2, db2`. (We write `dw1` for
# ∂C/∂w1.)
#
# *Example.* For the one example of the picture, `x = [2]` and `y = [1]`, you should get its gradients: 8, 4, 3, 2.
#
# <details><summary>Hint 1: the idea</summary>
#
# Do the forward pass first. Then walk back: from C to g, from g to h, from h to w1 and b1. The examples are side by
# side in the arrays; the mean is taken at the end.
#
# </details>
# <details><summary>Hint 2: the formulas</summary>
#
# For one example, the derivative of (y − g)² by g is 2(g − y). The local derivatives of g = w2·h + b2 are: h (by w2),
# 1 (by b2), w2 (by h). Those of h = w1·x + b1 are of the same kind.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# Find h and g. Then `to_g = 2 * (g - y)` is what arrives at g, one number for each example, and `db2 =
# np.mean(to_g)`.
#
# </details>

# %% answer="chain-gradient"
def loss_gradient(x, y, w1, b1, w2, b2):
    """The derivatives of the cost: four numbers dw1, db1, dw2, db2. x and y have shape (N,).

    >>> [float(d) for d in loss_gradient(np.array([2]), np.array([1]), 0.5, 0.5, 2, -1)]
    [8.0, 4.0, 3.0, 2.0]
    """
    ### BEGIN SOLUTION
    h = w1 * x + b1
    g = w2 * h + b2
    to_g = 2 * (g - y) / len(x)  # the 1/N of the mean is in here, so what follows only sums
    to_h = to_g * w2
    dw2, db2 = np.sum(to_g * h), np.sum(to_g)
    dw1, db1 = np.sum(to_h * x), np.sum(to_h)
    return dw1, db1, dw2, db2
    ### END SOLUTION

# %% check="chain-gradient"
check("chain-gradient", loss_gradient)

# %% [markdown]
# ## 6 Who feels the wiggle?
#
# **Predict.** You wiggle `w2`. Which of `h`, `g` and `C` move? And when you wiggle `b1`? Then run the cell, move the
# sliders and watch which boxes light up. The table beside the sliders says what the gradient promised and what really
# happened.

# %%
drawing.wiggle(chain, example, move=weights, detail="names")

# %% [markdown]
# `w2` moves `g` and `C`, and leaves `h` alone; `b1` moves all three. A wiggle travels only *with* the arrows. What lies
# beside the way or before it stays still.
#
# {{exercise affected}}
#
# - `partials_of_h(x, w1, b1, w2, b2)` gives a list of four numbers, the partial derivatives **of h** (not of `C`). All
#   five inputs are numbers. Mind the order, biases first: $\left[\frac{\partial h}{\partial b_1}, \frac{\partial
#   h}{\partial b_2}, \frac{\partial h}{\partial w_1}, \frac{\partial h}{\partial w_2}\right]$. Some of them are zero.
#   Which ones?
# - `affected(edges, node)` gives the set of all nodes that change when `node` changes, without `node` itself. `edges`
#   is a list of pairs `(start, end)`, one for each arrow, in any order. The arrows never lead around in a circle.
#   When nothing follows `node`, the set is empty.
#
# *Example.* With the arrows `("a", "b")` and `("b", "c")`, a wiggle of `"a"` reaches `"b"` and then `"c"`; a wiggle
# of `"c"` reaches nothing.
#
# <details><summary>Hint 1: the idea</summary>
#
# A derivative is zero when no way leads from the one to the other. For `affected`: the nodes right after a changed
# node change too.
#
# </details>
# <details><summary>Hint 2: a recipe</summary>
#
# Keep a list of nodes whose followers you have not looked at yet. Take one out, find its followers, and put those in
# that you have not seen.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `found = set()` and `waiting = [node]`, then `while waiting:` with `name = waiting.pop()`.
#
# </details>

# %% answer="affected"
def partials_of_h(x, w1, b1, w2, b2):
    """The derivatives of h = w1·x + b1 by b1, b2, w1 and w2, in this order."""
    ### BEGIN SOLUTION
    return [1, 0, x, 0]
    ### END SOLUTION


def affected(edges, node):
    """The set of nodes that a wiggle of `node` reaches; edges is a list of (start, end).

    >>> affected([("a", "b"), ("b", "c")], "b")
    {'c'}
    """
    ### BEGIN SOLUTION
    reached = set()
    unfinished = [node]
    while unfinished:
        here = unfinished.pop()
        new = {end for start, end in edges if start == here} - reached
        reached |= new
        unfinished += new
    return reached
    ### END SOLUTION

# %% check="affected"
check("affected", partials_of_h, affected)

# %% [markdown]
# ## 7 Two paths
#
# So far one path led from each weight to the cost. Now let `x` go two ways:
#
# $$ u = x^2, \qquad v = \sin x, \qquad C = u \cdot v $$
#
# **Predict.** `x` grows by 0.01. Then `u` grows *and* `v` changes, and `C` feels both. From the numbers on the four
# arrows: what stands in place of the question mark?

# %%
two_paths = {"u": "x**2", "v": "sin(x)", "C": "u*v"}
drawing.predict_graph(two_paths, {"x": 1.5}, detail="names", local=True, highlight="x", hide=["x"])

# %% [markdown]
# The path through `u` brings 3 · 0.9975 = 2.99, the path through `v` brings 0.0707 · 2.25 = 0.16, together 3.15. Each
# path brings its own share of the change, and shares add up:
#
# > **Multiply along a path. Add over the paths.**
#
# {{exercise sum-over-paths}}
#
# - `total_derivative(paths)`: each path is a list of local derivatives; paths may have different lengths. Give the
#   total derivative, one number. With no path at all, nothing arrives: `total_derivative([])` is 0. Every path has at
#   least one step.
# - `product_paths(u, v, du, dv)`: for `C = u·v`, give the list of the two paths from `x` to `C`, each a list of its two
#   local derivatives, in the order from `x` to `C`. Which path comes first does not matter. The inputs are numbers: the
#   values `u` and `v`, and their derivatives by `x`, here called `du` and `dv`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Treat each path by itself, then collect. For the product: hold v still and wiggle u. How fast does u·v move?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# The local derivative of u·v by u is v: the other factor. So each path ends with the factor that it does not pass.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `total = 0`, then a loop over the paths. Inside: `share = 1`, and a loop over the steps of one path.
#
# </details>

# %% answer="sum-over-paths"
def total_derivative(paths):
    """One number; `paths` is a list of lists of local derivatives.

    >>> print(total_derivative([[2, 3], [4]]))
    10
    """
    ### BEGIN SOLUTION
    return sum(np.prod(path) for path in paths)
    ### END SOLUTION


def product_paths(u, v, du, dv):
    """The two paths from x to C = u·v, each a list of two local derivatives."""
    ### BEGIN SOLUTION
    return [[du, v], [dv, u]]
    ### END SOLUTION

# %% check="sum-over-paths"
check("sum-over-paths", total_derivative, product_paths)

# %% [markdown]
# Put your two functions together: `total_derivative(product_paths(u, v, du, dv))` is `u′v + uv′`. You know this from
# school as the product rule. It is a sum over two paths, and so are many other rules that you had to learn by heart.
#
# ## 8 Large and small gradients
#
# A cost of two weights, $C = v_1^2/20 + 8 v_2^2/5$, has at $v_1 = v_2 = 1$ the partial derivatives 0.1 and 3.2.
#
# **Predict.** You raise only `v1` by 0.01. Then, from the same point, you raise only `v2` by 0.01. How much does the
# cost change each time? How many times larger is the second change?
#
# <details><summary>The answer</summary>
#
# For `v1`, 0.1 · 0.01 = 0.001 is promised, and really it is 0.001005. For `v2`, 3.2 · 0.01 = 0.032 is promised, and
# really it is 0.03216. The second change is 32 times as large.
#
# </details>
#
# The promise is not exact: a derivative is the slope at one point, and the cost is curved. For small steps it is very
# good. When several weights move at once, what they promise adds up, as it does over paths.
#
# {{exercise predict-change}}
#
# `gradient` is an array of shape `(n,)` with the partial derivatives by `n` weights; `n` is at least 1.
#
# - `predict_change(gradient, step)`: `step` has shape `(n,)` too and says how far each weight moves. Give the change
#   of the cost that the gradient promises, one number.
# - `most_sensitive(gradient)`: the index of the weight to which the cost reacts most strongly, up or down. When
#   several are equally strong, give the first.
#
# <details><summary>Hint 1: the idea</summary>
#
# Each weight brings its own share: slope times step. A strong reaction may be a rise or a fall.
#
# </details>
# <details><summary>Hint 2: the tools</summary>
#
# `np.sum`, `np.abs`, and `np.argmax`, which gives the index of the first largest entry.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `shares = gradient * step`. And: `sizes = np.abs(gradient)`.
#
# </details>

# %% answer="predict-change"
def predict_change(gradient, step):
    """The change that the gradient promises, one number; both inputs have shape (n,).

    >>> print(predict_change(np.array([0.5, -2.0]), np.array([2.0, 1.0])))
    -1.0
    """
    ### BEGIN SOLUTION
    return np.dot(gradient, step)
    ### END SOLUTION


def most_sensitive(gradient):
    """The index of the largest magnitude; the first one when several are equal.

    >>> print(most_sensitive(np.array([0.5, -2.0, 1.0])))
    1
    """
    ### BEGIN SOLUTION
    return np.argmax(np.abs(gradient))
    ### END SOLUTION

# %% check="predict-change"
check("predict-change", predict_change, most_sensitive)

# %% [markdown]
# {{written explain-magnitudes}}
#
# A friend looks at a trained network. For two of its weights the partial derivatives of the cost are 0.1 and 3.2. The
# friend says: *"The second weight is 32 times larger, so it is 32 times more important."*
#
# In two or three sentences: what do the two numbers really say, and what is wrong with the friend's sentence?

# %% [markdown] written="explain-magnitudes" points=4
# ### BEGIN SOLUTION
# **Model answer.** The numbers say how fast the cost changes when one weight changes: the same small step changes the
# cost 32 times as much on the second weight as on the first. They are slopes, not the sizes of the weights, so the
# second weight may well be smaller. And they hold only here, for small steps: after the weights have moved, or with
# other data, the slopes are different.
#
# **Rubric, one point each**
# - The gradient is a rate: change of the cost for each unit of change of the weight.
# - The comparison is right: the *same small step* has an effect 32 times as large.
# - A large partial derivative does not mean a large weight.
# - The statement is local: it holds at this point and for small steps, so it is no lasting "importance".
# ### END SOLUTION

# %% [markdown]
# ## 9 Find three bugs
#
# Here is another chain, and a function that should find the gradient of its cost. It has three bugs.
#
# $$ h = w\,x + b, \qquad s = \sin h, \qquad g = h \cdot s $$
#
# $$ C = \frac1N \sum_i (g_i - y_i)^2 $$
#
# How do you find out that a gradient is wrong? Let it make a promise, and watch what really happens.

# %%
def broken_gradient(x, y, w, b):
    h = w * x + b
    s = np.sin(h)
    g = h * s
    dg = 2 * (g - y)  # what arrives at g, one number for each example
    ds = dg * h
    dh = ds * np.sin(h)
    dw = np.sum(dh * x)
    db = np.mean(dh)
    return dw, db

def promise_and_truth(gradient, w=0.6, b=0.3, step=1e-4):
    x, y = np.array([0.5, 1.0, 2.0]), np.array([0.4, -0.3, 0.8])
    def cost(w, b):
        return np.mean(((w * x + b) * np.sin(w * x + b) - y) ** 2)
    dw, db = gradient(x, y, w, b)
    print(f"w grows: promised {dw * step:+.7f}, really {cost(w + step, b) - cost(w, b):+.7f}")
    print(f"b grows: promised {db * step:+.7f}, really {cost(w, b + step) - cost(w, b):+.7f}")

promise_and_truth(broken_gradient)
bug_chain = {"h": "w*x + b", "s": "sin(h)", "g": "h*s", "C": "(g - y)**2"}
drawing.computation_graph(bug_chain, detail="names", highlight="h")

# %% [markdown]
# {{exercise chain-bugs}}
#
# Write `fixed_gradient`: copy the code of `broken_gradient` and mend it. `x` and `y` have shape `(N,)`, and `N` may be
# 1; `w` and `b` are numbers. Return two numbers, `dw, db`. When you are done, `promise_and_truth(fixed_gradient)`
# should show promises that hold.
#
# <details><summary>Hint 1: where to look</summary>
#
# Go through the code from the end of the forward pass on. For each line ask: which arrow is this, what is its local
# derivative, and do other arrows leave the same box?
#
# </details>
# <details><summary>Hint 2: the three kinds</summary>
#
# One local derivative is wrong. One path is missing. One result is the one for a sum over the examples, though C is
# a mean.
#
# </details>
# <details><summary>Hint 3: the first one</summary>
#
# Two arrows leave h: one to s, one straight to g. How many terms should dh have?
#
# </details>

# %% answer="chain-bugs"
def fixed_gradient(x, y, w, b):
    """The derivatives of the cost by w and by b: two numbers. x and y have shape (N,)."""
    ### BEGIN SOLUTION
    inner = w * x + b
    to_product = 2 * (inner * np.sin(inner) - y) / len(x)
    to_inner = to_product * np.sin(inner) + to_product * inner * np.cos(inner)
    return np.sum(to_inner * x), np.sum(to_inner)
    ### END SOLUTION

# %% check="chain-bugs"
check("chain-bugs", fixed_gradient)

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | a derivative is a sensitivity | $f(x+h) - f(x) \approx f'(x)\,h$ |
# | chain rule: along a path, multiply | $\dfrac{dC}{dx} = \dfrac{dC}{du}\cdot\dfrac{du}{dx}$ |
# | at every arrow | upstream gradient × local derivative = downstream gradient |
# | several paths: add | $\dfrac{dC}{dx} = \sum_{\text{paths}} \;\prod_{\text{steps}}$ local derivative |
# | what a gradient promises | $\Delta C \approx \sum_k \dfrac{\partial C}{\partial w_k}\,\Delta w_k$ |
#
# ## Test yourself
#
# <details><summary>1. In our chain, when is ∂C/∂w1 zero for one example? Name three ways.</summary>
#
# It is a product: 2(g − y) · w2 · x. It is zero when g = y (nothing to improve), when w2 = 0 (the way is blocked), or
# when x = 0 (w1 multiplies nothing).
#
# </details>
# <details><summary>2. You repeat every example: N doubles. What happens to the four partial derivatives?</summary>
#
# Nothing: the sum doubles, and it is divided by twice as many. With a sum in place of the mean they would double.
#
# </details>
# <details><summary>3. Someone puts numbers in for all symbols and then differentiates. What comes out?</summary>
#
# Zero. A number does not react to anything. Differentiate first.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# Adding over paths is right, but how many paths are there? Three layers of 100 nodes give 100 · 100 · 100 paths from
# one input to the cost: a million, and every further layer makes it a hundred times as many. Taken literally, our rule
# would soon never finish. Notebook 2 keeps the rule and still walks over every arrow only once.
#
# {{next}}
