"""Lookups, counts and ranges by Dask are those of one process, in order, with their divisions."""

import gc
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from dask.base import compute

import learnedidx as lx

RANDOM = np.random.default_rng(4)
OUTS = ("position", "rank", "below", "contains", "count", "shard")
HOURS = pd.date_range("2026-01-01", periods=600, freq="h", tz="Europe/Berlin")
WORDS = sorted("".join(RANDOM.choice(list("abcé"), 4)) for _ in range(400))
# Keys, and queries of which some are null.
CASES: dict[str, tuple[Any, Any]] = {
    "int64": (
        np.sort(RANDOM.integers(0, 900, 1000)),
        pd.array([*RANDOM.integers(-9, 909, 300), pd.NA, pd.NA], dtype="Int64"),
    ),
    "text": (WORDS, pd.array([*WORDS[::3], "", "zz", None], dtype="string[pyarrow]")),
    "instants": (HOURS.repeat(2), HOURS[::2].tz_convert("Asia/Tokyo").insert(7, pd.NaT).array),
}


def frame_of(queries: Any) -> Any:
    """Return a frame of Dask with queries in no order, of which a partition is empty."""
    order = RANDOM.permutation(len(queries))
    frame = pd.DataFrame({"q": queries, "r": queries[order]})
    frame["kept"] = (np.arange(len(frame)) * 5 // len(frame)) != 2
    frame.index = frame.index * 3
    ddf = dd.from_pandas(frame, npartitions=5)
    return ddf[ddf["kept"]]


def truth(index: lx.LearnedIndex, out: str, queries: Any) -> list[Any]:
    """Return what one process answers, None for null."""
    answers: list[Any] = []
    for query in queries:
        if pd.isna(query):
            answers.append(None)
        elif out == "count":
            answers.append(index.count(query, query, "both"))
        elif out == "position":
            answers.append(index.find(query) if query in index else None)
        else:
            verb: Any = {"rank": index.rank, "below": index.searchsorted}.get(out, index.contains)
            answers.append(verb(query))
    return answers


@pytest.fixture(autouse=True)
def one_process() -> Iterator[None]:
    """Compute in this process, what is not about workers."""
    with dask.config.set({"scheduler": "sync", "dataframe.shuffle.method": "tasks"}):
        yield


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("plan", "outs"), [("local", OUTS), ("shuffle", OUTS[:2]), ("shuffle", OUTS[3:5])]
)
def test_answers_are_those_of_one_process(
    name: str, plan: str, outs: tuple[str, ...], folder: str
) -> None:
    assert_answers(name, plan, outs, folder)


@pytest.mark.parametrize("plan", ["local", "shuffle"])
@pytest.mark.parametrize("dtype", ["i2", "f8", "M8[s]"])
def test_values_of_a_file(dtype: str, plan: str, folder: str, tmp_path: Path) -> None:
    keys, queries = CASES["int64"]
    lx.shards.build(keys, folder, rows_per_shard=300)
    values = np.arange(keys.size).astype(dtype)
    np.save(tmp_path / "values.npy", values)
    ddf, index = frame_of(queries), lx.LearnedIndex(keys)
    found = lx.dask.lookup(
        ddf, folder, "q", "values", name="v", values=tmp_path / "values.npy", plan=plan
    )
    got = found.compute()
    assert got["v"].dtype == found["v"].dtype
    wanted = [None if pd.isna(q) or q not in index else values[index.find(q)] for q in got["q"]]
    assert [None if pd.isna(v) else v for v in got["v"]] == wanted


@pytest.mark.parametrize(
    ("name", "plan"),
    [pytest.param("int64", "local", marks=pytest.mark.whole), ("text", "shuffle")],
)
def test_answers_of_workers_are_those_of_one_process(
    name: str, plan: str, folder: str, workers: Any
) -> None:
    with dask.config.set({"scheduler": workers, "dataframe.shuffle.method": "p2p"}):
        assert_answers(name, plan, ("position", "contains"), folder)


