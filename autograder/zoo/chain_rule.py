"""Wrong and other right answers to notebook 1. A trap's docstring is what a student who makes that mistake reads."""

import numpy as np
import sympy as sp

from autograder.zoo import alternative, slip, trap

# 1.1 wiggle ----------------------------------------------------------------------------------------------------------


@trap("wiggle", loses=("slope", "forward"))
def no_division(f, x, h):
    """You give the change of f. A slope is a change of f for each unit of change of x. What did x change by?"""
    return f(x + h) - f(x)


@trap("wiggle", loses=("slope", "forward"))
def divided_by_x(f, x, h):
    """You divide by x, the place where you stand. A slope divides by how far you walked."""
    return (f(x + h) - f(x)) / x


@trap("wiggle", loses=("slope", "forward"))
def no_parentheses(f, x, h):
    """Python divides before it subtracts, so only f(x) is divided by h. Put parentheses around the difference."""
    return f(x + h) - f(x) / h


@trap("wiggle", loses=("slope", "forward"))
def backward_order(f, x, h):
    """The sign is flipped: it should be "after minus before". A function that rises has a positive slope."""
    return (f(x) - f(x + h)) / h


@trap("wiggle", loses=("slope", "forward"))
def no_difference(f, x, h):
    """You divide the value of f by h. A slope needs two values of f: one before the wiggle and one after it."""
    return f(x + h) / h


@trap("wiggle", loses=("slope", "forward"))
def never_negative(f, x, h):
    """Your slope is never negative. Where f falls, its slope is below zero; do not take the absolute value."""
    return abs(f(x + h) - f(x)) / h


@trap("wiggle", loses=("forward",))
def both_sides(f, x, h):
    """You step to both sides of x. That is a good slope too, but here the wiggle goes only from x to x + h."""
    return (f(x + h) - f(x - h)) / (2 * h)


@trap("wiggle", loses=("forward",))
def step_to_the_left(f, x, h):
    """You step from x - h to x. Here the wiggle goes from x to x + h."""
    return (f(x) - f(x - h)) / h


@trap("wiggle", loses=("forward",))
def own_step(f, x, h):
    """You use a step of your own. Use the h that the function is given, large or small."""
    h = 1e-6
    return (f(x + h) - f(x)) / h


@alternative("wiggle")
def named_parts(f, x, h):
    before = f(x)
    after = f(x + h)
    rise, run = after - before, (x + h) - x
    return rise / run


@alternative("wiggle")
def with_numpy(f, x, h):
    return np.diff([f(x), f(x + h)])[0] / h


@trap("wiggle", loses=("forward",))
def size_of_the_step(f, x, h):
    """You take the size of h. When h is below 0, the wiggle goes to the left: leave h as it is."""
    return (f(x + abs(h)) - f(x)) / abs(h)


@trap("wiggle", loses=("slope", "forward"))
def share_of_the_value(f, x, h):
    """You divide by f(x) too: a change as a share of the value. The slope is the change of f for each unit of x."""
    return (f(x + h) - f(x)) / f(x) / h


@trap("wiggle", loses=("slope", "forward"))
def remembers_by_place(f, x, h, known={}):  # noqa: B006  (this is the mistake)
    """You keep values of f from call to call, by x alone. Another function has another value at the same x."""
    for place in (x, x + h):
        if place not in known:
            known[place] = f(place)
    return (known[x + h] - known[x]) / h


@trap("wiggle", loses=("slope", "forward"))
def size_of_a_step_to_both_sides(f, x, h):
    """You step to both sides of x and keep only the size. The step goes from x to x + h, and a slope has a sign."""
    return abs(f(x + h) - f(x - h)) / (2 * h)


@trap("wiggle", loses=("slope", "forward"))
def size_of_a_change_to_both_sides(f, x, h):
    """You step to both sides of x and keep only the size. The step goes from x to x + h, and a slope has a sign."""
    return abs((f(x + h) - f(x - h)) / (2 * h))


# 1.2 d_cos_x2 --------------------------------------------------------------------------------------------------------


@trap("cos-x2", loses=("number", "array"))
def no_inner_derivative(x):
    """You differentiated cos and stopped. The inside, x², also moves when x moves: multiply by its derivative."""
    return -np.sin(x**2)


@trap("cos-x2", loses=("number", "array"))
def no_sign(x):
    """The sign is wrong. Which way does cos go when its input grows a little from 0?"""
    return np.sin(x**2) * 2 * x


@trap("cos-x2", loses=("number", "array"))
def derivative_inside(x):
    """You get -sin 2x. The outer derivative is taken at the old inside, x² itself; and x is squared, not the cosine."""
    return -np.sin(2 * x)


@trap("cos-x2", loses=("number", "array"))
def outer_at_x(x):
    """You take the outer derivative at x. The outer function never sees x: it sees u = x²."""
    return -np.sin(x) * 2 * x


@trap("cos-x2", loses=("number", "array"))
def added(x):
    """You add the two derivatives. Along a chain, sensitivities multiply."""
    return -np.sin(x**2) + 2 * x


@trap("cos-x2", loses=("number", "array"))
def cosine_stays(x):
    """The derivative of cos is not cos. Look up the derivative of the outer function once more."""
    return np.cos(x**2) * 2 * x


