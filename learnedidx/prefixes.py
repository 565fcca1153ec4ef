"""Keys that begin with a string or a row: a range of an index over them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx import _core
from learnedidx._formats import queries

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex


def prefix(self: LearnedIndex, p: Any, *, out: Any = None, threads: int = 1) -> Any:
    """Return where the keys lie that begin with p: of strings and rows alone. O(log n).

    Parameters
    ----------
    p : str, bytes or tuple, or an array of them
        As the keys are: text begins with text, bytes, UUIDs and addresses with bytes. Rows of
        columns begin with a tuple, or ``lx.Columns``, of the first ones.
    out : tuple of two arrays of intp, optional
        For the starts and stops of an array.
    threads : int
        That share an array; 0: all cores.

    Returns
    -------
    slice or tuple of two arrays
        ``index.keys[index.prefix(p)]`` are the keys that begin with p.

    Raises
    ------
    TypeError
        The keys are neither strings nor rows, or p is of another kind.

    Examples
    --------
    >>> import learnedidx as lx
    >>> index = lx.LearnedIndex(["com.a", "com.a.x", "com.b", "org.a"])
    >>> index.prefix("com.a"), index.count(None, None)
    (slice(0, 2, None), 4)
    """
    family, number = self._state.checked.family, queries.checked_threads(threads)
    is_array = queries.is_array(p, family)
    if out is None and family.is_one(p):
        with contextlib.suppress(TypeError, ValueError):  # which name p below
            return self.range(p, p, "both")
    prefixes, above = family.prefixes(p, is_array)
    starts, stops = np.empty(prefixes.size, np.intp), np.empty(prefixes.size, np.intp)
    for batch, found in ((prefixes, starts), (above, stops)):
        _core.search(self, batch, None, False, "position", found, number)
    if above.nulls is not None:
        stops[above.nulls] = len(self)
    if out is not None:
        shape = starts.shape if is_array else ()
        both = (starts.reshape(shape), stops.reshape(shape))
        return queries.filled_pair(out, both, p, self._state.held)
    return (starts, stops) if is_array else slice(int(starts[0]), int(stops[0]))


prefix.__qualname__ = "LearnedIndex.prefix"  # what Python says of wrong arguments names it
