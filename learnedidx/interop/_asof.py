"""As-of joins of tables: each row of left takes one row of right, the last before it, say."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from learnedidx._formats.family import Array
from learnedidx._formats.queries import checked_threads
from learnedidx._formats.times import Times
from learnedidx._state import without_zone
from learnedidx.index import LearnedIndex
from learnedidx.interop._columns import Ordered, comparable
from learnedidx.interop._doors import door_of
from learnedidx.interop._groups import Coded, SoughtInGroups, combined
from learnedidx.interop._match import Positions, Sought, checked_limit, searching
from learnedidx.interop._rule import Rule, checked_by, checked_on, checked_rule


def join_asof(
    left: Any,
    right: Any,
    on: Any = None,
    *,
    left_on: Any = None,
    right_on: Any = None,
    left_index: bool = False,
    right_index: bool = False,
    by: Any = None,
    left_by: Any = None,
    right_by: Any = None,
    direction: str = "backward",
    tolerance: Any = None,
    allow_exact_matches: bool = True,
    suffixes: Any = ("_x", "_y"),
    index: Any = None,
    threads: int = 1,
) -> Any:
    """Join each row of left with one row of right, as ``pandas.merge_asof`` does.

    The result has the rows of left, in their order, which may be any, and the columns of both.

    Parameters
    ----------
    left, right : table
        Two of pandas, of Polars or of Arrow; the result is of the same library.
    on, left_on, right_on : label, optional
        The columns that are compared by order: numbers, or times of any unit. With a time zone
        they are instants; then both have one. pandas also takes arrays and levels of its index.
    left_index, right_index : bool
        Compare the index of a table of pandas.
    by, left_by, right_by : label or list of labels, optional
        Columns that must be equal.
    direction : {"backward", "forward", "nearest"}
        Take the last row that is not after, the first that is not before, or the nearer of these;
        the former if both are equally near.
    tolerance : number or timedelta, optional
        The longest distance at which a row is taken.
    allow_exact_matches : bool
        False: a row at the same key is not taken.
    suffixes : pair of str
        For columns that both tables have.
    index : LearnedIndex, optional
        Over the column of right that is compared by order, which is sorted: it is not built anew.
    threads : int
        How many search (0: all cores).

    Raises
    ------
    TypeError, ValueError, KeyError
        The message names the column. pandas and Arrow refuse missing values in ``on``; a null of
        ``by`` equals another null. Polars takes no row for either.

    Warns
    -----
    PerformanceWarning
        Right is not sorted, and is sorted for this join.

    Examples
    --------
    >>> import pandas as pd, learnedidx as lx
    >>> trades = pd.DataFrame({"t": [12, 3, 10], "size": [5, 7, 9]})
    >>> quotes = pd.DataFrame({"t": [2, 8, 11], "price": [1.0, 1.5, 1.25]})
    >>> lx.join_asof(trades, quotes, on="t")
        t  size  price
    0  12     5   1.25
    1   3     7   1.00
    2  10     9   1.50
    """
    rule = checked_rule(direction, tolerance, allow_exact_matches)
    keys = checked_on(on, left_on, right_on, left_index, right_index)
    equal = checked_by(by, left_by, right_by)
    threads = checked_threads(threads)
    door = door_of(left, right)
    sides = door.side("left", left, keys[0], equal[0]), door.side("right", right, keys[1], equal[1])
    ours, theirs = comparable(*(door.read(side) for side in sides))
    coded = None
    if equal[0]:
        columns = [door.coded(*sides, *pair) for pair in zip(*equal, strict=True)]
        coded = _without_nulls(combined(columns), ours, theirs)
    found = _found(ours, theirs, coded, rule, index, threads)
    return door.joined(*sides, _in_table(found, ours, theirs, door.height(sides[0])), suffixes)


def _without_nulls(coded: Coded, left: Ordered, right: Ordered) -> Coded:
    """Return the groups of the rows whose keys are not null."""
    ours, theirs, count = coded
    ours = ours if left.rows is None else ours[left.rows]
    return ours, theirs if right.rows is None else theirs[right.rows], count


def _found(
    left: Ordered, right: Ordered, coded: Coded | None, rule: Rule, index: Any, threads: int
) -> Positions:
    """Return for each row of left that of right among those that are not null, or -1."""
    limit = checked_limit(rule.tolerance, right.array.dtype)
    over, order = _index_over(right, left.array.size, index)
    keys = right.array if order is None else right.array[order]
    search = searching(over, left.array, threads)
    if coded is None:
        sought = Sought(keys, left.array, search)
    else:
        codes = coded[1] if order is None else coded[1][order]
        sought = SoughtInGroups(keys, left.array, search, (coded[0], codes, coded[2]))
    return _rows_at(sought.matches(rule, limit), order)


def _rows_at(found: Positions, rows: Positions | None) -> Positions:
    """Return the rows at positions of an order; -1 stays."""
    if rows is None:
        return found
    return np.where(found < 0, -1, rows[found]) if rows.size else found


def _in_table(found: Positions, left: Ordered, right: Ordered, height: int) -> Positions:
    """Return a row of the table of right for each row of that of left."""
    found = _rows_at(found, right.rows)
    if left.rows is None:
        return found
    spread = np.full(height, -1, np.intp)
    spread[left.rows] = found
    return spread


def _index_over(right: Ordered, asked: int, index: Any) -> tuple[LearnedIndex, Positions | None]:
    """Return an index over the sorted column, and what sorts it, if it was not."""
    keys = right.array
    if index is not None:
        return _checked_index(index, right), None
    model = "auto" if asked > keys.size // 32 else "none"  # a model has to pay for its build
    try:
        return LearnedIndex(keys, model), None
    except ValueError:
        order = _sorting(right)
        return LearnedIndex(keys[order], model), order


def _sorting(right: Ordered) -> Positions:
    from learnedidx.containers.objects import PerformanceWarning

    warnings.warn(
        f"{right.name}: not sorted; this join sorts its {right.array.size:,} rows, which takes "
        "longer than the join itself: sort the table once, before",
        PerformanceWarning,
        stacklevel=5,
    )
    return np.argsort(right.array, kind="stable")


def _checked_index(index: Any, right: Ordered) -> LearnedIndex:
    """Return the index if it is one over these keys, as one that takes plain times."""
    if not isinstance(index, LearnedIndex):
        raise TypeError(
            f"index: must be a LearnedIndex over {right.name}, got {type(index).__name__}; pass "
            f"lx.LearnedIndex({right.name})"
        )
    state = index._state
    if state.layers is not None or state.keyless is not None:
        has = "no keys" if state.layers is None else f"keys of {state.checked.dtype}"
        raise ValueError(
            f"index: has {has}; pass lx.LearnedIndex({right.name}), which serves joins with by too"
        )
    if state.checked.aware != right.is_aware or not _same(state.checked.array, right.array):
        raise ValueError(
            f"index: holds other keys than {right.name}; pass lx.LearnedIndex({right.name}), "
            "and sort that first if it is not sorted"
        )
    return without_zone(index)


def _same(a: Array, b: Array) -> bool:
    """Tell whether two arrays have equal items; those of the same memory are not read."""
    if a.size != b.size:
        return False
    at = a.__array_interface__["data"], a.dtype, a.strides
    if at == (b.__array_interface__["data"], b.dtype, b.strides):
        return True
    return (a.dtype == b.dtype or Times.accepts(a.dtype)) and np.array_equal(a, b)
