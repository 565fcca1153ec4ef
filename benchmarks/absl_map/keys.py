"""The key sets of the comparison: what is loaded, and what is inserted in which order."""

from collections.abc import Callable
from typing import Any

import numpy as np

import datasets

Pair = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
GAPS = 64
random = np.random.default_rng


def held_out(keys: np.ndarray[Any, Any], n: int) -> Pair:
    """Load n of the distinct keys and insert half as many others, at most a million, shuffled."""
    distinct = np.unique(keys)
    n = min(n, len(distinct) * 9 // 10)
    extra = min(n // 2, 10**6, len(distinct) - n)
    chosen = random(7).permutation(len(distinct))[: n + extra]
    return np.sort(distinct[chosen[:n]]), distinct[chosen[n:]]


def sequential(n: int) -> Pair:
    """Keys in ascending order, as time stamps come."""
    keys = np.arange(n + min(n // 2, 10**6), dtype=np.uint64) * np.uint64(16)
    return keys[:n], keys[n:]


def hot_gap(n: int, *, in_turn: bool = False) -> Pair:
    """64 gaps, filled from their top down, one after the other or each getting a key in turn."""
    step = np.uint64(2**20)
    loaded = np.arange(n, dtype=np.uint64) * step
    each = min(n // 2, 10**6) // GAPS
    starts = loaded[np.linspace(0, n - 2, GAPS).astype(np.int64)]
    down = np.arange(each, 0, -1, dtype=np.uint64)
    inserted = starts[:, None] + down[None, :]
    return loaded, (inserted.T if in_turn else inserted).ravel()


def dense_plus_outliers(n: int) -> Pair:
    """Runs of up to 4096 consecutive keys, exponentially far apart, and outliers near 2^64."""
    rng = random(3)
    lengths = rng.integers(1, 4097, n * 2 // 2048 + 64)
    starts = np.exp2(rng.uniform(20, 63, len(lengths))).astype(np.uint64)
    runs = [at + np.arange(n, dtype=np.uint64) for at, n in zip(starts, lengths, strict=True)]
    far = np.uint64(2**64 - 2) - rng.integers(0, 10**6, 1000).astype(np.uint64)
    return held_out(np.concatenate([*runs, far]), n)


SETS: dict[str, Callable[[int], Pair]] = {
    "uniform": lambda n: held_out(random(1).integers(0, 2**62, n * 2, dtype=np.uint64), n),
    "lognormal": lambda n: held_out((random(2).lognormal(0, 2, n * 2) * 1e12).astype("u8"), n),
    "sequential": sequential,
    "hot-gap": hot_gap,
    "hot-gaps-in-turn": lambda n: hot_gap(n, in_turn=True),
    "dense-plus-outliers": dense_plus_outliers,
    "gshhg_coast": lambda n: held_out(datasets.load("gshhg_coast"), n),
}
