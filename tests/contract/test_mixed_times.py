"""Instants and lengths of time of another unit than the keys, exact where NumPy overflows."""

import datetime
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import MULTIPLES, UNITS, Array, key_sets, queries
from tests.contract.models import build
from tests.contract.test_mixed_numbers import check_arrays, check_scalars
from tests.oracle import Truth

EVERY_UNIT = (*UNITS, *MULTIPLES)
DATES: list[Any] = [
    datetime.date(1970, 1, 1),
    datetime.date(1, 1, 1),
    datetime.date(9999, 12, 31),
    datetime.date(2024, 2, 29),
    datetime.datetime(2023, 11, 14, 22, 13, 20, 1),
    datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime.datetime.max,
    datetime.datetime.min,
]
LENGTHS: list[Any] = [
    datetime.timedelta(0),
    datetime.timedelta(microseconds=-1),
    datetime.timedelta(days=1, seconds=1, microseconds=1),
    datetime.timedelta.max,
    datetime.timedelta.min,
]


def is_calendar(unit: str) -> bool:
    return unit[-1] in "YM"


def pairs(kind: str) -> list[tuple[str, str]]:
    """Return every two units that may meet (years and months are no length in days)."""
    return [
        (f"{kind}[{a}]", f"{kind}[{b}]")
        for a in EVERY_UNIT
        for b in EVERY_UNIT
        if kind == "M8" or is_calendar(a) == is_calendar(b)
    ]


def meeting(keys: Array, asked: np.dtype[Any]) -> Array:
    """Return queries of another unit: extremes, and whatever converts into the keys' range."""
    extremes = queries(asked.str, "extremes")[::7]
    with np.errstate(all="ignore"):
        try:
            near = keys[::211].astype(asked)
        except OverflowError:
            return extremes
    after = (near.view(np.int64) + 1).view(near.dtype)
    return np.concatenate([extremes, near, after])


@pytest.mark.parametrize(("dtype", "other"), [*pairs("M8"), *pairs("m8")])
def test_every_pair_of_units(dtype: str, other: str) -> None:
    for name in ("extremes", "regular", "only NaT", "powers of two"):
        keys = key_sets(dtype)[name][-200:]
        asked = meeting(keys, np.dtype(other))
        check_arrays(keys, "rmi", asked, list(asked))


@pytest.mark.parametrize("dtype", [f"M8[{unit}]" for unit in EVERY_UNIT])
def test_dates_and_datetimes(kernel_row: str, dtype: str) -> None:
    for name in ("uniform", "extremes", "regular", "empty", "only NaT"):
        check_scalars(key_sets(dtype)[name], "rmi", DATES)
        check_scalars(key_sets(dtype)[name][-300:], "btree", [np.datetime64("NaT", "s")])


@pytest.mark.parametrize("dtype", [f"m8[{u}]" for u in EVERY_UNIT if not is_calendar(u)])
def test_timedeltas(kernel_row: str, dtype: str) -> None:
    for name in ("uniform", "extremes", "regular", "empty", "only NaT"):
        check_scalars(key_sets(dtype)[name], "rmi", LENGTHS)


def test_where_numpy_overflows() -> None:
    """The year 3000 in nanoseconds is beyond int64; NumPy wraps it around into the past."""
    keys = np.array(["1900-01-01", "2000-01-01", "2200-01-01"], "M8[ns]")
    index = lx.LearnedIndex(keys)
    assert index.searchsorted(np.datetime64("3000-01-01", "D")) == 3
    assert index.searchsorted(np.datetime64("0001-01-01", "s")) == 0
    assert index.searchsorted(datetime.date(9999, 12, 31)) == 3
    assert index.searchsorted(np.array(["3000", "-3000"], "M8[Y]")).tolist() == [3, 0]


def test_months_have_their_own_lengths() -> None:
    days = np.arange("2023-12-01", "2025-01-01", dtype="M8[D]")
    months = np.arange("2023-12", "2025-02", dtype="M8[M]")
    index = lx.LearnedIndex(days)
    np.testing.assert_array_equal(index.searchsorted(months), np.searchsorted(days, months))
    assert lx.LearnedIndex(months).searchsorted(np.datetime64("2024-02-29")) == 3


@pytest.mark.parametrize("unit", ["D", "s", "ms", "ns", "M", "25s"])
@pytest.mark.parametrize("kind", ["M8", "m8"])
def test_nearest_with_a_tolerance(kind: str, unit: str) -> None:
    keys = key_sets(f"{kind}[{unit}]")["regular"]
    index: Any = lx.LearnedIndex(keys)
    truth = Truth(keys)
    asked = np.concatenate([keys[::50] + np.array(7, f"m8[{unit}]"), keys[::90]])
    step = unit if kind == "m8" or unit != "M" else "D"
    for method in ("pad", "nearest"):
        for ticks in (0, 6, 7, 3000):
            tolerance = np.array(ticks, f"m8[{step}]")[()]
            expected = [truth.find(v, method, tolerance) for v in asked]
            for limit in (tolerance, np.array(tolerance), np.array(tolerance, object)):
                np.testing.assert_array_equal(index.find(asked, method, limit), expected)
                assert index.find(asked[0], method, limit) == expected[0]


def test_a_tolerance_of_another_unit() -> None:
    keys = np.array(["2024-01-01T00:00:00", "2024-01-01T00:01:00"], "M8[s]")
    index = lx.LearnedIndex(keys)
    v = np.datetime64("2024-01-01T00:00:10.5", "ms")
    assert index.find(v, "nearest", np.timedelta64(10_500, "ms")) == 0
    assert index.find(v, "nearest", np.timedelta64(10_499, "ms")) == -1
    assert index.find(v, "nearest", datetime.timedelta(seconds=11)) == 0


@pytest.mark.parametrize("model", ["auto", "none", "rmi linear linear"])
def test_scalars_of_other_units(model: str) -> None:
    keys = key_sets("M8[ms]")["regular"]
    asked = [np.array("2023-11-14T22:13:21", f"M8[{unit}]")[()] for unit in UNITS[:10]]
    index, truth = build(keys, model), Truth(keys)
    for v in asked:
        assert index.searchsorted(v) == truth.searchsorted(v), v
        assert index.rank(v) == truth.rank(v), v
