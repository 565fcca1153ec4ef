"""One function from a batch of Arrow to a batch of Arrow: forms, nulls, names, and what is kept."""

import os
import pickle
import sys
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import learnedidx as lx
from learnedidx.shards import _batches, lookup_batch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
RANDOM = np.random.default_rng(7)
NUMBERS = np.sort(RANDOM.integers(0, 90, 200))
WORDS = sorted("".join(RANDOM.choice(list("abé"), 3)) for _ in range(90))
HOURS = pd.date_range("2026-03-28", periods=90, freq="h", tz="Europe/Berlin")
# Keys, and a column of queries in each of its forms; None is null.
ASKED = [5, None, 90, 89, -3, 5]
CASES: dict[str, tuple[Any, Any]] = {
    "int64": (NUMBERS, pa.array(ASKED)),
    "int16": (NUMBERS, pa.array(ASKED, pa.int16())),
    "float": (NUMBERS, pa.array([5.5, None, 90.0, float("inf")])),
    "nothing": (NUMBERS, pa.nulls(3)),
    "nothing of text": (WORDS, pa.nulls(3)),
    "no rows": (NUMBERS, pa.array([], pa.int32())),
    "sliced": (NUMBERS, pa.array([0, *ASKED, 7])[1:-1]),
    "dictionary": (WORDS, pa.array(["aaa", None, "ab", "aaa"]).dictionary_encode()),
    "dictionary of numbers": (NUMBERS, pa.array(ASKED).dictionary_encode()),
    "runs": (
        NUMBERS,
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 4]), pa.array([5, None])),
    ),
    **{
        str(kind): (WORDS, pa.array(["aaa", None, WORDS[7], ""], kind))
        for kind in (pa.string(), pa.large_string(), pa.string_view())
    },
    "bytes": ([b"a", b"b", b"b"], pa.array([b"b", None, b""])),
    "bool": ([False, True, True], pa.array([True, None, False])),
    "uuid": (
        [uuid.UUID(int=i) for i in range(9)],
        pa.array([uuid.UUID(int=3).bytes, None], pa.uuid()),
    ),
    "instants": (HOURS, pa.array([HOURS[5], None], pa.timestamp("us", "Asia/Tokyo"))),
    "times": (HOURS.tz_localize(None), pa.array([HOURS[5].tz_localize(None)], pa.timestamp("s"))),
    "days": (HOURS.tz_localize(None), pa.array([HOURS[30].date(), None], pa.date32())),
}


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Any, str, Any]:
    keys, column = CASES[request.param]
    lx.shards.build(keys, tmp_path, rows_per_shard=17)
    return lx.LearnedIndex(keys), str(tmp_path), column


def truth(index: lx.LearnedIndex, out: str, query: Any) -> Any:
    """Return what an index of one process says, None for null."""
    if query is None:
        return None
    if out == "position":
        return index.find(query) if query in index else None
    if out == "count":
        return index.count(query, query, "both")
    verb: Any = {"rank": index.rank, "below": index.searchsorted}.get(out, index.contains)
    return verb(query)


@pytest.mark.parametrize("out", ["position", "rank", "below", "contains", "count"])
def test_answers_are_those_of_one_index(case: Any, out: str) -> None:
    index, folder, column = case
    batch = pa.record_batch({"x": pa.array(range(len(column))), "q": column})
    found = lookup_batch(folder, batch, "q", out)
    assert isinstance(found, pa.RecordBatch) and found.select(["x", "q"]).equals(batch)
    assert found.schema.names == ["x", "q", out]
    assert found[out].type == (pa.bool_() if out == "contains" else pa.int64())
    queries = column.to_numpy(zero_copy_only=False).tolist() if "float" in str(column.type) else ()
    assert found[out].to_pylist() == [truth(index, out, q) for q in queries or column.to_pylist()]


def test_counts_of_ranges(tmp_path: Path) -> None:
    lx.shards.build(NUMBERS, tmp_path, rows_per_shard=17)
    index, lo, hi = lx.LearnedIndex(NUMBERS), RANDOM.integers(0, 90, 50), RANDOM.integers(0, 90, 50)
    table = pa.table({"lo": lo, "hi": hi})
    for inclusive in ("left", "right", "both", "neither"):
        found = lookup_batch(tmp_path, table, ("lo", "hi"), "count", inclusive=inclusive)
        assert np.array_equal(found["count"], index.count(lo, hi, inclusive))
    half = pa.table({"lo": pa.array([3, None, 3]), "hi": pa.array([9, 9, None])})
    found = lookup_batch(tmp_path, half, ("lo", "hi"), "count")["count"].to_pylist()
    assert found == [index.count(3, 9), None, None]


