"""Time zones: which columns and scalars are instants, and how they are written with a zone or none.

An instant is the same in every zone: it is kept, and compared, in UTC.
"""

from __future__ import annotations

import datetime
import sys
from typing import Any

import numpy as np


class Zoned:
    """Instants of Arrow that no known library has: their times in UTC, and the zone's name."""

    def __init__(self, array: Any, zone: str) -> None:
        self.array, self.tz = array, zone

    @property
    def dtype(self) -> Zoned:
        """What has the zone."""
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the times, in UTC."""
        return np.array(self.array, dtype, copy=copy)


def zone_of(data: Any) -> str | None:
    """Return the time zone of a column of pandas, Polars or Arrow."""
    dtype = getattr(data, "dtype", getattr(data, "type", None))
    dtype = getattr(dtype, "pyarrow_dtype", dtype)
    zone = getattr(dtype, "tz", getattr(dtype, "time_zone", None))
    return None if zone is None else str(zone)


def in_utc(data: Any) -> Any:
    """Return a column with a zone as one without, in UTC: the same memory."""
    library = _library(data)
    if isinstance(data, Zoned):
        return data.array
    if library == "polars":
        return data.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if library == "pyarrow":
        return data.cast(sys.modules["pyarrow"].timestamp(data.type.unit))
    return sys.modules["pandas"].Series(data).dt.tz_convert(None)


def without_zone(name: str, data: Any) -> str:
    """Return how to write the same instants without a zone, in UTC."""
    library = _library(data)
    if isinstance(data, Zoned):
        unit = np.datetime_data(data.array.dtype)[0]
        return f"pyarrow.array({name}).cast(pyarrow.timestamp({unit!r}))"
    if library == "polars":
        return f"{name}.dt.convert_time_zone('UTC').dt.replace_time_zone(None)"
    if library == "pyarrow":
        return f"{name}.cast(pyarrow.timestamp({name}.type.unit))"
    return f"{name}{'.dt' if hasattr(data, 'dt') else ''}.tz_convert(None)"


def with_zone(name: str, data: Any) -> str:
    """Return how to write a column without a zone as instants, if it is in UTC."""
    library = _library(data)
    if library == "polars":
        return f"{name}.dt.replace_time_zone('UTC')"
    if library == "pyarrow":
        return f"pyarrow.compute.assume_timezone({name}, 'UTC')"
    if library == "pandas":
        return f"{name}{'.dt' if hasattr(data, 'dt') else ''}.tz_localize('UTC')"
    return f"pandas.DatetimeIndex({name}).tz_localize('UTC')"


def in_its_zone(name: str, data: Any) -> str:
    """Return what to do with a column without a zone."""
    return (
        f"if it is in UTC, pass {with_zone(name, data)}; if it is in local time, pass that with "
        "its zone, such as 'Europe/Berlin', in the place of 'UTC'"
    )


def no_zone(name: str, data: Any, dtype: Any) -> TypeError:
    """Say that a column of that dtype has no time zone, beside keys that have one."""
    return TypeError(
        f"{name}: {dtype} has no time zone, and the keys are instants; {in_its_zone(name, data)}"
    )


def is_instant(v: Any) -> bool:
    """Tell whether a scalar is a date and time with a zone; NaT is none."""
    return isinstance(v, datetime.datetime) and v == v and v.utcoffset() is not None


def instant_of(v: Any) -> str:
    """Return how to write a date, or a date and time without a zone, as an instant."""
    if isinstance(v, np.datetime64):
        return "pandas.Timestamp({}, tz='UTC')"
    if hasattr(v, "tz_localize"):
        return "{}.tz_localize('UTC')"
    if isinstance(v, datetime.datetime):
        return "{}.replace(tzinfo=timezone.utc)"
    return "datetime({0}.year, {0}.month, {0}.day, tzinfo=timezone.utc)"


def _library(data: Any) -> str:
    return type(data).__module__.partition(".")[0]
