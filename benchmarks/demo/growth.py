"""How the time of a lookup grows with the number of keys."""

import dataclasses
import statistics
from collections.abc import Sequence

from benchmarks import keysets
from benchmarks.contenders import make
from benchmarks.progress import Progress
from benchmarks.session import enter, time_batches
from benchmarks.workloads import mixed

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
CURVES = ("rmi", "btree16", "numpy", "absl", "pygm", "bisect")
ROUNDS = 3


@dataclasses.dataclass(frozen=True)
class Curves:
    """Median nanoseconds a lookup, by contender, at each number of keys."""

    sizes: Sequence[int]
    labels: dict[str, str]
    nanoseconds: dict[str, list[float]]


def time_by_size(sizes: Sequence[int], queries: int, progress: Progress) -> Curves:
    """Time the contenders that are there on uniform keys of every size."""
    present = [contender for contender in map(make, CURVES) if contender.missing() is None]
    labels = {contender.name: contender.shown for contender in present}
    times: dict[str, list[float]] = {name: [] for name in labels}
    for n in sizes:
        progress.step(f"timing lookups among {n:,} uniform keys")
        keyset = keysets.from_name("uniform", n)
        entries = [enter(make(name), keyset, measure_memory=False) for name in labels]
        time_batches(entries, keyset, mixed(keyset.keys, queries, 1), ROUNDS)
        for entry in entries:
            times[entry.name].append(statistics.median(entry.nanoseconds))
    return Curves(sizes, labels, times)
