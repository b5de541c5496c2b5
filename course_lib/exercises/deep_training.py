"""What notebook 9 asks: better steps than plain SGD, what sick networks have, and what a deep network must keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from course_lib.exercises import ENGINE, Aspect, Case, Exercise, WrongForm
from course_lib.exercises.draws import both_signs, number
from course_lib.exercises.drivers import named

# 9.1 Clipping --------------------------------------------------------------------------------------------------------

SHAPES = ((3, 2), (3, 1), (2, 2))
SHARES = (0.3, 0.3, 0.4)  # of the squared norm: all three arrays matter, and none is the whole


def _of_norm(rng: np.random.Generator, norm: float, times: int = 1) -> list[np.ndarray]:
    """Three arrays that have this norm together; or so many times three."""
    raw = [both_signs(rng, 0.5, 1.5, shape) for shape in SHAPES * times]
    return [norm * np.sqrt(share / times) * g / np.linalg.norm(g) for g, share in zip(raw, SHARES * times, strict=True)]


def _ask_clip(answer: Any, gradients: list[np.ndarray], largest: float) -> Any:
    given = answer(gradients, largest)
    if not isinstance(given, (list, tuple)) or len(given) != len(gradients):
        raise WrongForm("clip_by_norm should give a list with as many arrays as it got.")
    return list(given)


def _long(rng: np.random.Generator) -> list[Case]:
    # In the first case each array by itself is short enough; in the second none is. In the third the limit is below 1,
    # where its square is smaller than it, not larger. Then one array alone, of three axes; at last nine large ones.
    alone = both_signs(rng, 0.5, 1.5, (2, 1, 3))
    return [
        Case({"gradients": _of_norm(rng, number(rng, 3.6, 4.0)), "largest": number(rng, 2.8, 3.2)}),
        Case({"gradients": _of_norm(rng, number(rng, 12, 20)), "largest": number(rng, 1.6, 2.4)}),
        Case({"gradients": _of_norm(rng, number(rng, 1.2, 1.25), times=2), "largest": number(rng, 0.8, 0.9)}),
        Case({"gradients": [4 * alone / np.linalg.norm(alone)], "largest": number(rng, 1.6, 2.4)}),
        Case({"gradients": _of_norm(rng, number(rng, 120, 200), times=3), "largest": number(rng, 90, 99)}),
    ]


def _short(rng: np.random.Generator) -> list[Case]:
    # The square of the norm, and the sum of the three norms, are both above the limit. The norm is not.
    # In the second case, nothing is.
    norms = number(rng, 2.0, 2.5), number(rng, 0.8, 1.2)
    return [Case({"gradients": _of_norm(rng, norm), "largest": number(rng, 2.8, 3.2)}) for norm in norms]


def _all_zero(rng: np.random.Generator) -> list[Case]:
    shapes = [tuple(rng.permutation([2, 3, 4])[:2].tolist()) for _ in SHAPES]
    return [Case({"gradients": [np.zeros(shape) for shape in shapes], "largest": number(rng, 0.5, 2.0)})]


CLIP = Exercise(
    id="clip-by-norm",
    number="9.1",
    title="Clipping",
    answers=("clip_by_norm",),
    driver=_ask_clip,
    in_place=("gradients",),
    closed=("sgd",),
    aspects=(
        # 1e-6: some honest answers add a millionth to the norm, so that they never divide by 0.
        Aspect("long", "a gradient that is too long", 2, _long, rtol=1e-6),
        Aspect("short", "a gradient that is short enough", 1, _short, rtol=1e-6),
        Aspect("zero", "a gradient of zeros", 1, _all_zero),
    ),
)

# 9.2 Momentum --------------------------------------------------------------------------------------------------------


def _pair_of_lists(name: str, given: Any) -> tuple[Any, Any]:
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise WrongForm(f"{name} should give two things: the new parameters, and what to hand to the next step.")
    return given[0], given[1]


def _ask_momentum(
    answer: Any, parameters: list, velocities: list, steps: list[list], rate: float, beta: float
) -> tuple[Any, Any]:
    for gradients in steps:
        given = answer(parameters, gradients, velocities, rate, beta)
        parameters, velocities = _pair_of_lists("momentum_step", given)
    return parameters, velocities


def _ask_where(answer: Any, **inputs: Any) -> Any:
    return _ask_momentum(answer, **inputs)[0]


def _ask_velocity(answer: Any, **inputs: Any) -> Any:
    return _ask_momentum(answer, **inputs)[1]


ONE = [(2, 3)]
# In the second list all shapes are equal: what is kept for each array is neither found by its shape nor stacked.
SEVERAL: tuple[Sequence[tuple[int, ...]], ...] = ([(3, 2), (3, 1), (1, 2), (2, 2)], [(2, 2), (2, 2)], [(2, 1, 3), (3,)])
MANY = [(1, 2)] * 8


def _rolls(steps: int, *lists: Sequence[tuple[int, ...]], moving: bool = False) -> Callable[..., list[Case]]:
    """A case for each list of shapes of parameters, with this many steps; at the start at rest or moving."""

    def roll(rng: np.random.Generator, shapes: Sequence[tuple[int, ...]]) -> Case:
        def draw() -> list[np.ndarray]:
            return [both_signs(rng, 0.6, 1.8, shape) for shape in shapes]

        start, steps_ = draw(), [draw() for _ in range(steps)]
        velocities = draw() if moving else [np.zeros(shape) for shape in shapes]
        rate, beta = number(rng, 0.1, 0.3), number(rng, 0.6, 0.9)
        return Case({"parameters": start, "velocities": velocities, "steps": steps_, "rate": rate, "beta": beta})

    return lambda rng: [roll(rng, shapes) for shapes in lists]


def _several_rolls(rng: np.random.Generator) -> list[Case]:
    """Three steps; also of many arrays with large numbers, which do not roll on, and with the rate 0."""
    large, still = _rolls(3, MANY, ONE)(rng)
    large.inputs["parameters"] = [10 * each for each in large.inputs["parameters"]]
    large.inputs["beta"] = still.inputs["rate"] = 0.0
    return [*_rolls(3, *SEVERAL)(rng), large, still]


MOMENTUM = Exercise(
    id="momentum-step",
    number="9.2",
    title="Momentum",
    answers=("momentum_step",),
    driver=_ask_where,
    keeps="several",
    closed=("sgd",),
    aspects=(
        Aspect("start", "the first step, from rest", 1, _rolls(1, ONE)),
        Aspect("roll", "four steps in a row", 2, _rolls(4, ONE)),
        Aspect("velocity", "the velocity that is handed on", 1, _rolls(1, ONE, moving=True), driver=_ask_velocity),
        Aspect(
            "several",
            "several arrays, each with its own velocity; what is given stays",
            1,
            _several_rolls,
        ),
    ),
)

# 9.3 Adam ------------------------------------------------------------------------------------------------------------


def _ask_adam(
    answer: Any, parameters: list, steps: list[list], rate: float, beta1: float, beta2: float, eps: float
) -> Any:
    state: Any = {"t": 0, "m": [np.zeros_like(p) for p in parameters], "v": [np.zeros_like(p) for p in parameters]}
    for gradients in steps:
        parameters, state = _pair_of_lists("adam_step", answer(parameters, gradients, state, rate, beta1, beta2, eps))
    return parameters


def _ask_adam_twice(answer: Any, **inputs: Any) -> Any:
    """The same, and every step a second time with the same state: whoever writes into it then has another one."""

    def twice(parameters: list, gradients: list, state: Any, *rest: float) -> Any:
        answer(parameters, gradients, state, *rest)
        return answer(parameters, gradients, state, *rest)

    return _ask_adam(twice, **inputs)


def _adam_runs(steps: int, *lists: Sequence[tuple[int, ...]], eps: float = 1e-12) -> Callable[..., list[Case]]:
    """Two runs for each list of shapes. Without bias correction first steps would be too short in one, and too long in
    the other."""

    def cases(rng: np.random.Generator) -> list[Case]:
        found = []
        for shapes, (beta1, beta2) in product(lists, ((0.9, 0.95), (0.8, 0.999))):
            parameters, *gradients = [[both_signs(rng, 0.6, 1.8, shape) for shape in shapes] for _ in range(steps + 1)]
            # They fade, so that a largest v of all times is another one than the last.
            gradients = [[g / 3**t for g in each] for t, each in enumerate(gradients)]
            given = {"parameters": parameters, "steps": gradients, "rate": number(rng, 0.1, 0.3)}
            found.append(Case({**given, "beta1": beta1, "beta2": beta2, "eps": eps}))
        return found

    return cases


def _large_eps(rng: np.random.Generator) -> list[Case]:
    return _adam_runs(1, ONE, eps=number(rng, 0.3, 0.5))(rng)


def _several_runs(rng: np.random.Generator) -> list[Case]:
    """Three steps; also of many arrays with large numbers, which forget all at once, and with the rate 0."""
    large, still = _adam_runs(3, MANY)(rng)
    large.inputs["parameters"] = [10 * each for each in large.inputs["parameters"]]
    large.inputs.update(beta1=0.0, beta2=0.0, eps=0.0)
    still.inputs["rate"] = 0.0
    return [*_adam_runs(3, *SEVERAL)(rng), large, still]


ADAM = Exercise(
    id="adam-step",
    number="9.3",
    title="Adam",
    answers=("adam_step",),
    driver=_ask_adam,
    closed=("sgd",),
    keeps="several",
    aspects=(
        # 1e-7: an ε of 1e-8 in place of the tiny one given here is judged by the last aspect only.
        Aspect("first", "the first step: t = 1", 2, _adam_runs(1, ONE), atol=1e-7),
        Aspect("many", "eight steps in a row", 2, _adam_runs(8, ONE), atol=1e-7),
        Aspect(
            "several",
            "several arrays, each with its own state, which stays",
            1,
            _several_runs,
            atol=1e-7,
            driver=_ask_adam_twice,
        ),
        Aspect("epsilon", "ε at its place", 1, _large_eps),
    ),
)

# 9.4 The ward --------------------------------------------------------------------------------------------------------

DIAGNOSES = ("rate too large", "rate too small", "vanishing gradient", "overfitting", "healthy")


def _accept_diagnosis(case: Case, value: Any, expected: str) -> str | None:
    if not isinstance(value, str) or value not in DIAGNOSES:
        return f"The answer should be one of these texts: {', '.join(DIAGNOSES)}."
    return None if value == expected else f"A patient who is not “{value}” gets this diagnosis."


def _patient(
    rng: np.random.Generator, training: np.ndarray, validation: np.ndarray, reach: float, last: float | None = None
) -> Case:
    """A case from smooth curves: with noise, and with one epoch in the middle in which the training cost rises.

    reach: the norm of the gradient in layer 1, divided by the norm in the last layer.
    last: the norm in the last layer, about; drawn where it does not matter.
    """
    training, validation = (c * (1 + 0.004 * rng.uniform(-1, 1, len(c))) for c in (training, validation))
    middle = len(training) // 2
    training[middle] = 1.005 * training[middle - 1]
    layers = int(rng.integers(6, 10))
    size = 10 ** rng.uniform(-4, 1)
    norms = (last or size) * reach ** np.linspace(1, 0, layers) * rng.uniform(0.8, 1.25, layers)
    return Case({"training": np.round(training, 4), "validation": np.round(validation, 4), "norms": norms})


def _epochs(rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """The cost before training, and the time at the end of every epoch, from 0 to 1."""
    return float(rng.uniform(2.0, 2.6)), np.linspace(0, 1, int(rng.integers(25, 41)))


def _climbing(rng: np.random.Generator) -> Case:
    start, time = _epochs(rng)
    zigzag = 1 + 0.3 * np.resize([0.0, 1.0], len(time)) * (time > 0)
    training = start * zigzag * (1 + rng.uniform(1.0, 2.0) * time)
    return _patient(rng, training, 1.05 * training, rng.uniform(0.4, 1.0))


def _beyond_numbers(rng: np.random.Generator) -> list[Case]:
    """Costs that become infinite and then no numbers; no numbers at once; infinite in the end."""
    cases = [_climbing(rng) for _ in range(3)]
    for case, ends in zip(cases, ([np.inf] + 4 * [np.nan], 5 * [np.nan], [np.inf]), strict=True):
        for name in ("training", "validation"):
            case.inputs[name] = np.r_[case.inputs[name][:9], ends]
    return cases


def _hardly_moving(rng: np.random.Generator, last: float) -> Case:
    start, time = _epochs(rng)
    training = start * (1 - rng.uniform(0.02, 0.09) * time)
    # As large in layer 1 as with healthy networks that have small gradients everywhere: only the ratio tells.
    return _patient(rng, training, 1.01 * training, 10 ** rng.uniform(-5.5, -5), last)


def _vanishing(rng: np.random.Generator) -> list[Case]:
    return [_hardly_moving(rng, last) for last in (20, 30, 0.01)]


def _crawling(rng: np.random.Generator) -> list[Case]:
    """Three patients. The first one's cost falls as little as with a vanishing gradient: only its norms tell."""
    cases = []
    for size, most, last in ((1, 0.08, 1e-6), (0.1, 0.15, 3e-6), (20, 0.15, 0.3)):
        start, time = _epochs(rng)
        training = size * start * (1 - rng.uniform(0.04, most) * time)
        cases.append(_patient(rng, training, 1.01 * training, rng.uniform(0.4, 1.0), last))
    return cases


