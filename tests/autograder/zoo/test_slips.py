"""A slip is a right answer with a piece of text exchanged, and it is loud when that text is not there."""

import re
from pathlib import Path

import pytest

from autograder import zoo
from autograder.zoo import alternative, slip


@alternative("wiggle")
def by_steps(f, x, h):
    after, before = f(x + h), f(x)
    return (after - before) / h


def a_slip(changes: dict[str, str]) -> zoo.Slip:
    return slip(by_steps, changes, loses=("slope",), says="You divide by\n    two steps.")


def test_only_the_text_differs():
    assert a_slip({"/ h": "/ (2 * h)"}).text == zoo.definition_of(by_steps).replace("/ h", "/ (2 * h)")


def test_a_text_with_dots_goes_on_to_the_end():
    text = a_slip({"after, before = …": "return f(x)"}).text
    assert text == "def by_steps(f, x, h):\n    return f(x)"


def test_it_is_a_trap_under_its_own_name():
    entry, is_trap = zoo._entry("two_steps", a_slip({"/ h": "/ (2 * h)"}), {})
    assert is_trap
    assert entry.value(abs, 1, 2) == 0.5
    assert (entry.name, entry.exercise, entry.answer, entry.loses) == ("two_steps", "wiggle", "wiggle", ("slope",))
    assert entry.feedback == "You divide by two steps."
    assert entry.source.startswith("def two_steps(f, x, h):")
    assert entry.source.endswith("\n\n\nwiggle = two_steps\n")


@pytest.mark.parametrize(("old", "times"), [("/ k", 0), ("f(x", 2), ("f(x…", 2)])
def test_a_text_that_does_not_match_once_is_told_with_its_place(old, times):
    with pytest.raises(ValueError, match=f"stands in by_steps {times} times") as caught:
        a_slip({old: "x"})
    place, line = re.match(r"(.*?):(\d+): ", str(caught.value)).groups()
    assert place == __file__
    assert "slip(by_steps" in Path(__file__).read_text(encoding="utf-8").splitlines()[int(line) - 1]
