"""The functions that ``interop.duckdb.register`` gives a connection."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.interop.duckdb import register

duckdb = pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
DAY = datetime.date(2026, 1, 1)


@pytest.fixture
def con() -> Any:
    with duckdb.connect() as made:
        made.execute("set timezone = 'UTC'")
        yield made


def test_answers_of_a_column_are_those_of_the_index(con: Any) -> None:
    rng = np.random.default_rng(3)
    keys, values = np.sort(rng.integers(0, 4000, 3000)), rng.random(3000)
    index = lx.LearnedIndex(keys)
    register(con, index, "k", values)
    asked = pa.table({"lo": rng.integers(-10, 4010, 5000), "hi": rng.integers(-10, 4010, 5000)})
    con.register("asked", asked)
    got = con.sql("select k_rank(lo) r, k_get(lo) g, k_count_between(lo, hi) c from asked")
    rank, get, count = (np.ma.filled(got.fetchnumpy()[key], np.nan) for key in "rgc")
    lo, hi = (asked[key].to_numpy() for key in ("lo", "hi"))
    np.testing.assert_array_equal(rank, np.searchsorted(keys, lo, "right"))
    at = np.minimum(np.searchsorted(keys, lo), 2999)
    np.testing.assert_array_equal(get, np.where(keys[at] == lo, values[at], np.nan))
    between = np.searchsorted(keys, hi, "right") - np.searchsorted(keys, lo)
    np.testing.assert_array_equal(count, np.maximum(between, 0))
    native = con.execute(
        "select count(*) from asked, (select unnest(?) k) where k between lo and hi", [keys]
    )
    assert native.fetchone() == (count.sum(),)


def test_null_asks_nothing(con: Any) -> None:
    register(con, lx.LearnedIndex([1, 5]), "k")
    rows = "(values (1, 5), (null, 5), (1, null), (4, null)) t(lo, hi)"
    got = con.sql(f"select k_rank(lo), k_get(lo), k_count_between(lo, hi) from {rows}").fetchall()
    assert got == [(1, 0, 2), (None, None, None), (1, 0, None), (1, None, None)]


@pytest.mark.parametrize(
    ("keys", "query", "position"),
    [
        (np.array([3, 7], np.int8), "300", None),
        (np.array([3, 7], np.uint32), "7::bigint", 1),
        (np.array([3, 2**64 - 1], np.uint64), f"{2**64 - 1}::ubigint", 1),
        (np.array([0.5, 7], np.float32), "7::tinyint", 1),
        (np.array([False, True]), "true", 1),
        (["ape", "bee"], "'bee'", 1),
        (["", "Ω"], "'Ω'", 1),
        ([b"a", b"b\0"], r"'b\x00'::blob", 1),
        (np.array([DAY], "M8[D]"), "timestamp '2026-01-01'", 0),
        (np.array([DAY], "M8[D]"), "timestamp '2026-01-01 12:00'", None),
        (np.array([DAY], "M8[ms]"), "date '2026-01-01'", 0),
        (np.array([DAY], "M8[ns]"), "timestamp '2026-01-01'", 0),
        (
            pa.array([DAY]).cast("timestamp[us]").cast(pa.timestamp("us", "Asia/Tokyo")),
            "timestamptz '2026-01-01 00:00:00Z'",
            0,
        ),
    ],
    ids=str,
)
def test_types_of_keys(con: Any, keys: Any, query: str, position: int | None) -> None:
    register(con, lx.LearnedIndex(keys), "k")
    assert con.sql(f"select k_get({query})").fetchall() == [(position,)]


@pytest.mark.parametrize(
    "values",
    [
        ["a", None],
        np.array([0.5, 1.5]),
        [DAY, DAY],
        pa.chunked_array([[{"x": 1}], [{"x": 2}]]),
        pa.array([[1, 2], []]),
    ],
    ids=str,
)
def test_types_of_values(con: Any, values: Any) -> None:
    register(con, lx.LearnedIndex([1, 5]), "k", values)
    wanted = [item.as_py() if isinstance(item, pa.Scalar) else item for item in values]
    got = con.sql("select k_get(q) from (values (1), (5), (9)) t(q)").fetchall()
    assert [row[0] for row in got] == [*wanted, None]


def test_values_of_a_file(con: Any) -> None:
    blob = lx.LearnedIndex([1, 5]).save(bytes, values=np.array([10, 50], np.int16))
    register(con, lx.open(blob), "k")
    assert con.sql("select k_get(5), typeof(k_get(5))").fetchall() == [(50, "SMALLINT")]


def test_whole_columns_go_out_and_come_back(con: Any) -> None:
    index = lx.LearnedIndex([10, 20, 40])
    asked = con.sql("select unnest([20, 5, 40]) q").to_arrow_table()
    con.register("found", pa.table({"q": asked["q"], "row": index.find(asked)}))
    assert con.sql("select q from found where row >= 0 order by q").fetchall() == [(20,), (40,)]


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (([1, 2], "k"), TypeError, "index: must be a LearnedIndex, got list"),
        ((lx.LearnedIndex([1]), "k k"), ValueError, "name: must be an identifier, got 'k k'"),
        ((lx.LearnedIndex([1]), "k", [1, 2]), ValueError, "values: has 2 items, the index 1 keys"),
        ((lx.LearnedIndex(np.array([1], "m8[s]")), "k"), TypeError, "no queries for keys of timed"),
        ((lx.LearnedIndex(lx.Columns([1], [2])), "k"), TypeError, "no queries for keys of .int64"),
    ],
)
def test_what_is_refused(con: Any, arguments: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        register(con, *arguments)


def test_duckdb_refuses_other_queries_and_a_name_twice(con: Any) -> None:
    register(con, lx.LearnedIndex([1]), "k")
    for query in ("1.5", "date '2026-01-01'", "1, 2"):
        with pytest.raises(duckdb.BinderException, match="No function matches"):
            con.sql(f"select k_get({query})")
    with pytest.raises(duckdb.Error, match="already created"):
        register(con, lx.LearnedIndex([1]), "k")
    for verb in ("rank", "get", "count_between"):
        con.remove_function(f"k_{verb}")
    register(con, lx.LearnedIndex([1]), "k")