def _turning(rng: np.random.Generator, least: float = 0.25, most: float = 0.4) -> Case:
    """least, most: by how many times the cost before training validation rises again."""
    start, time = _epochs(rng)
    turn = rng.uniform(0.3, 0.5)
    rise = rng.uniform(least, most) * np.maximum(0, (time - turn) / (1 - turn))
    case = _patient(rng, start * np.exp(-4 * time), start * (0.3 + 0.7 * np.exp(-5 * time / turn) + rise), 0.4)
    validation = case.inputs["validation"]
    validation[-1] = 0.99 * validation[-2]  # the last two epochs alone would say: it falls
    return case


def _turning_early(rng: np.random.Generator) -> Case:
    """In the middle of the training validation is as bad as at its end."""
    start, time = _epochs(rng)
    fall, rise = np.exp(-40 * time), rng.uniform(0.3, 0.4) * np.clip((time - 0.15) / 0.15, 0, 1)
    return _patient(rng, start * np.exp(-4 * time), start * (0.3 + 0.7 * fall + rise), 0.4)


def _well(rng: np.random.Generator) -> Case:
    start, time = _epochs(rng)
    left = np.exp(-rng.uniform(6, 7) * time)
    # Layer 1 has a smaller gradient here too, and validation is above training. Neither is a disease.
    case = _patient(rng, start * (0.06 + 0.94 * left), start * (0.12 + 0.88 * left), rng.uniform(0.04, 0.07))
    validation = case.inputs["validation"]
    validation[-1] = 1.01 * validation[-2]  # the last two epochs alone would say: it rises
    return case


