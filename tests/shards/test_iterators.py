"""Building shards from iterators: what they may give, and how errors name it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
KEYS = np.arange(0, 3000, 3)
TIMES = pd.Series(pd.date_range("2026", periods=1000, freq="h", tz="Europe/Berlin"))


def shards_of(source: Any, folder: Path, column: str | None = None) -> Any:
    lx.shards.build(source, folder, column, rows_per_shard=300)
    return lx.shards.open(folder)


def cut(make: Callable[[Any], Any], keys: Any = KEYS) -> Iterator[Any]:
    """Yield arrays of 0, 1, 2, ... keys."""
    at = size = 0
    while at < len(keys):
        yield make(keys[at : at + size])
        at, size = at + size, size + 1


def batches() -> Iterator[Any]:
    yield from (pa.record_batch({"u": part, "t": part}) for part in np.array_split(KEYS, 9))


SOURCES: dict[str, Callable[[], tuple[Any, str | None]]] = {
    "lists": lambda: (cut(list), None),
    "arrays of Arrow": lambda: (cut(pa.array), None),
    "chunks": lambda: (cut(lambda keys: pa.chunked_array([keys[:2], keys[2:]])), None),
    "series": lambda: (cut(lambda keys: pd.Series(keys, index=keys / 2)), None),
    "indexes": lambda: (cut(pd.Index), None),
    "series of Polars": lambda: (cut(pl.Series), None),
    "tables": lambda: (cut(lambda keys: pd.DataFrame({"u": 0, "t": keys})), "t"),
    "tables of Polars": lambda: (cut(lambda keys: pl.DataFrame({"t": keys})), "t"),
    "tables of Arrow": lambda: (cut(lambda keys: pa.table({"t": keys})), "t"),
    "record batches": lambda: (batches(), "t"),
    "fields": lambda: (cut(lambda keys: np.rec.fromarrays([keys], names="t")), "t"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_iterators_give(name: str, tmp_path: Path) -> None:
    source, column = SOURCES[name]()
    index = shards_of(source, tmp_path, column)
    assert [shard.count for shard in index.shards] == [300, 300, 300, 100]
    assert np.array_equal(list(index), KEYS) and index.dtype == np.int64


def test_series_with_a_zone_and_of_text(tmp_path: Path) -> None:
    index = shards_of(iter([TIMES[:7], TIMES[7:500], TIMES[500:]]), tmp_path)
    assert index.find(TIMES.dt.tz_convert("UTC")).tolist() == list(range(1000))
    texts = pd.Series([f"{key:05}" for key in KEYS.tolist()])
    for make in (pd.Series, pl.Series):
        index = shards_of(cut(make, texts.to_list()), tmp_path)
        assert list(index) == texts.to_list()


REFUSED: dict[str, tuple[Any, str | None, type[Exception], str]] = {
    "numbers": (iter([1, 2]), None, TypeError, "its iterator gave int; let it give arrays"),
    "scalars": (iter([KEYS[5]]), None, TypeError, "its iterator gave int64; let it"),
    "texts": (iter(["a"]), None, TypeError, "its iterator gave str; let it"),
    "a table": (iter([pd.DataFrame({"t": KEYS})]), None, TypeError, "DataFrame is a table; name"),
    "no column": (
        iter([pl.DataFrame({"t": KEYS})]),
        "x",
        ValueError,
        "DataFrame has no column 'x'",
    ),
    "arrays": ([KEYS, KEYS + 3000], None, TypeError, r"begins with ndarray; pass iter\(parts\)"),
    "a tuple": ((KEYS, KEYS[:2]), None, TypeError, r"a tuple is .* with ndarray; pass iter\(par"),
    "tables": ([pd.DataFrame({"t": KEYS})], "t", TypeError, r"with DataFrame; pass iter\(parts\)"),
    "libraries": (iter([KEYS, pl.Series(KEYS)]), None, TypeError, "Int64 and int64; convert to"),
    "pandas": (iter([KEYS, pd.Series(KEYS)]), None, TypeError, "of numpy and pandas; convert to"),
    "memory": (
        iter([memoryview(KEYS)] * 2),
        None,
        TypeError,
        "memoryview; let it give arrays of N",
    ),
    "null": (iter([KEYS, pa.array([None, 1])][1:]), None, TypeError, "array 0, .*: .* missing"),
    "masked": (iter([KEYS, np.ma.masked_less(KEYS, 5)]), None, TypeError, "array 1, .* masked arr"),
    "order": (
        iter([KEYS[:400], KEYS[:0], KEYS[399:500], KEYS[3:]]),
        None,
        ValueError,
        "array 3, counted from 0, is not sorted behind those before: 9 comes after 1497; give them",
    ),
    "text": (iter([["a", "c"], ["b"]]), None, ValueError, "array 1, .*: 'b' comes after 'c'; giv"),
    "times": (iter([TIMES[5:], TIMES[:5]]), None, ValueError, "array 1, .* comes after "),
    "NaN": (
        iter([np.array([1, np.nan]), np.array([2.0])]),
        None,
        ValueError,
        "2.0 comes after nan",
    ),
    "2-D": (iter([KEYS, KEYS[-4:].reshape(2, 2)]), None, ValueError, "array 1, .* 1-D"),
    "stream": (
        pa.RecordBatchReader.from_batches(
            pa.schema({"t": pa.int64()}),
            [pa.record_batch({"t": KEYS[part]}) for part in (slice(9, 20), slice(3))],
        ),
        "t",
        ValueError,
        "batch 1, counted from 0, is not sorted behind those before: 0 comes after 57; give them",
    ),
    "inside": (iter([KEYS[:400], KEYS[::-1] + 3000]), None, ValueError, "from position 300 on"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_iterators_must_not_give(name: str, tmp_path: Path) -> None:
    source, column, error, text = REFUSED[name]
    with pytest.raises(error, match=f"^(source|column): .*{text}"):
        shards_of(source, tmp_path, column)
    assert not list(tmp_path.glob("shard-*"))
