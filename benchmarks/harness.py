"""Fair timing: correctness first, contenders interleaved, medians of ratios within a round."""

from __future__ import annotations

import gc
import importlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Claim:
    """A sentence that ends in a number, and the goal for it. `least` says that the goal is a lower bound."""

    text: str
    value: float
    goal: float | None = None
    least: bool = False
    unit: str = "×"

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if (self.value >= self.goal if self.least else self.value <= self.goal) else "missed"


@dataclass
class Result:
    """What one workload gave: seconds of each contender, claims, and remarks (what was skipped, what is estimated)."""

    name: str
    what: str
    seconds: dict[str, float] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(self, times, ours: str, baseline: str, goal: float | None) -> None:
        """Claim how much of the baseline's time we need."""
        self._remember(times)
        self.claims.append(Claim(f"{ours}, in times of {baseline}", ratio(times, ours, baseline), goal))

    def beats(self, times, ours: str, goals: dict[str, float | None]) -> None:
        """Claim how many times faster than others we are; others that did not take part are left out."""
        self._remember(times)
        for other, goal in goals.items():
            if other in times:
                text = f"{ours} is faster than {other} by"
                self.claims.append(Claim(text, ratio(times, other, ours), goal, least=True))

    def _remember(self, times) -> None:
        self.seconds |= {name: statistics.median(t) for name, t in times.items() if name not in self.seconds}


def peer(name: str, notes: list[str]):
    """The module, or None and a note if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        notes.append(f"{name} is not installed: skipped.")
        return None


def assert_same_gradients(expected, contenders: dict[str, Callable], tolerance: float = 1e-9) -> None:
    """Every contender's gradients, a list of arrays, equal the expected ones. Speed of a wrong answer is no speed."""
    for name, gradients in contenders.items():
        for ours, theirs in zip(expected, gradients(), strict=True):
            np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance * np.abs(ours).max(), err_msg=name)


def interleave(contenders: dict[str, Callable], rounds: int, calls: dict[str, int] | None = None):
    """Seconds of CPU a call, {contender: [one for each round]}; a call is repeated `calls[contender]` times.

    CPU time of this process, because everybody here works on one thread and other programs may be running. One
    contender follows another within a round, so that a slow moment of the machine hits all of them. What one leaves for
    the garbage collector is collected before the next, and what was there before the first (the modules of all peers)
    is frozen: else each would pay for searching the others' modules. What was frozen earlier, as the tests do, stays
    frozen. A round before the first is not counted.
    """
    times = {name: [] for name in contenders}
    frozen_before = gc.get_freeze_count() > 0
    gc.collect()
    gc.freeze()
    for number in range(rounds + 1):
        for name, step in contenders.items():
            repeats = (calls or {}).get(name, 1)
            gc.collect()
            start = time.process_time()
            for _ in range(repeats):
                step()
            if number:
                times[name].append((time.process_time() - start) / repeats)
    if not frozen_before:
        gc.unfreeze()
    return times


def ratio(times: dict[str, list[float]], slower: str, faster: str) -> float:
    """The median over rounds of slower / faster."""
    return statistics.median(s / f for s, f in zip(times[slower], times[faster], strict=True))
