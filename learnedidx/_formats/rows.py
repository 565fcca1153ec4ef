"""Keys of several columns: each row becomes a byte string, whose order is that of the rows."""

from __future__ import annotations

import copy as copies
from typing import Any, Literal

import numpy as np

from learnedidx import _core
from learnedidx._formats.family import Array
from learnedidx._formats.fields import Field
from learnedidx._formats.foreign import is_masked
from learnedidx._formats.forms import form_of
from learnedidx._formats.instants import AwareDtype
from learnedidx._formats.keys import Keys, as_array, as_strings, checked_copy
from learnedidx._formats.queries import as_batch, is_array, native
from learnedidx._formats.scalars import EXACT, item_of, shown
from learnedidx._formats.strings import Strings
from learnedidx._formats.tables import Named, table_columns
from learnedidx._formats.text import column_of, queries_of
from learnedidx._formats.zones import zone_of
from learnedidx.rows import Columns


class RowForm(_core.RowCoder):
    """What encoded rows stand for; makes a tuple of the bytes of one.

    Attributes
    ----------
    fields : tuple of Field
        Of the columns.
    family : Rows
        Of such keys.
    name : str
        As messages say it.
    texts : list of int
        Which columns are strings.
    """

    width, sorting = 0, "in the order that np.lexsort gives, which takes the last column first"
    kind: Literal["bytes"] = "bytes"

    def __init__(self, fields: tuple[Field, ...]) -> None:
        super().__init__(fields)
        self.fields = fields
        self._dtypes = tuple(field.dtype for field in fields)
        self._hash = hash(self._dtypes)
        self.texts = [j for j, field in enumerate(fields) if field.core is None]
        self.name = f"({', '.join(str(field.dtype) for field in fields)})"
        self.family = Rows(self)

    def __call__(self, raw: bytes) -> tuple[Any, ...]:
        parts, _ = self.decode(_core.Column.of_list([raw]))
        if parts is None:
            raise self._no_row(f"a key, {raw!r},")
        return tuple([field.item(part) for field, part in zip(self.fields, parts, strict=True)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowForm) and self._dtypes == other._dtypes

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self.name

    @property
    def make(self) -> RowForm:
        """What makes rows of a column's bytes, as other forms have it."""
        return self

    @property
    def without_zones(self) -> RowForm:
        """The same rows, whose instants are plain times: of which index[i] is a query."""
        if not any(field.aware for field in self.fields):
            return self
        return RowForm(tuple(Field(f.core) if f.aware else f for f in self.fields))

    def columns(self, rows: _core.Column, first: int = 0) -> Columns:
        """Return the columns of encoded rows, or raise ValueError for what no row encodes to."""
        parts, bad = self.decode(rows)
        if parts is None:
            raise self._no_row(f"keys[{first + bad}]")
        return Columns(*(field.shown(part) for field, part in zip(self.fields, parts, strict=True)))

    def _no_row(self, where: str) -> ValueError:
        return ValueError(f"{where} is no row of {self}: its bytes were changed; save them again")


class End:
    """One row or the beginning of rows, encoded for one side."""

    def __init__(self, column: _core.Column) -> None:
        self.column = column


class Rows(Strings):
    """Rows of columns of certain types."""

    no_distance = "needs distances, and rows have an order alone; use 'pad' or 'backfill'"
    form: Any

    def __init__(self, form: RowForm) -> None:
        super().__init__(form)
        self.query, self.queries = "a tuple", "lx.Columns, a structured array or a list of tuples"

    def is_one(self, v: Any) -> bool:
        """Tell whether v is one query, though it has items."""
        return isinstance(v, (tuple, End))

    def is_missing(self, v: Any) -> bool:
        """Tell whether a string in a tuple is None or NA."""
        if not isinstance(v, tuple):
            return super().is_missing(v)
        return any(super(Rows, self).is_missing(v[j]) for j in self.form.texts if j < len(v))

    def batch(self, v: Any, name: str) -> _core.Column:
        """Return whole rows as a column."""
        return self._rows(v, name)

    def fixed(self, v: Any, name: str = "v") -> Any:
        """Return a whole row as a column of one."""
        if not isinstance(v, End):
            v = End(self._one(v, name))
        return v.column, EXACT

    def end(self, v: Any, right: bool, name: str) -> Any:
        """Return rows as a side searches for them; fewer columns stand for all that begin so."""
        if v is None or isinstance(v, End):
            return v
        if is_array(v, self):
            return self._rows(v, name, right)
        return End(self._one(v, name, right))

    def prefixes(self, p: Any, is_array: bool) -> tuple[Any, Any]:
        """Return beginnings of rows as two columns: before and after all that begin so."""
        make = self._rows if is_array else self._one
        first, last = (make(p, "p", after) for after in (False, True))
        self.missing(first, True, "p")
        return first, last

    def shown(self, keys: _core.Column) -> Any:
        """Return the columns of encoded rows. O(bytes)."""
        return self.form.columns(keys)

    def _one(self, v: Any, name: str, after: bool | None = None) -> _core.Column:
        v = item_of(v)
        if isinstance(v, np.void) and v.dtype.names is not None:
            v = tuple(v[field] for field in v.dtype.names)
        if not isinstance(v, tuple):
            raise TypeError(
                f"{name}: cannot compare {type(v).__name__} ({shown(v)}) with rows of "
                f"{self.form}; pass a tuple"
            )
        self._check_count(len(v), name, after is None)
        parts = [
            field.one(item, f"{name}[{j}]")
            for j, (field, item) in enumerate(zip(self.form.fields, v, strict=False))
        ]
        made: _core.Column = self.form.encode(parts, bool(after))
        return made

    def _rows(self, v: Any, name: str, after: bool | None = None) -> _core.Column:
        if isinstance(v, _core.Column):
            if v.make != self.form:
                raise self._not_rows(v, name)
            return v
        if isinstance(v, list) and not v:
            v = Columns(*([] for _ in self.form.fields))
        parts = named_columns(v, name)
        if parts is None:
            parts = self._transposed(v, name)
        self._check_count(len(parts), name, after is None)
        read = [
            _part(field, column, where)
            for field, (where, column) in zip(self.form.fields, parts, strict=False)
        ]
        made: _core.Column = self.form.encode(read, bool(after))
        return made

    def _transposed(self, v: Any, name: str) -> Named:
        """Return the columns of a list of tuples."""
        if not isinstance(v, list) or not all(isinstance(row, tuple) for row in v):
            raise self._not_rows(v, name)
        for i, row in enumerate(v):
            if len(row) != len(v[0]):
                raise ValueError(
                    f"{name}[{i}] has {len(row)} items, {name}[0] has {len(v[0])}; pass tuples of "
                    "one length"
                )
        return [
            (f"[row[{j}] for row in {name}]", list(column))
            for j, column in enumerate(zip(*v, strict=True))
        ]

    def _not_rows(self, v: Any, name: str) -> TypeError:
        got = getattr(v, "dtype", None) or type(v).__name__
        return TypeError(
            f"{name}: cannot compare {got} with rows of {self.form}; pass {self.queries}"
        )

    def _check_count(self, count: int, name: str, whole: bool) -> None:
        wanted = len(self.form.fields)
        if 0 < count <= wanted and not (whole and count < wanted):
            return
        hint = f"pass {wanted}"
        if 0 < count < wanted:
            hint += "; range, count, rank and prefix take the first ones alone"
        columns = "1 column" if count == 1 else f"{count} columns"
        raise ValueError(f"{name}: has {columns}, the keys have {wanted}; {hint}")


def as_strings_or_rows(
    keys: Any, copy: bool | None = None, name: str = "keys"
) -> tuple[Keys | None, Any]:
    """Check keys that are strings or rows; and what was given, where the index has another form.

    None, None: they are others. Raises as as_keys does.
    """
    rows = as_rows(keys, copy, name)
    if rows is not None:
        return as_strings(rows[0], name=name), rows[1]
    strings = as_strings(keys, copy, name)
    return strings, None if strings is None or strings.array.copied else keys


def as_rows(keys: Any, copy: Any, name: str) -> tuple[_core.Column, Any] | None:
    """Return keys of several columns, encoded, and what was given; None for all others.

    Raises TypeError and ValueError, with column and row, for what is no column of keys. O(n).
    """
    columns = named_columns(keys, name)
    if columns is None or (len(columns) == 1 and table_columns(keys, name) is not None):
        return None
    if not columns:
        raise ValueError(f"{name}: has no column; pass at least one")
    copy = checked_copy(copy)
    if copy is False:
        raise ValueError(
            f"{name}: copy=False, but rows are encoded in memory of their own; pass copy=None"
        )
    parts: list[Any] = []
    fields = []
    for where, column in columns:
        _require_no_nulls(column, where)
        text = column_of(column, None, where)
        if text is not None:
            fields.append(Field(form_of(text)))
            parts.append(text)
            continue
        array = as_array(column, None, where, zones=True)
        aware = zone_of(column) is not None
        fields.append(Field(AwareDtype(array.dtype) if aware else array.dtype))
        parts.append((array, None, None))
    encoded = RowForm(tuple(fields)).encode(parts, False)
    return encoded, copies.copy(keys) if copy else keys


def with_other_ends(rows: _core.Column, others: _core.Column) -> _core.Column:
    """Return rows whose last item is that of others."""
    form = rows.make
    assert isinstance(form, RowForm)
    own, other = form.columns(rows).columns, form.columns(others).columns
    parts = zip(form.fields, [*own[:-1], other[-1]], strict=True)
    return form.encode([p if f.core is None else (p, None, None) for f, p in parts], False)


def named_columns(data: Any, name: str) -> Named | None:
    """Return the columns of what has several; None for all others."""
    if isinstance(data, Columns):
        return [(f"{name}.columns[{i}]", column) for i, column in enumerate(data.columns)]
    if isinstance(data, np.ndarray) and data.dtype.names is not None:
        return _fields(data, name)
    library = type(data).__module__.partition(".")[0]
    if library == "pandas" and hasattr(data, "levels"):
        return _levels(data, name)
    if library == "pyarrow" and str(getattr(data, "type", "")).startswith("struct"):
        return _struct(data, name)
    return table_columns(data, name)


def _fields(data: Array, name: str) -> Named:
    if is_masked(data):
        raise TypeError(f"{name}: masked arrays are not supported; pass {name}.filled(...)")
    if data.ndim != 1:
        raise ValueError(f"{name}: must be a 1-D array, got {data.ndim}-D; pass {name}.ravel()")
    return [(f"{name}[{field!r}]", data[field]) for field in data.dtype.names or ()]


def _levels(data: Any, name: str) -> Named:
    for level, codes in zip(data.levels, data.codes, strict=True):
        missing = np.flatnonzero(np.asarray(codes) < 0)
        if missing.size and level.dtype.kind not in "mMf":
            raise TypeError(
                f"{name}[{missing[0]}] has a missing value; drop such rows first: {name}.dropna()"
            )
    count = range(data.nlevels)
    return [(f"{name}.get_level_values({i})", data.get_level_values(i)) for i in count]


def _struct(data: Any, name: str) -> Named:
    if hasattr(data, "chunks"):
        data = data.combine_chunks()
    _require_no_nulls(data, name)
    return [(f"{name}.field({i})", data.field(i)) for i in range(data.type.num_fields)]


def _require_no_nulls(column: Any, name: str) -> None:
    """Name the first missing item of a column of a library, unless NaT or NaN stands for it."""
    if type(column).__module__.partition(".")[0] == "pandas":
        dtype = column.dtype
        is_null = column.isna() if hasattr(dtype, "na_value") and dtype.kind not in "mMf" else []
    else:
        count = getattr(column, "null_count", 0)
        is_null = column.is_null() if (count() if callable(count) else count) else []
    missing = np.flatnonzero(np.asarray(is_null))
    if missing.size:
        raise TypeError(f"{name}[{missing[0]}] is missing; drop such rows first, or fill them")


def _part(field: Field, column: Any, name: str) -> Any:
    """Return a column of queries as the core takes it."""
    if field.core is None:
        return queries_of(column, field.dtype, name)
    batch = as_batch(column, field.family, name)
    if batch.ndim != 1:
        raise ValueError(f"{name}: must be a 1-D array, got {batch.ndim}-D; pass {name}.ravel()")
    if not field.family.goes_one_by_one(batch):
        # NumPy calls one item of packed fields contiguous.
        plain = np.require(native(batch), None, ["C", "A"])
        return plain, field.family.scale_of(batch), None
    values, fits = np.empty(batch.size, field.family.native_dtype), np.empty(batch.size, np.uint8)
    for i, item in enumerate(field.family.items(batch)):
        values[i], fits[i] = field.family.fixed(item, f"{name}[{i}]")
    return values.view(field.core), None, fits
