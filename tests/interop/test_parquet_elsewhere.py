"""Parquet files that fsspec reaches: answers, what is asked for them, and files that change."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import learnedidx as lx
from tests.interop.http_server import Server, serving

KEYS = np.arange(0, 5000, 5)
MEMORY = MemoryFileSystem()


def file_of(keys: Any, rows: int = 100) -> bytes:
    table = pa.table({"key": keys, "row": np.arange(len(keys)), "text": [f"t{k}" for k in keys]})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=rows)
    return bytes(sink.getvalue())


pytestmark = pytest.mark.usefixtures("empty_store")


@pytest.fixture
def server() -> Iterator[Server]:
    MEMORY.pipe_file("/log/events.parquet", file_of(KEYS))
    lx.parquet.build("memory://log/events.parquet", "key")
    sidecar = MEMORY.cat_file("/log/events.parquet.key.lidx")
    files = {"events.parquet": file_of(KEYS), "events.parquet.key.lidx": sidecar}
    with serving(files) as server:
        yield server


def test_a_file_and_its_sidecar_in_a_store(tmp_path: Path) -> None:
    url = "memory://log/events.parquet"
    MEMORY.pipe_file("/log/events.parquet", file_of(KEYS))
    assert lx.parquet.build(url, "key") == f"{url}.key.lidx"
    for events in (lx.parquet.open(url), lx.parquet.open(url, "key", verify="full")):
        assert events.lookup([30, 7, 4995])["row"].to_pylist() == [6, 999]
        assert events.range(10, 21, ["text"])["text"].to_pylist() == ["t10", "t15", "t20"]
        assert (events.count(0, 50), events.rank(10), len(events)) == (10, 3, 1000)
    assert pickle.loads(pickle.dumps(events)).lookup(30)["row"].to_pylist() == [6]
    beside = lx.parquet.build(url, "key", sidecar=tmp_path / "here.lidx")
    assert lx.parquet.open(url, sidecar=beside).lookup(30)["text"].to_pylist() == ["t30"]
    assert lx.parquet.build(url, "row", sidecar="memory://log/r.lidx") == "memory://log/r.lidx"


def test_texts_out_of_order_are_named() -> None:
    MEMORY.pipe_file("/log/events.parquet", file_of(np.array([1, 3, 2])))
    with pytest.raises(ValueError, match=r"memory://log/events\.parquet: key: not sorted"):
        lx.parquet.build("memory://log/events.parquet", "key")
    assert not MEMORY.exists("/log/events.parquet.key.lidx")


def test_a_folder_in_a_store() -> None:
    for number in (10, 2, 1):
        MEMORY.pipe_file(f"/log/part-{number}.parquet", file_of(KEYS[:40] + 1000 * number, 20))
    MEMORY.pipe_file("/log/_SUCCESS", b"")
    assert lx.parquet.build("memory://log/", "key") == "memory://log.key.lidx"
    log = lx.parquet.open("memory://log/")
    assert log.lookup([10_000, 1005, 3])["key"].to_pylist() == [10_000, 1005]
    files = [f"memory://log/part-{number}.parquet" for number in (1, 2, 10)]
    assert lx.parquet.open(files, sidecar="memory://log.key.lidx").rank(2000) == 41
    with pytest.raises(FileNotFoundError, match="no files that end in"):
        MEMORY.makedirs("/none")
        lx.parquet.build("memory://none", "key")


def test_shards_of_files_in_a_store(tmp_path: Path) -> None:
    for number in (10, 2):
        MEMORY.pipe_file(f"/log/part-{number}.parquet", file_of(KEYS[:40] + 1000 * number, 20))
    for source in ("memory://log", ["memory://log/part-2.parquet", "memory://log/part-10.parquet"]):
        lx.shards.build(source, "memory://shards", "key", rows_per_shard=50)
        index = lx.shards.open("memory://shards")
        assert [shard.count for shard in index.shards] == [50, 30] and index.find(10_005) == 41


def test_options_reach_the_file_system(tmp_path: Path) -> None:
    """They are said to be wrong by who takes them."""
    MEMORY.pipe_file("/log/events.parquet", file_of(KEYS))
    url = "http://127.0.0.1:9/events.parquet"
    asks: list[Any] = [
        partial(lx.parquet.build, url, "key"),
        partial(lx.parquet.open, url, "key"),
        partial(lx.shards.build, url, tmp_path, "key"),
        partial(lx.shards.open, "http://127.0.0.1:9/shards"),
    ]
    for ask in asks:
        with pytest.raises(OSError, match="9"):
            ask()
        with pytest.raises(FineError):
            ask(storage_options={"get_client": fails})


class FineError(Exception):
    """The options came."""


async def fails(**_: Any) -> Any:
    raise FineError


def test_a_point_is_one_read_of_one_row_group(server: Server) -> None:
    events = lx.parquet.open(server.url("events.parquet"), "key")

    def reads_of(work: Any) -> list[int]:
        before = len(server.requests)
        work()
        return [end - start for start, end in server.requests[before:]]

    (whole,) = reads_of(lambda: events.lookup(1515))
    (one,) = reads_of(lambda: events.lookup(1515, ["key"]))
    assert one < whole < len(server.files["events.parquet"]) / 8
    assert len(reads_of(lambda: events.lookup([1515, 1520, 1600, 1515]))) == 1
    assert len(reads_of(lambda: events.lookup([15, 3000]))) == 2
    assert len(reads_of(lambda: events.range(1510, 1600))) == 1

    def of_the_sidecar_alone() -> None:
        assert events.count(0, 50) == 10 and events.rank(15) == 4
        assert events.contains([15, 16]).tolist() == [True, False]
        assert events.lookup([16, 17]).num_rows == events.range(16, 17).num_rows == 0

    assert reads_of(of_the_sidecar_alone) == []


@pytest.mark.parametrize("tag", ['"one"', ""])
def test_a_file_that_changes_while_it_is_open(server: Server, tag: str) -> None:
    """By its ETag a response is another one's; without one, its length may tell."""
    server.tag = tag
    url = server.url("events.parquet")
    events = lx.parquet.open(url, "key")
    events.lookup(15)
    server.files["events.parquet"] = file_of(KEYS[:-1])
    server.tag = tag and '"two"'
    asks: list[Any] = [partial(events.lookup, [15]), partial(events.range, 10, 30)]
    for ask in asks:
        with pytest.raises((lx.FormatError, OSError), match=f"{url}: .*(was replaced|changed)"):
            ask()
    with pytest.raises(
        lx.FormatError, match=r"was made over other Parquet files: .* changed since"
    ):
        lx.parquet.open(url, "key")


