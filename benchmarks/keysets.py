"""Where the keys of a run come from: a named data set, or anyone's own .npy file."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import datasets
from datasets.synthetic import SYNTHETIC

Array = npt.NDArray[Any]

DEFAULT_SIZE = 10_000_000  # of a made key set: larger than the caches of today's machines


@dataclasses.dataclass(frozen=True)
class KeySet:
    """Sorted keys and the name that tables give them."""

    name: str
    keys: Array

    @property
    def label(self) -> str:
        """Name, size and dtype, as in ``uniform · 1,000,000 uint64``."""
        return f"{self.name} · {len(self.keys):,} {self.keys.dtype}"


def from_file(path: str | Path) -> KeySet:
    """Load keys from a .npy file, sort them if they are not sorted, and refuse other shapes."""
    keys = np.load(path, allow_pickle=False)
    if keys.ndim != 1 or len(keys) == 0:
        raise ValueError(f"{path}: expected a 1-D array with at least one key, got {keys.shape}")
    if not bool((keys[1:] >= keys[:-1]).all()):
        keys = np.sort(keys)
    return KeySet(Path(path).stem, keys)


def from_name(name: str, n: int | None = None, seed: int = 1) -> KeySet:
    """Load a named data set; a real one has its own size, and `n` then takes every k-th key."""
    if name in SYNTHETIC:
        return KeySet(name, datasets.load(name, n=n or DEFAULT_SIZE, seed=seed))
    keys = datasets.load(name)
    if n is None or n >= len(keys):
        return KeySet(name, keys)
    chosen = np.linspace(0, len(keys) - 1, n).astype(np.int64)
    return KeySet(f"{name} (thinned)", np.ascontiguousarray(keys[chosen]))