@trap("cos-x2", loses=("number", "array"))
def small_step(x):
    """This is a slope over a small step: close, but not exact. Use the chain rule to find a formula."""
    h = 1e-6
    return (np.cos((x + h) ** 2) - np.cos(x**2)) / h


@trap("cos-x2", loses=("array",))
def math_module(x):
    """The functions of the math module take one number at a time. NumPy's functions take whole arrays too."""
    import math

    return -math.sin(x**2) * 2 * x


@trap("cos-x2", loses=("number", "array"))
def function_itself(x):
    """This is cos(x²), the function. Its derivative is asked: how fast it changes when x moves."""
    return np.cos(x**2)


@alternative("cos-x2")
def step_by_step(x):
    u = np.multiply(x, x)
    outer = -np.sin(u)
    inner = np.add(x, x)
    return outer * inner


@alternative("cos-x2")
def by_sympy(x):
    t = sp.symbols("t")
    return sp.lambdify(t, sp.cos(t**2).diff(t), "numpy")(x)


@alternative("cos-x2")
def one_at_a_time(x):
    import math

    values = [-2 * v * math.sin(v * v) for v in np.ravel(x)]
    return values[0] if np.ndim(x) == 0 else np.reshape(values, np.shape(x)).tolist()


@trap("cos-x2", loses=("number",))
def tiny_difference(x):
    """You take a small difference for the derivative. It is only nearly right, and wrong where the curve turns fast."""
    return (np.cos((x + 1e-5) ** 2) - np.cos((x - 1e-5) ** 2)) / 2e-5


@trap("cos-x2", loses=("number", "array"))
def square_of_the_outside(x):
    """You square the outer function. In cos(x²), the square is inside: first x is squared, then cos is taken."""
    return -2 * x * np.sin(x) ** 2


@trap("cos-x2", loses=("number", "array"))
def sine_of_degrees(x):
    """You turn degrees into radians. All angles of this course are radians already."""
    return -2 * x * np.sin(np.deg2rad(x * x))


@trap("cos-x2", loses=("array",))
def one_square_for_all(x):
    """You take one square for the whole array: np.dot and @ add up. Each entry of x has a square of its own."""
    x = np.asarray(x)
    return -2 * x * np.sin(np.dot(x.ravel(), x.ravel()))


# 1.3 symbolic_gradient and gradient_at -------------------------------------------------------------------------------


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def mixed_derivative(expr, variables):
    """You differentiate again and again, by one variable after another. Each derivative starts from expr itself."""
    return sp.diff(expr, *variables)


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def each_from_the_last(expr, variables):
    """Each derivative of your list starts from the one before it. Each of them should start from expr itself."""
    result = []
    for variable in variables:
        expr = expr.diff(variable)
        result.append(expr)
    return result


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def second_derivatives(expr, variables):
    """You differentiate twice by each variable. The gradient holds the first derivatives."""
    return [expr.diff(v, v) for v in variables]


@trap("symbolic-gradient", loses=("numbers",), answer="gradient_at")
def second_derivatives_at(expr, variables, values):
    """You differentiate twice by each variable. The gradient holds the first derivatives."""
    return [float(expr.diff(v, v).subs(values)) for v in variables]


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def only_the_first(expr, variables):
    """You give one derivative. The gradient has one derivative for each variable, in a list."""
    return expr.diff(variables[0])


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def own_variables(expr, variables):
    """You choose the variables from expr. Use those that are asked for, in the order in which they are asked."""
    return [expr.diff(v) for v in sorted(expr.free_symbols, key=str)]


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def a_dict(expr, variables):
    """You give a dict. Give a list of the derivatives, in the order of the variables."""
    return {v: expr.diff(v) for v in variables}


@trap("symbolic-gradient", loses=("expressions",), answer="symbolic_gradient")
def without_zeros(expr, variables):
    """A zero is missing from your list. Zero is a derivative too: the expression does not feel that variable."""
    return [expr.diff(v) for v in variables if expr.diff(v) != 0]


@trap("symbolic-gradient", loses=("numbers",), answer="gradient_at")
def numbers_too_early(expr, variables, values):
    """You put the numbers in before you differentiate. A number does not change, so every derivative of it is 0."""
    number = expr.subs(values)
    return [sp.diff(number, v) for v in variables]


@trap("symbolic-gradient", loses=("numbers",), answer="gradient_at")
def value_not_derivative(expr, variables, values):
    """You give the value of the expression. The question asks for its derivatives, one for each variable."""
    return float(expr.subs(values))


@trap("symbolic-gradient", loses=("numbers",), answer="gradient_at")
def one_variable_alone(expr, variables, values):
    """You give the value of each variable. The question asks for the value of the derivative by that variable."""
    return [values[v] for v in variables]


@alternative("symbolic-gradient", answer="symbolic_gradient")
def as_an_array(expr, variables):
    return sp.derive_by_array(expr, variables)


@alternative("symbolic-gradient", answer="symbolic_gradient")
def as_a_jacobian(expr, variables):
    return list(sp.Matrix([expr]).jacobian(variables))


