"""Single queries that the core cannot read itself, brought exactly to the format of the keys."""

from __future__ import annotations

import math
import numbers
import operator
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats import times

EXACT, ROUNDED, PAST, NAN = range(4)  # as the core's Fit
Fixed = tuple[int | float, int]
Exact = Fraction | Decimal | float  # Decimal for exponents that no key has, float for inf and NaN
FAR = 400  # in decimal digits: beyond the largest key, and below half the smallest


def fixed(v: Any, keys: np.dtype[Any], name: str = "v") -> Fixed:
    """Return the smallest value of the keys' format that is not below v, and how v fits it.

    Raises TypeError if v cannot be compared with the keys.
    """
    v = _item(v)
    if keys.kind in "Mm":
        return _time(v, keys, name)
    value = nearer(_number(v, keys, name))
    if isinstance(value, float):
        if math.isnan(value):
            return 0, NAN
        if math.isinf(value):
            return _infinite(value, keys)
        value = Fraction(value)
    return _real(value, keys) if keys.kind == "f" else _integer(value, keys)


def _item(v: Any) -> Any:
    """Return what an array without dimensions holds; anything else as it is."""
    return v[()] if isinstance(v, np.ndarray) and v.ndim == 0 else v


def shown(v: Any) -> str:
    """Return repr(v): numbers of NumPy without their type, times also where NumPy has no words.

    It has none beyond its calendar, and for times of no unit.
    """
    try:
        return str(v) if isinstance(v, np.generic) and v.dtype.kind in "buif" else repr(v)
    except (OverflowError, ValueError):
        return f"{v.dtype.name} {int(v.astype(np.int64))}"


def exact(v: Any, keys: np.dtype[Any], name: str = "v") -> Exact:
    """Return the exact value of a scalar comparable with such keys; times in seconds."""
    v = _item(v)
    if keys.kind not in "Mm":
        value = _number(v, keys, name)
        return Fraction(value) if isinstance(value, float) and math.isfinite(value) else value
    seconds = times.exact(v, keys, name)
    if seconds is None:
        raise TypeError(_foreign(v, keys, name))
    return seconds


def nearer(value: Exact) -> Fraction | float:
    """Return a Decimal of a large exponent as one beyond, or between 0 and, the same values."""
    if not isinstance(value, Decimal):
        return value
    size = Fraction(10) ** (FAR if value.adjusted() > 0 else -FAR)
    return -size if value.is_signed() else size


def within(a: Fraction, b: Exact, limit: Exact) -> bool:
    """Tell whether two numbers lie at most `limit` apart, none of them infinite or NaN."""
    return _at_most(b, _negative(limit), a) and _at_most(_negative(b), _negative(limit), -a)


def _at_most(a: Exact, b: Exact, bound: Fraction) -> bool:
    """Tell whether a + b <= bound; Decimals of any exponent are never written out."""
    far = [part for part in (a, b) if isinstance(part, Decimal)]
    bound -= sum(Fraction(part) for part in (a, b) if not isinstance(part, Decimal))
    if not far:
        return bound >= 0
    top, scale = Decimal(bound.numerator), Decimal(bound.denominator)
    shift = -max(part.adjusted() for part in far)  # away from the ends of the exponents
    whole = _context(_digits(scale) + max(map(_digits, far)))
    parts = [whole.multiply(whole.scaleb(part, shift), scale) for part in far]
    # Rounded up to as many digits as the bound has: the sum passes it if and only if this does.
    up = _context(_digits(top))
    return up.add(parts[0], parts[1] if len(parts) > 1 else Decimal(0)) <= up.scaleb(top, shift)


def _context(digits: int) -> Context:
    return Context(digits, ROUND_CEILING, MIN_EMIN, MAX_EMAX, traps=[])


def _digits(value: Decimal) -> int:
    return len(value.as_tuple().digits)


def _negative(value: Exact) -> Exact:
    return value.copy_negate() if isinstance(value, Decimal) else -value


