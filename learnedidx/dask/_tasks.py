"""What workers of Dask run, over partitions of pandas. Who imports this has Arrow, too."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from learnedidx.shards import build, lookup_batch
from learnedidx.shards._batches import labels
from learnedidx.shards._index import _reopened
from learnedidx.shards._view import View

ROW_BITS = 40  # a row's number in its partition; above them the partition's


INTEGERS = [f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)]
KINDS = [getattr(pd, f"{n}Dtype")() for n in ("Boolean", "Float32", "Float64", *INTEGERS)]
NULLABLE = {pa.from_numpy_dtype(kind.numpy_dtype): kind for kind in KINDS}


def answered(frame: Any, how: Any, columns: Any, out: str, given: Any, name: Any) -> Any:
    frame = frame.copy(deep=False)
    frame[name] = asked(frame, how, columns, out, given)
    return frame


def asked(frame: Any, how: Any, columns: Any, out: str, given: Any = ("left", None)) -> Any:
    """Return the answers to columns of a frame as an array of pandas."""
    inclusive, values = given
    on = tuple(map(str, columns))
    try:
        table = pa.Table.from_pandas(frame[list(dict.fromkeys(columns))], preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        said = f"{', '.join(labels(on))}: {'; '.join(map(str, error.args))}"
        raise TypeError(f"{said}; give the column one type that Arrow has, by astype") from None
    ask = {"inclusive": inclusive, "name": "answer ", "values": values}
    found = lookup_batch(_reopened(*how), table, on, out, **ask)
    return found["answer "].to_pandas(types_mapper=NULLABLE.get).array


def numbered(frame: Any, how: Any, column: Any, owners: int, number: int) -> Any:
    """Return the queries of a partition, the owner of each and the number of its row."""
    shards = asked(frame, how, (column,), "shard").to_numpy(np.int64, na_value=0)
    owner = shards * owners // max(1, len(_reopened(*how).shards))
    row = (number << ROW_BITS) + np.arange(len(frame))
    return pd.DataFrame({"owner": owner, "row": row, "asked": frame[column].array})


def answers_of(frame: Any, how: Any, out: str, given: Any) -> Any:
    answers = asked(frame, how, ("asked",), out, given)
    return pd.DataFrame({"row": frame["row"].array, "answer": answers})


def attached(frame: Any, name: Any, *found: Any) -> Any:
    """Return a partition with answers, or with the difference of two."""
    first, *other = (each.sort_index()["answer"] for each in found)
    frame = frame.copy(deep=False)
    frame[name] = ((other[0] - first).clip(lower=0) if other else first).array
    return frame


def span(start: int, stop: int) -> Any:
    return pd.DataFrame({"at": [start, stop]})


def keys_of(spans: Any, how: Any) -> Any:
    """Return the keys between two positions as the index of a frame of their positions."""
    (start, stop), view = spans["at"].tolist(), _reopened(*how)._view
    keys = index_of(view, view.keys(start, stop))
    return pd.DataFrame({"position": np.arange(start, stop)}, index=keys)


def index_of(view: View, parts: Iterable[Any]) -> Any:
    """Return keys that follow each other, each part as the core has it, as an index of pandas."""
    none = view.ends._state.checked.array[:0]
    if isinstance(none, np.ndarray):
        index = pd.Index(np.concatenate([none, *parts]), name="key")
        return index.tz_localize("UTC") if view.family.is_aware else index
    items = [item for part in parts for item in part.tolist()]
    kind = "string[pyarrow]" if str(view.family.dtype) == "str" else object
    return pd.Index(items, dtype=kind, name="key")


def part(number: int, path: str) -> Any:
    return pd.DataFrame({"part": [number], "path": [path]})


def keys_in(frame: Any, column: Any) -> Any:
    return frame.index if column is None else frame[column]


def sorting(column: Any) -> str:
    """Return how a frame of Dask is sorted."""
    index = "ddf.reset_index().sort_values(name), and pass column=name"
    return f"sort first: {index if column is None else f'ddf.sort_values({column!r})'}"


def written(frame: Any, column: Any, place: str, rows: int, model: Any, number: int) -> Any:
    """Write the shards of a partition, and say where they are."""
    path = f"{number:08}-{uuid.uuid4().hex}"  # a worker that is taken for dead may go on
    if not len(frame):
        return part(number, path).iloc[:0]
    try:
        build(keys_in(frame, column), os.path.join(place, path), None, rows, model)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        said, found, _ = str(error).removeprefix("source: ").partition("; sort them first")
        raise kind(f"partition {number}: {said}{f'; {sorting(column)}' * bool(found)}") from None
    return part(number, path)