@alternative("symbolic-gradient", answer="gradient_at")
def compiled(expr, variables, values):
    names = list(values)
    functions = [sp.lambdify(names, expr.diff(v)) for v in variables]
    return np.array([f(*[values[name] for name in names]) for f in functions])


@alternative("symbolic-gradient", answer="gradient_at")
def one_by_one(expr, variables, values):
    result = []
    for variable in variables:
        derivative = sp.diff(expr, variable)
        for name, value in values.items():
            derivative = derivative.subs(name, value)
        result.append(derivative.evalf())
    return tuple(result)


@trap("symbolic-gradient", loses=("numbers",), answer="gradient_at")
def value_of_the_expression(expr, variables, values):
    """You put the values into expr itself. Differentiate it first, by each of the variables."""
    return [float(expr.subs(values)) for _ in variables]


# 1.4 forward, mse and mean_factor ------------------------------------------------------------------------------------


@trap("chain-forward", loses=("forward",), answer="forward")
def second_step_from_x(x, w1, b1, w2, b2):
    """Your second step starts from x again. It should start from h, the result of the first step."""
    return w1 * x + b1, w2 * x + b2


@trap("chain-forward", loses=("forward",), answer="forward")
def order_exchanged(x, w1, b1, w2, b2):
    """You give g and then h. Give h first."""
    h = w1 * x + b1
    return w2 * h + b2, h


@trap("chain-forward", loses=("forward",), answer="forward")
def no_biases(x, w1, b1, w2, b2):
    """The biases b1 and b2 are missing. Each step multiplies by its weight and then adds its bias."""
    return w1 * x, w2 * (w1 * x)


@trap("chain-forward", loses=("forward",), answer="forward")
def bias_inside(x, w1, b1, w2, b2):
    """You add the bias before you multiply. First comes the weight times the input, then the bias is added."""
    h = w1 * (x + b1)
    return h, w2 * (h + b2)


@trap("chain-forward", loses=("mse",), answer="mse")
def sum_of_squares(y, g):
    """You sum the squared errors. A mean also divides by how many there are."""
    return np.sum((y - g) ** 2)


@trap("chain-forward", loses=("mse",), answer="mse")
def absolute_errors(y, g):
    """You average the sizes of the errors. Each error should be squared."""
    return np.mean(np.abs(y - g))


@trap("chain-forward", loses=("mse",), answer="mse")
def square_of_mean(y, g):
    """You average the errors and then square. Then errors of different sign cancel. Square each error first."""
    return np.mean(y - g) ** 2


@trap("chain-forward", loses=("mse",), answer="mse")
def root(y, g):
    """You took a square root at the end. The mean squared error has no root."""
    return np.sqrt(np.mean((y - g) ** 2))


@trap("chain-forward", loses=("mse",), answer="mse")
def half(y, g):
    """You divide by 2 as well. Some texts do, to cancel the 2 of the square; in this notebook C has no ½."""
    return np.mean((y - g) ** 2) / 2


@trap("chain-forward", loses=("mse",), answer="mse")
def one_error_each(y, g):
    """You give one number for each example. The cost is one number: the mean of them."""
    return (y - g) ** 2


@trap("chain-forward", loses=("mse",), answer="mse")
def difference_of_squares(y, g):
    """You square y and g and then subtract. Subtract first: the error is y - g, and that is squared."""
    return np.mean(y**2 - g**2)


@trap("chain-forward", loses=("mse",), answer="mse")
def variance(y, g):
    """This is the variance of the errors: it takes their mean away first. An error that all share counts too."""
    return np.var(y - g)


@trap("chain-forward", loses=("factor",), answer="mean_factor")
def factor_turned(n):
    """A mean is smaller than a sum. Would the slopes of a smaller cost be larger?"""
    return n


@trap("chain-forward", loses=("factor",), answer="mean_factor")
def factor_one(n):
    """You say that nothing changes. Try it: if C becomes 10 times smaller everywhere, how steep is it then?"""
    return 1


@trap("chain-forward", loses=("factor",), answer="mean_factor")
def factor_squared(n):
    """The factor in front of the sum is not squared: only the errors are inside the square."""
    return 1 / n**2


@trap("chain-forward", loses=("factor",), answer="mean_factor")
def factor_two(n):
    """The 2 comes from the square, and it is there for the sum and for the mean. What differs between the two?"""
    return 2 / n


@alternative("chain-forward", answer="forward")
def a_list(x, w1, b1, w2, b2):
    h = np.add(np.multiply(x, w1), b1)
    return [h, np.add(b2, np.multiply(h, w2))]


@alternative("chain-forward", answer="forward")
def layer_by_layer(x, w1, b1, w2, b2):
    values = [x]
    for w, b in [(w1, b1), (w2, b2)]:
        values.append(b + w * values[-1])
    return tuple(values[1:])


@alternative("chain-forward", answer="mse")
def mse_in_a_loop(y, g):
    total = 0
    for one_y, one_g in zip(y, g, strict=True):
        total += (one_g - one_y) ** 2
    return total / len(y)


first_error_only = slip(
    mse_in_a_loop,
    {"    return total": "        return total"},
    loses=("mse",),
    says="The return stands inside the loop, so the first example ends it. Move it out: fewer spaces in front.",
)


