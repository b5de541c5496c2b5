"""Pictures of curves: slopes, costs while training, gradient norms, step sizes, the price of finite differences.

Each function draws with `figure.axes` and says in its alt text what the data show, with numbers from the data.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from course_lib.drawing.figure import as_picture, axes, head
from course_lib.drawing.palette import DASHES, LIGHT, SERIES
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import listing, pretty_number

MARKERS = "osD^v"


def slope_picture(
    f: Callable,
    x: float,
    h: float,
    *,
    slope: float | None = None,
    span: tuple[float, float] | None = None,
    name: str = "f",
    title: str = "",
) -> Picture:
    """f near `x`, the secant through x and x + h, and the tangent at x.

    slope: f'(x) if you know it; without it a central difference with a small step is used.
    span: the part of the x axis to show; without it, four steps on each side (and at least 1).
    """
    x, h = float(x), float(h)
    if h == 0:
        raise ValueError("a secant needs a step: h must not be 0")
    if slope is None:
        tiny = 6e-6 * max(1.0, abs(x))   # about the cube root of the rounding error, best for central differences
        slope = (float(f(x + tiny)) - float(f(x - tiny))) / (2 * tiny)
    here, there = float(f(x)), float(f(x + h))
    secant = (there - here) / h
    low, high = span or (x - max(4 * abs(h), 1), x + max(4 * abs(h), 1))
    grid = np.linspace(low, high, 241)
    values = np.array([float(f(t)) for t in grid])

    with axes() as (figure, ax):
        ax.plot(grid, values, color=LIGHT["ink"], label=name)
        ax.plot(grid, here + slope * (grid - x), color=LIGHT["vermillion"], label=f"tangent, slope {short(slope)}")
        ax.plot(grid, here + secant * (grid - x), color=LIGHT["blue"], linestyle="--",
                label=f"secant, slope {short(secant)}")  # fmt: skip
        ax.plot([x, x + h, x + h], [here, here, there], color=LIGHT["muted"], linewidth=1, linestyle=":")
        ax.plot([x, x + h], [here, there], "o", color=LIGHT["ink"], markersize=6)
        room = 0.25 * (np.ptp(values) or 1.0)
        ax.set(xlim=(low, high), ylim=(values.min() - room, values.max() + room), xlabel="x", ylabel=f"{name}(x)")
        head(figure, title, ax)
        alt = (
            f"{title or f'The slope of {name} at x = {short(x)}'}. {name}({short(x)}) = {short(here)} and "
            f"{name}({short(x + h)}) = {short(there)}. The secant over the step {short(h)} has slope {short(secant)}; "
            f"the tangent has slope {short(slope)}; they differ by {short(abs(secant - slope))}."
        )
        return as_picture(figure, alt)


def activation_picture(
    functions: Mapping[str, tuple[Callable, Callable]], *, span: tuple[float, float] = (-5, 5), title: str = ""
) -> Picture:
    """Activation functions beside their derivatives: {"sigmoid": (sigmoid, sigmoid_prime), …}, each of an array z."""
    z = np.linspace(*span, 401)
    said = []
    with axes(columns=2, width=8.2, height=3.6) as (figure, (left, right)):
        for number, (name, (function, prime)) in enumerate(functions.items()):
            a, slope = np.asarray(function(z), float), np.asarray(prime(z), float)
            left.plot(z, a, label=name, **line_style(number))
            right.plot(z, slope, **line_style(number))
            said.append(
                f"{name} goes from {short(a[0])} to {short(a[-1])}, its derivative is largest, {short(slope.max())}, "
                f"and {short(slope[0])} and {short(slope[-1])} at the ends"
            )
        left.set(xlabel="z", ylabel="a = σ(z)")
        right.set(xlabel="z", ylabel="σ′(z)")
        head(figure, title, left)
        named = f"{title or 'Activations and their derivatives'}, for z from {short(span[0])} to {short(span[1])}"
        return as_picture(figure, f"{named}: {'; '.join(said)}.")


def loss_picture(
    curves, *, log: bool = False, xlabel: str = "epoch", ylabel: str = "cost", title: str = ""
) -> Picture:
    """Cost against epochs (or iterations). `curves` is a `History`, a sequence, or {"name": sequence, …}."""
    curves = named_curves(curves)
    said = []
    with axes() as (figure, ax):
        for number, (name, values) in enumerate(curves.items()):
            ax.plot(np.arange(len(values)), values, label=name, **line_style(number))
            lowest = where_lowest(values)
            said.append(
                f"{name} goes from {short(values[0])} to {short(values[-1])} in {len(values) - 1} steps, lowest "
                f"{short(values[lowest])} at {xlabel} {lowest}"
            )
        ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
        head(figure, title, ax if len(curves) > 1 else None)
        axis = ", logarithmic axis" if log else ""
        return as_picture(figure, f"{title or f'{ylabel} against {xlabel}'}{axis}. {'; '.join(said)}.")


def where_lowest(values: np.ndarray) -> int:
    """The first place of the lowest value, but for round-off: where a curve has settled, all places are lowest."""
    if not np.isfinite(values).any():
        return 0
    least = np.nanmin(values)
    return int(np.argmax(values <= least + 1e-6 * abs(least)))


def named_curves(curves) -> dict[str, np.ndarray]:
    if hasattr(curves, "validation_cost"):
        curves = {"training": curves.cost, "validation": curves.validation_cost}
        curves = {name: values for name, values in curves.items() if len(values)}
    elif not isinstance(curves, Mapping):
        curves = {"cost": curves}
    found = {name: np.asarray(values, dtype=float) for name, values in curves.items()}
    for name, values in found.items():
        if values.ndim != 1 or len(values) == 0:
            raise ValueError(f"a curve is a list of numbers; '{name}' has shape {values.shape}")
    return found


def gradient_norm_picture(norms: Mapping[str, Sequence[float]] | Sequence[float], *, title: str = "") -> Picture:
    """The norm of the gradient in every layer, on a logarithmic axis. The first number belongs to layer 1."""
    curves = norms if isinstance(norms, Mapping) else {"gradient norm": norms}
    said = []
    with axes() as (figure, ax):
        for number, (name, values) in enumerate(curves.items()):
            values = np.asarray(values, dtype=float)
            if not (values > 0).all():
                raise ValueError(f"norms on a logarithmic axis must be above 0; '{name}' has {values.min()}")
            layers = np.arange(1, len(values) + 1)
            ax.plot(layers, values, marker=MARKERS[number % 5], markersize=6, label=name, **line_style(number))
            said.append(
                f"{name}: {short(values[0])} in layer 1, {short(values[-1])} in layer {len(values)}; the first is "
                f"{short(values[0] / values[-1])} times the last"
            )
        ax.set(xlabel="layer", ylabel="norm of the gradient", yscale="log")
        ax.xaxis.get_major_locator().set_params(integer=True)
        head(figure, title, ax if len(curves) > 1 else None)
        return as_picture(figure, f"{title or 'Gradient norm by layer'}, logarithmic axis. {'; '.join(said)}.")


def step_size_picture(
    steps: Sequence[float], errors: Mapping[str, Sequence[float]] | Sequence[float], *, title: str = ""
) -> Picture:
    """The error of a numerical derivative against its step h, on logarithmic axes, with the best step marked."""
    steps = np.asarray(steps, dtype=float)
    curves = errors if isinstance(errors, Mapping) else {"error": errors}
    said = []
    with axes() as (figure, ax):
        for number, (name, values) in enumerate(curves.items()):
            values = np.asarray(values, dtype=float)
            if values.shape != steps.shape:
                raise ValueError(f"'{name}' has {values.size} errors for {steps.size} steps")
            shown = np.where(values > 0, values, np.nan)   # an error of exactly 0 has no place on this axis
            best = int(np.argmin(values))
            ax.plot(steps, shown, label=name, marker=MARKERS[number % 5], markersize=4, **line_style(number))
            if values[best] > 0:
                ax.plot(steps[best], values[best], "o", markersize=13, fillstyle="none", color=LIGHT["ink"])
            said.append(
                f"{name} is least, {short(values[best])}, at h = {short(steps[best])}; it is "
                f"{short(values[steps.argmax()])} at h = {short(steps.max())} and {short(values[steps.argmin()])} at "
                f"h = {short(steps.min())}"
            )
        ax.set(xscale="log", yscale="log", xlabel="step h", ylabel="error of the derivative")
        head(figure, title, ax)
        said_title = title or "Error against step size, logarithmic axes, the best step circled"
        return as_picture(figure, f"{said_title}. {'; '.join(said)}.")


def cost_picture(
    sizes: Sequence[float],
    costs: Mapping[str, Sequence[float]],
    *,
    theory: Mapping[str, Sequence[float]] | None = None,
    xlabel: str = "weights n",
    ylabel: str = "multiplications",
    title: str = "",
) -> Picture:
    """What ways to a gradient cost as the network grows, on logarithmic axes: measured points, theory as thin lines.

    costs: {"finite differences": numbers, "backprop": numbers}, one number a size; theory likewise.
    """
    sizes = np.asarray(sizes, dtype=float)
    said = []
    with axes() as (figure, ax):
        for name, values in (theory or {}).items():
            ax.plot(sizes, values, color=LIGHT["muted"], linewidth=1.2, label=f"theory: {name}",
                    linestyle=DASHES[1 + list(theory).index(name) % 4])  # fmt: skip
        for number, (name, values) in enumerate(costs.items()):
            values = np.asarray(values, dtype=float)
            style = line_style(number) | {"linestyle": "none" if theory else "-"}
            ax.plot(sizes, values, marker=MARKERS[number % 5], markersize=7, label=name, **style)
            power = np.polyfit(np.log(sizes), np.log(values), 1)[0] if len(sizes) > 1 else 0.0
            said.append(
                f"{name} grows from {short(values[0])} to {short(values[-1])}, about as n to the power {power:.2f}"
            )
        last = {name: float(values[-1]) for name, values in costs.items()}
        dear, cheap = max(last, key=last.get), min(last, key=last.get)
        if dear != cheap:
            times = short(last[dear] / last[cheap])
            said.append(f"at n = {short(sizes[-1])} {dear} cost {times} times as much as {cheap}")
        ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
        head(figure, title, ax)
        named = title or f"{ylabel} against {xlabel}, from {short(sizes[0])} to {short(sizes[-1])}, logarithmic axes"
        return as_picture(figure, f"{named}. {'; '.join(said)}.")


def bar_picture(values: Mapping[str, float], *, ylabel: str = "size of the gradient", title: str = "") -> Picture:
    """Gradients (or other numbers) by size, as bars. A negative one is hatched, and its sign is in its label."""
    numbers = {name: float(value) for name, value in values.items()}
    sizes = {name: abs(value) for name, value in numbers.items()}
    with axes(height=0.42 * len(numbers) + 1.3) as (figure, ax):
        for place, (name, value) in enumerate(numbers.items()):
            color = LIGHT["vermillion" if value < 0 else "blue"]
            ax.barh(place, sizes[name], height=0.62, facecolor=color if value >= 0 else "none", edgecolor=color,
                    hatch="///" if value < 0 else None, linewidth=1.2)  # fmt: skip
            ax.annotate(short(value), (sizes[name], place), (6, 0), textcoords="offset points", va="center")
        ax.set_yticks(range(len(numbers)), list(numbers))
        ax.invert_yaxis()
        ax.margins(x=0.12)
        ax.grid(axis="y", visible=False)
        ax.set(xlabel=ylabel)
        head(figure, title)
        largest, smallest = max(sizes, key=sizes.get), min(sizes, key=sizes.get)
        said = listing([f"{name} {short(value)}" for name, value in numbers.items()])
        alt = f"{title or ylabel}: {said}. The largest in size is {largest}"
        if sizes[smallest] > 0 and len(numbers) > 1:
            alt += f", {short(sizes[largest] / sizes[smallest])} times the smallest, {smallest}"
        return as_picture(figure, alt + ".")


def line_style(number: int) -> dict:
    """The color and the dashes of the series with this number: no two alike, with or without color."""
    return {"color": LIGHT[SERIES[number % len(SERIES)]], "linestyle": DASHES[number % len(DASHES)]}


def short(number: float) -> str:
    return pretty_number(number)
