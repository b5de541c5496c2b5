"""How names and numbers are written in pictures, and how wide a text will be."""

import math
from decimal import ROUND_HALF_UP, Context

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ",
    "lam": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω", "Delta": "Δ",
    "yhat": "ŷ",
}  # fmt: skip
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def pretty_name(name: str) -> str:
    """The name as the text prints it: "w1" gives "w₁", "sigma" gives "σ", "theta_2" gives "θ₂"."""
    stem = name.rstrip("0123456789")
    number = name[len(stem) :]
    if number and stem.endswith("_"):
        stem = stem[:-1]
    return GREEK.get(stem, stem) + number.translate(SUBSCRIPTS)


def superscript(number: int | str) -> str:
    return str(number).translate(SUPERSCRIPTS)


def pretty_number(number: float) -> str:
    """Four significant digits (never fewer than the whole part below a million), a true minus sign, no padding zeros.

    Halves round away from zero, because JavaScript does so and the moving pictures must show the same digits.
    """
    number = float(number)
    if math.isnan(number):
        return "undefined"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    size = abs(number)
    digits = 6 if size >= 1e5 else 5 if size >= 1e4 else 4
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal_from_float(number)
    if not rounded:
        return "0"
    exponent = rounded.adjusted()
    if -4 <= exponent < 6:
        text = format(rounded.normalize(), "f")
    else:
        text = format(rounded.scaleb(-exponent).normalize(), "f") + "·10" + superscript(exponent)
    return text.replace("-", "−")


# The same function for the moving pictures; a test compares the two digit by digit.
PRETTY_NUMBER_JS = """
function prettyNumber(number) {
  if (Number.isNaN(number)) return "undefined";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  const size = Math.abs(number);
  const rounded = Number(number.toPrecision(size >= 1e5 ? 6 : size >= 1e4 ? 5 : 4));
  if (rounded === 0) return "0";
  const [mantissa, exponent] = rounded.toExponential().split("e");
  let text = String(rounded);
  if (+exponent < -4 || +exponent >= 6) {
    const raised = String(+exponent).replace(/[-0-9]/g, c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    text = mantissa + "·10" + raised;
  }
  return text.replace("-", "−");
}
"""


def listing(items: list[str]) -> str:
    """The items as English: "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what is counted: "1 row", "3 rows"; `many` where the plural is not `one` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


NARROW = set("iljtfrI.,:;'|()[]·!₁ ")
WIDE = set("mwMW∞%@")
SIGNS = set("−+×÷=→←<>") | set("ABCDEGHNOQRUVXYZ")


BOLD = 1.12  # a bold text is at most so much wider


def text_width(text: str, size: float, bold: bool = False) -> float:
    """An upper estimate of the width of `text` in pixels at font size `size`, after the widths of DejaVu Sans."""
    ems = sum(0.41 if c in NARROW else 0.98 if c in WIDE else 0.84 if c in SIGNS else 0.64 for c in text)
    return size * ems * (BOLD if bold else 1)
