"""Rows that must be equal in some columns: a number for each group, and one search over all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.family import Array
from learnedidx._formats.known import family_of
from learnedidx.index import LearnedIndex
from learnedidx.interop._match import Positions, Sought, searching

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
    return (numbers.astype(np.uint64) - np.array(lowest).astype(np.uint64)).astype(np.int64)


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
    queries: Array, keys: Array, coded: Coded, order: Positions | None, threads: int
) -> tuple[Sought, Positions]:
    """Return the rows of right by group and then by key, and their numbers in the table.

    `order` sorts `keys`, or they are sorted. A group and a key are packed into one integer where
    that has enough bits; else the key's place among all keys stands for it.
    """
    left, right, count = coded
    if right.size and int(right.min()) < 0:  # a group of their own, which nobody asks for
        right, count = np.where(right < 0, count, right), count + 1
    if order is not None:
        right = right[order]
    by_group = _stable_order(right, count)
    rows = by_group if order is None else order[by_group]
    starts = np.zeros(count + 1, np.intp)
    np.cumsum(np.bincount(right, minlength=count), out=starts[1:])
    asked = np.maximum(left, 0)
    of_keys, of_queries, span = _numbers(queries, keys, order, count, threads)
    shift = np.uint64(span.bit_length())
    packed = right[by_group].astype(np.uint64) << shift
    packed |= of_keys[by_group]
    places = (asked.astype(np.uint64) << shift) | of_queries
    index = LearnedIndex(packed, "auto" if places.size > packed.size // 32 else "none")
    sought = Sought(
        keys=keys[rows],
        queries=queries,
        search=searching(index, places, threads),
        starts=np.where(left < 0, keys.size, starts[asked] if count else 0),
        stops=np.where(left < 0, 0, starts[asked + 1] if count else 0),
    )
    return sought, rows


def _numbers(
    queries: Array, keys: Array, order: Positions | None, count: int, threads: int
) -> tuple[Array, Array, int]:
    """Return keys in their order and queries as integers that compare as they do, and the largest.

    They begin at 1 and end before the largest, which queries beyond all keys have.
    """
    in_order = keys if order is None else keys[order]
    if in_order.size and queries.dtype == keys.dtype and not family_of(keys.dtype).is_real:
        native, asked = (family_of(keys.dtype).native(part) for part in (in_order, queries))
        first, last = int(native[0]), int(native[-1])
        span = last - first + 2
        if span.bit_length() + max(count - 1, 0).bit_length() <= MOST_BITS:
            one = np.int64(1)
            inside = np.clip(_above(np.clip(asked, first, last), first), 0, span) + one
            inside[asked < first] = 0
            inside[asked > last] = span
            return (_above(native, first) + one).astype(np.uint64), inside.astype(np.uint64), span
    return _ranks(queries, in_order, threads)


def _ranks(queries: Array, keys: Array, threads: int) -> tuple[Array, Array, int]:
    """Number different keys 1, 3, 5 and so on, and queries between two of them evenly."""
    new = np.ones(keys.size, np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    different = np.cumsum(new, dtype=np.uint64)
    index = LearnedIndex(keys[new])
    search = searching(index, queries, threads)
    places = (search(False) + search(True)).astype(np.uint64)
    return different * np.uint64(2) - np.uint64(1), places, 2 * len(index)


def _stable_order(codes: Codes, count: int) -> Positions:
    """Return the order that sorts numbers below `count`, equal ones as they come. O(n).

    NumPy sorts 16-bit integers by their digits: two passes do for 32 bits.
    """
    if count > 2**32:
        return np.argsort(codes, kind="stable")
    order = np.argsort(codes.astype(np.uint16), kind="stable")
    if count > 2**16:
        order = order[np.argsort((codes >> 16).astype(np.uint16)[order], kind="stable")]
    return order
