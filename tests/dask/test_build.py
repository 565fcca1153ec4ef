"""Shards that workers wrote are those of one process, or none; what does not fit is named."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

import learnedidx as lx
from learnedidx.dask import _tasks

HOURS = pd.date_range("2026-01-01", periods=90, freq="h", tz="Europe/Berlin")
COLUMNS = {
    "int32": np.arange(0, 180, 2, dtype=np.int32),
    "text": pd.array([f"k{i:03}" for i in range(90)], dtype="string[pyarrow]"),
    "instants": HOURS,
    "equal": np.repeat(7, 90),
}


@pytest.fixture(autouse=True)
def one_process() -> Iterator[None]:
    with dask.config.set(scheduler="sync"):
        yield


def parts(*columns: Any, name: str = "t") -> Any:
    """Return a frame of Dask with these partitions, which nobody sorts."""
    return dd.from_map(lambda part: pd.DataFrame({name: part}), list(columns))


@pytest.mark.parametrize("column", [None, "t"])
@pytest.mark.parametrize("name", COLUMNS)
def test_shards_have_the_keys_of_one_process(name: str, column: str | None, folder: str) -> None:
    keys = COLUMNS[name]
    frame = pd.DataFrame({"t": keys, "kept": (np.arange(90) < 30) | (np.arange(90) > 49)})
    ddf = dd.from_pandas(frame, npartitions=9)
    ddf = ddf[ddf["kept"]]  # two partitions are empty
    ddf = ddf if column else ddf.map_partitions(lambda part: part.set_index("t"))
    lx.dask.build(ddf, folder, column, rows_per_shard=7)
    with lx.shards.open(folder) as index:
        index.verify()
        wanted = lx.LearnedIndex(frame["t"][frame["kept"]].reset_index(drop=True))
        assert [shard.count for shard in index.shards] == [7, 3] * 7
        assert list(index) == list(wanted)
        index.compact()
    names = {path.name for path in Path(folder).iterdir() if path.suffix != ".lidx"}
    assert names == {"manifest.json", "readers.lock", "writer.lock"}


def test_no_keys_at_all(folder: str) -> None:
    lx.dask.build(parts(np.empty(0, np.uint16), np.empty(0, np.uint16)), folder, "t")
    index = lx.shards.open(folder)
    assert (len(index), index.dtype) == (0, np.uint16)


@pytest.mark.parametrize(
    ("bad", "kind", "said"),
    [
        (
            [5, 4],
            ValueError,
            r"partition 1: keys: .* = 4 .*= 5; sort first: ddf.sort_values\('t'\)$",
        ),
        ([2, 9], ValueError, r"partition 1: not sorted: the key 2 .* before; sort first: ddf.sort"),
        ([4.5, 9.5], TypeError, "partition 1: keys of dtype float64 from position 2 on, .* int64"),
        (["a", "b"], TypeError, "partition 1: keys of dtype str from position 2 on"),
        (np.array([1j, 2j]), TypeError, "partition 1: .*complex128"),
    ],
    ids=["unsorted", "overlap", "another dtype", "text", "complex"],
)
def test_a_partition_that_does_not_fit_is_named(
    bad: Any, kind: type[Exception], said: str, folder: str
) -> None:
    lx.shards.build(np.arange(5), folder)
    before = sorted(os.listdir(folder))
    with pytest.raises(kind, match=said):
        lx.dask.build(parts([1, 3], bad, [30]), folder, "t")
    assert sorted(os.listdir(folder)) == before
    assert len(lx.shards.open(folder)) == 5


def test_an_index_that_is_not_sorted_is_named(folder: str) -> None:
    ddf = parts([3, 1]).map_partitions(lambda part: part.set_index("t"))
    said = r"partition 0: keys: .* = 3; sort first: ddf.reset_index\(\).sort_values"
    with pytest.raises(ValueError, match=said):
        lx.dask.build(ddf, folder)
    with pytest.raises(ValueError, match="column: 't' is the index; leave column out"):
        lx.dask.build(ddf, folder, "t")


def test_what_is_advised_sorts(folder: str) -> None:
    ddf = parts([5, 4], [3, 9])
    lx.dask.build(ddf.sort_values("t"), folder, "t")
    assert list(lx.shards.open(folder)) == [3, 4, 5, 9]
    unsorted = ddf.map_partitions(lambda part: part.set_index("t"))
    lx.dask.build(unsorted.reset_index().sort_values("t"), folder, column="t")
    assert list(lx.shards.open(folder)) == [3, 4, 5, 9]


def test_nan_is_a_key(folder: str) -> None:
    lx.dask.build(parts([6.0, np.nan]), folder, "t")
    assert lx.shards.open(folder).find([6.0, np.nan]).tolist() == [0, 1]


def test_an_object_store_is_refused() -> None:
    with pytest.raises(OSError, match="into a folder that all of them reach.*memory://shop"):
        lx.dask.build(parts([1, 2]), "memory://shop/shards", "t")


def test_nulls_have_no_shards(folder: str) -> None:
    with pytest.raises(TypeError, match="partition 0: .*missing"):
        lx.dask.build(parts(pd.array([1, None], dtype="Int64")), folder, "t")


def test_one_writer_at_a_time_and_what_a_killed_one_left(folder: str) -> None:
    lx.shards.build(np.arange(5), folder)
    left = Path(folder, ".parts-0123456789abcdef", "00000003-1")
    left.mkdir(parents=True)

    def second(part: Any) -> Any:
        with pytest.raises(BlockingIOError, match="another writer"):
            lx.shards.open(folder).append([9])
        return part

    ddf = parts([1, 2], [3])
    lx.dask.build(ddf.map_partitions(second, meta=ddf._meta), folder, "t")
    assert list(lx.shards.open(folder)) == [1, 2, 3]
    assert not left.parent.exists()


def test_a_worker_that_was_taken_for_dead_harms_nobody(folder: str) -> None:
    """Its task runs again elsewhere, and both write, whichever is first."""
    ddf = parts([1, 2], [3])

    def first(part: Any) -> Any:
        [place] = Path(folder).glob(".parts-*")
        for number in (0, 1):
            _tasks.written(part, "t", str(place), 10, "auto", number)
        return part

    lx.dask.build(ddf.map_partitions(first, meta=ddf._meta), folder, "t")
    assert list(lx.shards.open(folder)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("ask", "kind", "said"),
    [
        (lambda ddf, to: lx.dask.build(ddf, to, "x"), ValueError, "column: must be one of .'t'"),
        (lambda ddf, to: lx.dask.build(ddf, to, "t", 0), ValueError, "rows_per_shard: must be 1"),
        (lambda ddf, to: lx.dask.build([1], to), TypeError, "ddf: must be a DataFrame of Dask"),
        (lambda ddf, to: lx.dask.lookup(ddf.compute(), to, "t"), TypeError, "ddf: must be a Data"),
        (lambda ddf, to: lx.dask.lookup(ddf["t"], to, "t"), TypeError, "ddf: must be a"),
        (lambda ddf, to: lx.dask.lookup(ddf, to, "x"), ValueError, "on: ddf has no column 'x'"),
        (lambda ddf, to: lx.dask.count(ddf, to, "t", "x"), ValueError, "^hi: ddf has no column"),
        (lambda ddf, to: lx.dask.lookup(ddf, to, "t", "t"), ValueError, "out: must be one of"),
        (lambda ddf, to: lx.dask.lookup(ddf, to, "t", "values"), ValueError, "values: name a .npy"),
        (lambda ddf, to: lx.dask.lookup(ddf, to, "t", name="t"), ValueError, "name: ddf has a col"),
        (lambda ddf, to: lx.dask.lookup(ddf, to, "t", plan="best"), ValueError, "plan: must be"),
        (lambda ddf, to: lx.dask.count(ddf, to, "t", "t", "up"), ValueError, "inclusive: must be"),
        (lambda ddf, to: lx.dask.range(to, "a", None), TypeError, "lo: "),
        (lambda ddf, to: lx.dask.lookup(ddf, to + "x", "t"), FileNotFoundError, "no shards here"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_said_before_anything_runs(
    ask: Any, kind: type[Exception], said: str, folder: str
) -> None:
    lx.shards.build(np.arange(5), folder)
    with pytest.raises(kind, match=said):
        ask(parts([1], [2]), folder)


def test_queries_that_do_not_compare_are_named_at_the_call(folder: str) -> None:
    lx.shards.build(np.arange(5), folder)
    text = parts(pd.array(["a"], dtype="string[pyarrow]"))
    said = "column 't': cannot compare .* with keys of dtype int64; pass numbers"
    for plan in ("local", "shuffle"):
        with pytest.raises(TypeError, match=f"^on: {said}"):
            lx.dask.lookup(text, folder, "t", plan=plan)
    with pytest.raises(TypeError, match=f"^lo: {said}"):
        lx.dask.count(text, folder, "t", "t")


def test_a_dtype_that_does_not_compare_is_refused_at_the_call(folder: str) -> None:
    hours = pd.date_range("2026", periods=3, freq="h")
    lx.shards.build(hours.tz_localize("UTC"), folder)
    for queries, said in (
        (hours, r"datetime64\[.s\] has no time zone, and the keys are instants"),
        (pd.interval_range(0, 2), "cannot compare struct.* with keys of dtype datetime64.*UTC"),
        (hours.to_period("h"), "cannot compare int64 with keys of dtype datetime64.*UTC"),
    ):
        ddf = parts(queries)
        for plan in ("local", "shuffle"):
            with pytest.raises(TypeError, match=f"^on: column 't': {said}"):
                lx.dask.lookup(ddf, folder, "t", plan=plan)


@pytest.mark.parametrize("plan", ["local", "shuffle"])
def test_objects_that_do_not_compare_are_named_when_they_are_read(plan: str, folder: str) -> None:
    with dask.config.set({"dataframe.convert-string": False}):
        ddf = dd.from_pandas(
            pd.DataFrame({"t": pd.Series(["a", "b"], dtype=object)}), npartitions=1
        )
        for keys in (["a", "c"], [1, 2]):
            lx.shards.build(keys, folder)
            found = lx.dask.lookup(ddf, folder, "t", plan=plan)
            if keys == ["a", "c"]:
                assert found.compute()["position"].tolist() == [0, pd.NA]
                continue
            with pytest.raises(TypeError, match=r"^on: column 't': cannot compare str \('a'\)"):
                found.compute()
        mixed = pd.DataFrame({"t": pd.Series([1, "a"], dtype=object)})
        found = lx.dask.lookup(dd.from_pandas(mixed, npartitions=1), folder, "t", plan=plan)
        with pytest.raises(TypeError, match="^on: .*'a' .*column t .*; give the column one type"):
            found.compute()