def test_tables_of_chunks_and_metadata_stay(tmp_path: Path) -> None:
    lx.shards.build(NUMBERS, tmp_path, rows_per_shard=17)
    chunks = pa.chunked_array([pa.array([5]), pa.array([], pa.int64()), pa.array([None, 7])])
    table = pa.table({"q": chunks}, metadata={"who": "me"})
    found = lookup_batch(tmp_path, table, "q", "rank", name="at")
    assert found.schema.metadata == {b"who": b"me"} and found["q"].num_chunks == 3
    assert found["at"].to_pylist() == [(NUMBERS <= 5).sum(), None, (NUMBERS <= 7).sum()]
    assert len(lookup_batch(tmp_path, table.schema.empty_table(), "q")) == 0


def test_a_shard_is_that_of_its_keys(tmp_path: Path) -> None:
    lx.shards.build((np.arange(n, n + 10) for n in range(0, 50, 10)), tmp_path, rows_per_shard=10)
    batch = pa.record_batch({"q": pa.array([-1, 0, 9, 10, 49, 50, None])})
    assert lookup_batch(tmp_path, batch, "q", "shard")["shard"].to_pylist() == [
        *(0, 0, 0, 1, 4, 4, None)
    ]


def test_a_folder_is_opened_once_and_again_when_it_changed(tmp_path: Path) -> None:
    lx.shards.build([1, 2], tmp_path)
    batch = pa.record_batch({"q": [2, 3]})
    assert lookup_batch(tmp_path, batch, "q")["position"].to_pylist() == [1, None]
    before = _batches._of_paths[str(tmp_path)]
    assert lookup_batch(os.path.relpath(tmp_path), batch, "q").num_rows == 2
    assert _batches._of_paths[str(tmp_path)] is not None
    assert _batches._of_paths[str(tmp_path)][1] is before[1]
    lx.shards.open(tmp_path).append([3])
    assert lookup_batch(tmp_path, batch, "q")["position"].to_pylist() == [1, 2]
    lx.shards.build([3], tmp_path)
    assert lookup_batch(tmp_path, batch, "q")["position"].to_pylist() == [None, 0]


def test_a_process_keeps_few_folders(tmp_path: Path) -> None:
    for i in range(_batches.MOST_KEPT + 2):
        lx.shards.build([i], tmp_path / str(i))
        lookup_batch(tmp_path / str(i), pa.record_batch({"q": [i]}), "q")
    assert len(_batches._of_paths) == _batches.MOST_KEPT


def test_an_index_travels_as_path_and_manifest_and_is_opened_once(tmp_path: Path) -> None:
    lx.shards.build(np.arange(100_000), tmp_path, rows_per_shard=10_000)
    index = lx.shards.open(tmp_path)
    blob = pickle.dumps(index)
    assert len(blob) < os.path.getsize(tmp_path / "manifest.json") + 400
    index.append([100_000])
    first = pickle.loads(blob)
    batch = pa.record_batch({"q": [100_000, 5]})
    assert lookup_batch(first, batch, "q")["position"].to_pylist() == [None, 5]
    view = first._view
    del first  # the next task of this process gets the same maps
    assert pickle.loads(blob)._view is view
    assert lookup_batch(index, batch, "q")["position"].to_pylist() == [100_000, 5]


@pytest.mark.parametrize(
    ("batch", "given", "kind", "said"),
    [
        ({"q": [1]}, ("x",), ValueError, r"on: batch has no column 'x', or several; .* \['q'\]"),
        ({"q": [1]}, (7,), ValueError, "on: batch has no column 7"),
        ({"q": [1]}, (("q", "q"),), ValueError, "on: must be one column, or lo and hi for out="),
        ({"q": [1]}, ((),), ValueError, "on: must be one column"),
        ({"q": [1]}, ("q", "find"), ValueError, "out: must be one of .*'below'.*, got 'find'"),
        ({"q": [1]}, ("q", "values"), ValueError, "values: name a .npy file with a value for each"),
        ({"q": [1], "rank": [2]}, ("q", "rank"), ValueError, "name: batch has a column 'rank' alr"),
        ({"q": [1]}, (("q", "x"), "count"), ValueError, "^hi: batch has no column 'x'"),
        ({"q": ["a"]}, ("q",), TypeError, "^on: column 'q': cannot compare .* with keys of dtype"),
        ({"q": [{"a": 1}]}, ("q",), TypeError, "^on: column 'q'"),
        ({"q": [1, 2]}, (("q", "q"), "count"), ValueError, "inclusive: must be one of"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said(
    batch: Any, given: Any, kind: type[Exception], said: str, tmp_path: Path
) -> None:
    lx.shards.build([1, 2], tmp_path)
    with pytest.raises(kind, match=said):
        lookup_batch(tmp_path, pa.record_batch(batch), *given, inclusive="up")


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.timestamp("us")),
        *(pa.binary(4), pa.list_(pa.int64()), pa.struct({"a": pa.int64()}), pa.uuid()),
    ],
    ids=str,
)
def test_an_empty_column_is_refused_by_its_type(kind: Any, tmp_path: Path) -> None:
    lx.shards.build([1, 2], tmp_path)
    batch = pa.record_batch({"q": pa.array([1]), "s": pa.array([None], kind)})[:0]
    said = "cannot compare .* with keys of dtype int64; pass numbers"
    with pytest.raises(TypeError, match=f"^on: column 's': {said}"):
        lookup_batch(tmp_path, batch, "s")
    with pytest.raises(TypeError, match=f"^hi: column 's': {said}"):
        lookup_batch(tmp_path, batch, ("q", "s"), "count")


