"""bounds() of any queries: what LearnedIndex answers, and where a B+-tree predicts."""

from __future__ import annotations

from typing import Any

from learnedidx import _core
from learnedidx._formats import queries, scalars
from learnedidx._formats.queries import Array


def bounds(
    index: _core.IndexBase, keys: Array, v: Any, right: bool, out: Any = None, threads: Any = 1
) -> Any:
    """Return the lowest and highest possible answer for each of v; `keys` have the dtype at least.

    They are not asked of the index, which may lack them.
    """
    number, dtype = queries.checked_threads(threads), keys.dtype
    if not queries.is_array(v):
        both = _core.bounds_fixed(index, *scalars.fixed(v, dtype), right)
        return both if out is None else queries.filled_pair(out, both, v, keys)
    batch = queries.as_batch(v, dtype)
    lows, highs = queries.checked_pair(out, batch.shape, batch, keys)
    if batch.dtype.kind == "O" or queries.needs_exact(batch, dtype):
        for i, item in enumerate(batch.flat):
            lows.flat[i], highs.flat[i] = bounds(index, keys, item, right)
        return lows, highs

    def search(part: Array, scale: Any, answers: tuple[Array, ...]) -> None:
        _core.bounds(index, part, scale, right, answers[0], answers[1], number)

    queries.run(batch, (lows, highs), dtype, search)
    return lows, highs
