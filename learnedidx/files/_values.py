"""Values beside keys: which a file holds, and what it says of their dtype."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from learnedidx._formats.foreign import is_masked, unreadable
from learnedidx._formats.keys import Array

# The dtypes that values and their fields may have: of fixed width, little-endian.
VALUE_DTYPE = re.compile(r"[<|]([?biufc]\d*|[SUV]\d+|[mM]8(\[\d*[a-zA-Z]+\])?)")


def as_rows(values: Array | None) -> Array | None:
    """Return the bytes of values."""
    return None if values is None else values.reshape(-1).view(np.uint8)


def as_values(values: Any, n: int) -> Array:
    """Return values as they are written: one row for each key, contiguous, little-endian."""
    if is_masked(values):
        raise TypeError(
            "values: a file keeps no mask; pass values.filled(...), or values.data and "
            "np.ma.getmaskarray(values) as two fields of one array"
        )
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise ValueError(unreadable("values", error)) from None
    if array.ndim == 0 or array.shape[0] != n:
        raise ValueError(
            f"values: must have one row for each of the {n} keys, got shape {array.shape}"
        )
    dtype = _little_endian(array.dtype)
    if dtype is None:
        raise TypeError(
            f"values: dtype {array.dtype} cannot be kept in a file; pass numbers, times or "
            "strings of fixed width, or fields of those"
        )
    if dtype.names is None:
        return np.ascontiguousarray(array, dtype)
    whole = np.zeros(array.shape, dtype)
    _fill(whole, array)
    return whole


def _fill(target: Array, source: Array) -> None:
    """Copy field by field: what lies between fields stays zero."""
    if target.dtype.names is None:
        target[...] = source
        return
    for name in target.dtype.names:
        _fill(target[name], source[name])


def as_json(dtype: np.dtype[Any]) -> Any:
    """Return a dtype as files have it: its text, or its size and its fields."""
    if dtype.names is None:
        return dtype.str
    within: Any = dtype.fields
    fields = [
        [name, within[name][1], as_json(dtype[name].base), list(dtype[name].shape)]
        for name in dtype.names
    ]
    return [dtype.itemsize, fields]


def as_dtype(stored: Any) -> np.dtype[Any]:
    """Return the dtype that stands in a file, which may say anything."""
    if isinstance(stored, str):
        if not VALUE_DTYPE.fullmatch(stored):
            raise TypeError(stored)
        return np.dtype(stored)
    size, fields = stored
    spec: Any = {"names": [], "offsets": [], "formats": [], "itemsize": length(size)}
    for name, at, kind, shape in fields:
        spec["names"].append(name)
        spec["offsets"].append(length(at))
        spec["formats"].append((as_dtype(kind), tuple(map(length, shape))))
    dtype: np.dtype[Any] = np.dtype(spec)
    return dtype


def _little_endian(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return a dtype as it is written; None if a file does not give back values of it."""
    try:
        little = dtype.newbyteorder("<")
        return little if little.itemsize > 0 and as_dtype(as_json(little)) == little else None
    except (TypeError, ValueError):
        return None


def length(stored: Any) -> int:
    """Return an item of a shape in a file."""
    if type(stored) is not int or stored < 0:
        raise TypeError
    return stored
