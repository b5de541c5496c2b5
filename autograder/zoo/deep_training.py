"""Wrong and other right answers to notebook 9. A trap's docstring is what a student who makes that mistake reads."""

import numpy as np

from autograder.zoo import alternative, slip, trap

# 9.1 clip_by_norm ----------------------------------------------------------------------------------------------------


@trap("clip-by-norm", loses=("long",))
def each_by_itself(gradients, largest):
    """You clip each array by itself. That changes the direction of the step. One norm and one factor for all."""
    return [g * min(1.0, largest / (np.linalg.norm(g) + 1e-12)) for g in gradients]


@trap("clip-by-norm", loses=("long",))
def number_by_number(gradients, largest):
    """You cut off each number at the limit. That changes the direction; clipping by the norm only shortens."""
    return [np.clip(g, -largest, largest) for g in gradients]


@trap("clip-by-norm", loses=("short", "zero"))
def always_that_long(gradients, largest):
    """You also lengthen short gradients (and divide by 0 when all are 0). Only shorten those that are too long."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * largest / norm for g in gradients]


@trap("clip-by-norm", loses=("long", "short"))
def without_root(gradients, largest):
    """You compare the square of the norm with the limit. The root is missing."""
    norm = sum(np.sum(g**2) for g in gradients)
    return [g * largest / norm if norm > largest else g for g in gradients]


@trap("clip-by-norm", loses=("long", "short"))
def sum_of_norms(gradients, largest):
    """You add the norms of the arrays. The norm of all together is the root of the sum of all squares."""
    norm = sum(np.linalg.norm(g) for g in gradients)
    return [g * largest / norm if norm > largest else g for g in gradients]


@trap("clip-by-norm", loses=("long",))
def longest_array(gradients, largest):
    """You measure only the longest array. The limit is for all arrays together, as one long vector."""
    norm = max(np.linalg.norm(g) for g in gradients)
    return [g * largest / norm if norm > largest else g for g in gradients]


@trap("clip-by-norm", loses=("long",))
def to_length_one(gradients, largest):
    """You shorten to length 1. The new length should be `largest`."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g / norm if norm > largest else g for g in gradients]


@trap("clip-by-norm", loses=("long",))
def thrown_away(gradients, largest):
    """You throw long gradients away. Their direction is good; only make them shorter."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [0 * g if norm > largest else g for g in gradients]


@trap("clip-by-norm", loses=("zero",))
def division_by_zero(gradients, largest):
    """When all gradients are 0, you divide by 0. Ask first whether the norm is above the limit."""
    import math

    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    factor = min(1.0, largest / norm)
    return [factor * g for g in gradients]


@trap("clip-by-norm", loses=("short",))
def always_to_the_limit(gradients, largest):
    """You bring every gradient to the length `largest`. A shorter one stays as it is."""
    n = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * largest / n if n else g for g in gradients]


@trap("clip-by-norm", loses=("short",))
def square_compared(gradients, largest):
    """You compare the square of the norm with `largest`. Take the root first."""
    n = sum((g**2).sum() for g in gradients)
    return [g * largest / n**0.5 if n > largest else g for g in gradients]


@trap("clip-by-norm", loses=("long",))
def largest_number_measured(gradients, largest):
    """You measure the largest number. The norm is the length of all arrays together, as one vector."""
    n = max(np.abs(g).max() for g in gradients)
    return [g * largest / n if n > largest else g for g in gradients]


@alternative("clip-by-norm")
def a_millionth_more(gradients, largest):
    flat = np.concatenate([g.ravel() for g in gradients])
    factor = min(1.0, largest / (np.linalg.norm(flat) + 1e-6))
    return [g * factor for g in gradients]


@alternative("clip-by-norm")
def with_loops(gradients, largest):
    total = 0.0
    for g in gradients:
        for number in g.flat:
            total += number * number
    if total <= largest**2:
        return gradients
    for g in gradients:
        g *= largest / total**0.5
    return gradients


@trap("clip-by-norm", loses=("long",))
def stretch_of_a_matrix(gradients, largest):
    """With a 2, np.linalg.norm of a matrix tells how far it stretches a vector. Take the root of the sum of squares."""
    norms = [np.linalg.norm(g, 2) if g.ndim == 2 else np.linalg.norm(g) for g in gradients]
    norm = np.linalg.norm(norms)
    return [g * largest / norm for g in gradients] if norm > largest else gradients


# 9.2 momentum_step ---------------------------------------------------------------------------------------------------


@trap("momentum-step", loses=("velocity",))
def rate_kept_outside(parameters, gradients, velocities, rate, beta):
    """You keep β·v + g and multiply by the rate later. That works, but here the velocity is the step itself."""
    new = [beta * v + g for v, g in zip(velocities, gradients, strict=True)]
    return [p - rate * v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("start", "roll", "velocity", "several"))
def damped(parameters, gradients, velocities, rate, beta):
    """You multiply the gradient by 1 - β. That makes a running mean; here the push has its full strength."""
    new = [beta * v - (1 - beta) * rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("start", "roll", "several"))
def velocity_subtracted(parameters, gradients, velocities, rate, beta):
    """You subtract the velocity. It is the step itself and already points downhill: add it."""
    new = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p - v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("start", "roll", "velocity", "several"))
def uphill(parameters, gradients, velocities, rate, beta):
    """You push with the gradient, so the cost goes up. The push is against it."""
    new = [beta * v + rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("roll", "velocity", "several"))
def forgets_its_speed(parameters, gradients, velocities, rate, beta):
    """Your steps do not keep any speed: this is plain SGD. Where does the old velocity enter?"""
    new = [-rate * g for g in gradients]
    return [p + v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("start", "roll", "several"))
def steps_with_old_velocity(parameters, gradients, velocities, rate, beta):
    """You step with the old velocity. First find the new one, then step with it."""
    new = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, velocities, strict=True)], new


@trap("momentum-step", loses=("start", "roll", "several"))
def rate_twice(parameters, gradients, velocities, rate, beta):
    """You multiply by the rate twice. It is already in the velocity."""
    new = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + rate * v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("start", "roll", "several"))
def nesterov(parameters, gradients, velocities, rate, beta):
    """This step looks ahead, as Nesterov's momentum does. Here the parameters just add the new velocity."""
    new = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + beta * v - rate * g for p, v, g in zip(parameters, new, gradients, strict=True)], new


