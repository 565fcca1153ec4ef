"""Saving and opening: the same answers, the same bytes, whatever they travel through."""

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx.models.estimator import NotFittedError
from tests.contract.battery import cases
from tests.contract.key_sets import DTYPES
from tests.contract.models import MODELS, NARROW, build

KEYS = np.sort(np.random.default_rng(5).integers(0, 2**40, 5000).astype(np.uint64))
ALL = {**MODELS, **NARROW}


def blob_of(array: Any = KEYS, model: Any = "rmi", **options: Any) -> bytes:
    blob = lx.LearnedIndex(array, model).save(bytes, **options)
    assert isinstance(blob, bytes)
    return blob


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_model_alone_knows_its_bounds(dtype: str) -> None:
    for model in ("rmi", "pgm", "radix_spline", "btree", "none", "auto"):
        for case in cases(dtype):
            index = lx.open(build(case.keys, model).save(bytes, keys=False))
            assert len(index) == len(case.keys)
            for side in ("left", "right"):
                low, high = index.bounds(case.queries, side)
                expected = build(case.keys, "none").searchsorted(case.queries, side)
                assert (low <= expected).all() and (expected <= high).all()


@pytest.mark.parametrize("model", ALL)
def test_an_estimator_without_its_keys(model: str) -> None:
    keys = KEYS if model in MODELS else (KEYS % 199).astype(np.uint8)
    keys.sort()
    index = build(keys, model)
    made, twin = index.model, lx.open(index.save(bytes, keys=False)).model
    assert repr(twin) == repr(made) and type(twin) is type(made)
    if made is None:
        return
    assert (twin.get_params(), twin.max_error_) == (made.get_params(), made.max_error_)
    assert abs(twin.nbytes_ - made.nbytes_) <= 64 * isinstance(made, lx.BTree)
    answers = lx.LearnedIndex(keys, twin).searchsorted(keys)
    np.testing.assert_array_equal(answers, np.searchsorted(keys, keys))
    if not isinstance(made, lx.BTree):
        np.testing.assert_array_equal(twin.predict(keys), made.predict(keys))
        return
    for use in (lambda: twin.predict(keys), lambda: twin.score(keys), lambda: pickle.dumps(twin)):
        with pytest.raises(NotFittedError, match=r"^this BTree was opened without its keys: lx\."):
            use()


@pytest.mark.parametrize("model", MODELS)
def test_estimators_come_back(model: str) -> None:
    index = build(KEYS, model)
    twin = lx.open(index.save(bytes), verify="full")
    assert repr(twin) == repr(index) and type(twin.model) is type(index.model)
    assert abs(twin.nbytes - index.nbytes) <= 64 * isinstance(index.model, lx.BTree)
    twin.verify()
    if index.model is None or isinstance(index.model, lx.BTree):
        return  # the leaves of a tree lie as memory does
    np.testing.assert_array_equal(twin.model.predict(KEYS), index.model.predict(KEYS))
    assert twin.model.max_error_ == index.model.max_error_
    found, expected = twin.stats(), index.stats()
    for where_they_lie in ("cache_lines", "retries"):
        assert found.pop(where_they_lie).keys() == expected.pop(where_they_lie).keys()
    assert found == expected


@pytest.mark.parametrize("model", ALL)
def test_equal_bytes(model: str, tmp_path: Path) -> None:
    keys = KEYS if model in MODELS else (KEYS % 199).astype(np.uint8)
    keys = np.sort(keys)
    index = build(keys, model)
    blob = index.save(bytes)
    index.save(tmp_path / "index.lidx")
    assert (tmp_path / "index.lidx").read_bytes() == blob
    stream = io.BytesIO()
    index.save(stream)
    assert stream.getvalue() == blob
    assert build(keys.copy(), model).save(bytes) == blob
    moved = np.empty(keys.size + 3, keys.dtype)[3:]  # other cache lines
    moved[:] = keys
    assert build(moved, model).save(bytes) == blob
    assert lx.open(blob).save(bytes) == blob
    alone = index.save(bytes, keys=False)
    assert lx.open(alone).save(bytes, keys=False) == alone
    assert lx.open(alone, keys=keys).save(bytes) == blob


def test_every_row_writes_the_same() -> None:
    before = _core.kernels.active()
    found = set()
    try:
        for row in _core.kernels.available():
            _core.kernels.use(row)
            found.add(b"".join(blob_of(KEYS, MODELS[model](KEYS)) for model in MODELS))
    finally:
        _core.kernels.use(before)
    assert len(found) == 1


SOURCES: dict[str, Callable[[bytes, Path], Any]] = {
    "bytes": lambda blob, _: blob,
    "bytearray": lambda blob, _: bytearray(blob),
    "memoryview": lambda blob, _: memoryview(blob),
    "unaligned": lambda blob, _: memoryview(b"x" + blob)[1:],
    "array": lambda blob, _: np.frombuffer(blob, np.uint8),
    "file object": lambda blob, _: io.BytesIO(blob),
    "str": lambda _, path: str(path),
    "path": lambda _, path: path,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline", "btree"])
def test_sources(source: str, model: str, tmp_path: Path) -> None:
    path = tmp_path / "index.lidx"
    path.write_bytes(blob_of(model=model))
    index = lx.open(SOURCES[source](path.read_bytes(), path))
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.arange(len(KEYS)))
    assert not index.keys.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        index.keys.flags.writeable = True


