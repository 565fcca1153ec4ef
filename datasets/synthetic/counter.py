"""Counter-based random numbers: the i-th draw of a stream depends on (seed, stream, i) alone.

The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014). A counter needs no state, so a set can be drawn in
blocks of any size, from any place, and another language gets the same bits.
"""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Floats, Keys

_GOLDEN = 0x9E3779B97F4A7C15
_STREAM_STEP = 0xD1B54A32D192ED03
_DRAW_STEP = 0x2545F4914F6CDD1D
_MASK = (1 << 64) - 1


def mix(x: Keys) -> Keys:
    """Return h(x): a bijection of 64-bit words that scatters neighbouring inputs."""
    z = x + np.uint64(_GOLDEN)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def mix_nodes(node: Keys, offset: int) -> Keys:
    """Return h(node * golden + offset): a random word attached to each node of a tree."""
    return mix(node * np.uint64(_GOLDEN) + np.uint64(offset & _MASK))


def base(seed: int, stream: int) -> int:
    """Return the word at which a stream of a seed starts."""
    word = (seed * _GOLDEN + stream * _STREAM_STEP) & _MASK
    return int(mix(np.array([word], dtype=np.uint64))[0])


def raw(seed: int, stream: int, start: int, stop: int) -> Keys:
    """Return the draws number start to stop - 1 of a stream, as 64-bit words."""
    counter = np.arange(start, stop, dtype=np.uint64)
    counter *= np.uint64(_DRAW_STEP)
    counter += np.uint64(base(seed, stream))
    return mix(counter)


def unit(seed: int, stream: int, start: int, stop: int) -> Floats:
    """Return draws as doubles between 0 and 1 with 53 random bits."""
    top = (raw(seed, stream, start, stop) >> np.uint64(11)).astype(np.float64)
    top += 0.5
    top *= 2.0**-53
    return top
