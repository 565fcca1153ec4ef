"""osm: cell ids with the fractal clustering of places on a map."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Keys
from datasets.synthetic.counter import mix_nodes, unit
from datasets.synthetic.draws import distinct

_LEVELS = 30
# A node is "strong" (its children very uneven) with this percentage, by the level it is on.
_STRONG_PERCENT = [55] * 12 + [25] * 8 + [8] * 10
# Cumulative weights of the four children, before they are rotated.
_STRONG_STEPS = (0.70, 0.95, 1.0)
_WEAK_STEPS = (0.46, 0.74, 0.91)


def osm(n: int, seed: int) -> Keys:
    """Return n distinct cell ids of a multiplicative cascade over a quadtree of 30 levels."""
    return distinct(n, lambda start, stop: _cells(seed, start, stop))


def _cells(seed: int, start: int, stop: int) -> Keys:
    """Walk from the root to one leaf cell per draw; the id ends in a marker of its level."""
    prefix = np.zeros(stop - start, dtype=np.uint64)
    for level in range(_LEVELS):
        child = _child(prefix, seed, level, start, stop)
        prefix <<= np.uint64(2)
        prefix |= child
    return (prefix << np.uint64(4)) | np.uint64(8)


def _child(prefix: Keys, seed: int, level: int, start: int, stop: int) -> Keys:
    """Return which of its four children each draw goes down to."""
    node = mix_nodes(prefix, 131 * seed + level)
    strong = (node >> np.uint64(8)) % np.uint64(100) < np.uint64(_STRONG_PERCENT[level])
    place = unit(seed, 10 + level, start, stop)
    child = node & np.uint64(3)
    for strong_step, weak_step in zip(_STRONG_STEPS, _WEAK_STEPS, strict=True):
        child += place >= np.where(strong, strong_step, weak_step)
    child &= np.uint64(3)
    return child
