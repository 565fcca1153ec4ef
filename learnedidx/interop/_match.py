"""Which row of right each row of left takes: one search, whatever library the tables came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.family import Array
from learnedidx._formats.known import family_of
from learnedidx._formats.nearest import checked_tolerance
from learnedidx._formats.scalars import nearer
from learnedidx.interop._rule import Rule

Positions = NDArray[np.intp]


@dataclass(slots=True)
class Sought:
    """Rows of right in the order of their keys, and where rows of left lie in it.

    Attributes
    ----------
    keys : array, shape (n,)
        What is compared, ascending.
    queries : array, shape (m,)
        Of the same dtype, or numbers of another.
    search : callable
        search(right): for each query the first row whose key is not below it, or is above.
        search(True, "pad"): the last whose key is not above it; -1 for NaN, too.
    """

    keys: Array
    queries: Array
    search: Callable[..., Positions]

    def matches(self, rule: Rule, limit: Any) -> Positions:
        """Return a place among the keys for each query, -1 where no row is within the limit."""
        if rule.direction == "nearest":
            found = self._nearest(rule.exact)
        elif rule.direction == "backward":
            found = self._before(rule.exact)
        else:
            found = self._after(not rule.exact)
        if limit is not None:
            self._drop_far(found, limit)
        return found

    def _before(self, right: bool) -> Positions:
        has_nan = any(family_of(part.dtype).is_real for part in (self.keys, self.queries))
        if right and not has_nan:  # one pass less
            return self.search(True, "pad")
        return self._last_before(self.search(right))

    def _after(self, right: bool) -> Positions:
        return self._first_from(self.search(right))

    def _last_before(self, places: Positions) -> Positions:
        places -= 1
        return places

    def _first_from(self, places: Positions) -> Positions:
        places[places >= self.keys.size] = -1
        return places

    def _nearest(self, exact: bool) -> Positions:
        """Return the nearer row of those before and after; of two equally near, that before."""
        found = self.search(exact)
        # Behind equal rows lies the first that is above, which they are nearer than.
        after = self._first_from(found.copy()) if exact else self._after(True)
        before = self._last_before(found)
        both = np.flatnonzero((before >= 0) & (after >= 0))
        asked = self.queries[both]
        down = apart(asked, self.keys[before[both]])
        up = apart(self.keys[after[both]], asked)
        before[both[~(down <= up)]] = after[both[~(down <= up)]]
        return np.where(before < 0, after, before)

    def _drop_far(self, found: Positions, limit: Any) -> None:
        at = np.flatnonzero(found >= 0)
        ours, theirs = self.queries[at], self.keys[found[at]]
        distance = np.where(ours >= theirs, apart(ours, theirs), apart(theirs, ours))
        found[at[~(distance <= limit)]] = -1


def searching(index: Any, queries: Array, threads: int) -> Callable[..., Positions]:
    """Return search, which asks an index for the positions of all queries."""

    def search(right: bool, method: Any = None) -> Positions:
        if method is not None:
            found: Positions = index.find(queries, method, threads=threads)
        else:
            found = (index.rank if right else index.searchsorted)(queries, threads=threads)
        return found

    return search


def checked_limit(tolerance: Any, dtype: Any) -> Any:
    """Return the largest distance of `apart` that is within a tolerance; None: all are."""
    family = family_of(dtype)
    value = checked_tolerance(tolerance, family)
    limit = None if value is None else nearer(value)
    if limit is None or isinstance(limit, float):
        return None
    whole, real, *_ = family.core_limit(limit, np.empty(0, dtype))
    return dtype.type(real) if family.is_real else np.uint64(whole)


def apart(high: Array, low: Array) -> Array:
    """Return high - low: exact between integers or times, rounded where one is a float."""
    kinds = [family_of(part.dtype) for part in (high, low)]
    if any(family.is_real for family in kinds):
        with np.errstate(invalid="ignore", over="ignore"):
            return np.where(high == low, 0, np.subtract(high, low))  # also of infinities
    a, b = (
        family.native(part).astype(np.uint64)
        for family, part in zip(kinds, (high, low), strict=True)
    )
    distance: Array = a - b
    if high.dtype != low.dtype:  # signed and unsigned, more than 2**64 apart
        distance[(low < 0) & (high >= 0) & (a >= b)] = np.iinfo(np.uint64).max
    return distance
