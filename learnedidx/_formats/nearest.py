"""find() with a method: the key before, after or nearest, and how far it may be.

The core compares distances exactly in 64-bit arithmetic. What does not fit into it is decided here,
one query at a time, with fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats import queries, scalars, times

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

METHODS = ("pad", "backfill", "nearest")
OPEN = -2  # the core's answer for queries that it leaves open
Array = NDArray[Any]
Exact = scalars.Exact
CoreLimit = tuple[int, float, float, int, int]


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
    if queries.is_array(tolerance):
        raise TypeError(
            "tolerance: must be one number or timedelta for all queries, got "
            f"{type(tolerance).__name__}"
        )
    value = scalars.exact_length(tolerance, dtype, "tolerance")
    if value != value or value < 0:
        raise ValueError(f"tolerance: must be 0 or more, got {scalars.shown(tolerance)}")
    return value


def in_core(limit: Exact | None, batch: Array, keys: np.dtype[Any]) -> CoreLimit | None:
    """Return a tolerance as the core's Limit for such keys and queries; None: no limit.

    Real keys: the nearest double and the difference from it. Others: whole key steps, then the part
    of a step that is left and one minus it, as doubles and in the units of the queries.
    """
    limit = None if limit is None else scalars.nearer(limit)
    if not isinstance(limit, Fraction):
        return None  # infinite
    if keys.kind == "f":
        try:
            near = float(limit)
        except OverflowError:
            return 0, math.inf, 0.0, 0, 0
        return 0, near, _down(limit - Fraction(near)), 0, 0
    steps = min(
        Fraction(times.steps_of(limit, keys)), Fraction(2**64)
    )  # no two keys lie so far apart
    whole = min(math.floor(steps), 2**64 - 1)
    part = steps - whole
    scale = times.scale_of(batch, keys) if keys.kind in "Mm" else None
    units = 1 if scale is None else scale[1]
    ticks, rest_ticks = math.floor(part * units), math.ceil((1 - part) * units)
    return whole, _down(part), -_down(part - 1), ticks, rest_ticks


def needs_exact(batch: Array, keys: np.dtype[Any], method: str, limit: Exact | None) -> bool:
    """Tell whether a batch is answered one by one: objects, and months, which differ in length."""
    if batch.dtype.kind == "O" or queries.needs_exact(batch, keys):
        return True
    return times.has_uneven_steps(keys) and (method == "nearest" or limit is not None)


def _down(value: Fraction) -> float:
    """Return the largest double that is not above a small number."""
    near = float(value)
    return near if Fraction(near) <= value else math.nextafter(near, -math.inf)


def settle_open(
    index: LearnedIndex, part: Array, method: str, limit: Exact | None, out: Array
) -> None:
    """Answer the queries that the core left open."""
    for i in np.flatnonzero(out == OPEN):
        out[i] = find_one(index, part[i], method, limit)
