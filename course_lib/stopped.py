"""What to look for when code stops with an exception: one hint for each common cause.

The message of the exception is only looked at, never shown: it may hold what the student shall not see.
"""

from __future__ import annotations

# The type of the exception, a part of its message ("" for any), the hint. The first that fits counts.
HINTS = (
    ("TypeError", "positional argument", "Does your function take what the statement says, in that order?"),
    ("TypeError", "unexpected keyword", "Does your function take what the statement says, in that order?"),
    ("TypeError", "not callable", "Something is called like a function that is none; is a name used twice?"),
    ("TypeError", "NoneType", "Something is None on the way; is a return missing, or the None at index 0 used?"),
    ("TypeError", "subscriptable", "A number is used like a list or an array."),
    ("TypeError", "not iterable", "A loop goes over something that is no list or array, perhaps a single number."),
    ("TypeError", "list indices", "An index into a list must be a whole number."),
    ("TypeError", "only integer", "An index must be a whole number; // gives one, / does not."),
    ("TypeError", "as an integer", "A whole number is needed; // gives one, / does not."),
    ("TypeError", "unsupported operand", "Two things of kinds that do not go together are combined."),
    ("TypeError", "only length-1", "A function of the module math gets an array; NumPy's functions take arrays."),
    ("TypeError", "only 0-dimensional", "An array is used as one number; NumPy's functions take arrays."),
    ("TypeError", "same_kind", "An array of whole numbers is changed in place by floats. Make a new array of floats."),
    ("UFuncTypeError", "", "An array of whole numbers is changed in place by floats. Make a new array of floats."),
    ("_UFuncOutputCastingError", "", "An array of whole numbers is changed in place by floats. Make a new array."),
    ("ValueError", "truth value", "An `if` or `and` asks a whole array; it can decide for one number only."),
    ("ValueError", "with a sequence", "One place of an array takes one number: no list, no array and no Tensor."),
    ("ValueError", "remapped", "In a matrix product the inner sizes must agree. Print both shapes before that line."),
    ("ValueError", "broadcast", "Two arrays do not fit together. Print their shapes before that line."),
    ("ValueError", "matmul", "In a matrix product the inner sizes must agree. Print both shapes before that line."),
    ("ValueError", "aligned", "In a matrix product the inner sizes must agree. Print both shapes before that line."),
    ("ValueError", "unpack", "More or fewer things are unpacked than there are."),
    ("ValueError", "math domain", "A root or a logarithm gets a number that it cannot take."),
    ("ValueError", "reshape", "An array is given a shape that has another number of entries."),
    ("ValueError", "inhomogeneous", "Lists of different lengths cannot become one array."),
    ("ValueError", "output operand", "An array is changed in place by one of another shape."),
    ("AxisError", "", "An array has fewer axes than you use."),
    ("IndexError", "too many indices", "An array has fewer axes than you use."),
    ("IndexError", "only integers", "An index must be a whole number or a slice; // gives a whole number, / does not."),
    ("IndexError", "", "An index is beyond the end. Where does the loop begin and end?"),
    ("KeyError", "", "A name is looked up in a dict that does not hold it (yet)."),
    ("ZeroDivisionError", "", "It divides by 0 there. Which input leads to it?"),
    ("OverflowError", "", "A number gets too large, as e to the power of 1000 does."),
    ("RecursionError", "", "It calls itself too many times: walk with a loop and a list of your own instead."),
    ("MemoryError", "", "It builds something far too large."),
    ("NameError", "", "It uses a name that is not defined there; is it spelled right, and was its cell run?"),
    ("UnboundLocalError", "", "A variable is used before it has a value."),
    ("AttributeError", "NoneType", "Something is None on the way; is a return missing, or the None at index 0 used?"),
    (
        "AttributeError",
        "'int' object",
        "A plain number (int) stands where another kind of object is expected.",
    ),
    (
        "AttributeError",
        "'float' object",
        "A plain number (float) stands where another kind of object is expected.",
    ),
    ("AttributeError", "'list' object", "A list stands there where something else is expected, such as an array."),
    ("AttributeError", "'tuple' object", "A tuple stands there: are several results taken for one?"),
    ("AttributeError", "'numpy.ndarray' object", "An array is asked for something that arrays do not have."),
    ("AttributeError", "module '", "A module is asked for something that it does not have; is it spelled right?"),
    ("AttributeError", "", "Something is not of the kind you take it for: it does not have what is used of it."),
    ("AssertionError", "", "One of your own assert lines fails for these inputs."),
    ("NotImplementedError", "", "A part of it is not written yet."),
    ("FloatingPointError", "", "A number overflows, or is not a number."),
    ("LinAlgError", "", "A matrix cannot be solved or inverted."),
    ("StdinNotImplementedError", "", "It calls input(), but nobody is there to type when it is graded."),
    ("EOFError", "", "It calls input(), but nobody is there to type when it is graded."),
    (
        "ModuleNotFoundError",
        "",
        "It imports what is not there when it is graded: only this notebook is.",
    ),
    ("FileNotFoundError", "", "It opens a file that is not there when it is graded: only the notebook is."),
    ("URLError", "", "It needs the network, which is not there when it is graded."),
    ("gaierror", "", "It needs the network, which is not there when it is graded."),
    ("BdbQuit", "", "It stops in the debugger: a breakpoint() is left in it."),
    ("StopIteration", "", "`next` is called when nothing is left."),
)


def hint_for(error: str, message: str) -> str:
    """A hint for an exception, or "" when none is known."""
    return next((hint for kind, part, hint in HINTS if kind == error and part in message), "")
