"""How the time of a lookup grows with the number of keys."""

import dataclasses
import statistics
from collections.abc import Sequence

from benchmarks import keysets
from benchmarks.contenders import make
from benchmarks.plan import FULL, Cell
from benchmarks.progress import Progress
from benchmarks.suite import Subject, Timed
from benchmarks.suites.contended import measure

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
        timed = time_lookups(Subject(keyset, list(labels)), queries, ROUNDS)
        for name, rounds in timed.times.items():
            times[name].append(statistics.median(rounds))
    return Curves(sizes, labels, times)


def time_lookups(subject: Subject, queries: int, rounds: int) -> Timed:
    """Time one batch of queries, half of them hits, of every contender."""
    plan = dataclasses.replace(FULL, queries=queries, main_batch=queries, rounds=rounds)
    return measure(subject, Cell("batch", "mixed", queries), plan)
