"""Small formulas, as text, turned into a computation graph that can be run forward and backward.

This feeds the pictures. It is not the course's engine (that is `course_lib.autodiff`): it knows scalars only, and each
rule is written so that Python and JavaScript read it alike, because the moving pictures compute in the page.
"""

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_lib.drawing.text import pretty_name, pretty_number, superscript


@dataclass(frozen=True)
class _Rule:
    """One operation: `a` and `b` are its inputs, `c` its value; `slopes` are ∂c/∂a and ∂c/∂b."""

    value: str
    slopes: tuple[str, ...]
    symbol: str
    label: str


RULES = {
    "+":       _Rule("a + b",      ("1", "1"),                        "+",    "{a} + {b}"),
    "-":       _Rule("a - b",      ("1", "-1"),                       "−",    "{a} − {b}"),
    "*":       _Rule("a * b",      ("b", "a"),                        "×",    "{a}·{b}"),
    "/":       _Rule("a / b",      ("1 / b", "-a / (b * b)"),         "÷",    "{a}/{b}"),
    "**":      _Rule("pow(a, b)",  ("b * pow(a, b - (b != 0))", "c * log(a + (a == 0))"), "^", "{a}^{b}"),
    "neg":     _Rule("-a",         ("-1",),                           "−",    "−{a}"),
    "exp":     _Rule("exp(a)",     ("c",),                            "exp",  "exp({a})"),
    "log":     _Rule("log(a)",     ("1 / a",),                        "log",  "log({a})"),
    "sqrt":    _Rule("sqrt(a)",    ("0.5 / c",),                      "√",    "√({a})"),
    "sin":     _Rule("sin(a)",     ("cos(a)",),                       "sin",  "sin({a})"),
    "cos":     _Rule("cos(a)",     ("-sin(a)",),                      "cos",  "cos({a})"),
    "tanh":    _Rule("tanh(a)",    ("1 - c * c",),                    "tanh", "tanh({a})"),
    "sigmoid": _Rule("sigmoid(a)", ("c * (1 - c)",),                  "σ",    "σ({a})"),
    "relu":    _Rule("max(a, 0)",  ("1 * (a > 0)",),                  "relu", "relu({a})"),
    "softplus": _Rule("max(a, 0) + log(1 + exp(-abs(a)))", ("sigmoid(a)",), "softplus", "softplus({a})"),
    "max":     _Rule("max(a, b)",  ("1 * (a >= b)", "1 * (a < b)"),   "max",  "max({a}, {b})"),
}  # fmt: skip

BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
LONGEST_LABEL = 12


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z) without overflow."""
    small = math.exp(-abs(z))
    return 1 / (1 + small) if z >= 0 else small / (1 + small)


MATH = {name: getattr(math, name) for name in ("pow", "exp", "log", "sqrt", "sin", "cos", "tanh")}
MATH |= {"sigmoid": sigmoid, "max": max, "abs": abs, "__builtins__": {"__import__": __import__}}
MATH["__name__"] = __name__  # so that the functions belong to this module, and are closed with it


def _compiled(rule: _Rule) -> tuple:
    """The rule as Python functions of (a, b, c). The text is a constant of this file, never the reader's input."""
    return tuple(eval(f"lambda a, b, c: {text}", MATH) for text in (rule.value, *rule.slopes))


FUNCTIONS = {op: _compiled(rule) for op, rule in RULES.items()}


@dataclass(frozen=True)
class _Operation:
    """One node that computes: `args` are names of other nodes, or plain numbers."""

    name: str
    op: str
    args: tuple[str | float, ...]