@alternative("chain-forward", answer="mse")
def mse_by_dot(y, g):
    error = np.asarray(y) - np.asarray(g)
    return error @ error / error.size


@alternative("chain-forward", answer="mean_factor")
def factor_by_sympy(n):
    return sp.Rational(1, n)


@alternative("chain-forward", answer="mean_factor")
def factor_as_power(n):
    return float(n) ** -1


# 1.5 loss_gradient ---------------------------------------------------------------------------------------------------


@trap("chain-gradient", loses=("w1", "b1", "w2", "b2"))
def gradient_of_the_sum(x, y, w1, b1, w2, b2):
    """Too large by a factor that is the number of examples: C is a mean, not a sum."""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.sum(dg * w2 * x), np.sum(dg * w2), np.sum(dg * h), np.sum(dg)


@trap("chain-gradient", loses=("w1", "b1", "w2", "b2"))
def no_factor_2(x, y, w1, b1, w2, b2):
    """Too small by a factor of 2. What is the derivative of a square?"""
    h = w1 * x + b1
    dg = w2 * h + b2 - y
    return np.mean(dg * w2 * x), np.mean(dg * w2), np.mean(dg * h), np.mean(dg)


@trap("chain-gradient", loses=("w1", "b1", "w2", "b2"))
def flipped_sign(x, y, w1, b1, w2, b2):
    """The sign is wrong. If g grows while it is above y, does the cost rise or fall?"""
    h = w1 * x + b1
    dg = 2 * (y - (w2 * h + b2))
    return np.mean(dg * w2 * x), np.mean(dg * w2), np.mean(dg * h), np.mean(dg)


@trap("chain-gradient", loses=("w1", "b1"))
def w2_missing(x, y, w1, b1, w2, b2):
    """On the way from the cost back to w1 and b1 there is the step g = w2·h + b2. Multiply by its derivative too."""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.mean(dg * x), np.mean(dg), np.mean(dg * h), np.mean(dg)


@trap("chain-gradient", loses=("w1", "w2"))
def h_and_x_exchanged(x, y, w1, b1, w2, b2):
    """h and x are exchanged. Which of them does w1 multiply, and which does w2 multiply?"""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.mean(dg * w2 * h), np.mean(dg * w2), np.mean(dg * x), np.mean(dg)


@trap("chain-gradient", loses=("w2",))
def x_in_both(x, y, w1, b1, w2, b2):
    """w2 does not multiply x. What does it multiply in g = w2·h + b2?"""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.mean(dg * w2 * x), np.mean(dg * w2), np.mean(dg * x), np.mean(dg)


@trap("chain-gradient", loses=("w1", "b1"))
def w1_on_the_way(x, y, w1, b1, w2, b2):
    """On the way from g back to h you multiply by w1. The derivative of g = w2·h + b2 by h is another number."""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.mean(dg * w1 * x), np.mean(dg * w1), np.mean(dg * h), np.mean(dg)


@trap("chain-gradient", loses=("b1", "b2"))
def biases_are_constants(x, y, w1, b1, w2, b2):
    """You give 0 for the biases. A bias is a constant for x, but here it is what we wiggle: does g move with it?"""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.mean(dg * w2 * x), 0.0, np.mean(dg * h), 0.0


@trap("chain-gradient", loses=("b1", "w2"))
def another_order(x, y, w1, b1, w2, b2):
    """The four are right, but the order is not. Give them as dw1, db1, dw2, db2."""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return np.mean(dg * w2 * x), np.mean(dg * h), np.mean(dg * w2), np.mean(dg)


@trap("chain-gradient", loses=("w1", "w2"))
def product_of_means(x, y, w1, b1, w2, b2):
    """You multiply means. Each example has its own product; take the mean of the products."""
    h = w1 * x + b1
    dg = np.mean(2 * (w2 * h + b2 - y))
    return dg * w2 * np.mean(x), dg * w2, dg * np.mean(h), dg


@trap("chain-gradient", loses=("w1", "b1", "w2", "b2"))
def one_gradient_each(x, y, w1, b1, w2, b2):
    """You give one number for each example. Each partial derivative is one number: the mean over the examples."""
    h = w1 * x + b1
    dg = 2 * (w2 * h + b2 - y)
    return dg * w2 * x, dg * w2, dg * h, dg


@trap("chain-gradient", loses=("w1", "b1", "w2", "b2"))
def no_error(x, y, w1, b1, w2, b2):
    """These are the partial derivatives of g. The cost comes after g: multiply by the derivative of C by g too."""
    h = w1 * x + b1
    return np.mean(w2 * x), w2, np.mean(h), 1.0


@alternative("chain-gradient")
def gradient_in_a_loop(x, y, w1, b1, w2, b2):
    dw1 = db1 = dw2 = db2 = 0
    for one_x, one_y in zip(x, y, strict=True):
        h = w1 * one_x + b1
        to_g = 2 * (w2 * h + b2 - one_y) / len(x)
        db2 += to_g
        dw2 += to_g * h
        db1 += to_g * w2
        dw1 += to_g * w2 * one_x
    return [dw1, db1, dw2, db2]


