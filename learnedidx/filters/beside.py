"""A filter beside an index, of which an index knows this alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from learnedidx._state import State
    from learnedidx.files._stored import InFile
    from learnedidx.index import LearnedIndex


def filter_of(index: LearnedIndex) -> Any:
    """The filter beside the keys of the file that this was opened from, or None."""
    return _filter_of(index._state)


def _filter_of(state: State) -> Any:
    if state.stored is not None and state.filter is None:
        from learnedidx.filters._files import filter_in

        state.filter = filter_in(state.stored)
    return state.filter


def kept(filter: Any, state: State) -> InFile | None:
    """Return the filter that a file of an index is to have: the given one, or that of its file."""
    if filter is None and state.keyless is None:
        filter = _filter_of(state)
    if filter is None:
        return None
    from learnedidx.filters._files import beside

    return beside(filter, state)
