"""join_asof gives what pandas.merge_asof gives, for tables in any order."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnedidx as lx
from tests.interop.joins import Join, merged, random_join


@pytest.mark.parametrize(
    "hundred", [0, *(pytest.param(k, marks=pytest.mark.whole) for k in (1, 2))]
)
def test_random_joins_are_those_of_pandas(hundred: int) -> None:
    check_joins(range(100 * hundred, 100 * (hundred + 1)))


@pytest.mark.long
@pytest.mark.parametrize("thousand", range(10))
def test_ten_thousand_joins_are_those_of_pandas(thousand: int) -> None:
    check_joins(range(1000 * thousand, 1000 * (thousand + 1)))


def check_joins(seeds: range) -> None:
    for seed in seeds:
        join = random_join(seed)
        wanted = merged(*join)
        got = lx.join_asof(*join[:2], **join.options)
        if wanted is not None:
            assert_frame_equal(got, wanted, obj=f"join {seed}: {join}")
            check_other_orders(seed, join, wanted)


def check_other_orders(seed: int, join: Join, wanted: Any) -> None:
    """Assert that rows of left keep any order, and that those of right may have any."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(join.left))
    got = lx.join_asof(join.left.iloc[order], join.right, **join.options)
    if len(order):
        wanted = wanted.iloc[order]
    if not {"left_index", "right_index"} & join.options.keys():
        wanted = wanted.reset_index(drop=True)
    assert_frame_equal(got, wanted, obj=f"join {seed}, left shuffled: {join}")
    shuffled = join.right.iloc[rng.permutation(len(join.right))]
    key = join.options.get("right_on", join.options.get("on"))
    in_order = shuffled.sort_values(key or "t", kind="stable")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lx.PerformanceWarning)
        got = lx.join_asof(join.left, shuffled, **join.options)
    wanted = lx.join_asof(join.left, in_order, **join.options)
    assert_frame_equal(got, wanted, obj=f"join {seed}, right shuffled: {join}")


def test_an_unsorted_right_is_sorted_with_a_warning() -> None:
    left, right = pd.DataFrame({"t": [1, 9, 5]}), pd.DataFrame({"t": [8, 2, 2, 4], "v": range(4)})
    with pytest.warns(lx.PerformanceWarning, match=r"right\['t'\]: not sorted.* 4 rows.*sort") as w:
        got = lx.join_asof(left, right, on="t")
    assert w[0].filename == __file__
    assert_frame_equal(got, pd.DataFrame({"t": [1, 9, 5], "v": [np.nan, 0, 3]}))
    grouped: dict[str, Any] = {"by": "g", "on": "t"}
    with pytest.warns(lx.PerformanceWarning, match="sort the table once"):
        got = lx.join_asof(left.assign(g="x"), right.assign(g=["x", "x", "y", "x"]), **grouped)
    assert got["v"].tolist()[1:] == [0, 3]


def test_of_two_rows_as_near_the_one_before_is_taken() -> None:
    right = pd.DataFrame({"t": [1, 1, 3, 3], "v": range(4)})
    got = lx.join_asof(pd.DataFrame({"t": [2, 1, 3]}), right, on="t", direction="nearest")
    assert got["v"].tolist() == [1, 1, 3]


def test_keys_of_two_formats_compare_by_value() -> None:
    left = pd.DataFrame({"t": np.array([-1, 2**62 + 1], np.int64)})
    right = pd.DataFrame({"t": np.array([0, 2**62, 2**64 - 1], np.uint64), "v": range(3)})
    assert lx.join_asof(left, right, on="t", direction="nearest")["v"].tolist() == [0, 1]
    halves = pd.DataFrame({"t": [0.5, 2.0**62]})
    assert lx.join_asof(halves, right, on="t", direction="forward")["v"].tolist() == [1, 1]


