"""Which arrays are accepted as keys, and how they reach the core: borrowed wherever possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx.queries import only_ints, without_nulls
from learnedidx.scalars import shown

Array = NDArray[Any]

_NUMBER_KINDS = "buif"
_TIME_KINDS = "Mm"


@dataclass(frozen=True, slots=True)
class Keys:
    """Sorted keys as the core reads them: contiguous, aligned, native.

    The first ``numbers`` of them are numbers; what follows is NaN or NaT. The fingerprint changes
    when any one key does.
    """

    array: Array
    numbers: int
    fingerprint: int | None  # None: of a file, which has its own

    def domain(self) -> tuple[Any, Any]:
        """Return the first and the last finite key, as the coordinates of a model need them."""
        numbers = self.array[: self.numbers]
        if numbers.dtype.kind in _TIME_KINDS:
            numbers = numbers.view(np.int64)
        if numbers.dtype.kind == "f":
            low, high = np.searchsorted(numbers, [-np.inf, np.inf], side="left")
            low = int(np.searchsorted(numbers, -np.inf, side="right"))
            numbers = numbers[low : int(high)]
        if numbers.size == 0:
            zero = np.zeros(1, numbers.dtype)[0].item()
            return zero, zero
        return numbers[0].item(), numbers[-1].item()


def as_keys(keys: Any, copy: bool | None = None) -> Keys:
    """Check keys and bring them to the form the core reads.

    Raises TypeError for what cannot be indexed, ValueError for a wrong shape or order; both name
    the argument, what was wrong and what to do. Takes O(n) time and, if nothing has to be
    converted, no memory.
    """
    return in_order(as_array(keys, copy))


def as_array(keys: Any, copy: bool | None = None) -> Array:
    """Bring keys to the form the core reads, without reading them; raises as as_keys does."""
    array = _as_array(keys, copy)
    _check_dtype(array.dtype)
    if array.ndim != 1:
        raise ValueError(
            f"keys: must be a 1-D array, got {array.ndim}-D of shape {array.shape}; "
            "pass keys.ravel() or one column"
        )
    return _plain(array, copy)


def in_order(array: Array, vouched: Keys | None = None) -> Keys:
    """Check the order of keys that the core can read; behind those that are vouched for. O(n)."""
    known: tuple[int, ...] = ()
    if vouched is not None and vouched.fingerprint is not None:
        known = vouched.array.size, vouched.fingerprint
    numbers, bad, fingerprint = _core.check_sorted(array, *known)
    if bad >= 0:
        raise ValueError(_unsorted(array, bad))
    return Keys(array, numbers, fingerprint)


def read_only(array: Array) -> Array:
    """Return a view that cannot be written."""
    view = array.view()
    view.flags.writeable = False
    return view


def _as_array(keys: Any, copy: bool | None) -> Array:
    if isinstance(keys, np.ma.MaskedArray):
        raise TypeError("keys: masked arrays are not supported; pass keys.compressed()")
    keys = without_nulls("keys", keys)
    if type(keys).__module__.partition(".")[0] == "pyarrow":
        return _of_arrow(keys, copy)
    try:
        array = np.array(keys, copy=False) if copy is False else np.asarray(keys)
    except (ValueError, RuntimeError) as error:
        if copy is False:
            raise ValueError(
                f"keys: copy=False, but {type(keys).__name__} needs a copy; pass an array or "
                "copy=None"
            ) from error
        raise ValueError(f"keys: cannot be read as one array ({error})") from None
    if array.dtype.kind in "fO" and array.size and only_ints(keys):
        raise TypeError(
            "keys: ints that no 64-bit integer dtype holds together; pass floats, or an array"
        )
    return array


def _of_arrow(keys: Any, copy: bool | None) -> Array:
    if hasattr(keys, "chunks"):
        if len(keys.chunks) != 1:
            raise TypeError(
                f"keys: Arrow data in {len(keys.chunks)} chunks; pass keys.combine_chunks()"
            )
        keys = keys.chunk(0)
    try:
        return np.asarray(keys.to_numpy(zero_copy_only=copy is False))
    except ValueError:
        raise ValueError(
            f"keys: copy=False, but Arrow {keys.type} needs a copy; pass copy=None"
        ) from None


def _check_dtype(dtype: np.dtype[Any]) -> None:
    advice = {
        "O": "convert them to one number type, such as keys.astype('int64'); "
        "pandas: keys.to_numpy('int64'), or tz_convert(None) for time zones; dates of "
        "Python: np.array(keys, 'M8[us]')",
        "c": "index keys.real or abs(keys)",
        "V": "index one field of it",
        "S": "strings are not supported yet",
        "U": "strings are not supported yet",
        "T": "strings are not supported yet",
    }
    known = dtype.kind in _NUMBER_KINDS + _TIME_KINDS
    if not known or (dtype.kind == "f" and dtype.itemsize > 8):
        what = advice.get(dtype.kind, "convert them to float64")
        raise TypeError(f"keys: dtype {dtype} cannot be indexed; {what}")


def _plain(array: Array, copy: bool | None) -> Array:
    """Contiguous, aligned and native; float16 as float32."""
    wanted = np.dtype(np.float32) if array.dtype == np.float16 else array.dtype.newbyteorder("=")
    flags = array.flags
    fits = wanted == array.dtype and flags.c_contiguous and flags.aligned and array.dtype.isnative
    if fits and not copy:
        return array.view()  # the caller may reshape the array object itself
    if copy is False:
        raise ValueError(
            f"keys: copy=False, but a copy is needed for dtype {array.dtype} with strides "
            f"{array.strides}; pass np.ascontiguousarray(keys, {wanted.name!r}) or copy=None"
        )
    return np.array(array, dtype=wanted, order="C", copy=True)


def _unsorted(array: Array, bad: int) -> str:
    before, after = array[bad - 1], array[bad]
    missing = np.isnat(before) if array.dtype.kind in _TIME_KINDS else before != before
    if missing:
        return (
            f"keys: must be sorted with {before} last, but position {bad} ({shown(after)}) follows "
            f"{before}; use np.sort(keys)"
        )
    return (
        f"keys: must be sorted in ascending order, but position {bad} ({shown(after)}) is smaller "
        f"than the key before it ({shown(before)}); use np.sort(keys)"
    )
