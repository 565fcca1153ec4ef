"""What is said of keys that no index holds: why, and what to index in their place."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Set, ValuesView
from numbers import Number
from typing import Any

from numpy.typing import NDArray

_TEXT = (
    "models learn distances, which strings do not have; pass them to lx.LearnedIndex({name}), "
    "which makes numbers of them"
)
_KINDS = {
    "c": "index {name}.real or abs({name})",
    "f": "convert them to float64",
}
# By the name of a class, so that no library is imported for its sake; a subclass has its parent's.
_OBJECTS = {
    "IPv4Interface": "pass [key.ip for key in {name}]",
    "IPv6Interface": "pass [key.ip for key in {name}]",
    "IPv6Address": "pass [key.packed for key in {name}], which are without scopes",
    "str": _TEXT,
    "bytes": _TEXT,
    "UUID": _TEXT,
    "IPv4Address": _TEXT,
    "Decimal": "index whole numbers, such as np.array([int(key * 100) for key in {name}]) for two "
    "decimals; np.array({name}, 'float64') rounds",
    "Fraction": "np.array({name}, 'float64') rounds them",
    "time": "index seconds, such as "
    "np.array([(key.hour * 60 + key.minute) * 60 + key.second for key in {name}])",
    "Timestamp": "pass pandas.DatetimeIndex({name})",
    "Timedelta": "pass pandas.TimedeltaIndex({name})",
    "Period": "pass pandas.PeriodIndex({name}).to_timestamp()",
    "Interval": "index one end of them: {name}.left",
    "datetime64": "pass np.array({name}, 'M8')",
    "timedelta64": "pass np.array({name}, 'm8')",
    "datetime": "pass np.array({name}, 'M8[us]')",
    "date": "pass np.array({name}, 'M8[D]')",
    "timedelta": "pass np.array({name}, 'm8[us]')",
    "tuple": "index one column of them: {name}.get_level_values(0) of a MultiIndex",
    "float": "pass np.array({name}, 'float64')",
}
_AWARE = {
    "Timestamp": "pass pandas.DatetimeIndex({name})",
    "datetime": "pass np.array([key.astimezone(timezone.utc).replace(tzinfo=None) "
    "for key in {name}], 'M8[us]')",
}


def is_masked(data: Any) -> bool:
    """Tell whether data is a masked array, without importing what NumPy has not imported yet.

    The first use of np.ma imports it: a child forked meanwhile would wait for that for ever.
    """
    kind = getattr(sys.modules.get("numpy.ma"), "MaskedArray", None)
    return kind is not None and isinstance(data, kind)


def unreadable(name: str, error: Exception) -> str:
    """Say why NumPy makes no array of an argument; ``error`` is what NumPy says."""
    if "inhomogeneous" in str(error):
        return f"{name}: its rows differ in length; pass rows of one length"
    return f"{name}: cannot be read as one array ({error}); pass an array of one dtype"


def foreign(name: str, keys: Any, array: NDArray[Any]) -> str:
    """Say why keys cannot be indexed; ``array`` is what NumPy makes of them."""
    kind = array.dtype.kind
    if kind in "STU":
        return _of_text(name, keys, array)
    if kind == "V":
        fields = array.dtype.names
        which = f"one field: {name}[{fields[0]!r}]" if fields else "what the bytes stand for"
        return f"dtype {array.dtype} cannot be indexed; index {which}"
    if kind != "O":
        return f"dtype {array.dtype} cannot be indexed; {_KINDS[kind].format(name=name)}"
    if array.ndim == 0:
        return _no_array(name, keys)
    if array.size == 0:
        what = getattr(keys, "type", f"an empty array of dtype {array.dtype}")
        return f"{what} cannot be indexed; convert it to numbers, times or text"
    missing = next((i for i, key in enumerate(array.flat) if key is None), None)
    if missing is not None:
        return f"{name}[{missing}] is None; drop missing values first, or fill them"
    kinds = list(dict.fromkeys(type(key).__name__ for key in array.flat))
    numbers = sum(isinstance(key, Number) for key in array.flat)
    if 0 < numbers < array.size:
        hint = "pass keys of one kind, all numbers, all times or all text"
    else:
        hint = _hint(name, array, array.flat[0])
    return f"dtype object, of {' and '.join(kinds[:3])}, cannot be indexed; {hint}"


def _of_text(name: str, keys: Any, array: NDArray[Any]) -> str:
    """Say why text is no key: one item, rows, beside numbers, or for a model alone."""
    if array.ndim == 0:
        return f"got one item of text or bytes; pass a sorted list of them, such as [{name}]"
    if array.ndim > 1:
        return f"got {array.ndim}-D of shape {array.shape}; pass one column of text"
    mixed = isinstance(keys, (list, tuple)) and len({isinstance(key, str) for key in keys}) > 1
    if mixed or any(isinstance(key, (int, float)) for key in keys):
        return f"dtype {array.dtype}, of text and others, cannot be indexed; pass keys of one kind"
    return f"dtype {array.dtype}: {_TEXT.format(name=name)}"


def _no_array(name: str, keys: Any) -> str:
    got = type(keys).__name__
    if isinstance(keys, (Mapping, Set, ValuesView)):
        return f"got {got}, which has no order; pass sorted({name})"
    if isinstance(keys, Iterable):
        return f"got {got}, no array; pass list({name})"
    return f"got {got}; pass a sorted 1-D array of numbers, times or text"


def _hint(name: str, array: NDArray[Any], key: Any) -> str:
    for parent in type(key).__mro__:
        of_zone = _AWARE if getattr(key, "tzinfo", None) is not None else _OBJECTS
        hint = of_zone.get(parent.__name__)
        if hint is not None:
            return hint.format(name=name)
    if all(isinstance(key, int) for key in array.flat):
        low, high = min(array.flat), max(array.flat)
        if low >= -(2**63) and high < 2**63:
            return f"pass np.array({name}, 'int64')"
        if low >= 0 and high < 2**64:
            return f"pass np.array({name}, 'uint64')"
        return "no 64-bit integer dtype holds all of them; pass floats, which round them"
    return f"convert them to one type of numbers, such as np.array({name}, 'float64')"