def test_times_of_any_unit_and_zone_are_instants() -> None:
    left = pd.DataFrame({"t": pd.to_datetime(["2026-03-29 03:30"]).tz_localize("Europe/Berlin")})
    right = pd.DataFrame(
        {"t": pd.date_range("2026-03-29", periods=4, freq="h", tz="UTC").as_unit("s")}
    )
    right["v"] = range(4)
    got = lx.join_asof(left, right, on="t", tolerance=pd.Timedelta("30min"))
    assert got["v"].tolist() == [1]
    assert got["t"].dtype == left["t"].dtype
    assert lx.join_asof(left, right, on="t", tolerance=pd.Timedelta("29min"))["v"].isna().all()


def test_an_index_that_was_made_before_serves_many_joins() -> None:
    rng = np.random.default_rng(0)
    right = pd.DataFrame({"t": np.sort(rng.integers(0, 10**6, 5000))})
    right["v"] = range(5000)
    left = pd.DataFrame({"t": rng.integers(-9, 10**6 + 9, 1000)})
    wanted = lx.join_asof(left, right, on="t", direction="nearest", tolerance=60)
    for index in (lx.LearnedIndex(right["t"]), lx.LearnedIndex(right["t"].to_numpy().copy())):
        got = lx.join_asof(
            left, right, on="t", direction="nearest", tolerance=60, index=index, threads=2
        )
        assert_frame_equal(got, wanted)
    groups: dict[str, Any] = {
        "by": "g",
        "on": "t",
        "direction": "nearest",
        "allow_exact_matches": False,
    }
    pair = left.assign(g=left["t"] % 3), right.assign(g=right["v"] % 4)
    wanted = lx.join_asof(*pair, **groups)
    assert_frame_equal(lx.join_asof(*pair, **groups, index=lx.LearnedIndex(right["t"])), wanted)
    times = pd.DataFrame({"t": right["t"].astype("M8[s]").dt.tz_localize("UTC"), "v": right["v"]})
    asked = pd.DataFrame({"t": left["t"].astype("M8[s]").dt.as_unit("ns").dt.tz_localize("UTC")})
    got = lx.join_asof(asked, times, on="t", index=lx.LearnedIndex(times["t"]))
    assert_frame_equal(got[["v"]], lx.join_asof(left, right, on="t")[["v"]])


def test_groups_beyond_16_bits_and_keys_beyond_64() -> None:
    rng = np.random.default_rng(3)
    n = 200_000
    right = pd.DataFrame(
        {"t": np.sort(rng.integers(-(2**62), 2**62, n)), "g": rng.integers(0, n, n)}
    )
    right["v"] = np.arange(n)
    left = pd.DataFrame({"t": np.sort(rng.integers(-(2**62), 2**62, 2000))})
    left["g"] = right["g"].to_numpy()[rng.integers(0, n, 2000)]
    for direction in ("backward", "forward", "nearest"):
        options: dict[str, Any] = {"on": "t", "by": "g", "direction": direction}
        wanted = pd.merge_asof(left, right, **options)
        assert_frame_equal(lx.join_asof(left, right, **options), wanted)


def test_arrays_and_series_stand_for_columns_and_tables() -> None:
    right = pd.Series([10, 20], pd.Index([1, 5], name="t"), name="v")
    left = pd.DataFrame({"w": [1.5, 2.5]})
    got = lx.join_asof(left, right, left_on=np.array([4, 6]), right_index=True)
    wanted = pd.merge_asof(left, right, left_on=np.array([4, 6]), right_index=True)
    assert_frame_equal(got, wanted)


def test_tables_are_left_as_they_are() -> None:
    left, right = pd.DataFrame({"t": [2], "v": [1]}), pd.DataFrame({"t": [1], "v": [2]})
    got = lx.join_asof(left, right, on="t")
    got.loc[0, "v_x"] = 7
    assert list(left.columns) == ["t", "v"]
    assert left["v"].tolist() == [1]
    assert right["v"].tolist() == [2]
