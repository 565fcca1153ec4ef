"""The truth: what every verb must answer, from Python integers and fractions alone.

Every value becomes a pair (class, number) that Python compares without rounding: minus infinity,
the numbers, infinity, and last what NumPy sorts last (NaN and NaT, which all equal each other).
Instants and lengths of time are counted in attoseconds, lengths in years or months in months.
"""

import datetime
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

Exact = tuple[int, int | Fraction]

LAST: Exact = (2, 0)
SECOND = 10**18
ATTOSECONDS = {
    "W": 7 * 86_400 * SECOND,
    "D": 86_400 * SECOND,
    "h": 3_600 * SECOND,
    "m": 60 * SECOND,
    "s": SECOND,
    **{unit: SECOND // 1_000**i for i, unit in enumerate(("ms", "us", "ns", "ps", "fs", "as"), 1)},
}
MONTHS = {"Y": 12, "M": 1}
EPOCH = datetime.datetime(1970, 1, 1)


def exact(value: Any) -> Exact:
    """Return the place of one value in NumPy's sort order."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return exact_time(value)
    if isinstance(value, datetime.timedelta):
        microseconds: int = value // datetime.timedelta(microseconds=1)
        return 0, microseconds * ATTOSECONDS["us"]
    if isinstance(value, datetime.datetime):
        return exact(value - EPOCH)
    if isinstance(value, datetime.date):
        return 0, (value.toordinal() - EPOCH.toordinal()) * ATTOSECONDS["D"]
    if isinstance(value, int | np.integer | np.bool_):
        return 0, int(value)
    number = value if isinstance(value, Fraction | Decimal) else float(value)
    if number != number:
        return LAST
    if abs(number) == math.inf:
        return (1 if number > 0 else -1), 0
    return 0, Fraction(number)


def exact_time(value: "np.datetime64 | np.timedelta64[Any]") -> Exact:
    """Return an instant or a length of any unit, also where NumPy's own conversion overflows."""
    if np.isnat(value):
        return LAST
    unit, multiple = np.datetime_data(value.dtype)
    ticks = int(value.view(np.int64)) * multiple
    if unit not in MONTHS:
        return 0, ticks * ATTOSECONDS[unit]
    months = ticks * MONTHS[unit]
    is_length = isinstance(value, np.timedelta64)
    return 0, months if is_length else days_before_month(months) * ATTOSECONDS["D"]


def days_before_month(months: int) -> int:
    """Return the days from 1970-01-01 to the first of a month (proleptic Gregorian calendar)."""
    year, month = 1970 + months // 12, months % 12
    past = year - 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 365 * past + past // 4 - past // 100 + past // 400 - 719_162 + sum(lengths[:month])


def distance(a: Exact, b: Exact) -> Exact:
    """Return how far apart two values are; infinities and NaN are infinitely far from others."""
    if a == b:
        return 0, 0
    if a[0] or b[0]:
        return 1, 0
    return 0, max(a[1], b[1]) - min(a[1], b[1])


class Truth:
    """Every verb over one sorted array, one query at a time."""

    def __init__(self, keys: Iterable[Any]) -> None:
        self.keys = [exact(key) for key in keys]

    def searchsorted(self, v: Any, side: str = "left") -> int:
        return (bisect_left if side == "left" else bisect_right)(self.keys, exact(v))

    def rank(self, v: Any) -> int:
        return self.searchsorted(v, "right")

    def contains(self, v: Any) -> bool:
        return self.searchsorted(v) < self.rank(v)

    def find(self, v: Any, method: str | None = None, tolerance: Any = None) -> int:
        first, after = self.searchsorted(v), self.rank(v)
        if method is None:
            return first if first < after else -1
        pad, backfill = after - 1, first if first < len(self.keys) else -1
        position = {"pad": pad, "backfill": backfill}.get(method, self._nearer(v, pad, backfill))
        far = tolerance is not None and self._distance(v, position) > exact(tolerance)
        return -1 if far else position

    def range(self, lo: Any, hi: Any, inclusive: str = "left") -> slice:
        closed_left, closed_right = inclusive in ("both", "left"), inclusive in ("both", "right")
        start = 0 if lo is None else self.searchsorted(lo, "left" if closed_left else "right")
        stop = len(self.keys)
        if hi is not None:
            stop = self.searchsorted(hi, "right" if closed_right else "left")
        return slice(start, max(start, stop))

    def count(self, lo: Any, hi: Any, inclusive: str = "left") -> int:
        found = self.range(lo, hi, inclusive)
        return int(found.stop - found.start)

    def _nearer(self, v: Any, pad: int, backfill: int) -> int:
        if pad < 0 or backfill < 0:
            return max(pad, backfill)
        return pad if self._distance(v, pad) < self._distance(v, backfill) else backfill

    def _distance(self, v: Any, position: int) -> Exact:
        return (0, 0) if position < 0 else distance(exact(v), self.keys[position])
