"""Columns of every source, and what is said of those that are none."""

from __future__ import annotations

import copy
import ipaddress
import pickle
import re
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border import helpful

CITIES = [("DE", "Berlin", 1), ("DE", "Köln", 2), ("DE", "Köln", 3), ("FR", "Paris", 1)]
PAIRS = np.array([(1, -2), (1, 3), (2, 0)], [("hi", "u8"), ("lo", "i2")])


def refused(kind: type[Exception], call: Callable[[], Any], words: str) -> None:
    """Assert that a call is refused with words that help, these among them."""
    helpful.refused(call, kind=kind, says=(re.escape(words),))


def columns_of_cities() -> Any:
    return lx.Columns(*map(list, zip(*CITIES, strict=True)))


def in_pandas() -> Any:
    return pytest.importorskip("pandas").MultiIndex.from_tuples(CITIES)


def in_arrow() -> Any:
    arrow = pytest.importorskip("pyarrow")
    return arrow.StructArray.from_arrays(
        [arrow.array(column) for column in columns_of_cities().columns], ["country", "city", "id"]
    )


def in_chunks() -> Any:
    return pytest.importorskip("pyarrow").chunked_array([in_arrow()[:1], in_arrow()[1:]])


def strided() -> Any:
    wide = np.array([("DE", "x", i) for i in range(6)], [("a", "U2"), ("b", "S3"), ("c", ">i4")])
    return wide[::2]


@pytest.mark.parametrize("make", [columns_of_cities, in_pandas, in_arrow, in_chunks])
def test_rows_of_every_source(make: Callable[[], Any]) -> None:
    keys = make()
    index = lx.LearnedIndex(keys)
    assert index.keys is keys
    assert list(index) == CITIES
    assert index[1] == CITIES[1]
    assert list(index[1:3]) == CITIES[1:3]
    assert index.find(make()).tolist() == [0, 1, 2, 3]
    assert index.find(CITIES).tolist() == [0, 1, 2, 3]
    assert index.prefix(("DE", "Köln")) == slice(1, 3)
    assert [part.tolist() for part in index.prefix(lx.Columns(["FR", "DE", "A"]))] == [
        [3, 0, 0],
        [4, 3, 0],
    ]
    assert ("DE", "Köln", 2) in index
    assert ("DE", "Köln", 2.5) not in index


def test_structured_arrays_and_their_items() -> None:
    index = lx.LearnedIndex(PAIRS)
    assert index.find(PAIRS).tolist() == [0, 1, 2]
    assert [index.find(pair) for pair in PAIRS] == [0, 1, 2]
    assert index.find(PAIRS[1:2][0]) == 1
    assert (np.asarray(lx.Columns(PAIRS["hi"], PAIRS["lo"])) == PAIRS.astype("u8,i2")).all()
    odd = lx.LearnedIndex(strided())
    assert odd[1] == ("DE", b"x", 2)
    assert odd.find(strided()).tolist() == [0, 1, 2]


def test_one_row_of_packed_fields() -> None:
    """NumPy calls one item contiguous, also where it is not aligned."""
    rows = np.array([(1, 2), (1, 3)], [("a", "i1"), ("b", "f8")])
    index = lx.LearnedIndex(rows)
    assert not rows[1:]["b"].flags.aligned
    assert index.find(rows[1:]).tolist() == index.rank(rows[:1]).tolist() == [1]
    assert lx.LearnedIndex(rows[1:]).find(rows).tolist() == [-1, 0]


def test_items_that_are_made_of_bytes() -> None:
    ids = [uuid.UUID(int=i << 90) for i in range(4)]
    nets = [ipaddress.IPv4Address(f"10.0.{i}.255") for i in range(4)]
    index = lx.LearnedIndex(lx.Columns(ids, nets))
    rows = list(zip(ids, nets, strict=True))
    assert list(index) == rows
    assert index.find(rows).tolist() == [index.find(row) for row in rows] == [0, 1, 2, 3]
    assert index.prefix((ids[2],)) == slice(2, 3)


def test_columns_are_a_sequence_of_tuples() -> None:
    columns = lx.Columns([1, 2, 3], np.array(["a", "b", "c"]))
    assert len(columns) == 3
    assert columns[1] == (2, "b")
    assert list(columns[1:]) == [(2, "b"), (3, "c")]
    assert list(columns[[2, 0]]) == [(3, "c"), (1, "a")]
    assert (3, "c") in columns
    assert repr(columns) == "Columns(<3 rows of 2 columns>)"