def test_a_file_in_a_store_that_changes_while_it_is_open() -> None:
    MEMORY.pipe_file("/log/events.parquet", file_of(KEYS))
    lx.parquet.build("memory://log/events.parquet", "key")
    events = lx.parquet.open("memory://log/events.parquet")
    MEMORY.pipe_file("/log/events.parquet", file_of(KEYS))
    with pytest.raises(lx.FormatError, match=r"memory://log/events\.parquet: was replaced"):
        events.lookup(15)
    again = lx.parquet.open("memory://log/events.parquet")  # the same bytes are the same file
    MEMORY.rm("/log/events.parquet")
    with pytest.raises((lx.FormatError, FileNotFoundError), match=r"log/events\.parquet"):
        again.lookup([15])


def test_servers_that_misbehave(server: Server) -> None:
    url = server.url("events.parquet")
    events = lx.parquet.open(url, "key")
    for mode in ("busy", "short"):
        server.misbehaves(mode, 2)
        assert events.lookup([15])["row"].to_pylist() == [3]
    for mode, text in (
        ("whole", "ignores Range"),
        ("refuse", "answered 403"),
        ("other range", "Content-Range"),
        ("busy", "not read in 4 tries"),
    ):
        server.misbehaves(mode)
        with pytest.raises(OSError, match=f"{url}: .*{text}"):
            events.lookup([15])
    server.misbehaves("")
    assert events.lookup([15])["row"].to_pylist() == [3]


def test_what_is_not_there(server: Server) -> None:
    with pytest.raises(FileNotFoundError, match=r"row\.lidx: is not there; write it with"):
        lx.parquet.open(server.url("events.parquet"), "row")
    with pytest.raises(FileNotFoundError, match=r"none\.parquet"):
        lx.parquet.build(server.url("none.parquet"), "key", sidecar="memory://a.lidx")
    server.files["other.parquet"] = b"no Parquet file"
    with pytest.raises(lx.FormatError, match=r"other\.parquet: is no whole Parquet file"):
        lx.parquet.build(server.url("other.parquet"), "key", sidecar="memory://a.lidx")
    sidecar = bytearray(server.files["events.parquet.key.lidx"])
    sidecar[40] ^= 1
    server.files["events.parquet.key.lidx"] = bytes(sidecar)
    with pytest.raises(lx.FormatError, match=r"http.*events\.parquet\.key\.lidx: "):
        lx.parquet.open(server.url("events.parquet"), "key")
    MEMORY.pipe_file("/f.lidx", lx.PointFilter().fit(KEYS).save(bytes))
    with pytest.raises(ValueError, match="memory://f.lidx holds a filter"):
        lx.parquet.open(server.url("events.parquet"), sidecar="memory://f.lidx")
    with pytest.raises(ValueError, match="verify: must be"):
        lx.parquet.open(server.url("events.parquet"), "key", verify="all")
