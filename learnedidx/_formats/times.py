"""datetime64 and timedelta64 queries in another unit than the keys: exact, also beyond int64."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Unit = tuple[str, int]
Scale = tuple[int, int, int, int, int]

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
_PLAIN, _DAYS_OF_MONTHS, _MONTHS_OF_DAYS = 0, 1, 2
_MOST = 2**63 - 1
_SAFE_MONTHS_OR_DAYS = 2**45  # the core's calendar does not overflow below


def unit_of(dtype: np.dtype[Any]) -> Unit:
    """Return the unit of a time dtype and how many of them one step counts."""
    name, count = np.datetime_data(dtype)
    return name, count


def dtype_of(kind: str, unit: Unit) -> np.dtype[Any]:
    """Return the dtype of datetimes ("M") or timedeltas ("m") that count a unit."""
    return np.dtype(f"{kind}8" if unit[0] == "generic" else f"{kind}8[{unit[1]}{unit[0]}]")


def check_units(query: np.dtype[Any], keys: np.dtype[Any], name: str = "v") -> None:
    """Raise TypeError where two lengths of time have no fixed ratio: months against days."""
    if keys.kind == "M":
        return
    units = unit_of(query)[0], unit_of(keys)[0]
    if "generic" in units:
        return
    if (units[0] in _MONTHS) != (units[1] in _MONTHS):
        raise TypeError(
            f"{name}: {query} has no fixed ratio to keys of dtype {keys}: months differ in length; "
            "pass a timedelta in days or smaller units"
        )


def _steps(query: Unit, keys: Unit) -> tuple[Fraction, int, Fraction]:
    """Return factor, calendar step and factor after it, which turn query units into key units."""
    if "generic" in (query[0], keys[0]):
        return Fraction(1), _PLAIN, Fraction(1)
    if query[0] in _MONTHS and keys[0] in _MONTHS:
        ratio = Fraction(_MONTHS[query[0]] * query[1], _MONTHS[keys[0]] * keys[1])
        return ratio, _PLAIN, Fraction(1)
    if query[0] in _MONTHS:
        months = Fraction(_MONTHS[query[0]] * query[1])
        return months, _DAYS_OF_MONTHS, _SECONDS["D"] / (_SECONDS[keys[0]] * keys[1])
    if keys[0] in _MONTHS:
        days = _SECONDS[query[0]] * query[1] / _SECONDS["D"]
        return days, _MONTHS_OF_DAYS, Fraction(1, _MONTHS[keys[0]] * keys[1])
    return _SECONDS[query[0]] * query[1] / (_SECONDS[keys[0]] * keys[1]), _PLAIN, Fraction(1)


def scale_of(batch: NDArray[Any], keys: np.dtype[Any]) -> Scale | None:
    """Return the scale that the core applies to a batch; None if the units are the same."""
    first, calendar, second = _steps(unit_of(batch.dtype), unit_of(keys))
    if first == 1 and calendar == _PLAIN:
        return None
    return (first.numerator, first.denominator, calendar, second.numerator, second.denominator)


def fits_core(batch: NDArray[Any], keys: np.dtype[Any]) -> bool:
    """Tell whether the core's 64-bit arithmetic is exact for every query of a batch."""
    first, calendar, second = _steps(unit_of(batch.dtype), unit_of(keys))
    if max(first.numerator, first.denominator, second.numerator, second.denominator) > _MOST:
        return False
    if second.numerator > 1 and second.denominator > 1:
        return False
    mixed = first.numerator > 1 and first.denominator > 1
    if not mixed and calendar == _PLAIN:
        return True  # a product beyond int64 is beyond every key
    largest = _largest(batch)
    if largest * first.numerator > _MOST:
        return False
    return calendar == _PLAIN or largest * first < _SAFE_MONTHS_OR_DAYS


def _largest(batch: NDArray[Any]) -> int:
    real = batch[~np.isnat(batch)] if batch.ndim else batch
    if real.size == 0:
        return 0
    return max(abs(int(real.min().astype(np.int64))), abs(int(real.max().astype(np.int64)))) + 1


def first_day(month: int) -> int:
    """Return the days from 1970-01-01 to the first day of a month counted from 1970-01."""
    year, m = divmod(month + 1970 * 12 - 2, 12)  # years that start in March
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * m + 2) // 5 - 719_468


def _month_from(day: int) -> int:
    month = (day - 40) * 4800 // 146_097
    while first_day(month) < day:
        month += 1
    return month


