# %% [markdown]
# {{title}}
#
# **By the end you can** take a whole layer of a network, with a whole batch of examples, and write its backward pass
# without guessing where a transpose belongs.
#
# So far every node held one number. A real layer has thousands of weights. Matrices do the bookkeeping, if we know at
# every step which way round a matrix stands. Two tools tell you: the *Jacobian*, and the *shape* of a gradient.
#
# **You need:** notebooks 1 and 2, and how to multiply matrices.
#
# **One rule for the whole course.** A gradient has the same shape as the thing it is the gradient of: the **shape
# convention**. The other way of writing it comes first. Rows, columns and entries are counted from 0 in this
# notebook, as in NumPy: $x_0$ is `x[0]`.
#
# {{plan}}

# %% setup="imports"
from textwrap import fill

import numpy as np

from course_lib import drawing
from course_lib.autodiff import Tensor
from course_lib.check import check

# %% [markdown]
# ## 1 Many knobs, many dials
#
# This machine has three knobs, `x[0]`, `x[1]`, `x[2]`, and two dials:
#
# $$ z_0 = x_0\, x_1, \qquad z_1 = \sin x_1 + 2 x_2 $$
#
# Wiggle *one* knob at a time and watch *all* dials. Each knob gives one column of a table.
#
# **Predict.** How many rows and columns does the table have? Which two entries are zero, wherever the knobs stand?

# %%
def two_dials(x):
    return np.array([x[0] * x[1], np.sin(x[1]) + 2 * x[2]])

def wiggled_jacobian(f, x, h=1e-6):
    before = f(x)
    return np.stack([(f(x + h * knob) - before) / h for knob in np.eye(len(x))], axis=1)

table = wiggled_jacobian(two_dials, np.array([0.5, 1.2, -1.0]))
drawing.matrix_picture(table, rows=["z[0]", "z[1]"], columns=["x[0]", "x[1]", "x[2]"], title="∂z/∂x")

# %% [markdown]
# Two rows, three columns. $z_0$ by $x_2$ and $z_1$ by $x_0$ are zero: these knobs do not occur in the formulas.
# (Orange is above zero, blue below.)
#
# This table of all partial derivatives is the **Jacobian**. Row $i$, column $j$ says how fast output $i$ moves when
# only input $j$ moves:
#
# $$ J_{ij} = \frac{\partial z_i}{\partial x_j} $$
#
# Its shape is (outputs, inputs): one row for each output, also called *numerator layout*. (In some books everything
# is transposed.)
#
# Most of a network needs only two kinds. **Predict** both pictures:
#
# - the layer $z = W x + b$, with four inputs and three outputs. How fast does $z_i$ move when $x_j$ moves?
# - the function $a = \tanh z$, applied to each of three numbers by itself. Where must the zeros be?

# %%
W = np.array([[1.0, -0.5, 0.0, 2.0], [0.5, 1.5, -1.0, 0.0], [-2.0, 0.0, 1.0, 0.5]])
b = np.array([-0.5, -1.0, 1.0])
x = np.array([0.5, 1.0, -0.5, 0.5])
z = W @ x + b
of_layer = wiggled_jacobian(lambda x: W @ x + b, x)
of_tanh = wiggled_jacobian(np.tanh, z)
drawing.equation_picture({"∂z/∂x of the layer": of_layer, "∂a/∂z of tanh": of_tanh})

# %% [markdown]
# The first picture is `W` itself: $z_i = W_{i0} x_0 + W_{i1} x_1 + \dots$, so each unit of $x_j$ brings $W_{ij}$. The
# second is **diagonal**: each output feels only its own input.
#
# {{exercise jacobians}}
#
# - `jacobian_linear(W)`: the Jacobian of `W @ x + b` by `x`. `W` has shape `(n_out, n_in)`, and so has the result.
# - `jacobian_elementwise(dphi, z)`: the Jacobian of a function `phi` that acts on each number of `z` by itself. `dphi`
#   is its derivative, a function that takes a number or an array. `z` has shape `(n,)` and may hold whole numbers; the
#   result has shape `(n, n)`, and its slopes keep their decimals.
#
# *Example.* For the square, `dphi(z)` is `2z`. At `z = [1, 3]` the slopes are 2 and 6. Where in a 2 × 2 matrix do they
# belong?
#
# *Closed in this notebook*, of course_lib: `autodiff`, `network`, `gradcheck`, `symbolic`, `counting` and `sgd`.
#
# <details><summary>Hint 1: the idea</summary>
#
# Row i, column j: does output i move when only input j is wiggled? How fast?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# An elementwise function has the slope of phi at z[i] in row i, column i, and zeros elsewhere.
#
# </details>
# <details><summary>Hint 3: the tool</summary>
#
# Try `np.diag(np.array([2.0, 6.0]))` in a new cell.
#
# </details>

