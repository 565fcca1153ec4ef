"""Sets without randomness, each a trap for careless arithmetic or for a kind of model."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Keys
from datasets.synthetic.draws import in_blocks
from datasets.synthetic.portable_maths import exp2

_EQUAL_KEY = 42
_LARGEST = (1 << 64) - 1
_EXPGAP_BITS = 62.0
# Just more than twice an error bound of 256: each step of a stair needs its own line.
_STAIR_STEP = 520
_STAIR_RISE = 1 << 20


def equal(n: int, seed: int, key: int = _EQUAL_KEY) -> Keys:
    """Return n copies of one key: a range of zero to divide by."""
    return np.full(n, key, dtype=np.uint64)


def equal_zero(n: int, seed: int) -> Keys:
    """Return n zeros."""
    return equal(n, seed, key=0)


def equal_max(n: int, seed: int) -> Keys:
    """Return n copies of 2^64 - 1."""
    return equal(n, seed, key=_LARGEST)


def two(n: int, seed: int) -> Keys:
    """Return two runs of consecutive keys, from 0 and from 2^63."""
    return _two_runs(n, 0, 1 << 63)


def lastbit(n: int, seed: int) -> Keys:
    """Return 2^53 + i, then 2^63 + i: keys that are not apart as doubles."""
    return _two_runs(n, 1 << 53, (1 << 63) + n // 2)


def lastbit_top(n: int, seed: int) -> Keys:
    """Return the n largest keys, 2^64 - n + i: an upper bound wraps around."""
    return np.arange(n, dtype=np.uint64) + np.uint64((1 << 64) - max(n, 1))


def _two_runs(n: int, first: int, second: int) -> Keys:
    """Return n // 2 consecutive keys from one place and the rest from another."""
    keys = np.arange(n, dtype=np.uint64)
    half = n // 2
    keys[:half] += np.uint64(first)
    keys[half:] += np.uint64(second - half)
    return keys


def stair(n: int, seed: int, step: int = _STAIR_STEP) -> Keys:
    """Return steps of consecutive keys, 2^20 apart."""
    _check_step(step)
    at = np.arange(n, dtype=np.uint64)
    return at // np.uint64(step) * np.uint64(_STAIR_RISE) + at % np.uint64(step)


def stair_equal(n: int, seed: int, step: int = _STAIR_STEP) -> Keys:
    """Return steps of equal keys, 2^20 apart."""
    _check_step(step)
    return np.arange(n, dtype=np.uint64) // np.uint64(step) * np.uint64(_STAIR_RISE)


def _check_step(step: int) -> None:
    """Refuse a step that is empty or would overlap the next one."""
    if not 1 <= step <= _STAIR_RISE:
        raise ValueError(f"step={step} is not in 1 to {_STAIR_RISE}")


def expgap(n: int, seed: int) -> Keys:
    """Return keys whose gaps grow from 1 to the widest by one factor, up to about 2^62."""

    def gaps(start: int, stop: int) -> Keys:
        at = np.arange(start, stop, dtype=np.float64)
        # r^i (r - 1) as r^i expm1(ln r): the difference of two powers would cancel.
        growth = exp2(at * (_EXPGAP_BITS / n)) * _ratio_less_one(n)
        return np.floor(np.maximum(growth, 1.0)).astype(np.uint64)

    keys = in_blocks(n, gaps)
    return np.cumsum(keys, out=keys)


def _ratio_less_one(n: int) -> float:
    """Return 2^(62 / n) - 1 with all its digits, by squaring 1 + y from a small exponent.

    (1 + y)^2 - 1 is y (2 + y): no cancellation on the way up.
    """
    log_ratio = _EXPGAP_BITS / n * float.fromhex("0x1.62e42fefa39efp-1")
    halvings = 0
    while log_ratio > 2.0**-10:
        log_ratio /= 2.0
        halvings += 1
    less_one = log_ratio * (
        1.0 + log_ratio / 2.0 * (1.0 + log_ratio / 3.0 * (1.0 + log_ratio / 4.0))
    )
    for _ in range(halvings):
        less_one *= 2.0 + less_one
    return less_one
