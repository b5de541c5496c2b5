"""Print what became of the mutants of a notebook's exercises."""

from __future__ import annotations

from collections.abc import Callable

from autograder.tools.mutants.run import Count, count, exercises_named


def report(notebook: str, names: tuple[str, ...], every: int, say: Callable[[str], None]) -> int:
    """Say it, an exercise at a time. Returns how many survivors are not explained."""
    counts = []
    for exercise in exercises_named(notebook, names):
        counts.append(count(notebook, exercise, every))
        for line in _lines(counts[-1]):
            say(line)
    made, seconds = sum(each.made for each in counts), sum(each.seconds for each in counts)
    living = sum(len(each.survivors) for each in counts)
    holes = sum(len(each.unexplained) for each in counts)
    say(f"{notebook}: {made} mutants, {made - living} caught, {living - holes} explained, {holes} not, {seconds:.0f} s")
    return holes


def _lines(found: Count) -> list[str]:
    caught = found.made - len(found.survivors)
    explained = len(found.survivors) - len(found.unexplained)
    title = f"{found.exercise.number} {found.exercise.id}"
    head = f"{title}: {found.made} mutants, {caught} caught, {explained} explained, {found.seconds:.0f} s"
    return [head, *(f"  {each.mutant.answer}: {each.mutant.change}" for each in found.unexplained)]
