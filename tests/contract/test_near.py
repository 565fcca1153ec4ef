"""find with a method: every pair of dtypes, ties, and limits at true distances and beside them."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import learnedidx as lx
from learnedidx._formats import nearest
from tests.contract.key_sets import (
    MULTIPLES,
    NARROW_NUMBERS,
    NUMBERS,
    UNITS,
    Array,
    key_sets,
    queries,
)
from tests.contract.models import build
from tests.contract.strategies import sorted_keys, values
from tests.oracle import Exact, Truth, distance, exact

METHODS: tuple[Literal["pad", "backfill", "nearest"], ...] = ("pad", "backfill", "nearest")
TINY = Fraction(1, 10**40)
NOWHERE: Exact = (2, 0)  # farther than any limit
Limits = Callable[[list[Exact]], Iterable[Any]]


def check(keys: Array, model: str, asked: Array, limits: Limits) -> None:
    """Check all methods without and with limits, which are made from the true distances."""
    index: Any = build(keys, model)
    truth = Truth(keys)
    for method in METHODS:
        at = [truth.find(v, method) for v in asked]
        np.testing.assert_array_equal(index.find(asked, method), at, method)
        far = [
            distance(exact(v), truth.keys[p]) if p >= 0 else NOWHERE
            for v, p in zip(asked, at, strict=True)
        ]
        for limit in limits(sorted(set(far) - {NOWHERE})):
            most = exact(limit)
            expected = [p if length <= most else -1 for length, p in zip(far, at, strict=True)]
            found = index.find(asked, method, limit)
            np.testing.assert_array_equal(found, expected, f"{method} {limit!r}")


def about(far: list[Exact]) -> Iterable[Any]:
    """Give limits for numbers: a distance that occurs, hardly less, hardly more; some others."""
    finite = [Fraction(number) for infinite, number in far if not infinite]
    for limit in [*finite[1:2], *finite[len(finite) // 2 :: 8]]:
        yield from (limit, max(limit - TINY, Fraction(0)), limit + TINY)
    yield from (0, 0.5, Fraction(1, 3), 2**64, float("inf"))


def lengths(unit: Any) -> Limits:
    """Give limits for times: distances that occur, rounded down to what a timedelta holds."""
    tick: Any = np.array(1, f"m8[{unit}]")[()]
    months = unit[-1] in "YM"
    length = exact(tick)[1]

    def limits(far: list[Exact]) -> Iterable[Any]:
        ticks = sorted({number // length for infinite, number in far if not infinite})
        for number in {0, *ticks[1:2], *ticks[len(ticks) // 2 :: 8]}:
            if number < 2**63:
                yield tick * int(number)

    return limits if not months else lambda far: ()


def midway(keys: Array, other: np.dtype[Any]) -> Array:
    """Return queries of another dtype half way between keys, and a step to both sides."""
    between = [
        (Fraction(a) + Fraction(b)) / 2
        for a, b in zip(keys[:-1].tolist(), keys[1:].tolist(), strict=True)
        if abs(a) < float("inf") > abs(b)
    ]
    if other.kind == "f":
        with np.errstate(all="ignore"):
            middle = np.array([float(number) for number in between]).astype(other)
            up, down = (np.nextafter(middle, other.type(end)) for end in (np.inf, -np.inf))
        return np.concatenate([middle, up, down])
    info = np.iinfo(np.uint8 if other.kind == "b" else other)
    near = [round(number) + step for number in between for step in (-1, 0, 1)]
    return np.array(
        [n for n in near if info.min <= n <= info.max], np.uint64 if info.min == 0 else np.int64
    ).astype(other)


def meeting(keys: Array, other: str, name: str) -> Array:
    """Return queries of another dtype: its extremes, and what lies between these keys."""
    dtype = np.dtype(other)
    between = midway(keys[:: max(1, len(keys) // 8)], dtype)
    return np.concatenate([queries(other, name)[::17][:30], between])


@pytest.mark.parametrize("other", NUMBERS)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_every_pair_of_numbers(dtype: str, other: str) -> None:
    name = "specials" if other.startswith("float") else "half" if other == "bool" else "extremes"
    for keys in key_sets(dtype).values():
        check(keys[-100:], "btree", meeting(keys[-100:], other, name), about)


@pytest.mark.parametrize("other", NUMBERS)
@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
def test_every_pair_in_a_table(dtype: str, other: str) -> None:
    name = "specials" if other.startswith("float") else "half" if other == "bool" else "extremes"
    for keys in key_sets(dtype).values():
        check(keys[-100:], "direct", meeting(keys[-100:], other, name), about)


@pytest.mark.parametrize(
    "dtype", ["uint64", "int64", "int16", "float32", "float64", "M8[ns]", "m8[s]"]
)
@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline", "none"])
def test_models_and_rows(kernel_row: str, dtype: str, model: str) -> None:
    limits = lengths(dtype[3:-1]) if dtype[1] == "8" else about
    for name, keys in key_sets(dtype).items():
        check(keys[-400:], model, queries(dtype, name)[:60], limits)


def beside(keys: Array, other: str) -> Array:
    """Return keys in another unit, as NumPy converts them, and some steps beside them."""
    with np.errstate(all="ignore"):
        try:
            near = keys.astype(f"{keys.dtype.kind}8[{other}]")
        except OverflowError:
            near = np.array([], f"{keys.dtype.kind}8[{other}]")
    counts = near.view(np.int64)
    return np.concatenate([counts + step for step in range(-2, 3)]).view(near.dtype)


@pytest.mark.parametrize("other", [*UNITS, *MULTIPLES])
@pytest.mark.parametrize("unit", [*UNITS, *MULTIPLES])
@pytest.mark.parametrize("kind", ["M8", "m8"])
def test_every_pair_of_units(kind: str, unit: str, other: str) -> None:
    if kind == "m8" and (unit[-1] in "YM") != (other[-1] in "YM"):
        pytest.skip("no length in both")
    finer = min(unit, other, key=lambda name: exact(np.array(1, f"m8[{name}]")[()])[1])
    for name in ("extremes", "regular", "two", "only NaT"):
        keys = key_sets(f"{kind}[{unit}]")[name][-40:]
        asked = np.concatenate([queries(f"{kind}[{other}]", "extremes")[::9], beside(keys, other)])
        check(keys, "rmi", asked, lengths(finer))


@given(
    data=st.data(),
    kind=st.sampled_from(["u1", "u4", "u8", "i1", "i4", "i8", "f4", "f8"]),
    other=st.sampled_from(["u2", "u8", "i2", "i8", "f4", "f8", "?"]),
    model=st.sampled_from(["none", "rmi", "btree", "auto"]),
)
def test_limits_of_numbers(data: st.DataObject, kind: str, other: str, model: str) -> None:
    keys = data.draw(sorted_keys(np.dtype(kind)))
    asked = np.array(data.draw(st.lists(values(np.dtype(other)), max_size=20)), other)
    drawn = data.draw(st.floats(min_value=0) | st.fractions(min_value=0) | st.integers(0, 2**65))
    check(keys, model, asked, lambda far: (drawn, *list(about(far))[:3]))


# Where the core must leave nothing open: what people join.
ORDINARY: dict[str, tuple[Array, Array]] = {
    "int64 by int32": (np.arange(0, 10**6, 7), np.arange(0, 10**6, 13, dtype=np.int32)),
    "uint64 near its end by uint64": (
        np.arange(2**64 - 9_000, 2**64 - 1, 9, dtype=np.uint64),
        np.arange(2**64 - 9_100, 2**64 - 1, 7, dtype=np.uint64),
    ),
    "int64 beyond doubles by float64": (
        np.arange(2**60, 2**60 + 10**6, 301),
        np.linspace(2.0**60, 2.0**60 + 10**6, 5_000),
    ),
    "uint16 by fractions of both signs": (
        np.arange(0, 6_000, 7, dtype=np.uint16),
        np.arange(-30, 7_000, 0.25),
    ),
    "int32 by int64 beyond it": (
        np.arange(-(2**31), 2**31 - 1, 2**20, dtype=np.int32),
        np.arange(-(2**40), 2**40, 2**30),
    ),
    "float32 by float64": (np.arange(1_000, dtype=np.float32) / 3, np.arange(0, 333, 0.1)),
    "float64 by int64": (np.arange(0, 1e4, 0.7), np.arange(10_000)),
    "nanoseconds by seconds": (
        np.arange(0, 10**13, 10**9 + 7).astype("M8[ns]"),
        np.arange(0, 10**4, 3).astype("M8[s]"),
    ),
    "seconds by nanoseconds": (
        np.arange(0, 10**4, 3).astype("M8[s]"),
        np.arange(0, 10**13, 10**9 + 7).astype("M8[ns]"),
    ),
    "days by months": (
        np.arange("2000-01-01", "2020-01-01", dtype="M8[D]"),
        np.arange("1999-01", "2021-01", dtype="M8[M]"),
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_queries_are_decided_in_the_core(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, asked = ORDINARY[name]
    limit: Any = np.timedelta64(1_500, "ms") if keys.dtype.kind == "M" else 2.5
    index: Any = lx.LearnedIndex(keys)
    truth = Truth(keys)
    some = asked[::37]
    expected = [truth.find(v, method, t) for method in METHODS for t in (None, limit) for v in some]
    monkeypatch.setattr(nearest, "find_one", None)
    found = [index.find(some, method, t) for method in METHODS for t in (None, limit)]
    np.testing.assert_array_equal(np.concatenate(found), expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_large_batches(method: Any, threads: int) -> None:
    """Many pieces, given out at once; out of any layout; some queries left open."""
    keys = np.sort(np.random.default_rng(1).uniform(0, 2.0**60, 60_000))
    asked = np.random.default_rng(2).integers(0, 2**60, 300_000)
    asked[:299_000] &= (1 << 53) - 1
    index = lx.LearnedIndex(keys)
    expected = np.concatenate(
        [index.find(asked[i : i + 999], method, 1e13) for i in range(0, 300_000, 999)]
    )
    assert (expected == -1).any() and (expected[299_000:] >= 0).any()
    np.testing.assert_array_equal(index.find(asked, method, 1e13, threads=threads), expected)
    strided = np.empty((300, 1000, 2), np.intp)[..., 0]
    found = index.find(asked.reshape(300, 1000), method, 1e13, out=strided, threads=threads)
    assert found is strided
    np.testing.assert_array_equal(found.ravel(), expected)


@pytest.mark.filterwarnings("ignore:The .generic. unit")
def test_lengths_without_a_unit_take_that_of_the_other() -> None:
    """NumPy compares a plain timedelta64 with any unit as if it had that unit."""
    keys = np.array([0, 10, 20], "m8")
    asked = np.array([4, 5, 16], "m8[ms]")
    index: Any = lx.LearnedIndex(keys)
    limit = np.timedelta64(4, "ms")
    assert index.find(asked, "nearest").tolist() == [0, 1, 2]
    assert index.find(asked, "nearest", limit).tolist() == [0, -1, 2]
    assert [index.find(v, "nearest", limit) for v in asked] == [0, -1, 2]
