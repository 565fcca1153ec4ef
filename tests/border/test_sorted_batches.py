"""Batch verbs of sorted containers: what single calls answer, exactly, for any numbers."""

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.sorted_common import KINDS, maker

EDGES = [0, 1, -1, 2**24 + 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, 2**63 - 513, -(2**63)]
REALS = [0.0, 0.5, -0.5, 2.0**53, 2.0**53 + 2, 2.0**63, -(2.0**63), 1e300, -1e300, 5e-324]
DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "?")


def held(kind: str) -> Any:
    """Return keys of one kind, edges among them, with duplicates."""
    rng = np.random.default_rng(5)
    if kind == "int":
        return [*EDGES, *EDGES, *rng.integers(-200, 200, 600).tolist()]
    return [
        *REALS,
        *REALS,
        float("inf"),
        -float("inf"),
        *(rng.integers(-200, 200, 600) / 2).tolist(),
    ]


def asked(dtype: str) -> Any:
    """Return queries of a dtype: its limits, edges as far as it goes, and numbers in the middle."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        rng = np.random.default_rng(6)
        reals = np.array([*REALS, np.inf, -np.inf, -0.0, 3.0, 2.0**64], np.float64)
        with np.errstate(over="ignore"):
            return np.concatenate([reals, rng.integers(-200, 200, 300) / 4]).astype(kind)
    if kind.kind == "b":
        return np.array([False, True])
    low, high = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    edges = [edge for edge in (*EDGES, low, high, *range(-90, 90)) if low <= edge <= high]
    return np.array(edges, kind)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["int", "float"])
def test_arrays_are_answered_as_python_compares(kind: str, dtype: str) -> None:
    keys = sorted(held(kind))
    numbers = lx.SortedList(keys)
    assert numbers.kind == kind
    queries = asked(dtype)
    plain = queries.tolist()
    assert numbers.bisect_left(queries).tolist() == [bisect_left(keys, q) for q in plain]
    assert numbers.bisect_right(queries).tolist() == [bisect_right(keys, q) for q in plain]
    assert numbers.contains(queries).tolist() == [q in keys for q in plain]
    for query, one in zip(queries, plain, strict=True):  # and scalars of the dtype
        assert numbers.bisect_left(query) == bisect_left(keys, one)
        assert numbers.bisect_right(one) == bisect_right(keys, one)
        assert (query in numbers) == (one in keys)
    names = lx.SortedDict((key, str(key)) for key in keys)
    known = {key: str(key) for key in keys}
    assert names.get(queries, "none") == [known.get(q, "none") for q in plain]
    assert numbers.kind == kind


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_are_inserted_as_their_items(dtype: str) -> None:
    values = asked(dtype)
    values = values[~(np.signbit(values) & (values == 0))] if values.dtype.kind == "f" else values
    odd = dtype == "?" or (dtype == "u8" and values.max() > 2**63)
    if odd:
        with pytest.warns(UserWarning, match="moves to sortedcontainers"):
            numbers: Any = lx.SortedList(values)
    else:
        numbers = lx.SortedList(values)
    assert list(map(repr, numbers)) == list(map(repr, sorted(values.tolist())))
    assert numbers.kind == ("object" if odd else {"i": "int", "u": "int", "f": "float"}[dtype[0]])


def test_shapes_are_kept_and_large_batches_agree() -> None:
    rng = np.random.default_rng(7)
    keys = rng.integers(-(10**6), 10**6, 20_000)
    numbers, ordered = lx.SortedList(keys), np.sort(keys)
    queries = rng.integers(-(10**6) - 9, 10**6 + 9, (97, 101))
    for strided in (queries, queries[:, ::3], queries.astype(">i8"), queries[:0]):
        got = numbers.bisect_left(strided)
        assert got.shape == strided.shape
        assert (got == np.searchsorted(ordered, strided)).all()
        assert (numbers.contains(strided) == np.isin(strided, keys)).all()
    assert (numbers.to_numpy() == ordered).all()
    assert (numbers.irange(-500, 500, as_array=True) == ordered[abs(ordered) <= 500]).all()
    backward = numbers.irange(-500, 500, reverse=True, as_array=True)
    assert (backward == ordered[abs(ordered) <= 500][::-1]).all()


@pytest.mark.parametrize("size", [1, 30, 5_000])
def test_batches_merge_with_what_is_there(size: int) -> None:
    rng = np.random.default_rng(8)
    expected: list[int] = []
    numbers, unique = lx.SortedList(expected), lx.SortedSet(expected)
    for _ in range(6):
        batch = rng.integers(0, 4 * size + 9, size)
        numbers.update(batch)
        unique.update(batch)
        expected += batch.tolist()
        for container in (numbers, unique):
            container._check()
    assert list(numbers) == sorted(expected)
    assert list(unique) == sorted(set(expected))


def test_the_array_of_the_caller_stays_as_it_is() -> None:
    for values in (np.array([3, 1, 2]), np.array([1, 2, 3]), np.array([1.5, -1.0])):
        before = values.copy()
        for kind in (lx.SortedList, lx.SortedSet):
            container = kind(values)
            container.add(values[0] + 4)
            assert (values == before).all()
            container.to_numpy()[:] = 0
            assert before[0] + 4 in container


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (np.array([[1, 2]]), ValueError, "shape"),
    (np.array([1 + 2j]), TypeError, "complex"),
    (np.array(["2020-01-01"], "M8[D]"), TypeError, "datetime64"),
    (np.array([1], "m8[s]"), TypeError, "timedelta64"),
    (np.array([1.0, np.nan]), ValueError, "NaN at position 1"),
    (np.ma.masked_array([1, 2], [False, True]), TypeError, "masked"),
    (np.zeros(2, [("a", "i4")]), TypeError, "an array of"),
    (np.zeros(2, np.longdouble), TypeError, "longdouble|float128"),
]


@pytest.mark.parametrize(("values", "error", "word"), REFUSED)
def test_arrays_that_are_refused_insert_nothing(values: Any, error: Any, word: str) -> None:
    for kind in (lx.SortedList, lx.SortedSet):
        for first in ([7], [7.5]):
            container: Any = kind(first)
            with pytest.raises(error, match=word):
                container.update(values)
            assert list(container) == first


def test_items_of_arrays_are_numbers_among_objects_too() -> None:
    for array in (np.array([3, -1]), np.array([0.5, -2.5])):
        numbers = lx.SortedKeyList(array, key=abs)
        numbers.update(array)
        assert set(map(type, numbers)) == {type(array.tolist()[0])}
        assert list(numbers) == sorted(2 * array.tolist(), key=abs)
    with pytest.raises(ValueError, match="1-D"):
        lx.SortedKeyList([1], key=abs).update(np.array([[1, 2]]))


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("kind", KINDS)
def test_batch_verbs_answer_over_objects_too(kind: Any) -> None:
    container = maker(kind)([1, 0.5, 3])
    assert container.kind == "object"
    assert container.bisect_left(np.array([[0, 1], [2, 9]])).tolist() == [[0, 1], [2, 3]]
    assert container.contains(np.array([1.0, 2.0])).tolist() == [True, False]
    assert container.irange(0.7, as_array=True).tolist() == [1, 3]
    assert container.to_numpy().tolist() == [0.5, 1, 3]
    with pytest.raises(TypeError, match="holds objects"):
        container.freeze() if hasattr(container, "freeze") else lx.SortedSet(container).freeze()


def test_queries_without_an_order_are_refused() -> None:
    numbers = lx.SortedList([1, 2])
    with pytest.raises(ValueError, match="NaN at position 0"):
        numbers.bisect_left(np.array([np.nan]))
    with pytest.raises(TypeError, match="numbers are needed"):
        numbers.bisect_left(np.array(["a"]))
    assert numbers.contains(np.array([np.nan, 1.0])).tolist() == [False, True]


def test_a_frozen_list_is_an_index_of_its_own() -> None:
    numbers = lx.SortedList(np.array([5, 1, 3]))
    index = numbers.freeze()
    numbers.add(2)
    assert index.searchsorted([1, 2, 5]).tolist() == [0, 1, 2]
    assert lx.SortedSet([1.5]).freeze().contains(1.5)
