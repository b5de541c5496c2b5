"""The library does not answer the library's exercises: while one is asked, what it asks to be written is closed.

A closed name refuses with a sentence, whichever way it is reached: through an alias, a subclass, a table of rules, or a
name that was kept from before. For that the functions themselves are changed for a moment: their code is replaced.
Their module is not loaded anew in that time either. What is not prevented is copying the library's text, or running a
copy of its code; that is copying like from anyone.
"""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from inspect import isgeneratorfunction
from types import CodeType, FunctionType, ModuleType
from typing import Any

from course_lib.exercises import WrongForm

PACKAGE = "course_lib"
# Where the work of a closed name is done too.
BEHIND = {
    "autodiff": ("rules", "drawing.formulas"),
    "autodiff.Tensor": ("drawing.formulas",),
    "gradcheck.gradient_check": ("gradcheck._Checker",),
}

Refusing = list[tuple[FunctionType, CodeType]]


@contextmanager
def closed(names: tuple[str, ...]) -> Iterator[None]:
    """Close names of the library, such as "sgd.Adam" or a whole module "autodiff", and open them again at the end.

    Raises:
        AttributeError: when the library has no such name.
    """
    functions = _functions(names)
    own = [function.__code__ for function, _ in functions]
    for function, code in functions:
        function.__code__ = code
    not_anew = _not_anew(names)
    sys.meta_path.insert(0, not_anew)
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not not_anew]
        for (function, _), code in zip(functions, own, strict=True):
            function.__code__ = code


def refuse(name: str) -> None:
    """What a closed function does.

    Raises:
        WrongForm: always, with the sentence for the student.
    """
    raise WrongForm(
        f"While this exercise is asked, `{name}` of course_lib is closed: it does what you are asked to write here."
    )


class _NotAnew(MetaPathFinder):
    """Refuses to find the modules of closed names: they are loaded, so who looks for them wants a second copy."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.name_of = {_module(place): name for name in names for place in (name, *BEHIND.get(name, ()))}

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Leave all other modules to the finders that come after.

        Raises:
            WrongForm: for a module of a closed name.
        """
        if fullname in self.name_of:
            refuse(self.name_of[fullname])


_not_anew = cache(_NotAnew)  # one for each exercise: it is asked for with every single case
_found: dict[str, list[tuple[ModuleSpec | None, Refusing]]] = {}
_together: dict[tuple[str, ...], tuple[list[ModuleSpec | None], Refusing]] = {}


def _functions(names: tuple[str, ...]) -> Refusing:
    """All functions behind some names, each with the code that refuses. They are asked for with every single case."""
    specs = [_home(name).__spec__ for name in names]
    known = _together.get(names)
    if known is None or any(map(operator.is_not, known[0], specs)):
        known = _together[names] = specs, [pair for name in names for pair in _refusing(name)]
    return known[1]


def _home(name: str) -> ModuleType:
    """The module of a name; to import one takes its time even where it is loaded."""
    place = _module(name)
    return sys.modules.get(place) or importlib.import_module(place)


def _module(name: str) -> str:
    """The whole name of the module of a closed name. One is in a room of its own: "drawing.formulas"."""
    parts = name.split(".")
    return ".".join([PACKAGE, *parts[: 2 if parts[0] == "drawing" else 1]])


def _refusing(name: str) -> Refusing:
    """All functions behind a name, each with the code that refuses; also those from before it was loaded anew."""
    home = _home(name)
    known = _found.setdefault(name, [])
    if not known or known[-1][0] is not home.__spec__:
        known.append((home.__spec__, _looked_up(name, home)))
    return [pair for _, pairs in known for pair in pairs]


def _looked_up(name: str, home: Any) -> Refusing:
    thing: Any = home
    for part in f"{PACKAGE}.{name}".removeprefix(home.__name__).split(".")[1:]:
        thing = getattr(thing, part)
    found: dict[int, FunctionType] = {}
    _collect(thing, home.__name__, found, set())
    for other in BEHIND.get(name, ()):
        found |= {id(function): function for function, _ in _refusing(other)}
    return [(function, _code(name, function)) for function in found.values()]


def _code(name: str, function: FunctionType) -> CodeType:
    """Code that refuses, whatever the arguments, in the shape that the function's closure asks for."""
    return _refusal(name, isgeneratorfunction(function)).replace(co_freevars=function.__code__.co_freevars)


@cache
def _refusal(name: str, of_generator: bool) -> CodeType:
    """That of a generator refuses when its first item is asked for: Python will not take other code for it."""
    scope: dict[str, Any] = {}
    end = "\n    yield" if of_generator else ""
    exec(f"def closed(*_, **__):\n    from {__name__} import refuse\n    refuse({name!r}){end}", scope)
    code: CodeType = scope["closed"].__code__
    return code


def _collect(thing: Any, home: str, found: dict[int, FunctionType], seen: set[int]) -> None:
    """Find every function of the module `home` that can be reached: methods, tables of rules, closures."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    for part in _parts(thing, home):
        _collect(part, home, found, seen)
    if isinstance(thing, FunctionType) and thing.__module__ == home:
        found[id(thing)] = thing


def _parts(thing: Any, home: str) -> list[Any]:
    if isinstance(thing, FunctionType):
        return [cell.cell_contents for cell in thing.__closure__ or () if _is_filled(cell)]
    if isinstance(thing, (staticmethod, classmethod)):
        return [thing.__func__]
    if isinstance(thing, property):
        return [each for each in (thing.fget, thing.fset) if each]
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return list(thing)
    own = thing if isinstance(thing, (type, ModuleType)) else type(thing)
    if own.__name__ != home and getattr(own, "__module__", None) != home:
        return []
    slots = [getattr(thing, name) for name in getattr(own, "__slots__", ()) if hasattr(thing, name)]
    return [*slots, *getattr(thing, "__dict__", {}).values()]


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
