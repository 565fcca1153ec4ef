"""The key sets of the limits: those of `datasets`, and two kinds of outliers."""

from collections.abc import Callable

import numpy as np

import datasets
from benchmarks import keysets
from benchmarks.contenders import Array
from benchmarks.keysets import KeySet

NARROW = np.uint64(24)  # bits by which a uniform draw is narrowed beside its outliers
FAR = 100  # one key in so many is an outlier


def load(name: str, n: int | None, seed: int = 1) -> KeySet:
    """Make or read a key set; a real one has its own size where n is None, else it is thinned."""
    if name in OUTLIERS and n is not None:
        return KeySet(name, OUTLIERS[name](n, seed))
    return keysets.from_name(name, n, seed)


def one_outlier(n: int, seed: int) -> Array:
    """Draw uniform 40-bit keys and put the last one at the end of the format."""
    keys: Array = datasets.load("uniform", n=n, seed=seed) >> NARROW
    keys[-1:] = np.iinfo(np.uint64).max
    return keys


def many_outliers(n: int, seed: int) -> Array:
    """Draw uniform 40-bit keys and spread every hundredth over all magnitudes up to 2^64."""
    keys: Array = datasets.load("uniform", n=n, seed=seed) >> NARROW
    random = np.random.default_rng(seed)
    exponents = random.uniform(40.0, 64.0, n // FAR)
    keys[: n // FAR] = np.minimum(np.exp2(exponents), np.nextafter(2.0**64, 0)).astype(np.uint64)
    keys.sort()
    return keys


OUTLIERS: dict[str, Callable[[int, int], Array]] = {
    "one_outlier": one_outlier,
    "many_outliers": many_outliers,
}
