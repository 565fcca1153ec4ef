"""Bugs that other learned indexes and trees really had, each by its class, each with a test."""

import threading
import time
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import FLOATS, INTEGERS, Array
from tests.contract.models import MODELS, build
from tests.oracle import Truth

EVERY_MODEL = pytest.mark.parametrize("model", MODELS)


def check(keys: Array, queries: Array, model: str) -> None:
    """Assert both sides, membership and certified bounds."""
    index = build(keys, model)
    for side in ("left", "right"):
        expected = np.searchsorted(keys, queries, side)
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
        low, high = index.bounds(queries, side)
        assert ((low <= expected) & (expected <= high)).all()
    np.testing.assert_array_equal(index.contains(queries), np.isin(queries, keys))


@EVERY_MODEL
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_b1_the_largest_key_is_no_sentinel(kernel_row: str, dtype: str, model: str) -> None:
    kind = np.dtype(dtype)
    info: Any = np.iinfo(kind) if kind.kind in "iu" else np.finfo(kind)
    top = np.array([info.max], kind) if kind.kind in "iu" else np.array([np.inf], kind)
    low = np.array([info.min], kind)
    for copies in (1, 2, 16, 17, 100, 1000):
        keys = np.concatenate([np.repeat(low, 5), np.repeat(top, copies)])
        check(keys, np.concatenate([top, low, np.array([0, 1], kind)]), model)
        check(keys[5:], np.concatenate([top, low]), model)


@EVERY_MODEL
@pytest.mark.parametrize("start", [2**53 - 50, 2**62 + 1, 2**63 - 200, 2**64 - 1001])
def test_b2_no_double_rounds_a_wide_integer(kernel_row: str, start: int, model: str) -> None:
    """Neighbouring keys far from zero share one double; each still has its own position."""
    keys = np.array([start + step for step in range(0, 1000, 2)], np.uint64)
    queries = np.array([start + step for step in range(1000)], np.uint64)
    check(keys, queries, model)
    spread = np.concatenate([np.arange(100, dtype=np.uint64), keys])
    check(spread, queries, model)


@EVERY_MODEL
def test_b2_lognormal_keys_of_every_scale(model: str) -> None:
    scales = np.random.default_rng(1).lognormal(0, 2, 20_000)
    keys = np.sort((scales / scales.max() * 2**63).astype(np.uint64) * np.uint64(2))
    check(keys, np.concatenate([keys[::5], keys[::7] + np.uint64(1)]), model)


@EVERY_MODEL
@pytest.mark.parametrize("dtype", INTEGERS)
def test_b3_differences_wider_than_the_type(kernel_row: str, dtype: str, model: str) -> None:
    """The distance from the lowest to the highest key overflows the type of the keys."""
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    ends = [*range(low, low + 20), *range(high - 19, high + 1)]
    middle = [0, 1, *(value for value in (-1, -2) if low < 0)]
    keys = np.array(sorted(ends + middle), dtype)
    check(keys, np.array([*ends, *middle, 5, 63], dtype), model)
    check(np.repeat(keys, 40), keys, model)


@EVERY_MODEL
@pytest.mark.parametrize("n", range(40))
def test_b4_tiny_inputs(n: int, model: str) -> None:
    for dtype in ("uint64", "int8", "float32", "M8[ns]"):
        keys = np.arange(5, 5 + 3 * n, 3).astype(dtype)
        check(keys, np.arange(0, 127).astype(dtype), model)


@EVERY_MODEL
def test_b4_one_far_value_among_few(model: str) -> None:
    keys = np.array([0, 1, 2, 2**64 - 1], np.uint64)
    check(keys, np.array([0, 1, 2, 3, 2**63, 2**64 - 2, 2**64 - 1], np.uint64), model)


@EVERY_MODEL
@pytest.mark.parametrize("copies", [2, 15, 16, 17, 33, 500])
@pytest.mark.parametrize("dtype", ["uint64", "float64", "float32", "int16"])
def test_b5_duplicates(kernel_row: str, dtype: str, copies: int, model: str) -> None:
    """Left is the first of a run and right is behind its last, wherever the run is cut."""
    values = np.arange(0, 120, 3).astype(dtype)
    check(np.repeat(values, copies), np.arange(-2 % 125, 125).astype(dtype), model)
    lengths = np.random.default_rng(2).integers(0, 60, len(values))
    check(np.repeat(values, lengths), np.arange(125).astype(dtype), model)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shape", ["equal", "two runs", "powers", "staircase", "one far"])
