"""Files for the C library, with queries and the answers of NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import learnedidx as lx

KINDS = {"u4": 2, "u8": 3, "i4": 6, "i8": 7, "f4": 8, "f8": 9}  # as learnedidx.h numbers them
MODELS: dict[str, Any] = {
    "none": "none",
    "btree16": lx.BTree(),
    "btree8": lx.BTree(node=8),
    "pgm": lx.PGM(epsilon=8),
    "pgm_wide": lx.PGM(epsilon=64),
    "spline": lx.RadixSpline(epsilon=16),
    "spline_bits": lx.RadixSpline(epsilon=4, radix_bits=6),
    "rmi": "rmi",
    "rmi_linear": lx.RMI(root="linear", leaf="linear", n_leaves=50),
    "rmi_stages": lx.RMI(n_leaves=(8, 64)),
}


def keys_of(kind: str, n: int, seed: int = 0) -> NDArray[Any]:
    """Return n sorted keys: dense and sparse parts, duplicates, ends of the dtype, NaN last."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        keys = rng.standard_cauchy(n).astype(dtype)
        keys[: n // 8] = np.round(keys[: n // 8])
        keys[-(n // 20) :] = np.nan
        keys[: n // 50] = -np.inf
        return np.sort(keys)
    info = np.iinfo(dtype)
    keys = np.concatenate(
        [
            rng.integers(info.min, info.max, n // 2, dtype, endpoint=True),
            rng.integers(0, 3 * n, n - n // 2).astype(dtype),
        ]
    )
    keys[: n // 40] = info.max
    return np.sort(keys)


def queries_of(keys: NDArray[Any], count: int, seed: int = 1) -> NDArray[Any]:
    """Return queries on, beside and far from the keys, the ends of the dtype, and NaN."""
    rng = np.random.default_rng(seed)
    if keys.dtype.kind == "f":
        ends = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], keys.dtype)
        beside = np.nextafter(keys, keys.dtype.type(0))
    else:
        info = np.iinfo(keys.dtype)
        ends = np.array([info.min, info.max, 0, 1], keys.dtype)
        beside = keys ^ keys.dtype.type(1)
    chosen = rng.choice(np.concatenate([keys, beside, ends]), count)
    chosen[: count // 3] = np.sort(chosen[: count // 3])  # some ascend, and are merged
    return np.concatenate([ends, chosen])


def answers_of(keys: NDArray[Any], queries: NDArray[Any]) -> NDArray[np.int64]:
    """Return lower bounds, then upper bounds."""
    sides = [np.searchsorted(keys, queries, side) for side in ("left", "right")]
    return np.concatenate(sides).astype(np.int64)


def cases(sizes: tuple[int, ...]) -> Iterator[tuple[str, str, NDArray[Any], lx.LearnedIndex]]:
    """Yield name, kind, keys and index for every kind, model and size."""
    for kind in KINDS:
        for n in sizes:
            keys = keys_of(kind, n) if n > 1 else np.arange(n).astype(kind)
            for name, model in MODELS.items():
                yield f"{kind}-{name}-{n}", kind, keys, lx.LearnedIndex(keys, model)
