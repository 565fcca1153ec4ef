"""Key sets that made learned indexes slow or wrong, for tests of models that promise an epsilon."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.contract.key_sets import Array, neighbours


def around(keys: Array) -> Array:
    """Return all keys and the values on both sides of each: both ends of every gap."""
    return np.concatenate([keys, neighbours(keys)]) if len(keys) else keys


def hard_sets(n: int) -> dict[str, Array]:
    """Return n keys each: equal ones, stairs, clusters, outliers, gaps and runs."""
    random = np.random.default_rng(6)
    clusters = np.concatenate([np.arange(n // 2), np.arange(n - n // 2) + 2**60])
    outlier = np.arange(n) * 7
    outlier[-1] = 2**62
    stairs = np.arange(n) // 1000 * 10**9 + np.arange(n) % 1000
    runs = np.repeat(random.integers(0, 2**62, n // 500 + 1), 500)[:n]
    return {
        "all equal": np.full(n, 7),
        "staircase": stairs,
        "two clusters": clusters,
        "one far outlier": outlier,
        "exponential gaps": np.sort((2.0 ** random.uniform(0, 62, n)).astype(np.int64)),
        "long runs": np.sort(runs),
        "alternating runs": np.sort(np.concatenate([np.arange(n // 2) * 3, runs[: n - n // 2]])),
    }


def shortest(work: Callable[[], Any]) -> float:
    """Return the least of three times that the work took."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