def assert_answers(name: str, plan: str, outs: tuple[str, ...], folder: str) -> None:
    keys, queries = CASES[name]
    index, ddf = lx.LearnedIndex(keys), frame_of(queries)
    lx.shards.build(keys, folder, rows_per_shard=97)
    shards = lx.shards.open(folder)
    asked = [lx.dask.lookup(ddf, shards, "q", out, plan=plan) for out in outs]
    counted = lx.dask.count(ddf, folder, "q", "r", "both", name="between", plan=plan)
    for each in (*asked, counted):
        assert each.divisions == ddf.divisions and each.npartitions == 5
    plain, *found, between = compute(ddf, *asked, counted)
    for out, got in zip(outs, found, strict=True):
        pd.testing.assert_frame_equal(got[plain.columns], plain)
        assert str(got[out].dtype) == ("boolean" if out == "contains" else "Int64")
        answers = got[out].astype(object).where(got[out].notna(), None).tolist()
        if out != "shard":
            assert answers == truth(index, out, plain["q"])
    assert_counts(index, between)


def assert_counts(index: lx.LearnedIndex, between: Any) -> None:
    for lo, hi, count in zip(between["q"], between["r"], between["between"], strict=True):
        assert (
            pd.isna(count) if pd.isna(lo) or pd.isna(hi) else count == index.count(lo, hi, "both")
        )


