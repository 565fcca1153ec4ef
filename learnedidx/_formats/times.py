"""Keys that are times: datetime64 and timedelta64, compared exactly in any unit."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.family import Array, Family, Meaning, Scale
from learnedidx._formats.scalars import NAN, Exact, Fixed, item_of, shown

Unit = tuple[str, int]

DATETIME, TIMEDELTA = 2, 3  # in files
_SECONDS = {
    "W": Fraction(604_800),
    "D": Fraction(86_400),
    "h": Fraction(3_600),
    "m": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
    "ps": Fraction(1, 10**12),
    "fs": Fraction(1, 10**15),
    "as": Fraction(1, 10**18),
}
_MONTHS = {"Y": 12, "M": 1}
_UNITS = ("generic", *_MONTHS, *_SECONDS)  # from 1 on, in files
_PLAIN, _DAYS_OF_MONTHS, _MONTHS_OF_DAYS = 0, 1, 2
_INT64_MAX = 2**63 - 1
_SAFE_MONTHS_OR_DAYS = 2**45  # the core's calendar does not overflow below
_DRAWN_MONTH = 2_629_746  # seconds on an axis
_CALENDAR = (-62_000_000_000, 253_000_000_000)  # seconds: years 5 to 9987; matplotlib has 1 to 9999


class Times(Family):
    """datetime64 and timedelta64 of any unit; NaT is last."""

    has_exact_items = False
    kept_missing = "mM"
    lengths = ", or a timedelta above 0"

    def __init__(self, dtype: np.dtype[Any]) -> None:
        super().__init__(dtype, np.dtype(np.int64))
        self.unit, self.is_date = _unit_of(dtype), dtype.kind == "M"
        self.lowest += 1  # NaT
        self.query, self.queries = "a timedelta", "timedeltas"
        if self.is_date:
            self.query, self.queries = "a datetime64, date or datetime", "datetimes"

    @classmethod
    def accepts(cls, dtype: np.dtype[Any]) -> bool:
        return dtype.kind in "mM"

    def _compares(self, query: np.dtype[Any], name: str) -> bool:
        """Tell whether a dtype is of the same kind; months and days have no fixed ratio."""
        if query.kind != self.dtype.kind:
            return False
        units = _unit_of(query)[0], self.unit[0]
        mixed = (units[0] in _MONTHS) != (units[1] in _MONTHS)
        if mixed and not self.is_date and "generic" not in units:
            raise TypeError(
                f"{name}: {query} has no fixed ratio to keys of dtype {self.dtype}: months differ "
                "in length; pass a timedelta in days or smaller units"
            )
        return True

    def may_round(self, array: Array, kinds: Iterator[Any]) -> bool:
        return any(kind != array.dtype for kind in kinds)  # the finest unit may overflow

    def goes_one_by_one(self, batch: Array, measures: bool = False) -> bool:
        uneven = self.is_date and self.unit[0] in _MONTHS  # months differ in length
        return batch.dtype == object or (measures and uneven) or not self._fits_core(batch)

    def scale_of(self, batch: Array) -> Scale | None:
        first, calendar, second = _factors_between(_unit_of(batch.dtype), self.unit)
        if first == 1 and calendar == _PLAIN:
            return None
        return (first.numerator, first.denominator, calendar, second.numerator, second.denominator)

    def _fits_core(self, batch: Array) -> bool:
        """Tell whether the core's 64-bit arithmetic is exact for every query of a batch."""
        first, calendar, second = _factors_between(_unit_of(batch.dtype), self.unit)
        numbers = first.numerator, first.denominator, second.numerator, second.denominator
        if max(numbers) > _INT64_MAX:
            return False
        if second.numerator > 1 and second.denominator > 1:
            return False
        mixed = first.numerator > 1 and first.denominator > 1
        if not mixed and calendar == _PLAIN:
            return True  # a product beyond int64 is beyond every key
        largest = _largest(batch)
        if largest * first.numerator > _INT64_MAX:
            return False
        return calendar == _PLAIN or largest * first < _SAFE_MONTHS_OR_DAYS

    def fixed(self, v: Any, name: str = "v") -> Fixed:
        number, unit = self._read(v, name)
        if number is None:
            return 0, NAN
        self.check(_dtype_of(self.dtype.kind, unit), name)
        return self._fitted(*_in_key_units(number, unit, self.unit))

    def _read(self, v: Any, name: str) -> tuple[int | None, Unit]:
        """Return the number of a time, None for NaT, and its unit."""
        read = _of_scalar(item_of(v), self.is_date, name)
        if read is None:
            raise self._refused(v, name)
        return read

    def exact(self, v: Any, name: str = "v") -> Exact:
        """Return a time in seconds (timedeltas of months: in months); NaN for NaT."""
        number, unit = self._read(v, name)
        if number is None:
            return float("nan")
        if "generic" in (unit[0], self.unit[0]):
            unit = self.unit
        if self.is_date and unit[0] in _MONTHS:
            return _first_day(number * unit[1] * _MONTHS[unit[0]]) * _SECONDS["D"]
        return number * _length_of(unit)

    def length(self, v: Any, name: str = "v") -> Exact:
        v = item_of(v)
        read = _of_scalar(v, False, name)
        if read is None:
            raise TypeError(
                f"{name}: got {type(v).__name__} ({shown(v)}); pass a timedelta, such as "
                "datetime.timedelta(minutes=10) or pandas.Timedelta('10min')"
            )
        number, unit = read
        if number is None:
            return float("nan")
        of_keys = self.unit[0]
        unit = self.unit if "generic" in (unit[0], of_keys) else unit
        months = not self.is_date and of_keys in _MONTHS
        if (unit[0] in _MONTHS) != months and of_keys != "generic":
            raise TypeError(
                f"{name}: {v!r} has no fixed ratio to distances between keys of dtype "
                f"{self.dtype}: months differ in length; pass a timedelta in a unit that has"
            )
        return number * _length_of(unit)

    def values_in(self, length: Any, name: str) -> int | None:
        read = _of_scalar(item_of(length), False, name)
        if read is None or (self.is_date and self.unit[0] in _MONTHS):  # which differ in length
            return None
        size = self.length(length, name)
        return math.ceil(self._steps(size)) if isinstance(size, (int, Fraction)) else 0

    def _steps(self, limit: Fraction) -> Fraction:
        return limit / _length_of(self.unit)

    def plain(self, key: Any) -> Any:
        return key

    def on_axis(self, keys: Array) -> tuple[Array, NDArray[np.bool_], str]:
        (unit, count), drawn = self.unit, np.ones(keys.size, np.bool_)
        counts = keys.view(np.int64).astype(np.float64)
        if unit == "generic":
            return counts, drawn, "key"
        size = _length_of(self.unit) * (_DRAWN_MONTH if unit in _MONTHS else 1)
        seconds = counts * float(size)
        if self.is_date and ((seconds > _CALENDAR[0]) & (seconds < _CALENDAR[1])).all():
            return keys.astype("M8[us]"), drawn, "key (date)"
        name = unit if count == 1 else f"{count} {unit}"
        return counts, drawn, f"key ({name}{' since 1970' if self.is_date else ''})"

    @property
    def meaning(self) -> Meaning:
        unit, count = self.unit
        return DATETIME if self.is_date else TIMEDELTA, _UNITS.index(unit) + 1, count

    @classmethod
    def dtype_in_file(cls, meaning: Meaning, stored: str) -> np.dtype[Any] | None:
        code, unit, count = meaning
        if code not in (DATETIME, TIMEDELTA):
            return None
        try:
            return _dtype_of("M" if code == DATETIME else "m", (_UNITS[unit - 1], count))
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"its keys have the unit {count}{_UNITS[unit - 1]}") from None


