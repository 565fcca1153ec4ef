"""find() with a method: the key before, after or nearest, and how far it may be.

Distances are compared exactly. Where machine arithmetic proves the comparison it is used for whole
arrays; the few queries it leaves open are decided with fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import scalars, times

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

METHODS = ("pad", "backfill", "nearest")
Array = NDArray[Any]
Bools = NDArray[np.bool_]
Exact = scalars.Exact


def find_one(index: LearnedIndex, v: Any, method: str, tolerance: Exact | None) -> int:
    """Return the position for one query of any accepted type."""
    n = index.keys.size
    after, before = index._ends(v)
    if method == "pad":
        position = before
    elif method == "backfill":
        position = after if after < n else -1
    else:
        position = _nearer(index, v, after)
    if position < 0 or tolerance is None:
        return position
    return position if _is_within(index.keys[position], v, tolerance, index.keys.dtype) else -1


def _nearer(index: LearnedIndex, v: Any, after: int) -> int:
    n = index.keys.size
    if after == n or after == 0:
        return after - 1 if after else (0 if n else -1)
    dtype = index.keys.dtype
    left = _distance(index.keys[after - 1], v, dtype)
    return after - 1 if left < _distance(index.keys[after], v, dtype) else after


def _distance(key: Any, v: Any, dtype: np.dtype[Any]) -> Fraction | float:
    """Return |key - v|: infinite between a number and NaN, 0 between two NaN."""
    a, b = scalars.exact(key, dtype), scalars.nearer(scalars.exact(v, dtype))
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return abs(a - b)
    return 0.0 if a == b or (a != a and b != b) else math.inf


def _is_within(key: Any, v: Any, limit: Exact, dtype: np.dtype[Any]) -> bool:
    a, b = scalars.exact(key, dtype), scalars.exact(v, dtype)
    if isinstance(a, Fraction) and not isinstance(b, float) and not isinstance(limit, float):
        return scalars.within(a, b, limit)
    return _distance(key, v, dtype) <= limit


def checked_method(method: Any) -> str:
    """Return the method, or raise ValueError."""
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"method: must be None or one of {METHODS}, got {method!r}")
    return str(method)


def checked_tolerance(tolerance: Any, dtype: np.dtype[Any]) -> Exact | None:
    """Return the tolerance as an exact number (seconds for times), or None."""
    if tolerance is None:
        return None
    if np.ndim(tolerance):
        raise TypeError("tolerance: must be one number or timedelta for all queries")
    value = scalars.exact_length(tolerance, dtype, "tolerance")
    if value != value or value < 0:
        raise ValueError(f"tolerance: must be 0 or more, got {scalars.shown(tolerance)}")
    return value


def find_many(
    index: LearnedIndex, batch: Array, after: Array, before: Array, method: str, limit: Exact | None
) -> Array:
    """Return positions for a batch, given searchsorted left and right minus one."""
    n = index.keys.size
    if method == "pad":
        found = before
    elif method == "backfill":
        found = np.where(after < n, after, -1)
    else:
        found = after
    if method != "nearest" and limit is None:
        return found
    if n == 0:
        return np.full(batch.shape, -1, np.intp)
    sure, out = _by_machine(index, batch, found, after, method, limit)
    for i in np.flatnonzero(~sure):
        out[i] = find_one(index, batch[i], method, limit)
    return out


@np.errstate(all="ignore")
def _by_machine(
    index: LearnedIndex, batch: Array, found: Array, after: Array, method: str, limit: Exact | None
) -> tuple[Bools, Array]:
    """Decide what machine arithmetic can prove; return which queries, and positions."""
    out = found.copy()
    arithmetic = _arithmetic(index.keys, batch)
    if arithmetic is None:
        return np.zeros(batch.shape, bool), out
    keys, queries, sure = arithmetic
    numbers = index._checked.numbers
    n = index.keys.size
    if method == "nearest":
        left, right = np.maximum(after - 1, 0), np.minimum(after, n - 1)
        inside = (after > 0) & (after < n)
        sure = sure & ~(inside & (after >= numbers))  # NaN and NaT are decided one by one
        nearer, proven = _compare(queries, keys(left), keys(right))
        out = np.where((inside & nearer) | (after == n), after - 1, out)
        sure = sure & (proven | ~inside)
    if limit is not None:
        steps = times.steps_of(scalars.nearer(limit), index.keys.dtype)
        near, proven = _within(queries, keys(np.maximum(out, 0)), steps)
        sure = sure & (proven | (out < 0)) & (out < numbers)
        out = np.where(near, out, -1)
    return sure, out


def _arithmetic(keys: Array, batch: Array) -> tuple[Any, Array, Bools] | None:
    """Return a reader of keys, the queries in the same arithmetic, and where both are exact."""
    if keys.dtype.kind in "Mm":
        if batch.dtype != keys.dtype or times.has_uneven_steps(keys.dtype):
            return None
        whole = keys.view(np.int64)
        return (lambda at: whole[at]), batch.view(np.int64), ~np.isnat(batch)
    if keys.dtype.kind in "bui" and batch.dtype.kind in "bui":
        signed = keys.dtype.kind == "i"
        wide = np.dtype(np.int64 if signed else np.uint64)
        fits = batch <= np.iinfo(np.int64).max if signed else batch >= 0
        return (lambda at: keys[at].astype(wide)), batch.astype(wide), np.asarray(fits, bool)
    exact = np.abs(batch.astype(np.float64)) <= 2.0**53 if batch.dtype.kind != "f" else True
    queries = batch.astype(np.float64)
    sure = np.isfinite(queries) & exact & (np.abs(queries) < 2.0**1000)
    return (lambda at: _real_keys(keys[at])), queries, sure


def _real_keys(keys: Array) -> Array:
    """Return keys as float64; NaN where that is not exact or a difference could overflow."""
    real = keys.astype(np.float64)
    if keys.dtype.kind in "ui":
        return np.where(np.abs(real) <= 2.0**53, real, np.nan)
    return np.where(np.abs(real) < 2.0**1000, real, np.nan)


def _apart(high: Array, low: Array) -> tuple[Array, Array]:
    """Return high - low >= 0 as an unevaluated sum of two numbers, exactly (Knuth's two-sum)."""
    if high.dtype.kind != "f":
        return high.astype(np.uint64) - low.astype(np.uint64), np.zeros(high.shape, np.uint64)
    total = high - low
    part = total - high
    return total, (high - (total - part)) + (-low - part)


def _compare(queries: Array, left: Array, right: Array) -> tuple[Bools, Bools]:
    """Tell where left is strictly nearer than right, and where that is proven."""
    a, a_rest = _apart(queries, left)
    b, b_rest = _apart(right, queries)
    if a.dtype.kind != "f":
        return a < b, np.ones(a.shape, bool)
    return _less(a, a_rest, b, b_rest)


def _less(a: Array, a_rest: Array, b: Array, b_rest: Array) -> tuple[Bools, Bools]:
    difference, rest = a - b, a_rest - b_rest
    equal = difference == 0
    clear = np.abs(difference) > 4 * np.abs(rest) + np.finfo(float).eps * (np.abs(a) + np.abs(b))
    return np.where(equal, rest < 0, difference < 0), equal | clear


def _within(queries: Array, keys: Array, limit: Fraction | float) -> tuple[Bools, Bools]:
    low, high = np.minimum(queries, keys), np.maximum(queries, keys)
    distance, rest = _apart(high, low)
    if distance.dtype.kind != "f":
        if not isinstance(limit, Fraction):
            return np.ones(distance.shape, bool), np.ones(distance.shape, bool)
        whole = min(math.floor(limit), 2**64 - 1)
        return distance <= np.uint64(whole), np.ones(distance.shape, bool)
    bound = float(min(limit, Fraction(2) ** 1023))
    less, proven = _less(np.full_like(distance, bound), np.zeros_like(rest), distance, rest)
    if isinstance(limit, Fraction) and Fraction(bound) != limit:
        proven = proven & (np.abs(distance - bound) > 4 * np.finfo(float).eps * bound)
    return ~less, proven & np.isfinite(distance)
