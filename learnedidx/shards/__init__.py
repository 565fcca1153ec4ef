"""Keys in many files under one manifest, which answer as one index over all of them."""

from __future__ import annotations

import os
from typing import Any

from learnedidx.shards._batches import lookup_batch
from learnedidx.shards._index import MOST_OPEN, ShardedIndex, opened
from learnedidx.shards._index import _reopened as _reopened
from learnedidx.shards._manifest import Shard
from learnedidx.shards._places import place_of
from learnedidx.shards._writing import build as _build
from learnedidx.shards._writing import checked_rows

__all__ = ["Shard", "ShardedIndex", "build", "lookup_batch", "open"]

ROWS = 1 << 24


def build(
    source: Any,
    folder: str | os.PathLike[str],
    column: str | None = None,
    rows_per_shard: int = ROWS,
    model: Any = "auto",
    *,
    storage_options: dict[str, Any] | None = None,
) -> None:
    """Write sorted keys as shards: a .lidx file for each `rows_per_shard` keys, and a manifest.

    Parameters
    ----------
    source : array_like, path, Arrow stream or iterator of arrays
        Sorted keys, 1-D: what ``lx.LearnedIndex`` takes but rows of several columns. The path of a
        ``.npy`` file is mapped; a raw file is ``np.memmap(path, dtype)``. A stream or an iterator
        is read once, piece by piece; iterators may give arrays of NumPy, Arrow, pandas or Polars,
        or lists. A list is one array: ``iter(parts)`` makes parts of it. Parquet files are a path
        that ends in .parquet, a folder of them in the order of their names, numbers in names as
        numbers, a list of paths or a ``pyarrow.dataset.Dataset``; some pages of them are in memory
        at a time.
    folder : str or os.PathLike
        It is made if there is none. Shards that are in it stay until all new ones are written. Or a
        URL of fsspec that leads to an object store: S3, Google Cloud Storage, Azure.
    column : str, optional
        Which column of a table, of each table of an iterator, a stream of record batches, Parquet
        files or a structured array has the keys.
    rows_per_shard : int
        How many keys a file gets.
    model : str or estimator
        As ``lx.LearnedIndex`` takes it, for each shard.
    storage_options : dict, optional
        For fsspec's file system, of URLs of the folder and of Parquet files: credentials,
        endpoints.

    Raises
    ------
    ValueError, TypeError
        Keys that are not sorted or cannot be indexed; the message says where, of Parquet files
        in which one, of iterators at which array.
    BlockingIOError
        Somebody else is writing in this folder, or was first in an object store.
    OSError, FormatError
        The message names the file. The shards that were there are still whole. Or an object store
        that cannot create a file only if it is absent.

    Notes
    -----
    O(n) time. Memory holds one shard of a stream or an iterator, and its model. An array that is
    mapped is borrowed, as is a path.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build((np.arange(n, n + 500) for n in range(0, 2000, 500)), folder,
    ...                 rows_per_shard=800)
    >>> [shard.count for shard in lx.shards.open(folder).shards]
    [800, 800, 400]
    """
    rows = checked_rows(rows_per_shard)
    _build(source, place_of(folder, storage_options), column, rows, model)


def open(
    folder: str | os.PathLike[str],
    most_open: int = MOST_OPEN,
    *,
    storage_options: dict[str, Any] | None = None,
) -> ShardedIndex:
    """Open a folder of shards: reads the manifest; a shard is mapped when it is first asked.

    Parameters
    ----------
    folder : str or os.PathLike
        Where ``build`` wrote. Of an object store or a web server shards are fetched whole, into
        the folder for temporary files.
    most_open : int
        How many shards are mapped at once; the one not asked for longest goes first.
    storage_options : dict, optional
        For fsspec's file system. Pickles hold it.

    Returns
    -------
    ShardedIndex
        With the verbs of ``lx.LearnedIndex``, and positions among all keys.

    Raises
    ------
    FileNotFoundError
        There are no shards, or their build did not end.
    FormatError
        The manifest is damaged or of another version. Files are checked when they are opened: one
        that is missing or is not the one that was written raises then, by its name.

    Notes
    -----
    O(shards).

    Examples
    --------
    >>> import learnedidx as lx, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(["apple", "banana", "cherry", "plum"], folder, rows_per_shard=2)
    >>> index = lx.shards.open(folder)
    >>> index.find("cherry"), index.prefix("b"), index.count("b", "d"), index
    (2, slice(1, 2, None), 2, ShardedIndex(<4 keys of str in 2 shards>))
    """
    return opened(folder, most_open, storage_options)
