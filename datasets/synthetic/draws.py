"""Drawing in blocks, normal variates, and sets of exactly n distinct keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datasets.keytypes import Floats, Keys
from datasets.synthetic.counter import mix, unit
from datasets.synthetic.portable_maths import cos_turns, log

# A block of draws and its temporaries stay in the second-level cache.
BLOCK = 1 << 15
# The second uniform of a normal variate comes from the stream this far away.
_NORMAL_PARTNER = 1000
# Thinning keeps the keys whose hash is smallest; the salt parts it from the draws.
_THINNING_SALT = 77
# A law that gives no n distinct keys among 64 n draws is asked for too many.
_DRAWS_PER_KEY = 64

Draw = Callable[[int, int], Keys]


def normal(seed: int, stream: int, start: int, stop: int) -> Floats:
    """Return standard normal draws (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * log(unit(seed, stream, start, stop)))
    variates: Floats = radius * cos_turns(unit(seed, stream + _NORMAL_PARTNER, start, stop))
    return variates


def in_blocks(n: int, draw: Draw) -> Keys:
    """Return draws 0 to n - 1, made a block at a time so that temporaries stay small."""
    keys = np.empty(n, dtype=np.uint64)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        keys[start:stop] = draw(start, stop)
    return keys


def distinct(n: int, draw: Draw) -> Keys:
    """Return exactly n different keys of a law, sorted.

    Draws m = 1.05 n + 64 keys, half as many more while too few of them differ, and keeps the n
    whose hash is smallest: a choice that does not depend on the key's size, so the law's shape
    stays.
    """
    draws = n + n // 20 + 64
    keys = _sorted_without_repeats(in_blocks(draws, draw))
    while keys.size < n:
        draws += draws // 2
        if draws > _DRAWS_PER_KEY * n + 64:
            raise ValueError(f"n={n} is more distinct keys than this set can give")
        keys = _sorted_without_repeats(in_blocks(draws, draw))
    return thinned(keys, n)


def thinned(keys: Keys, n: int) -> Keys:
    """Return the n of the distinct keys whose salted hash is smallest, in their order."""
    if n == keys.size:
        return keys
    if n == 0:
        return keys[:0]
    salt = np.uint64(_THINNING_SALT)
    hashes = in_blocks(keys.size, lambda start, stop: mix(keys[start:stop] ^ salt))
    kept: Keys = keys[hashes <= np.partition(hashes, n - 1)[n - 1]]
    return kept


def _sorted_without_repeats(keys: Keys) -> Keys:
    """Sort in place and return the keys without repeats."""
    keys.sort()
    first = np.ones(keys.size, dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys if bool(first.all()) else keys[first]


def strictly_increasing(keys: Keys) -> Keys:
    """Return sorted keys with repeats pushed up by one each; distinct keys come back unchanged."""
    steps = np.arange(keys.size, dtype=np.uint64)
    raised: Keys = np.maximum.accumulate(keys - steps) + steps
    return raised
