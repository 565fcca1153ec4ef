"""Arrays of queries: which are accepted, and how they reach the core, block by block if need be."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.family import Array, Family
from learnedidx._formats.foreign import is_masked, unreadable
from learnedidx._formats.known import FAMILIES, family_of, known_family
from learnedidx._formats.tables import one_of
from learnedidx._formats.zones import in_utc, no_zone, without_zone, zone_of

Positions = NDArray[np.intp]

MAX_THREADS = 1024
THREADS_EACH = 4  # of a processor, at most
_TYPED = ("dtype", "format", "typecode")  # arrays, memoryview, array.array: of one type as they are
BLOCK = 16_384  # a block's queries and two answers for each: less than half a mebibyte


def is_array(v: Any, keys: Family | None = None) -> bool:
    """Tell whether v holds several queries: any sequence or array that is not 0-D.

    For keys that are rows, a tuple is one.
    """
    if keys is not None and keys.is_one(v):
        return False
    if isinstance(v, np.ndarray):
        return v.ndim > 0
    if hasattr(v, "__arrow_c_array__") or hasattr(v, "__arrow_c_stream__"):
        return True
    if isinstance(v, (Sequence, memoryview, _core.Column)):
        return not isinstance(v, (str, bytes, bytearray))
    try:
        return hasattr(v, "__array__") and not isinstance(v, np.generic) and np.ndim(v) > 0
    except (TypeError, ValueError, RuntimeError):
        return True  # as_batch says why it cannot be read


def as_batch(v: Any, keys: Family, name: str = "v") -> Any:
    """Check an array of queries against the keys; an object array is to be read one by one."""
    own = keys.batch(v, name)
    if own is not None:
        return own
    v = one_of(v, name)
    data = _checked_data(v, name, keys.is_aware)
    try:
        batch = np.asarray(data)
    except OverflowError:  # times in a unit that is too fine for some of them
        batch = np.array(v, dtype=object)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(unreadable(name, error)) from None
    if batch.ndim > 1 and isinstance(v, (list, tuple)):
        _check_rows(v, name, batch.ndim - 1, keys.is_aware)
    if is_rounded(v, batch):
        return np.fromiter(leaves(v), object, batch.size).reshape(batch.shape)
    if batch.size == 0 and not hasattr(v, "dtype"):
        return np.empty(batch.shape, keys.core_dtype)
    keys.check(batch.dtype, name)
    if keys.is_aware and data is v and batch.dtype != object:
        raise no_zone(name, v, batch.dtype)
    return batch


def _checked_data(v: Any, name: str, zones: bool) -> Any:
    if is_masked(v):
        raise TypeError(
            f"{name}: masked arrays are not supported; pass {name}.compressed() or "
            f"{name}.filled(...)"
        )
    return one_column(name, v, zones)


def _check_rows(v: Any, name: str, depth: int, zones: bool) -> None:
    """Refuse rows of which NumPy drops a mask, missing values or a zone; lists have none."""
    for row in v:
        if not isinstance(row, (list, tuple)):
            _checked_data(row, name, zones)
        elif depth > 1:
            _check_rows(row, name, depth - 1, zones)


def is_rounded(v: Any, array: Array) -> bool:
    """Tell whether items of a list may have changed when NumPy gave all of them one dtype.

    Beside floats, and where no integer dtype holds all, NumPy reads integers as doubles, which hold
    those below 2**53 exactly. It counts times of several units in the finest, which may overflow.
    """
    if not isinstance(v, Sequence) or any(hasattr(v, typed) for typed in _TYPED):
        return False
    family = known_family(array.dtype)
    return family is not None and family.may_round(array, _kinds(v))


def _kinds(v: Any) -> Iterator[Any]:
    """Yield the dtype or type of each item of nested sequences; of equal ones at least one."""
    common = _core.one_type(v) if isinstance(v, (list, tuple)) else None
    if common in (float, np.float64, int):
        yield common
        return
    for item in v:
        dtype = getattr(item, "dtype", None)
        if dtype is None and is_array(item):
            yield from _kinds(item)
        else:
            yield type(item) if dtype is None else dtype


def leaves(v: Any) -> Iterator[Any]:
    """Yield the scalars of nested sequences and arrays, each as it is."""
    for item in v.flat if isinstance(v, np.ndarray) else v:
        if is_array(item):
            yield from leaves(np.asarray(item) if hasattr(item, "__array__") else item)
        else:
            yield item


def one_column(name: str, data: Any, zones: bool = False) -> Any:
    """Return a column that NumPy reads as it is meant; refuse missing values and time zones.

    NumPy would turn missing values into rounded floats or objects, and drop time zones; with
    `zones`, instants are in UTC.
    """
    library = type(data).__module__.partition(".")[0]
    nulls: Any = 0
    kind = _kind_in_cells(data) if library in ("pandas", "polars", "pyarrow") else ""
    if kind:  # whose missing values and zones lie deeper
        raise TypeError(f"{name}: {kind} is no plain column; decode it, or pass one of its parts")
    if library in ("pyarrow", "polars"):
        count = getattr(data, "null_count", None)
        nulls = count() if callable(count) else count
        if not isinstance(nulls, int):
            raise TypeError(f"{name}: {type(data).__name__} is no single column; pass one of them")
    elif library == "pandas" and hasattr(getattr(data, "dtype", None), "na_value"):
        kept = any(data.dtype.kind in family.kept_missing for family in FAMILIES)
        nulls = 0 if kept else int(np.sum(data.isna()))
    if nulls:
        raise TypeError(f"{name}: {nulls} missing values; drop them first, or fill them")
    if library == "polars" and str(getattr(data, "dtype", "")) in ("Int128", "UInt128"):
        return np.array(data.to_list(), object)  # NumPy has no such integers
    zone = zone_of(data)
    if zone is None:
        return data
    if zones:
        return in_utc(data)
    raise TypeError(f"{name}: has the time zone {zone}; pass {without_zone(name, data)}")


def _kind_in_cells(data: Any) -> str:
    """Return the type of a column that is encoded or nested, else ""."""
    dtype = getattr(data, "dtype", getattr(data, "type", None))
    dtype = getattr(dtype, "pyarrow_dtype", dtype)
    nested = getattr(dtype, "is_nested", None)  # a method in Polars
    deep = nested() if callable(nested) else getattr(dtype, "num_fields", 0) > 0
    return str(dtype) if deep or str(dtype).startswith(("dictionary", "run_end_encoded")) else ""


def checked_threads(threads: Any) -> int:
    """Return the number of threads to use: 0 stands for all allowed cores."""
    try:
        is_truth = isinstance(threads, (bool, np.bool_))
        number = None if is_truth else operator.index(threads)
    except TypeError:
        number = None
    if number is None:
        kind = type(threads).__name__
        raise TypeError(f"threads: must be an int, got {kind}; 0 means all cores")
    if number < 0:
        raise ValueError(f"threads: must be 0 (all allowed cores) or more, got {number}")
    if 0 < number <= THREADS_EACH:
        return number  # to count the processors takes longer than a short batch
    if number:
        return min(number, MAX_THREADS, THREADS_EACH * (os.cpu_count() or MAX_THREADS))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def checked_side(side: Any) -> bool:
    """Return whether side is "right"."""
    if isinstance(side, str) and side in ("left", "right"):
        return side == "right"
    raise ValueError(f"side: must be 'left' or 'right', got {side!r}")


def checked_out(out: Any, shape: tuple[int, ...], dtype: Any, *others: Any) -> Array:
    """Return the array for the answers: the caller's if it will do, else a new one.

    It must not overlap any of the others that are arrays.
    """
    if out is None:
        return np.empty(shape, dtype)
    wanted = np.dtype(dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out: must be an array of dtype {wanted}, got {type(out).__name__}")
    problem = ""
    if out.dtype != wanted or not out.dtype.isnative:
        problem = f"dtype {out.dtype.str}"
    elif out.shape != shape:
        problem = f"shape {out.shape}"
    elif not out.flags.writeable:
        problem = "a read-only array"
    elif any(isinstance(other, np.ndarray) and _overlap(out, other) for other in others):
        problem = "memory that overlaps the queries or the keys"
    if problem:
        raise ValueError(
            f"out: got {problem}; pass np.empty({shape}, np.{wanted.name}) or leave it out"
        )
    return out


def filled(out: Any, answer: int, dtype: Any, *others: Any) -> Array:
    """Return an array for one answer, with the answer in it."""
    filled = checked_out(out, (), dtype, *others)
    filled[()] = answer
    return filled


def pair(out: Any) -> tuple[Any, Any]:
    """Return both arrays of an out= for two answers."""
    if not isinstance(out, tuple) or len(out) != 2:
        got = f"a tuple of {len(out)}" if isinstance(out, tuple) else type(out).__name__
        raise TypeError(f"out: must be a tuple of two arrays of intp, got {got}")
    both_arrays = all(isinstance(part, np.ndarray) for part in out)
    if both_arrays and _overlap(*out):
        raise ValueError("out: the two arrays overlap; pass memory of its own for each")
    return out


def checked_pair(out: Any, shape: tuple[int, ...], *others: Any) -> tuple[Array, Array]:
    """Return two arrays for the answers: the caller's if both will do, else new ones."""
    first, second = (None, None) if out is None else pair(out)
    return (
        checked_out(first, shape, np.intp, *others),
        checked_out(second, shape, np.intp, *others),
    )


