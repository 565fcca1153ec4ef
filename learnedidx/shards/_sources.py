"""Keys of every source in pieces of one shard each, of which one is in memory at a time."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from learnedidx._formats.known import known_family
from learnedidx._formats.queries import is_array
from learnedidx._formats.scalars import shown
from learnedidx.index import LearnedIndex
from learnedidx.interop._ranges import is_url
from learnedidx.interop._row_groups import RowGroups, files_of


def pieces(source: Any, column: str | None, rows: int, options: dict[str, Any]) -> Iterator[Any]:
    """Yield keys in pieces of so many, at least one piece, which may be empty."""
    if is_parquet(source, column):
        return _regrouped(_of_parquet(source, column, options), rows)
    if isinstance(source, (str, os.PathLike)):
        return _of_file(os.fsdecode(source), column, rows)
    if hasattr(source, "read_next_batch") or _is_foreign_stream(source):
        batches = _of_stream(source, column)  # of which the first is empty
        return _regrouped(_in_turn(batches, "batch", -1), rows)
    if hasattr(source, "__next__"):
        return _regrouped(_in_turn(_parts(source, column), "array"), rows)
    if isinstance(source, (list, tuple)) and source and is_array(source[0]):
        kind, first = type(source).__name__, type(source[0]).__name__
        raise TypeError(
            f"source: a {kind} is one array of keys, and this one begins with {first}; pass "
            "iter(parts) for arrays that follow each other"
        )
    return _sliced(_keys_of(source, column), rows)


def _keys_of(source: Any, column: str | None) -> Any:
    """Return what has the keys: of a table a column."""
    if column is not None:
        return _column(source, column)
    if hasattr(source, "columns") and hasattr(source, "shape"):
        raise TypeError(f"column: {type(source).__name__} is a table; name its column of keys")
    return source


def _parts(source: Iterator[Any], column: str | None) -> Iterator[Any]:
    """Yield what an iterator gives as arrays that can be cut and joined."""
    for part in source:
        keys = _keys_of(part, column)
        if not is_array(keys):
            raise TypeError(
                f"source: its iterator gave {type(keys).__name__}; let it give arrays of keys, or "
                "pass the keys as one array or list"
            )
        if hasattr(keys, "iloc"):
            import pandas as pd

            keys = pd.Index(keys, dtype=keys.dtype)  # which is cut by positions
        yield keys.combine_chunks() if hasattr(keys, "combine_chunks") else keys


def _in_turn(parts: Iterable[Any], kind: str, first: int = 0) -> Iterator[Any]:
    """Yield parts; ValueError gives the number of one that begins below the last key before."""
    last: Any = None
    for number, part in enumerate(parts, first):
        if len(part):
            if not _plainly_follow(last, part):
                _check_turn(last, part[:1], f"source: {kind} {number}, counted from 0")
            last = part[-1:]
        yield part


def _plainly_follow(last: Any, part: Any) -> bool:
    """Tell whether NumPy alone sees that keys follow, which takes no time beside an index."""
    if not type(part) is type(last) is np.ndarray or part.dtype != last.dtype or part.ndim > 1:
        return False
    return known_family(part.dtype) is not None and bool(last[0] <= part[0])


def _check_turn(last: Any, begin: Any, where: str) -> None:
    """Raise unless the first key of a part is one, and not below the last key before."""
    try:
        LearnedIndex(begin, "none")
    except (TypeError, ValueError) as error:
        raise type(error)(f"{where}: {error}") from None
    try:
        LearnedIndex(begin if last is None else _joined([last, begin]), "none")
    except ValueError as error:
        if "not sorted" not in str(error):
            raise
        key, before = (shown(LearnedIndex(keys, "none")[0]) for keys in (begin, last))
        raise ValueError(
            f"{where}, is not sorted behind those before: {key} comes after {before}; give them in "
            "their order, or sort all keys first"
        ) from None


def is_parquet(source: Any, column: str | None) -> bool:
    """Tell whether a source is Parquet files: paths, a folder of them, or a dataset of Arrow."""
    if isinstance(source, (list, tuple)):  # without a column they are keys that are text
        are_paths = all(isinstance(each, (str, os.PathLike)) for each in source)
        return column is not None and bool(source) and are_paths
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        return path.endswith((".parquet", ".parq")) or os.path.isdir(path) or is_url(path)
    return hasattr(source, "files") and hasattr(source, "scanner")


def _of_parquet(source: Any, column: str | None, options: dict[str, Any]) -> Iterator[Any]:
    """Yield a column of Parquet files, some pages in memory at a time."""
    import pyarrow as pa

    if column is None:
        raise ValueError("column: name the column of keys of these Parquet files")
    with RowGroups(files_of(source, options), options) as groups:
        groups.require_columns([column], "column")
        yield pa.array([], groups.plain_type(column))
        yield from groups.keys(column)


def disorder(source: Any, column: str, options: dict[str, Any]) -> ValueError | None:
    """Return an error that names the Parquet file in which keys are not sorted; reads them again.

    None if they are sorted.
    """
    import pyarrow as pa

    with RowGroups(files_of(source, options), options) as groups:
        groups.require_columns([column], "column")
        row, last = 0, pa.array([], groups.plain_type(column))
        for chunk in groups.keys(column):
            try:
                LearnedIndex(pa.concat_arrays([last, chunk]), "none")
            except ValueError as error:
                name, first = next((n, at) for n, at, stop in groups.spans() if at <= row < stop)
                return ValueError(
                    f"source: {name}: from row {row - first} on, behind the {len(last)} before: "
                    f"{error}"
                )
            row, last = row + len(chunk), chunk[-1:]
    return None


def _is_foreign_stream(source: Any) -> bool:
    return hasattr(source, "__arrow_c_stream__") and not hasattr(source, "__getitem__")


def _column(source: Any, column: str) -> Any:
    try:
        return source[column]
    except Exception as error:  # each library has its own
        kind = type(source).__name__
        raise ValueError(f"column: {kind} has no column {column!r} ({error})") from None


def _of_file(path: str, column: str | None, rows: int) -> Iterator[Any]:
    """Map the file again for each piece, so that pages that were read are given back."""
    if not os.path.exists(path):
        raise FileNotFoundError(errno.ENOENT, "source: nothing is there", path)
    if not path.endswith(".npy"):
        raise ValueError(
            f"source: {path} ends neither in .npy nor in .parquet; pass np.memmap(path, dtype) for "
            "a raw file"
        )
    start, size = 0, 1
    while start < size or start == 0:
        try:
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise ValueError(f"source: {path} cannot be mapped: {error}") from None
        keys = mapped if column is None else _column(mapped, column)
        size = len(keys) if keys.ndim else 1
        yield keys[start : start + rows] if keys.ndim else keys
        start += rows


def _sliced(keys: Any, rows: int) -> Iterator[Any]:
    sliced = getattr(keys, "iloc", keys)
    try:
        size = len(keys) + len(sliced[:0])  # sets have no slices, nor have dicts
    except (TypeError, KeyError):
        raise TypeError(
            "source: must be an array, the path of a .npy file or Parquet files, an Arrow stream "
            f"or an iterator of arrays, got {type(keys).__name__}"
        ) from None
    for start in range(0, max(size, 1), rows):
        piece = sliced[start : start + rows]
        yield piece.combine_chunks() if hasattr(piece, "combine_chunks") else piece


def _of_stream(source: Any, column: str | None) -> Iterator[Any]:
    """Yield a column of the record batches of a stream."""
    import pyarrow as pa

    if not hasattr(source, "read_next_batch"):
        source = pa.RecordBatchReader.from_stream(source)
    if column is None or column not in source.schema.names:
        raise ValueError(f"column: must be one of {source.schema.names}, got {column!r}")
    yield pa.array([], source.schema.field(column).type)
    for batch in source:
        yield batch.column(column)


def _regrouped(parts: Iterable[Any], rows: int) -> Iterator[Any]:
    held: list[Any] = []
    size, count = 0, 0
    for part in parts:
        held.append(part)
        size += len(part)
        while size >= rows:
            whole = _joined(held)
            yield whole[:rows]
            held, size, count = [whole[rows:]], size - rows, count + 1
    if not held:
        raise ValueError(
            "source: gave no array; let it give one, which may be empty, so that there is a dtype"
        )
    if size or not count:
        yield _joined(held)


def _joined(parts: list[Any]) -> Any:
    """Return parts as one array; empty ones count for nothing beside others."""
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    kinds = {str(getattr(part, "dtype", getattr(part, "type", type(part)))) for part in parts}
    libraries = {type(part).__module__.partition(".")[0] for part in parts}
    for found in (kinds, libraries):
        if len(found) > 1:
            raise TypeError(f"source: gave arrays of {' and '.join(sorted(found))}; convert to one")
    if all(isinstance(part, list) for part in parts):
        return [key for part in parts for key in part]
    (library,) = libraries
    if library not in _JOINS:
        raise TypeError(
            f"source: gave {type(parts[0]).__name__}; let it give arrays of NumPy, Arrow, pandas "
            "or Polars, or lists"
        )
    return _JOINS[library](parts)


def _joined_by_arrow(parts: list[Any]) -> Any:
    import pyarrow as pa

    return pa.concat_arrays(parts)


def _joined_by_polars(parts: list[Any]) -> Any:
    import polars as pl

    return pl.concat(parts)


_JOINS: dict[str, Callable[[list[Any]], Any]] = {
    "numpy": np.concatenate,
    "pandas": lambda parts: parts[0].append(parts[1:]),
    "polars": _joined_by_polars,
    "pyarrow": _joined_by_arrow,
}
