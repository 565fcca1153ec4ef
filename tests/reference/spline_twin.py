"""The slow twin of a RadixSpline: the greedy corridor, each slope worked out anew for each corner.

Answers over sorted keys are a staircase: `first` up to a key, `after` from just behind it. The
spline may turn at its corners. A line stays within epsilon if it passes every key's gate: not above
first + epsilon at the key, not below after - epsilon behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

INFINITE = float("inf")


@dataclass(frozen=True)
class Run:
    """Equal keys: their ordinal, the position of the first, and that after the last."""

    x: int
    first: int
    after: int


@dataclass(frozen=True)
class Corner:
    """A place where the spline may turn, and the least slope with which it may go on from there."""

    x: int
    y: int
    rise: float = 0.0


def ordinal(key: Any) -> int:
    """Return the number of a key in the order of its format."""
    scalar = np.asarray(key)
    if scalar.dtype.kind != "f":
        return int(scalar.view(np.int64) if scalar.dtype.kind in "Mm" else scalar)
    bits = int(scalar.view(f"u{scalar.dtype.itemsize}"))
    sign = 1 << (8 * scalar.dtype.itemsize - 1)
    return bits if bits < sign else sign - bits


class SplineTwin:
    """Points and predictions, one key at a time."""

    def __init__(self, keys: Any, epsilon: int) -> None:
        self.epsilon = min(epsilon, len(keys))
        self.low = ordinal(keys[0])
        self.top = min(ordinal(keys[-1]) - self.low + 1, 2**64 - 1)
        self.runs = runs([ordinal(key) - self.low for key in keys])
        self.points = self.turns()

    def corners(self) -> list[Corner]:
        """Return where the spline may turn: at keys, behind long runs, and at the end."""
        found: list[Corner] = []
        for run, after_it in zip(self.runs, [*self.runs[1:], None], strict=True):
            size = run.after - run.first
            found.append(Corner(run.x, run.first, max(0.0, float(size - self.epsilon))))
            end = self.top + 1 if after_it is None else after_it.x
            if size > self.epsilon and run.x + 1 < end:
                found.append(Corner(run.x + 1, run.after))
        if found[-1].x < self.top:
            found.append(Corner(self.top, self.runs[-1].after))
        return found

    def reaches(self, start: Corner, goal: Corner) -> bool:
        """Tell whether a slope that passes all gates on the way from start leads to the goal."""
        low, high = start.rise, INFINITE
        for run in self.runs:
            if start.x < run.x < goal.x:
                dx = float(run.x - start.x)
                most = float(run.first) - start.y + self.epsilon
                least = float(run.after) - start.y - self.epsilon
                high = most / dx if most < high * dx else high
                low = least / (dx + 1) if least > low * (dx + 1) else low
        dx, dy = float(goal.x - start.x), float(goal.y - start.y)
        return low * dx <= dy <= high * dx

    def turns(self) -> list[tuple[int, int]]:
        """Return the points: the spline turns at the last corner before one out of reach."""
        start, *others = self.corners()
        turns, last = [start], start
        for corner in others:
            if not self.reaches(turns[-1], corner):
                turns.append(last)
            last = corner
        return [(corner.x, corner.y) for corner in [*turns, last]]

    def predict(self, key: Any) -> int:
        """Return the position of a key on the spline, rounded to the nearest, ties to even."""
        x = min(max(ordinal(key) - self.low, 0), self.top)
        segment = max(sum(point[0] < x for point in self.points), 1) - 1
        (x0, y0), (x1, y1) = self.points[segment : segment + 2]
        part = float(x - x0) / float(x1 - x0)
        return int(2.0**52 + y0 + part * (y1 - y0)) - 2**52


def runs(ordinals: Sequence[int]) -> list[Run]:
    """Return the runs of equal numbers."""
    found, first = [], 0
    for x, equal in groupby(ordinals):
        after = first + len(list(equal))
        found.append(Run(x, first, after))
        first = after
    return found