@trap("momentum-step", loses=("roll", "velocity", "several"))
def one_speed_for_all(parameters, gradients, velocities, rate, beta):
    """You take one velocity for all numbers of an array, their mean. Each number rolls at a speed of its own."""
    new = [beta * np.mean(v) - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, new, strict=True)], new


@trap("momentum-step", loses=("roll", "velocity", "several"))
def velocity_not_handed_on(parameters, gradients, velocities, rate, beta):
    """You hand on the old velocities. The next step needs the new ones."""
    new = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, new, strict=True)], velocities


@trap("momentum-step", loses=("roll", "velocity", "several"))
def beta_on_everything(parameters, gradients, velocities, rate, beta):
    """You hand on β times the new velocity. β belongs to the old velocity, once in each step."""
    new = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, new, strict=True)], [beta * v for v in new]


@trap("momentum-step", loses=("several",))
def one_velocity_for_all(parameters, gradients, velocities, rate, beta):
    """All your parameters share one velocity. Each array has its own, at the same place of the list."""
    moved, new, v = [], [], velocities[0]
    for p, g in zip(parameters, gradients, strict=True):
        v = beta * v - rate * g
        moved.append(p + v)
        new.append(v)
    return moved, new


@trap("momentum-step", loses=("velocity",))
def velocity_uphill(parameters, gradients, velocities, rate, beta):
    """Your velocity points uphill and is subtracted. The step is right, but here the velocity is the step itself."""
    v = [beta * v + rate * g for v, g in zip(velocities, gradients, strict=False)]
    return ([p - u for p, u in zip(parameters, v, strict=False)], v)


@trap("momentum-step", loses=("start", "roll", "velocity", "several"))
def push_weakened(parameters, gradients, velocities, rate, beta):
    """You weaken the push by 1 − β, or leave the rate for later. Here the velocity is β·v − rate·g, no more."""
    v = [beta * v + (1 - beta) * g for v, g in zip(velocities, gradients, strict=False)]
    return ([p - rate * u for p, u in zip(parameters, v, strict=False)], v)


@trap("momentum-step", loses=("start", "roll", "velocity", "several"))
def results_exchanged_here(parameters, gradients, velocities, rate, beta):
    """You give the velocities first. The new parameters come first."""
    v = [beta * v - rate * g for v, g in zip(velocities, gradients, strict=False)]
    return (v, [p + u for p, u in zip(parameters, v, strict=False)])


