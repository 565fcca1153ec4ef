"""Keys that are numbers: integers and bool, and floats."""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.family import Array, CoreLimit, Family, Meaning, rounded_down
from learnedidx._formats.scalars import (
    EXACT,
    FAR,
    NAN,
    PAST,
    ROUNDED,
    Exact,
    Fixed,
    item_of,
    nearer,
)

NUMBER, BOOLEAN = 0, 1  # in files
FAR_ON_AXIS = 1e300  # beyond, the width of an axis overflows


class Numbers(Family):
    """What integers and floats share: any numbers compare with them, by value."""

    query, queries = "a real number", "numbers"

    def _compares(self, query: np.dtype[Any], name: str) -> bool:
        return is_number(query)

    def may_round(self, array: Array, kinds: Iterator[Any]) -> bool:
        if array.dtype != np.float64 or not (np.abs(array) >= 2.0**53).any():
            return False  # a double holds integers below exactly
        return not all(_is_float(kind) for kind in kinds)

    def fixed(self, v: Any, name: str = "v") -> Fixed:
        value = nearer(self._number(item_of(v), name))
        if not isinstance(value, float):
            return self._rounded_up(value)
        if math.isnan(value):
            return 0, NAN
        return self._infinite(value) if math.isinf(value) else self._rounded_up(Fraction(value))

    def _infinite(self, value: float) -> Fixed:
        return (0, PAST) if value > 0 else (self.lowest, ROUNDED)

    def _rounded_up(self, value: Fraction) -> Fixed:
        up = math.ceil(value)
        return self._fitted(up, up == value)

    def exact(self, v: Any, name: str = "v") -> Exact:
        value = self._number(item_of(v), name)
        return Fraction(value) if isinstance(value, float) and math.isfinite(value) else value

    def _number(self, v: Any, name: str) -> Exact:
        """Read a number exactly; infinities and NaN as floats, Decimals far away as such."""
        if isinstance(v, np.generic):
            if not is_number(v.dtype):
                raise self._refused(v, name)
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
            raise self._refused(v, name) from None

    def on_axis(self, keys: Array) -> tuple[Array, NDArray[np.bool_], str]:
        drawn = keys.astype(np.float64)
        finite = np.isfinite(drawn)
        if np.any(np.abs(drawn[finite]) > FAR_ON_AXIS):
            return drawn / FAR_ON_AXIS, finite, f"key (in {FAR_ON_AXIS:g})"
        return drawn, finite, "key"

    @property
    def meaning(self) -> Meaning:
        return NUMBER, 0, 0

    @classmethod
    def dtype_in_file(cls, meaning: Meaning, stored: str) -> np.dtype[Any] | None:
        dtype = np.dtype(stored if meaning[0] == NUMBER else np.bool_)
        return dtype if meaning[0] in (NUMBER, BOOLEAN) and cls.accepts(dtype) else None


class Integers(Numbers):
    """Integers; bool, which the core reads as 0 and 1 of 8 bits."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.is_bool = dtype.kind == "b"
        self.has_exact_items = not self.is_bool
        super().__init__(dtype, np.dtype(np.uint8) if self.is_bool else None)

    @classmethod
    def accepts(cls, dtype: np.dtype[Any]) -> bool:
        return dtype.kind in "bui"

    @property
    def meaning(self) -> Meaning:
        return BOOLEAN if self.is_bool else NUMBER, 0, 0


class Reals(Numbers):
    """Floats of at most 64 bits; those of 16 are widened, since the core has none."""

    is_real = True

    def __init__(self, dtype: np.dtype[Any]) -> None:
        core = np.dtype(np.float32) if dtype.itemsize == 2 else dtype.newbyteorder("=")
        super().__init__(dtype, core)
        self.core_dtype = core

    def _set_limits(self) -> None:
        self.highest = float(np.finfo(self.native_dtype).max)
        self.lowest = -self.highest

    @classmethod
    def accepts(cls, dtype: np.dtype[Any]) -> bool:
        return dtype.kind == "f" and dtype.itemsize <= 8

    def finite(self, native: Array) -> Array:
        start = np.searchsorted(native, -np.inf, side="right")
        return native[start : np.searchsorted(native, np.inf)]

    def middle(self, low: Array, high: Array) -> Array:
        between = low + (high - low) / 2
        return np.where(np.isfinite(between), between, low)

    def _infinite(self, value: float) -> Fixed:
        return value, EXACT

    def _rounded_up(self, value: Fraction) -> Fixed:
        if value > Fraction(self.highest):
            return math.inf, ROUNDED
        if value < Fraction(self.lowest):
            return self.lowest, ROUNDED
        real = self.native_dtype.type
        with np.errstate(all="ignore"):
            near = real(float(value))
            while np.isfinite(near) and Fraction(float(near)) < value:
                near = np.nextafter(near, real(np.inf))
            below = np.nextafter(near, real(-np.inf))
            while np.isfinite(below) and Fraction(float(below)) >= value:
                near, below = below, np.nextafter(below, real(-np.inf))
        up = float(near)
        return up, EXACT if math.isfinite(up) and Fraction(up) == value else ROUNDED

    def core_limit(self, limit: Fraction, batch: Array) -> CoreLimit:
        """Return the nearest double and the difference from it."""
        try:
            near = float(limit)
        except OverflowError:
            return 0, math.inf, 0.0, 0, 0
        return 0, near, rounded_down(limit - Fraction(near)), 0, 0

    def of_bits(self, bits: Any) -> Any:
        return float(bits.view(np.float64))


def is_number(dtype: np.dtype[Any]) -> bool:
    """Tell whether scalars of that dtype are numbers of at most 64 bits."""
    return Integers.accepts(dtype) or Reals.accepts(dtype)


def _is_float(kind: Any) -> bool:
    if isinstance(kind, type):
        return issubclass(kind, float)
    return getattr(kind, "kind", "") == "f"


def _decimal(v: Decimal) -> Exact:
    """Return a Decimal as a fraction, unless that takes more digits than it is written with."""
    if not v.is_finite():
        return float("nan" if v.is_nan() else v)
    if not v:
        return Fraction(0)
    return v if abs(v.adjusted()) > FAR else Fraction(v)
