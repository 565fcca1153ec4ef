"""Arrays as codes of the sorted containers: signed 64-bit integers in the order of the numbers.

An integer is its own code. The code of a float is its bits, as an integer; that of a negative one
is the code of its size, negated. The core does the same with scalars.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.foreign import is_masked

Codes: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

_LOWEST = np.iinfo(np.int64).min
_HIGHEST = np.iinfo(np.int64).max
_TWO_63 = float(2**63)
NUMBERS = ("int", "float")  # the kinds of container that have codes of numbers
_BESIDE_NUMBERS = "bOUST"  # kinds whose items are Python objects of their own


class Items(NamedTuple):
    """Codes to be inserted, perhaps in the caller's memory, and whether they stand for floats."""

    codes: Codes
    floats: bool


class QueryCodes(NamedTuple):
    """Codes to be looked up: of the first number that is not below a query, and how it fits."""

    codes: Codes
    exact: Flags  # that number is the query
    past: Flags  # there is no such number


def codes_of_floats(values: NDArray[np.float64]) -> Codes:
    """Return the codes of floats; -0.0 has that of 0.0."""
    bits = values.view(np.int64)
    negative = bits >> 63
    codes = bits ^ (negative & _HIGHEST)
    codes -= negative
    return codes


def number_near(value: Any, floats: bool) -> float | None:
    """Return the int, or the float, that a value of some numeric type equals if any does.

    None if there is none, or none of 64 bits: that is compared first, since making an int of a
    Decimal such as 1E+3000000 takes minutes.
    """
    number = value.real if isinstance(value, complex) and value.imag == 0 else value
    try:
        if floats:
            return float(number)
        return int(number) if _LOWEST <= number <= _HIGHEST else None
    except (TypeError, ValueError, ArithmeticError):
        return None


def are_numbers(values: NDArray[Any]) -> bool:
    """Tell whether an array holds numbers, of 64 bits or more."""
    return values.dtype.kind in "biuf"


def listed(values: NDArray[Any]) -> list[Any]:
    """Return the items of an array, numbers as int and float."""
    return values.tolist() if are_numbers(values) or values.dtype.kind in "OUS" else list(values)


def refuse_nan(values: NDArray[Any], name: str) -> None:
    """Raise if there is a NaN among floats."""
    if values.dtype.kind != "f":
        return
    missing = np.isnan(values)
    if missing.any():
        first = int(missing.argmax())
        raise ValueError(
            f"{name}: NaN at position {first} is neither below nor above other numbers, so it has "
            "no place in a sorted container; leave it out"
        )


def items_of(values: NDArray[Any]) -> Items | None:
    """Return the items of an array as codes, or None if a code stands for none of them.

    That is so for bool and strings, -0.0, and integers beyond 64 bits with a sign.
    """
    require_items(values)
    kind = values.dtype.kind
    if kind in _BESIDE_NUMBERS:
        return None
    if kind == "u" and values.size and values.max() > _HIGHEST:
        return None
    if kind != "f":
        aligned = values if values.flags.aligned else values.copy()
        return Items(np.ascontiguousarray(aligned, np.int64), False)
    floats = np.ascontiguousarray(values, np.float64)
    refuse_nan(floats, "values")
    if (np.signbit(floats) & (floats == 0)).any():
        return None
    return Items(codes_of_floats(floats), True)


def require_items(values: NDArray[Any]) -> None:
    """Raise if an array is of no shape or dtype that a container takes."""
    refuse_masked(values, "values")
    if values.ndim != 1:
        raise ValueError(f"values: a 1-D array is needed, this one has shape {values.shape}")
    kind = values.dtype.kind
    if kind not in "iuf" + _BESIDE_NUMBERS or (kind == "f" and values.dtype.itemsize > 8):
        raise TypeError(
            f"values: an array of {values.dtype} has no int or float items; convert it first, for "
            "example with .astype('int64') or .tolist()"
        )


def refuse_masked(values: NDArray[Any], name: str) -> None:
    """Raise if values are masked."""
    if is_masked(values):
        raise TypeError(
            f"{name}: a masked array has no items where it is masked; use .compressed()"
        )


def query_codes(values: NDArray[Any], floats: bool, name: str = "values") -> QueryCodes:
    """Return queries of any numeric dtype as codes of ints, or of floats, exactly.

    A NaN fits nowhere: its flags say "not exact" and its code means nothing.
    """
    refuse_masked(values, name)
    kind = values.dtype.kind
    if not are_numbers(values) or values.dtype.itemsize > 8:
        raise TypeError(f"{name}: numbers are needed, this is an array of {values.dtype}")
    flat = np.ascontiguousarray(values).reshape(-1)
    if kind == "b":
        flat = flat.astype(np.int64)
    if kind == "f":
        real = flat.astype(np.float64)
        return _floats_among_floats(real) if floats else _floats_among_ints(real)
    return _ints_among_floats(flat) if floats else _ints_among_ints(flat)


def _floats_among_floats(values: NDArray[np.float64]) -> QueryCodes:
    return QueryCodes(codes_of_floats(values), ~np.isnan(values), np.zeros(values.shape, np.bool_))


def _floats_among_ints(values: NDArray[np.float64]) -> QueryCodes:
    up = np.ceil(values)
    past, below = up >= _TWO_63, up < -_TWO_63
    held = ~(past | below | np.isnan(up))
    codes = np.where(held, up, 0).astype(np.int64)
    codes[below] = _LOWEST
    return QueryCodes(codes, held & (up == values), past)


def _ints_among_ints(values: NDArray[Any]) -> QueryCodes:
    past = values > _HIGHEST if values.dtype.kind == "u" else np.zeros(values.shape, np.bool_)
    return QueryCodes(np.where(past, 0, values).astype(np.int64), ~past, past)


def _ints_among_floats(values: NDArray[Any]) -> QueryCodes:
    limit = 2 * _TWO_63 if values.dtype.kind == "u" else _TWO_63
    wide = values.astype(np.uint64 if values.dtype.kind == "u" else np.int64)
    nearest = wide.astype(np.float64)
    fits = nearest < limit  # else it was rounded up, past the format
    back = np.where(fits, nearest, 0).astype(wide.dtype)
    up = np.where(fits & (back < wide), np.nextafter(nearest, np.inf), nearest)
    return QueryCodes(codes_of_floats(up), fits & (back == wide), np.zeros(values.shape, np.bool_))