@alternative("chain-gradient")
def gradient_by_dot(x, y, w1, b1, w2, b2):
    h = w1 * x + b1
    to_g = 2 / len(x) * (w2 * h + b2 - y)
    to_h = to_g * w2
    return np.array([to_h @ x, to_h.sum(), to_g @ h, to_g.sum()])


@alternative("chain-gradient")
def gradient_by_sympy(x, y, w1, b1, w2, b2):
    names = sp.symbols("x y w1 b1 w2 b2")
    a, target, s1, c1, s2, c2 = names
    cost = (s2 * (s1 * a + c1) + c2 - target) ** 2
    partials = [sp.lambdify(names, cost.diff(name)) for name in names[2:]]
    return tuple(np.mean(partial(x, y, w1, b1, w2, b2)) for partial in partials)


first_example_only = slip(
    gradient_in_a_loop,
    {"    return [dw1": "        return [dw1"},
    loses=("w1", "b1", "w2", "b2"),
    says="The return stands inside the loop, so the first example ends it. Move it out: fewer spaces in front.",
)

last_example_only = slip(
    gradient_in_a_loop,
    {"db2 += to_g": "db2 = to_g", "dw2 +=": "dw2 =", "db1 +=": "db1 =", "dw1 +=": "dw1 ="},
    loses=("w1", "b1", "w2", "b2"),
    says="Each example overwrites the one before it, so only the last counts. Add them up: += in place of =.",
)

last_not_divided = slip(
    gradient_in_a_loop,
    {"db2 += to_g": "db2 = to_g", "dw2 +=": "dw2 =", "db1 +=": "db1 =", "dw1 +=": "dw1 =", " / len(x)": ""},
    loses=("w1", "b1", "w2", "b2"),
    says="You give the gradient of the last example alone. C is the mean over all of them.",
)


@trap("chain-gradient", loses=("w1", "b1", "w2", "b2"))
def first_not_divided(x, y, w1, b1, w2, b2):
    """You give the gradient of the first example alone. C is the mean over all. Does a loop end too early?"""
    h = w1 * x[0] + b1
    dg = 2 * (w2 * h + b2 - y[0])
    return dg * w2 * x[0], dg * w2, dg * h, dg


@trap("chain-gradient", loses=("w2",))
def w2_without_b1(x, y, w1, b1, w2, b2):
    """For w2 you multiply by w1·x. What w2 multiplies is all of h, and h has its bias b1 in it."""
    dg = 2 * (w2 * (w1 * x + b1) + b2 - y)
    return np.mean(dg * w2 * x), np.mean(dg * w2), np.mean(dg * w1 * x), np.mean(dg)


only_the_last_for_w2 = slip(
    gradient_in_a_loop,
    {"dw2 +=": "dw2 ="},
    loses=("w2",),
    says="In dw2 each example takes the place of the one before it. Their shares add up: look at += and =.",
)


# 1.6 partials_of_h and affected --------------------------------------------------------------------------------------


@trap("affected", loses=("zeros", "values"), answer="partials_of_h")
def everything_moves_h(x, w1, b1, w2, b2):
    """None of your four is zero. h is computed before w2 and b2 are used. How could it feel them?"""
    return [1, 1, x, w1 * x + b1]


@trap("affected", loses=("zeros", "values"), answer="partials_of_h")
def bias_does_not_move_h(x, w1, b1, w2, b2):
    """You give 0 for b1. If b1 grows by 0.1, what does h = w1·x + b1 do?"""
    return [0, 0, x, 0]


@trap("affected", loses=("zeros", "values"), answer="partials_of_h")
def order_of_the_parameters(x, w1, b1, w2, b2):
    """Your order is w1, b1, w2, b2. The question asks for b1, b2, w1, w2."""
    return [x, 1, 0, 0]


@trap("affected", loses=("zeros", "values"), answer="partials_of_h")
def is_it_zero(x, w1, b1, w2, b2):
    """You answer "is it zero?" with True or False. Give the four partial derivatives themselves, as numbers."""
    return [False, True, False, True]


@trap("affected", loses=("values",), answer="partials_of_h")
def derivative_by_x(x, w1, b1, w2, b2):
    """w1 is the derivative of h by x. Here we wiggle w1 and hold x: what multiplies the wiggle?"""
    return [1, 0, w1, 0]


@trap("affected", loses=("values",), answer="partials_of_h")
def yes_or_no(x, w1, b1, w2, b2):
    """You say which of them are zero, and that is right. Now give the value of each."""
    return [True, False, True, False]


@trap("affected", loses=("values",), answer="partials_of_h")
def value_of_the_term(x, w1, b1, w2, b2):
    """You give how much each part adds to h. The question asks for how fast h moves when that parameter moves."""
    return [b1, 0, w1 * x, 0]


@trap("affected", loses=("chain", "graph"), answer="affected")
def only_children(edges, node):
    """You name the direct followers only. They change, so what follows them changes too, and so on to the end."""
    return {target for source, target in edges if source == node}


@trap("affected", loses=("chain", "graph"), answer="affected")
def two_steps(edges, node):
    """You stop after two steps. Go on until no new node is found."""
    children = {target for source, target in edges if source == node}
    return children | {target for source, target in edges if source in children}


