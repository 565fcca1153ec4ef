"""Small arrays are answered without a Python frame, and as large ones: answers, types, errors."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx

KEYS = np.arange(0, 3000, 3, dtype=np.int32)
SIZES = [0, 1, 7, 4096, 4097]  # the last goes the way of large batches


@pytest.fixture(params=["rmi", "btree", "none"])
def index(request: pytest.FixtureRequest) -> lx.LearnedIndex:
    return lx.LearnedIndex(KEYS, request.param)


def numbers(size: int, dtype: Any) -> np.ndarray:
    drawn = np.random.default_rng(size).integers(0, 120, size)
    return drawn.astype(dtype)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["?", *"bBhHiIlLqQfd", "e", ">i4"])
def test_every_type_of_query(index: lx.LearnedIndex, size: int, dtype: str) -> None:
    queries = numbers(size, dtype)
    for side in ("left", "right"):
        found = index.searchsorted(queries, side)
        expected = np.searchsorted(KEYS, queries.astype(np.float64), side)
        assert type(found) is np.ndarray and found.dtype == np.intp
        np.testing.assert_array_equal(found, expected)
    inside = index.contains(queries)
    assert inside.dtype == np.bool_
    np.testing.assert_array_equal(inside, np.isin(queries.astype(np.float64), KEYS))
    np.testing.assert_array_equal(index.rank(queries), index.searchsorted(queries, side="right"))
    np.testing.assert_array_equal(
        index.find(queries), np.where(inside, index.searchsorted(queries), -1)
    )


@pytest.mark.parametrize(
    "queries",
    [
        numbers(24, "i8").reshape(2, 3, 4),
        numbers(24, "i8")[::2],
        np.asfortranarray(numbers(12, "i8").reshape(3, 4)),
        np.empty((0, 3), np.float32),
    ],
    ids=["3-D", "strided", "Fortran", "empty"],
)
def test_shapes_and_layouts(index: lx.LearnedIndex, queries: np.ndarray) -> None:
    found = index.searchsorted(queries)
    assert found.shape == queries.shape
    np.testing.assert_array_equal(found, np.searchsorted(KEYS, queries))


def test_nan_is_after_all_numbers(index: lx.LearnedIndex) -> None:
    queries = np.array([np.nan, np.inf, -np.inf, 4.5])
    np.testing.assert_array_equal(index.searchsorted(queries), [1000, 1000, 0, 2])
    assert not index.contains(queries).any()


def test_times_of_the_same_unit_and_of_another() -> None:
    days = np.arange("2020-01-01", "2021-01-01", dtype="M8[D]")
    index = lx.LearnedIndex(days, "rmi")
    nat = np.datetime64("NaT", "D")
    np.testing.assert_array_equal(index.find(np.array([days[5], nat, days[0]])), [5, -1, 0])
    hours = np.array(["2020-01-02T01"], dtype="M8[h]")
    np.testing.assert_array_equal(index.searchsorted(hours), [2])
    with pytest.raises(TypeError, match=r"v: cannot compare"):
        index.searchsorted(np.array([1, 2]))
    with pytest.raises(TypeError, match=r"v: cannot compare"):
        index.searchsorted(np.array([1, 2], "m8[D]"))


def test_what_large_batches_refuse_is_refused(index: lx.LearnedIndex) -> None:
    for bad in (np.array([1j]), np.array(["a"]), np.ma.masked_array([1], [True])):
        with pytest.raises(TypeError, match=r"^v: "):
            index.contains(bad)


def test_0_d_arrays_are_scalars(index: lx.LearnedIndex) -> None:
    assert index.searchsorted(np.array(7)) == 3
    assert isinstance(index.searchsorted(np.array(7)), int)
