"""Killed at any moment while it builds, appends or compacts: the old or the new set is whole."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

KILLED = """
import sys, numpy as np, learnedidx as lx
folder, how = sys.argv[1:]
keys = np.arange(60_000)
index = None if how == "build" else lx.shards.open(folder)
print("ready", flush=True)
if how == "build":
    lx.shards.build(keys + 1, folder, rows_per_shard=5_000)
elif how == "append":
    index.append(np.arange(60_000, 120_000))
else:
    index.compact()
print("done", flush=True)
"""


def process_of(folder: Path, how: str) -> subprocess.Popen[str]:
    """Start a process that writes, and wait until it begins."""
    command = [sys.executable, "-P", "-c", KILLED, str(folder), how]
    process = subprocess.Popen(command, stdout=PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def kill_while(folder: Path, how: str, chosen: random.Random, longest: float) -> bool:
    """Kill a process that writes; tell whether it was at work."""
    with process_of(folder, how) as process:
        time.sleep(chosen.uniform(0, longest))
        process.send_signal(signal.SIGKILL)
        assert process.stdout is not None
        return process.stdout.read() == ""


def seconds_of(folder: Path, how: str) -> float:
    """Return how long it takes if nobody kills it: the least of three times."""
    taken = []
    for _ in range(3):
        fresh(folder, how)
        with process_of(folder, how) as process:
            start = time.perf_counter()
            assert process.stdout is not None and process.stdout.read() == "done\n"
        taken.append(time.perf_counter() - start)
    return min(taken)


def fresh(folder: Path, how: str) -> None:
    keys = np.arange(60_000)
    lx.shards.build(keys[:30_000], folder, rows_per_shard=5_000)
    index = lx.shards.open(folder)
    if how == "compact":
        for start in range(30_000, 60_000, 2_500):
            index.append(keys[start : start + 2_500])
    else:
        index.append(keys[30_000:])


WHOLE = {  # each the first key, the number of keys and the number of shards
    "build": {(0, 60_000, 12), (1, 60_000, 12)},
    "append": {(0, 60_000, 12), (0, 120_000, 24)},
    "compact": {(0, 60_000, 18), (0, 60_000, 12)},
}


def check_killed(folder: Path, how: str, times: int) -> Iterator[bool]:
    chosen = random.Random(19)
    seen: list[tuple[int, int, int]] = []
    longest = 1.2 * seconds_of(folder, how)
    fresh(folder, how)
    for _ in range(times):
        inside = kill_while(folder, how, chosen, longest)
        with lx.shards.open(folder) as index:
            index.verify()
            state = int(index[0]), len(index), len(index.shards)
            assert state in WHOLE[how]
            v = np.arange(-5, 121_000, 7)
            keys = np.arange(state[0], state[0] + state[1])
            assert np.array_equal(index.searchsorted(v), np.searchsorted(keys, v))
        seen.append(state)
        if state != (0, 60_000, 18 if how == "compact" else 12):
            fresh(folder, how)
        yield inside
    print(how, {state: seen.count(state) for state in WHOLE[how]})


@pytest.mark.parametrize("how", WHOLE)
def test_killed(how: str, tmp_path: Path) -> None:
    list(check_killed(tmp_path, how, 1))
    lx.shards.build(np.arange(7), tmp_path)  # which removes what was left
    lx.shards.open(tmp_path).append([7])
    names = {path.name for path in tmp_path.iterdir()} - {"readers.lock", "writer.lock"}
    assert names == {"manifest.json", *(s.name for s in lx.shards.open(tmp_path).shards)}


@pytest.mark.long
@pytest.mark.parametrize("how", WHOLE)
def test_killed_a_hundred_times(how: str, tmp_path: Path) -> None:
    inside = sum(check_killed(tmp_path, how, 100))
    print(f"{inside} of 100 while at work")
    assert inside >= 25


def test_a_first_build_that_was_killed_is_none(tmp_path: Path) -> None:
    chosen = random.Random(3)
    while not kill_while(tmp_path, "build", chosen, 0.03):
        (tmp_path / "manifest.json").unlink()
    if not (tmp_path / "manifest.json").exists():
        with pytest.raises(FileNotFoundError, match=r"no shards here, or their build did not end"):
            lx.shards.open(tmp_path)
    lx.shards.build(np.arange(1000), tmp_path)
    assert len(lx.shards.open(tmp_path)) == 1000
    assert len(list(tmp_path.glob("shard-*"))) == 1