@trap("affected", loses=("graph",), answer="affected")
def one_walk_over_the_list(edges, node):
    """You walk over the list of edges once, but an edge may be listed too early. Repeat until nothing is new."""
    found = {node}
    for source, target in edges:
        if source in found:
            found.add(target)
    return found - {node}


@trap("affected", loses=("chain", "graph", "end"), answer="affected")
def with_itself(edges, node):
    """Your set holds the node itself. The question asks for the other nodes that change."""
    found = [node]
    for name in found:
        found += [target for source, target in edges if source == name and target not in found]
    return set(found)


@trap("affected", loses=("chain", "graph", "end"), answer="affected")
def against_the_arrows(edges, node):
    """You follow the arrows backward: these nodes change the given one. Find the nodes that it changes."""
    found = [node]
    for name in found:
        found += [source for source, target in edges if target == name and source not in found]
    return set(found) - {node}


@trap("affected", loses=("chain", "graph", "end"), answer="affected")
def both_ways(edges, node):
    """You follow the arrows in both directions. A wiggle travels only with the arrows."""
    found = [node]
    for name in found:
        found += [b for a, b in edges if a == name and b not in found]
        found += [a for a, b in edges if b == name and a not in found]
    return set(found) - {node}


@alternative("affected", answer="partials_of_h")
def partials_by_sympy(x, w1, b1, w2, b2):
    s1, c1, s2, c2 = sp.symbols("w1 b1 w2 b2")
    h = s1 * x + c1
    return [h.diff(name) for name in (c1, c2, s1, s2)]


@alternative("affected", answer="partials_of_h")
def partials_as_array(x, w1, b1, w2, b2):
    return np.array([1.0, 0.0, x, 0.0])


@alternative("affected", answer="affected")
def recursive(edges, node):
    found = set()
    for source, target in edges:
        if source == node:
            found |= {target} | recursive(edges, target)
    return found


@alternative("affected", answer="affected")
def until_nothing_is_new(edges, node):
    found, size = {node}, 0
    while len(found) > size:
        size = len(found)
        found |= {target for source, target in edges if source in found}
    return sorted(found - {node})


@alternative("affected", answer="affected")
def with_a_table(edges, node):
    followers = {}
    for source, target in edges:
        followers.setdefault(source, []).append(target)
    waiting, found = list(followers.get(node, [])), []
    while waiting:
        name = waiting.pop()
        found.append(name)
        waiting.extend(followers.get(name, []))
    return found


# 1.7 total_derivative and product_paths ------------------------------------------------------------------------------


@trap("sum-over-paths", loses=("two", "many", "none"), answer="total_derivative")
def only_one_path(paths):
    """You follow one path. The wiggle takes all of them at once; what arrives along each of them adds up."""
    return np.prod(paths[0])


@trap("sum-over-paths", loses=("two", "many", "none"), answer="total_derivative")
def product_of_paths(paths):
    """You multiply the paths with one another. Along a path you multiply; where paths meet, their effects add."""
    result = 1
    for path in paths:
        result *= np.prod(path)
    return result


@trap("sum-over-paths", loses=("two", "many"), answer="total_derivative")
def sums_along_paths(paths):
    """You add along each path. Each step scales the wiggle, so along a path the local derivatives multiply."""
    return sum(sum(path) for path in paths)


@trap("sum-over-paths", loses=("two", "many", "none"), answer="total_derivative")
def sums_then_product(paths):
    """You have the two operations exchanged. Multiply along each path, then add the paths."""
    result = 1
    for path in paths:
        result *= sum(path)
    return result


@trap("sum-over-paths", loses=("two", "many", "none"), answer="total_derivative")
def mean_over_paths(paths):
    """You average the paths. Two paths bring two effects: add them."""
    return np.mean([np.prod(path) for path in paths])


@trap("sum-over-paths", loses=("two", "many"), answer="total_derivative")
def strongest_path(paths):
    """You keep only the strongest path. The others carry the wiggle too; add what they bring."""
    return max([np.prod(path) for path in paths], key=abs, default=0)


@trap("sum-over-paths", loses=("many", "none"), answer="total_derivative")
def paths_of_one_length(paths):
    """You make an array of the paths, but they may have different lengths. Treat each path by itself."""
    return np.prod(np.array(paths), axis=1).sum()


@trap("sum-over-paths", loses=("none",), answer="total_derivative")
def starts_from_a_path(paths):
    """With no path at all, nothing arrives: your code should then give 0. Start the sum from there."""
    total = np.prod(paths[0])
    for path in paths[1:]:
        total += np.prod(path)
    return total


@trap("sum-over-paths", loses=("many",), answer="total_derivative")
def equal_paths_once(paths):
    """Two paths with the same numbers are still two paths, and both bring something. A set keeps only one of them."""
    return sum(np.prod(path) for path in {tuple(path) for path in paths})


@trap("sum-over-paths", loses=("many",), answer="total_derivative")
def equal_steps_once(paths):
    """Two steps with the same number are still two steps. A set keeps only one of them."""
    return sum(np.prod(list(set(path))) for path in paths)


@trap("sum-over-paths", loses=("product",), answer="product_paths")
def not_exchanged(u, v, du, dv):
    """Look at the multiply node: if only u moves, by how much does u·v move for each unit? The other factor decides."""
    return [[du, u], [dv, v]]


