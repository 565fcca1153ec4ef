"""The column that is compared by order, as arrays: checked, without nulls, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx._formats.family import Array
from learnedidx._formats.keys import as_array
from learnedidx._formats.known import family_of
from learnedidx._formats.times import Times
from learnedidx._formats.zones import in_its_zone, zone_of
from learnedidx.interop._match import Positions


@dataclass(frozen=True, slots=True)
class Ordered:
    """One side's column.

    Attributes
    ----------
    name : str
        As messages say it.
    array : array
        What is compared, without nulls.
    column : column
        Of the library, as it was given.
    rows : array or None
        The rows of the table that `array` has, where others are null.
    """

    name: str
    array: Array
    column: Any
    rows: Positions | None = None

    @property
    def is_aware(self) -> bool:
        """Whether these are instants, which have a time zone."""
        return zone_of(self.column) is not None


def ordered(name: str, column: Any, rows: Positions | None = None, given: Any = None) -> Ordered:
    """Read a column that has no nulls, or what is left of `given` without them.

    Raises TypeError for what is neither a number nor a time.
    """
    try:
        array = as_array(column, None, name, zones=True)
    except (TypeError, ValueError):
        dtype = getattr(column, "dtype", getattr(column, "type", "object"))
        raise TypeError(
            f"{name}: {dtype} is no column of numbers or times, which are compared by order; "
            "convert it, or pass another column"
        ) from None
    return Ordered(name, array, column if given is None else given, rows)


def require_comparable(left: Ordered, right: Ordered) -> None:
    """Raise TypeError for times against numbers, and instants against times without a zone."""
    if left.is_aware != right.is_aware:
        aware, naive = (left, right) if left.is_aware else (right, left)
        raise TypeError(
            f"{naive.name}: {naive.array.dtype} has no time zone, {aware.name} has "
            f"{zone_of(aware.column)}; {in_its_zone(naive.name, naive.column)}"
        )
    try:
        family_of(right.array.dtype).check(left.array.dtype, left.name)
    except TypeError:
        raise TypeError(
            f"{left.name}: cannot compare {left.array.dtype} with {right.array.dtype} of "
            f"{right.name}; convert one of them"
        ) from None


def comparable(left: Ordered, right: Ordered) -> tuple[Ordered, Ordered]:
    """Return both columns with times in one unit; refuse those that do not compare."""
    require_comparable(left, right)
    if left.array.dtype == right.array.dtype or not Times.accepts(left.array.dtype):
        return left, right
    common = np.promote_types(left.array.dtype, right.array.dtype)
    return _in_unit(left, common), _in_unit(right, common)


def _in_unit(column: Ordered, dtype: Any) -> Ordered:
    """Return times in a finer unit, or raise ValueError if they lie beyond its calendar."""
    try:
        array = column.array.astype(dtype)
        fits = np.array_equal(array.astype(column.array.dtype), column.array, equal_nan=True)
    except OverflowError:
        fits = False
    if not fits:
        raise ValueError(
            f"{column.name}: holds times that {dtype}, the unit of the other table, cannot count; "
            f"convert that to {column.array.dtype}"
        )
    return replace(column, array=array)


def values_at(values: Array, rows: Positions, over: bool) -> tuple[Array, Positions]:
    """Return values at rows, zero for those that are not there, and where these are.

    `over`: they take the rows' memory, and have eight bytes.
    """
    out = rows.view(values.dtype) if over else np.empty(rows.size, values.dtype)
    return out, _core.take_rows(values, rows, out)