# %% answer="jacobians"
def jacobian_linear(W):
    """The Jacobian of W @ x + b by x, one row for each output; W has shape (n_out, n_in)."""
    ### BEGIN SOLUTION
    return W
    ### END SOLUTION


def jacobian_elementwise(dphi, z):
    """The Jacobian of phi, applied to each number of z by itself: shape (n, n) for z of shape (n,).

    >>> print(jacobian_elementwise(lambda z: 2 * z, np.array([1.0, 3.0])))
    [[2. 0.]
     [0. 6.]]
    """
    ### BEGIN SOLUTION
    return np.diag(dphi(z))
    ### END SOLUTION

# %% check="jacobians"
check("jacobians", jacobian_linear, jacobian_elementwise)

# %% [markdown]
# ## 2 A chain is a product
#
# Put the two together: $x \to z = Wx + b \to a = \tanh z$. A small wiggle $\Delta x$ becomes $\Delta z = J_1 \Delta x$,
# and that becomes $\Delta a = J_2 \Delta z = J_2 J_1 \Delta x$.
#
# > **The chain rule for Jacobians: multiply them, the last step on the left.**
#
# You know this rule. An entry of the product is $\sum_k (J_2)_{ik} (J_1)_{kj}$: multiply along the path through $z_k$,
# and add over the paths.
#
# **Predict.** What shape has the product of $J_2$, shape (3, 3), and $J_1$, shape (3, 4)? And what does the diagonal
# $J_2$ do to the rows of $J_1$?
#
# <details><summary>The answer</summary>
#
# Shape (3, 4). It scales the rows: row i by the slope of tanh at zᵢ. The cell below compares with a wiggle.
#
# </details>
#
# A longer chain ends in one number, the cost: $J_3$ then has a single row. $J_3 J_2 J_1$ can be computed from either
# end, with the same result. Is the work the same? Matrices of shapes (p, q) and (q, r) take p·q·r multiplications of
# two numbers.
#
# **Predict.** Every vector on the way has 1000 numbers, and the cost is one number. How many multiplications when you
# start at the cost? And at the input? Guess the ratio.

# %%
whole = wiggled_jacobian(lambda x: np.tanh(W @ x + b), x)
print("J2 J1 and the wiggled chain agree:", np.allclose(of_tanh @ of_layer, whole, atol=1e-5))

def work(left, right):
    return left[0] * left[1] * right[1]

J3, J2, J1 = (1, 1000), (1000, 1000), (1000, 1000)
at_cost = work(J3, J2) + work((1, 1000), J1)
at_input = work(J2, J1) + work(J3, (1000, 1000))
print(f"(J3 J2) J1, from the cost:  {at_cost:>13,} multiplications")
print(f"J3 (J2 J1), from the input: {at_input:>13,}, {at_input / at_cost:.0f} times as many")

# %% [markdown]
# Two million against a thousand million. From the cost, there is only ever *one row* to carry. This is why
# backpropagation goes backward.
#
# {{exercise chain-jacobians}}
#
# - `chain_jacobians(jacobians)`: the Jacobian of a whole chain. `jacobians` is a list of one matrix or more, in the
#   order of the forward pass: first the Jacobian of the first step.
# - `count_multiplications(sizes, start)`: how many multiplications the whole product takes. `sizes` is a list `[n0,
#   n1, …, nL]`: the input has `n0` numbers, the first step turns them into `n1`, and so on. `start` is `"cost"` or
#   `"input"`: the end at which you start. With two sizes there is nothing to multiply: 0.
#
# *Example.* `[4, 3, 2, 1]` means matrices of shapes (3, 4), (2, 3) and (1, 2). From the cost, (1, 2) by (2, 3) takes
# 6 multiplications and leaves a row of shape (1, 3). How many more does the last product take?
#
# <details><summary>Hint 1: the idea</summary>
#
# For the product: which matrix touches the wiggle first? For the count: one size stays the same to the end. Which one?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# Starting at the cost, each product is (nL, p) by (p, q): nL·p·q multiplications. Starting at the input, it is (q, p)
# by (p, n0).
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `product = jacobians[0]`, then a loop over `jacobians[1:]`. And: `total = 0`, then a loop over the steps that are
# still to be multiplied in.
#
# </details>

