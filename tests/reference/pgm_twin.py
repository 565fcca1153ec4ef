"""The slow twin of a PGM-index: the fewest segments, found without hulls, in exact fractions.

A line of slope s passes within epsilon of corners (x, y) if some a lies between y - epsilon - s * x
and y + epsilon - s * x for all of them. Written for every pair of corners, p left of q, that bounds
s: s * (q.x - p.x) is between q.y - p.y - 2 * epsilon and q.y - p.y + 2 * epsilon,
and nothing else bounds it. So one line passes if no lower bound is above an upper one.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

Corner = tuple[int, int]


def ordinals(keys: Any) -> list[int]:
    """Return how many values of their dtype lie from the first key to each: floats by nextafter."""
    if keys.dtype.kind == "f":
        bits = (keys + keys.dtype.type(0)).view(f"i{keys.dtype.itemsize}").tolist()
        smallest = -(2 ** (8 * keys.dtype.itemsize - 1))
        numbers = [b if b >= 0 else smallest - b for b in bits]
    else:
        numbers = [int(key) for key in keys.astype(object)]
    return [number - numbers[0] for number in numbers]


def corners(steps: Sequence[int], last: int) -> list[Corner]:
    """Return where lower_bound changes: each ordinal, once, and the first one after it.

    There is nothing to ask beyond `last`.
    """
    found: list[Corner] = []
    position = 0
    for x, run in groupby(steps):
        if found and found[-1][0] == x:
            found.pop()  # the ordinal after the run before is that of a key
        found.append((x, position))
        position += len(list(run))
        if x < last:
            found.append((x + 1, position))
    return found


def reach(points: Sequence[Corner], first: int, epsilon: int) -> int:
    """Return the end of the longest run of points from `first` on that one line passes."""
    low, high = Fraction(-(2**200)), Fraction(2**200)
    for end in range(first + 1, len(points)):
        x, y = points[end]
        for px, py in points[first:end]:
            low = max(low, Fraction(y - py - 2 * epsilon, x - px))
            high = min(high, Fraction(y - py + 2 * epsilon, x - px))
        if low > high:
            return end
    return len(points)


def segment_starts(points: Sequence[Corner], epsilon: int) -> list[int]:
    """Return the x at which each segment begins, when each takes as many points as it can."""
    starts, first = [], 0
    while first < len(points):
        starts.append(points[first][0])
        first = reach(points, first, epsilon)
    return starts


def fewest(points: Sequence[Corner], epsilon: int) -> int:
    """Return the smallest number of lines over all ways to cut the points."""
    best = [0] + [len(points)] * len(points)
    for first in range(len(points)):
        for end in range(first + 1, reach(points, first, epsilon) + 1):
            best[end] = min(best[end], best[first] + 1)
    return best[-1]


def predictions(model: Any, asked: Sequence[int], n: int) -> list[float]:
    """Return what the fitted lines predict for ordinals, before rounding."""
    starts = model.coordinates_
    segments = np.searchsorted(starts, np.array(asked, np.uint64), "right") - 1
    ends = np.append(model.positions_[1:], float(n))
    across = [float(x - int(starts[k])) for x, k in zip(asked, segments, strict=True)]
    on_line = model.positions_[segments] + model.slopes_[segments] * np.array(across)
    return [max(0.0, float(p)) for p in np.minimum(on_line, ends[segments])]
