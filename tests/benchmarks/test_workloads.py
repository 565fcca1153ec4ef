"""Query mixes: what they promise, for every kind of key."""

import itertools

import numpy as np
import numpy.testing as npt
import pytest

from benchmarks.contenders import Array
from benchmarks.workloads import (
    RUN,
    WORKLOADS,
    clustered,
    gaps,
    hits,
    in_order,
    misses,
    mixed,
    zipf,
    zipf_ranks,
)

COUNT = 2_000
RANDOM = np.random.default_rng(5)
KEY_SETS: dict[str, Array] = {
    "uint64": np.sort(RANDOM.integers(0, 2**64, 5_000, dtype=np.uint64)),
    "all of int64": np.array([-(2**63), -5, 0, 9, 2**63 - 1]),
    "int8": np.arange(-128, 128, dtype=np.int8),
    "huge floats": np.array([-1.7e308, -1.0, 0.0, 1.7e308]),
    "inf and nan": np.array([-np.inf, 1.0, 2.5, np.inf, np.nan]),
    "float32": np.sort(RANDOM.normal(size=1_000)).astype(np.float32),
    "dates": np.array(["2001-01-01", "2001-02-01", "2026-01-01", "NaT"], dtype="datetime64[s]"),
    "lengths": np.array([1, 5, 900], dtype="timedelta64[ms]"),
    "bool": np.array([False, False, True]),
    "one key": np.array([7], dtype=np.uint64),
}


@pytest.mark.parametrize("name", KEY_SETS)
@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_mix_keeps_dtype_and_count_and_repeats_with_its_seed(
    name: str, workload: str
) -> None:
    keys, draw = KEY_SETS[name], WORKLOADS[workload]
    queries = draw(keys, COUNT, 3)
    assert queries.dtype == keys.dtype
    assert queries.shape == (COUNT,)
    npt.assert_array_equal(queries, draw(keys, COUNT, 3))


@pytest.mark.parametrize("workload", WORKLOADS)
def test_another_seed_gives_other_queries(workload: str) -> None:
    keys, draw = KEY_SETS["uint64"], WORKLOADS[workload]
    assert (draw(keys, COUNT, 3) != draw(keys, COUNT, 4)).any()


@pytest.mark.parametrize("workload", WORKLOADS)
def test_an_empty_array_is_refused(workload: str) -> None:
    with pytest.raises(ValueError, match="keys: cannot draw queries from an empty array"):
        WORKLOADS[workload](np.array([], dtype=np.uint64), 1, 0)


@pytest.mark.parametrize("name", KEY_SETS)
def test_misses_and_gaps_stay_between_the_finite_ends(name: str) -> None:
    keys = KEY_SETS[name]
    ends = keys[np.isfinite(keys)]
    for queries in (misses(keys, COUNT), gaps(keys, COUNT)):
        assert ends[0] <= queries.min()
        assert queries.max() <= ends[-1]


def test_misses_reach_both_ends_of_a_full_domain() -> None:
    queries = misses(KEY_SETS["int8"], COUNT)
    assert (queries.min(), queries.max()) == (-128, 127)


def test_hits_are_present_and_spread_over_positions() -> None:
    keys = KEY_SETS["uint64"]
    positions = np.searchsorted(keys, hits(keys, 50_000))
    assert np.isin(hits(keys, COUNT), keys).all()
    assert 0.45 < positions.mean() / len(keys) < 0.55


def test_gaps_are_the_midpoints_of_neighbours() -> None:
    keys = np.array([0, 10, 11, 2**64 - 1], dtype=np.uint64)
    assert set(gaps(keys, COUNT).tolist()) == {5, 10, 2**63 + 5}
    assert set(gaps(np.array([-7, -2]), 5).tolist()) == {-5}


def test_mixed_is_half_hits_and_shuffled() -> None:
    keys = KEY_SETS["uint64"]
    present = np.isin(mixed(keys, COUNT), keys)
    assert present.sum() == COUNT // 2
    assert 0.4 < present[: COUNT // 2].mean() < 0.6


def test_sorted_is_the_mixed_batch_in_order() -> None:
    keys = KEY_SETS["uint64"]
    npt.assert_array_equal(in_order(keys, COUNT, 1), np.sort(mixed(keys, COUNT, 1)))


@pytest.mark.parametrize("n", [1, 2, 10, 1_000])
def test_zipf_ranks_follow_the_exact_weights(n: int) -> None:
    weights = np.arange(1, n + 1) ** -0.99
    count = 200_000
    seen = np.bincount(zipf_ranks(n, count, np.random.default_rng(1)), minlength=n)
    assert len(seen) == n
    wanted = weights / weights.sum() * count
    # Five standard deviations of a binomial count: one in a million by chance, and seeded.
    assert (np.abs(seen - wanted) <= 5 * np.sqrt(wanted) + 5).all()


def test_zipf_hits_scatter_the_hot_ranks_one_position_each() -> None:
    keys = KEY_SETS["uint64"]
    values, counts = np.unique(zipf(keys, 200_000), return_counts=True)
    hottest = np.sort(np.searchsorted(keys, values[np.argsort(counts)[-5:]]))
    assert np.isin(values, keys).all()
    assert counts.max() > 20 * np.median(counts)
    assert min(b - a for a, b in itertools.pairwise(hottest)) > 10


def test_clusters_are_the_sorted_queries_in_runs() -> None:
    queries = clustered(KEY_SETS["uint64"], 10 * RUN + 3)
    npt.assert_array_equal(np.sort(queries), in_order(KEY_SETS["uint64"], 10 * RUN + 3))
    assert 3 < np.count_nonzero(queries[1:] < queries[:-1]) <= 11