def filled_pair(out: Any, found: tuple[Any, Any], *others: Any) -> tuple[Array, Array]:
    """Put two answers, of one shape, into the caller's arrays; both are checked before."""
    lows, highs = checked_pair(out, np.shape(found[0]), *others)
    lows[...], highs[...] = found
    return lows, highs


def broadcast(start: Any, stop: Any) -> tuple[Positions, Positions]:
    """Return both ends in one shape, each in memory of its own."""
    shape = common_shape(np.shape(start), np.shape(stop))
    starts, stops = (
        end
        if isinstance(end, np.ndarray) and end.shape == shape
        else np.array(np.broadcast_to(end, shape), np.intp)
        for end in (start, stop)
    )
    return starts, stops


def common_shape(lo: tuple[int, ...], hi: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of ranges whose ends have these."""
    try:
        return np.broadcast_shapes(lo, hi)
    except ValueError:
        raise ValueError(
            f"lo and hi: shapes {lo} and {hi} do not broadcast; pass arrays of one shape"
        ) from None


def checked_inclusive(inclusive: Any) -> tuple[bool, bool]:
    """Return the sides on which to search for lo and for hi: True is "right"."""
    sides = {
        "both": (False, True),
        "left": (False, False),
        "right": (True, True),
        "neither": (True, False),
    }
    if not isinstance(inclusive, str) or inclusive not in sides:
        raise ValueError(f"inclusive: must be one of {sorted(sides)}, got {inclusive!r}")
    return sides[inclusive]


def _overlap(a: Array, b: Array) -> bool:
    try:
        return np.shares_memory(a, b, max_work=10_000)
    except np.exceptions.TooHardError:
        return True


def run(
    batch: Any,
    outs: tuple[Array, ...],
    keys: Family,
    search: Callable[[Any, Any, tuple[Array, ...]], None],
) -> None:
    """Call search(queries, time scale, answers) on flat, contiguous, native pieces of a batch."""
    scale = keys.scale_of(batch)
    strings = isinstance(batch, _core.Column)
    if (strings or is_plain(batch)) and all(is_plain(out) for out in outs):
        search(
            batch if strings else batch.reshape(-1), scale, tuple(out.reshape(-1) for out in outs)
        )
        return
    size = batch.size if strings else BLOCK
    for start in range(0, batch.size, size or 1):
        part = batch if strings else native(batch.flat[start : start + size])
        answers = tuple(np.empty(part.size, out.dtype) for out in outs)
        search(part, scale, answers)
        for out, answer in zip(outs, answers, strict=True):
            out.flat[start : start + size] = answer


def is_plain(array: Array) -> bool:
    """Tell whether the core can read or write an array where it lies."""
    flags = array.flags
    own = array.dtype
    return flags.c_contiguous and flags.aligned and own == family_of(own).core_dtype


def native(part: Array) -> Array:
    """Return a flat piece of a batch as the core takes it."""
    return part.astype(family_of(part.dtype).core_dtype, copy=False)