def test_b6_building_ends_on_hard_keys(shape: str, model: str) -> None:
    """Neither endless nor much slower than on easy keys of the same number."""
    n = 300_000
    hard = {
        "equal": np.full(n, 9, np.uint64),
        "two runs": np.repeat(np.array([0, 2**64 - 1], np.uint64), n // 2),
        "powers": np.sort(np.uint64(1) << np.arange(n, dtype=np.uint64) % np.uint64(64)),
        "staircase": np.sort(np.arange(n, dtype=np.uint64) % np.uint64(550) << np.uint64(54)),
        "one far": np.append(np.arange(n - 1, dtype=np.uint64), np.uint64(2**64 - 1)),
    }[shape]
    easy = np.arange(n, dtype=np.uint64) * np.uint64(7919)
    hard_seconds = min(build_seconds(hard, model) for _ in range(5))
    easy_seconds = min(build_seconds(easy, model) for _ in range(5))
    assert hard_seconds < 10 * easy_seconds, f"{hard_seconds:.5f} s, easy keys {easy_seconds:.5f} s"
    check(hard, np.concatenate([hard[::997], hard[::997] + np.uint64(1)]), model)


def build_seconds(keys: Array, model: str) -> float:
    """Return the processor time of one build, which other processes do not lengthen."""
    start = time.process_time()
    build(keys, model)
    return time.process_time() - start


@EVERY_MODEL
def test_b7_windows_are_never_inverted(kernel_row: str, model: str) -> None:
    """Queries far outside, between clusters, and on every border of the model's pieces."""
    keys = np.sort(np.concatenate([np.arange(500), np.arange(500) * 3 + 10**6, [2**62]]))
    queries = np.concatenate([[-(2**63), -1, 2**63 - 1], np.arange(0, 2 * 10**6, 777), keys])
    index = build(keys, model)
    for side in ("left", "right"):
        low, high = index.bounds(queries, side)
        assert (low >= 0).all() and (low <= high).all() and (high <= len(keys)).all()
        steps = np.argsort(queries)
        assert (np.diff(np.searchsorted(keys, queries[steps], side)) >= 0).all()
    check(keys, queries, model)


@pytest.mark.parametrize("node", [8, 16])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_b8_trees_at_the_borders_of_their_nodes(kernel_row: str, node: int, power: int) -> None:
    """Sizes around full nodes and full levels, where a child may be empty or one too many."""
    for full in (node**power, (node + 1) ** power, node * (node + 1) ** (power - 1)):
        for n in range(max(full - 2, 0), full + 3):
            keys = np.arange(n, dtype=np.int64) * 2
            queries = np.arange(-1, 2 * n + 2, max(1, n // 300), dtype=np.int64)
            check(keys, queries, f"btree {node}")


@EVERY_MODEL
def test_b9_bounds_hold_for_absent_keys_too(kernel_row: str, model: str) -> None:
    """Off by one between training and search shows beside the keys, not on them."""
    keys = np.unique(np.random.default_rng(4).integers(0, 10**6, 30_000)) * 10
    for step in (-1, 1, 5):
        check(keys, keys + step, model)


@EVERY_MODEL
@pytest.mark.parametrize("dtype", FLOATS)
def test_b10_special_floats(kernel_row: str, dtype: str, model: str) -> None:
    specials = [-np.inf, -1.0, -0.0, 0.0, -0.0, 1.0, np.inf, np.inf, np.nan, np.nan]
    keys = np.repeat(np.array(specials, dtype), 7)
    index, truth = build(keys, model), Truth(keys)
    queries = np.array([*specials, 0.5, -5.0, 60_000.0], dtype)
    for side in ("left", "right"):
        expected = [truth.searchsorted(v, side) for v in queries]
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
        assert [index.searchsorted(v, side) for v in queries] == expected
    assert index.find(np.nan) == 56 and index.rank(np.nan) == len(keys) == 70
    assert index.searchsorted(-0.0) == index.searchsorted(0.0) == 14
    assert np.nan in index


def test_b10_float32_queries_in_float64_keys_and_back() -> None:
    keys = np.array([0.1, 0.2, 0.3])
    tenth = np.float32(0.1)
    assert lx.LearnedIndex(keys).searchsorted(tenth) == 1
    assert lx.LearnedIndex(keys.astype(np.float32)).searchsorted(0.1) == 0
    assert lx.LearnedIndex(keys.astype(np.float32)).contains(0.1) is False
    assert lx.LearnedIndex(keys.astype(np.float32)).contains(tenth) is True


def test_b10_nan_among_integers_is_behind_all() -> None:
    index = lx.LearnedIndex(np.array([1, 2, 2**64 - 1], np.uint64))
    assert index.searchsorted(np.nan) == index.rank(np.nan) == 3
    assert index.searchsorted(np.array([np.nan, np.inf, -np.inf])).tolist() == [3, 3, 0]
    assert np.nan not in index and index.find(np.nan) == -1


def test_b13_a_number_too_large_is_absent_not_an_error() -> None:
    for dtype in (*INTEGERS, "float32", "float64", "bool"):
        index = lx.LearnedIndex(np.array([0, 1], dtype))
        for v in (2**64, -(2**64), 10**500, 2**63, -(2**63) - 1):
            assert v not in index and index.contains(v) is False
            assert index.searchsorted(v) == (2 if v > 0 else 0)
            assert index.searchsorted([v, v]).tolist() == [2 if v > 0 else 0] * 2


@pytest.mark.parametrize("v", ["a", b"a", None, 1j, np.datetime64(1, "s"), {}, object()])
def test_b13_foreign_types_are_explained(v: Any) -> None:
    index = lx.LearnedIndex(np.arange(5))
    for use in (index.searchsorted, index.contains, index.find, index.rank, index.bounds):
        with pytest.raises(TypeError, match=r"\bv\b"):
            use(v)


@EVERY_MODEL
@pytest.mark.parametrize("dtype", ["float64", "uint64", "float32"])
def test_b14_bounds_hold_whatever_the_row_rounds(dtype: str, model: str) -> None:
    """Made on one kernel row, asked on every other: fused arithmetic must not move an answer."""
    from learnedidx._core import kernels

    values = np.random.default_rng(6).lognormal(0, 4, 30_000) * 1e6
    keys = np.sort(values).astype(dtype)
    queries = np.concatenate([keys[::3], np.nextafter(values[:9000], np.inf).astype(dtype)])
    before = kernels.available()[-1]
    try:
        for maker in kernels.available():
            kernels.use(maker)
            index = build(keys, model)
            predictions = []
            for reader in kernels.available():
                kernels.use(reader)
                predictions.append(np.array(index.bounds(queries)))
                check_bounds(index, keys, queries)
            for other in predictions[1:]:
                np.testing.assert_array_equal(other, predictions[0])
    finally:
        kernels.use(before)


def check_bounds(index: lx.LearnedIndex, keys: Array, queries: Array) -> None:
    for side in ("left", "right"):
        expected = np.searchsorted(keys, queries, side)
        low, high = index.bounds(queries, side)
        assert ((low <= expected) & (expected <= high)).all()
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)


def test_b14_scalars_and_batches_round_alike() -> None:
    keys = np.sort(np.random.default_rng(7).lognormal(0, 4, 30_000))
    index = lx.LearnedIndex(keys, lx.RMI(root="linear", leaf="linear", n_leaves=100))
    low, high = index.bounds(keys[:2000])
    assert [index.bounds(v) for v in keys[:2000]] == list(
        zip(low.tolist(), high.tolist(), strict=True)
    )


def test_b4_an_empty_index_never_waits() -> None:
    """A structure once deadlocked when it was empty."""
    done = threading.Event()

    def use() -> None:
        index = lx.LearnedIndex(np.array([], np.uint64))
        assert index.searchsorted(np.arange(1000, dtype=np.uint64), threads=4).sum() == 0
        assert list(index) == [] and 5 not in index
        done.set()

    threading.Thread(target=use, daemon=True).start()
    assert done.wait(20)