@trap("sum-over-paths", loses=("product",), answer="product_paths")
def product_of_derivatives(u, v, du, dv):
    """A path goes through u or through v, not through both. So no path has du and dv in it."""
    return [[du, dv]]


@trap("sum-over-paths", loses=("product",), answer="product_paths")
def last_step_missing(u, v, du, dv):
    """Your paths end at u and at v. Each has one more step, through the multiply node to C."""
    return [[du], [dv]]


@trap("sum-over-paths", loses=("product",), answer="product_paths")
def only_through_u(u, v, du, dv):
    """One path is missing: x reaches C through u and also through v."""
    return [[du, v]]


@alternative("sum-over-paths", answer="total_derivative")
def in_two_loops(paths):
    total = 0
    for path in paths:
        effect = 1
        for local in path:
            effect = effect * local
        total = total + effect
    return total


effect_goes_on = slip(
    in_two_loops,
    {"    for path in paths:\n        effect = 1": "    effect = 1\n    for path in paths:"},
    loses=("two", "many"),
    says="The product of one path goes on into the next. Each path starts anew, with 1.",
)


first_path_only = slip(
    in_two_loops,
    {"    return total": "        return total"},
    loses=("two", "many", "none"),
    says="The return stands inside the loop, so the first path ends it. Move it out: fewer spaces in front.",
)


@alternative("sum-over-paths", answer="total_derivative")
def by_reduce(paths):
    from functools import reduce
    from operator import mul

    return float(np.sum([reduce(mul, path, 1.0) for path in paths]))


@alternative("sum-over-paths", answer="product_paths")
def paths_from_the_end(u, v, du, dv):
    return ((u, dv), (v, du))


@alternative("sum-over-paths", answer="product_paths")
def multiplied_already(u, v, du, dv):
    return [[v * du], [u * dv]]


@trap("sum-over-paths", loses=("many",), answer="total_derivative")
def three_steps_at_most(paths):
    """You follow a path for three steps at most. A path may have any number of steps: multiply all of them."""
    return sum(np.prod(path[:3]) for path in paths)


@trap("sum-over-paths", loses=("many", "none"), answer="total_derivative")
def first_and_last_step(paths):
    """You multiply the first and the last step of a path. All its steps count, and one step alone counts once."""
    return sum(path[0] * path[-1] for path in paths)


# 1.8 predict_change and most_sensitive -------------------------------------------------------------------------------


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def not_added(gradient, step):
    """You give one number for each weight. The cost changes by one number: add the effects."""
    return gradient * step


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def product_of_sums(gradient, step):
    """You add first and multiply afterwards. Each weight's step belongs to that weight's own partial derivative."""
    return sum(gradient) * sum(step)


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def downhill(gradient, step):
    """The sign is wrong. A step along the gradient makes the cost rise; whether to go down is not asked here."""
    return -np.dot(gradient, step)


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def mean_of_effects(gradient, step):
    """You average over the weights. Their effects arrive together: add them."""
    return np.mean(gradient * step)


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def added_not_multiplied(gradient, step):
    """You add each step to its partial derivative. A slope times a distance gives a height."""
    return np.sum(gradient + step)


@trap("predict-change", loses=("several",), answer="predict_change")
def largest_effect(gradient, step):
    """You keep only the largest effect. When several weights move, all of their effects add."""
    effects = gradient * step
    return effects[np.argmax(np.abs(effects))]


@trap("predict-change", loses=("magnitude", "ties"), answer="most_sensitive")
def largest_signed(gradient):
    """You look for the largest number. -3 is a stronger reaction than +2: compare magnitudes."""
    return int(np.argmax(gradient))


@trap("predict-change", loses=("magnitude", "ties"), answer="most_sensitive")
def smallest_signed(gradient):
    """You look for the most negative number. Compare magnitudes, whatever the sign."""
    return int(np.argmin(gradient))


@trap("predict-change", loses=("magnitude", "ties"), answer="most_sensitive")
def smallest_magnitude(gradient):
    """This weight moves the cost the least. Look for the one that moves it the most."""
    return int(np.argmin(np.abs(gradient)))


@trap("predict-change", loses=("magnitude", "ties"), answer="most_sensitive")
def the_entry_itself(gradient):
    """You give the partial derivative. The question asks for its place: an index that starts at 0."""
    return gradient[np.argmax(np.abs(gradient))]


@trap("predict-change", loses=("magnitude", "ties"), answer="most_sensitive")
def counted_from_one(gradient):
    """You count from 1. Python counts from 0."""
    return int(np.argmax(np.abs(gradient))) + 1


@trap("predict-change", loses=("ties",), answer="most_sensitive")
def last_of_several(gradient):
    """When several have the same magnitude, you give the last of them. Give the first."""
    best = 0
    for i in range(len(gradient)):
        if abs(gradient[i]) >= abs(gradient[best]):
            best = i
    return best


@alternative("predict-change", answer="predict_change")
def change_in_a_loop(gradient, step):
    change = 0
    for slope, distance in zip(gradient, step, strict=True):
        change += slope * distance
    return change


