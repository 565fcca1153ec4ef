"""Filters that are read from .lidx files, and what is asked of those that go beside an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx.files._stored import FormatError, InFile, Stored
from learnedidx.filters._filter import Filter
from learnedidx.filters._hash import LearnedHash
from learnedidx.filters._learned import LearnedFilter
from learnedidx.filters._point import PointFilter
from learnedidx.filters._range import RangeFilter

if TYPE_CHECKING:
    from learnedidx._state import State

KINDS: dict[int, type[Filter]] = {
    **dict.fromkeys((0, 1, 2), RangeFilter),
    **dict.fromkeys((16, 17, 18), PointFilter),
    **dict.fromkeys((32, 33), LearnedHash),
    48: LearnedFilter,
}


def beside(filter: Any, state: State) -> InFile:
    """Return a filter as a file of an index has it; it must know all keys of the index. O(n)."""
    if not isinstance(filter, Filter):
        raise TypeError(
            f"filter: must be a fitted filter, such as lx.RangeFilter().fit(index.keys), "
            f"got {type(filter).__name__}"
        )
    _ = filter._fitted_core
    keys = state.checked
    if filter._dtype != keys.dtype:
        raise ValueError(
            f"filter: was fitted to keys of dtype {filter._dtype}, the index has {keys.dtype}; "
            "fit it to the keys of the index"
        )
    if not filter._knows(keys.array[: keys.numbers]):
        raise ValueError("filter: denies a key of the index; fit it to the keys of the index")
    return filter.get_params(deep=False), filter._core.words, False


def filter_in(stored: Stored | None) -> Filter | None:
    """Return the filter that lies in a file, where it lies, or None. O(its bytes).

    Its checksum is checked before: nothing proves what a filter denies.
    """
    words = np.empty(0, np.uint8) if stored is None else stored.file.section("FLTR")
    if stored is None or not words.size:
        return None
    stored.file.verify_section("FLTR")
    said = stored.meta.get("filter", {})
    kind = KINDS.get(int.from_bytes(words[:4].tobytes(), "little"))
    if kind is None:
        raise FormatError(f"{stored.name}: holds a filter that this version does not know")
    try:
        made = kind(**said)
        made._hold(made._restored(words, stored.dtype), stored.dtype, stored.trims)
    except (TypeError, ValueError) as error:
        raise stored.damaged(f"its filter is none: {error}") from None
    return made


def opened(stored: Stored, keys: Any, full: bool) -> Filter:
    """Return the filter that a file holds alone."""
    if keys is not None:
        raise ValueError(f"keys: {stored.name} holds a filter, which needs none; leave out keys")
    if full:
        stored.file.verify(True)
    made = filter_in(stored)
    if made is None:
        raise stored.damaged("it holds neither keys nor a filter")
    return made
