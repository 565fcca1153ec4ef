"""A great many queries: ten million of the keys' own dtype, a hundred thousand of other kinds."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import FLOATS, INTEGERS, Array
from tests.contract.models import build
from tests.oracle import Truth

pytestmark = pytest.mark.long

KEYS, QUERIES, OTHERS, BLOCK = 1_000_000, 10_000_000, 100_000, 1_000_000
DTYPES = (*INTEGERS, *FLOATS, "bool", "M8[ns]", "m8[s]")
MODELS = ("rmi", "btree", "none", "rmi linear linear", "rmi cubic interpolate", "rmi three stages")


def drawn(dtype: str, n: int, seed: int) -> Array:
    """Return random values of a dtype: of every bit pattern for integers, of many scales else."""
    random, kind = np.random.default_rng(seed), np.dtype(dtype)
    if kind.kind == "b":
        return random.random(n) < 0.5
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            values = (random.normal(0, 1, n) * np.exp2(random.integers(-20, 20, n))).astype(kind)
        values[random.integers(0, n, n // 1_000 + 1)] = np.nan
        return values
    counts = kind if kind.kind in "iu" else np.dtype(np.int64)
    info = np.iinfo(counts)
    wide = random.integers(info.min, info.max, n, counts, endpoint=True)
    return (wide >> random.integers(0, counts.itemsize * 8 - 1, n).astype(counts)).view(kind)


def blocks(keys: Array, dtype: str) -> Iterator[Array]:
    """Yield the queries: half of them keys, half anything."""
    for seed in range(QUERIES // BLOCK):
        hits = np.random.default_rng(seed).choice(keys, BLOCK // 2)
        mixed = np.concatenate([hits, drawn(dtype, BLOCK // 2, 100 + seed)])
        np.random.default_rng(seed).shuffle(mixed)
        yield mixed


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_ten_million_queries(dtype: str, model: str) -> None:
    # Stable: on some processors NumPy's default sort leaves subnormal float16 out of order.
    keys = np.sort(drawn(dtype, KEYS, 1), kind="stable")
    index = build(keys, model)
    for queries in blocks(keys, dtype):
        for side in ("left", "right"):
            expected = np.searchsorted(keys, queries, side)
            assert np.array_equal(index.searchsorted(queries, side), expected)


def scalars(keys: Array, n: int, kind: str) -> list[Any]:
    """Return Python numbers of one type on, beside and far from the keys."""
    random = np.random.default_rng(7)
    finite = keys[np.isfinite(keys)] if keys.dtype.kind == "f" else keys
    near = [Fraction(key) for key in random.choice(finite, n).tolist()]
    steps = [Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 3), Fraction(-1, 10**25)]
    moved = [key + steps[step] for key, step in zip(near, random.integers(0, 5, n), strict=True)]
    if kind == "int":
        return [round(number) for number in moved[:-4]] + [2**64, -(2**63) - 1, 10**40, -(10**40)]
    if kind == "Decimal":
        return [Decimal(v.numerator) / Decimal(v.denominator) for v in moved]
    return [float(number) for number in moved] if kind == "float" else moved


@pytest.mark.parametrize("kind", ["int", "float", "Fraction", "Decimal"])
@pytest.mark.parametrize("dtype", ["uint64", "int64", "float64", "float32", "int16"])
def test_python_scalars(dtype: str, kind: str) -> None:
    keys = np.sort(drawn(dtype, 50_000, 2))
    index, truth = lx.LearnedIndex(keys), Truth(keys)
    for v in scalars(keys, OTHERS, kind):
        assert index.searchsorted(v) == truth.searchsorted(v), v
        assert index.rank(v) == truth.rank(v), v


@pytest.mark.parametrize("other", ["uint64", "int64", "float64", "float32", "int8", "bool"])
@pytest.mark.parametrize("dtype", ["uint64", "int64", "float64", "float32", "uint32"])
def test_arrays_of_other_dtypes(dtype: str, other: str) -> None:
    keys = np.sort(drawn(dtype, 50_000, 3))
    with np.errstate(all="ignore"):
        near = np.random.default_rng(4).choice(keys, OTHERS // 2).astype(other)
    queries = np.concatenate([near, drawn(other, OTHERS // 2, 5)])
    check(keys, queries)


@pytest.mark.parametrize("unit", ["M", "D", "s", "25s", "us", "as"])
@pytest.mark.parametrize("dtype", ["M8[ns]", "M8[D]", "M8[ms]", "M8[M]"])
def test_instants_of_other_units(dtype: str, unit: str) -> None:
    keys = np.sort(drawn(dtype, 50_000, 6))
    check(keys, drawn(f"M8[{unit}]", OTHERS, 7))


def check(keys: Array, queries: Array) -> None:
    index, truth = lx.LearnedIndex(keys), Truth(keys)
    for side in ("left", "right"):
        expected = [truth.searchsorted(v, side) for v in queries]
        assert index.searchsorted(queries, side).tolist() == expected
