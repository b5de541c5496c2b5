"""Print what became of the mutants of a notebook's exercises."""

from __future__ import annotations

from collections.abc import Callable

from autograder.tools.mutants.run import Count, count, exercises_named


def report(notebook: str, names: tuple[str, ...], every: int, say: Callable[[str], None]) -> int:
    """Say it, an exercise at a time. Returns how many survivors are not explained, and explanations without any."""
    counts = []
    for exercise in exercises_named(notebook, names):
        counts.append(count(notebook, exercise, every))
        for line in _lines(counts[-1]):
            say(line)
    made, caught, explained = (sum(getattr(each, what) for each in counts) for what in ("made", "caught", "explained"))
    holes, stale = (sum(len(getattr(each, what)) for each in counts) for what in ("unexplained", "stale"))
    seconds = sum(each.seconds for each in counts)
    say(f"{notebook}: {made} mutants, {caught} caught, {explained} explained, {holes} not, {seconds:.0f} s")
    return holes + stale


def _lines(found: Count) -> list[str]:
    title = f"{found.exercise.number} {found.exercise.id}"
    head = f"{title}: {found.made} mutants, {found.caught} caught, {found.explained} explained, {found.seconds:.0f} s"
    unexplained = [f"  {each.answer}: {each.change}" for each in found.unexplained]
    return [head, *unexplained, *(f"  an explanation of which no mutant lives: {each}" for each in found.stale)]