def _unit_of(dtype: np.dtype[Any]) -> Unit:
    """Return the unit of a time dtype and how many of them one step counts."""
    name, count = np.datetime_data(dtype)
    return name, count


def _dtype_of(kind: str, unit: Unit) -> np.dtype[Any]:
    """Return the dtype of datetimes ("M") or timedeltas ("m") that count a unit."""
    return np.dtype(f"{kind}8" if unit[0] == "generic" else f"{kind}8[{unit[1]}{unit[0]}]")


def _length_of(unit: Unit) -> Fraction:
    """Return a unit in seconds, in months, or as one if it has no name."""
    name, count = unit
    return count * Fraction(1 if name == "generic" else _MONTHS.get(name) or _SECONDS[name])


@functools.lru_cache(64)
def _factors_between(query: Unit, keys: Unit) -> tuple[Fraction, int, Fraction]:
    """Return factor, calendar step and factor after it, which turn query units into key units."""
    if "generic" in (query[0], keys[0]):
        return Fraction(1), _PLAIN, Fraction(1)
    size, step = _length_of(query), _length_of(keys)
    if (query[0] in _MONTHS) == (keys[0] in _MONTHS):
        return size / step, _PLAIN, Fraction(1)
    if query[0] in _MONTHS:
        return size, _DAYS_OF_MONTHS, _SECONDS["D"] / step
    return size / _SECONDS["D"], _MONTHS_OF_DAYS, 1 / step


