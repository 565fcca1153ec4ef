"""Exact values of scalars: fractions, Decimals of any exponent, and whether two lie near."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

EXACT, ROUNDED, PAST, NAN = range(4)  # as the core's Fit
Fixed = tuple[int | float, int]
Exact = Fraction | Decimal | float  # Decimal for exponents that no key has, float for inf and NaN
FAR = 400  # in decimal digits: beyond the largest key, and below half the smallest


def item_of(v: Any) -> Any:
    """Return the item of a 0-d array; anything else as it is."""
    return v[()] if isinstance(v, np.ndarray) and v.ndim == 0 else v


def shown(v: Any) -> str:
    """Return repr(v): numbers of NumPy without their type, times also where NumPy has no words.

    It has none beyond its calendar, and for times of no unit.
    """
    try:
        return str(v) if isinstance(v, np.generic) and v.dtype.kind in "buif" else repr(v)
    except (OverflowError, ValueError):
        return f"{v.dtype.name} {int(v.astype(np.int64))}"


def shortened(v: Any, most: int = 60) -> str:
    """Return repr(v), its middle left out where it is long."""
    if isinstance(v, (str, bytes)) and len(v) > most:
        half = most // 2
        return f"{v[:half]!r}...{v[-half:]!r} (of {len(v)})"
    return shown(v)


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
