"""Which arrays are accepted as keys, and how they reach the core: borrowed wherever possible."""

from __future__ import annotations

import copy as copies
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx._formats.family import Array as Array
from learnedidx._formats.family import Domain, Family
from learnedidx._formats.foreign import foreign, is_masked, unreadable
from learnedidx._formats.forms import form_of
from learnedidx._formats.instants import AwareDtype
from learnedidx._formats.known import family_of, known_family
from learnedidx._formats.queries import is_rounded, leaves, one_column
from learnedidx._formats.scalars import EXACT, NAN, shortened, shown
from learnedidx._formats.tables import one_of
from learnedidx._formats.zones import Zoned, zone_of


@dataclass(frozen=True, slots=True)
class Keys:
    """Sorted keys as the core reads them: contiguous, aligned, native.

    The first ``numbers`` of them are numbers; what follows is NaN or NaT. The fingerprint changes
    when any one key does. So many ``threads`` may train a model over them.
    """

    array: Any  # an Array, or a Column of strings
    numbers: int
    fingerprint: int | None  # None: of a file, which has its own
    aware: bool = False  # they are instants, given with a time zone
    threads: int = 1

    @property
    def dtype(self) -> Any:
        """Their dtype, or the form of strings."""
        if isinstance(self.array, _core.Column):
            return form_of(self.array)
        return AwareDtype(self.array.dtype) if self.aware else self.array.dtype

    @property
    def family(self) -> Family:
        """What these keys are."""
        return family_of(self.dtype)

    def given(self, keys: Any, copy: bool | None) -> Any:
        """Return what instants were given as, with its zone, or a copy of it; None of others."""
        if not self.aware or isinstance(keys, Zoned):
            return None
        return copies.copy(keys) if copy else keys

    @property
    def native(self) -> Array:
        """The keys without NaN and NaT, as models see them."""
        return self.family.native(self.array[: self.numbers])

    def domain(self) -> Domain:
        """Return the first and the last finite key, as the coordinates of a model need them."""
        finite = self.family.finite(self.native)
        return (finite[0].item(), finite[-1].item()) if finite.size else (0, 0)


def as_keys(
    keys: Any,
    copy: bool | None = None,
    name: str = "keys",
    zones: bool = False,
    threads: int = 1,
) -> Keys:
    """Check keys and bring them to the form the core reads.

    Raises TypeError for what cannot be indexed, ValueError for a wrong shape or order; both name
    the argument, what was wrong and what to do. Without `zones`, keys with a time zone are refused.
    Takes O(n) time and, if nothing has to be converted, no memory.
    """
    keys = one_of(keys, name)
    aware = zone_of(keys) is not None
    array = as_array(keys, copy, name, zones)
    sorting = f"{name}.sort_values() of pandas, {name}.sort() of Polars and Arrow" if aware else ""
    return replace(in_order(array, name, threads=threads, sorting=sorting), aware=aware)


def as_strings(keys: Any, copy: bool | None = None, name: str = "keys") -> Keys | None:
    """Check keys that are strings of bytes; None: they are others. Raises as as_keys does."""
    from learnedidx._formats.text import column_of

    column = column_of(keys, checked_copy(copy), name)
    if column is None:
        return None
    bad, fingerprint = _core.check_strings(column)
    if bad >= 0:
        before, after = shortened(column[bad - 1]), shortened(column[bad])
        raise ValueError(
            f"{name}: not sorted: {name}[{bad}] = {after} comes after {name}[{bad - 1}] = "
            f"{before}; "
            f"sort them first, {form_of(column).sorting}"
        )
    return Keys(column, column.size, fingerprint)


def checked_copy(copy: Any) -> bool | None:
    """Return a copy= as it is meant, or raise TypeError."""
    if copy is not None and not isinstance(copy, (bool, np.bool_)):
        raise TypeError(f"copy: must be None, True or False, got {copy!r}")
    return None if copy is None else bool(copy)


def as_array(keys: Any, copy: bool | None = None, name: str = "keys", zones: bool = False) -> Array:
    """Bring keys to the form the core reads, without reading them; raises as as_keys does."""
    copy = checked_copy(copy)
    array = _as_array(keys, copy, name, zones)
    family = known_family(array.dtype)
    if family is None:
        raise TypeError(f"{name}: {foreign(name, keys, array)}")
    if array.ndim != 1:
        raise ValueError(
            f"{name}: must be a 1-D array, got {array.ndim}-D of shape {array.shape}; "
            f"pass {name}.ravel() or one column"
        )
    return _plain(array, family.core_dtype, copy, name)


def in_order(
    array: Array,
    name: str = "keys",
    vouched: Keys | None = None,
    threads: int = 1,
    sorting: str = "",
) -> Keys:
    """Check the order of keys that the core can read; behind those that are vouched for. O(n)."""
    known = 0, 0
    if vouched is not None and vouched.fingerprint is not None:
        known = vouched.array.size, vouched.fingerprint
    numbers, bad, fingerprint = _core.check_sorted(array, *known, threads)
    if bad >= 0:
        how = f"np.sort({name}), or np.argsort({name}) where values belong to them"
        raise ValueError(
            f"{name}: not sorted: {disorder(array, name)}; sort them first: {sorting or how}"
        )
    return Keys(array, numbers, fingerprint, threads=threads)


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


def _as_array(keys: Any, copy: bool | None, name: str, zones: bool) -> Array:
    if is_masked(keys):
        raise TypeError(f"{name}: masked arrays are not supported; pass {name}.compressed()")
    keys = one_column(name, one_of(keys, name, copy), zones)
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
    family = family_of(dtype)
    for key in leaves(keys):
        if family.fixed(key, name)[1] not in (EXACT, NAN):
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


def _plain(array: Array, wanted: np.dtype[Any], copy: bool | None, name: str) -> Array:
    """Contiguous, aligned and of the dtype that the core takes."""
    flags = array.flags
    fits = wanted == array.dtype and flags.c_contiguous and flags.aligned
    if fits and not copy:
        return array.view()  # the caller may reshape the array object itself
    if copy is False:
        raise ValueError(
            f"{name}: copy=False, but a copy is needed for dtype {array.dtype} with strides "
            f"{array.strides}; pass np.ascontiguousarray({name}, {wanted.name!r}) or copy=None"
        )
    return np.array(array, dtype=wanted, order="C", copy=True)
