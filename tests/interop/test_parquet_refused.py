"""Sidecars and Parquet files that are refused: stale, damaged, out of order, not there."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import learnedidx as lx
from learnedidx.files._saving import save_beside
from learnedidx.interop import _row_groups, _sidecar
from tests.interop.test_parquet import opened, table_of, written

VERBS = {
    "lookup": lambda events: events.lookup([3]),
    "lookup one": lambda events: events.lookup(3),
    "range": lambda events: events.range(1, 5),
    "count": lambda events: events.count(1, 5),
    "contains": lambda events: events.contains(3),
    "rank": lambda events: events.rank(3),
}


def other(path: Path) -> None:
    pq.write_table(table_of([1, 2, 4]), path)


def replaced(path: Path) -> None:
    other(path.with_name("new"))
    os.replace(path.with_name("new"), path)


CHANGES = {"written again": other, "replaced": replaced, "removed": os.unlink}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("verb", VERBS)
def test_a_file_that_changes_while_it_is_open(tmp_path: Path, change: str, verb: str) -> None:
    events = opened(tmp_path, range(50))
    VERBS[verb](events)
    CHANGES[change](tmp_path / "events.parquet")
    with pytest.raises(lx.FormatError, match=r"events\.parquet: was replaced .*parquet\.build"):
        VERBS[verb](events)


def test_a_file_that_changes_in_the_middle_of_a_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, path = opened(tmp_path, range(50)), tmp_path / "events.parquet"
    read, before = _row_groups.RowGroups._groups, path.read_bytes()

    def late(self: Any, *args: Any) -> Any:
        table = read(self, *args)
        replaced(path)
        return table

    monkeypatch.setattr(_row_groups.RowGroups, "_groups", late)
    for verb in ("lookup", "lookup one", "range"):
        with pytest.raises(lx.FormatError, match="was replaced"):
            VERBS[verb](events)
        path.write_bytes(before)
        events = lx.parquet.open(path)


def test_a_file_written_again_before_it_is_opened(tmp_path: Path) -> None:
    path = written(tmp_path, range(50))
    sidecar = lx.parquet.build(path, "key")
    pq.write_table(table_of([1, 2, 4]), path)
    with pytest.raises(lx.FormatError, match=r"events\.parquet changed since \(now 3 rows in 1"):
        lx.parquet.open(path)
    lx.parquet.build(path, "key")
    assert lx.parquet.open(path).lookup(4)["row"].to_pylist() == [2]
    replaced(Path(path))
    assert lx.parquet.open(path, sidecar=sidecar).rank(2) == 2, "the same bytes are the same file"


def test_other_keys_under_the_same_footer(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    options: Any = {"compression": "none", "write_statistics": False, "use_dictionary": False}
    pq.write_table(pa.table({"key": np.arange(50)}), path, **options)
    lx.parquet.build(path, "key")
    data = path.read_bytes()
    path.write_bytes(data.replace((7).to_bytes(8, "little"), (6).to_bytes(8, "little")))
    assert lx.parquet.open(path).contains(7)
    with pytest.raises(lx.FormatError, match="rows up to 50 have other keys in key"):
        lx.parquet.open(path, verify="full")


def test_columns_out_of_order(tmp_path: Path) -> None:
    path = written(tmp_path, [1, 2, 9, 4, 10, 3])
    with pytest.raises(ValueError, match=r"events\.parquet: key: not sorted: key\[3\] = 4 comes "):
        lx.parquet.build(path, "key")
    pq.write_table(pa.table({"text": ["a", "b", "ab"]}), path)
    with pytest.raises(ValueError, match=r"text: not sorted: text\[2\] = 'ab' comes after "):
        lx.parquet.build(path, "text")
    assert list(tmp_path.glob("*.lidx")) == []


def test_nulls_and_types_that_are_no_keys(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    columns = {
        "null": pa.array([1, 2, None, 4]),
        "late": pa.array(["a", "b", "c", None]),
        "list": pa.array([[1], [2], [3], [4]]),
        "price": pa.array([Decimal(1), Decimal(2), Decimal(3), Decimal(4)]),
    }
    pq.write_table(pa.table(columns), path, row_group_size=2)
    with pytest.raises(TypeError, match=r"column: null\[2\] of .*events\.parquet is null"):
        lx.parquet.build(path, "null")
    with pytest.raises(TypeError, match=r"column: late\[3\] of "):
        lx.parquet.build(path, "late")
    with pytest.raises(TypeError, match="list: list<.*> is no plain column"):
        lx.parquet.build(path, "list")
    with pytest.raises(TypeError, match=r"price: decimal128\(1, 0\) cannot be indexed; convert it"):
        lx.parquet.build(path, "price")
    assert os.listdir(tmp_path) == ["events.parquet"]


def test_wrong_arguments(tmp_path: Path) -> None:
    path = written(tmp_path, [1, 2])
    with pytest.raises(FileNotFoundError, match=r"has no sidecar; make one with learnedidx\.parqu"):
        lx.parquet.open(path)
    for column in (None, "key"):
        with pytest.raises(FileNotFoundError, match=r"nope\.parquet: no such file"):
            lx.parquet.open(tmp_path / "nope.parquet", column)
    with pytest.raises(FileNotFoundError, match=r"events\.parquet\.key\.lidx: is not there; wri"):
        lx.parquet.open(path, "key")
    with pytest.raises(ValueError, match="^column: .* has no column 'id'; it has row; key; text"):
        lx.parquet.build(path, "id")
    with pytest.raises(TypeError, match="column: must be a name, got int"):
        lx.parquet.build(path, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="column: its name has more than 500 bytes"):
        lx.parquet.build(path, "ö" * 251)
    with pytest.raises(ValueError, match=r"column: 'a/b' cannot be part of a file's name"):
        lx.parquet.build(path, "a/b")
    with pytest.raises(ValueError, match="sidecar: must be given where path is a list"):
        lx.parquet.build([path], "key")
    with pytest.raises(ValueError, match="sidecar: must be given where path is a list"):
        lx.parquet.open([path])
    with pytest.raises(TypeError, match="path: must be a path of a Parquet file .*, got int"):
        lx.parquet.build(3, "key")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match="has no files that end in .parquet"):
        (tmp_path / "empty").mkdir()
        lx.parquet.build(tmp_path / "empty", "key")
    lx.parquet.build(path, "key")
    lx.parquet.build(path, "row")
    with pytest.raises(
        ValueError, match=r"column: .* several sidecars; pass one of \['key', 'row'\]"
    ):
        lx.parquet.open(path)
    for column in (None, "key"):
        with pytest.raises(
            ValueError, match=r"key\.lidx is named like a sidecar; pass the Parquet"
        ):
            lx.parquet.open(f"{path}.key.lidx", column)


def test_wrong_queries(tmp_path: Path) -> None:
    events, path = opened(tmp_path, [1, 2]), tmp_path / "events.parquet"
    assert repr(events) == f"ParquetIndex(2 rows of {path}, by key)"
    with pytest.raises(ValueError, match="how: must be 'inner' or 'left', got 'outer'"):
        events.lookup([1], how="outer")
    with pytest.raises(TypeError, match="columns: must be a list of names, got 'key'"):
        events.lookup([1], "key")
    with pytest.raises(ValueError, match="columns: must name one at least; count says"):
        events.range(1, 2, [])
    with pytest.raises(TypeError, match="lo, hi: range reads one range"):
        events.range([1], [2])
    with pytest.raises(ValueError, match="^columns: .* has no column 'id'"):
        events.lookup([1], ["id"])
    for keys in ("a", ["a"], np.array(["a"])):
        with pytest.raises(TypeError, match="^keys: cannot compare"):
            events.lookup(keys)


def test_what_is_no_sidecar(tmp_path: Path) -> None:
    path = written(tmp_path, [1, 2])
    name = tmp_path / "own.lidx"
    index = lx.LearnedIndex(np.array([1, 2]))
    index.save(name)
    with pytest.raises(lx.FormatError, match=r"own\.lidx: is no sidecar of Parquet files; make it"):
        lx.parquet.open(path, sidecar=name)
    lx.PointFilter().fit(np.array([1])).save(name)
    with pytest.raises(ValueError, match="holds a filter"):
        lx.parquet.open(path, sidecar=name)
    sidecar = lx.parquet.build(path, "key")
    with pytest.raises(lx.FormatError, match="is a sidecar of column 'key', not of 'row'"):
        lx.parquet.open(path, "row", sidecar=sidecar)
    whole = sidecar.read_bytes()
    for size in (0, 100, len(whole) - 1):
        sidecar.write_bytes(whole[:size])
        with pytest.raises(lx.FormatError):
            lx.parquet.open(path)


def test_lies_of_a_sidecar(tmp_path: Path) -> None:
    """What its description says of the files is compared, never followed."""
    path, name = written(tmp_path, [1, 2, 3]), str(tmp_path / "lies.lidx")
    stored = lx.open(lx.parquet.build(path, "key"))._state.stored
    assert stored is not None
    said = stored.meta["parquet"]
    state = lx.LearnedIndex(np.array([1, 2, 3]))._state
    lies: list[Any] = [None, 3, [], "x", {}, {"column": 3}, {"column": "key"}]
    values: list[Any] = [None, 7, "x", [1], {"a": {}}]
    lies += [{**said, key: value} for key in said for value in values]
    for lie in lies:
        save_beside(state, name, lie)
        with pytest.raises(lx.FormatError, match=r"lies\.lidx: (is no sidecar|was made over)"):
            lx.parquet.open(path, sidecar=name)
    save_beside(lx.LearnedIndex(np.array([1, 2]))._state, name, said)
    with pytest.raises(lx.FormatError, match=r"now 3 rows in 1 file, then 2 in 1 file\)"):
        lx.parquet.open(path, sidecar=name)
    save_beside(state, name, said)
    assert lx.parquet.open(path, sidecar=name, verify="full").rank(2) == 2
    assert json.dumps(said) == json.dumps({**said, "files": 1})


def test_what_is_no_parquet_file(tmp_path: Path) -> None:
    path = Path(written(tmp_path, range(50)))
    lx.parquet.build(path, "key")
    whole = path.read_bytes()
    spoiled = [b"", whole[:3], whole[:-1], whole[4:-4] + b"PARE", b"PAR1" * 3, whole[-40:]]
    spoiled += [whole[:-8] + (2**31).to_bytes(4, "little") + b"PAR1"]
    begin = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    spoiled += [whole[:begin] + bytes(12) + whole[begin + 12 :]]
    for data in spoiled:
        path.write_bytes(data)
        for verb in (lambda: lx.parquet.open(path), lambda: lx.parquet.build(path, "key")):
            with pytest.raises(lx.FormatError, match=r"events\.parquet"):
                verb()


def test_damaged_pages(tmp_path: Path) -> None:
    path = Path(written(tmp_path, range(5000), rows=500))
    lx.parquet.build(path, "key")
    data = bytearray(path.read_bytes())
    data[4:2000] = bytes(1996)
    path.write_bytes(data)
    events = lx.parquet.open(path)
    assert events.lookup(4000)["row"].to_pylist() == [4000]
    with pytest.raises(lx.FormatError, match=r"events\.parquet: is damaged: "):
        events.lookup(3)
    with pytest.raises(lx.FormatError, match=r"events\.parquet: is damaged: "):
        lx.parquet.build(path, "row")


def test_files_of_a_dataset_have_one_schema(tmp_path: Path) -> None:
    written(tmp_path, [1, 2], name="a.parquet")
    written(tmp_path, [3.0], name="b.parquet")
    with pytest.raises(ValueError, match=r"b\.parquet: has other columns or types than .*a\.par"):
        lx.parquet.build(tmp_path, "key")


def test_no_space_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sidecar that was there stays; so it does if the file changes while one is built."""
    path = written(tmp_path, range(50))
    sidecar = lx.parquet.build(path, "key")
    before = sidecar.read_bytes()

    @contextlib.contextmanager
    def full(**how: Any) -> Iterator[Any]:
        with open("/dev/full", "w+b") as file:
            yield file

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.TemporaryFile", full)
        with pytest.raises(OSError, match="No space left.*; make room .* by sidecar=") as caught:
            lx.parquet.build(path, "key")
        assert caught.value.filename == str(tmp_path)
    with monkeypatch.context() as patch:
        read = _sidecar._read

        def late(*args: Any) -> Any:
            array = read(*args)
            other(Path(path))
            return array

        patch.setattr(_sidecar, "_read", late)
        with pytest.raises(lx.FormatError, match="was replaced or written again"):
            lx.parquet.build(path, "key")
    assert sidecar.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["events.parquet", "events.parquet.key.lidx"]
