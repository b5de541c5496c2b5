"""Pictures for the notebooks, still and moving. Each says in words (`alt`) what it shows.

graph.py, layout.py, formulas.py    a computation graph from a formula, and where its boxes stand
tensors.py                          the graph of a Tensor
reveal.py                           first the guess, then the answer
wiggling.py                         move an input and watch
curves.py, surfaces.py              slopes, costs, paths of descent
matrices.py, equations.py           Jacobians, digits, confusion; several with signs between them
live.py                             drawn anew in its place
figure.py, picture.py, player.py    what they are made of: a figure, an image with its words, a moving one
palette.py, text.py                 colors, names and numbers

Nothing is imported before it is used: matplotlib loads with the first plot, never with `import course_lib.drawing`.
"""

from importlib import import_module

_HOME = {
    "computation_graph": "graph",
    "draw_graph": "graph",
    "predict_graph": "reveal",
    "Reveal": "reveal",
    "Node": "graph",
    "Edge": "graph",
    "tensor_graph": "tensors",
    "from_tensor": "tensors",
    "wiggle": "wiggling",
    "slope_picture": "curves",
    "activation_picture": "curves",
    "loss_picture": "curves",
    "gradient_norm_picture": "curves",
    "cost_picture": "curves",
    "matrix_picture": "matrices",
    "equation_picture": "equations",
    "confusion_picture": "matrices",
    "digits_picture": "matrices",
    "contour_picture": "surfaces",
    "path_player": "surfaces",
    "LivePicture": "live",
    "as_picture": "figure",
    "Picture": "picture",
    "Player": "player",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  (the names stand in the table above)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'course_lib.drawing' has no '{name}'; it has {', '.join(__all__)}")
    return getattr(import_module(f"course_lib.drawing.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
