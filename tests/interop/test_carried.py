"""What another process asks that has a pickle, or was forked: its parent goes on."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import learnedidx as lx
from tests.interop.http_server import serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")
KEYS = np.arange(0, 30_000, 3)
FORKS = """
import os, signal, sys, warnings
import learnedidx as lx
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
base, v = sys.argv[1], [3, 4, 29_997]
remote = lx.remote.open(base + "keys.lidx", timeout=5)
events = lx.parquet.open(base + "events.parquet", "key")
def right():
    rows = events.lookup(v, ["row"])["row"].to_pylist()
    return remote.find(v).tolist() == [1, -1, 9999] and rows == [1, 9999]
assert right()
pid = os.fork()
if pid == 0:
    signal.alarm(60)
    os._exit(0 if right() else 1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert right()
"""


def test_a_child_asks_what_its_parent_opened(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table({"key": KEYS, "row": np.arange(KEYS.size)}), path, row_group_size=1000)
    sidecar = lx.parquet.build(path, "key")
    files = {each.name: each.read_bytes() for each in (path, sidecar)}
    files["keys.lidx"] = lx.LearnedIndex(KEYS, lx.PGM(epsilon=64)).save(bytes)
    with serving(files) as server:
        command = [sys.executable, "-P", "-c", FORKS, server.url("")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_path_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle, or a process that is forked, may look from another folder."""
    place = tmp_path / "a %20b.lidx"
    lx.LearnedIndex(KEYS, lx.PGM(epsilon=8)).save(place)
    np.save(tmp_path / "keys.npy", KEYS)
    monkeypatch.chdir(tmp_path)
    for url, keys in (("a %20b.lidx", None), (Path("a %20b.lidx"), Path("keys.npy"))):
        blob = pickle.dumps(lx.remote.open(url, keys))
        with monkeypatch.context() as patch:
            patch.chdir("/")
            assert pickle.loads(blob).find(KEYS[3]) == 3
    assert lx.remote.open(f"file://{place}").find(KEYS[3]) == 3
