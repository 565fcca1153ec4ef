"""Tables of Polars: columns out, and rows taken. What is null matches nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx.interop._columns import Ordered, ordered, values_at
from learnedidx.interop._groups import Coded, codes_of_integers
from learnedidx.interop._match import Positions
from learnedidx.interop._names import names_of
from learnedidx.interop._rule import Side, require_free, require_names, shared_names

NUMBERS = {f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64)}
NUMBERS |= {"Float32", "Float64"}


def side(name: str, table: Any, on: Any, by: list[Any]) -> Side:
    """Return one side of a join."""
    found = Side(name, table, on, by)
    require_names(found, table.columns, "Polars")
    return found


def height(side: Side) -> int:
    """Return the number of rows."""
    return int(side.table.height)


def read(side: Side) -> Ordered:
    """Return the column that is compared by order, without its nulls."""
    name, column = side.called(side.on), side.table.get_column(side.on)
    if not column.null_count():
        return ordered(name, column)
    rows = column.is_not_null().arg_true().to_numpy().astype(np.intp)
    return ordered(name, column.drop_nulls(), rows, column)


def coded(left: Side, right: Side, our_name: str, their_name: str) -> Coded:
    """Return the groups of rows that are equal in a column of by; null is in none."""
    import polars as pl

    ours, theirs = left.table.get_column(our_name), right.table.get_column(their_name)
    if ours.dtype != theirs.dtype or ours.dtype in (pl.Categorical, pl.Enum):
        ours, theirs = _alike(ours, theirs)
    if ours.dtype != theirs.dtype:
        raise left.unequal(our_name, ours.dtype, theirs.dtype, right.called(their_name))
    if isinstance(ours.dtype, (pl.List, pl.Array)):
        raise left.no_groups(our_name, ours.dtype)
    is_short = ours.dtype.is_integer() and str(ours.dtype) in NUMBERS
    if is_short and not ours.null_count() and not theirs.null_count():
        found = codes_of_integers(ours.to_numpy(), theirs.to_numpy())
        if found is not None:
            return found
    known = theirs.unique().drop_nulls()
    numbers = pl.Series(np.arange(known.len()))
    codes = (
        part.replace_strict(known, numbers, default=-1, return_dtype=pl.Int64).fill_null(-1)
        for part in (ours, theirs)
    )
    return *(part.to_numpy() for part in codes), known.len()


def _alike(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Return columns of integers, of text, or of nulls alone in one type; others as they are."""
    import polars as pl

    if pl.Null in (ours.dtype, theirs.dtype):
        common = theirs.dtype if ours.dtype == pl.Null else ours.dtype
    elif all(part.dtype in (pl.String, pl.Categorical, pl.Enum) for part in (ours, theirs)):
        common = pl.String
    elif all(part.dtype.is_integer() for part in (ours, theirs)):
        for common in (pl.Int64, pl.Int128):
            try:
                return ours.cast(common), theirs.cast(common)
            except pl.exceptions.InvalidOperationError:  # some are beyond
                continue
        return ours, theirs
    else:
        return ours, theirs
    return ours.cast(common), theirs.cast(common)


def taken(side: Side, rows: Positions) -> Any:
    """Return rows of a table."""
    return side.table[rows]


def with_counts(side: Side, counts: Positions) -> Any:
    """Return a table with a column of counts."""
    import polars as pl

    require_free(side.table.columns)
    return side.table.with_columns(pl.Series("count", counts))


def joined(left: Side, right: Side, found: Positions, suffixes: Any) -> Any:
    """Return the columns of left and, at the rows that were found, those of right."""
    import polars as pl

    dropped = shared_names(left, right)
    theirs = [column for column in right.table.get_columns() if column.name not in dropped]
    names = names_of(left.table.columns, [column.name for column in theirs], suffixes)
    columns = [*left.table.get_columns(), *_columns_at(theirs, found)]
    return pl.DataFrame([c.alias(n) for c, n in zip(columns, names[0] + names[1], strict=True)])


def _columns_at(columns: list[Any], found: Positions) -> list[Any]:
    """Return the columns at rows, null at -1. One of eight bytes lies where the rows were then."""
    import polars as pl

    plain = [_numbers(column) for column in columns]
    eight = (i for i, numbers in enumerate(plain) if numbers is not None and numbers.itemsize == 8)
    last = next(eight, -1)
    rows, taken, missing = pl.Series(found), list(columns), None
    if found.size and any(numbers is None for numbers in plain) and found.min() < 0:
        rows = rows.set(rows < 0, None)
    for i in sorted(range(len(columns)), key=lambda i: i == last):
        if plain[i] is None:
            taken[i] = columns[i].gather(rows)
            continue
        values, lost = values_at(plain[i], found, i == last)
        made = pl.Series(values)
        if lost.size:
            if missing is None:  # the same rows in every column
                missing = np.zeros(found.size, np.bool_)
                missing[lost] = True
            made = made.set(pl.Series(missing), None)
        taken[i] = made.cast(columns[i].dtype)
    return taken


def _numbers(column: Any) -> Any:
    """Return the values of a column of numbers or times where they lie; None: not as an array."""
    if not column.dtype.is_temporal() and str(column.dtype) not in NUMBERS:
        return None
    try:
        return column.to_physical().to_numpy(allow_copy=False)
    except RuntimeError:  # nulls, or several chunks
        return None
