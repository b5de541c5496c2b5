"""What "to compile" means: the graph of a step is written down once, as a list of calls, and run again on new numbers.

    plan = record(network.cost_tensor, network.parameters, X, Y)
    for x, y in batches:                                  # all of the shapes of X and Y
        cost, gradients = plan(x, y)
        optimizer.step(network.parameters, gradients)     # changes the arrays in place, so the plan sees it

The calls are those of the engine's table, in its order, so the results are the same to the last bit. What is saved is
what Python does around them: no Tensor is made, no graph is sorted, no shape is looked at. The price: a plan knows one
graph. Inputs of another shape are refused, and so is, when it is recorded, a graph that depends on the numbers.
"""

from operator import itemgetter

import numpy as np

from course_lib.arguments import arrays, floats, real_number
from course_lib.autodiff import Tensor, _unbroadcast, graph


def record(cost_function, parameters, *inputs) -> "Plan":
    """The `Plan` of cost_function(tensors, *inputs), a cost that is made of tensors, one a parameter, and of inputs.

    The parameters are used as they are, not copied. The plan is for inputs of these shapes and dtypes.

    Raises:
        ValueError: if it is no cost, does not depend on a parameter, or its graph or constants depend on the numbers.
    """
    parameters = [floats(p, "A parameter") for p in arrays(parameters, "Parameters")]
    views = [floats(x, "An input").view() for x in inputs]  # a view, so that each is an object of its own
    plan = Plan(cost_function, parameters, views)
    with np.errstate(all="ignore"):
        other = Plan(cost_function, *([np.asarray(-2 * a - 1) for a in each] for each in (parameters, views)))
    if plan.written != other.written or not all(map(_same, plan.constants, other.constants)):
        raise ValueError(
            "With other numbers the cost has another graph or other constants, so a plan would be wrong. Look for an "
            "`if`, for random numbers, and for arrays computed from inputs or from t.data outside the graph."
        )
    return plan


class Plan:
    """A recorded step. Called with new inputs it returns the cost and the gradients, all times upstream."""

    def __init__(self, cost_function, parameters, inputs):
        tensors = [Tensor(p) for p in parameters]
        root = cost_function(tensors, *inputs) if callable(cost_function) else cost_function
        if not isinstance(root, Tensor) or root.size != 1:
            raise ValueError(f"A plan is for a cost, a Tensor that holds one number; this is {root!r:.60}.")
        root.backward()
        lost = [i for i, tensor in enumerate(tensors) if tensor.grad is None]
        if lost:
            raise ValueError(f"The cost does not depend on parameter {lost[0]}, so there is no gradient for it.")
        self.inputs, self.seed = inputs, root.grad
        self.values, self.constants = [*parameters, *inputs], []  # what is computed with, in numbered places
        self.forward, self.backward, self.written, reads = [], [], [], {}
        place, nodes = {id(array): i for i, array in enumerate(self.values)}, graph(root)
        for node in nodes:
            for array in node.args:
                if id(array) not in place:  # a constant, or a leaf that is no parameter
                    place[id(array)] = len(self.values)
                    self.values.append(array)
                    self.constants.append(array)
            if node.op is not None:
                reads[node] = [place[id(array)] for array in node.args]
                place[id(node.data)] = len(self.values)
                self.values.append(node.data)
                self.forward.append((node.op.forward, _picker(reads[node]), place[id(node.data)]))
                self.written.append((node.op.name, reads[node], node.shape, node.data.dtype.name))
        number = {node: i for i, node in enumerate(nodes)}
        self.root, self.result, self.leaves = number[root], place[id(root.data)], [number[t] for t in tensors]
        arrived = {root: root.grad}
        for node in reversed(nodes):
            for rule, parent in zip(node.op.vjps if node.op else (), node.parents, strict=False):
                if parent is not None:
                    share = rule(arrived[node], node.data, *node.args)
                    share, finish = _finish(share, arrived[node], parent, node.op, parent not in arrived)
                    arrived[parent] = arrived[parent] + share if parent in arrived else share
                    pick = _picker([place[id(node.data)], *reads[node]])
                    self.backward.append((rule, number[node], pick, number[parent], finish))

    def __call__(self, *inputs, upstream=1.0):
        inputs, values = [floats(x, "An input") for x in inputs], self.values
        if [(x.shape, x.dtype) for x in inputs] != [(x.shape, x.dtype) for x in self.inputs]:
            ours, theirs = ([(x.shape, x.dtype.name) for x in arrays] for arrays in (self.inputs, inputs))
            raise ValueError(f"This plan is for inputs of {ours}; these are {theirs}. Record one for them.")
        values[len(self.leaves) : len(self.leaves) + len(inputs)] = inputs
        for compute, pick, place in self.forward:
            values[place] = np.asarray(compute(*pick(values)))
        gradients = {self.root: self.seed * real_number(upstream, "upstream")}
        for rule, node, pick, parent, finish in self.backward:
            share = rule(gradients[node], *pick(values))
            share = finish(share) if finish else share
            gradients[parent] = gradients[parent] + share if parent in gradients else share
        arrays = zip(self.leaves, values, strict=False)
        return values[self.result], [gradients[leaf].astype(p.dtype, copy=False) for leaf, p in arrays]


def _picker(places):
    """A function that takes the values at these places out of a list, as a tuple."""
    return itemgetter(*places) if len(places) > 1 else lambda values: (values[places[0]],)


def _finish(share, upstream, parent, op, is_first):
    """What backward does to a share before it adds it to the parent's gradient: the result, and how to do it again."""
    like = parent.data
    is_stretched = getattr(share, "shape", None) != like.shape
    fitted = _unbroadcast(share, like, op) if is_stretched else share
    if is_first and parent.op is None and (fitted is upstream or fitted.base is not None):
        return fitted.copy(), lambda g: (_unbroadcast(g, like, op) if is_stretched else g).copy()
    return fitted, (lambda g: _unbroadcast(g, like, op)) if is_stretched else None


def _same(one, other):
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)
