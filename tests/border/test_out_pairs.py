"""`out=` of scalars and of verbs with two answers; and views that change nobody else's."""

import array
import warnings
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

KEYS = np.arange(100)
INDEX: Any = lx.LearnedIndex(KEYS, "rmi")


def pair(shape: Any = ()) -> tuple[Any, Any]:
    """Return two arrays that hold no answer yet."""
    return np.full(shape, -7, np.intp), np.full(shape, -7, np.intp)


@pytest.mark.parametrize("v", [7, 7.0, np.int8(7), np.array(7), 7.5, 10**30, -(10**30)], ids=repr)
@pytest.mark.parametrize("side", ["left", "right"])
def test_bounds_of_a_scalar_reach_out(v: Any, side: str) -> None:
    out = pair()
    found = INDEX.bounds(v, side, out=out)
    assert found[0] is out[0] and found[1] is out[1]
    assert (int(out[0]), int(out[1])) == INDEX.bounds(v, side)


def test_a_scalar_wants_arrays_without_dimensions() -> None:
    for wrong in (pair(1), pair((2, 2)), (pair()[0], pair(1)[0]), pair()[0], 5):
        refused(INDEX.bounds, 7, out=wrong, says=("out",))
        refused(INDEX.range, 7, 9, out=wrong, says=("out",))
    for wrong, got in (((), "a tuple of 0$"), (pair()[:1], "a tuple of 1$"), ([*pair()], "list$")):
        for query in (7, [7, 8]):
            says = (f"^out: must be a tuple of two arrays of intp, got {got}",)
            refused(INDEX.bounds, query, out=wrong, says=says)
            refused(INDEX.range, query, 9, out=wrong, says=says)
    out = pair()
    assert [int(end) for end in INDEX.range(7, 9.5, out=out)] == [7, 10]
    assert [int(end) for end in out] == [7, 10]


def test_a_refused_pair_is_left_untouched() -> None:
    lo = np.arange(5)
    for bad in (np.full(4, -7, np.intp), np.full(5, -7, np.int32), lo, KEYS[:5]):
        good, kept = np.full(5, -7, np.intp), bad.copy()
        for out in ((good, bad), (bad, good)):
            refused(INDEX.range, lo, lo + 3, out=out, kind=ValueError, says=("out",))
            refused(INDEX.bounds, lo, out=out, kind=ValueError, says=("out",))
            assert (good == -7).all()
            np.testing.assert_array_equal(bad, kept)


def holders(memory: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return what reads its queries from this memory."""
    pandas = pytest.importorskip("pandas")
    return {
        "array": memory,
        "reversed": memory[::-1],
        "memoryview": memoryview(memory),
        "series": pandas.Series(memory, copy=False),
    }


@pytest.mark.parametrize("holder", ["array", "reversed", "memoryview", "series"])
def test_answers_do_not_overwrite_the_queries(holder: str) -> None:
    memory = np.arange(5)
    v, other = holders(memory)[holder], np.full(5, -7, np.intp)
    says = ("out", "overlap")
    for lo, hi in ((v, 50), (0, v), (v, v)):
        refused(INDEX.range, lo, hi, out=(memory, other), kind=ValueError, says=says)
        refused(INDEX.range, lo, hi, out=(other, memory), kind=ValueError, says=says)
        refused(INDEX.count, lo, hi, out=memory, kind=ValueError, says=says)
    for method in (None, "pad", "backfill", "nearest"):
        refused(INDEX.find, v, method, out=memory, kind=ValueError, says=says)
    refused(INDEX.bounds, v, out=(memory, other), kind=ValueError, says=says)
    refused(INDEX.searchsorted, v, out=memory, kind=ValueError, says=says)
    assert memory.tolist() == [0, 1, 2, 3, 4] and (other == -7).all()


def test_an_array_of_no_dimension_is_not_overwritten_either() -> None:
    v, other = np.array(7), np.array(-7)
    for verb in (INDEX.searchsorted, INDEX.rank, INDEX.find):
        refused(verb, v, out=v, kind=ValueError, says=("out", "overlap"))
    refused(INDEX.find, v, "nearest", out=v, kind=ValueError, says=("out", "overlap"))
    refused(INDEX.count, v, 50, out=v, kind=ValueError, says=("out", "overlap"))
    refused(INDEX.range, 0, v, out=(other, v), kind=ValueError, says=("out", "overlap"))
    refused(INDEX.bounds, v, out=(v, other), kind=ValueError, says=("out", "overlap"))
    assert int(v) == 7 and int(other) == -7


def test_one_array_cannot_hold_two_answers() -> None:
    same, whole = np.empty(5, np.intp), np.empty(8, np.intp)
    for out in ((same, same), (whole[:5], whole[3:]), (same, same[::-1])):
        refused(INDEX.range, np.arange(5), 50, out=out, kind=ValueError, says=("out", "overlap"))
        refused(INDEX.bounds, np.arange(5), out=out, kind=ValueError, says=("out", "overlap"))
    both = np.array(0)
    refused(INDEX.bounds, 7, out=(both, both), kind=ValueError, says=("out", "overlap"))


def test_typed_sequences_of_python_are_read_where_they_lie() -> None:
    v = array.array("q", [3, 4, 5])
    out = np.frombuffer(v, np.int64)
    refused(INDEX.count, v, 50, out=out, kind=ValueError, says=("out",))
    assert v.tolist() == [3, 4, 5]


def test_the_keys_that_are_handed_out_are_a_view_for_each() -> None:
    index: Any = lx.LearnedIndex(np.arange(100))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy advises against it
        index.keys.shape = (10, 10)
        index.keys.dtype = np.uint8
    assert index.keys.shape == (100,) and int(index[15]) == 15
    assert index.keys.dtype == np.int64 and list(index)[-1] == 99
    assert index.searchsorted(np.arange(100)).tolist() == list(range(100))
    assert not index.keys.flags.writeable and np.shares_memory(index.keys, index.keys)


def test_the_values_that_are_handed_out_are_a_view_for_each() -> None:
    blob = lx.LearnedIndex(np.arange(6)).save(bytes, values=np.arange(6) * 2)
    index: Any = lx.open(blob)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index.values.shape = (2, 3)
    assert index.values.shape == (6,) and int(index.values[4]) == 8


def test_numpy_reads_an_index_as_its_keys() -> None:
    index: Any = lx.LearnedIndex(KEYS, copy=False)
    for keys in (np.asarray(index), np.array(index, copy=False), np.asarray(index, np.intp)):
        assert keys.shape == (100,) and np.shares_memory(keys, KEYS) and not keys.flags.writeable
    own = np.array(index)
    assert own.flags.writeable and not np.shares_memory(own, KEYS)
    assert np.array_equal(np.asarray(index, np.float32), KEYS)
    with pytest.raises(ValueError, match="copy"):
        np.array(index, np.float32, copy=False)
    assert np.sum(index) == KEYS.sum()
    assert lx.LearnedIndex(index, copy=False).searchsorted(7) == 7
    without = lx.open(index.save(bytes, keys=False))
    with pytest.raises(ValueError, match="without its keys"):
        np.asarray(without)