# %% answer="chain-jacobians"
def chain_jacobians(jacobians):
    """The Jacobian of a chain; `jacobians` is a list of matrices, the first step first.

    >>> print(chain_jacobians([np.array([[1], [2]]), np.array([[3, 4], [5, 6], [7, 8]])]))
    [[11]
     [17]
     [23]]
    """
    ### BEGIN SOLUTION
    product = jacobians[0]
    for jacobian in jacobians[1:]:
        product = jacobian @ product
    return product
    ### END SOLUTION


def count_multiplications(sizes, start):
    """How many multiplications the product takes, starting at the "cost" or at the "input".

    >>> count_multiplications([4, 3, 2, 1], "cost"), count_multiplications([4, 3, 2, 1], "input")
    (18, 32)
    """
    ### BEGIN SOLUTION
    total = 0
    for step in range(1, len(sizes) - 1):
        if start == "cost":
            total += sizes[-1] * sizes[step] * sizes[step - 1]
        else:
            total += sizes[0] * sizes[step] * sizes[step + 1]
    return total
    ### END SOLUTION

# %% check="chain-jacobians"
check("chain-jacobians", chain_jacobians, count_multiplications)

# %% [markdown]
# ## 3 A diagonal needs no matrix
#
# On the way back, a row $u = \partial C/\partial a$ arrives at $a = \varphi(z)$. The Jacobian way is $u \cdot
# \mathrm{diag}(\varphi'(z))$. For 20 000 neurons that matrix has 400 million entries, 3.2 GB, and all but 20 000 of
# them are 0. But it only scales each number of the row by its own factor. So multiply number by number: the
# **Hadamard product**, written $\odot$, in NumPy `*`.
#
# $$ u \cdot \mathrm{diag}(\varphi'(z)) \;=\; u \odot \varphi'(z) $$
#
# A row times a Jacobian is the *vector–Jacobian product* of notebook 2. Here you see why an operation gives this
# product and not its Jacobian.
#
# {{exercise hadamard-form}}
#
# Write the product without the matrix. `upstream` and `z` have the same shape: `(n,)`, or `(n, m)` for a batch with
# one column for each example. `dphi` takes arrays. The result has the shape of `z`. Do not build the matrix: 20 000
# numbers are asked, and it would not fit.
#
# *Example.* For the square at `z = [1, 3]` with upstream gradient `[10, 100]`: the slopes are 2 and 6.
#
# <details><summary>Hint 1: the idea</summary>
#
# At each node: upstream gradient × local derivative. Here are n such nodes, side by side.
#
# </details>
# <details><summary>Hint 2: what is local?</summary>
#
# The local derivatives are `dphi(z)`, one for each number.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `slopes = dphi(z)`. It has the shape of `upstream`.
#
# </details>

# %% answer="hadamard-form"
def hadamard_form(upstream, dphi, z):
    """The gradient by z behind a = phi(z), given the gradient by a; all of one shape.

    >>> print(hadamard_form(np.array([10, 100]), lambda z: 2 * z, np.array([1, 3])))
    [ 20 600]
    """
    ### BEGIN SOLUTION
    return upstream * dphi(z)
    ### END SOLUTION

# %% check="hadamard-form"
check("hadamard-form", hadamard_form)

# %% [markdown]
# ## 4 The error signal
#
# For now there is one example, so $C$ is its cost $C_x$. Whatever the cost knows of `W` and `b`, it knows through
# $z = Wx + b$. So both gradients start with the same factor:
#
# $$ \begin{aligned}
# \frac{\partial C}{\partial W} &= \frac{\partial C}{\partial z} \cdot \frac{\partial z}{\partial W} \\[6pt]
# \frac{\partial C}{\partial b} &= \frac{\partial C}{\partial z} \cdot \frac{\partial z}{\partial b}
# \end{aligned} $$
#
# The shared factor is the **error signal** of the layer, computed once and used for everything:
#
# $$ \boxed{\;\delta = \frac{\partial C}{\partial z}\;} $$
#
# For `b` the last factor is easy: each $b_i$ moves only $z_i$, one for one. For `W`, write its 12 weights into one
# line, row after row, and wiggle each.
#
# **Predict.** How many of the 36 entries of this Jacobian are not zero? Which numbers stand there?

