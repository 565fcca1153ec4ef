"""Readers go on with what they opened: iterators of a writer, and processes that are forked."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
KEYS = np.arange(1000)


def built(folder: Path) -> lx.shards.ShardedIndex:
    lx.shards.build(KEYS, folder, rows_per_shard=100)
    index = lx.shards.open(folder, most_open=1)
    for _ in range(5):
        index.append([999])
    return index


def changed(index: lx.shards.ShardedIndex) -> None:
    """Join the small shards; later writers remove them, if nobody reads."""
    index.compact()
    index.append([1000])
    index.append([1001])


def test_an_iterator_of_a_writer_goes_on(tmp_path: Path) -> None:
    index = built(tmp_path)
    keys = iter(index)
    got = [next(keys)]
    changed(index)
    got += keys
    assert got == sorted([*range(1000), *[999] * 5])
    del keys
    index.append([1002])
    assert {path.name for path in tmp_path.glob("shard-*")} == {s.name for s in index.shards}


FORKED = """
import os, sys
import numpy as np, learnedidx as lx
folder, who = sys.argv[1:]
index = lx.shards.open(folder, most_open=1)
ready, told = os.pipe()
pid = os.fork()
if (pid == 0) == (who == "child writes"):
    index.compact()
    for key in range(1000, 1005):
        index.append([key])
    os.write(told, b"x")
else:
    os.read(ready, 1)
    assert np.array_equal(index.find(np.arange(1000)), np.arange(1000)) and len(index) == 1005
    index.verify()
if pid == 0:
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
index.append([1005])  # now nobody reads but this process
index.append([1005])
print(sorted({each.name for each in index.shards} ^ {n for n in os.listdir(folder) if "lidx" in n}))
"""


@pytest.mark.parametrize("who", ["child writes", "parent writes"])
def test_a_share_is_that_of_parent_and_child(who: str, tmp_path: Path) -> None:
    built(tmp_path).close()
    command = [sys.executable, "-P", "-c", FORKED, str(tmp_path), who]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"


WRITES = """
import os, signal, sys
import numpy as np, learnedidx as lx
from learnedidx.shards._locks import writing
folder = sys.argv[1]
def source():
    yield np.arange(10)
    pid = os.fork()
    if pid == 0:
        try:  # the lock is the parent's alone
            with writing(folder):
                print("two writers", flush=True)
        except BlockingIOError:
            pass
        signal.pause()
    pids.append(pid)
    yield np.arange(10, 20)
pids = []
lx.shards.build(source(), folder)
lx.shards.open(folder).append([99])
print("one writer", len(lx.shards.open(folder)))
os.kill(pids[0], signal.SIGTERM)
"""


def test_a_child_does_not_hold_the_lock_of_a_writer(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-c", WRITES, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "one writer 21\n"), done.stderr
