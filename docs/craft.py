# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From the course to the craft
#
# In the course you wrote the derivatives, and then an engine that finds them. People who train networks for a living
# use a framework: PyTorch or JAX, mostly. It finds the gradient of nearly everything. But it does what you did, and
# where it fails, somebody writes the derivative of one node by hand.
#
# This page needs no check and gives no points. It shows one network three times, with the same numbers, and one op of
# your own three times. The course needs neither framework; to run the page yourself, `pip install torch jax`.
#
# ## One network, three times
#
# First with the course's class, as in notebook 5. One column is one example.

# %%
import jax
import numpy as np
import torch
from jax import numpy as jnp

from course_lib.autodiff import Op, Tensor
from course_lib.gradcheck import gradient_check
from course_lib.network import Network
from course_lib.replay import record

rng = np.random.default_rng(1)
X, Y = rng.normal(size=(3, 5)), rng.uniform(size=(2, 5))  # 5 examples
network = Network([3, 4, 2], activation="sigmoid", cost="quadratic", seed=1)
w1, b1, w2, b2 = network.parameters
ours = network.backprop(X, Y).as_list()

def agree(gradients):
    pairs = zip(gradients, ours, strict=True)
    return all(np.allclose(g, our, rtol=1e-12, atol=1e-15) for g, our in pairs)

print("shapes of the gradients:", [g.shape for g in ours])

# %% [markdown]
# **PyTorch** keeps notes while it computes, as your `Value` of notebook 2 does: each tensor knows the op that made it,
# and `backward()` walks the notes from the end to the start. `requires_grad=True` says which leaves you ask about.

# %%
tensors = [torch.tensor(p, requires_grad=True) for p in network.parameters]

def cost_in_torch(w1, b1, w2, b2):
    a1 = torch.sigmoid(w1 @ torch.tensor(X) + b1)
    a2 = torch.sigmoid(w2 @ a1 + b2)
    return ((a2 - torch.tensor(Y)) ** 2).sum() / (2 * X.shape[1])

cost = cost_in_torch(*tensors)
cost.backward()
print("the op that made the cost:", cost.grad_fn.name())
print("PyTorch's gradients are ours:", agree(t.grad.numpy() for t in tensors))

# %% [markdown]
# **JAX** starts from a function. `jax.grad` calls it once with stand-ins for the numbers, notes what happens to them,
# and gives you another function: the gradient. There is no `.grad` to read, and nothing is stored anywhere.

# %%
jax.config.update("jax_enable_x64", True)  # else JAX computes with 32 bits

def cost_in_jax(parameters, X, Y):
    w1, b1, w2, b2 = parameters
    a1 = jax.nn.sigmoid(w1 @ X + b1)
    a2 = jax.nn.sigmoid(w2 @ a1 + b2)
    return ((a2 - Y) ** 2).sum() / (2 * X.shape[1])

gradient = jax.grad(cost_in_jax)  # with respect to the first argument: here a list
print("JAX's gradients are ours:", agree(gradient(network.parameters, X, Y)))

# %% [markdown]
# Two habits differ from the course. **One row is one example** in most programs, so a layer is `X @ W.T + b`, with
# `W` still of shape (n_out, n_in). And **PyTorch adds**: a second `backward()` adds to `.grad`, where the course's
# engine replaces it. That is why a training loop in PyTorch sets the gradients to zero in each step.

# %%
before = tensors[0].grad.clone()
cost_in_torch(*tensors).backward()
times = (tensors[0].grad / before).mean().item()
print("after a second backward, PyTorch has:", times, "times the gradient")

engine = network.tensors()
for _ in range(2):
    network.cost_tensor(engine, X, Y).backward()
print("and the engine's gradients are ours:", agree(t.grad for t in engine))

# %% [markdown]
# ## One op of your own, three times
#
# The length of a vector is $\sqrt{\sum_i v_i^2}.$ Clipping needs it, and so do many costs. Its derivative by $v_i$ is
# $v_i$ divided by the length. But what if all of v is 0? The chain rule goes through the square root, whose slope at 0
# is infinite, and through the squares, whose slope is 0. The product is not a number.

# %%
zero = np.zeros(3)
v = torch.tensor(zero, requires_grad=True)
(v * v).sum().sqrt().backward()
print("PyTorch:", v.grad.tolist())
print("JAX:    ", jax.grad(lambda v: jnp.sqrt((v * v).sum()))(zero).tolist())

