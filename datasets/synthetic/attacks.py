"""Key sets made against learned indexes, beside those of poison.py: outliers, stairs, tails."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Keys
from datasets.synthetic.counter import raw
from datasets.synthetic.draws import distinct
from datasets.synthetic.traps import stair

_BODY_BITS = 44
_FAR_AT_EACH_END = 8
_FAR_STEP = 6  # bits from one far key to the next
# Below this size the far keys would be the set.
_SMALLEST_WITH_FAR_KEYS = 64
# Just more than twice the default error bound of a PGM-index: each step needs its own line.
_FINE_STEP = 130
TAILS = 24
_FIRST_TAIL_BIT = 40
_SPACING = 16


def outliers(n: int, seed: int) -> Keys:
    """Return uniform keys around 2^63, and eight giant steps away from them at each end."""
    far = _FAR_AT_EACH_END if n >= _SMALLEST_WITH_FAR_KEYS else 0
    shift = np.uint64(64 - _BODY_BITS)
    body = distinct(n - 2 * far, lambda start, stop: raw(seed, 0, start, stop) >> shift)
    body += np.uint64(1 << 63)
    steps = np.uint64(1) << (np.arange(far, dtype=np.uint64) * np.uint64(_FAR_STEP))
    return np.concatenate([steps, body, np.uint64((1 << 64) - 1) - steps[::-1]])


def stair_fine(n: int, seed: int) -> Keys:
    """Return steps of consecutive keys, each a little longer than twice an error bound of 64."""
    return stair(n, seed, step=_FINE_STEP)


def tails(n: int, seed: int) -> Keys:
    """Return evenly spaced keys, then 24 dense runs, each twice as far off as the one before.

    Appended run by run, each tail doubles the domain of a model that has grown to the last one.
    """
    at = np.arange(n, dtype=np.uint64)
    half = n - n // 2
    keys = at * np.uint64(_SPACING)
    run = np.minimum(tail_of(n)[half:], TAILS - 1).astype(np.uint64)
    keys[half:] = (np.uint64(1) << (run + np.uint64(_FIRST_TAIL_BIT))) + at[half:]
    return keys


def tail_of(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return for each key of ``tails`` the tail that it belongs to, -1 for the first half."""
    at = np.arange(n, dtype=np.int64)
    half = n - n // 2
    return np.where(at < half, -1, (at - half) * TAILS // max(n // 2, 1))
