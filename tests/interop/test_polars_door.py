"""``.lidx`` of Polars: the verbs of an index, for expressions and Series; null asks nothing."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import learnedidx as lx

pl = pytest.importorskip("polars")
pytest.importorskip("learnedidx.interop.polars")

RNG = np.random.default_rng(4)
KEYS = np.sort(RNG.integers(0, 500, 300))
INDEX = lx.LearnedIndex(KEYS)
LO = [int(v) if v % 7 else None for v in RNG.integers(-20, 520, 200)]
HI = [int(v) if v % 5 else None for v in RNG.integers(-20, 520, 200)]
FRAME = pl.DataFrame({"lo": LO, "hi": HI, "x": pl.Series(LO, dtype=pl.Float64) + 0.5})
SPAN = pl.Struct({"start": pl.Int64, "stop": pl.Int64})


def of_one(verb: str, *arguments: Any) -> list[Any]:
    """Return what the verb answers to each item of LO alone."""
    ask = getattr(INDEX, verb)
    return [None if v is None else ask(v, *arguments) for v in LO]


def of_two(verb: str, *arguments: Any) -> list[Any]:
    """Return what the verb answers to each pair."""
    ask, pairs = getattr(INDEX, verb), zip(LO, HI, strict=True)
    return [None if None in pair else ask(*pair, *arguments) for pair in pairs]


ONE: list[tuple[str, tuple[Any, ...]]] = [
    ("searchsorted", ()),
    ("searchsorted", ("right",)),
    ("rank", ()),
    ("find", ()),
    ("find", ("nearest", 1)),
    ("contains", ()),
]


@pytest.mark.parametrize(("verb", "arguments"), ONE)
def test_verbs_of_one_column(verb: str, arguments: tuple[Any, ...]) -> None:
    wanted, dtype = of_one(verb, *arguments), pl.Boolean if verb == "contains" else pl.Int64
    of_series = getattr(FRAME["lo"].lidx, verb)(INDEX, *arguments)
    assert (of_series.name, of_series.dtype, of_series.to_list()) == ("lo", dtype, wanted)
    asked = FRAME.lazy().select(getattr(pl.col("lo").lidx, verb)(INDEX, *arguments, threads=2))
    assert asked.collect_schema() == {"lo": dtype}
    assert asked.collect()["lo"].to_list() == wanted


@pytest.mark.parametrize("inclusive", ["left", "both"])
def test_verbs_of_two_columns(inclusive: str) -> None:
    columns = pl.col("lo").lidx
    asked = FRAME.lazy().select(
        columns.count(INDEX, "hi", inclusive),
        part=columns.range(INDEX, pl.col("hi"), inclusive),
        until=columns.count(INDEX, 300),
    )
    assert asked.collect_schema() == {"lo": pl.Int64, "part": SPAN, "until": pl.Int64}
    found = asked.collect()
    assert found["lo"].to_list() == of_two("count", inclusive)
    spans = [None if s is None else (s.start, s.stop) for s in of_two("range", inclusive)]
    got = found["part"].to_list()
    assert [None if s is None else (s["start"], s["stop"]) for s in got] == spans
    assert found["until"].to_list() == [None if v is None else INDEX.count(v, 300) for v in LO]
    of_series = FRAME["lo"].lidx.count(INDEX, FRAME["hi"], inclusive)
    assert of_series.to_list() == of_two("count", inclusive)


def test_values_beside_the_keys() -> None:
    index = lx.LearnedIndex([1, 5, 9])
    asked = pl.Series("q", [5, 4, None, 9])
    assert asked.lidx.get(index, ["a", "b", "c"]).to_list() == ["b", None, None, "c"]
    beside = pl.Series([None, 2, 3], dtype=pl.Int8)
    got = asked.to_frame().lazy().select(pl.col("q").lidx.get(index, beside, "pad"))
    assert got.collect_schema() == {"q": pl.Int8}
    assert got.collect()["q"].to_list() == [2, None, None, 3]
    opened = lx.open(index.save(bytes, values=np.array([0.5, 1.5, 2.5])))
    assert asked.lidx.get(opened).to_list() == [1.5, None, None, 2.5]


def test_groups_windows_and_engines() -> None:
    wanted = FRAME["x"].lidx.rank(INDEX)
    ask = pl.col("x").lidx.rank(INDEX)
    assert FRAME.select(ask.over(pl.col("hi") % 3))["x"].to_list() == wanted.to_list()
    groups = FRAME.group_by(pl.col("hi") % 3).agg(ask.sum())
    assert groups["x"].sum() == wanted.sum()
    chunks = pl.concat([FRAME[:50], FRAME[50:]], rechunk=False)
    assert chunks.select(ask)["x"].to_list() == wanted.to_list()


@pytest.mark.parametrize(
    "keys",
    [
        pl.Series(["", "b", "Ω"]),
        pl.Series(["a", "b"], dtype=pl.Categorical),
        pl.Series([b"a", b"b\0"]),
        pl.Series([datetime.date(2026, 1, 1), datetime.date(2026, 3, 1)]),
        pl.Series([datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)]),
        pl.Series([datetime.timedelta(hours=2)]),
        pl.Series([1.5, float("nan")]),
        pl.Series([False, True]),
        pl.Series([3, 2**64 - 1], dtype=pl.UInt64),
    ],
    ids=lambda keys: str(keys.dtype),
)
def test_dtypes(keys: Any) -> None:
    index, asked = lx.LearnedIndex(keys), pl.concat([keys[:1].clear(2), keys[::-1]])
    wanted = [None, None, *range(len(keys))[::-1]]
    assert asked.lidx.find(index).to_list() == wanted
    assert asked.to_frame("q").select(pl.col("q").lidx.find(index))["q"].to_list() == wanted


def test_integers_of_128_bits_and_nulls_alone() -> None:
    wide = pl.Series([2**70, 20, -1, 2**63], dtype=pl.Int128)
    assert wide.lidx.rank(lx.LearnedIndex([10, 20, 20, 40])).to_list() == [4, 3, 0, 4]
    text = lx.LearnedIndex(["a", "b"])
    times = lx.LearnedIndex(np.array([1, 2], "M8[ns]"))
    for index in (text, times, lx.LearnedIndex([1, 2]), lx.LearnedIndex(lx.Columns([1], [2]))):
        assert pl.Series([None, None]).lidx.find(index).to_list() == [None, None]
        assert pl.Series([], dtype=pl.Null).lidx.rank(index).to_list() == []
        assert pl.Series([None]).lidx.count(index, pl.Series([None])).to_list() == [None]
    assert text.find(pl.Series([None, None])).tolist() == [-1, -1]
    pa = pytest.importorskip("pyarrow")
    assert text.contains(pa.nulls(2)).tolist() == [False, False]


def test_ends_of_one_row_or_of_others() -> None:
    index, lows = lx.LearnedIndex([10, 20, 20, 40]), pl.Series([5, None, 30])
    assert lows.lidx.count(index, pl.Series([40])).to_list() == [3, None, 0]
    assert lows.lidx.count(index, pl.Series([None])).to_list() == [None] * 3
    with pytest.raises(ValueError, match="hi: has 2 items, the queries 3; pass one for each"):
        lows.lidx.count(index, pl.Series([40, 50]))


def test_values_of_a_dtype_that_polars_has_not() -> None:
    index = lx.open(lx.LearnedIndex([10]).save(bytes, values=np.zeros(1, "M8[s]")))
    with pytest.raises(TypeError, match=r"values: Polars has no column of datetime64\[s\]"):
        pl.Series([10]).lidx.get(index)


def test_columns_without_rows_or_values() -> None:
    for dtype in (pl.Int64, pl.Null):
        assert pl.Series([], dtype=dtype).lidx.find(INDEX).to_list() == []
        nothing = pl.Series([None, None], dtype=dtype)
        assert nothing.lidx.count(INDEX, 5).to_list() == [None, None]
        assert nothing.lidx.range(INDEX, nothing).dtype == SPAN


@pytest.mark.parametrize(
    ("ask", "kind", "says"),
    [
        (lambda: pl.col("lo").lidx.find([1]), TypeError, "index: must be a LearnedIndex, got list"),
        (lambda: pl.col("lo").lidx.count(KEYS, 3), TypeError, "got ndarray; pass lx.LearnedIndex"),
        (lambda: FRAME.select(pl.lit("a").lidx.find(INDEX)), TypeError, "v: cannot compare"),
        (lambda: FRAME["lo"].lidx.get(INDEX), ValueError, "values: the index has none"),
        (lambda: pl.col("lo").lidx.get(INDEX, [1]), ValueError, "has 1 items, the index 300 keys"),
        (lambda: FRAME["lo"].lidx.find(INDEX, "up"), ValueError, "method: .*'up'"),
    ],
)
def test_what_is_refused(ask: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        ask()