def test_a_copy_is_its_own() -> None:
    hi, lo = np.arange(3), np.arange(3)
    borrowed = lx.LearnedIndex(lx.Columns(hi, lo))
    own = lx.LearnedIndex(lx.Columns(hi, lo), copy=True)
    hi[:] = 9
    assert borrowed.keys[0] == (9, 0)
    assert own.keys[0] == (0, 0)
    assert list(borrowed) == list(own) == [(0, 0), (1, 1), (2, 2)]
    assert list(copy.copy(own)) == list(own)
    refused(ValueError, lambda: lx.LearnedIndex(lx.Columns(hi), copy=False), "copy=None")


def test_a_deep_copy_keeps_its_columns() -> None:
    hi = np.arange(3)
    index = copy.deepcopy(lx.LearnedIndex(lx.Columns(hi, hi.copy())))
    hi[:] = 9
    assert index.keys[1] == (1, 1)
    assert index.find((2, 2)) == 2


def test_rows_are_extended_and_explained() -> None:
    keys = lx.Columns(np.arange(99), np.arange(99) / 2)
    index: Any = lx.LearnedIndex(keys[:50]).extended(keys)
    assert index.keys is keys
    assert index.find((98, 49.0)) == 98
    assert index.explain((98, 48.5)).answer == index.explain((97.5, 0)).answer == 98
    index.verify()
    assert index.stats()["n"] == 99
    refused(ValueError, lambda: index.extended(keys[1:]), "fewer")
    refused(TypeError, lambda: index.extended(lx.Columns(*keys.columns[:1])), "int64, float64")
    refused(TypeError, lambda: index.extended(keys.columns[0]), "int64, float64")


def test_what_rows_cost_is_counted() -> None:
    assert lx.LearnedIndex(lx.Columns(np.arange(999), np.arange(999))).nbytes >= 999 * 16


def test_empty_rows() -> None:
    index = lx.LearnedIndex(lx.Columns(np.empty(0, "i8"), np.empty(0, "f4")))
    assert index.find((1, 2)) == -1
    assert index.prefix((1,)) == slice(0, 0)
    assert index.find([]).tolist() == []
    assert lx.LearnedIndex(PAIRS).find(lx.Columns([], [])).tolist() == []


@pytest.mark.parametrize("make", [columns_of_cities, in_pandas, in_arrow, strided])
def test_rows_are_saved_pickled_and_copied(make: Callable[[], Any], tmp_path: Path) -> None:
    index = lx.LearnedIndex(make())
    index.save(tmp_path / "rows.lidx", values=np.arange(len(index)))
    opened = lx.open(tmp_path / "rows.lidx", verify="full")
    twins = [opened, pickle.loads(pickle.dumps(index)), copy.deepcopy(index), copy.copy(opened)]
    twins += [pickle.loads(pickle.dumps(opened)), copy.deepcopy(opened)]
    for twin in twins:
        assert list(twin) == list(index)
        assert twin is twins[2] or list(twin.keys) == list(index)
        assert twin.find(make()).tolist() == list(range(len(index)))
        assert twin.prefix(index[1][:2]) == index.prefix(index[1][:2])
        assert twin.save(bytes, values=np.arange(len(index))) == opened.save(bytes)
        twin.verify()
    assert opened.keys is opened.keys
    assert twins[1].extended(make())[1] == index[1]


def test_a_file_without_its_rows_is_opened_with_them() -> None:
    keys = columns_of_cities()
    blob = lx.LearnedIndex(keys).save(bytes, keys=False)
    index: Any = lx.open(blob, keys=keys, verify="full")
    assert index.keys is keys
    assert index.find(CITIES[2]) == 2
    assert list(copy.deepcopy(index).keys) == list(pickle.loads(pickle.dumps(index)).keys) == CITIES
    refused(lx.FormatError, lambda: lx.open(blob), "does not hold its rows")
    refused(lx.FormatError, lambda: lx.open(blob, keys=keys[1:]), "3 keys, the file says 4")
    refused(lx.FormatError, lambda: lx.open(blob, keys=PAIRS), "(uint64, int16)")
    refused(lx.FormatError, lambda: lx.open(blob, keys=keys.columns[0]), "keys has dtype str")


def test_a_search_does_not_read_all_rows_of_a_file() -> None:
    index = lx.open(lx.LearnedIndex(PAIRS).save(bytes))
    index.find(PAIRS), index.prefix((1,)), index.count((1,), None), index.find(PAIRS, "pad")
    assert index._state.source is None


