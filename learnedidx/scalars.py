"""Single queries that the core cannot read itself, brought exactly to the format of the keys."""

from __future__ import annotations

import math
import numbers
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from learnedidx import times

EXACT, ROUNDED, PAST, NAN = range(4)  # as the core's Fit
Fixed = tuple[int | float, int]


def fixed(v: Any, keys: np.dtype[Any]) -> Fixed:
    """Return the smallest value of the keys' format that is not below v, and how v fits it.

    Raises TypeError if v cannot be compared with the keys.
    """
    if isinstance(v, np.ndarray) and v.ndim == 0:
        v = v[()]
    if keys.kind in "Mm":
        return _time(v, keys)
    value = _number(v, keys)
    if isinstance(value, float):
        if math.isnan(value):
            return 0, NAN
        if math.isinf(value):
            return _infinite(value, keys)
        value = Fraction(value)
    return _real(value, keys) if keys.kind == "f" else _integer(value, keys)


def _number(v: Any, keys: np.dtype[Any]) -> Fraction | float:
    """Read a number exactly; infinities and NaN as floats."""
    if isinstance(v, np.generic) and v.dtype.kind in "buif" and v.dtype.itemsize <= 8:
        v = v.item()
    if isinstance(v, float):
        return v
    if isinstance(v, Decimal):
        return Fraction(v) if v.is_finite() else float(v)
    if isinstance(v, numbers.Rational):
        return Fraction(int(v.numerator), int(v.denominator))
    if not isinstance(v, np.generic):
        try:
            return Fraction(operator.index(v))
        except TypeError:
            pass
    kind = v.dtype.name if isinstance(v, np.generic) else type(v).__name__
    raise TypeError(
        f"v: cannot compare {kind} ({v!r}) with keys of dtype {keys}; pass a real number"
    )


def _infinite(value: float, keys: np.dtype[Any]) -> Fixed:
    if keys.kind == "f":
        return value, EXACT
    if value > 0:
        return 0, PAST
    return _lowest(keys), ROUNDED


def _lowest(keys: np.dtype[Any]) -> int:
    return int(np.iinfo(keys).min) if keys.kind in "ui" else 0


def _integer(value: Fraction, keys: np.dtype[Any]) -> Fixed:
    up = math.ceil(value)
    highest = int(np.iinfo(keys).max) if keys.kind in "ui" else 255
    if up > highest:
        return 0, PAST
    lowest = _lowest(keys)
    if up < lowest:
        return lowest, ROUNDED
    return up, EXACT if up == value else ROUNDED


def _real(value: Fraction, keys: np.dtype[Any]) -> Fixed:
    limit = Fraction(float(np.finfo(keys).max))
    if value > limit:
        return math.inf, ROUNDED
    if value < -limit:
        return -float(limit), ROUNDED
    near = keys.type(float(value))
    while Fraction(float(near)) < value:
        near = np.nextafter(near, keys.type(np.inf))
    while True:
        below = np.nextafter(near, keys.type(-np.inf))
        if not np.isfinite(below) or Fraction(float(below)) < value:
            break
        near = below
    up = float(near)
    return up, EXACT if Fraction(up) == value else ROUNDED


def _time(v: Any, keys: np.dtype[Any]) -> Fixed:
    read = times.of_scalar(v, keys.kind)
    if read is None:
        what = "a datetime64, date or datetime" if keys.kind == "M" else "a timedelta"
        kind = v.dtype.name if isinstance(v, np.generic) else type(v).__name__
        raise TypeError(f"v: cannot compare {kind} ({v!r}) with keys of dtype {keys}; pass {what}")
    number, unit = read
    if number is None:
        return 0, NAN
    times.check_units(np.dtype(f"{keys.kind}8[{unit[1]}{unit[0]}]") if unit[0] != "generic"
                      else np.dtype(f"{keys.kind}8"), keys)
    value, exact = times.in_key_units(number, unit, times.unit_of(keys))
    if value > 2**63 - 1:
        return 0, PAST
    if value < -(2**63) + 1:
        return -(2**63) + 1, ROUNDED
    return value, EXACT if exact else ROUNDED
