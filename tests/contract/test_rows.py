"""Keys of several columns answer as sorted tuples of Python do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import learnedidx as lx
from tests.contract.rows import Oracle, questions


@given(questions(), st.sampled_from([None, "small", "large"]))
def test_rows_answer_as_tuples(asked: tuple[Any, Any, Any], size: str | None) -> None:
    keys, rows, batch = asked
    index, oracle = lx.LearnedIndex(keys, size=size), Oracle(rows)
    queries = list(batch)
    left, right = ([oracle.position(q, r) for q in queries] for r in (False, True))
    starts, stops = index.prefix(batch)
    assert starts.tolist() == left
    assert stops.tolist() == right
    assert index.rank(batch).tolist() == right
    assert index.range(batch, batch, "both")[0].tolist() == left
    assert index.count(batch, None, "neither").tolist() == [len(rows) - at for at in right]
    for q, low, high in zip(queries, left, right, strict=True):
        assert index.prefix(q) == slice(low, high), q
        assert index.rank(q) == high
        assert index.range(None, q) == slice(0, low)
        assert index.count(q, q, "both") == high - low
    if len(batch.columns) == len(keys.columns):
        check_whole_rows(index, oracle, batch)


def check_whole_rows(index: lx.LearnedIndex, oracle: Oracle, batch: lx.Columns) -> None:
    queries, n = list(batch), len(oracle.rows)
    left, right = ([oracle.position(q, r) for q in queries] for r in (False, True))
    found = [oracle.find(q) for q in queries]
    after = [at if at < n else -1 for at in left]
    assert index.searchsorted(batch).tolist() == left
    assert index.searchsorted(batch, "right").tolist() == right
    assert index.contains(batch).tolist() == [at >= 0 for at in found]
    assert index.find(batch).tolist() == found
    assert index.find(batch, "pad").tolist() == [at - 1 for at in right]
    assert index.find(batch, "backfill").tolist() == after
    low, high = index.bounds(batch)
    assert (low <= left).all()
    assert (left <= high).all()
    for i, q in enumerate(queries):
        assert index.searchsorted(q) == left[i], q
        assert index.searchsorted(q, side="right") == right[i], q
        assert (q in index) == index.contains(q) == (found[i] >= 0)
        assert index.find(q) == found[i]
        assert index.find(q, method="pad") == right[i] - 1
        assert index.find(q, method="backfill") == after[i]


@given(questions())
def test_items_are_the_rows(asked: tuple[Any, Any, Any]) -> None:
    keys, rows, _ = asked
    index = lx.LearnedIndex(keys)
    assert index.keys is keys
    assert len(index) == len(rows)
    assert Oracle(list(index)).rows == Oracle(rows).rows


@pytest.mark.parametrize("model", ["none", "btree", "rmi", "pgm", "radix_spline", "auto"])
@pytest.mark.parametrize(("threads", "size"), [(1, None), (2, "small"), (2, "large")])
def test_many_pairs(model: str, threads: int, size: str | None) -> None:
    rng = np.random.default_rng(1)
    pairs = np.empty(40_000, [("hi", "u8"), ("lo", "i4")])
    pairs["hi"], pairs["lo"] = (
        rng.integers(0, 2**14, pairs.size) << 50,
        rng.integers(-99, 99, pairs.size),
    )
    keys, queries = np.sort(pairs[:30_000]), pairs[20_000:]
    index = lx.LearnedIndex(keys, model, size=size)
    wide = lx.Columns(queries["hi"].astype("f8"), queries["lo"].astype("i8"))
    for batch in (queries, wide):
        for side in ("left", "right"):
            out = np.empty(queries.size, np.intp)
            found = index.searchsorted(batch, side, out=out, threads=threads)
            assert found is out
            assert (found == keys.searchsorted(queries, side)).all()
        is_key = np.isin(queries, keys)
        assert (index.contains(batch, threads=threads) == is_key).all()
        first = np.where(is_key, keys.searchsorted(queries), -1)
        assert (index.find(batch, threads=threads) == first).all()
    assert index[7] == keys[7].item()
    assert list(index[5:8]) == keys[5:8].tolist()


def test_times_past_all_keys_stand_before_nat() -> None:
    keys = lx.Columns([1, 1, 2], np.array(["2026", "NaT", "2026"], "M8[ns]"))
    index = lx.LearnedIndex(keys)
    far = np.datetime64(2**62, "s")
    assert index.searchsorted((1, far)) == index.searchsorted((1, far), "right") == 1
    batch = lx.Columns([1, 1], np.array([far, np.datetime64("NaT", "s")]))
    assert index.searchsorted(batch).tolist() == [1, 1]
    assert index.rank(batch).tolist() == [1, 2]
    assert index.find(batch).tolist() == [-1, 1]


def test_ends_of_a_range_may_be_rows_and_beginnings() -> None:
    rows = [(1, "a"), (1, "b"), (2, "a"), (2, "b"), (3, "a")]
    index: Any = lx.LearnedIndex(lx.Columns(*map(list, zip(*rows, strict=True))))
    assert index.range((1, "b"), (2,)) == slice(1, 2)
    assert index.range((1, "b"), (2,), "both") == slice(1, 4)
    assert index.range((1,), (2, "b"), "neither") == slice(2, 3)
    assert index.range(None, (1.5,), "both") == slice(0, 2)
    starts, stops = index.range(lx.Columns([1, 2]), (2, "b"), inclusive="both")
    assert (starts.tolist(), stops.tolist()) == ([0, 2], [4, 4])
    out = (np.empty(2, np.intp), np.empty(2, np.intp))
    assert index.prefix([(1,), (3,)], out=out) == out
    assert out[1].tolist() == [2, 5]