BAD_KEYS: list[tuple[type[Exception], Callable[[], Any], str]] = [
    (ValueError, lambda: lx.Columns(), "no column"),
    (ValueError, lambda: np.zeros(2, []), "no column"),
    (ValueError, lambda: lx.Columns([1, 2], [1]), "column 1 has 1 rows, column 0 has 2"),
    (TypeError, lambda: lx.Columns("ab", [1, 2]), "column 0 is str"),
    (TypeError, lambda: lx.Columns([1, 2], 5), "column 1 is int"),
    (TypeError, lambda: lx.Columns([1, 2], ["a", None]), "keys.columns[1][1] is None"),
    (TypeError, lambda: lx.Columns([1], np.array([1 + 1j])), "keys.columns[1]: dtype complex128"),
    (ValueError, lambda: lx.Columns([[1, 2]], [1]), "keys.columns[0]: must be a 1-D array"),
    (ValueError, lambda: lx.Columns([2, 1], ["a", "b"]), "keys[1] = (1, 'b') comes after keys[0]"),
    (ValueError, lambda: PAIRS[::-1], "np.lexsort"),
    (ValueError, lambda: PAIRS.reshape(3, 1), "keys.ravel()"),
    (TypeError, lambda: np.ma.masked_array(PAIRS), "masked"),
]


@pytest.mark.parametrize(("error", "make", "words"), BAD_KEYS)
def test_wrong_keys(error: type[Exception], make: Callable[[], Any], words: str) -> None:
    refused(error, lambda: lx.LearnedIndex(make()), words)


def test_missing_values_of_libraries_are_named() -> None:
    pandas, arrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    whole = pandas.Series([1, None], dtype="Int64")
    for column in (whole, arrow.array([1, None]), pytest.importorskip("polars").Series([1, None])):
        made = lx.Columns([1, 2], column)
        refused(TypeError, partial(lx.LearnedIndex, made), "keys.columns[1][1] is missing")
    rows = pandas.MultiIndex.from_arrays([[1, None], [1, 2]])
    refused(TypeError, lambda: lx.LearnedIndex(rows), "keys[1]")
    rows = arrow.array([{"a": 1, "b": 2}, None])
    refused(TypeError, lambda: lx.LearnedIndex(rows), "keys[1] is missing")


BAD_QUERIES: list[tuple[type[Exception], Any, str]] = [
    (TypeError, "DE", "pass a tuple"),
    (TypeError, 5, "pass a tuple"),
    (ValueError, ("DE", "a", 1, 2), "4 columns, the keys have 3"),
    (ValueError, ("DE",), "rank and prefix take the first ones"),
    (ValueError, (), "0 columns"),
    (TypeError, ("DE", 1, 1), "v[1]: cannot compare int"),
    (TypeError, ("DE", "a", "b"), "v[2]: cannot compare str"),
    (TypeError, ("DE", "a", None), "v[2]: cannot compare NoneType"),
    (ValueError, [("DE", "a", 1), ("DE",)], "v[1] has 1 items, v[0] has 3"),
    (TypeError, ["DE", "FR"], "lx.Columns"),
    (TypeError, np.arange(3), "lx.Columns"),
    (TypeError, lx.Columns(["DE"], ["a"], ["b"]), "v.columns[2]: cannot compare"),
    (TypeError, lx.Columns(["DE"], [b"a"], [1]), "v.columns[1]: cannot compare bytes"),
    (ValueError, lx.Columns(["DE"], ["a"]), "2 columns, the keys have 3"),
]


@pytest.mark.parametrize(("error", "query", "words"), BAD_QUERIES)
def test_wrong_queries(error: type[Exception], query: Any, words: str) -> None:
    index = lx.LearnedIndex(columns_of_cities())
    for verb in (index.searchsorted, index.find, index.contains, index.bounds):
        refused(error, partial(verb, query), words)


def test_missing_text_and_other_words() -> None:
    index = lx.LearnedIndex(columns_of_cities())
    assert index.find(("DE", None, 1)) == -1
    assert index.find([("DE", None, 1), CITIES[1]]).tolist() == [-1, 1]
    assert index.contains([("DE", None, 1), CITIES[1]]).tolist() == [False, True]
    refused(TypeError, lambda: index.searchsorted([CITIES[0], ("DE", None, 1)]), "v[1] is missing")
    refused(TypeError, lambda: index.searchsorted(("DE", None, 1)), "v[1]")
    refused(ValueError, lambda: index.find(CITIES[0], "nearest"), "rows have an order alone")
    refused(TypeError, lambda: index.find(CITIES[0], "pad", 1), "rows have an order alone")
    refused(TypeError, lambda: CITIES in index, "one query")
    refused(TypeError, lambda: lx.LearnedIndex([1, 2]).prefix((1,)), "no strings")
