"""find() with a method: the key before, after or nearest, and how far it may be.

The core compares distances exactly in 64-bit arithmetic. What does not fit into it is decided one
query at a time, with the fractions of the keys' family.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx import _core
from learnedidx._formats import queries
from learnedidx._formats.family import Array, CoreLimit, Family
from learnedidx._formats.scalars import Exact, nearer, shown

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

METHODS = ("pad", "backfill", "nearest")
OPEN = -2  # the core's answer for queries that it leaves open


def find_near(
    index: LearnedIndex, v: Any, method: Any, tolerance: Any, out: Any, threads: Any
) -> Any:
    """Return the positions for queries of any shape, checked."""
    family = index._state.checked.family
    method = checked_method(method, family)
    limit = checked_tolerance(tolerance, family)
    number = queries.checked_threads(threads)
    if not queries.is_array(v, family):
        found = find_one(index, v, method, limit)
        return found if out is None else queries.filled(out, found, np.intp, v, index._state.held)
    batch = queries.as_batch(v, family)
    missing = family.missing(batch, False, "v")
    out = queries.checked_out(out, batch.shape, np.intp, v, batch, index._state.held)
    if family.goes_one_by_one(batch, method == "nearest" or limit is not None):
        out.flat[:] = [find_one(index, item, method, limit) for item in family.items(batch)]
        return out
    within = in_core(limit, batch, family)

    def search(part: Array, scale: Any, answers: tuple[Array, ...]) -> None:
        if _core.search(index, part, scale, method == "pad", method, answers[0], number, within):
            settle_open(index, part, method, limit, answers[0])

    queries.run(batch, (out,), family, search)
    if missing is not None:
        out[missing] = -1
    return out


def find_one(index: LearnedIndex, v: Any, method: str, tolerance: Exact | None) -> int:
    """Return the position for one query of any accepted type."""
    keys, family = index._state.checked.array, index._state.checked.family
    if family.is_missing(v):
        return -1
    after, before = index._ends(v)
    position = before if method == "pad" else after if after < keys.size else -1
    if method == "nearest" and after:
        left = position < 0 or family.distance(keys[after - 1], v) < family.distance(keys[after], v)
        position = after - 1 if left else after
    if position < 0 or tolerance is None:
        return position
    return position if family.is_within(keys[position], v, tolerance) else -1


def checked_method(method: Any, family: Family) -> str:
    """Return the method, or raise ValueError."""
    if method == "nearest" and family.no_distance:
        raise ValueError(f"method: 'nearest' {family.no_distance}")
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"method: must be None or one of {METHODS}, got {method!r}")
    return str(method)


def checked_tolerance(tolerance: Any, family: Family) -> Exact | None:
    """Return the tolerance as the family of the keys measures distances, or None."""
    if tolerance is None:
        return None
    if queries.is_array(tolerance):
        raise TypeError(
            "tolerance: must be one number or timedelta for all queries, got "
            f"{type(tolerance).__name__}"
        )
    value = family.length(tolerance, "tolerance")
    if value != value or value < 0:
        raise ValueError(f"tolerance: must be 0 or more, got {shown(tolerance)}")
    return value


def in_core(limit: Exact | None, batch: Array, family: Family) -> CoreLimit | None:
    """Return a tolerance as the core's Limit for such keys and queries; None: no limit."""
    limit = None if limit is None else nearer(limit)
    return family.core_limit(limit, batch) if isinstance(limit, Fraction) else None


def settle_open(
    index: LearnedIndex, part: Array, method: str, limit: Exact | None, out: Array
) -> None:
    """Answer the queries that the core left open."""
    left = np.flatnonzero(out == OPEN)
    for i, item in zip(left, index._state.checked.family.items(part[left]), strict=True):
        out[i] = find_one(index, item, method, limit)
