"""The walk over rows that have groups: against a search in each group, and with bad numbers."""

from __future__ import annotations

import numpy as np
import pytest

from learnedidx import _core
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