class FormulaGraph:
    """The graph of some named formulas: `inputs` (names), `operations` (in an order that can be run), `output`.

    `formulas` maps a name to a Python expression of earlier names, of inputs and of numbers, with + - * / ** and
    exp, log, sqrt, sin, cos, tanh, sigmoid, relu, softplus, max. The last formula is the output. A name that no
    formula defines is an input.

    Raises:
        ValueError: for anything else, with the part that is not understood.
    """

    def __init__(self, formulas: Mapping[str, str]) -> None:
        if not isinstance(formulas, Mapping):
            raise ValueError(f"formulas have names, as in {{'h': 'w*x + b'}}; this is {formulas!r}")
        if not formulas:
            raise ValueError("no formulas: give at least one, for example {'h': 'w*x + b'}")
        self.formulas = dict(formulas)
        self.inputs: list[str] = []
        self.operations: list[_Operation] = []
        self.labels: dict[str, str] = {}
        self.expressions: dict[str, str] = {}  # how a node is written where another formula uses it
        self.right_sides: dict[str, str] = {}  # the whole right side of a named formula, as the text prints it
        self._long = 0  # how many unnamed nodes are too long to be labeled by their expression
        for name, text in self.formulas.items():
            self._read(name, text)
        self.output = name
        self._by_name = {operation.name: operation for operation in self.operations}

    # Reading ------------------------------------------------------------------------------------------------------

    def _read(self, name: str, text: str) -> None:
        if not name.isidentifier():
            raise ValueError(f"'{name}' cannot be the name of a formula: use letters, digits and _")
        if name in self.inputs:
            raise ValueError(f"'{name}' is used before its own formula: put the formula of '{name}' first")
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise ValueError(f"{name} = {text}: this is not a Python expression ({error.msg})") from None
        if isinstance(tree, ast.Name | ast.Constant):
            raise ValueError(f"{name} = {text}: a formula needs at least one operation")
        self._add(tree, name, f"{name} = {text}")

    def _add(self, tree: ast.expr, name: str | None, where: str) -> str | float:
        """Add the nodes of one expression; return the name of its top node, or the number it is."""
        op, parts = split(tree, where)
        if op == "name":
            return self._use(parts[0], name, where)
        if op == "number":
            return parts[0]
        args = tuple(self._add(part, None, where) for part in parts)
        numbers = tuple(arg for arg in args if not isinstance(arg, str))
        if len(numbers) == len(args):
            if name is None:
                return _evaluate(op, numbers, where)
            raise ValueError(f"{where}: this is a plain number; a formula needs at least one name")
        expression = written(op, args, self.expressions)
        if name is None:
            name = f"${len(self.operations)}"  # no Python name looks so, and JavaScript takes it
            self.expressions[name] = self.labels[name] = expression
            if len(expression) > LONGEST_LABEL:
                self._long += 1
                self.labels[name] = pretty_name(f"t{self._long}")
        else:
            self.right_sides[name] = expression
            self.expressions[name] = self.labels[name] = pretty_name(name)
        self.operations.append(_Operation(name, op, args))
        return name

    def _use(self, used: str, name: str | None, where: str) -> str:
        if used == name or (used in self.formulas and used not in self.labels):
            raise ValueError(f"{where}: '{used}' is not computed yet: put its formula before this one")
        if used not in self.labels:
            self.inputs.append(used)
            self.expressions[used] = self.labels[used] = pretty_name(used)
        return used

    # Running ------------------------------------------------------------------------------------------------------

    def forward(self, values: Mapping[str, float]) -> dict[str, float]:
        """The value of every node, inputs first.

        Raises:
            ValueError: for values that are no dict, when an input is missing, or when a value is not real.
        """
        if not isinstance(values, Mapping):
            raise ValueError(f"values are numbers by name, such as {{'{self.inputs[0]}': 2.0}}; got {values!r:.60}")
        missing = [name for name in self.inputs if name not in values]
        if missing:
            raise ValueError(f"no value for {', '.join(missing)}: give one number for each of {', '.join(self.inputs)}")
        unknown = [name for name in values if name not in self.inputs]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no input of these formulas; they are {', '.join(self.inputs)}")
        numbers = {name: _one_number(name, values[name]) for name in self.inputs}
        for operation in self.operations:
            args = self._numbers(operation, numbers)
            numbers[operation.name] = _evaluate(operation.op, args, self.labels[operation.name])
        return numbers

    def slopes(self, numbers: Mapping[str, float]) -> dict[str, tuple[tuple[str, float], ...]]:
        """For every operation, (input, local derivative) for each input that is a node, in the order of the inputs."""
        return {operation.name: self._slopes(operation, numbers) for operation in self.operations}

    def backward(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """∂output/∂node for every node, from the values that `forward` returned."""
        return self._accumulate(self.output, numbers, stop=())

    def local_derivatives(self, name: str, numbers: Mapping[str, float]) -> dict[str, float]:
        """∂name/∂input for the inputs and named formulas that the formula of `name` mentions, all else held still."""
        others = set(self.formulas) - {name}
        gradients = self._accumulate(name, numbers, stop=others)
        return {node: gradients[node] for node in self.mentions(name)}

    def mentions(self, name: str) -> list[str]:
        """The inputs and named formulas that the formula of `name` uses directly, in the order of reading."""
        found: list[str] = []
        for arg in self._by_name[name].args:
            if not isinstance(arg, str):
                continue
            direct = [arg] if arg in self.inputs or arg in self.formulas else self.mentions(arg)
            found += [node for node in direct if node not in found]
        return found

    def _accumulate(self, top: str, numbers: Mapping[str, float], stop) -> dict[str, float]:
        gradients = dict.fromkeys([*self.inputs, *self._by_name], 0.0)
        gradients[top] = 1.0
        for operation in reversed(self.operations):
            if operation.name in stop or gradients[operation.name] == 0:
                continue
            for arg, slope in self._slopes(operation, numbers):
                gradients[arg] += gradients[operation.name] * slope
        return gradients

    def _numbers(self, operation: _Operation, numbers: Mapping[str, float]) -> tuple[float, ...]:
        return tuple(numbers[arg] if isinstance(arg, str) else arg for arg in operation.args)

    def _slopes(self, operation: _Operation, numbers: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        args, value = self._numbers(operation, numbers), numbers[operation.name]
        found = []
        for place, arg in enumerate(operation.args):
            if isinstance(arg, str):
                where = f"the derivative of {self.labels[operation.name]}"
                found.append((arg, _evaluate(operation.op, args, where, place + 1, value)))
        return tuple(found)

    # The same, for the page ---------------------------------------------------------------------------------------

    def javascript(self) -> str:
        """Functions forward(values) and backward(values) in JavaScript, which fill and return plain objects."""
        ahead: list[str] = []
        back: list[str] = []
        for operation in self.operations:
            a, b = ([f"n.{arg}" if isinstance(arg, str) else repr(arg) for arg in operation.args] + ["0"])[:2]
            rule, name = RULES[operation.op], operation.name
            ahead.append(f"n.{name} = (({', '.join('abc')}) => {rule.value})({a}, {b});")
            slopes = [
                f"g.{arg} += g.{name} * ((a, b, c) => {slope})({a}, {b}, n.{name});"
                for arg, slope in zip(operation.args, rule.slopes, strict=True)
                if isinstance(arg, str)
            ]
            back.insert(0, " ".join(slopes))
        zeros = ", ".join(f"{name}: 0" for name in [*self.inputs, *self._by_name])
        return "\n  ".join([
            "const {pow, exp, log, sqrt, sin, cos, tanh, max, abs} = Math;",
            "function sigmoid(z) { const s = exp(-abs(z)); return z >= 0 ? 1 / (1 + s) : s / (1 + s); }",
            "function forward(values) {\n  const n = {...values};",
            *ahead,
            f"return n;\n}}\nfunction backward(n) {{\n  const g = {{{zeros}}};",
            f"g.{self.output} = 1;",
            *back,
            "return g;\n}",
        ])  # fmt: skip


def split(tree: ast.expr, where: str) -> tuple[str, list]:
    """One level of an expression: the operation and its parts.

    Raises:
        ValueError: for an expression that is not understood, with its place.
    """
    if isinstance(tree, ast.Name):
        return "name", [tree.id]
    if isinstance(tree, ast.Constant) and isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool):
        return "number", [float(tree.value)]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return "neg", [tree.operand]
    if isinstance(tree, ast.BinOp) and type(tree.op) in BINARY:
        return BINARY[type(tree.op)], [tree.left, tree.right]
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in RULES and not tree.keywords:
        expected = len(RULES[tree.func.id].slopes)
        if len(tree.args) != expected:
            raise ValueError(f"{where}: {tree.func.id} takes {expected} input(s), here are {len(tree.args)}")
        return tree.func.id, tree.args
    known = ", ".join(op for op in RULES if op.isalpha() and op != "neg")
    raise ValueError(f"{where}: '{ast.unparse(tree)}' is not understood; use names, numbers, + - * / ** and {known}")


def written(op: str, args: Sequence[str | float], names: Mapping[str, str]) -> str:
    """The operation as the text prints it, from how its inputs are written: "w₁·x + b₁", "(y − g)²"."""
    parts = [names[arg] if isinstance(arg, str) else pretty_number(arg) for arg in args]
    label = RULES[op].label
    if "(" not in label and op != "+":
        parts = [f"({part})" if " " in part and not part.endswith(")") else part for part in parts]
    if op == "**" and isinstance(args[1], float) and args[1].is_integer():
        return parts[0] + superscript(int(args[1]))
    return label.format(a=parts[0], b=parts[-1])


def badge(op: str, args: Sequence[str | float]) -> str:
    """What the operation does, as short as it can be said: "×", "+1", "( )²", "sin"."""
    sign = RULES[op].symbol
    first, last = args[0], args[-1]
    if op == "**" and isinstance(last, float):
        return "( )" + (superscript(int(last)) if last.is_integer() else f"^{pretty_number(last)}")
    if len(args) == 2 and isinstance(last, float):
        return sign + pretty_number(last)
    if len(args) == 2 and isinstance(first, float):
        return pretty_number(first) + sign
    return sign


def _evaluate(op: str, args: tuple[float, ...], where: str, which: int = 0, value: float = math.nan) -> float:
    """The value (`which` 0) or the slope by input 1 or 2. Raises ValueError if it is no real number."""
    a, b = (*args, 0.0)[:2]
    try:
        return float(FUNCTIONS[op][which](a, b, value))
    except (ValueError, ZeroDivisionError, OverflowError):
        inputs = ", ".join(pretty_number(arg) for arg in args)
        raise ValueError(f"{where}: '{op}' of {inputs} is not a real number; choose other values") from None


def _one_number(name: str, value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"the value of {name} must be one number, not {value!r}") from None
