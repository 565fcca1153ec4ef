"""The direct table: when it is taken, what it shows, and what it refuses."""

import pickle
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx.models import RMI, BTree, DirectTable
from tests.border.helpful import refused
from tests.border.test_pickle import CLONES, check_clone
from tests.contract.battery import cases
from tests.contract.key_sets import NARROW_NUMBERS, key_sets
from tests.contract.models import NARROW

RANDOM = np.random.default_rng(14)


def drawn(dtype: str, n: int) -> Any:
    """Return n random keys of a narrow dtype, sorted."""
    if dtype == "bool":
        return np.sort(RANDOM.integers(0, 2, n).astype(bool))
    info = np.iinfo(dtype)
    return np.sort(RANDOM.integers(info.min, info.max, n, dtype, endpoint=True))


@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
def test_auto_takes_it_for_many_keys(dtype: str) -> None:
    fewest = 64 if np.dtype(dtype).itemsize == 1 else 16_384
    assert isinstance(lx.LearnedIndex(drawn(dtype, fewest)).model, DirectTable)
    fewer = lx.LearnedIndex(drawn(dtype, fewest - 1)).model
    assert fewer is None if fewest == 64 else not isinstance(fewer, DirectTable)


@pytest.mark.parametrize("dtype", ["uint32", "int64", "float16", "float64", "M8[s]"])
def test_auto_never_takes_it_for_others(dtype: str) -> None:
    keys = np.arange(2_000).astype(dtype)
    assert not isinstance(lx.LearnedIndex(keys).model, DirectTable)


def test_what_was_asked_for_is_made() -> None:
    keys = drawn("uint8", 5_000)
    assert isinstance(lx.LearnedIndex(keys, "rmi").model, RMI)
    assert isinstance(lx.LearnedIndex(keys, "btree").model, BTree)
    assert lx.LearnedIndex(keys, "none").model is None
    assert isinstance(lx.LearnedIndex(drawn("int16", 10), DirectTable()).model, DirectTable)


@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
def test_what_it_shows(dtype: str) -> None:
    for keys in [*key_sets(dtype).values(), drawn(dtype, 300_000)]:
        model = DirectTable().fit(keys)
        bits = 8 * keys.dtype.itemsize
        low = np.iinfo(keys.dtype).min if dtype != "bool" else 0
        values = np.arange(low, low + 2**bits + 1)
        assert model.positions_.dtype == np.uint32 and not model.positions_.flags.writeable
        np.testing.assert_array_equal(model.positions_, np.searchsorted(keys.astype(int), values))
        np.testing.assert_array_equal(model.predict(values), model.positions_)
        assert model.predict(values).dtype == np.float64 and np.ndim(model.predict(3)) == 0
        assert model.max_error_ == 0 and model.nbytes_ == 4 * (2**bits + 2)
        assert model.score(keys) == 0
        index = lx.LearnedIndex(keys, model)
        assert index.nbytes == model.nbytes_
        np.testing.assert_array_equal(index.bounds(values), [model.positions_] * 2)
        index.verify()


def test_it_is_an_estimator() -> None:
    clone = pytest.importorskip("sklearn.base").clone
    model = DirectTable()
    assert model.get_params() == {} and repr(model) == "DirectTable()"
    with pytest.raises(ValueError, match="fit"):
        model.predict([1])
    with pytest.raises(ValueError, match="no parameter"):
        model.set_params(node=8)
    assert not hasattr(clone(model.fit(drawn("uint8", 9))), "positions_")
    assert not hasattr(lx, "DirectTable")


def test_a_trace_tells_of_the_table() -> None:
    trace = lx.LearnedIndex(drawn("uint8", 900), DirectTable()).explain(7)
    assert "table" in str(trace) and trace.proven and trace.predicted == trace.answer
    assert "leaf" not in str(trace) and "count" not in str(trace)


@pytest.mark.parametrize(
    "dtype",
    ["uint32", "uint64", "int32", "int64", "float16", "float32", "float64", "M8[s]", "m8[D]"],
)
def test_wider_keys_are_refused(dtype: str) -> None:
    keys = np.arange(100).astype(dtype)
    named = np.dtype("float32" if dtype == "float16" else dtype).name
    for call in (DirectTable().fit, lambda keys: lx.LearnedIndex(keys, DirectTable())):
        refused(
            call, keys, kind=ValueError, says=("keys:", "8 or 16 bits", named.partition("[")[0])
        )


def test_a_table_of_other_keys_is_filled_anew() -> None:
    first = drawn("int16", 1_000)  # alive to the end: its memory is not given to others
    fitted = DirectTable().fit(first)
    for dtype in NARROW_NUMBERS:
        keys = drawn(dtype, 777)
        index = lx.LearnedIndex(keys, fitted)
        asked = np.arange(-40_000, 70_000, 7)
        np.testing.assert_array_equal(
            index.searchsorted(asked), np.searchsorted(keys.astype(int), asked)
        )
    with pytest.raises(ValueError, match="other keys"):
        others = first.copy()
        _core.bind(lx.LearnedIndex.__new__(lx.LearnedIndex), others, 1_000, fitted._core)


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("model", NARROW)
def test_clones(model: str, clone: str) -> None:
    for dtype in NARROW_NUMBERS:
        for case in cases(dtype):
            check_clone(case, model, CLONES[clone])


def test_clones_of_the_model_alone() -> None:
    assert pickle.loads(pickle.dumps(DirectTable())).get_params() == {}
    for dtype in NARROW_NUMBERS:
        model = DirectTable().fit(drawn(dtype, 5_000))
        for clone in CLONES.values():
            np.testing.assert_array_equal(clone(model).positions_, model.positions_)
            np.testing.assert_array_equal(clone(model).predict([1.5, -3]), model.predict([1.5, -3]))


def test_damaged_positions_are_made_to_rise_or_refused() -> None:
    model = DirectTable().fit(drawn("uint8", 5_000))
    state = model.__getstate__()["fitted"]
    falling = state["positions"][::-1].copy()
    falling[-1] = 3_000
    model.__setstate__({"fitted": {**state, "positions": falling}})
    assert (np.diff(model.positions_.astype(int)) >= 0).all() and model.positions_.max() == 3_000
    for wrong in (falling[:-1], falling[:0], np.repeat(falling, 300), np.full(257, 2**60)):
        with pytest.raises(ValueError, match="positions"):
            model.__setstate__({"fitted": {**state, "positions": wrong}})


def test_keys_changed_behind_its_back() -> None:
    keys = drawn("uint16", 50_000)
    index = lx.LearnedIndex(keys)
    keys[:] = RANDOM.permutation(keys)
    for answer in (index.searchsorted(keys), index.rank(keys), index.find(keys)):
        assert answer.min() >= -1 and answer.max() <= keys.size
    with pytest.raises(ValueError, match="changed"):
        index.verify()
    keys.sort()
    index.verify()
    keys[0] = keys[1] = keys[2]
    with pytest.raises(ValueError, match="changed"):
        index.verify()


@pytest.mark.long
def test_more_keys_than_32_bits_count() -> None:
    """Untouched zeros cost no memory."""
    keys = np.zeros(2**32 + 5, np.uint8)
    index = lx.LearnedIndex(keys)
    assert index.model.positions_.dtype == np.uint64
    assert index.model.positions_[[0, 1, 256]].tolist() == [0, 2**32 + 5, 2**32 + 5]
    assert index.rank(0) == index.searchsorted(1) == index.searchsorted([255])[0] == 2**32 + 5
    assert index.find([0, 1]).tolist() == [0, -1]
