"""Rows that must be equal in some columns: a number for each group, and one search over all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

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
    above = numbers.astype(np.uint64)
    above -= np.array(lowest).astype(np.uint64)
    return above.view(np.int64)


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


def grouped(
    queries: Array, keys: Array, places: Callable[[bool], Positions], coded: Coded, threads: int
) -> Sought:
    """Return what finds rows of right in the groups of rows of left, where `keys` ascend.

    `places` tells where queries lie among all keys. A group and a place are one integer, so a
    second search tells where they lie among the rows of the group. O(n log n).
    """
    left, right, count = coded
    shift = np.uint64(keys.size.bit_length())
    rows = right.astype(np.uint64)
    rows <<= shift  # -1 stands behind all groups
    rows |= np.arange(keys.size, dtype=np.uint64)
    rows.sort()
    over = LearnedIndex(rows, "btree" if left.size > rows.size // 32 else "none")
    groups = left.astype(np.uint64) << shift
    ends = np.searchsorted(rows, np.arange(count + 1, dtype=np.uint64) << shift)

    def search(right_side: bool) -> Positions:
        at = groups | places(right_side).astype(np.uint64)
        found: Positions = over.searchsorted(at, threads=threads)
        return found

    def place(found: Positions) -> Positions:
        return (rows[found] & (np.uint64(2) ** shift - np.uint64(1))).astype(np.intp)

    return Sought(
        keys=keys,
        queries=queries,
        search=search,
        starts=np.where(left < 0, keys.size, ends[left]),
        stops=np.where(left < 0, 0, ends[np.minimum(left, count - 1) + 1]),
        place=place,
    )
