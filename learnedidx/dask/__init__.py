"""Shards and Dask: lookups and counts where the queries are, keys as a DataFrame, shards from one.

Nothing here searches: `learnedidx.shards.lookup_batch` does, on the workers.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections import Counter
from typing import Any

import numpy as np

from learnedidx._formats.queries import checked_inclusive
from learnedidx.dask._sending import Held, loaded, mapped, there
from learnedidx.shards import ROWS, ShardedIndex
from learnedidx.shards import open as open_shards
from learnedidx.shards._batches import checked, place_of_values
from learnedidx.shards._parts import adopt, gathering
from learnedidx.shards._view import Ask
from learnedidx.shards._writing import checked_rows

__all__ = ["build", "count", "lookup", "plan", "range"]

SHARE = 0.5  # of a node's memory: what shards may have of it, in its page cache
Path = str | os.PathLike[str]


def lookup(
    ddf: Any,
    shards: Any,
    on: Any,
    out: str = "position",
    *,
    name: Any = None,
    values: Path | None = None,
    plan: str = "auto",
) -> Any:
    """Return a DataFrame of Dask with one column more: what shards answer to a column of it.

    Parameters
    ----------
    ddf : dask.dataframe.DataFrame
        It keeps its partitions, its order, its index and its divisions.
    shards : str, os.PathLike or ShardedIndex
        A folder that all workers reach by this path, or a URL; pass ``lx.shards.open(url,
        storage_options=...)`` if it needs options. Its manifest is read now, once.
    on : str
        The column of queries.
    out : str
        ``"position"``, ``"rank"``, ``"below"``, ``"contains"``, ``"count"``, ``"shard"`` or
        ``"values"``, as ``learnedidx.shards.lookup_batch`` has them; of dtype Int64, boolean, or
        that of the values, with nulls.
    name : str, optional
        Of the new column. Default: what ``out`` says.
    values : str or os.PathLike, optional
        For ``"values"``: a ``.npy`` file that all workers reach by this path.
    plan : str
        ``"local"``: each partition is answered where it is, by any shards. ``"shuffle"``: queries
        travel to the task of a range of shards, and answers back. ``"auto"`` is what
        ``learnedidx.dask.plan`` says; the choice is logged.

    Raises
    ------
    ImportError
        Dask is not installed; or, when it is computed, what a worker lacks.
    ValueError, TypeError
        Columns that are not there, queries that do not compare with the keys; of a column of
        objects, whose dtype does not tell, when it is computed.
    FileNotFoundError, FormatError
        As ``lx.shards.open``; of shards when it is computed.

    Notes
    -----
    A task carries the names of columns; the manifest is a task of its own, and keys are never sent.
    Null asks nothing, nor does NaN, which pandas takes for null; the answer is null.

    Examples
    --------
    >>> import numpy as np, pandas as pd, learnedidx as lx, learnedidx.dask, tempfile
    >>> import dask.dataframe as dd
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(np.arange(0, 3000, 3), folder, rows_per_shard=400)
    >>> asked = dd.from_pandas(pd.DataFrame({"q": [3, 4, 2997]}), npartitions=2)
    >>> learnedidx.dask.lookup(asked, folder, on="q").compute()["position"].tolist()
    [1, <NA>, 999]
    """
    return _added(ddf, shards, on, out, ("left", place_of_values(out, values)), name, plan)


def count(
    ddf: Any,
    shards: Any,
    lo: Any,
    hi: Any,
    inclusive: str = "left",
    *,
    name: Any = "count",
    plan: str = "auto",
) -> Any:
    """Return a DataFrame of Dask with the number of keys from column lo to column hi.

    All else is as ``learnedidx.dask.lookup`` has it. A null end has no answer.

    Examples
    --------
    >>> import numpy as np, pandas as pd, learnedidx as lx, learnedidx.dask, tempfile
    >>> import dask.dataframe as dd
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(np.arange(0, 3000, 3), folder, rows_per_shard=400)
    >>> asked = dd.from_pandas(pd.DataFrame({"a": [3, 0], "b": [30, 3000]}), npartitions=1)
    >>> learnedidx.dask.count(asked, folder, "a", "b").compute()["count"].tolist()
    [9, 1000]
    """
    return _added(ddf, shards, (lo, hi), "count", (inclusive, None), name, plan)


def range(shards: Any, lo: Any, hi: Any, inclusive: str = "left") -> Any:
    """Return the keys from lo to hi as a DataFrame of Dask: its index; and their positions.

    A partition has the keys of a shard, and its divisions are known. Keys that are equal are in
    one partition, also where they lie in several shards.

    Parameters
    ----------
    shards : str, os.PathLike or ShardedIndex
    lo, hi : scalar or None
        None is an open end.
    inclusive : str
        Which ends belong to the range: "left", "right", "both" or "neither".

    Raises
    ------
    ValueError
        NaN or NaT is in the range: no division bounds it.

    Notes
    -----
    The first key and the last one are read now. O(shards).

    Examples
    --------
    >>> import numpy as np, learnedidx as lx, learnedidx.dask, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(np.arange(0, 3000, 3), folder, rows_per_shard=400)
    >>> keys = learnedidx.dask.range(folder, 600, 2700)
    >>> keys.divisions, len(keys), keys.loc[1200:1203].compute()["position"].to_dict()
    ((600, 1200, 2400, 2697), 700, {1200: 400, 1203: 401})
    """
    (dd, tasks), index = loaded(), _opened(shards)
    span, view, how = index.range(lo, hi, inclusive), index._view, Held(index)
    firsts = view.ends._state.checked.array.take(np.arange(0, 2 * view.numbers.size, 2))
    starts = np.empty(view.numbers.size, np.intp)
    view.many(firsts, Ask("position"), starts, 1)
    inner, which = np.unique(starts, return_index=True)
    is_inside = (inner > span.start) & (inner < span.stop)
    cuts = [span.start, *inner[is_inside].tolist(), span.stop]
    divisions = None
    if span.start < span.stop:
        ends = (span.start, span.stop - 1)
        first, last = (tasks.keys_of(tasks.span(i, i + 1), how).index for i in ends)
        heads = tasks.index_of(view, [firsts.take(which[is_inside])])
        divisions = (*first.tolist(), *heads.tolist(), *last.tolist())
        if divisions[-1] != divisions[-1]:
            raise ValueError(f"hi: no division bounds the {divisions[-1]} in it; pass the last key")
    none = tasks.span(0, 0)
    spans = dd.from_map(there("span"), cuts[:-1], cuts[1:], meta=none, divisions=divisions)
    return mapped("keys_of", spans, how, meta=tasks.keys_of(none, how))


def build(
    ddf: Any, folder: Path, column: Any = None, rows_per_shard: int = ROWS, model: Any = "auto"
) -> None:
    """Write a sorted column of a DataFrame of Dask as shards, a partition where it is.

    Each worker writes the shards of its partitions into `folder`, which all workers reach by this
    path. Then their files get their names, and one manifest names all of them.

    Parameters
    ----------
    ddf : dask.dataframe.DataFrame
        Sorted; ``ddf.sort_values(column)`` sorts.
    folder : str or os.PathLike
        As ``lx.shards.build`` takes it, but no URL of an object store. Shards that are in it stay
        until all new ones are written.
    column : str, optional
        Default: the index.
    rows_per_shard : int
        How many keys a file gets at most; none has keys of two partitions.
    model : str or estimator
        Of each shard.

    Raises
    ------
    ValueError, TypeError
        A partition that is not sorted, begins below the one before or has another dtype; the
        message names it. Keys that cannot be indexed.
    BlockingIOError
        Somebody else is writing in this folder.
    OSError, FormatError
        The shards that were there are still whole.

    Notes
    -----
    A worker holds one partition and its index. The calling process holds no keys.

    Examples
    --------
    >>> import numpy as np, pandas as pd, learnedidx as lx, learnedidx.dask, tempfile
    >>> import dask.dataframe as dd
    >>> events = dd.from_pandas(pd.DataFrame({"t": np.arange(0, 3000, 3)}), npartitions=4)
    >>> folder = tempfile.mkdtemp()
    >>> learnedidx.dask.build(events, folder, column="t")
    >>> [shard.count for shard in lx.shards.open(folder).shards]
    [250, 250, 250, 250]
    """
    (_, tasks), rows = loaded(), checked_rows(rows_per_shard)
    _require_dask(ddf)
    if column is not None and column not in list(ddf.columns):
        if column == ddf._meta.index.name:
            raise ValueError(f"column: {column!r} is the index; leave column out")
        raise ValueError(f"column: must be one of {list(ddf.columns)}, got {column!r}")
    keys = ddf[[column]] if column is not None else ddf[[]]
    with gathering(folder, rows, tasks.sorting(column)) as (place, writer):
        made = mapped("written", keys, column, place, rows, model).compute()
        for part, path in zip(made["part"], made["path"], strict=True):
            adopt(writer, os.path.join(place, path), f"partition {part}")
        if not writer.shards:
            writer.add(tasks.keys_in(keys._meta, column))


def plan(shards: Any) -> str:
    """Say which plan ``lookup`` and ``count`` take by default, and why.

    "local" if the files of the shards are at most half of the memory that Dask's workers have on
    the smallest node, so that its page cache holds them; else "shuffle". Without a client the
    memory is that of this machine.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx, learnedidx.dask, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(np.arange(0, 3000, 3), folder, rows_per_shard=400)
    >>> learnedidx.dask.plan(folder)
    'local: ... bytes of shards, and a node has ... bytes of memory'
    """
    size = sum(shard.fingerprint[0] for shard in _opened(shards).shards)
    memory = _smallest_node()
    chosen = "local" if size <= SHARE * memory else "shuffle"
    return f"{chosen}: {size} bytes of shards, and a node has {memory} bytes of memory"


def _smallest_node() -> int:
    nodes: Counter[str] = Counter()
    with contextlib.suppress(ImportError, ValueError):  # there is no client
        from distributed import get_client

        for worker in get_client().scheduler_info()["workers"].values():
            nodes[worker["host"]] += int(worker["memory_limit"] or 0)
    known = [*filter(None, nodes.values())]
    return min(known) if known else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _opened(shards: Any) -> ShardedIndex:
    return shards if isinstance(shards, ShardedIndex) else open_shards(shards)


def _require_dask(ddf: Any) -> None:
    if not hasattr(ddf, "_meta") or getattr(ddf, "ndim", 0) != 2:
        raise TypeError(
            f"ddf: must be a DataFrame of Dask, got {type(ddf).__name__}; "
            "dask.dataframe.from_pandas(frame, npartitions=...) makes one"
        )


def _added(ddf: Any, shards: Any, on: Any, out: str, given: Any, name: Any, wanted: str) -> Any:
    """Add a column; given: which ends belong to ranges, and the file of values."""
    loaded()
    _require_dask(ddf)
    if wanted not in ("auto", "local", "shuffle"):
        raise ValueError(f"plan: must be 'auto', 'local' or 'shuffle', got {wanted!r}")
    columns, name = checked(ddf.columns, on, out, name, "ddf")
    index = _opened(shards)
    how, said = Held(index), plan(index) if wanted == "auto" else wanted
    logging.getLogger("learnedidx").info("plan %s", said)
    local = mapped("answered", ddf, how, columns, out, given, name)
    if said.startswith("local"):
        return local
    sides = ["rank" if right else "below" for right in checked_inclusive(given[0])]
    outs = sides if len(columns) == 2 else [out]
    owners = min(max(1, len(index.shards)), ddf.npartitions)
    found = [_carried(ddf, how, *each, given, owners) for each in zip(columns, outs, strict=True)]
    return mapped("attached", ddf, name, *found, meta=local._meta)


def _carried(ddf: Any, how: Held, column: Any, out: str, given: Any, owners: int) -> Any:
    """Return answers, a partition for each of ddf, by the numbers of its rows.

    Queries go to the task of a range of shards, answers back: two shuffles of two columns.
    """
    asked = mapped("numbered", ddf, how, column, owners)
    asked = asked.set_index("owner", divisions=tuple(np.arange(owners + 1).tolist()))
    found = mapped("answers_of", asked, how, out, given).clear_divisions()
    ends = np.arange(ddf.npartitions + 1, dtype=np.int64) << loaded()[1].ROW_BITS
    return found.set_index("row", divisions=tuple(ends.tolist()))
