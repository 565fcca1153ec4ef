"""The key sets of the comparison: what is loaded, and what is inserted in which order."""

from collections.abc import Callable
from typing import Any

import numpy as np

import datasets

Pair = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
GAPS = 64


def held_out(keys: np.ndarray[Any, Any], n: int) -> Pair:
    """Load n of the distinct keys and insert half as many others, at most a million, shuffled."""
    rng = np.random.default_rng(7)
    distinct = np.unique(keys)
    n = min(n, len(distinct) * 9 // 10)
    extra = min(n // 2, 10**6, len(distinct) - n)
    chosen = rng.permutation(len(distinct))[: n + extra]
    return np.sort(distinct[chosen[:n]]), distinct[chosen[n:]]


def uniform(n: int) -> Pair:
    """Integers of 62 bits."""
    return held_out(np.random.default_rng(1).integers(0, 2**62, n * 2, dtype=np.uint64), n)


def lognormal(n: int) -> Pair:
    """A heavy tail: exp(2 z), in units of 10^-12."""
    drawn = np.random.default_rng(2).lognormal(0.0, 2.0, n * 2) * 1e12
    return held_out(drawn.astype(np.uint64), n)


def sequential(n: int) -> Pair:
    """Keys in ascending order, as time stamps come."""
    keys = np.arange(n + min(n // 2, 10**6), dtype=np.uint64) * np.uint64(16)
    return keys[:n], keys[n:]


def hot_gap(n: int) -> Pair:
    """64 gaps, one after the other, each filled from its top down: every key goes to its front."""
    step = np.uint64(2**20)
    loaded = np.arange(n, dtype=np.uint64) * step
    each = min(n // 2, 10**6) // GAPS
    starts = loaded[np.linspace(0, n - 2, GAPS).astype(np.int64)]
    down = np.arange(each, 0, -1, dtype=np.uint64)
    return loaded, (starts[:, None] + down[None, :]).ravel()


def hot_gaps_in_turn(n: int) -> Pair:
    """The same gaps, each getting a key in turn."""
    loaded, inserted = hot_gap(n)
    return loaded, inserted.reshape(GAPS, -1).T.ravel().copy()


def dense_plus_outliers(n: int) -> Pair:
    """Runs of up to 4096 consecutive keys, exponentially far apart, and outliers near 2^64."""
    rng = np.random.default_rng(3)
    lengths = rng.integers(1, 4097, n * 2 // 2048 + 64)
    starts = np.exp2(rng.uniform(20, 63, len(lengths))).astype(np.uint64)
    runs = [
        start + np.arange(length, dtype=np.uint64)
        for start, length in zip(starts, lengths, strict=True)
    ]
    far = np.uint64(2**64 - 2) - rng.integers(0, 10**6, 1000).astype(np.uint64)
    return held_out(np.concatenate([*runs, far]), n)


def gshhg_coast(n: int) -> Pair:
    """Morton keys of coast points: clusters in clusters."""
    return held_out(datasets.load("gshhg_coast"), n)


SETS: dict[str, Callable[[int], Pair]] = {
    "uniform": uniform,
    "lognormal": lognormal,
    "sequential": sequential,
    "hot-gap": hot_gap,
    "hot-gaps-in-turn": hot_gaps_in_turn,
    "dense-plus-outliers": dense_plus_outliers,
    "gshhg_coast": gshhg_coast,
}
