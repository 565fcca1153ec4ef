"""Joins of points with the intervals that hold them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from learnedidx._formats.queries import checked_inclusive, checked_threads
from learnedidx.index import LearnedIndex
from learnedidx.interop._columns import Ordered, require_comparable
from learnedidx.interop._doors import door_of
from learnedidx.interop._match import Positions
from learnedidx.interop._rule import Side

HOWS = ("inner", "left", "count")
BITS = 63  # of a pair that is one integer


def join_range(
    points: Any,
    intervals: Any,
    *,
    on: Any,
    lo: Any,
    hi: Any,
    inclusive: Any = "left",
    how: str = "inner",
    suffixes: Any = ("_x", "_y"),
    threads: int = 1,
) -> Any:
    """Join each point with all intervals that hold it; intervals may overlap.

    One index over the points is asked for the range of each interval. O(n log n) for n points, and
    O(pairs log pairs); "count" makes no pairs. No table needs an order.

    Parameters
    ----------
    points, intervals : table
        Two of pandas, of Polars or of Arrow; the result is of the same library.
    on : label
        The column of points: numbers, or times of any unit.
    lo, hi : label
        The columns of intervals that they begin and end with. One that ends before it begins is
        empty.
    inclusive : {"left", "right", "both", "neither"}
        Which ends belong to an interval.
    how : {"inner", "left", "count"}
        A row for each pair, in the order of points and then of intervals; the same, and a row for
        each point that no interval holds; points with a column "count" of intervals.
    suffixes : pair of str
        For columns that both tables have.
    threads : int
        How many search (0: all cores).

    Raises
    ------
    TypeError, ValueError, KeyError
        The message names the column. pandas and Arrow refuse missing values in these columns; with
        Polars they are in no interval.

    Examples
    --------
    >>> import pandas as pd, learnedidx as lx
    >>> visits = pd.DataFrame({"ip": [17, 3, 99]})
    >>> nets = pd.DataFrame({"first": [0, 16, 16], "end": [8, 32, 20], "net": ["a", "b", "c"]})
    >>> lx.join_range(visits, nets, on="ip", lo="first", hi="end")[["ip", "net"]]
       ip net
    0  17   b
    1  17   c
    2   3   a
    """
    if not isinstance(how, str) or how not in HOWS:
        raise ValueError(f"how: must be one of {HOWS}, got {how!r}")
    checked_inclusive(inclusive)
    threads = checked_threads(threads)
    door = door_of(points, intervals, ("points", "intervals"))
    side = door.side("points", points, on, [])
    ends = [door.side("intervals", intervals, key, []) for key in (lo, hi)]
    at, (first, last) = door.read(side), _without_nulls(*map(door.read, ends))
    for end in (first, last):
        require_comparable(at, end)  # an index compares times of any unit
    order = np.argsort(at.array)
    index = LearnedIndex(at.array[order])
    starts, stops = index.range(first.array, last.array, inclusive, threads=threads)
    if how == "count":
        counts = np.zeros(door.height(side), np.int64)
        counts[slice(None) if at.rows is None else at.rows] = _counts(order, starts, stops)
        return door.with_counts(side, counts)
    rows, held = _pairs(order, starts, stops)
    rows = rows if at.rows is None else at.rows[rows]
    held = held if first.rows is None else first.rows[held]
    if how == "left":
        rows, held = _with_all(rows, held, door.height(side))
    left = Side("points", door.taken(side, rows), None, [])
    return door.joined(left, Side("intervals", ends[0].table, None, []), held, suffixes)


def _without_nulls(first: Ordered, last: Ordered) -> tuple[Ordered, Ordered]:
    """Return both ends of the intervals that have two."""
    if first.rows is None and last.rows is None:
        return first, last
    rows = [np.arange(end.array.size) if end.rows is None else end.rows for end in (first, last)]
    both, *kept = np.intersect1d(rows[0], rows[1], True, return_indices=True)
    first = replace(first, array=first.array[kept[0]], rows=both)
    return first, replace(last, array=last.array[kept[1]], rows=both)


def _counts(order: Positions, starts: Positions, stops: Positions) -> Positions:
    """Return how many intervals hold each point: those that begin before it less those that end."""
    n = order.size + 1
    changes = np.bincount(starts, minlength=n) - np.bincount(stops, minlength=n)
    counts = np.empty(order.size, np.intp)
    counts[order] = np.cumsum(changes)[:-1]
    return counts


def _pairs(order: Positions, starts: Positions, stops: Positions) -> tuple[Positions, Positions]:
    """Return points and the intervals that hold them, in order."""
    sizes = stops - starts
    at = np.arange(int(sizes.sum())) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return _in_order(order[at], np.repeat(np.arange(sizes.size), sizes))


def _with_all(rows: Positions, held: Positions, height: int) -> tuple[Positions, Positions]:
    """Add a pair with -1 for each point that has none."""
    alone = np.flatnonzero(np.bincount(rows, minlength=height) == 0)
    return _in_order(np.append(rows, alone), np.append(held, np.full(alone.size, -1)))


def _in_order(rows: Positions, held: Positions) -> tuple[Positions, Positions]:
    """Return pairs in the order of points, and of one point in that of intervals.

    A pair is one integer where the bits suffice: these are sorted ten times faster.
    """
    bits = int(held.max(initial=0) + 1).bit_length()
    if bits + int(rows.max(initial=0)).bit_length() > BITS:
        order = np.lexsort((held, rows))
        return rows[order], held[order]
    packed = (rows << bits) | (held + 1)
    packed.sort()
    return packed >> bits, (packed & ((1 << bits) - 1)) - 1