# %% [markdown]
# One such gradient in a batch makes every weight NaN. A node for the whole length, with a rule of its own, avoids it:
# **downstream = upstream × v / length**, and 0 where the length is 0. (There the length has a corner, like ReLU's. 0 is
# between its slopes.) In the course's engine that is one row of the table, as in exercise 2.7.

# %%
def slope_of_length(g, z, v):  # upstream gradient, the length, the vector
    return g * v / z if z > 0 else 0 * v

length = Op("length", lambda v: np.sqrt((v * v).sum()), slope_of_length)

t = Tensor(zero)
length(t).backward()
print("at 0:", t.grad)

v0 = rng.normal(size=3)
t = Tensor(v0)
length(t).backward()
print(gradient_check(lambda v: np.sqrt((v * v).sum()), t.grad, v0))

# %% [markdown]
# In PyTorch it is a class with two functions. What the backward pass will need is put aside by the forward pass: it is
# your `args`.

# %%
class Length(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v):
        z = (v * v).sum().sqrt()
        ctx.save_for_backward(v, z)
        return z

    @staticmethod
    def backward(ctx, upstream):
        v, z = ctx.saved_tensors
        return upstream * v / z if z > 0 else 0 * v

v = torch.tensor(zero, requires_grad=True)
Length.apply(v).backward()
print("at 0:", v.grad.tolist())
v = torch.tensor(v0, requires_grad=True)
print("PyTorch's own gradient check:", torch.autograd.gradcheck(Length.apply, v))

# %% [markdown]
# In JAX the two functions are named by `defvjp`; vjp is short for vector–Jacobian product. A condition on numbers is
# written with `where`, because JAX looks at the function before it knows the numbers.

# %%
@jax.custom_vjp
def length_in_jax(v):
    return jnp.sqrt((v * v).sum())

def forward(v):
    z = length_in_jax(v)
    return z, (v, z)  # the value, and what the backward pass needs

def backward(kept, upstream):
    v, z = kept
    safe = jnp.where(z > 0, z, 1)
    return (jnp.where(z > 0, upstream * v / safe, 0),)  # one gradient for each input

length_in_jax.defvjp(forward, backward)
print("at 0:", jax.grad(length_in_jax)(zero).tolist())
print("elsewhere as ours:", np.allclose(jax.grad(length_in_jax)(v0), t.grad))

# %% [markdown]
# ## What "to compile" means
#
# Python is slow at small things, and a small network is made of small things. A compiled step runs your function once,
# writes down the list of calls, and from then on runs the list. `record` of the course does this in a page of code:

# %%
calls = []

def cost_in_course(tensors, X, Y):
    calls.append("Python looks at the cost")
    return network.cost_tensor(tensors, X, Y)

plan = record(cost_in_course, network.parameters, X, Y)
looks = len(calls)
for _ in range(100):
    C, gradients = plan(X, Y)
print("the plan's gradients are ours:", agree(gradients))
print("looks at the cost while 100 steps ran:", len(calls) - looks)

# %% [markdown]
# `jax.jit` does the same, and then lets a compiler join the calls. `torch.compile` is its sister.

# %%
calls = []

def noticed(parameters, X, Y):
    calls.append("Python looks at the cost")
    return cost_in_jax(parameters, X, Y)

step = jax.jit(jax.grad(noticed))
for _ in range(100):
    gradients = step(network.parameters, X, Y)
print("the compiled gradients are ours:", agree(gradients))
print("looks at the cost in 100 steps:", len(calls))

# %% [markdown]
# The price is the same for all three: what is written down is **one** graph. An `if` on a number, a print or a random
# number in the function is looked at once, and then never again.
#
# ## A small dictionary
#
# | in the course | in PyTorch | in JAX |
# |:--|:--|:--|
# | `Tensor(x)` | `torch.tensor(x, requires_grad=True)` | an array |
# | `C.backward()`, then `t.grad` | the same; adds to `.grad` | `jax.grad(C)(x)` |
# | `t.op`, `t.parents` | `t.grad_fn`, `.next_functions` | `jax.make_jaxpr(C)(x)` |
# | `Op(name, forward, vjp)` | `torch.autograd.Function` | `jax.custom_vjp` |
# | `gradient_check` | `torch.autograd.gradcheck` | `jax.test_util.check_grads` |
# | `Network` | `torch.nn.Module` | a function and a list of arrays |
# | `sgd.Adam` | `torch.optim.Adam` | the package Optax |
# | `record` | `torch.compile` | `jax.jit` |
# | the number of examples, last axis | first axis | first axis |
