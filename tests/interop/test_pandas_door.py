"""``.lidx`` of pandas: each verb gives what pandas' verb of that name gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import learnedidx as lx

pd = pytest.importorskip("pandas")
pytest.importorskip("learnedidx.interop.pandas")

TIMES = pd.DatetimeIndex(["2026-01-01", "2026-01-04", "2026-01-05 12:00", "2026-03-01"])
BERLIN = TIMES.tz_localize("Europe/Berlin")
NUMBERS = [-7, 0, 3, 4, 900]
KEYS: dict[str, Any] = {
    "int64": pd.Index(NUMBERS),
    "uint8": pd.Index([0, 3, 200], dtype="uint8"),
    "float64": pd.Index([-np.inf, 0.5, 3, 8]),
    "Int64": pd.Index(NUMBERS, dtype="Int64"),
    "Float64": pd.Index([0.5, 3, 8], dtype="Float64"),
    "range": pd.RangeIndex(0, 50, 5),
    "bool": pd.Index([False, True]),
    "times": TIMES,
    "seconds": TIMES.as_unit("s"),
    "zone": BERLIN,
    "lengths": pd.TimedeltaIndex(["1h", "3h", "2 days"]),
    "str": pd.Index(["", "b", "bb", "Ω"]),
    "string": pd.Index(["", "b", "bb", "Ω"], dtype="string"),
    "empty": pd.Index([], dtype="float64"),
}
OF_PANDAS_2 = pd.__version__ < "3"
ORDERED = [name for name in KEYS if name != "bool"]  # pandas has no order of bool
TEXTS = ("str", "string")


def asked_of(name: str, missing: bool = False) -> Any:
    """Return values to ask for: keys, values between them and beyond, and missing ones."""
    keys = KEYS[name]
    kind = keys.dtype.kind if name not in TEXTS else "T"
    if kind in "mM":
        step = pd.Timedelta("7h")
        asked = (keys + step).append(keys[::-1]).append(keys - step)
        return asked.insert(2, pd.NaT) if missing else asked
    if kind == "T":
        return pd.Index(["b", "a", "zz", "", *([None] if missing else [])], dtype=keys.dtype)
    if kind == "b":
        return pd.Index([True, False, True])
    asked = pd.Index([3, -1, 0, 5, 8, 901, *([None] if missing else [])], dtype=None)
    return asked.astype(keys.dtype if kind in "f" or str(keys.dtype) == "Int64" else asked.dtype)


def oracle(keys: Any, asked: Any) -> tuple[Any, Any]:
    """Return keys and values in dtypes of NumPy, in which pandas implements all verbs."""
    if isinstance(keys.dtype, np.dtype) or str(keys.dtype) not in ("Int64", "Float64"):
        return keys, asked
    return keys.astype(keys.dtype.numpy_dtype), pd.Index(asked.to_numpy("float64", na_value=np.nan))


def same(got: Any, wanted: Any) -> None:
    """Require the same values and dtype."""
    if isinstance(wanted, pd.Series):
        pd.testing.assert_series_equal(got, wanted)
    elif isinstance(wanted, np.ndarray):
        assert type(got) is np.ndarray
        assert got.dtype == wanted.dtype
        np.testing.assert_array_equal(got, wanted)
    elif hasattr(wanted, "dtype") and np.ndim(wanted):
        pd.testing.assert_extension_array_equal(got, wanted)
    else:
        assert (pd.isna(got) and pd.isna(wanted)) or got == wanted, (got, wanted)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("name", KEYS)
def test_get_indexer(name: str, missing: bool) -> None:
    keys, asked = KEYS[name], asked_of(name, missing)
    same(keys.lidx.get_indexer(asked), keys.get_indexer(asked))
    same(pd.Series(keys).lidx.get_indexer(list(asked)), keys.get_indexer(list(asked)))


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("method", ["pad", "backfill", "nearest"])
@pytest.mark.parametrize("name", ORDERED)
def test_get_indexer_with_a_method(name: str, method: str, missing: bool) -> None:
    if name in TEXTS and (missing or method == "nearest"):
        return  # errors in pandas
    if name == "empty" and method == "nearest":
        return  # an error in pandas
    if missing and OF_PANDAS_2:
        return  # there, what is missing finds the last key
    keys, asked = KEYS[name], asked_of(name, missing)
    plain, values = oracle(keys, asked)
    same(keys.lidx.get_indexer(asked, method), plain.get_indexer(values, method))
    if name in TEXTS or name == "empty":
        return
    within = {"M": "8h", "m": pd.Timedelta("2h")}.get(keys.dtype.kind, 2)
    found = plain.get_indexer(values, method, tolerance=within)
    same(keys.lidx.get_indexer(asked, method, within), found)


def test_methods_have_two_names() -> None:
    keys = KEYS["int64"]
    for name in ("ffill", "bfill"):
        same(keys.lidx.get_indexer([2, 5], name), keys.get_indexer([2, 5], name))


@pytest.mark.parametrize("name", ORDERED)
def test_searchsorted(name: str) -> None:
    keys, asked = KEYS[name], asked_of(name)
    for side in ("left", "right"):
        same(keys.lidx.searchsorted(asked, side), keys.searchsorted(asked, side))
        for value in asked:
            one = keys.lidx.searchsorted(value, side=side)
            assert type(one) is int
            assert one == keys.searchsorted(value, side)


@pytest.mark.parametrize("name", ORDERED)
def test_asof_of_an_index(name: str) -> None:
    keys = KEYS[name]
    for value in asked_of(name):
        if name == "uint8" and value > 255:
            continue  # pandas says 3 of 901
        wanted = oracle(keys, pd.Index([value]))[0].asof(value) if len(keys) else np.nan
        same(keys.lidx.asof(value), wanted)
    assert KEYS["Int64"].lidx.asof(-99) is pd.NA


@pytest.mark.parametrize("inclusive", ["both", "left", "right", "neither"])
@pytest.mark.parametrize("name", ORDERED)
def test_between(name: str, inclusive: str) -> None:
    series, asked = pd.Series(KEYS[name], name="k"), asked_of(name)
    series.index = series.index + 5
    for lo, hi in zip(asked, asked[::-1], strict=True):
        found = series.between(lo, hi, inclusive)
        same(series.lidx.between(lo, hi, inclusive), found)
        of_index = KEYS[name].lidx.between(lo, hi, inclusive)
        assert np.asarray(of_index, dtype=bool).tolist() == found.tolist()


@pytest.mark.parametrize("name", KEYS)
def test_isin(name: str) -> None:
    keys, asked = KEYS[name], asked_of(name)
    for values in (asked, list(asked), asked[:0], set(asked)):
        same(keys.lidx.isin(values), keys.isin(values))
        series = pd.Series(keys.append(keys).sort_values(), name="k")
        same(series.lidx.isin(values), series.isin(values))


@pytest.mark.parametrize(
    "keys", [pd.Index([1.0, 2, np.nan]), pd.DatetimeIndex([*TIMES, pd.NaT])], ids=str
)
def test_what_is_missing_is_found_among_keys_that_are(keys: Any) -> None:
    asked = keys[[2, 0, -1, 1]]
    same(keys.lidx.get_indexer(asked), keys.get_indexer(asked))
    same(keys.lidx.isin(asked[[0, 2]]), keys.isin(asked[[0, 2]]))
    same(keys.lidx.searchsorted(asked), keys.searchsorted(asked))
    series = pd.Series(keys)
    same(series.lidx.between(keys[0], keys[1]), series.between(keys[0], keys[1]))


@pytest.mark.parametrize("missing", [pd.NaT, None, np.nan])
def test_what_is_missing_alone_is_of_no_dtype(missing: Any) -> None:
    times = pd.date_range("2026", periods=3, freq="h")
    for keys in (times - times[0], times.tz_localize("UTC"), pd.Index(["a", "b"]), pd.Index([1])):
        assert keys.lidx.get_indexer([missing]).tolist() == [-1]
        assert pd.isna(keys.lidx.asof(missing))
        assert not keys.lidx.isin([missing, missing]).any()
        assert pd.isna(pd.Series(range(len(keys)), keys).lidx.asof(missing))


def test_a_missing_end_is_left_to_pandas() -> None:
    for name in ("float64", "Int64", "string"):
        series = pd.Series(KEYS[name])
        same(series.lidx.between(series[0], np.nan), series.between(series[0], np.nan))
    series = pd.Series(NUMBERS)
    same(series.lidx.between([0] * 5, 900), series.between([0] * 5, 900))


def test_text_is_read_as_times() -> None:
    for keys in (TIMES, BERLIN):
        text = ["2026-01-04", "2026-01-05 12:00"]
        same(keys.lidx.get_indexer(text), keys.get_indexer(text))
        assert keys.lidx.searchsorted(text[0], "right") == keys.searchsorted(text[0], "right") == 2
        same(pd.Series(keys).lidx.between(*text), pd.Series(keys).between(*text))
    lengths = KEYS["lengths"]
    assert lengths.lidx.get_indexer(["3h", "4h"], "pad").tolist() == [1, 1]
    assert lengths.lidx.searchsorted("3h") == 1


def test_instants_of_other_zones_and_units_are_the_same() -> None:
    tokyo = BERLIN.tz_convert("Asia/Tokyo").as_unit("ns")
    assert BERLIN.lidx.get_indexer(tokyo).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1.0, np.nan, 3, np.nan], TIMES),
        pd.Series([1, 2, 3, 4], BERLIN),
        pd.Series([np.nan, np.nan, 3, 4], [1, 2, 2, 3]),
        pd.Series(["a", "b"], [0, 4]),
        pd.Series([1, None], [0, 4], dtype="Int64"),
    ],
    ids=["times", "zone", "duplicates", "text", "Int64"],
)
def test_asof_of_a_series(series: Any) -> None:
    labels = series.index
    step = pd.Timedelta("7h") if labels.dtype.kind == "M" else 1
    for where in (labels, labels[::-1] + step, labels - step, list(labels[:1]), labels[-1] + step):
        same(series.lidx.asof(where), series.asof(where))


def test_random_keys_and_values() -> None:
    rng = np.random.default_rng(5)
    for n in (1, 70, 3000):
        keys = pd.Index(np.unique(rng.integers(-n, 4 * n, n)))
        asked = rng.integers(-2 * n, 5 * n, 2 * n)
        for method in (None, "pad", "backfill", "nearest"):
            same(keys.lidx.get_indexer(asked, method), keys.get_indexer(asked, method))
        series = pd.Series(np.sort(rng.integers(0, n, 2 * n)))
        same(series.lidx.isin(asked), series.isin(asked))


def test_the_index_is_built_once_and_anew_after_a_write() -> None:
    keys = pd.Index(NUMBERS)
    assert keys.lidx.index is keys.lidx.index
    for name in ("int64", "Int64", "times", "zone", "str"):
        series = pd.Series(KEYS[name])
        index = series.lidx.index
        if not OF_PANDAS_2:
            assert series.lidx.index is index
        series.iloc[0], before = series.iloc[1], series.iloc[0]
        assert series.lidx.isin([before]).sum() == 0, name
        assert series.lidx.isin([series.iloc[1]]).sum() == 2, name
        del series[0]
        assert len(series.lidx.index) == len(series)


@pytest.mark.parametrize(
    ("ask", "kind", "says"),
    [
        (
            lambda: pd.Index([1, 1, 2]).lidx.get_indexer([1]),
            pd.errors.InvalidIndexError,
            "uniquely",
        ),
        (lambda: pd.Index([3, 1]).lidx.get_indexer([1]), ValueError, r"keys\[1\] = 1 .*sort"),
        (lambda: pd.Series([1, None], dtype="Int64").lidx.isin([1]), TypeError, "1 missing"),
        (lambda: BERLIN.lidx.get_indexer(TIMES), TypeError, "v: .* has no time zone"),
        (lambda: TIMES.lidx.get_indexer(BERLIN), TypeError, "v: has the time zone"),
        (lambda: pd.Index([1]).lidx.isin(["a"]), TypeError, "cannot compare"),
        (lambda: pd.Index([1]).lidx.isin(1), TypeError, "list-like.*pass a list"),
        (lambda: pd.Index([1]).lidx.searchsorted(pd.NA), TypeError, "v: "),
        (lambda: pd.Index([1]).lidx.asof([1]), TypeError, "label: must be one, got list"),
        (lambda: pd.Index([1]).lidx.get_indexer([1], "up"), ValueError, "method: .*'up'"),
        (lambda: pd.Series([1], [2]).lidx.between(1, "a"), TypeError, "hi: cannot compare"),
        (lambda: pd.Series([1, 2], [2, 1]).lidx.asof(1), ValueError, "not sorted"),
    ],
)
def test_what_is_refused(ask: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        ask()


def test_rows_have_no_door() -> None:
    rows = pd.MultiIndex.from_tuples([(1, 2)])
    with pytest.raises(AttributeError, match="MultiIndex to LearnedIndex"):
        rows.lidx  # noqa: B018
    assert lx.LearnedIndex(rows).find((1, 2)) == 0
