"""Tables of pandas: columns out, rows taken, and the columns that pandas.merge_asof gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx._formats.known import family_of, known_family
from learnedidx._formats.zones import zone_of
from learnedidx.interop._columns import Ordered, ordered
from learnedidx.interop._groups import Coded, codes_of_integers
from learnedidx.interop._match import Positions
from learnedidx.interop._names import names_of
from learnedidx.interop._rule import Side, is_column, nulls_refused, require_free, shared_names


def side(name: str, table: Any, on: Any, by: list[Any]) -> Side:
    """Return one side of a join; a Series is a table of one column."""
    if not hasattr(table, "columns"):
        if getattr(table, "name", None) is None:
            raise ValueError(f"{name}: a Series without a name; pass {name}.to_frame('name')")
        table = table.to_frame()
    if on is None and table.index.nlevels > 1:
        raise ValueError(
            f"{name} can only have one index; pass {name}_on, the level's name, and the other "
            "levels in by"
        )
    return Side(name, table, on, by)


def height(side: Side) -> int:
    """Return the number of rows."""
    return len(side.table)


def column(side: Side, key: Any) -> Any:
    """Return a column, a level of the index, or the array that was passed in its place."""
    import pandas as pd

    table = side.table
    if key is None:
        return table.index
    if is_column(key):
        if len(key) != len(table):
            raise ValueError(
                f"{side.called(key)}: has {len(key)} items, {side.name} {len(table)} rows; pass "
                "one item for each row"
            )
        return key if hasattr(key, "dtype") and hasattr(key, "isna") else pd.Series(key)
    if key in table.columns:
        if key in table.index.names:
            raise ValueError(
                f"{side.called(key)}: is both an index level and a column label, which is "
                "ambiguous; rename one of them"
            )
        found = table[key]
        if found.ndim > 1:
            raise side.not_unique(key)
        return found
    if key in table.index.names:
        return table.index.get_level_values(key)
    raise side.lacks(key, table.columns)


def read(side: Side) -> Ordered:
    """Return the column that is compared by order; missing values are refused."""
    name, found = side.called(side.on), column(side, side.on)
    dtype = found.dtype
    is_plain = isinstance(dtype, np.dtype)
    if not is_plain or (known_family(dtype) and not _has_none_missing(dtype)):
        missing = np.flatnonzero(np.asarray(found.isna()))
        if missing.size:
            raise nulls_refused(side, name, missing[0], _dropping(side))
    if not is_plain and hasattr(dtype, "numpy_dtype") and getattr(dtype, "kind", "O") in "biuf":
        found = found.to_numpy(dtype.numpy_dtype)
    return ordered(name, found)


def _dropping(side: Side) -> str:
    """Return how to write the table without rows that have no value to compare."""
    name, key = side.name, side.on
    if is_column(key):
        return f"{name}[~pandas.isna({name}_on)], and {name}_on likewise"
    if key is None:
        return f"{name}[{name}.index.notna()]"
    if key in side.table.columns:
        return f"{name}.dropna(subset=[{key!r}])"
    return f"{name}[{name}.index.get_level_values({key!r}).notna()]"


def _has_none_missing(dtype: Any) -> bool:
    """Tell whether all values of a dtype of NumPy are there."""
    family = family_of(dtype)
    return not (family.is_real or family.kept_missing)


def coded(left: Side, right: Side, our_key: Any, their_key: Any) -> Coded:
    """Return the groups of rows that are equal in a column of by; nulls are equal."""
    import pandas as pd

    ours, theirs = column(left, our_key), column(right, their_key)
    kinds = _kind(ours), _kind(theirs)
    if kinds[0] != kinds[1]:
        raise left.unequal(our_key, ours.dtype, theirs.dtype, right.called(their_key))
    if ours.dtype == theirs.dtype and isinstance(ours.dtype, np.dtype):
        family = known_family(ours.dtype)
        if family is not None and not family.is_real:
            found = codes_of_integers(ours.to_numpy(), theirs.to_numpy())
            if found is not None:
                return found
    elif ours.dtype != theirs.dtype and kinds[0] == "numbers":
        ours, theirs = ours.astype(object), theirs.astype(object)  # which are compared exactly
    try:
        both = pd.concat([pd.Series(theirs), pd.Series(ours)], ignore_index=True)
    except ValueError:  # times beyond the finer unit, of which items are compared
        ours, theirs = ours.astype(object), theirs.astype(object)
        both = pd.concat([pd.Series(theirs), pd.Series(ours)], ignore_index=True)
    try:
        codes, known = pd.factorize(both, use_na_sentinel=False)
    except TypeError:
        raise left.no_groups(our_key, "a column of items without a hash") from None
    return codes[len(theirs) :], codes[: len(theirs)], len(known)


def _kind(column: Any) -> str:
    """Return what values a column holds, as far as those of another kind never equal them."""
    from pandas.api import types

    dtype = column.dtype
    if types.is_bool_dtype(dtype) or types.is_numeric_dtype(dtype):
        return "numbers"
    if types.is_datetime64_any_dtype(dtype):
        return "times without a zone" if zone_of(column) is None else "instants"
    return "lengths of time" if types.is_timedelta64_dtype(dtype) else "objects"


def taken(side: Side, rows: Positions) -> Any:
    """Return rows of a table, numbered anew."""
    return side.table.take(rows).reset_index(drop=True)


def with_counts(side: Side, counts: Positions) -> Any:
    """Return a table with a column of counts."""
    require_free(side.table.columns)
    return side.table.assign(count=counts)


def joined(left: Side, right: Side, found: Positions, suffixes: Any) -> Any:
    """Return the columns of left and, at the rows that were found, those of right.

    Names and their order, the index, and dtypes where a row was not found are those that
    pandas.merge_asof gives.
    """
    import pandas as pd

    pairs = list(zip([*left.by, left.on], [*right.by, right.on], strict=True))
    shared = shared_names(left, right)
    ours = left.table
    theirs = right.table.drop(columns=[name for name in shared if name in right.table.columns])
    parts = [ours.copy(deep=False), _taken(theirs, found)]
    for part, names in zip(parts, names_of(ours, theirs, suffixes), strict=True):
        if list(part) != names:
            part.columns = names
    index = pd.RangeIndex(len(ours))
    if left.on is None or right.on is None:
        index = ours.index if len(ours) or right.on is not None else right.table.index[:0]
    for part in parts:
        part.index = index
    result = pd.concat(parts, axis=1)
    _add_keys(result, left, right, pairs, bool((found < 0).any()))
    return result


def _taken(table: Any, found: Positions) -> Any:
    """Return rows, and rows of missing values for -1, which change dtypes as reindexing does."""
    if not found.size or int(found.min()) < 0:
        return table.reset_index(drop=True).reindex(found)
    return table.take(found)


def _add_keys(result: Any, left: Side, right: Side, pairs: list[Any], is_missing: bool) -> None:
    """Add the keys that are no column of the result, or of right alone, as pandas does."""
    if left.on is None and right.on is None:
        pairs = pairs[:-1]
    alone = len(pairs) == 1  # then the index is not named
    for i, (ours, theirs) in enumerate(pairs):
        if isinstance(ours, str) and isinstance(theirs, str) and ours != theirs:
            continue
        name = _join_name(left, ours, theirs, alone)
        if name not in result.columns:
            result.insert(i, name or f"key_{i}", column(left, ours).array)
        elif name not in left.table.columns and name in right.table.columns and is_missing:
            result[name] = column(left, ours).array


def _join_name(left: Side, ours: Any, theirs: Any, alone: bool) -> Any:
    """Return what pandas calls a key."""
    if ours is None:
        return (None if is_column(theirs) else theirs) if alone else left.table.index.name
    if is_column(ours):
        return None if theirs is None or is_column(theirs) else theirs
    return ours
