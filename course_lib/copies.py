"""Copies of Tensors: of one, of a whole graph at any depth, and of one that goes to another process.

A copy has a gradient of its own: what a later backward() does to the original's does not concern it.
"""

from copy import deepcopy


def shallow(node):
    """What copy.copy gives: a Tensor with the same array and the same past."""
    twin = object.__new__(type(node))
    for part in ("data", "name", "op", "parents", "args", "born"):
        setattr(twin, part, getattr(node, part))
    twin.grad = node.grad
    return twin


def deep(nodes, memo):
    """What copy.deepcopy gives: the last of these nodes, of which each comes after its parents, with a past of its own.

    Going from node to node, not from each to its parents, it needs no deeper stack for a deeper graph.
    """
    for node in nodes:
        if id(node) not in memo:
            twin = memo[id(node)] = shallow(node)
            for part in ("data", "parents", "args", "grad"):
                setattr(twin, part, deepcopy(getattr(node, part), memo))
    return memo[id(nodes[-1])]


def for_pickle(node):
    """How pickle makes a Tensor again: by hand, with a new place in the order of creation.

    Raises:
        TypeError: for the result of an op.
    """
    if node.op is not None:
        raise TypeError("This Tensor is the result of an op, and ops cannot be pickled. Pickle its values, t.data.")
    return type(node), (node.data, node.name), (None, {"grad": node.grad})
