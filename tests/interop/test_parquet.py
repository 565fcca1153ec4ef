"""Lookups in Parquet files by a sidecar: answers, what is read for them, and files that change."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import learnedidx as lx
from learnedidx.interop import _row_groups
from tests.format.reader import Reader

Table = Any


class CountingFile:
    """A file that keeps what was read of it."""

    def __init__(self, name: str) -> None:
        self.file = open(name, "rb")  # noqa: SIM115 - the fixture closes it
        self.reads: list[int] = []

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.reads.append(len(data))
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[CountingFile]]:
    """What Arrow opens is in this list from now on."""
    files: list[CountingFile] = []

    def source(name: str) -> CountingFile:
        files.append(CountingFile(name))
        return files[-1]

    monkeypatch.setattr(_row_groups, "_source", source)
    yield files
    for file in files:
        file.file.close()


def table_of(keys: Any) -> Table:
    column = keys if isinstance(keys, pa.Array) else pa.array(keys)
    rows = range(len(column))
    texts = pa.array([f"t{row}" for row in rows], pa.string())
    return pa.table({"row": pa.array(rows, pa.int64()), "key": column, "text": texts})


def written(folder: Path, keys: Any, rows: int = 7, name: str = "events.parquet") -> str:
    path = folder / name
    pq.write_table(table_of(keys), path, row_group_size=rows)
    return str(path)


def opened(folder: Path, keys: Any, rows: int = 7) -> lx.parquet.ParquetIndex:
    path = written(folder, keys, rows)
    lx.parquet.build(path, "key")
    return lx.parquet.open(path, verify="full")


def same(one: Any, other: Any) -> bool:
    return bool(one == other or (one != one and other != other))


UTC = pa.timestamp("us", tz="Europe/Berlin")
HOURS = [dt.datetime(2026, 1, 1, hour, tzinfo=dt.UTC) for hour in (0, 1, 1, 1, 5, 9)]
KEYS = {
    "int64": pa.array([-5, 0, 0, 3, 4, 4, 4, 9, 10, 2**62]),
    "uint8": pa.array([0, 1, 1, 7, 255], pa.uint8()),
    "double": pa.array([-1.5, -0.0, 0.0, 2.5, 2.5, float("inf"), float("nan")]),
    "text": pa.array(["", "a", "a", "ab", "b", "ö"]),
    "dictionary": pa.array(["a", "b", "b", "c"]).dictionary_encode(),
    "binary": pa.array([b"\0", b"a", b"a\0", b"b"]),
    "instants": pa.array(HOURS, UTC),
    "dates": pa.array([dt.date(2026, 1, day) for day in (1, 1, 2, 9)]),
    "bool": pa.array([False, False, True]),
    "no rows": pa.array([], pa.int64()),
    "equal": pa.array([7] * 30),
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("rows", [2, 1000])
def test_rows_of_keys_are_those_of_a_scan(tmp_path: Path, name: str, rows: int) -> None:
    keys = KEYS[name]
    events = opened(tmp_path, keys, rows)
    table = pq.read_table(tmp_path / "events.parquet")
    items = table["key"].to_pylist()
    assert (len(events), events.column, events.schema) == (len(items), "key", table.schema)
    asked = [*items[::2], *items[:2]][::-1]
    wanted = [row for key in asked for row, item in enumerate(items) if same(item, key)]
    got = events.lookup(table["key"].take([items.index(k) for k in asked]) if asked else keys)
    assert repr(got.to_pydict()) == repr(table.take(pa.array(wanted, pa.int64())).to_pydict())
    assert got.schema == table.schema
    for key in asked[:3]:
        rows_of_key = [row for row, item in enumerate(items) if same(item, key)]
        assert events.lookup(key, ["row"])["row"].to_pylist() == rows_of_key
    assert repr(events.range(None, None).to_pydict()) == repr(table.to_pydict())


def test_absent_keys_and_duplicates(tmp_path: Path) -> None:
    events = opened(tmp_path, [1, 3, 3, 3, 8], rows=2)
    assert events.lookup([8, 2, 3, 9, 1], ["row"])["row"].to_pylist() == [4, 1, 2, 3, 0]
    left = events.lookup([8, 2, 3, 9, 1], ["text", "row"], how="left")
    assert left.column_names == ["text", "row"]
    assert left["row"].to_pylist() == [4, None, 1, 2, 3, None, 0]
    assert events.lookup(2, how="left").to_pylist() == [dict.fromkeys(("row", "key", "text"))]
    assert events.lookup(2).num_rows == events.lookup([]).num_rows == 0
    assert events.lookup([2, 2], how="left")["text"].to_pylist() == [None, None]
    assert events.lookup(np.array([[3.0, 1.5]]), ["row"])["row"].to_pylist() == [1, 2, 3]
    assert events.lookup([float("nan"), 1], ["row"], "left")["row"].to_pylist() == [None, 0]
    assert events.range(2, 8, ["row"], "both")["row"].to_pylist() == [1, 2, 3, 4]
    assert events.range(8, 2).num_rows == events.range(4, 8).num_rows == 0
    assert (events.count(3, 8), events.rank(3), events.contains(4)) == (3, 4, False)
    assert events.count([3, 4], [3, 4], "both").tolist() == [3, 0]


def test_columns_that_may_not_be_null_may_be_where_keys_are_absent(tmp_path: Path) -> None:
    schema = pa.schema([pa.field("key", pa.int64(), nullable=False)])
    path = tmp_path / "strict.parquet"
    pq.write_table(pa.table({"key": [1, 2]}, schema=schema), path)
    lx.parquet.build(path, "key")
    got = lx.parquet.open(path).lookup([5, 2], how="left")
    got.validate(full=True)
    assert got["key"].to_pylist() == [None, 2]


VIEWS: dict[str, Any] = {
    "text": (pa.string_view(), ["a", "b", "b", "longer than twelve bytes"]),
    "bytes": (pa.binary_view(), [b"a", b"b", b"b", b"longer than twelve bytes"]),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("rows", [1, 1000])
def test_views_of_strings(tmp_path: Path, name: str, rows: int) -> None:
    """Arrow takes no rows of these types; they come as the schema says."""
    kind, items = VIEWS[name]
    views, path = pa.array(items, kind), tmp_path / "views.parquet"
    strict = pa.field("strict", kind, nullable=False)
    schema = pa.schema([("key", kind), ("item", kind), strict])
    table = pa.Table.from_arrays([views, pa.array(items[::-1], kind), views], schema=schema)
    pq.write_table(table, path, row_group_size=rows)
    lx.parquet.build(path, "key")
    events, wanted = lx.parquet.open(path), table.to_pylist()
    assert events.schema == schema
    got = events.lookup([items[3], items[1]])
    got.validate(full=True)
    assert got.schema == schema and got.to_pylist() == [wanted[3], wanted[1], wanted[2]]
    left = events.lookup([items[0] + items[0], items[0]], how="left")
    left.validate(full=True)
    assert left.schema.types == schema.types
    assert left.to_pylist() == [dict.fromkeys(schema.names), wanted[0]]


def test_random_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_row_groups, "ROWS_AT_ONCE", 500)
    random = np.random.default_rng(3)
    keys = np.sort(random.integers(0, 4000, 5000))
    events = opened(tmp_path, keys, rows=97)
    for size in (1, 10, 3000):
        asked = random.integers(-5, 4005, size)
        starts, ends = np.searchsorted(keys, asked), np.searchsorted(keys, asked, "right")
        wanted = [row for pair in zip(starts, ends, strict=True) for row in range(*pair)]
        got = events.lookup(asked, ["row", "key"])
        assert got["row"].to_pylist() == wanted
        assert got["key"].to_pylist() == keys[wanted].tolist()


def test_a_point_is_one_read_of_one_row_group(tmp_path: Path, counted: list[CountingFile]) -> None:
    lx.parquet.build(written(tmp_path, range(0, 5000, 5), rows=100), "key")
    events = lx.parquet.open(tmp_path / "events.parquet")
    file = counted[-1]
    size = os.path.getsize(tmp_path / "events.parquet")

    def reads_of(work: Any) -> list[int]:
        file.reads.clear()
        work()
        return file.reads

    reads_of(lambda: events.lookup(15))
    (whole,) = reads_of(lambda: events.lookup(1515))
    (one,) = reads_of(lambda: events.lookup(1515, ["key"]))
    assert one < whole < size / 8
    (both,) = reads_of(lambda: events.lookup(1515, ["row", "key"]))
    assert one < both < whole
    assert len(reads_of(lambda: events.lookup([1515, 1520, 1600, 1515]))) == 1
    assert len(reads_of(lambda: events.lookup([15, 3000]))) == 2
    assert len(reads_of(lambda: events.range(1510, 1600))) == 1

    def of_the_sidecar_alone() -> None:
        assert events.count(0, 50) == 10
        assert events.contains([15, 16]).tolist() == [True, False]
        assert events.rank(15) == 4
        assert events.lookup([16, 17]).num_rows == events.range(16, 17).num_rows == 0

    assert reads_of(of_the_sidecar_alone) == []


def test_a_dataset_is_one_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    for number in (10, 2, 1):  # by name as text, 10 comes first
        start = number * 100
        written(folder, range(start, start + 50), 20, f"part-{number}.parquet")
    written(folder, pa.array([], pa.int64()), 20, "part-3.parquet")
    (folder / "_SUCCESS").touch()
    pq.write_table(table_of([1, 1]), folder / "_tmp.parquet")
    assert lx.parquet.build(folder, "key").name == "events.key.lidx"
    monkeypatch.setattr(_row_groups, "OPEN_FILES", 1)
    events = lx.parquet.open(folder, "key", verify="full")
    assert (len(events), events.rank(149)) == (150, 50)
    assert events.lookup([1001, 149, 150, 205])["key"].to_pylist() == [1001, 149, 205]
    assert events.range(148, 202)["key"].to_pylist() == [148, 149, 200, 201]
    files = [folder / f"part-{number}.parquet" for number in (1, 2, 3, 10)]
    listed = lx.parquet.open(files, sidecar=tmp_path / "events.key.lidx")
    assert listed.lookup(1001)["key"].to_pylist() == [1001]
    with pytest.raises(lx.FormatError, match="made over other Parquet files"):
        lx.parquet.open(files[::-1], sidecar=tmp_path / "events.key.lidx")
    with pytest.raises(ValueError, match="rows of 4 files, one after the other: key: not"):
        lx.parquet.build(files[::-1], "key", sidecar=tmp_path / "other.lidx")
    import pyarrow.dataset

    data = pyarrow.dataset.dataset([str(file) for file in files])
    assert lx.parquet.build(data, "key", sidecar=tmp_path / "b.lidx").exists()


def test_lx_open_opens_the_sidecar_and_it_says_what_the_format_does(tmp_path: Path) -> None:
    path = lx.parquet.build(written(tmp_path, [2, 3, 5]), "key", model="btree")
    index = lx.open(path, verify="full")
    assert index.searchsorted([3, 4]).tolist() == [1, 2]
    first = path.read_bytes()
    said = Reader(first).meta["parquet"]
    data = (tmp_path / "events.parquet").read_bytes()
    footer = data[-8 - int.from_bytes(data[-8:-4], "little") : -8]
    digest = hashlib.sha256(len(data).to_bytes(8, "little") + hashlib.sha256(footer).digest())
    assert said == {"column": "key", "files": 1, "fingerprint": digest.hexdigest()}
    lx.parquet.build(tmp_path / "events.parquet", "key", model="btree")
    assert path.read_bytes() == first


def test_a_pickle_holds_paths(tmp_path: Path) -> None:
    events = opened(tmp_path, range(100_000), rows=10_000)
    pickled = pickle.dumps(events)
    assert len(pickled) < 1000
    assert pickle.loads(pickled).lookup(77)["row"].to_pylist() == [77]


def test_threads_share_a_file(tmp_path: Path) -> None:
    events = opened(tmp_path, range(3000), rows=100)
    wrong: list[int] = []

    def work(start: int) -> None:
        for key in range(start, 3000, 60):
            wrong.extend({key, 2999 - key} ^ {*events.lookup([key, 2999 - key])["row"].to_pylist()})

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with events:
        assert len(events.lookup(3)) == 1
    assert len(events.lookup(3)) == 1, "what was closed is opened again"


def test_a_name_with_a_dot_is_no_part_of_another_column(tmp_path: Path) -> None:
    path = tmp_path / "dots.parquet"
    parts = pa.array([{"b": "x"}, {"b": "y"}])
    pq.write_table(pa.table({"s": parts, "s.b": [7, 8], "a": [1, 2], "a.b": [3, 4]}), path)
    lx.parquet.build(path, "s.b")
    rows = lx.parquet.open(path, verify="full")
    for columns in (["s.b"], ["s"], ["a"], ["a.b", "s.b"]):
        for got in (rows.lookup(8, columns), rows.lookup([8], columns), rows.range(8, 9, columns)):
            assert (got.column_names, got.num_rows) == (columns, 1)
    assert rows.lookup(8, ["s.b", "a"]).to_pydict() == {"s.b": [8], "a": [2]}


def test_columns_in_any_order_and_twice(tmp_path: Path) -> None:
    events = opened(tmp_path, [1, 3, 8], rows=2)
    for columns in (["text", "row"], ["key", "key", "row"]):
        for got in (
            events.lookup(3, columns),
            events.lookup([3], columns),
            events.range(3, 4, columns),
        ):
            assert (got.column_names, got.num_rows) == (columns, 1)
