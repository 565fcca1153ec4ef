"""runs: stretches of consecutive keys with lengths of a power law, and five outliers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datasets.keytypes import Keys
from datasets.synthetic.counter import unit
from datasets.synthetic.draws import BLOCK, strictly_increasing
from datasets.synthetic.portable_maths import exp, exp2, log

_SHORTEST = 16.0
_TAIL = 1.2
_OUTLIERS = 5
# Below this size the outliers would be the set.
_SMALLEST_WITH_OUTLIERS = 64
_BODY_END = 1 << 45


def runs(n: int, seed: int) -> Keys:
    """Return n distinct keys in runs, the five largest far off (64 keys or more)."""
    outliers = _OUTLIERS if n >= _SMALLEST_WITH_OUTLIERS else 0
    body = _body(n - outliers, seed)
    if body.size and int(body[-1]) >= _BODY_END:
        raise ValueError(f"n={n} is more keys than runs can hold below 2^45")
    far = np.floor(exp2(45.0 + 18.0 * unit(seed, 2, 0, outliers))).astype(np.uint64)
    return np.concatenate([body, strictly_increasing(np.sort(far))])


def _body(n: int, seed: int) -> Keys:
    """Return n keys: within a run each is one more, between runs there is a gap."""
    lengths, gaps = _lengths_and_gaps(n, seed)
    starts = np.cumsum(lengths) - lengths
    steps = np.ones(n, dtype=np.uint64)
    steps[starts] = gaps
    return np.cumsum(steps, out=steps)


def _lengths_and_gaps(n: int, seed: int) -> tuple[npt.NDArray[np.int64], Keys]:
    """Draw runs until they hold n keys; the last one may be longer than what is left."""
    lengths = np.empty(0, dtype=np.int64)
    gaps = np.empty(0, dtype=np.uint64)
    while int(lengths.sum()) < n:
        start, stop = lengths.size, lengths.size + BLOCK
        power = exp(log(unit(seed, 0, start, stop)) * (-1.0 / _TAIL))
        longest = float(max(1, n // 4))
        drawn = np.floor(np.minimum(_SHORTEST * power, longest)).astype(np.int64)
        place = unit(seed, 1, start, stop)
        width = np.floor(exp2(1.0 + 23.0 * (place * place * place))).astype(np.uint64)
        lengths, gaps = np.concatenate([lengths, drawn]), np.concatenate([gaps, width])
    used = int(np.searchsorted(np.cumsum(lengths), n)) + 1 if n else 0
    return lengths[:used], gaps[:used]
