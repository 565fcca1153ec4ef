"""Which arrays are accepted as keys, and how they reach the core: borrowed wherever possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats import scalars
from learnedidx._formats.foreign import foreign, is_masked, unreadable
from learnedidx._formats.queries import is_rounded, leaves, one_column
from learnedidx._formats.scalars import shown

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


def as_keys(keys: Any, copy: bool | None = None, name: str = "keys") -> Keys:
    """Check keys and bring them to the form the core reads.

    Raises TypeError for what cannot be indexed, ValueError for a wrong shape or order; both name
    the argument, what was wrong and what to do. Takes O(n) time and, if nothing has to be
    converted, no memory.
    """
    return in_order(as_array(keys, copy, name), name)


def as_array(keys: Any, copy: bool | None = None, name: str = "keys") -> Array:
    """Bring keys to the form the core reads, without reading them; raises as as_keys does."""
    if copy is not None and not isinstance(copy, (bool, np.bool_)):
        raise TypeError(f"copy: must be None, True or False, got {copy!r}")
    copy = None if copy is None else bool(copy)
    array = _as_array(keys, copy, name)
    if not _can_be_keys(array.dtype):
        raise TypeError(f"{name}: {foreign(name, keys, array)}")
    if array.ndim != 1:
        raise ValueError(
            f"{name}: must be a 1-D array, got {array.ndim}-D of shape {array.shape}; "
            f"pass {name}.ravel() or one column"
        )
    return _plain(array, copy, name)


def in_order(array: Array, name: str = "keys", vouched: Keys | None = None) -> Keys:
    """Check the order of keys that the core can read; behind those that are vouched for. O(n)."""
    known: tuple[int, ...] = ()
    if vouched is not None and vouched.fingerprint is not None:
        known = vouched.array.size, vouched.fingerprint
    numbers, bad, fingerprint = _core.check_sorted(array, *known)
    if bad >= 0:
        raise ValueError(
            f"{name}: not sorted: {disorder(array, name)}; sort them first: np.sort({name}), or "
            f"np.argsort({name}) where values belong to them"
        )
    return Keys(array, numbers, fingerprint)


def read_only(array: Array) -> Array:
    """Return a view that cannot be written."""
    view = array.view()
    view.flags.writeable = False
    return view


def disorder(array: Array, name: str = "keys") -> str:
    """Return in words which key is out of order, the first one. O(n)."""
    bad = _core.check_sorted(array)[1]
    before, after = array[bad - 1], array[bad]
    last = ", which belongs last" if before != before else ""
    return f"{name}[{bad}] = {shown(after)} comes after {name}[{bad - 1}] = {shown(before)}{last}"


def _as_array(keys: Any, copy: bool | None, name: str) -> Array:
    if is_masked(keys):
        raise TypeError(f"{name}: masked arrays are not supported; pass {name}.compressed()")
    keys = one_column(name, keys)
    if type(keys).__module__.partition(".")[0] == "pyarrow":
        return _of_arrow(keys, copy, name)
    try:
        array = np.array(keys, copy=False) if copy is False else np.asarray(keys)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        if copy is False:
            raise ValueError(
                f"{name}: copy=False, but {type(keys).__name__} needs a copy; pass an array or "
                "copy=None"
            ) from error
        raise ValueError(unreadable(name, error)) from None
    if is_rounded(keys, array):
        _check_exact(keys, array.dtype, name)
    return array


def _check_exact(keys: Any, dtype: np.dtype[Any], name: str) -> None:
    for key in leaves(keys):
        if scalars.fixed(key, dtype, name)[1] not in (scalars.EXACT, scalars.NAN):
            raise TypeError(
                f"{name}: NumPy makes {dtype} of this list, which does not hold {shown(key)}; "
                "pass an array of the dtype that you want"
            )


def _of_arrow(keys: Any, copy: bool | None, name: str) -> Array:
    if hasattr(keys, "chunks"):
        if len(keys.chunks) != 1:
            raise TypeError(
                f"{name}: Arrow data in {len(keys.chunks)} chunks; pass {name}.combine_chunks()"
            )
        keys = keys.chunk(0)
    try:
        return np.asarray(keys.to_numpy(zero_copy_only=copy is False))
    except ValueError:
        raise ValueError(
            f"{name}: copy=False, but Arrow {keys.type} needs a copy; pass copy=None"
        ) from None


def _can_be_keys(dtype: np.dtype[Any]) -> bool:
    known = dtype.kind in _NUMBER_KINDS + _TIME_KINDS
    return known and (dtype.kind != "f" or dtype.itemsize <= 8)


def _plain(array: Array, copy: bool | None, name: str) -> Array:
    """Contiguous, aligned and native; float16 as float32."""
    wanted = np.dtype(np.float32) if array.dtype == np.float16 else array.dtype.newbyteorder("=")
    flags = array.flags
    fits = wanted == array.dtype and flags.c_contiguous and flags.aligned and array.dtype.isnative
    if fits and not copy:
        return array.view()  # the caller may reshape the array object itself
    if copy is False:
        raise ValueError(
            f"{name}: copy=False, but a copy is needed for dtype {array.dtype} with strides "
            f"{array.strides}; pass np.ascontiguousarray({name}, {wanted.name!r}) or copy=None"
        )
    return np.array(array, dtype=wanted, order="C", copy=True)
