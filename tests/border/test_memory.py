"""Memory beside the keys: what an index keeps, what its build takes, what a mapped file costs.

Measured by the kernel, in a process of its own.
"""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts")

PROGRAM = """
import sys
import numpy as np
import learnedidx as lx

def status(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1]) * 1024

def indexed(keys, model):
    open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
    before, resident = status("RssAnon"), status("VmRSS")
    index = lx.LearnedIndex(keys, model)
    return index, status("RssAnon") - before, status("VmHWM") - resident

def uniform(n):
    keys = np.random.default_rng(0).integers(0, 2**63, n, dtype=np.uint64)
    keys.sort()
    return keys

for warm in ("rmi", "btree", "auto"):  # what is imported on use
    lx.LearnedIndex(uniform(100_000), warm)
"""


def measured(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM + program], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("model", ["rmi", "btree"])
def test_a_build_takes_little_more_than_its_index(model: str) -> None:
    measured(f"""
keys = uniform(10_000_000)
index, growth, peak = indexed(keys, {model!r})
assert np.shares_memory(index.keys, keys)
assert growth <= index.nbytes + 200_000, (growth, index.nbytes)
assert peak <= 2.5 * index.nbytes, (peak, index.nbytes)  # the index and 1.5 times as much
""")


@pytest.mark.long
def test_growth_at_fifty_million_keys() -> None:
    measured("""
keys = uniform(50_000_000)
index, growth, peak = indexed(keys, "auto")
assert growth <= 0.03 * keys.nbytes, growth
""")


@pytest.mark.long
def test_a_mapped_file_of_four_gigabytes(tmp_path: Path) -> None:
    measured(f"""
size, part = 2**29, 2**24
with open({str(tmp_path / "keys")!r}, "wb") as file:
    for start in range(0, size, part):
        np.arange(start, start + part, dtype=np.uint64).tofile(file)
keys = np.memmap({str(tmp_path / "keys")!r}, dtype=np.uint64, mode="r")
index, growth, peak = indexed(keys, "auto")
assert np.shares_memory(index.keys, keys)
assert status("RssAnon") < 300e6, status("RssAnon")
queries = np.array([0, 1, size // 3, size - 1, size], np.uint64)
assert (index.searchsorted(queries) == queries.astype(np.int64)).all()
""")
