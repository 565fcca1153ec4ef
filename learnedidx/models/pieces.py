"""Pieces of a root: clusters of keys so far apart that each needs bins of its own.

A point of the root keeps 32 bits behind its bin. Where keys of a cluster share points, the range of
coordinates is cut between clusters, there where the sum over the keys of log2(width of their piece)
falls most, until no cut helps or there are eight pieces. Evenly spaced keys show where to look, the
keys between two of them where to cut, so that one far key is found as surely as half of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Keys

Coordinates = NDArray[np.uint64]

SAMPLE = 4096
MAX_PIECES = 8
APART = 32  # keys of a leaf: they should lie on as many points
FEW_CROWDED = 1 / 64  # of the sampled leaves may lie closer
LEAST_BITS = 1 / 16  # what a cut must save on average over all keys,
LEAST_BITS_INSIDE = 2  # and over those of its piece: halving evenly spread keys saves one


def cut(core: _core.Rmi, keys: Keys) -> Coordinates:
    """Return rows of (first coordinate, last, bits of the bins); none if one range will do.

    Takes O(1) random accesses, O(n / 4096) keys for each cut.
    """
    none = np.zeros((0, 3), np.uint64)
    n = keys.numbers
    if n < 2 * APART or not crowded(core, keys):
        return none
    at = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.intp))
    split = _Split(core, keys, at)
    pieces = [(0, n)]
    while len(pieces) < MAX_PIECES:
        saved, middle, which = max((*split.best(*piece), i) for i, piece in enumerate(pieces))
        if saved < LEAST_BITS * n:
            break
        start, stop = pieces[which]
        pieces[which : which + 1] = [(start, middle), (middle, stop)]
    if len(pieces) == 1:
        return none
    ends = np.array(pieces)
    bits = np.log2(np.maximum(1.0, 2.0**core.root_bits * (ends[:, 1] - ends[:, 0]) / n))
    low, high = split.coordinates(ends[:, 0]), split.coordinates(ends[:, 1] - 1)
    return np.stack([low, high, bits.astype(np.uint64)], axis=1)


def _coordinates(core: _core.Rmi, keys: Keys, at: Any) -> Coordinates:
    return np.asarray(core.coordinates(np.ascontiguousarray(keys.native[at])))


def crowded(core: _core.Rmi, keys: Keys) -> bool:
    """Tell whether keys that differ share points of a root with equal bins."""
    at = np.linspace(0, keys.numbers - 1 - APART, SAMPLE).astype(np.intp)
    gaps = _coordinates(core, keys, at + APART) - _coordinates(core, keys, at)
    points = gaps >> np.uint64(32 - core.root_bits)
    return bool(np.mean((gaps > 0) & (points < APART)) > FEW_CROWDED)


class _Split:
    """Where to cut ranges of positions in two."""

    def __init__(self, core: _core.Rmi, keys: Keys, at: NDArray[np.intp]) -> None:
        self.core, self.keys = core, keys
        self.at = at
        self.sampled = self.coordinates(at)
        self.known: dict[tuple[int, int], tuple[float, int]] = {}

    def coordinates(self, at: Any) -> Coordinates:
        return _coordinates(self.core, self.keys, at)

    def best(self, start: int, stop: int) -> tuple[float, int]:
        """Return how many bits a cut of positions [start, stop) saves, and where it is."""
        if (start, stop) not in self.known:
            self.known[start, stop] = self._search(start, stop)
        return self.known[start, stop]

    def _search(self, start: int, stop: int) -> tuple[float, int]:
        low, high = self.coordinates(np.array([start, stop - 1]))
        first, last = np.searchsorted(self.at, [start + 1, stop - 1])
        at = np.concatenate([[start], self.at[first:last], [stop - 1]])
        y = np.concatenate([[low], self.sampled[first:last], [high]])
        saved, i = _cheapest(at, y, (start, stop), (low, high))
        if i == 0:
            return 0.0, start
        near = slice(int(at[i - 1]), int(at[i]) + 1)
        y = self.coordinates(near)
        saved, i = _cheapest(np.arange(near.start, near.stop), y, (start, stop), (low, high))
        worth = saved >= LEAST_BITS_INSIDE * (stop - start)
        return (saved if worth else 0.0), near.start + i


def _cheapest(
    at: NDArray[np.intp], y: Coordinates, positions: tuple[int, int], ends: tuple[Any, Any]
) -> tuple[float, int]:
    """Return the bits that the best cut before one of the positions `at` saves, and its number."""
    if at.size < 2:
        return 0.0, 0
    (start, stop), (low, high) = positions, ends
    before = (at[1:] - start) * np.log2(1.0 + (y[:-1] - low))
    behind = (stop - at[1:]) * np.log2(1.0 + (high - y[1:]))
    cost = np.where(y[1:] > y[:-1], before + behind, np.inf)
    i = int(np.argmin(cost))
    saved = (stop - start) * np.log2(1.0 + (high - low)) - cost[i]
    return (float(saved), i + 1) if saved > 0 else (0.0, 0)