@trap("momentum-step", loses=("velocity",))
def rate_outside(parameters, gradients, velocities, rate, beta):
    """You leave the rate out of the velocity and bring it in with the step. Here the velocity has it: β·v −
    rate·g.
    """
    rolling = [beta * v - g for v, g in zip(velocities, gradients, strict=True)]
    return ([p + rate * v for p, v in zip(parameters, rolling, strict=True)], rolling)


@alternative("momentum-step")
def copied_and_then_in_place(parameters, gradients, velocities, rate, beta):
    parameters, velocities = ([each.copy() for each in arrays] for arrays in (parameters, velocities))
    for i in range(len(parameters)):
        velocities[i] *= beta
        velocities[i] -= rate * gradients[i]
        parameters[i] += velocities[i]
    return parameters, velocities


@alternative("momentum-step")
def difference_of_places(parameters, gradients, velocities, rate, beta):
    moved = [p - rate * g + beta * v for p, g, v in zip(parameters, gradients, velocities, strict=True)]
    return tuple(moved), tuple(new - old for new, old in zip(moved, parameters, strict=True))


# 9.3 adam_step -------------------------------------------------------------------------------------------------------


@alternative("adam-step")
def array_by_array(parameters, gradients, state, rate, beta1, beta2, eps):
    t, moved, new = state["t"] + 1, [], {"m": [], "v": []}
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        moved.append(p - rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, {"t": t, **new}


@trap("adam-step", loses=("first", "many", "several", "epsilon"))
def no_correction(parameters, gradients, state, rate, beta1, beta2, eps):
    """The bias correction is missing. m and v start at 0 and are too small at first."""
    moved, new = [], {"t": state["t"] + 1, "m": [], "v": []}
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        moved.append(p - rate * m / (np.sqrt(v) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, new


@trap("adam-step", loses=("first", "many", "several", "epsilon"))
def only_m_corrected(parameters, gradients, state, rate, beta1, beta2, eps):
    """You correct m, but not v. Both start at 0, so both need it."""
    moved, new = [], {"t": state["t"] + 1, "m": [], "v": []}
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        moved.append(p - rate * m / (1 - beta1 ** new["t"]) / (np.sqrt(v) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, new


t_from_zero = slip(
    array_by_array,
    {'state["t"] + 1': 'state["t"]', '"m":': '"t": state["t"] + 1, "m":', '{"t": t, **new}': "new"},
    loses=("first", "many", "several", "epsilon"),
    says="On the first step you correct with t = 0 and divide by 0. Raise t before you use it: it counts from 1.",
)


t_from_two = slip(
    array_by_array,
    {"1, []": "2, []", '"m":': '"t": state["t"] + 1, "m":', '{"t": t, **new}': "new"},
    loses=("first", "many", "several", "epsilon"),
    says="Your first step corrects with t = 2. t is raised once in a step, so the first step has t = 1.",
)


@trap("adam-step", loses=("many", "several"))
def t_stays_one(parameters, gradients, state, rate, beta1, beta2, eps):
    """You correct as if every step were the first. Is the new t in the state that you return?"""
    moved, new = [], {"t": 1, "m": [], "v": []}
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        moved.append(p - rate * m / (1 - beta1) / (np.sqrt(v / (1 - beta2)) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, new


t_for_each_parameter = slip(
    array_by_array,
    {'state["t"] + 1': 'state["t"]', "m, v = beta1": "t += 1\n        m, v = beta1"},
    loses=("several",),
    says="You raise t for every array. It counts steps: raise it once, before the loop.",
)


one_state_for_all = slip(
    array_by_array,
    {
        "for p, g, m, v in zip": 'm, v = state["m"][0], state["v"][0]\n    for p, g in zip',
        'gradients, state["m"], state["v"]': "gradients",
    },
    loses=("several",),
    says="Your parameters share one m and one v: what one array leaves behind, the next one takes up. Each has "
    "its own.",
)


epsilon_inside_the_root = slip(
    array_by_array,
    {"/ (np": "/ np", "(1 - beta2**t))": "(1 - beta2**t)"},
    loses=("epsilon",),
    says="Your ε is inside the root. It is added after the root.",
)


@trap("adam-step", loses=("epsilon",))
def epsilon_before_correction(parameters, gradients, state, rate, beta1, beta2, eps):
    """You put both corrections into the rate. Then ε meets the root of v without its hat, and means something else."""
    t, moved, new = state["t"] + 1, [], {"m": [], "v": []}
    corrected = rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        moved.append(p - corrected * m / (np.sqrt(v) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, {"t": t, **new}


epsilon_of_its_own = slip(
    array_by_array,
    {"+ eps": "+ 1e-8"},
    loses=("epsilon",),
    says="You do not use the ε that the function is given.",
)


@trap("adam-step", loses=("many", "several"))
def hats_handed_on(parameters, gradients, state, rate, beta1, beta2, eps):
    """You hand on the corrected means, so they are corrected again and again. Hand on m and v without hats."""
    t, moved, new = state["t"] + 1, [], {"m": [], "v": []}
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
        v = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t)
        moved.append(p - rate * m / (np.sqrt(v) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, {"t": t, **new}


@trap("adam-step", loses=("many", "several"))
def betas_exchanged(parameters, gradients, state, rate, beta1, beta2, eps):
    """β₁ and β₂ are exchanged. β₁ belongs to the mean of g, β₂ to the mean of its square."""
    t, moved, new = state["t"] + 1, [], {"m": [], "v": []}
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta2 * m + (1 - beta2) * g, beta1 * v + (1 - beta1) * g**2
        moved.append(p - rate * m / (1 - beta2**t) / (np.sqrt(v / (1 - beta1**t)) + eps))
        new["m"].append(m)
        new["v"].append(v)
    return moved, {"t": t, **new}


root_missing = slip(
    array_by_array,
    {"np.sqrt(v": "v", "(1 - beta2**t))": "(1 - beta2**t)"},
    loses=("first", "many", "several", "epsilon"),
    says="You divide by the mean of the squares. To divide by the usual size of the gradient, take the root first.",
)


gradient_not_squared = slip(
    array_by_array,
    {"g**2": "g"},
    loses=("first", "many", "several", "epsilon"),
    says="v is the running mean of the gradient's *square*. Without it the root of a negative number is not a number.",
)


adam_uphill = slip(
    array_by_array,
    {"- rate": "+ rate"},
    loses=("first", "many", "several", "epsilon"),
    says="You step with the gradient, so the cost goes up. The step is against it.",
)


@trap("adam-step", loses=("many", "several"))
def largest_of_all_times(parameters, gradients, state, rate, beta1, beta2, eps):
    """You keep the largest v̂ of all steps, as AMSGrad does. Here v may fall again."""
    t = state["t"] + 1
    P, M, V, H = ([], [], [], [])
    old = state.get("h", [np.zeros_like(p) for p in parameters])
    for p, g, m, v, h in zip(parameters, gradients, state["m"], state["v"], old, strict=False):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        h = np.maximum(h, v / (1 - beta2**t))
        P.append(p - rate * m / (1 - beta1**t) / (np.sqrt(h) + eps))
        M.append(m)
        V.append(v)
        H.append(h)
    return (P, {"t": t, "m": M, "v": V, "h": H})


@trap("adam-step", loses=("many", "several"))
def v_never_falls(parameters, gradients, state, rate, beta1, beta2, eps):
    """Your v never falls, as in AMSGrad. Here it is a moving mean, which may fall again."""
    t = state["t"] + 1
    P, M, V = ([], [], [])
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=False):
        m = beta1 * m + (1 - beta1) * g
        v = np.maximum(v, beta2 * v + (1 - beta2) * g * g)
        P.append(p - rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps))
        M.append(m)
        V.append(v)
    return (P, {"t": t, "m": M, "v": V})


@trap("adam-step", loses=("first", "many", "several", "epsilon"))
def one_v_for_an_array(parameters, gradients, state, rate, beta1, beta2, eps):
    """You take one mean square for a whole array. Every entry has a v of its own."""
    t = state["t"] + 1
    P, M, V = ([], [], [])
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=False):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * np.mean(g * g)
        P.append(p - rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps))
        M.append(m)
        V.append(v)
    return (P, {"t": t, "m": M, "v": V})


@trap("adam-step", loses=("several",))
def writes_into_the_state(parameters, gradients, state, rate, beta1, beta2, eps):
    """You write into the state that you are given, which stays as it is: make a new dict and new lists."""
    state["t"] += 1
    t = state["t"]
    P = []
    for i, (p, g) in enumerate(zip(parameters, gradients, strict=False)):
        state["m"][i] = beta1 * state["m"][i] + (1 - beta1) * g
        state["v"][i] = beta2 * state["v"][i] + (1 - beta2) * g * g
        P.append(p - rate * state["m"][i] / (1 - beta1**t) / (np.sqrt(state["v"][i] / (1 - beta2**t)) + eps))
    return (P, state)


@alternative("adam-step")
def adam_on_copies(parameters, gradients, state, rate, beta1, beta2, eps):
    import copy

    parameters, state = copy.deepcopy(parameters), copy.deepcopy(state)
    state["t"] += 1
    for i, g in enumerate(gradients):
        state["m"][i] += (1 - beta1) * (g - state["m"][i])
        state["v"][i] += (1 - beta2) * (g * g - state["v"][i])
        m_hat = state["m"][i] / (1 - beta1 ** state["t"])
        v_hat = state["v"][i] / (1 - beta2 ** state["t"])
        parameters[i] -= rate * m_hat / (v_hat**0.5 + eps)
    return parameters, state


@alternative("adam-step")
def list_by_list(parameters, gradients, state, rate, beta1, beta2, eps):
    t = state["t"] + 1
    m = [beta1 * old + (1 - beta1) * g for old, g in zip(state["m"], gradients, strict=True)]
    v = [beta2 * old + (1 - beta2) * np.square(g) for old, g in zip(state["v"], gradients, strict=True)]
    one, two = 1 - beta1**t, 1 - beta2**t
    steps = [rate * (a / one) / (eps + np.sqrt(b / two)) for a, b in zip(m, v, strict=True)]
    return [p - step for p, step in zip(parameters, steps, strict=True)], dict(t=t, m=m, v=v)


@alternative("adam-step")
def corrections_in_the_rate(parameters, gradients, state, rate, beta1, beta2, eps):
    t, moved, new = state["t"] + 1, [], {"m": [], "v": []}
    root = np.sqrt(1 - beta2**t)
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"], strict=True):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        moved.append(p - rate * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root))
        new["m"].append(m)
        new["v"].append(v)
    return moved, {"t": t, **new}


betas_exchanged_in_the_means = slip(
    array_by_array,
    {
        "beta1 * m + (1 - beta1) * g": "beta2 * m + (1 - beta2) * g",
        "beta2 * v + (1 - beta2)": "beta1 * v + (1 - beta1)",
    },
    loses=("first", "many", "several", "epsilon"),
    says="In the running means the two β are exchanged.",
)


beta_of_its_own = slip(
    array_by_array,
    {"v / (1 - beta2**t)": "v / (1 - 0.999**t)"},
    loses=("first", "many", "several", "epsilon"),
    says="In the correction of v you use a β of your own. Use the one that is given.",
)


t_raised_in_the_given_dict = slip(
    array_by_array,
    {'t, moved, new = state["t"] + 1': 'state["t"] += 1\n    t, moved, new = state["t"]'},
    loses=("several",),
    says="You raise t in the dict that you were given. It must stay as it was: put the new t into a new dict.",
)


# 9.4 diagnose --------------------------------------------------------------------------------------------------------


@alternative("diagnose")
def three_questions(training, validation, norms):
    if not np.isfinite(training[-1]) or training[-1] > training[0]:
        return "rate too large"
    if training[-1] > 0.5 * training[0]:
        return "vanishing gradient" if norms[0] < 1e-3 * norms[-1] else "rate too small"
    return "overfitting" if validation[-1] > 1.2 * np.min(validation) else "healthy"


nan_overlooked = slip(
    three_questions,
    {"if not np.isfinite(training[-1]) or": "if"},
    loses=("infinite",),
    says="A cost that is no number is overlooked: every comparison with NaN is False. Ask for it first.",
)


any_rise = slip(
    three_questions,
    {"training[-1] > training[0]": "np.any(np.diff(training) > 0)"},
    loses=("small", "vanishing", "overfitting", "healthy"),
    says="You call every rise a sickness. Curves of mini-batches are noisy: look at where the cost ends.",
)


last_two_epochs = slip(
    three_questions,
    {"1.2 * np.min(validation)": "validation[-2]"},
    loses=("overfitting", "healthy"),
    says="You compare only the last two epochs. Between two epochs noise decides: compare the end with the lowest "
    "value.",
)


gap_is_overfitting = slip(
    three_questions,
    {"np.min(validation)": "training[-1]"},
    loses=("healthy",),
    says="You call a gap between the curves overfitting. A gap is normal; look for validation that turns.",
)


compared_with_the_start = slip(
    three_questions,
    {"1.2 * np.min(validation)": "validation[0]"},
    loses=("overfitting",),
    says="You compare the last validation cost with the first. It may be far above its lowest and still below its "
    "start.",
)


norms_not_used = slip(
    three_questions,
    {'return "vanishing gradient" if norms[0] < 1e-3 * norms[-1] else': "return"},
    loses=("vanishing",),
    says="The norms make no difference for you. A cost that hardly moves may have a reason that no rate can mend.",
)


@trap("diagnose", loses=("vanishing", "small"))
def layers_upside_down(training, validation, norms):
    """You compare the layers the wrong way around. Errors come from the end: it is layer 1 where they vanish."""
    if not np.isfinite(training[-1]) or training[-1] > training[0]:
        return "rate too large"
    if training[-1] > 0.5 * training[0]:
        return "rate too small" if norms[0] < norms[-1] / 1000 else "vanishing gradient"
    return "overfitting" if validation[-1] > 1.2 * np.min(validation) else "healthy"


rates_exchanged = slip(
    three_questions,
    {"large": "small", 'else "rate too small"': 'else "rate too large"'},
    loses=("large", "infinite", "small"),
    says="Too large and too small are exchanged. Where the cost climbs, steps are too long; where it creeps, too "
    "short.",
)


@trap("diagnose", loses=("healthy",))
def smaller_in_layer_1(training, validation, norms):
    """A gradient that is a few times smaller in layer 1 is nothing unusual. This network has learned very well."""
    if not np.isfinite(training[-1]) or training[-1] > training[0]:
        return "rate too large"
    if norms[0] < 0.15 * norms[-1]:
        return "vanishing gradient"
    if training[-1] > 0.5 * training[0]:
        return "rate too small"
    return "overfitting" if validation[-1] > 1.2 * np.min(validation) else "healthy"


@trap("diagnose", loses=("small",))
def norms_not_read(training, validation, norms):
    """You look at the curves alone. Two of the diseases have the same curves: only `norms` tells them apart."""
    if not training[-1] < training[0]:
        return "rate too large"
    if training[-1] > 0.9 * training[0]:
        return "vanishing gradient"
    if training[-1] > 0.5 * training[0]:
        return "rate too small"
    return "overfitting" if validation[-1] > 1.2 * min(validation) else "healthy"


cost_alone = slip(
    three_questions,
    {"0.5 * training[0]": "1", "1e-3": "0.001"},
    loses=("small", "healthy"),
    says="You compare the cost with a number of your own. What counts is how far it fell from where it began.",
)


norm_alone = slip(
    three_questions,
    {"1e-3 * norms[-1]": "0.0001"},
    loses=("small", "vanishing"),
    says="You look at the norm in layer 1 alone. It may be small everywhere: compare it with the last layer's.",
)


@alternative("diagnose")
def early_returns(training, validation, norms):
    if np.isnan(training).any() or np.isinf(training).any():
        return "rate too large"
    progress = training[-1] / training[0]
    if progress > 1.2:
        return "rate too large"
    if min(norms) / max(norms) < 1e-4:
        return "vanishing gradient"
    if progress > 0.3:
        return "rate too small"
    if validation[-1] - validation.min() > 0.1 * validation.min():
        return "overfitting"
    return "healthy"


@alternative("diagnose")
def smoothed(training, validation, norms):
    end, start = np.mean(training[-3:]), training[0]
    if not end < start:
        return "rate too large"
    if end > 0.4 * start:
        return "rate too small" if norms[0] > 0.01 * norms[-1] else "vanishing gradient"
    return "overfitting" if np.mean(validation[-3:]) > 1.3 * min(validation) else "healthy"


# 9.5 activations_kept, state_kept ------------------------------------------------------------------------------------


@trap("memory", loses=("training",), answer="activations_kept")
def input_not_kept(sizes, m, training):
    """The input is missing. BP4 needs it for the weights of layer 1."""
    if training:
        return m * sum(sizes[1:])
    return m * max(sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))


@trap("memory", loses=("training", "predicting"), answer="activations_kept")
def one_example(sizes, m, training):
    """You count one example. Every example of the batch has activations of its own."""
    if training:
        return sum(sizes)
    return max(sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))


@trap("memory", loses=("predicting",), answer="activations_kept")
def keeps_all_layers(sizes, m, training):
    """To predict you keep all layers. Nobody comes back to them: how many are needed to compute the next one?"""
    return m * sum(sizes)


@trap("memory", loses=("predicting",), answer="activations_kept")
def largest_layer(sizes, m, training):
    """You count only the largest layer. While it is written, the layer before it is still being read."""
    return m * sum(sizes) if training else m * max(sizes)


@trap("memory", loses=("training",), answer="activations_kept")
def equal_layers_once(sizes, m, training):
    """Two layers of one size are two layers. A set keeps only one of them."""
    return m * sum(set(sizes)) if training else m * max(sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))


@trap("memory", loses=("predicting",), answer="activations_kept")
def two_largest(sizes, m, training):
    """You add the two largest layers. They are in memory together only if they are neighbors."""
    return m * sum(sizes) if training else m * sum(sorted(sizes)[-2:])


@trap("memory", loses=("training",), answer="activations_kept")
def sums_kept_too(sizes, m, training):
    """You count z as well as a. With the sigmoid, σ′ can be found from a alone."""
    if training:
        return m * (sizes[0] + 2 * sum(sizes[1:]))
    return m * max(sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))


@trap("memory", loses=("state",), answer="state_kept")
def biases_forgotten(sizes, optimizer):
    """The biases are missing. They are parameters and have a state too."""
    weights = sum(sizes[l] * sizes[l - 1] for l in range(1, len(sizes)))
    return {"sgd": 0, "momentum": 1, "adam": 2}[optimizer] * weights


@trap("memory", loses=("state",), answer="state_kept")
def adam_like_momentum(sizes, optimizer):
    """Adam keeps more than momentum does. Look at its formulas: what is needed from the step before?"""
    parameters = sum(sizes[l] * (sizes[l - 1] + 1) for l in range(1, len(sizes)))
    return {"sgd": 0, "momentum": 1, "adam": 1}[optimizer] * parameters


@trap("memory", loses=("state",), answer="state_kept")
def parameters_counted(sizes, optimizer):
    """You count the parameters too. The question is only what the optimizer remembers; plain SGD remembers nothing."""
    parameters = sum(sizes[l] * (sizes[l - 1] + 1) for l in range(1, len(sizes)))
    return {"sgd": 1, "momentum": 2, "adam": 3}[optimizer] * parameters


@trap("memory", loses=("state",), answer="state_kept")
def one_number_a_layer(sizes, optimizer):
    """You count one number for each neuron. Every single weight has a velocity, or an m and a v, of its own."""
    return {"sgd": 0, "momentum": 1, "adam": 2}[optimizer] * sum(sizes[1:])


@trap("memory", loses=("state",), answer="state_kept")
def t_counted_too(sizes, optimizer):
    """You count Adam's t. It is one number and not asked for."""
    from itertools import pairwise

    n = sum(((a + 1) * b for a, b in pairwise(sizes)))
    return {"sgd": 0, "momentum": n, "adam": 2 * n + 1}[optimizer]


@trap("memory", loses=("state",), answer="state_kept")
def biases_of_the_input(sizes, optimizer):
    """You count a bias for each neuron of the layer before. A bias belongs to a neuron of the layer itself."""
    from itertools import pairwise

    return sum((a * (b + 1) for a, b in pairwise(sizes))) * {"sgd": 0, "momentum": 1, "adam": 2}[optimizer]


@trap("memory", loses=("state",), answer="state_kept")
def adam_keeps_three(sizes, optimizer):
    """You count three numbers for each parameter with Adam. Which two moving means does it keep?"""
    from itertools import pairwise

    return sum(((a + 1) * b for a, b in pairwise(sizes))) * {"sgd": 0, "momentum": 1, "adam": 3}[optimizer]


@alternative("memory", answer="activations_kept")
def as_real_arrays(sizes, m, training):
    layers = [np.zeros((n, m)) for n in sizes]
    if training:
        return sum(a.size for a in layers)
    return max(layers[l - 1].size + layers[l].size for l in range(1, len(layers)))


@alternative("memory", answer="activations_kept")
def step_by_step(sizes, m, training):
    held, most = [], 0
    for n in sizes:
        held.append(n * m)
        if not training:
            held = held[-2:]
        most = max(most, sum(held))
    return most


@alternative("memory", answer="state_kept")
def with_ifs(sizes, optimizer):
    count = 0
    for l in range(1, len(sizes)):
        count += sizes[l] * sizes[l - 1] + sizes[l]
    if optimizer == "sgd":
        return 0
    return count if optimizer == "momentum" else 2 * count


@alternative("memory", answer="state_kept")
def as_a_product(sizes, optimizer):
    n = np.array(sizes)
    arrays = ["sgd", "momentum", "adam"].index(optimizer)
    return arrays * (n[1:] @ (n[:-1] + 1))


# 9.6 fixed_backward --------------------------------------------------------------------------------------------------


@trap("skip-bugs", loses=("da", "dw", "db", "still"))
def nothing_mended(upstream, a, w, b):
    """This is the code as it was given. Draw the graph of the layer, and go through the arrows from `out` on."""
    dz = upstream * (1 - np.tanh(a) ** 2)
    return w @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "dw", "db"))
