"""Arrays of queries: which are accepted, and how they reach the core, block by block if need be."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import times

Array = NDArray[Any]
Positions = NDArray[np.intp]

MOST_THREADS = 1024
BLOCK = 16_384  # a block's queries and two answers for each: less than half a mebibyte


def is_array(v: Any) -> bool:
    """Tell whether v holds several queries: any sequence or array that is not 0-D."""
    if isinstance(v, np.ndarray):
        return v.ndim > 0
    if isinstance(v, (Sequence, memoryview)):
        return not isinstance(v, (str, bytes, bytearray))
    return hasattr(v, "__array__") and not isinstance(v, np.generic) and np.ndim(v) > 0


def as_batch(v: Any, keys: np.dtype[Any]) -> Array:
    """Check an array of queries against the keys; an object array is to be read one by one."""
    if isinstance(v, np.ma.MaskedArray):
        raise TypeError("v: masked arrays are not supported; pass v.compressed() or v.filled(...)")
    try:
        batch = np.asarray(without_nulls("v", v))
    except ValueError as error:
        raise ValueError(
            f"v: cannot be read as one array: {error}; pass rows of one length"
        ) from None
    if batch.dtype.kind in "fO" and only_ints(v):
        return np.array(v, dtype=object)  # beyond int64: NumPy would round them
    if batch.size == 0 and not hasattr(v, "dtype"):
        return np.empty(batch.shape, keys)
    check_family(batch.dtype, keys)
    return batch


def only_ints(v: Any) -> bool:
    """Tell whether v is a list, or lists of lists, of nothing but Python ints."""
    if isinstance(v, (list, tuple)):
        return all(type(item) is int or only_ints(item) for item in v)
    return False


def without_nulls(name: str, data: Any) -> Any:
    """Refuse missing values, which NumPy would turn into rounded floats or objects."""
    library = type(data).__module__.partition(".")[0]
    nulls: Any = 0
    if library in ("pyarrow", "polars"):
        count = getattr(data, "null_count", None)
        nulls = count() if callable(count) else count
        if not isinstance(nulls, int):
            raise TypeError(f"{name}: {type(data).__name__} is no single column; pass one of them")
    elif library == "pandas" and hasattr(getattr(data, "dtype", None), "na_value"):
        nulls = int(np.sum(data.isna())) if data.dtype.kind not in "mM" else 0
    if nulls:
        raise TypeError(f"{name}: {nulls} missing values; drop them first, or fill them")
    return data


def check_family(query: np.dtype[Any], keys: np.dtype[Any]) -> None:
    """Raise TypeError unless queries of one dtype can be compared with keys of the other."""
    if query.kind == "O":
        return
    if keys.kind in "Mm":
        if query.kind == keys.kind:
            times.check_units(query, keys)
            return
        raise TypeError(f"v: cannot compare {query} with keys of dtype {keys}; pass {_name(keys)}")
    if query.kind not in "buif" or (query.kind == "f" and query.itemsize > 8):
        raise TypeError(f"v: cannot compare {query} with keys of dtype {keys}; pass numbers")


def _name(keys: np.dtype[Any]) -> str:
    return "datetimes" if keys.kind == "M" else "timedeltas"


def checked_threads(threads: Any) -> int:
    """Return the number of threads to use: 0 stands for all allowed cores."""
    try:
        number = operator.index(threads)
    except TypeError:
        kind = type(threads).__name__
        raise TypeError(f"threads: must be an int, got {kind}; 0 means all cores") from None
    if number < 0:
        raise ValueError(f"threads: must be 0 (all allowed cores) or more, got {number}")
    if number:
        return min(number, MOST_THREADS, 4 * (os.cpu_count() or MOST_THREADS))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def checked_side(side: Any) -> bool:
    """Return whether side is "right"."""
    if isinstance(side, str) and side in ("left", "right"):
        return side == "right"
    raise ValueError(f"side: must be 'left' or 'right', got {side!r}")


def checked_out(out: Any, shape: tuple[int, ...], dtype: Any, *others: Array) -> Array:
    """Return the array for the answers: the caller's if it will do, else a new one."""
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
    elif any(_overlap(out, other) for other in others):
        problem = "memory that overlaps the queries or the keys"
    if problem:
        raise ValueError(
            f"out: got {problem}; pass np.empty({shape}, np.{wanted.name}) or leave it out"
        )
    return out


def filled(out: Any, answer: int, dtype: Any, keys: Array) -> Array:
    """Return an array for one answer, with the answer in it."""
    filled = checked_out(out, (), dtype, keys)
    filled[()] = answer
    return filled


def pair(out: Any) -> tuple[Any, Any]:
    """Return both arrays of an out= for two answers."""
    if not isinstance(out, tuple) or len(out) != 2:
        raise TypeError(f"out: must be a tuple of two arrays of intp, got {type(out).__name__}")
    both_arrays = all(isinstance(part, np.ndarray) for part in out)
    if both_arrays and _overlap(*out):
        raise ValueError("out: the two arrays overlap; pass memory of its own for each")
    return out


def copied(out: Any, found: tuple[Positions, Positions], keys: Array) -> tuple[Array, Array]:
    """Put two answers into the caller's arrays."""
    for target, part in zip(pair(out), found, strict=True):
        checked_out(target, part.shape, np.intp, keys)[...] = part
    return out[0], out[1]


def broadcast(start: Any, stop: Any) -> tuple[Positions, Positions]:
    """Return both ends in one shape, each in memory of its own."""
    try:
        shape = np.broadcast_shapes(np.shape(start), np.shape(stop))
    except ValueError:
        raise ValueError(
            f"lo and hi: shapes {np.shape(start)} and {np.shape(stop)} do not broadcast; "
            "pass arrays of one shape"
        ) from None
    starts, stops = (
        end
        if isinstance(end, np.ndarray) and end.shape == shape
        else np.array(np.broadcast_to(end, shape), np.intp)
        for end in (start, stop)
    )
    return starts, stops


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


def needs_exact(batch: Array, keys: np.dtype[Any]) -> bool:
    """Tell whether a batch of times exceeds what the core's 64-bit arithmetic can scale."""
    return batch.dtype.kind in "Mm" and not times.fits_core(batch, keys)


def run(
    batch: Array,
    outs: tuple[Array, ...],
    keys: np.dtype[Any],
    search: Callable[[Array, Any, tuple[Array, ...]], None],
) -> None:
    """Call search(queries, time scale, answers) on flat, contiguous, native pieces of a batch."""
    scale = times.scale_of(batch, keys) if batch.dtype.kind in "Mm" else None
    plain = _is_plain(batch) and all(_is_plain(out) for out in outs)
    if plain:
        search(batch.reshape(-1), scale, tuple(out.reshape(-1) for out in outs))
        return
    for start in range(0, batch.size, BLOCK):
        part = native(batch.flat[start : start + BLOCK])
        answers = tuple(np.empty(part.size, out.dtype) for out in outs)
        search(part, scale, answers)
        for out, answer in zip(outs, answers, strict=True):
            out.flat[start : start + BLOCK] = answer


def _is_plain(array: Array) -> bool:
    flags = array.flags
    return (
        flags.c_contiguous
        and flags.aligned
        and array.dtype.isnative
        and array.dtype.str[1:] != "f2"
    )


def native(part: Array) -> Array:
    """Return a flat piece of a batch in native byte order; float16 as float32."""
    if part.dtype.kind == "f" and part.dtype.itemsize == 2:
        return part.astype(np.float32)
    return part.astype(part.dtype.newbyteorder("="), copy=False)
