"""Pictures of curves: slopes, costs while training, gradient norms, step sizes, the price of finite differences.

Each function draws with `figure.axes` and says in its alt text what the data show, with numbers from the data.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from course_lib.arguments import one_function, reals
from course_lib.drawing.figure import as_picture, axes, head
from course_lib.drawing.palette import DASHES, LIGHT, SERIES
from course_lib.drawing.picture import Picture
from course_lib.drawing.text import counted, pretty_number

MARKERS = "osD^v"


_drawn: dict[tuple, Picture] = {}  # by all that they show
_remembers = ContextVar("_remembers", default=False)


@contextmanager
def remembering() -> Iterator[None]:
    """Slope pictures that are drawn now are not drawn again: for a process that many others are forked from."""
    before = _remembers.set(True)
    try:
        yield
    finally:
        _remembers.reset(before)


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
    """f near `x`, the secant through x and x + h, and the tangent at x. Where f has no value, the curve has a gap.

    slope: f'(x) if you know it; without it a central difference with a small step is used.
    span: the part of the x axis to show; without it, four steps on each side (and at least 1).

    Raises:
        TypeError: for an f that is no function.
        ValueError: for a step of 0, and where f has no value at x or x + h.
    """
    f, x, h = one_function(f, name), float(x), float(h)
    if h == 0:
        raise ValueError("a secant needs a step: h must not be 0")
    if slope is None:
        tiny = 6e-6 * max(1.0, abs(x))  # about the cube root of the rounding error, best for central differences
        slope = (number_or_nan(f, x + tiny) - number_or_nan(f, x - tiny)) / (2 * tiny)
    here, there = number_or_nan(f, x), number_or_nan(f, x + h)
    for place, value in ((x, here), (x + h, there)):
        if np.isnan(value):
            raise ValueError(f"{name} has no finite value at {short(place)}: choose x and h so that it has one at both")
    secant = (there - here) / h
    low, high = span or (x - max(4 * abs(h), 1), x + max(4 * abs(h), 1))
    grid = np.linspace(low, high, 241)
    values = np.array([number_or_nan(f, t) for t in grid])
    shown = (x, h, here, there, slope, low, high, values.tobytes(), name, title)
    if shown in _drawn:
        return _drawn[shown]
    least, most = np.nanmin([here, there, *values]), np.nanmax([here, there, *values])

    with axes() as (figure, ax):
        ax.plot(grid, values, color=LIGHT["ink"], label=name)
        if np.isfinite(slope):
            ax.plot(grid, here + slope * (grid - x), color=LIGHT["vermillion"], label=f"tangent, slope {short(slope)}")
        ax.plot(grid, here + secant * (grid - x), color=LIGHT["blue"], linestyle="--",
                label=f"secant, slope {short(secant)}")  # fmt: skip
        ax.plot([x, x + h, x + h], [here, here, there], color=LIGHT["muted"], linewidth=1, linestyle=":")
        ax.plot([x, x + h], [here, there], "o", color=LIGHT["ink"], markersize=6)
        room = 0.25 * (most - least or 1.0)
        ax.set(xlim=(low, high), ylim=(least - room, most + room), xlabel="x", ylabel=f"{name}(x)")
        head(figure, title, ax)
        alt = (
            f"{title or f'The slope of {name} at x = {short(x)}'}. {name}({short(x)}) = {short(here)} and "
            f"{name}({short(x + h)}) = {short(there)}. The secant over the step {short(h)} has slope {short(secant)}; "
        )
        if np.isfinite(slope):
            alt += f"the tangent has slope {short(slope)}; they differ by {short(abs(secant - slope))}."
        else:
            alt += "there is no tangent, because the curve does not go on to both sides."
        picture = as_picture(figure, alt)
    if _remembers.get():
        _drawn[shown] = picture
    return picture


def number_or_nan(f: Callable, *at: float) -> float:
    """f at a place, or NaN where it has no finite value, whether f says so by a NaN, an infinity or an error."""
    try:
        with np.errstate(all="ignore"):
            value = f(*at)
    except (ValueError, ArithmeticError):  # so math.log(-1) and 1 / 0
        return np.nan
    if isinstance(value, complex):  # so (-1) ** 0.5
        return np.nan
    value = float(value)
    return value if np.isfinite(value) else np.nan


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


def loss_picture(curves, *, log: bool = False, xlabel: str = "epoch", ylabel: str = "cost", title: str = "") -> Picture:
    """Cost against epochs (or iterations). `curves` is a `History`, a sequence, or {"name": sequence, …}.

    A number without a neighbor, such as the cost before the training, is a dot.

    Raises:
        ValueError: for no curve, and for what is no list of numbers.
    """
    curves = _named_curves(curves, "cost")
    place = xlabel.split(" (")[0]  # what is counted, without the remark behind it
    said = []
    with axes() as (figure, ax):
        for number, (name, values) in enumerate(curves.items()):
            epochs = np.arange(len(values))
            ax.plot(epochs, values, label=name, **line_style(number))
            alone = _without_neighbors(np.isfinite(values) & ((values > 0) | (not log)))
            ax.plot(epochs[alone], values[alone], MARKERS[number % 5], color=line_style(number)["color"], markersize=6)
            if len(values) == 1:
                said.append(f"{name} is {short(values[0])} at {place} 0")
                continue
            lowest = _where_lowest(values)
            said.append(
                f"{name} goes from {short(values[0])} to {short(values[-1])} in {counted(len(values) - 1, 'step')}, "
                f"lowest {short(values[lowest])} at {place} {lowest}"
            )
        ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
        if log:
            _plain_ticks(ax)
        _whole_ticks(ax, 0, max(map(len, curves.values())) - 1)
        head(figure, title, ax if len(curves) > 1 else None)
        axis = ", logarithmic axis" if log else ""
        return as_picture(figure, f"{title or f'{ylabel} against {xlabel}'}{axis}. {'; '.join(said)}.")


def _plain_ticks(ax) -> None:
    """Write 0.2, 0.5, 1, … on a logarithmic axis that spans few powers of ten, in place of 2×10⁻¹."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = ax.get_ylim()
    if 0 < low < high < 1000 * low:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, place: short(value)))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _without_neighbors(shown: np.ndarray) -> np.ndarray:
    """Which points a line cannot show, since none is shown before and after: booleans, (n,)."""
    beside = np.pad(shown, 1)
    return shown & ~beside[:-2] & ~beside[2:]


