"""books and fb: shapes of two sets of SOSD (Kipf et al., MLForSystems 2019), from descriptions.

They were not calibrated on SOSD's files. Their knob ``sigma`` sets how noisy they are.
"""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Floats, Keys
from datasets.synthetic.counter import unit
from datasets.synthetic.draws import distinct, in_blocks, normal, strictly_increasing
from datasets.synthetic.portable_maths import exp, exp2

_SIGMA = 1.6

_BOOKS_MEDIAN = 2.0**40
_BOOKS_LARGEST = 2.0**62
_BOOKS_COMMON_SHARE = 0.8

_FB_OUTLIERS = 21
_FB_SMALLEST = 64
_FB_BLOCKS = 256
_FB_BLOCK_SIGMA = 1.2
_FB_LOG_GAP = 5.0
_FB_BODY_END = 1 << 44


def books(n: int, seed: int, sigma: float = _SIGMA) -> Keys:
    """Return n distinct keys of a mixture of two log-normal laws, as of sales of books."""

    def draw(start: int, stop: int) -> Keys:
        common = unit(seed, 1, start, stop) < _BOOKS_COMMON_SHARE
        variates = normal(seed, 0, start, stop)
        exponent = np.where(common, sigma * variates, (sigma + 1.0) * variates + 1.5)
        return np.floor(np.clip(_BOOKS_MEDIAN * exp(exponent), 1.0, _BOOKS_LARGEST)).astype(
            np.uint64
        )

    return distinct(n, draw)


def fb(n: int, seed: int, sigma: float = _SIGMA) -> Keys:
    """Return n distinct ids: noisy gaps below 2^44, then 21 giant outliers."""
    if n < _FB_SMALLEST:
        raise ValueError(f"n={n}: fb needs at least {_FB_SMALLEST} keys")
    log_gap = _FB_LOG_GAP
    body = _fb_body(n - _FB_OUTLIERS, seed, sigma, log_gap)
    while int(body[-1]) >= _FB_BODY_END:
        log_gap -= 1.0
        body = _fb_body(n - _FB_OUTLIERS, seed, sigma, log_gap)
    outliers = np.floor(exp2(44.0 + 19.0 * unit(seed, 2, 0, _FB_OUTLIERS))).astype(np.uint64)
    return np.concatenate([body, strictly_increasing(np.sort(outliers))])


def _fb_body(n: int, seed: int, sigma: float, log_gap: float) -> Keys:
    """Return prefix sums of gaps whose median differs from block to block."""
    block_shift: Floats = _FB_BLOCK_SIGMA * normal(seed, 1, 0, _FB_BLOCKS)

    def gaps(start: int, stop: int) -> Keys:
        block = np.arange(start, stop, dtype=np.int64) * _FB_BLOCKS // n
        exponent = log_gap + block_shift[block] + sigma * normal(seed, 0, start, stop)
        return 1 + np.floor(exp(exponent)).astype(np.uint64)

    keys = in_blocks(n, gaps)
    return np.cumsum(keys, out=keys)
