"""Keys are borrowed, never copied, whenever the core can read them where they are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused
from tests.contract.key_sets import DTYPES, key_sets
from tests.contract.models import FEW, build

BORROWED = [dtype for dtype in DTYPES if dtype != "float16"]
REGULAR = np.arange(0, 4000, 2, dtype=np.int64)


def unaligned(keys: Any) -> Any:
    moved = np.zeros(keys.nbytes + 1, np.uint8)[1:].view(keys.dtype)
    moved[:] = keys
    return moved


CONVERTED = {
    "strided": np.repeat(REGULAR, 2)[::2],
    "backwards": REGULAR[::-1].copy()[::-1],
    "byte-swapped": REGULAR.astype(">i8"),
    "unaligned": unaligned(REGULAR),
    "float16": REGULAR[:1000].astype(np.float16),
    "float16 strided": np.repeat(REGULAR[:1000], 2).astype(np.float16)[::2],
    "byte-swapped instants": REGULAR.astype("M8[s]").astype(">M8[s]"),
    "byte-swapped floats": REGULAR.astype(">f4"),
    "byte-swapped float16": REGULAR[:1000].astype(">f2"),
}


@pytest.mark.parametrize("model", ["auto", "none", *FEW])
@pytest.mark.parametrize("dtype", BORROWED)
def test_keys_are_borrowed(dtype: str, model: str) -> None:
    for keys in key_sets(dtype).values():
        index = build(keys, model)
        assert index.keys.dtype == keys.dtype
        if len(keys):
            assert np.shares_memory(index.keys, keys)
            assert index.keys.ctypes.data == keys.ctypes.data
            assert np.shares_memory(np.asarray(index[:]), keys)


@pytest.mark.parametrize("dtype", ["uint64", "bool", "M8[ns]"])
def test_copy_false_borrows(dtype: str) -> None:
    keys = max(key_sets(dtype).values(), key=len)
    assert np.shares_memory(lx.LearnedIndex(keys, copy=False).keys, keys)


@pytest.mark.parametrize("layout", CONVERTED)
def test_what_must_be_converted(layout: str) -> None:
    keys = CONVERTED[layout]
    index = lx.LearnedIndex(keys)
    assert not np.shares_memory(index.keys, keys)
    assert index.keys.dtype.isnative and index.keys.flags.c_contiguous
    assert index.keys.flags.aligned
    np.testing.assert_array_equal(index.keys, keys)
    np.testing.assert_array_equal(index.searchsorted(keys), np.searchsorted(keys, keys))
    refused(lx.LearnedIndex, keys, copy=False, kind=ValueError, says=("copy",))


def test_copy_true_makes_the_index_independent() -> None:
    keys = REGULAR.copy()
    index = lx.LearnedIndex(keys, copy=True)
    assert not np.shares_memory(index.keys, keys)
    keys[:] = 0
    np.testing.assert_array_equal(index.keys, REGULAR)
    np.testing.assert_array_equal(index.searchsorted(REGULAR), np.arange(len(REGULAR)))
    index.verify()


def test_the_callers_array_keeps_its_flags() -> None:
    keys = REGULAR.copy()
    index = lx.LearnedIndex(keys)
    assert keys.flags.writeable and not index.keys.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        index.keys[0] = 5
    with pytest.raises((TypeError, AttributeError)):
        index[0] = 5  # type: ignore[index]
    with pytest.raises(AttributeError):
        index.keys = keys  # type: ignore[misc]


def test_read_only_keys_are_fine() -> None:
    keys = REGULAR.copy()
    keys.flags.writeable = False
    assert np.shares_memory(lx.LearnedIndex(keys, copy=False).keys, keys)


def test_memory_maps(tmp_path: Path) -> None:
    path = tmp_path / "keys.npy"
    np.save(path, REGULAR)
    keys = np.load(path, mmap_mode="r")
    index = lx.LearnedIndex(keys, copy=False)
    assert np.shares_memory(index.keys, keys)
    del keys
    np.testing.assert_array_equal(index.searchsorted(REGULAR), np.arange(len(REGULAR)))


def test_pandas_is_borrowed() -> None:
    pandas = pytest.importorskip("pandas")
    instants = REGULAR.astype("M8[ns]")
    for keys in (pandas.Series(REGULAR), pandas.Index(REGULAR), pandas.Series(instants)):
        index = lx.LearnedIndex(keys)
        assert np.shares_memory(index.keys, keys.to_numpy())
        np.testing.assert_array_equal(index.searchsorted(keys), np.arange(len(REGULAR)))


def test_polars_and_arrow_are_borrowed() -> None:
    arrow = pytest.importorskip("pyarrow")
    keys = arrow.array(REGULAR)
    index = lx.LearnedIndex(keys)
    assert np.shares_memory(index.keys, keys.to_numpy(zero_copy_only=True))
    np.testing.assert_array_equal(index.searchsorted(REGULAR), np.arange(len(REGULAR)))


def test_a_slice_of_a_bigger_array_is_borrowed() -> None:
    whole = np.arange(10_000, dtype=np.uint32)
    index = lx.LearnedIndex(whole[2500:7500])
    assert np.shares_memory(index.keys, whole)
    np.testing.assert_array_equal(
        index.searchsorted(whole), np.searchsorted(whole[2500:7500], whole)
    )


def test_two_byte_queries_of_every_value() -> None:
    keys = np.sort(np.random.default_rng(5).integers(0, 2**16, 500).astype(np.uint16))
    everything = np.arange(2**16).astype(np.uint16)
    expected = np.searchsorted(keys, everything)
    np.testing.assert_array_equal(lx.LearnedIndex(keys).searchsorted(everything), expected)


def test_memory_beside_the_keys_is_small() -> None:
    keys = np.sort(np.random.default_rng(6).integers(0, 2**63, 1_000_000))
    for model in ("auto", "rmi"):
        index = lx.LearnedIndex(keys, model)
        assert index.nbytes <= 0.03 * keys.nbytes
        assert index.nbytes >= index.model.nbytes_ * 0.5
    assert lx.LearnedIndex(keys, "none").nbytes <= 4096
