"""Columns: keys, or queries, of several columns, row by row."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.queries import is_array


class Columns(Sequence[tuple[Any, ...]]):
    """Columns of one length, whose rows are keys or queries of several parts.

    Rows are compared by their first column, where that is equal by the second, and so on, as
    tuples are. So ``lx.Columns(hi, lo)`` are numbers of 128 bits.

    Parameters
    ----------
    *columns : array_like, 1-D
        At least one: numbers, times, text or bytes, as ``LearnedIndex`` takes them. They are kept
        as they are; an index over them encodes each row once, in memory of its own: as many bytes
        as its numbers have, and what its strings have and two more.

    Attributes
    ----------
    columns : tuple
        The columns as they were given.

    Raises
    ------
    TypeError
        A column is no array.
    ValueError
        There is no column, or they differ in length.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> user, time = np.array([7, 7, 9]), np.array(["2026-01", "2026-03", "2026-02"], "M8[M]")
    >>> index = lx.LearnedIndex(lx.Columns(user, time))
    >>> index.searchsorted((7, np.datetime64("2026-02-01"))), index.prefix((7,)), index[2][0]
    (1, slice(0, 2, None), 9)
    >>> index.find(lx.Columns([9, 7], np.array(["2026-02", "2026-02"], "M8[M]")))
    array([ 2, -1])
    """

    __slots__ = ("columns",)

    def __init__(self, *columns: Any) -> None:
        if not columns:
            raise ValueError("Columns: got no column; pass at least one")
        for i, column in enumerate(columns):
            if not is_array(column):
                raise TypeError(
                    f"Columns: column {i} is {type(column).__name__}, no array; pass a list or an "
                    "array. A tuple is one query"
                )
            if len(column) != len(columns[0]):
                raise ValueError(
                    f"Columns: column {i} has {len(column)} rows, column 0 has {len(columns[0])}; "
                    "pass columns of one length"
                )
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, at: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, at: slice | Sequence[int] | NDArray[Any]) -> Columns: ...
    def __getitem__(self, at: Any) -> Any:
        """Return a row as a tuple, or rows of a slice or of an array of positions as Columns."""
        positional = [getattr(column, "iloc", column) for column in self.columns]
        if not isinstance(at, slice) and is_array(at):
            return Columns(*(np.asarray(column)[at] for column in self.columns))
        parts = tuple(column[at] for column in positional)
        return Columns(*parts) if isinstance(at, slice) else parts

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns, strict=True)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the rows as a structured array of fields f0, f1 and so on, a copy."""
        if copy is False:
            raise ValueError("copy=False, but rows of several columns need a copy; pass copy=None")
        parts = [np.asarray(column) for column in self.columns]
        rows = np.empty(len(self), [(f"f{i}", part.dtype) for i, part in enumerate(parts)])
        for i, part in enumerate(parts):
            rows[f"f{i}"] = part
        return rows if dtype is None else rows.astype(dtype)

    def __copy__(self) -> Columns:
        return Columns(*map(copy.copy, self.columns))

    def __repr__(self) -> str:
        return f"Columns(<{len(self)} rows of {len(self.columns)} columns>)"
