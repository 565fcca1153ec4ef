"""One function from a batch of Arrow to a batch of Arrow, which any engine may call anywhere."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np

from learnedidx._formats.family import Array
from learnedidx._formats.queries import checked_inclusive
from learnedidx._formats.times import Times
from learnedidx._formats.zones import no_zone, zone_of
from learnedidx.interop._row_groups import whole_path
from learnedidx.shards._index import MOST_OPEN, ShardedIndex, opened
from learnedidx.shards._places import NAME
from learnedidx.shards._view import Ask, View

ASKS = {
    "position": Ask("find"),
    "rank": Ask("position", True),
    "below": Ask("position"),
    "contains": Ask("contains"),
    "values": Ask("find"),
}
KINDS = (*ASKS, "count", "shard")
MOST_KEPT = 8

# What this process opened for batches, and keeps for the next ones: of paths, and of pickles. No
# OrderedDict, since threads share it: see View.shard.
_of_paths: dict[str, tuple[Any, ShardedIndex]] = {}
_of_pickles: deque[View] = deque(maxlen=MOST_KEPT)


def lookup_batch(
    manifest: Any,
    batch: Any,
    on: str | tuple[str, ...],
    out: str = "position",
    *,
    inclusive: str = "left",
    name: str | None = None,
    values: str | os.PathLike[str] | None = None,
) -> Any:
    """Return a record batch of Arrow with one column more: what shards answer to a column of it.

    Any engine that hands over Arrow can call it, in any process. A process opens a folder once.

    Parameters
    ----------
    manifest : str, os.PathLike or ShardedIndex
        A folder of shards as it is now (a URL: as it was when this process first asked), or an
        index that was opened: it names these shards wherever it is sent, whatever writers do. It
        is pickled as the path and the manifest.
    batch : pyarrow.RecordBatch or pyarrow.Table
    on : str, or two of them
        The column of queries; for ``"count"`` also those of ``lo`` and ``hi``.
    out : str
        ``"position"``: of the first key equal to the query, null if there is none. ``"contains"``:
        whether there is one. ``"rank"``: how many keys are not above the query; ``"below"``: how
        many lie below it. ``"count"``: how many are equal to it, or lie between ``lo`` and ``hi``.
        ``"shard"``: the number of the shard, among ``index.shards``, that has the answer to most
        of these; engines send queries by it to who has that shard. ``"values"``: what stands at
        the position in ``values``, null if there is no such key.
    inclusive : str
        Which ends belong to a range: "left", "right", "both" or "neither".
    name : str, optional
        Of the new column. Default: what ``out`` says.
    values : str or os.PathLike, optional
        For ``"values"``: a ``.npy`` file with a value for each key, in the order of the keys, 1-D,
        of a type that Arrow has. Each process maps it.

    Returns
    -------
    pyarrow.RecordBatch or pyarrow.Table
        The rows of `batch` in their order, and the answers: int64, bool, or of the dtype of
        ``values``. Null asks nothing, and its answer is null.

    Raises
    ------
    ValueError
        No such column, or the new one is there already; an answer that shards do not have; values
        that are not one for each key.
    TypeError
        Queries that do not compare with the keys; the message names the column.
    FileNotFoundError, FormatError
        As ``lx.shards.open``.

    Notes
    -----
    One batched search for each shard that queries lie in. Numbers without nulls are borrowed,
    dictionaries are decoded.

    Examples
    --------
    >>> import learnedidx as lx, pyarrow as pa, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(["ape", "bee", "bee", "cow"], folder, rows_per_shard=2)
    >>> batch = pa.record_batch({"animal": ["cow", "bee", None, "elk"]})
    >>> lx.shards.lookup_batch(folder, batch, "animal")["position"].to_pylist()
    [3, 1, None, None]
    >>> lx.shards.lookup_batch(folder, batch, "animal", "count").to_pydict()
    {'animal': ['cow', 'bee', None, 'elk'], 'count': [1, 2, None, 0]}
    >>> import numpy as np
    >>> np.save(f"{folder}/legs.npy", np.array([2, 6, 6, 4]))
    >>> lx.shards.lookup_batch(
    ...     folder, batch, "animal", "values", name="legs", values=f"{folder}/legs.npy"
    ... )["legs"].to_pylist()
    [4, 6, None, None]
    """
    if not hasattr(batch, "column_names") or not hasattr(batch, "append_column"):
        raise TypeError(
            f"batch: must be a record batch or a table of Arrow, got {type(batch).__name__}"
        )
    columns, name = checked(batch.column_names, on, out, name, "batch")
    values = place_of_values(out, values)
    found = _answers(_index_of(manifest), batch, columns, out, inclusive, values)
    return batch.append_column(name, found)


def checked(there: Any, on: Any, out: Any, name: Any, table: str) -> tuple[tuple[str, ...], str]:
    """Return the columns of queries of a table, and the name of the answers.

    Raises ValueError for names that do not fit the table, or an answer that there is not.
    """
    if out not in KINDS:
        raise ValueError(f"out: must be one of {sorted(KINDS)}, got {out!r}")
    columns = tuple(on) if isinstance(on, (tuple, list)) else (on,)
    if len(columns) != 1 and (len(columns), out) != (2, "count"):
        raise ValueError(f"on: must be one column, or lo and hi for out='count', got {on!r}")
    there, name = list(there), out if name is None else name
    for label, each in zip(labels(columns), columns, strict=True):
        if there.count(each) != 1:
            raise ValueError(f"{label}: {table} has no column {each!r}, or several; it has {there}")
    if name in there:
        raise ValueError(f"name: {table} has a column {name!r} already; pass name='another'")
    return columns, name


def labels(columns: tuple[Any, ...]) -> tuple[str, ...]:
    """Return what errors call columns of queries."""
    return ("lo", "hi") if len(columns) == 2 else ("on",)


def place_of_values(out: Any, values: Any) -> str | None:
    """Return the path of values; ValueError unless they are named where they are asked for."""
    if (out == "values") != (values is not None):
        raise ValueError(
            "values: name a .npy file with a value for each key, in their order, and out='values'; "
            "shards hold keys alone"
        )
    return None if values is None else os.path.abspath(os.fsdecode(values))


def values_of(place: str, total: int) -> Array:
    """Map a value for each key."""
    import pyarrow as pa

    try:
        values: Array = np.load(place, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"values: {place} cannot be mapped: {error}") from None
    try:
        pa.from_numpy_dtype(values.dtype.newbyteorder("="))
        is_column = values.ndim == 1
    except pa.ArrowException:
        is_column = False
    if not is_column:
        raise ValueError(
            f"values: {place} is {values.ndim}-D of {values.dtype}; save one column, of a type "
            "that Arrow has"
        )
    if values.size != total:
        raise ValueError(
            f"values: {place} has {values.size} values, the shards have {total} keys; save one for "
            "each key, in their order"
        )
    return values


def _index_of(manifest: Any) -> ShardedIndex:
    if isinstance(manifest, ShardedIndex):
        if manifest._view not in _of_pickles:
            _of_pickles.append(manifest._view)
        return manifest
    place = whole_path(manifest)
    try:
        found = os.stat(os.path.join(place, NAME))
        stamp = found.st_ino, found.st_size, found.st_mtime_ns
    except OSError:  # no file: if it is not elsewhere, to open it says what is wrong
        stamp = None
    before, index = _of_paths.pop(place, (None, None))
    if index is None or before != stamp:
        index = opened(place, MOST_OPEN)
    _of_paths[place] = stamp, index
    for oldest in list(_of_paths)[:-MOST_KEPT]:
        _of_paths.pop(oldest, None)
    return index


def _answers(
    index: ShardedIndex, batch: Any, columns: tuple[str, ...], out: str, inclusive: str, values: Any
) -> Any:
    """Return an array of Arrow with an answer for each row."""
    import pyarrow as pa

    from learnedidx.interop._pyarrow import items_of

    asked = [_plain(batch.column(each)) for each in columns]
    nulls = np.zeros(batch.num_rows, np.bool_)
    for column in asked:
        if column.null_count:
            nulls |= column.is_null().to_numpy(zero_copy_only=False)
    answers = np.zeros(batch.num_rows, np.bool_ if out == "contains" else np.int64)
    if nulls.any():
        present = np.flatnonzero(~nulls)
        asked = [items_of(column, present) for column in asked]
    is_typed = not any(pa.types.is_null(column.type) for column in asked)
    if is_typed and not (nulls.size and nulls.all()):
        names = [
            f"{label}: column {each!r}"
            for label, each in zip(labels(columns), columns, strict=True)
        ]
        if not nulls.size:
            _require_comparable(index, asked, names)
        answers[~nulls] = _asked(index, asked, names, out, inclusive)
    absent = nulls | (answers < 0) if out in ("position", "values") else nulls
    if out == "values":
        known = values_of(values, len(index))
        native = known.dtype.newbyteorder("=")
        at = np.where(absent, 0, answers)
        answers = known[at].astype(native) if known.size else np.empty(at.size, native)
    return pa.array(answers, mask=absent)


def _require_comparable(index: ShardedIndex, asked: list[Any], names: list[str]) -> None:
    """Raise TypeError unless empty columns are of types that compare with keys that are numbers."""
    import pyarrow as pa

    family, keys = index._view.family, index._view.ends._state.checked.array
    if not isinstance(keys, np.ndarray):  # strings look for themselves
        return
    for column, name in zip(asked, names, strict=True):
        column = getattr(column, "storage", column)  # of a type of somebody else
        if pa.types.is_primitive(column.type):
            dtype = column.to_numpy(zero_copy_only=False).dtype
            family.check(dtype, name)
            if family.is_aware and zone_of(column) is None:
                raise no_zone(name, column, dtype)
        elif not pa.types.is_decimal(column.type) or isinstance(family, Times):
            raise TypeError(
                f"{name}: cannot compare {column.type} with keys of dtype {family.dtype}; "
                f"pass {family.queries}"
            )


def _asked(
    index: ShardedIndex, asked: list[Any], names: list[str], out: str, inclusive: str
) -> Any:
    """Return the answers to columns without nulls."""
    if out == "shard":
        view = index._view
        slots = view.ends._search(asked[0], False, "position", None, 1, names[0]) >> 1
        return view.numbers[np.minimum(slots, view.numbers.size - 1)] if view.total else slots
    if out != "count":
        return index._search(asked[0], replace(ASKS[out], name=names[0]), None, 1)
    rights = checked_inclusive("both" if len(asked) == 1 else inclusive)
    starts, stops = (
        index._search(column, Ask("position", right, name=name), None, 1)
        for column, name, right in zip(asked * 2, names * 2, rights, strict=False)
    )
    return np.maximum(stops - starts, 0)


def _plain(column: Any) -> Any:
    """Return a column as one array, not encoded."""
    import pyarrow as pa

    if hasattr(column, "chunks"):
        one = column.num_chunks == 1
        column = (
            column.chunk(0)
            if one
            else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
        )
    if pa.types.is_run_end_encoded(column.type):
        import pyarrow.compute as pc

        column = pc.run_end_decode(column)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
