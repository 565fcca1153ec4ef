"""The walk over rows that have groups, and values at rows: against NumPy, and with bad numbers."""

from __future__ import annotations

import numpy as np
import pytest

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