def _whole_ticks(ax, first: int, last: int) -> None:
    """The x axis from `first` to `last`, even where nothing can be drawn, with ticks at whole numbers only."""
    room = 0.05 * (last - first) or 0.5
    ax.set_xlim(first - room, last + room)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if first == last:
        ax.set_xticks([first])


def _where_lowest(values: np.ndarray) -> int:
    """The first place of the lowest value, but for round-off: where a curve has settled, all places are lowest."""
    if not np.isfinite(values).any():
        return 0
    least = np.nanmin(values)
    room = 1e-6 * abs(least) if np.isfinite(least) else 0
    return int(np.argmax(values <= least + room))


def _named_curves(curves, name: str, places: int | None = None) -> dict[str, np.ndarray]:
    """The curves by name, each an array (n,); one without a name is called `name`.

    Raises ValueError for no curve at all, for what is no list of numbers, and for a length that is not `places`.
    """
    if hasattr(curves, "validation_cost"):
        curves = {"training": curves.cost, "validation": curves.validation_cost}
        curves = {name: values for name, values in curves.items() if len(values)}
    elif not isinstance(curves, Mapping):
        curves = {name: curves}
    if not curves:
        raise ValueError(f"there is no curve to draw: give at least one, as {{'{name}': [3, 2, 1]}}")
    found = {name: reals(values, f"the curve '{name}'") for name, values in curves.items()}
    for name, values in found.items():
        if values.ndim != 1 or len(values) == 0:
            raise ValueError(f"a curve is a list of numbers; '{name}' has shape {values.shape}")
        if places is not None and len(values) != places:
            raise ValueError(f"'{name}' has {counted(len(values), 'number')} for {counted(places, 'place')}")
    return found


