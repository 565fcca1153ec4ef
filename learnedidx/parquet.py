"""Point lookups in Parquet files: an index over a sorted column lies in a file beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from learnedidx.index import LearnedIndex
from learnedidx.interop._ranges import is_url
from learnedidx.interop._row_groups import Positions, RowGroups, files_of, whole_path
from learnedidx.interop._sidecar import (
    beside,
    only_one,
    opened,
    require_file,
    require_keys,
    require_of,
    write,
)

__all__ = ["ParquetIndex", "build", "open"]

LONGEST_NAME = 500  # bytes of a column's name
Inclusive = Literal["both", "left", "right", "neither"]
Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def build(
    path: Paths,
    column: str,
    *,
    sidecar: str | os.PathLike[str] | None = None,
    model: Any = "auto",
    storage_options: dict[str, Any] | None = None,
) -> Path | Any:
    """Write an index over a sorted column of Parquet files beside them, and return its path.

    Parameters
    ----------
    path : path, list of paths, or pyarrow.dataset.Dataset
        A file; a folder, whose files that end in .parquet are taken in the order of their names,
        numbers in names as numbers; or a list of files in their order. The column ascends through
        all of them. They have one schema. URLs of fsspec are paths, too.
    column : str
        Numbers, times, text or bytes, without nulls, as ``lx.LearnedIndex`` takes them.
    sidecar : path, optional
        Where to write; without it ``NAME.COLUMN.lidx`` beside the file or folder ``NAME``. A list
        of files needs it.
    model : str or estimator
        As ``lx.LearnedIndex`` takes it.
    storage_options : dict, optional
        For fsspec's file system: credentials, endpoints.

    Returns
    -------
    pathlib.Path, or str of a URL
        The sidecar: a ``.lidx`` file that ``lx.open`` opens too. It holds the keys, so it has 8
        bytes a row of int64, and a fingerprint of the lengths and footers of the files.

    Raises
    ------
    ValueError
        The column does not ascend: the first row out of order is named; schemas differ.
    TypeError
        The column has nulls, or a type that is no key.
    FormatError
        A file is no Parquet file, or was written again meanwhile.
    OSError
        A file cannot be read or the sidecar written; it is written atomically, if the file system
        can do that.

    Notes
    -----
    O(n). Numbers and times go through a file without a name in the sidecar's folder, as large as
    they are: memory holds the pages of one column that are being read, and the model. Text is in
    memory whole.

    Examples
    --------
    >>> import os, tempfile, pyarrow as pa, pyarrow.parquet as pq, learnedidx as lx
    >>> path = os.path.join(tempfile.mkdtemp(), "orders.parquet")
    >>> pq.write_table(pa.table({"id": [2, 3, 5, 5], "sum": [10, 20, 30, 40]}), path)
    >>> lx.parquet.build(path, "id").name
    'orders.parquet.id.lidx'
    """
    if not isinstance(column, str):
        raise TypeError(f"column: must be a name, got {type(column).__name__}")
    if len(column.encode()) > LONGEST_NAME:
        raise ValueError(f"column: its name has more than {LONGEST_NAME} bytes; rename it")
    options = dict(storage_options or {})
    files = files_of(path, options)
    target = beside(path, column) if sidecar is None else whole_path(sidecar)
    with RowGroups(files, options) as source:
        source.require_columns([column], "column")
        write(source, column, target, model, options)
    return target if is_url(target) else Path(target)


def open(
    path: Paths,
    column: str | None = None,
    *,
    sidecar: str | os.PathLike[str] | None = None,
    verify: str = "header",
    storage_options: dict[str, Any] | None = None,
) -> ParquetIndex:
    """Open Parquet files with the sidecar that ``build`` wrote, to read single rows of them.

    Parameters
    ----------
    path, sidecar
        As ``build`` took them.
    column : str, optional
        Whose sidecar to open, if there are several.
    verify : {"header", "full"}
        "full" also reads the whole column, and compares it with the keys of the sidecar.
    storage_options : dict, optional
        For fsspec's file system. Pickles hold it.

    Raises
    ------
    FormatError
        The files changed since the sidecar was written, or it is no sidecar, or damaged.
    FileNotFoundError
        There is no sidecar, or no such file.
    ValueError
        There are several sidecars and no ``column``; ``sidecar`` is missing for a list; or
        ``path`` is that of a sidecar.

    Notes
    -----
    Footers are read, no row group; a sidecar that is elsewhere is fetched whole. A file that was
    changed without a change of its length and of its footer, which holds sizes, places and often
    the smallest and largest value of each column of each row group, passes; verify="full" notices
    if its keys changed.

    Examples
    --------
    >>> import os, tempfile, pyarrow as pa, pyarrow.parquet as pq, learnedidx as lx
    >>> path = os.path.join(tempfile.mkdtemp(), "orders.parquet")
    >>> pq.write_table(pa.table({"id": [2, 3, 5, 5], "sum": [10, 20, 30, 40]}), path)
    >>> _ = lx.parquet.build(path, "id")
    >>> orders = lx.parquet.open(path)
    >>> orders.lookup([5, 4, 2], ["sum"]).to_pydict(), orders.count(3, 6)
    ({'sum': [30, 40, 10]}, 3)
    """
    options = dict(storage_options or {})
    files = files_of(path, options)
    if sidecar is None:
        sidecar = only_one(path, options) if column is None else beside(path, column)
    place = whole_path(sidecar)
    try:
        index = opened(place, verify, options)
    except FileNotFoundError:
        require_file(path)
        text = f"{place}: is not there; write it with learnedidx.parquet.build"
        raise FileNotFoundError(text) from None
    if not isinstance(index, LearnedIndex):
        raise ValueError(f"sidecar: {sidecar} holds a filter; name what parquet.build wrote")
    source = RowGroups(files, options)
    try:
        assert index._state.stored is not None
        name = require_of(index._state.stored, source, column)
        if verify == "full":
            require_keys(index, source, name)
    except BaseException:
        source.close()
        raise
    return ParquetIndex(index, source, name, (source.files, name, place, options))


class ParquetIndex:
    """Parquet files and an index over a sorted column, as ``learnedidx.parquet.open`` makes it.

    Rows are numbered through all files. Each call asks the file system whether the files are as
    they were, and raises FormatError if not; of files elsewhere those that it read. Threads may
    share it, and their reads wait for each other; pickles hold the paths. ``close``, or ``with``,
    closes the files.

    Attributes
    ----------
    index : LearnedIndex
        Over the column, in the sidecar: all other verbs. It does not look at the files.
    column : str
        The name of the column.
    schema : pyarrow.Schema
        Of the files.

    Examples
    --------
    >>> import os, tempfile, pyarrow as pa, pyarrow.parquet as pq, learnedidx as lx
    >>> path = os.path.join(tempfile.mkdtemp(), "orders.parquet")
    >>> pq.write_table(pa.table({"id": [2, 3, 5, 5], "sum": [10, 20, 30, 40]}), path)
    >>> _ = lx.parquet.build(path, "id")
    >>> with lx.parquet.open(path) as orders:
    ...     orders.contains([5, 4]), orders.rank(3), orders.range(3, 5)["sum"].to_pylist()
    (array([ True, False]), 2, [20])
    """

    def __init__(self, index: LearnedIndex, source: RowGroups, column: str, how: Any) -> None:
        self.index, self.column, self.schema = index, column, source.schema
        self._source, self._how = source, how

    def lookup(self, keys: Any, columns: Iterable[str] | None = None, how: str = "inner") -> Any:
        """Return the rows with these keys, as a table of Arrow.

        Parameters
        ----------
        keys : scalar or array_like
            One key, or a batch in any order, as the queries of ``LearnedIndex.find``.
        columns : list of str, optional
            What to read: these in their order, all for None. The key is a column like the others.
        how : {"inner", "left"}
            What an absent key gives: nothing, or a row of nulls.

        Returns
        -------
        pyarrow.Table
            The keys in the order of the batch, and all rows of each key in the order of the file.
            NaN finds the rows of NaN, as in ``LearnedIndex.find``.

        Raises
        ------
        FormatError
            A file was replaced or written again since this was opened.
        ValueError, TypeError
            An unknown column; keys that do not compare with the column.

        Notes
        -----
        The sidecar tells the rows without reading Parquet. Each row group that holds one of them
        is read once, only the chosen columns, in one read where they lie side by side.

        Examples
        --------
        >>> import os, tempfile, pyarrow as pa, pyarrow.parquet as pq, learnedidx as lx
        >>> path = os.path.join(tempfile.mkdtemp(), "orders.parquet")
        >>> pq.write_table(pa.table({"id": [2, 3, 5, 5], "sum": [10, 20, 30, 40]}), path)
        >>> _ = lx.parquet.build(path, "id")
        >>> lx.parquet.open(path).lookup([5, 4, 2], how="left").to_pydict()
        {'id': [5, 5, None, 2], 'sum': [30, 40, None, 10]}
        """
        if how not in ("inner", "left"):
            raise ValueError(f"how: must be 'inner' or 'left', got {how!r}")
        names = self._source.require_columns(columns)
        self._source.require_same()
        first = np.asarray(self.index._search(keys, False, "find", None, 1, "keys"))
        end = np.asarray(self.index._search(keys, True, "position", None, 1, "keys"))
        if first.ndim == 0 and first >= 0:
            return self._source.between(int(first), int(end), names)
        return self._source.at(_rows(first.ravel(), end.ravel(), how == "left"), names)

    def range(
        self,
        lo: Any,
        hi: Any,
        columns: Iterable[str] | None = None,
        inclusive: Inclusive = "left",
    ) -> Any:
        """Return the rows with keys between lo and hi, as a table of Arrow; None is no end.

        ``inclusive`` is "left", "right", "both" or "neither". Reads the row groups that hold the
        rows, and raises as ``lookup`` does.

        Examples
        --------
        >>> import os, tempfile, pyarrow as pa, pyarrow.parquet as pq, learnedidx as lx
        >>> path = os.path.join(tempfile.mkdtemp(), "orders.parquet")
        >>> pq.write_table(pa.table({"id": [2, 3, 5, 5], "sum": [10, 20, 30, 40]}), path)
        >>> _ = lx.parquet.build(path, "id")
        >>> lx.parquet.open(path).range(3, None, ["sum"]).to_pydict()
        {'sum': [20, 30, 40]}
        """
        names = self._source.require_columns(columns)
        self._source.require_same()
        rows = self.index.range(lo, hi, inclusive)
        if not isinstance(rows, slice):
            raise TypeError(
                "lo, hi: range reads one range; call it for each, or index.range(lo, hi)"
            )
        return self._source.between(rows.start, rows.stop, names)

    def count(self, lo: Any, hi: Any, inclusive: Inclusive = "left") -> Any:
        """Return how many rows lie between lo and hi, as LearnedIndex.count; reads no Parquet."""
        self._source.require_same()
        return self.index.count(lo, hi, inclusive)

    def contains(self, v: Any) -> Any:
        """Return whether rows have these keys, as LearnedIndex.contains; reads no Parquet."""
        self._source.require_same()
        return self.index.contains(v)

    def rank(self, v: Any) -> Any:
        """Return how many rows have a key up to v, as LearnedIndex.rank; reads no Parquet."""
        self._source.require_same()
        return self.index.rank(v)

    def __len__(self) -> int:
        return len(self.index)

    def __repr__(self) -> str:
        return f"ParquetIndex({len(self)} rows of {self._source}, by {self.column})"

    def close(self) -> None:
        """Close the Parquet files."""
        self._source.close()

    def __enter__(self) -> ParquetIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        return _reopened, self._how


def _reopened(path: Paths, column: str, sidecar: str, options: dict[str, Any]) -> ParquetIndex:
    return open(path, column, sidecar=sidecar, storage_options=options)


def _rows(first: Positions, end: Positions, keep: bool) -> Positions:
    """Return the rows of all keys; `keep`: -1 for those that have none."""
    counts = np.where(first < 0, int(keep), end - first)
    begins = np.cumsum(counts) - counts
    within = np.arange(counts.sum()) - np.repeat(begins, counts)
    rows: Positions = np.repeat(first, counts) + within
    return rows
