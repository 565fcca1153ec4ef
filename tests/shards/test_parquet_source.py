"""Shards of sorted Parquet files: a file, a folder, a list, a dataset; what is refused; memory."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
KEYS = np.arange(0, 3000, 3)


def written(folder: Path, *parts: Any) -> Path:
    """Write each part as a file; their order by name is that of their numbers."""
    folder.mkdir()
    for number, keys in enumerate(parts):
        table = pa.table({"u": np.zeros(len(keys)), "t": keys})
        pq.write_table(table, folder / f"part-{9 + number}.parquet", row_group_size=70)
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return written(tmp_path / "log", KEYS[:250], KEYS[250:250], KEYS[250:333], KEYS[333:])


def shards_of(source: Any, folder: Path, column: str | None = "t") -> Any:
    lx.shards.build(source, folder, column, rows_per_shard=300)
    return lx.shards.open(folder)


def test_files_folders_lists_and_datasets(log: Path, tmp_path: Path) -> None:
    files = sorted(log.iterdir(), key=lambda path: len(path.name))
    assert [path.name for path in files] == [f"part-{n}.parquet" for n in (9, 10, 11, 12)]
    dataset = ds.dataset([str(path) for path in files])
    for source in (log, str(log), files, tuple(map(str, files)), dataset):
        index = shards_of(source, tmp_path / "shards")
        assert [shard.count for shard in index.shards] == [300, 300, 300, 100]
        assert np.array_equal(list(index), KEYS)
    assert list(shards_of(files[2], tmp_path / "shards")) == KEYS[250:333].tolist()


def test_append_takes_them(log: Path, tmp_path: Path) -> None:
    index = shards_of(KEYS[:250], tmp_path / "shards", None)
    index.append([log / f"part-{n}.parquet" for n in (10, 11, 12)], "t")
    assert np.array_equal(list(index), KEYS) and len(index.shards) == 4


@pytest.mark.parametrize(
    "keys",
    [
        pa.array(["a", "b", "b", "cé"]),
        pa.array(["a", "b", "b", "cé"]).dictionary_encode(),
        pa.array([1, 2, 2, 9], pa.timestamp("us", "Europe/Berlin")),
        pa.array([0.5, 1, 2, float("nan")]),
    ],
    ids=lambda keys: str(keys.type)[:9],
)
def test_types(keys: Any, tmp_path: Path) -> None:
    source = written(tmp_path / "log", keys, keys[3:], keys[:0])
    plain = pa.concat_arrays([keys, keys[3:]])
    one = lx.LearnedIndex(getattr(plain, "dictionary_decode", lambda: plain)())
    index = shards_of(source, tmp_path / "shards")
    assert str(index.dtype) == str(one._state.checked.dtype)
    assert list(map(str, index)) == list(map(str, one))


def test_no_rows(tmp_path: Path) -> None:
    index = shards_of(written(tmp_path / "log", KEYS[:0]), tmp_path / "shards")
    assert len(index) == 0 and index.dtype == np.int64


REFUSED: dict[str, tuple[list[Any], str]] = {
    "inside": (
        [KEYS[:9], np.append(KEYS[9:150], 12)],
        r"part-10\.parquet: from row 0 on, behind the 1 before: .*\[142\] = 12 comes after",
    ),
    "late": (
        [np.append(np.arange(70_000), 5)],
        r"part-9\.parquet: from row 65536 on, behind the 1 before: .* = 5 comes after",
    ),
    "between": (
        [KEYS[5:9], KEYS[:5]],
        r"part-10\.parquet: from row 0 on, .*\[1\] = 0 comes after keys\[0\] = 24",
    ),
    "text": ([["a", "c"], ["b"]], r"part-10\.parquet: .*'b' comes after keys\[0\] = 'c'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_not_sorted_are_named(name: str, tmp_path: Path) -> None:
    parts, text = REFUSED[name]
    source = written(tmp_path / "log", *parts)
    shards_of(KEYS, tmp_path / "shards", None)
    with pytest.raises(ValueError, match=f"source: .*{text}"):
        shards_of(source, tmp_path / "shards")
    assert np.array_equal(list(lx.shards.open(tmp_path / "shards")), KEYS)


def test_what_else_is_refused(log: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="^column: name the column of keys of these"):
        shards_of(log, tmp_path / "shards", None)
    with pytest.raises(ValueError, match="has no column 'x'; it has u; t"):
        shards_of(log, tmp_path / "shards", "x")
    with pytest.raises(FileNotFoundError):
        shards_of(tmp_path / "none.parquet", tmp_path / "shards")
    with pytest.raises(FileNotFoundError, match="no files that end in .parquet"):
        shards_of(tmp_path, tmp_path / "shards")
    nulls = written(tmp_path / "nulls", pa.array([1, None, 3]))
    with pytest.raises(TypeError, match=r"t\[1\] of .*part-9\.parquet is null"):
        shards_of(nulls, tmp_path / "shards")
    (log / "part-10.parquet").write_bytes(b"PAR1")
    with pytest.raises(lx.FormatError, match=r"part-10\.parquet: is no whole Parquet file"):
        shards_of(log, tmp_path / "shards")
    assert not list((tmp_path / "shards").glob("shard-*"))
    words = ["a.parquet", "b.parquet"]  # without a column they are keys
    assert list(shards_of(words, tmp_path / "shards", None)) == words


BOUNDED = """
import sys, pyarrow as pa, learnedidx as lx

def status(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1]) * 1024

source, folder = sys.argv[1:]
lx.shards.build(source + "/part-9.parquet", folder, "t", rows_per_shard=250_000)
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
before = status("VmRSS")
lx.shards.build(source, folder, "t", rows_per_shard=250_000)
index = lx.shards.open(folder)
assert len(index) == 8_000_000 and len(index.shards) == 32
print(status("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts")
def test_memory_is_that_of_a_shard(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for number in range(8):
        keys = np.arange(10**6) + number * 10**6
        path = tmp_path / "log" / f"part-{9 + number}.parquet"
        pq.write_table(pa.table({"t": keys}), path, row_group_size=100_000)
    command = [sys.executable, "-P", "-c", BOUNDED, str(tmp_path / "log"), str(tmp_path / "shards")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 24e6, "of 64 MB of keys"
