"""bounds() of any queries: what LearnedIndex answers, and where a B+-tree predicts."""

from __future__ import annotations

from typing import Any

from learnedidx import _core
from learnedidx._formats import queries
from learnedidx._formats.keys import Array, Keys


def bounds(
    index: _core.IndexBase, keys: Keys, v: Any, right: bool, out: Any = None, threads: Any = 1
) -> Any:
    """Return the lowest and highest possible answer for each of v.

    `keys` may be fewer than those of the index, which may lack them.
    """
    number, family = queries.checked_threads(threads), keys.family
    if not queries.is_array(v, family):
        both = _core.bounds_fixed(index, *family.fixed(v), right)
        return both if out is None else queries.filled_pair(out, both, v, keys.array)
    batch = queries.as_batch(v, family)
    family.missing(batch, True, "v")
    lows, highs = queries.checked_pair(out, batch.shape, batch, keys.array)
    if family.goes_one_by_one(batch):
        for i, item in enumerate(family.items(batch)):
            lows.flat[i], highs.flat[i] = bounds(index, keys, item, right)
        return lows, highs

    def search(part: Array, scale: Any, answers: tuple[Array, ...]) -> None:
        _core.bounds(index, part, scale, right, answers[0], answers[1], number)

    queries.run(batch, (lows, highs), family, search)
    return lows, highs