@alternative("predict-change", answer="predict_change")
def change_by_einsum(gradient, step):
    return np.einsum("i,i->", gradient, step)


@alternative("predict-change", answer="most_sensitive")
def by_list_index(gradient):
    sizes = [abs(slope) for slope in gradient]
    return sizes.index(max(sizes))


@alternative("predict-change", answer="most_sensitive")
def by_max_with_key(gradient):
    return max(range(len(gradient)), key=lambda i: gradient[i] ** 2)


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def all_in_one_direction(gradient, step):
    """You add the sizes of the effects. One weight may raise the cost and another one lower it: keep the signs."""
    return float(np.sum(np.abs(gradient * step)))


@trap("predict-change", loses=("one", "several"), answer="predict_change")
def product_of_lengths(gradient, step):
    """You multiply two lengths. Multiply each derivative by the step of its own weight, and add."""
    return np.linalg.norm(gradient) * np.linalg.norm(step)


@trap("predict-change", loses=("magnitude", "ties"), answer="most_sensitive")
def derivative_itself(gradient):
    """You give the derivative. Asked is which one it is: its index."""
    return sorted(gradient, key=abs)[-1]


# 1.9 fixed_gradient --------------------------------------------------------------------------------------------------


@trap("chain-bugs", loses=("dw", "db", "through", "straight"))
def nothing_mended(x, y, w, b):
    """This is the code as it was given. Compare each line with the graph, from the cost back to w and b."""
    h = w * x + b
    s = np.sin(h)
    g = h * s
    dg = 2 * (g - y)
    ds = dg * h
    dh = ds * np.sin(h)
    dw = np.sum(dh * x)
    db = np.mean(dh)
    return dw, db


@trap("chain-bugs", loses=("dw", "db", "through", "straight"))
def sine_and_path_left(x, y, w, b):
    """The mean is mended. Two bugs are left: count the arrows that leave h, and differentiate the sine again."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.sin(h)
    return np.mean(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw", "db", "straight"))
def path_and_sum_left(x, y, w, b):
    """The sine is mended. Two bugs are left: count the arrows that leave h, and compare dw with db."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.cos(h)
    return np.sum(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw", "db", "through"))
def sine_and_sum_left(x, y, w, b):
    """Both paths are there now. Two bugs are left: differentiate the sine again, and compare dw with db."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.sin(h) + dg * np.sin(h)
    return np.sum(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw", "db", "through"))
def sine_left(x, y, w, b):
    """One bug is left: the step from h to sin(h) has the wrong local derivative."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.sin(h) + dg * np.sin(h)
    return np.mean(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw", "db", "straight"))
def path_left(x, y, w, b):
    """One bug is left: two arrows leave h, and the wiggle comes back along only one of them."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.cos(h)
    return np.mean(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw",))
def sum_left(x, y, w, b):
    """One bug is left: C is a mean over the examples, and one of your two results is not."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.cos(h) + dg * np.sin(h)
    return np.sum(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw", "db", "through", "straight"))
def only_the_direct_path(x, y, w, b):
    """You go back along the direct arrow from g to h, but not through the sine. Both paths count."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * np.sin(h)
    return np.mean(dh * x), np.mean(dh)


@trap("chain-bugs", loses=("dw", "db"))
def both_are_sums(x, y, w, b):
    """You made db a sum as well. C is a mean over the examples, so both results should be means."""
    h = w * x + b
    dg = 2 * (h * np.sin(h) - y)
    dh = dg * h * np.cos(h) + dg * np.sin(h)
    return np.sum(dh * x), np.sum(dh)


@alternative("chain-bugs")
def fixed_in_a_loop(x, y, w, b):
    dw = db = 0
    for one_x, one_y in zip(x, y, strict=True):
        h = w * one_x + b
        to_h = 2 * (h * np.sin(h) - one_y) * (np.sin(h) + h * np.cos(h)) / len(x)
        dw += to_h * one_x
        db += to_h
    return dw, db


@alternative("chain-bugs")
def fixed_line_by_line(x, y, w, b):
    h = w * x + b
    s = np.sin(h)
    g = h * s
    dg = 2 * (g - y) / len(x)
    ds = dg * h
    dh = ds * np.cos(h)
    dh += dg * s
    return [dh @ x, dh.sum()]


db_before_dw = slip(
    fixed_line_by_line,
    {"[dh @ x, dh.sum()]": "[dh.sum(), dh @ x]"},
    loses=("dw", "db", "through", "straight"),
    says="You give db and then dw. Give dw first.",
)


slope_at_the_sine = slip(
    fixed_line_by_line,
    {"np.cos(h)": "np.cos(s)"},
    loses=("dw", "db", "through", "straight"),
    says="You take the slope of the sine at its value s. To what was the sine applied?",
)


upstream_on_one_path_only = slip(
    fixed_line_by_line,
    {"dh += dg * s": "dh += s / len(x)"},
    loses=("dw", "db", "straight"),
    says="On one of the two ways from h the local derivative stands alone. What arrived at g is a factor on both.",
)


means_multiplied = slip(
    fixed_line_by_line,
    {"dh @ x": "dh.sum() * x.mean()"},
    loses=("dw",),
    says="You multiply two means. Each example has a product of its own; take the mean of the products.",
)
