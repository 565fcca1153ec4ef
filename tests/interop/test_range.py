"""join_range finds the pairs that DuckDB finds, for tables of every library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import learnedidx as lx
from tests.border.helpful import refused

duckdb = pytest.importorskip("duckdb")

LIBRARIES = {"pandas": lambda t: t, "polars": pl.from_pandas, "arrow": pa.Table.from_pandas}
ENDS = {"left": (">=", "<"), "right": (">", "<="), "both": (">=", "<="), "neither": (">", "<")}
QUERY = "select row, number from p {} join i on t {} lo and t {} hi order by row, number"
KINDS = ["int64", "float64", "M8[us]"]


def random_tables(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return points and intervals, some of them empty, in any order."""
    rng = np.random.default_rng(seed)
    n, k, span = (int(rng.choice(sizes)) for sizes in ([0, 1, 5, 30], [0, 1, 5, 30], [4, 40]))
    kind = str(rng.choice(KINDS))
    points = pd.DataFrame({"t": rng.integers(0, span, n).astype(kind), "row": np.arange(n)})
    lo = rng.integers(0, span, k)
    hi = lo + rng.integers(-2, 9, k)
    intervals = pd.DataFrame({"lo": lo.astype(kind), "hi": hi.astype(kind), "number": np.arange(k)})
    return points, intervals


def with_nulls(seed: int, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of which a few items are null; rows keep their numbers."""
    rng = np.random.default_rng(seed)
    share = float(rng.choice([0, 0.2]))
    nulls = {name: pl.Series(rng.random(table.height) < share) for name in table.columns[:-1]}
    return table.with_columns(pl.when(~null).then(name).alias(name) for name, null in nulls.items())


def pairs_of(table: Any) -> list[tuple[Any, ...]]:
    """Return the pairs of a result, None for no interval."""
    if isinstance(table, pa.Table):
        table = table.to_pandas()
    columns = [table[name].to_list() for name in ("row", "number")]
    return [(row, None if n is None or n != n else int(n)) for row, n in zip(*columns, strict=True)]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("inclusive", ENDS)
def test_random_pairs_are_those_of_duckdb(inclusive: Any, library: str) -> None:
    with duckdb.connect() as con:
        for seed in range(25):
            check_pairs(con, seed, inclusive, library)


@pytest.mark.long
@pytest.mark.parametrize("thousand", range(10))
def test_ten_thousand_joins_are_those_of_duckdb(thousand: int) -> None:
    """Each in one of the libraries, with one choice of ends."""
    with duckdb.connect() as con:
        for seed in range(1000 * thousand, 1000 * (thousand + 1)):
            check_pairs(con, seed, [*ENDS][seed % 4], [*LIBRARIES][seed % 3])


def check_pairs(con: Any, seed: int, inclusive: Any, library: str) -> None:
    """Assert that all joins of a seed's tables have the pairs that DuckDB finds."""
    p, i = random_tables(seed)
    points, intervals = (LIBRARIES[library](table) for table in (p, i))
    if library == "polars":
        points, intervals = with_nulls(seed, points), with_nulls(seed + 1, intervals)
        p, i = points.to_arrow(), intervals.to_arrow()
    options: dict[str, Any] = {"on": "t", "lo": "lo", "hi": "hi", "inclusive": inclusive}
    con.register("p", p)
    con.register("i", i)
    for how in ("inner", "left"):
        wanted = con.execute(QUERY.format(how, *ENDS[inclusive])).fetchall()
        got = lx.join_range(points, intervals, how=how, **options)
        assert pairs_of(got) == wanted, (seed, how, p, i)
    counts = lx.join_range(points, intervals, how="count", **options)
    held = [row for row, number in wanted if number is not None]
    count = counts["count"].to_pylist() if library == "arrow" else counts["count"].to_list()
    assert count == [held.count(row) for row in range(len(p))]
    assert type(counts) is type(points) and type(got) is type(points)


def test_pairs_that_are_no_integer_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"on": "t", "lo": "lo", "hi": "hi", "how": "left"}
    tables = [random_tables(seed) for seed in range(20)]
    wanted = [pairs_of(lx.join_range(*pair, **options)) for pair in tables]
    monkeypatch.setattr("learnedidx.interop._range.BITS", 0)
    assert [pairs_of(lx.join_range(*pair, **options)) for pair in tables] == wanted


