"""Sets with a law of one line: the controls."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Keys
from datasets.synthetic.counter import raw
from datasets.synthetic.draws import distinct, in_blocks, normal
from datasets.synthetic.portable_maths import exp

_LOGNORMAL_MEDIAN = 1e12
_LOGNORMAL_SIGMA = 2.0


def uniform(n: int, seed: int) -> Keys:
    """Return sorted 64-bit words: the easy control."""
    keys = in_blocks(n, lambda start, stop: raw(seed, 0, start, stop))
    keys.sort()
    return keys


def lognormal(n: int, seed: int) -> Keys:
    """Return n distinct keys floor(10^12 exp(2 Z)): most keys in a small part of the range."""

    def draw(start: int, stop: int) -> Keys:
        variates = exp(_LOGNORMAL_SIGMA * normal(seed, 0, start, stop))
        return np.floor(_LOGNORMAL_MEDIAN * variates).astype(np.uint64)

    return distinct(n, draw)


def seq(n: int, seed: int) -> Keys:
    """Return 0 to n - 1: one line fits it without error."""
    return np.arange(n, dtype=np.uint64)