def gradient_norm_picture(norms: Mapping[str, Sequence[float]] | Sequence[float], *, title: str = "") -> Picture:
    """The norm of the gradient in every layer, on a logarithmic axis. The first number belongs to layer 1.

    Raises:
        ValueError: for a norm that is not above 0.
    """
    curves = _named_curves(norms, "gradient norm")
    said = []
    with axes() as (figure, ax):
        for number, (name, values) in enumerate(curves.items()):
            if not (values > 0).all():
                raise ValueError(f"norms on a logarithmic axis must be above 0; '{name}' has {values.min()}")
            layers = np.arange(1, len(values) + 1)
            ax.plot(layers, values, marker=MARKERS[number % 5], markersize=6, label=name, **line_style(number))
            said.append(
                f"{name}: {short(values[0])} in layer 1, {short(values[-1])} in layer {len(values)}; the first is "
                f"{short(values[0] / values[-1])} times the last"
            )
        ax.set(xlabel="layer", ylabel="norm of the gradient", yscale="log")
        _whole_ticks(ax, 1, max(map(len, curves.values())))
        head(figure, title, ax if len(curves) > 1 else None)
        return as_picture(figure, f"{title or 'Gradient norm by layer'}, logarithmic axis. {'; '.join(said)}.")


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

    Raises:
        ValueError: for no costs, and where there is not one number a size.
    """
    places = reals(sizes, "sizes")
    if places.ndim != 1:
        raise ValueError(f"sizes are a list of numbers; these have shape {places.shape}")
    measured = _named_curves(costs, "measured", len(places))
    expected = _named_curves(theory, "theory", len(places)) if theory else {}
    said = []
    with axes() as (figure, ax):
        for number, (name, values) in enumerate(expected.items()):
            ax.plot(places, values, color=LIGHT["muted"], linewidth=1.2, label=f"theory: {name}",
                    linestyle=DASHES[1 + number % 4])  # fmt: skip
        for number, (name, values) in enumerate(measured.items()):
            style = line_style(number) | {"linestyle": "none" if expected else "-"}
            ax.plot(places, values, marker=MARKERS[number % 5], markersize=7, label=name, **style)
            said.append(f"{name} goes from {short(values[0])} to {short(values[-1])}{power(places, values, xlabel)}")
        for name, values in expected.items():
            said.append(
                f"theory, a thin line: {name} goes from {short(values[0])} to {short(values[-1])}"
                f"{power(places, values, xlabel)}"
            )
        last = {name: float(values[-1]) for name, values in measured.items() if 0 < values[-1] < np.inf}
        dear, cheap = max(last, key=last.__getitem__, default=""), min(last, key=last.__getitem__, default="")
        if dear != cheap:
            times = short(last[dear] / last[cheap])
            said.append(f"at {xlabel} = {short(places[-1])}, {dear} is {times} times as large as {cheap}")
        ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
        head(figure, title, ax)
        named = title or f"{ylabel} against {xlabel}, from {short(places[0])} to {short(places[-1])}, logarithmic axes"
        return as_picture(figure, f"{named}. {'; '.join(said)}.")


def power(sizes: np.ndarray, values: np.ndarray, xlabel: str) -> str:
    """ ", about as n to the power 2.00", or nothing where the logarithms fit no line."""
    usable = np.concatenate([sizes, values])
    if np.ptp(sizes) == 0 or not np.isfinite(usable).all() or (usable <= 0).any():
        return ""
    exponent = np.polyfit(np.log(sizes), np.log(values), 1)[0]
    return f", about as {xlabel} to the power " + f"{exponent:z.2f}".replace("-", "−")


def line_style(number: int) -> dict:
    """The color and the dashes of the series with this number: no two alike, with or without color."""
    turn = number // len(SERIES)  # when the colors begin again, each meets other dashes
    return {"color": LIGHT[SERIES[number % len(SERIES)]], "linestyle": DASHES[(number + turn) % len(DASHES)]}


def short(number: float) -> str:
    return pretty_number(number)
