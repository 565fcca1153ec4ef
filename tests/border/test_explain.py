"""What an index tells of its lookups: traces are those of the lookups, statistics count them."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx.explain import _statistics as statistics
from learnedidx.models import DirectTable
from tests.border.hard_sets import around, hard_sets
from tests.contract.key_sets import Array, as_keys, key_sets
from tests.contract.models import MODELS, build

N = 3_000
LINE = 8  # keys of 8 bytes on a cache line
HARD = hard_sets(N)
LOOKS = ("neighbour", "look", "gallop")


def counted(index: lx.LearnedIndex, queries: Array, right: bool = False) -> dict[str, Array]:
    """Return the columns of counts of a batch of traces."""
    rows = _core.trace_counts(index, queries, right)
    return dict(zip(_core.trace_columns, rows.T, strict=True))


def first_windows(index: lx.LearnedIndex, queries: Array, size: int) -> Array:
    """Work out where first windows start, from the positions in the middle of first windows."""
    n, address = len(index), index.keys.__array_interface__["data"][0]
    phase = address // 8 % LINE
    back = LINE // 2 if size == 2 * LINE else 3 * LINE // 2
    middles = index._state.model._window_middles(queries).astype(np.int64)
    starts: Array = np.clip((middles + phase - back & -LINE) - phase, 0, n - size)
    return starts


@pytest.mark.parametrize("model", MODELS)
def test_traces_are_the_lookups(kernel_row: str, model: str) -> None:
    """On every row the batch answers the same, from the windows that traces tell of."""
    for name, keys in HARD.items():
        index = build(keys, model)
        queries = np.random.default_rng(1).choice(around(keys), 300)
        for side in ("left", "right"):
            told = counted(index, queries, side == "right")
            np.testing.assert_array_equal(told["answer"], np.searchsorted(keys, queries, side))
            np.testing.assert_array_equal(told["answer"], index.searchsorted(queries, side))
        told = counted(index, queries)
        check_first_looks(index, queries, told, name)


def check_first_looks(
    index: lx.LearnedIndex, queries: Array, told: dict[str, Array], name: str
) -> None:
    """Predictions and windows are the model's; a window that proves nothing leads to retries."""
    answer, low, high = told["answer"], told["window_low"], told["window_high"]
    inside = ((answer > low) | (low == 0)) & ((answer < high) | (high == len(index)))
    predicts = told["predicted"] >= 0
    if predicts.any():
        right = index._state.model.predict(queries)
        np.testing.assert_array_equal(told["predicted"][predicts], right[predicts], err_msg=name)
        starts = first_windows(index, queries, int(high[0] - low[0]))
        np.testing.assert_array_equal(low, starts, err_msg=name)
    certain = index._state.model is None or isinstance(index._state.model, lx.BTree)
    if not certain:
        np.testing.assert_array_equal(told["proven"].astype(bool), inside, err_msg=name)
    np.testing.assert_array_equal(told["retries"] > 0, told["proven"] == 0, err_msg=name)


@pytest.mark.parametrize("model", MODELS)
def test_steps_add_up(model: str) -> None:
    for keys in HARD.values():
        index = build(keys, model)
        queries = np.random.default_rng(2).choice(around(keys), 20)
        told = counted(index, queries)
        for i, query in enumerate(queries):
            trace = index.explain(query)
            for column in ("answer", "leaf", "predicted", "retries", "model_lines", "key_lines"):
                assert getattr(trace, column) == told[column][i], column
            lines = trace.model_lines + trace.key_lines
            assert sum(step.lines for step in trace.steps) == lines > 0
            assert sum(step.kind in LOOKS for step in trace.steps) == trace.retries
            assert str(trace).endswith(f"{trace.key_lines} of the keys")


def test_a_hard_lookup_tells_its_story() -> None:
    """Half the keys are one: a model that was fitted to others sends the lookup far away."""
    keys = np.concatenate([np.arange(2_000), np.full(2_000, 5_000), np.arange(6_000, 8_000)])
    index = lx.LearnedIndex(keys, lx.RMI(root="linear", n_leaves=1))
    trace = index.explain(6_000)
    kinds = [step.kind for step in trace.steps]
    assert kinds == ["stage", "leaf", "window", "bisect", "look"], kinds
    assert (trace.answer, trace.proven, trace.retries) == (4_000, False, 1)
    lines = str(trace).splitlines()
    assert lines[0] == "searchsorted(6000, side='left')"
    assert "does not hold the answer" in lines[3] and "are halved" in lines[4]
    assert "answer: 4000; 1 look after the first" in lines[-1]


def test_a_gallop_is_told() -> None:
    """The leaf borders of a model in a file are all 0: nothing but a gallop finds the answer."""
    keys = np.arange(0, 60_000, 3)
    model = lx.RMI(n_leaves=64).fit(keys)
    blob = bytearray(lx.LearnedIndex(keys, model).save(bytes, keys=False))
    borders = model.leaf_positions_.astype("<u4").tobytes()
    at = blob.index(borders)
    blob[at : at + len(borders)] = bytes(len(borders))
    trace = lx.open(bytes(blob), keys=keys).explain(30_000)
    assert trace.answer == 10_000 and not trace.proven
    assert [step.kind for step in trace.steps[-2:]] == ["look", "gallop"]
    assert trace.steps[-1].low < 16 and trace.steps[-1].high == 10_000
    assert 10 < trace.gallop_reads < 2 * np.log2(keys.size) + 4
    assert "gallop from" in str(trace)


