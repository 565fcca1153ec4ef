"""Single rows of a Parquet file: by its sidecar, by cached footer minima, by a dataset's filter.

python examples/python/parquet_points.py --rows 10000000 --group 10000

Each turn asks all of them for the same keys, so that what else the machine does is shared.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as dataset
import pyarrow.parquet as pq
from numpy.typing import NDArray

import learnedidx as lx

PAYLOAD = ["price", "amount"]
MANY = 1000  # keys of one call; of a small file fewer
Ways = dict[str, Callable[[Any], Any]]


def written(path: Path, rows: int, group: int) -> NDArray[np.int64]:
    """Write a file with a sorted column of keys and two more, and return the keys."""
    random = np.random.default_rng(1)
    keys = np.cumsum(random.integers(1, 200, rows))
    price = random.normal(size=rows).round(3)
    table = pa.table({"id": keys, "price": price, "amount": random.integers(0, 1000, rows)})
    pq.write_table(table, path, compression="zstd", row_group_size=group)
    return keys


class ByMinima:
    """What one writes by hand: an open file and the smallest key of each row group."""

    def __init__(self, path: Path) -> None:
        self.file = pq.ParquetFile(path, pre_buffer=True)
        meta = self.file.metadata
        groups = range(meta.num_row_groups)
        self.minima = np.array([meta.row_group(g).column(0).statistics.min for g in groups])

    def of_group(self, group: Any, keys: Any) -> Any:
        """Return the rows of some keys that lie in one row group."""
        table = self.file.read_row_group(int(group), ["id", *PAYLOAD], use_threads=False)
        column = table.column("id")
        is_one = np.ndim(keys) == 0
        found = pc.equal(column, keys) if is_one else pc.is_in(column, pa.array(keys))
        return table.filter(found).select(PAYLOAD)

    def point(self, key: Any) -> Any:
        return self.of_group(np.searchsorted(self.minima, key, "right") - 1, key)

    def key_by_key(self, keys: Any) -> Any:
        return pa.concat_tables([self.point(key) for key in keys.tolist()])

    def group_by_group(self, keys: Any) -> Any:
        """Read each row group once; rows come in the order of the file."""
        keys = np.sort(keys)
        groups = np.searchsorted(self.minima, keys, "right") - 1
        cuts = np.flatnonzero(np.diff(groups)) + 1
        parts = [
            self.of_group(groups[np.isin(keys, part)][0], part) for part in np.split(keys, cuts)
        ]
        return pa.concat_tables(parts)


def timed(ways: Ways, batches: list[Any]) -> dict[str, float]:
    """Return the median seconds of each way; all must find the same number of rows."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for batch in batches:
        rows = set()
        for name, way in ways.items():
            start = time.perf_counter()
            rows.add(way(batch).num_rows)
            taken[name].append(time.perf_counter() - start)
        if len(rows) != 1:
            raise AssertionError(f"different numbers of rows: {rows}")
    return {name: statistics.median(each) for name, each in taken.items()}


def compare(folder: Path, rows: int, group: int, points: int) -> None:
    path = folder / "points.parquet"
    keys = written(path, rows, group)
    start = time.perf_counter()
    sidecar = lx.parquet.build(path, "id")
    seconds = time.perf_counter() - start
    sizes = [each.stat().st_size / 1e6 for each in (path, sidecar)]
    print(f"built in {seconds:.1f} s; Parquet {sizes[0]:.1f} MB, sidecar {sizes[1]:.1f} MB")
    events, by_hand, data = lx.parquet.open(path), ByMinima(path), dataset.dataset(path)
    random = np.random.default_rng(7)
    one: Ways = {
        "sidecar": lambda key: events.lookup(key, PAYLOAD),
        "minima by hand": by_hand.point,
    }
    slow: Ways = {
        "dataset filter": lambda key: data.to_table(PAYLOAD, filter=pc.field("id") == key)
    }
    many: Ways = {
        "sidecar": lambda batch: events.lookup(batch, PAYLOAD),
        "minima, key by key": by_hand.key_by_key,
        "minima, group by group": by_hand.group_by_group,
    }
    size = min(MANY, rows // 100)
    batches = [np.unique(random.choice(keys, size)) for _ in range(5)]
    single = random.choice(keys, points).tolist()
    for title, ways, asked in (
        ("one key", one, single),
        ("one key", slow, single[:20]),  # apart: it leaves nothing in the caches
        (f"{size} keys", many, batches),
    ):
        for name, seconds in timed(ways, asked).items():
            print(f"{title:>10}  {name:24} {seconds * 1e3:9.3f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--group", type=int, default=10_000, help="rows of a row group")
    parser.add_argument("--points", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), given.rows, given.group, given.points)


if __name__ == "__main__":
    main()