# %%
of_weights = wiggled_jacobian(lambda w: w.reshape(3, 4) @ x + b, W.ravel())
weights = [f"w{i}{j}" for i in range(3) for j in range(4)]
outputs = ["z[0]", "z[1]", "z[2]"]
drawing.matrix_picture(of_weights, rows=outputs, columns=weights, title="∂z/∂W, with W in one line")

# %% [markdown]
# Twelve: three copies of $x$. In the Jacobian form $\delta$ is a **row**, for the cost has one row. It multiplies
# from the left:
#
# - by `W`: weight $w_{ij}$ gets $\delta_i\, x_j$, twelve numbers in one line;
# - by `b`: the Jacobian is the identity, so the row $\delta$ itself;
# - by `x`: the Jacobian is $W$, so the row $\delta W$.
#
# To *use* a gradient we want the shape of its parameter. So transpose once, at the end: $\delta$ becomes a column,
# $\delta W$ becomes the column $W^T\delta$, and the twelve numbers become a table, a column times a row: an **outer
# product**.
#
# $$ \begin{aligned}
# \frac{\partial C}{\partial W} &= \delta\, x^T \\[6pt]
# \frac{\partial C}{\partial b} &= \delta \\[6pt]
# \frac{\partial C}{\partial x} &= W^T \delta
# \end{aligned} $$
#
# The gradient of a weight is *error at its output × value at its input*.

# %%
delta = np.array([0.5, -1.0, 2.0])
outer = np.outer(delta, x)
print("by W, the same as with the Jacobian:", np.allclose((delta @ of_weights).reshape(3, 4), outer))
print("by x, the same as with the Jacobian:", np.allclose(delta @ of_layer, W.T @ delta))
drawing.equation_picture({"δ": delta[:, None], "xᵀ": x[None, :], "∂C/∂W": outer}, "·=")

# %% [markdown]
# So there are two ways to write a gradient. Both are right. Never mix them in one line.
#
# | | Jacobian form (numerator layout) | shape convention |
# |:--|:--|:--|
# | ∂C/∂x | a row, shape (1, n) | the shape of `x`: a column |
# | chain rule | multiply; no transposes to remember | transposes appear: $W^T\delta$, $\delta x^T$ |
# | ∂C/∂W | a long row that does not fit `W` | the shape of `W` |
# | good for | *deriving* a formula | *using* it: `W - step * dW` just works |
#
# We derive in the left form and compute in the right one, as the engine does. From here on, an example is a column of
# a matrix: one alone has shape (4, 1), not (4,). (Only where we wiggle one, it is a plain list of numbers again.)
#
# ## 5 A batch is a matrix
#
# Now `m` examples at once (notebook 1 wrote $N$), one in each column: $Z = W A_\text{prev} + b$. (`A_prev` are the
# activations of the layer before; for the first layer they are the inputs.) Each has its own column, but all use *the
# same* `W` and `b`.
#
# **Predict.** Each of three examples gives an outer product, error times input. What must be done with the three?
# (How many ways lead from one weight to the cost?)

# %%
errors = np.array([[1.0, -0.5, 2.0], [0.5, 1.0, -1.0]])  # one column of errors for each of three examples
inputs = np.array([[1.0, 0.5, -1.0], [0.5, -1.0, 1.0], [-1.0, 2.0, 0.5]])
each = {f"example {j}": np.outer(errors[:, j], inputs[:, j]) for j in range(3)}
drawing.equation_picture({**each, "all three": sum(each.values())}, "++=")