def slope_at_a(upstream, a, w, b):
    """One bug is left: the slope of tanh is taken at a. To what was tanh applied?"""
    dz = upstream * (1 - np.tanh(a) ** 2)
    return upstream + w.T @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "dw", "db", "still"))
def slope_of_tanh_of_tanh(upstream, a, w, b):
    """The slope of tanh at z is 1 - tanh(z)². You put z itself where its tanh belongs."""
    dz = upstream * (1 - (w @ a + b) ** 2)
    return upstream + w.T @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "still"))
def not_turned_over(upstream, a, w, b):
    """One bug is left: on the way back the weights must be turned over. The shapes cannot tell, because w is square."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return upstream + w @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "still"))
def path_missing(upstream, a, w, b):
    """One bug is left: a reaches `out` on two paths, and you follow only one."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return w.T @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "still"))
def only_the_slope_mended(upstream, a, w, b):
    """The slope is right now. Two bugs are left, both on the way to a."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return w @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "still"))
def one_added(upstream, a, w, b):
    """Along the skip the local derivative is 1. What goes on is upstream times 1, and not 1 itself."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return 1 + w.T @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "still"))
def skip_adds_a(upstream, a, w, b):
    """Forward, the skip adds a. On the way back it brings the gradient that arrived, not a."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return a + w.T @ dz, dz @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("dw",))
def with_upstream(upstream, a, w, b):
    """For dw you use what arrived at `out`. The weights act on z: use what arrives there."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return upstream + w.T @ dz, upstream @ a.T, np.sum(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("db",))
