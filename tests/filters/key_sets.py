"""Keys of every dtype, with the ends of their types, and queries beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import learnedidx as lx
from tests.format.spoil import signed

Array = NDArray[Any]
INTEGERS = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8")
FLOATS = ("f2", "f4", "f8")
TIMES = ("M8[ns]", "M8[D]", "m8[us]")
DTYPES = (*INTEGERS, *FLOATS, *TIMES, "?")


def keys_of(dtype: str, n: int = 500, seed: int = 1) -> Array:
    """Return sorted keys: clusters, equal ones, lonely ones, both ends, NaN or NaT."""
    random = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return np.array([False, False, True])
    if kind.kind == "f":
        limits = np.finfo(kind)
        floats = [-np.inf, limits.min, -limits.tiny, -0.0, 0.0, limits.tiny, limits.max, np.inf]
        numbers = np.concatenate([random.normal(size=n), 1 + random.random(n) / 99, floats])
        return np.sort(np.concatenate([numbers, [np.nan, np.nan]]).astype(kind))
    stored = np.dtype("i8") if kind.kind in "mM" else kind
    limits_of = np.iinfo(stored)
    low = int(limits_of.min) + (1 if kind.kind in "mM" else 0)  # below is NaT
    far = random.integers(low, limits_of.max, n, stored, endpoint=True)
    near = (int(limits_of.max) // 3 + random.integers(0, min(4 * n, limits_of.max // 3), n)).astype(
        stored
    )
    ends = np.array([low, low + 1, limits_of.max - 1, limits_of.max, far[0]], stored)
    keys = np.sort(np.concatenate([far, near, ends]))
    if kind.kind not in "mM":
        return keys
    return np.concatenate([keys.view(kind), np.array(["NaT"], kind)])


def beside(keys: Array) -> Array:
    """Return keys and their neighbours on both sides: the next values of the format."""
    keys = keys[keys == keys]
    if keys.dtype.kind == "b":
        return keys
    if keys.dtype.kind == "f":
        with np.errstate(all="ignore"):
            way = keys.dtype.type(np.inf)
            return np.concatenate([keys, np.nextafter(keys, way), np.nextafter(keys, -way)])
    native = keys.view("i8") if keys.dtype.kind in "mM" else keys
    one = native.dtype.type(1)
    low = np.iinfo(native.dtype).min + (1 if keys.dtype.kind in "mM" else 0)
    up = np.where(native == np.iinfo(native.dtype).max, native, native + one)
    down = np.where(native == low, native, native - one)
    return np.concatenate([native, up, down]).view(keys.dtype)


def crafted(
    filter: Any, random: np.random.Generator, files: int, head: int, most: int
) -> Iterator[Any]:
    """Open files of a filter with other bytes and right checksums; give those not refused."""
    blob, size = filter.save(bytes), len(filter._core.words)
    for _ in range(files):
        bad, start = bytearray(blob), len(blob) - size
        end = head if random.random() < 0.5 else size
        for at in random.integers(0, end, random.integers(1, most)):
            bad[start + at] = random.choice([0, 1, 127, 255, random.integers(256)])
        try:
            opened = lx.open(signed(bytes(bad)))
        except lx.FormatError:
            continue
        yield opened
