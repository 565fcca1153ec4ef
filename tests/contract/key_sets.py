"""Key sets of every dtype, and the queries that hurt: extremes, clusters, neighbours, NaN, NaT."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
FLOATS = ("float16", "float32", "float64")
NUMBERS = (*INTEGERS, *FLOATS, "bool")
NARROW_NUMBERS = ("uint8", "uint16", "int8", "int16", "bool")
UNITS = ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")
MULTIPLES = ("25s", "10ms", "3M", "2Y")
TIMES = tuple(f"{kind}[{unit}]" for kind in ("M8", "m8") for unit in (*UNITS, *MULTIPLES))
DTYPES = (*NUMBERS, *TIMES)
FEW_TIMES = ("M8[Y]", "M8[M]", "M8[D]", "M8[25s]", "M8[ns]", "M8[as]", "m8[3M]", "m8[s]", "m8[us]")

MANY = 3_000
"""Keys of the big sets: enough for several levels of a tree and many leaves of a model."""


def integers(dtype: np.dtype[Any]) -> dict[str, Array]:
    """Return sorted sets of an integer dtype: tiny, extreme, dense, clustered and repeated."""
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    random = np.random.default_rng(dtype.num)
    uniform = random.integers(low, high, MANY, dtype, endpoint=True)
    edges = [low, low, low + 1, low + 2, high - 2, high - 1, high, high]
    powers = [sign * 2**k + step for k in range(65) for sign in (-1, 1) for step in (-1, 0, 1)]
    stairs = [(1 << k) + step for k in range(0, 64, 5) for step in range(40)]
    return {
        "empty": as_keys([], dtype),
        "one": as_keys([7], dtype),
        "two": as_keys([low, high], dtype),
        "equal": as_keys([3] * 1_000, dtype),
        "lowest only": as_keys([low] * 70, dtype),
        "highest only": as_keys([high] * 70, dtype),
        "extremes": as_keys(edges, dtype),
        "uniform": np.sort(uniform),
        "repeated": np.sort(random.choice(uniform[:40], MANY)),
        "skewed": np.sort((uniform // dtype.type(1 + high // 99)) ** 3),
        "powers of two": as_keys(powers, dtype),
        "stairs": as_keys(stairs, dtype),
        "one far key": as_keys([*range(100), high], dtype),
        "crowded ends": as_keys([*range(low, low + 50), *range(high - 50, high + 1)], dtype),
        **{
            f"near 2^{power}": as_keys(range(2**power - 700, 2**power + 700), dtype)
            for power in (53, 63, 64)
            if dtype.itemsize == 8
        },
    }


def floats(dtype: np.dtype[Any]) -> dict[str, Array]:
    """Return sorted sets of a float dtype: subnormals, both zeros, infinities, NaN tails."""
    info = np.finfo(dtype)
    random = np.random.default_rng(dtype.num)
    smooth = random.normal(0, 1, MANY)
    wide = random.choice([-1.0, 1.0], MANY) * 2.0 ** random.uniform(info.minexp, info.maxexp, MANY)
    signs = as_keys([-1, 1, 1] * 27, dtype)
    tiny, huge = float(info.smallest_subnormal), float(info.max)
    edges = [-np.inf, -np.inf, -huge, -1, -tiny, -0.0, 0.0, -0.0, tiny, 1, huge, np.inf, np.nan]
    return {
        "empty": as_keys([], dtype),
        "one": as_keys([0.5], dtype),
        "one NaN": as_keys([np.nan], dtype),
        "two": as_keys([-np.inf, np.inf], dtype),
        "equal": as_keys([1.5] * 1_000, dtype),
        "only infinity": as_keys([np.inf] * 70, dtype),
        "only NaN": as_keys([np.nan] * 70, dtype),
        "zeros of both signs": as_keys([-0.0, 0.0] * 50, dtype),
        "specials": as_keys([*edges, np.nan, np.nan], dtype),
        "smooth": as_keys(smooth, dtype),
        "wide": as_keys(wide, dtype),
        "repeated": as_keys(random.choice(smooth[:40], MANY), dtype),
        "subnormals": as_keys(np.arange(-600, 600) * tiny, dtype),
        "neighbours of one": ladder(dtype.type(1), 900),
        "near the largest": ladder(dtype.type(huge), 300),
        "NaN of both signs": np.copysign(as_keys([np.nan] * 81, dtype), signs),
        "long NaN tail": as_keys([*smooth[:900], *[np.nan] * 400], dtype),
        "infinite ends": as_keys([*[-np.inf] * 90, *smooth[:300], *[np.inf] * 90, np.nan], dtype),
    }


def times(dtype: np.dtype[Any]) -> dict[str, Array]:
    """Return the sets of int64 as instants or lengths: its smallest number is NaT, sorted last."""
    day = 86_400 * 10**9
    counts = {
        **integers(np.dtype(np.int64)),
        "only NaT": as_keys([np.iinfo(np.int64).min] * 70, np.dtype(np.int64)),
        "regular": np.arange(0, 2_000, dtype=np.int64) * 60 + 1_700_000_000,
        "days with gaps": np.repeat(np.arange(500) * 3, 4) * day,
    }
    return {name: np.sort(keys.view(dtype)) for name, keys in counts.items()}


def bools() -> dict[str, Array]:
    """Return every kind of sorted truth values."""
    lengths = {"empty": (0, 0), "one": (0, 1), "two": (1, 1), "false": (50, 0), "true": (0, 50)}
    many = {**lengths, "half": (600, 600), "mostly true": (3, 2_000)}
    return {name: np.repeat([False, True], counts) for name, counts in many.items()}


@cache
def key_sets(name: str) -> dict[str, Array]:
    """Return the named sorted key sets of a dtype."""
    dtype = np.dtype(name)
    if dtype.kind == "b":
        return bools()
    return {"i": integers, "u": integers, "f": floats, "M": times, "m": times}[dtype.kind](dtype)


def as_keys(values: Iterable[Any], dtype: np.dtype[Any]) -> Array:
    """Return those values that the dtype holds, sorted; floats too large for it become infinite."""
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        values = [int(value) for value in values if info.min <= value <= info.max]
    with np.errstate(over="ignore", under="ignore"):
        return np.sort(np.array(list(values), dtype))


def ladder(start: Any, steps: int) -> Array:
    """Return the floats just below and above a number, none left out."""
    bits = start.view(f"i{start.itemsize}")
    ladder_bits = np.arange(bits - steps, bits + steps, dtype=bits.dtype)
    return np.sort(ladder_bits.view(start.dtype))


def neighbours(keys: Array) -> Array:
    """Return for each key the next smaller and the next larger value of its dtype."""
    if keys.dtype.kind == "f":
        with np.errstate(all="ignore"):
            below, above = (np.nextafter(keys, keys.dtype.type(end)) for end in (-np.inf, np.inf))
        return np.concatenate([below, above])
    if keys.dtype.kind == "b":
        return ~keys
    counts = keys.view(np.int64) if keys.dtype.kind in "mM" else keys
    return np.concatenate([counts - counts.dtype.type(1), counts + counts.dtype.type(1)]).view(
        keys.dtype
    )


def specials(dtype: np.dtype[Any]) -> Array:
    """Return the values of a dtype that implementations forget."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind == "f":
        values = key_sets(dtype.name)["specials"]
        return np.concatenate([values, neighbours(values)])
    counts = dtype if dtype.kind in "iu" else np.dtype(np.int64)
    info = np.iinfo(counts)
    ends = [info.min, info.min + 1, info.max - 1, info.max, 0, 1]
    return np.array(ends, counts).view(dtype)


@cache
def queries(name: str, set_name: str) -> Array:
    """Return shuffled queries for a set: keys, their neighbours, gaps between them, specials."""
    keys = key_sets(name)[set_name]
    dtype = keys.dtype
    random = np.random.default_rng(len(keys))
    sample = random.choice(keys, 400) if len(keys) else keys
    anywhere = random.bytes(200 * dtype.itemsize)
    scattered = np.frombuffer(anywhere, dtype if dtype.kind != "b" else "u1").astype(dtype)
    mixed = np.concatenate([sample, neighbours(sample), scattered, specials(dtype)])
    random.shuffle(mixed)
    return mixed