# %% [markdown]
# From each weight a way leads to the cost through every example, and paths add. One matrix product does all of this:
# shapes (p, m) and (m, q) multiply and then add over the axis in the middle. So bring the examples into the middle.
#
# And the mean? The cost is $C = \frac1m \sum_j C_{x_j}$. We write `dZ` for $\partial C/\partial Z$. Example $j$ moves
# `C` only through its own part, so column $j$ of `dZ` is $\frac1m \delta$ of that example. **The 1/m is in `dZ`
# already.** What follows only adds.
#
# {{exercise linear-backward}}
#
# For $Z = W A_\text{prev} + b$, return three gradients of the mean cost: `dA_prev`, `dW`, `db`.
#
# | | `dZ` | `W` | `A_prev` | `b` |
# |:--|:--|:--|:--|:--|
# | shape | (n_out, m) | (n_out, n_in) | (n_in, m) | (n_out, 1) |
#
# Each result has the shape of what it belongs to, for a batch of one too; `db` is a column. `b` itself is not needed.
# Divide by nothing: the $\frac1m$ is in `dZ`.
#
# *Example.* `W = [[2, 3]]`, `A_prev = [[1, 4], [5, 6]]`, `dZ = [[10, 20]]`: one neuron with two inputs, two examples.
# The bias moves both, so `db = [[30]]`. The docstring has the rest.
#
# <details><summary>Hint 1: the idea</summary>
#
# Start from the formulas for one example: Wᵀδ, δxᵀ and δ. Which of them keep a column for each example, and which are
# shared by all examples?
#
# </details>
# <details><summary>Hint 2: by shapes</summary>
#
# dW has shape (n_out, n_in). You have (n_out, m) and (n_in, m). The axis m must go: bring it to the middle.
#
# </details>
# <details><summary>Hint 3: db</summary>
#
# Add over the examples, `axis=1`. With `keepdims=True` the sum stays a column.
#
# </details>

# %% answer="linear-backward"
def linear_backward(dZ, W, A_prev):
    """The gradients by A_prev, W and b behind Z = W @ A_prev + b, given the gradient dZ of the mean cost.

    >>> for d in linear_backward(np.array([[10, 20]]), np.array([[2, 3]]), np.array([[1, 4], [5, 6]])):
    ...     print(d.tolist())
    [[20, 40], [30, 60]]
    [[90, 170]]
    [[30]]
    """
    ### BEGIN SOLUTION
    dA_prev = W.T @ dZ
    dW = dZ @ A_prev.T
    db = dZ.sum(axis=1, keepdims=True)
    return dA_prev, dW, db
    ### END SOLUTION

# %% check="linear-backward"
check("linear-backward", linear_backward)

# %% [markdown]
# ## 6 Broadcasting in reverse is a sum
#
# In `W @ A_prev + b` NumPy adds a column to a matrix, **as if** it were copied, once for each example. The rule:
#
# 1. Line up the two shapes at the **right**.
# 2. Where a shape has no axis, a new axis is put **in front**.
# 3. An axis of length 1 is **stretched**: its numbers are used again and again.
#
# Each use of a number is a path of its own to the cost. So on the way back, the gradients of all its uses are added.
#
# **Predict.** A column (3, 1), a row (4,) and a single number are each added to a matrix of shape (3, 4). Which
# gradient does each receive from the upstream gradient `G` in the cell?

# %%
G = np.array([[1.0, 2, 3, 4], [10, 20, 30, 40], [100, 200, 300, 400]])
for name, value in [("column", np.zeros((3, 1))), ("row", np.zeros(4)), ("number", np.zeros(()))]:
    added = Tensor(value)
    (np.zeros((3, 4)) + added).backward(G)
    print(f"{name} of shape {value.shape}: gradient {added.grad.tolist()}")

# %% [markdown]
# A number of the column gets the sum of its row of `G`, a number of the row the sum of its column, the single number
# the sum of all twelve.
#
# {{exercise unbroadcast}}
#
# An array of shape `shape`, a tuple, was broadcast, and `gradient` is what arrived at the result. Give the gradient
# of the array, of exactly the shape `shape`. Both may have any number of axes, and `shape` may be equal to
# `gradient.shape`. For `()` a plain number counts like an array without axes.
#
# *Example.* From (2, 3, 4) to (3, 1): a new axis was put in front, and the last axis was stretched from 1 to 4.
#
# <details><summary>Hint 1: the idea</summary>
#
# Find the axes along which copies were made. There are two kinds. Add over all of them, over no others.
#
# </details>
# <details><summary>Hint 2: two steps</summary>
#
# First the axes in front: there are `gradient.ndim - len(shape)` of them, and they must vanish. Then both have equally
# many axes: add where `shape` has a 1, with `keepdims=True`.
#
# </details>
# <details><summary>Hint 3: the first lines</summary>
#
# `while gradient.ndim > len(shape):` with one sum inside.
#
# </details>