def _three(patient: Callable[[np.random.Generator], Case]) -> Callable[[np.random.Generator], list[Case]]:
    """And costs of three sizes: what counts is how they compare with the one before training."""

    def cases(rng: np.random.Generator) -> list[Case]:
        found = [patient(rng) for _ in range(3)]
        for case, size in zip(found, (1, 0.1, 20), strict=True):
            for name in ("training", "validation"):
                case.inputs[name] = np.round(size * case.inputs[name], 4)
        return found

    return cases


def _all_turning(rng: np.random.Generator) -> list[Case]:
    """One whose validation ends above where all began, while training falls: no rate too large. And an early turn."""
    return [*_three(_turning)(rng), _turning(rng, 0.9, 1.3), _turning_early(rng)]


def _all_well(rng: np.random.Generator) -> list[Case]:
    """The last one's training cost never rises, so that who calls every rise a sickness does not call all sick."""
    cases = [*_three(_well)(rng), _well(rng)]
    cases[-1].inputs["training"] = np.sort(cases[-1].inputs["training"])[::-1].copy()
    return cases


def _diagnosis(name: str, title: str, patient: Callable[[np.random.Generator], Case]) -> Aspect:
    return Aspect(name, title, 1, _three(patient), accept=_accept_diagnosis)


DIAGNOSE = Exercise(
    id="diagnose",
    number="9.4",
    title="Sick training curves",
    answers=("diagnose",),
    mixed=True,
    aspects=(
        _diagnosis("large", "patients with too large a rate", _climbing),
        Aspect("infinite", "the same, where numbers end", 1, _beyond_numbers, accept=_accept_diagnosis),
        Aspect("small", "patients with too small a rate", 1, _crawling, accept=_accept_diagnosis),
        Aspect("vanishing", "patients with a vanishing gradient", 1, _vanishing, accept=_accept_diagnosis),
        Aspect("overfitting", "patients who overfit", 1, _all_turning, accept=_accept_diagnosis),
        Aspect("healthy", "nothing wrong at all", 1, _all_well, accept=_accept_diagnosis),
    ),
)

