"""Bytes a key of sorted containers after random insertions, each in a process of its own.

Keys are made in the loop, so that objects count where a container keeps them; all values are one
object.
"""

import subprocess
from typing import Any

import numpy as np

from benchmarks import memory
from benchmarks.suite import Timed
from benchmarks.suites.containers_cases import class_of

REQUIRED = {"SortedSet": 11.0, "SortedDict": 21.0}  # at most, of ours
RIVALS = {
    "SortedSet": ("sortedcontainers.SortedSet", "BTrees.LLTreeSet"),
    "SortedDict": ("sortedcontainers.SortedDict", "BTrees.LOBTree"),
}
HELD = {held: held for held in RIVALS} | {
    name: held for held, names in RIVALS.items() for name in names
}


def grown(name: str, count: str) -> float:
    """Insert n random integers one by one; return the growth of this process for each."""
    held, n = HELD[name], int(count)
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
    for name in HELD:
        try:
            found[name] = round(memory.apart(grown, name, n), 1)
        except subprocess.CalledProcessError:
            missing[name] = f"not installed: pip install {name.partition('.')[0]}"
    return Timed({}, missing, {"bytes_a_key": found, "required_bytes": REQUIRED})
