"""Bytes a key of sorted containers after random insertions, each in a process of its own.

python -m benchmarks.suites.containers_memory NAME N prints the growth of resident memory a key.
Keys are made in the loop, so that objects count where a container keeps them; all values are one
object.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import memory
from benchmarks.suite import Timed
from benchmarks.suites.containers_cases import class_of

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIRED = {"SortedSet": 11.0, "SortedDict": 21.0}  # at most, of ours
RIVALS = {
    "SortedSet": ("sortedcontainers.SortedSet", "BTrees.LLTreeSet"),
    "SortedDict": ("sortedcontainers.SortedDict", "BTrees.LOBTree"),
}
HELD = {name: held for held, names in RIVALS.items() for name in (held, *names)}


def grown(name: str, n: int) -> float:
    """Insert n random integers one by one; return the growth of this process for each."""
    held = HELD[name]
    container: Any = class_of(name.rpartition(".")[0] or "ours", held)()
    keys = np.random.default_rng(n).permutation(2 * n)[:n] * 1_000_003
    before = memory.resident()
    for block in np.array_split(keys, n // 1000 + 1):
        for key in block.tolist():
            if held == "SortedDict":
                container[key] = None
            else:
                container.add(key)
    return (memory.resident() - before) / n


def count_bytes(n: int) -> Timed:
    """Count bytes a key of every container, ours and theirs, each in a new process."""
    found, missing = {}, {}
    for name in (*RIVALS, *(rival for rivals in RIVALS.values() for rival in rivals)):
        command = [sys.executable, "-m", "benchmarks.suites.containers_memory", name, str(n)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found[name] = round(float(done.stdout), 1)
        else:
            missing[name] = f"not installed: pip install {name.partition('.')[0]}"
    return Timed({}, missing, {"bytes_a_key": found, "required_bytes": REQUIRED})


if __name__ == "__main__":
    print(grown(sys.argv[1], int(sys.argv[2])))
