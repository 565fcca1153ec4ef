"""What opening a saved index takes: time, memory, and lookups in the map beside those in memory.

``python -m benchmarks.files`` saves an index over ``--size`` keys and prints: milliseconds to open
it and how much the process grew by that; nanoseconds a query over warm pages and in memory, medians
of interleaved rounds; the memory of each of eight processes that have read all of the same file.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import learnedidx as lx
from benchmarks import machine
from benchmarks.contenders import Array

ROUNDS = 9
QUERIES = 2_000_000
PROCESSES = 8
MODELS = ("rmi", "pgm", "radix_spline", "btree")

READER = """
import sys
import learnedidx as lx
from benchmarks.files import memory
index = lx.open(sys.argv[1])
index.searchsorted(index.keys[::64])
print("read", flush=True)
sys.stdin.readline()
print(memory()["Pss"], flush=True)
"""


def memory() -> dict[str, float]:
    """Return the memory of this process in MiB, by the names of Linux: Rss, Pss, Anonymous."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return {name.rstrip(":"): int(kib) / 1024 for name, kib, *_ in fields}


def opening(path: Path) -> dict[str, float]:
    """Return how long opening takes and how much memory; only the ends of the keys are read."""
    before = memory()["Rss"]
    rounds = []
    for _ in range(21):
        began = time.perf_counter()
        index = lx.open(path)
        rounds.append(1e3 * (time.perf_counter() - began))
    grown = memory()["Rss"] - before
    assert index.searchsorted(0) == 0
    return {"open_ms": statistics.median(rounds), "slowest_ms": max(rounds), "grown_mib": grown}


def looking_up(path: Path, index: lx.LearnedIndex, queries: Array) -> dict[str, float]:
    """Return the times of a query in the map and in memory, and their ratio."""
    mapped = lx.open(path)
    out = np.empty(queries.size, np.intp)
    assert np.array_equal(mapped.searchsorted(queries), index.searchsorted(queries, out=out))
    times: dict[str, list[float]] = {"mapped_ns": [], "memory_ns": []}
    for _ in range(ROUNDS):
        for name, one in (("mapped_ns", mapped), ("memory_ns", index)):
            began = time.perf_counter()
            one.searchsorted(queries, out=out)
            times[name].append(1e9 * (time.perf_counter() - began) / queries.size)
    ratios = [a / b for a, b in zip(times["mapped_ns"], times["memory_ns"], strict=True)]
    medians = {name: statistics.median(each) for name, each in times.items()}
    return {**medians, "ratio": statistics.median(ratios)}


def shared(path: Path) -> float:
    """Return the proportional memory in MiB of one of the processes that have one file open."""
    command = [sys.executable, "-c", READER, str(path)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    readers = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]
    for reader in readers:
        assert reader.stdout is not None and reader.stdout.readline() == "read\n"
    found = [reader.communicate("\n")[0] for reader in readers]
    return float(found[0])  # was asked while all were there


def measure(path: Path, keys: Array, queries: Array, model: str) -> dict[str, Any]:
    index = lx.LearnedIndex(keys, model)
    index.save(path)
    found: dict[str, Any] = {"bytes": path.stat().st_size}
    found.update(opening(path))
    found.update(looking_up(path, index, queries))
    found["pss_mib_of_each"] = shared(path)
    return found


def main() -> None:
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000_000, help="uniform uint64 keys")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--output", type=Path, help="append a line of JSON to this file")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    keys = np.sort(rng.integers(0, 2**63, arguments.size, dtype=np.uint64))
    hits = rng.choice(keys, QUERIES // 2)
    misses = rng.integers(0, 2**63, QUERIES // 2, dtype=np.uint64)
    queries = rng.permutation(np.concatenate([hits, misses]))
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.models:
            rows[model] = measure(Path(folder) / "index.lidx", keys, queries, model)
            print(model, {name: round(value, 3) for name, value in rows[model].items()})
    if arguments.output:
        line = {"machine": machine.card(), "size": arguments.size, "models": rows}
        with arguments.output.open("a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