# 9.5 What must be kept -----------------------------------------------------------------------------------------------


def _networks(training: bool) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        # In the second the two largest layers are not neighbors, and the neighbors with the most neurons lie inside. In
        # the third these come last, and the first layer is large too. The shortest network has one example.
        a, b, c, d, e = (int(rng.integers(low, low + 9)) for low in (60, 30, 50, 40, 10))
        networks = [a, c + a, b, e], [a, b, c, d, d, c + a, e], [b, e, d, e, a]
        short = Case({"sizes": [b, e], "m": 1, "training": training})
        return [Case({"sizes": s, "m": int(rng.integers(20, 60)), "training": training}) for s in networks] + [short]

    return cases


def _optimizers(rng: np.random.Generator) -> list[Case]:
    sizes = [int(rng.integers(low, low + 9)) for low in (60, 30, 10)]
    deep = Case({"sizes": [*sizes, *sizes[1:], *sizes[1:], sizes[2]], "optimizer": "adam"})
    return [*(Case({"sizes": sizes, "optimizer": name}) for name in ("momentum", "adam", "sgd")), deep]


MEMORY = Exercise(
    id="memory",
    number="9.5",
    title="What must be kept",
    answers=("activations_kept", "state_kept"),
    closed=("counting", "sgd"),
    aspects=(
        Aspect("training", "activations_kept: when training", 1, _networks(True), driver=named("activations_kept")),
        Aspect(
            "predicting", "activations_kept: when predicting", 1, _networks(False), driver=named("activations_kept")
        ),
        Aspect("state", "state_kept: of three optimizers", 2, _optimizers, driver=named("state_kept")),
    ),
)

