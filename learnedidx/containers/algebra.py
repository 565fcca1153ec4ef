"""Set algebra of SortedSet: over arrays where all sides are numbers of one type, else over sets."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._core import SortedSetBase
from learnedidx.containers import codes, objects

_OVER_ARRAYS: dict[str, Any] = {
    "difference": lambda a, b: np.setdiff1d(a, b, assume_unique=True),
    "intersection": lambda a, b: np.intersect1d(a, b, assume_unique=True),
    "symmetric_difference": lambda a, b: np.setxor1d(a, b, assume_unique=True),
    "union": np.union1d,
}


def combine(own: SortedSetBase[Any], verb: str, others: tuple[Iterable[Any], ...]) -> Any:
    """Return the values of difference, intersection, symmetric_difference or union."""
    others = tuple(
        o if isinstance(o, Iterable) and hasattr(o, "__len__") else list(o) for o in others
    )
    arrays = [numbers_of(other, own.kind) for other in others] if own.kind in codes.NUMBERS else []
    if own.kind not in codes.NUMBERS or any(array is None for array in arrays):
        return getattr(set(own), verb)(*others)
    return reduce(_OVER_ARRAYS[verb], arrays, own.to_numpy())


def is_within(small: Iterable[Any], large: Any) -> bool:
    """Return whether every value of an iterable is in a set."""
    both = isinstance(small, SortedSetBase) and isinstance(large, SortedSetBase)
    if both and small.kind == large.kind in codes.NUMBERS:  # type: ignore[attr-defined]
        mine, theirs = small.to_numpy(), large.to_numpy()  # type: ignore[attr-defined]
        return len(mine) == len(np.intersect1d(mine, theirs, assume_unique=True))
    return all(map(large.__contains__, small))


def numbers_of(values: Any, kind: str) -> NDArray[Any] | None:
    """Return the different numbers among values, sorted, if all are of this kind; else None."""
    if isinstance(values, SortedSetBase) and values.kind == kind:
        return values.to_numpy()
    probe: SortedSetBase[Any] = SortedSetBase()
    items = values if type(values) is list else list(values)
    try:
        typed = probe._take_list(items)
    except ValueError:  # NaN, which may be looked up
        return None
    if not typed or (len(probe) and probe.kind != kind):
        return None
    if not len(probe):
        return np.empty(0, np.float64 if kind == "float" else np.int64)
    return probe.to_numpy()


def replace(own: Any, values: Any) -> None:
    """Give a set other values."""
    items = values.tolist() if isinstance(values, np.ndarray) else list(values)
    fresh: SortedSetBase[Any] = SortedSetBase()
    if own.kind != "object" and fresh._take_list(items):
        own._swap(fresh)
        return
    objects.refuse_nan(items)
    if own.kind != "object":
        moved = objects.sortedcontainers().SortedSet(items)
        objects.warn_of_move(own, [value for value in items if value not in own])
    else:
        moved = type(own._objects)(items, key=own.key)
    own._become(moved)