def _largest(batch: Array) -> int:
    real = batch[~np.isnat(batch)] if batch.ndim else batch
    if real.size == 0:
        return 0
    return max(abs(int(real.min().astype(np.int64))), abs(int(real.max().astype(np.int64)))) + 1


def _first_day(month: int) -> int:
    """Return the days from 1970-01-01 to the first day of a month counted from 1970-01."""
    year, m = divmod(month + 1970 * 12 - 2, 12)  # years that start in March
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * m + 2) // 5 - 719_468


def _month_from(day: int) -> int:
    month = (day - 40) * 4800 // 146_097
    while _first_day(month) < day:
        month += 1
    return month


def _ceil(value: Fraction) -> tuple[int, bool]:
    return -(-value.numerator // value.denominator), value.denominator == 1


def _in_key_units(t: int, query: Unit, keys: Unit) -> tuple[int, bool]:
    """Return the first number of key units not before t query units, and whether it is equal."""
    first, calendar, second = _factors_between(query, keys)
    value, exact = _ceil(t * first)
    if calendar == _DAYS_OF_MONTHS:
        value = _first_day(value)
    elif calendar == _MONTHS_OF_DAYS:
        month = _month_from(value)
        exact = exact and _first_day(month) == value
        value = month
    value, same = _ceil(value * second)
    return value, exact and same


def _of_scalar(v: Any, is_date: bool, name: str) -> tuple[int | None, Unit] | None:
    """Read a time scalar: its number (None for NaT) and unit; None if v is no time."""
    convert = getattr(v, "to_datetime64" if is_date else "to_timedelta64", None)
    if convert is not None:  # pandas, which knows nanoseconds
        if getattr(v, "tzinfo", None) is not None:
            raise TypeError(f"{name}: has a time zone; pass {name}.tz_convert(None)")
        v = convert()
    elif hasattr(v, "to_datetime64") and v != v:
        return None, ("generic", 1)  # pandas.NaT, which is no time at all, of either kind
    if isinstance(v, np.datetime64 if is_date else np.timedelta64):
        number = None if np.isnat(v) else int(v.astype(np.int64))
        return number, _unit_of(v.dtype)
    if not is_date and isinstance(v, datetime.timedelta):
        return v // datetime.timedelta(microseconds=1), ("us", 1)
    if is_date and isinstance(v, datetime.datetime):
        if v.tzinfo is not None:
            raise TypeError(
                f"{name}: has a time zone; pass "
                f"{name}.astimezone(timezone.utc).replace(tzinfo=None)"
            )
        return (v - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1), ("us", 1)
    if is_date and isinstance(v, datetime.date):
        return v.toordinal() - datetime.date(1970, 1, 1).toordinal(), ("D", 1)
    return None