def mean_of_columns(upstream, a, w, b):
    """The sum over the examples was right: the 1/m is already in `upstream`."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return upstream + w.T @ dz, dz @ a.T, np.mean(dz, axis=1, keepdims=True)


@trap("skip-bugs", loses=("da", "dw", "db", "still"))
def upstream_added_to_dz(upstream, a, w, b):
    """You add upstream to dz. On its way over the skip it passes neither tanh nor the weights: it belongs to da
    alone.
    """
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2) + upstream
    return (upstream + w.T @ dz, dz @ a.T, dz.sum(1, keepdims=True))


@trap("skip-bugs", loses=("da", "dw", "db", "still"))
def results_in_another_order(upstream, a, w, b):
    """The order is wrong: da comes first, then dw, then db."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return (dz @ a.T, dz.sum(1, keepdims=True), upstream + w.T @ dz)


@trap("skip-bugs", loses=("da", "dw", "db", "still"))
def slope_of_a_sigmoid(upstream, a, w, b):
    """You take the slope of a sigmoid, s(1 − s). Here it is a tanh: 1 − s²."""
    s = np.tanh(w @ a + b)
    dz = upstream * s * (1 - s)
    return (upstream + w.T @ dz, dz @ a.T, dz.sum(1, keepdims=True))


@trap("skip-bugs", loses=("dw",))
def skip_through_w(upstream, a, w, b):
    """The skip connection goes around w, so what comes that way says nothing about dw: only dz does."""
    dz = upstream * (1 - np.tanh(w @ a + b) ** 2)
    return (upstream + w.T @ dz, (dz + upstream) @ a.T, dz.sum(axis=1, keepdims=True))


@alternative("skip-bugs")
def one_example_at_a_time(upstream, a, w, b):
    da, dw, db = np.zeros_like(a), np.zeros_like(w), np.zeros_like(b)
    for i in range(a.shape[1]):
        here = a[:, [i]]
        dz = upstream[:, [i]] / np.cosh(w @ here + b) ** 2
        da[:, [i]] = upstream[:, [i]] + w.T @ dz
        dw += dz @ here.T
        db += dz
    return da, dw, db


@alternative("skip-bugs")
def with_einsum(upstream, a, w, b):
    steep = 1 - np.tanh(np.einsum("ij,jk->ik", w, a) + b) ** 2
    dz = upstream * steep
    return (upstream + np.einsum("ij,ik->jk", w, dz), np.einsum("ik,jk->ij", dz, a), np.einsum("ik->i", dz)[:, None])
