"""The walk over rows that have groups, and values at rows: against NumPy, and with bad numbers."""

from __future__ import annotations

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx._formats.keys import read_only
from learnedidx.interop._groups import codes_of_integers


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_rows_of_groups(count: int, after: bool) -> None:
    rng = np.random.default_rng(count)
    for n in (0, 1, 300):
        right, left = rng.integers(-1, count, n), rng.integers(-1, count, 200)
        places = np.sort(rng.integers(0, n + 1, left.size))
        got = _core.rows_of_groups(right, left, places, count, after)
        for group, place, found in zip(left, places, got, strict=True):
            rows = np.flatnonzero(right == group) if group >= 0 else np.empty(0, np.intp)
            rows = rows[rows >= place] if after else rows[rows < place]
            assert found == (rows[0 if after else -1] if rows.size else -1)


def test_numbers_that_are_no_groups_or_places() -> None:
    right, left = np.array([7, -9, 2**62, 1]), np.array([2, 2**63 - 1, 1, -(2**63)])
    for places in ([4, 2**40, 2**62, 2**63 - 1], [-1, 3, 0, -(2**63)]):
        for after in (False, True):
            got = _core.rows_of_groups(right, left, np.array(places), 2, after)
            assert set(got.tolist()) <= {-1, 3}
    with pytest.raises(ValueError, match="places: another number of rows"):
        _core.rows_of_groups(right, left, np.empty(0, np.int64), 2, False)


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "f4", "i8", "f8", "M8[s]"])
def test_values_at_rows(dtype: str) -> None:
    rng = np.random.default_rng(1)
    for n, m in ((0, 3), (5, 0), (1, 200), (300, 70_000)):
        values = rng.integers(0, 100, n).astype(dtype)
        rows = rng.integers(-1, n + 1, m)
        rows[:2] = [2**62, -(2**63)][: rows.size]
        is_there = (rows >= 0) & (rows < n)
        wanted = np.zeros(m, dtype)
        wanted[is_there] = values[rows[is_there]]
        out = np.full(m, 1, np.int8).astype(dtype)
        lost = _core.take_rows(values, rows, out)
        np.testing.assert_array_equal(out, wanted)
        np.testing.assert_array_equal(lost, np.flatnonzero(~is_there))
        if out.itemsize == 8:
            again = _core.take_rows(values, rows, rows.view(dtype))
            np.testing.assert_array_equal(rows.view(dtype), wanted)
            np.testing.assert_array_equal(again, lost)


def test_values_and_rows_that_do_not_fit() -> None:
    rows = np.array([1, 0])
    for values, out, error in (
        (np.arange(4), np.empty(3, np.int64), ValueError),
        (np.arange(4), np.empty(2, np.int32), ValueError),
        (np.arange(8)[::2], np.empty(2, np.int64), ValueError),
        (np.arange(4), read_only(np.empty(2, np.int64)), ValueError),
        (np.zeros(4, "c16"), np.empty(2, "c16"), TypeError),
    ):
        with pytest.raises(error, match="values|out"):
            _core.take_rows(values, rows, out)
    with pytest.raises(TypeError):
        _core.take_rows(np.arange(4), rows.astype(np.int32), np.empty(2, np.int64))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i8", "u8", "M8[s]"])
def test_codes_of_integers(dtype: str) -> None:
    most = 2**63 if dtype == "u8" else 127
    whole = "u8" if dtype == "u8" else "i8"
    theirs = np.array([most - 5, most, most - 2], whole).astype(dtype)
    ours = np.array([most, 0, most - 5, most - 6], whole).astype(dtype)
    coded = codes_of_integers(ours, theirs)
    assert coded is not None
    left, right, count = coded
    assert right.tolist() == [0, 5, 3] and count == 6
    assert [code if 0 <= code < count else -1 for code in left] == [5, -1, 0, -1]
    lowest = np.array([-(2**63), -(2**63) + 3], "i8")
    found = codes_of_integers(lowest[1:], lowest)
    assert found is not None and [each.tolist() for each in found[:2]] == [[3], [0, 3]]


BIG = 2**63 + 5


@pytest.mark.parametrize("library", ["polars", "pyarrow", "pandas"])
def test_groups_of_integers_that_no_signed_type_holds(library: str) -> None:
    lib = pytest.importorskip(library)
    make = lib.table if library == "pyarrow" else lib.DataFrame
    ours, theirs = np.array([BIG, 3], "u8"), np.array([3, -1], "i8")
    for mine, other, wanted in ((ours, theirs, [-1, 7]), (theirs, ours, [8, -1])):
        left = make({"t": np.array([5, 5]), "by": mine})
        right = make({"t": np.array([1, 1]), "by": other, "v": np.array([7.0, 8.0])})
        found = lx.join_asof(left, right, on="t", by="by")["v"]
        values = found.to_pylist() if library == "pyarrow" else found.to_list()
        assert [-1 if v is None or v != v else v for v in values] == wanted


def test_groups_of_128_bits() -> None:
    pl = pytest.importorskip("polars")
    by = pl.Series("by", [2**70, 3, 4], dtype=pl.Int128)
    left = pl.DataFrame({"t": [5, 5, 5], "by": by})
    right = pl.DataFrame({"t": [1, 1, 1], "by": by.reverse(), "v": [7, 8, 9]})
    assert lx.join_asof(left, right, on="t", by="by")["v"].to_list() == [9, 8, 7]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_zeros_and_nans_of_arrow_are_one_group_each(dtype: str) -> None:
    pa = pytest.importorskip("pyarrow")
    other_nan = np.array([-np.nan], dtype)
    ours = pa.array(np.concatenate([np.array([0.0, -0.0, np.nan, 1.5], dtype), other_nan]))
    theirs = pa.array([-0.0, np.nan, None], ours.type)
    left = pa.table({"t": [5] * 5, "by": ours})
    right = pa.table({"t": [1] * 3, "by": theirs, "v": [7, 8, 9]})
    assert lx.join_asof(left, right, on="t", by="by")["v"].to_pylist() == [7, 7, 8, None, 8]


@pytest.mark.parametrize("kind", ["M8", "m8"])
def test_times_of_pandas_beyond_the_unit_of_the_other_side(kind: str) -> None:
    pd = pytest.importorskip("pandas")
    far = np.array([253_370_764_800, 1_577_836_800]).view(f"{kind}[s]")
    left = pd.DataFrame({"t": [5, 5], "by": far})
    right = pd.DataFrame({"t": [1], "by": far[1:].astype(f"{kind}[ns]"), "v": [7.0]})
    assert lx.join_asof(left, right, on="t", by="by")["v"].fillna(-1).tolist() == [-1, 7]


@pytest.mark.parametrize("library", ["polars", "pyarrow", "pandas"])
def test_what_makes_no_groups_is_named(library: str) -> None:
    lib = pytest.importorskip(library)
    make = lib.table if library == "pyarrow" else lib.DataFrame
    tables = [make({"t": [1], "by": [[1]]}), make({"t": [1], "by": [[1]], "v": [2]})]
    with pytest.raises(TypeError, match=r"left\['by'\]: .* makes no groups of equal rows; pass"):
        lx.join_asof(tables[0], tables[1], on="t", by="by")