# %% answer="unbroadcast"
def unbroadcast(gradient, shape):
    """The gradient of an array of the given shape that was broadcast to the shape of `gradient`.

    >>> print(unbroadcast(np.array([[1, 2], [10, 20]]), (2, 1)).tolist())
    [[3], [30]]
    """
    ### BEGIN SOLUTION
    new = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(new)))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return gradient.sum(axis=stretched, keepdims=True)
    ### END SOLUTION

# %% check="unbroadcast"
check("unbroadcast", unbroadcast)

# %% [markdown]
# Look back at `db`: it is `unbroadcast(dZ, b.shape)`. The bias needs no rule of its own.
#
# ## 7 Softmax and cross-entropy
#
# A network that tells digits apart ends in one number for each class, its **logits** $z$. **Softmax** turns them into
# probabilities, and **cross-entropy** compares these with the target $y$: 1 at the right class, 0 elsewhere.
#
# $$ \begin{aligned}
# a_i &= \frac{e^{z_i}}{\sum_k e^{z_k}} \\[6pt]
# C_x &= -\sum_i y_i \ln a_i = -\ln a_\text{right}
# \end{aligned} $$
#
# **Predict.** You raise only $z_0$ a little. Which probabilities rise, which fall? Is this Jacobian diagonal? What is
# the sum of each column?

# %%
def naive_softmax(z):
    return np.exp(z) / np.exp(z).sum()

logits = np.array([1.0, 0.0, 2.0, -1.0])
jacobian = wiggled_jacobian(naive_softmax, logits)
print("probabilities:", naive_softmax(logits).round(3))
print("sums of the columns:", np.abs(jacobian.sum(axis=0)).round(6))
classes = range(len(logits))
rows, columns = [f"a[{i}]" for i in classes], [f"z[{j}]" for j in classes]
drawing.matrix_picture(jacobian, rows=rows, columns=columns, title="∂a/∂z of softmax")

# %% [markdown]
# $a_0$ rises, all others fall: the probabilities share a fixed total of 1. So each column has the sum 0, and nothing is
# diagonal. The quotient rule gives all entries. With $S = \sum_k e^{z_k}$:
#
# $$ \begin{aligned}
# i = j:\quad \frac{\partial a_i}{\partial z_i} &= \frac{e^{z_i} S - e^{z_i} e^{z_i}}{S^2} = a_i (1 - a_i) \\[6pt]
# i \ne j:\quad \frac{\partial a_i}{\partial z_j} &= \frac{0 \cdot S - e^{z_i} e^{z_j}}{S^2} = - a_i a_j
# \end{aligned} $$
#
# In one line, with $[i = j]$ for 1 on the diagonal and 0 elsewhere: $\;\partial a_i/\partial z_j = a_i\,([i = j] -
# a_j)$.
#
# The row $\partial C_x/\partial a$ has the entries $-y_i/a_i$. Multiply it by the matrix; $a_i$ cancels, and the $y_i$
# of an example add up to 1:
#
# $$ \begin{aligned} \frac{\partial C_x}{\partial z_j} &= \sum_i -\frac{y_i}{a_i}\, a_i \bigl([i = j] - a_j\bigr) \\
# &= -y_j + a_j \sum_i y_i \\ &= a_j - y_j \end{aligned} $$
#
# Everything cancels. The error signal of softmax with cross-entropy is $\boxed{\delta = a - y}$: what you said minus
# what was right.
#
# In floating point, softmax has a weak spot. For the logits 1000, 999 and −1000, `np.exp` gives `inf`, `inf` and 0, and
# `inf / inf` is `nan`, "not a number".
#
# **Predict.** What happens to the probabilities when you subtract the same number $s$ from *every* logit?
#
# <details><summary>The answer</summary>
#
# Nothing: exp(zᵢ − s) is exp(zᵢ) / exp(s), and exp(s) cancels in the fraction.
#
# </details>
#
# So shift each column such that its largest logit becomes 0: nothing overflows. And take the logarithm on paper, for
# that of a probability rounded to 0 is lost:
#
# $$ \ln a_i = (z_i - s) - \ln \sum_k e^{z_k - s} $$
#
# {{exercise softmax-xent}}
#
# Return the probabilities `A`, the cost `C`, and `dZ`, the gradient of `C` by `Z`.
#
# - `Z` are logits of shape `(n, m)`, one **column** for each example; `m` may be 1. `Y` has the same shape: in each
#   column one 1, at the right class, and else 0.
# - `A` and `dZ` have the shape of `Z`. `C` is one number, the **mean** of $C_x$ over the `m` examples.
# - Logits of 1000 and of −1000 must work, even when the right class is far behind.
#
# *Example.* Logits 0 and 0 give ½ and ½. With the first class right, δ is ½ − 1 = −½ and ½ − 0 = ½.
#
# <details><summary>Hint 1: the idea</summary>
#
# Work down the columns. Shift first. Then exponentials, sums and logarithms are all harmless.
#
# </details>
# <details><summary>Hint 2: the formulas</summary>
#
# The cost of one column is ln Σ exp(shifted) minus the shifted logit of the right class. For one example δ = a − y; C
# is a mean, so dZ needs one more factor.
#
# </details>
# <details><summary>Hint 3: the first line</summary>
#
# `shifted = Z - Z.max(axis=0)`. To pick the right class in each column, multiply by `Y` and add down the columns.
#
# </details>

