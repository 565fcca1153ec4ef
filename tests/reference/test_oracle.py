"""The oracle itself, against NumPy, pandas' rules and the calendar where those are exact."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from tests.contract.key_sets import DTYPES, key_sets, queries
from tests.oracle import LAST, Truth, exact


@pytest.mark.parametrize("dtype", DTYPES)
def test_agrees_with_numpy_on_one_dtype(dtype: str) -> None:
    for name, keys in key_sets(dtype).items():
        truth, some = Truth(keys), queries(dtype, name)[:60]
        for side in ("left", "right"):
            expected = np.searchsorted(keys, some, side)
            assert [truth.searchsorted(v, side) for v in some] == expected.tolist(), name


def test_keeps_numpys_order_of_specials() -> None:
    ordered = [-np.inf, -1e308, np.float32(-0.5), -0.0, 5e-324, np.float16(1), 2**64, np.inf]
    places = [exact(value) for value in ordered]
    assert places == sorted(places) and len(set(places)) == len(places)
    assert exact(-0.0) == exact(0) == exact(False) == exact(Decimal("-0"))
    assert exact(np.nan) == exact(np.datetime64("NaT", "s")) == exact(Decimal("nan")) == LAST


def test_loses_no_digit() -> None:
    assert exact(2**53) < exact(Fraction(2**54 + 1, 2)) < exact(2**53 + 1)
    assert exact(np.uint64(2**63)) < exact(np.uint64(2**63 + 1)) < exact(2.0**63 * 1.5)
    assert exact(0.1) > exact(Decimal("0.1"))
    assert exact(np.float32(0.1)) > exact(0.1)


@pytest.mark.parametrize("day", ["0001-01-01", "1600-02-29", "1900-03-01", "1970-01-01", "9999-12"])
def test_counts_days_as_the_calendar_does(day: str) -> None:
    instant = np.datetime64(day, "D")
    assert exact(instant) == exact(instant.item())
    assert exact(np.datetime64(day, "M").astype("M8[D]")) == exact(np.datetime64(day, "M"))
    assert exact(np.datetime64(day, "Y").astype("M8[D]")) == exact(np.datetime64(day, "Y"))


def test_reads_units_and_multiples() -> None:
    assert exact(np.timedelta64(2, ("s", 25))) == exact(np.timedelta64(50_000, "ms"))
    assert exact(datetime.timedelta(weeks=1)) == exact(np.timedelta64(1, "W"))
    assert exact(datetime.datetime(1969, 12, 31, 23)) == exact(np.datetime64(-1, "h"))
    assert exact(np.timedelta64(2, ("Y", 2))) == exact(np.timedelta64(48, "M"))
    assert exact(np.datetime64(2**62, "Y")) > exact(np.datetime64(2**62, "M"))


def test_nearest_takes_the_closer_and_on_ties_the_larger() -> None:
    truth = Truth([10, 20, 20, 30])
    found = [truth.find(v, "nearest") for v in (0, 14, 15, 16, 20, 24, 25, 99)]
    assert found == [0, 0, 1, 1, 1, 2, 3, 3]
    assert truth.find(14, "nearest", 3) == -1
    assert truth.find(14, "nearest", 4) == 0
    assert truth.find(24, "pad", 3) == -1
    assert Truth([]).find(1, "nearest") == -1


def test_nearest_keeps_away_from_nan() -> None:
    assert Truth([1.0, np.nan]).find(1e300, "nearest") == 0
    assert Truth([1.0, np.nan]).find(np.nan, "nearest") == 1
    assert Truth([-np.inf, np.inf]).find(0, "nearest") == 1


def test_ranges() -> None:
    truth = Truth([1, 2, 2, 3])
    assert truth.range(2, 3) == slice(1, 3)
    assert truth.range(2, 3, "both") == slice(1, 4)
    assert truth.range(2, 2, "neither") == slice(3, 3)
    assert truth.range(None, 2, "right") == slice(0, 3)
    assert truth.count(3, 1) == 0
