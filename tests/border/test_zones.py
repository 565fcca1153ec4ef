"""Keys with a time zone are instants: queries of any zone compare, others are refused."""

import copy
import datetime
import pickle
import re
from collections.abc import Callable
from datetime import timezone
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
arrow = pytest.importorskip("pyarrow")
pytest.importorskip("pyarrow.compute")
HOUR = np.timedelta64(1, "h")
# The hours around the end of summer time, in which local times are not in order.
UTC = np.datetime64("2024-10-26T20:00", "us") + np.arange(12) * HOUR
BERLIN = pandas.DatetimeIndex(UTC).tz_localize("UTC").tz_convert("Europe/Berlin")


def of_arrow(times: Any, zone: str | None = "Europe/Berlin") -> Any:
    return arrow.array(np.asarray(times)).cast(arrow.timestamp("us", zone))


def of_polars(times: Any) -> Any:
    made = polars.Series(np.asarray(times)).dt.replace_time_zone("UTC")
    return made.dt.convert_time_zone("Asia/Tokyo")


def of_pandas(times: Any) -> Any:
    return pandas.DatetimeIndex(times).tz_localize("UTC").tz_convert("Asia/Kolkata")


AWARE: dict[str, Callable[[Any], Any]] = {
    "index": of_pandas,
    "series": lambda times: pandas.Series(of_pandas(times)),
    "shuffled labels": lambda times: pandas.Series(of_pandas(times), range(len(times))[::-1]),
    "array": lambda times: of_pandas(times).array,
    "nanoseconds": lambda times: of_pandas(times).as_unit("ns"),
    "arrow": of_arrow,
    "chunked": lambda times: arrow.chunked_array([of_arrow(times)]),
    "polars": of_polars,
    "pandas of arrow": lambda times: pandas.Series(
        of_arrow(times), dtype=pandas.ArrowDtype(of_arrow(times).type)
    ),
}
QUERIES: dict[str, Callable[[Any], Any]] = {
    **AWARE,
    "timestamps": lambda times: list(of_pandas(times)),
    "datetimes": lambda times: [time.to_pydatetime() for time in of_pandas(times)],
    "objects": lambda times: np.array(list(of_pandas(times)), object),
}
NAIVE: dict[str, Callable[[Any], Any]] = {
    "numpy": lambda times: times,
    "seconds": lambda times: times.astype("M8[s]"),
    "index": pandas.DatetimeIndex,
    "series": lambda times: pandas.Series(times),
    "arrow": lambda times: of_arrow(times, None),
    "polars": polars.Series,
    "datetimes": lambda times: times.tolist(),
}


