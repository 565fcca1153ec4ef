"""Morton order: one key of two coordinates, near keys for near places."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Keys

# Each step moves the upper half of every group of bits up by half the group's new room.
_SPREAD_STEPS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def interleave(x: Keys, y: Keys) -> Keys:
    """Return keys with the bits of x in the even places and those of y in the odd ones.

    Both must be below 2^32.
    """
    return _spread(x) | (_spread(y) << np.uint64(1))


def _spread(x: Keys) -> Keys:
    """Move bit i of each 32-bit number to bit 2 i."""
    for shift, mask in _SPREAD_STEPS:
        x = (x | (x << np.uint64(shift))) & np.uint64(mask)
    return x
