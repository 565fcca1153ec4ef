"""Rows that must be equal in some columns: a number for each group, and one walk over all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.family import Array
from learnedidx._formats.known import family_of
from learnedidx.index import LearnedIndex
from learnedidx.interop._match import Positions, Sought

Codes = NDArray[np.int64]
Coded = tuple[Codes, Codes, int]  # of left, of right, their number; -1: in no group of right
MOST_BITS = 62
FEW = 2**16  # groups that a table of starts may have, whatever the number of rows


def codes_of_integers(left: Array, right: Array) -> Coded | None:
    """Number the groups of integers, or times of one dtype, by what they are above the lowest.

    None where they lie too far apart for that. O(n + m).
    """
    ours, theirs = (family_of(part.dtype).native(part) for part in (left, right))
    if right.size == 0:
        return np.full(left.size, -1), np.empty(0, np.int64), 0
    lowest, highest = int(theirs.min()), int(theirs.max())
    if highest - lowest >= max(FEW, 2 * right.size):
        return None
    inside = (ours >= lowest) & (ours <= highest)
    numbers = np.where(inside, _above(ours, lowest), -1)
    return numbers, _above(theirs, lowest), highest - lowest + 1


def _above(numbers: Array, lowest: int) -> Codes:
    """Return numbers - lowest, where that is small, whatever the integers' width."""
    wide = numbers.view(np.int64) if numbers.itemsize == 8 else numbers.astype(np.int64)
    return wide - np.array(lowest).astype(np.uint64).view(np.int64) if lowest else wide


def combined(columns: list[Coded]) -> Coded:
    """Return one number for the groups of several columns."""
    left, right, count = columns[0]
    for more_left, more_right, more in columns[1:]:
        if more and count > 2**MOST_BITS // more:
            left, right, count = _compressed(left, right)
        left = np.where((left < 0) | (more_left < 0), -1, left * more + more_left)
        right = np.where((right < 0) | (more_right < 0), -1, right * more + more_right)
        count *= more
    return _compressed(left, right) if count > max(FEW, 2 * right.size) else (left, right, count)


def _compressed(left: Codes, right: Codes) -> Coded:
    """Number those groups alone that right has. O((n + m) log n)."""
    known = np.unique(right[right >= 0])
    index = LearnedIndex(known)
    return index.find(left).astype(np.int64), index.find(right).astype(np.int64), known.size


@dataclass(slots=True)
class SoughtInGroups(Sought):
    """Rows that are sought among those of right that have the same group."""

    coded: Coded
    order: Positions | None = field(init=False)

    def __post_init__(self) -> None:
        """Find what sorts the queries, and so their places on either side."""
        is_sorted = bool((self.queries[1:] >= self.queries[:-1]).all())
        self.order = None if is_sorted else np.argsort(self.queries)
        if self.order is not None:
            self.coded = self.coded[0][self.order], *self.coded[1:]

    def _before(self, right: bool) -> Positions:
        return self._last_before(self.search(right))

    def _last_before(self, places: Positions) -> Positions:
        return self._walk(places, False)

    def _first_from(self, places: Positions) -> Positions:
        return self._walk(places, True)

    def _walk(self, places: Positions, after: bool) -> Positions:
        left, right, count = self.coded
        if self.order is None:
            return _core.rows_of_groups(right, left, places, count, after)
        found = np.empty_like(places)
        found[self.order] = _core.rows_of_groups(right, left, places[self.order], count, after)
        return found
