"""Bytes a key of sorted containers after random insertions, each in a process of its own.

python -m benchmarks.suites.containers_memory NAME N prints the growth of resident memory a key.
Keys are made in the loop, so that objects count where a container keeps them; all values are one
object.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders.library import library
from benchmarks.suite import Timed

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIRED = {"SortedSet": 11.0, "SortedDict": 21.0}  # at most, of ours
RIVALS = {
    "SortedSet": ("sortedcontainers.SortedSet", "BTrees.LLTreeSet"),
    "SortedDict": ("sortedcontainers.SortedDict", "BTrees.LOBTree"),
}


def make(name: str) -> tuple[Any, bool]:
    """Return an empty container by its name, and whether it maps."""
    family, _, kind = name.rpartition(".")
    if family == "sortedcontainers":
        import sortedcontainers

        return getattr(sortedcontainers, kind)(), kind == "SortedDict"
    if family == "BTrees":
        from BTrees import LLBTree, LOBTree

        return (LOBTree.LOBTree(), True) if kind == "LOBTree" else (LLBTree.LLTreeSet(), False)
    return getattr(library(), name)(), kind == "SortedDict"


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


def insert(container: Any, maps: bool, keys: Any) -> None:
    """Insert the integers of an array one by one."""
    put: Callable[[int], object] = container.add if not maps else lambda key: None
    for block in np.array_split(keys, len(keys) // 1000 + 1):
        for key in block.tolist():
            if maps:
                container[key] = None
            else:
                put(key)


def grown(name: str, n: int) -> float:
    """Return the growth of this process for each of n random keys."""
    container, maps = make(name)
    keys = np.random.default_rng(n).permutation(2 * n)[:n] * 1_000_003
    before = resident()
    insert(container, maps, keys)
    return (resident() - before) / n


def bytes_a_key(name: str, n: int) -> float | None:
    """Measure in a new process; None if that container is not installed."""
    command = [sys.executable, "-m", "benchmarks.suites.containers_memory", name, str(n)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def count_bytes(n: int) -> Timed:
    """Count bytes a key of every container, ours and theirs."""
    found, missing = {}, {}
    for name in (*RIVALS, *(rival for rivals in RIVALS.values() for rival in rivals)):
        if (grew := bytes_a_key(name, n)) is None:
            missing[name] = f"not installed: pip install {name.partition('.')[0]}"
        else:
            found[name] = round(grew, 1)
    return Timed({}, missing, {"bytes_a_key": found, "required_bytes": REQUIRED})


if __name__ == "__main__":
    print(grown(sys.argv[1], int(sys.argv[2])))
