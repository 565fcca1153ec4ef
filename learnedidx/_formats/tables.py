"""Columns of tables, and what libraries hold that speak Arrow and are not known by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx._formats.zones import Zoned

Named = list[tuple[str, Any]]  # columns, each with the words that get it

_KNOWN = ("pandas", "polars", "pyarrow", "numpy", "learnedidx")  # are asked in their own words
_UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}


def table_columns(data: Any, name: str) -> Named | None:
    """Return the columns of a table, a record batch or structs of Arrow; None for all others.

    Raises TypeError for missing rows and, of a library that is not known, for missing values and
    types that NumPy does not have.
    """
    is_table, columns = _read(data, name)
    return columns if is_table else None


def one_of(data: Any, name: str, copy: bool | None = None) -> Any:
    """Return the column of a table that has one, and numbers and times of Arrow as arrays.

    All others, text of Arrow among them, come back as they are. Raises as `table_columns`, and
    ValueError where copy=False is not possible.
    """
    if isinstance(data, np.ndarray):
        return data
    is_table, columns = _read(data, name)
    if len(columns) != 1 or (isinstance(columns[0][1], _core.Column) and not is_table):
        return data
    column = columns[0][1]
    if copy is False and isinstance(column, (np.ndarray, Zoned)) and not _is_borrowed(column):
        raise ValueError(
            f"{name}: copy=False, but several chunks, days and bool of Arrow need a copy; pass "
            "copy=None"
        )
    return column


def _is_borrowed(column: Any) -> bool:
    array = np.asarray(column)
    while isinstance(array.base, np.ndarray):
        array = array.base
    return not array.flags.owndata


def _read(data: Any, name: str) -> tuple[bool, Named]:
    """Return whether it is a table, and its columns, or the only one of an unknown library."""
    library = type(data).__module__.partition(".")[0]
    if library == "pyarrow" and hasattr(data, "column_names"):
        keys = data.column_names
        return True, [(f"{name}[{key!r}]", data.column(i)) for i, key in enumerate(keys)]
    if library == "polars":
        return _of_polars(data, name)
    return (False, []) if library in _KNOWN else _of_arrow(data, name)


def _of_polars(data: Any, name: str) -> tuple[bool, Named]:
    if hasattr(data, "get_columns"):
        return True, [(f"{name}[{column.name!r}]", column) for column in data.get_columns()]
    if not hasattr(getattr(data, "dtype", None), "fields"):
        return False, []
    if data.null_count():
        raise TypeError(
            f"{name}[{data.is_null().arg_max()}] is missing; drop such rows first, or fill them"
        )
    keys = data.struct.fields
    return True, [(f"{name}.struct.field({key!r})", data.struct.field(key)) for key in keys]


def _of_arrow(data: Any, name: str) -> tuple[bool, Named]:
    """Return what `_read` does, by the C data interface alone."""
    try:
        if hasattr(data, "__arrow_c_array__"):
            read: Any = _core.arrow_array
            capsules = data.__arrow_c_array__()
        elif hasattr(data, "__arrow_c_stream__"):
            read, capsules = _core.arrow_stream, (data.__arrow_c_stream__(),)
        else:
            return False, []
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return False, []  # a scalar, or what has no form in Arrow
    is_table, columns = read(*capsules, name)
    named = []
    for key, form, column, dtype in columns:
        where = f"{name}[{key!r}]" if is_table else name
        named.append((where, _column(where, form, column, dtype)))
    return is_table, named


def _column(name: str, form: str, column: Any, dtype: str) -> Any:
    """Return a column as it is indexed: strings, or the chunks of an array in one, times as times.

    https://arrow.apache.org/docs/format/CDataInterface.html has the formats.
    """
    if column is None:
        raise TypeError(
            f"{name}: Arrow's type {form!r} cannot be indexed; pass numbers, times, text or bytes"
        )
    if isinstance(column, _core.Column):
        return column
    array = column[0] if len(column) == 1 else np.concatenate([np.empty(0, dtype), *column])
    if form.startswith("td"):
        unit = "D" if form == "tdD" else "ms"
        return array.astype(np.int64, copy=False).view(f"M8[{unit}]")
    if not form.startswith(("ts", "tD")):
        return array
    times = array.view(f"{'M' if form[1] == 's' else 'm'}8[{_UNITS[form[2]]}]")
    zone = form[4:]
    return Zoned(times, zone) if zone else times
