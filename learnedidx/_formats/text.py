"""Text and byte strings of every source, as a column of the core: borrowed wherever possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._core import Column
from learnedidx._formats.foreign import is_masked
from learnedidx._formats.forms import TEXT, UUID, Form, form_of, form_of_item, is_missing
from learnedidx._formats.tables import one_of

Array = NDArray[Any]
Mask = NDArray[np.bool_]
_ARROW = (  # as pyarrow begins the names of types
    *("string", "large_string", "binary", "large_binary", "fixed_size_binary", "dictionary"),
    *("extension<arrow.uuid", "extension<arrow.json"),
)
_POLARS = ("String", "Binary", "Categorical", "Enum")
_NO_LISTS = (str, bytes, bytearray, memoryview, range)


def column_of(data: Any, copy: bool | None = None, name: str = "keys") -> Column | None:
    """Return keys that are text, bytes, UUIDs or addresses as a column; None for all others.

    Raises TypeError for missing or mixed items, ValueError for a wrong shape, for what is no UTF-8
    and where copy=False is not possible. O(n), or O(1) for None.
    """
    if isinstance(data, Column):
        made: Column | None = data.copy() if copy else data
    else:
        made = _checked_copy(_read(data, name), data, copy, name)
    if made is not None and made.first_null >= 0:
        raise TypeError(
            f"{name}[{made.first_null}] is None; drop missing values first, or fill them"
        )
    return made


def queries_of(data: Any, form: Form, name: str = "v") -> Column:
    """Return an array of queries for keys of a form as a column.

    Raises TypeError if they do not compare with the keys.
    """
    column = data if isinstance(data, Column) else _read(data, name, form)
    if column is None:
        got = getattr(data, "dtype", getattr(data, "type", None))
        raise form.refusal(name, "", True, str(got) if got is not None else _items(data))
    other = form_of(column)
    if not form.takes(other):
        raise form.refusal(name, other.name, True)
    at = column.first_not_of_width(form.width) if other is not form else -1
    if at >= 0:
        raise form.wrong_width(f"{name}[{at}]", len(column[at]))
    return column


def _items(data: Any) -> str:
    first = _first(data) if isinstance(data, Iterable) else data
    return f"{type(data).__name__} of {type(first).__name__}"


def _checked_copy(made: Column | None, data: Any, copy: bool | None, name: str) -> Column | None:
    if made is None or copy is None or made.copied is copy:
        return made
    if copy:
        return made.copy()
    if made.chunks > 1:
        one = "rechunk()" if hasattr(data, "rechunk") else "combine_chunks()"
        raise ValueError(
            f"{name}: copy=False, but {made.chunks} chunks need a copy; pass {name}.{one}"
        )
    raise ValueError(
        f"{name}: copy=False, but {type(data).__name__} needs a copy; pass a column of Arrow, a "
        "contiguous array of dtype S, or copy=None"
    )


def _read(data: Any, name: str, default: Form | None = None) -> Column | None:
    """Return what is text or bytes as a column; `default`: what a list without items is of."""
    data = one_of(data, name)
    if isinstance(data, Column):
        return data
    if isinstance(data, np.ndarray):
        return _of_array(data, name, default)
    if isinstance(data, (list, tuple)):
        return _of_items(data, name, default)
    library = type(data).__module__.partition(".")[0]
    if library == "pandas":
        return _of_pandas(data, name, default)
    if library in ("pyarrow", "polars"):
        return _of_library(data, name, default)
    if hasattr(data, "__arrow_c_array__") or hasattr(data, "__arrow_c_stream__"):
        return _of_arrow(data, name)
    if isinstance(getattr(data, "dtype", None), np.dtype) and data.dtype.kind in "SUTVO":
        return _of_array(np.asarray(data), name, default)
    if isinstance(data, Sequence) and not isinstance(data, _NO_LISTS):
        first = _first(data)
        is_list = default if first is None else form_of_item(first)
        return _of_items(list(data), name, default) if is_list is not None else None
    return None


def _of_library(data: Any, name: str, default: Form | None) -> Column | None:
    """Return a column of pyarrow or Polars; one that has nulls alone is of the default."""
    kind, of_polars = str(getattr(data, "type", "")), type(getattr(data, "dtype", None)).__name__
    if default is not None and (kind == "null" or str(getattr(data, "dtype", "")) == "Null"):
        return _of_items([None] * len(data), name, default)
    return _of_arrow(data, name) if kind.startswith(_ARROW) or of_polars in _POLARS else None


def _first(items: Iterable[Any]) -> Any:
    return next((item for item in items if not is_missing(item)), None)


def _of_items(items: list[Any] | tuple[Any, ...], name: str, default: Form | None) -> Column | None:
    first = _first(items)
    form = default if first is None else form_of_item(first)
    if form is None:
        return None
    if form.raw is None:
        return Column.of_list(items, name, form.kind)
    raws: list[Any] = []
    for i, item in enumerate(items):
        if is_missing(item):
            raws.append(None)
            continue
        if form_of_item(item) is not form:
            raise TypeError(
                f"{name}[{i}] is {type(item).__name__} ({item}), beside {form.name}; "
                "pass items of one kind"
            )
        raws.append(form.raw(item))
    if None in raws:
        column = Column.of_list(raws, name, "bytes")
    else:
        joined = np.frombuffer(b"".join(raws), f"V{form.width}")
        column = Column.of_fixed(joined, False, "bytes", name, True)
    return column.with_items(form.make)


def _of_array(array: Array, name: str, default: Form | None) -> Column | None:
    dtype = array.dtype
    if dtype.kind not in "SUTVO" or is_masked(array) or array.ndim == 0:
        return None
    if dtype.kind == "V" and (dtype.type is not np.void or dtype.names or dtype.subdtype):
        return None  # fields, or numbers that another library adds to NumPy
    if dtype.kind == "O":
        first = _first(array.flat)
        if (default if first is None else form_of_item(first)) is None:
            return None
    if array.ndim != 1:
        raise ValueError(
            f"{name}: must be a 1-D array, got {array.ndim}-D of shape {array.shape}; "
            f"pass {name}.ravel() or one column"
        )
    if dtype.kind == "U":
        return Column.of_ucs4(array.astype(dtype.newbyteorder("="), copy=False), name)
    if dtype.kind in "SV":
        return Column.of_fixed(array, dtype.kind == "S", "bytes", name)
    return _of_items(_listed(array), name, TEXT if dtype.kind == "T" else default)


def _listed(array: Array) -> list[Any]:
    """Return the items of an array of StringDType, or of objects; None for missing text."""
    items: list[Any] = array.tolist()
    missing = getattr(array.dtype, "na_object", "")
    if isinstance(missing, str) or missing is None:
        return items
    return [item if isinstance(item, str) else None for item in items]


def _of_arrow(data: Any, name: str) -> Column | None:
    read: Any = Column.of_arrow_stream
    try:
        if hasattr(data, "__arrow_c_array__"):
            read, capsules = Column.of_arrow, data.__arrow_c_array__()
        else:
            capsules = (data.__arrow_c_stream__(),)
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None  # a scalar, or what has no form in Arrow
    made: Column | None = read(*capsules, name)
    is_uuid = getattr(getattr(data, "type", None), "extension_name", "") == "arrow.uuid"
    return made.with_items(UUID.make) if made is not None and is_uuid else made


def _of_pandas(data: Any, name: str, default: Form | None) -> Column | None:
    dtype = getattr(data, "dtype", None)
    is_plain = isinstance(dtype, np.dtype) and dtype.kind != "O"
    if dtype is None or is_plain or hasattr(data, "levels"):
        return None  # tables, numbers and rows
    values = getattr(data, "array", data)
    if hasattr(values, "categories"):
        if default is not None and not len(values.categories):  # whose dtype says nothing
            return _of_items([None] * len(values), name, default)
        entries = _of_pandas(values.categories, name, None)
        return None if entries is None else entries.take(values.codes)
    is_text = getattr(dtype, "storage", None) == "python"
    if dtype == np.dtype(object) or is_text:
        items = data.to_numpy(object)
        missing = data.isna()
        if missing.any():
            items = np.where(missing, None, items)
        return _of_array(items, name, TEXT if is_text else default)
    of_arrow = str(getattr(dtype, "pyarrow_dtype", "")).startswith(_ARROW)
    if not of_arrow and getattr(dtype, "type", None) is not str:
        return None
    return _of_arrow(values.__arrow_array__(), name)