def test_columns_are_those_of_points_and_then_of_intervals() -> None:
    points = pd.DataFrame({"t": [5, 1], "name": ["a", "b"]}, index=[7, 8])
    intervals = pd.DataFrame({"name": ["x"], "t": [0], "end": [4]})
    got = lx.join_range(points, intervals, on="t", lo="t", hi="end", how="left")
    assert list(got) == ["t_x", "name_x", "name_y", "t_y", "end"]
    assert got["name_y"].tolist()[1] == "x" and got.index.tolist() == [0, 1]
    counted = lx.join_range(points, intervals, on="t", lo="t", hi="end", how="count")
    assert counted["count"].tolist() == [0, 1] and counted.index.tolist() == [7, 8]


def test_nulls_of_polars_are_in_no_interval() -> None:
    points = pl.DataFrame({"t": [3, None, 1]})
    intervals = pl.DataFrame({"lo": [None, 0, 1], "hi": [9, None, 4], "number": [0, 1, 2]})
    options: dict[str, Any] = {"on": "t", "lo": "lo", "hi": "hi"}
    assert lx.join_range(points, intervals, **options)["number"].to_list() == [2, 2]
    got = lx.join_range(points, intervals, how="left", **options)
    assert got["number"].to_list() == [2, None, 2]
    assert lx.join_range(points, intervals, how="count", **options)["count"].to_list() == [1, 0, 1]


def test_units_and_formats_compare_by_value() -> None:
    points = pd.DataFrame(
        {"t": pd.to_datetime(["2026-03-29 00:30"]).tz_localize("UTC").as_unit("s")}
    )
    hours = pd.date_range("2026-03-29", periods=4, freq="h", tz="Europe/Berlin")
    intervals = pd.DataFrame({"lo": hours[:-1], "hi": hours[1:], "number": range(3)})
    got = lx.join_range(points, intervals, on="t", lo="lo", hi="hi")
    assert got["number"].tolist() == [1]
    halves = pd.DataFrame({"lo": [0.5], "hi": [2.0]})
    counted = lx.join_range(
        pd.DataFrame({"t": [0, 1, 2]}), halves, on="t", lo="lo", hi="hi", how="count"
    )
    assert counted["count"].tolist() == [0, 1, 0]
    open_ends = np.array(["1500-01-01", "9999-12-31"], "M8[s]")  # beyond nanoseconds
    intervals = pd.DataFrame({"lo": open_ends[:1], "hi": open_ends[1:]})
    points["t"] = points["t"].dt.tz_localize(None).dt.as_unit("ns")
    assert len(lx.join_range(points, intervals, on="t", lo="lo", hi="hi")) == 1


def test_what_is_refused() -> None:
    p, i = pd.DataFrame({"t": [1], "count": [0]}), pd.DataFrame({"lo": [1], "hi": [2], "s": ["a"]})
    options: dict[str, Any] = {"on": "t", "lo": "lo", "hi": "hi"}
    refused(lx.join_range, p, i, how="outer", says=("how: must be one of",), **options)
    refused(lx.join_range, p, i, inclusive="all", says=("inclusive",), **options)
    refused(lx.join_range, p, i, how="count", says=("points: has a column 'count'",), **options)
    refused(
        lx.join_range, p, i, on="t", lo="lo", hi="s", kind=TypeError, says=(r"intervals\['s'\]",)
    )
    says = (r"points\['u'\]: no such column",)
    refused(lx.join_range, p, i, on="u", lo="lo", hi="hi", kind=KeyError, says=says)
    zoned = pd.DataFrame({"t": pd.date_range("2026-01-01", periods=1, tz="UTC")})
    says = (r"points\['t'\]: cannot compare|has no time zone",)
    refused(lx.join_range, zoned, i, kind=TypeError, says=says, **options)
    refused(
        lx.join_range, p, pl.DataFrame(i), kind=TypeError, says=("points one of pandas",), **options
    )
    null = i.assign(hi=[np.nan])
    refused(lx.join_range, p, null, kind=ValueError, says=(r"intervals\['hi'\].*row 0",), **options)
