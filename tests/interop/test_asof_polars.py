"""join_asof of Polars tables takes the rows that Polars takes, nulls included."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import learnedidx as lx
from tests.interop.joins import KEYS, random_join

# Polars has no keys with NumPy's own nulls, and counts 32-bit floats otherwise.
KINDS = {kind: KEYS[kind] for kind in KEYS if kind not in ("float32", "Float64", "Int64")}


def random_tables(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Return a random join as tables of Polars, with nulls among the keys, in order."""
    join, rng = random_join(seed, KINDS), np.random.default_rng(seed)
    tables = []
    for table in join[:2]:
        if table.index.name == "t":
            table = table.reset_index()
        table = table.rename(columns={"u": "t"})
        made = pl.from_pandas(table)
        made = made.with_columns(pl.col(pl.Null).cast(pl.String))
        is_null = pl.Series(rng.random(made.height) < rng.choice([0, 0.2]))
        made = made.with_columns(t=pl.when(is_null).then(None).otherwise(pl.col("t")))
        tables.append(made.sort("t", maintain_order=True))
    options = {k: v for k, v in join.options.items() if k in ("by", "tolerance")}
    if hasattr(options.get("tolerance"), "to_pytimedelta"):
        options["tolerance"] = options["tolerance"].to_pytimedelta()
    options["allow_exact_matches"] = join.options["allow_exact_matches"]
    return tables[0], tables[1].with_row_index("row"), options


@pytest.mark.skipif(pl.__version__ < "2", reason="Polars 1 takes a null in by for 0")
@pytest.mark.filterwarnings("ignore:Sortedness of columns")
@pytest.mark.parametrize("hundred", [0, pytest.param(1, marks=pytest.mark.whole)])
@pytest.mark.parametrize("direction", ["backward", "forward", "nearest"])
def test_random_joins_are_those_of_polars(direction: Any, hundred: int) -> None:
    for seed in range(100 * hundred, 100 * (hundred + 1)):
        left, right, options = random_tables(seed)
        wanted = left.join_asof(right, on="t", strategy=direction, suffix="_y", **options)
        got = lx.join_asof(left, right, on="t", direction=direction, **options)
        check_rows(left, right, got["row"], wanted["row"], f"{seed} {options} {left} {right}")
        order = np.random.default_rng(seed).permutation(left.height)
        shuffled = lx.join_asof(left[order], right, on="t", direction=direction, **options)
        assert_frame_equal(shuffled, got[order])


def check_rows(left: Any, right: Any, got: pl.Series, wanted: pl.Series, what: str) -> None:
    """Assert that rows are equal, or as near: of these Polars takes the last, pandas the first."""
    for i in np.flatnonzero(got.ne_missing(wanted).to_numpy()).tolist():
        assert got[i] is not None, what
        assert wanted[i] is not None, what
        ours, theirs, t = right["t"][got[i]], right["t"][wanted[i]], left["t"][i]
        assert abs(t - ours) == abs(theirs - t), what
        assert ours <= t or ours == theirs, what


def test_columns_are_those_of_left_and_then_of_right() -> None:
    left = pl.DataFrame({"t": [2, None], "g": ["a", "b"], "v": [1, 2]})
    right = pl.DataFrame({"t": [1, 2], "g": ["b", "a"], "v": [True, False]})
    got = lx.join_asof(left, right, on="t", by="g")
    assert_frame_equal(got, left.rename({"v": "v_x"}).with_columns(v_y=pl.Series([False, None])))
    got = lx.join_asof(left, right.rename({"t": "u"}), left_on="t", right_on="u")
    assert got.columns == ["t", "g_x", "v_x", "u", "g_y", "v_y"]
    assert lx.join_asof(left, right[["t"]], on="t").columns == ["t", "g", "v"]


def test_nulls_match_nothing_on_either_side() -> None:
    left = pl.DataFrame({"t": [None, 3, 3], "g": ["a", None, "a"]})
    right = pl.DataFrame({"t": [1, None, 2, 3], "g": ["a", "a", None, "b"], "v": range(4)})
    assert lx.join_asof(left, right, on="t")["v"].to_list() == [None, 3, 3]
    assert lx.join_asof(left, right, on="t", by="g")["v"].to_list() == [None, None, 0]


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["a", "b", "c"]), pl.String])
def test_text_of_any_type_is_equal(kind: Any) -> None:
    left = pl.DataFrame({"t": [5, 5, 5], "g": ["c", "b", "a"]})
    right = pl.DataFrame({"t": [1, 2], "g": pl.Series(["a", "b"], dtype=kind), "v": [0, 1]})
    assert lx.join_asof(left, right, on="t", by="g")["v"].to_list() == [None, 1, 0]


def test_times_of_two_units_and_zones() -> None:
    hours = pl.datetime_range(
        datetime.datetime(2026, 3, 29), datetime.datetime(2026, 3, 29, 3), "1h", eager=True
    )
    right = pl.DataFrame({"t": hours.dt.replace_time_zone("UTC").dt.cast_time_unit("ms")})
    left = right.with_columns(
        pl.col("t")
        .dt.cast_time_unit("ns")
        .dt.convert_time_zone("Europe/Berlin")
        .dt.offset_by("10m")
    )
    got = lx.join_asof(left, right.with_row_index("v"), on="t")
    assert got["v"].to_list() == [0, 1, 2, 3]
    assert got["t"].dtype == left["t"].dtype


KEPT: list[Any] = [
    *(pl.Int8, pl.UInt16, pl.Int32, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Boolean),
    *(pl.Date, pl.Time, pl.Datetime("us", "Europe/Berlin"), pl.Duration("ms"), pl.Decimal(9, 2)),
    *(pl.String, pl.Categorical, pl.Enum(["0", "1", "2", "3"]), pl.List(pl.Int64)),
]


@pytest.mark.parametrize("rows", [[3, 0, 3, 2], [-1, 3, 0, -1], []], ids=str)
def test_columns_of_any_type_are_taken(rows: list[int]) -> None:
    """Whole, with nulls, and in chunks; alone, and beside each other."""
    theirs: dict[str, pl.Series] = {}
    for dtype in KEPT:
        numbers = pl.Series([3, 1, 2, 0])
        is_text = dtype in (pl.String, pl.Categorical, pl.Enum)
        whole = numbers.cast(pl.String) if is_text else numbers
        whole = (whole.reshape((4, 1)).arr.to_list() if dtype == pl.List else whole).cast(dtype)
        theirs |= {
            f"{dtype}": whole,
            f"{dtype} null": pl.select(pl.when(numbers != 1).then(whole)).to_series(),
            f"{dtype} chunks": whole[:2].append(whole[2:]),
            f"{dtype} part": pl.concat([whole[:1], whole])[1:],
        }
    places = pl.Series([None if row < 0 else row for row in rows], dtype=pl.Int64)
    right = pl.DataFrame({"t": [0, 1, 2, 3], **theirs})
    left = pl.DataFrame({"t": rows}, schema={"t": pl.Int64})
    wanted = right.select(pl.all().gather(places)).with_columns(left["t"])
    assert_frame_equal(lx.join_asof(left, right, on="t"), wanted)
    for name in theirs:
        assert_frame_equal(lx.join_asof(left, right["t", name], on="t"), wanted["t", name])
    assert right["t"].to_list() == [0, 1, 2, 3] and left["t"].to_list() == rows