@pytest.mark.parametrize("asked", QUERIES)
@pytest.mark.parametrize("keys", AWARE)
def test_instants_of_any_source_and_zone_compare(keys: str, asked: str) -> None:
    index, queries = lx.LearnedIndex(AWARE[keys](UTC[::2])), QUERIES[asked](UTC)
    right = np.searchsorted(UTC[::2], UTC)
    assert index.searchsorted(queries).tolist() == right.tolist()
    assert index.find(queries).tolist() == [i // 2 if i % 2 == 0 else -1 for i in range(12)]
    assert index.contains(queries).tolist() == [i % 2 == 0 for i in range(12)]
    assert index.find(queries, "pad", HOUR).tolist() == [i // 2 for i in range(12)]
    starts, stops = index.range(queries, None)
    assert starts.tolist() == right.tolist() and (stops == 6).all()
    assert index.bounds(queries)[0].shape == (12,)


@pytest.mark.parametrize("one", [BERLIN[5], BERLIN[5].to_pydatetime()])
def test_a_scalar_of_any_zone(one: Any) -> None:
    index = lx.LearnedIndex(BERLIN)
    for query in (one, one.astimezone(datetime.UTC), one.astimezone(timezone(HOUR.item()))):
        assert index.searchsorted(query) == index.find(query) == 5 and query in index
        assert index.rank(query) == 6 and index.count(query, None) == 7
        assert index.explain(query).answer == 5
    assert index.find(one.replace(microsecond=1), "nearest") == 5
    assert index.find(pandas.NaT) == index.find(np.datetime64("NaT", "us")) == -1
    assert index.searchsorted(BERLIN[5] + pandas.Timedelta(1, "ns")) == 6
    assert index.searchsorted(datetime.datetime.max.replace(tzinfo=datetime.UTC)) == 12
    west = timezone(-datetime.timedelta(hours=23))
    assert index.searchsorted(datetime.datetime.max.replace(tzinfo=west)) == 12


@pytest.mark.parametrize("keys", AWARE)
def test_keys_are_given_back_and_items_are_in_utc(keys: str) -> None:
    given = AWARE[keys](UTC)
    index = lx.LearnedIndex(given)
    assert index.keys is given
    assert index[3] == UTC[3] and list(index) == list(UTC) == list(index[:])
    np.testing.assert_array_equal(np.asarray(index), UTC)
    assert "UTC]>" in repr(index)


HEIRS: dict[str, Callable[[Any, Any], Any]] = {
    "copy": lambda index, keys: copy.copy(index),
    "deep copy": lambda index, keys: copy.deepcopy(index),
    "pickle": lambda index, keys: pickle.loads(pickle.dumps(index)),
    "file": lambda index, keys: lx.open(index.save(bytes), verify="full"),
    "file without keys": lambda index, keys: lx.open(index.save(bytes, keys=False), keys=keys),
    "pickle of a file": lambda index, keys: pickle.loads(pickle.dumps(lx.open(index.save(bytes)))),
    "extended": lambda index, keys: lx.LearnedIndex(keys[:7]).extended(keys),
    "extended file": lambda index, keys: lx.open(index.save(bytes)).extended(keys),
    "extended without keys": lambda index, keys: lx.open(index.save(bytes, keys=False)).extended(
        keys
    ),
}


@pytest.mark.parametrize("heir", HEIRS)
@pytest.mark.parametrize("keys", ["index", "arrow", "polars"])
def test_heirs_are_over_instants_too(keys: str, heir: str) -> None:
    given = AWARE[keys](UTC)
    made = HEIRS[heir](lx.LearnedIndex(given, "rmi"), given)
    assert made.find(BERLIN).tolist() == list(range(12)) and made[4] == UTC[4]
    refused(made.find, UTC, kind=TypeError, says=("no time zone",))
    refused(made.find, UTC[0], kind=TypeError, says=("no time zone",))
    same = made.keys is given
    assert same or np.array_equal(np.asarray(made.keys, "M8[us]"), UTC) or heir == "deep copy"
    made.verify()
    assert made.stats()["n"] == 12


@pytest.mark.parametrize("kind", NAIVE)
def test_queries_without_a_zone_are_refused_with_what_to_pass(kind: str) -> None:
    index: Any = lx.LearnedIndex(BERLIN)
    naive: Any = NAIVE[kind](UTC)
    for call in (index.find, index.searchsorted, index.contains, index.rank, index.bounds):
        message = refused(
            call, naive, kind=TypeError, says=("^v: .*no time zone.*if it is in UTC",)
        )
    refused(index.count, None, naive, kind=TypeError, says=("^hi: ",))
    refused(index.find, naive, "nearest", kind=TypeError, says=("^v: ",))
    refused(lx.advise, BERLIN, naive, kind=TypeError, says=("^queries: ",))
    if kind != "datetimes":
        assert index.find(run_hint(message, naive)).tolist() == list(range(12))
        longer = refused(index.extended, naive, kind=TypeError, says=("^longer_keys: .*no time",))
        assert kind == "seconds" or len(index.extended(run_hint(longer, naive))) == 12


@pytest.mark.parametrize(
    "one", [UTC[3], UTC[3].item(), pandas.Timestamp(UTC[3]), datetime.date(2024, 10, 27)]
)
def test_scalars_without_a_zone_are_refused_with_what_to_pass(one: Any) -> None:
    index = lx.LearnedIndex(BERLIN)
    for call in (index.find, index.searchsorted, index.__contains__, index.explain):
        message = refused(call, one, kind=TypeError, says=("^v: has no time zone",))
    pd_time = np.datetime64(one, "us")
    assert index.searchsorted(run_hint(message, one)) == np.searchsorted(UTC, pd_time)


@pytest.mark.parametrize("kind", [kind for kind in AWARE if kind not in ("array", "nanoseconds")])
def test_zones_are_refused_where_keys_have_none(kind: str) -> None:
    aware = AWARE[kind](UTC)
    zone = ("has the time zone (Europe/Berlin|Asia/Tokyo|Asia/Kolkata)",)
    message = refused(lx.RMI().fit, aware, kind=TypeError, says=("keys: ", *zone))
    found: Any = lx.LearnedIndex(run_hint(message, aware))
    np.testing.assert_array_equal(np.asarray(found.keys, "M8[us]"), UTC)
    refused(found.find, aware, kind=TypeError, says=("v: ", *zone))
    refused(found.count, None, aware, kind=TypeError, says=("hi: ", *zone))
    refused(lx.advise, found.keys, aware, kind=TypeError, says=("queries: ", *zone))
    refused(found.extended, aware, kind=TypeError, says=("longer_keys: ", *zone))
    refused(
        found.find, BERLIN[3], kind=TypeError, says=(r"v: has a time zone; pass v\.tz_convert",)
    )


def run_hint(message: str, value: Any) -> Any:
    """Run the code that a message tells to pass."""
    name, code = message.partition(":")[0], re.findall(r"pass (?!that)([^;]+)", message)[-1]
    known = {name: value, "pyarrow": arrow, "pandas": pandas, "timezone": timezone}
    return eval(code, known | {"datetime": datetime.datetime})


def test_other_queries_are_refused_as_those_of_times_are() -> None:
    index: Any = lx.LearnedIndex(BERLIN)
    for wrong in (5, "2024", None, np.timedelta64(1, "s"), [5], ["a"], np.arange(3.0), [None]):
        refused(index.find, wrong, kind=TypeError, says=("^v: cannot compare",))
    refused(index.find, [BERLIN[0], UTC[1].item()], kind=TypeError, says=("no time zone",))
    refused(index.find, BERLIN, "nearest", 5, kind=TypeError, says=("timedelta",))
    assert index.find([]).tolist() == [] and index.find([pandas.NaT]).tolist() == [-1]
    says = (r"not sorted: keys\[1\]", r"keys\.sort_values\(\)")
    refused(lx.LearnedIndex, BERLIN[::-1], kind=ValueError, says=says)
    assert len(lx.LearnedIndex(BERLIN[::-1].sort_values())) == 12


def test_far_queries_are_as_far_as_they_are() -> None:
    index = lx.LearnedIndex(BERLIN.as_unit("ns"))
    far = pandas.DatetimeIndex(np.array(["1500", "9999"], "M8[s]")).tz_localize("UTC")
    assert index.find(far, "nearest").tolist() == [0, 11]
    assert [index.find(one, "nearest") for one in far] == [0, 11]
    assert index.find(far, "nearest", np.timedelta64(9000, "D")).tolist() == [-1, -1]


def test_missing_instants_are_last_and_nulls_refused() -> None:
    keys = pandas.DatetimeIndex([*BERLIN[:3], pandas.NaT, pandas.NaT])
    index = lx.LearnedIndex(keys)
    assert (
        index.find(keys).tolist()
        == lx.LearnedIndex(keys.tz_convert(None)).find(keys.tz_convert(None)).tolist()
    )
    assert lx.open(index.save(bytes)).searchsorted(keys[2]) == 2
    refused(lx.LearnedIndex, arrow.array([UTC[0].item(), None], arrow.timestamp("s", "UTC")))
    assert len(lx.LearnedIndex(BERLIN[:0])) == 0
    assert (
        lx.LearnedIndex(polars.Series([], dtype=polars.Datetime("us", "UTC"))).find(BERLIN[0]) == -1
    )


def test_copies_are_made_and_refused_as_they_are_asked_for() -> None:
    for kind, make in AWARE.items():
        given = make(UTC)
        if kind == "pandas of arrow" and pandas.__version__ < "3":
            continue  # of which pandas 2 gives a copy as if it were none
        if kind == "pandas of arrow":  # of which pandas gives no array without a copy
            refused(lx.LearnedIndex, given, copy=False, says=("copy=None",))
            continue
        borrowed, own = lx.LearnedIndex(given, copy=False), lx.LearnedIndex(given, copy=True)
        assert not np.shares_memory(np.asarray(borrowed), np.asarray(own))
        assert borrowed.keys is given and own.find(BERLIN).tolist() == list(range(12))


def test_columns_of_instants() -> None:
    rows: Any = lx.Columns([1] * 6 + [2] * 6, BERLIN)
    index = lx.LearnedIndex(rows)
    for made in (
        index,
        lx.open(index.save(bytes), verify="full"),
        pickle.loads(pickle.dumps(index)),
    ):
        assert made.find(rows).tolist() == list(range(12)) and made[7] == (2, UTC[7])
        assert made.find((2, BERLIN[7].tz_convert("UTC"))) == 7
        assert made.count((1, BERLIN[2].to_pydatetime()), (1,), "both") == 4
        assert made.find([(1, BERLIN[2]), (2, BERLIN[2])]).tolist() == [2, -1]
        refused(made.find, (2, UTC[7]), kind=TypeError, says=(r"^v\[1\]: has no time zone",))
        refused(made.find, lx.Columns([2], UTC[7:8]), kind=TypeError, says=(r"^v.columns\[1\]: ",))
    naive: Any = lx.LearnedIndex(lx.Columns(rows.columns[0], UTC))
    refused(naive.find, rows, kind=TypeError, says=("has the time zone",))
    refused(naive.find, rows[3], kind=TypeError, says=("has a time zone",))
    refused(naive.extended, rows, kind=TypeError, says=(r"UTC\]\), but the index holds",))


def test_advice_takes_instants() -> None:
    keys = pandas.date_range("2024", periods=3000, freq="min", tz="Asia/Tokyo").as_unit("us")
    for asked in (None, keys[::7], list(keys[::7])):
        advice = lx.advise(keys, asked)
        assert advice.dtype == "datetime64[us, UTC]" and advice.n == 3000
        assert repr(lx.tune(keys, asked)) == repr(lx.tune(keys.tz_convert(None), _without(asked)))
    assert re.search("not sorted", str(lx.advise(keys[::-1])))


def _without(asked: Any) -> Any:
    return None if asked is None else pandas.DatetimeIndex(asked).tz_convert(None)