def test_read_instead_of_mapped(tmp_path: Path) -> None:
    path = tmp_path / "index.lidx"
    lx.LearnedIndex(KEYS).save(path)
    index = lx.open(path, mmap=False)
    os.truncate(path, 10)  # what a map would not survive
    assert index.searchsorted(KEYS[77]) == 77


def test_replaced_while_open(tmp_path: Path) -> None:
    path = tmp_path / "index.lidx"
    lx.LearnedIndex(KEYS).save(path)
    index = lx.open(path)
    lx.LearnedIndex(np.arange(7)).save(path)
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.arange(len(KEYS)))
    assert lx.open(path).searchsorted(6) == 6


VALUES = {
    "floats": np.arange(len(KEYS)) / 3,
    "rows": np.arange(3 * len(KEYS), dtype=np.int16).reshape(-1, 3),
    "big-endian": np.arange(len(KEYS), dtype=">u4"),
    "strided": np.arange(2 * len(KEYS))[::2],
    "names": np.array([f"{i:x}" for i in range(len(KEYS))]),
    "times": np.arange(len(KEYS)).astype("M8[25s]"),
}


@pytest.mark.parametrize("values", VALUES)
def test_values(values: str) -> None:
    wanted = VALUES[values]
    found = lx.open(blob_of(values=wanted))
    assert found.values is not None and not found.values.flags.writeable
    np.testing.assert_array_equal(found.values, wanted)
    assert lx.open(found.save(bytes)).values is not None


def records(dtype: Any) -> Any:
    """Return values with fields, whose padding is not zero."""
    filled = np.random.default_rng(6).integers(65, 90, (len(KEYS), np.dtype(dtype).itemsize))
    return filled.astype(np.uint8).view(dtype).reshape(-1)


PARTS = [("c", ">i2"), ("d", "S2")]
RECORDS: dict[str, Any] = {
    "a table": [("name", "S7"), ("at", ">M8[s]"), ("price", "<f8"), ("bought", "?")],
    "fields of fields": [("xy", "<f4", (2, 2)), ("parts", PARTS, (3,)), ("\u00e9", [("z", PARTS)])],
    "aligned": np.dtype("i1, i8, i2", align=True),
    "in another order": {"names": ["b", "a"], "formats": ["<i4", "i1"], "offsets": [4, 0]},
    "a union": {"names": ["a", "b"], "formats": ["<i4", "<u2"], "offsets": [0, 2], "itemsize": 9},
}


@pytest.mark.parametrize("fields", RECORDS)
def test_values_with_fields(fields: str) -> None:
    wanted = records(RECORDS[fields])
    blob = blob_of(values=wanted)
    found = lx.open(blob).values
    assert found is not None and found.dtype == wanted.dtype.newbyteorder("<")
    assert found.dtype.itemsize == wanted.dtype.itemsize and not found.flags.writeable
    for name in wanted.dtype.names:
        np.testing.assert_array_equal(found[name], wanted[name])
    assert lx.open(blob).save(bytes) == blob
    rows = wanted.reshape(-1, 1).view(np.recarray)
    many = lx.open(blob_of(values=rows)).values
    assert many is not None and many.shape == (len(KEYS), 1) and many.dtype == found.dtype


def test_nothing_but_the_fields_is_saved() -> None:
    """What lies between fields is what the memory held before."""
    wanted = records(np.dtype("i1, i8", align=True))
    twin = np.zeros_like(wanted)
    twin["f0"], twin["f1"] = wanted["f0"], wanted["f1"]
    assert blob_of(values=wanted) == blob_of(values=twin)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (np.ma.masked_array(KEYS, KEYS > 5), TypeError, "values: a file keeps no mask"),
        (np.ma.masked_array(KEYS), TypeError, "values: a file keeps no mask"),
        (np.zeros(len(KEYS), [("a", "i4"), ("b", object)]), TypeError, "values: dtype .*'O'"),
        (np.full(len(KEYS), "a", "T"), TypeError, r"values: dtype StringDType.* of fixed width"),
        (np.zeros(len(KEYS), [(("title", "a"), "i4")]), TypeError, "values: dtype .*title"),
        (np.zeros(len(KEYS), [(f"name {i}", "i4") for i in range(300)]), ValueError, "fewer"),
    ],
)
def test_values_that_would_lose_something(values: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        blob_of(values=values)


def test_a_subclass_and_empty_keys() -> None:
    for dtype in DTYPES:
        for keys in (np.empty(0, dtype), np.zeros(1, dtype)):
            index = lx.open(blob_of(keys, "auto"))
            np.testing.assert_array_equal(index.keys, keys)
            assert index.searchsorted(keys[:1]).tolist() == [0] * len(keys)


def test_pickles_of_what_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "index.lidx"
    lx.LearnedIndex(KEYS).save(path, values=KEYS)
    index = lx.open(path)
    data = pickle.dumps(index)
    assert len(data) <= 1024
    first, second = pickle.loads(data), pickle.loads(data)
    assert first.keys.ctypes.data == second.keys.ctypes.data  # one map
    np.testing.assert_array_equal(second.values, KEYS)
    alone = pickle.loads(pickle.dumps(lx.open(blob_of(keys=False))))
    assert alone.bounds(KEYS[9])[0] <= 9
    given = pickle.loads(pickle.dumps(lx.open(blob_of(keys=False), keys=KEYS)))
    np.testing.assert_array_equal(given.searchsorted(KEYS), np.arange(len(KEYS)))
    lx.LearnedIndex(KEYS[:50]).save(path)
    del first, second, index
    with pytest.raises(lx.FormatError, match="not the file that was pickled"):
        pickle.loads(data)