# %% answer="softmax-xent"
def softmax_xent(Z, Y):
    """A (n, m), C (one number) and dZ (n, m) of softmax with cross-entropy; Z and Y have shape (n, m).

    >>> for part in softmax_xent(np.array([[0.0], [0.0]]), np.array([[1.0], [0.0]])):
    ...     print(np.round(part, 4).tolist())
    [[0.5], [0.5]]
    0.6931
    [[-0.5], [0.5]]
    """
    ### BEGIN SOLUTION
    shifted = Z - Z.max(axis=0)
    total = np.exp(shifted).sum(axis=0)
    A = np.exp(shifted) / total
    C = np.mean(np.log(total) - np.sum(Y * shifted, axis=0))
    dZ = (A - Y) / Z.shape[1]
    return A, C, dZ
    ### END SOLUTION

# %% check="softmax-xent"
check("softmax-xent", softmax_xent)

# %% [markdown]
# ## 8 Find three bugs by their shapes
#
# $$ Z_1 = W_1 X + b_1, \quad A_1 = \tanh Z_1, \quad Z_2 = W_2 A_1 + b_2 $$
#
# Someone wrote the backward pass of these two layers, from a right `dZ2` to four gradients. (The derivative of tanh is
# $1 - \tanh^2$, so `1 - A1**2` is right.) Three lines are wrong.
#
# **Predict.** The author tested it with 4 inputs, 4 and 4 neurons, and a batch of 4. What does the test say for these
# sizes? And for the sizes 5, 4, 3 and a batch of 6?

# %%
def broken_backward(X, A1, W2, dZ2):
    dW2 = A1 @ dZ2.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dA1 = W2 @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=0).reshape(-1, 1)
    return dW1, db1, dW2, db2

def test_shapes(backward, n0, n1, n2, m):
    print(f"sizes {n0}, {n1}, {n2}, batch {m}")
    X, A1, W2, dZ2 = np.ones((n0, m)), np.ones((n1, m)), np.ones((n2, n1)), np.ones((n2, m))
    wanted = {"dW1": (n1, n0), "db1": (n1, 1), "dW2": (n2, n1), "db2": (n2, 1)}
    try:
        for (name, shape), part in zip(wanted.items(), backward(X, A1, W2, dZ2), strict=True):
            print(f"  {name} has shape {part.shape}, and should have {shape}")
    except ValueError as error:
        print(fill(f"crashes: {error}", 70, initial_indent="  ", subsequent_indent="    "))

test_shapes(broken_backward, 4, 4, 4, 4)
test_shapes(broken_backward, 5, 4, 3, 6)