def as_keys(batch: NDArray[Any], keys: np.dtype[Any]) -> NDArray[Any]:
    """Return queries of any types as the first key values that are not below them."""
    found = np.empty(batch.shape, np.int64 if keys.kind in "Mm" else keys)
    largest = np.inf if keys.kind == "f" else np.iinfo(_integers(keys)).max
    for i, item in enumerate(batch.flat):
        value, fit = fixed(item, keys)
        found.flat[i] = value if fit in (EXACT, ROUNDED) else largest
    return found.view(keys) if keys.kind in "Mm" else found


def _integers(keys: np.dtype[Any]) -> np.dtype[Any]:
    """Return the integers that keys of a dtype are in memory."""
    if keys.kind == "b":
        return np.dtype(np.uint8)
    return np.dtype(np.int64) if keys.kind in "Mm" else keys


def exact_length(v: Any, keys: np.dtype[Any], name: str = "v") -> Exact:
    """Return a distance between keys exactly; for time keys a timedelta, in seconds."""
    if keys.kind not in "Mm":
        return exact(v, keys, name)
    v = _item(v)
    length = times.exact_length(v, keys, name)
    if length is None:
        raise TypeError(f"{name}: got {type(v).__name__} ({shown(v)}); pass a timedelta")
    return length


def _foreign(v: Any, keys: np.dtype[Any], name: str) -> str:
    what = {"M": "a datetime64, date or datetime", "m": "a timedelta"}.get(
        keys.kind, "a real number"
    )
    kind = v.dtype.name if isinstance(v, np.generic) else type(v).__name__
    return f"{name}: cannot compare {kind} ({shown(v)}) with keys of dtype {keys}; pass {what}"


def _number(v: Any, keys: np.dtype[Any], name: str) -> Exact:
    """Read a number exactly; infinities and NaN as floats, Decimals of large exponents as such."""
    if isinstance(v, np.generic):
        if v.dtype.kind not in "buif" or v.dtype.itemsize > 8:
            raise TypeError(_foreign(v, keys, name))
        v = v.item()
    if isinstance(v, float):
        return v
    if isinstance(v, Decimal):
        return _decimal(v)
    if isinstance(v, numbers.Rational):
        return Fraction(int(v.numerator), int(v.denominator))
    try:
        return Fraction(operator.index(v))
    except TypeError:
        raise TypeError(_foreign(v, keys, name)) from None


def _decimal(v: Decimal) -> Exact:
    """Return a Decimal as a fraction, unless that takes more digits than it is written with."""
    if not v.is_finite():
        return float("nan" if v.is_nan() else v)
    if not v:
        return Fraction(0)
    return v if abs(v.adjusted()) > FAR else Fraction(v)


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
    with np.errstate(all="ignore"):
        near = keys.type(float(value))
        while np.isfinite(near) and Fraction(float(near)) < value:
            near = np.nextafter(near, keys.type(np.inf))
        below = np.nextafter(near, keys.type(-np.inf))
        while np.isfinite(below) and Fraction(float(below)) >= value:
            near, below = below, np.nextafter(below, keys.type(-np.inf))
    up = float(near)
    if math.isinf(up):
        return up, ROUNDED
    return up, EXACT if Fraction(up) == value else ROUNDED


def _time(v: Any, keys: np.dtype[Any], name: str) -> Fixed:
    read = times.of_scalar(v, keys.kind, name)
    if read is None:
        raise TypeError(_foreign(v, keys, name))
    number, unit = read
    if number is None:
        return 0, NAN
    times.check_units(times.dtype_of(keys.kind, unit), keys, name)
    value, exact = times.in_key_units(number, unit, times.unit_of(keys))
    if value > 2**63 - 1:
        return 0, PAST
    if value < -(2**63) + 1:
        return -(2**63) + 1, ROUNDED
    return value, EXACT if exact else ROUNDED