def test_partitions_and_columns_can_be_taken_from_a_lookup(folder: str) -> None:
    lx.shards.build(np.arange(0, 100, 2), folder, rows_per_shard=9)
    ddf = dd.from_pandas(pd.DataFrame({"q": np.arange(60), "x": 1}), npartitions=6)
    for plan in ("local", "shuffle"):
        found = lx.dask.lookup(ddf, folder, "q", "rank", plan=plan)
        assert found.partitions[3].compute()["rank"].tolist() == [n // 2 + 1 for n in range(30, 40)]
        assert found[["rank"]].loc[7].compute()["rank"].tolist() == [4]


def test_unknown_divisions_and_names_that_are_numbers(folder: str) -> None:
    lx.shards.build(np.arange(10), folder, rows_per_shard=4)
    ddf = dd.from_pandas(pd.DataFrame({7: [3, 30]}), npartitions=1).clear_divisions()
    for plan in ("local", "shuffle"):
        found = lx.dask.lookup(ddf, folder, 7, "contains", name=8, plan=plan)
        assert not found.known_divisions
        assert found.compute()[8].tolist() == [True, False]


def test_shards_in_a_store() -> None:
    url = "memory://test-dask/shards"
    lx.shards.build(np.arange(0, 100, 2), url, rows_per_shard=9)
    ddf = dd.from_pandas(pd.DataFrame({"q": [98, 97]}), npartitions=1)
    for shards in (url, lx.shards.open(url, storage_options={})):
        for plan in ("local", "shuffle"):
            found = lx.dask.lookup(ddf, shards, "q", "contains", plan=plan).compute()
            assert found["contains"].tolist() == [True, False]
    assert lx.dask.range(url, 90, None).compute().index.tolist() == [90, 92, 94, 96, 98]


def test_shards_without_keys(folder: str) -> None:
    lx.shards.build(np.empty(0, np.int64), folder)
    ddf = dd.from_pandas(pd.DataFrame({"q": [3, 30]}), npartitions=2)
    for plan in ("local", "shuffle"):
        assert lx.dask.lookup(ddf, folder, "q", "rank", plan=plan).compute()["rank"].sum() == 0
    assert len(lx.dask.range(folder, None, None)) == 0


@pytest.mark.parametrize("name", CASES)
def test_a_range_is_a_frame_with_divisions(name: str, folder: str) -> None:
    keys, _ = CASES[name]
    index = lx.LearnedIndex(keys)
    lx.shards.build(keys, folder, rows_per_shard=97)
    for lo, hi in ((None, None), (keys[150], keys[320]), (keys[5], keys[5])):
        found, wanted = lx.dask.range(folder, lo, hi, "both"), index.range(lo, hi, "both")
        got = found.compute()
        assert got["position"].tolist() == list(range(wanted.start, wanted.stop))
        assert got.index.tolist() == list(keys[wanted])
        assert found.known_divisions and got.index.name == "key"
        parts = [found.partitions[i].compute().index for i in range(found.npartitions)]
        for part, low, high in zip(parts, found.divisions, found.divisions[1:], strict=False):
            assert part[0] == low and (part[-1] < high or part is parts[-1])
    assert not len(lx.dask.range(folder, keys[9], keys[9]))


def test_equal_keys_of_several_shards_are_in_one_partition(folder: str) -> None:
    keys = np.repeat([1, 5, 9], [30, 100, 30])
    lx.shards.build(keys, folder, rows_per_shard=20)
    found = lx.dask.range(folder, None, None)
    assert found.divisions == (1, 5, 9, 9)
    assert found.loc[5].compute()["position"].tolist() == list(range(30, 130))


def test_nan_has_no_division(folder: str) -> None:
    lx.shards.build(np.array([1.5, 2.5, np.nan, np.nan]), folder, rows_per_shard=1)
    with pytest.raises(ValueError, match="hi: no division bounds the nan in it"):
        lx.dask.range(folder, None, None)
    assert len(lx.dask.range(folder, None, np.inf)) == 2


def test_queries_travel_if_a_node_has_too_little_memory(
    folder: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lx.shards.build(np.arange(5000), folder, rows_per_shard=900)
    size = sum(path.stat().st_size for path in Path(folder).glob("*.lidx"))
    assert lx.dask.plan(folder).startswith(f"local: {size} bytes of shards, and a node has ")
    ddf = dd.from_pandas(pd.DataFrame({"q": [4999, 3]}), npartitions=1)
    monkeypatch.setattr("learnedidx.dask.SHARE", 1e-9)
    with caplog.at_level(logging.INFO, "learnedidx"):
        found = lx.dask.lookup(ddf, folder, "q")
    assert caplog.messages == [f"plan {lx.dask.plan(folder)}"]
    assert caplog.messages[0].startswith("plan shuffle: ")
    assert found.compute()["position"].tolist() == [4999, 3]


def test_memory_is_that_of_a_node(workers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [("a", 10), ("b", 30), ("a", 15), ("c", 0)]
    said = {i: {"host": host, "memory_limit": limit} for i, (host, limit) in enumerate(nodes)}
    monkeypatch.setattr(type(workers), "scheduler_info", lambda self: {"workers": said})
    assert lx.dask._smallest_node() == 25


def test_a_graph_keeps_the_shards_that_it_was_made_over(folder: str) -> None:
    parts = (np.arange(n, n + 8, 2) for n in range(0, 96, 8))
    lx.shards.build(parts, folder, rows_per_shard=4)
    ddf = dd.from_pandas(pd.DataFrame({"q": [99, 94, 93, 0]}), npartitions=2)
    graphs = [lx.dask.lookup(ddf, folder, "q", plan=plan) for plan in ("local", "shuffle")]
    keys = lx.dask.range(folder, 90, None)
    before = set(Path(folder).glob("*.lidx"))
    lx.shards.build([5], folder)  # removes what was there, if nobody reads
    lx.shards.open(folder).append([7])
    assert before < set(Path(folder).glob("*.lidx"))
    for found in graphs:
        assert found.compute()["position"].fillna(-1).tolist() == [-1, 47, -1, 0]
    assert keys.compute()["position"].tolist() == [45, 46, 47]
    found = keys = None
    graphs.clear()
    gc.collect()
    lx.shards.open(folder).append([9])
    assert not before & set(Path(folder).glob("*.lidx"))
    again = lx.dask.lookup(ddf, folder, "q").compute()["position"]
    assert again.isna().all()