# %% [markdown]
# All sizes equal: not a word. All sizes different: one of the bugs makes it crash. (The end of the message names two
# sizes that should have met in the middle of a product.) **Test with sizes that all differ.**
#
# {{exercise shape-bugs}}
#
# Write `fixed_backward`: copy the code of `broken_backward` and mend it. `X` has shape (n0, m), `A1` (n1, m), `W2`
# (n2, n1), `dZ2` (n2, m). Return `dW1, db1, dW2, db2`. Write the shape next to each line first; then try
# `test_shapes(fixed_backward, 5, 4, 3, 6)`.
#
# <details><summary>Hint 1: how to look</summary>
#
# For each line write two shapes: what the right side gives, and what the left side must have.
#
# </details>
# <details><summary>Hint 2: the three kinds</summary>
#
# One product has its factors the wrong way round. One matrix needs a transpose. One sum runs over the wrong axis.
#
# </details>
# <details><summary>Hint 3: the first one</summary>
#
# dW2 must have the shape of W2, (n2, n1). What is the shape of `A1 @ dZ2.T`?
#
# </details>

# %% answer="shape-bugs"
def fixed_backward(X, A1, W2, dZ2):
    """The gradients dW1, db1, dW2, db2 of the two layers, given dZ2; each has the shape of its parameter."""
    ### BEGIN SOLUTION
    to_Z1 = (W2.T @ dZ2) * (1 - A1 * A1)
    return to_Z1 @ X.T, to_Z1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% check="shape-bugs"
check("shape-bugs", fixed_backward)

# %% [markdown]
# {{written explain-shapes}}
#
# A friend tests a backward pass. Every layer has 64 neurons, a batch has 64 examples, nothing crashes, and each
# gradient has the shape of its parameter. The friend says: *"All shapes fit, so the gradients are right."*
#
# In two or three sentences: what can these sizes hide, which sizes would you choose, and what can no test of shapes
# ever show?

# %% [markdown] written="explain-shapes" points=4
# ### BEGIN SOLUTION
# **Model answer.** When all sizes are 64, a missing transpose or a sum over the wrong axis still gives a matrix of the
# right shape, for example `W @ dZ` in place of `W.T @ dZ`. I would make all sizes different, say 5, 4, 3 and a batch of
# 6, so that such a product crashes or has a wrong shape. But a missing factor, a wrong sign or 1/m taken twice keeps
# every shape; to find those, compare the numbers, for example with a wiggle.
#
# **Rubric, one point each**
# - Equal sizes hide mistakes: a matrix and its transpose have the same shape.
# - A concrete example: a missing transpose, swapped factors, or a sum over the wrong axis.
# - Choose sizes that all differ, the batch included.
# - The right shape is necessary, not sufficient: it says nothing about factors, signs or means; the values must be
#   tested too.
# ### END SOLUTION

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | Jacobian (numerator layout) | $J_{ij} = \partial z_i / \partial x_j$, shape (outputs, inputs) |
# | chain rule | $J = J_L \cdots J_2 J_1$; start at the cost, it carries one row only |
# | elementwise function | $u \cdot \mathrm{diag}(\varphi'(z)) = u \odot \varphi'(z)$ |
# | shape convention | a gradient has the shape of its parameter |
# | one example, $z = Wx + b$ | $\delta = \partial C/\partial z$; then $\delta x^T$, $\delta$, $W^T\delta$ |
# | a batch | what examples share (`W`, `b`) adds over them; what is their own (`A_prev`) keeps its columns |
# | broadcasting | copies forward, a sum backward |
# | softmax with cross-entropy | $\delta = a - y$ for one example; the mean brings the factor $\frac1m$ |
#
# ## Test yourself
#
# <details><summary>1. Why do ∂C/∂W and ∂C/∂b need almost no work once δ is known?</summary>
#
# Both are δ times a last factor: xᵀ for the weights, 1 for the bias. The expensive part, everything between z and the
# cost, is in δ and is shared.
#
# </details>
# <details><summary>2. You repeat every example of a batch: m doubles. What happens to dZ and to dW?</summary>
#
# dZ gets twice as many columns, and each holds half of what it held, because of the 1/m of the mean. dW adds over twice
# as many columns of half the size: it stays the same.
#
# </details>
# <details><summary>3. A single number s is added to a matrix of shape (3, 4). What is the gradient of s?</summary>
#
# The sum of all 12 upstream gradients: s was copied 12 times, and each copy has its own path to the cost.
#
# </details>
#
# {{hand in}}
#
# ## What comes next
#
# Here somebody handed you `dZ2`. For ten layers you would need ten copies of these lines. Notebook 4 finds the one
# line that leads from the δ of a layer to the δ of the layer before it. With it, four equations are the whole
# algorithm.
#
# {{next}}
