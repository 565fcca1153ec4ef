"""The rules of `out=`: what is refused, and that a refused array is left untouched."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

KEYS = np.arange(0, 1000, dtype=np.int64)
INDEX = lx.LearnedIndex(KEYS)
V = np.arange(-5, 95, dtype=np.int64)
VERBS = ("searchsorted", "rank", "find")


def read_only() -> Any:
    out = np.full(100, 7, np.intp)
    out.flags.writeable = False
    return out


WRONG: dict[str, tuple[Any, str]] = {
    "short": (np.full(99, 7, np.intp), "shape"),
    "long": (np.full(101, 7, np.intp), "shape"),
    "column": (np.full((100, 1), 7, np.intp), "shape"),
    "scalar": (np.full((), 7, np.intp), "shape"),
    "int32": (np.full(100, 7, np.int32), "dtype|int32"),
    "uint64": (np.full(100, 7, np.uint64), "dtype|uint64"),
    "float64": (np.full(100, 7, np.float64), "dtype|float64"),
    "bool": (np.full(100, True), "dtype|bool"),
    "object": (np.full(100, 7, object), "dtype|object"),
    "byte-swapped": (np.full(100, 7, np.dtype(np.intp).newbyteorder("S")), "byte|dtype"),
    "read-only": (read_only(), "read-only|write"),
}
NO_ARRAYS: list[Any] = [[0] * 100, "out", 5, memoryview(bytearray(800)), (np.empty(100, np.intp),)]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", WRONG)
def test_wrong_arrays(verb: str, name: str) -> None:
    out, fault = WRONG[name]
    before = out.copy()
    refused(getattr(INDEX, verb), V, out=out, kind=ValueError, says=("out", fault))
    np.testing.assert_array_equal(out, before)


@pytest.mark.parametrize("verb", [*VERBS, "contains"])
@pytest.mark.parametrize("out", NO_ARRAYS, ids=lambda out: type(out).__name__)
def test_what_is_no_array(verb: str, out: Any) -> None:
    refused(getattr(INDEX, verb), V, out=out, says=("out",))


@pytest.mark.parametrize("verb", VERBS)
def test_overlap_with_queries_or_keys(verb: str) -> None:
    """Answers written over what is still to be read would be wrong."""
    method = getattr(INDEX, verb)
    queries = np.arange(200, dtype=np.int64)
    for v, out in (
        (queries, queries),
        (queries[:100], queries[99:199]),
        (queries[::-1], queries),
        (queries[::2], queries[1:101]),
    ):
        before = queries.copy()
        refused(method, v, out=out, kind=ValueError, says=("out", "overlap|share|memory"))
        np.testing.assert_array_equal(queries, before)
    refused(
        method, V, out=KEYS[100:200], kind=ValueError, says=("out", "overlap|share|memory|read")
    )
    np.testing.assert_array_equal(KEYS, np.arange(1000))


def test_interleaved_halves_do_not_overlap() -> None:
    both = np.zeros((100, 2), np.int64)
    both[:, 0] = V
    out = both[:, 1]
    assert INDEX.searchsorted(both[:, 0], out=out) is out
    np.testing.assert_array_equal(out, np.searchsorted(KEYS, V))


def test_contains_wants_bool() -> None:
    out = np.zeros(100, bool)
    assert INDEX.contains(V, out=out) is out
    assert out.sum() == 95
    refused(INDEX.contains, V, out=np.zeros(100, np.int8), kind=ValueError, says=("out", "bool"))
    refused(INDEX.contains, V, out=np.zeros(100, np.intp), kind=ValueError, says=("out", "bool"))


def test_count_fills_out() -> None:
    out = np.empty((2, 3), np.intp)
    lo = np.array([[0], [500]])
    assert INDEX.count(lo, [100, 600, 700], out=out) is out
    np.testing.assert_array_equal(out, [[100, 600, 700], [0, 100, 200]])
    refused(INDEX.count, lo, [1, 2, 3], out=np.empty(3, np.intp), kind=ValueError, says=("out",))


def test_none_means_a_new_array() -> None:
    assert INDEX.searchsorted(V, out=None) is not INDEX.searchsorted(V, out=None)


def test_strided_and_mixed_out() -> None:
    """Answers reach a strided array, also when the queries are converted on the way."""
    wide = np.full((300_000, 2), -9, np.intp)
    v = np.linspace(-10, 1010, 300_000).astype(np.float32)
    INDEX.searchsorted(v, "right", out=wide[::-1, 1])
    expected = np.searchsorted(KEYS.astype(np.float64), v.astype(np.float64), "right")
    np.testing.assert_array_equal(wide[::-1, 1], expected)
    assert (wide[:, 0] == -9).all()


def test_a_subclass_is_filled_in_place() -> None:
    class Marked(np.ndarray[Any, Any]):
        pass

    out = np.empty(100, np.intp).view(Marked)
    assert INDEX.searchsorted(V, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), np.searchsorted(KEYS, V))