def _ceil(value: Fraction) -> tuple[int, bool]:
    return -(-value.numerator // value.denominator), value.denominator == 1


def in_key_units(t: int, query: Unit, keys: Unit) -> tuple[int, bool]:
    """Return the first number of key units not before t query units, and whether it is equal."""
    first, calendar, second = _steps(query, keys)
    value, exact = _ceil(t * first)
    if calendar == _DAYS_OF_MONTHS:
        value = first_day(value)
    elif calendar == _MONTHS_OF_DAYS:
        month = _month_from(value)
        exact = exact and first_day(month) == value
        value = month
    value, same = _ceil(value * second)
    return value, exact and same


def of_scalar(v: Any, kind: str, name: str = "v") -> tuple[int | None, Unit] | None:
    """Read a time scalar: its number (None for NaT) and unit; None if v is no time of that kind."""
    convert = getattr(v, "to_datetime64" if kind == "M" else "to_timedelta64", None)
    if convert is not None:  # pandas, which knows nanoseconds
        if getattr(v, "tzinfo", None) is not None:
            raise TypeError(f"{name}: has a time zone; pass {name}.tz_convert(None)")
        v = convert()
    elif hasattr(v, "to_datetime64") and v != v:
        return None, ("generic", 1)  # pandas.NaT, which is no time at all, of either kind
    if isinstance(v, np.datetime64 if kind == "M" else np.timedelta64):
        number = None if np.isnat(v) else int(v.astype(np.int64))
        return number, unit_of(v.dtype)
    if kind == "m" and isinstance(v, datetime.timedelta):
        return (v.days * 86_400 + v.seconds) * 10**6 + v.microseconds, ("us", 1)
    if kind == "M" and isinstance(v, datetime.datetime):
        if v.tzinfo is not None:
            raise TypeError(
                f"{name}: has a time zone; pass "
                f"{name}.astimezone(timezone.utc).replace(tzinfo=None)"
            )
        since = v - datetime.datetime(1970, 1, 1)
        return (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds, ("us", 1)
    if kind == "M" and isinstance(v, datetime.date):
        return v.toordinal() - datetime.date(1970, 1, 1).toordinal(), ("D", 1)
    return None


def exact(v: Any, dtype: np.dtype[Any], name: str = "v") -> Fraction | float | None:
    """Return a time scalar in seconds (timedeltas of months: in months); NaN for NaT."""
    read = of_scalar(v, dtype.kind, name)
    if read is None:
        return None
    number, unit = read
    if number is None:
        return float("nan")
    if "generic" in (unit[0], unit_of(dtype)[0]):
        unit = unit_of(dtype)
    if unit[0] == "generic":
        return Fraction(number)
    if unit[0] not in _MONTHS:
        return number * unit[1] * _SECONDS[unit[0]]
    months = number * unit[1] * _MONTHS[unit[0]]
    return first_day(months) * _SECONDS["D"] if dtype.kind == "M" else Fraction(months)


def has_uneven_steps(dtype: np.dtype[Any]) -> bool:
    """Tell whether the steps of a dtype differ in length, as calendar months do."""
    return dtype.kind == "M" and unit_of(dtype)[0] in _MONTHS


def exact_length(v: Any, keys: np.dtype[Any], name: str = "v") -> Fraction | float | None:
    """Return a timedelta as `exact` measures distances between such keys; None if v is none."""
    read = of_scalar(v, "m", name)
    if read is None:
        return None
    number, unit = read
    if number is None:
        return float("nan")
    of_keys = unit_of(keys)[0]
    step, count = unit_of(keys) if "generic" in (unit[0], of_keys) else unit
    if (step in _MONTHS) != (keys.kind == "m" and of_keys in _MONTHS) and of_keys != "generic":
        raise TypeError(
            f"{name}: {v!r} has no fixed ratio to distances between keys of dtype {keys}: months "
            "differ in length; pass a timedelta in a unit that has"
        )
    if step == "generic":
        return Fraction(number)
    return Fraction(number * count * (_MONTHS[step] if step in _MONTHS else _SECONDS[step]))


def steps_of(limit: Fraction | float, dtype: np.dtype[Any]) -> Fraction | float:
    """Return a distance as `exact` gives it in steps of a time dtype; other numbers as they are."""
    if dtype.kind not in "Mm" or not isinstance(limit, Fraction):
        return limit
    name, count = unit_of(dtype)
    if name == "generic":
        return limit
    return limit / (count * (_SECONDS[name] if name not in _MONTHS else _MONTHS[name]))
