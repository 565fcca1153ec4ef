"""What join_asof refuses: the message names the column, what was wrong and what to do."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import learnedidx as lx
from tests.border.helpful import refused

HOURS = pd.date_range("2026-03-28", periods=3, freq="h")
AWARE = datetime.datetime(2026, 3, 28, tzinfo=datetime.UTC)
LIBRARIES = [pd.DataFrame, pl.DataFrame, pa.table]


def tables(make: Any, **columns: Any) -> tuple[Any, Any]:
    """Return a left and a right table with columns such as t, which both have, or left_t."""
    made = [
        {
            name.removeprefix(f"{side}_"): values
            for name, values in columns.items()
            if not name.startswith("left_" if side == "right" else "right_")
        }
        for side in ("left", "right")
    ]
    return make(made[0]), make(made[1])


def run_hint(message: str, begin: str, **known: Any) -> Any:
    """Run the code that a message tells to pass, which follows `begin`."""
    code = message.rpartition(begin)[2].partition(";")[0].removesuffix(", and left_on likewise")
    return eval(code, {"pyarrow": pa, "pandas": pd, **known})


@pytest.mark.parametrize("how", ["column", "index", "level", "array", "nan", "null"])
def test_the_hint_drops_the_rows_that_have_no_key(how: str) -> None:
    """Rows whose other columns are null stay."""
    bad = [1.0, np.nan, 3.0]
    left: Any = pd.DataFrame({"v": [None, 2, 3], "u": bad})
    options: dict[str, Any] = {"left_on": "u", "right_on": "u"}
    if how == "index":
        left, options = left.set_index("u"), {"left_index": True, "right_on": "u"}
    elif how == "level":
        left = left.set_index(["u", "v"])
    elif how == "array":
        options["left_on"] = np.array(bad)
    right: Any = pd.DataFrame({"u": [1.0, 2.0]})
    if how in ("nan", "null"):
        left = pa.table(
            {"v": [None, 2, 3], "u": [1.0, float("nan") if how == "nan" else None, 3.0]}
        )
        right = pa.table({"u": [1.0, 2.0]})
    message = refused(lx.join_asof, left, right, kind=ValueError, says=("row 1",), **options)
    kept = run_hint(message, "rows first: ", left=left, left_on=options.get("left_on"))
    if how == "array":
        options["left_on"] = options["left_on"][[0, 2]]
    assert len(lx.join_asof(kept, right, **options)) == 2


def test_nulls_in_keys_are_refused_by_pandas_and_arrow() -> None:
    options: dict[str, Any] = {"on": "t", "kind": ValueError}
    for bad in ([1.0, np.nan, 3.0], pd.array([1, None, 3], dtype="Int64")):
        says = (r"left\['t'\]", "null values on left side", "row 1", r"left\.dropna\(subset=\['t'")
        refused(
            lx.join_asof, *tables(pd.DataFrame, left_t=bad, right_t=[1, 2, 3]), says=says, **options
        )
        says = (
            r"right\['t'\]",
            "null values on right side",
            "row 1",
            r"right\.dropna\(subset=\['t'",
        )
        refused(
            lx.join_asof, *tables(pd.DataFrame, left_t=[1, 2, 3], right_t=bad), says=says, **options
        )
    bad = pd.Series(HOURS).where([True, False, True])
    refused(
        lx.join_asof, *tables(pd.DataFrame, left_t=HOURS, right_t=bad), says=("row 1",), **options
    )
    for null in (None, float("nan")):
        left, right = tables(pa.table, left_t=[1.0, null, 3.0], right_t=[1.0, 2.0, 3.0])
        refused(
            lx.join_asof, left, right, says=(r"left\['t'\]", "row 1", r"left\.filter"), **options
        )


@pytest.mark.parametrize("make", LIBRARIES)
def test_times_with_a_zone_and_without_do_not_compare(make: Any) -> None:
    hours = HOURS.to_pydatetime().tolist()
    aware = HOURS.tz_localize("Europe/Berlin").to_pydatetime().tolist()
    left, right = tables(make, left_t=hours, right_t=aware)
    says = (r"left\['t'\]: datetime64\[\ws\] has no time zone, right\['t'\] has Europe/Berlin",)
    message = refused(lx.join_asof, left, right, on="t", kind=TypeError, says=says)
    assert "if it is in local time, pass that with its zone, such as 'Europe/Berlin'" in message
    assert lx.LearnedIndex(run_hint(message, "in UTC, pass ", left=left)).find(AWARE) == 0
    refused(
        lx.join_asof, right, left, on="t", kind=TypeError, says=(r"right\['t'\].* no time zone",)
    )


@pytest.mark.parametrize("make", LIBRARIES)
def test_text_and_times_do_not_compare_with_numbers(make: Any) -> None:
    left, right = tables(make, left_t=["a", "b", "c"], right_t=[1, 2, 3])
    says: tuple[str, ...] = (r"left\['t'\]: \w+ is no column of numbers or times", "another column")
    refused(lx.join_asof, left, right, on="t", kind=TypeError, says=says)
    left, right = tables(make, left_t=HOURS.to_pydatetime().tolist(), right_t=[1, 2, 3])
    says = (r"left\['t'\]: cannot compare datetime64\[\ws\] with int64 of right\['t'\]",)
    refused(lx.join_asof, left, right, on="t", kind=TypeError, says=says)
    left, right = tables(make, t=[1, 2, 3], left_g=["a", "b", "c"], right_g=[1, 2, 3])
    says = (r"left\['g'\]: \w+ cannot equal int64 of right\['g'\]",)
    refused(lx.join_asof, left, right, on="t", by="g", kind=TypeError, says=says)


@pytest.mark.parametrize("make", LIBRARIES)
def test_columns_that_are_not_there(make: Any) -> None:
    left, right = tables(make, t=[1, 2, 3], left_g=[1, 2, 3])
    for options, name in (({"on": "u"}, "left"), ({"on": "t", "by": "g"}, "right")):
        says = (rf"{name}\['\w'\]: no such column; pass one that {name} has: \['t'",)
        refused(lx.join_asof, left, right, kind=KeyError, says=says, **options)


@pytest.mark.parametrize("make", LIBRARIES)
def test_names_that_clash(make: Any) -> None:
    left, right = tables(make, t=[1, 2, 3], v=[1, 2, 3], right_v_x=[1, 2, 3])
    refused(lx.join_asof, left, right, on="t", says=("suffixes: .* the name 'v_x'", "pass others"))
    says = (r"no suffix specified: \['v'\]",)
    refused(lx.join_asof, left, right, on="t", suffixes=("", None), says=says)
    for bad in ("_x", ("_x", "_y", "_z"), (1, 2)):
        refused(lx.join_asof, left, right, on="t", suffixes=bad, kind=TypeError, says=("suffixes",))


@pytest.mark.parametrize("make", LIBRARIES)
def test_tolerances_of_a_wrong_kind(make: Any) -> None:
    numbers = tables(make, t=[1, 2, 3])
    times = tables(make, t=HOURS.to_pydatetime().tolist())
    for joined, bad in ((numbers, pd.Timedelta("1s")), (numbers, "2"), (times, 1), (times, "1s")):
        message = refused(
            lx.join_asof, *joined, on="t", tolerance=bad, kind=TypeError, says=("tolerance",)
        )
    for code in message.partition("such as ")[2].split(" or "):
        ten = eval(code, {"datetime": datetime, "pandas": pd})
        assert ten == pd.Timedelta("10min")
        assert lx.join_asof(*times, on="t", tolerance=ten) is not None
    for joined, bad in ((numbers, -1), (times, -pd.Timedelta("1s")), (numbers, float("nan"))):
        refused(lx.join_asof, *joined, on="t", tolerance=bad, kind=ValueError, says=("tolerance",))


def test_an_index_over_other_keys() -> None:
    left, right = tables(pd.DataFrame, t=[1, 2, 3])
    says = (r"index: holds other keys than right\['t'\]; pass lx\.LearnedIndex\(right\['t'\]\)",)
    for keys in ([1, 2, 4], [1, 2], [1.0, 2.0, 3.0], HOURS):
        index = lx.LearnedIndex(keys)
        refused(lx.join_asof, left, right, on="t", index=index, kind=ValueError, says=says)
    times = tables(pd.DataFrame, t=HOURS)
    aware = lx.LearnedIndex(HOURS.tz_localize("UTC"))
    refused(lx.join_asof, *times, on="t", index=aware, kind=ValueError, says=says)
    rows = lx.LearnedIndex(lx.Columns([1, 1, 2], right["t"]))
    no_keys = lx.open(lx.LearnedIndex(np.arange(9)).save(bytes, keys=False))
    for index, has in (
        (lx.LearnedIndex([*"abc"]), "keys of str"),
        (rows, "keys of "),
        (no_keys, "no keys"),
    ):
        says = (f"index: has {has}.*; pass lx.LearnedIndex\\(right\\['t'\\]\\), .* by too",)
        refused(lx.join_asof, left, right, on="t", index=index, kind=ValueError, says=says)
    refused(lx.join_asof, left, right, on="t", index=[1, 2, 3], kind=TypeError, says=("got list",))
    index = lx.LearnedIndex(right["t"])
    mixed = right.iloc[::-1]
    refused(lx.join_asof, left, mixed, on="t", index=index, says=("sort that first",))


def test_columns_that_are_not_named_once() -> None:
    left, right = tables(pd.DataFrame, t=[1, 2, 3])
    join = lx.join_asof
    refused(join, left, right, says=("left_on: missing; pass on, left_on or left_index=True",))
    refused(join, left, right, left_on="t", says=("right_on: missing",))
    refused(join, left, right, on="t", left_on="t", says=("on: .*alone",))
    refused(join, left, right, left_on="t", left_index=True, right_on="t", says=("not both",))
    refused(join, left, right, on=["t", "u"], says=("has 2 columns; pass one",))
    refused(join, left, right, on="t", by="t", left_by="t", says=("by: .*keep one",))
    refused(join, left, right, on="t", left_by="t", says=("missing right_by",))
    refused(join, left, right, on="t", left_by="t", right_by=["t", "t"], says=("same length",))
    refused(join, left, right, on="t", left_index="t", kind=TypeError, says=("left_index",))
    refused(join, left, right, on="t", direction="before", says=("direction: must be one of",))
    refused(join, left, right, on="t", allow_exact_matches="no", kind=TypeError, says=("boolean",))
    refused(join, left, right, on="t", threads="two", kind=TypeError, says=("threads",))


def test_names_that_come_twice() -> None:
    twice = pd.DataFrame([[1, 2, 3]], columns=["t", "x", "x"])
    once = pd.DataFrame({"t": [1], "x": [4]})
    for left, right in ((twice, once), (once, twice)):
        assert list(lx.join_asof(left, right, on="t")) == list(pd.merge_asof(left, right, on="t"))
    pa = pytest.importorskip("pyarrow")
    twice = pa.Table.from_arrays([pa.array([i]) for i in (1, 2, 3)], names=["t", "x", "x"])
    once = pa.table({"t": [1], "y": [4]})
    assert lx.join_asof(once, twice, on="t").column_names == ["t", "y", "x", "x"]
    assert lx.join_asof(once, twice, on="t").column(3).to_pylist() == [3]
    says = (r"right\['x'\]: the column label 'x' is not unique; rename one of them",)
    refused(lx.join_asof, once, twice, left_on="t", right_on="x", says=says)
    refused(lx.join_asof, once, twice, on="t", left_by="y", right_by="x", says=says)


def test_what_is_no_table_or_one_of_another_library() -> None:
    left, right = tables(pd.DataFrame, t=[1, 2, 3])
    polars = pl.DataFrame({"t": [1, 2, 3]})
    refused(lx.join_asof, left, polars, on="t", kind=TypeError, says=("right: .*polars.*convert",))
    refused(
        lx.join_asof, {"t": [1]}, right, on="t", kind=TypeError, says=("left: dict is no table",)
    )
    lazy = polars.lazy()
    refused(lx.join_asof, polars, lazy, on="t", kind=TypeError, says=(r"pass right\.collect\(\)",))
    refused(lx.join_asof, pd.Series([1]), right, on="t", says=("left: a Series without a name",))
    refused(lx.join_asof, pa.array([1]), pa.array([1]), on="t", kind=TypeError, says=("no table",))
    for table in (polars, pa.table({"t": [1]})):
        refused(lx.join_asof, table, table, left_index=True, right_on="t", says=("no index",))
        refused(lx.join_asof, table, table, on=np.array([1, 2, 3]), kind=TypeError, says=("names",))


def test_tables_of_pandas_that_leave_a_question_open() -> None:
    left, right = tables(pd.DataFrame, t=[1, 2, 3])
    twice = pd.concat([right, right], axis=1)
    refused(lx.join_asof, left, twice, on="t", says=(r"right\['t'\]: .*not unique",))
    both = right.set_index(pd.Index([1, 2, 3], name="t"))
    refused(lx.join_asof, left, both, on="t", says=(r"right\['t'\]: is both",))
    levels = right.set_index(pd.MultiIndex.from_arrays([[1, 2, 3], [1, 2, 3]]))
    refused(
        lx.join_asof, left, levels, left_on="t", right_index=True, says=("only have one index",)
    )
    refused(
        lx.join_asof, left, right, left_on=np.array([1]), right_on="t", says=("1 items, left 3",)
    )


def test_times_that_the_other_unit_cannot_count() -> None:
    left = pd.DataFrame({"t": np.array(["3000-01-01"], "M8[s]")})
    right = pd.DataFrame({"t": np.array(["2000-01-01"], "M8[ns]")})
    says = (r"left\['t'\]: holds times that datetime64\[ns\].*cannot count; convert",)
    refused(lx.join_asof, left, right, on="t", kind=ValueError, says=says)
