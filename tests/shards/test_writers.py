"""Building, appending and compacting: sources, refusals, one writer, readers, kills."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from subprocess import PIPE
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import learnedidx as lx
from learnedidx.shards._locks import Reading, writing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
KEYS = np.arange(0, 3000, 3)


def reader() -> pa.RecordBatchReader:
    batches = [
        pa.record_batch({"t": KEYS[i : i + 7], "u": KEYS[i : i + 7]}) for i in range(0, 1000, 7)
    ]
    return pa.RecordBatchReader.from_batches(batches[0].schema, batches)


class Foreign:
    """Gives an Arrow stream and nothing else."""

    def __arrow_c_stream__(self, schema: Any = None) -> Any:
        return reader().__arrow_c_stream__(schema)


def fielded() -> Any:
    table = np.zeros(1000, [("u", "i4"), ("t", "i8")])
    table["t"] = KEYS
    return table


SOURCES: dict[str, Any] = {
    "array": lambda: (KEYS, None),
    "list": lambda: (KEYS.tolist(), None),
    "strided": lambda: (np.arange(0, 3000)[::3], None),
    "iterator": lambda: ((KEYS[i : i + 130] for i in range(0, 1000, 130)), None),
    "iterator of Arrow": lambda: (iter([pa.array(KEYS[:400]), pa.array(KEYS[400:])]), None),
    "chunks of Arrow": lambda: (pa.chunked_array([KEYS[:333], KEYS[333:]]), None),
    "reader": lambda: (reader(), "t"),
    "stream": lambda: (Foreign(), "t"),
    "table": lambda: (reader().read_all(), "t"),
    "pandas": lambda: (pd.DataFrame({"t": KEYS}), "t"),
    "series": lambda: (pd.Series(KEYS, index=KEYS[::-1]), None),
    "polars": lambda: (pl.DataFrame({"t": KEYS}), "t"),
    "fields": lambda: (fielded(), "t"),
}


@pytest.mark.parametrize("source", SOURCES)
def test_sources(source: str, tmp_path: Path) -> None:
    keys, column = SOURCES[source]()
    lx.shards.build(keys, tmp_path, column, rows_per_shard=300)
    index = lx.shards.open(tmp_path)
    assert [shard.count for shard in index.shards] == [300, 300, 300, 100]
    assert np.array_equal(np.array(list(index)), KEYS)


def test_mapped_files(tmp_path: Path) -> None:
    np.save(tmp_path / "keys.npy", KEYS)
    np.save(tmp_path / "rows.npy", fielded())
    KEYS.tofile(tmp_path / "raw")
    raw = np.memmap(tmp_path / "raw", KEYS.dtype)
    for source, column in (
        (tmp_path / "keys.npy", None),
        (tmp_path / "rows.npy", "t"),
        (raw, None),
    ):
        lx.shards.build(source, tmp_path / "shards", column, rows_per_shard=300)
        assert np.array_equal(list(lx.shards.open(tmp_path / "shards")), KEYS)
    with pytest.raises(ValueError, match=r"raw ends neither in \.npy nor in \.parquet; "):
        lx.shards.build(tmp_path / "raw", tmp_path / "shards")
    with pytest.raises(FileNotFoundError, match=r"source: nothing is there: .*nothere"):
        lx.shards.build(tmp_path / "nothere", tmp_path / "shards")
    for text in (b"no numpy", b""):
        (tmp_path / "bad.npy").write_bytes(text)
        with pytest.raises(ValueError, match=r"bad\.npy cannot be mapped"):
            lx.shards.build(tmp_path / "bad.npy", tmp_path / "shards")


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "order": ([3, 1], ValueError, "^source: keys: not sorted"),
    "order across": ([1, 2, 9, 4, 5, 6], ValueError, "the key 4 at position 3 comes after 9"),
    "rows": (lx.Columns([1, 2], [3, 4]), TypeError, "source"),
    "fields": (fielded(), TypeError, "rows of several columns have no shards"),
    "number": (5, TypeError, "source: must be an array"),
    "set": ({1, 2}, TypeError, "source: must be an array, .*, got set"),
    "dict": ({1: 2}, TypeError, "source: must be an array, .*, got dict"),
    "objects": ([object()], TypeError, "^source: keys"),
    "nulls": (pa.array([1, None]), TypeError, "missing"),
    "2-D": (np.zeros((4, 4)), ValueError, "1-D"),
    "nothing": (iter([]), ValueError, "gave no array"),
    "kinds": (iter([np.arange(2), np.arange(2.0)]), TypeError, "float64 and int64"),
    "dtypes": ([1, 2, 3, 4.5], TypeError, "keys of dtype float64 from position 3"),
    "table": (pd.DataFrame({"t": KEYS}), TypeError, "name its column"),
    "reader": (reader(), ValueError, r"column: must be one of \['t', 'u'\]"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_sources_change_nothing(name: str, tmp_path: Path) -> None:
    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    source, error, text = REFUSED[name]
    with pytest.raises(error, match=text):
        lx.shards.build(source, tmp_path, rows_per_shard=3)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_wrong_arguments(tmp_path: Path) -> None:
    for rows in (0, -1, 2**40, True, 1.5):
        with pytest.raises((TypeError, ValueError), match="rows_per_shard: must be"):
            lx.shards.build(KEYS, tmp_path, rows_per_shard=rows)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="column: DataFrame has no column 'x'"):
        lx.shards.build(pd.DataFrame({"t": KEYS}), tmp_path, "x")
    lx.shards.build(KEYS, tmp_path)
    for most in (0, True, 1.5):
        with pytest.raises(ValueError, match="most_open: must be"):
            lx.shards.open(tmp_path, most)  # type: ignore[arg-type]


def test_append(tmp_path: Path) -> None:
    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    index, old = lx.shards.open(tmp_path), lx.shards.open(tmp_path)
    index.append([2997, 2997, 5000])  # the last key may come again
    index.append(np.empty(0, KEYS.dtype))
    index.append(np.arange(6000, 6700))
    assert [shard.count for shard in index.shards] == [300, 300, 300, 100, 3, 300, 300, 100]
    assert index.count(2997, None) == 704 and index.find(5000) == 1002 and len(old) == 1000
    for keys, error, text in (
        ([6698], ValueError, "keys: not sorted: the key 6698 at position 1703 comes after 6699"),
        ([7000.5], TypeError, "float64 .* the shards have int64"),
        (["a"], TypeError, "dtype str"),
        ([8000, 7000], ValueError, "from position 1703 on"),
    ):
        with pytest.raises(error, match=text):
            index.append(keys)
    assert len(index) == 1703 == len(lx.shards.open(tmp_path))
    assert {path.name for path in tmp_path.glob("shard-*")} == {s.name for s in index.shards}


def test_times_with_a_zone_are_appended(tmp_path: Path) -> None:
    times = pd.date_range("2024", periods=50, freq="h", tz="UTC")
    lx.shards.build(times[:20], tmp_path, rows_per_shard=8)
    index = lx.shards.open(tmp_path)
    index.append(times[20:])
    index.compact()
    assert np.array_equal(index.find(times.tz_convert("Asia/Tokyo")), np.arange(50))
    with pytest.raises(TypeError, match="dtype"):
        index.append(times[-1:].tz_localize(None))
    with pytest.raises(ValueError, match="below"):
        index.append(times[-2:])


@pytest.mark.parametrize("keys", [KEYS, [f"{key:05}" for key in KEYS.tolist()]], ids=["n", "text"])
def test_compact(keys: Any, tmp_path: Path) -> None:
    lx.shards.build(keys[:10], tmp_path, rows_per_shard=300)
    index = lx.shards.open(tmp_path)
    for start in range(10, 1000, 110):
        index.append(keys[start : start + 110])
    counts = [shard.count for shard in index.shards]
    with lx.shards.open(tmp_path) as old:
        index.compact()
        assert [s.count for s in index.shards] == [230, 220, 220, 220, 110] and counts[0] == 10
        assert list(index) == list(keys)
        index.compact()  # nothing to do
        assert list(old) == list(keys)  # whose files are still there, since it reads
        index.append(keys[-1:])
        assert list(old) == list(keys)
    index.append(keys[-1:])
    assert {path.name for path in tmp_path.glob("shard-*")} == {s.name for s in index.shards}
    assert len(index) == 1002


def test_a_writer_that_is_refused_reads_on(tmp_path: Path) -> None:
    """It may be one that knows nothing of what others wrote since it was opened."""
    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    stale = lx.shards.open(tmp_path)
    lx.shards.build(np.arange(500), tmp_path, rows_per_shard=300)
    for keys in ([1], []):
        with pytest.raises((ValueError, TypeError)):
            stale.append([*keys, "x"])
    assert np.array_equal(stale.find(KEYS), np.arange(1000))
    stale.append([500])  # it sees what the others wrote from now on
    assert len(stale) == 501 and stale.find(500) == 500


def test_a_new_build_leaves_readers_alone(tmp_path: Path) -> None:
    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    old = lx.shards.open(tmp_path)
    lx.shards.build(KEYS.astype("f8") + 0.5, tmp_path, rows_per_shard=500)
    lx.shards.build(np.arange(5), tmp_path)
    assert np.array_equal(old.find(KEYS), np.arange(1000))
    assert len(lx.shards.open(tmp_path)) == 5


HOLDS = """
import sys
from learnedidx.shards._locks import writing
with writing(sys.argv[1]):
    print("held", flush=True)
    input()