@pytest.mark.parametrize("dtype", ["float64", "float32", "bool", "M8[ns]", "m8[s]", "int8"])
@pytest.mark.parametrize("model", ["auto", "rmi", "pgm", "radix_spline", "btree", "none"])
def test_statistics_of_every_dtype(dtype: str, model: str) -> None:
    for keys in key_sets(dtype).values():
        found = lx.LearnedIndex(keys, model).stats()
        sampled = found["sampled"]
        assert sampled == np.count_nonzero(keys == keys)  # NaN and NaT are no numbers
        assert sum(found["window_histogram"]) == sum(found["cache_lines"]["histogram"]) == sampled
        assert len(found["regions"]) == len(found["cache_lines"]["regions"]) == min(64, sampled)
        if sampled:
            ends = [region["positions"] for region in found["regions"]]
            assert ends[0][0] == 0 and ends[-1][1] == sampled
            assert all(one[1] == other[0] for one, other in pairwise(ends))


def test_statistics_count_what_lookups_do() -> None:
    keys = np.cumsum(np.random.default_rng(3).pareto(1.1, 20_000)) * 1e3
    index = lx.LearnedIndex(keys, "rmi")
    found, told = index.stats(), counted(index, keys)
    errors = np.abs(told["predicted"] - told["answer"])
    assert found["max_error"] >= errors.max() and found["error_p99"] == np.percentile(errors, 99)
    assert found["error_histogram"][0] == np.count_nonzero(errors == 0)
    assert found["error_histogram"][2] == np.count_nonzero((errors == 2) | (errors == 3))
    lines = told["model_lines"] + told["key_lines"]
    assert found["cache_lines"]["total"]["worst"] == lines.max()
    assert found["retries"]["share"] == np.mean(told["retries"] > 0)
    low, high = index.bounds(keys)
    assert found["window_histogram"] == statistics.histogram(high - low)
    assert found == index.stats()


def test_one_bad_region_is_unfair() -> None:
    """A tenth of the keys that a model fits badly shows in the tail, not in the middle."""
    smooth = np.arange(0, 900_000, 10)
    rough = 900_000 + np.cumsum(np.random.default_rng(4).pareto(0.6, 10_000).astype(np.int64) + 1)
    found = lx.LearnedIndex(np.concatenate([smooth, rough]), lx.RMI(n_leaves=256)).stats()
    assert found["tail_fairness"]["error"] > 5
    even = lx.LearnedIndex(smooth, lx.RMI(n_leaves=256)).stats()
    assert even["tail_fairness"]["error"] < 1.5
    worst = max(found["regions"], key=lambda region: region["error"]["p99"])
    assert worst["positions"][0] >= 89_000


def test_sizes_of_a_model_without_keys() -> None:
    keys = np.arange(0, 30_000, 3, dtype=np.uint32)
    index = lx.LearnedIndex(keys, "rmi")
    alone, whole = lx.open(index.save(bytes, keys=False)).stats(), index.stats()
    assert alone["sampled"] == 0
    for name in ("n", "dtype", "model", "key_bytes", "index_bytes", "index_share"):
        assert alone[name] == whole[name], name


def test_a_table_reads_one_line_and_no_key() -> None:
    keys = as_keys(np.arange(900) % 251, np.dtype(np.uint8))
    index = lx.LearnedIndex(keys, DirectTable())
    told = counted(index, keys)
    assert (told["model_lines"] == 1).all() and (told["key_lines"] == 0).all()
    assert [step.kind for step in index.explain(7).steps] == ["table"]


def test_what_no_key_can_reach_reads_nothing() -> None:
    for keys, v in ((np.arange(99), 2**64), (np.arange(99), np.nan), (np.arange(9.0), np.nan)):
        trace = lx.LearnedIndex(keys).explain(v)
        assert trace.answer == keys.size and trace.key_lines == 0
        assert "beyond all numbers of the dtype: nothing is read" in str(trace)


def test_times_of_no_unit_are_told() -> None:
    told = str(lx.LearnedIndex(np.arange(99).view("M8"), "rmi").explain(np.int64(7).view("M8")))
    assert "searchsorted(datetime64 7," in told and "answer: 7" in told


@pytest.mark.parametrize("dtype", ["i1", "f4", "u8", "?"])
def test_statistics_are_json(dtype: str) -> None:
    keys = np.sort(np.arange(900).astype(dtype))
    stats = lx.LearnedIndex(keys, "rmi").stats()
    assert json.loads(json.dumps(stats))["worst_regions"][0]["keys"] is not None
    times = lx.LearnedIndex(np.arange(900).view("M8[s]"), "rmi").stats()
    assert times["worst_regions"][0]["keys"][0].dtype == np.dtype("M8[s]")


@pytest.mark.parametrize("v", [np.nan, 1e300, -1, 2.5])
def test_queries_that_are_no_keys(v: Any) -> None:
    keys = np.append(np.arange(5_000.0), [np.nan, np.nan])
    for side in ("left", "right"):
        trace = lx.LearnedIndex(keys, "rmi").explain(v, side)
        assert trace.answer == np.searchsorted(keys, v, side)
        assert str(trace)
