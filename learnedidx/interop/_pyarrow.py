"""Tables and record batches of Arrow: columns out, and rows taken. In `by`, null equals null."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx.interop._columns import Ordered, ordered
from learnedidx.interop._groups import Coded, codes_of_integers
from learnedidx.interop._match import Positions
from learnedidx.interop._names import names_of
from learnedidx.interop._rule import Side, nulls_refused, require_free, require_names, shared_names


def side(name: str, table: Any, on: Any, by: list[Any]) -> Side:
    """Return one side of a join."""
    if not hasattr(table, "column_names"):
        raise TypeError(f"{name}: {type(table).__name__} is no table; pass a table of Arrow")
    found = Side(name, table, on, by)
    require_names(found, table.column_names, "Arrow")
    return found


def height(side: Side) -> int:
    """Return the number of rows."""
    return int(side.table.num_rows)


def read(side: Side) -> Ordered:
    """Return the column that is compared by order; nulls and NaN are refused."""
    import pyarrow.compute as pc

    name, column = side.called(side.on), _whole(side.table.column(side.on))
    if column.null_count or "float" in str(column.type) or "double" in str(column.type):
        missing = np.flatnonzero(pc.is_null(column, nan_is_null=True))
        if missing.size:
            nulls = f"pyarrow.compute.is_null({name}, nan_is_null=True)"
            hint = f"{side.name}.filter(pyarrow.compute.invert({nulls}))"
            raise nulls_refused(side, name, missing[0], hint)
    return ordered(name, column)


def _whole(column: Any) -> Any:
    """Return a column as one array, not encoded."""
    import pyarrow as pa

    column = _one(column)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _one(column: Any) -> Any:
    """Return a column as one array."""
    import pyarrow as pa

    if hasattr(column, "chunks"):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if hasattr(column, "chunks"):  # older versions keep one that is empty or too long
        column = pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)
    return column


def coded(left: Side, right: Side, our_name: str, their_name: str) -> Coded:
    """Return the groups of rows that are equal in a column of by; nulls are equal."""
    import pyarrow as pa
    from pyarrow import types

    ours, theirs = _whole(left.table.column(our_name)), _whole(right.table.column(their_name))
    if ours.type != theirs.type:
        ours, theirs = _alike(ours, theirs)
    if ours.type != theirs.type:
        raise left.unequal(our_name, ours.type, theirs.type, right.called(their_name))
    if types.is_floating(ours.type):
        ours, theirs = _one_zero(ours), _one_zero(theirs)
    if types.is_integer(ours.type) and not ours.null_count and not theirs.null_count:
        found = codes_of_integers(ours.to_numpy(), theirs.to_numpy())
        if found is not None:
            return found
    try:
        both = pa.concat_arrays([theirs, ours]).dictionary_encode("encode")
    except NotImplementedError:
        raise left.no_groups(our_name, ours.type) from None
    codes = both.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes[len(theirs) :], codes[: len(theirs)], len(both.dictionary)


def _alike(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Return columns of integers, of text, or of nulls alone in one type; others as they are."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_null(ours.type) or types.is_null(theirs.type):
        common = theirs.type if types.is_null(ours.type) else ours.type
        return ours.cast(common), theirs.cast(common)
    kinds = ours.type, theirs.type
    if all(types.is_string(kind) or types.is_large_string(kind) for kind in kinds):
        return ours.cast(pa.large_string()), theirs.cast(pa.large_string())
    if all(map(types.is_integer, kinds)):
        try:
            return ours.cast(pa.int64()), theirs.cast(pa.int64())
        except pa.ArrowInvalid:  # uint64 beyond
            return ours.cast(pa.decimal128(20)), theirs.cast(pa.decimal128(20))
    return ours, theirs


def _one_zero(floats: Any) -> Any:
    """Return floats with one zero and one NaN: Arrow tells bits apart."""
    import pyarrow as pa

    values = floats.to_numpy(zero_copy_only=False) + floats.type.to_pandas_dtype()(0)
    values[np.isnan(values)] = np.nan
    return pa.array(values, floats.type, mask=np.asarray(floats.is_null()))


def taken(side: Side, rows: Positions) -> Any:
    """Return rows of a table."""
    return rows_of(side.table, rows)


def rows_of(table: Any, rows: Any) -> Any:
    """Return rows of a table or a record batch; those of null have nulls."""
    columns = [items_of(column, rows) for column in table.columns]
    return type(table).from_arrays(columns, schema=table.schema)


def items_of(column: Any, rows: Any) -> Any:
    """Return items of a column. Arrow takes none of views of strings: they are cast, and back."""
    plain = _without_views(column.type)
    if plain == column.type:
        return column.take(rows)
    return column.cast(plain).take(rows).cast(column.type)


def _without_views(kind: Any) -> Any:
    """Return a type with large strings in the place of views, also in lists and structs."""
    import pyarrow as pa

    if str(kind) == "string_view":
        return pa.large_string()
    if str(kind) == "binary_view":
        return pa.large_binary()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_without_views(field.type)) for field in kind])
    for is_list, make in ((pa.types.is_list, pa.list_), (pa.types.is_large_list, pa.large_list)):
        if is_list(kind):
            field = kind.value_field
            return make(field.with_type(_without_views(field.type)))
    return kind


def with_counts(side: Side, counts: Positions) -> Any:
    """Return a table with a column of counts."""
    import pyarrow as pa

    require_free(side.table.column_names)
    return side.table.append_column("count", pa.array(counts))


def joined(left: Side, right: Side, found: Positions, suffixes: Any) -> Any:
    """Return the columns of left and, at the rows that were found, those of right."""
    import pyarrow as pa

    dropped = shared_names(left, right)
    theirs = right.table.column_names
    kept = [i for i, name in enumerate(theirs) if name not in dropped]  # names may come twice
    names = names_of(left.table.column_names, [theirs[i] for i in kept], suffixes)
    rows = pa.array(found, mask=found < 0)
    fields = [*left.table.schema, *(right.table.schema.field(i).with_nullable(True) for i in kept)]
    columns = [*left.table.columns, *(items_of(right.table.column(i), rows) for i in kept)]
    schema = pa.schema(f.with_name(n) for f, n in zip(fields, names[0] + names[1], strict=True))
    if isinstance(left.table, pa.RecordBatch):
        return pa.RecordBatch.from_arrays([_one(column) for column in columns], schema=schema)
    return pa.Table.from_arrays(columns, schema=schema)
