"""floats: doubles of every size and both signs, with the special values but NaN."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Floats, Keys
from datasets.synthetic.counter import raw, unit
from datasets.synthetic.draws import in_blocks
from datasets.synthetic.portable_maths import exp2

_SIGN = np.uint64(1 << 63)
_SMALLEST = 5e-324
_LARGEST = 1.7976931348623157e308
# In this order where they are equal: a stable sort keeps +0.0 before -0.0, which is as sorted.
_SPECIAL = (0.0, -0.0, _SMALLEST, -_SMALLEST, _LARGEST, -_LARGEST, np.inf, -np.inf, 1.0, 1.0)
# Smaller sets are drawn values alone.
_SMALLEST_WITH_SPECIAL = 40


def floats(n: int, seed: int) -> Floats:
    """Return n sorted doubles: a quarter subnormal, the rest of sizes 2^-1000 to 2^1000.

    From 40 keys on they hold both zeros, the smallest subnormals, the largest finite values, both
    infinities and a repeat. Largest minus smallest is infinite.
    """
    special = _SPECIAL if n >= _SMALLEST_WITH_SPECIAL else ()
    subnormal = n // 4
    drawn = n - len(special)

    def bits(start: int, stop: int) -> Keys:
        small = raw(seed, 0, start, stop) >> np.uint64(12)
        wide = exp2(-1000.0 + 2000.0 * unit(seed, 0, start, stop)).view(np.uint64)
        pattern: Keys = np.where(np.arange(start, stop) < subnormal, small, wide)
        return pattern | (raw(seed, 1, start, stop) & _SIGN)

    keys = np.concatenate([in_blocks(drawn, bits).view(np.float64), np.array(special)])
    keys.sort(kind="stable")
    return keys
