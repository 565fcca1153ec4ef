"""What 10^10 and 10^12 keys in shards would take: computed from a few shards that are measured.

python examples/python/shards_at_scale.py
python examples/python/shards_at_scale.py --measure    # instead of the figures below

Nothing of that size is built. Counts of bytes grow with the number of shards, of keys and of
queries; these are multiplied, and what they are multiplied by is measured. Times are not computed.
"""

from __future__ import annotations

import argparse
import math
import pickle
import tempfile
from pathlib import Path

import cloudpickle
import dask.dataframe as dd
import numpy as np
import pandas as pd

import learnedidx as lx

SIZES = (10**10, 10**12)
QUERIES, PARTITION = 10**9, 10**6
ROWS = 1 << 24  # keys of a shard
# Bytes of such a shard of int64, gaps at random: its file, its model, what it adds to the manifest
# and what that has besides; of a task; of a pickle beside the manifest. Cache lines of keys.
MEASURED = {
    "file": 136323072,
    "model": 2101772,
    "manifest": 179.0,
    "head": 5594.0,
    "task": 3765,
    "pickle": 77,
    "lines": 2.0,
}
# Of a query of int64 that travels: its owner, its row and itself; back, its row and its answer,
# which may be null.
THERE, BACK = 8 + 8 + 8, 8 + 8 + 1


def measured(rows: int, seed: int = 1) -> dict[str, float]:
    """Build shards of so many keys, and return what one of them takes."""
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        sizes = []
        for shards in (1, 3):
            keys = np.cumsum(random.integers(1, 200, shards * rows))
            lx.shards.build(keys, folder, rows_per_shard=rows)
            sizes.append(Path(folder, "manifest.json").stat().st_size)
        with lx.shards.open(folder) as index:
            size = max(path.stat().st_size for path in Path(folder).glob("*.lidx"))
            one = lx.LearnedIndex(keys[:rows])
            frame = pd.DataFrame({"q": np.arange(10)})
            asked = dd.from_map(lambda _: frame, range(10), meta=frame.iloc[:0])
            graph = dict(lx.dask.lookup(asked, index, "q", plan="local").optimize().dask)
            tasks = sorted(len(cloudpickle.dumps(task)) for task in graph.values())
            return {
                "file": size,
                "manifest": (sizes[1] - sizes[0]) / 2,
                "head": sizes[0] - (sizes[1] - sizes[0]) / 2,
                "model": one.nbytes,
                "lines": one.stats()["cache_lines"]["keys"]["p50"],
                "task": tasks[-2],
                "pickle": len(pickle.dumps(index)) - sizes[1],
            }


def at_scale(keys: int, rows: int, one: dict[str, float]) -> dict[str, str]:
    """Compute what so many keys take, from what one shard of `rows` keys does."""
    shards = math.ceil(keys / rows)
    manifest = one["head"] + shards * one["manifest"]
    partitions = QUERIES // PARTITION
    return {
        "shards": f"{shards:,}",
        "files": shown(shards * one["file"]),
        "manifest, sent to each worker once": shown(manifest + one["pickle"]),
        "models, of all shards": shown(shards * one["model"]),
        "moved for 10^9 queries, local: the tasks": shown(partitions * one["task"]),
        "moved for 10^9 queries, shuffle": shown(QUERIES * (THERE + BACK)),
        "cache lines of keys read for a query": f"{one['lines']:.0f}",
        "shards opened by a count of one range": "2 at most",
        "memory of a node above which plan is local": shown(2 * shards * one["file"]),
    }


def shown(count: float) -> str:
    """Return a number of bytes with three digits."""
    unit = min(int(math.log10(max(count, 1))) // 3, 4)
    return f"{count / 1000**unit:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[unit]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="keys of a shard that is measured")
    parser.add_argument("--measure", action="store_true", help="build shards, and measure them")
    given = parser.parse_args()
    rows, one = (given.rows, measured(given.rows)) if given.measure else (ROWS, MEASURED)
    print(f"measured, of a shard of {rows:,} keys: {one}\n")
    tables = [at_scale(keys, rows, one) for keys in SIZES]
    print("| computed | 10^10 keys | 10^12 keys |\n| --- | --- | --- |")
    for name, first in tables[0].items():
        print(f"| {name} | {first} | {tables[1][name]} |")


if __name__ == "__main__":
    main()