def test_decimals_compare_with_numbers_alone(tmp_path: Path) -> None:
    batch = pa.record_batch({"q": pa.array([], pa.decimal128(5))})
    lx.shards.build([1, 2], tmp_path)
    assert lookup_batch(tmp_path, batch, "q")["position"].to_pylist() == []
    lx.shards.build(np.arange(3).astype("M8[s]"), tmp_path)
    with pytest.raises(TypeError, match="^on: column 'q': cannot compare decimal128.*; pass datet"):
        lookup_batch(tmp_path, batch, "q")


def test_an_empty_column_of_no_type_asks_nothing(tmp_path: Path) -> None:
    lx.shards.build(["a", "b"], tmp_path)
    batch = pa.record_batch({"q": pa.array([], pa.null())})
    for out in ("position", "shard"):
        assert lookup_batch(tmp_path, batch, "q", out)[out].type == pa.int64()


@pytest.mark.parametrize(
    "dtype", ["i1", "u8", "f4", "f8", "?", "M8[s]", "m8[us]", ">i4", "U4", "M8[D]"]
)
def test_values_stand_where_the_keys_do(dtype: str, tmp_path: Path) -> None:
    lx.shards.build(NUMBERS, tmp_path / "keys", rows_per_shard=17)
    values = np.arange(NUMBERS.size).astype(dtype)
    np.save(tmp_path / "values.npy", values)
    batch = pa.record_batch({"q": pa.array([*ASKED, *NUMBERS[::3].tolist()])})
    place = tmp_path / "values.npy"
    got = lookup_batch(tmp_path / "keys", batch, "q", "values", name="v", values=place)["v"]
    places = lookup_batch(tmp_path / "keys", batch, "q")["position"].to_pylist()
    native = pa.array(values.astype(values.dtype.newbyteorder("=")))
    assert got.type == native.type
    assert got.to_pylist() == [None if at is None else native[at].as_py() for at in places]


def test_values_that_are_not_those_of_the_keys(tmp_path: Path) -> None:
    folder, place = tmp_path / "keys", tmp_path / "values.npy"
    lx.shards.build([1, 2], folder)
    batch = pa.record_batch({"q": [1, 5]})
    for values, said in (
        (np.arange(3), r"values.npy has 3 values, the shards have 2 keys; save one for each key"),
        (np.ones((2, 1)), "is 2-D of float64; save one column, of a type that Arrow has"),
        (np.array([1, 2], "m8[D]"), r"is 1-D of timedelta64\[D\]; save one column"),
        (np.zeros(2, "i4,i4"), r"is 1-D of .*; save one column"),
    ):
        np.save(place, values)
        with pytest.raises(ValueError, match=f"values: .*{said}"):
            lookup_batch(folder, batch, "q", "values", values=place)
    for text in (b"no array", b""):
        place.write_bytes(text)
        with pytest.raises(ValueError, match=r"values: .*values\.npy cannot be mapped"):
            lookup_batch(folder, batch, "q", "values", values=place)
    with pytest.raises(FileNotFoundError, match=r"nothing\.npy"):
        lookup_batch(folder, batch, "q", "values", values=tmp_path / "nothing.npy")
    with pytest.raises(ValueError, match="values: name a .npy file .*, and out='values'"):
        lookup_batch(folder, batch, "q", values=place)
    lx.shards.build(np.array([], "i8"), folder)
    np.save(place, np.array([], "f4"))
    got = lookup_batch(folder, batch, "q", "values", values=place)["values"]
    assert got.type == pa.float32() and got.to_pylist() == [None, None]


def test_what_is_no_batch_or_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="batch: must be a record batch or a table of Arrow, got"):
        lookup_batch(tmp_path, pd.DataFrame({"q": [1]}), "q")
    with pytest.raises(FileNotFoundError, match=r"no shards here, .*manifest\.json"):
        lookup_batch(tmp_path, pa.record_batch({"q": [1]}), "q")


def test_times_without_a_zone_are_no_instants(tmp_path: Path) -> None:
    lx.shards.build(HOURS, tmp_path)
    batch = pa.record_batch({"q": pa.array([HOURS[5].tz_localize(None)])})
    for rows in (1, 0):  # an empty one has its type alone
        with pytest.raises(TypeError, match="on: column 'q': .*no time zone"):
            lookup_batch(tmp_path, batch[:rows], "q")