"""


def test_one_writer(tmp_path: Path) -> None:
    lx.shards.build(KEYS, tmp_path)
    index = lx.shards.open(tmp_path)
    with writing(str(tmp_path)):
        writes: list[Any] = [partial(index.append, [9999]), index.compact]
        for write in [*writes, partial(lx.shards.build, [1], tmp_path)]:
            with pytest.raises(BlockingIOError, match="another writer is at work") as caught:
                write()
            assert str(tmp_path) in str(caught.value)
    index.append([9999])
    command = [sys.executable, "-P", "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        with pytest.raises(BlockingIOError):
            index.append([9999])
        process.kill()
        process.wait()
        index.append([9999])


def test_closed_readers_still_write(tmp_path: Path) -> None:
    lx.shards.build(KEYS, tmp_path, rows_per_shard=500)
    index = lx.shards.open(tmp_path)
    index.close()
    index.append([9999])
    assert len(index) == 1001
    with pytest.raises(
        TypeError, match=r"got slice; .* take \[index\[i\] for i in range\(start, st"
    ):
        index[index.range(0, 30)]
    with Reading(str(tmp_path)).alone() as is_alone:
        assert is_alone


@pytest.mark.parametrize("how", ["append", "build"])
def test_no_space_leaves_the_old_set(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    sync, left = os.fsync, 0

    def full(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(28, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    for moment in range(9):  # four shards and the manifest, each synced with its folder
        index, left = lx.shards.open(tmp_path), moment
        with pytest.raises(OSError, match="No space left"):
            if how == "append":
                index.append(KEYS + 3000)
            else:
                lx.shards.build(KEYS + 1, tmp_path, rows_per_shard=300)
        again = lx.shards.open(tmp_path)
        again.verify()
        assert (len(again), int(again[0])) == (1000, 0)
        assert len(list(tmp_path.glob("shard-*"))) == 4
        index.close()


def test_a_limit_of_size_leaves_the_old_set(tmp_path: Path) -> None:
    import resource

    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    index, before = lx.shards.open(tmp_path), {p: p.read_bytes() for p in tmp_path.iterdir()}
    ignored, limits = (
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        resource.getrlimit(resource.RLIMIT_FSIZE),
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large.*nothing was saved") as caught:
            lx.shards.build(np.arange(10**5), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert str(caught.value.filename).startswith(str(tmp_path / "shard-"))
    assert {p: p.read_bytes() for p in tmp_path.iterdir() if "lock" not in p.name} == {
        p: text for p, text in before.items() if "lock" not in p.name
    }
    assert np.array_equal(index.find(KEYS), np.arange(1000))