# 9.6 Find three bugs -------------------------------------------------------------------------------------------------

PARTS = ("da", "dw", "db")


def _part(name: str) -> Callable[..., Any]:
    def ask(answer: Any, **inputs: Any) -> Any:
        given = answer(*inputs.values())
        if not isinstance(given, (tuple, list)) or len(given) != len(PARTS):
            raise WrongForm("fixed_backward should give three arrays, in this order: da, dw, db.")
        return given[PARTS.index(name)]

    return ask


def _blocks(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 4), (4, 2), (3, 3), (3, 1), (1, 1), (8, 9)):
        a, w, b = (both_signs(rng, 0.3, 1.2, shape) for shape in ((n, m), (n, n), (n, 1)))
        cases.append(Case({"upstream": both_signs(rng, 0.5, 1.5, (n, m)), "a": a, "w": w, "b": b}))
    whole = {"upstream": rng.permutation([1, -2, 3, -1, 2, 4, -3, 1]).reshape(4, 2)}
    return [*cases, Case({**cases[1].inputs, **whole})]


def _still_blocks(rng: np.random.Generator) -> list[Case]:
    """One example whose b makes z = w a + b just a: whoever takes the slope at a takes it at z."""
    cases = []
    for n in (3, 4):
        a, w = (both_signs(rng, 0.3, 1.2, shape) for shape in ((n, 1), (n, n)))
        cases.append(Case({"upstream": both_signs(rng, 0.5, 1.5, (n, 1)), "a": a, "w": w, "b": a - w @ a}))
    return cases


SKIP_BUGS = Exercise(
    id="skip-bugs",
    number="9.6",
    title="Find three bugs",
    answers=("fixed_backward",),
    closed=ENGINE,
    aspects=(
        Aspect("da", "∂C/∂a: what goes on to the layer below", 1, _blocks, driver=_part("da")),
        Aspect("dw", "∂C/∂w", 1, _blocks, driver=_part("dw")),
        Aspect("db", "∂C/∂b", 1, _blocks, driver=_part("db")),
        Aspect("still", "∂C/∂a, one example with z = a", 1, _still_blocks, driver=_part("da")),
    ),
)

EXERCISES = (CLIP, MOMENTUM, ADAM, DIAGNOSE, MEMORY, SKIP_BUGS)
