"""Readers go on with what they opened: iterators of a writer, and processes that are forked."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.shards import _locks

fcntl = pytest.importorskip("fcntl")
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


def test_a_file_system_without_locks_of_one_leaves_the_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(handle: int, operation: int) -> None:
        if operation & fcntl.LOCK_EX:
            raise OSError(errno.EBADF, "not open for writing")

    reading = _locks.Reading(str(tmp_path))
    monkeypatch.setattr(fcntl, "flock", flock)
    before = len(os.listdir("/proc/self/fd"))
    with reading.alone() as is_alone:
        assert not is_alone
    assert len(reading._handles) == 1 and len(os.listdir("/proc/self/fd")) == before
    reading.close()
    assert reading._handles == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_is_forked_while_a_lock_is_taken_does_not_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = []

    class Forking(set[int]):
        def add(self, handle: int) -> None:
            pid = os.fork()
            if pid == 0:
                time.sleep(60)
                os._exit(0)
            children.append(pid)
            super().add(handle)

    monkeypatch.setattr(_locks, "_written", Forking())
    with _locks.writing(str(tmp_path)):
        pass
    monkeypatch.setattr(_locks, "_written", set())
    try:
        with _locks.writing(str(tmp_path)):
            pass
    finally:
        os.kill(children[0], signal.SIGKILL)
        os.waitpid(children[0], 0)
